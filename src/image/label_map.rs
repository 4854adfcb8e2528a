//! Segments on a grid, stored in bricks so that a small edit costs little and empty space costs nothing.

use super::{Segment, Volume};
use crate::base::{ContentHash, ContentHasher, SegmentId};
use crate::geom::Grid;
use rayon::prelude::*;
use std::sync::{Arc, OnceLock};

mod edit;

pub use edit::VoxelBox;
use edit::compressed;

/// Edge of a brick in voxels.
pub const BRICK: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Brick {
    Constant(u8),
    Dense(Arc<Dense>),
}

/// `BRICK`³ labels, column index fastest; labels beyond the grid are 0.
#[derive(Debug)]
struct Dense {
    /// Of the labels: made once with the brick, so that an edit hashes what it touched and not the whole map.
    hash: ContentHash,
    labels: Arc<[u8]>,
    /// What each label but 0 is in the brick; made when somebody first asks where one lies.
    found: OnceLock<Box<[InBrick]>>,
}

/// A label in a brick.
#[derive(Debug, Clone, Copy)]
struct InBrick {
    label: u8,
    voxels: u16,
    /// First and last along i, j and k.
    extent: [[u8; 2]; 3],
}

impl PartialEq for Dense {
    fn eq(&self, other: &Self) -> bool {
        // Comparing two bricks ends at the hash where they differ.
        self.hash == other.hash && self.labels == other.labels
    }
}

impl Eq for Dense {}

impl Dense {
    fn brick(labels: impl Into<Arc<[u8]>>) -> Brick {
        let labels = labels.into();
        let hash = ContentHasher::default().array(&labels).finish();
        Brick::Dense(Arc::new(Self { hash, labels, found: OnceLock::new() }))
    }
}

impl Dense {
    /// First and last voxel of `label` in the brick along i, j and k; `None` if it has none. The background has none.
    fn extent(&self, label: u8) -> Option<[[u8; 2]; 3]> {
        let found = self.found.get_or_init(|| in_brick(&self.labels));
        found.iter().find(|own| own.label == label).map(|own| own.extent)
    }

    /// How many voxels have `label`, which is not 0.
    fn count(&self, label: u8) -> usize {
        match self.found.get() {
            Some(found) => found.iter().find(|own| own.label == label).map_or(0, |own| usize::from(own.voxels)),
            // Counting one label is much faster than finding all.
            None => count(&self.labels, label),
        }
    }
}

/// What each label but 0 is in a brick.
fn in_brick(labels: &[u8]) -> Box<[InBrick]> {
    let mut found: Vec<InBrick> = Vec::new();
    let mut place = [None; 256];
    for (row, labels) in labels.chunks(BRICK).enumerate() {
        let (j, k) = ((row % BRICK) as u8, (row / BRICK) as u8);
        let mut start = 0;
        for run in labels.chunk_by(|a, b| a == b) {
            let (label, ends) = (run[0], [start, start + run.len() as u8 - 1]);
            start += run.len() as u8;
            if label == 0 {
                continue;
            }
            let n = *place[usize::from(label)].get_or_insert_with(|| {
                found.push(InBrick { label, voxels: 0, extent: [[u8::MAX, 0]; 3] });
                found.len() - 1
            });
            found[n].voxels += run.len() as u16;
            for (extent, [low, high]) in found[n].extent.iter_mut().zip([ends, [j; 2], [k; 2]]) {
                *extent = [extent[0].min(low), extent[1].max(high)];
            }
        }
    }
    found.into()
}

impl std::ops::Deref for Dense {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.labels
    }
}

/// One label per voxel of a grid and the table of what the labels mean. Cloning shares every brick.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelMap {
    grid: Arc<Grid>,
    segments: Vec<Segment>,
    bricks: Arc<[Brick]>,
}

/// The labels of a brick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrickLabels<'a> {
    /// All its voxels on the grid have this one.
    One(u8),
    /// One for each of [`BRICK`]³ voxels, column index fastest; 0 beyond the grid.
    Each(&'a [u8]),
}

/// Why a label map cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelMapError {
    /// A voxel holds a label that no segment explains.
    #[error("voxels hold the label {0}, which no segment in the table has")]
    UnknownLabel(u8),
    /// Two segments share a label, or one has label 0.
    #[error("the label {0} cannot be used by this segment: it is the background or already taken")]
    BadId(u8),
}

