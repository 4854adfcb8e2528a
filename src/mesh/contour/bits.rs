//! Which voxels are inside, one bit each, with a rim of outside around the scan.

use crate::base::{Cancelled, Progress};
use rayon::prelude::*;

/// One bit per voxel; the lattice has one voxel of outside on every side, so that whatever touches the border is capped.
///
/// Lattice coordinates are voxel indices plus one.
pub(super) struct Inside {
    /// Lattice points along i, j, k: voxels plus two.
    pub dims: [usize; 3],
    /// Words of 64 bits in a row.
    pub words: usize,
    bits: Vec<u64>,
}

impl Inside {
    /// The voxels for which `test` holds; `voxels` are `dims` large, column index fastest.
    pub fn of<T: Sync>(
        voxels: &[T],
        dims: [usize; 3],
        test: impl Fn(&T) -> bool + Sync,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let [ni, nj, nk] = dims;
        let padded = dims.map(|n| n + 2);
        let words = padded[0].div_ceil(64);
        let mut bits = vec![0_u64; words * padded[1] * padded[2]];
        bits.par_chunks_mut(words * padded[1]).skip(1).take(nk).zip(voxels.par_chunks(ni * nj)).try_for_each(
            |(slice, values)| {
                progress.check()?;
                for (row, values) in slice.chunks_mut(words).skip(1).zip(values.chunks(ni)) {
                    // The rim takes the first bit of the first word.
                    let (first, rest) = values.split_at(values.len().min(63));
                    row[0] = pack(first, &test) << 1;
                    for (word, values) in row[1..].iter_mut().zip(rest.chunks(64)) {
                        *word = pack(values, &test);
                    }
                }
                Ok(())
            },
        )?;
        Ok(Self { dims: padded, words, bits })
    }

    /// The first word of row (j, k).
    #[inline]
    pub fn row_start(&self, j: usize, k: usize) -> usize {
        (k * self.dims[1] + j) * self.words
    }

    /// Row (j, k), or nothing beyond the lattice.
    #[inline]
    pub fn row(&self, j: usize, k: usize) -> &[u64] {
        if j < self.dims[1] && k < self.dims[2] {
            let start = self.row_start(j, k);
            &self.bits[start..start + self.words]
        } else {
            &[]
        }
    }

    /// Bits `64 w .. 64 w + 64` that tell where the lattice edges along i, j and k from those points are crossed.
    #[inline]
    pub fn crossings(&self, word: usize, j: usize, k: usize) -> [u64; 3] {
        let row = self.row(j, k);
        let here = row[word];
        let next = row.get(word + 1).copied().unwrap_or(0);
        let beside = |row: &[u64]| row.get(word).copied().unwrap_or(0);
        [here ^ (here >> 1 | next << 63), here ^ beside(self.row(j + 1, k)), here ^ beside(self.row(j, k + 1))]
    }

    /// Whether lattice point (i, j, k) is inside.
    #[inline]
    pub fn at(&self, [i, j, k]: [usize; 3]) -> bool {
        self.bits[self.row_start(j, k) + i / 64] >> (i % 64) & 1 == 1
    }

    /// Bits `first .. first + 5` of a row that has them.
    #[inline]
    pub fn five(row: &[u64], first: usize) -> usize {
        let (word, shift) = (first / 64, first % 64);
        let high = if shift == 0 { 0 } else { row.get(word + 1).copied().unwrap_or(0) << (64 - shift) };
        ((row[word] >> shift | high) & 31) as usize
    }

    /// Whether nothing is inside.
    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }
}

#[inline]
fn pack<T>(values: &[T], test: impl Fn(&T) -> bool) -> u64 {
    values.iter().enumerate().fold(0, |word, (n, value)| word | u64::from(test(value)) << n)
}
