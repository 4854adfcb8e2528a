//! The volume under the mouse in the 3D view: one gesture for the transfer function, handles for the crop box.

use super::crop::{Face, Handle, whole};
use super::tune::Tuning;
use super::{VolumeMode, VolumePanel, VolumeView};
use crate::app::ui::camera::OrbitCamera;
use crate::app::ui::contract::ScenePane;
use crate::app::ui::settings::{self, DragUp};
use crate::app::ui::slice::{ScanWindow, Slices, shadowed};
use crate::app::ui::{numbers, theme};
use crate::base::i18n::{tr, tr_with};
use crate::geom::{Grid, Vector};
use crate::session::{Case, Data};
use egui::{
    Align2, Color32, CursorIcon, FontId, Key, Modifiers, Painter, PointerButton, Rect, Sense, Stroke, Ui, Vec2,
};

/// Half the side of what can be pressed of a handle: a pick radius of 12 points.
const PICK: f32 = 12.0;
const DOT: f32 = 6.0;
/// Views narrower than this have no hint.
const HINT_WIDTH: f32 = 430.0;

/// What the scene shows of a volume.
#[derive(Debug)]
pub(in crate::app::ui) struct InScene<'a> {
    /// Where.
    pub rect: Rect,
    /// How it is seen.
    pub camera: &'a OrbitCamera,
    /// The voxels of the scan.
    pub grid: &'a Grid,
    /// The unit of its values.
    pub unit: &'a str,
    /// The window of its slices: what MIP and X-ray are seen through.
    pub window: &'a mut ScanWindow,
}

impl VolumePanel {
    /// As [`VolumePanel::in_scene`], for the scan of `view` in `case`.
    pub(in crate::app::ui) fn show_in_scene(
        &mut self,
        ui: &Ui,
        rect: Rect,
        view: &mut VolumeView,
        pane: &mut ScenePane,
        camera: &OrbitCamera,
        case: &Case,
        slices: &mut Slices,
    ) {
        let Some(node) = case.node(view.scan) else { return };
        let Data::Scan(scan) = &node.data else { return };
        let window = slices.window(view.scan, scan, node.hash());
        self.in_scene(ui, view, pane, &mut InScene { rect, camera, grid: scan.grid(), unit: scan.unit(), window });
    }

    /// Let the mouse act on the volume, and draw what it can take hold of; what is taken here, `pane` no longer has.
    fn in_scene(&mut self, ui: &Ui, view: &mut VolumeView, pane: &mut ScenePane, scene: &mut InScene<'_>) {
        if view.open && self.box_shown {
            self.box_ui(ui, view, pane, scene);
        }
        // The button may have come up where no handle saw it.
        if !(view.open && self.box_shown && ui.input(|input| input.pointer.primary_down())) {
            self.handle = None;
        }
        if view.open && self.planes_shown {
            self.planes_ui(ui, view, pane, scene.rect, scene.camera);
        } else {
            self.plane_held = None;
        }
        self.gesture(ui, view, pane, scene);
        self.hint(&ui.painter_at(scene.rect), view, scene);
    }

    /// Alt and the left button, or Shift and the right one; see [`super::tune`].
    fn gesture(&mut self, ui: &Ui, view: &mut VolumeView, pane: &mut ScenePane, scene: &mut InScene<'_>) {
        let id = ui.id().with("volume gesture");
        let modifiers = ui.input(|input| input.modifiers);
        if let Some((delta, begins)) = self.right_drag(ui, pane) {
            // Shift only chose the gesture.
            let modifiers = Modifiers { shift: false, ..modifiers };
            return self.tune(ui, view, scene, delta, begins, modifiers);
        }
        if !(modifiers.alt || ui.ctx().is_being_dragged(id)) || self.handle.is_some() || self.plane_held.is_some() {
            self.tuning = None;
            return;
        }
        let response = ui.interact(scene.rect, id, Sense::drag());
        // The scene below keeps the other buttons; the left one neither turns the camera nor pulls an organ.
        let others = [PointerButton::Middle, PointerButton::Secondary].map(|button| response.dragged_by(button));
        let delta = response.drag_delta();
        pane.drag = [Vec2::ZERO, delta * f32::from(u8::from(others[0])), delta * f32::from(u8::from(others[1]))];
        pane.dragging = others.contains(&true);
        (pane.hovered, pane.clicked, pane.double_clicked) = (None, None, None);
        if !response.dragged_by(PointerButton::Primary) {
            self.tuning = None;
            return;
        }
        self.tune(ui, view, scene, delta, response.drag_started(), modifiers);
    }

    /// Shift and the right button: window managers keep Alt and the left one for themselves. How far it went since the last
    /// frame, and whether it begins; `pane` does not zoom meanwhile.
    fn right_drag(&mut self, ui: &Ui, pane: &mut ScenePane) -> Option<(Vec2, bool)> {
        let (down, held) = ui.input(|input| (input.pointer.secondary_down(), input.modifiers));
        let begins =
            !self.tunes_by_right && self.handle.is_none() && held.shift && !held.alt && pane.drag[2] != Vec2::ZERO;
        self.tunes_by_right = down && (self.tunes_by_right || begins);
        if !self.tunes_by_right {
            return None;
        }
        pane.dragging = false;
        pane.hovered = None;
        Some((std::mem::take(&mut pane.drag[2]), begins))
    }

