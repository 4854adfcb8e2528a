//! What holds for every network of waves.

use super::*;
use crate::base::Progress;
use crate::flow::Fluid;
use crate::flow::network::Waveform;

fn section(radius_m: f64) -> Section {
    Section::elastic(0.0, radius_m, 5e5, 0.1 * radius_m)
}

fn vessel(name: &str, nodes: [usize; 2], radius_m: f64) -> Segment {
    Segment::uniform(name, nodes, 0.1, section(radius_m), 1e4, Profile::of_order(2.0))
}

fn flow(value: f64) -> End {
    End::Flow(Waveform::constant(value))
}

fn beat(period: f64, height: f64) -> End {
    let shape = |t: f64| height * (0.3 + (std::f64::consts::PI * t / period).sin().powi(8));
    End::Flow(Waveform::sampled(period, 200, shape).unwrap())
}

fn bed(resistance: f64) -> End {
    End::Windkessel {
        proximal: 0.1 * resistance,
        capacitance: 0.2 / resistance,
        distal: 0.9 * resistance,
        distal_pressure_pa: 0.0,
    }
}

fn network(segments: Vec<Segment>, ends: Vec<(usize, End)>) -> Result<Network, WavesError> {
    Network::new(Fluid::blood(), segments, ends)
}

fn solved(network: &Network, setup: &Setup, probes: &[Probe]) -> Waves {
    solve(network, setup, probes, &Progress::default()).unwrap()
}

/// A trunk that splits into branches that join again behind, with a step on the way.
fn ring(inflow: End) -> Network {
    let mut wide = vessel("left", [1, 2], 3e-3);
    wide.sections.push(Section { at_m: 0.1, ..section(2e-3) });
    let segments =
        vec![vessel("trunk", [0, 1], 4e-3), wide, vessel("right", [1, 2], 2.5e-3), vessel("end", [2, 3], 3.5e-3)];
    network(segments, vec![(0, inflow), (3, bed(1e9))]).unwrap()
}

#[test]
fn what_cannot_be_a_network_is_refused_in_sentences() {
    let refused = |segments: Vec<Segment>, ends: Vec<(usize, End)>| network(segments, ends).unwrap_err().to_string();
    let one = || vec![vessel("a", [0, 1], 3e-3)];
    let ends = || vec![(0, flow(1e-6)), (1, bed(1e9))];
    assert!(network(one(), ends()).is_ok());
    assert_eq!(refused(vec![], ends()), "the vessels make no network: there is no vessel");
    assert!(refused(one(), vec![(0, flow(1e-6))]).contains("'a' ends at node 1 in nothing"));
    assert!(
        refused(one(), vec![(0, flow(1e-6)), (1, bed(1e9)), (7, bed(1e9))]).contains("node 7, which 0 vessels reach")
    );
    let two = vec![vessel("a", [0, 1], 3e-3), vessel("a", [1, 2], 3e-3)];
    assert_eq!(refused(two, vec![]), "two vessels are called 'a'; give each its own name");
    let two = || vec![vessel("a", [0, 1], 3e-3), vessel("b", [1, 2], 3e-3)];
    assert!(
        refused(two(), vec![(0, flow(0.0)), (1, bed(1e9)), (2, bed(1e9))]).contains("node 1, which 2 vessels reach")
    );
    let cycles = vec![(0, beat(1.0, 1e-6)), (2, End::Pressure(Waveform::sampled(0.8, 4, |_| 1e4).unwrap()))];
    assert!(refused(two(), cycles).contains("the end at node 2 has a cycle of 0.8 s, others one of 1 s"));
    let mut bent = one();
    bent[0].sections[0].beta_pa_m = -1.0;
    assert!(refused(bent, ends()).contains("the stiffness of a section of 'a' is -1; it must be"));
    let mut turned = one();
    turned[0].sections = vec![Section { at_m: 0.1, ..section(3e-3) }, section(2e-3)];
    assert!(refused(turned, ends()).contains("sections must ascend"));
    let mut short = one();
    short[0].length_m = f64::NAN;
    assert!(refused(short, ends()).contains("NaN"));
    let gain = End::Reflection { coefficient: 1.5, rest_pressure_pa: 0.0 };
    assert!(refused(one(), vec![(0, flow(0.0)), (1, gain)]).contains("from -1 to 1"));
}

