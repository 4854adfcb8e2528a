//! Single pulses, steps of the vessel and steady flow against closed forms.

use super::{blood, extremes, sampled};
use crate::base::Progress;
use crate::flow::FlowError;
use crate::flow::network::Waveform;
use crate::flow::verification::{Row, order};
use crate::flow::waves::{End, Loss, Network, Probe, Profile, Section, Segment, Setup, Waves, pulse_wave_speed, solve};
use std::f64::consts::PI;

const DENSITY: f64 = 1050.0;
const ROUND: Profile = Profile { order: 9.0, momentum: 1.0 };

/// The vessel of the benchmark's single pulse: radius 1 cm, wall of 1.5 mm with 400 kPa; waves run with 6.172 m/s.
fn section() -> Section {
    Section::elastic(0.0, 0.01, 400e3, 1.5e-3)
}

fn out() -> End {
    End::Reflection { coefficient: 0.0, rest_pressure_pa: 0.0 }
}

/// One cycle from rest at no pressure.
fn once(cell_m: f64, samples: usize) -> Setup {
    Setup { cell_m, samples, cycles_max: 1, tolerance: None, ..Setup::from_pressure(0.0) }
}

fn row(
    what: impl Into<String>,
    value: f64,
    reference: f64,
    unit: &'static str,
    tolerance: f64,
    source: &'static str,
) -> Row {
    Row { id: "F13p", what: what.into(), value, reference, unit, tolerance, source }
}

/// F13p: the single pulse of the benchmark, 1 ml/s, in the first half of its tube, with and without friction.
pub(in super::super) fn pulse(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let (period, length, far) = (1.0, 5.0, 4.0);
    let inflow = sampled(period, |t| 1e-6 * (-1e4 * (t - 0.05).powi(2)).exp())?;
    let run = |viscosity: f64| -> Result<(Waves, f64), FlowError> {
        let fluid = blood(DENSITY, viscosity);
        let speed = section().speed_m_s(&fluid);
        let segment = Segment::uniform("tube", [0, 1], length, section(), 0.0, ROUND);
        let network = Network::new(fluid, vec![segment], vec![(0, End::Flow(inflow.clone())), (1, out())])?;
        let places = [1.0, far].map(|at_m| Probe { segment: 0, at_m });
        Ok((solve(&network, &once(2.5e-3, 1000), &places, progress)?, speed))
    };
    let peak = |waves: &Waves, probe: usize| extremes(&waves.series[probe].flow_m3_s)[1];
    let (free, speed) = run(0.0)?;
    let (viscous, _) = run(4e-3)?;
    let [near_wave, far_wave] = [0, 1].map(|probe| free.series[probe].pressure_pa.as_slice());
    let measured = pulse_wave_speed(&free.times_s, near_wave, far_wave, far - 1.0).unwrap_or(f64::NAN);
    // What the scheme takes from the height is in both runs.
    let kept = |probe: usize| peak(&viscous, probe) / peak(&free, probe);
    let decay = (kept(1) / kept(0)).ln() / (far - 1.0);
    let exact = -(ROUND.order + 2.0) * PI * 4e-3 / (DENSITY * speed * section().area_m2);
    let pressure = extremes(&free.series[1].pressure_pa)[1];
    let source = "linear waves, as in the single pulse of Boileau et al. 2015; for its height the pulse is up to 0.06 % faster than c";
    Ok(vec![
        row("speed of a small pulse from foot to foot", measured, speed, "m/s", 2e-3 * speed, source),
        row("height of a small pulse after 4 m without friction", 1e6 * peak(&free, 1), 1.0, "ml/s", 0.01, source),
        row("pressure of a small pulse", pressure, DENSITY * speed / section().area_m2 * 1e-6, "Pa", 0.2, source),
        row("decay of a small pulse by friction", decay, exact, "1/m", 5e-3 * exact.abs(), source),
        row("volume that was lost", free.volume_error, 0.0, "1", 1e-12, "conservation; rounding"),
    ])
}

