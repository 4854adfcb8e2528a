//! The segment editor as a person uses it: effects by key, strokes by mouse, corners by click.

use super::*;
use crate::app::ui::editor::Effect;
use crate::app::ui::wish::{Switch, Wish};
use crate::base::SegmentId;
use crate::image::Segment;

/// A scan (1) and a group (2) with two segments: `tumour` in a corner, `liver` nowhere yet.
fn edited() -> Harness<'static, Desk> {
    edited_on(scan())
}

fn edited_on(scan: Scan) -> Harness<'static, Desk> {
    let grid = Arc::clone(scan.grid());
    let segments = vec![
        Segment::new(SegmentId(1), "tumour", [9, 200, 9], None),
        Segment::new(SegmentId(2), "liver", [200, 9, 9], None),
    ];
    let quiet = Progress::default();
    let labels = LabelMap::empty(grid, segments).unwrap().edited(&[0..4, 0..4, 0..24], |_, _| 1, &quiet).unwrap();
    let group = Node::new("Organs", Data::Labels(labels)).from_source(NodeId(1));
    let mut harness =
        open(Case::from_nodes([(NodeId(1), Node::new("Chest", Data::Scan(Arc::new(scan)))), (NodeId(2), group)]));
    strike(&mut harness, Modifiers::NONE, Key::S);
    harness
}

/// The commands among what was asked for.
fn among(asked: Vec<Request>) -> Vec<Command> {
    let run = |request| match request {
        Request::Run(command) => Some(command),
        _ => None,
    };
    asked.into_iter().filter_map(run).collect()
}

/// The commands asked for since the last call.
fn commands(harness: &mut Harness<'_, Desk>) -> Vec<Command> {
    among(asked(harness))
}

#[test]
fn a_drag_paints_and_its_command_is_accepted() {
    let mut harness = edited();
    strike(&mut harness, Modifiers::NONE, Key::B);
    let rect = view_of(&harness, Orientation::Axial);
    let (from, to) = (rect.center(), rect.center() + Vec2::new(60.0, 20.0));
    let window = window_of(&mut harness);
    drag(&mut harness, from, to);
    assert_eq!(window_of(&mut harness), window, "the brush does not change the window");
    let commands = commands(&mut harness);
    let [command] = &commands[..] else { panic!("one stroke is one command: {commands:?}") };
    assert_eq!(command.tool, "segment.paint");
    assert_eq!((&command.params["labels"], &command.params["segment"]), (&json!(2), &json!(1)));
    assert!(2 < command.params["points"].as_array().unwrap().len());
    let session = &mut harness.state_mut().session;
    session.run(command.clone(), &Progress::default()).unwrap();
    let Data::Labels(labels) = &session.case().node(NodeId(2)).unwrap().data else { panic!("a group") };
    assert!(4 * 4 * 24 < labels.count(SegmentId(1)));
}

/// A stroke would go on at the other side of the view.
#[test]
fn no_view_is_mirrored_during_a_stroke() {
    let mut harness = edited();
    strike(&mut harness, Modifiers::NONE, Key::B);
    let from = view_of(&harness, Orientation::Axial).center();
    harness.hover_at(from);
    harness.run_steps(1);
    harness.drag_at(from);
    harness.run_steps(1);
    harness.hover_at(from + Vec2::new(30.0, 10.0));
    harness.run_steps(1);
    let flips = |harness: &Harness<'_, Desk>| harness.state().workspace.slices.frame(Orientation::Axial).flips();
    let flip = |harness: &mut Harness<'_, Desk>| {
        harness.state_mut().workspace.waiting.push(Wish::Flip(Switch::FlippedSides));
        harness.run_steps(2);
    };
    assert!(commands(&mut harness).is_empty(), "the stroke is not over");
    flip(&mut harness);
    assert_eq!(flips(&harness), [false; 2]);
    harness.drop_at(from + Vec2::new(60.0, 20.0));
    assert_eq!(commands(&mut harness).len(), 1);
    flip(&mut harness);
    assert_eq!(flips(&harness), [true, false]);
}

