//! What is written in the corners of a slice view: which view, whose scan, where, how, and what lies under the mouse.

use super::annotate::{lift, shadowed, shadowed_small};
use super::look::table;
use super::view::{Probe, SliceSubject, Slices};
use super::{SliceGeometry, Stack};
use crate::app::ui::{numbers, settings, theme};
use crate::base::i18n;
use crate::base::i18n::{tr, tr_with};
use crate::geom::orientation;
use crate::image::slice::Projection;
use crate::image::{Colormap, Scan, Window};
use egui::{Align2, Color32, Painter, Pos2, Rect, Stroke, StrokeKind, Vec2};

/// A view smaller than this has no texts, points.
const SMALLEST: Vec2 = Vec2::new(120.0, 90.0);
/// A view lower than this does not say how the scan was made, points.
const TECHNIQUE_HEIGHT: f32 = 220.0;
/// Between two lines of text, points.
const LINE: f32 = 17.0;

/// A word in the middle of a view that shows nothing.
pub(super) fn empty(painter: &Painter, rect: Rect, text: &str) {
    if 60.0 < rect.width() && 24.0 < rect.height() {
        shadowed_small(painter, rect.center() + Vec2::new(0.0, 28.0), Align2::CENTER_CENTER, text, theme::WEAK);
    }
}

/// All texts of a view.
pub(super) fn corners_ui(
    slices: &mut Slices,
    painter: &Painter,
    geometry: &SliceGeometry,
    stack: &Stack,
    subject: &SliceSubject<'_>,
    probe: Option<&Probe>,
) {
    let rect = geometry.rect;
    if rect.width() < SMALLEST.x || rect.height() < SMALLEST.y {
        return;
    }
    title(slices, painter, geometry, subject);
    let window = *slices.window(subject.node, subject.scan, subject.hash);
    let slab = slices.slabs[geometry.orientation as usize];
    let sums = slab.projection == Some(Projection::Sum);
    colour_bars(slices, painter, rect, subject, sums);
    let inverted = if window.inverted { format!("   {}", tr("slice-inverted")) } else { String::new() };
    let of_window = if sums {
        slices.sum_window_text(geometry.orientation, subject).map_or_else(String::new, |text| text + &inverted)
    } else {
        let [width, level] = window.texts();
        format!("W {width}  L {level}{inverted}")
    };
    let mut lines = vec![(place_text(geometry, stack, subject), theme::TEXT), (of_window, theme::TEXT)];
    lines.extend(slab.text().map(|text| (text, theme::ACCENT)));
    if slices.frame(geometry.orientation).flips() != [false; 2] {
        // Sides that are not where everybody expects them are said in the colour of a warning.
        lines.push((tr("slice-flipped").to_owned(), theme::WARNING));
    }
    if geometry.orientation == slices.told_in && TECHNIQUE_HEIGHT < rect.height() {
        lines.extend(technique(subject.scan).map(|text| (text, theme::WEAK)));
    }
    lines.extend(probe.map(|probe| (probe_text(probe), theme::STRONG)));
    let room = (rect.height() - 70.0 - lift(rect)) / LINE;
    let bottom = rect.left_bottom() + Vec2::new(10.0, -9.0 - lift(rect));
    for (n, (text, colour)) in lines.iter().take(room.max(1.0) as usize).enumerate() {
        let at = bottom - Vec2::new(0.0, LINE * n as f32);
        // The scale bar has the other half of the lowest lines.
        let right = if n < 2 { rect.center().x + 0.1 * rect.width() } else { rect.right() - 22.0 };
        let painter = painter.with_clip_rect(painter.clip_rect().intersect(Rect::everything_left_of(right)));
        shadowed_small(&painter, at, Align2::LEFT_BOTTOM, text, *colour);
    }
}

/// Which view it is, and whose scan.
fn title(slices: &Slices, painter: &Painter, geometry: &SliceGeometry, subject: &SliceSubject<'_>) {
    let SliceGeometry { rect, orientation, .. } = *geometry;
    let tilt = slices.turn.tilt_deg(orientation);
    let name = theme::sentence(i18n::in_tables("orientation", orientation.name()));
    let name = if slices.turn.is_straight() { name } else { format!("{name} {tilt:.0}°") };
    let colour = theme::view_colour(orientation);
    let at = rect.left_top() + Vec2::new(10.0, 8.0);
    let mut below = shadowed(painter, at, Align2::LEFT_TOP, &name, theme::semibold(13.0), colour);
    let room = painter.with_clip_rect(
        painter.clip_rect().intersect(Rect::from_min_max(rect.min, egui::pos2(rect.center().x - 16.0, rect.bottom()))),
    );
    let names = [Some(subject.name), subject.fused.map(|fused| fused.name)];
    let tells = orientation == slices.told_in || slices.company.beside;
    if tells && !slices.names_hidden && !settings::names_hidden(painter.ctx()) {
        for (n, name) in names.into_iter().flatten().enumerate() {
            let text = if n == 0 { name.to_owned() } else { format!("+ {name}") };
            let at = below.left_bottom() + Vec2::new(0.0, 3.0);
            below = shadowed_small(&room, at, Align2::LEFT_TOP, &text, theme::WEAK);
        }
    }
}

