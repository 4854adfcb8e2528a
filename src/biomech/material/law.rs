//! Constants of a material, and what a law must say about a deformation.

use super::fibre::Fibre;
use super::{Hyperelastic, isochoric, linear, neo_hookean};
use crate::geom::Vector;
use nalgebra::Matrix3;
use serde::{Deserialize, Serialize};

/// An elastic material.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Material {
    /// Young's modulus at small strain, Pa.
    pub young_pa: f64,
    /// Poisson's ratio, above −1 and below 0.5.
    pub poisson: f64,
    /// Density, kg/m³; only gravity uses it.
    pub density_kg_m3: f64,
    /// Largest principal strain up to which the constants were measured, 1; results beyond it carry a warning.
    pub strain_max: f64,
    /// The law it follows under [`Model::Hyperelastic`]; the other models only know Young's modulus and Poisson's
    /// ratio.
    #[serde(default)]
    pub law: Hyperelastic,
}

impl Material {
    /// A material that follows `law`, with the Young's modulus that fits its shear modulus at small strain.
    pub fn hyperelastic(law: Hyperelastic, poisson: f64, density_kg_m3: f64, strain_max: f64) -> Self {
        let young_pa = law.shear_pa().map_or(f64::NAN, |mu| 2.0 * mu * (1.0 + poisson));
        Self { young_pa, poisson, density_kg_m3, strain_max, law }
    }

    /// Shear modulus μ = E / (2 (1 + ν)), Pa.
    pub fn shear_pa(&self) -> f64 {
        self.young_pa / (2.0 * (1.0 + self.poisson))
    }

    /// Bulk modulus K = E / (3 (1 − 2 ν)), Pa.
    pub fn bulk_pa(&self) -> f64 {
        self.young_pa / (3.0 * (1.0 - 2.0 * self.poisson))
    }
}

/// Which law relates stress to deformation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// [`linear::LinearElastic`]: for small strains and small rotations.
    LinearElastic,
    /// [`neo_hookean::NeoHookean`]: for large deformations.
    NeoHookean,
    /// The law that each material names, [`Material::law`]: for large deformations.
    Hyperelastic,
}

/// A law with its constants. All laws split into a part that only knows shape and a part that only knows volume:
/// ψ(F) = `shape(F)` + K/2 θ(F)², with θ the change of volume.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Law {
    /// Which law; never [`Model::Hyperelastic`] with a neo-Hookean shape, which has its own, quicker way.
    pub model: Model,
    /// Shear modulus μ at small strain, Pa.
    pub mu_pa: f64,
    /// Bulk modulus K, Pa.
    pub bulk_pa: f64,
    /// Constants of [`Model::Hyperelastic`].
    pub shape: Hyperelastic,
    /// Where fibres run: unit vectors at right angles.
    pub fibre: Fibre,
}

impl Law {
    /// The law of `model` with the constants of `material`.
    ///
    /// A law with constants of its own has its own μ; K then follows from μ and Poisson's ratio.
    pub fn new(model: Model, material: &Material) -> Self {
        let (shape, fibre) = (material.law, Fibre::default());
        match (model, shape.shear_pa()) {
            (Model::Hyperelastic, Some(mu_pa)) => {
                let nu = material.poisson;
                let bulk_pa = mu_pa * 2.0 * (1.0 + nu) / (3.0 * (1.0 - 2.0 * nu));
                Self { model, mu_pa, bulk_pa, shape, fibre }
            }
            (Model::Hyperelastic | Model::NeoHookean, _) => Self::isotropic(Model::NeoHookean, material),
            (Model::LinearElastic, _) => Self::isotropic(model, material),
        }
    }

    fn isotropic(model: Model, material: &Material) -> Self {
        let (mu_pa, bulk_pa) = (material.shear_pa(), material.bulk_pa());
        Self { model, mu_pa, bulk_pa, shape: Hyperelastic::NeoHookean, fibre: Fibre::default() }
    }

    /// The same law in tissue with fibres along `fibre`, unit vectors at right angles.
    pub fn with_fibre(self, fibre: Fibre) -> Self {
        Self { fibre, ..self }
    }

