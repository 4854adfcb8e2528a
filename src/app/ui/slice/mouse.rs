//! What the mouse does in a slice view: left tool, middle pan, right zoom, wheel slices.

use super::view::{MouseTool, SliceSubject, Slices};
use super::{Measure, SliceGeometry, Stack};
use crate::app::ui::editor::Editor;
use crate::app::ui::wish::Wish;
use crate::image::LabelMap;
use egui::{Event, MouseWheelUnit, PointerButton, Response, Ui};

/// Points of a touch pad's scrolling for one slice.
const POINTS_PER_SLICE: f32 = 24.0;

/// Turn the mouse over one view into movements and wishes.
pub(super) fn act(
    slices: &mut Slices,
    ui: &Ui,
    response: &Response,
    geometry: &SliceGeometry,
    stack: &Stack,
    subject: &SliceSubject<'_>,
    editing: &mut Option<(&mut Editor, &LabelMap)>,
    wishes: &mut Vec<Wish>,
) {
    let orientation = geometry.orientation;
    let place = orientation as usize;
    let delta = response.drag_delta();
    let modifiers = ui.input(|input| input.modifiers);
    if response.is_pointer_button_down_on() || response.clicked() {
        slices.active = orientation;
    }
    if response.dragged_by(PointerButton::Middle) {
        slices.framings[place] = slices.framings[place].panned(delta, geometry.mm_per_point());
    }
    if response.dragged_by(PointerButton::Secondary) {
        let factor = (-f64::from(delta.y) * 0.008).exp();
        slices.framings[place] = slices.framings[place].zoomed(factor, geometry.rect.center(), geometry);
    }
    let edits = editing.as_ref().is_some_and(|(editor, _)| editor.takes_the_mouse());
    if let Some((editor, labels)) = editing.as_mut().filter(|_| edits) {
        editor.act(ui, response, geometry, subject, slices.image(orientation), labels, wishes);
    } else if response.dragged_by(PointerButton::Primary) {
        left_drag(slices, response, geometry, subject, modifiers.shift, wishes);
    } else if slices.drawing.is_some_and(|measure| measure.orientation == orientation) && response.drag_stopped() {
        let drawn = slices.drawing.take();
        slices.measures.extend(drawn.filter(|measure| 0.1 < measure.length_mm()));
    }
    if response.clicked()
        && !edits
        && let Some(pos) = response.interact_pointer_pos()
    {
        wishes.push(Wish::Crosshair(geometry.patient_from_screen(pos)));
    }
    let Some(pos) = response.hover_pos() else { return };
    if modifiers.shift && !response.dragged() && ui.input(|input| input.pointer.is_moving()) {
        wishes.push(Wish::Crosshair(geometry.patient_from_screen(pos)));
    }
    let zoom = ui.input(|input| input.zoom_delta());
    if zoom != 1.0 {
        slices.framings[place] = slices.framings[place].zoomed(f64::from(zoom), pos, geometry);
    }
    let steps = wheel_steps(ui, &mut slices.wheel);
    if let Some((editor, _)) = editing.as_mut().filter(|_| edits && modifiers.shift) {
        (0..steps.unsigned_abs().min(5)).for_each(|_| editor.resize(0 < steps));
    } else if steps != 0 {
        slices.active = orientation;
        wishes.push(Wish::Crosshair(stack.moved_by(&subject.crosshair, steps)));
    }
}

fn left_drag(
    slices: &mut Slices,
    response: &Response,
    geometry: &SliceGeometry,
    subject: &SliceSubject<'_>,
    shift: bool,
    wishes: &mut Vec<Wish>,
) {
    let Some(pos) = response.interact_pointer_pos() else { return };
    let point = geometry.patient_from_screen(pos);
    match slices.tool {
        MouseTool::Window => {
            let window = slices.window(subject.node, subject.scan, subject.hash);
            *window = window.dragged(response.drag_delta(), shift);
        }
        MouseTool::Crosshair => wishes.push(Wish::Crosshair(point)),
        MouseTool::Measure => {
            let pressed = || geometry.patient_from_screen(pos - response.total_drag_delta().unwrap_or_default());
            let start = slices.drawing.map_or_else(pressed, |measure| measure.ends[0]);
            slices.drawing = Some(Measure { ends: [start, point], orientation: geometry.orientation });
        }
    }
}

/// Whole slices the wheel moved; notches of a mouse count one each, a touch pad's points are saved up in `saved`.
pub fn wheel_steps(ui: &Ui, saved: &mut f32) -> i64 {
    ui.input(|input| {
        let mut notches = 0.0;
        for event in &input.events {
            if let Event::MouseWheel { unit, delta, modifiers, .. } = event
                && !modifiers.command
                && !modifiers.ctrl
            {
                match unit {
                    MouseWheelUnit::Point => *saved += delta.y,
                    MouseWheelUnit::Line => notches += delta.y.signum() * delta.y.abs().max(1.0).round(),
                    MouseWheelUnit::Page => notches += delta.y * 10.0,
                }
            }
        }
        let whole = (*saved / POINTS_PER_SLICE).trunc();
        *saved -= whole * POINTS_PER_SLICE;
        (whole + notches) as i64
    })
}
