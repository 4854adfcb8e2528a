//! Flow that pulsates: Womersley's pipe, oscillating wall shear, a windkessel.

use super::super::collide::Trt;
use super::super::cycle::simulate_pulse;
use super::super::cycle_result::Pulsating;
use super::super::domain::Domain;
use super::super::error::FlowError;
use super::super::fluid::Fluid;
use super::super::plan::MAGIC;
use super::super::pulse::{Beyond, Pulse};
use super::super::simulation::Operator;
use super::super::wave::Waveform;
use super::super::windkessel::Windkessel;
use super::super::womersley;
use super::{Row, enclosed, tube};
use crate::base::Progress;
use crate::geom::{Grid, Point, Vector};
use nalgebra::Complex;
use std::f64::consts::{PI, TAU as TURN};

const TAU: f64 = 0.56;
const NU: f64 = (TAU - 0.5) / 3.0;
/// Highest speed of the steady flow that the amplitude of the force would drive, cells per step.
const SPEED: f64 = 0.05;

/// First harmonic over a cycle of equally spaced values, as the complex amplitude of `e^{iωt}`.
pub(super) fn harmonic(values: &[f64]) -> Complex<f64> {
    let count = values.len() as f64;
    let turned = |(k, value): (usize, &f64)| Complex::from_polar(2.0 * value / count, -TURN * k as f64 / count);
    values.iter().enumerate().map(turned).sum()
}

/// Flow and centre velocity over those of steady flow under the same force, in a pipe of `radius` cells.
fn oscillating(alpha: f64, radius: f64, progress: &Progress) -> Result<[Complex<f64>; 2], FlowError> {
    let n = (2.0 * radius).ceil() as usize + 4;
    // Off the lattice's own symmetry, so that no wall lies where it would be exact by chance.
    let centre = [0.5 * (n - 1) as f64 + 0.23, 0.5 * (n - 1) as f64 - 0.11];
    let from_axis = move |[x, y, _]: [i32; 3]| (f64::from(x) - centre[0]).hypot(f64::from(y) - centre[1]);
    let grid = Grid::aligned([n, n, 1], Point::origin(), [1.0; 3]).expect("n is not 0");
    let domain = Domain::enclosed(&grid, move |place| (radius - from_axis(place)) as f32, [false, false, true]);
    let amplitude = 4.0 * NU * SPEED / (radius * radius);
    let period = (TURN * radius * radius / (NU * alpha * alpha) / 4.0).round() as usize * 4;
    // The slowest mode decays as e^{−5.78 ν t/R²}: to a millionth, and whole cycles.
    let settling = (14.0 * radius * radius / (5.78 * NU) / period as f64).ceil() as usize * period;
    let mut simulation = enclosed(&domain, Operator::Trt(Trt::new(TAU, MAGIC, [0.0; 3])), TAU, [0.0; 3], true);
    let near: Vec<f64> = (0..simulation.cells.len()).map(|cell| from_axis(simulation.cells.place(cell))).collect();
    let (mut flows, mut middles) = (Vec::new(), Vec::new());
    while simulation.steps < settling + period {
        let force = [0.0, 0.0, amplitude * (TURN * simulation.steps as f64 / period as f64).cos()];
        simulation.operator = Operator::Trt(Trt::new(TAU, MAGIC, force));
        simulation.force = force;
        if settling <= simulation.steps && simulation.steps.is_multiple_of(2) {
            let speeds: Vec<f64> = simulation.velocities().iter().map(|u| f64::from(u[2])).collect();
            // Mean over the exact area, and the middle by a parabola through the cells within two of the axis.
            flows.push(speeds.iter().sum::<f64>() / (PI * radius * radius));
            middles.push(middle(&near, &speeds));
        }
        simulation.one_step();
        progress.step(simulation.steps, settling + period)?;
    }
    Ok([harmonic(&flows) / (0.5 * SPEED), harmonic(&middles) / SPEED])
}

/// The value on the axis: least squares of a + b r² over the cells within two of it.
fn middle(from_axis: &[f64], speeds: &[f64]) -> f64 {
    let near = || from_axis.iter().zip(speeds).filter(|(r, _)| **r < 2.0).map(|(r, u)| (r * r, *u));
    let count = near().count() as f64;
    let (x, y) = near().fold((0.0, 0.0), |(x, y), (r2, u)| (x + r2 / count, y + u / count));
    let (xy, xx) = near().fold((0.0, 0.0), |(xy, xx), (r2, u)| (xy + (r2 - x) * (u - y), xx + (r2 - x).powi(2)));
    y - xy / xx * x
}

/// F4: flow in a pipe under an oscillating force.
pub(super) fn womersley(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let source = "Womersley 1955, J. Physiol. 127:553, closed form; computed independently for the project's list";
    let mut rows = Vec::new();
    // The wall layer, R/α, has at least 1.6 cells.
    for (n, (alpha, radius, flow, degrees, centre)) in [
        (2.0, 10.0, 0.824_936, -33.2616, 0.816_503),
        (5.0, 12.0, 0.241_795, -71.3528, 0.185_674),
        (10.0, 16.0, 0.069_468, -81.3066, 0.039_753),
    ]
    .into_iter()
    .enumerate()
    {
        let part = progress.part(n as f64 / 3.0..(n + 1) as f64 / 3.0, "oscillating pipe");
        let [q, u] = oscillating(alpha, radius, &part)?;
        let row = |what: &str, value, reference: f64, unit, tolerance| Row {
            id: "F4",
            what: format!("α = {alpha}, R = {radius} cells: {what}"),
            value,
            reference,
            unit,
            tolerance,
            source,
        };
        rows.extend([
            row("flow over that of steady flow", q.norm(), flow, "1", 0.01 * flow),
            row("phase of the flow", q.arg().to_degrees(), degrees, "°", 0.5),
            row("speed on the axis over that of steady flow", u.norm(), centre, "1", 0.01 * centre),
        ]);
    }
    Ok(rows)
}

