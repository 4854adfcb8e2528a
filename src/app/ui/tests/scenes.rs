//! Two 3D views: where they are, what turns and shows what, and another case in the second one.

use super::*;
use crate::app::ui::layout::{Arrangement, Pane};
use crate::app::ui::scenes::{FIRST, SECOND};
use crate::base::StateId;
use crate::base::i18n::tr;
use crate::session::{Difference, NodeKind};
use std::path::PathBuf;

fn two_views() -> Harness<'static, Desk> {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::COMMAND, Key::Num7);
    harness
}

fn rects(harness: &Harness<'_, Desk>) -> [egui::Rect; 2] {
    let desk = harness.state();
    [&desk.pane, &desk.second].map(|pane| pane.as_ref().expect("both views are shown").rect)
}

fn scenes(harness: &Harness<'_, Desk>) -> &'static str {
    let workspace = &harness.state().workspace;
    match (workspace.scenes.linked, workspace.has_two_scenes()) {
        (true, true) => "linked",
        (false, true) => "unlinked",
        (_, false) => "one",
    }
}

#[test]
fn a_key_shows_two_views_of_one_size_side_by_side_and_another_key_one() {
    let mut harness = two_views();
    let [first, second] = rects(&harness);
    assert!((first.width() - second.width()).abs() < 2.0 && first.height() == second.height(), "{first} {second}");
    assert!(first.right() <= second.left() && first.top() == second.top(), "{first} {second}");
    assert_eq!(scenes(&harness), "linked", "from the start");
    strike(&mut harness, Modifiers::COMMAND, Key::Num4);
    assert!(harness.state().second.is_none() && harness.state().pane.is_some());
}

#[test]
fn the_second_view_lies_beside_any_other_view_and_is_stored_with_the_layout() {
    let mut harness = open(case());
    harness.state_mut().workspace.layout.add(Pane::SecondScene);
    harness.run_steps(3);
    assert!(harness.state().second.is_some());
    let stored = crate::app::ui::layouts::StoredLayout::of(&harness.state().workspace.layout);
    let text = serde_json::to_string(&stored).unwrap();
    let read: crate::app::ui::layouts::StoredLayout = serde_json::from_str(&text).unwrap();
    assert!(read.layout().panes().contains(&Pane::SecondScene), "{text}");
}

#[test]
fn the_chain_links_and_unlinks_at_every_size() {
    let mut harness = two_views();
    let press_first = |harness: &mut Harness<'_, Desk>, label: &str| {
        harness.get_all_by_label(label).next().expect("it is on both views").click();
        asked(harness);
    };
    press_first(&mut harness, tr("scenes-unlink"));
    assert_eq!(scenes(&harness), "unlinked");
    press_first(&mut harness, tr("scenes-link"));
    assert_eq!(scenes(&harness), "linked");
    for size in [Vec2::new(1920.0, 1080.0), Vec2::new(1280.0, 720.0), Vec2::new(400.0, 300.0), Vec2::new(200.0, 150.0)]
    {
        harness.set_size(size);
        harness.run_steps(3);
    }
}

#[test]
fn each_view_leaves_out_its_own_objects_while_there_are_two() {
    let mut harness = two_views();
    harness.get_all_by_label(tr("scenes-shows")).last().expect("the second view has its menu").click();
    harness.run_steps(3);
    let object = format!("{}  Liver mesh", crate::app::ui::find::kind_icon(NodeKind::Tets));
    press(&mut harness, &object);
    let shown =
        |harness: &Harness<'_, Desk>| [FIRST, SECOND].map(|which| harness.state().workspace.shows_in(which, NodeId(3)));
    assert_eq!(shown(&harness), [true, false], "the menu stays open for the next");
    press(&mut harness, tr("scenes-only-selected"));
    assert_eq!(shown(&harness), [true, false]);
    press(&mut harness, tr("scenes-everything"));
    assert_eq!(shown(&harness), [true, true]);
    let hidden = &mut harness.state_mut().workspace.scenes.contents[SECOND].hidden;
    hidden.insert(NodeId(3));
    strike(&mut harness, Modifiers::COMMAND, Key::Num4);
    assert_eq!(shown(&harness), [true, true], "with one view nobody would see why something is missing");
}

#[test]
fn what_is_drawn_in_a_view_has_its_camera() {
    let mut harness = two_views();
    let desk = harness.state_mut();
    desk.scene.views[SECOND].camera = OrbitCamera::default().looking(NamedView::Superior);
    let own = desk.scene.of(SECOND, None);
    assert_eq!(own.camera, desk.scene.views[SECOND].camera);
    assert_ne!(desk.scene.of(FIRST, None).camera, own.camera);
}

fn row(name: &str, nodes: [Option<u32>; 2], volumes_ml: [Option<f64>; 2]) -> Difference {
    let nodes = nodes.map(|node| node.map(NodeId));
    Difference { kind: NodeKind::Tets, name: name.into(), nodes, volumes_ml, dice: None, is_same: name == "Spleen" }
}

