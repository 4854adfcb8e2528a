//! Bone: compact and spongy, with marrow; contrast-filled vessels are told apart by their evenness.

use super::body::body;
use super::chest::mediastinum;
use super::coarse::{Coarse, IF_FITTING, combine, volume_ml};
use super::contrast::{Cores, cores};
use super::edge::at_half_height;
use super::evidence::Evidence;
use super::lungs::lung_air;
use super::marrow::{Holes, SPONGY_HU, with_marrow};
use super::preset::Organ;
use crate::base::{Progress, Summary};
use crate::geom::Point;
use crate::image::filter::{dilate, fill_holes_in_slices};
use crate::image::{Components, LabelMap, Neighbours, Volume};
use crate::segment::{SegmentError, compete};

/// Bone on fine voxels (InVesalius: 226 HU; lower here, because islands of noise are removed).
const BONE_HU: i16 = 200;
/// Every bone has voxels of compact bone over this without contrast …
const COMPACT_HU: f64 = 300.0;
/// … and with contrast over the blood's mean by this much, but never more than [`COMPACT_HU_MAX`].
const BRIGHTER_HU: f64 = 80.0;
const COMPACT_HU_MAX: f64 = 600.0;
/// At least this share of a piece of bone is compact bone.
const COMPACT_SHARE: f64 = 0.02;
/// With more even bright blood than this the scan is taken as one with contrast.
const CONTRAST_ML: f64 = 10.0;
/// Smaller pieces are calcifications or noise.
const PIECE_ML_MIN: f64 = 0.5;
/// What comes off where the edge is trimmed is bone only if it is larger than this.
const CRUMB_ML_MAX: f64 = 0.1;
/// With contrast, spongy bone goes on this far from compact bone.
const SPONGY_MM: f64 = 15.0;
const BONE: u8 = 1;
const BLOOD: u8 = 2;
const MARROW: u8 = 3;

/// Segment the skeleton.
pub(super) fn run(ct: &Volume<i16>, _seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let coarse = Coarse::of(ct, &progress.part(0.0..0.15, "coarse copy"))?;
    let body = body(&coarse, &progress.part(0.15..0.35, "body"))?;
    let found = skeleton(&coarse, &body, None, &progress.part(0.35..0.7, "skeleton"))?;
    let part = progress.part(0.7..1.0, "border");
    let near = dilate(&found.bone, coarse.cell_mm(), &part)?;
    let near = combine(&near, &found.blood, |near, blood| near & (1 - blood));
    let marrow = combine(&found.solid, &found.bone, |solid, bone| solid & (1 - bone));
    // Sure marrow, marrow beside bright bone, and the border of bright bone; the last two as their own values say.
    let codes = combine(&near, &marrow, |near, marrow| match (marrow, near) {
        (1, 0) => MARROW,
        (1, _) => MARROW | IF_FITTING,
        (_, near) => near * (BONE | IF_FITTING),
    });
    let values = coarse.despeckled(30.0, &part)?;
    let border = coarse.refine(
        &codes,
        &values,
        |value, label| if label == BONE { BONE_HU <= value } else { SPONGY_HU <= value },
        &part,
    )?;
    let holes = Holes { body_middle: coarse.middle(&body), bone: &found.bone };
    let filled = fill_holes_in_slices(&border, ct, |hole, enclosed| holes.is_marrow(ct, hole, enclosed), &part)?;
    drop(border);
    let parts = Components::of(&filled, |value| value != 0, Neighbours::TwentySix, &part)?;
    drop(filled);
    let compact = parts.sums(&values, |value| f64::from(u8::from(found.compact_hu <= f64::from(value))));
    let kept: Vec<bool> = (0..compact.len())
        .map(|id| PIECE_ML_MIN <= parts.volume_ml(id) && COMPACT_SHARE * parts.parts()[id].voxels as f64 <= compact[id])
        .collect();
    let pieces = parts.keep(|id| kept[id]);
    drop(parts);
    let trimmed = at_half_height(&pieces, &values);
    drop(pieces);
    let parts = Components::of(&trimmed, |value| value != 0, Neighbours::TwentySix, &part)?;
    drop(trimmed);
    let mask = parts.keep(|id| CRUMB_ML_MAX <= parts.volume_ml(id));
    let volume = volume_ml(&mask);
    if volume < 1.0 {
        let reason =
            format!("no piece of at least {PIECE_ML_MIN} ml over {BONE_HU} HU has compact bone over {COMPACT_HU} HU");
        return Err(SegmentError::NotFound { organ: "bone", reason });
    }
    let blood = volume_ml(&found.blood);
    let share = volume / volume_ml(&body);
    let summary = Summary::default()
        .fact("volume", volume, "ml")
        .fact("pieces", kept.iter().filter(|kept| **kept).count() as f64, "1")
        .fact("contrast left out", blood, "ml")
        .method(format!("Voxels over {BONE_HU} HU inside the body in pieces of at least {PIECE_ML_MIN} ml with at least {:.0} % over {:.0} HU; closed by 2.5 mm and marrow filled slice by slice, but neither the spinal canal nor discs", 100.0 * COMPACT_SHARE, found.compact_hu))
        .method("The edge lies halfway between soft tissue and the brightest bone within 1.8 mm, where the voxels are finer than that")
        .method("Blood with contrast is recognised as bright even cores without a brighter shell; voxels between a core and bone go to the nearer")
        .limit("Thin bone next to dense contrast, and contrast with streaks, can be on the wrong side; small calcifications are left out");
    let evidence = Evidence::new(summary)
        .expect((0.02..=0.25).contains(&share), 0.7, || {
            format!("bone is {:.1} % of the body in the scan, outside 2 to 25 %", 100.0 * share)
        })
        .expect(blood < 20.0, 0.85, || {
            format!("{blood:.0} ml of contrast-filled blood were taken out; check where vessels touch bone")
        })
        .expect(coarse.noise_hu < 60.0, 0.9, || {
            format!("the noise of {:.0} HU is high; thin bone may have holes", coarse.noise_hu)
        });
    Ok(Organ {
        labels: LabelMap::from_mask(&mask, "bone", [241, 214, 145], Some(272_673_000)),
        summary: evidence.summary(),
    })
}

