//! Turned views, slabs, regions, a second scan and slices that are played, under the mouse.

use super::*;
use crate::geom::Orientation;
use crate::image::Colormap;
use crate::image::slice::Projection;

fn slices<'a>(harness: &'a mut Harness<'_, Desk>) -> &'a mut crate::app::ui::slice::Slices {
    &mut harness.state_mut().workspace.slices
}

fn tilts(harness: &mut Harness<'_, Desk>) -> [f64; 3] {
    let turn = slices(harness).turn;
    Orientation::ALL.map(|orientation| turn.tilt_deg(orientation))
}

/// Where the crosshair is drawn in a view of the scan in [`case`], and the points of a millimetre.
fn crossing(harness: &Harness<'_, Desk>, orientation: Orientation) -> Pos2 {
    let rect = view_of(harness, orientation);
    let grid = Arc::clone(scan().grid());
    let frame = harness.state().workspace.slices.frame(orientation);
    let point = crosshair(harness);
    let stack = crate::app::ui::slice::Stack::of(&grid, frame);
    let geometry = crate::app::ui::slice::SliceGeometry::new(
        &grid,
        frame,
        stack.shown_mm(&point),
        crate::app::ui::slice::Framing::default(),
        rect,
    );
    geometry.screen_from_patient(&point)
}

/// Turn the planes by dragging the lower end of the upright line in the axial view by 30° clockwise.
fn turn_by_thirty(harness: &mut Harness<'_, Desk>) {
    let orientation = Orientation::Axial;
    let rect = view_of(harness, orientation);
    let voxel = scan().grid().centre([20, 15, 12]);
    harness.state_mut().workspace.crosshair = Some(voxel);
    harness.run_steps(2);
    let middle = crossing(harness, orientation);
    let arm = 0.88 * (rect.bottom() - middle.y);
    let (sin, cos) = 30_f32.to_radians().sin_cos();
    drag(harness, middle + Vec2::new(0.0, arm), middle + Vec2::new(-sin, cos) * arm);
}

#[test]
fn dragging_the_end_of_a_line_by_thirty_degrees_makes_views_oblique_and_r_brings_them_back() {
    let mut harness = open(case());
    let window = window_of(&mut harness);
    turn_by_thirty(&mut harness);
    let [axial, coronal, sagittal] = tilts(&mut harness);
    assert!(axial < 1e-9 && (coronal - 30.0).abs() < 0.5 && (sagittal - 30.0).abs() < 0.5, "{coronal} {sagittal}");
    assert_eq!(window_of(&mut harness), window, "the window was not dragged");
    // Another turn in the coronal view makes all three oblique.
    let rect = view_of(&harness, Orientation::Coronal);
    let middle = crossing(&harness, Orientation::Coronal);
    let end = Pos2::new(middle.x - 0.85 * (middle.x - rect.left()), middle.y);
    drag(&mut harness, end, end + Vec2::new(0.0, 60.0));
    assert!(tilts(&mut harness).into_iter().all(|tilt| 3.0 < tilt), "{:?}", tilts(&mut harness));
    assert!(harness.query_by_label_contains("Oblique").is_some());
    strike(&mut harness, Modifiers::NONE, Key::R);
    assert_eq!(tilts(&mut harness), [0.0; 3]);
    assert!(harness.query_by_label_contains("Oblique").is_none());
}

#[test]
fn the_mouse_finds_voxels_and_wheels_go_along_the_normal_in_oblique_views() {
    let mut harness = open(case());
    turn_by_thirty(&mut harness);
    let frame = slices(&mut harness).frame(Orientation::Coronal);
    let [right, down, away] = frame.right_down_away();
    let before = crosshair(&harness);
    let pos = crossing(&harness, Orientation::Coronal);
    wheel(&mut harness, pos, 2.0);
    let moved = crosshair(&harness) - before;
    assert!((moved - away * 2.0).norm() < 1e-6, "two slices of 1 mm along the normal, not {moved}");
    let pos = crossing(&harness, Orientation::Coronal) + Vec2::new(50.0, -40.0);
    let start = crosshair(&harness);
    click(&mut harness, pos);
    let moved = crosshair(&harness) - start;
    assert!(moved.dot(&away).abs() < 1e-6, "a click stays in the plane");
    assert!(0.0 < moved.dot(&right) && moved.dot(&down) < 0.0);
    let probe = harness.state().workspace.probe.clone().expect("the mouse is over a slice");
    assert_eq!(probe.voxel, scan().grid().voxel_at(crosshair(&harness)));
    let offset = probe.voxel.map(|voxel| scan().grid().offset(voxel)).unwrap();
    assert_eq!(probe.value, Some(scan().value(offset)));
}

