//! A mask seen at the scale of the cells: how much of the neighbourhood of a place is inside.

use super::largest::Part;
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use rayon::prelude::*;

/// A smooth function of space: near 1 inside, near 0 outside, about ½ on the border.
pub(super) struct Indicator(Volume<f32>);

impl Indicator {
    /// Block means of a label of a part (blocks of at most a quarter of `cell_mm`), blurred by a Gaussian with a standard deviation of
    /// a quarter of `cell_mm`, but at least half a block: a single voxel then still reaches 0.48.
    pub fn new(part: &Part, label: u8, cell_mm: f64, progress: &Progress) -> Result<Self, Cancelled> {
        let sigma_mm = 0.25 * cell_mm;
        let (own, voxels) = part.only(label);
        let spacing = own.spacing_mm();
        let fine = own.dims();
        let block = [0, 1, 2].map(|a| ((sigma_mm / spacing[a]) as usize).clamp(1, fine[a]));
        let sigma = [0, 1, 2].map(|a| (sigma_mm / (spacing[a] * block[a] as f64)).max(0.5));
        let rim = sigma.map(|s| (3.0 * s).ceil() as usize + 1);
        let dims = [0, 1, 2].map(|a| fine[a].div_ceil(block[a]) + 2 * rim[a]);
        let mut values = block_means(&voxels, fine, block, rim, dims, progress)?;
        for axis in 0..3 {
            values = blurred(&values, dims, axis, &gaussian(sigma[axis]), progress)?;
        }
        let first = Vector::from([0, 1, 2].map(|a| 0.5 * (block[a] as f64 - 1.0) - (rim[a] * block[a]) as f64));
        let step = own.step() * nalgebra::Matrix3::from_diagonal(&Vector::from(block.map(|b| b as f64)));
        let grid = Grid::new(dims, own.patient_from_index(first), step).expect("blocks of a grid span space too");
        Ok(Self(Volume::new(grid, values).expect("one mean per block")))
    }

    /// The value at a place, 0 to 1.
    #[inline]
    pub fn at(&self, place: &Point) -> f64 {
        self.0.sample_index(self.0.grid().index_from_patient(*place)).unwrap_or(0.0)
    }
}

fn block_means(
    voxels: &[u8],
    [ni, nj, nk]: [usize; 3],
    block: [usize; 3],
    rim: [usize; 3],
    dims: [usize; 3],
    progress: &Progress,
) -> Result<Vec<f32>, Cancelled> {
    let scale = 1.0 / block.iter().product::<usize>() as f32;
    let mut means = vec![0.0_f32; dims.iter().product()];
    means.par_chunks_mut(dims[0] * dims[1]).enumerate().skip(rim[2]).try_for_each(|(k, slice)| {
        progress.check()?;
        let k = (k - rim[2]) * block[2];
        for fine_k in k..(k + block[2]).min(nk) {
            for fine_j in 0..nj {
                let row = &voxels[(fine_k * nj + fine_j) * ni..][..ni];
                let out = &mut slice[(fine_j / block[1] + rim[1]) * dims[0] + rim[0]..];
                for (mean, values) in out.iter_mut().zip(row.chunks(block[0])) {
                    *mean += scale * values.iter().map(|v| f32::from(*v)).sum::<f32>();
                }
            }
        }
        Ok(())
    })?;
    Ok(means)
}

/// Weights 0 … r of a normalised, symmetric kernel.
fn gaussian(sigma: f64) -> Vec<f32> {
    let radius = (3.0 * sigma).ceil() as usize;
    let weights: Vec<f64> = (0..=radius).map(|n| (-0.5 * (n as f64 / sigma).powi(2)).exp()).collect();
    let sum = weights[0] + 2.0 * weights[1..].iter().sum::<f64>();
    weights.iter().map(|w| (w / sum) as f32).collect()
}

/// Convolution along one axis; beyond the array everything is 0.
fn blurred(
    values: &[f32],
    dims: [usize; 3],
    axis: usize,
    kernel: &[f32],
    progress: &Progress,
) -> Result<Vec<f32>, Cancelled> {
    let stride = dims[..axis].iter().product::<usize>();
    let per_slice = dims[0] * dims[1];
    let mut out = vec![0.0_f32; values.len()];
    out.par_chunks_mut(per_slice).enumerate().try_for_each(|(k, slice)| {
        progress.check()?;
        for (j, row) in slice.chunks_mut(dims[0]).enumerate() {
            let start = k * per_slice + j * dims[0];
            for (n, weight) in kernel.iter().enumerate() {
                if axis == 0 {
                    let source = &values[start..start + dims[0]];
                    let n = n.min(dims[0]);
                    row[n..].iter_mut().zip(source).for_each(|(out, v)| *out += weight * v);
                    if 0 < n {
                        row.iter_mut().zip(&source[n..]).for_each(|(out, v)| *out += weight * v);
                    }
                    continue;
                }
                let at = [j, k][axis - 1];
                let before = at.checked_sub(n).map(|_| start - n * stride);
                let after = (0 < n && at + n < dims[axis]).then_some(start + n * stride);
                for source in before.into_iter().chain(after) {
                    row.iter_mut().zip(&values[source..source + dims[0]]).for_each(|(out, v)| *out += weight * v);
                }
            }
        }
        Ok(())
    })?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_indicator_is_one_inside_half_on_the_face_and_zero_outside() {
        let grid = Grid::aligned([20, 24, 8], Point::new(5.0, 6.0, 7.0), [1.0, 1.0, 3.0]).unwrap();
        let (centre, count) = (grid.bounds().centre(), grid.len());
        let part =
            Part { voxels: vec![1; count], labels: vec![1], counts: vec![count], others: 0, others_count: 0, grid };
        for cell_mm in [1.0, 4.0, 9.0] {
            let indicator = Indicator::new(&part, 1, cell_mm, &Progress::default()).unwrap();
            assert!((indicator.at(&centre) - 1.0).abs() < 1e-3, "{}", indicator.at(&centre));
            for (face, half) in [(Vector::x(), 10.0), (-Vector::y(), 12.0), (Vector::z(), 12.0)] {
                let value = indicator.at(&(centre + face * half));
                assert!((value - 0.5).abs() < 0.01, "{value} on the face along {face} for cells of {cell_mm} mm");
                assert!(indicator.at(&(centre + face * (half + 3.0 * cell_mm.max(3.0)))) < 1e-3);
            }
        }
    }
}
