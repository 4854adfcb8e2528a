//! Territories of vessels: which part of an organ hangs on which branch, and what is lost when one is closed.

mod couinaud;
mod face;
mod flows;
mod nearest;
mod places;
#[cfg(test)]
mod tests;
mod weighting;

pub use couinaud::{Couinaud, Landmarks, NAMES, cava_between, landmarks};
pub use flows::{flow_field, flows_in};
pub use nearest::Territories;
pub use places::{Layout, TreePlace, elsewhere, merged};
pub use weighting::{TerritoriesBy, Weighting, murray_flows};

use crate::base::Cancelled;
use crate::geom::Point;
use crate::mesh::CentreLines;

/// Why there are no territories.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TerritoryError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// No branch.
    #[error("the tree has no branches; find its centre lines first")]
    NoVessels,
    /// More than fits into the numbers of places.
    #[error("the tree is longer than four kilometres; its centre lines are not in millimetres")]
    TooLong,
    /// Flows of another tree.
    #[error("{given} flows for {branches} branches; they belong to another tree")]
    Flows {
        /// Flows given.
        given: usize,
        /// Branches of the tree.
        branches: usize,
    },
    /// A branch without flow.
    #[error("branch {branch} has a flow of {flow}; weighting by flow needs more than 0 in every branch")]
    NoFlow {
        /// Which branch.
        branch: usize,
        /// Its flow.
        flow: f64,
    },
    /// A landmark is missing.
    #[error("{what} is missing for the segments of Couinaud; {wish}")]
    Landmark {
        /// What.
        what: &'static str,
        /// What to do.
        wish: &'static str,
    },
}

/// The place of the tree whose wall is nearest to `point`, and how far off that wall the point lies in mm, negative inside
/// the vessel; none if the tree has no branch.
///
/// Of every piece of line counts the distance of its place nearest to the point, less the radius there: what lies on the wall
/// of a thick vessel is on it, although the middle of a thin one beside it may be nearer. Where a branch still lies in its
/// parent's ball, its radius is that with which it leaves it.
pub fn place_near(lines: &CentreLines, point: &Point) -> Option<(TreePlace, f64)> {
    let mut best: Option<(TreePlace, f64)> = None;
    for (branch, line) in lines.branches().iter().enumerate() {
        let own = line.own_start();
        let radius_mm = |n: usize| line.radii_mm[n.max(own)];
        let mut start_mm = 0.0;
        for (n, pair) in line.points.windows(2).enumerate() {
            let along = pair[1] - pair[0];
            let length_mm = along.norm();
            let part = ((point - pair[0]).dot(&along) / along.norm_squared().max(1e-18)).clamp(0.0, 1.0);
            let radius_mm = radius_mm(n) * (1.0 - part) + radius_mm(n + 1) * part;
            let off_mm = (point - (pair[0] + along * part)).norm() - radius_mm;
            if best.is_none_or(|(_, known)| off_mm < known) {
                best = Some((TreePlace { branch, along_mm: start_mm + part * length_mm }, off_mm));
            }
            start_mm += length_mm;
        }
    }
    best
}

/// Where a place of the tree lies, on its line, and the radius there in mm.
pub fn at_place(lines: &CentreLines, place: TreePlace) -> (Point, f64) {
    let branch = &lines.branches()[place.branch];
    let lengths_mm = branch.arc_lengths_mm();
    let next = lengths_mm.partition_point(|mm| *mm < place.along_mm).clamp(1, lengths_mm.len() - 1);
    let step_mm = (lengths_mm[next] - lengths_mm[next - 1]).max(1e-9);
    let part = ((place.along_mm - lengths_mm[next - 1]) / step_mm).clamp(0.0, 1.0);
    let at = branch.points[next - 1] + (branch.points[next] - branch.points[next - 1]) * part;
    (at, branch.radii_mm[next - 1] * (1.0 - part) + branch.radii_mm[next] * part)
}
