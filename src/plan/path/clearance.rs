//! How near a path comes to a structure, and where.

use super::{Obstacle, Path};
use crate::geom::Point;
use crate::plan::Bounded;
use rayon::prelude::*;

/// Where a path comes nearest to a structure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Approach {
    /// From the instrument's side to the structure in mm, negative where it enters it.
    pub distance_mm: Bounded,
    /// How deep from the entry.
    pub depth_mm: f64,
    /// The place on the axis.
    pub on_path: Point,
    /// The place on the structure nearest to it.
    pub on_structure: Point,
}

/// Distances along a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Depth from the entry of every sample.
    pub depths_mm: Vec<f64>,
    /// From the instrument's side to the structure, negative where it enters it.
    pub distances_mm: Vec<f64>,
    /// Every distance may be off by this either way.
    pub edge_mm: f64,
}

/// How near a structure is, for a warning by sound and colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nearness {
    /// Even the lowest bound keeps the distance, with room to spare.
    Clear,
    /// Nearer than the required distance and the room to spare, or within the uncertainty of it.
    Near,
    /// Nearer than required.
    TooNear,
    /// The instrument enters it.
    Entered,
}

/// The nearest approach of the instrument, taken as a cylinder with a round tip, to a structure.
///
/// The distance is that of its axis less its radius; its bounds are the uncertainty of the structure's edge (half the diagonal
/// of a voxel for voxels). A flat or bevelled tip is at most as near as the round one.
pub fn approach(path: &Path, structure: &Obstacle) -> Approach {
    let nearest = structure.nearest(&path.entry(), &path.target());
    let on_path = path.at(nearest.depth_mm);
    let on_structure = on_path - structure.away(&on_path) * nearest.distance_mm;
    let distance_mm = Bounded::within(nearest.distance_mm - path.radius_mm(), structure.edge_mm());
    Approach { distance_mm, depth_mm: nearest.depth_mm, on_path, on_structure }
}

/// The distance to a structure every `step_mm` along the path.
pub fn profile(path: &Path, structure: &Obstacle, step_mm: f64) -> Profile {
    let depths_mm: Vec<f64> = path.depths_mm(step_mm).collect();
    let at = |depth: &f64| structure.signed_mm(&path.at(*depth)) - path.radius_mm();
    let distances_mm = depths_mm.par_iter().map(at).collect();
    Profile { depths_mm, distances_mm, edge_mm: structure.edge_mm() }
}

impl Nearness {
    /// How near `distance_mm` is where `required_mm` must be kept and one wants to be warned `spare_mm` before.
    pub fn of(distance_mm: &Bounded, required_mm: f64, spare_mm: f64) -> Self {
        if distance_mm.value <= 0.0 {
            Self::Entered
        } else if distance_mm.value < required_mm {
            Self::TooNear
        } else if distance_mm.low < required_mm || distance_mm.value < required_mm + spare_mm {
            Self::Near
        } else {
            Self::Clear
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::shapes::ball;

    #[test]
    fn a_needle_past_a_ball_is_nearest_where_it_passes() {
        let body = Obstacle::of_surface(&ball(10.0, 0.5), 0.5).unwrap();
        let path = Path::new(Point::new(-40.0, 14.0, 0.0), Point::new(40.0, 14.0, 0.0), 2.0).unwrap();
        let nearest = approach(&path, &body);
        assert!((nearest.distance_mm.value - 3.0).abs() < 0.03, "{nearest:?}");
        assert!((nearest.depth_mm - 40.0).abs() < 1.0);
        assert!((nearest.on_structure - Point::new(0.0, 10.0, 0.0)).norm() < 0.6, "{nearest:?}");
        assert_eq!(nearest.distance_mm.high - nearest.distance_mm.value, 0.5);
        let profile = profile(&path, &body, 1.0);
        let lowest = profile.distances_mm.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(nearest.distance_mm.value <= lowest + 1e-9 && lowest < nearest.distance_mm.value + 0.1);
        assert!((profile.distances_mm[0] - (40.0_f64.hypot(14.0) - 11.0)).abs() < 0.03);
    }

    #[test]
    fn warnings_come_in_the_order_of_nearness() {
        let of = |value: f64| Nearness::of(&Bounded::within(value, 0.5), 3.0, 2.0);
        let found = [-1.0, 0.0, 2.9, 3.2, 4.9, 5.1].map(of);
        use Nearness::{Clear, Entered, Near, TooNear};
        assert_eq!(found, [Entered, Entered, TooNear, Near, Near, Clear]);
    }
}
