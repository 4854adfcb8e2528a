//! Terms of several actions at once: paths that meet, ports that work together.

use super::cut::{key, place};
use super::scene::Scene;
use super::{Term, Verdict};
use crate::plan::access::{AccessRules, Position, access};
use crate::plan::path::{Path, conflicts};
use crate::plan::{Action, Bounded, Plan, Port};

/// The least gap between two instruments: this program's choice, so that both can be placed.
const GAP_MM: f64 = 1.0;
const GAP: &str = "Least distance between the sides of two instruments as cylinders with round ends, exact.";
const ANGLE: &str = "Between the ways of two instruments to the middle of the target; the bounds are the turn that half a voxel of \
     the target and e make.";
const HANNA: &str = "best at 60°: Hanna, Shimi & Cuschieri 1997, Surg Endosc 11:397; Supe and others 2010, doi \
     10.4103/0972-9941.65161; accepted 30 to 90° is this program's range";
const ELEVATION: &str = "Between the instrument's way to the middle of the target and the horizontal plane of the patient as positioned, positive \
     from above.";
const TILT: &str = "How far the table is turned so that the head is higher (reverse Trendelenburg), negative with the head lower; up is \
     against gravity. The anatomy is that of the scan: organs that move with the position are not moved.";
const SUPE: &str = "60° goes with a manipulation angle of 60°: Supe and others 2010, doi 10.4103/0972-9941.65161";

/// The terms of all paths and all ports of `plan` with one another.
pub(super) fn terms(plan: &Plan, scene: &Scene) -> Vec<Term> {
    meetings(plan).into_iter().chain(ports(plan, scene)).collect()
}

/// The closest two of all needles, probes and screws.
fn meetings(plan: &Plan) -> Option<Term> {
    let path = |action: &Action| match action {
        Action::Needle(needle) => Path::of_needle(needle).ok(),
        Action::Ablation(zone) => Path::of_needle(&zone.needle).ok(),
        Action::Screw(screw) => Path::of_screw(screw).ok(),
        _ => None,
    };
    let named = plan.actions.iter().filter_map(|named| Some((named.name.as_str(), path(&named.action)?)));
    let (names, paths): (Vec<&str>, Vec<Path>) = named.unzip();
    let all = conflicts(&paths, GAP_MM);
    let closest = all.iter().min_by(|a, b| a.gap_mm.total_cmp(&b.gap_mm))?;
    let clashing = all.iter().filter(|meeting| meeting.is_conflict).count();
    let [a, b] = closest.paths.map(|n| names[n]);
    let more = if 1 < clashing { format!("; {clashing} pairs are too near") } else { String::new() };
    let why = format!("{a} and {b}, nearest at {}{more}", place(&closest.places[0]));
    let gap = Term::value("paths/gap", "least gap between instruments", Bounded::exact(closest.gap_mm), "mm", GAP);
    Some(gap.at_least(GAP_MM, true).because(why).cited("1 mm is this program's choice"))
}

/// How the patient lies, and which way is up.
fn lies(plan: &Plan, position: &Position) -> Term {
    let value = Bounded::exact(position.head_up_degrees);
    let term = Term::value("access/position", "position of the patient, head up", value, "°", TILT);
    let [up, lie] = [up_words(position), position.lie.words().to_owned()];
    term.because(format!("{lie}; up is {up} (LPS)")).cited(match plan.limits.position {
        Some(_) => "position in this plan",
        None => "no position is given in this plan: on the back and level",
    })
}

fn up_words(position: &Position) -> String {
    // No −0.
    position.up().iter().map(|x| format!("{:.2}", if x.abs() < 5e-3 { 0.0 } else { *x })).collect::<Vec<_>>().join(", ")
}

/// How the ports of the plan reach the middle of each target together.
fn ports(plan: &Plan, scene: &Scene) -> Vec<Term> {
    let named = plan.actions.iter().filter_map(|named| match &named.action {
        Action::Port(port) => Some((named.name.as_str(), port.clone())),
        _ => None,
    });
    let (names, ports): (Vec<&str>, Vec<Port>) = named.unzip();
    let mut terms = Vec::new();
    if ports.is_empty() {
        return terms;
    }
    let position = plan.limits.position.unwrap_or_default();
    let rules = AccessRules::lying(&position);
    terms.push(lies(plan, &position));
    for target in &plan.targets {
        let Some(body) = scene.body(target.structure) else { continue };
        let key = key(&target.structure);
        // What lies in the way is a term of each port, with the distance that the plan wants.
        let found = match access(&ports, &body.middle(), &[], &rules) {
            Ok(found) => found,
            Err(why) => {
                terms.push(Term::not_valid(&format!("access/{key}"), "access", "°", why.to_string()));
                continue;
            }
        };
        let turn = |mm: f64| (scene.half_mm(body) / mm.max(1e-3)).atan().to_degrees();
        for (n, (name, reach)) in names.iter().zip(&found.reaches).enumerate() {
            let value = Bounded::within(reach.elevation_degrees, turn(reach.distance_mm));
            let title = format!("elevation of {name} at {}", body.name);
            terms.push(Term::value(&format!("elevation/{}/{key}", n + 1), title, value, "°", ELEVATION).cited(SUPE));
        }
        for pair in &found.pairs {
            let [a, b] = pair.ports;
            let nearest = pair.ports.map(|n| found.reaches[n].distance_mm).into_iter().fold(f64::INFINITY, f64::min);
            let value = Bounded::within(pair.manipulation_degrees, 2.0 * turn(nearest)).at_least(0.0);
            let title = format!("angle between {} and {} at {}", names[a], names[b], body.name);
            let id = format!("manipulation/{}-{}/{key}", a + 1, b + 1);
            let mut term = Term::value(&id, title, value, "°", ANGLE).cited(HANNA);
            term.limit = "30 to 90 °".to_owned();
            let [low, high] = rules.manipulation_range_degrees;
            term.verdict = Verdict::at_least(&value, low).max(Verdict::at_most(&value, high));
            if let Some(off) = pair.off_camera_degrees {
                term = term.because(format!("the camera looks {off:.0}° beside the middle between them"));
            }
            terms.push(term);
        }
    }
    terms
}
