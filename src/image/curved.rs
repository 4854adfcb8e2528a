//! Curved planar reformation: a path through the patient, laid out straight.

mod path;

pub use path::{CurvedPath, PathError};

use super::slice::{
    Interpolation, LabelLayer, Projection, Sampler, Slab, Value, blend_values, grey, in_rows, label_rows, row_through,
    through_table,
};
use super::{LabelMap, Scan, Volume, Voxels, Window};
use crate::geom::{Grid, Point, Vector};
use pulp::Arch;
use std::ops::Range;
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

/// Which places of a surface a picture has, in pixels of the surface: as many as the surface has, or any others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvedSpan {
    /// The place of the first pixel, across and along.
    pub first: [f64; 2],
    /// From one pixel to the next across, and to the next along; negative in a mirrored picture.
    pub step: [f64; 2],
    /// Pixels across and along.
    pub size: [usize; 2],
}

/// A row of a picture: which of its pixels lie on the surface, their index in a grid and the step to the next, and the
/// way off the surface.
struct SpanRow {
    places: Range<usize>,
    start: Vector,
    across: Vector,
    /// Index per mm.
    off: Vector,
}

impl CurvedSurface {
    /// All its pixels.
    pub fn span(&self) -> CurvedSpan {
        CurvedSpan { first: [0.0; 2], step: [1.0; 2], size: self.size() }
    }

    fn row(&self, span: &CurvedSpan, y: usize, grid: &Grid) -> Option<SpanRow> {
        let ends = self.size().map(|n| -0.5..=n as f64 - 0.5);
        let row = span.first[1] + span.step[1] * y as f64;
        let column = |x: usize| span.first[0] + span.step[0] * x as f64;
        let inside = |x: &usize| ends[0].contains(&column(*x));
        if !ends[1].contains(&row) {
            return None;
        }
        let from = (0..span.size[0]).find(inside)?;
        let to = (from..span.size[0]).find(|x| !inside(x)).unwrap_or(span.size[0]);
        let (place, right) = (self.patient_from_pixel([column(from), row]), self.right(row));
        let start = grid.index_from_patient(place);
        let across = grid.index_from_patient(place + right * (self.pixel_mm * span.step[0])) - start;
        let off = grid.index_from_patient(place + self.path.tangent(row).cross(&right)) - start;
        Some(SpanRow { places: from..to, start, across, off })
    }

    /// The labels on the places of `span`, with outlines of so many pixels.
    pub fn layer(&self, labels: &LabelMap, span: &CurvedSpan, outline: usize) -> LabelLayer {
        let row_of = |y| self.row(span, y, labels.grid()).map(|row| (row.places, row.start, row.across));
        LabelLayer::of_pixels(label_rows(labels, span.size, row_of), span.size, outline)
    }

    /// Samples that a picture of `scan` takes with a slab about the surface.
    pub fn cost(&self, span: &CurvedSpan, slab: Option<Slab>, scan: &Scan) -> usize {
        span.size[0] * span.size[1] * slab.map_or(1, |slab| offsets_mm(slab, scan.grid()).len())
    }
}

/// Where a slab about a surface is sampled, mm off the surface: as far apart as the grid's finest voxels, alike on both
/// sides.
fn offsets_mm(slab: Slab, grid: &Grid) -> Vec<f64> {
    let step_mm = grid.spacing_mm().into_iter().fold(f64::INFINITY, f64::min);
    let beside = ((0.5 * slab.thickness_mm / step_mm + 1e-6).max(0.0) as i32).min(1000);
    (-beside..=beside).map(|n| f64::from(n) * step_mm).collect()
}

/// The values of a scan on a curved surface.
#[derive(Debug, Clone, PartialEq)]
pub struct CurvedImage {
    /// Where the pixels are.
    pub surface: CurvedSurface,
    /// Which of its places they are.
    pub span: CurvedSpan,
    /// One value per pixel, row by row along the path; `NaN` outside the scan.
    pub values: Vec<f32>,
}

impl CurvedImage {
    /// The values of `scan` on `surface`.
    pub fn of(scan: &Scan, surface: CurvedSurface, interpolation: Interpolation) -> Self {
        let span = surface.span();
        Self::of_span(scan, surface, span, interpolation, None)
    }

    /// The values of `scan` on the places of `span`, or across a slab centred on the surface there, made one by its
    /// projection; a sum is the mean times the thickness. `NaN` beside the surface.
    pub fn of_span(
        scan: &Scan,
        surface: CurvedSurface,
        span: CurvedSpan,
        interpolation: Interpolation,
        slab: Option<Slab>,
    ) -> Self {
        let values = match &scan.voxels {
            Voxels::I16(volume) => straightened(volume, &surface, &span, interpolation, slab),
            Voxels::F32(volume) => straightened(volume, &surface, &span, interpolation, slab),
        };
        Self { surface, span, values }
    }

    /// Opaque grey pixels, 4 bytes each, through a display window; black outside the scan.
    pub fn rgba(&self, window: Window) -> Vec<u8> {
        grey(&self.values, self.span.size[0], window)
    }

