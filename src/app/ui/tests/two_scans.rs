//! Two scans beside each other in slices: what they share, what each has of its own, and what is said where there is one.

use super::*;
use crate::app::ui::layout::{Arrangement, Layout, Pane};
use crate::app::ui::two_scans::Second;
use crate::app::ui::wish::Wish;
use crate::base::i18n::tr;
use std::path::PathBuf;

/// Another scan of the same patient: coarser, smaller, elsewhere; its values say where they are.
fn second_scan(modality: Modality) -> Scan {
    let grid = Grid::aligned([30, 30, 12], Point::new(-12.0, -14.0, 110.0), [0.8, 0.8, 4.0]).unwrap();
    let voxels = (0..grid.len()).map(|o| (o as i64 * 31 % 900) as i16 - 400).collect();
    let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
    Scan { voxels, modality, window: Some(Window { width: 900.0, level: 100.0 }), facts: Vec::new() }
}

/// The case of the other tests with a second scan (4), and a segmentation of that (5).
fn two(modality: Modality) -> Case {
    let scan = second_scan(modality);
    let mask = Volume::new(Arc::clone(scan.grid()), vec![1_u8; scan.grid().len()]).unwrap();
    let labels = LabelMap::from_mask(&mask, "spleen", [90, 40, 160], None);
    let first: Vec<(NodeId, Node)> = case().nodes().map(|(id, node)| (id, Node::clone(node))).collect();
    let more = [
        (NodeId(4), Node::new("Later", Data::Scan(Arc::new(scan)))),
        (NodeId(5), Node::new("Spleen", Data::Labels(labels)).from_source(NodeId(4))),
    ];
    Case::from_nodes(first.into_iter().chain(more))
}

fn arranged(case: Case, arrangement: Arrangement) -> Harness<'static, Desk> {
    let mut harness = open(case);
    harness.state_mut().workspace.selected = Some(NodeId(1));
    harness.state_mut().workspace.waiting.push(Wish::Arrange(arrangement));
    harness.run_steps(5);
    harness
}

fn rect(harness: &Harness<'_, Desk>, wanted: Pane) -> egui::Rect {
    let panes = &harness.state().workspace.panes;
    panes.iter().find(|(pane, _)| *pane == wanted).map(|(_, rect)| *rect).expect("the view is shown")
}

/// The places in the middle of a view of the first scan and of the same of the second, and the points of a millimetre.
fn middles(harness: &Harness<'_, Desk>, orientation: Orientation) -> [(Point, f64); 2] {
    let workspace = &harness.state().workspace;
    let crosshair = workspace.crosshair.unwrap();
    let own = &workspace.two_scans;
    let frame = workspace.slices.frame(orientation);
    let of = |scan: Scan, slices: &crate::app::ui::slice::Slices, pane: Pane, place: Point| {
        let stack = crate::app::ui::slice::Stack::of(scan.grid(), frame);
        let framing = slices.framings[orientation as usize];
        let depth = stack.shown_mm(&place);
        let geometry =
            crate::app::ui::slice::SliceGeometry::new(scan.grid(), frame, depth, framing, rect(harness, pane));
        (geometry.patient_from_screen(geometry.rect.center()), geometry.mm_per_point())
    };
    let place = own.place(orientation, crosshair);
    [
        of(scan(), &workspace.slices, Pane::Slice(orientation), crosshair),
        of(second_scan(Modality::Ct), &own.slices, Pane::OtherSlice(orientation), place),
    ]
}

/// The middles of both views of an orientation are the same place within its plane, at the same size.
fn same_place(harness: &Harness<'_, Desk>, orientation: Orientation) -> bool {
    let [(a, size), (b, other)] = middles(harness, orientation);
    let [right, down, _] = harness.state().workspace.slices.frame(orientation).right_down_away();
    (b - a).dot(&right).abs() < 0.01 && (b - a).dot(&down).abs() < 0.01 && (size - other).abs() < 1e-6
}

/// Which views are written in the rectangle of a pane.
fn says(harness: &Harness<'_, Desk>, pane: Pane, text: &str) -> bool {
    let rect = rect(harness, pane);
    written(harness).iter().any(|(said, at)| rect.contains(*at) && said == text)
}

fn windows(harness: &mut Harness<'_, Desk>) -> [Window; 2] {
    let first = window_of(harness);
    let Desk { workspace, session, .. } = harness.state_mut();
    let node = session.case().node(NodeId(4)).unwrap();
    let Data::Scan(scan) = &node.data else { unreachable!("node 4 is the second scan") };
    [first, workspace.two_scans.slices.window(NodeId(4), scan, node.hash()).window]
}

