//! Pictures and films are ordered in a dialog.

use super::*;
use crate::geom::Vector;

fn ordered(harness: &Harness<'_, Desk>) -> Option<PictureOrder> {
    harness.state().asked.iter().rev().find_map(|request| match request {
        Request::SavePicture(order) => Some(order.clone()),
        _ => None,
    })
}

#[test]
fn a_film_is_ordered_as_chosen_and_the_choice_is_kept() {
    let mut harness = open(case());
    harness.state_mut().scene.pane_size = Some(Vec2::new(600.0, 400.0));
    strike(&mut harness, Modifiers::NONE, Key::F12);
    for name in ["Turntable film", "white", "PNG series", "4×", "Save…"] {
        harness.get_by_label(name).click();
        harness.run();
    }
    let order = ordered(&harness).expect("a film is wanted");
    assert_eq!((order.motif, order.ground, order.film), (Motif::Turntable, Ground::White, None));
    assert_eq!((order.size, order.ending()), (PictureSize::Screen(4.0), "png"));
    strike(&mut harness, Modifiers::NONE, Key::F12);
    harness.get_by_label("Save…").click();
    harness.run();
    assert_eq!(ordered(&harness), Some(order));
}

#[test]
fn there_is_no_picture_of_a_view_that_is_not_shown() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::F12);
    harness.get_by_label("Save…").click();
    harness.run();
    assert_eq!(ordered(&harness), None);
    harness.get_by_label("Whole window").click();
    harness.run();
    harness.get_by_label("Save…").click();
    harness.run();
    assert_eq!(ordered(&harness).map(|order| order.motif), Some(Motif::Window));
}

#[test]
fn escape_ends_filming() {
    let mut harness = open(case());
    harness.state_mut().scene.filming = Some([3, 40]);
    harness.run();
    assert!(harness.query_by_label("Filming: 3 of 40").is_some());
    assert_eq!(strike(&mut harness, Modifiers::NONE, Key::Escape), [Request::StopFilming]);
}

#[test]
fn a_slice_view_is_ordered_at_its_own_size_and_as_webp() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::F12);
    assert!(harness.get_by_label("Film through time").accesskit_node().is_disabled(), "there is one scan");
    assert!(harness.get_by_label("View along a vessel").accesskit_node().is_disabled());
    for name in ["Slice view", "WebP", "Save…"] {
        harness.get_by_label(name).click();
        harness.run();
    }
    let order = ordered(&harness).expect("a picture is wanted, although there is no 3D view");
    let pane = view_of(&harness, Orientation::Axial).size();
    let (view, size) = order.stage.slice.unwrap();
    assert!(view == Orientation::Axial && (size - pane).length() < 1.0, "{size} {pane}");
    assert_eq!((order.motif, order.ending(), order.stage.slices), (Motif::Slice, "webp", 24));
    let Desk { workspace, session, .. } = harness.state_mut();
    let board = workspace.board(session.case(), &order).unwrap();
    assert_eq!((board.size(), board.scene_size()), (size, None));
}

#[test]
fn all_views_stand_in_one_picture_and_a_film_goes_through_all_slices() {
    let mut harness = open(case());
    let Desk { workspace, session, .. } = harness.state_mut();
    let stage = workspace.stage(session.case());
    let order = PictureOrder { motif: Motif::Views, stage, texts: false, ..PictureOrder::default() };
    let mut board = workspace.board(session.case(), &order).unwrap();
    let scene = board.scene_size().expect("the 3D view is one of the four");
    let size = PictureSize::Screen(1.0).pixels(board.size(), 0.5);
    let [width, height] = board.scene_pixels(size[0]).unwrap();
    assert!((width as f32 - 0.5 * scene.x).abs() <= 1.0 && (height as f32 - 0.5 * scene.y).abs() <= 1.0);
    let pixels = board.drawn(size, Some(&[1, 2, 3, 255].repeat(width * height)));
    let at = |x: usize, y: usize| &pixels[4 * (y * size[0] + x)..][..4];
    // Four-up: the scene at the top right.
    assert_eq!(at(3 * size[0] / 4, size[1] / 4), [1, 2, 3, 255]);
    for [x, y] in [[1, 1], [1, 3], [3, 3]] {
        let [red, green, blue, alpha] = *at(x * size[0] / 4, y * size[1] / 4) else { unreachable!() };
        assert!(alpha == 255 && [red, green, blue] != [1, 2, 3]);
    }
    // The first and the last picture of a film are those of the first and the last slice.
    let film = PictureOrder { motif: Motif::Scroll, ..order.clone() };
    let mut board = workspace.board(session.case(), &film).unwrap();
    let mut picture = |n: usize| {
        board.turn_to(n, 24);
        board.drawn([120, 90], None)
    };
    let pictures: Vec<Vec<u8>> = (0..24).map(&mut picture).collect();
    assert!((1..24).all(|n| pictures[n] != pictures[n - 1]), "every slice is another picture");
    let scan = scan();
    let stack = crate::app::ui::slice::Stack::of(scan.grid(), Orientation::Axial);
    let Desk { workspace, session, .. } = harness.state_mut();
    for index in [0, 23] {
        workspace.crosshair = workspace.crosshair.map(|point| stack.moved_to(&point, index));
        let still = PictureOrder { motif: Motif::Slice, ..order.clone() };
        let alone = workspace.board(session.case(), &still).unwrap().drawn([120, 90], None);
        assert!(alone == pictures[index], "slice {index}");
    }
}

