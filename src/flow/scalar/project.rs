//! Fluxes that lose nothing: a potential takes away what would gather in cells.

use super::carrier::{BLOCK, CELLS_A_TASK, CLEAR, Carrier, OUTWARD};
use super::error::ScalarError;
use crate::base::Progress;
use crate::base::parallel::sum_blocks;
use crate::numerics::cg::cg;
use rayon::prelude::*;

/// What may be left of the imbalance by conjugate gradients; the rest goes along a tree.
const TOLERANCE: f64 = 1e-9;
/// More iterations than cells lie along any vessel.
const ITERATIONS_MAX: usize = 20_000;
/// Part of the mean speed that every face is taken to have: at rest corrections cost much, but are not impossible.
const REST: f64 = 0.05;

/// Correct the fluxes of `carrier` so that every cell gives as much as it gets; gives the share by which they changed.
///
/// ```text
/// F = F₀ − w (φ_j − φ_i)        Σ_faces F = 0 in every cell
/// ```
///
/// The weight w is the mean of the speeds on both sides: of all corrections that balance, this one is the least in the
/// sum of (F − F₀)²/w, so that layers at rest stay nearly at rest. Openings keep the flow they have; those of a part of
/// the lumen without both a way in and a way out let nothing through.
pub(super) fn balance(carrier: &mut Carrier, speeds: &[f64], progress: &Progress) -> Result<f64, ScalarError> {
    let n = carrier.len();
    let tree = Tree::of(carrier);
    open(carrier, &tree.part);
    let mean = sum_blocks(n, BLOCK, |range| range.map(|cell| speeds[cell]).sum()) / n as f64;
    let floor = (REST * mean).max(f64::MIN_POSITIVE);
    let around = &carrier.around;
    let weight = |cell: usize, face: usize| match around[cell][face] {
        CLEAR.. => 0.0,
        other => 0.5 * (speeds[cell] + speeds[other as usize]) + floor,
    };
    let row = |cell: usize, x: &[f64]| -> f64 {
        let term = |face: usize| match around[cell][face] {
            CLEAR.. => 0.0,
            other => weight(cell, face) * (x[cell] - x[other as usize]),
        };
        (0..6).map(term).sum()
    };
    let diagonal = |cell: usize| (0..6).map(|face| weight(cell, face)).sum::<f64>().max(floor);
    let diagonal: Vec<f64> = (0..n).into_par_iter().with_min_len(CELLS_A_TASK).map(diagonal).collect();
    let missing: Vec<f64> = carrier.out.iter().map(|out| -out.iter().sum::<f64>()).collect();
    let mut potential = vec![0.0; n];
    let apply = |x: &[f64], y: &mut [f64]| {
        y.par_iter_mut().with_min_len(CELLS_A_TASK).enumerate().for_each(|(cell, y)| *y = row(cell, x));
    };
    let end = cg(apply, &diagonal, missing, &mut potential, TOLERANCE, ITERATIONS_MAX, progress)?;
    if !end.converged {
        return Err(ScalarError::Unbalanced { iterations: end.iterations, residual: end.residual });
    }
    let before = carrier.out.clone();
    carrier.out.par_iter_mut().with_min_len(CELLS_A_TASK).enumerate().for_each(|(cell, out)| {
        for (face, out) in out.iter_mut().enumerate() {
            if around[cell][face] < CLEAR {
                *out -= weight(cell, face) * (potential[around[cell][face] as usize] - potential[cell]);
            }
        }
    });
    tree.clear(around, &mut carrier.out);
    let sum = |of: &(dyn Fn(usize, usize) -> f64 + Sync)| {
        sum_blocks(n, BLOCK, |range| {
            range.flat_map(|cell| (0..6).map(move |face| (cell, face))).map(|(c, f)| of(c, f)).sum()
        })
    };
    let changed = sum(&|cell, face| (carrier.out[cell][face] - before[cell][face]).abs());
    let all = sum(&|cell, face| before[cell][face].abs());
    Ok(if 0.0 < all { changed / all } else { 0.0 })
}

