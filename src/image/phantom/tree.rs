//! Vessel trees grown inside an organ: space is halved again and again, and every half gets a branch.
//!
//! Growth by halving a supply territory follows Kitaoka, Takaki and Suki (1999, J. Appl. Physiol. 87:2207); radii obey
//! Murray's law r₀³ = r₁³ + r₂³ (Murray 1926, PNAS 12:207) with flow in proportion to the number of end points.

use super::truth::Vessels;
use super::{Shape, TubePoint};
use crate::base::rng::Rng;
use crate::geom::{Aabb, Point, Vector};
use nalgebra::Matrix3;

/// The part of the radius that is left at the end of a branch.
const TAPER: f64 = 0.94;
/// Points of the centre line of a branch.
const POINTS: usize = 9;

/// The room a tree grows in.
pub(super) struct Room {
    /// What it may not leave.
    pub organ: Shape,
    /// Balls it goes around: other vessels, tumours.
    pub obstacles: Vec<TubePoint>,
    /// Least distance in mm between the walls of the vessel and of an obstacle.
    pub clearance_mm: f64,
}

impl Room {
    /// The room as far as a vessel of `radius_mm` anywhere in the ball of `reach_mm` around `centre` can tell.
    fn near(&self, centre: &Point, reach_mm: f64, radius_mm: f64) -> Self {
        let touches = reach_mm + radius_mm + self.clearance_mm;
        let close = |ball: &&TubePoint| (ball.at - centre).norm() < touches + ball.radius_mm;
        Self {
            // How deep a point lies counts down to where the wall of the vessel comes close to the border.
            organ: self.organ.near(centre, reach_mm + radius_mm + 4.0),
            obstacles: self.obstacles.iter().filter(close).copied().collect(),
            clearance_mm: self.clearance_mm,
        }
    }
}

/// Where a tree starts.
pub(super) struct Stem {
    /// The first point and the radius there.
    pub start: TubePoint,
    /// The direction it leaves in.
    pub direction: Vector,
    /// The branch it comes from.
    pub parent: Option<usize>,
}

/// What to call the branches.
#[derive(Clone, Copy)]
pub(super) struct Naming {
    pub system: &'static str,
    pub label: u8,
}

/// Balls along a vessel, close enough that hardly anything fits between.
pub(super) fn balls_along(line: &[TubePoint]) -> Vec<TubePoint> {
    const STEP_MM: f64 = 1.2;
    let between = |pair: &[TubePoint]| {
        let (a, b) = (pair[0], pair[1]);
        let steps = ((b.at - a.at).norm() / STEP_MM).ceil().max(1.0);
        let ball =
            move |t: f64| TubePoint::new(a.at + (b.at - a.at) * t, a.radius_mm + (b.radius_mm - a.radius_mm) * t);
        (0..=steps as usize).map(move |n| ball(n as f64 / steps)).collect::<Vec<_>>()
    };
    line.windows(2).flat_map(between).collect()
}

/// `n` points well spread over the part of `organ` deeper than `depth_mm` and outside every obstacle.
pub(super) fn spread_points(room: &Room, bounds: &Aabb, n: usize, depth_mm: f64, rng: &mut Rng) -> Vec<Point> {
    const TRIES: usize = 24;
    const MISSES_MAX: usize = 4000;
    let mut points: Vec<Point> = Vec::with_capacity(n);
    let free = |p: &Point| {
        room.organ.distance_mm(p) < -depth_mm
            && room.obstacles.iter().all(|o| o.radius_mm + depth_mm.min(4.0) < (p - o.at).norm())
    };
    while points.len() < n {
        // Of several candidates, take the one farthest from all others (Mitchell 1991).
        let mut best: Option<(f64, Point)> = None;
        let (mut found, mut misses) = (0, 0);
        while found < TRIES && misses < MISSES_MAX {
            let p = bounds.min + bounds.size().map(|edge| edge * rng.unit());
            if !free(&p) {
                misses += 1;
                continue;
            }
            found += 1;
            let alone = points.iter().map(|other| (p - other).norm()).fold(f64::INFINITY, f64::min);
            best = if best.is_none_or(|(most, _)| most < alone) { Some((alone, p)) } else { best };
        }
        let Some((_, p)) = best else { return points };
        points.push(p);
    }
    points
}

