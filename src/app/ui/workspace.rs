//! The whole window as a person sees it.

use super::audience::Audience;
use super::circulation::Circulation;
use super::contract::{AppView, LostSession, Request, UiOutput};
use super::curved::Curved;
use super::docks::Docking;
use super::editor::{Editor, Effect};
use super::fields::{FieldLook, VectorLook};
use super::flow_setup::FlowSetup;
use super::form::Form;
use super::layout::{Layout, Pane};
use super::operate::Operate;
use super::overlays::Overlays;
use super::palette::Palette;
use super::pictures::PictureOrder;
use super::plan::{BoardView, Planning};
use super::refusals::Refused;
use super::scene_cut::{HeldCut, SceneCut};
use super::scenes::Scenes;
use super::settings::Settings;
use super::sides::Drawers;
use super::slice::{Probe, Slices, plane_of};
use super::tour::{Part, Parts, Tour};
use super::two_scans::TwoScans;
use super::view_undo::ViewUndo;
use super::volume::{VolumePanel, VolumeView};
use super::walk::Walk;
use super::wish::{Dialog, Wish};
use super::{find, keys, menu_bar, status_bar, theme};
use crate::base::{ContentHash, NodeId};
use crate::geom::{Grid, Orientation, Point};
use crate::image::{LabelMap, Scan, SlicePlane, Window};
use crate::session::{Case, Display, Node, NodeKind, Step};
use egui::{Frame, Margin, Panel, Ui};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What belongs to the window only: layout, crosshair, selection, open forms. Nothing here is part of the case.
#[derive(Debug)]
pub struct Workspace {
    /// The place all views point at, LPS mm; set it when something is picked in the scene.
    pub crosshair: Option<Point>,
    /// The object the inspector shows; set it when something is picked in the scene.
    pub selected: Option<NodeId>,
    /// If set, all other objects of the scene are faint.
    pub ghosted: Option<NodeId>,
    /// What the window remembers between two starts.
    pub settings: Settings,
    /// Recent cases that are not where they were.
    pub missing: BTreeSet<PathBuf>,
    /// Whether the tour is offered where it was not yet; scripts are not asked.
    pub offers_tour: bool,
    /// The settings as they were handed out last.
    pub(super) kept: Option<Settings>,
    /// Whether a button of the mouse was held in the last frame.
    pub(super) dragged: bool,
    /// Whether the welcome page is shown although there is a case.
    pub(super) welcome: bool,
    pub(super) tour: Option<Tour>,
    /// Side panels over the views.
    pub(super) drawers: Drawers,
    /// What is known of the side panels beside where they stand.
    pub(super) docking: Docking,
    /// Where parts of the window are.
    pub(super) parts: Parts,
    /// If set, the scene shows this object only.
    pub isolated: Option<NodeId>,
    /// How an object appears while its colour or opacity is being dragged; the scene shows it at once.
    pub preview: Option<(NodeId, Display)>,
    /// Whether the scene shows the slices through the crosshair.
    pub slices_in_scene: bool,
    /// How the user wants fields shown, by their names.
    pub fields: BTreeMap<String, FieldLook>,
    /// How the vectors of results are shown.
    pub vectors: VectorLook,
    /// Where surfaces of the scene are cut, if they are.
    pub cut: Option<SceneCut>,
    /// The handle of the cut that is held in the scene.
    pub(super) cut_held: Option<HeldCut>,
    /// Crop box, planes and cut as they were.
    pub(super) view_undo: ViewUndo,
    /// The 3D views: whether they are linked, what each shows, and what the case is compared with.
    pub scenes: Scenes,
    /// Whether objects of the scene have their names beside it.
    pub labels_in_scene: bool,
    /// Whether plans and openings of a flow are drawn over the pictures.
    pub(super) marks: bool,
    /// What lay over the pictures before all of it was hidden.
    pub(super) overlaid_before: Option<Overlays>,
    /// What the window for an audience keeps.
    pub audience: Audience,
    pub(super) slices: Slices,
    /// The views of a second scan.
    pub(super) two_scans: TwoScans,
    pub(super) curved: Curved,
    pub(super) layout: Layout,
    /// Where views were in the last frame.
    pub(super) panes: Vec<(Pane, egui::Rect)>,
    pub(super) step: Step,
    pub(super) form: Option<Form>,
    pub(super) editor: Option<Editor>,
    /// The operating panel, if it is open; the scene carries out what it says.
    pub operate: Option<Operate>,
    /// The flow of a tree of vessels that follows its panel, if there is one.
    pub circulation: Option<Circulation>,
    /// The plan that is open.
    pub planning: Option<Planning>,
    pub(super) board: BoardView,
    /// The panel of a flow that is being set up, if it is open; the scene looks for its openings and shows its job.
    pub flow_setup: Option<FlowSetup>,
    /// The rendered volume, if there is one.
    pub volume: Option<VolumeView>,
    pub(super) volume_panel: VolumePanel,
    /// The walk along centre lines, if there is one.
    pub(in crate::app) walk: Option<Walk>,
    pub(super) renaming: Option<(NodeId, String)>,
    pub(super) dialog: Option<Dialog>,
    /// How the last picture was ordered.
    pub(super) picture: PictureOrder,
    pub(super) palette: Option<Palette>,
    /// The key struck last that could do nothing.
    pub(super) refused: Option<Refused>,
    pub(super) closed_toasts: BTreeSet<usize>,
    /// What must be seen and reached in this frame: toasts stand beside it.
    pub(super) needed: Vec<egui::Rect>,
    /// What was typed after something opened that takes the keyboard; it has it from the next frame on.
    typed_later: Vec<egui::Event>,
    /// Wishes from outside the panels, for the next frame.
    pub(super) waiting: Vec<Wish>,
    pub(super) probe: Option<Probe>,
    /// Whether a text was being written or a menu was open at the end of the last frame: Escape was for that.
    pub(super) typed: bool,
    /// Whether a dialog or the palette lay over the window in the last frame.
    pub(super) overlaid: bool,
    /// Whether our fonts are there.
    ready: bool,
    /// The scan the crosshair was last put into the middle of.
    centred_on: Option<NodeId>,
    /// The newest object of the case in the last frame.
    newest: Option<NodeId>,
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            crosshair: None,
            selected: None,
            ghosted: None,
            settings: Settings::default(),
            missing: BTreeSet::new(),
            offers_tour: false,
            kept: None,
            dragged: false,
            welcome: false,
            tour: None,
            drawers: Drawers::default(),
            docking: Docking::default(),
            parts: Parts::new(),
            isolated: None,
            preview: None,
            slices_in_scene: true,
            fields: BTreeMap::new(),
            vectors: VectorLook::default(),
            cut: None,
            cut_held: None,
            view_undo: ViewUndo::default(),
            scenes: Scenes::default(),
            labels_in_scene: false,
            marks: true,
            overlaid_before: None,
            audience: Audience::default(),
            slices: Slices::default(),
            two_scans: TwoScans::default(),
            curved: Curved::default(),
            layout: Layout::default(),
            panes: Vec::new(),
            step: Step::Import,
            form: None,
            editor: None,
            operate: None,
            circulation: None,
            planning: None,
            board: BoardView::default(),
            flow_setup: None,
            volume: None,
            volume_panel: VolumePanel::default(),
            walk: None,
            renaming: None,
            dialog: None,
            picture: PictureOrder::default(),
            palette: None,
            refused: None,
            closed_toasts: BTreeSet::new(),
            needed: Vec::new(),
            typed_later: Vec::new(),
            waiting: Vec::new(),
            probe: None,
            typed: false,
            overlaid: false,
            ready: false,
            centred_on: None,
            newest: None,
        }
    }
}

