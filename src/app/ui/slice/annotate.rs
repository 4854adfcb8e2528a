//! What is written and drawn over pictures: letters, scale bars, text that is legible on anything.

use crate::app::ui::{numbers, theme};
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Stroke, Vec2};

/// Text with a dark rim, legible on black and on white.
pub fn shadowed(painter: &Painter, at: Pos2, align: Align2, text: &str, font: FontId, colour: Color32) -> Rect {
    let shadow = Color32::from_black_alpha(150);
    for offset in [Vec2::new(1.0, 1.0), Vec2::new(-1.0, 0.0), Vec2::new(0.0, -1.0)] {
        painter.text(at + offset, align, text, font.clone(), shadow);
    }
    painter.text(at, align, text, font, colour)
}

/// The letters of the patient's sides at the left, right, top and bottom edge of `rect`.
pub fn edge_letters(painter: &Painter, rect: Rect, letters: [&str; 4]) {
    let rect = rect.shrink2(Vec2::new(8.0, 6.0));
    let places = [
        (rect.left_center(), Align2::LEFT_CENTER),
        (rect.right_center() - Vec2::new(12.0, 0.0), Align2::RIGHT_CENTER),
        (rect.center_top(), Align2::CENTER_TOP),
        (rect.center_bottom(), Align2::CENTER_BOTTOM),
    ];
    for ((at, align), letter) in places.into_iter().zip(letters) {
        shadowed(painter, at, align, letter, theme::semibold(14.0), Color32::from_rgb(0xff, 0xd8, 0x7a));
    }
}

/// A bar of a round length at the bottom right of `rect`.
pub fn scale_bar(painter: &Painter, rect: Rect, mm_per_point: f64) {
    let mm = numbers::round_step(mm_per_point * f64::from((rect.width() * 0.28).min(140.0)));
    let length = (mm / mm_per_point) as f32;
    if !length.is_finite() || length < 4.0 {
        return;
    }
    let end = rect.right_bottom() - Vec2::new(22.0, 12.0);
    let start = end - Vec2::new(length, 0.0);
    let tick = Vec2::new(0.0, 4.0);
    for (width, colour) in [(3.5, Color32::from_black_alpha(150)), (1.5, theme::STRONG)] {
        let stroke = Stroke::new(width, colour);
        painter.line_segment([start, end], stroke);
        painter.line_segment([start - tick, start + Vec2::new(0.0, 0.75)], stroke);
        painter.line_segment([end - tick, end + Vec2::new(0.0, 0.75)], stroke);
    }
    let middle = start + (end - start) * 0.5 - Vec2::new(0.0, 5.0);
    let text = numbers::length_mm(mm);
    shadowed(painter, middle, Align2::CENTER_BOTTOM, &text, FontId::proportional(11.5), theme::STRONG);
}