#[test]
fn a_film_through_time_shows_every_scan_of_the_grid_through_one_window() {
    let later = |add: i16| {
        let mut scan = scan();
        let Voxels::I16(volume) = &scan.voxels else { unreachable!("whole numbers") };
        let voxels = volume.voxels().iter().map(|value| value + add).collect();
        scan.voxels = Voxels::I16(Volume::new(Arc::clone(volume.grid()), voxels).unwrap());
        scan.window = Some(Window { width: 9.0, level: 1000.0 });
        Node::new(format!("Phase {add}"), Data::Scan(Arc::new(scan)))
    };
    let first = Node::new("Phase 0", Data::Scan(Arc::new(scan())));
    let mut harness = open(Case::from_nodes([(NodeId(1), first), (NodeId(2), later(30)), (NodeId(3), later(60))]));
    harness.state_mut().workspace.selected = Some(NodeId(1));
    harness.run_steps(2);
    let Desk { workspace, session, .. } = harness.state_mut();
    let stage = workspace.stage(session.case());
    assert_eq!(stage.times, 3);
    let order = PictureOrder { motif: Motif::Times, stage, texts: false, ..PictureOrder::default() };
    let mut board = workspace.board(session.case(), &order).unwrap();
    let mut mean = |n: usize| {
        board.turn_to(n, 6);
        let pixels = board.drawn([160, 120], None);
        pixels.chunks(4).map(|pixel| f64::from(pixel[0])).sum::<f64>() / 19_200.0
    };
    let means: Vec<f64> = (0..6).map(&mut mean).collect();
    assert!(means[0] == means[1] && means[2] == means[3] && means[4] == means[5], "{means:?}");
    assert!(means[0] + 0.2 < means[2] && means[2] + 0.2 < means[4], "brighter each time: {means:?}");
}

#[test]
fn a_simulation_is_filmed_where_its_result_is_shown() {
    let mut harness = open(case());
    harness.state_mut().scene.pane_size = Some(Vec2::new(600.0, 400.0));
    strike(&mut harness, Modifiers::NONE, Key::F12);
    for name in ["Film of an operation", "Film of a deformation", "Film of a beat"] {
        assert!(harness.get_by_label(name).accesskit_node().is_disabled(), "{name}: nothing was simulated");
    }
    // The tetrahedra of the case, pulled and let go.
    let tets = case();
    let Data::Tets(mesh) = &tets.node(NodeId(3)).unwrap().data else { unreachable!("node 3 is the mesh") };
    let count = mesh.positions().len();
    let result = crate::biomech::TissueResult {
        mesh: mesh.clone(),
        displacement_mm: vec![Vector::x(); count],
        von_mises_pa: vec![1.0; count],
        principal_pa: vec![[0.0; 3]; count],
        tet_von_mises_pa: vec![1.0; mesh.tets().len()],
        tet_volume_ratio: vec![1.0; mesh.tets().len()],
        support_n: vec![Vector::zeros(); count],
        reaction_n: Vector::zeros(),
        grip_n: Vector::zeros(),
        applied_n: Vector::zeros(),
        imbalance: 0.0,
    };
    let acts = json!([{ "frame": 30, "do": "gas", "mmhg": 10.0 }]);
    let made = json!({ "mesh": 3, "tissue": "liver", "acts": acts, "frames": 600, "settle_s": 1.0 });
    let node = Node::new("Liver, operated", Data::Tissue(Arc::new(result))).from_source(NodeId(3));
    let node = node.made_by_command(Some(Command::new("simulate.operate", made)));
    let nodes = tets.nodes().map(|(id, node)| (id, (**node).clone())).chain([(NodeId(9), node.clone())]);
    let mut harness = open(Case::from_nodes(nodes));
    harness.state_mut().scene.pane_size = Some(Vec2::new(600.0, 400.0));
    strike(&mut harness, Modifiers::NONE, Key::F12);
    assert!(harness.get_by_label("Film of a beat").accesskit_node().is_disabled());
    for name in ["Film of an operation", "as long as it took", "Save…"] {
        harness.get_by_label(name).click();
        harness.run();
    }
    let order = ordered(&harness).expect("a film is wanted");
    assert_eq!((order.motif, order.turn(), order.seconds), (Motif::Operation, 0.0, 10.0), "600 frames are ten seconds");
    assert_eq!((order.stage.operation, order.stage.load), (Some((NodeId(9), 10.0)), Some(NodeId(9))));
    // Without the mesh nobody can do it again, but where the organ is now is still known.
    let mut harness = open(Case::from_nodes([(NodeId(9), node.clone())]));
    let Desk { workspace, session, .. } = harness.state_mut();
    let stage = workspace.stage(session.case());
    assert_eq!((stage.operation, stage.load), (None, Some(NodeId(9))));
    // Nor is what is not shown filmed.
    let mut harness = open(Case::from_nodes([(NodeId(9), node.hidden())]));
    let Desk { workspace, session, .. } = harness.state_mut();
    assert_eq!(workspace.stage(session.case()).load, None);
}
