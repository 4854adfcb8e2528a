//! Views are kept in the case, seen in the inspector and travelled to.

use super::*;
use crate::app::ui::layout::Arrangement;
use crate::app::ui::wish::Wish;
use crate::io::png::encode_rgba;
use crate::session::{SavedView, ShownNode, ViewCamera};

/// The case of the other tests with a saved view (4) in which the segmentation was hidden.
fn with_view() -> Case {
    let camera = ViewCamera {
        target: Point::new(1.0, 2.0, 110.0),
        distance_mm: 200.0,
        yaw_rad: 1.0,
        pitch_rad: 0.1,
        roll_rad: 0.0,
        fov_rad: 0.5,
        parallel: true,
    };
    let case = case();
    let shown = case.nodes().map(|(node, own)| {
        let (visible, display) = (node != NodeId(2), &own.display);
        ShownNode { node, visible, opacity: display.opacity, colour: display.colour }
    });
    let (shown, crosshair) = (shown.collect(), Some(Point::new(3.0, 4.0, 120.0)));
    let picture = encode_rgba(8, 6, &[90; 192]);
    let view =
        SavedView { note: "margin".into(), camera, crosshair, shown, isolated: None, slice: None, look: None, picture };
    let node = Node::new("Before the cut", Data::View(Arc::new(view)));
    let nodes = case.nodes().map(|(id, node)| (id, node.as_ref().clone())).chain([(NodeId(4), node)]);
    Case::from_nodes(nodes.collect::<Vec<_>>())
}

#[test]
fn a_view_is_kept_by_a_key_while_the_scene_is_shown() {
    let mut harness = open(case());
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::B), [], "there is no 3D view to take a picture of");
    harness.state_mut().scene.pane_size = Some(Vec2::new(600.0, 400.0));
    harness.state_mut().workspace.isolated = Some(NodeId(3));
    let crosshair = Some(crosshair(&harness));
    let kept = strike(&mut harness, Modifiers::COMMAND, Key::B);
    assert_eq!(kept, [Request::KeepView { crosshair, isolated: Some(NodeId(3)) }]);
}

#[test]
fn going_to_a_view_moves_camera_and_crosshair_and_changes_the_objects_in_one_step() {
    let mut harness = open(with_view());
    harness.state_mut().workspace.selected = Some(NodeId(4));
    harness.state_mut().workspace.isolated = Some(NodeId(3));
    harness.run_steps(3);
    assert!(harness.query_by_label("Picture of Before the cut").is_some());
    harness.get_by_label_contains("Go to this view").click();
    let requests = asked(&mut harness);
    let [Request::GoToView { camera, show }] = &requests[..] else { panic!("{requests:?}") };
    assert_eq!((camera.target, camera.distance_mm, camera.yaw_rad), (Point::new(1.0, 2.0, 110.0), 200.0, 1.0));
    assert_eq!(show, &Some(Command::new("view.show", json!({ "view": 4 }))));
    assert_eq!(crosshair(&harness), Point::new(3.0, 4.0, 120.0));
    assert_eq!(harness.state().workspace.isolated, None);
    // Once everything is shown as there, nothing is asked for but the journey.
    let command = Command::new("view.show", json!({ "view": 4 }));
    harness.state_mut().session.run(command, &Progress::default()).unwrap();
    assert!(!harness.state().session.case().node(NodeId(2)).unwrap().display.visible);
    harness.run_steps(3);
    harness.get_by_label_contains("Go to this view").click();
    let requests = asked(&mut harness);
    assert!(matches!(&requests[..], [Request::GoToView { show: None, .. }]), "{requests:?}");
}

#[test]
fn a_double_click_in_the_list_goes_there_and_there_is_no_eye() {
    let mut harness = open(with_view());
    assert!(harness.query_by_label("Hide Before the cut").is_none());
    assert!(harness.query_by_label("Hide Liver").is_some());
    let at = harness.get_by_label("Before the cut").rect().center();
    click(&mut harness, at);
    click(&mut harness, at);
    let requests = asked(&mut harness);
    assert!(requests.iter().any(|request| matches!(request, Request::GoToView { .. })), "{requests:?}");
    assert_eq!(harness.state().workspace.renaming, None);
}

#[test]
fn a_note_is_a_command_when_its_field_is_left() {
    let mut harness = open(with_view());
    harness.state_mut().workspace.selected = Some(NodeId(4));
    harness.run_steps(3);
    let field = harness.get_by_role(egui::accesskit::Role::MultilineTextInput);
    field.focus();
    harness.run_steps(2);
    harness.get_by_role(egui::accesskit::Role::MultilineTextInput).type_text(" 4 mm");
    assert_eq!(asked(&mut harness), [], "while it is written nothing is asked for");
    let requests = strike(&mut harness, Modifiers::NONE, Key::Escape);
    let [Request::Run(command)] = &requests[..] else { panic!("{requests:?}") };
    assert_eq!(command.tool, "view.change");
    assert!(command.params["note"].as_str().unwrap().contains("4 mm"), "{command:?}");
}

