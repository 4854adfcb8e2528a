//! Measures of bodies whose size is known.

use super::*;
use crate::base::parallel::with_threads;
use crate::geom::{Grid, Vector};
use crate::image::{Modality, Segment, Voxels};
use std::sync::Arc;

/// A group with one segment: where `inside(place)` holds, on a grid turned by `turn_deg` about two axes.
fn group(dims: [usize; 3], spacing_mm: [f64; 3], turn_deg: f64, inside: impl Fn(Point) -> bool) -> LabelMap {
    let turn = turn_deg.to_radians();
    let turn = nalgebra::Rotation3::from_euler_angles(turn, 0.5 * turn, 0.0);
    let step = turn.matrix() * nalgebra::Matrix3::from_diagonal(&Vector::from(spacing_mm));
    let middle = step * Vector::from(dims.map(|n| 0.5 * (n as f64 - 1.0)));
    let grid = Grid::new(dims, Point::from(-middle), step).unwrap();
    let voxels = (0..grid.len()).map(|o| u8::from(inside(grid.centre(grid.voxel(o))))).collect();
    LabelMap::from_mask(&Volume::new(grid, voxels).unwrap(), "body", [9; 3], None)
}

fn only(labels: &LabelMap, scan: Option<&Scan>) -> Statistics {
    let mut all = statistics(labels, scan, &Progress::default()).unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0).1
}

fn near(found: f64, wanted: f64, within: f64) {
    assert!((found - wanted).abs() <= within, "{found} against {wanted} ± {within}");
}

#[test]
fn a_ball_has_its_volume_area_and_diameter() {
    let found = only(&group([48, 48, 48], [1.0; 3], 0.0, |p| p.coords.norm() < 20.0), None);
    let (volume_ml, area_cm2) = (4.0 / 3.0 * std::f64::consts::PI * 8.0, 4.0 * std::f64::consts::PI * 4.0);
    near(found.volume_ml, volume_ml, 0.005 * volume_ml);
    near(found.area_cm2, area_cm2, 0.02 * area_cm2);
    assert!(found.bounds_ml[0] < volume_ml && volume_ml < found.bounds_ml[1]);
    for length_mm in [found.extents.longest.length_mm, found.extents.across_mm, found.extents.in_slice.length_mm] {
        near(length_mm, 40.0, 1.0);
    }
    near(found.extents.in_slice_short_mm, 40.0, 1.0);
    assert!(found.centroid.coords.norm() < 1e-9 && !found.cut);
}

#[test]
fn axes_and_box_of_a_turned_ellipsoid_are_found_on_long_voxels() {
    let turn = nalgebra::Rotation3::from_euler_angles(0.0, 0.0, 0.6);
    let inside = |p: Point| {
        let q = turn.inverse() * p.coords;
        (q.x / 30.0).powi(2) + (q.y / 15.0).powi(2) + (q.z / 10.0).powi(2) < 1.0
    };
    let found = only(&group([100, 100, 25], [0.7, 0.7, 1.25], 0.0, inside), None);
    let Extents { longest, across_mm, in_slice, in_slice_short_mm, fit, .. } = found.extents;
    near(longest.length_mm, 60.0, 0.7);
    near(across_mm, 30.0, 0.7);
    near(in_slice.length_mm, 60.0, 0.7);
    near(in_slice_short_mm, 30.0, 0.9);
    [60.0, 30.0, 20.0].iter().zip(fit.size_mm).for_each(|(wanted, size)| near(size, *wanted, 1.3));
    let direction = (longest.ends[1] - longest.ends[0]).normalize();
    assert!(0.995 < direction.dot(&(turn * Vector::x())).abs());
    assert!(fit.centre.coords.norm() < 0.7);
}

