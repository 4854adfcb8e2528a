//! Side panels that are moved: by their heads, by their menus, kept with layouts, in wide and narrow windows.

use super::*;
use crate::app::ui::docks::{Dock, Docks, SidePanel, Target};
use crate::app::ui::settings::Setting;
use crate::app::ui::wish::Wish;
use crate::base::i18n::tr;

fn docks<'a>(harness: &'a Harness<'_, Desk>) -> &'a Docks {
    &harness.state().workspace.settings.docks
}

fn place(harness: &Harness<'_, Desk>, panel: SidePanel) -> egui::Rect {
    harness.state().workspace.docking.place_of(panel).unwrap_or_else(|| panic!("{panel:?} is not seen"))
}

fn middle(harness: &Harness<'_, Desk>) -> egui::Rect {
    harness.state().workspace.docking.middle
}

fn set(harness: &mut Harness<'_, Desk>, setting: Setting) {
    harness.state_mut().workspace.waiting.push(Wish::Set(setting));
    harness.run_steps(4);
}

fn put(harness: &mut Harness<'_, Desk>, panels: &[SidePanel], target: Target) {
    set(harness, Setting::PutPanels(panels.to_vec(), target));
}

/// Where the name of a panel stands at its head.
fn name(harness: &Harness<'_, Desk>, panel: SidePanel) -> Pos2 {
    harness.get_by_label(panel.name()).rect().center()
}

/// Every panel that is there is at one head, which its menu can be reached from.
fn all_are_there_once(harness: &Harness<'_, Desk>) {
    for panel in SidePanel::ALL {
        let is_there = !matches!(panel, SidePanel::Plan | SidePanel::Jobs);
        // "Measures" is a menu, too.
        let names = harness.query_all_by_label(panel.name()).filter(|node| 40.0 < node.rect().top()).count();
        assert_eq!(names, usize::from(is_there), "{panel:?}");
    }
}

#[test]
fn a_panel_is_dragged_to_the_other_side_and_the_views_make_room() {
    let mut harness = open(case());
    all_are_there_once(&harness);
    let from = name(&harness, SidePanel::Objects);
    let to = middle(&harness).left_center() + Vec2::new(8.0, 0.0);
    drag(&mut harness, from, to);
    assert_eq!(docks(&harness).dock_of(SidePanel::Objects), Dock::Left);
    assert!(place(&harness, SidePanel::Objects).right() < middle(&harness).left());
    all_are_there_once(&harness);
    // Back above the details: into the upper half of their panel.
    let from = name(&harness, SidePanel::Objects);
    let details = place(&harness, SidePanel::Details);
    drag(&mut harness, from, details.center_top() + Vec2::new(0.0, 0.3 * details.height()));
    assert!(place(&harness, SidePanel::Objects).bottom() <= place(&harness, SidePanel::Details).top());
    // Below the views, where nothing stood before.
    let (from, views) = (name(&harness, SidePanel::Details), middle(&harness));
    drag(&mut harness, from, views.center_bottom() - Vec2::new(0.0, 6.0));
    assert_eq!(docks(&harness).dock_of(SidePanel::Details), Dock::Bottom);
    assert!(middle(&harness).bottom() + 50.0 < views.bottom(), "the views are lower");
    all_are_there_once(&harness);
    press(&mut harness, &format!("Place of the panel {}", SidePanel::Details.name()));
    press(&mut harness, tr("dock-reset"));
    assert_eq!(*docks(&harness), Docks::default());
    all_are_there_once(&harness);
}

#[test]
fn a_panel_dropped_on_a_head_is_behind_it_and_a_press_brings_it_to_the_front() {
    let mut harness = open(case());
    let (from, to) = (name(&harness, SidePanel::Details), name(&harness, SidePanel::Objects));
    drag(&mut harness, from, to);
    assert_eq!(docks(&harness).groups(Dock::Right)[0].panels(), [SidePanel::Objects, SidePanel::Details]);
    assert!(is_written(&harness, tr("details-none")), "what was dropped is seen");
    press(&mut harness, SidePanel::Objects.name());
    assert!(!is_written(&harness, tr("details-none")));
    assert!(harness.query_by_label("Liver mesh").is_some());
    all_are_there_once(&harness);
}

#[test]
fn escape_and_the_menu_bar_leave_a_panel_where_it_was() {
    let mut harness = open(case());
    let from = name(&harness, SidePanel::Objects);
    drag(&mut harness, from, Pos2::new(700.0, 10.0));
    assert_eq!(*docks(&harness), Docks::default(), "nothing can stand in the menu bar");
    harness.hover_at(from);
    harness.run_steps(1);
    harness.drag_at(from);
    harness.run_steps(1);
    let to = middle(&harness).left_center() + Vec2::new(8.0, 0.0);
    for part in [0.3, 0.6, 1.0] {
        harness.hover_at(from + (to - from) * part);
        harness.run_steps(1);
    }
    assert!(is_written(&harness, Dock::Left.name()), "the place it would go to is named");
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    harness.drop_at(to);
    harness.run_steps(3);
    assert_eq!(*docks(&harness), Docks::default());
}

