//! Balls in noise reached from both sides, holes that hold a front back, volumes wanted.

use super::*;
use crate::base::{parallel, rng::Rng};
use crate::geom::{Grid, Point};
use crate::image::{Modality, Voxels};
use crate::segment::region_grow;
use std::f64::consts::PI;

const EDGES: Pull = Pull::Edges { propagation: 1.0, advection_mm: 4.0, edge: None };
const REGIONS: Pull = Pull::Regions { lambda_in: 1.0, lambda_out: 1.0 };

fn how(pull: Pull) -> Evolution {
    Evolution { pull, curvature_mm: 0.3, sigma_mm: 1.0, iterations_max: 500, volume_ml: None }
}

fn scan(grid: &Arc<Grid>, value: impl FnMut(Point) -> f32) -> Scan {
    let values = (0..grid.len()).map(|o| grid.centre(grid.voxel(o))).map(value).collect();
    let voxels = Voxels::F32(Volume::new(Arc::clone(grid), values).unwrap());
    Scan { voxels, modality: Modality::Ct, window: None, facts: vec![] }
}

fn mask(grid: &Arc<Grid>, inside: impl Fn(Point) -> bool) -> Volume<u8> {
    let voxels = (0..grid.len()).map(|o| u8::from(inside(grid.centre(grid.voxel(o))))).collect();
    Volume::new(Arc::clone(grid), voxels).unwrap()
}

fn count(mask: &Volume<u8>) -> usize {
    mask.voxels().iter().filter(|v| **v != 0).count()
}

fn run(scan: &Scan, start: &Volume<u8>, how: &Evolution) -> Evolved {
    let everything = scan.grid().dims().map(|n| 0..n);
    level_set(scan, start, &everything, how, |_| true, &Progress::default()).unwrap()
}

fn centred(dims: [usize; 3], spacing_mm: [f64; 3]) -> Arc<Grid> {
    let first: [f64; 3] = std::array::from_fn(|a| -0.5 * (dims[a] as f64 - 1.0) * spacing_mm[a] + 0.13);
    Arc::new(Grid::aligned(dims, Point::from(first), spacing_mm).unwrap())
}

/// A ball of 12 mm and 100 HU in 0 HU with noise of 20 HU.
fn noisy_ball(spacing_mm: [f64; 3]) -> Scan {
    let grid = centred(spacing_mm.map(|h| (44.0 / h) as usize), spacing_mm);
    let mut rng = Rng::new(11);
    scan(&grid, |p| (if p.coords.norm() < 12.0 { 100.0 } else { 0.0 } + 20.0 * rng.normal()) as f32)
}

fn radius_mm(found: &Volume<u8>) -> f64 {
    (0.75 / PI * count(found) as f64 * found.grid().voxel_mm3()).cbrt()
}

#[test]
fn a_noisy_ball_is_reached_from_inside_and_from_outside() {
    for spacing_mm in [[1.0; 3], [0.8, 0.8, 2.5]] {
        let scan = noisy_ball(spacing_mm);
        let ball = |radius: f64| mask(scan.grid(), |p| p.coords.norm() < radius);
        let inward = Pull::Edges { propagation: -1.0, advection_mm: 4.0, edge: None };
        for (pull, start_mm) in [(EDGES, 5.0), (inward, 18.0), (REGIONS, 5.0), (REGIONS, 18.0)] {
            let found = run(&scan, &ball(start_mm), &how(pull));
            let radius = radius_mm(&found.mask);
            let what = format!("{pull:?} from {start_mm} mm on {spacing_mm:?}: {radius} mm, {:?}", found.end);
            assert!((radius - 12.0).abs() < 0.5 * spacing_mm[0], "{what}");
            assert!(found.end == End::Rest && found.movement_voxels.abs() < REST_VOXELS, "{what}");
            // Every voxel farther than two from the surface is right.
            let far = |o: usize, marked: u8| {
                let away = scan.grid().centre(scan.grid().voxel(o)).coords.norm() - 12.0;
                2.0 * spacing_mm[2] < away.abs() && (away < 0.0) != (marked != 0)
            };
            let wrong = found.mask.voxels().iter().enumerate().filter(|(o, marked)| far(*o, **marked)).count();
            assert_eq!(wrong, 0, "{what}");
        }
    }
}

