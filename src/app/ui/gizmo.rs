//! A plane in the 3D view with handles: one in its middle pushes it along its normal, four around it tilt it.
//!
//! What a drag makes of the plane is geometry and is told from where the drag began, so that no step adds to another.

use super::camera::OrbitCamera;
use super::contract::ScenePane;
use super::slice::shadowed;
use super::{numbers, theme};
use crate::base::i18n::{tr, tr_with};
use crate::geom::{Plane, Point, Vector, orientation};
use egui::{
    Align2, Color32, CursorIcon, Id, Key, Painter, PointerButton, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2,
    WidgetInfo, WidgetType,
};
use nalgebra::{Rotation3, Unit};

/// Half the side of what can be pressed of a handle: a pick radius of 12 points.
const PICK: f32 = 12.0;
const DOT: f32 = 6.0;
/// From the middle to the handles that tilt, and to the tip of the arrow, in points of the screen.
const REACH: f64 = 74.0;
const ARROW: f64 = 44.0;
/// Sine squared of the angle between normal and line of sight below which the mouse moves a handle by its height instead.
const ALONG_SIGHT: f64 = 0.04;
/// The middle stays this far from the border of the view, in points.
const BORDER: f32 = 24.0;

/// What of a plane is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grip {
    /// The middle: the plane goes along its normal.
    Push,
    /// One of the four around it: the plane turns about its middle.
    Tilt(usize),
}

/// A plane as it is seen and held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gizmo {
    /// The plane; what its normal points to is cut away.
    pub plane: Plane,
    /// The middle of its handles.
    centre: Point,
    /// Unit directions to the handles that tilt, in the plane.
    across: [Vector; 2],
    /// Size of a point of the screen at the middle, mm.
    point_mm: f64,
}

/// A handle in the hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held {
    /// Which plane.
    pub key: usize,
    grip: Grip,
    /// The plane as it was.
    pub start: Gizmo,
    from: Pos2,
}

impl Gizmo {
    /// A plane with its handles where they are seen: about its own point, else before the target of the camera.
    pub fn new(plane: Plane, camera: &OrbitCamera, rect: Rect) -> Self {
        let inner = rect.shrink(BORDER);
        let is_seen = camera.project(&plane.point, rect).is_some_and(|pos| inner.contains(pos));
        let foot = camera.target - plane.normal() * plane.distance_mm(&camera.target);
        let centre = if is_seen { plane.point } else { foot };
        let point_mm = camera.mm_per_point_at(&centre, rect).max(1e-6);
        Self { plane, centre, across: plane.across(), point_mm }
    }

    /// Where a handle is.
    fn at(&self, grip: Grip) -> Point {
        match grip {
            Grip::Push => self.centre,
            Grip::Tilt(n) => self.centre + self.arm(n) * (REACH * self.point_mm),
        }
    }

    fn arm(&self, n: usize) -> Vector {
        self.across[n / 2] * if n.is_multiple_of(2) { 1.0 } else { -1.0 }
    }

    /// How far along the normal from a handle the mouse is, mm: the point of that line next to the line of sight. Where the
    /// two are nearly one, up on the screen is away from the viewer.
    fn along(&self, grip: Grip, camera: &OrbitCamera, rect: Rect, pos: Pos2) -> f64 {
        let (handle, normal) = (self.at(grip), self.plane.normal());
        let seen = normal.dot(&camera.sight(&handle));
        if 1.0 - seen * seen < ALONG_SIGHT {
            return -f64::from(pos.y) * self.point_mm * seen.signum();
        }
        let ray = camera.ray(pos, rect);
        let (from_eye, across) = (handle - ray.origin, normal.dot(&ray.direction));
        (across * ray.direction.dot(&from_eye) - normal.dot(&from_eye)) / (1.0 - across * across).max(1e-3)
    }

    /// The plane after a handle was dragged from one place of the screen to another.
    #[must_use]
    pub fn dragged(&self, grip: Grip, camera: &OrbitCamera, rect: Rect, [from, to]: [Pos2; 2]) -> Self {
        let along = |pos: Pos2| self.along(grip, camera, rect, pos);
        let (mm, normal) = (along(to) - along(from), self.plane.normal());
        if !mm.is_finite() {
            return *self;
        }
        match grip {
            Grip::Push => {
                let centre = self.centre + normal * mm;
                Self { plane: Plane::new(centre, normal).unwrap_or(self.plane), centre, ..*self }
            }
            Grip::Tilt(n) => {
                let arm = self.arm(n);
                let axis = Unit::new_normalize(arm.cross(&normal));
                let turn = Rotation3::from_axis_angle(&axis, (mm / (REACH * self.point_mm)).atan());
                let plane = Plane::new(self.centre, turn * normal).unwrap_or(self.plane);
                Self { plane, across: self.across.map(|way| turn * way), ..*self }
            }
        }
    }

