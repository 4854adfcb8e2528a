//! Pulse waves of a whole tree of vessels, by command.

use crate::desk::Desk;
use prosector::base::{NodeId, Table};
use prosector::mesh::CentreLines;
use prosector::session::Data;
use serde_json::{Value, json};
use std::sync::Arc;

/// Centre lines of a phantom.
fn lines(desk: &mut Desk, kind: &str) -> (NodeId, Arc<CentreLines>) {
    let [_, truth] = desk.run("scan.phantom", json!({ "kind": kind, "spacing_mm": 0.8, "noise_hu": 0.0 }))[..] else {
        panic!("a scan and its truth")
    };
    let id = desk.run("model.centre_lines", json!({ "labels": truth, "segment": 30 }))[0];
    let Data::Lines(lines) = desk.case().node(id).unwrap().data.clone() else { panic!("centre lines") };
    (id, lines)
}

fn fact(desk: &Desk, id: NodeId, name: &str) -> f64 {
    let summary = &desk.case().node(id).unwrap().summary;
    summary.value(name).unwrap_or_else(|| panic!("no fact '{name}': {:?}", summary.facts))
}

fn table<'a>(desk: &'a Desk, id: NodeId, title: &str) -> &'a Table {
    let summary = &desk.case().node(id).unwrap().summary;
    summary.tables.iter().find(|table| table.title == title).unwrap()
}

/// A column of the ends, by its name.
fn ends(desk: &Desk, id: NodeId, column: &str) -> Vec<f64> {
    let table = table(desk, id, "Ends of the tree");
    let n = table.columns.iter().position(|own| own.name == column).unwrap();
    table.rows.iter().map(|row| row.values[n].unwrap()).collect()
}

/// The point in the middle of a branch.
fn middle(lines: &CentreLines, branch: usize) -> [f64; 3] {
    let points = &lines.branches()[branch].points;
    points[points.len() / 2].into()
}

#[test]
fn a_pulse_runs_along_a_tube_with_the_speed_of_its_wall() {
    let mut desk = Desk::new();
    let (tube, line) = lines(&mut desk, "tube");
    let added = desk.run("simulate.waves", json!({ "lines": tube, "mean_flow_ml_s": 5.0 }))[0];
    let [systolic, mean, diastolic] =
        ["systolic", "mean", "diastolic"].map(|word| fact(&desk, added, &format!("{word} pressure at the root")));
    assert!((mean / 93.0 - 1.0).abs() < 0.03, "{mean} mmHg");
    assert!(diastolic + 5.0 < mean && mean + 5.0 < systolic, "{diastolic} {mean} {systolic} mmHg");
    // In a tube much shorter than the pulse waves add little to what there is without them.
    let lumped = fact(&desk, added, "systolic pressure at the root without waves (0D)");
    assert!((systolic / lumped - 1.0).abs() < 0.05, "{systolic} {lumped} mmHg");
    let (comes, goes) = (fact(&desk, added, "flow into the tree"), fact(&desk, added, "flow out of the ends"));
    assert!((comes / 5.0 - 1.0).abs() < 1e-3 && (goes / comes - 1.0).abs() < 0.005, "{comes} {goes} ml/s");
    assert!(fact(&desk, added, "volume error") < 1e-9);
    // c² = 2 E h/(3 ρ r), but the foot runs at diastolic pressure.
    let expected = (2.0 * 400e3 * 0.1 / (3.0 * 1060.0_f64)).sqrt();
    let speed = fact(&desk, added, "pulse wave speed along the longest way");
    assert!((speed / expected - 1.0).abs() < 0.1, "{speed} m/s, {expected} m/s by the wall");
    assert!((fact(&desk, added, "pulse wave speed by the wall at the mean pressure") / expected - 1.0).abs() < 1e-9);

    let node = desk.case().node(added).unwrap();
    assert!(node.summary.warnings.is_empty(), "{:?}", node.summary.warnings);
    let Data::Surface(tubes) = &node.data else { panic!("tubes") };
    let names: Vec<&str> = tubes.fields.iter().map(|field| field.name.as_str()).collect();
    let expected = [
        "systolic pressure",
        "diastolic pressure",
        "pulse pressure",
        "mean pressure",
        "highest flow",
        "mean flow",
        "arrival of the pulse",
        "distension",
    ];
    assert_eq!(names, expected);
    assert!(tubes.fields.iter().all(|field| field.values.iter().all(|value| value.is_finite())));
    assert!(tubes.fields[7].values.iter().all(|percent| (1.0..30.0).contains(percent)));
    // The pulse comes later and later along the way.
    let points = &line.branches()[0].points;
    let (begin, way) = (points[0], points[points.len() - 1] - points[0]);
    let along = tubes.surface.positions().iter().map(|point| (point - begin).dot(&way) / way.norm_squared());
    let mut arrivals: Vec<(f64, f64)> = along.zip(tubes.fields[6].values.iter().copied()).collect();
    arrivals.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mean_of = |part: &[(f64, f64)]| part.iter().map(|(_, arrival)| arrival).sum::<f64>() / part.len() as f64;
    let parts: Vec<f64> = arrivals.chunks(arrivals.len().div_ceil(5)).map(mean_of).collect();
    assert!(parts.windows(2).all(|pair| pair[0] + 0.5 < pair[1]), "{parts:?} ms");
}

