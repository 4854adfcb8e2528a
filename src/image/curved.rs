//! Curved planar reformation: a path through the patient, laid out straight.

mod path;

pub use path::{CurvedPath, PathError};

use super::slice::{Interpolation, Sampler, Value, grey, in_rows};
use super::{Scan, Volume, Voxels, Window};
use crate::geom::{Point, Vector};
use std::sync::Arc;

/// A ruled surface along a path: every row of pixels lies across the path, in the plane square to it.
///
/// Rows lead along the path at its step, columns across it at `pixel_mm`. The path runs down the middle column.
#[derive(Debug, Clone, PartialEq)]
pub struct CurvedSurface {
    /// The path.
    pub path: Arc<CurvedPath>,
    /// How far the surface is turned about the path, radians; at 0 its right side leads to the patient's left, as near as
    /// the path allows at its start.
    pub angle_rad: f64,
    /// From one pixel to its right neighbour, mm.
    pub pixel_mm: f64,
    /// Pixels across.
    pub columns: usize,
}

impl CurvedSurface {
    /// Pixels across and down.
    pub fn size(&self) -> [usize; 2] {
        [self.columns, self.path.points().len()]
    }

    /// The column the path runs down; half a number for an even number of columns.
    pub fn middle(&self) -> f64 {
        0.5 * (self.columns as f64 - 1.0)
    }

    /// The unit direction to the right of a row, which may lie between two.
    pub fn right(&self, row: f64) -> Vector {
        let (normal, binormal) = self.path.across(row);
        normal * self.angle_rad.cos() + binormal * self.angle_rad.sin()
    }

    /// The place of a pixel (whole numbers are pixel centres) in the patient.
    pub fn patient_from_pixel(&self, [x, y]: [f64; 2]) -> Point {
        self.path.point(y) + self.right(y) * ((x - self.middle()) * self.pixel_mm)
    }

    /// The pixel (whole numbers are centres) whose row a place lies in the plane of, and how far it is off the surface in
    /// mm; of several rows the one whose path point is nearest. None beyond both ends of the path.
    pub fn pixel_from_patient(&self, place: &Point) -> Option<([f64; 2], f64)> {
        let row = self.path.row_of(place)?;
        let from = place - self.path.point(row);
        let right = self.right(row);
        let across_mm = from.dot(&right);
        let off_mm = (from - right * across_mm).norm();
        Some(([self.middle() + across_mm / self.pixel_mm, row], off_mm))
    }
}

/// The values of a scan on a curved surface.
#[derive(Debug, Clone, PartialEq)]
pub struct CurvedImage {
    /// Where the pixels are.
    pub surface: CurvedSurface,
    /// One value per pixel, row by row along the path; `NaN` outside the scan.
    pub values: Vec<f32>,
}

impl CurvedImage {
    /// The values of `scan` on `surface`.
    pub fn of(scan: &Scan, surface: CurvedSurface, interpolation: Interpolation) -> Self {
        let values = match &scan.voxels {
            Voxels::I16(volume) => straightened(volume, &surface, interpolation),
            Voxels::F32(volume) => straightened(volume, &surface, interpolation),
        };
        Self { surface, values }
    }

    /// Opaque grey pixels, 4 bytes each, through a display window; black outside the scan.
    pub fn rgba(&self, window: Window) -> Vec<u8> {
        grey(&self.values, self.surface.columns, window)
    }
}