#[test]
fn three_stand_over_three_and_every_view_names_its_scan() {
    let harness = arranged(two(Modality::Ct), Arrangement::ThreeOverThree);
    for orientation in Orientation::ALL {
        let [upper, lower] = [Pane::Slice(orientation), Pane::OtherSlice(orientation)];
        let [above, below] = [upper, lower].map(|pane| rect(&harness, pane));
        assert!(above.bottom() <= below.top() && (above.left() - below.left()).abs() < 1.0, "{above} {below}");
        assert!(says(&harness, upper, "Chest") && says(&harness, lower, "Later"), "{orientation:?}");
        assert!(same_place(&harness, orientation), "{orientation:?}: {:?}", middles(&harness, orientation));
    }
}

#[test]
fn zoom_place_and_slice_go_together_from_either_side() {
    let mut harness = arranged(two(Modality::Ct), Arrangement::ThreeOverThree);
    let view = Orientation::Axial;
    let before = crosshair(&harness);
    let below = rect(&harness, Pane::OtherSlice(view)).center();
    // A wheel goes by the slices of the scan it is over.
    wheel(&mut harness, below, 2.0);
    let grid = Arc::clone(second_scan(Modality::Ct).grid());
    let stack = crate::app::ui::slice::Stack::of(&grid, view);
    assert_eq!(crosshair(&harness), stack.moved_by(&before, 2));
    let above = rect(&harness, Pane::Slice(view)).center();
    let at = crosshair(&harness);
    wheel(&mut harness, above, -1.0);
    let first = Arc::clone(scan().grid());
    assert_eq!(crosshair(&harness), crate::app::ui::slice::Stack::of(&first, view).moved_by(&at, -1));
    // Moved and zoomed in the second, both show the same.
    let (button, from, to) = (egui::PointerButton::Middle, below, below + Vec2::new(37.0, -22.0));
    let modifiers = Modifiers::NONE;
    harness.hover_at(from);
    harness.run_steps(1);
    harness.event(egui::Event::PointerButton { pos: from, button, pressed: true, modifiers });
    harness.run_steps(1);
    harness.hover_at(to);
    harness.run_steps(1);
    harness.event(egui::Event::PointerButton { pos: to, button, pressed: false, modifiers });
    harness.run_steps(3);
    assert_ne!(harness.state().workspace.slices.framings[view as usize].pan_mm, [0.0; 2], "the first went along");
    harness.event(egui::Event::Zoom(1.6));
    harness.run_steps(3);
    let zoom = harness.state().workspace.slices.framings[view as usize].zoom;
    assert!((zoom - 1.6).abs() < 1e-3, "{zoom}");
    assert!(same_place(&harness, view), "{:?}", middles(&harness, view));
    // A click in the second is the same place of the patient in the first.
    let pos = rect(&harness, Pane::OtherSlice(view)).center() + Vec2::new(30.0, 24.0);
    click(&mut harness, pos);
    let [_, (middle, size)] = middles(&harness, view);
    let expected = middle + crate::geom::Vector::new(30.0, 24.0, 0.0) * size;
    let at = crosshair(&harness);
    assert!((at.x - expected.x).abs() < 0.01 && (at.y - expected.y).abs() < 0.01, "{at} {expected}");
}

#[test]
fn a_view_that_goes_by_itself_says_so_and_can_be_linked_as_it_stands() {
    let mut harness = arranged(two(Modality::Ct), Arrangement::TwoSlices);
    let view = Orientation::Axial;
    let other = Pane::OtherSlice(view);
    press(&mut harness, tr("two-scans-unlink"));
    assert!(says(&harness, other, tr("two-scans-alone")));
    let before = crosshair(&harness);
    let over = rect(&harness, other).center();
    wheel(&mut harness, over, 2.0);
    assert_eq!(crosshair(&harness), before, "the first stays");
    let alone = harness.state().workspace.two_scans.alone[view as usize].expect("it has a place of its own");
    assert!((alone.z - before.z).abs() > 6.0, "two slices of 4 mm");
    press(&mut harness, tr("two-scans-menu"));
    press(&mut harness, tr("two-scans-as-they-stand"));
    let own = &harness.state().workspace.two_scans;
    assert_eq!(own.alone, [None; 3]);
    let moved = own.offset;
    assert!(6.0 < moved.z.abs() && moved.x.abs() < 1e-6 && moved.y.abs() < 1e-6, "{moved}");
    // Both move on from there.
    let over = rect(&harness, Pane::Slice(view)).center();
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    wheel(&mut harness, over, 1.0);
    let own = &harness.state().workspace.two_scans;
    assert!((own.place(view, crosshair(&harness)) - crosshair(&harness) - moved).norm() < 1e-9);
    // By place again, with the chain as it was.
    press(&mut harness, tr("two-scans-menu"));
    press(&mut harness, tr("two-scans-by-place"));
    assert_eq!(harness.state().workspace.two_scans.offset.norm(), 0.0);
}