#[test]
fn a_stenosis_on_a_branch_of_a_fork_sends_the_blood_elsewhere() {
    let mut desk = Desk::new();
    let (fork, tree) = lines(&mut desk, "bifurcation");
    let leaf = tree.leaves().next().unwrap();
    let base = json!({ "lines": fork, "mean_flow_ml_s": 8.0 });
    let whole = desk.run("simulate.waves", base.clone())[0];
    let mut beat = base.clone();
    beat["drive"] = json!("beat");
    let lumped = desk.run("simulate.network", beat)[0];
    let flows = ends(&desk, whole, "mean flow");
    assert!((flows.iter().sum::<f64>() / 8.0 - 1.0).abs() < 0.005, "{flows:?}");
    // Mean flows are those of the network without waves.
    for (own, row) in flows.iter().zip(&desk.case().node(lumped).unwrap().summary.tables[0].rows) {
        assert!((own / row.values[0].unwrap() - 1.0).abs() < 0.01, "{own} {row:?}");
    }
    let mut narrowed = base;
    let narrow = json!({ "edit": "narrow", "at": middle(&tree, leaf), "length_mm": 8, "percent": 85 });
    narrowed["edits"] = json!([narrow]);
    let narrowed = desk.run("simulate.waves", narrowed)[0];
    let after = ends(&desk, narrowed, "mean flow");
    assert_eq!(ends(&desk, narrowed, "mean flow before"), flows);
    let place = tree.leaves().position(|own| own == leaf).unwrap();
    for (n, (after, before)) in after.iter().zip(&flows).enumerate() {
        assert!(if n == place { *after < 0.9 * before } else { *before < *after }, "{n}: {after} {before} ml/s");
    }
    let sum = after.iter().sum::<f64>();
    assert!((sum / 8.0 - 1.0).abs() < 0.005, "{sum} ml/s of a heart that ejects the same");
    // Behind it the pulse is weaker than before.
    let [high, low] =
        ["systolic", "diastolic"].map(|column| [whole, narrowed].map(|id| ends(&desk, id, column)[place]));
    assert!(high[1] - low[1] < high[0] - low[0], "{high:?} {low:?} mmHg");

    let course = table(&desk, narrowed, "In the course of a beat");
    assert_eq!((course.columns.len(), course.rows.len()), (9, 51));
    let times = course.places().unwrap();
    assert!(times[0] == 0.0 && (times[50] - 60.0 / 70.0).abs() < 1e-9, "{times:?}");
    let mean = course.rows[1..].iter().map(|row| row.values[2].unwrap()).sum::<f64>() / 50.0;
    assert!((mean / 8.0 - 1.0).abs() < 0.01, "{mean} ml/s at the root over the beat");
    assert_eq!(table(&desk, whole, "In the course of a beat").columns.len(), 5);
}

