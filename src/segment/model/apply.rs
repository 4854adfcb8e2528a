//! A network over a scan: onto its voxels, tile by tile, and the labels back.

use super::blend::{Decision, Slab, Tally};
use super::plan::shape_of;
use super::tiles::{Tile, tiles};
use super::{Blend, Manifest, ModelError, Network, Order, Plan, ReadyNetwork, Scores, normalise::Scale};
use crate::base::{Cancelled, Progress};
use crate::geom::Grid;
use crate::image::resample::{resample, resample_labels};
use crate::image::{LabelMap, Scan, Volume, Voxels};
use rayon::prelude::*;
use std::sync::Arc;

/// What a network found.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// On the voxels of the scan.
    pub labels: LabelMap,
    /// Mean over the labelled voxels of the probability of their class, 0 to 1; `None` without any.
    pub confidence: Option<f64>,
    /// What was computed, and what it took.
    pub plan: Plan,
}

/// Run `network` over `scan` as `manifest` says.
///
/// The scan goes onto the network's voxels (trilinear, beyond the scan its smallest value), its values are scaled, tiles are
/// computed one after the other, and every voxel gets the class with the largest score. Labels come back by nearest voxel.
/// What it will hold is computed first and compared with `memory_max`, in bytes. Asks `progress` once a plane, and as often
/// as the network does.
///
/// # Errors
/// [`ModelError`].
pub fn apply<N: Network>(
    scan: &Scan,
    manifest: &Manifest,
    network: &N,
    memory_max: Option<u64>,
    progress: &Progress,
) -> Result<Applied, ModelError> {
    if scan.modality != manifest.modality {
        let (wanted, found) = (manifest.modality.name(), scan.modality.name());
        return Err(ModelError::Modality { wanted, found });
    }
    let (plan, ready) = Plan::new(scan.grid(), manifest, network)?;
    let mb = |bytes: u64| bytes.div_ceil(1 << 20);
    if let Some(max) = memory_max.filter(|max| *max < plan.peak_bytes) {
        return Err(ModelError::Memory { needed_mb: mb(plan.peak_bytes), max_mb: mb(max), tile: plan.tile });
    }
    tracing::info!(
        model = manifest.name,
        source = manifest.source,
        licence = manifest.licence,
        tiles = plan.tiles,
        memory_mb = mb(plan.peak_bytes),
        "running a network"
    );
    let wanted = plan.resampled.clone().map(Arc::new);
    let values = on_grid(scan, wanted.as_ref(), &progress.part(0.0..0.05, "resampling"))?;
    let scale = Scale::of(values.voxels(), manifest.normalisation)?;
    progress.set(0.07)?;
    let image = Image { values: &values, scale, tile: plan.tile, order: manifest.order };
    let mut marks = vec![0_u8; values.grid().len()];
    let run = progress.part(0.07..0.97, "network");
    let tally = over_tiles(&image, &plan, manifest, &ready, &mut marks, &run)?;
    let marks = Volume::new(Arc::clone(values.grid()), marks).expect("one label per voxel");
    drop(values);
    let labels =
        LabelMap::from_volume(&marks, manifest.segments()).map_err(|error| ModelError::Network(error.to_string()))?;
    let labels = match &wanted {
        None => labels,
        Some(_) => resample_labels(&labels, scan.grid(), &progress.part(0.97..1.0, "labels back"))?,
    };
    let confidence = (0 < tally.voxels).then(|| tally.probability / tally.voxels as f64);
    Ok(Applied { labels, confidence, plan })
}