#[test]
fn the_inner_part_of_a_line_moves_one_plane_only() {
    let mut harness = open(case());
    let before = crosshair(&harness);
    harness.state_mut().workspace.crosshair = Some(scan().grid().centre([20, 15, 12]));
    harness.run_steps(2);
    let start = crosshair(&harness);
    let at = crossing(&harness, Orientation::Axial) + Vec2::new(0.0, 60.0);
    drag(&mut harness, at, at + Vec2::new(45.0, 30.0));
    let after = crosshair(&harness);
    assert!(start.x + 2.0 < after.x && after.y == start.y && after.z == start.z, "{before} {start} {after}");
    assert_eq!(tilts(&mut harness), [0.0; 3]);
    // Without the crosshair there is nothing to take: the same drag changes the window.
    strike(&mut harness, Modifiers::NONE, Key::C);
    let window = window_of(&mut harness);
    drag(&mut harness, at, at + Vec2::new(45.0, 30.0));
    assert_ne!(window_of(&mut harness), window);
    assert_eq!(crosshair(&harness), after);
}

/// Letters at the edges of the axial view, as they are written: left, right, top, bottom.
fn letters_of_axial(harness: &Harness<'_, Desk>) -> [String; 4] {
    let rect = view_of(harness, Orientation::Axial);
    let texts: Vec<_> = written(harness)
        .into_iter()
        .filter(|(text, at)| rect.contains(*at) && text.len() <= 3 && text.chars().all(|c| "RLAPSI".contains(c)))
        .collect();
    let by = |key: &dyn Fn(&Pos2) -> f32| {
        let found = texts.iter().min_by(|(_, a), (_, b)| key(a).total_cmp(&key(b)));
        found.map(|(text, _)| text.clone()).unwrap_or_default()
    };
    [by(&|at| at.x), by(&|at| -at.x), by(&|at| at.y), by(&|at| -at.y)]
}

#[test]
fn a_flipped_view_is_a_mirror_in_which_everything_still_finds_its_place() {
    let mut harness = open(case());
    let rect = view_of(&harness, Orientation::Axial);
    let at = rect.center() + Vec2::new(-70.0, 40.0);
    click(&mut harness, at);
    let plain = crosshair(&harness);
    let flipped = crate::base::i18n::tr("slice-flipped");
    assert_eq!(letters_of_axial(&harness), ["R", "L", "A", "P"]);
    assert!(!is_written(&harness, flipped));

    strike(&mut harness, Modifiers::NONE, Key::H);
    assert_eq!(letters_of_axial(&harness), ["L", "R", "A", "P"]);
    assert!(is_written(&harness, flipped), "it says so");
    // Long enough after the first one to be no double click.
    harness.run_steps(40);
    click(&mut harness, at);
    let mirrored = crosshair(&harness);
    let middle = scan().grid().bounds().centre();
    assert!((mirrored.x + plain.x - 2.0 * middle.x).abs() < 1e-6 && (mirrored.y - plain.y).abs() < 1e-6);
    let probe = harness.state().workspace.probe.clone().expect("the mouse is over a slice");
    assert_eq!(probe.voxel, scan().grid().voxel_at(mirrored), "what is read is what is there");

    // Lines are measured where they are seen.
    strike(&mut harness, Modifiers::NONE, Key::L);
    drag(&mut harness, at, at + Vec2::new(60.0, 0.0));
    let requests = asked(&mut harness);
    let [Request::Run(Command { tool, params })] = &requests[..] else { panic!("{requests:?}") };
    let x = |n: usize| params["points"][n][0].as_f64().unwrap();
    assert!(tool == "measure.add" && (x(0) - mirrored.x).abs() < 1e-3 && x(1) < x(0), "{params}");
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    harness.run_steps(40);

    strike(&mut harness, Modifiers::NONE, Key::V);
    assert_eq!(letters_of_axial(&harness), ["L", "R", "P", "A"]);
    click(&mut harness, at);
    let both = crosshair(&harness);
    assert!((both.x - mirrored.x).abs() < 1e-6 && (both.y + plain.y - 2.0 * middle.y).abs() < 1e-6);
    assert_eq!(slices(&mut harness).frame(Orientation::Coronal).flips(), [false; 2], "only the view last touched");
    strike(&mut harness, Modifiers::NONE, Key::R);
    assert_eq!(letters_of_axial(&harness), ["R", "L", "A", "P"]);
}

