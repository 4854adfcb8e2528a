//! The panels as a person uses them: buttons pressed, keys struck, slices clicked; no window, no graphics.

mod audience;
mod bad_states;
mod circulation;
mod curved;
mod docks;
mod flow_setup;
mod editor;
mod files;
mod literals;
mod measures;
mod narrow;
mod overlays;
mod operate;
mod panels;
mod pictures;
mod plan;
mod plan_views;
mod slices;
mod refusals;
mod remember;
mod saved_views;
mod scene;
mod scenes;
mod sentences;
mod sources;
mod themes;
mod views;
mod volume;
mod two_scans;
mod walk;
mod words;

use super::*;
use crate::base::{NodeId, Progress};
use crate::geom::{Grid, Orientation, Point};
use crate::image::{LabelMap, Modality, Scan, Volume, Voxels, Window};
use crate::session::{Case, Command, Data, Node, Session};
use egui::{Key, Modifiers, Pos2, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use serde_json::{Value, json};
use std::sync::Arc;

struct Desk {
    workspace: Workspace,
    session: Session,
    messages: Messages,
    scene: SceneInfo,
    unsaved: bool,
    busy: Option<FileJob>,
    asked: Vec<Request>,
    pane: Option<ScenePane>,
    second: Option<ScenePane>,
    drags: Vec<ScenePane>,
}

fn scan() -> Scan {
    let grid = Grid::aligned([40, 30, 24], Point::new(-20.0, -15.0, 100.0), [1.0, 1.0, 2.5]).unwrap();
    let voxels = (0..grid.len()).map(|o| (o as i64 * 7919 % 3000) as i16 - 1000).collect();
    let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
    let window = Some(Window { width: 400.0, level: 40.0 });
    Scan { voxels, modality: Modality::Ct, window, facts: Vec::new() }
}

/// A case with a scan (1), a segmentation of it (2) and a small tetrahedral mesh (3).
fn case() -> Case {
    let scan = scan();
    let grid = Arc::clone(scan.grid());
    let mask = Volume::new(Arc::clone(&grid), (0..grid.len()).map(|o| u8::from(o % 7 == 0)).collect()).unwrap();
    let labels = LabelMap::from_mask(&mask, "liver", [200, 100, 50], None);
    let corners = [[0.0, 0.0, 0.0], [9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]];
    let positions = corners.map(Point::from).to_vec();
    let tets = crate::mesh::TetMesh::new(positions, vec![[0, 1, 2, 3]], vec![1]).unwrap();
    Case::from_nodes([
        (NodeId(1), Node::new("Chest", Data::Scan(Arc::new(scan)))),
        (NodeId(2), Node::new("Liver", Data::Labels(labels)).from_source(NodeId(1))),
        (NodeId(3), Node::new("Liver mesh", Data::Tets(tets)).from_source(NodeId(2))),
    ])
}

fn open(case: Case) -> Harness<'static, Desk> {
    open_sized(case, Vec2::new(1440.0, 900.0))
}

fn open_sized(case: Case, size: Vec2) -> Harness<'static, Desk> {
    let state = Desk {
        workspace: Workspace::default(),
        session: Session::with_case(crate::tools::TOOLS, case, Vec::new()),
        messages: Messages::default(),
        scene: SceneInfo::default(),
        unsaved: false,
        busy: None,
        asked: Vec::new(),
        pane: None,
        second: None,
        drags: Vec::new(),
    };
    let show = |ui: &mut egui::Ui, window: &mut Desk| {
        let view = AppView {
            session: &window.session,
            scene: &window.scene,
            messages: &window.messages,
            case_path: None,
            unsaved: window.unsaved,
            covered: false,
            busy: window.busy.as_ref(),
            now_s: 1.0,
        };
        let UiOutput { requests, scene, second, .. } = window.workspace.show_in(ui, &view);
        window.asked.extend(requests);
        window.drags.extend(scene.clone().filter(|pane| pane.dragging));
        (window.pane, window.second) = (scene, second);
    };
    let mut harness = Harness::builder().with_size(size).with_step_dt(1.0 / 60.0).build_ui_state(show, state);
    harness.run_steps(4);
    harness
}

/// Everything asked for since the last call.
fn asked(harness: &mut Harness<'_, Desk>) -> Vec<Request> {
    harness.run_steps(3);
    std::mem::take(&mut harness.state_mut().asked)
}

fn press(harness: &mut Harness<'_, Desk>, label: &str) -> Vec<Request> {
    harness.get_by_label(label).click();
    asked(harness)
}

