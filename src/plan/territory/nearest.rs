//! Which voxel of an organ belongs to which place of a tree of vessels.

use super::face::interface;
use super::places::{Layout, Piece, TreePlace, merged, pieces};
use super::{TerritoryError, Weighting};
use crate::base::Progress;
use crate::base::units::MM3_PER_ML;
use crate::geom::Point;
use crate::image::Volume;
use crate::mesh::{CentreLines, Surface};
use crate::plan::resection::{LAYERS, Layer, Organ, Swept};
use crate::plan::{Bounded, uncertainty};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Blocks of 32³ voxels choose their vessels from all of them.
const TOP: usize = 3;

/// For every voxel of an organ the nearest place of a tree of vessels.
///
/// Made once; afterwards what hangs on any place of the tree is a look-up.
#[derive(Debug, Clone)]
pub struct Territories {
    organ: Arc<Organ>,
    layout: Layout,
    branches: usize,
    /// The number of the nearest place per voxel of each brick, where the organ or its outer layer has a bit.
    places: Vec<[u32; 64]>,
    /// The numbers of all voxels of each layer, sorted.
    sorted: [Vec<u32>; 3],
}

impl Territories {
    /// The territories of `lines` in `organ`.
    ///
    /// A voxel belongs to the piece of centre line with the smallest weighted distance of its centre (see [`Weighting`]);
    /// of equal ones to the first of the first branch. Exact: blocks of voxels drop only pieces that cannot be nearest
    /// to any of their voxels.
    ///
    /// # Errors
    /// [`TerritoryError`].
    pub fn of(
        organ: Arc<Organ>,
        lines: &CentreLines,
        weighting: &Weighting,
        progress: &Progress,
    ) -> Result<Self, TerritoryError> {
        let layout = Layout::of(lines).ok_or(TerritoryError::TooLong)?;
        let pieces = pieces(lines);
        if pieces.is_empty() {
            return Err(TerritoryError::NoVessels);
        }
        let weights = weighting.weights(lines)?;
        let offset_mm = |piece: &Piece| if *weighting == Weighting::Wall { piece.radius_mm } else { 0.0 };
        let scaled = pieces.iter().map(|piece| [offset_mm(piece), 1.0 / weights[piece.branch]]).collect();
        let search = Search { organ: &organ, layout: &layout, pieces: &pieces, scaled };
        let places = search.places(progress)?;
        let sorted = LAYERS.map(|layer| search.sorted(&places, layer));
        let branches = lines.branches().len();
        drop(search);
        Ok(Self { organ, layout, branches, places, sorted })
    }

    /// The organ they are territories of.
    pub fn organ(&self) -> &Arc<Organ> {
        &self.organ
    }

    /// About how many bytes they take in memory.
    pub fn bytes(&self) -> usize {
        256 * self.places.len() + self.sorted.iter().map(|layer| 4 * layer.len()).sum::<usize>()
    }

    /// How many branches the tree has.
    pub fn branches(&self) -> usize {
        self.branches
    }

    /// The order of the places.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Voxels that are nearest to each branch itself; their sum is the organ's number of voxels.
    pub fn voxels_of_branches(&self) -> Vec<u64> {
        (0..self.branches).map(|branch| self.voxels(&[self.layout.own(branch)], Layer::Organ)).collect()
    }

    /// Voxels of a layer on ranges of places, which must not overlap.
    pub fn voxels(&self, ranges: &[Range<u32>], layer: Layer) -> u64 {
        let sorted = &self.sorted[layer as usize];
        let before = |number: u32| sorted.partition_point(|n| *n < number) as u64;
        ranges.iter().map(|range| before(range.end) - before(range.start)).sum()
    }

    /// What hangs on the tree beyond `clips`: devascularised behind a supplying branch, congested behind a draining one.
    pub fn behind(&self, clips: &[TreePlace]) -> Vec<Range<u32>> {
        merged(clips.iter().map(|clip| self.layout.downstream(*clip)).collect())
    }

    /// The territories of branches with all that grows from them.
    pub fn of_branches(&self, branches: &[usize]) -> Vec<Range<u32>> {
        merged(branches.iter().filter(|n| **n < self.branches).map(|n| self.layout.subtree(*n)).collect())
    }

