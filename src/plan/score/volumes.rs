//! Terms of the volumes that cuts take and leave, and what they are to the body.

use super::{Term, Verdict};
use crate::plan::liver::{self, Condition};
use crate::plan::resection::Books;
use crate::plan::{Bounded, Plan, uncertainty};

/// Least remnant for each m² of body surface, ml, for diseased livers.
const REMNANT_ML_PER_M2: f64 = 250.0;
/// Why a remnant is never surely enough while nobody said how healthy the liver is.
const NOT_GIVEN: &str = "the condition of the liver is not given; choose it in the limits of the plan";
/// Volume of a specimen of liver without its blood over that in the CT.
const BLOODLESS: f64 = 0.906;
const SPECIMEN: &str = "CT volumes over-estimate specimens: PMC4000610; factor 0.906 of 24 hemihepatectomies: doi \
     10.1186/s12880-019-0309-5";
/// How volumes of parts come about; see [`Books::of`].
const VOLUME: &str = "Voxels by the side their centre lies on, times their volume; those the cut goes through count by the part that \
     lies there. Bounds move the edge of the part half a voxel and e out or in; a share is lowest where the part has its lower \
     bound while the rest has its upper one. Tumours and vessels that are segments of their own are not counted.";

/// The terms of what all cuts of `plan` together take and leave of the organ called `organ`, and why these are worth little if so.
pub(super) fn terms(plan: &Plan, organ: &str, books: &Books, liver: Option<Condition>, terms: &mut Vec<Term>) {
    let value = |id: &str, name: String, value: Bounded, unit: &str| Term::value(id, name, value, unit, VOLUME);
    let percent = books.remnant_percent();
    let resected = uncertainty::percent_of_parts(books.resected_ml, books.remnant_ml + books.cut_ml);
    let mut remnant = value("remnant_percent", format!("remnant {organ}"), percent, "%");
    remnant = judged(plan, liver, remnant);
    terms.extend([
        remnant,
        value("remnant_ml", format!("remnant {organ}"), books.remnant_ml, "ml"),
        specimen(liver, value("resected_ml", format!("resected {organ}"), books.resected_ml, "ml")),
        value("resected_percent", format!("resected {organ}"), resected, "%"),
        value("cut_ml", format!("{organ} destroyed by the cut"), books.cut_ml, "ml"),
        value("organ_ml", organ.to_owned(), books.organ_ml, "ml"),
    ]);
    if let Some(remark) = books.remark()
        && let Some(first) = terms.iter_mut().find(|term| term.id == "remnant_percent")
    {
        let before = if first.reason.is_empty() { String::new() } else { format!("{}; ", first.reason) };
        first.reason = format!("{before}{remark}");
    }
    if let Some(condition) = liver {
        body_terms(plan, &books.remnant_ml, condition, terms);
    }
}

/// `resected`, with what a specimen of liver measures once its blood has run out: smaller than in the CT.
fn specimen(liver: Option<Condition>, resected: Term) -> Term {
    let (Some(_), Some(ml)) = (liver, resected.value) else { return resected };
    let without_blood = format!("about {:.0} ml once its blood has run out", BLOODLESS * ml.value);
    resected.because(without_blood).cited(SPECIMEN)
}

/// `remnant`, a share of the organ, judged by the limit of the plan or by the liver's condition.
///
/// A condition that nobody gave is that of a normal liver, which asks for least: green would say more than is known.
pub(super) fn judged(plan: &Plan, liver: Option<Condition>, mut remnant: Term) -> Term {
    if let Some(least) = plan.limits.remnant_percent_min {
        return remnant.at_least(least, true).cited("limit of this plan");
    }
    let (Some(condition), Some(percent)) = (liver, remnant.value) else { return remnant };
    let [least, enough] = condition.remnant_percent();
    remnant.verdict = condition.judge(&percent);
    remnant.limit = match enough - least {
        0.0 => format!("at least {least} %"),
        _ => format!("at least {least} %, enough from {enough} %"),
    };
    remnant.forbids = true;
    of_condition(plan, condition, remnant).cited(condition.source())
}

/// `term`, with the condition it was judged by.
fn of_condition(plan: &Plan, condition: Condition, term: Term) -> Term {
    let term = term.because(condition.name());
    match plan.limits.liver {
        Some(_) => term,
        None => term.doubted(NOT_GIVEN),
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
        terms.push(of_condition(plan, condition, term));
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
