//! What lies over the scene: legends that open, names, the cut.

use super::*;
use crate::app::ui::fields::{BELOW, FieldLook, VectorLook};
use crate::app::ui::labels::Label;
use crate::image::Colormap;
use egui::accesskit::Role;

fn speed(look: FieldLook) -> Legend {
    let own = [0.0, 4.0];
    let map = look.map.unwrap_or(Colormap::Viridis);
    Legend {
        field: "speed".into(),
        unit: "m/s".into(),
        range: look.range(own),
        colours: map.table(9),
        map,
        look,
        own,
        outside: look.outside(own, own),
        has_invalid: true,
        can_have_isolines: true,
        ..Legend::default()
    }
}

/// The legend follows what was chosen, as the mirror lets it.
fn follow(harness: &mut Harness<'_, Desk>) -> FieldLook {
    harness.run_steps(3);
    let look = harness.state().workspace.fields.get("speed").copied().unwrap_or_default();
    harness.state_mut().scene.legends = vec![speed(look)];
    harness.run_steps(2);
    look
}

#[test]
fn a_click_on_a_legend_opens_its_map_range_and_lines() {
    let mut harness = open(case());
    follow(&mut harness);
    assert!(harness.query_by_label("cividis").is_none(), "closed at first");
    press(&mut harness, "Legend of speed");
    press(&mut harness, "cividis");
    assert_eq!(follow(&mut harness).map, Some(Colormap::Cividis));
    press(&mut harness, "Isolines");
    assert!(follow(&mut harness).isolines);
    harness.get_by_role_and_label(Role::SpinButton, "Lowest").click();
    harness.run_steps(2);
    harness.event(egui::Event::Text("1,5".into()));
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    let look = follow(&mut harness);
    assert_eq!(look.ends, [Some(1.5), None]);
    let legend = harness.state().scene.legends[0].clone();
    assert_eq!((legend.range, legend.outside), ([1.5, 4.0], [Some(BELOW), None]));
    press(&mut harness, "Reset");
    assert_eq!(follow(&mut harness), FieldLook::default());
    assert_eq!(asked(&mut harness), [], "all of it belongs to the window");
}

#[test]
fn ends_of_a_range_cannot_pass_each_other() {
    let mut harness = open(case());
    follow(&mut harness);
    press(&mut harness, "Legend of speed");
    for (text, expected) in [("9", [None; 2]), ("many", [None; 2]), ("-2", [Some(-2.0), None])] {
        harness.get_by_role_and_label(Role::SpinButton, "Lowest").click();
        harness.run_steps(2);
        harness.event(egui::Event::Text(text.into()));
        harness.run_steps(2);
        harness.key_press(Key::Enter);
        let look = follow(&mut harness);
        assert_eq!(look.ends, expected, "{text}");
    }
}

#[test]
fn what_the_user_made_of_a_field_is_forgotten_with_the_case() {
    let mut harness = open(case());
    let workspace = &mut harness.state_mut().workspace;
    workspace.fields.insert("speed".into(), FieldLook { isolines: true, ..FieldLook::default() });
    workspace.forget_case();
    assert!(workspace.fields.is_empty() && workspace.cut.is_none());
}

#[test]
fn a_cut_takes_the_side_of_the_viewer_and_follows_the_crosshair() {
    let mut harness = open(case());
    for view in NamedView::ALL {
        let camera = OrbitCamera::default().looking(view);
        harness.state_mut().scene.camera = camera;
        for orientation in Orientation::ALL {
            let workspace = &mut harness.state_mut().workspace;
            workspace.cut_scene(Some(orientation), &camera);
            let plane = workspace.cut_plane().unwrap();
            assert!(-1e-9 < plane.normal().dot(&camera.right_up_back()[2]), "{view:?} {orientation:?}");
        }
    }
    let workspace = &mut harness.state_mut().workspace;
    workspace.crosshair = Some(Point::new(1.0, 2.0, 103.0));
    let before = workspace.cut_plane().unwrap();
    assert_eq!(before.point, Point::new(1.0, 2.0, 103.0));
    workspace.selected = None;
    strike(&mut harness, Modifiers::SHIFT, Key::X);
    let after = harness.state().workspace.cut_plane().unwrap();
    assert!((after.normal() + before.normal()).norm() < 1e-12, "the other side");
    let workspace = &mut harness.state_mut().workspace;
    workspace.cut.as_mut().unwrap().spare(NodeId(3));
    workspace.cut_scene(Some(Orientation::Axial), &OrbitCamera::default());
    assert!(workspace.cut.as_ref().unwrap().spared.contains(&NodeId(3)), "whole at another slice too");
    workspace.cut_scene(None, &OrbitCamera::default());
    assert!(workspace.cut_plane().is_none());
}

