//! Stress and strain of a live body, for the eye: as [`super::super::stress`] has them for an accurate answer.

use super::body::Body;
use crate::biomech::material::{Law, Model};
use crate::biomech::stress::{state_of, von_mises};
use crate::geom::Vector;
use nalgebra::Matrix3;
use rayon::prelude::*;

impl Body {
    /// Von Mises stress in Pa and largest principal strain of every vertex: means of the tetrahedra around it, weighted
    /// by rest volume; 0 where a tetrahedron is inside out. Von Mises stress does not depend on the mean stress, which
    /// shows more error than the shape.
    pub fn stress_and_strain(&self) -> Vec<[f64; 2]> {
        let of_tet = |(tet, corners): (usize, &[u32; 4])| {
            let material = self.material_of(tet);
            let law = Law::new(Model::NeoHookean, &material);
            let [rest, now] = [&self.rest, &self.u].map(|of| corners.map(|v| Vector::from(of[v as usize])));
            let edges = |of: &[Vector; 4]| Matrix3::from_columns(&[of[1] - of[0], of[2] - of[0], of[3] - of[0]]);
            let shape = edges(&rest);
            let volume = shape.determinant() / 6.0;
            let Some(inverse) = shape.try_inverse() else { return [0.0; 3] };
            let state = state_of(&law, &(Matrix3::identity() + edges(&now) * inverse), Some(0.0));
            [volume, volume * von_mises(&state.cauchy_pa), volume * state.strain]
        };
        let states: Vec<[f64; 3]> = self.tets.par_iter().enumerate().with_min_len(256).map(of_tet).collect();
        let at_vertex = |v: usize| {
            let around = &self.topology.corners[self.topology.around(v)];
            let sum = around
                .iter()
                .map(|corner| states[(corner / 4) as usize])
                .fold([0.0; 3], |sum, state| std::array::from_fn(|i| sum[i] + state[i]));
            let [volume, stress, strain] = sum;
            if 0.0 < volume {
                [stress / volume, strain / volume].map(|x| if x.is_finite() { x } else { 0.0 })
            } else {
                [0.0; 2]
            }
        };
        (0..self.rest.len()).into_par_iter().with_min_len(256).map(at_vertex).collect()
    }

    fn material_of(&self, tet: usize) -> crate::biomech::Material {
        let region = self.regions[tet];
        let known = self.materials.iter().rev().find(|(own, _)| *own == region);
        known.map(|(_, material)| *material).expect("checked when the body was made")
    }
}
