//! Every label given the volume of its voxels.
//!
//! A relaxed sheet lies a little outside where it curves: the middle of a quadrilateral's diagonals cuts across the bend on
//! the far side. Moved along its normal by a few hundredths of a voxel it encloses what was counted.

use super::crossings::Crossings;
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

/// Triangles whose sums are taken one after the other; the sums of such blocks are added in their order.
const BLOCK: usize = 1 << 16;
/// How far, in cells, a vertex may go from the middle of its cell.
const REACH: f64 = 0.495;
/// Largest move as a part of the smallest spacing: more is no longer a correction.
const MOST: f64 = 0.25;
/// A vertex that no triangle has named yet, and one on a line where sheets meet.
const UNSEEN: [u8; 2] = [0, 0];
const MEETING: [u8; 2] = [255, 255];

/// Move `positions` so that the volume inside every label comes near that of its voxels in `labels`.
///
/// The sheet between the labels a and b goes by x_a − x_b along its normal. The x that balance all volumes to first order
/// solve Σ_b A_ab (x_a − x_b) = ΔV_a with x = 0 for the background: a symmetric, positive definite system of as many
/// unknowns as labels. Lines where three sheets meet stay, and no vertex leaves its cell.
pub(super) fn balance(
    positions: &mut [Point],
    (triangles, sides): (&[[u32; 3]], &[[u8; 2]]),
    crossings: &Crossings,
    labels: &Volume<u8>,
    progress: &Progress,
) -> Result<(), Cancelled> {
    let grid = labels.grid();
    let (push, pairs) = normals(positions, triangles, sides, progress)?;
    progress.set(0.5)?;
    let Some(way) = distances(positions, triangles, sides, &pairs, labels) else { return Ok(()) };
    let most = MOST * grid.spacing_mm().into_iter().fold(f64::INFINITY, f64::min);
    let slices = crossings.dims[2] - 1;
    let ends = (1..=slices).map(|k| crossings.slice_start(k));
    let parts: Vec<_> = crate::mesh::contour::sweep::parts(positions, ends).into_iter().enumerate().collect();
    parts.into_par_iter().try_for_each(|(k, slice)| {
        progress.check()?;
        let first = crossings.slice_start(k);
        for ((n, position), cell) in slice.iter_mut().enumerate().zip(crossings.cells_of_slice(k)) {
            let [behind, before] = pairs[first + n];
            if [behind, before] == UNSEEN || [behind, before] == MEETING {
                continue;
            }
            let far = (way[usize::from(behind)] - way[usize::from(before)]).clamp(-most, most);
            let [x, y, z] = push[first + n].map(f64::from);
            let Some(normal) = Vector::new(x, y, z).try_normalize(1e-30) else { continue };
            *position = within(grid, cell, *position + normal * far);
        }
        Ok(())
    })
}

/// `point`, or the nearest place to it, by index, in its cell.
fn within(grid: &Grid, cell: [usize; 3], point: Point) -> Point {
    let index = grid.index_from_patient(point);
    let middle = Vector::from(cell.map(|c| c as f64 - 0.5));
    let offset = index - middle;
    if offset.amax() <= REACH {
        return point;
    }
    grid.patient_from_index(middle + offset.map(|x| x.clamp(-REACH, REACH)))
}

type Normals = (Vec<[f32; 3]>, Vec<[u8; 2]>);

/// Per vertex the sum of the normals of its triangles weighted by area, and the two labels it lies between.
fn normals(
    positions: &[Point],
    triangles: &[[u32; 3]],
    sides: &[[u8; 2]],
    progress: &Progress,
) -> Result<Normals, Cancelled> {
    let mut push = vec![[0.0_f32; 3]; positions.len()];
    let mut pairs = vec![UNSEEN; positions.len()];
    for (n, (triangle, side)) in triangles.iter().zip(sides).enumerate() {
        if n % BLOCK == 0 {
            progress.check()?;
        }
        let [a, b, c] = triangle.map(|v| positions[v as usize]);
        let normal = (b - a).cross(&(c - a));
        for vertex in triangle.map(|v| v as usize) {
            for (sum, part) in push[vertex].iter_mut().zip(normal.iter()) {
                *sum += *part as f32;
            }
            let pair = &mut pairs[vertex];
            *pair = if *pair == UNSEEN || pair == side { *side } else { MEETING };
        }
    }
    Ok((push, pairs))
}

