//! The guided panel: import, segment, model, plan, simulate, report, each with its most useful actions.

use super::contract::AppView;
use super::offers::{Offer, TILES, offers};
use super::widgets::{TileState, tile, tile_width};
use super::wish::Wish;
use super::{find, icons, theme, words};
use crate::base::{NodeId, i18n};
use crate::geom::Point;
use crate::segment::organ::PRESETS;
use crate::session::{Case, NodeKind, Step, ToolEntry};
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

const STEPS: [Step; 6] = [Step::Import, Step::Segment, Step::Model, Step::Plan, Step::Simulate, Step::Report];

/// Show the guided panel.
pub fn steps_ui(ui: &mut Ui, view: &StepsView<'_>, wishes: &mut Vec<Wish>) {
    let case = view.app.session.case();
    for (number, step) in STEPS.into_iter().enumerate() {
        let open = step == view.open;
        let done = done_text(case, step);
        let header = header(ui, number + 1, words::step(step), &done, open);
        if header.clicked() {
            wishes.push(Wish::OpenStep(step));
        }
        let top = header.rect.bottom();
        if open {
            ui.indent_by(step, |ui| {
                tiles(ui, offers(step, view), wishes);
                if step == Step::Segment {
                    more_organs(ui, view, wishes);
                }
                more_tools(ui, view.app.session.tools(), step, wishes);
                ui.add_space(8.0);
            });
        }
        if number + 1 < STEPS.len() {
            let x = header.rect.left() + 15.0;
            let bottom = ui.cursor().top() + 2.0;
            ui.painter().vline(x, top - 4.0..=bottom, Stroke::new(1.5, theme::of(ui).line));
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
        painter.rect_filled(rect, 5, theme::of(ui).card);
    }
    super::widgets::focus_ring(ui, &response, rect);
    let at = rect.left_center() + Vec2::new(15.0, 0.0);
    let (fill, text) = match (open, done.is_empty()) {
        (true, _) => (theme::of(ui).accent, theme::of(ui).on_accent),
        (false, false) => (theme::of(ui).done, theme::of(ui).good),
        (false, true) => (theme::of(ui).card_hovered, theme::of(ui).weak),
    };
    painter.circle_filled(at, 10.5, fill);
    if done.is_empty() || open {
        painter.text(at, Align2::CENTER_CENTER, number, theme::semibold(12.0), text);
    } else {
        painter.text(at, Align2::CENTER_CENTER, icons::CHECK, FontId::proportional(14.0), text);
    }
    let colour = if open || hot { theme::of(ui).strong } else { theme::of(ui).text };
    let name_at = at + Vec2::new(19.0, 0.0);
    let name = painter.text(name_at, Align2::LEFT_CENTER, name, theme::semibold(14.0), colour);
    let room = Rect::from_min_max(egui::pos2(name.right() + 8.0, rect.top()), rect.max - Vec2::new(4.0, 0.0));
    let painter = painter.with_clip_rect(room);
    painter.text(room.right_center(), Align2::RIGHT_CENTER, done, FontId::proportional(11.5), theme::of(ui).weak);
    response
}

/// What of a step is in the case, in two or three words; empty if nothing.
fn done_text(case: &Case, step: Step) -> String {
    let count = |kinds: &[NodeKind]| case.nodes().filter(|(_, node)| kinds.contains(&node.data.kind())).count();
    let (n, words) = match step {
        Step::Import => (count(&[NodeKind::Scan]), "step-done-scans"),
        Step::Segment => {
            let n = find::label_maps(case).map(|(_, _, labels)| labels.segments().len()).sum();
            (n, "step-done-segments")
        }
        Step::Model => (count(&[NodeKind::Surface, NodeKind::Tets]), "step-done-meshes"),
        Step::Plan => (count(&[NodeKind::Plan]), "step-done-plans"),
        Step::Simulate => (count(&[NodeKind::Tissue, NodeKind::Flow]), "step-done-results"),
        Step::Report | Step::Object => (0, ""),
    };
    match n {
        0 => String::new(),
        n => i18n::tr_with(words, &[("count", n.into())]),
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
            let fits = |ui: &Ui, offer: &Offer| tile_width(ui, i18n::in_tables("offer", offer.label)) <= width;
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
    let help = words::help_of("offer", label, help);
    let response = tile(ui, width, icon, i18n::in_tables("offer", label), help, &state);
    match (&state, result) {
        (TileState::Done, Some(node)) if response.clicked() => wishes.push(Wish::Select(Some(node))),
        (TileState::Done, _) if response.secondary_clicked() => wishes.push(wish),
        (TileState::Ready, _) if response.clicked() => wishes.push(wish),
        _ => {}
    }
}

/// Organs that have no tile, by name.
fn more_organs(ui: &mut Ui, view: &StepsView<'_>, wishes: &mut Vec<Wish>) {
    let Some((scan, ..)) = find::active_scan(view.app.session.case(), view.selected) else { return };
    ui.scope(|ui| {
        let resting = &mut ui.visuals_mut().widgets.inactive;
        (resting.weak_bg_fill, resting.bg_stroke) = (egui::Color32::TRANSPARENT, egui::Stroke::NONE);
        ui.menu_button(theme::small(format!("{}  {}", i18n::tr("step-more-organs"), icons::CHEVRON_DOWN)), |ui| {
            for preset in PRESETS.iter().filter(|preset| !TILES.contains(&preset.id)) {
                if ui.button(words::organ(preset)).on_hover_text(words::organ_help(preset)).clicked() {
                    let mut params = json!({ "scan": scan.0, "preset": preset.id });
                    // A nodule is one of many: the crosshair says which.
                    if let (true, Some(point)) = (preset.id == "nodule", view.crosshair) {
                        params["seed"] = json!([point.x, point.y, point.z]);
                    }
                    wishes.push(Wish::Launch { tool: "segment.organ".into(), params });
                }
            }
            if let Some(tool) = crate::tools::find("segment.brain")
                && ui.button(i18n::tr("step-brain")).on_hover_text(words::tool_help(tool)).clicked()
            {
                wishes.push(Wish::Launch { tool: tool.id.into(), params: json!({ "scan": scan.0 }) });
            }
        });
    });
}

fn more_tools(ui: &mut Ui, tools: &'static [ToolEntry], step: Step, wishes: &mut Vec<Wish>) {
    let mut all = tools.iter().filter(|tool| tool.step == step).peekable();
    if all.peek().is_none() {
        return;
    }
    ui.scope(|ui| {
        let resting = &mut ui.visuals_mut().widgets.inactive;
        (resting.weak_bg_fill, resting.bg_stroke) = (egui::Color32::TRANSPARENT, egui::Stroke::NONE);
        ui.menu_button(theme::small(format!("{}  {}", i18n::tr("step-more-tools"), icons::CHEVRON_DOWN)), |ui| {
            for tool in all {
                if ui.button(words::tool_item(tool)).on_hover_text(words::tool_help(tool)).clicked() {
                    wishes.push(Wish::Form { tool: tool.id.into(), params: Value::Null });
                }
            }
        });
    });
}
