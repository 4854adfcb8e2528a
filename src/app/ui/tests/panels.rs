//! Buttons, forms, objects, history, palette and dialogs.

use super::*;
use crate::app::ui::wish::Wish;

#[test]
fn an_empty_case_invites_and_has_no_scene() {
    let mut harness = open(Case::default());
    assert!(harness.state().pane.is_none());
    assert_eq!(press(&mut harness, "Open a folder"), [Request::OpenFolderDialog]);
    assert_eq!(press(&mut harness, "Sample chest CT"), [Request::LoadSample("chest")]);
    assert_eq!(press(&mut harness, "Make a phantom"), [command("scan.phantom", json!({}))]);
}

#[test]
fn organ_buttons_run_their_preset_on_the_scan() {
    let mut harness = open(case());
    for (label, preset) in [("Lungs", "lungs"), ("Airways", "airway"), ("Bone", "bone"), ("Body surface", "body")] {
        let expected = command("segment.organ", json!({ "scan": 1, "preset": preset }));
        assert_eq!(press(&mut harness, label), [expected]);
    }
    let point = crosshair(&harness);
    let seed = json!([point.x, point.y, point.z]);
    let expected = command("segment.organ", json!({ "scan": 1, "preset": "vessel", "seed": seed }));
    assert_eq!(press(&mut harness, "Vessel"), [expected]);
}

#[test]
fn the_buttons_commands_are_accepted_by_their_tools() {
    let mut harness = open(case());
    let mut requests = Vec::new();
    for label in ["Lungs", "Airways", "Bone", "Body surface", "Vessel"] {
        requests.extend(press(&mut harness, label));
    }
    press(&mut harness, "Threshold…");
    requests.extend(press(&mut harness, "Run"));
    press(&mut harness, "Model");
    for label in ["Surface…", "Tetrahedra…"] {
        press(&mut harness, label);
        requests.extend(press(&mut harness, "Run"));
    }
    press(&mut harness, "Simulate");
    press(&mut harness, "Pull organ…");
    requests.extend(press(&mut harness, "Run"));
    assert_eq!(requests.len(), 9, "{requests:?}");
    for request in requests {
        let Request::Run(Command { tool, params }) = request else { panic!("{request:?} is no command") };
        let entry = crate::tools::find(&tool).expect("the tool exists");
        let prepared = (entry.prepare)(harness.state().session.case(), &[], &params);
        // The only tetrahedron of this case has no patch to pull; everything else must be accepted.
        if let Err(error) = prepared {
            assert_eq!(tool, "simulate.tissue", "{error}");
        }
    }
}

#[test]
fn a_button_without_its_input_is_disabled() {
    let mut harness = open(case());
    press(&mut harness, "Simulate");
    assert!(harness.get_by_label("Air through the airway…").accesskit_node().is_disabled());
    assert!(!harness.get_by_label("Pull organ…").accesskit_node().is_disabled());
    assert_eq!(press(&mut harness, "Air through the airway…"), []);
}

#[test]
fn undo_and_redo_name_their_step() {
    let mut harness = open(case());
    let rename = Command::new("object.rename", json!({ "node": 2, "name": "Left lobe" }));
    harness.state_mut().session.run(rename, &Progress::default()).unwrap();
    harness.run_steps(2);
    assert_eq!(press(&mut harness, "Undo rename Liver to Left lobe"), [Request::Undo]);
    harness.state_mut().session.undo();
    harness.run_steps(2);
    assert_eq!(press(&mut harness, "Redo rename Liver to Left lobe"), [Request::Redo]);
    assert!(harness.query_by_label("Nothing to undo").is_some());
}

#[test]
fn a_step_of_the_history_is_one_click_away() {
    let mut harness = open(case());
    let rename = Command::new("object.rename", json!({ "node": 2, "name": "Left lobe" }));
    harness.state_mut().session.run(rename, &Progress::default()).unwrap();
    harness.run_steps(2);
    assert_eq!(press(&mut harness, "start"), [Request::GoTo(crate::base::StateId(0))]);
}

