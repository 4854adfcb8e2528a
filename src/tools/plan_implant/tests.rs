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

/// A plan of the desk's bone, which is the surface 1.
fn planned(session: &mut Session) -> NodeId {
    let params = json!({ "organ": "1", "keep_out": [{ "structure": "3", "distance_mm": 2 }] });
    session.run(Command::new("plan.new", params), &Progress::default()).unwrap().added[0]
}

fn plan(session: &Session, id: NodeId) -> std::sync::Arc<crate::plan::Plan> {
    let Data::Plan(plan) = &session.case().node(id).unwrap().data else { panic!("no plan") };
    std::sync::Arc::clone(plan)
}

fn does(session: &mut Session, tool: &str, params: Value) -> Result<(), String> {
    session.run(Command::new(tool, params), &Progress::default()).map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn an_implant_is_an_action_of_a_plan_and_is_scored() {
    let mut session = desk();
    let id = planned(&mut session);
    let before = session.content_hash();
    does(&mut session, "plan.implant", json!({ "implant": 2, "bone": "1", "plan": id })).unwrap();
    assert!(!session.case().node(NodeId(2)).unwrap().display.visible, "the plan shows it where it is put");
    does(&mut session, "plan.score", json!({})).unwrap();
    let own = plan(&session, id);
    let crate::plan::Action::Implant(implant) = &own.actions[0].action else { panic!("no implant") };
    assert_eq!((implant.object.node, implant.bone, own.actions[0].name.as_str()), (NodeId(2), None, "plate"));
    let term = |own: &crate::plan::Plan, id: &str| own.score.as_ref().unwrap().term(id).unwrap().clone();
    let value = |id: &str| term(&own, id).value.unwrap();
    assert!(value("1/implant/gap_mean").value < 0.2 && value("1/implant/gap_max").value < 0.3);
    assert!(value("1/implant/near_0.5").value > 99.0 && value("1/implant/near_1").value > 99.0);
    assert!(value("1/implant/deepest").value <= 0.2 + 1e-6);
    // The other plate hangs 2 mm lower in one corner and lies 1 mm higher: it is far too near.
    assert!(term(&own, "1/keep/3").forbids && !own.score.as_ref().unwrap().allowed);
    // By hand 3 mm higher, then settled again from there.
    let mut higher = serde_json::to_value(&own.actions[0]).unwrap();
    higher["action"]["shift_mm"][2] = json!(implant.shift_mm[2] + 3.0);
    does(&mut session, "plan.act", json!({ "plan": id, "at": 1, "actions": [higher] })).unwrap();
    does(&mut session, "plan.score", json!({})).unwrap();
    let lifted = plan(&session, id);
    let mean = term(&lifted, "1/implant/gap_mean").value.unwrap();
    assert!((mean.value - value("1/implant/gap_mean").value - 3.0).abs() < 0.25, "{mean:?}");
    does(&mut session, "plan.implant", json!({ "implant": 2, "bone": "1", "plan": id, "action": 1 })).unwrap();
    let again = plan(&session, id);
    assert_eq!(again.actions.len(), 1);
    let crate::plan::Action::Implant(settled) = &again.actions[0].action else { panic!("no implant") };
    assert!((settled.shift_mm[2] - implant.shift_mm[2]).abs() < 0.1);
    for _ in 0..5 {
        session.undo();
    }
    assert_eq!(session.content_hash(), before);
}

#[test]
fn implants_that_do_not_fit_a_plan_are_refused() {
    let mut session = desk();
    let id = planned(&mut session);
    let far = json!({ "implant": 2, "bone": "1", "plan": id, "at": [60, 30, 20], "settle": false });
    does(&mut session, "plan.implant", far).unwrap();
    let mut said = |tool: &str, params: Value| does(&mut session, tool, params).unwrap_err();
    let with = |more: Value| {
        let mut params = json!({ "implant": 2, "bone": "1" });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    assert!(said("plan.implant", with(json!({ "action": 1 }))).contains("say which with plan"));
    assert!(said("plan.implant", with(json!({ "plan": id, "action": 7 }))).contains("no action 7"));
    assert!(said("plan.implant", with(json!({ "others": "all" }))).contains("nothing else was brought in"));
    let put = |object: u32, up_mm: f64| {
        let object = json!({ "node": object, "segment": null });
        let action = json!({ "do": "implant", "object": object, "turn_degrees": [0, 0, 0], "about": [40, 30, 24],
            "shift_mm": [0, 0, up_mm] });
        json!({ "plan": id, "actions": [{ "name": "plate", "action": action }] })
    };
    assert!(said("plan.act", put(2, 20.0)).contains("nothing of plate faces bone within 6 mm"));
    assert!(said("plan.act", put(1, 0.0)).contains("both the implant and the bone"));
    assert!(said("plan.act", put(3, 0.0)).contains("an implant"), "it is spared");
    let clip = json!({ "name": "c", "action": { "do": "clip", "at": [0, 0, 0] } });
    assert!(said("plan.act", json!({ "plan": id, "actions": [clip] })).len() > 5);
    let gone = json!({ "plan": id, "actions": [], "at": 2, "remove": true });
    assert!(said("plan.act", gone).contains("no action 2"));
}

#[test]
fn all_sizes_of_a_folder_are_tried_at_once() {
    let folder = std::env::temp_dir().join(format!("prosector-implants-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let import = |session: &mut Session| {
        let outcome = session.run(Command::new("import.implants", json!({ "folder": folder })), &Progress::default());
        outcome.map(|outcome| outcome.added).map_err(|error| error.to_string())
    };
    let mut session = desk();
    assert!(import(&mut session).unwrap_err().contains("there are 0 files"));
    for (name, node) in [("b flat", 2), ("a bent", 3)] {
        let Data::Surface(own) = &session.case().node(NodeId(node)).unwrap().data else { panic!("a surface") };
        let bytes = crate::io::stl::encode(&own.surface);
        std::fs::write(folder.join(format!("{name}.stl")), bytes).unwrap();
    }
    std::fs::write(folder.join("notes.txt"), "not an implant").unwrap();
    let sizes = import(&mut session).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let names: Vec<String> = sizes.iter().map(|id| session.case().node(*id).unwrap().name.clone()).collect();
    assert_eq!(names, ["a bent", "b flat"]);
    assert!(sizes.iter().all(|id| !session.case().node(*id).unwrap().display.visible));
    let id = planned(&mut session);
    let params = json!({ "implant": sizes[0], "bone": "1", "others": "all", "plan": id });
    does(&mut session, "plan.implant", params).unwrap();
    assert_eq!(plan(&session, id).actions[0].name, "b flat", "the flat one fits flat bone better");
}