#[test]
fn in_a_flipped_view_the_brush_paints_what_is_under_it() {
    let mut harness = edited();
    let rect = view_of(&harness, Orientation::Axial);
    let at = rect.center() + Vec2::new(50.0, -30.0);
    harness.hover_at(at);
    harness.run_steps(1);
    strike(&mut harness, Modifiers::NONE, Key::H);
    strike(&mut harness, Modifiers::NONE, Key::B);
    harness.hover_at(at);
    harness.run_steps(2);
    let probe = harness.state().workspace.probe.clone().expect("the mouse is over a slice");
    drag(&mut harness, at, at + Vec2::new(4.0, 0.0));
    let commands = commands(&mut harness);
    let [command] = &commands[..] else { panic!("one stroke is one command: {commands:?}") };
    let last = command.params["points"].as_array().unwrap().last().unwrap().clone();
    let last: Vec<f64> = serde_json::from_value(last).unwrap();
    let last = Point::new(last[0], last[1], last[2]);
    assert!((last - probe.point).norm() < 1.5, "{last} {}", probe.point);
    // Right of the middle of a mirrored axial view is the patient's right.
    assert!(last.x < scan().grid().bounds().centre().x - 1.0, "{last}");
}

#[test]
fn ctrl_erases_and_brackets_change_the_brush() {
    let mut harness = edited();
    strike(&mut harness, Modifiers::NONE, Key::B);
    strike(&mut harness, Modifiers::NONE, Key::CloseBracket);
    let rect = view_of(&harness, Orientation::Coronal);
    harness.key_down_modifiers(Modifiers::CTRL, Key::F24);
    let at = rect.center();
    harness.event_modifiers(egui::Event::PointerMoved(at), Modifiers::CTRL);
    for pressed in [true, false] {
        let button = egui::PointerButton::Primary;
        harness.event_modifiers(
            egui::Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::CTRL },
            Modifiers::CTRL,
        );
        harness.run_steps(1);
    }
    harness.run_steps(3);
    let commands = commands(&mut harness);
    let [command] = &commands[..] else { panic!("one click is one dab: {commands:?}") };
    assert_eq!((&command.params["mode"], &command.params["radius_mm"]), (&json!("erase"), &json!(6.0)));
    assert_eq!(command.params["slice_normal"].as_array().unwrap().len(), 3);
}

#[test]
fn corners_are_clicked_and_entered() {
    let mut harness = edited();
    strike(&mut harness, Modifiers::NONE, Key::D);
    let rect = view_of(&harness, Orientation::Axial);
    for corner in [Vec2::new(-60.0, -60.0), Vec2::new(60.0, -60.0), Vec2::new(60.0, 60.0), Vec2::new(0.0, 90.0)] {
        click(&mut harness, rect.center() + corner);
        harness.run_steps(40);
    }
    assert_eq!(commands(&mut harness), [], "nothing is asked for before the contour is closed");
    strike(&mut harness, Modifiers::NONE, Key::Backspace);
    let commands = among(strike(&mut harness, Modifiers::NONE, Key::Enter));
    let draws: Vec<&Command> = commands.iter().filter(|command| command.tool == "segment.draw").collect();
    let [draw] = draws[..] else { panic!("one contour is one command: {commands:?}") };
    assert_eq!(draw.params["points"].as_array().unwrap().len(), 3);
    harness.state_mut().session.run(draw.clone(), &Progress::default()).unwrap();
}

#[test]
fn escape_lets_go_step_by_step() {
    let mut harness = edited();
    strike(&mut harness, Modifiers::NONE, Key::D);
    let rect = view_of(&harness, Orientation::Axial);
    click(&mut harness, rect.center());
    harness.run_steps(40);
    for _ in 0..2 {
        strike(&mut harness, Modifiers::NONE, Key::Escape);
        assert!(harness.state().workspace.editor.is_some());
    }
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(harness.state().workspace.editor.is_none());
}

