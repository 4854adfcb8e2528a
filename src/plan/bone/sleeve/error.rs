//! Why there is no guide for drills.

use super::ENTRY_MM;
use crate::base::Cancelled;
use crate::plan::bone::BoneError;

/// Why there is no guide for drills.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SleeveError {
    /// As for all work on bone.
    #[error(transparent)]
    Bone(#[from] BoneError),
    /// No path.
    #[error("there is no screw and no needle to make a sleeve for; name one")]
    NoPath,
    /// The path does not begin on the bone.
    #[error(
        "{name} enters the bone {off_mm:.1} mm from its entry, {ENTRY_MM} mm are the limit; put the entry on the bone"
    )]
    EntryOff {
        /// Which.
        name: String,
        /// How far.
        off_mm: f64,
    },
    /// The path is nowhere in the bone, or begins within it.
    #[error("{name} does not go into the bone from outside; put its entry on the bone and its tip into it")]
    NeverEnters {
        /// Which.
        name: String,
    },
    /// The drill is too short or too long.
    #[error(
        "a drill of {drill_length_mm} mm leaves a sleeve of {height_mm:.1} mm for {name}, which lies {depth_mm:.1} mm deep; take \
         one of {least_mm:.0} to {most_mm:.0} mm"
    )]
    DrillLength {
        /// Which.
        name: String,
        /// What was given.
        drill_length_mm: f64,
        /// What it leaves.
        height_mm: f64,
        /// How deep the tip lies in the bone.
        depth_mm: f64,
        /// The shortest that would do.
        least_mm: f64,
        /// The longest.
        most_mm: f64,
    },
    /// Bone stands in the sleeve.
    #[error(
        "the sleeve of {name} runs into the bone: it is {height_mm:.1} mm high, and bone stands in it up to {buried_mm:.1} mm; make \
         it higher by {lacking_mm:.1} mm or its wall thinner, or turn the path away from the bone"
    )]
    HitsBone {
        /// Which.
        name: String,
        /// Its height.
        height_mm: f64,
        /// Up to where there is bone.
        buried_mm: f64,
        /// What would do.
        lacking_mm: f64,
    },
    /// Bone stands in the way of the drill.
    #[error(
        "bone stands in the way of the drill {above_mm:.1} mm above the entry of {name}; turn the path away from it"
    )]
    ShaftHitsBone {
        /// Which.
        name: String,
        /// How far from the entry.
        above_mm: f64,
    },
    /// Two sleeves are too near.
    #[error(
        "the sleeves of {first} and {second} run into each other by {lacking_mm:.1} mm: their bores need a wall between them, and \
         each drill room above its sleeve; make them lower, or make a guide for each"
    )]
    Meet {
        /// One.
        first: String,
        /// The other.
        second: String,
        /// How far they would have to be moved apart.
        lacking_mm: f64,
    },
    /// What the bone would hold back cuts into a sleeve.
    #[error("the bone overhangs the sleeve of {name}, so the guide could not come off; give another direction off")]
    Held {
        /// Which.
        name: String,
    },
    /// The guide is in pieces.
    #[error(
        "the sleeve of {name} is not joined to that of {first}; give a bridge or a larger radius, or make a guide for each"
    )]
    Apart {
        /// One.
        first: String,
        /// The other.
        name: String,
    },
}

impl From<Cancelled> for SleeveError {
    fn from(stop: Cancelled) -> Self {
        Self::Bone(stop.into())
    }
}
