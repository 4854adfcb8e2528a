//! Three-dimensional convolution of many channels, directly: no copy of the image for every tap of the kernel.

use crate::base::{Cancelled, Progress};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Channels of the output computed together: with two vectors each, as many sums as half the registers of AVX2 hold.
const TOGETHER: usize = 6;

/// A kernel, where it begins, and how it steps. Lengths are along the three axes, the last the fastest in memory.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Convolution {
    inputs: usize,
    outputs: usize,
    kernel: [usize; 3],
    dilation: [usize; 3],
    stride: [usize; 3],
    /// Zeros before the image.
    before: [usize; 3],
    /// Channels of a block: [`TOGETHER`] or less.
    block: usize,
    /// By block, tap (channel of the input, then the three axes), and channel within the block; zero beyond the last channel.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Convolution {
    /// From weights [outputs][inputs][kernel] and one bias for each output.
    pub(super) fn new([outputs, inputs]: [usize; 2], kernel: [usize; 3], weights: &[f32], bias: &[f32]) -> Self {
        let taps = inputs * kernel.iter().product::<usize>();
        assert!(weights.len() == outputs * taps && bias.len() == outputs, "weights as declared");
        let blocks = outputs.div_ceil(TOGETHER).max(1);
        let block = outputs.div_ceil(blocks).max(1);
        let mut packed = vec![0.0; blocks * taps * block];
        for (output, weights) in weights.chunks(taps.max(1)).enumerate() {
            for (tap, weight) in weights.iter().enumerate() {
                packed[(output / block * taps + tap) * block + output % block] = *weight;
            }
        }
        let bias = (0..blocks * block).map(|output| bias.get(output).copied().unwrap_or(0.0)).collect();
        let ones = [1; 3];
        Self { inputs, outputs, kernel, dilation: ones, stride: ones, before: [0; 3], block, weights: packed, bias }
    }

    /// The same with steps between the taps of the kernel, steps between results, and zeros before the image.
    #[must_use]
    pub(super) fn stepping(self, dilation: [usize; 3], stride: [usize; 3], before: [usize; 3]) -> Self {
        Self { dilation, stride, before, ..self }
    }

    /// `out[o][z][y][x] = bias[o] + Σ weights[o][i][c][b][a] image[i][z s + c d − p][…][…]`, with stride s, dilation d, zeros
    /// p before the image and as many behind as `to` needs.
    ///
    /// Rows are computed in parallel planes, each sum in a fixed order. Asks `progress` once a row.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub(super) fn run(
        &self,
        image: &[f32],
        from: [usize; 3],
        out: &mut [f32],
        to: [usize; 3],
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        let [nz, ny, nx] = to;
        let arch = Arch::new();
        let mut planes: Vec<Vec<&mut [f32]>> = (0..nz).map(|_| Vec::with_capacity(self.outputs)).collect();
        out.chunks_mut((ny * nx).max(1)).enumerate().for_each(|(n, plane)| planes[n % nz].push(plane));
        planes.into_par_iter().enumerate().try_for_each_init(
            || Rows::new(self, nx),
            |rows, (z, mut planes)| {
                for y in 0..ny {
                    progress.check()?;
                    rows.gather(self, image, from, [z, y], nx);
                    for block in 0..self.bias.len() / self.block {
                        arch.dispatch(Row { of: self, rows, block, y, nx, planes: &mut planes });
                    }
                }
                Ok(())
            },
        )
    }

    /// Bytes that `threads` threads hold beside image and result.
    pub(super) fn workspace_bytes(&self, nx: usize, threads: usize) -> u64 {
        let taps = self.inputs * self.kernel.iter().product::<usize>();
        let width = nx + PAD + self.kernel[2] * self.dilation[2];
        4 * (threads as u64) * (taps as u64) * (width as u64)
    }
}

/// Values behind a row that vectors may reach: two of the widest.
const PAD: usize = 32;

/// The rows of an image that a row of the result needs, with zeros around.
struct Rows {
    values: Vec<f32>,
    /// Values of one row.
    width: usize,
    /// Where each tap begins in `values`, and its number among the weights.
    taps: Vec<(usize, usize)>,
}

