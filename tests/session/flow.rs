//! Flow on the lattice by command: along the vessels, with the heart beat, with breathing, by the usual flow of a vessel.

use crate::desk::{Desk, text};
use prosector::base::NodeId;
use prosector::flow::network::Network;
use prosector::mesh::centre_lines::{CentreBranch, CentreLines};
use prosector::session::{Case, Data, Node, Session};
use prosector::tools::TOOLS;
use serde_json::json;
use std::sync::Arc;

fn fact(desk: &Desk, id: NodeId, name: &str) -> f64 {
    let summary = &desk.case().node(id).unwrap().summary;
    summary.value(name).unwrap_or_else(|| panic!("no fact '{name}': {:?}", summary.facts))
}

/// A phantom's truth and its centre lines.
fn lumen(desk: &mut Desk, kind: &str) -> [NodeId; 2] {
    let truth = desk.run("scan.phantom", json!({ "kind": kind, "spacing_mm": 0.8, "noise_hu": 0.0 }))[1];
    let lines = desk.run("model.centre_lines", json!({ "labels": truth, "segment": 30 }))[0];
    [truth, lines]
}

#[test]
fn along_a_stenosis_pressure_is_lost_and_a_network_stands_beside_it() {
    let mut desk = Desk::new();
    let [truth, lines] = lumen(&mut desk, "vessel");
    let flow = desk.run(
        "simulate.flow",
        json!({ "labels": truth, "segment": 30, "flow_ml_s": 5, "cells_across": 12, "mach": 0.2, "exchanges_max": 2 }),
    )[0];
    let along = desk.run("simulate.flow_along", json!({ "flow": flow, "lines": lines }))[0];
    assert!(!desk.case().node(flow).unwrap().display.visible, "the wall would hide the tubes");
    let (lost, ratio) = (
        fact(&desk, along, "largest pressure lost at an end"),
        fact(&desk, along, "lowest pressure over that at the inlet"),
    );
    assert!(0.0 < lost && (ratio - (1.0 - lost / 93.0)).abs() < 1e-9, "{lost} mmHg, {ratio}");
    assert!((fact(&desk, along, "flow that comes in") - 5.0).abs() < 1e-3);
    let summary = &desk.case().node(along).unwrap().summary;
    let named = |title: &str| summary.tables.iter().find(|table| table.title == title);
    let branches = named("Along the branches").unwrap();
    let flows: Vec<f64> = branches.rows.iter().map(|row| row.values[0].unwrap()).collect();
    assert!(flows.iter().any(|flow| (flow / 5.0 - 1.0).abs() < 0.1), "{flows:?}");
    let way = named("The way to the lowest pressure").unwrap();
    let column = |n: usize| way.rows.iter().map(move |row| row.values[n].unwrap());
    let narrowest = column(1).fold(f64::INFINITY, f64::min);
    assert!(narrowest < 0.6 * column(1).fold(0.0, f64::max), "the phantom is narrowed: {narrowest} mm²");
    let beside = named("Network beside the lattice").unwrap_or_else(|| panic!("{:?}", summary.warnings));
    for row in &beside.rows {
        let [flow, of_network] = [0, 1].map(|n| row.values[n].unwrap());
        assert!((flow - of_network).abs() < 0.1 * 5.0, "{}: {flow} and {of_network} ml/s", row.name);
    }
    let Data::Surface(tubes) = &desk.case().node(along).unwrap().data else { panic!("tubes") };
    assert!(tubes.fields.iter().all(|field| field.values.iter().all(|value| value.is_finite())));
    assert_eq!(tubes.fields[1].name, "pressure ratio");
    // Asked with other pressure, without the network: the same loss, another ratio.
    let params = json!({ "flow": flow, "lines": lines, "inlet_mmhg": 50, "network": false });
    let low = desk.run("simulate.flow_along", params)[0];
    assert!((fact(&desk, low, "lowest pressure over that at the inlet") - (1.0 - lost / 50.0)).abs() < 1e-9);
    assert_eq!(
        desk.case().node(low).unwrap().summary.tables.len(),
        desk.case().node(along).unwrap().summary.tables.len() - 1
    );
}

