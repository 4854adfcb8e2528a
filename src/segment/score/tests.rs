//! Scores of masks whose agreement is known.

use super::*;
use crate::base::parallel::with_threads;
use crate::geom::{Grid, Point};
use std::sync::Arc;

/// A cube of 10³ voxels whose first column is 5 + `from`.
fn cube(from: usize) -> Volume<u8> {
    let grid = Grid::aligned([30, 30, 30], Point::origin(), [0.5, 0.5, 2.0]).unwrap();
    let inside = |o: usize| {
        grid.voxel(o)
            .iter()
            .enumerate()
            .all(|(a, x)| (5 + if a == 0 { from } else { 0 }..15 + if a == 0 { from } else { 0 }).contains(x))
    };
    let voxels = (0..grid.len()).map(|o| u8::from(inside(o))).collect();
    Volume::new(grid.clone(), voxels).unwrap()
}

/// A ball on voxels of 0.7 × 0.7 × 5 mm.
fn ball(radius_mm: f64) -> Volume<u8> {
    let grid = Grid::aligned([90, 90, 13], Point::new(-31.0, -31.0, -30.0), [0.7, 0.7, 5.0]).unwrap();
    let inside = |o: usize| u8::from(grid.centre(grid.voxel(o)).coords.norm() < radius_mm);
    Volume::new(grid.clone(), (0..grid.len()).map(inside).collect()).unwrap()
}

fn filled(value: u8) -> Volume<u8> {
    Volume::new(Arc::clone(cube(0).grid()), vec![value; 27_000]).unwrap()
}

#[test]
fn a_mask_agrees_with_itself() {
    let score = score(&cube(0), &cube(0), &Progress::default()).unwrap();
    assert_eq!((score.dice, score.jaccard, score.surface_dice), (1.0, 1.0, 1.0));
    assert_eq!((score.surface_mean_mm, score.surface_95_mm, score.hausdorff_mm), (0.0, 0.0, 0.0));
    assert_eq!(score.difference_ml(), 0.0);
    assert!((score.volume_ml - 0.5).abs() < 1e-12);
}

#[test]
fn a_shift_costs_overlap_and_distance() {
    let score = score_within(&cube(4), &cube(0), 1.0, &Progress::default()).unwrap();
    assert_eq!((score.dice, score.jaccard), (0.6, 6.0 / 14.0));
    // Two of the ends are 2 mm away, most of the sides lie in the other's sides.
    assert_eq!((score.surface_95_mm, score.hausdorff_mm), (2.0, 2.0));
    assert!(0.2 < score.surface_mean_mm && score.surface_mean_mm < 1.0);
    assert!(0.5 < score.surface_dice && score.surface_dice < 0.8, "{}", score.surface_dice);
}

#[test]
fn balls_in_each_other_are_the_difference_of_their_radii_apart_on_long_voxels() {
    let score = score_within(&ball(24.0), &ball(20.0), 6.5, &Progress::default()).unwrap();
    // Stairs of 5 mm come nearer to each other than the balls they stand for.
    assert!((score.surface_mean_mm - 4.0).abs() < 1.0, "{} mm", score.surface_mean_mm);
    assert!((score.surface_95_mm - 4.0).abs() < 2.5, "{} mm", score.surface_95_mm);
    assert_eq!(score.surface_dice, 1.0);
    let volumes = (20.0_f64 / 24.0).powi(3);
    assert!((score.jaccard - volumes).abs() < 0.01);
}

#[test]
fn scores_have_the_same_bits_on_one_thread_and_on_three() {
    let measure = || score(&ball(23.0), &ball(20.3), &Progress::default()).unwrap();
    assert_eq!(with_threads(1, measure), with_threads(3, measure));
}

#[test]
fn nothing_and_everything_cannot_be_scored() {
    let progress = Progress::default();
    assert_eq!(score(&filled(0), &cube(0), &progress), Err(SegmentError::Empty("mask")));
    assert_eq!(score(&cube(0), &filled(1), &progress), Err(SegmentError::NoBoundary("reference")));
    assert_eq!(score(&filled(1), &filled(2), &progress).unwrap().dice, 1.0);
    progress.cancel();
    assert!(matches!(score(&cube(0), &cube(1), &progress), Err(SegmentError::Cancelled(_))));
}
