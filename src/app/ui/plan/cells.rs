//! The cells of the comparison board: heads of plans, numbers with bounds, verdicts by colour, sign and word.

use super::board::{Line, NAMES};
use super::score::{colour_of, icon_of, unsaid_colour, word_of, word_of_plan};
use crate::app::ui::wish::Wish;
use crate::app::ui::{icons, theme, words};
use crate::base::NodeId;
use crate::base::i18n::{tr, tr_with};
use crate::plan::compare::{Board, Column};
use crate::plan::{Judgement, Term, Verdict};
use egui::{Button, Color32, Label, Layout, Rect, Response, RichText, Sense, Ui, UiBuilder, Vec2};

/// A part of the table with its own contents, cut at what lies before it.
fn part(
    ui: &mut Ui,
    rect: Rect,
    clip: Rect,
    salt: impl std::hash::Hash + std::fmt::Debug,
    content: impl FnOnce(&mut Ui),
) -> Response {
    let id = ui.id().with(salt);
    let inner = rect.shrink2(Vec2::new(6.0, 2.0));
    let layout = Layout::top_down(egui::Align::Min);
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt(id).layout(layout));
    child.set_clip_rect(clip.intersect(ui.clip_rect()));
    child.spacing_mut().item_spacing.y = 0.0;
    content(&mut child);
    ui.interact(rect.intersect(clip), id, Sense::hover())
}

/// A line of text cut to its column; the whole of it is told where the mouse rests on it.
fn text(ui: &mut Ui, text: RichText) {
    ui.add(Label::new(text).truncate().selectable(false));
}

/// The head of a column: its plan, to be opened, and whether it may be done.
pub(super) fn head_ui(
    ui: &mut Ui,
    rect: Rect,
    clip: Rect,
    board: &Board,
    n: usize,
    column: &Column,
    open: Option<NodeId>,
    wishes: &mut Vec<Wish>,
) {
    let is_open = open == Some(NodeId(column.id));
    let (icon, colour, word) = verdict(ui, board, n, column);
    part(ui, rect, clip, ("head", n), |ui| {
        let name = Button::selectable(is_open, theme::strong(column.name.as_str())).truncate();
        let response = ui.add(name);
        if response.gained_focus() {
            // Not under the names of terms.
            ui.scroll_to_rect(Rect::from_min_max(rect.min - Vec2::new(NAMES, 0.0), rect.max), None);
        }
        if response.on_hover_text(tr_with("board-open", &[("name", column.name.as_str().into())])).clicked() {
            wishes.push(Wish::Plan(Some(NodeId(column.id))));
        }
        text(ui, RichText::new(format!("{icon} {word}")).size(12.0).color(colour));
        if let Some(why) = &column.stale {
            let stale = RichText::new(tr("board-stale")).size(11.5).color(theme::of(ui).warning);
            ui.add(Label::new(stale).truncate().selectable(false)).on_hover_text(words::said(why));
        } else if let Some(total) = column.total {
            text(ui, theme::small(tr_with("plan-total", &[("total", format!("{total:.2}").as_str().into())])));
        }
    });
}

/// Icon, colour and word of a whole plan.
fn verdict(ui: &Ui, board: &Board, n: usize, column: &Column) -> (&'static str, Color32, String) {
    let cells = board.rows.iter().filter_map(|row| row.cells[n].as_ref()).map(|term| term.verdict);
    let worst = cells.filter(|verdict| *verdict != Verdict::NotValid).max().unwrap_or(Verdict::Ok);
    let Some(judgement) = column.judgement else {
        return (icons::CIRCLE_DASHED, theme::of(ui).weak, tr("plan-not-scored").to_owned());
    };
    let word = word_of_plan(judgement, worst, column.breaches_to_weigh.unwrap_or(0));
    match judgement {
        Judgement::CannotBeSaid => (icons::CIRCLE_DASHED, unsaid_colour(ui), word),
        Judgement::NotAllowed => (icon_of(Verdict::Breach), colour_of(ui, Verdict::Breach), word),
        Judgement::Allowed => (icon_of(worst), colour_of(ui, worst), word),
    }
}

/// What a plan has in a line.
pub(super) fn cell_ui(
    ui: &mut Ui,
    rect: Rect,
    clip: Rect,
    place: (usize, usize),
    line: Line<'_>,
    board: &Board,
    n: usize,
) {
    let column = &board.plans[n];
    match line {
        Line::Actions => {
            let all = column.actions.join(", ");
            let shown = if all.is_empty() { tr("plan-nothing-done").to_owned() } else { all };
            let response = part(ui, rect, clip, place, |ui| {
                ui.add(Label::new(theme::small(shown.as_str())).wrap().selectable(false));
            });
            response.on_hover_ui(|ui| {
                column.actions.iter().for_each(|action| {
                    ui.label(action.as_str());
                });
                if !column.note.is_empty() {
                    ui.label(theme::small(column.note.as_str()));
                }
            });
        }
        Line::Checks => {
            let (all, signed) = (column.checks.len(), column.checks.iter().filter(|check| check.by.is_some()).count());
            let again = column.checks.iter().any(|check| check.changed_since);
            part(ui, rect, clip, place, |ui| {
                let values = [("signed", signed.into()), ("all", all.into())];
                text(ui, RichText::new(tr_with("board-signed", &values)).size(12.5));
                if again {
                    text(ui, theme::small(tr("plan-signed-before")).color(theme::of(ui).warning));
                }
            });
        }
        Line::Term(row) => match &row.cells[n] {
            None => {
                part(ui, rect, clip, place, |ui| text(ui, theme::small("–")));
            }
            Some(term) => {
                let response = part(ui, rect, clip, place, |ui| term_ui(ui, term));
                response.on_hover_ui(|ui| sources_ui(ui, term));
            }
        },
    }
}

/// A number with its bounds; below it the verdict by colour, sign and word, and the limit.
fn term_ui(ui: &mut Ui, term: &Term) {
    let is_valid = term.verdict != Verdict::NotValid;
    let colour = if is_valid { theme::of(ui).strong } else { theme::of(ui).faint };
    text(ui, RichText::new(term.text()).size(13.0).color(colour));
    if !is_valid {
        let why = if term.reason.is_empty() { tr("board-not-valid").into() } else { words::said(&term.reason) };
        text(ui, RichText::new(why).size(11.5).color(theme::of(ui).faint));
    } else if !term.limit.is_empty() {
        let word = format!("{} {} · {}", icon_of(term.verdict), word_of(term.verdict), words::said(&term.limit));
        text(ui, RichText::new(word).size(11.5).color(colour_of(ui, term.verdict)));
    }
}

/// Why, how and from where.
fn sources_ui(ui: &mut Ui, term: &Term) {
    ui.set_max_width(340.0);
    ui.label(theme::strong(format!("{}: {}", words::said(&term.name), term.text())));
    for told in [&term.limit, &term.reason, &term.method] {
        if !told.is_empty() {
            ui.label(words::said(told));
        }
    }
    if !term.source.is_empty() {
        ui.label(theme::small(words::said(&term.source)));
    }
}
