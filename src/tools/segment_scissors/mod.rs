//! `segment.scissors`: cut or fill through the body along the view.

use super::shared::effect::{self, Where};
use crate::base::Summary;
use crate::geom::{Point, Vector};
use crate::segment::{Depth, View, extrude, painted};
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Cut or fill through the body along the view.
#[derive(Debug)]
pub struct SegmentScissors;

/// What happens to which side of the outline; the names of 3D Slicer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Operation {
    EraseInside,
    EraseOutside,
    FillInside,
    FillOutside,
}

/// Parameters of [`SegmentScissors`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    #[serde(flatten)]
    on: Where,
    points: Vec<[f64; 3]>,
    direction: [f64; 3],
    eye: Option<[f64; 3]>,
    operation: Operation,
    depth_mm: Option<f64>,
    all_segments: bool,
}

impl Tool for SegmentScissors {
    const ID: &'static str = "segment.scissors";
    const LABEL: &'static str = "Scissors…";
    const HELP: &'static str = "Erase or fill what lies inside or outside an outline, through the body along the view.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        effect::LABELS,
        effect::SEGMENT,
        ParamSpec::needed("points", Kind::Points, "mm", "the corners of the outline, in order; it closes by itself"),
        ParamSpec::with("direction", Kind::Point, "", "[0, 0, 1]", "the direction the view looks along"),
        ParamSpec::with(
            "eye",
            Kind::Point,
            "mm",
            "null",
            "where a view with perspective looks from; parallel if not given",
        ),
        ParamSpec::with(
            "operation",
            Kind::Choice(&["erase_inside", "erase_outside", "fill_inside", "fill_outside"]),
            "",
            "\"erase_inside\"",
            "what happens on which side of the outline",
        ),
        ParamSpec::with(
            "depth_mm",
            Kind::Number(0.01, 10_000.0),
            "mm",
            "null",
            "thickness of the cut, half of it on each side of the outline; all the way if not given",
        ),
        ParamSpec::with("all_segments", Kind::Bool, "", "false", "erase from every segment that is not locked"),
        effect::ONLY_INSIDE,
        effect::ONLY_FROM,
        effect::ONLY_TO,
        effect::RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { on, points, direction, eye, operation, depth_mm, all_segments } = params;
        let effect = on.prepare(case)?;
        if all_segments && matches!(operation, Operation::FillInside | Operation::FillOutside) {
            return Err(CommandError::BadParams("all_segments goes with erasing only; a voxel has one segment".into()));
        }
        Ok(Box::new(move |progress| {
            let points: Vec<Point> = points.into_iter().map(Point::from).collect();
            let direction = Vector::from(direction);
            let view = eye.map_or(View::Along(direction), |eye| View::From(Point::from(eye), direction));
            let depth = depth_mm.map_or(Depth::Unlimited, Depth::Slab);
            let labels = effect.labels();
            let marks = extrude(labels.grid(), &points, view, depth, &progress.part(0.0..0.6, "outline"))
                .map_err(|error| CommandError::failed(&error))?;
            let id = effect.segment().id;
            let may_change = effect.may_change();
            let cut = match operation {
                Operation::EraseInside if !all_segments => painted(labels, id, &marks, true, may_change),
                Operation::FillInside => painted(labels, id, &marks, false, may_change),
                _ => {
                    let outside = matches!(operation, Operation::EraseOutside | Operation::FillOutside);
                    let new = |offset: usize, old: u8| {
                        let new = match operation {
                            Operation::FillOutside => id.0,
                            _ if all_segments || old == id.0 => 0,
                            _ => old,
                        };
                        let cut = new != old && marks.holds(offset) != outside && may_change(offset, old);
                        if cut { new } else { old }
                    };
                    labels.edited(&labels.everything(), new, &progress.part(0.6..1.0, "cut"))?
                }
            };
            let how = match operation {
                Operation::EraseInside => "cut inside the outline",
                Operation::EraseOutside => "cut outside the outline",
                Operation::FillInside => "fill inside the outline",
                Operation::FillOutside => "fill outside the outline",
            };
            let label = format!("scissors {}", effect.segment().name);
            let method = format!("Edited by hand, last with scissors: {how}.");
            effect.finish_labels(label, cut, Summary::default().method(method))
        }))
    }
}
