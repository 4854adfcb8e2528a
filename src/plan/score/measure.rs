//! Least distances over the borders of bodies.

use super::scene::Body;
use super::solid::Solid;
use crate::geom::{Point, Vector};
use rayon::prelude::*;
use std::ops::Range;

/// Places of a border that lie together: within `reach_mm` of `middle`, with radii of at most `thick_mm`.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub range: Range<usize>,
    pub middle: Point,
    pub reach_mm: f64,
    pub thick_mm: f64,
}

/// Most places of a run.
const RUN: usize = 512;
/// Rounding of distances.
const SLACK_MM: f64 = 1e-9;

/// The places of a border in an order in which neighbours in space stand together, and runs of them. Cells are at least 8 mm
/// wide, or 8 times `half_mm` where places are that far apart.
pub(super) fn in_runs(mut border: Vec<(Point, f64)>, half_mm: f64) -> (Vec<(Point, f64)>, Vec<Run>) {
    let cell_mm = 8.0 * half_mm.max(1.0);
    let cell = |point: &Point| [point.z, point.y, point.x].map(|mm| (mm / cell_mm).floor() as i64);
    border.par_sort_by_cached_key(|(point, _)| cell(point));
    let mut runs = Vec::new();
    let mut from = 0;
    while from < border.len() {
        let own = cell(&border[from].0);
        let most = (from + RUN).min(border.len());
        let to = (from..most).find(|n| cell(&border[*n].0) != own).unwrap_or(most);
        let places = &border[from..to];
        let middle = crate::geom::Aabb::of(places.iter().map(|(point, _)| point)).centre();
        let reach_mm = places.iter().map(|(point, _)| (point - middle).norm()).fold(0.0, f64::max);
        let thick_mm = places.iter().map(|(_, radius_mm)| *radius_mm).fold(0.0, f64::max);
        runs.push(Run { range: from..to, middle, reach_mm, thick_mm });
        from = to;
    }
    (border, runs)
}

/// As [`least`], for a distance that changes by no more than `steepness` times the way one goes: most runs of places are
/// passed by.
pub(crate) fn least_near(
    body: &Body,
    steepness: f64,
    distance_mm: impl Fn(&Point) -> f64 + Sync,
) -> Option<(f64, Point)> {
    least_in(&body.border, &body.runs, steepness, distance_mm)
}

/// [`least_near`] over a border and its runs, as [`in_runs`] gives them.
pub(super) fn least_in(
    border: &[(Point, f64)],
    runs: &[Run],
    steepness: f64,
    distance_mm: impl Fn(&Point) -> f64 + Sync,
) -> Option<(f64, Point)> {
    let bound =
        |(n, run): (usize, &Run)| (distance_mm(&run.middle) - steepness * run.reach_mm - run.thick_mm - SLACK_MM, n);
    let mut order: Vec<(f64, usize)> = runs.par_iter().enumerate().map(bound).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut best: Option<(f64, usize)> = None;
    for (bound_mm, run) in order {
        if best.is_some_and(|(best_mm, _)| best_mm < bound_mm) {
            break;
        }
        for n in runs[run].range.clone() {
            let (point, radius_mm) = &border[n];
            let mm = distance_mm(point) - radius_mm;
            // Of equal places the first one, whatever the order of runs.
            if best.is_none_or(|(best_mm, of)| mm < best_mm || (mm <= best_mm && n < of)) {
                best = Some((mm, n));
            }
        }
    }
    best.map(|(mm, n)| (mm, border[n].0))
}

/// The least value of `distance_mm` over the border of `body`, less the radius of its vessels, and where that is.
pub(crate) fn least(body: &Body, distance_mm: impl Fn(&Point) -> f64 + Sync) -> Option<(f64, Point)> {
    let of = |(point, radius): &(Point, f64)| (distance_mm(point) - radius, *point);
    let nearer = |a: (f64, Point), b: (f64, Point)| if b.0 < a.0 { b } else { a };
    // Blocks keep their order, so the first of equal places wins on any number of threads.
    let blocks: Vec<_> = body.border.par_chunks(4096).filter_map(|block| block.iter().map(of).reduce(nearer)).collect();
    blocks.into_iter().reduce(nearer)
}

/// Distance of `point` from the straight way between two places.
#[cfg(test)]
pub(super) fn from_segment_mm(point: &Point, [a, b]: [&Point; 2]) -> f64 {
    let way = b - a;
    let t = ((point - a).dot(&way) / way.norm_squared().max(1e-300)).clamp(0.0, 1.0);
    (point - (a + way * t)).norm()
}

/// Length of the straight way between two places on which `is_there` holds, by steps of `step_mm` at most.
pub(super) fn length_where(ends: [&Point; 2], step_mm: f64, is_there: impl Fn(&Point) -> bool) -> f64 {
    let way = ends[1] - ends[0];
    let n = (way.norm() / step_mm).ceil().max(1.0) as usize;
    let middles = (0..n).map(|step| ends[0] + way * ((step as f64 + 0.5) / n as f64));
    middles.filter(is_there).count() as f64 * way.norm() / n as f64
}

