//! Settings, keys, layouts, the tour, the welcome page and menus as a person uses them.

use super::super::layout::{Arrangement, Pane};
use super::super::settings::{MousePreset, Recent, Setting};
use super::super::tour::{STEPS, TourWish, Until};
use super::super::wish::Wish;
use super::*;
use crate::app::ui::Settings;
use crate::app::ui::settings::DragUp;

fn settings<'a>(harness: &'a Harness<'_, Desk>) -> &'a Settings {
    &harness.state().workspace.settings
}

/// Press a key the way a keyboard does while a dialog listens.
fn type_key(harness: &mut Harness<'_, Desk>, modifiers: Modifiers, key: Key) {
    strike(harness, modifiers, key);
}

#[test]
fn a_key_that_was_changed_does_what_it_was_given_and_its_old_key_nothing() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::SHIFT, Key::Questionmark);
    harness.run_steps(8);
    press(&mut harness, "Keys of Save case: Ctrl+S");
    type_key(&mut harness, Modifiers::COMMAND, Key::U);
    assert_eq!(settings(&harness).keys.get("Save case"), Some(&vec!["Ctrl+U".to_owned()]));
    press(&mut harness, "Close");
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::U), [Request::SaveCase]);
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::S), []);
    strike(&mut harness, Modifiers::SHIFT, Key::Questionmark);
    press(&mut harness, "Usual keys for all");
    press(&mut harness, "Close");
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::S), [Request::SaveCase]);
}

#[test]
fn a_key_of_another_action_is_told_with_its_name_before_it_is_taken() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::SHIFT, Key::Questionmark);
    harness.run_steps(8);
    press(&mut harness, "Keys of Save case: Ctrl+S");
    type_key(&mut harness, Modifiers::COMMAND, Key::O);
    assert!(harness.query_by_label("Ctrl+O belongs to “Open file…”.").is_some());
    assert!(settings(&harness).keys.is_empty(), "nothing is taken unasked");
    press(&mut harness, "Give it to “Save case”");
    press(&mut harness, "Close");
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::O), [Request::SaveCase]);
}

#[test]
fn escape_takes_back_the_wish_for_another_key_and_then_closes_the_list() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::SHIFT, Key::Questionmark);
    harness.run_steps(8);
    press(&mut harness, "Keys of Save case: Ctrl+S");
    type_key(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(harness.query_by_label("Keys and mouse").is_some(), "the list is still there");
    assert!(settings(&harness).keys.is_empty());
    type_key(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(harness.query_by_label("Keys and mouse").is_none());
}

#[test]
fn a_layout_is_saved_used_and_there_again_at_the_next_start() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::COMMAND, Key::Num3);
    harness.state_mut().workspace.set(Setting::SaveLayout("liver".into()));
    strike(&mut harness, Modifiers::COMMAND, Key::Num4);
    assert_eq!(harness.state().workspace.layout.panes(), [Pane::Scene]);
    let text = settings(&harness).write();
    let mut next = open(case());
    next.state_mut().workspace.use_settings(Settings::read(&text).unwrap().0);
    next.run_steps(3);
    assert_eq!(next.state().workspace.layout.panes(), [Pane::Scene], "the layout used last");
    assert_eq!(next.state().workspace.layout.arrangement(), Arrangement::SceneOnly);
    next.state_mut().workspace.set(Setting::UseLayout("liver".into()));
    next.run_steps(3);
    assert_eq!(next.state().workspace.layout.arrangement(), Arrangement::AxialLarge);
    assert_eq!(next.state().workspace.layout.panes().len(), 4);
    next.state_mut().workspace.set(Setting::ForgetLayout("liver".into()));
    assert!(next.state().workspace.settings.layouts.is_empty());
}

#[test]
fn a_view_is_dragged_by_its_title_to_another_place() {
    let mut harness = open(case());
    let before = harness.state().pane.as_ref().unwrap().rect;
    harness.state_mut().workspace.layout.arranging = true;
    harness.run_steps(2);
    let grip = harness.get_by_label("Move the view 3D").rect().left_center() + Vec2::new(8.0, 0.0);
    let axial = view_of(&harness, Orientation::Axial);
    drag(&mut harness, grip, axial.left_center() + Vec2::new(10.0, 0.0));
    harness.run_steps(20);
    let after = harness.state().pane.as_ref().expect("the scene is still there").rect;
    assert!(after.left() + 100.0 < before.left(), "{before:?} {after:?}");
    assert_eq!(harness.state().workspace.layout.panes().len(), 4, "no view is lost");
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(!harness.state().workspace.layout.arranging);
}

