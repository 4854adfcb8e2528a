//! The view along a way: a curved reformation of the scan along a path through centre lines, or along a curve that was drawn
//! (a jaw, a duct, the spine), laid out straight. Dragging turns it about the way, a click points all views at a place, the
//! wheel walks along.

mod along;
mod header;
mod picture;
mod place;
mod section;
mod still;
mod texts;
mod view;

pub(super) use still::{CurvedStill, StillLooks};
pub(super) use view::{Curved, CurvedScene, Seen as CurvedSeen};

use super::find;
use crate::base::NodeId;
use crate::geom::Point;
use crate::geom::measure::{Kind, Shape, Spline};
use crate::mesh::CentreLines;
use crate::session::{Case, Data, NodeKind};

/// Pieces of a smooth curve between two points that were drawn.
const PIECES: usize = 24;
/// Steps from voxel to voxel are rounded over this length, so that the picture does not tremble.
const SMOOTH_MM: f64 = 2.0;

/// What the path of the view is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From a root of centre lines to the end of one of their branches.
    Branch {
        /// The centre lines.
        lines: NodeId,
        /// The branch it ends with.
        leaf: usize,
    },
    /// Along an open curve that was drawn.
    Drawn(NodeId),
}

/// The line of a way before it is resampled.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    points: Vec<Point>,
    /// Radii of the vessel at the points, mm; none where nobody knows.
    radii_mm: Vec<f64>,
    /// How far corners are rounded; a curve goes through the points that were drawn.
    smooth_mm: f64,
}

impl Way {
    /// The object it is part of.
    fn node(self) -> NodeId {
        match self {
            Self::Branch { lines, .. } => lines,
            Self::Drawn(measure) => measure,
        }
    }

    /// Whether it is in the case.
    fn is_in(self, case: &Case) -> bool {
        case.node(self.node()).is_some_and(|node| match (self, &node.data) {
            (Self::Branch { leaf, .. }, Data::Lines(lines)) => lines.leaves().any(|own| own == leaf),
            (Self::Drawn(_), Data::Measure(measure)) => is_open(measure.shape.kind()),
            _ => false,
        })
    }

    /// Its line, if it is in the case.
    fn line(self, case: &Case) -> Option<Line> {
        match (self, &case.node(self.node())?.data) {
            (Self::Branch { leaf, .. }, Data::Lines(lines)) if lines.leaves().any(|own| own == leaf) => {
                let radii_mm = way(lines, leaf).flat_map(|branch| lines.branches()[branch].radii_mm.iter().copied());
                Some(Line { points: points(lines, leaf), radii_mm: radii_mm.collect(), smooth_mm: SMOOTH_MM })
            }
            (Self::Drawn(_), Data::Measure(measure)) => {
                let points = drawn(&measure.shape)?;
                Some(Line { points, radii_mm: Vec::new(), smooth_mm: 0.0 })
            }
            _ => None,
        }
    }
}

/// The branches from the root to `leaf`.
fn way(lines: &CentreLines, leaf: usize) -> impl Iterator<Item = usize> {
    let mut branches: Vec<usize> = lines.way_to_root(leaf).collect();
    branches.reverse();
    branches.into_iter()
}

/// The points from the root to the end of `leaf`.
pub(super) fn points(lines: &CentreLines, leaf: usize) -> Vec<Point> {
    way(lines, leaf).flat_map(|branch| lines.branches()[branch].points.iter().copied()).collect()
}

/// Whether a curve of this kind has two ends to go between.
pub(super) fn is_open(kind: Kind) -> bool {
    matches!(kind, Kind::Length | Kind::Polyline | Kind::Spline | Kind::Geodesic)
}

/// The smooth curve through the points of an open curve; `None` for anything else.
fn drawn(shape: &Shape) -> Option<Vec<Point>> {
    if !is_open(shape.kind()) {
        return None;
    }
    // A curve on a surface stays on it.
    if shape.kind() == Kind::Geodesic {
        return Some(shape.points().to_vec());
    }
    let mut points = shape.points().to_vec();
    points.dedup_by(|a, b| (*a - *b).norm() < 1e-6);
    Some(Spline::through(&points).map_or(points, |spline| spline.line(PIECES)))
}

/// The longest way through centre lines.
fn longest(case: &Case, lines: NodeId) -> Option<Way> {
    let Data::Lines(own) = &case.node(lines)?.data else { return None };
    leaves(own).first().map(|(leaf, _)| Way::Branch { lines, leaf: *leaf })
}

/// The curves that were drawn and can be gone along, oldest first.
fn drawn_ways(case: &Case) -> impl DoubleEndedIterator<Item = NodeId> {
    let is_way = |data: &Data| matches!(data, Data::Measure(measure) if is_open(measure.shape.kind()));
    case.nodes().filter(move |(_, node)| is_way(&node.data)).map(|(id, _)| id)
}

/// The way that is shown where nobody chose one: the longest of the selected or newest centre lines, else the newest curve
/// that was drawn.
pub(super) fn first_way(case: &Case, selected: Option<NodeId>) -> Option<Way> {
    let of_lines = find::vessels(case, selected).and_then(|lines| longest(case, lines));
    of_lines.or_else(|| drawn_ways(case).next_back().map(Way::Drawn))
}

/// The selected curve, if it can be gone along.
pub(super) fn selected_curve(case: &Case, selected: Option<NodeId>) -> Option<Way> {
    selected.filter(|id| drawn_ways(case).any(|own| own == *id)).map(Way::Drawn)
}

fn are_lines(case: &Case, id: NodeId) -> bool {
    case.node(id).is_some_and(|node| node.data.kind() == NodeKind::Lines)
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

    #[test]
    fn a_drawn_curve_goes_smoothly_through_its_points_and_a_closed_one_has_no_ends() {
        let corners = [[0.0, 0.0, 5.0], [20.0, 15.0, 5.0], [40.0, 0.0, 5.0]].map(Point::from);
        for kind in [Kind::Polyline, Kind::Spline] {
            let shape = Shape::new(kind, &corners, None).unwrap();
            let line = drawn(&shape).unwrap();
            for corner in corners {
                assert!(line.iter().any(|point| (point - corner).norm() < 1e-9), "{kind:?} misses {corner}");
            }
            let turns = line.windows(3).map(|p| (p[1] - p[0]).angle(&(p[2] - p[1])).to_degrees());
            assert!(turns.fold(0.0, f64::max) < 10.0, "no corner is left");
        }
        let closed = Shape::new(Kind::Curve, &corners, None).unwrap();
        assert_eq!(drawn(&closed), None);
    }
}
