//! Properties of whole computations of pulsating flow: masks in, cycles out.

use super::*;
use crate::base::{Progress, parallel};
use crate::geom::{Point, Vector};

/// A tube of 4 mm radius along z that divides into two narrower ones of different radius.
pub(super) fn fork() -> Setup {
    let along = |p: Point, a: [f64; 3], b: [f64; 3]| {
        let (a, b) = (Point::from(a), Point::from(b));
        let t = ((p - a).dot(&(b - a)) / (b - a).norm_squared()).clamp(0.0, 1.0);
        (p - (a + (b - a) * t)).norm()
    };
    let level = move |p: Point| {
        let trunk = 4.0 - along(p, [0.0, 0.0, -9.0], [0.0, 0.0, 10.0]);
        let left = 3.2 - along(p, [0.0, 0.0, 10.0], [-12.0, 0.0, 28.0]);
        let right = 2.6 - along(p, [0.0, 0.0, 10.0], [12.0, 0.0, 28.0]);
        trunk.max(left).max(right) as f32
    };
    let lumen = Lumen::from_level(Point::new(-14.0, -5.0, -1.0), Point::new(14.0, 5.0, 24.0), level);
    let inlet = OpeningKind::Inlet { inflow: Inflow::FlowMlS(1.0), profile: Profile::Developed };
    let outlet = OpeningKind::Outlet { pressure_pa: 0.0 };
    let left = Vector::new(-12.0, 0.0, 18.0).normalize();
    let right = Vector::new(12.0, 0.0, 18.0).normalize();
    let opening = |name, centre: Vector, normal, radius, kind| {
        Opening::placed(name, Point::from(centre), normal, radius, kind).unwrap()
    };
    let junction = Vector::new(0.0, 0.0, 10.0);
    let openings = vec![
        opening("inlet", Vector::zeros(), -Vector::z(), 4.0, inlet),
        opening("left", junction + left * 14.0, left, 3.2, outlet),
        opening("right", junction + right * 14.0, right, 2.6, outlet),
    ];
    let mut setup = Setup::new(lumen, openings, Fluid { viscosity_pa_s: 2e-2, ..Fluid::blood() });
    (setup.resolution, setup.streamlines) = (Resolution::CellMm(1.0), 4);
    setup
}

fn beat() -> Pulse {
    Pulse { cycles_max: 4, phases: 2, ..Pulse::new(Waveform::half_sine(0.8, 2.0, 6.0, 0.4).unwrap()) }
}

fn windkessels() -> Beyond {
    Beyond::Windkessels { mean_pressure_mmhg: 90.0, compliance_ml_mmhg: 0.03, proximal_share: 0.1 }
}

#[test]
fn windkessels_divide_the_flow_as_planned_at_the_mean_pressure_asked_for() {
    let pulse = Pulse { beyond: windkessels(), ..beat() };
    let Pulsating { mean, cycle, summary } = simulate_pulse(&fork(), &pulse, &Progress::default()).unwrap();
    let out: Vec<f64> = mean.openings[1..].iter().map(|o| -o.inflow_ml_s).collect();
    let share = 3.2_f64.powi(3) / (3.2_f64.powi(3) + 2.6_f64.powi(3));
    assert!((out[0] / 2.0 - share).abs() < 0.02, "{out:?}");
    assert!((out[0] + out[1] - 2.0).abs() < 0.02, "{out:?}");
    let pressures = &cycle.openings[1].pressure_mmhg;
    let average = pressures.iter().sum::<f64>() / pressures.len() as f64;
    assert!((average - 90.0).abs() < 2.0, "{average} mmHg");
    // The mean over the cycle and the mean flow say the same; and the compliance makes the pressure swing.
    assert!((mean.openings[1].pressure_pa / crate::base::units::PA_PER_MMHG - average).abs() < 1.0);
    let swing = pressures.iter().copied().fold(f64::MIN, f64::max) - pressures.iter().copied().fold(f64::MAX, f64::min);
    assert!((10.0..80.0).contains(&swing), "{swing} mmHg");
    assert!(cycle.periodic && cycle.changes.len() < 3, "{:?}", cycle.changes);
    assert!(summary.value("flow lost over the last cycle").unwrap().abs() < 1.0);
    assert_eq!(cycle.phases.iter().map(|phase| phase.time_s).collect::<Vec<_>>(), [0.0, 0.4]);
}

