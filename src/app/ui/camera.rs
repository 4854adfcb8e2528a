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
/// From the target to where lines of sight begin in a parallel projection, at least: behind everything a patient is, mm.
const SETBACK_MM: f64 = 3_000.0;
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

/// A camera that turns about a target with the patient's long axis upright (turntable).
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
    /// Whether lines of sight are parallel instead of meeting in the eye: what lies at the target is as large in both.
    pub parallel: bool,
}

impl Default for OrbitCamera {
    fn default() -> Self {
        let fov_rad = FOV_DEG.to_radians();
        let (target, parallel) = (Point::origin(), false);
        Self { target, distance_mm: 900.0, yaw_rad: 0.35, pitch_rad: 0.2, roll_rad: 0.0, fov_rad, parallel }
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
        let upright = Self { target, distance_mm, yaw_rad, pitch_rad, roll_rad: 0.0, fov_rad, parallel: false };
        let [right, top, _] = upright.right_up_back();
        Self { roll_rad: (-up.dot(&right)).atan2(up.dot(&top)), ..upright }
    }

    /// Where the eye is; in a parallel projection the place behind everything where lines of sight begin.
    pub fn eye(&self) -> Point {
        self.target + self.right_up_back()[2] * self.eye_mm()
    }

    /// From the target to the eye.
    pub fn eye_mm(&self) -> f64 {
        if self.parallel { SETBACK_MM.max(2.0 * self.distance_mm) } else { self.distance_mm }
    }

    /// Height of what is seen at the depth of the target.
    pub fn height_mm(&self) -> f64 {
        2.0 * self.distance_mm * (0.5 * self.fov_rad).tan()
    }

    /// The unit direction in which a place is seen.
    pub fn sight(&self, place: &Point) -> Vector {
        let ahead = -self.right_up_back()[2];
        if self.parallel { ahead } else { (place - self.eye()).try_normalize(1e-9).unwrap_or(ahead) }
    }

    /// This camera turned so that it is seen from the side that `outwards` points to.
    #[must_use]
    pub fn facing(self, outwards: &Vector) -> Self {
        let level = outwards.x.hypot(outwards.y);
        // Straight from above and below the front is on top, as the standard views have it.
        let yaw_rad = match level < 1e-9 {
            true if 0.0 < outwards.z => PI,
            true => 0.0,
            false => outwards.x.atan2(-outwards.y).rem_euclid(TAU),
        };
        Self { yaw_rad, pitch_rad: outwards.z.atan2(level), roll_rad: 0.0, ..self }
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

    /// Turn by a movement of the mouse in points: what is under it follows. With a locked tilt only about the patient's
    /// long axis.
    pub fn orbit(&mut self, delta: Vec2, tilt_locked: bool) {
        self.yaw_rad = (self.yaw_rad - f64::from(delta.x) * RAD_PER_POINT).rem_euclid(TAU);
        if tilt_locked {
            return;
        }
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
        self.height_mm() / f64::from(rect.height().max(1.0))
    }

    /// The same at the depth of a place.
    pub fn mm_per_point_at(&self, place: &Point, rect: Rect) -> f64 {
        let depth_mm = -(place - self.eye()).dot(&self.right_up_back()[2]);
        self.mm_per_point(rect) * if self.parallel { 1.0 } else { depth_mm / self.distance_mm }
    }

    /// Where a place appears in `rect`; `None` behind the eye. May lie outside `rect`.
    pub fn project(&self, point: &Point, rect: Rect) -> Option<Pos2> {
        let [right, up, back] = self.right_up_back();
        let seen = point - self.eye();
        let depth = -seen.dot(&back);
        if depth < 1e-6 {
            return None;
        }
        let at_depth = if self.parallel { self.distance_mm } else { depth };
        let scale = f64::from(rect.height()) / (2.0 * at_depth * (0.5 * self.fov_rad).tan());
        Some(rect.center() + Vec2::new((seen.dot(&right) * scale) as f32, -(seen.dot(&up) * scale) as f32))
    }

    /// The half line of sight through a place on the screen; its direction has unit length.
    pub fn ray(&self, pos: Pos2, rect: Rect) -> Ray {
        let [right, up, back] = self.right_up_back();
        let offset = pos - rect.center();
        if self.parallel {
            let mm = self.mm_per_point(rect);
            let beside = right * (f64::from(offset.x) * mm) - up * (f64::from(offset.y) * mm);
            return Ray { origin: self.eye() + beside, direction: -back };
        }
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
            parallel: end.parallel,
        }
    }

    /// Follow the mouse: left turns, middle (or Shift+left) moves, right, wheel and pinch zoom. Whether anything moved.
    pub fn steer(&mut self, pane: &ScenePane, tilt_locked: bool) -> bool {
        let before = *self;
        let [left, middle, right] = pane.drag;
        if pane.modifiers.shift {
            self.pan(left, pane.rect);
        } else {
            self.orbit(left, tilt_locked);
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
mod tests;
