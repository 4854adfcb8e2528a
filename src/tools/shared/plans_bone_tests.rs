//! Osteotomies applied and scored where their fragments go, through the tools.

use super::plans_tests::{desk, plan, refused, run};
use crate::base::{NodeId, SegmentId};
use crate::image::LabelMap;
use crate::mesh::block::block;
use crate::plan::{Score, Term, Verdict};
use crate::session::{Case, Data, Node, Session};
use serde_json::{Value, json};

const LIVER: SegmentId = SegmentId(1);

/// The box of 40 × 40 × 22 mm stands for a bone; the saw takes 2 mm at x = 51, and 10 mm beyond go with the fragment.
fn saw(shift_mm: [f64; 3]) -> Value {
    json!({ "do": "osteotomy", "planes": [[[51, 0, 0], [1, 0, 0]]], "kerf_mm": 2.0, "turn_degrees": [0, 0, 0],
        "about": [51, 51, 30], "shift_mm": shift_mm })
}

fn planned(session: &mut Session, actions: &[(&str, Value)], more: Value) -> NodeId {
    let mut params = json!({ "organ": "liver" });
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let id = run(session, "plan.new", params).unwrap()[0];
    for (name, action) in actions {
        run(session, "plan.act", json!({ "plan": id, "actions": [{ "name": name, "action": action }] })).unwrap();
    }
    id
}

fn labels(session: &Session, id: NodeId) -> LabelMap {
    let Data::Labels(labels) = &session.case().node(id).unwrap().data else { panic!("{id} is no segmentation") };
    labels.clone()
}

fn scored(session: &mut Session, id: NodeId) -> Score {
    run(session, "plan.score", json!({ "plans": id.0.to_string() })).unwrap();
    plan(session, id).score.clone().unwrap()
}

fn term<'a>(score: &'a Score, id: &str) -> &'a Term {
    score.term(id).unwrap_or_else(|| panic!("{id} in {score:#?}"))
}

#[test]
fn an_osteotomy_parts_the_bone_to_the_voxel_and_moves_its_fragment() {
    let mut session = desk();
    let id = planned(&mut session, &[("tip", saw([-6.0, 0.0, 30.0]))], json!({}));
    let start = session.content_hash();
    let added = run(&mut session, "plan.apply", json!({ "plan": id, "surfaces": true })).unwrap();
    let bone = labels(&session, NodeId(2)).count(LIVER);
    let [before, after] = [added[0], added[1]].map(|id| labels(&session, id));
    let counts = [1, 2, 3].map(|part| before.count(SegmentId(part)));
    assert_eq!((counts[1], counts[2]), (220, 1100), "one slice of voxels and five");
    assert_eq!(counts.iter().sum::<usize>(), bone, "the books balance");
    // The fragment goes up out of the scan: the segmentation is larger, and nothing of it is lost.
    assert_eq!(after.count(SegmentId(3)), 1100);
    assert!(before.grid().dims() == [50, 50, 30] && 30 < after.grid().dims()[2], "{:?}", after.grid().dims());
    assert_eq!((after.count(SegmentId(1)), after.count(SegmentId(2))), (counts[0], 0));
    let [sawn, moved] = [added[0], added[1]].map(|id| session.case().node(id).unwrap().clone());
    assert!(!sawn.display.visible && moved.display.visible && session.case().node(NodeId(2)).unwrap().display.visible);
    assert!((sawn.summary.value("fragment tip").unwrap() - 8.8).abs() < 1e-9, "{:?}", sawn.summary.facts);
    let Data::Surface(fragment) = &session.case().node(added[3]).unwrap().data else { panic!("a surface") };
    assert_eq!(fragment.surface.open_edges(), 0);
    // Its flat face was at x = 52.
    let bounds = fragment.surface.bounds();
    assert!((bounds.min.x - 46.0).abs() < 1e-6 && 48.0 < bounds.min.z, "{bounds:?}");
    session.undo();
    assert_eq!(session.content_hash(), start, "one step back is the bone as it was");
}

#[test]
fn what_fragments_share_is_a_part_of_its_own_and_is_said() {
    let mut session = desk();
    let other = json!({ "do": "osteotomy", "planes": [[[27, 0, 0], [-1, 0, 0]]], "kerf_mm": 0.0, "turn_degrees": [0, 0, 0],
        "about": [27, 51, 30], "shift_mm": [20, 0, 0] });
    let id = planned(&mut session, &[("tip", saw([-6.0, 0.0, 0.0])), ("root", other)], json!({}));
    let added = run(&mut session, "plan.apply", json!({ "plan": id })).unwrap();
    let after = labels(&session, added[1]);
    // The tip's columns 46 to 54 and the root's 42 to 46, moved, and the rest's 28 to 48.
    let score = scored(&mut session, id);
    let value = |id: &str| term(&score, id).value.unwrap();
    let ml = |columns: f64| columns * 220.0 * 0.008;
    let tip = term(&score, "1/rest/overlap");
    assert!((tip.value.unwrap().value - ml(2.0)).abs() < 1e-9, "{tip:?}");
    assert!(value("1/rest/distance").value <= 0.0 && value("1/rest/overlap").holds(ml(2.5)));
    let between = value("2/fragment/1/overlap");
    assert!((between.value - ml(1.0)).abs() < 1e-9 && between.low < between.high, "{between:?}");
    assert!(value("2/fragment/1/distance").value <= 0.0);
    assert!(score.term("1/fragment/2/overlap").is_none(), "each pair stands once");
    let said = session.case().node(added[1]).unwrap().summary.warnings.clone();
    assert!(said[0].contains("several parts at once"), "{said:?}");
    assert!(after.count(SegmentId(2)) > 0);
}

