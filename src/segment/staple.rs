//! One consensus of several readers, and how good each reader is: STAPLE, and the majority of votes.

use super::SegmentError;
use crate::base::{Progress, parallel};
use crate::image::Volume;
use rayon::prelude::*;
use std::sync::Arc;

/// Most readers: what they say of a voxel is one of 2¹⁶ patterns.
pub const READERS_MAX: usize = 16;
/// Readers start as nearly perfect, as in ITK's filter.
const START: f64 = 0.999_99;
/// The iteration ends when no number changes by more than this.
const CHANGE: f64 = 1e-9;
/// Iterations at most; a few dozen are usual.
const ITERATIONS: usize = 2000;

/// How good one reader is, against the consensus of all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reader {
    /// p: the share of the true voxels that the reader marked, 0 to 1.
    pub sensitivity: f64,
    /// q: the share of the other voxels that the reader left, 0 to 1.
    pub specificity: f64,
}

/// The consensus of several readers.
#[derive(Debug, Clone, PartialEq)]
pub struct Consensus {
    /// 1 where the voxel is true with a probability of at least one half, 0 elsewhere.
    pub mask: Volume<u8>,
    /// 1 where more than half of the readers marked the voxel, 0 elsewhere.
    pub majority: Volume<u8>,
    /// In the order of the masks.
    pub readers: Vec<Reader>,
    /// Σ of the probabilities times the volume of a voxel, ml.
    pub expected_ml: f64,
    /// f(T = 1): the share of true voxels before anything is known of the readers.
    pub prior: f64,
    /// Iterations made.
    pub iterations: usize,
    /// Whether the numbers had come to rest.
    pub converged: bool,
}

/// STAPLE (Warfield, Zou and Wells, "Simultaneous truth and performance level estimation", IEEE Trans. Med. Imaging 23
/// (2004) 903, equations 14, 15, 18 and 19) on the masks of 2 to 16 readers (anything but 0 is marked), without a spatial
/// prior:
///
/// ```text
/// Wᵢ = f(1) aᵢ / (f(1) aᵢ + f(0) bᵢ)     aᵢ = Πⱼ p if marked, 1 − p if not     bᵢ = Πⱼ 1 − q if marked, q if not
/// pⱼ = Σ Wᵢ over marked / Σ Wᵢ           qⱼ = Σ (1 − Wᵢ) over unmarked / Σ (1 − Wᵢ)
/// ```
///
/// f(1) is the mean of all marks. It depends on how much background is looked at: `around_mm` takes the box around all
/// marks with this much room on every side, `None` the whole grid as ITK does. Voxels of one pattern of marks are one
/// case, so an iteration costs 2ⁿ and not one visit to every voxel.
///
/// # Errors
/// [`SegmentError`] for too few or too many readers, different grids, no mark at all, or a cancellation.
pub fn staple(masks: &[Volume<u8>], around_mm: Option<f64>, progress: &Progress) -> Result<Consensus, SegmentError> {
    let n = masks.len();
    if !(2..=READERS_MAX).contains(&n) {
        return Err(SegmentError::Readers { given: n, max: READERS_MAX });
    }
    let grid = masks[0].grid();
    if masks.iter().any(|mask| mask.grid() != grid) {
        return Err(SegmentError::DifferentGrids);
    }
    let patterns = patterns(masks, progress)?;
    let [ni, nj, _] = grid.dims();
    let region = region(&patterns, grid.dims(), grid.spacing_mm(), around_mm)
        .ok_or(SegmentError::Empty("union of all masks"))?;
    // Counted slice by slice in their order, in whole numbers: the same on any number of threads.
    let mut counts = vec![0_u64; 1 << n];
    for k in region[2].clone() {
        for j in region[1].clone() {
            let row = (k * nj + j) * ni;
            patterns[row + region[0].start..row + region[0].end].iter().for_each(|p| counts[usize::from(*p)] += 1);
        }
    }
    let all: u64 = counts.iter().sum();
    let marks: u64 = counts.iter().enumerate().map(|(pattern, count)| u64::from(pattern.count_ones()) * count).sum();
    let prior = marks as f64 / (all as f64 * n as f64);
    let mut readers = vec![Reader { sensitivity: START, specificity: START }; n];
    let mut truth = vec![0.0; counts.len()];
    let (mut iterations, mut converged) = (0, false);
    while iterations < ITERATIONS && !converged {
        progress.step(iterations, ITERATIONS)?;
        truth = probabilities(&readers, prior);
        let next: Vec<Reader> = (0..n).map(|reader| performance(reader, &counts, &truth, readers[reader])).collect();
        let moved = readers
            .iter()
            .zip(&next)
            .map(|(old, new)| (old.sensitivity - new.sensitivity).abs().max((old.specificity - new.specificity).abs()));
        converged = moved.fold(0.0, f64::max) < CHANGE;
        readers = next;
        iterations += 1;
    }
    let of = |marked: &(dyn Fn(u16) -> bool + Sync)| {
        let voxels = patterns.par_iter().map(|pattern| u8::from(marked(*pattern))).collect();
        Volume::new(Arc::clone(grid), voxels).expect("one value per voxel")
    };
    // Outside the region every voxel has no mark; it is as false as one with no mark inside.
    let mask = of(&|pattern| pattern != 0 && 0.5 <= truth[usize::from(pattern)]);
    let majority = of(&|pattern| (n as u32) < 2 * pattern.count_ones());
    let expected: f64 = counts.iter().zip(&truth).map(|(count, truth)| *count as f64 * truth).sum();
    let expected_ml = expected * grid.voxel_mm3() / crate::base::units::MM3_PER_ML;
    Ok(Consensus { mask, majority, readers, expected_ml, prior, iterations, converged })
}

