//! Rigid instruments and what they do to the surface: pressing, and rubbing along it.
//!
//! Every boundary triangle in reach has a spring from its deepest point to the surface of the tool, stiff against the
//! tissue and implicit like everything else. Friction is Coulomb's, with the normal force of the last frame and the
//! direction in which the tissue was going, and viscous below a creep speed ([`CREEP_M_S`]): what rests on a slope creeps
//! at most that fast.

use crate::geom::{Point, Vector};

/// Speed of rubbing below which friction falls off linearly, m/s.
pub const CREEP_M_S: f64 = 1e-3;

/// The outside of a tool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// A ball; its place is the centre.
    Sphere {
        /// Radius, mm.
        radius_mm: f64,
    },
    /// A shaft with round ends; its place is the centre of the tip's ball.
    Capsule {
        /// Radius, mm.
        radius_mm: f64,
        /// From the centre of the tip's ball to that of the other end, mm.
        shaft_mm: Vector,
    },
    /// Everything behind a plane; its place is any point on it.
    Plane {
        /// Towards the tissue; of any length.
        normal: Vector,
    },
}

/// A rigid tool where the hand wants it in this frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tool {
    /// Its outside.
    pub shape: Shape,
    /// Where it is, mm.
    pub place_mm: Point,
    /// Coulomb's coefficient, 1; wet steel on serosa has about 0.05 to 0.3.
    pub friction: f64,
}

impl Tool {
    /// A ball of `radius_mm` at `place_mm` without friction.
    pub fn sphere(place_mm: Point, radius_mm: f64) -> Self {
        Self { shape: Shape::Sphere { radius_mm }, place_mm, friction: 0.0 }
    }

    /// Whether all numbers are numbers.
    pub(in crate::biomech) fn is_finite(&self) -> bool {
        let shape = match self.shape {
            Shape::Sphere { radius_mm } => radius_mm.is_finite(),
            Shape::Capsule { radius_mm, shaft_mm } => radius_mm.is_finite() && shaft_mm.norm_squared().is_finite(),
            Shape::Plane { normal } => normal.norm_squared().is_finite() && 0.0 < normal.norm_squared(),
        };
        shape && self.friction.is_finite() && self.place_mm.coords.norm_squared().is_finite()
    }

    /// The farthest it may go in one frame without passing through what it should push, mm.
    pub(super) fn stride_mm(&self) -> f64 {
        match self.shape {
            Shape::Sphere { radius_mm } | Shape::Capsule { radius_mm, .. } => 0.5 * radius_mm.max(0.1),
            Shape::Plane { .. } => 10.0,
        }
    }
}

/// A tool in metres, where it is in this frame and how far it came.
#[derive(Debug, Clone, Copy)]
pub(in crate::biomech) struct Placed {
    pub kind: Kind,
    pub place: Vector,
    /// Movement since the start of the frame, m.
    pub moved: Vector,
    /// Coulomb's coefficient, 1.
    pub friction: f64,
}

#[derive(Debug, Clone, Copy)]
pub(in crate::biomech) enum Kind {
    Round { radius: f64, shaft: Vector },
    Flat { normal: Vector },
}

impl Placed {
    pub fn new(tool: &Tool, place_mm: &Point, moved_mm: &Vector) -> Self {
        let kind = match tool.shape {
            Shape::Sphere { radius_mm } => Kind::Round { radius: 1e-3 * radius_mm, shaft: Vector::zeros() },
            Shape::Capsule { radius_mm, shaft_mm } => Kind::Round { radius: 1e-3 * radius_mm, shaft: 1e-3 * shaft_mm },
            Shape::Plane { normal } => Kind::Flat { normal: normal.normalize() },
        };
        Self { kind, place: 1e-3 * place_mm.coords, moved: 1e-3 * moved_mm, friction: tool.friction.max(0.0) }
    }

    /// A tool that is not there, so that the others keep their numbers.
    pub fn nowhere() -> Self {
        let kind = Kind::Round { radius: 0.0, shaft: Vector::zeros() };
        Self { kind, place: Vector::repeat(1e9), moved: Vector::zeros(), friction: 0.0 }
    }

    /// How far `point` is from the tool, m; 0 or less inside.
    fn distance(&self, point: &Vector) -> f64 {
        match self.kind {
            Kind::Round { radius, shaft } => (point - on_axis(&self.place, &shaft, point)).norm() - radius,
            Kind::Flat { normal } => (point - self.place).dot(&normal),
        }
    }

    /// Whether a ball of radius `reach` around `point` may touch the tool at or before this place in this frame.
    pub fn may_touch(&self, point: &Vector, reach: f64) -> bool {
        self.distance(point) <= reach + self.moved.norm()
    }

    /// How far the tool can go along `way`, m, before it meets a ball of radius `reach` around `point`; infinite where
    /// the ball is beside or behind.
    pub fn clear(&self, way: &Vector, point: &Vector, reach: f64) -> f64 {
        let ahead = way / way.norm();
        match self.kind {
            // A shaft that moves sideways sweeps a parallelogram; five balls stand for it.
            Kind::Round { radius, shaft } => {
                let ball = |share: &f64| {
                    let arm = point - self.place - shaft * *share;
                    let along = arm.dot(&ahead);
                    let wide = radius + reach + 0.125 * shaft.norm();
                    let beside = arm.norm_squared() - along * along;
                    // What lies at the side of a tool that is drawn back does not hold it.
                    if along <= 0.25 * radius || wide * wide <= beside {
                        return f64::INFINITY;
                    }
                    (along - (wide * wide - beside).sqrt()).max(0.0)
                };
                [0.0, 0.25, 0.5, 0.75, 1.0].iter().map(ball).fold(f64::INFINITY, f64::min)
            }
            Kind::Flat { normal } => {
                let speed = ahead.dot(&normal);
                let gap = (point - self.place).dot(&normal) - reach;
                if speed <= 0.0 { f64::INFINITY } else { (gap / speed).max(0.0) }
            }
        }
    }
}

pub(super) fn on_axis(tip: &Vector, shaft: &Vector, point: &Vector) -> Vector {
    let square = shaft.norm_squared();
    let share = if 0.0 < square { ((point - tip).dot(shaft) / square).clamp(0.0, 1.0) } else { 0.0 };
    tip + shaft * share
}
