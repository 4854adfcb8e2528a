//! Rows of values on any straight line of points in a volume: fast where every point has eight voxels around it, careful
//! at the border.
//!
//! An index is rounded to 2⁻²⁰ voxels, so that a point meant to lie on a voxel centre lies on it; there the value is the
//! voxel's own, whatever its neighbours are (they may be no numbers).

use super::Interpolation;
use super::nearest::nearest_voxels;
use crate::geom::Vector;
use crate::image::Volume;
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// Points whose cells are found, read and blended together: few enough for their voxels to stay in the nearest cache.
const BLOCK: usize = 64;
/// Binary digits of an index behind the point.
const DIGITS: u32 = 20;
/// Added to an index below 4096 this leaves the index, rounded to [`DIGITS`], in the low 32 bits of the sum.
const ROUNDER: f64 = (1_u64 << (52 - DIGITS)) as f64;
/// Size of the last of these digits.
const LAST: f64 = 1.0 / (1_u64 << DIGITS) as f64;

/// What a voxel can hold.
pub(in crate::image) trait Value: Copy + Default + Into<f32> + Into<f64> + Send + Sync {
    /// Whether it may be no number.
    const MAY_BE_NAN: bool;
}

impl Value for i16 {
    const MAY_BE_NAN: bool = false;
}

impl Value for f32 {
    const MAY_BE_NAN: bool = true;
}

/// The part `t` of the way from `a` to `b`; at 0 it is `a`, even if `b` is no number.
#[inline(always)]
fn mix<T: Value>(a: f32, b: f32, t: f32) -> f32 {
    let mixed = a + t * (b - a);
    if T::MAY_BE_NAN && t == 0.0 { a } else { mixed }
}

/// Voxels to be sampled along rows.
#[derive(Debug)]
pub(in crate::image) struct Sampler<'a, T> {
    voxels: &'a [T],
    dims: [usize; 3],
    arch: Arch,
    /// All places fit 32 bits, and all indices what [`ROUNDER`] leaves.
    small: bool,
}

/// One row of points: its first index, the step to the next, and how far the upper voxels of a cell are along each axis.
#[derive(Debug, Clone, Copy)]
struct Row {
    start: Vector,
    step: Vector,
    upper: [usize; 3],
}

impl Row {
    /// The voxel in its own row of voxels that place `first` falls on, if the next `n` points go from one to the next.
    fn first_of_run(&self, first: usize, n: usize) -> Option<usize> {
        let index = self.start.x + self.step.x * first as f64;
        let off = (index - index.round()).abs() + (self.step.x - 1.0).abs() * n as f64;
        (0 < n && off <= 0.5 * LAST && self.step.y == 0.0 && self.step.z == 0.0).then_some(index.round() as usize)
    }
}

/// Points of a row that have complete cells, from place `first` on.
struct Interior<'a, T> {
    of: &'a Sampler<'a, T>,
    row: Row,
    first: usize,
    out: &'a mut [f32],
}

impl<T: Value> WithSimd for Interior<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let [_, down, deep] = self.row.upper;
        if let Some(first) = self.row.first_of_run(self.first, self.out.len()) {
            return self.of.run(&self.row, first, self.out);
        }
        for (block, out) in self.out.chunks_mut(BLOCK).enumerate() {
            let first = self.first + block * BLOCK;
            match (down, deep) {
                (0, 0) => self.of.block(&self.row, [0], first, out),
                (0, shift) | (shift, 0) => self.of.block(&self.row, [0, shift], first, out),
                _ => self.of.block(&self.row, [0, down, deep, down + deep], first, out),
            }
        }
    }
}

impl<'a, T: Value> Sampler<'a, T> {
    /// The voxels of a volume.
    pub(in crate::image) fn new(volume: &'a Volume<T>) -> Self {
        let dims = volume.grid().dims();
        let small = u32::try_from(volume.grid().len()).is_ok() && dims.iter().all(|n| *n <= 4096);
        Self { voxels: volume.voxels(), dims, arch: Arch::new(), small }
    }

