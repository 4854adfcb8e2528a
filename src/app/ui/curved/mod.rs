//! The view along a vessel: a curved reformation of the scan along a path from the root of centre lines to one of their
//! tips, laid out straight. Dragging turns it about the vessel, a click points all views at a place, the wheel walks along.

mod picture;
mod still;
mod view;

pub(super) use still::CurvedStill;
pub(super) use view::{Curved, CurvedScene};

use crate::base::NodeId;
use crate::geom::Point;
use crate::mesh::CentreLines;

/// A way from a root of centre lines to the end of one of their branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    /// The centre lines.
    pub lines: NodeId,
    /// The branch it ends with.
    pub leaf: usize,
}

/// The points from the root to the end of `leaf`.
pub(super) fn points(lines: &CentreLines, leaf: usize) -> Vec<Point> {
    let mut branches: Vec<usize> = lines.way_to_root(leaf).collect();
    branches.reverse();
    branches.into_iter().flat_map(|branch| lines.branches()[branch].points.iter().copied()).collect()
}

/// Millimetres from the root to the end of `leaf`.
fn length_mm(lines: &CentreLines, leaf: usize) -> f64 {
    lines.way_to_root(leaf).map(|branch| lines.branches()[branch].length_mm()).sum()
}

/// The branches that can be chosen, the longest way first.
pub(super) fn leaves(lines: &CentreLines) -> Vec<(usize, f64)> {
    let mut leaves: Vec<(usize, f64)> = lines.leaves().map(|leaf| (leaf, length_mm(lines, leaf))).collect();
    leaves.sort_by(|a, b| b.1.total_cmp(&a.1));
    leaves
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::CentreBranch;

    fn branch(parent: Option<usize>, points: &[[f64; 3]]) -> CentreBranch {
        let points: Vec<Point> = points.iter().copied().map(Point::from).collect();
        CentreBranch { parent, radii_mm: vec![2.0; points.len()], points }
    }

    #[test]
    fn a_way_leads_from_the_root_to_the_tip_and_the_longest_comes_first() {
        let lines = CentreLines::new(vec![
            branch(None, &[[0.0, 0.0, 0.0], [0.0, 0.0, 10.0]]),
            branch(Some(0), &[[0.0, 0.0, 10.0], [5.0, 0.0, 10.0]]),
            branch(Some(0), &[[0.0, 0.0, 10.0], [0.0, 20.0, 10.0]]),
        ])
        .unwrap();
        assert_eq!(leaves(&lines), [(2, 30.0), (1, 15.0)]);
        let way = points(&lines, 2);
        assert_eq!((way[0], way[way.len() - 1]), (Point::origin(), Point::new(0.0, 20.0, 10.0)));
    }
}
