//! Handles of measures in the 3D scene: taken within 12 points, dragged over the surface they lie on, or in the plane of
//! the screen through them; flat shapes stay in their plane.

use super::mouse::{PICK, let_fall, remeasured};
use super::paint::HANDLE;
use super::{Held, Measures, Part};
use crate::app::ui::contract::{SceneInfo, ScenePane};
use crate::app::ui::slice::SliceSubject;
use crate::app::ui::theme;
use crate::app::ui::wish::Wish;
use crate::base::NodeId;
use crate::geom::measure::Shape;
use crate::geom::{Plane, Point, Ray};
use crate::image::Measure;
use egui::{Color32, CursorIcon, Id, PointerButton, Pos2, Rect, Sense, Stroke, Ui, Vec2};

/// Cosine of the angle between the line of sight and the normal of a flat shape below which its plane cannot be pointed at.
const EDGE_ON: f64 = 0.05;

/// Where a ray meets a plane; not where it runs along it or the plane lies behind the eye.
fn meets(plane: &Plane, ray: &Ray) -> Option<Point> {
    let fall = ray.direction.dot(&plane.normal());
    let along = -plane.distance_mm(&ray.origin) / fall;
    (EDGE_ON < fall.abs() && 0.0 < along).then(|| ray.origin + ray.direction * along)
}

impl Measures {
    /// Let the mouse take a handle in the 3D view in `rect`, and drag it; what is taken, `pane` has no click of.
    pub fn act_in_scene(
        &mut self,
        ui: &Ui,
        rect: Rect,
        scene: &SceneInfo,
        subject: Option<&SliceSubject<'_>>,
        pane: &mut ScenePane,
        wishes: &mut Vec<Wish>,
    ) {
        let view = Id::new("measures in the 3D view");
        if self.dropped || self.draft.is_some() || self.writing.is_some() {
            return;
        }
        let camera = &scene.camera;
        let on_screen = |point: &Point| camera.project(point, rect);
        // The handle lies over the scene, which does not see the mouse there any more.
        let over = ui.input(|input| input.pointer.latest_pos()).filter(|_| ui.rect_contains_pointer(rect));
        let mouse = pane.hovered.or(over);
        let held = self.held.as_ref().filter(|held| held.view == view).map(|held| (held.id, held.part));
        let Some((id, n)) = (match held {
            Some((id, Part::Handle(n))) => Some((id, n)),
            Some((_, Part::Body)) => None,
            None => mouse.and_then(|pos| self.handle_under(pos, &on_screen)),
        }) else {
            return;
        };
        let Some(shown) = self.shown.iter().find(|shown| shown.id == id) else { return };
        let (measure, colour) = (self.now(shown).0, shown.colour);
        let Some(handle) = measure.shape.handles().get(n).copied() else { return };
        let Some(at) = on_screen(&handle) else { return };
        let (was, now) = (measure.shape.clone(), Measure::clone(measure));
        let id_of_handle = view.with((id.0, n));
        let around = Rect::from_center_size(at, Vec2::splat(2.0 * PICK)).intersect(rect);
        let response = ui.interact(around, id_of_handle, Sense::click_and_drag());
        let grabbed = response.dragged_by(PointerButton::Primary);
        let pressed = ui.input(|input| input.pointer.any_down());
        if held.is_none() && pressed && !response.is_pointer_button_down_on() {
            // The mouse only passes by, with something else in the hand.
            return;
        }
        ui.ctx().set_cursor_icon(if grabbed { CursorIcon::Grabbing } else { CursorIcon::Grab });
        let painter = ui.painter_at(rect);
        painter.circle(at, HANDLE, Color32::from_black_alpha(120), Stroke::new(2.0, colour));
        painter.circle_stroke(at, HANDLE + 2.0, Stroke::new(1.0, theme::STRONG));
        // The scene has to look for what is under the mouse all the same: the handle may go along a surface.
        pane.hovered = response.interact_pointer_pos().or(mouse);
        (pane.clicked, pane.double_clicked) = (None, None);
        if response.clicked() {
            wishes.push(Wish::Select(Some(id)));
            return;
        }
        if response.drag_started_by(PointerButton::Primary) {
            let near_mm = 2.0 * f64::from(PICK) * camera.mm_per_point(rect);
            let lies_on = scene.picked.as_ref().is_some_and(|picked| (picked.point - handle).norm() < near_mm);
            let part = Part::Handle(n);
            self.held = Some(Held { id, part, view, from: handle, was, now });
            self.on_surface = lies_on;
        }
        let Some(mut held) = self.held.take_if(|held| held.view == view) else { return };
        if let Some(pos) = response.interact_pointer_pos().filter(|_| grabbed) {
            let ray = camera.ray(pos, rect);
            let now = held.now.shape.handles().get(n).copied().unwrap_or(held.from);
            let picked = scene.picked.as_ref().filter(|_| self.on_surface).map(|picked| picked.point);
            let to = match held.was.kind().is_flat() {
                true => meets(&held.was.plane(), &ray),
                // In the plane of the screen through where the handle is: nothing jumps towards the viewer or away.
                false => picked.or_else(|| meets(&Plane::new(now, camera.right_up_back()[2])?, &ray)),
            };
            let moved = to.and_then(|to| held.was.with_handle(n, to).ok());
            if let Some(shape) = moved.filter(|shape| *shape != held.now.shape) {
                held.now = remeasured(held.now, shape, subject);
            }
        }
        if grabbed {
            self.held = Some(held);
            ui.ctx().request_repaint();
        } else {
            let_fall(held, wishes);
        }
    }

    /// The handle nearest to a place of the screen, within reach; the uppermost measure first where several are as near.
    fn handle_under(&self, pos: Pos2, on_screen: &dyn Fn(&Point) -> Option<Pos2>) -> Option<(NodeId, usize)> {
        let handles_of = |shape: &Shape| shape.handles().into_iter().enumerate().collect::<Vec<_>>();
        let all =
            self.shown.iter().rev().flat_map(|shown| {
                handles_of(&shown.measure.shape).into_iter().map(move |(n, point)| (shown.id, n, point))
            });
        let near = all.filter_map(|(id, n, point)| Some((id, n, on_screen(&point)?.distance(pos))));
        let nearest = near.filter(|(.., distance)| *distance <= PICK).min_by(|a, b| a.2.total_cmp(&b.2));
        nearest.map(|(id, n, _)| (id, n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Vector;

    #[test]
    fn a_ray_meets_a_plane_before_the_eye_that_it_does_not_run_along() {
        let plane = Plane::new(Point::new(0.0, 0.0, 10.0), Vector::z()).unwrap();
        let ray = |direction: Vector| Ray { origin: Point::new(1.0, 2.0, 0.0), direction: direction.normalize() };
        let met = meets(&plane, &ray(Vector::new(0.0, 0.0, 1.0))).unwrap();
        assert!((met - Point::new(1.0, 2.0, 10.0)).norm() < 1e-9);
        assert_eq!(meets(&plane, &ray(-Vector::z())), None, "it lies behind the eye");
        assert_eq!(meets(&plane, &ray(Vector::new(1.0, 0.0, 0.001))), None, "it is seen edge-on");
    }
}
