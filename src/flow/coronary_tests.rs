//! Properties of coronary beds.

use super::*;
use crate::base::{Progress, parallel};
use nalgebra::Complex;
use std::f64::consts::TAU;

fn tree(peak: f64, muscle_share: f64) -> CoronaryTree {
    let squeeze = Squeeze { ventricular_peak_mmhg: peak, muscle_share, systolic_share: 0.35, venous_mmhg: 5.0 };
    CoronaryTree { mean_pressure_mmhg: 93.0, compliance_ml_mmhg: 0.05, squeeze }
}

/// A sine of flow and one of muscle pressure: two nodes as phasors.
#[test]
fn the_periodic_start_and_the_steps_from_it_are_those_of_the_impedance() {
    let bed = tree(0.0, 0.0).bed(93.0, 1.9, 0.05).unwrap();
    let (mean, swing, squeeze, period, count) = (1.9, 1.0, 40.0, 0.85, 20_000);
    let omega = TAU / period;
    let angle = |n: usize| TAU * n as f64 / count as f64;
    let drive = |n: usize| Drive {
        source: mean + swing * angle(n + 1).cos(),
        rise: squeeze * (angle(n + 1).sin() - angle(n).sin()),
        venous: 5.0,
        ..Drive::default()
    };
    let (i_omega, micro) = (Complex::new(0.0, omega), Complex::from(1.0 / bed.micro));
    let arterial = i_omega * bed.arterial_capacitance + micro;
    let venous = i_omega * bed.muscle_capacitance + 1.0 / bed.venous + micro;
    let driven = i_omega * bed.muscle_capacitance * Complex::new(0.0, -squeeze);
    let at_arteries = (venous * swing + micro * driven) / (arterial * venous - micro * micro);
    let step_s = period / count as f64;
    let mut inside = Inside::periodic(&bed, count, drive, step_s);
    for n in 0..count {
        let turned = at_arteries * Complex::from_polar(1.0, angle(n));
        let exact = 5.0 + mean * (bed.micro + bed.venous) + turned.re;
        assert!((inside.arterial_mmhg - exact).abs() < 0.02, "{n}: {} instead of {exact}", inside.arterial_mmhg);
        inside = inside.after(&bed, drive(n), step_s);
    }
}

#[test]
fn a_step_of_any_length_stays_bounded() {
    let bed = tree(0.0, 0.0).bed(93.0, 1.9, 0.05).unwrap();
    for step_s in [1e-6, 1e-2, 1.0, 1e4] {
        let drive = Drive { source: 1.9, venous: 5.0, ..Drive::default() };
        let start = Inside { arterial_mmhg: 300.0, muscle_mmhg: -100.0 };
        let end = (0..500).fold(start, |inside, _| inside.after(&bed, drive, step_s));
        assert!((-100.0..=300.0).contains(&end.arterial_mmhg), "{step_s} s: {end:?}");
    }
}

#[test]
fn squeezed_beds_take_most_of_their_flow_in_diastole_and_the_mean_is_that_asked_for() {
    // A pressure that is higher in systole, with the mean of 93.
    let pressures: Vec<f64> = (0..4000).map(|n| 93.0 + 20.0 * (TAU * (f64::from(n) / 4000.0 - 0.25)).cos()).collect();
    let share = |tree: CoronaryTree| {
        let wave = tree.inflow(1.9, &pressures, 0.85).unwrap();
        assert!((wave.mean_ml_s() - 1.9).abs() < 0.005, "{}", wave.mean_ml_s());
        let flows: Vec<f64> = (0..100).map(|k| wave.at(0.0085 * f64::from(k))).collect();
        let part = |(k, flow): (usize, &f64)| flow * tree.squeeze.diastolic(k, 100);
        flows.iter().enumerate().map(part).sum::<f64>() / flows.iter().sum::<f64>()
    };
    let (slack, right, left) = (share(tree(120.0, 0.0)), share(tree(25.0, 1.0)), share(tree(120.0, 1.0)));
    assert!(slack < 0.6 && slack + 0.02 < right && right + 0.08 < left, "{slack}, {right}, {left}");
}

