//! Where the pixels of a slice view lie in the patient.

use super::Frame;
use crate::geom::{Grid, Orientation, Point, Vector};
use crate::image::SlicePlane;
use egui::{Pos2, Rect, Vec2};

/// The parallel slices of a grid in one view, counted along the direction away from the viewer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stack {
    away: Vector,
    /// Coordinate of the first slice along `away`, mm.
    first_mm: f64,
    step_mm: f64,
    count: usize,
    /// Whether planes may lie anywhere between slices: those of turned views go through the crosshair.
    free: bool,
}

impl Stack {
    /// The slices of `grid`: through its voxel centres if its axes are the patient's, or if it is oblique and the view is
    /// turned to its axes; otherwise as far apart as its voxels are along the axis that is closest to the viewing direction.
    /// Slices of a view that is turned any other way are as far apart as the grid's finest spacing.
    pub fn of(grid: &Grid, frame: impl Into<Frame>) -> Self {
        let frame = frame.into();
        let away = frame.away();
        let along = |axis: usize| grid.step().column(axis).dot(&away).abs();
        let axis = (0..3).max_by(|a, b| along(*a).total_cmp(&along(*b))).expect("three axes");
        let corner = |c: usize| grid.centre([0, 1, 2].map(|a| if c >> a & 1 == 0 { 0 } else { grid.dims()[a] - 1 }));
        let depths = (0..8).map(|c| corner(c).coords.dot(&away));
        let (low, high) = depths.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
        let free = !frame.is_straight() && !shows_grid(grid, &frame);
        let step_mm = if free { finest_mm(grid) } else { along(axis) };
        let count = ((high - low) / step_mm + 1e-6).floor() as usize + 1;
        Self { away, first_mm: low, step_mm, count, free }
    }

    /// How many slices there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Distance between neighbours in mm.
    pub fn step_mm(&self) -> f64 {
        self.step_mm
    }

    /// The slice nearest to `point`, counted from 0.
    pub fn index(&self, point: &Point) -> usize {
        let place = ((point.coords.dot(&self.away) - self.first_mm) / self.step_mm).round();
        place.clamp(0.0, (self.count - 1) as f64) as usize
    }

    /// The coordinate of slice `index` along the direction away from the viewer, mm.
    pub fn depth_mm(&self, index: usize) -> f64 {
        self.first_mm + self.step_mm * index as f64
    }

    /// The coordinate of the plane that shows `point`, along the direction away from the viewer, mm: that of the nearest
    /// slice, and of the point itself in a turned view.
    pub fn shown_mm(&self, point: &Point) -> f64 {
        if !self.free {
            return self.depth_mm(self.index(point));
        }
        point.coords.dot(&self.away).clamp(self.first_mm, self.depth_mm(self.count - 1))
    }

    /// Whether `point` lies beyond the first or the last slice.
    pub fn is_beyond(&self, point: &Point) -> bool {
        0.51 * self.step_mm < (point.coords.dot(&self.away) - self.shown_mm(point)).abs()
    }

    /// `point` moved perpendicular to the slices into slice `index`.
    pub fn moved_to(&self, point: &Point, index: usize) -> Point {
        let index = index.min(self.count - 1);
        point + self.away * (self.depth_mm(index) - point.coords.dot(&self.away))
    }

    /// `point` moved by `steps` slices, staying in the stack.
    pub fn moved_by(&self, point: &Point, steps: i64) -> Point {
        if self.free {
            let last_mm = self.depth_mm(self.count - 1);
            let depth = self.shown_mm(point) + self.step_mm * steps as f64;
            return point + self.away * (depth.clamp(self.first_mm, last_mm) - point.coords.dot(&self.away));
        }
        let index = (self.index(point) as i64 + steps).clamp(0, self.count as i64 - 1);
        self.moved_to(point, index as usize)
    }
}

/// Cosine of the angle up to which directions are the same: over a metre, a hundredth of a millimetre.
const SAME: f64 = 1.0 - 1e-10;

