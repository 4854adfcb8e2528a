//! Where seeds grow.

use crate::geom::Grid;
use crate::image::{LabelMap, Volume, VoxelBox};
use rayon::prelude::*;

/// The voxels within `margin_mm` of the box around the seeds (labels other than 0); `None` without a seed.
pub fn region_around(seeds: &Volume<u8>, margin_mm: f64) -> Option<VoxelBox> {
    let [ni, nj, _] = seeds.grid().dims();
    let rows = seeds.voxels().par_chunks(ni).enumerate().filter_map(|(row, labels)| {
        let first = labels.iter().position(|label| *label != 0)?;
        let last = labels.iter().rposition(|label| *label != 0)?;
        let (j, k) = (row % nj, row / nj);
        Some([first..last + 1, j..j + 1, k..k + 1])
    });
    Some(widened(&rows.reduce_with(join)?, margin_mm, seeds.grid()))
}

/// As [`region_around`], for the voxels of all segments.
pub fn region_around_segments(seeds: &LabelMap, margin_mm: f64) -> Option<VoxelBox> {
    let around = seeds.segments().iter().filter_map(|segment| seeds.extent(segment.id)).reduce(join)?;
    Some(widened(&around, margin_mm, seeds.grid()))
}

fn join(a: VoxelBox, b: VoxelBox) -> VoxelBox {
    [0, 1, 2].map(|n| a[n].start.min(b[n].start)..a[n].end.max(b[n].end))
}

fn widened(around: &VoxelBox, margin_mm: f64, grid: &Grid) -> VoxelBox {
    let margin = grid.spacing_mm().map(|h| (margin_mm / h).ceil().clamp(0.0, 1e9) as usize);
    [0, 1, 2].map(|a| around[a].start.saturating_sub(margin[a])..(around[a].end + margin[a]).min(grid.dims()[a]))
}
