//! Terms of ablations: all zones of a plan together against each target, and vessels that may cool them.

use super::cut::{key, place};
use super::measure::least_near;
use super::obstacle::mask;
use super::scene::{Body, Scene};
use super::{Term, Verdict};
use crate::base::units::MM3_PER_ML;
use crate::base::{Cancelled, Progress};
use crate::plan::ablation::{AblationError, Device, LIMITS, SinkRules, Zones, coverage, device, heat_sinks, margin};
use crate::plan::{Action, Bounded, KeepOut, Plan, Target, Zone};

const MARGIN: &str = "Least depth of the target's surface (faces of its voxels, or its triangles) under the boundary of all zones \
    together, negative where it lies outside; bounds are half a voxel's diagonal and e.";
const KEPT_OUT: &str = "Least distance between the ellipsoid of the device at this power and time and the structure's border, as its \
     voxels, triangles or vessels with their radius show it; negative where it reaches into the zone. Exact for the \
     ellipsoid; bounds are half a voxel's diagonal and e. The shaft has a distance of its own.";
const COVERAGE: &str = "Voxels whose middles lie in a zone; bounds count those within half a voxel's diagonal and e of a zone's boundary \
    as left, or as destroyed.";
const SINKS: &str = "Branches of centre lines wider than 3 mm whose wall touches a zone.";
const SIZE: &str = "The device's figures at this power and time, straight between the lines of its table; how far zones of one device \
     differ is not in it.";
/// Why nothing of a zone is sure: the table is one of examples.
const ILLUSTRATIVE: &str = "the figures of the device are illustrative and of no device that can be bought";
const WIDE: &str = "Lu and others 2002, AJR 178:47; Lin and others 2016, doi 10.4103/jcrt.JCRT_959_16";

/// The terms of all ablations of `plan`; none if it has none.
pub(super) fn terms(plan: &Plan, scene: &Scene, progress: &Progress) -> Result<Vec<Term>, Cancelled> {
    let planned = plan.actions.iter().filter_map(|named| match &named.action {
        Action::Ablation(zone) => Some(zone.clone()),
        _ => None,
    });
    let planned: Vec<Zone> = planned.collect();
    if planned.is_empty() {
        return Ok(Vec::new());
    }
    let zones = match Zones::planned(&planned, &plan.devices) {
        Ok(zones) => zones,
        Err(why) => {
            let all = Term::not_valid("ablation", "minimum ablation margin", "mm", why.to_string());
            let each = plan.targets.iter().map(|target| no_margin(target, scene, why.to_string()));
            return Ok(std::iter::once(all).chain(each).collect());
        }
    };
    let source = sources(&planned, &plan.devices);
    let mut terms = Vec::new();
    for target in &plan.targets {
        progress.check()?;
        let Some(body) = scene.body(target.structure) else {
            let name = scene.name(target.structure);
            let why = format!("{name} is empty or was removed; choose the target again");
            terms.push(no_margin(target, scene, why));
            continue;
        };
        terms.push(least_margin(target, body, scene.half_mm(body), &zones, &source, progress)?);
        terms.extend(covered(target, body, scene.edge_mm(), &zones, &source, progress)?);
    }
    terms.extend(sinks(plan, scene, &zones));
    Ok(terms
        .into_iter()
        .map(|term| if is_illustrative(&planned, &plan.devices) { term.doubted(ILLUSTRATIVE) } else { term })
        .collect())
}

/// The margin of a target that cannot be judged.
fn no_margin(target: &Target, scene: &Scene, why: String) -> Term {
    let id = format!("ablation/margin/{}", key(&target.structure));
    let title = format!("minimum ablation margin, {}", scene.name(target.structure));
    Term::not_valid(&id, title, "mm", why).at_least(target.margin_mm, true)
}

/// Whether the figures of any of these are examples.
fn is_illustrative(planned: &[Zone], own: &[Device]) -> bool {
    planned.iter().any(|zone| device(own, &zone.device).is_ok_and(|device| device.is_illustrative()))
}

