//! Places along a tree of vessels as one number, in an order in which everything downstream of a place is one interval.

use crate::geom::{Point, Vector};
use crate::mesh::CentreLines;
use std::ops::Range;

/// A place on a tree of vessels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TreePlace {
    /// Which branch.
    pub branch: usize,
    /// Arc length from the start of the branch in mm.
    pub along_mm: f64,
}

/// The tree laid out along a line in µm: a branch, then all that grows from it, branch by branch.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Branches in the order of the line.
    order: Vec<usize>,
    /// Where each branch of `order` begins.
    begins: Vec<u32>,
    /// Where each branch, counted as the tree counts them, begins, and where all that grows from it ends.
    spans: Vec<[u32; 2]>,
    /// Length of each branch.
    lengths_um: Vec<u32>,
}

/// A straight piece of a centre line.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub branch: usize,
    pub from: Vector,
    pub along: Vector,
    /// 1 / length², 0 for a piece without length.
    pub per_squared: f64,
    pub length_mm: f64,
    /// Mean radius of its ends.
    pub radius_mm: f64,
    /// Arc length of its start.
    pub start_mm: f64,
}

const UM_PER_MM: f64 = 1000.0;

impl Layout {
    /// The layout of a tree; none if its branches are longer than four kilometres together.
    pub fn of(lines: &CentreLines) -> Option<Self> {
        let branches = lines.branches();
        let mut children = vec![Vec::new(); branches.len()];
        let mut open: Vec<usize> = Vec::new();
        for (n, branch) in branches.iter().enumerate().rev() {
            branch.parent.map_or_else(|| open.push(n), |parent: usize| children[parent].push(n));
        }
        let (mut order, mut begins) = (Vec::new(), Vec::new());
        let (mut spans, mut lengths_um) = (vec![[0; 2]; branches.len()], vec![0; branches.len()]);
        let mut at = 0_u64;
        while let Some(branch) = open.pop() {
            let length_um = (branches[branch].length_mm() * UM_PER_MM).round();
            order.push(branch);
            begins.push(u32::try_from(at).ok()?);
            spans[branch][0] = at as u32;
            // One more, so that the end of a branch is not the start of the next.
            at += length_um as u64 + 1;
            lengths_um[branch] = length_um as u32;
            open.extend(&children[branch]);
        }
        u32::try_from(at).ok().filter(|at| *at < u32::MAX)?;
        for branch in (0..branches.len()).rev() {
            let own = spans[branch][0] + lengths_um[branch] + 1;
            spans[branch][1] = children[branch].iter().map(|child| spans[*child][1]).fold(own, u32::max);
        }
        Some(Self { order, begins, spans, lengths_um })
    }

    /// The number of a place.
    pub fn number(&self, place: TreePlace) -> u32 {
        let um = (place.along_mm * UM_PER_MM).round().clamp(0.0, f64::from(self.lengths_um[place.branch]));
        self.spans[place.branch][0] + um as u32
    }

    /// The branch a number lies on.
    pub fn branch(&self, number: u32) -> usize {
        self.order[self.begins.partition_point(|begin| *begin <= number).max(1) - 1]
    }

    /// Everything from a place outwards: the rest of its branch and all that grows from it.
    pub fn downstream(&self, place: TreePlace) -> Range<u32> {
        self.number(place)..self.spans[place.branch][1]
    }

    /// A branch with all that grows from it.
    pub fn subtree(&self, branch: usize) -> Range<u32> {
        self.spans[branch][0]..self.spans[branch][1]
    }

    /// The numbers of one branch.
    pub fn own(&self, branch: usize) -> Range<u32> {
        let begin = self.spans[branch][0];
        begin..begin + self.lengths_um[branch] + 1
    }
}

