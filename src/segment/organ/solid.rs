//! Solid organs: even inside, cut from their neighbours where values change or where only a neck joins them.

use super::coarse::{Coarse, IF_FITTING, combine, components, volume_ml};
use super::trunk::Trunk;
use crate::base::{Cancelled, Progress};
use crate::geom::{Point, Vector};
use crate::image::Volume;
use crate::image::filter::{close, dilate, erode, fill_holes, gaussian, open};
use crate::segment::{SegmentError, split_at_necks};
use rayon::prelude::*;
use std::sync::Arc;

/// Between fat (−100) and organs (20 to 200).
const FAT_HU: i16 = -30;
/// A neck narrower than this share of the thinner side parts two organs.
const NECK_SHARE: f64 = 0.6;
/// Beam hardening and uneven contrast change an organ's level slowly, over this distance.
const BIAS_MM: f64 = 20.0;
/// Sheets thinner than twice this do not belong to a solid organ.
const SHEET_MM: f64 = 3.2;
/// Vessels and clefts up to twice this wide are filled.
const CLOSING_MM: f64 = 4.0;

/// Aorta and vena cava hold no ball of this radius …
const VESSEL_MM: f64 = 12.0;
/// … and lie within this of the middle of the spine to either side, and before it.
const BESIDE_SPINE_MM: f64 = 40.0;
const BEFORE_SPINE_MM: f64 = 75.0;

/// What an organ looks like and where it lies.
pub(super) struct Wanted<'a> {
    /// For the sentence if it is not there.
    pub organ: &'static str,
    /// Where it may be, coarse grid.
    pub allowed: Volume<u8>,
    /// Where it must be, or the place somebody pointed at.
    pub place: Place<'a>,
    /// Its level without a seed lies in this range, HU.
    pub level_hu: [f64; 2],
    /// It is thicker than twice this, so that inner voxels show its level.
    pub deep_mm: f64,
    /// Values down to the level less this share of it, and up to the level and this share of it, but never closer than
    /// [`Wanted::spread_hu_min`], are the organ's.
    pub spread_share: [f64; 2],
    /// Noise and fat.
    pub spread_hu_min: f64,
    /// It holds a ball of this radius nearly everywhere; vessels that leave it do not.
    pub core_mm: f64,
    /// Whether aorta and vena cava may be as bright and touch it: beside the spine it must hold [`VESSEL_MM`].
    pub beside_vessels: bool,
    /// Whether the level may change slowly inside.
    pub biased: bool,
    /// Whether a part of so many voxels and this middle (mm from the spine) can be it.
    pub fits: &'a (dyn Fn(f64, Vector) -> bool + Sync),
}

/// Where an organ is looked for.
pub(super) enum Place<'a> {
    /// `f(mm left of the spine, mm behind it)`.
    Around(&'a (dyn Fn(f64, f64) -> bool + Sync)),
    /// A point in the organ.
    Seed(Point),
}

/// A solid organ on the coarse grid.
pub(super) struct Solid {
    /// 1 inside.
    pub mask: Volume<u8>,
    /// Its level.
    pub level_hu: f64,
    /// What counted as its values, before slow changes.
    pub range_hu: [f64; 2],
    /// Area of its surface against tissue of the same values, as a share of all: there only shape parts them.
    pub unsure_share: f64,
    /// Middle of the largest such area.
    pub unsure_at: Option<Point>,
}

