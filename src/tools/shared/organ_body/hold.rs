//! The side of an organ that is held.

use crate::biomech::vertices_on_side;
use crate::geom::{Plane, Point, Vector};
use crate::mesh::TetMesh;
use serde::{Deserialize, Serialize};

/// The side of an organ that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hold {
    /// Towards the back.
    Posterior,
    /// Towards the front.
    Anterior,
    /// Towards the patient's left.
    Left,
    /// Towards the patient's right.
    Right,
    /// Towards the head.
    Superior,
    /// Towards the feet.
    Inferior,
}

impl Hold {
    /// The words for scripts.
    pub const WORDS: &'static [&'static str] = &["posterior", "anterior", "left", "right", "superior", "inferior"];

    /// The direction in LPS.
    pub fn direction(self) -> Vector {
        match self {
            Self::Posterior => Vector::y(),
            Self::Anterior => -Vector::y(),
            Self::Left => Vector::x(),
            Self::Right => -Vector::x(),
            Self::Superior => Vector::z(),
            Self::Inferior => -Vector::z(),
        }
    }
}

/// The boundary vertices in the outer `part` (0 to 1) of the extent of `mesh` towards `hold`.
pub fn held(mesh: &TetMesh, hold: Hold, part: f64) -> Vec<u32> {
    let direction = hold.direction();
    let along = |point: &Point| point.coords.dot(&direction);
    let (low, high) = mesh
        .positions()
        .iter()
        .map(along)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let at = high - part * (high - low);
    let plane = Plane::new(Point::from(direction * at), direction).expect("the direction is a unit vector");
    vertices_on_side(mesh, &plane, 1e-6)
}
