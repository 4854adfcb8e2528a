//! A front as the zero of a signed distance, kept near it only.

use super::distance::{crossing, march};
use super::force::{Force, Rate};
use crate::base::{Cancelled, Progress};
use crate::geom::Grid;
use rayon::prelude::*;
use std::sync::Arc;

/// Share of the largest stable step that is taken.
const COURANT: f64 = 0.9;

/// A front in a box. φ is negative inside; away from the band it holds ± the reach.
pub(super) struct Front {
    grid: Arc<Grid>,
    phi: Vec<f32>,
    /// Voxels up to `reach_mm` from the front when the distance was made, in order of memory.
    band: Vec<u32>,
    /// Scratch of [`march`]: infinite.
    distance: Vec<f32>,
    reach_mm: f32,
    /// How far the front may have moved since.
    moved_mm: f64,
    /// Voxels inside, and voxels beside the front when the distance was made.
    count: usize,
    surface: usize,
}

impl Front {
    pub(super) fn new(grid: &Arc<Grid>, inside: &[bool], progress: &Progress) -> Result<Self, Cancelled> {
        let spacing_mm = grid.spacing_mm();
        let (finest_mm, coarsest_mm) = ends(spacing_mm);
        let mut front = Self {
            grid: Arc::clone(grid),
            phi: inside.par_iter().map(|inside| if *inside { -1.0 } else { 1.0 }).collect(),
            band: Vec::new(),
            distance: vec![f32::INFINITY; inside.len()],
            // The next voxel along every axis must be in the band for the front to move there.
            reach_mm: (4.0 * finest_mm).max(1.2 * coarsest_mm) as f32,
            moved_mm: 0.0,
            count: inside.par_iter().filter(|inside| **inside).count(),
            surface: 0,
        };
        // Every voxel is looked at once: from now on, those of the band.
        let all: Vec<u32> = (0..inside.len() as u32).collect();
        front.renew(&all, progress)?;
        Ok(front)
    }

    pub(super) fn band(&self) -> &[u32] {
        &self.band
    }

    /// Voxels inside.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Voxels beside the front on its inner side, about.
    pub(super) fn surface(&self) -> usize {
        self.surface
    }

    /// Make the distance anew from the sign changes among `old`; what of it is no longer near becomes far.
    fn renew(&mut self, old: &[u32], progress: &Progress) -> Result<(), Cancelled> {
        let Self { grid, phi, .. } = self;
        let (dims, spacing_mm) = (grid.dims(), grid.spacing_mm());
        let at = |o: &u32| crossing(dims, spacing_mm, phi, *o as usize).map(|distance| (*o, distance));
        let near: Vec<(u32, f32)> = old.par_iter().with_min_len(1 << 10).filter_map(at).collect();
        self.surface = near.iter().filter(|(o, _)| phi[*o as usize] < 0.0).count();
        let found = march(grid, &near, &mut self.distance, self.reach_mm, progress)?;
        let far = self.reach_mm;
        old.iter().for_each(|o| self.phi[*o as usize] = far.copysign(self.phi[*o as usize]));
        found.iter().for_each(|(o, d)| {
            let phi = &mut self.phi[*o as usize];
            // What is on the front counts as outside, as before: its sign must not change.
            *phi = if *phi < 0.0 { -d.max(f32::MIN_POSITIVE) } else { *d };
        });
        self.band = found.into_iter().map(|(o, _)| o).collect();
        self.moved_mm = 0.0;
        Ok(())
    }

    /// One step of the largest stable length; the front does not enter voxels that are not open.
    pub(super) fn step(&mut self, force: &mut Force, open: &[bool], progress: &Progress) -> Result<(), Cancelled> {
        let (finest_mm, _) = ends(self.grid.spacing_mm());
        let band = self.band.par_iter().with_min_len(1 << 10);
        let rates: Vec<Rate> = band.map(|o| force.rate(&self.phi, *o as usize)).collect();
        let bound = rates.iter().map(|rate| rate.bound).fold(0.0, f64::max);
        if bound == 0.0 {
            return Ok(());
        }
        let step = COURANT / bound;
        let mut fastest: f64 = 0.0;
        for (o, rate) in self.band.iter().zip(&rates) {
            let o = *o as usize;
            let old = self.phi[o];
            let mut new = old + (step * rate.change) as f32;
            if new < 0.0 && !open[o] {
                new = new.max(0.0).max(0.01 * finest_mm as f32);
            }
            if f64::from(old.abs()) < finest_mm {
                fastest = fastest.max(f64::from((new - old).abs()));
            }
            match (old < 0.0, new < 0.0) {
                (true, false) => self.count -= 1,
                (false, true) => self.count += 1,
                _ => {}
            }
            if (old < 0.0) != (new < 0.0) {
                force.crossed(o, new < 0.0);
            }
            self.phi[o] = new;
        }
        self.moved_mm += fastest;
        // The band reaches four of the finest voxels to both sides.
        if 1.5 * finest_mm < self.moved_mm {
            let band = std::mem::take(&mut self.band);
            self.renew(&band, progress)?;
        }
        Ok(())
    }

    /// 1 inside, 0 outside.
    pub(super) fn marks(&self) -> Vec<u8> {
        self.phi.par_iter().map(|phi| u8::from(*phi < 0.0)).collect()
    }

    /// The marks of the level of φ near the front that holds `wanted` voxels, or as near to it as the band allows.
    pub(super) fn nearest(&self, wanted: usize) -> Vec<u8> {
        let mut marks = self.marks();
        let inner = self.count - self.band.iter().filter(|o| self.phi[**o as usize] < 0.0).count();
        let mut order: Vec<u32> = self.band.clone();
        order.sort_by(|a, b| self.phi[*a as usize].total_cmp(&self.phi[*b as usize]).then(a.cmp(b)));
        for (n, o) in order.iter().enumerate() {
            marks[*o as usize] = u8::from(inner + n < wanted);
        }
        marks
    }
}

/// The shortest and the longest.
fn ends(spacing_mm: [f64; 3]) -> (f64, f64) {
    (spacing_mm.into_iter().fold(f64::INFINITY, f64::min), spacing_mm.into_iter().fold(0.0, f64::max))
}

/// Whether a voxel with index `at` along `axis` is marked.
pub(super) fn touches(grid: &Grid, marks: &[u8], axis: usize, at: usize) -> bool {
    marks.par_iter().enumerate().any(|(o, mark)| *mark != 0 && grid.voxel(o)[axis] == at)
}
