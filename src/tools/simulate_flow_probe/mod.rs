//! `simulate.flow_probe`: a computed flow at points, along a line or through sections, at a moment and over the beat.

mod points;
mod sections;

use super::shared::flow::{Flow, flow, moments};
use crate::base::{NodeId, Summary};
use crate::flow::FlowResult;
use crate::geom::{Point, Vector};
use crate::session::data::SurfaceData;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A computed flow at points, along a line or through sections.
#[derive(Debug)]
pub struct SimulateFlowProbe;

/// Parameters of [`SimulateFlowProbe`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    flow: NodeId,
    points: Vec<[f64; 3]>,
    what: String,
    normal: Option<[f64; 3]>,
    samples: usize,
}

impl Tool for SimulateFlowProbe {
    const ID: &'static str = "simulate.flow_probe";
    const LABEL: &'static str = "Probe a flow…";
    const HELP: &'static str = "Speed, pressure and flow of a computed flow at points, along a line or through sections; of a beat over its stored moments too.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("flow", Kind::Node(NodeKind::Flow), "", "the computed flow"),
        ParamSpec::needed("points", Kind::Points, "mm", "where: places in the lumen"),
        ParamSpec::with(
            "what",
            Kind::Choice(&["points", "line", "section"]),
            "",
            "\"section\"",
            "what is measured: at the points, along the line through them, or a section through each",
        ),
        ParamSpec::with(
            "normal",
            Kind::Point,
            "",
            "null",
            "direction of the velocity that is told apart, and normal of sections; along the line, and across the mean flow through the section, if not given",
        ),
        ParamSpec::with("samples", Kind::Integer(2, 5000), "", "100", "places along a line"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let flow = flow(case, params.flow)?;
        let moments = moments(case, params.flow);
        let normal = params.normal.map(Vector::from);
        if normal.is_some_and(|normal| normal.norm() < 1e-9) {
            return Err(CommandError::BadParams("the normal has no length; give a direction, as 0,0,1".into()));
        }
        let asked = Asked {
            points: params.points.iter().map(|point| Point::from(*point)).collect(),
            normal: normal.map(|normal| normal.normalize()),
            moments,
            flow,
        };
        if params.what == "line" && asked.points.windows(2).all(|pair| pair[0] == pair[1]) {
            return Err(CommandError::BadParams("a line needs at least two points at different places".into()));
        }
        Ok(Box::new(move |progress| {
            progress.set(0.0)?;
            let found = match params.what.as_str() {
                "points" => points::at_points(&asked)?,
                "line" => points::along_line(&asked, params.samples)?,
                _ => sections::sections(&asked, progress)?,
            };
            let Found { name, data, field, summary } = found;
            let mut edit = Edit::new(format!("probe {}", asked.flow.node.name));
            edit.message = summary.warnings.first().cloned();
            let name = format!("{name} of {}", asked.flow.node.name);
            let node = Node::new(name, Data::Surface(Arc::new(data))).with_summary(summary);
            Ok(edit.add(node.from_source(params.flow).coloured_by(field)))
        }))
    }
}

/// What is asked of which flow.
struct Asked {
    flow: Flow,
    points: Vec<Point>,
    /// Unit.
    normal: Option<Vector>,
    /// The moments of the beat, with their times in s.
    moments: Vec<(f64, Arc<FlowResult>)>,
}

/// What was measured: what is shown of it, and what is said.
struct Found {
    name: &'static str,
    data: SurfaceData,
    /// The field it is coloured by.
    field: &'static str,
    summary: Summary,
}

impl Asked {
    /// The sentence on a point outside the lumen; none for one inside.
    fn outside(&self, n: usize) -> Option<String> {
        let point = self.points[n];
        let result = &self.flow.result;
        if result.velocity_at(point).is_some() {
            return None;
        }
        let Point { coords } = point;
        Some(format!(
            "point {} ({:.1}, {:.1}, {:.1} mm) lies outside the lumen, {:.2} mm from the nearest lattice cell",
            n + 1,
            coords.x,
            coords.y,
            coords.z,
            nearest_mm(result, point)
        ))
    }

    /// A summary with what is true of every probe.
    fn summary(&self) -> Summary {
        let summary = Summary::default()
            .method("velocity and pressure by trilinear interpolation of the lattice cells, at rest beyond the wall")
            .limit("pressures are gauge pressures: what the outlets were held at is where they start from")
            .limit("nearer to the wall than a cell, speed is less exact than elsewhere");
        if self.moments.is_empty() && self.flow.is_mean {
            return summary.limit("of the mean flow of a beat: what the flow does within the beat is not told, as none of its phases were kept");
        }
        if self.moments.is_empty() {
            return summary;
        }
        summary.method(format!(
            "over the beat: its {} stored moments; ask for more phases when the flow is computed for a finer curve",
            self.moments.len()
        ))
    }
}

/// Distance in mm from a point to the surface of the nearest lattice cell, taken as a ball.
fn nearest_mm(result: &FlowResult, point: Point) -> f64 {
    let distance = |cell: usize| (result.cells.centre(cell) - point).norm_squared();
    let nearest = (0..result.cells.len()).into_par_iter().map(distance).reduce(|| f64::INFINITY, f64::min);
    (nearest.sqrt() - 0.5 * result.cells.cell_mm()).max(0.0)
}