/// Radius and length of the tube in mm.
const RADIUS_MM: f64 = 2.0;
const LENGTH_MM: f64 = 8.0;

/// A tube of so many `cells` across with the flow `mean + swing sin ωt`, sampled at 64 points.
fn pulsating(
    cells: f64,
    mean: f64,
    swing: f64,
    period_s: f64,
    beyond: Beyond,
    progress: &Progress,
) -> Result<Pulsating, FlowError> {
    let axis = Vector::new(0.25, 0.15, 1.0);
    let setup = tube::tube(LENGTH_MM, |_| RADIUS_MM, axis, cells, mean, Fluid::blood());
    let points: Vec<[f64; 2]> = (0..=64)
        .map(|k| {
            let part = f64::from(k) / 64.0;
            [part * period_s, mean + swing * (TURN * part).sin()]
        })
        .collect();
    let mut pulse = Pulse::new(Waveform::closed(&points)?);
    (pulse.beyond, pulse.tolerance, pulse.phases) = (beyond, 3e-3, 0);
    simulate_pulse(&setup, &pulse, progress)
}

/// F4s: wall shear that turns round in a tube with inlet and outlet, at an angle to the lattice.
pub(super) fn shear(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let (mean, swing, period_s) = (0.06, 0.12, 0.85);
    let Pulsating { mean: result, summary, .. } = pulsating(20.0, mean, swing, period_s, Beyond::Held, progress)?;
    let fluid = Fluid::blood();
    let radius_m = RADIUS_MM * 1e-3;
    let alpha = radius_m * (TURN / period_s / fluid.kinematic_m2_s()).sqrt();
    let steady = 4.0 * fluid.viscosity_pa_s * mean * 1e-6 / (PI * radius_m.powi(3));
    let amplitude = steady * swing / mean * womersley::wall_shear(alpha).norm();
    let n = 100_000;
    let at = |k: i32| (steady + amplitude * (TURN * f64::from(k) / f64::from(n)).sin()).abs();
    let average = (0..n).map(at).sum::<f64>() / f64::from(n);
    let axis = Vector::new(0.25, 0.15, 1.0).normalize();
    let away = |n: &usize| (0.3..0.7).contains(&(result.wall.positions()[*n].coords.dot(&axis) / LENGTH_MM));
    let of = |name: &str| {
        let field = result.wall_fields.iter().find(|field| field.name == name);
        let values = field.map_or(&[][..], |field| field.values.as_slice());
        let chosen: Vec<f64> = (0..values.len()).filter(away).map(|n| values[n]).collect();
        chosen.iter().sum::<f64>() / chosen.len() as f64
    };
    let source = "Womersley 1955, closed form of the wall shear, integrated over the cycle; α = 3, R = 10 cells";
    let row = |what: &str, value, reference: f64, unit, tolerance| Row {
        id: "F4s",
        what: what.into(),
        value,
        reference,
        unit,
        tolerance,
        source,
    };
    let index = 0.5 * (1.0 - steady / average);
    let lost = summary.value("flow lost over the last cycle").unwrap_or(f64::NAN);
    Ok(vec![
        row("time-averaged wall shear stress", of("time-averaged wall shear stress"), average, "Pa", 0.03 * average),
        row("oscillatory shear index", of("oscillatory shear index"), index, "1", 0.02 * index),
        row("relative residence time", of("relative residence time"), 1.0 / steady, "1/Pa", 0.03 / steady),
        row("flow lost over the last cycle", lost, 0.0, "%", 0.1),
    ])
}

/// F14w: a windkessel at the end of a tube.
pub(super) fn windkessel(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let (mean, swing, period_s) = (0.1, 0.06, 0.85);
    let vessel = Windkessel { proximal_mmhg_s_ml: 90.0, distal_mmhg_s_ml: 810.0, compliance_ml_mmhg: 1.4e-3 };
    let run = pulsating(20.0, mean, swing, period_s, Beyond::Each(vec![vessel]), progress)?;
    let pressures = &run.cycle.openings[1].pressure_mmhg;
    let average = pressures.iter().sum::<f64>() / pressures.len() as f64;
    // The flow is a sine: −i times its amplitude.
    let swung = harmonic(pressures);
    let exact = vessel.impedance(TURN / period_s) * Complex::new(0.0, -swing);
    let mean_exact = mean * vessel.impedance(0.0).re;
    let source = "closed form: p = Z(ω) q with Z = R_p + R_d/(1 + iω R_d C)";
    let row = |what: &str, value, reference: f64, unit, tolerance| Row {
        id: "F14w",
        what: what.into(),
        value,
        reference,
        unit,
        tolerance,
        source,
    };
    let cycles = run.cycle.changes.len() as f64 + 1.0;
    let wave = (swung / exact).arg().to_degrees();
    Ok(vec![
        row("mean pressure at the outlet", average, mean_exact, "mmHg", 0.005 * mean_exact),
        row("swing of the pressure", swung.norm(), exact.norm(), "mmHg", 0.01 * exact.norm()),
        row("phase of the pressure", wave, 0.0, "°", 0.5),
        Row {
            id: "F14w",
            what: "cycles until the flow repeats itself".into(),
            value: cycles,
            reference: 2.0,
            unit: "1",
            tolerance: 1.0,
            source: "a consistent start: its time constant of 1.1 s alone would take 5 cycles to 0.3 %",
        },
    ])
}