#[test]
fn the_last_view_cannot_be_closed_and_a_closed_one_comes_back() {
    let mut harness = open(case());
    harness.state_mut().workspace.layout.arranging = true;
    harness.run_steps(2);
    for title in ["3D", "Coronal", "Sagittal", "Axial"] {
        press(&mut harness, &format!("Close the view {title}"));
    }
    assert_eq!(harness.state().workspace.layout.panes(), [Pane::Slice(Orientation::Axial)]);
    assert!(harness.state().pane.is_none());
    harness.state_mut().workspace.layout.add(Pane::Scene);
    harness.run_steps(3);
    assert!(harness.state().pane.is_some());
}

#[test]
fn side_panels_are_hidden_by_a_key_unless_a_form_asks_something() {
    let mut harness = open(case());
    let wide = harness.state().pane.as_ref().unwrap().rect.width();
    strike(&mut harness, Modifiers::NONE, Key::F9);
    assert!(harness.query_by_label("Objects").is_none());
    assert!(wide + 100.0 < harness.state().pane.as_ref().unwrap().rect.width());
    strike(&mut harness, Modifiers::COMMAND, Key::K);
    harness.event(egui::Event::Text("tetrahedra".into()));
    harness.run_steps(3);
    strike(&mut harness, Modifiers::NONE, Key::Enter);
    assert!(harness.state().workspace.form_of("model.tetrahedra").is_some());
    assert!(harness.query_by_label("Run").is_some(), "the form is seen although the panel was hidden");
}

#[test]
fn a_lecture_shows_the_scene_with_a_caption_and_no_names() {
    let mut harness = open(case());
    harness.state_mut().messages.push(0.9, Tone::Error, "Smith.prosector is gone");
    harness.run_steps(2);
    assert!(harness.query_by_label("Smith.prosector is gone").is_some());
    strike(&mut harness, Modifiers::COMMAND, Key::Num9);
    assert_eq!(harness.state().workspace.layout.panes(), [Pane::Scene, Pane::Caption]);
    assert!(harness.query_by_label("Objects").is_none());
    assert!(harness.query_by_label("Smith.prosector is gone").is_none());
    let caption = harness.get_by_role(egui::accesskit::Role::MultilineTextInput);
    caption.focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text("The left lung".into()));
    harness.run_steps(2);
    assert_eq!(settings(&harness).caption, "The left lung");
}

#[test]
fn the_size_of_the_interface_follows_its_keys_within_limits() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::COMMAND, Key::Plus);
    assert_eq!(settings(&harness).scale, 1.1);
    for _ in 0..9 {
        strike(&mut harness, Modifiers::COMMAND, Key::Plus);
    }
    assert_eq!(settings(&harness).scale, 2.0);
    strike(&mut harness, Modifiers::COMMAND, Key::Num0);
    assert_eq!(settings(&harness).scale, 1.0);
}

#[test]
fn the_window_follows_a_drag_the_way_that_was_set() {
    let mut harness = open(case());
    harness.state_mut().workspace.set(Setting::Up(DragUp::Darker));
    let before = window_of(&mut harness).level;
    let middle = view_of(&harness, Orientation::Coronal).center();
    drag(&mut harness, middle, middle - Vec2::new(0.0, 60.0));
    assert!(before < window_of(&mut harness).level, "dragging up raises the level, as in Slicer");
    harness.state_mut().workspace.set(Setting::Mouse(MousePreset::Slicer));
    let (level, at) = (window_of(&mut harness).level, crosshair(&harness));
    drag(&mut harness, middle, middle - Vec2::new(0.0, 60.0));
    assert_eq!(window_of(&mut harness).level, level, "the left button is the crosshair now");
    assert!(1.0 < (crosshair(&harness) - at).norm());
}

#[test]
fn the_palette_lists_first_what_was_used_last() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::COMMAND, Key::K);
    harness.event(egui::Event::Text("full range".into()));
    harness.run_steps(3);
    strike(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(settings(&harness).used, ["Window: full range"]);
    let full = window_of(&mut harness);
    strike(&mut harness, Modifiers::NONE, Key::Num3);
    assert_ne!(window_of(&mut harness), full);
    strike(&mut harness, Modifiers::COMMAND, Key::K);
    strike(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(window_of(&mut harness), full, "it stands at the head before anything is typed");
}

#[test]
fn every_entry_of_the_palette_is_reached_by_the_arrows() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::COMMAND, Key::K);
    for _ in 0..40 {
        strike(&mut harness, Modifiers::NONE, Key::ArrowDown);
    }
    assert!(harness.query_by_label_contains("30 to 41 of").is_some());
}