/// How far, in mm, the sheets around every label go outward; nothing if no volume differs.
fn distances(
    positions: &[Point],
    triangles: &[[u32; 3]],
    sides: &[[u8; 2]],
    pairs: &[[u8; 2]],
    labels: &Volume<u8>,
) -> Option<[f64; 256]> {
    // Labels get numbers without gaps; the background is the last.
    let mut there = [false; 256];
    sides.iter().flatten().for_each(|label| there[usize::from(*label)] = true);
    let found: Vec<u8> = (1..=u8::MAX).filter(|label| there[usize::from(*label)]).collect();
    let count = found.len();
    let mut number = [count; 256];
    found.iter().enumerate().for_each(|(n, label)| number[usize::from(*label)] = n);
    let origin = labels.grid().bounds().centre();
    let block = |(triangles, sides): (&[[u32; 3]], &[[u8; 2]])| {
        let (mut volumes, mut areas) = (vec![0.0; count + 1], vec![0.0; (count + 1) * (count + 1)]);
        for (triangle, side) in triangles.iter().zip(sides) {
            let [a, b, c] = triangle.map(|v| positions[v as usize] - origin);
            let [behind, before] = side.map(|label| number[usize::from(label)]);
            let part = a.dot(&b.cross(&c)) / 6.0;
            volumes[behind] += part;
            volumes[before] -= part;
            // A corner that stays takes its third of the move away.
            let moving = triangle.iter().filter(|v| pairs[**v as usize] != MEETING).count();
            areas[behind * (count + 1) + before] += 0.5 * (b - a).cross(&(c - a)).norm() * moving as f64 / 3.0;
        }
        (volumes, areas)
    };
    let blocks: Vec<_> = triangles.par_chunks(BLOCK).zip(sides.par_chunks(BLOCK)).map(block).collect();
    let (mut volumes, mut areas) = (vec![0.0; count + 1], vec![0.0; (count + 1) * (count + 1)]);
    for (volume_parts, area_parts) in blocks {
        volumes.iter_mut().zip(volume_parts).for_each(|(sum, part)| *sum += part);
        areas.iter_mut().zip(area_parts).for_each(|(sum, part)| *sum += part);
    }
    let mut voxels = [0_usize; 256];
    let counts: Vec<[usize; 256]> = labels.voxels().par_chunks(BLOCK).map(histogram).collect();
    counts.iter().for_each(|part| voxels.iter_mut().zip(part).for_each(|(sum, part)| *sum += part));
    let missing = |n: usize| voxels[usize::from(found[n])] as f64 * labels.grid().voxel_mm3() - volumes[n];
    let mut matrix = DMatrix::<f64>::zeros(count, count);
    for a in 0..count {
        for b in (0..=count).filter(|b| *b != a) {
            let area = areas[a * (count + 1) + b] + areas[b * (count + 1) + a];
            matrix[(a, a)] += area;
            if b < count {
                matrix[(a, b)] -= area;
            }
        }
    }
    // A label all of whose vertices lie on meeting lines has no sheet that could move: a whisker on the diagonal.
    let whisker = 1e-9 * matrix.diagonal().amax();
    (0..count).for_each(|n| matrix[(n, n)] += whisker);
    let solved = matrix.cholesky()?.solve(&DVector::from_fn(count, |n, _| missing(n)));
    let mut way = [0.0; 256];
    found.iter().enumerate().for_each(|(n, label)| way[usize::from(*label)] = solved[n]);
    Some(way)
}

/// How often each label occurs.
fn histogram(labels: &[u8]) -> [usize; 256] {
    let mut counts = [0; 256];
    labels.iter().for_each(|label| counts[usize::from(*label)] += 1);
    counts
}
