//! Toasts for what just happened, and the log of everything that did.

use super::contract::{Message, Messages, Tone};
use super::{icons, theme, widgets, words};
use crate::base::i18n::{tr, tr_with};
use egui::{Align2, Color32, Id, Pos2, Rect, RichText, Ui, Vec2};
use std::collections::BTreeSet;

/// Icon and colour of a tone.
fn look(ui: &Ui, tone: Tone) -> (&'static str, Color32) {
    match tone {
        Tone::Info => (icons::INFO_CIRCLE, theme::of(ui).accent),
        Tone::Good => (icons::CIRCLE_CHECK, theme::of(ui).good),
        Tone::Warning => (icons::ALERT_TRIANGLE, theme::of(ui).warning),
        Tone::Error => (icons::ALERT_CIRCLE, theme::of(ui).error),
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

/// Widest toast, points.
const WIDTH: f32 = 372.0;
/// Room they need, with what is free on both sides.
pub const WIDEST: f32 = WIDTH + 2.0 * APART;
/// From the border of the area, and from what must be seen, points.
const APART: f32 = 14.0;

/// The lower right corner of toasts of this size in `area`: its own, or the nearest to it from which they cover nothing that
/// is `needed`, and nothing that is `wished` if that can be, too.
fn corner(area: Rect, size: Vec2, needed: &[Rect], wished: &[Rect]) -> Pos2 {
    let both: Vec<Rect> = needed.iter().chain(wished).copied().collect();
    let home = area.right_bottom() - Vec2::splat(APART);
    free(area, size, &both).or_else(|| free(area, size, needed)).unwrap_or(home)
}

/// The corner nearest to that of `area` from which toasts cover none of these.
fn free(area: Rect, size: Vec2, needed: &[Rect]) -> Option<Pos2> {
    let home = area.right_bottom() - Vec2::splat(APART);
    let covers = |corner: &Pos2| {
        let toasts = Rect::from_min_max(*corner - size, *corner);
        needed.iter().any(|needed| toasts.intersects(needed.expand(0.5 * APART)))
    };
    // Beside or above one of them, as far as there is room.
    let left = needed.iter().map(|needed| needed.left() - APART).filter(|x| area.left() + size.x <= *x && *x < home.x);
    let up = needed.iter().map(|needed| needed.top() - APART).filter(|y| area.top() + size.y <= *y && *y < home.y);
    let (xs, ys): (Vec<f32>, Vec<f32>) = (left.chain([home.x]).collect(), up.chain([home.y]).collect());
    let places = xs.iter().flat_map(|x| ys.iter().map(|y| Pos2::new(*x, *y)));
    let free = places.filter(|corner| !covers(corner));
    free.min_by(|a, b| home.distance(*a).total_cmp(&home.distance(*b)))
}

/// Seconds that toasts stay after the mouse has left them, so that nobody loses what he was reading.
const LINGER_S: f64 = 3.0;

/// Toasts the mouse was over, and when last, in seconds.
#[derive(Debug, Clone, Default)]
struct Hovered {
    numbers: BTreeSet<usize>,
    at_s: f64,
}

/// Until when a toast stays, in seconds.
fn until_s(number: usize, message: &Message, hovered: &Hovered) -> f64 {
    let own_s = message.at_s + stays_s(message);
    if hovered.numbers.contains(&number) { own_s.max(hovered.at_s + LINGER_S) } else { own_s }
}

/// Show fresh messages at the bottom right of `area`, clear of what is `needed` and if possible of what is `wished`, as long as the mouse is over them; asks for
/// a frame when the next one is due to vanish.
pub fn toasts_ui(
    ctx: &egui::Context,
    area: Rect,
    needed: &[Rect],
    wished: &[Rect],
    messages: &Messages,
    now_s: f64,
    closed: &mut BTreeSet<usize>,
) {
    let id = Id::new("toasts");
    let hovered: Hovered = ctx.data(|data| data.get_temp(id)).unwrap_or_default();
    let fresh =
        |(number, message): &(usize, &Message)| !closed.contains(number) && now_s < until_s(*number, message, &hovered);
    let waiting: Vec<(usize, &Message)> = messages.iter().rev().filter(fresh).collect();
    let shown = stacked(&waiting);
    if shown.is_empty() {
        return;
    }
    let more = shown.len().saturating_sub(TOASTS_MAX);
    let mut close: Vec<usize> = Vec::new();
    // As large as in the last frame; before there was one, as one of two lines.
    let size = ctx.memory(|memory| memory.area_rect(id)).map_or(Vec2::new(WIDTH, 64.0), |rect| rect.size());
    let corner = corner(area, size, needed, wished);
    let toasts = egui::Area::new(id).order(egui::Order::Foreground).pivot(Align2::RIGHT_BOTTOM).fixed_pos(corner);
    let seen = toasts.show(ctx, |ui| {
        ui.set_max_width(WIDTH);
        if 0 < more || 2 < shown.len() {
            let text = if 0 < more {
                tr_with("toasts-close-all-more", &[("more", more.into())])
            } else {
                tr("toasts-close-all").to_owned()
            };
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
                if ui.small_button(text).clicked() {
                    close.extend(waiting.iter().map(|(number, _)| *number));
                }
            });
        }
        for toast in shown.iter().take(TOASTS_MAX).rev() {
            if toast_ui(ui, toast) {
                close.extend(&toast.numbers);
            }
        }
    });
    closed.extend(close);
    let mut hovered = hovered;
    if ctx.pointer_hover_pos().is_some_and(|mouse| seen.response.rect.contains(mouse)) {
        hovered = Hovered { numbers: waiting.iter().map(|(number, _)| *number).collect(), at_s: now_s };
        ctx.data_mut(|data| data.insert_temp(id, hovered.clone()));
    }
    let ends = waiting.iter().map(|(number, message)| until_s(*number, message, &hovered) - now_s);
    let next_s = ends.fold(f64::INFINITY, f64::min);
    if next_s.is_finite() {
        ctx.request_repaint_after_secs(next_s as f32 + 0.01);
    }
}