/// Bone and contrast-filled blood on the coarse grid.
pub(super) struct Skeleton {
    /// Bright bone.
    pub bone: Volume<u8>,
    /// Bone with its marrow.
    pub solid: Volume<u8>,
    /// Vessels, heart and whatever else took up contrast.
    pub blood: Volume<u8>,
    /// Every piece of bone has voxels over this.
    pub compact_hu: f64,
}

/// Blood that somebody pointed at.
pub(super) struct Known<'a> {
    /// 1 in coarse voxels that are blood for sure.
    pub mask: &'a Volume<u8>,
    /// Their mean.
    pub mean_hu: f64,
}

/// Part what is bright inside the body into bone and blood.
///
/// Cores of blood are recognised by themselves if there are at least [`CONTRAST_ML`] of them; a thin vessel has fewer,
/// and is blood because it is `known`.
pub(super) fn skeleton(
    coarse: &Coarse,
    body: &Volume<u8>,
    known: Option<Known>,
    progress: &Progress,
) -> Result<Skeleton, SegmentError> {
    let smooth = coarse.smooth(&progress.part(0.0..0.1, "smooth"))?;
    let bright = coarse.mask(&smooth, body, |value, body| body != 0 && BONE_HU <= value);
    let Cores { mask: mut blood, mut mean_hu } = cores(&smooth, body, CONTRAST_ML, &progress.part(0.1..0.4, "cores"))?;
    let progress = &progress.part(0.4..1.0, "skeleton");
    if mean_hu == 0.0
        && let Some(known) = known
    {
        blood = known.mask.clone();
        mean_hu = known.mean_hu;
    } else if 0.0 < mean_hu {
        // With contrast about, whatever is bright between the lungs and not the spine is blood.
        let lungs = lung_air(coarse, body, progress)?;
        let between = mediastinum(coarse, &lungs, &bright, coarse.middle(body).x, progress)?;
        let between = combine(&between, &bright, |between, bright| between & bright);
        blood = combine(&blood, &between, |core, between| core | between);
    }
    let around = dilate(&blood, 3.0, progress)?;
    let rest = combine(&bright, &around, |bright, around| bright & (1 - around));
    let parts = Components::of(&rest, |value| value != 0, Neighbours::TwentySix, progress)?;
    // Bone has parts brighter than blood; kidneys and vessels have not.
    let compact_hu = (mean_hu + BRIGHTER_HU).clamp(COMPACT_HU, COMPACT_HU_MAX);
    let compact = parts.sums(&smooth, |value| f64::from(u8::from(compact_hu <= f64::from(value))));
    // Scraps of a vessel's edge lie along the zone around its core with much of their volume; bones do not.
    let rim = dilate(&around, coarse.cell_mm(), progress)?;
    let beside = parts.sums(&rim, f64::from);
    let kind: Vec<u8> = (0..compact.len())
        .map(|id| {
            let voxels = parts.parts()[id].voxels as f64;
            let is_bone = PIECE_ML_MIN <= parts.volume_ml(id) && f64::max(3.0, COMPACT_SHARE * voxels) <= compact[id];
            match is_bone {
                _ if 0.25 * voxels < beside[id] => BLOOD,
                true => BONE,
                false if 0.0 < mean_hu => BLOOD,
                false => 0,
            }
        })
        .collect();
    let kinds = parts.paint(|id| kind[id]);
    let kinds = combine(&kinds, &blood, |kind, blood| if blood != 0 { BLOOD } else { kind });
    // With contrast only compact bone is sure to be bone; what is bright but far from it is kidney or bowel.
    let (seeds, steps) = if 0.0 < mean_hu {
        let compact = coarse.mask(&smooth, &kinds, |value, kind| kind == BONE && compact_hu <= f64::from(value));
        let sure = combine(&kinds, &compact, |kind, compact| if kind == BONE { compact * BONE } else { kind });
        (sure, (SPONGY_MM / coarse.cell_mm()).round() as usize)
    } else {
        (kinds, 12)
    };
    let labels = compete(&bright, &seeds, steps, progress)?;
    let of = |label: u8| combine(&labels, &labels, |value, _| u8::from(value == label));
    let bone = of(BONE);
    let blood = of(BLOOD);
    let barred = dilate(&blood, coarse.cell_mm(), progress)?;
    let solid = with_marrow(coarse, &smooth, coarse.middle(body), [&bone, &barred], progress)?;
    Ok(Skeleton { bone, solid, blood, compact_hu })
}
