//! `simulate.flow`: flow of air or blood in a segmented lumen, steady, with the heart beat or with breathing.

mod beat;
mod breath;
mod openings;
mod problem;
mod prospect;
mod coronary;
mod vessel;

pub use openings::{Becomes, OpeningChange, Place};
pub use prospect::{Known, Prospect};

use super::shared::flow::MOMENT;
use super::shared::{capitalised, one_segment};
use crate::base::{NodeId, SegmentId, Summary};
use crate::flow::breath::{Direction, simulate_breath};
use crate::flow::{FlowResult, Phase, simulate, simulate_pulse};
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use problem::{Problem, affordable};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Flow of air or blood in a segmented lumen.
#[derive(Debug)]
pub struct SimulateFlow;

/// Parameters of [`SimulateFlow`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    segment: Option<u8>,
    vessel: String,
    fluid: Option<String>,
    rheology: String,
    flow_ml_s: Option<f64>,
    inlet_at: Option<[f64; 3]>,
    ends_max: Option<usize>,
    end_radius_mm: f64,
    opening_mm2_min: f64,
    #[serde(default)]
    openings: Vec<OpeningChange>,
    #[serde(default)]
    extension_diameters: f64,
    split: Option<String>,
    mach: f64,
    cells_across: f64,
    tolerance: f64,
    exchanges_max: f64,
    steps_max: Option<usize>,
    #[serde(default)]
    end_after: Option<usize>,
    minutes_max: f64,
    device: String,
    start: Option<NodeId>,
    #[serde(flatten)]
    beat: beat::Params,
    #[serde(flatten)]
    breath: breath::Params,
}

/// Branch ends inside the scan that are opened for air if nothing else is said.
const AIRWAY_ENDS: usize = 16;
/// The same for blood, where the faces of the scan give no way in and out.
const VESSEL_ENDS: usize = 4;
/// Flow if nothing is said of it, ml/s.
const FLOW_ML_S: f64 = 10.0;
/// Opacity of the wall: what flows inside is seen through it.
const WALL_OPACITY: f32 = 0.4;

