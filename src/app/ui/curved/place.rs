//! Where the picture lies in the pane: standing (its path runs down) or lying (its path runs across), mirrored or not, zoomed
//! and moved.

use crate::geom::Point;
use crate::image::curved::{CurvedPath, CurvedSpan, CurvedSurface};
use egui::{Pos2, Rect, Vec2};

/// How much nearer or farther than the whole picture it may be looked at.
const ZOOM: [f32; 2] = [0.5, 20.0];

/// How the picture is turned, mirrored, zoomed and moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Framing {
    pub(super) zoom: f32,
    pub(super) pan: Vec2,
    /// The path runs across the pane and not down.
    pub(super) lying: bool,
    /// Whether left and right are swapped, and top and bottom.
    pub(super) flips: [bool; 2],
}

impl Default for Framing {
    fn default() -> Self {
        Self { zoom: 1.0, pan: Vec2::ZERO, lying: false, flips: [false; 2] }
    }
}

impl Framing {
    /// Nearer by `factor`; what lies at `pos` of a pane about `centre` stays there.
    pub(super) fn zoomed(self, factor: f32, pos: Pos2, centre: Pos2) -> Self {
        let zoom = (self.zoom * factor).clamp(ZOOM[0], ZOOM[1]);
        let from = pos - centre;
        Self { zoom, pan: from - (from - self.pan) * (zoom / self.zoom), ..self }
    }

    /// The whole picture, turned and mirrored as it was.
    pub(super) fn whole(self) -> Self {
        Self { lying: self.lying, flips: self.flips, ..Self::default() }
    }

    /// Swap left and right (`axis` 0), or top and bottom (1); the middle of the pane stays where it is.
    pub(super) fn flipped(mut self, axis: usize) -> Self {
        self.flips[axis] = !self.flips[axis];
        self.pan[axis] *= -1.0;
        self
    }

    /// The directions on the screen across the path, to the side the surface calls right, and along it.
    fn axes(self) -> [Vec2; 2] {
        let sign = |flipped: bool| if flipped { -1.0 } else { 1.0 };
        let [sides, ends] = self.flips.map(sign);
        // A lying picture has its right side at the top.
        if self.lying {
            [Vec2::new(0.0, -ends), Vec2::new(sides, 0.0)]
        } else {
            [Vec2::new(sides, 0.0), Vec2::new(0.0, ends)]
        }
    }
}

/// How a curve that was drawn is looked at first, and the angle of its surface: one that stays about level lies, its head
/// side at the top and the patient's right at the left, as dental panoramics are; one that runs down the body stands.
pub(super) fn first_look(path: &CurvedPath) -> (Framing, f64) {
    let last = (path.points().len() - 1) as f64;
    let upright = (0..=16).map(|n| path.tangent(last * f64::from(n) / 16.0).z.abs()).sum::<f64>() / 17.0;
    let ends: [&Point; 2] = [&path.points()[0], &path.points()[path.points().len() - 1]];
    if 0.5 < upright {
        // The head is at the top.
        let up = ends[0].z < ends[1].z;
        return (Framing { flips: [false, up], ..Framing::default() }, 0.0);
    }
    let (normal, binormal) = path.across(0.5 * last);
    let to_right = ends[1].x < ends[0].x;
    (Framing { lying: true, flips: [to_right, false], ..Framing::default() }, binormal.z.atan2(normal.z))
}

/// Where the picture lies in the pane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The rectangle of the whole picture.
    pub(super) image: Rect,
    points_per_pixel: f32,
    /// Size of a point of the screen, mm: across the path and along it.
    pub(super) mm_per_point: f64,
    middle: [f64; 2],
    axes: [Vec2; 2],
}

impl Place {
    /// The whole picture in `rect`, as large as it goes, its pixels square; then zoomed and moved.
    pub(super) fn new(surface: &CurvedSurface, rect: Rect, framing: Framing) -> Self {
        let pixels = surface.size();
        let [columns, rows] = pixels.map(|n| n as f32);
        let whole = if framing.lying { Vec2::new(rows, columns) } else { Vec2::new(columns, rows) };
        let room = rect.shrink(4.0).size();
        let points_per_pixel = framing.zoom * (room.x / whole.x).min(room.y / whole.y).max(1e-3);
        let image = Rect::from_center_size(rect.center() + framing.pan, whole * points_per_pixel);
        Self {
            image,
            points_per_pixel,
            mm_per_point: surface.pixel_mm / f64::from(points_per_pixel),
            middle: pixels.map(|n| 0.5 * (n as f64 - 1.0)),
            axes: framing.axes(),
        }
    }

    /// Where a pixel of the surface is on the screen.
    pub(super) fn screen(&self, [x, y]: [f64; 2]) -> Pos2 {
        let [across, along] = self.axes;
        let from = across * (x - self.middle[0]) as f32 + along * (y - self.middle[1]) as f32;
        self.image.center() + from * self.points_per_pixel
    }

    /// The pixel of the surface at a place of the screen.
    pub(super) fn pixel(&self, pos: Pos2) -> [f64; 2] {
        let from = (pos - self.image.center()) / self.points_per_pixel;
        let [x, y] = self.axes.map(|axis| f64::from(from.dot(axis)));
        [self.middle[0] + x, self.middle[1] + y]
    }

