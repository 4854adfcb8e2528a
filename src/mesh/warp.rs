//! Images and places that follow a deformed mesh of tetrahedra.
//!
//! Inside the mesh everything moves with the tetrahedron it lies in (barycentric coordinates, so that affine motions are
//! exact). Outside, places move with the nearest place of its boundary, the less the farther away they are.

use super::box_tree::BoxTree;
use super::{Bvh, TetMesh};
use crate::base::{Cancelled, Progress};
use crate::geom::{Aabb, Grid, Point, Vector};
use crate::image::VoxelBox;
use nalgebra::Matrix3;
use rayon::prelude::*;

/// At this distance outside the mesh nothing moves any more, mm.
pub const FADE_MM: f64 = 30.0;

/// What fills a voxel of a deformed image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Origin {
    /// The mesh neither is nor was there: what was there before.
    Unmoved,
    /// The mesh is there now; the continuous index where that tissue was at rest.
    From([f32; 3]),
    /// The mesh was there and left.
    Left,
}

/// Where the voxels of a grid come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Warp {
    /// The part of the grid that the mesh covers at rest or deformed.
    pub region: VoxelBox,
    origins: Vec<Origin>,
}

impl Warp {
    /// The warp of `grid` by `mesh` displaced by `displacement_mm`, one vector per vertex; `None` where the mesh lies beside
    /// the grid.
    ///
    /// # Errors
    /// [`Cancelled`] if `progress` was cancelled.
    ///
    /// # Panics
    /// If there is not one displacement per vertex.
    pub fn new(
        grid: &Grid,
        mesh: &TetMesh,
        displacement_mm: &[Vector],
        progress: &Progress,
    ) -> Result<Option<Self>, Cancelled> {
        assert_eq!(displacement_mm.len(), mesh.positions().len(), "one displacement per vertex");
        let index = |point: Point| grid.index_from_patient(point);
        let rest: Vec<Vector> = mesh.positions().iter().map(|point| index(*point)).collect();
        let now: Vec<Vector> =
            mesh.positions().iter().zip(displacement_mm).map(|(point, by)| index(point + by)).collect();
        let dims = grid.dims();
        let all = rest.iter().chain(&now);
        let (low, high) = all
            .fold((Vector::repeat(f64::INFINITY), Vector::repeat(f64::NEG_INFINITY)), |(low, high), p| {
                (low.inf(p), high.sup(p))
            });
        let range = |axis: usize| {
            let first = low[axis].ceil().max(0.0) as usize;
            first..((high[axis].floor() + 1.0).max(0.0) as usize).min(dims[axis])
        };
        let region: VoxelBox = [range(0), range(1), range(2)];
        if region.iter().any(|range| range.is_empty()) {
            return Ok(None);
        }
        let [ni, nj, nk] = [0, 1, 2].map(|axis| region[axis].len());
        let mut origins = vec![Origin::Unmoved; ni * nj * nk];
        let slices = [&now, &rest].map(|places| by_slice(mesh, places, &region[2]));
        let done = std::sync::atomic::AtomicUsize::new(0);
        origins.par_chunks_mut(ni * nj).enumerate().try_for_each(|(n, slice)| {
            progress.step(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed), nk)?;
            let k = region[2].start + n;
            for tet in &slices[1][n] {
                let corners = mesh.tets()[*tet as usize].map(|v| rest[v as usize]);
                fill(&corners, k, &region, |at, _| slice[at] = Origin::Left);
            }
            for tet in slices[0][n].iter().rev() {
                let corners = mesh.tets()[*tet as usize];
                fill(&corners.map(|v| now[v as usize]), k, &region, |at, weights| {
                    let from: Vector = (0..4).map(|c| rest[corners[c] as usize] * weights[c]).sum();
                    slice[at] = Origin::From([from.x as f32, from.y as f32, from.z as f32]);
                });
            }
            Ok(())
        })?;
        Ok(Some(Self { region, origins }))
    }

    /// Where the voxels of row `j`, `k` of the grid come from, from the first of the region on.
    pub fn row(&self, j: usize, k: usize) -> &[Origin] {
        let [ni, nj] = [self.region[0].len(), self.region[1].len()];
        let first = ((k - self.region[2].start) * nj + (j - self.region[1].start)) * ni;
        &self.origins[first..first + ni]
    }
}

