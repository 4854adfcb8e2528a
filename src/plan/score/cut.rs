//! Terms of cuts: margins, volumes, what must stay, distances of the cut, vessels cut.

use super::kernels::{CutField, Solid};
use super::measure::{Part, Parts, Patch, least};
use super::scene::{Body, Scene};
use super::{Term, Verdict};
use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use crate::mesh::CentreLines;
use crate::plan::liver::{self, Condition};
use crate::plan::{Action, Bounded, Cut, CutShape, Plan};

/// Fewer voxels than these make no volume worth telling.
const VOXELS_MIN: usize = 64;
/// SNOMED CT code of the liver.
const LIVER: u64 = 10_200_004;
/// Least remnant for each m² of body surface, ml, for diseased livers.
const REMNANT_ML_PER_M2: f64 = 250.0;

const VOLUME: &str = "Voxels whose centre lies on that side, times their volume; bounds move the organ's border half a voxel out \
     or in. Tumours and vessels that are segments of their own are not counted.";
const MARGIN: &str = "Least distance between the target's border, as its voxels show it, and the cut, less half the width the \
     instrument destroys; bounds are half a voxel's diagonal.";
const DISTANCE: &str = "Least distance between the structure's border, as its voxels show it, and the cut inside the organ, less \
     half the width the instrument destroys; bounds are half a voxel's diagonal of both.";
const VESSEL: &str =
    "Where the centre line crosses the cut inside the organ: twice its radius there; bounds are half a voxel.";

/// The fields of a cut, none for shapes whose field is not known here.
pub(crate) fn knives_of_cut(cut: &Cut) -> Vec<CutField> {
    match &cut.shape {
        CutShape::Plane { point, normal } => vec![CutField::of_planes(&[[*point, *normal]])],
        CutShape::Wedge { planes } => vec![CutField::of_planes(planes)],
        CutShape::Sphere { centre, radius_mm } => {
            vec![CutField::Ball { centre: Point::from(*centre), radius_mm: *radius_mm }]
        }
        CutShape::Sheet(sheet) => CutField::of_sheet(cut, sheet).into_iter().collect(),
        CutShape::Territories { .. } => Vec::new(),
    }
}

/// All knives of the cuts of `plan` with their widths; `None` if there is a cut whose field is not known.
pub(crate) fn knives(plan: &Plan) -> Option<Vec<(CutField, f64)>> {
    let cuts = plan.actions.iter().filter_map(|named| match &named.action {
        Action::Cut(cut) => Some(cut),
        _ => None,
    });
    let knives: Vec<_> = cuts.map(|cut| (knives_of_cut(cut), cut.width_mm)).collect();
    if knives.iter().any(|(fields, _)| fields.is_empty()) {
        return None;
    }
    Some(knives.into_iter().flat_map(|(fields, width)| fields.into_iter().map(move |field| (field, width))).collect())
}

