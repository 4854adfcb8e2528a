//! How fast pictures of a scan of 512 × 512 × 500 voxels are made: slices, slabs, curved reformations.

use super::peer::{Better, vtk};
use super::{Row, timed};
use crate::base::{Progress, SegmentId};
use crate::geom::{Grid, Orientation, Point, Vector};
use crate::image::curved::{CurvedImage, CurvedPath, CurvedSurface};
use crate::image::slice::{Projection, Slab, blend_over, draw_labels};
use crate::image::{
    Colormap, Interpolation, LabelMap, Modality, OverlayStyle, Scan, Segment, SliceImage, SlicePlane, Volume, Voxels,
    Window,
};
use rayon::prelude::*;
use std::sync::Arc;
use std::time::Instant;

const DIMS: [usize; 3] = [512, 512, 500];
const SPACING_MM: [f64; 3] = [0.7, 0.7, 1.0];
/// Pixels on a side of every picture, and their size.
const SIDE: usize = 512;
const PIXEL_MM: f64 = 0.7;
const SLAB_MM: f64 = 20.0;
const SEGMENTS: u8 = 20;
const WINDOW: Window = Window { width: 800.0, level: 500.0 };

/// Standard and oblique planes: whole pictures, then each part of them alone.
pub(super) fn rows(_: &Progress) -> Result<Vec<Row>, String> {
    let grid = Arc::new(Grid::aligned(DIMS, Point::origin(), SPACING_MM).expect("a plain grid"));
    let scan = scan(&grid);
    let labels = labels(&grid)?;
    let mut rows = Vec::new();
    let planes = planes(&grid);
    for (n, (name, plane)) in planes.iter().enumerate() {
        let what = format!("{name} picture of 512 × 512: slice, window, {SEGMENTS} segments");
        let target_ms = if *name == "oblique" { 12.0 } else { 6.0 };
        let ms = best_ms(|| picture(&scan, &labels, *plane));
        rows.push(Row::new(&format!("V{}", n + 1), what, ms, "ms").target(target_ms));
    }
    for (n, (name, plane)) in planes.iter().enumerate() {
        let ms = best_ms(|| SliceImage::of(&scan, *plane, Interpolation::Linear));
        let mean = mean(&SliceImage::of(&scan, *plane, Interpolation::Linear));
        let row = Row::new(&format!("V{}", n + 5), format!("{name} slice of 512 × 512, values alone"), ms, "ms");
        rows.push(row.beside(Better::Less, (mean, 0.005), peer(plane, &[0.0])));
    }
    for (n, (name, plane)) in planes.iter().enumerate() {
        let slab = Slab { projection: Projection::Maximum, thickness_mm: SLAB_MM };
        let make = || SliceImage::of_slab(&scan, *plane, Interpolation::Linear, slab);
        let (ms, mean, offsets) = (best_ms(make), mean(&make()), slab.offsets_mm(&grid, plane));
        let what = format!("{name} MIP slab of {SLAB_MM} mm, {} layers, values alone", offsets.len());
        let row = Row::new(&format!("V{}", n + 9), what, ms, "ms").target(40.0);
        rows.push(row.beside(Better::Less, (mean, 0.005), peer(plane, &offsets)));
    }
    let (_, plane) = planes[3];
    let image = SliceImage::of(&scan, plane, Interpolation::Linear);
    let mut add = |id: &str, what: &str, ms: f64| rows.push(Row::new(id, what, ms, "ms").target(6.0));
    add("V13", "another window or level for 512 × 512", best_ms(|| image.rgba(WINDOW)));
    let mut pixels = image.rgba(WINDOW);
    let levels = Colormap::HotIron.levels();
    add("V14", "the same through a colour map", best_ms(|| image.rgba_through(WINDOW, &levels)));
    add("V15", "a second image blended over", best_ms(|| blend_over(&mut pixels, &image, WINDOW, &levels, 0.5)));
    let style = OverlayStyle::default();
    let ms = best_ms(|| draw_labels(&mut pixels, &plane, &labels, style, |_| true));
    add("V16", "segments drawn over an oblique slice", ms);
    let surface = curve()?;
    let ms = best_ms(|| CurvedImage::of(&scan, surface.clone(), Interpolation::Linear).rgba(WINDOW));
    add("V17", "curved reformation of 512 × 512", ms);
    let (seconds, frames) = timed(|| scroll(&scan, &labels, &grid));
    let row = Row::new("V18", "scrolling through all axial pictures", frames as f64 / seconds, "frames/s");
    rows.push(row.target(60.0));
    Ok(rows)
}

/// Least milliseconds of the runs that fit half a second, at least nine; as the peer counts them.
fn best_ms<R>(mut work: impl FnMut() -> R) -> f64 {
    let (begin, mut best, mut runs) = (Instant::now(), f64::INFINITY, 0);
    while runs < 9 || begin.elapsed().as_secs_f64() < 0.5 {
        best = best.min(timed(&mut work).0);
        runs += 1;
    }
    1e3 * best
}

