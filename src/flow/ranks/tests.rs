//! Flow over several ranks has the bits of flow over one.

use super::threads::over_threads;
use crate::base::{Progress, parallel};
use crate::flow::assemble::assemble;
use crate::flow::domain::Domain;
use crate::flow::outlet::Outlet;
use crate::flow::plan::Plan;
use crate::flow::simulation::Simulation;
use crate::flow::*;
use crate::geom::{Point, Vector};

/// A tube along z that divides in two.
fn fork(split: Split, scheme: Scheme) -> Setup {
    let along = |p: Point, a: [f64; 3], b: [f64; 3]| {
        let (a, b) = (Point::from(a), Point::from(b));
        let t = ((p - a).dot(&(b - a)) / (b - a).norm_squared()).clamp(0.0, 1.0);
        (p - (a + (b - a) * t)).norm()
    };
    let level = move |p: Point| {
        let trunk = 4.0 - along(p, [0.0, 0.0, -9.0], [0.0, 0.0, 16.0]);
        let left = 3.2 - along(p, [0.0, 0.0, 16.0], [-14.0, 0.0, 36.0]);
        let right = 2.6 - along(p, [0.0, 0.0, 16.0], [14.0, 0.0, 36.0]);
        trunk.max(left).max(right) as f32
    };
    let lumen = Lumen::from_level(Point::new(-18.0, -5.0, -1.0), Point::new(18.0, 5.0, 36.0), level);
    let inlet = OpeningKind::Inlet { inflow: Inflow::FlowMlS(4.0), profile: Profile::Developed };
    let outlet = OpeningKind::Outlet { pressure_pa: 0.0 };
    let left = Vector::new(-14.0, 0.0, 20.0).normalize();
    let right = Vector::new(14.0, 0.0, 20.0).normalize();
    let opening = |name, centre: Vector, normal, radius, kind| {
        Opening::placed(name, Point::from(centre), normal, radius, kind).unwrap()
    };
    let junction = Vector::new(0.0, 0.0, 16.0);
    let openings = vec![
        opening("inlet", Vector::zeros(), -Vector::z(), 4.0, inlet),
        opening("left", junction + left * 19.0, left, 3.2, outlet),
        opening("right", junction + right * 19.0, right, 2.6, outlet),
    ];
    let mut setup = Setup::new(lumen, openings, Fluid { viscosity_pa_s: 6e-3, ..Fluid::blood() });
    (setup.resolution, setup.streamlines, setup.split, setup.scheme) = (Resolution::CellMm(0.8), 4, split, scheme);
    setup
}

/// The simulation of a set-up after some steps.
fn stepped(setup: &Setup, steps: &[usize]) -> (Simulation, Vec<f64>) {
    let domain = Domain::new(&setup.lumen, &setup.openings, setup.cell_mm().unwrap(), &Progress::default()).unwrap();
    let plan = Plan::new(setup, &domain, setup.mach, 0, false).unwrap();
    let mut simulation = assemble(setup, &domain, &plan);
    simulation.ramp = 40;
    let sums = steps.iter().map(|steps| simulation.advance(*steps, &mut |_| true));
    let sums = sums.reduce(|a, b| a.iter().zip(b).map(|(a, b)| a + b).collect()).unwrap();
    (simulation, sums)
}

type Seen = (Vec<[f32; 3]>, Vec<crate::flow::simulation::State>, f64, Vec<[f64; 3]>, Vec<f64>);

fn seen((simulation, sums): (Simulation, Vec<f64>)) -> Seen {
    let steering = |outlet: &Outlet| [outlet.mean, outlet.steer, outlet.outflow];
    let outlets = simulation.outlets.iter().map(steering).collect();
    (simulation.velocities(), simulation.states(), simulation.mass(), outlets, sums)
}

#[test]
fn steps_have_the_same_bits_on_any_number_of_ranks() {
    let schemes = [Scheme::Trt, Scheme::Regularised { smagorinsky: 0.0 }, Scheme::Regularised { smagorinsky: 0.1 }];
    for (scheme, walls, split) in [
        (schemes[0], Walls::Interpolated, Split::Pressure),
        (schemes[1], Walls::Interpolated, Split::Murray),
        (schemes[2], Walls::HalfWay, Split::Pressure),
    ] {
        let mut setup = fork(split, scheme);
        setup.walls = walls;
        let steps = [38, 2, 90];
        let alone = seen(stepped(&setup, &steps));
        assert!(alone.3.iter().all(|[_, _, outflow]| 0.0 < *outflow), "{:?}", alone.3);
        for (ranks, threads) in [(1, 1), (2, 1), (3, 2), (5, 1)] {
            let all = over_threads(ranks, threads, |ranks| {
                let setup = Setup { ranks: Some(ranks), ..setup.clone() };
                seen(stepped(&setup, &steps))
            });
            for (rank, seen) in all.into_iter().enumerate() {
                assert!(seen == alone, "{scheme:?}: rank {rank} of {ranks} differs");
            }
        }
    }
}