impl Tool for SimulateFlow {
    const ID: &'static str = "simulate.flow";
    const LABEL: &'static str = "Flow…";
    const HELP: &'static str = "Let air or blood flow through a segmented lumen, steadily, with the heart beat or with breathing: pressure, speed and wall shear, with openings found by themselves.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation of the lumen"),
        ParamSpec::with("segment", Kind::Integer(1, 255), "", "null", "which segment; the only one if not given"),
        ParamSpec::with(
            "vessel",
            Kind::Choice(vessel::WORDS),
            "",
            "\"any\"",
            "which vessel it is: its usual fluid, flow, pressure and split hold where nothing else is given",
        ),
        ParamSpec::with(
            "fluid",
            Kind::Choice(&["air", "blood"]),
            "",
            "null",
            "what flows; that of the vessel, or blood, if not given",
        ),
        ParamSpec::with(
            "rheology",
            Kind::Choice(&["newtonian", "carreau-yasuda", "casson"]),
            "",
            "\"newtonian\"",
            "whether blood thins with shear: one viscosity (large vessels), after Carreau and Yasuda, or after Casson",
        ),
        ParamSpec::with(
            "flow_ml_s",
            Kind::Number(0.001, 10_000.0),
            "ml/s",
            "null",
            "volume flow through the inlet; the usual one of the vessel, or 10, if not given",
        ),
        ParamSpec::with(
            "inlet_at",
            Kind::Point,
            "mm",
            "null",
            "the inlet is the opening nearest to this point; if not given the widest at a face of the scan, or an end inside that is half as wide again",
        ),
        ParamSpec::with(
            "ends_max",
            Kind::Integer(0, 200),
            "",
            "null",
            "branch ends inside the scan to open; 16 for air, none for blood if not given, or 4 where the faces of the scan alone give no way in and out",
        ),
        ParamSpec::with(
            "end_radius_mm",
            Kind::Number(0.2, 20.0),
            "mm",
            "2",
            "branches are followed while they have this radius, and opened there",
        ),
        ParamSpec::with(
            "opening_mm2_min",
            Kind::Number(0.01, 10_000.0),
            "mm²",
            "3",
            "smaller openings at the border of the scan stay closed",
        ),
        openings::OPENINGS,
        openings::EXTENSION,
        ParamSpec::with(
            "split",
            Kind::Choice(&["pressure", "murray", "area"]),
            "",
            "null",
            "what holds at several outlets: the same pressure, or shares of the flow by the third power of their radius, or by their area; that usual for the vessel, or the pressure, if not given",
        ),
        ParamSpec::with(
            "mach",
            Kind::Number(0.02, 0.3),
            "",
            "0.1",
            "fastest speed over the lattice's speed of sound: smaller is less compressible and takes longer; lowered by itself where the density would vary too much",
        ),
        ParamSpec::with("cells_across", Kind::Number(4.0, 400.0), "", "20", "lattice cells across the inlet"),
        ParamSpec::with(
            "tolerance",
            Kind::Number(1e-6, 0.1),
            "",
            "0.01",
            "steady when no pressure or flow is expected to change by more than this share",
        ),
        ParamSpec::with(
            "exchanges_max",
            Kind::Number(0.1, 1000.0),
            "",
            "6",
            "stop when the inflow has exchanged the fluid so often; the result says if it is not steady then",
        ),
        ParamSpec::with(
            "steps_max",
            Kind::Integer(100, 10_000_000),
            "",
            "null",
            "stop after so many steps at the latest; no such limit if not given",
        ),
        ParamSpec::with(
            "end_after",
            Kind::Integer(1, 10_000_000_000),
            "",
            "null",
            "end steady flow at this step with what there is then: written by the window where somebody ended the computation by hand, so that it can be done again",
        ),
        ParamSpec::with(
            "minutes_max",
            Kind::Number(0.1, 600.0),
            "min",
            "20",
            "refuse what would take longer by estimate",
        ),
        ParamSpec::with(
            "device",
            Kind::Choice(&["processor", "fastest"]),
            "",
            "\"processor\"",
            "what computes: the processor, whose results are the same to the bit everywhere, or the graphics card where a short measurement finds it faster",
        ),
        ParamSpec::with(
            "start",
            Kind::Node(NodeKind::Flow),
            "",
            "null",
            "an earlier flow in much the same lumen to go on from: one that was stopped, of other flow or of coarser cells; steady flow only",
        ),
        beat::WAVEFORM,
        beat::POINTS,
        beat::HEART_RATE,
        beat::PEAK,
        beat::SYSTOLE,
        beat::CYCLES,
        beat::OUTLETS,
        beat::MEAN_PRESSURE,
        beat::COMPLIANCE,
        beat::PHASES,
        coronary::VENTRICLE,
        coronary::MUSCLE,
        breath::TIDAL,
        breath::RATE,
        breath::SHARE,
        breath::FLOWS,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let labels = super::shared::labels(case, params.labels)?;
        let id = one_segment(&labels, params.segment)?;
        params.check_breath()?;
        params.check_end()?;
        let covering = covering(case, params.labels, id);
        let start = params.start.map(|start| earlier(case, start, &params.beat)).transpose()?;
        Ok(Box::new(move |progress| {
            let failed = |error: crate::flow::FlowError| CommandError::failed(&error);
            let found = params.found(&labels.mask(id), &progress.part(0.0..0.05, "openings"))?;
            let problem = params.problem(found, start)?;
            affordable(&problem.cost()?, params.minutes_max)?;
            let Problem { setup, pulse, breath, warnings, usual, .. } = problem;
            let breathes = breath.is_some();
            let fluid = setup.fluid.name.clone();
            let progress = progress.part(0.05..1.0, "flow");
            // Each phase with what its name says of when it is, and its own summary.
            let (result, mut summary, phases) = match (&pulse, &breath) {
                (_, Some(breath)) => {
                    let found = simulate_breath(&setup, breath, &progress).map_err(failed)?;
                    let of_expiration = found.way(Direction::Out).next().map(|flow| flow.summary.clone());
                    let phase = ("at peak expiration".to_owned(), found.expiration, of_expiration.unwrap_or_default());
                    let told = params.breath.tell(found.summary, !params.beat.points().is_empty());
                    (found.inspiration, told, vec![phase])
                }
                (None, None) => {
                    let (result, summary) = simulate(&setup, &progress).map_err(failed)?;
                    (result, summary, Vec::new())
                }
                (Some(pulse), None) => {
                    let found = simulate_pulse(&setup, pulse, &progress).map_err(failed)?;
                    let phase = |phase: Phase| {
                        let moment = Summary::default().fact(MOMENT, phase.time_s, "s");
                        (format!("at {:.2} s", phase.time_s), phase.flow, moment)
                    };
                    let phases = found.cycle.phases.into_iter().map(phase).collect();
                    (found.mean, params.beat.tell(found.summary), phases)
                }
            };
            summary.warnings.extend(warnings);
            if let Some(usual) = &usual {
                let is_given = params.flow_ml_s.is_some() || params.beat.has_points() || breathes;
                summary = summary.method(usual.told(is_given));
            }
            if 0.0 < params.extension_diameters {
                let diameters = params.extension_diameters;
                summary = summary.method(format!(
                    "straight tubes of {diameters} diameters put on where the faces of the scan cut the lumen"
                ));
            }
            let segment = labels.segment(id).expect("picked above");
            let name = format!("{} in {}", capitalised(&fluid), segment.name);
            let of_main = if breathes { format!("{name} at peak inspiration") } else { name.clone() };
            let mut edit = Edit::new(format!("{fluid} flow in {}", segment.name));
            edit.message = summary.warnings.first().cloned();
            if let Some(step) = progress.early_end() {
                edit = edit.told(if pulse.is_some() { "cycles_max" } else { "end_after" }, step);
            }
            let node =
                Node::new(of_main, Data::Flow(Arc::new(result))).with_summary(summary).from_source(params.labels);
            let node = node.coloured_by("pressure").shown(segment.colour, WALL_OPACITY);
            let edit = covering.into_iter().fold(edit.add(node), Edit::change);
            let phase = |edit: Edit, (when, flow, summary): (String, FlowResult, Summary)| {
                let node = Node::new(format!("{name} {when}"), Data::Flow(Arc::new(flow))).from_source(params.labels);
                let node = node.with_summary(summary);
                edit.add(node.coloured_by("pressure").shown(segment.colour, WALL_OPACITY).hidden())
            };
            Ok(phases.into_iter().fold(edit, phase))
        }))
    }
}

