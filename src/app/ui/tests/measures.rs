//! Measures under the mouse: drawn by clicking and by dragging, taken by their handles, undone, deleted, listed.

use super::*;

/// Carry out what was asked for, as the program does; returns it.
fn obeyed(harness: &mut Harness<'_, Desk>) -> Vec<Request> {
    let requests = asked(harness);
    for request in &requests {
        let session = &mut harness.state_mut().session;
        match request {
            Request::Run(command) => session.run(command.clone(), &Progress::default()).unwrap(),
            other => panic!("{other:?} was not expected"),
        };
    }
    harness.run_steps(3);
    requests
}

fn measures(harness: &Harness<'_, Desk>) -> Vec<(NodeId, Arc<crate::image::Measure>)> {
    let case = harness.state().session.case();
    case.nodes()
        .filter_map(|(id, node)| match &node.data {
            Data::Measure(measure) => Some((id, Arc::clone(measure))),
            _ => None,
        })
        .collect()
}

/// Points of the screen in a millimetre of the axial view.
fn points_per_mm(harness: &Harness<'_, Desk>) -> f32 {
    let rect = view_of(harness, Orientation::Axial);
    (rect.width() / 40.0).min(rect.height() / 30.0)
}

fn choose(harness: &mut Harness<'_, Desk>, kind: crate::geom::measure::Kind) {
    harness.state_mut().workspace.slices.tool = slice::MouseTool::Measure(kind);
    harness.run_steps(2);
}

#[test]
fn a_length_is_drawn_dragged_by_its_end_undone_and_deleted() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::L);
    let centre = view_of(&harness, Orientation::Axial).center();
    let mm = points_per_mm(&harness);
    let ends = [centre - Vec2::new(8.0 * mm, 0.0), centre + Vec2::new(2.0 * mm, 0.0)];
    drag(&mut harness, ends[0], ends[1]);
    obeyed(&mut harness);
    let length = |harness: &Harness<'_, Desk>| measures(harness)[0].1.value("length").unwrap();
    assert!((length(&harness) - 10.0).abs() < 1e-3, "{}", length(&harness));
    assert_eq!(harness.state().workspace.selected, Some(measures(&harness)[0].0), "what was made is selected");
    assert!(harness.query_by_label("Length 1 10.0 mm").is_some(), "the list has its value");

    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().workspace.slices.tool, slice::MouseTool::Window);
    // Beside the handle, but within its pick radius.
    let grip = ends[1] + Vec2::new(4.0, 5.0);
    drag(&mut harness, grip, grip + Vec2::new(5.0 * mm, 0.0));
    let requests = obeyed(&mut harness);
    assert!(matches!(&requests[..], [Request::Run(Command { tool, .. })] if tool == "measure.edit"), "{requests:?}");
    assert!((length(&harness) - 15.0).abs() < 1.0, "{}", length(&harness));
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::Z), [Request::Undo]);
    harness.state_mut().session.undo();
    harness.run_steps(2);
    assert!((length(&harness) - 10.0).abs() < 1e-3, "one step back for one drag");
    assert_eq!(strike(&mut harness, Modifiers::NONE, Key::Delete).len(), 1);
}

#[test]
fn the_whole_is_dragged_by_its_line() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::L);
    let centre = view_of(&harness, Orientation::Axial).center();
    let mm = points_per_mm(&harness);
    drag(&mut harness, centre - Vec2::new(8.0 * mm, 0.0), centre + Vec2::new(8.0 * mm, 0.0));
    obeyed(&mut harness);
    let before = measures(&harness)[0].1.shape.centre();
    drag(&mut harness, centre, centre + Vec2::new(0.0, 3.0 * mm));
    obeyed(&mut harness);
    let after = &measures(&harness)[0].1;
    let way = after.shape.centre() - before;
    assert!((way.y - 3.0).abs() < 1e-3 && way.x.abs() < 1e-3, "{way}");
    assert!((after.value("length").unwrap() - 16.0).abs() < 1e-3);
}

#[test]
fn clicks_draw_too_and_a_third_makes_an_angle() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::A);
    let centre = view_of(&harness, Orientation::Axial).center();
    let mm = points_per_mm(&harness);
    for at in [Vec2::new(6.0, 0.0), Vec2::ZERO, Vec2::new(0.0, 6.0)] {
        click(&mut harness, centre + at * mm);
    }
    let requests = obeyed(&mut harness);
    assert_eq!(requests.len(), 1, "clicks move no crosshair while measuring: {requests:?}");
    assert!((measures(&harness)[0].1.value("angle").unwrap() - 90.0).abs() < 0.01);
}

