//! The rendered volume as a hand shapes it: opened, tuned, cropped, cut and masked; the picture is not ours here.

use super::*;
use crate::app::ui::VolumeMode;
use crate::app::ui::volume::VolumeView;
use crate::base::SegmentId;
use crate::image::Segment;
use crate::image::transfer::{Histogram, preset};

fn opened() -> Harness<'static, Desk> {
    let mut harness = open(case());
    look(&mut harness);
    strike(&mut harness, Modifiers::SHIFT, Key::V);
    harness
}

/// The camera sees the whole scan.
fn look(harness: &mut Harness<'_, Desk>) {
    let bounds = scan().grid().bounds();
    let rect = harness.state().pane.as_ref().expect("the scene is shown").rect;
    harness.state_mut().scene.camera.fit(&bounds, rect);
    harness.run_steps(2);
}

fn view<'a>(harness: &'a Harness<'_, Desk>) -> &'a VolumeView {
    harness.state().workspace.volume.as_ref().expect("there is a volume")
}

fn editor(harness: &Harness<'_, Desk>) -> egui::Rect {
    harness.get_by_label("Opacity and colour of values").rect()
}

fn drag_with(harness: &mut Harness<'_, Desk>, modifiers: Modifiers, from: Pos2, to: Pos2) {
    harness.event(egui::Event::ModifiersChanged(modifiers));
    harness.run_steps(2);
    drag(harness, from, to);
    harness.event(egui::Event::ModifiersChanged(Modifiers::NONE));
    harness.run_steps(2);
}

#[test]
fn a_key_a_button_and_the_menu_of_a_scan_open_it_and_the_key_closes_its_panel() {
    let mut harness = open(case());
    assert!(harness.state().workspace.volume.is_none(), "nothing is rendered unasked");
    strike(&mut harness, Modifiers::SHIFT, Key::V);
    assert!(view(&harness).open && view(&harness).visible && view(&harness).scan == NodeId(1));
    assert!(harness.state().workspace.slices_in_scene, "the key of the slices is another one");
    strike(&mut harness, Modifiers::SHIFT, Key::V);
    assert!(!view(&harness).open && view(&harness).visible, "the volume stays when its panel is closed");
    press(&mut harness, "Volume rendering (Shift+V)");
    assert!(view(&harness).open);
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(!view(&harness).open);
    harness.state_mut().workspace.selected = Some(NodeId(1));
    harness.run_steps(2);
    harness.get_by_label_contains("Render this scan in 3D").click();
    harness.run_steps(3);
    assert!(view(&harness).open);
    // Another panel takes its place.
    strike(&mut harness, Modifiers::NONE, Key::S);
    assert!(!view(&harness).open && harness.state().workspace.editor.is_some());
}

#[test]
fn a_preset_is_chosen_and_a_change_is_taken_back() {
    let mut harness = opened();
    let scan = scan();
    let histogram = Histogram::of(&scan);
    press(&mut harness, "CT bones, soft");
    let soft = preset("ct-bones-soft").unwrap().for_scan(&histogram);
    assert_eq!(view(&harness).transfer, soft);
    assert!(harness.query_by_label("MR default").is_none(), "what does not suit a CT is not listed");
    press(&mut harness, "Take the last change of the curve back");
    assert_ne!(view(&harness).transfer, soft);
    press(&mut harness, "MIP");
    assert_eq!(view(&harness).mode, VolumeMode::Maximum);
    assert!(harness.query_by_label("Opacity and colour of values").is_none(), "MIP has no curve");
    assert!(harness.query_by_label_contains("W 400  L 40").is_some(), "but the window of the slices");
    press(&mut harness, "CT bones, soft");
    assert_eq!(view(&harness).mode, VolumeMode::Composite);
}

