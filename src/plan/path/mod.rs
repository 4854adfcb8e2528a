//! Straight paths of needles, drains, electrodes and probes: what they pass, what they come near to, and how they go in.
//!
//! Knows shapes and voxels only; which structure is a keep-out is said by the caller.

pub mod clearance;
pub mod conflict;
pub mod entry;
pub mod frame;
pub mod obstacle;
pub mod passes;
pub mod segment;
pub mod shape;

pub use clearance::{Approach, Nearness, Profile, approach, profile};
pub use conflict::{Meeting, conflicts};
pub use entry::{SkinEntry, skin_entry};
pub use frame::PathFrame;
pub use obstacle::Obstacle;
pub use passes::{Matter, Matters, Run, first_entered, labels_along, matter_along};
pub use shape::{Contacts, needle_shape, screw_shape};

use super::{Needle, Screw};
use crate::base::Cancelled;
use crate::geom::{Point, Vector};

/// The shortest path that has a direction.
const LENGTH_MM_MIN: f64 = 0.1;

/// A straight path with a direction and a radius.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Path {
    entry: Point,
    target: Point,
    along: Vector,
    length_mm: f64,
    radius_mm: f64,
}

/// Why a path cannot be, or cannot be judged.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PathError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Entry and target are the same place.
    #[error("entry and target are {length_mm:.2} mm apart; a path needs at least {LENGTH_MM_MIN} mm: move one of them")]
    NoLength {
        /// How far they are apart.
        length_mm: f64,
    },
    /// A coordinate is not a number.
    #[error("a coordinate of the path is not a finite number; place entry and target again")]
    NotFinite,
    /// A diameter that no instrument has.
    #[error("the diameter is {diameter_mm} mm; it must be more than 0 and at most 50 mm")]
    BadDiameter {
        /// What was given.
        diameter_mm: f64,
    },
    /// There is no skin to go through.
    #[error("there is no skin or skull surface to enter; segment the body first")]
    NoSurface,
    /// The path begins below the surface it should enter.
    #[error("the entry lies {depth_mm:.1} mm under the surface; place it on the skin or outside")]
    EntryInside {
        /// How deep.
        depth_mm: f64,
    },
    /// The path does not meet the surface.
    #[error("the path does not pass through the surface between entry and target; move the target inside the body")]
    Misses,
    /// The target lies where there is no picture.
    #[error("the {what} lies outside the scan; place it inside")]
    OutsideScan {
        /// Entry or target.
        what: &'static str,
    },
    /// A structure is empty.
    #[error("the structure is empty: no distance to it can be told; segment it or remove it from the keep-outs")]
    NoStructure,
    /// A place that must be within a structure is not.
    #[error("the target lies {distance_mm:.1} mm outside its structure; move the tip into it")]
    TargetOutside {
        /// How far.
        distance_mm: f64,
    },
}

impl Path {
    /// The path from `entry` to `target`.
    ///
    /// # Errors
    /// [`PathError`] for a path without length, a diameter that is not positive, or coordinates that are not finite.
    pub fn new(entry: Point, target: Point, diameter_mm: f64) -> Result<Self, PathError> {
        if !entry.iter().chain(target.iter()).all(|x| x.is_finite()) {
            return Err(PathError::NotFinite);
        }
        if !(0.0 < diameter_mm && diameter_mm <= 50.0) {
            return Err(PathError::BadDiameter { diameter_mm });
        }
        let way = target - entry;
        let length_mm = way.norm();
        if length_mm < LENGTH_MM_MIN {
            return Err(PathError::NoLength { length_mm });
        }
        Ok(Self { entry, target, along: way / length_mm, length_mm, radius_mm: 0.5 * diameter_mm })
    }

    /// The path of a needle.
    ///
    /// # Errors
    /// As [`Path::new`].
    pub fn of_needle(needle: &Needle) -> Result<Self, PathError> {
        Self::new(Point::from(needle.entry), Point::from(needle.target), needle.diameter_mm)
    }

    /// The path of a screw, from head to tip.
    ///
    /// # Errors
    /// As [`Path::new`].
    pub fn of_screw(screw: &Screw) -> Result<Self, PathError> {
        Self::new(Point::from(screw.head), Point::from(screw.tip), screw.diameter_mm)
    }

    /// Where it goes in.
    pub fn entry(&self) -> Point {
        self.entry
    }

    /// Where its tip ends.
    pub fn target(&self) -> Point {
        self.target
    }

    /// Unit direction from entry to target.
    pub fn along(&self) -> Vector {
        self.along
    }

    /// From entry to target in mm.
    pub fn length_mm(&self) -> f64 {
        self.length_mm
    }

    /// Radius of what goes along it.
    pub fn radius_mm(&self) -> f64 {
        self.radius_mm
    }

    /// The place at a depth from the entry.
    #[inline]
    pub fn at(&self, depth_mm: f64) -> Point {
        self.entry + self.along * depth_mm
    }

    /// Depths from 0 to the length at equal steps of at most `step_mm`, both ends included.
    pub fn depths_mm(&self, step_mm: f64) -> impl Iterator<Item = f64> + Clone + use<> {
        let steps = (self.length_mm / step_mm.max(1e-3)).ceil().max(1.0) as usize;
        let length_mm = self.length_mm;
        (0..=steps).map(move |n| length_mm * n as f64 / steps as f64)
    }
}

/// Whether the tip of a path lies in the structure it is for.
///
/// # Errors
/// [`PathError::TargetOutside`] if it lies further outside than the structure's edge is uncertain.
pub fn reaches(path: &Path, structure: &Obstacle) -> Result<(), PathError> {
    let distance_mm = structure.signed_mm(&path.target());
    if structure.edge_mm() < distance_mm { Err(PathError::TargetOutside { distance_mm }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::shapes::ball;

    #[test]
    fn what_is_no_path_is_said_in_a_sentence() {
        let origin = Point::origin();
        let refused = |target: Point, diameter| Path::new(origin, target, diameter).unwrap_err().to_string();
        assert!(refused(origin, 1.0).starts_with("entry and target are 0.00 mm apart"));
        assert!(refused(Point::new(0.0, f64::NAN, 0.0), 1.0).contains("finite"));
        assert!(refused(Point::new(0.0, 0.0, 9.0), 0.0).contains("diameter is 0 mm"));
        let path = Path::new(origin, Point::new(0.0, 0.0, 40.0), 1.0).unwrap();
        assert_eq!(path.depths_mm(15.0).collect::<Vec<_>>(), [0.0, 40.0 / 3.0, 80.0 / 3.0, 40.0]);
        let body = Obstacle::of_surface(&ball(10.0, 0.8), 0.4).unwrap();
        assert!(reaches(&path, &body).unwrap_err().to_string().contains("30.0 mm outside"));
        assert_eq!(reaches(&Path::new(path.target(), origin, 1.0).unwrap(), &body), Ok(()));
    }
}