/// Two rooms of like values with a wall between them, which has a hole of one voxel.
#[test]
fn curvature_holds_a_front_back_at_a_hole_that_growing_leaks_through() {
    let grid = centred([40, 24, 24], [1.0; 3]);
    let wall =
        |p: Point| (p.x - 0.13 - 0.5).abs() < 1.2 && !(p.y.abs() < 0.7 && p.z.abs() < 0.7 && 0.0 < p.y && 0.0 < p.z);
    let room = |p: Point| p.x.abs() < 16.0 && p.y.abs() < 9.0 && p.z.abs() < 9.0;
    let scan = scan(&grid, |p| if room(p) && !wall(p) { 100.0 } else { 0.0 });
    let inside = grid.voxel_at(Point::new(-8.0, 0.0, 0.0)).unwrap();
    let left = mask(&grid, |p| room(p) && !wall(p) && p.x < 0.0);
    let values: Vec<i16> = (0..grid.len()).map(|o| scan.value(o) as i16).collect();
    let ct = Volume::new(Arc::clone(&grid), values).unwrap();
    let grown = region_grow(&ct, 50..=150, &[inside], &Progress::default()).unwrap();
    assert!(1.8 * (count(&left) as f64) < count(&grown) as f64, "the hole is one: growing leaks");
    let start = mask(&grid, |p| (p - Point::new(-8.0, 0.0, 0.0)).norm() < 4.0);
    let evolve = |curvature_mm: f64| {
        let how = Evolution { curvature_mm, sigma_mm: 0.0, ..how(REGIONS) };
        count(&run(&scan, &start, &how).mask) as f64 / count(&left) as f64
    };
    let (free, held) = (evolve(0.0), evolve(0.7));
    assert!(1.5 < free, "without curvature it goes through: {free}");
    assert!((0.85..1.05).contains(&held), "{held} of the left room");
}

#[test]
fn a_volume_wanted_is_met_to_a_voxel_from_both_sides() {
    let scan = noisy_ball([1.0; 3]);
    for (start_mm, wanted_ml) in [(4.0, 3.0), (16.0, 12.0)] {
        let start = mask(scan.grid(), |p| p.coords.norm() < start_mm);
        let found = run(&scan, &start, &Evolution { volume_ml: Some(wanted_ml), ..how(REGIONS) });
        assert_eq!((found.end, count(&found.mask)), (End::Volume, (wanted_ml * 1000.0) as usize));
    }
}

#[test]
fn a_front_stays_in_its_box_and_in_what_is_open_and_says_so() {
    let scan = noisy_ball([1.0; 3]);
    let grid = scan.grid();
    let start = mask(grid, |p| p.coords.norm() < 4.0);
    let open = |o: usize| grid.centre(grid.voxel(o)).x < 3.0;
    let everything = grid.dims().map(|n| 0..n);
    let how = how(REGIONS);
    let found = level_set(&scan, &start, &everything, &how, open, &Progress::default()).unwrap();
    let beyond = |o: &usize| found.mask.voxels()[*o] != 0 && start.voxels()[*o] == 0 && !open(*o);
    assert_eq!((0..grid.len()).filter(beyond).count(), 0);
    assert!(1000 < count(&found.mask) && !found.touches_box);
    let small = [14..30, 14..30, 14..30];
    let unstopped = Evolution { pull: Pull::Edges { propagation: 1.0, advection_mm: 0.0, edge: Some(1e6) }, ..how };
    let boxed = level_set(&scan, &start, &small, &unstopped, |_| true, &Progress::default()).unwrap();
    assert_eq!((count(&boxed.mask), boxed.touches_box), (16 * 16 * 16, true));
}

#[test]
fn curvature_alone_makes_a_front_vanish_and_few_steps_are_told() {
    let grid = centred([24; 3], [1.0; 3]);
    let even = scan(&grid, |_| 7.0);
    let start = mask(&grid, |p| p.coords.norm() < 5.0);
    let pull = Pull::Edges { propagation: 0.0, advection_mm: 0.0, edge: None };
    let gone = run(&even, &start, &Evolution { curvature_mm: 1.0, ..how(pull) });
    assert_eq!((gone.end, count(&gone.mask)), (End::Vanished, 0));
    let short = run(&even, &start, &Evolution { iterations_max: 3, ..how(EDGES) });
    assert_eq!((short.end, short.iterations), (End::Iterations, 3));
}

#[test]
fn threads_change_nothing_and_a_front_stops_when_told() {
    let scan = noisy_ball([1.0; 3]);
    let start = mask(scan.grid(), |p| p.coords.norm() < 5.0);
    for pull in [EDGES, REGIONS] {
        let all = || run(&scan, &start, &Evolution { iterations_max: 40, ..how(pull) });
        assert_eq!(parallel::with_threads(1, all), parallel::with_threads(3, all));
    }
    let everything = scan.grid().dims().map(|n| 0..n);
    let progress = Progress::default();
    progress.cancel();
    let stopped = level_set(&scan, &start, &everything, &how(EDGES), |_| true, &progress);
    assert_eq!(stopped, Err(LevelSetError::Cancelled(Cancelled)));
}

#[test]
fn a_start_without_a_border_or_a_contrast_is_refused() {
    let grid = centred([10; 3], [1.0; 3]);
    let even = scan(&grid, |_| 7.0);
    let refused = |start: Volume<u8>, pull: Pull| {
        let everything = grid.dims().map(|n| 0..n);
        let error = level_set(&even, &start, &everything, &how(pull), |_| true, &Progress::default()).unwrap_err();
        error.to_string()
    };
    assert!(refused(mask(&grid, |_| false), EDGES).contains("is empty"));
    assert!(refused(mask(&grid, |_| true), EDGES).contains("fills its whole box"));
    assert!(refused(mask(&grid, |p| p.x < 0.0), REGIONS).contains("are alike (7.000)"));
}
