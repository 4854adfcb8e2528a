//! What makes no plan: sentences that say what is wrong and what to do. Nothing is changed then.

use super::ablation::Zones;
use super::bone::BoneError;
use super::path::{Contacts, Path};
use super::resection::{Blade, Books, ResectionError, WIDTH_MM_MAX};
use super::score::clip::closed;
use super::score::implant::lies;
use super::score::knives::{self, Blunt};
use super::score::matter::air_mm;
use super::score::measure::least_near;
use super::score::path::{NO_ENTRY, on_surface, through_mm};
use super::score::{Body, Scene};
use super::{Action, CutShape, Needle, NeedleKind, Plan, Screw};
use crate::base::{Cancelled, Progress};
use crate::geom::Point;

/// Most targets, keep-outs, actions or lines of a plan.
const MANY: usize = 200;
/// A shorter path is none.
const LENGTH_MM_MIN: f64 = 1.0;
/// Most contacts of an electrode.
const CONTACTS_MAX: usize = 64;
/// So much air is no error of a voxel.
const AIR_MM: f64 = 2.0;
/// Names and lines of the check-list, characters.
pub const TEXT_MAX: usize = 500;

fn finite(what: &str, point: &[f64; 3]) -> Result<(), String> {
    let is_fine = point.iter().all(|x| x.is_finite() && x.abs() <= 1e6);
    if is_fine { Ok(()) } else { Err(format!("the {what} is not three finite numbers")) }
}

fn within(what: &str, value: f64, [low, high]: [f64; 2], unit: &str) -> Result<(), String> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(format!("the {what} is {value} {unit}; it must be {low} to {high} {unit}"))
    }
}

fn planes(planes: &[[[f64; 3]; 2]]) -> Result<(), String> {
    if planes.is_empty() || 12 < planes.len() {
        return Err(format!("there are {} planes; give 1 to 12, each a point and a normal", planes.len()));
    }
    for [point, normal] in planes {
        finite("point of a plane", point)?;
        finite("normal of a plane", normal)?;
        if normal.iter().all(|x| x.abs() < 1e-9) {
            return Err("the normal 0,0,0 has no direction; give one that points to what is taken away".into());
        }
    }
    Ok(())
}

fn needle(needle: &Needle) -> Result<(), String> {
    let Needle { entry, target, diameter_mm, kind, contacts } = needle;
    path([("entry", entry), ("target", target)], *diameter_mm)?;
    let Some(own) = contacts else { return Ok(()) };
    if *kind != NeedleKind::Electrode {
        return Err("only an electrode has contacts; choose that kind, or take the contacts out".into());
    }
    let Contacts { count, length_mm, spacing_mm } = *own;
    if !(1..=CONTACTS_MAX).contains(&count) {
        return Err(format!("the electrode has {count} contacts; it must have 1 to {CONTACTS_MAX}"));
    }
    within("length of a contact", length_mm, [0.1, 30.0], "mm")?;
    within("spacing of contacts from middle to middle", spacing_mm, [length_mm, 60.0], "mm")?;
    let (reach_mm, way_mm) = (own.reach_mm(), (Point::from(*target) - Point::from(*entry)).norm());
    if way_mm < reach_mm {
        return Err(format!(
            "the contacts take {reach_mm:.1} mm and the path has {way_mm:.1} mm; take fewer contacts, or a longer path"
        ));
    }
    Ok(())
}

fn path([(from, a), (to, b)]: [(&str, &[f64; 3]); 2], diameter_mm: f64) -> Result<(), String> {
    finite(from, a)?;
    finite(to, b)?;
    within("diameter", diameter_mm, [0.1, 30.0], "mm")?;
    let length_mm = (Point::from(*b) - Point::from(*a)).norm();
    if length_mm < LENGTH_MM_MIN {
        return Err(format!(
            "{from} and {to} are {length_mm:.2} mm apart, so there is no path; set them at least {LENGTH_MM_MIN} mm apart"
        ));
    }
    Ok(())
}

