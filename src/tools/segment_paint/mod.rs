//! `segment.paint`: a brush stroke, also one that erases or smooths.

use super::shared::effect::{self, Where};
use crate::base::Summary;
use crate::geom::{Point, Vector};
use crate::segment::{Brush, BrushShape, painted, smoothed_under, stroke, stroke_along_edges};
use crate::session::{Case, CommandError, Edit, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// A brush stroke along points.
#[derive(Debug)]
pub struct SegmentPaint;

/// What a brush stroke does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Paint,
    Erase,
    Smooth,
}

/// Which voxels under the brush it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Takes {
    All,
    Similar,
}

/// Parameters of [`SegmentPaint`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    #[serde(flatten)]
    on: Where,
    points: Vec<[f64; 3]>,
    radius_mm: f64,
    slice_normal: Option<[f64; 3]>,
    mode: Mode,
    takes: Takes,
    tolerance: Option<f64>,
}

impl Tool for SegmentPaint {
    const ID: &'static str = "segment.paint";
    const LABEL: &'static str = "Paint…";
    const HELP: &'static str =
        "Paint, erase or smooth with a round brush along points, in one slice or as a ball in 3D.";
    const STEP: Step = Step::Segment;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[
        effect::LABELS,
        effect::SEGMENT,
        ParamSpec::needed("points", Kind::Points, "mm", "the places the brush goes through, in order"),
        ParamSpec::with("radius_mm", Kind::Number(0.01, 100.0), "mm", "5", "radius of the brush"),
        ParamSpec::with(
            "slice_normal",
            Kind::Point,
            "",
            "null",
            "the direction across the slice that is painted in, for a disc; a ball if not given",
        ),
        ParamSpec::with(
            "mode",
            Kind::Choice(&["paint", "erase", "smooth"]),
            "",
            "\"paint\"",
            "give voxels to the segment, take them, or even its surface by a Gaussian of a third of the brush's radius",
        ),
        ParamSpec::with(
            "takes",
            Kind::Choice(&["all", "similar"]),
            "",
            "\"all\"",
            "every voxel under the brush, or only those that look like its middle and hang together with it",
        ),
        ParamSpec::with(
            "tolerance",
            Kind::Number(0.0, 1e6),
            "",
            "null",
            "how far a similar value may lie from the mean of the brush's inner third (HU in a CT); 2.5 standard deviations \
             of that third if not given",
        ),
        effect::ONLY_INSIDE,
        effect::ONLY_FROM,
        effect::ONLY_TO,
        effect::RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { on, points, radius_mm, slice_normal, mode, takes, tolerance } = params;
        let effect = on.prepare(case)?;
        let scan = if takes == Takes::Similar { Some(effect.scan()?.clone()) } else { None };
        Ok(Box::new(move |_| {
            let points: Vec<Point> = points.into_iter().map(Point::from).collect();
            let shape = slice_normal.map_or(BrushShape::Sphere, |normal| BrushShape::Disc(Vector::from(normal)));
            let brush = Brush { radius_mm, shape };
            let marks = match scan {
                Some(scan) => stroke_along_edges(&scan, &points, brush, tolerance),
                None => stroke(effect.labels().grid(), &points, brush),
            };
            let marks = marks.map_err(|error| CommandError::failed(&error))?;
            let (id, labels, may_change) = (effect.segment().id, effect.labels(), effect.may_change());
            let (verb, labels) = match mode {
                Mode::Paint => ("paint", painted(labels, id, &marks, false, may_change)),
                Mode::Erase => ("erase", painted(labels, id, &marks, true, may_change)),
                Mode::Smooth => ("smooth", smoothed_under(labels, id, &marks, brush.sigma_mm(), may_change)),
            };
            let label = format!("{verb} {}", effect.segment().name);
            if labels == *effect.labels() {
                // Nothing to complain about: the mouse went over what was painted already.
                return Ok(Edit::new(label));
            }
            let method = format!("Edited by hand, last with a brush of {radius_mm:.1} mm radius.");
            effect.finish_labels(label, labels, Summary::default().method(method))
        }))
    }
}
