//! Labels that grow through a mask until they meet.

use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use std::sync::Arc;

/// Every voxel of `mask` gets the label whose seed is the fewest steps between face neighbours in `mask` away.
///
/// Seeds (labels other than 0) keep theirs and grow even where `mask` is 0; at most `steps` steps are made. Ties go to
/// the seed that comes first in memory.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn compete(
    mask: &Volume<u8>,
    seeds: &Volume<u8>,
    steps: usize,
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let [ni, nj, nk] = mask.grid().dims();
    let mut labels = seeds.voxels().to_vec();
    let open = mask.voxels();
    let mut front: Vec<usize> = (0..labels.len()).filter(|offset| labels[*offset] != 0).collect();
    for step in 0..steps {
        if front.is_empty() {
            break;
        }
        progress.step(step.min(99), 100)?;
        let mut next = Vec::new();
        for offset in front {
            let label = labels[offset];
            let [i, j, k] = mask.grid().voxel(offset);
            let beside = [
                (0 < k, offset.wrapping_sub(ni * nj)),
                (0 < j, offset.wrapping_sub(ni)),
                (0 < i, offset.wrapping_sub(1)),
                (i + 1 < ni, offset + 1),
                (j + 1 < nj, offset + ni),
                (k + 1 < nk, offset + ni * nj),
            ];
            for (inside, to) in beside {
                if inside && open[to] != 0 && labels[to] == 0 {
                    labels[to] = label;
                    next.push(to);
                }
            }
        }
        front = next;
    }
    Ok(Volume::new(Arc::clone(mask.grid()), labels).expect("one label per voxel"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};

    #[test]
    fn labels_meet_in_the_middle_and_stop_at_walls() {
        let grid = Arc::new(Grid::aligned([9, 1, 1], Point::origin(), [1.0; 3]).unwrap());
        let mask = Volume::new(Arc::clone(&grid), vec![1, 1, 1, 1, 1, 1, 1, 0, 1]).unwrap();
        let seeds = Volume::new(grid, vec![1, 0, 0, 0, 0, 0, 2, 0, 0]).unwrap();
        let progress = Progress::default();
        assert_eq!(compete(&mask, &seeds, 99, &progress).unwrap().voxels(), [1, 1, 1, 1, 2, 2, 2, 0, 0]);
        assert_eq!(compete(&mask, &seeds, 1, &progress).unwrap().voxels(), [1, 1, 0, 0, 0, 2, 2, 0, 0]);
    }
}