#[test]
fn a_polyline_ends_with_enter_and_a_right_click_takes_a_point_back() {
    let mut harness = open(case());
    choose(&mut harness, crate::geom::measure::Kind::Polyline);
    let centre = view_of(&harness, Orientation::Axial).center();
    let mm = points_per_mm(&harness);
    for at in [Vec2::ZERO, Vec2::new(4.0, 0.0), Vec2::new(4.0, 9.0)] {
        click(&mut harness, centre + at * mm);
    }
    for pressed in [true, false] {
        let (pos, button, modifiers) = (centre, egui::PointerButton::Secondary, Modifiers::NONE);
        harness.event(egui::Event::PointerButton { pos, button, pressed, modifiers });
    }
    harness.run_steps(2);
    assert!(harness.query_by_label("Reset views").is_none(), "no menu opens");
    click(&mut harness, centre + Vec2::new(4.0, -3.0) * mm);
    assert!(measures(&harness).is_empty());
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(!harness.state().workspace.slices.measures.is_drawing(), "Escape gives it up");
    for at in [Vec2::ZERO, Vec2::new(4.0, 0.0), Vec2::new(4.0, -3.0)] {
        click(&mut harness, centre + at * mm + Vec2::new(0.0, 1.0));
    }
    harness.key_press_modifiers(Modifiers::NONE, Key::Enter);
    obeyed(&mut harness);
    assert!((measures(&harness)[0].1.value("length").unwrap() - 7.0).abs() < 0.01);
}

#[test]
fn an_ellipse_reads_the_scan_and_is_listed_with_its_area() {
    let mut harness = open(case());
    choose(&mut harness, crate::geom::measure::Kind::Ellipse);
    let centre = view_of(&harness, Orientation::Axial).center();
    let mm = points_per_mm(&harness);
    drag(&mut harness, centre - Vec2::new(5.0, 4.0) * mm, centre + Vec2::new(5.0, 4.0) * mm);
    obeyed(&mut harness);
    let (_, ellipse) = &measures(&harness)[0];
    let area = ellipse.value("area").unwrap();
    assert!((area - std::f64::consts::PI * 20.0).abs() < 0.1, "{area}");
    let voxels = ellipse.value("voxels").expect("whole voxels were counted");
    assert!((voxels - area).abs() < 8.0, "a voxel is 1 mm² in this plane: {voxels}");
    assert!(ellipse.values().iter().any(|fact| fact.name == "mean" && fact.unit == "HU"));
}

#[test]
fn control_snaps_to_the_centre_of_a_voxel() {
    let mut harness = open(case());
    choose(&mut harness, crate::geom::measure::Kind::Point);
    let pos = view_of(&harness, Orientation::Axial).center() + Vec2::new(33.0, 21.0);
    harness.hover_at(pos);
    harness.event(egui::Event::ModifiersChanged(Modifiers::CTRL));
    harness.run_steps(1);
    for pressed in [true, false] {
        let (button, modifiers) = (egui::PointerButton::Primary, Modifiers::CTRL);
        harness.event(egui::Event::PointerButton { pos, button, pressed, modifiers });
    }
    harness.run_steps(2);
    harness.event(egui::Event::ModifiersChanged(Modifiers::NONE));
    obeyed(&mut harness);
    let point = measures(&harness)[0].1.shape.points()[0];
    let index = scan().grid().index_from_patient(point);
    assert!((index - index.map(f64::round)).norm() < 1e-9, "{index}");
}

#[test]
fn the_words_of_an_arrow_are_written_where_it_was_drawn() {
    let mut harness = open(case());
    choose(&mut harness, crate::geom::measure::Kind::Arrow);
    let centre = view_of(&harness, Orientation::Axial).center();
    drag(&mut harness, centre, centre + Vec2::new(60.0, 40.0));
    assert_eq!(asked(&mut harness), [], "it waits for its words");
    harness.event(egui::Event::Text("stenosis, 70 %".into()));
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::NONE, Key::Enter);
    obeyed(&mut harness);
    assert_eq!(measures(&harness)[0].1.text, "stenosis, 70 %");
}

#[test]
fn escape_gives_up_an_arrow_whose_words_are_written_and_nothing_else() {
    let mut harness = open(case());
    let arrow = crate::geom::measure::Kind::Arrow;
    choose(&mut harness, arrow);
    let centre = view_of(&harness, Orientation::Axial).center();
    drag(&mut harness, centre, centre + Vec2::new(60.0, 40.0));
    harness.event(egui::Event::Text("sten".into()));
    harness.run_steps(2);
    assert_eq!(strike(&mut harness, Modifiers::NONE, Key::Escape), []);
    assert_eq!(harness.state().workspace.slices.tool, slice::MouseTool::Measure(arrow), "the tool stays");
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().workspace.slices.tool, slice::MouseTool::Window, "nothing was left to give up");
}

