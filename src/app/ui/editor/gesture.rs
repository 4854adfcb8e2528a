//! The brush and the pen in a slice: what is under the mouse until the button goes up, then one command.

use super::{Editor, Effect, Operation};
use crate::app::ui::slice::{SliceGeometry, SliceSubject};
use crate::app::ui::wish::Wish;
use crate::base::parallel;
use crate::geom::{Orientation, Point, Vector};
use crate::image::{LabelMap, SliceImage};
use crate::segment::{Brush, BrushShape};
use crate::session::Command;
use egui::{PointerButton, Response, Ui};
use serde_json::json;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A preview that a thread makes; nothing comes of a piece beside the grid.
type Awaited = Arc<Mutex<Receiver<Option<LabelMap>>>>;

/// How often it is asked for.
const LOOK: Duration = Duration::from_millis(25);

/// What the mouse is doing in a slice.
#[derive(Debug, Clone)]
pub struct Stroke {
    pub(super) orientation: Orientation,
    /// The direction across the slice it is drawn in.
    across: Vector,
    pub(super) points: Vec<Point>,
    /// Corners were clicked one by one, so letting go does not end it.
    pub(super) by_clicks: bool,
    erases: bool,
    /// The group it began on, and as it is now under the brush.
    start: LabelMap,
    preview: Option<LabelMap>,
    revision: u64,
    /// Points that are in the preview, or in what is made for it.
    shown: usize,
    /// The group with a piece of the stroke that is made beside the window.
    awaited: Option<Awaited>,
    /// Frames since it became a command, which shows once the case has changed.
    applied: Option<u8>,
}

impl Stroke {
    fn new((orientation, across): Drawn, start: &LabelMap, erases: bool) -> Self {
        let (start, points) = (start.clone(), Vec::new());
        Self {
            orientation,
            across,
            points,
            by_clicks: false,
            erases,
            start,
            preview: None,
            revision: 0,
            shown: 0,
            awaited: None,
            applied: None,
        }
    }

    /// The group under the brush.
    pub fn preview(&self) -> Option<(LabelMap, u64)> {
        Some((self.preview.clone()?, self.revision))
    }

    /// An outline that needs no mouse button held.
    pub(super) fn of_outline(drawn: Drawn, start: &LabelMap, erases: bool, points: Vec<Point>) -> Self {
        Self { by_clicks: true, points, ..Self::new(drawn, start, erases) }
    }

    /// The same with more points at its end.
    pub(super) fn continued(mut self, points: Vec<Point>) -> Self {
        self.points.extend(points);
        self
    }

    /// Whether it goes on in views of this orientation.
    pub(super) fn is_open_in(&self, orientation: Orientation) -> bool {
        self.orientation == orientation && self.applied.is_none()
    }

    /// Take what a thread made for the preview; whether it is still at it.
    fn still_waits(&mut self) -> bool {
        let Some(awaited) = &self.awaited else { return false };
        let came = awaited.lock().unwrap_or_else(PoisonError::into_inner).try_recv();
        match came {
            Err(TryRecvError::Empty) => return true,
            Ok(Some(made)) => (self.preview, self.revision) = (Some(made), self.revision + 1),
            Ok(None) | Err(TryRecvError::Disconnected) => {}
        }
        self.awaited = None;
        false
    }

    /// Corners clicked so far.
    pub fn corners(&self) -> usize {
        if self.by_clicks { self.points.len() } else { 0 }
    }
}

/// The view a stroke is drawn in, and the direction across its slice.
type Drawn = (Orientation, Vector);

/// The same of a view on the screen.
pub(super) fn drawn_in(geometry: &SliceGeometry) -> Drawn {
    (geometry.orientation, geometry.right_down_away()[2])
}

/// Frames a stroke stays in sight while its command is on the way.
const FRAMES_MAX: u8 = 5;

/// Longest side of a polygon drawn free hand, in points of the screen.
const STEP_POINTS: f32 = 3.0;

impl Editor {
    /// Whether the left button in slices belongs to the editor now.
    pub fn takes_the_mouse(&self) -> bool {
        self.effect != Effect::Look && self.segment.is_some()
    }