#[test]
fn what_cannot_be_computed_is_said_in_sentences() {
    let setup = Setup { period_s: Some(0.2), ..Setup::from_pressure(1e4) };
    let said = |inflow: f64, setup: &Setup, probes: &[Probe]| {
        let one = network(vec![vessel("a", [0, 1], 3e-3)], vec![(0, flow(inflow)), (1, bed(1e9))]).unwrap();
        solve(&one, setup, probes, &Progress::default()).unwrap_err().to_string()
    };
    assert!(said(1e-6, &Setup { period_s: None, ..setup }, &[]).contains("the cycle, which no end gives"));
    assert!(said(1e-6, &Setup { courant: 2.0, ..setup }, &[]).contains("from 0.01 to 1"));
    assert!(said(1e-6, &setup, &[Probe { segment: 4, at_m: 0.0 }]).contains("vessel 4 of 1"));
    assert!(said(1e-6, &setup, &[Probe { segment: 0, at_m: 0.2 }]).contains("from 0 to the length"));
    assert!(said(1e-6, &Setup { cell_m: 1e-8, ..setup }, &[]).contains("cells of 0.00001 mm make 1.0e7 of them"));
    let mut stiff = vessel("a", [0, 1], 3e-3);
    stiff.sections[0].beta_pa_m *= 1e12;
    let stiff = network(vec![stiff], vec![(0, flow(1e-6)), (1, bed(1e9))]).unwrap();
    let error = solve(&stiff, &setup, &[], &Progress::default()).unwrap_err().to_string();
    assert!(error.contains("the fastest wave crosses a cell of 'a' in"), "{error}");
    assert!(said(1e-2, &setup, &[]).contains("no pressure at node 0 carries the flow"));
    assert!(
        said(1e-6, &Setup::from_pressure(-1e6), &[]).contains("cycle")
            && said(1e-6, &Setup { start_pressure_pa: -1e6, ..setup }, &[]).contains("'a' collapsed")
    );
    // Sucked empty.
    let sucked = said(-3e-5, &Setup { cycles_max: 500, ..setup }, &[]);
    assert!(sucked.contains("collapsed") || sucked.contains("no pressure at node"), "{sucked}");
    let restless = Setup { cycles_max: 2, tolerance: Some(1e-9), start_pressure_pa: 2e4, ..setup };
    assert!(said(1e-6, &restless, &[]).contains("after 2 cycles the pressure still changes"));
}

#[test]
fn a_cancelled_computation_stops() {
    let progress = Progress::default();
    progress.cancel();
    let stopped = solve(&ring(beat(0.8, 1e-5)), &Setup::from_pressure(1e4), &[], &progress);
    assert!(matches!(stopped, Err(WavesError::Cancelled(_))));
}

#[test]
fn a_network_at_rest_stays_at_rest() {
    let still = ring(flow(0.0));
    let setup = Setup { period_s: Some(0.2), cycles_max: 1, tolerance: None, ..Setup::from_pressure(9e3) };
    let mut closed = still.segments().to_vec();
    closed[0].losses.push(Loss { from_m: 0.02, to_m: 0.05, linear: 1e8, quadratic: 1e13 });
    let end = End::Reflection { coefficient: 1.0, rest_pressure_pa: 9e3 };
    let closed = network(closed, vec![(0, flow(0.0)), (3, end)]).unwrap();
    let waves = solved(&closed, &setup, &[Probe { segment: 1, at_m: 0.04 }, Probe { segment: 3, at_m: 0.1 }]);
    for series in &waves.series {
        assert!(
            series.flow_m3_s.iter().all(|q| q.abs() < 1e-17)
                && series.pressure_pa.iter().all(|p| (p - 9e3).abs() < 1e-7)
        );
    }
}

#[test]
fn no_volume_is_lost_and_the_mean_flow_goes_through() {
    let probes = [Probe { segment: 0, at_m: 0.0 }, Probe { segment: 3, at_m: 0.1 }];
    let setup = Setup { samples: 200, tolerance: Some(1e-6), ..Setup::from_pressure(5e3) };
    let waves = solved(&ring(beat(0.8, 1e-5)), &setup, &probes);
    assert!(waves.volume_error.abs() < 1e-12, "{}", waves.volume_error);
    let [inlet, outlet] = [0, 1].map(|probe| Waves::mean(&waves.series[probe].flow_m3_s));
    assert!((outlet / inlet - 1.0).abs() < 1e-4, "{inlet} {outlet}");
    let pressure = Waves::mean(&waves.series[1].pressure_pa);
    assert!((pressure / (1e9 * outlet) - 1.0).abs() < 1e-4, "{pressure}");
    assert!(waves.change.is_some_and(|change| change <= 1e-6) && 2 < waves.cycles);
}

#[test]
fn the_same_is_computed_every_time_and_in_any_order_of_vessels() {
    let setup = Setup { samples: 100, cycles_max: 1, tolerance: None, ..Setup::from_pressure(5e3) };
    let forward = ring(beat(0.8, 1e-5));
    let probe = |network: &Network| Probe { segment: network.find("end").unwrap(), at_m: 0.05 };
    let [first, again] = [0, 1].map(|_| solved(&forward, &setup, &[probe(&forward)]));
    assert_eq!(first, again);
    let mut segments = forward.segments().to_vec();
    segments.reverse();
    // One of them the other way round.
    let turned = segments.iter().position(|segment| segment.name == "right").unwrap();
    segments[turned].nodes.reverse();
    let backward = network(segments, vec![(0, beat(0.8, 1e-5)), (3, bed(1e9))]).unwrap();
    let other = solved(&backward, &setup, &[probe(&backward)]);
    let both = first.series[0].pressure_pa.iter().zip(&other.series[0].pressure_pa);
    assert!(both.clone().all(|(a, b)| (a - b).abs() < 1e-6), "{:?}", first.series[0].pressure_pa);
}

