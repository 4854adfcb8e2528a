//! Fung's exponential solid with fibres, as Guccione wrote it for heart muscle.

use super::fibre::Fibre;
use super::isochoric::{State, doubled, six, unit};
use super::limits::{Bad, above, between};
use nalgebra::Matrix3;
use serde::{Deserialize, Serialize};

/// Transversely isotropic exponential solid (Guccione, McCulloch and Waldman 1991, J Biomech Eng 113:42; in the form of
/// Land et al. 2015, Proc R Soc A 471:20150641, equations 2.2 and 2.3), with C̄ in place of C.
///
/// ```text
/// ψ = C/2 (e^Q − 1)     Q = b_f E_ff² + b_t (E_ss² + E_nn² + 2 E_sn²) + 2 b_fs (E_fs² + E_fn²)     E = (C̄ − I)/2
/// T = ½ ∂Q/∂E = b_t E + (b_fs − b_t)(f⊗Ef + Ef⊗f) + (b_f + b_t − 2 b_fs) E_ff f⊗f
/// S̄ = C e^Q T     D̄ = C e^Q (2 T ⊗ T + ∂T/∂E)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Guccione {
    /// C, Pa.
    pub c_pa: f64,
    /// b_f, along the fibres, 1.
    pub bf: f64,
    /// b_t, across them, 1.
    pub bt: f64,
    /// b_fs, shear between both, 1.
    pub bfs: f64,
}

impl Guccione {
    /// Shear modulus at small strain, Pa: the mean over the five ways to deform without change of volume.
    pub fn shear_pa(&self) -> f64 {
        let Self { c_pa, bf, bt, bfs } = *self;
        0.1 * c_pa * ((2.0 * bf + bt) / 3.0 + 2.0 * bt + 2.0 * bfs)
    }

    pub(super) fn check(&self) -> Result<(), Bad> {
        above("Guccione's C", self.c_pa, 0.0, "above 0 Pa")?;
        let range = |name, value| between(name, value, 1e-6, 1000.0, "above 0 and at most 1000");
        range("Guccione's bf", self.bf)?;
        range("Guccione's bt", self.bt)?;
        range("Guccione's bfs", self.bfs)
    }

    #[expect(non_snake_case, reason = "symbols as in the formulas above")]
    pub(super) fn state(&self, fibre: &Fibre, C: &Matrix3<f64>) -> State {
        let Self { c_pa, bf, bt, bfs } = *self;
        let f = fibre.along;
        let E = 0.5 * (C - Matrix3::identity());
        let Ef = E * f;
        let (mixed, single) = (bfs - bt, bf + bt - 2.0 * bfs);
        let T = bt * E + mixed * (f * Ef.transpose() + Ef * f.transpose()) + single * f.dot(&Ef) * f * f.transpose();
        let exp = T.dot(&E).exp();
        let own = six(&(f * f.transpose()));
        let mut D = 2.0 * six(&T) * six(&T).transpose() + bt * unit() + single * own * own.transpose();
        // ∂(f⊗Ef + Ef⊗f)/∂E, column by column: the image of each unit strain.
        for n in 0..6 {
            let mut strain = Matrix3::zeros();
            let (i, j) = [(0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (2, 0)][n];
            strain[(i, j)] += 0.5;
            strain[(j, i)] += 0.5;
            let along = f * (strain * f).transpose();
            let column = mixed * six(&(along + along.transpose()));
            (0..6).for_each(|m| D[(m, n)] += column[m]);
        }
        debug_assert!((doubled(&T).dot(&six(&E)) - T.dot(&E)).abs() <= 1e-9 * T.norm() * E.norm());
        State { energy: 0.5 * c_pa * (exp - 1.0), S: c_pa * exp * T, D: c_pa * exp * D }
    }
}
