//! Edits of a label map that cost only the bricks they touch.

use super::{BRICK, Brick, BrickLabels, Dense, LabelMap, LabelMapError, brick_counts, brick_start};
use crate::base::{Cancelled, Progress, SegmentId};
use crate::image::{Segment, Volume};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// A box of voxels along i, j and k.
pub type VoxelBox = [Range<usize>; 3];

/// So many bricks are edited by the thread that asks.
const AT_ONCE: usize = 8;

impl LabelMap {
    /// Nothing marked yet, with these segments.
    ///
    /// # Errors
    /// [`LabelMapError::BadId`] if two segments share a label or one has label 0.
    pub fn empty(grid: Arc<crate::geom::Grid>, segments: Vec<Segment>) -> Result<Self, LabelMapError> {
        let bricks = vec![Brick::Constant(0); brick_counts(&grid).iter().product()];
        Self { grid, segments: Vec::new(), bricks: bricks.into() }.with_segments(segments)
    }

    /// The same voxels with another table.
    ///
    /// # Errors
    /// [`LabelMapError`] if a label in use is not in the table, twice in it, or 0.
    pub fn with_segments(&self, segments: Vec<Segment>) -> Result<Self, LabelMapError> {
        let mut known = [false; 256];
        known[0] = true;
        for Segment { id, .. } in &segments {
            if std::mem::replace(&mut known[usize::from(id.0)], true) {
                return Err(LabelMapError::BadId(id.0));
            }
        }
        let gone = self.segments.iter().map(|segment| segment.id).filter(|id| !known[usize::from(id.0)]);
        match gone.into_iter().find(|id| 0 < self.count(*id)) {
            Some(id) => Err(LabelMapError::UnknownLabel(id.0)),
            None => Ok(Self { grid: Arc::clone(&self.grid), segments, bricks: Arc::clone(&self.bricks) }),
        }
    }

    /// The smallest label no segment has; `None` if all 255 are taken.
    pub fn free_id(&self) -> Option<SegmentId> {
        (1..=255).map(SegmentId).find(|id| self.segment(*id).is_none())
    }

    /// This map with `new_label(offset, old_label)` at every voxel of `region`. Bricks that stay equal stay shared.
    ///
    /// `region` is cut to the grid; the new labels must be in the table.
    ///
    /// # Errors
    /// [`Cancelled`] if `progress` was cancelled.
    pub fn edited(
        &self,
        region: &VoxelBox,
        new_label: impl Fn(usize, u8) -> u8 + Sync,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let new_row = |first: [usize; 3], row: &mut [u8]| {
            let offset = self.grid.offset(first);
            let mut changed = false;
            for (n, label) in row.iter_mut().enumerate() {
                let new = new_label(offset + n, *label);
                changed |= new != *label;
                *label = new;
            }
            changed
        };
        self.edited_rows(region, |_, _| false, new_row, progress)
    }

