//! From a scene to voxels: the mean attenuation of every cell, and the tissue at every centre.
//!
//! Boxes of voxels are halved until one part covers them or a single voxel is left, so that only cells on a border
//! are sampled. The shapes' values are bounds, so no border is missed.

use super::scene::View;
use super::{Part, Scene, Tissue};
use crate::base::rng::Rng;
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Parts of each edge of a cell on a border; every part of the cell holds one sample at a random place.
const PARTS: usize = 3;
/// Samples of a cell on a border.
pub(super) const SAMPLES_PER_CELL: u64 = (PARTS * PARTS * PARTS) as u64;
/// Standard error of the share of a tissue in a cell on a border, at most: a flat border passes through at most 13 of
/// the 27 parts, and in each the sample falls on either side like a coin, so √(13/4) / 27.
pub(super) const SHARE_ERROR: f64 = 0.067;
/// Slices a thread takes at a time.
const SLAB: usize = 4;
/// Columns and rows of the first boxes.
const TILE: usize = 32;
/// In boxes of so many columns the shapes are simplified once for all their voxels.
const LOCAL: usize = 16;
/// Boxes of at most so many voxels are looked at voxel by voxel.
const LEAF: usize = 64;

/// What a scanner without blur and noise would see, and what is really there.
pub(super) struct Rendered {
    /// Mean attenuation of each cell in HU.
    pub hu: Vec<f32>,
    /// The label at each centre.
    pub labels: Vec<u8>,
    /// Samples and border cells of each label.
    pub tally: Tally,
}

/// How much of each label was found.
pub(super) struct Tally {
    /// Samples with that label; a cell has [`SAMPLES_PER_CELL`].
    pub samples: [u64; 256],
    /// Cells that hold that label and another.
    pub border_cells: [u64; 256],
}

impl Tally {
    fn new() -> Self {
        Self { samples: [0; 256], border_cells: [0; 256] }
    }

    fn plus(mut self, other: &Self) -> Self {
        self.samples.iter_mut().zip(other.samples).for_each(|(sum, more)| *sum += more);
        self.border_cells.iter_mut().zip(other.border_cells).for_each(|(sum, more)| *sum += more);
        self
    }
}

/// Paint `scene` on `grid`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub(super) fn render(scene: &Scene, grid: &Grid, progress: &Progress) -> Result<Rendered, Cancelled> {
    let [ni, nj, nk] = grid.dims();
    let (mut hu, mut labels) = (vec![0.0_f32; grid.len()], vec![0_u8; grid.len()]);
    let (done, slabs) = (AtomicUsize::new(0), nk.div_ceil(SLAB));
    let slices = hu.par_chunks_mut(ni * nj * SLAB).zip(labels.par_chunks_mut(ni * nj * SLAB)).enumerate();
    let tallies = slices.map(|(slab, (hu, labels))| {
        progress.step(done.fetch_add(1, Ordering::Relaxed), slabs)?;
        Ok(Painter::new(scene, grid, slab * SLAB, hu, labels).paint())
    });
    let tallies = tallies.collect::<Result<Vec<Tally>, Cancelled>>()?;
    Ok(Rendered { hu, labels, tally: tallies.iter().fold(Tally::new(), Tally::plus) })
}

/// A box of voxels: `start` and the first index beyond along i, j, k.
#[derive(Clone, Copy)]
struct Cells {
    start: [usize; 3],
    end: [usize; 3],
}

/// Paints some neighbouring slices.
struct Painter<'a> {
    scene: &'a Scene,
    grid: &'a Grid,
    first_slice: usize,
    hu: &'a mut [f32],
    labels: &'a mut [u8],
    tally: Tally,
    /// Stack of candidate lists, each from top to bottom: one list per level of halving.
    candidates: Vec<u16>,
    /// Tissues at the corners of the cells of a leaf.
    corners: Vec<Tissue>,
    /// The parts of a leaf that one cell may hold.
    here: Vec<usize>,
}

impl<'a> Painter<'a> {
    fn new(scene: &'a Scene, grid: &'a Grid, first_slice: usize, hu: &'a mut [f32], labels: &'a mut [u8]) -> Self {
        let (candidates, corners, here) = (Vec::new(), Vec::new(), Vec::new());
        Self { scene, grid, first_slice, hu, labels, tally: Tally::new(), candidates, corners, here }
    }

