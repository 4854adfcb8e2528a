//! `segment.islands`: what becomes of the pieces of a segment.

use super::shared::effect::{self, Effect, Where};
use crate::base::{Progress, SegmentId, Summary};
use crate::geom::Point;
use crate::image::{Components, LabelMap, Neighbours, Segment, Volume};
use crate::segment;
use crate::session::{Case, CommandError, Edit, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What becomes of the pieces of a segment.
#[derive(Debug)]
pub struct SegmentIslands;

/// What is done, in the words of 3D Slicer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    KeepLargest,
    RemoveSmall,
    KeepSelected,
    RemoveSelected,
    AddSelected,
    Split,
}

/// Parameters of [`SegmentIslands`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    #[serde(flatten)]
    on: Where,
    method: Method,
    voxels_min: usize,
    volume_ml_min: Option<f64>,
    at: Option<[f64; 3]>,
}

impl Tool for SegmentIslands {
    const ID: &'static str = "segment.islands";
    const LABEL: &'static str = "Islands…";
    const HELP: &'static str = "Keep the largest connected piece of a segment, drop small ones, keep, drop or add the one at a point, or make each a segment.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        effect::LABELS,
        effect::SEGMENT,
        ParamSpec::with(
            "method",
            Kind::Choice(&[
                "keep_largest",
                "remove_small",
                "keep_selected",
                "remove_selected",
                "add_selected",
                "split",
            ]),
            "",
            "\"keep_largest\"",
            "selected: the piece at the point; add: the piece of voxels without a segment there; split: a segment for each piece, the largest stays",
        ),
        ParamSpec::with(
            "voxels_min",
            Kind::Integer(1, 1_000_000_000),
            "",
            "1000",
            "smaller pieces are dropped by remove_small and left where they are by split",
        ),
        ParamSpec::with("volume_ml_min", Kind::Number(0.0, 1e5), "ml", "null", "the same as a volume; counts if given"),
        ParamSpec::with("at", Kind::Point, "mm", "null", "a point in the piece, for the methods with selected"),
        effect::ONLY_INSIDE,
        effect::ONLY_FROM,
        effect::ONLY_TO,
        effect::RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { on, method, voxels_min, volume_ml_min, at } = params;
        let bad = |text: &str| Err(CommandError::BadParams(text.into()));
        if method == Method::Split && on.result == effect::Outcome::New {
            return bad("split makes segments in the same segmentation; choose result = edit");
        }
        let effect = on.prepare(case)?;
        let grid = Arc::clone(effect.labels().grid());
        let voxel = at.map(|at| grid.voxel_at(Point::from(at)));
        let selected = matches!(method, Method::KeepSelected | Method::RemoveSelected | Method::AddSelected);
        let voxel = match voxel {
            None if selected => return bad("a point in the piece is needed: give at"),
            Some(None) if selected => return bad("the point lies outside the scan; give one inside"),
            other => other.flatten().unwrap_or_default(),
        };
        let voxels_min = volume_ml_min
            .map_or(voxels_min, |ml| (ml * crate::base::units::MM3_PER_ML / grid.voxel_mm3()).ceil() as usize);
        Ok(Box::new(move |progress| {
            let name = effect.segment().name.clone();
            let part = progress.part(0.1..0.8, "pieces");
            let mask = effect.mask();
            let here = || CommandError::Failed(format!("the point lies in no piece of {name}; give one inside"));
            let (verb, mask) = match method {
                Method::Split => return split(&effect, &mask, voxels_min, &part),
                Method::KeepLargest => ("largest piece of", segment::keep_largest(&mask, 1, &part)?),
                Method::RemoveSmall => ("without small pieces:", segment::remove_few(&mask, voxels_min, &part)?),
                Method::KeepSelected => ("chosen piece of", segment::piece_at(&mask, voxel, &part)?.ok_or_else(here)?),
                Method::RemoveSelected => {
                    let piece = segment::piece_at(&mask, voxel, &part)?.ok_or_else(here)?;
                    ("without a piece:", combined(&mask, &piece, |mask, piece| mask && !piece))
                }
                Method::AddSelected => {
                    let free = segment::piece_at(&open_voxels(&effect), voxel, &part)?.ok_or_else(|| {
                        let text = "the point lies in a segment or outside the range of values; give one beside them";
                        CommandError::Failed(text.into())
                    })?;
                    ("with a piece:", combined(&mask, &free, |mask, piece| mask || piece))
                }
            };
            if mask.voxels().iter().all(|value| *value == 0) {
                let text = format!("no piece of {name} would be left; take a smaller limit or another point");
                return Err(CommandError::Failed(text));
            }
            let summary = Summary::default().method("Pieces are voxels that touch by a face.");
            let effect = effect.clone().called(format!("{name} without islands"));
            effect.finish(format!("{verb} {name}"), &mask, summary, progress)
        }))
    }
}

