//! The voxels nearest to the points of a row.

use crate::geom::Vector;
use crate::image::resample::nearest;
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// Points found together.
const BLOCK: usize = 64;

/// The places `x` of a row of `n` for which the index `start + step x` is in a voxel: one range, for a grid is convex.
fn inside(start: Vector, step: Vector, dims: [usize; 3], n: usize) -> Range<usize> {
    let (mut from, mut to) = (0.0_f64, n as f64);
    // Along an axis that a row lies across, nothing is to be found by division.
    for a in (0..3).filter(|a| 1e-9 < step[*a].abs()) {
        let ends = [-0.5, dims[a] as f64 - 0.5].map(|end| (end - start[a]) / step[a]);
        from = from.max(ends[0].min(ends[1]) - 1.0);
        to = to.min(ends[0].max(ends[1]) + 2.0);
    }
    // A place more at both ends, and then exactly those for which it holds.
    let from = (from as usize).min(n);
    let mut places = from..(to.max(0.0) as usize).clamp(from, n);
    let holds = |x: usize| nearest(start + step * x as f64, dims).is_some();
    while !places.is_empty() && !holds(places.start) {
        places.start += 1;
    }
    while !places.is_empty() && !holds(places.end - 1) {
        places.end -= 1;
    }
    places
}

/// Call `found(x, voxel)` for every place `x` of a row of `n` whose index `start + step x` is in a voxel, in order.
pub(super) fn nearest_voxels(
    start: Vector,
    step: Vector,
    dims: [usize; 3],
    n: usize,
    arch: Arch,
    mut found: impl FnMut(usize, [usize; 3]),
) {
    let places = inside(start, step, dims, n);
    let mut voxels = [[0; BLOCK]; 3];
    for first in places.clone().step_by(BLOCK) {
        arch.dispatch(Truncate { start, step, first, voxels: &mut voxels });
        for x in first..places.end.min(first + BLOCK) {
            found(x, [0, 1, 2].map(|a| voxels[a][x - first] as usize));
        }
    }
}

/// Rounding the indices from place `first` on.
struct Truncate<'a> {
    start: Vector,
    step: Vector,
    first: usize,
    voxels: &'a mut [[i32; BLOCK]; 3],
}

impl WithSimd for Truncate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for a in 0..3 {
            for (x, voxel) in self.voxels[a].iter_mut().enumerate() {
                *voxel = (self.start[a] + self.step[a] * f64::from((self.first + x) as i32) + 0.5) as i32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_voxels_of_a_row_are_those_of_its_points() {
        let dims = [70, 9, 5];
        for (start, step) in [
            (Vector::new(-0.5, 4.0, 2.0), Vector::new(0.31, 0.0, 0.0)),
            (Vector::new(80.2, -1.3, 4.49), Vector::new(-0.43, 0.07, -0.02)),
            (Vector::new(3.0, 8.5, 1.0), Vector::new(0.1, 0.0, 0.0)),
            (Vector::new(3.0, -0.5, 1.0), Vector::new(0.1, -1e-18, 0.0)),
            (Vector::new(f64::NAN, 0.0, 1.0), Vector::new(0.1, 0.0, 0.0)),
        ] {
            let mut found = vec![None; 300];
            nearest_voxels(start, step, dims, 300, Arch::new(), |x, voxel| found[x] = Some(voxel));
            let expected: Vec<_> = (0..300).map(|x| nearest(start + step * x as f64, dims)).collect();
            assert_eq!(found, expected);
        }
    }
}
