//! The guided panel: import, segment, model, simulate, report, each with its most useful actions.

use super::contract::{AppView, Request};
use super::widgets::{TileState, tile, tile_width};
use super::wish::Wish;
use super::{find, icons, theme};
use crate::base::NodeId;
use crate::geom::Point;
use crate::session::{Case, Data, NodeKind, Step, ToolEntry};
use egui::{Align2, FontId, Rect, Sense, Stroke, Ui, Vec2};
use serde_json::{Value, json};

/// What the guided panel looks at.
pub struct StepsView<'a> {
    /// The program.
    pub app: &'a AppView<'a>,
    /// The selected object.
    pub selected: Option<NodeId>,
    /// The place all views point at.
    pub crosshair: Option<Point>,
    /// The step that is open.
    pub open: Step,
}

/// One tile.
struct Offer {
    icon: &'static str,
    label: &'static str,
    help: &'static str,
    state: TileState,
    wish: Wish,
    /// What to show when it was done already.
    result: Option<NodeId>,
}

const STEPS: [(Step, &str); 5] = [
    (Step::Import, "Import"),
    (Step::Segment, "Segment"),
    (Step::Model, "Model"),
    (Step::Simulate, "Simulate"),
    (Step::Report, "Report"),
];

/// Show the guided panel.
pub fn steps_ui(ui: &mut Ui, view: &StepsView<'_>, wishes: &mut Vec<Wish>) {
    let case = view.app.session.case();
    for (number, (step, name)) in STEPS.into_iter().enumerate() {
        let open = step == view.open;
        let done = done_text(case, step);
        let header = header(ui, number + 1, name, &done, open);
        if header.clicked() {
            wishes.push(Wish::OpenStep(step));
        }
        let top = header.rect.bottom();
        if open {
            ui.indent_by(step, |ui| {
                tiles(ui, offers(step, view), wishes);
                more_tools(ui, view.app.session.tools(), step, wishes);
                ui.add_space(8.0);
            });
        }
        if number + 1 < STEPS.len() {
            let x = header.rect.left() + 15.0;
            let bottom = ui.cursor().top() + 2.0;
            ui.painter().vline(x, top - 4.0..=bottom, Stroke::new(1.5, theme::LINE));
        }
    }
}

trait IndentBy {
    fn indent_by(&mut self, salt: Step, content: impl FnOnce(&mut Ui));
}

impl IndentBy for Ui {
    fn indent_by(&mut self, salt: Step, content: impl FnOnce(&mut Ui)) {
        self.horizontal_top(|ui| {
            ui.add_space(26.0);
            ui.push_id(salt as u8, |ui| ui.vertical(content));
        });
    }
}

fn header(ui: &mut Ui, number: usize, name: &str, done: &str, open: bool) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 32.0), Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::CollapsingHeader, true, open, name));
    let hot = response.hovered() || response.has_focus();
    let painter = ui.painter();
    if hot {
        painter.rect_filled(rect, 5, theme::CARD);
    }
    super::widgets::focus_ring(ui, &response, rect);
    let at = rect.left_center() + Vec2::new(15.0, 0.0);
    let (fill, text) = match (open, done.is_empty()) {
        (true, _) => (theme::ACCENT, theme::BAR),
        (false, false) => (egui::Color32::from_rgb(0x2b, 0x4a, 0x38), theme::GOOD),
        (false, true) => (theme::CARD_HOVERED, theme::WEAK),
    };
    painter.circle_filled(at, 10.5, fill);
    if done.is_empty() || open {
        painter.text(at, Align2::CENTER_CENTER, number, theme::semibold(12.0), text);
    } else {
        painter.text(at, Align2::CENTER_CENTER, icons::CHECK, FontId::proportional(14.0), text);
    }
    let colour = if open || hot { theme::STRONG } else { theme::TEXT };
    let name_at = at + Vec2::new(19.0, 0.0);
    let name = painter.text(name_at, Align2::LEFT_CENTER, name, theme::semibold(14.0), colour);
    let room = Rect::from_min_max(egui::pos2(name.right() + 8.0, rect.top()), rect.max - Vec2::new(4.0, 0.0));
    let painter = painter.with_clip_rect(room);
    painter.text(room.right_center(), Align2::RIGHT_CENTER, done, FontId::proportional(11.5), theme::WEAK);
    response
}

