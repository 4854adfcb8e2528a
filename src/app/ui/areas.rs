//! The parts of the window: the middle, and what lies over everything.

use super::contract::{AppView, Request, ScenePane};
use super::curved::CurvedScene;
use super::docks::SidePanel;
use super::layout::{Arrangement, Pane};
use super::scene_menu::Shown;
use super::slice::{FusedLook, MouseTool, Overlay, SliceSubject, Slices, fused};
use super::tour::Part;
use super::two_scans::{First, Other, Second, no_second_ui};
use super::walk::bar_in as walk_bar_in;
use super::wish::Wish;
use super::workspace::Workspace;
use super::{dialogs, find, jobs, layouts, messages, plan, scene_cut, scene_view, scenes, theme, tour, view_bar};
use crate::base::NodeId;
use crate::geom::Orientation;
use crate::image::{LabelMap, Scan};
use crate::session::{Case, Data, Node, NodeKind};
use egui::{Frame, Panel, Ui};
use std::sync::Arc;

/// Height of the title and the buttons at the top of a view, in points.
const VIEW_BAR: f32 = 34.0;

impl Workspace {
    /// Slices and scene, or the invitation; returns where the 3D views belong.
    pub(super) fn middle(&mut self, ui: &mut Ui, view: &AppView<'_>, wishes: &mut Vec<Wish>) -> [Option<ScenePane>; 2] {
        let case = view.session.case();
        let scan = find::active_scan(case, self.selected);
        let has_objects = case.nodes().any(|(_, node)| is_in_scene(&node.data));
        let typing = self.typed || ui.ctx().text_edit_focused();
        let is_ours = !typing && !self.welcome && !view.covered && self.dialog.is_none() && self.palette.is_none();
        let enter = is_ours && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let other_case = self.other_case();
        let second = self.second_scan(case, other_case.as_ref());
        let mut shown_scans: Vec<NodeId> = scan.map(|(id, ..)| id).into_iter().collect();
        shown_scans.extend(second.and_then(|(which, ..)| which.here()));
        self.slices.measures.follow(ui, self.slices.tool, &shown_scans, enter, wishes);
        self.panes.clear();
        self.needed.clear();
        if self.slices.cine.plays_path() && !self.layout.shows(Pane::Curved) {
            self.slices.cine.stop();
        }
        self.slices.forget_hidden(|orientation| self.layout.shows(Pane::Slice(orientation)));
        let first = Orientation::ALL.into_iter().find(|view| self.layout.shows(Pane::Slice(*view)));
        self.slices.told_in = first.unwrap_or(Orientation::Axial);
        self.two_scans.slices.forget_hidden(|orientation| self.layout.shows(Pane::OtherSlice(orientation)));
        if self.welcome || scan.is_none() && !has_objects {
            self.welcome_page(ui, view, wishes);
            self.probe = None;
            return [None, None];
        }
        self.slices.measures.refresh(case, self.selected, self.isolated, self.preview.as_ref());
        let bar = Frame::new().fill(theme::of(ui).bar);
        let stroke = self.editor.as_ref().and_then(|editor| editor.preview());
        let edited = self.editor.as_ref().and_then(|editor| editor.labels(case)).cloned();
        let why_no_curve = self.why_not(&Wish::Arrange(Arrangement::Curved), view);
        let why_not = move |wish: &Wish| why_no_curve.filter(|_| *wish == Wish::Arrange(Arrangement::Curved));
        let shown = Panel::top("view bar").frame(bar).show_separator_line(false).resizable(false).show(ui, |ui| {
            view_bar::view_bar_ui(
                ui,
                &mut self.slices,
                self.slices_in_scene,
                case,
                scan,
                (&self.layout, &why_not),
                wishes,
            );
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
        // Beside another scan each has its own segments.
        let only = second.filter(|_| !self.two_scans.all_segments);
        let subject =
            scan.map(|(id, node, scan)| self.slice_subject(view, (id, node, scan), only.is_some(), stroke.as_ref()));
        let other_name = second.map(|(which, node, _)| match (which, &self.scenes.compare) {
            (Second::There(_), Some(compare)) => format!("{} · {}", compare.name, node.name),
            _ => node.name.clone(),
        });
        let other = second.zip(other_name.as_deref()).map(|((which, node, scan), name)| Other {
            which,
            subject: SliceSubject {
                node: which.node(),
                name,
                scan,
                hash: node.hash(),
                overlays: match which {
                    Second::Here(id) => self.label_overlays(case, only.map(|_| id), stroke.as_ref()),
                    Second::There(id) => {
                        other_case.as_ref().map_or_else(Vec::new, |case| overlays_there(case, only.map(|_| id)))
                    }
                },
                range: None,
                crosshair: subject.as_ref().map_or_else(crate::geom::Point::origin, |first| first.crosshair),
                fused: None,
            },
            cases: [Some(case), other_case.as_ref()],
        });
        let (mut panes, mut probe) = ([None, None], None);
        let (selected, crosshair) = (self.selected, self.crosshair);
        let volume_shown = scan.is_some().then(|| self.shown_volume().is_some());
        let shows_volume = volume_shown == Some(true);
        let (isolated, ghosted, cut, scenes) = (self.isolated, self.ghosted, self.cut.as_ref(), &self.scenes);
        let cut_plane = self.cut_plane().filter(|_| self.marks && self.walk.is_none());
        let (marks, operates) = (self.marks, self.operate.is_some());
        let Self {
            layout,
            slices,
            two_scans,
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
            cut_held,
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
        let shows_something = has_objects || shows_flow || shows_volume || planning.is_some();
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
                let tilt_locked = scenes.tilt_locked;
                let shown = Shown { isolated, ghosted, cut, tilt_locked, pane: what };
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
                needed.extend(scene_view::legends_in(rect, own));
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
                if let Some(plane) = cut_plane {
                    let now = (crosshair, slices.turn);
                    scene_cut::cut_ui(ui, rect, &own.camera, plane, cut_held, now, &mut scene, wishes);
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
                let aside = other.as_ref().map(|_| slices.measures.set_aside(subject.node));
                let answer = slices.show(ui, rect, orientation, subject, editing, wishes);
                aside.into_iter().for_each(|aside| slices.measures.bring_back(aside));
                two_scans.note(orientation, rect, answer.touched);
                if ui.input(|input| {
                    input.pointer.any_pressed() && input.pointer.interact_pos().is_some_and(|pos| rect.contains(pos))
                }) {
                    curved.leave();
                }
                if let Some(planning) = planning.as_mut().filter(|_| marks) {
                    let (geometry, reach_mm) = slices.geometry(rect, orientation, subject);
                    planning.on_slice(ui, &geometry, reach_mm, case, crosshair, wishes);
                }
                probe = probe.take().or(answer.probe);
                if answer.maximise {
                    wishes.push(Wish::Maximise(what));
                }
            }
            (Pane::OtherSlice(orientation), Some(subject)) => match &other {
                Some(other) => {
                    let measures = scenes.compare.as_ref().and_then(|compare| compare.measures.as_ref());
                    let first = First { slices, subject };
                    let answer = two_scans.show(ui, rect, orientation, first, (other, measures), wishes);
                    probe = probe.take().or(answer.probe);
                    if answer.maximise {
                        wishes.push(Wish::Maximise(what));
                    }
                }
                None => no_second_ui(ui, rect, scenes.compare.as_ref(), wishes),
            },
            (Pane::Curved, Some(subject)) => {
                let scene = curved_scene(slices, case, selected, subject, view.now_s);
                let answer = curved.show(ui, rect, &scene, &mut slices.cine, wishes);
                if answer.window != egui::Vec2::ZERO {
                    let window = slices.window(subject.node, subject.scan, subject.hash);
                    *window = window.dragged(answer.window, false);
                }
                probe = probe.take().or_else(|| Some(slices.probe_at(answer.under?, subject)));
                if answer.maximise {
                    wishes.push(Wish::Maximise(what));
                }
            }
            (Pane::Slice(_) | Pane::OtherSlice(_) | Pane::Curved, None) => {
                ui.painter().rect_filled(rect, 0, egui::Color32::BLACK);
            }
        });
        self.slices.measures.writing_ui(ui, wishes);
        self.probe = probe;
        panes
    }

    /// What slices show of a scan, with the stroke under the mouse; only its own segments where that is asked for.
    pub(super) fn slice_subject<'a>(
        &self,
        view: &AppView<'a>,
        (id, node, scan): (NodeId, &'a Arc<Node>, &'a Scan),
        only_own: bool,
        stroke: Option<&'a (NodeId, LabelMap, u64)>,
    ) -> SliceSubject<'a> {
        let case = view.session.case();
        SliceSubject {
            node: id,
            name: &node.name,
            scan,
            hash: node.hash(),
            overlays: self.label_overlays(case, only_own.then_some(id), stroke),
            range: self.threshold_preview(),
            crosshair: self.crosshair.unwrap_or_else(|| scan.grid().bounds().centre()),
            fused: fused(self.slices.fusion, case, id),
        }
    }

    /// The segmentations that are shown; only those of one scan, if it is named.
    fn label_overlays<'a>(
        &self,
        case: &'a Case,
        of: Option<NodeId>,
        stroke: Option<&'a (NodeId, LabelMap, u64)>,
    ) -> Vec<Overlay<'a>> {
        let shown = |id: NodeId, visible: bool| visible && self.isolated.is_none_or(|only| only == id);
        let is_of = |id: NodeId| of.is_none_or(|of| find::active_scan(case, Some(id)).is_some_and(|(id, ..)| id == of));
        let maps = find::label_maps(case).filter(|(id, node, _)| shown(*id, node.display.visible) && is_of(*id));
        let overlay = |(id, node, labels): (NodeId, &'a Arc<Node>, &'a LabelMap)| {
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

    /// Where toasts may stand, over the views and beside the panels, and what they leave free there if they can.
    fn room_for_toasts(&self, ctx: &egui::Context) -> (egui::Rect, Vec<egui::Rect>) {
        let views = self.panes.iter().map(|(_, rect)| *rect).reduce(egui::Rect::union);
        // The welcome page has no views, and narrow ones have no room.
        let area = views.filter(|views| messages::WIDEST <= views.width());
        let area = area.unwrap_or_else(|| ctx.content_rect().shrink2(egui::vec2(0.0, 26.0)));
        // Titles and buttons of a view are at its top.
        (area, self.panes.iter().map(|(_, rect)| rect.with_max_y(rect.top() + VIEW_BAR)).collect())
    }

    /// Toasts, dialogs, the palette.
    pub(super) fn show_overlays(&mut self, ctx: &egui::Context, view: &AppView<'_>, wishes: &mut Vec<Wish>) {
        if !self.hides_names() {
            let (area, bars) = self.room_for_toasts(ctx);
            let closed = &mut self.closed_toasts;
            messages::toasts_ui(ctx, area, &self.needed, &bars, view.messages, view.now_s, closed);
        }
        self.refusal_ui(ctx, view.now_s);
        if let Some(file) = view.busy.filter(|_| !self.docking.shows(SidePanel::Jobs)) {
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

/// The segmentations that are shown of a case that is only looked at; only those of one scan, if it is named.
fn overlays_there(case: &Case, of: Option<NodeId>) -> Vec<Overlay<'_>> {
    let is_of = |id: NodeId| of.is_none_or(|of| find::active_scan(case, Some(id)).is_some_and(|(id, ..)| id == of));
    let shown = find::label_maps(case).filter(|(id, node, _)| node.display.visible && is_of(*id));
    let overlay = |(_, node, labels): (NodeId, &std::sync::Arc<crate::session::Node>, _)| {
        (labels, node.hash(), node.display.opacity)
    };
    shown.map(overlay).map(|(labels, hash, opacity)| Overlay { labels, hash, revision: 0, opacity }).collect()
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

/// What the view along a way shows of a scan: as slices do.
pub(super) fn curved_scene<'a>(
    slices: &mut Slices,
    case: &'a Case,
    selected: Option<NodeId>,
    subject: &'a SliceSubject<'a>,
    now_s: f64,
) -> CurvedScene<'a> {
    let over = subject.fused.map(|fused| FusedLook {
        window: slices.window(fused.node, fused.scan, fused.hash).shown(),
        look: *slices.look_over(fused.node),
    });
    CurvedScene {
        case,
        selected,
        subject,
        window: *slices.window(subject.node, subject.scan, subject.hash),
        look: *slices.look(subject.node),
        over,
        segments: slices.segments.then_some(slices.segment_look),
        tool: slices.tool,
        crosshair: slices.crosshair,
        annotations: slices.annotations,
        now_s,
    }
}
