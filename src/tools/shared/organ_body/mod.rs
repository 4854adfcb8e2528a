//! An organ as a body of tissue: what it is made of, what holds it, and what acts on it whatever the hand does.

mod guess;
mod hold;

pub use guess::tissue_of;
pub use hold::{Hold, held};

use crate::base::Summary;
use crate::base::units::PA_PER_MMHG;
use crate::biomech::{Load, Material, Position, Tissue};
use crate::mesh::TetMesh;
use crate::session::{CommandError, Kind, ParamSpec};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const TISSUES: &[&str] =
    &["liver", "lung", "brain", "kidney", "spleen", "fat", "muscle", "skin", "vessel-wall", "tumour", "bone"];

/// What it is made of.
pub const TISSUE: ParamSpec = ParamSpec::with(
    "tissue",
    Kind::Choice(TISSUES),
    "",
    "null",
    "what it is made of, by its name if not given; constants and sources are in the table",
);
/// Stiffness.
pub const YOUNG: ParamSpec =
    ParamSpec::with("young_kpa", Kind::Number(0.05, 1e7), "kPa", "null", "stiffness in place of the table's");
/// Compressibility.
pub const POISSON: ParamSpec =
    ParamSpec::with("poisson", Kind::Number(0.0, 0.499), "", "null", "Poisson's ratio in place of the table's");
/// The side that is held.
pub const HOLD: ParamSpec =
    ParamSpec::with("hold", Kind::Choice(Hold::WORDS), "", "\"posterior\"", "the side that is held");
/// How much of it.
pub const HOLD_PART: ParamSpec =
    ParamSpec::with("hold_part", Kind::Number(0.01, 0.9), "", "0.15", "the part of its extent that is held");
/// How the patient lies.
pub const POSITION: ParamSpec = ParamSpec::with(
    "position",
    Kind::Choice(Position::WORDS),
    "",
    "null",
    "how the patient lies, for the organ's weight; without it none acts, as scans show organs under their weight",
);
/// How the table is tilted.
pub const TILT: ParamSpec = ParamSpec::with(
    "tilt_deg",
    Kind::Number(-90.0, 90.0),
    "deg",
    "0",
    "tilt of the table with the head down (Trendelenburg); negative is head up",
);
/// Gas around the organ.
pub const GAS: ParamSpec = ParamSpec::with(
    "gas_mmhg",
    Kind::Number(0.0, 30.0),
    "mmHg",
    "0",
    "pressure of gas on the free surface of the organ (pneumoperitoneum: 8 to 15)",
);

/// The parameters above, flattened into those of a tool.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrganBody {
    /// Id of the tissue in the table.
    pub tissue: Option<String>,
    /// Young's modulus in place of the table's, kPa.
    pub young_kpa: Option<f64>,
    /// Poisson's ratio in place of the table's.
    pub poisson: Option<f64>,
    /// The side that is held.
    pub hold: Hold,
    /// The part of the organ's extent that is held, 0 to 1.
    pub hold_part: f64,
    /// How the patient lies.
    pub position: Option<Position>,
    /// Tilt of the table, head down.
    pub tilt_deg: f64,
    /// Pressure of gas on the free surface, mmHg.
    pub gas_mmhg: f64,
}

/// What an organ is made of.
#[derive(Debug, Clone)]
pub struct MadeOf {
    tissue: &'static Tissue,
    /// Its constants.
    pub material: Material,
    assumed: Option<String>,
}

impl OrganBody {
    /// The tissue asked for, or that of the organ's name.
    ///
    /// # Errors
    /// [`CommandError::BadParams`] if the table has no such tissue, or a table is tilted on which nobody lies.
    pub fn made_of(&self, organ: &str) -> Result<MadeOf, CommandError> {
        if self.position.is_none() && self.tilt_deg != 0.0 {
            return Err(CommandError::BadParams("tilt_deg tilts a patient who lies in a position; give one".into()));
        }
        let (tissue, assumed) = tissue_of(self.tissue.as_deref(), organ)?;
        let table = tissue.material();
        let young_pa = self.young_kpa.map_or(table.young_pa, |kpa| kpa * 1e3);
        let material = Material { young_pa, poisson: self.poisson.unwrap_or(table.poisson), ..table };
        Ok(MadeOf { tissue, material, assumed })
    }

    /// The vertices that are held, in order.
    pub fn fixed(&self, mesh: &TetMesh) -> Vec<u32> {
        held(mesh, self.hold, self.hold_part)
    }

    /// Weight by position, and gas; `fixed` is in order.
    pub fn around(&self, mesh: &TetMesh, fixed: &[u32]) -> Vec<Load> {
        let mut loads: Vec<Load> = self.position.into_iter().map(|position| position.gravity(self.tilt_deg)).collect();
        if 0.0 < self.gas_mmhg {
            let (surface, _) = mesh.boundary();
            // Gas does not get between the organ and what holds it.
            let is_free = |triangle: &&[u32; 3]| !triangle.iter().all(|v| fixed.binary_search(v).is_ok());
            let triangles: Vec<[u32; 3]> = surface.triangles().iter().filter(is_free).copied().collect();
            if !triangles.is_empty() {
                loads.push(Load::Pressure { triangles, pa: self.gas_mmhg * PA_PER_MMHG });
            }
        }
        loads
    }
}

impl MadeOf {
    /// The one material for all regions of a mesh.
    pub fn everywhere(&self, mesh: &TetMesh) -> Vec<(u8, Material)> {
        let regions: BTreeSet<u8> = mesh.regions().iter().copied().collect();
        regions.into_iter().map(|region| (region, self.material)).collect()
    }

    /// `summary` with the material and where it comes from.
    pub fn told(&self, summary: Summary) -> Summary {
        let Material { young_pa, poisson, .. } = self.material;
        let (name, source) = (&self.tissue.name, &self.tissue.source);
        let summary = self.assumed.iter().fold(summary, |summary, text| summary.warning(text.clone()));
        summary.method(format!("{name}: E = {:.2} kPa, ν = {poisson:.3}. Table: {source}.", young_pa / 1e3))
    }
}
