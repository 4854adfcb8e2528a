//! The values of a scan inside a flat region.
//!
//! Where the region's plane is parallel to the slices of the grid (in any of its three directions), what counts are the
//! voxels of the nearest slice whose centres lie inside the outline: exactly the pixels one sees. In any other plane the
//! scan is sampled (trilinear) at places as far apart as the smallest spacing of the grid, one of them at the projection of
//! the grid's first voxel, and what counts are the places inside. The area of a region is never a count of pixels: it is
//! that of its outline.

use super::Scan;
use crate::geom::measure::{Outline, Shape};
use crate::geom::{Point, Vector};

/// What lies inside a region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RegionValues {
    /// How many voxels or samples.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation (n − 1); 0 for one.
    pub sd: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// Distance of the samples; none where whole voxels were counted.
    pub pitch_mm: Option<f64>,
    /// Whether a part of the region lies outside the scan.
    pub is_cut: bool,
}

/// Why a region has no values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegionError {
    /// It encloses nothing.
    #[error("only an ellipse, a rectangle or a free-hand region has values inside")]
    NoRegion,
    /// Nothing of it is in the scan.
    #[error("the region lies outside the scan; draw it where the scan is")]
    Outside,
    /// It is smaller than the voxels.
    #[error("the region holds no voxel centre of the scan; draw it larger than a voxel")]
    NoVoxel,
}

/// How far two unit vectors may differ to be one direction.
const SAME_DIRECTION: f64 = 1e-9;

/// The values of `scan` inside `shape`.
///
/// # Errors
/// [`RegionError`] if the shape is no region, or holds nothing of the scan.
pub fn region_values(scan: &Scan, shape: &Shape) -> Result<RegionValues, RegionError> {
    if !shape.kind().encloses() {
        return Err(RegionError::NoRegion);
    }
    let (values, pitch_mm, is_cut) = match parallel_axis(scan, shape) {
        Some(axis) => voxels(scan, shape, axis)?,
        None => samples(scan, shape)?,
    };
    // Voxels without a number, as some float scans have outside the patient, are left out.
    let values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    let count = values.len();
    if count == 0 {
        return Err(RegionError::NoVoxel);
    }
    let mean = values.iter().sum::<f64>() / count as f64;
    let spread: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let sd = if count < 2 { 0.0 } else { (spread / (count - 1) as f64).sqrt() };
    let (min, max) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    Ok(RegionValues { count, mean, sd, min, max, pitch_mm, is_cut })
}

/// The index axis whose slices are parallel to the region.
fn parallel_axis(scan: &Scan, shape: &Shape) -> Option<usize> {
    let step = scan.grid().step();
    (0..3).find(|axis| {
        let normal = step.column((axis + 1) % 3).cross(&step.column((axis + 2) % 3)).normalize();
        1.0 - normal.dot(&shape.normal()).abs() < SAME_DIRECTION
    })
}

type Found = (Vec<f64>, Option<f64>, bool);