/// Labels of all voxels of the image.
fn over_tiles<R: ReadyNetwork>(
    image: &Image<'_>,
    plan: &Plan,
    manifest: &Manifest,
    ready: &R,
    marks: &mut [u8],
    progress: &Progress,
) -> Result<Tally, ModelError> {
    let dims = image.values.grid().dims();
    let all = tiles(dims, plan.tile, manifest.overlap);
    let decision = Decision::new(manifest, plan.classes);
    let axes = manifest.flipped_axes();
    let mut tally = Tally::default();
    let mut slab =
        (manifest.blend == Blend::Gaussian && 1 < all.len()).then(|| Slab::new(dims, plan.tile, plan.classes, &all));
    let plane = dims[0] * dims[1];
    for (n, tile) in all.iter().enumerate() {
        let part = |x: usize| x as f64 / all.len() as f64;
        let scores = image.scores(tile, &axes, ready, &progress.part(part(n)..part(n + 1), "network"))?;
        let place = image.places();
        let voxels = scores.values.len() / scores.classes;
        match &mut slab {
            None => {
                let [i0, j0, k0] = tile.start;
                let k_keep = tile.keep[2].clone();
                let score = |class: usize, i: usize, j: usize, k: usize| {
                    scores.values[class * voxels + place.of([i - i0, j - j0, k + k_keep.start - k0])]
                };
                let rows = [tile.keep[0].clone(), tile.keep[1].clone()];
                let kept = &mut marks[k_keep.start * plane..k_keep.end * plane];
                tally.add(decision.planes(kept, [dims[0], dims[1]], rows, score, progress)?);
            }
            Some(slab) => {
                let score =
                    |class: usize, i: usize, j: usize, k: usize| scores.values[class * voxels + place.of([i, j, k])];
                slab.add(tile, score, progress)?;
                let next = all.get(n + 1).map_or(dims[2], |next| next.start[2]);
                if next != tile.start[2] {
                    tally.add(slab.finish(next, &decision, marks, progress)?);
                }
            }
        }
    }
    Ok(tally)
}

/// The values of the scan on the network's grid.
fn on_grid(scan: &Scan, wanted: Option<&Arc<Grid>>, progress: &Progress) -> Result<Volume<f32>, ModelError> {
    let Some(wanted) = wanted else {
        let voxels = match &scan.voxels {
            Voxels::F32(volume) => return Ok(volume.clone()),
            Voxels::I16(volume) => volume.voxels().par_iter().map(|value| f32::from(*value)).collect(),
        };
        return Ok(Volume::new(Arc::clone(scan.grid()), voxels).expect("one value per voxel"));
    };
    let least = |values: &mut dyn Iterator<Item = f32>| values.filter(|v| v.is_finite()).fold(f32::INFINITY, f32::min);
    let outside = match &scan.voxels {
        Voxels::I16(volume) => least(&mut volume.voxels().iter().map(|value| f32::from(*value))),
        Voxels::F32(volume) => least(&mut volume.voxels().iter().copied()),
    };
    if !outside.is_finite() {
        return Err(ModelError::Values("none is a finite number".into()));
    }
    Ok(match &scan.voxels {
        Voxels::I16(volume) => resample(volume, wanted, outside, progress)?,
        Voxels::F32(volume) => resample(volume, wanted, outside, progress)?,
    })
}

/// The scan as the network sees it.
struct Image<'a> {
    values: &'a Volume<f32>,
    scale: Scale,
    /// Voxels of a tile along i, j and k.
    tile: [usize; 3],
    order: Order,
}

