//! An organ as a body of tissue: what it is made of, what holds it, and what acts on it whatever the hand does.

mod guess;
mod hold;
mod specs;

pub use guess::tissue_of;
pub use hold::{Hold, held};
pub use specs::{
    BED, GAS, HOLD, HOLD_AT, HOLD_PART, HOLD_RADIUS, HOLD_TOUCHING, POISSON, POSITION, TILT, TISSUE, TOUCHING, YOUNG,
};

use crate::base::units::PA_PER_MMHG;
use crate::base::{NodeId, Summary};
use crate::biomech::bed::{BedSpring, bed_springs, facing};
use crate::biomech::interactive::Body;
use crate::biomech::operation::Act;
use crate::biomech::{
    Hyperelastic, Load, Material, Position, Published, Tissue, boundary_vertices, vertices_near, vertices_within,
};
use crate::geom::{Point, Vector};
use crate::mesh::{Surface, TetMesh};
use crate::session::{Case, CommandError, Data, NodeKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Pa/m of one kPa/mm.
const PA_M_PER_KPA_MM: f64 = 1e6;

/// The parameters of `specs`, flattened into those of a tool.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrganBody {
    /// Id of the tissue in the table.
    pub tissue: Option<String>,
    /// Young's modulus in place of the table's, kPa.
    #[serde(default)]
    pub young_kpa: Option<f64>,
    /// Poisson's ratio in place of the table's.
    #[serde(default)]
    pub poisson: Option<f64>,
    /// The side that is held.
    pub hold: Hold,
    /// The part of the organ's extent that is held, 0 to 1.
    pub hold_part: f64,
    /// Places that are held in place of a side, LPS mm.
    #[serde(default)]
    pub hold_at: Option<Vec<[f64; 3]>>,
    /// How far around each of them, mm.
    #[serde(default)]
    pub hold_radius_mm: f64,
    /// A surface that holds it where they touch, in place of a side: a neighbouring organ or bone.
    #[serde(default)]
    pub hold_touching: Option<NodeId>,
    /// How near is touching, mm.
    #[serde(default)]
    pub touching_mm: f64,
    /// That surface, once it was looked up.
    #[serde(skip)]
    neighbour: Option<(String, Surface)>,
    /// How the patient lies.
    #[serde(default)]
    pub position: Option<Position>,
    /// Tilt of the table, head down.
    #[serde(default)]
    pub tilt_deg: f64,
    /// Pressure of gas on the free surface, mmHg.
    #[serde(default)]
    pub gas_mmhg: f64,
    /// Pressure per way that neighbours beneath yield, kPa/mm.
    #[serde(default)]
    pub bed_kpa_mm: f64,
}

/// What an organ is made of.
#[derive(Debug, Clone)]
pub struct MadeOf {
    tissue: &'static Tissue,
    /// Its constants.
    pub material: Material,
    assumed: Option<String>,
    /// Where its law comes from, if not from the table of tissues, and by how much its stresses were scaled.
    published: Option<(&'static Published, f64)>,
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
        Ok(MadeOf { tissue, material, assumed, published: None })
    }

    /// The same, with what holds the organ found in `case`.
    ///
    /// # Errors
    /// [`CommandError`] if what is to hold it is not there or no surface.
    pub fn found_in(mut self, case: &Case) -> Result<Self, CommandError> {
        if let Some(id) = self.hold_touching {
            let node = case.expect_kind(id, NodeKind::Surface)?;
            let Data::Surface(own) = &node.data else { unreachable!("the kind was checked") };
            self.neighbour = Some((node.name.clone(), own.surface.clone()));
        }
        Ok(self)
    }

    /// The vertices that are held, in order: where the neighbour touches and at given places, or else at a side.
    ///
    /// # Errors
    /// [`CommandError::Failed`] if the neighbour touches nowhere.
    pub fn fixed(&self, mesh: &TetMesh) -> Result<Vec<u32>, CommandError> {
        let places = self.hold_at.iter().flatten();
        let near = |place: &[f64; 3]| vertices_within(mesh, &Point::from(*place), self.hold_radius_mm);
        let mut all: BTreeSet<u32> = places.flat_map(near).collect();
        if let Some((name, surface)) = &self.neighbour {
            let (touching, away_mm) = vertices_near(mesh, surface, self.touching_mm);
            if touching.is_empty() {
                let text = format!(
                    "'{name}' is {away_mm:.1} mm from the organ at its nearest, so nothing within {} mm holds it; \
                     enlarge the distance or choose another neighbour",
                    self.touching_mm
                );
                return Err(CommandError::Failed(text));
            }
            if touching.len() == boundary_vertices(mesh).len() {
                let text = format!(
                    "all of the organ is within {} mm of '{name}', so nothing of it could move; is it the organ itself?",
                    self.touching_mm
                );
                return Err(CommandError::Failed(text));
            }
            all.extend(touching);
        }
        if all.is_empty() {
            return Ok(held(mesh, self.hold, self.hold_part));
        }
        Ok(all.into_iter().collect())
    }

    /// Weight, m/s².
    pub fn gravity_m_s2(&self) -> Vector {
        match self.position.map(|position| position.gravity(self.tilt_deg)) {
            Some(Load::Gravity { m_s2 }) => m_s2,
            _ => Vector::zeros(),
        }
    }

