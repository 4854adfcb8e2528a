//! Operations begun from templates: what is proposed is valid, keeps its margins, and takes the right side.

use super::plans_liver_tests::{LIVER, desk, labels};
use super::plans_tests::{plan, refused, run};
use crate::base::{NodeId, SegmentId};
use crate::plan::{Action, CutShape, Judgement, Plan, Verdict};
use crate::session::{Data, Session};
use serde_json::{Value, json};
use std::sync::Arc;

/// A scored plan of this template.
fn begun(session: &mut Session, template: &str, more: Value) -> (NodeId, Arc<Plan>) {
    let mut params = json!({ "template": template });
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let id = run(session, "plan.new", params).unwrap_or_else(|error| panic!("{template}: {error}"))[0];
    run(session, "plan.score", json!({ "plans": id.0.to_string() })).unwrap();
    (id, plan(session, id))
}

fn value(plan: &Plan, id: &str) -> f64 {
    let score = plan.score.as_ref().unwrap();
    score.term(id).and_then(|term| term.value).unwrap_or_else(|| panic!("{id} in {score:#?}")).value
}

/// The books are balanced, and this part of the organ is taken.
fn balanced(session: &Session, plan: &Plan, percent: std::ops::RangeInclusive<f64>) {
    let organ = plan.organ.unwrap();
    let whole = labels(session, organ.node).volume_ml(organ.segment.unwrap());
    let taken = value(plan, "resected_ml");
    let sum = taken + value(plan, "remnant_ml") + value(plan, "cut_ml");
    assert!((sum - whole).abs() < 1e-6 * whole, "{sum} of {whole} ml");
    let share = 100.0 * taken / whole;
    assert!(percent.contains(&share), "{share} % is taken, not {percent:?}");
}

/// Where what is taken lies on an axis, against the middle of the organ.
fn side(plan: &Plan) -> f64 {
    let Action::Cut(cut) = &plan.actions[0].action else { panic!("a cut was proposed") };
    let CutShape::Plane { normal, .. } = &cut.shape else { panic!("a plane was proposed") };
    normal[0]
}

/// The words that say where a proposal comes from.
fn said(session: &Session, id: NodeId, words: &str) -> bool {
    session.case().node(id).unwrap().summary.methods.iter().any(|method| method.contains(words))
}

#[test]
fn halves_of_a_liver_go_by_the_best_landmarks_there_are() {
    let mut session = desk();
    let mut taken = Vec::new();
    // The middle hepatic vein, the middle of the organ: each source says itself.
    for words in ["the middle hepatic vein, as", "straight through the middle"] {
        for (template, is_right) in [("right_hepatectomy", true), ("left_hepatectomy", false)] {
            let (id, plan) = begun(&mut session, template, json!({}));
            assert!(said(&session, id, words), "{template}: {:?}", session.case().node(id).unwrap().summary.methods);
            balanced(&session, &plan, 30.0..=70.0);
            // The patient's right is −x.
            assert_eq!(side(&plan) < 0.0, is_right, "{template}");
            taken.push(value(&plan, "resected_ml") + 0.5 * value(&plan, "cut_ml"));
        }
        let whole = labels(&session, NodeId(1)).volume_ml(SegmentId(LIVER));
        let halves: f64 = taken.drain(..).sum();
        assert!((halves / whole - 1.0).abs() < 0.02, "both halves are the liver: {halves} of {whole} ml");
        if session.case().node(NodeId(2)).is_some() {
            run(&mut session, "object.remove", json!({ "node": 2 })).unwrap();
        }
    }
    // The tumour lies on the right: taken there whole, left behind on the other side.
    let margin = |plan: &Plan| {
        let score = plan.score.clone().unwrap();
        score.terms.iter().find(|term| term.id.starts_with("margin/")).unwrap().value.unwrap().value
    };
    let (_, right) = begun(&mut session, "right_hepatectomy", json!({}));
    let (_, left) = begun(&mut session, "left_hepatectomy", json!({}));
    assert!(0.0 < margin(&right) && margin(&left) < 0.0);
}