    /// The directions on the screen across the path and along it.
    pub(super) fn axes(&self) -> [Vec2; 2] {
        self.axes
    }

    /// Whether the path runs across the pane.
    pub(super) fn lies(&self) -> bool {
        self.axes[1].x != 0.0
    }

    /// The places of a picture of `size` pixels, each `scale` points wide, of a pane that begins at the origin. A lying
    /// picture has its columns down and its rows across: it is turned over by [`stood`].
    pub(super) fn span(&self, size: [usize; 2], scale: f64) -> CurvedSpan {
        let first = self.pixel(Pos2::new(0.5 * scale as f32, 0.5 * scale as f32));
        let step = self.axes.map(|axis| f64::from(axis.x + axis.y) * scale / f64::from(self.points_per_pixel));
        CurvedSpan { first, step, size: if self.lies() { [size[1], size[0]] } else { size } }
    }
}

/// RGBA pixels with their columns as rows.
pub(super) fn stood(pixels: &[u8], [columns, rows]: [usize; 2]) -> Vec<u8> {
    let mut made = Vec::with_capacity(pixels.len());
    for column in 0..columns {
        for row in 0..rows {
            made.extend_from_slice(&pixels[(row * columns + column) * 4..][..4]);
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn surface() -> CurvedSurface {
        let path = CurvedPath::new(&[Point::origin(), Point::new(0.0, 0.0, 60.0)], 0.5, 0.0).unwrap();
        CurvedSurface { path: Arc::new(path), angle_rad: 0.3, pixel_mm: 0.5, columns: 41 }
    }

    #[test]
    fn the_screen_and_the_pixels_are_each_others_inverse_however_it_lies() {
        let rect = Rect::from_min_size(Pos2::new(30.0, 60.0), Vec2::new(400.0, 300.0));
        for bits in 0..8_u8 {
            let on = |bit: u8| bits >> bit & 1 == 1;
            let framing = Framing { zoom: 1.7, pan: Vec2::new(13.0, -20.0), lying: on(0), flips: [on(1), on(2)] };
            let place = Place::new(&surface(), rect, framing);
            for pixel in [[0.0, 0.0], [40.0, 120.0], [7.3, 88.1]] {
                let back = place.pixel(place.screen(pixel));
                assert!((back[0] - pixel[0]).abs() < 1e-3 && (back[1] - pixel[1]).abs() < 1e-3, "{bits:b} {back:?}");
            }
            let (first, last) = (place.screen([-0.5, -0.5]), place.screen([40.5, 120.5]));
            let whole = Rect::from_two_pos(first, last);
            assert!((whole.min - place.image.min).length() < 0.01 && (whole.max - place.image.max).length() < 0.01);
            // What the picture on paper has at a pixel is what the screen has there.
            let paper = Place::new(&surface(), Rect::from_min_size(Pos2::ZERO, rect.size()), framing);
            let span = paper.span([800, 600], 0.5);
            let [x, y] = if framing.lying { [44_usize, 200] } else { [200, 44] };
            let at = [0, 1].map(|axis| span.first[axis] + span.step[axis] * [x, y][axis] as f64);
            let expected = paper.pixel(Pos2::new(100.25, 22.25));
            assert!((at[0] - expected[0]).abs() < 0.01 && (at[1] - expected[1]).abs() < 0.01, "{at:?} {expected:?}");
        }
    }

    #[test]
    fn a_jaw_lies_with_its_head_side_up_and_a_spine_stands() {
        let jaw: Vec<Point> = (0..=20)
            .map(|n| (f64::from(n) / 20.0 * 3.0).sin_cos())
            .map(|(s, c)| Point::new(30.0 * c, -25.0 * s, 7.0))
            .collect();
        let path = Arc::new(CurvedPath::new(&jaw, 0.5, 0.0).unwrap());
        let (framing, angle_rad) = first_look(&path);
        let surface = CurvedSurface { path, angle_rad, pixel_mm: 0.5, columns: 41 };
        let place = Place::new(&surface, Rect::from_min_size(Pos2::ZERO, Vec2::new(400.0, 300.0)), framing);
        let shown = |pixel: [f64; 2]| (place.screen(pixel), surface.patient_from_pixel(pixel));
        let ((top, high), (bottom, low)) = (shown([40.0, 50.0]), shown([0.0, 50.0]));
        assert!(top.y < bottom.y && low.z + 19.0 < high.z, "the head is up");
        let ((left, right_side), (right, left_side)) = {
            let ends = [shown([20.0, 0.0]), shown([20.0, surface.size()[1] as f64 - 1.0])];
            if ends[0].0.x < ends[1].0.x { (ends[0], ends[1]) } else { (ends[1], ends[0]) }
        };
        assert!(left.x < right.x && right_side.x < left_side.x, "the patient's right is at the left");
        let spine = [Point::new(0.0, 0.0, 0.0), Point::new(0.0, 12.0, 60.0), Point::new(0.0, 0.0, 120.0)];
        let (framing, _) = first_look(&CurvedPath::new(&spine, 0.5, 0.0).unwrap());
        assert!(!framing.lying && framing.flips == [false, true], "its head end is at the top");
    }
}
