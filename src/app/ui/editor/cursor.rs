//! What the editor draws over a slice: the brush, or the outline so far.

use super::{Editor, Effect};
use crate::app::ui::slice::SliceGeometry;
use crate::app::ui::theme;
use egui::{Color32, Painter, Pos2, Shape, Stroke as Line};

impl Editor {
    /// Draw the brush at the mouse, or the outline so far.
    pub fn paint_cursor(&self, painter: &Painter, geometry: &SliceGeometry, mouse: Option<Pos2>) {
        let outlines = matches!(self.effect, Effect::Draw | Effect::LevelTrace | Effect::LiveWire);
        let colour =
            if self.effect == Effect::Erase || self.erase && outlines { theme::WARNING } else { theme::ACCENT };
        match self.effect {
            Effect::Look => {}
            Effect::Paint | Effect::Erase | Effect::Smooth => {
                if let Some(mouse) = mouse {
                    let radius = (self.radius_mm / geometry.mm_per_point()) as f32;
                    painter.circle_stroke(mouse, radius, Line::new(2.5, Color32::from_black_alpha(120)));
                    painter.circle_stroke(mouse, radius, Line::new(1.2, colour));
                }
            }
            Effect::LevelTrace => {
                let mut line: Vec<Pos2> =
                    self.traced(geometry.orientation).iter().map(|p| geometry.screen_from_patient(p)).collect();
                line.extend(line.first().copied());
                painter.add(Shape::line(line, Line::new(1.5, colour)));
            }
            Effect::Draw | Effect::Scissors | Effect::LiveWire => {
                let Some(stroke) = self.stroke.as_ref().filter(|s| s.orientation == geometry.orientation) else {
                    return;
                };
                let mut line: Vec<Pos2> = stroke.points.iter().map(|p| geometry.screen_from_patient(p)).collect();
                if self.traces() {
                    line.extend(self.traced(geometry.orientation).iter().map(|p| geometry.screen_from_patient(p)));
                } else if stroke.by_clicks {
                    line.iter().for_each(|corner| _ = painter.circle_filled(*corner, 3.0, colour));
                    line.extend(mouse);
                }
                if let (Some(first), Some(last)) = (line.first(), line.last()) {
                    painter.extend(Shape::dashed_line(&[*last, *first], Line::new(1.0, colour), 4.0, 4.0));
                }
                painter.add(Shape::line(line.clone(), Line::new(3.0, Color32::from_black_alpha(140))));
                painter.add(Shape::line(line, Line::new(1.5, colour)));
            }
        }
    }
}
