//! The surface between two parts of an organ's voxels, as the face of a cut.

use crate::geom::{Point, Vector};
use crate::image::Volume;
use crate::mesh::Surface;
use rayon::prelude::*;

/// How often places are moved towards the middle of their neighbours and back out, and by which part of the way: smooth, and
/// no smaller for it (Taubin 1995, SIGGRAPH).
const ROUNDS: usize = 10;
const IN_AND_OUT: [f64; 2] = [0.5, -0.53];

/// The surface between what is 1 and what is 2 in `parted`, facing what is 1; open where either meets 0, and empty where they
/// do not meet.
///
/// A surface net with relaxation (Gibson 1998, MICCAI, LNCS 1496:888): one place in every cube of eight voxel centres that
/// holds both, one quadrilateral across every pair of voxels that touch. Places are smoothed but never leave their cube, so
/// that every voxel centre stays on its own side; places of the open edge follow the edge only.
pub(super) fn interface(parted: &Volume<u8>) -> Surface {
    let grid = parted.grid();
    let dims = grid.dims();
    let pairs = pairs(parted);
    // A cube is told by its upper corner: cubes reach one beyond the grid at its start.
    let cube = |[i, j, k]: [usize; 3]| (k * (dims[1] + 1) + j) * (dims[0] + 1) + i;
    let quads: Vec<[usize; 4]> = pairs.iter().map(|pair| pair.cubes().map(cube)).collect();
    let mut cubes: Vec<usize> = quads.as_flattened().to_vec();
    cubes.par_sort_unstable();
    cubes.dedup();
    let number = |cube: &usize| cubes.binary_search(cube).expect("it is of a quadrilateral") as u32;
    let quads: Vec<[u32; 4]> = quads.par_iter().map(|quad| [0, 1, 2, 3].map(|n| number(&quad[n]))).collect();
    // In index space: where voxels of the two touch, half-way between their centres.
    let mut sums = vec![(Vector::zeros(), 0.0_f64); cubes.len()];
    for (pair, quad) in pairs.iter().zip(&quads) {
        for n in quad {
            let (sum, count) = &mut sums[*n as usize];
            *sum += pair.middle();
            *count += 1.0;
        }
    }
    let mut places: Vec<Vector> = sums.into_iter().map(|(sum, count)| sum / count).collect();
    let lowest = |cube: usize| {
        let [ni, nj] = [dims[0] + 1, dims[1] + 1];
        Vector::new((cube % ni) as f64, (cube / ni % nj) as f64, (cube / (ni * nj)) as f64) - Vector::repeat(1.0)
    };
    let around = neighbours(&quads, cubes.len());
    for part in IN_AND_OUT.into_iter().cycle().take(2 * ROUNDS) {
        let moved = |n: usize| {
            let own = around.of(n);
            if own.is_empty() {
                return places[n];
            }
            let middle = own.iter().map(|other| places[*other as usize]).sum::<Vector>() / own.len() as f64;
            let low = lowest(cubes[n]);
            let to = places[n] + (middle - places[n]) * part;
            Vector::from_fn(|a, _| to[a].clamp(low[a], low[a] + 1.0))
        };
        places = (0..places.len()).into_par_iter().map(moved).collect();
    }
    // Where the axes of the grid make a left hand, what runs against the clock in it does not in space.
    let is_mirrored = grid.step().determinant() < 0.0;
    let triangles = pairs.iter().zip(&quads).flat_map(|(pair, [a, b, c, d])| {
        if pair.rises == is_mirrored { [[*a, *c, *b], [*a, *d, *c]] } else { [[*a, *b, *c], [*a, *c, *d]] }
    });
    let positions: Vec<Point> = places.into_iter().map(|place| grid.patient_from_index(place)).collect();
    Surface::new(positions, triangles.collect()).expect("numbers of places that are finite")
}

/// Two voxels that touch and lie in different parts: the lower one, and the axis to the other.
struct Pair {
    voxel: [usize; 3],
    axis: usize,
    /// Whether the upper one is 1.
    rises: bool,
}

