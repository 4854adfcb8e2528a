//! Plans of a liver with trees of vessels through their tools: cuts by territories, clips, segments of Couinaud.

use super::plans_tests::{changed, plan, refused, run};
use crate::base::{NodeId, SegmentId};
use crate::geom::{Grid, Point};
use crate::image::{LabelMap, Segment, Volume};
use crate::mesh::{CentreBranch, CentreLines};
use crate::plan::{Term, Verdict};
use crate::session::{Case, Data, Node, Session};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) const LIVER: u8 = 1;
const TUMOUR: u8 = 2;
const CAVA: u8 = 3;
const MOUTH: [f64; 3] = [0.0, 30.0, 50.0];

fn branch(parent: Option<usize>, points: &[[f64; 3]]) -> CentreBranch {
    let points: Vec<Point> = points.iter().copied().map(Point::from).collect();
    CentreBranch { parent, radii_mm: vec![3.0; points.len()], points }
}

/// The vessels of a book: see the tests of `plan/territory/couinaud`.
fn portal() -> Vec<CentreBranch> {
    vec![
        branch(None, &[[0.0, 5.0, -40.0], [0.0, 0.0, 0.0]]),
        branch(Some(0), &[[0.0; 3], [-40.0, 0.0, 0.0]]),
        branch(Some(0), &[[0.0; 3], [35.0, -15.0, 5.0]]),
        branch(Some(1), &[[-40.0, 0.0, 0.0], [-60.0, -20.0, 30.0]]),
        branch(Some(1), &[[-40.0, 0.0, 0.0], [-60.0, 10.0, -30.0]]),
        branch(Some(2), &[[35.0, -15.0, 5.0], [60.0, -15.0, 25.0]]),
        branch(Some(2), &[[35.0, -15.0, 5.0], [62.0, -40.0, -15.0]]),
    ]
}

fn hepatic() -> Vec<CentreBranch> {
    vec![
        branch(None, &[MOUTH, [-60.0, 4.0, 20.0]]),
        branch(None, &[MOUTH, [2.0, 10.0, 40.0]]),
        branch(Some(1), &[[2.0, 10.0, 40.0], [-12.0, -40.0, 0.0]]),
        branch(Some(1), &[[2.0, 10.0, 40.0], [50.0, -20.0, 10.0]]),
    ]
}

/// A box of liver with a ball of tumour, the vena cava behind it, portal and hepatic trees.
pub(super) fn desk() -> Session {
    let grid = Grid::aligned([51, 31, 37], Point::new(-75.0, -45.0, -54.0), [3.0; 3]).unwrap();
    let label = |n: usize| {
        let p = grid.centre(grid.voxel(n));
        match () {
            () if p.x.hypot(p.y - 30.0) < 7.0 => CAVA,
            () if (p - Point::new(-50.0, -10.0, 10.0)).norm() < 9.0 => TUMOUR,
            () if p.x.abs() < 70.0 && -42.0 < p.y && p.y < 28.0 && p.z.abs() < 48.0 => LIVER,
            () => 0,
        }
    };
    let labels = (0..grid.len()).map(label).collect();
    let names = [(LIVER, "liver", 10_200_004), (TUMOUR, "tumour", 4_147_007), (CAVA, "inferior vena cava", 64_131_007)];
    let table = names.map(|(id, name, code)| Segment::new(SegmentId(id), name, [id; 3], Some(code)));
    let labels = LabelMap::from_volume(&Volume::new(grid, labels).unwrap(), table.to_vec()).unwrap();
    let lines = |branches| Data::Lines(Arc::new(CentreLines::new(branches).unwrap()));
    let single = vec![branch(None, &[[0.0; 3], [0.0, 0.0, 9.0]])];
    let case = Case::from_nodes([
        (NodeId(1), Node::new("segments", Data::Labels(labels))),
        (NodeId(2), Node::new("portal vein", lines(portal()))),
        (NodeId(3), Node::new("hepatic veins", lines(hepatic()))),
        (NodeId(4), Node::new("a piece of vessel", lines(single))),
    ]);
    Session::with_case(crate::tools::TOOLS, case, Vec::new())
}