impl Rows {
    fn new(of: &Convolution, nx: usize) -> Self {
        let [kz, ky, kx] = of.kernel;
        // Without a stride all taps of a row see the same values; with one, each has a row of its own.
        let (reach, copies) = if of.stride[2] == 1 { ((kx - 1) * of.dilation[2], 1) } else { (0, kx) };
        let width = nx + PAD + reach;
        Self { values: vec![0.0; of.inputs * kz * ky * copies * width], width, taps: Vec::new() }
    }

    /// The rows for the row `at` (z, y) of the result.
    fn gather(&mut self, of: &Convolution, image: &[f32], [iz, iy, ix]: [usize; 3], at: [usize; 2], nx: usize) {
        self.taps.clear();
        let [kz, ky, kx] = of.kernel;
        let (step, before) = (of.stride[2], of.before[2]);
        let inside = |axis: usize, tap: usize, n: usize| {
            (at[axis] * of.stride[axis] + tap * of.dilation[axis]).checked_sub(of.before[axis]).filter(|x| *x < n)
        };
        let mut rows = self.values.chunks_mut(self.width).enumerate();
        for channel in 0..of.inputs {
            for c in 0..kz {
                let Some(z) = inside(0, c, iz) else { continue };
                for b in 0..ky {
                    let Some(y) = inside(1, b, iy) else { continue };
                    let source = &image[((channel * iz + z) * iy + y) * ix..][..ix];
                    let first = ((channel * kz + c) * ky + b) * kx;
                    if step == 1 {
                        let (n, row) = rows.next().expect("a row for every tap");
                        let from = before.min(row.len());
                        let to = (from + ix).min(row.len());
                        row[..from].fill(0.0);
                        row[from..to].copy_from_slice(&source[..to - from]);
                        row[to..].fill(0.0);
                        self.taps.extend((0..kx).map(|a| (n * self.width + a * of.dilation[2], first + a)));
                        continue;
                    }
                    for a in 0..kx {
                        let (n, row) = rows.next().expect("a row for every tap");
                        for (x, value) in row[..nx].iter_mut().enumerate() {
                            let at = (x * step + a * of.dilation[2]).checked_sub(before);
                            *value = at.and_then(|at| source.get(at).copied()).unwrap_or(0.0);
                        }
                        self.taps.push((n * self.width, first + a));
                    }
                }
            }
        }
    }
}

/// One row of one block of channels.
struct Row<'a, 'b> {
    of: &'a Convolution,
    rows: &'a Rows,
    block: usize,
    y: usize,
    nx: usize,
    planes: &'a mut [&'b mut [f32]],
}

impl WithSimd for Row<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.of.block {
            1 => self.sums::<S, 1>(simd),
            2 => self.sums::<S, 2>(simd),
            3 => self.sums::<S, 3>(simd),
            4 => self.sums::<S, 4>(simd),
            5 => self.sums::<S, 5>(simd),
            _ => self.sums::<S, TOGETHER>(simd),
        }
    }
}

