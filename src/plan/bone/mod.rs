//! Bone: screws and what holds them, saw cuts and moved fragments, implants that fit, guides that are printed.

pub mod bore;
mod cast;
pub mod fit;
pub mod gaps;
pub mod guide;
pub mod osteotomy;
pub mod sawn;
pub mod screw;
pub mod seat;
pub mod sleeve;
pub mod slot;
pub mod thread;

pub use fit::{ImplantFit, implant_fit};
pub use guide::{Guide, GuideRules, guide};
pub use osteotomy::{Moved, MovedVoxels, Turn, move_fragment, move_voxels};
pub use screw::{Grade, ScrewContact, ScrewList, ScrewSize, contact, suggest};
pub use seat::{Seat, put_at, settle};
pub use sleeve::{DrillGuide, Drilled, SleeveError, SleeveRules, drill_guide};
pub use thread::{BoneDensity, density};

use super::path::PathError;
use crate::base::Cancelled;
use crate::mesh::clip::ClipError;
use crate::mesh::solid::SolidError;

/// Why bone work cannot be judged.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BoneError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The screw is no path.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A surface could not be made.
    #[error(transparent)]
    Solid(#[from] SolidError),
    /// There is no bone.
    #[error("the bone is empty; segment it first")]
    NoBone,
    /// The screw is beside the bone.
    #[error("the axis of the screw does not pass the bone; move head or tip into it")]
    Misses,
    /// The screw is not in the scan as a whole.
    #[error(
        "a part of the thread lies outside the scan, so its density is not known; move the screw, or choose a larger scan"
    )]
    OutsideScan,
    /// No density.
    #[error("density is told by the Hounsfield units of a CT; choose one")]
    NoCt,
    /// No corridor for a screw.
    #[error("no screw of the list fits: the corridor is {corridor_mm:.1} mm wide, the thinnest needs {least_mm:.1} mm")]
    NoneFits {
        /// Width of the corridor.
        corridor_mm: f64,
        /// What the thinnest screw needs.
        least_mm: f64,
    },
    /// A plane has no direction, or there is none.
    #[error("an osteotomy needs at least one plane with a direction; place one")]
    NoPlane,
    /// A cut leaves nothing on one side.
    #[error("nothing of the bone lies on the {0} of the planes; move them into the bone or turn them round")]
    OneSided(&'static str),
    /// A number that is not usable.
    #[error("{what} is {value}; it must be {limit}")]
    BadNumber {
        /// Which.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        limit: &'static str,
    },
}

/// `Nothing` is a one-sided cut.
pub(super) fn clipped(error: ClipError, side: &'static str) -> BoneError {
    match error {
        ClipError::Cancelled(stop) => stop.into(),
        ClipError::Nothing => BoneError::OneSided(side),
    }
}
