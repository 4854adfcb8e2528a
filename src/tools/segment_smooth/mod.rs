//! `segment.smooth`: even the surface of a segment, or of all segments of a group at once.

use super::shared::effect::{self, Where};
use crate::base::Summary;
use crate::image::Volume;
use crate::image::filter::{close, open};
use crate::segment;
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Even the surface of a segment.
#[derive(Debug)]
pub struct SegmentSmooth;

/// How it is smoothed, in the words of 3D Slicer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Method {
    Median,
    Opening,
    Closing,
    Gaussian,
    Joint,
}

/// Parameters of [`SegmentSmooth`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    #[serde(flatten)]
    on: Where,
    method: Method,
    kernel_mm: f64,
}

impl Tool for SegmentSmooth {
    const ID: &'static str = "segment.smooth";
    const LABEL: &'static str = "Smoothing…";
    const HELP: &'static str =
        "Even the surface of a segment; joint smooths all segments of the segmentation and leaves no gap between them.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        effect::LABELS,
        effect::SEGMENT,
        ParamSpec::with(
            "method",
            Kind::Choice(&["median", "opening", "closing", "gaussian", "joint"]),
            "",
            "\"median\"",
            "median keeps edges, opening removes bumps, closing fills dents, gaussian evens most, joint is gaussian for all segments at once",
        ),
        ParamSpec::with(
            "kernel_mm",
            Kind::Number(0.0, 100.0),
            "mm",
            "3",
            "size of the details that go: edge of the median's box, diameter of the ball, twice the standard deviation",
        ),
        effect::ONLY_INSIDE,
        effect::ONLY_FROM,
        effect::ONLY_TO,
        effect::RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { mut on, method, kernel_mm } = params;
        if method == Method::Joint && on.segment.is_none() {
            // All of them are meant; the first stands for the group.
            on.segment = super::shared::labels(case, on.labels)?.segments().first().map(|segment| segment.id.0);
        }
        let effect = on.prepare(case)?;
        let finest_mm = effect.labels().grid().spacing_mm().into_iter().fold(f64::INFINITY, f64::min);
        if kernel_mm < finest_mm {
            let text = format!(
                "a kernel of {kernel_mm} mm is smaller than a voxel of {finest_mm:.2} mm and changes nothing; take a larger one"
            );
            return Err(CommandError::BadParams(text));
        }
        Ok(Box::new(move |progress| {
            let name = &effect.segment().name;
            let part = progress.part(0.05..0.9, "smoothing");
            if method == Method::Joint {
                let old = effect.labels().to_volume();
                let smooth = segment::smooth_labels(&old, 0.5 * kernel_mm, &part)?;
                let (may_change, new) = (effect.may_change(), smooth.voxels());
                let locked = |label: u8| effect.labels().segments().iter().any(|s| s.id.0 == label && s.locked);
                let locked: Vec<bool> = (0..=255).map(locked).collect();
                let label = |offset: usize, old: u8| {
                    let new = new[offset];
                    let may = new != old && !locked[usize::from(new)] && !locked[usize::from(old)];
                    if may && may_change(offset, old) { new } else { old }
                };
                let labels = effect.labels().edited(&effect.labels().everything(), label, progress)?;
                let gone =
                    labels.segments().iter().find(|s| labels.count(s.id) == 0 && 0 < effect.labels().count(s.id));
                if let Some(gone) = gone {
                    return Err(too_much(&gone.name, kernel_mm));
                }
                let method = format!(
                    "All segments smoothed at once by a Gaussian of {:.2} mm standard deviation: inside where the union is at \
                     least a half, there the segment with the largest share.",
                    0.5 * kernel_mm
                );
                return effect.finish_labels("joint smoothing", labels, Summary::default().method(method));
            }
            let mask = effect.mask();
            let smooth = match method {
                Method::Median => segment::majority(&mask, kernel_mm, &part)?,
                Method::Opening => open(&mask, 0.5 * kernel_mm, &part)?,
                Method::Closing => close(&mask, 0.5 * kernel_mm, &part)?,
                Method::Gaussian | Method::Joint => segment::smooth_labels(&mask, 0.5 * kernel_mm, &part)?,
            };
            if is_empty(&smooth) {
                return Err(too_much(name, kernel_mm));
            }
            let (word, method) = match method {
                Method::Median => ("median", format!("Majority in a box of {kernel_mm} mm.")),
                Method::Opening => ("opening", format!("Opening with a ball of {kernel_mm} mm diameter.")),
                Method::Closing => ("closing", format!("Closing with a ball of {kernel_mm} mm diameter.")),
                Method::Gaussian | Method::Joint => {
                    ("gaussian", format!("Gaussian of {:.2} mm standard deviation, cut at a half.", 0.5 * kernel_mm))
                }
            };
            let effect = effect.clone().called(format!("{name} smoothed"));
            effect.finish(format!("{word} smoothing of {name}"), &smooth, Summary::default().method(method), progress)
        }))
    }
}

fn is_empty(mask: &Volume<u8>) -> bool {
    mask.voxels().iter().all(|value| *value == 0)
}

fn too_much(name: &str, kernel_mm: f64) -> CommandError {
    CommandError::Failed(format!(
        "nothing of {name} is left after smoothing with {kernel_mm} mm; take a smaller kernel"
    ))
}
