//! A right-angled frame along a path, for slices along it and across it.

use super::Path;
use crate::geom::{Point, Vector};
use crate::image::SlicePlane;

/// Directions that go with a path; right-handed: `across` × `up` = `along`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PathFrame {
    /// The target.
    pub target: Point,
    /// The entry.
    pub entry: Point,
    /// Unit direction from entry to target.
    pub along: Vector,
    /// Unit direction at a right angle to it.
    pub across: Vector,
    /// Unit direction at a right angle to both.
    pub up: Vector,
}

/// Towards the head, and towards the front, in LPS.
const HEAD: Vector = Vector::new(0.0, 0.0, 1.0);
const FRONT: Vector = Vector::new(0.0, -1.0, 0.0);
/// Cosine of the angle to the head's direction below which a path has an "up" towards the front instead (25°).
const STEEP: f64 = 0.906_307_787;

impl PathFrame {
    /// The frame of `path` whose `up` is as much towards the head as can be, or towards the front for a steep path.
    pub fn of(path: &Path) -> Self {
        let along = path.along();
        let wished = if along.dot(&HEAD).abs() < STEEP { HEAD } else { FRONT };
        Self::with_up(path, wished)
    }

    /// The frame of `path` that follows from `before` without a jump while a handle is dragged: `before` turned the shortest
    /// way (parallel transport); [`PathFrame::of`] if the path turned right round.
    pub fn following(path: &Path, before: &Self) -> Self {
        let along = path.along();
        let cosine = before.along.dot(&along);
        if cosine < -0.999 {
            return Self::of(path);
        }
        // Rodrigues' formula for the shortest turn from a to b: x + v × x + v × (v × x) / (1 + a·b), v = a × b.
        let turn = before.along.cross(&along);
        let up = before.up + turn.cross(&before.up) + turn.cross(&turn.cross(&before.up)) / (1.0 + cosine);
        Self::with_up(path, up)
    }

    fn with_up(path: &Path, wished: Vector) -> Self {
        let along = path.along();
        let up = (wished - along * wished.dot(&along)).normalize();
        let across = up.cross(&along);
        Self { target: path.target(), entry: path.entry(), along, across, up }
    }

    /// A slice across the path at `depth_mm` from the entry, as seen by somebody who looks along it.
    pub fn slice_across(&self, depth_mm: f64, pixel_mm: f64, size: [usize; 2]) -> SlicePlane {
        SlicePlane::centred(self.entry + self.along * depth_mm, -self.across, -self.up, pixel_mm, size)
    }

    /// A slice that holds the path, turned about it by `degrees`; the path runs from the top down.
    pub fn slice_along(&self, degrees: f64, pixel_mm: f64, size: [usize; 2]) -> SlicePlane {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let right = self.across * cos + self.up * sin;
        SlicePlane::centred(nalgebra::center(&self.entry, &self.target), right, self.along, pixel_mm, size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;

    fn to(target: Vector) -> Path {
        Path::new(Point::origin(), Point::from(target), 1.0).unwrap()
    }

    fn is_square(frame: &PathFrame) -> bool {
        let PathFrame { along, across, up, .. } = frame;
        (across.cross(up) - along).norm() < 1e-12 && (along.norm() - 1.0).abs() < 1e-12 && across.dot(up).abs() < 1e-12
    }

    #[test]
    fn frames_are_square_and_up_is_towards_the_head() {
        let mut rng = Rng::new(4);
        for _ in 0..200 {
            let way = Vector::new(rng.normal(), rng.normal(), rng.normal()) * 30.0;
            let frame = PathFrame::of(&to(way));
            assert!(is_square(&frame), "{way}");
            assert!(0.0 <= frame.up.z || STEEP <= frame.along.z.abs());
        }
        assert!(is_square(&PathFrame::of(&to(HEAD * 50.0))));
    }

    #[test]
    fn a_dragged_frame_never_jumps() {
        let at = |angle: f64| to(Vector::new(0.3 * angle.sin(), 0.1, angle.cos()) * 80.0);
        let mut frame = PathFrame::of(&at(-1.2));
        for n in 1..240 {
            let next = PathFrame::following(&at(-1.2 + 0.01 * f64::from(n)), &frame);
            assert!(is_square(&next));
            assert!((next.up - frame.up).norm() < 0.05, "{n}");
            frame = next;
        }
    }

    #[test]
    fn slices_hold_the_path() {
        let path = to(Vector::new(20.0, 30.0, -40.0));
        let frame = PathFrame::of(&path);
        for degrees in [0.0, 35.0, 90.0] {
            let plane = frame.slice_along(degrees, 0.5, [64, 128]);
            let normal = plane.right.cross(&plane.down).normalize();
            assert!((path.entry() - plane.origin).dot(&normal).abs() < 1e-9);
            assert!((path.target() - plane.origin).dot(&normal).abs() < 1e-9);
        }
        let across = frame.slice_across(10.0, 0.5, [64, 64]);
        assert!(across.right.dot(&frame.along).abs() < 1e-12);
        // Seen along the path: right, down and away are right-handed.
        assert!(0.0 < across.right.cross(&across.down).dot(&frame.along));
    }
}