/// F13p: a pulse of 150 ml/s steepens. Without friction each value of it travels with u + c = 5 c − 4 c₀.
pub(in super::super) fn simple_wave(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let (period, length, far) = (0.3, 1.8, 0.5);
    let fluid = blood(DENSITY, 0.0);
    let (speed, area) = (section().speed_m_s(&fluid), section().area_m2);
    let entering = |t: f64| 150e-6 * (-2e3 * (t - 0.11_f64).powi(2)).exp();
    // c/c₀ = y where A = A₀ y⁴ carries the flow: A · 4 (c − c₀) = Q.
    let wave = |flow: f64| {
        let target = flow / (4.0 * area * speed);
        (0..50)
            .fold(1.0 + target, |y: f64, _| y - (y.powi(4) * (y - 1.0) - target) / (5.0 * y.powi(4) - 4.0 * y.powi(3)))
    };
    // The time at which a value entered that passes `far` at `t`: iterations that halve the interval.
    let passing = |t: f64| {
        let (mut early, mut late) = (t - far / speed, t);
        for _ in 0..60 {
            let middle = 0.5 * (early + late);
            let arrives = middle + far / (speed * (5.0 * wave(entering(middle)) - 4.0));
            (early, late) = if arrives < t { (middle, late) } else { (early, middle) };
        }
        entering(0.5 * (early + late))
    };
    let cells = [4e-3, 2e-3, 1e-3];
    let mut errors = Vec::new();
    let mut momentum = f64::NAN;
    for cell_m in cells {
        let segment = Segment::uniform("tube", [0, 1], length, section(), 0.0, ROUND);
        let ends = vec![(0, End::Flow(sampled(period, entering)?)), (1, out())];
        let network = Network::new(fluid.clone(), vec![segment], ends)?;
        let mut probes = vec![Probe { segment: 0, at_m: far }];
        let count = (length / cell_m).round() as usize;
        probes.extend((0..count).map(|n| Probe { segment: 0, at_m: (n as f64 + 0.5) * cell_m }));
        let waves = solve(&network, &once(cell_m, 500), &probes, progress)?;
        let flows = waves.times_s.iter().zip(&waves.series[0].flow_m3_s);
        let (sum, size) = flows.fold((0.0, 0.0), |(sum, size), (t, flow)| {
            let exact = passing(*t);
            (sum + (flow - exact).abs(), size + exact.abs())
        });
        errors.push(sum / size);
        // The whole pulse is inside and has touched no end between 0.21 and 0.25 s.
        let total = |n: usize| waves.series[1..].iter().map(|series| series.flow_m3_s[n]).sum::<f64>();
        momentum = total(416) / total(350) - 1.0;
    }
    let counts = cells.map(|cell| 1.0 / cell);
    let source = "closed form: u = 4 (c − c0) along characteristics dx/dt = u + c";
    Ok(vec![
        row(
            "steepening pulse, order of convergence, cells of 4 to 1 mm",
            order(&counts, &errors),
            2.0,
            "1",
            0.1,
            source,
        ),
        row("steepening pulse, relative error in cells of 2 mm", errors[1], 0.0, "1", 2e-4, source),
        row(
            "momentum of the pulse under way, relative change",
            momentum,
            0.0,
            "1",
            1e-7,
            "conservation; of what the scheme throws back a trace pushes against the inlet",
        ),
    ])
}

/// F13p: what comes back from a step of a vessel and from a bifurcation.
pub(in super::super) fn junctions(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let fluid = blood(DENSITY, 0.0);
    let inflow = sampled(1.0, |t| 1e-6 * (-4e3 * (t - 0.05_f64).powi(2)).exp())?;
    let source = "linear waves: (Y1 - Y2)/(Y1 + Y2) and 1 + this, Y = A/(rho c), Y2 the sum behind; small pulse";
    let mut rows = Vec::new();
    let [narrow, stiff] = [Section::elastic(0.0, 6e-3, 700e3, 0.7e-3), Section::elastic(0.0, 0.01, 1600e3, 1.5e-3)];
    for (name, behind) in
        [("narrower vessel", vec![narrow]), ("stiffer vessel", vec![stiff]), ("two branches", vec![narrow; 2])]
    {
        let mut segments = vec![Segment::uniform("before", [0, 1], 2.0, section(), 0.0, ROUND)];
        let mut ends = vec![(0, End::Flow(inflow.clone()))];
        for (n, section) in behind.iter().enumerate() {
            segments.push(Segment::uniform(&format!("behind {n}"), [1, 2 + n], 2.0, *section, 0.0, ROUND));
            ends.push((2 + n, out()));
        }
        let network = Network::new(fluid.clone(), segments, ends)?;
        let admittance = |section: &Section| section.area_m2 / (DENSITY * section.speed_m_s(&fluid));
        let (before, sum) = (admittance(&section()), behind.iter().map(admittance).sum::<f64>());
        let reflected = (before - sum) / (before + sum);
        let probes = [Probe { segment: 0, at_m: 1.0 }, Probe { segment: 1, at_m: 0.5 }];
        let waves = solve(&network, &once(5e-3, 1000), &probes, progress)?;
        // Half-way before the step the pulse comes by at 0.21 s and its echo at 0.53 s.
        let (pulse, echo) = waves.series[0].pressure_pa.split_at(370);
        let strongest =
            |values: &[f64]| values.iter().fold(0.0, |max: f64, x| if max.abs() < x.abs() { *x } else { max });
        let height = strongest(pulse);
        rows.push(row(
            format!("{name}: reflected part"),
            strongest(&echo[..300]) / height,
            reflected,
            "1",
            5e-3,
            source,
        ));
        let passed = strongest(&waves.series[1].pressure_pa) / height;
        rows.push(row(format!("{name}: transmitted part"), passed, 1.0 + reflected, "1", 5e-3, source));
    }
    Ok(rows)
}

