//! `plan.implant`: implants put on bone, how well they fit, and which of several sizes fits best; a new object, or an action of a
//! plan.

mod planned;

use crate::base::{NodeId, Progress, Summary, Table};
use crate::geom::{Point, Vector};
use crate::mesh::{Bvh, Surface};
use crate::plan::Implant;
use crate::plan::bone::{BoneError, ImplantFit, Seat, implant_fit, put_at, settle};
use crate::plan::uncertainty;
use crate::session::{
    Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool, data::SurfaceData,
};
use crate::tools::shared::bone::Bone;
use crate::tools::shared::plans::{self, bad};
use crate::tools::shared::solid::{Source, surface_of};
use planned::{Planned, library};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An implant that is to lie on bone may be this deep in it: about what smoothing moves a bone's surface.
const DEEPEST_MM: f64 = 0.2;
/// Implants of one list.
const IMPLANTS_MAX: usize = 50;

const BOUNDS: &str = "Bounds move the edge of the bone by half a voxel's diagonal, where it has voxels, and e in and out: contact counts what \
    is surely, or may be, that near; gap and depth change by as much.";

/// Implants on bone.
#[derive(Debug)]
pub struct PlanImplant;

/// Parameters of [`PlanImplant`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    implant: NodeId,
    bone: String,
    others: Option<String>,
    plan: Option<NodeId>,
    action: Option<usize>,
    at: Option<[f64; 3]>,
    along: Option<[f64; 3]>,
    upside_down: bool,
    settle: bool,
    contact_mm: f64,
    facing_mm: f64,
}

impl Tool for PlanImplant {
    const ID: &'static str = "plan.implant";
    const LABEL: &'static str = "Fit an implant…";
    const HELP: &'static str = "Put a plate or another implant on bone and colour it by its distance to it; of several sizes, tell which fits best.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("implant", Kind::Node(NodeKind::Surface), "", "the implant, e.g. from an STL file"),
        ParamSpec::needed("bone", Kind::Text, "", "the bone: a segment by its name, or a surface by its number"),
        ParamSpec::with(
            "others",
            Kind::Text,
            "",
            "null",
            "other implants to be tried at the same place, as numbers with commas, or 'all' for all that were brought in with it (import.implants); the best is kept",
        ),
        ParamSpec::with(
            "plan",
            Kind::Node(NodeKind::Plan),
            "",
            "null",
            "put it into this plan as an action, where it is scored; a new object if not given",
        ),
        ParamSpec::with(
            "action",
            Kind::Integer(1, 200),
            "",
            "null",
            "the number of the implant in the plan that it takes the place of, from 1; it lies where that one does if no place is given; at the end if not given",
        ),
        ParamSpec::with(
            "at",
            Kind::Point,
            "mm",
            "null",
            "a place on the bone it is put on; where it lies now if not given",
        ),
        ParamSpec::with(
            "along",
            Kind::Point,
            "",
            "null",
            "the direction of its longest side, where a place is given; as it lies now if not given",
        ),
        ParamSpec::with(
            "upside_down",
            Kind::Bool,
            "",
            "false",
            "its other side faces the bone, where a place is given",
        ),
        ParamSpec::with("settle", Kind::Bool, "", "true", "move it until it lies on the bone as well as it can"),
        ParamSpec::with("contact_mm", Kind::Number(0.05, 5.0), "mm", "0.5", "up to this distance it touches the bone"),
        ParamSpec::with("facing_mm", Kind::Number(0.1, 30.0), "mm", "6.0", "up to this distance it faces the bone"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let mut implants = vec![(params.implant, surface_of(case, params.implant)?)];
        if params.others.as_deref().map(str::trim) == Some("all") {
            implants = library(case, params.implant, implants)?;
        }
        let others = params.others.as_deref().filter(|text| text.trim() != "all");
        for part in others.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|part| !part.is_empty()) {
            let id = part.trim_start_matches('#').parse().map(NodeId);
            let id = id.map_err(|_| bad(format!("others = '{part}' is no number of an object; give e.g. 4,5")))?;
            if implants.iter().all(|(other, _)| *other != id) {
                implants.push((id, surface_of(case, id)?));
            }
        }
        if IMPLANTS_MAX < implants.len() {
            return Err(bad(format!("{} implants are too many; try at most {IMPLANTS_MAX} at once", implants.len())));
        }
        if params.facing_mm < params.contact_mm {
            let Params { facing_mm, contact_mm, .. } = params;
            return Err(bad(format!("facing_mm = {facing_mm} is less than contact_mm = {contact_mm}; raise it")));
        }
        let structure = plans::find(case, &params.bone)?;
        if implants.iter().any(|(id, _)| structure.segment.is_none() && *id == structure.node) {
            return Err(bad("the bone is the implant itself; choose another object as one of them"));
        }
        let planned = match params.plan {
            Some(plan) => Some(Planned::of(case, plan, params.action, structure)?),
            None if params.action.is_some() => {
                return Err(bad("action is of a plan; say which with plan"));
            }
            None => None,
        };
        let bone_name = plans::name_of(case, structure);
        let bone = Bone::of(case, structure, "choose a bone that the implant is put on")?;
        Ok(Box::new(move |progress| {
            let (slice_mm, known_mm) = (bone.slice_mm(), bone.known_mm(uncertainty::EDGE_MM));
            let bone = bone.surface(&progress.part(0.0..0.2, "bone"))?;
            let search = Bvh::new(&bone);
            let mut tried = Vec::with_capacity(implants.len());
            for (n, (_, implant)) in implants.iter().enumerate() {
                let share = |k: usize| 0.2 + 0.8 * k as f64 / implants.len() as f64;
                let progress = progress.part(share(n)..share(n + 1), "fit");
                let from = planned.as_ref().and_then(|planned| planned.lies.as_ref());
                tried.push(fit_of(implant, &bone, &search, &params, from, &progress)?);
            }
            let best = (0..tried.len()).min_by(|a, b| tried[*a].cost().total_cmp(&tried[*b].cost())).unwrap_or(0);
            let summary = told(&implants, &tried, best, &bone_name, (slice_mm, known_mm), &params);
            match planned {
                Some(planned) => planned.edit(&implants[best], &tried[best], summary, progress),
                None => Ok(edit(&implants[best], tried.swap_remove(best), &bone_name, summary)),
            }
        }))
    }
}