#[test]
fn points_are_dragged_added_and_removed_and_reset() {
    let mut harness = opened();
    press(&mut harness, "CT bones, soft");
    let before = view(&harness).transfer.clone();
    let rect = editor(&harness);
    // The second point lies on the plateau: found by its height, moved up and to the left.
    let axis = harness.state().workspace.volume_axis();
    let x = |value: f64| rect.left() + 8.0 + ((value - axis[0]) / (axis[1] - axis[0])) as f32 * (rect.width() - 16.0);
    let at = Pos2::new(x(279.0), rect.top() + 4.0 + 140.0 * (1.0 - 0.19_f32.sqrt()));
    drag(&mut harness, at, at + Vec2::new(-4.0, -30.0));
    let moved = view(&harness).transfer.clone();
    assert!(moved.opacity[1].0 < before.opacity[1].0 && before.opacity[1].1 + 0.1 < moved.opacity[1].1, "{moved:?}");
    assert_eq!(
        (moved.opacity[0], moved.opacity[2], &moved.colours),
        (before.opacity[0], before.opacity[2], &before.colours)
    );
    // In the empty area above: the whole is shifted to the right.
    let free = Pos2::new(x(axis[0] + 0.1 * (axis[1] - axis[0])), rect.top() + 20.0);
    drag(&mut harness, free, free + Vec2::new(25.0, 0.0));
    let shifted = view(&harness).transfer.clone();
    let by = shifted.opacity[0].0 - moved.opacity[0].0;
    assert!(5.0 < by && (shifted.opacity[1].0 - moved.opacity[1].0 - by).abs() < 1e-3, "{by}");
    press(&mut harness, "Take the last change of the curve back");
    assert_eq!(view(&harness).transfer, moved);
    // Not a third click after that of the button.
    harness.run_steps(60);
    click(&mut harness, free);
    click(&mut harness, free);
    assert_eq!(view(&harness).transfer.opacity.len(), before.opacity.len() + 1);
    press(&mut harness, "Remove this point");
    assert_eq!(view(&harness).transfer, moved);
    press(&mut harness, "Reset");
    assert_eq!(view(&harness).transfer, before);
}

#[test]
fn one_gesture_in_the_scene_tunes_and_neither_turns_nor_pulls() {
    let mut harness = opened();
    let scene = harness.state().pane.as_ref().unwrap().rect;
    let before = view(&harness).transfer.clone();
    let from = scene.center();
    harness.state_mut().drags.clear();
    drag_with(&mut harness, Modifiers::ALT, from, from + Vec2::new(64.0, 0.0));
    let shifted = view(&harness).transfer.clone();
    assert!(before.opacity[0].0 + 20.0 < shifted.opacity[0].0, "{shifted:?}");
    assert!(
        (shifted.span().unwrap()[1] - shifted.span().unwrap()[0] - before.span().unwrap()[1]
            + before.span().unwrap()[0])
            .abs()
            < 1e-6
    );
    assert!(harness.state().drags.is_empty(), "the camera does not turn");
    drag_with(&mut harness, Modifiers::ALT | Modifiers::CTRL | Modifiers::COMMAND, from, from + Vec2::new(0.0, 60.0));
    let fainter = view(&harness).transfer.clone();
    assert!(fainter.opacity[2].1 < 0.8 * shifted.opacity[2].1 && fainter.opacity[2].0 == shifted.opacity[2].0);
    assert!(harness.state().drags.is_empty());
    press(&mut harness, "Take the last change of the curve back");
    press(&mut harness, "Take the last change of the curve back");
    assert_eq!(view(&harness).transfer, before);
    // Shift and the right button do the same where the window manager keeps Alt for itself.
    let right = |harness: &mut Harness<'_, Desk>, modifiers: Modifiers| {
        let button = egui::PointerButton::Secondary;
        let at = |pos, pressed| egui::Event::PointerButton { pos, button, pressed, modifiers };
        harness.event(egui::Event::ModifiersChanged(modifiers));
        harness.input_mut().events.extend([egui::Event::PointerMoved(from), at(from, true)]);
        harness.step();
        for n in 1..=4 {
            harness.input_mut().events.push(egui::Event::PointerMoved(from + Vec2::new(16.0 * n as f32, 0.0)));
            harness.step();
        }
        harness.input_mut().events.push(at(from + Vec2::new(64.0, 0.0), false));
        harness.step();
        harness.event(egui::Event::ModifiersChanged(Modifiers::NONE));
        harness.run_steps(2);
    };
    harness.state_mut().drags.clear();
    right(&mut harness, Modifiers::SHIFT);
    let again = view(&harness).transfer.clone();
    assert!(before.opacity[0].0 + 20.0 < again.opacity[0].0, "{again:?}");
    assert!(harness.state().drags.iter().all(|pane| pane.drag == [Vec2::ZERO; 3]), "the camera does not zoom");
    press(&mut harness, "Take the last change of the curve back");
    assert_eq!(view(&harness).transfer, before);
    right(&mut harness, Modifiers::NONE);
    assert_eq!(view(&harness).transfer, before, "without Shift it zooms");
    // Without Alt the camera has the mouse.
    drag(&mut harness, from, from + Vec2::new(64.0, 0.0));
    assert!(!harness.state().drags.is_empty() && view(&harness).transfer == before);
    // Where there is no curve the gesture is that of the window.
    press(&mut harness, "MIP");
    drag_with(&mut harness, Modifiers::ALT, from, from + Vec2::new(64.0, 0.0));
    assert!(400.0 < window_of(&mut harness).width && view(&harness).transfer == before);
}

