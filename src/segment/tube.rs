//! A tube through points, e.g. a vessel, drain or nerve drawn by hand.

use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use rayon::prelude::*;
use std::sync::Arc;

/// A place a tube goes through, and its radius there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bead {
    /// LPS mm.
    pub at: Point,
    /// More than 0.
    pub radius_mm: f64,
}

/// Points on a smooth curve through all beads, at most `step_mm` apart: a centripetal Catmull–Rom spline (Yuksel, Schaefer
/// and Keyser 2011), which makes no loops; radii go straight from bead to bead.
pub fn spline(beads: &[Bead], step_mm: f64) -> Vec<Bead> {
    let mut beads = beads.to_vec();
    beads.dedup_by(|b, a| (b.at - a.at).norm() < 1e-9);
    let n = beads.len();
    if n < 2 {
        return beads;
    }
    let mut curve = vec![beads[0]];
    for i in 0..n - 1 {
        let (b, c) = (beads[i].at, beads[i + 1].at);
        // Beyond the ends the line goes on as it came.
        let a = if i == 0 { b + (b - c) } else { beads[i - 1].at };
        let d = if i + 2 == n { c + (c - b) } else { beads[i + 2].at };
        let knot = |from: f64, p: Point, q: Point| from + (q - p).norm().sqrt();
        let t1 = knot(0.0, a, b);
        let t2 = knot(t1, b, c);
        let t3 = knot(t2, c, d);
        let steps = (1.5 * (c - b).norm() / step_mm).ceil().max(1.0) as usize;
        for s in 1..=steps {
            let part = s as f64 / steps as f64;
            let t = t1 + (t2 - t1) * part;
            let between = |p: Vector, q: Vector, from: f64, to: f64| (p * (to - t) + q * (t - from)) / (to - from);
            let ab = between(a.coords, b.coords, 0.0, t1);
            let bc = between(b.coords, c.coords, t1, t2);
            let cd = between(c.coords, d.coords, t2, t3);
            let at = between(between(ab, bc, 0.0, t2), between(bc, cd, t1, t3), t1, t2).into();
            let radius_mm = beads[i].radius_mm + (beads[i + 1].radius_mm - beads[i].radius_mm) * part;
            curve.push(Bead { at, radius_mm });
        }
    }
    curve
}

/// The beads themselves, joined by straight lines, or points on the spline through them.
pub fn course(beads: &[Bead], smooth: bool, step_mm: f64) -> Vec<Bead> {
    if smooth { spline(beads, step_mm) } else { beads.to_vec() }
}

/// How far apart points on a curve may be so that nothing is seen of the straight lines between them.
///
/// A quarter of the radius, but no less than half a voxel: where the curve bends no tighter than the tube is wide, it
/// leaves the lines by at most r/128.
pub fn step_mm(grid: &Grid, beads: &[Bead]) -> f64 {
    let finest_mm = grid.spacing_mm().into_iter().fold(f64::INFINITY, f64::min);
    let thinnest_mm = beads.iter().map(|bead| bead.radius_mm).fold(f64::INFINITY, f64::min);
    (0.25 * thinnest_mm).max(0.5 * finest_mm)
}

/// The voxels whose centres lie in a tube along the straight lines from bead to bead, with round ends and joints.
///
/// A voxel is inside if its distance to the nearest place on a line is at most the radius there.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn tube(grid: &Arc<Grid>, beads: &[Bead], progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let [ni, nj, nk] = grid.dims();
    let index_from_step = grid.step().try_inverse().expect("the step of a grid can be inverted");
    // A ball reaches this many voxels along each axis per mm of radius.
    let reach = [0, 1, 2].map(|axis| index_from_step.row(axis).norm());
    let dims = [ni, nj, nk];
    let ends: Vec<[Bead; 2]> = match beads {
        [only] => vec![[*only; 2]],
        _ => beads.windows(2).map(|pair| [pair[0], pair[1]]).collect(),
    };
    // Each piece with the box of voxels it may reach.
    let boxed = |[a, b]: &[Bead; 2]| {
        let middles = [a, b].map(|bead| grid.index_from_patient(bead.at));
        let range = |axis: usize| {
            let radii = [a, b].map(|bead| reach[axis] * bead.radius_mm);
            let low = (middles[0][axis] - radii[0]).min(middles[1][axis] - radii[1]).ceil().max(0.0);
            let high = (middles[0][axis] + radii[0]).max(middles[1][axis] + radii[1]).floor();
            let high = high.min(dims[axis] as f64 - 1.0);
            if high < low { 0..0 } else { low as usize..high as usize + 1 }
        };
        [range(0), range(1), range(2)]
    };
    let pieces: Vec<([Bead; 2], [std::ops::Range<usize>; 3])> = ends.iter().map(|ends| (*ends, boxed(ends))).collect();
    let mut voxels = vec![0_u8; grid.len()];
    voxels.par_chunks_mut(ni * nj).enumerate().try_for_each(|(k, slice)| {
        progress.check()?;
        for (ends, region) in pieces.iter().filter(|(_, region)| region[2].contains(&k)) {
            for j in region[1].clone() {
                for i in region[0].clone() {
                    let mark = &mut slice[j * ni + i];
                    if *mark == 0 && is_inside(grid.centre([i, j, k]), ends) {
                        *mark = 1;
                    }
                }
            }
        }
        Ok(())
    })?;
    Ok(Volume::new(Arc::clone(grid), voxels).expect("one mark per voxel"))
}

