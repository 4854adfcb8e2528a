//! `surface.mirror`: the mirror image of a surface, e.g. of the healthy side.

use super::shared::effect::Outcome;
use super::shared::solid::{RESULT, SURFACE, surface_of};
use crate::base::{NodeId, Summary};
use crate::geom::{Plane, Point, Vector};
use crate::mesh::arrange::mirror;
use crate::session::{Case, Change, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// The mirror image of a surface.
#[derive(Debug)]
pub struct SurfaceMirror;

/// Parameters of [`SurfaceMirror`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: NodeId,
    point: Option<[f64; 3]>,
    normal: Option<[f64; 3]>,
    result: Outcome,
}

impl Tool for SurfaceMirror {
    const ID: &'static str = "surface.mirror";
    const LABEL: &'static str = "Mirror surface…";
    const HELP: &'static str = "Mirror a surface in a plane, e.g. the healthy side as a template for the other.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        SURFACE,
        ParamSpec::with(
            "point",
            Kind::Point,
            "mm",
            "null",
            "a point of the plane; the middle of the surface if not given",
        ),
        ParamSpec::with("normal", Kind::Point, "", "null", "direction across the plane; left to right if not given"),
        RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { surface, point, normal, result }: Params) -> Result<Task, CommandError> {
        let source = surface_of(case, surface)?;
        let point = point.map_or_else(|| source.surface().bounds().centre(), Point::from);
        let plane = Plane::new(point, normal.map_or_else(Vector::x, Vector::from));
        let plane = plane.ok_or_else(|| CommandError::BadParams("normal = 0,0,0 has no direction".into()))?;
        Ok(Box::new(move |progress| {
            progress.set(0.1)?;
            let image = mirror(source.surface(), &plane);
            let summary = source.account(&image, Summary::default());
            let mut edit = source.becomes("mirrored", image, summary, result);
            // An image is looked at beside what it is the image of.
            edit.changes.retain(|change| !matches!(change, Change::Hide { .. }));
            Ok(edit)
        }))
    }
}
