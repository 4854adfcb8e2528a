//! What the mouse does in a slice view: left tool, middle pan, right zoom, wheel slices.

use super::lines::{self, CutLine, Held, Part};
use super::region::Region;
use super::view::{MouseTool, SliceSubject, Slices};
use super::{SliceGeometry, Stack, touch};
use crate::app::ui::editor::Editor;
use crate::app::ui::settings::{self, DragUp, MouseAct, WheelTurn};
use crate::app::ui::wish::Wish;
use crate::geom::{Orientation, Vector};
use crate::image::{LabelMap, width_min};
use egui::{CursorIcon, Event, Modifiers, MouseWheelUnit, PointerButton, Rect, Response, Ui};

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
    // Slices that run away under the mouse cannot be worked on; a heart beats on while its window is set.
    if response.is_pointer_button_down_on() && slices.cine.plays().is_some() {
        slices.cine.stop();
    }
    let framing_before = slices.framings[place];
    if touch::fingers(slices, ui, response, geometry, stack, subject, wishes) {
        return link(slices, geometry, framing_before);
    }
    let settings = settings::of(ui.ctx());
    let [pressed, down, released] = ui.input(|input| {
        [input.pointer.primary_pressed(), input.pointer.primary_down(), input.pointer.primary_released()]
    });
    if !down && !released {
        (slices.pressed_act, slices.dropped) = (None, false);
    }
    if pressed && (response.is_pointer_button_down_on() || response.clicked()) {
        slices.pressed_act = settings.mouse.drag(PointerButton::Primary, modifiers);
    }
    let buttons = [PointerButton::Primary, PointerButton::Middle, PointerButton::Secondary];
    let dragged = buttons.into_iter().find(|button| response.dragged_by(*button));
    let drag = dragged.and_then(|button| match button {
        PointerButton::Primary => slices.pressed_act.or_else(|| settings.mouse.drag(button, modifiers)),
        _ => settings.mouse.drag(button, modifiers),
    });
    let is_tool = matches!(drag, Some(MouseAct::Tool | MouseAct::RegionWindow)) && !slices.dropped;
    // The left button moves the picture: it draws nothing meanwhile.
    let pans = slices.pressed_act == Some(MouseAct::Pan);
    if drag == Some(MouseAct::Pan) {
        slices.framings[place] = slices.framings[place].panned(delta, geometry.mm_per_point());
    }
    if drag == Some(MouseAct::Zoom) {
        let factor = (-f64::from(delta.y) * 0.008).exp();
        slices.framings[place] = slices.framings[place].zoomed(factor, geometry.rect.center(), geometry);
    }
    let edits = editing.as_ref().is_some_and(|(editor, _)| editor.takes_the_mouse());
    let (tool, reach_mm) = (slices.tool, 0.51 * stack.step_mm());
    let may_measure = !edits && !pans && !slices.company.looks_only;
    let measures = may_measure && slices.measures.act(ui, response, geometry, tool, reach_mm, subject, wishes);
    if let Some((editor, labels)) = editing.as_mut().filter(|_| edits && !pans) {
        editor.act(ui, response, geometry, subject, slices.image(orientation), labels, wishes);
    } else if !measures
        && (is_tool || dragged.is_none())
        && hold(slices, ui, response, geometry, subject, modifiers, wishes)
    {
        // Lines of the crosshair and regions come before the tool.
    } else if is_tool && !measures {
        left_drag(slices, response, geometry, subject, modifiers.shift, settings.up, wishes);
    }
    if response.clicked()
        && !edits
        && !measures
        && !pans
        && let Some(pos) = response.interact_pointer_pos()
    {
        wishes.push(Wish::Crosshair(geometry.patient_from_screen(pos)));
    }
    let Some(pos) = response.hover_pos() else { return link(slices, geometry, framing_before) };
    if modifiers.shift && !response.dragged() && ui.input(|input| input.pointer.is_moving()) {
        wishes.push(Wish::Crosshair(geometry.patient_from_screen(pos)));
    }
    let zoom = ui.input(|input| input.zoom_delta());
    if zoom != 1.0 {
        slices.framings[place] = slices.framings[place].zoomed(f64::from(zoom), pos, geometry);
    }
    link(slices, geometry, framing_before);
    if modifiers.alt && slices.slabs[place].slab().is_some() {
        let steps = wheel_steps(ui, &mut slices.slab_wheel);
        let mut slab = slices.slabs[place];
        if steps != 0 {
            slices.active = orientation;
            slab.resize(steps);
            slices.set_slab(slab);
        }
        return;
    }
    let steps = wheel_steps(ui, &mut slices.wheel);
    let steps = if settings.wheel == WheelTurn::AwayIsOn { steps } else { -steps };
    if let Some((editor, _)) = editing.as_mut().filter(|_| edits && modifiers.shift) {
        (0..steps.unsigned_abs().min(5)).for_each(|_| editor.resize(0 < steps));
    } else if steps != 0 {
        slices.active = orientation;
        wishes.push(Wish::Crosshair(stack.moved_by(&subject.crosshair, steps)));
    }
}

/// Whether the left button takes the lines of the crosshair: not where it draws something.
pub(super) fn takes_lines(slices: &Slices) -> bool {
    slices.crosshair && !slices.draws && matches!(slices.tool, MouseTool::Window | MouseTool::Crosshair)
}