#[test]
fn the_middle_of_a_zoomed_view_stays_where_it_is_when_it_is_flipped() {
    let mut harness = open(case());
    let rect = view_of(&harness, Orientation::Axial);
    slices(&mut harness).framings[0] = crate::app::ui::slice::Framing { zoom: 3.0, pan_mm: [4.0, -2.0] };
    click(&mut harness, rect.center());
    let before = crosshair(&harness);
    strike(&mut harness, Modifiers::NONE, Key::H);
    strike(&mut harness, Modifiers::NONE, Key::V);
    assert!(is_written(&harness, crate::base::i18n::tr("slice-flipped")), "it says so");
    harness.run_steps(40);
    click(&mut harness, rect.center());
    assert!((crosshair(&harness) - before).norm() < 1e-6, "{before} {}", crosshair(&harness));
}

#[test]
fn a_region_dragged_with_ctrl_sets_the_window() {
    let mut harness = open(case());
    let rect = view_of(&harness, Orientation::Axial);
    let before = window_of(&mut harness);
    harness.hover_at(rect.center() - Vec2::new(90.0, 70.0));
    harness.run_steps(1);
    harness.event(egui::Event::ModifiersChanged(Modifiers::CTRL));
    let from = rect.center() - Vec2::new(90.0, 70.0);
    harness.run_steps(1);
    for (pos, pressed) in [(from, true), (rect.center() + Vec2::new(80.0, 60.0), false)] {
        for step in 0..=6 {
            harness.event(egui::Event::PointerMoved(from + (pos - from) * (step as f32 / 6.0)));
            harness.run_steps(1);
        }
        let (button, modifiers) = (egui::PointerButton::Primary, Modifiers::CTRL);
        harness.event(egui::Event::PointerButton { pos, button, pressed, modifiers });
        harness.run_steps(2);
    }
    harness.event(egui::Event::ModifiersChanged(Modifiers::NONE));
    harness.run_steps(2);
    let after = window_of(&mut harness);
    // The values of the scan are spread evenly from −1000 to 1999; interpolation brings them together a little.
    assert_ne!(after, before);
    assert!((after.level - 500.0).abs() < 200.0 && (1800.0..=3000.0).contains(&after.width), "{after:?}");
}

#[test]
fn presets_of_ct_are_not_for_mr() {
    let mr = Scan { modality: Modality::Mr, window: None, ..scan() };
    let case = Case::from_nodes([(NodeId(1), Node::new("Head", Data::Scan(Arc::new(mr))))]);
    let mut harness = open(case);
    let first = window_of(&mut harness);
    strike(&mut harness, Modifiers::NONE, Key::Num4);
    assert_eq!(window_of(&mut harness), first);
    strike(&mut harness, Modifiers::NONE, Key::Num0);
    assert_ne!(window_of(&mut harness), first);
    strike(&mut harness, Modifiers::NONE, Key::Num1);
    assert_eq!(window_of(&mut harness), first, "1 finds the window of the foreground again");
}

#[test]
fn the_popover_changes_what_is_shown_and_idle_frames_make_no_picture() {
    let mut harness = open(case());
    press(&mut harness, "Display");
    press(&mut harness, "inferno");
    assert_eq!(slices(&mut harness).look(NodeId(1)).colours, Colormap::Inferno);
    press(&mut harness, "MIP");
    assert!(slices(&mut harness).slabs.iter().all(|slab| slab.projection == Some(Projection::Maximum)));
    press(&mut harness, "Interpolate between voxels");
    assert!(!slices(&mut harness).look(NodeId(1)).smooth);
    let made = slices(&mut harness).pictures_made();
    harness.run_steps(10);
    assert_eq!(slices(&mut harness).pictures_made(), made);
    press(&mut harness, "Outline");
    assert!(made < slices(&mut harness).pictures_made());
    // Turning the wheel with Alt makes the slab thicker and shows the same slice.
    press(&mut harness, "Display");
    let (pos, place) = (view_of(&harness, Orientation::Axial).center(), crosshair(&harness));
    harness.hover_at(pos);
    harness.event(egui::Event::ModifiersChanged(Modifiers::ALT));
    harness.run_steps(1);
    let (unit, modifiers, phase) = (egui::MouseWheelUnit::Line, Modifiers::ALT, egui::TouchPhase::Move);
    harness.event(egui::Event::MouseWheel { unit, delta: Vec2::new(0.0, 1.0), modifiers, phase });
    harness.run_steps(2);
    assert_eq!(slices(&mut harness).slabs[0].thickness_mm, 25.0);
    assert_eq!(crosshair(&harness), place);
}

