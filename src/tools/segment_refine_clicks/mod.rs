//! `segment.refine_clicks`: correct a segment by clicks, without any model.

use super::shared::effect::{self, Where};
use crate::base::Summary;
use crate::geom::Point;
use crate::segment::{Clicks, refine_clicks};
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Correct a segment by clicks.
#[derive(Debug)]
pub struct SegmentRefineClicks;

/// Parameters of [`SegmentRefineClicks`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    #[serde(flatten)]
    on: Where,
    inside: Option<Vec<[f64; 3]>>,
    outside: Option<Vec<[f64; 3]>>,
    reach_mm: f64,
    contrast: f64,
}

impl Tool for SegmentRefineClicks {
    const ID: &'static str = "segment.refine_clicks";
    const LABEL: &'static str = "Refine by clicks…";
    const HELP: &'static str = "Correct a segment by clicks: what looks like a click inside and lies near it joins, near a click outside it leaves.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        effect::LABELS,
        effect::SEGMENT,
        ParamSpec::with("inside", Kind::Points, "mm", "null", "places or a scribble that belong to the segment"),
        ParamSpec::with("outside", Kind::Points, "mm", "null", "places or a scribble that do not"),
        ParamSpec::with(
            "reach_mm",
            Kind::Number(0.1, 200.0),
            "mm",
            "20",
            "how far a click reaches through tissue that looks like it",
        ),
        ParamSpec::with(
            "contrast",
            Kind::Number(0.0, 100.0),
            "",
            "1",
            "how much harder it is to go where values differ from those at the click; 0 ignores values",
        ),
        effect::ONLY_INSIDE,
        effect::ONLY_FROM,
        effect::ONLY_TO,
        effect::RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { on, inside, outside, reach_mm, contrast } = params;
        if inside.is_none() && outside.is_none() {
            return Err(CommandError::BadParams("click at least once: give inside or outside".into()));
        }
        let effect = on.prepare(case)?;
        effect.scan()?;
        Ok(Box::new(move |progress| {
            let points =
                |list: Option<Vec<[f64; 3]>>| list.unwrap_or_default().into_iter().map(Point::from).collect::<Vec<_>>();
            let (inside, outside) = (points(inside), points(outside));
            let clicks = Clicks { inside: &inside, outside: &outside, reach_mm, contrast };
            let scan = effect.scan()?;
            let mask = refine_clicks(&effect.mask(), scan, &clicks, &progress.part(0.1..0.9, "clicks"));
            let mask = mask.map_err(|error| CommandError::failed(&error))?;
            let summary = Summary::default().method(format!(
                "{} clicks inside and {} outside, each reaching {reach_mm} mm through tissue that looks like it: the \
                 cheapest way decides, with steps that cost more the more values differ (geodesic distance, Criminisi, \
                 Sharp and Blake 2008).",
                inside.len(),
                outside.len()
            ));
            let name = effect.segment().name.clone();
            effect.finish(format!("refine {name} by clicks"), &mask, summary, progress)
        }))
    }
}
