//! The panels as a person uses them: buttons pressed, keys struck, slices clicked; no window, no graphics.

use super::*;
use crate::base::{NodeId, Progress};
use crate::geom::{Grid, Orientation, Point};
use crate::image::{LabelMap, Modality, Scan, Volume, Voxels, Window};
use crate::session::{Case, Command, Data, Node, Session};
use egui::{Key, Modifiers, Pos2, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use serde_json::{Value, json};
use std::sync::Arc;

struct Desk {
    workspace: Workspace,
    session: Session,
    messages: Messages,
    scene: SceneInfo,
    unsaved: bool,
    asked: Vec<Request>,
    pane: Option<ScenePane>,
    drags: Vec<ScenePane>,
}

fn scan() -> Scan {
    let grid = Grid::aligned([40, 30, 24], Point::new(-20.0, -15.0, 100.0), [1.0, 1.0, 2.5]).unwrap();
    let voxels = (0..grid.len()).map(|o| (o as i64 * 7919 % 3000) as i16 - 1000).collect();
    let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
    let window = Some(Window { width: 400.0, level: 40.0 });
    Scan { voxels, modality: Modality::Ct, window, facts: Vec::new() }
}

/// A case with a scan (1), a segmentation of it (2) and a small tetrahedral mesh (3).
fn case() -> Case {
    let scan = scan();
    let grid = Arc::clone(scan.grid());
    let mask = Volume::new(Arc::clone(&grid), (0..grid.len()).map(|o| u8::from(o % 7 == 0)).collect()).unwrap();
    let labels = LabelMap::from_mask(&mask, "liver", [200, 100, 50], None);
    let corners = [[0.0, 0.0, 0.0], [9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]];
    let positions = corners.map(Point::from).to_vec();
    let tets = crate::mesh::TetMesh::new(positions, vec![[0, 1, 2, 3]], vec![1]).unwrap();
    Case::from_nodes([
        (NodeId(1), Node::new("Chest", Data::Scan(Arc::new(scan)))),
        (NodeId(2), Node::new("Liver", Data::Labels(labels)).from_source(NodeId(1))),
        (NodeId(3), Node::new("Liver mesh", Data::Tets(tets)).from_source(NodeId(2))),
    ])
}

fn open(case: Case) -> Harness<'static, Desk> {
    let state = Desk {
        workspace: Workspace::default(),
        session: Session::with_case(crate::tools::TOOLS, case, Vec::new()),
        messages: Messages::default(),
        scene: SceneInfo::default(),
        unsaved: false,
        asked: Vec::new(),
        pane: None,
        drags: Vec::new(),
    };
    let show = |ui: &mut egui::Ui, window: &mut Desk| {
        let view = AppView {
            session: &window.session,
            scene: &window.scene,
            messages: &window.messages,
            case_path: None,
            unsaved: window.unsaved,
            busy: None,
            now_s: 1.0,
        };
        let UiOutput { requests, scene, .. } = window.workspace.show_in(ui, &view);
        window.asked.extend(requests);
        window.drags.extend(scene.clone().filter(|pane| pane.dragging));
        window.pane = scene;
    };
    let mut harness =
        Harness::builder().with_size(Vec2::new(1440.0, 900.0)).with_step_dt(1.0 / 60.0).build_ui_state(show, state);
    harness.run_steps(4);
    harness
}

/// Everything asked for since the last call.
fn asked(harness: &mut Harness<'_, Desk>) -> Vec<Request> {
    harness.run_steps(3);
    std::mem::take(&mut harness.state_mut().asked)
}

fn press(harness: &mut Harness<'_, Desk>, label: &str) -> Vec<Request> {
    harness.get_by_label(label).click();
    asked(harness)
}

fn strike(harness: &mut Harness<'_, Desk>, modifiers: Modifiers, key: Key) -> Vec<Request> {
    harness.key_press_modifiers(modifiers, key);
    asked(harness)
}

fn command(tool: &str, params: Value) -> Request {
    Request::Run(Command::new(tool, params))
}

/// The rectangle of a slice view in the four-up of a window of this size: found by its slider's neighbours, the panes.
fn view_of(harness: &Harness<'_, Desk>, orientation: Orientation) -> egui::Rect {
    let scene = harness.state().pane.as_ref().expect("the scene is shown").rect;
    let (width, height) = (scene.width(), scene.height());
    let left = scene.left() - 3.0 - width;
    let below = scene.bottom() + 3.0;
    let min = match orientation {
        Orientation::Axial => Pos2::new(left, scene.top()),
        Orientation::Coronal => Pos2::new(left, below),
        Orientation::Sagittal => Pos2::new(scene.left(), below),
    };
    egui::Rect::from_min_size(min, Vec2::new(width, height))
}

fn crosshair(harness: &Harness<'_, Desk>) -> Point {
    harness.state().workspace.crosshair.expect("a scan puts the crosshair into its middle")
}

fn window_of(harness: &mut Harness<'_, Desk>) -> Window {
    let Desk { workspace, session, .. } = harness.state_mut();
    let node = session.case().node(NodeId(1)).unwrap();
    let Data::Scan(scan) = &node.data else { unreachable!("node 1 is the scan") };
    workspace.window_of(NodeId(1), scan, node.hash())
}

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
        let prepared = (entry.prepare)(harness.state().session.case(), &params);
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

fn click(harness: &mut Harness<'_, Desk>, pos: Pos2) {
    harness.hover_at(pos);
    harness.run_steps(1);
    for pressed in [true, false] {
        let (button, modifiers) = (egui::PointerButton::Primary, Modifiers::NONE);
        harness.event(egui::Event::PointerButton { pos, button, pressed, modifiers });
    }
    harness.run_steps(2);
}

fn wheel(harness: &mut Harness<'_, Desk>, pos: Pos2, notches: f32) {
    harness.hover_at(pos);
    harness.run_steps(1);
    let delta = Vec2::new(0.0, notches);
    let (unit, modifiers, phase) = (egui::MouseWheelUnit::Line, Modifiers::NONE, egui::TouchPhase::Move);
    harness.event(egui::Event::MouseWheel { unit, delta, modifiers, phase });
    harness.run_steps(3);
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
    assert!(harness.state().drags.iter().map(|pane| camera.steer(pane)).any(|moved| moved));
}

#[test]
fn view_buttons_turn_the_camera() {
    let mut harness = open(case());
    assert_eq!(press(&mut harness, "View S"), [Request::Look(NamedView::Superior)]);
    assert_eq!(press(&mut harness, "Show everything"), [Request::Fit(None)]);
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
    assert_eq!(browse, [Request::PathDialog { folder: false }]);
    harness.state_mut().workspace.path_chosen(std::path::Path::new("/tmp/liver.stl"));
    harness.run_steps(2);
    let expected = [command("import.mesh", json!({ "path": "/tmp/liver.stl" }))];
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
fn every_arrangement_and_dialog_can_be_shown_at_any_size() {
    let mut harness = open(case());
    harness.state_mut().workspace.selected = Some(NodeId(2));
    harness.state_mut().messages.push(0.9, Tone::Error, "the file is not DICOM");
    let colours = crate::image::Colormap::Viridis.table(9);
    let legend = Legend { field: "speed".into(), unit: "m/s".into(), range: [0.0, 1.3], colours };
    harness.state_mut().scene.legend = Some(legend);
    for size in [Vec2::new(1920.0, 1080.0), Vec2::new(1024.0, 640.0), Vec2::new(640.0, 400.0)] {
        harness.set_size(size);
        for key in [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::K] {
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
    assert_eq!(names, super::inspector::TISSUE_FIELDS.map(str::to_owned));
}
