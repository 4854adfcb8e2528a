//! Branches of centre lines with the radius at every point, and what is measured on them.

use super::CentreLineError;
use crate::base::{ContentHash, ContentHasher};
use crate::geom::{Aabb, Point, Vector};
use crate::mesh::tube::tapered_tubes;
use crate::mesh::{Field, Surface};

/// A vessel between two junctions, or between a junction and an end.
#[derive(Debug, Clone, PartialEq)]
pub struct CentreBranch {
    /// The branch whose last point is this one's first; none for a branch that starts at a root.
    pub parent: Option<usize>,
    /// At least two points in LPS mm, from the parent outwards.
    pub points: Vec<Point>,
    /// Radius of the largest ball around each point that stays inside, in mm.
    pub radii_mm: Vec<f64>,
}

/// The centre lines of one or several trees. A parent stands before its children.
#[derive(Debug, Clone, PartialEq)]
pub struct CentreLines {
    branches: Vec<CentreBranch>,
}

/// A place on a centre line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinePlace {
    /// Which branch.
    pub branch: usize,
    /// The point before the place.
    pub point: usize,
    /// How far it is on the way to the next point, 0 to 1.
    pub part: f64,
    /// Distance from what was asked for in mm.
    pub distance_mm: f64,
}

impl CentreBranch {
    /// Arc length of every point from the first, in mm.
    pub fn arc_lengths_mm(&self) -> Vec<f64> {
        let mut sum = 0.0;
        let steps = self.points.windows(2).map(|pair| {
            sum += (pair[1] - pair[0]).norm();
            sum
        });
        std::iter::once(0.0).chain(steps).collect()
    }

    /// Length along the line in mm.
    pub fn length_mm(&self) -> f64 {
        self.points.windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum()
    }

    /// Length over the straight way between the ends, less one: 0 for a straight vessel (Bullitt et al. 2003, IEEE TMI 22:1163, distance metric).
    pub fn tortuosity(&self) -> f64 {
        let straight_mm = (self.points[self.points.len() - 1] - self.points[0]).norm();
        if straight_mm < 1e-9 { f64::INFINITY } else { (self.length_mm() / straight_mm - 1.0).max(0.0) }
    }

    /// The first point that lies outside the parent's ball at the junction: before it the ball is the parent's.
    ///
    /// 0 for a root; a branch that never leaves that ball has its last point only.
    pub fn own_start(&self) -> usize {
        if self.parent.is_none() {
            return 0;
        }
        let outside = |n: &usize| self.radii_mm[0] < (self.points[*n] - self.points[0]).norm();
        (0..self.points.len()).find(outside).unwrap_or(self.points.len() - 1)
    }

    /// Mean radius in mm along the branch's own part, by length.
    pub fn mean_radius_mm(&self) -> f64 {
        let (mut sum, mut length_mm) = (0.0, 0.0);
        for n in self.own_start() + 1..self.points.len() {
            let step_mm = (self.points[n] - self.points[n - 1]).norm();
            sum += 0.5 * (self.radii_mm[n] + self.radii_mm[n - 1]) * step_mm;
            length_mm += step_mm;
        }
        if length_mm < 1e-9 { self.radii_mm[self.radii_mm.len() - 1] } else { sum / length_mm }
    }

    /// The point of the branch's own part with the smallest radius.
    pub fn narrowest(&self) -> usize {
        let own = self.own_start()..self.points.len();
        own.min_by(|a, b| self.radii_mm[*a].total_cmp(&self.radii_mm[*b])).unwrap_or(0)
    }
}

