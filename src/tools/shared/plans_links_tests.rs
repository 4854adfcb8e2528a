//! What hangs on a plan: comparisons, results of simulations, maps of risk, parts, followers; and where a search may go in.

use super::plans_tests::{desk, needle, plan, refused, run};
use crate::base::NodeId;
use crate::biomech::TissueResult;
use crate::geom::{Point, Vector};
use crate::mesh::block::block;
use crate::mesh::shapes::{ball, cuboid};
use crate::mesh::{CentreBranch, CentreLines, Surface};
use crate::plan::compare::{Board, Candidate, Row};
use crate::plan::{Action, NeedleKind, Verdict};
use crate::session::{Case, Data, Node, Session};
use serde_json::{Value, json};
use std::sync::Arc;

fn plane(name: &str, x: f64) -> Value {
    let shape = json!({ "by": "plane", "point": [x, 0, 0], "normal": [-1, 0, 0] });
    json!({ "name": name, "action": { "do": "cut", "shape": shape, "width_mm": 0.0 } })
}

/// The board of all plans of a case.
fn board(case: &Case) -> Board {
    let plans: Vec<_> = case.plans().collect();
    let together: Vec<_> = plans.iter().map(|(id, _, plan)| case.together(*id, plan)).collect();
    let candidates = plans.iter().zip(&together).map(|((node, own, plan), together)| Candidate {
        node: *node,
        name: &own.name,
        plan,
        stale: None,
        together,
        contents: None,
    });
    Board::of(&candidates.collect::<Vec<_>>())
}

fn row<'a>(board: &'a Board, id: &str) -> &'a Row {
    board.all_rows().find(|row| row.id == id).unwrap_or_else(|| panic!("{id} in {board:#?}"))
}

/// Two plans with other actions under other names: a cut, and a clip before a cut.
fn two(session: &mut Session) -> [NodeId; 2] {
    let one = run(session, "plan.new", json!({ "template": "liver_resection", "name": "one" })).unwrap()[0];
    let other = run(session, "plan.copy", json!({ "plan": one, "name": "other" })).unwrap()[0];
    run(session, "plan.act", json!({ "plan": one, "actions": [plane("Sheet 1", 57.0)] })).unwrap();
    let clip = json!({ "name": "clip", "action": { "do": "clip", "at": [30, 60, 30] } });
    run(session, "plan.act", json!({ "plan": other, "actions": [clip, plane("Plane 2", 51.0)] })).unwrap();
    run(session, "plan.score", json!({})).unwrap();
    [one, other]
}

/// The body moved by 4 mm, as object 9.
fn with_moved_body(session: &Session) -> Session {
    let mesh = block([5, 5, 3], [100.0, 100.0, 60.0]);
    let (vertices, tets) = (mesh.positions().len(), mesh.tets().len());
    let zero = Vector::zeros();
    let result = TissueResult {
        displacement_mm: vec![Vector::new(4.0, 0.0, 0.0); vertices],
        von_mises_pa: vec![0.0; vertices],
        principal_pa: vec![[0.0; 3]; vertices],
        tet_von_mises_pa: vec![0.0; tets],
        tet_volume_ratio: vec![1.0; tets],
        support_n: vec![zero; vertices],
        reaction_n: zero,
        grip_n: zero,
        applied_n: zero,
        imbalance: 0.0,
        mesh,
    };
    let summary = crate::base::Summary::default().fact("largest displacement", 4.0, "mm");
    let moved = Node::new("moved body", Data::Tissue(Arc::new(result))).with_summary(summary);
    let nodes = session.case().nodes().map(|(id, node)| (id, Node::clone(node)));
    let nodes: Vec<(NodeId, Node)> = nodes.chain([(NodeId(9), moved)]).collect();
    Session::with_case(crate::tools::TOOLS, Case::from_nodes(nodes), Vec::new())
}

