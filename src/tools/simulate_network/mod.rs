//! `simulate.network`: pressure and flow of a whole tree of vessels at once, before and after it is operated on.

mod bleeding;
mod edits;
mod in_space;
pub(in crate::tools) mod picture;
mod tables;

pub use edits::Edit as VesselChange;
pub use in_space::{ChangeInSpace, InSpace};

use crate::base::units::PA_PER_MMHG;
use crate::base::{NodeId, Progress, Summary};
use crate::flow::Fluid;
use crate::flow::network::{
    Network, Outlets, PieceMeans, Schedule, Solution, TreeInflow, TreeNetwork, TreeSetup, VesselTree, Wall, Waveform,
    solve,
};
use crate::geom::Point;
use crate::mesh::CentreLines;
use crate::session::data::SurfaceData;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;
use std::sync::Arc;

/// Mean speed at the root if nobody says the flow, m/s: about that of blood at rest in aorta and carotid arteries.
const SPEED_M_S: f64 = 0.2;
/// What is left of the resistance of a heart muscle's small vessels when they are wide open (Taylor et al. 2013, J Am
/// Coll Cardiol 61:2233, after Wilson et al. 1990).
const HYPERAEMIA: f64 = 0.24;
/// Steps of a heart beat.
const STEPS: usize = 200;
/// Part of a heart beat in which the heart ejects.
pub(in crate::tools) const SYSTOLE: f64 = 0.35;
/// Of what a heart ejects so much must leave by the ends once heart beats repeat.
const WAY_OUT: f64 = 0.5;
/// Pressures and flows may still change so much from one heart beat to the next.
const CYCLE_TOLERANCE: f64 = 1e-3;

/// Pressure and flow of a whole tree of vessels.
#[derive(Debug)]
pub struct SimulateNetwork;

/// Parameters of [`SimulateNetwork`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Params {
    /// Centre lines with radii.
    pub lines: NodeId,
    /// What is done to the vessels, in order.
    pub edits: Vec<VesselChange>,
    /// `pressure` or `beat`.
    pub drive: String,
    /// Mean flow into the tree before edits, ml/s.
    pub mean_flow_ml_s: Option<f64>,
    /// Mean pressure, mmHg.
    pub mean_pressure_mmhg: f64,
    /// Whether the beds behind the ends are wide open.
    pub hyperaemia: bool,
    /// Heart beats a minute.
    pub heart_rate_per_min: f64,
    /// Pressure behind the beds, mmHg.
    pub venous_mmhg: f64,
    /// Viscosity, mPa s.
    pub viscosity_mpa_s: f64,
    /// Young's modulus of the walls, kPa.
    pub wall_kpa: f64,
    /// Narrowing of the diameter that counts as a stenosis, %.
    pub stenosis_percent: f64,
    /// Whether bends raise the resistance.
    pub bends: bool,
    /// Loss into each branch of a junction, in dynamic pressures.
    pub junction_loss: f64,
    /// Blood of the patient, ml.
    pub blood_ml: f64,
    /// Whether stretches with another diameter are computed in space besides.
    #[serde(default)]
    pub in_space: bool,
}