/// Find an organ.
pub(super) fn solid(trunk: &Trunk, wanted: &Wanted, progress: &Progress) -> Result<Solid, SegmentError> {
    let values = &trunk.quiet;
    let grid = values.grid();
    let soft = in_range(values, &wanted.allowed, |value, _| (-10.0..=500.0).contains(&value));
    let level_hu = match wanted.place {
        Place::Seed(point) => level_at(values, point)?,
        Place::Around(f) => {
            let [low, high] = wanted.level_hu;
            let possible = in_range(values, &soft, |value, _| low <= value && value <= high);
            let deep = trunk.place(&erode(&possible, wanted.deep_mm, &progress.part(0.0..0.1, "level"))?, f);
            let ml = volume_ml(&deep);
            let level = mode_hu(values, &deep);
            let Some(level) = level.filter(|_| 2.0 <= ml) else {
                let found = level.map_or_else(String::new, |level| format!(" at {level:.0} HU"));
                let reason = format!(
                    "{ml:.1} ml of even tissue thicker than {:.0} mm{found} lie where it should be; at least 2 ml of {low:.0} to {high:.0} HU are needed; place a seed point if it is in the scan",
                    2.0 * wanted.deep_mm
                );
                return Err(SegmentError::NotFound { organ: wanted.organ, reason });
            };
            level
        }
    };
    let below = f64::max(wanted.spread_hu_min, wanted.spread_share[0] * level_hu);
    let above = f64::max(wanted.spread_hu_min, wanted.spread_share[1] * level_hu);
    let range_hu = [level_hu - below, level_hu + above];
    let alike = in_range(values, &soft, |value, _| range_hu[0] <= value && value <= range_hu[1]);
    let mut part = part(trunk, wanted, &alike, None, &progress.part(0.1..0.4, "necks"))?;
    let mut alike = alike;
    if wanted.biased {
        let local = local_level(values, &part, &progress.part(0.4..0.6, "level"))?;
        let voxels = (0..grid.len()).into_par_iter().map(|offset| {
            let here = f64::from(local[offset]);
            let here = if here.is_finite() { here } else { level_hu };
            let difference = f64::from(values.voxels()[offset]) - here;
            u8::from(soft.voxels()[offset] != 0 && -below <= difference && difference <= above)
        });
        alike = Volume::new(Arc::clone(grid), voxels.collect()).expect("one value per voxel");
        part = self::part(trunk, wanted, &alike, Some(&part), &progress.part(0.6..0.8, "necks"))?;
    }
    let progress = &progress.part(0.8..1.0, "shape");
    // Vessels and muscles as bright as the organ are thinner than it.
    let core = components(&open(&part, wanted.core_mm, progress)?, progress)?;
    let near = dilate(&core.keep(|id| id == 0), 0.75 * wanted.core_mm, progress)?;
    let mut part = combine(&part, &near, |part, near| part & near);
    if wanted.beside_vessels {
        let thick = dilate(&open(&part, VESSEL_MM, progress)?, 0.75 * VESSEL_MM, progress)?;
        let beside = trunk.place(&part, |x, y| x.abs() < BESIDE_SPINE_MM && -BEFORE_SPINE_MM < y);
        let thin = combine(&beside, &thick, |beside, thick| beside & (1 - thick));
        part = combine(&part, &thin, |part, thin| part & (1 - thin));
    }
    let opened = open(&part, SHEET_MM, progress)?;
    let parts = components(&opened, progress)?;
    let closed = close(&parts.keep(|id| id == 0), CLOSING_MM, progress)?;
    let closed = combine(&fill_holes(&closed, progress)?, &trunk.body, |organ, body| organ & body);
    let barred = combine(&trunk.lungs, &trunk.bone, |a, b| a | b);
    let mask = combine(&closed, &barred, |organ, barred| organ & (1 - barred));
    let (unsure_share, unsure_at) = unsure(&mask, &alike, trunk, progress)?;
    Ok(Solid { mask, level_hu, range_hu, unsure_share, unsure_at })
}

/// Labels on the scan: the border lies halfway between organ and fat where it meets fat or lung, and where the coarse
/// copy has it elsewhere.
pub(super) fn fine(
    coarse: &Coarse,
    trunk: &Trunk,
    found: &Solid,
    barred: Option<&Volume<u8>>,
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let cell_mm = coarse.cell_mm();
    let inner = erode(&found.mask, cell_mm, progress)?;
    let outer = dilate(&found.mask, cell_mm, progress)?;
    let dark = in_range(&trunk.quiet, &trunk.body, |value, _| value < f64::from(FAT_HU));
    let beside = dilate(&dark, cell_mm, progress)?;
    let mut codes = combine(&inner, &found.mask, |inner, mask| if inner != 0 { 1 } else { mask * (1 | IF_FITTING) });
    let more = combine(&combine(&outer, &beside, |a, b| a & b), &trunk.bone, |a, b| a & (1 - b));
    let more = barred.map_or_else(|| more.clone(), |barred| combine(&more, barred, |a, b| a & u8::from(b == 0)));
    codes = combine(&codes, &more, |code, more| if code != 0 { code } else { more * (1 | IF_FITTING) });
    let half_hu = (0.5 * (found.level_hu - 100.0)) as i16;
    let high_hu = (found.range_hu[1] + 100.0) as i16;
    let values = coarse.despeckled(12.0, progress)?;
    coarse.refine(&codes, &values, |value, _| (half_hu..=high_hu).contains(&value), progress)
}

