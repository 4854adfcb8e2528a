//! What a plan is worth, in terms that everybody can see: each a number with its bounds, its limit and where both come from.

mod ablation;
pub(crate) mod clip;
mod contacts;
pub(crate) mod cut;
mod first;
pub(crate) mod implant;
mod judgement;
pub(crate) mod knives;
mod lost;
pub(crate) mod matter;
pub(crate) mod measure;
mod moved;
pub(crate) mod obstacle;
mod patch;
pub(crate) mod path;
mod places;
mod saw;
mod scene;
mod screw;
mod solid;
mod supply;
mod terms;
mod together;
mod vessels;
mod volumes;
mod whole;

pub use first::first;
pub use judgement::{Judgement, SignedOn};
pub use scene::{Body, BodyFrom, Scene};
pub use solid::Solid;

use super::tree::Role;
use super::{Action, Bounded, CutShape, Implant, Plan, Structure, uncertainty};
use crate::base::{Cancelled, ContentHasher, NodeId, Progress};
use crate::mesh::Surface;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a term stands to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Within its limit, bounds and all, or without one.
    Ok,
    /// The value is within its limit, its bounds are not.
    Warning,
    /// Beyond its limit.
    Breach,
    /// The method does not hold here; the reason says why.
    NotValid,
}

impl Verdict {
    /// The word a person reads beside the colour.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Breach => "breach",
            Self::NotValid => "not valid",
        }
    }

    /// `value` must be at least `limit`.
    pub fn at_least(value: &Bounded, limit: f64) -> Self {
        match () {
            () if value.value < limit => Self::Breach,
            () if value.low < limit => Self::Warning,
            () => Self::Ok,
        }
    }

    /// `value` must be at most `limit`.
    pub fn at_most(value: &Bounded, limit: f64) -> Self {
        match () {
            () if limit < value.value => Self::Breach,
            () if limit < value.high => Self::Warning,
            () => Self::Ok,
        }
    }
}

/// One number of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// What it is, stable: terms of two plans with the same id stand in the same row.
    pub id: String,
    /// What it is, for people.
    pub name: String,
    /// How much; none where it is not valid.
    pub value: Option<Bounded>,
    /// Its unit as shown; `1` for a pure number.
    pub unit: String,
    /// What it must keep, in words with the number, e.g. `at least 10 mm`; empty if nothing.
    pub limit: String,
    /// How it stands to the limit.
    pub verdict: Verdict,
    /// Why, where a word is not enough.
    pub reason: String,
    /// How it was found.
    pub method: String,
    /// Where limit or formula come from.
    pub source: String,
    /// Whether a breach forbids the plan; where it is not valid, nobody can say then whether the plan is allowed.
    pub forbids: bool,
    /// How much it counts in the sum, and which part of that it costs, 0 to 1; none where it is not weighed.
    pub weighed: Option<[f64; 2]>,
}

/// What a plan is worth, and what it was found from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// All terms, those of the plan first, then those of each action in order.
    pub terms: Vec<Term>,
    /// Σ weight · cost over the weighed terms; 0 is best. None where nothing is weighed.
    pub total: Option<f64>,
    /// Whether nothing that is forbidden happens, as far as every rule that forbids could be judged: see [`Score::judgement`].
    pub allowed: bool,
    /// What was planned, as [`Plan::planned`] says.
    pub planned: String,
    /// The content of each object it was found from.
    pub inputs: Vec<(NodeId, String)>,
    /// What each tree of vessels did by its name, where that decides what a number is of; none in scores of before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<(NodeId, Role)>,
}

/// The face of a cut of `plan` by the territories of `branches`; none where there is none, which a score says why.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub(crate) fn territory_face(
    plan: &Plan,
    scene: &Scene,
    branches: &[usize],
    progress: &Progress,
) -> Result<Option<Arc<Surface>>, Cancelled> {
    match supply::face(plan, scene, branches, progress) {
        Ok(face) => Ok((!face.triangles().is_empty()).then_some(face)),
        Err(knives::Blunt::Why(_)) => Ok(None),
        Err(knives::Blunt::Cancelled(stop)) => Err(stop),
    }
}

impl Plan {
    /// The hash of what is planned: all but check-list, note, score and results.
    pub fn planned(&self) -> String {
        let bare = Self { checks: Vec::new(), note: String::new(), score: None, results: Vec::new(), ..self.clone() };
        let text = serde_json::to_string(&bare).expect("a plan is plain data");
        ContentHasher::default().text(&text).finish().to_hex()
    }