    /// The values at `start + step x` for every place `x` of `out`; `NaN` more than half a voxel outside.
    pub(in crate::image) fn row(&self, start: Vector, step: Vector, interpolation: Interpolation, out: &mut [f32]) {
        if interpolation == Interpolation::Nearest {
            out.fill(f32::NAN);
            let [ni, nj, _] = self.dims;
            nearest_voxels(start, step, self.dims, out.len(), self.arch, |x, [i, j, k]| {
                out[x] = self.voxels[(k * nj + j) * ni + i].into();
            });
            return;
        }
        let (row, inside, interior) = self.prepare(start, step, out.len());
        out[..inside.start].fill(f32::NAN);
        out[inside.end..].fill(f32::NAN);
        for x in (inside.start..interior.start).chain(interior.end..inside.end) {
            out[x] = self.at_border(row.start + row.step * x as f64);
        }
        self.arch.dispatch(Interior { of: self, row, first: interior.start, out: &mut out[interior] });
    }

    /// The row as it is walked, the points that may be inside, and those whose cell is complete.
    fn prepare(&self, start: Vector, step: Vector, n: usize) -> (Row, Range<usize>, Range<usize>) {
        let [ni, nj, _] = self.dims;
        let mut row = Row { start, step, upper: [1, ni, ni * nj] };
        let (mut inside, mut interior) = (0..n, 0..n);
        for a in 0..3 {
            let last = (self.dims[a] - 1) as f64;
            if step[a].abs() * n as f64 <= 0.5 * LAST {
                // The row lies across this axis: it is inside all along, or nowhere.
                let index = (start[a] / LAST).round() * LAST;
                if !(-0.5 <= index && index <= last + 0.5) {
                    return (row, 0..0, 0..0);
                }
                row.start[a] = index.clamp(0.0, last);
                row.step[a] = 0.0;
                if a != 0 && row.start[a].fract() == 0.0 {
                    row.upper[a] = 0;
                } else if row.start[a] == last {
                    // There is nothing beyond to be read with it.
                    interior = 0..0;
                }
                continue;
            }
            let between = |low: f64, high: f64| {
                let ends = [(low - start[a]) / step[a], (high - start[a]) / step[a]];
                (ends[0].min(ends[1]), ends[0].max(ends[1]))
            };
            // `as` saturates. A point more on each side of what may be inside: the border is careful.
            let (from, to) = between(-0.5, last + 0.5);
            inside = inside.start.max((from - 1.0) as usize)..inside.end.min((to + 2.0).max(0.0) as usize);
            let (from, to) = between(0.0, last - 2.0 * LAST);
            interior =
                interior.start.max(from.ceil().max(0.0) as usize)..interior.end.min((to + 1.0).max(0.0) as usize);
        }
        inside.end = inside.end.max(inside.start.min(n));
        inside.start = inside.start.min(inside.end);
        let complete = |x: usize| {
            let index = row.start + row.step * x as f64;
            (0..3).all(|a| row.step[a] == 0.0 || (0.0 <= index[a] && index[a] < (self.dims[a] - 1) as f64 - LAST))
        };
        interior = interior.start.max(inside.start)..interior.end.min(inside.end);
        while !interior.is_empty() && !complete(interior.start) {
            interior.start += 1;
        }
        while !interior.is_empty() && !complete(interior.end - 1) {
            interior.end -= 1;
        }
        if interior.is_empty() || !self.small {
            interior = inside.end..inside.end;
        }
        (row, inside, interior)
    }