/// What of a step is in the case, in two or three words; empty if nothing.
fn done_text(case: &Case, step: Step) -> String {
    let count = |kinds: &[NodeKind]| case.nodes().filter(|(_, node)| kinds.contains(&node.data.kind())).count();
    let (n, one, many) = match step {
        Step::Import => (count(&[NodeKind::Scan]), "scan", "scans"),
        Step::Segment => {
            let n = find::label_maps(case).map(|(_, _, labels)| labels.segments().len()).sum();
            (n, "segment", "segments")
        }
        Step::Model => (count(&[NodeKind::Surface, NodeKind::Tets]), "mesh", "meshes"),
        Step::Simulate => (count(&[NodeKind::Tissue, NodeKind::Flow]), "result", "results"),
        Step::Report | Step::Object => (0, "", ""),
    };
    match n {
        0 => String::new(),
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}

fn tiles(ui: &mut Ui, offers: Vec<Offer>, wishes: &mut Vec<Wish>) {
    let width = ((ui.available_width() - 6.0) / 2.0).floor();
    let wide = ui.available_width().floor();
    ui.spacing_mut().item_spacing = Vec2::splat(6.0);
    let mut rest = offers.into_iter().peekable();
    while let Some(first) = rest.next() {
        ui.horizontal(|ui| {
            // A long label takes the whole line.
            let fits = |ui: &Ui, offer: &Offer| tile_width(ui, offer.label) <= width;
            let first_fits = fits(ui, &first);
            if !first_fits || rest.peek().is_none_or(|next| !fits(ui, next)) {
                show_offer(ui, if first_fits { width } else { wide }, first, wishes);
                return;
            }
            show_offer(ui, width, first, wishes);
            if let Some(second) = rest.next() {
                show_offer(ui, width, second, wishes);
            }
        });
    }
}

fn show_offer(ui: &mut Ui, width: f32, offer: Offer, wishes: &mut Vec<Wish>) {
    let Offer { icon, label, help, state, wish, result } = offer;
    let response = tile(ui, width, icon, label, help, &state);
    match (&state, result) {
        (TileState::Done, Some(node)) if response.clicked() => wishes.push(Wish::Select(Some(node))),
        (TileState::Done, _) if response.secondary_clicked() => wishes.push(wish),
        (TileState::Ready, _) if response.clicked() => wishes.push(wish),
        _ => {}
    }
}

fn more_tools(ui: &mut Ui, tools: &'static [ToolEntry], step: Step, wishes: &mut Vec<Wish>) {
    let mut all = tools.iter().filter(|tool| tool.step == step).peekable();
    if all.peek().is_none() {
        return;
    }
    ui.scope(|ui| {
        ui.style_mut().visuals.widgets.inactive.weak_bg_fill = egui::Color32::TRANSPARENT;
        ui.menu_button(theme::small(format!("More tools  {}", icons::CHEVRON_DOWN)), |ui| {
            for tool in all {
                let label = format!("{}…", tool.label.trim_end_matches('…'));
                if ui.button(label).on_hover_text(tool.help).clicked() {
                    wishes.push(Wish::Form { tool: tool.id.into(), params: Value::Null });
                }
            }
        });
    });
}

/// Where an action stands: no such tool, lacking an input, running, done, or ready.
fn state_of(
    view: &StepsView<'_>,
    tool: &str,
    key: Option<(&str, &str)>,
    lacks: Option<&str>,
) -> (TileState, Option<NodeId>) {
    let session = view.app.session;
    if !session.tools().iter().any(|entry| entry.id == tool) {
        return (TileState::Missing(format!("This version has no tool '{tool}'.")), None);
    }
    let same = |params: &Value| key.is_none_or(|(name, value)| params.get(name).and_then(Value::as_str) == Some(value));
    if let Some(job) = session.jobs().iter().find(|job| job.command.tool == tool && same(&job.command.params)) {
        return (TileState::Running(job.fraction as f32), None);
    }
    let made = find::made_by(session.case(), tool).filter(|(_, node)| node.made_by().is_some_and(|c| same(&c.params)));
    if let Some((id, _)) = made.last() {
        return (TileState::Done, Some(id));
    }
    match lacks {
        Some(reason) => (TileState::Missing(reason.to_owned()), None),
        None => (TileState::Ready, None),
    }
}

fn ask(icon: &'static str, label: &'static str, help: &'static str, request: Request) -> Offer {
    Offer { icon, label, help, state: TileState::Ready, wish: Wish::Ask(request), result: None }
}

fn offers(step: Step, view: &StepsView<'_>) -> Vec<Offer> {
    match step {
        Step::Import => import(view),
        Step::Segment => segment(view),
        Step::Model => model(view),
        Step::Simulate => simulate(view),
        Step::Report => report(view),
        Step::Object => Vec::new(),
    }
}

fn import(view: &StepsView<'_>) -> Vec<Offer> {
    let (state, result) = state_of(view, "scan.phantom", None, None);
    vec![
        ask(
            icons::FOLDER_OPEN,
            "DICOM folder…",
            "Find every image series in a folder and import one.",
            Request::OpenFolderDialog,
        ),
        ask(icons::FILE, "File…", "Open a case, an image or a segmentation.", Request::OpenFileDialog),
        ask(
            icons::LUNGS,
            "Chest CT",
            "The bundled real chest CT (RIDER Lung CT, CC BY).",
            Request::LoadSample("chest"),
        ),
        Offer {
            icon: icons::FLASK,
            label: "Phantom",
            help: "Make an abdomen of known truth: liver with tumour and vessels, kidneys, spine, aorta with a stenosis.",
            state,
            wish: Wish::Launch { tool: "scan.phantom".into(), params: json!({}) },
            result,
        },
    ]
}

fn segment(view: &StepsView<'_>) -> Vec<Offer> {
    const PRESETS: [(&str, &str, &str, &str); 5] = [
        ("lungs", icons::LUNGS, "Lungs", "Both lungs, found as the air inside the body."),
        (
            "airway",
            icons::GIT_BRANCH,
            "Airways",
            "Windpipe and bronchi, grown from the windpipe with a stop where they would leak.",
        ),
        ("bone", icons::BONE, "Bone", "Everything as dense as bone, without small islands."),
        ("body", icons::MAN, "Body surface", "The patient without table and clothes."),
        (
            "vessel",
            icons::DROPLET,
            "Vessel",
            "A contrast-filled vessel, grown from the crosshair: click into it in a slice first.",
        ),
    ];
    let scan = find::active_scan(view.app.session.case(), view.selected).map(|(id, ..)| id);
    let seed = view.crosshair.map(|point| json!([point.x, point.y, point.z]));
    let offer = |(preset, icon, label, help): (&'static str, &'static str, &'static str, &'static str)| {
        let lacks = scan.is_none().then_some("Import a scan first.");
        let (state, result) = state_of(view, "segment.organ", Some(("preset", preset)), lacks);
        let mut params = json!({ "scan": scan.map(|id| id.0), "preset": preset });
        if preset == "vessel" {
            params["seed"] = seed.clone().unwrap_or(Value::Null);
        }
        Offer { icon, label, help, state, wish: Wish::Launch { tool: "segment.organ".into(), params }, result }
    };
    let mut offers: Vec<Offer> = PRESETS.into_iter().map(offer).collect();
    let lacks = scan.is_none().then_some("Import a scan first.");
    let (state, _) = state_of(view, "segment.threshold", Some(("", "never the same")), lacks);
    let wish = Wish::Form { tool: "segment.threshold".into(), params: json!({ "scan": scan.map(|id| id.0) }) };
    let help = "Everything between two values.";
    offers.push(Offer { icon: icons::CONTRAST_2, label: "Threshold…", help, state, wish, result: None });
    offers
}

/// The label map to make meshes of: the selected one, or the one the selection came from, or the newest.
fn target(view: &StepsView<'_>) -> Option<NodeId> {
    let case = view.app.session.case();
    let source = view.selected.and_then(|id| case.node(id)).and_then(|node| node.source);
    let of_selected = find::newest(case, NodeKind::Labels, view.selected).filter(|id| Some(*id) == view.selected);
    let is_labels = |id: &NodeId| case.node(*id).is_some_and(|node| matches!(node.data, Data::Labels(_)));
    of_selected.or(source.filter(is_labels)).or_else(|| find::newest(case, NodeKind::Labels, None))
}

fn model(view: &StepsView<'_>) -> Vec<Offer> {
    let labels = target(view);
    let lacks = labels.is_none().then_some("Segment an organ first.");
    let offer = |tool: &'static str, icon, label, help| {
        let (state, _) = state_of(view, tool, Some(("", "never the same")), lacks);
        let wish = Wish::Form { tool: tool.into(), params: json!({ "labels": labels.map(|id| id.0) }) };
        Offer { icon, label, help, state, wish, result: None }
    };
    vec![
        offer(
            "model.surface",
            icons::TRIANGLE,
            "Surface…",
            "A smooth closed surface of a segment; its volume is compared with the voxels'.",
        ),
        offer(
            "model.tetrahedra",
            icons::POLYGON,
            "Tetrahedra…",
            "Fill a segment with tetrahedra for soft-tissue simulation.",
        ),
    ]
}

