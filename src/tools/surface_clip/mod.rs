//! `surface.clip`: cut a surface by a plane or a box.

use super::shared::effect::Outcome;
use super::shared::solid::{RESULT, SURFACE, surface_of};
use crate::base::{NodeId, Summary};
use crate::geom::{Aabb, Plane, Point, Vector};
use crate::mesh::clip::clip;
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Cut a surface by a plane or a box.
#[derive(Debug)]
pub struct SurfaceClip;

/// What cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Knife {
    Plane,
    Box,
}

/// Parameters of [`SurfaceClip`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: NodeId,
    by: Knife,
    point: Option<[f64; 3]>,
    normal: Option<[f64; 3]>,
    corner: Option<[f64; 3]>,
    opposite: Option<[f64; 3]>,
    cap: bool,
    result: Outcome,
}

impl Tool for SurfaceClip {
    const ID: &'static str = "surface.clip";
    const LABEL: &'static str = "Clip surface…";
    const HELP: &'static str = "Keep what lies on one side of a plane or inside a box, closed by flat lids.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        SURFACE,
        ParamSpec::with("by", Kind::Choice(&["plane", "box"]), "", "\"plane\"", "what cuts"),
        ParamSpec::with(
            "point",
            Kind::Point,
            "mm",
            "null",
            "a point of the plane; the middle of the surface if not given",
        ),
        ParamSpec::with(
            "normal",
            Kind::Point,
            "",
            "null",
            "points to the side that is kept; towards the head if not given",
        ),
        ParamSpec::with("corner", Kind::Point, "mm", "null", "a corner of the box"),
        ParamSpec::with("opposite", Kind::Point, "mm", "null", "the opposite corner of the box"),
        ParamSpec::with("cap", Kind::Bool, "", "true", "close the cut by a flat lid"),
        RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { surface, by, point, normal, corner, opposite, cap, result } = params;
        let source = surface_of(case, surface)?;
        let planes = match by {
            Knife::Plane => {
                let point = point.map_or_else(|| source.surface().bounds().centre(), Point::from);
                let plane = Plane::new(point, normal.map_or_else(Vector::z, Vector::from));
                let text = "normal = 0,0,0 has no direction; give one, e.g. 0,0,1 for the side of the head";
                vec![plane.ok_or_else(|| CommandError::BadParams(text.into()))?]
            }
            Knife::Box => {
                let (Some(a), Some(b)) = (corner, opposite) else {
                    let text = "a box needs both 'corner' and 'opposite'";
                    return Err(CommandError::BadParams(text.into()));
                };
                walls(&Aabb::of([&a.into(), &b.into()]))?
            }
        };
        Ok(Box::new(move |progress| {
            let mut kept = source.surface().clone();
            for (n, plane) in planes.iter().enumerate() {
                let part = n as f64 / planes.len() as f64..(n + 1) as f64 / planes.len() as f64;
                kept = clip(&kept, plane, cap, &progress.part(part, "cut")).map_err(|e| CommandError::failed(&e))?;
            }
            let mut summary = source.account(
                &kept,
                Summary::default().method("Cut along the plane; the lid is a constrained Delaunay triangulation."),
            );
            if !cap {
                summary.warnings.clear();
            }
            Ok(source.becomes("clipped", kept, summary, result))
        }))
    }
}

/// The six walls of a box, their normals inward.
fn walls(around: &Aabb) -> Result<Vec<Plane>, CommandError> {
    let size = around.size();
    if (0..3).any(|axis| size[axis] <= 0.0) {
        let text =
            format!("the box is {:.1} × {:.1} × {:.1} mm; every side must be longer than 0", size.x, size.y, size.z);
        return Err(CommandError::BadParams(text));
    }
    let wall = |axis: usize, (corner, way): (Point, f64)| Plane::new(corner, Vector::ith(axis, way));
    let both = [(around.min, 1.0), (around.max, -1.0)];
    Ok((0..3).flat_map(|axis| both.into_iter().filter_map(move |side| wall(axis, side))).collect())
}
