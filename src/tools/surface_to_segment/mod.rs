//! `surface.to_segment`: fill a closed surface with voxels of a scan.

use super::shared::into::{self, INTO, NAME};
use super::shared::solid::{SURFACE, surface_of};
use crate::base::{NodeId, Summary};
use crate::mesh::distance_field::voxelise;
use crate::session::{Case, CommandError, Data, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Fill a closed surface with voxels of a scan.
#[derive(Debug)]
pub struct SurfaceToSegment;

/// Parameters of [`SurfaceToSegment`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: NodeId,
    scan: NodeId,
    #[serde(flatten)]
    place: into::Into,
}

impl Tool for SurfaceToSegment {
    const ID: &'static str = "surface.to_segment";
    const LABEL: &'static str = "Surface to segment…";
    const HELP: &'static str = "Mark the voxels of a scan whose centres lie inside a surface; small holes do no harm.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        SURFACE,
        ParamSpec::needed("scan", Kind::Node(NodeKind::Scan), "", "the scan whose voxels are marked"),
        INTO,
        NAME,
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { surface, scan, place }: Params) -> Result<Task, CommandError> {
        let source = surface_of(case, surface)?;
        let node = case.expect_kind(scan, NodeKind::Scan)?;
        let Data::Scan(data) = &node.data else { unreachable!("the kind was checked") };
        let grid = data.grid().clone();
        let place = place.prepare(case, scan, &grid)?;
        Ok(Box::new(move |progress| {
            let mask = voxelise(source.surface(), &grid, &progress.part(0.0..0.9, "voxels"))?;
            let open = source.surface().open_edges();
            let mut summary =
                Summary::default().fact("volume of the surface", source.surface().volume_ml(), "ml").method(
                    "Voxel centres around which the surface winds more than half a time (Jacobson 2013, Barill 2018).",
                );
            if 0 < open {
                summary =
                    summary.warning(format!("the surface has {open} open edges; near them the filling is a guess"));
            }
            let label = format!("voxels of {}", source.name());
            place.add(label, &mask, (source.name(), source.colour(), None), summary, progress)
        }))
    }
}
