//! From an energy of the shape of a deformation to stress and stiffness: the part all hyperelastic laws share.

use super::Hyperelastic;
use super::fibre::Fibre;
use super::law::Local;
use crate::geom::Vector;
use nalgebra::{Matrix3, Matrix6, Vector6};

/// Pairs of axes in the order of six-vectors.
const PAIRS: [(usize, usize); 6] = [(0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (2, 0)];

/// A symmetric tensor as the six-vector xx, yy, zz, xy, yz, zx, without factors.
pub fn six(tensor: &Matrix3<f64>) -> Vector6<f64> {
    Vector6::from_fn(|n, _| tensor[PAIRS[n]])
}

/// The six-vector with its off-diagonal entries doubled: `doubled(A) · six(B)` = A : B.
pub fn doubled(tensor: &Matrix3<f64>) -> Vector6<f64> {
    Vector6::from_fn(|n, _| tensor[PAIRS[n]] * if n < 3 { 1.0 } else { 2.0 })
}

/// The symmetric unit tensor of fourth order, `six` by `six`: A ↦ A acting on `doubled(A)`.
pub fn unit() -> Matrix6<f64> {
    Matrix6::from_diagonal(&Vector6::new(1.0, 1.0, 1.0, 0.5, 0.5, 0.5))
}

/// What a law says at one C̄: energy and its first two derivatives.
#[expect(non_snake_case, reason = "symbols as in the formulas")]
#[derive(Debug, Clone, Copy)]
pub struct State {
    /// ψ(C̄), Pa.
    pub energy: f64,
    /// S̄ = 2 ∂ψ/∂C̄, Pa.
    pub S: Matrix3<f64>,
    /// D̄ = 4 ∂²ψ/∂C̄∂C̄, Pa, [`six`] by [`six`].
    pub D: Matrix6<f64>,
}

/// A law of C̄ at one deformation (Holzapfel 2000, sections 6.4 and 6.6, written with F in place of C).
///
/// ```text
/// F̄ = J^(−1/3) F     C̄ = F̄ᵀF̄     P̄ = F̄ S̄     G = F⁻ᵀ     s = J^(−1/3)
/// P = s (P̄ − q/3 G)     q = P̄ : F
/// Ā = ∂P̄/∂F̄ = δ_ik S̄_jl + F̄_ip F̄_kq D̄_pjql     B = Ā : F     c = F : Ā : F
/// ∂P/∂F = s² (Ā − ⅓ B ⊗ G − ⅓ G ⊗ B + c/9 G ⊗ G) − s/3 (P̄ ⊗ G + G ⊗ P̄) + s q/9 G ⊗ G + s q/3 G_il G_kj
/// ```
#[expect(non_snake_case, reason = "symbols as in the formulas above")]
pub struct At {
    s: f64,
    J: f64,
    q: f64,
    c: f64,
    F_bar: Matrix3<f64>,
    G: Matrix3<f64>,
    S_bar: Matrix3<f64>,
    P_bar: Matrix3<f64>,
    B: Matrix3<f64>,
    D: Matrix6<f64>,
}

/// ψ(C̄), Pa; `None` if J ≤ 0.
#[expect(non_snake_case, reason = "symbols as in the formulas above")]
pub fn shape_energy(law: &Hyperelastic, mu: f64, fibre: &Fibre, F: &Matrix3<f64>) -> Option<f64> {
    let J = F.determinant();
    (0.0 < J).then(|| law.state(mu, fibre, &(F.transpose() * F / J.cbrt().powi(2))).energy)
}

#[expect(non_snake_case, reason = "symbols as in the formulas above")]
impl At {
    /// The law at `F` in tissue with fibres along `fibre`, a frame of unit vectors; `mu` in Pa is for the laws that
    /// have no constants of their own. `None` for an inverted element (J ≤ 0).
    pub fn new(law: &Hyperelastic, mu: f64, fibre: &Fibre, F: &Matrix3<f64>) -> Option<Self> {
        let J = F.determinant();
        let G = F.try_inverse().filter(|_| 0.0 < J)?.transpose();
        let s = 1.0 / J.cbrt();
        let F_bar = s * F;
        let C_bar = F_bar.transpose() * F_bar;
        let State { S: S_bar, D, .. } = law.state(mu, fibre, &C_bar);
        let P_bar = F_bar * S_bar;
        let pull = D * doubled(&C_bar);
        let Y = from_six(&pull);
        let q = S_bar.dot(&C_bar) / s;
        let c = (S_bar.dot(&C_bar) + Y.dot(&C_bar)) / (s * s);
        let B = (P_bar + F_bar * Y) / s;
        Some(Self { s, J, q, c, F_bar, G, S_bar, P_bar, B, D })
    }

    /// Six-vector by axis: what a displacement of a corner with shape gradient `a` does to C̄/2, times J^(1/3).
    #[inline]
    fn strain_of(&self, a: &Vector) -> [[f64; 3]; 6] {
        let F = &self.F_bar;
        PAIRS.map(|(i, j)| {
            let (own, other) = if i == j { (a[i], 0.0) } else { (a[j], a[i]) };
            [0, 1, 2].map(|k| F[(k, i)] * own + F[(k, j)] * other)
        })
    }
}

fn from_six(values: &Vector6<f64>) -> Matrix3<f64> {
    let [xx, yy, zz, xy, yz, zx] = (*values).into();
    Matrix3::new(xx, xy, zx, xy, yy, yz, zx, yz, zz)
}

impl Local for At {
    fn shape_stress(&self) -> Matrix3<f64> {
        self.s * (self.P_bar - self.G * (self.q / 3.0))
    }

    fn theta(&self) -> f64 {
        self.J - 1.0
    }

    fn theta_gradient(&self) -> Matrix3<f64> {
        self.J * self.G
    }

    fn pair_shape(&self, a: &Vector, b: &Vector) -> Matrix3<f64> {
        let Self { s, q, c, .. } = *self;
        let (ga, gb) = (self.G * a, self.G * b);
        let (left, right) = (self.strain_of(a), self.strain_of(b));
        let mut pair = Matrix3::from_diagonal_element(a.dot(&(self.S_bar * b)));
        // Plain loops: this is the innermost product of every law but the neo-Hookean one.
        for n in 0..6 {
            let mut stress = [0.0; 3];
            for m in 0..6 {
                let d = self.D[(n, m)];
                (0..3).for_each(|k| stress[k] += d * right[m][k]);
            }
            for k in 0..3 {
                (0..3).for_each(|i| pair[(i, k)] += left[n][i] * stress[k]);
            }
        }
        // Everything that ends in ⊗ gb, and everything that begins with ga ⊗, with the shared factor s taken out.
        let ends = self.B * a * (-s / 3.0) + ga * (s * c / 9.0 + q / 9.0) - self.P_bar * a / 3.0;
        let begins = self.B * b * (-s / 3.0) - self.P_bar * b / 3.0;
        s * (s * pair + ends * gb.transpose() + ga * begins.transpose() + gb * ga.transpose() * (q / 3.0))
    }

    /// ∂²J/∂F∂F = J (G_ij G_kl − G_il G_kj).
    fn pair_theta(&self, a: &Vector, b: &Vector) -> Matrix3<f64> {
        let (ga, gb) = (self.G * a, self.G * b);
        self.J * (ga * gb.transpose() - gb * ga.transpose())
    }
}
