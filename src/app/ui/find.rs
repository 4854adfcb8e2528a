//! Questions panels ask of a case.

use crate::base::NodeId;
use crate::image::{LabelMap, Scan};
use crate::session::{Case, Data, Node, NodeKind};
use std::sync::Arc;

/// The scan the slices show: the selected one, the one the selected object was made from, else the newest.
pub fn active_scan(case: &Case, selected: Option<NodeId>) -> Option<(NodeId, &Arc<Node>, &Scan)> {
    let mut id = selected;
    // A damaged case file may let sources run in a circle.
    for _ in case.nodes() {
        let Some((found, node)) = id.and_then(|id| Some((id, case.node(id)?))) else { break };
        if let Data::Scan(scan) = &node.data {
            return Some((found, node, scan));
        }
        id = node.source;
    }
    let mut scans = case.nodes().filter_map(|(id, node)| match &node.data {
        Data::Scan(scan) => Some((id, node, &**scan)),
        _ => None,
    });
    scans.next_back()
}

/// All scans, oldest first.
pub fn scans(case: &Case) -> impl DoubleEndedIterator<Item = NodeId> {
    case.nodes().filter(|(_, node)| node.data.kind() == NodeKind::Scan).map(|(id, _)| id)
}

/// All label maps, oldest first.
pub fn label_maps(case: &Case) -> impl DoubleEndedIterator<Item = (NodeId, &Arc<Node>, &LabelMap)> {
    case.nodes().filter_map(|(id, node)| match &node.data {
        Data::Labels(labels) => Some((id, node, labels)),
        _ => None,
    })
}

/// The newest object of `kind`, the selected one first.
pub fn newest(case: &Case, kind: NodeKind, selected: Option<NodeId>) -> Option<NodeId> {
    let fits = |id: &NodeId| case.node(*id).is_some_and(|node| node.data.kind() == kind);
    let all = || case.nodes().map(|(id, _)| id).rev().find(|id| fits(id));
    selected.filter(fits).or_else(all)
}

/// The centre lines of vessels: the selected ones, else the newest that are no needle and no path of one.
pub fn vessels(case: &Case, selected: Option<NodeId>) -> Option<NodeId> {
    let are_lines = |node: &Node| node.data.kind() == NodeKind::Lines;
    let of_needle = |node: &Node| node.made_by().is_some_and(|made| made.tool == "simulate.needle");
    let asked = selected.filter(|id| case.node(*id).is_some_and(|node| are_lines(node)));
    let newest = || case.nodes().rev().find(|(_, node)| are_lines(node) && !of_needle(node)).map(|(id, _)| id);
    asked.or_else(newest)
}

/// The objects that `tool` made, with the parameters it was given, oldest first.
pub fn made_by<'a>(case: &'a Case, tool: &'a str) -> impl DoubleEndedIterator<Item = (NodeId, &'a Arc<Node>)> {
    case.nodes().filter(move |(_, node)| node.made_by().is_some_and(|command| command.tool == tool))
}

/// A text parameter of the command that made a node.
pub fn param<'a>(node: &'a Node, name: &str) -> Option<&'a str> {
    node.made_by()?.params.get(name)?.as_str()
}

/// The word for a kind of data without article, for headings.
pub fn kind_name(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Scan => "Scan",
        NodeKind::Labels => "Segmentation",
        NodeKind::Surface => "Surface",
        NodeKind::Tets => "Tetrahedral mesh",
        NodeKind::Lines => "Centre lines",
        NodeKind::Tissue => "Tissue result",
        NodeKind::Flow => "Flow result",
        NodeKind::Measure => "Measure",
        NodeKind::View => "Saved view",
        NodeKind::Plan => "Plan",
    }
}

/// The icon of a kind of data.
pub fn kind_icon(kind: NodeKind) -> &'static str {
    use super::icons;
    match kind {
        NodeKind::Scan => icons::STACK_2,
        NodeKind::Labels => icons::PALETTE,
        NodeKind::Surface => icons::TRIANGLE,
        NodeKind::Tets => icons::POLYGON,
        NodeKind::Lines => icons::GIT_BRANCH,
        NodeKind::Tissue => icons::HAND_GRAB,
        NodeKind::Flow => icons::WIND,
        NodeKind::Measure => icons::RULER_MEASURE,
        NodeKind::View => icons::CAMERA,
        NodeKind::Plan => icons::TARGET,
    }
}
