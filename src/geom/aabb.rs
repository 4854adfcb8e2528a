//! Axis-aligned boxes.

use super::{Point, Vector};

/// An axis-aligned box in patient space (mm); empty when a minimum exceeds its maximum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aabb {
    /// The corner with the smallest coordinates.
    pub min: Point,
    /// The corner with the largest coordinates.
    pub max: Point,
}

impl Aabb {
    /// The box of no points: the neutral element of [`Aabb::including`].
    pub const EMPTY: Self = Self {
        min: Point::new(f64::INFINITY, f64::INFINITY, f64::INFINITY),
        max: Point::new(f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY),
    };

    /// The smallest box around `points`.
    pub fn of<'a>(points: impl IntoIterator<Item = &'a Point>) -> Self {
        points.into_iter().fold(Self::EMPTY, |all, point| all.including(point))
    }

    /// The smallest box around this one and `point`.
    #[must_use]
    pub fn including(self, point: &Point) -> Self {
        Self { min: self.min.inf(point), max: self.max.sup(point) }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        (0..3).any(|axis| self.max[axis] < self.min[axis])
    }

    /// Whether `point` lies in it, border included.
    pub fn contains(&self, point: &Point) -> bool {
        (0..3).all(|axis| self.min[axis] <= point[axis] && point[axis] <= self.max[axis])
    }

    /// The middle.
    pub fn centre(&self) -> Point {
        nalgebra::center(&self.min, &self.max)
    }

    /// The edge lengths in mm.
    pub fn size(&self) -> Vector {
        self.max - self.min
    }
}
