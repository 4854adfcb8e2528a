//! Territories of plans through their tools: by flows, of trees that are renamed or removed, cut out of tetrahedra.

use super::plans_liver_tests::{LIVER, act, by_territories, desk, labels, resection, term};
use super::plans_tests::{plan, refused, run};
use crate::base::{NodeId, SegmentId};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;
use crate::session::{Case, Data, Node, Session};
use serde_json::{Value, json};

const PORTAL: NodeId = NodeId(2);
const HEPATIC: NodeId = NodeId(3);

fn change(session: &mut Session, id: NodeId, territories: &str) {
    run(session, "plan.change", json!({ "plan": id, "territories": territories })).unwrap();
}

fn score(session: &mut Session, id: NodeId) {
    run(session, "plan.score", json!({ "plans": id.0.to_string() })).unwrap();
}

fn ml(session: &Session, id: NodeId, name: &str) -> f64 {
    term(session, id, name).value.unwrap().value
}

fn stale(session: &Session, id: NodeId) -> Option<String> {
    session.case().stale_score(&plan(session, id))
}

/// A plan that takes the right liver away and clips the right portal branch, and the flow of the portal vein with that
/// branch narrowed.
fn with_flow() -> (Session, NodeId, NodeId) {
    let mut session = desk();
    let id = resection(&mut session);
    run(&mut session, "plan.act", act(id, "right liver", by_territories(&[1], 0.0))).unwrap();
    let clip = json!({ "do": "clip", "at": [-3.0, 0.0, 0.0] });
    run(&mut session, "plan.act", act(id, "clip", clip)).unwrap();
    let narrow: Value = json!({ "edit": "narrow", "at": [-20.0, 0.0, 0.0], "length_mm": 20.0, "percent": 85.0 });
    let params = json!({ "lines": PORTAL, "edits": [narrow], "mean_pressure_mmhg": 8.0 });
    let flow = run(&mut session, "simulate.network", params).unwrap()[0];
    (session, id, flow)
}

#[test]
fn territories_go_by_the_flow_of_a_result_and_the_books_stay_exact() {
    let (mut session, id, flow) = with_flow();
    let whole = labels(&session, NodeId(1)).volume_ml(SegmentId(LIVER));
    let mut resected = Vec::new();
    for by in ["distance", "radii", &flow.0.to_string()] {
        if by != "distance" {
            change(&mut session, id, by);
        }
        score(&mut session, id);
        let sum = ["resected_ml", "remnant_ml", "cut_ml"].map(|name| ml(&session, id, name)).iter().sum::<f64>();
        assert!((sum - whole).abs() < 1e-6, "{by}: {sum} of {whole} ml");
        // What hangs on the branch is what the cut takes of it; the clip lies 3 mm behind its start.
        let behind = ml(&session, id, "2/behind_ml");
        assert!(behind <= ml(&session, id, "resected_ml") + 1e-6, "{by}: {behind} ml");
        let term = term(&session, id, "2/behind_ml");
        assert_eq!(term.source.contains("Murray"), by != "distance", "{term:?}");
        resected.push(ml(&session, id, "resected_ml"));
    }
    let [distance, radii, flow_ml] = resected[..] else { panic!("three") };
    assert!(
        (distance - radii).abs() < 1e-6,
        "all ends are as wide, every division parts evenly: {distance} and {radii} ml"
    );
    assert!(flow_ml < 0.85 * distance, "less flow reaches less far: {flow_ml} of {distance} ml");
    // The result counts among what the score was found from.
    assert_eq!(stale(&session, id), None);
    run(&mut session, "object.remove", json!({ "node": flow })).unwrap();
    let why = stale(&session, id).unwrap();
    assert!(why.contains(&format!("object {flow} was changed or removed")), "{why}");
    let gone = refused(&mut session, "plan.score", json!({}));
    assert!(gone.contains(&format!("flow result {flow}")) && gone.contains("plan.change"), "{gone}");
    change(&mut session, id, "distance");
    score(&mut session, id);
    assert_eq!(ml(&session, id, "resected_ml"), distance);
}

