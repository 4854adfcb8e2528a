//! What outlets do on the card beside what they do on the processor: carry a flow, follow a pulse, fill windkessels.

use super::super::assemble::oscillate;
use super::super::beat::Beat;
use super::super::domain::Domain;
use super::super::windkessel::{Bank, Windkessel};
use super::super::womersley::HARMONICS;
use super::super::{Fluid, Inflow, Lumen, Opening, OpeningKind, Profile, Scheme, Setup};
use super::tests::{CLOSE, assert_same, bend, card, simulation, twins};
use crate::base::Progress;
use crate::flow::simulation::Simulation;
use crate::geom::{Point, Vector};
use nalgebra::Complex;

#[test]
fn an_outlet_that_carries_a_flow_is_steered_the_same_way() {
    let Some(gpu) = card() else { return };
    let (setup, domain) = bend(Scheme::Trt);
    let make = || {
        let (mut simulation, plan) = simulation(&setup, &domain);
        let outlets = std::mem::take(&mut simulation.outlets).into_iter();
        simulation.outlets = outlets.map(|outlet| outlet.carrying(plan.inflow)).collect();
        simulation
    };
    let mut both = twins(&gpu, make);
    assert_same(&mut both, 200, CLOSE, "carrying");
    let [a, b] = both.each_ref().map(|simulation| simulation.outlets[0].steer);
    assert!((a - b).abs() < 1e-5 * a.abs(), "{a} against {b}");
}

#[test]
fn a_pulse_with_a_profile_for_every_harmonic_is_followed() {
    let Some(gpu) = card() else { return };
    let (setup, domain) = bend(Scheme::Trt);
    let harmonics: Vec<Complex<f64>> = (1..=HARMONICS).map(|n| Complex::new(0.3, 0.2) / (n * n) as f64).collect();
    let make = || {
        let (mut simulation, plan) = simulation(&setup, &domain);
        let cycle = 80;
        let outlets = std::mem::take(&mut simulation.outlets).into_iter();
        simulation.outlets = outlets.map(|outlet| outlet.pulsating(40.0, cycle, plan.inflow)).collect();
        let omega = std::f64::consts::TAU / cycle as f64;
        let named = oscillate(&setup, &domain, &plan, &mut simulation, (&harmonics, omega));
        assert_eq!(named.len(), 1);
        let share = |n: usize| 1.0 + 0.4 * (omega * n as f64).sin() as f32;
        simulation.beat = Some(Beat::new((0..cycle).map(share).collect(), true));
        simulation
    };
    assert_same(&mut twins(&gpu, make), 200, CLOSE, "pulse");
}

/// A trunk of 3 mm radius that divides into two branches, with a windkessel behind each.
fn fork() -> Simulation {
    let along = |p: Point, a: [f64; 3], b: [f64; 3]| {
        let (a, b) = (Point::from(a), Point::from(b));
        let t = ((p - a).dot(&(b - a)) / (b - a).norm_squared()).clamp(0.0, 1.0);
        (p - (a + (b - a) * t)).norm()
    };
    let level = move |p: Point| {
        let trunk = 3.0 - along(p, [0.0, 0.0, -9.0], [0.0, 0.0, 6.0]);
        let left = 2.4 - along(p, [0.0, 0.0, 6.0], [-12.0, 0.0, 24.0]);
        let right = 2.0 - along(p, [0.0, 0.0, 6.0], [12.0, 0.0, 24.0]);
        trunk.max(left).max(right) as f32
    };
    let lumen = Lumen::from_level(Point::new(-11.0, -4.0, -1.0), Point::new(11.0, 4.0, 18.0), level);
    let inlet = OpeningKind::Inlet { inflow: Inflow::FlowMlS(1.0), profile: Profile::Developed };
    let outlet = || OpeningKind::Outlet { pressure_pa: 0.0 };
    let plane =
        |name, at: Vector, normal, radius, kind| Opening::placed(name, Point::from(at), normal, radius, kind).unwrap();
    let ways = [-1.0, 1.0].map(|side| Vector::new(12.0 * side, 0.0, 18.0).normalize());
    let [left, right] = ways.map(|way| Vector::new(0.0, 0.0, 6.0) + way * 9.0);
    let openings = vec![
        plane("inlet", Vector::zeros(), -Vector::z(), 3.0, inlet),
        plane("left", left, ways[0], 2.4, outlet()),
        plane("right", right, ways[1], 2.0, outlet()),
    ];
    let mut setup = Setup::new(lumen, openings, Fluid { viscosity_pa_s: 2e-2, ..Fluid::blood() });
    setup.scheme = Scheme::Trt;
    let domain = Domain::new(&setup.lumen, &setup.openings, 0.8, &Progress::default()).unwrap();
    let (mut simulation, plan) = simulation(&setup, &domain);
    assert_eq!(simulation.outlets.len(), 2);
    let cycle = 120;
    let expected = [0.6, 0.4].map(|share| share * plan.inflow).into_iter();
    let outlets = std::mem::take(&mut simulation.outlets).into_iter().zip(expected);
    simulation.outlets = outlets.map(|(outlet, flow)| outlet.pulsating(40.0, cycle, flow)).collect();
    let share = |n: usize| 1.0 + 0.4 * (std::f64::consts::TAU * n as f64 / cycle as f64).sin();
    let mut beat = Beat::new((0..cycle).map(|n| share(n) as f32).collect(), false);
    let vessels = [0.6, 0.4].map(|flow| Windkessel::for_mean(93.0, flow, 0.02, 0.06).unwrap()).to_vec();
    let flows: Vec<f64> = beat.shares_from_start().collect();
    let units = [plan.units.step_s, plan.units.flow_ml_s(), plan.units.pressure_pa()];
    beat.bank = Some(Bank::new(vessels, &[0.6, 0.4], &flows, units));
    simulation.beat = Some(beat);
    simulation
}

#[test]
fn windkessels_fill_the_same_way() {
    let Some(gpu) = card() else { return };
    let mut both = twins(&gpu, fork);
    // Two cycles and a quarter: after whole ones they are nearly as full as before.
    assert_same(&mut both, 270, CLOSE, "windkessels");
    let bank = |simulation: &Simulation| {
        let bank = simulation.beat.as_ref().unwrap().bank.as_ref().unwrap();
        (bank.behind_mmhg.clone(), bank.reference_pa())
    };
    let ([(a, a_pa), (b, b_pa)], [(start, _), _]) = (both.each_ref().map(bank), [bank(&fork()), bank(&fork())]);
    assert!((a_pa - b_pa).abs() < 1e-6 * a_pa, "{a_pa} Pa against {b_pa} Pa");
    for n in 0..2 {
        // In a cycle a windkessel fills and empties by much more than this.
        assert!((a[n] - b[n]).abs() < 1e-5 * a[n], "{a:?} against {b:?}");
        assert!(1e-5 * a[n] < (a[n] - start[n]).abs(), "{a:?} from {start:?}");
    }
    let [a, b] = both.each_mut().map(|simulation| simulation.advance(60, &mut |_| true));
    assert!((0..2).all(|n| (a[n] - b[n]).abs() < 1e-5 * a[n].abs()), "{a:?} against {b:?}");
}
