//! Where a new segment goes: into a group that is there, or a segmentation of its own.

use crate::base::{ContentHash, NodeId, Progress, SegmentId, Summary};
use crate::geom::Grid;
use crate::image::{LabelMap, Segment, Volume};
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The group a new segment goes into.
pub(in crate::tools) const INTO: ParamSpec = ParamSpec::with(
    "into",
    Kind::Node(NodeKind::Labels),
    "",
    "null",
    "the segmentation it becomes a further segment of; a segmentation of its own if not given",
);
/// What a new segment is called.
pub(in crate::tools) const NAME: ParamSpec =
    ParamSpec::with("name", Kind::Text, "", "null", "its name; says how it was made if not given");

/// The parameters of tools that make a segment; flattened into their own.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::tools) struct Into {
    #[serde(default)]
    pub into: Option<NodeId>,
    #[serde(default)]
    pub name: Option<String>,
}

/// A checked [`Into`]: shares its inputs with the case.
#[derive(Debug, Clone)]
pub(in crate::tools) struct Place {
    group: Option<(NodeId, ContentHash, Arc<Node>, LabelMap)>,
    name: Option<String>,
    source: NodeId,
}

impl Into {
    /// Check against the case: the group must lie on `grid`. `source` is what a segmentation of its own is made from.
    ///
    /// # Errors
    /// [`CommandError::BadParams`] if the group has other voxels or no label is free.
    pub(in crate::tools) fn prepare(&self, case: &Case, source: NodeId, grid: &Grid) -> Result<Place, CommandError> {
        let Some(id) = self.into else { return Ok(Place { group: None, name: self.name.clone(), source }) };
        let labels = super::labels(case, id)?;
        let node = Arc::clone(case.expect_kind(id, NodeKind::Labels)?);
        let bad = |text| Err(CommandError::BadParams(text));
        if **labels.grid() != *grid {
            let name = &node.name;
            return bad(format!(
                "into: {name} ({id}) lies on other voxels than the scan; leave it out or choose one of this scan"
            ));
        }
        if labels.free_id().is_none() {
            return bad(format!("into: {} ({id}) has 255 segments, more it cannot hold", node.name));
        }
        Ok(Place { group: Some((id, node.hash(), node, labels)), name: self.name.clone(), source })
    }
}

impl Place {
    /// The group it goes into, if it goes into one.
    pub(in crate::tools) fn group(&self) -> Option<NodeId> {
        self.group.as_ref().map(|(id, ..)| *id)
    }

    /// The edit that adds all segments of `found` that have voxels, which lie on the grid this was prepared with, to the
    /// group; nothing for a segmentation of its own, which its maker describes better. Voxels of locked segments stay theirs.
    ///
    /// # Errors
    /// [`CommandError::Failed`] if the group has no room for so many segments, or no voxel is left; cancelled.
    pub(in crate::tools) fn add_all(
        &self,
        label: &str,
        found: &LabelMap,
        summary: &Summary,
        progress: &Progress,
    ) -> Result<Option<Edit>, CommandError> {
        let Some((id, was, node, labels)) = &self.group else { return Ok(None) };
        let (mut segments, mut new_of) = (labels.segments().to_vec(), [0_u8; 256]);
        for segment in found.segments().iter().filter(|segment| 0 < found.count(segment.id)) {
            let free = (1..=255).map(SegmentId).find(|id| segments.iter().all(|other| other.id != *id));
            let Some(free) = free else {
                return Err(CommandError::Failed(format!("{label}: {} has no room for more segments", node.name)));
            };
            new_of[usize::from(segment.id.0)] = free.0;
            segments.push(Segment { id: free, ..segment.clone() });
        }
        let mut locked = [false; 256];
        labels.segments().iter().for_each(|segment| locked[usize::from(segment.id.0)] = segment.locked);
        let volume = found.to_volume();
        let labels = labels.with_segments(segments).map_err(|error| CommandError::failed(&error))?;
        let label_of = |offset: usize, old: u8| match new_of[usize::from(volume.voxels()[offset])] {
            0 => old,
            _ if locked[usize::from(old)] => old,
            new => new,
        };
        let labels = labels.edited(&labels.everything(), label_of, progress)?;
        if new_of.iter().all(|new| *new == 0 || labels.count(SegmentId(*new)) == 0) {
            return Err(CommandError::Failed(format!("{label}: no voxel was found outside the locked segments")));
        }
        let mut new = Node::new(&node.name, Data::Labels(labels)).with_summary(summary.clone());
        new.display = node.display.clone();
        new.source = node.source;
        Ok(Some(Edit::new(label).change(Change::Replace { id: *id, was: *was, node: new })))
    }

    /// The edit that adds what `mask` marks. Voxels of locked segments of the group stay theirs.
    ///
    /// `name`, `colour` and `snomed` are what it is called and looks like if the user did not say.
    ///
    /// # Errors
    /// [`CommandError::Failed`] if no voxel is left; cancelled.
    pub(in crate::tools) fn add(
        self,
        label: impl std::convert::Into<String>,
        mask: &Volume<u8>,
        (name, colour, snomed): (&str, [u8; 3], Option<u64>),
        summary: Summary,
        progress: &Progress,
    ) -> Result<Edit, CommandError> {
        let label = label.into();
        let name = self.name.as_deref().unwrap_or(name);
        let nothing = |why: &str| Err(CommandError::Failed(format!("{label}: {why}")));
        let Some((id, was, node, labels)) = self.group else {
            let labels = LabelMap::from_mask(mask, name, colour, snomed);
            let volume_ml = labels.volume_ml(SegmentId(1));
            if volume_ml == 0.0 {
                return nothing("no voxel was found");
            }
            let summary = summary.fact("volume", volume_ml, "ml");
            return Ok(Edit::new(label)
                .add(Node::new(name, Data::Labels(labels)).with_summary(summary).from_source(self.source)));
        };
        let free = labels.free_id().expect("checked when prepared");
        let mut locked = [false; 256];
        labels.segments().iter().for_each(|segment| locked[usize::from(segment.id.0)] = segment.locked);
        let mut segments = labels.segments().to_vec();
        segments.push(Segment::new(free, name, colour, snomed));
        let labels = labels.with_segments(segments).map_err(|error| CommandError::failed(&error))?;
        let labels = labels.with_mask(free, mask, |_, old| !locked[usize::from(old)], progress)?;
        let volume_ml = labels.volume_ml(free);
        if volume_ml == 0.0 {
            return nothing("no voxel was found outside the locked segments");
        }
        let mut new = Node::new(&node.name, Data::Labels(labels)).with_summary(summary.fact("volume", volume_ml, "ml"));
        new.display = node.display.clone();
        new.source = node.source;
        Ok(Edit::new(label).change(Change::Replace { id, was, node: new }))
    }
}
