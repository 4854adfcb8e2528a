//! `simulate.operate`: do again, frame by frame, what hands did to a live organ, and keep what came of it.

mod drift;

use super::shared::organ_body::{
    BED, GAS, HOLD, HOLD_AT, HOLD_PART, HOLD_RADIUS, HOLD_TOUCHING, MadeOf, OrganBody, POISSON, POSITION, TILT, TISSUE,
    TOUCHING, YOUNG,
};
use super::simulate_tissue::at_rest;
use crate::base::units::PA_PER_MMHG;
use crate::base::{NodeId, Summary};
use crate::biomech::interactive::{SelfContact, Settings};
use crate::biomech::operation::{Moment, Operation};
use crate::geom::Vector;
use crate::mesh::TetMesh;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Frames a second.
const FRAMES_PER_S: f64 = 60.0;

/// How long an organ is watched after the last thing that was done, s.
const SEEN_AFTER_S: f64 = 1.5;

/// Do again what hands did to a live organ.
#[derive(Debug)]
pub struct SimulateOperate;

/// Parameters of [`SimulateOperate`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    mesh: NodeId,
    /// What the organ is made of, what holds it and what acts on it at the beginning.
    #[serde(flatten)]
    pub body: OrganBody,
    acts: Vec<Moment>,
    frames: u64,
    settle_s: f64,
    damping_per_s: f64,
    self_contact: bool,
}

/// What was done to an organ, as the command that kept it says.
#[derive(Debug)]
pub struct Done {
    /// The mesh at rest, and the name of the organ.
    pub mesh: TetMesh,
    /// Which node that mesh is.
    pub of: NodeId,
    organ: String,
    params: Params,
}

/// What was done to the organ whose state after an operation the node `id` shows; none if it shows something else, or the
/// mesh it was done to is not in the case any more.
pub fn done_in(case: &Case, id: NodeId) -> Option<Done> {
    let node = case.node(id)?;
    let made = node.made_by().filter(|made| made.tool == SimulateOperate::ID)?;
    if !matches!(node.data, Data::Tissue(_)) {
        return None;
    }
    // What older versions did not know gets its default.
    let params = (crate::tools::find(SimulateOperate::ID)?.normalise)(&made.params).ok()?;
    let mut params: Params = serde_json::from_value(params).ok()?;
    params.body = params.body.found_in(case).ok()?;
    let tets = case.node(params.mesh)?;
    let Data::Tets(mesh) = &tets.data else { return None };
    Some(Done { mesh: mesh.clone(), of: params.mesh, organ: tets.name.clone(), params })
}

impl Done {
    /// The organ before anything was done.
    ///
    /// # Errors
    /// As the command itself.
    pub fn begun(&self) -> Result<Operation, CommandError> {
        self.params.begun(&self.mesh, &self.params.body.made_of(&self.organ)?)
    }

    /// What was done, in order.
    pub fn acts(&self) -> &[Moment] {
        &self.params.acts
    }

    /// Frames that are worth seeing: all that were asked for, and what the organ does of itself after the last act.
    pub fn frames(&self) -> u64 {
        let last = self.params.acts.last().map_or(0, |moment| moment.frame);
        let after = (self.params.settle_s.min(SEEN_AFTER_S) * FRAMES_PER_S) as u64;
        self.params.frames.max(last + after).max(1)
    }

    /// How long they take, s.
    pub fn lasted_s(&self) -> f64 {
        self.frames() as f64 / FRAMES_PER_S
    }
}

impl Params {
    /// The organ on the table before hands come.
    fn begun(&self, mesh: &TetMesh, made_of: &MadeOf) -> Result<Operation, CommandError> {
        let body = self.body.live(mesh, made_of)?;
        let mut operation = Operation::new(body.with_settings(self.settings(mesh.tets().len())));
        for act in self.body.first_acts() {
            operation.act(act).map_err(|error| CommandError::failed(&error))?;
        }
        Ok(operation)
    }

    /// How to compute frames of a body of `tets`.
    pub fn settings(&self, tets: usize) -> Settings {
        let self_contact = if self.self_contact { SelfContact::Parted } else { SelfContact::Never };
        Settings { damping_per_s: self.damping_per_s, self_contact, ..Settings::for_size(tets) }
    }
}

