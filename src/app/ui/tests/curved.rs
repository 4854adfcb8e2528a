//! The view along a vessel: chosen from the menu, turned, clicked, walked along.

use super::*;
use crate::app::ui::curved::Way;
use crate::app::ui::layout::Arrangement;
use crate::app::ui::slice::MouseTool;
use crate::app::ui::wish::Wish;
use crate::geom::measure::{Kind, Shape};
use crate::image::Measure;
use crate::mesh::{CentreBranch, CentreLines};

/// A vessel that runs straight up the middle and forks into a long and a short branch.
fn vessel() -> CentreLines {
    let branch = |parent, from: Point, to: Point| {
        let points: Vec<Point> = (0..=20).map(|n| from + (to - from) * (f64::from(n) / 20.0)).collect();
        CentreBranch { parent, radii_mm: vec![2.0; points.len()], points }
    };
    let fork = Point::new(0.0, 0.0, 120.0);
    let branches = vec![
        branch(None, Point::new(0.0, 0.0, 101.0), fork),
        branch(Some(0), fork, Point::new(0.0, 0.0, 155.0)),
        branch(Some(0), fork, Point::new(8.0, 0.0, 126.0)),
    ];
    CentreLines::new(branches).unwrap()
}

fn opened() -> Harness<'static, Desk> {
    let node = Node::new("Centre lines of a vessel", Data::Lines(Arc::new(vessel())));
    let case = case();
    let nodes = case.nodes().map(|(id, node)| (id, node.as_ref().clone())).chain([(NodeId(4), node)]);
    let mut harness = open(Case::from_nodes(nodes.collect::<Vec<_>>()));
    let wish = Wish::Arrange(Arrangement::Curved);
    let action = crate::app::ui::actions::ACTIONS.iter().find(|action| action.wish == wish).unwrap();
    press(&mut harness, "View");
    harness.get_by_label_contains(action.name).click();
    harness.run_steps(4);
    harness
}

#[test]
fn the_menu_of_arrangements_offers_it_where_there_is_a_vessel() {
    let item = format!("{}  Along a vessel", icons::GIT_BRANCH);
    let open_menu = |harness: &mut Harness<'_, Desk>| {
        harness.get_by_label_contains("Four views").click();
        harness.run_steps(4);
    };
    let mut harness = open(case());
    open_menu(&mut harness);
    let at = harness.get_by_label_contains(&item).rect().center();
    assert!(harness.get_by_label_contains(&item).accesskit_node().is_disabled());
    click(&mut harness, at);
    assert_eq!(harness.state().workspace.layout.arrangement(), Arrangement::FourUp);
    let mut harness = opened();
    strike(&mut harness, Modifiers::COMMAND, Key::Num1);
    open_menu(&mut harness);
    harness.get_by_label_contains(&item).click();
    harness.run_steps(4);
    assert_eq!(harness.state().workspace.layout.arrangement(), Arrangement::Curved);
    assert!(harness.query_by_label_contains("  Along a vessel  ").is_some(), "the menu names it");
}

/// The rectangle of the picture's pane without its header: left of the scene, as high as the column.
fn pane(harness: &Harness<'_, Desk>) -> egui::Rect {
    harness.state().workspace.curved.rect()
}

#[test]
fn the_longest_way_is_shown_and_a_click_points_all_views_at_the_place() {
    let mut harness = opened();
    let (way, angle_deg) = harness.state().workspace.curved.shown();
    assert_eq!((way, angle_deg), (Some(Way::Branch { lines: NodeId(4), leaf: 1 }), 0.0));
    let rect = pane(&harness);
    // The middle of the picture is half-way along the straight way from 101 to 155 mm.
    click(&mut harness, rect.center());
    let middle = crosshair(&harness);
    assert!((middle - Point::new(0.0, 0.0, 128.0)).norm() < 0.5, "{middle}");
    // A point to the right, at angle 0, lies to the patient's left. 80.5 mm across and 54.5 mm along fit the pane.
    let mm = (80.5 / f64::from(rect.width() - 8.0)).max(54.5 / f64::from(rect.height() - 8.0));
    click(&mut harness, rect.center() + Vec2::new(30.0, 60.0));
    let place = crosshair(&harness);
    let expected = Point::new(30.0 * mm, 0.0, 128.0 + 60.0 * mm);
    assert!((place - expected).norm() < 0.5, "{place} not {expected}");
}

