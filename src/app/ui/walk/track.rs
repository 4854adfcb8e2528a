//! The camera on a walk as pure geometry: on the path, looking along it, its top carried by frames that turn as little as
//! the path allows.

use crate::app::ui::camera::OrbitCamera;
use crate::geom::{Point, Vector};
use crate::image::curved::{CurvedPath, PathError};
use std::sync::Arc;

/// Places on the path are this far apart, mm.
const STEP_MM: f64 = 0.5;
/// Corners of the path are rounded over this length, so that a fork is a bend and not a jerk.
const SMOOTH_MM: f64 = 3.0;
/// From the eye to what the camera would turn about, mm; it also sets how near something may be and still be seen.
const AHEAD_MM: f64 = 5.0;

/// A path to walk along, and how one looks from it.
#[derive(Debug, Clone, PartialEq)]
pub struct WalkTrack {
    path: Arc<CurvedPath>,
    /// From the path's normal to the camera's top, about the path.
    lean_rad: f64,
    /// Opening angle from bottom to top.
    pub fov_deg: f64,
    /// Whether the camera looks to where the path begins.
    pub looks_back: bool,
}

impl WalkTrack {
    /// A walk along `points`. At its start the patient's head is on top; where the path leads up or down, the front.
    ///
    /// # Errors
    /// [`PathError`] if no two points differ or a number is not finite.
    pub fn new(points: &[Point], fov_deg: f64) -> Result<Self, PathError> {
        let path = Arc::new(CurvedPath::new(points, STEP_MM, SMOOTH_MM)?);
        let wanted = if path.tangent(0.0).z.abs() < 0.8 { Vector::z() } else { -Vector::y() };
        let (normal, binormal) = path.across(0.0);
        let lean_rad = wanted.dot(&binormal).atan2(wanted.dot(&normal));
        Ok(Self { path, lean_rad, fov_deg, looks_back: false })
    }

    /// From end to end, mm.
    pub fn length_mm(&self) -> f64 {
        self.path.length_mm()
    }

    /// The place `along_mm` from the start.
    pub fn point(&self, along_mm: f64) -> Point {
        self.path.point(along_mm / self.path.step_mm())
    }

    /// The camera there, turned by `look` from the path: to the left and up, radians.
    pub fn camera(&self, along_mm: f64, look: [f64; 2]) -> OrbitCamera {
        let row = along_mm / self.path.step_mm();
        let (normal, binormal) = self.path.across(row);
        let (sin, cos) = self.lean_rad.sin_cos();
        let up = normal * cos + binormal * sin;
        let back = if self.looks_back { self.path.tangent(row) } else { -self.path.tangent(row) };
        let aside = nalgebra::Rotation3::new(up * look[0]);
        let back = aside * back;
        let right = up.cross(&back);
        let tilt = nalgebra::Rotation3::new(right * look[1]);
        OrbitCamera::at(self.path.point(row), &(tilt * up), &(tilt * back), AHEAD_MM, self.fov_deg.to_radians())
    }

    /// The camera of a film, `part` (0 to 1) of the way from the start to the end; looking back, from the end to the start.
    pub fn film_camera(&self, part: f64) -> OrbitCamera {
        let part = if self.looks_back { 1.0 - part } else { part };
        self.camera(part * self.length_mm(), [0.0; 2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A way that bends twice, out of any plane, and comes by the patient's long axis.
    fn bent() -> WalkTrack {
        let corners = [[0.0, 0.0, 0.0], [0.0, 0.0, 40.0], [30.0, 0.0, 40.0], [30.0, 30.0, 60.0]].map(Point::from);
        WalkTrack::new(&corners, 80.0).unwrap()
    }

    #[test]
    fn the_eye_is_on_the_path_and_looks_along_it() {
        let track = bent();
        let length = track.length_mm();
        assert!(98.0 < length && length < 111.0, "{length}");
        for step in 0..=50 {
            let along = length * f64::from(step) / 50.0;
            let camera = track.camera(along, [0.0; 2]);
            assert!((camera.eye() - track.point(along)).norm() < 1e-6);
            let ahead = track.point((along + 0.5).min(length)) - track.point((along - 0.5).max(0.0));
            assert!(0.99 < ahead.normalize().dot(&-camera.right_up_back()[2]), "{along}");
        }
        assert!((track.camera(-5.0, [0.0; 2]).eye() - Point::origin()).norm() < 1e-6, "no farther than the ends");
    }

    #[test]
    fn the_picture_does_not_jump_at_bends() {
        let track = bent();
        let cameras = (0..=(track.length_mm() * 10.0) as usize).map(|n| track.camera(0.1 * n as f64, [0.0; 2]));
        let frames: Vec<[Vector; 3]> = cameras.map(|camera| camera.right_up_back()).collect();
        for (n, pair) in frames.windows(2).enumerate() {
            // 0.1 mm on a bend of some 3 mm radius turns by at most a few degrees.
            let turn = (0..3).map(|axis| pair[0][axis].angle(&pair[1][axis])).fold(0.0, f64::max);
            assert!(turn < 5_f64.to_radians(), "{turn} at {n}");
        }
        // On the straight first part nothing turns at all.
        assert!(frames[..250].windows(2).all(|pair| (pair[0][1] - pair[1][1]).norm() < 1e-9));
    }

    #[test]
    fn letters_are_right_ahead_and_back() {
        // Up the long axis: the front is on top, and all is as seen from the feet; looking back, as from the head.
        let mut track = WalkTrack::new(&[[0.0, 0.0, 0.0], [0.0, 0.0, 50.0]].map(Point::from), 80.0).unwrap();
        assert_eq!(track.camera(10.0, [0.0; 2]).edge_letters(), ["R", "L", "A", "P"]);
        track.looks_back = true;
        assert_eq!(track.camera(10.0, [0.0; 2]).edge_letters(), ["L", "R", "A", "P"]);
        // To the patient's left with the head on top: the back is on the left, the front on the right.
        let across = WalkTrack::new(&[[0.0, 0.0, 0.0], [50.0, 0.0, 0.0]].map(Point::from), 80.0).unwrap();
        assert_eq!(across.camera(10.0, [0.0; 2]).edge_letters(), ["P", "A", "S", "I"]);
    }

    #[test]
    fn looking_aside_turns_to_the_left_and_up() {
        let track = WalkTrack::new(&[[0.0, 0.0, 0.0], [0.0, 0.0, 50.0]].map(Point::from), 80.0).unwrap();
        let quarter = std::f64::consts::FRAC_PI_2;
        let ahead = |look| -track.camera(10.0, look).right_up_back()[2];
        assert!((ahead([quarter, 0.0]) + Vector::x()).norm() < 1e-9, "the patient's right is on the left");
        assert!((ahead([0.0, quarter]) + Vector::y()).norm() < 1e-9, "the top is the front");
    }

    #[test]
    fn a_film_goes_from_end_to_end() {
        let mut track = bent();
        let ends = |track: &WalkTrack| [track.film_camera(0.0).eye(), track.film_camera(1.0).eye()];
        let [first, last] = ends(&track);
        assert!(first.coords.norm() < 1e-6 && (last - Point::new(30.0, 30.0, 60.0)).norm() < 1e-6);
        track.looks_back = true;
        let [start, end] = ends(&track);
        assert!((start - last).norm() < 1e-6 && (end - first).norm() < 1e-6);
    }
}