/// Whether a turned view shows slices of an oblique grid as they are: it looks across the plane of two axes, which lie along
/// its sides.
fn shows_grid(grid: &Grid, frame: &Frame) -> bool {
    let [right, down, away] = frame.right_down_away();
    let axes = [0, 1, 2].map(|axis| grid.step().column(axis).normalize());
    let is_oblique = axes.iter().any(|axis| axis.amax() < SAME);
    let lies_in = axes.iter().filter(|axis| axis.dot(&away).abs() < 1e-5).count();
    let is_side = |side: &Vector| axes.iter().any(|axis| SAME < axis.dot(side).abs());
    is_oblique && lies_in == 2 && is_side(&right) && is_side(&down)
}

/// The finest spacing of a grid, mm.
pub(super) fn finest_mm(grid: &Grid) -> f64 {
    grid.spacing_mm().into_iter().fold(f64::INFINITY, f64::min)
}

/// How a view is zoomed and moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Framing {
    /// 1 shows the whole slice.
    pub zoom: f64,
    /// Place of the view's centre relative to the grid's, to the right and down, mm.
    pub pan_mm: [f64; 2],
}

impl Default for Framing {
    fn default() -> Self {
        Self { zoom: 1.0, pan_mm: [0.0; 2] }
    }
}

/// Limits of the zoom.
const ZOOM: [f64; 2] = [0.2, 40.0];

/// The map between a rectangle of the screen and a plane in the patient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SliceGeometry {
    /// The rectangle, in egui points.
    pub rect: Rect,
    /// Which view it is.
    pub orientation: Orientation,
    /// Its directions.
    frame: Frame,
    /// What lies in the middle of the rectangle.
    centre: Point,
    mm_per_point: f64,
}

impl SliceGeometry {
    /// The plane of `grid` at `depth_mm` shown in `rect`.
    ///
    /// How large things are does not change while views are turned.
    pub fn new(grid: &Grid, frame: impl Into<Frame>, depth_mm: f64, framing: Framing, rect: Rect) -> Self {
        let frame = frame.into();
        let [wide, high, _] = frame.orientation.right_down_away();
        let [right, down, away] = frame.right_down_away();
        let bounds = grid.bounds();
        let size = |axis: Vector| bounds.size().dot(&axis).abs();
        let fit = |mm: f64, points: f32| mm / f64::from(points.max(1.0));
        let mm_per_point = fit(size(wide), rect.width()).max(fit(size(high), rect.height())) / framing.zoom;
        let centre = bounds.centre();
        let centre = centre + away * (depth_mm - centre.coords.dot(&away));
        let centre = centre + right * framing.pan_mm[0] + down * framing.pan_mm[1];
        Self { rect, orientation: frame.orientation, frame, centre, mm_per_point }
    }

    /// Its directions.
    pub fn frame(&self) -> Frame {
        self.frame
    }

    /// Unit directions in LPS: to the right of the screen, to its bottom, and away from the viewer.
    pub fn right_down_away(&self) -> [Vector; 3] {
        self.frame.right_down_away()
    }

    /// Size of a point of the screen in the patient, mm.
    pub fn mm_per_point(&self) -> f64 {
        self.mm_per_point
    }

    /// The pixels of the screen that the rectangle touches, where there are `pixels_per_point`, and the plane they show.
    pub fn pixels(&self, pixels_per_point: f32) -> Option<(Rect, SlicePlane)> {
        let scale = f64::from(pixels_per_point);
        let range = |low: f32, high: f32| [(f64::from(low) * scale).floor(), (f64::from(high) * scale).ceil()];
        let ranges = [range(self.rect.left(), self.rect.right()), range(self.rect.top(), self.rect.bottom())];
        let size = ranges.map(|[low, high]| (high - low) as usize);
        if !(0.0 < scale) || size.contains(&0) {
            return None;
        }
        let [right, down, _] = self.frame.right_down_away();
        let middle = self.rect.center();
        let from = |low: f64, middle: f32| (low + 0.5) / scale - f64::from(middle);
        let [x, y] = [from(ranges[0][0], middle.x), from(ranges[1][0], middle.y)];
        let origin = self.centre + (right * x + down * y) * self.mm_per_point;
        let pixel_mm = self.mm_per_point / scale;
        let corner = |n: usize| Pos2::new((ranges[0][n] / scale) as f32, (ranges[1][n] / scale) as f32);
        let rect = Rect::from_min_max(corner(0), corner(1));
        Some((rect, SlicePlane { origin, right: right * pixel_mm, down: down * pixel_mm, size }))
    }

