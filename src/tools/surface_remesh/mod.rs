//! `surface.remesh`: even triangles of one size.

use super::shared::effect::Outcome;
use super::shared::solid::{RESULT, SURFACE, surface_of};
use crate::base::NodeId;
use crate::mesh::remesh::{Remesh, remesh};
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Even triangles of one size.
#[derive(Debug)]
pub struct SurfaceRemesh;

/// Parameters of [`SurfaceRemesh`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: NodeId,
    edge_mm: Option<f64>,
    rounds: usize,
    crease_deg: f64,
    result: Outcome,
}

impl Tool for SurfaceRemesh {
    const ID: &'static str = "surface.remesh";
    const LABEL: &'static str = "Remesh surface…";
    const HELP: &'static str = "Remake a surface of even triangles of one size, on the old surface, for simulation and printing; sharp edges and borders stay.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        SURFACE,
        ParamSpec::with(
            "edge_mm",
            Kind::Number(0.01, 100.0),
            "mm",
            "null",
            "length of the edges; that of the same number of even triangles if not given",
        ),
        ParamSpec::with("rounds", Kind::Integer(1, 50), "", "10", "how often to split, collapse, flip and slide"),
        ParamSpec::with(
            "crease_deg",
            Kind::Number(5.0, 180.0),
            "°",
            "40",
            "edges across which the surface turns by more are kept",
        ),
        RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { surface, edge_mm, rounds, crease_deg, result } = params;
        let source = surface_of(case, surface)?;
        Ok(Box::new(move |progress| {
            let old = source.surface();
            // The edge of an equilateral triangle of the mean area.
            let mean_mm2 = 100.0 * old.area_cm2() / old.triangles().len() as f64;
            let edge_mm = edge_mm.unwrap_or((4.0 / 3.0_f64.sqrt() * mean_mm2).sqrt());
            let how = Remesh { edge_mm, rounds, crease_deg };
            let (made, summary) = remesh(old, how, progress).map_err(|error| CommandError::failed(&error))?;
            let summary = source.account(&made, summary);
            Ok(source.becomes("remeshed", made, summary, result))
        }))
    }
}