fn strike(harness: &mut Harness<'_, Desk>, modifiers: Modifiers, key: Key) -> Vec<Request> {
    harness.key_press_modifiers(modifiers, key);
    asked(harness)
}

fn command(tool: &str, params: Value) -> Request {
    Request::Run(Command::new(tool, params))
}

/// Every text in the window as it is laid out, with the place of its upper left corner.
fn texts(harness: &Harness<'_, Desk>) -> Vec<(Arc<egui::Galley>, Pos2)> {
    fn add(shape: &egui::Shape, all: &mut Vec<(Arc<egui::Galley>, Pos2)>) {
        match shape {
            egui::Shape::Text(text) => all.push((Arc::clone(&text.galley), text.pos)),
            egui::Shape::Vec(shapes) => shapes.iter().for_each(|shape| add(shape, all)),
            _ => {}
        }
    }
    let mut all = Vec::new();
    harness.output().shapes.iter().for_each(|clipped| add(&clipped.shape, &mut all));
    all
}

/// Everything that is written in the window, with the place of its upper left corner.
fn written(harness: &Harness<'_, Desk>) -> Vec<(String, Pos2)> {
    texts(harness).into_iter().map(|(galley, at)| (galley.text().to_owned(), at)).collect()
}

/// Whether a text is written somewhere.
fn is_written(harness: &Harness<'_, Desk>, text: &str) -> bool {
    written(harness).iter().any(|(written, _)| written == text)
}

/// A key that goes down and up.
fn tapped(modifiers: Modifiers, key: Key) -> [egui::Event; 2] {
    [true, false].map(|pressed| egui::Event::Key { key, physical_key: None, pressed, repeat: false, modifiers })
}

/// All of these in one long frame, and the frames after it.
fn in_one_frame(harness: &mut Harness<'_, Desk>, events: impl IntoIterator<Item = egui::Event>) -> Vec<Request> {
    harness.input_mut().events.extend(events);
    asked(harness)
}

/// The rectangle of a slice view in the four-up of a window of this size: found by its slider's neighbours, the panes.
fn view_of(harness: &Harness<'_, Desk>, orientation: Orientation) -> egui::Rect {
    let scene = harness.state().pane.as_ref().expect("the scene is shown").rect;
    let (width, height) = (scene.width(), scene.height());
    let left = scene.left() - 3.0 - width;
    let below = scene.bottom() + 3.0;
    let min = match orientation {
        Orientation::Axial => Pos2::new(left, scene.top()),
        Orientation::Coronal => Pos2::new(left, below),
        Orientation::Sagittal => Pos2::new(scene.left(), below),
    };
    egui::Rect::from_min_size(min, Vec2::new(width, height))
}

fn crosshair(harness: &Harness<'_, Desk>) -> Point {
    harness.state().workspace.crosshair.expect("a scan puts the crosshair into its middle")
}

fn window_of(harness: &mut Harness<'_, Desk>) -> Window {
    let Desk { workspace, session, .. } = harness.state_mut();
    let node = session.case().node(NodeId(1)).unwrap();
    let Data::Scan(scan) = &node.data else { unreachable!("node 1 is the scan") };
    workspace.window_of(NodeId(1), scan, node.hash())
}

fn click(harness: &mut Harness<'_, Desk>, pos: Pos2) {
    harness.hover_at(pos);
    harness.run_steps(1);
    for pressed in [true, false] {
        let (button, modifiers) = (egui::PointerButton::Primary, Modifiers::NONE);
        harness.event(egui::Event::PointerButton { pos, button, pressed, modifiers });
    }
    harness.run_steps(2);
}

fn drag(harness: &mut Harness<'_, Desk>, from: Pos2, to: Pos2) {
    harness.hover_at(from);
    harness.run_steps(1);
    harness.drag_at(from);
    harness.run_steps(1);
    for step in 1..=8 {
        harness.hover_at(from + (to - from) * (step as f32 / 8.0));
        harness.run_steps(1);
    }
    harness.drop_at(to);
    harness.run_steps(3);
}

fn wheel(harness: &mut Harness<'_, Desk>, pos: Pos2, notches: f32) {
    harness.hover_at(pos);
    harness.run_steps(1);
    let delta = Vec2::new(0.0, notches);
    let (unit, modifiers, phase) = (egui::MouseWheelUnit::Line, Modifiers::NONE, egui::TouchPhase::Move);
    harness.event(egui::Event::MouseWheel { unit, delta, modifiers, phase });
    harness.run_steps(3);
}