#[test]
fn keys_do_what_the_key_list_says() {
    let mut harness = open(case());
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::S), [Request::SaveCase]);
    assert_eq!(strike(&mut harness, Modifiers::COMMAND | Modifiers::SHIFT, Key::S), [Request::SaveCaseAs]);
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::O), [Request::OpenFileDialog]);
    assert_eq!(strike(&mut harness, Modifiers::NONE, Key::F11), [Request::ToggleFullscreen]);
    assert_eq!(strike(&mut harness, Modifiers::NONE, Key::R), [Request::Fit(None)]);
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::Z), [], "there is nothing to undo");
    harness.state_mut().scene.particles_playing = Some(true);
    assert_eq!(strike(&mut harness, Modifiers::NONE, Key::Space), [Request::PlayParticles(false)]);
    harness.state_mut().workspace.selected = Some(NodeId(2));
    let expected = [command("object.remove", json!({ "node": 2 }))];
    assert_eq!(strike(&mut harness, Modifiers::NONE, Key::Delete), expected);
}

#[test]
fn objects_are_renamed_in_place() {
    let mut harness = open(case());
    harness.state_mut().workspace.selected = Some(NodeId(2));
    strike(&mut harness, Modifiers::NONE, Key::F2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(egui::Event::Text("Right lobe".into()));
    harness.run_steps(2);
    let requests = strike(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(requests, [command("object.rename", json!({ "node": 2, "name": "Right lobe" }))]);
}

#[test]
fn the_eye_hides_an_object() {
    let mut harness = open(case());
    let requests = press(&mut harness, "Hide Liver mesh");
    assert_eq!(requests, [command("object.display", json!({ "node": 3, "visible": false }))]);
}

#[test]
fn the_palette_finds_commands_by_a_few_letters() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::COMMAND, Key::K);
    harness.event(egui::Event::Text("save cas".into()));
    harness.run_steps(3);
    assert_eq!(strike(&mut harness, Modifiers::NONE, Key::Enter), [Request::SaveCase]);
    strike(&mut harness, Modifiers::COMMAND, Key::K);
    harness.event(egui::Event::Text("tetra".into()));
    harness.run_steps(3);
    strike(&mut harness, Modifiers::NONE, Key::Enter);
    assert!(harness.query_by_label("Run").is_some(), "the form of the tool is open");
}

/// A letter as a keyboard sends it: a text and a key.
fn letter(text: &str, key: Key) -> impl Iterator<Item = egui::Event> {
    std::iter::once(egui::Event::Text(text.into())).chain(tapped(Modifiers::NONE, key))
}

#[test]
fn letters_typed_right_after_the_key_of_the_palette_are_for_it() {
    let mut harness = open(case());
    let tool = harness.state().workspace.slices.tool;
    let crosshair = harness.state().workspace.slices.crosshair;
    // C is before it and means the crosshair; A and B would measure an angle and paint.
    let events = letter("c", Key::C).chain(tapped(Modifiers::COMMAND, Key::K));
    let events = events.chain(letter("a", Key::A)).chain(letter("b", Key::B));
    assert_eq!(in_one_frame(&mut harness, events), []);
    let workspace = &harness.state().workspace;
    assert_eq!(workspace.palette.as_ref().map(|palette| palette.typed()), Some("ab"));
    assert_eq!(workspace.slices.crosshair, !crosshair, "a key before it is a key of the window");
    assert!(workspace.slices.tool == tool && workspace.editor.is_none(), "no key after it is");
    harness.event(egui::Event::Text("c".into()));
    harness.run_steps(2);
    assert_eq!(harness.state().workspace.palette.as_ref().map(|palette| palette.typed()), Some("abc"));
}

#[test]
fn a_command_is_found_and_taken_within_one_frame() {
    let mut harness = open(case());
    let events = tapped(Modifiers::COMMAND, Key::K).into_iter().chain([egui::Event::Text("save cas".into())]);
    let events = events.chain(tapped(Modifiers::NONE, Key::Enter));
    assert_eq!(in_one_frame(&mut harness, events), [Request::SaveCase]);
    assert!(harness.state().workspace.palette.is_none());
}

