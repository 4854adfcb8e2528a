//! Which objects of the scene have their names beside it, and where each is seen.
//!
//! Rays on a lattice over the view find what is seen where: what is opaque first, and whatever is translucent before it.
//! That is done while the camera stands still, so much in each frame; while it moves, names follow the places found last.

use super::panels::Desk;
use super::scene::{FIRST, SECOND, Scene};
use crate::app::mirror::{Comparison, Surfaces, Target};
use crate::app::run::AppSystems;
use crate::app::session::TheSession;
use crate::app::ui::{Label, OrbitCamera};
use crate::base::NodeId;
use crate::geom::{Aabb, Plane, Point, Ray};
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
    cuts: Vec<Plane>,
    seen: Vec<(NodeId, Aabb, [u8; 3], f32)>,
}

/// Time for rays in one frame: a search over many organs goes on in the next.
const BUDGET: Duration = Duration::from_millis(6);
/// Most surfaces that are asked in one frame whether a ray meets them: where threads stand in the way, the clock alone says
/// too late how much was done.
const ASKED_MOST: usize = 2000;

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
    let (cuts, seen) = (desk.workspace.cut_planes(), seen.collect());
    let compares = which == SECOND && desk.workspace.scenes.compare.is_some();
    let key = Key { camera: view.camera, rect: pane.rect, revision, compares, cuts, seen };
    if labelled.as_ref() == Some(&key) {
        // Back where the camera was: a search begun elsewhere is not needed.
        *search = None;
        return false;
    }
    let begun = search.take().filter(|search| search.key == key);
    let mut search_now = begun.unwrap_or(Search { key, done: 0, met: BTreeMap::new() });
    let objects: Vec<Object> = targets
        .iter()
        .filter(|target| 0.0 < target.opacity)
        .map(|target| Object {
            node: target.node,
            bounds: *target.bounds,
            opacity: target.opacity,
            outline: outline(target.bounds, &view.camera, pane.rect),
        })
        .collect();
    let shown: Vec<&Target<'_>> = targets.iter().filter(|target| 0.0 < target.opacity).collect();
    let hit = |n: usize, ray: &Ray| shown[n].hit(ray).map(|hit| (hit.distance_mm, hit.point));
    let finished = search_now.go_on(&objects, hit, ASKED_MOST, BUDGET);
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

/// What a ray can meet.
#[derive(Debug, Clone)]
struct Object {
    node: NodeId,
    bounds: Aabb,
    opacity: f32,
    /// Around it in the view.
    outline: Rect,
}

impl Search {
    /// Follow rays until so many objects were asked by `hit`, which says at which distance and where a ray meets object `n`, or
    /// so long; at least one ray. Whether all were followed.
    fn go_on(
        &mut self,
        objects: &[Object],
        hit: impl Fn(usize, &Ray) -> Option<(f64, Point)>,
        asked_most: usize,
        budget: Duration,
    ) -> bool {
        let since = Instant::now();
        let Search { key: Key { camera, rect, .. }, done, met } = self;
        let step = rect.width() / COLUMNS as f32;
        let all = COLUMNS * rows(*rect);
        let (mut asked, mut under, mut hits) = (0, Vec::new(), Vec::new());
        while *done < all {
            let at = rect.min + egui::vec2((*done % COLUMNS) as f32 + 0.5, (*done / COLUMNS) as f32 + 0.5) * step;
            let ray = camera.ray(at, *rect);
            under.clear();
            let near = objects.iter().enumerate().filter(|(_, object)| object.outline.contains(at));
            under.extend(near.filter_map(|(n, object)| Some((entry_mm(&object.bounds, &ray)?, n))));
            under.sort_by(|a, b| a.0.total_cmp(&b.0));
            hits.clear();
            // Nothing beyond something opaque is seen: what begins behind it is not asked.
            let mut seen_mm = f64::INFINITY;
            for (begins_mm, n) in &under {
                if seen_mm < *begins_mm {
                    break;
                }
                asked += 1;
                if let Some((distance_mm, point)) = hit(*n, &ray) {
                    hits.push((distance_mm, *n, point));
                    if CLEAR <= objects[*n].opacity {
                        seen_mm = seen_mm.min(distance_mm);
                    }
                }
            }
            hits.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            for (_, n, point) in hits.iter().take_while(|(distance_mm, ..)| *distance_mm <= seen_mm) {
                met.entry(objects[*n].node).or_default().push((at, *point));
            }
            *done += 1;
            if asked_most <= asked || budget <= since.elapsed() {
                break;
            }
        }
        all <= *done
    }
}

