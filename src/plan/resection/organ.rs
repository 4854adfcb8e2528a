//! An organ as bits in bricks of 4 × 4 × 4 voxels, with counts of ever larger blocks.

use super::ResectionError;
use crate::geom::{Aabb, Grid, Point, Vector};
use crate::image::Volume;
use crate::plan::distance::reach_mm;
use rayon::prelude::*;
use std::sync::Arc;

/// Voxels along the edge of a brick; its 64 voxels are the bits of a word, i fastest.
pub const BRICK: usize = 4;

/// Which voxels are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// Those of the organ.
    Organ,
    /// Those of the organ with a face to the outside.
    Inner,
    /// Those outside with a face to the organ.
    Outer,
}

/// All layers, in the order of their places in lists.
pub const LAYERS: [Layer; 3] = [Layer::Organ, Layer::Inner, Layer::Outer];

/// The voxels of an organ, made ready so that counting on both sides of a cut only looks at blocks near the cut.
#[derive(Debug, Clone)]
pub struct Organ {
    grid: Arc<Grid>,
    /// The voxel of the first bit of the first brick.
    start: [usize; 3],
    /// From the finest to one block.
    levels: Vec<Level>,
    /// Bits of the three layers per brick.
    bits: Vec<[u64; 3]>,
    bounds: Aabb,
}

#[derive(Debug, Clone)]
struct Level {
    dims: [usize; 3],
    /// Voxels of the three layers per block.
    counts: Vec<[u32; 3]>,
    reach_mm: f64,
}

impl Organ {
    /// The organ that is not 0 in `mask`.
    ///
    /// # Errors
    /// [`ResectionError::NoOrgan`] for an empty mask.
    pub fn of(mask: &Volume<u8>) -> Result<Self, ResectionError> {
        let grid = mask.grid();
        let [low, high] = extent(mask).ok_or(ResectionError::NoOrgan)?;
        // One voxel more each way for the outer layer.
        let start = low.map(|x| x.saturating_sub(1));
        let end = [0, 1, 2].map(|a| (high[a] + 2).min(grid.dims()[a]));
        let dims = [0, 1, 2].map(|a| (end[a] - start[a]).div_ceil(BRICK));
        let count: usize = dims.iter().product();
        let bits: Vec<[u64; 3]> = (0..count).into_par_iter().map(|n| layers(mask, start, block(n, dims))).collect();
        let counts = bits.iter().map(|words| words.map(u64::count_ones)).collect();
        let mut levels = vec![Level { dims, counts, reach_mm: reach_mm(grid, (BRICK - 1) as f64) }];
        while levels[levels.len() - 1].dims != [1; 3] {
            let finer = &levels[levels.len() - 1];
            levels.push(finer.coarser(reach_mm(grid, (BRICK << levels.len()) as f64 - 1.0)));
        }
        let corners = [low.map(|x| x as f64 - 0.5), high.map(|x| x as f64 + 0.5)];
        let corner = |c: usize| {
            let at = |a: usize| corners[c >> a & 1][a];
            grid.patient_from_index(Vector::new(at(0), at(1), at(2)))
        };
        let bounds = (0..8).fold(Aabb::EMPTY, |all, c| all.including(&corner(c)));
        Ok(Self { grid: Arc::clone(grid), start, levels, bits, bounds })
    }

    /// Where the voxels are.
    pub fn grid(&self) -> &Arc<Grid> {
        &self.grid
    }

    /// About how many bytes it takes in memory.
    pub fn bytes(&self) -> usize {
        24 * self.bits.len() + self.levels.iter().map(|level| 12 * level.counts.len()).sum::<usize>()
    }

    /// The box around the voxels of the organ.
    pub fn bounds(&self) -> Aabb {
        self.bounds
    }

    /// How many voxels a layer has.
    pub fn voxels(&self, layer: Layer) -> u64 {
        self.levels[self.levels.len() - 1].counts[0][layer as usize].into()
    }

    /// Centres of the voxels of a layer, brick by brick.
    pub fn centres(&self, layer: Layer) -> Vec<Point> {
        let mut centres = Vec::with_capacity(self.voxels(layer) as usize);
        for (n, words) in self.bits.iter().enumerate() {
            let mut word = words[layer as usize];
            while word != 0 {
                let bit = word.trailing_zeros() as usize;
                centres.push(self.grid.centre(self.voxel(n, bit)));
                word &= word - 1;
            }
        }
        centres
    }

