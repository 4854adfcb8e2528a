//! Thermal ablation: zones of devices, their union, what they leave of a tumour, and vessels that cool them.
//!
//! Zones are ellipsoids as published for the device, not computed heat: perfusion, shrinkage and charring are not in them.

pub mod coverage;
pub mod devices;
pub mod margin;
pub mod sink;
pub mod spheroid;
pub mod table;
pub mod zones;

pub use coverage::{Coverage, coverage};
pub use devices::{Device, DeviceKind, Dose, ZoneSize, device, devices};
pub use margin::{FIELD as MARGIN_FIELD, Margin, depths, margin, percent_deeper};
pub use sink::{HeatSink, SinkRules, heat_sinks};
pub use spheroid::Spheroid;
pub use zones::Zones;

use super::path::PathError;
use crate::base::Cancelled;

/// What people must know who read a margin.
pub const LIMITS: &str = "Zones are ellipsoids from the device table; perfusion, vessels, tissue shrinkage and the position \
    reached in the patient change them.";

/// Margin of healthy tissue all round that a whole ablation needs, in mm (at least 5, often 5 to 10; PMC11171243).
pub const MARGIN_MM: f64 = 5.0;

/// Why an ablation cannot be judged.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AblationError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The needle is no path.
    #[error(transparent)]
    Path(#[from] PathError),
    /// No device has this id.
    #[error("the device table has no '{id}'; choose one of its devices: {list}")]
    UnknownDevice {
        /// What was asked for.
        id: String,
        /// The devices there are.
        list: String,
    },
    /// Outside of what is published for the device.
    #[error("{device} has no figures for {what} of {value}; its table goes from {low} to {high}")]
    OutsideTable {
        /// Name of the device.
        device: String,
        /// Power or time, with its unit.
        what: &'static str,
        /// What was asked for.
        value: f64,
        /// The least in the table.
        low: f64,
        /// The most.
        high: f64,
    },
    /// There is no zone.
    #[error("no ablation is planned; place a needle with a device first")]
    NoZone,
    /// There is no tumour.
    #[error("the tumour is empty; segment it first")]
    NoTumour,
    /// A margin that is not usable.
    #[error("the margin is {margin_mm} mm; it must be from 0 to 50 mm")]
    BadMargin {
        /// What was given.
        margin_mm: f64,
    },
    /// The table is damaged.
    #[error("line {line} of the device table: {problem}")]
    BadTable {
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A field of the table is damaged.
    #[error("line {line}, column {column} of the device table: {problem}")]
    BadCell {
        /// Which line, from 1.
        line: usize,
        /// Which column, by its name.
        column: String,
        /// What is wrong.
        problem: String,
    },
}