impl Workspace {
    /// Give `ctx` our fonts and colours; the first frame does it too, but is empty then.
    pub fn set_up(&self, ctx: &egui::Context) {
        theme::apply(ctx);
        // Ctrl and + are keys of ours, so that the size is kept and stays within its limits.
        ctx.options_mut(|options| options.zoom_with_keyboard = false);
    }

    /// Show the whole window; returns what the user wants. Call between egui's begin and end of a pass.
    pub fn show(&mut self, ctx: &egui::Context, view: &AppView<'_>) -> UiOutput {
        let builder = egui::UiBuilder::new().layer_id(egui::LayerId::background()).max_rect(ctx.viewport_rect());
        let mut root = Ui::new(ctx.clone(), egui::Id::new("prosector"), builder);
        self.show_in(&mut root, view)
    }

    /// As [`Workspace::show`], inside `ui`.
    pub fn show_in(&mut self, ui: &mut Ui, view: &AppView<'_>) -> UiOutput {
        if !self.ready {
            self.ready = theme::is_ready(ui.ctx());
        }
        if !self.ready {
            // Fonts given to egui now are there in its next frame; this one stays empty.
            self.set_up(ui.ctx());
            ui.ctx().request_repaint();
            return UiOutput { wants_repaint: true, ..UiOutput::default() };
        }
        self.forget_what_is_gone(view);
        self.begin_frame(ui.ctx());
        let are_ours = self.dialog.is_none() && self.palette.is_none() && !view.covered;
        if !self.typed_later.is_empty() {
            let mut events = std::mem::take(&mut self.typed_later);
            ui.input_mut(|input| {
                events.append(&mut input.events);
                input.events = events;
            });
        }
        let pressed = if are_ours { keys::pressed(ui.ctx()) } else { keys::Pressed::default() };
        let keys::Pressed { mut wishes, later } = pressed;
        if !later.is_empty() {
            self.typed_later = later;
            ui.ctx().request_repaint();
        }
        if self.typed {
            // egui took the keyboard from the field before keys are asked for.
            wishes.retain(|wish| *wish != Wish::Escape);
        }
        if self.editor.is_some() {
            // While segments are edited, number keys choose effects.
            for wish in &mut wishes {
                if let Wish::WindowPreset(place) = wish {
                    *wish = Effect::on_key(*place).map_or(Wish::WindowPreset(*place), Wish::Effect);
                }
            }
        }
        let of_keys = wishes.len();
        let mut scenes = [None, None];
        let own = theme::of(ui);
        let bar = |x: i8| Frame::new().fill(own.bar).inner_margin(Margin::symmetric(x, 2));
        Panel::top("menu").frame(bar(4)).show_separator_line(false).resizable(false).show(ui, |ui| {
            let at = view.session.history().current();
            let own_steps = [self.view_undo.can_undo(at), self.view_undo.can_redo(at)];
            menu_bar::menu_bar_ui(ui, view, &|wish| self.why_not(wish, view), own_steps, &mut wishes);
        });
        Panel::bottom("status").frame(bar(0)).show_separator_line(false).resizable(false).show(ui, |ui| {
            status_bar::status_bar_ui(ui, view, self.probe.as_ref());
        });
        self.parts.insert(Part::MenuBar, ui.max_rect().with_max_y(ui.available_rect_before_wrap().top()));
        let (drawers, floats) = self.side_panels(ui, view, &mut wishes);
        egui::CentralPanel::default().frame(Frame::new()).show(ui, |ui| {
            self.docking.middle = ui.max_rect();
            scenes = self.middle(ui, view, &mut wishes);
        });
        self.drawers_ui(ui.ctx(), drawers, view, &mut wishes);
        if floats {
            self.floating_ui(ui.ctx(), view, &mut wishes);
        }
        self.docking_ui(ui.ctx(), &mut wishes);
        self.show_overlays(ui.ctx(), view, &mut wishes);
        wishes.append(&mut self.waiting);
        let mut requests = Vec::new();
        for (n, wish) in wishes.into_iter().enumerate() {
            if n < of_keys {
                self.note_refusal(&wish, view);
            }
            requests.extend(self.respond(wish, view));
        }
        requests.extend(self.walk_on(ui.ctx(), view));
        self.end_frame(ui.ctx(), view);
        let waits = self.editor.as_ref().is_some_and(Editor::waits);
        let replays = self.operate.as_ref().is_some_and(|operate| operate.replays);
        let wants_repaint =
            waits || replays || view.busy.is_some() || view.session.jobs().iter().any(|job| !job.paused);
        let [scene, second] = scenes;
        UiOutput { requests, scene, second, wants_repaint }
    }