    /// The same, brightness looked up in a table of colours.
    pub fn rgba_through(&self, window: Window, colours: &[[u8; 3]; 256]) -> Vec<u8> {
        through_table(&self.values, self.span.size[0], window, colours)
    }

    /// Lay `share` of its colours over the RGBA pixels of a picture of the same places, where it has values.
    ///
    /// # Panics
    /// If `pixels` has not 4 bytes per pixel.
    pub fn blend_over(&self, pixels: &mut [u8], window: Window, colours: &[[u8; 3]; 256], share: f32) {
        blend_values(pixels, (&self.values, self.span.size[0]), window, colours, share);
    }
}

fn straightened<T: Value>(
    volume: &Volume<T>,
    surface: &CurvedSurface,
    span: &CurvedSpan,
    interpolation: Interpolation,
    slab: Option<Slab>,
) -> Vec<f32> {
    let (grid, sampler, arch) = (volume.grid(), Sampler::new(volume), Arch::new());
    let offsets = slab.map(|slab| offsets_mm(slab, grid));
    let mut values = vec![f32::NAN; span.size[0] * span.size[1]];
    in_rows(&mut values, span.size[0], |y, row| {
        let Some(SpanRow { places, start, across, off }) = surface.row(span, y, grid) else { return };
        let row = &mut row[places];
        let (Some(slab), Some(offsets)) = (slab, &offsets) else {
            return sampler.row(start, across, interpolation, row);
        };
        let starts = offsets.iter().map(|mm| start + off * *mm);
        row_through(&sampler, arch, starts, (across, interpolation), slab.projection, row);
        if slab.projection == Projection::Sum {
            let each_mm = (slab.thickness_mm / offsets.len() as f64) as f32;
            row.iter_mut().for_each(|sum| *sum *= each_mm);
        }
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

    #[test]
    fn a_span_shows_what_the_whole_picture_has_there_mirrored_or_not() {
        let (scan, surface) = (tube(), surface(0.7));
        let whole = CurvedImage::of(&scan, surface.clone(), Interpolation::Linear);
        let [columns, rows] = surface.size();
        for mirrored in [false, true] {
            let (first, step) = if mirrored { ((columns + 2) as f64, -1.0) } else { (-3.0, 1.0) };
            let span = CurvedSpan { first: [first, -2.0], step: [step, 1.0], size: [columns + 6, rows + 4] };
            let part = CurvedImage::of_span(&scan, surface.clone(), span, Interpolation::Linear, None);
            for (n, value) in part.values.iter().enumerate() {
                let (x, y) = ((n % span.size[0]) as f64 * step + first, n / span.size[0]);
                let inside = (0.0..columns as f64).contains(&x) && (2..rows + 2).contains(&y);
                let expected = if inside { whole.values[(y - 2) * columns + x as usize] } else { f32::NAN };
                let same = (value - expected).abs() < 0.1 || value.is_nan() && expected.is_nan();
                assert!(same, "{value} not {expected} at {x} {y}");
            }
        }
    }

    #[test]
    fn a_slab_of_a_thickness_below_two_voxels_is_the_surface_and_a_thick_one_has_its_extremes() {
        let (scan, surface) = (tube(), surface(0.3));
        let span = surface.span();
        let of = |projection, thickness_mm| {
            let slab = Some(Slab { projection, thickness_mm });
            CurvedImage::of_span(&scan, surface.clone(), span, Interpolation::Linear, slab).values
        };
        let plain = CurvedImage::of(&scan, surface.clone(), Interpolation::Linear).values;
        let alike =
            |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-3 || a.is_nan() && b.is_nan());
        assert!(alike(&of(Projection::Maximum, 1.0), &plain));
        let [most, least, mean] =
            [Projection::Maximum, Projection::Minimum, Projection::Mean].map(|projection| of(projection, 6.0));
        for n in (0..plain.len()).filter(|n| plain[*n].is_finite()) {
            assert!(least[n] <= mean[n] + 1e-3 && mean[n] <= most[n] + 1e-3);
            assert!(least[n] <= plain[n] && plain[n] <= most[n]);
        }
        assert!(!alike(&most, &plain) && !alike(&least, &plain));
    }

    #[test]
    fn labels_on_the_surface_are_those_of_the_voxels_there() {
        let (scan, surface) = (tube(), surface(1.9));
        let mask = (0..scan.grid().len()).map(|o| u8::from(500.0 < scan.value(o))).collect();
        let mask = Volume::new(scan.grid().clone(), mask).unwrap();
        let labels = LabelMap::from_mask(&mask, "vessel", [200, 0, 0], None);
        let span = surface.span();
        let mut pixels = vec![0_u8; span.size[0] * span.size[1] * 4];
        let style = super::super::slice::OverlayStyle { fill: 1.0, outline: 1.0 };
        surface.layer(&labels, &span, 1).draw(&mut pixels, &labels, style, |_| true);
        for (n, pixel) in pixels.chunks(4).enumerate() {
            let at = surface.patient_from_pixel([(n % span.size[0]) as f64, (n / span.size[0]) as f64]);
            let inside = labels.grid().voxel_at(at).is_some_and(|voxel| labels.at(voxel) == 1);
            assert_eq!(pixel[0] == 200, inside, "pixel {n}");
        }
    }
}
