//! Flat pictures of scans and labels, for the window and for the report.

use super::resample::nearest;
use super::{LabelMap, Scan, Volume, Voxels, Window};
use crate::geom::{Grid, Orientation, Point, Vector};

mod range;

pub use range::draw_range;

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

    /// Opaque grey pixels, 4 bytes each (red, green, blue, alpha), through a display window; black outside the scan.
    pub fn rgba(&self, window: Window) -> Vec<u8> {
        let scale = (255.0 / window.width) as f32;
        let low = (window.level - 0.5 * window.width) as f32;
        let mut pixels = vec![255_u8; self.values.len() * 4];
        for (pixel, value) in pixels.chunks_exact_mut(4).zip(&self.values) {
            // `as` saturates, and turns NaN into 0.
            let grey = ((value - low) * scale + 0.5) as u8;
            pixel[..3].fill(grey);
        }
        pixels
    }
}

/// One axis of the grid seen along a row or column of pixels: lower voxel, upper voxel, part of the upper.
type Tap = (usize, usize, f32);

fn reslice<T: Copy + Into<f32> + Into<f64>>(
    volume: &Volume<T>,
    plane: &SlicePlane,
    interpolation: Interpolation,
) -> Vec<f32> {
    let grid = volume.grid();
    let [width, height] = plane.size;
    let (first, across, down) = index_steps(grid, plane);
    let mut values = vec![f32::NAN; width * height];
    let (Some(a), Some(b)) = (only_axis(across), only_axis(down)) else {
        for (y, row) in values.chunks_mut(width.max(1)).enumerate() {
            let start = first + down * y as f64;
            for (x, out) in row.iter_mut().enumerate() {
                let index = start + across * x as f64;
                let value: Option<f64> = match interpolation {
                    Interpolation::Linear => volume.sample_index(index),
                    Interpolation::Nearest => nearest(index, grid.dims()).map(|voxel| volume.at(voxel).into()),
                };
                *out = value.map_or(f32::NAN, |value| value as f32);
            }
        }
        return values;
    };
    // Pixels run along two index axes: every row of pixels is a blend of at most four rows of voxels.
    let c = 3 - a - b;
    let stride = [1, grid.dims()[0], grid.dims()[0] * grid.dims()[1]];
    let taps = |axis: usize, n: usize, step: f64| -> Vec<Option<Tap>> {
        (0..n).map(|p| tap(first[axis] + step * p as f64, grid.dims()[axis], interpolation, stride[axis])).collect()
    };
    let (columns, rows) = (taps(a, width, across[a]), taps(b, height, down[b]));
    let Some((lower, upper, depth)) = taps(c, 1, 0.0)[0] else { return values };
    let voxels = volume.voxels();
    for (row, out) in rows.iter().zip(values.chunks_mut(width.max(1))) {
        let Some((above, below, part)) = *row else { continue };
        let starts = [(above + lower, (1.0 - part) * (1.0 - depth)), (below + lower, part * (1.0 - depth))];
        let ends = [(above + upper, (1.0 - part) * depth), (below + upper, part * depth)];
        let blend: Vec<(usize, f32)> = starts.into_iter().chain(ends).filter(|(_, weight)| *weight != 0.0).collect();
        for (column, out) in columns.iter().zip(out) {
            let Some((left, right, part)) = *column else { continue };
            let mut sum = 0.0;
            for (start, weight) in &blend {
                let (l, r): (f32, f32) = (voxels[start + left].into(), voxels[start + right].into());
                sum += weight * (l + part * (r - l));
            }
            *out = sum;
        }
    }
    values
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

/// The index axis a step runs along, if it runs along one.
fn only_axis(step: Vector) -> Option<usize> {
    let axis = step.iamax();
    (0..3).all(|other| other == axis || step[other].abs() < 1e-9).then_some(axis)
}

fn tap(index: f64, n: usize, interpolation: Interpolation, stride: usize) -> Option<Tap> {
    // A pixel meant to lie on a voxel centre lies on it, whatever the last bits say.
    let index = if (index - index.round()).abs() < 1e-6 { index.round() } else { index };
    if !(-0.5 <= index && index <= n as f64 - 0.5) {
        return None;
    }
    let clamped = index.clamp(0.0, n as f64 - 1.0);
    let (lower, part) = match interpolation {
        Interpolation::Nearest => ((clamped + 0.5).floor().min(n as f64 - 1.0) as usize, 0.0),
        Interpolation::Linear => (clamped.floor() as usize, (clamped - clamped.floor()) as f32),
    };
    Some((lower * stride, (lower + 1).min(n - 1) * stride, part))
}

/// How labels are drawn over a slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverlayStyle {
    /// Share of the segment's colour inside, 0 to 1.
    pub fill: f32,
    /// Share of the segment's colour on the outline, 0 to 1.
    pub outline: f32,
}

