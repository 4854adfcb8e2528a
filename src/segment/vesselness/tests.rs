//! Tubes, plates and balls of known size, on grids of any step.

use super::*;
use crate::base::parallel;
use crate::geom::{Point, Vector};

fn everywhere(_: usize) -> bool {
    true
}

fn one_scale(sigma_mm: f64) -> Vessels {
    Vessels { scales_mm: vec![sigma_mm], bright: true, contrast: Some(200.0) }
}

fn run(volume: &Volume<f32>, wish: &Vessels) -> Volume<f32> {
    vesselness(volume, wish, everywhere, &Progress::default()).unwrap()
}

#[test]
fn eigenvalues_are_those_of_the_matrix() {
    let m = Matrix3::new(2.0, -1.0, 0.5, -1.0, -3.0, 0.25, 0.5, 0.25, 1.0);
    let mut expected: Vec<f64> = m.symmetric_eigenvalues().iter().copied().collect();
    expected.sort_by(f64::total_cmp);
    let found = eigenvalues(&m);
    assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {expected:?}");
    assert_eq!(eigenvalues(&(Matrix3::identity() * 4.0)), [4.0; 3]);
}

/// 200 where `depth_mm` (under the surface, from the middle voxel) is above 0, with edges 0.6 mm wide.
fn body(step: Matrix3<f64>, dims: [usize; 3], depth_mm: impl Fn(Vector) -> f64) -> Volume<f32> {
    let grid = Grid::new(dims, Point::origin(), step).unwrap();
    let middle = grid.centre(dims.map(|n| n / 2));
    let value = |p: Point| 200.0 * (0.5 + depth_mm(p - middle) / 0.6).clamp(0.0, 1.0) as f32;
    let voxels = (0..grid.len()).map(|o| value(grid.centre(grid.voxel(o)))).collect();
    Volume::new(grid, voxels).unwrap()
}

fn tube(step: Matrix3<f64>, dims: [usize; 3], axis: Vector, radius_mm: f64) -> Volume<f32> {
    let axis = axis.normalize();
    body(step, dims, |p| radius_mm - p.cross(&axis).norm())
}

/// In the middle of a tube at its best scale λ₂ = λ₃ and S = 2c: V = (1 − e⁻²)², whatever way tube and grid are turned.
#[test]
fn an_ideal_tube_answers_as_the_formula_says_on_any_grid() {
    let turn = nalgebra::Rotation3::from_euler_angles(0.3, -0.4, 0.9);
    let fine = Matrix3::from_diagonal(&Vector::new(0.6, 0.6, 0.6));
    let flat = Matrix3::from_diagonal(&Vector::new(0.6, 0.6, 1.2));
    let sheared = Matrix3::new(0.6, 0.0, 0.2, 0.0, 0.6, 0.0, 0.0, 0.0, 0.8);
    let expected = (1.0 - (-2.0_f64).exp()).powi(2);
    for (step, axis) in [
        (fine, Vector::z()),
        (fine, Vector::new(1.0, 1.0, 1.0)),
        (flat, Vector::new(1.0, 0.5, 0.2)),
        (turn.matrix() * flat, Vector::new(0.2, 0.1, 1.0)),
        (sheared, Vector::new(0.3, 0.0, 0.8)),
    ] {
        let volume = tube(step, [41, 41, 31], axis, 3.0);
        let wish = one_scale(3.0 / SQRT_2);
        let found = run(&volume, &wish);
        let middle = f64::from(found.at([20, 20, 15]));
        assert!((middle - expected).abs() < 0.05, "{middle} for {expected} on {step}");
        assert!(found.voxels().iter().all(|v| (0.0..=1.0).contains(v)));
        assert_eq!(run(&volume, &Vessels { bright: false, ..wish }).at([20, 20, 15]), 0.0);
    }
}

#[test]
fn tubes_answer_most_at_the_scale_of_their_radius() {
    let scales = Vessels::scales([1.0, 8.0], 13);
    for radius_mm in [2.0, 3.0, 4.5] {
        let volume = tube(Matrix3::identity() * 0.6, [61, 61, 41], Vector::z(), radius_mm);
        let answer = |s: &f64| f64::from(run(&volume, &one_scale(*s)).at([30, 30, 20]));
        let best = scales.iter().copied().max_by(|a, b| answer(a).total_cmp(&answer(b))).unwrap();
        // Neighbouring scales differ by 19 %.
        let ratio = best * SQRT_2 / radius_mm;
        assert!((0.84..1.19).contains(&ratio), "{radius_mm} mm: {} mm", best * SQRT_2);
    }
}

