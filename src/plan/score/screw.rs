//! Terms of a screw in bone: breach and grade, contact of the thread, density, and the size that would fit.

use super::cut::place;
use super::scene::Scene;
use super::{Term, Verdict};
use crate::plan::bone::screw::ScrewList;
use crate::plan::bone::{Grade, contact, density, suggest};
use crate::plan::path::Path;
use crate::plan::{Bounded, Plan, Screw};

/// Grades A and B usually count as acceptable.
const BREACH_MM_MAX: f64 = 2.0;
const BREACH: &str = "How far the thread, a cylinder looked at every 10° and 0.25 mm, stands out of the bone at worst from where it \
     is first in bone all round; bounds are half a voxel's diagonal.";
const GRADES: &str = "Gertzbein & Robbins 1990, Spine 15:11: A none, B < 2 mm, C < 4 mm, D < 6 mm, E from 6 mm; A and B count as \
     acceptable";
const CONTACT: &str = "Part of the thread's surface that lies in bone.";
const DENSITY: &str =
    "Mean of the scan within the thread from where it enters the bone, over rings of equal area, trilinear.";
const SIZES: &str = "80 % of the corridor: Solitro and others 2019, Int J Spine Surg 13:132";

/// How `screw` lies in the bone that is operated on.
pub(super) fn terms(plan: &Plan, scene: &Scene, screw: &Screw) -> Vec<Term> {
    let (id, name) = ("breach", "breach of the cortex");
    let not_valid = |why: String| vec![Term::not_valid(id, name, "mm", why)];
    // What has no length is said beside the length.
    let Ok(path) = Path::of_screw(screw) else { return Vec::new() };
    let Some(structure) = plan.organ.or(plan.entry) else {
        return not_valid("the plan names no bone; choose it as the organ of the plan".into());
    };
    let Some(bone) = scene.body(structure).and_then(super::Body::near) else {
        return not_valid(format!("{} is empty or was removed; choose the bone again", scene.name(structure)));
    };
    let found = match contact(&path, bone) {
        Ok(found) => found,
        Err(why) => return not_valid(why.to_string()),
    };
    let mut breach = Term::value(id, name, found.breach_mm, "mm", BREACH).cited(GRADES);
    breach.limit = format!("less than {BREACH_MM_MAX} mm");
    breach.forbids = true;
    let is_fine = |grade: Grade| grade <= Grade::B;
    breach.verdict = match (is_fine(found.grade), is_fine(found.grades[1])) {
        (false, _) => Verdict::Breach,
        (true, false) => Verdict::Warning,
        (true, true) => Verdict::Ok,
    };
    let [low, high] = found.grades;
    let bounds = if low == high { String::new() } else { format!(" ({low:?}–{high:?})") };
    let worst = if 0.0 < found.breach_mm.value { "stands out most" } else { "is nearest to the cortex" };
    let mut reason = format!("grade {:?}{bounds}; the thread {worst} at {}", found.grade, place(&found.at));
    let (fits, source) = match suggest(&path, bone, &ScrewList::default()) {
        Ok(size) => {
            let (wide, long, corridor) = (size.diameter_mm, size.length_mm, size.corridor_mm.text(1, "mm"));
            (format!("; {wide} × {long} mm would fit this axis, whose corridor is {corridor} wide"), SIZES)
        }
        Err(why) => (format!("; {why}"), SIZES),
    };
    reason.push_str(&fits);
    breach.source = format!("{GRADES}; sizes: {source}");
    let mut terms = vec![breach.because(reason)];
    let percent = Bounded::exact(found.contact_percent);
    terms.push(Term::value("contact", "thread in bone", percent, "%", CONTACT));
    let title = "density along the thread";
    terms.push(match scene.scan() {
        None => Term::not_valid("density", title, "HU", "the plan names no scan; choose the CT with plan.change"),
        Some(scan) => match density(&path, scan, found.from_mm[0]) {
            Ok(found) => {
                let value = Bounded { value: found.mean_hu, low: found.min_hu, high: found.max_hu };
                let why = "the bounds are the lowest and the highest single value";
                Term::value("density", title, value, "HU", DENSITY).because(why)
            }
            Err(why) => Term::not_valid("density", title, "HU", why.to_string()),
        },
    });
    terms
}
