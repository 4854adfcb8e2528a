//! Toasts for what just happened, and the log of everything that did.

use super::contract::{Message, Messages, Tone};
use super::{icons, theme, widgets};
use egui::{Align2, Color32, Id, RichText, Ui, Vec2};
use std::collections::BTreeSet;

/// Icon and colour of a tone.
fn look(tone: Tone) -> (&'static str, Color32) {
    match tone {
        Tone::Info => (icons::INFO_CIRCLE, theme::ACCENT),
        Tone::Good => (icons::CIRCLE_CHECK, theme::GOOD),
        Tone::Warning => (icons::ALERT_TRIANGLE, theme::WARNING),
        Tone::Error => (icons::ALERT_CIRCLE, theme::ERROR),
    }
}

/// How long a toast stays, in seconds; errors stay until they are closed.
fn stays_s(message: &Message) -> f64 {
    match message.tone {
        Tone::Error => f64::INFINITY,
        Tone::Warning => 12.0,
        // Long enough to read twice.
        Tone::Info | Tone::Good => 4.0 + message.text.len() as f64 * 0.04,
    }
}

/// Toasts shown at once.
const TOASTS_MAX: usize = 4;

/// Show fresh messages at the bottom right of `area`; asks for a frame when the next one is due to vanish.
pub fn toasts_ui(ctx: &egui::Context, area: egui::Rect, messages: &Messages, now_s: f64, closed: &mut BTreeSet<usize>) {
    let fresh =
        |(number, message): &(usize, &Message)| !closed.contains(number) && now_s < message.at_s + stays_s(message);
    let shown: Vec<(usize, &Message)> = messages.iter().rev().filter(fresh).take(TOASTS_MAX).collect();
    if shown.is_empty() {
        return;
    }
    let mut close = None;
    let corner = area.right_bottom() - Vec2::new(14.0, 14.0);
    egui::Area::new(Id::new("toasts"))
        .order(egui::Order::Foreground)
        .pivot(Align2::RIGHT_BOTTOM)
        .fixed_pos(corner)
        .show(ctx, |ui| {
            ui.set_max_width(360.0);
            for (number, message) in shown.iter().rev() {
                let (icon, colour) = look(message.tone);
                let frame = egui::Frame::popup(ui.style()).fill(Color32::from_rgb(0x25, 0x29, 0x2f)).corner_radius(8);
                frame.inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
                    ui.horizontal_top(|ui| {
                        ui.label(theme::icon(icon).color(colour));
                        ui.vertical(|ui| {
                            ui.set_width(280.0);
                            ui.add(egui::Label::new(RichText::new(&message.text).color(theme::STRONG)).wrap());
                        });
                        if widgets::icon_button(ui, icons::X, "Close message").clicked() {
                            close = Some(*number);
                        }
                    });
                });
            }
        });
    closed.extend(close);
    let ends = shown.iter().map(|(_, message)| message.at_s + stays_s(message) - now_s);
    let next_s = ends.fold(f64::INFINITY, f64::min);
    if next_s.is_finite() {
        ctx.request_repaint_after_secs(next_s as f32 + 0.01);
    }
}

/// Show all messages, the newest first.
pub fn log_ui(ui: &mut Ui, messages: &Messages) {
    let mut any = false;
    for (_, message) in messages.iter().rev() {
        any = true;
        let (icon, colour) = look(message.tone);
        ui.horizontal_top(|ui| {
            ui.label(RichText::new(icon).size(14.0).color(colour));
            let at = message.at_s as u64;
            ui.label(theme::small(format!("{:02}:{:02}", at / 60, at % 60)));
            ui.add(egui::Label::new(RichText::new(&message.text).size(12.0)).wrap().selectable(true));
        });
    }
    if !any {
        ui.label(theme::small("Nothing to tell yet."));
    }
}
