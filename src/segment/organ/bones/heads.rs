//! Femoral heads: the balls in the hip bones.

use super::super::coarse::Coarse;
use super::scene::Scene;
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use std::ops::RangeInclusive;

/// Radii of the femoral heads of adults, bone without cartilage.
const RADII_MM: RangeInclusive<u32> = 19..=28;
/// Femoral heads lie so far beside the middle; trochanters lie farther out.
const ASIDE_MM: RangeInclusive<f64> = 62.0..=112.0;
/// Votes are counted in cubes of this side.
const CELL_MM: f64 = 3.0;
/// Values change over this length at the edge of bone …
const EDGE_MM: f64 = 3.0;
/// … by at least this. Values beyond the range, metal and fat, say no more about the edge than its ends.
const STEP_HU: f64 = 80.0;
const RANGE_HU: [f64; 2] = [-100.0, 350.0];
/// A ball has this many times the votes of every place that is not near it.
const LEAD_MIN: f64 = 1.3;
/// Places nearer than this are the same ball.
const APART_MM: f64 = 24.0;
/// Edges that point past the middle by more than this belong to something else.
const MISS_MM: f64 = 5.0;

/// A femoral head.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub middle: Point,
    pub radius_mm: f64,
}

/// An edge of bone: where it is, and the direction into the bone.
struct Edge {
    at: Point,
    inwards: Vector,
}

/// The femoral heads in the voxels of `hips`, at most one on either side.
///
/// Every edge of bone votes for the places that lie one radius inwards; edges of a ball agree on its middle (Hough
/// transform along the gradient, Kimme and others 1975).
pub(super) fn heads(
    coarse: &Coarse,
    scene: &Scene,
    hips: &Volume<u8>,
    progress: &Progress,
) -> Result<Vec<Head>, Cancelled> {
    let mut found = Vec::new();
    for side in [-1.0, 1.0] {
        progress.check()?;
        let edges =
            edges(&coarse.mean, hips, |voxel| scene.beside_canal(voxel).is_some_and(|from| 0.0 < side * from.x));
        let Some(place) = middle(scene, &edges, side) else { continue };
        let votes = |radius_mm: &u32| {
            let target = |edge: &&Edge| (edge.at + edge.inwards * f64::from(*radius_mm) - place).norm() < MISS_MM;
            // A larger ball has more edge.
            edges.iter().filter(target).count() as f64 / f64::from(*radius_mm)
        };
        let radius_mm = RADII_MM.max_by(|a, b| votes(a).total_cmp(&votes(b)).then(b.cmp(a)));
        found.extend(radius_mm.map(|radius_mm| Head { middle: place, radius_mm: f64::from(radius_mm) }));
    }
    Ok(found)
}

/// The edges of the bone in `hips` in voxels for which `wanted` holds.
fn edges(values: &Volume<i16>, hips: &Volume<u8>, wanted: impl Fn([usize; 3]) -> bool) -> Vec<Edge> {
    let grid = values.grid();
    let dims = grid.dims();
    let reach = grid.spacing_mm().map(|h| ((0.5 * EDGE_MM / h).round() as usize).max(1));
    let value = |voxel: [usize; 3]| f64::from(values.at(voxel)).clamp(RANGE_HU[0], RANGE_HU[1]);
    let axes = [0, 1, 2].map(|a| grid.step().column(a).into_owned());
    let edge = |at: usize| {
        let voxel = grid.voxel(at);
        if hips.voxels()[at] == 0 || !wanted(voxel) {
            return None;
        }
        let mut gradient = Vector::zeros();
        for a in 0..3 {
            let (mut low, mut high) = (voxel, voxel);
            low[a] = voxel[a].checked_sub(reach[a])?;
            high[a] = voxel[a] + reach[a];
            if dims[a] <= high[a] {
                return None;
            }
            let mm = axes[a].norm();
            gradient += axes[a] / mm * ((value(high) - value(low)) / (2.0 * reach[a] as f64 * mm));
        }
        let step_hu = gradient.norm() * EDGE_MM;
        (STEP_HU <= step_hu).then(|| Edge { at: grid.centre(voxel), inwards: gradient.normalize() })
    };
    (0..grid.len()).filter_map(edge).collect()
}

/// The place with most votes, if no other comes near.
fn middle(scene: &Scene, edges: &[Edge], side: f64) -> Option<Point> {
    let grid = cells(scene.bone.grid())?;
    let mut votes = vec![0.0_f32; grid.len()];
    for edge in edges {
        for radius_mm in RADII_MM {
            let place = edge.at + edge.inwards * f64::from(radius_mm);
            let voxel = scene.bone.grid().voxel_at(place);
            let from = voxel.and_then(|voxel| scene.beside_canal(voxel));
            if let Some(cell) = grid.voxel_at(place)
                && from.is_some_and(|from| ASIDE_MM.contains(&(side * from.x)))
            {
                votes[grid.offset(cell)] += 1.0;
            }
        }
    }
    let votes = Volume::new(grid, votes).expect("one sum per cell");
    let votes = crate::image::filter::gaussian(&votes, 1.2, &Progress::default()).ok()?;
    let grid = votes.grid();
    let most = |but: Option<Point>| {
        let far = |at: &usize| but.is_none_or(|but| APART_MM <= (grid.centre(grid.voxel(*at)) - but).norm());
        let best = (0..grid.len())
            .filter(far)
            .max_by(|a, b| votes.voxels()[*a].total_cmp(&votes.voxels()[*b]).then(b.cmp(a)))?;
        Some((f64::from(votes.voxels()[best]), grid.centre(grid.voxel(best))))
    };
    let (first, place) = most(None)?;
    let second = most(Some(place)).map_or(0.0, |(second, _)| second);
    (0.0 < first && LEAD_MIN * second <= first).then_some(place)
}

/// Cubes over the box around a grid.
fn cells(grid: &Grid) -> Option<Grid> {
    let bounds = grid.bounds();
    let size = bounds.max - bounds.min;
    let dims = [0, 1, 2].map(|a| (size[a] / CELL_MM).ceil().max(1.0) as usize);
    Grid::aligned(dims, bounds.min + Vector::repeat(0.5 * CELL_MM), [CELL_MM; 3]).ok()
}