impl Image<'_> {
    /// Mean scores of a tile over the sets of flipped axes, in the order of the network's input.
    fn scores<R: ReadyNetwork>(
        &self,
        tile: &Tile,
        axes: &[usize],
        ready: &R,
        progress: &Progress,
    ) -> Result<Scores, ModelError> {
        let n: usize = self.tile.iter().product();
        let runs = 1_usize << axes.len();
        let share = 1.0 / runs as f32;
        let mut sum: Option<Scores> = None;
        // Every set of the axes that are flipped, the empty one first.
        for set in 0..runs {
            let part = |x: usize| x as f64 / runs as f64;
            let progress = progress.part(part(set)..part(set + 1), "network");
            let flipped: [bool; 3] =
                std::array::from_fn(|a| axes.iter().position(|axis| *axis == a).is_some_and(|bit| set >> bit & 1 == 1));
            let found = ready.run(self.input(tile, flipped, &progress)?, &progress)?;
            if found.classes != ready.classes() || found.values.len() != found.classes * n {
                let (classes, got) = (found.classes, found.values.len());
                return Err(ModelError::Network(format!(
                    "the network gave {got} scores in {classes} classes for {n} voxels"
                )));
            }
            if runs == 1 {
                return Ok(found);
            }
            let sum =
                sum.get_or_insert_with(|| Scores { classes: found.classes, values: vec![0.0; found.values.len()] });
            let place = Places { flipped, ..self.places() };
            let [_, nb, nc] = place.shape;
            let plane = nb * nc;
            sum.values.par_chunks_mut(plane).enumerate().try_for_each(|(number, own)| {
                progress.check()?;
                let (class, a) = (number * plane / n, number % place.shape[0]);
                for (bc, own) in own.iter_mut().enumerate() {
                    *own += share * found.values[class * n + place.turned([a, bc / nc, bc % nc])];
                }
                Ok::<(), Cancelled>(())
            })?;
        }
        Ok(sum.expect("at least the image as it is"))
    }

    /// Scaled values of a tile, in the order of the network's input; beyond the scan the smallest value.
    fn input(&self, tile: &Tile, flipped: [bool; 3], progress: &Progress) -> Result<Vec<f32>, Cancelled> {
        let place = Places { flipped, ..self.places() };
        let [_, nb, nc] = place.shape;
        let (grid, voxels) = (self.values.grid(), self.values.voxels());
        let (dims, outside) = (grid.dims(), self.scale.lowest());
        let mut input = vec![0.0; self.tile.iter().product()];
        input.par_chunks_mut(nb * nc).enumerate().try_for_each(|(a, plane)| {
            progress.check()?;
            for (bc, value) in plane.iter_mut().enumerate() {
                let voxel = place.voxel([a, bc / nc, bc % nc]);
                let at = [0, 1, 2].map(|a| tile.start[a] + voxel[a]);
                let inside = (0..3).all(|a| at[a] < dims[a]);
                *value = if inside { self.scale.apply(voxels[grid.offset(at)]) } else { outside };
            }
            Ok(())
        })?;
        Ok(input)
    }

    fn places(&self) -> Places {
        Places { shape: shape_of(self.tile, self.order), order: self.order, flipped: [false; 3] }
    }
}

/// Where voxels of a tile stand in the network's input, and the other way round.
#[derive(Clone, Copy)]
struct Places {
    /// Of the input, the last index fastest.
    shape: [usize; 3],
    order: Order,
    /// Along i, j and k.
    flipped: [bool; 3],
}

impl Places {
    /// Where the voxel stands in an input that is not flipped.
    #[inline]
    fn of(self, [i, j, k]: [usize; 3]) -> usize {
        let [_, nb, nc] = self.shape;
        match self.order {
            Order::Kji => (k * nb + j) * nc + i,
            Order::Ijk => (i * nb + j) * nc + k,
        }
    }

    /// The voxel that stands at this index of the flipped input.
    #[inline]
    fn voxel(self, index: [usize; 3]) -> [usize; 3] {
        let axis = |position: usize| match self.order {
            Order::Kji => 2 - position,
            Order::Ijk => position,
        };
        let turned: [usize; 3] = std::array::from_fn(|position| {
            if self.flipped[axis(position)] { self.shape[position] - 1 - index[position] } else { index[position] }
        });
        match self.order {
            Order::Kji => [turned[2], turned[1], turned[0]],
            Order::Ijk => turned,
        }
    }

    /// Where what stands at `index` without flips stands with them; and the other way round.
    #[inline]
    fn turned(self, index: [usize; 3]) -> usize {
        self.of(self.voxel(index))
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