/// Grow a tree from `stem` to all `targets`; the branches are added to `vessels`.
pub(super) fn grow(room: &Room, stem: Stem, targets: &[Point], naming: Naming, vessels: &mut Vessels, rng: &mut Rng) {
    let Some(centroid) = centroid(targets) else { return };
    let Stem { start, direction, parent } = stem;
    let end_radius_mm = start.radius_mm * TAPER;
    if let [target] = targets {
        let end = TubePoint::new(*target, end_radius_mm);
        let line = route(room, start, direction, end, &[Vector::zeros()]);
        vessels.add(naming.system, naming.label, parent, &line);
        return;
    }
    // Go part of the way to the middle of the territory, then divide it.
    let way = rng.between(0.4, 0.6) * (centroid - start.at);
    let jitter = 0.12 * way.norm();
    let ends: Vec<Vector> = std::iter::once(Vector::zeros())
        .chain((0..6).map(|_| Vector::new(rng.normal(), rng.normal(), rng.normal()) * jitter))
        .collect();
    let line = route(room, start, direction, TubePoint::new(start.at + way, end_radius_mm), &ends);
    let id = vessels.add(naming.system, naming.label, parent, &line);
    let [.., before, last] = line[..] else { return };
    let along = (last.at - before.at).normalize();
    for half in halves(targets, &centroid, &along) {
        // Murray: the cubes of the radii share the flow.
        let radius_mm = end_radius_mm * (half.len() as f64 / targets.len() as f64).cbrt();
        let toward = self::centroid(&half).map_or(along, |middle| (middle - last.at).normalize());
        let stem = Stem {
            start: TubePoint::new(last.at, radius_mm),
            direction: (along + toward).try_normalize(1e-6).unwrap_or(toward),
            parent: Some(id),
        };
        grow(room, stem, &half, naming, vessels, rng);
    }
}

/// Move the tree that `vessels` holds from `first` on away from the obstacles, where routes alone could not avoid them.
///
/// Points are pushed out of obstacles and into the organ, and the lines between are evened out; roots stay.
pub(super) fn push_apart(room: &Room, vessels: &mut Vessels, first: usize) {
    const ROUNDS: usize = 120;
    for round in 0..ROUNDS {
        let mut moved = false;
        for n in first..vessels.0.len() {
            let mut line: Vec<TubePoint> = vessels.0[n].line().collect();
            if let Some(parent) = vessels.0[n].parent.filter(|parent| first <= *parent) {
                line[0].at = vessels.0[parent].line().last().map_or(line[0].at, |end| end.at);
            }
            // The last rounds only push, so that evening out has not the last word.
            if round < ROUNDS - 20 {
                let even = |n: usize| {
                    Point::from((line[n - 1].at.coords + line[n].at.coords * 2.0 + line[n + 1].at.coords) / 4.0)
                };
                let evened: Vec<Point> = (1..line.len() - 1).map(even).collect();
                line[1..].iter_mut().zip(evened).for_each(|(point, at)| point.at = at);
            }
            let bounds = Aabb::of(line.iter().map(|point| &point.at));
            let room = room.near(&bounds.centre(), 0.5 * bounds.size().norm() + 3.0, line[0].radius_mm);
            for point in &mut line[1..] {
                let push = push(&room, point);
                moved |= 1e-3 < push.norm();
                point.at += push;
            }
            vessels.0[n].points_mm = line.iter().map(|point| [point.at.x, point.at.y, point.at.z]).collect();
        }
        if !moved {
            break;
        }
    }
}

/// The step that takes a point of a vessel out of the obstacle it is deepest in, or back into the organ.
fn push(room: &Room, point: &TubePoint) -> Vector {
    let mut step = Vector::zeros();
    let mut deepest_mm = 0.0;
    for obstacle in &room.obstacles {
        let away = point.at - obstacle.at;
        let depth_mm = point.radius_mm + obstacle.radius_mm + room.clearance_mm - away.norm();
        if deepest_mm < depth_mm {
            deepest_mm = depth_mm;
            step = away.try_normalize(1e-9).unwrap_or_else(Vector::x) * (0.6 * depth_mm);
        }
    }
    let inside = |at: &Point| room.organ.distance_mm(at);
    let out = inside(&point.at) + point.radius_mm + 1.5;
    if 0.0 < out {
        let h = 0.1;
        let slope = Vector::from_fn(|axis, _| {
            let mut shift = Vector::zeros();
            shift[axis] = h;
            inside(&(point.at + shift)) - inside(&(point.at - shift))
        });
        step -= slope.try_normalize(1e-12).unwrap_or_else(Vector::zeros) * (0.6 * out);
    }
    step
}

fn centroid(points: &[Point]) -> Option<Point> {
    (!points.is_empty()).then(|| (points.iter().map(|p| p.coords).sum::<Vector>() / points.len() as f64).into())
}

/// Divide the points at the plane through `centre` along `along` that separates them best; neither half is empty.
fn halves(points: &[Point], centre: &Point, along: &Vector) -> [Vec<Point>; 2] {
    let across = |p: &Point| {
        let offset = p - centre;
        offset - along * offset.dot(along)
    };
    let scatter: Matrix3<f64> = points.iter().map(|p| across(p) * across(p).transpose()).sum();
    // The direction of most scatter, by power iteration from the largest column.
    let column = (0..3).max_by(|a, b| scatter.column(*a).norm().total_cmp(&scatter.column(*b).norm())).unwrap_or(0);
    let mut normal: Vector = scatter.column(column).into_owned();
    for _ in 0..40 {
        normal = (scatter * normal).try_normalize(1e-12).unwrap_or(normal);
    }
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| (a - centre).dot(&normal).total_cmp(&(b - centre).dot(&normal)));
    let below = sorted.iter().filter(|p| (*p - centre).dot(&normal) < 0.0).count();
    let upper = sorted.split_off(below.clamp(1, points.len() - 1));
    [sorted, upper]
}

