//! Pooling, and statistics of whole channels.

use super::layer::Shape;
use crate::base::{Cancelled, Progress, parallel};
use rayon::prelude::*;

/// What becomes of the values under a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PoolKind {
    Max,
    Mean,
}

/// A window and how it goes over an image.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    pub(super) kind: PoolKind,
    pub(super) kernel: [usize; 3],
    pub(super) stride: [usize; 3],
    pub(super) dilation: [usize; 3],
    pub(super) before: [usize; 3],
    /// Whether places outside the image count in a mean.
    pub(super) count_outside: bool,
}

impl Pool {
    /// Asks `progress` once a row.
    pub(super) fn run(
        &self,
        image: &[f32],
        [iz, iy, ix]: [usize; 3],
        out: &mut [f32],
        [nz, ny, nx]: [usize; 3],
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        let inside = |axis: usize, at: usize, tap: usize, n: usize| {
            (at * self.stride[axis] + tap * self.dilation[axis]).checked_sub(self.before[axis]).filter(|x| *x < n)
        };
        let [kz, ky, kx] = self.kernel;
        out.par_chunks_mut(ny * nx).enumerate().try_for_each(|(plane, out)| {
            let (channel, z) = (plane / nz, plane % nz);
            for (y, row) in out.chunks_mut(nx).enumerate() {
                progress.check()?;
                for (x, out) in row.iter_mut().enumerate() {
                    let (mut largest, mut sum, mut count) = (f32::NEG_INFINITY, 0.0, 0_u32);
                    for z in (0..kz).filter_map(|c| inside(0, z, c, iz)) {
                        for y in (0..ky).filter_map(|b| inside(1, y, b, iy)) {
                            for x in (0..kx).filter_map(|a| inside(2, x, a, ix)) {
                                let value = image[((channel * iz + z) * iy + y) * ix + x];
                                largest = largest.max(value);
                                sum += value;
                                count += 1;
                            }
                        }
                    }
                    let count = if self.count_outside { (kz * ky * kx) as f32 } else { count.max(1) as f32 };
                    *out = if self.kind == PoolKind::Max { largest } else { sum / count };
                }
            }
            Ok(())
        })
    }
}

/// Values summed at a time: fixed, so that any number of threads gives the same sum.
const BLOCK: usize = 1 << 16;

/// Mean and variance of values.
fn statistics(values: &[f32]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = parallel::sum_blocks(values.len(), BLOCK, |range| values[range].iter().map(|v| f64::from(*v)).sum()) / n;
    let squares = |range: std::ops::Range<usize>| values[range].iter().map(|v| (f64::from(*v) - mean).powi(2)).sum();
    (mean, parallel::sum_blocks(values.len(), BLOCK, squares) / n)
}

/// The largest value or the mean of each channel. Asks `progress` once a channel.
pub(super) fn global(
    kind: PoolKind,
    image: &[f32],
    channels: usize,
    progress: &Progress,
) -> Result<Vec<f32>, Cancelled> {
    image
        .chunks(image.len() / channels)
        .map(|channel| {
            progress.check()?;
            Ok(match kind {
                PoolKind::Max => channel.par_iter().copied().reduce(|| f32::NEG_INFINITY, f32::max),
                PoolKind::Mean => statistics(channel).0 as f32,
            })
        })
        .collect()
}

/// Groups of channels brought to mean 0 and variance 1 in place, then scaled and shifted by channel
/// (Ulyanov et al. 2016; Wu & He 2018). Asks `progress` twice a group.
pub(super) fn normal(
    image: &mut [f32],
    shape: Shape,
    groups: usize,
    epsilon: f32,
    [scale, shift]: [&[f32]; 2],
    progress: &Progress,
) -> Result<(), Cancelled> {
    let each = shape[0] / groups;
    let voxels = image.len() / shape[0];
    for (group, image) in image.chunks_mut(each * voxels).enumerate() {
        progress.check()?;
        let (mean, variance) = statistics(image);
        progress.check()?;
        let factor = 1.0 / (variance + f64::from(epsilon)).sqrt();
        for (n, channel) in image.chunks_mut(voxels).enumerate() {
            let channel_number = group * each + n;
            let (scale, shift) = (f64::from(scale[channel_number]), f64::from(shift[channel_number]));
            let (a, b) = ((scale * factor) as f32, (shift - mean * scale * factor) as f32);
            channel.par_iter_mut().for_each(|value| *value = a * *value + b);
        }
    }
    Ok(())
}

/// Softmax over channels in place, or its logarithm. Asks `progress` once a piece.
pub(super) fn softmax(image: &mut [f32], channels: usize, log: bool, progress: &Progress) -> Result<(), Cancelled> {
    const PIECE: usize = 1 << 14;
    let voxels = image.len() / channels;
    let mut pieces: Vec<Vec<&mut [f32]>> = (0..voxels.div_ceil(PIECE)).map(|_| Vec::with_capacity(channels)).collect();
    for channel in image.chunks_mut(voxels) {
        channel.chunks_mut(PIECE).enumerate().for_each(|(n, piece)| pieces[n].push(piece));
    }
    pieces.into_par_iter().try_for_each(|mut channels| {
        progress.check()?;
        for n in 0..channels[0].len() {
            let largest = channels.iter().map(|channel| channel[n]).fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = channels.iter().map(|channel| (channel[n] - largest).exp()).sum();
            for channel in &mut channels {
                let value = channel[n] - largest;
                channel[n] = if log { value - sum.ln() } else { value.exp() / sum };
            }
        }
        Ok(())
    })
}