/// `S 118.8 mm   34 / 133`; of a turned view the direction it is counted along, in letters.
fn place_text(geometry: &SliceGeometry, stack: &Stack, subject: &SliceSubject<'_>) -> String {
    let away = geometry.right_down_away()[2];
    let (index, count) = (stack.index(&subject.crosshair), stack.count());
    let axis = away.iamax();
    let depth_mm = stack.shown_mm(&subject.crosshair);
    let place = if 1.0 - 1e-9 < away[axis].abs() {
        let letters = [["R", "L"], ["A", "P"], ["I", "S"]][axis];
        numbers::coordinate(depth_mm * away[axis], letters)
    } else {
        let direction = if depth_mm < 0.0 { -away } else { away };
        format!("{} {:.1}", orientation::letters(&direction), depth_mm.abs())
    };
    format!("{place} mm   {} / {count}", index + 1)
}

/// How the scan was made, as far as its file says: `CT · 1.25 mm · 120 kV`.
fn technique(scan: &Scan) -> Option<String> {
    const SHOWN: [&str; 8] =
        ["body part", "slice thickness", "tube voltage", "kernel", "contrast", "field", "repetition time", "echo time"];
    let fact = |name: &&str| {
        scan.facts.iter().find(|(of, _)| of == name).map(|(name, value)| match name.as_str() {
            "repetition time" => format!("TR {value}"),
            "echo time" => format!("TE {value}"),
            _ => value.clone(),
        })
    };
    let facts: Vec<String> = SHOWN.iter().filter_map(fact).collect();
    let modality = (scan.modality != crate::image::Modality::Other).then(|| scan.modality.name().to_owned());
    let all: Vec<String> = modality.into_iter().chain(facts).collect();
    (!all.is_empty()).then(|| all.join(" · "))
}

/// `−734 HU · lungs`.
fn probe_text(probe: &Probe) -> String {
    let value = probe.value.map(|value| numbers::quantity(value, probe.unit));
    let slab = probe.slab_text();
    let fused =
        probe.fused.map(|(value, unit)| tr_with("probe-over", &[("value", (&numbers::quantity(value, unit)).into())]));
    let names = probe.segments.iter().map(|(name, _)| name.clone());
    value.into_iter().chain(slab).chain(fused).chain(names).collect::<Vec<_>>().join("  ·  ")
}

/// Bars of the colours that are no greys, with the values at their ends; `sums` have a window of their own, which is not
/// that of the scan.
fn colour_bars(slices: &mut Slices, painter: &Painter, rect: Rect, subject: &SliceSubject<'_>, sums: bool) {
    let first = (subject.node, subject.scan, subject.hash);
    let second = subject.fused.map(|fused| (fused.node, fused.scan, fused.hash));
    let (top, bottom) = (rect.top() + 22.0, rect.center().y - 26.0);
    if bottom - top < 50.0 {
        return;
    }
    let mut right = rect.right() - 26.0;
    for (n, (node, scan, hash)) in [Some(first), second].into_iter().flatten().enumerate() {
        let look = if n == 0 { slices.look(node) } else { slices.look_over(node) };
        let colours = look.colours;
        if colours == Colormap::Greys {
            continue;
        }
        let window = slices.window(node, scan, hash);
        let Window { width, level } = window.window;
        let bar = Rect::from_min_max(Pos2::new(right - 9.0, top), Pos2::new(right, bottom));
        let table = table(colours);
        let height = bar.height().ceil().max(1.0) as usize;
        for row in 0..height {
            let part = 1.0 - row as f32 / height as f32;
            let place = (if window.inverted { 1.0 - part } else { part } * 255.0) as usize;
            let y = bar.top() + row as f32;
            let strip = Rect::from_x_y_ranges(bar.x_range(), y..=(y + 1.0).min(bar.bottom()));
            painter.rect_filled(strip, 0, theme::colour(table[place.min(255)]));
        }
        painter.rect_stroke(bar, 0, Stroke::new(1.0, Color32::from_black_alpha(200)), StrokeKind::Outside);
        let ends = [
            (bar.left_top(), Align2::RIGHT_TOP, level + 0.5 * width),
            (bar.left_bottom(), Align2::RIGHT_BOTTOM, level - 0.5 * width),
        ];
        for (at, align, value) in ends.into_iter().filter(|_| !sums) {
            let text = numbers::quantity(if width < 10.0 { value } else { value.round() }, scan.unit());
            shadowed_small(painter, at - Vec2::new(6.0, 0.0), align, &text, theme::TEXT);
        }
        right -= 78.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use crate::image::{Modality, Volume, Voxels};

    #[test]
    fn the_technique_names_what_the_file_says_and_nothing_of_persons() {
        let grid = Grid::aligned([2, 2, 2], Point::origin(), [1.0; 3]).unwrap();
        let voxels = Voxels::I16(Volume::new(grid, vec![0; 8]).unwrap());
        let facts = [("manufacturer", "X"), ("tube voltage", "120 kV"), ("slice thickness", "1.25 mm")];
        let facts = facts.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let scan = Scan { voxels, modality: Modality::Ct, window: None, facts };
        assert_eq!(technique(&scan).as_deref(), Some("CT · 1.25 mm · 120 kV"));
        assert_eq!(technique(&Scan { modality: Modality::Other, facts: Vec::new(), ..scan }), None);
    }
}