    /// As [`LabelMap::edited`], row by row: `new_row(first, labels)` is given the labels of a run along i from voxel `first`
    /// on, changes them and says whether it did. Bricks for which `untouched(box, labels)` holds are not looked at.
    ///
    /// # Errors
    /// [`Cancelled`] if `progress` was cancelled.
    pub fn edited_rows(
        &self,
        region: &VoxelBox,
        untouched: impl Fn(&VoxelBox, BrickLabels<'_>) -> bool + Sync,
        new_row: impl Fn([usize; 3], &mut [u8]) -> bool + Sync,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let dims = self.grid.dims();
        let counts = brick_counts(&self.grid);
        let region = [0, 1, 2].map(|a| region[a].start.min(dims[a])..region[a].end.min(dims[a]));
        if region.iter().any(Range::is_empty) {
            return Ok(self.clone());
        }
        let touched = [0, 1, 2].map(|a| region[a].start / BRICK..region[a].end.div_ceil(BRICK));
        let places: Vec<usize> = (touched[2].clone())
            .flat_map(|k| touched[1].clone().map(move |j| (j, k)))
            .flat_map(|(j, k)| touched[0].clone().map(move |i| (k * counts[1] + j) * counts[0] + i))
            .collect();
        let edited = |place: usize| {
            progress.check()?;
            Ok(self.edited_brick(place, &region, &untouched, &new_row).map(|brick| (place, brick)))
        };
        // A few bricks, as under a brush, are done sooner than other threads wake up for them on a machine that computes.
        let changed: Vec<Option<(usize, Brick)>> = if places.len() <= AT_ONCE {
            places.into_iter().map(edited).collect::<Result<_, Cancelled>>()?
        } else {
            places.into_par_iter().map(edited).collect::<Result<_, Cancelled>>()?
        };
        let changed: Vec<(usize, Brick)> = changed.into_iter().flatten().collect();
        if changed.is_empty() {
            return Ok(self.clone());
        }
        let mut bricks = self.bricks.to_vec();
        changed.into_iter().for_each(|(place, brick)| bricks[place] = brick);
        Ok(Self { grid: Arc::clone(&self.grid), segments: self.segments.clone(), bricks: bricks.into() })
    }

    /// The brick at `place` after the edit, if it is another one.
    fn edited_brick(
        &self,
        place: usize,
        region: &VoxelBox,
        untouched: &impl Fn(&VoxelBox, BrickLabels<'_>) -> bool,
        new_row: &impl Fn([usize; 3], &mut [u8]) -> bool,
    ) -> Option<Brick> {
        let start = brick_start(brick_counts(&self.grid), place);
        let dims = self.grid.dims();
        let end = [0, 1, 2].map(|a| (start[a] + BRICK).min(dims[a]));
        let part = [0, 1, 2].map(|a| region[a].start.max(start[a])..region[a].end.min(end[a]));
        if untouched(&part, self.brick(place)) {
            return None;
        }
        let mut dense = match &self.bricks[place] {
            Brick::Constant(label) => vec![*label; BRICK.pow(3)],
            Brick::Dense(labels) => labels.to_vec(),
        };
        let mut changed = false;
        for k in part[2].clone() {
            for j in part[1].clone() {
                let row = ((k - start[2]) * BRICK + j - start[1]) * BRICK;
                let labels = &mut dense[row + part[0].start - start[0]..row + part[0].end - start[0]];
                changed |= new_row([part[0].start, j, k], labels);
            }
        }
        changed.then(|| compressed(dense.into(), start, end))
    }

    /// This map where segment `id` is exactly the voxels marked in `mask`, as far as `may_change(offset, old_label)` lets
    /// a voxel change. Voxels that leave the segment become background.
    ///
    /// # Errors
    /// [`Cancelled`] if `progress` was cancelled.
    ///
    /// # Panics
    /// If the mask has another number of voxels, or the segment is not in the table.
    pub fn with_mask(
        &self,
        id: SegmentId,
        mask: &Volume<u8>,
        may_change: impl Fn(usize, u8) -> bool + Sync,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        assert_eq!(mask.voxels().len(), self.grid.len(), "one mark per voxel");
        assert!(self.segment(id).is_some(), "the segment {id} is in the table");
        let marks = mask.voxels();
        let new_label = |offset: usize, old: u8| {
            let new = match (marks[offset] != 0, old == id.0) {
                (true, _) => id.0,
                (false, true) => 0,
                (false, false) => old,
            };
            if new == old || may_change(offset, old) { new } else { old }
        };
        self.edited(&self.everything(), new_label, progress)
    }

    /// The box of all voxels.
    pub fn everything(&self) -> VoxelBox {
        self.grid.dims().map(|n| 0..n)
    }

    /// The smallest box that holds every voxel of segment `id`; `None` if it has none.
    ///
    /// A brick is read once for all its segments: asking again, or after an edit elsewhere, costs the number of bricks.
    pub fn extent(&self, id: SegmentId) -> Option<VoxelBox> {
        let counts = brick_counts(&self.grid);
        let dims = self.grid.dims();
        let part = |(place, brick): (usize, &Brick)| {
            let start = brick_start(counts, place);
            let end = [0, 1, 2].map(|a| (start[a] + BRICK).min(dims[a]));
            match brick {
                Brick::Constant(label) if *label == id.0 => Some([0, 1, 2].map(|a| start[a]..end[a])),
                Brick::Constant(_) => None,
                Brick::Dense(dense) => dense.extent(id.0).map(|extent| {
                    [0, 1, 2].map(|a| {
                        let [low, high] = extent[a].map(usize::from);
                        start[a] + low..start[a] + high + 1
                    })
                }),
            }
        };
        let joined = |a: VoxelBox, b: VoxelBox| [0, 1, 2].map(|n| a[n].start.min(b[n].start)..a[n].end.max(b[n].end));
        self.bricks.par_iter().enumerate().filter_map(part).reduce_with(joined)
    }

    /// Whether both share all their voxels in memory.
    pub fn same_bricks(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.bricks, &other.bricks)
    }

    /// The labels in the bricks that `region` touches, by label; 0 among them.
    pub fn near(&self, region: &VoxelBox) -> [bool; 256] {
        let mut found = [false; 256];
        if region.iter().any(Range::is_empty) {
            return found;
        }
        let [bi, bj, _] = brick_counts(&self.grid);
        let [ri, rj, rk] = region.clone().map(|range| range.start / BRICK..range.end.div_ceil(BRICK));
        for row in rk.flat_map(|k| rj.clone().map(move |j| (k * bj + j) * bi)) {
            for brick in &self.bricks[row + ri.start..row + ri.end] {
                match brick {
                    Brick::Constant(label) => found[usize::from(*label)] = true,
                    Brick::Dense(labels) => labels.iter().for_each(|label| found[usize::from(*label)] = true),
                }
            }
        }
        found
    }

    /// Call `found(i, label)` for row `(j, k)` of voxels from `start` to `end`.
    #[inline]
    pub fn row(&self, ends: (usize, usize), j: usize, k: usize, mut found: impl FnMut(usize, u8)) {
        self.row_parts(ends, j, k, |part, labels| match labels {
            BrickLabels::One(label) => part.for_each(|i| found(i, label)),
            BrickLabels::Each(labels) => part.zip(labels).for_each(|(i, label)| found(i, *label)),
        });
    }

    /// Call `found(i, labels)` for the parts of row `(j, k)` that lie in one brick each, from voxel `start` to `end`: the
    /// voxels of a part, and the label of all of them or of each.
    pub fn row_parts(
        &self,
        (start, end): (usize, usize),
        j: usize,
        k: usize,
        mut found: impl FnMut(Range<usize>, BrickLabels),
    ) {
        let [bi, bj, _] = brick_counts(&self.grid);
        let bricks = ((k / BRICK) * bj + j / BRICK) * bi;
        let within = ((k % BRICK) * BRICK + j % BRICK) * BRICK;
        let mut i = start;
        while i < end {
            let last = end.min((i / BRICK + 1) * BRICK);
            let labels = match &self.bricks[bricks + i / BRICK] {
                Brick::Constant(label) => BrickLabels::One(*label),
                Brick::Dense(labels) => BrickLabels::Each(&labels[within + i % BRICK..][..last - i]),
            };
            found(i..last, labels);
            i = last;
        }
    }

    /// Whether some voxel of `region` may differ: looks at bricks, not at voxels.
    pub fn differs_in(&self, other: &Self, region: &VoxelBox) -> bool {
        if self.same_bricks(other) || region.iter().any(Range::is_empty) {
            return false;
        }
        let [bi, bj, _] = brick_counts(&self.grid);
        let [ri, rj, rk] = region.clone().map(|range| range.start / BRICK..range.end.div_ceil(BRICK));
        self.bricks.len() != other.bricks.len()
            || rk.flat_map(|k| rj.clone().map(move |j| (k * bj + j) * bi)).any(|row| {
                ri.clone().any(|i| match (&self.bricks[row + i], &other.bricks[row + i]) {
                    (Brick::Constant(a), Brick::Constant(b)) => a != b,
                    // A command makes the bricks of its preview again: they are others with the same labels.
                    (Brick::Dense(a), Brick::Dense(b)) => !Arc::ptr_eq(a, b) && a.hash != b.hash,
                    _ => true,
                })
            })
    }

    /// Bytes that `newer` holds and this map does not share: what one step of undo costs.
    pub fn bytes_not_shared_with(&self, newer: &Self) -> usize {
        let own = |(a, b): (&Brick, &Brick)| match (a, b) {
            (Brick::Dense(a), Brick::Dense(b)) if Arc::ptr_eq(a, b) => 0,
            (_, Brick::Dense(_)) => BRICK.pow(3),
            _ => 0,
        };
        self.bricks.iter().zip(newer.bricks.iter()).map(own).sum::<usize>() + newer.bricks.len() * size_of::<Brick>()
    }
}

/// A brick of these labels; those beyond the grid become 0.
pub(super) fn compressed(mut dense: Arc<[u8]>, start: [usize; 3], end: [usize; 3]) -> Brick {
    let first = dense[0];
    let constant = (0..end[2] - start[2]).all(|k| {
        (0..end[1] - start[1]).all(|j| {
            let row = (k * BRICK + j) * BRICK;
            dense[row..row + end[0] - start[0]].iter().all(|label| *label == first)
        })
    });
    if constant {
        return Brick::Constant(first);
    }
    // A constant brick that was opened is full of its label; what is shared is 0 there and stays shared.
    for (k, j) in (0..BRICK).flat_map(|k| (0..BRICK).map(move |j| (k, j))) {
        let inside = if start[2] + k < end[2] && start[1] + j < end[1] { end[0] - start[0] } else { 0 };
        let row = (k * BRICK + j) * BRICK;
        let beyond = row + inside..row + BRICK;
        if dense[beyond.clone()].iter().any(|label| *label != 0) {
            Arc::make_mut(&mut dense)[beyond].fill(0);
        }
    }
    Dense::brick(dense)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};