    /// The left button over a slice view. `labels` is the group as the case has it.
    pub fn act(
        &mut self,
        ui: &Ui,
        response: &Response,
        geometry: &SliceGeometry,
        subject: &SliceSubject<'_>,
        image: Option<&SliceImage>,
        labels: &LabelMap,
        wishes: &mut Vec<Wish>,
    ) {
        // A stroke that is drawn while another one becomes true would begin on labels that are not there any more.
        if self.paints || self.segment.and_then(|id| labels.segment(id)).is_none_or(|segment| segment.locked) {
            return;
        }
        let held = response.is_pointer_button_down_on() && ui.input(|input| input.pointer.primary_down());
        let began = ui.input(|input| input.pointer.primary_pressed());
        let mine = self.stroke.as_ref().is_some_and(|stroke| stroke.is_open_in(geometry.orientation));
        match self.effect {
            Effect::Look => {}
            Effect::Paint | Effect::Erase | Effect::Smooth => {
                let pos = response.interact_pointer_pos();
                let ctrl = ui.input(|input| input.modifiers.ctrl);
                let erases = self.effect == Effect::Erase || self.effect == Effect::Paint && ctrl;
                if let (true, Some(pos)) = (held || response.clicked(), pos) {
                    if began || !mine {
                        self.stroke = Some(Stroke::new(drawn_in(geometry), labels, erases));
                    }
                    self.brush_to(ui.ctx(), geometry.patient_from_screen(pos), geometry, subject);
                }
                if mine && !held || response.clicked() {
                    wishes.push(Wish::ApplyStroke);
                }
            }
            Effect::LevelTrace | Effect::LiveWire => {
                let Some(image) = image else { return };
                if self.effect == Effect::LevelTrace {
                    self.level_trace(response, geometry, image, labels, wishes);
                } else {
                    self.live_wire(ui, response, geometry, image, labels, wishes);
                }
            }
            Effect::Draw | Effect::Scissors => self.outline(ui, response, geometry, labels, held, mine, wishes),
        }
    }

    fn outline(
        &mut self,
        ui: &Ui,
        response: &Response,
        geometry: &SliceGeometry,
        labels: &LabelMap,
        held: bool,
        mine: bool,
        wishes: &mut Vec<Wish>,
    ) {
        let Some(pos) = response.interact_pointer_pos().or(response.hover_pos()) else { return };
        let point = geometry.patient_from_screen(pos);
        let begin = |by_clicks| Stroke { by_clicks, ..Stroke::new(drawn_in(geometry), labels, self.erase) };
        if response.drag_started_by(PointerButton::Primary) {
            let origin = ui.input(|input| input.pointer.press_origin()).unwrap_or(pos);
            let mut stroke = self.stroke.take().filter(|_| mine).unwrap_or_else(|| begin(false));
            stroke.points.push(geometry.patient_from_screen(origin));
            self.stroke = Some(stroke);
        } else if response.clicked() {
            let mut stroke = self.stroke.take().filter(|_| mine).unwrap_or_else(|| begin(true));
            stroke.points.push(point);
            self.stroke = Some(stroke);
        }
        let Some(stroke) = self.stroke.as_mut().filter(|stroke| stroke.orientation == geometry.orientation) else {
            return;
        };
        if response.dragged_by(PointerButton::Primary) {
            let last = stroke.points.last().map(|last| geometry.screen_from_patient(last));
            if last.is_none_or(|last| STEP_POINTS <= last.distance(pos)) {
                stroke.points.push(point);
            }
        }
        let entered = stroke.by_clicks && ui.input(|input| input.key_pressed(egui::Key::Enter));
        // A slow click is a short drag to egui; it sets a corner like a quick one.
        if response.drag_stopped_by(PointerButton::Primary) && stroke.points.len() < 3 {
            stroke.by_clicks = true;
        }
        let done = response.drag_stopped_by(PointerButton::Primary) && !stroke.by_clicks && !held;
        if done || entered || stroke.by_clicks && response.double_clicked() {
            wishes.push(Wish::ApplyStroke);
        }
    }

