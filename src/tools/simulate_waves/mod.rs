//! `simulate.waves`: pulse waves in a whole tree of vessels over a heart beat, before and after it is operated on.

mod beat;
mod cost;
mod edits;
mod error;
mod picture;
mod state;
mod tables;

use super::simulate_network::{Params as NetworkParams, VesselChange};
use crate::base::{NodeId, Progress, Summary};
use crate::flow::network::{NetworkError, TreeSetup, VesselTree};
use crate::mesh::CentreLines;
use crate::session::data::SurfaceData;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use state::{Prepared, State};
use std::sync::Arc;

/// Pressures may still change by so much of the largest from one heart beat to the next: then what comes in and what goes
/// out differ by less than a thousandth.
const CYCLE_TOLERANCE: f64 = 3e-4;

/// With a steady pressure at the root at least this part of the flow must get through: less is nothing.
const WAY_OUT: f64 = 1e-3;
/// No heart reaches a higher pressure, mmHg; where a flow that is given would need it, flow or vessels are not those of a
/// patient.
const MMHG_MAX: f64 = 500.0;
/// Heart beats of the network without waves repeat if no larger part of what comes in stays there.
const REPEATS: f64 = 0.01;

/// Pulse waves in a whole tree of vessels.
#[derive(Debug)]
pub struct SimulateWaves;

/// Parameters of [`SimulateWaves`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Params {
    /// Centre lines with radii.
    pub lines: NodeId,
    /// What is done to the vessels, in order.
    pub edits: Vec<VesselChange>,
    /// Mean flow into the tree, ml/s.
    pub mean_flow_ml_s: Option<f64>,
    /// Mean pressure at the root before edits, mmHg.
    pub mean_pressure_mmhg: f64,
    /// Heart beats a minute.
    pub heart_rate_per_min: f64,
    /// Viscosity, mPa s.
    pub viscosity_mpa_s: f64,
    /// Young's modulus of the walls, kPa.
    pub wall_kpa: f64,
    /// Longest cell, mm.
    pub cell_mm: Option<f64>,
    /// Most heart beats.
    pub cycles_max: usize,
    /// Longest time it may take by estimate, min.
    pub minutes_max: f64,
}

impl Tool for SimulateWaves {
    const ID: &'static str = "simulate.waves";
    const LABEL: &'static str = "Pulse waves of the whole tree…";
    const HELP: &'static str = "Compute the waves that a heart beat sends through a whole tree of elastic vessels: systolic and diastolic pressure, flow and arrival of the pulse everywhere, before and after narrowing, stenting, closing or bypassing them.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("lines", Kind::Node(NodeKind::Lines), "", "the centre lines of the vessels"),
        ParamSpec::with(
            "mean_flow_ml_s",
            Kind::Number(1e-4, 1000.0),
            "ml/s",
            "null",
            "mean flow into the tree; 0.2 m/s through the root if not given",
        ),
        ParamSpec::with(
            "mean_pressure_mmhg",
            Kind::Number(1.0, 300.0),
            "mmHg",
            "93",
            "mean pressure at the root before edits",
        ),
        ParamSpec::with("heart_rate_per_min", Kind::Number(20.0, 240.0), "1/min", "70", "heart beats a minute"),
        ParamSpec::with(
            "edits",
            Kind::Records,
            "",
            "[]",
            "what is done to the vessels, e.g. {\"edit\": \"narrow\", \"at\": [0, 0, 0], \"length_mm\": 10, \"percent\": 50}; also stent (diameter_mm), close, connect (from, to, diameter_mm)",
        ),
        ParamSpec::with("viscosity_mpa_s", Kind::Number(0.5, 20.0), "mPa s", "3.5", "viscosity of the blood"),
        ParamSpec::with(
            "wall_kpa",
            Kind::Number(10.0, 1e5),
            "kPa",
            "400",
            "Young's modulus of walls a tenth of the radius thick; the pulse runs with its square root",
        ),
        ParamSpec::with(
            "cell_mm",
            Kind::Number(0.1, 50.0),
            "mm",
            "null",
            "longest cell along the vessels; half the shortest vessel, but 0.5 to 2 mm, if not given",
        ),
        ParamSpec::with(
            "cycles_max",
            Kind::Integer(2, 1000),
            "",
            "50",
            "stop after so many heart beats; the result says if they do not repeat by then",
        ),
        ParamSpec::with(
            "minutes_max",
            Kind::Number(0.01, 600.0),
            "min",
            "10",
            "refuse what would take longer by estimate",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let node = Arc::clone(case.expect_kind(params.lines, NodeKind::Lines)?);
        let Data::Lines(lines) = &node.data else { unreachable!("the kind was checked") };
        let lines = Arc::clone(lines);
        Ok(Box::new(move |progress| {
            let (picture, summary) = params.solve(&lines, progress)?;
            let vessels = node.name.trim_end_matches(" centre lines");
            let what = if params.edits.is_empty() { "pulse waves" } else { "pulse waves after edits" };
            let mut edit = Edit::new(format!("{what} of {vessels}"));
            edit.message = summary.warnings.first().cloned();
            let node_of = Node::new(format!("{vessels}, {what}"), Data::Surface(Arc::new(picture)));
            let shown = node_of.with_summary(summary).from_source(params.lines).shown(node.display.colour, 1.0);
            let hide = crate::session::Change::Hide { id: params.lines, was: node.hash() };
            let edit = edit.add(shown.coloured_by("systolic pressure"));
            Ok(if node.display.visible { edit.change(hide) } else { edit })
        }))
    }
}