/// An implant that was tried.
struct Tried {
    put: Surface,
    seat: Seat,
    fit: ImplantFit,
}

impl Tried {
    /// What is compared: the mean gap where it faces the bone, and how deep it is inside; nothing faced is worst.
    fn cost(&self) -> f64 {
        self.fit.gap_mean_mm.map_or(f64::INFINITY, |gap| gap + self.fit.deepest_mm)
    }
}

fn fit_of(
    implant: &Source,
    bone: &Surface,
    search: &Bvh,
    params: &Params,
    from: Option<&Implant>,
    progress: &Progress,
) -> Result<Tried, CommandError> {
    let said = |error: BoneError| match error {
        BoneError::Cancelled(stop) => CommandError::from(stop),
        other => bad(format!("{}: {other}", implant.name())),
    };
    let surface = implant.surface();
    let mut seat = match params.at {
        Some(at) => {
            let along = params.along.map(Vector::from).filter(|v| 0.0 < v.norm());
            put_at(surface, search, &Point::from(at), along.as_ref(), params.upside_down).map_err(said)?
        }
        // Another size lies with its middle where the planned one's is.
        None => match from {
            Some(own) => {
                let (turn, about) = (own.turn().rotation(), surface.bounds().centre());
                Seat { turn, about, shift: own.middle() - about, steps: 0 }
            }
            None => Seat::still(surface),
        },
    };
    if params.settle {
        let progress = progress.part(0.0..0.6, "settle");
        seat = settle(surface, search, seat, params.facing_mm, DEEPEST_MM, &progress).map_err(said)?;
    }
    let put = seat.of(surface);
    let progress = progress.part(0.6..1.0, "distances");
    let fit = implant_fit(&put, bone, params.contact_mm, params.facing_mm, &progress).map_err(said)?;
    Ok(Tried { put, seat, fit })
}