    fn map() -> LabelMap {
        let grid = Grid::aligned([70, 33, 65], Point::origin(), [1.0, 1.0, 2.0]).unwrap();
        let segments =
            vec![Segment::new(SegmentId(1), "a", [1; 3], None), Segment::new(SegmentId(2), "b", [2; 3], None)];
        LabelMap::empty(Arc::new(grid), segments).unwrap()
    }

    /// An edit in steps must equal the map made at once, byte for byte, so that hashes do not tell how one got there.
    #[test]
    fn editing_and_building_give_the_same_bricks() {
        let start = map();
        let ball = |offset: usize, centre: [f64; 3]| {
            let p = start.grid.voxel(offset).map(|x| x as f64);
            (0..3).map(|a| (p[a] - centre[a]).powi(2)).sum::<f64>() < 150.0
        };
        let region = [20..60, 0..33, 25..65];
        let one = |o: usize, old: u8| if ball(o, [40.0, 15.0, 45.0]) { 1 } else { old };
        let two = |o: usize, old: u8| if ball(o, [47.0, 15.0, 45.0]) { 2 } else { old };
        let first = start.edited(&region, one, &Progress::default()).unwrap();
        let second = first.edited(&region, two, &Progress::default()).unwrap();
        let whole = LabelMap::from_volume(&second.to_volume(), second.segments.clone()).unwrap();
        assert_eq!(whole, second);
        assert_eq!(whole.content_hash(), second.content_hash());
        assert!(0 < second.count(SegmentId(1)) && 0 < second.count(SegmentId(2)));
        let back = second.edited(&second.everything(), |_, _| 0, &Progress::default()).unwrap();
        assert_eq!(back, start);
    }

