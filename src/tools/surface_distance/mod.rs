//! `surface.distance`: how far one surface is from another.

use super::shared::solid::{SURFACE, surface_of};
use crate::base::NodeId;
use crate::mesh::compare::distance_to;
use crate::session::{Case, CommandError, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// How far one surface is from another.
#[derive(Debug)]
pub struct SurfaceDistance;

/// Parameters of [`SurfaceDistance`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: NodeId,
    other: NodeId,
}

impl Tool for SurfaceDistance {
    const ID: &'static str = "surface.distance";
    const LABEL: &'static str = "Distance of surfaces…";
    const HELP: &'static str = "Colour a surface by its signed distance to another (negative inside), with mean, RMS, 95 %, largest and histogram.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] =
        &[SURFACE, ParamSpec::needed("other", Kind::Node(NodeKind::Surface), "", "the surface it is measured to")];
    type Params = Params;

    fn prepare(case: &Case, Params { surface, other }: Params) -> Result<Task, CommandError> {
        let (source, other) = (surface_of(case, surface)?, surface_of(case, other)?);
        Ok(Box::new(move |progress| {
            let measured = distance_to(source.surface(), other.surface(), progress)?;
            let (field, mut summary) = measured.expect("both were checked to have triangles");
            let open = other.surface().open_edges();
            if 0 < open {
                summary =
                    summary.warning(format!("{} has {open} open edges; near them the sign is a guess", other.name()));
            }
            Ok(source.with_field(&format!("distance to {}", other.name()), field, summary))
        }))
    }
}