#[test]
fn a_shock_stays_within_what_comes_in() {
    // A steep front of a fifth of ρ c²: the limiter keeps it from swinging.
    let segment = Segment { length_m: 0.6, ..vessel("a", [0, 1], 5e-3) };
    let front = |t: f64| 1e4 + if (0.002..=0.09).contains(&t) { 7e3 } else { 0.0 };
    let rise = End::Pressure(Waveform::sampled(0.1, 10_000, front).unwrap());
    let rest = End::Reflection { coefficient: 0.0, rest_pressure_pa: 1e4 };
    let network =
        Network::new(Fluid { viscosity_pa_s: 0.0, ..Fluid::blood() }, vec![segment], vec![(0, rise), (1, rest)])
            .unwrap();
    let setup = Setup { samples: 100, cycles_max: 1, tolerance: None, ..Setup::from_pressure(1e4) };
    let waves = solved(&network, &setup, &[Probe { segment: 0, at_m: 0.3 }]);
    let (low, high) = (waves.series[0].diastolic_pa(), waves.series[0].systolic_pa());
    assert!(1e4 - 150.0 < low && high < 1.7e4 + 150.0 && 1.69e4 < high, "{low} {high}");
}

#[test]
fn a_windkessel_without_capacitance_is_a_resistance() {
    let probes = [Probe { segment: 0, at_m: 0.1 }];
    let setup = Setup { samples: 100, tolerance: Some(1e-8), ..Setup::from_pressure(5e3) };
    let through = |proximal: f64, capacitance: f64, distal: f64| {
        let end = End::Windkessel { proximal, capacitance, distal, distal_pressure_pa: 1e3 };
        solved(
            &network(vec![vessel("a", [0, 1], 3e-3)], vec![(0, beat(0.8, 1e-5)), (1, end)]).unwrap(),
            &setup,
            &probes,
        )
    };
    let plain = through(1e9, 0.0, 0.0);
    let series = &plain.series[0];
    let expected = series.flow_m3_s.iter().map(|q| 1e3 + 1e9 * q);
    assert!(expected.zip(&series.pressure_pa).all(|(a, b)| (a / b - 1.0).abs() < 1e-9));
    for (capacitance, tolerance) in [(0.0, 3e-3), (1e-18, 3e-3), (1e-14, 3e-3)] {
        let split = through(3e8, capacitance, 7e8);
        let both = split.series[0].pressure_pa.iter().zip(&plain.series[0].pressure_pa);
        assert!(both.clone().all(|(a, b)| (a / b - 1.0).abs() < tolerance), "{capacitance}");
    }
}

#[test]
fn a_shared_root_gives_each_vessel_its_part() {
    let segments = vec![vessel("a", [0, 1], 3e-3), vessel("b", [0, 2], 3e-3)];
    let both = network(segments, vec![(0, beat(0.8, 2e-5)), (1, bed(1e9)), (2, bed(1e9))]).unwrap();
    let alone = network(vec![vessel("a", [0, 1], 3e-3)], vec![(0, beat(0.8, 1e-5)), (1, bed(1e9))]).unwrap();
    let setup = Setup { samples: 100, cycles_max: 2, tolerance: None, ..Setup::from_pressure(5e3) };
    let probe = [Probe { segment: 0, at_m: 0.05 }];
    let [both, alone] = [both, alone].map(|network| solved(&network, &setup, &probe));
    let pairs = both.series[0].pressure_pa.iter().zip(&alone.series[0].pressure_pa);
    assert!(pairs.clone().all(|(a, b)| (a - b).abs() < 1e-6));
}

#[test]
fn feet_are_found_between_samples() {
    let times: Vec<f64> = (0..=100).map(|n| 0.01 * f64::from(n)).collect();
    let wave =
        |delay: f64| -> Vec<f64> { times.iter().map(|t| 10.0 + (-((t - 0.5 - delay) / 0.05).powi(2)).exp()).collect() };
    let speed = pulse_wave_speed(&times, &wave(0.0), &wave(0.0237), 0.15).unwrap();
    assert!((speed * 0.0237 / 0.15 - 1.0).abs() < 0.01, "{speed}");
    // Past the end of the cycle.
    let late: Vec<f64> =
        times.iter().map(|t| 10.0 + (-(((t - 0.2).rem_euclid(1.0) - 0.0) / 0.05).powi(2)).exp()).collect();
    assert!(foot_s(&times, &late).is_some() && foot_s(&times, &[1.0; 101]).is_none());
    assert!(foot_s(&[0.0], &[1.0]).is_none());
}