#[test]
fn what_is_no_flow_of_the_plans_vessels_is_refused_in_a_sentence() {
    let (mut session, id, flow) = with_flow();
    let mut by =
        |territories: &str| refused(&mut session, "plan.change", json!({ "plan": id, "territories": territories }));
    assert!(by("by flow").contains("must be distance, radii, or numbers"));
    assert!(by("2").contains("object #2 holds no flow along vessels"));
    let veins =
        run(&mut session, "simulate.network", json!({ "lines": HEPATIC, "mean_pressure_mmhg": 8.0 })).unwrap()[0];
    // The veins are among the vessels, but it is the portal vein whose territories are cut.
    let why = refused(&mut session, "plan.change", json!({ "plan": id, "territories": veins.0.to_string() }));
    assert!(why.contains("no flow result that the plan names is of portal vein"), "{why}");
    let both = format!("{flow}, {veins}").replace('#', "");
    run(&mut session, "plan.change", json!({ "plan": id, "territories": both })).unwrap();
    let why = refused(&mut session, "plan.change", json!({ "plan": id, "vessels": "2" }));
    assert!(why.contains(&format!("flow result {veins} is of none of the plan's vessels")), "{why}");
    // A branch that is closed has no flow, and claims no territory: that is said, not computed.
    let closed =
        json!({ "lines": PORTAL, "edits": [{ "edit": "close", "at": [-20.0, 0.0, 0.0] }], "mean_pressure_mmhg": 8.0 });
    let closed = run(&mut session, "simulate.network", closed).unwrap()[0];
    let why = refused(&mut session, "plan.change", json!({ "plan": id, "territories": closed.0.to_string() }));
    assert!(why.contains("branch 2 of portal vein has no flow in the flow result"), "{why}");
}

#[test]
fn segments_that_follow_the_vessels_may_go_by_flow() {
    let (mut session, _, flow) = with_flow();
    let whole = labels(&session, NodeId(1)).count(SegmentId(LIVER));
    let mut right = Vec::new();
    for territories in ["distance".to_owned(), flow.0.to_string()] {
        let params = json!({ "portal": 2, "hepatic": 3, "by": "vessels", "territories": territories });
        let found = run(&mut session, "plan.couinaud", params).unwrap()[0];
        let map = labels(&session, found);
        let counts: Vec<usize> = (1..=8).map(|n| map.count(SegmentId(n))).collect();
        assert_eq!(counts.iter().sum::<usize>(), whole);
        right.push(counts[4..].iter().sum::<usize>());
    }
    assert!(right[1] < right[0], "{right:?}");
    let hepatic =
        run(&mut session, "simulate.network", json!({ "lines": HEPATIC, "mean_pressure_mmhg": 8.0 })).unwrap()[0];
    let params = json!({ "portal": 2, "hepatic": 3, "by": "vessels", "territories": hepatic.0.to_string() });
    let why = refused(&mut session, "plan.couinaud", params);
    assert!(why.contains("not of these centre lines of the portal vein"), "{why}");
}

/// The name of a tree says whether it brings blood: with another name, other territories may be cut.
#[test]
fn a_renamed_tree_makes_a_score_old_only_if_its_name_says_another_role() {
    let mut session = desk();
    let id = resection(&mut session);
    run(&mut session, "plan.act", act(id, "right liver", by_territories(&[1], 0.0))).unwrap();
    score(&mut session, id);
    let of_portal = ml(&session, id, "resected_ml");
    let rename = |session: &mut Session, name: &str| {
        run(session, "object.rename", json!({ "node": PORTAL, "name": name })).unwrap();
    };
    rename(&mut session, "portal vein, found again");
    assert_eq!(stale(&session, id), None, "the same tree is meant");
    rename(&mut session, "a tree");
    let why = stale(&session, id).unwrap();
    assert!(why.contains("object #2 was renamed") && why.contains("score it again"), "{why}");
    // The veins stand first among the vessels: now theirs are the territories.
    score(&mut session, id);
    assert_eq!(stale(&session, id), None);
    assert!((ml(&session, id, "resected_ml") - of_portal).abs() > 1.0);
    rename(&mut session, "portal vein");
    assert!(stale(&session, id).is_some());
    // Where nothing is about territories, a name decides nothing.
    let plain = resection(&mut session);
    let plane =
        json!({ "do": "cut", "shape": { "by": "plane", "point": [0, 0, 0], "normal": [1, 0, 0] }, "width_mm": 0 });
    run(&mut session, "plan.act", act(plain, "plane", plane)).unwrap();
    score(&mut session, plain);
    rename(&mut session, "a tree");
    assert_eq!(stale(&session, plain), None);
}