    /// The same law with a resistance to shape that is `factor` times as large; volume is as before.
    pub fn scaled(self, factor: f64) -> Self {
        Self { mu_pa: self.mu_pa * factor, shape: self.shape.scaled(factor), ..self }
    }

    /// Second Piola–Kirchhoff stress of the part that only knows shape, Pa (for small strains the stress itself);
    /// `None` for an inverted element.
    #[expect(non_snake_case, reason = "F as in the formulas")]
    pub fn shape_stress_pa(&self, F: &Matrix3<f64>) -> Option<Matrix3<f64>> {
        let P = match self.model {
            Model::LinearElastic => return Some(linear::At::new(self.mu_pa, F).shape_stress()),
            Model::NeoHookean => neo_hookean::At::new(self.mu_pa, F)?.shape_stress(),
            Model::Hyperelastic => self.hyperelastic_at(F)?.shape_stress(),
        };
        Some(F.try_inverse()? * P)
    }

    /// The law of an element under [`Model::Hyperelastic`] at `F`; `None` for an inverted element.
    #[inline]
    #[expect(non_snake_case, reason = "F as in the formulas")]
    pub fn hyperelastic_at(&self, F: &Matrix3<f64>) -> Option<isochoric::At> {
        isochoric::At::new(&self.shape, self.mu_pa, &self.fibre, F)
    }

    /// Energy density of the part that only knows shape, Pa; `None` for an inverted element.
    #[expect(non_snake_case, reason = "F as in the formulas")]
    pub fn shape_energy_pa(&self, F: &Matrix3<f64>) -> Option<f64> {
        match self.model {
            Model::LinearElastic => Some(linear::shape_energy(self.mu_pa, F)),
            Model::NeoHookean => neo_hookean::shape_energy(self.mu_pa, F),
            Model::Hyperelastic => isochoric::shape_energy(&self.shape, self.mu_pa, &self.fibre, F),
        }
    }

    /// Change of volume θ, 1.
    #[expect(non_snake_case, reason = "F as in the formulas")]
    pub fn volume_change(&self, F: &Matrix3<f64>) -> f64 {
        if self.model == Model::LinearElastic { linear::strain(F).trace() } else { F.determinant() - 1.0 }
    }

    /// Energy density ψ, Pa; `None` for an inverted element.
    #[expect(non_snake_case, reason = "F as in the formulas")]
    pub fn energy_pa(&self, F: &Matrix3<f64>) -> Option<f64> {
        let theta = self.volume_change(F);
        Some(self.shape_energy_pa(F)? + 0.5 * self.bulk_pa * theta * theta)
    }

    /// First Piola–Kirchhoff stress P = ∂ψ/∂F, Pa; `None` for an inverted element.
    #[expect(non_snake_case, reason = "F as in the formulas")]
    pub fn stress_pa(&self, F: &Matrix3<f64>) -> Option<Matrix3<f64>> {
        let whole = |local: &dyn Local| local.shape_stress() + self.bulk_pa * local.theta() * local.theta_gradient();
        Some(match self.model {
            Model::LinearElastic => whole(&linear::At::new(self.mu_pa, F)),
            Model::NeoHookean => whole(&neo_hookean::At::new(self.mu_pa, F)?),
            Model::Hyperelastic => whole(&self.hyperelastic_at(F)?),
        })
    }
}

/// A law at one deformation gradient: all that an element with constant gradients needs.
///
/// `pair` functions contract a second derivative with two shape gradients:
/// `pair(a, b)[i, k]` = Σ ∂²·/∂F_ij ∂F_kl a_j b_l.
pub trait Local {
    /// Stress of the part that only knows shape, Pa.
    fn shape_stress(&self) -> Matrix3<f64>;
    /// Change of volume θ, 1.
    fn theta(&self) -> f64;
    /// ∂θ/∂F.
    fn theta_gradient(&self) -> Matrix3<f64>;
    /// Second derivative of the shape energy, contracted, Pa times the units of `a` and `b`.
    fn pair_shape(&self, a: &Vector, b: &Vector) -> Matrix3<f64>;
    /// Second derivative of θ, contracted.
    fn pair_theta(&self, a: &Vector, b: &Vector) -> Matrix3<f64>;
}

