//! Shapes given by formulas: a number at every point, negative inside.
//!
//! Every value is a *bound*: no point closer than `|value|` mm lies on the other side of the surface. That is what
//! lets the painter skip whole boxes of voxels. Smooth unions and the like keep the bound, since their gradient is a
//! mixture of the gradients of their parts (each of length 1 at most).

use super::Tube;
use crate::geom::{Aabb, Point, Vector};
use nalgebra::{Matrix3, Rotation3};

/// A solid in patient space (LPS, mm).
#[derive(Debug, Clone)]
pub enum Shape {
    /// All of space.
    Everything,
    /// A ball squeezed along three axes.
    Ellipsoid {
        /// The middle.
        centre: Point,
        /// Maps the offset from the middle to the unit ball.
        ball_from_patient: Matrix3<f64>,
        /// The smallest half axis in mm.
        radius_mm_min: f64,
    },
    /// An endless rounded-oval column along z, half way between an ellipse and a box with round corners.
    Oval {
        /// x and y of its axis.
        centre: [f64; 2],
        /// Half widths along x and y in mm.
        radii_mm: [f64; 2],
        /// How it narrows.
        waist: Waist,
    },
    /// A tube around a centre line.
    Tube(Tube),
    /// The points `p` with `(p − point) · normal ≤ 0`; `normal` has length 1.
    HalfSpace {
        /// A point of the border.
        point: Point,
        /// Outward unit normal.
        normal: Vector,
    },
    /// A cuboid along the axes with round edges.
    RoundBox {
        /// The middle.
        centre: Point,
        /// Half edge lengths in mm, rounding included.
        half_mm: Vector,
        /// Radius of the edges in mm.
        rounding_mm: f64,
    },
    /// Everything in any of the parts, with fillets of about `blend_mm` where they meet.
    Union(Vec<Shape>, f64),
    /// Everything in all of the parts, with edges rounded by about `blend_mm`.
    Intersection(Vec<Shape>, f64),
    /// The first without the second, with edges rounded by about `blend_mm`.
    Difference(Box<Shape>, Box<Shape>, f64),
    /// The shape grown by so many mm (shrunk where negative).
    Grown(Box<Shape>, f64),
}

/// How an [`Shape::Oval`] narrows: its half widths are multiplied by `1 − depth exp(−((z − z₀)/height)²)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waist {
    /// Where it is narrowest (z in mm).
    pub z_mm: f64,
    /// Half height of the narrowing in mm, more than 0.
    pub height_mm: f64,
    /// The part of the width lost at the narrowest place, 0 to 0.5.
    pub depth: f64,
}

impl Waist {
    /// No narrowing.
    pub const NONE: Self = Self { z_mm: 0.0, height_mm: 1.0, depth: 0.0 };

    fn scale(self, z: f64) -> f64 {
        if self.depth == 0.0 { 1.0 } else { 1.0 - self.depth * (-((z - self.z_mm) / self.height_mm).powi(2)).exp() }
    }

    /// How much steeper than 1 an oval of half width `width_mm` may get: √(1 + slope²).
    fn stretch(self, width_mm: f64) -> f64 {
        // The scale changes fastest at (z − z₀)/height = 1/√2, by depth/height √(2/e).
        let slope_squared = (width_mm * self.depth / self.height_mm).powi(2) * (2.0 / std::f64::consts::E);
        (1.0 + slope_squared).sqrt()
    }
}

impl Shape {
    /// A ball.
    pub fn ball(centre: Point, radius_mm: f64) -> Self {
        Self::ellipsoid(centre, [radius_mm; 3], Rotation3::identity())
    }

    /// An ellipsoid with half axes `radii_mm` along x, y, z, then turned by `turn` about its middle.
    pub fn ellipsoid(centre: Point, radii_mm: [f64; 3], turn: Rotation3<f64>) -> Self {
        let shrink = Matrix3::from_diagonal(&Vector::from(radii_mm.map(|radius| 1.0 / radius)));
        let radius_mm_min = radii_mm.into_iter().fold(f64::INFINITY, f64::min);
        Self::Ellipsoid { centre, ball_from_patient: shrink * turn.matrix().transpose(), radius_mm_min }
    }

    /// Everything on the side of `point` that `normal` does not point to; `normal` need not have length 1.
    pub fn half_space(point: Point, normal: Vector) -> Self {
        Self::HalfSpace { point, normal: normal.normalize() }
    }