    /// How far a place lies behind the plane, seen by the viewer, mm; negative before it.
    pub fn distance_mm(&self, point: &Point) -> f64 {
        (point - self.centre).dot(&self.frame.right_down_away()[2])
    }

    /// The place of the plane under a place of the screen.
    pub fn patient_from_screen(&self, pos: Pos2) -> Point {
        let [right, down, _] = self.frame.right_down_away();
        let offset = pos - self.rect.center();
        self.centre + (right * f64::from(offset.x) + down * f64::from(offset.y)) * self.mm_per_point
    }

    /// Where a place in the patient appears, seen perpendicular to the plane.
    pub fn screen_from_patient(&self, point: &Point) -> Pos2 {
        let [right, down, _] = self.frame.right_down_away();
        let offset = (point - self.centre) / self.mm_per_point;
        self.rect.center() + Vec2::new(offset.dot(&right) as f32, offset.dot(&down) as f32)
    }
}

impl Framing {
    /// Moved by a movement of the mouse in points.
    #[must_use]
    pub fn panned(self, delta: Vec2, mm_per_point: f64) -> Self {
        let [x, y] = self.pan_mm;
        Self { pan_mm: [x - f64::from(delta.x) * mm_per_point, y - f64::from(delta.y) * mm_per_point], ..self }
    }

    /// Larger by `factor`, keeping what is at `at` where it is.
    #[must_use]
    pub fn zoomed(self, factor: f64, at: Pos2, geometry: &SliceGeometry) -> Self {
        let zoom = (self.zoom * factor).clamp(ZOOM[0], ZOOM[1]);
        let offset = at - geometry.rect.center();
        let keep = geometry.mm_per_point * (1.0 - self.zoom / zoom);
        let [x, y] = self.pan_mm;
        Self { zoom, pan_mm: [x + f64::from(offset.x) * keep, y + f64::from(offset.y) * keep] }
    }
}

#[cfg(test)]
mod tests {
    use super::super::plane::plane_of;
    use super::*;
    use nalgebra::{Matrix3, Rotation3};

    const RECT: Rect = Rect { min: Pos2::new(40.0, 30.0), max: Pos2::new(740.0, 530.0) };

    fn anisotropic() -> Grid {
        Grid::aligned([512, 512, 133], Point::new(-166.0, -171.7, -340.0), [0.703125, 0.703125, 2.5]).unwrap()
    }

    /// Rows from left to right, columns from back to front, slices from head to feet, all tilted.
    fn oblique() -> Grid {
        let turn = Rotation3::from_euler_angles(0.3, -0.2, 0.15);
        let step = turn.matrix() * Matrix3::from_diagonal(&Vector::new(-0.8, -0.9, -3.0));
        Grid::new([200, 180, 40], Point::new(60.0, 90.0, 120.0), step).unwrap()
    }

    #[test]
    fn screen_and_patient_are_inverse_on_any_grid() {
        for grid in [anisotropic(), oblique()] {
            for orientation in Orientation::ALL {
                let stack = Stack::of(&grid, orientation);
                let depth = stack.depth_mm(stack.count() / 3);
                let framing = Framing { zoom: 2.5, pan_mm: [13.0, -7.0] };
                let geometry = SliceGeometry::new(&grid, orientation, depth, framing, RECT);
                for pos in [Pos2::new(41.0, 520.0), RECT.center(), Pos2::new(600.25, 100.5)] {
                    let point = geometry.patient_from_screen(pos);
                    assert!((geometry.screen_from_patient(&point) - pos).length() < 1e-3);
                    let away = orientation.right_down_away()[2];
                    assert!((point.coords.dot(&away) - depth).abs() < 1e-9, "the point lies in the slice");
                }
            }
        }
    }