#[test]
fn a_plan_whose_tree_was_removed_says_so_and_goes_on_with_another() {
    let mut session = desk();
    let id = resection(&mut session);
    run(&mut session, "plan.act", act(id, "right liver", by_territories(&[1], 0.0))).unwrap();
    score(&mut session, id);
    run(&mut session, "object.remove", json!({ "node": PORTAL })).unwrap();
    let why = stale(&session, id).unwrap();
    assert!(why.contains("object #2 was changed or removed"), "{why}");
    for tool in ["plan.score", "plan.apply"] {
        let params = if tool == "plan.score" { json!({}) } else { json!({ "plan": id }) };
        let why = refused(&mut session, tool, params);
        assert!(why.contains("which is not in the case any more") && why.contains("plan.change"), "{tool}: {why}");
    }
    let more = refused(&mut session, "plan.act", act(id, "left liver", by_territories(&[2], 0.0)));
    assert!(more.contains("not in the case any more"), "{more}");
    // Without any tree there is nothing to cut by.
    let none = refused(&mut session, "plan.change", json!({ "plan": id, "vessels": "" }));
    assert!(none.contains("needs centre lines"), "{none}");
    run(&mut session, "plan.change", json!({ "plan": id, "vessels": "3" })).unwrap();
    score(&mut session, id);
    assert!(0.0 < ml(&session, id, "resected_ml") && stale(&session, id).is_none());
}

#[test]
fn tetrahedra_cut_by_territories_keep_the_books() {
    let mut session = desk();
    let id = resection(&mut session);
    run(&mut session, "plan.act", act(id, "right liver", by_territories(&[1], 4.0))).unwrap();
    let block = crate::mesh::block::block([12, 7, 9], [120.0, 60.0, 90.0]);
    let moved = block.positions().iter().map(|p| p + Vector::new(-60.0, -38.0, -45.0)).collect();
    let mesh = TetMesh::new(moved, block.tets().to_vec(), block.regions().to_vec()).unwrap();
    let nodes = session.case().nodes().map(|(id, node)| (id, Node::clone(node))).collect::<Vec<_>>();
    let tets = (NodeId(90), Node::new("mesh", Data::Tets(mesh.clone())));
    let mut session =
        Session::with_case(crate::tools::TOOLS, Case::from_nodes(nodes.into_iter().chain([tets])), Vec::new());
    let added = run(&mut session, "plan.apply", json!({ "plan": id, "mesh": 90 })).unwrap();
    let part = |n: usize| match &session.case().node(added[n]).unwrap().data {
        Data::Tets(part) => part.clone(),
        _ => panic!("tetrahedra"),
    };
    let parts = [1, 2, 3].map(part);
    let count = parts.iter().map(|part| part.tets().len()).sum();
    assert!(mesh.tets().len() < count, "the cut goes through some");
    let found = parts.map(|part| part.volume_ml());
    assert!((found.iter().sum::<f64>() - mesh.volume_ml()).abs() < 1e-6, "{found:?} of {} ml", mesh.volume_ml());
    // Voxels of the same box in the same parts; the tumour is a segment of its own, which the mesh fills.
    let voxels = labels(&session, added[0]);
    let within = |p: &Point| p.x.abs() < 60.0 && -38.0 < p.y && p.y < 22.0 && p.z.abs() < 45.0;
    let grid = voxels.grid();
    for (part, ml) in [1_u8, 2, 3].into_iter().zip(found) {
        let own =
            (0..grid.len()).map(|o| grid.voxel(o)).filter(|at| voxels.at(*at) == part && within(&grid.centre(*at)));
        let voxels_ml = own.count() as f64 * grid.voxel_mm3() / 1000.0;
        assert!(1.0 < ml && (ml - voxels_ml).abs() < 0.1 * mesh.volume_ml(), "part {part}: {ml} and {voxels_ml} ml");
    }
}