    /// The column without what lies below `z_mm[0]` or above `z_mm[1]`.
    #[must_use]
    pub fn between(self, z_mm: [f64; 2], blend_mm: f64) -> Self {
        let below = Self::half_space(Point::new(0.0, 0.0, z_mm[1]), Vector::z());
        let above = Self::half_space(Point::new(0.0, 0.0, z_mm[0]), -Vector::z());
        Self::Intersection(vec![self, below, above], blend_mm)
    }

    /// This shape and `other`.
    #[must_use]
    pub fn with(self, other: Self, blend_mm: f64) -> Self {
        Self::Union(vec![self, other], blend_mm)
    }

    /// This shape where `other` is too.
    #[must_use]
    pub fn within(self, other: Self, blend_mm: f64) -> Self {
        Self::Intersection(vec![self, other], blend_mm)
    }

    /// This shape without `other`.
    #[must_use]
    pub fn without(self, other: Self, blend_mm: f64) -> Self {
        Self::Difference(Box::new(self), Box::new(other), blend_mm)
    }

    /// This shape with its surface moved outward by `mm`.
    #[must_use]
    pub fn grown(self, mm: f64) -> Self {
        let thicker = if let Self::Tube(tube) = &self { tube.grown(mm) } else { None };
        thicker.map_or_else(|| Self::Grown(Box::new(self), mm), Self::Tube)
    }

    /// Negative inside, positive outside, 0 on the surface; its size never exceeds the distance to the surface in mm.
    pub fn distance_mm(&self, p: &Point) -> f64 {
        match self {
            Self::Everything => f64::NEG_INFINITY,
            Self::Ellipsoid { centre, ball_from_patient, radius_mm_min } => {
                ((ball_from_patient * (p - centre)).norm() - 1.0) * radius_mm_min
            }
            Self::Oval { centre, radii_mm, waist } => {
                let (u, v) = ((p.x - centre[0]) / radii_mm[0], (p.y - centre[1]) / radii_mm[1]);
                let (uu, vv) = (u * u, v * v);
                // A mean of two norms is a norm, and this one is at most |p| / the smaller half width.
                let norm = 0.5 * ((uu + vv).sqrt() + (uu * uu + vv * vv).sqrt().sqrt());
                let width = radii_mm[0].min(radii_mm[1]);
                (norm - waist.scale(p.z)) * width / waist.stretch(width)
            }
            Self::Tube(tube) => tube.distance_mm(p),
            Self::HalfSpace { point, normal } => (p - point).dot(normal),
            Self::RoundBox { centre, half_mm, rounding_mm } => {
                let beyond = (p - centre).abs() - half_mm.add_scalar(-*rounding_mm);
                beyond.sup(&Vector::zeros()).norm() + beyond.max().min(0.0) - rounding_mm
            }
            Self::Union(parts, blend_mm) => {
                parts.iter().map(|part| part.distance_mm(p)).fold(f64::INFINITY, |a, b| smooth_min(a, b, *blend_mm))
            }
            Self::Intersection(parts, blend_mm) => {
                -parts.iter().map(|part| -part.distance_mm(p)).fold(f64::INFINITY, |a, b| smooth_min(a, b, *blend_mm))
            }
            Self::Difference(whole, taken, blend_mm) => {
                -smooth_min(-whole.distance_mm(p), taken.distance_mm(p), *blend_mm)
            }
            Self::Grown(shape, mm) => shape.distance_mm(p) - mm,
        }
    }

    /// Whether `p` lies in the shape.
    pub fn contains(&self, p: &Point) -> bool {
        match self {
            Self::Tube(tube) => tube.contains(p),
            // A smooth minimum is at most the minimum, a smooth maximum at least the maximum: one part may decide.
            Self::Union(parts, blend_mm) => {
                let mut least = f64::INFINITY;
                parts.iter().any(|part| {
                    least = smooth_min(least, part.distance_mm(p), *blend_mm);
                    least < 0.0
                })
            }
            Self::Intersection(parts, blend_mm) => {
                let mut least = f64::INFINITY;
                parts.iter().all(|part| {
                    least = smooth_min(least, -part.distance_mm(p), *blend_mm);
                    0.0 < least
                })
            }
            Self::Difference(whole, taken, blend_mm) => {
                let inside = -whole.distance_mm(p);
                0.0 < inside && 0.0 < smooth_min(inside, taken.distance_mm(p), *blend_mm)
            }
            _ => self.distance_mm(p) < 0.0,
        }
    }

    /// A box around the shape; unlimited sides are infinite.
    pub fn bounds(&self) -> Aabb {
        self.bounds_below(0.0)
    }

