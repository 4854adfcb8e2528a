//! What is asked of a computed flow by command: vortices, probes, comparison with another.

use crate::desk::Desk;
use prosector::base::{NodeId, Table};
use prosector::flow::FlowResult;
use prosector::geom::{Point, Vector};
use prosector::session::{Case, Data, Node, Session};
use prosector::tools::TOOLS;
use serde_json::{Value, json};
use std::sync::Arc;

fn fact(desk: &Desk, id: NodeId, name: &str) -> f64 {
    let summary = &desk.case().node(id).unwrap().summary;
    summary.value(name).unwrap_or_else(|| panic!("no fact '{name}': {:?}", summary.facts))
}

fn table<'a>(desk: &'a Desk, id: NodeId, title: &str) -> &'a Table {
    let summary = &desk.case().node(id).unwrap().summary;
    let found = summary.tables.iter().find(|table| table.title == title);
    found.unwrap_or_else(|| {
        panic!("no table '{title}' but {:?}", summary.tables.iter().map(|t| &t.title).collect::<Vec<_>>())
    })
}

fn result(desk: &Desk, id: NodeId) -> Arc<FlowResult> {
    let Data::Flow(result) = &desk.case().node(id).unwrap().data else { panic!("a flow") };
    Arc::clone(result)
}

