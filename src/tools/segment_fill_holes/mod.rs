//! `segment.fill_holes`: fill what a segment encloses.

use super::shared::effect::{self, Where};
use crate::base::Summary;
use crate::segment;
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Fill what a segment encloses.
#[derive(Debug)]
pub struct SegmentFillHoles;

/// Enclosed in which sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Holes {
    Space,
    Slices,
}

/// Parameters of [`SegmentFillHoles`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    #[serde(flatten)]
    on: Where,
    holes: Holes,
    volume_ml_max: Option<f64>,
}

impl Tool for SegmentFillHoles {
    const ID: &'static str = "segment.fill_holes";
    const LABEL: &'static str = "Fill holes…";
    const HELP: &'static str = "Fill the cavities of a segment, in space or slice by slice, up to a size.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        effect::LABELS,
        effect::SEGMENT,
        ParamSpec::with(
            "holes",
            Kind::Choice(&["space", "slices"]),
            "",
            "\"space\"",
            "space: closed on all sides; slices: closed within a slice of the scan, as a pipe's inside is",
        ),
        ParamSpec::with(
            "volume_ml_max",
            Kind::Number(0.0, 1e6),
            "ml",
            "null",
            "larger holes stay open; in slices each slice's hole counts alone; all are filled if not given",
        ),
        effect::ONLY_INSIDE,
        effect::ONLY_FROM,
        effect::ONLY_TO,
        effect::RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { on, holes, volume_ml_max } = params;
        let effect = on.prepare(case)?;
        Ok(Box::new(move |progress| {
            let name = effect.segment().name.clone();
            let (mask, part) = (effect.mask(), progress.part(0.1..0.8, "holes"));
            let most_ml = volume_ml_max.unwrap_or(f64::INFINITY);
            let filled = match holes {
                Holes::Space => segment::fill_cavities(&mask, most_ml, &part)?,
                Holes::Slices => segment::fill_slices(&mask, most_ml, &part)?,
            };
            let method = match holes {
                Holes::Space => "Filled what no path of face neighbours joins to the end of the scan.",
                Holes::Slices => "Filled, slice by slice, what no path of side neighbours joins to the slice's edge.",
            };
            let effect = effect.clone().called(format!("{name} filled"));
            effect.finish(format!("fill holes of {name}"), &filled, Summary::default().method(method), progress)
        }))
    }
}
