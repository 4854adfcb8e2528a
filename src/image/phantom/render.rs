//! From a scene to voxels: the mean attenuation of every cell, and the tissue at every centre.
//!
//! Boxes of voxels are halved until one part covers them or a single voxel is left, so that only cells on a border
//! are sampled. The shapes' values are bounds, so no border is missed.

use super::{Part, Scene, Tissue};
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Samples along each edge of a cell on a border; odd, so that the centre is one of them.
const SAMPLES: usize = 3;
/// Samples of a cell on a border.
pub(super) const SAMPLES_PER_CELL: u64 = (SAMPLES * SAMPLES * SAMPLES) as u64;
/// Slices a thread takes at a time.
const SLAB: usize = 4;
/// Columns and rows of the first boxes.
const TILE: usize = 32;
/// In boxes of so many columns the shapes are simplified once for all their voxels.
const LOCAL: [usize; 2] = [16, 4];

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
    /// Offsets of the samples from a cell's centre in mm.
    offsets: [Vector; SAMPLES_PER_CELL as usize],
}

impl<'a> Painter<'a> {
    fn new(scene: &'a Scene, grid: &'a Grid, first_slice: usize, hu: &'a mut [f32], labels: &'a mut [u8]) -> Self {
        let place = |n: usize| (n as f64 + 0.5) / SAMPLES as f64 - 0.5;
        let offsets = std::array::from_fn(|n| grid.step() * Vector::new(place(n % 3), place(n / 3 % 3), place(n / 9)));
        Self { scene, grid, first_slice, hu, labels, tally: Tally::new(), candidates: Vec::new(), offsets }
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
            None => self.sample(cells.start, &self.candidates[kept..].to_vec(), parts),
            Some(axis) => {
                let middle = cells.start[axis] + size[axis] / 2;
                let (mut lower, mut upper) = (cells, cells);
                lower.end[axis] = middle;
                upper.start[axis] = middle;
                if axis == 0 && LOCAL.contains(&size[0]) {
                    let (centre, reach_mm) = self.ball(&cells);
                    let seen = self.candidates[kept..].iter();
                    let local: Vec<Part> = seen.map(|part| parts[usize::from(*part)].near(&centre, reach_mm)).collect();
                    self.candidates.truncate(kept);
                    self.candidates.extend(0..local.len() as u16);
                    self.divide(lower, kept, &local);
                    self.divide(upper, kept, &local);
                } else {
                    self.divide(lower, kept, parts);
                    self.divide(upper, kept, parts);
                }
            }
        }
        self.candidates.truncate(kept);
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
            let Part { shape, bounds, .. } = &parts[usize::from(index)];
            let beyond = (bounds.min - centre).sup(&(centre - bounds.max));
            if reach_mm < beyond.max() {
                continue;
            }
            let distance_mm = shape.distance_mm(&centre);
            if distance_mm <= reach_mm {
                self.candidates.push(index);
            }
            if distance_mm < -reach_mm {
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

    /// Sample one cell, given the parts that may be there, from top to bottom.
    fn sample(&mut self, voxel: [usize; 3], seen: &[u16], parts: &[Part]) {
        const CORNERS: [usize; 8] = [0, 2, 6, 8, 18, 20, 24, 26];
        const CENTRE: usize = 13;
        let centre = self.grid.centre(voxel);
        let (lowest, above) = seen.split_last().expect("the first part fills space");
        let at = |n: usize| {
            let p = centre + self.offsets[n];
            let top = above.iter().find(|part| parts[usize::from(**part)].shape.contains(&p));
            parts[usize::from(*top.unwrap_or(lowest))].tissue
        };
        let tissue = at(CENTRE);
        if CORNERS.iter().all(|n| at(*n) == tissue) {
            return self.fill(&Cells { start: voxel, end: voxel.map(|n| n + 1) }, tissue);
        }
        let found: [Tissue; SAMPLES_PER_CELL as usize] = std::array::from_fn(at);
        let mean = found.iter().map(|tissue| tissue.hu).sum::<f64>() / SAMPLES_PER_CELL as f64;
        let offset = self.offset(voxel);
        self.hu[offset] = mean as f32;
        self.labels[offset] = tissue.label;
        let pure = found.iter().all(|other| other.label == tissue.label);
        for (n, tissue) in found.iter().enumerate() {
            self.tally.samples[usize::from(tissue.label)] += 1;
            let first = found[..n].iter().all(|before| before.label != tissue.label);
            self.tally.border_cells[usize::from(tissue.label)] += u64::from(first && !pure);
        }
    }
}
