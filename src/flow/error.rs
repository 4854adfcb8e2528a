//! What can be wrong with a flow computation, as sentences.

use crate::base::Cancelled;

/// Why there is no flow result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FlowError {
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The mask has no voxel.
    #[error("the lumen is empty: no voxel is marked")]
    EmptyLumen,
    /// Nothing for the fluid to come in or go out by.
    #[error(
        "the lumen is closed: it touches no face of the scan and no branch ends openly; place an inlet and an outlet plane"
    )]
    Closed,
    /// No inlet among the openings.
    #[error("the lumen has no inlet; mark one of its {openings} openings as inlet")]
    NoInlet {
        /// Openings there are.
        openings: usize,
    },
    /// No outlet among the openings.
    #[error("the lumen has no outlet that the fluid can reach from the inlet; place an outlet plane")]
    NoOutlet,
    /// An inlet plane outside the lumen.
    #[error("the inlet '{0}' does not cut the lumen; move its plane into the lumen")]
    InletMissed(String),
    /// A number that is not usable.
    #[error("{what} is {value}; it must be {limit}")]
    BadNumber {
        /// Which number.
        what: &'static str,
        /// Its value as text, with the unit.
        value: String,
        /// What is allowed.
        limit: &'static str,
    },
    /// A narrow place whose jet would be turbulent.
    #[error(
        "the Reynolds number in the narrowest place is {reynolds:.0}: the jet behind it is turbulent, and a computation in space that says more than the network is limited to {limit:.0}; keep the network's number"
    )]
    Turbulent {
        /// What it is.
        reynolds: f64,
        /// What it may be.
        limit: f64,
    },
    /// A waveform that cannot be followed.
    #[error("the waveform {0}")]
    BadWaveform(String),
    /// Too fine for this machine.
    #[error(
        "cells of {cell_mm:.3} mm make a lattice of {millions:.0} million places, the limit is {limit} million; choose larger cells"
    )]
    TooFine {
        /// Edge of a cell.
        cell_mm: f64,
        /// Places of the box around the lumen, in millions.
        millions: f64,
        /// The limit in millions.
        limit: usize,
    },
    /// Too coarse to mean anything.
    #[error(
        "only {cells} cells fit into the lumen between its openings, at least {limit} are needed; choose smaller cells"
    )]
    TooCoarse {
        /// Cells there are.
        cells: usize,
        /// Cells needed.
        limit: usize,
    },
    /// The computation left the range in which it means anything.
    #[error(
        "the flow became unstable at step {step}: {speed:.2} cells a step, the limit is {limit}; choose smaller cells, a smaller Mach number or a smaller flow"
    )]
    Unstable {
        /// The step it was noticed.
        step: usize,
        /// Highest speed in lattice units.
        speed: f64,
        /// The limit.
        limit: f64,
    },
    /// The fluid of the lattice is compressed more than means anything.
    #[error(
        "the density of the lattice ran away at step {step}: it is off by {:.0} %, the limit is {:.0} %; choose a smaller Mach number, smaller cells, or less difference between the pressures at the outlets",
        100.0 * deviation, 100.0 * limit
    )]
    Compressed {
        /// The step it was noticed.
        step: usize,
        /// Largest deviation from the density at rest, as a share of it.
        deviation: f64,
        /// The limit.
        limit: f64,
    },
    /// A graphics card failed where the processor cannot simply go on.
    #[error("{0}")]
    CardLost(String),
    /// A rank ended before the others.
    #[error(transparent)]
    RanksLost(#[from] super::ranks::RanksLost),
    /// Checkpoints that cannot be read, written, or gone on from: a sentence.
    #[error("{0}")]
    Checkpoint(String),
    /// A network of vessels that cannot be solved.
    #[error(transparent)]
    Network(#[from] super::network::NetworkError),
    /// Pulse waves that cannot be computed.
    #[error(transparent)]
    Waves(#[from] super::waves::WavesError),
    /// A scalar that cannot be carried.
    #[error(transparent)]
    Scalar(#[from] super::scalar::ScalarError),
}

/// `value` if it is finite and more than 0.
pub(super) fn positive(what: &'static str, value: f64, unit: &str) -> Result<f64, FlowError> {
    if value.is_finite() && 0.0 < value {
        Ok(value)
    } else {
        Err(FlowError::BadNumber { what, value: format!("{value} {unit}"), limit: "a finite number more than 0" })
    }
}
