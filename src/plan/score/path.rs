//! Terms of straight paths: length, angle, target, distances to what must be spared, air; and the reach of ports.

use super::cut::{key, place};
use super::measure::{from_segment_mm, least, length_where, normal_of_layer};
use super::scene::{Body, Scene};
use super::{Term, Verdict};
use crate::geom::Point;
use crate::image::Modality;
use crate::plan::{Bounded, KeepOut, Needle, Plan, Port, Screw};

/// Air and gas in bowel; lungs are denser.
pub(crate) const AIR_HU: f64 = -900.0;
/// From the entry, the surface it goes through is taken for flat.
const FLAT_MM: f64 = 10.0;
/// An entry farther from its surface than this is none.
pub(crate) const ENTRY_MM: f64 = 5.0;
/// Between two looks along a path.
const STEP_MM: f64 = 0.25;

const LENGTH: &str = "Straight from the entry to the tip.";
const DISTANCE: &str = "Least distance between the structure's border, as its voxels show it, and the surface of the shaft from \
     entry to tip; bounds are half a voxel's diagonal.";
const ANGLE: &str = "Between the path and the normal of the plane that fits the entry surface best within 10 mm; bounds are the \
     turn that half a voxel makes over that distance.";
const DEPTH: &str =
    "From the tip to the nearest border of the target, positive inside; bounds are half a voxel's diagonal.";
const AIR: &str = "Length of the path with values below -900 HU, between voxels trilinear.";

/// A straight way with the radius of what goes along it.
struct Path {
    from: Point,
    to: Point,
    radius_mm: f64,
}

impl Path {
    fn length_mm(&self) -> f64 {
        (self.to - self.from).norm()
    }
}

pub(super) fn needle_terms(plan: &Plan, scene: &Scene, needle: &Needle) -> Vec<Term> {
    let (from, to) = (Point::from(needle.entry), Point::from(needle.target));
    let path = Path { from, to, radius_mm: 0.5 * needle.diameter_mm };
    let mut terms = vec![length(plan, &path)];
    terms.extend(angle(plan, scene, &path));
    terms.extend(tip(plan, scene, &path.to));
    terms.extend(air(scene, &path));
    terms.extend(distances(plan, scene, &path));
    terms
}

pub(super) fn screw_terms(plan: &Plan, scene: &Scene, screw: &Screw) -> Vec<Term> {
    let (from, to) = (Point::from(screw.head), Point::from(screw.tip));
    let path = Path { from, to, radius_mm: 0.5 * screw.diameter_mm };
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
    let entry = plan.entry?;
    let not_valid = |reason: String| Some(Term::not_valid(id, name, "°", reason));
    let Some(body) = scene.body(entry) else {
        return not_valid(format!("{} is empty or was removed; choose the entry surface again", scene.name(entry)));
    };
    let (off_mm, _) = least(body, |point| (point - path.from).norm())?;
    if ENTRY_MM < off_mm && !body.holds(&path.from) {
        return not_valid(format!("the entry lies {off_mm:.1} mm off {}; put it on its surface", body.name));
    }
    let Some(normal) = normal_of_layer(body, &path.from, FLAT_MM) else {
        return not_valid(format!("{} is too ragged or too curved within {FLAT_MM} mm for a normal", body.name));
    };
    let cosine = (path.to - path.from).normalize().dot(&normal).abs().min(1.0);
    let turn = (body.half_mm / FLAT_MM).atan().to_degrees();
    let value = Bounded::within(cosine.acos().to_degrees(), turn).at_least(0.0);
    let term = Term::value(id, name, value, "°", ANGLE);
    Some(match plan.limits.angle_degrees_max {
        Some(most) => term.at_most(most).cited("limit of this plan"),
        None => term,
    })
}

/// How deep the tip lies in the target nearest to it.
fn tip(plan: &Plan, scene: &Scene, tip: &Point) -> Option<Term> {
    let depth = |body: &Body| {
        let (off_mm, _) = least(body, |point| (point - tip).norm())?;
        Some(if body.holds(tip) { off_mm } else { -off_mm })
    };
    let targets = plan.targets.iter().filter_map(|target| Some((target, scene.body(target.structure)?)));
    let depths = targets.filter_map(|(target, body)| Some((target, body, depth(body)?)));
    let (target, body, depth_mm) = depths.max_by(|a, b| a.2.total_cmp(&b.2))?;
    let id = format!("tip/{}", key(&target.structure));
    let value = Bounded::within(depth_mm, body.half_mm);
    let term = Term::value(&id, format!("tip inside {}", body.name), value, "mm", DEPTH).at_least(0.0, true);
    let reason = if depth_mm < 0.0 { format!("the tip does not reach {}", body.name) } else { String::new() };
    Some(term.because(reason))
}

