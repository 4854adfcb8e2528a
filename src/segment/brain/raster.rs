//! The voxels inside a closed surface.

use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point};
use crate::image::Volume;
use rayon::prelude::*;
use std::sync::Arc;

/// Rows are looked at a little beside the voxel centres, so that no corner of a mesh lies in one.
const ASIDE: [f64; 2] = [1.234_567e-5, 2.345_678e-5];

/// 1 in voxels of `grid` whose centre lies inside the closed surface (odd number of crossings along the row).
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub(super) fn inside(
    grid: &Arc<Grid>,
    corners: &[Point],
    triangles: &[[usize; 3]],
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let [ni, nj, nk] = grid.dims();
    let corners: Vec<_> = corners.iter().map(|corner| grid.index_from_patient(*corner)).collect();
    let mut crossings: Vec<Vec<f64>> = vec![Vec::new(); nj * nk];
    for triangle in triangles {
        let [a, b, c] = triangle.map(|corner| corners[corner]);
        let range = |axis: usize, n: usize| {
            let (low, high) = (a[axis].min(b[axis]).min(c[axis]), a[axis].max(b[axis]).max(c[axis]));
            (low.ceil() - 1.0).max(0.0) as usize..(high.floor() + 2.0).clamp(0.0, n as f64) as usize
        };
        for k in range(2, nk) {
            for j in range(1, nj) {
                let (y, z) = (j as f64 + ASIDE[0], k as f64 + ASIDE[1]);
                let area =
                    |p: &crate::geom::Vector, q: &crate::geom::Vector| (p.y - y) * (q.z - z) - (q.y - y) * (p.z - z);
                let [u, v, w] = [area(&b, &c), area(&c, &a), area(&a, &b)];
                let sum = u + v + w;
                if (0.0 < u && 0.0 < v && 0.0 < w) || (u < 0.0 && v < 0.0 && w < 0.0) {
                    crossings[k * nj + j].push((u * a.x + v * b.x + w * c.x) / sum);
                }
            }
        }
    }
    progress.check()?;
    let mut voxels = vec![0_u8; grid.len()];
    voxels.par_chunks_mut(ni).zip(crossings.par_iter_mut()).for_each(|(row, crossings)| {
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let from = pair[0].ceil().clamp(0.0, ni as f64) as usize;
            let to = (pair[1].floor() + 1.0).clamp(0.0, ni as f64) as usize;
            if from < to {
                row[from..to].fill(1);
            }
        }
    });
    Ok(Volume::new(Arc::clone(grid), voxels).expect("one value per voxel"))
}
