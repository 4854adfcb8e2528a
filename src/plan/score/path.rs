//! Terms of straight paths: length, angle, target, distances to what must be spared, air; and the reach of ports.

use super::cut::{key, place};
use super::measure::{least, length_where, normal_of_layer};
use super::scene::{Body, Scene};
use super::{Term, Verdict, contacts, matter};
use crate::geom::Point;
use crate::plan::path::passes::runs_along;
use crate::plan::path::{Path, approach, skin_entry};
use crate::plan::{Bounded, KeepOut, Needle, Plan, Port, Screw};

/// From the entry, a surface of voxels that a path goes through is taken for flat.
const FLAT_MM: f64 = 10.0;
/// An entry farther from its surface than this is none.
pub(crate) const ENTRY_MM: f64 = 5.0;
/// Diameter of the instrument in a port, for what it comes near: the usual 5 mm.
const INSTRUMENT_MM: f64 = 5.0;
/// Between two looks along a path.
const STEP_MM: f64 = 0.25;

/// What a path needs.
pub(crate) const NO_ENTRY: &str = "the plan has no surface that paths go in through; segment the skin (or skull or bone) and give it \
     as the entry of the plan";

const LENGTH: &str = "Straight from the entry to the tip.";
const DISTANCE: &str = "Least distance between the structure and the instrument as a cylinder with a round tip, exact to the faces \
     of voxels, triangles, or vessels as cones; bounds are half a voxel's diagonal and e.";
const ANGLE: &str = "Between the path and the normal of the plane that fits the entry surface best within 10 mm; bounds are the \
     turn that half a voxel makes over that distance.";
const ANGLE_OF_SURFACE: &str = "Between the path and the normal of the surface where it goes in, smoothed over the corners of the \
     triangle; bounds are the turn that half an edge of a triangle makes over 10 mm.";
const HORIZON: &str = "Between the port's axis at rest and the horizontal plane of the patient as positioned: 90° points straight down, \
     negative points up.";
const DEPTH: &str =
    "From the tip to the nearest border of the target, positive inside; bounds are half a voxel's diagonal and e.";

pub(super) fn needle_terms(plan: &Plan, scene: &Scene, needle: &Needle) -> Vec<Term> {
    let path = match Path::of_needle(needle) {
        Ok(path) => path,
        Err(why) => return vec![Term::not_valid("length", "length", "mm", why.to_string()).hard(true)],
    };
    let mut terms = vec![length(plan, &path)];
    terms.extend(angle(plan, scene, &path));
    terms.extend(tip(plan, scene, &path.target()));
    terms.extend(matter::terms(plan, scene, &path));
    terms.extend(distances(plan, scene, &path));
    terms.extend(needle.contacts.iter().flat_map(|contacts| contacts::terms(plan, scene, &path, contacts)));
    terms
}

pub(super) fn screw_terms(plan: &Plan, scene: &Scene, screw: &Screw) -> Vec<Term> {
    let path = match Path::of_screw(screw) {
        Ok(path) => path,
        Err(why) => return vec![Term::not_valid("length", "length", "mm", why.to_string()).hard(true)],
    };
    let mut terms = vec![length(plan, &path)];
    terms.extend(distances(plan, scene, &path));
    terms
}

fn length(plan: &Plan, path: &Path) -> Term {
    let term = Term::value("length", "length", Bounded::exact(path.length_mm()), "mm", LENGTH);
    match plan.limits.length_mm_max {
        Some(most) => term.at_most(most).cited("limit of this plan"),
        None => term,
    }
}

fn angle(plan: &Plan, scene: &Scene, path: &Path) -> Option<Term> {
    let (id, name) = ("angle", "angle to the normal of the entry surface");
    let most = plan.limits.angle_degrees_max;
    let not_valid = |reason: String| {
        let term = Term::not_valid(id, name, "°", reason);
        Some(match most {
            Some(most) => term.at_most(most),
            None => term,
        })
    };
    let Some(entry) = plan.entry else {
        // Nobody asked for an angle where there is nothing to be slanted to.
        return most.and_then(|_| not_valid(NO_ENTRY.to_owned()));
    };
    let Some(body) = scene.body(entry) else {
        return not_valid(format!("{} is empty or was removed; choose the entry surface again", scene.name(entry)));
    };
    let (degrees, method) = match &body.surface {
        Some(search) => match skin_entry(path, search, body.normals()) {
            Ok(found) => (found.angle_degrees, ANGLE_OF_SURFACE),
            Err(why) => return not_valid(why.to_string()),
        },
        None => match angle_to_layer(body, path) {
            Ok(degrees) => (degrees, ANGLE),
            Err(why) => return not_valid(why),
        },
    };
    let turn = (body.half_mm / FLAT_MM).atan().to_degrees();
    let term = Term::value(id, name, Bounded::within(degrees, turn).at_least(0.0), "°", method);
    Some(match most {
        Some(most) => term.at_most(most).cited("limit of this plan"),
        None => term,
    })
}