pub(super) fn labels(session: &Session, id: NodeId) -> LabelMap {
    let Data::Labels(labels) = &session.case().node(id).unwrap().data else { panic!("{id} is no segmentation") };
    labels.clone()
}

pub(super) fn resection(session: &mut Session) -> NodeId {
    let params = json!({ "organ": "liver", "targets": [{ "structure": "tumour", "margin_mm": 5 }], "vessels": "3,2" });
    run(session, "plan.new", params).unwrap()[0]
}

pub(super) fn act(id: NodeId, name: &str, action: Value) -> Value {
    json!({ "plan": id, "actions": [{ "name": name, "action": action }] })
}

pub(super) fn by_territories(branches: &[usize], width_mm: f64) -> Value {
    json!({ "do": "cut", "shape": { "by": "territories", "branches": branches }, "width_mm": width_mm })
}

pub(super) fn term(session: &Session, id: NodeId, name: &str) -> Term {
    let plan = plan(session, id);
    let score = plan.score.clone().unwrap();
    score.term(name).cloned().unwrap_or_else(|| panic!("{name} in {score:#?}"))
}

#[test]
fn a_cut_by_territories_is_scored_and_applied() {
    let mut session = desk();
    let id = resection(&mut session);
    run(&mut session, "plan.act", act(id, "right liver", by_territories(&[1], 4.0))).unwrap();
    run(&mut session, "plan.score", json!({})).unwrap();
    let value = |name: &str| term(&session, id, name).value.unwrap();
    let whole = labels(&session, NodeId(1)).volume_ml(SegmentId(LIVER));
    let sum = ["resected_ml", "remnant_ml", "cut_ml"].map(|name| value(name).value).iter().sum::<f64>();
    assert!((sum - whole).abs() < 1e-6, "{sum} of {whole} ml");
    // The tumour hangs on the right branch; the plane half-way between the two is far from it.
    let margin = term(&session, id, "margin/1.2");
    assert!(10.0 < margin.value.unwrap().value && margin.verdict == Verdict::Ok, "{margin:?}");
    // Territories are those of the tree that brings blood, although the veins stand first.
    let crossed = plan(&session, id).score.clone().unwrap();
    assert!(crossed.terms.iter().any(|term| term.id.starts_with("1/vessel/2/")), "{crossed:#?}");
    let added = run(&mut session, "plan.apply", json!({ "plan": id, "surfaces": true })).unwrap();
    let parts = labels(&session, added[0]);
    let applied = [1, 2, 3].map(|part| parts.volume_ml(SegmentId(part)));
    assert!((applied.iter().sum::<f64>() - whole).abs() < 1e-6 && applied.iter().all(|ml| 0.0 < *ml), "{applied:?}");
    for (ml, name) in applied.into_iter().zip(["remnant_ml", "resected_ml", "cut_ml"]) {
        // Voxels on the cut count whole here and by their parts there.
        let scored = term(&session, id, name).value.unwrap();
        assert!((ml - scored.value).abs() < 0.1 * whole, "{name}: {ml} ml against {scored:?}");
    }
    assert!(3 <= added.len(), "segments and surfaces");
}

#[test]
fn territories_that_are_none_are_refused_in_a_sentence() {
    let mut session = desk();
    let id = resection(&mut session);
    let why = refused(&mut session, "plan.act", act(id, "cut", by_territories(&[9], 0.0)));
    assert!(why.contains("branch 10") && why.contains("branches 1 to 7"), "{why}");
    let all = refused(&mut session, "plan.act", act(id, "cut", by_territories(&[0], 0.0)));
    assert!(all.contains("all of liver") && all.contains("fewer branches"), "{all}");
    let none = refused(&mut session, "plan.act", act(id, "cut", by_territories(&[], 0.0)));
    assert!(none.contains("no branch is named"), "{none}");
    let bare = run(&mut session, "plan.new", json!({ "organ": "liver", "vessels": "" })).unwrap()[0];
    let without = refused(&mut session, "plan.act", act(bare, "cut", by_territories(&[1], 0.0)));
    assert!(without.contains("needs centre lines") && without.contains("model.centre_lines"), "{without}");
}