#[test]
fn what_comes_in_follows_the_waveform_and_goes_out_nearly_at_once() {
    let pulse = beat();
    let Pulsating { mean, cycle, .. } = simulate_pulse(&fork(), &pulse, &Progress::default()).unwrap();
    let [inlet, left, right] = cycle.openings.as_slice() else { panic!("{} openings", cycle.openings.len()) };
    for (k, time) in cycle.times_s.iter().enumerate() {
        let (given, out) = (pulse.waveform.at(*time), -left.inflow_ml_s[k] - right.inflow_ml_s[k]);
        assert!((inlet.inflow_ml_s[k] - given).abs() < 0.05 * 6.0, "{} of {given} ml/s", inlet.inflow_ml_s[k]);
        // Sound takes up to a fortieth of a cycle through the lumen, in which the steepest flow rises by a third.
        assert!((out - inlet.inflow_ml_s[k]).abs() < 0.1 * 6.0, "{out} ml/s out, {} in", inlet.inflow_ml_s[k]);
    }
    let of = |name: &str| mean.wall_fields.iter().find(|field| field.name == name).unwrap().values.clone();
    let (average, index) = (of("time-averaged wall shear stress"), of("oscillatory shear index"));
    let (size, residence) = (of("wall shear stress"), of("relative residence time"));
    assert!(index.iter().all(|x| (0.0..=0.5).contains(x)) && residence.iter().all(|x| x.is_finite()));
    // The mean vector is never longer than the mean of lengths.
    assert!(average.iter().zip(size.iter()).all(|(average, size)| *size <= average * 1.001 + 1e-6));
}

#[test]
fn a_cycle_has_the_same_bits_on_one_thread_and_on_three() {
    let pulse = Pulse { beyond: windkessels(), cycles_max: 2, ..beat() };
    let run = || {
        let found = simulate_pulse(&fork(), &pulse, &Progress::default()).unwrap();
        (found.mean.content_hash(), found.cycle.phases[1].flow.content_hash(), found.cycle.openings)
    };
    assert!(parallel::with_threads(1, run) == parallel::with_threads(3, run));
}

#[test]
fn a_cycle_that_does_not_repeat_itself_says_so() {
    let pulse = Pulse { tolerance: 1e-12, cycles_max: 2, phases: 0, ..beat() };
    let found = simulate_pulse(&fork(), &pulse, &Progress::default()).unwrap();
    assert!(!found.cycle.periodic && found.cycle.phases.is_empty());
    assert!(found.summary.warnings.iter().any(|w| w.contains("does not repeat itself")), "{:?}", found.summary);
}

#[test]
fn bad_pulses_are_answered_with_a_sentence() {
    let refused = |pulse: Pulse| simulate_pulse(&fork(), &pulse, &Progress::default()).unwrap_err().to_string();
    assert!(refused(Pulse { cycles_max: 1, ..beat() }).contains("cycles is 1; it must be 2 to 1000"));
    assert!(refused(Pulse { tolerance: 0.0, ..beat() }).contains("tolerance of the cycles"));
    assert!(refused(Pulse { phases: 51, ..beat() }).contains("at most 50"));
    assert!(refused(Pulse { beyond: Beyond::Each(Vec::new()), ..beat() }).contains("as many as there are outlets"));
    let beyond = Beyond::Windkessels { mean_pressure_mmhg: -1.0, compliance_ml_mmhg: 1.0, proximal_share: 0.1 };
    assert!(refused(Pulse { beyond, ..beat() }).contains("mean pressure"));
    let stop = Progress::default();
    stop.cancel();
    assert!(matches!(simulate_pulse(&fork(), &beat(), &stop), Err(FlowError::Cancelled(_))));
}
