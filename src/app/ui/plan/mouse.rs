//! Handles under the mouse, in the 3D view and in slices: one drag is one change of the plan, made when the button goes up.

use super::flat::pointed_mark;
use super::handles::{Grip, Handle, handles, moved, strokes};
use super::{Held, Planning, trees};
use crate::app::ui::contract::{SceneInfo, ScenePane};
use crate::app::ui::slice::{SliceGeometry, shadowed};
use crate::app::ui::theme;
use crate::app::ui::wish::Wish;
use crate::geom::{Plane, Point, Ray, Vector};
use crate::plan::Action;
use crate::session::Case;
use crate::tools::plan_entry::EntrySurface;
use egui::{Align2, Color32, CursorIcon, FontId, Id, Painter, PointerButton, Pos2, Rect, Sense, Stroke, Ui, Vec2};
use std::sync::Arc;

/// Half the side of what can be pressed of a handle.
const PICK: f32 = 12.0;
const DOT: f32 = 6.0;
/// Dots of a sheet are many.
const DOT_SMALL: f32 = 4.0;
/// Handles this far from a slice are still seen on it, faint.
const NEAR_MM: f64 = 12.0;
/// Vessels this far from a slice are drawn on it.
const NEAR_TREE_MM: f64 = 4.0;
/// Sine squared of the angle between a bound handle's way and the line of sight below which it cannot be moved.
const ALONG_SIGHT: f64 = 0.03;
/// What lies behind every line, so that it is seen on bone too.
const HALO: Color32 = Color32::from_black_alpha(150);

impl Planning {
    /// Draw the actions over the scene in `rect` and let the mouse take those of the chosen one; what is taken here, `pane`
    /// no longer has.
    pub fn in_scene(
        &mut self,
        ui: &Ui,
        rect: Rect,
        case: &Case,
        info: &SceneInfo,
        crosshair: Option<Point>,
        pane: &mut ScenePane,
        wishes: &mut Vec<Wish>,
    ) {
        let camera = &info.camera;
        let painter = ui.painter_at(rect);
        let on_screen = |point: &Point| camera.project(point, rect);
        let shown = self.shown();
        for (n, named) in shown.actions.iter().enumerate() {
            let is_chosen = self.action == Some(n);
            let look = look(&named.action, is_chosen);
            // The cut itself is a surface of the scene; its frame would only hide it.
            let reach_mm = self.reach_mm.unwrap_or(60.0);
            for stroke in strokes(&named.action, reach_mm) {
                let points: Option<Vec<Pos2>> = stroke.iter().map(on_screen).collect();
                if let Some(points) = points {
                    line(&painter, points, look);
                }
            }
            for stroke in self.tree_strokes(&named.action, &shown, case).iter().flat_map(|all| all.iter()) {
                run(&painter, stroke.iter().map(on_screen), (look.0, look.1 + 1.5));
            }
        }
        if let Some(branch) = self.branch_pointed(case) {
            run(&painter, branch.iter().map(on_screen), (theme::ACCENT, 4.0));
        }
        if self.click_on_tree(case, info.picked.as_ref(), pane, wishes) {
            (pane.clicked, pane.double_clicked) = (None, None);
        }
        for mark in [self.pointed(), self.depth_mark(crosshair)].into_iter().flatten().filter_map(|at| on_screen(&at)) {
            pointed_mark(&painter, mark);
        }
        let Some((n, named)) = self.action.and_then(|n| Some((n, shown.actions.get(n)?))) else { return };
        let slides = self.slides_on(&named.action);
        let [_, _, back] = camera.right_up_back();
        let drag = |handle: &Handle, pos: Pos2| {
            let ray = camera.ray(pos, rect);
            let free = || under(handle, &ray, &back);
            match handle.grip {
                // A clip goes along the vessels.
                Grip::Place => trees::under(&shown, case, pos, &on_screen).or_else(free),
                // An entry slides over the surface that it goes in through; beside it, it keeps to the nearest place.
                Grip::Entry => match &slides {
                    Some(entry) => entry.under(&ray).or_else(|| entry.nearest(&free()?)),
                    None => free(),
                },
                _ => free(),
            }
        };
        for handle in handles(&named.action) {
            let Some(at) = on_screen(&handle.at) else { continue };
            let id = ui.id().with(("plan handle", n, key(handle.grip)));
            let hot = self.handle_ui(ui, &painter, id, rect, at, &handle, 1.0, &drag, wishes);
            if hot {
                (pane.hovered, pane.clicked, pane.double_clicked) = (None, None, None);
            }
        }
    }

