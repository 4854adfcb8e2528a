//! Region growing from seeds by rows of voxels.

use crate::base::{Cancelled, Progress};
use crate::geom::Grid;
use crate::image::Volume;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// The voxels with a value in `range_hu` that a path of face neighbours in the range joins to a seed.
///
/// Seeds out of the range grow nothing. Touches only the region and its border (scan line filling, Smith 1979).
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn region_grow(
    ct: &Volume<i16>,
    range_hu: RangeInclusive<i16>,
    seeds: &[[usize; 3]],
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let values = ct.voxels();
    let (low, high) = range_hu.into_inner();
    let mask = flood(ct.grid(), |offset| low <= values[offset] && values[offset] <= high, seeds, progress)?;
    Ok(Volume::new(Arc::clone(ct.grid()), mask).expect("one mark per voxel"))
}

/// 1 for the voxels with `inside(offset)` that a path of such face neighbours joins to a seed, 0 for the others.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub(super) fn flood(
    grid: &Grid,
    inside: impl Fn(usize) -> bool,
    seeds: &[[usize; 3]],
    progress: &Progress,
) -> Result<Vec<u8>, Cancelled> {
    let [ni, nj, nk] = grid.dims();
    let mut mask = vec![0_u8; grid.len()];
    let mut stack: Vec<usize> = seeds.iter().map(|seed| grid.offset(*seed)).collect();
    let mut rows: usize = 0;
    while let Some(offset) = stack.pop() {
        if mask[offset] != 0 || !inside(offset) {
            continue;
        }
        rows += 1;
        if rows.is_multiple_of(4096) {
            progress.check()?;
        }
        let row = offset / ni * ni;
        let free = |at: usize| mask[at] == 0 && inside(at);
        let start = (row..offset).rev().find(|at| !free(*at)).map_or(row, |at| at + 1);
        let end = (offset..row + ni).find(|at| !free(*at)).unwrap_or(row + ni);
        mask[start..end].fill(1);
        let (j, k) = (row / ni % nj, row / (ni * nj));
        let beside = [
            (0 < j).then(|| start.wrapping_sub(ni)),
            (j + 1 < nj).then_some(start + ni),
            (0 < k).then(|| start.wrapping_sub(ni * nj)),
            (k + 1 < nk).then_some(start + ni * nj),
        ];
        for first in beside.into_iter().flatten() {
            let mut before = false;
            for at in first..first + end - start {
                let free = mask[at] == 0 && inside(at);
                if free && !before {
                    stack.push(at);
                }
                before = free;
            }
        }
    }
    Ok(mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::Point;
    use crate::image::{Components, Neighbours};

    #[test]
    fn a_region_is_the_component_that_holds_the_seed() {
        let grid = Grid::aligned([25, 21, 17], Point::origin(), [1.0; 3]).unwrap();
        let mut rng = Rng::new(9);
        let values = (0..grid.len()).map(|_| rng.below(100) as i16).collect();
        let ct = Volume::new(grid, values).unwrap();
        let progress = Progress::default();
        let parts = Components::of(&ct, |v| (0..=36).contains(&v), Neighbours::Six, &progress).unwrap();
        for offset in (0..ct.grid().len()).step_by(613) {
            let seed = ct.grid().voxel(offset);
            let region = region_grow(&ct, 0..=36, &[seed], &progress).unwrap();
            let expected = parts.keep(|id| Some(id) == parts.at(seed));
            assert_eq!(region, expected);
        }
    }
}