#[test]
fn plans_with_other_names_and_orders_line_up() {
    let mut session = desk();
    two(&mut session);
    let board = board(session.case());
    let cells = |id: &str| row(&board, id).cells.iter().map(Option::is_some).collect::<Vec<_>>();
    // The distance of the cut of the first plan stands beside that of the cut of the second, which is its second action.
    assert_eq!(cells("1/keep/2.4"), [true, true]);
    assert_eq!(row(&board, "1/keep/2.4").name, "cut 1: distance to inferior vena cava");
    for id in ["all/keep/2.4", "vessels/3/count", "vessels/3/largest"] {
        assert_eq!(cells(id), [true, true], "{id}");
    }
    let least = row(&board, "all/keep/2.4").cells[1].clone().unwrap();
    assert!((least.value.unwrap().value - 20.0).abs() < 1.5 && least.reason.starts_with("Plane 2: "), "{least:?}");
    let cut = row(&board, "vessels/3/count").cells[0].as_ref().unwrap().value.unwrap();
    assert!(cut.value == 1.0 && cut.low <= 1.0 && 1.0 <= cut.high, "{cut:?}");
    let page = crate::report::english_page(&crate::report::Report::new("a", session.case(), session.log()), &[]);
    assert!(page.contains("least distance to inferior vena cava, all actions"));
}

#[test]
fn a_kept_comparison_is_not_shown_once_another_plan_changed() {
    let mut session = desk();
    let [one, other] = two(&mut session);
    for _ in 0..2 {
        run(&mut session, "plan.compare", json!({})).unwrap();
    }
    let tables = |session: &Session| {
        let report = crate::report::Report::new("a", session.case(), session.log());
        let section = report.sections.into_iter().find(|section| section.id == one.0).unwrap();
        let plans = section.summary.tables.iter().filter(|table| table.title == "Plans").count();
        let warnings = section.summary.warnings.into_iter().filter(|text| text.starts_with("Plans: "));
        (plans, warnings.collect::<Vec<_>>().join("; "))
    };
    assert_eq!(tables(&session), (1, String::new()), "compared twice there is one table");
    run(&mut session, "plan.change", json!({ "plan": other, "limits": [{ "remnant_percent_min": 30 }] })).unwrap();
    let (count, warnings) = tables(&session);
    assert!(count == 0 && warnings.contains("Plans: object") && warnings.contains("make it again"), "{warnings}");
    assert!(session.undo());
    assert_eq!(tables(&session).0, 1);
    run(&mut session, "segment.edit", json!({ "labels": 2, "segment": 1, "name": "liver, seen" })).unwrap();
    assert_eq!(tables(&session).0, 0, "the organ is not what was scored");
}

#[test]
fn maps_of_risk_and_parts_say_when_the_plan_has_changed() {
    let mut session = desk();
    let id = run(&mut session, "plan.new", json!({ "template": "needle", "organ": "liver" })).unwrap()[0];
    let map = run(&mut session, "plan.search", json!({ "plan": id })).unwrap()[0];
    let stale = |session: &Session, node: NodeId| {
        let case = session.case();
        case.stale(&case.node(node).unwrap().summary.made_of)
    };
    assert_eq!(stale(&session, map), None, "the path that was added changes no risk");
    run(&mut session, "plan.act", json!({ "plan": id, "actions": [needle([12.0, 50.0, 30.0], [40.0, 50.0, 30.0])] }))
        .unwrap();
    assert_eq!(stale(&session, map), None);
    let keep = json!([{ "structure": "inferior vena cava", "distance_mm": 12 }]);
    run(&mut session, "plan.change", json!({ "plan": id, "keep_out": keep })).unwrap();
    assert!(stale(&session, map).unwrap().contains(&format!("object {id}")));
    let report = crate::report::Report::new("a", session.case(), session.log());
    let section = report.sections.iter().find(|section| section.id == map.0).unwrap();
    assert!(section.summary.warnings.iter().any(|text| text.contains("make it again")), "{:?}", section.summary);
    let cut = two(&mut session)[0];
    let parts = run(&mut session, "plan.apply", json!({ "plan": cut })).unwrap()[0];
    assert_eq!(stale(&session, parts), None);
    run(&mut session, "plan.act", json!({ "plan": cut, "at": 1, "actions": [plane("Sheet 1", 55.0)] })).unwrap();
    assert!(stale(&session, parts).is_some());
}

