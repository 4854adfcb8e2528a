//! What a computed flow carries, by command.

use crate::desk::Desk;
use prosector::base::NodeId;
use prosector::session::{Data, Node};
use serde_json::json;
use std::sync::Arc;

/// Blood through a straight tube.
fn tube(desk: &mut Desk) -> NodeId {
    let truth = desk.run("scan.phantom", json!({ "kind": "tube", "spacing_mm": 0.8, "noise_hu": 0.0 }))[1];
    let flow = json!({ "labels": truth, "segment": 30, "flow_ml_s": 5, "cells_across": 8, "mach": 0.2 });
    desk.run("simulate.flow", flow)[0]
}

fn node(desk: &Desk, id: NodeId) -> Arc<Node> {
    Arc::clone(desk.case().node(id).unwrap())
}

fn fact(node: &Node, name: &str) -> f64 {
    node.summary.value(name).unwrap_or_else(|| panic!("no fact '{name}': {:?}", node.summary.facts))
}

#[test]
fn a_bolus_of_contrast_passes_a_tube_and_colours_its_wall() {
    let mut desk = Desk::new();
    let flow = tube(&mut desk);
    let params = json!({ "flow": flow, "injected_ml": 2, "injected_ml_s": 2, "snapshots": 2 });
    let passed = desk.run("simulate.transport", params.clone())[0];
    assert!(!desk.case().node(flow).unwrap().display.visible, "the same wall twice would flicker");
    let contrast = node(&desk, passed);
    let (volume, through) = (fact(&contrast, "volume of the cells"), fact(&contrast, "flow through it"));
    let transit = fact(&contrast, "mean transit time, volume over flow");
    assert!((transit - volume / through).abs() < 1e-9 * transit && (through - 5.0).abs() < 0.01);
    assert!((fact(&contrast, "mean age of what goes out") / transit - 1.0).abs() < 5e-3);
    // 2 ml/s of 350 mg I/ml in 5 ml/s of blood.
    assert!((fact(&contrast, "highest at the inlet") - 350.0 * 2.0 / through).abs() < 1e-6);
    assert!((fact(&contrast, "came in") / 700.0 - 1.0).abs() < 1e-3, "{} mg", fact(&contrast, "came in"));
    assert!(fact(&contrast, "missing in this balance, share of all") < 1e-10);
    let by_curves = fact(&contrast, "mean transit time of what has gone out");
    assert!(0.7 * transit < by_curves && by_curves < 1.01 * transit, "{by_curves} of {transit} s");
    let table = |title: &str| contrast.summary.tables.iter().find(|table| table.title == title).unwrap();
    let curves = table("Contrast over time");
    assert!(curves.places().is_some(), "a table of curves");
    assert!(curves.rows.iter().all(|row| row.values.iter().all(|value| -1e-9 < value.unwrap())));
    let openings = table("At the openings");
    let out = openings.rows.iter().find(|row| row.values[0].unwrap() < 0.0).unwrap();
    let arrival = openings.value(&out.name, "rise to a tenth of the own peak").unwrap();
    assert!(0.3 * transit < arrival && arrival < transit, "{arrival} of {transit} s");
    let Data::Flow(result) = &contrast.data else { panic!("a flow") };
    let field = |part: &str| result.wall_fields.iter().filter(move |field| field.name.contains(part)).count();
    assert_eq!((field("contrast at"), field("arrival of contrast"), field("residence time")), (2, 1, 1));
    assert_eq!(field("wall shear stress"), 1, "what the flow had stays");
    let highest = 350.0 * 2.0 / through * (1.0 + 1e-6);
    for field in result.wall_fields.iter().filter(|field| field.name.starts_with("contrast at")) {
        let [low, high] = field.range().unwrap();
        assert!(-1e-9 < low && high <= highest, "{}: {low} to {high}", field.name);
    }
    // Once more with other snapshots: fields take the place of those with the same name.
    let again = desk.run("simulate.transport", json!({ "flow": passed, "substance": "age", "snapshots": 0 }))[0];
    let again = node(&desk, again);
    let Data::Flow(result) = &again.data else { panic!("a flow") };
    assert_eq!(result.wall_fields.iter().filter(|field| field.name == "residence time").count(), 1);
    // Plug flow would be washed out after one; slow layers at the wall take longer.
    let washed = [1, 2, 3].map(|n| fact(&again, &format!("washed out after {n} mean transit times")));
    assert!(50.0 < washed[0] && washed[0] < washed[1] && washed[1] < washed[2] && washed[2] < 100.0, "{washed:?}");
}

#[test]
fn what_takes_too_long_and_what_is_no_flow_is_refused() {
    let mut desk = Desk::new();
    let flow = tube(&mut desk);
    let hash = desk.hash();
    let long = json!({ "flow": flow, "seconds": 10_000, "minutes_max": 0.1 });
    let refused = desk.try_run("simulate.transport", long).unwrap_err().to_string();
    assert!(refused.contains("min allowed"), "{refused}");
    let labels = desk.case().node(flow).unwrap().source.unwrap();
    assert!(desk.try_run("simulate.transport", json!({ "flow": labels })).is_err());
    assert_eq!(desk.hash(), hash);
}

#[test]
fn what_is_carried_leaves_the_fluid_what_it_was() {
    let mut desk = Desk::new();
    let truth = desk.run("scan.phantom", json!({ "kind": "tube", "spacing_mm": 0.8, "noise_hu": 0.0 }))[1];
    let thins = json!({
        "labels": truth, "segment": 30, "flow_ml_s": 5, "cells_across": 8, "mach": 0.2, "rheology": "carreau-yasuda"
    });
    let flow = desk.run("simulate.flow", thins)[0];
    let aged = json!({ "flow": flow, "substance": "age", "snapshots": 0, "residence": false });
    let carried = desk.run("simulate.transport", aged)[0];
    let compared = desk.run("simulate.flow_compare", json!({ "flow": flow, "other": carried }))[0];
    let compared = node(&desk, compared);
    let methods = &compared.summary.methods;
    assert!(methods.iter().all(|sentence| !sentence.contains("the fluids differ")), "{methods:?}");
}
