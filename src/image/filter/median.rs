//! Median of 3 × 3 voxels in each slice: takes noise away and leaves edges.

use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use rayon::prelude::*;
use std::sync::Arc;

/// Every voxel's median with its eight neighbours in the slice (constant `k`); the slice's edge is repeated outwards.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn median_in_slices(volume: &Volume<i16>, progress: &Progress) -> Result<Volume<i16>, Cancelled> {
    let [ni, nj, _] = volume.grid().dims();
    let mut voxels = vec![0_i16; volume.grid().len()];
    voxels.par_chunks_mut(ni * nj).zip(volume.voxels().par_chunks(ni * nj)).try_for_each(|(out, slice)| {
        progress.check()?;
        let mut padded = [vec![0_i16; ni + 2], vec![0_i16; ni + 2], vec![0_i16; ni + 2]];
        for (j, out) in out.chunks_mut(ni).enumerate() {
            for (row, shift) in padded.iter_mut().zip([0, 1, 2]) {
                let source = (j + shift).saturating_sub(1).min(nj - 1);
                let values = &slice[source * ni..(source + 1) * ni];
                row[1..=ni].copy_from_slice(values);
                (row[0], row[ni + 1]) = (values[0], values[ni - 1]);
            }
            let [above, here, below] = &padded;
            median_row([above, here, below], out);
        }
        Ok(())
    })?;
    Ok(Volume::new(Arc::clone(volume.grid()), voxels).expect("one value per voxel"))
}

/// Sort the three columns of three, then take the median of the largest low, the middle middle and the smallest high.
fn median_row(rows: [&[i16]; 3], out: &mut [i16]) {
    let n = out.len();
    let sorted = |i: usize| {
        let (a, b, c) = (rows[0][i], rows[1][i], rows[2][i]);
        let (low, high) = (a.min(b), a.max(b));
        (low.min(c), low.max(high.min(c)), high.max(c))
    };
    let middle = |a: i16, b: i16, c: i16| a.min(b).max(a.max(b).min(c));
    for (i, out) in out.iter_mut().enumerate().take(n) {
        let ((a, b, c), (d, e, f), (g, h, k)) = (sorted(i), sorted(i + 1), sorted(i + 2));
        *out = middle(a.max(d).max(g), middle(b, e, h), c.min(f).min(k));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::{Grid, Point};

    #[test]
    fn the_median_is_the_fifth_of_nine() {
        let grid = Grid::aligned([17, 9, 2], Point::origin(), [1.0; 3]).unwrap();
        let mut rng = Rng::new(2);
        let voxels = (0..grid.len()).map(|_| rng.below(100) as i16 - 50).collect();
        let volume = Volume::new(grid, voxels).unwrap();
        let found = median_in_slices(&volume, &Progress::default()).unwrap();
        for offset in 0..volume.grid().len() {
            let [i, j, k] = volume.grid().voxel(offset);
            let near = |x: usize, d: usize, n: usize| (x + d).saturating_sub(1).min(n - 1);
            let mut nine: Vec<i16> = (0..9).map(|n| volume.at([near(i, n % 3, 17), near(j, n / 3, 9), k])).collect();
            nine.sort_unstable();
            assert_eq!(found.voxels()[offset], nine[4]);
        }
    }
}