/// The vessels before and after edits.
struct States {
    setup: TreeSetup,
    /// None without edits.
    before: Option<State>,
    after: State,
    /// Highest pressure at the root after edits in the network without waves, mmHg.
    lumped_mmhg: Option<f64>,
}

impl Params {
    /// The same as a tool sees them that was asked for `lines` alone.
    pub fn of(lines: NodeId) -> Self {
        Self {
            lines,
            edits: Vec::new(),
            mean_flow_ml_s: None,
            mean_pressure_mmhg: 93.0,
            heart_rate_per_min: 70.0,
            viscosity_mpa_s: 3.5,
            wall_kpa: 400.0,
            cell_mm: None,
            cycles_max: 50,
            minutes_max: 10.0,
        }
    }

    /// The vessels of `lines` as tubes with what the waves make there, and what is to be said of it.
    ///
    /// # Errors
    /// [`CommandError`]: an edit that cannot be, vessels that make no network or have no way out, waves that would take
    /// longer than allowed or have no solution, or it was cancelled.
    pub fn solve(&self, lines: &CentreLines, progress: &Progress) -> Result<(SurfaceData, Summary), CommandError> {
        let whole = VesselTree::from_centre_lines(lines).map_err(|error: NetworkError| CommandError::failed(&error))?;
        let network = self.network();
        let setup = network.setup(lines)?;
        let (tree, added) = edits::edited(&self.edits, lines, &whole)?;
        let lumped_mmhg = self.without_waves(lines, &progress.part(0.0..0.02, "without waves"))?;
        let after = Prepared::new(self, &tree, &setup)?;
        let before = if self.edits.is_empty() { None } else { Some(Prepared::new(self, &whole, &setup)?) };
        let before_s = before.as_ref().map_or(0.0, Prepared::seconds);
        let all_s = before_s + after.seconds();
        if 60.0 * self.minutes_max < all_s {
            return Err(CommandError::Failed(format!(
                "this would take about {:.1} min ({}), more than the {} min allowed; take longer cells (cell_mm), do without very short branches and very narrow places, or allow more (minutes_max)",
                all_s / 60.0,
                after.told(),
                self.minutes_max
            )));
        }
        let part = 0.02 + 0.98 * before_s / all_s;
        let before = before.map(|before| before.solve(&progress.part(0.02..part, "before edits"))).transpose()?;
        let after = after.solve(&progress.part(part..1.0, "waves"))?;
        let picture = picture::tubes(lines, &tree, &added, &after);
        Ok((picture, tables::summary(self, lines, &tree, &States { setup, before, after, lumped_mmhg })))
    }

    /// Highest pressure at the root after edits in the network without waves (0D) in mmHg, where its heart beats repeat.
    /// Takes milliseconds.
    ///
    /// # Errors
    /// [`CommandError::Failed`] if what the heart ejects has no way out or needs more than a heart can, and as
    /// [`NetworkParams::solve`].
    fn without_waves(&self, lines: &CentreLines, progress: &Progress) -> Result<Option<f64>, CommandError> {
        let steady = NetworkParams { drive: "pressure".into(), ..self.network() };
        let (_, summary) = steady.solve(lines, &progress.part(0.0..0.3, "way out"))?;
        if summary.value("flow into the tree").is_some_and(|flow| flow < WAY_OUT * steady.flow_ml_s(lines)) {
            let text = "what the heart ejects has no way out: all ways from the root to the ends are closed; open one";
            return Err(CommandError::Failed(text.into()));
        }
        let summary = match self.network().solve(lines, &progress.part(0.3..1.0, "without waves")) {
            Ok((_, summary)) => summary,
            Err(CommandError::Cancelled) => return Err(CommandError::Cancelled),
            // The waves tell what is wrong, if anything is.
            Err(_) => return Ok(None),
        };
        let comes = summary.value("flow into the tree").unwrap_or(0.0);
        let goes: f64 =
            summary.tables.first().into_iter().flat_map(|ends| &ends.rows).filter_map(|row| row.values[0]).sum();
        let highest = summary.value("highest pressure at the root");
        if let Some(highest) = highest.filter(|highest| MMHG_MAX < *highest) {
            return Err(CommandError::Failed(format!(
                "to eject this flow the heart would have to reach {highest:.0} mmHg at the root, the limit is {MMHG_MAX} mmHg; reduce the flow or narrow less, or take simulate.network with a steady pressure"
            )));
        }
        let repeats = (goes - comes).abs() < REPEATS * comes;
        Ok(highest.filter(|_| repeats))
    }

    /// The same vessels, heart and beds for the network without waves.
    fn network(&self) -> NetworkParams {
        NetworkParams {
            edits: self.edits.clone(),
            drive: "beat".into(),
            mean_flow_ml_s: self.mean_flow_ml_s,
            mean_pressure_mmhg: self.mean_pressure_mmhg,
            heart_rate_per_min: self.heart_rate_per_min,
            viscosity_mpa_s: self.viscosity_mpa_s,
            wall_kpa: self.wall_kpa,
            ..NetworkParams::of(self.lines)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_begins_with_the_defaults_of_the_tool() {
        let own = serde_json::to_value(Params::of(NodeId(3))).unwrap();
        for spec in SimulateWaves::PARAMS.iter().filter(|spec| spec.default.is_some()) {
            let (given, default) = (own[spec.name].clone(), spec.default_value());
            let same = given == default || given.as_f64().is_some_and(|given| default.as_f64() == Some(given));
            assert!(same, "{}: {given} against {default}", spec.name);
        }
    }
}