impl Default for OverlayStyle {
    fn default() -> Self {
        Self { fill: 0.25, outline: 1.0 }
    }
}

/// The label at each pixel of `plane`, row by row; 0 where there is none.
pub fn label_slice(labels: &LabelMap, plane: &SlicePlane) -> Vec<u8> {
    let dims = labels.grid().dims();
    let [width, height] = plane.size;
    let (first, across, down) = index_steps(labels.grid(), plane);
    let (Some(a), Some(b)) = (only_axis(across), only_axis(down)) else {
        let at = |x: usize, y: usize| first + across * x as f64 + down * y as f64;
        let label = |x, y| nearest(at(x, y), dims).map_or(0, |voxel| labels.at(voxel));
        return (0..height).flat_map(|y| (0..width).map(move |x| label(x, y))).collect();
    };
    // Pixels run along two index axes: which voxel a column or row of pixels lies in is found once.
    let c = 3 - a - b;
    let places = |axis: usize, n: usize, step: f64| -> Vec<Option<usize>> {
        let place = |index: f64| (-0.5 <= index && index < dims[axis] as f64 - 0.5).then_some((index + 0.5) as usize);
        (0..n).map(|pixel| place(first[axis] + step * pixel as f64)).collect()
    };
    let (columns, rows) = (places(a, width, across[a]), places(b, height, down[b]));
    let mut slice = vec![0; width * height];
    let Some(depth) = places(c, 1, 0.0)[0] else { return slice };
    let mut voxel = [depth; 3];
    for (row, out) in rows.iter().zip(slice.chunks_mut(width.max(1))) {
        let Some(y) = *row else { continue };
        voxel[b] = y;
        for (column, out) in columns.iter().zip(out) {
            let Some(x) = *column else { continue };
            voxel[a] = x;
            *out = labels.at(voxel);
        }
    }
    slice
}

