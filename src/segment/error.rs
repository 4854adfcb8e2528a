//! Why a segmentation has no result.

use crate::base::Cancelled;

/// Why there is nothing to show, as a sentence for the user.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SegmentError {
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The values cannot be Hounsfield units.
    #[error(
        "the values are not CT in HU: {share_percent:.1} % lie between -150 and 150 HU, where soft tissue is; at least 1 % is expected; use threshold or region growing instead"
    )]
    NotCt {
        /// Share of voxels between −150 and 150 HU.
        share_percent: f64,
    },
    /// The slices do not lie across the patient.
    #[error("the slices lean {angle_deg:.0}° from axial, at most 45° is supported; import the axial series")]
    NotAxial {
        /// Angle between the slice direction and the patient's long axis.
        angle_deg: f64,
    },
    /// A scan with too few slices for an organ.
    #[error("the scan has {slices} slices; an organ needs at least {needed}")]
    TooFewSlices {
        /// Slices there are.
        slices: usize,
        /// Slices needed.
        needed: usize,
    },
    /// The organ is not there, or not as it should look.
    #[error("no {organ} found: {reason}")]
    NotFound {
        /// The organ.
        organ: &'static str,
        /// What was looked for, with value and limit.
        reason: String,
    },
    /// The seed is outside the voxels.
    #[error("the seed point ({:.1}, {:.1}, {:.1}) mm lies outside the scan", .0[0], .0[1], .0[2])]
    SeedOutside([f64; 3]),
    /// The seed is not in the organ.
    #[error("the seed point has {value_hu:.0} HU; {needed}")]
    BadSeed {
        /// Mean around the seed.
        value_hu: f64,
        /// What a seed must look like.
        needed: String,
    },
    /// No seed has a value in the range.
    #[error("no seed point has a value in the range {}; move the point or widen the range", range_words(*.low, *.high))]
    SeedOutOfRange {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// No ball of the least diameter fits.
    #[error(
        "around the seed points no ball of {diameter_mm:.1} mm fits into the range of values; take a smaller diameter"
    )]
    TooThin {
        /// Least diameter asked for.
        diameter_mm: f64,
    },
    /// A drawn outline that encloses nothing.
    #[error("the outline is not one: {0}")]
    Outline(String),
    /// There is nothing in the mask.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// A mask without a boundary.
    #[error("the {0} fills the whole grid, so it has no boundary to measure distances from")]
    NoBoundary(&'static str),
    /// More clicks than can be told apart.
    #[error("{given} clicks given, at most {max} are heeded at once; give fewer, or the rest afterwards")]
    Clicks {
        /// Clicks given.
        given: usize,
        /// Most that are possible.
        max: usize,
    },
    /// Too few or too many readers for a consensus.
    #[error("{given} reader{} given; a consensus needs 2 to {max}", if *given == 1 { "" } else { "s" })]
    Readers {
        /// Masks given.
        given: usize,
        /// Most that are possible.
        max: usize,
    },
    /// Two masks lie on different grids.
    #[error("the two masks lie on different grids; resample one to the other first")]
    DifferentGrids,
}

/// A range whose ends may be those of all numbers.
fn range_words(low: f64, high: f64) -> String {
    match (low < -1e9, 1e9 < high) {
        (false, false) => format!("{low:.0} to {high:.0}"),
        (true, false) => format!("up to {high:.0}"),
        (false, true) => format!("from {low:.0} on"),
        (true, true) => "of all numbers".into(),
    }
}