#[test]
fn keys_after_the_key_of_a_dialog_are_not_for_the_window() {
    let mut harness = open(case());
    let events = tapped(Modifiers::NONE, Key::F1).into_iter().chain(letter("s", Key::S));
    in_one_frame(&mut harness, events);
    let workspace = &harness.state().workspace;
    assert!(workspace.dialog.is_some() && workspace.editor.is_none());
}

#[test]
fn a_key_struck_twice_in_a_long_frame_counts_twice() {
    let mut harness = open(case());
    let before = scan().grid().centre([20, 15, 12]);
    harness.state_mut().workspace.crosshair = Some(before);
    harness.run_steps(1);
    let twice = tapped(Modifiers::NONE, Key::ArrowUp).into_iter().chain(tapped(Modifiers::NONE, Key::ArrowUp));
    in_one_frame(&mut harness, twice);
    assert!(((crosshair(&harness) - before).norm() - 5.0).abs() < 1e-9, "two slices of 2.5 mm");
}

#[test]
fn cards_of_the_welcome_page_say_all_they_have_to_say() {
    let mut harness = open(Case::default());
    for width in [1440.0, 1280.0, 1024.0, 800.0] {
        harness.set_size(Vec2::new(width, 900.0));
        harness.run_steps(3);
        for id in ["welcome-folder-help", "welcome-file-help", "welcome-chest-help", "welcome-phantom-help"] {
            let line = crate::base::i18n::tr(id);
            let shown = texts(&harness).into_iter().find(|(galley, _)| galley.text() == line);
            let (galley, _) = shown.unwrap_or_else(|| panic!("{width}: {line} is not shown"));
            assert!(!galley.elided && galley.rows.len() <= 2, "{width}: {line} in {} rows", galley.rows.len());
        }
    }
}

#[test]
fn the_palette_finds_organs_by_name() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::COMMAND, Key::K);
    harness.event(egui::Event::Text("liver vess".into()));
    harness.run_steps(3);
    strike(&mut harness, Modifiers::NONE, Key::Enter);
    let requests = press(&mut harness, "Run");
    let [Request::Run(command)] = &requests[..] else { panic!("one command: {requests:?}") };
    assert_eq!((command.tool.as_str(), &command.params["preset"]), ("segment.organ", &json!("liver_vessels")));
}

#[test]
fn unsaved_changes_are_asked_about() {
    let mut harness = open(case());
    harness.state_mut().unsaved = true;
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::Q), []);
    let save_then_quit = Request::SaveThen(Box::new(Request::Quit));
    assert_eq!(press(&mut harness, "Save"), [save_then_quit]);
    strike(&mut harness, Modifiers::COMMAND, Key::Q);
    assert_eq!(press(&mut harness, "Go on without saving"), [Request::Quit]);
    strike(&mut harness, Modifiers::COMMAND, Key::N);
    assert_eq!(press(&mut harness, "Cancel"), []);
    assert!(!harness.state_mut().workspace.may_quit(true) && harness.state_mut().workspace.may_quit(false));
}

#[test]
fn forms_start_with_what_the_case_offers_and_send_only_what_was_changed() {
    let mut harness = open(case());
    press(&mut harness, "Threshold…");
    let requests = press(&mut harness, "Run");
    assert_eq!(requests, [command("segment.threshold", json!({ "scan": 1 }))]);
    press(&mut harness, "Threshold…");
    let requests = strike(&mut harness, Modifiers::COMMAND, Key::Enter);
    assert_eq!(requests, [command("segment.threshold", json!({ "scan": 1 }))]);
    press(&mut harness, "Model");
    press(&mut harness, "Tetrahedra…");
    let form = harness.state().workspace.form_of("model.tetrahedra").expect("the form is open");
    assert_eq!(form["labels"], json!(2));
    assert!(harness.state().workspace.form_of("model.surface").is_none());
    harness.state_mut().workspace.fill_in("model.tetrahedra", "tets", json!(1));
    harness.run_steps(3);
    let form = harness.state().workspace.form_of("model.tetrahedra").unwrap();
    assert_eq!(form["tets"], json!(100), "the field keeps to its limits");
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(harness.state().workspace.form_of("model.tetrahedra").is_none());
}