/// 1 where no segment is and the masks let voxels change.
fn open_voxels(effect: &Effect) -> Volume<u8> {
    let (labels, may_change) = (effect.labels().to_volume(), effect.may_change());
    let open = labels.voxels().iter().enumerate().map(|(offset, label)| u8::from(*label == 0 && may_change(offset, 0)));
    Volume::new(Arc::clone(labels.grid()), open.collect()).expect("one value per voxel")
}

fn combined(a: &Volume<u8>, b: &Volume<u8>, f: impl Fn(bool, bool) -> bool) -> Volume<u8> {
    let voxels = a.voxels().iter().zip(b.voxels()).map(|(a, b)| u8::from(f(*a != 0, *b != 0))).collect();
    Volume::new(Arc::clone(a.grid()), voxels).expect("one value per voxel")
}

/// A further segment for every piece of at least `voxels_min` but the largest, which stays.
fn split(effect: &Effect, mask: &Volume<u8>, voxels_min: usize, progress: &Progress) -> Result<Edit, CommandError> {
    let old = effect.segment();
    let parts = Components::of(mask, |value| value != 0, Neighbours::Six, progress)?;
    let pieces = parts.parts().iter().filter(|part| voxels_min <= part.voxels).count();
    if pieces < 2 {
        let text =
            format!("{} has {pieces} pieces of at least {voxels_min} voxels, so there is nothing to split", old.name);
        return Err(CommandError::Failed(text));
    }
    let mut segments = effect.labels().segments().to_vec();
    let taken = |id: &u8| segments.iter().any(|segment| segment.id.0 == *id);
    let free: Vec<u8> = (1..=255).filter(|id| !taken(id)).collect();
    if free.len() < pieces - 1 {
        let text = format!(
            "{} has {pieces} pieces and only {} more segments fit into a segmentation; raise voxels_min",
            old.name,
            free.len()
        );
        return Err(CommandError::Failed(text));
    }
    for (n, id) in free.iter().enumerate().take(pieces - 1) {
        // Colours a golden angle apart, bright enough on black.
        let turn = (n as f64 + 1.0) * 0.618_034;
        let channel = |shift: f64| (140.0 + 100.0 * (std::f64::consts::TAU * (turn + shift)).cos()) as u8;
        let colour = [channel(0.0), channel(1.0 / 3.0), channel(2.0 / 3.0)];
        segments.push(Segment::new(SegmentId(*id), format!("{} {}", old.name, n + 2), colour, old.snomed));
    }
    let label_of = |id: usize| if id == 0 || pieces <= id { old.id.0 } else { free[id - 1] };
    let new = parts.paint(label_of);
    let may_change = effect.may_change();
    let labels: LabelMap = effect.labels().with_segments(segments).map_err(|error| CommandError::failed(&error))?;
    let change = |offset: usize, label: u8| {
        if label == old.id.0 && may_change(offset, label) { new.voxels()[offset] } else { label }
    };
    let labels = labels.edited(&labels.everything(), change, progress)?;
    let summary = Summary::default()
        .fact("pieces", pieces as f64, "1")
        .method("Pieces are voxels that touch by a face; numbered by size.");
    effect.finish_labels(format!("split {} into pieces", old.name), labels, summary)
}
