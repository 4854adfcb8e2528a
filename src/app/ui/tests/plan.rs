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
    let needle = Needle {
        entry: [0.0, -12.0, 130.0],
        target: [0.0, 8.0, 130.0],
        diameter_mm: 1.6,
        kind: NeedleKind::Needle,
        contacts: None,
    };
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
    opened_with(plan())
}

fn opened_with(plan: Plan) -> Harness<'static, Desk> {
    let node = Node::new("Right side", Data::Plan(Arc::new(plan)));
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

/// What was refused stays where a hand left it, says why, and goes back when it is told to. Moved on, it is asked for again.
#[test]
fn a_refused_release_keeps_the_draft_and_says_why() {
    let mut harness = opened();
    let flipped = |harness: &mut Harness<'_, Desk>| match &panel(harness).shown().actions[0].action {
        Action::Cut(Cut { shape: CutShape::Plane { normal, .. }, .. }) => normal[0] < 0.0,
        other => panic!("{other:?}"),
    };
    // What was told before is not about it.
    harness.state_mut().messages.push(-100.0, Tone::Error, "an older story");
    harness.run_steps(2);
    let asked = press(&mut harness, "Flip");
    assert_eq!(params(&asked, "plan.act")["at"], json!(1));
    let why = "Plane cut 1: the cut misses liver by 4.0 mm; move it into the organ";
    // A note of the window says it too, and stays until it is closed.
    let says_why = |harness: &Harness<'_, Desk>| {
        let is_said = harness.query_by_label("Not done: the plan in the case is as before").is_some();
        assert!(!is_said || is_written(harness, why));
        is_said
    };
    harness.state_mut().messages.push(-100.0, Tone::Error, why);
    harness.run_steps(6);
    assert!(flipped(&mut harness), "the draft stays");
    assert!(says_why(&harness), "{:?}", written(&harness));
    let asked = press(&mut harness, "Flip");
    assert!(asked.is_empty(), "turned back it is as the case has it");
    harness.run_steps(4);
    assert!(!flipped(&mut harness) && !says_why(&harness));
    press(&mut harness, "Flip");
    harness.state_mut().messages.push(-100.0, Tone::Error, why);
    harness.run_steps(6);
    assert!(flipped(&mut harness) && says_why(&harness));
    assert!(press(&mut harness, "Put it back").is_empty());
    assert!(!flipped(&mut harness) && !says_why(&harness));
    assert_eq!(panel(&mut harness).shown().actions[0], plane());
}

