//! The whole window as a person sees it.

use super::actions;
use super::contract::{AppView, Request, ScenePane, UiOutput};
use super::form::{self, Form};
use super::layout::{Layout, Pane};
use super::objects::ObjectsState;
use super::palette::Palette;
use super::slice::{Overlay, Probe, SliceSubject, Slices};
use super::wish::{Dialog, Wish};
use super::{
    dialogs, empty_state, find, history, inspector, jobs, menu_bar, messages, objects, scene_view, status_bar,
};
use super::{steps, theme, view_bar, widgets};
use crate::base::{ContentHash, NodeId};
use crate::geom::Point;
use crate::image::{Scan, Window};
use crate::session::{Data, Display, NodeKind, Step};
use egui::{Frame, Margin, Panel, ScrollArea, Ui};
use std::collections::BTreeSet;
use std::path::Path;

/// What belongs to the window only: layout, crosshair, selection, open forms. Nothing here is part of the case.
#[derive(Debug)]
pub struct Workspace {
    /// The place all views point at, LPS mm; set it when something is picked in the scene.
    pub crosshair: Option<Point>,
    /// The object the inspector shows; set it when something is picked in the scene.
    pub selected: Option<NodeId>,
    /// If set, the scene shows this object only.
    pub isolated: Option<NodeId>,
    /// How an object appears while its colour or opacity is being dragged; the scene shows it at once.
    pub preview: Option<(NodeId, Display)>,
    /// Whether the scene shows the slices through the crosshair.
    pub slices_in_scene: bool,
    pub(super) slices: Slices,
    pub(super) layout: Layout,
    pub(super) step: Step,
    pub(super) form: Option<Form>,
    pub(super) renaming: Option<(NodeId, String)>,
    pub(super) dialog: Option<Dialog>,
    pub(super) palette: Option<Palette>,
    lower: Lower,
    closed_toasts: BTreeSet<usize>,
    probe: Option<Probe>,
    /// Whether our fonts are there.
    ready: bool,
    /// Whether a toast will vanish by itself.
    fading: bool,
    /// The scan the crosshair was last put into the middle of.
    centred_on: Option<NodeId>,
}

/// What the lower right panel shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lower {
    History,
    Log,
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            crosshair: None,
            selected: None,
            isolated: None,
            preview: None,
            slices_in_scene: true,
            slices: Slices::default(),
            layout: Layout::default(),
            step: Step::Import,
            form: None,
            renaming: None,
            dialog: None,
            palette: None,
            lower: Lower::History,
            closed_toasts: BTreeSet::new(),
            probe: None,
            ready: false,
            fading: false,
            centred_on: None,
        }
    }
}

impl Workspace {
    /// Give `ctx` our fonts and colours; the first frame does it too, but is empty then.
    pub fn set_up(&self, ctx: &egui::Context) {
        theme::apply(ctx);
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
        let mut wishes =
            if self.dialog.is_none() && self.palette.is_none() { actions::pressed(ui.ctx()) } else { Vec::new() };
        let mut scene = None;
        let bar = |x: i8| Frame::new().fill(theme::BAR).inner_margin(Margin::symmetric(x, 2));
        Panel::top("menu").frame(bar(4)).show_separator_line(false).resizable(false).show(ui, |ui| {
            menu_bar::menu_bar_ui(ui, view, &|wish| self.can(wish, view), &mut wishes);
        });
        Panel::bottom("status").frame(bar(0)).show_separator_line(false).resizable(false).show(ui, |ui| {
            status_bar::status_bar_ui(ui, view, self.probe.as_ref());
        });
        let side = Frame::new().fill(theme::PANEL).inner_margin(Margin::symmetric(10, 8));
        Panel::left("guide").frame(side).default_size(292.0).size_range(250.0..=420.0).show(ui, |ui| {
            self.left(ui, view, &mut wishes);
        });
        Panel::right("objects").frame(side).default_size(286.0).size_range(220.0..=460.0).show(ui, |ui| {
            self.right(ui, view, &mut wishes);
        });
        egui::CentralPanel::default().frame(Frame::new()).show(ui, |ui| {
            scene = self.middle(ui, view, &mut wishes);
        });
        self.overlays(ui.ctx(), view, &mut wishes);
        let requests = wishes.into_iter().filter_map(|wish| self.respond(ui.ctx(), wish, view)).collect();
        let wants_repaint = view.busy.is_some() || !view.session.jobs().is_empty() || self.fading;
        UiOutput { requests, scene, wants_repaint }
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
        self.selected = self.selected.filter(there);
        self.isolated = self.isolated.filter(there);
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

    fn left(&mut self, ui: &mut Ui, view: &AppView<'_>, wishes: &mut Vec<Wish>) {
        let running = view.session.jobs();
        if !running.is_empty() {
            Panel::bottom("jobs").frame(Frame::new().inner_margin(Margin { top: 8, ..Margin::ZERO })).show(ui, |ui| {
                jobs::jobs_ui(ui, view.session.tools(), &running, wishes);
            });
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let case = view.session.case();
            if let Some(form) = &mut self.form {
                form::form_ui(ui, form, case, self.crosshair, wishes);
            } else {
                let (selected, crosshair) = (self.selected, self.crosshair);
                let steps = steps::StepsView { app: view, selected, crosshair, open: self.step };
                steps::steps_ui(ui, &steps, wishes);
            }
        });
    }