/// The line of a view that is held or would be taken, and its part.
pub(super) fn hot_line(
    slices: &Slices,
    response: &Response,
    (here, rect): (Orientation, Rect),
    lines: &[CutLine; 2],
) -> Option<(Orientation, Part)> {
    match slices.held {
        Some(Held::Plane { of, .. }) => return Some((of, Part::Inner)),
        Some(Held::Angle { of, view, .. }) => return (view == here).then_some((of, Part::Outer)),
        None if !takes_lines(slices) || response.dragged() => return None,
        None => {}
    }
    let (line, part) = lines::under(lines, rect, response.hover_pos()?)?;
    Some((line.of, part))
}

/// Lines of the crosshair and regions: what the left button holds before its tool gets it. `true` if it holds something.
fn hold(
    slices: &mut Slices,
    ui: &Ui,
    response: &Response,
    geometry: &SliceGeometry,
    subject: &SliceSubject<'_>,
    modifiers: Modifiers,
    wishes: &mut Vec<Wish>,
) -> bool {
    let view = geometry.orientation;
    let grid = subject.scan.grid();
    let lines = || lines::lines(geometry, grid, &slices.turn.frames(), &subject.crosshair);
    if let Some(region) = slices.region.filter(|region| region.view == view) {
        let region = response.interact_pointer_pos().map_or(region, |to| Region { to, ..region });
        slices.region = Some(region);
        if !response.dragged_by(PointerButton::Primary) {
            slices.region = None;
            let width_min = width_min(slices.window(subject.node, subject.scan, subject.hash).range);
            let window = slices.image(view).and_then(|image| region.window(geometry, image, width_min));
            match window {
                Some(window) if slices.shows_sums(view) => slices.set_sum_window(view, subject, window),
                Some(window) => slices.window(subject.node, subject.scan, subject.hash).window = window,
                None => {}
            }
        }
        return true;
    }
    match slices.held {
        Some(Held::Plane { view: of_view, .. } | Held::Angle { view: of_view, .. }) if of_view != view => return false,
        Some(held) => {
            let pos = response.interact_pointer_pos().filter(|_| response.dragged_by(PointerButton::Primary));
            let Some(pos) = pos else {
                slices.held = None;
                return true;
            };
            let lines = lines();
            match held {
                Held::Plane { of, .. } => {
                    if let Some(line) = lines.iter().find(|line| line.of == of) {
                        ui.ctx().set_cursor_icon(lines::cursor(line, Part::Inner, true));
                        wishes.push(Wish::Crosshair(line.moved_to(geometry, &subject.crosshair, pos)));
                    }
                }
                Held::Angle { start, from, .. } => {
                    ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
                    let frame = slices.frame(view);
                    slices.turn = lines::turned(&start, &frame, from, lines[0].crossing(), pos, modifiers.shift);
                }
            }
            return true;
        }
        None => {}
    }
    let hit = |pos| takes_lines(slices).then(|| lines::under(&lines(), geometry.rect, pos)).flatten();
    if response.drag_started_by(PointerButton::Primary) {
        let Some(pos) = ui.input(|input| input.pointer.press_origin()) else { return false };
        if modifiers.ctrl || modifiers.command {
            let to = response.interact_pointer_pos().unwrap_or(pos);
            slices.region = Some(Region { view, from: pos, to });
            return true;
        }
        slices.held = hit(pos).map(|hit| lines::take(view, hit, &slices.turn, pos));
        return slices.held.is_some();
    }
    if !response.dragged()
        && let Some((line, part)) = response.hover_pos().and_then(hit)
    {
        ui.ctx().set_cursor_icon(lines::cursor(&line, part, false));
    }
    false
}

/// Where views are linked, the others are zoomed and moved by as much as this one was.
fn link(slices: &mut Slices, geometry: &SliceGeometry, before: super::geometry::Framing) {
    link_from(slices, geometry.orientation, before);
}

/// The same for the view `here`, which was zoomed and moved as `before`.
pub(super) fn link_from(slices: &mut Slices, here: Orientation, before: super::geometry::Framing) {
    let now = slices.framings[here as usize];
    if !slices.linked || now == before {
        return;
    }
    let [right, down, _] = slices.frame(here).right_down_away();
    let moved: Vector = right * (now.pan_mm[0] - before.pan_mm[0]) + down * (now.pan_mm[1] - before.pan_mm[1]);
    for other in Orientation::ALL.into_iter().filter(|other| *other != here) {
        let [right, down, _] = slices.frame(other).right_down_away();
        let framing = &mut slices.framings[other as usize];
        framing.zoom = (framing.zoom * now.zoom / before.zoom).clamp(0.2, 40.0);
        framing.pan_mm = [framing.pan_mm[0] + moved.dot(&right), framing.pan_mm[1] + moved.dot(&down)];
    }
}

fn left_drag(
    slices: &mut Slices,
    response: &Response,
    geometry: &SliceGeometry,
    subject: &SliceSubject<'_>,
    shift: bool,
    up: DragUp,
    wishes: &mut Vec<Wish>,
) {
    let Some(pos) = response.interact_pointer_pos() else { return };
    let point = geometry.patient_from_screen(pos);
    match slices.tool {
        MouseTool::Window => {
            let delta = response.drag_delta();
            let down = if up == DragUp::Brighter { delta.y } else { -delta.y };
            let delta = egui::Vec2::new(delta.x, down);
            if slices.drag_sum_window(geometry.orientation, subject, delta, shift) {
                return;
            }
            let window = slices.window(subject.node, subject.scan, subject.hash);
            *window = window.dragged(delta, shift);
        }
        MouseTool::Crosshair => wishes.push(Wish::Crosshair(point)),
        MouseTool::Measure(_) => {}
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
                    // A wheel that goes sideways only.
                    MouseWheelUnit::Line if delta.y == 0.0 => {}
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