    /// Lengthen the brush stroke to `point` and show what it takes: at once, or as soon as a thread has made it. Points
    /// that come meanwhile are the next piece.
    fn brush_to(&mut self, ctx: &egui::Context, point: Point, geometry: &SliceGeometry, subject: &SliceSubject<'_>) {
        let Some(mut stroke) = self.stroke.take() else { return };
        let far = self.radius_mm.min(4.0 * geometry.mm_per_point()) * 0.25;
        if stroke.points.last().is_none_or(|last| far <= (point - last).norm()) {
            stroke.points.push(point);
        }
        if stroke.still_waits() {
            ctx.request_repaint_after(LOOK);
        } else if stroke.shown < stroke.points.len() {
            let (before, points) = stroke.points.split_at(stroke.shown);
            let brush = (self.brush(geometry.right_down_away()[2]), stroke.erases);
            let groups = (&stroke.start, stroke.preview.as_ref().unwrap_or(&stroke.start));
            let dab = self.dab((before.last().copied(), points), brush, groups, subject.scan);
            stroke.shown = stroke.points.len();
            if let Some(dab) = dab {
                if dab.is_long() {
                    let (sender, receiver) = channel();
                    let beside = dab.clone();
                    // On threads of its own: pictures of the window would wait behind it. The stroke may be over by then.
                    let work = move || drop(sender.send(parallel::own_pool().install(|| beside.made())));
                    match std::thread::Builder::new().name("brush".into()).spawn(work) {
                        Ok(_) => stroke.awaited = Some(Arc::new(Mutex::new(receiver))),
                        Err(error) => {
                            tracing::warn!(%error, "the system refused a thread; the stroke shows when it ends")
                        }
                    }
                    ctx.request_repaint_after(LOOK);
                } else if let Some(made) = parallel::at_once(|| dab.made()) {
                    (stroke.preview, stroke.revision) = (Some(made), stroke.revision + 1);
                }
            }
        }
        self.stroke = Some(stroke);
    }

    fn brush(&self, across: Vector) -> Brush {
        let shape = if self.ball { BrushShape::Sphere } else { BrushShape::Disc(across) };
        Brush { radius_mm: self.radius_mm, shape }
    }

    /// Whether a stroke waits for its command.
    pub fn waits(&self) -> bool {
        self.stroke.as_ref().is_some_and(|stroke| stroke.applied.is_some())
    }

    /// Take the last clicked corner back; `false` if there is none.
    pub fn drop_corner(&mut self) -> bool {
        let Some(stroke) = self.stroke.as_mut().filter(|stroke| stroke.by_clicks) else { return false };
        stroke.points.pop();
        if stroke.points.is_empty() {
            self.stroke = None;
        }
        true
    }

    /// Let go of the stroke, or else of the effect; `false` if there is nothing to let go of.
    pub fn let_go(&mut self) -> bool {
        (self.trace, self.wire) = (None, None);
        if self.stroke.take().is_some() {
            return true;
        }
        std::mem::replace(&mut self.effect, Effect::Look) != Effect::Look
    }

    /// Forget a stroke that began on other labels, or whose command changed nothing.
    pub(super) fn age_stroke(&mut self, labels: &LabelMap) {
        let Some(stroke) = &mut self.stroke else { return };
        if stroke.applied.is_some() {
            // What a thread still made for it is shown until its command is there.
            stroke.still_waits();
        }
        let paints = self.paints;
        let waited = stroke.applied.as_mut().is_some_and(|frames| {
            *frames = if paints { 0 } else { *frames + 1 };
            FRAMES_MAX < *frames
        });
        if waited || !stroke.start.same_bricks(labels) {
            self.stroke = None;
        }
    }

