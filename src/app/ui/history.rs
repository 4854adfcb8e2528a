//! The history: named steps, branches, undo and redo.

use super::contract::Request;
use super::wish::Wish;
use super::{icons, theme, widgets};
use crate::base::StateId;
use crate::base::i18n::{self, tr};
use crate::session::History;
use egui::{FontId, Ui, Vec2};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The name of the step that undo takes back.
pub fn undo_label(history: &History) -> Option<Cow<'_, str>> {
    let state = history.states().find(|(id, _)| *id == history.current())?.1;
    let parent = state.parent?;
    history.is_kept(parent).then(|| i18n::step(&state.label))
}

/// The name of the step that redo brings back.
pub fn redo_label(history: &History) -> Option<Cow<'_, str>> {
    let next = next(history)?;
    history.states().find(|(id, _)| *id == next).map(|(_, state)| i18n::step(&state.label))
}

fn next(history: &History) -> Option<StateId> {
    let line = history.line();
    let place = line.iter().position(|id| *id == history.current())?;
    line.get(place + 1).copied()
}

/// Show all steps, the newest at the bottom; steps of other branches are set in.
pub fn history_ui(ui: &mut Ui, history: &History, wishes: &mut Vec<Wish>) {
    let line: BTreeSet<StateId> = history.line().into_iter().collect();
    let current = history.current();
    let states: Vec<_> = history.states().collect();
    // States are numbered as they come: what follows the present one in the list is after it.
    let now = states.iter().position(|(id, _)| *id == current).unwrap_or(states.len());
    widgets::rows(ui, 24.0, states.len(), |ui, n| {
        let ((id, state), after) = (states[n], now < n);
        let on_line = line.contains(&id);
        let kept = history.is_kept(id);
        let (rect, response) =
            ui.add_enabled_ui(kept, |ui| widgets::list_row(ui, 24.0, id == current, &i18n::step(&state.label))).inner;
        let indent = if on_line { 0.0 } else { 14.0 };
        let colour = match (id == current, on_line && !after) {
            _ if !kept => theme::of(ui).faint,
            (true, _) => theme::of(ui).strong,
            (false, true) => theme::of(ui).text,
            (false, false) => theme::of(ui).weak,
        };
        let icon = match (id == current, on_line) {
            (true, _) => icons::MAP_PIN,
            (false, true) => icons::POINT,
            (false, false) => icons::GIT_BRANCH,
        };
        let at = rect.left_center() + Vec2::new(14.0 + indent, 0.0);
        let icon_colour = if id == current { theme::of(ui).accent } else { theme::of(ui).faint };
        ui.painter().text(at, egui::Align2::CENTER_CENTER, icon, FontId::proportional(14.0), icon_colour);
        let name = theme::sentence(&i18n::step(&state.label));
        widgets::text_in(
            ui,
            at + Vec2::new(14.0, 0.0),
            rect.width() - 40.0 - indent,
            &name,
            FontId::proportional(12.5),
            colour,
        );
        let response = match (kept, on_line) {
            (false, _) => response.on_hover_text(tr("history-dropped")),
            (true, false) => response.on_hover_text(tr("history-branch")),
            (true, true) => response,
        };
        if kept && id != current && response.clicked() {
            wishes.push(Wish::Ask(Request::GoTo(id)));
        }
    });
}
