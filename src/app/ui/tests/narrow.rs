//! The window at 200 % on a screen of 1280×720: 640×360 points, in which everything can be seen and pressed.

use super::*;
use crate::app::ui::wish::{Dialog, Wish};
use crate::base::StateId;
use crate::base::i18n::tr;
use crate::mesh::{CentreBranch, CentreLines};
use egui::accesskit::Role;

const SIZE: Vec2 = Vec2::new(640.0, 360.0);

fn narrow() -> Harness<'static, Desk> {
    let points: Vec<Point> = (0..40).map(|n| Point::new(0.0, 0.0, 100.0 + f64::from(n))).collect();
    let branch = CentreBranch { parent: None, radii_mm: vec![3.0; points.len()], points };
    let lines = CentreLines::new(vec![branch]).unwrap();
    let made = [
        (NodeId(4), Node::new("Centre lines of a vessel", Data::Lines(Arc::new(lines)))),
        (NodeId(5), Node::new("Plan", Data::Plan(Arc::new(crate::plan::Plan::default())))),
    ];
    let nodes = case().nodes().map(|(id, node)| (id, node.as_ref().clone())).chain(made).collect::<Vec<_>>();
    open_sized(Case::from_nodes(nodes), SIZE)
}

/// Whatever can be pressed lies within the window from left to right; a list may go on below it.
fn nothing_is_beside_the_window(harness: &Harness<'_, Desk>, what: &str) {
    let window = harness.ctx.content_rect();
    for role in [Role::Button, Role::CheckBox, Role::TextInput, Role::Slider, Role::ComboBox, Role::SpinButton] {
        for node in harness.query_all_by_role(role) {
            let (rect, label) = (node.rect(), node.accesskit_node().label());
            assert!(
                window.left() - 1.0 <= rect.left() && rect.right() <= window.right() + 1.0,
                "{what}: {label:?} {rect}"
            );
        }
    }
}

fn area(harness: &Harness<'_, Desk>, id: &'static str) -> Option<egui::Rect> {
    harness.ctx.memory(|memory| memory.area_rect(egui::Id::new(id)))
}

#[test]
fn every_dialog_is_inside_the_window_with_its_buttons() {
    let lost = |n: usize| LostSession {
        log: format!("/logs/{n}.jsonl").into(),
        case: Some("a case with a long name".into()),
        steps: 12,
        last: "segment the lungs".into(),
        minutes_ago: Some(3),
    };
    let states = (1..30).map(|n| (StateId(n), format!("threshold number {n}"))).collect();
    let dialogs = [
        (Dialog::About, tr("word-close")),
        (Dialog::Keys, tr("word-close")),
        (Dialog::Settings, tr("word-close")),
        (Dialog::Compare(states), tr("compare-cancel")),
        (Dialog::Unsaved(Request::Quit), tr("word-cancel")),
        (Dialog::Picture(PictureOrder::default()), tr("word-cancel")),
        (Dialog::Lost((0..6).map(lost).collect()), tr("lost-later")),
    ];
    for (dialog, button) in dialogs {
        let mut harness = narrow();
        let name = format!("{dialog:?}");
        harness.state_mut().workspace.dialog = Some(dialog);
        harness.run_steps(4);
        let window = harness.ctx.content_rect();
        let rect = harness.get_by_label(button).rect();
        assert!(window.contains_rect(rect), "{name}: {button} at {rect}");
        let whole = area(&harness, "dialog").expect("the dialog is shown");
        assert!(window.expand(0.5).contains_rect(whole), "{name}: {whole}");
        nothing_is_beside_the_window(&harness, &name);
        press(&mut harness, button);
        assert!(harness.state().workspace.dialog.is_none(), "{name}");
    }
}

#[test]
fn panels_are_drawers_that_views_do_not_give_room_to() {
    let mut harness = narrow();
    let scene = harness.state().pane.as_ref().expect("the 3D view is shown").rect;
    assert!(250.0 < scene.width() && 90.0 < scene.height(), "{scene}");
    for (label, id) in [(tr("side-left"), "left drawer"), (tr("side-right"), "right drawer")] {
        press(&mut harness, label);
        let drawer = area(&harness, id).expect("the drawer is out");
        assert!(harness.ctx.content_rect().expand(0.5).contains_rect(drawer), "{label}: {drawer}");
        nothing_is_beside_the_window(&harness, label);
        assert_eq!(harness.state().pane.as_ref().map(|pane| pane.rect), Some(scene), "views stay as they are");
        strike(&mut harness, Modifiers::NONE, Key::Escape);
    }
    strike(&mut harness, Modifiers::NONE, Key::F9);
    assert!(harness.query_by_label("Lungs").is_some(), "the key of the side panels pulls them out");
    strike(&mut harness, Modifiers::NONE, Key::F9);
    assert!(harness.query_by_label("Lungs").is_none());
    let panels = harness.state().workspace.settings.panels;
    assert!(panels.left && panels.right, "drawers are no settings");
    // In a wide window they stand beside the views again.
    harness.set_size(Vec2::new(1280.0, 720.0));
    harness.run_steps(4);
    assert!(harness.query_by_label("Lungs").is_some() && harness.query_by_label(tr("side-left")).is_none());
}

#[test]
fn what_asks_something_comes_by_itself_and_fits() {
    let wishes: [(&str, Wish); 8] = [
        ("form", Wish::Form { tool: "segment.threshold".into(), params: json!({}) }),
        ("tetrahedra", Wish::Form { tool: "model.tetrahedra".into(), params: json!({}) }),
        ("flow", Wish::Form { tool: "simulate.flow".into(), params: json!({}) }),
        ("editor", Wish::OpenEditor(None)),
        ("volume", Wish::Volume(None)),
        ("operation", Wish::Operate(Some(NodeId(3)))),
        ("circulation", Wish::Circulation(Some(NodeId(4)))),
        ("plan", Wish::Plan(Some(NodeId(5)))),
    ];
    for (name, wish) in wishes {
        let mut harness = narrow();
        harness.state_mut().workspace.waiting.push(wish);
        harness.run_steps(5);
        let drawer = area(&harness, "left drawer").unwrap_or_else(|| panic!("{name}: the drawer is out"));
        assert!(harness.ctx.content_rect().expand(0.5).contains_rect(drawer), "{name}: {drawer}");
        nothing_is_beside_the_window(&harness, name);
        // It can be pushed aside to see what lies behind, and comes out again.
        press(&mut harness, tr("side-left"));
        press(&mut harness, tr("side-left"));
        nothing_is_beside_the_window(&harness, name);
    }
}

#[test]
fn the_bar_keeps_its_menus_and_its_search_and_cuts_the_name_of_the_case() {
    let mut harness = narrow();
    let window = harness.ctx.content_rect();
    let mut right = 0.0;
    for menu in ["File", "Edit", "View", "3D", "Slices", "Measures", "Segments", "Tools", "Help"] {
        let rects = harness.query_all_by_label(menu).map(|node| node.rect()).filter(|rect| rect.top() < 30.0);
        right = rects.map(|rect| rect.right()).fold(right, f32::max);
    }
    let search = harness.query_all_by_label_contains(tr("bar-find")).next().expect("the search is there").rect();
    assert!(right < search.left() && window.contains_rect(search), "{right} {search}");
    strike(&mut harness, Modifiers::COMMAND, Key::K);
    nothing_is_beside_the_window(&harness, "palette");
    let palette = area(&harness, "palette").expect("it is open");
    assert!(window.expand(0.5).contains_rect(palette), "{palette}");
}