/// Give the faces at openings the flow of their opening, spread as the velocity is; in every part of the lumen as much
/// goes out as comes in.
fn open(carrier: &mut Carrier, part: &[u32]) {
    let parts = part.iter().max().map_or(0, |last| *last as usize + 1);
    let mut raw: Vec<f64> = Vec::with_capacity(carrier.mouths.len());
    let mut sums = vec![(0.0, 0.0); carrier.ports.len()];
    for mouth in &carrier.mouths {
        let port = usize::from(mouth.port);
        let sign = if 0.0 < carrier.ports[port].inflow_m3_s { -1.0 } else { 1.0 };
        let flux = (sign * carrier.out[mouth.cell as usize][usize::from(mouth.face)]).max(0.0);
        raw.push(flux);
        sums[port] = (sums[port].0 + flux, sums[port].1 + 1.0);
    }
    let mut totals = vec![[0.0; 2]; parts];
    for (mouth, flux) in carrier.mouths.iter().zip(&mut raw) {
        let (sum, count) = sums[usize::from(mouth.port)];
        let share = if 0.0 < sum { *flux / sum } else { 1.0 / count };
        let inflow = carrier.ports[usize::from(mouth.port)].inflow_m3_s;
        *flux = -share * inflow;
        totals[part[mouth.cell as usize] as usize][usize::from(*flux < 0.0)] += flux.abs();
    }
    carrier.ports.iter_mut().for_each(|port| port.inflow_m3_s = 0.0);
    for (mouth, flux) in carrier.mouths.iter().zip(raw) {
        let [gone, come] = totals[part[mouth.cell as usize] as usize];
        let through = 0.0 < gone && 0.0 < come;
        let flux = if !through {
            0.0
        } else if flux < 0.0 {
            flux
        } else {
            flux * (come / gone)
        };
        carrier.out[mouth.cell as usize][usize::from(mouth.face)] = flux;
        carrier.ports[usize::from(mouth.port)].inflow_m3_s -= flux;
    }
}

/// A tree over the faces of each connected part of the lumen.
struct Tree {
    /// Cells, parents before children.
    order: Vec<u32>,
    /// The face towards the parent; that of an outlet of a root, and 6 of a root without one.
    parent: Vec<u8>,
    /// Which part each cell belongs to.
    part: Vec<u32>,
}

impl Tree {
    fn of(carrier: &Carrier) -> Self {
        let around = &carrier.around;
        let n = around.len();
        let (mut order, mut parent, mut part) = (Vec::with_capacity(n), vec![6_u8; n], vec![u32::MAX; n]);
        let outlets = carrier.mouths.iter().map(|mouth| (mouth.cell as usize, mouth.face));
        let outlets = outlets.filter(|(cell, face)| around[*cell][usize::from(*face)] == OUTWARD);
        let mut parts = 0;
        for (root, outlet) in outlets.chain((0..n).map(|cell| (cell, 6))) {
            if part[root] != u32::MAX {
                continue;
            }
            (part[root], parent[root]) = (parts, outlet);
            let mut next = order.len();
            order.push(root as u32);
            while next < order.len() {
                let cell = order[next] as usize;
                next += 1;
                for (face, other) in around[cell].iter().enumerate() {
                    if *other < CLEAR && part[*other as usize] == u32::MAX {
                        part[*other as usize] = parts;
                        parent[*other as usize] = (face ^ 1) as u8;
                        order.push(*other);
                    }
                }
            }
            parts += 1;
        }
        Self { order, parent, part }
    }

    /// Send what is left in each cell to its parent, from the leaves on, and out of the root: afterwards nothing is left
    /// but rounding.
    fn clear(&self, around: &[[u32; 6]], out: &mut [[f64; 6]]) {
        for cell in self.order.iter().rev().map(|cell| *cell as usize) {
            let face = usize::from(self.parent[cell]);
            if face == 6 {
                continue;
            }
            let left: f64 = out[cell].iter().sum();
            out[cell][face] -= left;
            if around[cell][face] < CLEAR {
                // The two sides of a face stay exactly opposite.
                out[around[cell][face] as usize][face ^ 1] = -out[cell][face];
            }
        }
    }
}
