//! Terms of cuts: margins, what must stay, distances of the cut, vessels cut.

use super::knives::{self, Knife};
use super::measure::least_near;
use super::patch::{Patch, sides};
use super::scene::{Body, Scene};
use super::whole::Whole;
use super::{Term, Verdict, lost, vessels, volumes};
use crate::base::units::MM3_PER_ML;
use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use crate::mesh::CentreLines;
use crate::plan::liver::{Condition, LIVER};
use crate::plan::resection::{
    Blade, Crossing, Layer, Margin, ResectionError, crossings, margin_taken_by, steepest, taken,
};
use crate::plan::{Bounded, KeepOut, Plan, uncertainty};

/// Fewer voxels than these make no volume worth telling.
const VOXELS_MIN: u64 = 64;
const MARGIN: &str = "Least side of the cut over the voxels just inside the target's edge and, by a quarter, over those just \
     outside, less half the width the instrument destroys; at most it is that of the voxels inside and e, at least half a voxel's \
     diagonal and e less than said.";
const MARGIN_OF_SURFACE: &str = "Least side of the cut over corners and middles of the target's triangles, or its lines less their \
     radius, less half the width the instrument destroys; bounds are half a mean edge and e.";
const DISTANCE: &str = "Least distance between the structure's border, as its voxels show it, and the cut inside the organ, less \
     half the width the instrument destroys; bounds are half a voxel's diagonal of both and e.";
const VESSEL: &str = "Where the centre line crosses the cut inside the organ, or comes nearer to it than its radius: twice that radius; bounds are \
     half a voxel.";

/// Terms of all cuts together, and these, if they can be made; `knives` are those of the actions of `plan`.
pub(super) fn plan_terms(
    plan: &Plan,
    scene: &Scene,
    knives: &[Option<Knife>],
    progress: &Progress,
) -> Result<(Vec<Term>, Option<Whole>), Cancelled> {
    let (whole, each) = match knives::all(plan, knives) {
        Ok(None) => return Ok((Vec::new(), None)),
        Ok(Some((blade, each))) => (Whole::new(blade), each),
        Err(why) => {
            let volumes = Term::not_valid("volumes", "volumes and margins", "ml", why.as_str());
            let margins = plan.targets.iter().map(|target| {
                let (id, name) = (format!("margin/{}", key(&target.structure)), scene.name(target.structure));
                Term::not_valid(&id, format!("margin to {name}"), "mm", why.as_str()).at_least(target.margin_mm, true)
            });
            return Ok((std::iter::once(volumes.hard(must_leave(plan, scene))).chain(margins).collect(), None));
        }
    };
    let mut terms = volume_terms(plan, scene, &whole, progress)?;
    terms.extend(lost::terms(plan, scene, &whole, progress)?);
    terms.extend(vessels::terms(plan, scene, &each, progress)?);
    for target in &plan.targets {
        progress.check()?;
        let (id, name) = (format!("margin/{}", key(&target.structure)), scene.name(target.structure));
        let title = format!("margin to {name}");
        let Some(body) = scene.body(target.structure) else {
            let why = format!("{name} is empty or was removed; choose the target again");
            terms.push(Term::not_valid(&id, title, "mm", why).at_least(target.margin_mm, true));
            continue;
        };
        let Some((mm, at, method)) = margin(scene, body, &each) else { continue };
        let term = Term::value(&id, title, mm, "mm", method);
        let term = term.at_least(target.margin_mm, true).because(match mm.value {
            margin if margin < 0.0 => format!("a part of {name} is not taken away"),
            _ => format!("least at {}", place(&at)),
        });
        terms.push(term);
    }
    Ok((terms, Some(whole)))
}

/// The tissue that is taken away around `target` by all cuts.
fn margin(scene: &Scene, target: &Body, cuts: &[Blade]) -> Option<(Bounded, Point, &'static str)> {
    if let Some(voxels) = target.organ() {
        let Margin { mm, at } = margin_taken_by(cuts, voxels, scene.edge_mm());
        return Some((mm, at, MARGIN));
    }
    let taken = |point: &Point| {
        let depths = cuts.iter().map(|blade| blade.side_mm(point) - blade.half_mm());
        depths.fold(f64::NEG_INFINITY, f64::max)
    };
    let (mm, at) = least_near(target, steepest(cuts), taken)?;
    Some((Bounded::within(mm, scene.half_mm(target)), at, MARGIN_OF_SURFACE))
}

