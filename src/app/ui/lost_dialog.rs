//! The question at the start: what to do with sessions that ended without being saved.

use super::contract::{LostSession, Request};
use super::wish::Wish;
use super::{theme, widgets};
use crate::base::i18n::{step, tr, tr_with};
use egui::{RichText, Ui};

/// Show the question for each session of `lost`; whether it is done.
pub(super) fn lost_ui(ui: &mut Ui, lost: &mut Vec<LostSession>, wishes: &mut Vec<Wish>) -> bool {
    let mut done = false;
    let mut discarded = None;
    widgets::dialog_body(ui, 480.0, |ui| {
        ui.label(theme::strong(tr("lost-title")).size(17.0));
        ui.add_space(2.0);
        ui.label(tr("lost-text"));
        ui.add_space(8.0);
        for (place, session) in lost.iter().enumerate() {
            theme::card(ui).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.label(RichText::new(title(session)).color(theme::of(ui).strong));
                ui.label(theme::small(details(session)));
                ui.add_space(4.0);
                ui.horizontal(|ui| {
                    if widgets::primary_button(ui, tr("lost-recover")).clicked() {
                        wishes.push(Wish::Ask(Request::Recover(session.log.clone())));
                        done = true;
                    }
                    if ui.button(tr("lost-discard")).on_hover_text(tr("lost-discard-help")).clicked() {
                        discarded = Some(place);
                    }
                });
            });
            ui.add_space(4.0);
        }
    });
    if let Some(place) = discarded {
        wishes.push(Wish::Ask(Request::Discard(lost.remove(place).log)));
    }
    ui.horizontal(|ui| {
        done |= ui.button(tr("lost-later")).clicked();
        ui.add(egui::Label::new(theme::small(tr("lost-later-help"))).truncate());
    });
    done || lost.is_empty()
}

fn title(session: &LostSession) -> String {
    let steps = ("steps", session.steps.into());
    match &session.case {
        Some(case) => tr_with("lost-steps", &[steps, ("case", (&case.to_string()).into())]),
        None => tr_with("lost-steps-new", &[steps]),
    }
}

fn details(session: &LostSession) -> String {
    let when = session.minutes_ago.map(ago);
    let last =
        (!session.last.is_empty()).then(|| tr_with("lost-last", &[("step", step(&session.last).as_ref().into())]));
    theme::sentence(&[when, last].into_iter().flatten().collect::<Vec<_>>().join(", "))
}

fn ago(minutes: u64) -> String {
    let of = |count: u64, id: &str| tr_with(id, &[("count", count.into())]);
    match minutes {
        0 => tr("ago-now").into(),
        1..60 => of(minutes, "ago-minutes"),
        60..1440 => of(minutes / 60, "ago-hours"),
        _ => of(minutes / 1440, "ago-days"),
    }
}
