//! What pulsating flow says of itself.

use super::coronary_report;
use super::cycle::Beaten;
use super::cycle_result::{Cycle, OpeningCycle};
use super::lattice::CS2;
use super::opening::Opening;
use super::pulse::{Beyond, Pulse, PulseProfile, SAMPLES};
use super::result::FlowResult;
use super::setup::{CELLS_ACROSS_MIN, Setup, Split, Walls};
use super::thinning;
use super::womersley::HARMONICS;
use crate::base::units::PA_PER_MMHG;
use crate::base::{Summary, Table};
use std::f64::consts::TAU as TURN;

/// Reynolds number of the peak from which flow in a straight pipe may be turbulent.
const REYNOLDS_LAMINAR: f64 = 2000.0;
/// Share of the inflow of a cycle by which the outflow may differ before it is said.
const LOST_MAX: f64 = 0.01;
/// Variation of the density from which the error of compressibility shows.
const COMPRESSION_MAX: f64 = 0.05;
/// Every how many samples the table of a cycle has a row.
const ROW_EVERY: usize = 5;

pub(super) fn summary(
    setup: &Setup,
    pulse: &Pulse,
    result: &FlowResult,
    cycle: &Cycle,
    beaten: &Beaten,
    warnings: Vec<String>,
) -> Summary {
    let Beaten { plan, mach, record, period, steps, .. } = beaten;
    let units = &plan.units;
    let net = |inlet: bool| -> f64 {
        result.openings.iter().filter(|o| o.opening.kind.is_inlet() == inlet).map(|o| o.inflow_ml_s).sum()
    };
    let (inflow, outflow) = (net(true), -net(false));
    let lost = (inflow - outflow) / inflow;
    let pressure = |inlet: bool| {
        let chosen: Vec<f64> =
            result.openings.iter().filter(|o| o.opening.kind.is_inlet() == inlet).map(|o| o.pressure_pa).collect();
        chosen.iter().sum::<f64>() / chosen.len().max(1) as f64
    };
    let inlet = result.openings.iter().map(|o| &o.opening).find(|o| o.kind.is_inlet());
    let (radius_mm, mean_m_s) = inlet.map_or((1.0, 0.0), |o: &Opening| (o.radius_mm, o.inflow_ml_s() / o.area_mm2));
    let reynolds = setup.fluid.reynolds(mean_m_s, 2e-3 * radius_mm);
    let omega = TURN / pulse.waveform.period_s();
    let womersley = 1e-3 * radius_mm * (omega / setup.fluid.kinematic_m2_s()).sqrt();
    let across = 2.0 * radius_mm / result.cells.cell_mm();
    let sound = plan.sound / *period as f64;
    let change = cycle.changes.last();
    let share = |pick: fn(&super::CycleChange) -> f64| 100.0 * change.map_or(f64::MAX, pick);
    let mut summary = Summary::default()
        .fact("mean pressure drop", (pressure(true) - pressure(false)) / PA_PER_MMHG, "mmHg")
        .fact("highest speed", record.fastest * units.speed_m_s(), "m/s")
        .fact("wall shear, mean over wall and cycle", field_mean(result, "time-averaged wall shear stress"), "Pa")
        .fact("oscillatory shear index, mean over the wall", field_mean(result, "oscillatory shear index"), "1")
        .fact("mean flow in", inflow, "ml/s")
        .fact("peak flow in", pulse.waveform.peak_ml_s(), "ml/s")
        .fact("mean flow out", outflow, "ml/s")
        .fact("flow lost over the last cycle", 100.0 * lost, "%")
        .fact("cycles", (cycle.changes.len() + 1) as f64, "1")
        .fact("change of flow in the last cycle", share(|c| c.flow), "%")
        .fact("change of pressure in the last cycle", share(|c| c.pressure), "%")
        .fact("change of wall shear in the last cycle", share(|c| c.shear), "%")
        .fact("period", pulse.waveform.period_s(), "s")
        .fact("Womersley number at the inlet", womersley, "1")
        .fact("mean Reynolds number at the inlet", reynolds, "1")
        .fact("peak Reynolds number at the inlet", reynolds * pulse.largest(), "1")
        .fact("Reynolds number of a cell at the peak", record.fastest / (CS2 * (plan.tau - 0.5)), "1")
        .fact("lattice Mach number at the peak", record.fastest / CS2.sqrt(), "1")
        .fact("variation of the density", 100.0 * record.compression, "%")
        .fact("time of sound through the lumen over the period", 100.0 * sound, "%")
        .fact("cells across the inlet", across, "1")
        .fact("cell", result.cells.cell_mm(), "mm")
        .fact("cells", result.cells.len() as f64, "1")
        .fact("time step", units.step_s * 1e6, "µs")
        .fact("steps of a cycle", *period as f64, "1")
        .fact("steps", *steps as f64, "1")
        .fact("relaxation time", plan.tau, "1")
        .fact("duration", beaten.seconds, "s")
        .fact("speed of computation", beaten.mlups, "million cells/s");
    for opening in cycle.openings.iter().filter(|o| o.inflow_ml_s.iter().sum::<f64>() < 0.0) {
        let mean = opening.inflow_ml_s.iter().sum::<f64>() / SAMPLES as f64;
        summary = summary.fact(&format!("mean flow out of {}", opening.name), -mean, "ml/s");
    }
    for OpeningCycle { name, pressure_mmhg, .. } in &cycle.openings {
        let fold = |pick: fn(f64, f64) -> f64| pressure_mmhg.iter().copied().reduce(pick).unwrap_or(0.0);
        let (low, high) = (fold(f64::min), fold(f64::max));
        let mean = pressure_mmhg.iter().sum::<f64>() / SAMPLES as f64;
        summary = summary
            .fact(&format!("lowest pressure at {name}"), low, "mmHg")
            .fact(&format!("mean pressure at {name}"), mean, "mmHg")
            .fact(&format!("highest pressure at {name}"), high, "mmHg");
    }
    summary = methods(summary, setup, pulse, beaten).table(over_the_cycle(cycle));
    if !beaten.windkessels.is_empty() {
        summary = summary.table(windkessels(cycle));
    }
    if let Some(tree) = pulse.coronary() {
        summary = coronary_report::add(summary, tree, cycle);
    }
    if across < CELLS_ACROSS_MIN {
        summary = summary.warning(format!(
            "only {across:.1} cells across the inlet, {CELLS_ACROSS_MIN} are needed: read wall shear as a pattern, not as numbers"
        ));
    }
    if REYNOLDS_LAMINAR < reynolds * pulse.largest() {
        summary = summary.warning(format!(
            "the Reynolds number of the peak, {:.0}, is above {REYNOLDS_LAMINAR}: real flow may be turbulent, this one is computed without a turbulence model",
            reynolds * pulse.largest()
        ));
    }
    if !cycle.periodic {
        let (so_far, more) = if beaten.ended {
            ("the computation was ended, and the flow does not repeat itself yet,", "")
        } else {
            ("the flow does not repeat itself yet", "; allow more cycles")
        };
        summary = summary.warning(format!(
            "{so_far} after {} cycles: from the last but one to the last it changed by {:.1} %, {:.1} % were asked for{more}",
            cycle.changes.len() + 1,
            100.0 * change.map_or(f64::MAX, super::CycleChange::largest),
            100.0 * pulse.tolerance
        ));
    }
    if let Some(constant) = plan.regularised.filter(|constant| 0.0 < *constant) {
        summary = summary.warning(format!(
            "the lattice is too coarse for the layer at the wall: an eddy viscosity (Smagorinsky constant {constant}) keeps the flow stable; wall shear is a pattern, not a number"
        ));
    }
    if LOST_MAX < lost.abs() {
        summary =
            summary.warning(format!("inflow and outflow of the last cycle differ by {:.1} %", 100.0 * lost.abs()));
    }
    if COMPRESSION_MAX < record.compression {
        summary = summary.warning(format!(
            "the density of the lattice varies by {:.0} %, at most {:.0} % is harmless: choose a smaller Mach number or smaller cells",
            100.0 * record.compression,
            100.0 * COMPRESSION_MAX
        ));
    }
    if *mach < setup.mach {
        summary = summary.method(format!("time steps for a Mach number of {mach:.3} instead of {}", setup.mach));
    }
    let summary = beaten.device.iter().fold(summary, Summary::method);
    warnings.into_iter().fold(summary, Summary::warning)
}

