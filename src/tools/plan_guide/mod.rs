//! `plan.guide`: a guide for the saw of a planned osteotomy, to be printed.

use crate::base::{Made, NodeId};
use crate::geom::{Plane, Point, Vector};
use crate::mesh::{Bvh, Surface};
use crate::plan::bone::{BoneError, GuideRules, guide};
use crate::plan::{Action, Bounded, Osteotomy};
use crate::session::{Case, CommandError, Counts, Kind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::bone::Bone;
use crate::tools::shared::guides::{self, Printer};
use crate::tools::shared::plans::{self, PLAN, bad};
use serde::{Deserialize, Serialize};

/// A saw guide.
#[derive(Debug)]
pub struct PlanGuide;

/// Parameters of [`PlanGuide`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    plan: NodeId,
    action: usize,
    plane: usize,
    printer: Printer,
    seat: Option<[f64; 3]>,
    off: Option<[f64; 3]>,
    radius_mm: f64,
    thickness_mm: f64,
    slot_mm: f64,
}

impl Tool for PlanGuide {
    const ID: &'static str = "plan.guide";
    const LABEL: &'static str = "Saw guide…";
    const HELP: &'static str = "Make a guide for one saw cut of a planned osteotomy: a shell that lies on the bone, with a slot for the blade, to be printed.";
    const STEP: Step = Step::Plan;
    const PARAMS: &'static [ParamSpec] = &[
        PLAN,
        ParamSpec::needed("action", Kind::Integer(1, 200), "", "the number of the osteotomy in the plan, from 1"),
        ParamSpec::with("plane", Kind::Integer(1, 12), "", "1", "which of its saw cuts, from 1"),
        guides::PRINTER,
        ParamSpec::with(
            "seat",
            Kind::Point,
            "mm",
            "null",
            "where it sits; the place of the bone nearest to the fixed point of the turn if not given",
        ),
        ParamSpec::with(
            "off",
            Kind::Point,
            "",
            "null",
            "the direction it is taken off; away from the bone along the saw cut if not given",
        ),
        ParamSpec::with("radius_mm", Kind::Number(5.0, 100.0), "mm", "18.0", "radius of the bone that is covered"),
        ParamSpec::with("thickness_mm", Kind::Number(1.0, 15.0), "mm", "4.0", "thickness of the shell"),
        ParamSpec::with("slot_mm", Kind::Number(0.3, 10.0), "mm", "1.2", "width of the slot: the blade and some play"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let (own, plan) = plans::plan_of(case, params.plan)?;
        let count = plan.actions.len();
        let named = plan.actions.get(params.action - 1);
        let named = named.ok_or_else(|| bad(format!("there is no action {}; the plan has {count}", params.action)))?;
        let Action::Osteotomy(saw) = &named.action else {
            return Err(bad(format!("{} is no osteotomy; a saw guide needs one", named.name)));
        };
        let (cut, kerf_mm) = (cut_of(saw, params.plane)?, saw.kerf_mm);
        let edge_mm = plan.limits.edge_mm();
        let Some(organ) = plan.organ else {
            return Err(bad("the plan has no bone; choose it as the organ with plan.change"));
        };
        let name = plans::name_of(case, organ);
        let bone = Bone::of(case, organ, "choose a bone as the organ of the plan")?;
        let about = Point::from(params.seat.unwrap_or(saw.about));
        let title = format!("guide, {} of {}", named.name, own.name);
        let made_of = [(params.plan, Counts::Planned), (organ.node, Counts::Content)];
        let made_of: Vec<Made> = made_of.into_iter().filter_map(|(id, counts)| case.made(id, counts)).collect();
        Ok(Box::new(move |progress| {
            let (slice_mm, known_mm) = (bone.slice_mm(), bone.known_mm(edge_mm));
            let bone = bone.surface(&progress.part(0.0..0.3, "bone"))?;
            let (seat, off) = seat_and_way(&bone, &cut, &about, params.off)?;
            let rules = GuideRules {
                clearance_mm: params.printer.clearance_mm(),
                radius_mm: params.radius_mm,
                thickness_mm: params.thickness_mm,
                slot_mm: params.slot_mm,
                ..GuideRules::default()
            };
            let made = guide(&bone, &cut, &seat, &off, &rules, slice_mm, &progress.part(0.3..1.0, "guide"));
            let made = made.map_err(|error| match error {
                BoneError::Cancelled(stop) => CommandError::from(stop),
                other => bad(other.to_string()),
            })?;
            let mut summary =
                guides::account(&made.surface, made.clearance_mm, known_mm, rules.voxel_mm).made_of(made_of);
            let slot = made.slot;
            let play = slot.play(kerf_mm);
            // A guide that lies on the bone's edge where that is wrong leans by as much over its radius.
            let seated_degrees = (known_mm / rules.radius_mm).atan().to_degrees();
            let width_mm = Bounded::within(slot.width_mm, 2.0 * slot.scatter_mm);
            if slot.width_mm.is_finite() {
                let turned = [slot.off_degrees, 0.0, play.off_degrees + seated_degrees];
                summary = summary
                    .bounded("width of the slot", width_mm.all(), "mm")
                    .bounded("saw cut off its plane", [slot.off_mm, 0.0, play.off_mm + known_mm], "mm")
                    .bounded("saw cut turned to its plane", turned, "°");
            } else {
                summary = summary.warning(format!(
                    "The slot of {} mm has no walls in cubes of {} mm; make it wider.",
                    rules.slot_mm, rules.voxel_mm
                ));
            }
            summary = summary
                .fact("loose pieces left out", made.loose_pieces as f64, "1")
                .method(format!(
                    "Width and plane of the slot are those of the finished surface, by least squares; the bounds of the saw cut hold the \
                     play of a blade that cuts {kerf_mm} mm in it, and how far the guide is off or leans where the bone's edge is wrong."
                ))
                .method(format!(
                    "Shell {} mm thick with {} mm of clearance over {} mm about its seat, a slot of {} mm along the saw cut, \
                     resolved in cubes of {} mm; what the bone would hold back on the way off is left out.",
                    rules.thickness_mm, rules.clearance_mm, rules.radius_mm, rules.slot_mm, rules.voxel_mm
                ));
            let summary = guides::limited(summary, slice_mm, &name);
            Ok(guides::edit(title, made.surface, summary, made.not_valid, organ.node))
        }))
    }
}