#[test]
fn the_menu_of_a_head_is_reached_by_the_keyboard() {
    let mut harness = open(case());
    let menu = format!("Place of the panel {}", SidePanel::History.name());
    harness.get_by_label(&menu).focus();
    harness.run_steps(2);
    strike(&mut harness, Modifiers::NONE, Key::Enter);
    harness.get_by_label(Dock::Bottom.name()).focus();
    harness.run_steps(2);
    strike(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(docks(&harness).dock_of(SidePanel::History), Dock::Bottom);
    assert_eq!(docks(&harness).dock_of(SidePanel::Log), Dock::Right, "only the panel that is seen goes");
    press(&mut harness, &menu);
    press(&mut harness, Dock::Floating.name());
    let floating = place(&harness, SidePanel::History);
    assert!(harness.ctx.content_rect().contains_rect(floating));
    assert!(harness.query_by_label(&menu).is_some(), "it can be moved back");
}

#[test]
fn what_floats_is_moved_and_made_larger_by_the_mouse_and_stays_in_the_window() {
    let mut harness = open(case());
    put(&mut harness, &[SidePanel::Details], Target::Float([500.0, 300.0]));
    let (before, from) = (place(&harness, SidePanel::Details), name(&harness, SidePanel::Details));
    drag(&mut harness, from, from + Vec2::new(120.0, 60.0));
    let moved = place(&harness, SidePanel::Details);
    assert!(before.left() + 60.0 < moved.left() && before.top() + 30.0 < moved.top(), "{before} {moved}");
    let corner = moved.max + Vec2::new(4.0, 0.0);
    drag(&mut harness, corner, corner + Vec2::new(80.0, 50.0));
    let larger = place(&harness, SidePanel::Details);
    assert!(moved.width() + 60.0 < larger.width() && moved.height() + 30.0 < larger.height(), "{moved} {larger}");
    harness.set_size(Vec2::new(640.0, 360.0));
    harness.run_steps(4);
    assert!(harness.ctx.content_rect().contains(name(&harness, SidePanel::Details)), "its head can be reached");
}

#[test]
fn sizes_are_dragged_and_kept() {
    let mut harness = open(case());
    let (objects, details) = (place(&harness, SidePanel::Objects), place(&harness, SidePanel::Details));
    let border = Pos2::new(objects.center().x, 0.5 * (objects.bottom() + details.top()));
    drag(&mut harness, border, border + Vec2::new(0.0, -80.0));
    let lower = place(&harness, SidePanel::Objects);
    assert!((objects.height() - 80.0 - lower.height()).abs() < 4.0, "{objects} {lower}");
    let settings = harness.state().workspace.settings.clone();
    let (read, odd) = crate::app::ui::Settings::read(&settings.write()).unwrap();
    assert_eq!((&read, odd), (&settings, None));
}

#[test]
fn a_plan_has_a_panel_of_its_own_and_a_form_comes_to_the_front_while_it_asks() {
    let plan = Node::new("Right side", Data::Plan(Arc::new(crate::plan::Plan::default())));
    let case = case();
    let nodes = case.nodes().map(|(id, node)| (id, node.as_ref().clone())).chain([(NodeId(4), plan)]);
    let mut harness = open(Case::from_nodes(nodes.collect::<Vec<_>>()));
    let shows = |harness: &Harness<'_, Desk>, panel| harness.state().workspace.docking.shows(panel);
    assert!(shows(&harness, SidePanel::Guide) && !shows(&harness, SidePanel::Plan));
    let wish = |harness: &mut Harness<'_, Desk>, wish: Wish| {
        harness.state_mut().workspace.waiting.push(wish);
        harness.run_steps(4);
    };
    wish(&mut harness, Wish::Plan(Some(NodeId(4))));
    assert!(shows(&harness, SidePanel::Plan));
    let form = |tool: &str| Wish::Form { tool: tool.into(), params: json!({}) };
    wish(&mut harness, form("segment.threshold"));
    assert!(shows(&harness, SidePanel::Guide) && !shows(&harness, SidePanel::Plan));
    press(&mut harness, SidePanel::Plan.name());
    assert!(shows(&harness, SidePanel::Plan), "it can be looked at meanwhile");
    wish(&mut harness, form("model.tetrahedra"));
    assert!(shows(&harness, SidePanel::Guide), "another form asks anew");
    wish(&mut harness, Wish::CloseForm);
    assert!(shows(&harness, SidePanel::Plan), "the plan is still open");
    // The plan at the left, the guide with the objects at the right: both are seen.
    put(&mut harness, &[SidePanel::Guide], Target::With(SidePanel::Objects));
    assert!(shows(&harness, SidePanel::Plan) && shows(&harness, SidePanel::Guide));
    wish(&mut harness, Wish::EndPlan);
    assert!(!shows(&harness, SidePanel::Plan));
}

