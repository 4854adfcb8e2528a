//! Needles, screws and ports of a plan in the views.

use super::*;

#[test]
fn a_depth_along_a_needle_is_shared_by_all_views() {
    let mut harness = open(with_actions(vec![named("Needle 1", needle())]));
    wish(&mut harness, Wish::Plan(None));
    press(&mut harness, "Distances along the path");
    answer(&mut harness);
    assert!(harness.query_all_by_label_contains("bowel: ").next().is_some(), "the structure with its least distance");
    // The nearest place is one press away.
    let is_button = |node: &egui_kittest::Node<'_>| node.accesskit_node().role() == egui::accesskit::Role::Button;
    harness.query_all_by_label_contains("bowel: ").find(is_button).expect("it can be pressed").click();
    harness.run_steps(3);
    let found = planning(&mut harness).depths.clone().unwrap().unwrap().unwrap();
    assert!((crosshair(&harness) - found.lines[0].nearest.on_path).norm() < 1e-9);
    let at = crosshair(&harness);
    assert!(planning(&mut harness).depth_mark(Some(at)).is_some());
    // Slices along the path: the axial view lies across it, and the arrow keys go along it.
    harness.get_all_by_label("Slices along the path").next().unwrap().click();
    harness.run_steps(3);
    let along = found.path.along();
    let [axial, coronal, sagittal] = harness.state().workspace.slices.turn.frames();
    assert!((axial.away() - along).norm() < 1e-9);
    assert!(coronal.away().dot(&along).abs() < 1e-9 && sagittal.away().dot(&along).abs() < 1e-9);
    let before = crosshair(&harness);
    strike(&mut harness, Modifiers::NONE, Key::ArrowUp);
    let step = crosshair(&harness) - before;
    assert!(0.2 < step.norm() && step.cross(&along).norm() < 0.2 * step.norm(), "{step} along {along}");
    // The path is moved: the slices go with it.
    harness.get_all_by_label("Slices along the path").next().unwrap().click();
    harness.run_steps(3);
    assert!(harness.state().workspace.slices.turn.is_straight());
}

/// Paths go in through the outside of a body: a new one begins at its nearest place, and its entry slides over it.
#[test]
fn paths_begin_on_the_surface_they_go_in_through_and_slide_on_it() {
    let through = Plan { entry: Some(segment(2)), ..plan(Vec::new()) };
    let own = Node::new("Plan 1", Data::Plan(Arc::new(through)));
    let mut harness = open(Case::from_nodes(organs().into_iter().chain([(NodeId(7), own)])));
    wish(&mut harness, Wish::Plan(None));
    let (case, shown) = (harness.state().session.case().clone(), planning(&mut harness).shown());
    let (mut stage, progress) = (Stage::default(), Progress::default());
    let ingredients = Ingredients::of(&case, &shown).unwrap();
    stage.prepare(&ingredients, &shown, &progress).unwrap();
    planning(&mut harness).entry = stage.entry(&ingredients, &shown, &progress).unwrap();
    harness.state_mut().workspace.crosshair = Some(Point::new(14.0, 2.0, 0.0));
    harness.run_steps(2);
    press(&mut harness, "Add an action at the crosshair");
    let asked_for = params(&press(&mut harness, "Needle"), "plan.act");
    let place = |value: &Value| Point::from(serde_json::from_value::<[f64; 3]>(value.clone()).unwrap());
    let new = &asked_for["actions"][0]["action"];
    let (entry, target) = (place(&new["entry"]), place(&new["target"]));
    assert!((entry.coords.norm() - 28.0).abs() < 1.5 && 24.0 < entry.x, "{entry}");
    assert_eq!(target, Point::new(14.0, 2.0, 0.0));
    harness.state_mut().session.run(Command::new("plan.act", asked_for), &progress).unwrap();
    harness.run_steps(4);
    // Dragged on a slice it stays on the surface, wherever the mouse goes.
    let view = view_of(&harness, Orientation::Axial);
    let handle = harness.get_all_by_label("Entry").map(|node| node.rect().center()).find(|at| view.contains(*at));
    let from = handle.expect("the entry has a handle on the slice");
    drag(&mut harness, from, view.center() + Vec2::new(0.2 * view.width(), 0.3 * view.height()));
    let moved = params(&asked(&mut harness), "plan.act");
    let slid = place(&moved["actions"][0]["action"]["entry"]);
    assert!((slid.coords.norm() - 28.0).abs() < 2.0 && 3.0 < (slid - entry).norm(), "{slid}");
}

