//! A whole segmentation as input and output of tools that work on all its segments at once.

use super::effect::scan_of;
use crate::base::{ContentHash, NodeId, Summary};
use crate::image::{LabelMap, Scan};
use crate::session::{Case, Change, CommandError, Data, Edit, Node, NodeKind};
use std::sync::Arc;

/// A segmentation node with what is needed to put another in its place; shares its data with the case.
#[derive(Debug, Clone)]
pub(in crate::tools) struct Group {
    pub id: NodeId,
    pub node: Arc<Node>,
    pub labels: LabelMap,
    was: ContentHash,
    scan: Option<Arc<Scan>>,
}

impl Group {
    /// Take the segmentation `id`.
    ///
    /// # Errors
    /// [`CommandError::BadParams`] if it is none.
    pub(in crate::tools) fn of(case: &Case, id: NodeId) -> Result<Self, CommandError> {
        let labels = super::labels(case, id)?;
        let node = Arc::clone(case.expect_kind(id, NodeKind::Labels)?);
        let scan = scan_of(case, &node, &labels);
        Ok(Self { id, was: node.hash(), node, labels, scan })
    }

    /// The scan of the group, on the same voxels.
    ///
    /// # Errors
    /// [`CommandError::BadParams`] if there is none.
    pub(in crate::tools) fn scan(&self) -> Result<&Arc<Scan>, CommandError> {
        self.scan.as_ref().ok_or_else(|| {
            let name = &self.node.name;
            CommandError::BadParams(format!(
                "this needs the scan that {name} was made from, on the same voxels; there is none"
            ))
        })
    }

    /// Which labels belong to locked segments.
    pub(in crate::tools) fn locked(&self) -> [bool; 256] {
        let mut locked = [false; 256];
        self.labels.segments().iter().for_each(|segment| locked[usize::from(segment.id.0)] = segment.locked);
        locked
    }

    /// The edit that puts `labels` in its place.
    pub(in crate::tools) fn replaced(&self, label: impl Into<String>, labels: LabelMap, summary: Summary) -> Edit {
        let labels = labels.sharing_with(&self.labels);
        let mut node = Node::new(&self.node.name, Data::Labels(labels)).with_summary(summary);
        node.display = self.node.display.clone();
        node.source = self.node.source;
        Edit::new(label).change(Change::Replace { id: self.id, was: self.was, node })
    }
}
