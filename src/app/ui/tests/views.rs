//! Slices and scene under the mouse, and keys that change what is seen.

use super::*;
use crate::geom::Orientation;

#[test]
fn number_keys_set_the_window_unless_a_name_is_being_written() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::Num2);
    assert_eq!(window_of(&mut harness), Window { width: 1500.0, level: -600.0 });
    strike(&mut harness, Modifiers::NONE, Key::I);
    assert_eq!(window_of(&mut harness), Window { width: -1500.0, level: -600.0 });
    harness.state_mut().workspace.selected = Some(NodeId(2));
    strike(&mut harness, Modifiers::NONE, Key::F2);
    strike(&mut harness, Modifiers::NONE, Key::Num1);
    assert_eq!(window_of(&mut harness).width, -1500.0);
}

#[test]
fn a_click_in_a_slice_moves_the_crosshair_to_what_was_clicked() {
    let mut harness = open(case());
    let middle = crosshair(&harness);
    for (orientation, kept) in [(Orientation::Axial, 2), (Orientation::Coronal, 1), (Orientation::Sagittal, 0)] {
        let rect = view_of(&harness, orientation);
        let before = crosshair(&harness);
        let pos = rect.center() + Vec2::new(31.0, -17.0);
        click(&mut harness, pos);
        let after = crosshair(&harness);
        // The bounds fit the view: so many millimetres for a point.
        let [right, down, _] = orientation.right_down_away();
        let size = scan().grid().bounds().size();
        let mm = |axis: crate::geom::Vector, points: f32| size.dot(&axis).abs() / f64::from(points);
        let scale = mm(right, rect.width()).max(mm(down, rect.height()));
        let expected = middle + right * (31.0 * scale) - down * (17.0 * scale);
        for axis in 0..3 {
            if axis != kept {
                assert!(
                    (after[axis] - expected[axis]).abs() < 0.02 * scale + 1e-6,
                    "{orientation:?} {after} {expected}"
                );
            }
        }
        assert!((after[kept] - before[kept]).abs() <= 1.26, "{orientation:?}: only within half a slice");
        harness.state_mut().workspace.crosshair = Some(middle);
    }
}

#[test]
fn a_notch_of_the_wheel_is_one_slice() {
    let mut harness = open(case());
    let pos = view_of(&harness, Orientation::Axial).center();
    let before = crosshair(&harness);
    wheel(&mut harness, pos, 1.0);
    let one = crosshair(&harness);
    wheel(&mut harness, pos, 1.0);
    assert!((crosshair(&harness).z - one.z - 2.5).abs() < 1e-9);
    wheel(&mut harness, pos, -1.0);
    assert!((crosshair(&harness).z - one.z).abs() < 1e-9);
    assert_eq!((one.x, one.y), (before.x, before.y));
    strike(&mut harness, Modifiers::NONE, Key::End);
    assert!((crosshair(&harness).z - (100.0 + 23.0 * 2.5)).abs() < 1e-9);
}

#[test]
fn a_left_drag_changes_the_window_and_makes_no_request() {
    let mut harness = open(case());
    let before = window_of(&mut harness);
    let start = view_of(&harness, Orientation::Coronal).center();
    harness.hover_at(start);
    harness.run_steps(1);
    harness.drag_at(start);
    harness.run_steps(1);
    for step in 1..=10 {
        harness.hover_at(start + Vec2::new(4.0, -2.0) * step as f32);
        harness.run_steps(1);
    }
    harness.drop_at(start + Vec2::new(40.0, -20.0));
    assert_eq!(asked(&mut harness), []);
    let after = window_of(&mut harness);
    assert!(before.width < after.width && after.level < before.level, "{after:?}");
}

#[test]
fn a_double_click_shows_one_view_alone_and_back() {
    let mut harness = open(case());
    let pos = view_of(&harness, Orientation::Axial).center();
    for expected in [false, true] {
        for _ in 0..2 {
            for pressed in [true, false] {
                let (button, modifiers) = (egui::PointerButton::Primary, Modifiers::NONE);
                harness.event(egui::Event::PointerMoved(pos));
                harness.event(egui::Event::PointerButton { pos, button, pressed, modifiers });
            }
        }
        harness.run_steps(3);
        assert_eq!(harness.state().pane.is_some(), expected);
        // Two double clicks are not one quadruple click.
        harness.hover_at(pos + Vec2::new(0.0, 60.0));
        harness.run_steps(30);
    }
}

