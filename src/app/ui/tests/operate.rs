//! The operating panel: what is pressed is what the scene is told.

use super::*;
use crate::biomech::interactive::{Health, Note};
use crate::geom::Vector;

fn opened() -> Harness<'static, Desk> {
    let mut harness = open(case());
    harness.get_by_label("Simulate").click();
    harness.run_steps(3);
    harness.get_by_label("Operate…").click();
    harness.run_steps(3);
    harness
}

fn panel<'a>(harness: &'a mut Harness<'_, Desk>) -> &'a mut Operate {
    harness.state_mut().workspace.operate.as_mut().expect("the panel is open")
}

#[test]
fn an_operation_begins_on_the_mesh_and_ends_by_its_own_button_only() {
    let mut harness = opened();
    assert_eq!(panel(&mut harness).mesh, NodeId(3));
    assert_eq!(panel(&mut harness).tool, HandTool::Grasp);
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(panel(&mut harness).tool, HandTool::Look, "Escape lets go, it does not throw the operation away");
    press(&mut harness, "End the operation without keeping it");
    assert!(harness.state().workspace.operate.is_none());
}

#[test]
fn tools_orders_and_time_are_what_was_pressed() {
    let mut harness = opened();
    for (name, tool) in [("Cut", HandTool::Cut), ("Probe", HandTool::Probe), ("Retract", HandTool::Retract)] {
        let button = harness
            .get_all_by_role(egui::accesskit::Role::Button)
            .find(|node| node.accesskit_node().label().is_some_and(|label| label.ends_with(name)));
        button.unwrap_or_else(|| panic!("a button {name}")).click();
        harness.run_steps(3);
        assert_eq!(panel(&mut harness).tool, tool);
    }
    press(&mut harness, "Stop the clock");
    assert!(panel(&mut harness).paused);
    press(&mut harness, "One frame further");
    assert_eq!(std::mem::take(&mut panel(&mut harness).orders), [Order::Step]);
    press(&mut harness, "Start again");
    assert_eq!(std::mem::take(&mut panel(&mut harness).orders), [Order::Restart]);
    assert!(!panel(&mut harness).paused, "time runs again");
}

#[test]
fn the_panel_shows_forces_and_a_solver_that_is_not_well() {
    let mut harness = opened();
    let mark = Mark { at: Point::origin(), force_n: Vector::new(0.0, 3.0, 4.0), grasper: Some(1) };
    let health = Health { note: Some(Note::TakenBack), ..Health::default() };
    harness.state_mut().scene.operation =
        Some(OperationInfo { marks: vec![mark], health: Some(health), done: 1, past: 5, ..OperationInfo::default() });
    harness.run_steps(3);
    harness.get_by_label("Grasper 2: 5.00 N");
    assert!(harness.query_by_label_contains("too large for a finite answer").is_some());
    press(&mut harness, "Let go");
    press(&mut harness, "Keep result");
    assert_eq!(std::mem::take(&mut panel(&mut harness).orders), [Order::LetGo(1), Order::Keep]);
    // Numbers that are none draw nothing and break nothing.
    let nowhere = Mark { at: Point::new(f64::NAN, 0.0, 0.0), force_n: Vector::repeat(f64::NAN), grasper: None };
    harness.state_mut().scene.operation = Some(OperationInfo { marks: vec![nowhere], ..OperationInfo::default() });
    harness.run_steps(3);
}

#[test]
fn the_operation_ends_with_its_mesh() {
    let mut harness = opened();
    harness.state_mut().session.run(Command::new("object.remove", json!({ "node": 3 })), &Progress::default()).unwrap();
    harness.run_steps(3);
    assert!(harness.state().workspace.operate.is_none());
}
