//! The tetrahedron with four vertices: constant gradients, and optionally a pressure at the vertices.

use crate::biomech::material::{Law, Local};
use crate::biomech::problem::Formulation;
use crate::geom::Vector;
use nalgebra::Matrix3;

/// Numbers of one element vector: displacement x, y, z and pressure of each corner in turn.
pub const UNKNOWNS: usize = 16;
/// Numbers per corner.
pub const PER_CORNER: usize = 4;
/// One element matrix, row by row.
pub type Block = [[f64; UNKNOWNS]; UNKNOWNS];

/// Weight α of the pressure stabilisation; 1 as in the source, never tuned to a problem.
const STABILISATION: f64 = 1.0;

/// A tetrahedron at rest, and the two ways it can carry volume.
///
/// *Displacement*: the energy is W ψ(F). Correct, but stiffer than the truth where ν approaches 0.5 ("locking").
///
/// *Mixed*: linear displacement and continuous linear pressure p (Pa, tension positive), stabilised by the projection
/// of Dohrmann and Bochev (2004, "A stabilized finite element method for the Stokes problem based on polynomial pressure
/// projections", Int J Numer Meth Fluids 46:183): stationary point of
///
/// ```text
/// Π(u, p) = Σ W [ψ_shape(F) + p̄ θ(F)] − 1/2K ∫ p² − α/2μ ∫ (p − p̄)²       p̄ the mean of p over the element
/// ```
///
/// The last term vanishes with the mesh size and for constant pressure, so patch tests stay exact. Free of locking
/// up to ν = 0.4999.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tet4 {
    /// Shape gradients ∇N at rest, 1/m.
    pub gradients: [Vector; 4],
    /// Volume at rest W, m³.
    pub volume_m3: f64,
}

#[expect(non_snake_case, reason = "symbols as in the formulas above")]
impl Tet4 {
    /// The element with corners at `x` in metres, positively oriented.
    pub fn new(x: [Vector; 4]) -> Self {
        let (a, b, c) = (x[1] - x[0], x[2] - x[0], x[3] - x[0]);
        let six = a.dot(&b.cross(&c));
        let (ga, gb, gc) = (b.cross(&c) / six, c.cross(&a) / six, a.cross(&b) / six);
        Self { gradients: [-(ga + gb + gc), ga, gb, gc], volume_m3: six / 6.0 }
    }

    /// F = I + Σ u_a ⊗ ∇N_a.
    #[inline]
    pub fn deformation(&self, u_m: &[Vector; 4]) -> Matrix3<f64> {
        let mut F = Matrix3::identity();
        for (u, G) in u_m.iter().zip(&self.gradients) {
            F += u * G.transpose();
        }
        F
    }

    /// First Piola–Kirchhoff stress with the pressure that `formulation` gives, Pa.
    pub fn stress<L: Local>(&self, local: &L, law: &Law, formulation: Formulation, p: &[f64; 4]) -> Matrix3<f64> {
        local.shape_stress() + pressure(local, law, formulation, p) * local.theta_gradient()
    }

    /// Derivative of the energy: nodal forces in N, and for *Mixed* the volume equation of each corner in m³.
    pub fn forces<L: Local>(&self, local: &L, law: &Law, formulation: Formulation, p: &[f64; 4]) -> [f64; UNKNOWNS] {
        let W = self.volume_m3;
        let P = self.stress(local, law, formulation, p);
        let mut forces = [0.0; UNKNOWNS];
        for (out, G) in forces.chunks_exact_mut(PER_CORNER).zip(&self.gradients) {
            out[..3].copy_from_slice((P * G * W).as_slice());
        }
        if formulation.has_pressure() {
            let (mean, same, other) =
                (local.theta() * W / 4.0, self.compliance(law, true), self.compliance(law, false));
            let sum: f64 = p.iter().sum();
            for (out, p) in forces.chunks_exact_mut(PER_CORNER).zip(p) {
                out[3] = mean - (same - other) * p - other * sum;
            }
        }
        forces
    }

    /// ∫ (M/K + α S/μ): how much volume a unit of corner pressure buys, for a corner with itself or with another.
    fn compliance(&self, law: &Law, same: bool) -> f64 {
        let mass = self.volume_m3 / if same { 10.0 } else { 20.0 };
        mass / law.bulk_pa + STABILISATION * (mass - self.volume_m3 / 16.0) / law.mu_pa
    }