#[test]
fn the_welcome_page_opens_recent_cases_that_are_there() {
    let mut harness = open(Case::default());
    let recent = |name: &str, at_s| Recent { path: format!("/cases/{name}.prosector").into(), at_s };
    harness.state_mut().workspace.settings.recent = vec![recent("liver", 20), recent("gone", 10)];
    harness.state_mut().workspace.missing.insert("/cases/gone.prosector".into());
    harness.run_steps(3);
    let expected = [Request::OpenCase("/cases/liver.prosector".into())];
    assert_eq!(press(&mut harness, "Open recent liver"), expected);
    assert_eq!(press(&mut harness, "Recent gone, not there any more"), []);
    assert_eq!(press(&mut harness, "Chest"), [command("scan.phantom", json!({ "kind": "chest" }))]);
    for size in [Vec2::new(1920.0, 1080.0), Vec2::new(800.0, 500.0), Vec2::new(360.0, 240.0)] {
        harness.set_size(size);
        harness.run_steps(3);
        assert!(harness.query_by_label("Begin with a patient").is_some(), "{size:?}");
    }
}

#[test]
fn who_is_new_begins_with_the_tour_from_the_welcome_page() {
    let mut harness = open(Case::default());
    assert_eq!(press(&mut harness, "Start the tour"), [Request::LoadSample("chest")]);
    assert!(harness.state().workspace.tour.is_some() && settings(&harness).tour.offered);
    // Beside a case the page only begins the tour.
    let mut harness = open(case());
    harness.state_mut().workspace.welcome = true;
    harness.run_steps(3);
    assert_eq!(press(&mut harness, "Start the tour"), []);
    assert!(harness.state().workspace.tour.is_some() && harness.state().pane.is_some());
}

#[test]
fn the_welcome_page_lies_over_a_case_and_leaves_it_as_it_is() {
    let mut harness = open(case());
    harness.state_mut().workspace.welcome = true;
    harness.run_steps(3);
    assert!(harness.state().pane.is_none());
    press(&mut harness, "\u{ea19}  Back to the case");
    assert!(harness.state().pane.is_some());
}

#[test]
fn the_tour_is_offered_once_and_goes_on_when_its_steps_are_done() {
    let mut harness = open(case());
    assert!(harness.query_by_label("Start the tour").is_none(), "scripts are not asked");
    harness.state_mut().workspace.offers_tour = true;
    harness.run_steps(3);
    press(&mut harness, "Start the tour");
    assert!(settings(&harness).tour.offered);
    press(&mut harness, "Next");
    let scroll = STEPS.iter().position(|step| step.until == Until::Scrolled).unwrap();
    assert_eq!(settings(&harness).tour.step, scroll);
    assert!(harness.query_by_label("Next").is_none(), "the slice was not scrolled yet");
    let pos = view_of(&harness, Orientation::Axial).center();
    for _ in 0..3 {
        wheel(&mut harness, pos, 1.0);
    }
    press(&mut harness, "Next");
    assert!(harness.query_by_label("Next").is_none(), "the window did not change yet");
    harness.hover_at(Pos2::new(700.0, 880.0));
    strike(&mut harness, Modifiers::NONE, Key::Num2);
    assert!(harness.query_by_label("Next").is_some());
    press(&mut harness, "Leave the tour");
    assert!(harness.query_by_label("Start the tour").is_none(), "it is offered once");
    harness.state_mut().workspace.tour_wish(TourWish::Start);
    assert_eq!(harness.state().workspace.tour.as_ref().map(|tour| tour.step), Some(scroll + 1));
}

#[test]
fn a_tour_that_begins_without_a_patient_brings_one_and_shows_what_it_points_at() {
    let mut harness = open(Case::default());
    harness.state_mut().workspace.set(Setting::SidePanels);
    strike(&mut harness, Modifiers::COMMAND, Key::Num9);
    strike(&mut harness, Modifiers::COMMAND, Key::K);
    harness.event(egui::Event::Text("guided tour".into()));
    harness.run_steps(3);
    assert_eq!(strike(&mut harness, Modifiers::NONE, Key::Enter), [Request::LoadSample("chest")]);
    assert!(settings(&harness).panels.left && settings(&harness).panels.right);
    assert_eq!(harness.state().workspace.layout.panes().len(), 4);
}

