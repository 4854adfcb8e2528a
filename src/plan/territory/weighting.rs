//! What weighs the branches of a tree against each other where their territories meet.

use super::TerritoryError;
use crate::base::NodeId;
use crate::mesh::CentreLines;
use serde::{Deserialize, Serialize};

/// What decides which branch a voxel belongs to.
#[derive(Debug, Clone, PartialEq)]
pub enum Weighting {
    /// The distance d to the centre line.
    Distance,
    /// The distance to the wall: d less the mean radius of the piece of line.
    Wall,
    /// d / w with a weight w of each branch from the flow Q through it, in any unit: a multiplicatively weighted Voronoi
    /// diagram (Aurenhammer 1991, ACM Computing Surveys 23:345), whose weights scale as
    /// radii do in Murray's law, Q ∝ r³ (Murray 1926, PNAS 12:207).
    ///
    /// ```text
    /// w = w(parent) · (Q / Q(largest of those that begin at the same place))^⅓        w = 1 at the largest root
    /// ```
    ///
    /// Where branches lie side by side and reach as far as their weights say, the volumes they claim stand to each other as
    /// their flows do: w³. That weights compare what a division parts, and not a twig with its trunk, is this program's
    /// choice: all that flows through a trunk goes on into its branches, so its flow is no claim on the tissue beside it.
    /// With divisions that part evenly all weights are 1.
    Flow(Vec<f64>),
}

impl Weighting {
    /// The weight w of every branch.
    ///
    /// # Errors
    /// [`TerritoryError::Flows`] or [`TerritoryError::NoFlow`] if flows are missing or not positive.
    pub fn weights(&self, lines: &CentreLines) -> Result<Vec<f64>, TerritoryError> {
        let branches = lines.branches();
        let n = branches.len();
        let Self::Flow(flows) = self else { return Ok(vec![1.0; n]) };
        if flows.len() != n {
            return Err(TerritoryError::Flows { given: flows.len(), branches: n });
        }
        if let Some(branch) = flows.iter().position(|flow| !(0.0 < *flow && flow.is_finite())) {
            return Err(TerritoryError::NoFlow { branch, flow: flows[branch] });
        }
        // The largest flow that begins at the end of each branch, and at the roots last.
        let place = |branch: usize| branches[branch].parent.unwrap_or(n);
        let mut largest = vec![0.0_f64; n + 1];
        for (branch, flow) in flows.iter().enumerate() {
            largest[place(branch)] = largest[place(branch)].max(*flow);
        }
        let mut weights = Vec::with_capacity(n);
        for (branch, flow) in flows.iter().enumerate() {
            let before = branches[branch].parent.map_or(1.0, |parent: usize| weights[parent]);
            weights.push(before * (flow / largest[place(branch)]).cbrt());
        }
        Ok(weights)
    }
}

/// What a plan parts territories by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TerritoriesBy {
    /// The distance to the centre lines.
    #[default]
    Distance,
    /// Flows that are estimated from the radii of the ends, as [`murray_flows`] does.
    Radii,
    /// Flows of results: tubes along vessels that hold a flow, each of one tree.
    Flow(Vec<NodeId>),
}

impl TerritoriesBy {
    /// The results whose flows count.
    pub fn results(&self) -> &[NodeId] {
        match self {
            Self::Flow(results) => results,
            Self::Distance | Self::Radii => &[],
        }
    }

    /// Whether it is what plans say that say nothing.
    pub fn is_default(&self) -> bool {
        *self == Self::Distance
    }
}

/// Flow through each branch as a part of the whole, if the ends share it by the third power of their mean radii
/// (Murray 1926): an estimate where no flow is known. What flows through a branch is the sum of what goes on from it.
pub fn murray_flows(lines: &CentreLines) -> Vec<f64> {
    let branches = lines.branches();
    let mut flows = vec![0.0; branches.len()];
    for leaf in lines.leaves() {
        flows[leaf] = branches[leaf].mean_radius_mm().powi(3);
    }
    let whole = flows.iter().sum::<f64>();
    for n in (0..branches.len()).rev() {
        if let Some(parent) = branches[n].parent {
            flows[parent] += flows[n];
        }
    }
    if 0.0 < whole {
        flows.iter_mut().for_each(|flow| *flow /= whole);
    }
    flows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;
    use crate::mesh::CentreBranch;

    /// A trunk that parts into 1 and 2; 1 parts into 3 and 4.
    fn tree(radii_mm: [f64; 5]) -> CentreLines {
        let places = [[0.0, 0.0], [10.0, 0.0], [10.0, 0.0], [20.0, 5.0], [20.0, 5.0]];
        let ends = [[10.0, 0.0], [20.0, 5.0], [20.0, -5.0], [30.0, 9.0], [30.0, 1.0]];
        let parents = [None, Some(0), Some(0), Some(1), Some(1)];
        let branch = |n: usize| {
            let [from, to] = [places[n], ends[n]].map(|[x, y]| Point::new(x, y, 0.0));
            CentreBranch { parent: parents[n], points: vec![from, to], radii_mm: vec![radii_mm[n]; 2] }
        };
        CentreLines::new((0..5).map(branch).collect()).unwrap()
    }

    #[test]
    fn flows_by_radii_are_kept_at_divisions() {
        let flows = murray_flows(&tree([3.0, 2.5, 2.0, 1.0, 2.0]));
        assert!((flows[0] - 1.0).abs() < 1e-12);
        assert!((flows[1] + flows[2] - flows[0]).abs() < 1e-12 && (flows[3] + flows[4] - flows[1]).abs() < 1e-12);
        assert!((flows[4] / flows[3] - 8.0).abs() < 1e-9 && (flows[2] - flows[4]).abs() < 1e-12);
    }

    #[test]
    fn a_tree_that_parts_evenly_has_no_weights_and_others_as_their_flows() {
        let weights = |flows: [f64; 5]| Weighting::Flow(flows.to_vec()).weights(&tree([1.0; 5])).unwrap();
        assert_eq!(weights([4.0, 2.0, 2.0, 1.0, 1.0]), [1.0; 5]);
        let uneven = weights([9.0, 8.0, 1.0, 1.0, 7.0]);
        assert_eq!(uneven[..3], [1.0, 1.0, 0.5], "1 : 8 in flow is 1 : 2 in reach");
        assert!((uneven[3] - 7.0_f64.powf(-1.0 / 3.0)).abs() < 1e-12 && uneven[4] == 1.0);
        // The unit does not matter.
        let litres = weights([9.0, 8.0, 1.0, 1.0, 7.0].map(|flow| 1e-3 * flow));
        assert!(litres.iter().zip(&uneven).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}
