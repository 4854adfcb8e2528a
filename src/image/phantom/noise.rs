//! Label maps to try meshing on: holes, islands, bridges of one voxel, checkerboards, labels at every border.

use crate::base::rng::Rng;
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use nalgebra::{Matrix3, Rotation3};

/// A small label map of up to five labels that nobody would draw: of ten kinds, by `case`, on turned and mirrored grids.
///
/// It always holds at least one labelled voxel.
pub fn noisy_labels(case: usize, rng: &mut Rng) -> Volume<u8> {
    let turn = Rotation3::from_euler_angles(rng.unit(), rng.unit(), rng.unit());
    let mirror = if case % 3 == 0 { -1.0 } else { 1.0 };
    let step = turn.matrix() * Matrix3::from_diagonal(&Vector::new(0.8, 0.8, mirror * rng.between(0.5, 4.0)));
    let dims = [1 + rng.below(16), 1 + rng.below(16), 1 + rng.below(12)];
    let grid = Grid::new(dims, Point::new(100.0, -200.0, 300.0), step).expect("steps of at least half a millimetre");
    let count = 1 + rng.below(5);
    let centre = dims.map(|n| 0.5 * n as f64);
    let mut voxels: Vec<u8> = (0..grid.len())
        .map(|offset| {
            let [i, j, k] = grid.voxel(offset);
            let away = |n: usize, x: usize| (x as f64 + 0.5 - centre[n]) / centre[n];
            let radius = (away(0, i).powi(2) + away(1, j).powi(2) + away(2, k).powi(2)).sqrt();
            match case % 10 {
                // Labels at every border, without a background.
                0 => 1 + rng.below(count) as u8,
                // Checkerboards: of voxels, and of blocks of four.
                1 => 1 + ((i + j + k) % 2) as u8,
                2 => 1 + ((i / 4 + j / 4 + k / 4) % 3) as u8,
                // Sparse specks.
                3 => {
                    if rng.unit() < 0.05 {
                        1 + rng.below(count) as u8
                    } else {
                        0
                    }
                }
                // An organ with a tumour and holes.
                4 | 5 if rng.unit() < 0.15 => 0,
                4 | 5 => {
                    if radius < 0.5 {
                        2
                    } else {
                        u8::from(radius < 1.0)
                    }
                }
                // Two halves that touch, joined with a third by a bridge of a voxel.
                6 => match (2 * i).cmp(&dims[0]) {
                    std::cmp::Ordering::Less => 1,
                    std::cmp::Ordering::Equal => {
                        if j == dims[1] / 2 && k == dims[2] / 2 {
                            2
                        } else {
                            0
                        }
                    }
                    std::cmp::Ordering::Greater => 2 + u8::from(j * 2 < dims[1]),
                },
                // Sectors that meet in a line, under noise.
                7 => {
                    if rng.unit() < 0.1 {
                        rng.below(4) as u8
                    } else {
                        1 + u8::from(away(0, i) < 0.0) + 2 * u8::from(away(1, j) < 0.0)
                    }
                }
                // A label of a voxel in another.
                8 => 1 + u8::from([i, j, k] == dims.map(|n| n / 2)),
                _ => {
                    if rng.unit() < 0.6 {
                        1 + rng.below(count) as u8
                    } else {
                        0
                    }
                }
            }
        })
        .collect();
    if voxels.iter().all(|v| *v == 0) {
        voxels[0] = 1;
    }
    Volume::new(grid, voxels).expect("one label a voxel")
}