/// Whether `entry` lies on the outer surface of `body`, within [`ENTRY_MM`]. A body may be filled, or have holes: then a place
/// deep in it is none that a path could begin at, for what lies before it would not be looked at.
///
/// # Errors
/// A sentence that says how far off it is.
pub(crate) fn on_surface(body: &Body, entry: &Point) -> Result<(), String> {
    let exact_mm = body.surface.as_ref().and_then(|search| search.closest(entry)).map(|nearest| nearest.distance_mm);
    let off_mm = exact_mm.or_else(|| Some(least(body, |point| (point - entry).norm())?.0)).unwrap_or(0.0);
    if ENTRY_MM < off_mm && !body.holds(entry) {
        return Err(format!(
            "the entry lies {off_mm:.1} mm off {}; put it on the surface, at most {ENTRY_MM} mm away",
            body.name
        ));
    }
    let under_mm = match &body.solid {
        Some(solid) if solid.surrounds(entry) => {
            let far_mm = |point: &Point| (point - entry).norm();
            let is_near = |(point, _): &(Point, f64)| far_mm(point) <= ENTRY_MM && solid.is_outer(point);
            if body.border.iter().any(is_near) {
                return Ok(());
            }
            let outside = |point: &Point| if solid.is_outer(point) { far_mm(point) } else { f64::INFINITY };
            least(body, outside).map_or(0.0, |(mm, _)| mm)
        }
        None if body.holds(entry) => off_mm,
        _ => 0.0,
    };
    if ENTRY_MM < under_mm {
        return Err(format!(
            "the entry lies {under_mm:.1} mm under the outside of {}; put it on the skin, at most {ENTRY_MM} mm under it",
            body.name
        ));
    }
    Ok(())
}

/// The angle to a skin of voxels, whose own faces look along the axes of the grid only.
fn angle_to_layer(body: &Body, path: &Path) -> Result<f64, String> {
    let entry = path.entry();
    on_surface(body, &entry)?;
    let ragged = || format!("{} is too ragged or too curved within {FLAT_MM} mm for a normal", body.name);
    let normal = normal_of_layer(body, &entry, &path.along(), FLAT_MM).ok_or_else(ragged)?;
    Ok(path.along().dot(&normal).abs().min(1.0).acos().to_degrees())
}

/// How deep the tip lies in the target nearest to it.
fn tip(plan: &Plan, scene: &Scene, tip: &Point) -> Option<Term> {
    let gone = plan.targets.iter().find(|target| scene.body(target.structure).is_none());
    let targets = plan.targets.iter().filter_map(|target| Some((target, scene.body(target.structure)?)));
    let depths = targets.filter_map(|(target, body)| Some((target, body, -body.obstacle()?.signed_mm(tip))));
    let deepest = depths.max_by(|a, b| a.2.total_cmp(&b.2));
    // One that is gone may be the one that the path is for.
    if let Some(gone) = gone.filter(|_| deepest.as_ref().is_none_or(|(.., mm)| *mm < 0.0)) {
        let (id, name) = (format!("tip/{}", key(&gone.structure)), scene.name(gone.structure));
        let why = format!("{name} is empty or was removed; choose the target again");
        return Some(Term::not_valid(&id, format!("tip inside {name}"), "mm", why).at_least(0.0, true));
    }
    let (target, body, depth_mm) = deepest?;
    let id = format!("tip/{}", key(&target.structure));
    let value = Bounded::within(depth_mm, scene.half_mm(body));
    let term = Term::value(&id, format!("tip inside {}", body.name), value, "mm", DEPTH).at_least(0.0, true);
    let reason = if depth_mm < 0.0 { format!("the tip does not reach {}", body.name) } else { String::new() };
    Some(term.because(reason))
}

fn distances<'a>(plan: &'a Plan, scene: &'a Scene, path: &'a Path) -> impl Iterator<Item = Term> + 'a {
    plan.keep_out.iter().map(move |keep_out| distance(keep_out, scene, path))
}

/// Length of the axis within a body: exact to the faces of voxels.
pub(crate) fn through_mm(body: &Body, path: &Path) -> f64 {
    if let Some(solid) = &body.solid {
        let is_inside = |voxel: Option<[usize; 3]>| voxel.is_some_and(|v| solid.is_inside(v.map(|x| x as isize)));
        let runs = runs_along(path, solid.grid(), is_inside);
        return runs.iter().filter(|run| run.of).map(|run| run.to_mm - run.from_mm).sum();
    }
    let ends = [&path.entry(), &path.target()];
    body.obstacle().map_or(0.0, |own| length_where(ends, STEP_MM, |point| own.signed_mm(point) < 0.0))
}

/// The same with the edge of the body known within `known_mm`: where it lies that deep, and where it lies that near.
pub(crate) fn through(body: &Body, path: &Path, known_mm: f64) -> Bounded {
    let value = Bounded::exact(through_mm(body, path));
    let Some(own) = body.obstacle() else { return value };
    let ends = [&path.entry(), &path.target()];
    let within = |mm: f64| length_where(ends, STEP_MM, |point| own.signed_mm(point) < mm);
    Bounded { value: value.value, low: within(-known_mm), high: within(known_mm) }.about(value.value)
}

