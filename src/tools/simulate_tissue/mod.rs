//! `simulate.tissue`: hold an organ, pull or press it, and see where it comes to rest.

mod at_rest;
mod law;
mod setup;

pub(super) use self::at_rest::at_rest;
pub use self::at_rest::seen_with;
use super::shared::organ_body::{
    BED, GAS, HOLD, HOLD_AT, HOLD_PART, HOLD_RADIUS, HOLD_TOUCHING, OrganBody, POISSON, POSITION, TILT, TISSUE,
    TOUCHING, YOUNG,
};
use crate::base::NodeId;
use crate::biomech::{Load, Options, Problem, quasi_static};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub use law::TissueLaw;
pub use setup::{Action, patch_at};

use law::{mooney_share, ogden_alpha};

/// Steps of a load under friction.
const FRICTION_STEPS: usize = 6;

/// Hold an organ, pull or press it, and see where it comes to rest.
#[derive(Debug)]
pub struct SimulateTissue;

/// Parameters of [`SimulateTissue`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Params {
    /// The tetrahedral mesh.
    pub mesh: NodeId,
    /// What the organ is made of, what holds it and what acts on it.
    #[serde(flatten)]
    pub body: OrganBody,
    /// The law it follows.
    pub model: TissueLaw,
    /// α of Ogden's law.
    #[serde(default = "ogden_alpha")]
    pub ogden_alpha: f64,
    /// Whether parts and the sides of cuts press on each other.
    #[serde(default)]
    pub contact: bool,
    /// Coulomb's coefficient there.
    #[serde(default)]
    pub friction: f64,
    /// Share of Mooney's second constant.
    #[serde(default = "mooney_share")]
    pub mooney_share: f64,
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

impl Tool for SimulateTissue {
    const ID: &'static str = "simulate.tissue";
    const LABEL: &'static str = "Pull or press…";
    const HELP: &'static str =
        "Hold one side of an organ, pull, press or weigh it, and compute where it comes to rest.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("mesh", Kind::Node(NodeKind::Tets), "", "the tetrahedral mesh"),
        TISSUE,
        YOUNG,
        POISSON,
        ParamSpec::with(
            "model",
            Kind::Choice(TissueLaw::WORDS),
            "",
            "\"neo_hookean\"",
            "the law for large deformations, or linear for small ones only; all have the same stiffness at small strain",
        ),
        ParamSpec::with(
            "ogden_alpha",
            Kind::Number(-30.0, 30.0),
            "",
            "8",
            "exponent of Ogden's law: 2 is neo-Hookean, more stiffens when stretched, below 0 when pressed; not 0",
        ),
        ParamSpec::with(
            "mooney_share",
            Kind::Number(0.0, 1.0),
            "",
            "0.5",
            "share of the second constant of Mooney and Rivlin's law in the stiffness; 0 is neo-Hookean",
        ),
        ParamSpec::with(
            "contact",
            Kind::Bool,
            "",
            "false",
            "whether unconnected parts, lobes and the sides of cuts press on each other in place of passing through",
        ),
        ParamSpec::with(
            "friction",
            Kind::Number(0.0, 2.0),
            "",
            "0",
            "Coulomb's coefficient where they do; wet serosa slides almost without",
        ),
        HOLD,
        HOLD_PART,
        HOLD_AT,
        HOLD_RADIUS,
        HOLD_TOUCHING,
        TOUCHING,
        ParamSpec::with(
            "action",
            Kind::Choice(Action::WORDS),
            "",
            "\"pull\"",
            "pull a patch, press on it, or let it hang by its weight alone",
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
        POSITION,
        TILT,
        GAS,
        BED,
    ];
    type Params = Params;

    fn prepare(case: &Case, mut params: Params) -> Result<Task, CommandError> {
        params.body = params.body.found_in(case)?;
        let node = Arc::clone(case.expect_kind(params.mesh, NodeKind::Tets)?);
        let Data::Tets(mesh) = node.data.clone() else { unreachable!("the kind was checked") };
        let at_rest = at_rest(case, params.mesh, &node);
        let made_of = params.body.made_of(&node.name)?;
        let (model, law) = params.model.law(made_of.material.shear_pa(), params.ogden_alpha, params.mooney_share)?;
        Ok(Box::new(move |progress| {
            let (fixed, materials) = (params.body.fixed(&mesh)?, made_of.following(&law).everywhere(&mesh));
            let mut loads = setup::loads(&mesh, &params)?;
            if params.contact {
                loads.push(Load::Contact { sides: None, friction: params.friction });
            }
            let problem = Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model };
            // The way of the load is the way of friction: it is gone in steps.
            let rubs = params.contact && 0.0 < params.friction;
            let options =
                if rubs { Options { load_steps: FRICTION_STEPS, ..Options::default() } } else { Options::default() };
            let (result, summary) =
                quasi_static(&problem, &options, progress).map_err(|error| CommandError::failed(&error))?;
            let summary = made_of.told(summary);
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