/// For each slice of `range` the tetrahedra that reach into it, ascending.
fn by_slice(mesh: &TetMesh, places: &[Vector], range: &std::ops::Range<usize>) -> Vec<Vec<u32>> {
    let mut slices = vec![Vec::new(); range.len()];
    for (tet, corners) in (0..).zip(mesh.tets()) {
        let z = corners.map(|v| places[v as usize].z);
        let low = z.into_iter().fold(f64::INFINITY, f64::min).ceil().max(range.start as f64);
        let high = z.into_iter().fold(f64::NEG_INFINITY, f64::max).floor().min(range.end as f64 - 1.0);
        let mut k = low;
        while k <= high {
            slices[k as usize - range.start].push(tet);
            k += 1.0;
        }
    }
    slices
}

/// Call `set` with the place in the slice and the weights of the corners for every voxel of slice `k` in a tetrahedron.
fn fill(corners: &[Vector; 4], k: usize, region: &VoxelBox, mut set: impl FnMut(usize, [f64; 4])) {
    let [a, b, c, d] = corners;
    let Some(inverse) = Matrix3::from_columns(&[b - a, c - a, d - a]).try_inverse() else { return };
    let range = |axis: usize| {
        let low = corners.iter().map(|p| p[axis]).fold(f64::INFINITY, f64::min).ceil();
        let high = corners.iter().map(|p| p[axis]).fold(f64::NEG_INFINITY, f64::max).floor();
        let first = low.max(region[axis].start as f64) as usize;
        first..((high + 1.0).max(0.0) as usize).min(region[axis].end)
    };
    for j in range(1) {
        for i in range(0) {
            let part = inverse * (Vector::new(i as f64, j as f64, k as f64) - a);
            let weights = [1.0 - part.x - part.y - part.z, part.x, part.y, part.z];
            if weights.iter().all(|weight| -1e-9 <= *weight) {
                set((j - region[1].start) * region[0].len() + (i - region[0].start), weights);
            }
        }
    }
}