/// Whether the numbers of an action make sense by themselves.
///
/// # Errors
/// A sentence with the number that does not, and its limits.
pub fn action(action: &Action) -> Result<(), String> {
    match action {
        Action::Cut(cut) => {
            within("width of the cut", cut.width_mm, [0.0, WIDTH_MM_MAX], "mm")?;
            match &cut.shape {
                CutShape::Plane { point, normal } => planes(&[[*point, *normal]]),
                CutShape::Wedge { planes: all } => planes(all),
                CutShape::Sphere { centre, radius_mm } => {
                    finite("centre of the sphere", centre)?;
                    within("radius of the sphere", *radius_mm, [0.1, 500.0], "mm")
                }
                CutShape::Sheet(sheet) => {
                    let [u, v] = sheet.count;
                    if !(4..=8).contains(&u) || !(4..=8).contains(&v) || sheet.controls.len() != u * v {
                        let n = sheet.controls.len();
                        return Err(format!("the sheet has {n} control points for {u} × {v}; give 4 to 8 each way"));
                    }
                    sheet.controls.iter().try_for_each(|point| finite("control point of the sheet", point))
                }
                CutShape::Territories { branches } if branches.is_empty() => {
                    Err("no branch is named; say which branches' territories are taken away".into())
                }
                CutShape::Territories { .. } => Ok(()),
            }
        }
        Action::Needle(own) => needle(own),
        Action::Ablation(zone) => {
            needle(&zone.needle)?;
            within("power", zone.power_w, [0.0, 1000.0], "W")?;
            within("time", zone.minutes, [0.0, 240.0], "min")
        }
        Action::Screw(screw) => {
            path([("head of the screw", &screw.head), ("tip of the screw", &screw.tip)], screw.diameter_mm)
        }
        Action::Osteotomy(saw) => {
            planes(&saw.planes)?;
            within("width of the saw blade", saw.kerf_mm, [0.0, 20.0], "mm")?;
            finite("turn of the fragment", &saw.turn_degrees)?;
            finite("fixed point of the turn", &saw.about)?;
            finite("shift of the fragment", &saw.shift_mm)
        }
        Action::Port(port) => {
            path([("port", &port.at), ("place it points to", &port.towards)], 10.0)?;
            within("reach", port.reach_mm, [1.0, 1000.0], "mm")?;
            within("sweep", port.sweep_degrees, [0.0, 90.0], "°")
        }
        Action::Implant(implant) => {
            finite("turn of the implant", &implant.turn_degrees)?;
            finite("fixed point of the turn", &implant.about)?;
            finite("shift of the implant", &implant.shift_mm)
        }
        Action::Clip { at } => finite("place of the clip", at),
    }
}