    /// The command that makes the stroke true; a brush stroke stays in sight until the case has changed.
    pub fn apply(&mut self) -> Option<Command> {
        let mut stroke = self.stroke.take().filter(|stroke| stroke.applied.is_none())?;
        let points: Vec<[f64; 3]> =
            stroke.points.iter().map(|p| [p.x, p.y, p.z].map(|x| (x * 1000.0).round() / 1000.0)).collect();
        let across = stroke.across;
        let across = [across.x, across.y, across.z];
        let mut params = self.shared_params();
        params.insert("points".into(), json!(points));
        let tool = match self.effect {
            Effect::Look => return None,
            Effect::Paint | Effect::Erase | Effect::Smooth => {
                params.insert("radius_mm".into(), json!((self.radius_mm * 1000.0).round() / 1000.0));
                if !self.ball {
                    params.insert("slice_normal".into(), json!(across));
                }
                if self.effect == Effect::Smooth {
                    params.insert("mode".into(), json!("smooth"));
                } else if stroke.erases {
                    params.insert("mode".into(), json!("erase"));
                } else if self.similar {
                    params.insert("takes".into(), json!("similar"));
                }
                "segment.paint"
            }
            _ if points.len() < 3 => return None,
            Effect::Draw | Effect::LevelTrace | Effect::LiveWire => {
                params.insert("slice_normal".into(), json!(across));
                params.insert("erase".into(), json!(stroke.erases));
                "segment.draw"
            }
            Effect::Scissors => {
                params.insert("direction".into(), json!(across));
                let word = Operation::ALL.iter().find(|(o, ..)| *o == self.operation).expect("all are listed").1;
                params.insert("operation".into(), json!(word));
                params.insert("depth_mm".into(), json!(self.depth_mm));
                "segment.scissors"
            }
        };
        params.retain(|_, value| !value.is_null());
        if stroke.preview.is_some() || stroke.awaited.is_some() {
            stroke.applied = Some(0);
            self.stroke = Some(stroke);
        }
        Some(Command::new(tool, params.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ui::slice::Framing;
    use crate::base::{NodeId, SegmentId};
    use crate::geom::Grid;
    use crate::image::{Modality, Scan, Segment, Volume, Voxels};
    use crate::segment::{smoothed_under, stroke};
    use std::time::Instant;

    /// A brush too large to be shown at once: what threads make piece by piece is what the command makes.
    #[test]
    fn a_large_brush_is_shown_as_its_command_makes_it() {
        let grid = Grid::aligned([72; 3], Point::origin(), [1.0; 3]).unwrap();
        let values = (0..grid.len()).map(|o| (o % 300) as i16).collect();
        let voxels = Voxels::I16(Volume::new(grid.clone(), values).unwrap());
        let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
        let inside = |o: usize| u8::from(grid.voxel(o)[2] < 36 || o.is_multiple_of(41));
        let volume = Volume::new(grid.clone(), (0..grid.len()).map(inside).collect()).unwrap();
        let id = SegmentId(1);
        let labels = LabelMap::from_volume(&volume, vec![Segment::new(id, "liver", [9; 3], None)]).unwrap();
        let rect = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(400.0, 400.0));
        let geometry = SliceGeometry::new(&grid, Orientation::Axial, 36.0, Framing::default(), rect);
        let subject = SliceSubject {
            node: NodeId(1),
            name: "scan",
            scan: &scan,
            hash: scan.content_hash(),
            overlays: Vec::new(),
            range: None,
            crosshair: grid.bounds().centre(),
            fused: None,
        };
        let ctx = egui::Context::default();
        let mut editor = Editor::new(NodeId(2));
        (editor.effect, editor.segment, editor.radius_mm, editor.ball) = (Effect::Smooth, Some(id), 18.0, true);
        editor.stroke = Some(Stroke::new(drawn_in(&geometry), &labels, false));
        let way = [[30.0, 30.0, 36.0], [36.0, 33.0, 36.0], [44.0, 40.0, 36.0]].map(Point::from);
        for point in way {
            editor.brush_to(&ctx, point, &geometry, &subject);
        }
        let until = Instant::now() + Duration::from_secs(120);
        while editor.stroke.as_ref().is_some_and(|own| own.awaited.is_some() || own.shown < own.points.len()) {
            assert!(Instant::now() < until, "the preview never came");
            std::thread::sleep(Duration::from_millis(5));
            editor.brush_to(&ctx, way[2], &geometry, &subject);
        }
        let (preview, revision) = editor.stroke.as_ref().and_then(Stroke::preview).expect("a preview");
        let brush = Brush { radius_mm: 18.0, shape: BrushShape::Sphere };
        let marks = stroke(&grid, &way, brush).unwrap();
        assert_eq!(preview, smoothed_under(&labels, id, &marks, brush.sigma_mm(), |_, _| true));
        assert_eq!(revision, 2, "what came while the first piece was made is one piece");
    }
}
