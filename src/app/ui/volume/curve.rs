//! The transfer function on the screen: where its points lie, what a press takes hold of, and what a drag makes of it.

use crate::image::transfer::{Histogram, TransferFunction};
use egui::{Pos2, Rect};

/// A press takes hold of a point within this distance, in points of the screen.
pub const PICK: f32 = 12.0;
/// Movement up or down that stretches e-fold, in points of the screen.
const STRETCH_POINTS: f64 = 120.0;
/// Below this HU there is no tissue and no air, only padding that scanners write.
const PADDING_HU: f64 = -1100.0;

/// The place of values and opacities on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axes {
    /// Where opacity is drawn.
    pub plot: Rect,
    /// Where colours are drawn, below it.
    pub strip: Rect,
    /// The values at the left and right end.
    pub range: [f64; 2],
}

/// What the mouse can take hold of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grab {
    /// A point of opacity.
    Point(usize),
    /// A colour stop.
    Stop(usize),
    /// The whole: it is shifted and stretched.
    Whole,
}

/// What the mouse holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// What.
    pub grab: Grab,
    /// The transfer function before.
    pub start: TransferFunction,
    /// Where it was pressed.
    pub from: Pos2,
}

impl Axes {
    /// The place of a value.
    pub fn x(&self, value: f64) -> f32 {
        let [low, high] = self.range;
        self.plot.left() + (((value - low) / (high - low)) * f64::from(self.plot.width())) as f32
    }

    /// The value at a place.
    pub fn value(&self, x: f32) -> f64 {
        let [low, high] = self.range;
        low + f64::from(x - self.plot.left()) / f64::from(self.plot.width().max(1.0)) * (high - low)
    }

    /// The height of an opacity: its square root, for a hundredth per millimetre is a wall at the depth of a body.
    pub fn y(&self, opacity: f32) -> f32 {
        self.plot.bottom() - opacity.max(0.0).sqrt() * self.plot.height()
    }

    /// The opacity at a height.
    pub fn opacity(&self, y: f32) -> f32 {
        ((self.plot.bottom() - y) / self.plot.height().max(1.0)).clamp(0.0, 1.0).powi(2)
    }

    /// Values for a point of the screen.
    pub fn per_point(&self) -> f64 {
        (self.range[1] - self.range[0]) / f64::from(self.plot.width().max(1.0))
    }

    /// What a press at `pos` takes hold of; none outside.
    pub fn hit(&self, transfer: &TransferFunction, pos: Pos2) -> Option<Grab> {
        if self.strip.expand2(egui::vec2(PICK, 4.0)).contains(pos) && self.plot.bottom() + 3.0 < pos.y {
            let far = |(_, (value, _)): &(usize, &(f64, [u8; 3]))| (self.x(*value) - pos.x).abs();
            let stop = transfer.colours.iter().enumerate().filter(|stop| far(stop) <= PICK);
            return stop.min_by(|a, b| far(a).total_cmp(&far(b))).map(|(n, _)| Grab::Stop(n));
        }
        if !self.plot.expand(PICK).contains(pos) {
            return None;
        }
        let far =
            |(_, (value, opacity)): &(usize, &(f64, f32))| Pos2::new(self.x(*value), self.y(*opacity)).distance(pos);
        let point = transfer.opacity.iter().enumerate().filter(|point| far(point) <= PICK);
        let point = point.min_by(|a, b| far(a).total_cmp(&far(b))).map(|(n, _)| Grab::Point(n));
        point.or(Some(Grab::Whole))
    }
}

impl Held {
    /// The transfer function with the mouse at `to`. Computed from the start, so that nothing is lost on the way.
    pub fn at(&self, axes: &Axes, to: Pos2) -> TransferFunction {
        let moved = to - self.from;
        let by = f64::from(moved.x) * axes.per_point();
        match self.grab {
            Grab::Point(n) => match self.start.opacity.get(n) {
                Some((value, opacity)) => {
                    // A point that was not moved up or down keeps its opacity to the last bit.
                    let height = axes.y(*opacity) + moved.y;
                    let opacity = if moved.y == 0.0 { *opacity } else { axes.opacity(height) };
                    self.start.with_opacity_moved(n, value + by, opacity)
                }
                None => self.start.clone(),
            },
            Grab::Stop(n) => match self.start.colours.get(n) {
                Some((value, _)) => self.start.with_colour_moved(n, value + by),
                None => self.start.clone(),
            },
            Grab::Whole => {
                let about = axes.value(self.from.x);
                self.start.stretched(about, self.stretch(to)).shifted(by)
            }
        }
    }

    /// How much a drag to `to` stretches the whole.
    pub fn stretch(&self, to: Pos2) -> f64 {
        (f64::from(self.from.y - to.y) / STRETCH_POINTS).exp()
    }
}

