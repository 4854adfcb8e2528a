//! The question at the start: what to do with sessions that ended without being saved.

use super::contract::{LostSession, Request};
use super::wish::Wish;
use super::{theme, widgets};
use egui::{RichText, ScrollArea, Ui};

/// Show the question for each session of `lost`; whether it is done.
pub(super) fn lost_ui(ui: &mut Ui, lost: &mut Vec<LostSession>, wishes: &mut Vec<Wish>) -> bool {
    ui.set_width(480.0);
    ui.label(theme::strong("Bring back what was not saved?").size(17.0));
    ui.add_space(2.0);
    ui.label("The program ended before the work below was saved. Its steps were written down and can be done again.");
    ui.add_space(8.0);
    let mut done = false;
    let mut discarded = None;
    ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
        for (place, session) in lost.iter().enumerate() {
            theme::card().show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.label(RichText::new(title(session)).color(theme::STRONG));
                ui.label(theme::small(details(session)));
                ui.add_space(4.0);
                ui.horizontal(|ui| {
                    if widgets::primary_button(ui, "Recover").clicked() {
                        wishes.push(Wish::Ask(Request::Recover(session.log.clone())));
                        done = true;
                    }
                    if ui.button("Discard").on_hover_text("Forget these steps for good").clicked() {
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
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        done |= ui.button("Later").clicked();
        ui.label(theme::small("Whatever is left is asked for again at the next start."));
    });
    done || lost.is_empty()
}

fn title(session: &LostSession) -> String {
    let steps = if session.steps == 1 { "1 step".into() } else { format!("{} steps", session.steps) };
    match &session.case {
        Some(case) => format!("{steps} on {case}"),
        None => format!("{steps} on a new case"),
    }
}

fn details(session: &LostSession) -> String {
    let when = session.minutes_ago.map(ago);
    let last = (!session.last.is_empty()).then(|| format!("the last: {}", session.last));
    theme::sentence(&[when, last].into_iter().flatten().collect::<Vec<_>>().join(", "))
}

fn ago(minutes: u64) -> String {
    let of = |count: u64, unit: &str| format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" });
    match minutes {
        0 => "just now".into(),
        1..60 => of(minutes, "minute"),
        60..1440 => of(minutes / 60, "hour"),
        _ => of(minutes / 1440, "day"),
    }
}