pub(super) fn in_range(values: &Volume<i16>, mask: &Volume<u8>, f: impl Fn(f64, u8) -> bool + Sync) -> Volume<u8> {
    let pairs = values.voxels().par_iter().zip(mask.voxels());
    let voxels = pairs.map(|(value, mask)| u8::from(*mask != 0 && f(f64::from(*value), *mask))).collect();
    Volume::new(Arc::clone(mask.grid()), voxels).expect("one value per voxel")
}

/// The most frequent value of `mask`, from a histogram of 1 HU smoothed over 8.
fn mode_hu(values: &Volume<i16>, mask: &Volume<u8>) -> Option<f64> {
    let mut counts = [0_usize; 512];
    for (value, _) in values.voxels().iter().zip(mask.voxels()).filter(|(_, mask)| **mask != 0) {
        counts[(value + 10).clamp(0, 511) as usize] += 1;
    }
    let sums = (0..504).map(|n| counts[n..n + 8].iter().sum::<usize>());
    let (n, count) = sums.enumerate().max_by_key(|(n, count)| (*count, std::cmp::Reverse(*n)))?;
    (0 < count).then_some(n as f64 + 3.5 - 10.0)
}

/// The median within 5 mm of a seed.
fn level_at(values: &Volume<i16>, point: Point) -> Result<f64, SegmentError> {
    let grid = values.grid();
    let voxel = grid.voxel_at(point).ok_or(SegmentError::SeedOutside([point.x, point.y, point.z]))?;
    let reach = grid.spacing_mm().map(|h| (5.0 / h).round() as usize);
    let range = |a: usize| voxel[a].saturating_sub(reach[a])..(voxel[a] + reach[a] + 1).min(grid.dims()[a]);
    let mut near: Vec<i16> = Vec::new();
    for (j, k) in range(2).flat_map(|k| range(1).map(move |j| (j, k))) {
        near.extend(range(0).map(|i| values.at([i, j, k])));
    }
    let half = near.len() / 2;
    let level_hu = f64::from(*near.select_nth_unstable(half).1);
    if !(0.0..=400.0).contains(&level_hu) {
        let needed = "the seed of an organ must lie in soft tissue, 0 to 400 HU".into();
        return Err(SegmentError::BadSeed { value_hu: level_hu, needed });
    }
    Ok(level_hu)
}

/// The part of `alike` between necks that is the organ: the one at the seed, the one that shares most with `before`, or
/// the largest that fits and has at least a tenth of itself in the place.
fn part(
    trunk: &Trunk,
    wanted: &Wanted,
    alike: &Volume<u8>,
    before: Option<&Volume<u8>>,
    progress: &Progress,
) -> Result<Volume<u8>, SegmentError> {
    let grid = alike.grid();
    let slack_mm = grid.spacing_mm()[0];
    let parts = split_at_necks(alike, NECK_SHARE, slack_mm, progress)?;
    let n = parts.voxels().par_iter().max().map_or(0, |most| *most as usize + 1);
    let keep = |wanted: u32| {
        let voxels = parts.voxels().par_iter().map(|part| u8::from(*part == wanted)).collect();
        Volume::new(Arc::clone(grid), voxels).expect("one value per voxel")
    };
    let overlap = |mask: &Volume<u8>| {
        let mut counts = vec![0_usize; n];
        let pairs = parts.voxels().iter().zip(mask.voxels()).filter(|(part, mask)| **part != 0 && **mask != 0);
        pairs.for_each(|(part, _)| counts[*part as usize] += 1);
        counts
    };
    let most = |counts: &[usize]| (0..counts.len()).max_by_key(|part| (counts[*part], std::cmp::Reverse(*part)));
    if let Some(before) = before {
        return Ok(most(&overlap(before)).map_or_else(|| before.clone(), |part| keep(part as u32)));
    }
    let found = match wanted.place {
        Place::Seed(point) => {
            let ball = at_point(alike, point, 6.0);
            most(&overlap(&ball)).filter(|part| 0 < *part)
        }
        Place::Around(f) => {
            let inside = overlap(&trunk.place(alike, f));
            let (mut counts, mut sums) = (vec![0_usize; n], vec![Vector::zeros(); n]);
            for (offset, part) in parts.voxels().iter().enumerate().filter(|(_, part)| **part != 0) {
                counts[*part as usize] += 1;
                sums[*part as usize] += grid.centre(grid.voxel(offset)) - trunk.spine;
            }
            let fits = |part: &usize| {
                let ml = counts[*part] as f64 * grid.voxel_mm3() / crate::base::units::MM3_PER_ML;
                counts[*part] < 10 * inside[*part] && (wanted.fits)(ml, sums[*part] / counts[*part] as f64)
            };
            (1..n).filter(fits).max_by_key(|part| (inside[*part], std::cmp::Reverse(*part)))
        }
    };
    let Some(found) = found else {
        let reason = "no even region of its size lies where it should be; place a seed point if it is in the scan";
        return Err(SegmentError::NotFound { organ: wanted.organ, reason: reason.into() });
    };
    Ok(keep(found as u32))
}

