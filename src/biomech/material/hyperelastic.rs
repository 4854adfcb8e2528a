//! The list of laws for large deformations that a material can name, each with its constants.

use super::fibre::Fibre;
use super::isochoric::State;
use super::limits::Bad;
use super::{Guccione, Holzapfel, MooneyRivlin, Ogden};
use nalgebra::{Matrix3, Matrix6};
use serde::{Deserialize, Serialize};

/// How a material resists a change of shape; its resistance to a change of volume is K/2 (J − 1)² in every law.
///
/// All see C̄ = J^(−2/3) FᵀF, so that shape and volume stay apart and the pressure of the mixed elements is the mean
/// stress.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hyperelastic {
    /// [`super::neo_hookean::At`], with μ from Young's modulus and Poisson's ratio.
    #[default]
    NeoHookean,
    /// [`MooneyRivlin`].
    MooneyRivlin(MooneyRivlin),
    /// [`Ogden`].
    Ogden(Ogden),
    /// [`Guccione`].
    Guccione(Guccione),
    /// [`Holzapfel`].
    Holzapfel(Holzapfel),
}

impl Hyperelastic {
    /// What it is, with its source, for the methods list.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NeoHookean => {
                "compressible neo-Hookean solid, volume split off (Bonet and Wood 2008, sections 6.4.3 and 6.5)"
            }
            Self::MooneyRivlin(_) => "Mooney-Rivlin solid, volume split off (Holzapfel 2000, section 6.5)",
            Self::Ogden(_) => "Ogden solid, volume split off (Ogden 1984, section 7.2)",
            Self::Guccione(_) => {
                "transversely isotropic exponential solid, volume split off (Guccione et al. 1991; Land et al. 2015)"
            }
            Self::Holzapfel(_) => {
                "matrix with two families of fibres, volume split off (Holzapfel, Gasser and Ogden 2000)"
            }
        }
    }

    /// Its constants in words; `None` for the law without any of its own.
    pub fn constants(&self) -> Option<String> {
        let kpa = |pa: &f64| format!("{:.4}", pa / 1e3);
        Some(match self {
            Self::NeoHookean => return None,
            Self::MooneyRivlin(law) => {
                format!("c10 = {} kPa, c01 = {} kPa", kpa(&law.c10_pa), kpa(&law.c01_pa))
            }
            Self::Ogden(law) => {
                let terms = law.mu_pa.iter().zip(&law.alpha).filter(|(mu, _)| **mu != 0.0);
                let terms = terms.map(|(mu, alpha)| format!("μ = {} kPa at α = {alpha}", kpa(mu)));
                terms.collect::<Vec<_>>().join(", ")
            }
            Self::Guccione(law) => {
                format!("C = {} kPa, bf = {}, bt = {}, bfs = {}", kpa(&law.c_pa), law.bf, law.bt, law.bfs)
            }
            Self::Holzapfel(law) => format!(
                "μ = {} kPa, k1 = {} kPa, k2 = {}, families at ±{}°",
                kpa(&law.mu_pa),
                kpa(&law.k1_pa),
                law.k2,
                law.angle_deg
            ),
        })
    }

    /// Shear modulus μ at small strain, Pa; `None` where Young's modulus says it.
    pub fn shear_pa(&self) -> Option<f64> {
        match self {
            Self::NeoHookean => None,
            Self::MooneyRivlin(law) => Some(law.shear_pa()),
            Self::Ogden(law) => Some(law.shear_pa()),
            Self::Guccione(law) => Some(law.shear_pa()),
            Self::Holzapfel(law) => Some(law.shear_pa()),
        }
    }

    /// Whether it means nothing without a fibre direction.
    pub fn needs_fibres(&self) -> bool {
        match self {
            Self::NeoHookean | Self::MooneyRivlin(_) | Self::Ogden(_) => false,
            // With equal constants it is isotropic.
            Self::Guccione(law) => law.bf != law.bt || law.bt != law.bfs,
            Self::Holzapfel(law) => 0.0 < law.k1_pa,
        }
    }

    /// The same law with stresses `factor` times as large.
    pub fn scaled(self, factor: f64) -> Self {
        match self {
            Self::NeoHookean => self,
            Self::MooneyRivlin(MooneyRivlin { c10_pa, c01_pa }) => {
                Self::MooneyRivlin(MooneyRivlin { c10_pa: c10_pa * factor, c01_pa: c01_pa * factor })
            }
            Self::Ogden(Ogden { mu_pa, alpha }) => Self::Ogden(Ogden { mu_pa: mu_pa.map(|mu| mu * factor), alpha }),
            Self::Guccione(law) => Self::Guccione(Guccione { c_pa: law.c_pa * factor, ..law }),
            Self::Holzapfel(law) => {
                Self::Holzapfel(Holzapfel { mu_pa: law.mu_pa * factor, k1_pa: law.k1_pa * factor, ..law })
            }
        }
    }

    /// The first constant that no material has.
    ///
    /// # Errors
    /// [`Bad`].
    pub fn check(&self) -> Result<(), Bad> {
        match self {
            Self::NeoHookean => Ok(()),
            Self::MooneyRivlin(law) => law.check(),
            Self::Ogden(law) => law.check(),
            Self::Guccione(law) => law.check(),
            Self::Holzapfel(law) => law.check(),
        }
    }

    /// Energy, stress and stiffness at C̄; `mu` in Pa is for the law without constants of its own.
    #[expect(non_snake_case, reason = "C as in the formulas")]
    pub fn state(&self, mu: f64, fibre: &Fibre, C: &Matrix3<f64>) -> State {
        match self {
            Self::NeoHookean => State {
                energy: 0.5 * mu * (C.trace() - 3.0),
                S: Matrix3::from_diagonal_element(mu),
                D: Matrix6::zeros(),
            },
            Self::MooneyRivlin(law) => law.state(C),
            Self::Ogden(law) => law.state(C),
            Self::Guccione(law) => law.state(fibre, C),
            Self::Holzapfel(law) => law.state(fibre, C),
        }
    }
}

#[cfg(test)]
#[expect(non_snake_case, reason = "symbols as in the formulas")]
mod tests;
