//! Surfaces of random masks, spheres and oblique grids.

use super::*;
use crate::base::parallel::with_threads;
use crate::base::rng::Rng;
use crate::geom::{Point, Vector};
use nalgebra::{Matrix3, Rotation3};

fn random_mask(rng: &mut Rng, dims: [usize; 3], filled: f64, step: Matrix3<f64>) -> Volume<u8> {
    let grid = Grid::new(dims, Point::new(5.0, -3.0, 2.0), step).unwrap();
    let voxels = (0..grid.len()).map(|_| u8::from(rng.unit() < filled)).collect();
    Volume::new(grid, voxels).unwrap()
}

fn ball(n: usize, radius_mm: f64) -> Volume<f32> {
    let spacing = 2.4 * radius_mm / n as f64;
    let grid = Grid::aligned([n; 3], Point::new(-1.2, -1.2, -1.2) * radius_mm, [spacing; 3]).unwrap();
    let value = |offset| (radius_mm - grid.centre(grid.voxel(offset)).coords.norm()) as f32;
    let voxels = (0..grid.len()).map(value).collect();
    Volume::new(grid, voxels).unwrap()
}

#[test]
fn random_masks_have_closed_surfaces_that_enclose_their_voxels() {
    let mut rng = Rng::new(2);
    for case in 0..200 {
        let dims = [1 + rng.below(7), 1 + rng.below(6), 1 + rng.below(5)];
        let filled = 0.1 + 0.8 * rng.unit();
        let turn = Rotation3::from_euler_angles(rng.unit(), rng.unit(), rng.unit());
        let mirror = if case % 2 == 0 { 1.0 } else { -1.0 };
        let step = turn.matrix() * Matrix3::new(0.7, 0.0, 0.1, 0.0, 0.8, 0.2, 0.0, 0.0, mirror * 2.5);
        let mask = random_mask(&mut rng, dims, filled, step);
        let count = mask.voxels().iter().filter(|v| **v != 0).count() as f64;
        if count == 0.0 {
            assert_eq!(mask_surface(&mask, &Progress::default()), Err(ContourError::Empty));
            continue;
        }
        let surface = mask_surface(&mask, &Progress::default()).unwrap();
        assert_eq!(surface.open_edges(), 0, "case {case}: {dims:?}");
        assert!(0.0 < surface.volume_ml(), "case {case}: {} ml", surface.volume_ml());
        let as_values = iso_surface(&mask, 0.5, &Progress::default()).unwrap();
        assert_eq!(as_values.triangles(), surface.triangles());
    }
}

#[test]
fn a_row_longer_than_a_word_is_closed_too() {
    let mut rng = Rng::new(3);
    for length in [61, 62, 63, 64, 65, 126, 127, 130] {
        let mask = random_mask(&mut rng, [length, 3, 3], 0.7, Matrix3::identity());
        assert_eq!(mask_surface(&mask, &Progress::default()).unwrap().open_edges(), 0, "{length} columns");
    }
}

#[test]
fn area_and_volume_of_a_ball_converge_with_second_order() {
    let radius = 30.0_f64;
    let exact = [
        4.0 / 3.0 * std::f64::consts::PI * radius.powi(3) / 1000.0,
        4.0 * std::f64::consts::PI * radius.powi(2) / 100.0,
    ];
    let errors = [16, 32, 64].map(|n| {
        let surface = iso_surface(&ball(n, radius), 0.0, &Progress::default()).unwrap();
        [surface.volume_ml() / exact[0] - 1.0, surface.area_cm2() / exact[1] - 1.0].map(f64::abs)
    });
    for what in 0..2 {
        let order = (errors[0][what] / errors[2][what]).log2() / 2.0;
        assert!(1.8 < order && order < 2.4, "order {order}, errors {errors:?}");
    }
    assert!(errors[2][0] < 2e-3 && errors[2][1] < 2e-3, "{errors:?}");
}

#[test]
fn a_mask_of_a_ball_keeps_its_volume() {
    let values = ball(48, 30.0);
    let mask: Vec<u8> = values.voxels().iter().map(|v| u8::from(0.0 <= *v)).collect();
    let mask = Volume::new(std::sync::Arc::clone(values.grid()), mask).unwrap();
    let count = mask.voxels().iter().map(|v| f64::from(*v)).sum::<f64>();
    let voxels_ml = count * mask.grid().voxel_mm3() / 1000.0;
    let surface = mask_surface(&mask, &Progress::default()).unwrap();
    assert!((surface.volume_ml() / voxels_ml - 1.0).abs() < 0.01, "{} against {voxels_ml} ml", surface.volume_ml());
    let radii = surface.positions().iter().map(|p| p.coords.norm());
    let furthest = radii.map(|r| (r - 30.0).abs()).fold(0.0, f64::max);
    assert!(furthest < 0.6 * 1.5, "a vertex is {furthest} mm from the ball; voxels are 1.5 mm");
}

#[test]
fn what_touches_the_border_is_capped_at_the_voxel_faces() {
    let grid = Grid::aligned([3, 4, 5], Point::new(1.0, 2.0, 3.0), [1.0, 2.0, 3.0]).unwrap();
    let bounds = grid.bounds();
    let mask = Volume::new(grid, vec![1_u8; 60]).unwrap();
    let surface = mask_surface(&mask, &Progress::default()).unwrap();
    assert_eq!(surface.open_edges(), 0);
    let size: Vector = surface.bounds().size() - bounds.size();
    assert!(size.norm() < 1e-12, "{size}");
}

#[test]
fn one_thread_and_three_make_the_same_surface() {
    let volume = ball(40, 10.0);
    let make = || iso_surface(&volume, 0.0, &Progress::default()).unwrap().content_hash();
    assert_eq!(with_threads(1, make), with_threads(3, make));
}

#[test]
fn values_that_are_not_numbers_do_not_reach_the_surface() {
    let good = ball(12, 10.0);
    let mut voxels = good.voxels().to_vec();
    voxels[6 * 144 + 6 * 12 + 5] = f32::NAN;
    voxels[6 * 144 + 3 * 12 + 5] = f32::INFINITY;
    let volume = Volume::new(std::sync::Arc::clone(good.grid()), voxels).unwrap();
    assert_eq!(iso_surface(&volume, 0.0, &Progress::default()).unwrap().open_edges(), 0);
    assert!(matches!(iso_surface(&volume, f64::NAN, &Progress::default()), Err(ContourError::NotFinite { .. })));
    let finite = iso_surface(&good, 1e9, &Progress::default());
    assert_eq!(
        finite.unwrap_err().to_string(),
        "no voxel has a value of 1000000000 or more, so there is no surface at this value"
    );
}

#[test]
fn a_cancelled_computation_stops() {
    let progress = Progress::default();
    progress.cancel();
    assert_eq!(iso_surface(&ball(8, 1.0), 0.0, &progress), Err(ContourError::Cancelled(Cancelled)));
}