#[test]
fn the_box_is_cropped_by_its_handles_by_numbers_and_to_a_segment() {
    let mut harness = opened();
    harness.get_by_label("Crop box").click();
    harness.run_steps(20);
    harness.get_by_label("Handles in the 3D view").click();
    harness.run_steps(3);
    let handle = harness.get_by_label("Crop box, side L").rect().center();
    harness.state_mut().drags.clear();
    let middle = harness.state().pane.as_ref().unwrap().rect.center();
    drag(&mut harness, handle, handle + (middle - handle) * 0.5);
    let [low, high] = view(&harness).crop.expect("the box is smaller now");
    assert!(high[0] < 36.0 && 20.0 < high[0], "{high:?}");
    assert_eq!((low, high[1], high[2]), ([-0.5; 3], 29.5, 23.5));
    assert!(harness.state().drags.is_empty(), "the camera stays");
    press(&mut harness, "Whole scan");
    assert_eq!(view(&harness).crop, None);
    harness.get_by_label("Crop to segment").click();
    harness.run_steps(3);
    harness.get_by_label("liver").click();
    harness.run_steps(3);
    assert_eq!(view(&harness).crop, None, "this one reaches everywhere");
}

#[test]
fn planes_cut_along_slices_turn_round_and_follow_the_crosshair() {
    let mut harness = opened();
    // High enough that the whole panel is seen without scrolling.
    harness.set_size(Vec2::new(1440.0, 1400.0));
    harness.run_steps(3);
    harness.get_by_label("Cutting planes").click();
    harness.run_steps(20);
    for slice in ["axial", "coronal", "sagittal"] {
        press(&mut harness, slice);
    }
    assert_eq!(view(&harness).planes.len(), 3);
    let centre = crosshair(&harness);
    assert!(view(&harness).planes[0].distance_mm(&centre).abs() < 1e-9);
    press(&mut harness, "cuts I");
    let normal = view(&harness).planes[0].normal();
    assert!(0.999 < normal.z, "now what is above is cut away");
    let there = centre + crate::geom::Vector::new(1.0, 2.0, 10.0);
    harness.state_mut().workspace.crosshair = Some(there);
    harness.run_steps(2);
    assert!(view(&harness).planes.iter().all(|plane| plane.distance_mm(&there).abs() < 1e-9));
    for _ in 0..5 {
        press(&mut harness, "axial");
    }
    assert_eq!(view(&harness).planes.len(), 6, "six at most");
}

/// A segmentation with two segments.
fn two_segments() -> Case {
    let scan = scan();
    let voxels = (0..scan.grid().len()).map(|o| (o / 40 % 3) as u8).collect();
    let volume = Volume::new(Arc::clone(scan.grid()), voxels).unwrap();
    let segments = [(1, "left lung"), (2, "right lung")];
    let segments = segments.map(|(id, name)| Segment::new(SegmentId(id), name, [90, 120, 200], None)).to_vec();
    let labels = LabelMap::from_volume(&volume, segments).unwrap();
    Case::from_nodes([
        (NodeId(1), Node::new("Chest", Data::Scan(Arc::new(scan)))),
        (NodeId(2), Node::new("Lungs", Data::Labels(labels)).from_source(NodeId(1))),
    ])
}

#[test]
fn segments_are_kept_or_left_out_and_forgotten_with_their_group() {
    let mut harness = open(two_segments());
    strike(&mut harness, Modifiers::SHIFT, Key::V);
    harness.get_by_label("Mask by segment").click();
    harness.run_steps(20);
    let mask = VolumeMaskOf { labels: NodeId(2), keep: true };
    harness.state_mut().workspace.volume.as_mut().unwrap().mask = Some(mask.of(&[1, 2]));
    harness.run_steps(3);
    press(&mut harness, "left lung");
    assert_eq!(view(&harness).mask, Some(mask.of(&[2])));
    press(&mut harness, "Without these");
    press(&mut harness, "left lung");
    assert_eq!(view(&harness).mask, Some(VolumeMaskOf { keep: false, ..mask }.of(&[1, 2])));
    press(&mut harness, "None");
    press(&mut harness, "Only these");
    harness.get_by_label("No segment is ticked: nothing is drawn.");
    let remove = Command::new("object.remove", json!({ "node": 2 }));
    harness.state_mut().session.run(remove, &Progress::default()).unwrap();
    harness.run_steps(3);
    assert_eq!(view(&harness).mask, None);
}

