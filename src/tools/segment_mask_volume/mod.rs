//! `segment.mask_volume`: a scan with the inside or outside of a segment set to a value.

use super::shared::effect;
use crate::base::{NodeId, Summary};
use crate::image::{Scan, Volume, Voxels};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A scan with the inside or outside of a segment set to a value.
#[derive(Debug)]
pub struct SegmentMaskVolume;

/// Which voxels are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    Outside,
    Inside,
}

/// Parameters of [`SegmentMaskVolume`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    segment: Option<u8>,
    scan: NodeId,
    replace: Side,
    value: f64,
}

impl Tool for SegmentMaskVolume {
    const ID: &'static str = "segment.mask_volume";
    const LABEL: &'static str = "Mask volume…";
    const HELP: &'static str = "Make a scan whose values outside (or inside) a segment are one value.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        effect::LABELS,
        effect::SEGMENT,
        ParamSpec::needed("scan", Kind::Node(NodeKind::Scan), "", "the scan, on the same voxels"),
        ParamSpec::with(
            "replace",
            Kind::Choice(&["outside", "inside"]),
            "",
            "\"outside\"",
            "which voxels get the value",
        ),
        ParamSpec::with("value", Kind::Number(-1e6, 1e6), "", "-1000", "the value they get (HU in a CT; -1000 is air)"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels: group, segment, scan, replace, value } = params;
        let labels = super::shared::labels(case, group)?;
        let id = super::shared::one_segment(&labels, segment)?;
        let node = Arc::clone(case.expect_kind(scan, NodeKind::Scan)?);
        let Data::Scan(data) = &node.data else { unreachable!("the kind was checked") };
        let data = Arc::clone(data);
        let bad = |text: String| Err(CommandError::BadParams(text));
        if data.grid() != labels.grid() {
            return bad(format!("{scan} lies on other voxels than {group}; choose the scan it was made from"));
        }
        let whole = value.fract() == 0.0 && f64::from(i16::MIN) <= value && value <= f64::from(i16::MAX);
        if matches!(data.voxels, Voxels::I16(_)) && !whole {
            return bad(format!("the scan holds whole numbers from -32768 to 32767; {value} is none of them"));
        }
        Ok(Box::new(move |progress| {
            let segment = labels.segment(id).expect("picked above");
            let mask = labels.mask(id);
            progress.set(0.3)?;
            let inside = replace == Side::Inside;
            let voxels = match &data.voxels {
                Voxels::I16(volume) => Voxels::I16(masked(volume, &mask, inside, value as i16)),
                Voxels::F32(volume) => Voxels::F32(masked(volume, &mask, inside, value as f32)),
            };
            let replaced = mask.voxels().par_iter().filter(|mark| (**mark != 0) == inside).count();
            if replaced == 0 {
                let text = format!("no voxel lies {} {}", if inside { "inside" } else { "outside" }, segment.name);
                return Err(CommandError::Failed(text));
            }
            let word = if inside { "without" } else { "only" };
            let name = format!("{} {word} {}", node.name, segment.name);
            let summary = Summary::default().fact("voxels replaced", replaced as f64, "1").method(format!(
                "Values {word_of_side} {} set to {value}.",
                segment.name,
                word_of_side = if inside { "inside" } else { "outside" }
            ));
            let new = Scan { voxels, ..(*data).clone() };
            let added = Node::new(name.clone(), Data::Scan(Arc::new(new))).with_summary(summary).from_source(scan);
            Ok(Edit::new(format!("mask volume: {name}")).add(added))
        }))
    }
}

fn masked<T: Copy + Send + Sync>(volume: &Volume<T>, mask: &Volume<u8>, inside: bool, value: T) -> Volume<T> {
    let pairs = volume.voxels().par_iter().zip(mask.voxels());
    let voxels = pairs.map(|(old, mark)| if (*mark != 0) == inside { value } else { *old }).collect();
    Volume::new(Arc::clone(volume.grid()), voxels).expect("one value per voxel")
}