#[test]
fn results_of_simulations_stand_beside_each_other_and_grow_old_with_their_plan() {
    let mut session = desk();
    let [one, other] = two(&mut session);
    let mut session = with_moved_body(&session);
    let link = |results: &str| json!({ "plan": one, "results": results });
    assert!(refused(&mut session, "plan.change", link("1")).contains("no result of a simulation"));
    assert!(refused(&mut session, "plan.change", link("x")).contains("numbers of objects"));
    assert!(refused(&mut session, "plan.change", link("77")).contains("no object"));
    run(&mut session, "plan.change", link("9")).unwrap();
    assert_eq!(session.case().stale_score(&plan(&session, one)), None, "a result plans nothing");
    let cells = |session: &Session| row(&board(session.case()), "result/1/largest displacement").cells.clone();
    let [own, none] = &cells(&session)[..] else { panic!("two plans") };
    let own = own.clone().unwrap();
    assert!(own.text() == "4.0 mm" && own.source.contains("#9") && none.is_none(), "{own:?}");
    run(&mut session, "plan.act", json!({ "plan": one, "at": 1, "actions": [plane("Sheet 1", 55.0)] })).unwrap();
    let old = cells(&session)[0].clone().unwrap();
    assert!(old.verdict == Verdict::NotValid && old.reason.contains("the plan was changed"), "{old:?}");
    assert!(refused(&mut session, "plan.change", link("9")).contains("nothing to change"), "it is no newer for that");
    run(&mut session, "plan.change", link("none")).unwrap();
    run(&mut session, "plan.change", link("9")).unwrap();
    assert_eq!(cells(&session)[0].as_ref().unwrap().verdict, Verdict::Ok);
    run(&mut session, "plan.change", link("none")).unwrap();
    // What is computed on parts of a plan belongs to it without a word.
    let parts = run(&mut session, "plan.apply", json!({ "plan": other })).unwrap()[0];
    let nodes = session.case().nodes().map(|(id, node)| {
        let node = Node::clone(node);
        (id, if id == NodeId(9) { node.from_source(parts) } else { node })
    });
    // A source is older than what is made of it; here the number of the result is.
    let case = Case::from_nodes(nodes.collect::<Vec<_>>());
    let found = case.together(other, &plan(&session, other));
    assert!(found.iter().any(|term| term.id == "result/1/largest displacement"), "{found:?}");
}