/// For every voxel the set of readers that marked it, one bit each.
fn patterns(masks: &[Volume<u8>], progress: &Progress) -> Result<Vec<u16>, SegmentError> {
    let mut patterns = vec![0_u16; masks[0].voxels().len()];
    for (reader, mask) in masks.iter().enumerate() {
        progress.check()?;
        let pairs = patterns.par_iter_mut().zip(mask.voxels());
        pairs.for_each(|(pattern, value)| *pattern |= u16::from(*value != 0) << reader);
    }
    Ok(patterns)
}

/// The voxels that are looked at along each axis; `None` if nobody marked any.
fn region(
    patterns: &[u16],
    dims: [usize; 3],
    spacing_mm: [f64; 3],
    around_mm: Option<f64>,
) -> Option<[std::ops::Range<usize>; 3]> {
    let [ni, nj, _] = dims;
    let (mut low, mut high) = ([usize::MAX; 3], [0; 3]);
    for (row, values) in patterns.chunks(ni).enumerate() {
        let Some(first) = values.iter().position(|pattern| *pattern != 0) else { continue };
        let last = values.iter().rposition(|pattern| *pattern != 0).unwrap_or(first);
        for (a, (from, to)) in [(first, last), (row % nj, row % nj), (row / nj, row / nj)].into_iter().enumerate() {
            low[a] = low[a].min(from);
            high[a] = high[a].max(to + 1);
        }
    }
    if low[0] == usize::MAX {
        return None;
    }
    Some(match around_mm {
        None => dims.map(|n| 0..n),
        Some(room_mm) => [0, 1, 2].map(|a| {
            let room = (room_mm / spacing_mm[a]).ceil() as usize;
            low[a].saturating_sub(room)..(high[a] + room).min(dims[a])
        }),
    })
}

/// W for every pattern of marks.
fn probabilities(readers: &[Reader], prior: f64) -> Vec<f64> {
    let patterns = 1 << readers.len();
    let of = |pattern: usize| {
        let (mut a, mut b) = (prior, 1.0 - prior);
        for (j, Reader { sensitivity: p, specificity: q }) in readers.iter().enumerate() {
            let marked = pattern >> j & 1 == 1;
            a *= if marked { *p } else { 1.0 - p };
            b *= if marked { 1.0 - q } else { *q };
        }
        if 0.0 < a + b { a / (a + b) } else { 0.0 }
    };
    (0..patterns).map(of).collect()
}