    /// A box around the points whose value is below `level_mm`: since values are bounds only, that may be far outside.
    fn bounds_below(&self, level_mm: f64) -> Aabb {
        const INFINITE: f64 = f64::INFINITY;
        let boxed = |centre: Point, half: Vector| Aabb { min: centre - half, max: centre + half };
        match self {
            Self::Everything | Self::HalfSpace { .. } => boxed(Point::origin(), Vector::repeat(INFINITE)),
            Self::Ellipsoid { centre, ball_from_patient, radius_mm_min } => {
                // The half width along an axis is the length of that row of the map from the ball.
                let patient_from_ball = ball_from_patient.try_inverse().unwrap_or_else(Matrix3::zeros);
                let scale = (1.0 + level_mm / radius_mm_min).max(0.0);
                boxed(*centre, Vector::from_fn(|axis, _| patient_from_ball.row(axis).norm() * scale))
            }
            Self::Oval { centre, radii_mm, waist } => {
                let width = radii_mm[0].min(radii_mm[1]);
                let scale = (1.0 + level_mm / width * waist.stretch(width)).max(0.0);
                boxed(
                    Point::new(centre[0], centre[1], 0.0),
                    Vector::new(radii_mm[0] * scale, radii_mm[1] * scale, INFINITE),
                )
            }
            Self::Tube(tube) => tube.bounds(level_mm),
            Self::RoundBox { centre, half_mm, .. } => boxed(*centre, half_mm.add_scalar(level_mm)),
            Self::Union(parts, blend_mm) => {
                // Fillets lower the value by at most a quarter of the blend for every further part.
                let level_mm = level_mm + 0.25 * blend_mm * parts.len().saturating_sub(1) as f64;
                let all = parts.iter().map(|part| part.bounds_below(level_mm));
                all.fold(Aabb::EMPTY, |a, b| Aabb { min: a.min.inf(&b.min), max: a.max.sup(&b.max) })
            }
            Self::Intersection(parts, _) => {
                let all = boxed(Point::origin(), Vector::repeat(INFINITE));
                let parts = parts.iter().map(|part| part.bounds_below(level_mm));
                parts.fold(all, |a, b| Aabb { min: a.min.sup(&b.min), max: a.max.inf(&b.max) })
            }
            Self::Difference(whole, ..) => whole.bounds_below(level_mm),
            Self::Grown(shape, mm) => shape.bounds_below(level_mm + mm),
        }
    }

    /// A simpler shape with the same surface inside the ball of `reach_mm` around `centre`.
    #[must_use]
    pub fn near(&self, centre: &Point, reach_mm: f64) -> Self {
        self.simplified(centre, reach_mm, 0.0)
    }

    /// As [`Shape::near`], and with the same values wherever they lie within `slack_mm` of 0.
    ///
    /// A blend of width k between two values depends on a value only where that is less than k below the other, and
    /// adds at most k/4; so a part must be known 5/4 k deeper than the whole for every other part it is blended with.
    fn simplified(&self, centre: &Point, reach_mm: f64, slack_mm: f64) -> Self {
        match self {
            Self::Tube(tube) => Self::Tube(tube.near(centre, reach_mm)),
            Self::Union(parts, blend_mm) | Self::Intersection(parts, blend_mm) => {
                let is_union = matches!(self, Self::Union(..));
                let deeper = |n: usize| slack_mm + 1.25 * blend_mm * n as f64;
                let far_mm = reach_mm + deeper(parts.len());
                // Far outside, a part adds nothing to a union; far inside, it takes nothing from an intersection.
                let matters = |part: &&Self| {
                    let value = part.distance_mm(centre);
                    if is_union { value <= far_mm } else { -far_mm <= value }
                };
                let kept: Vec<&Self> = parts.iter().filter(matters).collect();
                let slack_mm = deeper(kept.len().saturating_sub(1));
                let mut kept: Vec<Self> = kept.iter().map(|part| part.simplified(centre, reach_mm, slack_mm)).collect();
                match (kept.len(), is_union) {
                    (0, _) => self.clone(),
                    (1, _) => kept.swap_remove(0),
                    (_, true) => Self::Union(kept, *blend_mm),
                    (_, false) => Self::Intersection(kept, *blend_mm),
                }
            }
            Self::Difference(whole, taken, blend_mm) => {
                if reach_mm + slack_mm + blend_mm < taken.distance_mm(centre) {
                    return whole.simplified(centre, reach_mm, slack_mm);
                }
                let slack_mm = slack_mm + 1.25 * blend_mm;
                let taken = taken.simplified(centre, reach_mm, slack_mm);
                whole.simplified(centre, reach_mm, slack_mm).without(taken, *blend_mm)
            }
            Self::Grown(shape, mm) => shape.simplified(centre, reach_mm, slack_mm + mm.abs()).grown(*mm),
            _ => self.clone(),
        }
    }
}

