//! Sheets of noise, of balls and of two labels that touch.

use super::*;
use crate::base::parallel::with_threads;
use crate::base::rng::Rng;
use crate::mesh::Surface;
use nalgebra::{Matrix3, Rotation3};

fn noise(rng: &mut Rng, dims: [usize; 3], labels: usize, step: Matrix3<f64>) -> Volume<u8> {
    let grid = Grid::new(dims, Point::new(5.0, -3.0, 2.0), step).unwrap();
    let voxels = (0..grid.len()).map(|_| rng.below(labels + 1) as u8).collect();
    Volume::new(grid, voxels).unwrap()
}

/// A ball of 20 mm on voxels of 1 mm, whose left half is 1 and whose right half is `right`.
fn ball(right: u8) -> Volume<u8> {
    let grid = Grid::aligned([48; 3], Point::new(-23.3, -23.5, -23.8), [1.0; 3]).unwrap();
    let label = |offset| {
        let p = grid.centre(grid.voxel(offset));
        if 20.0 < p.coords.norm() {
            0
        } else if p.x < 0.0 {
            1
        } else {
            right
        }
    };
    let voxels = (0..grid.len()).map(label).collect();
    Volume::new(grid, voxels).unwrap()
}

#[test]
fn every_label_of_noise_has_a_closed_surface_with_the_volume_of_its_voxels() {
    let mut rng = Rng::new(5);
    for case in 0..100 {
        let dims = [1 + rng.below(9), 1 + rng.below(6), 1 + rng.below(5)];
        let turn = Rotation3::from_euler_angles(rng.unit(), rng.unit(), rng.unit());
        let mirror = if case % 2 == 0 { 1.0 } else { -1.0 };
        let step = turn.matrix() * Matrix3::new(0.7, 0.0, 0.1, 0.0, 0.8, 0.2, 0.0, 0.0, mirror * 2.5);
        let labels = noise(&mut rng, dims, 3, step);
        if labels.voxels().iter().all(|label| *label == 0) {
            assert_eq!(joint_surface(&labels, 0, &Progress::default()), Err(ContourError::Empty));
            continue;
        }
        let rough = joint_surface(&labels, 0, &Progress::default()).unwrap();
        let smooth = joint_surface(&labels, 8, &Progress::default()).unwrap();
        assert_eq!(rough.sides(), smooth.sides());
        for label in rough.labels() {
            let count = labels.voxels().iter().filter(|x| **x == label).count() as f64;
            let exact_ml = count * labels.grid().voxel_mm3() / 1000.0;
            let surface = rough.surface_of(label);
            assert_eq!(surface.open_edges(), 0, "case {case}, label {label}");
            // Without smoothing the sheet is that of the voxel faces.
            assert!((surface.volume_ml() / exact_ml - 1.0).abs() < 1e-9, "case {case}: {} ml", surface.volume_ml());
            assert_eq!(smooth.surface_of(label).open_edges(), 0);
        }
    }
}

#[test]
fn a_row_longer_than_a_word_is_closed_too() {
    let mut rng = Rng::new(3);
    for length in [61, 62, 63, 64, 65, 126, 127, 130] {
        let labels = noise(&mut rng, [length, 3, 3], 2, Matrix3::identity());
        let sheet = joint_surface(&labels, 4, &Progress::default()).unwrap();
        assert!(sheet.labels().iter().all(|label| sheet.surface_of(*label).open_edges() == 0), "{length} columns");
    }
}

#[test]
fn a_ball_keeps_volume_and_area() {
    let sheet = joint_surface(&ball(1), 16, &Progress::default()).unwrap();
    let surface = sheet.surface_of(1);
    let exact_ml = 4.0 / 3.0 * std::f64::consts::PI * 8.0;
    let exact_cm2 = 4.0 * std::f64::consts::PI * 4.0;
    assert!((surface.volume_ml() / exact_ml - 1.0).abs() < 5e-3, "{} against {exact_ml} ml", surface.volume_ml());
    assert!((surface.area_cm2() / exact_cm2 - 1.0).abs() < 0.02, "{} against {exact_cm2} cm²", surface.area_cm2());
}

#[test]
fn two_labels_that_touch_share_one_sheet() {
    let sheet = joint_surface(&ball(2), 16, &Progress::default()).unwrap();
    let whole = joint_surface(&ball(1), 16, &Progress::default()).unwrap().surface_of(1);
    let [left, right] = [1, 2].map(|label| sheet.surface_of(label));
    // No gap, no overlap: the volumes add up to that of what encloses both.
    let outer: Vec<[u32; 3]> =
        sheet.triangles().iter().zip(sheet.sides()).filter(|(_, s)| s[1] == 0).map(|(t, _)| *t).collect();
    let outer = Surface::new(sheet.positions().to_vec(), outer).unwrap();
    assert_eq!(outer.open_edges(), 0);
    assert!((left.volume_ml() + right.volume_ml() - outer.volume_ml()).abs() < 1e-9);
    assert!((outer.volume_ml() / whole.volume_ml() - 1.0).abs() < 0.01);
    let areas = left.area_cm2() + right.area_cm2() - 2.0 * sheet.shared_cm2(1, 2);
    assert!((areas - outer.area_cm2()).abs() < 1e-9);
    // The disc between them is 20 mm wide.
    let disc_cm2 = std::f64::consts::PI * 4.0;
    assert!((sheet.shared_cm2(2, 1) / disc_cm2 - 1.0).abs() < 0.03, "{} cm²", sheet.shared_cm2(1, 2));
    assert_eq!(sheet.labels(), [1, 2]);
    assert!(sheet.surface_of(9).triangles().is_empty());
}

#[test]
fn one_thread_and_three_make_the_same_sheet() {
    let labels = noise(&mut Rng::new(8), [40, 30, 20], 5, Matrix3::identity());
    let make = || joint_surface(&labels, 5, &Progress::default()).unwrap();
    assert_eq!(with_threads(1, make), with_threads(3, make));
}

#[test]
fn a_cancelled_computation_stops() {
    let progress = Progress::default();
    progress.cancel();
    assert_eq!(joint_surface(&ball(2), 5, &progress), Err(ContourError::Cancelled(Cancelled)));
}