    #[test]
    fn a_click_on_a_voxel_finds_that_voxel() {
        let grid = anisotropic();
        for (orientation, voxel) in [
            (Orientation::Axial, [100, 400, 17]),
            (Orientation::Coronal, [301, 77, 90]),
            (Orientation::Sagittal, [8, 250, 131]),
        ] {
            let centre = grid.centre(voxel);
            let stack = Stack::of(&grid, orientation);
            let depth = stack.depth_mm(stack.index(&centre));
            let geometry = SliceGeometry::new(&grid, orientation, depth, Framing::default(), RECT);
            let clicked = geometry.patient_from_screen(geometry.screen_from_patient(&centre));
            assert!((clicked - centre).norm() < 1e-3, "{orientation:?}: {clicked} is not {centre}");
            assert_eq!(grid.voxel_at(clicked), Some(voxel));
        }
    }

    #[test]
    fn aligned_stacks_go_through_voxel_centres_and_end_at_the_last() {
        let grid = anisotropic();
        let stack = Stack::of(&grid, Orientation::Axial);
        assert_eq!((stack.count(), stack.step_mm()), (133, 2.5));
        let mut point = grid.centre([5, 6, 0]);
        for k in 1..133 {
            point = stack.moved_by(&point, 1);
            assert!((point - grid.centre([5, 6, k])).norm() < 1e-9);
        }
        assert_eq!(stack.index(&stack.moved_by(&point, 1000)), 132);
        assert_eq!(stack.index(&stack.moved_by(&point, -1000)), 0);
        // Sagittal slices are seen from the left: the first is the leftmost.
        assert_eq!(Stack::of(&grid, Orientation::Sagittal).index(&grid.centre([511, 0, 0])), 0);
    }

    #[test]
    fn oblique_stacks_cover_the_grid() {
        let grid = oblique();
        for orientation in Orientation::ALL {
            let stack = Stack::of(&grid, orientation);
            let away = orientation.right_down_away()[2];
            for corner in [[0, 0, 0], [199, 179, 39], [199, 0, 0], [0, 179, 39]] {
                let depth = grid.centre(corner).coords.dot(&away);
                assert!(stack.depth_mm(0) - 1e-9 <= depth);
                assert!(depth <= stack.depth_mm(stack.count() - 1) + stack.step_mm());
            }
        }
    }

    #[test]
    fn zooming_keeps_what_is_under_the_mouse() {
        let grid = anisotropic();
        let geometry = |framing| SliceGeometry::new(&grid, Orientation::Coronal, 0.0, framing, RECT);
        let old = Framing { zoom: 1.3, pan_mm: [4.0, 5.0] };
        let at = Pos2::new(200.0, 400.0);
        let point = geometry(old).patient_from_screen(at);
        let new = old.zoomed(1.9, at, &geometry(old));
        assert!((geometry(new).screen_from_patient(&point) - at).length() < 1e-2);
    }

    #[test]
    fn the_whole_slice_fits_at_first() {
        let grid = anisotropic();
        for orientation in Orientation::ALL {
            let geometry = SliceGeometry::new(&grid, orientation, 0.0, Framing::default(), RECT);
            let bounds = grid.bounds();
            for corner in [bounds.min, bounds.max] {
                assert!(RECT.expand(0.5).contains(geometry.screen_from_patient(&corner)));
            }
        }
    }