#[test]
fn a_slider_beside_a_number_changes_it_and_only_it() {
    let mut harness = open(case());
    let form = Wish::Form { tool: "model.surface".into(), params: json!({ "segment": 1 }) };
    harness.state_mut().workspace.waiting.push(form);
    harness.run_steps(4);
    let sliders = || crate::base::i18n::tr_with("field-slider", &[("name", "Smoothing".into())]);
    let rect = harness.get_by_label(&sliders()).rect();
    click(&mut harness, rect.left_center() + Vec2::new(0.75 * rect.width(), 0.0));
    let requests = press(&mut harness, "Run");
    let [Request::Run(command)] = &requests[..] else { panic!("one command: {requests:?}") };
    let smoothing = command.params["smoothing"].as_f64().expect("it was changed");
    assert!((0.6..0.9).contains(&smoothing), "{smoothing}");
    assert_eq!(command.params["triangles_max"], Value::Null, "what was not touched is not sent");
}

#[test]
fn a_form_says_what_is_missing_and_cannot_run() {
    let mut harness = open(case());
    press(&mut harness, "Import");
    strike(&mut harness, Modifiers::COMMAND, Key::K);
    harness.event(egui::Event::Text("import mesh".into()));
    harness.run_steps(3);
    strike(&mut harness, Modifiers::NONE, Key::Enter);
    assert!(harness.query_by_label("Path is missing").is_some());
    assert!(harness.get_by_label("Run").accesskit_node().is_disabled());
    let browse = press(&mut harness, "Browse…");
    assert_eq!(browse, [Request::PathDialog(PathKind::Read)]);
    harness.state_mut().workspace.path_chosen(std::path::Path::new("/meshes/liver.stl"));
    harness.run_steps(2);
    let expected = [command("import.mesh", json!({ "path": "/meshes/liver.stl" }))];
    assert_eq!(press(&mut harness, "Run"), expected);
}

#[test]
fn the_opacity_is_previewed_while_it_is_dragged_and_asked_for_once() {
    let mut harness = open(case());
    harness.state_mut().workspace.selected = Some(NodeId(3));
    harness.run_steps(3);
    let slider = harness.get_by_role(egui::accesskit::Role::Slider).rect();
    let right = slider.right_center() - Vec2::new(8.0, 0.0);
    harness.hover_at(right);
    harness.run_steps(1);
    harness.drag_at(right);
    harness.run_steps(1);
    for step in 1..=6 {
        harness.hover_at(right - Vec2::new(9.0, 0.0) * step as f32);
        harness.run_steps(1);
    }
    assert!(harness.state().asked.is_empty(), "nothing is asked for while the button is down");
    let (node, shown) = harness.state().workspace.preview.clone().expect("a preview");
    assert!(node == NodeId(3) && shown.opacity < 0.9);
    harness.drop_at(right - Vec2::new(54.0, 0.0));
    let requests = asked(&mut harness);
    assert!(matches!(&requests[..], [Request::Run(Command { tool, .. })] if tool == "object.display"), "{requests:?}");
}

#[test]
fn what_undo_took_away_is_pointed_at_no_more() {
    let mut harness = open(case());
    let remove = Command::new("object.remove", json!({ "node": 3 }));
    harness.state_mut().workspace.selected = Some(NodeId(3));
    harness.state_mut().workspace.isolated = Some(NodeId(3));
    harness.state_mut().session.run(remove, &Progress::default()).unwrap();
    harness.run_steps(2);
    assert_eq!((harness.state().workspace.selected, harness.state().workspace.isolated), (None, None));
}

#[test]
fn fields_the_inspector_offers_are_those_results_have() {
    let mesh = match &case().node(NodeId(3)).unwrap().data {
        Data::Tets(mesh) => mesh.clone(),
        _ => unreachable!("node 3 is the mesh"),
    };
    let zero = crate::geom::Vector::zeros();
    let result = crate::biomech::TissueResult {
        mesh,
        displacement_mm: vec![zero; 4],
        von_mises_pa: vec![0.0; 4],
        principal_pa: vec![[0.0; 3]; 4],
        tet_von_mises_pa: vec![0.0],
        tet_volume_ratio: vec![1.0],
        support_n: vec![zero; 4],
        reaction_n: zero,
        grip_n: zero,
        applied_n: zero,
        imbalance: 0.0,
    };
    let names = [result.displacement_field().name, result.von_mises_field().name];
    assert_eq!(names, super::super::inspector::TISSUE_FIELDS.map(str::to_owned));
}