/// The values at the ends of the editor: nearly all of the scan, and all of the curve that lies in reach of it.
pub fn shown_range(histogram: &Histogram, transfer: &TransferFunction, unit: &str) -> [f64; 2] {
    let [first, last] = histogram.range;
    let mut range = [histogram.percentile(0.001), histogram.percentile(0.9995)];
    if unit == "HU" && PADDING_HU < range[1] {
        range[0] = range[0].max(PADDING_HU);
    }
    if let Some([low, high]) = transfer.span() {
        let reach = last - first;
        range = [range[0].min(low.max(first - 0.1 * reach)), range[1].max(high.min(last + 0.1 * reach))];
    }
    let room = 0.03 * (range[1] - range[0]).max((last - first) * 1e-3);
    [range[0] - room, range[1] + room]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::transfer::preset;
    use egui::vec2;

    fn axes() -> Axes {
        let plot = Rect::from_min_size(Pos2::new(20.0, 100.0), vec2(400.0, 150.0));
        let strip = Rect::from_min_size(Pos2::new(20.0, 256.0), vec2(400.0, 16.0));
        Axes { plot, strip, range: [-200.0, 800.0] }
    }

    fn bone() -> TransferFunction {
        preset("ct-bone").unwrap().transfer([0.0, 1.0])
    }

    fn held(grab: Grab, from: Pos2) -> Held {
        Held { grab, start: bone(), from }
    }

    #[test]
    fn values_and_opacities_come_back_from_the_screen() {
        let axes = axes();
        for value in [-200.0, -16.0, 300.5, 800.0] {
            assert!((axes.value(axes.x(value)) - value).abs() < 1e-3);
        }
        for opacity in [0.0, 0.006, 0.28, 1.0] {
            assert!((axes.opacity(axes.y(opacity)) - opacity).abs() < 1e-5);
        }
        assert_eq!((axes.opacity(-1e6), axes.opacity(1e6)), (1.0, 0.0));
    }

    #[test]
    fn a_press_takes_the_nearest_point_in_reach_else_the_whole() {
        let (axes, bone) = (axes(), bone());
        let at = |n: usize| Pos2::new(axes.x(bone.opacity[n].0), axes.y(bone.opacity[n].1));
        for n in 0..bone.opacity.len() {
            assert_eq!(axes.hit(&bone, at(n) + vec2(3.0, -4.0)), Some(Grab::Point(n)));
        }
        assert_eq!(axes.hit(&bone, Pos2::new(60.0, 130.0)), Some(Grab::Whole));
        let stop = Pos2::new(axes.x(bone.colours[2].0) + 5.0, axes.strip.center().y);
        assert_eq!(axes.hit(&bone, stop), Some(Grab::Stop(2)));
        assert_eq!(axes.hit(&bone, stop + vec2(-40.0, 0.0)), None);
        assert_eq!(axes.hit(&bone, Pos2::new(900.0, 130.0)), None);
    }

    #[test]
    fn a_point_follows_the_mouse_and_stops_at_its_neighbours() {
        let axes = axes();
        let from = Pos2::new(axes.x(300.0), axes.y(0.28));
        let held = held(Grab::Point(2), from);
        let moved = held.at(&axes, from + vec2(40.0, 0.0)).opacity[2];
        assert!((moved.0 - 400.0).abs() < 1e-3 && moved.1 == 0.28, "{moved:?}");
        let up = held.at(&axes, Pos2::new(from.x, axes.y(0.5))).opacity[2];
        assert!((up.1 - 0.5).abs() < 1e-5);
        let far = held.at(&axes, from + vec2(-4000.0, 4000.0)).opacity[2];
        assert_eq!(far, (130.0, 0.0));
        assert_eq!(held.at(&axes, from), held.start);
    }

    #[test]
    fn beside_points_right_shifts_and_up_widens_about_the_place_that_was_pressed() {
        let axes = axes();
        let from = Pos2::new(axes.x(100.0), 150.0);
        let held = held(Grab::Whole, from);
        let shifted = held.at(&axes, from + vec2(20.0, 0.0));
        assert!(shifted.opacity.iter().zip(&held.start.opacity).all(|(a, b)| (a.0 - b.0 - 50.0).abs() < 1e-3));
        let wide = held.at(&axes, from + vec2(0.0, -60.0));
        let factor = (wide.opacity[3].0 - 100.0) / (641.0 - 100.0);
        assert!((factor - 0.5_f64.exp()).abs() < 1e-3, "{factor}");
    }

    #[test]
    fn the_editor_shows_the_scan_and_the_curve_without_padding() {
        let voxels = (0..40_000).map(|n| if n % 3 == 0 { -3024.0 } else { -1000.0 + (n % 2000) as f32 }).collect();
        let grid = crate::geom::Grid::aligned([40_000, 1, 1], crate::geom::Point::origin(), [1.0; 3]).unwrap();
        let voxels = crate::image::Voxels::F32(crate::image::Volume::new(grid, voxels).unwrap());
        let modality = crate::image::Modality::Ct;
        let scan = crate::image::Scan { voxels, modality, window: None, facts: Vec::new() };
        let [low, high] = shown_range(&Histogram::of(&scan), &bone(), "HU");
        assert!(-1300.0 < low && low < -1000.0 && 950.0 < high && high < 1200.0, "{low} {high}");
        let far = shown_range(&Histogram::of(&scan), &bone().shifted(1e6), "HU");
        assert!(far[1] < 3000.0, "a curve far away does not squeeze the scan into a line: {far:?}");
    }
}
