//! What the guided panel offers in each step, and whether it can be done now.

use super::contract::Request;
use super::layout::Pane;
use super::steps::StepsView;
use super::widgets::TileState;
use super::wish::Wish;
use super::{find, icons};
use crate::base::NodeId;
use crate::session::{Data, NodeKind, Step};
use serde_json::{Value, json};

/// Organs that have a tile of their own.
pub(super) const TILES: [&str; 5] = ["lungs", "airway", "bone", "body", "vessel"];

/// One tile.
pub(super) struct Offer {
    pub(super) icon: &'static str,
    pub(super) label: &'static str,
    pub(super) help: &'static str,
    pub(super) state: TileState,
    pub(super) wish: Wish,
    /// What to show when it was done already.
    pub(super) result: Option<NodeId>,
}

/// When an action counts as done.
#[derive(Clone, Copy)]
enum Done<'a> {
    /// Never: it makes sense again and again.
    Never,
    /// When the case holds anything the tool made.
    Once,
    /// When the case holds something the tool made with this text parameter.
    With(&'a str, &'a str),
}

impl Done<'_> {
    fn fits(self, params: &Value) -> bool {
        match self {
            Self::Never | Self::Once => true,
            Self::With(name, value) => params.get(name).and_then(Value::as_str) == Some(value),
        }
    }
}