#[test]
fn the_menu_of_the_scene_acts_on_the_surface_that_was_clicked() {
    let mut harness = open(case());
    let at = harness.state().pane.as_ref().unwrap().rect.center();
    harness.state_mut().scene.picked = Some(Picked { node: NodeId(3), point: Point::origin(), value: None });
    let open_menu = |harness: &mut Harness<'_, Desk>| {
        harness.hover_at(at);
        harness.run_steps(1);
        for pressed in [true, false] {
            let (button, modifiers) = (egui::PointerButton::Secondary, Modifiers::NONE);
            harness.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers });
        }
        harness.run_steps(3);
    };
    open_menu(&mut harness);
    press(&mut harness, "\u{ed27}  Others faint");
    assert_eq!(harness.state().workspace.ghosted, Some(NodeId(3)));
    open_menu(&mut harness);
    assert!(harness.query_by_label_contains("Others as they are").is_some());
    let hidden = press(&mut harness, "\u{ecf0}  Hide");
    assert_eq!(hidden, [command("object.display", json!({ "node": 3, "visible": false }))]);
    harness.state_mut().scene.picked = None;
    open_menu(&mut harness);
    assert_eq!(press(&mut harness, "\u{ebd3}  Show everything"), [Request::Fit(None)]);
}

#[test]
fn page_keys_go_through_the_series() {
    let two = [(NodeId(1), "Native"), (NodeId(2), "Contrast")];
    let nodes = two.map(|(id, name)| (id, Node::new(name, Data::Scan(Arc::new(scan())))));
    let mut harness = open(Case::from_nodes(nodes));
    strike(&mut harness, Modifiers::NONE, Key::PageDown);
    assert_eq!(harness.state().workspace.selected, Some(NodeId(1)), "after the newest comes the first");
    strike(&mut harness, Modifiers::NONE, Key::PageDown);
    assert_eq!(harness.state().workspace.selected, Some(NodeId(2)));
    strike(&mut harness, Modifiers::NONE, Key::PageUp);
    assert_eq!(harness.state().workspace.selected, Some(NodeId(1)));
}

#[test]
fn two_fingers_zoom_and_three_go_through_slices() {
    let mut harness = open(case());
    let middle = view_of(&harness, Orientation::Axial).center();
    let fingers = |harness: &mut Harness<'_, Desk>, count: u64, phase, apart: f32, down: f32| {
        for id in 0..count {
            let pos = middle + Vec2::new((id as f32 - 1.0) * apart, down);
            let device_id = egui::TouchDeviceId(1);
            harness.event(egui::Event::Touch { device_id, id: egui::TouchId(id), phase, pos, force: None });
        }
        harness.run_steps(1);
    };
    // The first finger is the pointer too.
    harness.hover_at(middle);
    harness.run_steps(1);
    let before = crosshair(&harness);
    fingers(&mut harness, 3, egui::TouchPhase::Start, 30.0, 0.0);
    for step in 1..=6 {
        fingers(&mut harness, 3, egui::TouchPhase::Move, 30.0, -10.0 * step as f32);
    }
    fingers(&mut harness, 3, egui::TouchPhase::End, 30.0, -60.0);
    assert!(before.z + 4.0 < crosshair(&harness).z, "upwards is on");
    let window = window_of(&mut harness);
    fingers(&mut harness, 2, egui::TouchPhase::Start, 30.0, 0.0);
    for step in 1..=6 {
        fingers(&mut harness, 2, egui::TouchPhase::Move, 30.0 + 10.0 * step as f32, 0.0);
    }
    fingers(&mut harness, 2, egui::TouchPhase::End, 90.0, 0.0);
    assert_eq!(window_of(&mut harness), window, "two fingers are no tool");
}

#[test]
fn wishes_of_the_window_are_possible_without_a_case() {
    let mut harness = open(Case::default());
    for key in [Key::Num1, Key::Num4, Key::Num5, Key::Num6, Key::Num8, Key::Num9] {
        assert_eq!(strike(&mut harness, Modifiers::COMMAND, key), []);
    }
    assert_eq!(harness.state().workspace.layout.arrangement(), Arrangement::Lecture);
    let Desk { workspace, session, messages, scene, .. } = harness.state();
    let view =
        AppView { session, scene, messages, case_path: None, unsaved: false, covered: false, busy: None, now_s: 1.0 };
    assert!(workspace.can(&Wish::Welcome, &view) && !workspace.can(&Wish::NextSeries(true), &view));
}