fn methods(summary: Summary, setup: &Setup, pulse: &Pulse, beaten: &Beaten) -> Summary {
    let summary = summary
        .method(match beaten.plan.regularised {
            Some(_) => "D3Q19 lattice Boltzmann, recursive regularisation (Malaspinas 2015), single precision, shifted populations",
            None => "D3Q19 lattice Boltzmann, two relaxation times with Λ = 3/16 (Ginzburg 2008), single precision, shifted populations",
        })
        .method(match setup.walls {
            Walls::Interpolated => "walls by linear interpolation (Bouzidi et al. 2001)",
            Walls::HalfWay => "walls half-way between cells: a staircase",
        })
        .method("the waveform is a monotone cubic through its points (Fritsch and Butland 1984)")
        .method(match (pulse.profile, beaten.round.is_empty()) {
            (PulseProfile::Womersley, false) => format!(
                "inflow with the profile of a long pipe (Womersley 1955) at {}, which is nearly round; {HARMONICS} harmonics of the heart rate",
                beaten.round.join(" and ")
            ),
            (PulseProfile::Womersley, true) => {
                "no inlet is round enough for Womersley's profile: the steady developed profile times the waveform".into()
            }
            (PulseProfile::Developed, _) => "inflow with the profile of steady flow times the waveform".into(),
        })
        .method("started from the steady flow of the mean inflow")
        .method("time-averaged wall shear, oscillatory shear index (He and Ku 1996) and relative residence time (Himburg et al. 2004, at most 1000/Pa) from 100 samples of the last cycle; all else on the wall and in the fluid is the mean over that cycle")
        .limit(format!("a {} between rigid walls: no wave travels along the vessel, pulse pressure comes from beyond the outlets only", setup.fluid.kind()))
        .limit("in the last two cells before an outlet the speed may be 5 % off")
        .limit("the wall is as exact as the segmentation: wall shear changes with the third power of the radius");
    let summary = match setup.fluid.told() {
        Some(told) => summary.method(told),
        None => summary,
    };
    let summary = match thinning::limit(&setup.fluid, &beaten.plan.units) {
        Some(limit) => summary.limit(limit),
        None => summary,
    };
    match pulse.beyond {
        Beyond::Held => summary.method("outlets hold their pressure or their share of the flow"),
        Beyond::Each(_) => windkessel_method(summary),
        Beyond::Coronary(_) => summary,
        Beyond::Windkessels { .. } => windkessel_method(summary).method(match setup.split {
            Split::Area => "resistances and compliances beyond the outlets by their areas",
            _ => "resistances and compliances beyond the outlets by the third power of their radii (Murray 1926)",
        }),
    }
}

