//! A box of voxels with one bit each: an eighth of the memory, and 64 voxels in one operation.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

/// One bit per voxel, column index fastest; every row begins with a new word, bits beyond the row are 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits {
    dims: [usize; 3],
    /// Words of a row.
    width: usize,
    words: Vec<u64>,
}

impl Bits {
    /// All bits 0.
    pub(super) fn empty(dims: [usize; 3]) -> Self {
        let width = dims[0].div_ceil(64);
        Self { dims, width, words: vec![0; width * dims[1] * dims[2]] }
    }

    pub(super) fn dims(&self) -> [usize; 3] {
        self.dims
    }

    /// Words of a row.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The words of slice `k`.
    pub(super) fn slice(&self, k: usize) -> &[u64] {
        let len = self.width * self.dims[1];
        &self.words[k * len..(k + 1) * len]
    }

    /// The words of row `(j, k)`.
    pub(super) fn row(&self, j: usize, k: usize) -> &[u64] {
        &self.slice(k)[j * self.width..(j + 1) * self.width]
    }

    /// All words, slice by slice, in parallel.
    pub(super) fn par_slices_mut(&mut self, slices: usize) -> rayon::slice::ChunksMut<'_, u64> {
        let len = self.width * self.dims[1] * slices;
        self.words.par_chunks_mut(len)
    }

    /// Every bit turned over.
    pub(super) fn inverted(mut self) -> Self {
        let last = last_word(self.dims[0]);
        self.words.par_chunks_mut(self.width).for_each(|row| {
            row.iter_mut().for_each(|word| *word = !*word);
            if let Some(word) = row.last_mut() {
                *word &= last;
            }
        });
        self
    }
}

/// The bits that the last word of a row of `ni` voxels may have.
pub(super) fn last_word(ni: usize) -> u64 {
    u64::MAX >> ((64 - ni % 64) % 64)
}

/// Bits of `values`, 1 where one is not 0, put into `row` from bit `at` on.
pub(super) fn pack(values: &[u8], row: &mut [u64], at: usize) {
    let mut put = |word: u64, bit: usize| {
        row[bit / 64] |= word << (bit % 64);
        if !bit.is_multiple_of(64) && word >> (64 - bit % 64) != 0 {
            row[bit / 64 + 1] |= word >> (64 - bit % 64);
        }
    };
    let chunks = values.chunks_exact(64);
    let rest = chunks.remainder();
    let done = values.len() - rest.len();
    for (n, chunk) in chunks.enumerate() {
        let chunk: &[u8; 64] = chunk.try_into().expect("chunks have 64 values");
        put(word_of(chunk), at + 64 * n);
    }
    if !rest.is_empty() {
        let mut chunk = [0; 64];
        chunk[..rest.len()].copy_from_slice(rest);
        put(word_of(&chunk), at + done);
    }
}

/// 64 bytes as bits: 1 where a byte is not 0.
#[inline(always)]
pub(in crate::image) fn word_of(bytes: &[u8; 64]) -> u64 {
    let ones = bytes.map(|byte| u8::from(byte != 0));
    let mut word = 0;
    for (n, eight) in ones.chunks_exact(8).enumerate() {
        let eight = u64::from_le_bytes(eight.try_into().expect("chunks have 8 values"));
        // Eight products that do not overlap put bit 8 n to bit 56 + n.
        word |= (eight.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * n);
    }
    word
}

/// Bits of `row` from bit `at` on as bytes, 1 and 0.
pub(super) fn unpack(row: &[u64], at: usize, out: &mut [u8]) {
    for (n, out) in out.chunks_mut(8).enumerate() {
        let bit = at + 8 * n;
        let mut byte = row[bit / 64] >> (bit % 64);
        if 56 < bit % 64 && bit / 64 + 1 < row.len() {
            byte |= row[bit / 64 + 1] << (64 - bit % 64);
        }
        // Eight copies of the byte, one bit kept of each, carried into the lowest place.
        let spread = (byte & 0xff).wrapping_mul(0x0101_0101_0101_0101) & 0x8040_2010_0804_0201;
        let ones = spread.wrapping_add(0x7f7f_7f7f_7f7f_7f7f) >> 7 & 0x0101_0101_0101_0101;
        out.copy_from_slice(&ones.to_le_bytes()[..out.len()]);
    }
}

/// `out |= other`, for the processor's widest vectors.
pub(super) struct Or<'a> {
    pub(super) out: &'a mut [u64],
    pub(super) other: &'a [u64],
}

impl WithSimd for Or<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.out.iter_mut().zip(self.other).for_each(|(out, other)| *out |= other);
    }
}

/// Every row of `from` grown by one voxel to either side, into `to`.
pub(super) fn widen(from: &[u64], to: &mut [u64], width: usize, last: u64) {
    for (row, out) in from.chunks_exact(width).zip(to.chunks_exact_mut(width)) {
        let mut before = 0;
        for n in 0..width {
            let here = row[n];
            let after = if n + 1 < width { row[n + 1] } else { 0 };
            out[n] = here | here << 1 | before >> 63 | here >> 1 | after << 63;
            before = here;
        }
        out[width - 1] &= last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_and_unpacking_give_the_same_voxels_at_any_place() {
        for (n, at) in [(1_usize, 0_usize), (64, 0), (7, 61), (200, 3), (130, 62), (63, 1)] {
            let values: Vec<u8> = (0..n).map(|x| u8::from((x * x + x / 3) % 5 < 2) * (1 + x as u8)).collect();
            let mut row = vec![0; (n + at).div_ceil(64)];
            pack(&values, &mut row, at);
            let mut back = vec![9; n];
            unpack(&row, at, &mut back);
            assert_eq!(back, values.iter().map(|v| u8::from(*v != 0)).collect::<Vec<_>>(), "{n} from {at}");
            assert_eq!(
                row.iter().map(|w| w.count_ones()).sum::<u32>(),
                back.iter().map(|v| u32::from(*v)).sum::<u32>()
            );
        }
    }

    #[test]
    fn widening_stays_in_the_row() {
        let mut to = vec![0; 4];
        widen(&[1 << 63, 1 << 5, 1, 0], &mut to, 2, last_word(70));
        assert_eq!(to, [3 << 62, 1 | 7 << 4 & 0x3f, 3, 0]);
    }
}
