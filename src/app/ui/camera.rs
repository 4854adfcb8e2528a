//! The camera of the 3D scene as pure geometry in patient space (LPS, mm): no window, no engine.

use super::contract::ScenePane;
use crate::base::i18n::tr;
use crate::geom::{Aabb, Point, Ray, Vector, orientation};
use egui::{Pos2, Rect, Vec2};
use std::f64::consts::{FRAC_PI_2, PI, TAU};

/// Distances from target to eye that make sense, in mm.
const DISTANCE_MM: [f64; 2] = [5.0, 20_000.0];
/// Opening angle of the scene in degrees.
const FOV_DEG: f64 = 30.0;
/// Turn of the camera for one point of mouse movement, in radians.
const RAD_PER_POINT: f64 = 0.008;

/// The six standard views, named for the side of the patient the viewer stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedView {
    /// From the patient's left.
    Left,
    /// From the patient's right.
    Right,
    /// From the front.
    Anterior,
    /// From the back.
    Posterior,
    /// From the head, anterior on top.
    Superior,
    /// From the feet, anterior on top (as axial slices are shown).
    Inferior,
}

impl NamedView {
    /// All six in the order of their buttons.
    pub const ALL: [Self; 6] =
        [Self::Left, Self::Right, Self::Anterior, Self::Posterior, Self::Superior, Self::Inferior];

    /// The letter on the button.
    pub fn letter(self) -> &'static str {
        ["L", "R", "A", "P", "S", "I"][self as usize]
    }

    /// What the button says on hover.
    pub fn help(self) -> &'static str {
        match self {
            Self::Left => tr("camera-left"),
            Self::Right => tr("camera-right"),
            Self::Anterior => tr("camera-front"),
            Self::Posterior => tr("camera-back"),
            Self::Superior => tr("camera-head"),
            Self::Inferior => tr("camera-feet"),
        }
    }

    /// Yaw and pitch of the view in radians.
    fn yaw_pitch(self) -> [f64; 2] {
        match self {
            Self::Anterior => [0.0, 0.0],
            Self::Left => [FRAC_PI_2, 0.0],
            Self::Posterior => [PI, 0.0],
            Self::Right => [-FRAC_PI_2, 0.0],
            Self::Superior => [PI, FRAC_PI_2],
            Self::Inferior => [0.0, -FRAC_PI_2],
        }
    }
}

/// A perspective camera that turns about a target with the patient's long axis upright (turntable).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrbitCamera {
    /// What the camera looks at and turns about.
    pub target: Point,
    /// From target to eye, mm.
    pub distance_mm: f64,
    /// Turn about the patient's long axis in radians: 0 sees the front, π/2 the patient's left.
    pub yaw_rad: f64,
    /// Height above the horizon in radians, −π/2 (from the feet) to π/2 (from the head).
    pub pitch_rad: f64,
    /// Turn about the line of sight in radians: above 0 the camera leans to its left. Only a walk through a vessel leans.
    pub roll_rad: f64,
    /// Opening angle from bottom to top in radians.
    pub fov_rad: f64,
}

impl Default for OrbitCamera {
    fn default() -> Self {
        let fov_rad = FOV_DEG.to_radians();
        Self { target: Point::origin(), distance_mm: 900.0, yaw_rad: 0.35, pitch_rad: 0.2, roll_rad: 0.0, fov_rad }
    }
}

impl OrbitCamera {
    /// Unit directions in LPS: to the right of the screen, to its top, and towards the viewer.
    pub fn right_up_back(&self) -> [Vector; 3] {
        let ((sin_yaw, cos_yaw), (sin_pitch, cos_pitch)) = (self.yaw_rad.sin_cos(), self.pitch_rad.sin_cos());
        let level = Vector::new(sin_yaw, -cos_yaw, 0.0);
        let back = level * cos_pitch + Vector::z() * sin_pitch;
        let up = Vector::z() * cos_pitch - level * sin_pitch;
        let right = up.cross(&back);
        if self.roll_rad == 0.0 {
            return [right, up, back];
        }
        let (sin, cos) = self.roll_rad.sin_cos();
        [right * cos + up * sin, up * cos - right * sin, back]
    }

