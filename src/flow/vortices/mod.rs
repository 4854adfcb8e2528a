//! Vortices of a computed flow: vorticity, Q, helicity, and surfaces around what turns.

mod bulk;
mod gradient;
mod surface;

pub use bulk::Bulk;
pub use gradient::Gradient;
pub use surface::{Vortex, VortexSurface};

use super::cells::Cells;
use super::result::FlowResult;
use crate::base::{Cancelled, Progress};
use crate::geom::Vector;
use rayon::prelude::*;

/// Cells of a block of work.
const BLOCK: usize = 8192;
/// Nearer to the plane of an opening than this many cells, differences carry the error of the opening.
const OPENING_CELLS: f64 = 4.0;

/// What turns in a flow, cell by cell.
#[derive(Debug, Clone)]
pub struct Vortices {
    /// Q = ½(‖Ω‖² − ‖S‖²) of each cell in 1/s²; see [`Gradient::q_per_s2`].
    pub q_per_s2: Vec<f32>,
    /// Vorticity of each cell in 1/s along the patient axes.
    pub vorticity_per_s: Vec<[f32; 3]>,
    /// Rate of shear γ̇ = √(2 S:S) of each cell in 1/s.
    pub rate_per_s: Vec<f32>,
    /// Whether a cell lies away from walls and openings: with a neighbour over each of its six faces, and four cells from
    /// the plane of an opening, where the speed may be 5 % off.
    pub is_deep: Vec<bool>,
    /// Share of the cells whose gradient is not of second order: fewer than three cells in a row.
    pub coarse: f64,
}

impl Vortices {
    /// The vortices of `result`.
    ///
    /// # Errors
    /// [`Cancelled`] if `progress` was cancelled.
    pub fn of(result: &FlowResult, progress: &Progress) -> Result<Self, Cancelled> {
        let mut all = Self::of_cells(&result.cells, &result.velocity_m_s, progress)?;
        let near_mm = OPENING_CELLS * result.cells.cell_mm();
        let is_at_opening = |cell: usize| {
            let centre = result.cells.centre(cell);
            let mut openings = result.openings.iter().map(|flow| &flow.opening);
            openings.any(|o| -near_mm < o.beyond_mm(&centre) && (centre - o.centre).norm() <= o.reach_mm.max(near_mm))
        };
        all.is_deep.par_iter_mut().enumerate().for_each(|(cell, deep)| *deep = *deep && !is_at_opening(cell));
        Ok(all)
    }

    /// The same from velocities in m/s along the patient axes.
    pub(super) fn of_cells(cells: &Cells, velocity_m_s: &[[f32; 3]], progress: &Progress) -> Result<Self, Cancelled> {
        type Local = (f32, [f32; 3], f32, bool, u8);
        let of_cell = |cell: usize| -> Local {
            let gradient = Gradient::at(cells, velocity_m_s, cell);
            let vorticity = gradient.vorticity_per_s().map(|x| x as f32).into();
            let (q, rate) = (gradient.q_per_s2() as f32, gradient.rate_per_s() as f32);
            (q, vorticity, rate, is_deep(cells, cell), gradient.order)
        };
        let of_block = |block: usize| {
            progress.check()?;
            Ok((block * BLOCK..cells.len().min((block + 1) * BLOCK)).map(of_cell).collect())
        };
        let blocks = (0..cells.len().div_ceil(BLOCK)).into_par_iter().map(of_block);
        let blocks: Vec<Vec<Local>> = blocks.collect::<Result<_, Cancelled>>()?;
        let mut all = Self {
            q_per_s2: Vec::with_capacity(cells.len()),
            vorticity_per_s: Vec::with_capacity(cells.len()),
            rate_per_s: Vec::with_capacity(cells.len()),
            is_deep: Vec::with_capacity(cells.len()),
            coarse: 0.0,
        };
        let mut coarse = 0;
        for (q, vorticity, rate, is_deep, order) in blocks.into_iter().flatten() {
            all.q_per_s2.push(q);
            all.vorticity_per_s.push(vorticity);
            all.rate_per_s.push(rate);
            all.is_deep.push(is_deep);
            coarse += usize::from(order < 2);
        }
        all.coarse = coarse as f64 / cells.len().max(1) as f64;
        Ok(all)
    }

    /// Helicity density u · ω of a cell in m/s².
    pub fn helicity_m_s2(&self, velocity_m_s: &[[f32; 3]], cell: usize) -> f64 {
        let [u, vorticity] = [velocity_m_s[cell], self.vorticity_per_s[cell]].map(|v| Vector::from(v.map(f64::from)));
        u.dot(&vorticity)
    }

    /// The Q that is reached in `share` of the volume away from walls and openings, 1/s².
    pub fn q_of_share(&self, share: f64) -> f64 {
        let mut deep: Vec<f32> =
            self.q_per_s2.iter().zip(&self.is_deep).filter(|(_, deep)| **deep).map(|(q, _)| *q).collect();
        let Some(last) = deep.len().checked_sub(1) else { return 0.0 };
        let from_top = ((share.clamp(0.0, 1.0) * deep.len() as f64) as usize).min(last);
        f64::from(*deep.select_nth_unstable_by(last - from_top, f32::total_cmp).1)
    }
}

/// Cosine of the angle between velocity and vorticity: the local normalised helicity, −1 to 1 (Levy, Degani and Seginer
/// 1990, AIAA J. 28:1347); 0 where either is next to nothing.
pub fn normalised_helicity(velocity: &Vector, vorticity: &Vector) -> f64 {
    let size = velocity.norm() * vorticity.norm();
    if 0.0 < size { (velocity.dot(vorticity) / size).clamp(-1.0, 1.0) } else { 0.0 }
}

/// Whether a cell has a neighbour over each of its six faces.
fn is_deep(cells: &Cells, cell: usize) -> bool {
    let place = cells.place(cell);
    (0..6).all(|n| {
        let mut to = place;
        to[n / 2] += if n % 2 == 0 { 1 } else { -1 };
        cells.at(to).is_some()
    })
}