    /// Go on with the gesture, or begin it.
    fn tune(
        &mut self,
        ui: &Ui,
        view: &mut VolumeView,
        scene: &mut InScene<'_>,
        delta: Vec2,
        begins: bool,
        modifiers: Modifiers,
    ) {
        ui.ctx().set_cursor_icon(CursorIcon::AllScroll);
        if view.mode != VolumeMode::Composite {
            let fine = modifiers.shift;
            let brighter = settings::of(ui.ctx()).up == DragUp::Brighter;
            let down = if brighter { delta.y } else { -delta.y };
            *scene.window = scene.window.dragged(Vec2::new(delta.x, down), fine);
            self.tuning.get_or_insert_with(|| Tuning::new(None));
            return;
        }
        if begins {
            self.keep(view);
            self.tuning = Some(Tuning::new(Some(view.transfer.clone())));
        }
        // Without one it was taken back with Escape: the rest of the drag does nothing.
        let Some(tuning) = &mut self.tuning else { return };
        tuning.go(delta, modifiers, scene.window.range);
        if let Some(result) = tuning.result() {
            view.transfer = result;
        }
    }

    fn hint(&self, painter: &Painter, view: &VolumeView, scene: &InScene<'_>) {
        let at = scene.rect.left_top() + Vec2::new(10.0, 27.0);
        let curve = view.mode == VolumeMode::Composite;
        if let Some(tuning) = &self.tuning {
            let text = if curve {
                tuning.text(scene.unit)
            } else {
                let crate::image::Window { width, level } = scene.window.window;
                format!("W {}  L {}", numbers::grouped(width, 0), numbers::grouped(level, 0))
            };
            shadowed(painter, at, Align2::LEFT_TOP, &text, theme::semibold(12.5), theme::STRONG);
        } else if view.open && HINT_WIDTH <= scene.rect.width() {
            let text = if curve { tr("volume-hint-curve") } else { tr("volume-hint-window") };
            shadowed(painter, at, Align2::LEFT_TOP, text, FontId::proportional(11.5), theme::WEAK);
        }
    }

    /// The crop box and its handles.
    fn box_ui(&mut self, ui: &Ui, view: &mut VolumeView, pane: &mut ScenePane, scene: &InScene<'_>) {
        let InScene { rect, camera, grid, .. } = scene;
        let painter = ui.painter_at(*rect);
        let crop = view.crop.unwrap_or_else(|| whole(grid));
        edges(&painter, *rect, camera, grid, &crop);
        for face in Face::all() {
            let Some(at) = camera.project(&face.centre(grid, &crop), *rect) else { continue };
            // A face that moves along the line of sight cannot be dragged from here.
            let Some(_) = face.under(grid, &crop, camera, *rect, at) else { continue };
            let held = self.handle.as_ref().is_some_and(|handle| handle.face == face);
            if !rect.contains(at) && !held {
                continue;
            }
            let id = ui.id().with(("crop handle", face.axis, face.upper));
            let response = ui.interact(Rect::from_center_size(at, Vec2::splat(2.0 * PICK)), id, Sense::drag());
            let name = tr_with("volume-crop-handle", &[("side", (&face.letters(grid)).into())]);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Other, true, &name));
            let under = |pos| face.under(grid, &crop, camera, *rect, pos);
            if response.drag_started_by(PointerButton::Primary) {
                let pressed = ui.input(|input| input.pointer.press_origin());
                let grip = pressed.and_then(under).map_or(0.0, |index| index - face.at(&crop));
                self.handle = Some(Handle { face, start: view.crop, grip });
            }
            if let Some(handle) = self.handle.as_ref().filter(|handle| handle.face == face) {
                if let Some(index) = response.interact_pointer_pos().and_then(under) {
                    view.crop = face.moved(grid, &crop, index - handle.grip);
                }
                // Escape ends the drag before the panel is asked to let go, which puts the box back.
                if !response.dragged() && !ui.input(|input| input.key_pressed(Key::Escape)) {
                    self.handle = None;
                }
            }
            let hot = response.hovered() || response.dragged();
            if hot {
                ui.ctx().set_cursor_icon(if response.dragged() { CursorIcon::Grabbing } else { CursorIcon::Grab });
                (pane.hovered, pane.clicked, pane.double_clicked) = (None, None, None);
            }
            let colour = if hot { theme::ACCENT } else { theme::STRONG };
            painter.circle(at, DOT, Color32::from_black_alpha(140), Stroke::new(4.0, Color32::from_black_alpha(140)));
            painter.circle(at, if hot { DOT + 1.5 } else { DOT }, theme::CARD, Stroke::new(2.0, colour));
            let label = at + Vec2::new(DOT + 6.0, 0.0);
            if response.dragged() {
                let mm = (face.at(&crop) + 0.5) * grid.spacing_mm()[face.axis];
                let text = format!("{}  {}", face.letters(grid), numbers::quantity(mm, "mm"));
                shadowed(&painter, label, Align2::LEFT_CENTER, &text, theme::semibold(12.5), theme::STRONG);
            } else if hot {
                let text = face.letters(grid);
                shadowed(&painter, label, Align2::LEFT_CENTER, &text, theme::semibold(12.5), theme::STRONG);
            }
        }
    }
}

/// The twelve edges of the box; those with an end behind the eye are left out.
fn edges(painter: &Painter, rect: Rect, camera: &OrbitCamera, grid: &Grid, crop: &super::crop::Crop) {
    let corner = |n: usize| {
        let index = Vector::from_fn(|axis, _| crop[n >> axis & 1][axis]);
        camera.project(&grid.patient_from_index(index), rect)
    };
    let corners: Vec<_> = (0..8).map(corner).collect();
    for (from, axis) in
        (0..8).flat_map(|from| (0..3).map(move |axis| (from, axis))).filter(|(n, axis)| n >> axis & 1 == 0)
    {
        let (Some(a), Some(b)) = (corners[from], corners[from | 1 << axis]) else { continue };
        painter.line_segment([a, b], Stroke::new(3.0, Color32::from_black_alpha(110)));
        painter.line_segment([a, b], Stroke::new(1.2, theme::ACCENT.gamma_multiply(0.85)));
    }
}
