//! `segment.margin`: grow or shrink a segment by a distance.

use crate::base::{NodeId, SegmentId, Summary};
use crate::image::LabelMap;
use crate::segment;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Grow or shrink a segment by a distance.
#[derive(Debug)]
pub struct SegmentMargin;

/// Parameters of [`SegmentMargin`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    segment: Option<u8>,
    margin_mm: f64,
}

impl Tool for SegmentMargin {
    const ID: &'static str = "segment.margin";
    const LABEL: &'static str = "Margin…";
    const HELP: &'static str =
        "Grow (positive) or shrink (negative) a segment by a distance, exact on any voxel spacing.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation"),
        ParamSpec::with("segment", Kind::Integer(1, 255), "", "null", "which segment; the only one if not given"),
        ParamSpec::with("margin_mm", Kind::Number(-100.0, 100.0), "mm", "3", "how far"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels: node, segment: asked, margin_mm } = params;
        let labels = super::shared::labels(case, node)?;
        let id = super::shared::one_segment(&labels, asked)?;
        Ok(Box::new(move |progress| {
            let old = labels.segment(id).expect("picked above");
            let mask = segment::margin(&labels.mask(id), margin_mm, &progress.part(0.05..0.95, "distance"))?;
            let name = format!("{} {margin_mm:+} mm", old.name);
            let new = LabelMap::from_mask(&mask, &name, old.colour, old.snomed);
            let volume_ml = new.volume_ml(SegmentId(1));
            if volume_ml == 0.0 {
                let text = format!("nothing of {} is left after {margin_mm} mm; shrink it less", old.name);
                return Err(CommandError::Failed(text));
            }
            let summary = Summary::default()
                .fact("volume", volume_ml, "ml")
                .fact("volume before", labels.volume_ml(id), "ml")
                .method("Exact Euclidean distance between voxel centres (Felzenszwalb and Huttenlocher 2012).");
            let node = Node::new(name.clone(), Data::Labels(new)).with_summary(summary).from_source(node);
            Ok(Edit::new(format!("margin {name}")).add(node))
        }))
    }
}