    /// The same over a slice; `reach_mm` is half the distance of slices.
    pub fn on_slice(
        &mut self,
        ui: &Ui,
        geometry: &SliceGeometry,
        reach_mm: f64,
        case: &Case,
        crosshair: Option<Point>,
        wishes: &mut Vec<Wish>,
    ) {
        let painter = ui.painter_at(geometry.rect);
        let on_screen = |point: &Point| geometry.screen_from_patient(point);
        let [_, _, away] = geometry.right_down_away();
        let Some(slice) = Plane::new(geometry.patient_from_screen(geometry.rect.center()), away) else { return };
        let shown = self.shown();
        for (n, named) in shown.actions.iter().enumerate() {
            let look = look(&named.action, self.action == Some(n));
            for run in self.sections(n, &named.action, &slice).iter() {
                line(&painter, run.iter().map(on_screen).collect(), look);
            }
            if let Some([from, to, near]) = path_on(&named.action, &slice) {
                // A path that runs beside the slice is drawn where it would be, faint.
                let faint = if near.x <= reach_mm.max(1.0) { 1.0 } else { 0.35 };
                line(&painter, vec![on_screen(&from), on_screen(&to)], (look.0.gamma_multiply(faint), look.1));
            }
            for run in self.outline_sections(n, &slice).iter().flat_map(|runs| runs.iter()) {
                line(&painter, run.iter().map(on_screen).collect(), outline(&named.action, look.1));
            }
            for stroke in self.tree_strokes(&named.action, &shown, case).iter().flat_map(|all| all.iter()) {
                let near = |at: &Point| (slice_distance(&slice, at).abs() <= NEAR_TREE_MM).then(|| on_screen(at));
                run(&painter, stroke.iter().map(near), (look.0, look.1 + 1.5));
            }
        }
        for mark in [self.pointed(), self.depth_mark(crosshair)].into_iter().flatten() {
            if slice_distance(&slice, &mark).abs() <= NEAR_MM {
                pointed_mark(&painter, on_screen(&mark));
            }
        }
        let Some((n, named)) = self.action.and_then(|n| Some((n, shown.actions.get(n)?))) else { return };
        let slides = self.slides_on(&named.action);
        let drag = |handle: &Handle, pos: Pos2| {
            let to = geometry.patient_from_screen(pos);
            if handle.grip == Grip::Place {
                return trees::snapped(&shown, case, &to).or(Some(to));
            }
            if let (Grip::Entry, Some(entry)) = (handle.grip, &slides) {
                return entry.nearest(&to);
            }
            // It stays as far from the slice as it was: only what is seen of the way counts.
            let to = to + away * slice_distance(&slice, &handle.at);
            Some(match handle.along {
                Some(way) => handle.at + way * (to - handle.at).dot(&way) / way_seen(&way, &away)?,
                None => to,
            })
        };
        for handle in handles(&named.action) {
            let apart = slice_distance(&slice, &handle.at).abs();
            if NEAR_MM < apart {
                continue;
            }
            let strength = if apart <= reach_mm.max(1.0) { 1.0 } else { 0.45 };
            let at = on_screen(&handle.at);
            let id = ui.id().with(("plan handle", n, key(handle.grip)));
            self.handle_ui(ui, &painter, id, geometry.rect, at, &handle, strength, &drag, wishes);
        }
    }

    /// One handle; whether the mouse is on it.
    fn handle_ui(
        &mut self,
        ui: &Ui,
        painter: &Painter,
        id: Id,
        rect: Rect,
        at: Pos2,
        handle: &Handle,
        strength: f32,
        drag: &dyn Fn(&Handle, Pos2) -> Option<Point>,
        wishes: &mut Vec<Wish>,
    ) -> bool {
        let is_held = self.held.as_ref().is_some_and(|held| held.id == id);
        if !rect.contains(at) && !is_held {
            return false;
        }
        let response = ui.interact(Rect::from_center_size(at, Vec2::splat(2.0 * PICK)), id, Sense::click_and_drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Other, true, name(handle.grip)));
        if response.drag_started_by(PointerButton::Primary)
            && let (Some(n), Some(from)) = (self.action, self.chosen().cloned())
        {
            let pressed = ui.input(|input| input.pointer.press_origin());
            // What is bound to vessels or to the skin is where the mouse finds it, from the start.
            let is_bound = handle.grip == Grip::Place || handle.grip == Grip::Entry && self.slides_on(&from).is_some();
            let taken_at = pressed.filter(|_| !is_bound).and_then(|pos| drag(handle, pos));
            let offset = taken_at.map_or_else(Vector::zeros, |to| handle.at - to);
            self.held = Some(Held { id, n, grip: handle.grip, handle: *handle, from, offset });
        }
        if let Some(held) = self.held.clone().filter(|held| held.id == id) {
            if let Some(to) = response.interact_pointer_pos().and_then(|pos| drag(&held.handle, pos)) {
                self.set_live(held.n, moved(&held.from, held.grip, to + held.offset));
            }
            if !response.dragged() {
                self.held = None;
                self.commit(held.n, wishes);
            }
        }
        let hot = response.hovered() || response.dragged();
        if hot {
            ui.ctx().set_cursor_icon(if response.dragged() { CursorIcon::Grabbing } else { CursorIcon::Grab });
        }
        let radius = if matches!(handle.grip, Grip::Control(_)) { DOT_SMALL } else { DOT };
        let colour = if hot { theme::ACCENT } else { theme::STRONG };
        painter.circle(at, radius + 2.0, HALO.gamma_multiply(strength), Stroke::NONE);
        let ring = Stroke::new(2.0, colour.gamma_multiply(strength));
        painter.circle(at, if hot { radius + 1.5 } else { radius }, theme::CARD.gamma_multiply(strength), ring);
        if hot {
            let label = at + Vec2::new(radius + 7.0, 0.0);
            shadowed(painter, label, Align2::LEFT_CENTER, name(handle.grip), FontId::proportional(12.0), theme::STRONG);
        }
        hot
    }
}