/// The smaller of the two, rounded over a zone where they differ by less than `k` (quadratic polynomial, Quilez 2013).
fn smooth_min(a: f64, b: f64, k: f64) -> f64 {
    if k <= (a - b).abs() || k <= 0.0 {
        return a.min(b);
    }
    let overlap = k - (a - b).abs();
    a.min(b) - overlap * overlap / (4.0 * k)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::image::phantom::TubePoint;

    fn shapes() -> Vec<Shape> {
        let egg = Shape::ellipsoid(
            Point::new(3.0, -4.0, 5.0),
            [30.0, 12.0, 20.0],
            Rotation3::from_euler_angles(0.3, 0.5, -0.2),
        );
        let column = Shape::Oval {
            centre: [1.0, 2.0],
            radii_mm: [40.0, 25.0],
            waist: Waist { z_mm: 5.0, height_mm: 30.0, depth: 0.2 },
        };
        let line = (0..40).map(|n| f64::from(n) * 1.5 - 30.0);
        let tube = Tube::swept(
            line.map(|z| TubePoint::new(Point::new(0.1 * z, 8.0 * (z / 20.0).sin(), z), 7.0 + 3.0 * (z / 10.0).cos())),
        );
        let tube = Shape::Tube(tube);
        let brick = Shape::RoundBox { centre: Point::origin(), half_mm: Vector::new(20.0, 5.0, 9.0), rounding_mm: 2.0 };
        let carved = egg.clone().with(tube.clone(), 9.0).without(brick.clone(), 4.0).within(column.clone(), 6.0);
        vec![
            egg,
            column.between([-20.0, 25.0], 3.0),
            tube.clone(),
            brick,
            carved.clone(),
            carved.grown(-1.5),
            tube.clone().grown(2.5),
            tube.grown(-8.0),
        ]
    }

    /// A bound that is too large would punch holes into organs, silently.
    #[test]
    fn values_never_exceed_the_distance_to_the_surface() {
        let mut rng = Rng::new(5);
        let mut place =
            |size: f64| Vector::new(rng.between(-size, size), rng.between(-size, size), rng.between(-size, size));
        for (index, shape) in shapes().iter().enumerate() {
            for _ in 0..4000 {
                let (p, step) = (Point::from(place(45.0)), place(8.0));
                let [here, there] = [p, p + step].map(|p| shape.distance_mm(&p));
                // Far from a tube its box is the bound, which may jump to a better one.
                let change = if here.max(there) < 30.0 { (there - here).abs() } else { 0.0 };
                assert!(
                    change <= step.norm() * (1.0 + 1e-9),
                    "shape {index} at {p}: {change} mm over {} mm",
                    step.norm()
                );
            }
        }
    }

    #[test]
    fn near_a_place_the_simpler_shape_is_the_same() {
        let mut rng = Rng::new(8);
        let mut place =
            |size: f64| Vector::new(rng.between(-size, size), rng.between(-size, size), rng.between(-size, size));
        for (index, shape) in shapes().iter().enumerate() {
            for _ in 0..300 {
                let (centre, reach_mm) = (Point::from(place(40.0)), 6.0);
                let near = shape.near(&centre, reach_mm);
                for _ in 0..20 {
                    let p = centre + place(reach_mm / 3.0_f64.sqrt());
                    assert_eq!(near.contains(&p), shape.contains(&p), "shape {index} at {p}");
                    let bounds = shape.bounds();
                    assert!(!shape.contains(&p) || bounds.contains(&p), "shape {index} leaves its box at {p}");
                }
            }
        }
    }

    #[test]
    fn a_smooth_union_holds_both_parts_and_meets_them_far_from_the_seam() {
        let (a, b) = (Shape::ball(Point::origin(), 10.0), Shape::ball(Point::new(15.0, 0.0, 0.0), 10.0));
        let both = a.clone().with(b.clone(), 6.0);
        let seam = Point::new(7.5, 7.0, 0.0);
        assert!(!a.contains(&seam) && !b.contains(&seam) && both.contains(&seam));
        let far = Point::new(-12.0, 0.0, 0.0);
        assert_eq!(both.distance_mm(&far), a.distance_mm(&far));
    }
}
