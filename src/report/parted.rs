//! Organs that stand in parts: where cuts were applied to an organ, a picture shows the parts in place of the whole.

use crate::base::NodeId;
use crate::plan::Structure;
use crate::session::{Case, Data, Node, NodeKind};
use std::collections::{BTreeMap, BTreeSet};

/// The tool that applies cuts.
const APPLY: &str = "plan.apply";

/// What is left out of a picture of segments, or of surfaces, so that no two bodies lie over each other.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Parted {
    /// Organs whose parts are there.
    organs: BTreeSet<Structure>,
    /// Parts of an organ of which there are newer ones.
    older: BTreeSet<NodeId>,
}

impl Parted {
    /// What the visible parts of this kind, segmentations or surfaces, stand for.
    pub(super) fn of(case: &Case, kind: NodeKind) -> Self {
        let visible = case.nodes().filter(|(_, node)| node.display.visible && node.data.kind() == kind);
        let parts: Vec<(NodeId, Structure, NodeId)> =
            visible.filter_map(|(id, node)| Some((id, organ_of(case, node)?, run_of(case, id, node)))).collect();
        let mut newest: BTreeMap<Structure, NodeId> = BTreeMap::new();
        for (_, organ, run) in &parts {
            let last = newest.entry(*organ).or_insert(*run);
            *last = (*last).max(*run);
        }
        let older = parts.iter().filter(|(_, organ, run)| newest[organ] != *run).map(|(id, ..)| *id).collect();
        Self { organs: newest.into_keys().collect(), older }
    }

    /// Whether the parts of this structure are shown in its place.
    pub(super) fn holds(&self, structure: &Structure) -> bool {
        self.organs.contains(structure)
    }

    /// Whether this object is left out: older parts, or the surface of an organ whose parts are shown.
    pub(super) fn leaves_out(&self, id: NodeId, node: &Node) -> bool {
        self.older.contains(&id) || of_segment(node).is_some_and(|whole| self.holds(&whole))
    }
}

/// The segment that a surface was made of; none for parts and for what came from a file.
fn of_segment(node: &Node) -> Option<Structure> {
    let command = node.made_by().filter(|command| command.tool != APPLY)?;
    let segment = command.params.get("segment")?.as_u64().and_then(|id| u8::try_from(id).ok())?;
    let Data::Surface(_) = &node.data else { return None };
    Some(Structure { node: node.source?, segment: Some(crate::base::SegmentId(segment)) })
}

/// The organ that `node` is a part of, or the parts of; none if it is no result of applied cuts.
fn organ_of(case: &Case, node: &Node) -> Option<Structure> {
    let command = node.made_by().filter(|command| command.tool == APPLY)?;
    let source = node.source?;
    let plan = command.params.get("plan")?.as_u64().and_then(|id| u32::try_from(id).ok()).map(NodeId);
    if let Some(Data::Plan(plan)) = plan.and_then(|id| case.node(id)).map(|plan| &plan.data)
        && let Some(organ) = plan.organ.filter(|organ| organ.node == source)
    {
        return Some(organ);
    }
    // The plan is gone, or is about something else by now: the names of parts end, that of all begins with the organ's.
    let Data::Labels(labels) = &case.node(source)?.data else { return None };
    let is_named = |name: &str| node.name.starts_with(&format!("{name}, ")) || node.name.ends_with(&format!(" {name}"));
    let named = labels.segments().iter().filter(|segment| is_named(&segment.name));
    let longest = named.max_by_key(|segment| segment.name.len())?;
    Some(Structure { node: source, segment: Some(longest.id) })
}

/// Which time cuts were applied: the segmentation it made, which is there before its surfaces.
fn run_of(case: &Case, id: NodeId, node: &Node) -> NodeId {
    let is_first = |(other, own): &(NodeId, &std::sync::Arc<Node>)| {
        *other <= id && matches!(own.data, Data::Labels(_)) && own.made_by() == node.made_by()
    };
    case.nodes().filter(is_first).map(|(other, _)| other).max().unwrap_or(id)
}
