//! Display windows: presets, dragging, and what each scan was last shown with.

use crate::app::ui::numbers;
use crate::base::parallel;
use crate::image::{Modality, Scan, Window, foreground, width_min};
use egui::Vec2;
use rayon::prelude::*;

/// A named window for CT.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preset {
    /// The tissue it is for.
    pub name: &'static str,
    /// Width and level in HU.
    pub window: Window,
}

const fn preset(name: &'static str, width: f64, level: f64) -> Preset {
    Preset { name, window: Window { width, level } }
}

/// Presets for CT, the first on keys 1 to 8.
pub const PRESETS: [Preset; 14] = [
    preset("Soft tissue", 400.0, 40.0),
    preset("Lung", 1500.0, -600.0),
    preset("Liver", 150.0, 90.0),
    preset("Bone", 2000.0, 400.0),
    preset("Brain", 80.0, 40.0),
    preset("Stroke", 40.0, 40.0),
    preset("Mediastinum", 350.0, 40.0),
    preset("Vessels", 600.0, 200.0),
    preset("Airways", 1000.0, -600.0),
    preset("Pelvis", 450.0, 50.0),
    preset("Neck", 300.0, 50.0),
    preset("Sinus", 4000.0, 400.0),
    preset("Fat", 200.0, -100.0),
    preset("Endoscopy", 700.0, -300.0),
];

/// How one scan is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScanWindow {
    /// The window.
    pub window: Window,
    /// Whether black and white are swapped.
    pub inverted: bool,
    /// Smallest and largest value of the scan (of a sample of its voxels).
    pub range: [f64; 2],
}

impl ScanWindow {
    /// The window a scan starts with: the file's; without one, MR shows 1 to 99 % of its foreground, and everything else
    /// all but 0.1 % of its values at both ends. Looks at some hundred thousand voxels; keep the answer.
    pub fn first(scan: &Scan) -> Self {
        let is_bare_mr = scan.modality == Modality::Mr && scan.window.is_none();
        let of_body = is_bare_mr.then(|| foreground(scan)).flatten();
        let window = of_body.unwrap_or_else(|| scan.first_window());
        Self { window, inverted: false, range: sampled_range(scan) }
    }

    /// The window that shows every value.
    pub fn full(&self) -> Window {
        let [low, high] = self.range;
        Window { width: (high - low).max(width_min(self.range)), level: 0.5 * (low + high) }
    }

    /// After a drag of `delta` points: right widens, up brightens; `fine` is four times slower.
    #[must_use]
    pub fn dragged(self, delta: Vec2, fine: bool) -> Self {
        let [low, high] = self.range;
        let least = width_min(self.range);
        let per_point = (high - low).max(least) / 1024.0 * if fine { 0.25 } else { 1.0 };
        let width = (self.window.width + f64::from(delta.x) * per_point).clamp(least, 4.0 * (high - low).max(least));
        let level = (self.window.level + f64::from(delta.y) * per_point).clamp(low - (high - low), high + (high - low));
        Self { window: Window { width, level }, ..self }
    }

    /// Width and level as people read them: whole numbers, of a narrow window as many digits as it needs.
    pub fn texts(&self) -> [String; 2] {
        let Window { width, level } = self.window;
        let text = |value| if width < 10.0 { numbers::significant(value) } else { numbers::grouped(value, 0) };
        [width, level].map(text)
    }

    /// The window as pictures are made with it: a negative width swaps black and white.
    pub fn shown(&self) -> Window {
        let Window { width, level } = self.window;
        Window { width: if self.inverted { -width } else { width }, level }
    }
}

fn sampled_range(scan: &Scan) -> [f64; 2] {
    const NONE: [f64; 2] = [f64::INFINITY, f64::NEG_INFINITY];
    let stride = (scan.grid().len() / 400_000).max(1) | 1;
    // Each of these voxels is a place in memory of its own to wait for: on all threads.
    let ends = parallel::at_once(|| {
        let values = (0..scan.grid().len()).into_par_iter().step_by(stride).map(|offset| scan.value(offset));
        let finite = values.filter(|value| value.is_finite());
        let both = |a: [f64; 2], b: [f64; 2]| [a[0].min(b[0]), a[1].max(b[1])];
        finite.map(|value| [value; 2]).reduce(|| NONE, both)
    });
    if ends[0] < ends[1] { ends } else { [ends[0].min(0.0), ends[0].min(0.0) + 1.0] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Voxels;

    const START: ScanWindow =
        ScanWindow { window: Window { width: 400.0, level: 40.0 }, inverted: false, range: [-1024.0, 3072.0] };

    #[test]
    fn right_widens_and_up_brightens() {
        let Window { width, level } = START.dragged(Vec2::new(10.0, 0.0), false).window;
        assert_eq!((width, level), (440.0, 40.0));
        let up = START.dragged(Vec2::new(0.0, -10.0), false).window;
        assert!(START.window.brightness(100.0) < up.brightness(100.0));
        assert_eq!(START.dragged(Vec2::new(10.0, 0.0), true).window.width, 410.0);
    }

    #[test]
    fn a_scan_starts_with_the_window_of_its_file_or_kind() {
        let grid = crate::geom::Grid::aligned([20, 20, 20], crate::geom::Point::origin(), [1.0; 3]).unwrap();
        // Three quarters of air, one of tissue between 400 and 499.
        let value = |n: usize| if n.is_multiple_of(4) { 400.0 + (n / 4 % 100) as f32 } else { (n % 7) as f32 };
        let voxels = (0..grid.len()).map(value).collect();
        let voxels = Voxels::F32(crate::image::Volume::new(grid, voxels).unwrap());
        let mr = Scan { voxels, modality: Modality::Mr, window: None, facts: Vec::new() };
        let Window { width, level } = ScanWindow::first(&mr).window;
        assert!((level - 449.5).abs() < 1.0 && (width - 97.0).abs() < 2.0, "of the tissue alone: {width} {level}");
        let other = Scan { modality: Modality::Other, ..mr.clone() };
        assert!(ScanWindow::first(&other).window.level < 260.0, "of everything");
        let file = Some(Window { width: 7.0, level: 5.0 });
        assert_eq!(Some(ScanWindow::first(&Scan { window: file, ..mr }).window), file);
    }

    #[test]
    fn a_window_never_becomes_empty() {
        let Window { width, .. } = START.dragged(Vec2::new(-1e6, 0.0), false).window;
        assert_eq!(width, 1.0);
        assert_eq!(ScanWindow { range: [7.0, 7.0], ..START }.full().width, 1e-9);
    }

    #[test]
    fn a_map_of_zero_to_one_can_be_windowed() {
        let map = ScanWindow { window: Window { width: 1.0, level: 0.5 }, inverted: false, range: [0.0, 1.0] };
        let narrow = map.dragged(Vec2::new(-512.0, 256.0), false);
        assert_eq!((narrow.window.width, narrow.window.level), (0.5, 0.75));
        assert_eq!(narrow.texts(), ["0.5", "0.75"]);
        assert_eq!(map.dragged(Vec2::new(-1e6, 0.0), false).window.width, 1.0 / 1024.0);
        assert_eq!(START.texts(), ["400", "40"]);
    }
}