#[test]
fn a_box_on_an_oblique_grid_is_measured_exactly() {
    let labels = group([30, 24, 20], [1.0, 2.0, 3.0], 25.0, |_| false);
    let filled = labels.clone().edited(&[5..15, 6..12, 4..9], |_, _| 1, &Progress::default()).unwrap();
    let found = only(&filled, None);
    near(found.volume_ml, 10.0 * 12.0 * 15.0 / 1000.0, 1e-9);
    // Sides run between face middles: those of the outermost rows of voxels.
    let mut size = found.extents.fit.size_mm;
    size.sort_by(f64::total_cmp);
    [10.0, 12.0, 15.0].iter().zip(size).for_each(|(wanted, size)| near(size, *wanted, 0.05));
    let axes = found.extents.fit.axes;
    near(axes.determinant(), 1.0, 1e-9);
    let middle = filled.grid().patient_from_index(Vector::new(9.5, 8.5, 6.0));
    assert!((found.centroid - middle).norm() < 1e-9 && (found.extents.fit.centre - middle).norm() < 1e-6);
}

#[test]
fn values_are_those_of_the_voxels_inside() {
    let labels =
        group([10, 10, 2], [1.0; 3], 0.0, |_| false).edited(&[2..7, 3..5, 1..2], |_, _| 1, &Progress::default());
    let labels = labels.unwrap();
    // 1 to 10 inside, and one that is no number.
    let mut voxels = vec![-1000.0_f32; 200];
    for (n, offset) in (0..10).map(|n| (n, labels.grid().offset([2 + n % 5, 3 + n / 5, 1]))) {
        voxels[offset] = n as f32 + 1.0;
    }
    let scan = |voxels: Vec<f32>| Scan {
        voxels: Voxels::F32(Volume::new(Arc::clone(labels.grid()), voxels).unwrap()),
        modality: Modality::Mr,
        window: None,
        facts: Vec::new(),
    };
    let found = only(&labels, Some(&scan(voxels.clone()))).values.unwrap();
    assert_eq!((found.mean, found.min, found.max, found.left_out), (5.5, 1.0, 10.0, 0));
    // As numpy.percentile and numpy.std(ddof=1) say.
    near(found.sd, 3.027_650_354_097_491_7, 1e-12);
    [1.45, 3.25, 5.5, 7.75, 9.55].iter().zip(found.percentiles).for_each(|(wanted, p)| near(p, *wanted, 1e-12));
    voxels[labels.grid().offset([2, 3, 1])] = f32::NAN;
    let found = only(&labels, Some(&scan(voxels))).values.unwrap();
    assert_eq!((found.left_out, found.min), (1, 2.0));
    let nothing = statistics(&labels, Some(&scan(vec![f32::NAN; 200])), &Progress::default());
    assert!(matches!(nothing, Err(SegmentError::Empty(_))));
}

#[test]
fn one_voxel_one_slice_and_everything_have_measures() {
    let dot = group([5, 5, 5], [1.0, 1.0, 4.0], 0.0, |p| p.coords.norm() < 0.5);
    let found = only(&dot, None);
    assert_eq!((found.voxels, found.extents.longest.length_mm, found.extents.across_mm), (1, 4.0, 1.0));
    // Six face middles fit into a turned box that is a little smaller than the voxel.
    assert!(
        [4.0, 1.0, 1.0].iter().zip(found.extents.fit.size_mm).all(|(most, side)| 0.5 * most < side && side <= *most)
    );
    let flat = group([20, 20, 1], [1.0; 3], 0.0, |p| p.x.abs() < 5.0 && p.y.abs() < 3.0);
    let found = only(&flat, None);
    near(found.extents.in_slice.length_mm, 116.0_f64.sqrt(), 1.0);
    let all = group([6, 7, 8], [1.0; 3], 0.0, |_| true);
    assert!(only(&all, None).cut);
    let mut table = all.segments().to_vec();
    table.push(Segment::new(SegmentId(2), "empty", [0; 3], None));
    assert_eq!(statistics(&all.with_segments(table).unwrap(), None, &Progress::default()).unwrap().len(), 1);
}

#[test]
fn measures_have_the_same_bits_on_one_thread_and_on_three() {
    let labels = group([40, 40, 30], [0.8, 0.8, 1.5], 20.0, |p| p.coords.norm() < 13.3);
    let measure = || only(&labels, None);
    assert_eq!(with_threads(1, measure), with_threads(3, measure));
}
