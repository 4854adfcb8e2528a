//! What is done in a session, chapter by chapter.

use super::super::actions::ACTIONS;
use super::super::contract::Request;
use super::super::docks::SidePanel;
use super::super::editor::Effect;
use super::super::find;
use super::super::layout::{Arrangement, Pane};
use super::super::slice::{MouseTool, SlabLook};
use super::super::tour::{Part, TourWish};
use super::super::volume::VolumeMode;
use super::super::wish::{Dialog, Switch, Wish};
use super::super::workspace::Workspace;
use super::plans::plans;
use super::{Place, Step};

use crate::base::i18n::Language;
use crate::geom::Orientation;
use crate::geom::measure::Kind;
use crate::session::{Data, NodeKind, Session};
use crate::tools::TOOLS;
use egui::{Key, Modifiers, PointerButton};
use serde_json::{Value, json};

pub(super) const LEFT: PointerButton = PointerButton::Primary;
const RIGHT: PointerButton = PointerButton::Secondary;

/// Once through everything.
pub fn round() -> Vec<Step> {
    let chapters: [(&'static str, fn(&mut Vec<Step>)); 16] = [
        ("slices", slices),
        ("oblique slices and slabs", oblique),
        ("layouts", layouts),
        ("volume rendering", volume),
        ("segmentation", segmentation),
        ("segment editor", editor),
        ("surfaces", surfaces),
        ("measures", measures),
        ("plans", plans),
        ("saved views", views),
        ("palette, settings, keys, tour", dialogs),
        ("language and scale", language),
        ("mechanics and flow", simulation),
        ("forms of all tools", forms),
        ("history", history),
        ("all actions", actions),
    ];
    let mut steps = Vec::new();
    for (name, fill) in chapters {
        steps.push(Step::Chapter(name));
        fill(&mut steps);
        calm(&mut steps);
    }
    steps.push(Step::Chapter("save and reopen"));
    steps.push(Step::SaveAndReopen);
    steps
}

/// What is looked at in each case that is opened.
pub const CASE_STEPS: [fn(&mut Workspace, &Session) -> Vec<Wish>; 5] = [
    |_, _| vec![Wish::Slice(3)],
    |_, _| vec![Wish::Volume(None)],
    |_, _| vec![Wish::Slice(-3), Wish::Flip(Switch::Labels)],
    |_, _| vec![Wish::Flip(Switch::Labels), Wish::OpenEditor(None)],
    |_, _| vec![Wish::CloseEditor, Wish::Arrange(Arrangement::FourUp)],
];

/// Leave whatever is open, and the usual layout.
fn calm(steps: &mut Vec<Step>) {
    for _ in 0..4 {
        steps.extend([Step::Key(Modifiers::NONE, Key::Escape), Step::Frames(2)]);
    }
    steps.extend([
        Step::With("close what is open", |window, _| {
            (window.dialog, window.palette, window.welcome) = (None, None, false);
            vec![Wish::CloseForm, Wish::CloseEditor, Wish::EndOperation, Wish::EndCirculation, Wish::EndPlan]
        }),
        Step::Wish(Wish::Arrange(Arrangement::FourUp)),
        Step::Wish(Wish::WindowPreset(0)),
        Step::Wish(Wish::Language(Language::English)),
        Step::Wish(Wish::Scale(1.0)),
        Step::Frames(4),
    ]);
}

pub(super) fn axial(x: f32, y: f32) -> Place {
    Place(Part::Axial, x, y)
}

pub(super) fn scene(x: f32, y: f32) -> Place {
    Place(Part::Scene, x, y)
}

/// Press, go there in a number of frames, let go.
pub(super) fn drag(steps: &mut Vec<Step>, button: PointerButton, from: Place, to: Place) {
    const FRAMES: usize = 10;
    let Place(part, x, y) = from;
    steps.extend([Step::Move(from), Step::Frames(1), Step::Button(from, button, true), Step::Frames(1)]);
    for n in 1..=FRAMES {
        let gone = n as f32 / FRAMES as f32;
        steps.extend([Step::Move(Place(part, x + gone * (to.1 - x), y + gone * (to.2 - y))), Step::Frames(1)]);
    }
    steps.extend([Step::Button(to, button, false), Step::Frames(3)]);
}

fn click(steps: &mut Vec<Step>, at: Place) {
    steps.extend([Step::Move(at), Step::Frames(1), Step::Button(at, LEFT, true), Step::Frames(1)]);
    steps.extend([Step::Button(at, LEFT, false), Step::Frames(2)]);
}

fn scroll(steps: &mut Vec<Step>, at: Place, notches: usize) {
    for n in 0..2 * notches {
        steps.extend([Step::Wheel(at, if n < notches { 1.0 } else { -1.0 }), Step::Frames(1)]);
    }
}

pub(super) fn wish(steps: &mut Vec<Step>, wish: Wish, frames: u32) {
    steps.extend([Step::Wish(wish), Step::Frames(frames)]);
}

/// Run a tool as its button does.
pub(super) fn launch(steps: &mut Vec<Step>, tool: &str, params: Value) {
    steps.extend([Step::Wish(Wish::Launch { tool: tool.to_owned(), params }), Step::Frames(3), Step::Jobs(300.0)]);
    steps.extend([Step::Rest(1.0), Step::Frames(6), Step::Wish(Wish::CloseForm), Step::Frames(2)]);
}

fn slices(steps: &mut Vec<Step>) {
    steps.push(Step::Rate("scrolling axial slices, with all four views drawn", None));
    scroll(steps, axial(0.4, 0.4), 25);
    steps.push(Step::Rated);
    for _ in 0..3 {
        drag(steps, LEFT, axial(0.3, 0.3), axial(0.6, 0.5));
    }
    drag(steps, RIGHT, axial(0.4, 0.4), axial(0.4, 0.6));
    drag(steps, PointerButton::Middle, axial(0.4, 0.4), axial(0.5, 0.6));
    for preset in 0..8 {
        wish(steps, Wish::WindowPreset(preset), 3);
    }
    wish(steps, Wish::WindowFull, 3);
    for factor in [1.25, 1.25, 1.25, 0.8, 0.8, 0.8] {
        wish(steps, Wish::Zoom(factor), 3);
    }
    wish(steps, Wish::Flip(Switch::Inverted), 3);
    wish(steps, Wish::Flip(Switch::Inverted), 3);
    wish(steps, Wish::Tool(MouseTool::Crosshair), 2);
    drag(steps, LEFT, axial(0.3, 0.3), axial(0.7, 0.7));
    wish(steps, Wish::PlaySlices, 40);
    wish(steps, Wish::PlaySlices, 3);
    wish(steps, Wish::WindowPreset(0), 3);
}

fn oblique(steps: &mut Vec<Step>) {
    // The end of a line of the crosshair turns the other planes.
    drag(steps, LEFT, axial(0.94, 0.5), axial(0.85, 0.8));
    scroll(steps, axial(0.4, 0.4), 10);
    steps.push(Step::With("turn the views", |window, _| {
        window.slices.turn = window.slices.turn.turned_in(Orientation::Axial, 0.3).turned_in(Orientation::Coronal, 0.2);
        Vec::new()
    }));
    steps.push(Step::Frames(5));
    scroll(steps, axial(0.4, 0.4), 10);
    for _ in 0..4 {
        wish(steps, Wish::NextSlab, 3);
        steps.push(Step::With("a slab of 20 mm", |window, _| {
            let slab = SlabLook { thickness_mm: 20.0, ..window.slices.slabs[0] };
            window.slices.set_slab(slab);
            Vec::new()
        }));
        scroll(steps, axial(0.4, 0.4), 6);
    }
    wish(steps, Wish::NextSlab, 3);
    wish(steps, Wish::Straighten, 5);
    steps.push(Step::With("thick slabs in straight views", |window, _| {
        let projection = crate::image::slice::Projection::Maximum;
        window.slices.set_slab(SlabLook { projection: Some(projection), thickness_mm: 40.0 });
        Vec::new()
    }));
    scroll(steps, axial(0.4, 0.4), 6);
    steps.push(Step::With("no slab", |window, _| {
        window.slices.set_slab(SlabLook::default());
        Vec::new()
    }));
    wish(steps, Wish::ResetViews, 20);
}

fn layouts(steps: &mut Vec<Step>) {
    for (arrangement, _) in Arrangement::ALL {
        wish(steps, Wish::Arrange(arrangement), 8);
        scroll(steps, axial(0.4, 0.4), 3);
    }
    wish(steps, Wish::Arrange(Arrangement::FourUp), 5);
    for pane in [Pane::Scene, Pane::Slice(Orientation::Coronal)] {
        wish(steps, Wish::Maximise(pane), 8);
        wish(steps, Wish::Maximise(pane), 8);
    }
}

fn volume(steps: &mut Vec<Step>) {
    steps.push(Step::Wish(Wish::Volume(None)));
    steps.push(Step::VolumeSeen("first picture of the volume, of textures made for it", 1.0));
    steps.push(Step::Rest(3.0));
    // How finely to draw is found in the first frames that move.
    drag(steps, LEFT, scene(0.3, 0.5), scene(0.7, 0.6));
    steps.push(Step::Rate("rotating the rendered volume", Some(5.0)));
    for _ in 0..2 {
        drag(steps, LEFT, scene(0.3, 0.5), scene(0.7, 0.6));
    }
    steps.push(Step::Rated);
    scroll(steps, scene(0.5, 0.5), 6);
    for mode in [VolumeMode::Maximum, VolumeMode::XRay, VolumeMode::Composite] {
        steps.push(match mode {
            VolumeMode::Maximum => Step::With("MIP", |window, _| mode_of(window, VolumeMode::Maximum)),
            VolumeMode::XRay => Step::With("radiograph", |window, _| mode_of(window, VolumeMode::XRay)),
            _ => Step::With("composite", |window, _| mode_of(window, VolumeMode::Composite)),
        });
        steps.extend([Step::Frames(5), Step::Rest(1.0)]);
    }
    for _ in 0..12 {
        steps.push(Step::With("tune the transfer function", |window, _| {
            let points = window.volume.iter_mut().flat_map(|volume| &mut volume.transfer.opacity);
            points.for_each(|(value, _)| *value += 8.0);
            Vec::new()
        }));
        steps.push(Step::Frames(2));
    }
    steps.push(Step::With("cinematic light", |window, _| {
        window.volume.iter_mut().for_each(|volume| volume.cinematic = !volume.cinematic);
        Vec::new()
    }));
    steps.extend([Step::Frames(5), Step::Rest(2.0)]);
    steps.push(Step::With("crop", |window, session| {
        let grid = find::active_scan(session.case(), None).map(|(.., scan)| scan.grid().dims());
        if let (Some(volume), Some(dims)) = (&mut window.volume, grid) {
            volume.crop = Some([dims.map(|n| 0.2 * n as f64), dims.map(|n| 0.8 * n as f64)]);
        }
        Vec::new()
    }));
    steps.extend([Step::Frames(5), Step::Rest(1.0)]);
    for wished in [Wish::Cut(Some(Orientation::Coronal)), Wish::FlipCut, Wish::Cut(None), Wish::ShowVolume] {
        wish(steps, wished, 8);
    }
    wish(steps, Wish::ShowVolume, 8);
    steps.extend([
        Step::Rest(2.0),
        Step::With("no volume", |window, _| {
            window.volume = None;
            Vec::new()
        }),
        Step::Frames(8),
    ]);
}

fn mode_of(window: &mut Workspace, mode: VolumeMode) -> Vec<Wish> {
    window.volume.iter_mut().for_each(|volume| volume.mode = mode);
    Vec::new()
}

fn segmentation(steps: &mut Vec<Step>) {
    // The range is previewed in the slices while the form is open.
    wish(steps, Wish::Form { tool: "segment.threshold".into(), params: json!({}) }, 5);
    for low_hu in [0, 50, 100, 150, 200, 250] {
        wish(
            steps,
            Wish::Form { tool: "segment.threshold".into(), params: json!({ "low_hu": low_hu, "high_hu": 3000 }) },
            3,
        );
    }
    scroll(steps, axial(0.4, 0.4), 6);
    wish(steps, Wish::CloseForm, 2);
    launch(steps, "segment.threshold", json!({ "low_hu": 180, "high_hu": 3000, "largest_only": true }));
    steps.extend([
        Step::With("region growing", |window, _| {
            let Some(at) = window.crosshair else { return Vec::new() };
            let params = json!({ "seeds": [[at.x, at.y, at.z]] });
            vec![Wish::Launch { tool: "segment.region_grow".into(), params }]
        }),
        Step::Frames(3),
        Step::Jobs(120.0),
        Step::Wish(Wish::CloseForm),
    ]);
    launch(steps, "segment.organ", json!({ "preset": "lungs" }));
    launch(steps, "segment.organ", json!({ "preset": "airway" }));
    launch(steps, "segment.statistics", json!({}));
    scroll(steps, axial(0.4, 0.4), 10);
    drag(steps, LEFT, scene(0.3, 0.5), scene(0.7, 0.6));
}

fn editor(steps: &mut Vec<Step>) {
    wish(steps, Wish::OpenEditor(None), 5);
    for effect in [Effect::Paint, Effect::Erase] {
        wish(steps, Wish::Effect(effect), 3);
        drag(steps, LEFT, axial(0.3, 0.3), axial(0.5, 0.6));
        steps.push(Step::Jobs(60.0));
        drag(steps, LEFT, axial(0.6, 0.3), axial(0.5, 0.6));
        steps.push(Step::Jobs(60.0));
    }
    wish(steps, Wish::Brush(true), 2);
    wish(steps, Wish::Brush(false), 2);
    wish(steps, Wish::Effect(Effect::Draw), 3);
    for at in [axial(0.3, 0.3), axial(0.6, 0.35), axial(0.5, 0.6)] {
        click(steps, at);
    }
    steps.extend([Step::Key(Modifiers::NONE, Key::Enter), Step::Frames(3), Step::Jobs(60.0)]);
    wish(steps, Wish::Effect(Effect::Scissors), 3);
    drag(steps, LEFT, scene(0.3, 0.3), scene(0.5, 0.5));
    steps.extend([Step::Jobs(60.0), Step::Rest(1.0)]);
    wish(steps, Wish::NextSegment(true), 3);
    for _ in 0..3 {
        steps.extend([Step::Wish(Wish::Ask(Request::Undo)), Step::Frames(5), Step::Rest(0.5)]);
    }
    for _ in 0..2 {
        steps.extend([Step::Wish(Wish::Ask(Request::Redo)), Step::Frames(5), Step::Rest(0.5)]);
    }
    launch(steps, "segment.smooth", json!({}));
    launch(steps, "segment.margin", json!({ "margin_mm": 2.0 }));
}

fn surfaces(steps: &mut Vec<Step>) {
    launch(steps, "model.surface", json!({}));
    launch(steps, "surface.smooth", json!({}));
    launch(steps, "surface.decimate", json!({ "triangles": 10_000 }));
    for n in 0..24 {
        steps.extend([Step::Move(scene(0.2 + 0.025 * n as f32, 0.5)), Step::Frames(1)]);
    }
    click(steps, scene(0.5, 0.5));
    wish(steps, Wish::Flip(Switch::Labels), 20);
    drag(steps, LEFT, scene(0.3, 0.5), scene(0.7, 0.6));
    steps.push(Step::Rest(1.0));
    wish(steps, Wish::Flip(Switch::Labels), 5);
    steps.push(Step::With("one object alone", |_, session| {
        let surface = session.case().nodes().find(|(_, node)| node.data.kind() == NodeKind::Surface);
        surface.into_iter().flat_map(|(id, _)| [Wish::Ghost(Some(id)), Wish::Isolate(Some(id))]).collect()
    }));
    steps.push(Step::Frames(10));
    wish(steps, Wish::Ghost(None), 5);
    wish(steps, Wish::Isolate(None), 10);
    for orientation in [Orientation::Axial, Orientation::Coronal, Orientation::Sagittal] {
        wish(steps, Wish::Cut(Some(orientation)), 8);
        scroll(steps, axial(0.4, 0.4), 5);
    }
    wish(steps, Wish::Cut(None), 8);
}

fn measures(steps: &mut Vec<Step>) {
    for kind in [Kind::Length, Kind::Ellipse, Kind::Rectangle, Kind::Region, Kind::Bidirectional] {
        wish(steps, Wish::Tool(MouseTool::Measure(kind)), 2);
        drag(steps, LEFT, axial(0.3, 0.35), axial(0.6, 0.55));
        steps.extend([Step::Key(Modifiers::NONE, Key::Enter), Step::Frames(3)]);
    }
    wish(steps, Wish::Tool(MouseTool::Measure(Kind::Angle)), 2);
    for at in [axial(0.3, 0.3), axial(0.5, 0.4), axial(0.6, 0.7)] {
        click(steps, at);
    }
    wish(steps, Wish::Tool(MouseTool::Measure(Kind::Point)), 2);
    click(steps, axial(0.45, 0.5));
    scroll(steps, axial(0.4, 0.4), 6);
    wish(steps, Wish::Flip(Switch::Measures), 4);
    wish(steps, Wish::Flip(Switch::Measures), 4);
    steps.extend([
        Step::With("log", |window, _| {
            window.settings.docks.activate(SidePanel::Log);
            Vec::new()
        }),
        Step::Frames(6),
        Step::With("history", |window, _| {
            window.settings.docks.activate(SidePanel::History);
            Vec::new()
        }),
        Step::Frames(6),
    ]);
}

fn views(steps: &mut Vec<Step>) {
    steps.extend([Step::Wish(Wish::KeepView), Step::Frames(5), Step::Rest(3.0)]);
    drag(steps, LEFT, scene(0.3, 0.5), scene(0.7, 0.6));
    steps.push(Step::With("go to a saved view", |_, session| {
        let view = session.case().nodes().find(|(_, node)| matches!(node.data, Data::View(_)));
        view.map(|(id, _)| Wish::GoToView(id)).into_iter().collect()
    }));
    steps.extend([Step::Frames(5), Step::Rest(1.0), Step::Wish(Wish::TakePicture), Step::Frames(8)]);
    steps.extend([Step::Key(Modifiers::NONE, Key::Escape), Step::Frames(3)]);
}

fn dialogs(steps: &mut Vec<Step>) {
    wish(steps, Wish::Palette, 4);
    for letter in ["s", "u", "r", "f", "a", "c", "e"] {
        steps.extend([Step::Type(letter), Step::Frames(2)]);
    }
    for _ in 0..6 {
        steps.extend([Step::Key(Modifiers::NONE, Key::ArrowDown), Step::Frames(1)]);
    }
    steps.extend([Step::Key(Modifiers::NONE, Key::Escape), Step::Frames(3)]);
    for dialog in [Dialog::Settings, Dialog::Keys, Dialog::About] {
        wish(steps, Wish::Dialog(dialog), 8);
        steps.extend([Step::Key(Modifiers::NONE, Key::Escape), Step::Frames(3)]);
    }
    wish(steps, Wish::Tour(TourWish::Start), 6);
    for _ in 0..20 {
        wish(steps, Wish::Tour(TourWish::Next), 3);
    }
    wish(steps, Wish::Tour(TourWish::Leave), 3);
    wish(steps, Wish::Welcome, 8);
    wish(steps, Wish::Welcome, 8);
}

fn language(steps: &mut Vec<Step>) {
    wish(steps, Wish::Language(Language::SimplifiedChinese), 8);
    wish(steps, Wish::Dialog(Dialog::Keys), 5);
    steps.extend([Step::Key(Modifiers::NONE, Key::Escape), Step::Frames(3)]);
    wish(steps, Wish::Language(Language::English), 8);
    for scale in [1.25, 1.5, 2.0, 1.0] {
        wish(steps, Wish::Scale(scale), 8);
    }
}

fn simulation(steps: &mut Vec<Step>) {
    wish(steps, Wish::Form { tool: "simulate.flow".into(), params: json!({}) }, 10);
    steps.push(Step::Rest(2.0));
    wish(steps, Wish::CloseForm, 5);
    launch(steps, "model.tetrahedra", json!({ "tets": 10_000 }));
    wish(steps, Wish::Form { tool: "simulate.tissue".into(), params: json!({}) }, 10);
    wish(steps, Wish::CloseForm, 5);
    steps.extend([Step::Wish(Wish::Operate(None)), Step::Frames(10), Step::Rest(4.0)]);
    drag(steps, LEFT, scene(0.5, 0.5), scene(0.6, 0.45));
    steps.extend([Step::Rest(1.0), Step::Wish(Wish::EndOperation), Step::Frames(10)]);
    launch(steps, "model.centre_lines", json!({}));
    wish(steps, Wish::Arrange(Arrangement::Curved), 10);
    wish(steps, Wish::Arrange(Arrangement::FourUp), 5);
    wish(steps, Wish::Walk(None), 30);
    wish(steps, Wish::Walk(None), 5);
    steps.extend([Step::Wish(Wish::Circulation(None)), Step::Frames(10), Step::Rest(2.0)]);
    steps.extend([Step::Wish(Wish::EndCirculation), Step::Frames(10)]);
}

fn forms(steps: &mut Vec<Step>) {
    for tool in TOOLS {
        wish(steps, Wish::Form { tool: tool.id.to_owned(), params: json!({}) }, 3);
        wish(steps, Wish::CloseForm, 1);
    }
}

fn history(steps: &mut Vec<Step>) {
    for _ in 0..6 {
        steps.extend([Step::Wish(Wish::Ask(Request::Undo)), Step::Frames(4), Step::Rest(0.4)]);
    }
    for _ in 0..6 {
        steps.extend([Step::Wish(Wish::Ask(Request::Redo)), Step::Frames(4), Step::Rest(0.4)]);
    }
    steps.push(Step::With("to the first state", |_, session| ends(session)[0].clone()));
    steps.extend([Step::Frames(6), Step::Rest(1.0)]);
    steps.push(Step::With("to the last state", |_, session| ends(session)[1].clone()));
    steps.extend([Step::Frames(6), Step::Rest(2.0)]);
    for _ in 0..2 {
        steps.extend([Step::Wish(Wish::HideSelected), Step::Frames(6)]);
    }
}

/// To the ends of the history.
fn ends(session: &Session) -> [Vec<Wish>; 2] {
    let line = session.history().line();
    let kept: Vec<_> = line.into_iter().filter(|id| session.history().is_kept(*id)).collect();
    [kept.first(), kept.last()].map(|id| id.map(|id| Wish::Ask(Request::GoTo(*id))).into_iter().collect())
}

/// Every action of the menus, but those that leave the window or throw the case away.
fn actions(steps: &mut Vec<Step>) {
    let leaves = |wish: &Wish| {
        let request = match wish {
            Wish::Ask(request) | Wish::Guarded(request) => request,
            _ => return false,
        };
        matches!(
            request,
            Request::OpenFolderDialog
                | Request::OpenFileDialog
                | Request::LoadSample(_)
                | Request::NewCase
                | Request::SaveCase
                | Request::SaveCaseAs
                | Request::ReportDialog
                | Request::Quit
                | Request::ToggleFullscreen
        )
    };
    for action in ACTIONS.iter().filter(|action| !leaves(&action.wish)) {
        wish(steps, action.wish.clone(), 3);
        if matches!(action.wish, Wish::Dialog(_) | Wish::Palette | Wish::TakePicture | Wish::Welcome) {
            steps.extend([Step::Key(Modifiers::NONE, Key::Escape), Step::Frames(2)]);
        }
    }
}
