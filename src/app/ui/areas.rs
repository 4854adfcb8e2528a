//! The parts of the window: left, right, middle, and what lies over everything.

use super::contract::{AppView, Request, ScenePane};
use super::curved::CurvedScene;
use super::layout::Pane;
use super::objects::ObjectsState;
use super::scene_menu::Shown;
use super::slice::{MouseTool, Overlay, SliceSubject, fused};
use super::tour::Part;
use super::walk::bar_in as walk_bar_in;
use super::wish::Wish;
use super::workspace::{Lower, Workspace};
use super::{dialogs, find, form, history, inspector, jobs, measures, messages, objects, scene_view, steps, theme};
use super::{layouts, plan, scenes, tour, view_bar, widgets};
use crate::base::NodeId;
use crate::base::i18n::tr;
use crate::geom::Orientation;
use crate::image::LabelMap;
use crate::session::{Data, NodeKind};
use egui::{Frame, Margin, Panel, ScrollArea, Ui};

impl Workspace {
    /// The guided job or a form, and the jobs that run.
    pub(super) fn left(&mut self, ui: &mut Ui, view: &AppView<'_>, wishes: &mut Vec<Wish>) {
        let running = view.session.jobs();
        if !running.is_empty() || view.busy.is_some() {
            Panel::bottom("jobs").frame(Frame::new().inner_margin(Margin { top: 8, ..Margin::ZERO })).show(ui, |ui| {
                if let Some(file) = view.busy {
                    jobs::file_ui(ui, file, wishes);
                }
                jobs::jobs_ui(ui, view.session.tools(), &running, wishes);
            });
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let case = view.session.case();
            if let Some(form) = &mut self.form {
                form::form_ui(ui, form, case, self.crosshair, wishes);
            } else if let Some(setup) = &mut self.flow_setup {
                setup.show(ui, case, self.crosshair, wishes);
            } else if self.volume.as_ref().is_some_and(|volume| volume.open) {
                self.volume_ui(ui, case, &view.scene.camera, wishes);
            } else if let Some(operate) = &mut self.operate {
                operate.show(ui, case, view.scene.operation.as_ref(), wishes);
            } else if let Some(circulation) = &mut self.circulation {
                circulation.show(ui, case, self.crosshair, wishes);
            } else if let Some(planning) = &mut self.planning {
                planning.show(ui, case, self.crosshair, wishes);
            } else if let Some(editor) = &mut self.editor {
                let scan = find::active_scan(case, Some(editor.group)).map(|(id, _, scan)| (id, scan));
                editor.show(ui, case, scan, wishes);
            } else {
                let (selected, crosshair) = (self.selected, self.crosshair);
                let steps = steps::StepsView { app: view, selected, crosshair, open: self.step };
                steps::steps_ui(ui, &steps, wishes);
            }
        });
    }

    /// Objects, details, history and log.
    pub(super) fn right(&mut self, ui: &mut Ui, view: &AppView<'_>, wishes: &mut Vec<Wish>) {
        let height = ui.available_height();
        let plain = Frame::new().inner_margin(Margin { top: 6, ..Margin::ZERO });
        Panel::bottom("lower")
            .frame(plain)
            .resizable(true)
            .default_size((0.22 * height).clamp(90.0, 190.0))
            .size_range(60.0..=(0.32 * height).max(61.0))
            .show(ui, |ui| {
                ui.horizontal(|ui| {
                    for (lower, name) in [
                        (Lower::History, tr("area-history")),
                        (Lower::Log, tr("area-log")),
                        (Lower::Measures, tr("area-measures")),
                    ] {
                        let text = theme::heading(name).color(if self.lower == lower {
                            theme::of(ui).strong
                        } else {
                            theme::of(ui).weak
                        });
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
                            Lower::Measures => {
                                let hidden = self.slices.measures.hidden;
                                measures::measures_ui(ui, view.session.case(), self.selected, hidden, wishes);
                            }
                        }
                    });
            });
        Panel::bottom("inspector")
            .frame(plain)
            .resizable(true)
            .default_size((0.34 * height).clamp(120.0, 300.0))
            .size_range(60.0..=(0.46 * height).max(61.0))
            .show(ui, |ui| {
                widgets::panel_heading(ui, tr("area-details"), |_| {});
                ScrollArea::vertical().id_salt("inspector").auto_shrink(false).show(ui, |ui| match self.selected {
                    Some(id) => {
                        let preview = self.preview.as_ref().filter(|(of, _)| *of == id).map(|(_, display)| display);
                        inspector::inspector_ui(ui, view.session.case(), view.session.tools(), id, preview, wishes);
                    }
                    None => inspector::nothing_selected_ui(ui),
                });
            });
        widgets::panel_heading(ui, tr("area-objects"), |_| {});
        ScrollArea::vertical().id_salt("objects").auto_shrink(false).show(ui, |ui| {
            let mut state =
                ObjectsState { selected: self.selected, isolated: self.isolated, renaming: &mut self.renaming };
            objects::objects_ui(ui, view.session.case(), &mut state, wishes);
        });
    }

    /// Slices and scene, or the invitation; returns where the 3D views belong.
    pub(super) fn middle(&mut self, ui: &mut Ui, view: &AppView<'_>, wishes: &mut Vec<Wish>) -> [Option<ScenePane>; 2] {
        let case = view.session.case();
        let scan = find::active_scan(case, self.selected);
        let has_objects = case.nodes().any(|(_, node)| is_in_scene(&node.data));
        let typing = self.typed || ui.ctx().text_edit_focused();
        let is_ours = !typing && !self.welcome && !view.covered && self.dialog.is_none() && self.palette.is_none();
        let enter = is_ours && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let (tool, shown_scan) = (self.slices.tool, scan.map(|(id, ..)| id));
        self.slices.measures.follow(ui, tool, shown_scan, enter, wishes);
        self.panes.clear();
        self.needed.clear();
        self.slices.forget_hidden(|orientation| self.layout.shows(Pane::Slice(orientation)));
        let first = Orientation::ALL.into_iter().find(|view| self.layout.shows(Pane::Slice(*view)));
        self.slices.told_in = first.unwrap_or(Orientation::Axial);
        if self.welcome || scan.is_none() && !has_objects {
            self.welcome_page(ui, view, wishes);
            self.probe = None;
            return [None, None];
        }
        self.slices.measures.refresh(case, self.selected, self.isolated, self.preview.as_ref());
        let bar = Frame::new().fill(theme::of(ui).bar);
        let stroke = self.editor.as_ref().and_then(|editor| editor.preview());
        let edited = self.editor.as_ref().and_then(|editor| editor.labels(case)).cloned();
        let range = self.threshold_preview();
        let shown = Panel::top("view bar").frame(bar).show_separator_line(false).resizable(false).show(ui, |ui| {
            view_bar::view_bar_ui(ui, &mut self.slices, self.slices_in_scene, case, scan, &self.layout, wishes);
        });
        self.parts.insert(Part::ViewBar, shown.response.rect);
        let titles = [scenes::FIRST, scenes::SECOND].map(|which| self.title_of(which, view));
        let two_scenes = self.has_two_scenes();
        self.comparison_ui(ui, &titles, wishes);
        self.play_phases(ui.ctx(), case, view.now_s);
        if let Some((_, _, scan)) = scan {
            let area = ui.available_rect_before_wrap();
            self.slices.play(ui.ctx(), area, scan.grid(), &mut self.crosshair, view.now_s);
        }
        let subject = scan.map(|(id, node, scan)| SliceSubject {
            node: id,
            name: &node.name,
            scan,
            hash: node.hash(),
            overlays: self.label_overlays(view, stroke.as_ref()),
            range,
            crosshair: self.crosshair.unwrap_or_else(|| scan.grid().bounds().centre()),
            fused: fused(self.slices.fusion, case, id),
        });
        let (mut panes, mut probe) = ([None, None], None);
        let (selected, crosshair) = (self.selected, self.crosshair);
        let volume_shown = scan.is_some().then(|| self.shown_volume().is_some());
        let shows_volume = volume_shown == Some(true);
        let (isolated, ghosted, cut, scenes) = (self.isolated, self.ghosted, self.cut.as_ref(), &self.scenes);
        let (marks, operates) = (self.marks, self.operate.is_some());
        let Self {
            layout,
            slices,
            editor,
            flow_setup,
            planning,
            board,
            curved,
            volume,
            volume_panel,
            parts,
            settings,
            walk,
            panes: shown_panes,
            needed,
            ..
        } = self;
        if let Some(planning) = planning.as_mut() {
            let draws = slices.tool == MouseTool::Measure(crate::geom::measure::Kind::Geodesic);
            let shows = [Pane::FlatCut, Pane::Depths].map(|pane| layout.shows(pane));
            planning.look(shows, (crosshair, slices.turn), draws, case, wishes);
        }
        let shows_flow = flow_setup.as_ref().is_some_and(|setup| setup.is_shown());
        let shows_something = has_objects || shows_flow || shows_volume;
        layout.show(ui, &mut |ui, rect, what| match (note_pane(shown_panes, what, rect), &subject) {
            (Pane::Plot, _) => layouts::plot_ui(ui, rect, case, selected),
            (Pane::Caption, _) => layouts::caption_ui(ui, rect, &mut settings.caption),
            (Pane::Plans, _) => board.show(ui, rect, case, planning.as_ref().map(|own| own.node), wishes),
            (Pane::FlatCut | Pane::Depths, _) => match planning.as_mut() {
                Some(planning) if what == Pane::FlatCut => planning.flat_cut_ui(ui, rect, case, wishes),
                Some(planning) => planning.depths_ui(ui, rect, crosshair, wishes),
                None => plan::no_plan_ui(ui, rect, wishes),
            },
            (Pane::Scene | Pane::SecondScene, _) => {
                let which = scenes::number(what);
                let own = &*view.scene.of(which, titles[which].clone());
                // The mouse is in one of them; what follows it is drawn there only.
                let is_used = which == view.scene.in_use;
                let shows_other = which == scenes::SECOND && scenes.compare.is_some();
                let shown = Shown { isolated, ghosted, cut, pane: what };
                if what == Pane::Scene {
                    parts.insert(Part::Scene, rect);
                }
                let letters = slices.annotations;
                let mut scene = scene_view::scene_ui(
                    ui,
                    rect,
                    own,
                    letters,
                    shows_something || shows_other,
                    volume_shown.filter(|_| !shows_other),
                    case,
                    shown,
                    wishes,
                );
                if two_scenes {
                    let width = scene_view::title(ui.painter(), rect, own).1;
                    scenes::bar_ui(ui, rect, which, width, scenes, case, shows_volume, wishes);
                }
                if !shows_other {
                    slices.measures.paint_scene(ui, rect, &own.camera, Some(&view.scene.views[which].covered));
                } else if let Some(other) = scenes.compare.as_ref().and_then(|compare| compare.measures.as_ref())
                    && !slices.measures.hidden
                {
                    other.paint_scene(ui, rect, &own.camera, None);
                }
                if scene.double_clicked.is_some() && !matches!(slices.tool, MouseTool::Measure(_)) {
                    wishes.push(Wish::Maximise(what));
                }
                if !is_used || shows_other {
                    panes[which] = Some(scene);
                    return;
                }
                let others_draw = operates || editor.as_ref().is_some_and(|editor| editor.takes_the_mouse());
                if !others_draw {
                    slices.measures.act_in_scene(ui, rect, own, subject.as_ref(), &mut scene, wishes);
                }
                if let (MouseTool::Measure(kind), Some(pos)) = (slices.tool, scene.clicked)
                    && !kind.is_flat()
                    && let (Some(picked), Some(subject)) = (&own.picked, &subject)
                {
                    let away = -own.camera.right_up_back()[2];
                    let on_surface = case.node(picked.node).is_some_and(|node| node.data.kind() == NodeKind::Surface);
                    let is_of_surface = kind == crate::geom::measure::Kind::Geodesic;
                    let of = if is_of_surface { picked.node } else { subject.node };
                    if on_surface || !is_of_surface {
                        slices.measures.place_in_scene(kind, picked.point, of, away, pos, wishes);
                        scene.clicked = None;
                    }
                }
                if let Some(setup) = flow_setup.as_mut().filter(|_| marks) {
                    setup.marks_ui(ui, rect, &own.camera);
                }
                if let Some(planning) = planning.as_mut().filter(|_| marks) {
                    planning.in_scene(ui, rect, case, own, crosshair, &mut scene, wishes);
                }
                if let Some(editor) = editor.as_mut() {
                    let (mouse, held) = ui.input(|input| (input.pointer.latest_pos(), input.pointer.primary_down()));
                    let cut = editor.act_in_scene(&mut scene, &own.camera, mouse, held, &ui.painter_at(rect));
                    wishes.extend(cut.map(|command| Wish::Ask(Request::Run(command))));
                }
                if let (Some(volume), Some(true)) = (volume.as_mut(), volume_shown) {
                    volume_panel.show_in_scene(ui, rect, volume, &mut scene, &own.camera, case, slices);
                }
                if let Some(walk) = walk.as_mut() {
                    walk.bar_ui(ui, rect, case, &mut scene, wishes);
                    needed.extend(walk_bar_in(rect));
                }
                panes[which] = Some(scene);
            }
            (Pane::Slice(orientation), Some(subject)) => {
                if orientation == Orientation::Axial {
                    parts.insert(Part::Axial, rect);
                }
                let editing = editor.as_mut().zip(edited.as_ref());
                let answer = slices.show(ui, rect, orientation, subject, editing, wishes);
                if let Some(planning) = planning.as_mut().filter(|_| marks) {
                    let (geometry, reach_mm) = slices.geometry(rect, orientation, subject);
                    planning.on_slice(ui, &geometry, reach_mm, case, crosshair, wishes);
                }
                probe = probe.take().or(answer.probe);
                if answer.maximise {
                    wishes.push(Wish::Maximise(what));
                }
            }
            (Pane::Curved, Some(subject)) => {
                let window = *slices.window(subject.node, subject.scan, subject.hash);
                let (crosshair, annotations) = (slices.crosshair, slices.annotations);
                let scene = CurvedScene { case, selected, subject, window, crosshair, annotations };
                let answer = curved.show(ui, rect, &scene, wishes);
                if answer.window != egui::Vec2::ZERO {
                    let window = slices.window(subject.node, subject.scan, subject.hash);
                    *window = window.dragged(answer.window, false);
                }
                probe = probe.take().or_else(|| Some(slices.probe_at(answer.under?, subject)));
                if answer.maximise {
                    wishes.push(Wish::Maximise(what));
                }
            }
            (Pane::Slice(_) | Pane::Curved, None) => {
                ui.painter().rect_filled(rect, 0, egui::Color32::BLACK);
            }
        });
        self.slices.measures.writing_ui(ui, wishes);
        self.probe = probe;
        panes
    }

    /// The segmentations that are shown.
    fn label_overlays<'a>(&self, view: &AppView<'a>, stroke: Option<&'a (NodeId, LabelMap, u64)>) -> Vec<Overlay<'a>> {
        let shown = |id: NodeId, visible: bool| visible && self.isolated.is_none_or(|only| only == id);
        let maps = find::label_maps(view.session.case()).filter(|(id, node, _)| shown(*id, node.display.visible));
        let overlay = |(id, node, labels): (NodeId, &'a std::sync::Arc<crate::session::Node>, &'a LabelMap)| {
            let preview = self.preview.as_ref().filter(|(of, _)| *of == id).map(|(_, display)| display.opacity);
            let stroke = stroke.filter(|(of, ..)| *of == id);
            let (labels, revision) = stroke.map_or((labels, 0), |(_, labels, revision)| (labels, *revision));
            Overlay { labels, hash: node.hash(), revision, opacity: preview.unwrap_or(node.display.opacity) }
        };
        maps.map(overlay).collect()
    }

    /// The range of values that an open threshold form would take.
    fn threshold_preview(&self) -> Option<[f64; 2]> {
        let params = self.form_of("segment.threshold")?;
        let number = |name: &str| params.get(name).and_then(serde_json::Value::as_f64);
        let by_hand = params.get("method").and_then(serde_json::Value::as_str).is_none_or(|method| method == "manual");
        (by_hand && params.get("tissue").is_none()).then_some(())?;
        Some([number("low_hu")?, number("high_hu")?])
    }

    /// Toasts, dialogs, the palette.
    pub(super) fn show_overlays(&mut self, ctx: &egui::Context, view: &AppView<'_>, wishes: &mut Vec<Wish>) {
        let area = ctx.content_rect().shrink2(egui::vec2(296.0, 26.0));
        if !self.hides_names() {
            messages::toasts_ui(ctx, area, &self.needed, view.messages, view.now_s, &mut self.closed_toasts);
        }
        self.refusal_ui(ctx, view.now_s);
        if let Some(file) = view.busy.filter(|_| !self.parts.contains_key(&Part::Left)) {
            let at = ctx.content_rect().left_bottom() + egui::vec2(12.0, -40.0);
            let area = egui::Area::new(egui::Id::new("file operation")).order(egui::Order::Foreground);
            area.pivot(egui::Align2::LEFT_BOTTOM).fixed_pos(at).show(ctx, |ui| {
                ui.set_width(260.0_f32.min(ctx.content_rect().width() - 24.0).max(1.0));
                jobs::file_ui(ui, file, wishes);
            });
        }
        if self.dialog.is_none() && self.palette.is_none() {
            match &self.tour {
                Some(at) => tour::tour_ui(ctx, at, &self.parts, wishes),
                None if self.offers_the_tour(view) => tour::offer_ui(ctx, wishes),
                None => {}
            }
        }
        if let Some(mut dialog) = self.dialog.take() {
            let done = dialogs::dialog_ui(ctx, &mut dialog, view.scene, wishes);
            self.dialog = Some(dialog).filter(|_| !done);
        }
        if let Some(mut palette) = self.palette.take() {
            let (wish, done) = palette.show(ctx, view.session.tools(), &|wish| self.why_not(wish, view));
            if let Some((name, wish)) = wish {
                self.settings.note_used(&name);
                wishes.push(wish);
            }
            self.palette = Some(palette).filter(|_| !done);
        }
    }
}

/// Remember where a view is.
fn note_pane(panes: &mut Vec<(Pane, egui::Rect)>, pane: Pane, rect: egui::Rect) -> Pane {
    panes.push((pane, rect));
    pane
}

/// Whether data of this kind appears in the 3D scene.
fn is_in_scene(data: &Data) -> bool {
    !matches!(data.kind(), NodeKind::Scan | NodeKind::Labels | NodeKind::Measure | NodeKind::View | NodeKind::Plan)
}
