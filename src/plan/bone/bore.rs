//! What the bore of a finished guide is: its axis and width, found from the surface itself.

use crate::geom::{Plane, Point, Vector};
use crate::mesh::Surface;
use crate::plan::Bounded;
use nalgebra::{SMatrix, SVector};

/// A bore as it was made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bore {
    /// Its diameter.
    pub diameter_mm: f64,
    /// How far its axis is from the planned one at worst, over the heights that were looked at.
    pub off_mm: f64,
    /// The angle between both.
    pub off_degrees: f64,
    /// How far vertices of its wall lie from the cylinder that fits them best, root mean square.
    pub scatter_mm: f64,
}

impl Bore {
    /// Diameter, and how far its axis is off, of a bore that was resolved in cubes of `voxel_mm`: known as well as the corners of
    /// its wall lie on a cylinder, and as far as chords through a cube lie off that.
    pub fn known_within(&self, voxel_mm: f64) -> [Bounded; 2] {
        let chord_mm = 0.75 * voxel_mm * voxel_mm / self.diameter_mm;
        let known_mm = self.scatter_mm + chord_mm;
        [Bounded::within(self.diameter_mm, 2.0 * known_mm), Bounded::within(self.off_mm, known_mm).at_least(0.0)]
    }
}

/// The round hole of `radius_mm` along `out` from `foot`: of the vertices of `surface` within `near_mm` of its wall and between
/// two heights, least squares of
///
/// ```text
/// r = R + (a + b s) cos φ + (c + d s) sin φ
/// ```
///
/// where s is the height above the middle, r the distance from the planned axis and φ the direction from it: R is the radius, and
/// (a, c) and (b, d) are shift and slope of the axis, to first order. Infinite where there are too few vertices to tell.
pub(super) fn bore(
    surface: &Surface,
    foot: &Point,
    out: &Vector,
    radius_mm: f64,
    [low_mm, high_mm]: [f64; 2],
    near_mm: f64,
) -> Bore {
    let unknown = Bore {
        diameter_mm: f64::INFINITY,
        off_mm: f64::INFINITY,
        off_degrees: f64::INFINITY,
        scatter_mm: f64::INFINITY,
    };
    let Some(plane) = Plane::new(*foot, *out) else { return unknown };
    let ([u, v], out) = (plane.across(), plane.normal());
    let (middle_mm, half_mm) = (0.5 * (low_mm + high_mm), 0.5 * (high_mm - low_mm));
    let on_wall = |place: &Point| {
        let from = place - foot;
        let (s, x, y) = (from.dot(&out) - middle_mm, from.dot(&u), from.dot(&v));
        let r = x.hypot(y);
        if half_mm < s.abs() || near_mm < (r - radius_mm).abs() || r < 1e-9 {
            return None;
        }
        let (cos, sin) = (x / r, y / r);
        Some((SVector::<f64, 5>::from([1.0, cos, s * cos, sin, s * sin]), r))
    };
    let wall: Vec<(SVector<f64, 5>, f64)> = surface.positions().iter().filter_map(on_wall).collect();
    let (mut sides, mut sums) = (SMatrix::<f64, 5, 5>::zeros(), SVector::<f64, 5>::zeros());
    for (row, r) in &wall {
        sides += row * row.transpose();
        sums += row * *r;
    }
    let Some(found) = sides.cholesky().map(|sides| sides.solve(&sums)) else { return unknown };
    let [radius, a, b, c, d] = found.into();
    let at = |s: f64| (a + b * s).hypot(c + d * s);
    let off_degrees = b.hypot(d).atan().to_degrees();
    let squares = wall.iter().map(|(row, r)| (row.dot(&found) - r).powi(2)).sum::<f64>();
    let scatter_mm = (squares / wall.len() as f64).sqrt();
    Bore { diameter_mm: 2.0 * radius, off_mm: at(half_mm).max(at(-half_mm)), off_degrees, scatter_mm }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn a_turned_and_shifted_bore_is_found_as_what_it_is() {
        let tilt = 0.5_f64.to_radians();
        let own = Vector::new(tilt.sin(), 0.0, tilt.cos());
        let across = own.cross(&Vector::y());
        let place = |n: usize| {
            let (s, turn) = ((n / 24) as f64 * 0.25, TAU * (n % 24) as f64 / 24.0);
            Point::new(0.05, -0.1, 0.0) + own * s + (across * turn.cos() + Vector::y() * turn.sin()) * 1.7
        };
        let surface = Surface::new((0..24 * 41).map(place).collect(), Vec::new()).unwrap();
        let found = bore(&surface, &Point::origin(), &Vector::z(), 1.6, [0.0, 10.0], 0.5);
        // To first order in the shift, which is a tenth of the radius.
        assert!((found.diameter_mm - 3.4).abs() < 0.01, "{found:?}");
        assert!((found.off_degrees - 0.5).abs() < 0.01, "{found:?}");
        assert!((found.off_mm - (10.0 * tilt.tan() + 0.05).hypot(0.1)).abs() < 0.01, "{found:?}");
        let nothing = Surface::new(Vec::new(), Vec::new()).unwrap();
        assert!(bore(&nothing, &Point::origin(), &Vector::z(), 1.6, [0.0, 10.0], 0.5).off_mm.is_infinite());
    }
}
