//! `surface.decimate`: fewer triangles for the same shape.

use super::shared::effect::Outcome;
use super::shared::solid::{RESULT, SURFACE, surface_of};
use crate::base::NodeId;
use crate::mesh::decimate::decimate;
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Fewer triangles for the same shape.
#[derive(Debug)]
pub struct SurfaceDecimate;

/// Parameters of [`SurfaceDecimate`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: NodeId,
    triangles: usize,
    error_mm: f64,
    result: Outcome,
}

impl Tool for SurfaceDecimate {
    const ID: &'static str = "surface.decimate";
    const LABEL: &'static str = "Decimate surface…";
    const HELP: &'static str =
        "Reduce the triangles of a surface to a number, but never move it further than the error allowed.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        SURFACE,
        ParamSpec::with(
            "triangles",
            Kind::Integer(4, 20_000_000),
            "",
            "20000",
            "how many to keep, if the error allows",
        ),
        ParamSpec::with("error_mm", Kind::Number(0.0, 50.0), "mm", "0.5", "how far the surface may move"),
        RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { surface, triangles, error_mm, result } = params;
        let source = surface_of(case, surface)?;
        let before = source.surface().triangles().len();
        if before <= triangles {
            let text = format!("triangles = {triangles}: the surface has only {before}; ask for fewer");
            return Err(CommandError::BadParams(text));
        }
        Ok(Box::new(move |progress| {
            let fraction = triangles as f64 / before as f64;
            let (lighter, summary) = decimate(source.surface(), fraction, error_mm, progress)
                .map_err(|error| CommandError::failed(&error))?;
            let summary = source.account(&lighter, summary);
            Ok(source.becomes("decimated", lighter, summary, result))
        }))
    }
}