    /// Second derivative of the energy: symmetric, N/m, m² and m³/Pa.
    pub fn stiffness<L: Local>(&self, local: &L, law: &Law, formulation: Formulation, p: &[f64; 4]) -> Block {
        let W = self.volume_m3;
        let pressure = pressure(local, law, formulation, p);
        let cofactor = local.theta_gradient();
        let c = self.gradients.map(|G| cofactor * G);
        let mut block = [[0.0; UNKNOWNS]; UNKNOWNS];
        for a in 0..4 {
            for b in a..4 {
                let (Ga, Gb) = (&self.gradients[a], &self.gradients[b]);
                let mut pair = local.pair_shape(Ga, Gb) + pressure * local.pair_theta(Ga, Gb);
                if !formulation.has_pressure() {
                    pair += law.bulk_pa * c[a] * c[b].transpose();
                }
                for i in 0..3 {
                    for k in 0..3 {
                        block[PER_CORNER * a + i][PER_CORNER * b + k] = W * pair[(i, k)];
                        block[PER_CORNER * b + k][PER_CORNER * a + i] = W * pair[(i, k)];
                    }
                }
            }
        }
        if formulation.has_pressure() {
            for a in 0..4 {
                for b in 0..4 {
                    for i in 0..3 {
                        block[PER_CORNER * a + i][PER_CORNER * b + 3] = W / 4.0 * c[a][i];
                        block[PER_CORNER * b + 3][PER_CORNER * a + i] = W / 4.0 * c[a][i];
                    }
                    block[PER_CORNER * a + 3][PER_CORNER * b + 3] = -self.compliance(law, a == b);
                }
            }
        }
        block
    }
}

/// The pressure that multiplies ∂θ/∂F, Pa, tension positive.
fn pressure<L: Local>(local: &L, law: &Law, formulation: Formulation, p: &[f64; 4]) -> f64 {
    if formulation.has_pressure() { p.iter().sum::<f64>() / 4.0 } else { law.bulk_pa * local.theta() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biomech::material::{Fibre, Guccione, Hyperelastic, Model, linear, neo_hookean};

    fn element() -> Tet4 {
        Tet4::new([[0.1, 0.0, 0.0], [1.0, 0.2, 0.1], [0.0, 0.9, -0.1], [0.2, 0.1, 1.1]].map(Vector::from))
    }

    fn state(shift: Option<(usize, f64)>) -> ([Vector; 4], [f64; 4]) {
        let mut all: [f64; UNKNOWNS] = std::array::from_fn(|n| 0.1 * (n as f64 * 1.7).sin());
        (0..4).for_each(|a| all[4 * a + 3] *= 500.0);
        if let Some((n, h)) = shift {
            all[n] += h;
        }
        let corner = |a: usize| Vector::new(all[4 * a], all[4 * a + 1], all[4 * a + 2]);
        (std::array::from_fn(corner), std::array::from_fn(|a| all[4 * a + 3]))
    }

    #[test]
    fn gradients_reproduce_linear_functions() {
        let element = element();
        let slope = Matrix3::new(0.1, 0.2, 0.3, -0.4, 0.5, 0.6, 0.7, 0.8, -0.9);
        let corners = [[0.1, 0.0, 0.0], [1.0, 0.2, 0.1], [0.0, 0.9, -0.1], [0.2, 0.1, 1.1]].map(Vector::from);
        let found = element.deformation(&corners.map(|x| slope * x)) - Matrix3::identity();
        assert!((found - slope).norm() < 1e-14);
    }

    fn check<L: Local>(law: Law, at: impl Fn(&Matrix3<f64>) -> L) {
        let element = element();
        for formulation in [Formulation::Displacement, Formulation::Mixed] {
            let forces = |shift| {
                let (u, p) = state(shift);
                element.forces(&at(&element.deformation(&u)), &law, formulation, &p)
            };
            let (u, p) = state(None);
            let stiffness = element.stiffness(&at(&element.deformation(&u)), &law, formulation, &p);
            for column in 0..UNKNOWNS {
                let h = if column % 4 == 3 { 1e-3 } else { 1e-6 };
                let (plus, minus) = (forces(Some((column, h))), forces(Some((column, -h))));
                for row in 0..UNKNOWNS {
                    let difference = (plus[row] - minus[row]) / (2.0 * h);
                    let error = (stiffness[row][column] - difference).abs();
                    assert!(
                        error < 1e-4 * (1.0 + difference.abs() * 1e-3),
                        "{formulation:?} {row},{column}: {error:e}"
                    );
                }
            }
        }
    }

    #[test]
    fn stiffness_is_the_derivative_of_force() {
        let law = |model| Law {
            model,
            mu_pa: 1700.0,
            bulk_pa: 16_000.0,
            shape: Hyperelastic::Guccione(Guccione { c_pa: 500.0, bf: 8.0, bt: 2.0, bfs: 4.0 }),
            fibre: Fibre::default(),
        };
        check(law(Model::LinearElastic), |f| linear::At::new(1700.0, f));
        check(law(Model::NeoHookean), |f| neo_hookean::At::new(1700.0, f).unwrap());
        check(law(Model::Hyperelastic), |f| law(Model::Hyperelastic).hyperelastic_at(f).unwrap());
    }
}