#[test]
fn centre_lines_of_something_else_are_refused() {
    let mut desk = Desk::new();
    let [truth, lines] = lumen(&mut desk, "tube");
    let params = json!({ "labels": truth, "segment": 30, "flow_ml_s": 5, "cells_across": 6, "steps_max": 200 });
    let flow = desk.run("simulate.flow", params)[0];
    // The same lines a metre away.
    let Data::Lines(own) = desk.case().node(lines).unwrap().data.clone() else { panic!("centre lines") };
    let far = own.branches().iter().map(|branch| {
        let points = branch.points.iter().map(|p| p + prosector::geom::Vector::new(1000.0, 0.0, 0.0)).collect();
        CentreBranch { points, ..branch.clone() }
    });
    let far = Node::new("far away", Data::Lines(Arc::new(CentreLines::new(far.collect()).unwrap())));
    let nodes = desk.case().nodes().map(|(id, node)| (id, node.as_ref().clone())).chain([(NodeId(90), far)]);
    let mut desk = Desk(Session::with_case(TOOLS, Case::from_nodes(nodes.collect::<Vec<_>>()), Vec::new()));
    let apart = desk.try_run("simulate.flow_along", json!({ "flow": flow, "lines": 90 })).unwrap_err().to_string();
    assert!(apart.contains("no place of these centre lines lies in the flow"), "{apart}");
    let hash = desk.hash();
    let error = desk.try_run("simulate.flow_along", json!({ "flow": lines, "lines": flow })).unwrap_err().to_string();
    assert!(error.contains("flow"), "{error}");
    assert_eq!(desk.hash(), hash);
}

#[test]
fn a_beat_by_command_gives_pressures_that_rise_and_fall_and_phases() {
    let mut desk = Desk::new();
    let [truth, _] = lumen(&mut desk, "tube");
    let added = desk.run(
        "simulate.flow",
        json!({
            "labels": truth, "segment": 30, "flow_ml_s": 5, "cells_across": 7, "mach": 0.2, "waveform": "half-sine",
            "outlets": "windkessel", "cycles_max": 4, "tolerance": 0.05, "phases": 2
        }),
    );
    assert_eq!(added.len(), 3, "the mean and two phases");
    let beat = added[0];
    assert!((fact(&desk, beat, "mean flow in") - 5.0).abs() < 0.01);
    assert!(10.0 < fact(&desk, beat, "peak flow in"), "half a sine in a third of the cycle");
    let [low, mean, high] =
        ["lowest", "mean", "highest"].map(|which| fact(&desk, beat, &format!("{which} pressure at inlet")));
    assert!(low < 0.95 * mean && 1.05 * mean < high, "{low} {mean} {high} mmHg");
    assert!((mean / 93.0 - 1.0).abs() < 0.15, "{mean} mmHg");
    let Data::Flow(mean) = &desk.case().node(beat).unwrap().data else { panic!("a flow") };
    let names: Vec<&str> = mean.wall_fields.iter().map(|field| field.name.as_str()).collect();
    assert!(
        names.contains(&"time-averaged wall shear stress") && names.contains(&"oscillatory shear index"),
        "{names:?}"
    );
    assert!(!desk.case().node(added[1]).unwrap().display.visible, "phases are hidden at first");
}

