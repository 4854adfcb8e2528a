//! `surface.clip`: cut a surface by a plane, a box or a closed curve on it.

use super::shared::effect::Outcome;
use super::shared::solid::{RESULT, SURFACE, surface_of};
use crate::base::{NodeId, Summary};
use crate::geom::{Aabb, Plane, Point, Vector};
use crate::mesh::clip::clip;
use crate::mesh::clip_curve::{Keep, clip_by_curve};
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Cut a surface by a plane, a box or a closed curve.
#[derive(Debug)]
pub struct SurfaceClip;

/// What cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Knife {
    Plane,
    Box,
    Curve,
}

/// Which side of a curve stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    Inside,
    Outside,
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
    curve: Option<Vec<[f64; 3]>>,
    keep: Side,
    cap: bool,
    result: Outcome,
}

impl Tool for SurfaceClip {
    const ID: &'static str = "surface.clip";
    const LABEL: &'static str = "Clip surface…";
    const HELP: &'static str = "Keep what lies on one side of a plane, inside a box, or inside or outside a closed curve drawn on the surface, closed by lids.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        SURFACE,
        ParamSpec::with("by", Kind::Choice(&["plane", "box", "curve"]), "", "\"plane\"", "what cuts"),
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
        ParamSpec::with("curve", Kind::Points, "mm", "null", "points of the curve on the surface, in order"),
        ParamSpec::with(
            "keep",
            Kind::Choice(&["inside", "outside"]),
            "",
            "\"inside\"",
            "what a curve leaves: the patch inside it, or the rest",
        ),
        ParamSpec::with("cap", Kind::Bool, "", "true", "close the cut by a lid"),
        RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { surface, by, point, normal, corner, opposite, curve, keep, cap, result } = params;
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
            Knife::Curve => Vec::new(),
        };
        let curve: Vec<Point> = match (by, curve) {
            (Knife::Curve, None) => {
                let text = "a curve needs 'curve': at least 3 points on the surface, in order";
                return Err(CommandError::BadParams(text.into()));
            }
            (Knife::Curve, Some(points)) => points.into_iter().map(Point::from).collect(),
            _ => Vec::new(),
        };
        let keep = if keep == Side::Inside { Keep::Inside } else { Keep::Outside };
        Ok(Box::new(move |progress| {
            let mut kept = source.surface().clone();
            if !curve.is_empty() {
                kept =
                    clip_by_curve(&kept, &curve, keep, cap, progress).map_err(|error| CommandError::failed(&error))?;
            }
            for (n, plane) in planes.iter().enumerate() {
                let part = n as f64 / planes.len() as f64..(n + 1) as f64 / planes.len() as f64;
                kept = clip(&kept, plane, cap, &progress.part(part, "cut")).map_err(|e| CommandError::failed(&e))?;
            }
            let mut summary = source.account(
                &kept,
                Summary::default()
                    .method("Cut where it meets the surface; the lid is a constrained Delaunay triangulation."),
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