    /// Every object it is found from, each once: those of its structures, its scan, and results whose flows count.
    pub fn objects(&self) -> Vec<NodeId> {
        let own = self.structures().into_iter().map(|structure| structure.node).chain(self.scan);
        let mut all: Vec<NodeId> = own.chain(self.territories.results().iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether something it does is about territories: which tree that means, and what is lost, goes by the names of trees.
    fn asks_territories(&self) -> bool {
        let asks = |action: &Action| match action {
            Action::Clip { .. } => true,
            Action::Cut(cut) => matches!(cut.shape, CutShape::Territories { .. }),
            _ => false,
        };
        self.actions.iter().any(|named| asks(&named.action))
    }

    /// The hash of what is to be reached, spared and kept to, whatever is done about it.
    pub fn asked(&self) -> String {
        Self { actions: Vec::new(), ..self.clone() }.planned()
    }

    /// The hash of the contents of all it is planned on: its structures and its scan. `hash_of` gives the content of an object
    /// as it is now; what is gone counts as gone.
    pub fn contents(&self, hash_of: impl Fn(NodeId) -> Option<String>) -> String {
        let mut nodes: Vec<NodeId> = self.structures().iter().map(|own| own.node).chain(self.scan).collect();
        nodes.sort_unstable();
        nodes.dedup();
        let line = |id: NodeId| format!("{id} {}\n", hash_of(id).as_deref().unwrap_or("gone"));
        let text: String = nodes.into_iter().map(line).collect();
        ContentHasher::default().text(&text).finish().to_hex()
    }

    /// The implants that it puts on bone.
    pub fn implants(&self) -> impl Iterator<Item = &Implant> {
        self.actions.iter().filter_map(|named| match &named.action {
            Action::Implant(implant) => Some(implant),
            _ => None,
        })
    }

    /// Every structure it names, each once.
    pub fn structures(&self) -> Vec<Structure> {
        let own = [self.organ, self.entry].into_iter().flatten();
        let of_targets = self.targets.iter().map(|target| target.structure);
        let of_keep_out = self.keep_out.iter().map(|keep_out| keep_out.structure);
        let of_implants = self.implants().flat_map(|implant| std::iter::once(implant.object).chain(implant.bone));
        let own = own.chain(self.vessels.iter().copied()).chain(of_targets).chain(of_keep_out);
        let mut all: Vec<Structure> = own.chain(of_implants).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Score {
    /// Why it is not of `plan` as it is now, if so; `hash_of` gives the content and `name_of` the name of an object as they
    /// are now.
    pub fn stale(
        &self,
        plan: &Plan,
        hash_of: impl Fn(NodeId) -> Option<String>,
        name_of: impl Fn(NodeId) -> Option<String>,
    ) -> Option<String> {
        if self.planned != plan.planned() {
            return Some("the plan was changed since it was scored; score it again".into());
        }
        if let Some((id, _)) = self.inputs.iter().find(|(id, hash)| hash_of(*id).as_ref() != Some(hash)) {
            return Some(format!("object {id} was changed or removed since the plan was scored; score it again"));
        }
        let is_other = |(id, role): &&(NodeId, Role)| name_of(*id).map(|name| Role::of(&name)) != Some(*role);
        let (id, _) = self.roles.iter().find(is_other)?;
        Some(format!(
            "object {id} was renamed since the plan was scored, and by its name it brings or takes blood otherwise than then; \
             score it again"
        ))
    }

    /// The hash of what it was found from.
    pub fn key(&self) -> String {
        let text = serde_json::to_string(&(&self.planned, &self.inputs)).expect("texts are plain data");
        ContentHasher::default().text(&text).finish().to_hex()
    }

    /// The term with this id.
    pub fn term(&self, id: &str) -> Option<&Term> {
        self.terms.iter().find(|term| term.id == id)
    }

    /// How many breaches forbid nothing: they are there to be weighed.
    pub fn to_weigh(&self) -> usize {
        self.terms.iter().filter(|term| term.verdict == Verdict::Breach && !term.forbids).count()
    }

    /// The verdict on the whole in words: `allowed`, `allowed, with 2 breaches to weigh`, `not allowed` or `cannot be said`.
    pub fn words(&self) -> String {
        match (self.judgement(), self.to_weigh()) {
            (Judgement::Allowed, 1) => "allowed, with 1 breach to weigh".to_owned(),
            (Judgement::Allowed, n) if 1 < n => format!("allowed, with {n} breaches to weigh"),
            (judgement, _) => judgement.word().to_owned(),
        }
    }

    /// The worst verdict of all terms that have a value.
    pub fn worst(&self) -> Verdict {
        let valid = self.terms.iter().map(|term| term.verdict).filter(|verdict| *verdict != Verdict::NotValid);
        valid.max().unwrap_or(Verdict::Ok)
    }
}

/// The score of `plan` among the bodies of `scene`: the same for a panel that shows it live and for the command that keeps it.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn score(plan: &Plan, scene: &Scene, progress: &Progress) -> Result<Score, Cancelled> {
    let scene = &scene.clone().known_within(plan.limits.edge_mm());
    if !scene.at_rest().is_empty() {
        return Ok(of_two_places(plan, scene));
    }
    let knives = knives::of_plan(plan, scene, &progress.part(0.0..0.2, "cuts"))?;
    // Why there is no cut is said beside volumes and margins.
    let (mut terms, cuts) = cut::plan_terms(plan, scene, &knives, &progress.part(0.2..0.5, "volumes"))?;
    terms.extend(clip::together(plan, scene, cuts.as_ref(), progress)?);
    terms.extend(ablation::terms(plan, scene, &progress.part(0.5..0.5, "zones"))?);
    terms.extend(together::terms(plan, scene));
    terms.extend(edge(plan));
    terms.extend(carried(plan, scene));
    let mut moved = moved::terms(plan, scene, &progress.part(0.5..0.5, "fragments"))?.into_iter();
    let n_actions = plan.actions.len().max(1) as f64;
    for (n, (action, knife)) in plan.actions.iter().zip(&knives).enumerate() {
        let part = 0.5 + 0.5 * n as f64 / n_actions..0.5 + 0.5 * (n + 1) as f64 / n_actions;
        let progress = progress.part(part, "distances");
        progress.check()?;
        let of_cut = match knife {
            Some(knife) => cut::cut_terms(plan, scene, knife, &progress)?,
            None => Vec::new(),
        };
        let moved = moved.next().unwrap_or_default();
        let own = match &action.action {
            Action::Cut(_) => of_cut,
            Action::Osteotomy(saw) => {
                saw::terms(plan, scene, saw, &progress)?.into_iter().chain(moved).chain(of_cut).collect()
            }
            Action::Needle(needle) => path::needle_terms(plan, scene, needle),
            Action::Ablation(zone) => ablation::zone_terms(plan, scene, zone),
            Action::Screw(screw) => {
                path::screw_terms(plan, scene, screw).into_iter().chain(screw::terms(plan, scene, screw)).collect()
            }
            Action::Port(port) => path::port_terms(plan, scene, port),
            Action::Implant(implant) => implant::terms(plan, scene, implant),
            Action::Clip { at } => clip::terms(plan, scene, at, cuts.as_ref(), &progress)?,
        };
        terms.extend(own.into_iter().map(|term| Term {
            id: format!("{}/{}", n + 1, term.id),
            name: format!("{}: {}", action.name, term.name),
            ..term
        }));
    }
    let weighed = terms.iter().filter_map(|term| term.weighed);
    let total = weighed.map(|[weight, cost]| weight * cost).reduce(|sum, cost| sum + cost);
    let allowed = Judgement::of(&terms) == Judgement::Allowed;
    let roles = if plan.asks_territories() { scene.roles(plan) } else { Vec::new() };
    Ok(Score { terms, total, allowed, planned: plan.planned(), inputs: scene.inputs(), roles })
}

/// The score of a plan that was moved with its organ among structures that were not: there is none.
fn of_two_places(plan: &Plan, scene: &Scene) -> Score {
    let why = format!(
        "the plan was moved with its organ, and {} are those at rest; let them follow the same deformed organ \
         (simulate.follow) and choose what followed with plan.change",
        scene.at_rest().join(", ")
    );
    let term = Term { forbids: true, ..Term::not_valid("moved", "all terms", "1", why) };
    Score {
        terms: vec![term],
        total: None,
        allowed: false,
        planned: plan.planned(),
        inputs: scene.inputs(),
        roles: Vec::new(),
    }
}

const EDGE: &str = "e is how far the edge of a segment or surface may lie from the true one, beyond half a voxel: bounds of volumes \
     move edges by it, bounds of distances and margins hold it.";

/// How well edges are known: what all bounds hold, beside half a voxel.
fn edge(plan: &Plan) -> Option<Term> {
    let value = Bounded::exact(plan.limits.edge_mm());
    let term = Term::value("edge", "uncertainty of edges, e", value, "mm", EDGE);
    let source = if plan.limits.edge_mm.is_some() { "limit of this plan" } else { uncertainty::EDGE_SOURCE };
    (!plan.actions.is_empty()).then(|| term.cited(source))
}

const CARRIED: &str = "What did not follow the deformed organ by itself was carried with the tetrahedra it lies in (barycentric \
     coordinates): surfaces and centre lines by their points, segments and the scan to the nearest voxel; beside the organ surfaces and lines \
     move less the farther away, and images not at all.";

/// What was carried with the deformed organ that the plan was moved with.
fn carried(plan: &Plan, scene: &Scene) -> Option<Term> {
    let names = scene.carried();
    let value = Bounded::exact(names.len() as f64);
    let term = Term::value("carried", "objects carried with the deformed organ", value, "1", CARRIED);
    (!plan.actions.is_empty() && !names.is_empty()).then(|| term.because(names.join(", ")))
}

#[cfg(test)]
mod edge_tests;
