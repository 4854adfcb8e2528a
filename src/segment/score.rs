//! How well two masks agree.

use super::SegmentError;
use crate::base::{Progress, units::MM3_PER_ML};
use crate::image::Volume;
use crate::image::filter::squared_distance;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Agreement of a mask with a reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// 2 |A ∩ B| / (|A| + |B|), 0 to 1 (Dice 1945).
    pub dice: f64,
    /// Volume of the mask in ml.
    pub volume_ml: f64,
    /// Volume of the reference in ml.
    pub reference_ml: f64,
    /// Mean distance between the two surfaces, both ways, mm.
    pub surface_mean_mm: f64,
    /// 95 % of the surface voxels of either mask are at most this far from the other's surface, mm.
    pub surface_95_mm: f64,
}

impl Score {
    /// How much larger than the reference the mask is, ml.
    pub fn difference_ml(&self) -> f64 {
        self.volume_ml - self.reference_ml
    }
}

/// Compare `mask` with `reference`. Distances go between centres of surface voxels (those with a face neighbour
/// outside; the end of the grid is no surface), exact.
///
/// # Errors
/// [`SegmentError`] if the grids differ, one of them is empty, or `progress` was cancelled.
pub fn score(mask: &Volume<u8>, reference: &Volume<u8>, progress: &Progress) -> Result<Score, SegmentError> {
    if mask.grid() != reference.grid() {
        return Err(SegmentError::DifferentGrids);
    }
    let count = |volume: &Volume<u8>| volume.voxels().par_iter().filter(|value| **value != 0).count();
    let (n, n_reference) = (count(mask), count(reference));
    if n == 0 || n_reference == 0 {
        return Err(SegmentError::Empty(if n == 0 { "mask" } else { "reference" }));
    }
    let both = mask.voxels().par_iter().zip(reference.voxels()).filter(|(a, b)| **a != 0 && **b != 0).count();
    let (surface, surface_reference) = (surface(mask), surface(reference));
    let mut distances = Vec::new();
    let pairs = [(&surface, &surface_reference, 0.0..0.5), (&surface_reference, &surface, 0.5..1.0)];
    for (from, to, part) in pairs {
        let squared = squared_distance(to, f64::INFINITY, &progress.part(part, "surface distances"))?;
        let pairs = squared.voxels().iter().zip(from.voxels()).filter(|(_, here)| **here != 0);
        distances.extend(pairs.map(|(squared, _)| f64::from(*squared).sqrt()));
    }
    distances.retain(|distance| distance.is_finite());
    distances.sort_by(f64::total_cmp);
    let at_95 = (distances.len() as f64 * 0.95).ceil() as usize;
    let ml = mask.grid().voxel_mm3() / MM3_PER_ML;
    Ok(Score {
        dice: 2.0 * both as f64 / (n + n_reference) as f64,
        volume_ml: n as f64 * ml,
        reference_ml: n_reference as f64 * ml,
        surface_mean_mm: distances.iter().sum::<f64>() / distances.len().max(1) as f64,
        surface_95_mm: distances.get(at_95.saturating_sub(1)).copied().unwrap_or(0.0),
    })
}

/// The voxels of `mask` with a face neighbour outside it.
fn surface(mask: &Volume<u8>) -> Volume<u8> {
    let [ni, nj, nk] = mask.grid().dims();
    let values = mask.voxels();
    let mut voxels = vec![0_u8; values.len()];
    voxels.par_chunks_mut(ni).enumerate().for_each(|(row, out)| {
        let (j, k) = (row % nj, row / nj);
        for (i, out) in out.iter_mut().enumerate() {
            let at = row * ni + i;
            *out = u8::from(
                values[at] != 0
                    && ((0 < i && values[at - 1] == 0)
                        || (i + 1 < ni && values[at + 1] == 0)
                        || (0 < j && values[at - ni] == 0)
                        || (j + 1 < nj && values[at + ni] == 0)
                        || (0 < k && values[at - ni * nj] == 0)
                        || (k + 1 < nk && values[at + ni * nj] == 0)),
            );
        }
    });
    Volume::new(std::sync::Arc::clone(mask.grid()), voxels).expect("one value per voxel")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};

    fn cube(from: usize) -> Volume<u8> {
        let grid = Grid::aligned([30, 30, 30], Point::origin(), [0.5, 0.5, 2.0]).unwrap();
        let inside = |o: usize| {
            grid.voxel(o)
                .iter()
                .enumerate()
                .all(|(a, x)| (5 + if a == 0 { from } else { 0 }..15 + if a == 0 { from } else { 0 }).contains(x))
        };
        let voxels = (0..grid.len()).map(|o| u8::from(inside(o))).collect();
        Volume::new(grid.clone(), voxels).unwrap()
    }

    #[test]
    fn a_mask_agrees_with_itself() {
        let score = score(&cube(0), &cube(0), &Progress::default()).unwrap();
        assert_eq!(
            (score.dice, score.surface_mean_mm, score.surface_95_mm, score.difference_ml()),
            (1.0, 0.0, 0.0, 0.0)
        );
        assert!((score.volume_ml - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_shift_costs_overlap_and_distance() {
        let score = score(&cube(4), &cube(0), &Progress::default()).unwrap();
        assert_eq!(score.dice, 0.6);
        // Two of the ends are 2 mm away, most of the sides lie in the other's sides.
        assert_eq!(score.surface_95_mm, 2.0);
        assert!(0.2 < score.surface_mean_mm && score.surface_mean_mm < 1.0);
    }

    #[test]
    fn nothing_cannot_be_scored() {
        let empty = Volume::new(std::sync::Arc::clone(cube(0).grid()), vec![0; 27_000]).unwrap();
        assert_eq!(score(&empty, &cube(0), &Progress::default()), Err(SegmentError::Empty("mask")));
    }
}
