//! The mask of a segment on the part of its grid that matters.

use crate::base::SegmentId;
use crate::image::{LabelMap, Volume, VoxelBox};
use rayon::prelude::*;

/// 1 where the segment is, 0 elsewhere, on the voxels of `region` and one more on every side where the grid has one; and
/// the voxel of the grid this part starts at. `None` for an empty region.
pub fn cropped(labels: &LabelMap, id: SegmentId, region: &VoxelBox) -> Option<(Volume<u8>, [usize; 3])> {
    let dims = labels.grid().dims();
    let start = [0, 1, 2].map(|a| region[a].start.saturating_sub(1));
    let n = [0, 1, 2].map(|a| (region[a].end + 1).min(dims[a]).saturating_sub(start[a]));
    if region.iter().any(std::ops::Range::is_empty) {
        return None;
    }
    let grid = labels.grid().cropped(start, n).ok()?;
    let mut voxels = vec![0_u8; grid.len()];
    voxels.par_chunks_mut(n[0]).enumerate().for_each(|(row, out)| {
        let (j, k) = (start[1] + row % n[1], start[2] + row / n[1]);
        out.iter_mut().enumerate().for_each(|(i, out)| *out = u8::from(labels.at([start[0] + i, j, k]) == id.0));
    });
    Some((Volume::new(grid, voxels).ok()?, start))
}

/// The box of a segment with `around_mm` more on every side, as far as its grid goes; none if the segment is empty.
pub fn region_around(labels: &LabelMap, id: SegmentId, around_mm: f64) -> Option<VoxelBox> {
    let (extent, grid) = (labels.extent(id)?, labels.grid());
    let step_mm = grid.spacing_mm();
    Some([0, 1, 2].map(|axis| {
        let more = (around_mm / step_mm[axis]).ceil() as usize;
        extent[axis].start.saturating_sub(more)..(extent[axis].end + more).min(grid.dims()[axis])
    }))
}

/// The smallest box around both.
pub fn joined(a: &VoxelBox, b: &VoxelBox) -> VoxelBox {
    [0, 1, 2].map(|n| a[n].start.min(b[n].start)..a[n].end.max(b[n].end))
}