    fn paint(&self, painter: &Painter, rect: Rect, camera: &OrbitCamera, colour: Color32) {
        let [u, v] = self.across.map(|way| way * (REACH * self.point_mm));
        let (c, tip) = (self.centre, self.centre + self.plane.normal() * (ARROW * self.point_mm));
        let outline = [c - u - v, c + u - v, c + u + v, c - u + v, c - u - v];
        for stroke in [&outline[..], &[c - u, c + u], &[c - v, c + v]] {
            run(painter, stroke.iter().map(|point| camera.project(point, rect)), colour, 1.2);
        }
        // The arrow points to what is cut away.
        let ends = [camera.project(&c, rect), camera.project(&tip, rect)];
        run(painter, ends.into_iter(), colour, 2.0);
        if let [Some(foot), Some(tip)] = ends
            && 8.0 < foot.distance(tip)
        {
            let way = (tip - foot).normalized();
            let side = Vec2::new(-way.y, way.x) * 4.0;
            let head = vec![tip + way * 7.0, tip - side, tip + side];
            painter.add(Shape::convex_polygon(head, colour, Stroke::NONE));
        }
    }
}

/// A line through places on the screen; nothing where one lies behind the eye.
fn run(painter: &Painter, points: impl Iterator<Item = Option<Pos2>>, colour: Color32, width: f32) {
    if let Some(points) = points.collect::<Option<Vec<Pos2>>>() {
        painter.add(Shape::line(points.clone(), Stroke::new(width + 2.0, Color32::from_black_alpha(110))));
        painter.add(Shape::line(points, Stroke::new(width, colour)));
    }
}

/// Draw a plane with its handles in `rect` and let the mouse take them; returns the plane while one is dragged. What is
/// taken here, `pane` no longer has. `name` is what the plane is called.
pub fn gizmo_ui(
    ui: &Ui,
    rect: Rect,
    camera: &OrbitCamera,
    (plane, key, name): (Plane, usize, &str),
    held: &mut Option<Held>,
    pane: &mut ScenePane,
) -> Option<Plane> {
    let own = held.filter(|held| held.key == key);
    let gizmo = match (own, ui.input(|input| input.pointer.latest_pos())) {
        (Some(held), Some(pos)) => held.start.dragged(held.grip, camera, rect, [held.from, pos]),
        _ => Gizmo::new(plane, camera, rect),
    };
    let painter = ui.painter_at(rect);
    let colour = theme::ACCENT.gamma_multiply(if own.is_some() { 1.0 } else { 0.75 });
    gizmo.paint(&painter, rect, camera, colour);
    let (mut moved, mut ended) = (None, false);
    for grip in [Grip::Tilt(0), Grip::Tilt(1), Grip::Tilt(2), Grip::Tilt(3), Grip::Push] {
        let is_held = own.is_some_and(|held| held.grip == grip);
        let Some(at) = camera.project(&gizmo.at(grip), rect).filter(|at| is_held || rect.contains(*at)) else {
            continue;
        };
        let id = Id::new(("handle of a plane", key, grip));
        let response = ui.interact(Rect::from_center_size(at, Vec2::splat(2.0 * PICK)), id, Sense::drag());
        let said = said(grip, name);
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, &said));
        if response.drag_started_by(PointerButton::Primary) {
            let from = ui.input(|input| input.pointer.press_origin()).unwrap_or(at);
            *held = Some(Held { key, grip, start: gizmo, from });
        }
        if let Some(own) = held.filter(|held| held.key == key && held.grip == grip) {
            if let Some(pos) = response.interact_pointer_pos() {
                moved = Some(own.start.dragged(grip, camera, rect, [own.from, pos]).plane);
            }
            ended |= !response.dragged();
        }
        let hot = response.hovered() || response.dragged();
        if hot {
            ui.ctx().set_cursor_icon(if response.dragged() { CursorIcon::Grabbing } else { CursorIcon::Grab });
            (pane.hovered, pane.clicked, pane.double_clicked) = (None, None, None);
        }
        let ring = if hot { theme::ACCENT } else { theme::STRONG };
        let dot = if grip == Grip::Push { DOT } else { DOT - 1.0 };
        painter.circle(at, dot + 2.0, Color32::from_black_alpha(140), Stroke::NONE);
        painter.circle(at, if hot { dot + 1.5 } else { dot }, theme::CARD, Stroke::new(2.0, ring));
        if hot {
            let text = held.filter(|held| held.grip == grip && held.key == key).map_or(said, |held| {
                let start = held.start.plane;
                match grip {
                    Grip::Push => numbers::quantity((gizmo.centre - held.start.centre).dot(&start.normal()), "mm"),
                    Grip::Tilt(_) => {
                        let angle = start.normal().dot(&gizmo.plane.normal()).clamp(-1.0, 1.0).acos();
                        format!("{:.0}°  {}", angle.to_degrees(), orientation::letters(&gizmo.plane.normal()))
                    }
                }
            });
            let label = at + Vec2::new(dot + 7.0, 0.0);
            shadowed(&painter, label, Align2::LEFT_CENTER, &text, theme::semibold(12.5), theme::STRONG);
        }
    }
    // The button may have come up where no handle saw it.
    ended |= !ui.input(|input| input.pointer.primary_down());
    // Escape ends the drag before anybody is asked to let go: what is held then must still be known.
    ended &= !ui.input(|input| input.key_pressed(Key::Escape));
    held.take_if(|held| ended && held.key == key);
    moved
}

