//! `segment.logic`: join, cut, copy, turn over, clear or fill segments.

use super::shared::effect::{self, Where};
use crate::base::{NodeId, Summary};
use crate::image::Volume;
use crate::session::{Case, CommandError, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Join, cut, copy, turn over, clear or fill segments.
#[derive(Debug)]
pub struct SegmentLogic;

/// What is done, in the words of 3D Slicer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Operation {
    Copy,
    Union,
    Subtract,
    Intersect,
    Invert,
    Clear,
    Fill,
}

/// Parameters of [`SegmentLogic`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    #[serde(flatten)]
    on: Where,
    operation: Operation,
    with: Option<u8>,
    with_labels: Option<NodeId>,
}

impl Tool for SegmentLogic {
    const ID: &'static str = "segment.logic";
    const LABEL: &'static str = "Logical operators…";
    const HELP: &'static str =
        "Make a segment a copy of another, add, take away or intersect another, or invert, clear or fill it.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        effect::LABELS,
        effect::SEGMENT,
        ParamSpec::with(
            "operation",
            Kind::Choice(&["copy", "union", "subtract", "intersect", "invert", "clear", "fill"]),
            "",
            "\"union\"",
            "copy, union, subtract and intersect take another segment; invert, clear and fill do not",
        ),
        ParamSpec::with(
            "with",
            Kind::Integer(1, 255),
            "",
            "null",
            "the other segment; the only one of the other segmentation if not given",
        ),
        ParamSpec::with(
            "with_labels",
            Kind::Node(NodeKind::Labels),
            "",
            "null",
            "the segmentation of the other segment, on the same voxels; the same segmentation if not given",
        ),
        effect::ONLY_INSIDE,
        effect::ONLY_FROM,
        effect::ONLY_TO,
        effect::RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { on, operation, with, with_labels } = params;
        let effect = on.prepare(case)?;
        let bad = |text: String| Err(CommandError::BadParams(text));
        let alone = matches!(operation, Operation::Invert | Operation::Clear | Operation::Fill);
        let other = match (alone, with, with_labels) {
            (true, None, None) => None,
            (true, ..) => {
                return bad("invert, clear and fill take no other segment; leave with and with_labels out".into());
            }
            (false, None, None) => return bad("another segment is needed: give with, or with_labels".into()),
            (false, ..) => {
                let node = with_labels.unwrap_or(on.labels);
                let labels = super::shared::labels(case, node)?;
                if labels.grid() != effect.labels().grid() {
                    let text = format!("{node} lies on other voxels than {}; choose one of the same scan", on.labels);
                    return bad(text);
                }
                let id = super::shared::one_segment(&labels, with)?;
                if node == on.labels && id == effect.segment().id {
                    return bad(format!("segment {} cannot be combined with itself; choose another", id.0));
                }
                Some((labels, id))
            }
        };
        Ok(Box::new(move |progress| {
            let name = effect.segment().name.clone();
            let own = effect.mask();
            progress.set(0.2)?;
            let combine = |other: Option<&Volume<u8>>, f: fn(bool, bool) -> bool| {
                let mut voxels = vec![0_u8; own.voxels().len()];
                voxels.par_iter_mut().zip(own.voxels()).enumerate().for_each(|(offset, (out, own))| {
                    let other = other.is_some_and(|other| other.voxels()[offset] != 0);
                    *out = u8::from(f(*own != 0, other));
                });
                Volume::new(Arc::clone(own.grid()), voxels).expect("one value per voxel")
            };
            let mask = other.as_ref().map(|(labels, id)| labels.mask(*id));
            let other_name =
                other.as_ref().and_then(|(labels, id)| labels.segment(*id)).map_or("", |s| s.name.as_str());
            let (f, label): (fn(bool, bool) -> bool, _) = match operation {
                Operation::Copy => (|_, other| other, format!("copy {other_name} to {name}")),
                Operation::Union => (|own, other| own || other, format!("add {other_name} to {name}")),
                Operation::Subtract => (|own, other| own && !other, format!("take {other_name} from {name}")),
                Operation::Intersect => (|own, other| own && other, format!("intersect {name} with {other_name}")),
                Operation::Invert => (|own, _| !own, format!("invert {name}")),
                Operation::Clear => (|_, _| false, format!("clear {name}")),
                Operation::Fill => (|_, _| true, format!("fill {name}")),
            };
            let new = combine(mask.as_ref(), f);
            progress.set(0.6)?;
            let summary = Summary::default().method(format!("Logical operator: {label}."));
            effect.finish(label, &new, summary, progress)
        }))
    }
}
