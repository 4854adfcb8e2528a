//! The blood in and around the liver, and what of it can be its veins.

use super::super::coarse::{combine, volume_ml};
use super::field::Field;
use super::trees::depth_mm;
use crate::base::units::MM3_PER_ML;
use crate::base::{Cancelled, Progress};
use crate::image::filter::{dilate, erode};
use crate::image::{Components, Neighbours, Volume};
use crate::segment::SegmentError;
use rayon::prelude::*;
use std::sync::Arc;

/// What exceeds the noise this often is not parenchyma.
const DEVIATIONS: f64 = 3.0;
/// Voxels at least this deep in a vessel show its blood nearly undiluted, mm.
const PLATEAU_MM: f64 = 1.9;
/// Of these the contrast is this quantile: half of them lie beside walls and are diluted.
const PLATEAU_QUANTILE: f64 = 0.6;
/// Without that much of them there is nothing to measure the contrast on, ml.
const PLATEAU_ML_MIN: f64 = 0.5;
/// They are looked for this deep in the liver, away from ribs and kidney.
const DEEP_MM: f64 = 5.0;
/// Less contrast than this cannot be told from uneven parenchyma, HU.
const CONTRAST_HU_MIN: f64 = 15.0;
/// A vessel's wall lies where brightness falls under this share of the highest nearby (half, for a sharp image) …
const WALL_SHARE: f32 = 0.45;
/// … within this distance …
const PEAK_MM: f64 = 3.0;
/// … but never in the noise.
const WALL_DEVIATIONS: f64 = 2.5;
/// Over this share vessels that lie beside each other come apart.
const SURE_SHARE: f32 = 0.65;
/// Stents, clips and bone are brighter than so many times the contrast, and this, HU.
const METAL: [f64; 2] = [3.0, 100.0];
/// Pieces that lie mostly this close to the liver's surface are ribs, kidney or vessels outside it, mm …
const RIM_MM: f64 = 3.0;
/// … if less of them than this lies deeper. The same holds for the border of the vena cava.
const RIM_SHARE: f64 = 0.3;
/// Smaller pieces are noise, ml.
const PIECE_ML_MIN: f64 = 0.03;
/// Veins that bulge out of the liver or leave it are followed this far.
const OUT_MM: f64 = 5.0;

/// Blood in the box.
pub(super) struct Blood {
    /// 1 in vessels.
    mask: Volume<u8>,
    /// 1 in the middle of them.
    sure: Volume<u8>,
    /// How much brighter than parenchyma it is.
    pub contrast_hu: f64,
}

impl Blood {
    /// Brighter excesses are metal or bone.
    pub(super) fn metal_hu(&self) -> f64 {
        metal_hu(self.contrast_hu)
    }
}

fn metal_hu(contrast_hu: f64) -> f64 {
    METAL[0] * contrast_hu + METAL[1]
}

/// What can be veins of the liver.
pub(super) struct Veins {
    /// 1 inside.
    pub mask: Volume<u8>,
    /// 1 in the middle of them.
    pub sure: Volume<u8>,
    /// 1 in the vena cava, which is none of them.
    pub cava: Volume<u8>,
    /// Depth in [`Veins::mask`].
    pub depth_mm: Vec<f32>,
}

/// Find the blood: the contrast from the thickest vessels deep in the liver, and their walls from the highest nearby.
pub(super) fn blood(field: &Field, progress: &Progress) -> Result<Blood, SegmentError> {
    let contrast_hu = contrast(field, &progress.part(0.0..0.5, "contrast"))?;
    let grid = field.part.grid();
    let peak = highest(&field.excess, PEAK_MM, &progress.part(0.5..1.0, "walls"))?;
    let noise = (WALL_DEVIATIONS * field.noise_hu) as f32;
    let metal = metal_hu(contrast_hu) as f32;
    let over = |share: f32| {
        let voxels = (0..peak.len()).into_par_iter().map(|at| {
            let excess = field.excess.voxels()[at];
            let wall = noise.max(share * peak[at].min(contrast_hu as f32));
            u8::from(field.open.voxels()[at] != 0 && wall < excess && excess < metal)
        });
        Volume::new(Arc::clone(grid), voxels.collect()).expect("one value per voxel of the box")
    };
    Ok(Blood { mask: over(WALL_SHARE), sure: over(SURE_SHARE), contrast_hu })
}

/// How much brighter than parenchyma the blood in the thickest vessels is.
fn contrast(field: &Field, progress: &Progress) -> Result<f64, SegmentError> {
    let organ = "contrast in the liver's vessels";
    let [hi, hj, _] = field.part.grid().spacing_mm();
    let depth_mm = f64::max(PLATEAU_MM, 1.05 * hi.max(hj));
    let deep = erode(&field.inside, DEEP_MM, progress)?;
    let mut low_hu = DEVIATIONS * field.noise_hu;
    let mut contrast_hu = 0.0;
    // The threshold and the contrast depend on each other and settle at once.
    for _ in 0..3 {
        let seen = combine(&field.over(low_hu), &deep, |seen, deep| seen & deep);
        let plateau = erode(&seen, depth_mm, progress)?;
        let pairs = field.excess.voxels().iter().zip(plateau.voxels());
        let mut values: Vec<f32> = pairs.filter(|(_, plateau)| **plateau != 0).map(|(excess, _)| *excess).collect();
        let ml = values.len() as f64 * field.part.grid().voxel_mm3() / MM3_PER_ML;
        if ml < PLATEAU_ML_MIN && contrast_hu == 0.0 {
            let reason = format!(
                "{ml:.1} ml of vessels thicker than {:.0} mm are more than {low_hu:.0} HU brighter than the parenchyma of {:.0} HU (noise {:.0} HU); at least {PLATEAU_ML_MIN} ml are needed; take a scan in the portal venous phase",
                2.0 * depth_mm,
                field.level_hu,
                field.noise_hu
            );
            return Err(SegmentError::NotFound { organ, reason });
        }
        if ml < PLATEAU_ML_MIN {
            break;
        }
        let at = (values.len() as f64 * PLATEAU_QUANTILE) as usize;
        contrast_hu = f64::from(*values.select_nth_unstable_by(at, f32::total_cmp).1);
        low_hu = f64::max(0.5 * contrast_hu, WALL_DEVIATIONS * field.noise_hu);
    }
    if contrast_hu < CONTRAST_HU_MIN {
        let reason = format!(
            "the vessels are {contrast_hu:.0} HU brighter than the parenchyma; at least {CONTRAST_HU_MIN} HU are needed"
        );
        return Err(SegmentError::NotFound { organ, reason });
    }
    Ok(contrast_hu)
}