/// Terms of all cuts together.
pub(super) fn plan_terms(plan: &Plan, scene: &Scene, progress: &Progress) -> Result<Vec<Term>, Cancelled> {
    if !plan.actions.iter().any(|named| matches!(named.action, Action::Cut(_))) {
        return Ok(Vec::new());
    }
    let Some(knives) = knives(plan) else {
        let text =
            "one of the cuts follows territories, or is a sheet without an area; volumes are not computed for these";
        return Ok(vec![Term::not_valid("volumes", "volumes and margins", "ml", text)]);
    };
    let mut terms = Vec::new();
    let mut condition = plan.limits.liver;
    match plan.organ.map(|organ| (scene.body(organ), scene.name(organ))) {
        Some((Some(body), name)) => match &body.solid {
            Some(solid) if VOXELS_MIN <= solid.count() => {
                let parts = Parts::of(solid, &knives);
                progress.set(0.6)?;
                let is_liver = body.snomed == Some(LIVER) || body.name.to_lowercase().contains("liver");
                condition = condition.or(is_liver.then_some(Condition::Normal));
                volumes(plan, &name, &parts, condition.filter(|_| is_liver), &mut terms);
            }
            Some(solid) => {
                let text = format!("{name} has {} voxels; {VOXELS_MIN} are needed for a volume", solid.count());
                terms.push(Term::not_valid("volumes", "volumes", "ml", text));
            }
            None => {
                let text = format!("{name} is no segment; choose a segment as the organ to get volumes");
                terms.push(Term::not_valid("volumes", "volumes", "ml", text));
            }
        },
        Some((None, name)) => {
            let text = format!("{name} is empty or was removed; choose the organ again");
            terms.push(Term::not_valid("volumes", "volumes", "ml", text));
        }
        None => {
            terms.push(Term::not_valid("volumes", "volumes", "ml", "no organ is chosen; choose the one that is cut"));
        }
    }
    for target in &plan.targets {
        progress.check()?;
        let (id, name) = (format!("margin/{}", key(&target.structure)), scene.name(target.structure));
        let title = format!("margin to {name}");
        let Some(body) = scene.body(target.structure) else {
            terms.push(Term::not_valid(
                &id,
                title,
                "mm",
                format!("{name} is empty or was removed; choose the target again"),
            ));
            continue;
        };
        let taken = |point: &Point| {
            let depths = knives.iter().map(|(knife, width)| knife.signed_mm(point) - 0.5 * width);
            depths.fold(f64::NEG_INFINITY, f64::max)
        };
        let Some((margin_mm, at)) = least(body, taken) else { continue };
        let term = Term::value(&id, title, Bounded::within(margin_mm, body.half_mm), "mm", MARGIN);
        let term = term.at_least(target.margin_mm, true).because(match margin_mm {
            margin if margin < 0.0 => format!("a part of {name} is not taken away"),
            _ => format!("least at {}", place(&at)),
        });
        terms.push(term);
    }
    Ok(terms)
}

fn volumes(plan: &Plan, organ: &str, parts: &Parts, liver: Option<Condition>, terms: &mut Vec<Term>) {
    let value = |id: &str, name: String, value: Bounded, unit: &str| Term::value(id, name, value, unit, VOLUME);
    let remnant_ml = parts.volume_ml(Part::Remnant);
    let percent = parts.percent(Part::Remnant);
    let mut remnant = value("remnant_percent", format!("remnant {organ}"), percent, "%");
    let own = plan.limits.remnant_percent_min;
    if let Some(least) = own {
        remnant = remnant.at_least(least, true).cited("limit of this plan");
    } else if let Some(condition) = liver {
        let [least, enough] = condition.remnant_percent();
        remnant.verdict = condition.judge(&percent);
        remnant.limit = match enough - least {
            0.0 => format!("at least {least} %"),
            _ => format!("at least {least} %, enough from {enough} %"),
        };
        remnant.forbids = true;
        remnant = remnant.because(condition.name()).cited(condition.source());
    }
    terms.extend([
        remnant,
        value("remnant_ml", format!("remnant {organ}"), remnant_ml, "ml"),
        value("resected_ml", format!("resected {organ}"), parts.volume_ml(Part::Resected), "ml"),
        value("resected_percent", format!("resected {organ}"), parts.percent(Part::Resected), "%"),
        value("cut_ml", format!("{organ} destroyed by the cut"), parts.volume_ml(Part::Cut), "ml"),
        value("organ_ml", organ.to_owned(), parts.organ_ml(), "ml"),
    ]);
    if let Some(condition) = liver {
        body_terms(plan, &remnant_ml, condition, terms);
    }
}