    /// A marked voxel far from any middle, on grids with unequal spacings, in views turned every way: the picture shows
    /// it at one place, and the mouse there finds that voxel.
    #[test]
    fn a_marked_voxel_is_under_the_mouse_where_it_is_drawn_in_every_turned_view() {
        use super::super::frame::Turn;
        use crate::image::{Interpolation, Modality, Scan, SliceImage, Volume, Voxels};
        let turn = Rotation3::from_euler_angles(0.3, -0.2, 0.15);
        let step = turn.matrix() * Matrix3::from_diagonal(&Vector::new(-1.5, 2.0, -5.0));
        let slanted = Grid::new([31, 22, 14], Point::new(60.0, 90.0, 120.0), step).unwrap();
        let thick = Grid::aligned([40, 40, 4], Point::new(-9.0, 4.0, 2.0), [0.5, 0.5, 20.0]).unwrap();
        let turns = [(0.5, 0.0, 0.0), (-1.2, 0.7, 0.0), (0.3, 2.8, -0.9)];
        for (grid, marked) in [(slanted, [26, 5, 3]), (thick, [33, 8, 1])] {
            let mut voxels = vec![0.0_f32; grid.len()];
            voxels[grid.offset(marked)] = 1000.0;
            let voxels = Voxels::F32(Volume::new(grid.clone(), voxels).unwrap());
            let scan = Scan { voxels, modality: Modality::Other, window: None, facts: Vec::new() };
            let place = grid.centre(marked);
            for (a, b, c) in turns {
                let turn =
                    Orientation::ALL.into_iter().zip([a, b, c]).fold(Turn::default(), |t, (o, x)| t.turned_in(o, x));
                for frame in turn.frames() {
                    let depth = Stack::of(&grid, frame).shown_mm(&place);
                    assert!((depth - place.coords.dot(&frame.away())).abs() < 1e-9, "the plane goes through the point");
                    let plane = plane_of(&grid, &frame, depth).expect("the voxel is in the grid");
                    let image = SliceImage::of(&scan, plane, Interpolation::Nearest);
                    let framing = Framing { zoom: 1.7, pan_mm: [3.0, -8.0] };
                    let geometry = SliceGeometry::new(&grid, frame, depth, framing, RECT);
                    let width = plane.size[0];
                    let bright: Vec<usize> = (0..image.values.len()).filter(|p| image.values[*p] == 1000.0).collect();
                    assert!(!bright.is_empty(), "{frame:?} shows the voxel");
                    for pixel in &bright {
                        let at = plane.patient_from_pixel([(pixel % width) as f64, (pixel / width) as f64]);
                        let mouse = geometry.screen_from_patient(&at);
                        assert_eq!(grid.voxel_at(geometry.patient_from_screen(mouse)), Some(marked));
                    }
                    // All of the grid that lies in the plane is in the picture: beyond its border there is nothing.
                    let [w, h] = plane.size.map(|n| n as f64);
                    for t in 0..=20 {
                        let part = f64::from(t) / 20.0;
                        for edge in [[w * part, -2.0], [w * part, h + 1.0], [-2.0, h * part], [w + 1.0, h * part]] {
                            assert_eq!(grid.voxel_at(plane.patient_from_pixel(edge)), None, "{frame:?} {edge:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_turned_stack_steps_by_the_finest_spacing_and_stays_in_the_grid() {
        use super::super::frame::Turn;
        let grid = anisotropic();
        let frame = Turn::default().turned_in(Orientation::Coronal, 0.6).frame(Orientation::Axial);
        let stack = Stack::of(&grid, frame);
        assert!((stack.step_mm() - 0.703125).abs() < 1e-12);
        let point = Point::new(12.3, -4.5, -100.7);
        let depth = |point: &Point| point.coords.dot(&frame.away());
        let moved = stack.moved_by(&point, 3);
        assert!((depth(&moved) - depth(&point) - 3.0 * 0.703125).abs() < 1e-9);
        assert!((stack.shown_mm(&moved) - depth(&moved)).abs() < 1e-9);
        for (steps, index) in [(i64::MAX / 2, stack.count() - 1), (i64::MIN / 2, 0)] {
            let end = stack.moved_by(&point, steps);
            assert_eq!(stack.index(&end), index);
            assert!(plane_of(&grid, &frame, depth(&end)).is_some());
        }
        assert!(plane_of(&grid, &frame, 1e5).is_none(), "nothing of the grid lies there");
    }
}
