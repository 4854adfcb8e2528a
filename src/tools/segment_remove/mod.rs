//! `segment.remove`: take a segment and its voxels out of a segmentation.

use crate::base::NodeId;
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Take a segment out of a segmentation.
#[derive(Debug)]
pub struct SegmentRemove;

/// Parameters of [`SegmentRemove`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    segment: u8,
}

impl Tool for SegmentRemove {
    const ID: &'static str = "segment.remove";
    const LABEL: &'static str = "Remove segment…";
    const HELP: &'static str = "Take a segment and its voxels out of a segmentation; the others stay as they are.";
    const STEP: Step = Step::Segment;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation"),
        ParamSpec::needed("segment", Kind::Integer(1, 255), "", "which segment"),
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { labels: id, segment }: Params) -> Result<Task, CommandError> {
        let labels = super::shared::labels(case, id)?;
        let node = Arc::clone(case.expect_kind(id, NodeKind::Labels)?);
        let picked = super::shared::unlocked(&labels, segment)?;
        let name = labels.segment(picked).expect("picked above").name.clone();
        Ok(Box::new(move |progress| {
            let labels = super::shared::without(&labels, picked, progress)?;
            let left = super::shared::in_place_of(&node, &node.name, Data::Labels(labels));
            Ok(Edit::new(format!("remove {name}")).change(Change::Replace { id, was: node.hash(), node: left }))
        }))
    }
}
