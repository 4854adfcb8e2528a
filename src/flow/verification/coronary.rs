//! A coronary bed at the end of a tube in the lattice, against the network's block and against what drew its flow.

use super::super::coronary::{CoronaryTree, Squeeze};
use super::super::error::FlowError;
use super::super::network::{
    Block, BlockKind, Coronary, CoronaryBed, Link, Network, NetworkError, Schedule, Waveform as Wave, solve,
};
use super::super::pulse::{Beyond, Pulse};
use super::super::wave::Waveform;
use super::super::{Fluid, Pulsating, simulate_pulse};
use super::{Row, tube};
use crate::base::Progress;
use crate::geom::Vector;
use std::f64::consts::TAU as TURN;

const PERIOD_S: f64 = 0.85;
const MEAN_ML_S: f64 = 0.1;
const MEAN_MMHG: f64 = 93.0;
/// Steps of a cycle in the network and in what draws the flow.
const STEPS: usize = 4000;
/// Cycles after which nothing of the network's start is left: it decays with a time constant of less than two.
const CYCLES: usize = 30;

/// Sound takes its time through the lumen: harmonic n of the flow out is larger than that of the flow in by a share that
/// grows with the square of n times that time over the period, 0.4 % of the first and 3.7 % of the third in a tube of 8 mm
/// at Mach 0.1. Flow through the first resistance and the squeeze nearly cancel in the pressure, which shows such errors
/// several times over: 1.7 % of its swing there. A shorter tube and smaller steps leave 0.5 %.
const LENGTH_MM: f64 = 6.0;
const MACH: f64 = 0.02;

/// Pressure before the bed: two harmonics, higher in systole.
fn aortic(part: f64) -> f64 {
    let angle = TURN * (part - 0.25);
    MEAN_MMHG + 20.0 * angle.cos() + 6.0 * (2.0 * angle).cos()
}

/// The pressures in mmHg that the network's coronary block makes of `inflow` at 100 samples of a cycle.
fn of_network(bed: CoronaryBed, squeeze: &Squeeze, inflow: &Waveform) -> Result<Vec<f64>, FlowError> {
    let bad = |problem| NetworkError::BadWaveform { block: "the inflow".into(), problem };
    let flow = Wave::sampled(PERIOD_S, STEPS, |t| inflow.at(t)).map_err(bad)?;
    let muscle_pressure = Wave::sampled(PERIOD_S, STEPS, |t| squeeze.at(t / PERIOD_S)).map_err(bad)?;
    let out = Coronary { bed, muscle_pressure, venous_pressure: squeeze.venous_mmhg };
    let blocks = vec![Block::new("IN", BlockKind::Flow(flow)), Block::new("OUT", BlockKind::Coronary(out))];
    let mut network = Network::new(blocks, vec![Link { from: 0, to: 1 }])?;
    network.schedule = Schedule { cycles: CYCLES, points_per_cycle: STEPS + 1, ..Schedule::default() };
    let solution = solve(&network, &Progress::default())?;
    let missing = || NetworkError::Missing { block: "pressure:IN:OUT".into(), what: "to be one of the unknowns" };
    let pressures = solution.named("pressure:IN:OUT").ok_or_else(missing)?;
    Ok((0..100).map(|k| pressures[k * STEPS / 100]).collect())
}

/// F14d3: a coronary bed at the end of a tube.
pub(super) fn bed(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let squeeze = Squeeze { ventricular_peak_mmhg: 120.0, muscle_share: 1.0, systolic_share: 0.35, venous_mmhg: 5.0 };
    let compliance_ml_mmhg = CoronaryTree::TIME_CONSTANT_S * MEAN_ML_S / MEAN_MMHG;
    let tree = CoronaryTree { mean_pressure_mmhg: MEAN_MMHG, compliance_ml_mmhg, squeeze };
    let before: Vec<f64> = (0..STEPS).map(|n| aortic(n as f64 / STEPS as f64)).collect();
    let inflow = tree.inflow(MEAN_ML_S, &before, PERIOD_S)?;
    let mut setup = tube::tube(LENGTH_MM, |_| 2.0, Vector::new(0.25, 0.15, 1.0), 20.0, MEAN_ML_S, Fluid::blood());
    setup.mach = MACH;
    let mut pulse = Pulse::new(inflow.clone());
    (pulse.beyond, pulse.tolerance, pulse.phases) = (Beyond::Coronary(tree), 3e-3, 0);
    let Pulsating { cycle, summary, .. } = simulate_pulse(&setup, &pulse, progress)?;
    let missing = || FlowError::BadWaveform("has no coronary bed at the outlet".into());
    let bed = cycle.openings[1].coronary.ok_or_else(missing)?;
    let pressures = &cycle.openings[1].pressure_mmhg;
    let network = of_network(bed, &squeeze, &inflow)?;
    let drawn_by: Vec<f64> = (0..100).map(|k| aortic(f64::from(k) / 100.0)).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let swing = |values: &[f64]| (values.iter().map(|p| (p - mean(values)).powi(2)).sum::<f64>() / 100.0).sqrt();
    let off = |other: &[f64]| {
        let squares = pressures.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        100.0 * (squares / 100.0).sqrt() / swing(other)
    };
    let flows: Vec<f64> = (0..STEPS).map(|n| inflow.at(PERIOD_S * n as f64 / STEPS as f64)).collect();
    let diastolic = |(n, flow): (usize, &f64)| flow * squeeze.diastolic(n, STEPS);
    let share = 100.0 * flows.iter().enumerate().map(diastolic).sum::<f64>() / flows.iter().sum::<f64>();
    let row = |what: &str, value, reference: f64, unit, tolerance, source| Row {
        id: "F14d3",
        what: what.into(),
        value,
        reference,
        unit,
        tolerance,
        source,
    };
    let of_block = "the network's coronary block (F14d) with the same inflow, 4000 steps a cycle";
    let of_source = "the pressure from whose drawing on the bed alone the inflow was computed";
    let share_found = summary.value("share of the coronary flow in diastole").unwrap_or(f64::NAN);
    let network_mmhg = mean(&network);
    Ok(vec![
        row("mean pressure at the outlet", mean(pressures), network_mmhg, "mmHg", 0.005 * network_mmhg, of_block),
        row("pressure over the cycle, difference over its swing (both r.m.s.)", off(&network), 0.0, "%", 1.0, of_block),
        row("the same against the pressure that draws the flow", off(&drawn_by), 0.0, "%", 1.0, of_source),
        row("share of the flow in diastole", share_found, share, "%", 0.5, "the inflow itself"),
        row(
            "cycles until the flow repeats itself",
            cycle.changes.len() as f64 + 1.0,
            2.0,
            "1",
            1.0,
            "a consistent start: the bed's own time constant alone would take more",
        ),
    ])
}