/// Messages that say the same, as one.
#[derive(Debug)]
struct Toast<'a> {
    message: &'a Message,
    numbers: Vec<usize>,
}

/// `messages`, the newest first, with those that say the same taken together where the newest stands.
fn stacked<'a>(messages: &[(usize, &'a Message)]) -> Vec<Toast<'a>> {
    let mut stack: Vec<Toast<'a>> = Vec::new();
    for (number, message) in messages {
        let same = |toast: &&mut Toast<'_>| toast.message.text == message.text && toast.message.tone == message.tone;
        match stack.iter_mut().find(same) {
            Some(toast) => toast.numbers.push(*number),
            None => stack.push(Toast { message, numbers: vec![*number] }),
        }
    }
    stack
}

/// Show one toast; whether it was closed.
fn toast_ui(ui: &mut Ui, toast: &Toast<'_>) -> bool {
    let Toast { message, numbers } = toast;
    let (icon, colour) = look(ui, message.tone);
    let frame = theme::popup(ui).corner_radius(8);
    let margin = egui::Margin { left: 15, right: 8, top: 8, bottom: 8 };
    let shown = frame.inner_margin(margin).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.label(theme::icon(icon).color(colour));
            ui.vertical(|ui| {
                ui.set_width(276.0);
                ui.add_space(2.0);
                ui.add(egui::Label::new(RichText::new(words::said(&message.text)).color(theme::of(ui).strong)).wrap());
                if 1 < numbers.len() {
                    ui.label(theme::small(tr_with("toasts-times", &[("count", numbers.len().into())])));
                }
            });
            widgets::icon_button(ui, icons::X, tr("toasts-close")).clicked()
        })
        .inner
    });
    // A bar in the colour of its tone: told from afar.
    let rect = shown.response.rect.shrink(1.0);
    let bar =
        egui::Rect::from_min_max(rect.min + Vec2::new(5.0, 8.0), egui::pos2(rect.left() + 8.0, rect.bottom() - 8.0));
    ui.painter().rect_filled(bar, 2, colour);
    shown.inner
}