/// The blood in the liver, and up to [`OUT_MM`] beyond it, without the vena cava and without pieces along its surface.
pub(super) fn veins(field: &Field, blood: &Blood, cava: Volume<u8>, progress: &Progress) -> Result<Veins, Cancelled> {
    let without = |mask: &Volume<u8>, region: &Volume<u8>| {
        let mask = combine(mask, region, |mask, region| mask & region);
        combine(&mask, &cava, |mask, cava| mask & (1 - cava))
    };
    let deep = erode(&field.inside, RIM_MM, &progress.part(0.0..0.2, "pieces"))?;
    let within = without(&blood.mask, &field.inside);
    let parts = Components::of(&within, |value| value != 0, Neighbours::TwentySix, progress)?;
    let deeper = parts.sums(&deep, f64::from);
    // Slivers of the vena cava's own border.
    let beside = parts.sums(&dilate(&cava, RIM_MM, &progress.part(0.2..0.4, "pieces"))?, f64::from);
    let within = parts.keep(|id| {
        let least = RIM_SHARE * parts.parts()[id].voxels as f64;
        PIECE_ML_MIN <= parts.volume_ml(id)
            && least <= deeper[id]
            && least <= parts.parts()[id].voxels as f64 - beside[id]
    });
    let near = dilate(&within, OUT_MM, &progress.part(0.4..0.7, "pieces"))?;
    let mask = combine(&within, &without(&blood.mask, &near), |a, b| a | b);
    let sure = combine(&mask, &blood.sure, |mask, sure| mask & sure);
    let depth_mm = depth_mm(&mask, &progress.part(0.7..1.0, "depth"))?;
    Ok(Veins { mask, sure, cava, depth_mm })
}

/// The largest piece deep in the liver, for scans in which only one system shows.
pub(super) fn largest(field: &Field, veins: &Veins, progress: &Progress) -> Result<Vec<usize>, Cancelled> {
    let deep = erode(&field.inside, 2.0 * DEEP_MM, progress)?;
    let parts = Components::of(&veins.sure, |value| value != 0, Neighbours::TwentySix, progress)?;
    let deeper = parts.sums(&deep, f64::from);
    let most = (0..deeper.len()).max_by(|a, b| deeper[*a].total_cmp(&deeper[*b]).then(b.cmp(a)));
    let kept = parts.keep(|id| Some(id) == most);
    Ok((0..kept.voxels().len()).filter(|at| kept.voxels()[*at] != 0).collect())
}

/// How many pieces a mask has, of those that are no noise.
pub(super) fn pieces(mask: &Volume<u8>, progress: &Progress) -> Result<usize, Cancelled> {
    if volume_ml(mask) == 0.0 {
        return Ok(0);
    }
    let parts = Components::of(mask, |value| value != 0, Neighbours::TwentySix, progress)?;
    Ok((0..parts.parts().len()).take_while(|id| PIECE_ML_MIN <= parts.volume_ml(*id)).count())
}

/// The highest value in the box of `reach_mm` around every voxel.
fn highest(volume: &Volume<f32>, reach_mm: f64, progress: &Progress) -> Result<Vec<f32>, Cancelled> {
    let [ni, nj, nk] = volume.grid().dims();
    let reach = volume.grid().spacing_mm().map(|h| (reach_mm / h).floor() as usize);
    let mut values = volume.voxels().to_vec();
    for (axis, (n, step)) in [(ni, 1), (nj, ni), (nk, ni * nj)].into_iter().enumerate() {
        progress.check()?;
        let mut next = values.clone();
        next.par_chunks_mut(ni).enumerate().for_each(|(row, out)| {
            for (i, out) in out.iter_mut().enumerate() {
                let here = [i, row % nj, row / nj][axis];
                let first = row * ni + i - here * step;
                for to in here.saturating_sub(reach[axis])..(here + reach[axis] + 1).min(n) {
                    *out = out.max(values[first + to * step]);
                }
            }
        });
        values = next;
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};

    #[test]
    fn the_highest_value_spreads_as_far_as_it_should() {
        let grid = Grid::aligned([7, 3, 2], Point::origin(), [1.0, 1.0, 5.0]).unwrap();
        let mut voxels = vec![0.0_f32; 42];
        voxels[grid.offset([3, 1, 0])] = 9.0;
        let volume = Volume::new(grid.clone(), voxels).unwrap();
        let found = highest(&volume, 2.0, &Progress::default()).unwrap();
        let at = |voxel| found[grid.offset(voxel)];
        assert_eq!([at([1, 0, 0]), at([5, 2, 0]), at([0, 1, 0]), at([3, 1, 1])], [9.0, 9.0, 0.0, 0.0]);
    }
}
