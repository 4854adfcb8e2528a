//! `segment.islands`: keep the largest piece of a segment, or drop small ones.

use crate::base::{NodeId, SegmentId, Summary};
use crate::image::LabelMap;
use crate::segment;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Keep the largest piece of a segment, or drop small ones.
#[derive(Debug)]
pub struct SegmentIslands;

/// Parameters of [`SegmentIslands`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    segment: Option<u8>,
    keep: String,
    volume_ml_min: f64,
}

impl Tool for SegmentIslands {
    const ID: &'static str = "segment.islands";
    const LABEL: &'static str = "Islands…";
    const HELP: &'static str = "Keep the largest connected piece of a segment, or drop the pieces under a volume.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation"),
        ParamSpec::with("segment", Kind::Integer(1, 255), "", "null", "which segment; the only one if not given"),
        ParamSpec::with(
            "keep",
            Kind::Choice(&["largest", "above"]),
            "",
            "\"largest\"",
            "the largest piece, or all above the volume",
        ),
        ParamSpec::with("volume_ml_min", Kind::Number(0.0, 1e5), "ml", "1", "smallest piece kept with `above`"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels: node, segment: asked, keep, volume_ml_min } = params;
        let labels = super::shared::labels(case, node)?;
        let id = super::shared::one_segment(&labels, asked)?;
        Ok(Box::new(move |progress| {
            let old = labels.segment(id).expect("picked above");
            let (mask, progress) = (labels.mask(id), progress.part(0.1..0.95, "pieces"));
            let mask = match keep.as_str() {
                "largest" => segment::keep_largest(&mask, 1, &progress)?,
                _ => segment::remove_small(&mask, volume_ml_min, &progress)?,
            };
            let new = LabelMap::from_mask(&mask, &old.name, old.colour, old.snomed);
            let (volume_ml, before_ml) = (new.volume_ml(SegmentId(1)), labels.volume_ml(id));
            if volume_ml == 0.0 {
                let text = format!("no piece of {} is as large as {volume_ml_min} ml", old.name);
                return Err(CommandError::Failed(text));
            }
            let summary = Summary::default()
                .fact("volume", volume_ml, "ml")
                .fact("volume dropped", before_ml - volume_ml, "ml")
                .method("Pieces are voxels that touch by a face.");
            let name = format!("{} without islands", old.name);
            let node = Node::new(name, Data::Labels(new)).with_summary(summary).from_source(node);
            Ok(Edit::new(format!("islands of {}", old.name)).add(node))
        }))
    }
}
