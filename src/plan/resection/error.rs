//! Why there is no cut, or nothing to say about one.

use crate::base::Cancelled;

/// Why a cut cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ResectionError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The wrong number of control points.
    #[error("a sheet of {} × {} control points with {given} of them given; it takes 4 to 8 each way and all of them", .count[0], .count[1])]
    Controls {
        /// Along u and v.
        count: [usize; 2],
        /// How many there are.
        given: usize,
    },
    /// A number is not one.
    #[error("{what} is not finite; draw the cut anew")]
    NotFinite {
        /// Where.
        what: &'static str,
    },
    /// The sheet has no area.
    #[error("the sheet has almost no area in its middle ({area_mm2:.1e} mm²); pull its control points apart")]
    Flat {
        /// |∂u × ∂v| there.
        area_mm2: f64,
    },
    /// A plane without a direction.
    #[error("the normal of a plane has no direction; give one that is not zero")]
    NoNormal,
    /// A wedge without planes.
    #[error("a wedge has {given} planes; it takes 1 to 12")]
    Planes {
        /// How many there are.
        given: usize,
    },
    /// No cut at all, or too many.
    #[error("a plan with {given} cuts; it takes 1 to {most}")]
    Cuts {
        /// How many there are.
        given: usize,
        /// The most.
        most: usize,
    },
    /// A ball without size.
    #[error("a radius of {radius_mm} mm is not one of a ball; take more than 0")]
    Radius {
        /// What was given.
        radius_mm: f64,
    },
    /// An instrument of impossible width.
    #[error("an instrument of {width_mm} mm; its width lies between 0 and {most_mm} mm")]
    Width {
        /// What was given.
        width_mm: f64,
        /// The most.
        most_mm: f64,
    },
    /// A cut by territories needs them.
    #[error(
        "a cut by territories needs the vessels they belong to and at least one branch; choose a branch of the tree"
    )]
    NoTerritories,
    /// There is no organ.
    #[error("the organ has no voxels; choose a segment that is not empty")]
    NoOrgan,
    /// A contour that no sheet can be laid through.
    #[error("{given} points drawn over {extent_mm:.1} mm are too few or too close for a sheet; draw a longer contour")]
    Contour {
        /// How many points.
        given: usize,
        /// The longer side of the box around them.
        extent_mm: f64,
    },
    /// A cut without a surface of its own.
    #[error(
        "{what} has no surface that could be laid flat; choose a plane, a wedge, a ball or a sheet for the flattened picture"
    )]
    NoSurface {
        /// What kind of cut.
        what: &'static str,
    },
    /// Something lies on other voxels than the organ.
    #[error("{what} lies on other voxels than the organ; carry it to the organ's grid first")]
    OtherGrid {
        /// What.
        what: &'static str,
    },
    /// The mesh that would come of it is none.
    #[error("the cut mesh is broken: {0}")]
    Mesh(String),
}