#[test]
fn the_left_button_measures_or_edits_but_not_both() {
    use crate::app::ui::editor::Effect;
    let mut harness = open(case());
    let effect = |harness: &Harness<'_, Desk>| harness.state().workspace.editor.as_ref().unwrap().effect;
    strike(&mut harness, Modifiers::NONE, Key::B);
    assert_eq!(effect(&harness), Effect::Paint);
    strike(&mut harness, Modifiers::NONE, Key::L);
    assert_eq!(effect(&harness), Effect::Look);
    strike(&mut harness, Modifiers::NONE, Key::B);
    assert_eq!(effect(&harness), Effect::Paint);
    assert_eq!(harness.state().workspace.slices.tool, slice::MouseTool::Window);
}

#[test]
fn escape_lets_go_of_a_handle_for_the_rest_of_the_drag() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::L);
    let centre = view_of(&harness, Orientation::Axial).center();
    let end = centre + Vec2::new(2.0 * points_per_mm(&harness), 30.0);
    let from = end - Vec2::new(10.0 * points_per_mm(&harness), 0.0);
    drag(&mut harness, from, end);
    obeyed(&mut harness);
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    let (window, place) = (window_of(&mut harness), crosshair(&harness));
    harness.hover_at(end);
    harness.run_steps(1);
    harness.drag_at(end);
    harness.run_steps(1);
    harness.hover_at(end + Vec2::new(25.0, 10.0));
    harness.run_steps(1);
    assert!(harness.state().workspace.slices.measures.is_held(), "the handle is in the hand");
    assert_eq!(strike(&mut harness, Modifiers::NONE, Key::Escape), []);
    harness.hover_at(end + Vec2::new(90.0, 50.0));
    harness.run_steps(1);
    harness.drop_at(end + Vec2::new(90.0, 50.0));
    assert_eq!(asked(&mut harness), []);
    assert_eq!((window_of(&mut harness), crosshair(&harness)), (window, place));
}

/// What is in the hand would jump across the view.
#[test]
fn no_view_is_mirrored_while_a_handle_is_dragged_in_it() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::L);
    let centre = view_of(&harness, Orientation::Axial).center();
    let end = centre + Vec2::new(2.0 * points_per_mm(&harness), 30.0);
    let from = end - Vec2::new(10.0 * points_per_mm(&harness), 0.0);
    drag(&mut harness, from, end);
    obeyed(&mut harness);
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    harness.hover_at(end);
    harness.run_steps(1);
    harness.drag_at(end);
    harness.run_steps(1);
    harness.hover_at(end + Vec2::new(25.0, 10.0));
    harness.run_steps(1);
    assert!(harness.state().workspace.slices.measures.is_held(), "the handle is in the hand");
    let flips = |harness: &Harness<'_, Desk>| harness.state().workspace.slices.frame(Orientation::Axial).flips();
    for key in [Key::H, Key::V] {
        strike(&mut harness, Modifiers::NONE, key);
        assert_eq!(flips(&harness), [false; 2], "{key:?}");
    }
    harness.drop_at(end + Vec2::new(25.0, 10.0));
    let moved = asked(&mut harness);
    assert!(matches!(&moved[..], [Request::Run(command)] if command.tool == "measure.edit"), "{moved:?}");
    strike(&mut harness, Modifiers::NONE, Key::H);
    assert_eq!(flips(&harness), [true, false], "with an empty hand it is");
}

#[test]
fn shift_pans_in_slicers_preset_and_draws_nothing_meanwhile() {
    let mut harness = open(case());
    harness.state_mut().workspace.settings.mouse = crate::app::ui::settings::MousePreset::Slicer;
    choose(&mut harness, crate::geom::measure::Kind::Length);
    let from = view_of(&harness, Orientation::Axial).center();
    let to = from + Vec2::new(70.0, 30.0);
    for (at_press, later) in [(Modifiers::SHIFT, Modifiers::NONE), (Modifiers::NONE, Modifiers::SHIFT)] {
        let before = harness.state().workspace.slices.framings;
        harness.event_modifiers(egui::Event::PointerMoved(from), at_press);
        harness.run_steps(1);
        let button = |pos, pressed, modifiers| {
            let button = egui::PointerButton::Primary;
            egui::Event::PointerButton { pos, button, pressed, modifiers }
        };
        harness.event_modifiers(button(from, true, at_press), at_press);
        harness.run_steps(1);
        for step in 1..=6 {
            let held = if step < 3 { at_press } else { later };
            harness.event_modifiers(egui::Event::PointerMoved(from + (to - from) * (step as f32 / 6.0)), held);
            harness.run_steps(1);
        }
        harness.event_modifiers(button(to, false, later), later);
        let requests = asked(&mut harness);
        let pans = at_press == Modifiers::SHIFT;
        assert_eq!(harness.state().workspace.slices.framings != before, pans);
        assert_eq!(requests.len(), usize::from(!pans), "{requests:?}");
        assert!(!harness.state().workspace.slices.measures.is_drawing());
    }
}