/// What one rank holds is less than all, and the parts are as large as one another.
#[test]
fn ranks_hold_parts_of_like_size() {
    let setup = fork(Split::Pressure, Scheme::Trt);
    let parts = over_threads(3, 1, |ranks| {
        let setup = Setup { ranks: Some(ranks), ..setup.clone() };
        let simulation = stepped(&setup, &[2]).0;
        let part = simulation.part.unwrap();
        (part.mine().len(), part.exchanged(), simulation.cells.len())
    });
    let all = parts[0].2;
    assert_eq!(parts.iter().map(|(mine, ..)| mine).sum::<usize>(), all);
    for (mine, [halo, sent], _) in parts {
        assert!(2 * all < 7 * mine && 5 * mine < 2 * all, "{mine} of {all} cells");
        assert!(0 < halo && 0 < sent && halo < mine, "{halo} beside {mine}");
    }
}

#[test]
fn whole_computations_have_the_same_bits_on_one_rank_and_on_two() {
    let mut setup = fork(Split::Pressure, Scheme::Auto);
    (setup.resolution, setup.tolerance, setup.exchanges_max) = (Resolution::CellMm(0.9), 0.02, 1.5);
    let alone = parallel::with_threads(2, || simulate(&setup, &Progress::default())).unwrap();
    let all = over_threads(2, 1, |ranks| {
        let setup = Setup { ranks: Some(ranks), ..setup.clone() };
        simulate(&setup, &Progress::default()).unwrap()
    });
    for (result, summary) in all {
        assert_eq!(result.content_hash(), alone.0.content_hash());
        assert_eq!(summary.value("steps"), alone.1.value("steps"));
    }
}

#[test]
fn pulses_with_windkessels_have_the_same_bits_on_one_rank_and_on_two() {
    pulse_over_two(Beyond::Windkessels { mean_pressure_mmhg: 90.0, compliance_ml_mmhg: 0.03, proximal_share: 0.1 });
}

#[test]
fn pulses_with_coronary_beds_have_the_same_bits_on_one_rank_and_on_two() {
    let squeeze = Squeeze { ventricular_peak_mmhg: 120.0, muscle_share: 1.0, systolic_share: 0.35, venous_mmhg: 5.0 };
    pulse_over_two(Beyond::Coronary(CoronaryTree { mean_pressure_mmhg: 93.0, compliance_ml_mmhg: 0.05, squeeze }));
}

fn pulse_over_two(beyond: Beyond) {
    let mut setup = fork(Split::Pressure, Scheme::Auto);
    (setup.resolution, setup.fluid.viscosity_pa_s) = (Resolution::CellMm(1.0), 2e-2);
    let pulse =
        Pulse { cycles_max: 2, phases: 1, beyond, ..Pulse::new(Waveform::half_sine(0.3, 2.0, 4.0, 0.4).unwrap()) };
    let alone = simulate_pulse(&setup, &pulse, &Progress::default()).unwrap();
    let all = over_threads(2, 1, |ranks| {
        let setup = Setup { ranks: Some(ranks), ..setup.clone() };
        simulate_pulse(&setup, &pulse, &Progress::default()).unwrap()
    });
    for pulsating in all {
        assert_eq!(pulsating.mean.content_hash(), alone.mean.content_hash());
        assert_eq!(pulsating.cycle.openings, alone.cycle.openings);
    }
}

/// A rank that leaves, at the start or in the middle, is an error of the others and not a wait without end.
#[test]
fn a_rank_that_leaves_ends_the_others() {
    let setup = fork(Split::Pressure, Scheme::Trt);
    let all = over_threads(2, 1, |ranks| {
        let progress = Progress::default();
        if ranks.rank() == 1 {
            progress.cancel();
        }
        simulate(&Setup { ranks: Some(ranks), ..setup.clone() }, &progress).unwrap_err()
    });
    assert!(matches!(all[..], [FlowError::RanksLost(_), FlowError::Cancelled(_)]), "{all:?}");
    let all = over_threads(2, 1, |ranks| {
        let steps: &[usize] = if ranks.rank() == 1 { &[20] } else { &[20, 60] };
        let simulation = stepped(&Setup { ranks: Some(ranks), ..setup.clone() }, steps).0;
        (simulation.check_ranks(), simulation.steps)
    });
    assert_eq!(all[1], (Ok(()), 20));
    assert!(matches!(all[0], (Err(FlowError::RanksLost(_)), 20..80)), "{:?}", all[0]);
}

