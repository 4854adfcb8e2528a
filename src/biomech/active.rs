//! Stress that does not come from the law of the material: muscle that contracts, and what slow tissue remembers.

use super::assemble::Assembly;
use super::boundary::LoadCase;
use super::material::{Law, Model};
use super::stress::{ElementState, added_stress};
use crate::numerics::BlockMatrix;
use nalgebra::Matrix3;
use rayon::prelude::*;

/// A second Piola–Kirchhoff stress S that does not depend on the displacement is added to that of the law: the active
/// tension S = T f₀ ⊗ f₀, a load that grows with the others (Land et al. 2015, Proc R Soc A 471:20150641, equation
/// 2.4), and the memory of [`super::visco`]. With W the volume of an element and g_a the gradient of its corner a:
///
/// ```text
/// P = F S     σ = F S Fᵀ / J
/// force on corner a: −W F S g_a     stiffness: W (g_a · S g_b) I
/// ```
///
/// For small deformations F is the unit tensor.
impl Assembly<'_> {
    /// Tetrahedra with such stress, and S in Pa at share `load` of the load.
    fn added<'b>(&'b self, case: &'b LoadCase, load: f64) -> impl Iterator<Item = (usize, Matrix3<f64>)> + 'b {
        let any = !case.tension_pa.is_empty() || !case.memory_pa.is_empty();
        let tets = 0..if any { self.elements.len() } else { 0 };
        tets.map(move |tet| (tet, case.added_pa(tet, &self.laws[tet], load))).filter(|(_, s)| *s != Matrix3::zeros())
    }

    fn deformation(&self, tet: usize, x: &[f64]) -> Matrix3<f64> {
        if self.laws[tet].model == Model::LinearElastic {
            return Matrix3::identity();
        }
        self.elements[tet].deformation(&self.at_corners(tet, x).0)
    }

    /// Add its forces in N to `forces`, all unknowns.
    pub(super) fn add_active(&self, case: &LoadCase, load: f64, x: &[f64], forces: &mut [f64]) {
        let fields = self.fields();
        for (tet, stress) in self.added(case, load) {
            let nominal = self.deformation(tet, x) * stress * -self.elements[tet].volume_m3;
            for (vertex, gradient) in self.mesh.tets()[tet].iter().zip(&self.elements[tet].gradients) {
                let out = &mut forces[fields * *vertex as usize..][..3];
                out.iter_mut().zip((nominal * gradient).iter()).for_each(|(out, pull)| *out += pull);
            }
        }
    }

    /// Add its stiffness in N/m to `matrix`.
    pub(super) fn add_active_stiffness(&self, case: &LoadCase, load: f64, matrix: &mut BlockMatrix) {
        for (tet, stress) in self.added(case, load).filter(|(tet, _)| self.laws[*tet].model != Model::LinearElastic) {
            let corners = self.mesh.tets()[tet];
            let gradients = &self.elements[tet].gradients;
            for (n, slot) in self.slots(tet).iter().enumerate() {
                let (a, b) = (n / 4, n % 4);
                let stiffness = gradients[a].dot(&(stress * gradients[b])) * self.elements[tet].volume_m3;
                for r in 0..3 {
                    matrix.block_row_mut(corners[a] as usize, *slot as usize, r)[r] += stiffness;
                }
            }
        }
    }

    /// Add its Cauchy stress at share `load` and displacement `x` to `states`, one per tetrahedron.
    pub(super) fn add_active_stress(&self, case: &LoadCase, load: f64, x: &[f64], states: &mut [ElementState]) {
        if case.tension_pa.is_empty() && case.memory_pa.is_empty() {
            return;
        }
        states.par_iter_mut().enumerate().with_min_len(256).for_each(|(tet, state)| {
            let law = &self.laws[tet];
            state.cauchy_pa += added_stress(law, &self.deformation(tet, x), &case.added_pa(tet, law, load));
        });
    }
}

impl LoadCase {
    /// S of one tetrahedron at share `load` of the load, Pa.
    fn added_pa(&self, tet: usize, law: &Law, load: f64) -> Matrix3<f64> {
        let tension = self.tension_pa.get(tet).copied().unwrap_or(0.0);
        let memory = self.memory_pa.get(tet).copied().unwrap_or_default();
        active_pa(law, load * tension) + memory
    }
}

/// T f₀ ⊗ f₀, Pa.
pub fn active_pa(law: &Law, tension_pa: f64) -> Matrix3<f64> {
    law.fibre.along * law.fibre.along.transpose() * tension_pa
}
