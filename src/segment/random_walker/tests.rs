//! Walks on even ground, through gaps, in noise.

use super::*;
use crate::base::{parallel, rng::Rng};
use crate::geom::{Grid, Point};
use crate::image::{LabelMap, Modality, Voxels};
use crate::segment::{GrowWorkspace, Terrain, grow_from_seeds};

/// Enough to take most of the noise off.
const SIGMA_MM: f64 = 1.0;

fn scan(grid: &Arc<Grid>, value: impl FnMut(usize) -> f32) -> Scan {
    let values = (0..grid.len()).map(value).collect();
    let voxels = Voxels::F32(Volume::new(Arc::clone(grid), values).unwrap());
    Scan { voxels, modality: Modality::Mr, window: None, facts: vec![] }
}

fn seeds(grid: &Arc<Grid>, label: impl Fn([usize; 3]) -> u8) -> Volume<u8> {
    let voxels = (0..grid.len()).map(|o| label(grid.voxel(o))).collect();
    Volume::new(Arc::clone(grid), voxels).unwrap()
}

fn everything(grid: &Grid) -> [Range<usize>; 3] {
    grid.dims().map(|n| 0..n)
}

fn walk(scan: &Scan, seeds: &Volume<u8>, beta: f64, open: impl Fn(usize) -> bool + Sync) -> Walked {
    random_walker(scan, seeds, &everything(scan.grid()), beta, SIGMA_MM, open, &Progress::default()).unwrap()
}

/// On a row the probability falls evenly from seed to seed: gambler's ruin.
#[test]
fn even_ground_is_shared_in_proportion_and_walls_shut_out() {
    let grid = Arc::new(Grid::aligned([12, 1, 1], Point::origin(), [1.0; 3]).unwrap());
    let seeds = seeds(&grid, |[i, _, _]| match i {
        0 => 4,
        8 => 9,
        _ => 0,
    });
    let walked = walk(&scan(&grid, |_| 5.0), &seeds, 0.5, |o| o != 10);
    assert_eq!(walked.labels.voxels()[..4], [4; 4]);
    // Beyond the wall at 10 nobody comes.
    assert_eq!(walked.labels.voxels()[5..], [9, 9, 9, 9, 9, 0, 0]);
    for (i, likely) in walked.probability.voxels()[..9].iter().enumerate() {
        let expected = (1.0 - i as f64 / 8.0).max(i as f64 / 8.0);
        assert!((f64::from(*likely) - expected).abs() < 1e-3, "{i}: {likely} for {expected}");
    }
    assert_eq!(walked.probability.voxels()[10..], [0.0, 0.0]);
}

/// Two rooms alike with a dark wall between them that has a hole; one seed lies close to the wall.
#[test]
fn a_gap_in_a_weak_wall_is_closed_where_shortest_ways_go_through() {
    let grid = Arc::new(Grid::aligned([48, 30, 12], Point::origin(), [1.0; 3]).unwrap());
    let mut rng = Rng::new(7);
    let wall = |[i, j, k]: [usize; 3]| i == 20 && !((13..17).contains(&j) && (4..8).contains(&k));
    let scan = scan(&grid, |o| (if wall(grid.voxel(o)) { 60.0 } else { 100.0 } + 8.0 * rng.normal()) as f32);
    let seeds = seeds(&grid, |[i, j, _]| match i {
        3 => 1,
        26 if (8..22).contains(&j) => 2,
        _ => 0,
    });
    let wrong = |labels: &Volume<u8>| {
        let is_wrong = |o: &usize| match grid.voxel(*o)[0] {
            0..20 => labels.voxels()[*o] != 1,
            20 => false,
            _ => labels.voxels()[*o] != 2,
        };
        (0..grid.len()).filter(is_wrong).count() as f64 / grid.len() as f64
    };
    let walked = walk(&scan, &seeds, 0.5, |_| true);
    let terrain = Terrain::new(&scan, 1.0);
    let mut workspace = GrowWorkspace::default();
    let marks = LabelMap::numbered(&seeds);
    let grown = grow_from_seeds(&terrain, &marks, &everything(&grid), &mut workspace, &Progress::default()).unwrap();
    let (walked, grown) = (wrong(&walked.labels), wrong(&grown.to_volume()));
    assert!(walked < 0.02 && 3.0 * walked < grown, "walked {walked}, grown {grown}");
}