/// How far along a ray with a direction of unit length a box begins: 0 within it; none if the ray misses it.
fn entry_mm(bounds: &Aabb, ray: &Ray) -> Option<f64> {
    // Flat surfaces have flat boxes.
    const SLACK_MM: f64 = 1e-6;
    let (mut from, mut to) = (0.0_f64, f64::INFINITY);
    for axis in 0..3 {
        let (start, way) = (ray.origin[axis], ray.direction[axis]);
        let (low, high) = (bounds.min[axis] - SLACK_MM, bounds.max[axis] + SLACK_MM);
        if way == 0.0 {
            if start < low || high < start {
                return None;
            }
            continue;
        }
        let [a, b] = [(low - start) / way, (high - start) / way];
        (from, to) = (from.max(a.min(b)), to.min(a.max(b)));
    }
    (from <= to).then_some(from)
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
pub(super) fn outline(bounds: &Aabb, camera: &OrbitCamera, rect: Rect) -> Rect {
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

    /// A hundred balls in rows behind each other, every third of them clear, and a search over them.
    fn balls() -> (Search, Vec<Object>) {
        let mut camera = OrbitCamera::default();
        let all = Aabb::of(&[Point::new(-90.0, -200.0, -90.0), Point::new(90.0, 200.0, 90.0)]);
        camera.fit(&all, RECT);
        let object = |n: u32| {
            let place = |k: u32, step: f64| step * (f64::from(k) - 2.0);
            let centre = Point::new(place(n % 5, 40.0), place(n / 25, 100.0), place(n / 5 % 5, 40.0));
            let reach = crate::geom::Vector::repeat(15.0);
            let bounds = Aabb::of(&[centre - reach, centre + reach]);
            let outline = outline(&bounds, &camera, RECT);
            Object { node: NodeId(n + 1), bounds, opacity: if n.is_multiple_of(3) { 0.2 } else { 1.0 }, outline }
        };
        let key = Key { camera, rect: RECT, revision: 0, compares: false, cuts: Vec::new(), seen: Vec::new() };
        (Search { key, done: 0, met: BTreeMap::new() }, (0..100).map(object).collect())
    }

    /// Where a ray meets the ball in a box.
    fn meets(object: &Object, ray: &Ray) -> Option<(f64, Point)> {
        let (way, radius) = (object.bounds.centre() - ray.origin, 0.5 * object.bounds.size().x);
        let along = way.dot(&ray.direction);
        let inside = radius * radius - (way.norm_squared() - along * along);
        let distance = along - inside.max(0.0).sqrt();
        (0.0 <= inside).then(|| (distance, ray.origin + ray.direction * distance))
    }

    /// However many objects there are, a frame asks a bounded number of them, and many frames find what one would.
    #[test]
    fn the_work_of_a_frame_is_bounded_and_its_end_the_same() {
        let (mut whole, objects) = balls();
        let long = Duration::from_secs(600);
        let asked = std::cell::Cell::new(0);
        let hit = |n: usize, ray: &Ray| {
            asked.set(asked.get() + 1);
            meets(&objects[n], ray)
        };
        assert!(whole.go_on(&objects, hit, usize::MAX, long));
        let all = asked.replace(0);
        let (mut parts, _) = balls();
        let mut frames = 0;
        while !parts.go_on(&objects, hit, 50, long) {
            // A ray meets no more boxes than there are objects.
            assert!(asked.replace(0) < 50 + objects.len());
            frames += 1;
        }
        assert!(all / 150 < frames, "{frames} frames for {all}");
        assert_eq!(parts.met, whole.met);
        // What begins behind something opaque is not asked: rays meet up to four boxes in a row.
        let mut every = 0;
        let mut seen: BTreeMap<NodeId, usize> = BTreeMap::new();
        let (search, _) = balls();
        let step = RECT.width() / COLUMNS as f32;
        for n in 0..COLUMNS * rows(RECT) {
            let at = RECT.min + egui::vec2((n % COLUMNS) as f32 + 0.5, (n / COLUMNS) as f32 + 0.5) * step;
            let ray = search.key.camera.ray(at, RECT);
            let mut hits: Vec<_> = objects.iter().filter_map(|own| Some((meets(own, &ray)?.0, own))).collect();
            every += objects.iter().filter(|own| entry_mm(&own.bounds, &ray).is_some()).count();
            hits.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (_, own) in hits {
                *seen.entry(own.node).or_default() += 1;
                if CLEAR <= own.opacity {
                    break;
                }
            }
        }
        let found: BTreeMap<NodeId, usize> = whole.met.iter().map(|(node, met)| (*node, met.len())).collect();
        assert_eq!(found, seen, "the same as without any order");
        assert!(10 * all < 9 * every, "{all} of {every} boxes on the way were asked");
    }

    #[test]
    fn a_ray_enters_a_box_where_it_begins() {
        let bounds = Aabb::of(&[Point::new(-1.0, -2.0, -3.0), Point::new(1.0, 2.0, 3.0)]);
        let ray = |origin: [f64; 3], direction: [f64; 3]| Ray { origin: origin.into(), direction: direction.into() };
        let entry = |origin, direction| entry_mm(&bounds, &ray(origin, direction));
        assert!((entry([-6.0, 0.0, 0.0], [1.0, 0.0, 0.0]).unwrap() - 5.0).abs() < 1e-5);
        assert_eq!(entry([0.0; 3], [0.0, 0.0, 1.0]), Some(0.0));
        assert_eq!(entry([6.0, 0.0, 0.0], [1.0, 0.0, 0.0]), None, "behind");
        assert_eq!(entry([-6.0, 2.5, 0.0], [1.0, 0.0, 0.0]), None, "beside");
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