/// Where an action stands: no such tool, lacking an input, running, done, or ready.
fn state_of(view: &StepsView<'_>, tool: &str, done: Done<'_>, lacks: Option<&str>) -> (TileState, Option<NodeId>) {
    let session = view.app.session;
    if !session.tools().iter().any(|entry| entry.id == tool) {
        return (TileState::Missing(format!("This version has no tool '{tool}'.")), None);
    }
    if let Some(job) = session.jobs().iter().find(|job| job.command.tool == tool && done.fits(&job.command.params)) {
        return (TileState::Running(job.fraction as f32), None);
    }
    let mut made = find::made_by(session.case(), tool).filter(|(_, node)| {
        !matches!(done, Done::Never) && node.made_by().is_some_and(|command| done.fits(&command.params))
    });
    if let Some((id, _)) = made.next() {
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

/// The tiles of a step.
pub(super) fn offers(step: Step, view: &StepsView<'_>) -> Vec<Offer> {
    match step {
        Step::Import => import(view),
        Step::Segment => segment(view),
        Step::Model => model(view),
        Step::Plan => plan(view),
        Step::Simulate => simulate(view),
        Step::Report => report(view),
        Step::Object => Vec::new(),
    }
}

fn import(view: &StepsView<'_>) -> Vec<Offer> {
    let (state, result) = state_of(view, "scan.phantom", Done::Once, None);
    vec![
        ask(
            icons::FOLDER_OPEN,
            "DICOM folder…",
            "Find every image series in a folder and import one.",
            Request::OpenFolderDialog,
        ),
        ask(icons::FILE, "File…", "Open a case, an image, a mesh or a segmentation.", Request::OpenFileDialog),
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
        let (state, result) = state_of(view, "segment.organ", Done::With("preset", preset), lacks);
        let mut params = json!({ "scan": scan.map(|id| id.0), "preset": preset });
        if preset == "vessel" {
            params["seed"] = seed.clone().unwrap_or(Value::Null);
        }
        Offer { icon, label, help, state, wish: Wish::Launch { tool: "segment.organ".into(), params }, result }
    };
    let mut offers: Vec<Offer> = PRESETS.into_iter().map(offer).collect();
    let lacks = scan.is_none().then_some("Import a scan first.");
    let (state, _) = state_of(view, "segment.threshold", Done::Never, lacks);
    let wish = Wish::Form { tool: "segment.threshold".into(), params: json!({ "scan": scan.map(|id| id.0) }) };
    let help = "Everything between two values.";
    offers.push(Offer { icon: icons::CONTRAST_2, label: "Threshold…", help, state, wish, result: None });
    offers.push(Offer {
        icon: icons::PALETTE,
        label: "Segment editor",
        help: "Paint, draw, cut and refine segments in the slices, with all effects.",
        state: lacks.map_or(TileState::Ready, |reason| TileState::Missing(reason.to_owned())),
        wish: Wish::OpenEditor(None),
        result: None,
    });
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
        let (state, _) = state_of(view, tool, Done::Never, lacks);
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

fn plan(view: &StepsView<'_>) -> Vec<Offer> {
    /// Template, icon, label, help.
    const PROCEDURES: [(&str, &str, &str, &str); 8] = [
        (
            "liver_resection",
            icons::SCISSORS,
            "Liver resection",
            "A new plan for taking a part of the liver away, with the usual margins, structures to spare and check-list.",
        ),
        (
            "liver_wedge",
            icons::CIRCLE_DASHED,
            "Wedge resection",
            "A new plan with a cut about the tumour and its margin, open to the nearest surface of the liver.",
        ),
        (
            "liver_segment",
            icons::GIT_BRANCH,
            "Liver segment",
            "A new plan that takes the segment of Couinaud the tumour lies in, by the branches of the portal vein.",
        ),
        (
            "right_hepatectomy",
            icons::COLUMNS_2,
            "Right hepatectomy",
            "A new plan that takes the right liver along the middle hepatic vein, or along Cantlie's line where it is not known.",
        ),
        (
            "left_hepatectomy",
            icons::COLUMNS_2,
            "Left hepatectomy",
            "A new plan that takes the left liver along the middle hepatic vein, or along Cantlie's line where it is not known.",
        ),
        (
            "needle",
            icons::NEEDLE,
            "Needle path",
            "A new plan for a biopsy, drain or electrode through the skin, with the usual distances.",
        ),
        (
            "ablation",
            icons::CIRCLES,
            "Ablation",
            "A new plan for destroying tissue around a probe, with the usual margin and distances.",
        ),
        (
            "pedicle_screw",
            icons::TOOL,
            "Pedicle screw",
            "A new plan for screws through pedicles, with the spinal canal to spare.",
        ),
    ];
    let case = view.app.session.case();
    let bodies = [NodeKind::Labels, NodeKind::Surface];
    let no_organ = !case.nodes().any(|(_, node)| bodies.contains(&node.data.kind()));
    let no_organ = no_organ.then_some("Segment an organ first.");
    let no_plan = case.plans().next().is_none().then_some("Make a plan first.");
    let offer = |icon, label, help, lacks: Option<&str>, wish| Offer {
        icon,
        label,
        help,
        state: lacks.map_or(TileState::Ready, |reason| TileState::Missing(reason.to_owned())),
        wish,
        result: None,
    };
    let begin = |template: &str| Wish::Launch { tool: "plan.new".into(), params: json!({ "template": template }) };
    let procedures =
        PROCEDURES.map(|(template, icon, label, help)| offer(icon, label, help, no_organ, begin(template)));
    let open = offer(
        icons::FOCUS_2,
        "Plan…",
        "Targets, structures to spare, cuts, needles, ablations and screws, scored while they are moved.",
        case.is_empty().then_some("Import a scan first."),
        Wish::Plan(None),
    );
    let compare = offer(
        icons::LAYOUT_COLUMNS,
        "Compare plans",
        "All plans side by side: volumes, margins, distances and cut vessels, each with its bounds and limit.",
        no_plan,
        Wish::ToggleView(Pane::Plans),
    );
    let search = offer(
        icons::MAP_PIN,
        "Search paths…",
        "Find the best paths of a needle from the skin or skull to a target by rules that you see.",
        no_plan,
        Wish::Form { tool: "plan.search".into(), params: json!({}) },
    );
    // The plan that is there before all that can be begun.
    std::iter::once(open).chain(procedures).chain([compare, search]).collect()
}

fn simulate(view: &StepsView<'_>) -> Vec<Offer> {
    let case = view.app.session.case();
    let mesh = find::newest(case, NodeKind::Tets, view.selected);
    let lacks = mesh.is_none().then_some("Make tetrahedra of an organ first (step Model).");
    let (state, _) = state_of(view, "simulate.tissue", Done::Never, lacks);
    let params = json!({ "mesh": mesh.map(|id| id.0) });
    let pull = Offer {
        icon: icons::HAND_GRAB,
        label: "Pull organ…",
        help: "Fix a part of an organ, pull or press a patch, and see how it deforms and where it is stressed.",
        state,
        wish: Wish::Form { tool: "simulate.tissue".into(), params },
        result: None,
    };
    let operate = Offer {
        icon: icons::SCISSORS,
        label: "Operate…",
        help: "Grasp, retract, press, insufflate and cut the organ by hand, sixty frames a second, with its real stiffness.",
        state: lacks.map_or(TileState::Ready, |reason| TileState::Missing(reason.to_owned())),
        wish: Wish::Operate(mesh),
        result: None,
    };
    let lines = find::vessels(case, view.selected);
    let lacks = lines.is_none().then_some("Find the centre lines of vessels first (step Model).");
    let tree = Offer {
        icon: icons::GIT_BRANCH,
        label: "Flow of the tree…",
        help: "Pressure and flow of a whole tree of vessels at once; narrow, stent, close or bypass them and see what follows.",
        state: lacks.map_or(TileState::Ready, |reason| TileState::Missing(reason.to_owned())),
        wish: Wish::Circulation(lines),
        result: None,
    };
    let flow = |preset: &str, fluid: Value, icon, label, help, lacks_text: &'static str| {
        let made = find::made_by(case, "segment.organ").filter(|(_, node)| matches!(node.data, Data::Labels(_)));
        let lumen = made.rev().find(|(_, node)| find::param(node, "preset") == Some(preset)).map(|(id, _)| id);
        // Whatever else was segmented may be a vessel too; the panel asks which segment.
        let other = || find::newest(case, NodeKind::Labels, view.selected).filter(|_| preset == "vessel");
        let lumen = lumen.or_else(other);
        let lacks = lumen.is_none().then_some(lacks_text);
        let (state, _) = state_of(view, "simulate.flow", Done::Never, lacks);
        let mut params = fluid;
        params["labels"] = json!(lumen.map(|id| id.0));
        let wish = Wish::Form { tool: "simulate.flow".into(), params };
        Offer { icon, label, help, state, wish, result: None }
    };
    vec![
        operate,
        pull,
        flow(
            "airway",
            // Slow enough to stay laminar and be resolved in minutes without a graphics card; ends as in `demo`.
            json!({ "fluid": "air", "flow_ml_s": 25, "end_radius_mm": 2.2 }),
            icons::WIND,
            "Air through the airway…",
            "Breathe in slowly through the windpipe: pressure, speed and wall shear stress.",
            "Segment the airways first.",
        ),
        flow(
            "vessel",
            json!({ "fluid": "blood" }),
            icons::DROPLETS,
            "Blood through the vessel…",
            "Pressure, speed and wall shear stress in a vessel.",
            "Segment a vessel first.",
        ),
        tree,
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
        state_of(view, "export.mesh", Done::Never, mesh.is_none().then_some("There is no mesh yet."));
    let node = mesh.unwrap_or(NodeId(0));
    let (report_state, _) = state_of(view, "report.write", Done::Never, empty);
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