/// Show all messages, the newest first.
pub fn log_ui(ui: &mut Ui, messages: &Messages) {
    let mut any = false;
    for (_, message) in messages.iter().rev() {
        any = true;
        let (icon, colour) = look(ui, message.tone);
        ui.horizontal_top(|ui| {
            ui.label(RichText::new(icon).size(14.0).color(colour));
            let at = message.at_s as u64;
            ui.label(theme::small(format!("{:02}:{:02}", at / 60, at % 60)));
            ui.add(egui::Label::new(RichText::new(words::said(&message.text)).size(12.0)).wrap().selectable(true));
        });
    }
    if !any {
        ui.label(theme::small(tr("log-none")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toasts_stand_above_what_is_needed_and_in_their_corner_otherwise() {
        let area = Rect::from_min_size(Pos2::ZERO, Vec2::new(1000.0, 700.0));
        let size = Vec2::new(WIDTH, 150.0);
        let free = Pos2::new(986.0, 686.0);
        assert_eq!(corner(area, size, &[], &[]), free);
        let left = Rect::from_min_size(Pos2::new(20.0, 600.0), Vec2::new(500.0, 60.0));
        assert_eq!(corner(area, size, &[left], &[]), free, "it lies beside it");
        let bar = left.translate(Vec2::new(300.0, 0.0));
        let table = Rect::from_min_max(Pos2::new(0.0, 664.0), area.max);
        for needed in [[bar, table], [table, bar]] {
            let corner = corner(area, size, &needed, &[]);
            let toasts = Rect::from_min_max(corner - size, corner);
            assert!(!toasts.intersects(bar) && !toasts.intersects(table) && corner.x == free.x, "{toasts}");
        }
    }

    #[test]
    fn toasts_stand_beside_a_legend_rather_than_above_it() {
        let area = Rect::from_min_size(Pos2::ZERO, Vec2::new(1000.0, 700.0));
        let size = Vec2::new(WIDTH, 150.0);
        let legend = Rect::from_min_max(Pos2::new(900.0, 300.0), Pos2::new(1000.0, 600.0));
        let beside = corner(area, size, &[legend], &[]);
        assert_eq!(beside, Pos2::new(886.0, 686.0));
        // What would be nice to see gives way to what must be seen.
        let all = Rect::from_min_max(Pos2::ZERO, Pos2::new(1000.0, 690.0));
        assert_eq!(corner(area, size, &[legend], &[all]), beside);
        // Where nothing is free they stay where people look for them.
        assert_eq!(corner(area, size, &[area], &[]), Pos2::new(986.0, 686.0));
        // In every heap of things that leaves room somewhere beside or above, nothing is covered.
        let mut rng = crate::base::rng::Rng::new(7);
        for _ in 0..200 {
            let mut at = || Pos2::new(rng.between(0.0, 900.0) as f32, rng.between(200.0, 650.0) as f32);
            let needed = [at(), at(), at()].map(|at| Rect::from_min_size(at, Vec2::new(90.0, 40.0)));
            let toasts = corner(area, size, &needed, &[]);
            let rect = Rect::from_min_max(toasts - size, toasts);
            assert!(needed.iter().all(|needed| !rect.intersects(*needed)), "{needed:?}: {rect}");
            assert!(area.contains_rect(rect));
        }
    }

    #[test]
    fn what_is_read_stays_and_errors_stay_until_they_are_closed() {
        let message = |tone| Message { at_s: 10.0, tone, text: "saved".into() };
        let own_s = until_s(0, &message(Tone::Good), &Hovered::default());
        let hovered = Hovered { numbers: [0].into(), at_s: 60.0 };
        assert!(own_s < 20.0 && until_s(0, &message(Tone::Good), &hovered) == 60.0 + LINGER_S);
        assert_eq!(until_s(1, &message(Tone::Good), &hovered), own_s, "another one goes when it is due");
        let early = Hovered { numbers: [0].into(), at_s: 10.0 };
        assert_eq!(until_s(0, &message(Tone::Good), &early), own_s, "a glance does not shorten it");
        assert_eq!(until_s(0, &message(Tone::Error), &hovered), f64::INFINITY);
    }

    #[test]
    fn what_is_said_twice_is_one_toast_with_a_count() {
        let message = |text: &str, tone| Message { at_s: 0.0, tone, text: text.into() };
        let said = [message("saved", Tone::Good), message("no file", Tone::Error), message("no file", Tone::Error)];
        let said: Vec<(usize, &Message)> = said.iter().enumerate().rev().collect();
        let stack = stacked(&said);
        let counts: Vec<(&str, usize)> =
            stack.iter().map(|toast| (&*toast.message.text, toast.numbers.len())).collect();
        assert_eq!(counts, [("no file", 2), ("saved", 1)]);
    }
}