fn straightened<T: Value>(volume: &Volume<T>, surface: &CurvedSurface, interpolation: Interpolation) -> Vec<f32> {
    let [columns, rows] = surface.size();
    let (grid, sampler) = (volume.grid(), Sampler::new(volume));
    let mut values = vec![f32::NAN; columns * rows];
    in_rows(&mut values, columns, |y, row| {
        let start = surface.patient_from_pixel([0.0, y as f64]);
        let first = grid.index_from_patient(start);
        let step = grid.index_from_patient(start + surface.right(y as f64) * surface.pixel_mm) - first;
        sampler.row(first, step, interpolation, row);
    });
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Grid;
    use crate::image::Modality;
    use nalgebra::Rotation3;

    const BEND_MM: f64 = 26.0;
    const TUBE_MM: f64 = 4.5;
    const SWEEP: f64 = 2.0;

    /// A turn that has nothing to do with the grid's axes, and the place it turns about.
    fn turned() -> (Rotation3<f64>, Point) {
        (Rotation3::from_euler_angles(0.4, -0.7, 0.9), Point::new(3.0, -2.0, 41.0))
    }

    /// Points on an arc of [`BEND_MM`], [`SWEEP`] radians long.
    fn arc(n: usize) -> Vec<Point> {
        let (turn, centre) = turned();
        let at = |part: f64| {
            let (sin, cos) = (part * SWEEP).sin_cos();
            centre + turn * Vector::new(BEND_MM * cos, BEND_MM * sin, 0.0)
        };
        (0..n).map(|i| at(i as f64 / (n - 1) as f64)).collect()
    }

    /// A bent tube of [`TUBE_MM`] around the arc's whole circle, its wall half-way between 0 and 1000, on an anisotropic grid.
    fn tube() -> Scan {
        let grid = Grid::aligned([90, 96, 60], Point::new(-36.0, -41.0, 0.0), [0.8, 0.85, 1.4]).unwrap();
        let (turn, centre) = turned();
        let voxels = (0..grid.len()).map(|offset| {
            let at = turn.inverse() * (grid.centre(grid.voxel(offset)) - centre);
            let from_axis = (at.x.hypot(at.y) - BEND_MM).hypot(at.z);
            (((TUBE_MM - from_axis) / 3.0 + 0.5).clamp(0.0, 1.0) * 1000.0) as f32
        });
        let voxels = Voxels::F32(Volume::new(grid.clone(), voxels.collect()).unwrap());
        Scan { voxels, modality: Modality::Other, window: None, facts: Vec::new() }
    }

    fn surface(angle_rad: f64) -> CurvedSurface {
        let path = Arc::new(CurvedPath::new(&arc(40), 0.4, 0.0).unwrap());
        CurvedSurface { path, angle_rad, pixel_mm: 0.4, columns: 61 }
    }

    #[test]
    fn a_bent_tube_is_a_straight_band_of_its_width_at_every_angle() {
        let scan = tube();
        for n in 0..8 {
            let image = CurvedImage::of(&scan, surface(f64::from(n) * 0.4), Interpolation::Linear);
            let [columns, rows] = image.surface.size();
            for row in image.values.chunks(columns).skip(2).take(rows - 4) {
                // Where the value passes 500 on both sides of the middle, between pixels.
                let edge = |pixels: &mut dyn Iterator<Item = f32>| {
                    let values: Vec<f32> = pixels.collect();
                    let out = values.iter().position(|value| *value < 500.0).unwrap();
                    0.4 * (out as f32 - (500.0 - values[out]) / (values[out - 1] - values[out]))
                };
                let right = edge(&mut row[30..].iter().copied());
                let left = edge(&mut row[..=30].iter().rev().copied());
                for half_mm in [left, right] {
                    assert!((f64::from(half_mm) - TUBE_MM).abs() < 0.25, "{half_mm} at {n}");
                }
            }
        }
    }

    #[test]
    fn rows_measure_the_length_of_the_path_and_its_points_lie_in_the_middle() {
        let surface = surface(0.9);
        let [_, rows] = surface.size();
        let length_mm = (rows - 1) as f64 * surface.path.step_mm();
        assert!((length_mm - BEND_MM * SWEEP).abs() < 0.01 * BEND_MM, "{length_mm}");
        for (n, point) in arc(40).iter().enumerate() {
            let ([x, y], off_mm) = surface.pixel_from_patient(point).unwrap();
            assert!((x - surface.middle()).abs() < 0.05 && off_mm < 0.02, "{x} {off_mm}");
            let along_mm = y * surface.path.step_mm();
            assert!((along_mm - BEND_MM * SWEEP * n as f64 / 39.0).abs() < 0.05, "{along_mm} of point {n}");
        }
    }

    #[test]
    fn pixels_and_places_in_the_patient_are_each_others_inverse() {
        for angle_rad in [0.0, 1.0, 4.0] {
            let surface = surface(angle_rad);
            let last = surface.path.points().len() as f64 - 1.0;
            for n in 0..60 {
                let pixel = [f64::from(n), last * f64::from(n * 7 % 60) / 59.0];
                let ([x, y], off_mm) = surface.pixel_from_patient(&surface.patient_from_pixel(pixel)).unwrap();
                assert!(
                    (x - pixel[0]).abs() < 1e-6 && (y - pixel[1]).abs() < 1e-6 && off_mm < 1e-6,
                    "{pixel:?} {x} {y}"
                );
            }
            let (turn, centre) = turned();
            let behind = centre + turn * Vector::new(BEND_MM, -5.0, 0.0);
            assert_eq!(surface.pixel_from_patient(&behind), None);
        }
    }

    #[test]
    fn pixels_outside_the_scan_are_black() {
        let path =
            Arc::new(CurvedPath::new(&[Point::new(500.0, 0.0, 0.0), Point::new(510.0, 0.0, 0.0)], 1.0, 0.0).unwrap());
        let image = CurvedImage::of(
            &tube(),
            CurvedSurface { path, angle_rad: 0.0, pixel_mm: 1.0, columns: 3 },
            Interpolation::Linear,
        );
        assert_eq!(image.rgba(Window { width: 100.0, level: 0.0 }), [0, 0, 0, 255].repeat(33));
    }
}