#[test]
fn a_drag_turns_it_about_the_vessel_and_an_idle_frame_makes_no_picture() {
    let mut harness = opened();
    let rect = pane(&harness);
    drag(&mut harness, rect.center(), rect.center() + Vec2::new(60.0, 0.0));
    let (_, angle_deg) = harness.state().workspace.curved.shown();
    assert!((angle_deg - 30.0).abs() < 4.0, "{angle_deg}");
    let before = harness.state().workspace.curved.made();
    harness.run_steps(10);
    assert_eq!(harness.state().workspace.curved.made(), before);
    strike(&mut harness, Modifiers::NONE, Key::Num2);
    assert_eq!(harness.state().workspace.curved.made(), before + 1, "another window is another picture");
}

/// A drag with a button and keys held, in steps of a hand.
fn drag_with(
    harness: &mut Harness<'_, Desk>,
    button: egui::PointerButton,
    held: Modifiers,
    from: egui::Pos2,
    to: egui::Pos2,
) {
    let at = |pos, pressed| egui::Event::PointerButton { pos, button, pressed, modifiers: held };
    harness.input_mut().events.push(egui::Event::ModifiersChanged(held));
    harness.input_mut().events.extend([egui::Event::PointerMoved(from), at(from, true)]);
    harness.step();
    for n in 1..=6 {
        harness.input_mut().events.push(egui::Event::PointerMoved(from + (to - from) * (n as f32 / 6.0)));
        harness.step();
    }
    harness.input_mut().events.push(at(to, false));
    harness.step();
    harness.input_mut().events.push(egui::Event::ModifiersChanged(Modifiers::NONE));
    harness.run_steps(3);
}

#[test]
fn it_is_zoomed_moved_and_windowed_and_clicks_still_point_at_the_place() {
    let mut harness = opened();
    let rect = pane(&harness);
    let turned = harness.state().workspace.curved.shown().1;
    // Twice as near, then moved: the middle of the path lies where it was moved to.
    let up = rect.center() + Vec2::new(0.0, -(2.0_f32.ln()) / 0.008);
    drag_with(&mut harness, egui::PointerButton::Secondary, Modifiers::NONE, rect.center(), up);
    drag_with(
        &mut harness,
        egui::PointerButton::Middle,
        Modifiers::NONE,
        rect.center(),
        rect.center() + Vec2::new(12.0, 30.0),
    );
    click(&mut harness, rect.center() + Vec2::new(12.0, 30.0));
    let middle = crosshair(&harness);
    // A drag begins a few points after the press: 8 points of about 0.15 mm.
    assert!((middle - Point::new(0.0, 0.0, 128.0)).norm() < 1.2, "{middle}");
    let mm = (80.5 / f64::from(rect.width() - 8.0)).max(54.5 / f64::from(rect.height() - 8.0)) / 2.0;
    click(&mut harness, rect.center() + Vec2::new(52.0, 30.0));
    let place = crosshair(&harness);
    assert!((place - Point::new(40.0 * mm, 0.0, 128.0)).norm() < 1.2, "{place}");
    // With Shift the left button drags the window and does not turn.
    let before = harness.state().workspace.curved.made();
    drag_with(
        &mut harness,
        egui::PointerButton::Primary,
        Modifiers::SHIFT,
        rect.center(),
        rect.center() + Vec2::new(60.0, 0.0),
    );
    assert!(before < harness.state().workspace.curved.made(), "another window is another picture");
    assert!((harness.state().workspace.curved.shown().1 - turned).abs() < 1e-9);
    // The whole picture again.
    strike(&mut harness, Modifiers::NONE, Key::R);
    harness.run_steps(3);
    click(&mut harness, rect.center());
    assert!((crosshair(&harness) - Point::new(0.0, 0.0, 128.0)).norm() < 0.5);
}