    #[test]
    fn an_edit_of_one_voxel_costs_one_brick() {
        let start = map();
        let dot = start.edited(&[5..6, 5..6, 5..6], |_, _| 2, &Progress::default()).unwrap();
        assert_eq!(dot.count(SegmentId(2)), 1);
        assert_eq!(start.bytes_not_shared_with(&dot), BRICK.pow(3) + start.bricks.len() * size_of::<Brick>());
        assert_eq!(dot.extent(SegmentId(2)), Some([5..6, 5..6, 5..6]));
        assert_eq!(dot.extent(SegmentId(1)), None);
    }

    /// Whatever is cut by the grid, shared or full: the box is that of the voxels one by one, and so is the number.
    #[test]
    fn a_box_around_a_segment_is_that_of_its_voxels() {
        let mut rng = crate::base::rng::Rng::new(11);
        let mut map = map();
        for _ in 0..12 {
            let region = [0, 1, 2].map(|a| {
                let n = map.grid.dims()[a];
                let start = rng.below(n);
                start..(start + 1 + rng.below(40)).min(n)
            });
            let label = rng.below(3) as u8;
            map = map.edited(&region, |o, old| if o % 7 == 0 { old } else { label }, &Progress::default()).unwrap();
            let whole = map.to_volume();
            for id in [1, 2] {
                let own = (0..map.grid.len()).filter(|o| whole.voxels()[*o] == id).map(|o| map.grid.voxel(o));
                let of_each = own.clone().fold(None, |found: Option<VoxelBox>, voxel| {
                    let one = voxel.map(|v| v..v + 1);
                    Some(match found {
                        None => one,
                        Some(a) => [0, 1, 2].map(|n| a[n].start.min(one[n].start)..a[n].end.max(one[n].end)),
                    })
                });
                assert_eq!(map.extent(SegmentId(id)), of_each);
                assert_eq!(map.count(SegmentId(id)), own.count());
            }
        }
    }

