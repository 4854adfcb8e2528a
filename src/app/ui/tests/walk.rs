//! A walk along centre lines: begun from the menu, steered at its bar, ended by Escape.

use super::*;
use crate::app::ui::wish::Wish;
use crate::mesh::{CentreBranch, CentreLines};

/// The case of the other tests with a vessel (4) of 40 mm up the middle.
fn with_vessel() -> Case {
    let points: Vec<Point> = (0..=20).map(|n| Point::new(0.0, 0.0, 105.0 + 2.0 * f64::from(n))).collect();
    let branch = CentreBranch { parent: None, radii_mm: vec![3.0; points.len()], points };
    let node = Node::new("Vessel", Data::Lines(Arc::new(CentreLines::new(vec![branch]).unwrap())));
    let case = case();
    let nodes = case.nodes().map(|(id, node)| (id, node.as_ref().clone())).chain([(NodeId(4), node)]);
    Case::from_nodes(nodes.collect::<Vec<_>>())
}

fn begun() -> (Harness<'static, Desk>, Vec<Request>) {
    let mut harness = open(with_vessel());
    press(&mut harness, "3D");
    harness.get_by_label_contains("Walk through a vessel or airway").click();
    let requests = asked(&mut harness);
    (harness, requests)
}

/// Where the camera was put last.
fn stood(requests: &[Request]) -> OrbitCamera {
    let stands = requests.iter().rev().find_map(|request| match request {
        Request::Stand(camera) => Some(*camera),
        _ => None,
    });
    stands.unwrap_or_else(|| panic!("{requests:?}"))
}

#[test]
fn it_begins_at_the_start_and_the_slices_follow() {
    let (mut harness, requests) = begun();
    let start = Point::new(0.0, 0.0, 105.0);
    let camera = stood(&requests);
    assert!((camera.eye() - start).norm() < 1e-6 && (crosshair(&harness) - start).norm() < 1e-6);
    assert!((camera.fov_rad.to_degrees() - 85.0).abs() < 1e-9);
    assert_eq!(asked(&mut harness), [], "standing, it asks for nothing");
}

#[test]
fn the_bar_looks_back_and_the_wheel_walks() {
    let (mut harness, requests) = begun();
    let ahead = stood(&requests).right_up_back()[2];
    let back = stood(&press(&mut harness, "Look back")).right_up_back()[2];
    assert!((ahead + back).norm() < 1e-9);
    press(&mut harness, "Look back");
    let middle = harness.state().pane.as_ref().unwrap().rect.center();
    harness.state_mut().asked.clear();
    wheel(&mut harness, middle, 1.0);
    harness.run_steps(30);
    let eye = stood(&asked(&mut harness)).eye();
    assert!((eye.x, eye.y) == (0.0, 0.0) || (eye.x.abs() + eye.y.abs()) < 1e-6);
    assert!(105.3 < eye.z, "{eye}");
}

#[test]
fn walking_is_begun_and_ended_at_the_bar_and_by_space() {
    let (mut harness, _) = begun();
    press(&mut harness, "Walk on");
    assert!(harness.query_by_label("Stand still").is_some());
    strike(&mut harness, Modifiers::NONE, Key::Space);
    assert!(harness.query_by_label("Walk on").is_some());
}

#[test]
fn a_drag_looks_around_and_does_not_move_the_eye() {
    let (mut harness, requests) = begun();
    let before = stood(&requests);
    let middle = harness.state().pane.as_ref().unwrap().rect.center() - Vec2::new(0.0, 40.0);
    drag(&mut harness, middle, middle + Vec2::new(50.0, 0.0));
    let after = stood(&std::mem::take(&mut harness.state_mut().asked));
    assert!((after.eye() - before.eye()).norm() < 1e-6);
    assert!((after.right_up_back()[2] - before.right_up_back()[2]).norm() > 0.1);
    assert!(harness.state().drags.iter().all(|pane| pane.drag == [Vec2::ZERO; 3]), "the scene is not turned as well");
}

#[test]
fn escape_ends_it_and_the_camera_returns() {
    let (mut harness, _) = begun();
    let before = harness.state().scene.camera;
    assert_eq!(strike(&mut harness, Modifiers::NONE, Key::Escape), [Request::FlyTo(before)]);
    assert!(harness.query_by_label("Walk on").is_none());
    assert_eq!(asked(&mut harness), []);
}