    fn paint(mut self) -> Tally {
        let [ni, nj, _] = self.grid.dims();
        let slices = self.labels.len() / (ni * nj);
        let parts = self.scene.parts();
        let everything: Vec<u16> = (0..parts.len() as u16).rev().collect();
        for j in (0..nj).step_by(TILE) {
            for i in (0..ni).step_by(TILE) {
                self.candidates.clone_from(&everything);
                let end = [ni.min(i + TILE), nj.min(j + TILE), self.first_slice + slices];
                self.divide(Cells { start: [i, j, self.first_slice], end }, 0, parts);
            }
        }
        self.tally
    }

    /// Paint a box given the candidates from `list` on, which number `parts`.
    fn divide(&mut self, cells: Cells, list: usize, parts: &[Part]) {
        let kept = self.candidates.len();
        self.keep_candidates(&cells, list, parts);
        let size = [0, 1, 2].map(|axis| cells.end[axis] - cells.start[axis]);
        // Halve the longest edge in mm, so that boxes become cubes.
        let edge = |axis: &usize| size[*axis] as f64 * self.grid.step()[(*axis, *axis)];
        let axis = (0..3).filter(|axis| 1 < size[*axis]).max_by(|a, b| edge(a).total_cmp(&edge(b)));
        match axis {
            _ if self.candidates.len() == kept + 1 => {
                self.fill(&cells, parts[usize::from(self.candidates[kept])].tissue);
            }
            Some(axis) if LEAF < size.iter().product() => {
                let middle = cells.start[axis] + size[axis] / 2;
                let (mut lower, mut upper) = (cells, cells);
                lower.end[axis] = middle;
                upper.start[axis] = middle;
                if axis == 0 && size[0] == LOCAL {
                    let local = self.simplified(&cells, kept, parts);
                    self.candidates.truncate(kept);
                    self.candidates.extend(0..local.len() as u16);
                    self.divide(lower, kept, &local);
                    self.divide(upper, kept, &local);
                } else {
                    self.divide(lower, kept, parts);
                    self.divide(upper, kept, parts);
                }
            }
            _ => {
                let local = self.simplified(&cells, kept, parts);
                self.leaf(&cells, &local);
            }
        }
        self.candidates.truncate(kept);
    }

    /// The parts of the list from `kept` on, from top to bottom, as simple as the box allows.
    fn simplified(&self, cells: &Cells, kept: usize, parts: &[Part]) -> Vec<Part> {
        let (centre, reach_mm) = self.ball(cells);
        self.candidates[kept..].iter().map(|part| parts[usize::from(*part)].near(&centre, reach_mm)).collect()
    }

    /// The ball around a box of cells: its middle and radius in mm.
    fn ball(&self, cells: &Cells) -> (Point, f64) {
        let half = |axis: usize| 0.5 * (cells.end[axis] - cells.start[axis]) as f64;
        let middle = |axis: usize| cells.start[axis] as f64 - 0.5 + half(axis);
        let centre = self.grid.patient_from_index(Vector::new(middle(0), middle(1), middle(2)));
        (centre, (self.grid.step() * Vector::new(half(0), half(1), half(2))).norm())
    }

    /// Push the parts of the list from `list` on that can be seen in the box.
    fn keep_candidates(&mut self, cells: &Cells, list: usize, parts: &[Part]) {
        let (centre, reach_mm) = self.ball(cells);
        for place in list..self.candidates.len() {
            let index = self.candidates[place];
            let view = parts[usize::from(index)].view(&centre, reach_mm);
            if view != View::Absent {
                self.candidates.push(index);
            }
            if view == View::Everywhere {
                break; // it hides everything below
            }
        }
    }

    fn offset(&self, [i, j, k]: [usize; 3]) -> usize {
        self.grid.offset([i, j, k - self.first_slice])
    }

    fn fill(&mut self, cells: &Cells, tissue: Tissue) {
        let width = cells.end[0] - cells.start[0];
        for k in cells.start[2]..cells.end[2] {
            for j in cells.start[1]..cells.end[1] {
                let row = self.offset([cells.start[0], j, k]);
                self.hu[row..row + width].fill(tissue.hu as f32);
                self.labels[row..row + width].fill(tissue.label);
                self.tally.samples[usize::from(tissue.label)] += width as u64 * SAMPLES_PER_CELL;
            }
        }
    }

