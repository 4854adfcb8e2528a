//! `simulate.tissue`: hold an organ, pull or press it, and see where it comes to rest.

mod at_rest;
mod guess;
mod setup;

use self::at_rest::at_rest;
use crate::base::NodeId;
use crate::biomech::{Model, Options, Problem, quasi_static};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub use guess::tissue_of;
pub use setup::{Action, Hold, held, patch_at};

/// Hold an organ, pull or press it, and see where it comes to rest.
#[derive(Debug)]
pub struct SimulateTissue;

/// Parameters of [`SimulateTissue`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Params {
    /// The tetrahedral mesh.
    pub mesh: NodeId,
    /// Id of the tissue in the table.
    pub tissue: Option<String>,
    /// Young's modulus in place of the table's, kPa.
    pub young_kpa: Option<f64>,
    /// Poisson's ratio in place of the table's.
    pub poisson: Option<f64>,
    /// Small or large deformations.
    pub model: Model,
    /// The side that is held.
    pub hold: Hold,
    /// The part of the organ's extent that is held, 0 to 1.
    pub hold_part: f64,
    /// What is done to it.
    pub action: Action,
    /// Where it is pulled or pressed, LPS mm; the side opposite the held one if not given.
    pub at: Option<[f64; 3]>,
    /// How large the patch is, mm.
    pub radius_mm: f64,
    /// Where a pulled patch goes, mm; 15 mm outwards if not given.
    pub by_mm: Option<[f64; 3]>,
    /// Pressure on a pressed patch, kPa.
    pub pressure_kpa: f64,
}

const TISSUES: &[&str] =
    &["liver", "lung", "brain", "kidney", "spleen", "fat", "muscle", "skin", "vessel-wall", "tumour", "bone"];

impl Tool for SimulateTissue {
    const ID: &'static str = "simulate.tissue";
    const LABEL: &'static str = "Pull or press…";
    const HELP: &'static str =
        "Hold one side of an organ, pull, press or weigh it, and compute where it comes to rest.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("mesh", Kind::Node(NodeKind::Tets), "", "the tetrahedral mesh"),
        ParamSpec::with(
            "tissue",
            Kind::Choice(TISSUES),
            "",
            "null",
            "what it is made of, by its name if not given; constants and sources are in the table",
        ),
        ParamSpec::with("young_kpa", Kind::Number(0.05, 1e7), "kPa", "null", "stiffness in place of the table's"),
        ParamSpec::with("poisson", Kind::Number(0.0, 0.499), "", "null", "Poisson's ratio in place of the table's"),
        ParamSpec::with(
            "model",
            Kind::Choice(&["neo_hookean", "linear_elastic"]),
            "",
            "\"neo_hookean\"",
            "for large or only for small deformations",
        ),
        ParamSpec::with("hold", Kind::Choice(Hold::WORDS), "", "\"posterior\"", "the side that is held"),
        ParamSpec::with("hold_part", Kind::Number(0.01, 0.9), "", "0.15", "the part of its extent that is held"),
        ParamSpec::with(
            "action",
            Kind::Choice(Action::WORDS),
            "",
            "\"pull\"",
            "pull a patch, press on it, or let it hang in a direction of gravity",
        ),
        ParamSpec::with("at", Kind::Point, "mm", "null", "where; opposite the held side if not given"),
        ParamSpec::with("radius_mm", Kind::Number(0.5, 200.0), "mm", "12", "radius of the patch"),
        ParamSpec::with("by_mm", Kind::Point, "mm", "null", "where a pulled patch goes; 15 mm outwards if not given"),
        ParamSpec::with(
            "pressure_kpa",
            Kind::Number(-100.0, 100.0),
            "kPa",
            "1",
            "pressure on a pressed patch; negative sucks",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let node = Arc::clone(case.expect_kind(params.mesh, NodeKind::Tets)?);
        let Data::Tets(mesh) = node.data.clone() else { unreachable!("the kind was checked") };
        let at_rest = at_rest(case, params.mesh, &node);
        let (tissue, assumed) = tissue_of(params.tissue.as_deref(), &node.name)?;
        Ok(Box::new(move |progress| {
            let mut material = tissue.material();
            material.young_pa = params.young_kpa.map_or(material.young_pa, |kpa| kpa * 1e3);
            material.poisson = params.poisson.unwrap_or(material.poisson);
            let fixed = held(&mesh, params.hold, params.hold_part);
            let loads = setup::loads(&mesh, &params)?;
            let regions: std::collections::BTreeSet<u8> = mesh.regions().iter().copied().collect();
            let materials: Vec<_> = regions.into_iter().map(|region| (region, material)).collect();
            let problem =
                Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: params.model };
            let (result, summary) =
                quasi_static(&problem, &Options::default(), progress).map_err(|error| CommandError::failed(&error))?;
            let summary = assumed.into_iter().fold(summary, |summary, text| summary.warning(text));
            let summary = summary.method(format!(
                "{}: E = {:.2} kPa, ν = {:.3}. Table: {}.",
                tissue.name,
                material.young_pa / 1e3,
                material.poisson,
                tissue.source
            ));
            let (action, done) = params.action.words();
            let body = node.name.trim_end_matches(" tetrahedra");
            let name = format!("{body}, {done}");
            let mut edit = Edit::new(format!("{action} {body}"));
            edit.message = summary.warnings.first().cloned();
            let colour = node.display.colour;
            let node = Node::new(name, Data::Tissue(Arc::new(result))).with_summary(summary).from_source(params.mesh);
            Ok(at_rest.into_iter().fold(edit.add(node.shown(colour, 1.0).coloured_by("displacement")), Edit::change))
        }))
    }
}