/// What the remnant is to the liver this body should have.
fn body_terms(plan: &Plan, remnant_ml: &Bounded, condition: Condition, terms: &mut Vec<Term>) {
    let [height_cm, weight_kg] = [plan.limits.height_cm, plan.limits.weight_kg];
    let names = [
        ("standard_urata", "remnant of the standard liver volume (Urata)"),
        ("standard_vauthey", "remnant of the standard liver volume (Vauthey)"),
    ];
    if let Some(reason) = liver::outside_validity(height_cm, weight_kg) {
        // Nobody asked for it as long as neither was given.
        if height_cm.is_some() || weight_kg.is_some() {
            terms.extend(names.map(|(id, name)| Term::not_valid(id, name, "%", reason.clone())));
        }
        return;
    }
    let (Some(height), Some(weight)) = (height_cm, weight_kg) else { return };
    let [mosteller, du_bois] =
        [liver::body_surface_mosteller_m2(height, weight), liver::body_surface_du_bois_m2(height, weight)];
    let spread = Bounded { value: mosteller, low: mosteller.min(du_bois), high: mosteller.max(du_bois) };
    terms.push(
        Term::value("body_surface", "body surface", spread, "m²", "Mosteller; bounds hold the value by DuBois too.")
            .cited("Mosteller 1987, NEJM 317:1098; DuBois & DuBois 1916, Arch Intern Med 17:863"),
    );
    let formulas: [fn(f64) -> f64; 2] = [liver::standard_volume_urata_ml, liver::standard_volume_vauthey_ml];
    for ((id, name), formula) in names.into_iter().zip(formulas) {
        let [standard, low, high] = [spread.value, spread.low, spread.high].map(formula);
        let percent = Bounded {
            value: 100.0 * remnant_ml.value / standard,
            low: 100.0 * remnant_ml.low / high,
            high: 100.0 * remnant_ml.high / low,
        };
        let method = format!("Remnant over the standard volume of {standard:.0} ml for {height} cm and {weight} kg.");
        let mut term = Term::value(id, name, percent, "%", &method).cited(liver::SOURCE);
        term.verdict = condition.judge(&percent).min(Verdict::Warning);
        term.limit = format!("at least {} %", condition.remnant_percent()[0]);
        terms.push(term.because(condition.name()));
    }
    if condition == Condition::Diseased {
        let per_m2 = Bounded {
            value: remnant_ml.value / spread.value,
            low: remnant_ml.low / spread.high,
            high: remnant_ml.high / spread.low,
        };
        let term =
            Term::value("remnant_per_m2", "remnant per body surface", per_m2, "ml/m²", "Remnant over body surface.");
        let mut term = term.at_least(REMNANT_ML_PER_M2, false).cited(condition.source());
        term.verdict = term.verdict.min(Verdict::Warning);
        terms.push(term);
    }
}

/// Terms of one cut: its distance to what must be spared, and the vessels it cuts.
pub(super) fn cut_terms(
    plan: &Plan,
    scene: &Scene,
    knives: &[CutField],
    width_mm: f64,
    progress: &Progress,
) -> Result<Vec<Term>, Cancelled> {
    let organ = plan.organ.and_then(|organ| scene.body(organ)).and_then(|body| body.solid.as_ref());
    let mut terms = Vec::new();
    let patch = match (organ, knives) {
        (Some(organ), [knife]) => Patch::of(organ, knife),
        _ => None,
    };
    for keep_out in &plan.keep_out {
        progress.check()?;
        let (id, name) = (format!("keep/{}", key(&keep_out.structure)), scene.name(keep_out.structure));
        let title = format!("distance to {name}");
        let not_valid = |reason: String| Term::not_valid(&id, title.clone(), "mm", reason);
        let (Some(organ), Some(body)) = (organ, scene.body(keep_out.structure)) else {
            let text = match organ {
                None => "choose a segment as the organ: a cut goes no farther than that".to_owned(),
                Some(_) => format!("{name} is empty or was removed; choose it again"),
            };
            terms.push(not_valid(text));
            continue;
        };
        let [knife] = knives else {
            terms.push(not_valid(
                "distances of territories, and of sheets without an area, are not computed here".into(),
            ));
            continue;
        };
        let Some((distance_mm, at)) = patch.as_ref().and_then(|patch| patch.distance_to(knife, body)) else {
            terms.push(not_valid("the cut misses the organ; move it into the organ".into()));
            continue;
        };
        let taken_ml = taken_ml(body, organ, knife, width_mm);
        let is_crossed = is_crossed(body, organ, knife);
        let is_touched = is_crossed || 0.0 < taken_ml;
        let mm = if is_touched { 0.0 } else { distance_mm - 0.5 * width_mm };
        let value = Bounded::within(mm, body.half_mm.max(organ.half_mm())).at_least(-0.5 * width_mm);
        let mut term = Term::value(&id, title, value, "mm", DISTANCE);
        term = term.at_least(keep_out.distance_mm, keep_out.weight.is_none());
        if is_touched {
            term.verdict = Verdict::Breach;
        }
        let reason = match (is_crossed, taken_ml) {
            (true, _) => format!("the cut goes through {name}"),
            (_, ml) if 0.0 < ml => format!("{ml:.1} ml of {name} lie in what is taken away"),
            _ => format!("nearest at {}", place(&at)),
        };
        term = term.because(reason);
        terms.push(match keep_out.weight {
            Some(weight) => term.weighed(weight, keep_out.distance_mm),
            None => term,
        });
    }
    let (Some(organ), [knife]) = (organ, knives) else { return Ok(terms) };
    let half_mm = 0.5 * organ.grid().spacing_mm().into_iter().fold(0.0, f64::max);
    for vessels in &plan.vessels {
        let Some(lines) = scene.body(*vessels).and_then(|body| body.lines.as_ref()) else { continue };
        let name = scene.name(*vessels);
        for crossing in crossings(lines, organ, knife) {
            let Crossing { branch, count, radius_mm, at } = crossing;
            let id = format!("vessel/{}/{}", key(vessels), branch + 1);
            let value = Bounded::within(2.0 * radius_mm, half_mm).at_least(0.0);
            let title = format!("cut vessel: {name}, branch {}", branch + 1);
            let times = if 1 < count { format!(", crossed {count} times") } else { String::new() };
            terms.push(Term::value(&id, title, value, "mm", VESSEL).because(format!("at {}{times}", place(&at))));
        }
    }
    Ok(terms)
}

