//! A cut through a lumen at a place: across the vessel there, and how large the cross-section is.

use super::lumen::Lumen;
use crate::geom::{Point, Vector};
use std::collections::VecDeque;
use std::f64::consts::{PI, TAU as TURN};

/// Directions that are tried at first: about 12° between neighbours.
const DIRECTIONS: usize = 150;
/// Then the best is turned by this angle in eight ways, and by half of it again, as often as this.
const TURN_FIRST: f64 = 0.12;
const TURNS: usize = 5;
/// Samples across a cut with the reach that is asked for.
const SAMPLES: i32 = 60;

/// A cross-section of a lumen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// Its centre of gravity.
    pub centre: Point,
    /// Unit normal.
    pub normal: Vector,
    /// Its area in mm².
    pub area_mm2: f64,
}

impl Cut {
    /// Radius of the circle of the same area in mm.
    pub fn radius_mm(&self) -> f64 {
        (self.area_mm2 / PI).sqrt()
    }

    /// The connected part of the lumen around `at` in the plane with this `normal`, if it ends within `reach_mm` and the
    /// place lies in the lumen.
    pub fn through(lumen: &Lumen, at: Point, normal: Vector, reach_mm: f64) -> Option<Self> {
        let normal = normal.try_normalize(1e-12)?;
        let [x, y] = beside(&normal);
        let step = reach_mm / f64::from(SAMPLES);
        let place = |i: i32, j: i32| at + (x * f64::from(i) + y * f64::from(j)) * step;
        if lumen.level(at) <= 0.0 {
            return None;
        }
        let side = (2 * SAMPLES + 1) as usize;
        let index = |i: i32, j: i32| (j + SAMPLES) as usize * side + (i + SAMPLES) as usize;
        let mut seen = vec![false; side * side];
        let mut queue = VecDeque::from([(0_i32, 0_i32)]);
        seen[index(0, 0)] = true;
        let (mut count, mut sum) = (0_usize, Vector::zeros());
        while let Some((i, j)) = queue.pop_front() {
            if i.abs() == SAMPLES || j.abs() == SAMPLES {
                return None;
            }
            count += 1;
            sum += place(i, j).coords;
            for (i, j) in [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)] {
                if !std::mem::replace(&mut seen[index(i, j)], true) && 0.0 < lumen.level(place(i, j)) {
                    queue.push_back((i, j));
                }
            }
        }
        let centre = Point::from(sum / count as f64);
        Some(Self { centre, normal, area_mm2: count as f64 * step * step })
    }

    /// The cut across the vessel at a place: the smallest through it. None where the place is not in the lumen, or no
    /// cut through it ends within `reach_mm`.
    pub fn across(lumen: &Lumen, at: Point, reach_mm: f64) -> Option<Self> {
        let smaller = |a: Option<Self>, b: Option<Self>| match (a, b) {
            (Some(a), Some(b)) => Some(if b.area_mm2 < a.area_mm2 { b } else { a }),
            (a, b) => a.or(b),
        };
        let first = half_sphere().map(|normal| Self::through(lumen, at, normal, reach_mm)).fold(None, smaller)?;
        // What is wide beside its cross-section would be sampled by a few points only.
        let reach_mm = (4.0 * first.radius_mm()).min(reach_mm);
        let mut best = Self::through(lumen, at, first.normal, reach_mm).unwrap_or(first);
        let mut angle = TURN_FIRST;
        for _ in 0..TURNS {
            let [x, y] = beside(&best.normal);
            let turned = (0..8).map(|n| {
                let around = f64::from(n) * TURN / 8.0;
                best.normal + (x * around.cos() + y * around.sin()) * angle
            });
            best = turned.map(|normal| Self::through(lumen, at, normal, reach_mm)).fold(Some(best), smaller)?;
            angle *= 0.5;
        }
        // Once more through its middle: samples lie evenly about it then.
        Some(Self::through(lumen, best.centre, best.normal, reach_mm).unwrap_or(best))
    }
}

/// Two unit vectors at right angles to a unit vector and to one another.
fn beside(normal: &Vector) -> [Vector; 2] {
    let axis = normal.iamin();
    let x = normal.cross(&Vector::ith(axis, 1.0)).normalize();
    [x, normal.cross(&x)]
}

/// Directions spread evenly over half a sphere (a Fibonacci spiral).
fn half_sphere() -> impl Iterator<Item = Vector> {
    let golden = PI * (3.0 - 5.0_f64.sqrt());
    (0..DIRECTIONS).map(move |n| {
        let z = (n as f64 + 0.5) / DIRECTIONS as f64;
        let (sin, cos) = (n as f64 * golden).sin_cos();
        let radius = (1.0 - z * z).sqrt();
        Vector::new(radius * cos, radius * sin, z)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tube of 4 mm radius along a slanted axis through the origin.
    fn tube(axis: Vector) -> Lumen {
        let axis = axis.normalize();
        let [low, high] = [-30.0, 30.0].map(|x| Point::new(x, x, x));
        Lumen::from_level(low, high, move |p| (4.0 - (p.coords - axis * p.coords.dot(&axis)).norm()) as f32)
    }

    #[test]
    fn a_tube_is_cut_across_wherever_inside_one_points() {
        let axis = Vector::new(1.0, 2.0, -0.5).normalize();
        let lumen = tube(axis);
        let [x, _] = beside(&axis);
        for off in [0.0, 1.5, 3.0] {
            let cut = Cut::across(&lumen, Point::from(axis * 5.0 + x * off), 40.0).unwrap();
            assert!(0.999 < cut.normal.dot(&axis).abs(), "{off}: {}", cut.normal.dot(&axis));
            assert!((cut.radius_mm() / 4.0 - 1.0).abs() < 0.02, "{off}: {} mm", cut.radius_mm());
            assert!((cut.centre.coords - axis * cut.centre.coords.dot(&axis)).norm() < 0.1, "{off}: off the axis");
        }
    }

    #[test]
    fn outside_there_is_nothing_to_cut_and_along_a_tube_no_end() {
        let lumen = tube(Vector::x());
        assert_eq!(Cut::across(&lumen, Point::new(0.0, 5.0, 0.0), 40.0), None);
        assert_eq!(Cut::through(&lumen, Point::origin(), Vector::y(), 20.0), None);
        assert_eq!(Cut::through(&lumen, Point::origin(), Vector::zeros(), 20.0), None);
    }
}
