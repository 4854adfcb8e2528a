//! The left button over a slice: place points, take handles and bodies, let go.

use super::draft::Draft;
use super::{Held, Measures, Part, add, coordinates};
use crate::app::ui::slice::{MouseTool, SliceGeometry, SliceSubject};
use crate::app::ui::wish::Wish;
use crate::base::NodeId;
use crate::geom::measure::{Kind, Shape};
use crate::geom::{Point, Vector};
use crate::image::{Measure, Reading};
use egui::{CursorIcon, Pos2, Response, Ui, Vec2};
use serde_json::json;

/// How near a handle the mouse must be to take it, in points (as VolView).
pub(super) const PICK: f32 = 12.0;
/// How near a line the mouse must be to take the whole, in points.
const PICK_BODY: f32 = 6.0;
/// A press that moved further than this was a drag, in points.
const DRAG: f32 = 5.0;
/// Distance of the points of a free-hand outline, in points.
const STEP: f32 = 3.0;

/// The directions of a view: to the right, down, and away from the viewer.
pub(super) fn directions(geometry: &SliceGeometry) -> Option<[Vector; 3]> {
    let centre = geometry.rect.center();
    let start = geometry.patient_from_screen(centre);
    // The distance is linear: its slope is the normal, to the last digit.
    let slope = |axis: usize| geometry.distance_mm(&(start + Vector::ith(axis, 1.0))) - geometry.distance_mm(&start);
    let away = Vector::from_fn(|axis, _| slope(axis)).try_normalize(1e-9)?;
    let along = |by: Vec2| {
        let way = geometry.patient_from_screen(centre + by) - start;
        (way - away * way.dot(&away)).try_normalize(1e-12)
    };
    Some([along(Vec2::new(64.0, 0.0))?, along(Vec2::new(0.0, 64.0))?, away])
}

/// Distance of `pos` from the line between `a` and `b`.
fn from_line(pos: Pos2, a: Pos2, b: Pos2) -> f32 {
    let way = b - a;
    let part = if way.length_sq() < 1e-6 { 0.0 } else { ((pos - a).dot(way) / way.length_sq()).clamp(0.0, 1.0) };
    pos.distance(a + way * part)
}

/// A measure in another shape, measured again where its scan is the one that is shown.
pub(super) fn remeasured(was: Measure, shape: Shape, subject: Option<&SliceSubject<'_>>) -> Measure {
    let of = |subject: &&SliceSubject<'_>| was.reading.as_ref().is_some_and(|reading| reading.scan == subject.node);
    let read = |subject: &SliceSubject<'_>| Reading::of(&shape, subject.node, subject.hash, subject.scan).ok();
    let reading = subject.filter(of).and_then(read);
    Measure { shape, text: was.text, reading }
}

/// What was held is let go: it is selected, and changed if it was moved.
pub(super) fn let_fall(held: Held, wishes: &mut Vec<Wish>) {
    wishes.push(Wish::Select(Some(held.id)));
    if held.now.shape != held.was {
        let points = coordinates(&held.now.shape.placed());
        // A curve on a surface is put back onto it.
        let (tool, of) =
            if held.was.kind() == Kind::Geodesic { ("measure.geodesic", "measure") } else { ("measure.edit", "node") };
        wishes.push(Wish::run(tool, json!({ (of): held.id.0, "points": points })));
    }
}

impl Measures {
    /// Follow what was chosen, once a frame before views are shown: another tool or another scan gives up what is being
    /// drawn, `enter` ends it.
    /// `scans` are those that views show.
    pub fn follow(&mut self, ui: &Ui, tool: MouseTool, scans: &[NodeId], enter: bool, wishes: &mut Vec<Wish>) {
        let fits = |draft: &Draft| {
            let is_of_surface = draft.kind == Kind::Geodesic;
            tool == MouseTool::Measure(draft.kind) && (is_of_surface || scans.contains(&draft.scan))
        };
        self.draft = self.draft.take().filter(fits);
        self.writing = self.writing.take().filter(|writing| scans.contains(&writing.scan));
        if self.draft.is_some() && enter {
            wishes.extend(self.end().map(Wish::Ask));
        }
        // The frame in which the button goes up still belongs to the drag.
        if !ui.input(|input| input.pointer.primary_down() || input.pointer.primary_released()) {
            self.dropped = false;
        }
    }