#[derive(Clone, Copy)]
struct VolumeMaskOf {
    labels: NodeId,
    keep: bool,
}

impl VolumeMaskOf {
    fn of(self, segments: &[u8]) -> crate::app::ui::VolumeMask {
        let segments = segments.iter().map(|id| SegmentId(*id)).collect();
        crate::app::ui::VolumeMask { labels: self.labels, segments, keep: self.keep }
    }
}

#[test]
fn it_follows_the_case() {
    let mut harness = opened();
    assert!(harness.state().workspace.shown_volume().is_some());
    harness.state_mut().workspace.isolated = Some(NodeId(3));
    harness.run_steps(2);
    assert!(harness.state().workspace.shown_volume().is_none(), "another object is shown alone");
    harness.get_by_label_contains("Another object is shown alone");
    harness.state_mut().workspace.isolated = Some(NodeId(1));
    harness.run_steps(2);
    assert!(harness.state().workspace.shown_volume().is_some(), "the volume alone");
    harness.state_mut().workspace.forget_case();
    harness.run_steps(2);
    assert!(harness.state().workspace.volume.is_none());
    strike(&mut harness, Modifiers::SHIFT, Key::V);
    let remove = Command::new("object.remove", json!({ "node": 1 }));
    harness.state_mut().session.run(remove, &Progress::default()).unwrap();
    harness.run_steps(3);
    assert!(harness.state().workspace.volume.is_none(), "a removed scan is rendered no more");
}

#[test]
fn it_fits_a_small_window_with_everything_open() {
    let mut harness = opened();
    harness.set_size(Vec2::new(1280.0, 720.0));
    harness.run_steps(3);
    for name in ["Crop box", "Cutting planes", "Mask by segment"] {
        harness.get_by_label(name).click_accesskit();
        harness.run_steps(20);
    }
    press(&mut harness, "What this picture shows, and what it does not");
    harness.get_by_label("Where it comes from");
    let panel = editor(&harness);
    let scene = harness.state().pane.as_ref().unwrap().rect;
    assert!(panel.right() < scene.left() && 200.0 < panel.width(), "{panel:?} {scene:?}");
    harness.set_size(Vec2::new(700.0, 420.0));
    harness.run_steps(4);
    assert!(editor(&harness).width() < 300.0);
}

#[test]
fn escape_after_the_palette_closes_the_panel() {
    let mut harness = opened();
    strike(&mut harness, Modifiers::COMMAND, Key::K);
    harness.event(egui::Event::Text("reset views".into()));
    harness.run_steps(2);
    strike(&mut harness, Modifiers::NONE, Key::Enter);
    assert!(view(&harness).open);
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(!view(&harness).open, "the field of the palette is gone");
}

/// A cutting plane along the axial slice, and where its middle is seen.
fn with_plane() -> (Harness<'static, Desk>, crate::geom::Plane, Pos2) {
    let mut harness = opened();
    harness.get_by_label("Cutting planes").click();
    harness.run_steps(20);
    press(&mut harness, "axial");
    let plane = view(&harness).planes[0];
    let at = harness.get_by_label_contains(": push").rect().center();
    harness.state_mut().drags.clear();
    (harness, plane, at)
}

fn button(harness: &mut Harness<'_, Desk>, pos: Pos2, pressed: bool) {
    let (button, modifiers) = (egui::PointerButton::Primary, Modifiers::NONE);
    harness.event(egui::Event::PointerButton { pos, button, pressed, modifiers });
    harness.run_steps(2);
}