impl Tool for SimulateNetwork {
    const ID: &'static str = "simulate.network";
    const LABEL: &'static str = "Flow of the whole tree…";
    const HELP: &'static str = "Compute pressure and flow of a whole tree of vessels from its centre lines in milliseconds, before and after narrowing, stenting, closing or bypassing them.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("lines", Kind::Node(NodeKind::Lines), "", "the centre lines of the vessels"),
        ParamSpec::with(
            "drive",
            Kind::Choice(&["pressure", "beat"]),
            "",
            "\"pressure\"",
            "what comes in: a steady pressure, so that edits change the flow, or the beat of a heart that ejects the same flow whatever is done",
        ),
        ParamSpec::with(
            "mean_pressure_mmhg",
            Kind::Number(1.0, 300.0),
            "mmHg",
            "93",
            "mean pressure before edits (portal vein about 8)",
        ),
        ParamSpec::with(
            "hyperaemia",
            Kind::Bool,
            "",
            "false",
            "whether the small vessels beyond are wide open, as for fractional flow reserve: their resistance times 0.24",
        ),
        ParamSpec::with(
            "mean_flow_ml_s",
            Kind::Number(1e-4, 1000.0),
            "ml/s",
            "null",
            "mean flow at rest before edits; 0.2 m/s through the root if not given",
        ),
        ParamSpec::with(
            "edits",
            Kind::Records,
            "",
            "[]",
            "what is done to the vessels, e.g. {\"edit\": \"narrow\", \"at\": [0, 0, 0], \"length_mm\": 10, \"percent\": 50}; also stent (diameter_mm), close, connect (from, to, diameter_mm), open (diameter_mm): a wound that bleeds",
        ),
        ParamSpec::with(
            "heart_rate_per_min",
            Kind::Number(20.0, 240.0),
            "1/min",
            "70",
            "heart beats a minute, for the beat",
        ),
        ParamSpec::with("venous_mmhg", Kind::Number(-20.0, 50.0), "mmHg", "0", "pressure behind the small vessels"),
        ParamSpec::with("viscosity_mpa_s", Kind::Number(0.5, 20.0), "mPa s", "3.5", "viscosity of the blood"),
        ParamSpec::with(
            "wall_kpa",
            Kind::Number(10.0, 1e5),
            "kPa",
            "400",
            "Young's modulus of walls a tenth of the radius thick, for the beat",
        ),
        ParamSpec::with(
            "stenosis_percent",
            Kind::Number(5.0, 90.0),
            "%",
            "40",
            "from how much narrowing of the diameter a narrow place has losses of its own",
        ),
        ParamSpec::with("bends", Kind::Bool, "", "false", "whether bends raise the resistance"),
        ParamSpec::with(
            "junction_loss",
            Kind::Number(0.0, 5.0),
            "",
            "0",
            "loss into each branch of a junction, in dynamic pressures of that branch",
        ),
        ParamSpec::with(
            "blood_ml",
            Kind::Number(100.0, 10_000.0),
            "ml",
            "5000",
            "blood of the patient, for what a wound leaves of it (about 70 ml a kg)",
        ),
        ParamSpec::with(
            "in_space",
            Kind::Bool,
            "",
            "false",
            "whether narrowed, widened and stented stretches are computed in space (3D) besides, and stand beside the network's numbers: seconds to minutes each",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let node = Arc::clone(case.expect_kind(params.lines, NodeKind::Lines)?);
        let Data::Lines(lines) = &node.data else { unreachable!("the kind was checked") };
        let lines = Arc::clone(lines);
        Ok(Box::new(move |progress| {
            let (picture, mut summary) = params.solve(&lines, &progress.part(0.0..0.1, "network"))?;
            if params.in_space {
                let known = params.in_space(&lines, &progress.part(0.1..1.0, "in space"))?;
                summary = in_space::tell(summary, &known);
            }
            let vessels = node.name.trim_end_matches(" centre lines");
            let what = if params.edits.is_empty() { "flow" } else { "flow after edits" };
            let mut edit = Edit::new(format!("{what} of {vessels}"));
            edit.message = summary.warnings.first().cloned();
            let node_of = Node::new(format!("{vessels}, {what} of the tree"), Data::Surface(Arc::new(picture)));
            let shown = node_of.with_summary(summary).from_source(params.lines).shown(node.display.colour, 1.0);
            let hide = crate::session::Change::Hide { id: params.lines, was: node.hash() };
            let edit = edit.add(shown.coloured_by("pressure"));
            Ok(if node.display.visible { edit.change(hide) } else { edit })
        }))
    }
}

/// What flows in one state of the vessels.
pub(super) struct State {
    network: TreeNetwork,
    solution: Solution,
    means: Vec<PieceMeans>,
}

/// The vessels before and after edits.
pub(super) struct States {
    tree: VesselTree,
    added: Vec<picture::Added>,
    setup: TreeSetup,
    /// None without edits.
    before: Option<State>,
    after: State,
    /// What wounds lose; none without wounds.
    bleeding: Option<bleeding::Bleeding>,
}

