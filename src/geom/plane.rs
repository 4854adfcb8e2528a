//! Planes and rays.

use super::{Point, Vector};

/// A plane through `point` with unit `normal`; the normal points to the positive side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plane {
    /// Any point of the plane (mm).
    pub point: Point,
    normal: Vector,
}

impl Plane {
    /// A plane, or `None` if `normal` has no direction.
    pub fn new(point: Point, normal: Vector) -> Option<Self> {
        let normal = normal.try_normalize(1e-12).filter(|n| n.iter().all(|c| c.is_finite()))?;
        Some(Self { point, normal })
    }

    /// The unit normal.
    pub fn normal(&self) -> Vector {
        self.normal
    }

    /// Two unit directions in the plane, at right angles.
    pub fn across(&self) -> [Vector; 2] {
        let normal = self.normal;
        let least = if normal.x.abs() < 0.6 { Vector::x() } else { Vector::y() };
        let u = normal.cross(&least).normalize();
        [u, normal.cross(&u)]
    }

    /// Signed distance in mm, positive on the side of the normal.
    pub fn distance_mm(&self, point: &Point) -> f64 {
        (point - self.point).dot(&self.normal)
    }
}

/// A half line from `origin` along `direction`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ray {
    /// Where it starts (mm).
    pub origin: Point,
    /// Where it goes; lengths along the ray are multiples of this vector.
    pub direction: Vector,
}

impl Ray {
    /// The point `t` directions from the origin.
    pub fn at(&self, t: f64) -> Point {
        self.origin + self.direction * t
    }

    /// Where the ray meets the triangle, as a multiple of the direction (Möller and Trumbore 1997); both sides count.
    pub fn meets_triangle(&self, [a, b, c]: [&Point; 3]) -> Option<f64> {
        let (ab, ac) = (b - a, c - a);
        let p = self.direction.cross(&ac);
        let det = ab.dot(&p);
        if det.abs() < 1e-300 {
            return None;
        }
        let s = self.origin - a;
        let u = s.dot(&p) / det;
        let q = s.cross(&ab);
        let v = self.direction.dot(&q) / det;
        let t = ac.dot(&q) / det;
        (0.0 <= u && 0.0 <= v && u + v <= 1.0 && 0.0 <= t).then_some(t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ray_meets_a_triangle_where_it_should() {
        let ray = Ray { origin: Point::new(0.25, 0.25, -2.0), direction: Vector::new(0.0, 0.0, 0.5) };
        let [a, b, c] = [Point::origin(), Point::new(1.0, 0.0, 0.0), Point::new(0.0, 1.0, 0.0)];
        assert_eq!(ray.meets_triangle([&a, &b, &c]), Some(4.0));
        let beside = Ray { origin: Point::new(0.75, 0.75, -2.0), ..ray };
        assert_eq!(beside.meets_triangle([&a, &b, &c]), None);
    }

    #[test]
    fn a_plane_needs_a_direction() {
        assert!(Plane::new(Point::origin(), Vector::zeros()).is_none());
        let plane = Plane::new(Point::new(0.0, 0.0, 1.0), Vector::new(0.0, 0.0, 5.0)).unwrap();
        assert_eq!(plane.distance_mm(&Point::new(9.0, 9.0, 3.0)), 2.0);
    }
}