#[test]
fn a_wedge_takes_the_tumour_with_its_margin_and_little_else() {
    let mut session = desk();
    for margin_mm in [2.0, 5.0, 10.0] {
        let targets = json!([{ "structure": "tumour", "margin_mm": margin_mm }]);
        let (id, plan) = begun(&mut session, "liver_wedge", json!({ "targets": targets }));
        assert!(said(&session, id, "about tumour with its margin"));
        balanced(&session, &plan, 0.5..=30.0);
        let score = plan.score.clone().unwrap();
        let margin = score.terms.iter().find(|term| term.id.starts_with("margin/")).unwrap();
        assert_eq!(margin.verdict, Verdict::Ok, "{margin:?}");
        assert!(margin.value.unwrap().value < margin_mm + 6.0, "{margin:?}");
        assert_ne!(score.judgement(), Judgement::NotAllowed);
    }
}

#[test]
fn a_segment_is_what_hangs_on_the_branches_that_end_in_it() {
    let mut session = desk();
    // The book's portal vein has four ends: VIII and VI on the right, II or III and IV on the left.
    let (_, right) = begun(&mut session, "liver_segment", json!({ "segments": "v, VI,7,8" }));
    balanced(&session, &right, 25.0..=75.0);
    let Action::Cut(cut) = &right.actions[0].action else { panic!("a cut") };
    // All of them hang on the right branch, which is taken once.
    assert_eq!(cut.shape, CutShape::Territories { branches: vec![1] });
    let (id, own) = begun(&mut session, "liver_segment", json!({}));
    assert!(said(&session, id, "end in segment "));
    let score = own.score.clone().unwrap();
    let margin = score.terms.iter().find(|term| term.id.starts_with("margin/")).unwrap();
    assert!(margin.value.is_some(), "{margin:?}");
    balanced(&session, &own, 5.0..=50.0);
    assert!(value(&own, "resected_ml") < value(&right, "resected_ml"), "one segment is less than four");
}

#[test]
fn what_lacks_is_said_with_what_to_do_first_and_nothing_is_changed() {
    let mut session = desk();
    let ask = |template: &str, more: Value| {
        let mut params = json!({ "template": template });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    for (params, words) in [
        (ask("liver_segment", json!({ "segments": "IX" })), "'IX' is no segment of Couinaud"),
        (ask("right_hepatectomy", json!({ "segments": "V" })), "liver_segment only"),
        (ask("liver_segment", json!({ "vessels": "3" })), "centre lines of the portal vein"),
        (ask("liver_segment", json!({ "vessels": "2" })), "centre lines of the hepatic veins"),
    ] {
        let why = refused(&mut session, "plan.new", params);
        assert!(why.contains(words), "{why}");
    }
    run(&mut session, "segment.remove", json!({ "labels": 1, "segment": 2 })).unwrap();
    let why = refused(&mut session, "plan.new", ask("liver_wedge", json!({})));
    assert!(why.contains("segment the tumour first"), "{why}");
    assert_eq!(session.case().plans().count(), 0);
}

/// The phantom's liver has vena cava and gallbladder but no centre lines: Cantlie's line, and the tumour's wedge.
#[test]
fn the_phantoms_liver_is_parted_along_cantlies_line() {
    let mut session = Session::new(crate::tools::TOOLS);
    run(&mut session, "scan.phantom", json!({ "kind": "abdomen", "spacing_mm": 6 })).unwrap();
    let (id, right) = begun(&mut session, "right_hepatectomy", json!({}));
    assert!(said(&session, id, "Cantlie"));
    assert!(side(&right) < -0.5);
    balanced(&session, &right, 45.0..=85.0);
    let (_, left) = begun(&mut session, "left_hepatectomy", json!({}));
    balanced(&session, &left, 15.0..=55.0);
    // The gallbladder goes with either half; it is not spared.
    let gallbladder = |session: &Session, plan: &Plan| {
        plan.keep_out.iter().any(|keep| {
            let Data::Labels(map) = &session.case().node(keep.structure.node).unwrap().data else { return false };
            map.segment(keep.structure.segment.unwrap()).unwrap().name == "gallbladder"
        })
    };
    assert!(!gallbladder(&session, &right) && !gallbladder(&session, &left));
    let (_, wedge) = begun(&mut session, "liver_wedge", json!({}));
    balanced(&session, &wedge, 2.0..=45.0);
    let score = wedge.score.clone().unwrap();
    let margin = score.terms.iter().find(|term| term.id.starts_with("margin/")).unwrap();
    assert_eq!(margin.verdict, Verdict::Ok, "{margin:?}");
    assert!(gallbladder(&session, &wedge));
}