#[test]
fn messages_leave_its_bar_free() {
    let (mut harness, _) = begun();
    strike(&mut harness, Modifiers::COMMAND, Key::Num4);
    for n in 0..6 {
        harness.state_mut().messages.push(0.5, Tone::Error, format!("something that went wrong, number {n}"));
    }
    for size in [Vec2::new(1440.0, 900.0), Vec2::new(1280.0, 720.0), Vec2::new(1000.0, 640.0)] {
        harness.set_size(size);
        harness.run_steps(6);
        let rect = harness.state().pane.as_ref().unwrap().rect;
        let bar = crate::app::ui::walk::bar_in(rect).expect("there is room for the bar");
        let toasts = harness.ctx.memory(|memory| memory.area_rect(egui::Id::new("toasts"))).expect("they are shown");
        assert!(!toasts.intersects(bar), "{size}: {toasts} over {bar}");
        assert!(harness.ctx.content_rect().contains_rect(toasts), "{size}: {toasts}");
    }
}

#[test]
fn a_standard_view_ends_it_from_where_the_camera_was() {
    let (mut harness, _) = begun();
    let before = harness.state().scene.camera;
    let requests = press(&mut harness, "View L");
    assert_eq!(requests, [Request::FlyTo(before.looking(NamedView::Left))]);
    assert!(harness.query_by_label("Walk on").is_none());
}

#[test]
fn it_ends_with_its_lines_and_cannot_begin_without() {
    let (mut harness, _) = begun();
    let remove = Command::new("object.remove", json!({ "node": 4 }));
    harness.state_mut().session.run(remove, &Progress::default()).unwrap();
    assert!(matches!(&asked(&mut harness)[..], [Request::FlyTo(_)]));
    let wish = Wish::Walk(None);
    let action = crate::app::ui::actions::ACTIONS.iter().find(|action| action.wish == wish).unwrap();
    press(&mut harness, "3D");
    harness.get_by_label_contains(action.name).click();
    assert_eq!(asked(&mut harness), []);
}

#[test]
fn only_a_walk_can_be_filmed_as_one() {
    let (mut harness, _) = begun();
    harness.state_mut().scene.pane_size = Some(Vec2::new(600.0, 400.0));
    strike(&mut harness, Modifiers::NONE, Key::F12);
    harness.get_by_label("Walk-through film").click();
    harness.run();
    harness.get_by_label("Save…").click();
    let requests = asked(&mut harness);
    let [Request::SavePicture(order)] = &requests[..] else { panic!("{requests:?}") };
    let track = order.walk.as_ref().expect("the walk is filmed");
    assert_eq!(order.motif, Motif::Walk);
    assert!((track.film_camera(1.0).eye() - Point::new(0.0, 0.0, 145.0)).norm() < 1e-6);
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    strike(&mut harness, Modifiers::NONE, Key::F12);
    harness.get_by_label("Save…").click();
    let requests = asked(&mut harness);
    assert!(
        matches!(&requests[..], [Request::SavePicture(order)] if order.motif == Motif::Scene),
        "without a walk the last order is one of the scene: {requests:?}"
    );
}

#[test]
fn a_corner_of_the_cube_ends_the_walk_and_looks_from_there() {
    let (mut harness, _) = begun();
    strike(&mut harness, Modifiers::NONE, Key::O);
    assert!(!harness.state().workspace.settings.parallel, "a walk is seen in perspective");
    let before = harness.state().workspace.walk.as_ref().unwrap().before();
    let seen = OrbitCamera::default().facing(&crate::geom::Vector::new(1.0, -1.0, 1.0));
    harness.state_mut().workspace.waiting.push(Wish::Ask(Request::FlyTo(seen)));
    let requests = asked(&mut harness);
    assert!(harness.state().workspace.walk.is_none());
    let wanted = OrbitCamera { yaw_rad: seen.yaw_rad, pitch_rad: seen.pitch_rad, roll_rad: 0.0, ..before };
    assert!(requests.contains(&Request::FlyTo(wanted)), "{requests:?}");
    strike(&mut harness, Modifiers::NONE, Key::O);
    assert!(harness.state().workspace.settings.parallel);
}
