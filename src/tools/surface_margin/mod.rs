//! `surface.margin`: grow or shrink a body by a distance.

use super::shared::effect::Outcome;
use super::shared::solid::{RESULT, SURFACE, VOXEL, surface_of};
use crate::base::{NodeId, Summary};
use crate::mesh::solid::shell;
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Grow or shrink a body by a distance.
#[derive(Debug)]
pub struct SurfaceMargin;

/// Parameters of [`SurfaceMargin`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: NodeId,
    margin_mm: f64,
    voxel_mm: Option<f64>,
    result: Outcome,
}

impl Tool for SurfaceMargin {
    const ID: &'static str = "surface.margin";
    const LABEL: &'static str = "Margin of surface…";
    const HELP: &'static str = "Grow (positive) or shrink (negative) a body by a distance, without self-intersections.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] =
        &[SURFACE, ParamSpec::with("margin_mm", Kind::Number(-100.0, 100.0), "mm", "5", "how far"), VOXEL, RESULT];
    type Params = Params;

    fn prepare(case: &Case, Params { surface, margin_mm, voxel_mm, result }: Params) -> Result<Task, CommandError> {
        let source = surface_of(case, surface)?;
        let voxel_mm = source.voxel_mm(voxel_mm);
        Ok(Box::new(move |progress| {
            let body = shell(source.surface(), None, margin_mm, voxel_mm, progress)
                .map_err(|error| CommandError::failed(&error))?;
            let summary = Summary::default()
                .fact("resolution", voxel_mm, "mm")
                .method("Signed distance to the surface in cubes, contoured at the margin.");
            let summary = source.account(&body, summary);
            Ok(source.becomes(&format!("{margin_mm:+} mm"), body, summary, result))
        }))
    }
}
