//! What carries: the cells of a flow as finite volumes, with fluxes through their faces that lose nothing.

use super::super::cells::Cells;
use super::super::lattice::C;
use super::super::result::{FlowResult, OpeningFlow};
use super::error::ScalarError;
use super::project;
use crate::base::Progress;
use crate::geom::Vector;
use rayon::prelude::*;

/// What is beyond a face where no cell is: a wall, or an opening through which fluid comes in or goes out. Numbers below
/// all of these are cells.
pub(super) const WALL: u32 = u32::MAX;
pub(super) const INWARD: u32 = u32::MAX - 1;
pub(super) const OUTWARD: u32 = u32::MAX - 2;
/// An outlet through which fluid comes back in, with nothing in it.
pub(super) const CLEAR: u32 = u32::MAX - 3;
/// Cells a thread takes at a time.
pub(super) const CELLS_A_TASK: usize = 4096;
/// Cells in a block of a sum.
pub(super) const BLOCK: usize = 1 << 14;

/// An opening of the lumen, and what flows through it.
#[derive(Debug, Clone, PartialEq)]
pub struct Port {
    /// What people call it.
    pub name: String,
    /// Whether what is injected comes in here.
    pub is_inlet: bool,
    /// Volume flow into the lumen in m³/s, negative out of it.
    pub inflow_m3_s: f64,
}

/// A face at an opening.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mouth {
    pub cell: u32,
    pub face: u8,
    pub port: u8,
}

/// The cells of a flow with what flows through each of their faces. Faces are in the order −x, +x, −y, +y, −z, +z of the
/// lattice; face `n ^ 1` is opposite to face `n`.
#[derive(Debug, Clone, PartialEq)]
pub struct Carrier {
    /// The cell beyond each face, or [`WALL`], [`INWARD`], [`OUTWARD`], [`CLEAR`].
    pub(super) around: Vec<[u32; 6]>,
    /// Volume flow out through each face, m³/s; of two cells exactly opposite numbers at their common face.
    pub(super) out: Vec<[f64; 6]>,
    pub(super) mouths: Vec<Mouth>,
    pub(super) ports: Vec<Port>,
    pub(super) cell_m: f64,
    corrected: f64,
}

impl Carrier {
    /// The fluxes of a computed flow: means of the velocities on both sides of a face, corrected as little as needed so
    /// that as much goes out of every cell as comes in. Outlets are scaled to what comes in.
    ///
    /// # Errors
    /// [`ScalarError`] if nothing flows, an opening touches no cell, or somebody cancelled.
    pub fn of(flow: &FlowResult, progress: &Progress) -> Result<Self, ScalarError> {
        progress.check()?;
        let cells = &flow.cells;
        let cell_m = 1e-3 * cells.cell_mm();
        let ports: Vec<Port> = flow.openings.iter().map(port).collect();
        let into = || ports.iter().filter(|port| 0.0 < port.inflow_m3_s);
        let flow_ml_s = into().map(|port| 1e6 * port.inflow_m3_s).sum::<f64>();
        if !(flow_ml_s.is_finite() && 0.0 < flow_ml_s) {
            return Err(ScalarError::Still { inlets: into().count(), flow_ml_s });
        }
        let (mut around, mouths) = neighbours(cells, &flow.openings);
        for mouth in &mouths {
            let port = &ports[usize::from(mouth.port)];
            around[mouth.cell as usize][usize::from(mouth.face)] = match (0.0 < port.inflow_m3_s, port.is_inlet) {
                (true, true) => INWARD,
                (true, false) => CLEAR,
                (false, _) => OUTWARD,
            };
        }
        for (n, port) in ports.iter().enumerate() {
            if port.inflow_m3_s != 0.0 && !mouths.iter().any(|mouth| usize::from(mouth.port) == n) {
                return Err(ScalarError::NoMouth(port.name.clone()));
            }
        }
        let axes = cells.grid().step() / cells.cell_mm();
        let along = |cell: usize| axes.transpose() * Vector::from(flow.velocity_m_s[cell].map(f64::from));
        let area = cell_m * cell_m;
        let flux = |cell: usize| -> [f64; 6] {
            let own = along(cell);
            std::array::from_fn(|face| {
                let sign = if face % 2 == 0 { -1.0 } else { 1.0 };
                match around[cell][face] {
                    WALL => 0.0,
                    INWARD | OUTWARD | CLEAR => sign * area * own[face / 2],
                    other => sign * area * (0.5 * (own[face / 2] + along(other as usize)[face / 2])),
                }
            })
        };
        let out: Vec<[f64; 6]> = (0..cells.len()).into_par_iter().with_min_len(CELLS_A_TASK).map(flux).collect();
        let mut carrier = Self { around, out, mouths, ports, cell_m, corrected: 0.0 };
        let speed = |u: &[f32; 3]| u.iter().map(|u| f64::from(*u).powi(2)).sum::<f64>().sqrt();
        let speeds: Vec<f64> = flow.velocity_m_s.iter().map(speed).collect();
        carrier.corrected = project::balance(&mut carrier, &speeds, progress)?;
        if carrier.inflow_m3_s() <= 0.0 {
            return Err(ScalarError::NoWay { flow_ml_s });
        }
        Ok(carrier)
    }

