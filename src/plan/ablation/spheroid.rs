//! An ellipsoid of revolution and exact distances to it.

use crate::geom::{Aabb, Point, Vector};

/// An ellipsoid of revolution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spheroid {
    /// Its middle.
    pub centre: Point,
    /// Unit direction of its axis.
    pub axis: Vector,
    /// Half its length along the axis.
    pub along_mm: f64,
    /// Half its width across the axis.
    pub across_mm: f64,
}

impl Spheroid {
    /// Depth and way off the axis, the coordinates that distances depend on, and the unit direction off the axis.
    fn flat(&self, point: &Point) -> ([f64; 2], Vector) {
        let from = point - self.centre;
        let z = from.dot(&self.axis);
        let off = from - self.axis * z;
        let out = off.try_normalize(1e-12).unwrap_or_else(|| any_across(&self.axis));
        ([z, off.norm()], out)
    }

    /// (z/a)² + (r/b)² − 1: negative inside.
    #[inline]
    pub fn implicit(&self, point: &Point) -> f64 {
        let ([z, r], _) = self.flat(point);
        (z / self.along_mm).powi(2) + (r / self.across_mm).powi(2) - 1.0
    }

    /// A depth that the exact one is no less than inside, and no more than outside: the ellipsoid of the same shape through the
    /// place lies everywhere at least so far from the surface.
    #[inline]
    pub fn depth_mm_at_least(&self, point: &Point) -> f64 {
        (1.0 - (self.implicit(point) + 1.0).max(0.0).sqrt()) * self.along_mm.min(self.across_mm)
    }

    /// Whether a place is in it.
    pub fn holds(&self, point: &Point) -> bool {
        self.implicit(point) <= 0.0
    }

    /// The place of its surface nearest to `point`.
    pub fn nearest(&self, point: &Point) -> Point {
        let ([z, r], out) = self.flat(point);
        let ([x, y], side) = (nearest_on_ellipse([self.along_mm, self.across_mm], [z.abs(), r]), 1.0_f64.copysign(z));
        self.centre + self.axis * (x * side) + out * y
    }

    /// Depth of a place under the surface in mm, negative outside; exact.
    pub fn depth_mm(&self, point: &Point) -> f64 {
        let ([z, r], _) = self.flat(point);
        let [x, y] = nearest_on_ellipse([self.along_mm, self.across_mm], [z.abs(), r]);
        let mm = (z.abs() - x).hypot(r - y);
        if self.holds(point) { mm } else { -mm }
    }

    /// The place of the surface in a unit direction of the ball that it is stretched from.
    pub fn stretched(&self, unit: &Vector) -> Point {
        let z = unit.dot(&self.axis);
        self.centre + self.axis * (z * self.along_mm) + (unit - self.axis * z) * self.across_mm
    }

    /// Its volume in ml.
    pub fn volume_ml(&self) -> f64 {
        4.0 / 3.0 * std::f64::consts::PI * self.along_mm * self.across_mm.powi(2) / 1000.0
    }

    /// The box around it.
    pub fn bounds(&self) -> Aabb {
        let (a, b) = (self.along_mm, self.across_mm);
        let half = self.axis.map(|n| (a * a * n * n + b * b * (1.0 - n * n).max(0.0)).sqrt());
        Aabb::of([self.centre - half, self.centre + half].iter())
    }
}

fn any_across(axis: &Vector) -> Vector {
    let least = if axis.x.abs() < 0.6 { Vector::x() } else { Vector::y() };
    axis.cross(&least).normalize()
}

