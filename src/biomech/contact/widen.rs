//! The stiffness of contact in the matrix of the body: it couples vertices that share no element.

use super::nodes::Touching;
use crate::numerics::{BlockMatrix, BlockPattern};
use std::sync::Arc;

/// Pairs over those that are needed beyond which those of earlier contacts are forgotten.
const STALE: usize = 3;

/// A matrix on the pattern of the body and of its contacts. The pattern only grows until most of it is stale, so that
/// what was prepared for it can be kept while surfaces slide.
#[derive(Debug, Default)]
pub(in crate::biomech) struct Wide {
    /// Vertices that contact couples, ascending.
    pairs: Vec<[u32; 2]>,
    matrix: Option<BlockMatrix>,
}

impl Wide {
    /// The matrix, if there was any contact yet.
    pub fn matrix(&self) -> Option<&BlockMatrix> {
        self.matrix.as_ref()
    }

    /// Whether a matrix on another pattern is needed for `touching`; it is made.
    pub fn prepare(&mut self, base: &BlockMatrix, touching: &Touching) -> bool {
        let rows = base.pattern();
        let mut needed: Vec<[u32; 2]> = Vec::new();
        for node in &touching.nodes {
            for (n, a) in node.terms.iter().enumerate() {
                let others = node.terms[n + 1..].iter().map(|b| [a.vertex.min(b.vertex), a.vertex.max(b.vertex)]);
                needed.extend(others.filter(|[a, b]| rows.slot(*a as usize, *b).is_none()));
            }
        }
        needed.sort_unstable();
        needed.dedup();
        let known = |pair: &[u32; 2]| self.pairs.binary_search(pair).is_ok();
        if (self.matrix.is_some() || touching.nodes.is_empty()) && needed.iter().all(known) {
            return false;
        }
        if self.pairs.len() <= STALE * needed.len() {
            needed.extend(&self.pairs);
            needed.sort_unstable();
            needed.dedup();
        }
        let of_row = |row: usize| {
            let after = rows.neighbours(row).iter().filter(move |column| row < **column as usize);
            after.map(move |column| [row as u32, *column])
        };
        let mut all: Vec<[u32; 2]> = (0..rows.rows()).flat_map(of_row).collect();
        all.extend(&needed);
        self.pairs = needed;
        self.matrix = Some(BlockMatrix::zeros(Arc::new(BlockPattern::of_cells(rows.rows(), &all)), base.size()));
        true
    }

    /// Make it `base`, whose `held` unknowns are eliminated, plus the stiffness of `touching`; what the `step` of held
    /// unknowns does through contact moves to `rhs`.
    ///
    /// [`Self::prepare`] must have seen `touching`.
    pub fn fill(&mut self, base: &BlockMatrix, touching: &Touching, held: &[bool], step: &[f64], rhs: &mut [f64]) {
        let Some(matrix) = &mut self.matrix else { return };
        let (size, rows) = (base.size(), base.pattern());
        matrix.clear();
        for row in 0..rows.rows() {
            for column in rows.neighbours(row) {
                let slots = rows.slot(row, *column).zip(matrix.pattern().slot(row, *column));
                let (from, into) = slots.expect("a wider pattern has every block of the narrow one");
                for r in 0..size {
                    matrix.block_row_mut(row, into, r).copy_from_slice(base.block_row(row, from, r));
                }
            }
        }
        // The gain of friction by what held unknowns do stands on the other side, with the sign turned.
        let mut gain = vec![0.0; rhs.len()];
        touching.take_gain(held, true, step, &mut gain);
        rhs.iter_mut().zip(&gain).for_each(|(rhs, gain)| *rhs -= gain);
        for node in &touching.nodes {
            for a in &node.terms {
                for b in &node.terms {
                    let block = node.block(a, b);
                    let (row, column) = (a.vertex as usize, b.vertex as usize);
                    let Some(slot) = matrix.pattern().slot(row, b.vertex) else { continue };
                    for r in (0..3).filter(|r| !held[size * row + r]) {
                        let into = matrix.block_row_mut(row, slot, r);
                        for c in 0..3 {
                            if held[size * column + c] {
                                rhs[size * row + r] -= block[(r, c)] * step[size * column + c];
                            } else {
                                into[c] += block[(r, c)];
                            }
                        }
                    }
                }
            }
        }
    }
}
