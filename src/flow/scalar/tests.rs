//! Properties: nothing is lost, nothing goes beyond what came in, the same bits on any number of threads.

use super::super::verification::scalar::tube_flow;
use super::*;
use crate::base::{Progress, parallel};
use crate::flow::FlowResult;
use crate::geom::Vector;
use std::sync::Arc;

/// A tube at an angle to the lattice.
fn oblique() -> FlowResult {
    tube_flow(1.0, 6.0, Vector::new(0.3, 0.2, 1.0), 0.2)
}

fn carrier(flow: &FlowResult) -> Carrier {
    Carrier::of(flow, &Progress::default()).unwrap()
}

fn transport(carrier: &Carrier, injection: Injection, start: f64) -> Transport {
    let seconds = 2.0 * carrier.transit_s();
    let snapshots_s = vec![0.5 * seconds, seconds];
    Transport { diffusion_m2_s: 1e-9, decay_per_s: 0.0, injection, start, seconds, samples: 40, snapshots_s }
}

#[test]
fn fluxes_of_an_oblique_tube_lose_nothing_and_are_hardly_changed() {
    let flow = oblique();
    let carrier = carrier(&flow);
    assert!(carrier.imbalance() < 1e-14, "{:e}", carrier.imbalance());
    assert!(0.0 < carrier.corrected() && carrier.corrected() < 0.1, "{}", carrier.corrected());
    let [inlet, outlet] = carrier.ports() else { panic!("two openings") };
    assert!((1e6 * inlet.inflow_m3_s / flow.openings[0].inflow_ml_s - 1.0).abs() < 1e-12);
    assert!((inlet.inflow_m3_s + outlet.inflow_m3_s).abs() < 1e-12 * inlet.inflow_m3_s);
    for (cell, out) in carrier.out.iter().enumerate() {
        for (face, out) in out.iter().enumerate() {
            let other = carrier.around[cell][face];
            if other < carrier::CLEAR {
                assert_eq!(*out, -carrier.out[other as usize][face ^ 1]);
            } else if other == carrier::WALL {
                assert_eq!(*out, 0.0);
            }
        }
    }
}

#[test]
fn what_is_the_same_everywhere_stays_so() {
    let carrier = carrier(&oblique());
    let passage =
        carrier.carry(&transport(&carrier, Injection::Step { level: 1.0 }, 1.0), &Progress::default()).unwrap();
    let [low, high] = passage.range;
    assert!(1.0 - 1e-12 < low && high < 1.0 + 1e-12, "{low} to {high}");
}

#[test]
fn a_bolus_stays_between_nothing_and_itself_and_none_of_it_is_lost() {
    let carrier = carrier(&oblique());
    let third = carrier.transit_s() / 3.0;
    let injections = [Injection::Rectangle { level: 5.0, seconds: third }, Injection::gamma(5.0 * third, third, 3.0)];
    for injection in injections {
        let passage = carrier.carry(&transport(&carrier, injection, 0.0), &Progress::default()).unwrap();
        let [low, high] = passage.range;
        assert!(-1e-12 < low && high < injection.highest() * (1.0 + 1e-12), "{low} to {high}");
        assert!(1.0 < high && passage.balance.error() < 1e-12, "{high}, {:e}", passage.balance.error());
        let meant = 5.0 * third * carrier.inflow_m3_s();
        assert!((passage.balance.came / meant - 1.0).abs() < 0.01, "{:?} of {meant}", passage.balance);
        let [into, out] = passage.curves.as_slice() else { panic!("two openings") };
        let arrival = out.arrival_s(&passage.times_s).unwrap();
        // On the axis it is twice as fast as the mean.
        assert!(0.4 * carrier.transit_s() < arrival && arrival < carrier.transit_s(), "{arrival} s");
        assert!(into.to_peak_s(&passage.times_s).unwrap() < out.to_peak_s(&passage.times_s).unwrap());
        assert!(
            0.0 <= passage.smearing_m2_s && passage.smearing_m2_s < 0.5 * 0.2 * 0.2e-3,
            "{}",
            passage.smearing_m2_s
        );
        assert_eq!(passage.snapshots.len(), 2);
    }
}