impl Pair {
    fn middle(&self) -> Vector {
        let mut middle = Vector::new(self.voxel[0] as f64, self.voxel[1] as f64, self.voxel[2] as f64);
        middle[self.axis] += 0.5;
        middle
    }

    /// The four cubes about the way between their centres, by their upper corners, against the clock seen from the upper one.
    fn cubes(&self) -> [[usize; 3]; 4] {
        let [b, c] = [(self.axis + 1) % 3, (self.axis + 2) % 3];
        [[1, 1], [0, 1], [0, 0], [1, 0]].map(|[along_b, along_c]| {
            let mut cube = self.voxel;
            cube[self.axis] += 1;
            cube[b] += along_b;
            cube[c] += along_c;
            cube
        })
    }
}

/// All pairs, in the order of the voxels.
fn pairs(parted: &Volume<u8>) -> Vec<Pair> {
    let (dims, voxels) = (parted.grid().dims(), parted.voxels());
    let strides = [1, dims[0], dims[0] * dims[1]];
    let of_slice = |k: usize| {
        let mut found = Vec::new();
        for j in 0..dims[1] {
            let row = k * strides[2] + j * strides[1];
            for i in 0..dims[0] {
                let own = voxels[row + i];
                if own == 0 {
                    continue;
                }
                let voxel = [i, j, k];
                for axis in 0..3 {
                    let other = if voxel[axis] + 1 < dims[axis] { voxels[row + i + strides[axis]] } else { 0 };
                    if other != 0 && other != own {
                        found.push(Pair { voxel, axis, rises: other == 1 });
                    }
                }
            }
        }
        found
    };
    let slices: Vec<Vec<Pair>> = (0..dims[2]).into_par_iter().map(of_slice).collect();
    slices.into_iter().flatten().collect()
}

/// The neighbours of every place, one list after another.
struct Around {
    starts: Vec<usize>,
    all: Vec<u32>,
}

impl Around {
    fn of(&self, n: usize) -> &[u32] {
        &self.all[self.starts[n]..self.starts[n + 1]]
    }
}