#[test]
fn a_clip_says_what_loses_its_supply_or_its_outflow() {
    let mut session = desk();
    let id = resection(&mut session);
    let clip = |at: [f64; 3]| json!({ "do": "clip", "at": at });
    for (name, at) in [("right portal", [-20.0, 1.0, 0.0]), ("right vein", [-58.0, 4.9, 21.0])] {
        run(&mut session, "plan.act", act(id, name, clip(at))).unwrap();
    }
    let off = refused(&mut session, "plan.act", act(id, "beside", clip([0.0, -40.0, 45.0])));
    assert!(off.contains("off the nearest vessel"), "{off}");
    run(&mut session, "plan.score", json!({})).unwrap();
    let behind = term(&session, id, "1/behind_ml");
    assert!(behind.name.contains("devascularised") && behind.reason.contains("branch 2, 20 mm"), "{behind:?}");
    let percent = term(&session, id, "1/behind_percent").value.unwrap();
    assert!(percent.low < percent.value && 20.0 < percent.value && percent.value < 60.0, "{percent:?}");
    assert!(term(&session, id, "2/behind_ml").name.contains("congested"));
    // A tree that is traced anew elsewhere leaves its clip beside it.
    let aside = portal().into_iter().map(|mut branch| {
        branch.points.iter_mut().for_each(|point| point.y -= 25.0);
        branch
    });
    let aside = Data::Lines(Arc::new(CentreLines::new(aside.collect()).unwrap()));
    let mut traced = changed(&session, NodeId(2), aside);
    run(&mut traced, "plan.score", json!({})).unwrap();
    let off = term(&traced, id, "1/behind_ml");
    assert!(off.verdict == Verdict::NotValid && off.reason.contains("off the nearest vessel"), "{off:?}");
    assert!(plan(&session, id).score.as_ref().unwrap().term("1/behind_remnant_ml").is_none(), "nothing is cut yet");
    // A cut that takes all that is behind the first clip leaves none of it.
    run(&mut session, "plan.act", act(id, "right liver", by_territories(&[1], 0.0))).unwrap();
    run(&mut session, "plan.score", json!({})).unwrap();
    let left = term(&session, id, "1/behind_remnant_ml").value.unwrap().value;
    let cut = term(&session, id, "resected_ml").value.unwrap().value;
    assert!(left < 1e-9 && 0.0 < cut, "{left} ml");
    let congested = term(&session, id, "2/behind_remnant_percent").value.unwrap();
    assert!(congested.value < 20.0, "{congested:?}");
}

/// What a cut takes of the vessels is lost as if clips sat there: the same ml, and the rest of the remnant is the rest.
#[test]
fn a_cut_says_what_of_the_remnant_loses_its_outflow() {
    let mut session = desk();
    let params = json!({ "organ": "liver", "vessels": "3", "targets": [{ "structure": "tumour", "margin_mm": 5 }] });
    let id = run(&mut session, "plan.new", params).unwrap()[0];
    // What lies to the right of x = -10 is taken, with the end of the middle vein and the right one whole.
    let plane = json!({ "by": "plane", "point": [-10, 0, 0], "normal": [-1, 0, 0] });
    run(&mut session, "plan.act", act(id, "right", json!({ "do": "cut", "shape": plane, "width_mm": 0 }))).unwrap();
    run(&mut session, "plan.score", json!({})).unwrap();
    let value = |session: &Session, name: &str| term(session, id, name).value.unwrap();
    let lost = term(&session, id, "lost/3/ml");
    assert!(lost.name.contains("congested by the cut") && lost.reason.contains("2 branches"), "{lost:?}");
    let lost_ml = lost.value.unwrap();
    assert!(0.0 < lost_ml.value && lost_ml.low < lost_ml.value, "{lost_ml:?}");
    let percent = value(&session, "lost/3/percent");
    // Voxels go by their centres here and by their parts there: a layer of voxels about the plane at most.
    let remnant_ml = 100.0 * lost_ml.value / percent.value;
    let layer_ml = 3.0 * 70.0 * 96.0 / 1000.0;
    assert!((remnant_ml - value(&session, "remnant_ml").value).abs() < layer_ml, "{remnant_ml} ml");
    let sound = term(&session, id, "sound/3/percent");
    let organ_ml = value(&session, "organ_ml").value;
    let known = 100.0 * (remnant_ml - lost_ml.value) / organ_ml;
    assert!((sound.value.unwrap().value - known).abs() < 1e-6 && !sound.forbids, "{sound:?} {known}");
    assert!(sound.value.unwrap().value < value(&session, "remnant_percent").value && !sound.limit.is_empty());
    // On the right vein a sixth of its way from the vena cava, and near the end of the middle one.
    for (name, at) in
        [("right", [-10.0, 30.0 - 26.0 / 6.0, 45.0]), ("middle", [-10.0, 10.0 - 50.0 * 6.0 / 7.0, 40.0 / 7.0])]
    {
        run(&mut session, "plan.act", act(id, name, json!({ "do": "clip", "at": at }))).unwrap();
    }
    run(&mut session, "plan.score", json!({})).unwrap();
    let clipped = value(&session, "clips/3/behind_remnant_ml");
    assert!((clipped.value - lost_ml.value).abs() < 1e-6, "{clipped:?} {lost_ml:?}");
    // A cut that takes none of the vessels loses nothing, and says that it looked.
    let corner = json!({ "by": "sphere", "centre": [66, 20, -44], "radius_mm": 9 });
    let away = json!({ "plan": id, "at": 1, "actions": [{ "name": "corner", "action": { "do": "cut", "shape": corner, "width_mm": 0 } }] });
    run(&mut session, "plan.act", away).unwrap();
    run(&mut session, "plan.score", json!({})).unwrap();
    let none = term(&session, id, "lost/3/ml");
    assert!(none.value.unwrap().value == 0.0 && none.reason.contains("takes none"), "{none:?}");
}