impl CentreLines {
    /// Centre lines of these branches.
    ///
    /// # Errors
    /// [`CentreLineError::Broken`] for a branch with fewer than two points, a number that is not finite, a negative
    /// radius, or a parent that does not stand before it.
    pub fn new(branches: Vec<CentreBranch>) -> Result<Self, CentreLineError> {
        for (n, branch) in branches.iter().enumerate() {
            let broken = |problem: String| Err(CentreLineError::Broken { branch: n, problem });
            let CentreBranch { parent, points, radii_mm } = branch;
            if points.len() < 2 || points.len() != radii_mm.len() {
                return broken(format!("it has {} points and {} radii", points.len(), radii_mm.len()));
            }
            if let Some(parent) = parent.filter(|parent| n <= *parent) {
                return broken(format!("its parent {parent} does not stand before it"));
            }
            if points.iter().any(|p| p.iter().any(|x| !x.is_finite()))
                || radii_mm.iter().any(|r| !(0.0..f64::INFINITY).contains(r))
            {
                return broken("a number is not finite, or a radius is negative".into());
            }
        }
        Ok(Self { branches })
    }

    /// The branches, parents before children.
    pub fn branches(&self) -> &[CentreBranch] {
        &self.branches
    }

    /// The branches that start at the end of `branch`.
    pub fn children(&self, branch: usize) -> impl Iterator<Item = usize> + '_ {
        (branch + 1..self.branches.len()).filter(move |n| self.branches[*n].parent == Some(branch))
    }

    /// The branches that nothing continues.
    pub fn leaves(&self) -> impl Iterator<Item = usize> + '_ {
        let mut has_child = vec![false; self.branches.len()];
        self.branches.iter().filter_map(|branch| branch.parent).for_each(|parent| has_child[parent] = true);
        (0..self.branches.len()).filter(move |n| !has_child[*n])
    }

    /// End points with their radii in mm: first points of roots, last points of leaves.
    pub fn ends(&self) -> Vec<(Point, f64)> {
        let mut ends: Vec<(Point, f64)> = Vec::new();
        for branch in self.branches.iter().filter(|branch| branch.parent.is_none()) {
            if ends.iter().all(|(point, _)| *point != branch.points[0]) {
                ends.push((branch.points[0], branch.radii_mm[0]));
            }
        }
        for branch in self.leaves().map(|n| &self.branches[n]) {
            ends.extend(branch.points.last().copied().zip(branch.radii_mm.last().copied()));
        }
        ends
    }

    /// Last points of the branches that others continue.
    pub fn junctions(&self) -> Vec<Point> {
        let leaves: Vec<usize> = self.leaves().collect();
        let inner = (0..self.branches.len()).filter(|n| leaves.binary_search(n).is_err());
        inner.filter_map(|n| self.branches[n].points.last().copied()).collect()
    }

    /// How many junctions lie between a branch and its root.
    pub fn generation(&self, branch: usize) -> usize {
        self.way_to_root(branch).count() - 1
    }

    /// A branch, its parent, and so on up to the root.
    pub fn way_to_root(&self, branch: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(branch), |n| self.branches[*n].parent)
    }

    /// Length of all branches in mm.
    pub fn length_mm(&self) -> f64 {
        self.branches.iter().map(CentreBranch::length_mm).sum()
    }

    /// The box around all points.
    pub fn bounds(&self) -> Aabb {
        Aabb::of(self.branches.iter().flat_map(|branch| &branch.points))
    }

    /// The place on the lines nearest to `point`; none if there is no branch.
    pub fn nearest(&self, point: &Point) -> Option<LinePlace> {
        let mut best: Option<LinePlace> = None;
        for (branch, line) in self.branches.iter().enumerate() {
            for (n, pair) in line.points.windows(2).enumerate() {
                let along: Vector = pair[1] - pair[0];
                let part = ((point - pair[0]).dot(&along) / along.norm_squared().max(1e-18)).clamp(0.0, 1.0);
                let distance_mm = (point - (pair[0] + along * part)).norm();
                if best.is_none_or(|best| distance_mm < best.distance_mm) {
                    best = Some(LinePlace { branch, point: n, part, distance_mm });
                }
            }
        }
        best
    }

    /// Tubes of the radii with `sides` sides around all branches, and the radius as their field; empty without branches.
    pub fn surface(&self, sides: u32) -> (Surface, Field) {
        let lines: Vec<&[Point]> = self.branches.iter().map(|branch| branch.points.as_slice()).collect();
        let radii_mm: Vec<f64> = self.branches.iter().flat_map(|branch| branch.radii_mm.iter().copied()).collect();
        let empty = || (Surface::new(Vec::new(), Vec::new()).expect("no triangle can be wrong"), Vec::new());
        let (surface, of_point) = tapered_tubes(&lines, &radii_mm, sides).unwrap_or_else(empty);
        let values = of_point.iter().map(|point| radii_mm[*point as usize]).collect();
        (surface, Field::new(Self::FIELD, "mm", values))
    }

    /// The name of the field that holds the radius.
    pub const FIELD: &'static str = "radius";

    /// The hash of everything.
    pub fn content_hash(&self) -> ContentHash {
        let mut hasher = ContentHasher::default();
        for CentreBranch { parent, points, radii_mm } in &self.branches {
            hasher.number(parent.map_or(u64::MAX, |parent| parent as u64)).array(radii_mm);
            points.iter().for_each(|point| {
                hasher.array(point.coords.as_slice());
            });
        }
        hasher.finish()
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        self.branches.iter().map(|branch| branch.points.len() * 32 + size_of::<CentreBranch>()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(parent: Option<usize>, points: &[[f64; 3]], radius_mm: f64) -> CentreBranch {
        let points: Vec<Point> = points.iter().copied().map(Point::from).collect();
        CentreBranch { parent, radii_mm: vec![radius_mm; points.len()], points }
    }

    fn fork() -> CentreLines {
        CentreLines::new(vec![
            branch(None, &[[0.0, 0.0, 0.0], [0.0, 0.0, 5.0], [0.0, 0.0, 10.0]], 2.0),
            branch(Some(0), &[[0.0, 0.0, 10.0], [1.0, 0.0, 10.0], [3.0, 0.0, 10.0], [6.0, 4.0, 10.0]], 1.0),
            branch(Some(0), &[[0.0, 0.0, 10.0], [0.0, 0.0, 20.0]], 1.5),
        ])
        .unwrap()
    }

    #[test]
    fn a_tree_knows_its_ends_junctions_and_lengths() {
        let fork = fork();
        assert_eq!(fork.length_mm(), 10.0 + 8.0 + 10.0);
        assert_eq!(fork.junctions(), [Point::new(0.0, 0.0, 10.0)]);
        assert_eq!(fork.ends().len(), 3);
        assert_eq!((fork.children(0).collect::<Vec<_>>(), fork.generation(2)), (vec![1, 2], 1));
        let side = &fork.branches()[1];
        assert!((side.tortuosity() - (8.0 / 52.0_f64.sqrt() - 1.0)).abs() < 1e-12);
        assert_eq!(side.arc_lengths_mm(), [0.0, 1.0, 3.0, 8.0]);
        let place = fork.nearest(&Point::new(1.0, 0.0, 18.0)).unwrap();
        assert_eq!((place.branch, place.point, place.part, place.distance_mm), (2, 0, 0.8, 1.0));
    }

    #[test]
    fn what_lies_in_the_parents_ball_is_not_measured_as_the_branchs_own() {
        let mut side = fork().branches()[1].clone();
        side.radii_mm = vec![2.0, 2.0, 1.0, 0.5];
        assert_eq!(side.own_start(), 2);
        assert_eq!((side.mean_radius_mm(), side.narrowest()), (0.75, 3));
        side.parent = None;
        assert!(1.0 < side.mean_radius_mm());
    }

    #[test]
    fn broken_trees_are_refused() {
        let refused = |branches| CentreLines::new(branches).unwrap_err().to_string();
        let line = [[0.0; 3], [1.0; 3]];
        assert_eq!(refused(vec![branch(Some(0), &line, 1.0)]), "branch 0: its parent 0 does not stand before it");
        assert!(refused(vec![branch(None, &line[..1], 1.0)]).contains("1 points"));
        assert!(refused(vec![branch(None, &line, f64::NAN)]).contains("not finite"));
    }

    #[test]
    fn tubes_have_the_radius_of_their_points() {
        let (surface, field) = fork().surface(8);
        assert_eq!(field.range(), Some([1.0, 2.0]));
        let bounds = surface.bounds();
        assert!((bounds.min.x + 2.0).abs() < 1e-9 && bounds.max.z == 20.0);
    }
}