impl States {
    fn of(lines: &CentreLines, params: &Params, progress: &Progress) -> Result<Self, CommandError> {
        let failed = |error: crate::flow::network::NetworkError| CommandError::failed(&error);
        let whole = VesselTree::from_centre_lines(lines).map_err(failed)?;
        if params.hyperaemia && params.drive == "beat" {
            let text = "hyperaemia goes with a steady pressure: a heart that ejects the same flow into wide open vessels would lose its pressure; choose one of the two";
            return Err(CommandError::BadParams(text.into()));
        }
        let setup = params.setup(lines)?;
        let (mut tree, mut added) = (whole.clone(), Vec::new());
        for edit in &params.edits {
            tree = tree.edited(&edit.along(lines, &tree)?).map_err(failed)?;
            if let VesselChange::Connect { from, to, diameter_mm, .. } = edit {
                added.push(([Point::from(*from), Point::from(*to)], 0.5 * diameter_mm));
            }
        }
        let state = |tree: &VesselTree, part: Progress| -> Result<State, CommandError> {
            let mut network = tree.network(&setup).map_err(failed)?;
            network.network.schedule = params.schedule();
            let solution = solve(&network.network, &part).map_err(failed)?;
            let means = network.along(&solution);
            let state = State { network, solution, means };
            let comes = tables::inflow_ml_s(&state);
            let goes = tables::outflow_ml_s(&state) + bleeding::leaks(&state).iter().sum::<f64>() / 60.0;
            if params.drive == "beat" && goes < WAY_OUT * comes {
                let text = "what the heart ejects has no way out: all ways from the root to the ends are closed; open one, or let a steady pressure drive the flow";
                return Err(CommandError::Failed(text.into()));
            }
            Ok(state)
        };
        let before =
            if params.edits.is_empty() { None } else { Some(state(&whole, progress.part(0.0..0.5, "before edits"))?) };
        let after = state(&tree, progress.part(0.5..0.8, "after edits"))?;
        let bleeding = bleeding::of(params, lines, &tree, &after, &progress.part(0.8..1.0, "bleeding"))?;
        Ok(Self { tree, added, setup, before, after, bleeding })
    }
}

impl Params {
    /// The same as a tool sees them that was asked for `lines` alone.
    pub fn of(lines: NodeId) -> Self {
        Self {
            lines,
            edits: Vec::new(),
            drive: "pressure".into(),
            mean_flow_ml_s: None,
            mean_pressure_mmhg: 93.0,
            hyperaemia: false,
            heart_rate_per_min: 70.0,
            venous_mmhg: 0.0,
            viscosity_mpa_s: 3.5,
            wall_kpa: 400.0,
            stenosis_percent: 40.0,
            bends: false,
            junction_loss: 0.0,
            blood_ml: 5000.0,
            in_space: false,
        }
    }

    /// The vessels of `lines` as tubes with what flows in them, and what is to be said of it. Milliseconds.
    ///
    /// # Errors
    /// [`CommandError`]: an edit that cannot be, vessels that make no network, or it was cancelled.
    pub fn solve(&self, lines: &CentreLines, progress: &Progress) -> Result<(SurfaceData, Summary), CommandError> {
        let states = States::of(lines, self, progress)?;
        let picture = picture::tubes(lines, &states.tree, &states.added, &states.after.means);
        Ok((picture, tables::summary(self, &states)))
    }

    /// The network of the vessels of `lines` after the edits, in SI units.
    ///
    /// # Errors
    /// [`CommandError`]: an edit that cannot be, or vessels that make no network.
    pub fn network(&self, lines: &CentreLines) -> Result<Network, CommandError> {
        let failed = |error: crate::flow::network::NetworkError| CommandError::failed(&error);
        let mut tree = VesselTree::from_centre_lines(lines).map_err(failed)?;
        for edit in &self.edits {
            tree = tree.edited(&edit.along(lines, &tree)?).map_err(failed)?;
        }
        let mut network = tree.network(&self.setup(lines)?).map_err(failed)?.network;
        network.schedule = self.schedule();
        Ok(network)
    }