    /// What the organ lies on: the boundary triangles that face down, and how firm it is, Pa/m. None without a position.
    fn beneath(&self, mesh: &TetMesh) -> Option<(Vec<[u32; 3]>, f64)> {
        let down = self.gravity_m_s2();
        if down == Vector::zeros() || self.bed_kpa_mm <= 0.0 {
            return None;
        }
        let triangles = facing(mesh, &down);
        (!triangles.is_empty()).then_some((triangles, self.bed_kpa_mm * PA_M_PER_KPA_MM))
    }

    /// The same for a live body.
    fn bed(&self, mesh: &TetMesh) -> Vec<BedSpring> {
        self.beneath(mesh).map_or_else(Vec::new, |(triangles, pa_m)| bed_springs(mesh, &triangles, pa_m))
    }

    /// Weight by position, the bed beneath, and gas; `fixed` is in order.
    pub fn around(&self, mesh: &TetMesh, fixed: &[u32]) -> Vec<Load> {
        let mut loads: Vec<Load> = self.position.into_iter().map(|position| position.gravity(self.tilt_deg)).collect();
        if let Some((triangles, stiffness_pa_m)) = self.beneath(mesh) {
            loads.push(Load::Bed { triangles, stiffness_pa_m });
        }
        loads.extend(gas(mesh, fixed, self.gas_mmhg * PA_PER_MMHG));
        loads
    }

    /// A body that follows hands, held and bedded as these parameters say.
    ///
    /// # Errors
    /// [`CommandError::Failed`]: nothing holds it, or a constant cannot be.
    pub fn live(&self, mesh: &TetMesh, made_of: &MadeOf) -> Result<Body, CommandError> {
        let fixed = self.fixed(mesh)?;
        let body = Body::new(mesh, &made_of.everywhere(mesh), &fixed);
        let mut body = body.map_err(|error| CommandError::failed(&error))?;
        body.rest_on(&self.bed(mesh));
        Ok(body)
    }

    /// Weight and gas as they are at the beginning of an operation.
    pub fn first_acts(&self) -> Vec<Act> {
        let weight = self.position.map(|_| Act::Weight { m_s2: self.gravity_m_s2().into() });
        let gas = (0.0 < self.gas_mmhg).then_some(Act::Gas { mmhg: self.gas_mmhg });
        weight.into_iter().chain(gas).collect()
    }
}

/// Gas of `pa` Pa on all of the boundary but what is held; it does not get between the organ and what holds it.
pub fn gas(mesh: &TetMesh, fixed: &[u32], pa: f64) -> Option<Load> {
    if pa <= 0.0 {
        return None;
    }
    let (surface, _) = mesh.boundary();
    let is_free = |triangle: &&[u32; 3]| !triangle.iter().all(|v| fixed.binary_search(v).is_ok());
    let triangles: Vec<[u32; 3]> = surface.triangles().iter().filter(is_free).copied().collect();
    (!triangles.is_empty()).then_some(Load::Pressure { triangles, pa })
}

impl MadeOf {
    /// The same tissue following another law.
    #[must_use]
    pub fn following(&self, law: &Hyperelastic) -> Self {
        Self { material: Material { law: *law, ..self.material }, ..self.clone() }
    }

    /// Tissue that follows `law` of a published `row`; what `body` says itself stays: its stiffness scales all stresses,
    /// Poisson's ratio is its own.
    #[must_use]
    pub(in crate::tools::shared) fn published(
        &self,
        row: &'static Published,
        law: &Hyperelastic,
        body: &OrganBody,
    ) -> Self {
        let poisson = body.poisson.unwrap_or(row.poisson);
        let own = Material::hyperelastic(*law, poisson, row.density_kg_m3, row.strain_max);
        let factor = body.young_kpa.map_or(1.0, |kpa| 1e3 * kpa / own.young_pa);
        let material = Material { young_pa: own.young_pa * factor, law: law.scaled(factor), ..own };
        Self { material, published: Some((row, factor)), assumed: None, ..self.clone() }
    }

    /// The one material for all regions of a mesh.
    pub fn everywhere(&self, mesh: &TetMesh) -> Vec<(u8, Material)> {
        let regions: BTreeSet<u8> = mesh.regions().iter().copied().collect();
        regions.into_iter().map(|region| (region, self.material)).collect()
    }

    /// `summary` with the material and where it comes from.
    pub fn told(&self, summary: Summary) -> Summary {
        let Material { young_pa, poisson, law, .. } = self.material;
        let summary = self.assumed.iter().fold(summary, |summary, text| summary.warning(text.clone()));
        let (name, source, scaled) = match self.published {
            Some((row, 1.0)) => (&row.name, &row.source, String::new()),
            Some((row, factor)) => {
                (&row.name, &row.source, format!(", the published stresses times {factor:.3} for that stiffness"))
            }
            None => (&self.tissue.name, &self.tissue.source, String::new()),
        };
        let constants = law.constants().map_or_else(String::new, |constants| format!(", {constants}"));
        let kpa = young_pa / 1e3;
        summary.method(format!(
            "{name}: E = {kpa:.2} kPa at small strain, ν = {poisson:.3}{constants}{scaled}. Source: {source}."
        ))
    }
}
