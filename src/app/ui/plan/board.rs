//! The comparison board: plans in columns, terms in rows, every number with its bounds, its verdict and its limit.
//!
//! It shows scores that are kept in the case and says which of them are not of now; nothing is computed here.

use super::cells::{cell_ui, head_ui};
use crate::app::ui::layout::Pane;
use crate::app::ui::wish::Wish;
use crate::app::ui::{icons, theme, widgets, words};
use crate::base::i18n::tr;
use crate::base::{ContentHash, NodeId};
use crate::plan::compare::{Board, Candidate, Row};
use crate::session::Case;
use egui::{Button, Layout, Rect, ScrollArea, Sense, Ui, UiBuilder, Vec2};
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::Arc;

/// Width of the names of terms, and of a plan.
pub(super) const NAMES: f32 = 178.0;
const PLAN: f32 = 172.0;
/// Heights of the head of a column, and of a row.
const HEAD: f32 = 66.0;
const ROW: f32 = 38.0;
/// Height of what is told of a row below the table.
const TOLD: f32 = 96.0;

/// Everything the board was made from: objects of the case by content, and the names of plans.
type Key = (Vec<(NodeId, ContentHash)>, Vec<String>);

/// The board as it is shown.
#[derive(Debug, Default)]
pub struct BoardView {
    known: Option<(Key, Arc<Board>)>,
    /// The row whose methods and sources are told below: rows of one id may have several names.
    row: Option<(String, String)>,
}

/// What stands in a line of the table.
#[derive(Debug, Clone, Copy)]
pub(super) enum Line<'a> {
    /// What is done, by name.
    Actions,
    /// A term of the scores.
    Term(&'a Row),
    /// How much of the check-list is signed.
    Checks,
}

impl BoardView {
    /// Show the board of all plans of the case in `rect`; `open` is the plan whose panel is open.
    pub fn show(&mut self, ui: &mut Ui, rect: Rect, case: &Case, open: Option<NodeId>, wishes: &mut Vec<Wish>) {
        ui.painter().rect_filled(rect, 0, theme::of(ui).panel);
        let board = self.of(case);
        let inner = rect.shrink2(Vec2::new(10.0, 6.0));
        ui.scope_builder(UiBuilder::new().max_rect(inner), |ui| {
            ui.set_clip_rect(ui.clip_rect().intersect(rect));
            bar(ui, &board, wishes);
            if board.plans.is_empty() {
                ui.label(theme::small(tr("board-none")));
                if widgets::primary_button(ui, tr("board-new")).clicked() {
                    wishes.push(Wish::Form { tool: "plan.new".into(), params: json!({}) });
                }
                return;
            }
            let told = self
                .row
                .as_ref()
                .and_then(|(id, name)| board.all_rows().find(|row| (&row.id, &row.name) == (id, name)));
            let room = ui.available_height() - if told.is_some() { TOLD } else { 0.0 };
            ui.scope(|ui| {
                ui.set_max_height(room.max(ROW));
                self.table(ui, &board, open, wishes);
            });
            if let Some(row) = told {
                tell(ui, &board, row);
            }
        });
    }

    /// The board of the case; made again only when something it is about changed.
    fn of(&mut self, case: &Case) -> Arc<Board> {
        let contents = case.nodes().map(|(id, node)| (id, node.hash())).collect();
        let key: Key = (contents, case.plans().map(|(_, node, _)| node.name.clone()).collect());
        if let Some((of, board)) = &self.known
            && *of == key
        {
            return Arc::clone(board);
        }
        let stale: Vec<Option<String>> = case.plans().map(|(.., plan)| case.stale_score(plan)).collect();
        let together: Vec<_> = case.plans().map(|(node, _, plan)| case.together(node, plan)).collect();
        let candidates = case.plans().zip(&stale).zip(&together).map(|(((node, own, plan), stale), together)| {
            let contents = Some(case.plan_contents(plan));
            Candidate { node, name: &own.name, plan, stale: stale.as_deref(), together, contents }
        });
        let board = Arc::new(Board::of(&candidates.collect::<Vec<_>>()));
        self.known = Some((key, Arc::clone(&board)));
        board
    }