    /// Mean flow at rest, ml/s.
    pub fn flow_ml_s(&self, lines: &CentreLines) -> f64 {
        let root = lines.branches().iter().filter(|branch| branch.parent.is_none());
        // The radius at the very end of a line is that of a ball that has not reached the wall yet.
        let area_mm2: f64 = root.map(|branch| PI * branch.mean_radius_mm().powi(2)).sum();
        self.mean_flow_ml_s.unwrap_or(area_mm2 * SPEED_M_S)
    }

    /// What the network is made with.
    pub(in crate::tools) fn setup(&self, lines: &CentreLines) -> Result<TreeSetup, CommandError> {
        let rest_m3_s = 1e-6 * self.flow_ml_s(lines);
        let mean_flow_m3_s = if self.hyperaemia { rest_m3_s / HYPERAEMIA } else { rest_m3_s };
        let mean_pressure_pa = self.mean_pressure_mmhg * PA_PER_MMHG;
        let inflow = if self.drive == "beat" {
            TreeInflow::Flow(self.beat(mean_flow_m3_s)?)
        } else {
            TreeInflow::Pressure(Waveform::constant(mean_pressure_pa))
        };
        Ok(TreeSetup {
            fluid: Fluid { viscosity_pa_s: 1e-3 * self.viscosity_mpa_s, ..Fluid::blood() },
            wall: Wall::Elastic { youngs_modulus_pa: 1e3 * self.wall_kpa, thickness_over_radius: 0.1 },
            outlets: if self.drive == "beat" {
                Outlets::Rcr { proximal_part: 0.09, time_constant_s: 1.5 }
            } else {
                Outlets::Resistance
            },
            mean_pressure_pa,
            distal_pressure_pa: self.venous_mmhg * PA_PER_MMHG,
            stenosis_from: 0.01 * self.stenosis_percent,
            bends: self.bends,
            junction_loss: self.junction_loss,
            ..TreeSetup::blood(inflow, mean_flow_m3_s)
        })
    }

    /// Half a sine in systole, nothing in diastole, with this mean.
    fn beat(&self, mean_m3_s: f64) -> Result<Waveform, CommandError> {
        let period_s = 60.0 / self.heart_rate_per_min;
        let peak_m3_s = mean_m3_s * PI / (2.0 * SYSTOLE);
        let wave =
            |t: f64| if t < SYSTOLE * period_s { peak_m3_s * (PI * t / (SYSTOLE * period_s)).sin() } else { 0.0 };
        Waveform::sampled(period_s, STEPS, wave).map_err(CommandError::Failed)
    }

    fn schedule(&self) -> Schedule {
        if self.drive == "beat" {
            return Schedule {
                points_per_cycle: STEPS + 1,
                cycle_tolerance: Some(CYCLE_TOLERANCE),
                ..Schedule::default()
            };
        }
        Schedule { cycles: 2, points_per_cycle: 11, ..Schedule::default() }
    }

    /// What kind of flow it is, for methods.
    fn told(&self) -> String {
        let beds = if self.hyperaemia { ", small vessels wide open (resistance times 0.24)" } else { "" };
        if self.drive == "beat" {
            format!(
                "inflow of half a sine in {:.0} % of {:.0} beats a minute{beds}",
                100.0 * SYSTOLE,
                self.heart_rate_per_min
            )
        } else {
            format!("steady pressure of {} mmHg at the root{beds}", self.mean_pressure_mmhg)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_begins_with_the_defaults_of_the_tool() {
        let own = serde_json::to_value(Params::of(NodeId(3))).unwrap();
        for spec in SimulateNetwork::PARAMS.iter().filter(|spec| spec.default.is_some()) {
            let (given, default) = (own[spec.name].clone(), spec.default_value());
            let same = given == default || given.as_f64().is_some_and(|given| default.as_f64() == Some(given));
            assert!(same, "{}: {given} against {default}", spec.name);
        }
    }
}
