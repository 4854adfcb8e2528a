//! Terms of an electrode's contacts: in which segment each lies, how far it is from targets, and from vessels and what is spared.

use super::Term;
use super::scene::{Body, Scene};
use crate::geom::Point;
use crate::plan::path::{Contacts, Path};
use crate::plan::{Bounded, Plan, Structure};

const CONTACT: &str = "From the middle of the contact to the border of the structure, negative inside; its ends are half its length \
     away along the electrode. Segments are those at its middle, of all segmentations that the plan names. Bounds are half a \
     voxel's diagonal and e.";
const WITHIN: &str =
    "Contacts whose middle lies in a target; bounds move the edges of targets by half a voxel's diagonal and e.";
const DEPTH: &str = "From the entry to the middle of the contact, along the electrode.";

/// The terms of `contacts` on `path`, the contact at the tip first.
pub(super) fn terms(plan: &Plan, scene: &Scene, path: &Path, contacts: &Contacts) -> Vec<Term> {
    let places = contacts.places(path);
    let targets: Vec<&Body> = bodies(scene, plan.targets.iter().map(|target| target.structure));
    let spared = plan.keep_out.iter().map(|keep_out| keep_out.structure).chain(plan.vessels.iter().copied());
    let spared = bodies(scene, spared);
    let mut terms: Vec<Term> = Vec::with_capacity(places.len() + 1);
    if !targets.is_empty() {
        let within = |more: f64| {
            let is_in = |at: &&Point| nearest(&targets, at).is_some_and(|(body, mm)| mm < more * scene.half_mm(body));
            places.iter().filter(is_in).count() as f64
        };
        let value = Bounded { value: within(0.0), low: within(-1.0), high: within(1.0) };
        let count = places.len();
        let term = Term::value("contacts/in_targets", "contacts in targets", value, "1", WITHIN);
        terms.push(term.because(format!("of {count} contacts on the path")));
    }
    for (n, at) in places.iter().enumerate() {
        let (id, number) = (format!("contact/{}", n + 1), n + 1);
        let segments = scene.segments_at(at);
        let lies = if segments.is_empty() {
            "its middle lies in no segment".to_owned()
        } else {
            format!("its middle lies in {}", segments.join(", "))
        };
        let why = match nearest(&spared, at) {
            Some((body, mm)) => format!("{lies}; nearest vessel or spared structure: {}, {mm:.1} mm", body.name),
            None => lies,
        };
        let term = match nearest(&targets, at).or_else(|| nearest(&spared, at)) {
            Some((body, mm)) => {
                let title = format!("contact {number}, distance to {}", body.name);
                Term::value(&id, title, Bounded::within(mm, scene.half_mm(body)), "mm", CONTACT)
            }
            None => {
                let depth_mm = (at - path.entry()).norm();
                Term::value(&id, format!("contact {number}, depth"), Bounded::exact(depth_mm), "mm", DEPTH)
            }
        };
        terms.push(term.because(why));
    }
    terms
}

fn bodies(scene: &Scene, structures: impl Iterator<Item = Structure>) -> Vec<&Body> {
    structures.filter_map(|structure| scene.body(structure)).collect()
}

/// The body that a place is nearest to or deepest in, with the distance, negative inside.
fn nearest<'a>(bodies: &[&'a Body], at: &Point) -> Option<(&'a Body, f64)> {
    let all = bodies.iter().filter_map(|body| Some((*body, body.obstacle()?.signed_mm(at))));
    all.min_by(|a, b| a.1.total_cmp(&b.1))
}