fn cut_of(saw: &Osteotomy, number: usize) -> Result<Plane, CommandError> {
    let count = saw.planes.len();
    let [point, normal] =
        saw.planes.get(number - 1).ok_or_else(|| bad(format!("there is no saw cut {number}; there are {count}")))?;
    let plane = Plane::new(Point::from(*point), Vector::from(*normal));
    plane.ok_or_else(|| bad("the normal of the saw cut has no direction; give it one"))
}

/// The place of the bone nearest to `about`, and the way off: outwards there, but along the saw cut.
fn seat_and_way(
    bone: &Surface,
    cut: &Plane,
    about: &Point,
    off: Option<[f64; 3]>,
) -> Result<(Point, Vector), CommandError> {
    let nearest = Bvh::new(bone).closest(about);
    let nearest = nearest.ok_or_else(|| bad("the bone is empty; segment it first"))?;
    if let Some(off) = off {
        return Ok((nearest.point, Vector::from(off)));
    }
    let [a, b, c] = bone.corners(bone.triangles()[nearest.triangle]);
    let outwards = (b - a).cross(&(c - a));
    let along = outwards - cut.normal() * outwards.dot(&cut.normal());
    let way = along.try_normalize(1e-3 * outwards.norm());
    let way =
        way.ok_or_else(|| bad("the saw cut runs along the bone's surface at the seat; give a seat or the way off"))?;
    Ok((nearest.point, way))
}
