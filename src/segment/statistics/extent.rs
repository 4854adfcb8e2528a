//! How far a mask reaches: its longest axes in space and in a slice, and a box that fits it.

use super::hull::{Half, chain, corners, face_middles, plane_corners};
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use nalgebra::{Matrix3, Rotation3, SymmetricEigen, Unit};
use rayon::prelude::*;

/// The smallest angle by which a box is still turned, in radians (0.05°).
const TURN_MIN: f64 = 0.05 / 57.3;
/// Lines across the longest axis of a slice, and steps on them, per voxel.
const STEPS_PER_VOXEL: f64 = 4.0;

/// A straight line between two places of the border.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// Its ends, LPS mm.
    pub ends: [Point; 2],
    /// Its length, mm.
    pub length_mm: f64,
}

/// A box that holds a segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxShape {
    /// Its middle, LPS mm.
    pub centre: Point,
    /// Its sides, the longest first, mm.
    pub size_mm: [f64; 3],
    /// The directions of its sides as columns, right-handed.
    pub axes: Matrix3<f64>,
}

/// Extents and axes of a mask. Its border is taken at the middles of voxel faces.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extents {
    /// Voxels of the mask.
    pub(super) voxels: usize,
    /// Mean of the voxel centres, LPS mm.
    pub(super) centroid: Point,
    /// The longest line between two places of the border (maximum Feret diameter).
    pub longest: Axis,
    /// How far the mask reaches at most at right angles to the longest line, mm.
    pub across_mm: f64,
    /// The longest line within one slice of the grid (long axis as in RECIST 1.1).
    pub in_slice: Axis,
    /// The slice it lies in, counted in the part of the grid that was measured.
    pub slice: usize,
    /// The longest line at right angles to it in the same slice (short axis), mm.
    pub in_slice_short_mm: f64,
    /// A box of small volume: from the principal axes or those of the grid, turned until no small turn makes it smaller.
    pub fit: BoxShape,
}

impl Extents {
    /// Measure a mask with at least one voxel.
    pub(super) fn of(mask: &Volume<u8>, progress: &Progress) -> Result<Self, Cancelled> {
        let grid = mask.grid();
        let faces = face_middles(mask);
        let (long_slice, slice) = in_slices(&faces, grid, progress)?;
        let places: Vec<Point> = corners(faces).iter().map(|half| place(grid, half)).collect();
        progress.set(0.5)?;
        let longest = farthest(&places).expect("a mask has a border");
        let (voxels, centroid, spread) = moments(mask);
        progress.set(0.8)?;
        Ok(Self {
            voxels,
            centroid,
            longest,
            across_mm: across(&places, &longest),
            in_slice: long_slice,
            slice,
            in_slice_short_mm: short_axis(mask, &long_slice),
            fit: fitted(&places, grid, &spread, progress)?,
        })
    }
}

fn place(grid: &Grid, half: &Half) -> Point {
    grid.patient_from_index(Vector::from(half.map(|x| 0.5 * f64::from(x))))
}

/// The two places farthest from each other; of equal pairs the first.
fn farthest(places: &[Point]) -> Option<Axis> {
    let best_of = |a: usize| {
        let later = places.iter().enumerate().skip(a);
        let best = later.map(|(b, place)| ((place - places[a]).norm_squared(), a, b));
        best.reduce(better)
    };
    let (squared, a, b) = (0..places.len()).into_par_iter().filter_map(best_of).reduce_with(better)?;
    Some(Axis { ends: [places[a], places[b]], length_mm: squared.sqrt() })
}

fn better(x: (f64, usize, usize), y: (f64, usize, usize)) -> (f64, usize, usize) {
    if x.0 < y.0 || x.0 == y.0 && (y.1, y.2) < (x.1, x.2) { y } else { x }
}

