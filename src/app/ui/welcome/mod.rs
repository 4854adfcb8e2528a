//! What is shown before there is a scan, or on request: ways to begin, bundled cases, cases opened before.

mod cards;
mod recents;

use super::contract::Request;
use super::settings::{Recent, names_hidden};
use super::tour::TourWish;
use super::widgets::{list_row, text_in};
use super::wish::Wish;
use super::{icons, theme, words};
use crate::base::i18n::{in_tables, tr};
use crate::session::{Kind, ToolEntry};
use cards::{Card, card};
use egui::{Align2, FontId, Rect, Stroke, StrokeKind, Ui, Vec2};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What the page needs to know.
#[derive(Debug)]
pub struct WelcomeView<'a> {
    /// Cases opened before, the newest first.
    pub recent: &'a [Recent],
    /// Those of them that are not where they were.
    pub missing: &'a BTreeSet<PathBuf>,
    /// All tools.
    pub tools: &'static [ToolEntry],
    /// Whether there is a case to go back to.
    pub has_case: bool,
    /// The time, in seconds since 1970.
    pub now_s: u64,
}

/// Widest page, in points.
const WIDTH_MAX: f32 = 860.0;
/// Narrowest page with two columns.
const TWO_COLUMNS: f32 = 620.0;
/// A card with an icon, a title and two lines.
const CARD_HEIGHT: f32 = 108.0;
/// Between two cards.
const GAP: f32 = 12.0;

/// What a phantom shows, by the word of the tool.
pub const PHANTOMS: [(&str, &str); 6] = [
    ("abdomen", "Abdomen: liver, tumour, vessels"),
    ("chest", "Chest with bronchi"),
    ("vessel", "Vessel with a stenosis"),
    ("curved", "Curved vessel"),
    ("bifurcation", "Fork of a vessel"),
    ("tube", "Exact cylinder"),
];

/// Show the page in `rect`.
pub fn welcome_ui(ui: &mut Ui, rect: Rect, view: &WelcomeView<'_>, wishes: &mut Vec<Wish>) {
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0, theme::of(ui).bar);
    let dragging = ui.input(|input| !input.raw.hovered_files.is_empty());
    let width = (rect.width() - 48.0).clamp(120.0, WIDTH_MAX);
    let page = Rect::from_center_size(rect.center(), Vec2::new(width, rect.height()));
    ui.scope_builder(egui::UiBuilder::new().max_rect(page), |ui| {
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.set_width(width);
            // Where there is room the page stands a little above the middle.
            ui.add_space(((rect.height() - 600.0) * 0.35).clamp(14.0, 120.0));
            head(ui, view, wishes);
            ui.add_space(18.0);
            if width < TWO_COLUMNS {
                begin(ui, view, dragging, wishes);
                ui.add_space(18.0);
                recents::recents_ui(ui, view, wishes);
            } else {
                ui.columns(2, |columns| {
                    columns[0].set_width(0.5 * width - GAP);
                    begin(&mut columns[0], view, dragging, wishes);
                    recents::recents_ui(&mut columns[1], view, wishes);
                });
            }
            ui.add_space(18.0);
            ui.vertical_centered(|ui| {
                ui.label(theme::small(tr("purpose-sentence")));
                ui.label(theme::small(format!("prosector {}", env!("CARGO_PKG_VERSION"))).color(theme::of(ui).faint));
            });
            ui.add_space(14.0);
        });
    });
    if dragging {
        let frame = rect.shrink(8.0);
        painter.rect_filled(frame, 14, theme::of(ui).bar.gamma_multiply(0.82));
        painter.rect_stroke(frame, 14, Stroke::new(2.0, theme::of(ui).accent), StrokeKind::Inside);
        let font = theme::semibold(20.0);
        painter.text(frame.center(), Align2::CENTER_CENTER, tr("welcome-drop"), font, theme::of(ui).strong);
    }
}

fn head(ui: &mut Ui, view: &WelcomeView<'_>, wishes: &mut Vec<Wish>) {
    ui.horizontal(|ui| {
        ui.vertical(|ui| {
            ui.label(theme::strong(tr("welcome-title")).size(26.0));
            ui.label(theme::small(tr("welcome-what")).size(13.5));
        });
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if view.has_case && ui.button(format!("{}  {}", icons::ARROW_LEFT, tr("welcome-back"))).clicked() {
                wishes.push(Wish::Welcome);
            }
        });
    });
}

