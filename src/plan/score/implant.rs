//! Terms of an implant: its gap to the bone, how deep it is in it, and its distances to what must be spared.

use super::Term;
use super::cut::{key, place};
use super::measure::least_near;
use super::scene::Scene;
use crate::mesh::Bvh;
use crate::plan::bone::gaps::{FACING_MM, Gaps, NEAR_MM, gaps};
use crate::plan::bone::sawn::moved_surface;
use crate::plan::{Bounded, Implant, KeepOut, Plan, Structure};

const GAP: &str = "Over the side of the implant that faces the bone within 6 mm, by area, at places half a millimetre apart or as far \
     as 60 000 of them allow; places within the bone have no gap. Bounds move the bone's edge by half a voxel's diagonal and e.";
const NEAR: &str = "Part of the side that faces the bone within 6 mm, by area, outside of the bone or in it; bounds move the bone's edge by \
     half a voxel's diagonal and e.";
const DEEP: &str = "The deepest place of the implant within the bone; bounds are half a voxel's diagonal and e.";
const DISTANCE: &str = "Least distance between the structure's border and the implant where it is put, negative within it; bounds are half a \
     voxel's diagonal and e.";

/// The bone that an implant lies on: its own, or the one that is operated on.
pub(crate) fn bone_of(plan: &Plan, implant: &Implant) -> Option<Structure> {
    implant.bone.or(plan.organ).or(plan.entry)
}

/// How `implant` lies on its bone.
///
/// # Errors
/// A sentence that says why that is not known.
pub(crate) fn lies(plan: &Plan, scene: &Scene, implant: &Implant) -> Result<Gaps, String> {
    let name = scene.name(implant.object);
    let body = scene.body(implant.object).ok_or_else(|| format!("{name} is empty or was removed; choose it again"))?;
    let own = body.shell().ok_or_else(|| format!("{name} is vessels; choose a surface as the implant"))?;
    let bone = bone_of(plan, implant).ok_or("the plan has no bone that the implant lies on; choose it as the organ")?;
    if bone == implant.object {
        return Err(format!("{name} is both the implant and the bone; choose another of them"));
    }
    let bone_name = scene.name(bone);
    let bone = scene.body(bone).ok_or_else(|| format!("{bone_name} is empty or was removed; choose it again"))?;
    let near = bone.near().filter(|_| !bone.is_lines());
    let near = near.ok_or_else(|| format!("{bone_name} is vessels; choose a bone as the organ"))?;
    let put = moved_surface(own, &implant.turn());
    let found = gaps(&put, |point| near.signed_mm(point), scene.half_mm(bone));
    found.ok_or_else(|| {
        format!("nothing of {name} faces {bone_name} within {FACING_MM} mm; put it onto the bone with plan.implant, or move it")
    })
}

/// The terms of `implant`.
pub(super) fn terms(plan: &Plan, scene: &Scene, implant: &Implant) -> Vec<Term> {
    let mut terms = match lies(plan, scene, implant) {
        Err(why) => vec![Term::not_valid("implant/gap_mean", "mean gap", "mm", why)],
        Ok(found) => {
            let faces = format!("{:.0} mm² face the bone", found.facing_mm2);
            let term =
                |id: &str, name: &str, value, method| Term::value(&format!("implant/{id}"), name, value, "mm", method);
            let mut terms = vec![
                term("gap_mean", "mean gap", found.mean_mm, GAP).because(faces),
                term("gap_max", "largest gap", found.max_mm, GAP),
            ];
            for (near, percent) in NEAR_MM.into_iter().zip(found.near_percent) {
                let name = format!("within {near} mm of the bone");
                terms.push(Term::value(&format!("implant/near_{near}"), name, percent, "%", NEAR));
            }
            let deep = term("deepest", "deepest within the bone", found.deepest_mm, DEEP);
            terms.push(match found.deepest_mm.low {
                low if 0.0 < low => deep.doubted("it is surely in the bone: move it out, or take bone away there"),
                _ => deep,
            });
            terms
        }
    };
    let Some(shell) = scene.body(implant.object).and_then(|body| body.shell()) else {
        return terms;
    };
    let search = Bvh::new(&moved_surface(shell, &implant.turn()));
    terms.extend(plan.keep_out.iter().map(|keep_out| spared(keep_out, scene, &search)));
    terms
}

fn spared(keep_out: &KeepOut, scene: &Scene, implant: &Bvh) -> Term {
    let (id, name) = (format!("keep/{}", key(&keep_out.structure)), scene.name(keep_out.structure));
    let title = format!("distance to {name}");
    let far = |point: &crate::geom::Point| implant.signed_distance_mm(point).unwrap_or(f64::INFINITY);
    let found = scene.body(keep_out.structure).and_then(|body| Some((body, least_near(body, 1.0, far)?)));
    let term = match found {
        None => Term::not_valid(&id, title, "mm", format!("{name} is empty or was removed; choose it again")),
        Some((body, (mm, at))) => {
            // What holds all of the implant has no border in it.
            let is_around = implant.surface().positions().first().is_some_and(|point| body.holds(point));
            let mm = if is_around { mm.min(0.0) } else { mm };
            let value = Bounded::within(mm, scene.half_mm(body));
            Term::value(&id, title, value, "mm", DISTANCE).because(format!("nearest at {}", place(&at)))
        }
    };
    let term = term.at_least(keep_out.distance_mm, keep_out.weight.is_none());
    match keep_out.weight {
        Some(weight) => term.weighed(weight, keep_out.distance_mm),
        None => term,
    }
}