/// The longest line in any slice, and which slice that is.
fn in_slices(faces: &[Half], grid: &Grid, progress: &Progress) -> Result<(Axis, usize), Cancelled> {
    // Faces across the slices have an odd number there.
    let flat = faces.iter().copied().filter(|half| half[2] % 2 == 0).collect();
    let mut best: Option<(Axis, usize)> = None;
    for slice in plane_corners(flat, 2).chunk_by(|a, b| a[2] == b[2]) {
        progress.check()?;
        let places: Vec<Point> = slice.iter().map(|half| place(grid, half)).collect();
        let axis = farthest(&places).expect("a group has members");
        if best.is_none_or(|(longest, _)| longest.length_mm < axis.length_mm) {
            best = Some((axis, (slice[0][2] / 2) as usize));
        }
    }
    Ok(best.expect("every voxel has faces along its slice"))
}

/// The longest line at right angles to `long` in its slice, from the first to the last place inside, mm.
fn short_axis(mask: &Volume<u8>, long: &Axis) -> f64 {
    let grid = mask.grid();
    let spacing = grid.spacing_mm();
    let step_mm = spacing[0].min(spacing[1]) / STEPS_PER_VOXEL;
    let [start, end] = long.ends;
    let Some(along) = (end - start).try_normalize(1e-9) else { return 0.0 };
    let normal = grid.step().column(0).cross(&grid.step().column(1));
    let Some(side) = normal.cross(&along).try_normalize(1e-9) else { return 0.0 };
    let n = (long.length_mm / step_mm).ceil() as i64;
    let inside = |point: Point| grid.voxel_at(point).is_some_and(|voxel| mask.at(voxel) != 0);
    let chord = |line: i64| {
        let foot = start + along * (step_mm * line as f64);
        let on_line = |s: &i64| inside(foot + side * (step_mm * *s as f64));
        let first = (-n..=n).find(on_line)?;
        let last = (-n..=n).rev().find(on_line)?;
        Some(last - first + 1)
    };
    let longest = (0..=n).into_par_iter().filter_map(chord).max();
    longest.map_or(0.0, |steps| steps as f64 * step_mm)
}

/// The largest distance between two places, seen along `axis`.
fn across(places: &[Point], axis: &Axis) -> f64 {
    let Some(along) = (axis.ends[1] - axis.ends[0]).try_normalize(1e-9) else { return 0.0 };
    let other = if along.x.abs() < 0.6 { Vector::x() } else { Vector::y() };
    let u = along.cross(&other).normalize();
    let v = along.cross(&u);
    let mut flat: Vec<[f64; 2]> = places.iter().map(|p| [p.coords.dot(&u), p.coords.dot(&v)]).collect();
    flat.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let cross = |o: usize, a: usize, b: usize| {
        let (a, b) = ([0, 1].map(|n| flat[a][n] - flat[o][n]), [0, 1].map(|n| flat[b][n] - flat[o][n]));
        a[0] * b[1] - a[1] * b[0]
    };
    let rim: Vec<Point> = chain(flat.len(), |o, a, b| cross(o, a, b) <= 0.0)
        .into_iter()
        .map(|n| Point::new(flat[n][0], flat[n][1], 0.0))
        .collect();
    farthest(&rim).map_or(0.0, |axis| axis.length_mm)
}

