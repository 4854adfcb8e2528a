//! Breathing: a breath in a straight tube against Womersley's theory.

use super::super::breath::validity::impedance;
use super::super::breath::{Breath, Direction, simulate_breath};
use super::super::error::FlowError;
use super::super::fluid::Fluid;
use super::super::result::FlowResult;
use super::pulse::harmonic;
use super::{Row, tube};
use crate::base::Progress;
use crate::geom::Vector;
use nalgebra::Complex;
use std::f64::consts::{PI, TAU as TURN};

/// Radius and length of the tube in mm, and cells across.
const RADIUS_MM: f64 = 8.0;
const LENGTH_MM: f64 = 64.0;
const ACROSS: f64 = 18.0;
/// Volume of a breath in ml and breaths a minute: a peak Reynolds number of 90 and a Womersley number of 2.2. (At 200 and
/// 14 cells across, what the openings do to the profile adds 7 % to the friction of so short a tube.)
const TIDAL_ML: f64 = 30.0;
const PER_MIN: f64 = 12.0;

/// Share of the flow that may be missing.
const LOST_MAX: f64 = 1e-3;

/// F18: a breath that is a sine, in a tube at an angle to the lattice.
pub(super) fn tube(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let air = Fluid::air();
    let breath = Breath::quiet(TIDAL_ML, PER_MIN, 0.5, 2)?;
    let [peak, _] = breath.peaks_ml_s();
    let mut setup = tube::tube(LENGTH_MM, |_| RADIUS_MM, Vector::new(0.25, 0.15, 1.0), ACROSS, peak, air.clone());
    setup.streamlines = 0;
    let breathing = simulate_breath(&setup, &breath, progress)?;
    let period_s = breath.waveform().period_s();
    let alpha = 1e-3 * RADIUS_MM * (TURN / period_s / air.kinematic_m2_s()).sqrt();
    let swung = |of: fn(&crate::flow::breath::Moment) -> f64| -> Complex<f64> {
        harmonic(&breathing.cycle.moments.iter().map(of).collect::<Vec<_>>())
    };
    let (pressure, flow) = (swung(|m| m.drop_pa), swung(|m| m.flow_ml_s));
    // Pressures are those three cells before each opening.
    let length_m = 1e-3 * (LENGTH_MM - 6.0 * 2.0 * RADIUS_MM / ACROSS);
    let steady_pa_s_ml = 1e-6 * 8.0 * air.viscosity_pa_s * length_m / (PI * (1e-3 * RADIUS_MM).powi(4));
    let exact = impedance(alpha) * steady_pa_s_ml;
    let found = pressure / flow;
    let source = "Womersley 1955, J. Physiol. 127:553, closed form of the impedance of a rigid pipe at α = 2.2: 1.2 % of the amplitude is the difference between a row of steady flows and it";
    let row = |what: &str, value, reference, unit, tolerance, source| Row {
        id: "F18",
        what: what.into(),
        value,
        reference,
        unit,
        tolerance,
        source,
    };
    let peaks =
        [Direction::In, Direction::Out].map(|way| breathing.way(way).next().map_or(f64::NAN, |f| f.ends.lost_pa));
    // What the lattice itself lets through: only the flow at inlets is prescribed.
    let lost = |flow: &FlowResult| flow.openings.iter().map(|o| o.inflow_ml_s).sum::<f64>().abs() / peak;
    let lost = lost(&breathing.inspiration).max(lost(&breathing.expiration));
    Ok(vec![
        row(
            "amplitude of the pressure over that of the flow",
            found.norm(),
            exact.norm(),
            "Pa s/ml",
            0.04 * exact.norm(),
            source,
        ),
        row(
            "phase of the pressure before the flow",
            found.arg().to_degrees(),
            exact.arg().to_degrees(),
            "°",
            2.0,
            source,
        ),
        row(
            "pressure lost at the peak of expiration over that of inspiration",
            peaks[1] / peaks[0],
            1.0,
            "1",
            0.02,
            "symmetry: the tube is the same from both ends",
        ),
        row(
            "share of the peak flow that is missing at the openings, the larger of inspiration and expiration",
            lost,
            0.0,
            "1",
            LOST_MAX,
            "what comes in goes out; steady flow may still change by the tolerance of the run, 0.1 %",
        ),
    ])
}
