//! The panel of a plan: what is reached, spared and done, and the score that follows the hand.
//!
//! It only says what is wanted: what a hand moves is a draft of the plan, seen at once and scored beside the window
//! (`app/view/plan`); the button that goes up makes it one command.

mod actions;
mod board;
mod cells;
mod depths;
mod device;
mod edge;
mod flat;
mod handles;
mod mouse;
mod open;
mod panel;
mod score;
mod structures;
mod trees;

pub use board::BoardView;
pub use flat::LACK_MM;
pub(super) use flat::no_plan_ui;

use super::wish::Wish;
use crate::base::NodeId;
use crate::geom::Point;
use crate::mesh::Surface;
use crate::plan::path::PathFrame;
use crate::plan::{Action, NamedAction, Plan, Score};
use crate::session::{Case, Data};
use crate::tools::plan_views::{Depths, FlatCut, NoFlat};
use handles::{Grip, Handle};
use serde_json::json;
use std::sync::Arc;

/// A command that was asked for is a job after this many frames, or was refused.
const ASKED_FRAMES: u8 = 3;

/// What a part of the panel shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Page {
    /// What is done.
    #[default]
    Actions,
    /// What is reached and spared.
    Structures,
    /// The terms of the score.
    Score,
    /// What people check.
    Checks,
}

/// A handle the mouse holds.
#[derive(Debug, Clone)]
struct Held {
    id: egui::Id,
    n: usize,
    grip: Grip,
    handle: Handle,
    /// The action before.
    from: Action,
    /// From where the mouse took it to where it is.
    offset: crate::geom::Vector,
}

/// What came of a draft.
#[derive(Debug, Clone)]
pub struct Live {
    /// The plan it is about, as [`Plan::planned`] says.
    pub planned: String,
    /// What it is worth, or why that cannot be said.
    pub score: Result<Score, String>,
    /// How long that took, ms.
    pub took_ms: f64,
}

/// A plan that is open.
#[derive(Debug)]
pub struct Planning {
    /// The plan.
    pub node: NodeId,
    /// The plan with what a hand is changing; the plan of the case where it is not.
    draft: Option<Arc<Plan>>,
    /// The plan as the case holds it.
    kept: Arc<Plan>,
    /// The action whose handles are shown.
    pub(super) action: Option<usize>,
    held: Option<Held>,
    /// Frames since the draft was made a command.
    asked: Option<u8>,
    /// What the last plan that was scored is worth.
    pub live: Option<Live>,
    /// The surface of a cut, by the number of its action.
    pub blades: Vec<(usize, Arc<Surface>)>,
    /// How far planes are drawn from their middle: half the size of the organ.
    pub reach_mm: Option<f64>,
    /// The chosen cut laid flat, or why it is not.
    pub(crate) flat: Option<Result<Arc<FlatCut>, NoFlat>>,
    /// What the chosen path comes near to, or why that cannot be said.
    pub(crate) depths: Option<Result<Option<Arc<Depths>>, String>>,
    /// Whether the flattened cut and the distances along the path are seen.
    shows: [bool; 2],
    picture: flat::Picture,
    /// The place the mouse points at on the flattened cut.
    pointed: Option<Point>,
    /// The place all views point at.
    crosshair: Option<Point>,
    /// The frame the slices follow the path by, while they do.
    along: Option<PathFrame>,
    /// An edge that is to be drawn, and what came of the last one.
    edge: Option<edge::Awaited>,
    fitted: Option<edge::Fitted>,
    /// The next click on a vessel places a clip.
    places_clip: bool,
    /// The branch that is pointed at in the list of territories.
    branch: Option<usize>,
    page: Page,
    signer: String,
    new_check: String,
}

impl Planning {
    /// The panel of the plan `node`; none if it is no plan.
    pub fn new(node: NodeId, case: &Case) -> Option<Self> {
        let Data::Plan(plan) = &case.node(node)?.data else { return None };
        let kept = Arc::clone(plan);
        Some(Self {
            node,
            draft: None,
            action: (!kept.actions.is_empty()).then_some(0),
            kept,
            held: None,
            asked: None,
            live: None,
            blades: Vec::new(),
            reach_mm: None,
            flat: None,
            depths: None,
            shows: [false; 2],
            picture: flat::Picture::default(),
            pointed: None,
            crosshair: None,
            along: None,
            edge: None,
            fitted: None,
            places_clip: false,
            branch: None,
            page: Page::default(),
            signer: String::new(),
            new_check: String::new(),
        })
    }