/// Number of voxels, mean of their centres, and their covariance in mm².
fn moments(mask: &Volume<u8>) -> (usize, Point, Matrix3<f64>) {
    let [ni, nj, _] = mask.grid().dims();
    // Whole numbers, so that the order of the sums does not matter: n, Σ x, Σ x xᵀ.
    let of_slice = |(k, slice): (usize, &[u8])| {
        let (mut n, mut first, mut second) = (0_i64, [0_i64; 3], [[0_i64; 3]; 3]);
        for (o, _) in slice.iter().enumerate().filter(|(_, value)| **value != 0) {
            let x = [(o % ni) as i64, (o / ni) as i64, k as i64];
            n += 1;
            for a in 0..3 {
                first[a] += x[a];
                (0..3).for_each(|b| second[a][b] += x[a] * x[b]);
            }
        }
        (n, first, second)
    };
    let zero = || (0, [0; 3], [[0; 3]; 3]);
    let add = |x: (i64, [i64; 3], [[i64; 3]; 3]), y: (i64, [i64; 3], [[i64; 3]; 3])| {
        let axes = [0, 1, 2];
        (x.0 + y.0, axes.map(|a| x.1[a] + y.1[a]), axes.map(|a| axes.map(|b| x.2[a][b] + y.2[a][b])))
    };
    let (n, first, second) = mask.voxels().par_chunks(ni * nj).enumerate().map(of_slice).reduce(zero, add);
    let mean = Vector::from(first.map(|sum| sum as f64)) / n as f64;
    let spread = Matrix3::from_fn(|a, b| second[a][b] as f64 / n as f64 - mean[a] * mean[b]);
    let step = mask.grid().step();
    (n as usize, mask.grid().patient_from_index(mean), step * spread * step.transpose())
}

/// A box of small volume around all places.
fn fitted(places: &[Point], grid: &Grid, spread: &Matrix3<f64>, progress: &Progress) -> Result<BoxShape, Cancelled> {
    let principal = SymmetricEigen::new(*spread).eigenvectors;
    // The axes of a sheared grid are no directions of a box; the nearest turn is.
    let own = Rotation3::from_matrix(&Matrix3::from_columns(&[0, 1, 2].map(|a| grid.step().column(a).normalize())));
    let mut best: Option<(f64, Matrix3<f64>)> = None;
    for start in [*own.matrix(), principal] {
        let mut axes = start;
        let mut volume = volume(places, &axes);
        let mut turn = std::f64::consts::FRAC_PI_8;
        while TURN_MIN < turn {
            progress.check()?;
            let turned = (0..3).flat_map(|a| [-turn, turn].map(|angle| (a, angle))).map(|(a, angle)| {
                let axis = Unit::new_normalize(axes.column(a).into_owned());
                let turned = Rotation3::from_axis_angle(&axis, angle) * axes;
                (self::volume(places, &turned), turned)
            });
            let (least, turned) = turned.reduce(|a, b| if b.0 < a.0 { b } else { a }).expect("six turns");
            if least < volume * (1.0 - 1e-9) {
                (volume, axes) = (least, turned);
            } else {
                turn *= 0.5;
            }
        }
        if best.is_none_or(|(least, _)| volume < least) {
            best = Some((volume, axes));
        }
    }
    let (_, axes) = best.expect("two starts");
    let ranges = ranges(places, &axes);
    let mut order = [0, 1, 2];
    order.sort_by(|a, b| (ranges[*b][1] - ranges[*b][0]).total_cmp(&(ranges[*a][1] - ranges[*a][0])));
    let middle = (0..3).map(|a| axes.column(a) * (0.5 * (ranges[a][0] + ranges[a][1]))).sum::<Vector>();
    let [first, second] = [order[0], order[1]].map(|a| axes.column(a).normalize());
    Ok(BoxShape {
        centre: Point::from(middle),
        size_mm: order.map(|a| ranges[a][1] - ranges[a][0]),
        axes: Matrix3::from_columns(&[first, second, first.cross(&second)]),
    })
}

fn ranges(places: &[Point], axes: &Matrix3<f64>) -> [[f64; 2]; 3] {
    let mut ranges = [[f64::INFINITY, f64::NEG_INFINITY]; 3];
    for place in places {
        let along = axes.transpose() * place.coords;
        for (range, x) in ranges.iter_mut().zip(along.iter()) {
            *range = [range[0].min(*x), range[1].max(*x)];
        }
    }
    ranges
}

fn volume(places: &[Point], axes: &Matrix3<f64>) -> f64 {
    ranges(places, axes).iter().map(|[low, high]| high - low).product()
}
