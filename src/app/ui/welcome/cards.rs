//! A large button with an icon, a title and a line that explains.

use super::super::theme;
use super::super::wish::Wish;
use egui::text::{LayoutJob, TextWrapping};
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

/// Lines that explain, at most.
const LINES: usize = 2;

/// Show `card`; whether it was pressed. What does not fit is said in full while the mouse is over it.
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
    let width = (rect.width() - 24.0).max(8.0);
    let lines = |text: &str, rows: usize, font: FontId, colour| {
        let mut job = LayoutJob::simple(text.to_owned(), font, colour, width);
        job.wrap = TextWrapping { max_rows: rows, ..TextWrapping::wrap_at_width(width) };
        painter.layout_job(job)
    };
    let (strong, weak) = (theme::of(ui).strong, theme::of(ui).weak);
    let title = lines(card.title, 1, theme::semibold(14.0), strong);
    let line = lines(card.line, LINES, FontId::proportional(12.0), weak);
    let cut = title.elided || line.elided;
    painter.galley(left + Vec2::new(0.0, 54.0 - 0.5 * title.size().y), title, strong);
    painter.galley(left + Vec2::new(0.0, 67.0), line, weak);
    let clicked = response.clicked();
    if cut {
        response.on_hover_ui(|ui| {
            ui.set_max_width(320.0);
            ui.label(theme::strong(card.title));
            ui.label(card.line);
        });
    }
    clicked
}