    /// Act on the mouse over one view; whether the left button is ours now.
    pub fn act(
        &mut self,
        ui: &Ui,
        response: &Response,
        geometry: &SliceGeometry,
        tool: MouseTool,
        reach_mm: f64,
        subject: &SliceSubject<'_>,
        wishes: &mut Vec<Wish>,
    ) -> bool {
        let kind = match tool {
            MouseTool::Measure(kind) => Some(kind),
            _ => None,
        };
        if self.dropped {
            return true;
        }
        let (pressed, down, ctrl) =
            ui.input(|input| (input.pointer.primary_pressed(), input.pointer.primary_down(), input.modifiers.ctrl));
        if self.held.as_ref().is_some_and(|held| held.view == response.id) {
            self.drag(response, geometry, subject, down, ctrl, wishes);
            return true;
        }
        let ours = kind.is_some() || self.held.is_some() || self.writing.is_some();
        let over = response.hover_pos().or_else(|| response.interact_pointer_pos());
        let Some(pos) = over.filter(|_| response.hovered() || response.is_pointer_button_down_on()) else {
            if self.pointed_view == Some(response.id) {
                self.pointed = None;
            }
            return ours;
        };
        let began = pressed && (response.is_pointer_button_down_on() || response.clicked());
        let placing = self.draft.is_some();
        let hit = if placing || ctrl && kind.is_some() { None } else { self.hit(geometry, reach_mm, pos) };
        if !down || began {
            (self.pointed, self.pointed_view) = (hit, Some(response.id));
        }
        match (hit, kind) {
            (Some((_, Part::Handle(_))), _) => ui.ctx().set_cursor_icon(CursorIcon::Grab),
            (Some((_, Part::Body)), _) => ui.ctx().set_cursor_icon(CursorIcon::Move),
            (None, Some(_)) => ui.ctx().set_cursor_icon(CursorIcon::Crosshair),
            (None, None) => {}
        }
        if let (true, Some((id, part))) = (began, hit) {
            // What is held is selected when it is let go: the slices may then show the scan it was measured in.
            if !down {
                wishes.push(Wish::Select(Some(id)));
            }
            let found = self.shown.iter().find(|shown| shown.id == id).filter(|_| down);
            self.held = found.map(|shown| Held {
                id,
                part,
                view: response.id,
                from: geometry.patient_from_screen(pos),
                was: shown.measure.shape.clone(),
                now: Measure::clone(&shown.measure),
            });
            return true;
        }
        // A click beside the text field ends the writing; it draws nothing.
        // Points of a curve on a surface are placed in the 3D view, where the surface is seen.
        if let Some(kind) = kind.filter(|kind| self.writing.is_none() && *kind != Kind::Geodesic) {
            self.draw(ui, response, geometry, kind, pos, [began, down, ctrl], subject, wishes);
        }
        ours || hit.is_some() && down
    }

    /// The handle or the line under the mouse, the uppermost first.
    fn hit(&self, geometry: &SliceGeometry, reach_mm: f64, pos: Pos2) -> Option<(NodeId, Part)> {
        let is_near = |point: &Point| geometry.distance_mm(point).abs() <= reach_mm;
        let is_seen = |shape: &Shape| shape.may_cross() || shape.points().iter().all(is_near);
        let shown = || self.shown.iter().rev().filter(|shown| is_seen(&shown.measure.shape));
        let handles = shown().flat_map(|shown| {
            let handles = shown.measure.shape.handles().into_iter().enumerate();
            handles.filter(move |(_, point)| is_near(point)).map(move |(n, point)| (shown.id, n, point))
        });
        let nearest = handles
            .map(|(id, n, point)| (id, n, geometry.screen_from_patient(&point).distance(pos)))
            .filter(|(.., distance)| *distance <= PICK)
            .min_by(|a, b| a.2.total_cmp(&b.2));
        if let Some((id, n, _)) = nearest {
            return Some((id, Part::Handle(n)));
        }
        let on_line = |shape: &Shape| {
            shape.strokes().iter().any(|stroke| {
                stroke.windows(2).any(|pair| {
                    let [a, b] = [0, 1].map(|n| geometry.screen_from_patient(&pair[n]));
                    pair.iter().all(is_near) && from_line(pos, a, b) <= PICK_BODY
                })
            })
        };
        shown().find(|shown| on_line(&shown.measure.shape)).map(|shown| (shown.id, Part::Body))
    }

    /// The place under the mouse; with Ctrl that of a handle near it, else the centre of the voxel.
    fn place_at(
        &self,
        geometry: &SliceGeometry,
        subject: &SliceSubject<'_>,
        pos: Pos2,
        held: Option<NodeId>,
        snaps: bool,
    ) -> Point {
        let free = geometry.patient_from_screen(pos);
        if !snaps {
            return free;
        }
        let others = self.shown.iter().filter(|shown| Some(shown.id) != held);
        let handles = others.flat_map(|shown| shown.measure.shape.handles());
        let distance = |point: &Point| geometry.screen_from_patient(point).distance(pos);
        let nearest =
            handles.filter(|point| distance(point) <= PICK).min_by(|a, b| distance(a).total_cmp(&distance(b)));
        let grid = subject.scan.grid();
        nearest.or_else(|| grid.voxel_at(free).map(|voxel| grid.centre(voxel))).unwrap_or(free)
    }