/// A curve from `start` along `direction` to `end`, or to a place moved by one of `shifts`, that keeps clear of obstacles and borders.
fn route(room: &Room, start: TubePoint, direction: Vector, end: TubePoint, shifts: &[Vector]) -> Vec<TubePoint> {
    let span = end.at - start.at;
    let side = direction.cross(&span).try_normalize(1e-9).unwrap_or_else(|| any_normal(&span));
    let up = side.cross(&span).try_normalize(1e-9).unwrap_or_else(|| any_normal(&side));
    let room = room.near(&(start.at + 0.5 * span), 1.3 * span.norm() + 5.0, start.radius_mm);
    let mut best: Option<(f64, Vec<TubePoint>)> = None;
    for shift in shifts {
        for bend in 0..17 {
            // A straight start, or one pushed aside in 8 directions by two amounts.
            let angle = f64::from(bend) * std::f64::consts::FRAC_PI_4;
            let push = match bend {
                0 => 0.0,
                1..9 => 0.25,
                _ => 0.5,
            };
            let aside = (side * angle.cos() + up * angle.sin()) * span.norm() * push;
            let line = curve(start, direction, TubePoint::new(end.at + shift, end.radius_mm), aside);
            let cost = cost(&room, &line) + 0.2 * push * span.norm() + 0.3 * shift.norm();
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, line));
            }
        }
    }
    best.map(|(_, line)| line).unwrap_or_default()
}

/// A cubic Bézier curve that leaves along `direction`; its middle is moved by about half of `aside`.
fn curve(start: TubePoint, direction: Vector, end: TubePoint, aside: Vector) -> Vec<TubePoint> {
    let span = end.at - start.at;
    let (a, d) = (start.at.coords, end.at.coords);
    let b = a + direction * (span.norm() * 0.3) + aside * 0.6;
    let c = a + span * 0.67 + aside * 0.7;
    let point = |n: usize| {
        let t = n as f64 / (POINTS - 1) as f64;
        let s = 1.0 - t;
        let at = a * s.powi(3) + b * (3.0 * s * s * t) + c * (3.0 * s * t * t) + d * t.powi(3);
        TubePoint::new(at.into(), start.radius_mm + (end.radius_mm - start.radius_mm) * t)
    };
    (0..POINTS).map(point).collect()
}

/// How far the vessel comes into obstacles and out of the organ; the first points cannot be helped.
fn cost(room: &Room, line: &[TubePoint]) -> f64 {
    let at = |point: &TubePoint| {
        let needed = point.radius_mm + room.clearance_mm;
        let into = room.obstacles.iter().map(|o| (needed + o.radius_mm - (point.at - o.at).norm()).max(0.0));
        let out = (room.organ.distance_mm(&point.at) + point.radius_mm + 2.0).max(0.0);
        10.0 * into.fold(0.0, f64::max) + 5.0 * out
    };
    line.iter().skip(2).map(at).sum()
}

fn any_normal(v: &Vector) -> Vector {
    let axis = if v.x.abs() < 0.5 * v.norm() { Vector::x() } else { Vector::y() };
    v.cross(&axis).try_normalize(1e-12).unwrap_or_else(Vector::z)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_reaches_all_targets_inside_its_organ_around_its_obstacles() {
        let organ = Shape::ball(Point::origin(), 60.0);
        let obstacle = TubePoint::new(Point::new(20.0, 5.0, 5.0), 14.0);
        let room = Room { organ: organ.clone(), obstacles: vec![obstacle], clearance_mm: 2.0 };
        let bounds = Aabb { min: Point::new(-60.0, -60.0, -60.0), max: Point::new(60.0, 60.0, 60.0) };
        let mut rng = Rng::new(4);
        let targets = spread_points(&room, &bounds, 20, 8.0, &mut rng);
        let stem =
            Stem { start: TubePoint::new(Point::new(0.0, 0.0, -50.0), 6.0), direction: Vector::z(), parent: None };
        let mut vessels = Vessels::default();
        grow(&room, stem, &targets, Naming { system: "tree", label: 1 }, &mut vessels, &mut rng);
        let leaves: Vec<_> = vessels.0.iter().filter(|b| vessels.0.iter().all(|c| c.parent != Some(b.id))).collect();
        assert_eq!((vessels.0.len(), leaves.len()), (39, 20));
        for target in &targets {
            let end = |b: &&&super::super::Branch| (Point::from(*b.points_mm.last().unwrap()) - target).norm() < 1e-9;
            assert!(leaves.iter().any(|leaf| end(&leaf)), "no leaf at {target}");
        }
        for point in vessels.0.iter().flat_map(|branch| branch.line()) {
            assert!(organ.distance_mm(&point.at) < 0.0);
            assert!(13.0 < (point.at - obstacle.at).norm(), "{point:?} is in the obstacle");
        }
    }
}
