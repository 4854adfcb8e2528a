//! A walk through a vessel or an airway along its centre lines (virtual endoscopy). The camera of the 3D view follows a
//! path, the crosshair goes with it, and the end of the walk brings the camera back to where it was.

mod bar;
mod track;

pub(super) use bar::bar_in;
pub use track::WalkTrack;

use super::camera::OrbitCamera;
use super::contract::{AppView, Request, ScenePane};
use super::curved;
use super::workspace::Workspace;
use crate::base::{ContentHash, NodeId};
use crate::geom::Point;
use crate::session::{Case, Data};

/// Limits of the speed, mm/s.
const SPEED_MM_S: [f64; 2] = [1.0, 200.0];
/// Limits of the opening angle, degrees.
const FOV_DEG: [f64; 2] = [60.0, 110.0];
/// Longest time between two frames that is walked, so that a busy window does not leap.
const FRAME_S: f64 = 0.25;
/// The camera looks aside by this much for a point of dragging, radians.
const RAD_PER_POINT: f64 = 0.005;
/// The camera looks up or down by this much at most, radians.
const TILT_MAX_RAD: f64 = 1.4;
/// Way for a point of the wheel, mm.
const MM_PER_POINT: f64 = 0.05;

/// A walk that goes on.
#[derive(Debug)]
pub struct Walk {
    lines: NodeId,
    /// The branch the path ends with; the longest path until one was chosen.
    leaf: Option<usize>,
    /// Made of these lines, to this branch.
    track: Option<(ContentHash, usize, WalkTrack)>,
    along_mm: f64,
    speed_mm_s: f64,
    fov_deg: f64,
    playing: bool,
    backwards: bool,
    looks_back: bool,
    /// Whether the tubes of the lines themselves are seen; they hide the wall of the vessel.
    shows_tubes: bool,
    /// How far the camera is turned from the path: to the left and up.
    look_rad: [f64; 2],
    /// When the camera went on last.
    last_s: Option<f64>,
    /// Where the camera was put last.
    sent: Option<OrbitCamera>,
    /// Where it was before the walk.
    before: OrbitCamera,
}

impl Walk {
    /// A walk along `lines`, standing at its start; `before` is where the camera is now.
    ///
    /// `shows_tubes`: whether the tubes of the lines stand in for a wall that nothing else shows.
    pub fn new(lines: NodeId, before: OrbitCamera, shows_tubes: bool) -> Self {
        Self {
            shows_tubes,
            lines,
            leaf: None,
            track: None,
            along_mm: 0.0,
            speed_mm_s: 15.0,
            fov_deg: 85.0,
            playing: false,
            backwards: false,
            looks_back: false,
            look_rad: [0.0; 2],
            last_s: None,
            sent: None,
            before,
        }
    }

    /// Go on, or stand still; at the end of the path, from its other end.
    pub fn toggle(&mut self) {
        self.playing = !self.playing;
        self.last_s = None;
        if let Some(track) = self.track().filter(|_| self.playing) {
            let length_mm = track.length_mm();
            match self.backwards {
                false if length_mm <= self.along_mm => self.along_mm = 0.0,
                true if self.along_mm <= 0.0 => self.along_mm = length_mm,
                _ => {}
            }
        }
    }

    /// Whether the walk goes along `node` and would be inside its tubes, which hide the wall.
    pub fn hides(&self, node: NodeId) -> bool {
        self.lines == node && !self.shows_tubes
    }

    /// Where the camera was before the walk.
    pub fn before(&self) -> OrbitCamera {
        self.before
    }

    /// Stand still.
    pub fn stop(&mut self) {
        self.playing = false;
    }

    /// The path and how one looks from it, for a film.
    pub fn track(&self) -> Option<WalkTrack> {
        let (_, _, track) = self.track.as_ref()?;
        let mut track = track.clone();
        (track.fov_deg, track.looks_back) = (self.fov_deg, self.looks_back);
        Some(track)
    }

    /// The track on the lines as they are in `case`; `None` if there is nothing to walk along any more.
    fn follow(&mut self, case: &Case) -> Option<WalkTrack> {
        let node = case.node(self.lines)?;
        let Data::Lines(lines) = &node.data else { return None };
        let leaves = curved::leaves(lines);
        let chosen = self.leaf.filter(|leaf| leaves.iter().any(|(each, _)| each == leaf));
        let leaf = chosen.or(leaves.first().map(|(leaf, _)| *leaf))?;
        if self.track.as_ref().is_none_or(|(hash, of, _)| (*hash, *of) != (node.hash(), leaf)) {
            let track = WalkTrack::new(&curved::points(lines, leaf), self.fov_deg).ok()?;
            self.track = Some((node.hash(), leaf, track));
        }
        self.leaf = Some(leaf);
        self.track()
    }

