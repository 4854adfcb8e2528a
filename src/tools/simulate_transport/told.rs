//! What a passage says of itself: curves at the openings, times, what became of all of it.

use super::Passed;
use crate::base::{Summary, Table};
use crate::flow::scalar::{Age, Curve};

/// Rows of the table of curves.
const CURVE_ROWS: usize = 100;
/// Volumes are told by ages of so many mean transit times.
const AGES: [f64; 6] = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0];
/// Share of the fluxes that may be corrected before it is said.
const CORRECTED_MAX: f64 = 0.1;
/// Share of what came in that may be inside at the end before it is said that the curves are cut off.
const INSIDE_MAX: f64 = 0.05;
/// Share of the right side by which the age may be off before it is said.
const AGE_RESIDUAL_MAX: f64 = 1e-2;

/// Facts, tables, methods, limits and warnings.
pub(super) fn summary(passed: &Passed) -> Summary {
    let Passed { carrier, transport, passage, substance, params, .. } = passed;
    let transit_s = carrier.transit_s();
    let mut summary = Summary::default()
        .fact("mean transit time, volume over flow", transit_s, "s")
        .fact("volume of the cells", 1e6 * carrier.volume_m3(), "ml")
        .fact("flow through it", 1e6 * carrier.inflow_m3_s(), "ml/s");
    if let Some(age) = &passed.age {
        summary = summary
            .fact("mean age of what goes out", age.leaving_s, "s")
            .fact("difference to volume over flow", 100.0 * (age.leaving_s / transit_s - 1.0), "%")
            .fact("mean age in the lumen", age.inside_s, "s");
    }
    if substance.is_injected() {
        summary = injected(passed, summary);
    } else {
        for transits in [1.0, 2.0, 3.0] {
            if let Some(left) = at(&passage.times_s, &passage.inside, transits * transit_s) {
                let name = format!("washed out after {transits:.0} mean transit times");
                summary = summary.fact(&name, 100.0 * (1.0 - left / transport.start), "%");
            }
        }
    }
    let unit = substance.amount_unit;
    let balance = &passage.balance;
    if 0.0 < balance.start {
        summary = summary.fact("in the lumen at the start", 1e6 * balance.start, unit);
    }
    summary = summary.fact("came in", 1e6 * balance.came, unit).fact("went out", 1e6 * balance.gone, unit).fact(
        "in the lumen at the end",
        1e6 * balance.inside,
        unit,
    );
    if 0.0 < transport.decay_per_s {
        summary = summary.fact("decayed", 1e6 * balance.decayed, unit);
    }
    summary = summary
        .fact("missing in this balance, share of all", balance.error(), "1")
        .fact("diffusion", 1e6 * transport.diffusion_m2_s, "mm²/s")
        .fact("diffusion that the scheme adds, mean", 1e6 * passage.smearing_m2_s, "mm²/s")
        .fact("fluxes between cells corrected by", 100.0 * carrier.corrected(), "%")
        .fact("steps", passage.steps as f64, "1")
        .fact("time step", 1e3 * passage.step_s, "ms")
        .table(openings(passed))
        .table(curves(passed));
    if passed.age.is_some() {
        summary = summary.table(by_age(passed));
    }
    let diffusion = if params.diffusion_m2_s.is_some() { "as given" } else { substance.source };
    summary = summary
        .method("finite volumes on the cells of the flow: limited upwind fluxes (Koren 1993) and two stages in time (Shu and Osher 1988), of second order; no value beyond those that came in; fluxes made free of losses by a potential")
        .method(format!("diffusion of {:.1e} m²/s: {diffusion}", transport.diffusion_m2_s))
        .method("mean transit time: volume over flow, whatever the path (Meier and Zierler 1954)")
        .limit("the flow does not feel what it carries: no difference in density or viscosity, none of the injection's own flow")
        .limit(format!(
            "between rigid, tight walls; the scheme itself smears like a diffusion of {:.2e} m²/s on average, the cell of {:.3} mm being the smallest thing it sees",
            passage.smearing_m2_s,
            passed.flow.cells.cell_mm()
        ))
        .limit("arrival and residence in the layer of cells at the wall, a staircase, are patterns rather than numbers")
        .limit("wall without fluid beside it shows 0");
    if passed.age.is_some() {
        summary = summary
            .method("residence time: the mean age of the fluid, u·grad τ − D div grad τ = 1 (Danckwerts 1958)")
            .limit(format!(
                "residence time is cut at {} mean transit times: fluid that hardly moves is older than that",
                Age::TRANSITS_MAX
            ));
    }
    if substance.word == "heat" {
        summary = summary.limit("no heat goes through the walls");
    }
    if let Some(limit) = passed.beat {
        summary = summary.limit(limit);
    }
    warned(passed, summary)
}

/// Facts of what is injected.
fn injected(passed: &Passed, summary: Summary) -> Summary {
    let Passed { passage, substance, params, transport, .. } = passed;
    let mut summary = summary.fact("highest at the inlet", transport.injection.highest(), substance.unit);
    let out = || passage.curves.iter().filter(|curve| 0.0 < curve.amount && !curve.is_inlet);
    let highest = out().map(Curve::peak).fold(0.0, f64::max);
    summary = summary.fact("highest at an outlet", highest, substance.unit);
    if substance.word == "contrast" {
        summary = summary
            .fact("highest at the inlet", transport.injection.highest() * params.hu_per_mg_ml, "HU")
            .fact("highest at an outlet", highest * params.hu_per_mg_ml, "HU")
            .method(format!(
                "{} HU for each mg of iodine in a ml: about 25 to 30 at 120 kVp, to be given for other spectra",
                params.hu_per_mg_ml
            ));
    }
    if let Some(first) = out().filter_map(|curve| curve.arrival_s(&passage.times_s)).min_by(f64::total_cmp) {
        summary = summary.fact("first rise to a tenth of the own peak at an outlet", first, "s");
    }
    if let Some(mean_s) = passed.transit_by_curves_s() {
        summary = summary.fact("mean transit time of what has gone out", mean_s, "s");
    }
    summary
        .method(passed.injection_told.clone())
        .method("arrival, on the wall: when a tenth of the highest concentration at the inlet is reached; the rise at openings: to a tenth of the peak of that opening itself")
        .limit(format!(
            "wall that nothing has reached in the {:.3} s that were followed shows these as its arrival: it arrives later there, or never",
            transport.seconds
        ))
}

