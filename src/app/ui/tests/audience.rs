//! The second window: slices that follow the first one, its menu, and that nothing in it changes anything.

use super::*;
use crate::app::ui::audience::Watched;
use crate::app::ui::slice::SlabLook;
use crate::app::ui::wish::Wish;

/// What the second window is shown with.
struct Shown {
    desk: Desk,
    /// Where the 3D view belongs.
    scene: Option<egui::Rect>,
}

/// A second window that shows `watched`; nothing of it was drawn yet but its fonts.
fn second(watched: Watched) -> Harness<'static, Shown> {
    let mut workspace = Workspace::default();
    workspace.settings.watched = watched;
    workspace.crosshair = Some(Point::new(0.0, 0.0, 125.0));
    let desk = Desk {
        workspace,
        session: Session::with_case(crate::tools::TOOLS, case(), Vec::new()),
        messages: Messages::default(),
        scene: SceneInfo::default(),
        unsaved: false,
        busy: None,
        asked: Vec::new(),
        pane: None,
        second: None,
        drags: Vec::new(),
    };
    let show = |ui: &mut egui::Ui, Shown { desk, scene }: &mut Shown| {
        if !desk.workspace.is_set_up(ui.ctx()) {
            return;
        }
        let view = AppView {
            session: &desk.session,
            scene: &desk.scene,
            messages: &desk.messages,
            case_path: None,
            unsaved: false,
            covered: false,
            busy: None,
            now_s: 1.0,
        };
        let rect = ui.ctx().content_rect();
        *scene = desk.workspace.audience_ui(ui, rect, &view);
    };
    let state = Shown { desk, scene: None };
    Harness::builder().with_size(Vec2::new(1280.0, 720.0)).with_step_dt(1.0 / 60.0).build_ui_state(show, state)
}

fn made(harness: &Harness<'_, Shown>) -> usize {
    harness.state().desk.workspace.audience.pictures_made()
}

/// Let frames pass until no picture is made any more; never two in one.
fn settle(harness: &mut Harness<'_, Shown>) -> usize {
    for _ in 0..12 {
        let before = made(harness);
        harness.step();
        assert!(made(harness) <= before + 1, "one picture in a frame");
    }
    made(harness)
}

#[test]
fn four_views_follow_the_crosshair_and_the_window_of_the_first_window() {
    let mut harness = second(Watched::FourUp);
    assert_eq!(settle(&mut harness), 3, "each slice once");
    let scene = harness.state().scene.expect("one of the four is the 3D view");
    assert!(600.0 < scene.left() && scene.bottom() < 380.0, "{scene}");
    let workspace =
        |harness: &mut Harness<'_, Shown>, act: &dyn Fn(&mut Workspace)| act(&mut harness.state_mut().desk.workspace);
    workspace(&mut harness, &|window| window.crosshair = Some(Point::new(0.0, 0.0, 140.0)));
    assert_eq!(settle(&mut harness), 4, "only the axial slice is another one");
    let Desk { workspace: own, session, .. } = &mut harness.state_mut().desk;
    let node = session.case().node(NodeId(1)).unwrap();
    let Data::Scan(scan) = &node.data else { unreachable!("node 1 is the scan") };
    own.slices.window(NodeId(1), scan, node.hash()).window = Window { width: 80.0, level: -300.0 };
    assert_eq!(settle(&mut harness), 7, "all three have other greys");
    workspace(&mut harness, &|window| window.slices.segments = false);
    assert_eq!(settle(&mut harness), 10, "and lose their segments");
    let slab = SlabLook { projection: Some(crate::image::slice::Projection::Maximum), thickness_mm: 10.0 };
    workspace(&mut harness, &|window| window.slices.slabs = [slab; 3]);
    assert_eq!(settle(&mut harness), 13, "thin slabs are made at once");
    assert_eq!(harness.state().desk.workspace.slices.pictures_made(), 0, "pictures of the first window are its own");
}

#[test]
fn the_mouse_changes_nothing_in_it_and_names_are_not_shown() {
    let mut harness = second(Watched::Axial);
    settle(&mut harness);
    assert!(harness.state().scene.is_none(), "no 3D view is drawn for nobody");
    let before = (harness.state().desk.workspace.crosshair, harness.state().desk.workspace.settings.clone());
    let at = Pos2::new(500.0, 400.0);
    harness.hover_at(at);
    harness.run_steps(1);
    harness.drag_at(at);
    harness.run_steps(1);
    harness.hover_at(at + Vec2::new(90.0, 60.0));
    harness.run_steps(1);
    harness.drop_at(at + Vec2::new(90.0, 60.0));
    harness.run_steps(3);
    assert_eq!((harness.state().desk.workspace.crosshair, harness.state().desk.workspace.settings.clone()), before);
    assert!(harness.query_by_label("Chest").is_none());
    let shapes = &harness.output().shapes;
    let names = shapes
        .iter()
        .any(|clipped| matches!(&clipped.shape, egui::Shape::Text(text) if text.galley.text().contains("Chest")));
    assert!(!names, "the name of a scan may be that of a person");
}

#[test]
fn its_menu_appears_with_the_mouse_and_chooses_what_is_shown() {
    let mut harness = second(Watched::Scene);
    harness.run_steps(4);
    let whole = harness.state().scene.expect("the 3D view");
    assert!(1200.0 < whole.width() && 700.0 < whole.height(), "{whole}");
    assert!(harness.query_by_label_contains("3D view").is_none(), "nothing lies over the picture");
    harness.hover_at(Pos2::new(600.0, 300.0));
    harness.run_steps(2);
    harness.get_by_label_contains("3D view").click();
    harness.run_steps(3);
    assert!(harness.get_by_label("Along a vessel").accesskit_node().is_disabled(), "there is none");
    harness.get_by_label("Coronal slice").click();
    harness.run_steps(6);
    assert_eq!(harness.state().desk.workspace.settings.watched, Watched::Coronal);
    assert!(harness.state().scene.is_none() && made(&harness) == 1);
}

#[test]
fn everything_to_watch_is_survived_also_without_a_scan_and_in_a_tiny_window() {
    for size in [Vec2::new(1280.0, 720.0), Vec2::new(60.0, 40.0), Vec2::new(1.0, 1.0)] {
        for (watched, name) in Watched::ALL {
            let mut harness = second(watched);
            harness.set_size(size);
            harness.run_steps(4);
            harness.state_mut().desk.session = Session::with_case(crate::tools::TOOLS, Case::default(), Vec::new());
            harness.run_steps(3);
            assert_eq!(harness.state().desk.workspace.settings.watched, watched, "{name}");
        }
    }
}

#[test]
fn what_an_audience_sees_is_chosen_from_the_first_window_too_and_opens_the_second() {
    let mut harness = open(case());
    harness.state_mut().workspace.waiting.push(Wish::Watch(Watched::FourUp));
    assert_eq!(asked(&mut harness), [Request::SecondWindow]);
    harness.state_mut().scene.has_audience = true;
    harness.state_mut().workspace.waiting.push(Wish::Watch(Watched::Axial));
    assert_eq!(asked(&mut harness), [], "it is open already");
    harness.state_mut().workspace.waiting.push(Wish::Watch(Watched::Curved));
    harness.run_steps(3);
    assert_eq!(harness.state().workspace.settings.watched, Watched::Axial, "there is no vessel to show");
    let settings = &harness.state().workspace.settings;
    assert_eq!(crate::app::ui::Settings::read(&settings.write()).unwrap().0.watched, Watched::Axial);
}
