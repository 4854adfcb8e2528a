//! `segment.draw`: fill or erase a closed contour in one slice.

use super::shared::effect::{self, Where};
use crate::base::Summary;
use crate::geom::{Point, Vector};
use crate::segment::{Depth, View, extrude, painted};
use crate::session::{Case, CommandError, Edit, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Fill or erase a closed contour in one slice.
#[derive(Debug)]
pub struct SegmentDraw;

/// Parameters of [`SegmentDraw`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    #[serde(flatten)]
    on: Where,
    points: Vec<[f64; 3]>,
    slice_normal: [f64; 3],
    erase: bool,
}

impl Tool for SegmentDraw {
    const ID: &'static str = "segment.draw";
    const LABEL: &'static str = "Draw…";
    const HELP: &'static str =
        "Fill or erase a closed contour drawn in one slice (free hand, polygon, live wire or traced).";
    const STEP: Step = Step::Segment;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[
        effect::LABELS,
        effect::SEGMENT,
        ParamSpec::needed("points", Kind::Points, "mm", "the corners of the contour, in order; it closes by itself"),
        ParamSpec::with("slice_normal", Kind::Point, "", "[0, 0, 1]", "the direction across the slice"),
        ParamSpec::with(
            "erase",
            Kind::Bool,
            "",
            "false",
            "take what lies inside from the segment instead of giving it",
        ),
        effect::ONLY_INSIDE,
        effect::ONLY_FROM,
        effect::ONLY_TO,
        effect::RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { on, points, slice_normal, erase } = params;
        let effect = on.prepare(case)?;
        Ok(Box::new(move |progress| {
            let points: Vec<Point> = points.into_iter().map(Point::from).collect();
            let view = View::Along(Vector::from(slice_normal));
            let marks = extrude(effect.labels().grid(), &points, view, Depth::Slice, progress)
                .map_err(|error| CommandError::failed(&error))?;
            let labels = painted(effect.labels(), effect.segment().id, &marks, erase, effect.may_change());
            let label = format!("{} {}", if erase { "erase contour in" } else { "draw" }, effect.segment().name);
            if labels == *effect.labels() {
                return Ok(Edit::new(label));
            }
            effect.finish_labels(label, labels, Summary::default().method("Edited by hand, last with a drawn contour."))
        }))
    }
}
