//! Round cross-sections and the chains they form through slices: trachea and aorta look like this.

use super::coarse::Coarse;
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point};
use crate::image::{Components, Neighbours, Volume};
use rayon::prelude::*;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// A round region of one slice.
#[derive(Debug, Clone)]
pub(super) struct Disc {
    /// The coarse voxel nearest to its centre.
    pub voxel: [usize; 3],
    /// Its centre in the patient.
    pub centre: Point,
    /// Its area.
    pub area_mm2: f64,
    /// Mean value.
    pub mean_hu: f64,
    /// Standard deviation of its values.
    pub deviation_hu: f64,
}

/// Discs of neighbouring slices, from the feet up.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    /// At least one.
    pub discs: Vec<Disc>,
    /// From the lowest to the highest slice.
    pub length_mm: f64,
}

impl Chain {
    /// Mean of a property over the discs.
    pub(super) fn mean(&self, f: impl Fn(&Disc) -> f64) -> f64 {
        self.discs.iter().map(f).sum::<f64>() / self.discs.len() as f64
    }
}

/// The round regions of `values` (coarse grid) in `range`, linked into chains, the longest first.
pub(super) fn chains(
    coarse: &Coarse,
    values: &Volume<i16>,
    range: RangeInclusive<i16>,
    area_mm2: RangeInclusive<f64>,
    progress: &Progress,
) -> Result<Vec<Chain>, Cancelled> {
    let grid = values.grid();
    let [ni, nj, nk] = grid.dims();
    let flat = Arc::new(Grid::aligned([ni, nj, 1], Point::origin(), [1.0; 3]).expect("a slice of a grid is a grid"));
    let mut slices: Vec<Vec<Disc>> = (0..nk)
        .into_par_iter()
        .map(|k| {
            progress.check()?;
            let slice = values.voxels()[k * ni * nj..(k + 1) * ni * nj].to_vec();
            let slice = Volume::new(Arc::clone(&flat), slice).expect("one value per voxel of the slice");
            let parts = Components::of(&slice, |v| range.contains(&v), Neighbours::Six, &Progress::default())?;
            Ok(discs(grid, &slice, &parts, k, &area_mm2))
        })
        .collect::<Result<_, Cancelled>>()?;
    if !coarse.upwards {
        slices.reverse();
    }
    Ok(link(&slices, grid.spacing_mm()[2]))
}

fn discs(grid: &Grid, slice: &Volume<i16>, parts: &Components, k: usize, area_mm2: &RangeInclusive<f64>) -> Vec<Disc> {
    let [hi, hj, _] = grid.spacing_mm();
    let sums = parts.sums(slice, f64::from);
    let squares = parts.sums(slice, |value| f64::from(value).powi(2));
    let round = |id: usize| {
        let part = &parts.parts()[id];
        let n = part.voxels as f64;
        let (a, b) = ((part.max[0] - part.min[0] + 1) as f64 * hi, (part.max[1] - part.min[1] + 1) as f64 * hj);
        let voxel = [part.centre.x.round() as usize, part.centre.y.round() as usize, k];
        // A disc fills π/4 of its box; one that holds its own centre is no ring and no crescent.
        let good = area_mm2.contains(&(n * hi * hj))
            && a.max(b) <= 2.0 * a.min(b)
            && 0.6 * a * b <= n * hi * hj
            && parts.at([voxel[0], voxel[1], 0]) == Some(id);
        let mean_hu = sums[id] / n;
        good.then(|| Disc {
            voxel,
            centre: grid.patient_from_index(part.centre + nalgebra::Vector3::z() * k as f64),
            area_mm2: n * hi * hj,
            mean_hu,
            deviation_hu: (squares[id] / n - mean_hu * mean_hu).max(0.0).sqrt(),
        })
    };
    (0..parts.parts().len()).filter_map(round).collect()
}

/// Slices without a fitting disc that a chain may bridge, mm.
const GAP_MM_MAX: f64 = 8.0;

/// The chain that ends at a disc: how many discs it has, and the one before, if any, as (slice, place in the slice).
type Link = (usize, Option<(usize, usize)>);

/// Chains of discs that lie over one another and have similar areas, the longest first, no disc in two.
fn link(slices: &[Vec<Disc>], slice_mm: f64) -> Vec<Chain> {
    let reach = 1 + (GAP_MM_MAX / slice_mm).floor() as usize;
    let mut best: Vec<Vec<Link>> = Vec::new();
    for (k, discs) in slices.iter().enumerate() {
        let link = |disc: &Disc| -> Link {
            let below =
                (k.saturating_sub(reach)..k).flat_map(|j| slices[j].iter().enumerate().map(move |(n, d)| (j, n, d)));
            let linked = below.filter_map(|(j, index, other)| {
                let shift_mm = (disc.centre - other.centre).xy().norm();
                let ratio = disc.area_mm2 / other.area_mm2;
                let close = shift_mm <= 2.5 + 0.8 * slice_mm * (k - j) as f64 && (0.6..=1.0 / 0.6).contains(&ratio);
                close.then_some((best[j][index].0, shift_mm, j, index))
            });
            let last = linked.max_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then((b.2, b.3).cmp(&(a.2, a.3))));
            last.map_or((1, None), |(n, _, j, index)| (n + 1, Some((j, index))))
        };
        let links = discs.iter().map(link).collect();
        best.push(links);
    }
    let mut ends: Vec<(usize, usize)> =
        (0..slices.len()).flat_map(|k| (0..slices[k].len()).map(move |d| (k, d))).collect();
    ends.sort_by_key(|(k, d)| std::cmp::Reverse(best[*k][*d].0));
    let mut used: Vec<Vec<bool>> = slices.iter().map(|discs| vec![false; discs.len()]).collect();
    let mut chains = Vec::new();
    for end in ends {
        let (mut next, mut last) = (Some(end), end.0);
        let mut discs = Vec::new();
        while let Some((k, index)) = next.filter(|(k, index)| !used[*k][*index]) {
            used[k][index] = true;
            discs.push(slices[k][index].clone());
            next = best[k][index].1;
            last = k;
        }
        if 2 <= discs.len() {
            discs.reverse();
            chains.push(Chain { length_mm: (end.0 - last) as f64 * slice_mm, discs });
        }
    }
    chains.sort_by(|a, b| b.length_mm.total_cmp(&a.length_mm));
    chains
}