fn is_inside(p: Point, [a, b]: &[Bead; 2]) -> bool {
    let (line, from) = (b.at - a.at, p - a.at);
    let square = line.norm_squared();
    let t = if square == 0.0 { 0.0 } else { (from.dot(&line) / square).clamp(0.0, 1.0) };
    let radius_mm = a.radius_mm + t * (b.radius_mm - a.radius_mm);
    (from - t * line).norm_squared() <= radius_mm * radius_mm
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn bead(at: [f64; 3], radius_mm: f64) -> Bead {
        Bead { at: at.into(), radius_mm }
    }

    #[test]
    fn the_curve_goes_through_all_beads_and_a_straight_line_stays_straight() {
        let beads = [bead([0.0; 3], 1.0), bead([10.0, 0.0, 0.0], 2.0), bead([12.0, 9.0, 3.0], 1.0)];
        let curve = spline(&beads, 0.1);
        for bead in &beads {
            assert!(curve.iter().any(|on| (on.at - bead.at).norm() < 1e-9 && on.radius_mm == bead.radius_mm));
        }
        assert!(curve.windows(2).all(|pair| (pair[1].at - pair[0].at).norm() < 0.15));
        let straight = spline(&[bead([0.0; 3], 1.0), bead([0.0, 0.0, 9.0], 2.0)], 0.5);
        assert!(straight.iter().all(|on| on.at.x == 0.0 && (on.radius_mm - 1.0 - on.at.z / 9.0).abs() < 1e-9));
        assert_eq!(spline(&beads[..1], 0.1).len(), 1);
    }

    #[test]
    fn a_tube_on_a_turned_anisotropic_grid_has_the_volume_of_its_formula() {
        let turn = nalgebra::Rotation3::from_euler_angles(0.4, 0.2, -0.7);
        let step = turn.matrix() * nalgebra::Matrix3::from_diagonal(&Vector::new(0.5, 0.5, 1.0));
        let grid = Arc::new(Grid::new([80, 80, 60], (turn * Vector::new(-20.0, -20.0, -30.0)).into(), step).unwrap());
        let volume_mm3 = |beads: &[Bead]| {
            let mask = tube(&grid, beads, &Progress::default()).unwrap();
            mask.voxels().iter().filter(|v| **v != 0).count() as f64 * grid.voxel_mm3()
        };
        let found = volume_mm3(&[bead([-10.0, 0.0, 0.0], 4.0), bead([10.0, 0.0, 0.0], 4.0)]);
        let expected = PI * 16.0 * 20.0 + 4.0 / 3.0 * PI * 64.0;
        assert!((found / expected - 1.0).abs() < 0.01, "{found} for {expected} mm³");
        let ball = volume_mm3(&[bead([1.0, 2.0, 3.0], 5.0)]);
        assert!((ball / (4.0 / 3.0 * PI * 125.0) - 1.0).abs() < 0.02, "{ball} mm³");
        assert_eq!(volume_mm3(&[bead([500.0, 0.0, 0.0], 5.0)]), 0.0);
    }

    /// A quarter of a ring of 20 mm: Pappus gives its volume.
    #[test]
    fn a_bent_tube_has_the_volume_of_its_formula() {
        let grid = Arc::new(Grid::aligned([64, 64, 22], Point::new(-5.13, -5.07, -5.21), [0.5; 3]).unwrap());
        let at = |n: f64| bead([20.0 * (n * PI / 12.0).cos(), 20.0 * (n * PI / 12.0).sin(), 0.0], 3.0);
        let beads: Vec<Bead> = (0..=6).map(|n| at(f64::from(n))).collect();
        let curve = course(&beads, true, step_mm(&grid, &beads));
        let mask = tube(&grid, &curve, &Progress::default()).unwrap();
        let found = mask.voxels().iter().filter(|v| **v != 0).count() as f64 * grid.voxel_mm3();
        let expected = PI * 9.0 * 20.0 * PI / 2.0 + 4.0 / 3.0 * PI * 27.0;
        assert!((found / expected - 1.0).abs() < 0.015, "{found} for {expected} mm³");
    }
}