    /// The volume on ranges of places, with the bounds of the organ's edge; how far vessels supply is not known as well.
    pub fn volume_ml(&self, ranges: &[Range<u32>], edge_mm: f64) -> Bounded {
        let [n, inner, outer] = LAYERS.map(|layer| self.voxels(ranges, layer));
        self.bounded_ml(n, [inner, outer], edge_mm)
    }

    /// The parts that a cut leaves of what is on ranges of places, and of what is elsewhere, to the voxel: a voxel stays or goes
    /// by its centre. `cut` is the walk of that cut through this organ. Bounds are as in [`Self::volume_ml`].
    pub(in crate::plan) fn left_parts_ml(&self, ranges: &[Range<u32>], cut: &Swept, edge_mm: f64) -> [Bounded; 2] {
        let of_bricks = cut.left().par_chunks(512).map(|bricks| {
            let mut counts = [[0_u64; 3]; 2];
            for (brick, kept) in bricks {
                let words = self.organ.words(*brick);
                let mut word = (words[Layer::Organ as usize] | words[Layer::Outer as usize]) & kept;
                while word != 0 {
                    let bit = word.trailing_zeros() as usize;
                    word &= word - 1;
                    let part = &mut counts[usize::from(!holds(ranges, self.places[*brick][bit]))];
                    (0..3).for_each(|layer| part[layer] += words[layer] >> bit & 1);
                }
            }
            counts
        });
        let sum = |a: [u64; 3], b: [u64; 3]| [0, 1, 2].map(|layer| a[layer] + b[layer]);
        let parts = of_bricks.reduce(|| [[0; 3]; 2], |a, b| [0, 1].map(|part| sum(a[part], b[part])));
        parts.map(|[n, inner, outer]| self.bounded_ml(n, [inner, outer], edge_mm))
    }

    fn bounded_ml(&self, n: u64, beside: [u64; 2], edge_mm: f64) -> Bounded {
        let grid = self.organ.grid();
        let voxel_ml = grid.voxel_mm3() / MM3_PER_ML;
        uncertainty::volume(n as f64 * voxel_ml, uncertainty::share_of_band(grid, edge_mm) * voxel_ml, beside)
    }

    /// One byte per voxel of the organ's grid: what `label` says of the branch, 0 outside the organ.
    pub fn labels(&self, label: impl Fn(usize) -> u8 + Sync) -> Volume<u8> {
        let of_branch: Vec<u8> = (0..self.branches).map(label).collect();
        self.painted(&[Layer::Organ], |number| of_branch[self.layout.branch(number)])
    }

    /// 1 where the organ lies on `ranges`, 2 where it does not, 0 outside it; the other way round: see [`Self::labels`].
    pub fn parted(&self, ranges: &[Range<u32>]) -> Volume<u8> {
        self.painted(&[Layer::Organ], |number| if holds(ranges, number) { 1 } else { 2 })
    }

    /// The surface between what lies on `ranges` and what does not, facing `ranges`. It ends half a voxel outside the organ, so
    /// that its edge is seen from there; empty where everything or nothing lies on them. No vertex is farther than a voxel
    /// from a place half-way between a voxel of one and of the other.
    pub fn face(&self, ranges: &[Range<u32>]) -> Surface {
        let parts = self.painted(&[Layer::Organ, Layer::Outer], |number| if holds(ranges, number) { 1 } else { 2 });
        interface(&parts)
    }

    fn painted(&self, layers: &[Layer], value: impl Fn(u32) -> u8 + Sync) -> Volume<u8> {
        let grid = self.organ.grid();
        let mut voxels = vec![0_u8; grid.len()];
        let slice = grid.dims()[0] * grid.dims()[1];
        // A slice is in one layer of bricks only: each thread paints its own slices.
        voxels.par_chunks_mut(slice).enumerate().for_each(|(k, slice)| {
            for (brick, plane) in self.organ.bricks_of_slice(k) {
                let words = self.organ.words(brick);
                let word = layers.iter().fold(0, |word, layer| word | words[*layer as usize]);
                let mut word = word >> (16 * plane) & 0xFFFF;
                while word != 0 {
                    let bit = word.trailing_zeros() as usize;
                    let [i, j, _] = self.organ.voxel(brick, bit);
                    slice[j * grid.dims()[0] + i] = value(self.places[brick][16 * plane + bit]);
                    word &= word - 1;
                }
            }
        });
        Volume::new(Arc::clone(grid), voxels).expect("one label per voxel")
    }
}