impl Tool for SimulateOperate {
    const ID: &'static str = "simulate.operate";
    const LABEL: &'static str = "Operate by script…";
    const HELP: &'static str =
        "Do again, frame by frame, what was done to a live organ: grasp, drag, press, cut, gas, breathing.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("mesh", Kind::Node(NodeKind::Tets), "", "the tetrahedral mesh"),
        TISSUE,
        YOUNG,
        POISSON,
        HOLD,
        HOLD_PART,
        HOLD_AT,
        HOLD_RADIUS,
        HOLD_TOUCHING,
        TOUCHING,
        POSITION,
        TILT,
        GAS,
        BED,
        ParamSpec::with(
            "acts",
            Kind::Records,
            "",
            "[]",
            "what is done and in which frame, e.g. {\"frame\": 0, \"do\": \"grasp\", \"at_mm\": [0, 0, 0], \"radius_mm\": 12}",
        ),
        ParamSpec::with(
            "frames",
            Kind::Integer(0, 1_000_000),
            "",
            "0",
            "frames in all, 60 a second; as many as the acts need if 0",
        ),
        ParamSpec::with(
            "settle_s",
            Kind::Number(0.0, 60.0),
            "s",
            "8",
            "how long the organ may come to rest afterwards",
        ),
        ParamSpec::with(
            "damping_per_s",
            Kind::Number(0.0, 100.0),
            "1/s",
            "6",
            "how fast neighbours and fluid take the organ's swing; where it comes to rest does not depend on it",
        ),
        ParamSpec::with(
            "self_contact",
            Kind::Bool,
            "",
            "false",
            "whether the sides of cuts and unconnected parts press on each other; frames take about twice as long",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, mut params: Params) -> Result<Task, CommandError> {
        params.body = params.body.found_in(case)?;
        let node = Arc::clone(case.expect_kind(params.mesh, NodeKind::Tets)?);
        let Data::Tets(mesh) = node.data.clone() else { unreachable!("the kind was checked") };
        let (made_of, whole) = (params.body.made_of(&node.name)?, at_rest(case, params.mesh, &node));
        Ok(Box::new(move |progress| {
            let mut operation = params.begun(&mesh, &made_of)?;
            operation
                .play(&params.acts, params.frames, &progress.part(0.0..0.6, "operation"))
                .map_err(|error| CommandError::failed(&error))?;
            let frames_max = (params.settle_s * FRAMES_PER_S) as u64;
            let is_still = operation
                .settle(frames_max, &progress.part(0.6..0.75, "coming to rest"))
                .map_err(|error| CommandError::failed(&error))?;
            let folded = operation.body().health().inverted;
            if 0 < folded {
                let text = format!(
                    "{folded} tetrahedra are folded inside out at the end; let go or press less until none is, then keep it"
                );
                return Err(CommandError::Failed(text));
            }
            let after = drift::After::new(&operation, &mesh, &params.body, &made_of, is_still);
            let check = progress.part(0.75..1.0, "accurate answer");
            let answer = after.answer(&check).map_err(|error| CommandError::failed(&error))?;
            let summary = told(&operation, made_of.told(Summary::default()), is_still);
            let summary = answer.told(summary);
            let body = node.name.trim_end_matches(" tetrahedra");
            let mut edit = Edit::new(format!("operate on {body}"));
            edit.message = summary.warnings.first().cloned().or_else(|| answer.message.clone());
            let colour = node.display.colour;
            let result = Node::new(format!("{body}, operated"), Data::Tissue(Arc::new(answer.result)));
            let mut edit = edit.add(
                result
                    .with_summary(summary.clone())
                    .from_source(params.mesh)
                    .shown(colour, 1.0)
                    .coloured_by("displacement"),
            );
            if after.is_cut {
                let rest = Node::new(format!("{body} operated tetrahedra"), Data::Tets(after.mesh));
                let rest = rest.with_summary(summary).from_source(params.mesh);
                edit = edit.add(rest.shown(colour, 1.0).hidden());
            }
            Ok(whole.into_iter().fold(edit, Edit::change))
        }))
    }
}

/// What happened, in numbers.
fn told(operation: &Operation, summary: Summary, is_still: bool) -> Summary {
    let health = operation.body().health();
    let moved = |v: usize| (operation.body().positions()[v] - operation.body().rest(v)).norm();
    let largest = (0..operation.body().positions().len()).map(moved).fold(0.0, f64::max);
    let grasped: Vector = operation.held().map(|held| held.force_n).sum();
    let mut summary = summary
        .fact("time", operation.frames() as f64 / FRAMES_PER_S, "s")
        .fact("things done", operation.done().len() as f64, "1")
        .fact("largest displacement", largest, "mm")
        .fact("largest force of a hand", operation.peak_n(), "N")
        .fact("force of the graspers at the end", grasped.norm(), "N")
        .fact("force of what holds the organ", operation.body().support_n().norm(), "N")
        .fact("gas", operation.gas_pa() / PA_PER_MMHG, "mmHg")
        .fact("residual of the last frame", health.residual, "1")
        .fact("smallest volume ratio J", f64::from(health.worst_element.1), "1")
        .method("live: implicit Euler at 60 Hz on linear tetrahedra with vertex-averaged volume, stable neo-Hookean (Smith, de Goes and Kim 2018), one Newton step a frame; deterministic, so the same acts give the same numbers")
        .limit("tissue is taken as isotropic and elastic without tearing, so threads and clips do not cut in; an instrument rubs with an estimated coefficient of 0.1");
    if let Some(aimed) = operation.aimed() {
        summary = summary
            .fact("force along the needle at the end", aimed.needle.push_n, "N")
            .fact("tip to target", aimed.miss_mm(), "mm")
            .limit("the needle is straight and stiff and its forces are those that were given; how it bends is told by 'Needle'");
        if let Some(target) = aimed.target_mm {
            summary = summary.fact("the target moved by", (target - aimed.planned_mm).norm(), "mm");
        }
    }
    let tension = operation.body().tied().map(|tied| tied.tension_n.abs()).fold(0.0, f64::max);
    if 0.0 < tension {
        summary = summary.fact("largest force of a thread, staple or clip at the end", tension, "N");
    }
    if let Some((_, force)) = operation.instrument() {
        summary = summary.fact("force of the instrument at the end", force.norm(), "N");
    }
    if !is_still {
        summary = summary
            .warning("the organ still moved at the end, so nothing says how far off it was; let it settle longer");
    }
    summary
}
