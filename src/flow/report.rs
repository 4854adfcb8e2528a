//! What a flow result says of itself.

use super::opening::OpeningKind;
use super::result::FlowResult;
use super::run::Run;
use super::setup::{CELLS_ACROSS_MIN, Setup, Split, Walls};
use super::thinning;
use super::validity::{ACROSS_LOCAL_MIN, BECAUSE};
use crate::base::Summary;
use crate::base::units::PA_PER_MMHG;

/// Reynolds number from which flow in a straight pipe may be turbulent.
const REYNOLDS_LAMINAR: f64 = 2000.0;

/// Fewer cells than this across the narrowest place do not resolve what is lost there.
const THROAT_MIN: f64 = ACROSS_LOCAL_MIN;

/// Share of the flow by which inflow and outflow may differ before it is said.
const LOST_MAX: f64 = 0.01;

/// Variation of the density from which the error of compressibility shows.
const COMPRESSION_MAX: f64 = 0.05;

pub(super) fn summary(setup: &Setup, result: &FlowResult, run: &Run, warnings: Vec<String>) -> Summary {
    let mean_pressure = |inlet: bool| {
        let chosen: Vec<f64> =
            result.openings.iter().filter(|o| o.opening.kind.is_inlet() == inlet).map(|o| o.pressure_pa).collect();
        chosen.iter().sum::<f64>() / chosen.len().max(1) as f64
    };
    let drop_pa = mean_pressure(true) - mean_pressure(false);
    let net = |inlet: bool| -> f64 {
        result.openings.iter().filter(|o| o.opening.kind.is_inlet() == inlet).map(|o| o.inflow_ml_s).sum()
    };
    let (inflow, outflow) = (net(true), -net(false));
    let balance: f64 = result.openings.iter().map(|o| o.inflow_ml_s).sum();
    let speed = |u: &[f32; 3]| u.iter().map(|u| f64::from(*u).powi(2)).sum::<f64>().sqrt();
    let fastest = result.velocity_m_s.iter().map(speed).fold(0.0, f64::max);
    let inlet = result.openings.iter().map(|o| &o.opening).find(|o| matches!(o.kind, OpeningKind::Inlet { .. }));
    let (radius_mm, mean_m_s) = inlet.map_or((1.0, 0.0), |o| (o.radius_mm, o.inflow_ml_s() / o.area_mm2));
    let reynolds = setup.fluid.reynolds(mean_m_s, 2e-3 * radius_mm);
    let across = 2.0 * radius_mm / result.cells.cell_mm();
    let mach = fastest / run.units.speed_m_s() * 3.0_f64.sqrt();
    let [shear_mean, shear_95, shear_max] = shear(result);
    let mut summary = Summary::default()
        .fact("pressure drop", drop_pa, "Pa")
        .fact("pressure drop", drop_pa / PA_PER_MMHG, "mmHg")
        .fact("highest speed", fastest, "m/s")
        .fact("wall shear, mean", shear_mean, "Pa")
        .fact("wall shear, 95 % of the wall below", shear_95, "Pa")
        .fact("wall shear, highest", shear_max, "Pa")
        .fact("flow in", inflow, "ml/s")
        .fact("flow out", outflow, "ml/s")
        .fact("flow lost", 100.0 * balance / inflow, "%")
        .fact("Reynolds number at the inlet", reynolds, "1")
        .fact("cells across the inlet", across, "1")
        .fact("cells across the narrowest place before a branch", run.across_throat, "1")
        .fact("cell", result.cells.cell_mm(), "mm")
        .fact("cells", result.cells.len() as f64, "1")
        .fact("time step", run.units.step_s * 1e6, "µs")
        .fact("steps", run.steps as f64, "1")
        .fact("exchanges of the fluid", run.exchanges, "1")
        .fact("change still expected", 100.0 * run.to_come, "%")
        .fact("change in the last window", run.residual, "1")
        .fact("relaxation time", run.tau, "1")
        .fact("lattice Mach number", mach, "1")
        .fact("duration", run.seconds, "s")
        .fact("speed of computation", run.mlups, "million cells/s")
        .method(match run.regularised {
            Some(_) => "D3Q19 lattice Boltzmann, recursive regularisation (Malaspinas 2015), single precision, shifted populations",
            None => "D3Q19 lattice Boltzmann, two relaxation times with Λ = 3/16 (Ginzburg 2008), single precision, shifted populations",
        })
        .method(match setup.walls {
            Walls::Interpolated => "walls by linear interpolation (Bouzidi et al. 2001)",
            Walls::HalfWay => "walls half-way between cells: a staircase",
        })
        .method("inlets by momentum-corrected bounce-back (Ladd 1994), scaled to the exact flow; outlets with regularised populations (after Latt et al. 2008), steered to the exact mean pressure")
        .method("wall shear from the local viscous stress, fitted linearly to the wall")
        .limit(format!("steady flow of a {} between rigid walls; no model of turbulence near walls", setup.fluid.kind()))
        .limit("in the last two cells before an outlet the speed may be 5 % off")
        .limit(format!("wall shear is not valid {BECAUSE}; shown hatched there"))
        .limit("the wall is as exact as the segmentation: wall shear changes with the third power of the radius");
    if across < CELLS_ACROSS_MIN {
        summary = summary.warning(format!(
            "only {across:.1} cells across the inlet, {CELLS_ACROSS_MIN} are needed: read wall shear as a pattern, not as numbers"
        ));
    }
    if run.across_throat < THROAT_MIN && CELLS_ACROSS_MIN <= across {
        summary = summary.warning(format!(
            "only about {:.1} cells across the narrowest place, {THROAT_MIN} are needed: the pressure lost there may be tens of per cent off; take {:.0} cells across the inlet",
            run.across_throat,
            (across * THROAT_MIN / run.across_throat).ceil()
        ));
    }
    if REYNOLDS_LAMINAR < reynolds {
        summary = summary.warning(format!(
            "the Reynolds number of {reynolds:.0} is above {REYNOLDS_LAMINAR}: real flow may be turbulent, this one is computed without a turbulence model"
        ));
    }
    let to_come = if run.to_come.is_finite() {
        format!("a pressure, a flow or the friction is still expected to change by {:.1} %", 100.0 * run.to_come)
    } else {
        "how much everything will still change cannot be said".into()
    };
    if run.ended {
        summary = summary.warning(format!(
            "the computation was ended at step {} ({:.2} exchanges of the fluid): {to_come}",
            run.steps, run.exchanges
        ));
    } else if !run.steady {
        let mean = run.averaged.map_or_else(String::new, |steps| {
            let part = run.exchanges * steps as f64 / run.steps as f64;
            format!("; everything shown is the mean over the last {steps} steps ({part:.1} exchanges)")
        });
        summary = summary.warning(format!(
            "the flow did not become steady within {} steps ({:.1} exchanges of the fluid): {to_come}{mean}",
            run.steps, run.exchanges
        ));
    }
    if run.mach < setup.mach {
        summary = summary.method(format!(
            "time steps for a Mach number of {:.3} instead of {}: with larger ones the density would vary too much, or the flow become unstable",
            run.mach, setup.mach
        ));
    }
    if let Some(device) = &run.device {
        summary = summary.method(device);
    }
    if let Some(told) = setup.fluid.told() {
        summary = summary.method(told);
    }
    if let Some(limit) = thinning::limit(&setup.fluid, &run.units) {
        summary = summary.limit(limit);
    }
    if setup.start.is_some() {
        summary = summary.method("started from an earlier flow, scaled to the inflow");
    }
    if 0 < run.coarse_steps {
        summary = summary.fact("steps before on twice the cells", run.coarse_steps as f64, "1");
        summary = summary.method("started from the flow on a lattice of cells twice as large (grid sequencing)");
    }
    if let Some(constant) = run.regularised.filter(|constant| 0.0 < *constant) {
        summary = summary.warning(format!(
            "the lattice is too coarse for the layer at the wall: an eddy viscosity (Smagorinsky constant {constant}) keeps the flow stable; wall shear is a pattern, not a number"
        ));
    }
    if LOST_MAX < (balance / inflow).abs() {
        summary = summary.warning(format!(
            "inflow and outflow differ by {:.1} %: the flow is not steady yet",
            100.0 * (balance / inflow).abs()
        ));
    }
    let pressures = result.pressure_pa.iter().map(|p| f64::from(*p));
    let (low, high) = pressures.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| (low.min(p), high.max(p)));
    let compression = (high - low) / run.units.pressure_pa();
    if COMPRESSION_MAX < compression {
        summary = summary.warning(format!(
            "the density of the lattice varies by {:.0} %, at most {:.0} % is harmless: choose a smaller Mach number or smaller cells",
            100.0 * compression,
            100.0 * COMPRESSION_MAX
        ));
    }
    for o in result.openings.iter().filter(|o| !o.opening.kind.is_inlet()) {
        summary = summary.fact(&format!("flow out of {}", o.opening.name), -o.inflow_ml_s, "ml/s");
    }
    if setup.split == Split::Area && 2 < result.openings.len() {
        summary = summary.limit("branches end where they are cut; the flow between the cuts divides by their areas, not by the resistance of the lung or tissue beyond");
    }
    if setup.split == Split::Murray && 2 < result.openings.len() {
        summary = summary.limit("branches end where they are cut; the flow between the cuts divides by the third power of their radii (Murray 1926), not by the resistance of the lung or tissue beyond");
    }
    for warning in warnings {
        summary = summary.warning(warning);
    }
    // What is not known yet where a run ends early is no number, and files hold numbers only.
    summary.facts.retain(|fact| fact.value.is_finite());
    summary
}

/// Mean, 95th percentile and maximum of wall shear in Pa.
fn shear(result: &FlowResult) -> [f64; 3] {
    let Some(field) = result.wall_fields.iter().find(|field| field.name == "wall shear stress") else {
        return [0.0; 3];
    };
    let mut values = field.values.to_vec();
    values.sort_by(f64::total_cmp);
    let Some(last) = values.last().copied() else { return [0.0; 3] };
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    [mean, values[(values.len() - 1) * 95 / 100], last]
}
