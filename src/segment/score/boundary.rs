//! The boundary of a mask as small pieces with areas, between voxels where it is.

use crate::base::{Cancelled, Progress};
use crate::geom::{Aabb, Grid, Point, Vector};
use crate::image::Volume;
use crate::image::filter::squared_distance;
use crate::mesh::box_tree::BoxTree;
use marching_cubes::tables::TRI_TABLE;
use rayon::prelude::*;
use std::sync::Arc;

/// Corners of a cell in the order of the case table.
const CORNERS: [[usize; 3]; 8] =
    [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]];
/// The two corners of each edge of the case table.
const EDGES: [[usize; 2]; 12] =
    [[0, 1], [1, 2], [3, 2], [0, 3], [4, 5], [5, 6], [7, 6], [4, 7], [0, 4], [1, 5], [2, 6], [3, 7]];
/// Axes whose cosine is above this are not orthogonal, and distances are searched instead of swept.
const SHEAR: f64 = 1e-6;

/// The boundary of a mask inside a box of voxels.
///
/// Between eight voxel centres of which some are inside and some are not lies a piece of boundary; it is placed in their
/// middle and has the area of the triangles of marching cubes (Lorensen and Cline 1987) with vertices half way between
/// the centres: the surface elements of Nikolov et al. (2018, arXiv 1809.04430, section 3.1.3). The end of the grid is no
/// boundary.
pub(super) struct Boundary {
    /// On the corners of the voxels: which of its eight voxels are inside; 0 where there is no boundary.
    codes: Volume<u8>,
    /// mm² for each code.
    areas: Vec<f64>,
}

impl Boundary {
    /// The boundary of `mask` at the corners of the voxels from `low` to `high`, both included.
    pub(super) fn new(
        mask: &Volume<u8>,
        low: [usize; 3],
        high: [usize; 3],
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let dims = mask.grid().dims();
        let n = [0, 1, 2].map(|a| high[a] - low[a] + 2);
        let half = Vector::repeat(0.5);
        let first = Vector::from(low.map(|x| x as f64)) - half;
        let grid = Grid::new(n, mask.grid().patient_from_index(first), *mask.grid().step());
        let grid = Arc::new(grid.expect("the corners of a part of a grid form a grid"));
        let mut codes = vec![0_u8; grid.len()];
        // Corner c lies between the voxels c − 1 and c; beyond the grid its outermost voxels go on.
        let voxel = |a: usize, c: usize, upper: usize| (low[a] + c + upper).saturating_sub(1).min(dims[a] - 1);
        codes.par_chunks_mut(n[0] * n[1]).enumerate().try_for_each(|(k, slice)| {
            progress.check()?;
            let row = |j: usize, dj: usize, dk: usize| {
                let start = mask.grid().offset([0, voxel(1, j, dj), voxel(2, k, dk)]);
                &mask.voxels()[start..start + dims[0]]
            };
            for (j, out) in slice.chunks_mut(n[0]).enumerate() {
                let rows = [row(j, 0, 0), row(j, 1, 0), row(j, 0, 1), row(j, 1, 1)];
                for (i, out) in out.iter_mut().enumerate() {
                    let (left, right) = (voxel(0, i, 0), voxel(0, i, 1));
                    let inside = |row: usize, at: usize| u8::from(rows[row][at] != 0);
                    let code = inside(0, left)
                        | inside(0, right) << 1
                        | inside(1, right) << 2
                        | inside(1, left) << 3
                        | inside(2, left) << 4
                        | inside(2, right) << 5
                        | inside(3, right) << 6
                        | inside(3, left) << 7;
                    *out = if code == u8::MAX { 0 } else { code };
                }
            }
            Ok(())
        })?;
        let codes = Volume::new(grid, codes).expect("one code per corner");
        Ok(Self { codes, areas: areas(mask.grid()) })
    }

    /// Whether there is no piece.
    pub(super) fn is_empty(&self) -> bool {
        self.codes.voxels().par_iter().all(|code| *code == 0)
    }

    /// For every piece its distance in mm to the nearest piece of `other` (on the same box), and its area in mm², in the
    /// order of memory; exact between the middles of the pieces.
    pub(super) fn distances(&self, other: &Self, progress: &Progress) -> Result<Vec<(f64, f64)>, Cancelled> {
        let grid = self.codes.grid();
        if !is_orthogonal(grid) {
            return self.searched(other, progress);
        }
        let squared = squared_distance(&other.codes, f64::INFINITY, progress)?;
        let pieces = self.codes.voxels().iter().zip(squared.voxels()).filter(|(code, _)| **code != 0);
        Ok(pieces.map(|(code, squared)| (f64::from(*squared).sqrt(), self.areas[usize::from(*code)])).collect())
    }