#[test]
fn a_second_scan_can_be_laid_over_the_first_and_removed_while_it_is_shown() {
    let second = Scan { modality: Modality::Other, ..scan() };
    let nodes = [("CT", scan()), ("PET", second)].map(|(name, scan)| Node::new(name, Data::Scan(Arc::new(scan))));
    let [first, second] = nodes;
    let mut harness = open(Case::from_nodes([(NodeId(1), first.clone()), (NodeId(2), second)]));
    harness.state_mut().workspace.selected = Some(NodeId(1));
    harness.run_steps(2);
    press(&mut harness, "Display");
    harness.get_by_role_and_label(egui::accesskit::Role::RadioButton, "PET").click();
    harness.run_steps(3);
    let fusion = slices(&mut harness).fusion.expect("it lies over the first");
    assert_eq!((fusion.node, fusion.share), (NodeId(2), 0.5));
    assert_eq!(slices(&mut harness).look_over(NodeId(2)).colours, Colormap::Inferno);
    let made = slices(&mut harness).pictures_made();
    harness.state_mut().session =
        Session::with_case(crate::tools::TOOLS, Case::from_nodes([(NodeId(1), first)]), Vec::new());
    harness.run_steps(4);
    assert!(made < slices(&mut harness).pictures_made(), "the first alone is shown again");
}

#[test]
fn linked_views_zoom_together() {
    let mut harness = open(case());
    let zoom = |harness: &mut Harness<'_, Desk>| {
        let pos = view_of(harness, Orientation::Axial).center() + Vec2::new(40.0, 20.0);
        harness.hover_at(pos);
        harness.event(egui::Event::Zoom(1.5));
        harness.run_steps(3);
        slices(harness).framings.map(|framing| (framing.zoom * 100.0).round() / 100.0)
    };
    assert_eq!(zoom(&mut harness), [1.5, 1.0, 1.0]);
    slices(&mut harness).linked = true;
    assert_eq!(zoom(&mut harness), [2.25, 1.5, 1.5]);
    let before = slices(&mut harness).framings;
    strike(&mut harness, Modifiers::NONE, Key::Minus);
    for (after, before) in slices(&mut harness).framings.iter().zip(before) {
        assert!((after.zoom / before.zoom - 0.8).abs() < 1e-9, "keys zoom all too");
    }
}

#[test]
fn a_sum_is_a_value_times_a_length() {
    let mut harness = open(case());
    let pos = view_of(&harness, Orientation::Axial).center() + Vec2::new(40.0, 30.0);
    let text = |harness: &mut Harness<'_, Desk>| {
        harness.hover_at(pos);
        harness.run_steps(3);
        harness.state().workspace.probe.as_ref().expect("the mouse is over a slice").slab_text()
    };
    assert_eq!(text(&mut harness), None);
    for (projection, unit) in [(Projection::Mean, " HU"), (Projection::Sum, " HU·mm")] {
        slices(&mut harness).slabs.iter_mut().for_each(|slab| slab.projection = Some(projection));
        let text = text(&mut harness).unwrap();
        assert!(text.starts_with(projection.short()) && text.ends_with(unit), "{text}");
    }
}

#[test]
fn slices_of_a_view_that_is_hidden_are_not_played() {
    use crate::app::ui::layout::Pane;
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::P);
    harness.state_mut().workspace.layout.maximise(Pane::Slice(Orientation::Axial));
    harness.run_steps(2);
    assert_eq!(slices(&mut harness).cine.plays(), Some(Orientation::Axial));
    harness.state_mut().workspace.layout.restore();
    harness.state_mut().workspace.layout.maximise(Pane::Slice(Orientation::Coronal));
    harness.run_steps(2);
    assert_eq!(slices(&mut harness).cine.plays(), None);
}

#[test]
fn another_case_gets_the_crosshair_into_its_middle_and_nothing_selected() {
    let mut harness = open(case());
    harness.state_mut().workspace.crosshair = Some(scan().grid().centre([3, 4, 5]));
    harness.state_mut().workspace.selected = Some(NodeId(2));
    harness.run_steps(2);
    harness.state_mut().workspace.forget_case();
    harness.run_steps(2);
    assert_eq!(crosshair(&harness), scan().grid().bounds().centre());
    assert_eq!(harness.state().workspace.selected, None);
}

