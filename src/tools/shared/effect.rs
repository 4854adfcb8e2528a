//! What all effects of the segment editor share: which segment they change, where they may, and what becomes of it.
//!
//! A segmentation node is a group: its segments exclude one another, segments of different groups may overlap.

use super::labels as labels_of;
use crate::base::{ContentHash, NodeId, Progress, SegmentId, Summary};
use crate::image::{LabelMap, Scan, Segment, Volume};
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The group.
pub(in crate::tools) const LABELS: ParamSpec =
    ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation");
/// The segment in it.
pub(in crate::tools) const SEGMENT: ParamSpec =
    ParamSpec::with("segment", Kind::Integer(1, 255), "", "null", "which segment; the only one if not given");
/// Mask: only inside another segment.
pub(in crate::tools) const ONLY_INSIDE: ParamSpec = ParamSpec::with(
    "only_inside",
    Kind::Integer(1, 255),
    "",
    "null",
    "change voxels of this other segment only; everywhere if not given",
);
/// Mask: only from this value of the scan on.
pub(in crate::tools) const ONLY_FROM: ParamSpec = ParamSpec::with(
    "only_from",
    Kind::Number(-1e6, 1e6),
    "",
    "null",
    "change voxels with at least this value of the scan only (HU in a CT); no lower end if not given",
);
/// Mask: only up to this value of the scan.
pub(in crate::tools) const ONLY_TO: ParamSpec = ParamSpec::with(
    "only_to",
    Kind::Number(-1e6, 1e6),
    "",
    "null",
    "change voxels with at most this value of the scan only (HU in a CT); no upper end if not given",
);
/// Edit in place or make a new object.
pub(in crate::tools) const RESULT: ParamSpec = ParamSpec::with(
    "result",
    Kind::Choice(&["edit", "new"]),
    "",
    "\"edit\"",
    "edit the segment in place, or make a new object and leave the segment as it is",
);

/// What becomes of the result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::tools) enum Outcome {
    /// The segment is changed in place.
    #[default]
    Edit,
    /// A new object is made.
    New,
}

/// The parameters every effect has; flattened into its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::tools) struct Where {
    pub labels: NodeId,
    #[serde(default)]
    pub segment: Option<u8>,
    #[serde(default)]
    pub only_inside: Option<u8>,
    #[serde(default)]
    pub only_from: Option<f64>,
    #[serde(default)]
    pub only_to: Option<f64>,
    #[serde(default)]
    pub result: Outcome,
}

/// A checked [`Where`] with its inputs: shares them with the case.
#[derive(Debug, Clone)]
pub(in crate::tools) struct Effect {
    at: Where,
    was: ContentHash,
    node: Arc<Node>,
    labels: LabelMap,
    id: SegmentId,
    scan: Option<Arc<Scan>>,
    new_name: Option<String>,
}

impl Where {
    /// Check against the case and take the inputs.
    ///
    /// # Errors
    /// [`CommandError::BadParams`]: no such segment, it is locked, a range that is empty or without a scan.
    pub(in crate::tools) fn prepare(&self, case: &Case) -> Result<Effect, CommandError> {
        let labels = labels_of(case, self.labels)?;
        let id = super::one_segment(&labels, self.segment)?;
        let bad = |text: String| Err(CommandError::BadParams(text));
        let segment = labels.segment(id).expect("picked above");
        if segment.locked && self.result == Outcome::Edit {
            return bad(format!("segment {} ({}) is locked; unlock it or choose result = new", id.0, segment.name));
        }
        if let Some(inside) = self.only_inside {
            super::one_segment(&labels, Some(inside))?;
        }
        let node = Arc::clone(case.expect_kind(self.labels, NodeKind::Labels)?);
        let scan = scan_of(case, &node, &labels);
        if let (Some(from), Some(to)) = (self.only_from, self.only_to)
            && to < from
        {
            return bad(format!(
                "the range of values {from} to {to} is empty; the upper end must be at least the lower"
            ));
        }
        if self.has_range() && scan.is_none() {
            let name = &node.name;
            return bad(format!(
                "a range of values needs the scan that {name} was made from, on the same voxels; there is none"
            ));
        }
        Ok(Effect { at: self.clone(), was: node.hash(), node, labels, id, scan, new_name: None })
    }

    fn has_range(&self) -> bool {
        self.only_from.is_some() || self.only_to.is_some()
    }
}

