//! Territories of vessels: which part of an organ hangs on which branch, and what is lost when one is closed.

mod couinaud;
mod nearest;
mod places;
#[cfg(test)]
mod tests;

pub use couinaud::{Couinaud, Landmarks, NAMES, landmarks};
pub use nearest::Territories;
pub use places::{Layout, TreePlace, elsewhere, merged};

use crate::base::Cancelled;
use crate::geom::Point;
use crate::mesh::CentreLines;

/// What decides which branch a voxel belongs to.
#[derive(Debug, Clone, PartialEq)]
pub enum Weighting {
    /// The distance d to the centre line.
    Distance,
    /// The distance to the wall: d less the mean radius of the piece of line.
    Wall,
    /// d / w with w = (Q / Q̄)^⅓ for the flow Q of each branch: branches claim volumes in proportion to their flows where
    /// they lie side by side (a multiplicatively weighted Voronoi diagram; Aurenhammer 1991, section 18.2). Q̄ is the mean.
    Flow(Vec<f64>),
}

impl Weighting {
    /// The weight w of every branch.
    ///
    /// # Errors
    /// [`TerritoryError::Flows`] if flows are missing or not positive.
    pub fn weights(&self, lines: &CentreLines) -> Result<Vec<f64>, TerritoryError> {
        let n = lines.branches().len();
        let Self::Flow(flows) = self else { return Ok(vec![1.0; n]) };
        if flows.len() != n {
            return Err(TerritoryError::Flows { given: flows.len(), branches: n });
        }
        if let Some(branch) = flows.iter().position(|flow| !(0.0 < *flow && flow.is_finite())) {
            return Err(TerritoryError::NoFlow { branch, flow: flows[branch] });
        }
        let mean = flows.iter().sum::<f64>() / n as f64;
        Ok(flows.iter().map(|flow| (flow / mean).cbrt()).collect())
    }
}

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

/// The place of the tree nearest to `point`, and how far away it is in mm; none if the tree has no branch.
pub fn place_near(lines: &CentreLines, point: &Point) -> Option<(TreePlace, f64)> {
    let found = lines.nearest(point)?;
    let branch = &lines.branches()[found.branch];
    let lengths_mm = branch.arc_lengths_mm();
    let [from, to] = [lengths_mm[found.point], lengths_mm[found.point + 1]];
    Some((TreePlace { branch: found.branch, along_mm: from + found.part * (to - from) }, found.distance_mm))
}