impl Planning {
    /// The surface that paths of the plan go in through, once it is known.
    pub(super) fn entry_surface(&self) -> Option<Arc<EntrySurface>> {
        let plan = self.shown();
        self.entry.clone().filter(|entry| plan.entry == Some(entry.structure))
    }

    /// What the entry of an action slides on; none for what goes in elsewhere.
    fn slides_on(&self, action: &Action) -> Option<Arc<EntrySurface>> {
        matches!(action, Action::Needle(_) | Action::Ablation(_) | Action::Port(_))
            .then(|| self.entry_surface())
            .flatten()
    }
}

/// Where a handle goes under the mouse: along its way, or in the plane across the line of sight.
fn under(handle: &Handle, ray: &Ray, back: &Vector) -> Option<Point> {
    match handle.along {
        Some(way) => {
            // The point of the way next to the ray.
            let direction = ray.direction.normalize();
            let (from_eye, across) = (handle.at - ray.origin, way.dot(&direction));
            let apart = way.norm_squared() - across * across;
            if apart < ALONG_SIGHT * way.norm_squared() {
                return None;
            }
            let t = (across * direction.dot(&from_eye) - way.dot(&from_eye)) / apart;
            Some(handle.at + way * t)
        }
        None => {
            let along = ray.direction.dot(back);
            let t = (handle.at - ray.origin).dot(back) / along;
            (1e-9 < along.abs() && 0.0 < t).then(|| ray.at(t))
        }
    }
}

/// How much of a way lies in the slice; none where it points out of it.
fn way_seen(way: &Vector, away: &Vector) -> Option<f64> {
    let seen = 1.0 - way.dot(away).powi(2);
    (ALONG_SIGHT < seen).then_some(seen)
}

fn slice_distance(slice: &Plane, point: &Point) -> f64 {
    slice.distance_mm(point)
}

/// The straight paths of an action on a slice: both ends put onto it, and how far the nearer part is from it.
fn path_on(action: &Action, slice: &Plane) -> Option<[Point; 3]> {
    let [from, to] = match action {
        Action::Needle(needle) => [needle.entry, needle.target],
        Action::Ablation(zone) => [zone.needle.entry, zone.needle.target],
        Action::Screw(screw) => [screw.head, screw.tip],
        Action::Port(port) => [port.at, port.towards],
        _ => return None,
    }
    .map(Point::from);
    let apart = [slice.distance_mm(&from), slice.distance_mm(&to)];
    let near = if apart[0] * apart[1] <= 0.0 { 0.0 } else { apart[0].abs().min(apart[1].abs()) };
    let onto = |point: Point, apart: f64| point - slice.normal() * apart;
    Some([onto(from, apart[0]), onto(to, apart[1]), Point::new(near, 0.0, 0.0)])
}

/// Colour and width of an action's lines.
fn look(action: &Action, is_chosen: bool) -> (Color32, f32) {
    let colour = match action {
        Action::Cut(_) | Action::Osteotomy(_) => Color32::from_rgb(0xff, 0xb0, 0x3a),
        Action::Needle(_) | Action::Ablation(_) => Color32::from_rgb(0x4d, 0xd2, 0xff),
        Action::Screw(_) | Action::Implant(_) => Color32::from_rgb(0xc9, 0xd1, 0xdb),
        Action::Port(_) => Color32::from_rgb(0x9b, 0xe5, 0x8a),
        Action::Clip { .. } => Color32::from_rgb(0xff, 0x7d, 0xa8),
    };
    if is_chosen { (colour, 2.2) } else { (colour.gamma_multiply(0.6), 1.4) }
}