/// An action that is added and refused stays as a draft: it can be moved into place, and is then added.
#[test]
fn what_is_added_and_refused_can_be_moved_into_place() {
    let mut harness = opened();
    harness.state_mut().workspace.crosshair = Some(Point::new(3.0, 4.0, 120.0));
    harness.run_steps(2);
    press(&mut harness, "Add an action at the crosshair");
    press(&mut harness, "Plane cut");
    harness.state_mut().messages.push(-100.0, Tone::Error, "Plane cut 3: the cut misses liver");
    harness.run_steps(6);
    assert_eq!(panel(&mut harness).shown().actions.len(), 3, "it is still there");
    let asked = press(&mut harness, "Flip");
    let asked = params(&asked, "plan.act");
    assert_eq!((&asked["at"], &asked["actions"][0]["action"]["shape"]["normal"][0]), (&Value::Null, &json!(-1.0)));
    harness.state_mut().messages.push(-100.0, Tone::Error, "Plane cut 3: the cut misses liver");
    harness.run_steps(6);
    // Taken out again it asks for nothing: the case never had it.
    let gone = harness.get_all_by_label("Take this action out").last().expect("one for each action");
    gone.click();
    assert!(super::asked(&mut harness).is_empty());
    assert_eq!(panel(&mut harness).shown().actions.len(), 2);
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
fn a_rule_that_could_not_be_judged_is_told_with_its_reason() {
    let mut harness = opened();
    let plan = panel(&mut harness).shown();
    let scene = crate::plan::Scene::default();
    let score = crate::plan::score(&plan, &scene, &Progress::default()).unwrap();
    let live = crate::app::ui::plan::Live { planned: plan.planned(), score: Ok(score), took_ms: 1.0 };
    panel(&mut harness).live = Some(live);
    harness.run_steps(3);
    assert!(harness.query_by_label("Cannot be said: a rule that forbids could not be judged").is_some());
    let why = "is empty or was removed; choose the target again";
    assert!(harness.query_all_by_label_contains(why).next().is_some(), "what could not be judged, and why");
}

#[test]
fn a_signature_on_other_contents_is_told() {
    let mut harness = opened_with(Plan { targets: Vec::new(), ..plan() });
    let sign = Command::new("plan.check", json!({ "plan": 4, "line": 1, "by": "Dr Example" }));
    harness.state_mut().session.run(sign, &Progress::default()).unwrap();
    press(&mut harness, "Check-list");
    assert!(harness.query_by_label("signed although the plan is not scored").is_some());
    let changed = "What the plan is made on was changed since this was signed";
    assert!(harness.query_by_label(changed).is_none());
    let rename = Command::new("segment.edit", json!({ "labels": 2, "segment": 1, "name": "liver, seen" }));
    harness.state_mut().session.run(rename, &Progress::default()).unwrap();
    harness.run_steps(3);
    assert!(harness.query_by_label(changed).is_some());
}

#[test]
fn how_healthy_the_liver_is_is_chosen_beside_the_patient() {
    let mut harness = opened();
    press(&mut harness, "Structures");
    press(&mut harness, "not given");
    let asked = press(&mut harness, "liver after more than 3 months of chemotherapy");
    assert_eq!(params(&asked, "plan.change"), json!({ "plan": 4, "limits": [{ "liver": "chemotherapy" }] }));
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

/// What a port and an electrode need beside their path is asked for where they are, and an implant in a form of its own.
#[test]
fn electrodes_have_contacts_ports_a_position_and_implants_a_form() {
    use crate::plan::path::Contacts;
    let NamedAction { action: Action::Needle(path), .. } = needle() else { panic!("a needle") };
    let contacts = Some(Contacts { count: 4, length_mm: 2.0, spacing_mm: 5.0 });
    let electrode = Action::Needle(Needle { kind: NeedleKind::Electrode, contacts, ..path });
    let electrode = NamedAction { name: "A".into(), action: electrode };
    let mut harness = opened_with(Plan { actions: vec![electrode], ..plan() });
    if harness.query_by_label("From middle to middle").is_none() {
        harness.get_by_label("1  A").click();
        harness.run_steps(3);
    }
    for name in ["Contacts", "Length of a contact", "From middle to middle"] {
        assert!(harness.query_by_label(name).is_some(), "{name}");
    }
    harness.state_mut().workspace.crosshair = Some(Point::new(3.0, 4.0, 120.0));
    harness.run_steps(2);
    press(&mut harness, "Add an action at the crosshair");
    press(&mut harness, "Implant…");
    let form = harness.state().workspace.form_of("plan.implant").expect("the form is open");
    assert_eq!((&form["plan"], &form["at"], &form["bone"]), (&json!(4), &json!([3.0, 4.0, 120.0]), &json!("2/1")));
    let mut harness = opened_with(Plan { actions: vec![port()], ..plan() });
    press(&mut harness, "Structures");
    press(&mut harness, "on the back");
    let asked = press(&mut harness, "on the left side");
    let limits = &params(&asked, "plan.change")["limits"];
    assert_eq!(*limits, json!([{ "position": { "lie": "left_side", "head_up_degrees": 0.0 } }]));
}

fn port() -> NamedAction {
    let port = crate::plan::Port {
        at: [0.0, -12.0, 130.0],
        reach_mm: 300.0,
        sweep_degrees: 60.0,
        towards: [0.0, 8.0, 130.0],
        is_camera: false,
    };
    NamedAction { name: "P".into(), action: Action::Port(port) }
}
