//! A large button with an icon, a title and a line that explains.

use super::super::theme;
use super::super::wish::Wish;
use egui::{Align2, FontId, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, WidgetType};

/// What a card shows and does.
#[derive(Debug)]
pub struct Card<'a> {
    icon: &'a str,
    title: &'a str,
    line: &'a str,
    /// What it does.
    pub wish: Wish,
}

impl<'a> Card<'a> {
    /// A card.
    pub fn new(icon: &'a str, title: &'a str, line: &'a str, wish: Wish) -> Self {
        Self { icon, title, line, wish }
    }
}

/// Show `card`; whether it was pressed.
pub fn card(ui: &mut Ui, size: Vec2, card: &Card<'_>) -> bool {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, card.title));
    let hot = response.hovered() || response.has_focus();
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 10, if hot { theme::of(ui).card_hovered } else { theme::of(ui).card });
    if hot {
        painter.rect_stroke(rect, 10, Stroke::new(1.0, theme::of(ui).accent), StrokeKind::Inside);
    }
    let left = rect.left_top() + Vec2::new(14.0, 0.0);
    painter.text(
        left + Vec2::new(0.0, 25.0),
        Align2::LEFT_CENTER,
        card.icon,
        FontId::proportional(26.0),
        theme::of(ui).accent,
    );
    let width = rect.width() - 24.0;
    let room = |y: f32, text: &str, font: FontId, colour| {
        super::text_in(ui, left + Vec2::new(0.0, y), width, text, font, colour);
    };
    room(54.0, card.title, theme::semibold(14.0), theme::of(ui).strong);
    room(74.0, card.line, FontId::proportional(12.0), theme::of(ui).weak);
    response.clicked()
}