/// Ranges without overlaps, in order.
pub fn merged(mut ranges: Vec<Range<u32>>) -> Vec<Range<u32>> {
    ranges.retain(|range| range.start < range.end);
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<u32>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Everything but these ranges, which are in order and do not overlap.
pub fn elsewhere(ranges: &[Range<u32>]) -> Vec<Range<u32>> {
    let starts = std::iter::once(0).chain(ranges.iter().map(|range| range.end));
    let ends = ranges.iter().map(|range| range.start).chain(std::iter::once(u32::MAX));
    merged(starts.zip(ends).map(|(start, end)| start..end).collect())
}

/// All pieces of a tree, by branch and along it.
pub(super) fn pieces(lines: &CentreLines) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (branch, line) in lines.branches().iter().enumerate() {
        let mut start_mm = 0.0;
        for (pair, radii) in line.points.windows(2).zip(line.radii_mm.windows(2)) {
            let along = pair[1] - pair[0];
            let length_mm = along.norm();
            let per_squared = if 0.0 < length_mm { 1.0 / along.norm_squared() } else { 0.0 };
            let (from, radius_mm) = (pair[0].coords, 0.5 * (radii[0] + radii[1]));
            pieces.push(Piece { branch, from, along, per_squared, length_mm, radius_mm, start_mm });
            start_mm += length_mm;
        }
    }
    pieces
}

impl Piece {
    /// Distance of a point, and how far along the piece its nearest place is, 0 to 1.
    #[inline]
    pub fn nearest(&self, point: &Point) -> (f64, f64) {
        let way = point.coords - self.from;
        let part = (way.dot(&self.along) * self.per_squared).clamp(0.0, 1.0);
        ((way - self.along * part).norm(), part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::CentreBranch;

    fn branch(parent: Option<usize>, points: &[[f64; 3]]) -> CentreBranch {
        let points: Vec<Point> = points.iter().copied().map(Point::from).collect();
        CentreBranch { parent, radii_mm: vec![1.0; points.len()], points }
    }

    #[test]
    fn what_is_downstream_is_one_interval() {
        // 0 parts into 1 and 2; 1 parts into 3 and 4.
        let at = |z: f64| [0.0, 0.0, z];
        let tree = CentreLines::new(vec![
            branch(None, &[at(0.0), at(10.0)]),
            branch(Some(0), &[at(10.0), at(14.0)]),
            branch(Some(0), &[at(10.0), at(12.0)]),
            branch(Some(1), &[at(14.0), at(15.0)]),
            branch(Some(1), &[at(14.0), at(16.0)]),
        ])
        .unwrap();
        let layout = Layout::of(&tree).unwrap();
        let number = |branch, along_mm| layout.number(TreePlace { branch, along_mm });
        for (place, holds) in [
            (TreePlace { branch: 0, along_mm: 4.0 }, [true; 5]),
            (TreePlace { branch: 1, along_mm: 1.0 }, [false, true, false, true, true]),
            (TreePlace { branch: 2, along_mm: 0.0 }, [false, false, true, false, false]),
            (TreePlace { branch: 4, along_mm: 1.5 }, [false, false, false, false, true]),
        ] {
            let range = layout.downstream(place);
            for (branch, expected) in holds.into_iter().enumerate() {
                let end_mm = tree.branches()[branch].length_mm();
                assert_eq!(range.contains(&number(branch, end_mm)), expected, "{place:?} {branch}");
                assert_eq!(layout.branch(number(branch, 0.0)), branch);
                assert_eq!(layout.branch(number(branch, end_mm)), branch);
            }
            assert!(range.contains(&number(place.branch, place.along_mm + 0.1)));
            assert!(place.along_mm == 0.0 || !range.contains(&number(place.branch, place.along_mm - 0.1)));
        }
        assert_eq!(elsewhere(&[0..3, 7..9]), [3..7, 9..u32::MAX]);
        assert_eq!(merged(vec![5..9, 1..3, 3..4, 8..12, 7..7]), [1..4, 5..12]);
    }
}
