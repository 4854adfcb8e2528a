//! The card beside its twin on the processor: the same flow, mass, a card that is lost.
//!
//! Where there is no card they run on an adapter that computes on the processor, if the machine has one; else each says
//! why it does not run. With SHOW set they say how far apart both are.

use super::super::assemble::assemble;
use super::super::collide::Trt;
use super::super::domain::Domain;
use super::super::plan::{MAGIC, Plan};
use super::super::regularised::Regularised;
use super::super::{Fluid, Inflow, Lumen, Opening as Plane, OpeningKind, Profile, Resolution, Scheme, Setup};
use super::*;
use crate::base::Progress;
use crate::base::rng::Rng;
use crate::flow::simulation::State;
use crate::geom::{Grid, Point, Vector};
use std::io::Write as _;

/// A card of its own for each test, so that one may lose it.
pub(super) fn card() -> Option<Gpu> {
    match Gpu::find().or_else(|_| Gpu::software()) {
        Ok(gpu) => Some(gpu),
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "skipped: {why}");
            None
        }
    }
}

/// A quarter of a ring of 9 mm radius with straight ends, 2.5 mm in radius, in cells of half a millimetre.
pub(super) fn bend(scheme: Scheme) -> (Setup, Domain) {
    let level = |p: Point| {
        let from_axis = if p.z < 0.0 {
            p.x - 9.0
        } else if p.x < 0.0 {
            p.z - 9.0
        } else {
            p.x.hypot(p.z) - 9.0
        };
        (2.5 - from_axis.hypot(p.y)) as f32
    };
    let lumen = Lumen::from_level(Point::new(-2.0, -3.0, -2.0), Point::new(12.0, 3.0, 12.0), level);
    let inlet = OpeningKind::Inlet { inflow: Inflow::FlowMlS(2.0), profile: Profile::Developed };
    let outlet = OpeningKind::Outlet { pressure_pa: 0.0 };
    let plane =
        |name, at: [f64; 3], normal: Vector, kind| Plane::placed(name, Point::from(at), normal, 2.5, kind).unwrap();
    let openings = vec![
        plane("inlet", [9.0, 0.0, 0.0], -Vector::z(), inlet),
        plane("outlet", [0.0, 0.0, 9.0], -Vector::x(), outlet),
    ];
    // Two relaxation times need more viscosity than blood has in cells of this size.
    let viscosity_pa_s = if scheme == Scheme::Trt { 2e-2 } else { Fluid::blood().viscosity_pa_s };
    let mut setup = Setup::new(lumen, openings, Fluid { viscosity_pa_s, ..Fluid::blood() });
    (setup.scheme, setup.resolution) = (scheme, Resolution::CellMm(0.5));
    let domain = Domain::new(&setup.lumen, &setup.openings, 0.5, &Progress::default()).unwrap();
    (setup, domain)
}

pub(super) fn simulation(setup: &Setup, domain: &Domain) -> (Simulation, Plan) {
    let mut plan = Plan::new(setup, domain, setup.mach, 0, false).unwrap();
    // All of the inflow comes in within the steps that are compared.
    plan.ramp = 120;
    (assemble(setup, domain, &plan), plan)
}

/// The same twice, the second on the card.
pub(super) fn twins(gpu: &Gpu, make: impl Fn() -> Simulation) -> [Simulation; 2] {
    let mut both = [make(), make()];
    both[1].use_gpu(gpu).unwrap();
    both
}

fn run(simulation: &mut Simulation, steps: usize) {
    simulation.advance(steps, &mut |_| true);
    assert_eq!(simulation.gpu_note(), None);
}

/// Run, whatever computes.
fn run_on(simulation: &mut Simulation, steps: usize) {
    let outflow = simulation.advance(steps, &mut |_| true);
    assert_eq!(outflow.len(), simulation.outlets.len());
}

fn largest<'a>(states: &'a [State], numbers: impl Fn(&'a State) -> &'a [f32]) -> f32 {
    states.iter().flat_map(numbers).map(|x| x.abs()).fold(0.0, f32::max)
}

/// Largest differences of velocity, density and stress, over the largest values of `right`.
fn apart(right: &[State], ours: &[State]) -> [f32; 3] {
    let way: Vec<State> = right.iter().zip(ours).map(|(a, b)| b.plus(&a.times(-1.0))).collect();
    assert!(way.iter().all(|s| s.velocity.iter().chain(&s.stress).chain([&s.rho]).all(|x| x.is_finite())));
    let over = |of: for<'a> fn(&'a State) -> &'a [f32]| largest(&way, of) / largest(right, of);
    [over(|s| &s.velocity), over(|s| std::slice::from_ref(&s.rho)), over(|s| &s.stress)]
}

