//! `simulate.rest_shape`: the shape of an organ without its weight, from the shape the scan shows.

use super::shared::organ_body::{
    BED, GAS, HOLD_AT, HOLD_RADIUS, HOLD_TOUCHING, Hold, OrganBody, POISSON, TILT, TISSUE, TOUCHING, YOUNG,
};
use crate::base::NodeId;
use crate::biomech::{Model, Options, Position, Problem, rest_shape};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The shape of an organ without its weight.
#[derive(Debug)]
pub struct SimulateRestShape;

/// Parameters of [`SimulateRestShape`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    mesh: NodeId,
    #[serde(flatten)]
    body: OrganBody,
}

impl Tool for SimulateRestShape {
    const ID: &'static str = "simulate.rest_shape";
    const LABEL: &'static str = "Take its weight off…";
    const HELP: &'static str =
        "Find the shape an organ has without the weight that deformed it in the scanner; simulate with that one.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("mesh", Kind::Node(NodeKind::Tets), "", "the tetrahedral mesh as scanned"),
        TISSUE,
        YOUNG,
        POISSON,
        ParamSpec::with("hold", Kind::Choice(Hold::WORDS), "", "\"superior\"", "the side that is held"),
        ParamSpec::with("hold_part", Kind::Number(0.01, 0.9), "", "0.3", "the part of its extent that is held"),
        HOLD_AT,
        HOLD_RADIUS,
        HOLD_TOUCHING,
        TOUCHING,
        ParamSpec::with(
            "position",
            Kind::Choice(Position::WORDS),
            "",
            "\"supine\"",
            "how the patient lay in the scanner",
        ),
        TILT,
        GAS,
        BED,
    ];
    type Params = Params;

    fn prepare(case: &Case, mut params: Params) -> Result<Task, CommandError> {
        params.body = params.body.found_in(case)?;
        let node = Arc::clone(case.expect_kind(params.mesh, NodeKind::Tets)?);
        let Data::Tets(mesh) = node.data.clone() else { unreachable!("the kind was checked") };
        let made_of = params.body.made_of(&node.name)?;
        Ok(Box::new(move |progress| {
            let (fixed, materials) = (params.body.fixed(&mesh)?, made_of.everywhere(&mesh));
            let loads = params.body.around(&mesh, &fixed);
            let model = Model::NeoHookean;
            let problem = Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model };
            let (found, summary) =
                rest_shape(&problem, &Options::default(), progress).map_err(|error| CommandError::failed(&error))?;
            let summary = made_of.told(summary);
            let body = node.name.trim_end_matches(" tetrahedra");
            let mut edit = Edit::new(format!("take the weight off {body}"));
            edit.message = summary.warnings.first().cloned();
            let colour = node.display.colour;
            let rest = Node::new(format!("{body} at rest tetrahedra"), Data::Tets(found.mesh));
            let loaded = Node::new(format!("{body}, as scanned"), Data::Tissue(Arc::new(found.loaded)));
            Ok(edit.add(rest.with_summary(summary.clone()).from_source(params.mesh).shown(colour, 1.0).hidden()).add(
                loaded.with_summary(summary).from_source(params.mesh).shown(colour, 1.0).coloured_by("displacement"),
            ))
        }))
    }
}
