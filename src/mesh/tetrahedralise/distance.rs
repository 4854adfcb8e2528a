//! How far the faces of a mesh are from the boundaries between the labels they stand for.

use super::largest::Part;
use crate::base::{Cancelled, Progress};
use crate::geom::{Point, Vector};
use crate::mesh::bvh::closest_on_triangle;
use crate::mesh::region_faces::region_faces;
use crate::mesh::{Bvh, Surface, TetMesh};
use rayon::prelude::*;

/// About as many places are measured in each direction.
const SAMPLES: usize = 10_000;

/// Distances in both directions: from faces of the mesh to the sides of voxels between labels, and back.
pub(super) struct Distances {
    pub mean_mm: f64,
    /// 95 of 100 are smaller.
    pub most_mm: f64,
    /// The Hausdorff distance of the places measured.
    pub largest_mm: f64,
}

/// Measure about ten thousand places in each direction. Pieces of the part that the mesh leaves out count.
pub(super) fn distances(mesh: &TetMesh, part: &Part, progress: &Progress) -> Result<Option<Distances>, Cancelled> {
    let faces = faces(mesh);
    let sides = Sides { part };
    let tree = Bvh::new(&faces);
    progress.check()?;
    let places = sides.all();
    let every = places.len().div_ceil(SAMPLES).max(1);
    let back = places.par_iter().step_by(every).filter_map(|(voxel, axis)| {
        let middle = sides.middle(*voxel, *axis);
        tree.closest(&middle).map(|found| found.distance_mm)
    });
    let mut all: Vec<f64> = back.collect();
    progress.check()?;
    let every = faces.triangles().len().div_ceil(SAMPLES).max(1);
    let there = faces.triangles().par_iter().step_by(every).map(|triangle| {
        let [a, b, c] = faces.corners(*triangle);
        sides.distance_mm(&Point::from((a.coords + b.coords + c.coords) / 3.0))
    });
    all.extend(there.collect::<Vec<_>>());
    if all.is_empty() {
        return Ok(None);
    }
    all.sort_unstable_by(f64::total_cmp);
    let mean_mm = all.iter().sum::<f64>() / all.len() as f64;
    let most_mm = all[(all.len() * 95 / 100).min(all.len() - 1)];
    Ok(Some(Distances { mean_mm, most_mm, largest_mm: all[all.len() - 1] }))
}

/// All triangles between different regions, or a region and the outside.
fn faces(mesh: &TetMesh) -> Surface {
    let triangles = region_faces(mesh).into_iter().map(|face| face.triangle).collect();
    Surface::new(mesh.positions().to_vec(), triangles).expect("faces use mesh vertices")
}

/// The sides of voxels between different labels.
struct Sides<'a> {
    part: &'a Part,
}

impl Sides<'_> {
    fn label(&self, voxel: [isize; 3]) -> u8 {
        let dims = self.part.grid.dims();
        let within = (0..3).all(|a| 0 <= voxel[a] && voxel[a] < dims[a] as isize);
        if within { self.part.voxels[self.part.grid.offset(voxel.map(|x| x as usize))] } else { 0 }
    }

    /// Whether the side of a voxel towards the voxel before it along an axis is one.
    fn is_side(&self, voxel: [isize; 3], axis: usize) -> bool {
        let mut before = voxel;
        before[axis] -= 1;
        self.label(voxel) != self.label(before)
    }

    /// Every side: the voxel behind it and the axis across it.
    fn all(&self) -> Vec<([isize; 3], usize)> {
        let [ni, nj, nk] = self.part.grid.dims().map(|n| n as isize);
        (0..nk + 1)
            .into_par_iter()
            .flat_map_iter(|k| {
                let voxels = (0..nj + 1).flat_map(move |j| (0..ni + 1).map(move |i| [i, j, k]));
                voxels.flat_map(move |voxel| (0..3).map(move |axis| (voxel, axis)))
            })
            .filter(|(voxel, axis)| self.is_side(*voxel, *axis))
            .collect()
    }

    fn middle(&self, voxel: [isize; 3], axis: usize) -> Point {
        let mut index = Vector::from(voxel.map(|x| x as f64));
        index[axis] -= 0.5;
        self.part.grid.patient_from_index(index)
    }

    /// The distance from a place to the nearest side.
    fn distance_mm(&self, place: &Point) -> f64 {
        let grid = &self.part.grid;
        let index = grid.index_from_patient(*place);
        let middle = [0, 1, 2].map(|a| index[a].round() as isize);
        let dims = grid.dims().map(|n| n as isize);
        let spacing = grid.spacing_mm();
        let finest = spacing.into_iter().fold(f64::INFINITY, f64::min);
        let largest = (0..3).map(|a| dims[a] as f64 * spacing[a]).sum::<f64>();
        let mut reach_mm = 2.0 * finest;
        loop {
            // Sides within the reach lie among these voxels, unless the grid is sheared.
            let range = |a: usize| {
                let reach = (reach_mm / spacing[a]).ceil() as isize + 1;
                (middle[a] - reach).max(0)..(middle[a] + reach + 1).min(dims[a] + 1)
            };
            let mut best = f64::INFINITY;
            for k in range(2) {
                for j in range(1) {
                    for i in range(0) {
                        for axis in (0..3).filter(|axis| self.is_side([i, j, k], *axis)) {
                            best = best.min(self.to_side_mm(place, [i, j, k], axis));
                        }
                    }
                }
            }
            if best <= reach_mm || largest < reach_mm {
                return best;
            }
            reach_mm *= 2.0;
        }
    }

    fn to_side_mm(&self, place: &Point, voxel: [isize; 3], axis: usize) -> f64 {
        let middle = self.middle(voxel, axis);
        let step = self.part.grid.step();
        let (u, v) = (step.column((axis + 1) % 3) * 0.5, step.column((axis + 2) % 3) * 0.5);
        let corners = [middle - u - v, middle + u - v, middle + u + v, middle - u + v];
        let to =
            |b: usize, c: usize| (closest_on_triangle(place, [&corners[0], &corners[b], &corners[c]]).0 - place).norm();
        to(1, 2).min(to(2, 3))
    }
}