#[test]
fn played_slices_stop_at_a_click_in_a_view_and_at_escape() {
    let mut harness = open(case());
    for by_key in [true, false] {
        strike(&mut harness, Modifiers::NONE, Key::P);
        assert_eq!(slices(&mut harness).cine.plays(), Some(Orientation::Axial));
        if by_key {
            strike(&mut harness, Modifiers::NONE, Key::Escape);
        } else {
            let rect = view_of(&harness, Orientation::Coronal);
            click(&mut harness, rect.center() + Vec2::new(30.0, 40.0));
        }
        assert_eq!(slices(&mut harness).cine.plays(), None);
    }
}

#[test]
fn odd_scans_and_small_views_are_shown() {
    let odd = |dims: [usize; 3], spacing: [f64; 3], value: f32| {
        let grid = Grid::aligned(dims, Point::new(3.0, -4.0, 5.0), spacing).unwrap();
        let voxels = Voxels::F32(Volume::new(grid.clone(), vec![value; grid.len()]).unwrap());
        let scan = Scan { voxels, modality: Modality::Mr, window: None, facts: Vec::new() };
        Case::from_nodes([(NodeId(1), Node::new("Odd", Data::Scan(Arc::new(scan))))])
    };
    for case in [
        odd([1, 1, 1], [1.0; 3], 0.0),
        odd([30, 1, 20], [1.0, 5.0, 1.0], 3.0),
        odd([9, 9, 9], [0.5, 0.5, 20.0], f32::NAN),
        odd([2, 90, 2], [20.0, 0.1, 0.1], f32::INFINITY),
    ] {
        let mut harness = open(case);
        slices(&mut harness).turn =
            slices(&mut harness).turn.turned_in(Orientation::Axial, 0.7).turned_in(Orientation::Sagittal, 1.1);
        for projection in [None].into_iter().chain(Projection::ALL.map(Some)) {
            slices(&mut harness).slabs.iter_mut().for_each(|slab| slab.projection = projection);
            for key in [Key::ArrowUp, Key::End, Key::Home, Key::P] {
                strike(&mut harness, Modifiers::NONE, key);
            }
            strike(&mut harness, Modifiers::NONE, Key::Escape);
        }
        for size in [Vec2::new(700.0, 200.0), Vec2::new(640.0, 130.0), Vec2::new(1440.0, 900.0)] {
            harness.set_size(size);
            harness.run_steps(3);
        }
        // Far outside: black with a word, and back.
        harness.state_mut().workspace.crosshair = Some(Point::new(1e6, -1e6, 1e6));
        harness.run_steps(3);
        strike(&mut harness, Modifiers::NONE, Key::R);
        assert!(slices(&mut harness).turn.is_straight());
    }
}

#[test]
fn sums_have_a_window_of_their_own_and_the_scan_keeps_its_own() {
    let mut harness = open(case());
    let before = window_of(&mut harness);
    let sum = Some(crate::image::slice::Projection::Sum);
    harness
        .state_mut()
        .workspace
        .slices
        .set_slab(crate::app::ui::slice::SlabLook { projection: sum, thickness_mm: 20.0 });
    harness.run_steps(3);
    let pane = view_of(&harness, Orientation::Axial);
    let of_sums = |harness: &Harness<'_, Desk>| {
        harness.state().workspace.slices.window_shown(Orientation::Axial).expect("it is shown")
    };
    let found = of_sums(&harness);
    let from = pane.center() + Vec2::new(-90.0, 70.0);
    drag(&mut harness, from, from + Vec2::new(60.0, 0.0));
    let dragged = of_sums(&harness);
    assert!(found.width < dragged.width && dragged.level == found.level, "{found:?} {dragged:?}");
    assert_eq!(window_of(&mut harness), before, "the window of the scan is not dragged unseen");
    // Twice as thick: sums are twice as large, and so is their window.
    harness
        .state_mut()
        .workspace
        .slices
        .set_slab(crate::app::ui::slice::SlabLook { projection: sum, thickness_mm: 40.0 });
    harness.run_steps(3);
    assert!((of_sums(&harness).width - 2.0 * dragged.width).abs() < 1e-6 * dragged.width);
    // 0 finds it in the picture again.
    strike(&mut harness, Modifiers::NONE, Key::Num0);
    harness
        .state_mut()
        .workspace
        .slices
        .set_slab(crate::app::ui::slice::SlabLook { projection: sum, thickness_mm: 20.0 });
    harness.run_steps(3);
    assert!((of_sums(&harness).width - found.width).abs() < 1e-6 * found.width);
}
