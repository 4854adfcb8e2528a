//! A flow that is set up by hand: openings changed and cut, a run looked at, paused and ended early.

use crate::desk::Desk;
use prosector::base::{NodeId, Progress};
use prosector::flow::{FlowGlimpse, Stage};
use prosector::session::{Command, Data, LogEntry};
use prosector::tools::simulate_flow::{Known, Params};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A phantom's truth.
fn truth(desk: &mut Desk, kind: &str) -> NodeId {
    desk.run("scan.phantom", json!({ "kind": kind, "spacing_mm": 0.8, "noise_hu": 0.0 }))[1]
}

fn params(labels: NodeId, more: Value) -> Value {
    let mut params =
        json!({ "labels": labels, "segment": 30, "flow_ml_s": 4, "cells_across": 6, "mach": 0.2, "steps_max": 1500 });
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    params
}

/// What flows into the lumen by each opening, ml/s.
fn flows(desk: &Desk, id: NodeId) -> Vec<(String, f64)> {
    let Data::Flow(flow) = &desk.case().node(id).unwrap().data else { panic!("a flow") };
    flow.openings.iter().map(|own| (own.opening.name.clone(), own.inflow_ml_s)).collect()
}

/// Centres of the openings as they are found.
fn found(desk: &Desk, labels: NodeId, changes: Value) -> Vec<(String, [f64; 3], bool)> {
    let node = desk.case().node(labels).unwrap();
    let Data::Labels(map) = &node.data else { panic!("labels") };
    let mut all = prosector::tools::find("simulate.flow").unwrap().params.iter().fold(json!({}), |mut all, spec| {
        all[spec.name] = spec.default_value();
        all
    });
    for (name, value) in params(labels, json!({ "openings": changes })).as_object().unwrap() {
        all[name.as_str()] = value.clone();
    }
    let params: Params = serde_json::from_value(all).unwrap();
    let prospect = params.prospect(map, node.hash(), &mut Known::default(), &Progress::default()).unwrap();
    let cost = prospect.cost.unwrap();
    assert!(100.0 < cost.cells && 0.0 < cost.seconds, "{cost:?}");
    let place = |place: &prosector::tools::simulate_flow::Place| {
        (place.opening.name.clone(), place.opening.centre.into(), place.is_open)
    };
    prospect.places.iter().map(place).collect()
}

#[test]
fn an_outlet_that_is_closed_lets_nothing_out_and_the_others_all() {
    let mut desk = Desk::new();
    let labels = truth(&mut desk, "bifurcation");
    let places = found(&desk, labels, json!([]));
    assert_eq!(places.len(), 3, "{places:?}");
    let changes = json!([{ "at": places[1].1, "as": "closed" }]);
    let after = found(&desk, labels, changes.clone());
    assert_eq!(after.iter().filter(|place| place.2).count(), 2, "{after:?}");
    assert_eq!(after[2].1, places[1].1, "what is closed is told last");
    let flow = desk.run("simulate.flow", params(labels, json!({ "openings": changes })))[0];
    let flows = flows(&desk, flow);
    assert_eq!(flows.len(), 2, "{flows:?}");
    assert!((flows[0].1 - 4.0).abs() < 1e-3 && (flows[1].1 + 4.0).abs() < 0.2, "{flows:?}");
}

#[test]
fn two_inlets_share_the_flow_and_one_may_have_its_own() {
    let mut desk = Desk::new();
    let labels = truth(&mut desk, "bifurcation");
    let places = found(&desk, labels, json!([]));
    let [trunk, one, other] = [0, 1, 2].map(|n| places[n].1);
    // A confluence: in by the branches, out by the trunk.
    let changes = json!([
        { "at": one, "as": "inlet", "flow_ml_s": 1.0, "name": "left" },
        { "at": other, "as": "inlet" },
        { "at": trunk, "as": "outlet", "pressure_mmhg": 9.0 },
    ]);
    let flow = desk.run("simulate.flow", params(labels, json!({ "openings": changes })))[0];
    let flows = flows(&desk, flow);
    let of = |name: &str| flows.iter().find(|own| own.0 == name).unwrap_or_else(|| panic!("{name}: {flows:?}")).1;
    assert!((of("left") - 1.0).abs() < 1e-3 && flows.iter().any(|own| (own.1 - 3.0).abs() < 1e-3), "{flows:?}");
    assert!((of("outlet (was inlet)") + 4.0).abs() < 0.3, "{flows:?}");
    let Data::Flow(result) = &desk.case().node(flow).unwrap().data else { panic!("a flow") };
    let held = result.openings.iter().find(|own| !own.opening.kind.is_inlet()).unwrap().pressure_pa / 133.322;
    assert!((held - 9.0).abs() < 0.2, "{held} mmHg");
}

