//! What a breath says of itself.

use super::law::Rohrer;
use super::pattern::Breath;
use super::run::{Breathing, Direction, SteadyFlow};
use super::validity::straight_pipe;
use crate::base::units::{MM3_PER_ML, PA_PER_CMH2O};
use crate::base::{Summary, Table};
use crate::flow::{FlowResult, Setup, Split};
use std::f64::consts::{PI, TAU as TURN};

/// Every how many moments the table of the breath has a row.
const ROW_EVERY: usize = 5;
/// Amplitude (as a share) and phase (in radians) by which a straight pipe's pressure may be off before it is said.
const AMPLITUDE_MAX: f64 = 0.05;
const PHASE_MAX_RAD: f64 = 0.1;
/// Share of inspiration that the air may take to pass the airways at its peak flow before it is said.
const PASSAGE_MAX: f64 = 0.25;
/// Share of the peak's pressure by which Rohrer's law may miss a flow before it is said.
const MISFIT_MAX: f64 = 0.05;
/// Fewer cells than this across a branch end are said.
const ACROSS_END_MIN: f64 = 6.0;
/// ml in a litre, and Pa s/ml in Pa s/l.
const ML_PER_L: f64 = 1e3;

pub(super) fn summary(setup: &Setup, breath: &Breath, breathing: &Breathing) -> Summary {
    let Breathing { inspiration, expiration, cycle, .. } = breathing;
    let wave = breath.waveform();
    let tidal_ml = breath.tidal_ml();
    let central = &inspiration.openings[0].opening;
    let [peak_in, peak_out] = breath.peaks_ml_s();
    let fluid = &setup.fluid;
    let reynolds = |flow_ml_s: f64| fluid.reynolds(flow_ml_s / central.area_mm2, 2e-3 * central.radius_mm);
    let womersley = |omega: f64| 1e-3 * central.radius_mm * (omega / fluid.kinematic_m2_s()).sqrt();
    let period_s = wave.period_s();
    // The faster half of the breath, as if it were half of an oscillation.
    let into_s = breath.inspiration_s();
    let faster = PI / into_s.min(breath.expiration_s());
    let off = straight_pipe(womersley(faster));
    let cell_mm = inspiration.cells.cell_mm();
    let volume_ml = inspiration.cells.len() as f64 * cell_mm.powi(3) / MM3_PER_ML;
    // At the peak flow, which is the shortest it can be.
    let passage = volume_ml / peak_in / into_s;
    let ends = inspiration.openings[1..].iter().map(|flow| 2.0 * flow.opening.radius_mm / cell_mm);
    let across_end = ends.fold(f64::INFINITY, f64::min);
    let mut summary = Summary::default();
    for (direction, what) in [(Direction::In, "peak inspiration"), (Direction::Out, "peak expiration")] {
        let Some(peak) = breathing.way(direction).next() else { continue };
        let resistance = ML_PER_L * peak.ends.lost_pa / peak.flow_ml_s;
        summary = summary
            .fact(&format!("resistance at {what}"), resistance / PA_PER_CMH2O, "cmH2O s/l")
            .fact(&format!("resistance at {what}"), resistance, "Pa s/l")
            .fact(&format!("total pressure lost at {what}"), peak.ends.lost_pa, "Pa")
            .fact(&format!("pressure drop at {what}"), peak.ends.drop_pa, "Pa");
    }
    let [largest_in, largest_out] = cycle.largest_pa();
    summary = summary
        .fact("work of breathing in these airways", 1e3 * cycle.work_j / tidal_ml * ML_PER_L, "mJ/l")
        .fact("work of a breath in these airways", 1e3 * cycle.work_j, "mJ")
        .fact("largest pressure over the ends in inspiration", largest_in, "Pa")
        .fact("largest pressure under the ends in expiration", largest_out, "Pa")
        .fact("tidal volume", tidal_ml, "ml")
        .fact("breaths", 60.0 / period_s, "1/min")
        .fact("share of inspiration", into_s / period_s, "1")
        .fact("peak flow in", peak_in / ML_PER_L, "l/s")
        .fact("peak flow out", peak_out / ML_PER_L, "l/s");
    for (result, what) in [(inspiration, "peak inspiration"), (expiration, "peak expiration")] {
        let [most, highest] = shear(result);
        summary = summary
            .fact(&format!("highest speed at {what}"), fastest(result), "m/s")
            .fact(&format!("wall shear at {what}, 95 % of the wall below"), most, "Pa")
            .fact(&format!("wall shear at {what}, highest"), highest, "Pa");
    }
    for (law, what) in breathing.lost.iter().zip(["inspiration", "expiration"]) {
        let Rohrer { linear_pa_s_ml, square_pa_s2_ml2 } = *law;
        summary = summary
            .fact(&format!("Rohrer's K1 of {what}"), ML_PER_L * linear_pa_s_ml / PA_PER_CMH2O, "cmH2O s/l")
            .fact(&format!("Rohrer's K2 of {what}"), ML_PER_L.powi(2) * square_pa_s2_ml2 / PA_PER_CMH2O, "cmH2O s²/l²");
    }
    summary = summary
        .fact("inertance", ML_PER_L * breathing.inertance_pa_s2_ml, "Pa s²/l")
        .fact("volume of these airways", volume_ml, "ml")
        .fact("volume of these airways over the tidal volume", 100.0 * volume_ml / tidal_ml, "%")
        .fact("Reynolds number at the central end, peak inspiration", reynolds(peak_in), "1")
        .fact("Reynolds number at the central end, peak expiration", reynolds(peak_out), "1")
        .fact("Womersley number at the central end", womersley(TURN / period_s), "1")
        .fact("a straight pipe as wide as the central end: pressure off by", 100.0 * off.amplitude, "%")
        .fact("a straight pipe as wide as the central end: pressure late by", off.phase_rad.to_degrees(), "°")
        .fact("time of the air through the airways at the peak flow over that of inspiration", 100.0 * passage, "%")
        .fact("cells across the central end", 2.0 * central.radius_mm / cell_mm, "1")
        .fact("cells across the narrowest branch end", across_end, "1")
        .fact("cell", cell_mm, "mm")
        .fact("cells", inspiration.cells.len() as f64, "1")
        .fact("steady flows", breathing.steady.len() as f64, "1")
        .fact("duration", breathing.steady.iter().filter_map(|flow| flow.summary.value("duration")).sum(), "s")
        .table(over_the_breath(breathing))
        .table(by_end(breathing, tidal_ml))
        .table(steady_flows(breathing, &reynolds));
    summary = methods(summary, setup, breathing);
    let points = |direction: Direction| -> Vec<[f64; 2]> {
        breathing.way(direction).map(|flow| [flow.flow_ml_s, flow.ends.lost_pa]).collect()
    };
    for (n, (direction, what)) in
        [(Direction::In, "inspiration"), (Direction::Out, "expiration")].into_iter().enumerate()
    {
        let misfit = breathing.lost[n].misfit(&points(direction));
        if MISFIT_MAX < misfit {
            summary = summary.warning(format!(
                "Rohrer's law misses the steady flows of {what} by {:.0} % of the pressure at the peak: read the breath between them with care",
                100.0 * misfit
            ));
        }
    }
    if AMPLITUDE_MAX < off.amplitude.abs() || PHASE_MAX_RAD < off.phase_rad.abs() {
        summary = summary.warning(format!(
            "the breath is fast for so wide an airway: in a straight pipe the pressure of steady flows and inertance would be {:.0} % and {:.0}° off; breathe more slowly, or read the pressures as rough",
            100.0 * off.amplitude,
            off.phase_rad.to_degrees()
        ));
    }
    if PASSAGE_MAX < passage {
        summary = summary.warning(format!(
            "even at its peak flow air takes {:.0} % of the inspiration to pass through these airways: jets and eddies of one moment are still there in the next, and the flow is not that of a row of steady flows",
            100.0 * passage
        ));
    }
    if across_end < ACROSS_END_MIN {
        summary = summary.warning(format!(
            "only {across_end:.1} cells across the narrowest branch end, {ACROSS_END_MIN} are needed: what narrow branches lose is rough; take more cells across or a larger end_radius_mm"
        ));
    }
    breathing.steady.iter().fold(summary, warnings)
}