#[test]
fn a_comparison_shows_both_views_with_a_table_and_gives_the_layout_back() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::COMMAND, Key::Num3);
    let before = harness.state().workspace.layout.panes();
    harness.state_mut().workspace.compare_with_file(PathBuf::from("/there/plan b.prosector"));
    harness.run_steps(3);
    rects(&harness);
    harness.get_by_label(tr("compare-loading"));
    let workspace = &harness.state().workspace;
    let shown = [FIRST, SECOND].map(|which| (workspace.shows_in(which, NodeId(3)), workspace.volume_in(which)));
    assert_eq!(shown, [(true, true), (false, false)], "the second is for the other case only");
    let compare = harness.state_mut().workspace.scenes.compare.as_mut().unwrap();
    compare.rows = vec![
        row("Stent", [None, Some(9)], [None, Some(2.5)]),
        row("Liver mesh", [Some(3), Some(4)], [Some(1500.0), Some(900.0)]),
        row("Spleen", [Some(2), Some(5)], [Some(210.0); 2]),
    ];
    compare.loaded = Loaded::Ready;
    harness.run_steps(3);
    harness.get_by_label("−600.0 ml (−40.0 %)");
    harness.get_by_label("plan b.prosector");
    harness.get_by_label_contains("0 only left, 1 only right, 1 changed, 1 the same");
    press(&mut harness, tr("compare-hide-same"));
    assert!(harness.query_by_label_contains("Spleen").is_none(), "the same on both sides");
    harness.get_all_by_label_contains("Liver mesh").last().unwrap().click();
    harness.run_steps(3);
    harness.get_all_by_label(tr("scenes-end-compare")).next().unwrap().click();
    harness.run_steps(3);
    let workspace = &harness.state().workspace;
    assert!(workspace.scenes.compare.is_none() && workspace.shows_in(SECOND, NodeId(3)));
    assert_eq!(workspace.layout.panes(), before);
}

#[test]
fn what_is_under_the_mouse_in_the_other_case_has_its_name_and_volume() {
    let mut harness = open(case());
    harness.state_mut().workspace.compare_with_file(PathBuf::from("/there/plan b.prosector"));
    harness.state_mut().workspace.scenes.compare.as_mut().unwrap().loaded = Loaded::Ready;
    harness.run_steps(3);
    let [first, second] = rects(&harness);
    let other = PickedOther {
        name: "Left lobe".into(),
        volume_ml: Some(412.25),
        value: None,
        partner: Some(NodeId(3)),
        point: Point::origin(),
    };
    (harness.state_mut().scene.in_use, harness.state_mut().scene.other) = (SECOND, Some(other));
    harness.hover_at(second.center());
    harness.run_steps(3);
    let place = |harness: &Harness<'_, Desk>, start: &str| {
        written(harness).into_iter().find(|(text, _)| text.starts_with(start)).map(|(_, at)| at)
    };
    let name = place(&harness, "Left lobe").expect("its name is beside the mouse");
    let volume = place(&harness, "412").expect("its volume is below the name");
    assert!(second.contains(name) && name.y < volume.y && (name.x - volume.x).abs() < 1.0);
    harness.hover_at(first.center());
    harness.state_mut().scene.in_use = FIRST;
    harness.run_steps(3);
    assert!(place(&harness, "Left lobe").is_none(), "the mouse left that view");
}

#[test]
fn measures_of_the_other_case_are_seen_in_its_view_and_cannot_be_taken() {
    let mut harness = open(case());
    harness.state_mut().workspace.compare_with_file(PathBuf::from("/there/plan b.prosector"));
    let params = json!({ "kind": "length", "points": [[0, 0, 130], [12, 0, 130]], "normal": [0, 0, 1], "scan": 1 });
    let mut other = Session::with_case(crate::tools::TOOLS, case(), Vec::new());
    other.run(Command::new("measure.add", params), &Progress::default()).unwrap();
    let measures = Some(Measures::of(other.case()));
    harness.state_mut().workspace.scenes.compare.as_mut().unwrap().measures = measures;
    let camera = OrbitCamera { target: Point::new(0.0, 0.0, 130.0), ..OrbitCamera::default() };
    (harness.state_mut().scene.camera, harness.state_mut().scene.views[SECOND].camera) = (camera, camera);
    harness.run_steps(3);
    let places = |harness: &Harness<'_, Desk>| -> Vec<Pos2> {
        written(harness).into_iter().filter(|(text, _)| text.contains("12.0 mm")).map(|(_, at)| at).collect()
    };
    let [first, second] = rects(&harness);
    let seen = places(&harness);
    assert!(!seen.is_empty() && seen.iter().all(|at| second.contains(*at) && !first.contains(*at)), "{seen:?}");
    assert!(asked(&mut harness).is_empty());
    harness.state_mut().workspace.slices.measures.hidden = true;
    harness.run_steps(3);
    assert!(places(&harness).is_empty(), "hidden with those of this case");
}

#[test]
fn a_case_that_cannot_be_read_says_why() {
    let mut harness = open(case());
    harness.state_mut().workspace.compare_with_file(PathBuf::from("/nowhere/b.prosector"));
    let compare = harness.state_mut().workspace.scenes.compare.as_mut().unwrap();
    compare.loaded = Loaded::Failed("/nowhere/b.prosector: there is no such file".into());
    harness.run_steps(3);
    harness.get_by_label("/nowhere/b.prosector: there is no such file");
}

#[test]
fn the_question_offers_other_states_and_files() {
    let mut harness = open(case());
    harness.state_mut().workspace.dialog =
        Some(crate::app::ui::wish::Dialog::Compare(vec![(StateId(0), "segment liver".into())]));
    harness.run_steps(3);
    assert_eq!(press(&mut harness, tr("compare-file")), [Request::CompareDialog]);
    harness.state_mut().workspace.dialog =
        Some(crate::app::ui::wish::Dialog::Compare(vec![(StateId(0), "segment liver".into())]));
    harness.run_steps(3);
    assert_eq!(press(&mut harness, "Segment liver"), []);
    let compare = harness.state().workspace.scenes.compare.as_ref().unwrap();
    assert_eq!(compare.with, CompareWith::State(StateId(0)));
    assert_eq!(harness.state().workspace.layout.arrangement(), Arrangement::TwoScenes);
}
