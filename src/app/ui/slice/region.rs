//! The window of a region: from the values under a rectangle, or of a body without its background.

use super::SliceGeometry;
use crate::app::ui::theme;
use crate::geom::Orientation;
use crate::image::{SliceImage, Window, width_min};
use egui::{Painter, Pos2, Rect, Stroke, StrokeKind};

/// A rectangle that is being dragged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// The view.
    pub view: Orientation,
    /// Where it began.
    pub from: Pos2,
    /// Where the mouse is.
    pub to: Pos2,
}

impl Region {
    /// Its rectangle on the screen.
    pub fn rect(&self) -> Rect {
        Rect::from_two_pos(self.from, self.to)
    }

    /// Draw it.
    pub fn paint(&self, painter: &Painter) {
        painter.rect_filled(self.rect(), 0, theme::ACCENT.gamma_multiply(0.12));
        painter.rect_stroke(self.rect(), 0, Stroke::new(1.0, theme::ACCENT), StrokeKind::Middle);
    }

    /// The window of the values under it: from 1 % to 99 % of them, no narrower than `width_min`. `None` where there are
    /// fewer than four.
    pub fn window(&self, geometry: &SliceGeometry, image: &SliceImage, width_min: f64) -> Option<Window> {
        let rect = self.rect();
        let ends = [rect.min, rect.max].map(|pos| image.plane.pixel_from_patient(geometry.patient_from_screen(pos)));
        let range = |axis: usize| {
            let [low, high] = [ends[0][axis].min(ends[1][axis]), ends[0][axis].max(ends[1][axis])];
            let last = image.plane.size[axis] as f64;
            low.ceil().clamp(0.0, last) as usize..(high.floor() + 1.0).clamp(0.0, last) as usize
        };
        let (columns, rows) = (range(0), range(1));
        let width = image.plane.size[0];
        let values = rows.flat_map(|y| columns.clone().map(move |x| y * width + x)).map(|at| image.values[at]);
        let values: Vec<f32> = values.filter(|value| value.is_finite()).collect();
        (4 <= values.len()).then(|| between(values, 0.01, width_min))
    }
}

/// The window from `cut` of the sorted values to as much below their end, no narrower than `least`.
fn between(mut values: Vec<f32>, cut: f64, least: f64) -> Window {
    values.sort_unstable_by(f32::total_cmp);
    let last = values.len().saturating_sub(1);
    let at = |part: f64| f64::from(values[(part * last as f64).round() as usize]);
    let (low, high) = (at(cut), at(1.0 - cut));
    Window { width: (high - low).max(least), level: 0.5 * (low + high) }
}

/// The window of all values of a picture, from 1 % to 99 % of them; `None` where there are none.
pub fn window_of_picture(image: &SliceImage) -> Option<Window> {
    let stride = (image.values.len() / 50_000).max(1);
    let values: Vec<f32> = image.values.iter().step_by(stride).copied().filter(|value| value.is_finite()).collect();
    let ends = values.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
        [low.min(f64::from(*value)), high.max(f64::from(*value))]
    });
    (!values.is_empty()).then(|| between(values, 0.01, width_min(ends)))
}

#[cfg(test)]
mod tests {
    use super::super::geometry::Framing;
    use super::super::plane::plane_of;
    use super::*;
    use crate::geom::{Grid, Point};
    use crate::image::{Interpolation, Modality, Scan, Volume, Voxels, foreground};

    /// 500 in a box in the middle of air at 3, with some voxels far away from both.
    fn scan() -> Scan {
        let grid = Grid::aligned([40, 40, 3], Point::origin(), [1.0, 1.0, 5.0]).unwrap();
        let value = |offset: usize| {
            let [i, j, _] = grid.voxel(offset);
            let noise = (offset % 11) as f32;
            if (10..30).contains(&i) && (10..30).contains(&j) { 500.0 + noise } else { 3.0 + noise * 0.1 }
        };
        let mut voxels: Vec<f32> = (0..grid.len()).map(value).collect();
        (voxels[5], voxels[900]) = (9000.0, f32::NAN);
        let voxels = Voxels::F32(Volume::new(grid, voxels).unwrap());
        Scan { voxels, modality: Modality::Mr, window: None, facts: Vec::new() }
    }

    #[test]
    fn a_region_gets_the_window_of_its_values() {
        let scan = scan();
        let rect = Rect::from_min_size(Pos2::new(100.0, 50.0), egui::vec2(400.0, 400.0));
        let geometry = SliceGeometry::new(scan.grid(), Orientation::Axial, 5.0, Framing::default(), rect);
        let plane = plane_of(scan.grid(), &Orientation::Axial.into(), 5.0).unwrap();
        let image = SliceImage::of(&scan, plane, Interpolation::Linear);
        let at = |x: f64, y: f64| geometry.screen_from_patient(&Point::new(x, y, 5.0));
        let region = |from, to| Region { view: Orientation::Axial, from, to };
        // Dragged from the lower right to the upper left.
        let window = region(at(29.2, 29.2), at(9.6, 9.6)).window(&geometry, &image, 1.0).unwrap();
        assert_eq!((window.level, window.width), (505.0, 10.0));
        let window = region(at(0.0, 0.0), at(7.0, 30.0)).window(&geometry, &image, 1.0).unwrap();
        assert!((window.level - 3.5).abs() < 1e-4 && window.width == 1.0, "{window:?}");
        assert_eq!(region(at(3.1, 3.1), at(3.2, 30.0)).window(&geometry, &image, 1.0), None, "too few values");
        assert_eq!(region(at(-90.0, 0.0), at(-60.0, 30.0)).window(&geometry, &image, 1.0), None, "outside the scan");
    }

    #[test]
    fn the_foreground_leaves_air_and_outliers_away() {
        let Window { width, level } = foreground(&scan()).unwrap();
        assert!((level - 505.0).abs() <= 1.0 && (9.0..=11.0).contains(&width), "{level} {width}");
        let voxels = Voxels::F32(Volume::new(scan().grid().clone(), vec![f32::NAN; scan().grid().len()]).unwrap());
        assert_eq!(foreground(&Scan { voxels, ..scan() }), None);
    }
}