/// The terms of one ablation: its shaft as a path, and its zone against what must be spared.
///
/// The tip of an applicator may lie behind its target: what counts is the zone. What the shaft comes near is a term beside
/// what the zone comes near, for the zone destroys and the shaft only bleeds.
pub(super) fn zone_terms(plan: &Plan, scene: &Scene, zone: &Zone) -> Vec<Term> {
    let of_path = super::path::needle_terms(plan, scene, &zone.needle).into_iter();
    let of_path = of_path.filter(|term| !term.id.starts_with("tip/"));
    let mut terms: Vec<Term> = of_path
        .map(|term| match term.id.strip_prefix("keep/") {
            Some(key) => Term { id: format!("shaft/{key}"), name: format!("shaft, {}", term.name), ..term },
            None => term,
        })
        .collect();
    match Zones::planned(std::slice::from_ref(zone), &plan.devices) {
        Ok(zones) => {
            terms.extend(size_terms(zone, &plan.devices));
            terms.extend(plan.keep_out.iter().map(|keep_out| kept_out(keep_out, scene, &zones, zone, &plan.devices)));
        }
        Err(why) => terms.extend(plan.keep_out.iter().map(|keep_out| {
            let title = format!("zone, distance to {}", scene.name(keep_out.structure));
            let id = format!("keep/{}", key(&keep_out.structure));
            let term = Term::not_valid(&id, title, "mm", why.to_string());
            term.at_least(keep_out.distance_mm, keep_out.weight.is_none())
        })),
    }
    terms
}

/// How large the zone of a device is, with where that is from.
fn size_terms(zone: &Zone, own: &[Device]) -> Vec<Term> {
    let planned = std::slice::from_ref(zone);
    let Ok(known) = device(own, &zone.device) else { return Vec::new() };
    let Ok(size) = known.zone(zone.power_w, zone.minutes) else { return Vec::new() };
    let Zone { power_w, minutes, .. } = zone;
    let dose = format!("{}, {power_w} W for {minutes} min", known.name);
    let term = |id: &str, name: &str, mm: f64| {
        let term = Term::value(id, name, Bounded::exact(mm), "mm", SIZE);
        term.because(dose.clone()).cited(&sources(planned, own))
    };
    vec![
        term("zone/long", "zone, length along the applicator", size.long_mm),
        term("zone/short", "zone, width across the applicator", size.short_mm),
    ]
}

/// How far a zone is from what must be spared.
fn kept_out(keep_out: &KeepOut, scene: &Scene, zones: &Zones, planned: &Zone, own: &[Device]) -> Term {
    let (id, name) = (format!("keep/{}", key(&keep_out.structure)), scene.name(keep_out.structure));
    let title = format!("zone, distance to {name}");
    let body = scene.body(keep_out.structure);
    let nearest = body.and_then(|body| Some((body, least_near(body, 1.0, |point| -zones.depth_mm(point))?)));
    let Some((body, (mm, at))) = nearest else {
        let term = Term::not_valid(&id, title, "mm", format!("{name} is empty or was removed; choose it again"));
        return term.at_least(keep_out.distance_mm, keep_out.weight.is_none());
    };
    // A structure may hold all of the zone, whose own places are then all outside its border.
    let is_around = zones.zones().iter().any(|zone| body.holds(&zone.centre));
    let mm = if is_around { mm.min(0.0) } else { mm };
    let mut term = Term::value(&id, title, Bounded::within(mm, scene.half_mm(body)), "mm", KEPT_OUT);
    term = term.at_least(keep_out.distance_mm, keep_out.weight.is_none());
    if mm <= 0.0 {
        term.verdict = Verdict::Breach;
    }
    term = term.because(match (is_around, mm < 0.0) {
        (true, _) => format!("the zone lies in {name}"),
        (_, true) => format!("{name} reaches {:.1} mm into the zone, deepest at {}", -mm, place(&at)),
        _ => format!("nearest at {}", place(&at)),
    });
    let planned = std::slice::from_ref(planned);
    let term = term.cited(&sources(planned, own));
    let term = if is_illustrative(planned, own) { term.doubted(ILLUSTRATIVE) } else { term };
    match keep_out.weight {
        Some(weight) => term.weighed(weight, keep_out.distance_mm),
        None => term,
    }
}

