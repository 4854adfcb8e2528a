//! The card of a step beside what it rings, and the card that offers the tour.

use super::super::actions::ACTIONS;
use super::super::wish::Wish;
use super::super::{icons, keys, settings, theme, widgets};
use super::{Part, Parts, STEPS, Tour, TourWish};
use crate::base::i18n::{tr, tr_with};
use egui::{Align2, Context, Id, LayerId, Order, Pos2, Rect, RichText, Stroke, StrokeKind, Vec2};

/// Size of the card of a step; the height is what the longest text needs.
const CARD: Vec2 = Vec2::new(340.0, 210.0);

/// Show the step `tour` stands at.
pub fn tour_ui(ctx: &Context, tour: &Tour, parts: &Parts, wishes: &mut Vec<Wish>) {
    let step = &STEPS[tour.step];
    let screen = ctx.content_rect();
    let ringed = step.part.and_then(|part: Part| parts.get(&part).copied());
    if let Some(rect) = ringed {
        let painter = ctx.layer_painter(LayerId::new(Order::Middle, Id::new("ring of the tour")));
        let ring = rect.shrink(2.0);
        painter.rect_stroke(
            ring.expand(2.0),
            8,
            Stroke::new(5.0, theme::of_window(ctx).accent.gamma_multiply(0.25)),
            StrokeKind::Inside,
        );
        painter.rect_stroke(ring, 6, Stroke::new(2.0, theme::of_window(ctx).accent), StrokeKind::Inside);
    }
    let width = CARD.x.min(screen.width() - 24.0);
    let at = place(screen, ringed, Vec2::new(width, CARD.y));
    egui::Area::new(Id::new("tour")).order(Order::Foreground).fixed_pos(at).show(ctx, |ui| {
        frame(ui, width, |ui| {
            ui.horizontal(|ui| {
                ui.label(theme::strong(step.shown_title()).size(15.0));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if widgets::icon_button(ui, icons::X, tr("tour-leave")).clicked() {
                        wishes.push(Wish::Tour(TourWish::Leave));
                    }
                    ui.label(theme::small(tr_with(
                        "tour-place",
                        &[("step", (tour.step + 1).into()), ("all", STEPS.len().into())],
                    )));
                });
            });
            ui.label(with_keys(ctx, step.shown_text()));
            ui.add_space(6.0);
            ui.horizontal(|ui| {
                let last = tour.step + 1 == STEPS.len();
                let name = if last { tr("tour-finish") } else { tr("tour-next") };
                if tour.met {
                    if widgets::primary_button(ui, name).clicked() {
                        wishes.push(Wish::Tour(TourWish::Next));
                    }
                    if step.until != super::Until::Read {
                        ui.label(
                            RichText::new(format!("{}  {}", icons::CHECK, tr("tour-done"))).color(theme::of(ui).good),
                        );
                    }
                } else if ui.button(tr("tour-skip")).clicked() {
                    wishes.push(Wish::Tour(TourWish::Next));
                }
                if 0 < tour.step {
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        if ui.button(tr("tour-back")).clicked() {
                            wishes.push(Wish::Tour(TourWish::Back));
                        }
                    });
                }
            });
        });
    });
}

/// `text` with the user's keys in place of the actions in brackets; an action without one keeps its name.
fn with_keys(ctx: &Context, text: &str) -> String {
    let settings = settings::of(ctx);
    let mut parts = text.split('[');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(']').unwrap_or((part, ""));
        let action = ACTIONS.iter().find(|action| action.name == name);
        let key = action.and_then(|action| keys::of(&settings, action).first().map(|key| keys::key_text(ctx, key)));
        whole += key.as_deref().unwrap_or(name);
        whole += rest;
    }
    whole
}