    /// Names of terms and heads of plans stay where they are while the numbers are scrolled.
    fn table(&mut self, ui: &mut Ui, board: &Board, open: Option<NodeId>, wishes: &mut Vec<Wish>) {
        let terms = board.all_rows().map(Line::Term);
        let lines: Vec<Line<'_>> = std::iter::once(Line::Actions).chain(terms).chain([Line::Checks]).collect();
        let size = Vec2::new(NAMES + PLAN * board.plans.len() as f32, HEAD + ROW * lines.len() as f32);
        ScrollArea::both().id_salt("board").auto_shrink(false).show_viewport(ui, |ui, viewport| {
            ui.set_min_size(size);
            let (origin, seen) = (ui.max_rect().min, ui.clip_rect());
            let corner = origin + viewport.min.to_vec2();
            let [names, heads] = [corner + Vec2::new(NAMES, 0.0), corner + Vec2::new(0.0, HEAD)];
            let seen_rows = within(viewport.min.y, viewport.height() - HEAD, ROW, lines.len());
            // One more at each end, so that the keyboard goes on beyond what is seen.
            let rows = seen_rows.start.saturating_sub(1)..(seen_rows.end + 1).min(lines.len());
            let columns = within(viewport.min.x, viewport.width() - NAMES, PLAN, board.plans.len());
            let at = |n: usize, line: usize| origin + Vec2::new(NAMES + PLAN * n as f32, HEAD + ROW * line as f32);
            let body = Rect::from_min_max(egui::pos2(names.x, heads.y), seen.max);
            for line in rows.clone() {
                let whole =
                    Rect::from_min_max(egui::pos2(corner.x, at(0, line).y), egui::pos2(seen.max.x, at(0, line + 1).y));
                let below = Rect::from_min_max(egui::pos2(corner.x, heads.y), seen.max);
                if line % 2 == 1 {
                    ui.painter().with_clip_rect(below).rect_filled(whole, 0, theme::of(ui).stripe);
                }
                for n in columns.clone() {
                    let rect = Rect::from_min_size(at(n, line), Vec2::new(PLAN, ROW));
                    cell_ui(ui, rect, body, (line, n), lines[line], board, n);
                }
            }
            let left = Rect::from_min_max(egui::pos2(corner.x, heads.y), egui::pos2(names.x, seen.max.y));
            for line in rows {
                let rect = Rect::from_min_size(egui::pos2(corner.x, at(0, line).y), Vec2::new(NAMES, ROW));
                self.name_ui(ui, rect, left, lines[line], line);
            }
            let top = Rect::from_min_max(names, egui::pos2(seen.max.x, heads.y));
            // All of them, also those out of sight: the keyboard walks from plan to plan.
            for (n, column) in board.plans.iter().enumerate() {
                let rect = Rect::from_min_size(egui::pos2(at(n, 0).x, corner.y), Vec2::new(PLAN, HEAD));
                head_ui(ui, rect, top, board, n, column, open, wishes);
            }
            let edge = egui::Stroke::new(1.0, theme::of(ui).line);
            ui.painter().hline(corner.x..=seen.max.x, heads.y, edge);
            ui.painter().vline(names.x, corner.y..=seen.max.y, edge);
        });
    }

    /// The name of a line; a press tells below where its numbers come from.
    fn name_ui(&mut self, ui: &mut Ui, rect: Rect, clip: Rect, line: Line<'_>, n: usize) {
        let (name, id) = match line {
            Line::Actions => (tr("board-actions").to_owned(), None),
            Line::Checks => (tr("board-checks").to_owned(), None),
            Line::Term(row) => (words::said(&row.name).into_owned(), Some((row.id.clone(), row.name.clone()))),
        };
        let is_told = id.is_some() && self.row == id;
        let response = ui.interact(rect.intersect(clip), ui.id().with(("name", n)), Sense::click());
        response.widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::SelectableLabel, true, is_told, &name));
        if response.gained_focus() {
            // Not under the heads.
            ui.scroll_to_rect(Rect::from_min_max(rect.min - Vec2::new(0.0, HEAD), rect.max), None);
        }
        let painter = ui.painter().with_clip_rect(clip);
        let own = theme::of(ui);
        if is_told || response.hovered() || response.has_focus() {
            painter.rect_filled(rect, 3, if is_told { own.selected } else { own.card_hovered });
        }
        widgets::focus_ring(ui, &response, rect.intersect(clip));
        let width = NAMES - 14.0;
        let mut job = egui::text::LayoutJob::simple(name.clone(), egui::FontId::proportional(12.5), own.text, width);
        job.wrap.max_rows = 2;
        let galley = painter.layout_job(job);
        let at = rect.left_center() + Vec2::new(4.0, -0.5 * galley.size().y);
        painter.galley(at, galley, own.text);
        let clicked = response.clicked();
        response.on_hover_text(if id.is_some() { format!("{name}\n{}", tr("board-row-help")) } else { name });
        if clicked && let Some(id) = id {
            self.row = if is_told { None } else { Some(id) };
        }
    }
}

