//! `segment.wrap`: one solid body around a segment, e.g. to build a guide on.

use super::shared::effect::{self, Where};
use crate::base::Summary;
use crate::segment;
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// One solid body around a segment.
#[derive(Debug)]
pub struct SegmentWrap;

/// Parameters of [`SegmentWrap`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    #[serde(flatten)]
    on: Where,
    gap_mm: f64,
    detail_mm: f64,
}

impl Tool for SegmentWrap {
    const ID: &'static str = "segment.wrap";
    const LABEL: &'static str = "Wrap solidify…";
    const HELP: &'static str = "Close gaps and windows of a segment, fill what is enclosed and even the result: one solid body, e.g. for guides.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        effect::LABELS,
        effect::SEGMENT,
        ParamSpec::with("gap_mm", Kind::Number(0.1, 200.0), "mm", "20", "openings up to this width are closed"),
        ParamSpec::with(
            "detail_mm",
            Kind::Number(0.0, 100.0),
            "mm",
            "2",
            "what the closing added and is thinner than this is taken away again",
        ),
        effect::ONLY_INSIDE,
        effect::ONLY_FROM,
        effect::ONLY_TO,
        effect::RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { on, gap_mm, detail_mm } = params;
        let effect = on.prepare(case)?;
        Ok(Box::new(move |progress| {
            let name = effect.segment().name.clone();
            let solid = segment::wrap(&effect.mask(), gap_mm, detail_mm, &progress.part(0.05..0.9, "wrapping"))?;
            let method = format!(
                "Closed with a ball of {gap_mm} mm diameter, cavities filled, opened with a ball of {detail_mm} mm; nothing of \
                 the segment is lost."
            );
            let effect = effect.clone().called(format!("{name} solid"));
            effect.finish(format!("wrap {name}"), &solid, Summary::default().method(method), progress)
        }))
    }
}