#[test]
fn a_saved_layout_brings_its_panels_and_one_of_an_older_program_leaves_them() {
    let mut harness = open(case());
    put(&mut harness, &[SidePanel::Objects], Target::Dock(Dock::Left));
    put(&mut harness, &[SidePanel::Log], Target::Float([300.0, 200.0]));
    set(&mut harness, Setting::SaveLayout("teaching".into()));
    let kept = docks(&harness).clone();
    set(&mut harness, Setting::ResetPanels);
    assert_ne!(*docks(&harness), kept);
    set(&mut harness, Setting::UseLayout("teaching".into()));
    assert_eq!(*docks(&harness), kept);
    // As the file looked before panels could be moved.
    let older = r#"{"layouts": [{"name": "old", "layout":
        {"arrangement": "slices", "tile": {"row": [[1.0, {"view": "axial"}], [1.0, {"view": "scene"}]]}}}],
        "panels": {"left": true, "right": true, "left_width": 300.0, "right_width": 280.0}}"#;
    let (read, odd) = crate::app::ui::Settings::read(older).unwrap();
    assert_eq!((odd, read.docks.clone()), (None, Docks::default()));
    harness.state_mut().workspace.settings.layouts = read.layouts;
    set(&mut harness, Setting::UseLayout("old".into()));
    assert_eq!(*docks(&harness), kept);
    assert_eq!(harness.state().workspace.layout.panes().len(), 2);
}

#[test]
fn a_hidden_dock_shows_what_is_put_into_it_and_an_empty_one_says_why_it_stays_away() {
    let mut harness = open(case());
    set(&mut harness, Setting::RightPanel);
    assert!(harness.query_by_label("Objects").is_none());
    put(&mut harness, &[SidePanel::Guide], Target::Dock(Dock::Right));
    assert!(harness.query_by_label("Objects").is_some());
    all_are_there_once(&harness);
    let before = harness.state().workspace.settings.panels;
    set(&mut harness, Setting::BottomPanel);
    assert_eq!(harness.state().workspace.settings.panels, before, "nothing stands there");
    put(&mut harness, &[SidePanel::Log], Target::Dock(Dock::Bottom));
    strike(&mut harness, Modifiers::NONE, Key::F9);
    for panel in [SidePanel::Log, SidePanel::Objects, SidePanel::Guide] {
        assert!(!harness.state().workspace.docking.shows(panel), "{panel:?}: the key hides all");
    }
    strike(&mut harness, Modifiers::NONE, Key::F9);
    all_are_there_once(&harness);
}

#[test]
fn in_a_small_window_every_dock_that_holds_something_is_a_drawer() {
    let mut harness = open_sized(case(), Vec2::new(640.0, 360.0));
    put(&mut harness, &[SidePanel::Log], Target::Dock(Dock::Bottom));
    let drawer = |harness: &Harness<'_, Desk>| {
        harness
            .ctx
            .memory(|memory| memory.area_rect(egui::Id::new("bottom drawer")))
            .filter(|_| harness.state().workspace.docking.shows(SidePanel::Log))
    };
    let rect = drawer(&harness).expect("what was moved is seen");
    assert!(harness.ctx.content_rect().expand(0.5).contains_rect(rect), "{rect}");
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(drawer(&harness).is_none());
    press(&mut harness, tr("side-bottom"));
    assert!(drawer(&harness).is_some());
    let scene = harness.state().pane.as_ref().expect("the 3D view is shown").rect;
    assert!(90.0 < scene.height(), "{scene}");
    // A form comes out of the dock its panel stands in.
    put(&mut harness, &[SidePanel::Guide], Target::Dock(Dock::Right));
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    harness.state_mut().workspace.waiting.push(Wish::Form { tool: "segment.threshold".into(), params: json!({}) });
    harness.run_steps(5);
    assert!(harness.state().workspace.docking.shows(SidePanel::Guide));
    assert!(harness.ctx.memory(|memory| memory.area_rect(egui::Id::new("right drawer"))).is_some());
}

#[test]
fn a_lecture_hides_names_wherever_their_panels_stand() {
    let mut harness = open(case());
    for (panel, target) in [
        (SidePanel::Objects, Target::With(SidePanel::Guide)),
        (SidePanel::History, Target::Float([400.0, 300.0])),
        (SidePanel::Details, Target::Dock(Dock::Bottom)),
    ] {
        put(&mut harness, &[panel], target);
    }
    strike(&mut harness, Modifiers::COMMAND, Key::Num9);
    harness.state_mut().workspace.waiting.push(Wish::Form { tool: "segment.threshold".into(), params: json!({}) });
    harness.run_steps(4);
    let seen: Vec<SidePanel> =
        SidePanel::ALL.into_iter().filter(|panel| harness.state().workspace.docking.shows(*panel)).collect();
    assert_eq!(seen, [SidePanel::Guide], "only what asks");
    assert!(harness.query_by_label(SidePanel::Objects.name()).is_none());
}
