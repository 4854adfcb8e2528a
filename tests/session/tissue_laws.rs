//! Fibres, contraction, relaxation and motion of organs, by command.

use crate::desk::Desk;
use crate::tissue::{liver, result};
use prosector::base::NodeId;
use prosector::geom::Vector;
use serde_json::{Value, json};

/// The numbers of a column of the only table of a node, in order.
fn column(desk: &Desk, id: NodeId, name: &str) -> Vec<f64> {
    let [table] = &desk.case().node(id).unwrap().summary.tables[..] else { panic!("one table") };
    let at = table.columns.iter().position(|column| column.name == name).unwrap_or_else(|| panic!("no '{name}'"));
    table.rows.iter().map(|row| row.values[at].unwrap()).collect()
}

fn with(base: &Value, extra: Value) -> Value {
    let mut all = base.clone();
    all.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    all
}

#[test]
fn fibres_stiffen_tissue_along_them_and_shorten_it_when_they_contract() {
    let mut desk = Desk::new();
    let mesh = liver(&mut desk);
    let muscle =
        json!({ "mesh": mesh, "constants": "heart-muscle", "young_kpa": 8.0, "hold_part": 0.3, "by_mm": [0, -6, 0] });
    let mut force = |way: [f64; 3]| {
        let added = desk.run("simulate.tissue", with(&muscle, json!({ "fibre_direction": way })))[0];
        result(&desk, added).grip_n.norm()
    };
    let (along, across) = (force([0.0, 1.0, 0.0]), force([1.0, 0.0, 0.0]));
    assert!(1.2 * across < along, "{along} N along the fibres, {across} N across");
    let active = json!({ "mesh": mesh, "young_kpa": 8.0, "hold_part": 0.3, "action": "nothing",
        "contract_kpa": 2.0, "fibre_direction": [0, 1, 0] });
    let added = desk.run("simulate.tissue", active)[0];
    let shorter = result(&desk, added);
    let mean = shorter.displacement_mm.iter().sum::<Vector>() / shorter.displacement_mm.len() as f64;
    assert!(1.0 < mean.y, "an organ held at its back contracts backwards: {mean}");
    let hash = desk.hash();
    let mut refused = |extra: Value| {
        let params = with(&json!({ "mesh": mesh, "hold_part": 0.3 }), extra);
        desk.try_run("simulate.tissue", params).unwrap_err().to_string()
    };
    for (extra, said) in [
        (json!({ "constants": "artery-media" }), "this law has fibres"),
        (json!({ "contract_kpa": 5 }), "contract_kpa acts along fibres"),
        (json!({ "fibre_direction": [0, 0, 0] }), "must not be zero"),
        (json!({ "constants": "cheese" }), "cheese"),
        (json!({ "elements": "quadratic", "contact": true }), "quadratic elements know no contact"),
        (json!({ "elements": "quadratic", "position": "supine" }), "quadratic elements know no bed"),
    ] {
        let error = refused(extra.clone());
        assert!(error.contains(said), "{extra}: {error}");
    }
    assert_eq!(desk.hash(), hash);
}

#[test]
fn the_wall_of_a_vessel_has_its_fibres_around_the_centre_line() {
    let mut desk = Desk::new();
    let tube = json!({ "kind": "tube", "spacing_mm": 1.0, "noise_hu": 0.0 });
    let [_, truth] = desk.run("scan.phantom", tube)[..] else { panic!("a scan and its truth") };
    let lines = desk.run("model.centre_lines", json!({ "labels": truth, "segment": 30 }))[0];
    let mesh = desk.run("model.tetrahedra", json!({ "labels": truth, "segment": 30, "tets": 3000 }))[0];
    let base = json!({ "mesh": mesh, "hold": "inferior", "action": "pull", "by_mm": [0, 0, 3], "radius_mm": 6 });
    let mut force = |extra: Value| {
        let added = desk.run("simulate.tissue", with(&base, extra))[0];
        result(&desk, added).grip_n.norm()
    };
    // The families of the media lie near the way around the vessel, those of the adventitia nearer to its axis.
    let around = force(json!({ "constants": "artery-media", "young_kpa": 100, "fibre_lines": lines }));
    let along = force(json!({ "constants": "artery-adventitia", "young_kpa": 100, "fibre_lines": lines }));
    assert!(1.1 * around < along, "{around} N against {along} N");
    let muscle = json!({ "constants": "heart-muscle", "young_kpa": 100, "fibre_lines": lines });
    assert!(around < force(muscle), "muscle of a tube runs along it");
}