#[test]
fn dragging_in_the_scene_reaches_the_scene() {
    let mut harness = open(case());
    let rect = harness.state().pane.as_ref().unwrap().rect;
    harness.hover_at(rect.center());
    harness.run_steps(1);
    harness.drag_at(rect.center());
    harness.run_steps(1);
    for step in 1..=5 {
        harness.hover_at(rect.center() + Vec2::new(6.0, 2.0) * step as f32);
        harness.run_steps(1);
    }
    let total = harness.state().drags.iter().fold(Vec2::ZERO, |sum, pane| sum + pane.drag[0]);
    assert_eq!(total, Vec2::new(30.0, 10.0));
    let mut camera = OrbitCamera::default();
    assert!(harness.state().drags.iter().any(|pane| camera.steer(pane, false)));
}

#[test]
fn view_buttons_turn_the_camera() {
    let mut harness = open(case());
    assert_eq!(press(&mut harness, "View S"), [Request::Look(NamedView::Superior)]);
    assert_eq!(press(&mut harness, "Show everything"), [Request::Fit(None)]);
}

#[test]
fn every_arrangement_and_dialog_can_be_shown_at_any_size() {
    let mut harness = open(case());
    harness.state_mut().workspace.selected = Some(NodeId(2));
    harness.state_mut().messages.push(0.9, Tone::Error, "the file is not DICOM");
    let colours = crate::image::Colormap::Viridis.table(9);
    let legend = Legend {
        of: None,
        field: "speed".into(),
        unit: "m/s".into(),
        range: [0.0, 1.3],
        beyond: [false, true],
        colours,
        ..Legend::default()
    };
    harness.state_mut().scene.legends = vec![legend.clone(), Legend { of: Some("Liver".into()), ..legend }];
    for size in [Vec2::new(1920.0, 1080.0), Vec2::new(1024.0, 640.0), Vec2::new(640.0, 400.0)] {
        harness.set_size(size);
        for key in [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num8, Key::Num9, Key::K] {
            strike(&mut harness, Modifiers::COMMAND, key);
            strike(&mut harness, Modifiers::NONE, Key::Escape);
        }
        strike(&mut harness, Modifiers::NONE, Key::F1);
        assert!(harness.query_by_label("Keys and mouse").is_some());
        press(&mut harness, "Close");
    }
    assert!(harness.query_by_label("Keys and mouse").is_none());
}

#[test]
fn a_distance_is_what_was_drawn() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::L);
    let rect = view_of(&harness, Orientation::Axial);
    // 40 × 30 mm in this view, fitted to its height or width.
    let mm = (40.0 / f64::from(rect.width())).max(30.0 / f64::from(rect.height()));
    drag(&mut harness, rect.center() - Vec2::new(60.0, 0.0), rect.center() + Vec2::new(0.0, 80.0));
    let requests = asked(&mut harness);
    let [Request::Run(Command { tool, params })] = &requests[..] else { panic!("one command: {requests:?}") };
    assert_eq!((tool.as_str(), &params["kind"], &params["scan"]), ("measure.add", &json!("length"), &json!(1)));
    let ends: Vec<Point> = [0, 1]
        .map(|n| serde_json::from_value(params["points"][n].clone()).unwrap())
        .map(|p: [f64; 3]| Point::from(p))
        .to_vec();
    let length = (ends[1] - ends[0]).norm();
    assert!((length - 100.0 * mm).abs() < 1.0 * mm, "{length} mm, drawn {} mm", 100.0 * mm);
}

#[test]
fn the_crosshair_follows_the_mouse_while_shift_is_held() {
    let mut harness = open(case());
    let rect = view_of(&harness, Orientation::Coronal);
    let before = crosshair(&harness);
    harness.hover_at(rect.center());
    harness.run_steps(1);
    harness.event(egui::Event::ModifiersChanged(Modifiers::SHIFT));
    for step in 1..=5 {
        harness.hover_at(rect.center() + Vec2::new(8.0, 0.0) * step as f32);
        harness.run_steps(1);
    }
    harness.event(egui::Event::ModifiersChanged(Modifiers::NONE));
    harness.run_steps(2);
    assert!(before.x + 1.0 < crosshair(&harness).x);
}

#[test]
fn an_idle_frame_makes_no_picture() {
    let mut harness = open(case());
    harness.run_steps(3);
    let before = harness.state().workspace.slices.pictures_made();
    harness.run_steps(10);
    assert_eq!(harness.state().workspace.slices.pictures_made(), before);
    strike(&mut harness, Modifiers::NONE, Key::ArrowUp);
    assert_eq!(harness.state().workspace.slices.pictures_made(), before + 1, "one view shows another slice");
}
