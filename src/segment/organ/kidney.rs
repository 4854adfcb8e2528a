//! One kidney on the coarse grid: the body in fat beside the spine.

use super::coarse::{combine, components};
use super::solid::{Solid, at_point, in_range, unsure};
use super::trunk::Trunk;
use crate::base::Progress;
use crate::geom::{Point, Vector};
use crate::image::Volume;
use crate::image::filter::{Hole, close, dilate, fill_holes_in_slices, open};
use crate::segment::{SegmentError, split_at_necks};
use rayon::prelude::*;
use std::sync::Arc;

/// Kidneys with contrast are brighter than this, muscle (50 to 70 HU) never is.
pub(super) const CONTRAST_HU: f64 = 100.0;
/// With contrast the medulla fills late; muscle and urine stay darker than this.
const MEDULLA_HU: f64 = 75.0;
/// Levels tried without contrast: kidneys have 20 to 45 HU, less where voxels are shared with fat.
const PLAIN_HU: [f64; 6] = [5.0, 15.0, 25.0, 35.0, 45.0, 55.0];
/// Values this far from the level are a kidney's own without contrast: liver and muscle lie 20 to 30 HU higher.
const PLAIN_SPREAD_HU: f64 = 18.0;
/// Sure to be fat, and not lung or gas.
const FAT_HU: std::ops::Range<f64> = -200.0..-20.0;
/// The zone of the kidneys beside the middle of the spine, behind the body's side organs: vertebrae end before it.
const ASIDE_MM: std::ops::Range<f64> = 20.0..125.0;
/// The zone before and behind the spine's middle (patient back is +y).
const BEHIND_MM: std::ops::Range<f64> = -85.0..40.0;
/// Where the middle of a kidney lies: beside the psoas, level with the vertebrae.
const MIDDLE_ASIDE_MM: std::ops::Range<f64> = 32.0..100.0;
const MIDDLE_BEHIND_MM: std::ops::Range<f64> = -60.0..15.0;
/// Half to double of an adult's kidney; scans that cut it off show less.
const VOLUME_ML: std::ops::Range<f64> = 30.0..450.0;
/// Fat lies around a kidney everywhere but where liver, spleen, psoas and bowel touch it.
const FAT_SHARE_MIN: f64 = 0.35;
/// A kidney this large need not be larger to be believed.
const LARGE_ML: f64 = 120.0;
/// A neck narrower than this share of the thinner side parts two organs.
const NECK_SHARE: f64 = 0.6;
/// Half of a renal vein, or of a sheet of fascia.
const VESSEL_MM: f64 = 3.5;
/// Cortex and pyramid together are nowhere thinner than twice this.
const PARENCHYMA_MM: f64 = 5.0;
/// Pyramids and calices are this wide.
const PYRAMID_MM: f64 = 6.0;

/// A kidney.
pub(super) struct Kidney {
    pub solid: Solid,
    /// Share of its surface that lies in fat.
    pub fat_share: f64,
    /// Whether it is bright with contrast.
    pub contrast: bool,
}

/// A part of the zone, and how much like a kidney it is.
struct Candidate {
    mask: Volume<u8>,
    fat_share: f64,
    likeness: f64,
}

