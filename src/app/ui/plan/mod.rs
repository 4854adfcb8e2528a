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
mod kept;
mod mouse;
mod open;
mod panel;
mod score;
mod sections;
mod structures;
mod trees;

pub use board::BoardView;
pub(super) use flat::no_plan_ui;

use super::contract::{Messages, Tone};
use super::slice::Turn;
use super::wish::Wish;
use crate::base::NodeId;
use crate::geom::Point;
use crate::mesh::Surface;
use crate::plan::path::PathFrame;
use crate::plan::{Action, NamedAction, Plan, Score, Term};
use crate::session::{Case, Data};
use crate::tools::plan_entry::EntrySurface;
use crate::tools::plan_shapes::Cover;
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

/// A draft that was made a command.
#[derive(Debug, Clone, Copy)]
struct Asked {
    /// The number of its action.
    n: usize,
    /// Frames since.
    frames: u8,
}

/// A draft that was refused: it stays, and may be moved on.
#[derive(Debug, Clone)]
struct Refused {
    /// The number of its action.
    n: usize,
    why: String,
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
    asked: Option<Asked>,
    refused: Option<Refused>,
    /// The number of the next message, as long as no draft is asked for: later ones may be about it.
    told: usize,
    /// What the last plan that was scored is worth.
    pub live: Option<Live>,
    /// The surface of a cut, by the number of its action.
    pub blades: Vec<(usize, Arc<Surface>)>,
    /// What is burnt and what is moved, by the number of its action: drawn where a slice cuts it.
    pub outlines: Vec<(usize, Arc<Surface>)>,
    /// How much of each target the ablations reach.
    pub(crate) covers: Vec<Cover>,
    /// The surface that paths go in through, once it is known.
    pub(crate) entry: Option<Arc<EntrySurface>>,
    /// Volumes and margins of a plan that is still moved, with what it is: known before its score.
    pub(crate) first: Option<(String, Vec<Term>)>,
    /// Whether its shapes came since it was opened, or why there are none.
    pub staged: bool,
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
    /// How the slices were turned in the last frame, and before they were asked to follow the path: until the wish is
    /// granted that is no sign that somebody turned them.
    seen_turn: Turn,
    turned_from: Turn,
    /// An edge that is to be drawn, and what came of the last one.
    edge: Option<edge::Awaited>,
    fitted: Option<edge::Fitted>,
    /// The next click on a vessel places a clip.
    places_clip: bool,
    /// The branch that is pointed at in the list of territories.
    branch: Option<usize>,
    kept_trees: kept::Kept,
    kept_sections: sections::Sections,
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
            refused: None,
            told: 0,
            live: None,
            blades: Vec::new(),
            outlines: Vec::new(),
            covers: Vec::new(),
            entry: None,
            first: None,
            staged: false,
            reach_mm: None,
            flat: None,
            depths: None,
            shows: [false; 2],
            picture: flat::Picture::default(),
            pointed: None,
            crosshair: None,
            along: None,
            seen_turn: Turn::default(),
            turned_from: Turn::default(),
            edge: None,
            fitted: None,
            places_clip: false,
            branch: None,
            kept_trees: kept::Kept::default(),
            kept_sections: sections::Sections::default(),
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
            let before = std::mem::replace(&mut self.kept, Arc::clone(plan));
            // What was drafted is in the case now; what was refused stays as long as nothing else was done to it.
            if self.held.is_none() {
                let (draft, asked) = (self.draft.take(), self.asked.take());
                let refused = self.refused.take().filter(|refused| asked.is_none_or(|asked| asked.n != refused.n));
                self.take_up(refused, draft.as_deref(), &before);
            }
        }
        let count = self.shown().actions.len();
        self.action = self.action.filter(|n| *n < count);
        true
    }

    /// Go on with a refused action of `draft` in the plan as it is now, if that has it as it was `before`.
    fn take_up(&mut self, refused: Option<Refused>, draft: Option<&Plan>, before: &Plan) {
        let Some(refused) = refused else { return };
        let Some(action) = draft.and_then(|draft| draft.actions.get(refused.n)).cloned() else { return };
        let (now, n) = (&self.kept.actions, refused.n);
        if now.len() != before.actions.len() || now.get(n) != before.actions.get(n) {
            return;
        }
        let mut plan = Plan::clone(&self.kept);
        match plan.actions.get_mut(n) {
            Some(own) => *own = action,
            None => plan.actions.push(action),
        }
        (self.draft, self.refused) = (Some(Arc::new(plan)), Some(refused));
    }

    /// What is seen of it in this frame: its flattened cut and the distances along its path, where all views point and how
    /// they are turned, and whether the mouse draws a curve on a surface.
    pub fn look(
        &mut self,
        shows: [bool; 2],
        (crosshair, turn): (Option<Point>, Turn),
        draws: bool,
        case: &Case,
        wishes: &mut Vec<Wish>,
    ) {
        (self.shows, self.crosshair) = (shows, crosshair);
        if !shows[0] {
            // The picture that was pointed at is gone.
            self.pointed = None;
        }
        self.follow_path(turn, wishes);
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
        let Some(now) = draft.actions.get(n) else {
            (self.draft, self.refused) = (None, None);
            return;
        };
        match self.kept.actions.get(n) {
            Some(before) if now == before => {
                if draft.actions == self.kept.actions {
                    self.draft = None;
                }
            }
            Some(_) => {
                wishes.push(self.put(n, now.clone()));
                self.asked = Some(Asked { n, frames: 0 });
            }
            // It was added, and refused.
            None => {
                wishes.push(self.add(now.clone()));
                self.asked = Some(Asked { n, frames: 0 });
            }
        }
        if self.refused.as_ref().is_some_and(|refused| refused.n == n) {
            self.refused = None;
        }
    }

    /// Add an action: a draft until the command is done, and longer if it is refused.
    fn begin(&mut self, action: NamedAction, wishes: &mut Vec<Wish>) {
        let n = self.kept.actions.len();
        let mut plan = Plan::clone(&self.shown());
        // Another one that was refused makes way.
        plan.actions.truncate(n);
        plan.actions.push(action);
        self.draft = Some(Arc::new(plan));
        self.refused = None;
        self.action = Some(n);
        self.commit(n, wishes);
    }

    /// Take the action `n` out.
    fn take_out(&mut self, n: usize, wishes: &mut Vec<Wish>) {
        if n < self.kept.actions.len() {
            wishes.push(Wish::run("plan.act", json!({ "plan": self.node, "at": n + 1, "remove": true })));
        } else {
            (self.draft, self.refused) = (None, None);
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
        let was_refused = self.refused.take().is_some();
        self.held.take().is_some() || awaits || was_refused
    }

    /// Once the command of a draft is over, the case says what the plan is. What was refused stays as it was drafted, with the
    /// reason that was told; a draft of which nothing was heard is given up.
    pub fn settle(&mut self, works: bool, messages: &Messages) {
        let next = messages.iter().next_back().map_or(0, |(number, _)| number + 1);
        let Some(Asked { n, frames }) = &mut self.asked else {
            self.told = next;
            return;
        };
        *frames = frames.saturating_add(1);
        if *frames <= ASKED_FRAMES || works || self.held.is_some() {
            return;
        }
        let told = messages.iter().rfind(|(number, message)| self.told <= *number && message.tone == Tone::Error);
        self.refused = told.map(|(_, message)| Refused { n: *n, why: message.text.clone() });
        if self.refused.is_none() {
            self.draft = None;
        }
        (self.asked, self.told) = (None, next);
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