#[test]
fn plates_and_balls_answer_less_than_tubes() {
    let strength = |lambda| response(lambda, 1.0);
    let ideal = strength([0.0, -2.0, -2.0]);
    assert!(strength([0.0, 0.0, -2.0]) < 0.01 * ideal && strength([-2.0, -2.0, -2.0]) < 0.2 * ideal);
    assert_eq!(strength([0.0, 2.0, -2.0]), 0.0);
    let (step, dims) = (Matrix3::identity() * 0.6, [41; 3]);
    let middle = |volume: &Volume<f32>| f64::from(run(volume, &one_scale(3.0 / SQRT_2)).at([20; 3]));
    let round = middle(&tube(step, dims, Vector::new(0.3, 1.0, 0.5), 3.0));
    let plate = middle(&body(step, dims, |p| 3.0 - p.dot(&Vector::new(0.6, 0.0, 0.8)).abs()));
    let ball = middle(&body(step, dims, |p| 3.0 - p.norm()));
    assert!(plate < 0.05 * round && ball < 0.25 * round, "tube {round}, plate {plate}, ball {ball}");
}

/// The answer falls to 0 near the wall: marked from 0.1 on, a tube has its radius to two thirds of a voxel.
#[test]
fn a_tube_has_about_its_own_radius_at_the_usual_threshold() {
    for radius_mm in [1.5, 3.0] {
        let spacing_mm = 0.6;
        let volume = tube(Matrix3::identity() * spacing_mm, [41, 41, 31], Vector::new(0.1, 0.2, 1.0), radius_mm);
        let wish = Vessels { scales_mm: Vessels::scales([1.0, 4.0], 3), bright: true, contrast: Some(200.0) };
        let found = run(&volume, &wish);
        let marked = found.voxels()[15 * 41 * 41..16 * 41 * 41].iter().filter(|v| 0.1 <= **v).count() as f64;
        let across = 1.0 / Vector::new(0.1, 0.2, 1.0).normalize().z;
        let measured = (marked * spacing_mm * spacing_mm / across / std::f64::consts::PI).sqrt();
        assert!((measured - radius_mm).abs() < 0.4, "{measured} mm for {radius_mm} mm");
    }
}

#[test]
fn slabs_threads_and_broken_values_change_nothing() {
    let volume = tube(Matrix3::identity(), [30, 30, 30], Vector::new(1.0, 1.0, 1.0), 3.0);
    let wish = Vessels { scales_mm: Vessels::scales([1.5, 4.0], 2), bright: true, contrast: None };
    let all = || run(&volume, &wish);
    let found = parallel::with_threads(1, all);
    assert_eq!(found, parallel::with_threads(3, all));
    assert!(0.5 < found.at([15, 15, 15]));
    let slabs = |thick: usize| {
        let mut out = vec![0.0_f32; volume.grid().len()];
        let slabs = Slabs { sigma_mm: 2.0, thick };
        slabs
            .each(&volume, &everywhere, &mut out, &Progress::default(), |h, out| {
                *out = h.trace() as f32;
                *out
            })
            .unwrap();
        out
    };
    assert_eq!(slabs(7), slabs(30));
    let half = vesselness(&volume, &wish, |o| o % 30 < 15, &Progress::default()).unwrap();
    assert!(half.voxels().iter().enumerate().all(|(o, v)| o % 30 < 15 || *v == 0.0) && 0.0 < half.at([14, 14, 14]));
    let mut voxels = volume.voxels().to_vec();
    voxels[0] = f32::NAN;
    let broken = run(&Volume::new(Arc::clone(volume.grid()), voxels).unwrap(), &wish);
    assert!(broken.voxels().iter().all(|v| v.is_finite()));
    let flat = Volume::new(Arc::clone(volume.grid()), vec![7_i16; volume.grid().len()]).unwrap();
    let nothing = vesselness(&flat, &wish, everywhere, &Progress::default()).unwrap();
    assert!(nothing.voxels().iter().all(|v| *v == 0.0));
}

#[test]
fn a_search_stops_when_told() {
    let volume = tube(Matrix3::identity(), [30, 30, 30], Vector::z(), 3.0);
    let progress = Progress::default();
    progress.cancel();
    assert!(vesselness(&volume, &one_scale(2.0), everywhere, &progress).is_err());
}

#[test]
fn marks_are_where_the_vesselness_reaches_the_threshold() {
    let step = Matrix3::from_diagonal(&Vector::new(0.7, 0.8, 1.1));
    let tube = body(step, [31, 31, 21], |at| 3.0 - at.x.hypot(at.y));
    let wish = Vessels { scales_mm: vec![1.0, 2.0], bright: true, contrast: None };
    let values = run(&tube, &wish);
    let largest = values.voxels().iter().copied().fold(0.0, f32::max);
    for threshold in [0.0, 0.3, 0.5 * largest, 1.0] {
        let (marks, most) = vessels_from(&tube, &wish, threshold, everywhere, &Progress::default()).unwrap();
        assert_eq!(most, largest);
        let agrees = |(mark, value): (&u8, &f32)| (*mark != 0) == (0.0 < *value && threshold <= *value);
        assert!(marks.voxels().iter().zip(values.voxels()).all(agrees), "from {threshold} on");
    }
    assert!(0.3 < largest, "{largest}");
}