fn distance(keep_out: &KeepOut, scene: &Scene, path: &Path) -> Term {
    let (id, name) = (format!("keep/{}", key(&keep_out.structure)), scene.name(keep_out.structure));
    let title = format!("distance to {name}");
    let nearest = scene.body(keep_out.structure).and_then(|body| Some((body, approach(path, body.obstacle()?))));
    let Some((body, near)) = nearest else {
        let term = Term::not_valid(&id, title, "mm", format!("{name} is empty or was removed; choose it again"));
        return term.at_least(keep_out.distance_mm, keep_out.weight.is_none());
    };
    let is_touched = near.distance_mm.value <= 0.0;
    // Only what is touched can be gone through.
    let through = if is_touched { through(body, path, scene.half_mm(body)) } else { Bounded::exact(0.0) };
    let mut term =
        Term::value(&id, title, near.distance_mm.widened(scene.beyond_mm(body)).at_least(0.0), "mm", DISTANCE);
    term = term.at_least(keep_out.distance_mm, keep_out.weight.is_none());
    if is_touched {
        term.verdict = Verdict::Breach;
    }
    term = term.because(match (is_touched, 0.0 < through.value) {
        (true, true) => format!("{} of the path lie in {name}", through.text(1, "mm")),
        (true, false) => format!("the shaft touches {name} at {}", place(&near.on_structure)),
        (false, _) => format!("nearest at {}, {:.1} mm deep", place(&near.on_structure), near.depth_mm),
    });
    match keep_out.weight {
        Some(weight) => term.weighed(weight, keep_out.distance_mm),
        None => term,
    }
}

/// Whether each target lies within the reach and the cone of a port, and what its instrument comes near on the way to the
/// middle of it.
pub(super) fn port_terms(plan: &Plan, scene: &Scene, port: &Port) -> Vec<Term> {
    let (at, axis) = (Point::from(port.at), Point::from(port.towards) - Point::from(port.at));
    let degrees = plan.limits.position.unwrap_or_default().down_degrees(&axis);
    let mut terms = vec![Term::value("horizon", "axis to the horizontal plane", Bounded::exact(degrees), "°", HORIZON)];
    for target in &plan.targets {
        let key = key(&target.structure);
        let name = scene.name(target.structure);
        let way = |keep_out: &KeepOut, term: Term| Term {
            id: format!("keep/{}/{key}", super::cut::key(&keep_out.structure)),
            name: format!("distance to {} on the way to {name}", scene.name(keep_out.structure)),
            ..term
        };
        let blocked = |why: &str| {
            let not_valid = |keep_out: &KeepOut| {
                let term = Term::not_valid("", "", "mm", why);
                way(keep_out, term.at_least(keep_out.distance_mm, keep_out.weight.is_none()))
            };
            plan.keep_out.iter().map(not_valid).collect::<Vec<Term>>()
        };
        let Some(body) = scene.body(target.structure) else {
            let why = format!("{name} is empty or was removed; choose the target again");
            let [reach, sweep] = [format!("reach to the far side of {name}"), format!("sweep to all of {name}")];
            terms.push(Term::not_valid(&format!("reach/{key}"), reach, "mm", why.as_str()).at_most(port.reach_mm));
            terms.push(Term::not_valid(&format!("sweep/{key}"), sweep, "°", why.as_str()).at_most(port.sweep_degrees));
            terms.extend(blocked(&why));
            continue;
        };
        match Path::new(at, body.middle(), INSTRUMENT_MM) {
            Err(why) => terms.extend(blocked(&why.to_string())),
            Ok(path) => {
                terms.extend(plan.keep_out.iter().map(|keep_out| way(keep_out, distance(keep_out, scene, &path))));
            }
        }
        let farthest = least(body, |point| -(point - at).norm()).map_or(0.0, |(less, _)| -less);
        let title = format!("reach to the far side of {}", body.name);
        let reach = Bounded::within(farthest, scene.half_mm(body));
        terms.push(
            Term::value(&format!("reach/{key}"), title, reach, "mm", "Farthest place of the target from the port.")
                .at_most(port.reach_mm)
                .cited("length of the instrument in this plan"),
        );
        let off = |point: &Point| (point - at).angle(&axis).to_degrees();
        let widest = least(body, |point| -off(point)).map_or(0.0, |(less, _)| -less);
        let nearest_mm = least(body, |point| (point - at).norm()).map_or(1.0, |(mm, _)| mm.max(1e-3));
        let sweep = Bounded::within(widest, (scene.half_mm(body) / nearest_mm).atan().to_degrees()).at_least(0.0);
        let title = format!("sweep to all of {}", body.name);
        terms.push(
            Term::value(
                &format!("sweep/{key}"),
                title,
                sweep,
                "°",
                "Largest angle between the port's axis and the target.",
            )
            .at_most(port.sweep_degrees)
            .cited("cone of the port in this plan"),
        );
    }
    terms
}