#[test]
fn the_wheel_walks_along_the_vessel() {
    let mut harness = opened();
    let rect = pane(&harness);
    click(&mut harness, rect.center());
    let before = crosshair(&harness);
    wheel(&mut harness, rect.center(), -1.0);
    harness.run_steps(30);
    let after = crosshair(&harness);
    assert!(before.z + 0.5 < after.z && (after.x, after.y) == (0.0, 0.0), "{before} {after}");
}

#[test]
fn when_its_centre_lines_go_no_picture_is_made_and_it_cannot_be_asked_for() {
    let mut harness = opened();
    let made = harness.state().workspace.curved.made();
    assert!(0 < made, "it was shown");
    let remove = Command::new("object.remove", json!({ "node": 4 }));
    harness.state_mut().session.run(remove, &Progress::default()).unwrap();
    harness.run_steps(3);
    strike(&mut harness, Modifiers::NONE, Key::Num2);
    assert_eq!(harness.state().workspace.curved.made(), made, "another window of nothing is no picture");
    harness.state_mut().workspace.layout = crate::app::ui::layout::Layout::new(Arrangement::FourUp);
    harness.run_steps(3);
    press(&mut harness, "View");
    harness.get_by_label_contains("Along a vessel (curved)").click();
    harness.run_steps(4);
    assert_eq!(harness.state().workspace.layout.arrangement(), Arrangement::FourUp);
}

#[test]
fn it_can_be_shown_at_any_size() {
    let mut harness = opened();
    for size in [Vec2::new(1920.0, 1080.0), Vec2::new(1024.0, 640.0), Vec2::new(640.0, 400.0), Vec2::new(200.0, 150.0)]
    {
        harness.set_size(size);
        harness.run_steps(3);
    }
}

/// The case with curves that were drawn: one open, about level and bent as a jaw (4), one closed (5).
fn with_curves() -> Case {
    let jaw = [[-14.0, -10.0, 120.0], [-6.0, 4.0, 120.0], [6.0, 4.0, 120.0], [14.0, -10.0, 120.0]].map(Point::from);
    let measure = |kind| {
        let shape = Shape::new(kind, &jaw, None).unwrap();
        Data::Measure(Arc::new(Measure { shape, text: String::new(), reading: None }))
    };
    let nodes = case().nodes().map(|(id, node)| (id, node.as_ref().clone())).collect::<Vec<_>>();
    let curves = [(4, "Jaw", Kind::Polyline), (5, "Ring", Kind::Curve)];
    let curves = curves.map(|(id, name, kind)| (NodeId(id), Node::new(name, measure(kind))));
    Case::from_nodes(nodes.into_iter().chain(curves).collect::<Vec<_>>())
}

#[test]
fn a_curve_that_was_drawn_is_a_path_and_a_click_points_at_its_place() {
    let mut harness = open(with_curves());
    press(&mut harness, "View");
    harness.get_by_label_contains("Along a vessel (curved)").click();
    harness.run_steps(4);
    let (way, _) = harness.state().workspace.curved.shown();
    assert_eq!(way, Some(Way::Drawn(NodeId(4))), "a closed curve has no ends");
    // It lies: left and right of the middle are on the path, on the patient's right and left.
    let rect = pane(&harness);
    let mut places = Vec::new();
    for across in [-60.0, 60.0] {
        // Two quick clicks would be a double one.
        harness.run_steps(30);
        click(&mut harness, rect.center() + Vec2::new(across, 0.0));
        places.push(crosshair(&harness));
    }
    assert!(places[0].x < -3.0 && 3.0 < places[1].x, "{places:?}");
    assert!(places.iter().all(|place| (place.z - 120.0).abs() < 0.5), "{places:?}");
    // Up is towards the head.
    harness.run_steps(30);
    click(&mut harness, rect.center() + Vec2::new(0.0, -40.0));
    assert!(123.0 < crosshair(&harness).z, "{}", crosshair(&harness));
}

