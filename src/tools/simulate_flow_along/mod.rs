//! `simulate.flow_along`: a computed flow along the centre lines of its vessels, with a network beside it.

mod picture;
mod tables;

use crate::base::units::PA_PER_MMHG;
use crate::base::{NodeId, Progress, Summary};
use crate::flow::along::{Beside, Branch, Station, branches, stations};
use crate::flow::{FlowResult, Fluid};
use crate::mesh::CentreLines;
use crate::mesh::centre_lines::Rerooted;
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::flow::fluid_of;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A computed flow along its vessels.
#[derive(Debug)]
pub struct SimulateFlowAlong;

/// Parameters of [`SimulateFlowAlong`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Params {
    flow: NodeId,
    lines: NodeId,
    spacing_mm: Option<f64>,
    inlet_mmhg: Option<f64>,
    network: bool,
}

/// Pressure at the inlet that ratios refer to if nothing is said: the mean of an adult's arteries, mmHg.
const INLET_MMHG: f64 = 93.0;

impl Tool for SimulateFlowAlong {
    const ID: &'static str = "simulate.flow_along";
    const LABEL: &'static str = "Flow along the vessels…";
    const HELP: &'static str = "Pressure, pressure ratio (FFR), flow, speed and energy lost along the centre lines of a computed flow, with a network of the same vessels beside it.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("flow", Kind::Node(NodeKind::Flow), "", "the computed flow"),
        ParamSpec::needed("lines", Kind::Node(NodeKind::Lines), "", "the centre lines of its vessels"),
        ParamSpec::with(
            "spacing_mm",
            Kind::Number(0.05, 50.0),
            "mm",
            "null",
            "distance of cross-sections along the lines; half a radius but at least a lattice cell if not given",
        ),
        ParamSpec::with(
            "inlet_mmhg",
            Kind::Number(1.0, 300.0),
            "mmHg",
            "null",
            "mean pressure at the inlet that pressure ratios refer to: 93 for blood, none for air if not given",
        ),
        ParamSpec::with(
            "network",
            Kind::Bool,
            "",
            "true",
            "whether a network of the same vessels and flows is computed beside it, to see how far it is off",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let flow_node = Arc::clone(case.expect_kind(params.flow, NodeKind::Flow)?);
        let lines_node = Arc::clone(case.expect_kind(params.lines, NodeKind::Lines)?);
        let (Data::Flow(flow), Data::Lines(lines)) = (flow_node.data.clone(), lines_node.data.clone()) else {
            unreachable!("the kinds were checked")
        };
        let fluid = fluid_of(case, params.flow)?;
        Ok(Box::new(move |progress| {
            let inlet = flow.openings.iter().find(|o| o.opening.kind.is_inlet());
            // Wherever somebody began them, vessels are followed the way that the fluid takes.
            let rerooted = inlet.map(|inlet| lines.begun_near(&inlet.opening.centre));
            let (lines, old) = match &rerooted {
                Some(Rerooted { lines, old }) => (lines, old.clone()),
                None => (lines.as_ref(), (0..lines.branches().len()).collect()),
            };
            let along = Along::of(&flow, (lines, old), &fluid, &params, progress)?;
            let summary = along.summary();
            let mut edit = Edit::new(format!("flow along {}", lines_node.name));
            edit.message = summary.warnings.first().cloned();
            let picture = picture::tubes(&along);
            let node = Node::new(format!("{}, along the vessels", flow_node.name), Data::Surface(Arc::new(picture)));
            let node = node.with_summary(summary).from_source(params.flow).shown(lines_node.display.colour, 1.0);
            let field = if along.inlet_mmhg.is_some() { picture::RATIO } else { picture::PRESSURE };
            // Its tubes lie inside the wall of the flow and around the lines: both would hide or hurt it.
            let covering = [(params.flow, &flow_node), (params.lines, &lines_node)];
            let covering = covering.into_iter().filter(|(_, node)| node.display.visible);
            let edit = edit.add(node.coloured_by(field));
            Ok(covering.fold(edit, |edit, (id, node)| edit.change(Change::Hide { id, was: node.hash() })))
        }))
    }
}