/// The scan a group was made from, if it has the same voxels: the nearest scan up the line of sources, else the only one
/// of the case on that grid.
pub(in crate::tools) fn scan_of(case: &Case, node: &Node, labels: &LabelMap) -> Option<Arc<Scan>> {
    let fits = |node: &Node| match &node.data {
        Data::Scan(scan) if scan.grid() == labels.grid() => Some(Arc::clone(scan)),
        _ => None,
    };
    let mut source = node.source;
    while let Some(above) = source.and_then(|id| case.node(id)) {
        if let Some(scan) = fits(above) {
            return Some(scan);
        }
        source = above.source;
    }
    let mut on_grid = case.nodes().filter_map(|(_, node)| fits(node));
    on_grid.next().filter(|_| on_grid.next().is_none())
}

impl Effect {
    /// The same, whose new object has this name.
    pub(in crate::tools) fn called(mut self, name: impl Into<String>) -> Self {
        self.new_name = Some(name.into());
        self
    }

    /// The group.
    pub(in crate::tools) fn labels(&self) -> &LabelMap {
        &self.labels
    }

    /// The segment that is changed.
    pub(in crate::tools) fn segment(&self) -> &Segment {
        self.labels.segment(self.id).expect("checked when prepared")
    }

    /// 1 where the segment is, 0 elsewhere.
    pub(in crate::tools) fn mask(&self) -> Volume<u8> {
        self.labels.mask(self.id)
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

    /// Whether the user lets the voxel at `offset` change that has the label `old` now.
    pub(in crate::tools) fn may_change(&self) -> impl Fn(usize, u8) -> bool + Sync + '_ {
        let mut locked = [false; 256];
        self.labels.segments().iter().for_each(|s| locked[usize::from(s.id.0)] = s.locked && s.id != self.id);
        let (from, to) = (self.at.only_from.unwrap_or(f64::MIN), self.at.only_to.unwrap_or(f64::MAX));
        let ranged = self.scan.as_ref().filter(|_| self.at.has_range());
        move |offset, old| {
            !locked[usize::from(old)]
                && self.at.only_inside.is_none_or(|inside| old == inside || old == self.id.0)
                && ranged.is_none_or(|scan| (from..=to).contains(&scan.value(offset)))
        }
    }

    /// The edit that makes the segment what `mask` marks, as far as the masks and locks allow.
    ///
    /// # Errors
    /// [`CommandError::Failed`] if nothing would change, or nothing would be left of a new object; cancelled.
    pub(in crate::tools) fn finish(
        &self,
        label: impl Into<String>,
        mask: &Volume<u8>,
        summary: Summary,
        progress: &Progress,
    ) -> Result<Edit, CommandError> {
        let changed = self.labels.with_mask(self.id, mask, self.may_change(), progress)?;
        self.finish_labels(label, changed, summary)
    }

    /// The edit that replaces the whole group, for effects that change several segments. The caller respects
    /// [`Effect::may_change`].
    ///
    /// # Errors
    /// As [`Effect::finish`].
    pub(in crate::tools) fn finish_labels(
        &self,
        label: impl Into<String>,
        labels: LabelMap,
        summary: Summary,
    ) -> Result<Edit, CommandError> {
        let label = label.into();
        let Segment { name, colour, snomed, .. } = self.segment();
        if labels == self.labels {
            return Err(CommandError::Failed(format!("{label}: no voxel changes, so {name} stays as it is")));
        }
        let (before, after) = (self.labels.volume_ml(self.id), labels.volume_ml(self.id));
        let summary = summary.fact("volume", after, "ml").fact("volume before", before, "ml");
        Ok(match self.at.result {
            Outcome::Edit => {
                let mut node = Node::new(&self.node.name, Data::Labels(labels)).with_summary(summary);
                node.display = self.node.display.clone();
                node.source = self.node.source;
                Edit::new(label).change(Change::Replace { id: self.at.labels, was: self.was, node })
            }
            Outcome::New => {
                if after == 0.0 {
                    return Err(CommandError::Failed(format!("{label}: nothing of {name} is left")));
                }
                let alone = if self.labels.segments().len() == 1 {
                    labels
                } else {
                    LabelMap::from_mask(&labels.mask(self.id), name, *colour, *snomed)
                };
                let name = self.new_name.clone().unwrap_or_else(|| format!("{name} ({label})"));
                Edit::new(label)
                    .add(Node::new(name, Data::Labels(alone)).with_summary(summary).from_source(self.at.labels))
            }
        })
    }
}