#[test]
fn a_slice_is_kept_with_all_it_takes_to_show_it_again() {
    let mut harness = open(case());
    let at = view_of(&harness, Orientation::Coronal).center();
    click(&mut harness, at);
    let Desk { workspace, .. } = harness.state_mut();
    workspace.slices.turn = workspace.slices.turn.turned_in(Orientation::Axial, 0.4);
    let mip = Some(crate::image::slice::Projection::Maximum);
    workspace.slices.set_slab(crate::app::ui::slice::SlabLook { projection: mip, thickness_mm: 12.5 });
    workspace.slices.framings[Orientation::Coronal as usize].zoom = 3.0;
    let (turn, window) = (workspace.slices.turn, window_of(&mut harness));
    let requests = strike(&mut harness, Modifiers::COMMAND | Modifiers::SHIFT, Key::B);
    let [Request::KeepSlice(Orientation::Coronal, params)] = &requests[..] else { panic!("{requests:?}") };
    let mut params = params.clone();
    params["target"] = json!([0, 0, 110]);
    let Desk { workspace, session, .. } = harness.state_mut();
    session.run(Command::new("view.keep", params), &Progress::default()).unwrap();
    let kept = session.case().node(NodeId(4)).unwrap();
    assert!(kept.summary.methods[..].iter().all(|text| !text.contains("3D view")));
    // Another look, and the view brings everything back.
    workspace.slices.reset();
    workspace.slices.set_slab(crate::app::ui::slice::SlabLook::default());
    let node = session.case().node(NodeId(1)).unwrap();
    let Data::Scan(scan) = &node.data else { unreachable!("node 1 is the scan") };
    workspace.slices.window(NodeId(1), scan, node.hash()).window = Window { width: 9.0, level: 9.0 };
    workspace.selected = Some(NodeId(4));
    harness.run_steps(3);
    harness.get_by_label_contains("Go to this view").click();
    asked(&mut harness);
    assert_eq!(window_of(&mut harness), window);
    let slices = &harness.state().workspace.slices;
    for view in Orientation::ALL {
        let [now, then] = [slices.frame(view), turn.frame(view)].map(|frame| frame.right_down_away());
        assert!((0..3).all(|axis| (now[axis] - then[axis]).norm() < 1e-9));
    }
    assert_eq!(slices.framings[Orientation::Coronal as usize].zoom, 3.0);
    assert_eq!(slices.slabs[Orientation::Coronal as usize].text().as_deref(), Some("MIP 12.5 mm"));
    assert_eq!(slices.active, Orientation::Coronal);
}

#[test]
fn a_view_brings_back_cut_faint_objects_fields_names_layout_and_the_volume() {
    let mut harness = open(case());
    let Desk { workspace, .. } = harness.state_mut();
    workspace.waiting.extend([
        Wish::Volume(None),
        Wish::Cut(Some(Orientation::Coronal)),
        Wish::SpareFromCut(NodeId(3)),
    ]);
    harness.run_steps(3);
    let Desk { workspace, .. } = harness.state_mut();
    let volume = workspace.volume.as_mut().expect("the scan is rendered");
    (volume.cinematic, volume.crop) = (true, Some([[1.0, 2.0, 3.0], [20.0, 21.0, 22.0]]));
    let normal = -crate::geom::Vector::z();
    volume.planes.push(crate::geom::Plane::new(Point::new(1.0, 2.0, 130.0), normal).unwrap());
    let segments = vec![crate::base::SegmentId(1)];
    volume.mask = Some(VolumeMask { labels: NodeId(2), segments, keep: true });
    (workspace.ghosted, workspace.labels_in_scene, workspace.slices_in_scene) = (Some(NodeId(3)), true, false);
    let map = Some(crate::image::Colormap::Magma);
    let look = FieldLook { map, ends: [Some(0.1), None], isolines: true };
    workspace.fields.insert("stress".into(), look);
    workspace.layout = crate::app::ui::layout::Layout::new(Arrangement::SceneLarge);
    harness.run_steps(3);
    let Desk { workspace, session, .. } = harness.state_mut();
    let kept = workspace.look();
    let params = json!({ "target": [0, 0, 110], "look": [kept] });
    session.run(Command::new("view.keep", params), &Progress::default()).unwrap();
    harness.run_steps(3);
    let Desk { workspace, .. } = harness.state_mut();
    (workspace.volume, workspace.cut, workspace.ghosted) = (None, None, None);
    (workspace.labels_in_scene, workspace.slices_in_scene) = (false, true);
    workspace.fields.clear();
    workspace.layout = crate::app::ui::layout::Layout::new(Arrangement::Slices);
    assert_ne!(workspace.look(), kept);
    workspace.waiting.push(Wish::GoToView(NodeId(4)));
    harness.run_steps(3);
    assert_eq!(harness.state().workspace.look(), kept);
    // Without its scan there is no volume, and nothing else is lost.
    let Desk { workspace, session, .. } = harness.state_mut();
    session.run(Command::new("object.remove", json!({ "node": 2 })), &Progress::default()).unwrap();
    workspace.waiting.push(Wish::GoToView(NodeId(4)));
    harness.run_steps(3);
    let workspace = &harness.state().workspace;
    assert!(workspace.volume.as_ref().is_some_and(|volume| volume.mask.is_none()), "the mask is gone, the volume not");
}

#[test]
fn a_view_that_was_kept_by_an_earlier_version_leaves_the_window_as_it_is() {
    let mut harness = open(with_view());
    harness.state_mut().workspace.waiting.push(Wish::Cut(Some(Orientation::Axial)));
    harness.run_steps(2);
    let before = harness.state().workspace.look();
    harness.state_mut().workspace.waiting.push(Wish::GoToView(NodeId(4)));
    harness.run_steps(3);
    assert_eq!(harness.state().workspace.look(), before);
}
