//! What the slot of a finished guide is: its width and plane, found from the surface itself, and where a blade in it may run.

use crate::geom::{Plane, Point, Vector};
use crate::mesh::Surface;
use nalgebra::{SMatrix, SVector};

/// A slot as it was made, infinite where there are too few vertices to tell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    /// Its width.
    pub width_mm: f64,
    /// How far its middle plane is from the planned one at worst, over the walls.
    pub off_mm: f64,
    /// The angle between both.
    pub off_degrees: f64,
    /// How far vertices of the walls lie from the planes that fit them best, root mean square.
    pub scatter_mm: f64,
    /// How high the walls stand, along the way off.
    pub height_mm: f64,
}

/// Where a blade in a slot may run beside the planned cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Play {
    /// At most so far from it, in the slot.
    pub off_mm: f64,
    /// At most turned so much to it.
    pub off_degrees: f64,
}

impl Slot {
    const UNKNOWN: Self = Self {
        width_mm: f64::INFINITY,
        off_mm: f64::INFINITY,
        off_degrees: f64::INFINITY,
        scatter_mm: f64::INFINITY,
        height_mm: 0.0,
    };

    /// The play of a blade that cuts `kerf_mm`: it lies against one wall, or leans from the lower edge of one to the upper
    /// edge of the other.
    pub fn play(&self, kerf_mm: f64) -> Play {
        let room_mm = (self.width_mm + 2.0 * self.scatter_mm - kerf_mm).max(0.0);
        let lean = (room_mm / self.height_mm.max(1e-3)).atan().to_degrees();
        Play { off_mm: self.off_mm + self.scatter_mm + 0.5 * room_mm, off_degrees: self.off_degrees + lean }
    }
}

/// The slot of `width_mm` along `cut`: of the vertices of `surface` within `near_mm` of its walls, and within `half_mm` of `seat`
/// along `along`, least squares of
///
/// ```text
/// d = ± W/2 + a + b x + c y
/// ```
///
/// where d is the signed distance from the planned cut, the sign that of the wall, and x and y run along the slot and the way
/// `off`: W is the width, and a, b and c are shift and slopes of the middle plane.
pub(super) fn slot(
    surface: &Surface,
    cut: &Plane,
    seat: &Point,
    [along, off]: [Vector; 2],
    width_mm: f64,
    half_mm: f64,
    near_mm: f64,
) -> Slot {
    let on_wall = |place: &Point| {
        let from = place - seat;
        let (d, x, y) = (cut.distance_mm(place), from.dot(&along), from.dot(&off));
        let is_near = (d.abs() - 0.5 * width_mm).abs() <= near_mm && x.abs() <= half_mm;
        is_near.then_some((d, x, y))
    };
    let walls: Vec<(f64, f64, f64)> = surface.positions().iter().filter_map(on_wall).collect();
    let row = |(d, x, y): &(f64, f64, f64)| SVector::<f64, 4>::from([0.5 * d.signum(), 1.0, *x, *y]);
    let (mut sides, mut sums) = (SMatrix::<f64, 4, 4>::zeros(), SVector::<f64, 4>::zeros());
    for wall in &walls {
        let row = row(wall);
        sides += row * row.transpose();
        sums += row * wall.0;
    }
    let Some(found) = sides.cholesky().map(|sides| sides.solve(&sums)) else { return Slot::UNKNOWN };
    let [width, a, b, c] = found.into();
    let squares = walls.iter().map(|wall| (row(wall).dot(&found) - wall.0).powi(2)).sum::<f64>();
    let off_mm = walls.iter().map(|(_, x, y)| (a + b * x + c * y).abs()).fold(0.0, f64::max);
    let heights = walls.iter().map(|(.., y)| *y);
    let height_mm = heights.clone().fold(f64::NEG_INFINITY, f64::max) - heights.fold(f64::INFINITY, f64::min);
    Slot {
        width_mm: width,
        off_mm,
        off_degrees: b.hypot(c).atan().to_degrees(),
        scatter_mm: (squares / walls.len() as f64).sqrt(),
        height_mm,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_and_shifted_slot_is_found_as_what_it_is() {
        let tilt = 0.4_f64.to_radians();
        let own = Vector::new(tilt.cos(), 0.0, -tilt.sin());
        let up = Vector::new(tilt.sin(), 0.0, tilt.cos());
        let place = |n: usize| {
            let (side, y, z) = ([-0.7, 0.7][n % 2], (n / 2 % 20) as f64 - 9.5, (n / 40) as f64 * 0.5);
            Point::new(0.1, 0.0, 0.0) + own * side + Vector::y() * y + up * z
        };
        let surface = Surface::new((0..40 * 21).map(place).collect(), Vec::new()).unwrap();
        let cut = Plane::new(Point::origin(), Vector::x()).unwrap();
        let frame = [Vector::y(), Vector::z()];
        let found = slot(&surface, &cut, &Point::origin(), frame, 1.2, 10.0, 0.5);
        assert!((found.width_mm - 1.4).abs() < 0.01 && found.scatter_mm < 0.01, "{found:?}");
        assert!((found.off_degrees - 0.4).abs() < 0.01 && (found.height_mm - 10.0).abs() < 0.05, "{found:?}");
        assert!((found.off_mm - (0.1 + 10.0 * tilt.tan())).abs() < 0.01, "{found:?}");
        // A blade of 1 mm has 0.4 mm of room over 10 mm.
        let play = found.play(1.0);
        assert!((play.off_mm - found.off_mm - 0.2).abs() < 0.02, "{play:?}");
        assert!((play.off_degrees - 0.4 - (0.04_f64).atan().to_degrees()).abs() < 0.1, "{play:?}");
        let nothing = Surface::new(Vec::new(), Vec::new()).unwrap();
        assert!(slot(&nothing, &cut, &Point::origin(), frame, 1.2, 10.0, 0.5).width_mm.is_infinite());
    }
}