impl LabelMap {
    /// A label map from one label per voxel.
    ///
    /// # Errors
    /// [`LabelMapError`] if labels and segments do not agree.
    pub fn from_volume(labels: &Volume<u8>, segments: Vec<Segment>) -> Result<Self, LabelMapError> {
        let counts = brick_counts(labels.grid());
        let brick = |index| brick_of(labels, brick_start(counts, index), |label| label);
        Self::of_bricks(Arc::clone(labels.grid()), segments, brick)
    }

    /// A label map from its bricks, which it shares: [`BRICK`]³ labels each, column index fastest, bricks in the order of
    /// their first voxels; `None` holds nothing. Labels beyond the grid must be 0.
    ///
    /// # Errors
    /// [`LabelMapError`] if labels and segments do not agree.
    ///
    /// # Panics
    /// If a brick has another number of labels.
    pub fn from_bricks<'a>(
        grid: Arc<Grid>,
        segments: Vec<Segment>,
        labels: impl Fn(usize) -> Option<&'a Arc<[u8]>> + Sync + Send,
    ) -> Result<Self, LabelMapError> {
        let (counts, dims) = (brick_counts(&grid), grid.dims());
        let brick = |index| {
            let Some(labels) = labels(index) else { return Brick::Constant(0) };
            assert_eq!(labels.len(), BRICK.pow(3), "a brick has {BRICK}³ labels");
            let start = brick_start(counts, index);
            compressed(Arc::clone(labels), start, [0, 1, 2].map(|a| (start[a] + BRICK).min(dims[a])))
        };
        Self::of_bricks(Arc::clone(&grid), segments, brick)
    }

    fn of_bricks(
        grid: Arc<Grid>,
        segments: Vec<Segment>,
        brick: impl Fn(usize) -> Brick + Sync + Send,
    ) -> Result<Self, LabelMapError> {
        let mut known = [false; 256];
        for segment in &segments {
            if segment.id.0 == 0 || known[usize::from(segment.id.0)] {
                return Err(LabelMapError::BadId(segment.id.0));
            }
            known[usize::from(segment.id.0)] = true;
        }
        known[0] = true;
        let n_bricks = brick_counts(&grid).iter().product();
        let bricks: Vec<Brick> = (0..n_bricks).into_par_iter().map(brick).collect();
        for brick in &bricks {
            let unknown = match brick {
                Brick::Constant(label) => Some(*label).filter(|l| !known[usize::from(*l)]),
                Brick::Dense(labels) => labels.iter().copied().find(|l| !known[usize::from(*l)]),
            };
            if let Some(label) = unknown {
                return Err(LabelMapError::UnknownLabel(label));
            }
        }
        Ok(Self { grid, segments, bricks: bricks.into() })
    }

    /// A label map whose segments are called by the labels that occur.
    pub fn numbered(labels: &Volume<u8>) -> Self {
        let mut found = [false; 256];
        labels.voxels().iter().for_each(|label| found[usize::from(*label)] = true);
        let grey = [128; 3];
        let segments = (1..=u8::MAX).filter(|label| found[usize::from(*label)]);
        let segments = segments.map(|label| Segment::new(SegmentId(label), label.to_string(), grey, None)).collect();
        Self::from_volume(labels, segments).expect("every label is in the table")
    }

    /// A label map with one segment from a mask (anything but 0 is inside).
    pub fn from_mask(mask: &Volume<u8>, name: &str, colour: [u8; 3], snomed: Option<u64>) -> Self {
        let segment = Segment::new(SegmentId(1), name, colour, snomed);
        let counts = brick_counts(mask.grid());
        let brick = |index| brick_of(mask, brick_start(counts, index), |value| u8::from(value != 0));
        Self::of_bricks(Arc::clone(mask.grid()), vec![segment], brick).expect("the only label is in the table")
    }

    /// Where the voxels are.
    pub fn grid(&self) -> &Arc<Grid> {
        &self.grid
    }

    /// What the labels mean.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The segment with this id.
    pub fn segment(&self, id: SegmentId) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.id == id)
    }

    /// The segment with this name.
    pub fn segment_named(&self, name: &str) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.name == name)
    }

    /// The label of voxel `(i, j, k)`.
    #[inline]
    pub fn at(&self, [i, j, k]: [usize; 3]) -> u8 {
        let [bi, bj, _] = brick_counts(&self.grid);
        match &self.bricks[((k / BRICK) * bj + j / BRICK) * bi + i / BRICK] {
            Brick::Constant(label) => *label,
            Brick::Dense(labels) => labels[((k % BRICK) * BRICK + j % BRICK) * BRICK + i % BRICK],
        }
    }

    /// The labels of a brick, in the order of [`LabelMap::from_bricks`].
    ///
    /// # Panics
    /// If there are not so many bricks.
    pub fn brick(&self, index: usize) -> BrickLabels<'_> {
        match &self.bricks[index] {
            Brick::Constant(label) => BrickLabels::One(*label),
            Brick::Dense(labels) => BrickLabels::Each(labels),
        }
    }

    /// All labels as one array, for kernels that want one.
    pub fn to_volume(&self) -> Volume<u8> {
        let [ni, nj, nk] = self.grid.dims();
        let counts = brick_counts(&self.grid);
        let mut voxels = vec![0_u8; self.grid.len()];
        voxels.par_chunks_mut(ni * nj).enumerate().for_each(|(k, slice)| {
            debug_assert!(k < nk);
            for (j, row) in slice.chunks_mut(ni).enumerate() {
                for (bi, part) in row.chunks_mut(BRICK).enumerate() {
                    match &self.bricks[((k / BRICK) * counts[1] + j / BRICK) * counts[0] + bi] {
                        Brick::Constant(label) => part.fill(*label),
                        Brick::Dense(labels) => {
                            let start = ((k % BRICK) * BRICK + j % BRICK) * BRICK;
                            part.copy_from_slice(&labels[start..start + part.len()]);
                        }
                    }
                }
            }
        });
        Volume::new(Arc::clone(&self.grid), voxels).expect("one label per voxel")
    }

    /// 1 where the segment is, 0 elsewhere.
    pub fn mask(&self, id: SegmentId) -> Volume<u8> {
        let mut voxels = self.to_volume().into_voxels();
        voxels.par_iter_mut().for_each(|label| *label = u8::from(*label == id.0));
        Volume::new(Arc::clone(&self.grid), voxels).expect("one value per voxel")
    }

    /// Voxels of a segment.
    pub fn count(&self, id: SegmentId) -> usize {
        let counts = brick_counts(&self.grid);
        let in_brick = |(index, brick): (usize, &Brick)| match brick {
            Brick::Constant(label) if *label == id.0 => {
                let start = brick_start(counts, index);
                let dims = self.grid.dims();
                [0, 1, 2].map(|a| BRICK.min(dims[a] - start[a])).iter().product()
            }
            Brick::Constant(_) => 0,
            Brick::Dense(dense) if id.0 != 0 => dense.count(id.0),
            Brick::Dense(labels) => count(labels, 0),
        };
        self.bricks.par_iter().enumerate().map(in_brick).sum()
    }

    /// Volume of a segment in ml.
    pub fn volume_ml(&self, id: SegmentId) -> f64 {
        self.count(id) as f64 * self.grid.voxel_mm3() / crate::base::units::MM3_PER_ML
    }

    /// This map with bricks shared with `old` wherever they hold the same labels, so that undo costs the difference.
    #[must_use]
    pub fn sharing_with(mut self, old: &Self) -> Self {
        if self.grid == old.grid {
            let shared = self.bricks.iter().zip(old.bricks.iter());
            self.bricks = shared.map(|(new, old)| if new == old { old.clone() } else { new.clone() }).collect();
            self.grid = Arc::clone(&old.grid);
        }
        self
    }

    /// This map with another name for segment `id`.
    #[must_use]
    pub fn renamed(mut self, id: SegmentId, name: &str) -> Self {
        self.segments.iter_mut().filter(|segment| segment.id == id).for_each(|segment| segment.name = name.to_owned());
        self
    }

    /// Memory of the bricks in bytes.
    pub fn bytes(&self) -> usize {
        let dense = self.bricks.iter().filter(|brick| matches!(brick, Brick::Dense(_))).count();
        dense * BRICK.pow(3) + self.bricks.len() * size_of::<Brick>()
    }

    /// The hash of grid, table and labels.
    pub fn content_hash(&self) -> ContentHash {
        self.hash_with(|hasher, dense| {
            hasher.text(&dense.hash.to_hex());
        })
    }

    /// The hash as it was made before bricks had one of their own: what older case files hold.
    pub fn content_hash_of_old_files(&self) -> ContentHash {
        self.hash_with(|hasher, dense| {
            hasher.array(dense);
        })
    }

    fn hash_with(&self, add: impl Fn(&mut ContentHasher, &Dense)) -> ContentHash {
        let mut hasher = ContentHasher::default();
        self.grid.hash_into(&mut hasher);
        self.segments.iter().for_each(|segment| segment.hash_into(&mut hasher));
        for brick in self.bricks.iter() {
            match brick {
                Brick::Constant(label) => _ = hasher.number(u64::from(*label)),
                Brick::Dense(dense) => add(&mut hasher, dense),
            }
        }
        hasher.finish()
    }
}