impl Row<'_, '_> {
    #[inline(always)]
    fn sums<S: Simd, const B: usize>(self, simd: S) {
        let Self { of, rows, block, y, nx, planes } = self;
        let lanes = S::F32_LANES;
        let n_taps = of.weights.len() / of.bias.len();
        let (weights, _) = of.weights[block * n_taps * B..(block + 1) * n_taps * B].as_chunks::<B>();
        let bias = &of.bias[block * B..(block + 1) * B];
        let planes = &mut planes[block * B..of.outputs.min((block + 1) * B)];
        for x in (0..nx).step_by(2 * lanes) {
            let mut sums: [[S::f32s; 2]; B] = std::array::from_fn(|c| [simd.splat_f32s(bias[c]); 2]);
            for (start, tap) in &rows.taps {
                let (values, _) = S::as_simd_f32s(&rows.values[start + x..start + x + 2 * lanes]);
                let (low, high) = (values[0], values[1]);
                let weights = &weights[*tap];
                for c in 0..B {
                    let weight = simd.splat_f32s(weights[c]);
                    sums[c] =
                        [simd.mul_add_e_f32s(weight, low, sums[c][0]), simd.mul_add_e_f32s(weight, high, sums[c][1])];
                }
            }
            let here = (nx - x).min(2 * lanes);
            for (plane, sums) in planes.iter_mut().zip(&sums) {
                let values: &[f32] = bytemuck::cast_slice(sums);
                plane[y * nx + x..][..here].copy_from_slice(&values[..here]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;

    /// The formula, one value at a time.
    fn plain(of: &Convolution, weights: &[f32], image: &[f32], from: [usize; 3], to: [usize; 3]) -> Vec<f32> {
        let taps = of.inputs * of.kernel.iter().product::<usize>();
        let mut out = Vec::new();
        for o in 0..of.outputs {
            for at in 0..to.iter().product() {
                let at = [at / (to[1] * to[2]), at / to[2] % to[1], at % to[2]];
                let mut sum = f64::from(of.bias[o]);
                for tap in 0..taps {
                    let [_, ky, kx] = of.kernel;
                    let (channel, tap3) =
                        (tap / of.kernel.iter().product::<usize>(), tap % of.kernel.iter().product::<usize>());
                    let tap3 = [tap3 / (ky * kx), tap3 / kx % ky, tap3 % kx];
                    let place: [Option<usize>; 3] = std::array::from_fn(|a| {
                        let x = (at[a] * of.stride[a] + tap3[a] * of.dilation[a]).checked_sub(of.before[a])?;
                        Some(x).filter(|x| *x < from[a])
                    });
                    if let [Some(z), Some(y), Some(x)] = place {
                        let value = image[((channel * from[0] + z) * from[1] + y) * from[2] + x];
                        sum += f64::from(weights[o * taps + tap]) * f64::from(value);
                    }
                }
                out.push(sum as f32);
            }
        }
        out
    }

    #[test]
    fn any_kernel_stride_dilation_and_padding_gives_the_formula() {
        let mut rng = Rng::new(5);
        let mut random = |n: usize| (0..n).map(|_| rng.unit() as f32 - 0.5).collect::<Vec<f32>>();
        let from = [7, 9, 37];
        // Outputs, inputs, kernel, dilation, stride, zeros before and behind.
        let cases = [
            ([5, 2], [3, 3, 3], [2, 1, 4], [1, 1, 1], [2, 1, 4], [2, 1, 4]),
            ([7, 3], [3, 3, 3], [1, 1, 1], [2, 2, 2], [1, 1, 1], [1, 1, 1]),
            ([1, 1], [2, 1, 3], [1, 1, 1], [1, 3, 1], [0, 0, 0], [0, 0, 0]),
            ([13, 2], [1, 1, 1], [1, 1, 1], [1, 1, 1], [0, 0, 0], [0, 0, 0]),
            ([2, 2], [3, 3, 3], [9, 9, 40], [1, 1, 1], [9, 9, 40], [9, 9, 40]),
        ];
        for (channels, kernel, dilation, stride, before, behind) in cases {
            let weights = random(channels[0] * channels[1] * kernel.iter().product::<usize>());
            let (bias, image) = (random(channels[0]), random(channels[1] * from.iter().product::<usize>()));
            let of = Convolution::new(channels, kernel, &weights, &bias).stepping(dilation, stride, before);
            let to: [usize; 3] = std::array::from_fn(|a| {
                (from[a] + before[a] + behind[a] - (kernel[a] - 1) * dilation[a] - 1) / stride[a] + 1
            });
            let mut out = vec![f32::NAN; channels[0] * to.iter().product::<usize>()];
            of.run(&image, from, &mut out, to, &Progress::default()).unwrap();
            let wanted = plain(&of, &weights, &image, from, to);
            for (n, (a, b)) in out.iter().zip(&wanted).enumerate() {
                assert!((a - b).abs() < 1e-5, "{channels:?} {kernel:?} value {n}: {a} against {b}");
            }
        }
    }

    #[test]
    fn a_cancelled_convolution_stops() {
        let progress = Progress::default();
        progress.cancel();
        let of = Convolution::new([1, 1], [1, 1, 1], &[1.0], &[0.0]);
        assert!(of.run(&[1.0; 8], [2, 2, 2], &mut [0.0; 8], [2, 2, 2], &progress).is_err());
    }
}