/// Run both so many steps and compare.
pub(super) fn assert_same(both: &mut [Simulation; 2], steps: usize, [velocity, density, stress]: [f32; 3], what: &str) {
    both.iter_mut().for_each(|simulation| run(simulation, steps));
    let [right, ours] = both.each_ref().map(Simulation::states);
    let [u, rho, sigma] = apart(&right, &ours);
    let flows = both.each_ref().map(Simulation::outflow);
    let said = format!("{what}: velocity {u:.1e}, density {rho:.1e}, stress {sigma:.1e} apart, outflow {flows:?}");
    if std::env::var_os("SHOW").is_some() {
        let _ = writeln!(std::io::stderr(), "{said}");
    }
    assert!(u < velocity && rho < density && sigma < stress, "{said}");
    let largest = flows[0].abs().max(both[0].velocities().len() as f64 * 1e-9);
    assert!((flows[0] - flows[1]).abs() < f64::from(density) * largest, "{said}");
    assert_eq!(both[0].steps, both[1].steps);
    let velocities = both[1].velocities();
    let same = velocities.iter().zip(&ours).all(|(u, s)| (0..3).all(|a| (u[a] - s.velocity[a]).abs() < 1e-7));
    assert!(same, "{what}: velocities and states differ");
    let speed = |u: &[f32; 3]| u.iter().map(|u| f64::from(*u).powi(2)).sum::<f64>().sqrt();
    let fastest = velocities.iter().map(speed).fold(0.0, f64::max);
    let found = both[1].fastest_on_gpu().unwrap_or(fastest);
    assert!((found - fastest).abs() < 1e-6 * fastest, "{what}: {found} against {fastest}");
}

/// What single precision leaves of velocity, density and stress after some hundred steps.
pub(super) const CLOSE: [f32; 3] = [1e-5, 1e-5, 1e-4];

#[test]
fn flow_in_a_bend_is_that_of_the_processor() {
    let Some(gpu) = card() else { return };
    for scheme in [Scheme::Trt, Scheme::Regularised { smagorinsky: 0.0 }, Scheme::Regularised { smagorinsky: 0.1 }] {
        let (setup, domain) = bend(scheme);
        let mut both = twins(&gpu, || simulation(&setup, &domain).0);
        assert_same(&mut both, 200, CLOSE, &format!("{scheme:?}"));
        assert!(0.0 < both[0].outflow() && both[1].gpu_name().is_some());
    }
}

/// A closed box with walls between cells, or open along z, filled with fluid that moves anyhow.
fn shaken(operator: Operator, tau: f64, force: [f64; 3], periodic: bool) -> Simulation {
    let edge = 12;
    let grid = Grid::aligned([edge, edge, edge + 3], Point::origin(), [1.0; 3]).unwrap();
    let level = move |[x, y, z]: [i32; 3]| {
        let side = |x: i32, n: usize| (x as f32 - 0.7).min(n as f32 - 1.6 - x as f32);
        let across = side(x, edge).min(side(y, edge));
        if periodic { across } else { across.min(side(z, edge + 3)) }
    };
    let Domain { cells, wall_links, .. } = Domain::enclosed(&grid, level, [false, false, periodic]);
    let populations = Populations::new(&cells, &wall_links);
    let (inlets, outlets, gpu) = (Vec::new(), Vec::new(), Slot::default());
    let mut simulation = Simulation {
        cells,
        populations,
        inlets,
        outlets,
        operator,
        tau,
        force,
        ramp: 0,
        steps: 0,
        beat: None,
        gpu,
        part: None,
    };
    let mut rng = Rng::new(5);
    let mut number = |size: f64| rng.between(-size, size) as f32;
    let state = |_| State { rho: number(0.01), velocity: [0.0; 3].map(|_: f64| number(0.05)), stress: [0.0; 6] };
    let states: Vec<State> = (0..simulation.cells.len()).map(state).collect();
    simulation.set(&states);
    simulation
}

#[test]
fn no_mass_is_lost_in_a_box_and_shaken_fluid_moves_the_same_way() {
    let Some(gpu) = card() else { return };
    let tau = 0.6;
    let force = [1e-5, 2e-5, -1e-5];
    let trt = Operator::Trt(Trt::new(tau, MAGIC, force));
    for (operator, force, periodic) in
        [(trt, force, true), (Operator::Regularised(Regularised::new(tau, 0.1)), [0.0; 3], false)]
    {
        let mut both = twins(&gpu, || shaken(operator.clone(), tau, force, periodic));
        let before = both[1].mass();
        assert!((before - both[0].mass()).abs() < 1e-5, "{before}");
        assert_same(&mut both, 100, [1e-4, 1e-4, 1e-3], if periodic { "channel" } else { "box" });
        run(&mut both[1], 300);
        let change = (both[1].mass() - before) / both[1].cells.len() as f64;
        assert!(change.abs() < 1e-7, "{change} of the mass");
    }
}

#[test]
fn what_a_card_began_the_processor_ends_and_a_state_that_is_set_goes_to_the_card() {
    let Some(gpu) = card() else { return };
    let (setup, domain) = bend(Scheme::Regularised { smagorinsky: 0.0 });
    let mut both = twins(&gpu, || simulation(&setup, &domain).0);
    assert_same(&mut both, 100, CLOSE, "begun");
    both[1].use_processor().unwrap();
    assert_eq!((both[1].gpu_name(), both[1].steps), (None, 100));
    assert_same(&mut both, 100, CLOSE, "ended");
    both[1].use_gpu(&gpu).unwrap();
    assert_same(&mut both, 20, CLOSE, "begun again");
    let states = both[0].states();
    both.iter_mut().for_each(|simulation| simulation.set(&states));
    assert_same(&mut both, 20, CLOSE, "set");
}