/// Whether the parts of a plan go together, whatever the case holds.
///
/// # Errors
/// A sentence with the part that does not.
pub fn plan(plan: &Plan, name: impl Fn(super::Structure) -> String) -> Result<(), String> {
    let counts = [
        ("targets", plan.targets.len()),
        ("structures to spare", plan.keep_out.len()),
        ("vessels", plan.vessels.len()),
        ("actions", plan.actions.len()),
        ("lines in the check-list", plan.checks.len()),
    ];
    if let Some((what, n)) = counts.into_iter().find(|(_, n)| MANY < *n) {
        return Err(format!("there are {n} {what}; {MANY} is the limit"));
    }
    let texts = plan.checks.iter().map(|check| &check.text).chain(plan.actions.iter().map(|action| &action.name));
    for text in texts {
        let count = text.trim().chars().count();
        if !(1..=TEXT_MAX).contains(&count) {
            return Err(format!("a name or line has {count} characters; give it 1 to {TEXT_MAX}"));
        }
    }
    for target in &plan.targets {
        within(&format!("margin to {}", name(target.structure)), target.margin_mm, [0.0, 100.0], "mm")?;
        if plan.organ == Some(target.structure) {
            return Err(format!("{} is both the organ and a target; choose another target", name(target.structure)));
        }
    }
    for (n, keep_out) in plan.keep_out.iter().enumerate() {
        let own = keep_out.structure;
        within(&format!("distance to {}", name(own)), keep_out.distance_mm, [0.0, 100.0], "mm")?;
        if let Some(weight) = keep_out.weight {
            within(&format!("weight of {}", name(own)), weight, [0.0, 1000.0], "")?;
        }
        let role = match () {
            () if plan.targets.iter().any(|target| target.structure == own) => "a target",
            () if plan.organ == Some(own) => "the organ that is operated on",
            () if plan.implants().any(|implant| implant.object == own) => "an implant",
            () if plan.entry == Some(own) => "the surface that paths go in through",
            () if plan.keep_out[..n].iter().any(|other| other.structure == own) => {
                return Err(format!("{} is to be spared twice; name it once", name(own)));
            }
            () => continue,
        };
        return Err(format!("{} is both to be spared and {role}; take it out of one of them", name(own)));
    }
    super::ablation::table::sound(&plan.devices)?;
    let limits = &plan.limits;
    let ranges = [
        ("height", limits.height_cm, [30.0, 250.0], "cm"),
        ("weight", limits.weight_kg, [2.0, 350.0], "kg"),
        ("least remnant", limits.remnant_percent_min, [0.0, 100.0], "%"),
        ("longest path", limits.length_mm_max, [1.0, 1000.0], "mm"),
        ("largest angle", limits.angle_degrees_max, [0.0, 90.0], "°"),
        ("uncertainty of edges", limits.edge_mm, [0.0, 20.0], "mm"),
        ("value below which there is air", limits.air_hu_below, [-1024.0, -100.0], "HU"),
        ("tilt of the table, head up", limits.position.map(|own| own.head_up_degrees), [-60.0, 90.0], "°"),
        ("longest way through bone", limits.bone_mm_max, [0.0, 300.0], "mm"),
    ];
    for (what, value, range, unit) in ranges {
        value.map_or(Ok(()), |value| within(what, value, range, unit))?;
    }
    plan.actions.iter().try_for_each(|named| {
        let problem = |problem| format!("{}: {problem}", named.name);
        action(&named.action).map_err(problem)
    })
}

/// Whether the targets lie where the plan says.
///
/// # Errors
/// A sentence that says which does not, and what to do.
pub fn places(plan: &Plan, scene: &Scene) -> Result<(), String> {
    for structure in plan.structures() {
        if scene.body(structure).is_none() {
            return Err(format!("{} is empty; choose a structure that has something in it", scene.name(structure)));
        }
    }
    let Some(organ) = plan.organ.and_then(|organ| scene.body(organ)) else { return Ok(()) };
    for target in &plan.targets {
        let Some(body) = scene.body(target.structure) else { continue };
        if !touches(body, organ) {
            return Err(format!(
                "{} lies outside {}; choose a target in the organ, another organ, or no organ for a path through several",
                body.name, organ.name
            ));
        }
    }
    Ok(())
}

/// Whether any part of `body` lies in `organ` or in a hole of it.
fn touches(body: &Body, organ: &Body) -> bool {
    body.border.iter().any(|(point, _)| match &organ.solid {
        Some(solid) => solid.surrounds(point),
        None => organ.holds(point),
    })
}

/// Why an action is refused, or that the computation was asked to stop.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A sentence.
    #[error("{0}")]
    Why(String),
}

impl From<String> for Refusal {
    fn from(text: String) -> Self {
        Self::Why(text)
    }
}

impl From<Blunt> for Refusal {
    fn from(blunt: Blunt) -> Self {
        match blunt {
            Blunt::Cancelled(stop) => Self::Cancelled(stop),
            Blunt::Why(text) => Self::Why(text),
        }
    }
}

/// Whether an action of `plan` does anything where it lies.
///
/// # Errors
/// A sentence that says what is wrong with it, and what to do.
pub fn deed(plan: &Plan, action: &Action, scene: &Scene, progress: &Progress) -> Result<(), Refusal> {
    match action {
        Action::Cut(_) | Action::Osteotomy(_) => {
            if let Some(knife) = knives::of_action(plan, scene, action, progress)? {
                meets(plan, scene, &knife?, progress)?;
            }
        }
        Action::Needle(own) => goes_in(plan, scene, &own.entry, Some(&own.target))?,
        Action::Ablation(zone) => {
            // Asked here and not of a plan by itself: one kept with another table still opens, and its score says why.
            Zones::planned(std::slice::from_ref(zone), &plan.devices).map_err(|error| error.to_string())?;
            goes_in(plan, scene, &zone.needle.entry, Some(&zone.needle.target))?;
        }
        Action::Port(port) => goes_in(plan, scene, &port.at, None)?,
        Action::Screw(screw) => {
            no_air(plan, scene, &screw.head, &screw.tip)?;
            in_bone(plan, scene, screw)?;
        }
        Action::Implant(implant) => {
            lies(plan, scene, implant)?;
        }
        Action::Clip { at } => {
            closed(plan, scene, &Point::from(*at))?;
        }
    }
    Ok(())
}

