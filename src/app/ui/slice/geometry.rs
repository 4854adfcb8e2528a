//! Where the pixels of a slice view lie in the patient.

use crate::geom::{Grid, Orientation, Point, Vector};
use egui::{Pos2, Rect, Vec2};

/// The parallel slices of a grid in one orientation, counted along the direction away from the viewer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stack {
    away: Vector,
    /// Coordinate of the first slice along `away`, mm.
    first_mm: f64,
    step_mm: f64,
    count: usize,
}

impl Stack {
    /// The slices of `grid`: through its voxel centres if its axes are the patient's, otherwise as far apart as its
    /// voxels are along the axis that is closest to the viewing direction.
    pub fn of(grid: &Grid, orientation: Orientation) -> Self {
        let away = orientation.right_down_away()[2];
        let along = |axis: usize| grid.step().column(axis).dot(&away).abs();
        let axis = (0..3).max_by(|a, b| along(*a).total_cmp(&along(*b))).expect("three axes");
        let corner = |c: usize| grid.centre([0, 1, 2].map(|a| if c >> a & 1 == 0 { 0 } else { grid.dims()[a] - 1 }));
        let depths = (0..8).map(|c| corner(c).coords.dot(&away));
        let (low, high) = depths.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
        let step_mm = along(axis);
        let count = ((high - low) / step_mm + 1e-6).floor() as usize + 1;
        Self { away, first_mm: low, step_mm, count }
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

    /// `point` moved perpendicular to the slices into slice `index`.
    pub fn moved_to(&self, point: &Point, index: usize) -> Point {
        let index = index.min(self.count - 1);
        point + self.away * (self.depth_mm(index) - point.coords.dot(&self.away))
    }

    /// `point` moved by `steps` slices, staying in the stack.
    pub fn moved_by(&self, point: &Point, steps: i64) -> Point {
        let index = (self.index(point) as i64 + steps).clamp(0, self.count as i64 - 1);
        self.moved_to(point, index as usize)
    }
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
    /// The orientation of the plane.
    pub orientation: Orientation,
    /// What lies in the middle of the rectangle.
    centre: Point,
    mm_per_point: f64,
}

impl SliceGeometry {
    /// The plane of `grid` at `depth_mm` shown in `rect`.
    pub fn new(grid: &Grid, orientation: Orientation, depth_mm: f64, framing: Framing, rect: Rect) -> Self {
        let [right, down, away] = orientation.right_down_away();
        let bounds = grid.bounds();
        let size = |axis: Vector| bounds.size().dot(&axis).abs();
        let fit = |mm: f64, points: f32| mm / f64::from(points.max(1.0));
        let mm_per_point = fit(size(right), rect.width()).max(fit(size(down), rect.height())) / framing.zoom;
        let centre = bounds.centre();
        let centre = centre + away * (depth_mm - centre.coords.dot(&away));
        let centre = centre + right * framing.pan_mm[0] + down * framing.pan_mm[1];
        Self { rect, orientation, centre, mm_per_point }
    }

    /// Size of a point of the screen in the patient, mm.
    pub fn mm_per_point(&self) -> f64 {
        self.mm_per_point
    }

    /// How far a place lies behind the plane, seen by the viewer, mm; negative before it.
    pub fn distance_mm(&self, point: &Point) -> f64 {
        (point - self.centre).dot(&self.orientation.right_down_away()[2])
    }

    /// The place of the plane under a place of the screen.
    pub fn patient_from_screen(&self, pos: Pos2) -> Point {
        let [right, down, _] = self.orientation.right_down_away();
        let offset = pos - self.rect.center();
        self.centre + (right * f64::from(offset.x) + down * f64::from(offset.y)) * self.mm_per_point
    }

    /// Where a place in the patient appears, seen perpendicular to the plane.
    pub fn screen_from_patient(&self, point: &Point) -> Pos2 {
        let [right, down, _] = self.orientation.right_down_away();
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
}