/// Find the kidney to the left (`side` 1) or right (−1) of the spine; it holds the seed if there is one. `barred` are
/// liver and spleen.
pub(super) fn kidney(
    trunk: &Trunk,
    barred: Option<&Volume<u8>>,
    side: f64,
    seed: Option<Point>,
    progress: &Progress,
) -> Result<Kidney, SegmentError> {
    let zone_of = |within: &Volume<u8>| {
        let free = barred.map_or_else(|| within.clone(), |barred| combine(within, barred, |a, b| a & (1 - b)));
        trunk.place(&free, |x, y| ASIDE_MM.contains(&(side * x)) && BEHIND_MM.contains(&y))
    };
    // With contrast the wall is dark and needs no hull of ribs, which is wrong where no rib is in sight.
    let solid = combine(&trunk.bone, &trunk.lungs, |a, b| a | b);
    let mut zone = zone_of(&combine(&trunk.body, &solid, |body, solid| body & (1 - solid)));
    let bright = in_range(&trunk.quiet, &zone, |value, _| CONTRAST_HU <= value);
    let bright = close(&bright, PYRAMID_MM, &progress.part(0.0..0.1, "with contrast"))?;
    let bright = combine(&bright, &zone, |bright, zone| bright & zone);
    let bright = in_range(&trunk.quiet, &bright, |value, _| MEDULLA_HU <= value);
    let mut best = candidate(trunk, &bright, side, seed, &progress.part(0.1..0.2, "with contrast"))?;
    let contrast = best.is_some();
    if best.is_none() {
        zone = zone_of(&trunk.cavity);
        for (n, level) in PLAIN_HU.into_iter().enumerate() {
            let part = progress.part(0.2 + 0.1 * n as f64..0.3 + 0.1 * n as f64, "without contrast");
            let near = |value: f64, _| (value - level).abs() <= PLAIN_SPREAD_HU;
            let alike = in_range(&trunk.quiet, &zone, near);
            let found = candidate(trunk, &alike, side, seed, &part)?;
            let better = |found: &Candidate| best.as_ref().is_none_or(|best| best.likeness < found.likeness);
            best = found.filter(better).or(best);
        }
    }
    let Some(mut best) = best else { return Err(missing(trunk, side, seed)) };
    let progress = progress.part(0.8..1.0, "shape");
    let level_hu = median_hu(&trunk.quiet, &best.mask);
    let range_hu = if contrast {
        [MEDULLA_HU, 500.0]
    } else {
        // The level of what was found, not of the nearest one tried.
        [level_hu - PLAIN_SPREAD_HU, level_hu + PLAIN_SPREAD_HU]
    };
    let alike = in_range(&trunk.quiet, &zone, |value, _| range_hu[0] <= value && value <= range_hu[1]);
    if !contrast && let Some(found) = candidate(trunk, &alike, side, Some(inner_point(&best.mask)), &progress)? {
        best = found;
    }
    let mask = shape(trunk, &zone, &best.mask, &progress)?;
    let (unsure_share, unsure_at) = unsure(&mask, &alike, trunk, &progress)?;
    let solid = Solid { mask, level_hu, range_hu, unsure_share, unsure_at };
    Ok(Kidney { solid, fat_share: best.fat_share, contrast })
}

/// That there is no kidney, and what was looked for.
fn missing(trunk: &Trunk, side: f64, seed: Option<Point>) -> SegmentError {
    let looked = format!(
        "no body of {:.0} to {:.0} ml with at least {:.0} % of its surface in fat has its middle {:.0} to {:.0} mm beside the spine",
        VOLUME_ML.start,
        VOLUME_ML.end,
        100.0 * FAT_SHARE_MIN,
        MIDDLE_ASIDE_MM.start,
        MIDDLE_ASIDE_MM.end
    );
    let clicked = seed.and_then(|seed| trunk.quiet.grid().voxel_at(seed));
    if let Some(voxel) = clicked {
        let needed = format!("{looked} and holds it; click into the middle of a kidney");
        return SegmentError::BadSeed { value_hu: f64::from(trunk.quiet.at(voxel)), needed };
    }
    let organ = if side < 0.0 { "right kidney" } else { "left kidney" };
    SegmentError::NotFound { organ, reason: format!("{looked}; place a seed point if it is in the scan") }
}