#[cfg(feature = "app")]
#[test]
fn a_cut_by_territories_has_a_face_with_the_margin_that_lacks() {
    use crate::base::Progress;
    use crate::plan::Action;
    use crate::tools::plan_stage::{Ingredients, Stage};
    let mut session = desk();
    let id = resection(&mut session);
    run(&mut session, "plan.act", act(id, "right liver", by_territories(&[1], 4.0))).unwrap();
    let mut plan = crate::plan::Plan::clone(&plan(&session, id));
    let mut stage = Stage::default();
    let mut face_of = |plan: &crate::plan::Plan| {
        let ingredients = Ingredients::of(session.case(), plan).unwrap();
        stage.prepare(&ingredients, plan, &Progress::default()).unwrap();
        stage.faces(plan, &Progress::default()).unwrap().all
    };
    let found = face_of(&plan);
    let [face] = &found[..] else { panic!("one face") };
    // The liver is 70 × 96 mm across x; right and left branches part about x = 0.
    let bounds = face.surface.bounds();
    assert!(
        -45.0 < bounds.min.x && bounds.max.x < 40.0 && 60.0 < bounds.size().y && 85.0 < bounds.size().z,
        "{bounds:?}"
    );
    let area_cm2 = face.surface.area_cm2();
    assert!((0.8..1.6).contains(&(area_cm2 / 67.2)), "{area_cm2} cm²");
    // The tumour of 9 mm at x = −50 mm needs 5 mm, and the cut takes 2 mm on either side.
    let lacking = face.lacking.as_ref().unwrap();
    for (at, lacks_mm) in face.surface.positions().iter().zip(lacking.values.iter()).step_by(13) {
        let truth_mm = 5.0 - ((at - Point::new(-50.0, -10.0, 10.0)).norm() - 9.0 - 2.0);
        // Farther away distances are continued.
        let is_near = -25.0 < truth_mm;
        assert!(!is_near || (lacks_mm - truth_mm).abs() < 3.0, "{at}: {lacks_mm} of {truth_mm} mm");
    }
    // The same again is the same surface; other branches have another.
    assert!(std::sync::Arc::ptr_eq(&face.surface, &face_of(&plan)[0].surface));
    let Action::Cut(cut) = &mut plan.actions[0].action else { panic!("a cut") };
    cut.shape = crate::plan::CutShape::Territories { branches: vec![3] };
    let other = face_of(&plan);
    assert!(other[0].surface.bounds().max.x < bounds.max.x && other[0].surface != face.surface);
    // What is not there has none.
    let Action::Cut(cut) = &mut plan.actions[0].action else { panic!("a cut") };
    cut.shape = crate::plan::CutShape::Territories { branches: vec![30] };
    assert!(face_of(&plan).is_empty());
}

#[test]
fn the_scene_of_a_report_holds_the_face_of_a_cut_by_territories() {
    let (mut session, id, flow) = with_flow();
    let triangles = |session: &Session| {
        let (case, mut known) = (session.case(), crate::report::Known::default());
        let scene = crate::report::Scene::of(case, &mut known, &crate::base::Progress::default()).unwrap().unwrap();
        let content = crate::io::glb::contents(&scene.glb, std::path::Path::new("scene")).unwrap();
        let own = content.iter().find(|mesh| mesh.name.ends_with("right liver"));
        own.unwrap_or_else(|| panic!("no face")).triangles
    };
    let by_distance = triangles(&session);
    assert!(200 < by_distance, "{by_distance}");
    change(&mut session, id, &flow.0.to_string());
    assert_ne!(triangles(&session), by_distance, "it follows the weights");
}