    /// Blend at most [`BLOCK`] points, all with a complete cell, from place `first` of the row on. `PAIRS` of the four
    /// edges of a cell count: along i, at the voxel itself, above, behind, and both.
    #[inline(always)]
    fn block<const PAIRS: usize>(&self, row: &Row, shifts: [usize; PAIRS], first: usize, out: &mut [f32]) {
        let n = out.len();
        let mut cells = [0_u32; BLOCK];
        let mut parts = [[0.0_f32; BLOCK]; 3];
        let strides = [1, self.dims[0] as u32, (self.dims[0] * self.dims[1]) as u32];
        for a in 0..3 {
            let (start, step) = (row.start[a], row.step[a]);
            for (x, (cell, part)) in cells.iter_mut().zip(&mut parts[a]).enumerate() {
                let index = (start + step * f64::from((first + x) as i32) + ROUNDER).to_bits() as u32;
                // Beyond the end of the block it may be any number; nothing is read there.
                *cell = cell.wrapping_add((index >> DIGITS).wrapping_mul(strides[a]));
                *part = (index & ((1 << DIGITS) - 1)) as i32 as f32 * LAST as f32;
            }
        }
        let mut pairs = [[[T::default(); 2]; BLOCK]; PAIRS];
        for (pairs, shift) in pairs.iter_mut().zip(shifts) {
            let voxels = &self.voxels[shift..];
            for (pair, cell) in pairs.iter_mut().zip(&cells[..n]) {
                pair.copy_from_slice(&voxels[*cell as usize..][..2]);
            }
        }
        let [across, down, deep] = &parts;
        let mut blended = [0.0_f32; BLOCK];
        for x in 0..BLOCK {
            let edge = |n: usize| mix::<T>(pairs[n][x][0].into(), pairs[n][x][1].into(), across[x]);
            blended[x] = match PAIRS {
                1 => edge(0),
                // One of the two parts is 0 all along the row.
                2 => mix::<T>(edge(0), edge(1), if row.upper[1] == 0 { deep[x] } else { down[x] }),
                _ => mix::<T>(mix::<T>(edge(0), edge(1), down[x]), mix::<T>(edge(2), edge(3), down[x]), deep[x]),
            };
        }
        out.copy_from_slice(&blended[..n]);
    }

    /// Blend points that follow a row of voxels, from voxel `first` of it on: whole rows at once, the same bits as [`Self::block`].
    #[inline(always)]
    fn run(&self, row: &Row, first: usize, out: &mut [f32]) {
        let [_, down, deep] = row.upper;
        let [j, k] = [1, 2].map(|a| row.start[a] as usize);
        let [part_j, part_k] = [1, 2].map(|a| row.start[a].fract() as f32);
        let place = (k * self.dims[1] + j) * self.dims[0] + first;
        let voxels = |shift: usize| &self.voxels[place + shift..place + shift + out.len()];
        let (near, below, behind, far) = (voxels(0), voxels(down), voxels(deep), voxels(down + deep));
        if down == 0 && deep == 0 {
            out.iter_mut().zip(near).for_each(|(out, value)| *out = (*value).into());
        } else if down == 0 || deep == 0 {
            let (other, part) = if deep == 0 { (below, part_j) } else { (behind, part_k) };
            for (out, (a, b)) in out.iter_mut().zip(near.iter().zip(other)) {
                *out = mix::<T>((*a).into(), (*b).into(), part);
            }
        } else {
            for x in 0..out.len() {
                let front = mix::<T>(near[x].into(), below[x].into(), part_j);
                let back = mix::<T>(behind[x].into(), far[x].into(), part_j);
                out[x] = mix::<T>(front, back, part_k);
            }
        }
    }

    /// The value at any index; beyond the outer centres it is that of the nearest point between them.
    fn at_border(&self, index: Vector) -> f32 {
        let index = index.map(|x| (x / LAST).round() * LAST);
        if !(0..3).all(|a| -0.5 <= index[a] && index[a] <= self.dims[a] as f64 - 0.5) {
            return f32::NAN;
        }
        let clamped = [0, 1, 2].map(|a| index[a].clamp(0.0, (self.dims[a] - 1) as f64));
        let lower = clamped.map(|x| x as usize);
        let part = [0, 1, 2].map(|a| (clamped[a] - lower[a] as f64) as f32);
        let upper = [0, 1, 2].map(|a| (lower[a] + 1).min(self.dims[a] - 1));
        let at =
            |i: usize, j: usize, k: usize| -> f32 { self.voxels[(k * self.dims[1] + j) * self.dims[0] + i].into() };
        let row = |j, k| mix::<T>(at(lower[0], j, k), at(upper[0], j, k), part[0]);
        let slice = |k| mix::<T>(row(lower[1], k), row(upper[1], k), part[1]);
        mix::<T>(slice(lower[2]), slice(upper[2]), part[2])
    }
}