fn simulate(view: &StepsView<'_>) -> Vec<Offer> {
    let case = view.app.session.case();
    let mesh = find::newest(case, NodeKind::Tets, view.selected);
    let lacks = mesh.is_none().then_some("Make tetrahedra of an organ first (step Model).");
    let (state, _) = state_of(view, "simulate.tissue", Some(("", "never the same")), lacks);
    let params = json!({ "mesh": mesh.map(|id| id.0) });
    let pull = Offer {
        icon: icons::HAND_GRAB,
        label: "Pull organ…",
        help: "Fix a part of an organ, pull or press a patch, and see how it deforms and where it is stressed.",
        state,
        wish: Wish::Form { tool: "simulate.tissue".into(), params },
        result: None,
    };
    let flow = |preset: &str, fluid: Value, icon, label, help, lacks_text: &'static str| {
        let made = find::made_by(case, "segment.organ").filter(|(_, node)| matches!(node.data, Data::Labels(_)));
        let lumen = made.filter(|(_, node)| find::param(node, "preset") == Some(preset)).map(|(id, _)| id).last();
        let lacks = lumen.is_none().then_some(lacks_text);
        let (state, _) = state_of(view, "simulate.flow", Some(("", "never the same")), lacks);
        let mut params = fluid;
        params["labels"] = json!(lumen.map(|id| id.0));
        let wish = Wish::Form { tool: "simulate.flow".into(), params };
        Offer { icon, label, help, state, wish, result: None }
    };
    vec![
        pull,
        flow(
            "airway",
            json!({ "fluid": "air", "flow_ml_s": 100 }),
            icons::WIND,
            "Air through the airway…",
            "Breathe in through the windpipe: pressure, speed and wall shear stress.",
            "Segment the airways first.",
        ),
        flow(
            "vessel",
            json!({ "fluid": "blood", "flow_ml_s": 10 }),
            icons::DROPLETS,
            "Blood through the vessel…",
            "Pressure, speed and wall shear stress in a vessel.",
            "Segment a vessel first.",
        ),
    ]
}