    /// A measure follows the hand that holds it, or is let go.
    fn drag(
        &mut self,
        response: &Response,
        geometry: &SliceGeometry,
        subject: &SliceSubject<'_>,
        down: bool,
        ctrl: bool,
        wishes: &mut Vec<Wish>,
    ) {
        let Some(mut held) = self.held.take() else { return };
        if let Some(pos) = response.interact_pointer_pos() {
            // As far as the hand went since it took hold: nothing jumps, and depth stays.
            let by = geometry.patient_from_screen(pos) - held.from;
            let shape = match held.part {
                Part::Body => Some(held.was.moved(by)),
                Part::Handle(handle) if ctrl => {
                    held.was.with_handle(handle, self.place_at(geometry, subject, pos, Some(held.id), true)).ok()
                }
                Part::Handle(handle) => held.was.with_handle(handle, held.was.handles()[handle] + by).ok(),
            };
            if let Some(shape) = shape.filter(|shape| *shape != held.now.shape) {
                held.now = remeasured(held.now, shape, Some(subject));
            }
        }
        if down {
            self.held = Some(held);
            return;
        }
        let_fall(held, wishes);
    }

    fn draw(
        &mut self,
        ui: &Ui,
        response: &Response,
        geometry: &SliceGeometry,
        kind: Kind,
        pos: Pos2,
        [began, down, ctrl]: [bool; 3],
        subject: &SliceSubject<'_>,
        wishes: &mut Vec<Wish>,
    ) {
        let Some([right, below, away]) = directions(geometry) else { return };
        let at = self.place_at(geometry, subject, pos, None, ctrl);
        let least_mm = 2.0 * geometry.mm_per_point();
        // A flat kind cannot go on in a view of another direction.
        let turned = |draft: &Draft| kind.is_flat() && draft.normal.dot(&away).abs() < 1.0 - 1e-6;
        if began && self.draft.as_ref().is_some_and(turned) {
            self.draft = None;
        }
        if began && self.draft.is_none() {
            self.draft = Some(Draft {
                kind,
                scan: subject.node,
                normal: away,
                axes: [right, below],
                points: Vec::new(),
                end: None,
                pressed: None,
                repeated: false,
                seen_at: pos,
                live: None,
            });
        }
        let Some(draft) = &mut self.draft else { return };
        draft.seen_at = pos;
        let mut ends = false;
        if began {
            draft.repeated = !draft.place(at, least_mm);
            draft.pressed = Some((response.id, pos));
        }
        if let Some((_, from)) = draft.pressed.filter(|(view, _)| *view == response.id) {
            let dragged = DRAG < from.distance(pos);
            if down && kind == Kind::Region && dragged {
                draft.place(at, f64::from(STEP) * geometry.mm_per_point());
            }
            if !down {
                draft.pressed = None;
                if dragged {
                    draft.place(at, least_mm);
                    ends = kind == Kind::Region && 3 <= draft.points.len();
                }
            }
        }
        let end = draft.onto(at);
        if draft.end != Some(end) || draft.live.is_none() {
            draft.end = Some(end);
            draft.live = draft.shape_with_end().map(|shape| {
                let reading = Reading::of(&shape, subject.node, subject.hash, subject.scan).ok();
                Measure { shape, text: String::new(), reading }
            });
        }
        ends |= draft.is_complete() || response.double_clicked() && draft.repeated;
        if response.secondary_clicked() {
            self.drop_point();
            ui.ctx().request_repaint();
        } else if ends {
            let whole = draft.shape().is_some();
            wishes.extend(self.end().map(Wish::Ask));
            // A stray double click on one spot draws nothing, and nothing stays of it.
            if !whole {
                self.draft = None;
            }
        }
    }

    /// A place picked in the 3D scene while a line is being measured.
    pub fn place_in_scene(
        &mut self,
        kind: Kind,
        at: Point,
        scan: NodeId,
        away: Vector,
        seen_at: Pos2,
        wishes: &mut Vec<Wish>,
    ) {
        let is_other = |draft: &Draft| draft.kind != kind || (kind == Kind::Geodesic && draft.scan != scan);
        if kind.is_flat() || self.draft.as_ref().is_some_and(is_other) {
            return;
        }
        let draft = self.draft.get_or_insert_with(|| Draft {
            kind,
            scan,
            normal: away,
            axes: [Vector::x(), Vector::y()],
            points: Vec::new(),
            end: None,
            pressed: None,
            repeated: false,
            seen_at,
            live: None,
        });
        draft.place(at, 1e-3);
        (draft.end, draft.seen_at) = (None, seen_at);
        if draft.is_complete() {
            wishes.extend(self.end().map(Wish::Ask));
        }
    }

    /// The command of a note whose text was written.
    pub(super) fn written(&mut self, wishes: &mut Vec<Wish>) {
        if let Some(written) = self.writing.take() {
            let text = written.text.trim();
            // An arrow may stand without words, a text may not.
            if !text.is_empty() || written.shape.kind() == Kind::Arrow {
                wishes.push(Wish::Ask(add(&written.shape, written.scan, text)));
            }
        }
    }
}
