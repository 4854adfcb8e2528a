//! Waves against the 0D network of the same vessel, and the time constant with which a network discharges.

use super::benchmark::{carotid_network, places, setup};
use super::{blood, boileau, extremes, sampled};
use crate::base::Progress;
use crate::flow::FlowError;
use crate::flow::network::{
    self, Block, BlockKind, Elements, End as Side, Link, Quantity, Rcr, Schedule, Vessel, Wall, cone,
};
use crate::flow::verification::Row;
use crate::flow::waves::{End, Network, Probe, Profile, Section, Segment, Setup, Waves, solve};

/// F13z: the carotid artery of the benchmark in 0D and in 1D.
pub(in super::super) fn lumped(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let inflow = boileau::CAROTID;
    let (network, resistance) = carotid_network(&inflow)?;
    let mean = inflow.mean * inflow.unit * resistance;
    let waves = solve(&network, &setup(mean), &places(&network, 0), progress)?;
    // The wall at the mean pressure: with p = p0 + K (√A − √A0) the compliance per length is 2 √A/K.
    let section = network.segments()[0].sections[0];
    let stiffness = section.beta_pa_m / section.area_m2;
    let root = section.area_m2.sqrt() + (mean - network.segments()[0].reference_pressure_pa) / stiffness;
    let (fluid, radius) = (network.fluid(), root / std::f64::consts::PI.sqrt());
    let speed_m_s = (0.5 * stiffness * root / fluid.density_kg_m3).sqrt();
    const PIECES: usize = 8;
    let piece = network.segments()[0].length_m / PIECES as f64;
    let Elements { resistance, inductance, capacitance } =
        cone(fluid, &Wall::WaveSpeed { speed_m_s }, piece, radius, radius);
    let vessel = Vessel { resistance, inductance, capacitance, ..Vessel::default() };
    let rcr = Rcr { proximal: 2.4875e8, capacitance: 1.7529e-10, distal: 1.8697e9, distal_pressure: 0.0 };
    let mut blocks = vec![Block::new("in", BlockKind::Flow(sampled(inflow.period_s, |t| inflow.at(t))?))];
    blocks.extend((0..PIECES).map(|n| Block::new(format!("piece {n}"), BlockKind::Vessel(vessel))));
    blocks.push(Block::new("out", BlockKind::Rcr(rcr)));
    let links = (1..blocks.len()).map(|to| Link { from: to - 1, to }).collect();
    let mut lumped = network::Network::new(blocks, links)?;
    lumped.schedule = Schedule { cycles: 12, points_per_cycle: 1001, ..Schedule::default() };
    let solution = network::solve(&lumped, progress)?;
    let at = |block: usize| solution.at(block, Side::Outlet, Quantity::Pressure).unwrap_or_default();
    let (begin, middle) = (at(0), at(PIECES / 2));
    let source = "0D network of 8 pieces with the wall at the mean pressure, against 1D: 0D knows neither the stiffening of the wall nor the travel within a piece";
    let mut rows = Vec::new();
    for (place, values, series) in [("inlet", &begin, &waves.series[0]), ("half-way", &middle, &waves.series[1])] {
        let ([low, high], [own_low, own_high]) = (extremes(values), extremes(&series.pressure_pa));
        let row = |name: &str, value: f64, reference: f64, part: f64| Row {
            id: "F13z",
            what: format!("carotid artery in 0D against 1D, {place}: {name}"),
            value: 1e-3 * value,
            reference: 1e-3 * reference,
            unit: "kPa",
            tolerance: 1e-3 * part * reference,
            source,
        };
        rows.push(row("mean pressure", solution.mean_of(values), Waves::mean(&series.pressure_pa), 0.005));
        rows.push(row("systolic pressure", high, own_high, 0.02));
        rows.push(row("diastolic pressure", low, own_low, 0.02));
    }
    Ok(rows)
}

/// F13: a closed vessel empties through a windkessel, with the time constant of the linear equations.
pub(in super::super) fn discharge(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let fluid = blood(1060.0, 0.0);
    let (length, [proximal, capacitance, distal], rest) = (0.24, [1.2e7, 2e-9, 1.1e8], 9.5e3);
    let section = Section::elastic(0.0, 12e-3, 400e3, 1.2e-3);
    let segment = Segment::uniform("tube", [0, 1], length, section, rest, Profile::of_order(9.0));
    let ends = vec![
        (0, End::Reflection { coefficient: 1.0, rest_pressure_pa: rest }),
        (1, End::Windkessel { proximal, capacitance, distal, distal_pressure_pa: rest }),
    ];
    let network = Network::new(fluid.clone(), vec![segment], ends)?;
    // 1 Pa over rest: linear.
    let setup = Setup { period_s: Some(3.0), cycles_max: 1, tolerance: None, ..Setup::from_pressure(rest + 1.0) };
    let waves = solve(&network, &setup, &[Probe { segment: 0, at_m: 0.5 * length }], progress)?;
    let pressure = |n: usize| waves.series[0].pressure_pa[n] - rest;
    let constant = (waves.times_s[400] - waves.times_s[150]) / (pressure(150) / pressure(400)).ln();
    // p ∝ e^(−t/τ) cosh(x/(c τ)): the tube gives Q = Y tanh(l/(c τ)) p, the windkessel takes p/(R1 + R2/(1 − R2 C/τ)).
    let speed = section.speed_m_s(&fluid);
    let admittance = section.area_m2 / (fluid.density_kg_m3 * speed);
    let excess = |tau: f64| {
        let bed = proximal + distal / (1.0 - distal * capacitance / tau);
        admittance * (length / (speed * tau)).tanh() * bed - 1.0
    };
    // From just over R2 C, where the bed is infinite, to far beyond the sum of all.
    let (mut short, mut long) = (1.001 * distal * capacitance, 10.0);
    for _ in 0..100 {
        let middle = 0.5 * (short + long);
        (short, long) = if 0.0 < excess(middle) { (middle, long) } else { (short, middle) };
    }
    Ok(vec![Row {
        id: "F13",
        what: "time constant of a vessel that empties through a windkessel".into(),
        value: constant,
        reference: short,
        unit: "s",
        tolerance: 1e-3 * short,
        source: "the slowest mode of the linear equations, by bisection",
    }])
}
