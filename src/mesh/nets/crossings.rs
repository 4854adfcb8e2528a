//! Where labels change between neighbouring voxels, and which cells of eight voxels the sheet passes: one bit each.

use crate::base::{Cancelled, Progress};
use crate::mesh::contour::bits::ones;
use rayon::prelude::*;

/// Lattice points are voxels with one of background around the scan; their coordinates are voxel indices plus one.
///
/// Cell (i, j, k) lies between the lattice points (i, j, k) and (i + 1, j + 1, k + 1).
pub(super) struct Crossings {
    /// Lattice points along i, j, k.
    pub dims: [usize; 3],
    /// Words of 64 points in a row.
    pub words: usize,
    /// For every word of points: whether the labels differ at the two ends of the edge along i, j, k from each.
    edges: Vec<[u64; 3]>,
    /// For every word of cells: whether the sheet passes.
    cells: Vec<u64>,
    /// The first vertex of every word of cells, in the order of memory; last, the number of vertices.
    starts: Vec<u32>,
}

/// Why there are no crossings.
pub(super) enum NoCrossings {
    Stopped(Cancelled),
    TooMany(usize),
}

impl From<Cancelled> for NoCrossings {
    fn from(stop: Cancelled) -> Self {
        Self::Stopped(stop)
    }
}

impl Crossings {
    /// Compare every label of `labels`, which are `voxels` large, with its neighbours.
    pub fn of(labels: &[u8], voxels: [usize; 3], progress: &Progress) -> Result<Self, NoCrossings> {
        let dims = voxels.map(|n| n + 2);
        let words = dims[0].div_ceil(64);
        let per_slice = words * dims[1];
        let mut edges = vec![[0; 3]; per_slice * dims[2]];
        edges.par_chunks_mut(per_slice).enumerate().try_for_each(|(k, slice)| {
            progress.check()?;
            compare_slice(slice, labels, voxels, k);
            Ok::<(), Cancelled>(())
        })?;
        progress.set(0.5)?;
        let mut all = Self { dims, words, edges, cells: Vec::new(), starts: Vec::new() };
        let mut cells = vec![0; per_slice * dims[2]];
        let counts: Vec<usize> = cells
            .par_chunks_mut(per_slice)
            .enumerate()
            .map(|(k, slice)| {
                if dims[2] <= k + 1 {
                    return 0;
                }
                for (j, row) in slice.chunks_mut(words).enumerate().take(dims[1] - 1) {
                    row.iter_mut().enumerate().for_each(|(word, cells)| *cells = all.passed(word, j, k));
                }
                slice.iter().map(|cells| cells.count_ones() as usize).sum()
            })
            .collect();
        let vertices = counts.iter().sum();
        if u32::try_from(vertices).is_err() {
            return Err(NoCrossings::TooMany(vertices));
        }
        let mut starts = vec![0_u32; cells.len() + 1];
        let mut sum = 0;
        for (start, cells) in starts[1..].iter_mut().zip(&cells) {
            sum += cells.count_ones();
            *start = sum;
        }
        (all.cells, all.starts) = (cells, starts);
        Ok(all)
    }

    /// The number of vertices: of cells that the sheet passes.
    pub fn vertices(&self) -> usize {
        self.starts[self.starts.len() - 1] as usize
    }

    /// The first vertex of slice `k` of cells.
    pub fn slice_start(&self, k: usize) -> usize {
        self.starts[k * self.words * self.dims[1]] as usize
    }

    /// The word of row (j, k) that is the first.
    fn row(&self, j: usize, k: usize) -> usize {
        (k * self.dims[1] + j) * self.words
    }

    /// The edges from the 64 points of a word: those along i, j, k that are crossed.
    #[inline]
    pub fn edges(&self, word: usize, j: usize, k: usize) -> [u64; 3] {
        self.edges[self.row(j, k) + word]
    }

    /// The cells of slice `k` that the sheet passes, in the order of their vertices.
    pub fn cells_of_slice(&self, k: usize) -> impl Iterator<Item = [usize; 3]> {
        let rows = 0..self.dims[1];
        rows.flat_map(move |j| (0..self.words).map(move |word| (j, word)))
            .flat_map(move |(j, word)| ones(self.cells[self.row(j, k) + word]).map(move |bit| [word * 64 + bit, j, k]))
    }

    /// The vertex of a cell that the sheet passes.
    #[inline]
    pub fn vertex(&self, [i, j, k]: [usize; 3]) -> u32 {
        let (word, bit) = (self.row(j, k) + i / 64, i % 64);
        self.starts[word] + (self.cells[word] & ((1 << bit) - 1)).count_ones()
    }

    /// Whether the edge from a lattice point along `axis` is crossed: 1 if so.
    #[inline]
    pub fn crossed(&self, [i, j, k]: [usize; 3], axis: usize) -> u8 {
        (self.edges[self.row(j, k) + i / 64][axis] >> (i % 64) & 1) as u8
    }

    /// The cells of a word that have a crossed edge.
    #[inline]
    fn passed(&self, word: usize, j: usize, k: usize) -> u64 {
        let mut any = 0;
        for (n, (j, k)) in [(j, k), (j + 1, k), (j, k + 1), (j + 1, k + 1)].into_iter().enumerate() {
            let here = self.edges(word, j, k);
            let next = if word + 1 < self.words { self.edges(word + 1, j, k) } else { [0; 3] };
            let both_ends = |axis: usize| here[axis] | here[axis] >> 1 | next[axis] << 63;
            any |= here[0];
            any |= if n % 2 == 0 { both_ends(1) } else { 0 };
            any |= if n < 2 { both_ends(2) } else { 0 };
        }
        any
    }
}

/// The crossed edges from the points of lattice slice `k`.
fn compare_slice(slice: &mut [[u64; 3]], labels: &[u8], [ni, nj, nk]: [usize; 3], k: usize) {
    let words = slice.len() / (nj + 2);
    // Rows with their rim, and zeros up to a whole word and one more.
    let row = |buffer: &mut Vec<u8>, j: usize, k: usize| {
        buffer.clear();
        buffer.resize(words * 64 + 1, 0);
        if (1..=nj).contains(&j) && (1..=nk).contains(&k) {
            let first = ((k - 1) * nj + j - 1) * ni;
            buffer[1..=ni].copy_from_slice(&labels[first..first + ni]);
        }
    };
    let (mut here, mut beside, mut above) = (Vec::new(), Vec::new(), Vec::new());
    row(&mut here, 0, k);
    for (j, out) in slice.chunks_mut(words).enumerate() {
        row(&mut beside, j + 1, k);
        row(&mut above, j, k + 1);
        for (word, out) in out.iter_mut().enumerate() {
            let at = word * 64;
            let own = &here[at..at + 64];
            *out = [&here[at + 1..at + 65], &beside[at..at + 64], &above[at..at + 64]].map(|other| differ(own, other));
        }
        std::mem::swap(&mut here, &mut beside);
    }
}

/// Which of 64 bytes differ.
#[inline]
fn differ(a: &[u8], b: &[u8]) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let mut word = 0;
    for (n, (a, b)) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0).enumerate() {
        let x = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if x != 0 {
            // The highest bit of every byte that is not 0, then the eight of them side by side.
            let set = (x | ((x & LOW) + LOW)) >> 7 & 0x0101_0101_0101_0101;
            word |= (set.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * n);
        }
    }
    word
}
