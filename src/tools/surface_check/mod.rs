//! `surface.check`: the mesh doctor says what is wrong with a surface, and where.

use super::shared::solid::{SURFACE, surface_of};
use crate::base::{NodeId, Summary};
use crate::mesh::doctor::check;
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// The mesh doctor says what is wrong with a surface.
#[derive(Debug)]
pub struct SurfaceCheck;

/// Parameters of [`SurfaceCheck`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: NodeId,
    thin_mm: f64,
}

impl Tool for SurfaceCheck {
    const ID: &'static str = "surface.check";
    const LABEL: &'static str = "Check surface…";
    const HELP: &'static str = "Look for holes, crossings, thin walls, non-manifold, flipped or flat triangles and separate pieces; says where, in LPS mm.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        SURFACE,
        ParamSpec::with(
            "thin_mm",
            Kind::Number(0.0, 50.0),
            "mm",
            "1",
            "walls thinner than this are told; 0: do not look",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { surface, thin_mm }: Params) -> Result<Task, CommandError> {
        let source = surface_of(case, surface)?;
        Ok(Box::new(move |progress| {
            let faults = check(source.surface(), thin_mm, progress)?;
            let mut summary = Summary::default().fact("kinds of faults", faults.len() as f64, "1");
            for fault in &faults {
                summary = summary.warning(&fault.words);
            }
            let said = match faults.as_slice() {
                [] => format!("{} is closed and sound", source.name()),
                all => all.iter().map(|fault| fault.words.as_str()).collect::<Vec<_>>().join("; "),
            };
            let mut account = source.account(source.surface(), summary);
            // Open edges are told as holes, with their places.
            account.warnings.truncate(faults.len());
            Ok(source.with_account("check", account).say(said))
        }))
    }
}
