//! The panel of a plan: what is added, dragged, typed and ticked is what is asked for.

use super::*;
use crate::app::ui::plan::Planning;
use crate::base::SegmentId;
use crate::plan::{Action, Check, Cut, CutShape, NamedAction, Needle, NeedleKind, Plan, Structure, Target};

fn plane() -> NamedAction {
    let shape = CutShape::Plane { point: [0.0, 0.0, 130.0], normal: [1.0, 0.0, 0.0] };
    NamedAction { name: "Plane cut 1".into(), action: Action::Cut(Cut { shape, width_mm: 2.0 }) }
}

fn needle() -> NamedAction {
    let needle =
        Needle { entry: [0.0, -12.0, 130.0], target: [0.0, 8.0, 130.0], diameter_mm: 1.6, kind: NeedleKind::Needle };
    NamedAction { name: "Needle 2".into(), action: Action::Needle(needle) }
}

fn plan() -> Plan {
    let structure = Structure { node: NodeId(2), segment: Some(SegmentId(1)) };
    Plan {
        organ: Some(structure),
        targets: vec![Target { structure, margin_mm: 10.0 }],
        actions: vec![plane(), needle()],
        checks: vec![Check { text: "Side is right".into(), signed: None }],
        ..Plan::default()
    }
}

fn opened() -> Harness<'static, Desk> {
    let node = Node::new("Right side", Data::Plan(Arc::new(plan())));
    let nodes =
        case().nodes().map(|(id, node)| (id, node.as_ref().clone())).chain([(NodeId(4), node)]).collect::<Vec<_>>();
    let mut harness = open(Case::from_nodes(nodes));
    harness.get_by_label("Plan").click();
    harness.run_steps(3);
    harness.get_by_label("Plan…").click();
    harness.run_steps(3);
    harness
}

fn panel<'a>(harness: &'a mut Harness<'_, Desk>) -> &'a mut Planning {
    harness.state_mut().workspace.planning.as_mut().expect("the panel is open")
}

/// The only request, as the parameters of `tool`.
fn params(asked: &[Request], tool: &str) -> Value {
    match asked {
        [Request::Run(command)] if command.tool == tool => command.params.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_case_without_a_plan_is_asked_for_one() {
    let mut harness = open(case());
    harness.get_by_label("Plan").click();
    harness.run_steps(3);
    harness.get_by_label("Plan…").click();
    harness.run_steps(3);
    assert!(harness.state().workspace.planning.is_none());
    assert!(harness.state().workspace.form_of("plan.new").is_some());
}

#[test]
fn what_is_added_is_at_the_crosshair() {
    let mut harness = opened();
    harness.state_mut().workspace.crosshair = Some(Point::new(3.0, 4.0, 120.0));
    harness.run_steps(2);
    press(&mut harness, "Add an action at the crosshair");
    let asked = press(&mut harness, "Ball cut");
    let asked = params(&asked, "plan.act");
    assert_eq!((&asked["plan"], &asked["at"]), (&json!(4), &Value::Null));
    assert_eq!(asked["actions"][0]["action"]["shape"]["centre"], json!([3.0, 4.0, 120.0]));
    let gone = harness.get_all_by_label("Take this action out").next().expect("one for each action");
    gone.click();
    let asked = super::asked(&mut harness);
    assert_eq!(params(&asked, "plan.act"), json!({ "plan": 4, "at": 1, "remove": true }));
}

/// A drag on the axial slice moves the plane along its normal only; it is one command, given when the button goes up.
#[test]
fn a_handle_that_is_dragged_is_one_command() {
    let mut harness = opened();
    harness.state_mut().workspace.crosshair = Some(Point::new(0.5, 0.5, 130.0));
    harness.run_steps(3);
    let view = view_of(&harness, Orientation::Axial);
    let at = |x: f64, y: f64| {
        // The slice of 40 by 30 mm fills the view; its middle is the middle of the view.
        let mm = f64::from(view.width() / 40.0).min(f64::from(view.height() / 30.0));
        view.center() + Vec2::new(((x + 0.5) * mm) as f32, ((y + 0.5) * mm) as f32)
    };
    let handle = harness.get_all_by_label("Move along the normal").next().expect("the plane has a handle").rect();
    assert!((handle.center() - at(0.0, 0.0)).length() < 40.0, "{handle:?} {view:?}");
    let from = handle.center();
    harness.hover_at(from);
    harness.run_steps(2);
    let button = |pos, pressed| egui::Event::PointerButton {
        pos,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    harness.event(button(from, true));
    harness.run_steps(2);
    for n in 1..=4 {
        harness.hover_at(from + Vec2::new(15.0, 10.0) * n as f32);
        harness.run_steps(1);
    }
    assert!(panel(&mut harness).is_held());
    assert!(harness.state().asked.is_empty(), "nothing is asked for while the button is down");
    let Action::Cut(Cut { shape: CutShape::Plane { point, .. }, .. }) = &panel(&mut harness).shown().actions[0].action
    else {
        panic!("the first action is the plane")
    };
    assert!(0.5 < point[0] && point[1] == 0.0 && (point[2] - 130.0).abs() < 1e-9, "{point:?}");
    harness.event(button(from + Vec2::new(60.0, 40.0), false));
    let asked = asked(&mut harness);
    let asked = params(&asked, "plan.act");
    assert_eq!(asked["at"], json!(1));
    let moved = asked["actions"][0]["action"]["shape"]["point"][0].as_f64().unwrap();
    assert!(1.0 < moved, "{moved}");
    // Nobody does the command here, as if it had been refused: the plan is seen as the case has it.
    harness.run_steps(5);
    assert_eq!(panel(&mut harness).shown().actions[0], plane());
}

#[test]
fn a_line_is_signed_with_a_name() {
    let mut harness = opened();
    press(&mut harness, "Check-list");
    assert!(press(&mut harness, "Side is right").is_empty(), "nobody signs without a name");
    panel(&mut harness).sign_as("Dr Example");
    harness.run_steps(2);
    let asked = press(&mut harness, "Side is right");
    assert_eq!(params(&asked, "plan.check"), json!({ "plan": 4, "line": 1, "by": "Dr Example" }));
}

#[test]
fn the_score_says_what_forbids_and_escape_closes() {
    let mut harness = opened();
    let progress = Progress::default();
    let plan = panel(&mut harness).shown();
    let case = harness.state().session.case().clone();
    let mut stage = crate::tools::plan_stage::Stage::default();
    let ingredients = crate::tools::plan_stage::Ingredients::of(&case, &plan).unwrap();
    stage.prepare(&ingredients, &plan, &progress).unwrap();
    let score = stage.score(&ingredients, &plan, &progress).unwrap();
    // The target is the organ itself: no cut through it keeps its margin.
    assert!(!score.allowed || score.worst() != crate::plan::Verdict::Ok);
    let live = crate::app::ui::plan::Live { planned: plan.planned(), score: Ok(score), took_ms: 12.0 };
    panel(&mut harness).live = Some(live);
    // What is said of it moves the buttons below.
    harness.run_steps(3);
    press(&mut harness, "Score");
    assert!(harness.query_all_by_label_contains("argin to").next().is_some(), "the terms are listed");
    let asked = press(&mut harness, "Keep score");
    assert_eq!(params(&asked, "plan.score"), json!({ "plans": "4" }));
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(harness.state().workspace.planning.is_none(), "a plan is in the case: closing its panel loses nothing");
}