/// What a handle does, in words.
fn said(grip: Grip, plane: &str) -> String {
    let what = match grip {
        Grip::Push => tr("plane-push"),
        Grip::Tilt(_) => tr("plane-tilt"),
    };
    tr_with("plane-handle", &[("plane", plane.into()), ("what", what.into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECT: Rect = Rect { min: Pos2::new(100.0, 50.0), max: Pos2::new(900.0, 650.0) };

    fn cameras() -> Vec<OrbitCamera> {
        let turned = |step: u32| OrbitCamera {
            yaw_rad: 0.2 + 0.9 * f64::from(step),
            pitch_rad: 0.9 * (1.3 * f64::from(step)).sin(),
            ..OrbitCamera::default()
        };
        (0..14).flat_map(|step| [false, true].map(|parallel| OrbitCamera { parallel, ..turned(step) })).collect()
    }

    fn plane() -> Plane {
        Plane::new(Point::new(10.0, -20.0, 5.0), Vector::new(0.4, 0.3, 0.8)).unwrap()
    }

    fn is_along_sight(camera: &OrbitCamera) -> bool {
        let seen = plane().normal().dot(&camera.sight(&plane().point));
        1.0 - seen * seen < 2.0 * ALONG_SIGHT
    }

    /// What is seen of the middle follows the mouse, and the plane keeps its direction.
    #[test]
    fn a_pushed_plane_goes_along_its_normal_to_where_the_mouse_is() {
        let mut tried = 0;
        for camera in cameras().into_iter().filter(|camera| !is_along_sight(camera)) {
            let gizmo = Gizmo::new(plane(), &camera, RECT);
            for mm in [-31.0, 12.5] {
                let there = plane().point + plane().normal() * mm;
                let [from, to] = [plane().point, there].map(|at| camera.project(&at, RECT).unwrap());
                let moved = gizmo.dragged(Grip::Push, &camera, RECT, [from, to]).plane;
                assert!(moved.distance_mm(&there).abs() < 0.2, "{} {camera:?}", moved.distance_mm(&there));
                assert!((moved.normal() - plane().normal()).norm() < 1e-12);
                tried += 1;
            }
        }
        assert!(20 < tried);
    }

    #[test]
    fn a_tilted_plane_turns_about_its_middle_towards_the_mouse() {
        for camera in cameras().into_iter().filter(|camera| !is_along_sight(camera)) {
            let gizmo = Gizmo::new(plane(), &camera, RECT);
            for n in 0..4 {
                let handle = gizmo.at(Grip::Tilt(n));
                let lifted = handle + plane().normal() * (0.4 * REACH * gizmo.point_mm);
                let places = [handle, lifted].map(|at| camera.project(&at, RECT).unwrap());
                let turned = gizmo.dragged(Grip::Tilt(n), &camera, RECT, places);
                assert!(turned.plane.distance_mm(&plane().point).abs() < 1e-9, "its middle stays");
                assert!(turned.plane.distance_mm(&lifted).abs() < 0.01 * REACH * gizmo.point_mm, "{n} {camera:?}");
                let angle = turned.plane.normal().dot(&plane().normal()).acos();
                assert!((angle - 0.4_f64.atan()).abs() < 0.02);
                assert!(turned.across.iter().all(|way| way.dot(&turned.plane.normal()).abs() < 1e-9));
            }
        }
    }

    #[test]
    fn a_plane_that_faces_the_viewer_is_pushed_away_by_dragging_up() {
        for parallel in [false, true] {
            let camera = OrbitCamera { parallel, ..OrbitCamera::default() };
            let back = camera.right_up_back()[2];
            for side in [1.0, -1.0] {
                let gizmo = Gizmo::new(Plane::new(camera.target, back * side).unwrap(), &camera, RECT);
                let places = [RECT.center(), RECT.center() - Vec2::new(3.0, 50.0)];
                let moved = gizmo.dragged(Grip::Push, &camera, RECT, places).plane;
                let depth_mm = (moved.point - camera.target).dot(&back);
                assert!((depth_mm + 50.0 * gizmo.point_mm).abs() < 1e-6, "{depth_mm}");
                assert!(gizmo.dragged(Grip::Tilt(2), &camera, RECT, places).plane.normal().dot(&back).abs() < 0.9);
            }
        }
    }

    #[test]
    fn handles_stay_in_the_view_where_the_plane_is_elsewhere() {
        let camera = OrbitCamera::default();
        let [right, ..] = camera.right_up_back();
        let far = Plane::new(camera.target + right * 5_000.0, Vector::z()).unwrap();
        let gizmo = Gizmo::new(far, &camera, RECT);
        assert!(RECT.contains(camera.project(&gizmo.centre, RECT).unwrap()));
        assert!(gizmo.plane == far && far.distance_mm(&gizmo.centre).abs() < 1e-9);
        let places = [RECT.center(), RECT.center()];
        let still = gizmo.dragged(Grip::Push, &camera, RECT, places).plane;
        assert!(still.distance_mm(&far.point).abs() < 1e-9, "taking hold moves nothing");
    }
}