fn told(
    implants: &[(NodeId, Source)],
    tried: &[Tried],
    best: usize,
    bone: &str,
    (slice_mm, known_mm): (Option<f64>, f64),
    params: &Params,
) -> Summary {
    let known = |one: &Tried| one.fit.known_within(&one.put, params.contact_mm, known_mm);
    let Tried { seat, fit, .. } = &tried[best];
    let (contact, deepest, gap) = known(&tried[best]);
    let mut summary = Summary::default()
        .bounded("in contact", contact.all(), "%")
        .bounded("deepest within the bone", deepest.all(), "mm")
        .fact("turned", seat.turn.angle().to_degrees(), "°")
        .fact("shifted", seat.shift.norm(), "mm");
    match gap {
        Some(gap) => summary = summary.bounded("mean gap", gap.all(), "mm"),
        None => {
            let text = format!("nothing of it is within {} mm of {bone}: put it on the bone (at)", params.facing_mm);
            summary = summary.warning(text);
        }
    }
    if params.contact_mm < fit.deepest_mm {
        let deep = fit.deepest_mm;
        summary =
            summary.warning(format!("it is {deep:.1} mm deep in {bone}: choose another place or another implant"));
    }
    if 1 < tried.len() {
        let columns = [
            ("mean gap", "mm"),
            ("mean gap, at least", "mm"),
            ("mean gap, at most", "mm"),
            ("in contact", "%"),
            ("deepest within the bone", "mm"),
            ("turned", "°"),
            ("shifted", "mm"),
        ];
        let rows = implants.iter().zip(tried).map(|((_, implant), one)| {
            let Tried { seat, fit, .. } = one;
            let gap = known(one).2;
            let others = [fit.contact_percent, fit.deepest_mm, seat.turn.angle().to_degrees(), seat.shift.norm()];
            let gaps = [gap.map(|gap| gap.value), gap.map(|gap| gap.low), gap.map(|gap| gap.high)];
            (implant.name().to_owned(), gaps.into_iter().chain(others.map(Some)))
        });
        let table = Table::new("Implants that were tried", "implant", &columns);
        summary = summary.table(rows.fold(table, |table, (name, values)| table.row(name, values)));
    }
    let Params { contact_mm, facing_mm, .. } = params;
    summary = summary.method(format!(
        "Distances of the implant's vertices to the bone, negative within it. In contact is what is within {contact_mm} mm, by \
         area; the mean gap is over what is within {facing_mm} mm. The best of several has the least sum of mean gap and depth."
    ));
    summary = summary.method(BOUNDS).method(uncertainty::EDGE_SOURCE);
    if params.settle {
        summary = summary.method(format!(
            "It was moved as a stiff body until what faces the bone lies on it in the sense of least squares (point-to-plane \
             steps: Chen & Medioni 1992, Image Vis Comput 10:145), places within the bone weighing eight times as much, then out \
             of the bone to a depth of {DEEPEST_MM} mm."
        ));
    }
    let known = slice_mm.map_or_else(
        || "The scan behind the bone is not known".to_owned(),
        |mm| format!("The bone is known to about half its slices of {mm:.2} mm"),
    );
    summary
        .limit(format!("{known}; gaps smaller than that mean nothing."))
        .limit("The implant is stiff and is not bent to the bone; screws, muscles and the way in are not looked at.")
}

fn edit((id, implant): &(NodeId, Source), tried: Tried, bone: &str, summary: Summary) -> Edit {
    let fields = vec![tried.fit.field];
    let colours = fields[0].name.clone();
    let data = SurfaceData { surface: tried.put, fields };
    let said = summary.warnings.first().cloned();
    let node = Node::new(format!("{} on {bone}", implant.name()), Data::Surface(Arc::new(data)));
    let node = node.with_summary(summary).from_source(*id).coloured_by(&colours);
    let mut edit = Edit::new(format!("fit {} to {bone}", implant.name())).add(node).change(implant.hidden());
    edit.message = said;
    edit
}

#[cfg(test)]
mod tests;
