//! Which objects of the scene have their names beside it, and where each is seen.
//!
//! Rays on a lattice over the view find what is seen where: what is opaque first, and whatever is translucent before it.
//! That is done while the camera stands still; while it moves, names follow the places found last.

use super::panels::Desk;
use super::scene::{FIRST, SECOND, Scene};
use crate::app::mirror::{Comparison, Surfaces, Target};
use crate::app::run::AppSystems;
use crate::app::session::TheSession;
use crate::app::ui::{Label, OrbitCamera};
use crate::base::NodeId;
use crate::geom::{Aabb, Plane, Point};
use crate::session::Case;
use bevy::prelude::*;
use egui::{Pos2, Rect};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Rays from left to right.
const COLUMNS: usize = 64;
/// Rays an object must be met by.
const RAYS_LEAST: usize = 3;
/// Below this opacity one looks through an object at the next.
const CLEAR: f32 = 0.5;
/// Columns of names hide the sides of the view: places are looked for between them, if an object is seen there at all.
const SIDE: f32 = 0.27;

/// What must be the same for the labels to be still right.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    camera: OrbitCamera,
    rect: Rect,
    revision: u64,
    compares: bool,
    cut: Option<Plane>,
    seen: Vec<(NodeId, Aabb, [u8; 3], f32)>,
}

/// Time for rays in one frame: a search over many organs goes on in the next.
const BUDGET: Duration = Duration::from_millis(10);
/// Rays between two looks at the clock.
const RAYS_AT_ONCE: usize = 32;

/// What is known of the names of a view.
#[derive(Debug, Default)]
struct Begun {
    camera: Option<OrbitCamera>,
    labelled: Option<Key>,
    search: Option<Search>,
}

/// A search that goes on.
#[derive(Debug)]
struct Search {
    key: Key,
    /// Rays that were followed.
    done: usize,
    met: BTreeMap<NodeId, Vec<(Pos2, Point)>>,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, label.in_set(AppSystems::View));
}

fn label(
    scene: Res<Scene>,
    surfaces: Res<Surfaces>,
    comparison: Res<Comparison>,
    session: NonSend<TheSession>,
    mut desk: ResMut<Desk>,
    mut begun: Local<[Begun; 2]>,
) {
    let _part = crate::app::frames::part("names in 3D");
    let mut unfinished = false;
    for which in [FIRST, SECOND] {
        let compares = which == SECOND && desk.workspace.scenes.compare.is_some();
        let case = if compares { comparison.case() } else { Some(session.get().case()) };
        let targets = match desk.workspace.labels_in_scene {
            false => Vec::new(),
            true if compares => comparison.targets(),
            true => surfaces.targets(which),
        };
        let of = Seen { which, case, targets: &targets, revision: session.revision };
        unfinished |= label_view(&scene, of, &mut desk, &mut begun[which]);
    }
    desk.unfinished = unfinished;
}

/// What is seen in a view.
struct Seen<'a> {
    which: usize,
    /// Whose objects: this case's or those of the other one of a comparison, once that is there.
    case: Option<&'a Case>,
    targets: &'a [Target<'a>],
    revision: u64,
}

/// The names of one view; whether a search goes on.
fn label_view(
    scene: &Scene,
    Seen { which, case, targets, revision }: Seen<'_>,
    desk: &mut ResMut<Desk>,
    Begun { camera, labelled, search }: &mut Begun,
) -> bool {
    let view = scene.view(which);
    let Some(pane) = view.pane.as_ref().filter(|_| desk.workspace.labels_in_scene && desk.theatre.is_none()) else {
        (*labelled, *search) = (None, None);
        if !desk.info.views[which].labels.is_empty() {
            desk.info.views[which].labels.clear();
        }
        return false;
    };
    let stands = camera.replace(view.camera) == Some(view.camera);
    if !stands || pane.dragging {
        return search.is_some();
    }
    let seen = targets.iter().map(|target| (target.node, *target.bounds, target.colour, target.opacity));
    let (cut, seen) = (desk.workspace.cut_plane(), seen.collect());
    let compares = which == SECOND && desk.workspace.scenes.compare.is_some();
    let key = Key { camera: view.camera, rect: pane.rect, revision, compares, cut, seen };
    if labelled.as_ref() == Some(&key) {
        // Back where the camera was: a search begun elsewhere is not needed.
        *search = None;
        return false;
    }
    let begun = search.take().filter(|search| search.key == key);
    let mut search_now = begun.unwrap_or(Search { key, done: 0, met: BTreeMap::new() });
    let finished = search_now.go_on(targets, BUDGET);
    if !finished {
        *search = Some(search_now);
        return true;
    }
    let Search { key, met, .. } = search_now;
    let places = places(met, pane.rect);
    let labels = places.into_iter().filter_map(|(node, (anchor, share))| {
        let colour = targets.iter().find(|target| target.node == node)?.colour;
        Some(Label { node, name: Label::short(&case?.node(node)?.name).to_owned(), colour, anchor, share })
    });
    desk.info.views[which].labels = labels.collect();
    *labelled = Some(key);
    false
}

