//! The signed distance around a front, made anew from where its sign changes.

use crate::base::{Cancelled, Progress};
use crate::geom::Grid;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Neighbours of a voxel over its faces, before and behind along each axis.
pub(super) fn beside(dims: [usize; 3], offset: usize) -> [[Option<usize>; 2]; 3] {
    let steps = [1, dims[0], dims[0] * dims[1]];
    [0, 1, 2].map(|a| {
        let at = offset / steps[a] % dims[a];
        [(0 < at).then(|| offset - steps[a]), (at + 1 < dims[a]).then(|| offset + steps[a])]
    })
}

/// How far voxel `offset` is from the front, if one of its neighbours is on the other side: the distance of the plane
/// through the places where φ is 0 along the axes.
pub(super) fn crossing(dims: [usize; 3], spacing_mm: [f64; 3], phi: &[f32], offset: usize) -> Option<f32> {
    let here = f64::from(phi[offset]);
    let mut inverse_square = 0.0;
    for (pair, h) in beside(dims, offset).into_iter().zip(spacing_mm) {
        let across = |to: usize| {
            let there = f64::from(phi[to]);
            let is_across = (here < 0.0) != (there < 0.0);
            is_across.then(|| h * here.abs() / (here.abs() + there.abs()).max(1e-12))
        };
        if let Some(d) = pair.into_iter().flatten().filter_map(across).reduce(f64::min) {
            inverse_square += 1.0 / (d * d).max(1e-12);
        }
    }
    (0.0 < inverse_square).then(|| (1.0 / inverse_square.sqrt()) as f32)
}

/// Distances to the front up to `reach_mm` around the voxels at it, by fast marching (Sethian 1996).
///
/// `near` holds the voxels beside the front with their distances; `distance` is infinite everywhere and is so again at the
/// end. Returns every voxel reached with its distance, in order of memory.
pub(super) fn march(
    grid: &Grid,
    near: &[(u32, f32)],
    distance: &mut [f32],
    reach_mm: f32,
    progress: &Progress,
) -> Result<Vec<(u32, f32)>, Cancelled> {
    let (dims, spacing_mm) = (grid.dims(), grid.spacing_mm());
    // Positive numbers order as their bits do.
    let mut heap: BinaryHeap<Reverse<(u32, u32)>> = near.iter().map(|(o, d)| Reverse((d.to_bits(), *o))).collect();
    near.iter().for_each(|(o, d)| distance[*o as usize] = *d);
    let mut met: Vec<u32> = near.iter().map(|(o, _)| *o).collect();
    let mut steps = 0_usize;
    let mut stopped = Ok(());
    while let Some(Reverse((bits, offset))) = heap.pop() {
        let d = f32::from_bits(bits);
        // A shorter way has been found since.
        if distance[offset as usize] < d {
            continue;
        }
        steps += 1;
        if steps.is_multiple_of(1 << 14) && progress.is_cancelled() {
            stopped = Err(Cancelled);
            break;
        }
        for to in beside(dims, offset as usize).into_iter().flatten().flatten() {
            // Distances at the front stay: what is farther than this voxel has not been fixed yet.
            if distance[to] <= d {
                continue;
            }
            let new = arrival(dims, spacing_mm, distance, to, d);
            if new <= reach_mm && new < distance[to] {
                if distance[to] == f32::INFINITY {
                    met.push(to as u32);
                }
                distance[to] = new;
                heap.push(Reverse((new.to_bits(), to as u32)));
            }
        }
    }
    met.sort_unstable();
    let found = met.iter().map(|o| (*o, distance[*o as usize])).collect();
    met.iter().for_each(|o| distance[*o as usize] = f32::INFINITY);
    stopped.map(|()| found)
}

/// d with Σ ((d − dₐ)/hₐ)² = 1 over the axes whose nearer neighbour is fixed, that is, no farther than `now`.
fn arrival(dims: [usize; 3], spacing_mm: [f64; 3], distance: &[f32], to: usize, now: f32) -> f32 {
    let mut axes = [(f64::INFINITY, 0.0); 3];
    for ((axis, pair), h) in axes.iter_mut().zip(beside(dims, to)).zip(spacing_mm) {
        let fixed = pair.into_iter().flatten().map(|o| distance[o]).filter(|d| *d <= now);
        *axis = (fixed.fold(f32::INFINITY, f32::min).into(), h);
    }
    axes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut d = f64::INFINITY;
    let (mut a, mut b, mut c) = (0.0, 0.0, -1.0);
    for (earlier, h) in axes {
        if d <= earlier || earlier == f64::INFINITY {
            break;
        }
        let weight = 1.0 / (h * h);
        (a, b, c) = (a + weight, b - 2.0 * weight * earlier, c + weight * earlier * earlier);
        d = (-b + (b * b - 4.0 * a * c).max(0.0).sqrt()) / (2.0 * a);
    }
    d as f32
}