/// Draw the segments of `labels` for which `visible` holds over RGBA pixels of `plane`.
///
/// An outline pixel is one with a side neighbour of another label.
///
/// # Panics
/// If `pixels` has not 4 bytes per pixel of the plane.
pub fn draw_labels(
    pixels: &mut [u8],
    plane: &SlicePlane,
    labels: &LabelMap,
    style: OverlayStyle,
    visible: impl Fn(crate::base::SegmentId) -> bool,
) {
    let [width, height] = plane.size;
    assert_eq!(pixels.len(), width * height * 4, "4 bytes per pixel");
    let mut colours = [None; 256];
    for segment in labels.segments().iter().filter(|segment| visible(segment.id)) {
        colours[usize::from(segment.id.0)] = Some(segment.colour);
    }
    let slice = label_slice(labels, plane);
    for y in 0..height {
        for x in 0..width {
            let place = y * width + x;
            let label = slice[place];
            let Some(colour) = colours[usize::from(label)] else { continue };
            let inner = (x == 0 || slice[place - 1] == label)
                && (x + 1 == width || slice[place + 1] == label)
                && (y == 0 || slice[place - width] == label)
                && (y + 1 == height || slice[place + width] == label);
            let share = if inner { style.fill } else { style.outline };
            for (value, colour) in pixels[place * 4..place * 4 + 3].iter_mut().zip(colour) {
                *value = (f32::from(*value) + share * (f32::from(colour) - f32::from(*value)) + 0.5) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Modality;

    fn scan() -> Scan {
        let grid = Grid::aligned([12, 10, 8], Point::new(-30.0, 5.0, 100.0), [0.75, 0.75, 2.5]).unwrap();
        let voxels = (0..grid.len()).map(|o| ((o * 7919) % 2000) as i16 - 1000).collect();
        let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
        Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() }
    }

    #[test]
    fn an_axial_slice_is_the_voxels_themselves() {
        let scan = scan();
        for interpolation in [Interpolation::Nearest, Interpolation::Linear] {
            let plane = SlicePlane::covering(scan.grid(), Orientation::Axial, 107.5);
            assert_eq!(plane.size, [12, 10]);
            let image = SliceImage::of(&scan, plane, interpolation);
            let expected: Vec<f32> = scan.ct().unwrap().voxels()[360..480].iter().map(|v| f32::from(*v)).collect();
            assert_eq!(image.values, expected);
        }
    }

    #[test]
    fn the_fast_path_agrees_with_the_general_one() {
        let scan = scan();
        let volume = scan.ct().unwrap();
        for orientation in Orientation::ALL {
            let plane = SlicePlane::standard(orientation, Point::new(-26.3, 8.1, 107.9), 0.4, [31, 29]);
            let image = SliceImage::of(&scan, plane, Interpolation::Linear);
            for (place, value) in image.values.iter().enumerate() {
                let point = plane.patient_from_pixel([(place % 31) as f64, (place / 31) as f64]);
                let expected = volume.sample_index(scan.grid().index_from_patient(point));
                match expected {
                    Some(expected) => assert!((f64::from(*value) - expected).abs() < 0.01, "{value} not {expected}"),
                    None => assert!(value.is_nan()),
                }
            }
        }
    }

    #[test]
    fn an_oblique_slice_shows_trilinear_values() {
        let scan = scan();
        let right = Vector::new(1.0, 0.3, 0.2).normalize();
        let down = right.cross(&Vector::z()).normalize();
        let centre = scan.grid().bounds().centre();
        let plane = SlicePlane::centred(centre, right, down, 0.5, [9, 9]);
        let image = SliceImage::of(&scan, plane, Interpolation::Linear);
        let expected = scan.sample_index(scan.grid().index_from_patient(centre)).unwrap();
        assert!((f64::from(image.values[40]) - expected).abs() < 1e-3);
        let [x, y] = plane.pixel_from_patient(plane.patient_from_pixel([2.5, 7.0]));
        assert!((x - 2.5).abs() < 1e-9 && (y - 7.0).abs() < 1e-9);
    }

    #[test]
    fn the_window_maps_its_ends_to_black_and_white() {
        let scan = scan();
        let plane = SlicePlane::standard(Orientation::Axial, Point::new(500.0, 0.0, 0.0), 1.0, [1, 1]);
        let outside = SliceImage::of(&scan, plane, Interpolation::Linear);
        let image = SliceImage { plane, values: vec![-160.0, 40.0, 240.0, 9999.0, outside.values[0]] };
        let grey: Vec<u8> = image.rgba(Window { width: 400.0, level: 40.0 }).chunks(4).map(|p| p[0]).collect();
        assert_eq!(grey, [0, 128, 255, 255, 0]);
    }

    #[test]
    fn labels_are_those_of_the_nearest_voxel_on_any_plane() {
        let scan = scan();
        let grid = scan.grid();
        let mask = (0..grid.len()).map(|o| u8::from(o * 31 % 7 < 3)).collect();
        let labels = LabelMap::from_mask(&Volume::new((**grid).clone(), mask).unwrap(), "part", [1; 3], None);
        let tilted = Vector::new(1.0, 0.2, -0.1).normalize();
        let oblique = SlicePlane::centred(
            grid.bounds().centre() + Vector::new(0.11, 0.07, 0.13),
            tilted,
            tilted.cross(&Vector::z()).normalize(),
            0.6,
            [31, 29],
        );
        let standard = |orientation| SlicePlane::standard(orientation, Point::new(-26.3, 8.1, 107.9), 0.4, [31, 29]);
        let standard = Orientation::ALL.map(standard);
        for plane in standard.into_iter().chain([oblique]) {
            for (place, label) in label_slice(&labels, &plane).into_iter().enumerate() {
                let point = plane.patient_from_pixel([(place % 31) as f64, (place / 31) as f64]);
                assert_eq!(label, grid.voxel_at(point).map_or(0, |voxel| labels.at(voxel)));
            }
        }
    }

    #[test]
    fn labels_are_filled_and_outlined_in_their_colour() {
        let scan = scan();
        let grid = scan.grid();
        let inside = |o: usize| grid.voxel(o)[..2].iter().all(|x| (2..7).contains(x));
        let mask = Volume::new((**grid).clone(), (0..grid.len()).map(|o| u8::from(inside(o))).collect()).unwrap();
        let labels = LabelMap::from_mask(&mask, "block", [200, 100, 0], None);
        let plane = SlicePlane::covering(grid, Orientation::Axial, 105.0);
        let mut pixels = vec![0_u8; 12 * 10 * 4];
        draw_labels(&mut pixels, &plane, &labels, OverlayStyle { fill: 0.5, outline: 1.0 }, |_| true);
        let at = |x: usize, y: usize| &pixels[(y * 12 + x) * 4..(y * 12 + x) * 4 + 3];
        assert_eq!((at(2, 4), at(4, 4), at(7, 4)), (&[200, 100, 0][..], &[100, 50, 0][..], &[0, 0, 0][..]));
    }
}