/// The place nearest to `point` on the ellipse with these half axes, all in the first quadrant.
///
/// Eberly 2013, "Distance from a point to an ellipse, an ellipsoid, or a hyperellipsoid", which never fails, also for flat
/// ellipses and places on the axes; with Newton's steps instead of his bisection.
fn nearest_on_ellipse(half: [f64; 2], point: [f64; 2]) -> [f64; 2] {
    if half[0] < half[1] {
        let [y, x] = nearest_on_ellipse([half[1], half[0]], [point[1], point[0]]);
        return [x, y];
    }
    let ([e0, e1], [y0, y1]) = (half, point);
    // Nearer to an axis than numbers can tell counts as on it.
    let [y0, y1] = [(y0, e0), (y1, e1)].map(|(y, e)| if y < 1e-12 * e { 0.0 } else { y });
    if 0.0 < y1 && 0.0 < y0 {
        let (z0, z1) = (y0 / e0, y1 / e1);
        let r0 = (e0 / e1).powi(2);
        let s = root(r0, z0, z1);
        [r0 * y0 / (s + r0), y1 / (s + 1.0)]
    } else if 0.0 < y1 {
        [0.0, e1]
    } else {
        let (numerator, denominator) = (e0 * y0, e0 * e0 - e1 * e1);
        if numerator < denominator {
            let part = numerator / denominator;
            [e0 * part, e1 * (1.0 - part * part).max(0.0).sqrt()]
        } else {
            [e0, 0.0]
        }
    }
}

/// The root of (n₀/(s + r₀))² + (z₁/(s + 1))² − 1, which is convex and falls: from the left Newton's steps never go beyond it.
fn root(r0: f64, z0: f64, z1: f64) -> f64 {
    let n0 = r0 * z0;
    // Where either part alone is 1, the sum is not yet below it.
    let mut s = (z1 - 1.0).max(n0 - r0);
    for _ in 0..100 {
        let (p, q) = (n0 / (s + r0), z1 / (s + 1.0));
        let g = p * p + q * q - 1.0;
        let slope = 2.0 * (p * p / (s + r0) + q * q / (s + 1.0));
        let next = s + g / slope;
        if g <= 0.0 || next <= s {
            break;
        }
        s = next;
    }
    s
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;

    #[test]
    fn no_place_of_the_surface_is_nearer_than_the_nearest() {
        let mut rng = Rng::new(12);
        for (along_mm, across_mm) in [(25.0, 15.0), (10.0, 10.0), (8.0, 20.0), (30.0, 0.5)] {
            let axis = Vector::new(0.3, -0.8, 0.5).normalize();
            let body = Spheroid { centre: Point::new(1.0, 2.0, 3.0), axis, along_mm, across_mm };
            for n in 0..60 {
                let mut way = Vector::new(rng.normal(), rng.normal(), rng.normal()) * 14.0;
                if n % 6 == 0 {
                    way = axis * way.x;
                }
                let p = body.centre + way;
                let nearest = body.nearest(&p);
                assert!(body.implicit(&nearest).abs() < 1e-7, "{}", body.implicit(&nearest));
                let depth = body.depth_mm(&p);
                assert!(((p - nearest).norm() - depth.abs()).abs() < 1e-9);
                assert_eq!(0.0 <= depth, body.holds(&p));
                let least = body.depth_mm_at_least(&p);
                assert!(least.abs() <= depth.abs() + 1e-9 && 0.0 <= least * depth, "{least} against {depth}");
                for _ in 0..500 {
                    let unit = Vector::new(rng.normal(), rng.normal(), rng.normal()).normalize();
                    assert!(depth.abs() <= (body.stretched(&unit) - p).norm() + 1e-9);
                }
            }
            let bounds = body.bounds();
            let unit = Vector::new(rng.normal(), rng.normal(), rng.normal()).normalize();
            let p = body.stretched(&unit);
            assert!((0..3).all(|a| bounds.min[a] - 1e-9 <= p[a] && p[a] <= bounds.max[a] + 1e-9));
        }
    }

    #[test]
    fn depths_in_a_ball_are_those_of_a_ball() {
        let ball = Spheroid { centre: Point::origin(), axis: Vector::z(), along_mm: 10.0, across_mm: 10.0 };
        for p in [Point::origin(), Point::new(3.0, 0.0, 4.0), Point::new(0.0, 0.0, 10.0), Point::new(0.0, 24.0, 7.0)] {
            assert!((ball.depth_mm(&p) - (10.0 - p.coords.norm())).abs() < 1e-9, "{p}");
        }
    }
}