/// Length of air on a path, where there is a CT; the bounds of the CT cut it off.
pub(crate) fn air_mm(scene: &Scene, ends: [&Point; 2]) -> Option<f64> {
    let scan = scene.scan().filter(|scan| scan.modality == Modality::Ct)?;
    let is_air = |point: &Point| {
        let value = scan.sample_index(scan.grid().index_from_patient(*point));
        value.is_some_and(|hu| hu < AIR_HU)
    };
    Some(length_where(ends, STEP_MM, is_air))
}

fn air(scene: &Scene, path: &Path) -> Option<Term> {
    let mm = air_mm(scene, [&path.from, &path.to])?;
    let half_mm = 0.5 * scene.scan()?.grid().spacing_mm().into_iter().fold(0.0, f64::max);
    let bounds = if mm == 0.0 { Bounded::exact(0.0) } else { Bounded::within(mm, half_mm).at_least(0.0) };
    let mut term = Term::value("air", "air along the path", bounds, "mm", AIR);
    if half_mm < mm {
        term.verdict = Verdict::Warning;
        term = term.because("the path goes through air or gas");
    }
    Some(term)
}

fn distances<'a>(plan: &'a Plan, scene: &'a Scene, path: &'a Path) -> impl Iterator<Item = Term> + 'a {
    plan.keep_out.iter().map(move |keep_out| distance(keep_out, scene, path))
}

fn distance(keep_out: &KeepOut, scene: &Scene, path: &Path) -> Term {
    let (id, name) = (format!("keep/{}", key(&keep_out.structure)), scene.name(keep_out.structure));
    let title = format!("distance to {name}");
    let nearest = scene.body(keep_out.structure).and_then(|body| {
        let found = least(body, |point| from_segment_mm(point, [&path.from, &path.to]) - path.radius_mm)?;
        Some((body, found))
    });
    let Some((body, (distance_mm, at))) = nearest else {
        return Term::not_valid(&id, title, "mm", format!("{name} is empty or was removed; choose it again"));
    };
    let through_mm = length_where([&path.from, &path.to], STEP_MM, |point| body.holds(point));
    let is_touched = distance_mm <= 0.0 || 0.0 < through_mm;
    let value = Bounded::within(if is_touched { 0.0 } else { distance_mm }, body.half_mm).at_least(0.0);
    let mut term = Term::value(&id, title, value, "mm", DISTANCE);
    term = term.at_least(keep_out.distance_mm, keep_out.weight.is_none());
    if is_touched {
        term.verdict = Verdict::Breach;
    }
    term = term.because(match (is_touched, 0.0 < through_mm) {
        (true, true) => format!("{through_mm:.1} mm of the path lie in {name}"),
        (true, false) => format!("the shaft touches {name} at {}", place(&at)),
        (false, _) => format!("nearest at {}", place(&at)),
    });
    match keep_out.weight {
        Some(weight) => term.weighed(weight, keep_out.distance_mm),
        None => term,
    }
}

/// Whether each target lies within the reach and the cone of a port.
pub(super) fn port_terms(plan: &Plan, scene: &Scene, port: &Port) -> Vec<Term> {
    let (at, axis) = (Point::from(port.at), Point::from(port.towards) - Point::from(port.at));
    let mut terms = Vec::new();
    for target in &plan.targets {
        let Some(body) = scene.body(target.structure) else { continue };
        let key = key(&target.structure);
        let farthest = least(body, |point| -(point - at).norm()).map_or(0.0, |(less, _)| -less);
        let title = format!("reach to the far side of {}", body.name);
        let reach = Bounded::within(farthest, body.half_mm);
        terms.push(
            Term::value(&format!("reach/{key}"), title, reach, "mm", "Farthest place of the target from the port.")
                .at_most(port.reach_mm)
                .cited("length of the instrument in this plan"),
        );
        let off = |point: &Point| (point - at).angle(&axis).to_degrees();
        let widest = least(body, |point| -off(point)).map_or(0.0, |(less, _)| -less);
        let nearest_mm = least(body, |point| (point - at).norm()).map_or(1.0, |(mm, _)| mm.max(1e-3));
        let sweep = Bounded::within(widest, (body.half_mm / nearest_mm).atan().to_degrees()).at_least(0.0);
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
