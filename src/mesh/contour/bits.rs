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

    /// Whether nothing is inside.
    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }
}

/// The answers of `test` for at most 64 values, the first in the lowest bit.
///
/// Whole groups of eight go through bytes of 0 and 1, which the compiler tests side by side; one multiplication then moves
/// the eight answers next to each other.
#[inline]
pub(in crate::mesh) fn pack<T>(values: &[T], test: impl Fn(&T) -> bool) -> u64 {
    let (groups, rest) = values.as_chunks::<8>();
    let mut word = 0;
    for (n, group) in groups.iter().enumerate() {
        word |= eight(group.each_ref().map(|value| u8::from(test(value)))) << (8 * n);
    }
    rest.iter().enumerate().fold(word, |word, (n, value)| word | u64::from(test(value)) << (8 * groups.len() + n))
}

/// Eight bytes of 0 or 1 as eight bits.
#[inline]
fn eight(bytes: [u8; 8]) -> u64 {
    // Byte n ends up in bit 56 + n; no two partial products share a bit, so nothing carries.
    u64::from_le_bytes(bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// The places of the set bits, the lowest first.
#[inline]
pub(in crate::mesh) fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (bit < 64).then_some(bit)
    })
}