    /// As [`Boundary::distances`], on any grid.
    fn searched(&self, other: &Self, progress: &Progress) -> Result<Vec<(f64, f64)>, Cancelled> {
        const BLOCK: usize = 1024;
        let places: Vec<Point> = other.pieces().map(|(place, _)| place).collect();
        let boxes: Vec<Aabb> = places.iter().map(|place| Aabb::of([place])).collect();
        let tree = BoxTree::new(&boxes);
        let pieces: Vec<(Point, f64)> = self.pieces().collect();
        let parts = pieces.par_chunks(BLOCK).map(|block| {
            progress.check()?;
            let nearest = |place: &Point| tree.nearest(place, |n| (places[n as usize] - place).norm_squared());
            Ok(block.iter().filter_map(|(place, area)| Some((nearest(place)?.1.sqrt(), *area))).collect::<Vec<_>>())
        });
        Ok(parts.collect::<Result<Vec<_>, Cancelled>>()?.concat())
    }

    /// Middles in mm and areas in mm² of all pieces, in the order of memory.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (Point, f64)> + '_ {
        let grid = self.codes.grid();
        let codes = self.codes.voxels().iter().enumerate().filter(|(_, code)| **code != 0);
        codes.map(|(offset, code)| (grid.centre(grid.voxel(offset)), self.areas[usize::from(*code)]))
    }
}

fn is_orthogonal(grid: &Grid) -> bool {
    let axis = |a: usize| grid.step().column(a).normalize();
    [(0, 1), (0, 2), (1, 2)].iter().all(|(a, b)| axis(*a).dot(&axis(*b)).abs() < SHEAR)
}

/// The area in mm² that each case of eight voxels has.
fn areas(grid: &Grid) -> Vec<f64> {
    let place = |corner: usize| grid.step() * Vector::from(CORNERS[corner].map(|x| x as f64));
    let middle = |edge: i16| {
        let [a, b] = EDGES[edge as usize];
        0.5 * (place(a) + place(b))
    };
    let area = |triangle: &[i16]| {
        let [a, b, c] = [0, 1, 2].map(|n| middle(triangle[n]));
        0.5 * (b - a).cross(&(c - a)).norm()
    };
    // The table counts the corners outside; for the area it is the same line of cases read backwards.
    (0..256).map(|code| TRI_TABLE[255 - code].chunks_exact(3).take_while(|t| 0 <= t[0]).map(area).sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Matrix3;

    #[test]
    fn the_pieces_of_a_flat_boundary_have_the_area_of_voxel_faces() {
        let grid = Grid::aligned([6, 6, 6], Point::origin(), [0.5, 1.0, 3.0]).unwrap();
        let areas = areas(&grid);
        // Four voxels at one side of each axis.
        assert_eq!([0b1001_1001, 0b0011_0011, 0b0000_1111].map(|code: usize| areas[code]), [3.0, 1.5, 0.5]);
        assert_eq!((areas[0], areas[255]), (0.0, 0.0));
    }

    #[test]
    fn searched_and_swept_distances_are_those_of_every_pair() {
        let progress = Progress::default();
        let turn = nalgebra::Rotation3::from_euler_angles(0.3, -0.2, 0.5);
        let orthogonal = turn.matrix() * Matrix3::from_diagonal(&Vector::new(0.7, 0.7, 5.0));
        let sheared = orthogonal + Matrix3::new(0.0, 0.0, 0.4, 0.0, 0.0, 1.3, 0.0, 0.0, 0.0);
        for step in [orthogonal, sheared] {
            let grid = Grid::new([22, 20, 9], Point::new(5.0, -3.0, 1.0), step).unwrap();
            let ball = |centre: [f64; 3], radius: f64| {
                let centre = grid.patient_from_index(Vector::from(centre));
                let inside = |o: usize| u8::from((grid.centre(grid.voxel(o)) - centre).norm() < radius);
                Volume::new(grid.clone(), (0..grid.len()).map(inside).collect()).unwrap()
            };
            let masks = [ball([9.0, 9.0, 3.0], 5.5), ball([12.0, 10.0, 4.0], 5.0)];
            let [a, b] = masks.map(|mask| Boundary::new(&mask, [0; 3], [21, 19, 8], &progress).unwrap());
            let others: Vec<Point> = b.pieces().map(|(place, _)| place).collect();
            let found = a.distances(&b, &progress).unwrap();
            assert!(100 < found.len());
            for ((place, area), (distance, found_area)) in a.pieces().zip(found) {
                let brute = others.iter().map(|other| (other - place).norm()).fold(f64::INFINITY, f64::min);
                assert!((distance - brute).abs() < 1e-4, "{distance} mm against {brute} mm");
                assert_eq!(area, found_area);
            }
        }
    }
}
