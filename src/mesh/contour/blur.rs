//! The mask under a small binomial filter, one slice at a time and only where the surface passes.

use super::bits::Inside;

/// Every byte's bits as eight bytes of 0 or 1.
const SPREAD: [u64; 256] = {
    let mut table = [0_u64; 256];
    let mut pattern = 0;
    while pattern < 256 {
        let mut bit = 0;
        while bit < 8 {
            table[pattern] |= ((pattern >> bit & 1) as u64) << (8 * bit);
            bit += 1;
        }
        pattern += 1;
    }
    table
};

/// One slice of the lattice: Σ of the weights `1 4 6 4 1` along each axis (4096 in all) over the mask around every point near
/// the surface. Beyond the border of the scan the mask is taken to go on.
#[derive(Default)]
pub(super) struct BlurredSlice {
    /// Lattice points of a row, up to whole words.
    width: usize,
    /// One value per lattice point; only those of words near the surface are kept up.
    values: Vec<u16>,
    /// Which words of this slice's rows are inside, as in [`Inside`].
    bits: Vec<u64>,
    words: usize,
    /// The sums along k of the rows of the scan that a row needs, weights 16 in all.
    along_k: Vec<u8>,
    /// The row of the scan that lies in each fifth of `along_k`, and its words.
    held: [Option<usize>; 5],
    along_j: Vec<u16>,
}

impl BlurredSlice {
    /// Values of points inside are raised to this: 0.6.
    pub const INSIDE_LEAST: u16 = 2458;
    /// Values of points outside are lowered to this: 0.4.
    pub const OUTSIDE_MOST: u16 = 1638;
    /// Where the surface lies.
    pub const HALF: f64 = 2048.0;

    /// The value of lattice point (i, j), which must lie at a crossed edge.
    #[inline]
    pub fn value(&self, i: usize, j: usize) -> u16 {
        self.values[j * self.width + i]
    }

    /// Whether lattice point (i, j) is inside.
    #[inline]
    pub fn is_inside(&self, i: usize, j: usize) -> bool {
        self.bits[j * self.words + i / 64] >> (i % 64) & 1 == 1
    }

    /// Make this slice `k` of the lattice of `inside`; `starts` tells in which words vertices lie.
    pub fn fill(&mut self, inside: &Inside, starts: &[u32], k: usize) {
        let [_, nj, nk] = inside.dims;
        self.words = inside.words;
        self.width = inside.words * 64;
        self.values.resize(self.width * nj, 0);
        self.along_k.resize(self.width * 5, 0);
        self.along_j.resize(self.width + 8, 0);
        self.bits.clear();
        self.bits.extend((0..nj).flat_map(|j| inside.row(j, k)));
        self.held = [None; 5];
        if k == 0 || nk - 1 <= k {
            return;
        }
        for j in 1..nj - 1 {
            if let Some(span) = words_near(inside, starts, j, k) {
                self.row(inside, j, k, span);
            }
        }
    }

    /// The values of words `span` of row j.
    fn row(&mut self, inside: &Inside, j: usize, k: usize, [first, last]: [usize; 2]) {
        let [ni, nj, _] = inside.dims.map(|n| n - 2);
        let mut rows = [0; 5];
        for (dj, row) in rows.iter_mut().enumerate() {
            let j = (j + dj).saturating_sub(2).clamp(1, nj);
            *row = j % 5;
            if self.held[j % 5] != Some(j) {
                self.sum_along_k(inside, j, k);
                self.held[j % 5] = Some(j);
            }
        }
        // Two points more on either side, for the sum along i.
        let from = (first * 64).max(1);
        let to = (last * 64 + 64).min(ni + 1);
        let (low, high) = (from.saturating_sub(2).max(1), (to + 2).min(ni + 1));
        let [a, b, c, d, e] = rows.map(|row| &self.along_k[row * self.width..][low..high]);
        let sums = &mut self.along_j[low + 2..high + 2];
        for n in 0..sums.len() {
            let [a, b, c, d, e] = [a[n], b[n], c[n], d[n], e[n]].map(u16::from);
            sums[n] = a + e + 4 * (b + d) + 6 * c;
        }
        // Point i of the row is at i + 2; beyond the border the mask goes on.
        if low == 1 {
            let edge = self.along_j[3];
            self.along_j[1] = edge;
            self.along_j[2] = edge;
        }
        if high == ni + 1 {
            let edge = self.along_j[ni + 2];
            self.along_j[ni + 3] = edge;
            self.along_j[ni + 4] = edge;
        }
        let values = &mut self.values[j * self.width..][from..to];
        let sums = &self.along_j[from..to + 4];
        let count = values.len();
        let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(|shift| &sums[shift..shift + count]);
        for n in 0..count {
            values[n] = a[n] + e[n] + 4 * (b[n] + d[n]) + 6 * c[n];
        }
    }

