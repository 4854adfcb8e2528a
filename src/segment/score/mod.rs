//! How well two masks agree: overlap, volumes and distances between their boundaries.

mod boundary;

use super::SegmentError;
use crate::base::{Progress, units::MM3_PER_ML};
use crate::image::Volume;
use boundary::Boundary;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Agreement of a mask with a reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// 2 |A ∩ B| / (|A| + |B|), 0 to 1 (Dice 1945).
    pub dice: f64,
    /// |A ∩ B| / |A ∪ B|, 0 to 1 (Jaccard 1912).
    pub jaccard: f64,
    /// Volume of the mask in ml.
    pub volume_ml: f64,
    /// Volume of the reference in ml.
    pub reference_ml: f64,
    /// Mean distance from either boundary to the other, both ways, by area, mm.
    pub surface_mean_mm: f64,
    /// 95 % of the area of either boundary are at most this far from the other; the larger of both ways, mm.
    pub surface_95_mm: f64,
    /// No place of either boundary is farther from the other (Hausdorff), mm.
    pub hausdorff_mm: f64,
    /// Share of the area of both boundaries within the tolerance of the other, 0 to 1 (surface Dice).
    pub surface_dice: f64,
    /// The tolerance of the surface Dice, mm.
    pub tolerance_mm: f64,
}

impl Score {
    /// How much larger than the reference the mask is, ml.
    pub fn difference_ml(&self) -> f64 {
        self.volume_ml - self.reference_ml
    }
}

/// As [`score_within`], with the longest side of a voxel as tolerance.
///
/// # Errors
/// As [`score_within`].
pub fn score(mask: &Volume<u8>, reference: &Volume<u8>, progress: &Progress) -> Result<Score, SegmentError> {
    let tolerance_mm = mask.grid().spacing_mm().into_iter().fold(0.0, f64::max);
    score_within(mask, reference, tolerance_mm, progress)
}

/// Compare `mask` with `reference`, both on one grid; `tolerance_mm` is that of the surface Dice.
///
/// Boundaries are pieces between voxels, weighted by their area, so that anisotropic voxels count for what they are
/// (Nikolov et al. 2018, arXiv 1809.04430; the end of the grid is no boundary). Distances between pieces are exact on
/// any grid, also a sheared one.
///
/// # Errors
/// [`SegmentError`] if the grids differ, one of the masks is empty, only one of them has a boundary because the other
/// fills the whole grid, or `progress` was cancelled.
pub fn score_within(
    mask: &Volume<u8>,
    reference: &Volume<u8>,
    tolerance_mm: f64,
    progress: &Progress,
) -> Result<Score, SegmentError> {
    if mask.grid() != reference.grid() {
        return Err(SegmentError::DifferentGrids);
    }
    let masks = [(mask, "mask"), (reference, "reference")];
    let mut n = [0_usize; 2];
    let (mut low, mut high) = ([usize::MAX; 3], [0_usize; 3]);
    for (n, (volume, name)) in n.iter_mut().zip(masks) {
        let (count, own_low, own_high) = extent(volume).ok_or(SegmentError::Empty(name))?;
        *n = count;
        for a in 0..3 {
            low[a] = low[a].min(own_low[a]);
            high[a] = high[a].max(own_high[a]);
        }
    }
    progress.set(0.1)?;
    let both = mask.voxels().par_iter().zip(reference.voxels()).filter(|(a, b)| **a != 0 && **b != 0).count();
    let ml = mask.grid().voxel_mm3() / MM3_PER_ML;
    let agreed = Score {
        dice: 2.0 * both as f64 / (n[0] + n[1]) as f64,
        jaccard: both as f64 / (n[0] + n[1] - both) as f64,
        volume_ml: n[0] as f64 * ml,
        reference_ml: n[1] as f64 * ml,
        surface_mean_mm: 0.0,
        surface_95_mm: 0.0,
        hausdorff_mm: 0.0,
        surface_dice: 1.0,
        tolerance_mm,
    };
    let mine = Boundary::new(mask, low, high, &progress.part(0.1..0.2, "boundaries"))?;
    let other = Boundary::new(reference, low, high, &progress.part(0.2..0.3, "boundaries"))?;
    match (mine.is_empty(), other.is_empty()) {
        (true, true) => return Ok(agreed),
        (true, false) => return Err(SegmentError::NoBoundary("mask")),
        (false, true) => return Err(SegmentError::NoBoundary("reference")),
        (false, false) => {}
    }
    let there = Directed::new(mine.distances(&other, &progress.part(0.3..0.6, "surface distances"))?, tolerance_mm);
    let back = Directed::new(other.distances(&mine, &progress.part(0.6..0.9, "surface distances"))?, tolerance_mm);
    let area = there.area + back.area;
    Ok(Score {
        surface_mean_mm: (there.moment + back.moment) / area,
        surface_95_mm: there.at_95_mm.max(back.at_95_mm),
        hausdorff_mm: there.max_mm.max(back.max_mm),
        surface_dice: (there.near + back.near) / area,
        ..agreed
    })
}

/// Distances from one boundary to another, summed up.
struct Directed {
    /// mm².
    area: f64,
    /// Σ distance × area, mm³.
    moment: f64,
    /// mm² within the tolerance.
    near: f64,
    at_95_mm: f64,
    max_mm: f64,
}

impl Directed {
    fn new(mut pieces: Vec<(f64, f64)>, tolerance_mm: f64) -> Self {
        // Stable, so that sums have the same order on any number of threads.
        pieces.par_sort_by(|a, b| a.0.total_cmp(&b.0));
        let area: f64 = pieces.iter().map(|(_, area)| area).sum();
        let mut sum = 0.0;
        let at_95 = pieces.iter().find(|(_, piece)| {
            sum += piece;
            0.95 * area <= sum
        });
        let near = pieces.iter().filter(|(distance, _)| *distance <= tolerance_mm * (1.0 + 1e-6)).map(|(_, a)| a).sum();
        Self {
            area,
            moment: pieces.iter().map(|(distance, area)| distance * area).sum(),
            near,
            at_95_mm: at_95.or(pieces.last()).map_or(0.0, |(distance, _)| *distance),
            max_mm: pieces.last().map_or(0.0, |(distance, _)| *distance),
        }
    }
}

/// Voxels of a mask, and the first and last of them along each axis; `None` for an empty mask.
fn extent(mask: &Volume<u8>) -> Option<(usize, [usize; 3], [usize; 3])> {
    let [ni, nj, _] = mask.grid().dims();
    let slices = mask.voxels().par_chunks(ni * nj).enumerate().filter_map(|(k, slice)| {
        let mut found: Option<(usize, [usize; 3], [usize; 3])> = None;
        for (j, row) in slice.chunks(ni).enumerate() {
            let Some(first) = row.iter().position(|value| *value != 0) else { continue };
            let last = row.iter().rposition(|value| *value != 0).unwrap_or(first);
            let own = (row.iter().filter(|value| **value != 0).count(), [first, j, k], [last, j, k]);
            found = Some(found.map_or(own, |found| joined(found, own)));
        }
        found
    });
    slices.reduce_with(joined)
}

fn joined(
    (n, low, high): (usize, [usize; 3], [usize; 3]),
    (m, other_low, other_high): (usize, [usize; 3], [usize; 3]),
) -> (usize, [usize; 3], [usize; 3]) {
    let axes = [0, 1, 2];
    (n + m, axes.map(|a| low[a].min(other_low[a])), axes.map(|a| high[a].max(other_high[a])))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
