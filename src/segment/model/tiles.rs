//! Tiles that cover a grid, so that no more is computed at once than memory holds.

use std::ops::Range;

/// A part of a grid that is computed at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tile {
    /// Its first voxel.
    pub(super) start: [usize; 3],
    /// The voxels of the grid that are its own: those nearer to its middle than to that of a neighbour.
    pub(super) keep: [Range<usize>; 3],
}

/// Tiles of `size` voxels in rows of i, then j, then k. Neighbours share at least twice the `overlap`; the parts they
/// keep cover every voxel once and lie `overlap` voxels inside, except at the end of the grid. A tile larger than the grid
/// goes beyond its end.
///
/// A network that sees no farther than `overlap` gives in the kept part the same numbers as on the whole grid, also at the
/// end of the grid, where a tile ends with it.
pub(super) fn tiles(dims: [usize; 3], size: [usize; 3], overlap: usize) -> Vec<Tile> {
    let [along_i, along_j, along_k] = [0, 1, 2].map(|a| line(dims[a], size[a], overlap));
    let mut tiles = Vec::new();
    for (k, keep_k) in &along_k {
        for (j, keep_j) in &along_j {
            for (i, keep_i) in &along_i {
                tiles.push(Tile { start: [*i, *j, *k], keep: [keep_i.clone(), keep_j.clone(), keep_k.clone()] });
            }
        }
    }
    tiles
}

/// Voxels of a tile along each axis: no more than the grid has, in whole multiples.
pub(super) fn size_of(dims: [usize; 3], patch: Option<[usize; 3]>, multiple: usize) -> [usize; 3] {
    [0, 1, 2].map(|a| patch.map_or(dims[a], |patch| patch[a].min(dims[a])).next_multiple_of(multiple))
}

/// Starts along one axis, and what is kept of each.
fn line(n: usize, size: usize, overlap: usize) -> Vec<(usize, Range<usize>)> {
    if n <= size {
        return vec![(0, 0..n)];
    }
    let stride = size - 2 * overlap;
    let count = (n - 2 * overlap).div_ceil(stride);
    let mut from = 0;
    (0..count)
        .map(|t| {
            let start = (t * stride).min(n - size);
            let to = if t + 1 == count { n } else { start + size - overlap };
            let keep = from..to;
            from = to;
            (start, keep)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_voxel_is_kept_once_and_far_enough_inside() {
        for n in 1..60 {
            for size in 1..20 {
                for overlap in (0..10).filter(|overlap| 2 * overlap < size) {
                    let mut next = 0;
                    for (start, keep) in line(n, size, overlap) {
                        assert_eq!(keep.start, next, "{n} {size} {overlap}");
                        assert!(start + size.min(n) <= n && !keep.is_empty());
                        assert!(keep.start == 0 || start + overlap <= keep.start);
                        assert!(keep.end == n || keep.end + overlap <= start + size);
                        next = keep.end;
                    }
                    assert_eq!(next, n);
                }
            }
        }
    }

    #[test]
    fn a_tile_is_no_larger_than_the_grid_but_a_whole_multiple() {
        assert_eq!(size_of([20, 40, 7], Some([32, 32, 32]), 1), [20, 32, 7]);
        assert_eq!(size_of([20, 40, 7], Some([32, 32, 32]), 16), [32, 32, 16]);
        assert_eq!(size_of([20, 40, 7], None, 1), [20, 40, 7]);
    }
}
