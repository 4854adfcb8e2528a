//! Territories against every voxel and every piece of line.

use super::*;
use crate::base::{Progress, parallel, rng::Rng};
use crate::geom::{Grid, Vector};
use crate::image::Volume;
use crate::mesh::CentreBranch;
use crate::plan::resection::{Layer, Organ};
use std::sync::Arc;

/// A tree that parts at random in a box of 60 mm.
fn tree(seed: u64, ends: usize) -> CentreLines {
    let mut rng = Rng::new(seed);
    let mut branches: Vec<CentreBranch> = Vec::new();
    let place = |rng: &mut Rng| Point::from(Vector::from_fn(|_, _| rng.between(4.0, 56.0)));
    for n in 0..ends {
        let parent = (0 < n).then(|| rng.below(n));
        let from = parent.map_or_else(|| place(&mut rng), |parent| branches[parent].points[3]);
        let to = place(&mut rng);
        let bow = Vector::from_fn(|_, _| rng.between(-3.0, 3.0));
        let points = [0.0, 0.3, 0.7, 1.0].map(|t| from + (to - from) * t + bow * (t * (1.0 - t)));
        let radius_mm = rng.between(0.5, 3.0);
        branches.push(CentreBranch { parent, points: points.to_vec(), radii_mm: vec![radius_mm; 4] });
    }
    CentreLines::new(branches).unwrap()
}

fn organ() -> Arc<Organ> {
    let grid = Grid::aligned([50, 43, 37], Point::origin(), [1.2, 1.4, 1.6]).unwrap();
    let middle = grid.bounds().centre();
    let inside = |o: usize| (grid.centre(grid.voxel(o)) - middle).norm() < 27.0;
    let voxels = (0..grid.len()).map(|o| u8::from(inside(o))).collect();
    Arc::new(Organ::of(&Volume::new(grid.clone(), voxels).unwrap()).unwrap())
}

fn territories(lines: &CentreLines, weighting: &Weighting) -> Territories {
    Territories::of(organ(), lines, weighting, &Progress::default()).unwrap()
}

#[test]
fn every_voxel_belongs_to_the_branch_that_is_nearest_of_all() {
    let lines = tree(3, 17);
    let flows: Vec<f64> = (0..17).map(|n| 1.0 + f64::from(n % 5)).collect();
    for weighting in [Weighting::Distance, Weighting::Wall, Weighting::Flow(flows)] {
        let found = territories(&lines, &weighting);
        let labels = found.labels(|branch| branch as u8 + 1);
        let weights = weighting.weights(&lines).unwrap();
        let value = |branch: usize, point: &Point| {
            let line = &lines.branches()[branch];
            let off = if weighting == Weighting::Wall { line.radii_mm[0] } else { 0.0 };
            let one = CentreLines::new(vec![CentreBranch { parent: None, ..line.clone() }]).unwrap();
            (one.nearest(point).unwrap().distance_mm - off) / weights[branch]
        };
        for (offset, label) in labels.voxels().iter().enumerate().filter(|(n, label)| **label != 0 && n % 37 == 0) {
            let point = labels.grid().centre(labels.grid().voxel(offset));
            let mine = value(usize::from(*label) - 1, &point);
            let least = (0..17).map(|branch| value(branch, &point)).fold(f64::INFINITY, f64::min);
            assert!(mine <= least + 1e-9, "{weighting:?}: {mine} against {least}");
        }
    }
}

#[test]
fn territories_add_up_to_the_organ() {
    for seed in 0..4 {
        let lines = tree(seed, 12);
        let found = territories(&lines, &Weighting::Distance);
        assert_eq!(found.voxels_of_branches().iter().sum::<u64>(), found.organ().voxels(Layer::Organ));
        let everything = found.of_branches(&[0]);
        assert_eq!(found.voxels(&everything, Layer::Organ), found.organ().voxels(Layer::Organ));
    }
}

#[test]
fn what_a_clip_takes_is_what_is_painted() {
    let lines = tree(8, 15);
    let found = territories(&lines, &Weighting::Distance);
    let (near, _) = place_near(&lines, &lines.branches()[2].points[2]).unwrap();
    let far = TreePlace { branch: 9, along_mm: 0.4 * lines.branches()[9].length_mm() };
    for clips in [vec![near], vec![far], vec![near, far], vec![]] {
        let ranges = found.behind(&clips);
        let painted = found.parted(&ranges);
        let behind = painted.voxels().iter().filter(|v| **v == 1).count() as u64;
        assert_eq!(behind, found.voxels(&ranges, Layer::Organ));
        let left = painted.voxels().iter().filter(|v| **v == 2).count() as u64;
        assert_eq!(behind + left, found.organ().voxels(Layer::Organ));
        let ml = found.volume_ml(&ranges, 0.0);
        assert!(ml.low <= ml.value && ml.value <= ml.high);
    }
    // Farther in, more is lost.
    let start = TreePlace { along_mm: 0.0, ..near };
    let end = TreePlace { along_mm: f64::INFINITY, ..near };
    let lost = |place| found.voxels(&found.behind(&[place]), Layer::Organ);
    assert!(lost(end) <= lost(near) && lost(near) <= lost(start));
}

