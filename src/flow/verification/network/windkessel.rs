//! Windkessels, coronary beds, stenoses and junctions.

use super::{difference, largest_difference, line, sampled, schedule};
use crate::base::Progress;
use crate::flow::network::{
    Block, BlockKind, Coronary, CoronaryBed, End, Link, Network, NetworkError, Quantity, Rcr, Schedule, Solution,
    Vessel, Waveform, solve, young_tsai,
};
use crate::flow::verification::{Row, order as slope};
use crate::flow::{FlowError, Fluid};
use nalgebra::Complex;
use std::f64::consts::{PI, TAU};

/// A resistance as a vessel.
fn vessel(resistance: f64) -> BlockKind {
    BlockKind::Vessel(Vessel { resistance, ..Vessel::default() })
}

fn named(solution: &Solution, name: &str) -> Result<Vec<f64>, NetworkError> {
    let missing = || NetworkError::Missing { block: name.into(), what: "to be one of the unknowns" };
    solution.named(name).ok_or_else(missing)
}

/// F14: flow switched on into a windkessel of three elements.
pub(in super::super) fn step_response(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let (q, rcr) = (5.0, Rcr { proximal: 100.0, capacitance: 1e-3, distal: 1000.0, distal_pressure: 50.0 });
    let mut network = line(vec![
        ("IN", BlockKind::Flow(Waveform::constant(q))),
        ("VESSEL", vessel(0.0)),
        ("OUT", BlockKind::Rcr(rcr)),
    ])?;
    network.schedule = Schedule { steady_start: false, keep_all: true, ..schedule(4, 2000) };
    // The capacitor is empty, the flow runs.
    let at_start = rcr.distal_pressure + rcr.proximal * q;
    network.initial = [("flow_all".to_string(), q), ("pressure_all".to_string(), at_start)].into();
    network.initial.insert("pressure_c:OUT".into(), rcr.distal_pressure);
    network.initial_rates = [("pressure_all".to_string(), q / rcr.capacitance)].into();
    network.initial_rates.insert("pressure_c:OUT".into(), q / rcr.capacitance);
    let solution = solve(&network, progress)?;
    let pressure = named(&solution, "pressure:IN:VESSEL")?;
    let tau = rcr.distal * rcr.capacitance;
    let exact = |t: &f64| at_start + q * rcr.distal * (1.0 - (-t / tau).exp());
    let error = largest_difference(&pressure, solution.times().iter().map(exact)) / (q * rcr.distal);
    Ok(vec![difference(
        "F14",
        "windkessel, flow switched on: largest error over the step's height".into(),
        error,
        "-",
        1e-6,
        "closed form: P = Pd + Q (Rp + Rd (1 − exp(−t/(Rd C)))); 2000 steps a time constant of 1, error of the method ∝ step²",
    )])
}

/// F14: svZeroDSolver's own unit test of a stenosis, and Young & Tsai's formula.
pub(in super::super) fn stenosis(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let steady = |flow: f64, vessel: Vessel, resistance: f64, distal_pressure: f64| {
        let mut network = line(vec![
            ("IN", BlockKind::Flow(Waveform::constant(flow))),
            ("VESSEL", BlockKind::Vessel(vessel)),
            ("OUT", BlockKind::Resistance { resistance, distal_pressure }),
        ])?;
        network.schedule = schedule(2, 4);
        let solution = solve(&network, progress)?;
        let mean = |end| solution.mean(1, end, Quantity::Pressure).unwrap_or(f64::NAN);
        Ok::<_, NetworkError>([mean(End::Inlet), mean(End::Outlet)])
    };
    let vessel = Vessel { resistance: 100.0, stenosis: 100.0, ..Vessel::default() };
    let [inlet, outlet] = steady(5.0, vessel, 100.0, 100.0)?;
    let source = "svZeroDSolver's case steadyFlow_stenosis_R: Q 5, R 100, S 100 before R 100 and Pd 100";
    let row = |what: &str, value, reference, source| Row {
        id: "F14",
        what: what.into(),
        value,
        reference,
        unit: "-",
        tolerance: 1e-6 * reference,
        source,
    };
    let mut rows = vec![row("stenosis, outlet pressure", outlet, 600.0, source)];
    rows.push(row("stenosis, inlet pressure", inlet, 3600.0, source));
    let elements = young_tsai(&Fluid::blood(), 3e-3, 1.5e-3, 10e-3);
    let vessel = Vessel { resistance: elements.resistance, stenosis: elements.quadratic, ..Vessel::default() };
    let [inlet, outlet] = steady(1.5e-6, vessel, 1e9, 0.0)?;
    rows.push(Row {
        id: "F14",
        what: "half the diameter over 10 mm of 3 mm, 1.5 mL/s: pressure loss".into(),
        value: inlet - outlet,
        reference: 781.1,
        unit: "Pa",
        tolerance: 0.1,
        source: "Young & Tsai 1973 by hand: 454.6 Pa viscous, 326.5 Pa turbulent; rounded to 0.1 Pa",
    });
    Ok(rows)
}

