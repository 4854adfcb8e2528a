//! `surface.thickness`: a map of how thick a body is.

use super::shared::solid::{SURFACE, surface_of};
use crate::base::{NodeId, Summary};
use crate::mesh::thickness::thickness;
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// A map of how thick a body is.
#[derive(Debug)]
pub struct SurfaceThickness;

/// Parameters of [`SurfaceThickness`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: NodeId,
    most_mm: f64,
}

impl Tool for SurfaceThickness {
    const ID: &'static str = "surface.thickness";
    const LABEL: &'static str = "Wall thickness…";
    const HELP: &'static str =
        "Colour a surface by the thickness of the body behind it: the largest ball inside that touches it there.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        SURFACE,
        ParamSpec::with("most_mm", Kind::Number(0.1, 1000.0), "mm", "50", "thicker than this counts as this"),
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { surface, most_mm }: Params) -> Result<Task, CommandError> {
        let source = surface_of(case, surface)?;
        Ok(Box::new(move |progress| {
            let field = thickness(source.surface(), most_mm, progress)?;
            let mut sorted = field.values.to_vec();
            sorted.sort_by(f64::total_cmp);
            let share = |part: f64| sorted[((sorted.len() - 1) as f64 * part) as usize];
            let summary = Summary::default()
                .fact("thinnest", share(0.0), "mm")
                .fact("5th percentile", share(0.05), "mm")
                .fact("median thickness", share(0.5), "mm")
                .fact("thickest", share(1.0), "mm")
                .method("Shrinking ball at every vertex (Ma, Bae and Choi 2012).")
                .limit("vertex normals of a contour tilt a little, so it may read up to a tenth too thin");
            let summary = source.account(source.surface(), summary);
            Ok(source.with_field("thickness", field, summary))
        }))
    }
}