/// A drawer for one checkpoint, which ends the run after some.
#[derive(Debug)]
struct Drawer {
    kept: std::sync::Mutex<Option<Vec<u8>>>,
    /// Checkpoints until the run is ended.
    left: std::sync::atomic::AtomicUsize,
}

impl Drawer {
    fn new(kept: Option<Vec<u8>>, left: usize) -> std::sync::Arc<Self> {
        std::sync::Arc::new(Self { kept: std::sync::Mutex::new(kept), left: left.into() })
    }
}

impl Keeper for Drawer {
    fn kept(&self) -> Result<Option<Vec<u8>>, String> {
        Ok(self.kept.lock().unwrap().clone())
    }

    fn is_due(&self) -> bool {
        true
    }

    fn keep(&self, checkpoint: &[u8]) -> Result<(), String> {
        *self.kept.lock().unwrap() = Some(checkpoint.to_vec());
        let left = self.left.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
        if left == 1 { Err("the power went out".into()) } else { Ok(()) }
    }
}

/// A run that was ended goes on with the same bits, in the middle of its mean too, alone or on several ranks.
#[test]
fn a_run_that_was_ended_goes_on_with_the_same_bits() {
    let mut setup = fork(Split::Murray, Scheme::Auto);
    (setup.resolution, setup.tolerance, setup.exchanges_max) = (Resolution::CellMm(0.9), 1e-9, 2.0);
    let simulate = |setup: &Setup| simulate(setup, &Progress::default());
    let whole = simulate(&setup).unwrap();
    assert!(whole.1.warnings.iter().any(|text| text.contains("the mean over the last")), "{:?}", whole.1.warnings);
    let drawer = Drawer::new(None, 1000);
    simulate(&Setup { keeper: Some(drawer.clone()), ..setup.clone() }).unwrap();
    let checkpoints = 1000 - drawer.left.load(std::sync::atomic::Ordering::Relaxed);
    assert!(8 < checkpoints, "{checkpoints} checkpoints");
    // Early; in the middle of the mean, where another number of ranks goes on.
    for (ended_at, ranks) in [(2, 2), (checkpoints - 5, 1), (checkpoints - 20, 3)] {
        let drawer = Drawer::new(None, ended_at);
        let error = simulate(&Setup { keeper: Some(drawer.clone()), ..setup.clone() }).unwrap_err();
        assert_eq!(error.to_string(), "the power went out");
        let kept = drawer.kept().unwrap();
        let all = over_threads(ranks, 1, |ranks| {
            // Only the drawer of rank 0 is looked into.
            let kept = kept.clone().filter(|_| ranks.rank() == 0);
            simulate(&Setup { ranks: Some(ranks), keeper: Some(Drawer::new(kept, usize::MAX)), ..setup.clone() })
        });
        for (result, summary) in all.into_iter().map(Result::unwrap) {
            assert_eq!(result.content_hash(), whole.0.content_hash(), "ended at checkpoint {ended_at}");
            assert_eq!(summary.value("steps"), whole.1.value("steps"));
            assert_eq!(summary.warnings, whole.1.warnings);
        }
    }
}

#[test]
fn checkpoints_of_other_flows_and_damaged_ones_are_refused_in_a_sentence() {
    let mut setup = fork(Split::Pressure, Scheme::Auto);
    (setup.resolution, setup.exchanges_max) = (Resolution::CellMm(1.0), 0.5);
    let simulate = |setup: &Setup| simulate(setup, &Progress::default());
    let drawer = Drawer::new(None, 2);
    simulate(&Setup { keeper: Some(drawer.clone()), ..setup.clone() }).unwrap_err();
    let kept = drawer.kept().unwrap().unwrap();
    let said = |setup: &Setup, bytes: &[u8]| {
        let keeper = Drawer::new(Some(bytes.to_vec()), usize::MAX);
        simulate(&Setup { keeper: Some(keeper), ..setup.clone() }).unwrap_err().to_string()
    };
    for other in [Setup { mach: 0.09, ..setup.clone() }, Setup { end_after: Some(400), ..setup.clone() }] {
        assert!(said(&other, &kept).starts_with("the checkpoint is of another flow"), "{}", said(&other, &kept));
    }
    for end in [0, 5, 40, 200, kept.len() - 1] {
        assert!(said(&setup, &kept[..end]).starts_with("the checkpoint is damaged"), "at {end}");
    }
    for at in [3, 20, kept.len() / 2, kept.len() - 100, kept.len() - 1] {
        let mut flipped = kept.clone();
        flipped[at] ^= 1;
        assert!(said(&setup, &flipped).starts_with("the checkpoint is damaged"), "at {at}");
    }
    let on_card = Setup { device: Device::Fastest, keeper: Some(drawer), ..setup.clone() };
    assert!(simulate(&on_card).unwrap_err().to_string().contains("let the processor compute"));
}