/// The wall counts, not the axis: a thin branch beside a thick trunk takes nothing that lies on the trunk.
#[test]
fn a_place_on_the_wall_of_a_trunk_is_on_the_trunk() {
    let branch = |parent, points: &[[f64; 3]], radius_mm| {
        let points: Vec<Point> = points.iter().copied().map(Point::from).collect();
        CentreBranch { parent, radii_mm: vec![radius_mm; points.len()], points }
    };
    let mut side = branch(Some(0), &[[40.0, 0.0, 0.0], [40.0, 3.0, 0.0], [40.0, 9.0, 0.0], [40.0, 30.0, 0.0]], 1.0);
    // Its first places lie in the trunk's ball.
    side.radii_mm[..2].copy_from_slice(&[6.0, 6.0]);
    let lines = CentreLines::new(vec![
        branch(None, &[[0.0; 3], [40.0, 0.0, 0.0]], 6.0),
        side,
        branch(None, &[[0.0, 8.0, 0.0], [30.0, 8.0, 0.0]], 1.0),
    ])
    .unwrap();
    let near = |at: [f64; 3]| place_near(&lines, &Point::from(at)).unwrap();
    let (on_wall, off_mm) = near([12.0, 5.5, 0.0]);
    assert!(
        on_wall.branch == 0 && (on_wall.along_mm - 12.0).abs() < 1e-9 && (off_mm + 0.5).abs() < 1e-9,
        "{on_wall:?}"
    );
    assert_eq!(lines.nearest(&Point::new(12.0, 5.5, 0.0)).unwrap().branch, 2, "by the axis it would be the thin one");
    assert_eq!(near([12.0, 7.5, 0.0]).0.branch, 2);
    // Beside the division the trunk's wall is the trunk's, and the side branch begins beyond it.
    assert_eq!(near([37.0, 4.0, 3.0]).0.branch, 0);
    let beyond = near([40.5, 12.0, 0.0]).0;
    assert!(beyond.branch == 1 && (beyond.along_mm - 12.0).abs() < 1e-9, "{beyond:?}");
    let (at, radius_mm) = at_place(&lines, on_wall);
    assert!((at - Point::new(12.0, 0.0, 0.0)).norm() < 1e-9 && (radius_mm - 6.0).abs() < 1e-9, "{at} {radius_mm}");
}

/// The face between territories lies where voxels of both meet, and ends where the organ does.
#[test]
fn the_face_of_a_territory_parts_its_voxels_from_the_others() {
    let lines = tree(8, 15);
    let found = territories(&lines, &Weighting::Distance);
    let ranges = found.of_branches(&[2, 9]);
    let (face, parted) = (found.face(&ranges), found.parted(&ranges));
    assert!(200 < face.triangles().len());
    let grid = parted.grid();
    let voxel_mm = grid.spacing_mm().into_iter().fold(0.0, f64::max);
    let centres = |label: u8| -> Vec<Point> {
        let own = (0..grid.len()).filter(|o| parted.voxels()[*o] == label);
        own.map(|o| grid.centre(grid.voxel(o))).collect()
    };
    let both = [centres(1), centres(2)];
    for at in face.positions().iter().step_by(17) {
        for part in &both {
            let mm = part.iter().map(|centre| (centre - at).norm()).fold(f64::INFINITY, f64::min);
            assert!(mm < 3.0 * voxel_mm, "{mm} mm from the nearest voxel at {at}");
        }
    }
    assert!(found.face(&[]).triangles().is_empty());
    assert!(found.face(&found.of_branches(&[0])).triangles().is_empty());
    let again = || territories(&lines, &Weighting::Distance).face(&ranges);
    assert_eq!(parallel::with_threads(1, again), face);
}

#[test]
fn one_thread_and_three_give_the_same_bits() {
    let lines = tree(5, 20);
    let run = || territories(&lines, &Weighting::Wall).labels(|branch| branch as u8 + 1);
    assert_eq!(parallel::with_threads(1, run), parallel::with_threads(3, run));
}

#[test]
fn wrong_flows_are_refused() {
    let lines = tree(5, 3);
    let refused = |flows| Weighting::Flow(flows).weights(&lines).unwrap_err().to_string();
    assert!(refused(vec![1.0]).contains("1 flows for 3"));
    assert!(refused(vec![1.0, 0.0, 2.0]).contains("branch 1"));
}