    /// The camera at `eye` that looks away from `back` with `up` on top (unit length, at right angles), its target
    /// `distance_mm` ahead.
    pub fn at(eye: Point, up: &Vector, back: &Vector, distance_mm: f64, fov_rad: f64) -> Self {
        let target = eye - back * distance_mm;
        let pitch_rad = back.z.clamp(-1.0, 1.0).asin();
        let yaw_rad = back.x.atan2(-back.y).rem_euclid(TAU);
        let upright = Self { target, distance_mm, yaw_rad, pitch_rad, roll_rad: 0.0, fov_rad };
        let [right, top, _] = upright.right_up_back();
        Self { roll_rad: (-up.dot(&right)).atan2(up.dot(&top)), ..upright }
    }

    /// Where the eye is.
    pub fn eye(&self) -> Point {
        self.target + self.right_up_back()[2] * self.distance_mm
    }

    /// Letters of the directions to the left, right, top and bottom edge of the screen.
    pub fn edge_letters(&self) -> [String; 4] {
        let [right, up, _] = self.right_up_back();
        [-right, right, up, -up].map(|direction| orientation::letters(&direction))
    }

    /// This camera turned to a standard view.
    #[must_use]
    pub fn looking(self, view: NamedView) -> Self {
        let [yaw_rad, pitch_rad] = view.yaw_pitch();
        Self { yaw_rad, pitch_rad, roll_rad: 0.0, ..self }
    }

    /// The standard view this camera shows, if it shows one.
    pub fn named_view(&self) -> Option<NamedView> {
        let back = self.right_up_back();
        NamedView::ALL.into_iter().find(|view| {
            let named = self.looking(*view).right_up_back();
            (0..3).all(|axis| (named[axis] - back[axis]).norm() < 1e-6)
        })
    }

    /// Turn by a movement of the mouse in points: what is under it follows.
    pub fn orbit(&mut self, delta: Vec2) {
        self.yaw_rad = (self.yaw_rad - f64::from(delta.x) * RAD_PER_POINT).rem_euclid(TAU);
        self.pitch_rad = (self.pitch_rad + f64::from(delta.y) * RAD_PER_POINT).clamp(-FRAC_PI_2, FRAC_PI_2);
    }

    /// Move by a movement of the mouse in points: the target follows the mouse.
    pub fn pan(&mut self, delta: Vec2, rect: Rect) {
        let [right, up, _] = self.right_up_back();
        let mm = self.mm_per_point(rect);
        self.target += (up * f64::from(delta.y) - right * f64::from(delta.x)) * mm;
    }

    /// Come nearer (`factor` above 1) or go away, keeping what is at `at` where it is.
    pub fn zoom(&mut self, factor: f64, at: Option<Pos2>, rect: Rect) {
        let old = self.distance_mm;
        self.distance_mm = (old / factor).clamp(DISTANCE_MM[0], DISTANCE_MM[1]);
        if let Some(at) = at {
            let [right, up, _] = self.right_up_back();
            let offset = (at - rect.center()) * (self.mm_per_point(rect) * (old / self.distance_mm - 1.0)) as f32;
            self.target += right * f64::from(offset.x) - up * f64::from(offset.y);
        }
    }

    /// Show all of `bounds`, upright; keeps the direction.
    pub fn fit(&mut self, bounds: &Aabb, rect: Rect) {
        if bounds.is_empty() {
            return;
        }
        let aspect = f64::from(rect.width() / rect.height().max(1.0)).clamp(0.1, 1.0);
        let radius = 0.5 * bounds.size().norm().max(1.0);
        self.target = bounds.centre();
        // After a walk through a vessel: upright, and no wide angle.
        (self.roll_rad, self.fov_rad) = (0.0, FOV_DEG.to_radians());
        let half = (0.5 * self.fov_rad).tan() * aspect;
        self.distance_mm = (radius / half.atan().sin()).clamp(DISTANCE_MM[0], DISTANCE_MM[1]);
    }

    /// Size of a point of the screen at the target's depth in mm.
    pub fn mm_per_point(&self, rect: Rect) -> f64 {
        2.0 * self.distance_mm * (0.5 * self.fov_rad).tan() / f64::from(rect.height().max(1.0))
    }

    /// Where a place appears in `rect`; `None` behind the eye. May lie outside `rect`.
    pub fn project(&self, point: &Point, rect: Rect) -> Option<Pos2> {
        let [right, up, back] = self.right_up_back();
        let seen = point - self.eye();
        let depth = -seen.dot(&back);
        if depth < 1e-6 {
            return None;
        }
        let scale = f64::from(rect.height()) / (2.0 * depth * (0.5 * self.fov_rad).tan());
        Some(rect.center() + Vec2::new((seen.dot(&right) * scale) as f32, -(seen.dot(&up) * scale) as f32))
    }

