//! What volumes of voxels are known within.

use super::Bounded;
use crate::base::units::MM3_PER_ML;
use crate::geom::Grid;

/// How bounds come about, for reports.
pub const METHOD: &str = "The edge of a segment is known within half a voxel and the uncertainty of the segmentation e on top. \
    Moved by t = ½ + e/h voxels (h: cube root of a voxel) the edge sweeps t times the voxels that lie along it, inside for \
    the lower bound and outside for the upper one. Parts of an organ are bounded each by its own edge; a share is lowest \
    where the part has its lower bound while the rest has its upper one.";

/// How far the edge of a segment may lie from the true one beyond half a voxel, mm, where the plan says nothing else.
pub const EDGE_MM: f64 = 1.0;
/// Where [`EDGE_MM`] comes from.
pub const EDGE_SOURCE: &str = "1 mm is the mean distance between the liver outlines of two trained people in CT: Heimann and \
    others 2009, IEEE TMI 28:1251; set the limit edge_mm to what is known of this segmentation";

/// The part of the voxels along an edge that an uncertainty of half a voxel and `edge_mm` more stands for.
pub fn share_of_band(grid: &Grid, edge_mm: f64) -> f64 {
    0.5 + edge_mm.max(0.0) / grid.voxel_mm3().cbrt()
}

/// A volume with bounds from the numbers of voxels along its edge, inside and outside; `share` of each may be wrong.
pub fn volume(value: f64, share: f64, [inner, outer]: [u64; 2]) -> Bounded {
    let low = (value - share * inner as f64).max(0.0);
    Bounded { value, low, high: value + share * outer as f64 }
}

/// How bounds of bodies of triangles or tetrahedra come about, for reports.
pub const SWEPT: &str = "Bounds of a body with a surface move that surface in and out: by t it sweeps its area times t inwards, and \
    outwards as much more as that of a ball with the same volume for its area.";

/// A volume in ml whose surface of `area_mm2` may lie `mm` off; faces that were cut are no part of that area.
pub fn swept(ml: f64, area_mm2: f64, mm: f64) -> Bounded {
    let layer_ml = area_mm2 * mm / MM3_PER_ML;
    // Of a ball this is the radius; of every other body it is less, which lets the layer outside grow faster than it does.
    let radius_mm = (3.0 * ml * MM3_PER_ML / area_mm2.max(1e-9)).max(1e-9);
    let t = mm / radius_mm;
    Bounded { value: ml, low: (ml - layer_ml).max(0.0), high: ml + layer_ml * (1.0 + t + t * t / 3.0) }
}

/// The share of `part` in `part` and `rest`, in %, whichever way the errors of both go.
pub fn percent_of_parts(part: Bounded, rest: Bounded) -> Bounded {
    let share = |part: f64, rest: f64| if part + rest <= 0.0 { 0.0 } else { 100.0 * part / (part + rest) };
    Bounded { value: share(part.value, rest.value), low: share(part.low, rest.high), high: share(part.high, rest.low) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;

    #[test]
    fn a_share_holds_what_its_parts_can_be() {
        let percent = percent_of_parts(Bounded::within(30.0, 3.0), Bounded::within(70.0, 5.0));
        assert_eq!(percent.value, 30.0);
        for (part, rest) in [(27.0, 75.0), (33.0, 65.0), (27.0, 65.0), (33.0, 75.0)] {
            assert!(percent.holds(100.0 * part / (part + rest)));
        }
        assert_eq!(percent_of_parts(Bounded::exact(0.0), Bounded::exact(0.0)).value, 0.0);
    }

    #[test]
    fn a_ball_sweeps_what_a_ball_sweeps() {
        let ball = |r: f64| 4.0 / 3.0 * std::f64::consts::PI * r.powi(3) / 1000.0;
        let found = swept(ball(20.0), 4.0 * std::f64::consts::PI * 400.0, 1.5);
        assert!((found.high - ball(21.5)).abs() < 1e-9 && found.low < ball(18.5), "{found:?}");
        assert_eq!(swept(0.0, 0.0, 1.0).all(), [0.0; 3]);
    }

    #[test]
    fn half_a_voxel_is_the_least() {
        let grid = Grid::aligned([2; 3], Point::origin(), [1.0, 1.0, 8.0]).unwrap();
        assert_eq!((share_of_band(&grid, 0.0), share_of_band(&grid, 1.0)), (0.5, 1.0));
        assert_eq!(volume(10.0, 0.5, [4, 8]), Bounded { value: 10.0, low: 8.0, high: 14.0 });
    }
}
