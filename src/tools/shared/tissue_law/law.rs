//! Which law tissue follows under large deformations; its stiffness at small strain is that of the table.

use crate::biomech::{Hyperelastic, Model, MooneyRivlin, Ogden};
use crate::session::CommandError;
use serde::{Deserialize, Serialize};

/// The law that tissue follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TissueLaw {
    /// Large deformations, without a constant of its own.
    NeoHookean,
    /// Small deformations.
    LinearElastic,
    /// Ogden's law with one term.
    Ogden,
    /// Mooney and Rivlin's law.
    MooneyRivlin,
}

impl TissueLaw {
    /// The words for scripts.
    pub const WORDS: &'static [&'static str] = &["neo_hookean", "linear_elastic", "ogden", "mooney_rivlin"];

    /// The model to compute with, and the law with the shear modulus `shear_pa` at small strain.
    ///
    /// # Errors
    /// [`CommandError::BadParams`] for Ogden's α = 0, where the law says nothing.
    pub(super) fn law(
        self,
        shear_pa: f64,
        alpha: f64,
        second_share: f64,
    ) -> Result<(Model, Hyperelastic), CommandError> {
        Ok(match self {
            Self::NeoHookean => (Model::NeoHookean, Hyperelastic::NeoHookean),
            Self::LinearElastic => (Model::LinearElastic, Hyperelastic::NeoHookean),
            Self::Ogden if alpha.abs() < 0.1 => {
                let text = format!("ogden_alpha is {alpha}; it must be at least 0.1 away from 0, 2 is neo-Hookean");
                return Err(CommandError::BadParams(text));
            }
            Self::Ogden => (Model::Hyperelastic, Hyperelastic::Ogden(Ogden::one_term(shear_pa, alpha))),
            Self::MooneyRivlin => {
                let whole = 0.5 * shear_pa;
                let law = MooneyRivlin { c10_pa: whole * (1.0 - second_share), c01_pa: whole * second_share };
                (Model::Hyperelastic, Hyperelastic::MooneyRivlin(law))
            }
        })
    }
}

pub(super) fn ogden_alpha() -> f64 {
    8.0
}

pub(super) fn mooney_share() -> f64 {
    0.5
}