    /// The sums along k of row j of the scan, around slice k.
    fn sum_along_k(&mut self, inside: &Inside, j: usize, k: usize) {
        let nk = inside.dims[2] - 2;
        let rows = [0, 1, 2, 3, 4].map(|dk| inside.row(j, (k + dk).saturating_sub(2).clamp(1, nk)));
        let sums = &mut self.along_k[j % 5 * self.width..][..self.width];
        for (word, sums) in sums.chunks_exact_mut(64).enumerate() {
            let [a, b, c, d, e] = rows.map(|row| row[word]);
            if a | b | c | d | e == 0 {
                sums.fill(0);
            } else if a & b & c & d & e == u64::MAX {
                sums.fill(16);
            } else {
                for (byte, sums) in sums.chunks_exact_mut(8).enumerate() {
                    // Eight sums side by side in one number; none exceeds 16, so none spills into the next.
                    let [a, b, c, d, e] = [a, b, c, d, e].map(|bits| SPREAD[(bits >> (8 * byte) & 255) as usize]);
                    sums.copy_from_slice(&(a + e + 4 * (b + d) + 6 * c).to_le_bytes());
                }
            }
        }
    }
}

/// First and last word of row (j, k) whose values the vertices of this row, the one before and the slice before ask for.
fn words_near(inside: &Inside, starts: &[u32], j: usize, k: usize) -> Option<[usize; 2]> {
    let mut near: Option<[usize; 2]> = None;
    for (j, k) in [(j, k), (j - 1, k), (j, k - 1)] {
        let starts = &starts[inside.row_start(j, k)..=inside.row_start(j, k) + inside.words];
        let (begin, end) = (starts[0], starts[inside.words]);
        if begin == end {
            continue;
        }
        let first = starts.partition_point(|start| *start == begin) - 1;
        // An edge along i may lead into the next word.
        let last = starts.partition_point(|start| *start < end).min(inside.words - 1);
        near = Some(near.map_or([first, last], |[low, high]| [low.min(first), high.max(last)]));
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Progress;
    use crate::base::rng::Rng;

    /// Against the same sum written out plainly.
    #[test]
    fn the_blur_is_the_weighted_mean_of_its_surroundings() {
        let mut rng = Rng::new(12);
        for dims in [[1, 1, 1], [5, 4, 3], [70, 6, 5], [128, 3, 4]] {
            let voxels: Vec<u8> = (0..dims.iter().product()).map(|_| u8::from(rng.unit() < 0.5)).collect();
            let inside = Inside::of(&voxels, dims, |v| *v != 0, &Progress::default()).unwrap();
            let starts: Vec<u32> = super::super::sweep::vertex_starts(&inside).unwrap();
            let weights = [1_u16, 4, 6, 4, 1];
            let at = |x: usize, d: usize, n: usize| (x + d).saturating_sub(2).clamp(1, n) - 1;
            let mut slice = BlurredSlice::default();
            for k in 1..=dims[2] {
                slice.fill(&inside, &starts, k);
                for j in 1..=dims[1] {
                    let Some([first, last]) = words_near(&inside, &starts, j, k) else { continue };
                    for i in (first * 64).max(1)..(last * 64 + 64).min(dims[0] + 1) {
                        let mut sum = 0;
                        for [dk, dj, di] in (0..125).map(|n| [n / 25, n / 5 % 5, n % 5]) {
                            let [i, j, k] = [at(i, di, dims[0]), at(j, dj, dims[1]), at(k, dk, dims[2])];
                            let voxel = u16::from(voxels[(k * dims[1] + j) * dims[0] + i]);
                            sum += weights[di] * weights[dj] * weights[dk] * voxel;
                        }
                        assert_eq!(slice.value(i, j), sum, "({i}, {j}, {k}) of {dims:?}");
                    }
                }
            }
        }
    }
}
