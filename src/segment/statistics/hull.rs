//! The few points of a mask's border that its longest axes and boxes can touch.

use crate::image::Volume;

/// A point in half voxels: voxel centres have even numbers, the middles of voxel faces one odd number.
pub(super) type Half = [i32; 3];

/// Middles of the outermost voxel faces of every row, column and stack of the mask.
pub(super) fn face_middles(mask: &Volume<u8>) -> Vec<Half> {
    let [ni, nj, nk] = mask.grid().dims();
    let none = (usize::MAX, 0);
    let (mut columns, mut stacks) = (vec![none; ni * nk], vec![none; ni * nj]);
    let mut points = Vec::new();
    let half = |x: usize| 2 * x as i32;
    for k in 0..nk {
        for j in 0..nj {
            let row = &mask.voxels()[(k * nj + j) * ni..(k * nj + j + 1) * ni];
            let Some(first) = row.iter().position(|value| *value != 0) else { continue };
            let last = row.iter().rposition(|value| *value != 0).unwrap_or(first);
            points.extend([[half(first) - 1, half(j), half(k)], [half(last) + 1, half(j), half(k)]]);
            for i in (first..=last).filter(|i| row[*i] != 0) {
                let (column, stack) = (&mut columns[k * ni + i], &mut stacks[j * ni + i]);
                *column = (column.0.min(j), column.1.max(j));
                *stack = (stack.0.min(k), stack.1.max(k));
            }
        }
    }
    for (n, (first, last)) in columns.iter().enumerate().filter(|(_, ends)| ends.0 != usize::MAX) {
        let (i, k) = (half(n % ni), half(n / ni));
        points.extend([[i, half(*first) - 1, k], [i, half(*last) + 1, k]]);
    }
    for (n, (first, last)) in stacks.iter().enumerate().filter(|(_, ends)| ends.0 != usize::MAX) {
        let (i, j) = (half(n % ni), half(n / ni));
        points.extend([[i, j, half(*first) - 1], [i, j, half(*last) + 1]]);
    }
    points
}

/// The points that are corners of the convex hull within their plane across each axis: all corners of the whole hull are
/// among them, in order.
pub(super) fn corners(mut points: Vec<Half>) -> Vec<Half> {
    for axis in 0..3 {
        points = plane_corners(points, axis);
    }
    points
}

/// The points that are corners of the convex hull of those with the same coordinate along `axis`, in order.
pub(super) fn plane_corners(mut points: Vec<Half>, axis: usize) -> Vec<Half> {
    let [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
    let key = |p: &Half| [p[axis], p[u], p[v]];
    points.sort_unstable_by_key(key);
    points.dedup();
    let mut kept = Vec::new();
    for plane in points.chunk_by(|a, b| a[axis] == b[axis]) {
        let flat: Vec<[i64; 2]> = plane.iter().map(|p| [i64::from(p[u]), i64::from(p[v])]).collect();
        let cross = |o: usize, a: usize, b: usize| {
            let (a, b) = ([0, 1].map(|n| flat[a][n] - flat[o][n]), [0, 1].map(|n| flat[b][n] - flat[o][n]));
            a[0] * b[1] - a[1] * b[0]
        };
        kept.extend(chain(plane.len(), |o, a, b| cross(o, a, b) <= 0).into_iter().map(|n| plane[n]));
    }
    kept
}

/// The corners of the convex hull of sorted points in a plane (Andrew's monotone chain, 1979): `turns_in(o, a, b)` tells
/// whether the way over `a` does not turn left.
pub(super) fn chain(n: usize, turns_in: impl Fn(usize, usize, usize) -> bool) -> Vec<usize> {
    if n < 3 {
        return (0..n).collect();
    }
    let half = |order: &mut dyn Iterator<Item = usize>| {
        let mut line: Vec<usize> = Vec::new();
        for next in order {
            while let [.., o, a] = line[..] {
                if !turns_in(o, a, next) {
                    break;
                }
                line.pop();
            }
            line.push(next);
        }
        line
    };
    let (lower, upper) = (half(&mut (0..n)), half(&mut (0..n).rev()));
    let mut all: Vec<usize> = lower.into_iter().chain(upper).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::{Grid, Point};

    #[test]
    fn a_box_has_few_corners() {
        let grid = Grid::aligned([9, 8, 7], Point::origin(), [1.0; 3]).unwrap();
        let inside = |o: usize| {
            let [i, j, k] = grid.voxel(o);
            (2..6).contains(&i) && (1..7).contains(&j) && (3..6).contains(&k)
        };
        let mask = Volume::new(grid.clone(), (0..grid.len()).map(|o| u8::from(inside(o))).collect()).unwrap();
        // Four face middles at the corners of each of six faces.
        assert_eq!(corners(face_middles(&mask)).len(), 24);
    }

    /// Farthest pairs must be the same with and without the points that were dropped.
    #[test]
    fn no_farthest_point_is_lost() {
        let grid = Grid::aligned([17, 15, 13], Point::origin(), [1.0; 3]).unwrap();
        let mut rng = Rng::new(3);
        for _ in 0..20 {
            let voxels = (0..grid.len()).map(|_| u8::from(rng.unit() < 0.02)).collect();
            let mask = Volume::new(grid.clone(), voxels).unwrap();
            let all = face_middles(&mask);
            let few = corners(all.clone());
            for _ in 0..50 {
                let direction = [0; 3].map(|_| rng.unit() - 0.5);
                let along = |p: &Half| (0..3).map(|a| f64::from(p[a]) * direction[a]).sum::<f64>();
                let farthest = |points: &[Half]| points.iter().map(along).fold(f64::NEG_INFINITY, f64::max);
                assert_eq!(farthest(&all), farthest(&few));
            }
        }
    }
}
