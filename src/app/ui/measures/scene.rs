//! Measures over the 3D scene: seen through everything, dashed where they lie behind it, each with its label and a leader
//! to it.

use super::covered::{runs, stepped};
use super::paint::{arrow_head, beside, label, line, tightest_mark};
use super::{Covered, Measures, Shown, labels};
use crate::app::ui::camera::OrbitCamera;
use crate::app::ui::theme;
use crate::geom::Point;
use crate::geom::measure::Kind;
use egui::{Color32, Painter, Pos2, Rect, Stroke, Ui};

impl Measures {
    /// Draw them in `rect` as `camera` sees them; what is known to be `covered` dashed.
    pub fn paint_scene(&self, ui: &Ui, rect: Rect, camera: &OrbitCamera, covered: Option<&Covered>) {
        let painter = ui.painter_at(rect);
        let mut taken = Vec::new();
        let nearness = |shown: &&Shown| (shown.measure.shape.centre() - camera.eye()).norm();
        let mut all: Vec<&Shown> = self.shown.iter().collect();
        // The nearest get the best places for their labels.
        all.sort_by(|a, b| nearness(a).total_cmp(&nearness(b)));
        for shown in all {
            let (measure, values) = self.now(shown);
            let text = labels::lines(measure.shape.kind(), &measure.text, &values).join("\n");
            let width = if self.selected == Some(shown.id) { 2.5 } else { 1.5 };
            let lines = stepped(&measure.shape);
            let covered = covered.and_then(|covered| covered.of(shown.id, &lines));
            let seen = strokes(&painter, rect, camera, &lines, covered, (width, shown.colour));
            let points: Vec<Pos2> =
                measure.shape.placed().iter().filter_map(|point| camera.project(point, rect)).collect();
            if let Some(at) = measure.shape.tightest().and_then(|place| camera.project(&place, rect)) {
                tightest_mark(&painter, at, shown.colour);
            }
            match (measure.shape.kind(), &points[..]) {
                (Kind::Arrow, [tip, tail]) => arrow_head(&painter, *tip, *tail, shown.colour),
                (Kind::Region | Kind::Ellipse | Kind::Rectangle, _) => {}
                _ => points.iter().for_each(|at| {
                    painter.circle(*at, 3.0, shown.colour, Stroke::new(1.0, Color32::from_black_alpha(150)));
                }),
            }
            let seen: Vec<Pos2> = seen.into_iter().chain(points).collect();
            label(&painter, rect, beside(&measure.shape, &seen), &text, shown.colour, &mut taken);
        }
        if let Some(draft) = &self.draft {
            strokes(&painter, rect, camera, &draft.strokes(), None, (1.5, theme::ACCENT));
            for at in draft.points.iter().filter_map(|point| camera.project(point, rect)) {
                painter.circle(at, 3.5, theme::ACCENT, Stroke::new(1.0, Color32::from_black_alpha(150)));
            }
        }
    }
}

/// Draw lines; parts behind the eye are left out, those that are covered are dashed and faint. Returns the places seen.
fn strokes(
    painter: &Painter,
    rect: Rect,
    camera: &OrbitCamera,
    strokes: &[Vec<Point>],
    covered: Option<&[Vec<bool>]>,
    (width, colour): (f32, Color32),
) -> Vec<Pos2> {
    let mut seen = Vec::new();
    for (n, stroke) in strokes.iter().enumerate() {
        let projected: Vec<Option<Pos2>> = stroke.iter().map(|point| camera.project(point, rect)).collect();
        let flags = covered.and_then(|covered| covered.get(n)).cloned().unwrap_or_else(|| vec![false; stroke.len()]);
        for (first, last, hidden) in runs(&flags) {
            for run in projected[first..=last].split(Option::is_none) {
                let run: Vec<Pos2> = run.iter().flatten().copied().collect();
                if hidden {
                    let faint = Stroke::new(width, colour.gamma_multiply(0.6));
                    painter.extend(egui::Shape::dashed_line(&run, faint, 4.0, 4.0));
                } else {
                    line(painter, run, width, colour);
                }
            }
        }
        seen.extend(projected.into_iter().flatten());
    }
    seen
}