/// Whether a cut goes through the organ.
fn meets(plan: &Plan, scene: &Scene, blade: &Blade, progress: &Progress) -> Result<(), Refusal> {
    let Some(structure) = plan.organ else {
        let text = "no organ is chosen, and a cut goes no farther than that; choose the organ that is cut";
        return Err(Refusal::Why(text.into()));
    };
    let name = scene.name(structure);
    let body = scene.body(structure);
    let Some((body, organ)) = body.and_then(|body| Some((body, body.organ()?))) else {
        return Err(Refusal::Why(format!("{name} is no segment; choose a segment as the organ that is cut")));
    };
    let books = match Books::of(organ, blade, 0.0, progress) {
        Ok(books) => books,
        Err(ResectionError::Cancelled(stop)) => return Err(Refusal::Cancelled(stop)),
        Err(why) => return Err(Refusal::Why(why.to_string())),
    };
    // All on one side, and none of it in the instrument's reach.
    if books.cut == 0 && (books.resected == 0 || books.remnant == 0) && !blade.is_of_voxels() {
        let off = least_near(body, blade.steepness(), |point| blade.side_mm(point).abs());
        let off = off.map_or_else(String::new, |(mm, _)| format!(" by {mm:.1} mm"));
        return Err(Refusal::Why(format!("the cut misses {name}{off}; move it into the organ")));
    }
    if books.remnant == 0 && blade.is_of_voxels() {
        return Err(Refusal::Why(format!("these territories are all of {name}; choose fewer branches")));
    }
    Ok(())
}

/// Whether a path goes in through its surface and not through air.
fn goes_in(plan: &Plan, scene: &Scene, entry: &[f64; 3], tip: Option<&[f64; 3]>) -> Result<(), String> {
    let Some(surface) = plan.entry else {
        return Err(NO_ENTRY.into());
    };
    if let Some(tip) = tip {
        no_air(plan, scene, entry, tip)?;
    }
    let Some(body) = scene.body(surface) else {
        return Err(format!("{} is empty; choose another entry surface", scene.name(surface)));
    };
    on_surface(body, &Point::from(*entry))
}

/// Whether a screw passes its bone. A plan that names none is told so by its score.
fn in_bone(plan: &Plan, scene: &Scene, screw: &Screw) -> Result<(), String> {
    let Some(bone) = plan.organ.or(plan.entry).and_then(|bone| scene.body(bone)) else { return Ok(()) };
    let path = Path::of_screw(screw).map_err(|error| error.to_string())?;
    if 0.0 < through_mm(bone, &path) { Ok(()) } else { Err(BoneError::Misses.to_string()) }
}

fn no_air(plan: &Plan, scene: &Scene, from: &[f64; 3], to: &[f64; 3]) -> Result<(), String> {
    // What has no length was refused before.
    let path = Path::new(Point::from(*from), Point::from(*to), 1.0).map_err(|error| error.to_string())?;
    let mm = air_mm(plan, scene, &path).unwrap_or(0.0);
    if AIR_MM < mm {
        let below = plan.limits.matters().air_hu_below;
        return Err(format!(
            "the path goes {mm:.1} mm through air (below {below} HU); put the entry on the skin, choose a path around gas, or \
             change the plan's limit air_hu_below"
        ));
    }
    Ok(())
}

/// Whether there is any cut or osteotomy that could be done.
///
/// # Errors
/// A sentence if there is none.
pub fn cuts(plan: &Plan) -> Result<(), String> {
    let is_cut = |named: &super::NamedAction| matches!(named.action, Action::Cut(_) | Action::Osteotomy(_));
    let any = plan.actions.iter().any(is_cut);
    any.then_some(()).ok_or_else(|| "the plan has no cut and no osteotomy; add one first".into())
}