impl Params {
    /// A step to end at is one of steady flow.
    fn check_end(&self) -> Result<(), CommandError> {
        if self.end_after.is_none() || !self.beat.pulsates() {
            return Ok(());
        }
        let text = "end_after is a step of steady flow; leave it out and give cycles_max to end a pulse early, or take waveform steady";
        Err(CommandError::BadParams(text.into()))
    }

    /// What a breath has no use for is refused, not left aside.
    fn check_breath(&self) -> Result<(), CommandError> {
        let refused = |text: &str| Err(CommandError::BadParams(text.into()));
        if !self.beat.breathes() {
            return Ok(());
        }
        if self.fluid.as_deref().is_some_and(|fluid| fluid != "air")
            || !["any", vessel::AIRWAY].contains(&self.vessel.as_str())
        {
            return refused(
                "breathing is of air in an airway; leave out 'fluid' and 'vessel', or take another waveform",
            );
        }
        if self.flow_ml_s.is_some() {
            return refused(
                "the flow of a breath is that of its volume and rate; give tidal_volume_ml in place of flow_ml_s",
            );
        }
        if self.openings.iter().any(|change| change.flow_ml_s.is_some() || change.pressure_mmhg.is_some()) {
            return refused(
                "a breath says itself what flows through its openings, and its pressures are from the central end on; leave out flow_ml_s and pressure_mmhg of 'openings'",
            );
        }
        if self.beat.has_heart_rate() {
            return refused("a breath has no heart rate; give breaths_per_min in place of heart_rate_per_min");
        }
        if self.end_after.is_some() {
            return refused(
                "a breath is several steady flows, of which none ends at a step given for all; leave out end_after, or take a larger tolerance",
            );
        }
        if self.beat.has_beds() {
            return refused(
                "a breath has no beds beyond its ends, it is put together from steady flows; take outlets \"held\"",
            );
        }
        Ok(())
    }
}

/// The flow to go on from.
fn earlier(case: &Case, start: NodeId, beat: &beat::Params) -> Result<Arc<FlowResult>, CommandError> {
    if beat.pulsates() {
        let text = "only steady flow goes on from an earlier one; a heart beat starts from the steady flow of its mean, and a breath from its own. Leave out 'start', or take waveform steady";
        return Err(CommandError::BadParams(text.into()));
    }
    let node = case.expect_kind(start, NodeKind::Flow)?;
    let Data::Flow(result) = &node.data else { unreachable!("the kind was checked") };
    Ok(Arc::clone(result))
}

/// What lies where the wall of the result will be and is hidden then: surfaces of the lumen, earlier results.
fn covering(case: &Case, labels: NodeId, segment: SegmentId) -> Vec<Change> {
    let is_there = |node: &Node| match &node.data {
        Data::Surface(_) | Data::Flow(_) => {
            let of = node.made_by().and_then(|command| command.params.get("segment")?.as_u64());
            node.source == Some(labels) && of.is_none_or(|of| of == u64::from(segment.0))
        }
        _ => false,
    };
    let nodes = case.nodes().filter(|(_, node)| node.display.visible && is_there(node));
    nodes.map(|(id, node)| Change::Hide { id, was: node.hash() }).collect()
}