#[test]
fn a_graft_and_a_clip_are_in_the_waves_too() {
    let mut desk = Desk::new();
    let (fork, tree) = lines(&mut desk, "bifurcation");
    let leaves: Vec<usize> = tree.leaves().collect();
    let clip = json!({ "edit": "close", "at": middle(&tree, leaves[0]) });
    let end = tree.branches()[leaves[0]].points.last().unwrap();
    let end: [f64; 3] = (*end).into();
    let graft = json!({ "edit": "connect", "from": middle(&tree, 0), "to": end, "diameter_mm": 5.0 });
    let mut run =
        |edits: Value| desk.run("simulate.waves", json!({ "lines": fork, "mean_flow_ml_s": 8.0, "edits": edits }))[0];
    let (clipped, grafted) = (run(json!([clip])), run(json!([clip, graft])));
    let (none, again) = (ends(&desk, clipped, "mean flow"), ends(&desk, grafted, "mean flow"));
    assert!(none[0].abs() < 0.02 && 7.9 < none[1], "{none:?} ml/s past a clip");
    assert!(0.5 < again[0] && again[1] < none[1], "{again:?} ml/s with a graft around it");
    let warnings = &desk.case().node(clipped).unwrap().summary.warnings;
    assert!(warnings.iter().any(|warning| warning.contains("no pulse arrives at the end of branch")), "{warnings:?}");
    let [without, with] = [clipped, grafted].map(|id| match &desk.case().node(id).unwrap().data {
        Data::Surface(tubes) => tubes.surface.positions().len(),
        _ => panic!("tubes"),
    });
    assert!(without < with, "the graft is not drawn");
}

#[test]
fn what_cannot_be_is_said_in_one_sentence() {
    let mut desk = Desk::new();
    let (tube, line) = lines(&mut desk, "tube");
    let at = middle(&line, 0);
    let hash = desk.hash();
    for (params, said) in [
        (json!({}), "lines"),
        (json!({ "lines": 9999 }), "9999"),
        (json!({ "lines": tube, "wall_kpa": -1.0 }), "wall_kpa = -1 kPa is outside"),
        (json!({ "lines": tube, "heart_rate_per_min": 0 }), "heart_rate_per_min = 0 1/min is outside"),
        (json!({ "lines": tube, "cycles_max": 1 }), "cycles_max = 1 is outside"),
        (json!({ "lines": tube, "edits": [{ "edit": "close", "at": at }] }), "no way out"),
        (json!({ "lines": tube, "edits": [{ "edit": "open", "at": at, "diameter_mm": 1.0 }] }), "a wound cannot"),
        (json!({ "lines": tube, "edits": [{ "edit": "close", "at": [500, 0, 0] }] }), "from the nearest vessel"),
        (json!({ "lines": tube, "cell_mm": 0.1, "minutes_max": 0.01 }), "more than the 0.01 min allowed"),
        (json!({ "lines": tube, "mean_flow_ml_s": 300.0 }), "reduce the flow or stiffen the vessels"),
        (json!({ "lines": tube, "mean_flow_ml_s": 1000.0 }), "the limit is 500 mmHg"),
    ] {
        let error = desk.try_run("simulate.waves", params.clone()).unwrap_err().to_string();
        assert!(error.contains(said), "{params}: {error}");
    }
    assert_eq!(desk.hash(), hash);
    let short = desk.run("simulate.waves", json!({ "lines": tube, "mean_flow_ml_s": 5.0, "cycles_max": 2 }))[0];
    let warnings = &desk.case().node(short).unwrap().summary.warnings;
    assert!(warnings[0].contains("do not repeat: after 2"), "{warnings:?}");
}