/// Offer the tour.
pub fn offer_ui(ctx: &Context, wishes: &mut Vec<Wish>) {
    let screen = ctx.content_rect();
    let width = 420.0_f32.min(screen.width() - 24.0);
    let at = screen.center_bottom() - Vec2::new(0.0, 44.0);
    egui::Area::new(Id::new("tour")).order(Order::Foreground).pivot(Align2::CENTER_BOTTOM).fixed_pos(at).show(
        ctx,
        |ui| {
            frame(ui, width, |ui| {
                ui.label(theme::strong(tr("tour-offer")).size(15.0));
                ui.label(tr("tour-offer-text"));
                ui.add_space(4.0);
                ui.horizontal(|ui| {
                    if widgets::primary_button(ui, tr("tour-start")).clicked() {
                        wishes.push(Wish::Tour(TourWish::Start));
                    }
                    if ui.button(tr("tour-not-now")).clicked() {
                        wishes.push(Wish::Tour(TourWish::Decline));
                    }
                    ui.label(theme::small(tr("tour-stays")));
                });
            });
        },
    );
}

fn frame(ui: &mut egui::Ui, width: f32, content: impl FnOnce(&mut egui::Ui)) {
    let frame = theme::popup(ui).corner_radius(10);
    let frame = frame.stroke(Stroke::new(1.0, theme::of(ui).accent)).inner_margin(14);
    frame.show(ui, |ui| {
        ui.set_width(width - 30.0);
        content(ui);
    });
}

/// Where a card of `size` covers least of `ringed`: right, left, below or above it, else at the bottom of `screen`.
fn place(screen: Rect, ringed: Option<Rect>, size: Vec2) -> Pos2 {
    let inside = |at: Pos2| {
        let last = (screen.max - size - Vec2::splat(12.0)).max(screen.min);
        Pos2::new(at.x.clamp(screen.min.x, last.x), at.y.clamp(screen.min.y, last.y))
    };
    let Some(ring) = ringed else {
        return inside(Pos2::new(screen.center().x - 0.5 * size.x, screen.bottom() - size.y - 60.0));
    };
    let middle = ring.center() - 0.5 * size;
    let places = [
        Pos2::new(ring.right() + 12.0, middle.y),
        Pos2::new(ring.left() - 12.0 - size.x, middle.y),
        Pos2::new(middle.x, ring.bottom() + 12.0),
        Pos2::new(middle.x, ring.top() - 12.0 - size.y),
    ];
    let covered = |at: &Pos2| {
        let both = Rect::from_min_size(*at, size).intersect(ring);
        both.width().max(0.0) * both.height().max(0.0)
    };
    let best = places.into_iter().map(inside).min_by(|a, b| covered(a).total_cmp(&covered(b)));
    best.unwrap_or(screen.min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_the_keys_the_user_has() {
        let ctx = Context::default();
        assert_eq!(with_keys(&ctx, "Press [Undo], then [Keys]."), "Press Ctrl+Z, then ?.");
        let mut changed = settings::Settings::default();
        changed.keys.insert("Undo".into(), vec!["Ctrl+U".into()]);
        changed.keys.insert("Keys".into(), Vec::new());
        settings::publish(&ctx, &changed, false);
        assert_eq!(with_keys(&ctx, "Press [Undo], then [Keys]."), "Press Ctrl+U, then Keys.");
    }

    #[test]
    fn a_card_lies_beside_what_it_rings_and_in_the_window() {
        let screen = Rect::from_min_size(Pos2::ZERO, Vec2::new(1440.0, 900.0));
        let left = Rect::from_min_size(Pos2::new(0.0, 30.0), Vec2::new(290.0, 840.0));
        let axial = Rect::from_min_size(Pos2::new(300.0, 60.0), Vec2::new(420.0, 400.0));
        for ring in [left, axial, Rect::from_min_size(Pos2::ZERO, Vec2::new(1440.0, 30.0))] {
            let card = Rect::from_min_size(place(screen, Some(ring), CARD), CARD);
            assert!(screen.contains_rect(card) && !card.intersects(ring), "{ring:?} {card:?}");
        }
        // In a small window it stays within it, whatever it covers.
        let small = Rect::from_min_size(Pos2::ZERO, Vec2::new(360.0, 220.0));
        assert!(small.contains(place(small, Some(small), CARD)));
    }
}
