//! Measures on a slice. What lies in the slice is drawn full; a line that runs through it is drawn full where it does and
//! faint elsewhere; flat shapes show in their own plane only, as radiologists expect.

use super::{Measures, Part, labels};
use crate::app::ui::slice::{SliceGeometry, shadowed};
use crate::app::ui::theme;
use crate::geom::Point;
use crate::geom::measure::{Kind, Shape};
use egui::{Align2, Color32, Painter, Pos2, Rect, Shape as Drawn, Stroke, Vec2};

/// Radius of a handle, in points (as VolView).
pub(super) const HANDLE: f32 = 6.0;
/// What lies behind every line, so that it is seen on bone too.
const HALO: Color32 = Color32::from_black_alpha(150);

/// How much a measure stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Emphasis {
    Plain,
    Strong,
}

/// A line with its halo.
pub(super) fn line(painter: &Painter, points: Vec<Pos2>, width: f32, colour: Color32) {
    if 1 < points.len() {
        painter.add(Drawn::line(points.clone(), Stroke::new(width + 2.0, HALO)));
        painter.add(Drawn::line(points, Stroke::new(width, colour)));
    }
}

/// The head of an arrow at `tip`.
pub(super) fn arrow_head(painter: &Painter, tip: Pos2, tail: Pos2, colour: Color32) {
    let way = tip - tail;
    if way.length() < 1.0 {
        return;
    }
    let (along, across) = (way.normalized(), way.normalized().rot90());
    let neck = tip - along * 13.0;
    let head = vec![tip, neck + across * 5.5, neck - across * 5.5];
    painter.add(Drawn::convex_polygon(head, colour, Stroke::new(1.0, HALO)));
}

/// The part of the line from `a` to `b` (given by their distances from the slice) within `reach`, as parts of it.
fn within(a: f64, b: f64, reach: f64) -> Option<[f64; 2]> {
    if (b - a).abs() < 1e-12 {
        return (a.abs() <= reach).then_some([0.0, 1.0]);
    }
    let [s, t] = [(-reach - a) / (b - a), (reach - a) / (b - a)];
    let (low, high) = (s.min(t).max(0.0), s.max(t).min(1.0));
    (low <= high).then_some([low, high])
}

impl Measures {
    /// Draw all that lies in or crosses the slice; half of a slice to both sides counts as in it.
    pub fn paint(&self, painter: &Painter, geometry: &SliceGeometry, reach_mm: f64) {
        let mut taken = Vec::new();
        for shown in self.shown.iter().rev() {
            let pointed = self.pointed.filter(|(id, _)| *id == shown.id).map(|(_, part)| part);
            let held = self.held.as_ref().is_some_and(|held| held.id == shown.id);
            let strong = held || pointed.is_some() || self.selected == Some(shown.id);
            let emphasis = if strong { Emphasis::Strong } else { Emphasis::Plain };
            let (measure, values) = self.now(shown);
            let text = labels::lines(measure.shape.kind(), &measure.text, &values).join("\n");
            let look = (shown.colour, emphasis, pointed);
            paint_one(painter, geometry, reach_mm, &measure.shape, &text, look, &mut taken);
        }
        if let Some(draft) = &self.draft {
            let on_screen = |point: &Point| geometry.screen_from_patient(point);
            let is_here = draft.points.iter().any(|point| geometry.distance_mm(point).abs() <= reach_mm);
            if !is_here {
                return;
            }
            for stroke in draft.strokes() {
                line(painter, stroke.iter().map(on_screen).collect(), 1.5, theme::ACCENT);
            }
            for point in draft.points.iter().filter(|_| draft.kind != Kind::Region) {
                painter.circle(on_screen(point), 3.5, theme::ACCENT, Stroke::new(1.0, HALO));
            }
            if let Some(live) = &draft.live {
                let corners = live.shape.strokes().concat();
                let text = labels::lines(draft.kind, "", &live.values()).join("\n");
                label(
                    painter,
                    geometry.rect,
                    &corners.iter().map(on_screen).collect::<Vec<_>>(),
                    &text,
                    theme::ACCENT,
                    &mut taken,
                );
            }
        }
    }
}