/// Whether a number lies on ranges in order.
fn holds(ranges: &[Range<u32>], number: u32) -> bool {
    let n = ranges.partition_point(|range| range.end <= number);
    ranges.get(n).is_some_and(|range| range.contains(&number))
}

struct Search<'a> {
    organ: &'a Organ,
    layout: &'a Layout,
    pieces: &'a [Piece],
    /// Per piece what is taken off its distance, and what the rest is multiplied by.
    scaled: Vec<[f64; 2]>,
}

impl Search<'_> {
    fn places(&self, progress: &Progress) -> Result<Vec<[u32; 64]>, TerritoryError> {
        let organ = self.organ;
        let dims = organ.blocks(0);
        let mut places = vec![[u32::MAX; 64]; dims.iter().product()];
        let top = TOP.min(organ.depth() - 1);
        let thick = (dims[0] * dims[1]) << top;
        let all: Vec<u32> = (0..self.pieces.len() as u32).collect();
        places.par_chunks_mut(thick).enumerate().try_for_each(|(k, layer)| {
            let [ni, nj, _] = organ.blocks(top);
            for j in 0..nj {
                progress.check()?;
                for i in 0..ni {
                    if organ.counts(top, [i, j, k]) != [0; 3] {
                        self.block(top, [i, j, k], &all, k * thick, layer);
                    }
                }
            }
            Ok::<(), TerritoryError>(())
        })?;
        Ok(places)
    }

    fn block(&self, level: usize, at: [usize; 3], among: &[u32], first: usize, layer: &mut [[u32; 64]]) {
        let (middle, reach_mm) = self.organ.ball(level, at);
        let few = self.narrowed(&middle, reach_mm, among);
        if level == 0 {
            let brick = self.organ.brick(at);
            self.brick(brick, &few, &mut layer[brick - first]);
        } else {
            self.organ.parts(level, at).for_each(|part| self.block(level - 1, part, &few, first, layer));
        }
    }

    /// The pieces of `among` that can be nearest to a place within `reach_mm` of `middle`, in their order.
    fn narrowed(&self, middle: &Point, reach_mm: f64, among: &[u32]) -> Vec<u32> {
        if among.len() == 1 {
            return among.to_vec();
        }
        let mut least = f64::INFINITY;
        let lowest: Vec<f64> = among
            .iter()
            .map(|n| {
                let [off_mm, scale] = self.scaled[*n as usize];
                let mm = self.pieces[*n as usize].nearest(middle).0 - off_mm;
                least = least.min((mm + reach_mm) * scale);
                (mm - reach_mm) * scale
            })
            .collect();
        let limit = least + 1e-9;
        among.iter().zip(lowest).filter(|(_, low)| *low <= limit).map(|(n, _)| *n).collect()
    }

    fn brick(&self, brick: usize, among: &[u32], places: &mut [u32; 64]) {
        let (first, [di, dj, dk]) = self.organ.frame(brick);
        let words = self.organ.words(brick);
        let mut word = words[Layer::Organ as usize] | words[Layer::Outer as usize];
        while word != 0 {
            let bit = word.trailing_zeros() as usize;
            word &= word - 1;
            let [x, y, z] = [bit & 3, bit >> 2 & 3, bit >> 4].map(|n| n as f64);
            let point = first + di * x + dj * y + dk * z;
            let mut best = (f64::INFINITY, 0, 0.0);
            for n in among {
                let [off_mm, scale] = self.scaled[*n as usize];
                let (mm, part) = self.pieces[*n as usize].nearest(&point);
                let value = (mm - off_mm) * scale;
                if value < best.0 {
                    best = (value, *n, part);
                }
            }
            let piece = &self.pieces[best.1 as usize];
            let along_mm = piece.start_mm + best.2 * piece.length_mm;
            places[bit] = self.layout.number(TreePlace { branch: piece.branch, along_mm });
        }
    }

    fn sorted(&self, places: &[[u32; 64]], layer: Layer) -> Vec<u32> {
        let mut all = Vec::with_capacity(self.organ.voxels(layer) as usize);
        for (brick, places) in places.iter().enumerate() {
            let mut word = self.organ.words(brick)[layer as usize];
            while word != 0 {
                all.push(places[word.trailing_zeros() as usize]);
                word &= word - 1;
            }
        }
        all.par_sort_unstable();
        all
    }
}
