//! `surface.boolean`: two bodies as one.

use super::shared::effect::Outcome;
use super::shared::solid::{SURFACE, VOXEL, surface_of};
use crate::base::{NodeId, Summary};
use crate::geom::Aabb;
use crate::mesh::solid::{self, voxel_mm_for};
use crate::session::{Case, CommandError, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Two bodies as one.
#[derive(Debug)]
pub struct SurfaceBoolean;

/// How.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum How {
    Union,
    Difference,
    Intersection,
}

/// Parameters of [`SurfaceBoolean`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: NodeId,
    other: NodeId,
    how: How,
    voxel_mm: Option<f64>,
}

impl Tool for SurfaceBoolean {
    const ID: &'static str = "surface.boolean";
    const LABEL: &'static str = "Boolean of surfaces…";
    const HELP: &'static str =
        "Join two bodies, take one from the other, or keep what both share; always closed, at a stated resolution.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        SURFACE,
        ParamSpec::needed("other", Kind::Node(NodeKind::Surface), "", "the other surface"),
        ParamSpec::with(
            "how",
            Kind::Choice(&["union", "difference", "intersection"]),
            "",
            "\"union\"",
            "what is in either, in the first only, or in both",
        ),
        VOXEL,
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { surface, other, how, voxel_mm }: Params) -> Result<Task, CommandError> {
        let (source, other) = (surface_of(case, surface)?, surface_of(case, other)?);
        Ok(Box::new(move |progress| {
            let (a, b) = (source.surface(), other.surface());
            let (word, what) = match how {
                How::Union => ("union with", solid::Boolean::Union),
                How::Difference => ("without", solid::Boolean::Difference),
                How::Intersection => ("shared with", solid::Boolean::Intersection),
            };
            let around = match how {
                How::Union => Aabb::of(a.positions().iter().chain(b.positions())),
                How::Difference | How::Intersection => a.bounds(),
            };
            let voxel_mm = voxel_mm.unwrap_or_else(|| voxel_mm_for(&around));
            let body = solid::boolean(a, b, what, voxel_mm, progress).map_err(|error| CommandError::failed(&error))?;
            let mut summary = Summary::default()
                .fact("volume of the other", b.volume_ml(), "ml")
                .fact("resolution", voxel_mm, "mm")
                .method(
                    "Signed distances to both bodies (winding number, Jacobson 2013) combined in cubes and contoured.",
                )
                .limit(format!("edges sharper than {voxel_mm:.2} mm are rounded"));
            for (name, surface) in [(source.name(), a), (other.name(), b)] {
                let open = surface.open_edges();
                if 0 < open {
                    summary = summary
                        .warning(format!("{name} has {open} open edges; where it is open the result is a guess"));
                }
            }
            let summary = source.account(&body, summary);
            Ok(source.becomes(&format!("{word} {}", other.name()), body, summary, Outcome::New))
        }))
    }
}