/// F13p: rest and steady flow in a vessel whose radius and wall change along the way.
pub(in super::super) fn tapered(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let fluid = blood(DENSITY, 4e-3);
    let (length, flow, back, resistance) = (0.2, 15e-6, 9e3, 2e8);
    let sections = vec![Section::elastic(0.0, 5e-3, 300e3, 0.5e-3), Section::elastic(length, 2.5e-3, 900e3, 0.4e-3)];
    let losses = vec![Loss { from_m: 0.05, to_m: 0.1, linear: 2e7, quadratic: 4e12 }];
    let profile = Profile { order: 2.0, momentum: 4.0 / 3.0 };
    let (name, nodes) = ("tapered".to_string(), [0, 1]);
    let segment = Segment { name, nodes, length_m: length, sections, reference_pressure_pa: back, profile, losses };
    let solved = |inflow: f64, start: f64, cell_m: f64| -> Result<Waves, FlowError> {
        let bed = End::Windkessel { proximal: resistance, capacitance: 0.0, distal: 0.0, distal_pressure_pa: back };
        let ends = vec![(0, End::Flow(Waveform::constant(inflow))), (1, bed)];
        let network = Network::new(fluid.clone(), vec![segment.clone()], ends)?;
        let setup = Setup { period_s: Some(0.5), tolerance: Some(1e-9), ..Setup::from_pressure(start) };
        let probes = [0.0, 0.13].map(|at_m| Probe { segment: 0, at_m });
        Ok(solve(&network, &Setup { cell_m, ..setup }, &probes, progress)?)
    };
    // d/dx (p + α ρ u²/2)-like balance from the outlet back to the inlet by the classical Runge-Kutta method.
    let exact = {
        let shape = |x: f64| {
            let part = x / length;
            let root = PI.sqrt() * (5e-3 + part * (2.5e-3 - 5e-3));
            let beta = 4.0 / 3.0 * PI.sqrt() * (150.0 + part * (360.0 - 150.0));
            (root, beta / (root * root))
        };
        let area = |x: f64, p: f64| ((p - back) / shape(x).1 + shape(x).0).powi(2);
        // α (Q²/A)' + A/ρ p' = −f Q/A with A' from p' and the shape, both by differences.
        let slope = |x: f64, p: f64| {
            let (h, d) = (1e-6, 1e-2);
            let a = area(x, p);
            let by_x = (area(x + h, p) - area(x - h, p)) / (2.0 * h);
            let by_p = (area(x, p + d) - area(x, p - d)) / (2.0 * d);
            let momentum = profile.momentum * flow * flow / (a * a);
            let loss = if 0.05 < x && x < 0.1 { (2e7 + 4e12 * flow) / 0.05 } else { 0.0 };
            let drag = 8.0 * PI * 4e-3 / DENSITY * flow / a + a / DENSITY * loss * flow;
            (momentum * by_x - drag) / (a / DENSITY - momentum * by_p)
        };
        let (steps, mut p) = (8000, back + resistance * flow);
        let h = length / f64::from(steps);
        for n in 0..steps {
            let x = length - h * f64::from(n);
            let k_1 = slope(x, p);
            let k_2 = slope(x - 0.5 * h, p - 0.5 * h * k_1);
            let k_3 = slope(x - 0.5 * h, p - 0.5 * h * k_2);
            p -= h / 6.0 * (k_1 + 2.0 * (k_2 + k_3) + slope(x - h, p - h * k_3));
        }
        p
    };
    let rest = solved(0.0, back, 2e-3)?;
    let moving = rest.series.iter().flat_map(|series| &series.flow_m3_s).fold(0.0, |max, q| f64::max(max, q.abs()));
    let cells = [10e-3, 5e-3, 2.5e-3];
    let mut errors = Vec::new();
    let mut last = f64::NAN;
    for cell in cells {
        last = solved(flow, back + resistance * flow, cell)?.series[0].pressure_pa[0];
        errors.push((last - exact).abs());
    }
    let source = "the steady equations integrated along the vessel by the Runge-Kutta method";
    Ok(vec![
        row("tapered vessel at rest: largest flow", 1e6 * moving, 0.0, "ml/s", 1e-11, "balanced to rounding"),
        row("tapered vessel, steady flow with losses: inlet pressure", last, exact, "Pa", 2e-4 * exact, source),
        row(
            format!("tapered vessel, order of convergence (last error {:.2e} Pa)", errors[2]),
            order(&cells.map(|cell| 1.0 / cell), &errors),
            2.0,
            "1",
            0.25,
            source,
        ),
    ])
}
