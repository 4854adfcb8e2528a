//! What a flow computation gives: speed, pressure and stress in every cell, and what follows from them.

use super::cells::Cells;
use super::opening::Opening;
use crate::base::{ContentHash, ContentHasher};
use crate::geom::{Point, Vector};
use crate::mesh::{Field, Surface};
use std::sync::Arc;

/// An opening and what flowed through it.
#[derive(Debug, Clone, PartialEq)]
pub struct OpeningFlow {
    /// Where and what.
    pub opening: Opening,
    /// Flow into the lumen in ml/s, negative out of it.
    pub inflow_ml_s: f64,
    /// Mean gauge pressure in the cells at the opening, Pa.
    pub pressure_pa: f64,
}

/// The way of a particle without mass.
#[derive(Debug, Clone, PartialEq)]
pub struct Streamline {
    /// Places (LPS, mm).
    pub points: Vec<Point>,
    /// Speed at each place in m/s.
    pub speed_m_s: Vec<f32>,
    /// Time since the inlet at each place in s.
    pub time_s: Vec<f32>,
}

/// Steady flow in a lumen. Cloning shares the arrays.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowResult {
    /// Where the cells are.
    pub cells: Arc<Cells>,
    /// Velocity of each cell in m/s along the patient axes (LPS).
    pub velocity_m_s: Arc<Vec<[f32; 3]>>,
    /// Gauge pressure of each cell in Pa.
    pub pressure_pa: Arc<Vec<f32>>,
    /// Viscous stress of each cell in Pa along the patient axes: xx, yy, zz, xy, xz, yz.
    pub stress_pa: Arc<Vec<[f32; 6]>>,
    /// The wall, open at the openings.
    pub wall: Surface,
    /// On the vertices of the wall: pressure (Pa), wall shear (Pa), speed near the wall (m/s).
    pub wall_fields: Vec<Field>,
    /// The openings in the order of the set-up, without those left out.
    pub openings: Vec<OpeningFlow>,
    /// Streamlines from the inlets.
    pub streamlines: Arc<Vec<Streamline>>,
}

impl FlowResult {
    /// Velocity at a point in m/s (trilinear, at rest beyond the wall); `None` outside the fluid.
    pub fn velocity_at(&self, point: Point) -> Option<Vector> {
        let mut velocity = Vector::zeros();
        for (cell, weight) in self.around(point)? {
            velocity += Vector::from(self.velocity_m_s[cell].map(f64::from)) * weight;
        }
        Some(velocity)
    }

    /// Gauge pressure at a point in Pa, trilinear over the cells around it; none outside the fluid.
    pub fn pressure_at(&self, point: Point) -> Option<f64> {
        let (mut sum, mut known) = (0.0, 0.0);
        for (cell, weight) in self.around(point)? {
            sum += weight * f64::from(self.pressure_pa[cell]);
            known += weight;
        }
        (0.0 < known).then(|| sum / known)
    }

    /// The cells around a point with their trilinear weights, which sum to 1 away from walls; none outside the fluid.
    pub(super) fn around(&self, point: Point) -> Option<impl Iterator<Item = (usize, f64)> + '_> {
        let index = self.cells.grid().index_from_patient(point);
        self.cells.at(index.map(|x| (x + 0.5).floor() as i32).into())?;
        let lower = index.map(f64::floor);
        let part = index - lower;
        Some((0..8_usize).filter_map(move |n| {
            let step = [n & 1, n >> 1 & 1, n >> 2 & 1];
            let place: [i32; 3] = std::array::from_fn(|a| lower[a] as i32 + step[a] as i32);
            let weight: f64 = (0..3).map(|a| if step[a] == 1 { part[a] } else { 1.0 - part[a] }).product();
            self.cells.at(place).map(|cell| (cell, weight))
        }))
    }

    /// The hash of everything in it.
    pub fn content_hash(&self) -> ContentHash {
        let mut hasher = ContentHasher::default();
        self.cells.grid().hash_into(&mut hasher);
        hasher.array(self.cells.offsets()).array(self.velocity_m_s.as_flattened());
        hasher.array(&self.pressure_pa).array(self.stress_pa.as_flattened());
        hasher.text(&self.wall.content_hash().to_hex());
        for field in &self.wall_fields {
            field.hash_into(&mut hasher);
        }
        for OpeningFlow { opening, inflow_ml_s, pressure_pa } in &self.openings {
            hasher.text(&opening.name).real(*inflow_ml_s).real(*pressure_pa);
        }
        for Streamline { points, speed_m_s, time_s } in self.streamlines.iter() {
            hasher.array(speed_m_s).array(time_s);
            for point in points {
                hasher.array(point.coords.as_slice());
            }
        }
        hasher.finish()
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        let fields: usize = self.wall_fields.iter().map(|field| size_of_val(field.values.as_slice())).sum();
        let lines: usize = self.streamlines.iter().map(|line| line.points.len() * (size_of::<Point>() + 8)).sum();
        self.cells.bytes() + self.velocity_m_s.len() * (12 + 4 + 24) + self.wall.bytes() + fields + lines
    }
}