#[test]
fn what_decays_is_counted() {
    let carrier = carrier(&oblique());
    let mut decaying = transport(&carrier, Injection::Step { level: 1.0 }, 1.0);
    decaying.decay_per_s = 1.0 / carrier.transit_s();
    let passage = carrier.carry(&decaying, &Progress::default()).unwrap();
    assert!(0.1 < passage.balance.decayed / passage.balance.came && passage.balance.error() < 1e-12);
    let out = passage.curves[1].values.last().copied().unwrap();
    // ∫ e^(−t/t̄) dF with F = 1 − (t̄/2t)² is 0.4432.
    assert!((out - 0.443).abs() < 0.03, "{out}");
}

#[test]
fn the_mean_age_of_what_goes_out_is_volume_over_flow() {
    let carrier = carrier(&oblique());
    let age = carrier.age(1e-9, &Progress::default()).unwrap();
    assert!((age.leaving_s / carrier.transit_s() - 1.0).abs() < 2e-3, "{} of {} s", age.leaving_s, carrier.transit_s());
    assert!(age.residual < 1e-3 && age.ports_s[0] == 0.0);
    assert_eq!(carrier.older_m3(&age, -1.0), carrier.volume_m3());
    assert!(carrier.older_m3(&age, age.inside_s) < 0.5 * carrier.volume_m3());
}

#[test]
fn the_same_bits_come_from_one_thread_and_from_three() {
    let flow = oblique();
    let run = || {
        let carrier = carrier(&flow);
        let mut few = transport(&carrier, Injection::Step { level: 2.0 }, 0.0);
        few.seconds *= 0.2;
        let passage = carrier.carry(&few, &Progress::default()).unwrap();
        (carrier, passage)
    };
    let one = parallel::with_threads(1, run);
    let three = parallel::with_threads(3, run);
    assert_eq!(one.0, three.0);
    assert_eq!(one.1, three.1);
}

#[test]
fn a_flow_without_inflow_and_a_wrong_number_are_refused_and_a_cancelled_run_stops() {
    let mut flow = oblique();
    let moving = carrier(&flow);
    let mut bad = transport(&moving, Injection::None, 1.0);
    bad.diffusion_m2_s = f64::NAN;
    let refused = moving.carry(&bad, &Progress::default()).unwrap_err().to_string();
    assert!(refused.contains("diffusion"), "{refused}");
    let stopped = Progress::default();
    stopped.cancel();
    let good = transport(&moving, Injection::None, 1.0);
    assert!(matches!(moving.carry(&good, &stopped), Err(ScalarError::Cancelled(_))));
    flow.openings.iter_mut().for_each(|opening| opening.inflow_ml_s = 0.0);
    assert!(matches!(Carrier::of(&flow, &Progress::default()), Err(ScalarError::Still { inlets: 0, .. })));
}

#[test]
fn a_lumen_without_a_way_through_is_refused() {
    let mut flow = oblique();
    // A slice of cells is taken out: one part has a way in only, the other a way out only.
    let keep = |cell: &usize| flow.cells.place(*cell)[2] != flow.cells.grid().dims()[2] as i32 / 2;
    let kept: Vec<usize> = (0..flow.cells.len()).filter(keep).collect();
    let offsets: Vec<u32> = kept.iter().map(|cell| flow.cells.offsets()[*cell]).collect();
    let cells = crate::flow::Cells::from_offsets(flow.cells.grid().clone(), &offsets).unwrap();
    flow.velocity_m_s = Arc::new(kept.iter().map(|cell| flow.velocity_m_s[*cell]).collect());
    flow.cells = Arc::new(cells);
    assert!(matches!(Carrier::of(&flow, &Progress::default()), Err(ScalarError::NoWay { .. })));
}
