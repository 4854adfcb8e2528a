//! The airway: air in trachea and bronchi, followed until it would leak into the lung.

use super::body::body;
use super::coarse::{Coarse, volume_ml};
use super::discs::{Chain, chains};
use super::edge::to_wall;
use super::evidence::Evidence;
use super::lungs::lung_air;
use super::preset::Organ;
use crate::base::{Progress, Summary, units::MM3_PER_ML};
use crate::geom::Point;
use crate::image::filter::close;
use crate::image::{Components, LabelMap, Volume};
use crate::segment::{Growth, SegmentError, grow_by_level};
use std::sync::Arc;

/// Values of the first level and of the last one tried.
const FIRST_HU: i16 = super::coarse::AIR_HU;
const LAST_HU: i16 = -600;
/// Over this much noise voxels are taken from a median.
const DENOISED_HU: f64 = 25.0;
/// A rise of the threshold by this many HU is watched for a leak.
const WATCH_HU: usize = 10;
/// More new air than this within the watched rise is a leak.
const LEAK_ML: f64 = 12.0;
/// And more than this share of the air before.
const LEAK_SHARE: f64 = 0.35;
/// A slow leak, into lung that is full of holes, shows over this rise …
const SLOW_HU: usize = 50;
/// … by more than this and [`LEAK_SHARE`]; the branches that open in time add less.
const SLOW_ML: f64 = 15.0;
/// Before a leak the airway gains at most this within the watched rise …
const CALM_ML: f64 = 3.0;
/// … or this share of itself.
const CALM_SHARE: f64 = 0.05;
/// More than this beyond the trachea is lung, not airway.
const BRANCHES_ML_MAX: f64 = 80.0;

/// Segment the airway; `seed` replaces the search for the trachea.
pub(super) fn run(ct: &Volume<i16>, seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let coarse = Coarse::of(ct, &progress.part(0.0..0.2, "coarse copy"))?;
    let body = body(&coarse, &progress.part(0.2..0.4, "body"))?;
    let lungs = lung_air(&coarse, &body, &progress.part(0.4..0.5, "lungs"))?;
    let found = trachea(&coarse, &body, &lungs, &progress.part(0.5..0.6, "trachea"));
    let (chain, seeds) = match seed {
        Some(point) => (found.ok(), vec![seed_voxel(&coarse, point)?]),
        None => {
            let chain = found?;
            let seeds = seeds(&coarse, &chain);
            (Some(chain), seeds)
        }
    };
    let tree = tree(&coarse, &body, chain.as_ref(), &seeds, &progress.part(0.6..1.0, "airway"))?;
    let volume = volume_ml(&tree.mask);
    if volume < 0.1 {
        return Err(SegmentError::NotFound {
            organ: "airway",
            reason: format!("only {volume:.2} ml of air could be followed from the seed"),
        });
    }
    let summary = Summary::default()
        .fact("volume", volume, "ml")
        .fact("threshold", f64::from(tree.threshold_hu), "HU")
        .fact("trachea length", chain.as_ref().map_or(0.0, |chain| chain.length_mm), "mm")
        .method("The trachea is the longest chain of round air-filled cross-sections near the midline above the lungs' middle")
        .method(format!("Region growing at every threshold at once; the threshold kept is the last one before more than {LEAK_ML} ml and {:.0} % are added within {WATCH_HU} HU, or more than {SLOW_ML} ml within {SLOW_HU} HU, the signs of a leak into the lung", 100.0 * LEAK_SHARE))
        .method("The edge is then put where that of a blurred wall lies: at half of its height where it is thick, nearer to its top where it is thin")
        .limit("Bronchi thinner than about three voxels are missing");
    let summary = if tree.denoised {
        summary.method("3 × 3 median in each slice before growing, because the scan is noisy")
    } else {
        summary
    };
    let length_mm = chain.as_ref().map_or(0.0, |chain| chain.length_mm);
    let branches = volume - chain.as_ref().map_or(0.0, chain_ml);
    let evidence = Evidence::new(summary)
        .expect(50.0 <= length_mm, 0.7, || {
            format!("only {length_mm:.0} mm of trachea were recognised, 50 mm are expected of a chest scan")
        })
        .expect((5.0..=150.0).contains(&volume), 0.6, || format!("the airway has {volume:.0} ml, outside 5 to 150 ml"))
        .expect(3.0 <= branches, 0.7, || {
            "hardly any air beyond the trachea was reached; the bronchi are missing".into()
        })
        .expect(tree.leak_seen, 0.9, || {
            format!("no leak was met up to {LAST_HU} HU; the threshold is the highest allowed")
        });
    Ok(Organ {
        labels: LabelMap::from_mask(&tree.mask, "airway", [182, 228, 255], Some(44_567_001)),
        summary: evidence.summary(),
    })
}