    /// Asking for the box of a segment reads every brick once; an edit leaves the others read.
    #[test]
    fn only_bricks_that_an_edit_touched_are_read_again() {
        let speckled = |o: usize, _| u8::from(o.is_multiple_of(3));
        let start = map().edited(&map().everything(), speckled, &Progress::default()).unwrap();
        let read = |map: &LabelMap| {
            let dense = map.bricks.iter().filter_map(|brick| match brick {
                Brick::Dense(dense) => Some(dense.found.get().is_some()),
                Brick::Constant(_) => None,
            });
            let all: Vec<bool> = dense.collect();
            (all.iter().filter(|is_read| **is_read).count(), all.len())
        };
        assert_eq!(read(&start).0, 0);
        let _ = start.extent(SegmentId(1));
        let (known, all) = read(&start);
        assert!(1 < all && known == all);
        let dot = start.edited(&[5..6, 5..6, 5..6], |_, _| 2, &Progress::default()).unwrap();
        assert_eq!(read(&dot), (all - 1, all));
        let _ = dot.extent(SegmentId(2));
        assert_eq!(read(&dot), (all, all));
    }

    /// What a stroke shows while it is drawn and what its command makes of it are the same: nothing is drawn anew for it.
    #[test]
    fn the_same_edit_made_twice_does_not_differ() {
        let start = map().edited(&map().everything(), |o, _| u8::from(o % 3 == 0), &Progress::default()).unwrap();
        let dab = |map: &LabelMap| map.edited(&[3..9, 3..9, 3..9], |_, _| 2, &Progress::default()).unwrap();
        let (preview, made) = (dab(&start), dab(&start));
        assert!(!preview.same_bricks(&made) && !made.differs_in(&preview, &made.everything()));
        assert!(made.differs_in(&start, &[0..32, 0..32, 0..32]) && !made.differs_in(&start, &[40..60, 0..32, 0..32]));
    }

    #[test]
    fn a_mask_respects_what_may_not_change() {
        let start = map().edited(&[0..10, 0..10, 0..1], |_, _| 2, &Progress::default()).unwrap();
        let mut marks = vec![0_u8; start.grid.len()];
        marks[..70].fill(1);
        let mask = Volume::new(Arc::clone(&start.grid), marks).unwrap();
        let over = start.with_mask(SegmentId(1), &mask, |_, _| true, &Progress::default()).unwrap();
        assert_eq!((over.count(SegmentId(1)), over.count(SegmentId(2))), (70, 90));
        let beside = start.with_mask(SegmentId(1), &mask, |_, old| old != 2, &Progress::default()).unwrap();
        assert_eq!((beside.count(SegmentId(1)), beside.count(SegmentId(2))), (60, 100));
    }

    #[test]
    fn a_table_must_explain_the_labels_in_use() {
        let start = map().edited(&[0..10, 0..10, 0..1], |_, _| 2, &Progress::default()).unwrap();
        assert_eq!(start.with_segments(start.segments[..1].to_vec()), Err(LabelMapError::UnknownLabel(2)));
        assert_eq!(start.with_segments(start.segments[1..].to_vec()).unwrap().free_id(), Some(SegmentId(1)));
    }
}
