//! `surface.hollow`: the wall of a body, e.g. for printing.

use super::shared::effect::Outcome;
use super::shared::solid::{RESULT, SURFACE, VOXEL, surface_of};
use crate::base::{NodeId, Summary};
use crate::mesh::solid::shell;
use crate::segment::Shell;
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// The wall of a body.
#[derive(Debug)]
pub struct SurfaceHollow;

/// Parameters of [`SurfaceHollow`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: NodeId,
    thickness_mm: f64,
    side: Shell,
    voxel_mm: Option<f64>,
    result: Outcome,
}

impl Tool for SurfaceHollow {
    const ID: &'static str = "surface.hollow";
    const LABEL: &'static str = "Hollow surface…";
    const HELP: &'static str =
        "Make a wall of stated thickness along a surface, e.g. to print a vessel or save material.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        SURFACE,
        ParamSpec::with("thickness_mm", Kind::Number(0.05, 50.0), "mm", "2", "how thick the wall is"),
        ParamSpec::with(
            "side",
            Kind::Choice(Shell::WORDS),
            "",
            "\"inside\"",
            "on which side of the surface it lies; both: half on each",
        ),
        VOXEL,
        RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { surface, thickness_mm, side, voxel_mm, result } = params;
        let source = surface_of(case, surface)?;
        // Three cubes across the wall keep it whole.
        let voxel_mm = voxel_mm.unwrap_or_else(|| source.voxel_mm(None).min(thickness_mm / 3.0));
        if thickness_mm < 2.0 * voxel_mm {
            let text = format!(
                "a wall of {thickness_mm} mm would have holes between cubes of {voxel_mm} mm; take at most {:.2} mm",
                thickness_mm / 2.0
            );
            return Err(CommandError::BadParams(text));
        }
        Ok(Box::new(move |progress| {
            let [inner_mm, outer_mm] = side.reach_mm(thickness_mm);
            let wall = shell(source.surface(), Some(-inner_mm), outer_mm, voxel_mm, progress)
                .map_err(|error| CommandError::failed(&error))?;
            let summary = Summary::default()
                .fact("thickness", thickness_mm, "mm")
                .fact("resolution", voxel_mm, "mm")
                .method("Signed distance to the surface in cubes, contoured on both sides of the wall.");
            let summary = source.account(&wall, summary);
            Ok(source.becomes(&format!("wall {thickness_mm} mm"), wall, summary, result))
        }))
    }
}