    pub(in crate::plan) fn depth(&self) -> usize {
        self.levels.len()
    }

    pub(in crate::plan) fn counts(&self, level: usize, block: [usize; 3]) -> [u32; 3] {
        let Level { dims, counts, .. } = &self.levels[level];
        counts[(block[2] * dims[1] + block[1]) * dims[0] + block[0]]
    }

    pub(in crate::plan) fn brick(&self, block: [usize; 3]) -> usize {
        let dims = self.levels[0].dims;
        (block[2] * dims[1] + block[1]) * dims[0] + block[0]
    }

    /// Blocks of a level along the axes.
    pub(in crate::plan) fn blocks(&self, level: usize) -> [usize; 3] {
        self.levels[level].dims
    }

    /// The bricks that slice `k` of the grid passes through, and which of their four planes it is.
    pub(in crate::plan) fn bricks_of_slice(&self, k: usize) -> impl Iterator<Item = (usize, usize)> {
        let [ni, nj, nk] = self.levels[0].dims;
        let from = k.checked_sub(self.start[2]).filter(|from| *from < BRICK * nk);
        from.into_iter().flat_map(move |from| (0..ni * nj).map(move |n| (from / BRICK * ni * nj + n, from % BRICK)))
    }

    pub(in crate::plan) fn words(&self, brick: usize) -> [u64; 3] {
        self.bits[brick]
    }

    /// Middle of the voxel centres of a block, and how far the farthest of them is.
    pub(in crate::plan) fn ball(&self, level: usize, at: [usize; 3]) -> (Point, f64) {
        let edge = BRICK << level;
        let middle = |a: usize| (self.start[a] + at[a] * edge) as f64 + 0.5 * (edge - 1) as f64;
        (self.grid.patient_from_index(Vector::new(middle(0), middle(1), middle(2))), self.levels[level].reach_mm)
    }

    /// The blocks of the next finer level that make up a block and are not empty.
    pub(in crate::plan) fn parts(&self, level: usize, [i, j, k]: [usize; 3]) -> impl Iterator<Item = [usize; 3]> + '_ {
        let dims = self.levels[level - 1].dims;
        let all = (0..8).map(move |c| [2 * i + (c & 1), 2 * j + (c >> 1 & 1), 2 * k + (c >> 2 & 1)]);
        all.filter(move |at| {
            let there = (0..3).all(|a| at[a] < dims[a]);
            there && self.counts(level - 1, *at) != [0; 3]
        })
    }

    /// The voxel of a bit of a brick; may lie beyond the grid where no bit is set.
    pub(in crate::plan) fn voxel(&self, brick: usize, bit: usize) -> [usize; 3] {
        let at = block(brick, self.levels[0].dims);
        let within = [bit & 3, bit >> 2 & 3, bit >> 4];
        [0, 1, 2].map(|a| self.start[a] + BRICK * at[a] + within[a])
    }

    /// Place in space of the first voxel of a brick, and the steps to its neighbours.
    pub(in crate::plan) fn frame(&self, brick: usize) -> (Point, [Vector; 3]) {
        let first = self.voxel(brick, 0);
        let step = self.grid.step();
        (self.grid.centre(first), [0, 1, 2].map(|a| step.column(a).into_owned()))
    }
}

impl Level {
    fn coarser(&self, reach_mm: f64) -> Self {
        let dims = self.dims.map(|n| n.div_ceil(2));
        let mut counts = vec![[0_u32; 3]; dims.iter().product()];
        for (n, fine) in self.counts.iter().enumerate() {
            let [i, j, k] = block(n, self.dims).map(|x| x / 2);
            let coarse = &mut counts[(k * dims[1] + j) * dims[0] + i];
            (0..3).for_each(|layer| coarse[layer] += fine[layer]);
        }
        Self { dims, counts, reach_mm }
    }
}

fn block(n: usize, [ni, nj, _]: [usize; 3]) -> [usize; 3] {
    [n % ni, n / ni % nj, n / (ni * nj)]
}