/// Whether no more than a voxel or two of `solid` lie before `point` for somebody who comes along `along` from `reach_mm` away.
fn is_met_first(solid: &Solid, point: &Point, along: &Vector, reach_mm: f64) -> bool {
    let spacing = solid.grid().spacing_mm();
    let step_mm = 0.5 * spacing.into_iter().fold(f64::INFINITY, f64::min);
    // A step of the stairs that voxels make of a slanted face.
    let most = (1.5 * spacing.into_iter().fold(0.0, f64::max) / step_mm).ceil() as usize;
    let before = (1..=(reach_mm / step_mm).ceil() as usize).map(|n| point - along * (n as f64 * step_mm));
    before.filter(|place| solid.holds(place)).take(most + 1).count() <= most
}

/// The normal of the side of a layer of voxels that is met along `along` about `at`, from all its places within `reach_mm`: the
/// direction they spread least in. `None` if there are fewer than ten, or they make no layer.
pub(super) fn normal_of_layer(layer: &Body, at: &Point, along: &Vector, reach_mm: f64) -> Option<Vector> {
    let near = layer.border.iter().map(|(point, _)| point).filter(|point| (*point - at).norm() <= reach_mm);
    // The far side of a thick layer, as the inner table of a skull, is no part of it.
    let is_seen = |point: &&Point| layer.solid.as_ref().is_none_or(|solid| is_met_first(solid, point, along, reach_mm));
    let near: Vec<&Point> = near.filter(is_seen).collect();
    if near.len() < 10 {
        return None;
    }
    let mean = near.iter().map(|point| point.coords).sum::<Vector>() / near.len() as f64;
    let spread = near.iter().map(|point| (point.coords - mean) * (point.coords - mean).transpose());
    let spread = spread.fold(nalgebra::Matrix3::zeros(), |sum, one| sum + one).symmetric_eigen();
    let thin = spread.eigenvalues.imin();
    let others = (0..3).filter(|n| *n != thin).map(|n| spread.eigenvalues[n]).fold(f64::INFINITY, f64::min);
    (spread.eigenvalues[thin] < 0.5 * others).then(|| spread.eigenvectors.column(thin).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SegmentId;
    use crate::base::rng::Rng;
    use crate::geom::Grid;
    use crate::image::{LabelMap, Volume};
    use crate::plan::score::BodyFrom;

    fn ball(centre: Point, radius_mm: f64) -> Body {
        let grid = Grid::aligned([30, 30, 20], Point::origin(), [1.0, 1.0, 1.5]).unwrap();
        let inside = |n: usize| u8::from((grid.centre(grid.voxel(n)) - centre).norm() < radius_mm);
        let voxels = (0..grid.len()).map(inside).collect();
        let labels = LabelMap::from_mask(&Volume::new(grid, voxels).unwrap(), "a", [0; 3], None);
        Body::new("a", None, String::new(), &BodyFrom::Segment(&labels, SegmentId(1)))
    }

    #[test]
    fn distances_to_a_ball_are_within_their_bounds() {
        let centre = Point::new(15.3, 14.8, 15.1);
        let ball = ball(centre, 7.4);
        let mut rng = Rng::new(5);
        for _ in 0..100 {
            let mut end = || Point::new(40.0 * rng.unit() - 5.0, 40.0 * rng.unit() - 5.0, 40.0 * rng.unit() - 5.0);
            let (a, b) = (end(), end());
            let truth = from_segment_mm(&centre, [&a, &b]) - 7.4;
            if truth < 0.0 {
                continue;
            }
            let (mm, _) = least(&ball, |point| from_segment_mm(point, [&a, &b])).unwrap();
            assert!((mm - truth).abs() <= ball.half_mm, "{mm} mm for {truth} mm");
        }
    }

    /// Runs that are passed by hold nothing nearer, and the place is the same one.
    #[test]
    fn the_least_by_runs_is_the_least_of_all() {
        let ball = ball(Point::new(15.3, 14.8, 15.1), 11.0);
        assert_eq!(ball.runs.iter().map(|run| run.range.len()).sum::<usize>(), ball.border.len());
        let mut rng = Rng::new(6);
        for _ in 0..200 {
            let at = Point::new(60.0 * rng.unit() - 15.0, 60.0 * rng.unit() - 15.0, 60.0 * rng.unit() - 15.0);
            let far = |point: &Point| (point - at).norm();
            assert_eq!(least_near(&ball, 1.0, far), least(&ball, far));
            let apart = |point: &Point| (far(point) - 9.0).abs();
            assert_eq!(least_near(&ball, 1.0, apart), least(&ball, apart));
        }
    }
}