#[cfg(test)]
#[expect(non_snake_case, reason = "symbols as in the formulas")]
mod tests {
    use super::*;

    const LIVER: Material = Material {
        young_pa: 5000.0,
        poisson: 0.45,
        density_kg_m3: 1060.0,
        strain_max: 0.3,
        law: Hyperelastic::NeoHookean,
    };
    const MODELS: [Model; 2] = [Model::LinearElastic, Model::NeoHookean];

    fn sheared() -> Matrix3<f64> {
        Matrix3::new(1.1, 0.1, 0.0, -0.05, 0.95, 0.2, 0.0, 0.0, 1.02)
    }

    #[test]
    fn stress_is_the_derivative_of_energy() {
        let h = 1e-6;
        for law in MODELS.map(|model| Law::new(model, &LIVER)) {
            let P = law.stress_pa(&sheared()).unwrap();
            for n in 0..9 {
                let (mut plus, mut minus) = (sheared(), sheared());
                plus[n] += h;
                minus[n] -= h;
                let difference = (law.energy_pa(&plus).unwrap() - law.energy_pa(&minus).unwrap()) / (2.0 * h);
                assert!((P[n] - difference).abs() < 1e-4, "{:?} {n}: {} against {difference} Pa", law.model, P[n]);
            }
        }
    }

    /// Compare contracted second derivatives with differences of the stress along b.
    fn check_pairs<L: Local>(at: impl Fn(&Matrix3<f64>) -> L) {
        let (a, b) = (Vector::new(0.3, -1.0, 0.4), Vector::new(0.8, 0.2, -0.5));
        let h = 1e-6;
        let local = at(&sheared());
        for k in 0..3 {
            let mut direction = Matrix3::zeros();
            direction.set_row(k, &b.transpose());
            let (plus, minus) = (at(&(sheared() + h * direction)), at(&(sheared() - h * direction)));
            let shape = (plus.shape_stress() - minus.shape_stress()) * a / (2.0 * h);
            assert!((local.pair_shape(&a, &b).column(k) - shape).norm() < 1e-4, "shape column {k}");
            let theta = (plus.theta_gradient() - minus.theta_gradient()) * a / (2.0 * h);
            assert!((local.pair_theta(&a, &b).column(k) - theta).norm() < 1e-8, "theta column {k}");
        }
    }

    #[test]
    fn tangents_are_the_derivatives_of_stress() {
        check_pairs(|F| linear::At::new(1700.0, F));
        check_pairs(|F| neo_hookean::At::new(1700.0, F).unwrap());
    }

    #[test]
    fn both_laws_agree_at_small_strain() {
        let F = Matrix3::identity() + 1e-6 * (sheared() - Matrix3::identity());
        let [linear, large] = MODELS.map(|model| Law::new(model, &LIVER).stress_pa(&F).unwrap());
        assert!((linear - large).norm() < 1e-5 * linear.norm(), "{linear} against {large}");
    }

    #[test]
    fn a_turned_body_is_free_of_stress_in_the_law_for_large_deformations_only() {
        let turn = nalgebra::Rotation3::from_euler_angles(0.7, -0.4, 1.9).into_inner();
        let stress = |model| Law::new(model, &LIVER).stress_pa(&turn).unwrap().norm();
        assert!(stress(Model::NeoHookean) < 1e-10, "{:e} Pa", stress(Model::NeoHookean));
        assert!(1.0 < stress(Model::LinearElastic), "the linear law is known to be wrong here");
    }

    #[test]
    fn an_inverted_element_has_no_stress() {
        let mirrored = Matrix3::from_diagonal(&Vector::new(1.0, 1.0, -0.5));
        assert!(Law::new(Model::NeoHookean, &LIVER).stress_pa(&mirrored).is_none());
    }
}
