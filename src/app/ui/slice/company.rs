//! Slice views beside those of another scan: they follow each other, name their scans, and show nothing where they end.

use super::geometry::{Framing, SliceGeometry};
use super::view::{SliceSubject, Slices};
use super::{PRESETS, mouse};
use crate::app::ui::wish::{Switch, Wish};
use crate::base::{ContentHash, NodeId};
use crate::geom::{Grid, Orientation, Point, Vector};
use crate::image::{Modality, Scan, foreground};
use egui::Rect;

/// What is different in views that stand beside those of another scan.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Company {
    /// There are views of another scan: every view names its scan, and says where that ends.
    pub beside: bool,
    /// These are the views of the second scan.
    pub second: bool,
    /// The scan is of a case that is only looked at: nothing is measured in it.
    pub looks_only: bool,
    /// The place under the mouse in a view of the other scan.
    pub pointed: Option<Point>,
}

impl Company {
    /// The share of a frame's time that the views of one scan have.
    pub(super) fn share(&self) -> f64 {
        if self.beside { 0.5 } else { 1.0 }
    }
}

impl Framing {
    /// As a view of `grid` in `rect` is zoomed and moved to show the same places as `geometry`, moved by `shift`, at the
    /// same size.
    pub fn like(geometry: &SliceGeometry, shift: Vector, grid: &Grid, rect: Rect) -> Self {
        let plain = SliceGeometry::new(grid, geometry.frame(), 0.0, Self::default(), rect);
        let [right, down, _] = geometry.right_down_away();
        let middle = |of: &SliceGeometry| of.patient_from_screen(of.rect.center());
        let by = middle(geometry) + shift - middle(&plain);
        Self { zoom: plain.mm_per_point() / geometry.mm_per_point(), pan_mm: [by.dot(&right), by.dot(&down)] }
    }
}

impl Slices {
    /// Look as `first` does, in everything but the scan: its window, its colours, and how it is zoomed and moved.
    pub fn follow(&mut self, first: &Self) {
        (self.tool, self.crosshair, self.annotations) = (first.tool, first.crosshair, first.annotations);
        (self.segments, self.segment_look) = (first.segments, first.segment_look);
        (self.turn, self.flips) = (first.turn, first.flips);
        (self.slabs, self.one_slab, self.names_hidden) = (first.slabs, first.one_slab, first.names_hidden);
    }

    /// What the mouse changed in `second`, which followed these views, is changed here too.
    pub fn lead(&mut self, second: &Self) {
        (self.turn, self.slabs) = (second.turn, second.slabs);
    }

    /// The place under the mouse in one of the views.
    pub fn cursor_place(&self) -> Option<Point> {
        self.cursor.map(|(_, point)| point)
    }

    /// Zoom and move a view, and with it those that are linked.
    pub fn frame_as(&mut self, view: Orientation, framing: Framing) {
        let before = self.framings[view as usize];
        self.framings[view as usize] = framing;
        mouse::link_from(self, view, before);
    }

    /// Use the window and the colours of `other` for this scan.
    pub fn set_window_like(&mut self, other: &mut Self, of: &SliceSubject<'_>, to: &SliceSubject<'_>) {
        let from = *other.window(of.node, of.scan, of.hash);
        *self.look(to.node) = other.look_of(of.node);
        let own = self.window(to.node, to.scan, to.hash);
        (own.window, own.inverted) = (from.window, from.inverted);
    }

    /// Change the window of a scan as asked; whether that was asked for.
    pub fn change_window(&mut self, (node, scan, hash): (NodeId, &Scan, ContentHash), wish: &Wish) -> bool {
        let window = self.window(node, scan, hash);
        match wish {
            Wish::WindowPreset(place) => {
                // Numbers mean the same tissue in CT only; elsewhere the first key finds a window.
                if scan.modality != Modality::Ct {
                    window.window = foreground(scan).filter(|_| *place == 0).unwrap_or(window.window);
                } else if let Some(preset) = PRESETS.get(*place) {
                    window.window = preset.window;
                }
            }
            Wish::WindowFull => {
                window.window = window.full();
                self.forget_sum_window(node, hash);
            }
            Wish::Flip(Switch::Inverted) => window.inverted = !window.inverted,
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Frame, Stack};
    use super::*;
    use egui::pos2;

    /// Grids of other sizes and places, in rectangles of other sizes: what lies in the middle is the same place, and a
    /// millimetre is as long.
    #[test]
    fn a_view_of_another_grid_shows_the_same_places_at_the_same_size() {
        let first = Grid::aligned([100, 80, 30], Point::new(-50.0, -40.0, 0.0), [1.0, 1.0, 4.0]).unwrap();
        let second = Grid::aligned([64, 64, 90], Point::new(-10.0, -70.0, 20.0), [0.7, 0.7, 1.5]).unwrap();
        let rects = [(0.0, 0.0, 400.0, 300.0), (410.0, 20.0, 700.0, 700.0)]
            .map(|(x, y, right, bottom)| Rect::from_min_max(pos2(x, y), pos2(right, bottom)));
        let shown = Point::new(3.0, -8.0, 61.0);
        let shift = Vector::new(4.0, -2.5, 7.0);
        for orientation in Orientation::ALL {
            for flips in [[false, false], [true, false], [true, true]] {
                let frame = Frame::from(orientation).flipped(flips);
                let framing = Framing { zoom: 2.3, pan_mm: [9.0, -4.0] };
                let depth = |grid: &Grid, point: &Point| Stack::of(grid, frame).shown_mm(point);
                let here = SliceGeometry::new(&first, frame, depth(&first, &shown), framing, rects[0]);
                let like = Framing::like(&here, shift, &second, rects[1]);
                let there = SliceGeometry::new(&second, frame, depth(&second, &(shown + shift)), like, rects[1]);
                assert!((there.mm_per_point() - here.mm_per_point()).abs() < 1e-9);
                let [right, down, _] = frame.right_down_away();
                let middles = [&here, &there].map(|of| of.patient_from_screen(of.rect.center()));
                let apart = middles[1] - middles[0] - shift;
                assert!(apart.dot(&right).abs() < 1e-6 && apart.dot(&down).abs() < 1e-6, "{orientation:?} {apart}");
                let back = Framing::like(&there, -shift, &first, rects[0]);
                assert!((back.zoom - framing.zoom).abs() < 1e-9, "{back:?}");
                assert!((back.pan_mm[0] - 9.0).abs() < 1e-6 && (back.pan_mm[1] + 4.0).abs() < 1e-6, "{back:?}");
            }
        }
    }

    #[test]
    fn a_stack_ends_half_a_slice_beyond_its_last() {
        let grid = Grid::aligned([10, 10, 5], Point::origin(), [1.0, 1.0, 4.0]).unwrap();
        let stack = Stack::of(&grid, Orientation::Axial);
        let at = |z: f64| stack.is_beyond(&Point::new(3.0, 3.0, z));
        assert_eq!([-2.5, -1.9, 0.0, 7.0, 17.9, 18.5].map(at), [true, false, false, false, false, true]);
    }
}