fn warned(passed: &Passed, mut summary: Summary) -> Summary {
    let Passed { carrier, passage, .. } = passed;
    if CORRECTED_MAX < carrier.corrected() {
        summary = summary.warning(format!(
            "the fluxes between cells had to be corrected by {:.0} %: the flow is not steady or its cells are coarse",
            100.0 * carrier.corrected()
        ));
    }
    if let Some(age) = passed.age.as_ref().filter(|age| AGE_RESIDUAL_MAX < age.residual) {
        summary = summary.warning(format!(
            "the residence time is not settled: {:.1} % of its equation is missing after {} steps",
            100.0 * age.residual,
            age.steps
        ));
    }
    let inside = passage.balance.inside / (passage.balance.start + passage.balance.came).max(f64::MIN_POSITIVE);
    if passed.ends && INSIDE_MAX < inside {
        summary = summary.warning(format!(
            "{:.0} % is still inside at the end: mean transit times of the curves are too short; follow it for longer than {:.3} s",
            100.0 * inside,
            passed.transport.seconds
        ));
    }
    if let Some(warning) = &passed.warning {
        summary = summary.warning(warning.clone());
    }
    for port in carrier.ports().iter().filter(|port| !port.is_inlet && 0.0 < port.inflow_m3_s) {
        summary = summary.warning(format!("fluid comes in at '{}': it is taken to bring nothing", port.name));
    }
    summary
}

/// The value on straight lines between samples; none beyond the last.
fn at(times_s: &[f64], values: &[f64], time_s: f64) -> Option<f64> {
    let next = times_s.iter().position(|time| time_s <= *time)?;
    let before = next.checked_sub(1)?;
    let part = (time_s - times_s[before]) / (times_s[next] - times_s[before]);
    Some(values[before] + part * (values[next] - values[before]))
}

fn openings(passed: &Passed) -> Table {
    let Passed { carrier, passage, substance, params, .. } = passed;
    let mut columns = vec![
        ("flow in", "ml/s"),
        ("rise to a tenth of the own peak", "s"),
        ("peak", "s"),
        ("highest", substance.unit),
        ("width at half the peak", "s"),
        ("mean time", "s"),
        ("share of all that came or went", "%"),
    ];
    if passed.age.is_some() {
        columns.push(("mean age", "s"));
    }
    if substance.word == "contrast" {
        columns.push(("highest", "HU"));
    }
    let mut table = Table::new("At the openings", "opening", &columns);
    for (n, (curve, port)) in passage.curves.iter().zip(carrier.ports()).enumerate() {
        let times = &passage.times_s;
        let all = if curve.amount < 0.0 { passage.balance.came } else { passage.balance.gone };
        let moved = 0.0 < curve.peak() && substance.is_injected();
        let mut values = vec![
            Some(1e6 * port.inflow_m3_s),
            curve.arrival_s(times).filter(|_| moved),
            curve.to_peak_s(times).filter(|_| moved),
            Some(curve.peak()),
            curve.width_s(times).filter(|_| moved),
            Some(curve.mean_s).filter(|_| curve.amount != 0.0),
            Some(100.0 * curve.amount.abs() / all).filter(|_| 0.0 < all),
        ];
        if let Some(age) = &passed.age {
            values.push(Some(age.ports_s[n]));
        }
        if substance.word == "contrast" {
            values.push(Some(curve.peak() * params.hu_per_mg_ml));
        }
        table = table.row(port.name.clone(), values);
    }
    table
}

fn curves(passed: &Passed) -> Table {
    let Passed { passage, substance, .. } = passed;
    let lumen = "mean in the lumen";
    let named = passage.curves.iter().map(|curve| (curve.name.as_str(), substance.unit));
    let columns: Vec<(&str, &str)> =
        std::iter::once(("time", "s")).chain(named).chain(std::iter::once((lumen, substance.unit))).collect();
    let title = format!("{} over time", super::capitalised(substance.name));
    let mut table = Table::new(title, "moment", &columns);
    let every = (passage.times_s.len() - 1).div_ceil(CURVE_ROWS).max(1);
    for (n, time) in passage.times_s.iter().enumerate().step_by(every) {
        let values = passage.curves.iter().map(|curve| Some(curve.values[n]));
        let values = std::iter::once(Some(*time)).chain(values).chain(std::iter::once(Some(passage.inside[n])));
        table = table.row(format!("{}", n / every + 1), values);
    }
    table
}

fn by_age(passed: &Passed) -> Table {
    let Passed { carrier, .. } = passed;
    let columns = [("older than", "s"), ("volume", "ml"), ("share of the lumen", "%")];
    let mut table = Table::new("Volume by residence time", "older than", &columns);
    let Some(age) = &passed.age else { return table };
    for transits in AGES {
        let limit_s = transits * carrier.transit_s();
        let volume = carrier.older_m3(age, limit_s);
        let values = [limit_s, 1e6 * volume, 100.0 * volume / carrier.volume_m3()];
        table = table.row(format!("{transits} mean transit times"), values.map(Some));
    }
    table
}