/// The voxels of the nearest slice along `axis` whose centres lie inside.
fn voxels(scan: &Scan, shape: &Shape, axis: usize) -> Result<Found, RegionError> {
    let grid = scan.grid();
    let dims = grid.dims();
    let normal = shape.normal();
    let start = shape.points()[0];
    let index = |point: &Point| grid.index_from_patient(*point);
    // Indices along the slice axis for one mm along the normal.
    let per_mm = index(&(start + normal))[axis] - index(&start)[axis];
    let slice = index(&start)[axis].round();
    if slice < 0.0 || dims[axis] as f64 <= slice {
        return Err(RegionError::Outside);
    }
    // Seen along the normal: in a sheared grid the slice lies beside the region, not straight along the index.
    let onto = normal * ((slice - index(&start)[axis]) / per_mm);
    let [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
    let outline = shape.outline(|point| {
        let at = index(&(point + onto));
        [at[u], at[v]]
    });
    let outline = outline.ok_or(RegionError::NoRegion)?;
    let size = [u, v].map(|axis| [0, dims[axis] as i64 - 1]);
    let is_cut = leaves(&outline, size)?;
    let mut values = Vec::new();
    inside(&outline, size, |[iu, iv]| {
        let mut voxel = [slice as usize; 3];
        (voxel[u], voxel[v]) = (iu as usize, iv as usize);
        values.push(scan.value(grid.offset(voxel)));
    });
    Ok((values, None, is_cut))
}

/// Samples in the region's plane.
fn samples(scan: &Scan, shape: &Shape) -> Result<Found, RegionError> {
    let grid = scan.grid();
    let pitch_mm = grid.spacing_mm().into_iter().fold(f64::INFINITY, f64::min);
    let plane = shape.plane();
    let [u, v] = plane.across();
    let origin = grid.origin() - plane.normal() * plane.distance_mm(&grid.origin());
    let flat = |point: &Point| {
        let offset = point - origin;
        [offset.dot(&u) / pitch_mm, offset.dot(&v) / pitch_mm]
    };
    let outline = shape.outline(flat).ok_or(RegionError::NoRegion)?;
    // Nothing outside the box around the scan needs to be looked at.
    let last = grid.dims().map(|n| n as f64 - 1.0);
    let corners =
        (0..8).map(|c| grid.patient_from_index(Vector::from_fn(|a, _| if c >> a & 1 == 0 { 0.0 } else { last[a] })));
    let mut size = [[i64::MAX, i64::MIN]; 2];
    for corner in corners {
        for (own, at) in size.iter_mut().zip(flat(&corner)) {
            *own = [own[0].min(at.floor() as i64), own[1].max(at.ceil() as i64)];
        }
    }
    let mut is_cut = leaves(&outline, size)?;
    let mut values = Vec::new();
    inside(&outline, size, |[iu, iv]| {
        let place = origin + (u * iu as f64 + v * iv as f64) * pitch_mm;
        match scan.sample_index(grid.index_from_patient(place)) {
            Some(value) => values.push(value),
            None => is_cut = true,
        }
    });
    if values.is_empty() && is_cut { Err(RegionError::Outside) } else { Ok((values, Some(pitch_mm), is_cut)) }
}

/// Whether an outline goes beyond the pixels from `size[n][0]` to `size[n][1]`, both included.
fn leaves(outline: &Outline, size: [[i64; 2]; 2]) -> Result<bool, RegionError> {
    let [low, high] = outline.bounds();
    let mut leaves = false;
    for n in 0..2 {
        let (first, last) = (size[n][0] as f64 - 0.5, size[n][1] as f64 + 0.5);
        if high[n] < first || last < low[n] {
            return Err(RegionError::Outside);
        }
        leaves |= low[n] < first || last < high[n];
    }
    Ok(leaves)
}

/// Call `each` for the pixels whose centres lie inside, row by row. A centre on the outline counts on one side only, so
/// that neighbouring regions share no pixel.
fn inside(outline: &Outline, size: [[i64; 2]; 2], mut each: impl FnMut([i64; 2])) {
    let [low, high] = outline.bounds();
    let rows = [size[1][0].max(low[1].ceil() as i64), size[1][1].min(high[1].floor() as i64)];
    for row in rows[0]..=rows[1] {
        for [from, to] in outline.spans(row as f64) {
            let columns = [size[0][0].max(from.ceil() as i64), size[0][1].min(to.ceil() as i64 - 1)];
            (columns[0]..=columns[1]).for_each(|column| each([column, row]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::Grid;
    use crate::geom::measure::Kind;
    use crate::image::{Modality, Volume, Voxels};
    use nalgebra::{Matrix3, Rotation3};

    fn scan(grid: Grid) -> Scan {
        let mut rng = Rng::new(7);
        let values = (0..grid.len()).map(|_| rng.below(2000) as i16 - 1000).collect();
        let voxels = Voxels::I16(Volume::new(grid, values).unwrap());
        Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() }
    }

    fn aligned() -> Grid {
        Grid::aligned([30, 24, 12], Point::new(-10.0, 5.0, 100.0), [0.7, 0.9, 2.5]).unwrap()
    }

    fn sheared() -> Grid {
        let turn = Rotation3::from_euler_angles(0.3, -0.2, 0.5);
        let step = turn.matrix() * Matrix3::new(0.8, 0.0, 0.1, 0.0, 0.9, 0.6, 0.0, 0.0, 3.0);
        Grid::new([26, 30, 10], Point::new(20.0, -40.0, 300.0), step).unwrap()
    }

    fn near(found: &RegionValues, expected: &[f64]) {
        let n = expected.len() as f64;
        let mean = expected.iter().sum::<f64>() / n;
        let sd = (expected.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let (min, max) = expected.iter().fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(*x), h.max(*x)));
        assert_eq!(found.count, expected.len());
        for (a, b) in [(found.mean, mean), (found.sd, sd), (found.min, min), (found.max, max)] {
            assert!((a - b).abs() < 1e-9, "{found:?}, expected {mean} {sd} {min} {max}");
        }
    }

    /// By definition: whether a place of the plane lies in the ellipse.
    fn in_ellipse(shape: &Shape, point: &Point) -> bool {
        let [c, a, b] = [0, 1, 2].map(|n| shape.points()[n]);
        let part = |end: Point| (point - c).dot(&(end - c)) / (end - c).norm_squared();
        part(a).hypot(part(b)) < 1.0
    }

    #[test]
    fn an_ellipse_in_a_slice_holds_the_voxels_whose_centres_are_inside() {
        for grid in [aligned(), sheared()] {
            for axis in 0..3 {
                let [b, c] = [grid.step().column((axis + 1) % 3), grid.step().column((axis + 2) % 3)];
                let normal = b.cross(&c).normalize();
                let mut middle = [11, 13, 5];
                // Not in the slice but beside it: the nearest slice is meant.
                let centre = grid.centre(middle) + normal * 0.2;
                let first = b.normalize() * 4.3;
                let ends = [centre, centre + first, centre + normal.cross(&first) * 0.7];
                let shape = Shape::new(Kind::Ellipse, &ends, Some(normal)).unwrap();
                let scan = scan(grid.clone());
                let found = region_values(&scan, &shape).unwrap();
                let mut expected = Vec::new();
                for u in 0..grid.dims()[(axis + 1) % 3] {
                    for v in 0..grid.dims()[(axis + 2) % 3] {
                        (middle[(axis + 1) % 3], middle[(axis + 2) % 3]) = (u, v);
                        let voxel = grid.centre(middle);
                        let seen = voxel - normal * (voxel - centre).dot(&normal);
                        if in_ellipse(&shape, &seen) {
                            expected.push(scan.value(grid.offset(middle)));
                        }
                    }
                }
                assert_eq!(found.pitch_mm, None);
                assert!(8 < expected.len());
                near(&found, &expected);
            }
        }
    }

    #[test]
    fn a_rectangle_around_whole_pixels_has_exactly_their_values() {
        let grid = aligned();
        let [a, b] = [[5, 6, 3], [9, 8, 3]].map(|voxel| grid.centre(voxel));
        let (low, high) = (a - Vector::new(0.35, 0.45, 0.0), b + Vector::new(0.35, 0.45, 0.0));
        let corners = [low, Point::new(high.x, low.y, low.z), high];
        let shape = Shape::new(Kind::Rectangle, &corners, Some(Vector::z())).unwrap();
        let scan = scan(grid);
        let all = (6..9).flat_map(|j| (5..10).map(move |i| [i, j, 3]));
        let expected: Vec<f64> = all.map(|voxel| scan.value(scan.grid().offset(voxel))).collect();
        let found = region_values(&scan, &shape).unwrap();
        near(&found, &expected);
        assert!((shape.area_mm2().unwrap() - 15.0 * 0.7 * 0.9).abs() < 1e-9);
        assert!(!found.is_cut);
    }

    #[test]
    fn an_oblique_region_has_the_samples_that_brute_force_finds() {
        let scan = scan(aligned());
        let grid = scan.grid();
        let normal = Vector::new(0.3, -0.5, 0.8).normalize();
        let middle = grid.bounds().centre();
        let along = normal.cross(&Vector::x()).normalize();
        let across = normal.cross(&along);
        let place = |x: f64, y: f64| middle + along * x + across * y;
        let outline = [place(-4.0, -3.0), place(5.0, -2.0), place(4.5, 3.1), place(0.0, 0.4), place(-3.0, 4.0)];
        let shape = Shape::new(Kind::Region, &outline, Some(normal)).unwrap();
        let found = region_values(&scan, &shape).unwrap();
        let pitch = found.pitch_mm.unwrap();
        let plane = shape.plane();
        let [u, v] = plane.across();
        let origin = grid.origin() - plane.normal() * plane.distance_mm(&grid.origin());
        let winds = |p: Point| {
            // The angles to the corners add up to a whole turn inside and to nothing outside.
            let sum: f64 = (0..outline.len())
                .map(|n| {
                    let (a, b) = (outline[n] - p, outline[(n + 1) % outline.len()] - p);
                    a.cross(&b).dot(&normal).atan2(a.dot(&b))
                })
                .sum();
            1.0 < sum.abs()
        };
        let mut expected = Vec::new();
        for i in -100..100 {
            for j in -100..100 {
                let p = origin + (u * f64::from(i) + v * f64::from(j)) * pitch;
                if winds(p) {
                    expected.push(scan.sample_index(grid.index_from_patient(p)).unwrap());
                }
            }
        }
        assert!(40 < expected.len());
        near(&found, &expected);
    }

    #[test]
    fn regions_outside_or_too_small_say_so_and_cut_ones_are_known() {
        let scan = scan(aligned());
        let at = |centre: Point, radius: f64| {
            let ends = [centre, centre + Vector::x() * radius, centre + Vector::y() * radius];
            region_values(&scan, &Shape::new(Kind::Ellipse, &ends, Some(Vector::z())).unwrap())
        };
        let middle = scan.grid().bounds().centre();
        assert_eq!(at(middle + Vector::z() * 100.0, 3.0), Err(RegionError::Outside));
        assert_eq!(at(middle + Vector::x() * 100.0, 3.0), Err(RegionError::Outside));
        assert_eq!(at(scan.grid().centre([5, 5, 5]) + Vector::x() * 0.35, 0.1), Err(RegionError::NoVoxel));
        assert!(at(scan.grid().centre([0, 5, 5]), 3.0).unwrap().is_cut);
        assert!(!at(middle, 3.0).unwrap().is_cut);
        // A region of a million millimetres is only looked at where the scan is.
        assert_eq!(at(middle, 1e6).unwrap().count, 30 * 24);
    }
}