#[test]
fn a_breath_by_command_goes_in_and_out_and_is_followed_along_the_airway() {
    let mut desk = Desk::new();
    let [truth, lines] = lumen(&mut desk, "tube");
    let base = json!({
        "labels": truth, "segment": 30, "cells_across": 7, "mach": 0.2, "exchanges_max": 2, "ends_max": 0,
        "waveform": "breathing", "tidal_volume_ml": 20
    });
    let with = |more: serde_json::Value| {
        let mut params = base.clone();
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let added = desk.run("simulate.flow", base.clone());
    let [into, out] = added[..] else { panic!("the peaks of inspiration and expiration: {added:?}") };
    assert!((fact(&desk, into, "tidal volume") - 20.0).abs() < 1e-6);
    let resistances = ["inspiration", "expiration"].map(|way| fact(&desk, into, &format!("resistance at peak {way}")));
    assert!(0.0 < resistances[0] && 0.0 < resistances[1], "{resistances:?} cmH2O s/l");
    assert!(0.0 < fact(&desk, into, "work of breathing in these airways"));
    let central = |id| {
        let Data::Flow(flow) = &desk.case().node(id).unwrap().data else { panic!("a flow") };
        let inlet = flow.openings.iter().find(|flow| flow.opening.kind.is_inlet()).unwrap();
        let all: f64 = flow.openings.iter().map(|flow| flow.inflow_ml_s).sum();
        assert!(all.abs() < 0.03 * inlet.inflow_ml_s.abs(), "{all} ml/s are lost");
        inlet.inflow_ml_s
    };
    // In over a third of the breath, out over the rest.
    let [peak_in, peak_out] = [central(into), central(out)];
    assert!((peak_out / peak_in + 0.5).abs() < 0.02, "{peak_in} ml/s in and {peak_out} ml/s out");
    let hidden = |id| !desk.case().node(id).unwrap().display.visible;
    assert!(!hidden(into) && hidden(out));
    for (flow, sign) in [(into, 1.0), (out, -1.0)] {
        let along = desk.run("simulate.flow_along", json!({ "flow": flow, "lines": lines }))[0];
        let summary = desk.case().node(along).unwrap().summary.clone();
        let table = summary.tables.iter().find(|table| table.title == "Along the branches").unwrap();
        let column = |name: &str| table.columns.iter().position(|column| column.name == name).unwrap();
        assert_eq!(table.columns[column("at its end")].unit, "Pa", "mmHg are too large for air");
        let value = |name: &str| sign * table.rows[0].values[column(name)].unwrap();
        assert!(0.0 < value("flow"), "{} ml/s", value("flow"));
        let lost = fact(&desk, along, "largest pressure lost at an end");
        assert!(0.0 < lost, "{lost} Pa are lost whichever way the air goes");
        assert_eq!(summary.tables.iter().any(|table| table.title == "Network beside the lattice"), 0.0 < sign);
    }
    let hash = desk.hash();
    for (more, sentence) in [
        (json!({ "fluid": "blood" }), "breathing is of air"),
        (json!({ "vessel": "aorta" }), "breathing is of air"),
        (json!({ "flow_ml_s": 25 }), "tidal_volume_ml"),
        (json!({ "outlets": "windkessel" }), "no beds"),
        (json!({ "start": into }), "only steady flow"),
    ] {
        let refused = desk.try_run("simulate.flow", with(more)).unwrap_err().to_string();
        assert!(refused.contains(sentence), "{refused}");
    }
    assert_eq!(desk.hash(), hash);
}

#[test]
fn a_vessel_brings_its_usual_flow_unless_another_is_given() {
    let mut desk = Desk::new();
    let [truth, _] = lumen(&mut desk, "tube");
    let mut run = |more: serde_json::Value| {
        let mut params = json!({ "labels": truth, "segment": 30, "cells_across": 5, "steps_max": 100 });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let id = desk.run("simulate.flow", params)[0];
        (fact(&desk, id, "flow in"), desk.case().node(id).unwrap().clone())
    };
    let (flow, node) = run(json!({ "vessel": "carotid" }));
    assert!(node.summary.methods.iter().any(|sentence| sentence.contains("Boileau")), "{:?}", node.summary.methods);
    let (other, given) = run(json!({ "vessel": "carotid", "flow_ml_s": 13 }));
    // Both are stopped in the middle of the ramp, at the same share of the whole.
    assert!(0.0 < flow && (other / flow - 2.0).abs() < 0.2, "{flow} and {other} ml/s");
    assert!(!given.summary.methods.iter().any(|sentence| sentence.contains("Boileau")));
    let (_, air) = run(json!({ "vessel": "airway", "flow_ml_s": 25 }));
    assert!(air.name.starts_with("Air in"), "{}", air.name);
}

#[test]
fn the_network_of_a_tree_goes_out_and_runs_from_its_file() {
    let mut desk = Desk::new();
    let [truth, lines] = lumen(&mut desk, "bifurcation");
    let tree = desk.run("simulate.network", json!({ "lines": lines, "mean_flow_ml_s": 8.0 }))[0];
    let folder = tempfile::tempdir().unwrap();
    let (path, table) = (folder.path().join("tree.json"), folder.path().join("tree.csv"));
    desk.run("export.network", json!({ "node": tree, "path": path }));
    let network = Network::from_json(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert!(5 < network.blocks().len());
    let program = std::process::Command::new(env!("CARGO_BIN_EXE_prosector"))
        .args(["network", "--json", "--out"])
        .args([&table, &path])
        .output()
        .unwrap();
    assert!(program.status.success(), "{}", text(&program.stderr));
    let said: serde_json::Value = serde_json::from_slice(&program.stdout).unwrap();
    let unknowns = said["unknowns"].as_array().unwrap();
    let into =
        unknowns.iter().find(|own| own["name"].as_str().unwrap().to_lowercase().starts_with("flow:inflow")).unwrap();
    let expected = fact(&desk, tree, "flow into the tree") * 1e-6;
    assert!((into["mean"].as_f64().unwrap() / expected - 1.0).abs() < 1e-6, "{into} against {expected} m³/s");
    let lines_of_table = std::fs::read_to_string(&table).unwrap().lines().count();
    assert_eq!(lines_of_table, said["times"].as_u64().unwrap() as usize + 1);
    let error = desk.try_run("export.network", json!({ "node": truth, "path": path })).unwrap_err().to_string();
    assert!(error.contains("surface"), "{error}");
    let bad = folder.path().join("bad.json");
    std::fs::write(&bad, "{ \"vessels\": [] ").unwrap();
    let refused =
        std::process::Command::new(env!("CARGO_BIN_EXE_prosector")).arg("network").arg(&bad).output().unwrap();
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused.stderr));
}

