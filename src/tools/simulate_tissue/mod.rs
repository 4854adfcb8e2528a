//! `simulate.tissue`: hold an organ, pull or press it, and see where it comes to rest.

mod at_rest;
mod elements;

pub(super) use self::at_rest::at_rest;
pub use self::at_rest::seen_with;
pub use super::shared::hand::patch_at;
use super::shared::hand::{ACTION, AT, BY, Hand, PRESSURE, RADIUS};
use super::shared::organ_body::{
    BED, GAS, HOLD, HOLD_AT, HOLD_PART, HOLD_RADIUS, HOLD_TOUCHING, OrganBody, POISSON, POSITION, TILT, TISSUE,
    TOUCHING, YOUNG,
};
use super::shared::tissue_law::{CONTRACT, FIBRE, FIBRE_LINES, LawAsked, MODEL, MOONEY, OGDEN, PUBLISHED};
use crate::base::NodeId;
use crate::biomech::{Load, Options, Problem, quasi_static_with_fibres};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
pub use elements::Elements;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

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
    #[serde(flatten)]
    pub law: LawAsked,
    /// How elements carry displacement.
    #[serde(default)]
    pub elements: Elements,
    /// Whether parts and the sides of cuts press on each other.
    #[serde(default)]
    pub contact: bool,
    /// Coulomb's coefficient there.
    #[serde(default)]
    pub friction: f64,
    /// What is done to it.
    #[serde(flatten)]
    pub hand: Hand,
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
        HOLD,
        ACTION,
        AT,
        BY,
        RADIUS,
        PRESSURE,
        POSITION,
        HOLD_PART,
        POISSON,
        MODEL,
        OGDEN,
        MOONEY,
        PUBLISHED,
        FIBRE,
        FIBRE_LINES,
        CONTRACT,
        ParamSpec::with(
            "elements",
            Kind::Choice(Elements::WORDS),
            "",
            "\"linear\"",
            "quadratic ones need far fewer tetrahedra for the same error, but take longer each and know no bed and no contact",
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
        HOLD_AT,
        HOLD_RADIUS,
        HOLD_TOUCHING,
        TOUCHING,
        TILT,
        GAS,
        BED,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { mesh: id, body, law, elements, contact, friction, hand } = params;
        elements.check(&body, contact)?;
        let (body, law) = (body.found_in(case)?, law.found_in(case)?);
        let node = Arc::clone(case.expect_kind(id, NodeKind::Tets)?);
        let Data::Tets(mesh) = node.data.clone() else { unreachable!("the kind was checked") };
        let at_rest = at_rest(case, id, &node);
        let (model, made_of) = law.of(&body, &body.made_of(&node.name)?)?;
        Ok(Box::new(move |progress| {
            let (fixed, materials) = (body.fixed(&mesh)?, made_of.everywhere(&mesh));
            let mut loads = body.around(&mesh, &fixed);
            loads.extend(hand.loads(&body, &mesh, &fixed)?);
            loads.extend(law.contraction(&mesh));
            if contact {
                loads.push(Load::Contact { sides: None, friction });
            }
            let fibres = law.fibres(&mesh, &made_of.material.law, &progress.part(0.0..0.05, "fibres"))?;
            let problem = Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model };
            // The way of the load is the way of friction: it is gone in steps.
            let rubs = contact && 0.0 < friction;
            let load_steps = if rubs { FRICTION_STEPS } else { Options::default().load_steps };
            let options = Options { formulation: elements.formulation(), load_steps, ..Options::default() };
            let solving = progress.part(0.05..1.0, "tissue");
            let (result, summary) = quasi_static_with_fibres(&problem, &fibres, &options, &solving)
                .map_err(|error| CommandError::failed(&error))?;
            let summary = made_of.told(summary);
            let (action, done) = hand.action.words();
            let organ = node.name.trim_end_matches(" tetrahedra");
            let mut edit = Edit::new(format!("{action} {organ}"));
            edit.message = summary.warnings.first().cloned();
            let colour = node.display.colour;
            let node = Node::new(format!("{organ}, {done}"), Data::Tissue(Arc::new(result)));
            let node = node.with_summary(summary).from_source(id).shown(colour, 1.0).coloured_by("displacement");
            Ok(at_rest.into_iter().fold(edit.add(node), Edit::change))
        }))
    }
}
