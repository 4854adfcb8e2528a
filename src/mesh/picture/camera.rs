//! From where a picture is taken.

use crate::geom::{Aabb, Point, Vector};
use serde::{Deserialize, Serialize};

/// A side of the patient from which one looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// From the patient's left.
    Left,
    /// From the patient's right.
    Right,
    /// From the front.
    Anterior,
    /// From behind.
    Posterior,
    /// From the head, anterior on top.
    Superior,
    /// From the feet, anterior on top.
    Inferior,
}

impl View {
    /// All six, in the order of the keys L R A P S I.
    pub const ALL: [Self; 6] =
        [Self::Left, Self::Right, Self::Anterior, Self::Posterior, Self::Superior, Self::Inferior];

    /// Unit directions in LPS: from the patient to the viewer, and up on the picture.
    pub fn toward_and_up(self) -> [Vector; 2] {
        match self {
            Self::Left => [Vector::x(), Vector::z()],
            Self::Right => [-Vector::x(), Vector::z()],
            Self::Anterior => [-Vector::y(), Vector::z()],
            Self::Posterior => [Vector::y(), Vector::z()],
            Self::Superior => [Vector::z(), -Vector::y()],
            Self::Inferior => [-Vector::z(), -Vector::y()],
        }
    }
}

/// A camera in patient space.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// The point in the middle of the picture, mm.
    pub target: Point,
    /// Height of the picture at the target, mm.
    pub height_mm: f64,
    /// Distance of the eye from the target in mm; infinite for a parallel projection.
    pub distance_mm: f64,
    right: Vector,
    up: Vector,
    toward: Vector,
}

impl Camera {
    /// A camera that looks from the direction `toward` to `target`, with `up` towards the top of the picture.
    ///
    /// `None` if the directions do not span a plane.
    pub fn new(target: Point, toward: Vector, up: Vector, height_mm: f64, distance_mm: f64) -> Option<Self> {
        let toward = toward.try_normalize(1e-12)?;
        let right = up.try_normalize(1e-12)?.cross(&toward).try_normalize(1e-9)?;
        Some(Self { target, height_mm, distance_mm, right, up: toward.cross(&right), toward })
    }

    /// A parallel projection from a standard side in which `bounds` fill a picture `aspect` times as wide as high.
    pub fn standard(view: View, bounds: &Aabb, aspect: f64) -> Self {
        let [toward, up] = view.toward_and_up();
        Self::framing(toward, up, bounds, aspect)
    }

    /// A parallel projection from the front, turned by `azimuth` to the patient's left and by `elevation` upwards (radians).
    pub fn orbit(azimuth: f64, elevation: f64, bounds: &Aabb, aspect: f64) -> Self {
        let elevation = elevation.clamp(-1.55, 1.55);
        let ((sin_a, cos_a), (sin_e, cos_e)) = (azimuth.sin_cos(), elevation.sin_cos());
        Self::framing(Vector::new(sin_a * cos_e, -cos_a * cos_e, sin_e), Vector::z(), bounds, aspect)
    }

    fn framing(toward: Vector, up: Vector, bounds: &Aabb, aspect: f64) -> Self {
        let mut camera =
            Self::new(bounds.centre(), toward, up, 1.0, f64::INFINITY).expect("up never lies along the view here");
        let half = bounds.size() * 0.5;
        let extent = |direction: &Vector| (0..3).map(|axis| 2.0 * half[axis] * direction[axis].abs()).sum::<f64>();
        camera.height_mm = 1.06 * extent(&camera.up).max(extent(&camera.right) / aspect).max(1e-3);
        camera
    }

    /// The same from a finite distance of `heights` picture heights.
    #[must_use]
    pub fn in_perspective(self, heights: f64) -> Self {
        Self { distance_mm: heights * self.height_mm, ..self }
    }

    /// Unit directions to the right, to the top and to the viewer.
    pub fn right_up_toward(&self) -> [Vector; 3] {
        [self.right, self.up, self.toward]
    }

    /// Where a point appears: x to the right and y up from the middle in picture heights, and a depth that is linear on the
    /// picture and grows away from the eye; `None` behind the eye. Last, the magnification relative to the target.
    #[inline]
    pub(super) fn project(&self, point: &Point) -> Option<([f64; 3], f64)> {
        let offset = point - self.target;
        let (x, y, z) = (offset.dot(&self.right), offset.dot(&self.up), offset.dot(&self.toward));
        if self.distance_mm.is_infinite() {
            return Some(([x / self.height_mm, y / self.height_mm, -z], 1.0));
        }
        let before_eye = self.distance_mm - z;
        if before_eye < 1e-3 * self.distance_mm {
            return None;
        }
        let scale = self.distance_mm / before_eye;
        // Depth in mm near the target: −d² / (d − z) + d ≈ −z.
        Some(([x * scale / self.height_mm, y * scale / self.height_mm, self.distance_mm * (1.0 - scale)], scale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::orientation::letters;

    #[test]
    fn views_show_the_sides_surgeons_expect() {
        let bounds = Aabb { min: Point::origin(), max: Point::new(100.0, 50.0, 200.0) };
        let right_up = |view| {
            let [right, up, _] = Camera::standard(view, &bounds, 1.0).right_up_toward();
            [letters(&right), letters(&up)]
        };
        assert_eq!(right_up(View::Anterior), ["L", "S"]);
        assert_eq!(right_up(View::Left), ["P", "S"]);
        assert_eq!(right_up(View::Inferior), ["L", "A"]);
        assert_eq!(right_up(View::Superior), ["R", "A"]);
    }

    #[test]
    fn nearer_points_have_less_depth_in_both_projections() {
        let bounds = Aabb { min: Point::origin(), max: Point::new(100.0, 50.0, 200.0) };
        let parallel = Camera::standard(View::Anterior, &bounds, 1.0);
        for camera in [parallel, parallel.in_perspective(2.0)] {
            let depth = |y: f64| camera.project(&Point::new(50.0, y, 100.0)).unwrap().0[2];
            assert!(depth(0.0) < depth(25.0) && depth(25.0) < depth(50.0));
            assert!(depth(25.0).abs() < 1e-9);
        }
        assert!(parallel.in_perspective(2.0).project(&Point::new(50.0, -1e4, 100.0)).is_none());
    }
}
