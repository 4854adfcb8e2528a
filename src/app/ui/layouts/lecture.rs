//! The strip below the 3D view for an audience: what the teacher types, in large letters.

use super::super::theme;
use crate::base::i18n::tr;
use egui::{Align, FontId, Rect, Ui, Vec2};

/// Smallest and largest letters, in points.
const LETTERS: [f32; 2] = [18.0, 40.0];

/// The strip as an audience sees it.
pub fn caption_seen_ui(ui: &mut Ui, rect: Rect, caption: &str) {
    ui.painter().rect_filled(rect, 0, theme::of(ui).bar);
    let inner = rect.shrink2(Vec2::new(28.0, 10.0));
    let size = letters(inner);
    let (font, colour) = (FontId::new(size, theme::semibold(size).family), theme::of(ui).strong);
    let mut job = egui::text::LayoutJob::simple(caption.to_owned(), font, colour, inner.width());
    job.halign = Align::Center;
    let galley = ui.painter().layout_job(job);
    ui.painter_at(rect).galley(inner.center_top(), galley, colour);
}

/// The size of the letters: two lines fill the strip, whatever its height.
fn letters(inner: Rect) -> f32 {
    (inner.height() / 2.9).clamp(LETTERS[0], LETTERS[1])
}

/// Show the strip in `rect`; a click writes in it.
pub fn caption_ui(ui: &mut Ui, rect: Rect, caption: &mut String) {
    ui.painter().rect_filled(rect, 0, theme::of(ui).bar);
    let inner = rect.shrink2(Vec2::new(28.0, 10.0));
    let size = letters(inner);
    let edit = egui::TextEdit::multiline(caption)
        .font(FontId::new(size, theme::semibold(size).family))
        .text_color(theme::of(ui).strong)
        .hint_text(tr("caption-hint"))
        .frame(egui::Frame::NONE)
        .horizontal_align(Align::Center)
        .desired_rows(1)
        .desired_width(inner.width());
    ui.scope_builder(egui::UiBuilder::new().max_rect(inner), |ui| {
        egui::ScrollArea::vertical().id_salt("caption").show(ui, |ui| ui.add(edit));
    });
}
