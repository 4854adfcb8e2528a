//! Flat pictures of scans and labels, for the window and for the report.

use super::{Scan, Volume, Voxels};
use crate::base::parallel;
use crate::geom::{Grid, Orientation, Point, Vector};
use rayon::prelude::*;

mod labels;
mod nearest;
mod paint;
mod range;
mod sample;
mod slab;

pub(super) use labels::label_rows;
pub use labels::{LabelLayer, OverlayStyle, draw_labels, label_slice};
pub use paint::blend_over;
pub(super) use paint::{blend_values, grey, through_table};
pub use range::draw_range;
pub(super) use sample::{Sampler, Value};
pub(super) use slab::row_through;
pub use slab::{Projection, Slab};

/// Rows of pixels made together by one thread.
const ROWS: usize = 8;

/// A rectangle of square pixels in the patient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlicePlane {
    /// Centre of the top left pixel.
    pub origin: Point,
    /// From one pixel to its right neighbour, mm.
    pub right: Vector,
    /// From one pixel to the one below, mm.
    pub down: Vector,
    /// Pixels across and down.
    pub size: [usize; 2],
}

impl SlicePlane {
    /// A plane of `size` pixels of `pixel_mm`, centred at `centre`; `right` and `down` are unit directions.
    pub fn centred(centre: Point, right: Vector, down: Vector, pixel_mm: f64, size: [usize; 2]) -> Self {
        let (right, down) = (right * pixel_mm, down * pixel_mm);
        let half = size.map(|n| 0.5 * (n as f64 - 1.0));
        Self { origin: centre - right * half[0] - down * half[1], right, down, size }
    }

    /// A standard view of `size` pixels through `centre`.
    pub fn standard(orientation: Orientation, centre: Point, pixel_mm: f64, size: [usize; 2]) -> Self {
        let [right, down, _] = orientation.right_down_away();
        Self::centred(centre, right, down, pixel_mm, size)
    }

    /// A standard view of all of `grid`, at `away_mm` along the direction away from the viewer.
    ///
    /// Pixels are as wide as the finest spacing. If the grid's axes are the patient's, the columns and rows of pixels
    /// that run along the finest axes fall exactly on voxel centres.
    pub fn covering(grid: &Grid, orientation: Orientation, away_mm: f64) -> Self {
        let [right, down, away] = orientation.right_down_away();
        let pixel_mm = grid.spacing_mm().into_iter().fold(f64::INFINITY, f64::min);
        let corner = |c: usize| grid.centre([0, 1, 2].map(|a| if c >> a & 1 == 0 { 0 } else { grid.dims()[a] - 1 }));
        let range = |axis: Vector| {
            let along = (0..8).map(|c| corner(c).coords.dot(&axis));
            along.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
        };
        let ((left, to_right), (top, bottom)) = (range(right), range(down));
        let count = |low: f64, high: f64| ((high - low) / pixel_mm + 1e-6).floor() as usize + 1;
        Self {
            origin: Point::from(right * left + down * top + away * away_mm),
            right: right * pixel_mm,
            down: down * pixel_mm,
            size: [count(left, to_right), count(top, bottom)],
        }
    }

    /// The place of a pixel (whole numbers are pixel centres) in the patient.
    pub fn patient_from_pixel(&self, [x, y]: [f64; 2]) -> Point {
        self.origin + self.right * x + self.down * y
    }

    /// The pixel (whole numbers are centres) nearest to a place in the patient.
    pub fn pixel_from_patient(&self, point: Point) -> [f64; 2] {
        let from = point - self.origin;
        [from.dot(&self.right) / self.right.norm_squared(), from.dot(&self.down) / self.down.norm_squared()]
    }

    /// The unit direction away from the viewer.
    pub fn away(&self) -> Vector {
        self.right.cross(&self.down).normalize()
    }
}

/// How values between voxel centres are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interpolation {
    /// The value of the nearest voxel.
    Nearest,
    /// Trilinear.
    Linear,
}

/// The values of a scan on a plane.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceImage {
    /// Where the pixels are.
    pub plane: SlicePlane,
    /// One value per pixel, row by row from the top; `NaN` outside the scan.
    pub values: Vec<f32>,
}

impl SliceImage {
    /// The values of `scan` on `plane`. Exact at voxel centres.
    pub fn of(scan: &Scan, plane: SlicePlane, interpolation: Interpolation) -> Self {
        let values = match &scan.voxels {
            Voxels::I16(volume) => reslice(volume, &plane, interpolation),
            Voxels::F32(volume) => reslice(volume, &plane, interpolation),
        };
        Self { plane, values }
    }
}

fn reslice<T: Value>(volume: &Volume<T>, plane: &SlicePlane, interpolation: Interpolation) -> Vec<f32> {
    let [width, height] = plane.size;
    let (first, across, down) = index_steps(volume.grid(), plane);
    let sampler = Sampler::new(volume);
    let mut values = vec![f32::NAN; width * height];
    in_rows(&mut values, width, |y, row| sampler.row(first + down * y as f64, across, interpolation, row));
    values
}

/// `make(y, row)` for every row of `width` of `pixels`, on many threads.
pub(super) fn in_rows<P: Send>(pixels: &mut [P], width: usize, make: impl Fn(usize, &mut [P]) + Sync) {
    let width = width.max(1);
    parallel::at_once(|| {
        pixels.par_chunks_mut(width * ROWS).enumerate().for_each(|(block, rows)| {
            rows.chunks_mut(width).enumerate().for_each(|(y, row)| make(block * ROWS + y, row));
        });
    });
}

/// Index of the first pixel in the grid, and the index steps to the right and down.
fn index_steps(grid: &Grid, plane: &SlicePlane) -> (Vector, Vector, Vector) {
    let first = grid.index_from_patient(plane.origin);
    (
        first,
        grid.index_from_patient(plane.origin + plane.right) - first,
        grid.index_from_patient(plane.origin + plane.down) - first,
    )
}

#[cfg(test)]
mod tests;