#[test]
fn a_plan_that_was_moved_is_scored_where_the_organ_carried_all_it_names() {
    let mut session = desk();
    let id = run(&mut session, "plan.new", json!({ "template": "needle", "organ": "liver" })).unwrap()[0];
    run(&mut session, "plan.act", json!({ "plan": id, "actions": [needle([12.0, 50.0, 30.0], [40.0, 50.0, 30.0])] }))
        .unwrap();
    let mut session = with_moved_body(&session);
    let follow = |session: &mut Session, node: u32| {
        run(session, "simulate.follow", json!({ "result": 9, "node": node })).unwrap()[0]
    };
    let early = follow(&mut session, id.0);
    run(&mut session, "plan.score", json!({ "plans": early.0.to_string() })).unwrap();
    let score = plan(&session, early).score.clone().unwrap();
    let carried = score.term("carried").unwrap();
    assert!(carried.value.unwrap().value > 2.0 && carried.reason.contains("liver"), "{carried:?}");
    assert!(score.inputs.iter().any(|(id, _)| *id == NodeId(9)), "it is of the deformed organ too");
    let alone = |score: &crate::plan::Score, id: &str| score.term(id).unwrap().value.unwrap();
    let early = alone(&score, "1/tip/2.2");
    // What followed before the plan is what the plan is about then.
    let moved: Vec<NodeId> = [1, 2, 3].map(|node| follow(&mut session, node)).to_vec();
    let late = follow(&mut session, id.0);
    let own = plan(&session, late);
    assert_eq!((own.organ.unwrap().node, own.scan, own.vessels[0].node), (moved[1], Some(moved[0]), moved[2]));
    run(&mut session, "plan.score", json!({ "plans": late.0.to_string() })).unwrap();
    let score = plan(&session, late).score.clone().unwrap();
    let depth = |score: &crate::plan::Score, key: &str| score.term(&format!("1/tip/{key}")).unwrap().value.unwrap();
    assert!(score.term("carried").is_none(), "all of it followed by itself");
    let here = depth(&score, &format!("{}.2", moved[1].0));
    assert_eq!(here, early, "carried or moved, it is there");
    run(&mut session, "plan.score", json!({ "plans": id.0.to_string() })).unwrap();
    let there = depth(plan(&session, id).score.as_ref().unwrap(), "2.2");
    assert!((here.value - there.value).abs() < 1e-6, "all of it moved by two voxels: {here:?} {there:?}");
    // Without the organ there is nothing that could carry it.
    run(&mut session, "object.remove", json!({ "node": 9 })).unwrap();
    let early = session.case().plans().find(|(_, _, own)| own.moved_by == Some(NodeId(9))).unwrap().0;
    run(&mut session, "plan.score", json!({ "plans": early.0.to_string() })).unwrap();
    let score = plan(&session, early).score.clone().unwrap();
    let [term] = &score.terms[..] else { panic!("{score:?}") };
    assert!(term.verdict == Verdict::NotValid && term.forbids && term.reason.contains("liver"), "{term:?}");
    assert!(term.reason.contains("simulate.follow") && term.reason.contains("plan.change"), "{}", term.reason);
}

/// A ball of tumour and a vessel in a block that is bent: what a followed plan comes near to is where the bend took it.
#[test]
fn margins_and_distances_of_a_followed_plan_are_those_of_the_bent_organ() {
    let mesh = block([20, 15, 10], [100.0, 75.0, 50.0]);
    let bend = |p: &Point| p + Vector::new(0.0, 0.0, -12.0 * (p.x / 100.0).powi(2));
    let displacement_mm: Vec<Vector> = mesh.positions().iter().map(|p| bend(p) - p).collect();
    let (vertices, tets) = (mesh.positions().len(), mesh.tets().len());
    let zero = Vector::zeros();
    let result = TissueResult {
        displacement_mm,
        von_mises_pa: vec![0.0; vertices],
        principal_pa: vec![[0.0; 3]; vertices],
        tet_von_mises_pa: vec![0.0; tets],
        tet_volume_ratio: vec![1.0; tets],
        support_n: vec![zero; vertices],
        reaction_n: zero,
        grip_n: zero,
        applied_n: zero,
        imbalance: 0.0,
        mesh,
    };
    let ball = ball(8.0, 1.0);
    let middle = Vector::new(60.0, 40.0, 25.0);
    let tumour = ball.with_positions(ball.positions().iter().map(|p| p + middle).collect()).unwrap();
    let points: Vec<Point> = (0..=60).map(|n| Point::new(20.0 + f64::from(n), 60.0, 30.0)).collect();
    let vessel = |points: &[Point]| {
        let branch = CentreBranch { parent: None, radii_mm: vec![2.0; points.len()], points: points.to_vec() };
        Data::Lines(Arc::new(CentreLines::new(vec![branch]).unwrap()))
    };
    let skin = cuboid([100.0, 75.0, 40.0]);
    let case = |tumour: Surface, skin: Surface, points: &[Point]| {
        Case::from_nodes([
            (NodeId(1), Node::new("tumour", Data::surface(tumour))),
            (NodeId(2), Node::new("portal vein", vessel(points))),
            (NodeId(3), Node::new("skin", Data::surface(skin))),
            (NodeId(9), Node::new("bent body", Data::Tissue(Arc::new(result.clone())))),
        ])
    };
    let path = |goes: &dyn Fn(&Point) -> Point| {
        let ends = [Point::new(35.0, 55.0, 40.0), Point::new(58.0, 41.0, 26.0)].map(|end| goes(&end));
        needle(ends[0].into(), ends[1].into())
    };
    let scored = |session: &mut Session, id: NodeId| {
        run(session, "plan.score", json!({ "plans": id.0.to_string() })).unwrap();
        plan(session, id).score.clone().unwrap()
    };
    let planned = |session: &mut Session, goes: &dyn Fn(&Point) -> Point| {
        let params = json!({
            "entry": "3",
            "targets": [{ "structure": "1" }],
            "keep_out": [{ "structure": "2", "distance_mm": 1 }],
        });
        let id = run(session, "plan.new", params).unwrap()[0];
        run(session, "plan.act", json!({ "plan": id, "actions": [path(goes)] })).unwrap();
        id
    };
    let mut session = Session::with_case(crate::tools::TOOLS, case(tumour.clone(), skin.clone(), &points), Vec::new());
    let id = planned(&mut session, &|p: &Point| *p);
    let at_rest = scored(&mut session, id);
    let moved = run(&mut session, "simulate.follow", json!({ "result": 9, "node": id })).unwrap()[0];
    let found = scored(&mut session, moved);
    // The same organ where the formula takes every point of it.
    let bent = tumour.with_positions(tumour.positions().iter().map(bend).collect()).unwrap();
    let bent_skin = skin.with_positions(skin.positions().iter().map(bend).collect()).unwrap();
    let bent_points: Vec<Point> = points.iter().map(bend).collect();
    let mut truth = Session::with_case(crate::tools::TOOLS, case(bent, bent_skin, &bent_points), Vec::new());
    let there = planned(&mut truth, &bend);
    let there = scored(&mut truth, there);
    for id in ["1/tip/1", "1/keep/2"] {
        let value = |score: &crate::plan::Score| score.term(id).unwrap_or_else(|| panic!("{score:#?}")).value.unwrap();
        let off_mm = (value(&found).value - value(&there).value).abs();
        assert!(off_mm < 0.1, "{id}: {off_mm} mm");
        assert!(0.01 < (value(&at_rest).value - value(&there).value).abs(), "{id}: bending changes it");
    }
}