#[test]
fn what_a_command_made_is_selected() {
    let mut harness = open(case());
    assert_eq!(harness.state().workspace.selected, None);
    let threshold = Command::new("segment.threshold", json!({ "scan": 1 }));
    let outcome = harness.state_mut().session.run(threshold, &Progress::default()).unwrap();
    harness.run_steps(2);
    assert_eq!(harness.state().workspace.selected, outcome.added.first().copied());
    assert!(!outcome.added.is_empty());
}

#[test]
fn lost_sessions_are_asked_about_one_by_one() {
    let mut harness = open(case());
    let lost = |log: &str, steps| LostSession {
        log: log.into(),
        case: None,
        steps,
        last: "Segment organ".into(),
        minutes_ago: Some(90),
    };
    harness.state_mut().workspace.ask_about(vec![lost("b.jsonl", 1), lost("a.jsonl", 12)]);
    harness.run_steps(3);
    assert!(harness.query_by_label("12 steps on a new case").is_some());
    assert!(harness.query_all_by_label("1 hour ago, the last: Segment organ").count() == 2);
    // Keys of the window do nothing while it asks.
    assert_eq!(strike(&mut harness, Modifiers::CTRL, Key::Z), []);
    harness.get_all_by_label("Discard").next().unwrap().click();
    assert_eq!(asked(&mut harness), [Request::Discard("b.jsonl".into())]);
    assert!(harness.query_by_label("1 step on a new case").is_none());
    assert_eq!(press(&mut harness, "Recover"), [Request::Recover("a.jsonl".into())]);
    assert!(harness.query_by_label("Later").is_none());
}

#[test]
fn the_form_of_two_segments_offers_them_by_name() {
    let scan = scan();
    let grid = Arc::clone(scan.grid());
    let voxels = (0..grid.len()).map(|o| (o % 3) as u8).collect();
    let segment = |id, name: &str| crate::image::Segment::new(crate::base::SegmentId(id), name, [200; 3], None);
    let segments = vec![segment(1, "right lung"), segment(2, "left lung")];
    let labels = LabelMap::from_volume(&Volume::new(grid, voxels).unwrap(), segments).unwrap();
    let lungs = Node::new("Lungs", Data::Labels(labels));
    let mut harness =
        open(Case::from_nodes([(NodeId(1), Node::new("Chest", Data::Scan(Arc::new(scan)))), (NodeId(2), lungs)]));
    press(&mut harness, "Model");
    press(&mut harness, "Tetrahedra…");
    assert_eq!(press(&mut harness, "Run"), [command("model.tetrahedra", json!({ "labels": 2 }))]);
    press(&mut harness, "Tetrahedra…");
    harness.get_by_value("all").click();
    harness.run_steps(3);
    press(&mut harness, "left lung");
    assert_eq!(press(&mut harness, "Run"), [command("model.tetrahedra", json!({ "labels": 2, "segment": 2 }))]);
}

#[test]
fn growing_once_more_replaces_what_grew_before() {
    let mut session = Session::with_case(crate::tools::TOOLS, case(), Vec::new());
    let tool = crate::tools::find("segment.grow_from_seeds").unwrap();
    let known = json!({ "labels": 2 });
    let previous = |session: &Session| form::Form::new(tool, &known, session.case(), None).value("previous").clone();
    assert_eq!(previous(&session), Value::Null);
    let grid = Arc::clone(scan().grid());
    let grown = LabelMap::empty(grid, Vec::new()).unwrap();
    let node = Node::new("Liver grown", Data::Labels(grown)).from_source(NodeId(2));
    let nodes = session.case().nodes().map(|(id, node)| (id, Node::clone(node)));
    let with = Case::from_nodes(nodes.chain([(NodeId(9), node)]).collect::<Vec<_>>());
    session = Session::with_case(crate::tools::TOOLS, with, Vec::new());
    assert_eq!(previous(&session), json!(9));
}
