//! Cells and faces of all vessels, one after the other.

use super::network::Network;
use std::f64::consts::PI;

/// Where a vessel lies in the arrays, and numbers that hold all along it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// First cell.
    pub first: usize,
    /// Cells.
    pub count: usize,
    /// First face; there is one more than cells.
    pub face: usize,
    /// Length of a cell in m.
    pub dx: f64,
    /// α.
    pub momentum: f64,
    /// 2 (ζ + 2) π μ/ρ in m²/s.
    pub friction: f64,
    /// Whether wall and area are the same all along.
    pub is_uniform: bool,
    /// Whether there are losses besides friction.
    pub has_losses: bool,
    /// Pressure in Pa at the reference area.
    pub reference: f64,
}

/// Wall at cells and faces.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    pub spans: Vec<Span>,
    /// √A₀ of the cells in m.
    pub root: Vec<f64>,
    /// β/A₀ of the cells in Pa/m.
    pub stiffness: Vec<f64>,
    /// √A₀ at the faces.
    pub face_root: Vec<f64>,
    /// β/A₀ at the faces.
    pub face_stiffness: Vec<f64>,
    /// Linear and quadratic losses per length.
    pub losses: Vec<[f64; 2]>,
    /// Density in kg/m³.
    pub density: f64,
}

/// Fewest cells of a vessel: with fewer there are no slopes.
const CELLS_MIN: usize = 2;

impl Grid {
    /// Cells no longer than `cell_m`, but at least two a vessel.
    pub fn new(network: &Network, cell_m: f64) -> Self {
        let fluid = network.fluid();
        let mut grid = Self {
            spans: Vec::new(),
            root: Vec::new(),
            stiffness: Vec::new(),
            face_root: Vec::new(),
            face_stiffness: Vec::new(),
            losses: Vec::new(),
            density: fluid.density_kg_m3,
        };
        for segment in network.segments() {
            let count = ((segment.length_m / cell_m - 1e-9).ceil() as usize).max(CELLS_MIN);
            let dx = segment.length_m / count as f64;
            grid.spans.push(Span {
                first: grid.root.len(),
                count,
                face: grid.face_root.len(),
                dx,
                momentum: segment.profile.momentum,
                friction: 2.0 * (segment.profile.order + 2.0) * PI * fluid.viscosity_pa_s / fluid.density_kg_m3,
                is_uniform: segment.sections.len() == 1,
                has_losses: !segment.losses.is_empty(),
                reference: segment.reference_pressure_pa,
            });
            for n in 0..count {
                let [root, stiffness] = segment.wall((n as f64 + 0.5) * dx);
                grid.root.push(root);
                grid.stiffness.push(stiffness);
                grid.losses.push(segment.loss(n as f64 * dx, (n + 1) as f64 * dx));
            }
            for n in 0..=count {
                let [root, stiffness] = segment.wall(n as f64 * dx);
                grid.face_root.push(root);
                grid.face_stiffness.push(stiffness);
            }
        }
        grid
    }

    pub fn cells(&self) -> usize {
        self.root.len()
    }

    /// Areas of all cells at one pressure in Pa; not a number where the vessel would be collapsed.
    pub fn areas_at(&self, pressure: f64) -> Vec<f64> {
        let mut areas = Vec::with_capacity(self.cells());
        for span in &self.spans {
            areas.extend((span.first..span.first + span.count).map(|n| {
                let root = (pressure - span.reference) / self.stiffness[n] + self.root[n];
                if 0.0 < root { root * root } else { f64::NAN }
            }));
        }
        areas
    }
}
