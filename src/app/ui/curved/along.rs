//! Measuring on the view: only what is true there. A way along the path is as long as it looks, and a place is a place;
//! anything across or aslant is not, for the picture is bent straight.

use super::place::Place;
use crate::app::ui::slice::{MouseTool, shadowed};
use crate::app::ui::wish::Wish;
use crate::app::ui::{numbers, theme};
use crate::base::NodeId;
use crate::base::i18n::{tr, tr_with};
use crate::geom::Point;
use crate::geom::measure::Kind;
use crate::image::curved::{CurvedPath, CurvedSurface};
use egui::{Align2, Color32, FontId, Painter, PointerButton, Pos2, Response, Stroke, Ui};
use serde_json::json;

/// Ways shorter than this are none, mm.
const LEAST_MM: f64 = 0.5;

/// A way along the path under the pressed button: the rows it begins and ends at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Along([f64; 2]);

impl Along {
    fn length_mm(self, path: &CurvedPath) -> f64 {
        (self.0[1] - self.0[0]).abs() * path.step_mm()
    }
}

/// The points of the path between two rows.
fn between(path: &CurvedPath, rows: [f64; 2]) -> Vec<Point> {
    let [from, to] = [rows[0].min(rows[1]), rows[0].max(rows[1])];
    let inner = (from.floor() as usize + 1..to.ceil() as usize).map(|row| path.points()[row]);
    std::iter::once(path.point(from)).chain(inner).chain([path.point(to)]).collect()
}

/// What the mouse measures, if it measures: whether it does.
pub(super) fn act(
    along: &mut Option<Along>,
    ui: &Ui,
    response: &Response,
    place: &Place,
    surface: &CurvedSurface,
    (tool, scan): (MouseTool, NodeId),
    wishes: &mut Vec<Wish>,
) -> bool {
    let MouseTool::Measure(kind) = tool else {
        *along = None;
        return false;
    };
    let last = surface.size()[1] as f64 - 1.0;
    let row = |pos: Pos2| place.pixel(pos)[1].clamp(0.0, last);
    let pos = response.interact_pointer_pos();
    if is_along(kind) {
        let pressed = response.drag_started_by(PointerButton::Primary).then(|| ui.input(|i| i.pointer.press_origin()));
        if let Some(from) = pressed.flatten() {
            *along = Some(Along([row(from); 2]));
        }
        if let (Some(own), Some(pos)) = (along.as_mut(), pos) {
            own.0[1] = row(pos);
        }
        if response.drag_stopped()
            && let Some(own) = along.take()
            && LEAST_MM <= own.length_mm(&surface.path)
        {
            let points: Vec<[f64; 3]> = between(&surface.path, own.0).iter().map(|p| [p.x, p.y, p.z]).collect();
            wishes.push(Wish::run("measure.add", json!({ "kind": "polyline", "points": points, "scan": scan.0 })));
        }
    } else if kind == Kind::Point
        && response.clicked()
        && let Some(pos) = pos.filter(|pos| place.image.contains(*pos))
    {
        let point = surface.patient_from_pixel(place.pixel(pos));
        let points = [[point.x, point.y, point.z]];
        wishes.push(Wish::run("measure.add", json!({ "kind": "point", "points": points, "scan": scan.0 })));
    }
    true
}

/// Whether a measure of this kind can be taken along the path.
fn is_along(kind: Kind) -> bool {
    matches!(kind, Kind::Length | Kind::Polyline | Kind::Spline)
}

/// The way under the button with its length; or why a measure of the kind in the hand is not drawn here.
pub(super) fn paint(
    painter: &Painter,
    along: Option<Along>,
    place: &Place,
    surface: &CurvedSurface,
    (tool, mouse): (MouseTool, Option<Pos2>),
) {
    let MouseTool::Measure(kind) = tool else { return };
    if let Some(own) = along {
        let [from, to] = own.0.map(|row| place.screen([surface.middle(), row]));
        let across = 8.0 * place.axes()[0];
        for (width, colour) in [(4.0, Color32::from_black_alpha(190)), (2.0, theme::STRONG)] {
            let stroke = Stroke::new(width, colour);
            painter.line_segment([from, to], stroke);
            for end in [from, to] {
                painter.line_segment([end - across, end + across], stroke);
            }
        }
        let text = tr_with("curved-along", &[("length", (&numbers::grouped(own.length_mm(&surface.path), 1)).into())]);
        let at = to + egui::Vec2::new(12.0, 0.0);
        shadowed(painter, at, Align2::LEFT_CENTER, &text, FontId::proportional(12.5), theme::STRONG);
        return;
    }
    let Some(pos) = mouse else { return };
    let text = match kind {
        kind if is_along(kind) => tr("curved-measure-along"),
        Kind::Point => return,
        _ => tr("curved-measure-not"),
    };
    let clip = painter.clip_rect();
    let room = (clip.width() - 24.0).clamp(60.0, 300.0);
    let galley = painter.layout(text.to_owned(), FontId::proportional(12.0), theme::STRONG, room);
    let from = egui::Rect::from_min_size(
        clip.min,
        (clip.size() - galley.size() - egui::Vec2::splat(12.0)).max(egui::Vec2::ZERO),
    );
    let at = (pos + egui::Vec2::new(14.0, 12.0)).clamp(from.min, from.max);
    let plate = egui::Rect::from_min_size(at, galley.size()).expand(4.0);
    painter.rect_filled(plate, 3, Color32::from_black_alpha(190));
    painter.galley(at, galley, theme::STRONG);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_between_two_rows_is_as_long_as_the_rows_say() {
        let points: Vec<Point> = (0..=60)
            .map(|n| f64::from(n) * 0.05)
            .map(|t| Point::new(20.0 * t.cos(), 20.0 * t.sin(), 4.0 * t))
            .collect();
        let path = CurvedPath::new(&points, 0.5, 0.0).unwrap();
        for rows in [[0.0, 100.0], [90.4, 12.7], [3.0, 3.4], [7.0, 8.0]] {
            let line = between(&path, rows);
            let length_mm: f64 = line.windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum();
            assert!(
                (length_mm - Along(rows).length_mm(&path)).abs() < 1e-3 * (1.0 + length_mm),
                "{rows:?}: {length_mm}"
            );
        }
    }
}
