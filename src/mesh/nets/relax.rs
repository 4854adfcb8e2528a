//! Vertices pulled towards their neighbours without leaving their cells.

use super::crossings::Crossings;
use crate::base::{Cancelled, Progress};
use crate::mesh::contour::sweep::parts;
use rayon::prelude::*;

/// No neighbour in this direction.
const NONE: u32 = u32::MAX;
/// How far, in cells, a vertex may go from the middle of its cell.
const REACH: f32 = 0.49;
/// Factors of the two steps of an iteration (Taubin 1995): 1/λ + 1/μ = 0.1 is the frequency that passes unchanged.
const LAMBDA: f32 = 0.6;
const MU: f32 = -1.0 / (1.0 / LAMBDA - 0.1);
/// Directions of the neighbours, in cells: along −i, +i, −j, +j, −k, +k.
const WAYS: [[f32; 3]; 6] =
    [[-1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [0.0, 0.0, 1.0]];

/// Where every vertex lies in its cell, in cells from the middle, after `iterations` pairs of steps.
///
/// Shrinking and inflating in turn keeps the volume (Taubin 1995). Neighbours are the cells across a face whose four labels
/// are not all the same. On a line where three labels meet only neighbours on that line count, so that the line gets smooth
/// and does not wander into one of the sheets (Frisken 2022, section 3).
pub(super) fn relax(crossings: &Crossings, iterations: usize, progress: &Progress) -> Result<Vec<[f32; 3]>, Cancelled> {
    let mut here = vec![[0.0_f32; 3]; crossings.vertices()];
    if iterations == 0 {
        return Ok(here);
    }
    let neighbours = neighbours(crossings, progress)?;
    let mut there = here.clone();
    for n in 0..iterations {
        for factor in [LAMBDA, MU] {
            progress.step(n, iterations)?;
            there.par_iter_mut().zip(&neighbours).enumerate().with_min_len(4096).for_each(|(v, (out, around))| {
                let (mut sum, mut count) = ([0.0_f32; 3], 0.0_f32);
                for (way, other) in WAYS.iter().zip(around).filter(|(_, other)| **other != NONE) {
                    for axis in 0..3 {
                        sum[axis] += way[axis] + here[*other as usize][axis];
                    }
                    count += 1.0;
                }
                let own = here[v];
                *out = [0, 1, 2].map(|axis| {
                    let pull = if 0.0 < count { sum[axis] / count - own[axis] } else { 0.0 };
                    (own[axis] + factor * pull).clamp(-REACH, REACH)
                });
            });
            std::mem::swap(&mut here, &mut there);
        }
    }
    Ok(here)
}

/// The neighbours of every vertex in the order of [`WAYS`].
fn neighbours(crossings: &Crossings, progress: &Progress) -> Result<Vec<[u32; 6]>, Cancelled> {
    let slices = crossings.dims[2] - 1;
    let mut all = vec![[NONE; 6]; crossings.vertices()];
    let ends = (1..=slices).map(|k| crossings.slice_start(k));
    parts(&mut all, ends).into_par_iter().enumerate().try_for_each(|(k, slice)| {
        progress.check()?;
        for (cell, around) in crossings.cells_of_slice(k).zip(slice) {
            let crossed = crossed_of_faces(crossings, cell);
            let on_lines = crossed.iter().filter(|count| 3 <= **count).count();
            let least = if 2 <= on_lines { 3 } else { 2 };
            for (way, count) in crossed.into_iter().enumerate().filter(|(_, count)| least <= *count) {
                debug_assert!(count <= 4);
                let mut other = cell;
                if way % 2 == 0 {
                    other[way / 2] -= 1
                } else {
                    other[way / 2] += 1
                }
                around[way] = crossings.vertex(other);
            }
        }
        Ok::<(), Cancelled>(())
    })?;
    Ok(all)
}

/// How many of the four edges of each face of a cell are crossed: 2 where one sheet passes, more where several meet.
fn crossed_of_faces(crossings: &Crossings, cell: [usize; 3]) -> [u8; 6] {
    [0, 1, 2, 3, 4, 5].map(|way| {
        let (axis, side) = (way / 2, way % 2);
        let [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
        let mut corner = cell;
        corner[axis] += side;
        let [mut up_u, mut up_v] = [corner; 2];
        up_u[u] += 1;
        up_v[v] += 1;
        crossings.crossed(corner, u)
            + crossings.crossed(up_v, u)
            + crossings.crossed(corner, v)
            + crossings.crossed(up_u, v)
    })
}
