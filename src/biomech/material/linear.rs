//! Isotropic linear elasticity (Hooke's law).

use super::law::Local;
use crate::geom::Vector;
use nalgebra::Matrix3;

/// Hooke's law, written with the deviator so that volume stands apart (Hughes 2000, section 4.1).
///
/// ```text
/// ε = sym(F) − I     θ = tr ε     ψ = μ dev ε : dev ε + K/2 θ²     σ = 2 μ dev ε + K θ I
/// ```
///
/// True for small strains and small rotations: a turned body shows stress that is not there.
pub struct At {
    mu: f64,
    strain: Matrix3<f64>,
}

/// μ dev ε : dev ε, Pa.
#[expect(non_snake_case, reason = "F as in the formulas")]
pub fn shape_energy(mu: f64, F: &Matrix3<f64>) -> f64 {
    mu * deviator(&strain(F)).norm_squared()
}

/// Small strain sym(F) − I.
#[expect(non_snake_case, reason = "F as in the formulas")]
pub fn strain(F: &Matrix3<f64>) -> Matrix3<f64> {
    0.5 * (F + F.transpose()) - Matrix3::identity()
}

fn deviator(tensor: &Matrix3<f64>) -> Matrix3<f64> {
    tensor - Matrix3::from_diagonal_element(tensor.trace() / 3.0)
}

impl At {
    /// The law with shear modulus `mu` in Pa at `F`.
    #[expect(non_snake_case, reason = "F as in the formulas")]
    pub fn new(mu: f64, F: &Matrix3<f64>) -> Self {
        Self { mu, strain: strain(F) }
    }
}

impl Local for At {
    fn shape_stress(&self) -> Matrix3<f64> {
        2.0 * self.mu * deviator(&self.strain)
    }

    fn theta(&self) -> f64 {
        self.strain.trace()
    }

    fn theta_gradient(&self) -> Matrix3<f64> {
        Matrix3::identity()
    }

    fn pair_shape(&self, a: &Vector, b: &Vector) -> Matrix3<f64> {
        self.mu * (Matrix3::from_diagonal_element(a.dot(b)) + b * a.transpose() - (2.0 / 3.0) * a * b.transpose())
    }

    fn pair_theta(&self, _: &Vector, _: &Vector) -> Matrix3<f64> {
        Matrix3::zeros()
    }
}
