//! Distances drawn on slices. They belong to the window, not to the case.

use super::SliceGeometry;
use crate::app::ui::{numbers, theme};
use crate::geom::{Orientation, Point};
use egui::{Painter, Stroke, Vec2};

/// A distance between two places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// The ends, LPS mm.
    pub ends: [Point; 2],
    /// The view it was drawn in.
    pub orientation: Orientation,
}

impl Measure {
    /// The distance in mm.
    pub fn length_mm(&self) -> f64 {
        (self.ends[1] - self.ends[0]).norm()
    }

    /// Whether it lies within `reach_mm` of the plane at `depth_mm` in a view of `orientation`.
    pub fn is_near(&self, orientation: Orientation, depth_mm: f64, reach_mm: f64) -> bool {
        let away = orientation.right_down_away()[2];
        self.orientation == orientation && (self.ends[0].coords.dot(&away) - depth_mm).abs() <= reach_mm
    }

    /// Draw it.
    pub fn paint(&self, painter: &Painter, geometry: &SliceGeometry) {
        let [a, b] = self.ends.map(|end| geometry.screen_from_patient(&end));
        painter.line_segment([a, b], Stroke::new(3.0, egui::Color32::from_black_alpha(160)));
        painter.line_segment([a, b], Stroke::new(1.5, theme::ACCENT));
        let across = (b - a).rot90().normalized() * 5.0;
        for end in [a, b] {
            painter.line_segment([end - across, end + across], Stroke::new(1.5, theme::ACCENT));
        }
        let text = numbers::quantity(self.length_mm(), "mm");
        let at = a + (b - a) * 0.5 + Vec2::new(8.0, -8.0);
        super::shadowed(painter, at, egui::Align2::LEFT_BOTTOM, &text, theme::semibold(13.0), theme::STRONG);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_shown_in_its_own_slice_only() {
        let ends = [Point::new(0.0, 0.0, 50.0), Point::new(30.0, 40.0, 50.0)];
        let measure = Measure { ends, orientation: Orientation::Axial };
        assert_eq!(measure.length_mm(), 50.0);
        assert!(measure.is_near(Orientation::Axial, 50.5, 1.25));
        assert!(!measure.is_near(Orientation::Axial, 53.0, 1.25));
        assert!(!measure.is_near(Orientation::Coronal, 50.0, 1.25));
    }
}
