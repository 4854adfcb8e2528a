//! `segment.move`: a segment from one segmentation to another, e.g. to let it overlap its neighbours.

use crate::base::NodeId;
use crate::image::LabelMap;
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Move a segment to another segmentation.
#[derive(Debug)]
pub struct SegmentMove;

/// Parameters of [`SegmentMove`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    segment: Option<u8>,
    to: Option<NodeId>,
    copy: bool,
}

impl Tool for SegmentMove {
    const ID: &'static str = "segment.move";
    const LABEL: &'static str = "Move segment…";
    const HELP: &'static str = "Move or copy a segment to another segmentation on the same voxels, or to one of its own, where it may overlap.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation it is in"),
        ParamSpec::with("segment", Kind::Integer(1, 255), "", "null", "which segment; the only one if not given"),
        ParamSpec::with(
            "to",
            Kind::Node(NodeKind::Labels),
            "",
            "null",
            "the segmentation it goes to, where voxels of locked segments stay; one of its own if not given",
        ),
        ParamSpec::with("copy", Kind::Bool, "", "false", "leave the segment where it is too"),
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { labels: id, segment, to, copy }: Params) -> Result<Task, CommandError> {
        let labels = super::shared::labels(case, id)?;
        let node = Arc::clone(case.expect_kind(id, NodeKind::Labels)?);
        let mut picked = super::shared::one_segment(&labels, segment)?;
        if !copy {
            picked = super::shared::unlocked(&labels, picked.0)?;
        }
        let moved = labels.segment(picked).expect("picked above").clone();
        let target = match to {
            Some(to) if to == id => {
                return Err(CommandError::BadParams(format!("{} is in {} already", moved.name, node.name)));
            }
            Some(to) => Some(target(case, to, &labels)?),
            None => None,
        };
        Ok(Box::new(move |progress| {
            let mask = labels.mask(picked);
            let verb = if copy { "copy" } else { "move" };
            let mut edit = Edit::new(format!("{verb} {}", moved.name));
            let into = match target {
                Some((to, other, table)) => {
                    let free = table.free_id().expect("checked when prepared");
                    let mut segments = table.segments().to_vec();
                    let locked = |old: u8| segments.iter().any(|segment| segment.id.0 == old && segment.locked);
                    let keep: Vec<u8> = (0..=255).filter(|old| locked(*old)).collect();
                    segments.push(crate::image::Segment { id: free, ..moved.clone() });
                    let table = table.with_segments(segments).map_err(|error| CommandError::failed(&error))?;
                    let table = table.with_mask(free, &mask, |_, old| !keep.contains(&old), progress)?;
                    let lost_ml = labels.volume_ml(picked) - table.volume_ml(free);
                    if 0.0 < lost_ml {
                        edit = edit.say(format!("{lost_ml:.2} ml stayed with locked segments of {}", other.name));
                    }
                    let new = super::shared::in_place_of(&other, &other.name, Data::Labels(table));
                    Change::Replace { id: to, was: other.hash(), node: new }
                }
                None => {
                    let own = LabelMap::empty(Arc::clone(labels.grid()), vec![moved.clone()]);
                    let own = own.map_err(|error| CommandError::failed(&error))?;
                    let own = own.with_mask(moved.id, &mask, |_, _| true, progress)?;
                    let new = Node::new(&moved.name, Data::Labels(own));
                    Change::Add(new.from_source(node.source.unwrap_or(id)))
                }
            };
            edit = edit.change(into);
            if copy {
                return Ok(edit);
            }
            let left = super::shared::without(&labels, picked, progress)?;
            let rest = super::shared::in_place_of(&node, &node.name, Data::Labels(left));
            Ok(edit.change(Change::Replace { id, was: node.hash(), node: rest }))
        }))
    }
}

fn target(case: &Case, to: NodeId, labels: &LabelMap) -> Result<(NodeId, Arc<Node>, LabelMap), CommandError> {
    let table = super::shared::labels(case, to)?;
    let node = Arc::clone(case.expect_kind(to, NodeKind::Labels)?);
    if table.grid() != labels.grid() {
        let text =
            format!("{} ({to}) lies on other voxels; segments move between segmentations of one scan", node.name);
        return Err(CommandError::BadParams(text));
    }
    if table.free_id().is_none() {
        return Err(CommandError::BadParams(format!("{} ({to}) has 255 segments, more it cannot hold", node.name)));
    }
    Ok((to, node, table))
}