#[test]
fn a_key_shows_names_beside_the_scene_at_any_size() {
    let mut harness = open(case());
    assert!(!harness.state().workspace.labels_in_scene);
    strike(&mut harness, Modifiers::SHIFT, Key::L);
    assert!(harness.state().workspace.labels_in_scene);
    let label = |n: u32| Label {
        node: NodeId(n),
        name: format!("a long name of an organ that nobody can read {n}"),
        colour: [200, 90, 60],
        anchor: Point::new(10.0 * f64::from(n) - 50.0, 0.0, 5.0 * f64::from(n)),
        share: 0.1,
    };
    harness.state_mut().scene.labels = (1..12).map(label).collect();
    for size in [Vec2::new(1920.0, 1080.0), Vec2::new(1280.0, 720.0), Vec2::new(640.0, 400.0)] {
        harness.set_size(size);
        harness.run_steps(3);
    }
}

/// The legend says how vectors are shown, as the mirror lets it.
fn show_vectors(harness: &mut Harness<'_, Desk>, has_lines: bool) -> VectorLook {
    let look = harness.state().workspace.vectors;
    harness.state_mut().scene.legends[0].vectors = Some((look, has_lines));
    harness.run_steps(3);
    look
}

#[test]
fn arrows_and_streamlines_are_chosen_in_the_legend_of_what_has_vectors() {
    let mut harness = open(case());
    follow(&mut harness);
    press(&mut harness, "Legend of speed");
    assert!(harness.query_by_label("Arrows").is_none(), "a field without vectors");
    show_vectors(&mut harness, true);
    press(&mut harness, "Arrows");
    show_vectors(&mut harness, true);
    press(&mut harness, "Streamlines");
    let look = show_vectors(&mut harness, true);
    assert_eq!((look.arrows, look.lines), (true, false));
    show_vectors(&mut harness, false);
    assert!(harness.query_by_label("Streamlines").is_none(), "tissue has none");
    assert_eq!(asked(&mut harness), [], "all of it belongs to the window");
}

#[test]
fn a_legend_says_why_values_are_not_valid() {
    let mut harness = open(case());
    follow(&mut harness);
    let said = "not valid here: strained beyond 30 %";
    assert!(harness.query_by_label(said).is_none());
    harness.state_mut().scene.legends[0].invalid_because = Some("strained beyond 30 %".into());
    harness.run_steps(3);
    assert!(harness.query_all_by_label(said).next().is_some(), "at the patch");
    press(&mut harness, "Legend of speed");
    assert!(1 < harness.query_all_by_label(said).count(), "and in the popover");
}

#[test]
fn messages_stand_beside_the_legend_and_within_the_views() {
    let mut harness = open(case());
    harness.state_mut().scene.legends = vec![speed(FieldLook::default())];
    strike(&mut harness, Modifiers::COMMAND, Key::Num4);
    for n in 0..4 {
        harness.state_mut().messages.push(0.5, Tone::Error, format!("something that went wrong, number {n}"));
    }
    for size in [Vec2::new(1920.0, 1080.0), Vec2::new(1440.0, 900.0), Vec2::new(1280.0, 720.0)] {
        harness.set_size(size);
        harness.run_steps(6);
        let rect = harness.state().pane.as_ref().expect("the scene is shown").rect;
        let legend = scene_view::legends_in(rect, &harness.state().scene).expect("there is one");
        let toasts = harness.ctx.memory(|memory| memory.area_rect(egui::Id::new("toasts"))).expect("they are shown");
        assert!(rect.contains_rect(legend) && !toasts.intersects(legend), "{size}: {toasts} over {legend}");
        let panes = &harness.state().workspace.panes;
        let views = panes.iter().map(|(_, rect)| *rect).reduce(egui::Rect::union).expect("views are shown");
        assert!(views.contains_rect(toasts), "{size}: {toasts} over a panel beside {views}");
    }
}

