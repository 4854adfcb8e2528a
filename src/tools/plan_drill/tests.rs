//! A block of bone with two screws, through the tools of plans.

use crate::base::{NodeId, Progress};
use crate::mesh::shapes::cuboid;
use crate::session::{Case, Command, Data, Node, Session};
use serde_json::{Value, json};

/// A bone of 60 × 40 × 25 mm from the origin, and a plan with two screws and a port.
fn desk() -> (Session, u32) {
    let case = Case::from_nodes([(NodeId(1), Node::new("bone", Data::surface(cuboid([60.0, 40.0, 25.0]))))]);
    let mut session = Session::with_case(crate::tools::TOOLS, case, Vec::new());
    let plan = run(&mut session, "plan.new", json!({ "organ": "1", "entry": "1" })).unwrap();
    let screw =
        |x: f64, lean: f64| json!({ "do": "screw", "head": [x, 20, 25.5], "tip": [x + lean, 20, 5], "diameter_mm": 5 });
    let named = |name: &str, action: Value| json!({ "name": name, "action": action });
    let actions = [
        named("left", screw(20.0, -3.0)),
        named("right", screw(40.0, 3.0)),
        named(
            "port",
            json!({ "do": "port", "at": [30, 20, 25], "towards": [30, 20, 10], "reach_mm": 250, "sweep_degrees": 40,
                "is_camera": false }),
        ),
    ];
    run(&mut session, "plan.act", json!({ "plan": plan, "actions": actions })).unwrap();
    (session, plan)
}

fn run(session: &mut Session, tool: &str, params: Value) -> Result<u32, String> {
    let outcome = session.run(Command::new(tool, params), &Progress::default());
    outcome.map(|outcome| outcome.added.first().map_or(0, |id| id.0)).map_err(|error| error.to_string())
}

#[test]
fn all_screws_get_a_sleeve_and_the_table_says_how_to_drill() {
    let (mut session, plan) = desk();
    let params = json!({ "plan": plan, "printer": "resin", "radius_mm": 7, "thickness_mm": 3, "height_mm": 10, "drill_mm": 3.2 });
    let guide = run(&mut session, "plan.drill", params).unwrap();
    let node = session.case().node(NodeId(guide)).unwrap();
    assert!(node.name.starts_with("drill guide, left, right of "), "{}", node.name);
    let Data::Surface(own) = &node.data else { panic!("no surface") };
    assert_eq!(own.surface.open_edges(), 0);
    assert!((node.summary.value("least distance to the bone").unwrap() - 0.25).abs() < 0.1, "{:?}", node.summary);
    let table = &node.summary.tables[0];
    assert_eq!(table.rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["left", "right"]);
    // 20 mm down and 3 mm aside from the surface, as the heads lie half a millimetre above it.
    let depth = 20.0 * 20.5_f64.hypot(3.0) / 20.5;
    for row in &table.rows {
        let [drill, bore, height, deep, stop, slant, off, turned] =
            <[Option<f64>; 8]>::try_from(row.values.clone()).unwrap().map(Option::unwrap);
        assert_eq!((drill, height), (3.2, 10.0));
        assert!((bore - 3.4).abs() < 0.1 && off < 0.1 && turned < 0.2, "{row:?}");
        assert!((deep - depth).abs() < 0.01 && (stop - height - deep).abs() < 1e-9, "{row:?}");
        assert!((slant - (3.0_f64 / 20.5).atan().to_degrees()).abs() < 0.1, "{row:?}");
    }
    assert!(node.summary.limits.iter().any(|limit| limit.contains("scan behind bone is not known")));
    // To be printed as any surface is.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guide.stl").display().to_string();
    run(&mut session, "export.mesh", json!({ "node": guide, "path": path })).unwrap();
    assert!(folder.path().join("guide.stl").exists());
}

#[test]
fn what_takes_no_sleeve_is_refused_in_a_sentence() {
    let (mut session, plan) = desk();
    let before = session.content_hash();
    let mut said = |more: Value| {
        let mut params = json!({ "plan": plan, "radius_mm": 7, "height_mm": 10 });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        run(&mut session, "plan.drill", params).unwrap_err()
    };
    assert!(said(json!({ "actions": "3" })).contains("port is no screw and no needle"));
    assert!(said(json!({ "actions": "7" })).contains("there is no action 7"));
    assert!(said(json!({ "actions": "a" })).contains("numbers of actions"));
    assert!(said(json!({ "drill_length_mm": 20 })).contains("a drill of 20 mm leaves a sleeve of"));
    assert!(said(json!({ "bridge_mm": 0, "radius_mm": 5 })).contains("not joined"));
    assert!(said(json!({ "bone": "tibia" })).contains("nothing in the case is called"));
    assert!(said(json!({ "wall_mm": 0.3 })).contains("wall_mm"));
    assert_eq!(session.content_hash(), before);
}