/// What the steady flows warn of, once each.
fn warnings(summary: Summary, flow: &SteadyFlow) -> Summary {
    let way = if flow.direction == Direction::In { "inspiration" } else { "expiration" };
    let said = |summary: &Summary, text: &str| summary.warnings.iter().any(|old| old.ends_with(text));
    flow.summary.warnings.iter().fold(summary, |summary, text| {
        // Cells across are told by the breath itself: of the narrowest end.
        if text.contains("cells across the inlet") || said(&summary, text) {
            return summary;
        }
        summary.warning(format!("{way} at {:.0} ml/s: {text}", flow.flow_ml_s))
    })
}

fn methods(summary: Summary, setup: &Setup, breathing: &Breathing) -> Summary {
    let summary = summary
        .method("a breath from steady flows in and out: pressure K1 q + K2 q² of each direction through them (Rohrer 1915), and the inertance, twice the kinetic energy of the steady flow over q², times the acceleration of the flow")
        .method("resistance: total pressure (with the kinetic energy) lost between the central end and the branches' ends over the flow; work: what is lost times the flow, over the breath; ends are weighed by their flow")
        .method("out of each branch comes what went in; pressures of the results are from the central end on")
        .method(match setup.split {
            Split::Pressure => "inspiration divides by equal pressures at the ends",
            Split::Murray => "inspiration divides by the third power of the ends' radii (Murray 1926)",
            Split::Area => "inspiration divides by the areas of the ends",
        })
        .method("how far a row of steady flows is from the breath: against oscillating flow in a straight pipe (Womersley 1955) of the faster half of the breath");
    let own = breathing.steady.first().map_or(&[][..], |flow| &flow.summary.methods);
    let summary = own.iter().fold(summary, Summary::method);
    summary
        .limit("these airways only: what nose, mouth and larynx take before the central end, and the bronchi beyond the branches' ends, is not in it; nor is the jet of the larynx, unless it is in the segmentation")
        .limit("rigid walls: airways that narrow in forced expiration take more")
        .limit("how the air divides between the branches is assumed, not measured: it depends on the lung beyond the ends")
        .limit("the volume of these airways is a part of the anatomical dead space: air that is breathed in last does not get beyond it")
        .limit("no model of turbulence near walls; the wall is as exact as the segmentation, and resistance changes with the fourth power of the radius")
}

