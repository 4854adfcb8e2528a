//! Which law tissue follows, where its fibres run and whether they contract.

mod law;
mod specs;

pub use law::TissueLaw;
pub use specs::{CONTRACT, FIBRE, FIBRE_LINES, MODEL, MOONEY, OGDEN, PUBLISHED, RELAXING};

use super::organ_body::{MadeOf, OrganBody};
use crate::base::{NodeId, Progress};
use crate::biomech::fibres::FibreField;
use crate::biomech::{Fibre, Hyperelastic, Load, Model, Published, published};
use crate::geom::Vector;
use crate::mesh::{CentreLines, TetMesh};
use crate::session::{Case, CommandError, Data, NodeKind};
use law::{mooney_share, ogden_alpha};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The parameters of `specs`, flattened into those of a tool.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LawAsked {
    /// The law it follows.
    pub model: TissueLaw,
    /// α of Ogden's law.
    #[serde(default = "ogden_alpha")]
    pub ogden_alpha: f64,
    /// Share of Mooney's second constant.
    #[serde(default = "mooney_share")]
    pub mooney_share: f64,
    /// Row of the table of published laws, in place of the model.
    #[serde(default)]
    pub constants: Option<String>,
    /// Where fibres run, LPS.
    #[serde(default)]
    pub fibre_direction: Option<[f64; 3]>,
    /// Centre lines that they follow.
    #[serde(default)]
    pub fibre_lines: Option<NodeId>,
    /// Active tension, kPa.
    #[serde(default)]
    pub contract_kpa: f64,
    /// Those centre lines, once they were looked up.
    #[serde(skip)]
    lines: Option<Arc<CentreLines>>,
}

impl LawAsked {
    /// The same, with the centre lines found in `case`.
    ///
    /// # Errors
    /// [`CommandError`] if they are not there or no centre lines.
    pub fn found_in(mut self, case: &Case) -> Result<Self, CommandError> {
        if let Some(id) = self.fibre_lines {
            let node = case.expect_kind(id, NodeKind::Lines)?;
            let Data::Lines(lines) = &node.data else { unreachable!("the kind was checked") };
            self.lines = Some(Arc::clone(lines));
        }
        Ok(self)
    }

    /// The model to compute with, and the tissue that follows its law.
    ///
    /// # Errors
    /// [`CommandError::BadParams`]: there is no such law, a constant cannot be, or nobody says where its fibres run.
    pub fn of(&self, body: &OrganBody, made_of: &MadeOf) -> Result<(Model, MadeOf), CommandError> {
        let (model, made_of) = match self.constants.as_deref().map(row).transpose()? {
            Some(row) => {
                let Some(law) = row.law else {
                    let text = format!("'{}' says how tissue relaxes, not how stiff it is; choose another", row.id);
                    return Err(CommandError::BadParams(text));
                };
                (Model::Hyperelastic, made_of.published(row, &law, body))
            }
            None => {
                let shear_pa = made_of.material.shear_pa();
                let (model, law) = self.model.law(shear_pa, self.ogden_alpha, self.mooney_share)?;
                (model, made_of.following(&law))
            }
        };
        let law = &made_of.material.law;
        if model == Model::Hyperelastic && law.needs_fibres() && !self.has_fibres() {
            let text = "this law has fibres: give their fibre_direction, or fibre_lines that they follow";
            return Err(CommandError::BadParams(text.into()));
        }
        if 0.0 < self.contract_kpa && !self.has_fibres() {
            let text = "contract_kpa acts along fibres: give their fibre_direction, or fibre_lines that they follow";
            return Err(CommandError::BadParams(text.into()));
        }
        if self.fibre_direction.is_some() && self.fibre_lines.is_some() {
            let text = "fibres have a fibre_direction or follow fibre_lines, not both; leave one out";
            return Err(CommandError::BadParams(text.into()));
        }
        let is_direction = |way: [f64; 3]| Fibre::along(Vector::from(way)).normalised().is_some();
        if self.fibre_direction.is_some_and(|way| !is_direction(way)) {
            return Err(CommandError::BadParams("fibre_direction must not be zero".into()));
        }
        Ok((model, made_of))
    }

    fn has_fibres(&self) -> bool {
        self.fibre_direction.is_some() || self.fibre_lines.is_some()
    }

    /// One fibre per tetrahedron for tissue that follows `law`; none where there are none. An artery's families are
    /// told from the way around the vessel, all other fibres run along it.
    ///
    /// # Errors
    /// [`CommandError::Cancelled`].
    pub fn fibres(&self, mesh: &TetMesh, law: &Hyperelastic, progress: &Progress) -> Result<Vec<Fibre>, CommandError> {
        let field = match (&self.lines, self.fibre_direction) {
            (Some(lines), _) if matches!(law, Hyperelastic::Holzapfel(_)) => FibreField::Around(lines),
            (Some(lines), _) => FibreField::Along(lines),
            (None, Some(way)) => FibreField::Everywhere(Fibre::along(Vector::from(way))),
            (None, None) => return Ok(Vec::new()),
        };
        Ok(field.of(mesh, progress)?)
    }

    /// The contraction of all regions.
    pub fn contraction(&self, mesh: &TetMesh) -> Vec<Load> {
        if self.contract_kpa <= 0.0 {
            return Vec::new();
        }
        let regions: BTreeSet<u8> = mesh.regions().iter().copied().collect();
        regions.into_iter().map(|region| Load::Contract { region, tension_pa: self.contract_kpa * 1e3 }).collect()
    }
}

/// The row of the table of published laws with this id.
///
/// # Errors
/// [`CommandError::BadParams`] if there is none.
pub fn row(id: &str) -> Result<&'static Published, CommandError> {
    let found = published().iter().find(|row| row.id == id);
    found.ok_or_else(|| CommandError::BadParams(format!("the table of published laws has no row '{id}'")))
}
