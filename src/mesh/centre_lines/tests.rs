//! Centre lines against phantoms whose lines are known.

use super::*;
use crate::base::{Progress, SegmentId, parallel};
use crate::geom::{Grid, Point};
use crate::image::Volume;
use crate::image::phantom::{Branch, Phantom, VesselParams, VesselShape, label, vessel};

fn phantom(shape: VesselShape, spacing_mm: [f64; 3]) -> Phantom {
    let params = VesselParams { shape, spacing_mm, length_mm: 81.0, noise_hu: 0.0, ..VesselParams::default() };
    vessel(&params, &Progress::default()).unwrap()
}

fn lines(mask: &Volume<u8>, wish: &Wish) -> Result<CentreLines, CentreLineError> {
    Ok(centre_lines(mask, wish, &Progress::default())?.lines)
}

fn of(phantom: &Phantom) -> CentreLines {
    lines(&phantom.labels.mask(SegmentId(label::LUMEN)), &Wish::default()).unwrap()
}

/// Distance to the nearest true centre line, and the radius of the largest ball on it there, mm.
fn truth(branches: &[Branch], point: &Point) -> [f64; 2] {
    let ball = |at: &Point| {
        let wall = branches.iter().flat_map(|branch| branch.line());
        wall.map(|wall| (wall.at - at).norm_squared() + wall.radius_mm.powi(2)).fold(f64::INFINITY, f64::min).sqrt()
    };
    let mut best = (f64::INFINITY, *point);
    for branch in branches {
        let line: Vec<Point> = branch.line().map(|point| point.at).collect();
        for pair in line.windows(2) {
            let along = pair[1] - pair[0];
            let part = ((point - pair[0]).dot(&along) / along.norm_squared()).clamp(0.0, 1.0);
            let on_line = pair[0] + along * part;
            if (point - on_line).norm() < best.0 {
                best = ((point - on_line).norm(), on_line);
            }
        }
    }
    [best.0, ball(&best.1)]
}

/// Largest distance to the true line and largest error of the radius of all points that `counts`.
fn errors(lines: &CentreLines, branches: &[Branch], counts: impl Fn(&Point) -> bool) -> [f64; 2] {
    let mut worst = [0.0_f64; 2];
    for branch in lines.branches() {
        for (point, radius_mm) in branch.points.iter().zip(&branch.radii_mm).filter(|(point, _)| counts(point)) {
            let [away, true_mm] = truth(branches, point);
            worst = [worst[0].max(away), worst[1].max((radius_mm - true_mm).abs())];
        }
    }
    worst
}

#[test]
fn a_stenosed_vessel_has_its_line_its_radii_and_its_length() {
    for spacing_mm in [[0.4; 3], [0.6, 0.6, 1.5]] {
        for shape in [VesselShape::Straight, VesselShape::Curved] {
            let made = phantom(shape, spacing_mm);
            let found = of(&made);
            let [only] = found.branches() else { panic!("{} branches", found.branches().len()) };
            let [away_mm, radius_mm] = errors(&found, &made.truth.vessels, |_| true);
            let true_mm: f64 = made.truth.vessels[0]
                .line()
                .collect::<Vec<_>>()
                .windows(2)
                .filter(|pair| (0.0..81.0).contains(&(0.5 * (pair[0].at.z + pair[1].at.z))))
                .map(|pair| (pair[1].at - pair[0].at).norm())
                .sum();
            let voxel_mm = spacing_mm[2];
            let said = format!(
                "{shape:?} {spacing_mm:?}: {away_mm:.3} mm off, radius {radius_mm:.3} mm off, {:.2} of {true_mm:.2} mm long",
                only.length_mm()
            );
            assert!(away_mm < 0.5 * voxel_mm && radius_mm < 0.5 * voxel_mm, "{said}");
            assert!((only.length_mm() / true_mm - 1.0).abs() < 0.01, "{said}");
            let narrow = only.points[only.narrowest()];
            let stenosis = made.truth.stenosis.as_ref().unwrap();
            assert!((narrow - Point::from(stenosis.centre_mm)).norm() < 1.5, "{narrow}");
            assert!((only.radii_mm[only.narrowest()] - stenosis.radius_mm_min).abs() < 0.5 * spacing_mm[0]);
        }
    }
}

#[test]
fn a_fork_has_three_branches_that_follow_the_vessels() {
    for spacing_mm in [[0.4; 3], [0.6, 0.6, 1.5]] {
        let made = phantom(VesselShape::Bifurcation, spacing_mm);
        let found = of(&made);
        let parents: Vec<_> = found.branches().iter().map(|branch| branch.parent).collect();
        assert_eq!(parents, [None, Some(0), Some(0)]);
        let daughter_mm = 4.0 * 0.5_f64.cbrt();
        // Between the fork and where the lumens have parted, the middle of both is not the axis of either.
        let fork = Point::from(made.truth.vessels[1].points_mm[0]);
        // Where the block cuts a vessel aslant, it hides the wall of one side.
        let parted = |p: &Point| p.z < fork.z - 5.0 || 2.0 * daughter_mm < p.x.abs() && p.z < 81.0 - daughter_mm;
        assert!((found.junctions()[0] - fork).norm() < 8.0, "{:?} for {fork}", found.junctions());
        let [away_mm, radius_mm] = errors(&found, &made.truth.vessels, parted);
        assert!(away_mm < spacing_mm[2] && radius_mm < spacing_mm[2], "{away_mm} {radius_mm}");
        for (point, _) in found.ends() {
            assert!(point.z < spacing_mm[2] || 81.0 - spacing_mm[2] < point.z, "vessels leave the block at {point}");
        }
    }
}