#[test]
fn scores_are_the_same_whether_bodies_were_kept_or_made() {
    let scored = || {
        let mut session = desk();
        let id = resection(&mut session);
        run(&mut session, "plan.act", act(id, "right liver", by_territories(&[1], 2.0))).unwrap();
        run(&mut session, "plan.score", json!({})).unwrap();
        plan(&session, id).score.clone().unwrap()
    };
    assert_eq!(scored(), scored());
}

#[test]
fn the_segments_of_a_liver_are_its_voxels_and_lie_where_books_say() {
    let mut session = desk();
    let whole = labels(&session, NodeId(1)).count(SegmentId(LIVER));
    for by in ["planes", "vessels"] {
        let params = json!({ "portal": 2, "hepatic": 3, "by": by });
        let found = run(&mut session, "plan.couinaud", params).unwrap()[0];
        let map = labels(&session, found);
        let counts: Vec<usize> = (1..=8).map(|n| map.count(SegmentId(n))).collect();
        assert_eq!(counts.iter().sum::<usize>(), whole, "{by}");
        let node = session.case().node(found).unwrap();
        assert!(!node.summary.limits.is_empty() && node.summary.methods[0].contains("Couinaud"));
        assert_eq!(node.summary.tables[0].rows.len(), 8);
        if by == "planes" {
            assert!(counts.iter().all(|n| 50 < *n), "{counts:?}");
        }
        for (at, name) in [([60.0, -15.0, 25.0], "II"), ([-60.0, -20.0, 30.0], "VIII"), ([-60.0, 10.0, -30.0], "VI")] {
            let voxel = map.grid().voxel_at(Point::from(at)).unwrap();
            let own = map.segment(SegmentId(map.at(voxel))).unwrap();
            assert_eq!(own.name, format!("segment {name}"), "{by} at {at:?}");
        }
    }
}

#[test]
fn landmarks_that_are_missing_are_told() {
    let mut session = desk();
    let ask = |portal: u32, hepatic: u32| json!({ "portal": portal, "hepatic": hepatic });
    let piece = refused(&mut session, "plan.couinaud", ask(4, 3));
    assert!(piece.contains("the division of the portal vein is missing"), "{piece}");
    let veins = refused(&mut session, "plan.couinaud", ask(2, 4));
    assert!(veins.contains("the vena cava") || veins.contains("three hepatic veins"), "{veins}");
    assert!(refused(&mut session, "plan.couinaud", ask(2, 2)).contains("the same centre lines"));
    run(&mut session, "segment.remove", json!({ "labels": 1, "segment": 3 })).unwrap();
    let cava = refused(&mut session, "plan.couinaud", ask(2, 3));
    assert!(cava.contains("the vena cava is missing"), "{cava}");
}
