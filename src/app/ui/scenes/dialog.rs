//! The question what to compare the case with.

use super::super::wish::Wish;
use super::super::{Request, icons, theme, widgets};
use super::{CompareWith, ScenesWish};
use crate::base::StateId;
use crate::base::i18n::{step, tr, tr_with};
use crate::session::History;
use egui::{FontId, Ui, Vec2};

/// States that can be compared with the one shown, the newest first, with their names.
pub(super) fn choices(history: &History) -> Vec<(StateId, String)> {
    let kept = history.states().rev().filter(|(id, _)| history.is_kept(*id) && *id != history.current());
    kept.map(|(id, state)| (id, state.label.clone())).collect()
}

/// What a side of the comparison is called that is a state after a step.
pub(super) fn state_name(label: &str) -> String {
    tr_with("compare-after", &[("step", theme::sentence(&step(label)).as_str().into())])
}

/// Ask; whether it is answered.
pub(in crate::app::ui) fn compare_ui(ui: &mut Ui, states: &[(StateId, String)], wishes: &mut Vec<Wish>) -> bool {
    let mut done = false;
    widgets::dialog_body(ui, 420.0, |ui| {
        ui.label(theme::strong(tr("compare-title")).size(17.0));
        ui.add_space(2.0);
        ui.label(tr("compare-about"));
        ui.add_space(10.0);
        ui.label(theme::heading(tr("compare-states")));
        if states.is_empty() {
            ui.label(theme::small(tr("compare-no-states")));
        }
        ui.spacing_mut().item_spacing.y = 1.0;
        for (id, label) in states {
            if state_ui(ui, label) {
                wishes.push(Wish::Scenes(ScenesWish::Compare(CompareWith::State(*id))));
                done = true;
            }
        }
    });
    ui.horizontal(|ui| {
        if widgets::primary_button(ui, tr("compare-file")).clicked() {
            wishes.push(Wish::Ask(Request::CompareDialog));
            done = true;
        }
        done |= ui.button(tr("compare-cancel")).clicked();
    });
    done
}

/// A state to choose; whether it was.
fn state_ui(ui: &mut Ui, label: &str) -> bool {
    let name = theme::sentence(&step(label));
    let (rect, response) = widgets::list_row(ui, 26.0, false, &name);
    let at = rect.left_center() + Vec2::new(14.0, 0.0);
    let icon = FontId::proportional(14.0);
    ui.painter().text(at, egui::Align2::CENTER_CENTER, icons::POINT, icon, theme::of(ui).faint);
    let (width, font) = (rect.width() - 40.0, FontId::proportional(12.5));
    widgets::text_in(ui, at + Vec2::new(14.0, 0.0), width, &name, font, theme::of(ui).text);
    response.clicked()
}