/// Cards side by side, as many as fit.
fn row(ui: &mut Ui, cards: &[Card<'_>], height: f32, wishes: &mut Vec<Wish>) {
    let columns = if ui.available_width() < 250.0 { 1 } else { 2 };
    let width = (ui.available_width() - GAP * (columns - 1) as f32) / columns as f32;
    for line in cards.chunks(columns) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            for each in line {
                if card(ui, Vec2::new(width, height), each) {
                    wishes.push(each.wish.clone());
                }
            }
        });
        ui.add_space(GAP - ui.spacing().item_spacing.y);
    }
}

fn begin(ui: &mut Ui, view: &WelcomeView<'_>, dragging: bool, wishes: &mut Vec<Wish>) {
    ui.label(theme::heading(tr("welcome-own")));
    ui.add_space(4.0);
    let open = [
        Card::new(
            icons::FOLDER_OPEN,
            tr("welcome-folder"),
            tr("welcome-folder-help"),
            Wish::Ask(Request::OpenFolderDialog),
        ),
        Card::new(icons::FILE_IMPORT, tr("welcome-file"), tr("welcome-file-help"), Wish::Ask(Request::OpenFileDialog)),
    ];
    row(ui, &open, CARD_HEIGHT, wishes);
    drop_target(ui, dragging);
    ui.add_space(14.0);
    ui.label(theme::heading(tr("welcome-bundled")));
    ui.add_space(4.0);
    let chest = Wish::Ask(Request::LoadSample("chest"));
    let mut bundled = vec![Card::new(icons::LUNGS, tr("welcome-chest"), tr("welcome-chest-help"), chest)];
    let phantom = view.tools.iter().find(|tool| tool.id == "scan.phantom");
    if phantom.is_some() {
        let wish = Wish::Launch { tool: "scan.phantom".into(), params: json!({}) };
        bundled.push(Card::new(icons::FLASK, tr("welcome-phantom"), tr("welcome-phantom-help"), wish));
    }
    row(ui, &bundled, CARD_HEIGHT, wishes);
    let kinds = phantom.map(kinds).unwrap_or_default();
    if !kinds.is_empty() {
        ui.horizontal_wrapped(|ui| {
            ui.label(theme::small(tr("welcome-phantoms")));
            for kind in kinds {
                let help = PHANTOMS
                    .iter()
                    .find(|(word, _)| *word == kind)
                    .map_or(kind, |(_, help)| in_tables("phantom", help));
                let name = words::given_choice(phantom, "kind", kind);
                if ui.button(theme::sentence(&name)).on_hover_text(help).clicked() {
                    wishes.push(Wish::Launch { tool: "scan.phantom".into(), params: json!({ "kind": kind }) });
                }
            }
        });
    }
    ui.add_space(10.0);
    ui.horizontal_wrapped(|ui| {
        ui.label(theme::small(tr("tour-offer")));
        if ui.button(tr("tour-start")).on_hover_text(tr("tour-offer-text")).clicked() {
            // It brings a scan where there is none.
            wishes.push(Wish::Tour(TourWish::Start));
        }
    });
}

/// The kinds of phantom the tool makes, without the one that is made if nothing is asked for.
fn kinds(tool: &ToolEntry) -> Vec<&'static str> {
    let Some(spec) = tool.params.iter().find(|spec| spec.name == "kind") else { return Vec::new() };
    let usual: Option<Value> = spec.default.and_then(|text| serde_json::from_str(text).ok());
    match spec.kind {
        Kind::Choice(words) => words.iter().copied().filter(|word| usual != Some(json!(word))).collect(),
        _ => Vec::new(),
    }
}

/// Where files are let go of: all of the window takes them, this says so.
fn drop_target(ui: &mut Ui, dragging: bool) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 40.0), egui::Sense::hover());
    let colour = if dragging { theme::of(ui).accent } else { theme::of(ui).line };
    let [a, b, c, d] = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()];
    let dashes = egui::Shape::dashed_line(&[a, b, c, d, a], Stroke::new(1.0, colour), 5.0, 4.0);
    ui.painter().extend(dashes);
    let font = FontId::proportional(12.5);
    let text = tr("welcome-or-drop");
    let width = rect.width() - 20.0;
    let galley = ui.painter().layout(text.into(), font, theme::of(ui).weak, width);
    ui.painter().galley(rect.center() - 0.5 * galley.size(), galley, theme::of(ui).weak);
}

/// Whether names of cases may be shown.
fn shows_names(ui: &Ui) -> bool {
    !names_hidden(ui.ctx())
}

/// The icon of what lies at a path.
fn icon_of(recent: &Recent) -> &'static str {
    if recent.path.extension().is_some_and(|ending| ending == "prosector") { icons::FILE } else { icons::STACK_2 }
}