#[test]
fn keys_choose_the_projection_and_lock_the_tilt() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::O);
    strike(&mut harness, Modifiers::SHIFT, Key::B);
    assert!(harness.state().workspace.settings.parallel && harness.state().workspace.scenes.tilt_locked);
    assert!(Settings::read(&harness.state().workspace.settings.write()).unwrap().0.parallel, "it is kept");
    strike(&mut harness, Modifiers::NONE, Key::O);
    strike(&mut harness, Modifiers::SHIFT, Key::B);
    assert!(!harness.state().workspace.settings.parallel && !harness.state().workspace.scenes.tilt_locked);
    assert_eq!(asked(&mut harness), [], "all of it belongs to the window");
}

#[test]
fn a_corner_of_the_cube_looks_from_between_three_sides() {
    let mut harness = open(case());
    harness.state_mut().scene.camera = OrbitCamera { yaw_rad: 0.7, pitch_rad: 0.6, ..OrbitCamera::default() };
    harness.run_steps(2);
    let rect = harness.state().pane.as_ref().unwrap().rect;
    let size = (rect.width().min(rect.height()) * 0.2).clamp(52.0, 84.0);
    let cube = egui::Rect::from_min_size(rect.left_bottom() + Vec2::new(16.0, -14.0 - size), Vec2::splat(size));
    // The corner of left, front and top points at the viewer here.
    click(&mut harness, cube.center());
    let asked = asked(&mut harness);
    let [Request::FlyTo(camera)] = &asked[..] else { panic!("{asked:?}") };
    let towards = crate::geom::Vector::new(1.0, -1.0, 1.0).normalize();
    assert!((camera.right_up_back()[2] - towards).norm() < 1e-9, "{camera:?}");
}

#[test]
fn the_cut_is_pushed_and_tilted_by_hand_and_slices_go_with_it() {
    let mut harness = open(case());
    let bounds = scan().grid().bounds();
    let rect = harness.state().pane.as_ref().unwrap().rect;
    harness.state_mut().scene.camera.fit(&bounds, rect);
    let camera = harness.state().scene.camera;
    harness.run_steps(2);
    harness.state_mut().workspace.cut_scene(Some(Orientation::Axial), &camera);
    harness.run_steps(3);
    let before = harness.state().workspace.cut_plane().unwrap();
    harness.state_mut().drags.clear();
    let push = harness.get_by_label("Cut: push").rect().center();
    drag(&mut harness, push, push + Vec2::new(2.0, -30.0));
    harness.run_steps(2);
    let pushed = harness.state().workspace.cut_plane().unwrap();
    assert!(pushed.normal() == before.normal() && 1.0 < before.distance_mm(&pushed.point).abs(), "{pushed:?}");
    assert_eq!(Some(pushed.point), harness.state().workspace.crosshair, "the slices follow");
    let tilt = harness.get_all_by_label("Cut: tilt").next().unwrap().rect().center();
    drag(&mut harness, tilt, tilt + Vec2::new(2.0, 25.0));
    harness.run_steps(2);
    let tilted = harness.state().workspace.cut_plane().unwrap();
    assert!(tilted.normal().dot(&pushed.normal()) < 0.995 && tilted.distance_mm(&pushed.point).abs() < 1e-6);
    let turned = harness.state().workspace.slices.frame(Orientation::Axial).away();
    assert!((1.0 - turned.dot(&tilted.normal()).abs()).abs() < 1e-9, "its slice lies in it");
    assert!(harness.state().drags.is_empty(), "the camera stays");
    for wanted in [pushed, before] {
        assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::Z), []);
        let now = harness.state().workspace.cut_plane().unwrap();
        assert!((now.normal() - wanted.normal()).norm() < 1e-12 && (now.point - wanted.point).norm() < 1e-9);
    }
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::Y), []);
    assert!((harness.state().workspace.cut_plane().unwrap().point - pushed.point).norm() < 1e-9);
}