    /// The measures as they are shown, for a picture.
    pub fn measures(&self) -> super::measures::Measures {
        self.slices.measures.still()
    }

    /// The answer to [`Request::PathDialog`].
    pub fn path_chosen(&mut self, path: &Path) {
        if let Some(form) = &mut self.form {
            form.path_chosen(path);
        }
    }

    /// What is filled in so far, if the form of `tool` is open: the scene may show it or let the mouse fill it in.
    pub fn form_of(&self, tool: &str) -> Option<serde_json::Value> {
        self.form.as_ref().filter(|form| form.tool.id == tool).map(Form::params)
    }

    /// The group in the segment editor with the stroke under the mouse, if the scene is to show it.
    pub fn edited_in_scene(&self, case: &Case) -> Option<(NodeId, LabelMap)> {
        let editor = self.editor.as_ref().filter(|editor| editor.in_scene)?;
        let stroke = editor.preview().map(|(_, labels, _)| labels);
        Some((editor.group, stroke.or_else(|| editor.labels(case).cloned())?))
    }

    /// The group in the segment editor, if the scene shows it.
    pub fn group_in_scene(&self) -> Option<NodeId> {
        self.editor.as_ref().filter(|editor| editor.in_scene).map(|editor| editor.group)
    }

    /// Whether the segment editor shows what `node` shows, so that it need not be shown twice.
    pub fn stands_in_for(&self, node: &Node) -> bool {
        let editor = self.editor.as_ref().filter(|editor| editor.in_scene);
        node.data.kind() == NodeKind::Surface && editor.is_some_and(|editor| node.source == Some(editor.group))
    }