    /// The half line from the eye through a place on the screen; its direction has unit length.
    pub fn ray(&self, pos: Pos2, rect: Rect) -> Ray {
        let [right, up, back] = self.right_up_back();
        let offset = pos - rect.center();
        let scale = 2.0 * (0.5 * self.fov_rad).tan() / f64::from(rect.height().max(1.0));
        let direction = right * (f64::from(offset.x) * scale) - up * (f64::from(offset.y) * scale) - back;
        Ray { origin: self.eye(), direction: direction.normalize() }
    }

    /// The camera on its way to `end`, `part` (0 to 1) of the way, turning the shorter way round.
    #[must_use]
    pub fn towards(&self, end: &Self, part: f64) -> Self {
        if 1.0 <= part {
            return *end;
        }
        let part = part.max(0.0);
        let turn = (end.yaw_rad - self.yaw_rad + PI).rem_euclid(TAU) - PI;
        let lean = (end.roll_rad - self.roll_rad + PI).rem_euclid(TAU) - PI;
        let mix = |a: f64, b: f64| a + (b - a) * part;
        Self {
            target: self.target + (end.target - self.target) * part,
            distance_mm: mix(self.distance_mm.ln(), end.distance_mm.ln()).exp(),
            yaw_rad: self.yaw_rad + turn * part,
            pitch_rad: mix(self.pitch_rad, end.pitch_rad),
            roll_rad: self.roll_rad + lean * part,
            fov_rad: mix(self.fov_rad, end.fov_rad),
        }
    }