/// The lines of `pitch` that are seen, beginning at `from`, `room` long.
fn within(from: f32, room: f32, pitch: f32, count: usize) -> Range<usize> {
    let first = (from / pitch).floor().max(0.0) as usize;
    let last = ((from + room.max(0.0)) / pitch).ceil().max(0.0) as usize;
    first.min(count)..last.min(count)
}

/// What can be done with the whole board.
fn bar(ui: &mut Ui, board: &Board, wishes: &mut Vec<Wish>) {
    ui.horizontal(|ui| {
        ui.label(theme::heading(tr("board-title")));
        let count = board.plans.len();
        let scored = board.plans.iter().all(|plan| plan.allowed.is_some() && plan.stale.is_none());
        ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
            if widgets::icon_button(ui, icons::X, tr("board-close")).clicked() {
                wishes.push(Wish::ToggleView(Pane::Plans));
            }
            if widgets::icon_button(ui, icons::MAXIMIZE, tr("board-maximise")).clicked() {
                wishes.push(Wish::Maximise(Pane::Plans));
            }
            let export = ui.add_enabled(0 < count, Button::new(tr("board-export")));
            if export.on_hover_text(tr("board-export-help")).clicked() {
                wishes.push(Wish::Form { tool: "export.plan".into(), params: json!({ "plans": numbers(board) }) });
            }
            let keep = ui.add_enabled(1 < count && scored, Button::new(tr("board-keep")));
            let keep = keep.on_hover_text(tr("board-keep-help"));
            if keep.on_disabled_hover_text(tr("board-keep-needs")).clicked() {
                wishes.push(Wish::run("plan.compare", json!({ "plans": numbers(board) })));
            }
            let score = ui.add_enabled(0 < count && !scored, Button::new(tr("board-score")));
            let score = score.on_hover_text(tr("board-score-help"));
            if score.on_disabled_hover_text(tr("board-score-done")).clicked() {
                wishes.push(Wish::run("plan.score", json!({ "plans": Value::Null })));
            }
        });
    });
    if board.plans.len() == 1 {
        ui.label(theme::small(tr("board-one")));
    }
    ui.add_space(2.0);
}

/// The plans of the board as tools take them.
fn numbers(board: &Board) -> String {
    board.plans.iter().map(|plan| plan.id.to_string()).collect::<Vec<_>>().join(",")
}

/// What the numbers of a row rest on, each said once.
fn tell(ui: &mut Ui, board: &Board, row: &Row) {
    ui.separator();
    ScrollArea::vertical().id_salt("told").auto_shrink(false).show(ui, |ui| {
        ui.label(theme::strong(words::said(&row.name)));
        let mut said: Vec<&str> = Vec::new();
        for (column, term) in
            board.plans.iter().zip(&row.cells).filter_map(|(column, cell)| Some((column, cell.as_ref()?)))
        {
            if !term.reason.is_empty() {
                ui.label(theme::small(format!("{}: {}", column.name, words::said(&term.reason))));
            }
            for told in [&term.method, &term.source] {
                if !told.is_empty() && !said.contains(&told.as_str()) {
                    said.push(told);
                    ui.label(theme::small(words::said(told)));
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_sight_is_not_laid_out() {
        assert_eq!(within(0.0, 100.0, 38.0, 50), 0..3);
        assert_eq!(within(76.0, 76.0, 38.0, 50), 2..4);
        assert_eq!(within(4000.0, 100.0, 38.0, 50), 50..50);
        assert_eq!(within(0.0, -20.0, 38.0, 50), 0..0);
    }
}