/// What a view shows: values, window, segments.
fn picture(scan: &Scan, labels: &LabelMap, plane: SlicePlane) -> Vec<u8> {
    let mut pixels = SliceImage::of(scan, plane, Interpolation::Linear).rgba(WINDOW);
    draw_labels(&mut pixels, &plane, labels, OverlayStyle::default(), |_| true);
    pixels
}

/// Pictures of all axial slices, one after the other, and how many.
fn scroll(scan: &Scan, labels: &LabelMap, grid: &Grid) -> usize {
    (0..DIMS[2])
        .map(|k| picture(scan, labels, SlicePlane::covering(grid, Orientation::Axial, grid.centre([0, 0, k]).z)))
        .filter(|pixels| pixels.len() == DIMS[0] * DIMS[1] * 4)
        .count()
}

/// The standard planes and one that lies across all axes, through the voxel in the middle.
fn planes(grid: &Grid) -> [(&'static str, SlicePlane); 4] {
    let centre = grid.centre(DIMS.map(|n| n / 2));
    // Moved by half a pixel, for an even number of pixels lies around its centre: where a view has them, on voxels.
    let standard = |orientation: Orientation| {
        let [right, down, _] = orientation.right_down_away();
        SlicePlane::standard(orientation, centre - (right + down) * (0.5 * PIXEL_MM), PIXEL_MM, [SIDE; 2])
    };
    let right = Vector::new(0.8, 0.45, 0.3).normalize();
    let down = right.cross(&Vector::new(0.2, 1.0, 0.3)).normalize();
    [
        ("axial", standard(Orientation::Axial)),
        ("coronal", standard(Orientation::Coronal)),
        ("sagittal", standard(Orientation::Sagittal)),
        ("oblique", SlicePlane::centred(centre, right, down, PIXEL_MM, [SIDE; 2])),
    ]
}

/// The peer's numbers for a plane and its layers.
fn peer(plane: &SlicePlane, offsets_mm: &[f64]) -> Result<super::peer::Answer, String> {
    let step_mm = if let [first, second, ..] = offsets_mm { second - first } else { 1.0 };
    let place = |v: Vector| [v.x, v.y, v.z];
    let numbers = DIMS.map(|n| n as f64).into_iter().chain(SPACING_MM).chain(place(plane.origin.coords));
    let numbers = numbers.chain(place(plane.right.normalize())).chain(place(plane.down.normalize()));
    let numbers = numbers.chain([SIDE as f64, PIXEL_MM, offsets_mm.len() as f64, step_mm]);
    vtk::reslice(&numbers.collect::<Vec<f64>>())
}

/// Mean of the pixels that show something.
fn mean(image: &SliceImage) -> f64 {
    let values = image.values.iter().filter(|value| !value.is_nan());
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + f64::from(*value), count + 1));
    sum / count as f64
}

/// Balls of 400 on a ramp along all axes; in whole numbers, so that the peer's script makes the same.
fn scan(grid: &Arc<Grid>) -> Scan {
    let value = |offset: usize| {
        let [i, j, k] = grid.voxel(offset);
        let inside = [i, j, k].iter().map(|x| (*x % 64).abs_diff(32).pow(2)).sum::<usize>() < 400;
        ((i + 2 * j + 3 * k) / 4 + if inside { 400 } else { 0 }) as i16
    };
    let values = (0..grid.len()).into_par_iter().map(value).collect();
    let voxels = Voxels::I16(Volume::new(Arc::clone(grid), values).expect("one value per voxel"));
    Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() }
}

/// Balls of 60 voxels' radius, one of a few segments each.
fn labels(grid: &Arc<Grid>) -> Result<LabelMap, String> {
    let segment = |n: u8| Segment::new(SegmentId(n), format!("organ {n}"), [n * 12, 255 - n * 12, 90], None);
    let empty = LabelMap::empty(Arc::clone(grid), (1..=SEGMENTS).map(segment).collect()).expect("ids from 1 on");
    let ball = |offset: usize, old: u8| {
        let voxel = grid.voxel(offset);
        let [i, j, k] = voxel.map(|x| x / 128);
        let inside = voxel.iter().map(|x| (*x % 128).abs_diff(64).pow(2)).sum::<usize>() < 3600;
        if inside { 1 + ((k * 16 + j * 4 + i) % usize::from(SEGMENTS)) as u8 } else { old }
    };
    empty.edited(&empty.everything(), ball, &Progress::default()).map_err(|error| error.to_string())
}

/// A surface along a helix through the volume.
fn curve() -> Result<CurvedSurface, String> {
    let at = |n: usize| {
        let turn = n as f64 * 0.02;
        Point::new(179.0 + 60.0 * turn.cos(), 179.0 + 60.0 * turn.sin(), 100.0 + 0.6 * n as f64)
    };
    let points: Vec<Point> = (0..=400).map(at).collect();
    let rough = CurvedPath::new(&points, 1.0, 0.0).map_err(|error| error.to_string())?;
    let step_mm = rough.length_mm() / (SIDE - 1) as f64;
    let path = CurvedPath::new(&points, step_mm, 0.0).map_err(|error| error.to_string())?;
    Ok(CurvedSurface { path: Arc::new(path), angle_rad: 0.6, pixel_mm: 0.4, columns: SIDE })
}
