//! Wall shear as a vector at every vertex of the wall, from the stress of the cells near it; made once, used for every
//! sample of a cycle.

use super::assemble::axes;
use super::domain::Domain;
use super::sample::{Fit, neighbours};
use super::simulation::State;
use crate::geom::Vector;
use nalgebra::Matrix3;
use rayon::prelude::*;

/// What turns stress in cells into shear at vertices; everything along the lattice axes.
pub(super) struct WallMap {
    /// Unit normals out of the lumen.
    normals: Vec<Vector>,
    /// Cell and share of its stress, vertex by vertex.
    shares: Vec<(u32, f32)>,
    /// Where the shares of each vertex begin, and the end.
    starts: Vec<u32>,
}

impl WallMap {
    /// The map to the vertices of the wall of `domain`: the same fit as [`super::sample_wall`]'s.
    pub fn new(domain: &Domain) -> Self {
        let cells = &domain.cells;
        let lattice_from_patient = axes(domain).transpose();
        let neighbours = neighbours(cells);
        let normals = domain.wall.vertex_normals();
        let shares = |(point, normal): (&crate::geom::Point, &Vector)| -> Vec<(u32, f32)> {
            let fit = Fit::new(cells, &neighbours, *point, *normal);
            fit.iter().flat_map(Fit::shares).map(|(cell, share)| (cell as u32, share as f32)).collect()
        };
        let of_vertices: Vec<Vec<(u32, f32)>> = domain.wall.positions().par_iter().zip(&normals).map(shares).collect();
        let mut starts = vec![0];
        for shares in &of_vertices {
            starts.push(starts[starts.len() - 1] + shares.len() as u32);
        }
        let normals = normals.iter().map(|normal| lattice_from_patient * normal).collect();
        Self { normals, shares: of_vertices.concat(), starts }
    }

    /// Wall shear at every vertex in lattice units: the tangential part of the viscous traction `σ n` of the fluid, which
    /// points against the flow. 0 without fluid nearby.
    pub fn shear(&self, states: &[State]) -> Vec<[f32; 3]> {
        let at = |vertex: usize| -> [f32; 3] {
            let (from, to) = (self.starts[vertex] as usize, self.starts[vertex + 1] as usize);
            let mut stress = [0.0_f64; 6];
            for (cell, share) in &self.shares[from..to] {
                let of_cell = &states[*cell as usize].stress;
                stress.iter_mut().zip(of_cell).for_each(|(sum, s)| *sum += f64::from(*share) * f64::from(*s));
            }
            let [xx, yy, zz, xy, xz, yz] = stress;
            let normal = self.normals[vertex];
            let traction = Matrix3::new(xx, xy, xz, xy, yy, yz, xz, yz, zz) * normal;
            (traction - normal * normal.dot(&traction)).map(|x| x as f32).into()
        };
        (0..self.normals.len()).into_par_iter().with_min_len(256).map(at).collect()
    }
}