/// A tube of 3 mm with blind ends on a turned grid, and a thin one across.
fn cross(spacing_mm: f64) -> Volume<u8> {
    let turn = nalgebra::Rotation3::from_euler_angles(0.4, -0.3, 0.8);
    let n = (50.0 / spacing_mm) as usize;
    let corner = turn * nalgebra::Vector3::repeat(-25.0);
    let grid = Grid::new([n; 3], corner.into(), turn.matrix() * spacing_mm).unwrap();
    let near = |p: Point, a: Point, b: Point, r: f64| {
        let along = b - a;
        let part = ((p - a).dot(&along) / along.norm_squared()).clamp(0.0, 1.0);
        (p - (a + along * part)).norm() <= r
    };
    let inside = |p: Point| {
        near(p, Point::new(-15.0, 0.0, 0.0), Point::new(15.0, 0.0, 0.0), 3.0)
            || near(p, Point::new(0.0, 0.0, 0.0), Point::new(0.0, 15.0, 0.0), 1.5)
    };
    let voxels = (0..grid.len()).map(|o| u8::from(inside(grid.centre(grid.voxel(o))))).collect();
    Volume::new(grid, voxels).unwrap()
}

#[test]
fn blind_ends_and_a_side_branch_on_a_turned_grid_are_found_where_they_are() {
    let found = lines(&cross(0.5), &Wish::default()).unwrap();
    assert_eq!((found.branches().len(), found.ends().len()), (3, 3));
    let ends = [[-15.0, 0.0, 0.0], [15.0, 0.0, 0.0], [0.0, 15.0, 0.0]].map(Point::from);
    for end in ends {
        let away = found.ends().iter().map(|(at, _)| (at - end).norm()).fold(f64::INFINITY, f64::min);
        assert!(away < 1.0, "{end}: {away}");
    }
    assert!((found.junctions()[0] - Point::origin()).norm() < 1.0, "{:?}", found.junctions());
    let side = found.branches().iter().min_by(|a, b| a.mean_radius_mm().total_cmp(&b.mean_radius_mm())).unwrap();
    assert!((side.mean_radius_mm() - 1.5).abs() < 0.25 && (side.length_mm() - 15.0).abs() < 1.0, "{side:?}");
}

#[test]
fn root_ends_length_and_radius_are_those_asked_for() {
    let mask = cross(0.5);
    let from_side = Wish { root: Some(Point::new(0.0, 15.0, 0.0)), ..Wish::default() };
    let found = lines(&mask, &from_side).unwrap();
    assert!((found.branches()[0].points[0] - Point::new(0.0, 15.0, 0.0)).norm() < 1.0);
    let one_way = Wish { ends: vec![Point::new(15.0, 0.0, 0.0)], ..from_side };
    assert_eq!(lines(&mask, &one_way).unwrap().branches().len(), 1);
    for thick in [Wish { radius_mm_min: 2.0, ..Wish::default() }, Wish { length_mm_min: 14.0, ..Wish::default() }] {
        let found = lines(&mask, &thick).unwrap();
        let [only] = found.branches() else { panic!("{thick:?}: {} branches", found.branches().len()) };
        assert!((only.length_mm() - 30.0).abs() < 1.5, "{}", only.length_mm());
    }
    let far = Wish { root: Some(Point::new(200.0, 0.0, 0.0)), ..Wish::default() };
    assert!(lines(&mask, &far).unwrap_err().to_string().contains("at most 20 mm"));
}

#[test]
fn what_has_no_line_gets_a_sentence() {
    let grid = Grid::aligned([20, 20, 20], Point::origin(), [1.0; 3]).unwrap();
    let made = |inside: &dyn Fn([usize; 3]) -> bool| {
        let voxels = (0..grid.len()).map(|o| u8::from(inside(grid.voxel(o)))).collect();
        lines(&Volume::new(grid.clone(), voxels).unwrap(), &Wish::default())
    };
    assert_eq!(made(&|_| false), Err(CentreLineError::Empty));
    assert_eq!(made(&|_| true), Err(CentreLineError::Full));
    let nothing = |found: Result<CentreLines, CentreLineError>| matches!(found, Err(CentreLineError::Nothing { .. }));
    assert!(nothing(made(&|voxel| voxel == [5, 5, 5])));
    assert!(nothing(made(&|voxel| voxel.iter().all(|x| (4..15).contains(x)))));
    // One voxel wide, and one slice thick.
    let thin = made(&|[i, j, _]| i == 4 && j == 9).unwrap();
    assert!((thin.length_mm() - 19.5).abs() < 0.6, "{}", thin.length_mm());
    let flat = Grid::aligned([30, 9, 1], Point::origin(), [1.0; 3]).unwrap();
    let voxels = (0..flat.len()).map(|o| u8::from((3..6).contains(&flat.voxel(o)[1]))).collect();
    let found = lines(&Volume::new(flat, voxels).unwrap(), &Wish::default()).unwrap();
    assert_eq!(found.branches().len(), 1);
}

#[test]
fn one_thread_and_three_give_the_same_lines_and_a_cancel_is_heard() {
    let mask = cross(0.8);
    let run = || lines(&mask, &Wish::default()).unwrap();
    assert_eq!(parallel::with_threads(1, run), parallel::with_threads(3, run));
    let stop = Progress::default();
    stop.cancel();
    assert!(matches!(centre_lines(&mask, &Wish::default(), &stop), Err(CentreLineError::Cancelled(_))));
}