/// N1: a sine of flow into a windkessel, the fourth cycle and many later.
pub(in super::super) fn pulsatile(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let rcr = Rcr { proximal: 100.0, capacitance: 1e-4, distal: 1000.0, distal_pressure: 0.0 };
    let (mean, swing, period, steps) = (2.2, 2.5, 1.0, 2000);
    let mut network = line(vec![
        ("IN", BlockKind::Flow(sampled(period, steps, |t| mean + swing * (TAU * t / period).sin())?)),
        ("VESSEL", vessel(100.0)),
        ("OUT", BlockKind::Rcr(rcr)),
    ])?;
    network.schedule = schedule(4, steps);
    let solution = solve(&network, progress)?;
    let pressure = named(&solution, "pressure:IN:VESSEL")?;
    let bed = Complex::new(rcr.distal, 0.0) / Complex::new(1.0, TAU / period * rcr.distal * rcr.capacitance);
    let impedance = bed + Complex::new(100.0 + rcr.proximal, 0.0);
    let total = 100.0 + rcr.proximal + rcr.distal;
    let exact = |t: &f64| mean * total + swing * (impedance * Complex::from_polar(1.0, TAU * t / period - 0.5 * PI)).re;
    let error = largest_difference(&pressure, solution.times().iter().map(exact)) / (mean * total);
    Ok(vec![difference(
        "F14c",
        "sine of flow into a windkessel: largest error over mean pressure".into(),
        error,
        "-",
        2e-5,
        "closed form: impedance R + Rp + Rd/(1 + iωRdC); 2000 steps, the flow is linear between them",
    )])
}

/// N2: a sine of flow and of muscle pressure in a coronary bed.
pub(in super::super) fn coronary(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let bed = CoronaryBed {
        arterial: 100.0,
        micro: 150.0,
        venous: 80.0,
        arterial_capacitance: 2e-4,
        muscle_capacitance: 5e-4,
    };
    let (mean, swing, squeeze, steps) = (2.0, 1.0, 200.0, 2000);
    let omega = TAU;
    let mut network = line(vec![
        ("IN", BlockKind::Flow(sampled(1.0, steps, |t| mean + swing * (omega * t).sin())?)),
        ("VESSEL", vessel(50.0)),
        (
            "OUT",
            BlockKind::Coronary(Coronary {
                bed,
                muscle_pressure: sampled(1.0, steps, |t| squeeze * (omega * t).cos())?,
                venous_pressure: 0.0,
            }),
        ),
    ])?;
    network.schedule = schedule(6, steps);
    let solution = solve(&network, progress)?;
    let pressure = named(&solution, "pressure:IN:VESSEL")?;
    // Two nodes: P_a behind Ra with Ca, P_c behind Ram with Cim against P_im; phasors of e^{iωt}.
    let real = |x: f64| Complex::new(x, 0.0);
    let i_omega = Complex::new(0.0, omega);
    let (flow, muscle) = (Complex::new(0.0, -swing), real(squeeze));
    let micro = real(1.0 / bed.micro);
    let arterial_side = i_omega * bed.arterial_capacitance + micro;
    let venous_side = i_omega * bed.muscle_capacitance + real(1.0 / bed.venous) + micro;
    let driven = i_omega * bed.muscle_capacitance * muscle;
    let inside_arteries = (flow * venous_side + micro * driven) / (arterial_side * venous_side - micro * micro);
    let at_inlet = inside_arteries + flow * (bed.arterial + 50.0);
    let total = 50.0 + bed.arterial + bed.micro + bed.venous;
    let exact = |t: &f64| mean * total + (at_inlet * Complex::from_polar(1.0, omega * t)).re;
    let error = largest_difference(&pressure, solution.times().iter().map(exact)) / (mean * total);
    Ok(vec![difference(
        "F14d",
        "sines of flow and muscle pressure in a coronary bed: largest error over mean pressure".into(),
        error,
        "-",
        2e-5,
        "closed form: two nodes as phasors; 2000 steps",
    )])
}

