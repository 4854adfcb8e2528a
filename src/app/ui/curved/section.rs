//! Beside the view: the slice square to the path at the crosshair, and the diameter of the vessel along the path.

use super::picture::{Course, Subject};
use super::place::Place;
use crate::app::ui::slice::{PlaneSubject, SlicePicture, edge_letters, shadowed};
use crate::app::ui::{numbers, theme};
use crate::base::i18n::{tr, tr_with};
use crate::geom::{Orientation, Point, orientation};
use crate::image::SlicePlane;
use crate::image::curved::CurvedSurface;
use egui::{Align2, Color32, FontId, Pos2, Rect, Response, Sense, Shape, Stroke, StrokeKind, Ui, Vec2};

/// How much the slice shows, mm.
const ACROSS_MM: f64 = 40.0;
/// Fewest and most pixels of its side.
const SIDE: [f32; 2] = [16.0, 640.0];
/// Room for the diameters, points.
const STRIP: f32 = 66.0;
/// Between two panes, points.
const GAP: f32 = 3.0;

/// The parts of the view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parts {
    /// The picture.
    pub(super) body: Rect,
    /// The slice across.
    pub(super) section: Option<Rect>,
    /// The diameters along.
    pub(super) strip: Option<Rect>,
}

/// Share `rect` out; a small view is the picture alone.
pub(super) fn parts(rect: Rect, lies: bool, has_radii: bool) -> Parts {
    let mut parts = Parts { body: rect, section: None, strip: None };
    let side = (0.3 * rect.width()).min(0.5 * rect.height()).min(240.0);
    if 96.0 <= side && 420.0 <= rect.width() {
        let column = Rect::from_min_max(Pos2::new(rect.right() - side, rect.top()), rect.max);
        parts.body.max.x -= side + GAP;
        parts.section = Some(Rect::from_min_size(column.min, Vec2::splat(side)));
    }
    let body = parts.body;
    if has_radii && lies && 240.0 <= body.height() {
        parts.body.max.y -= STRIP + GAP;
        parts.strip = Some(Rect::from_min_max(Pos2::new(body.left(), body.bottom() - STRIP), body.max));
    } else if has_radii && !lies && 260.0 <= body.width() {
        parts.body.max.x -= STRIP + GAP;
        parts.strip = Some(Rect::from_min_max(Pos2::new(body.right() - STRIP, body.top()), body.max));
    }
    parts
}

/// The plane square to the path at a row, seen along the path; to its right lies what is right of the path in the view.
fn plane_at(surface: &CurvedSurface, row: f64, pixels: usize) -> SlicePlane {
    let (right, ahead) = (surface.right(row), surface.path.tangent(row));
    let down = ahead.cross(&right);
    SlicePlane::centred(surface.path.point(row), right, down, ACROSS_MM / pixels as f64, [pixels; 2])
}

/// What the mouse does in the slice across.
#[derive(Debug, Default)]
pub(super) struct SectionAnswer {
    pub(super) under: Option<Point>,
    pub(super) clicked: Option<Point>,
}

