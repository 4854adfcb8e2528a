//! `segment.threshold`: the voxels whose value lies in a range.

use crate::base::{NodeId, SegmentId, Summary};
use crate::image::LabelMap;
use crate::segment;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// The voxels of a CT whose value lies in a range.
#[derive(Debug)]
pub struct SegmentThreshold;

/// Parameters of [`SegmentThreshold`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    scan: NodeId,
    low_hu: i16,
    high_hu: i16,
    largest_only: bool,
}

impl Tool for SegmentThreshold {
    const ID: &'static str = "segment.threshold";
    const LABEL: &'static str = "Threshold…";
    const HELP: &'static str = "Mark the voxels of a CT whose value lies in a range, both ends included.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("scan", Kind::Node(NodeKind::Scan), "", "the CT"),
        ParamSpec::with("low_hu", Kind::Integer(-32_768, 32_767), "HU", "226", "lower end of the range"),
        ParamSpec::with(
            "high_hu",
            Kind::Integer(-32_768, 32_767),
            "HU",
            "32767",
            "upper end of the range; 32767 takes everything above the lower end",
        ),
        ParamSpec::with("largest_only", Kind::Bool, "", "false", "keep the largest connected piece only"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { scan, low_hu, high_hu, largest_only } = params;
        if high_hu < low_hu {
            let text = format!("the range {low_hu} to {high_hu} HU is empty; the upper end must be at least the lower");
            return Err(CommandError::BadParams(text));
        }
        let ct = super::shared::ct(case, scan)?;
        Ok(Box::new(move |progress| {
            let ct = super::shared::hounsfield(&ct);
            let mut mask = segment::threshold(&ct, low_hu..=high_hu, &progress.part(0.0..0.5, "threshold"))?;
            if largest_only {
                mask = segment::keep_largest(&mask, 1, &progress.part(0.5..0.9, "largest piece"))?;
            }
            let name = if high_hu == i16::MAX {
                format!("{low_hu} HU and above")
            } else {
                format!("{low_hu} to {high_hu} HU")
            };
            let labels = LabelMap::from_mask(&mask, &name, [144, 238, 144], None);
            let volume_ml = labels.volume_ml(SegmentId(1));
            if volume_ml == 0.0 {
                return Err(CommandError::Failed(format!("no voxel lies between {low_hu} and {high_hu} HU")));
            }
            let summary = Summary::default()
                .fact("volume", volume_ml, "ml")
                .method(format!("Voxels from {low_hu} to {high_hu} HU, both ends included."));
            let node = Node::new(name.clone(), Data::Labels(labels)).with_summary(summary).from_source(scan);
            Ok(Edit::new(format!("threshold {name}")).add(node))
        }))
    }
}