#[test]
fn tissue_that_is_held_relaxes_and_tissue_under_a_load_creeps() {
    let mut desk = Desk::new();
    let mesh = liver(&mut desk);
    let base = json!({ "mesh": mesh, "tissue": "liver", "hold_part": 0.3, "relaxes_percent": 60, "relaxes_in_s": 5,
        "ramp_s": 0.01, "held_s": 60 });
    let pulled = desk.run("simulate.relax", with(&base, json!({ "by_mm": [0, -2, 0] })))[0];
    let force = column(&desk, pulled, "force at the moved region");
    let (on, end) = (force[3], force[force.len() - 1]);
    // 60 % of the stress of shape is gone; what resists a change of volume does not fade.
    assert!((0.36..0.47).contains(&(end / on)), "{on} N, then {end} N");
    assert!(force[3..].windows(2).all(|pair| pair[1] <= pair[0]), "{force:?}");
    let slow =
        desk.run("simulate.tissue", json!({ "mesh": mesh, "tissue": "liver", "hold_part": 0.3, "by_mm": [0, -2, 0] }));
    let slow = result(&desk, slow[0]).grip_n.norm();
    assert!((end / slow - 1.0).abs() < 0.01, "in the end {end} N, without relaxation {slow} N");
    let pressed =
        desk.run("simulate.relax", with(&base, json!({ "action": "press", "radius_mm": 30, "pressure_kpa": 0.3 })))[0];
    let way = column(&desk, pressed, "largest displacement");
    assert!(1.5 * way[3] < way[way.len() - 1], "{way:?}");
    let brain =
        json!({ "mesh": mesh, "constants": "brain", "relaxation": "brain", "hold_part": 0.3, "by_mm": [0, -1, 0] });
    let held = desk.run("simulate.relax", brain)[0];
    let methods = &desk.case().node(held).unwrap().summary.methods;
    assert!(methods.iter().any(|text| text.contains("Comellas")), "{methods:?}");
}

#[test]
fn an_organ_that_is_let_go_swings_back_and_its_energy_is_accounted_for() {
    let mut desk = Desk::new();
    let mesh = liver(&mut desk);
    let params = json!({ "mesh": mesh, "tissue": "liver", "hold_part": 0.3, "by_mm": [0, -8, 0], "seconds": 0.15,
        "damping_per_s": 0, "viscosity_ms": 0 });
    let added = desk.run("simulate.release", params)[0];
    let way = column(&desk, added, "way of the place that was pulled farthest");
    let column = |name| column(&desk, added, name);
    let (kinetic, elastic, nowhere) = (column("kinetic energy"), column("elastic energy"), column("from nowhere"));
    assert!((way[0] - 8.0).abs() < 0.5 && way.iter().any(|way| *way < 0.0), "it swings through rest: {way:?}");
    for n in 0..way.len() {
        let whole = kinetic[n] + elastic[n];
        assert!((whole - elastic[0]).abs() < 0.01 * elastic[0], "{n}: {whole} of {} mJ", elastic[0]);
        assert!(nowhere[n].abs() < 0.01 * elastic[0], "{n}: {}", nowhere[n]);
    }
}

#[test]
fn quadratic_elements_say_how_far_off_they_are_and_are_less_off_than_linear_ones() {
    let mut desk = Desk::new();
    let mesh = liver(&mut desk);
    let mut error = |elements: &str| {
        let params = json!({ "mesh": mesh, "tissue": "liver", "young_kpa": 8, "hold": "superior", "hold_part": 0.3, "action": "hang", "elements": elements });
        let added = desk.run("simulate.tissue", params)[0];
        desk.case().node(added).unwrap().summary.value("estimated relative error of stress, in energy").unwrap()
    };
    let (linear, quadratic) = (error("linear"), error("quadratic"));
    assert!(quadratic < 0.7 * linear, "{quadratic} % against {linear} %");
}