/// Where the figures of the zones come from, each once.
fn sources(planned: &[Zone], own: &[Device]) -> String {
    let mut all: Vec<String> = Vec::new();
    for device in planned.iter().filter_map(|zone| device(own, &zone.device).ok()) {
        let text = format!("{}: {}", device.name, device.source);
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all.join("; ")
}

fn failed(id: &str, name: String, unit: &str, why: AblationError) -> Result<Term, Cancelled> {
    match why {
        AblationError::Cancelled(stop) => Err(stop),
        other => Ok(Term::not_valid(id, name, unit, other.to_string())),
    }
}

fn least_margin(
    target: &Target,
    body: &Body,
    known_mm: f64,
    zones: &Zones,
    source: &str,
    progress: &Progress,
) -> Result<Term, Cancelled> {
    let id = format!("ablation/margin/{}", key(&target.structure));
    let name = format!("minimum ablation margin, {}", body.name);
    let Some(surface) = body.shell() else {
        let term = Term::not_valid(&id, name, "mm", "the target is vessels; choose a segment or a surface");
        return Ok(term.at_least(target.margin_mm, true));
    };
    match margin(surface, zones, target.margin_mm, known_mm, progress) {
        Err(why) => Ok(failed(&id, name, "mm", why)?.at_least(target.margin_mm, true)),
        Ok(found) => {
            let mm = found.least_mm.value;
            let at = place(&found.at);
            let left = if mm < 0.0 { "it is not destroyed there; " } else { "" };
            let why =
                format!("least at {at}; {left}{:.0} % of its surface keep the margin", found.with_required_percent);
            let term = Term::value(&id, name, found.least_mm, "mm", MARGIN).at_least(target.margin_mm, true);
            Ok(term.because(why).cited(&format!("margin of this plan; zones: {source}. {LIMITS}")))
        }
    }
}

fn covered(
    target: &Target,
    body: &Body,
    edge_mm: f64,
    zones: &Zones,
    source: &str,
    progress: &Progress,
) -> Result<Vec<Term>, Cancelled> {
    let key = key(&target.structure);
    let [whole, around] = [format!("ablation/covered/{key}"), format!("ablation/covered_margin/{key}")];
    let names = [format!("coverage of {}", body.name), format!("coverage of {} with its margin", body.name)];
    let [of_tumour, with_margin] = names;
    // Not hard: the margin, which is, says of a surface that all of it is covered.
    let Some(solid) = &body.solid else {
        return Ok(vec![Term::not_valid(&whole, of_tumour, "%", "voxels are counted; choose a segment as the target")]);
    };
    let found = match coverage(&mask(solid, target.margin_mm), zones, target.margin_mm, edge_mm, progress) {
        Ok(found) => found,
        Err(why) => return Ok(vec![failed(&whole, of_tumour, "%", why)?.at_least(100.0, true)]),
    };
    let all_ml = found.tumour_voxels.iter().sum::<usize>() as f64 * solid.grid().voxel_mm3() / MM3_PER_ML;
    let [value, high, low] = found.tumour_percent.all().map(|percent| all_ml * (1.0 - 0.01 * percent));
    let left = Bounded { value, low, high }.at_least(0.0);
    let mut terms = vec![
        Term::value(&whole, of_tumour, found.tumour_percent, "%", COVERAGE)
            .at_least(100.0, true)
            .because(format!("{} of it are left", left.text(2, "ml")))
            .cited(source),
    ];
    if 0.0 < target.margin_mm {
        let term = Term::value(&around, with_margin, found.with_margin_percent, "%", COVERAGE);
        terms.push(term.at_least(100.0, false).cited(source));
    }
    Ok(terms)
}

fn sinks(plan: &Plan, scene: &Scene, zones: &Zones) -> Vec<Term> {
    let lines = plan.vessels.iter().filter_map(|vessel| Some((vessel, scene.body(*vessel)?)));
    let mut terms = Vec::new();
    for (vessel, body) in lines {
        let Some(lines) = &body.lines else { continue };
        let found = heat_sinks(lines, zones, &SinkRules::default());
        let name = format!("heat sinks, {}", body.name);
        let id = format!("ablation/sinks/{}", key(vessel));
        let mut term = Term::value(&id, name, Bounded::exact(found.len() as f64), "1", SINKS).cited(WIDE);
        if let Some(first) = found.first() {
            let (mm, cm) = (first.diameter_mm, first.length_mm);
            term.verdict = Verdict::Warning;
            term = term.because(format!(
                "branch {} is {mm:.1} mm wide and cools the zone over {cm:.0} mm, nearest at {}",
                first.branch + 1,
                place(&first.at)
            ));
        }
        terms.push(term);
    }
    if terms.is_empty() {
        let why = "the plan names no centre lines of vessels; make them with model.centre_lines and name them";
        terms.push(Term::not_valid("ablation/sinks", "heat sinks", "1", why));
    }
    terms
}
