//! Rules that forbid, through the tools: what cannot be judged is not allowed, what cannot be done is refused, and who signs
//! is told.

use super::plans::Ingredients;
use super::plans_tests::{changed, desk, needle, plan, refused, run};
use crate::base::{NodeId, Progress, SegmentId};
use crate::geom::{Grid, Point};
use crate::image::{LabelMap, Modality, Scan, Segment, Volume, Voxels};
use crate::plan::compare::{Board, Candidate};
use crate::plan::{Judgement, Plan, Scene, Score, SignedOn, Structure, Term, Verdict, score};
use crate::session::{Case, Command, Data, Node, Session};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const CAVA: u8 = 4;

fn act(id: NodeId, name: &str, action: Value) -> Value {
    json!({ "plan": id, "actions": [{ "name": name, "action": action }] })
}

fn scored(session: &mut Session, id: NodeId) -> Score {
    run(session, "plan.score", json!({ "plans": id.0.to_string() })).unwrap();
    plan(session, id).score.clone().unwrap()
}

fn term<'a>(score: &'a Score, id: &str) -> &'a Term {
    score.term(id).unwrap_or_else(|| panic!("{id} in {score:#?}"))
}

/// The desk with more objects.
fn with_objects(more: impl IntoIterator<Item = (u32, Node)>) -> Session {
    let desk = desk();
    let nodes = desk.case().nodes().map(|(id, node)| (id, Node::clone(node))).collect::<Vec<_>>();
    let more = more.into_iter().map(|(id, node)| (NodeId(id), node));
    Session::with_case(crate::tools::TOOLS, Case::from_nodes(nodes.into_iter().chain(more)), Vec::new())
}

/// The session after the voxels of a segment of object 2 were erased.
fn emptied(session: &Session, segment: u8) -> Session {
    let Data::Labels(labels) = &session.case().node(NodeId(2)).unwrap().data else { panic!("segments") };
    let grid = labels.grid();
    let left = (0..grid.len()).map(|n| labels.at(grid.voxel(n))).map(|own| if own == segment { 0 } else { own });
    let left = Volume::new(grid.clone(), left.collect()).unwrap();
    changed(session, NodeId(2), Data::Labels(LabelMap::from_volume(&left, labels.segments().to_vec()).unwrap()))
}

/// A plan in which every kind of action keeps every limit.
fn every_rule(session: &mut Session) -> NodeId {
    let params = json!({ "organ": "liver", "entry": "skin", "scan": 1,
        "targets": [{ "structure": "tumour", "margin_mm": 5 }],
        "keep_out": [{ "structure": "inferior vena cava", "distance_mm": 3 }] });
    let id = run(session, "plan.new", params).unwrap()[0];
    let limits = json!([{ "remnant_percent_min": 1, "length_mm_max": 100, "angle_degrees_max": 80, "bone_mm_max": 5 }]);
    run(session, "plan.change", json!({ "plan": id, "limits": limits })).unwrap();
    let plane = json!({ "by": "plane", "point": [57, 0, 0], "normal": [-1, 0, 0] });
    let probe = json!({ "entry": [12, 50, 30], "target": [54, 50, 30], "diameter_mm": 1.6, "kind": "probe" });
    for (name, action) in [
        ("cut", json!({ "do": "cut", "shape": plane, "width_mm": 0 })),
        ("probe", json!({ "do": "ablation", "needle": probe, "device": "", "power_w": 60, "minutes": 5 })),
        ("screw", json!({ "do": "screw", "head": [30, 40, 25], "tip": [30, 60, 25], "diameter_mm": 3 })),
        (
            "port",
            json!({ "do": "port", "at": [40, 12, 30], "towards": [40, 50, 30], "reach_mm": 250, "sweep_degrees": 60, "is_camera": false }),
        ),
        ("clip", json!({ "do": "clip", "at": [40, 60, 30] })),
    ] {
        run(session, "plan.act", act(id, name, action)).unwrap();
    }
    run(session, "plan.act", json!({ "plan": id, "actions": [needle([40.0, 50.0, 11.0], [40.0, 50.0, 27.0])] }))
        .unwrap();
    id
}