    /// Paint a small box voxel by voxel: cells with one tissue at the centre and all corners are taken to be pure.
    fn leaf(&mut self, cells: &Cells, seen: &[Part]) {
        let Cells { start, end } = *cells;
        let place = |index: [usize; 3], shift: f64| {
            self.grid
                .patient_from_index(Vector::new(index[0] as f64, index[1] as f64, index[2] as f64).add_scalar(shift))
        };
        let size = [0, 1, 2].map(|axis| end[axis] - start[axis] + 1);
        let mut corners = std::mem::take(&mut self.corners);
        corners.clear();
        for k in start[2]..=end[2] {
            for j in start[1]..=end[1] {
                corners.extend((start[0]..=end[0]).map(|i| top(seen, &place([i, j, k], -0.5))));
            }
        }
        for k in start[2]..end[2] {
            for j in start[1]..end[1] {
                for i in start[0]..end[0] {
                    let first = ((k - start[2]) * size[1] + j - start[1]) * size[0] + i - start[0];
                    let (row, layer) = (size[0], size[0] * size[1]);
                    let around = [0, 1, row, row + 1, layer, layer + 1, layer + row, layer + row + 1];
                    let tissue = corners[first];
                    let alike = around.iter().all(|n| corners[first + n] == tissue);
                    if alike && top(seen, &self.grid.centre([i, j, k])) == tissue {
                        self.fill(&Cells { start: [i, j, k], end: [i + 1, j + 1, k + 1] }, tissue);
                    } else {
                        self.sample([i, j, k], seen);
                    }
                }
            }
        }
        self.corners = corners;
    }

    /// Sample one cell, in which the parts `seen` may be, from top to bottom.
    fn sample(&mut self, voxel: [usize; 3], seen: &[Part]) {
        let centre = self.grid.centre(voxel);
        let (_, reach_mm) = self.ball(&Cells { start: voxel, end: voxel.map(|n| n + 1) });
        // Most parts of the leaf do not reach this cell.
        let mut here = std::mem::take(&mut self.here);
        here.clear();
        for (index, part) in seen.iter().enumerate() {
            let view = part.view(&centre, reach_mm);
            if view != View::Absent {
                here.push(index);
            }
            if view == View::Everywhere {
                break;
            }
        }
        let top = |p: &Point| {
            let (lowest, above) = here.split_last().expect("the first part fills space");
            seen[*above.iter().find(|index| seen[**index].contains(p)).unwrap_or(lowest)].tissue
        };
        let tissue = top(&centre);
        // Samples at random places, the same on any number of threads: a lattice would see every slice of a straight
        // vessel alike, and its errors would add up.
        let mut rng = Rng::new(self.grid.offset(voxel) as u64);
        let mut place = |n: usize| (n as f64 + rng.unit()) / PARTS as f64 - 0.5;
        let found: [Tissue; SAMPLES_PER_CELL as usize] = std::array::from_fn(|n| {
            let offset = Vector::new(place(n % PARTS), place(n / PARTS % PARTS), place(n / (PARTS * PARTS)));
            top(&(centre + self.grid.step() * offset))
        });
        let offset = self.offset(voxel);
        self.hu[offset] = (found.iter().map(|tissue| tissue.hu).sum::<f64>() / SAMPLES_PER_CELL as f64) as f32;
        self.labels[offset] = tissue.label;
        let pure = found.iter().all(|other| other.label == found[0].label);
        for (n, tissue) in found.iter().enumerate() {
            self.tally.samples[usize::from(tissue.label)] += 1;
            let first = found[..n].iter().all(|before| before.label != tissue.label);
            self.tally.border_cells[usize::from(tissue.label)] += u64::from(first && !pure);
        }
        self.here = here;
    }
}

/// The tissue of the uppermost of the parts, which are listed from top to bottom, at `p`.
fn top(seen: &[Part], p: &Point) -> Tissue {
    let (lowest, above) = seen.split_last().expect("the first part fills space");
    above.iter().find(|part| part.contains(p)).unwrap_or(lowest).tissue
}