fn report(view: &StepsView<'_>) -> Vec<Offer> {
    let case = view.app.session.case();
    let empty = case.is_empty().then_some("There is nothing to report yet.");
    let meshes = [NodeKind::Surface, NodeKind::Tets];
    let is_mesh = |id: &NodeId| case.node(*id).is_some_and(|node| meshes.contains(&node.data.kind()));
    let newest = || case.nodes().map(|(id, _)| id).rev().find(|id| is_mesh(id));
    let mesh = view.selected.filter(is_mesh).or_else(newest);
    let (export_state, _) =
        state_of(view, "export.mesh", Some(("", "never")), mesh.is_none().then_some("There is no mesh yet."));
    let node = mesh.unwrap_or(NodeId(0));
    let (report_state, _) = state_of(view, "report.write", Some(("", "never")), empty);
    vec![
        Offer {
            icon: icons::FILE_EXPORT,
            label: "Export mesh…",
            help: "Write the selected mesh as STL, PLY, OBJ or GLB, in LPS millimetres.",
            state: export_state,
            wish: Wish::Ask(Request::ExportDialog { node, format: "stl" }),
            result: None,
        },
        Offer {
            icon: icons::FILE_REPORT,
            label: "Report…",
            help: "One HTML file with pictures, volumes, simulation results, methods and limits; nothing that identifies the patient.",
            state: report_state,
            wish: Wish::Ask(Request::ReportDialog),
            result: None,
        },
        ask(
            icons::DEVICE_FLOPPY,
            "Save case",
            "Keep everything in one file, with its history of commands.",
            Request::SaveCase,
        ),
    ]
}
