//! `simulate.flow_compare`: two computed flows beside each other, as before and after a stent.

mod tables;

use super::shared::flow::{Flow, flow};
use crate::base::NodeId;
use crate::flow::difference::{WallDifference, velocity_difference};
use crate::session::data::SurfaceData;
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What differs between two computed flows.
#[derive(Debug)]
pub struct SimulateFlowCompare;

/// Parameters of [`SimulateFlowCompare`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    flow: NodeId,
    other: NodeId,
    tolerance_mm: Option<f64>,
}

/// The field the wall is coloured by.
const FIELD: &str = "difference of wall shear stress";
/// The wall that has no other beside it.
const REST_COLOUR: [u8; 3] = [120, 125, 130];
const REST_OPACITY: f32 = 0.35;

impl Tool for SimulateFlowCompare {
    const ID: &'static str = "simulate.flow_compare";
    const LABEL: &'static str = "Compare two flows…";
    const HELP: &'static str = "What differs between two computed flows in the same or an edited lumen: pressure drop, flow by opening, wall shear and pressure on the common wall, speed, energy lost.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("flow", Kind::Node(NodeKind::Flow), "", "the first flow, A: as before a stent"),
        ParamSpec::needed("other", Kind::Node(NodeKind::Flow), "", "the second flow, B: what is shown is B less A"),
        ParamSpec::with(
            "tolerance_mm",
            Kind::Number(0.001, 50.0),
            "mm",
            "null",
            "walls of the two that lie nearer than this are the same wall; the larger of the two lattice cells if not given",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let (first, second) = (flow(case, params.flow)?, flow(case, params.other)?);
        let cell_mm = first.result.cells.cell_mm().max(second.result.cells.cell_mm());
        let tolerance_mm = params.tolerance_mm.unwrap_or(cell_mm);
        Ok(Box::new(move |progress| {
            let matching = progress.part(0.0..0.5, "walls");
            let wall = WallDifference::of(&first.result, &second.result, tolerance_mm, &matching)?;
            if wall.share == 0.0 {
                return Err(CommandError::BadParams(format!(
                    "no wall of {} lies within {tolerance_mm:.3} mm of that of {}: choose flows in the same lumen, or a larger tolerance",
                    second.node.name, first.node.name
                )));
            }
            let velocity = velocity_difference(&first.result, &second.result);
            progress.set(0.6)?;
            let [of_first, of_second] = [0.6..0.8, 0.8..1.0].map(|range| progress.part(range, "vorticity"));
            let both = [tables::Numbers::of(&first, &of_first)?, tables::Numbers::of(&second, &of_second)?];
            let [a, b] = names([&first, &second], [params.flow, params.other]);
            let summary = tables::summary([&first, &second], [&a, &b], &both, &wall, &velocity, tolerance_mm);
            let mut edit = Edit::new(format!("compare {a} and {b}"));
            edit.message = summary.warnings.first().cloned();
            let WallDifference { common, rest, fields, .. } = wall;
            let field = fields.iter().find(|field| field.name == FIELD).or(fields.first()).map(|f| f.name.clone());
            let data = Data::Surface(Arc::new(SurfaceData { surface: common, fields }));
            let mut node = Node::new(format!("{b} less {a}"), data).with_summary(summary).from_source(params.flow);
            node.display.field = field;
            edit = edit.add(node);
            if let Some(rest) = rest {
                let rest = Node::new(format!("Wall of {a} alone"), Data::surface(rest)).from_source(params.flow);
                edit = edit.add(rest.shown(REST_COLOUR, REST_OPACITY));
            }
            // The walls of both lie where the difference is shown.
            let mut covering = vec![(params.flow, &first.node)];
            if params.other != params.flow {
                covering.push((params.other, &second.node));
            }
            let covering = covering.into_iter().filter(|(_, node)| node.display.visible);
            Ok(covering.fold(edit, |edit, (id, node)| edit.change(Change::Hide { id, was: node.hash() })))
        }))
    }
}

/// What the two are called, with their numbers if the name alone does not tell them apart.
fn names(flows: [&Flow; 2], ids: [NodeId; 2]) -> [String; 2] {
    let [a, b] = flows.map(|flow| flow.node.name.clone());
    if a == b { ids.map(|id| format!("{a} ({id})")) } else { [a, b] }
}