/// Draw one where it lies in the slice or runs through it.
fn paint_one(
    painter: &Painter,
    geometry: &SliceGeometry,
    reach_mm: f64,
    shape: &Shape,
    text: &str,
    (colour, emphasis, pointed): (Color32, Emphasis, Option<Part>),
    taken: &mut Vec<Rect>,
) {
    let depth = |point: &Point| geometry.distance_mm(point);
    let is_here = shape.points().iter().all(|point| depth(point).abs() <= reach_mm);
    if !is_here && !shape.may_cross() {
        return;
    }
    let on_screen = |point: &Point| geometry.screen_from_patient(point);
    let width = if emphasis == Emphasis::Strong { 2.5 } else { 1.5 };
    let strokes = shape.strokes();
    if is_here {
        for stroke in &strokes {
            line(painter, stroke.iter().map(on_screen).collect(), width, colour);
        }
        marks(painter, shape, &on_screen, colour, emphasis, pointed);
        let seen: Vec<Pos2> = strokes.iter().flatten().chain(shape.points()).map(on_screen).collect();
        label(painter, geometry.rect, beside(shape, &seen), text, colour, taken);
        return;
    }
    let pairs = || strokes.iter().flat_map(|stroke| stroke.windows(2));
    let parts: Vec<[Point; 2]> = pairs()
        .filter_map(|pair| {
            let [low, high] = within(depth(&pair[0]), depth(&pair[1]), reach_mm)?;
            Some([low, high].map(|part| pair[0] + (pair[1] - pair[0]) * part))
        })
        .collect();
    if parts.is_empty() {
        return;
    }
    for pair in pairs() {
        let ends = [on_screen(&pair[0]), on_screen(&pair[1])];
        painter.extend(Drawn::dashed_line(&ends, Stroke::new(1.0, colour.gamma_multiply(0.35)), 4.0, 4.0));
    }
    for part in &parts {
        line(painter, part.iter().map(on_screen).collect(), width, colour);
    }
    // A line that runs straight through the slice is a dot there.
    for [a, b] in parts.iter().map(|part| [on_screen(&part[0]), on_screen(&part[1])]) {
        if a.distance(b) < 4.0 {
            painter.circle(a + (b - a) * 0.5, 3.0, colour, Stroke::new(1.0, HALO));
        }
    }
}

/// The places of a shape that its label keeps beside: of an arrow its tail, where the words stand.
pub(super) fn beside<'a>(shape: &Shape, seen: &'a [Pos2]) -> &'a [Pos2] {
    if shape.kind() == Kind::Arrow { seen.last().map_or(seen, std::slice::from_ref) } else { seen }
}

/// Handles where it stands out, else what belongs to the kind: end ticks, dots, arrow heads, the arc of an angle.
fn marks(
    painter: &Painter,
    shape: &Shape,
    on_screen: &dyn Fn(&Point) -> Pos2,
    colour: Color32,
    emphasis: Emphasis,
    pointed: Option<Part>,
) {
    let p: Vec<Pos2> = shape.placed().iter().map(on_screen).collect();
    match shape.kind() {
        Kind::Angle => arc(painter, [p[0], p[1], p[2]], colour),
        Kind::Cobb => {
            let [a, b] = [p[0] + (p[1] - p[0]) * 0.5, p[2] + (p[3] - p[2]) * 0.5];
            painter.extend(Drawn::dashed_line(&[a, b], Stroke::new(1.0, colour.gamma_multiply(0.7)), 5.0, 4.0));
        }
        Kind::Arrow => arrow_head(painter, p[0], p[1], colour),
        Kind::Point => {
            for across in [Vec2::new(7.0, 0.0), Vec2::new(0.0, 7.0)] {
                line(painter, vec![p[0] - across, p[0] + across], 1.5, colour);
            }
        }
        Kind::Spline => shape.tightest().iter().for_each(|place| tightest_mark(painter, on_screen(place), colour)),
        Kind::Length if emphasis == Emphasis::Plain => {
            let across = (p[1] - p[0]).rot90().normalized() * 5.0;
            for end in &p {
                line(painter, vec![*end - across, *end + across], 1.5, colour);
            }
        }
        _ => {}
    }
    if emphasis == Emphasis::Plain {
        if matches!(
            shape.kind(),
            Kind::Polyline
                | Kind::Curve
                | Kind::Spline
                | Kind::Geodesic
                | Kind::Cobb
                | Kind::Bidirectional
                | Kind::Text
        ) {
            p.iter().for_each(|at| _ = painter.circle(*at, 2.5, colour, Stroke::new(1.0, HALO)));
        }
        return;
    }
    for (n, handle) in shape.handles().iter().enumerate() {
        let hot = pointed == Some(Part::Handle(n));
        let fill = if hot { colour } else { colour.gamma_multiply(0.25) };
        painter.circle_stroke(on_screen(handle), HANDLE + 1.0, Stroke::new(1.0, HALO));
        painter.circle(on_screen(handle), HANDLE, fill, Stroke::new(1.5, colour));
    }
}