/// A noisy ball of 60 in 0, voxels 1 × 1 × 2 mm.
fn ball() -> (Scan, Volume<u8>, Volume<u8>) {
    let grid = Arc::new(Grid::aligned([36, 36, 18], Point::new(-17.5, -17.5, -17.0), [1.0, 1.0, 2.0]).unwrap());
    let from = |voxel: [usize; 3]| grid.centre(voxel).coords.norm();
    let mut rng = Rng::new(3);
    let inside = |voxel: [usize; 3]| from(voxel) < 11.0;
    let scan = scan(&grid, |o| (if inside(grid.voxel(o)) { 60.0 } else { 0.0 } + 15.0 * rng.normal()) as f32);
    let truth = seeds(&grid, |voxel| if inside(voxel) { 1 } else { 2 });
    // Strokes rather than points: around a single voxel of noise nothing can be learned.
    let painted = seeds(&grid, |voxel| match from(voxel) {
        r if r < 4.0 => 1,
        r if 16.0 < r => 2,
        _ => 0,
    });
    (scan, truth, painted)
}

#[test]
fn a_noisy_ball_is_found_alike_on_one_thread_and_three_and_seeds_stay() {
    let (scan, truth, seeds) = ball();
    let run = || walk(&scan, &seeds, 0.5, |_| true);
    let found = parallel::with_threads(1, run);
    assert_eq!(found, parallel::with_threads(3, run));
    let kept = seeds.voxels().iter().zip(found.labels.voxels()).all(|(seed, label)| *seed == 0 || seed == label);
    assert!(kept);
    let right = found.labels.voxels().iter().zip(truth.voxels()).filter(|(a, b)| **a == 1 && **b == 1).count();
    let count = |v: &Volume<u8>| v.voxels().iter().filter(|label| **label == 1).count();
    let dice = 2.0 * right as f64 / (count(&found.labels) + count(&truth)) as f64;
    assert!(0.95 < dice, "{dice}");
    assert!(found.probability.voxels().iter().all(|p| (0.5 - 1e-3..=1.0).contains(&f64::from(*p))));
}

#[test]
fn three_labels_share_all_and_what_cannot_be_solved_is_told() {
    let (scan, _, two) = ball();
    let grid = Arc::clone(scan.grid());
    let three = seeds(&grid, |[i, j, k]| if [i, j, k] == [2, 18, 9] { 7 } else { two.at([i, j, k]) });
    let walked = walk(&scan, &three, 0.5, |_| true);
    assert!(walked.labels.voxels().iter().all(|label| [1, 2, 7].contains(label)) && walked.iterations.len() == 2);
    let alone = seeds(&grid, |voxel| u8::from(voxel == [1, 1, 1]));
    let run = |seeds: &Volume<u8>, open: fn(usize) -> bool| {
        random_walker(&scan, seeds, &everything(&grid), 0.5, SIGMA_MM, open, &Progress::default())
            .unwrap_err()
            .to_string()
    };
    assert!(run(&alone, |_| true).contains("at least 2 kinds"));
    assert!(run(&two, |_| false).contains("seeds of 0 kind"));
    let large = Arc::new(Grid::aligned([300, 300, 90], Point::origin(), [1.0; 3]).unwrap());
    let (scan, seeds) = (self::scan(&large, |_| 0.0), seeds(&large, |_| 0));
    let error =
        random_walker(&scan, &seeds, &everything(&large), 0.5, SIGMA_MM, |_| true, &Progress::default()).unwrap_err();
    assert!(error.to_string().contains("8.1 million voxels, at most 8.0 million"), "{error}");
}

#[test]
fn a_walk_stops_when_told() {
    let (scan, _, seeds) = ball();
    let progress = Progress::default();
    progress.cancel();
    let stopped = random_walker(&scan, &seeds, &everything(scan.grid()), 0.5, SIGMA_MM, |_| true, &progress);
    assert_eq!(stopped, Err(RandomWalkerError::Cancelled(Cancelled)));
}