    fn right(&mut self, ui: &mut Ui, view: &AppView<'_>, wishes: &mut Vec<Wish>) {
        let plain = Frame::new().inner_margin(Margin { top: 6, ..Margin::ZERO });
        Panel::bottom("lower").frame(plain).resizable(true).default_size(190.0).size_range(60.0..=500.0).show(
            ui,
            |ui| {
                ui.horizontal(|ui| {
                    for (lower, name) in [(Lower::History, "History"), (Lower::Log, "Log")] {
                        let text =
                            theme::heading(name).color(if self.lower == lower { theme::STRONG } else { theme::WEAK });
                        if ui.add(egui::Button::new(text).frame(false)).clicked() {
                            self.lower = lower;
                        }
                    }
                });
                ScrollArea::vertical()
                    .id_salt(self.lower as u8)
                    .stick_to_bottom(self.lower == Lower::History)
                    .auto_shrink(false)
                    .show(ui, |ui| {
                        ui.spacing_mut().item_spacing.y = 1.0;
                        match self.lower {
                            Lower::History => history::history_ui(ui, view.session.history(), wishes),
                            Lower::Log => messages::log_ui(ui, view.messages),
                        }
                    });
            },
        );
        Panel::bottom("inspector").frame(plain).resizable(true).default_size(300.0).size_range(60.0..=700.0).show(
            ui,
            |ui| {
                widgets::panel_heading(ui, "Details", |_| {});
                ScrollArea::vertical().id_salt("inspector").auto_shrink(false).show(ui, |ui| match self.selected {
                    Some(id) => {
                        let preview = self.preview.as_ref().filter(|(of, _)| *of == id).map(|(_, display)| display);
                        inspector::inspector_ui(ui, view.session.case(), view.session.tools(), id, preview, wishes);
                    }
                    None => inspector::nothing_selected_ui(ui),
                });
            },
        );
        widgets::panel_heading(ui, "Objects", |_| {});
        ScrollArea::vertical().id_salt("objects").auto_shrink(false).show(ui, |ui| {
            let mut state =
                ObjectsState { selected: self.selected, isolated: self.isolated, renaming: &mut self.renaming };
            objects::objects_ui(ui, view.session.case(), &mut state, wishes);
        });
    }

    fn middle(&mut self, ui: &mut Ui, view: &AppView<'_>, wishes: &mut Vec<Wish>) -> Option<ScenePane> {
        let case = view.session.case();
        let scan = find::active_scan(case, self.selected);
        let has_objects = case.nodes().any(|(_, node)| is_in_scene(&node.data));
        if scan.is_none() && !has_objects {
            let phantom = view.session.tools().iter().any(|tool| tool.id == "scan.phantom");
            empty_state::empty_state_ui(ui, ui.available_rect_before_wrap(), phantom, wishes);
            self.probe = None;
            return None;
        }
        let bar = Frame::new().fill(theme::BAR);
        let window = scan.map(|(id, node, scan)| *self.slices.window(id, scan, node.hash()));
        Panel::top("view bar").frame(bar).show_separator_line(false).resizable(false).show(ui, |ui| {
            view_bar::view_bar_ui(ui, &self.slices, self.slices_in_scene, window, &self.layout, wishes);
        });
        let subject = scan.map(|(id, node, scan)| SliceSubject {
            node: id,
            name: &node.name,
            scan,
            hash: node.hash(),
            overlays: self.label_overlays(view),
            crosshair: self.crosshair.unwrap_or_else(|| scan.grid().bounds().centre()),
        });
        let (mut pane, mut probe) = (None, None);
        let Self { layout, slices, .. } = self;
        layout.show(ui, &mut |ui, rect, what| match (what, &subject) {
            (Pane::Scene, _) => {
                pane = Some(scene_view::scene_ui(ui, rect, view.scene, slices.annotations, has_objects, wishes));
            }
            (Pane::Slice(orientation), Some(subject)) => {
                let answer = slices.show(ui, rect, orientation, subject, wishes);
                probe = probe.take().or(answer.probe);
                if answer.maximise {
                    wishes.push(Wish::Maximise(what));
                }
            }
            (Pane::Slice(_), None) => {
                ui.painter().rect_filled(rect, 0, egui::Color32::BLACK);
            }
        });
        self.probe = probe;
        pane
    }

    /// The segmentations that are shown.
    fn label_overlays<'a>(&self, view: &AppView<'a>) -> Vec<Overlay<'a>> {
        let shown = |id: NodeId, visible: bool| visible && self.isolated.is_none_or(|only| only == id);
        let maps = find::label_maps(view.session.case()).filter(|(id, node, _)| shown(*id, node.display.visible));
        let overlay = |(id, node, labels): (NodeId, &'a std::sync::Arc<crate::session::Node>, _)| {
            let preview = self.preview.as_ref().filter(|(of, _)| *of == id).map(|(_, display)| display.opacity);
            Overlay { labels, hash: node.hash(), opacity: preview.unwrap_or(node.display.opacity) }
        };
        maps.map(overlay).collect()
    }

    fn overlays(&mut self, ctx: &egui::Context, view: &AppView<'_>, wishes: &mut Vec<Wish>) {
        let area = ctx.content_rect().shrink2(egui::vec2(296.0, 26.0));
        self.fading = messages::toasts_ui(ctx, area, view.messages, view.now_s, &mut self.closed_toasts);
        if let Some(dialog) = self.dialog.take() {
            let done = dialogs::dialog_ui(ctx, &dialog, view.scene, wishes);
            self.dialog = Some(dialog).filter(|_| !done);
        }
        if let Some(mut palette) = self.palette.take() {
            let (wish, done) = palette.show(ctx, view.session.tools(), &|wish| self.can(wish, view));
            wishes.extend(wish);
            self.palette = Some(palette).filter(|_| !done);
        }
    }
}

/// Whether data of this kind appears in the 3D scene.
fn is_in_scene(data: &Data) -> bool {
    !matches!(data.kind(), NodeKind::Scan | NodeKind::Labels)
}
