//! `segment.margin`: grow or shrink a segment by a distance.

use super::shared::effect::{self, Where};
use crate::base::Summary;
use crate::segment;
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Grow or shrink a segment by a distance.
#[derive(Debug)]
pub struct SegmentMargin;

/// Parameters of [`SegmentMargin`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    #[serde(flatten)]
    on: Where,
    margin_mm: f64,
}

impl Tool for SegmentMargin {
    const ID: &'static str = "segment.margin";
    const LABEL: &'static str = "Margin…";
    const HELP: &'static str =
        "Grow (positive) or shrink (negative) a segment by a distance, to half a voxel on any spacing.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        effect::LABELS,
        effect::SEGMENT,
        ParamSpec::with("margin_mm", Kind::Number(-100.0, 100.0), "mm", "3", "how far"),
        effect::ONLY_INSIDE,
        effect::ONLY_FROM,
        effect::ONLY_TO,
        effect::RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { on, margin_mm } = params;
        let effect = on.prepare(case)?;
        let spacing_mm = effect.labels().grid().spacing_mm();
        let least_mm = 0.5 * spacing_mm.into_iter().fold(f64::INFINITY, f64::min);
        if margin_mm.abs() < least_mm {
            let text = format!(
                "a margin of {margin_mm} mm is less than half a voxel and changes nothing; take at least {least_mm:.2} mm"
            );
            return Err(CommandError::BadParams(text));
        }
        Ok(Box::new(move |progress| {
            let name = effect.segment().name.clone();
            let mask = segment::margin(&effect.mask(), margin_mm, &progress.part(0.05..0.9, "distance"))?;
            if mask.voxels().iter().all(|value| *value == 0) {
                let text = format!("nothing of {name} is left after {margin_mm} mm; shrink it less");
                return Err(CommandError::Failed(text));
            }
            let mut summary = Summary::default()
                .fact("margin", margin_mm, "mm")
                .method("Voxels whose centre is at most the margin from the surface half-way between voxels.");
            if let Some(thick_mm) = spacing_mm.into_iter().find(|h| margin_mm.abs() < 0.5 * h) {
                summary = summary.warning(format!(
                    "the margin of {margin_mm} mm is less than half the distance of {thick_mm:.2} mm between slices, so it \
                     is missing across them"
                ));
            }
            let effect = effect.clone().called(format!("{name} {margin_mm:+} mm"));
            effect.finish(format!("margin {name} {margin_mm:+} mm"), &mask, summary, progress)
        }))
    }
}
