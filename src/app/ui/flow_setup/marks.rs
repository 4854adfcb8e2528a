//! The openings in the scene: a disc each, with its name and the way of the flow.

use super::FlowSetup;
use super::openings::{colour, state};
use crate::app::ui::camera::OrbitCamera;
use crate::app::ui::slice::shadowed;
use crate::app::ui::theme;
use crate::geom::{Point, Vector};
use crate::tools::simulate_flow::{Becomes, Place};
use egui::{Align2, Color32, Pos2, Rect, Shape, Stroke, Ui};
use std::f64::consts::TAU as TURN;

/// Corners of a disc.
const CORNERS: usize = 40;
/// Names are written while there are no more openings than this; more would cover one another.
const NAMES_MAX: usize = 12;

impl FlowSetup {
    /// Draw them in `rect`.
    pub fn marks_ui(&self, ui: &Ui, rect: Rect, camera: &OrbitCamera) {
        let painter = ui.painter_at(rect);
        let named = self.places.len() <= NAMES_MAX;
        for (n, place) in self.places.iter().enumerate() {
            let pointed = self.pointed == Some(n);
            disc(&painter, rect, camera, place, colour(ui, state(place)), pointed);
            let Some(at) = camera.project(&place.opening.centre, rect).filter(|_| named || pointed) else { continue };
            let at = at + egui::vec2(12.0, -10.0);
            let font = if pointed { theme::semibold(13.0) } else { egui::FontId::proportional(12.0) };
            shadowed(&painter, at, Align2::LEFT_BOTTOM, &place.opening.name, font, colour(ui, state(place)));
        }
    }
}

fn disc(painter: &egui::Painter, rect: Rect, camera: &OrbitCamera, place: &Place, colour: Color32, pointed: bool) {
    let opening = &place.opening;
    let seen = |point: Point| camera.project(&point, rect);
    let x = opening.normal.cross(&Vector::ith(opening.normal.iamin(), 1.0)).normalize();
    let y = opening.normal.cross(&x);
    let corner = |n: usize| {
        let (sin, cos) = (n as f64 * TURN / CORNERS as f64).sin_cos();
        seen(opening.centre + (x * cos + y * sin) * opening.radius_mm)
    };
    let Some(rim) = (0..CORNERS).map(corner).collect::<Option<Vec<Pos2>>>() else { return };
    let width = if pointed { 3.0 } else { 1.6 };
    let fill = colour.gamma_multiply(if pointed { 0.45 } else { 0.25 });
    painter.add(Shape::convex_polygon(rim.clone(), fill, Stroke::NONE));
    painter.add(Shape::closed_line(rim.clone(), Stroke::new(width + 1.5, Color32::from_black_alpha(120))));
    painter.add(Shape::closed_line(rim, Stroke::new(width, colour)));
    if state(place) == Becomes::Closed {
        return;
    }
    let length = 1.6 * opening.radius_mm;
    let (tail, tip) = match state(place) {
        Becomes::Inlet => (opening.centre + opening.normal * length, opening.centre),
        _ => (opening.centre, opening.centre + opening.normal * length),
    };
    let (Some(tail), Some(tip)) = (seen(tail), seen(tip)) else { return };
    let way = tip - tail;
    if way.length() < 6.0 {
        return;
    }
    let (along, across) = (way.normalized(), way.normalized().rot90());
    let neck = tip - along * 7.0;
    painter.line_segment([tail, neck], Stroke::new(width, colour));
    painter.add(Shape::convex_polygon(vec![tip, neck + across * 4.0, neck - across * 4.0], colour, Stroke::NONE));
}