impl Search {
    /// Follow rays for so long; whether all were.
    fn go_on(&mut self, targets: &[Target<'_>], budget: Duration) -> bool {
        let since = Instant::now();
        let Search { key: Key { camera, rect, .. }, done, met } = self;
        let candidates: Vec<(&Target<'_>, Rect)> = targets
            .iter()
            .filter(|target| 0.0 < target.opacity)
            .map(|target| (target, outline(target.bounds, camera, *rect)))
            .collect();
        let step = rect.width() / COLUMNS as f32;
        let all = COLUMNS * rows(*rect);
        while *done < all {
            for n in *done..all.min(*done + RAYS_AT_ONCE) {
                let at = rect.min + egui::vec2((n % COLUMNS) as f32 + 0.5, (n / COLUMNS) as f32 + 0.5) * step;
                let ray = camera.ray(at, *rect);
                let under = candidates.iter().filter(|(_, outline)| outline.contains(at));
                let mut hits: Vec<_> = under.filter_map(|(target, _)| Some((*target, target.hit(&ray)?))).collect();
                hits.sort_by(|a, b| a.1.distance_mm.total_cmp(&b.1.distance_mm));
                for (target, hit) in hits {
                    met.entry(target.node).or_default().push((at, hit.point));
                    if CLEAR <= target.opacity {
                        break;
                    }
                }
            }
            *done += RAYS_AT_ONCE;
            if budget <= since.elapsed() {
                break;
            }
        }
        all <= *done
    }
}

/// Rays from top to bottom.
fn rows(rect: Rect) -> usize {
    (rect.height() / (rect.width() / COLUMNS as f32)) as usize
}

/// Where each object is seen best, and the part of the view it takes.
fn places(met: BTreeMap<NodeId, Vec<(Pos2, Point)>>, rect: Rect) -> BTreeMap<NodeId, (Point, f64)> {
    let all = (COLUMNS * rows(rect)).max(1) as f64;
    met.into_iter().filter_map(|(id, seen)| Some((id, (best(&seen, rect)?, seen.len() as f64 / all)))).collect()
}

/// Of the places an object is seen at, that nearest to their middle, between the columns of names if there is one.
fn best(seen: &[(Pos2, Point)], rect: Rect) -> Option<Point> {
    if seen.len() < RAYS_LEAST {
        return None;
    }
    let middle = seen.iter().fold(egui::Vec2::ZERO, |sum, (at, _)| sum + at.to_vec2()) / seen.len() as f32;
    let inner = rect.shrink2(egui::vec2(SIDE * rect.width(), 0.0));
    let key = |at: Pos2| (!inner.contains(at), at.distance_sq(middle.to_pos2()));
    let nearest = |a: &&(Pos2, Point), b: &&(Pos2, Point)| {
        let (a, b) = (key(a.0), key(b.0));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    };
    seen.iter().min_by(nearest).map(|(_, point)| *point)
}

/// A rectangle around where a box appears; all of the view if a part of it is behind the eye.
fn outline(bounds: &Aabb, camera: &OrbitCamera, rect: Rect) -> Rect {
    let ends = [bounds.min, bounds.max];
    let corner = |n: usize| Point::new(ends[n & 1].x, ends[n >> 1 & 1].y, ends[n >> 2 & 1].z);
    let corners: Option<Vec<Pos2>> = (0..8).map(|n| camera.project(&corner(n), rect)).collect();
    corners.map_or(rect, |corners| Rect::from_points(&corners).intersect(rect))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECT: Rect = Rect { min: Pos2::new(0.0, 0.0), max: Pos2::new(640.0, 480.0) };

    #[test]
    fn a_place_that_is_seen_is_chosen_near_the_middle() {
        // A horseshoe whose middle is not on it.
        let seen: Vec<(Pos2, Point)> = (0..=20)
            .map(|n| {
                let turn = f64::from(n) / 20.0 * std::f64::consts::PI;
                let at = Pos2::new(320.0 + 90.0 * turn.cos() as f32, 200.0 - 90.0 * turn.sin() as f32);
                (at, Point::new(f64::from(n), 0.0, 0.0))
            })
            .collect();
        assert_eq!(best(&seen, RECT), Some(Point::new(10.0, 0.0, 0.0)), "its top is nearest to the mean");
        assert_eq!(best(&seen[..2], RECT), None, "too small");
        // Half of it under the column of names: the other half is taken.
        let wide: Vec<_> = (0..40).map(|n| (Pos2::new(5.0 * n as f32, 99.0), Point::new(n.into(), 0.0, 0.0))).collect();
        assert_eq!(best(&wide, RECT), Some(Point::new(35.0, 0.0, 0.0)));
    }

    #[test]
    fn an_outline_holds_the_box() {
        let mut camera = OrbitCamera::default();
        let bounds = Aabb::of(&[Point::new(-20.0, -30.0, -40.0), Point::new(20.0, 30.0, 40.0)]);
        camera.fit(&bounds, RECT);
        let around = outline(&bounds, &camera, RECT);
        assert!(RECT.contains_rect(around) && around.contains(camera.project(&bounds.centre(), RECT).unwrap()));
        camera.distance_mm = 5.0;
        assert_eq!(outline(&bounds, &camera, RECT), RECT);
    }
}