/// The case with a length (4) in it, and where its second end is seen in the 3D view.
fn with_length() -> (Harness<'static, Desk>, Pos2) {
    let mut harness = open(case());
    let points = json!([[-6.0, 0.0, 130.0], [6.0, 0.0, 130.0]]);
    let params = json!({ "kind": "length", "points": points, "normal": [0, 0, 1], "scan": 1 });
    harness.state_mut().session.run(Command::new("measure.add", params), &Progress::default()).unwrap();
    let camera = OrbitCamera { target: Point::new(0.0, 0.0, 130.0), distance_mm: 90.0, ..OrbitCamera::default() };
    let scene = &mut harness.state_mut().scene;
    (scene.camera, scene.views[0].camera) = (camera, camera);
    harness.run_steps(4);
    let rect = harness.state().pane.as_ref().expect("the 3D view is shown").rect;
    let at = camera.project(&Point::new(6.0, 0.0, 130.0), rect).expect("it lies before the eye");
    assert!(rect.contains(at), "{at} in {rect}");
    (harness, at)
}

#[test]
fn a_handle_in_the_3d_view_is_dragged_in_the_plane_of_the_screen() {
    let (mut harness, at) = with_length();
    let camera = harness.state().scene.camera;
    let rect = harness.state().pane.as_ref().unwrap().rect;
    // Beside the handle, but within its pick radius; the camera does not turn meanwhile.
    harness.state_mut().drags.clear();
    drag(&mut harness, at + Vec2::new(5.0, 4.0), at + Vec2::new(-30.0, 22.0));
    assert!(harness.state().drags.is_empty(), "the scene was not dragged");
    let requests = obeyed(&mut harness);
    assert!(matches!(&requests[..], [Request::Run(Command { tool, .. })] if tool == "measure.edit"), "{requests:?}");
    let end = measures(&harness)[0].1.shape.points()[1];
    let seen = camera.project(&end, rect).unwrap();
    assert!((seen - (at + Vec2::new(-30.0, 22.0))).length() < 1.5, "{seen} is under the mouse");
    let depth = |point: &Point| (point - camera.eye()).dot(&camera.right_up_back()[2]);
    assert!((depth(&end) - depth(&Point::new(6.0, 0.0, 130.0))).abs() < 1e-6, "as far from the viewer as before");
}

#[test]
fn a_handle_on_a_surface_stays_on_the_surface_under_the_mouse() {
    let (mut harness, at) = with_length();
    let on_surface = Point::new(5.0, 1.0, 131.0);
    let picked = |point| Some(Picked { node: NodeId(3), point, value: None });
    harness.state_mut().scene.picked = picked(Point::new(6.0, 0.2, 130.0));
    harness.hover_at(at);
    harness.run_steps(2);
    harness.drag_at(at);
    harness.run_steps(1);
    harness.state_mut().scene.picked = picked(on_surface);
    for step in 1..=6 {
        harness.hover_at(at - Vec2::new(4.0, 0.0) * step as f32);
        harness.run_steps(1);
    }
    harness.drop_at(at - Vec2::new(24.0, 0.0));
    harness.run_steps(2);
    obeyed(&mut harness);
    assert!((measures(&harness)[0].1.shape.points()[1] - on_surface).norm() < 1e-6);
}

#[test]
fn what_is_covered_is_dashed_in_the_3d_view() {
    let (mut harness, _) = with_length();
    let lines = harness.state().workspace.measure_lines();
    let [(id, strokes)] = &lines[..] else { panic!("one measure: {lines:?}") };
    let segments = |harness: &Harness<'_, Desk>| {
        let rect = harness.state().pane.as_ref().unwrap().rect;
        let inside =
            |shape: &egui::Shape| matches!(shape, egui::Shape::LineSegment { points, .. } if rect.contains(points[0]));
        harness.output().shapes.iter().filter(|clipped| inside(&clipped.shape)).count()
    };
    let before = segments(&harness);
    let covered = strokes.iter().map(|stroke| vec![true; stroke.len()]).collect();
    harness.state_mut().scene.views[0].covered.lines.insert(*id, covered);
    harness.run_steps(3);
    assert!(before + 5 < segments(&harness), "dashes are segments of their own");
    // What is known of another shape is not used.
    harness.state_mut().scene.views[0].covered.lines.insert(*id, vec![vec![true; 3]]);
    harness.run_steps(3);
    assert_eq!(segments(&harness), before);
}