#[test]
fn a_moved_fragment_keeps_its_distance_to_what_is_spared() {
    let mut session = desk();
    let spare = json!({ "keep_out": [{ "structure": "inferior vena cava", "distance_mm": 5 }] });
    let id = planned(&mut session, &[("tip", saw([3.0, 0.0, 0.0]))], spare);
    let score = scored(&mut session, id);
    let far = term(&score, "1/moved/2.4");
    // Its end at x = 61 goes to 64, the vein begins at 71.
    assert!((far.value.unwrap().value - 7.0).abs() < 1e-6, "{far:?}");
    assert!(far.reason.contains("10.0 mm before the move") && far.verdict == Verdict::Warning, "{far:?}");
    assert!((term(&score, "1/rest/distance").value.unwrap().value - 5.0).abs() < 1e-6, "3 mm and the saw's 2 mm");
    assert_eq!(term(&score, "1/rest/overlap").value.unwrap().value, 0.0);
    let into = json!({ "plan": id, "at": 1, "actions": [{ "name": "tip", "action": saw([12.0, 0.0, 0.0]) }] });
    run(&mut session, "plan.act", into).unwrap();
    let score = scored(&mut session, id);
    let near = term(&score, "1/moved/2.4");
    assert!(near.verdict == Verdict::Breach && near.forbids && !score.allowed, "{near:?}");
    // One slice of 5 × 11 voxels of it is in the vein.
    let shared = term(&score, "1/moved_overlap/2.4");
    assert!((shared.value.unwrap().value - 55.0 * 0.008).abs() < 1e-9, "{shared:?}");
}

#[test]
fn a_mesh_is_sawn_without_loss_and_two_kinds_of_cuts_are_refused() {
    let mut session = desk();
    let id = planned(&mut session, &[("tip", saw([10.0, 0.0, 0.0]))], json!({}));
    let mesh = block([10, 8, 6], [80.0, 80.0, 48.0]);
    let nodes = session.case().nodes().map(|(id, node)| (id, Node::clone(node))).collect::<Vec<_>>();
    let tets = Node::new("mesh", Data::Tets(mesh));
    let with_mesh = Case::from_nodes(nodes.into_iter().chain([(NodeId(90), tets)]));
    let mut session = Session::with_case(crate::tools::TOOLS, with_mesh, Vec::new());
    let added = run(&mut session, "plan.apply", json!({ "plan": id, "mesh": 90 })).unwrap();
    let node = session.case().node(added[2]).unwrap();
    let Data::Tets(sawn) = &node.data else { panic!("tetrahedra") };
    let told = ["rest", "taken by the saw", "fragment tip"].map(|name| node.summary.value(name).unwrap());
    for (ml, mm) in told.into_iter().zip([50.0, 2.0, 28.0]) {
        assert!((ml - mm * 80.0 * 48.0 / 1000.0).abs() < 1e-6, "{told:?}");
    }
    assert!((sawn.boundary().0.bounds().max.x - 90.0).abs() < 1e-9);
    let sphere =
        json!({ "do": "cut", "shape": { "by": "sphere", "centre": [30, 40, 30], "radius_mm": 6 }, "width_mm": 0 });
    run(&mut session, "plan.act", json!({ "plan": id, "actions": [{ "name": "cut", "action": sphere }] })).unwrap();
    assert!(refused(&mut session, "plan.apply", json!({ "plan": id })).contains("cuts and osteotomies"));
}

/// An order of saws that leaves nothing of a fragment is said in the score and refused when applied.
#[test]
fn a_fragment_that_is_gone_before_is_said() {
    let mut session = desk();
    let saws = [("tip", saw([3.0, 0.0, 0.0])), ("again", saw([0.0, 3.0, 0.0]))];
    let id = planned(&mut session, &saws, json!({}));
    let score = scored(&mut session, id);
    let gone = term(&score, "2/rest/overlap");
    assert!(gone.verdict == Verdict::NotValid && gone.reason.contains("leave nothing of this fragment"), "{gone:?}");
    assert!(refused(&mut session, "plan.apply", json!({ "plan": id })).contains("fragment's side"));
}
