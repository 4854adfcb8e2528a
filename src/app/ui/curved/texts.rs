//! What is written on the view along a way: title, letters, scale bar, place; or why there is none.

use super::is_open;
use super::place::Place;
use crate::app::ui::slice::{edge_letters, scale_bar, shadowed};
use crate::app::ui::{find, numbers, theme};
use crate::base::NodeId;
use crate::base::i18n::{tr, tr_with};
use crate::geom::orientation;
use crate::image::curved::CurvedSurface;
use crate::session::{Case, Data};
use egui::{Align2, FontId, Rect, Ui, Vec2};

/// A view narrower or lower than this has no letters, points.
const LETTERS: Vec2 = Vec2::new(180.0, 120.0);

/// Title, letters, scale bar, and how far along the crosshair is.
pub(super) fn annotate(painter: &egui::Painter, rect: Rect, place: &Place, surface: &CurvedSurface, row: Option<f64>) {
    let at = rect.left_top() + Vec2::new(10.0, 8.0);
    shadowed(painter, at, Align2::LEFT_TOP, tr("curved-title"), theme::semibold(13.0), theme::ACCENT);
    scale_bar(painter, rect, place.mm_per_point);
    let last = surface.size()[1] as f64 - 1.0;
    if LETTERS.x <= rect.width() && LETTERS.y <= rect.height() {
        // Across the path they hold at the crosshair; along it at the two ends.
        let right = surface.right(row.unwrap_or(0.5 * last));
        let across = [-right, right].map(|way| orientation::letters(&way));
        let along = [-surface.path.tangent(0.0), surface.path.tangent(last)].map(|way| orientation::letters(&way));
        let side = |[before, after]: &[String; 2], ahead: bool| {
            if ahead { [before.clone(), after.clone()] } else { [after.clone(), before.clone()] }
        };
        let [x, y] = place.axes();
        let letters = if place.lies() {
            let ([left, right], [bottom, top]) = (side(&along, 0.0 < y.x), side(&across, x.y < 0.0));
            [left, right, top, bottom]
        } else {
            let ([left, right], [top, bottom]) = (side(&across, 0.0 < x.x), side(&along, 0.0 < y.y));
            [left, right, top, bottom]
        };
        edge_letters(painter, rect, [&letters[0], &letters[1], &letters[2], &letters[3]]);
    }
    if let Some(row) = row {
        let along = numbers::grouped(row * surface.path.step_mm(), 1);
        let text = tr_with(
            "path-place",
            &[("along", (&along).into()), ("length", (&numbers::grouped(surface.path.length_mm(), 1)).into())],
        );
        // In a narrow view it stands above the letter in the middle.
        let lift = if rect.width() < 330.0 { 18.0 } else { 0.0 };
        let at = rect.left_bottom() + Vec2::new(10.0, -9.0 - lift);
        shadowed(painter, at, Align2::LEFT_BOTTOM, &text, FontId::proportional(11.5), theme::TEXT);
    }
}

/// Why there is no way, and what to do.
pub(super) fn why_none(case: &Case, selected: Option<NodeId>) -> &'static str {
    let closed = selected.and_then(|id| case.node(id)).is_some_and(|node| match &node.data {
        Data::Measure(measure) => !is_open(measure.shape.kind()),
        _ => false,
    });
    match find::vessels(case, None) {
        Some(_) => tr("curved-no-branch"),
        None if closed => tr("curved-closed"),
        None => tr("curved-none"),
    }
}

/// One sentence in the middle, where there is nothing to show.
pub(super) fn note(ui: &Ui, rect: Rect, text: &str) {
    let width = (rect.width() - 32.0).clamp(40.0, 320.0);
    let galley = ui.painter().layout(text.to_owned(), FontId::proportional(13.0), theme::WEAK, width);
    let at = rect.center() - 0.5 * galley.size();
    ui.painter_at(rect).galley(at, galley, theme::WEAK);
}