/// A ring where a curve bends most.
pub(super) fn tightest_mark(painter: &Painter, at: Pos2, colour: Color32) {
    painter.circle_stroke(at, 8.0, Stroke::new(3.5, HALO));
    painter.circle_stroke(at, 8.0, Stroke::new(1.5, colour));
}

/// The arc between the arms of an angle.
fn arc(painter: &Painter, [a, vertex, b]: [Pos2; 3], colour: Color32) {
    let [from, to] = [a - vertex, b - vertex];
    let radius = (0.35 * from.length().min(to.length())).min(26.0);
    if radius < 4.0 {
        return;
    }
    let turn =
        (to.angle() - from.angle() + std::f32::consts::PI).rem_euclid(std::f32::consts::TAU) - std::f32::consts::PI;
    let at = |n: u8| vertex + Vec2::angled(from.angle() + turn * f32::from(n) / 16.0) * radius;
    line(painter, (0..=16).map(at).collect(), 1.0, colour);
}

/// The label of a measure whose lines run through `seen`, with a leader where it lies apart.
pub(super) fn label(
    painter: &Painter,
    bounds: Rect,
    seen: &[Pos2],
    text: &str,
    colour: Color32,
    taken: &mut Vec<Rect>,
) {
    let shape = seen.iter().fold(Rect::NOTHING, |all, at| all.union(Rect::from_min_max(*at, *at)));
    if text.is_empty() || !shape.is_finite() || !shape.intersects(bounds) {
        return;
    }
    let font = theme::semibold(12.5);
    let size = painter.layout_no_wrap(text.to_owned(), font.clone(), colour).size() + Vec2::new(6.0, 0.0);
    let rect = labels::place(shape.expand(2.0), size, bounds, taken);
    let from = |at: &Pos2| rect.distance_sq_to_pos(*at);
    if let Some(nearest) = seen.iter().min_by(|a, b| from(a).total_cmp(&from(b)))
        && 18.0 * 18.0 < from(nearest)
    {
        let edge = nearest.clamp(rect.min, rect.max);
        painter.extend(Drawn::dashed_line(&[edge, *nearest], Stroke::new(1.0, colour.gamma_multiply(0.6)), 3.0, 3.0));
    }
    shadowed(painter, rect.left_top() + Vec2::new(3.0, 0.0), Align2::LEFT_TOP, text, font, colour);
    taken.push(rect);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_in_the_slice_is_drawn_full() {
        assert_eq!(within(-2.0, 2.0, 1.0), Some([0.25, 0.75]));
        assert_eq!(within(2.0, -2.0, 1.0), Some([0.25, 0.75]));
        assert_eq!(within(0.5, 0.5, 1.0), Some([0.0, 1.0]));
        assert_eq!(within(3.0, 3.0, 1.0), None);
        assert_eq!(within(2.0, 5.0, 1.0), None);
        assert_eq!(within(0.0, 4.0, 1.0), Some([0.0, 0.25]));
    }
}