#[test]
fn a_length_along_the_path_becomes_a_measure_as_long_as_it_looks_and_others_are_not_drawn() {
    let mut harness = opened();
    let rect = pane(&harness);
    let mm = (80.5 / f64::from(rect.width() - 8.0)).max(54.5 / f64::from(rect.height() - 8.0));
    harness.state_mut().workspace.slices.tool = MouseTool::Measure(Kind::Length);
    harness.run_steps(2);
    drag(&mut harness, rect.center() - Vec2::new(0.0, 40.0), rect.center() + Vec2::new(0.0, 50.0));
    let asked = std::mem::take(&mut harness.state_mut().asked);
    let params = asked.iter().find_map(|request| match request {
        Request::Run(command) if command.tool == "measure.add" => Some(command.params.clone()),
        _ => None,
    });
    let params = params.expect("a length was dragged");
    assert_eq!((&params["kind"], &params["scan"]), (&json!("polyline"), &json!(1)));
    let points: Vec<[f64; 3]> = serde_json::from_value(params["points"].clone()).unwrap();
    let points: Vec<Point> = points.into_iter().map(Point::from).collect();
    let length_mm: f64 = points.windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum();
    assert!((length_mm - 90.0 * mm).abs() < 0.8, "{length_mm} not {}", 90.0 * mm);
    assert!(harness.state().workspace.curved.shown().1.abs() < 1e-9, "measuring does not turn");
    harness.state_mut().workspace.slices.tool = MouseTool::Measure(Kind::Angle);
    drag(&mut harness, rect.center(), rect.center() + Vec2::new(30.0, 20.0));
    assert!(harness.state().asked.is_empty(), "an angle is not true on a picture that is bent straight");
}

#[test]
fn keys_act_on_the_view_that_was_touched_last() {
    let mut harness = opened();
    let rect = pane(&harness);
    click(&mut harness, rect.center());
    let before = crosshair(&harness);
    strike(&mut harness, Modifiers::NONE, Key::ArrowDown);
    harness.run_steps(2);
    let after = crosshair(&harness);
    assert!((after.z - before.z - 1.0).abs() < 0.1, "{before} {after}");
    // Left and right are swapped: what lay at the right lies at the left, and its words are where they were.
    let flips = harness.state().workspace.slices.flips;
    harness.run_steps(30);
    click(&mut harness, rect.center() + Vec2::new(30.0, 0.0));
    let right = crosshair(&harness);
    strike(&mut harness, Modifiers::NONE, Key::H);
    harness.run_steps(30);
    click(&mut harness, rect.center() - Vec2::new(30.0, 0.0));
    assert!((crosshair(&harness) - right).norm() < 0.5, "{} {right}", crosshair(&harness));
    assert_eq!(harness.state().workspace.slices.flips, flips, "slices stay as they are");
    // Another slab is another picture.
    let made = harness.state().workspace.curved.made();
    strike(&mut harness, Modifiers::NONE, Key::M);
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while harness.state().workspace.curved.made() == made {
        assert!(std::time::Instant::now() < end, "the slab never came");
        std::thread::sleep(std::time::Duration::from_millis(5));
        harness.step();
    }
    // Inverted too.
    let made = harness.state().workspace.curved.made();
    strike(&mut harness, Modifiers::NONE, Key::I);
    harness.run_steps(2);
    assert!(made < harness.state().workspace.curved.made());
}

#[test]
fn hiding_segments_and_showing_them_makes_another_picture() {
    let mut harness = opened();
    let made = harness.state().workspace.curved.made();
    strike(&mut harness, Modifiers::NONE, Key::G);
    harness.run_steps(2);
    assert_eq!(harness.state().workspace.curved.made(), made + 1, "segments are on it as on slices");
}

#[test]
fn the_path_is_played_and_a_press_ends_it() {
    let mut harness = opened();
    let rect = pane(&harness);
    click(&mut harness, rect.center());
    strike(&mut harness, Modifiers::NONE, Key::P);
    assert!(harness.state().workspace.slices.cine.plays_path(), "the view that was touched last is played");
    click(&mut harness, rect.center());
    assert!(!harness.state().workspace.slices.cine.plays_path());
}
