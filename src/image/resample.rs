//! Bringing volumes and labels onto another grid.

use super::{LabelMap, Volume};
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Vector};
use nalgebra::Matrix3;
use rayon::prelude::*;
use std::sync::Arc;

/// Trilinear values of `volume` at the voxel centres of `grid`; `outside` more than half a voxel beyond the volume.
///
/// Does not smooth first: bring a fine image onto a much coarser grid with [`block_mean`] instead.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn resample<T: Copy + Into<f64> + Send + Sync>(
    volume: &Volume<T>,
    grid: &Arc<Grid>,
    outside: f32,
    progress: &Progress,
) -> Result<Volume<f32>, Cancelled> {
    sample(volume.grid(), grid, outside, progress, |index| volume.sample_index(index).map(|value| value as f32))
}

/// The label of `labels` nearest to each voxel centre of `grid`, 0 beyond the labels' voxels; the table stays.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn resample_labels(labels: &LabelMap, grid: &Arc<Grid>, progress: &Progress) -> Result<LabelMap, Cancelled> {
    let dims = labels.grid().dims();
    let volume = sample(labels.grid(), grid, 0, progress, |index| nearest(index, dims).map(|voxel| labels.at(voxel)))?;
    Ok(LabelMap::from_volume(&volume, labels.segments().to_vec()).expect("the labels are those of the same table"))
}

/// The voxel whose cell holds a continuous index.
#[inline]
pub(super) fn nearest(index: Vector, dims: [usize; 3]) -> Option<[usize; 3]> {
    let inside = (0..3).all(|a| -0.5 <= index[a] && index[a] < dims[a] as f64 - 0.5);
    inside.then(|| [(index.x + 0.5) as usize, (index.y + 0.5) as usize, (index.z + 0.5) as usize])
}

/// `value(index in source)` for every voxel of `target`.
fn sample<T: Copy + Send + Sync>(
    source: &Grid,
    target: &Arc<Grid>,
    outside: T,
    progress: &Progress,
    value: impl Fn(Vector) -> Option<T> + Sync,
) -> Result<Volume<T>, Cancelled> {
    let [ni, nj, _] = target.dims();
    let mut voxels = vec![outside; target.len()];
    let index_at = |i: usize, j: usize, k: usize| source.index_from_patient(target.centre([i, j, k]));
    let step = index_at(1, 0, 0) - index_at(0, 0, 0);
    voxels.par_chunks_mut(ni * nj).enumerate().try_for_each(|(k, slice)| {
        progress.check()?;
        for (j, row) in slice.chunks_mut(ni).enumerate() {
            let first = index_at(0, j, k);
            for (i, out) in row.iter_mut().enumerate() {
                *out = value(first + step * i as f64).unwrap_or(outside);
            }
        }
        Ok(())
    })?;
    Ok(Volume::new(Arc::clone(target), voxels).expect("one value per voxel of the target"))
}

/// The grid whose cells are blocks of `factor` cells of `grid`; blocks at the end may stick out.
pub fn block_grid(grid: &Grid, factor: [usize; 3]) -> Grid {
    let dims = [0, 1, 2].map(|a| grid.dims()[a].div_ceil(factor[a]));
    let shift = Vector::from(factor.map(|f| 0.5 * (f as f64 - 1.0)));
    let scale = Matrix3::from_diagonal(&Vector::from(factor.map(|f| f as f64)));
    Grid::new(dims, grid.patient_from_index(shift), grid.step() * scale).expect("blocks of a grid form a grid")
}

/// The mean of every block of `factor` voxels, values under `low` counted as `low`, rounded down.
///
/// Blocks at the end of an axis average the voxels they have.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn block_mean(
    volume: &Volume<i16>,
    factor: [usize; 3],
    low: i16,
    progress: &Progress,
) -> Result<Volume<i16>, Cancelled> {
    let factor = factor.map(|f| f.max(1));
    let grid = Arc::new(block_grid(volume.grid(), factor));
    let ([ni, nj, nk], [mi, mj, _]) = (volume.grid().dims(), grid.dims());
    let mut voxels = vec![0_i16; grid.len()];
    voxels.par_chunks_mut(mi * mj).enumerate().try_for_each(|(k, slice)| {
        progress.check()?;
        let mut sums = vec![0_i64; mi];
        for (j, out) in slice.chunks_mut(mi).enumerate() {
            sums.fill(0);
            let (rows, depth) =
                (j * factor[1]..((j + 1) * factor[1]).min(nj), k * factor[2]..((k + 1) * factor[2]).min(nk));
            for (y, z) in depth.clone().flat_map(|z| rows.clone().map(move |y| (y, z))) {
                let row = &volume.voxels()[(z * nj + y) * ni..(z * nj + y + 1) * ni];
                for (sum, block) in sums.iter_mut().zip(row.chunks(factor[0])) {
                    *sum += block.iter().map(|value| i64::from((*value).max(low))).sum::<i64>();
                }
            }
            let n_rows = (rows.len() * depth.len()) as i64;
            for (i, (out, sum)) in out.iter_mut().zip(&sums).enumerate() {
                let width = factor[0].min(ni - i * factor[0]) as i64;
                *out = sum.div_euclid(width * n_rows) as i16;
            }
        }
        Ok(())
    })?;
    Ok(Volume::new(grid, voxels).expect("one mean per block"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;

    #[test]
    fn a_linear_function_survives_a_turned_grid() {
        let grid = Grid::aligned([20, 20, 20], Point::origin(), [1.0, 1.0, 2.0]).unwrap();
        let f = |p: Point| 3.0 * p.x - p.y + 0.5 * p.z;
        let voxels = (0..grid.len()).map(|o| f(grid.centre(grid.voxel(o)))).collect();
        let volume = Volume::<f64>::new(grid, voxels).unwrap();
        let turn = nalgebra::Rotation3::from_euler_angles(0.2, -0.3, 0.4);
        let target = Grid::new([5, 6, 7], Point::new(8.0, 6.0, 14.0), turn.matrix() * 0.8).unwrap();
        let found = resample(&volume, &Arc::new(target.clone()), f32::NAN, &Progress::default()).unwrap();
        for offset in 0..target.len() {
            let expected = f(target.centre(target.voxel(offset)));
            assert!((f64::from(found.voxels()[offset]) - expected).abs() < 1e-4);
        }
    }

    #[test]
    fn labels_on_their_own_grid_stay_as_they_are() {
        let grid = Grid::aligned([9, 8, 7], Point::new(1.0, 2.0, 3.0), [0.7, 0.7, 2.5]).unwrap();
        let mask = Volume::new(grid.clone(), (0..grid.len()).map(|o| (o % 3 == 0) as u8).collect()).unwrap();
        let labels = LabelMap::from_mask(&mask, "thirds", [9; 3], None);
        let again = resample_labels(&labels, &Arc::new(grid), &Progress::default()).unwrap();
        assert_eq!(again, labels);
    }

    #[test]
    fn blocks_average_what_they_have_and_lie_where_they_should() {
        let grid = Grid::aligned([5, 4, 1], Point::origin(), [1.0, 1.0, 3.0]).unwrap();
        let voxels = (0..20).map(|o| (o % 5) as i16 * 10).collect();
        let volume = Volume::new(grid, voxels).unwrap();
        let means = block_mean(&volume, [2, 2, 1], 10, &Progress::default()).unwrap();
        assert_eq!(means.voxels(), [10, 25, 40, 10, 25, 40]);
        assert_eq!(means.grid().centre([1, 1, 0]), Point::new(2.5, 2.5, 0.0));
    }
}