#[test]
fn scans_of_one_unit_have_one_window_until_that_is_switched_off() {
    let mut harness = arranged(two(Modality::Ct), Arrangement::TwoSlices);
    let [first, second] = windows(&mut harness);
    assert_eq!(first, second, "HU beside HU");
    let over = rect(&harness, Pane::OtherSlice(Orientation::Axial)).center() + Vec2::new(60.0, 70.0);
    strike(&mut harness, Modifiers::NONE, Key::C);
    drag(&mut harness, over, over + Vec2::new(40.0, 10.0));
    let [dragged, also] = windows(&mut harness);
    assert!(dragged == also && dragged != first, "{dragged:?} {also:?}");
    press(&mut harness, tr("two-scans-menu"));
    press(&mut harness, tr("two-scans-window"));
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    drag(&mut harness, over, over + Vec2::new(40.0, 10.0));
    let [first, second] = windows(&mut harness);
    assert!(first == dragged && second != dragged, "{first:?} {second:?}");
    // Keys are for the scan whose view was touched last.
    strike(&mut harness, Modifiers::NONE, Key::Num2);
    let [first, second] = windows(&mut harness);
    assert_eq!((first, second), (dragged, Window { width: 1500.0, level: -600.0 }));

    let mut harness = arranged(two(Modality::Mr), Arrangement::TwoSlices);
    let [first, second] = windows(&mut harness);
    assert_ne!(first, second, "HU beside numbers of MR");
}

#[test]
fn each_scan_has_its_own_segments_and_ends_where_it_ends() {
    let mut harness = arranged(two(Modality::Ct), Arrangement::TwoSlices);
    let over = |harness: &Harness<'_, Desk>, pane: Pane| rect(harness, pane).center();
    let segments = |harness: &mut Harness<'_, Desk>, pane: Pane| -> Vec<String> {
        let at = over(harness, pane);
        harness.hover_at(at);
        harness.run_steps(3);
        let probe = harness.state().workspace.probe.clone().expect("the mouse is over a slice");
        probe.segments.into_iter().map(|(name, _)| name).collect()
    };
    // A voxel that the liver of the first scan has.
    let grid = Arc::clone(scan().grid());
    let offset = (0..grid.len())
        .find(|o| o % 7 == 0 && (grid.centre(grid.voxel(*o)) - Point::new(0.0, 0.0, 130.0)).norm() < 4.0);
    let place = grid.centre(grid.voxel(offset.expect("every seventh voxel")));
    harness.state_mut().workspace.crosshair = Some(place);
    harness.run_steps(2);
    assert_eq!(segments(&mut harness, Pane::OtherSlice(Orientation::Axial)), ["spleen"]);
    assert!(!segments(&mut harness, Pane::Slice(Orientation::Axial)).contains(&"spleen".to_owned()));
    harness.state_mut().workspace.two_scans.all_segments = true;
    assert!(segments(&mut harness, Pane::Slice(Orientation::Axial)).contains(&"spleen".to_owned()));
    // The first scan begins 10 mm below the second.
    harness.state_mut().workspace.crosshair = Some(grid.centre([20, 15, 0]));
    harness.run_steps(3);
    let outside = tr("probe-outside");
    assert!(says(&harness, Pane::OtherSlice(Orientation::Axial), outside));
    assert!(!says(&harness, Pane::Slice(Orientation::Axial), outside));
}

#[test]
fn turning_to_the_second_scan_exchanges_both() {
    let mut harness = arranged(two(Modality::Ct), Arrangement::TwoSlices);
    assert_eq!(harness.state().workspace.two_scans.chosen, Some(Second::Here(NodeId(4))));
    harness.state_mut().workspace.selected = Some(NodeId(4));
    harness.run_steps(3);
    let view = Orientation::Axial;
    assert!(says(&harness, Pane::Slice(view), "Later") && says(&harness, Pane::OtherSlice(view), "Chest"));
    // A measure in the second view is of the second scan, and neither changes places.
    harness.state_mut().workspace.selected = Some(NodeId(1));
    harness.run_steps(3);
    strike(&mut harness, Modifiers::NONE, Key::L);
    let over = rect(&harness, Pane::OtherSlice(view)).center() + Vec2::new(-40.0, 50.0);
    drag(&mut harness, over, over + Vec2::new(60.0, 0.0));
    let asked = asked(&mut harness);
    let command = asked.iter().find_map(|request| match request {
        Request::Run(command) if command.tool == "measure.add" => Some(command),
        _ => None,
    });
    assert_eq!(command.expect("a length was drawn").params["scan"], 4);
    assert!(says(&harness, Pane::Slice(view), "Chest"));
}

