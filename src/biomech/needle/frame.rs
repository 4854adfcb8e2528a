//! The planned line as a frame: along it, and two ways across.

use crate::biomech::units::{offset_m, offset_mm};
use crate::geom::{Point, Vector};
use nalgebra::{Matrix3, Matrix3x2, Vector2};

/// Origin at the entry, first axis along the planned line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// Where the needle enters, mm.
    pub entry_mm: Point,
    /// Along the planned line, a unit vector.
    pub along: Vector,
    /// Two unit vectors across, as columns.
    pub across: Matrix3x2<f64>,
}

impl Frame {
    /// The frame of the line from `entry_mm` to `target_mm`, which must be apart.
    pub fn new(entry_mm: Point, target_mm: &Point) -> Self {
        let along = (target_mm - entry_mm).normalize();
        let aside = if along.x.abs() < 0.6 { Vector::x() } else { Vector::y() };
        let first = along.cross(&aside).normalize();
        Self { entry_mm, along, across: Matrix3x2::from_columns(&[first, along.cross(&first)]) }
    }

    /// A place `along_m` behind the entry and `across_m` beside the line.
    pub fn place_mm(&self, along_m: f64, across_m: &Vector2<f64>) -> Point {
        self.entry_mm + offset_mm(&(self.along * along_m + self.across * across_m))
    }

    /// A vector's part across the line.
    pub fn across(&self, vector: &Vector) -> Vector2<f64> {
        self.across.transpose() * vector
    }

    /// Where a place lies: how far behind the entry and beside the line, m.
    pub fn coordinates_m(&self, place: &Point) -> (f64, Vector2<f64>) {
        let offset = offset_m(&(place - self.entry_mm));
        (offset.dot(&self.along), self.across(&offset))
    }

    /// The part of a compliance that links motion along to a force along, m/N.
    pub fn along_along(&self, compliance: &Matrix3<f64>) -> f64 {
        self.along.dot(&(compliance * self.along))
    }
}