/// The first and last voxels of a mask along every axis.
pub(in crate::plan) fn extent(mask: &Volume<u8>) -> Option<[[usize; 3]; 2]> {
    let [ni, nj, nk] = mask.grid().dims();
    let of_slice = |k: usize| {
        let mut found: Option<[[usize; 3]; 2]> = None;
        for (j, row) in mask.voxels()[k * ni * nj..(k + 1) * ni * nj].chunks(ni).enumerate() {
            let Some(first) = row.iter().position(|v| *v != 0) else { continue };
            let last = row.iter().rposition(|v| *v != 0).unwrap_or(first);
            found = joined(found, Some([[first, j, k], [last, j, k]]));
        }
        found
    };
    (0..nk).into_par_iter().map(of_slice).reduce(|| None, joined)
}

fn joined(a: Option<[[usize; 3]; 2]>, b: Option<[[usize; 3]; 2]>) -> Option<[[usize; 3]; 2]> {
    let (Some([a0, a1]), Some([b0, b1])) = (a, b) else { return a.or(b) };
    Some([[0, 1, 2].map(|n| a0[n].min(b0[n])), [0, 1, 2].map(|n| a1[n].max(b1[n]))])
}

/// The bits of the three layers in one brick.
fn layers(mask: &Volume<u8>, start: [usize; 3], at: [usize; 3]) -> [u64; 3] {
    let (dims, voxels) = (mask.grid().dims(), mask.voxels());
    let first = [0, 1, 2].map(|a| start[a] + BRICK * at[a]);
    let offset = |[i, j, k]: [usize; 3]| (k * dims[1] + j) * dims[0] + i;
    let is = |at: [usize; 3]| (0..3).all(|a| at[a] < dims[a]) && voxels[offset(at)] != 0;
    let mut words = [0; 3];
    for bit in 0..64 {
        let voxel = [first[0] + (bit & 3), first[1] + (bit >> 2 & 3), first[2] + (bit >> 4)];
        words[0] |= u64::from(is(voxel)) << bit;
    }
    // Beyond the grid nothing is known: there the organ has a face, and no voxel outside.
    let neighbour = |voxel: [usize; 3], axis: usize, up: bool| {
        let mut next = voxel;
        next[axis] = if up { voxel[axis] + 1 } else { voxel[axis].wrapping_sub(1) };
        is(next)
    };
    for bit in 0..64 {
        let voxel = [first[0] + (bit & 3), first[1] + (bit >> 2 & 3), first[2] + (bit >> 4)];
        if (0..3).any(|a| dims[a] <= voxel[a]) {
            continue;
        }
        let mut around = (0..3).flat_map(|axis| [(axis, false), (axis, true)]);
        if words[0] >> bit & 1 == 1 {
            words[1] |= u64::from(around.any(|(axis, up)| !neighbour(voxel, axis, up))) << bit;
        } else {
            words[2] |= u64::from(around.any(|(axis, up)| neighbour(voxel, axis, up))) << bit;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_counted_at_every_level() {
        let grid = Grid::aligned([21, 18, 13], Point::origin(), [1.0; 3]).unwrap();
        let inside = |[i, j, k]: [usize; 3]| (3..19).contains(&i) && (2..9).contains(&j) && (1..13).contains(&k);
        let voxels = (0..grid.len()).map(|o| u8::from(inside(grid.voxel(o)))).collect();
        let organ = Organ::of(&Volume::new(grid, voxels).unwrap()).unwrap();
        assert_eq!(organ.voxels(Layer::Organ), 16 * 7 * 12);
        assert_eq!(organ.voxels(Layer::Inner), 16 * 7 * 12 - 14 * 5 * 10);
        // No voxels beyond the last slice.
        assert_eq!(organ.voxels(Layer::Outer), 2 * (16 * 12 + 7 * 12) + 16 * 7);
        assert_eq!(organ.centres(Layer::Organ).len() as u64, organ.voxels(Layer::Organ));
        assert_eq!(organ.bounds().size(), Vector::new(16.0, 7.0, 12.0));
        for layer in LAYERS {
            let sum: u64 = organ.levels[0].counts.iter().map(|c| u64::from(c[layer as usize])).sum();
            assert_eq!(sum, organ.voxels(layer));
        }
        let empty = Volume::new(Grid::aligned([4; 3], Point::origin(), [1.0; 3]).unwrap(), vec![0; 64]).unwrap();
        assert_eq!(Organ::of(&empty).unwrap_err(), ResectionError::NoOrgan);
    }
}