/// `mask` within `radius_mm` of a point.
pub(super) fn at_point(mask: &Volume<u8>, point: Point, radius_mm: f64) -> Volume<u8> {
    let grid = mask.grid();
    let voxels = mask.voxels().par_iter().enumerate().map(|(offset, mask)| {
        let near = *mask != 0 && (grid.centre(grid.voxel(offset)) - point).norm() <= radius_mm;
        u8::from(near)
    });
    Volume::new(Arc::clone(grid), voxels.collect()).expect("one value per voxel")
}

/// The mean of `values` over the organ within about [`BIAS_MM`], NaN far from it (normalised convolution, Knutsson &
/// Westin 1993).
fn local_level(values: &Volume<i16>, organ: &Volume<u8>, progress: &Progress) -> Result<Vec<f32>, Cancelled> {
    let product = combine_values(values, organ);
    let sums = gaussian(&product, BIAS_MM, &progress.part(0.0..0.5, "level"))?;
    let weights = gaussian(organ, BIAS_MM, &progress.part(0.5..1.0, "level"))?;
    let pairs = sums.voxels().par_iter().zip(weights.voxels());
    Ok(pairs.map(|(sum, weight)| if 0.01 < *weight { sum / weight } else { f32::NAN }).collect())
}

fn combine_values(values: &Volume<i16>, mask: &Volume<u8>) -> Volume<i16> {
    let pairs = values.voxels().par_iter().zip(mask.voxels());
    let voxels = pairs.map(|(value, mask)| if *mask != 0 { *value } else { 0 }).collect();
    Volume::new(Arc::clone(values.grid()), voxels).expect("one value per voxel")
}

/// The share of the organ's surface beyond which the values are its own, and the middle of the largest such area.
pub(super) fn unsure(
    organ: &Volume<u8>,
    alike: &Volume<u8>,
    trunk: &Trunk,
    progress: &Progress,
) -> Result<(f64, Option<Point>), Cancelled> {
    let cell_mm = 1.05 * organ.grid().spacing_mm()[..2].iter().copied().fold(0.0, f64::max);
    let ring = combine(&dilate(organ, cell_mm, progress)?, organ, |near, organ| near & (1 - organ));
    let same = combine(&ring, alike, |ring, alike| ring & alike);
    // The wall of the belly parts nothing that could be seen either.
    let outside = in_range(&trunk.quiet, &ring, |value, _| f64::from(FAT_HU) < value);
    let outside = combine(&outside, &trunk.cavity, |ring, cavity| ring & (1 - cavity));
    let outside = combine(&outside, &trunk.bone, |ring, bone| ring & (1 - bone));
    let same = combine(&same, &outside, |a, b| a | b);
    let share = volume_ml(&same) / volume_ml(&ring).max(1e-9);
    let parts = components(&same, progress)?;
    Ok((share, (!parts.parts().is_empty()).then(|| parts.centre(0))))
}