/// N3: how a flow splits at a junction.
pub(in super::super) fn junctions(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let bed = |resistance, distal_pressure| BlockKind::Resistance { resistance, distal_pressure };
    let blocks = [
        ("IN", BlockKind::Flow(Waveform::constant(5.0))),
        ("trunk", vessel(300.0)),
        ("J", BlockKind::Junction),
        ("left", vessel(400.0)),
        ("right", vessel(500.0)),
        ("LEFT", bed(100.0, 50.0)),
        ("RIGHT", bed(1000.0, 200.0)),
    ];
    let links = [(0, 1), (1, 2), (2, 3), (2, 4), (3, 5), (4, 6)].map(|(from, to)| Link { from, to });
    let blocks = blocks.into_iter().map(|(name, kind)| Block::new(name, kind)).collect();
    let mut network = Network::new(blocks, links.to_vec())?;
    network.schedule = schedule(2, 4);
    let solution = solve(&network, progress)?;
    let left = (5.0 * 1500.0 - 50.0 + 200.0) / 2000.0;
    let at_junction = 50.0 + left * 500.0;
    let row = |what: &str, value: Option<f64>, reference: f64| Row {
        id: "F14e",
        what: what.into(),
        value: value.unwrap_or(f64::NAN),
        reference,
        unit: "-",
        tolerance: 1e-9 * reference,
        source: "Ohm's and Kirchhoff's laws by hand",
    };
    Ok(vec![
        row("flow to the left of a junction", solution.mean(3, End::Outlet, Quantity::Flow), left),
        row("flow to the right of a junction", solution.mean(4, End::Outlet, Quantity::Flow), 5.0 - left),
        row("pressure before the trunk", solution.mean(1, End::Inlet, Quantity::Pressure), at_junction + 1500.0),
    ])
}

/// N5: the order of the method in time, from a vessel with all elements and a stenosis.
pub(in super::super) fn order(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    // Manufactured: with P_out = 0 behind R and Q_out = sin², the inflow pressure follows in closed form.
    let (r, l, s, bed) = (2.0, 0.3, 0.5, 1.5);
    let flow = |t: f64| 1.0 + (PI * t).sin().powi(2);
    let rate = |t: f64| PI * (TAU * t).sin();
    let pressure = |t: f64| (r + bed + s * flow(t)) * flow(t) + l * rate(t);
    let steps = [40.0, 80.0, 160.0, 320.0];
    let mut errors = Vec::new();
    for n in steps {
        let mut network = line(vec![
            // Sampled much finer than the steps, so that only the method's error is left.
            ("IN", BlockKind::Pressure(sampled(1.0, 40_000, pressure)?)),
            ("VESSEL", BlockKind::Vessel(Vessel { resistance: r, inductance: l, stenosis: s, ..Vessel::default() })),
            ("OUT", BlockKind::Resistance { resistance: bed, distal_pressure: 0.0 }),
        ])?;
        network.schedule = schedule(4, n as usize);
        let solution = solve(&network, progress)?;
        let computed = named(&solution, "flow:VESSEL:OUT")?;
        errors.push(largest_difference(&computed, solution.times().iter().map(|t| flow(*t))));
    }
    Ok(vec![Row {
        id: "F14f",
        what: format!(
            "order in time of a stenosed vessel with inductance, 40 to 320 steps (last error {:.1e})",
            errors[3]
        ),
        value: slope(&steps, &errors),
        reference: 2.0,
        unit: "-",
        tolerance: 0.1,
        source: "generalised-alpha is of second order (Jansen et al. 2000)",
    }])
}