/// The slice across the path at `row`, with the vessel's radius there.
pub(super) fn section_ui(
    ui: &Ui,
    rect: Rect,
    picture: &mut SlicePicture,
    subject: &Subject<'_>,
    surface: &CurvedSurface,
    row: Option<f64>,
    (radius_mm, annotations, crosshair): (Option<f64>, bool, Option<Point>),
) -> SectionAnswer {
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0, Color32::BLACK);
    let edge = Stroke::new(1.0, theme::ACCENT.gamma_multiply(0.4));
    let Some(row) = row else {
        let galley = painter.layout(
            tr("curved-section-none").to_owned(),
            FontId::proportional(11.5),
            theme::WEAK,
            (rect.width() - 16.0).max(40.0),
        );
        painter.galley(rect.center() - 0.5 * galley.size(), galley, theme::WEAK);
        painter.rect_stroke(rect, 0, edge, StrokeKind::Inside);
        return SectionAnswer::default();
    };
    let pixels = (rect.width() * ui.pixels_per_point()).round().clamp(SIDE[0], SIDE[1]) as usize;
    let plane = plane_at(surface, row, pixels);
    let shown = PlaneSubject {
        scan: subject.scan,
        hash: subject.hash,
        plane,
        slab: None,
        window: subject.window,
        sums: None,
        look: subject.look,
        overlays: subject.overlays.to_vec(),
        segments: subject.segments,
        range: None,
        fused: subject.fused,
    };
    let texture = picture.of(ui.ctx(), Orientation::Axial, &shown).id();
    let whole = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
    painter.image(texture, rect, whole, Color32::WHITE);
    painter.rect_stroke(rect, 0, edge, StrokeKind::Inside);
    let points_per_mm = rect.width() / ACROSS_MM as f32;
    if let Some(at) = crosshair {
        let from = at - surface.path.point(row);
        let [x, y] = [plane.right, plane.down].map(|way| from.dot(&way.normalize()) as f32 * points_per_mm);
        cross(&painter, rect.center() + Vec2::new(x, y));
    }
    if let Some(radius_mm) = radius_mm.filter(|_| annotations) {
        let radius = radius_mm as f32 * points_per_mm;
        let circle: Vec<Pos2> =
            (0..=72).map(|n| rect.center() + radius * Vec2::angled(n as f32 / 72.0 * std::f32::consts::TAU)).collect();
        painter.extend(Shape::dashed_line(&circle, Stroke::new(1.2, theme::ACCENT), 4.0, 4.0));
        let text = diameter(2.0 * radius_mm);
        let at = rect.left_bottom() + Vec2::new(8.0, -7.0);
        shadowed(&painter, at, Align2::LEFT_BOTTOM, &text, FontId::proportional(11.5), theme::STRONG);
    }
    if annotations {
        let at = rect.left_top() + Vec2::new(8.0, 6.0);
        shadowed(&painter, at, Align2::LEFT_TOP, tr("curved-section"), theme::semibold(12.0), theme::ACCENT);
        let letters = [-plane.right, plane.right, -plane.down, plane.down].map(|way| orientation::letters(&way));
        // Its title has the top.
        let below = Rect::from_min_max(rect.min + Vec2::new(0.0, 20.0), rect.max);
        edge_letters(&painter, below, [&letters[0], &letters[1], &letters[2], &letters[3]]);
    }
    let response = ui.interact(rect, ui.id().with("across the path"), Sense::click());
    let place = |pos: Pos2| {
        let from = (pos - rect.center()) / points_per_mm;
        let [right, down] = [plane.right, plane.down].map(|way| way.normalize());
        surface.path.point(row) + right * f64::from(from.x) + down * f64::from(from.y)
    };
    SectionAnswer {
        under: response.hover_pos().map(place),
        clicked: response.interact_pointer_pos().filter(|_| response.clicked()).map(place),
    }
}

fn cross(painter: &egui::Painter, at: Pos2) {
    for (width, colour) in [(3.0, Color32::from_black_alpha(150)), (1.2, theme::ACCENT)] {
        for way in [Vec2::new(7.0, 0.0), Vec2::new(0.0, 7.0)] {
            painter.line_segment([at - way, at + way], Stroke::new(width, colour));
        }
    }
}

/// `Ø 6.2 mm`.
fn diameter(mm: f64) -> String {
    format!("Ø {} mm", numbers::grouped(mm, 1))
}