#[test]
fn a_drawn_loop_cuts_with_scissors_and_a_locked_segment_does_not() {
    let mut harness = edited();
    press(&mut harness, "Scissors. Drag around something in a slice or in 3D to cut it all the way through");
    let rect = view_of(&harness, Orientation::Axial);
    let at = |angle: f32| rect.center() + 80.0 * Vec2::angled(angle);
    harness.hover_at(at(0.0));
    harness.run_steps(1);
    harness.drag_at(at(0.0));
    for step in 1..30 {
        harness.hover_at(at(step as f32 * 0.2));
        harness.run_steps(1);
    }
    harness.drop_at(at(6.0));
    harness.run_steps(3);
    let found = commands(&mut harness);
    assert!(found.iter().any(|command| command.tool == "segment.scissors"), "{found:?}");
    let locked = among(press(&mut harness, "Lock tumour"));
    let [lock] = &locked[..] else { panic!("one click, one command: {locked:?}") };
    assert_eq!((lock.tool.as_str(), &lock.params["locked"]), ("segment.edit", &json!(true)));
}

#[test]
fn keys_walk_through_the_segments() {
    let mut harness = edited();
    let segment = |harness: &Harness<'_, Desk>| harness.state().workspace.editor.as_ref().unwrap().segment;
    assert_eq!(segment(&harness), Some(SegmentId(1)));
    strike(&mut harness, Modifiers::NONE, Key::W);
    assert_eq!(segment(&harness), Some(SegmentId(2)));
    strike(&mut harness, Modifiers::NONE, Key::Q);
    assert_eq!(segment(&harness), Some(SegmentId(1)));
}

#[test]
fn a_traced_outline_and_a_live_wire_become_contours() {
    let mut harness = edited();
    press(&mut harness, "Level tracing. Point at something: its outline is shown, a click fills it");
    let rect = view_of(&harness, Orientation::Axial);
    harness.hover_at(rect.center());
    harness.run_steps(2);
    click(&mut harness, rect.center());
    let traced = commands(&mut harness);
    assert!(traced.iter().all(|command| command.tool == "segment.draw"), "{traced:?}");
    press(&mut harness, "Live wire. Click along an edge: the contour snaps to it; Enter closes and fills it");
    for corner in [Vec2::new(-60.0, -60.0), Vec2::new(60.0, -60.0), Vec2::new(20.0, 70.0)] {
        click(&mut harness, rect.center() + corner);
        harness.run_steps(40);
    }
    let found = among(strike(&mut harness, Modifiers::NONE, Key::Enter));
    let [wire] = &found[..] else { panic!("one contour is one command: {found:?}") };
    assert_eq!(wire.tool, "segment.draw");
    assert!(3 < wire.params["points"].as_array().unwrap().len(), "the wire has a point for every pixel");
    harness.state_mut().session.run(wire.clone(), &Progress::default()).unwrap();
}

/// A slice too large to be searched within a frame: a corner that is clicked before the way to it was found counts as well.
#[test]
fn a_live_wire_in_a_large_slice_has_a_way_to_every_corner() {
    let grid = Grid::aligned([300, 260, 2], Point::origin(), [1.0; 3]).unwrap();
    let inside = |o: usize| ((o % 300) as f64 - 150.0).hypot((o / 300 % 260) as f64 - 130.0) < 80.0;
    let voxels = (0..grid.len()).map(|o| if inside(o) { 400 } else { 0 } + (o % 5) as i16).collect();
    let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
    let window = Some(Window { width: 400.0, level: 200.0 });
    let mut harness = edited_on(Scan { voxels, modality: Modality::Ct, window, facts: Vec::new() });
    press(&mut harness, "Live wire. Click along an edge: the contour snaps to it; Enter closes and fills it");
    let rect = view_of(&harness, Orientation::Axial);
    for corner in [Vec2::new(-60.0, -60.0), Vec2::new(60.0, -60.0), Vec2::new(20.0, 70.0)] {
        click(&mut harness, rect.center() + corner);
        harness.run_steps(40);
    }
    let mut found = among(strike(&mut harness, Modifiers::NONE, Key::Enter));
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while found.is_empty() {
        assert!(std::time::Instant::now() < until, "the contour never closed");
        std::thread::sleep(std::time::Duration::from_millis(5));
        found = commands(&mut harness);
    }
    let [wire] = &found[..] else { panic!("one contour is one command: {found:?}") };
    let points: Vec<[f64; 3]> = serde_json::from_value(wire.params["points"].clone()).unwrap();
    let apart = |ends: &[[f64; 3]]| (Point::from(ends[1]) - Point::from(ends[0])).norm();
    assert!(
        60 < points.len() && points.windows(2).all(|ends| apart(ends) < 1.5),
        "a point for every pixel: {points:?}"
    );
}