/// A grown airway.
pub(super) struct Tree {
    /// On the grid of the scan.
    pub mask: Volume<u8>,
    /// The threshold it was grown with.
    pub threshold_hu: i16,
    /// Whether a higher threshold was seen to leak.
    leak_seen: bool,
    /// Whether the scan was smoothed before.
    denoised: bool,
}

/// The trachea as a chain of discs from the carina up.
pub(super) fn trachea(
    coarse: &Coarse,
    body: &Volume<u8>,
    lungs: &Components,
    progress: &Progress,
) -> Result<Chain, SegmentError> {
    let missing = |reason: String| SegmentError::NotFound { organ: "trachea", reason };
    let Some(lung) = (0..lungs.parts().len()).next().map(|id| lungs.centre(id)) else {
        return Err(missing("there is no lung in the scan".into()));
    };
    let inside = coarse.mean.voxels().iter().zip(body.voxels());
    let inside = inside.map(|(value, body)| if *body != 0 { *value } else { i16::MAX }).collect();
    let inside = Volume::new(Arc::clone(body.grid()), inside).expect("one value per voxel");
    let middle_x_mm = coarse.middle(body).x;
    let chains = chains(coarse, &inside, i16::MIN..=-850, 50.0..=900.0, progress)?;
    let fits = |chain: &&Chain| {
        let top = &chain.discs[chain.discs.len() - 1];
        lung.z < top.centre.z
            && chain.mean(|d| (d.centre.x - middle_x_mm).abs()) < 50.0
            && chain.mean(|d| d.mean_hu) < -900.0
    };
    let best = chains.into_iter().filter(|chain| fits(&chain)).find(|chain| 15.0 <= chain.length_mm);
    best.ok_or_else(|| missing("no chain of round air-filled cross-sections of 15 mm or more lies near the midline above the lungs' middle; place a seed point".into()))
}

/// Places in the scan to grow from: the middle of every cross-section.
pub(super) fn seeds(coarse: &Coarse, chain: &Chain) -> Vec<usize> {
    chain.discs.iter().map(|disc| coarse.ct.grid().offset(coarse.fine_voxel(disc.voxel))).collect()
}

fn seed_voxel(coarse: &Coarse, point: Point) -> Result<usize, SegmentError> {
    let outside = || SegmentError::SeedOutside([point.x, point.y, point.z]);
    let voxel = coarse.mean.grid().voxel_at(point).ok_or_else(outside)?;
    let value_hu = f64::from(coarse.mean.at(voxel));
    if -800.0 < value_hu {
        return Err(SegmentError::BadSeed { value_hu, needed: "an airway seed must lie in air, under -800 HU".into() });
    }
    Ok(coarse.ct.grid().offset(coarse.ct.grid().voxel_at(point).ok_or_else(outside)?))
}

fn chain_ml(chain: &Chain) -> f64 {
    chain.mean(|disc| disc.area_mm2) * chain.length_mm / MM3_PER_ML
}