    /// Fill in a parameter of the form of `tool`, if it is open.
    pub fn fill_in(&mut self, tool: &str, name: &str, value: serde_json::Value) {
        if let Some(form) = self.form.as_mut().filter(|form| form.tool.id == tool) {
            form.set(name, value);
        }
    }

    /// The display window of a scan as its slices show it; a negative width swaps black and white.
    pub fn window_of(&mut self, node: NodeId, scan: &Scan, hash: ContentHash) -> Window {
        self.slices.window(node, scan, hash).shown()
    }

    /// The pixels of a slice view through `point` in the patient, however the views are turned, not mirrored; `None` where
    /// nothing of the grid lies there.
    pub fn slice_plane(&self, grid: &Grid, orientation: Orientation, point: &Point) -> Option<SlicePlane> {
        let frame = self.slices.turn.frame(orientation);
        plane_of(grid, &frame, point.coords.dot(&frame.away()))
    }

    /// A file is to take the place of this case: `true` if it may, otherwise a dialog asks about unsaved changes first.
    pub fn may_open(&mut self, path: &Path, unsaved: bool) -> bool {
        if unsaved {
            self.dialog = Some(Dialog::Unsaved(Request::OpenCase(path.to_owned())));
        }
        !unsaved
    }

    /// Sessions ended without being saved: a dialog asks what to do with them.
    pub fn ask_about(&mut self, lost: Vec<LostSession>) {
        if !lost.is_empty() {
            self.dialog = Some(Dialog::Lost(lost));
        }
    }