fn volume_terms(plan: &Plan, scene: &Scene, cuts: &Whole, progress: &Progress) -> Result<Vec<Term>, Cancelled> {
    let mut terms = Vec::new();
    let hard = must_leave(plan, scene);
    let mut not_valid = |text: String| terms.push(Term::not_valid("volumes", "volumes", "ml", text).hard(hard));
    let Some(structure) = plan.organ else {
        not_valid("no organ is chosen; choose the one that is cut".into());
        return Ok(terms);
    };
    let name = scene.name(structure);
    let Some(body) = scene.body(structure) else {
        not_valid(format!("{name} is empty or was removed; choose the organ again"));
        return Ok(terms);
    };
    let Some(organ) = body.organ() else {
        not_valid(format!("{name} is no segment; choose a segment as the organ to get volumes"));
        return Ok(terms);
    };
    let n = organ.voxels(Layer::Organ);
    if n < VOXELS_MIN {
        not_valid(format!("{name} has {n} voxels; {VOXELS_MIN} are needed for a volume"));
        return Ok(terms);
    }
    match cuts.swept(body, progress) {
        Err(ResectionError::Cancelled(stop)) => return Err(stop),
        Err(why) => not_valid(why.to_string()),
        // An organ with voxels can be walked through.
        Ok(None) => {}
        Ok(Some(swept)) => {
            let books = swept.books(organ, scene.edge_mm());
            volumes::terms(plan, &name, &books, condition_of(plan, body), &mut terms);
        }
    }
    Ok(terms)
}

/// How healthy the organ is, if it is a liver: normal where nobody said.
pub(super) fn condition_of(plan: &Plan, organ: &Body) -> Option<Condition> {
    let is_liver = organ.snomed == Some(LIVER) || organ.name.to_lowercase().contains("liver");
    is_liver.then(|| plan.limits.liver.unwrap_or(Condition::Normal))
}

/// Whether too small a remnant would forbid the plan. An organ that is gone counts as a liver where its condition is given.
fn must_leave(plan: &Plan, scene: &Scene) -> bool {
    let organ = plan.organ.and_then(|organ| scene.body(organ));
    let is_liver = organ.map_or(plan.limits.liver.is_some(), |body| condition_of(plan, body).is_some());
    plan.limits.remnant_percent_min.is_some() || is_liver
}

/// Terms of one cut of `blade`: its distance to what must be spared, and the vessels it cuts.
pub(super) fn cut_terms(
    plan: &Plan,
    scene: &Scene,
    knife: &Knife,
    progress: &Progress,
) -> Result<Vec<Term>, Cancelled> {
    let organ = plan.organ.and_then(|organ| scene.body(organ)).filter(|body| body.solid.is_some());
    let patch = match (organ, knife) {
        (Some(organ), Ok(blade)) => Some((organ, blade, Patch::new(organ, blade))),
        _ => None,
    };
    let mut terms = Vec::new();
    for keep_out in &plan.keep_out {
        progress.check()?;
        let (id, name) = (format!("keep/{}", key(&keep_out.structure)), scene.name(keep_out.structure));
        let title = format!("distance to {name}");
        let why = match (organ, scene.body(keep_out.structure), knife) {
            (None, ..) => "choose a segment as the organ: a cut goes no farther than that".to_owned(),
            (_, None, _) => format!("{name} is empty or was removed; choose it again"),
            (.., Err(why)) => why.clone(),
            (Some(_), Some(body), Ok(_)) => {
                let Some((organ, blade, patch)) = &patch else { continue };
                match patch.distance_to(body, progress)? {
                    Some(found) => {
                        terms.push(spared(keep_out, scene, [organ, body], blade, found, progress)?);
                        continue;
                    }
                    None => "the cut misses the organ; move it into the organ".to_owned(),
                }
            }
        };
        let term = Term::not_valid(&id, title, "mm", why);
        terms.push(term.at_least(keep_out.distance_mm, keep_out.weight.is_none()));
    }
    let Some((organ, blade, _)) = patch else { return Ok(terms) };
    for tree in &plan.vessels {
        progress.check()?;
        let Some(lines) = scene.body(*tree).and_then(|body| body.lines.as_ref()) else { continue };
        terms.extend(vessel_terms(&key(tree), &scene.name(*tree), lines, organ, blade));
    }
    Ok(terms)
}