/// The diameters along the path beside its picture; the row that was clicked.
pub(super) fn strip_ui(
    ui: &Ui,
    rect: Rect,
    place: &Place,
    course: &Course,
    row: Option<f64>,
    annotations: bool,
) -> Option<f64> {
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0, Color32::BLACK);
    let most_mm = 2.0 * course.radii_mm.iter().copied().fold(0.0, f64::max);
    if !(0.0 < most_mm) {
        return None;
    }
    // The place of a diameter at a row: away from the picture it grows.
    let lies = place.lies();
    let room = if lies { rect.height() } else { rect.width() } - 8.0;
    let at = |row: f64, mm: f64| {
        let (along, off) = (place.screen([0.0, row]), 4.0 + room * (mm / most_mm) as f32);
        if lies { Pos2::new(along.x, rect.bottom() - off) } else { Pos2::new(rect.left() + off, along.y) }
    };
    let line: Vec<Pos2> = course.radii_mm.iter().enumerate().map(|(n, mm)| at(n as f64, 2.0 * mm)).collect();
    let grid = Stroke::new(1.0, Color32::from_white_alpha(28));
    let last = (course.radii_mm.len() - 1) as f64;
    for part in [0.0, 0.5, 1.0] {
        painter.line_segment([at(0.0, part * most_mm), at(last, part * most_mm)], grid);
    }
    painter.add(Shape::line(line, Stroke::new(1.5, theme::ACCENT)));
    if let Some((row, radius_mm)) = row.and_then(|row| Some((row, course.radius_mm(row)?))) {
        painter.line_segment([at(row, 0.0), at(row, most_mm)], Stroke::new(1.0, theme::ACCENT.gamma_multiply(0.6)));
        painter.circle_filled(at(row, 2.0 * radius_mm), 3.0, theme::STRONG);
    }
    if annotations {
        let text = tr_with("curved-diameter", &[("mm", (&numbers::grouped(most_mm, 1)).into())]);
        let corner = rect.right_top() + Vec2::new(-4.0, 4.0);
        shadowed(&painter, corner, Align2::RIGHT_TOP, &text, FontId::proportional(10.5), theme::TEXT);
    }
    let response: Response = ui.interact(rect, ui.id().with("diameters along"), Sense::click());
    let clicked = response.interact_pointer_pos().filter(|_| response.clicked());
    clicked.map(|pos| place.pixel(pos)[1].clamp(0.0, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::curved::CurvedPath;
    use std::sync::Arc;

    #[test]
    fn the_slice_across_is_square_to_the_path_and_centred_on_it() {
        let points: Vec<Point> = (0..=60)
            .map(|n| f64::from(n) * 0.05)
            .map(|t| Point::new(20.0 * t.cos(), 20.0 * t.sin(), 4.0 * t))
            .collect();
        let path = Arc::new(CurvedPath::new(&points, 0.5, 0.0).unwrap());
        let surface = CurvedSurface { path, angle_rad: 0.8, pixel_mm: 0.5, columns: 41 };
        for row in [0.0, 17.3, 90.0] {
            let plane = plane_at(&surface, row, 80);
            assert!((plane.away() - surface.path.tangent(row)).norm() < 1e-9);
            assert!((plane.patient_from_pixel([39.5, 39.5]) - surface.path.point(row)).norm() < 1e-9);
            // To the right of the middle lies what the view has to the right of the path.
            let right = surface.patient_from_pixel([surface.middle() + 10.0, row]);
            let [x, y] = plane.pixel_from_patient(right);
            assert!((x - 39.5 - 10.0).abs() < 1e-6 && (y - 39.5).abs() < 1e-6);
        }
    }

    #[test]
    fn the_parts_lie_beside_each_other_at_every_size() {
        for width in (80..1600).step_by(40) {
            for height in (60..1000).step_by(40) {
                for bits in 0..4 {
                    let rect = Rect::from_min_size(Pos2::new(7.0, 9.0), Vec2::new(width as f32, height as f32));
                    let Parts { body, section, strip } = parts(rect, bits & 1 == 1, bits & 2 == 2);
                    let all: Vec<Rect> = [Some(body), section, strip].into_iter().flatten().collect();
                    assert!(all.iter().all(|part| rect.contains_rect(*part) && part.is_positive()), "{all:?}");
                    let apart = |a: &Rect, b: &Rect| !a.shrink(0.5).intersects(b.shrink(0.5));
                    assert!((1..all.len()).all(|n| all[..n].iter().all(|other| apart(other, &all[n]))), "{all:?}");
                }
            }
        }
    }
}