    /// Another case is shown: nothing of the one before stays.
    pub fn forget_case(&mut self) {
        (self.selected, self.isolated, self.preview, self.form) = (None, None, None, None);
        (self.ghosted, self.welcome) = (None, false);
        (self.fields, self.cut, self.cut_held) = (BTreeMap::new(), None, None);
        self.view_undo = ViewUndo::default();
        self.scenes = Scenes { linked: self.scenes.linked, ..Scenes::default() };
        (self.editor, self.operate, self.circulation, self.flow_setup) = (None, None, None, None);
        self.planning = None;
        (self.volume, self.volume_panel) = (None, VolumePanel::default());
        // Numbers of objects mean other ones now, and the new scan gets the crosshair in its middle.
        (self.crosshair, self.centred_on, self.newest, self.renaming, self.probe) = (None, None, None, None, None);
        self.curved = Curved::default();
        self.walk = None;
        self.slices.measures.forget();
        self.slices.forget_case();
        self.two_scans.forget();
    }

    /// The user wants to close the window: `true` if it may close, otherwise a dialog asks about unsaved changes first.
    pub fn may_quit(&mut self, unsaved: bool) -> bool {
        if unsaved {
            self.dialog = Some(Dialog::Unsaved(Request::Quit));
        }
        !unsaved
    }

    /// Objects vanish by undo; nothing here may keep pointing at them. A new scan gets the crosshair in its middle.
    fn forget_what_is_gone(&mut self, view: &AppView<'_>) {
        let case = view.session.case();
        let there = |id: &NodeId| case.node(*id).is_some();
        // What a command just made is what the user wants to read about.
        let newest = case.nodes().next_back().map(|(id, _)| id);
        let made = case.nodes().map(|(id, _)| id).find(|id| self.newest.is_some_and(|seen| seen < *id));
        self.newest = newest;
        // A measure in the second of two scans is no reason to look at that alone.
        self.selected = made.filter(|id| !self.is_measure_of_second(case, *id)).or(self.selected.filter(there));
        if let Some(editor) = &mut self.editor {
            let is_group = |id: &NodeId| case.node(*id).is_some_and(|node| node.data.kind() == NodeKind::Labels);
            if let Some(group) = made.filter(is_group) {
                (editor.group, editor.segment, editor.stroke) = (group, None, None);
            }
            editor.forget_what_is_gone(case, view.session.jobs().iter().any(|job| job.command.tool == "segment.paint"));
        }
        self.isolated = self.isolated.filter(there);
        self.ghosted = self.ghosted.filter(there);
        self.operate = self.operate.take().filter(|operate| there(&operate.mesh));
        let are_lines = |id: &NodeId| case.node(*id).is_some_and(|node| node.data.kind() == NodeKind::Lines);
        self.circulation = self.circulation.take().filter(|own| are_lines(&own.params.lines));
        self.planning = self.planning.take().and_then(|mut own| own.follow(case).then_some(own));
        if let Some(plan) = &mut self.planning {
            let works = view.session.jobs().iter().any(|job| job.command.tool.starts_with("plan."));
            plan.settle(works, view.messages);
        }
        if let Some(plan) = made.and_then(|id| Planning::new(id, case)) {
            self.open_plan(plan);
        }
        let are_labels = |id: NodeId| case.node(id).is_some_and(|node| node.data.kind() == NodeKind::Labels);
        self.flow_setup = self.flow_setup.take().filter(|own| own.labels().is_none_or(are_labels));
        self.update_volume(case);
        self.note_clips(view.session.history().current());
        self.renaming = self.renaming.take().filter(|(id, _)| there(id));
        // The preview lives until the command that makes it true has been applied.
        self.preview =
            self.preview.take().filter(|(id, shown)| case.node(*id).is_some_and(|node| node.display != *shown));
        match find::active_scan(case, self.selected) {
            Some((id, _, scan)) => {
                let inside = |point: &Point| scan.grid().voxel_at(*point).is_some();
                if self.centred_on != Some(id) && !self.crosshair.as_ref().is_some_and(inside) {
                    self.crosshair = Some(scan.grid().bounds().centre());
                    self.slices.reset();
                }
                if self.centred_on.is_none() {
                    self.step = Step::Segment;
                }
                self.centred_on = Some(id);
            }
            None => {
                self.centred_on = None;
                self.probe = None;
            }
        }
    }
}