#[test]
fn slices_that_were_straightened_or_turned_do_not_follow_the_path_any_more() {
    let is_ticked = |harness: &Harness<'_, Desk>| {
        let tick = harness.get_all_by_label("Slices along the path").next().unwrap().accesskit_node().toggled();
        tick == Some(egui::accesskit::Toggled::True)
    };
    let mut harness = open(with_actions(vec![named("Needle 1", needle())]));
    wish(&mut harness, Wish::Plan(None));
    press(&mut harness, "Distances along the path");
    answer(&mut harness);
    for turned_otherwise in [true, false] {
        harness.get_all_by_label("Slices along the path").next().unwrap().click();
        harness.run_steps(4);
        assert!(is_ticked(&harness) && !harness.state().workspace.slices.turn.is_straight());
        if turned_otherwise {
            let turn = harness.state().workspace.slices.turn;
            harness.state_mut().workspace.slices.turn = turn.turned_in(crate::geom::Orientation::Axial, 0.4);
        } else {
            wish(&mut harness, Wish::Straighten);
        }
        let turn = harness.state().workspace.slices.turn;
        harness.run_steps(4);
        assert!(!is_ticked(&harness), "nothing follows the path");
        assert_eq!(harness.state().workspace.slices.turn, turn, "and it stays where it was turned to");
    }
}

#[test]
fn a_port_has_the_chart_of_its_instrument() {
    let port = Action::Port(crate::plan::Port {
        at: [-40.0, 12.0, 0.0],
        reach_mm: 250.0,
        sweep_degrees: 40.0,
        towards: [30.0, 12.0, 0.0],
        is_camera: false,
    });
    let mut harness = open(with_actions(vec![named("Port 1", port)]));
    wish(&mut harness, Wish::Plan(None));
    press(&mut harness, "Distances along the path");
    answer(&mut harness);
    let found = planning(&mut harness).depths.clone().unwrap().unwrap().expect("a port has a path");
    assert_eq!((found.path.length_mm(), found.path.radius_mm(), found.lines[0].limit_mm), (70.0, 2.5, 5.0));
    assert!(harness.query_all_by_label_contains("bowel: ").next().is_some(), "the structure with its least distance");
}

#[test]
fn screws_and_saw_cuts_offer_their_guides() {
    let screw = Action::Screw(crate::plan::Screw { head: [0.0, 30.0, 0.0], tip: [0.0; 3], diameter_mm: 5.0 });
    let saw = Action::Osteotomy(crate::plan::Osteotomy {
        planes: vec![[[0.0; 3], [1.0, 0.0, 0.0]]],
        kerf_mm: 1.0,
        turn_degrees: [0.0; 3],
        about: [0.0; 3],
        shift_mm: [0.0; 3],
    });
    for (action, button, tool, params) in [
        (screw, "Drill guide…", "plan.drill", json!({ "plan": 7, "actions": "1" })),
        (saw, "Saw guide…", "plan.guide", json!({ "plan": 7, "action": 1 })),
    ] {
        let mut harness = open(with_actions(vec![named("first", action)]));
        wish(&mut harness, Wish::Plan(None));
        harness.get_all_by_label(button).last().expect("the panel of the plan has it").click();
        harness.run_steps(3);
        let form = harness.state().workspace.form_of(tool).expect("the form is open");
        for (name, value) in params.as_object().unwrap() {
            assert_eq!(&form[name.as_str()], value, "{tool} {name}");
        }
    }
}
