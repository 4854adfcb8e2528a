//! Region growing at every threshold at once, so that the threshold before a leak can be chosen.

use crate::base::{Cancelled, Progress};
use crate::geom::Grid;

/// The voxels a region reaches as its threshold rises, in the order in which it reaches them.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// Places in memory, in order.
    pub offsets: Vec<usize>,
    /// For each level the number of voxels reached at this level or a lower one.
    pub counts: Vec<usize>,
    /// Whether `stop` ended the growth before the last level.
    pub stopped: bool,
}

impl Growth {
    /// The voxels reached at `level` or lower.
    pub fn at_level(&self, level: usize) -> &[usize] {
        let count = self.counts.get(level).or(self.counts.last());
        &self.offsets[..count.copied().unwrap_or(0)]
    }
}

/// Grow from `seeds` through face neighbours, lowest level first, up to `levels` − 1.
///
/// `level_of(offset)` is the level at which a voxel opens, `None` for a wall. What is reached at a level is exactly the
/// region growing of its threshold; one flood gives them all (priority flood, Barnes, Lehman & Mulla 2014). After each
/// level `stop(counts so far)` may end the growth.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn grow_by_level(
    grid: &Grid,
    seeds: &[usize],
    levels: usize,
    level_of: impl Fn(usize) -> Option<usize>,
    stop: impl Fn(&[usize]) -> bool,
    progress: &Progress,
) -> Result<Growth, Cancelled> {
    let [ni, nj, nk] = grid.dims();
    let mut seen = vec![0_u8; grid.len()];
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); levels];
    let mut growth = Growth { offsets: Vec::new(), counts: Vec::new(), stopped: false };
    let mut meet = |offset: usize, now: usize, waiting: &mut Vec<Vec<usize>>| {
        if seen[offset] == 0 {
            seen[offset] = 1;
            if let Some(level) = level_of(offset).filter(|level| *level < levels) {
                waiting[level.max(now)].push(offset);
            }
        }
    };
    seeds.iter().for_each(|seed| meet(*seed, 0, &mut waiting));
    for now in 0..levels {
        progress.step(now, levels)?;
        while let Some(offset) = waiting[now].pop() {
            growth.offsets.push(offset);
            let [i, j, k] = grid.voxel(offset);
            let next = [
                (0 < i, offset.wrapping_sub(1)),
                (i + 1 < ni, offset + 1),
                (0 < j, offset.wrapping_sub(ni)),
                (j + 1 < nj, offset + ni),
                (0 < k, offset.wrapping_sub(ni * nj)),
                (k + 1 < nk, offset + ni * nj),
            ];
            next.iter().filter(|(inside, _)| *inside).for_each(|(_, to)| meet(*to, now, &mut waiting));
        }
        growth.counts.push(growth.offsets.len());
        if stop(&growth.counts) {
            growth.stopped = true;
            break;
        }
    }
    Ok(growth)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::Point;
    use crate::image::Volume;
    use crate::segment::region_grow;

    #[test]
    fn every_level_is_the_region_growing_of_its_threshold() {
        let grid = Grid::aligned([15, 14, 13], Point::origin(), [1.0; 3]).unwrap();
        let mut rng = Rng::new(1);
        let values: Vec<i16> = (0..grid.len()).map(|_| rng.below(50) as i16).collect();
        let ct = Volume::new(grid.clone(), values.clone()).unwrap();
        let progress = Progress::default();
        let level_of = |offset: usize| Some(values[offset] as usize);
        let seed = [7, 7, 7];
        let growth = grow_by_level(&grid, &[grid.offset(seed)], 50, level_of, |_| false, &progress).unwrap();
        for level in [5, 12, 17, 25, 49] {
            let region = region_grow(&ct, 0..=level, &[seed], &progress).unwrap();
            let mut grown = vec![0_u8; grid.len()];
            growth.at_level(level as usize).iter().for_each(|offset| grown[*offset] = 1);
            // The flood starts even from a closed seed, once its level comes.
            assert_eq!(grown, region.voxels(), "level {level}");
        }
    }

    #[test]
    fn growth_ends_where_it_is_told_to() {
        let grid = Grid::aligned([10, 10, 10], Point::origin(), [1.0; 3]).unwrap();
        let level_of = |offset: usize| Some(offset % 10);
        let stop = |counts: &[usize]| counts.last().is_some_and(|n| 250 < *n);
        let growth = grow_by_level(&grid, &[0], 10, level_of, stop, &Progress::default()).unwrap();
        assert!(growth.stopped);
        assert_eq!(growth.counts, [100, 200, 300]);
    }
}