    /// Walk on to the time `now_s`. The camera and the place it is at, if it moved; `Err` if the walk is over because its
    /// path is gone.
    fn step(&mut self, case: &Case, now_s: f64) -> Result<Option<(OrbitCamera, Point)>, ()> {
        let track = self.follow(case).ok_or(())?;
        let length_mm = track.length_mm();
        if self.playing {
            let passed_s = self.last_s.map_or(0.0, |last_s| (now_s - last_s).clamp(0.0, FRAME_S));
            self.last_s = Some(now_s);
            let way_mm = passed_s * self.speed_mm_s;
            self.along_mm += if self.backwards { -way_mm } else { way_mm };
            let is_over = if self.backwards { self.along_mm <= 0.0 } else { length_mm <= self.along_mm };
            self.playing = !is_over;
        }
        self.along_mm = self.along_mm.clamp(0.0, length_mm);
        let camera = track.camera(self.along_mm, self.look_rad);
        let moved = self.sent != Some(camera);
        self.sent = Some(camera);
        Ok(moved.then(|| (camera, track.point(self.along_mm))))
    }

    /// The mouse in the scene: dragging looks around, the wheel walks.
    fn mouse(&mut self, pane: &mut ScenePane) {
        let [left, ..] = std::mem::take(&mut pane.drag);
        self.look_rad[0] += f64::from(left.x) * RAD_PER_POINT;
        self.look_rad[1] = (self.look_rad[1] + f64::from(left.y) * RAD_PER_POINT).clamp(-TILT_MAX_RAD, TILT_MAX_RAD);
        let way_mm = f64::from(std::mem::take(&mut pane.scroll)) * MM_PER_POINT;
        self.along_mm += if self.looks_back { -way_mm } else { way_mm };
        pane.pinch = 1.0;
    }
}

impl Workspace {
    /// Let the walk go on; where the camera is to stand now, if it moves.
    pub(super) fn walk_on(&mut self, ctx: &egui::Context, view: &AppView<'_>) -> Option<Request> {
        let walk = self.walk.as_mut()?;
        match walk.step(view.session.case(), view.now_s) {
            Err(()) => self.end_walk(),
            Ok(moved) => {
                if walk.playing || moved.is_some() {
                    ctx.request_repaint();
                }
                let (camera, place) = moved?;
                self.crosshair = Some(place);
                Some(Request::Stand(camera))
            }
        }
    }

    /// End the walk: the camera returns.
    pub(super) fn end_walk(&mut self) -> Option<Request> {
        self.walk.take().map(|walk| Request::FlyTo(walk.before()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::{CentreBranch, CentreLines};
    use crate::session::Node;
    use std::sync::Arc;

    /// A straight vessel of 60 mm.
    fn case() -> Case {
        let points: Vec<Point> = (0..=30).map(|n| Point::new(0.0, 0.0, 2.0 * f64::from(n))).collect();
        let branch = CentreBranch { parent: None, radii_mm: vec![3.0; points.len()], points };
        let lines = CentreLines::new(vec![branch]).unwrap();
        Case::from_nodes([(NodeId(1), Node::new("vessel", Data::Lines(Arc::new(lines))))])
    }

    #[test]
    fn a_walk_has_its_speed_stops_at_the_end_and_begins_anew() {
        let (case, mut walk) = (case(), Walk::new(NodeId(1), OrbitCamera::default(), true));
        let (camera, place) = walk.step(&case, 5.0).unwrap().expect("it stands at the start at once");
        assert!(place.coords.norm() < 1e-9 && (camera.eye() - place).norm() < 1e-6);
        assert_eq!(walk.step(&case, 6.0), Ok(None), "standing, nothing moves");
        walk.toggle();
        walk.step(&case, 6.0).unwrap();
        let (_, place) = walk.step(&case, 6.2).unwrap().unwrap();
        assert!((place.z - 3.0).abs() < 1e-6, "15 mm/s for 0.2 s");
        walk.step(&case, 60.0).unwrap();
        assert!(walk.along_mm < 7.0, "a pause is not walked");
        (0..100).for_each(|n| _ = walk.step(&case, 61.0 + 0.1 * f64::from(n)));
        assert!(!walk.playing && (walk.along_mm - 60.0).abs() < 1e-9);
        walk.toggle();
        assert!(walk.playing && walk.along_mm == 0.0);
        walk.backwards = true;
        walk.step(&case, 80.0).unwrap();
        assert!(!walk.playing, "backwards from the start there is no way");
    }

    #[test]
    fn without_its_lines_it_is_over() {
        let mut walk = Walk::new(NodeId(1), OrbitCamera::default(), true);
        assert_eq!(walk.step(&Case::default(), 0.0), Err(()));
    }
}