/// Volume of the part of `body` that lies within the organ and on the side that is taken away.
fn taken_ml(body: &Body, organ: &Solid, knife: &CutField, width_mm: f64) -> f64 {
    let Some(solid) = &body.solid else { return 0.0 };
    let centres = solid.voxels().map(|voxel| solid.grid().centre(voxel));
    let is_taken = |centre: &Point| 0.5 * width_mm <= knife.signed_mm(centre) && organ.surrounds(centre);
    centres.filter(is_taken).count() as f64 * solid.voxel_ml()
}

/// Whether the part of `body` within the organ lies on both sides of the cut.
fn is_crossed(body: &Body, organ: &Solid, knife: &CutField) -> bool {
    let within = body.border.iter().filter(|(point, _)| organ.surrounds(point));
    let mut sides = [false; 2];
    for (point, _) in within {
        sides[usize::from(0.0 <= knife.signed_mm(point))] = true;
    }
    sides == [true; 2]
}

/// Where a branch goes through a cut, thickest place.
struct Crossing {
    branch: usize,
    count: usize,
    radius_mm: f64,
    at: Point,
}

/// All branches that go through the cut within the organ, the thickest first.
fn crossings(lines: &CentreLines, organ: &Solid, knife: &CutField) -> Vec<Crossing> {
    let mut found: Vec<Crossing> = Vec::new();
    for (n, branch) in lines.branches().iter().enumerate() {
        for (points, radii) in branch.points.windows(2).zip(branch.radii_mm.windows(2)) {
            let [a, b] = [knife.signed_mm(&points[0]), knife.signed_mm(&points[1])];
            if (0.0 <= a) == (0.0 <= b) {
                continue;
            }
            let t = a / (a - b);
            let at = points[0] + (points[1] - points[0]) * t;
            if !organ.surrounds(&at) {
                continue;
            }
            let radius_mm = radii[0] + (radii[1] - radii[0]) * t;
            match found.iter_mut().find(|crossing| crossing.branch == n) {
                Some(known) => {
                    known.count += 1;
                    if known.radius_mm < radius_mm {
                        (known.radius_mm, known.at) = (radius_mm, at);
                    }
                }
                None => found.push(Crossing { branch: n, count: 1, radius_mm, at }),
            }
        }
    }
    found.sort_by(|a, b| b.radius_mm.total_cmp(&a.radius_mm).then(a.branch.cmp(&b.branch)));
    found
}

/// `3` for a whole object, `3.9` for segment 9 of it: stable names of terms.
pub(super) fn key(structure: &crate::plan::Structure) -> String {
    let node = structure.node.0;
    structure.segment.map_or_else(|| node.to_string(), |segment| format!("{node}.{}", segment.0))
}

/// A place in words.
pub(super) fn place(at: &Point) -> String {
    format!("{:.1}, {:.1}, {:.1} (LPS, mm)", at.x, at.y, at.z)
}
