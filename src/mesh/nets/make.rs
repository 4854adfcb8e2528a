//! From labels to the sheet between them.

use super::JointSurface;
use super::balance::balance;
use super::crossings::{Crossings, NoCrossings};
use super::relax::relax;
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use crate::mesh::ContourError;
use crate::mesh::contour::bits::ones;
use crate::mesh::contour::sweep::parts;
use rayon::prelude::*;

/// The sheet between all labels of `labels` (0 is the background), capped where a label touches the border of the scan.
///
/// `iterations` pairs of smoothing steps, none for the stairs of the voxels; 16 take most of them away. A vertex never
/// leaves the cell between the voxel centres around it, so the sheet lies within a voxel of the faces between the voxels.
/// Last it goes a little along its normals so that every label has the volume of its voxels (`balance`).
///
/// # Errors
/// [`ContourError`] if no voxel has a label, the sheet is too large, or `progress` was cancelled.
pub fn joint_surface(
    labels: &Volume<u8>,
    iterations: usize,
    progress: &Progress,
) -> Result<JointSurface, ContourError> {
    let grid = labels.grid();
    let crossings = Crossings::of(labels.voxels(), grid.dims(), &progress.part(0.0..0.3, "labels")).map_err(
        |error| match error {
            NoCrossings::Stopped(stop) => stop.into(),
            NoCrossings::TooMany(vertices) => ContourError::TooLarge { vertices },
        },
    )?;
    if crossings.vertices() == 0 {
        return Err(ContourError::Empty);
    }
    let offsets = relax(&crossings, iterations, &progress.part(0.3..0.7, "smooth"))?;
    let mut positions = positions(&crossings, grid, &offsets);
    drop(offsets);
    progress.set(0.75)?;
    let (triangles, sides) = triangles(&crossings, labels, &positions, progress)?;
    // Without smoothing the sheet is that of the faces of the voxels and has their volume.
    if 0 < iterations {
        let sheet = (triangles.as_slice(), sides.as_slice());
        balance(&mut positions, sheet, &crossings, labels, &progress.part(0.85..1.0, "volumes"))?;
    }
    Ok(JointSurface { positions, triangles, sides })
}

/// The vertices in patient space.
fn positions(crossings: &Crossings, grid: &Grid, offsets: &[[f32; 3]]) -> Vec<Point> {
    let slices = crossings.dims[2] - 1;
    let mut positions = vec![Point::origin(); offsets.len()];
    let ends = (1..=slices).map(|k| crossings.slice_start(k));
    parts(&mut positions, ends).into_par_iter().enumerate().for_each(|(k, slice)| {
        let offsets = &offsets[crossings.slice_start(k)..];
        for ((cell, position), offset) in crossings.cells_of_slice(k).zip(slice).zip(offsets) {
            // The middle of cell i is between voxels i − 1 and i.
            let index = Vector::from([0, 1, 2].map(|a| cell[a] as f64 - 0.5 + f64::from(offset[a])));
            *position = grid.patient_from_index(index);
        }
    });
    positions
}

type Sheet = (Vec<[u32; 3]>, Vec<[u8; 2]>);

/// Two triangles for every crossed edge of the lattice, between the vertices of the four cells around it.
fn triangles(
    crossings: &Crossings,
    labels: &Volume<u8>,
    positions: &[Point],
    progress: &Progress,
) -> Result<Sheet, Cancelled> {
    let [_, nj, nk] = crossings.dims;
    let words = crossings.words;
    let mirrored = labels.grid().step().determinant() < 0.0;
    let counts = (0..nk).into_par_iter().map(|k| {
        let words = (0..nj).flat_map(|j| (0..words).map(move |word| crossings.edges(word, j, k)));
        words.map(|edges| edges.iter().map(|bits| 2 * bits.count_ones() as usize).sum::<usize>()).sum()
    });
    let counts: Vec<usize> = counts.collect();
    let ends: Vec<usize> = counts
        .iter()
        .scan(0, |end, count| {
            *end += count;
            Some(*end)
        })
        .collect();
    let total = ends[nk - 1];
    let (mut triangles, mut sides) = (vec![[0_u32; 3]; total], vec![[0_u8; 2]; total]);
    let slices: Vec<_> = parts(&mut triangles, ends.clone()).into_iter().zip(parts(&mut sides, ends)).collect();
    slices.into_par_iter().enumerate().try_for_each(|(k, (triangles, sides))| {
        progress.check()?;
        let mut next = triangles.as_chunks_mut::<2>().0.iter_mut().zip(sides.as_chunks_mut::<2>().0);
        for (j, word) in (0..nj).flat_map(|j| (0..words).map(move |word| (j, word))) {
            for (axis, bits) in crossings.edges(word, j, k).into_iter().enumerate() {
                for bit in ones(bits) {
                    let from = [word * 64 + bit, j, k];
                    let [behind, before] = ends_of(labels, from, axis);
                    // From the smaller label to the larger, but always from a label to the background.
                    let turned = behind == 0 || before != 0 && before < behind;
                    let quad = around(crossings, from, axis, turned != mirrored);
                    let (pair, side) = next.next().expect("the crossed edges of the slice were counted");
                    *side = [if turned { [before, behind] } else { [behind, before] }; 2];
                    *pair = split(quad, positions);
                }
            }
        }
        Ok::<(), Cancelled>(())
    })?;
    Ok((triangles, sides))
}

/// The labels at the start and the end of a lattice edge; 0 outside the scan.
#[inline]
fn ends_of(labels: &Volume<u8>, from: [usize; 3], axis: usize) -> [u8; 2] {
    let dims = labels.grid().dims();
    let mut to = from;
    to[axis] += 1;
    [from, to].map(|point| {
        let within = (0..3).all(|a| 1 <= point[a] && point[a] <= dims[a]);
        if within { labels.at(point.map(|x| x - 1)) } else { 0 }
    })
}

/// The vertices of the four cells around a lattice edge, counter-clockwise seen from its end, or clockwise if `turned`.
#[inline]
fn around(crossings: &Crossings, from: [usize; 3], axis: usize, turned: bool) -> [u32; 4] {
    let [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
    let [a, b, c, d] = [[1, 1], [0, 1], [0, 0], [1, 0]].map(|[back_u, back_v]| {
        let mut cell = from;
        cell[u] -= back_u;
        cell[v] -= back_v;
        crossings.vertex(cell)
    });
    if turned { [a, d, c, b] } else { [a, b, c, d] }
}

/// Two triangles of a quadrilateral, along its shorter diagonal.
#[inline]
fn split([a, b, c, d]: [u32; 4], positions: &[Point]) -> [[u32; 3]; 2] {
    let apart = |p: u32, q: u32| (positions[p as usize] - positions[q as usize]).norm_squared();
    if apart(a, c) <= apart(b, d) { [[a, b, c], [a, c, d]] } else { [[a, b, d], [b, c, d]] }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