/// Where `points` are when `mesh` is displaced by `displacement_mm`, one vector per vertex, mm.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
///
/// # Panics
/// If there is not one displacement per vertex.
pub fn carried(
    points: &[Point],
    mesh: &TetMesh,
    displacement_mm: &[Vector],
    progress: &Progress,
) -> Result<Vec<Point>, Cancelled> {
    assert_eq!(displacement_mm.len(), mesh.positions().len(), "one displacement per vertex");
    let boxes: Vec<Aabb> = (0..mesh.tets().len()).into_par_iter().map(|tet| Aabb::of(mesh.corners(tet))).collect();
    let tree = BoxTree::new(&boxes);
    let (surface, _) = mesh.boundary();
    let boundary = Bvh::new(&surface);
    progress.set(0.3)?;
    let carry = |point: &Point| -> Result<Point, Cancelled> {
        progress.check()?;
        let mut moved = None;
        tree.holding(point, |tet| {
            let [a, b, c, d] = mesh.corners(tet as usize);
            let Some(inverse) = Matrix3::from_columns(&[b - a, c - a, d - a]).try_inverse() else { return false };
            let part = inverse * (point - a);
            let weights = [1.0 - part.x - part.y - part.z, part.x, part.y, part.z];
            let inside = weights.iter().all(|weight| -1e-12 <= *weight);
            if inside {
                let corners = mesh.tets()[tet as usize];
                moved = Some((0..4).map(|n| displacement_mm[corners[n] as usize] * weights[n]).sum::<Vector>());
            }
            inside
        });
        let by = moved.unwrap_or_else(|| {
            let Some(near) = boundary.closest(point) else { return Vector::zeros() };
            let corners = surface.triangles()[near.triangle];
            let there: Vector = (0..3).map(|n| displacement_mm[corners[n] as usize] * near.weights[n]).sum();
            there * (1.0 - near.distance_mm / FADE_MM).max(0.0)
        });
        Ok(point + by)
    };
    points.par_iter().with_min_len(256).map(carry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::block::block;

    /// A block of 40 × 30 × 20 mm in a grid of 2 mm that reaches 10 mm beyond it, moved by `motion`.
    fn warped(motion: impl Fn(&Point) -> Vector) -> (Grid, TetMesh, Warp) {
        let mesh = block([4, 3, 2], [40.0, 30.0, 20.0]);
        let grid = Grid::aligned([31, 26, 21], Point::new(-10.3, -10.1, -10.2), [2.0, 2.0, 2.0]).unwrap();
        let by: Vec<Vector> = mesh.positions().iter().map(motion).collect();
        let warp = Warp::new(&grid, &mesh, &by, &Progress::default()).unwrap().unwrap();
        (grid, mesh, warp)
    }

    #[test]
    fn an_affine_motion_brings_every_voxel_back_to_where_it_came_from() {
        let turn = Matrix3::new(1.1, 0.1, 0.0, -0.05, 0.9, 0.1, 0.0, 0.05, 1.0);
        let (grid, _, warp) = warped(|p| (turn - Matrix3::identity()) * p.coords + Vector::new(3.0, -2.0, 1.0));
        let back = turn.try_inverse().unwrap();
        let inside = |p: &Point, margin: f64| (0..3).all(|i| -margin <= p[i] && p[i] <= [40.0, 30.0, 20.0][i] + margin);
        let (mut from, mut left) = (0, 0);
        for k in warp.region[2].clone() {
            for j in warp.region[1].clone() {
                for (n, origin) in warp.row(j, k).iter().enumerate() {
                    let now = grid.centre([warp.region[0].start + n, j, k]);
                    let rest = Point::from(back * (now.coords - Vector::new(3.0, -2.0, 1.0)));
                    match origin {
                        Origin::From(index) => {
                            let there = grid.patient_from_index(Vector::from(index.map(f64::from)));
                            assert!((there - rest).norm() < 1e-4, "{there} {rest}");
                            from += 1;
                        }
                        Origin::Left => {
                            assert!(inside(&now, 1e-6) && !inside(&rest, -1e-6));
                            left += 1;
                        }
                        Origin::Unmoved => assert!(!inside(&now, -1e-6) && !inside(&rest, -1e-6)),
                    }
                }
            }
        }
        assert!(1000 < from && 10 < left, "{from} {left}");
    }

    #[test]
    fn places_inside_move_with_the_mesh_and_outside_less_and_less() {
        let mesh = block([4, 3, 2], [40.0, 30.0, 20.0]);
        let by = vec![Vector::new(0.0, 0.0, 6.0); mesh.positions().len()];
        let places = [10.0, 20.0, 35.0, 49.9, 50.1, 500.0].map(|z| Point::new(20.0, 15.0, z));
        let moved = carried(&places, &mesh, &by, &Progress::default()).unwrap();
        let ways: Vec<f64> = moved.iter().zip(&places).map(|(now, before)| now.z - before.z).collect();
        assert!((ways[0] - 6.0).abs() < 1e-12 && (ways[1] - 6.0).abs() < 1e-9, "{ways:?}");
        assert!((ways[2] - 3.0).abs() < 1e-9 && ways[3] < 0.1 && ways[4] == 0.0 && ways[5] == 0.0, "{ways:?}");
    }

    #[test]
    fn a_mesh_beside_the_grid_moves_nothing_and_a_flat_one_leaves() {
        let mesh = block([1, 1, 1], [10.0; 3]);
        let grid = Grid::aligned([5, 5, 5], Point::new(100.0, 0.0, 0.0), [1.0; 3]).unwrap();
        let still = vec![Vector::zeros(); mesh.positions().len()];
        assert_eq!(Warp::new(&grid, &mesh, &still, &Progress::default()).unwrap(), None);
        let (_, _, warp) = warped(|p| Vector::new(0.0, 0.0, -p.z - 100.0));
        let all = warp.region[2].clone().flat_map(|k| warp.region[1].clone().map(move |j| (j, k)));
        assert!(all.into_iter().all(|(j, k)| warp.row(j, k).iter().all(|origin| !matches!(origin, Origin::From(_)))));
        let cancelled = Progress::default();
        cancelled.cancel();
        assert!(Warp::new(&grid, &mesh, &still, &cancelled).is_ok(), "beside the grid there is nothing to do");
    }
}
