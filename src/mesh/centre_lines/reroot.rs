//! The same centre lines from another end on.

use super::lines::{CentreBranch, CentreLines};
use crate::geom::Point;
use std::collections::VecDeque;

/// Centre lines from another end on, and which branch of the old ones each branch is.
#[derive(Debug, Clone, PartialEq)]
pub struct Rerooted {
    /// The lines; a parent stands before its children.
    pub lines: CentreLines,
    /// For each branch the old one, whose points it has in the same or the opposite order.
    pub old: Vec<usize>,
}

impl CentreLines {
    /// The tree with the end nearest to `at`, from that end on; other trees stay as they are.
    ///
    /// The way from that end to the old root runs backwards then, and what branched off it branches off still.
    pub fn begun_near(&self, at: &Point) -> Rerooted {
        let distance = |point: &Point| (point - at).norm();
        let of_root = |n: &usize| distance(&self.branches()[*n].points[0]);
        let of_leaf = |n: &usize| distance(&self.branches()[*n].points[self.branches()[*n].points.len() - 1]);
        let roots = (0..self.branches().len()).filter(|n| self.branches()[*n].parent.is_none());
        let root = roots.min_by(|a, b| of_root(a).total_cmp(&of_root(b)));
        let leaf = self.leaves().min_by(|a, b| of_leaf(a).total_cmp(&of_leaf(b)));
        let same = || Rerooted { lines: self.clone(), old: (0..self.branches().len()).collect() };
        match (root, leaf) {
            (Some(root), Some(leaf)) if of_leaf(&leaf) < of_root(&root) => self.begun_at(leaf),
            _ => same(),
        }
    }

    fn begun_at(&self, leaf: usize) -> Rerooted {
        let way: Vec<usize> = self.way_to_root(leaf).collect();
        let is_on_way = |n: usize| way.contains(&n);
        let old_root = way[way.len() - 1];
        let mut branches: Vec<CentreBranch> = Vec::with_capacity(self.branches().len());
        let mut old = Vec::with_capacity(self.branches().len());
        // Old branch, its new parent.
        let mut queue: VecDeque<(usize, Option<usize>)> = VecDeque::from([(leaf, None)]);
        let same_start = |n: &usize| {
            let other = &self.branches()[*n];
            *n != old_root && other.parent.is_none() && other.points[0] == self.branches()[old_root].points[0]
        };
        let with_root: Vec<usize> = (0..self.branches().len()).filter(same_start).collect();
        while let Some((n, parent)) = queue.pop_front() {
            let mut branch = CentreBranch { parent, ..self.branches()[n].clone() };
            let number = branches.len();
            if is_on_way(n) {
                // The parent's ball at its begin was no radius of its own, and would be one at its end.
                let own = self.branches()[n].own_start();
                let radius_mm = branch.radii_mm[own];
                branch.radii_mm[..own].fill(radius_mm);
                branch.points.reverse();
                branch.radii_mm.reverse();
                // It ends where the old parent ended: from there that one runs backwards, and its other children go on.
                let beside: Vec<usize> = match self.branches()[n].parent {
                    Some(before) => std::iter::once(before).chain(self.children(before).filter(|c| *c != n)).collect(),
                    None => with_root.clone(),
                };
                queue.extend(beside.into_iter().map(|next| (next, Some(number))));
            } else {
                queue.extend(self.children(n).map(|child| (child, Some(number))));
            }
            branches.push(branch);
            old.push(n);
        }
        // Trees that do not hang together with this one.
        let first_of = |n: usize| self.way_to_root(n).last().unwrap_or(n);
        for n in 0..self.branches().len() {
            let root = first_of(n);
            if root == old_root || with_root.contains(&root) {
                continue;
            }
            let parent = self.branches()[n].parent.and_then(|parent| old.iter().position(|own| *own == parent));
            branches.push(CentreBranch { parent, ..self.branches()[n].clone() });
            old.push(n);
        }
        let lines = CentreLines::new(branches).expect("the same points, parents before children");
        Rerooted { lines, old }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(parent: Option<usize>, points: &[[f64; 2]]) -> CentreBranch {
        let points: Vec<Point> = points.iter().map(|[x, y]| Point::new(*x, *y, 0.0)).collect();
        CentreBranch { parent, radii_mm: (0..points.len()).map(|n| 1.0 + n as f64).collect(), points }
    }

    /// A trunk with two branches, one of which divides again, and a vessel apart.
    fn tree() -> CentreLines {
        CentreLines::new(vec![
            branch(None, &[[0.0, 0.0], [10.0, 0.0]]),
            branch(Some(0), &[[10.0, 0.0], [20.0, 5.0]]),
            branch(Some(0), &[[10.0, 0.0], [20.0, -5.0]]),
            branch(Some(1), &[[20.0, 5.0], [30.0, 9.0]]),
            branch(Some(1), &[[20.0, 5.0], [30.0, 1.0]]),
            branch(None, &[[0.0, 90.0], [9.0, 90.0]]),
        ])
        .unwrap()
    }

    /// Every branch starts where its parent ends, and the length and the ends are those before.
    fn hangs_together(lines: &CentreLines) {
        for branch in lines.branches() {
            if let Some(parent) = branch.parent {
                let parent = &lines.branches()[parent];
                assert_eq!(branch.points[0], parent.points[parent.points.len() - 1]);
            }
        }
        assert!((lines.length_mm() - tree().length_mm()).abs() < 1e-9);
        assert_eq!(lines.ends().len(), tree().ends().len());
    }

    #[test]
    fn from_any_end_the_tree_hangs_together() {
        let tree = tree();
        for (end, _) in tree.ends() {
            let Rerooted { lines, old } = tree.begun_near(&end);
            hangs_together(&lines);
            let mut sorted = old.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3, 4, 5]);
            let starts = lines.branches().iter().any(|branch| branch.parent.is_none() && branch.points[0] == end);
            assert!(starts, "a root at {end}");
            // Radii stay with their points.
            for (branch, old) in lines.branches().iter().zip(&old) {
                let own = &tree.branches()[*old];
                let at = own.points.iter().position(|point| *point == branch.points[0]).unwrap();
                assert_eq!(branch.radii_mm[0], own.radii_mm[at]);
            }
        }
    }

    #[test]
    fn from_its_own_root_nothing_changes() {
        let same = tree().begun_near(&Point::new(-1.0, 0.0, 0.0));
        assert_eq!((same.lines, same.old), (tree(), vec![0, 1, 2, 3, 4, 5]));
    }
}