/// p and q of one reader; as they were where nothing is true, or everything.
fn performance(reader: usize, counts: &[u64], truth: &[f64], old: Reader) -> Reader {
    let sum = |value: &(dyn Fn(usize) -> f64 + Sync)| {
        parallel::sum_blocks(counts.len(), 4096, |range| {
            range.map(|pattern| counts[pattern] as f64 * value(pattern)).sum()
        })
    };
    let marked = |pattern: usize| pattern >> reader & 1 == 1;
    let (yes, no) = (sum(&|pattern| truth[pattern]), sum(&|pattern| 1.0 - truth[pattern]));
    let hits = sum(&|pattern| if marked(pattern) { truth[pattern] } else { 0.0 });
    let rejections = sum(&|pattern| if marked(pattern) { 0.0 } else { 1.0 - truth[pattern] });
    Reader {
        sensitivity: if 0.0 < yes { hits / yes } else { old.sensitivity },
        specificity: if 0.0 < no { rejections / no } else { old.specificity },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::{Grid, Point};

    fn grid() -> Arc<Grid> {
        Arc::new(Grid::aligned([40, 40, 20], Point::origin(), [1.0, 1.0, 2.0]).unwrap())
    }

    fn truth(offset: usize) -> bool {
        let [i, j, k] = grid().voxel(offset);
        (8..30).contains(&i) && (10..31).contains(&j) && (4..15).contains(&k)
    }

    /// A reader who misses and invents voxels at known rates.
    fn reader(seed: u64, p: f64, q: f64) -> Volume<u8> {
        let mut rng = Rng::new(seed);
        let voxels = (0..grid().len()).map(|o| u8::from(if truth(o) { rng.unit() < p } else { q < rng.unit() }));
        Volume::new(grid(), voxels.collect()).unwrap()
    }

    #[test]
    fn the_rates_of_readers_who_guess_independently_are_found() {
        // Few false marks: the mean of all marks, which STAPLE starts from, is then near the true share.
        let rates = [(0.95, 0.99), (0.9, 0.98), (0.6, 0.995), (0.85, 0.97)];
        let masks: Vec<_> = rates.iter().enumerate().map(|(n, (p, q))| reader(n as u64, *p, *q)).collect();
        let found = staple(&masks, None, &Progress::default()).unwrap();
        assert!(found.converged);
        for ((p, q), reader) in rates.iter().zip(&found.readers) {
            assert!((reader.sensitivity - p).abs() < 0.03, "{p} {reader:?}");
            assert!((reader.specificity - q).abs() < 0.02, "{q} {reader:?}");
        }
        // The consensus knows whom to trust; the majority does not.
        let wrong = |mask: &Volume<u8>| (0..grid().len()).filter(|o| (mask.voxels()[*o] != 0) != truth(*o)).count();
        assert!(wrong(&found.mask) < wrong(&found.majority), "{} {}", wrong(&found.mask), wrong(&found.majority));
    }

    #[test]
    fn readers_who_agree_are_perfect() {
        let mask = reader(1, 1.0, 1.0);
        let found = staple(&[mask.clone(), mask.clone(), mask.clone()], Some(3.0), &Progress::default()).unwrap();
        assert_eq!((&found.mask, &found.majority), (&mask, &mask));
        assert!(found.readers.iter().all(|r| 0.999_999 < r.sensitivity && 0.999_999 < r.specificity));
        assert!((found.expected_ml - 22.0 * 21.0 * 11.0 * 2.0 / 1000.0).abs() < 1e-6);
    }

    #[test]
    fn one_reader_no_mark_and_other_grids_are_refused() {
        let mask = reader(1, 1.0, 1.0);
        let progress = Progress::default();
        let one = staple(std::slice::from_ref(&mask), None, &progress).unwrap_err();
        assert_eq!(one.to_string(), "1 reader given; a consensus needs 2 to 16");
        let none = Volume::new(grid(), vec![0_u8; grid().len()]).unwrap();
        assert!(matches!(staple(&[none.clone(), none], None, &progress), Err(SegmentError::Empty(_))));
        let other = Grid::aligned([40, 40, 20], Point::origin(), [1.0; 3]).unwrap();
        let other = Volume::new(other, vec![1_u8; grid().len()]).unwrap();
        assert_eq!(staple(&[mask, other], None, &progress), Err(SegmentError::DifferentGrids));
    }
}
