//! What is written and drawn over pictures: letters, scale bars, text that is legible on anything.

use super::SliceGeometry;
use crate::app::ui::{numbers, theme};
use crate::geom::orientation;
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Stroke, Vec2};

/// Text on a dark, half transparent plate, legible on black and on white.
pub fn shadowed(painter: &Painter, at: Pos2, align: Align2, text: &str, font: FontId, colour: Color32) -> Rect {
    let galley = painter.layout_no_wrap(text.to_owned(), font, colour);
    let rect = align.anchor_size(at, galley.size());
    painter.rect_filled(rect.expand2(Vec2::new(3.0, 0.0)), 3, Color32::from_black_alpha(170));
    painter.galley(rect.min, galley, colour);
    rect
}

/// The letters of the patient's sides at the left, right, top and bottom edge of `rect`; where they stand.
pub fn edge_letters(painter: &Painter, rect: Rect, letters: [&str; 4]) -> [Rect; 4] {
    let rect = rect.shrink2(Vec2::new(8.0, 6.0));
    let places = [
        (rect.left_center(), Align2::LEFT_CENTER),
        (rect.right_center() - Vec2::new(12.0, 0.0), Align2::RIGHT_CENTER),
        (rect.center_top(), Align2::CENTER_TOP),
        (rect.center_bottom(), Align2::CENTER_BOTTOM),
    ];
    let colour = Color32::from_rgb(0xff, 0xd8, 0x7a);
    let one = |n: usize| shadowed(painter, places[n].0, places[n].1, letters[n], theme::semibold(14.0), colour);
    [one(0), one(1), one(2), one(3)]
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
    for (width, colour) in [(4.0, Color32::from_black_alpha(190)), (1.5, theme::STRONG)] {
        let stroke = Stroke::new(width, colour);
        painter.line_segment([start, end], stroke);
        painter.line_segment([start - tick, start + Vec2::new(0.0, 0.75)], stroke);
        painter.line_segment([end - tick, end + Vec2::new(0.0, 0.75)], stroke);
    }
    let middle = start + (end - start) * 0.5 - Vec2::new(0.0, 5.0);
    let text = numbers::length_mm(mm);
    shadowed(painter, middle, Align2::CENTER_BOTTOM, &text, FontId::proportional(11.5), theme::STRONG);
}

/// Small text, as [`shadowed`].
pub(super) fn shadowed_small(painter: &Painter, at: egui::Pos2, align: Align2, text: &str, colour: Color32) -> Rect {
    shadowed(painter, at, align, text, FontId::proportional(11.5), colour)
}

/// How far texts at the bottom left stand up in a narrow view, so that they do not run into the letter in the middle.
pub(super) fn lift(rect: Rect) -> f32 {
    if rect.width() < 330.0 { 18.0 } else { 0.0 }
}

/// Letters at the edges and a scale bar.
pub(super) fn annotate(painter: &Painter, geometry: &SliceGeometry) {
    let [right, down, _] = geometry.right_down_away();
    let letters = [-right, right, -down, down].map(|direction| orientation::letters(&direction));
    edge_letters(painter, geometry.rect, [&letters[0], &letters[1], &letters[2], &letters[3]]);
    scale_bar(painter, geometry.rect, geometry.mm_per_point());
}