fn over_the_breath(breathing: &Breathing) -> Table {
    let columns = [
        ("time", "s"),
        ("flow in", "l/s"),
        ("volume", "ml"),
        ("pressure over the ends", "Pa"),
        ("of it inertia", "Pa"),
        ("total pressure lost", "Pa"),
    ];
    let table = Table::new("Over a breath", "moment", &columns);
    breathing.cycle.moments.iter().enumerate().step_by(ROW_EVERY).fold(table, |table, (n, moment)| {
        let values = [
            moment.time_s,
            moment.flow_ml_s / ML_PER_L,
            moment.volume_ml,
            moment.drop_pa,
            moment.inertial_pa,
            moment.lost_pa,
        ];
        table.row((n + 1).to_string(), values.map(Some))
    })
}

fn by_end(breathing: &Breathing, tidal_ml: f64) -> Table {
    let columns = [
        ("diameter", "mm"),
        ("share of the flow", "%"),
        ("volume of a breath", "ml"),
        ("pressure at peak inspiration", "Pa"),
        ("at peak expiration", "Pa"),
    ];
    let mut table = Table::new("Ends of the branches", "end", &columns);
    let ends = breathing.inspiration.openings.iter().zip(&breathing.expiration.openings).zip(&breathing.shares);
    for ((inspired, expired), share) in ends.skip(1) {
        let values = [
            2.0 * inspired.opening.radius_mm,
            100.0 * share,
            share * tidal_ml,
            inspired.pressure_pa,
            expired.pressure_pa,
        ];
        table = table.row(inspired.opening.name.clone(), values.map(Some));
    }
    table
}

fn steady_flows(breathing: &Breathing, reynolds: &dyn Fn(f64) -> f64) -> Table {
    let columns = [
        ("flow", "l/s"),
        ("pressure drop", "Pa"),
        ("total pressure lost", "Pa"),
        ("resistance", "cmH2O s/l"),
        ("Reynolds number", "1"),
        ("change still expected", "%"),
    ];
    let table = Table::new("Steady flows of the breath", "flow", &columns);
    breathing.steady.iter().enumerate().fold(table, |table, (n, flow)| {
        let name = match flow.direction {
            Direction::In => format!("inspiration {}", n + 1),
            Direction::Out => format!("expiration {}", n + 1),
        };
        let values = [
            flow.flow_ml_s / ML_PER_L,
            flow.ends.drop_pa,
            flow.ends.lost_pa,
            ML_PER_L * flow.ends.lost_pa / flow.flow_ml_s / PA_PER_CMH2O,
            reynolds(flow.flow_ml_s),
            100.0 * flow.to_come,
        ];
        table.row(name, values.map(Some))
    })
}

fn fastest(result: &FlowResult) -> f64 {
    let square = |u: &[f32; 3]| u.iter().map(|u| f64::from(*u).powi(2)).sum::<f64>();
    result.velocity_m_s.iter().map(square).fold(0.0, f64::max).sqrt()
}

/// 95th percentile and maximum of wall shear in Pa.
fn shear(result: &FlowResult) -> [f64; 2] {
    let field = result.wall_fields.iter().find(|field| field.name == "wall shear stress");
    let mut values = field.map_or_else(Vec::new, |field| field.values.to_vec());
    values.sort_by(f64::total_cmp);
    let Some(last) = values.last() else { return [0.0; 2] };
    [values[(values.len() - 1) * 95 / 100], *last]
}