#[test]
fn a_plane_is_pushed_by_hand_and_keys_take_that_back_and_do_it_again() {
    let (mut harness, before, at) = with_plane();
    drag(&mut harness, at, at + Vec2::new(3.0, -40.0));
    harness.run_steps(2);
    let pushed = view(&harness).planes[0];
    assert!(pushed.normal() == before.normal() && 2.0 < pushed.distance_mm(&before.point).abs(), "{pushed:?}");
    assert!(harness.state().drags.is_empty(), "the camera stays");
    harness.state_mut().workspace.crosshair = Some(Point::new(0.0, 0.0, 104.0));
    harness.run_steps(2);
    assert_eq!(view(&harness).planes[0], pushed, "what was put by hand stands by itself");
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::Z), [], "nothing of the case");
    assert!(view(&harness).planes[0].point.z == 104.0, "back at the crosshair, with which it goes again");
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::Y), []);
    assert_eq!(view(&harness).planes[0], pushed);
    strike(&mut harness, Modifiers::COMMAND, Key::Z);
    strike(&mut harness, Modifiers::COMMAND, Key::Z);
    assert!(view(&harness).planes.is_empty(), "adding it was a step, too");
}

#[test]
fn what_was_done_to_the_case_since_is_undone_first() {
    let (mut harness, before, at) = with_plane();
    drag(&mut harness, at, at + Vec2::new(3.0, -40.0));
    harness.run_steps(2);
    let pushed = view(&harness).planes[0];
    let rename = Command::new("object.rename", json!({ "node": 1, "name": "another" }));
    harness.state_mut().session.run(rename, &Progress::default()).unwrap();
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::Z), [Request::Undo]);
    assert_eq!(view(&harness).planes[0], pushed);
    assert!(harness.state_mut().session.undo());
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::Z), []);
    assert_eq!(view(&harness).planes[0], before);
}

#[test]
fn escape_puts_a_plane_back_that_is_in_the_hand() {
    let (mut harness, before, at) = with_plane();
    let tilt = harness.get_all_by_label_contains(": tilt").next().unwrap().rect().center();
    for (from, way) in [(at, Vec2::new(0.0, 35.0)), (tilt, Vec2::new(4.0, 30.0))] {
        harness.hover_at(from);
        harness.run_steps(2);
        button(&mut harness, from, true);
        harness.hover_at(from + way);
        harness.run_steps(2);
        assert_ne!(view(&harness).planes[0], before);
        strike(&mut harness, Modifiers::NONE, Key::Escape);
        assert_eq!(view(&harness).planes[0], before);
        harness.hover_at(from + way * 2.0);
        harness.run_steps(2);
        assert_eq!(view(&harness).planes[0], before, "the rest of the drag does nothing");
        button(&mut harness, from + way * 2.0, false);
    }
    assert!(view(&harness).open && harness.state().drags.is_empty());
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(
        !view(&harness).open && harness.query_by_label_contains(": push").is_none(),
        "no handles without the panel"
    );
}

#[test]
fn the_crop_box_is_taken_back_by_the_key_of_undo() {
    let mut harness = opened();
    harness.get_by_label("Crop box").click();
    harness.run_steps(20);
    harness.state_mut().workspace.volume.as_mut().unwrap().crop = Some([[2.0; 3], [9.0; 3]]);
    harness.run_steps(3);
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::Z), []);
    assert_eq!(view(&harness).crop, None);
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::Y), []);
    assert_eq!(view(&harness).crop, Some([[2.0; 3], [9.0; 3]]));
}

#[test]
fn planes_cut_surfaces_where_that_is_wanted() {
    let (mut harness, plane, _) = with_plane();
    assert!(harness.state().workspace.cut_planes().is_empty());
    harness.get_by_label("Cut surfaces too").click();
    harness.run_steps(3);
    assert_eq!(harness.state().workspace.cut_planes(), [plane]);
    let camera = harness.state().scene.camera;
    harness.state_mut().workspace.cut_scene(Some(Orientation::Coronal), &camera);
    assert_eq!(harness.state().workspace.cut_planes().len(), 2, "beside the cut of the scene");
}

#[test]
fn escape_puts_the_crop_box_back_that_is_in_the_hand() {
    let mut harness = opened();
    harness.get_by_label("Crop box").click();
    harness.run_steps(20);
    harness.get_by_label("Handles in the 3D view").click();
    harness.run_steps(3);
    let handle = harness.get_by_label("Crop box, side L").rect().center();
    let middle = harness.state().pane.as_ref().unwrap().rect.center();
    harness.hover_at(handle);
    harness.run_steps(2);
    button(&mut harness, handle, true);
    harness.hover_at(handle + (middle - handle) * 0.5);
    harness.run_steps(2);
    assert!(view(&harness).crop.is_some());
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!((view(&harness).crop, view(&harness).open), (None, true));
    button(&mut harness, middle, false);
}
