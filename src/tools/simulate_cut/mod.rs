//! `simulate.cut`: part an organ along a round blade, with both sides still there.

use super::shared::organ_body::{HOLD, HOLD_AT, HOLD_PART, HOLD_RADIUS, HOLD_TOUCHING, OrganBody, TISSUE, TOUCHING};
use super::simulate_tissue::at_rest;
use crate::base::{NodeId, Summary};
use crate::biomech::interactive::{Body, Loose};
use crate::geom::{Aabb, Point, Vector};
use crate::mesh::TetMesh;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Corners of the blade's rim.
const RIM: usize = 48;

/// Part an organ along a round blade.
#[derive(Debug)]
pub struct SimulateCut;

/// Parameters of [`SimulateCut`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    mesh: NodeId,
    at: Option<[f64; 3]>,
    plane: Plane,
    normal: Option<[f64; 3]>,
    radius_mm: f64,
    loose: Rest,
    #[serde(flatten)]
    body: OrganBody,
}

/// The slice the blade lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Plane {
    Sagittal,
    Coronal,
    Axial,
}

impl Plane {
    fn normal(self) -> Vector {
        match self {
            Self::Sagittal => Vector::x(),
            Self::Coronal => Vector::y(),
            Self::Axial => Vector::z(),
        }
    }
}

/// What becomes of a part that nothing holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Rest {
    Keep,
    Remove,
}

impl Tool for SimulateCut {
    const ID: &'static str = "simulate.cut";
    const LABEL: &'static str = "Cut an organ…";
    const HELP: &'static str =
        "Cut a mesh of tetrahedra along a round blade; both sides live on, so that pulling opens the cut.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("mesh", Kind::Node(NodeKind::Tets), "", "the tetrahedral mesh"),
        ParamSpec::with("at", Kind::Point, "mm", "null", "the middle of the blade; the organ's own if not given"),
        ParamSpec::with(
            "plane",
            Kind::Choice(&["sagittal", "coronal", "axial"]),
            "",
            "\"sagittal\"",
            "the slice that the blade lies in",
        ),
        ParamSpec::with(
            "normal",
            Kind::Point,
            "",
            "null",
            "any other direction across the cut, in place of the slice's",
        ),
        ParamSpec::with("radius_mm", Kind::Number(1.0, 500.0), "mm", "40", "radius of the blade"),
        ParamSpec::with(
            "loose",
            Kind::Choice(&["keep", "remove"]),
            "",
            "\"keep\"",
            "whether a part that nothing holds any more stays or is taken out",
        ),
        TISSUE,
        HOLD,
        HOLD_PART,
        HOLD_AT,
        HOLD_RADIUS,
        HOLD_TOUCHING,
        TOUCHING,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let node = Arc::clone(case.expect_kind(params.mesh, NodeKind::Tets)?);
        let Data::Tets(mesh) = node.data.clone() else { unreachable!("the kind was checked") };
        let normal = params.normal.map_or(params.plane.normal(), Vector::from).try_normalize(1e-9);
        let Some(normal) = normal.filter(|normal| normal.iter().all(|x| x.is_finite())) else {
            return Err(CommandError::BadParams("the direction across the cut must not be zero".into()));
        };
        let body = params.body.clone().found_in(case)?;
        let (made_of, whole) = (body.made_of(&node.name)?, at_rest(case, params.mesh, &node));
        Ok(Box::new(move |progress| {
            progress.set(0.1)?;
            let at = params.at.map_or_else(|| Aabb::of(mesh.positions()).centre(), Point::from);
            let sheet = blade(at, &normal, params.radius_mm);
            let mut live =
                Body::loose(&mesh, &made_of.everywhere(&mesh)).map_err(|error| CommandError::failed(&error))?;
            live.fix(&body.fixed(&mesh)?);
            progress.set(0.5)?;
            let loose = if params.loose == Rest::Remove { Loose::Removed } else { Loose::Stays };
            let cut = live.cut(&sheet, loose);
            if cut.faces == 0 {
                let text = format!(
                    "a blade of {} mm at ({:.1}, {:.1}, {:.1}) mm parts no tetrahedra; move it into the organ",
                    params.radius_mm, at.x, at.y, at.z
                );
                return Err(CommandError::Failed(text));
            }
            let after = live.rest_mesh();
            progress.set(0.9)?;
            let area_cm2 = (skin_cm2(&after) - skin_cm2(&mesh)) / 2.0;
            let mut summary = Summary::default()
                .fact("opened faces", cut.faces as f64, "1")
                .fact("doubled vertices", cut.copies as f64, "1")
                .fact("volume before", mesh.volume_ml(), "ml")
                .fact("volume after", after.volume_ml(), "ml")
                .fact("taken out", cut.removed_ml, "ml")
                .method("The cut runs along the faces of tetrahedra nearest to the blade (Wu, Westermann and Dick 2015, section 4.1): no tetrahedron is changed by the cut itself")
                .limit("The faces of the cut are as rough as the tetrahedra are large; a finer mesh gives a finer cut");
            if 0 < cut.stayed {
                summary = summary.warning(format!(
                    "{} parts are held by nothing and cannot be simulated; cut with loose=remove to take them out",
                    cut.stayed
                ));
            }
            if cut.removed == 0 {
                summary = summary.fact("area of the cut", area_cm2, "cm²");
            }
            let name = format!("{} cut tetrahedra", node.name.trim_end_matches(" tetrahedra"));
            let cut_node = Node::new(name, Data::Tets(after)).with_summary(summary).from_source(params.mesh);
            let mut edit = Edit::new(format!("cut {}", node.name.trim_end_matches(" tetrahedra")));
            edit.message = cut_node.summary.warnings.first().cloned();
            // The organ as it was would lie in the same place.
            Ok(whole.into_iter().fold(edit.add(cut_node.shown(node.display.colour, 1.0)), Edit::change))
        }))
    }
}

/// A disc as a fan of triangles.
fn blade(middle: Point, normal: &Vector, radius_mm: f64) -> Vec<[Point; 3]> {
    let aside = if normal.x.abs() < 0.6 { Vector::x() } else { Vector::y() };
    let right = normal.cross(&aside).normalize();
    let up = normal.cross(&right);
    let rim = |n: usize| {
        let (sin, cos) = (std::f64::consts::TAU * n as f64 / RIM as f64).sin_cos();
        middle + (right * cos + up * sin) * radius_mm
    };
    (0..RIM).map(|n| [middle, rim(n), rim(n + 1)]).collect()
}

fn skin_cm2(mesh: &TetMesh) -> f64 {
    mesh.boundary().0.area_cm2()
}
