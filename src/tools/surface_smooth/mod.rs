//! `surface.smooth`: take the noise from a surface and keep its volume.

use super::shared::effect::Outcome;
use super::shared::solid::{RESULT, SURFACE, surface_of};
use crate::base::NodeId;
use crate::mesh::smooth::{Smoothing, smooth};
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Take the noise from a surface and keep its volume.
#[derive(Debug)]
pub struct SurfaceSmooth;

/// Parameters of [`SurfaceSmooth`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: NodeId,
    smoothing: f64,
    result: Outcome,
}

impl Tool for SurfaceSmooth {
    const ID: &'static str = "surface.smooth";
    const LABEL: &'static str = "Smooth surface…";
    const HELP: &'static str =
        "Smooth a surface without shrinking it (windowed sinc); volume and area before and after are reported.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        SURFACE,
        ParamSpec::with("smoothing", Kind::Number(0.05, 1.0), "", "0.4", "0.05 hardly to 1 very smooth"),
        RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { surface, smoothing, result }: Params) -> Result<Task, CommandError> {
        let source = surface_of(case, surface)?;
        Ok(Box::new(move |progress| {
            // 3D Slicer's scale, as in `model.surface`.
            let pass_band = 10_f64.powf(-4.0 * smoothing);
            let iterations = (20.0 + 40.0 * smoothing).round() as usize;
            let how = Smoothing::WindowedSinc { iterations, pass_band };
            let (smoothed, summary) =
                smooth(source.surface(), how, progress).map_err(|error| CommandError::failed(&error))?;
            let summary = source.account(&smoothed, summary);
            Ok(source.becomes("smoothed", smoothed, summary, result))
        }))
    }
}