#[test]
fn samples_divide_into_systole_and_diastole() {
    let squeeze = tree(120.0, 1.0).squeeze;
    let all: Vec<f64> = (0..100).map(|k| squeeze.diastolic(k, 100)).collect();
    assert!((all.iter().sum::<f64>() - 65.0).abs() < 1e-9 && all.iter().all(|part| (0.0..=1.0).contains(part)));
    assert_eq!([all[0], all[1], all[34], all[36], all[99]], [0.5, 0.0, 0.0, 1.0, 1.0]);
    assert!((squeeze.at(0.175) - 120.0).abs() < 1e-9 && squeeze.at(0.5) == 0.0 && squeeze.at(1.0).abs() < 1e-9);
}

#[test]
fn numbers_out_of_range_are_refused_with_a_sentence() {
    let refused = |tree: CoronaryTree| tree.check(1.9).unwrap_err().to_string();
    assert!(tree(120.0, 1.0).check(1.9).is_ok());
    assert!(refused(tree(-1.0, 1.0)).contains("it must be 0 to 400 mmHg"));
    assert!(refused(tree(120.0, f64::NAN)).contains("it must be 0 to 3"));
    assert!(refused(CoronaryTree { mean_pressure_mmhg: 4.0, ..tree(120.0, 1.0) }).contains("above that of the veins"));
    assert!(refused(CoronaryTree { compliance_ml_mmhg: 0.0, ..tree(120.0, 1.0) }).contains("compliance"));
}

/// A fork whose branches end in beds: the flow divides as planned at the mean pressure asked for, and says when it flows.
#[test]
fn beds_beyond_a_fork_divide_the_flow_and_say_how_much_flows_in_diastole() {
    let tree = CoronaryTree { mean_pressure_mmhg: 93.0, compliance_ml_mmhg: 0.05, ..tree(120.0, 1.0) };
    let pressures: Vec<f64> = (0..2000).map(|n| 93.0 + 20.0 * (TAU * (f64::from(n) / 2000.0 - 0.25)).cos()).collect();
    let wave = tree.inflow(2.0, &pressures, 0.8).unwrap();
    let pulse = Pulse { beyond: Beyond::Coronary(tree), cycles_max: 3, phases: 0, ..Pulse::new(wave) };
    let run = || {
        let found = crate::flow::simulate_pulse(&crate::flow::pulse_tests::fork(), &pulse, &Progress::default());
        found.unwrap()
    };
    let found = parallel::with_threads(1, run);
    let again = parallel::with_threads(3, run);
    assert!(found.cycle == again.cycle && found.mean.content_hash() == again.mean.content_hash());
    assert!(found.cycle.periodic, "{:?}", found.cycle.changes);
    let out: Vec<f64> = found.mean.openings[1..].iter().map(|o| -o.inflow_ml_s).collect();
    let share = 3.2_f64.powi(3) / (3.2_f64.powi(3) + 2.6_f64.powi(3));
    assert!((out[0] / (out[0] + out[1]) - share).abs() < 0.01, "{out:?}");
    for opening in &found.cycle.openings[1..] {
        let mean = opening.pressure_mmhg.iter().sum::<f64>() / opening.pressure_mmhg.len() as f64;
        assert!((mean - 93.0).abs() < 2.0 && opening.coronary.is_some(), "{mean} mmHg at {}", opening.name);
        // What the flow was drawn by is what is found at the end of the branches.
        let off =
            opening.pressure_mmhg.iter().enumerate().map(|(k, p)| (p - pressures[20 * k]).abs()).fold(0.0, f64::max);
        assert!(off < 4.0, "{off} mmHg at {}", opening.name);
    }
    let diastolic = found.summary.value("share of the coronary flow in diastole").unwrap();
    let own = found.summary.value("share in diastole out of left").unwrap();
    assert!((60.0..85.0).contains(&diastolic) && (own - diastolic).abs() < 2.0, "{diastolic} %, {own} %");
    assert!(found.summary.tables.iter().any(|table| table.title == "coronary beds beyond the outlets"));
}