/// Every rule that forbids stays in the score when what it is about is gone: no tick is green then.
#[test]
fn a_hard_rule_that_cannot_be_judged_is_not_allowed() {
    let mut session = desk();
    let id = every_rule(&mut session);
    let own = plan(&session, id);
    let progress = Progress::default();
    let ingredients = Ingredients::of(session.case(), &own).unwrap();
    let whole = ingredients.scene(&mut BTreeMap::new(), &progress).unwrap();
    let of = |scene: &Scene| score(&own, scene, &progress).unwrap();
    let all = of(&whole);
    assert_eq!(all.judgement(), Judgement::Allowed, "{all:#?}");
    let hard = |score: &Score| -> Vec<String> {
        score.terms.iter().filter(|term| term.forbids).map(|term| term.id.clone()).collect()
    };
    for known in [
        "remnant_percent",
        "margin/2.2",
        "ablation/margin/2.2",
        "ablation/covered/2.2",
        "paths/gap",
        "1/keep/2.4",
        "2/keep/2.4",
        "2/shaft/2.4",
        "2/angle",
        "3/breach",
        "4/reach/2.2",
        "4/sweep/2.2",
        "4/keep/2.4/2.2",
        "6/length",
        "6/tip/2.2",
        "6/bone",
    ] {
        assert!(hard(&all).iter().any(|id| id == known), "{known} in {:?}", hard(&all));
    }
    let without = |gone: Option<Structure>, scan: bool| {
        let kept = own.structures().into_iter().filter(|own| Some(*own) != gone);
        let scene = Scene::new(kept.map(|own| (own, Arc::new(whole.body(own).unwrap().clone()))));
        if scan { scene.with_scan(NodeId(1), "scan".into(), Arc::clone(whole.scan().unwrap())) } else { scene }
    };
    let cases = own.structures().into_iter().map(|gone| (Some(gone), true)).chain([(None, false)]);
    for (gone, scan) in cases {
        let less = of(&without(gone, scan));
        // The vessels of this plan forbid nothing.
        let expected = match gone {
            Some(structure) if structure.node == NodeId(3) => Judgement::Allowed,
            _ => Judgement::CannotBeSaid,
        };
        assert_eq!(
            (less.judgement(), less.allowed),
            (expected, expected == Judgement::Allowed),
            "{gone:?} {scan}: {less:#?}"
        );
        let now = hard(&less);
        for id in hard(&all) {
            // Where there are no volumes there is one term for them; what is covered goes with its margin.
            let stands_for = match id.as_str() {
                "remnant_percent" => "volumes",
                "ablation/covered/2.2" => "ablation/margin/2.2",
                other => other,
            };
            assert!(now.iter().any(|own| *own == id || own == stands_for), "{id} is lost without {gone:?}: {now:?}");
        }
    }
    // A table without the dose, and a cut without a blade.
    let mut other = Plan::clone(&own);
    other.actions.retain(|named| named.name == "probe");
    let crate::plan::Action::Ablation(zone) = &mut other.actions[0].action else { panic!("no ablation") };
    zone.power_w = 900.0;
    let dose = score(&other, &whole, &progress).unwrap();
    assert_eq!(dose.judgement(), Judgement::CannotBeSaid);
    assert!(dose.unjudged().any(|term| term.id == "ablation/margin/2.2"), "{dose:#?}");
    let branches = crate::plan::CutShape::Territories { branches: vec![99] };
    let cut = crate::plan::Action::Cut(crate::plan::Cut { shape: branches, width_mm: 0.0 });
    other.actions[0] = crate::plan::NamedAction { name: "cut".into(), action: cut };
    let blunt = score(&other, &whole, &progress).unwrap();
    assert_eq!(blunt.judgement(), Judgement::CannotBeSaid);
    let unjudged: Vec<&str> = blunt.unjudged().map(|term| term.id.as_str()).collect();
    assert_eq!(unjudged, ["volumes", "margin/2.2", "1/keep/2.4"]);
}

#[test]
fn what_cannot_be_said_is_told_by_score_board_summary_and_report() {
    let mut session = desk();
    let id = every_rule(&mut session);
    let mut session = emptied(&session, CAVA);
    let said = session.run(Command::new("plan.score", json!({})), &Progress::default()).unwrap().message.unwrap();
    assert!(said.contains("cannot be said"), "{said}");
    let own = plan(&session, id);
    assert!(session.case().node(id).unwrap().summary.warnings.iter().any(|text| text.starts_with("Cannot be said")));
    let candidate = Candidate { node: id, name: "A", plan: &own, stale: None, together: &[], contents: None };
    let board = Board::of(&[candidate]);
    assert_eq!(board.plans[0].verdict, "cannot be said");
    // Readers of before find a field that says no.
    let json = serde_json::to_value(&board).unwrap();
    assert_eq!(
        (&json["plans"][0]["allowed"], &json["plans"][0]["judgement"]),
        (&json!(false), &json!("cannot_be_said"))
    );
    let report = crate::report::english_page(&crate::report::Report::new("case", session.case(), session.log()), &[]);
    assert!(report.contains("verdict unsaid\">cannot be said"));
    // A search would find ways through what is gone.
    let why = refused(&mut session, "plan.search", json!({ "plan": id }));
    assert!(why.contains("inferior vena cava is empty, so nothing can be kept away from it"), "{why}");
}