    /// Follow the mouse: left turns, middle (or Shift+left) moves, right, wheel and pinch zoom. Whether anything moved.
    pub fn steer(&mut self, pane: &ScenePane) -> bool {
        let before = *self;
        let [left, middle, right] = pane.drag;
        if pane.modifiers.shift {
            self.pan(left, pane.rect);
        } else {
            self.orbit(left);
        }
        self.pan(middle, pane.rect);
        self.zoom((-f64::from(right.y) * 0.008).exp(), None, pane.rect);
        let wheel = (f64::from(pane.scroll) * 0.003).exp() * f64::from(pane.pinch);
        if wheel != 1.0 {
            self.zoom(wheel, pane.hovered, pane.rect);
        }
        *self != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECT: Rect = Rect { min: Pos2::new(100.0, 50.0), max: Pos2::new(900.0, 650.0) };

    #[test]
    fn named_views_show_the_edges_a_surgeon_expects() {
        // Left, right, top and bottom edge of the screen.
        let expected = [
            (NamedView::Anterior, ["R", "L", "S", "I"]),
            (NamedView::Posterior, ["L", "R", "S", "I"]),
            (NamedView::Left, ["A", "P", "S", "I"]),
            (NamedView::Right, ["P", "A", "S", "I"]),
            (NamedView::Superior, ["L", "R", "A", "P"]),
            (NamedView::Inferior, ["R", "L", "A", "P"]),
        ];
        for (view, letters) in expected {
            let camera = OrbitCamera::default().looking(view);
            assert_eq!(camera.edge_letters(), letters, "{view:?}");
            assert_eq!(camera.named_view(), Some(view));
            let towards_viewer = orientation::letters(&camera.right_up_back()[2]);
            assert_eq!(towards_viewer, view.letter());
        }
        assert_eq!(OrbitCamera::default().named_view(), None);
    }

    #[test]
    fn the_axes_are_right_handed_and_of_unit_length_everywhere() {
        for step in 0..50 {
            let camera = OrbitCamera {
                yaw_rad: f64::from(step),
                pitch_rad: f64::from(step % 7 - 3) * 0.5,
                ..OrbitCamera::default()
            };
            let [right, up, back] = camera.right_up_back();
            assert!((right.cross(&up) - back).norm() < 1e-12 && (up.norm() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn a_camera_put_anywhere_looks_there_with_its_top_on_top() {
        for step in 0..60 {
            let turn = nalgebra::Rotation3::from_euler_angles(f64::from(step), 0.7 * f64::from(step), 1.3);
            let [up, back] = [turn * Vector::z(), turn * Vector::x()];
            let eye = Point::new(3.0, f64::from(step), -20.0);
            let camera = OrbitCamera::at(eye, &up, &back, 7.0, 1.4);
            let [right, top, behind] = camera.right_up_back();
            assert!((top - up).norm() < 1e-9 && (behind - back).norm() < 1e-9, "{step}");
            assert!((right - up.cross(&back)).norm() < 1e-9 && (camera.eye() - eye).norm() < 1e-9);
        }
        // Straight up and down, where yaw means nothing.
        for back in [Vector::z(), -Vector::z()] {
            let camera = OrbitCamera::at(Point::origin(), &-Vector::y(), &back, 5.0, 1.4);
            assert!((camera.right_up_back()[1] + Vector::y()).norm() < 1e-9);
            assert_eq!(camera.edge_letters()[2], "A");
        }
    }

    #[test]
    fn a_ray_passes_through_the_point_that_projects_there() {
        let camera = OrbitCamera { target: Point::new(10.0, -20.0, 30.0), ..OrbitCamera::default() };
        for point in [Point::new(0.0, 0.0, 0.0), Point::new(120.0, -30.0, 80.0), Point::new(-90.0, 60.0, -40.0)] {
            let pos = camera.project(&point, RECT).unwrap();
            let ray = camera.ray(pos, RECT);
            let along = (point - ray.origin).dot(&ray.direction);
            assert!((ray.at(along) - point).norm() < 0.02, "{:?} mm off", (ray.at(along) - point).norm());
        }
        assert_eq!(camera.project(&camera.target, RECT), Some(RECT.center()));
        let behind = camera.eye() + camera.right_up_back()[2] * 5.0;
        assert_eq!(camera.project(&behind, RECT), None);
    }

    #[test]
    fn panning_moves_the_target_with_the_mouse() {
        let mut camera = OrbitCamera::default();
        let target = camera.target;
        camera.pan(Vec2::new(40.0, -25.0), RECT);
        let seen = camera.project(&target, RECT).unwrap() - RECT.center();
        assert!((seen - Vec2::new(40.0, -25.0)).length() < 0.01, "{seen:?}");
    }

    #[test]
    fn zooming_keeps_what_is_under_the_mouse() {
        let mut camera = OrbitCamera::default();
        let at = Pos2::new(700.0, 200.0);
        let ray = camera.ray(at, RECT);
        let depth = -camera.distance_mm / ray.direction.dot(&camera.right_up_back()[2]);
        let point = ray.at(depth);
        camera.zoom(1.7, Some(at), RECT);
        assert!((camera.project(&point, RECT).unwrap() - at).length() < 0.05);
    }

    #[test]
    fn fitting_shows_every_corner() {
        let bounds = Aabb { min: Point::new(-170.0, -120.0, -300.0), max: Point::new(180.0, 100.0, 40.0) };
        for rect in [RECT, Rect::from_min_size(Pos2::ZERO, Vec2::new(300.0, 900.0))] {
            for view in NamedView::ALL {
                let mut camera = OrbitCamera::default().looking(view);
                camera.fit(&bounds, rect);
                for corner in 0..8 {
                    let pick = |axis: usize| if corner >> axis & 1 == 0 { bounds.min[axis] } else { bounds.max[axis] };
                    let pos = camera.project(&Point::new(pick(0), pick(1), pick(2)), rect).unwrap();
                    assert!(rect.expand(1.0).contains(pos), "{view:?} {pos:?}");
                }
            }
        }
    }

    #[test]
    fn the_way_to_a_view_is_the_short_one_and_ends_there() {
        let start = OrbitCamera { yaw_rad: 6.0, ..OrbitCamera::default() };
        let end = start.looking(NamedView::Anterior);
        assert!(6.0 < start.towards(&end, 0.5).yaw_rad);
        assert_eq!(start.towards(&end, 1.0), end);
    }

    #[test]
    fn dragging_to_the_right_turns_the_patient_to_the_right() {
        let mut camera = OrbitCamera::default().looking(NamedView::Anterior);
        let nose = Point::new(0.0, -100.0, 0.0);
        camera.orbit(Vec2::new(30.0, 0.0));
        assert!(0.0 < camera.project(&nose, RECT).unwrap().x - RECT.center().x);
        camera = camera.looking(NamedView::Anterior);
        camera.orbit(Vec2::new(0.0, 30.0));
        assert!(0.0 < camera.project(&nose, RECT).unwrap().y - RECT.center().y, "dragging down tips the front down");
    }
}
