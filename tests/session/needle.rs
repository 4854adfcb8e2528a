//! A needle by command.

use crate::desk::Desk;
use prosector::base::NodeId;
use prosector::geom::{Point, Vector};
use prosector::mesh::TetMesh;
use prosector::session::Data;
use serde_json::json;

fn liver(desk: &mut Desk) -> (NodeId, TetMesh) {
    let phantom = json!({ "kind": "abdomen", "spacing_mm": 3.0, "noise_hu": 0.0 });
    let [_, truth] = desk.run("scan.phantom", phantom)[..] else { panic!("a scan and its truth") };
    let id = desk.run("model.tetrahedra", json!({ "labels": truth, "segment": 8, "tets": 2500 }))[0];
    let Data::Tets(mesh) = desk.case().node(id).unwrap().data.clone() else { panic!("tetrahedra") };
    (id, mesh)
}

#[test]
fn a_needle_reaches_its_target_with_forces_that_add_up_and_a_bevel_leads_it_astray() {
    let mut desk = Desk::new();
    let (mesh, tets) = liver(&mut desk);
    // From the foremost vertex inwards.
    let entry = *tets.positions().iter().min_by(|a, b| a.y.total_cmp(&b.y)).unwrap();
    let middle = tets.positions().iter().map(|p| p.coords).sum::<Vector>() / tets.positions().len() as f64;
    let target = entry + (Point::from(middle) - entry).normalize() * 50.0;
    let (from, to) = ([entry.x, entry.y, entry.z], [target.x, target.y, target.z]);
    let push = json!({ "mesh": mesh, "entry": from, "target": to, "hold_part": 0.3, "step_mm": 4 });
    let straight = desk.run("simulate.needle", push.clone());
    let value = |desk: &Desk, id: NodeId, word: &str| {
        let summary = &desk.case().node(id).unwrap().summary;
        let fact = summary.facts.iter().find(|fact| fact.name.contains(word));
        fact.unwrap_or_else(|| panic!("no fact with '{word}' among {:?}", summary.facts)).value
    };
    let peak = value(&desk, straight[0], "force");
    // Puncture, cutting, and friction over 5 cm.
    assert!((0.3..3.0).contains(&peak), "{peak} N");
    let lines: Vec<f64> = straight[1..]
        .iter()
        .map(|id| match &desk.case().node(*id).unwrap().data {
            Data::Lines(lines) => lines.branches()[0].length_mm(),
            other => panic!("{:?}", other.kind()),
        })
        .collect();
    assert_eq!(lines.len(), 2, "the needle and the planned path");
    let tip = |desk: &Desk, id: NodeId| match &desk.case().node(id).unwrap().data {
        Data::Lines(lines) => *lines.branches()[0].points.last().unwrap(),
        other => panic!("{:?}", other.kind()),
    };
    let mut bevelled = push.clone();
    (bevelled["side_ratio"], bevelled["side"]) = (json!(0.6), json!([1, 0, 0]));
    let bent = desk.run("simulate.needle", bevelled);
    assert!(tip(&desk, straight[1]).x + 0.2 < tip(&desk, bent[1]).x, "the bevel pushes the tip to its side");

    let hash = desk.hash();
    for (name, bad, words) in [
        ("target", json!([entry.x, entry.y - 40.0, entry.z]), "lies outside the organ"),
        ("entry", json!([entry.x, entry.y - 40.0, entry.z]), "from the surface of the organ"),
        ("target", json!(from), "a path has at least 1 mm"),
        ("length_mm", json!(20), "take a longer one"),
    ] {
        let mut params = push.clone();
        params[name] = bad;
        let error = desk.try_run("simulate.needle", params).unwrap_err().to_string();
        assert!(error.contains(words), "{name}: {error}");
        assert_eq!(desk.hash(), hash);
    }
}
