//! What a case knows of its plans: the nodes, and whether their scores are of now.

use super::{Case, Data, Node};
use crate::base::NodeId;
use crate::plan::Plan;
use std::sync::Arc;

impl Case {
    /// All plans in the order they were made.
    pub fn plans(&self) -> impl Iterator<Item = (NodeId, &Arc<Node>, &Arc<Plan>)> {
        self.nodes().filter_map(|(id, node)| match &node.data {
            Data::Plan(plan) => Some((id, node, plan)),
            _ => None,
        })
    }

    /// Why the score of `plan` is not of the case as it is now; none if it is, or if it has none.
    pub fn stale_score(&self, plan: &Plan) -> Option<String> {
        let score = plan.score.as_ref()?;
        score.stale(plan, |id| self.node(id).map(|node| node.hash().to_hex()))
    }
}