/// The part of `alike` between necks that is most like a kidney: in its place, of its size, in fat.
fn candidate(
    trunk: &Trunk,
    alike: &Volume<u8>,
    side: f64,
    seed: Option<Point>,
    progress: &Progress,
) -> Result<Option<Candidate>, SegmentError> {
    let grid = alike.grid();
    let opened = open(alike, VESSEL_MM, progress)?;
    let parts = split_at_necks(&opened, NECK_SHARE, grid.spacing_mm()[0], progress)?;
    let n = parts.voxels().par_iter().max().map_or(0, |most| *most as usize + 1);
    let (mut counts, mut sums) = (vec![0.0; n], vec![Vector::zeros(); n]);
    // Faces of each part, and those with fat two voxels away: the first is shared with the kidney.
    let (mut faces, mut in_fat) = (vec![0.0; n], vec![0.0; n]);
    let dims = grid.dims();
    for (offset, part) in parts.voxels().iter().enumerate().filter(|(_, part)| **part != 0) {
        let id = *part as usize;
        let voxel = grid.voxel(offset);
        counts[id] += 1.0;
        sums[id] += grid.centre(voxel) - trunk.spine;
        for axis in 0..3 {
            for sign in [-1_isize, 1] {
                let step = |steps: isize| {
                    let mut there = voxel;
                    there[axis] = voxel[axis].checked_add_signed(sign * steps).filter(|x| *x < dims[axis])?;
                    Some(there)
                };
                let (Some(next), Some(second)) = (step(1), step(2)) else { continue };
                if parts.at(next) != *part {
                    faces[id] += 1.0;
                    let value = f64::from(trunk.quiet.at(second));
                    in_fat[id] += f64::from(u8::from(FAT_HU.contains(&value)));
                }
            }
        }
    }
    let seeded = seed.map(|seed| at_point(&opened, seed, 6.0));
    let holds_seed = |id: usize| {
        let Some(ball) = &seeded else { return true };
        parts.voxels().iter().zip(ball.voxels()).any(|(part, ball)| *ball != 0 && *part as usize == id)
    };
    let likeness = |id: usize| {
        let ml = counts[id] * grid.voxel_mm3() / crate::base::units::MM3_PER_ML;
        let middle = sums[id] / f64::max(counts[id], 1.0);
        let fat_share = in_fat[id] / f64::max(faces[id], 1.0);
        let fits = VOLUME_ML.contains(&ml)
            && MIDDLE_ASIDE_MM.contains(&(side * middle.x))
            && MIDDLE_BEHIND_MM.contains(&middle.y)
            && FAT_SHARE_MIN <= fat_share
            && holds_seed(id);
        fits.then_some(fat_share * ml.min(LARGE_ML) / LARGE_ML)
    };
    let found = (1..n).filter_map(|id| Some((id, likeness(id)?)));
    let Some((id, likeness)) = found.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))) else { return Ok(None) };
    let mask = parts.voxels().par_iter().map(|part| u8::from(*part as usize == id)).collect();
    let mask = Volume::new(Arc::clone(grid), mask).expect("one value per voxel");
    Ok(Some(Candidate { mask, fat_share: in_fat[id] / f64::max(faces[id], 1.0), likeness }))
}

/// What the kidney encloses belongs to it, but not the fat of its sinus.
fn shape(trunk: &Trunk, zone: &Volume<u8>, part: &Volume<u8>, progress: &Progress) -> Result<Volume<u8>, SegmentError> {
    let parts = components(part, progress)?;
    let closed = close(&parts.keep(|id| id == 0), VESSEL_MM, progress)?;
    let closed = in_range(&trunk.quiet, &closed, |value, _| FAT_HU.end <= value);
    let closed = combine(&closed, zone, |closed, zone| closed & zone);
    // Voxels that liver or muscle share with fat have a kidney's values: sheets along their borders.
    let core = components(&open(&closed, PARENCHYMA_MM, progress)?, progress)?;
    let near = dilate(&core.keep(|id| id == 0), 0.8 * PARENCHYMA_MM, progress)?;
    let closed = combine(&closed, &near, |closed, near| closed & near);
    // Stones, and pyramids as dark as muscle.
    let inside = |hole: &Hole, _: &dyn Fn(Vector) -> bool| 0.0 < hole.mean;
    Ok(fill_holes_in_slices(&closed, &trunk.quiet, inside, progress)?)
}

fn median_hu(values: &Volume<i16>, mask: &Volume<u8>) -> f64 {
    let pairs = values.voxels().iter().zip(mask.voxels());
    let mut inside: Vec<i16> = pairs.filter(|(_, mask)| **mask != 0).map(|(value, _)| *value).collect();
    let half = inside.len() / 2;
    f64::from(*inside.select_nth_unstable(half).1)
}

/// The voxel of a mask nearest to its middle: a bean does not hold its own.
fn inner_point(mask: &Volume<u8>) -> Point {
    let grid = mask.grid();
    let inside = || (0..grid.len()).filter(|at| mask.voxels()[*at] != 0).map(|at| grid.centre(grid.voxel(at)));
    let (sum, n) = inside().fold((Vector::zeros(), 0.0), |(sum, n), p| (sum + p.coords, n + 1.0));
    let middle = Point::from(sum / f64::max(n, 1.0));
    let nearest = inside().min_by(|a, b| (a - middle).norm().total_cmp(&(b - middle).norm()));
    nearest.unwrap_or(middle)
}