#[test]
fn a_vessel_is_cut_open_across_and_bad_places_are_refused() {
    let mut desk = Desk::new();
    let labels = truth(&mut desk, "tube");
    let places = found(&desk, labels, json!([]));
    let [a, b] = [0, 1].map(|n| places[n].1);
    let middle: Vec<f64> = (0..3).map(|axis| 0.5 * (a[axis] + b[axis])).collect();
    let cut = json!([{ "at": middle, "as": "outlet", "cut": true }]);
    let after = found(&desk, labels, cut.clone());
    assert_eq!(after.len(), 3, "{after:?}");
    let whole = desk.run("simulate.flow", params(labels, json!({})))[0];
    let shorter = desk.run("simulate.flow", params(labels, json!({ "openings": cut })))[0];
    let cells = |id| {
        let Data::Flow(flow) = &desk.case().node(id).unwrap().data else { panic!("a flow") };
        flow.cells.len() as f64
    };
    assert!((cells(shorter) / cells(whole) - 0.5).abs() < 0.1, "{} of {}", cells(shorter), cells(whole));
    assert_eq!(flows(&desk, shorter).len(), 2, "{:?}", flows(&desk, shorter));
    let hash = desk.hash();
    let mut refused = |change: Value| {
        desk.try_run("simulate.flow", params(labels, json!({ "openings": [change] }))).unwrap_err().to_string()
    };
    let far = refused(json!({ "at": [a[0] + 500.0, a[1], a[2]], "as": "closed" }));
    assert!(far.contains("no opening is at") && far.contains("mm away"), "{far}");
    let outside = refused(json!({ "at": [a[0] + 500.0, a[1], a[2]], "as": "outlet", "cut": true }));
    assert!(outside.contains("cannot be cut"), "{outside}");
    let none = refused(json!({ "at": b, "as": "closed" }));
    assert!(none.contains("no outlet"), "{none}");
    let backwards = refused(json!({ "at": b, "as": "inlet", "flow_ml_s": -1.0 }));
    assert!(backwards.contains("more than 0"), "{backwards}");
    let wrong = refused(json!({ "at": b, "becomes": "inlet" }));
    assert!(wrong.contains("openings") || wrong.contains("becomes"), "{wrong}");
    let beating = params(labels, json!({ "waveform": "half-sine", "end_after": 400 }));
    let beating = desk.try_run("simulate.flow", beating).unwrap_err().to_string();
    assert!(beating.contains("end_after is a step of steady flow"), "{beating}");
    assert_eq!(desk.hash(), hash);
}

#[test]
fn tubes_put_on_make_the_lumen_longer_and_cost_pressure() {
    let mut desk = Desk::new();
    let labels = truth(&mut desk, "tube");
    let mut run = |diameters: f64| {
        let id = desk.run("simulate.flow", params(labels, json!({ "extension_diameters": diameters })))[0];
        let node = desk.case().node(id).unwrap();
        let Data::Flow(flow) = &node.data else { panic!("a flow") };
        (flow.cells.len() as f64, node.summary.value("pressure drop").unwrap())
    };
    let (cells, drop) = run(0.0);
    let (more, larger) = run(1.0);
    assert!(1.1 * cells < more && 1.05 * drop < larger, "{cells} and {more} cells, {drop} and {larger} Pa");
}

/// Wait for `done` while jobs run.
fn wait(desk: &mut Desk, mut done: impl FnMut(&mut Desk) -> bool) {
    let begun = Instant::now();
    while !done(desk) {
        assert!(begun.elapsed() < Duration::from_secs(120), "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_run_is_looked_at_paused_and_ended_by_hand_and_can_be_done_again() {
    let mut desk = Desk::new();
    let labels = truth(&mut desk, "tube");
    // Never steady by itself within the test.
    let asked = params(
        labels,
        json!({ "tolerance": 1e-6, "exchanges_max": 1000, "steps_max": 10_000_000, "minutes_max": 600 }),
    );
    let job = desk.0.submit(Command::new("simulate.flow", asked)).unwrap();
    let mut seen = None;
    wait(&mut desk, |desk| {
        seen = desk.0.glimpse(job).and_then(|glimpse| glimpse.downcast::<FlowGlimpse>().ok()).or(seen.take());
        seen.as_ref().is_some_and(|glimpse| matches!(glimpse.stage, Stage::Settling { coarse: false, .. }))
    });
    let glimpse = seen.unwrap();
    assert!(glimpse.fields.iter().all(|field| field.values.len() == glimpse.wall.positions().len()));
    assert_eq!(glimpse.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().len(), 3);
    assert!(0.0 < glimpse.drop_pa, "{} Pa", glimpse.drop_pa);
    desk.0.pause(job, true);
    // It waits at its next step.
    std::thread::sleep(Duration::from_millis(300));
    let status = |desk: &Desk| desk.0.jobs().into_iter().find(|own| own.id == job).unwrap();
    let before = status(&desk);
    assert!(before.paused && before.offers_end);
    std::thread::sleep(Duration::from_millis(200));
    let after = status(&desk);
    assert_eq!((before.fraction, before.elapsed), (after.fraction, after.elapsed), "nothing happens in a pause");
    desk.0.pause(job, false);
    wait(&mut desk, |desk| after.fraction < status(desk).fraction);
    desk.0.end(job);
    let mut reports = Vec::new();
    wait(&mut desk, |desk| {
        reports.extend(desk.0.poll());
        !reports.is_empty()
    });
    let id = reports[0].result.as_ref().unwrap().added[0];
    let node = desk.case().node(id).unwrap();
    assert!(node.summary.warnings.iter().any(|own| own.contains("was ended at step")), "{:?}", node.summary.warnings);
    let (first, made) = (node.hash(), node.made_by().unwrap().clone());
    let step = made.params["end_after"].as_u64().unwrap();
    assert_eq!(step as f64, node.summary.value("steps").unwrap());
    let Some(LogEntry::Command { command, .. }) = desk.0.log().last() else { panic!("a command") };
    assert_eq!(command.params["end_after"], made.params["end_after"], "the log says where it ended");
    let again = desk.run("simulate.flow", made.params)[0];
    assert_eq!(desk.case().node(again).unwrap().hash(), first, "done again, the same bits");
}