#[test]
fn scissors_cut_along_the_lines_of_sight_in_the_scene() {
    let mut harness = edited();
    press(&mut harness, "Scissors. Drag around something in a slice or in 3D to cut it all the way through");
    let rect = harness.state().pane.as_ref().unwrap().rect;
    let bounds = scan().grid().bounds();
    harness.state_mut().scene.camera.fit(&bounds, rect);
    let at = |angle: f32| rect.center() + 0.45 * rect.height() * Vec2::angled(angle);
    harness.hover_at(at(0.0));
    harness.run_steps(1);
    harness.drag_at(at(0.0));
    for step in 1..32 {
        harness.hover_at(at(step as f32 * 0.2));
        harness.run_steps(1);
    }
    harness.drop_at(at(6.2));
    harness.run_steps(3);
    let found = commands(&mut harness);
    let [cut] = &found[..] else { panic!("one outline is one command: {found:?}") };
    assert_eq!(cut.tool, "segment.scissors");
    let Desk { session, .. } = harness.state_mut();
    session.run(cut.clone(), &Progress::default()).unwrap();
    let Data::Labels(labels) = &session.case().node(NodeId(2)).unwrap().data else { panic!("a group") };
    assert!(labels.count(SegmentId(1)) < 4 * 4 * 24, "the outline goes around most of the scan");
}

#[test]
fn what_is_typed_after_add_is_a_name_and_no_shortcut() {
    let mut harness = edited();
    harness.get_by_label_contains("Add").click();
    harness.run_steps(3);
    for (key, text) in [(Key::K, "k"), (Key::I, "i"), (Key::D, "d")] {
        harness.key_press(key);
        harness.event(egui::Event::Text(text.into()));
        harness.run_steps(1);
    }
    let added = among(press(&mut harness, "left kidney"));
    let [add] = &added[..] else { panic!("one click, one command: {added:?}") };
    assert_eq!((add.tool.as_str(), &add.params["term"]), ("segment.add", &json!("left kidney")));
    harness.state_mut().session.run(add.clone(), &Progress::default()).unwrap();
}

#[test]
fn the_smoothing_brush_shows_what_its_command_makes() {
    let mut harness = edited();
    press(&mut harness, "Smoothing brush. Even the surface of the segment where the brush goes");
    if let Some(editor) = &mut harness.state_mut().workspace.editor {
        (editor.radius_mm, editor.ball) = (12.0, true);
    }
    let rect = view_of(&harness, Orientation::Axial);
    // The tumour lies at the corner that is up and left on the screen.
    drag(&mut harness, rect.center() - Vec2::new(100.0, 80.0), rect.center() - Vec2::new(130.0, 90.0));
    let (_, preview, _) = harness.state().workspace.editor.as_ref().unwrap().preview().expect("a stroke is shown");
    let commands = commands(&mut harness);
    let [command] = &commands[..] else { panic!("one stroke is one command: {commands:?}") };
    assert_eq!((&command.tool[..], &command.params["mode"]), ("segment.paint", &json!("smooth")));
    let session = &mut harness.state_mut().session;
    let before = session.content_hash();
    session.run(command.clone(), &Progress::default()).unwrap();
    assert_ne!(session.content_hash(), before, "corners of the tumour go");
    let Data::Labels(labels) = &session.case().node(NodeId(2)).unwrap().data else { panic!("a group") };
    assert_eq!(*labels, preview);
}

#[test]
fn number_keys_choose_effects_while_segments_are_edited_and_windows_otherwise() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::Num2);
    let lung = Window { width: 1500.0, level: -600.0 };
    assert_eq!(window_of(&mut harness), lung);
    strike(&mut harness, Modifiers::NONE, Key::S);
    for (key, effect) in [(Key::Num2, Effect::Paint), (Key::Num7, Effect::Scissors), (Key::Num1, Effect::Look)] {
        strike(&mut harness, Modifiers::NONE, key);
        assert_eq!(harness.state().workspace.editor.as_ref().unwrap().effect, effect);
    }
    assert_eq!(window_of(&mut harness), lung, "the window stays");
    strike(&mut harness, Modifiers::NONE, Key::Num0);
    assert_ne!(window_of(&mut harness), lung, "0 still shows every value");
}
