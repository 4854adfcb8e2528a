//! Why there are no centre lines.

use crate::base::Cancelled;

/// Why there are no centre lines, as a sentence for the user.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CentreLineError {
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There is no voxel.
    #[error("the segment is empty, so it has no centre line")]
    Empty,
    /// There is no wall.
    #[error("the segment fills the whole scan, so it has no wall to keep away from")]
    Full,
    /// A given point is not in the vessel.
    #[error("{what} ({:.1}, {:.1}, {:.1}) mm lies {away_mm:.1} mm from the segment, at most {limit_mm} mm is meant; put it inside", .at[0], .at[1], .at[2])]
    Away {
        /// Which point.
        what: &'static str,
        /// Where it is.
        at: [f64; 3],
        /// How far from the segment.
        away_mm: f64,
        /// How far it may be.
        limit_mm: f64,
    },
    /// No branch is long and wide enough.
    #[error(
        "no branch is longer than {length_mm} mm and wider than {radius_mm} mm; the segment's largest ball has a radius of {widest_mm:.1} mm; ask for less, or for another segment"
    )]
    Nothing {
        /// Shortest branch asked for.
        length_mm: f64,
        /// Thinnest branch asked for.
        radius_mm: f64,
        /// The widest place there is.
        widest_mm: f64,
    },
    /// The parts do not make a tree.
    #[error("branch {branch}: {problem}")]
    Broken {
        /// Which branch, from 0.
        branch: usize,
        /// What is wrong with it.
        problem: String,
    },
}
