//! The equations of a body of quadratic elements, as Newton's iteration asks for them.

use super::loads::QuadraticCase;
use super::{Quadratic, face, unknowns_of};
use crate::base::parallel::sum_blocks;
use crate::biomech::assemble::{InvertedTet, eliminate};
use crate::biomech::element::tet10::{Block, UNKNOWNS};
use crate::biomech::problem::{LinearSolver, TissueError};
use crate::biomech::solver::Solver;
use crate::biomech::system::System;
use crate::geom::{Point, Vector};
use crate::numerics::{BlockMatrix, BlockPattern, Symbolic, nested_dissection};
use rayon::prelude::*;
use std::sync::Arc;

/// Elements whose matrices are in memory at one time: 256 × 9 KiB.
const BATCH: usize = 256;

impl System for Quadratic<'_> {
    type Case = QuadraticCase;

    fn unknowns(&self) -> usize {
        self.pattern.rows()
    }

    fn zeros(&self) -> BlockMatrix {
        BlockMatrix::zeros(Arc::clone(&self.pattern), 1)
    }

    /// A factorisation, whatever the choice: there is no preconditioner for these elements yet.
    fn solver(&self, _: LinearSolver) -> Result<Solver, TissueError> {
        let graph = BlockPattern::of_cells(self.nodes_m.len(), &self.cells);
        let coordinates: Vec<[f64; 3]> = self.nodes_m.iter().map(|x| [x.x, x.y, x.z]).collect();
        let vertices = self.assembly.mesh.positions().len() as u32;
        let nodes = self.nodes_m.len() as u32;
        let mixed = self.mixed();
        // A pressure comes after the displacement of its vertex, which makes its pivot more than the compressibility.
        let of_node = |node: u32| {
            let pressure = (mixed && node < vertices).then_some(3 * nodes + node);
            [3 * node, 3 * node + 1, 3 * node + 2].into_iter().chain(pressure)
        };
        let order: Vec<u32> = nested_dissection(&coordinates, &graph).into_iter().flat_map(of_node).collect();
        Ok(Solver::Direct { symbolic: Arc::new(Symbolic::new(&self.pattern, 1, &order)?), factor: None })
    }

    fn held(&self, case: &QuadraticCase) -> Vec<bool> {
        let loose = |v: usize| self.assembly.tets_of(v).next().is_none();
        let vertices = self.assembly.mesh.positions().len();
        let of_unknown = |(n, imposed): (usize, &Option<f64>)| imposed.is_some() || (n / 3 < vertices && loose(n / 3));
        let pressures = 0..if self.mixed() { vertices } else { 0 };
        case.imposed_m.iter().enumerate().map(of_unknown).chain(pressures.map(loose)).collect()
    }

    fn impose(&self, case: &QuadraticCase, load: f64, x: &mut [f64]) {
        x.iter_mut().zip(&case.imposed_m).for_each(|(x, imposed)| *x = imposed.map_or(*x, |value| load * value));
    }

    fn is_pressure(&self, n: usize) -> bool {
        3 * self.nodes_m.len() <= n
    }

    fn force_per_volume(&self) -> f64 {
        self.assembly.mean_force_per_volume()
    }

    fn internal(&self, x: &[f64]) -> Result<Vec<f64>, InvertedTet> {
        let forces = |tet: usize| {
            let (u, p) = self.at_nodes(tet, x);
            self.elements[tet].forces(&self.assembly.laws[tet], &u, p.as_ref())
        };
        let parts: Vec<Option<[f64; UNKNOWNS]>> = (0..self.elements.len()).into_par_iter().map(forces).collect();
        let mut sum = vec![0.0; x.len()];
        for (tet, part) in parts.iter().enumerate() {
            let part = part.as_ref().ok_or(InvertedTet(tet))?;
            let own = unknowns_of(&self.cells[tet], self.nodes_m.len());
            own.iter().zip(part).take(self.per_element()).for_each(|(n, f)| sum[*n as usize] += f);
        }
        Ok(sum)
    }

    fn external(&self, case: &QuadraticCase, load: f64, x: &[f64]) -> Vec<f64> {
        let mut forces = vec![0.0; x.len()];
        forces.iter_mut().zip(&case.force_n).for_each(|(out, force)| *out = load * force);
        let mut add = |node: u32, force: &Vector| {
            (0..3).for_each(|i| forces[3 * node as usize + i] += force[i]);
        };
        for (nodes, pa) in &case.follower {
            let shares = face::forces_n(&self.face_m(nodes, x), load * pa);
            nodes.iter().zip(&shares).for_each(|(node, share)| add(*node, share));
        }
        for (tet, pa) in self.active(case, load) {
            let pulls = self.elements[tet].active_forces(&self.assembly.laws[tet], pa, &self.at_nodes(tet, x).0);
            self.cells[tet].iter().zip(&pulls).for_each(|(node, pull)| add(*node, pull));
        }
        forces
    }

    fn stiffness(
        &self,
        case: &QuadraticCase,
        load: f64,
        x: &[f64],
        held: &[bool],
        step: &[f64],
        matrix: &mut BlockMatrix,
        rhs: &mut [f64],
    ) -> Result<(), InvertedTet> {
        matrix.clear();
        let tension = |tet: usize| load * case.tension_pa.get(tet).copied().unwrap_or(0.0);
        for first in (0..self.elements.len()).step_by(BATCH) {
            let batch = first..(first + BATCH).min(self.elements.len());
            let block = |tet: usize| self.element_stiffness(tet, tension(tet), x);
            let blocks: Vec<Option<Block>> = batch.clone().into_par_iter().map(block).collect();
            for (tet, block) in batch.zip(&blocks) {
                self.add_block(tet, block.as_ref().ok_or(InvertedTet(tet))?, matrix);
            }
        }
        for (nodes, pa) in &case.follower {
            let blocks = face::stiffness(&self.face_m(nodes, x), load * pa);
            for (a, b) in (0..face::NODES * face::NODES).map(|n| (n / face::NODES, n % face::NODES)) {
                for (i, k) in (0..9).map(|n| (n / 3, n % 3)) {
                    let (row, column) = (3 * nodes[a] as usize + i, 3 * nodes[b] + k as u32);
                    let Some(slot) = self.pattern.slot(row, column) else { continue };
                    matrix.block_row_mut(row, slot, 0)[0] += blocks[a][b][(i, k)];
                }
            }
        }
        eliminate(&self.pattern, 1, held, step, matrix, rhs);
        Ok(())
    }

    fn has_contact(&self, _: &QuadraticCase) -> bool {
        false
    }

    fn rest_mm(&self, vertex: usize) -> Point {
        self.assembly.mesh.positions()[vertex]
    }

    fn rounding_n(&self, x: &[f64]) -> f64 {
        let square = |tet: usize| {
            let (law, edge_m) = (&self.assembly.laws[tet], self.assembly.elements[tet].volume_m3.cbrt());
            let moved_m = self.at_nodes(tet, x).0.iter().map(|u| u.norm()).fold(0.0, f64::max);
            ((law.mu_pa + law.bulk_pa) * edge_m * moved_m).powi(2)
        };
        sum_blocks(self.elements.len(), 2048, |range| range.map(square).sum()).sqrt()
    }

    fn centre_mm(&self, tet: usize) -> Point {
        self.assembly.middle_mm(tet)
    }
}