    /// All of `cells` without openings, with known fluxes: `out(cell, face)` in m³/s must be opposite on the two sides of
    /// a face, 0 at walls, and sum to 0 over the faces of a cell.
    pub(in super::super) fn closed(cells: &Cells, cell_m: f64, out: impl Fn(usize, usize) -> f64) -> Self {
        let (around, mouths) = neighbours(cells, &[]);
        let out = (0..cells.len()).map(|cell| std::array::from_fn(|face| out(cell, face))).collect();
        Self { around, out, mouths, ports: Vec::new(), cell_m, corrected: 0.0 }
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.around.len()
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.around.is_empty()
    }

    /// The openings in the order of the flow, with flows that sum to 0.
    pub fn ports(&self) -> &[Port] {
        &self.ports
    }

    /// Volume of a cell in m³.
    pub fn cell_m3(&self) -> f64 {
        self.cell_m.powi(3)
    }

    /// Volume of all cells in m³.
    pub fn volume_m3(&self) -> f64 {
        self.len() as f64 * self.cell_m3()
    }

    /// What comes in through all openings, m³/s.
    pub fn inflow_m3_s(&self) -> f64 {
        self.ports.iter().map(|port| port.inflow_m3_s.max(0.0)).sum()
    }

    /// Mean transit time of what comes in, s: volume over flow, whatever the path (Meier and Zierler 1954, J. Appl.
    /// Physiol. 6:731).
    pub fn transit_s(&self) -> f64 {
        self.volume_m3() / self.inflow_m3_s()
    }

    /// By what share the fluxes were corrected so that they lose nothing.
    pub fn corrected(&self) -> f64 {
        self.corrected
    }

    /// Largest sum of the fluxes out of a cell over the largest flux there is: 0 but for rounding.
    pub fn imbalance(&self) -> f64 {
        let largest = self.out.iter().flatten().fold(0.0_f64, |largest, out| largest.max(out.abs()));
        let sum = |out: &[f64; 6]| out.iter().sum::<f64>().abs();
        if largest == 0.0 { 0.0 } else { self.out.iter().map(sum).fold(0.0, f64::max) / largest }
    }
}

fn port(flow: &OpeningFlow) -> Port {
    let is_inlet = flow.opening.kind.is_inlet();
    Port { name: flow.opening.name.clone(), is_inlet, inflow_m3_s: 1e-6 * flow.inflow_ml_s }
}

/// The cells beyond the faces of each cell, and the faces at openings, which count as [`WALL`] here: those whose other
/// side lies beyond the plane of an opening, within its reach.
fn neighbours(cells: &Cells, openings: &[OpeningFlow]) -> (Vec<[u32; 6]>, Vec<Mouth>) {
    let beside = |cell: usize, face: usize| {
        let [x, y, z] = cells.place(cell);
        let [dx, dy, dz] = C[direction(face)];
        [x + dx, y + dy, z + dz]
    };
    let of_cell = |cell: usize| -> [u32; 6] {
        std::array::from_fn(|face| cells.at(beside(cell, face)).map_or(WALL, |other| other as u32))
    };
    let around: Vec<[u32; 6]> = (0..cells.len()).into_par_iter().with_min_len(CELLS_A_TASK).map(of_cell).collect();
    let slack_mm = 2.0 * cells.cell_mm();
    let mut mouths = Vec::new();
    for (cell, own) in around.iter().enumerate() {
        for face in (0..6).filter(|face| own[*face] == WALL) {
            let (inside, outside) = (cells.centre(cell), {
                let place = beside(cell, face).map(f64::from);
                cells.grid().patient_from_index(Vector::from(place))
            });
            let through = |flow: &OpeningFlow| {
                let opening = &flow.opening;
                let beyond = opening.beyond_mm(&outside);
                let aside = (outside - opening.centre - opening.normal * beyond).norm();
                opening.beyond_mm(&inside) < 0.0 && 0.0 <= beyond && aside <= opening.reach_mm + slack_mm
            };
            if let Some(port) = openings.iter().position(through) {
                mouths.push(Mouth { cell: cell as u32, face: face as u8, port: port as u8 });
            }
        }
    }
    (around, mouths)
}

/// The direction of the lattice through a face.
fn direction(face: usize) -> usize {
    // Directions 1 and 2 are +x and −x, and so on.
    1 + (face ^ 1)
}