#[test]
fn one_scan_says_that_there_is_nothing_to_compare_and_what_to_do() {
    let mut harness = arranged(case(), Arrangement::TwoSlices);
    harness.get_by_label(tr("two-scans-none"));
    assert_eq!(press(&mut harness, tr("two-scans-open")), [Request::OpenFileDialog]);
    press(&mut harness, tr("two-scans-compare"));
    assert!(matches!(harness.state().workspace.dialog, Some(crate::app::ui::wish::Dialog::Compare(_))));
}

#[test]
fn the_scan_of_the_other_case_takes_its_place_once_it_is_there() {
    let mut harness = arranged(two(Modality::Ct), Arrangement::ThreeOverThree);
    let view = Orientation::Axial;
    harness.state_mut().workspace.compare_with_file(PathBuf::from("/there/before.prosector"));
    harness.run_steps(3);
    assert_eq!(harness.state().workspace.layout.arrangement(), Arrangement::ThreeOverThree, "slices stay");
    harness.get_all_by_label(tr("compare-loading")).next().expect("it is being read");
    let other = Case::from_nodes([(NodeId(1), Node::new("Head", Data::Scan(Arc::new(second_scan(Modality::Ct)))))]);
    let compare = harness.state_mut().workspace.scenes.compare.as_mut().unwrap();
    (compare.measures, compare.case, compare.loaded) = (Some(Measures::of(&other)), Some(other), Loaded::Ready);
    harness.run_steps(3);
    assert_eq!(harness.state().workspace.two_scans.chosen, Some(Second::There(NodeId(1))));
    assert!(says(&harness, Pane::OtherSlice(view), "before.prosector · Head"));
    assert!(same_place(&harness, view));
    // Nothing is measured in a case that is only looked at.
    strike(&mut harness, Modifiers::NONE, Key::L);
    let over = rect(&harness, Pane::OtherSlice(view)).center();
    drag(&mut harness, over, over + Vec2::new(30.0, 0.0));
    assert!(!asked(&mut harness).iter().any(|request| matches!(request, Request::Run(_))));
    // At the end the other scan of this case is there again.
    harness.get_all_by_label(tr("scenes-end-compare")).next().unwrap().click();
    harness.run_steps(4);
    assert!(says(&harness, Pane::OtherSlice(view), "Later"));
}

#[test]
fn arrows_step_through_the_times_of_the_scan_whose_view_was_touched_last() {
    let first = scan();
    let values = |n: i16| Voxels::I16(Volume::new(Arc::clone(first.grid()), vec![n; first.grid().len()]).unwrap());
    let phase = |n: i16| Scan { voxels: values(n), ..scan() };
    let name = ["late", "later", "last"];
    let more = (0..3_i16).map(|n| (NodeId(4 + n as u32), Node::new(name[n as usize], Data::Scan(Arc::new(phase(n))))));
    let nodes: Vec<(NodeId, Node)> = case().nodes().map(|(id, node)| (id, Node::clone(node))).collect();
    let mut harness = arranged(Case::from_nodes(nodes.into_iter().chain(more)), Arrangement::TwoSlices);
    let view = Orientation::Axial;
    assert!(says(&harness, Pane::Slice(view), "Chest") && says(&harness, Pane::OtherSlice(view), "late"));
    let over = rect(&harness, Pane::OtherSlice(view)).center() + Vec2::new(50.0, 40.0);
    click(&mut harness, over);
    strike(&mut harness, Modifiers::NONE, Key::ArrowRight);
    assert!(says(&harness, Pane::Slice(view), "Chest") && says(&harness, Pane::OtherSlice(view), "later"));
    // In the first, time goes on there, past that of the second.
    let over = rect(&harness, Pane::Slice(view)).center() + Vec2::new(50.0, 40.0);
    harness.run_steps(40);
    click(&mut harness, over);
    for expected in ["late", "later", "last"] {
        strike(&mut harness, Modifiers::NONE, Key::ArrowRight);
        assert!(says(&harness, Pane::Slice(view), expected) && says(&harness, Pane::OtherSlice(view), "later"));
    }
}

#[test]
fn both_arrangements_live_at_every_size_and_after_undo() {
    for arrangement in [Arrangement::TwoSlices, Arrangement::ThreeOverThree] {
        let mut harness = arranged(two(Modality::Mr), arrangement);
        for size in
            [Vec2::new(1920.0, 1080.0), Vec2::new(400.0, 300.0), Vec2::new(120.0, 90.0), Vec2::new(1280.0, 720.0)]
        {
            harness.set_size(size);
            harness.run_steps(3);
        }
        // The second scan is gone.
        harness.state_mut().session = Session::with_case(crate::tools::TOOLS, case(), Vec::new());
        harness.run_steps(3);
        harness.get_all_by_label(tr("two-scans-none")).next().expect("it says why");
        harness.state_mut().workspace.layout = Layout::default();
        harness.run_steps(3);
        assert!(!harness.state().workspace.slices.company.beside);
    }
}
