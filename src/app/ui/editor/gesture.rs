//! The brush and the pen in a slice: what is under the mouse until the button goes up, then one command.

use super::{Editor, Effect, Operation};
use crate::app::ui::slice::{SliceGeometry, SliceSubject};
use crate::app::ui::wish::Wish;
use crate::geom::{Orientation, Point, Vector};
use crate::image::{LabelMap, SliceImage};
use crate::segment::{Brush, BrushShape, painted, smoothed_under, stroke, stroke_along_edges};
use crate::session::Command;
use egui::{PointerButton, Response, Ui};
use serde_json::json;

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
    /// Frames since it became a command, which shows once the case has changed.
    applied: Option<u8>,
}

impl Stroke {
    fn new((orientation, across): Drawn, start: &LabelMap, erases: bool) -> Self {
        let (start, points) = (start.clone(), Vec::new());
        Self { orientation, across, points, by_clicks: false, erases, start, preview: None, revision: 0, applied: None }
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
        if self.segment.and_then(|id| labels.segment(id)).is_none_or(|segment| segment.locked) {
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
                    self.brush_to(geometry.patient_from_screen(pos), geometry, subject);
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

    /// Lengthen the brush stroke to `point` and show what it takes.
    fn brush_to(&mut self, point: Point, geometry: &SliceGeometry, subject: &SliceSubject<'_>) {
        let Some(id) = self.segment else { return };
        let Some(mut stroke_now) = self.stroke.take() else { return };
        let far = self.radius_mm.min(4.0 * geometry.mm_per_point()) * 0.25;
        let last = stroke_now.points.last().copied();
        if last.is_none_or(|last| far <= (point - last).norm()) {
            stroke_now.points.push(point);
            let brush = self.brush(geometry.right_down_away()[2]);
            // Smoothing what is smoothed already would smooth more than the command does: it begins anew each time.
            let smooths = self.effect == Effect::Smooth;
            let now = stroke_now.preview.as_ref().filter(|_| !smooths).unwrap_or(&stroke_now.start);
            let piece: Vec<Point> =
                if smooths { stroke_now.points.clone() } else { last.into_iter().chain([point]).collect() };
            let alike = self.similar && !stroke_now.erases && !smooths && subject.scan.grid() == now.grid();
            let marks = if alike {
                stroke_along_edges(subject.scan, &piece[piece.len() - 1..], brush, None)
            } else {
                stroke(now.grid(), &piece, brush)
            };
            // A dab beside the scan shows nothing; the command says so when the button goes up.
            if let Ok(marks) = marks {
                let allowed = self.may_change(now, subject.scan);
                let next = if smooths {
                    smoothed_under(now, id, &marks, brush.sigma_mm(), allowed)
                } else {
                    painted(now, id, &marks, stroke_now.erases, allowed)
                };
                stroke_now.preview = Some(next);
                stroke_now.revision += 1;
            }
        }
        self.stroke = Some(stroke_now);
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
        let waited = stroke.applied.as_mut().is_some_and(|frames| {
            *frames += 1;
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
        if stroke.preview.is_some() {
            stroke.applied = Some(0);
            self.stroke = Some(stroke);
        }
        Some(Command::new(tool, params.into()))
    }
}
