//! `surface.repair`: one button that makes a surface closed and sound.

use super::shared::effect::Outcome;
use super::shared::solid::{RESULT, SURFACE, VOXEL, surface_of};
use crate::base::NodeId;
use crate::mesh::doctor::repair;
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// One button that makes a surface closed and sound.
#[derive(Debug)]
pub struct SurfaceRepair;

/// Parameters of [`SurfaceRepair`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: NodeId,
    hole_mm: f64,
    voxel_mm: Option<f64>,
    result: Outcome,
}

impl Tool for SurfaceRepair {
    const ID: &'static str = "surface.repair";
    const LABEL: &'static str = "Repair surface…";
    const HELP: &'static str = "Make a surface closed, oriented and free of self-intersections: mend what is small, else wrap it anew; says what it did.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        SURFACE,
        ParamSpec::with("hole_mm", Kind::Number(0.0, 10_000.0), "mm", "60", "holes up to this far around are filled"),
        VOXEL,
        RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { surface, hole_mm, voxel_mm, result }: Params) -> Result<Task, CommandError> {
        let source = surface_of(case, surface)?;
        let voxel_mm = source.voxel_mm(voxel_mm);
        Ok(Box::new(move |progress| {
            let (mended, summary) =
                repair(source.surface(), hole_mm, voxel_mm, progress).map_err(|error| CommandError::failed(&error))?;
            let said = format!("{}: {}", source.name(), summary.methods.join("; "));
            let summary = source.account(&mended, summary);
            Ok(source.becomes("repaired", mended, summary, result).say(said))
        }))
    }
}