/// How far the cut is from what must be spared: `found` is the distance of its middle and where on the structure.
fn spared(
    keep_out: &KeepOut,
    scene: &Scene,
    [organ, body]: [&Body; 2],
    blade: &Blade,
    (distance_mm, at): (f64, Point),
    progress: &Progress,
) -> Result<Term, Cancelled> {
    let name = &body.name;
    let half_mm = blade.half_mm();
    let taken_ml = taken_ml(organ, body, blade, scene.beyond_mm(body), progress)?;
    let is_crossed = sides(organ, body, blade) == [true; 2];
    let is_touched = is_crossed || 0.0 < taken_ml.value;
    let mm = if is_touched { 0.0 } else { distance_mm - half_mm };
    let value = Bounded::within(mm, scene.half_mm(body).max(scene.half_mm(organ))).at_least(-half_mm);
    let id = format!("keep/{}", key(&keep_out.structure));
    let mut term = Term::value(&id, format!("distance to {name}"), value, "mm", DISTANCE);
    term = term.at_least(keep_out.distance_mm, keep_out.weight.is_none());
    if is_touched {
        term.verdict = Verdict::Breach;
    }
    term = term.because(match (is_crossed, taken_ml) {
        (true, _) => format!("the cut goes through {name}"),
        (_, ml) if 0.0 < ml.value => format!("{} of {name} lie in what is taken away", ml.text(1, "ml")),
        _ => format!("nearest at {}", place(&at)),
    });
    Ok(match keep_out.weight {
        Some(weight) => term.weighed(weight, keep_out.distance_mm),
        None => term,
    })
}

/// Volume of the part of `body` that lies within the organ and is taken away; its edge is known within `edge_mm` beyond half a
/// voxel.
fn taken_ml(organ: &Body, body: &Body, blade: &Blade, edge_mm: f64, progress: &Progress) -> Result<Bounded, Cancelled> {
    let nothing = Bounded::exact(0.0);
    let (Some(within), Some(voxels)) = (&organ.solid, body.organ()) else { return Ok(nothing) };
    let grid = voxels.grid();
    match taken(voxels, blade, |voxel| within.surrounds(&grid.centre(voxel)), progress) {
        Ok(layers) => {
            let voxel_ml = grid.voxel_mm3() / MM3_PER_ML;
            let share = uncertainty::share_of_band(grid, edge_mm) * voxel_ml;
            let [n, inner, outer] = layers;
            Ok(uncertainty::volume(n as f64 * voxel_ml, share, [inner, outer]))
        }
        Err(ResectionError::Cancelled(stop)) => Err(stop),
        Err(_) => Ok(nothing),
    }
}

/// The branches that the cut goes through or opens within the organ, each at its thickest place, the thickest first.
fn vessel_terms(key: &str, name: &str, lines: &CentreLines, organ: &Body, blade: &Blade) -> Vec<Term> {
    let Some(within) = &organ.solid else { return Vec::new() };
    let half_mm = vessels::half_voxel_mm(within);
    let found = crossings(blade, lines, |crossing| within.surrounds(&crossing.at));
    let mut of_branches: Vec<(Crossing, usize)> = Vec::new();
    for crossing in found {
        match of_branches.iter_mut().find(|(known, _)| known.place.branch == crossing.place.branch) {
            Some((known, count)) => {
                *count += 1;
                if known.radius_mm < crossing.radius_mm {
                    *known = crossing;
                }
            }
            None => of_branches.push((crossing, 1)),
        }
    }
    of_branches.sort_by(|(a, _), (b, _)| b.radius_mm.total_cmp(&a.radius_mm).then(a.place.branch.cmp(&b.place.branch)));
    let term = |(crossing, count): (Crossing, usize)| {
        let Crossing { place: on, at, is_through, angle_degrees, .. } = crossing;
        let value = Bounded::within(crossing.diameter_mm(), half_mm).at_least(0.0);
        let title = format!("cut vessel: {name}, branch {}", on.branch + 1);
        let times = if 1 < count { format!(", crossed {count} times") } else { String::new() };
        let how = if is_through { format!("at {angle_degrees:.0}°") } else { "only its wall is opened".to_owned() };
        let term = Term::value(&format!("vessel/{key}/{}", on.branch + 1), title, value, "mm", VESSEL);
        term.because(format!("at {}, {how}{times}", place(&at)))
    };
    of_branches.into_iter().map(term).collect()
}

/// `3` for a whole object, `3.9` for segment 9 of it: stable names of terms.
pub(in crate::plan) fn key(structure: &crate::plan::Structure) -> String {
    let node = structure.node.0;
    structure.segment.map_or_else(|| node.to_string(), |segment| format!("{node}.{}", segment.0))
}

/// A place in words.
pub(super) fn place(at: &Point) -> String {
    format!("{:.1}, {:.1}, {:.1} (LPS, mm)", at.x, at.y, at.z)
}