    /// Follow the case: another state of it may hold another plan. Whether there is still one.
    pub fn follow(&mut self, case: &Case) -> bool {
        // The list that points at a branch comes after this, if it is there.
        self.branch = None;
        let Some(node) = case.node(self.node) else { return false };
        let Data::Plan(plan) = &node.data else { return false };
        if !Arc::ptr_eq(plan, &self.kept) {
            // What was just added is what is moved next.
            if self.kept.actions.len() < plan.actions.len() {
                self.action = Some(plan.actions.len() - 1);
            }
            self.kept = Arc::clone(plan);
            // What was drafted is in the case now, or was refused and told of.
            if self.held.is_none() {
                (self.draft, self.asked) = (None, None);
            }
        }
        let count = self.shown().actions.len();
        self.action = self.action.filter(|n| *n < count);
        true
    }

    /// What is seen of it in this frame: its flattened cut and the distances along its path, where all views point, and
    /// whether the mouse draws a curve on a surface.
    pub fn look(
        &mut self,
        shows: [bool; 2],
        crosshair: Option<Point>,
        draws: bool,
        case: &Case,
        wishes: &mut Vec<Wish>,
    ) {
        (self.shows, self.crosshair) = (shows, crosshair);
        if !shows[0] {
            // The picture that was pointed at is gone.
            self.pointed = None;
        }
        self.follow_path(wishes);
        self.take_edge(draws, case, wishes);
    }

    /// The actions whose flat picture and whose distances are seen.
    pub fn views(&self) -> [Option<usize>; 2] {
        let [flat, path] = self.shows;
        [self.flat_action().filter(|_| flat), self.path_action().filter(|_| path)]
    }

    /// The plan as it is seen: with what a hand is changing.
    pub fn shown(&self) -> Arc<Plan> {
        Arc::clone(self.draft.as_ref().unwrap_or(&self.kept))
    }

    /// Whether a hand is changing it.
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// The action whose handles are shown.
    fn chosen(&self) -> Option<&Action> {
        let plan = self.draft.as_ref().unwrap_or(&self.kept);
        self.action.and_then(|n| plan.actions.get(n)).map(|named| &named.action)
    }

    /// The surface of the cut `n`.
    fn blade_of(&self, n: usize) -> Option<&Surface> {
        self.blades.iter().find(|(of, _)| *of == n).map(|(_, blade)| &**blade)
    }

    /// Action `n` as a hand has it now.
    fn set_live(&mut self, n: usize, action: Action) {
        let mut plan = Plan::clone(&self.shown());
        if let Some(named) = plan.actions.get_mut(n)
            && named.action != action
        {
            named.action = action;
            self.draft = Some(Arc::new(plan));
        }
    }

    /// Make what a hand did to action `n` a command.
    fn commit(&mut self, n: usize, wishes: &mut Vec<Wish>) {
        let Some(draft) = &self.draft else { return };
        let (Some(now), Some(before)) = (draft.actions.get(n), self.kept.actions.get(n)) else {
            self.draft = None;
            return;
        };
        if now == before {
            self.draft = None;
        } else {
            wishes.push(self.put(n, now.clone()));
            self.asked = Some(0);
        }
    }

    /// The command that puts another action in the place of `n`.
    fn put(&self, n: usize, action: NamedAction) -> Wish {
        Wish::run("plan.act", json!({ "plan": self.node, "at": n + 1, "actions": [action] }))
    }

    /// The command that adds an action.
    fn add(&self, action: NamedAction) -> Wish {
        Wish::run("plan.act", json!({ "plan": self.node, "actions": [action] }))
    }

    /// Let go of what is held and leave the plan as the case has it; whether something was held.
    pub fn let_go(&mut self) -> bool {
        self.draft = None;
        let awaits = self.edge.take().is_some() || std::mem::take(&mut self.places_clip);
        self.held.take().is_some() || awaits
    }

    /// Once the command of a draft is over, the case says what the plan is: what was refused is not seen any longer.
    pub fn settle(&mut self, works: bool) {
        let Some(frames) = &mut self.asked else { return };
        *frames = frames.saturating_add(1);
        if ASKED_FRAMES < *frames && !works && self.held.is_none() {
            (self.draft, self.asked) = (None, None);
        }
    }

    /// Whose name stands under a line that is ticked.
    #[cfg(test)]
    pub(super) fn sign_as(&mut self, name: &str) {
        self.signer = name.to_owned();
    }

    /// The score that is shown: of the draft where it is known, else of the case.
    fn score(&self) -> Option<Result<&Score, &str>> {
        if let Some(live) = &self.live {
            return Some(live.score.as_ref().map_err(String::as_str));
        }
        self.kept.score.as_ref().map(Ok)
    }
}
