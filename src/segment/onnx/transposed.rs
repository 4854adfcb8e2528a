//! Transposed convolution in three dimensions: every voxel of a small image spreads its kernel over a larger one.

use crate::base::{Cancelled, Progress};
use rayon::prelude::*;

/// A kernel, how far apart the voxels of the image lie in the result, and what is cut off before it.
#[derive(Debug, Clone)]
pub(super) struct Transposed {
    inputs: usize,
    outputs: usize,
    kernel: [usize; 3],
    stride: [usize; 3],
    before: [usize; 3],
    /// [inputs][outputs][kernel].
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Transposed {
    pub(super) fn new(
        [outputs, inputs]: [usize; 2],
        kernel: [usize; 3],
        stride: [usize; 3],
        before: [usize; 3],
        weights: Vec<f32>,
        bias: Vec<f32>,
    ) -> Self {
        Self { inputs, outputs, kernel, stride, before, weights, bias }
    }

    /// `out[o][z s + c − p][…][…] = bias[o] + Σ weights[i][o][c][b][a] image[i][z][…][…]`, with stride s and p cut off.
    ///
    /// Planes are computed in parallel, each sum in a fixed order. Asks `progress` once a row.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub(super) fn run(
        &self,
        image: &[f32],
        [iz, iy, ix]: [usize; 3],
        out: &mut [f32],
        [nz, ny, nx]: [usize; 3],
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        let [kz, ky, kx] = self.kernel;
        // The voxel of the image whose tap `tap` falls on `at`.
        let source = |axis: usize, at: usize, tap: usize, n: usize| {
            let x = (at + self.before[axis]).checked_sub(tap)?;
            x.is_multiple_of(self.stride[axis]).then(|| x / self.stride[axis]).filter(|x| *x < n)
        };
        out.par_chunks_mut(ny * nx).enumerate().try_for_each(|(plane, out)| {
            let (output, z) = (plane / nz, plane % nz);
            for (y, row) in out.chunks_mut(nx).enumerate() {
                progress.check()?;
                row.fill(self.bias[output]);
                for c in 0..kz {
                    let Some(z) = source(0, z, c, iz) else { continue };
                    for b in 0..ky {
                        let Some(y) = source(1, y, b, iy) else { continue };
                        for input in 0..self.inputs {
                            let values = &image[((input * iz + z) * iy + y) * ix..][..ix];
                            let weights =
                                &self.weights[(((input * self.outputs + output) * kz + c) * ky + b) * kx..][..kx];
                            for (a, weight) in weights.iter().enumerate() {
                                for (x, value) in values.iter().enumerate() {
                                    let at = (x * self.stride[2] + a).checked_sub(self.before[2]);
                                    if let Some(sum) = at.and_then(|at| row.get_mut(at)) {
                                        *sum += weight * value;
                                    }
                                }
                            }
                        }
                    }
                }
            }
            Ok(())
        })
    }
}
