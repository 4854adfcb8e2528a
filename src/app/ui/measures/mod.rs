//! Measures in the views: drawn with the mouse, dragged by their handles, shown in every slice they lie in and in 3D.
//!
//! A measure is an object of the case. What is being drawn or dragged belongs to the window until the button goes up; then
//! it is one command, `measure.add` or `measure.edit`.

mod covered;
mod draft;
mod grip;
mod labels;
mod mouse;
mod paint;
mod panel;
mod scene;
mod writing;

pub use covered::Covered;
pub(super) use panel::{inspector_facts, measures_ui, menu_button};

use super::contract::Request;
use crate::base::{Fact, NodeId};
use crate::geom::Point;
use crate::geom::measure::{Kind, Shape};
use crate::image::Measure;
use crate::session::{Case, Command, Data, Display, Node};
use draft::Draft;
use egui::Color32;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::sync::Arc;
use writing::Writing;

/// A measure of the case that is shown.
#[derive(Debug, Clone)]
struct Shown {
    id: NodeId,
    /// It has the values too, so that nothing is measured again for every frame.
    node: Arc<Node>,
    measure: Arc<Measure>,
    colour: Color32,
}

/// What of a measure is in the hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Handle(usize),
    Body,
}

/// A measure under the pressed button.
#[derive(Debug, Clone)]
struct Held {
    id: NodeId,
    part: Part,
    /// The view it was taken in.
    view: egui::Id,
    /// Where it was taken.
    from: Point,
    was: Shape,
    /// What it will be when the button goes up.
    now: Measure,
}

/// The measures as the window shows them, and what the mouse does to them.
#[derive(Debug, Default, Clone)]
pub struct Measures {
    /// Whether none is shown.
    pub hidden: bool,
    shown: Vec<Shown>,
    selected: Option<NodeId>,
    pointed: Option<(NodeId, Part)>,
    /// The view it is pointed at in.
    pointed_view: Option<egui::Id>,
    draft: Option<Draft>,
    held: Option<Held>,
    /// Whether what is held in the 3D view goes along surfaces.
    on_surface: bool,
    /// What was in the hand was let go by a key: until the button goes up, it does nothing.
    dropped: bool,
    writing: Option<Writing>,
}

/// Measures that are not shown for a while.
#[derive(Debug)]
pub struct Aside(Vec<Shown>);

impl Measures {
    /// Those that are shown, for a picture: nothing is drawn, dragged or pointed at in it.
    pub fn still(&self) -> Self {
        Self { hidden: self.hidden, shown: self.shown.clone(), ..Self::default() }
    }

    /// Those of a case that is only looked at.
    pub fn of(case: &Case) -> Self {
        let mut own = Self::default();
        own.refresh(case, None, None, None);
        own
    }

    /// Look at the case: call once a frame, before views are shown.
    pub fn refresh(
        &mut self,
        case: &Case,
        selected: Option<NodeId>,
        isolated: Option<NodeId>,
        preview: Option<&(NodeId, Display)>,
    ) {
        self.selected = selected;
        self.shown.clear();
        for (id, node) in case.nodes() {
            let Data::Measure(measure) = &node.data else { continue };
            let dragged = preview.filter(|(of, _)| *of == id).map(|(_, display)| display);
            let display = dragged.unwrap_or(&node.display);
            let [r, g, b] = display.colour;
            let colour = Color32::from_rgb(r, g, b).gamma_multiply(display.opacity.clamp(0.0, 1.0));
            if display.visible && isolated.is_none_or(|only| only == id) {
                self.shown.push(Shown { id, node: Arc::clone(node), measure: Arc::clone(measure), colour });
            }
        }
        if self.hidden {
            self.shown.clear();
        }
        // What is selected lies on top.
        self.shown.sort_by_key(|shown| Some(shown.id) == selected);
        let there = |id: NodeId| self.shown.iter().any(|shown| shown.id == id);
        self.dropped |= self.held.as_ref().is_some_and(|held| !there(held.id));
        self.held = self.held.take().filter(|held| there(held.id));
        self.pointed = self.pointed.filter(|(id, _)| there(*id));
    }

    /// Take those away that were measured in another scan than `scan`; [`Measures::bring_back`] shows them again.
    pub fn set_aside(&mut self, scan: NodeId) -> Aside {
        let is_other = |shown: &Shown| shown.measure.reading.as_ref().is_some_and(|reading| reading.scan != scan);
        let (others, own) = std::mem::take(&mut self.shown).into_iter().partition(is_other);
        self.shown = own;
        Aside(others)
    }

    /// Show again what was set aside.
    pub fn bring_back(&mut self, Aside(others): Aside) {
        self.shown.extend(others);
        let selected = self.selected;
        self.shown.sort_by_key(|shown| (Some(shown.id) == selected, shown.id));
    }

    /// Forget what is being drawn: another case is shown.
    pub fn forget(&mut self) {
        *self = Self { hidden: self.hidden, ..Self::default() };
    }

    /// Whether something is being drawn.
    pub fn is_drawing(&self) -> bool {
        self.draft.is_some()
    }

    /// Whether a measure or its handle is in the hand.
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Let go of what is being drawn, dragged or written; whether there was anything.
    pub fn cancel(&mut self) -> bool {
        let in_hand = self.held.is_some() || self.draft.as_ref().is_some_and(|draft| draft.pressed.is_some());
        let any = self.writing.take().is_some() || self.held.take().is_some() || self.draft.take().is_some();
        self.dropped |= any && in_hand && self.held.is_none();
        any
    }

    /// Take back the last point of what is being drawn; whether there was any.
    pub fn drop_point(&mut self) -> bool {
        let Some(draft) = &mut self.draft else { return false };
        if !draft.drop_point() {
            self.draft = None;
        }
        true
    }

    /// End what is being drawn where it may end: the command, if it needs no text.
    pub fn end(&mut self) -> Option<Request> {
        let draft = self.draft.take()?;
        let Some(shape) = draft.shape() else {
            // Too few points yet: go on.
            self.draft = Some(draft);
            return None;
        };
        if shape.kind().is_note() {
            self.writing = Some(Writing::new(shape, draft.scan, draft.seen_at));
            return None;
        }
        Some(add(&shape, draft.scan, ""))
    }

    /// The measure and its values as they are shown now: those of the case, or what the hand makes of them.
    fn now<'a>(&'a self, shown: &'a Shown) -> (&'a Measure, Cow<'a, [Fact]>) {
        match self.held.as_ref().filter(|held| held.id == shown.id) {
            Some(held) => (&held.now, Cow::Owned(held.now.values())),
            None => (&shown.measure, Cow::Borrowed(&shown.node.summary.facts)),
        }
    }
}

fn coordinates(points: &[Point]) -> Value {
    json!(points.iter().map(|point| [point.x, point.y, point.z]).collect::<Vec<_>>())
}

/// The command that makes `shape` a measure of the scan.
fn add(shape: &Shape, scan: NodeId, text: &str) -> Request {
    if shape.kind() == Kind::Geodesic {
        let params = json!({ "surface": scan.0, "points": coordinates(shape.points()) });
        return Request::Run(Command::new("measure.geodesic", params));
    }
    let normal = shape.normal();
    let mut params = json!({
        "kind": shape.kind().word(),
        "points": coordinates(shape.points()),
        "normal": [normal.x, normal.y, normal.z],
        "scan": scan.0,
    });
    if !text.is_empty() {
        params["text"] = Value::from(text);
    }
    Request::Run(Command::new("measure.add", params))
}