#[test]
fn the_same_steps_have_the_same_bits_however_they_are_divided() {
    let Some(gpu) = card() else { return };
    let (setup, domain) = bend(Scheme::Trt);
    let bits = |parts: &[usize]| {
        let mut simulation = simulation(&setup, &domain).0;
        simulation.use_gpu(&gpu).unwrap();
        parts.iter().for_each(|steps| run(&mut simulation, *steps));
        simulation.states()
    };
    assert_eq!(bits(&[60]), bits(&[1, 3, 2, 54]));
}

#[test]
fn groups_in_several_rows_do_the_same() {
    let Some(gpu) = card() else { return };
    let (setup, domain) = bend(Scheme::Trt);
    let simulation = simulation(&setup, &domain).0;
    let states = |groups_max: u32| {
        let mut lattice = Lattice { groups_max, ..Lattice::new(&gpu, &simulation).unwrap() };
        let inputs = vec![advance::Input { share: 0.5, ..Default::default() }; 20];
        assert_eq!(lattice.advance(&inputs, &mut |_| true), Ok(20));
        (lattice.states().unwrap(), lattice.fastest().unwrap())
    };
    let of_one = states(65535);
    assert!(0.0 < of_one.1);
    assert_eq!(of_one, states(3));
}

#[test]
fn a_velocity_that_is_no_number_is_noticed() {
    let Some(gpu) = card() else { return };
    let (setup, domain) = bend(Scheme::Trt);
    let mut simulation = simulation(&setup, &domain).0;
    let mut states = simulation.states();
    states[1000].velocity[1] = f32::NAN;
    simulation.set(&states);
    simulation.use_gpu(&gpu).unwrap();
    assert!(simulation.fastest_on_gpu().unwrap().is_nan());
    assert!(simulation.velocities()[1000][1].is_nan());
}

#[test]
fn a_run_stops_between_batches() {
    let Some(gpu) = card() else { return };
    let (setup, domain) = bend(Scheme::Trt);
    let mut simulation = simulation(&setup, &domain).0;
    simulation.use_gpu(&gpu).unwrap();
    simulation.advance(10_000, &mut |done| done < 5);
    assert!((6..=64).contains(&simulation.steps) && simulation.steps.is_multiple_of(2), "{}", simulation.steps);
    assert!(simulation.gpu_name().is_some());
}

#[test]
fn a_measurement_says_both_and_its_steps_count() {
    let Some(gpu) = card() else { return };
    let (setup, domain) = bend(Scheme::Trt);
    let mut both = [simulation(&setup, &domain).0, simulation(&setup, &domain).0];
    let said = both[1].use_faster(&gpu).unwrap();
    assert!(said.contains(" ms on the processor, ") && said.contains(gpu.name()), "{said}");
    assert_eq!(said.contains("the card computes"), both[1].gpu_name().is_some());
    let steps = both[1].steps;
    run(&mut both[0], steps);
    assert_same(&mut both, 20, CLOSE, "measured");
}

#[test]
fn a_lost_card_is_a_sentence_and_the_processor_goes_on() {
    let Some(gpu) = card() else { return };
    let (setup, domain) = bend(Scheme::Trt);
    let mut both = twins(&gpu, || simulation(&setup, &domain).0);
    run(&mut both[1], 50);
    gpu.device.lose();
    both[1].advance(50, &mut |_| true);
    assert_eq!((both[1].steps, both[1].gpu_name()), (0, None));
    let note = both[1].gpu_note().unwrap().to_owned();
    let (start, end) = (format!("{} failed: ", gpu.name()), "the flow is computed on the processor from step 0");
    assert!(note.starts_with(&start) && note.ends_with(end), "{note}");
    both.iter_mut().for_each(|simulation| run_on(simulation, 50));
    assert_eq!(both[0].states(), both[1].states());
    let again = both[0].use_gpu(&gpu).unwrap_err().to_string();
    assert!(again.starts_with(&start), "{again}");
}

#[test]
fn a_lattice_that_is_too_large_for_a_card_is_refused_with_a_sentence() {
    let Some(gpu) = card() else { return };
    let (setup, domain) = bend(Scheme::Trt);
    let mut simulation = simulation(&setup, &domain).0;
    simulation.one_step();
    assert!(simulation.use_gpu(&gpu).unwrap_err().to_string().contains("on the processor only"));
    let mut order = Order::new(&simulation.cells, &simulation.populations);
    order.stride = 800_000_000;
    let error = memory::check(&gpu.device, &order).unwrap_err().to_string();
    assert!(error.contains(" takes at most ") && error.contains(&format!("{} cells", domain.cells.len())), "{error}");
}
