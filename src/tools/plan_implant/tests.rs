//! Blocks on a block of bone, whose gaps are known.

use crate::base::{NodeId, Progress};
use crate::geom::Vector;
use crate::mesh::shapes::cuboid;
use crate::session::{Case, Command, Data, Node, Session};
use serde_json::{Value, json};

/// A bone of 80 × 60 × 20 mm from the origin, a plate that floats above it, and one with the same footprint whose lower face
/// is a wedge: it cannot lie flat unless it is turned.
fn desk() -> Session {
    let plate = cuboid([40.0, 12.0, 3.0]);
    let shifted = |by: Vector| plate.with_positions(plate.positions().iter().map(|p| p + by).collect()).unwrap();
    let bumpy = shifted(Vector::new(20.0, 24.0, 24.0));
    // One corner of its lower face hangs 2 mm down.
    let lowest = bumpy.positions().iter().position(|p| p.x < 21.0 && p.y < 25.0 && p.z < 25.0).unwrap();
    let bump = |(n, p): (usize, &crate::geom::Point)| if n == lowest { p - Vector::z() * 2.0 } else { *p };
    let bumpy = bumpy.with_positions(bumpy.positions().iter().enumerate().map(bump).collect()).unwrap();
    let node = |name: &str, surface| Node::new(name, Data::surface(surface));
    let case = Case::from_nodes([
        (NodeId(1), node("bone", cuboid([80.0, 60.0, 20.0]))),
        (NodeId(2), node("plate", shifted(Vector::new(20.0, 24.0, 23.0)))),
        (NodeId(3), node("bent plate", bumpy)),
    ]);
    Session::with_case(crate::tools::TOOLS, case, Vec::new())
}

fn run(session: &mut Session, params: Value) -> Result<NodeId, String> {
    let outcome = session.run(Command::new("plan.implant", params), &Progress::default());
    outcome.map(|outcome| outcome.added[0]).map_err(|error| error.to_string())
}

fn fact(session: &Session, id: NodeId, name: &str) -> f64 {
    session.case().node(id).unwrap().summary.value(name).unwrap()
}

#[test]
fn a_plate_that_floats_comes_to_lie_on_bone() {
    let mut session = desk();
    let still = run(&mut session, json!({ "implant": 2, "bone": "1", "settle": false })).unwrap();
    assert!((fact(&session, still, "mean gap") - 3.0).abs() < 0.01, "it floats 3 mm above the bone");
    assert_eq!(fact(&session, still, "shifted"), 0.0);
    let put = run(&mut session, json!({ "implant": 2, "bone": "1" })).unwrap();
    assert!((fact(&session, put, "shifted") - 3.0).abs() < 0.3);
    assert!(fact(&session, put, "turned") < 0.5);
    // Only its vertices are looked at: those below lie on the bone, those above 3 mm over it.
    assert!(fact(&session, put, "deepest within the bone") <= 0.2 + 1e-9);
    let node = session.case().node(put).unwrap();
    assert!(node.name.contains("plate on bone"), "{}", node.name);
    let Data::Surface(own) = &node.data else { panic!("no surface") };
    assert_eq!(own.fields[0].unit, "mm");
    assert!(!session.case().node(NodeId(2)).unwrap().display.visible, "what was put elsewhere is hidden");
}

#[test]
fn a_place_and_a_direction_are_kept() {
    let mut session = desk();
    let params = json!({ "implant": 2, "bone": "1", "at": [60, 30, 20], "along": [0, 1, 0], "settle": false });
    let put = run(&mut session, params).unwrap();
    let Data::Surface(own) = &session.case().node(put).unwrap().data else { panic!("no surface") };
    let bounds = own.surface.bounds();
    assert!((bounds.size() - Vector::new(12.0, 40.0, 3.0)).norm() < 1e-6, "{bounds:?}");
    assert!((bounds.centre() - crate::geom::Point::new(60.0, 30.0, 21.5)).norm() < 1e-6, "{bounds:?}");
}

#[test]
fn of_two_plates_the_flat_one_fits_flat_bone_better() {
    let mut session = desk();
    let put = run(&mut session, json!({ "implant": 3, "bone": "1", "others": "2"})).unwrap();
    let node = session.case().node(put).unwrap();
    assert!(node.name.starts_with("plate on"), "{}", node.name);
    let table = &node.summary.tables[0];
    assert_eq!(table.rows.len(), 2);
    assert_eq!(table.rows[0].name, "bent plate");
}

#[test]
fn what_cannot_be_fitted_is_refused_in_a_sentence() {
    let mut session = desk();
    let mut said = |params: Value| run(&mut session, params).unwrap_err();
    assert!(said(json!({ "implant": 2, "bone": "2" })).contains("the implant itself"));
    assert!(said(json!({ "implant": 2, "bone": "1", "others": "x" })).contains("no number"));
    assert!(said(json!({ "implant": 2, "bone": "femur" })).contains("nothing in the case is called"));
    assert!(
        said(json!({ "implant": 2, "bone": "1", "contact_mm": 3, "facing_mm": 1 })).contains("less than contact_mm")
    );
    let far = said(json!({ "implant": 2, "bone": "1", "facing_mm": 1.0 }));
    assert!(far.contains("plate: ") && far.contains("put the implant nearer"), "{far}");
}
