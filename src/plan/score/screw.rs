//! Terms of a screw in bone: breach and grade, contact of the thread, density, and the size that would fit.

use super::cut::place;
use super::scene::Scene;
use super::{Term, Verdict};
use crate::plan::bone::screw::ScrewList;
use crate::plan::bone::{Grade, contact, density, suggest};
use crate::plan::path::Path;
use crate::plan::{Plan, Screw};

/// Grades A and B usually count as acceptable.
const BREACH_MM_MAX: f64 = 2.0;
const BREACH: &str = "How far the thread, a cylinder looked at every 10° and 0.25 mm, stands out of the bone at worst from where it \
     is first in bone all round; bounds are half a voxel's diagonal and e.";
const GRADES: &str = "Gertzbein & Robbins 1990, Spine 15:11: A none, B < 2 mm, C < 4 mm, D < 6 mm, E from 6 mm; A and B count as \
     acceptable";
const CONTACT: &str = "Part of the thread's surface that lies in bone; bounds count what is nearer to the bone's edge than half a voxel's \
     diagonal as outside, or as in it.";
const DENSITY: &str = "Mean of the scan within the thread from where it enters the bone, over rings of equal area, trilinear; bounds are the means of the \
     thread half a voxel beside it.";
const LEAST: &str =
    "The least of the means across the thread, every 0.5 mm along it; bounds are those half a voxel beside it.";
const SIZES: &str = "80 % of the corridor: Solitro and others 2019, Int J Spine Surg 13:132";

/// How `screw` lies in the bone that is operated on.
pub(super) fn terms(plan: &Plan, scene: &Scene, screw: &Screw) -> Vec<Term> {
    let (id, name) = ("breach", "breach of the cortex");
    let not_valid = |why: String| vec![Term::not_valid(id, name, "mm", why).hard(true)];
    // What has no length is said beside the length.
    let Ok(path) = Path::of_screw(screw) else { return Vec::new() };
    let Some(structure) = plan.organ.or(plan.entry) else {
        return not_valid("the plan names no bone; choose it as the organ of the plan".into());
    };
    let Some((body, bone)) = scene.body(structure).and_then(|body| Some((body, body.near()?))) else {
        return not_valid(format!("{} is empty or was removed; choose the bone again", scene.name(structure)));
    };
    let found = match contact(&path, bone) {
        Ok(found) => found.known_within(scene.beyond_mm(body)),
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
            let corridor = size.corridor_mm.widened(2.0 * scene.beyond_mm(body)).at_least(0.0).text(1, "mm");
            let (wide, long) = (size.diameter_mm, size.length_mm);
            (format!("; {wide} × {long} mm would fit this axis, whose corridor is {corridor} wide"), SIZES)
        }
        Err(why) => (format!("; {why}"), SIZES),
    };
    reason.push_str(&fits);
    breach.source = format!("{GRADES}; sizes: {source}");
    let mut terms = vec![breach.because(reason)];
    terms.push(Term::value("contact", "thread in bone", found.contact_percent, "%", CONTACT));
    let title = "density along the thread";
    match scene.scan() {
        None => {
            let why = "the plan names no scan; choose the CT with plan.change";
            terms.push(Term::not_valid("density", title, "HU", why));
        }
        Some(scan) => match density(&path, scan, found.from_mm[0]) {
            Ok(found) => {
                let (least_hu, at_mm) = found.least_hu;
                let why = format!("single values go from {:.0} to {:.0} HU", found.min_hu, found.max_hu);
                terms.push(Term::value("density", title, found.mean_hu, "HU", DENSITY).because(why));
                let why = format!("{at_mm:.1} mm from the head");
                let least = Term::value("density_least", "least density across the thread", least_hu, "HU", LEAST);
                terms.push(least.because(why));
            }
            Err(why) => terms.push(Term::not_valid("density", title, "HU", why.to_string())),
        },
    }
    terms
}