/// A flow along its vessels.
struct Along<'a> {
    flow: &'a FlowResult,
    lines: &'a CentreLines,
    /// Numbers of the branches in the centre lines of the case.
    old: Vec<usize>,
    fluid: &'a Fluid,
    stations: Vec<Station>,
    /// Mean pressure at the inlet that ratios refer to, mmHg; none without ratios.
    inlet_mmhg: Option<f64>,
    /// Pressure at the inlets in the result, Pa.
    inlet_pa: f64,
    inflow_ml_s: f64,
    network: Option<Result<Beside, String>>,
}

impl<'a> Along<'a> {
    fn of(
        flow: &'a FlowResult,
        (lines, old): (&'a CentreLines, Vec<usize>),
        fluid: &'a Fluid,
        params: &Params,
        progress: &Progress,
    ) -> Result<Self, CommandError> {
        let failed = |error: crate::flow::FlowError| CommandError::failed(&error);
        let radii = lines.branches().iter().map(crate::mesh::centre_lines::CentreBranch::mean_radius_mm);
        let least_mm = radii.fold(f64::INFINITY, f64::min);
        let spacing_mm = params.spacing_mm.unwrap_or((0.5 * least_mm).max(flow.cells.cell_mm()));
        let measuring = progress.part(0.0..0.9, "cross-sections");
        let stations = stations(flow, lines, spacing_mm, fluid.density_kg_m3, &measuring).map_err(failed)?;
        if stations.is_empty() {
            return Err(CommandError::BadParams(
                "no place of these centre lines lies in the flow: choose the centre lines of the lumen that the flow was computed in".into(),
            ));
        }
        let inlets = flow.openings.iter().filter(|o| o.opening.kind.is_inlet());
        // By area: in diastole nothing may flow in.
        let (mut inflow_ml_s, mut area_mm2, mut weighed) = (0.0, 0.0, 0.0);
        for inlet in inlets {
            inflow_ml_s += inlet.inflow_ml_s;
            area_mm2 += inlet.opening.area_mm2;
            weighed += inlet.opening.area_mm2 * inlet.pressure_pa;
        }
        let is_air = fluid.name == Fluid::air().name;
        let inlet_mmhg = params.inlet_mmhg.or((!is_air).then_some(INLET_MMHG));
        let inlet_pa = if 0.0 < area_mm2 { weighed / area_mm2 } else { 0.0 };
        let mut along = Self { flow, lines, old, fluid, stations, inlet_mmhg, inlet_pa, inflow_ml_s, network: None };
        // A network divides what comes in; it does not join what goes out.
        if params.network && !along.is_reversed() {
            let solving = progress.part(0.9..1.0, "network");
            let beside = Beside::of(lines, &along.stations, inflow_ml_s, fluid, &solving);
            along.network = Some(beside.map_err(|error| format!("no network beside it: {error}")));
        }
        Ok(along)
    }

    /// What a branch is called.
    fn name(&self, branch: usize) -> String {
        format!("branch {}", self.old[branch] + 1)
    }

    /// Whether what flows goes out at the inlet, as in expiration.
    fn is_reversed(&self) -> bool {
        self.inflow_ml_s < 0.0
    }

    /// Pressure lost since the inlet, Pa; of flow that goes out there, on the way to it.
    fn lost_pa(&self, pressure_pa: f64) -> f64 {
        if self.is_reversed() { pressure_pa - self.inlet_pa } else { self.inlet_pa - pressure_pa }
    }

    fn is_air(&self) -> bool {
        self.fluid.name == Fluid::air().name
    }

    /// The unit in which pressures are shown, and how many Pa it is.
    fn pressure_unit(&self) -> (&'static str, f64) {
        if self.is_air() { ("Pa", 1.0) } else { ("mmHg", PA_PER_MMHG) }
    }

    /// Pressure over that at the inlet, if it is known what pressure is there.
    fn ratio(&self, pressure_pa: f64) -> Option<f64> {
        self.inlet_mmhg.map(|inlet| 1.0 - (self.inlet_pa - pressure_pa) / (inlet * PA_PER_MMHG))
    }

    /// The branches with cross-sections.
    fn branches(&self) -> Vec<Branch<'_>> {
        branches(&self.stations, self.lines.branches().len())
    }

    fn summary(&self) -> Summary {
        tables::summary(self)
    }
}
