//! Which parts of measures lie behind something opaque, for the 3D views to draw them dashed.
//!
//! Rays to places along their lines are followed while the camera stands still, a few in each frame.

use super::panels::Desk;
use super::scene::{FIRST, SECOND, Scene};
use crate::app::mirror::{Surfaces, Target};
use crate::app::run::AppSystems;
use crate::app::ui::{Covered, OrbitCamera};
use crate::base::NodeId;
use crate::geom::{Aabb, Plane, Point};
use bevy::prelude::*;
use egui::Rect;
use std::time::{Duration, Instant};

/// Below this opacity one sees through an object.
const CLEAR: f32 = 0.5;
/// What lies on a surface is not behind it: so much nearer a surface must be, in mm and as a part of the distance.
const NEARER: [f64; 2] = [0.5, 2e-3];
/// Time for rays in one frame.
const BUDGET: Duration = Duration::from_millis(5);

/// What must be the same for the answer to be still right.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    camera: OrbitCamera,
    rect: Rect,
    cuts: Vec<Plane>,
    lines: Vec<(NodeId, Vec<Vec<Point>>)>,
    seen: Vec<(NodeId, Aabb)>,
}

/// What is known of a view.
#[derive(Debug, Default)]
struct Begun {
    camera: Option<OrbitCamera>,
    answered: Option<Key>,
    search: Option<(Key, Vec<bool>)>,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, cover.in_set(AppSystems::View));
}

fn cover(scene: Res<Scene>, surfaces: Res<Surfaces>, mut desk: ResMut<Desk>, mut begun: Local<[Begun; 2]>) {
    let _part = crate::app::frames::part("measures covered");
    let mut unfinished = false;
    for which in [FIRST, SECOND] {
        unfinished |= cover_view(which, &scene, &surfaces, &mut desk, &mut begun[which]);
    }
    if desk.covering != unfinished {
        desk.covering = unfinished;
    }
}

/// One view; whether rays are left to follow.
fn cover_view(
    which: usize,
    scene: &Scene,
    surfaces: &Surfaces,
    desk: &mut ResMut<Desk>,
    Begun { camera, answered, search }: &mut Begun,
) -> bool {
    let view = scene.view(which);
    let compares = which == SECOND && desk.workspace.scenes.compare.is_some();
    // An organ on the table is not where its surface at rest is.
    let pane = view.pane.as_ref().filter(|_| !compares && desk.theatre.is_none());
    let lines = if pane.is_some() { desk.workspace.measure_lines() } else { Vec::new() };
    let Some(pane) = pane.filter(|_| !lines.is_empty()) else {
        (*answered, *search) = (None, None);
        if !desk.info.views[which].covered.lines.is_empty() {
            desk.info.views[which].covered = Covered::default();
        }
        return false;
    };
    let stands = camera.replace(view.camera) == Some(view.camera);
    if !stands || pane.dragging {
        return search.is_some();
    }
    let targets: Vec<Target<'_>> = surfaces.targets(which).into_iter().filter(|it| CLEAR <= it.opacity).collect();
    let seen = targets.iter().map(|target| (target.node, *target.bounds)).collect();
    let key = Key { camera: view.camera, rect: pane.rect, cuts: desk.workspace.cut_planes(), lines, seen };
    if answered.as_ref() == Some(&key) {
        *search = None;
        return false;
    }
    let (key, mut found) = search.take().filter(|(of, _)| *of == key).unwrap_or((key, Vec::new()));
    let places: Vec<Point> = key.lines.iter().flat_map(|(_, strokes)| strokes.iter().flatten().copied()).collect();
    let since = Instant::now();
    for place in &places[found.len()..] {
        found.push(is_covered(place, &key.camera, key.rect, &targets));
        if BUDGET <= since.elapsed() {
            break;
        }
    }
    if found.len() < places.len() {
        *search = Some((key, found));
        return true;
    }
    let mut flags = found.into_iter();
    let mut of = |stroke: &Vec<Point>| flags.by_ref().take(stroke.len()).collect::<Vec<bool>>();
    let lines = key.lines.iter().map(|(id, strokes)| (*id, strokes.iter().map(&mut of).collect())).collect();
    desk.info.views[which].covered = Covered { camera: key.camera, lines };
    *answered = Some(key);
    false
}

/// Whether something opaque lies between the eye and a place.
fn is_covered(place: &Point, camera: &OrbitCamera, rect: Rect, targets: &[Target<'_>]) -> bool {
    let Some(at) = camera.project(place, rect) else { return false };
    let ray = camera.ray(at, rect);
    let far_mm = (place - ray.origin).norm();
    // In a parallel projection rays begin far behind the viewer.
    let seen_mm = if camera.parallel { camera.distance_mm } else { far_mm };
    let before_mm = far_mm - NEARER[0].max(NEARER[1] * seen_mm);
    targets.iter().any(|target| target.hit(&ray).is_some_and(|hit| hit.distance_mm < before_mm))
}