/// Colour and width of the outline of what is burnt or moved.
fn outline(action: &Action, width: f32) -> (Color32, f32) {
    let colour = match action {
        Action::Ablation(_) => Color32::from_rgb(0xff, 0x78, 0x32),
        Action::Needle(_) => Color32::from_rgb(0xff, 0xc8, 0x3c),
        _ => Color32::from_rgb(0xec, 0xde, 0xb0),
    };
    (colour, width)
}

/// A line with gaps where nothing is seen of it.
fn run(painter: &Painter, points: impl Iterator<Item = Option<Pos2>>, look: (Color32, f32)) {
    let all: Vec<Option<Pos2>> = points.collect();
    for part in all.split(Option::is_none) {
        line(painter, part.iter().flatten().copied().collect(), look);
    }
}

fn line(painter: &Painter, points: Vec<Pos2>, (colour, width): (Color32, f32)) {
    if 1 < points.len() {
        painter.add(egui::Shape::line(points.clone(), Stroke::new(width + 2.0, HALO)));
        painter.add(egui::Shape::line(points, Stroke::new(width, colour)));
    }
}

/// A number for the identity of a handle.
fn key(grip: Grip) -> (u8, usize) {
    match grip {
        Grip::Plane(n) => (0, n),
        Grip::Arm(n) => (1, n),
        Grip::Centre => (2, 0),
        Grip::Rim => (3, 0),
        Grip::Control(n) => (4, n),
        Grip::Entry => (5, 0),
        Grip::Tip => (6, 0),
        Grip::Place => (7, 0),
    }
}

/// What a handle does, for a person.
fn name(grip: Grip) -> &'static str {
    use crate::base::i18n::tr;
    match grip {
        Grip::Plane(_) => tr("plan-handle-plane"),
        Grip::Arm(_) => tr("plan-handle-arm"),
        Grip::Centre => tr("plan-handle-centre"),
        Grip::Rim => tr("plan-handle-rim"),
        Grip::Control(_) => tr("plan-handle-control"),
        Grip::Entry => tr("plan-handle-entry"),
        Grip::Tip => tr("plan-handle-tip"),
        Grip::Place => tr("plan-handle-place"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Cut, CutShape, Needle, NeedleKind};

    fn slice(k: f64) -> Plane {
        Plane::new(Point::new(0.0, 0.0, k), Vector::z()).unwrap()
    }

    #[test]
    fn a_bound_handle_stays_on_its_way_and_a_free_one_at_its_depth() {
        let ray = Ray { origin: Point::new(0.0, -100.0, 7.0), direction: Vector::new(0.0, 1.0, 0.05).normalize() };
        let bound = Handle { grip: Grip::Plane(0), at: Point::origin(), along: Some(Vector::z()) };
        let to = under(&bound, &ray, &-Vector::y()).unwrap();
        assert!(to.x.abs() < 1e-9 && to.y.abs() < 1e-9 && (to.z - 12.0).abs() < 1e-9, "{to}");
        let free = Handle { grip: Grip::Tip, at: Point::new(5.0, 20.0, 5.0), along: None };
        let to = under(&free, &ray, &-Vector::y()).unwrap();
        assert!((to.y - 20.0).abs() < 1e-9 && (to.z - 13.0).abs() < 1e-9, "{to}");
        let sighted = Handle { grip: Grip::Plane(0), at: Point::origin(), along: Some(ray.direction) };
        assert!(under(&sighted, &ray, &-Vector::y()).is_none());
    }

    #[test]
    fn a_path_is_near_where_it_passes_the_slice() {
        let needle = Needle {
            entry: [0.0, 0.0, -9.0],
            target: [4.0, 0.0, 6.0],
            diameter_mm: 1.6,
            kind: NeedleKind::Needle,
            contacts: None,
        };
        let [from, to, near] = path_on(&Action::Needle(needle.clone()), &slice(0.0)).unwrap();
        assert_eq!((from, to, near.x), (Point::new(0.0, 0.0, 0.0), Point::new(4.0, 0.0, 0.0), 0.0));
        assert_eq!(path_on(&Action::Needle(needle), &slice(8.0)).unwrap()[2].x, 2.0);
        let cut = Cut { shape: CutShape::Sphere { centre: [0.0; 3], radius_mm: 3.0 }, width_mm: 1.0 };
        assert!(path_on(&Action::Cut(cut), &slice(0.0)).is_none());
    }
}