fn windkessel_method(summary: Summary) -> Summary {
    summary.method("outlets by windkessels of two resistances and a compliance (Westerhof et al. 1971), backward Euler; the pressure that all outlets have in common stays out of the lattice, where it would only compress the fluid, and is added to the results")
}

/// Flow and pressure at every opening over the cycle.
fn over_the_cycle(cycle: &Cycle) -> Table {
    let names: Vec<[String; 2]> =
        cycle.openings.iter().map(|o| [format!("flow into {}", o.name), format!("pressure at {}", o.name)]).collect();
    let columns: Vec<(&str, &str)> = std::iter::once(("time", "s"))
        .chain(names.iter().flat_map(|[flow, pressure]| [(flow.as_str(), "ml/s"), (pressure.as_str(), "mmHg")]))
        .collect();
    let mut table = Table::new("flow and pressure over the last cycle", "sample", &columns);
    for k in (0..cycle.times_s.len()).step_by(ROW_EVERY) {
        let values = cycle.openings.iter().flat_map(|o| [Some(o.inflow_ml_s[k]), Some(o.pressure_mmhg[k])]);
        table = table.row((k + 1).to_string(), std::iter::once(Some(cycle.times_s[k])).chain(values));
    }
    table
}

fn windkessels(cycle: &Cycle) -> Table {
    let columns = [("proximal resistance", "mmHg s/ml"), ("distal resistance", "mmHg s/ml"), ("compliance", "ml/mmHg")];
    let with = cycle.openings.iter().filter_map(|o| o.windkessel.map(|vessel| (&o.name, vessel)));
    with.fold(Table::new("windkessels beyond the outlets", "outlet", &columns), |table, (name, vessel)| {
        let values = [vessel.proximal_mmhg_s_ml, vessel.distal_mmhg_s_ml, vessel.compliance_ml_mmhg];
        table.row(name.clone(), values.map(Some))
    })
}

/// The mean of a field of the wall over its vertices.
fn field_mean(result: &FlowResult, name: &str) -> f64 {
    let Some(field) = result.wall_fields.iter().find(|field| field.name == name) else { return 0.0 };
    field.values.iter().sum::<f64>() / field.values.len().max(1) as f64
}
