//! Terms of clips: what loses its supply or its outflow, and how much of that would stay in the patient.

use super::Term;
use super::cut::key;
use super::knives::Blunt;
use super::scene::{Body, Scene};
use super::supply::{method, source, territories};
use super::vessels::half_voxel_mm;
use super::whole::Whole;
use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use crate::plan::resection::ResectionError;
use crate::plan::territory::{Territories, TreePlace, at_place, elsewhere, place_near};
use crate::plan::tree::Role;
use crate::plan::{Action, Bounded, Plan, Structure, uncertainty};
use std::ops::Range;

/// A clip farther from the wall of every vessel than this closes none: this program's choice, a little more than a vessel's
/// wall is uncertain by.
const OFF_MM: f64 = 5.0;

const DIAMETER: &str = "Twice the radius of the centre line at the clip; bounds are half a voxel.";

/// The vessel that a clip closes, and where.
pub(crate) struct Closed<'a> {
    structure: Structure,
    vessels: &'a Body,
    place: TreePlace,
    radius_mm: f64,
}

/// The vessel whose wall is nearest to `at`, of those of the plan.
///
/// # Errors
/// A sentence if the plan has none, or the place lies off all of them.
pub(crate) fn closed<'a>(plan: &Plan, scene: &'a Scene, at: &Point) -> Result<Closed<'a>, String> {
    let near = |structure: &Structure| {
        let vessels = scene.body(*structure)?;
        let lines = vessels.lines.as_ref()?;
        let (place, off_mm) = place_near(lines, at)?;
        let (_, radius_mm) = at_place(lines, place);
        Some((off_mm, Closed { structure: *structure, vessels, place, radius_mm }))
    };
    let all = plan.vessels.iter().filter_map(near);
    match all.min_by(|a, b| a.0.total_cmp(&b.0)) {
        None => {
            Err("the plan names no centre lines of vessels; make them with model.centre_lines and name them".into())
        }
        Some((off_mm, found)) if OFF_MM < off_mm => Err(format!(
            "the clip lies {off_mm:.1} mm off the nearest vessel ({}); put it on one, at most {OFF_MM} mm off its wall",
            found.vessels.name
        )),
        Some((_, found)) => Ok(found),
    }
}

/// What the clip at `at` closes off; `cuts` are all cuts of the plan together, if it has any.
pub(super) fn terms(
    plan: &Plan,
    scene: &Scene,
    at: &[f64; 3],
    cuts: Option<&Whole>,
    progress: &Progress,
) -> Result<Vec<Term>, Cancelled> {
    let not_valid = |why: String| Ok(vec![Term::not_valid("behind_ml", "tissue behind the clip", "ml", why)]);
    let found = match closed(plan, scene, &Point::from(*at)) {
        Ok(found) => found,
        Err(why) => return not_valid(why),
    };
    let Some(organ) = plan.organ.and_then(|organ| scene.body(organ)) else {
        return not_valid("no organ is chosen; choose the one that the vessels supply".into());
    };
    let territories = match territories(plan, scene, organ, (found.structure, found.vessels), progress) {
        Ok(territories) => territories,
        Err(Blunt::Cancelled(stop)) => return Err(stop),
        Err(Blunt::Why(why)) => return not_valid(why),
    };
    let ranges = territories.behind(&[found.place]);
    let on = {
        let (branch, along_mm) = (found.place.branch + 1, found.place.along_mm);
        format!("closes {}, branch {branch}, {along_mm:.0} mm from its start", found.vessels.name)
    };
    let mut terms = share(plan, scene, organ, &found.vessels.name, &territories, &ranges, cuts, &on, progress)?;
    terms.extend(organ.solid.as_ref().map(|within| {
        let mm = Bounded::within(2.0 * found.radius_mm, half_voxel_mm(within)).at_least(0.0);
        Term::value("diameter", format!("diameter of {} where it is closed", found.vessels.name), mm, "mm", DIAMETER)
    }));
    Ok(terms)
}

/// The terms of all clips on the same vessels together, where there are several.
pub(super) fn together(
    plan: &Plan,
    scene: &Scene,
    cuts: Option<&Whole>,
    progress: &Progress,
) -> Result<Vec<Term>, Cancelled> {
    let clips = plan.actions.iter().filter_map(|named| match &named.action {
        Action::Clip { at } => closed(plan, scene, &Point::from(*at)).ok(),
        _ => None,
    });
    let clips: Vec<Closed<'_>> = clips.collect();
    let Some(organ) = plan.organ.and_then(|organ| scene.body(organ)) else { return Ok(Vec::new()) };
    let mut terms = Vec::new();
    for vessels in &plan.vessels {
        let own: Vec<&Closed<'_>> = clips.iter().filter(|clip| clip.structure == *vessels).collect();
        let [first, _, ..] = own[..] else { continue };
        let territories = match territories(plan, scene, organ, (first.structure, first.vessels), progress) {
            Ok(territories) => territories,
            Err(Blunt::Cancelled(stop)) => return Err(stop),
            // Said beside each of the clips.
            Err(Blunt::Why(_)) => continue,
        };
        let places: Vec<TreePlace> = own.iter().map(|clip| clip.place).collect();
        let why = format!("{} clips on {}; what is behind several counts once", own.len(), first.vessels.name);
        let ranges = territories.behind(&places);
        let all = share(plan, scene, organ, &first.vessels.name, &territories, &ranges, cuts, &why, progress)?;
        terms.extend(all.into_iter().map(|term| Term {
            id: format!("clips/{}/{}", key(vessels), term.id),
            name: format!("all clips: {}", term.name),
            ..term
        }));
    }
    Ok(terms)
}

/// The volume on `ranges`, its part of the organ, and what of both the cuts leave.
fn share(
    plan: &Plan,
    scene: &Scene,
    organ: &Body,
    vessels: &str,
    territories: &Territories,
    ranges: &[Range<u32>],
    cuts: Option<&Whole>,
    why: &str,
    progress: &Progress,
) -> Result<Vec<Term>, Cancelled> {
    let (role, name) = (Role::of(vessels), &organ.name);
    let [method, source] = [method(&plan.territories), source(&plan.territories)];
    let value = |id: &str, title: String, value, unit| Term::value(id, title, value, unit, method).cited(source);
    let behind = territories.volume_ml(ranges, scene.edge_mm());
    let rest = elsewhere(ranges);
    let percent = uncertainty::percent_of_parts(behind, territories.volume_ml(&rest, scene.edge_mm()));
    let mut terms = vec![
        value("behind_ml", role.behind(name), behind, "ml").because(why),
        value("behind_percent", role.behind(name), percent, "%"),
    ];
    let Some(cuts) = cuts else { return Ok(terms) };
    match cuts.swept(organ, progress) {
        Err(ResectionError::Cancelled(stop)) => return Err(stop),
        Err(_) | Ok(None) => {}
        Ok(Some(swept)) => {
            let [stays, sound] = territories.left_parts_ml(ranges, swept, scene.edge_mm());
            let percent = uncertainty::percent_of_parts(stays, sound);
            terms.push(value("behind_remnant_ml", role.behind(&format!("remnant {name}")), stays, "ml"));
            terms.push(value("behind_remnant_percent", role.part_of_remnant(name), percent, "%"));
        }
    }
    Ok(terms)
}
