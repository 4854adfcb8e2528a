//! How the accurate answer describes displacement between vertices.

use crate::biomech::Formulation;
use crate::session::CommandError;
use crate::tools::shared::organ_body::OrganBody;
use serde::{Deserialize, Serialize};

/// The elements to compute with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Elements {
    /// Straight edges, with pressure.
    #[default]
    Linear,
    /// Edges that bend, with pressure.
    Quadratic,
}

impl Elements {
    /// The words for scripts.
    pub const WORDS: &'static [&'static str] = &["linear", "quadratic"];

    /// What the solver calls them.
    pub fn formulation(self) -> Formulation {
        match self {
            Self::Linear => Formulation::Mixed,
            Self::Quadratic => Formulation::Quadratic,
        }
    }

    /// Whether they know what else is asked for.
    ///
    /// # Errors
    /// [`CommandError::BadParams`] that says what to leave out.
    pub(super) fn check(self, body: &OrganBody, contact: bool) -> Result<(), CommandError> {
        if self == Self::Linear {
            return Ok(());
        }
        let lies = body.position.is_some() && 0.0 < body.bed_kpa_mm;
        let text = match (lies, contact) {
            (true, _) => "quadratic elements know no bed: set bed_kpa_mm to 0 or use linear elements",
            (_, true) => "quadratic elements know no contact: leave it out or use linear elements",
            _ => return Ok(()),
        };
        Err(CommandError::BadParams(text.into()))
    }
}