/// The mean of the air around the seeds, and what nearly all of it is darker than: two standard deviations more.
fn lumen_hu(values: &Volume<i16>, seeds: &[usize]) -> (f64, f64) {
    let [ni, ..] = values.grid().dims();
    let around = seeds.iter().flat_map(|seed| (0..9).map(move |n| seed + n % 3 + n / 3 * ni));
    let around = around.filter_map(|at| values.voxels().get(at.wrapping_sub(ni + 1)));
    let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for value in around.map(|value| f64::from(*value)) {
        (n, sum, squares) = (n + 1.0, sum + value, squares + value * value);
    }
    let mean = sum / f64::max(n, 1.0);
    (mean, mean + 2.0 * (squares / f64::max(n, 1.0) - mean * mean).max(0.0).sqrt())
}

/// The last level before the leak that ended the growth: back from it, and on while the airway still grew like a leak.
fn before_leak(counts: &[usize], first: usize, calm_voxels: f64) -> usize {
    let last = counts.len().saturating_sub(WATCH_HU + 1);
    let calm = |level: usize| {
        let before = counts[level - WATCH_HU] as f64;
        counts[level] as f64 - before <= calm_voxels.max(CALM_SHARE * before)
    };
    (first + WATCH_HU..=last).rev().find(|level| calm(*level)).unwrap_or(last.min(first + WATCH_HU))
}

/// Grow the airway from `seeds`.
pub(super) fn tree(
    coarse: &Coarse,
    body: &Volume<u8>,
    chain: Option<&Chain>,
    seeds: &[usize],
    progress: &Progress,
) -> Result<Tree, SegmentError> {
    let values = coarse.despeckled(DENOISED_HU, progress)?;
    let grid = Arc::clone(coarse.ct.grid());
    let ml = grid.voxel_mm3() / MM3_PER_ML;
    let trachea_ml = chain.map_or(1.0, chain_ml);
    let level_of = |offset: usize| {
        let inside = body.voxels()[coarse.offset_of(grid.voxel(offset))] != 0;
        inside.then(|| (i32::from(values.voxels()[offset].max(FIRST_HU)) - i32::from(FIRST_HU)) as usize)
    };
    // Below this the lumen itself is still filling.
    let (lumen_mean_hu, lumen_hu) = lumen_hu(&values, seeds);
    let first = (lumen_hu - f64::from(FIRST_HU)).max(0.0) as usize;
    let leaks = |counts: &[usize]| {
        let now = counts[counts.len() - 1] as f64 * ml;
        let grown = |rise: usize, least_ml: f64| {
            let before = counts.len().checked_sub(rise + 1).filter(|level| first <= *level);
            before
                .map(|level| counts[level] as f64 * ml)
                .is_some_and(|before| 0.4 * trachea_ml <= before && least_ml.max(LEAK_SHARE * before) < now - before)
        };
        grown(WATCH_HU, LEAK_ML) || grown(SLOW_HU, SLOW_ML) || trachea_ml + BRANCHES_ML_MAX < now
    };
    let levels = (i32::from(LAST_HU) - i32::from(FIRST_HU)) as usize;
    let growth: Growth = grow_by_level(&grid, seeds, levels, level_of, leaks, progress)?;
    let level = if growth.stopped { before_leak(&growth.counts, first, CALM_ML / ml) } else { levels - 1 };
    let mut mask = vec![0_u8; grid.len()];
    growth.at_level(level).iter().for_each(|offset| mask[*offset] = 1);
    let mask = Volume::new(grid, mask).expect("one value per voxel");
    let mask = to_wall(&mask, &values, lumen_mean_hu);
    let mask = close(&mask, 1.0, progress)?;
    Ok(Tree {
        mask,
        threshold_hu: FIRST_HU + level as i16,
        leak_seen: growth.stopped,
        denoised: DENOISED_HU < coarse.noise_hu,
    })
}