#[test]
fn a_search_keeps_to_its_patch_cone_target_and_instrument() {
    let mut session = desk();
    let id = run(&mut session, "plan.new", json!({ "template": "needle", "organ": "liver" })).unwrap()[0];
    let ask = |more: Value| {
        let mut params = json!({ "plan": id });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    // From the right, though the way from below or above is shorter.
    for place in
        [json!({ "at": [10, 50, 30], "radius_mm": 12 }), json!({ "cone_axis": [-1, 0, 0], "cone_degrees": 20 })]
    {
        let more = json!({ "kind": "probe", "count": 2, "target": "tumour" });
        let mut params = ask(place);
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let map = run(&mut session, "plan.search", params).unwrap()[0];
        let own = plan(&session, id);
        let Action::Needle(best) = &own.actions.last().unwrap().action else { panic!("no needle") };
        assert!(best.entry[0] < 20.0 && best.kind == NeedleKind::Probe, "{best:?}");
        assert!((1..=2).contains(&session.case().node(map).unwrap().summary.tables[0].rows.len()));
    }
    let mut said = |more: Value| refused(&mut session, "plan.search", ask(more));
    assert!(said(json!({ "patch": "tumour" })).contains("is a permitted entry"));
    assert!(said(json!({ "patch": "3" })).contains("no segment and no surface"));
    assert!(said(json!({ "target": "liver" })).contains("no target of the plan"));
    assert!(said(json!({ "target": "tumour", "all": true })).contains("either all or target"));
    assert!(said(json!({ "cone_axis": [0, 0, 0] })).contains("axis of the cone"));
    assert!(said(json!({ "at": [10, 50, 30], "radius_mm": 1 })).contains("a larger radius"));
    run(&mut session, "plan.search", ask(json!({ "patch": "skin" }))).unwrap();
}