/// How many of `labels` are `label`: in runs whose count fits a byte, so that many are compared at once.
fn count(labels: &[u8], label: u8) -> usize {
    let runs = labels.chunks(usize::from(u8::MAX));
    runs.map(|run| usize::from(run.iter().map(|each| u8::from(*each == label)).sum::<u8>())).sum()
}

fn brick_counts(grid: &Grid) -> [usize; 3] {
    grid.dims().map(|n| n.div_ceil(BRICK))
}

fn brick_start([bi, bj, _]: [usize; 3], index: usize) -> [usize; 3] {
    [index % bi * BRICK, index / bi % bj * BRICK, index / (bi * bj) * BRICK]
}

/// The brick at `start` of what `label` makes of the values.
fn brick_of(labels: &Volume<u8>, start: [usize; 3], label: impl Fn(u8) -> u8) -> Brick {
    let dims = labels.grid().dims();
    let end = [0, 1, 2].map(|a| (start[a] + BRICK).min(dims[a]));
    let rows = || {
        (start[2]..end[2]).flat_map(move |k| (start[1]..end[1]).map(move |j| (j, k))).map(|(j, k)| {
            let first = labels.grid().offset([start[0], j, k]);
            (j, k, &labels.voxels()[first..first + end[0] - start[0]])
        })
    };
    let first = label(labels.at(start));
    if rows().all(|(_, _, row)| row.iter().all(|value| label(*value) == first)) {
        return Brick::Constant(first);
    }
    let mut dense = vec![0_u8; BRICK.pow(3)];
    for (j, k, row) in rows() {
        let place = ((k - start[2]) * BRICK + j - start[1]) * BRICK;
        dense[place..place + row.len()].iter_mut().zip(row).for_each(|(out, value)| *out = label(*value));
    }
    Dense::brick(dense)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::Point;

    fn random_labels() -> Volume<u8> {
        let grid = Grid::aligned([70, 33, 65], Point::origin(), [1.0, 1.0, 2.0]).unwrap();
        let mut rng = Rng::new(7);
        // Long runs, so that some bricks are constant and some are not.
        let mut voxels = Vec::new();
        while voxels.len() < grid.len() {
            let run = if rng.unit() < 0.01 { 50_000 } else { 20 };
            voxels.extend(std::iter::repeat_n(rng.below(3) as u8, run));
        }
        voxels.truncate(grid.len());
        Volume::new(grid, voxels).unwrap()
    }

    fn table() -> Vec<Segment> {
        let segment = |id, name: &str| Segment::new(SegmentId(id), name, [1, 2, 3], None);
        vec![segment(1, "a"), segment(2, "b")]
    }

    #[test]
    fn bricks_hold_exactly_the_labels_given() {
        let labels = random_labels();
        let map = LabelMap::from_volume(&labels, table()).unwrap();
        assert_eq!(map.to_volume().voxels(), labels.voxels());
        for offset in (0..labels.grid().len()).step_by(997) {
            assert_eq!(map.at(labels.grid().voxel(offset)), labels.voxels()[offset]);
        }
        let ones = labels.voxels().iter().filter(|label| **label == 1).count();
        assert_eq!(map.count(SegmentId(1)), ones);
        assert_eq!(map.volume_ml(SegmentId(1)), ones as f64 * 2.0 / 1000.0);
    }

    #[test]
    fn labels_without_a_segment_are_refused() {
        let labels = random_labels();
        assert_eq!(LabelMap::from_volume(&labels, table()[..1].to_vec()), Err(LabelMapError::UnknownLabel(2)));
        let twice = vec![table()[0].clone(), table()[0].clone()];
        assert_eq!(LabelMap::from_volume(&labels, twice), Err(LabelMapError::BadId(1)));
    }

    #[test]
    fn empty_space_costs_almost_nothing() {
        let grid = Grid::aligned([256, 256, 256], Point::origin(), [1.0; 3]).unwrap();
        let mut voxels = vec![0_u8; grid.len()];
        voxels[1000] = 1;
        let map = LabelMap::from_mask(&Volume::new(grid, voxels).unwrap(), "dot", [0; 3], None);
        assert!(map.bytes() < 64 * 1024, "{} bytes", map.bytes());
    }
}