#[test]
fn a_flow_that_was_stopped_goes_on_from_where_it_was() {
    let mut desk = Desk::new();
    let [truth, _] = lumen(&mut desk, "tube");
    let base = json!({ "labels": truth, "segment": 30, "flow_ml_s": 3, "cells_across": 8, "mach": 0.2 });
    let with = |more: serde_json::Value| {
        let mut params = base.clone();
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let whole = desk.run("simulate.flow", base.clone())[0];
    let on = desk.run("simulate.flow", with(json!({ "start": whole })))[0];
    let [drop, again] = [whole, on].map(|id| fact(&desk, id, "highest speed"));
    assert!((again / drop - 1.0).abs() < 0.02, "{drop} and {again} m/s");
    let [steps, fewer] = [whole, on].map(|id| fact(&desk, id, "steps"));
    assert!(fewer < steps, "{fewer} steps from a steady flow, {steps} from rest");
    let told = |id| desk.case().node(id).unwrap().summary.methods.iter().any(|method| method.contains("earlier flow"));
    assert!(told(on) && !told(whole));
    let more = desk.run("simulate.flow", with(json!({ "start": whole, "flow_ml_s": 4 })))[0];
    assert!((fact(&desk, more, "flow out") - 4.0).abs() < 0.1, "{} ml/s", fact(&desk, more, "flow out"));
    let hash = desk.hash();
    let beat = desk.try_run("simulate.flow", with(json!({ "start": whole, "waveform": "half-sine" })));
    assert!(beat.unwrap_err().to_string().contains("only steady flow"));
    assert!(desk.try_run("simulate.flow", with(json!({ "start": truth }))).is_err());
    assert_eq!(desk.hash(), hash);
}