/// A body of 80 × 80 × 40 mm, filled, with a hole of gas in it.
fn filled() -> Node {
    let grid = Grid::aligned([50, 50, 30], Point::origin(), [2.0; 3]).unwrap();
    let inside = |p: Point, low: [f64; 3], high: [f64; 3]| (0..3).all(|a| low[a] < p[a] && p[a] < high[a]);
    let body = |n: usize| {
        let p = grid.centre(grid.voxel(n));
        let is_hole = inside(p, [49.0, 41.0, 21.0], [61.0, 61.0, 39.0]);
        u8::from(inside(p, [9.0; 3], [91.0, 91.0, 51.0]) && !is_hole)
    };
    let labels = Volume::new(grid.clone(), (0..grid.len()).map(body).collect()).unwrap();
    let table = vec![Segment::new(SegmentId(1), "body outline", [1; 3], None)];
    Node::new("body", Data::Labels(LabelMap::from_volume(&labels, table).unwrap()))
}

#[test]
fn an_entry_under_the_skin_of_a_filled_body_is_refused() {
    let mut session = with_objects([(9, filled())]);
    let made = run(&mut session, "model.surface", json!({ "labels": 9, "segment": 1 })).unwrap()[0];
    for entry in ["9/1".to_owned(), made.0.to_string()] {
        let params = json!({ "targets": [{ "structure": "tumour" }], "entry": entry });
        let id = run(&mut session, "plan.new", params).unwrap()[0];
        let deep = json!({ "plan": id, "actions": [needle([25.0, 50.0, 30.0], [40.0, 50.0, 30.0])] });
        let why = refused(&mut session, "plan.act", deep);
        assert!(why.contains("mm under the outside of") && why.contains("put it on the skin"), "{entry}: {why}");
        let depth: f64 = why.split("lies ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        assert!((depth - 16.0).abs() < 1.5, "{why}");
        let port = json!({ "do": "port", "at": [60, 30, 30], "towards": [40, 50, 30], "reach_mm": 250, "sweep_degrees": 60, "is_camera": false });
        let why = refused(&mut session, "plan.act", act(id, "port", port));
        assert!(why.contains("mm under the outside of"), "{why}");
        for at in [[10.0, 50.0, 30.0], [12.5, 50.0, 30.0]] {
            let params = json!({ "plan": id, "actions": [needle(at, [40.0, 50.0, 30.0])] });
            run(&mut session, "plan.act", params).unwrap();
        }
        let score = scored(&mut session, id);
        assert!(term(&score, "1/angle").value.unwrap().value < 3.0, "{:?}", term(&score, "1/angle"));
    }
    // Near the wall of a hole in the body is not at its outside.
    let params = json!({ "targets": [{ "structure": "tumour" }], "entry": "9/1" });
    let id = run(&mut session, "plan.new", params).unwrap()[0];
    let hole = json!({ "plan": id, "actions": [needle([47.0, 50.0, 30.0], [40.0, 50.0, 30.0])] });
    assert!(refused(&mut session, "plan.act", hole).contains("mm under the outside of"));
    // Paths that are searched for begin outside as well.
    run(&mut session, "plan.search", json!({ "plan": id })).unwrap();
    let crate::plan::Action::Needle(best) = &plan(&session, id).actions[0].action else { panic!("no needle") };
    assert!((best.entry[2] - 30.0).abs() > 18.0, "{best:?}");
}

#[test]
fn a_port_keeps_the_distances_of_the_plan_and_may_sweep_a_half_space() {
    let mut session = desk();
    let params = json!({ "entry": "skin", "targets": [{ "structure": "tumour" }],
        "keep_out": [{ "structure": "inferior vena cava", "distance_mm": 3 }, { "structure": 3, "distance_mm": 20, "weight": 2 }] });
    let id = run(&mut session, "plan.new", params).unwrap()[0];
    let port = |at: [f64; 3]| json!({ "do": "port", "at": at, "towards": [40, 50, 30], "reach_mm": 250, "sweep_degrees": 90, "is_camera": false });
    run(&mut session, "plan.act", act(id, "free", port([40.0, 12.0, 30.0]))).unwrap();
    let score = scored(&mut session, id);
    let free = term(&score, "1/keep/2.4/2.2");
    // 71 less 40 mm, and half of the instrument.
    assert!((free.value.unwrap().value - 28.5).abs() < 1e-6 && free.verdict == Verdict::Ok && free.forbids, "{free:?}");
    assert!(free.name.contains("on the way to tumour"), "{free:?}");
    // To the middle of the tumour there are 10 mm from the vein, less both radii: a third of what is wanted.
    let near = term(&score, "1/keep/3/2.2");
    assert!(
        (near.value.unwrap().value - 5.0).abs() < 1e-6 && near.verdict == Verdict::Breach && !near.forbids,
        "{near:?}"
    );
    let [weight, cost] = near.weighed.unwrap();
    assert!(weight == 2.0 && (cost - 0.75).abs() < 1e-6, "{near:?}");
    assert_eq!(score.judgement(), Judgement::Allowed, "{score:#?}");
    assert!(!score.terms.iter().any(|term| term.verdict == Verdict::NotValid), "a sweep of 90° is judged: {score:#?}");
    run(&mut session, "plan.act", act(id, "through", port([88.0, 50.0, 30.0]))).unwrap();
    let score = scored(&mut session, id);
    let through = term(&score, "2/keep/2.4/2.2");
    assert!(
        through.verdict == Verdict::Breach
            && through.reason.starts_with("6.0 mm (")
            && through.reason.contains(") of the path"),
        "{through:?}"
    );
    assert_eq!(score.judgement(), Judgement::NotAllowed);
}

/// A scan of 2 mm along x to `end`, with bone from 30 to 34 mm.
fn scan_to(end: usize) -> Node {
    let grid = Grid::aligned([end, 50, 30], Point::origin(), [2.0; 3]).unwrap();
    let hu = |n: usize| match grid.centre(grid.voxel(n)) {
        p if (29.0..33.0).contains(&p.x) => 700,
        p if (0..3).all(|a| 9.0 < p[a]) && p.x < 91.0 && p.y < 91.0 && p.z < 51.0 => 40,
        _ => -1000,
    };
    let voxels = Voxels::I16(Volume::new(grid.clone(), (0..grid.len()).map(hu).collect()).unwrap());
    let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
    Node::new("another scan", Data::Scan(Arc::new(scan)))
}

#[test]
fn bone_on_a_path_is_a_term_and_what_is_beyond_the_scan_is_told() {
    let mut session = with_objects([(8, scan_to(50)), (9, scan_to(31))]);
    let params = |scan: u32| json!({ "entry": "skin", "targets": [{ "structure": "tumour" }], "scan": scan });
    let id = run(&mut session, "plan.new", params(8)).unwrap()[0];
    let paths = [needle([12.0, 50.0, 30.0], [40.0, 50.0, 30.0]), needle([88.0, 52.0, 32.0], [42.0, 52.0, 32.0])];
    run(&mut session, "plan.act", json!({ "plan": id, "actions": paths })).unwrap();
    let score = scored(&mut session, id);
    let bone = term(&score, "1/bone");
    assert!(
        (bone.value.unwrap().value - 4.0).abs() < 1e-9 && bone.verdict == Verdict::Warning && !bone.forbids,
        "{bone:?}"
    );
    let none = term(&score, "2/bone");
    assert!(none.value.unwrap().high == 0.0 && none.verdict == Verdict::Ok, "{none:?}");
    for (most, verdict, judgement) in
        [(3, Verdict::Breach, Judgement::NotAllowed), (8, Verdict::Ok, Judgement::Allowed)]
    {
        run(&mut session, "plan.change", json!({ "plan": id, "limits": [{ "bone_mm_max": most }] })).unwrap();
        let score = scored(&mut session, id);
        let bone = term(&score, "1/bone");
        assert_eq!((bone.verdict, bone.forbids, score.judgement()), (verdict, true, judgement), "{bone:?}");
    }
    let limits = json!({ "plan": id, "limits": [{ "bone_mm_max": 400 }] });
    assert!(refused(&mut session, "plan.change", limits).contains("longest way through bone"));
    // The other scan ends at x = 61 mm: of 46 mm from the right 27 lie beyond.
    let id = run(&mut session, "plan.new", params(9)).unwrap()[0];
    run(&mut session, "plan.act", json!({ "plan": id, "actions": paths })).unwrap();
    let score = scored(&mut session, id);
    assert!((term(&score, "1/bone").value.unwrap().value - 4.0).abs() < 1e-9);
    for beyond in ["2/air", "2/bone"] {
        let term = term(&score, beyond);
        assert!(
            term.verdict == Verdict::NotValid && term.reason.starts_with("27.0 mm of the path lie outside"),
            "{term:?}"
        );
    }
    assert_eq!(score.judgement(), Judgement::Allowed, "no limit of bone was given");
    run(&mut session, "plan.change", json!({ "plan": id, "limits": [{ "bone_mm_max": 8 }] })).unwrap();
    assert_eq!(scored(&mut session, id).judgement(), Judgement::CannotBeSaid);
}

#[test]
fn a_remnant_is_not_surely_enough_while_nobody_said_how_healthy_the_liver_is() {
    let mut session = desk();
    let id = run(&mut session, "plan.new", json!({ "organ": "liver", "height_cm": 180, "weight_kg": 80 })).unwrap()[0];
    let plane = json!({ "by": "plane", "point": [31, 0, 0], "normal": [-1, 0, 0] });
    run(&mut session, "plan.act", act(id, "cut", json!({ "do": "cut", "shape": plane, "width_mm": 0 }))).unwrap();
    let score = scored(&mut session, id);
    let remnant = term(&score, "remnant_percent");
    assert!(50.0 < remnant.value.unwrap().low && remnant.verdict == Verdict::Warning, "{remnant:?}");
    assert!(remnant.reason.contains("not given") && remnant.reason.contains("normal liver"), "{remnant:?}");
    let resected = term(&score, "resected_ml");
    assert!(resected.reason.contains(&format!("{:.0} ml", 0.906 * resected.value.unwrap().value)), "{resected:?}");
    assert!(term(&score, "standard_urata").reason.contains("not given"));
    run(&mut session, "plan.change", json!({ "plan": id, "limits": [{ "liver": "normal" }] })).unwrap();
    let score = scored(&mut session, id);
    let remnant = term(&score, "remnant_percent");
    assert_eq!((remnant.verdict, remnant.reason.as_str()), (Verdict::Ok, "normal liver"));
}

#[test]
fn a_signature_is_about_the_contents_too_and_keeps_what_the_plan_had_come_to() {
    let mut session = desk();
    let params = json!({ "organ": "liver", "targets": [{ "structure": "tumour", "margin_mm": 10 }] });
    let id = run(&mut session, "plan.new", params).unwrap()[0];
    let plane = json!({ "by": "plane", "point": [47, 0, 0], "normal": [-1, 0, 0] });
    run(&mut session, "plan.act", act(id, "cut", json!({ "do": "cut", "shape": plane, "width_mm": 0 }))).unwrap();
    for text in ["without a score", "not allowed", "old"] {
        run(&mut session, "plan.check", json!({ "plan": id, "text": text })).unwrap();
    }
    let sign = |session: &mut Session, line: usize| {
        let command = Command::new("plan.check", json!({ "plan": id, "line": line, "by": "AB" }));
        session.run(command, &Progress::default()).unwrap().message.unwrap_or_default()
    };
    assert!(sign(&mut session, 1).contains("not scored"));
    run(&mut session, "plan.score", json!({})).unwrap();
    assert!(sign(&mut session, 2).contains("not allowed"));
    run(&mut session, "segment.edit", json!({ "labels": 2, "segment": 1, "name": "liver, seen" })).unwrap();
    assert!(sign(&mut session, 3).contains("score of the plan is old"));
    let own = plan(&session, id);
    let on: Vec<Option<SignedOn>> = own.checks.iter().map(|check| check.signed.as_ref().unwrap().on).collect();
    assert_eq!(on, [SignedOn::NotScored, SignedOn::NotAllowed, SignedOn::OldScore].map(Some));
    // The liver is another one since the first two signed.
    let changed_since = |session: &Session| -> Vec<bool> {
        let own = plan(session, id);
        let contents = Some(session.case().plan_contents(&own));
        let board = Board::of(&[Candidate { node: id, name: "A", plan: &own, stale: None, together: &[], contents }]);
        board.plans[0].checks.iter().map(|line| line.changed_since).collect()
    };
    assert_eq!(changed_since(&session), [true, true, false]);
    let report = crate::report::english_page(&crate::report::Report::new("case", session.case(), session.log()), &[]);
    assert!(report.contains("signed although the plan is not allowed"));
    assert_eq!(report.matches("the plan was changed since").count(), 2, "{report}");
    // What is signed as allowed has nothing said of it.
    run(&mut session, "plan.change", json!({ "plan": id, "targets": [], "limits": [{ "remnant_percent_min": 1 }] }))
        .unwrap();
    run(&mut session, "plan.score", json!({})).unwrap();
    assert_eq!(sign(&mut session, 1), "");
    assert_eq!(plan(&session, id).checks[0].signed.as_ref().unwrap().on, Some(SignedOn::Allowed));
}