/// Flows of a phantom's lumen, one for each set of parameters.
fn flows(desk: &mut Desk, phantom: Value, asked: &[Value]) -> Vec<NodeId> {
    let with = |mut params: Value, more: &Value| {
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let truth = desk.run("scan.phantom", with(json!({ "spacing_mm": 0.8, "noise_hu": 0.0 }), &phantom))[1];
    let base = json!({ "labels": truth, "segment": 30, "flow_ml_s": 5, "mach": 0.2, "cells_across": 10 });
    asked.iter().flat_map(|more| desk.run("simulate.flow", with(base.clone(), more))).collect()
}

/// The point in the middle between inlet and outlet of a straight lumen, and its axis.
fn middle(result: &FlowResult) -> (Point, [f64; 3]) {
    let [a, b] = [true, false]
        .map(|inlet| result.openings.iter().find(|o| o.opening.kind.is_inlet() == inlet).unwrap().opening.centre);
    (a + (b - a) * 0.5, (b - a).normalize().into())
}

#[test]
fn in_a_bend_two_vortices_turn_against_each_other_and_friction_takes_what_the_openings_lose() {
    let mut desk = Desk::new();
    let flow =
        flows(&mut desk, json!({ "kind": "curved", "stenosis_percent": 0 }), &[json!({ "cells_across": 14 })])[0];
    let added = desk.run("simulate.flow_vortices", json!({ "flow": flow }));
    assert_eq!(added.len(), 2, "the surface and the wall around it");
    assert!(!desk.case().node(flow).unwrap().display.visible);
    let vortices = added[0];
    let [intensity, balance] =
        ["helicity intensity h₂", "balance of helicity h₃"].map(|name| fact(&desk, vortices, name));
    assert!(0.0 < intensity && balance.abs() < 0.2, "a bend in a plane turns nothing one way: {balance}");
    let Data::Surface(data) = &desk.case().node(vortices).unwrap().data else { panic!("a surface") };
    assert_eq!(data.surface.open_edges(), 0);
    assert!(data.fields.iter().all(|field| field.values.iter().all(|value| value.is_finite())));
    let [low, high] = data.fields[0].range().unwrap();
    assert!((-1.0..-0.3).contains(&low) && (0.3..=1.0).contains(&high), "both ways: {low} to {high}");
    let [taken, lost] =
        ["power that viscosity takes", "power lost between the openings"].map(|name| fact(&desk, vortices, name));
    assert!((taken / lost - 1.0).abs() < 0.2, "{taken} and {lost} mW");
    let [volume, lumen, q] =
        ["volume of the vortices", "volume of the lumen", "Q of the surface"].map(|name| fact(&desk, vortices, name));
    assert!(0.0 < volume && volume <= 0.05 * lumen, "{volume} of {lumen} ml");
    // The same Q by number gives the same surface; a Q that nothing reaches is told with the highest there is.
    let hash = desk.case().node(vortices).unwrap().hash();
    let again = desk.run("simulate.flow_vortices", json!({ "flow": flow, "q_per_s2": q }))[0];
    assert_eq!(desk.case().node(again).unwrap().hash(), hash);
    let told =
        |desk: &Desk, id| desk.case().node(id).unwrap().summary.warnings.iter().any(|w| w.contains("smaller cells"));
    assert!(!told(&desk, vortices));
    let error = desk.try_run("simulate.flow_vortices", json!({ "flow": flow, "q_per_s2": 1e11 })).unwrap_err();
    assert!(error.to_string().contains("the highest away from walls"), "{error}");
    // Behind a stenosis of five cells most energy is lost in eddies that this lattice cannot carry, and that is said.
    let params = json!({ "cells_across": 10, "exchanges_max": 1.5 });
    let coarse = flows(&mut desk, json!({ "kind": "curved", "stenosis_percent": 50 }), &[params])[0];
    let vortices = desk.run("simulate.flow_vortices", json!({ "flow": coarse }))[0];
    assert!(told(&desk, vortices), "{:?}", desk.case().node(vortices).unwrap().summary.facts);
}

#[test]
fn a_section_of_a_tube_carries_what_came_in_and_a_line_across_it_shows_a_parabola() {
    let mut desk = Desk::new();
    let flow = flows(&mut desk, json!({ "kind": "tube" }), &[json!({ "exchanges_max": 3 })])[0];
    let (point, axis) = middle(&result(&desk, flow));
    let at: [f64; 3] = point.coords.into();
    let outside = [at[0] + 40.0, at[1], at[2]];
    let section = desk.run("simulate.flow_probe", json!({ "flow": flow, "points": [at, outside] }))[0];
    let sections = table(&desk, section, "Sections").clone();
    assert_eq!(sections.rows.len(), 1);
    let value = |column: &str| sections.value("1", column).unwrap();
    assert!((value("flow") / 5.0 - 1.0).abs() < 0.04, "{} ml/s", value("flow"));
    assert!((value("highest over mean") - 2.0).abs() < 0.15, "{}", value("highest over mean"));
    assert!(value("backward share") < 0.1);
    let area = value("area");
    let speed = value("flow") / area;
    assert!((value("mean velocity") - speed).abs() < 1e-9);
    let expected = 1060.0 * speed * 1e-3 * value("diameter of that area") / 3.5e-3;
    assert!((value("Reynolds number") / expected - 1.0).abs() < 1e-9);
    let summary = &desk.case().node(section).unwrap().summary;
    assert!(
        summary.warnings.iter().any(|w| w.contains("point 2") && w.contains("mm from the nearest")),
        "{:?}",
        summary.warnings
    );
    // Turned round, everything flows back.
    let back = axis.map(|x| -x);
    let params = json!({ "flow": flow, "points": [at], "normal": back });
    let turned = desk.run("simulate.flow_probe", params)[0];
    assert!((fact(&desk, turned, "flow through the section") / -5.0 - 1.0).abs() < 0.04);
    assert!(99.9 < fact(&desk, turned, "of all that passes flows back"));
    // A line across: along the axis the speed falls with the square of the distance from it.
    let radius = 0.5 * value("diameter of that area");
    let across = if axis[2].abs() < 0.7 { [0.0, 0.0, 1.0] } else { [1.0, 0.0, 0.0] };
    let end = |sign: f64| -> [f64; 3] { std::array::from_fn(|a| at[a] + sign * 1.2 * radius * across[a]) };
    let params =
        json!({ "flow": flow, "points": [end(-1.0), end(1.0)], "what": "line", "normal": axis, "samples": 61 });
    let line = desk.run("simulate.flow_probe", params)[0];
    let profile = table(&desk, line, "Along the line");
    assert!(profile.places().is_some(), "the window draws it as a curve");
    let peak = 2.0 * speed;
    for row in &profile.rows {
        let from_axis = (row.values[0].unwrap() - 1.2 * radius) / radius;
        match row.values[2] {
            Some(value) if from_axis.abs() < 0.7 => {
                let exact = peak * (1.0 - from_axis * from_axis);
                // Ten cells across a lumen of voxels: the profile is up to 7 % of its peak too pointed.
                let off = (value - exact).abs();
                assert!(off < 0.09 * peak, "at {from_axis} radii {value} instead of {exact} m/s");
            }
            None => assert!(0.9 < from_axis.abs(), "no value at {from_axis} radii"),
            Some(_) => {}
        }
    }
    let points = json!({ "flow": flow, "points": [at, end(0.4)], "what": "points" });
    let balls = desk.run("simulate.flow_probe", points)[0];
    let centre = table(&desk, balls, "At the points").value("1", "speed").unwrap();
    assert!((centre / peak - 1.0).abs() < 0.09, "{centre} and {peak} m/s");
    let hash = desk.hash();
    let error = desk.try_run("simulate.flow_probe", json!({ "flow": flow, "points": [outside] })).unwrap_err();
    assert!(error.to_string().contains("lies outside the lumen"), "{error}");
    let short = json!({ "flow": flow, "points": [at], "what": "line" });
    assert!(desk.try_run("simulate.flow_probe", short).unwrap_err().to_string().contains("two points"));
    let none = json!({ "flow": flow, "points": [at], "normal": [0, 0, 0] });
    assert!(desk.try_run("simulate.flow_probe", none).unwrap_err().to_string().contains("no length"));
    assert_eq!(desk.hash(), hash);
}

#[test]
fn over_a_beat_a_probe_follows_the_waveform() {
    let mut desk = Desk::new();
    let beat = json!({ "waveform": "half-sine", "cells_across": 6, "cycles_max": 2, "tolerance": 0.1, "phases": 8 });
    let added = flows(&mut desk, json!({ "kind": "tube" }), &[beat]);
    assert_eq!(added.len(), 9, "the mean and eight moments");
    let (point, axis) = middle(&result(&desk, added[0]));
    let at: [f64; 3] = point.coords.into();
    // Asked of the mean or of any moment, the curve is the same.
    let tables = [added[0], added[3]].map(|flow| {
        let probe = desk.run("simulate.flow_probe", json!({ "flow": flow, "points": [at], "normal": axis }))[0];
        table(&desk, probe, "Over the beat").clone()
    });
    assert_eq!(tables[0], tables[1]);
    let places = tables[0].places().expect("the window draws it as a curve");
    assert_eq!(places.len(), 8);
    let flows: Vec<f64> = tables[0].rows.iter().map(|row| row.values[1].unwrap()).collect();
    // What passes the middle of a rigid tube is what comes in at that moment; of six cells across, a tenth is lost at the rim.
    for (moment, flow) in added[1..].iter().zip(&flows) {
        let inflow: f64 =
            result(&desk, *moment).openings.iter().filter(|o| o.opening.kind.is_inlet()).map(|o| o.inflow_ml_s).sum();
        assert!((flow - inflow).abs() < 0.1 * 20.0, "{flow} ml/s where {inflow} ml/s come in");
    }
    assert!(10.0 < flows.iter().copied().fold(0.0, f64::max), "{flows:?}");
    let points = json!({ "flow": added[0], "points": [at], "what": "points" });
    let probe = desk.run("simulate.flow_probe", points)[0];
    assert_eq!(table(&desk, probe, "Over the beat").rows.len(), 8);
    let vortices = desk.run("simulate.flow_vortices", json!({ "flow": added[0], "q_per_s2": 1 }))[0];
    let powers = &table(&desk, vortices, "Over the beat").rows;
    let mean = powers.iter().map(|row| row.values[4].unwrap()).sum::<f64>() / 8.0;
    assert!((fact(&desk, vortices, "power that viscosity takes, mean over the beat") / mean - 1.0).abs() < 1e-9);
    assert!(fact(&desk, vortices, "power that viscosity takes") < mean, "friction grows faster than the flow");
}

#[test]
fn a_flow_beside_itself_differs_nowhere_and_the_order_turns_the_signs() {
    let mut desk = Desk::new();
    let asked = [json!({ "exchanges_max": 1.5 }), json!({ "exchanges_max": 1.5, "flow_ml_s": 7 })];
    let [a, b] = flows(&mut desk, json!({ "kind": "tube" }), &asked)[..] else { panic!("two flows") };
    let own = desk.run("simulate.flow_compare", json!({ "flow": a, "other": a }))[0];
    let node = desk.case().node(own).unwrap();
    for table in &node.summary.tables {
        for row in &table.rows {
            assert!(
                row.values[2].unwrap().abs() < 1e-9 * (1.0 + row.values[0].unwrap().abs()),
                "{}: {row:?}",
                table.title
            );
        }
    }
    let Data::Surface(data) = &node.data else { panic!("a surface") };
    for field in &data.fields {
        assert!(field.values.iter().all(|value| value.abs() < 1e-6), "{} {:?}", field.name, field.range());
    }
    assert!((fact(&desk, own, "wall of A that has wall of B beside it") - 100.0).abs() < 1e-9);
    let [forth, back] = [[a, b], [b, a]]
        .map(|[flow, other]| desk.run("simulate.flow_compare", json!({ "flow": flow, "other": other }))[0]);
    for title in ["Flow into the lumen", "Pressure", "On the common wall: wall shear stress", "Speed", "Power"] {
        let [forth, back] = [forth, back].map(|id| table(&desk, id, title));
        assert!(!forth.rows.is_empty());
        for (forth, back) in forth.rows.iter().zip(&back.rows) {
            let [x, y] = [forth, back].map(|row| row.values[2].unwrap());
            assert!((x + y).abs() < 1e-6 * (1e-3 + x.abs()), "{title}, {}: {x} and {y}", forth.name);
        }
    }
    let inflow = table(&desk, forth, "Flow into the lumen").value("inlet", "change").unwrap();
    assert!((inflow - 40.0).abs() < 0.1, "{inflow} %");
    let shear = table(&desk, forth, "On the common wall: wall shear stress").value("mean", "change").unwrap();
    assert!((30.0..50.0).contains(&shear), "Poiseuille's shear rises with the flow: {shear} %");
    assert_eq!(desk.case().node(forth).unwrap().display.field.as_deref(), Some("difference of wall shear stress"));
}

#[test]
fn where_a_lumen_was_widened_the_walls_are_told_apart() {
    let mut desk = Desk::new();
    let flow = |desk: &mut Desk, stenosis: f64| {
        let phantom = json!({ "kind": "vessel", "stenosis_percent": stenosis });
        flows(desk, phantom, &[json!({ "cells_across": 9, "exchanges_max": 1.5 })])[0]
    };
    let (narrow, wide) = (flow(&mut desk, 55.0), flow(&mut desk, 10.0));
    let added = desk.run("simulate.flow_compare", json!({ "flow": narrow, "other": wide }));
    assert_eq!(added.len(), 2, "the common wall and the rest of A's");
    let share = fact(&desk, added[0], "wall of A that has wall of B beside it");
    assert!((30.0..97.0).contains(&share), "{share} %");
    assert!(fact(&desk, added[0], "difference of the pressure drop") < 0.0, "wider loses less");
    let [common, rest] = [0, 1].map(|n| match &desk.case().node(added[n]).unwrap().data {
        Data::Surface(data) => data.surface.area_cm2(),
        _ => panic!("surfaces"),
    });
    assert!((100.0 * common / (common + rest) / share - 1.0).abs() < 1e-6, "{common} and {rest} cm²");
    // A metre away no wall is common.
    let mut far = FlowResult::clone(&result(&desk, narrow));
    let moved = far.wall.positions().iter().map(|p| p + Vector::new(1000.0, 0.0, 0.0)).collect();
    far.wall = far.wall.with_positions(moved).unwrap();
    let far = Node::new("far away", Data::Flow(Arc::new(far)));
    let nodes = desk.case().nodes().map(|(id, node)| (id, node.as_ref().clone())).chain([(NodeId(90), far)]);
    let mut desk = Desk(Session::with_case(TOOLS, Case::from_nodes(nodes.collect::<Vec<_>>()), Vec::new()));
    let hash = desk.hash();
    let apart = desk.try_run("simulate.flow_compare", json!({ "flow": narrow, "other": 90 })).unwrap_err().to_string();
    assert!(apart.contains("choose flows in the same lumen"), "{apart}");
    assert!(desk.try_run("simulate.flow_compare", json!({ "flow": narrow, "other": added[0] })).is_err());
    assert_eq!(desk.hash(), hash);
}