/// Which places are joined by an edge of a quadrilateral; for a place of the open edge only along that.
fn neighbours(quads: &[[u32; 4]], count: usize) -> Around {
    let edges = quads.iter().flat_map(|[a, b, c, d]| [[*a, *b], [*b, *c], [*c, *d], [*d, *a]]);
    let mut edges: Vec<[u32; 2]> = edges.map(|[a, b]| [a.min(b), a.max(b)]).collect();
    edges.par_sort_unstable();
    let mut is_open = vec![false; count];
    let mut joined: Vec<([u32; 2], bool)> = Vec::with_capacity(edges.len() / 2);
    for run in edges.chunk_by(|a, b| a == b) {
        let open = run.len() == 1;
        joined.push((run[0], open));
        if open {
            run[0].iter().for_each(|n| is_open[*n as usize] = true);
        }
    }
    let both = joined.iter().flat_map(|([a, b], open)| [([*a, *b], *open), ([*b, *a], *open)]);
    let mut list: Vec<[u32; 2]> =
        both.filter(|([a, _], open)| *open || !is_open[*a as usize]).map(|(edge, _)| edge).collect();
    list.par_sort_unstable();
    let mut starts = vec![0; count + 1];
    list.iter().for_each(|[a, _]| starts[*a as usize + 1] += 1);
    (0..count).for_each(|n| starts[n + 1] += starts[n]);
    Around { starts, all: list.into_iter().map(|[_, b]| b).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Grid;
    use std::sync::Arc;

    /// 1 where `side` of a voxel centre within 18 mm of the origin is positive, 2 where it is not.
    fn parted(grid: &Arc<Grid>, side: impl Fn(&Point) -> f64) -> Volume<u8> {
        let label = |o: usize| {
            let p = grid.centre(grid.voxel(o));
            if 18.0 < p.coords.norm() { 0 } else { 1 + u8::from(side(&p) < 0.0) }
        };
        Volume::new(Arc::clone(grid), (0..grid.len()).map(label).collect()).unwrap()
    }

    fn grid(steps: [f64; 3]) -> Arc<Grid> {
        let half = steps.map(|step: f64| (20.0 / step.abs()).ceil());
        let origin = Point::from([0, 1, 2].map(|a| -half[a] * steps[a] + 0.01));
        let columns = nalgebra::Matrix3::from_diagonal(&Vector::from(steps));
        Arc::new(Grid::new(half.map(|n| 2 * n as usize + 1), origin, columns).unwrap())
    }

    #[test]
    fn it_lies_between_the_parts_smooth_and_faces_what_is_taken() {
        let normal = Vector::new(1.0, 0.35, -0.2).normalize();
        // The third has axes of a left hand.
        for steps in [[1.0; 3], [0.8, 0.8, 1.6], [1.0, -1.0, 1.0]] {
            let grid = grid(steps);
            let step_mm = steps.iter().map(|step| step.abs()).fold(0.0, f64::max);
            let found = interface(&parted(&grid, |p| p.coords.dot(&normal) - 3.0));
            let off = found.positions().iter().map(|p| (p.coords.dot(&normal) - 3.0).abs());
            let (sum, worst) = off.clone().fold((0.0, 0.0_f64), |(sum, worst), mm| (sum + mm, worst.max(mm)));
            let mean = sum / found.positions().len() as f64;
            assert!(worst < 0.75 * step_mm && mean < 0.2 * step_mm, "{steps:?}: mean {mean}, worst {worst} mm");
            // A disc of 18 mm, 3 mm from the middle.
            let disc_cm2 = std::f64::consts::PI * (18.0_f64.powi(2) - 9.0) / 100.0;
            let area_cm2 = found.area_cm2();
            // Its edge ends at the outermost centres, half a voxel before the parts do.
            assert!((area_cm2 / disc_cm2 - 1.0).abs() < 0.15, "{steps:?}: {area_cm2} of {disc_cm2} cm²");
            let normals = found.triangles().iter().map(|triangle| {
                let [a, b, c] = found.corners(*triangle);
                (b - a).cross(&(c - a))
            });
            let sum: Vector = normals.sum();
            assert!(0.99 < sum.normalize().dot(&normal), "{steps:?}: {sum}");
        }
    }

    #[test]
    fn a_part_inside_another_has_a_closed_face_with_all_its_centres_inside() {
        let grid = grid([1.0; 3]);
        let parted = parted(&grid, |p| (p - Point::new(2.0, 1.0, -1.0)).norm() - 7.3);
        let found = interface(&parted);
        assert_eq!(found.open_edges(), 0);
        // Facing what is taken: outwards.
        let ml = found.volume_ml();
        let voxels = parted.voxels().iter().filter(|label| **label == 2).count() as f64 / 1000.0;
        assert!((ml / voxels - 1.0).abs() < 0.06, "{ml} of {voxels} ml");
        let search = crate::mesh::Bvh::new(&found);
        for o in (0..grid.len()).filter(|o| parted.voxels()[*o] == 2).step_by(7) {
            let point = grid.centre(grid.voxel(o));
            assert!(search.is_inside(&point) || search.closest(&point).is_some_and(|near| near.distance_mm < 0.3));
        }
    }

    #[test]
    fn parts_that_do_not_meet_have_none() {
        let grid = grid([1.0; 3]);
        assert!(interface(&parted(&grid, |_| 1.0)).triangles().is_empty());
        let label = |o: usize| match grid.centre(grid.voxel(o)).x {
            x if x < -1.0 => 1,
            x if 1.0 < x => 2,
            _ => 0,
        };
        let apart = Volume::new(Arc::clone(&grid), (0..grid.len()).map(label).collect()).unwrap();
        assert!(interface(&apart).triangles().is_empty());
    }
}
