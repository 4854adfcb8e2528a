//! The blood pool of the heart in contrast, and the heart around it.

use super::airway::trachea;
use super::body::body;
use super::bone::skeleton;
use super::chest::mediastinum;
use super::coarse::{Coarse, IF_FITTING, combine, components, volume_ml};
use super::evidence::Evidence;
use super::lungs::lung_air;
use super::preset::Organ;
use super::vessel;
use crate::base::{Progress, SegmentId, Summary};
use crate::geom::Point;
use crate::image::filter::{close, dilate, fill_holes, open};
use crate::image::{LabelMap, Segment, Volume};
use crate::segment::{SegmentError, compete};
use rayon::prelude::*;
use std::sync::Arc;

/// Soft tissue beside blood.
const TISSUE_HU: f64 = 60.0;
/// Chambers are wider than twice this, coronaries and lung vessels are not.
const CHAMBER_MM: f64 = 6.0;
/// The heart ends this far under the carina; above are the great vessels.
const UNDER_CARINA_MM: f64 = 12.0;
/// Walls of chambers are at most this thick.
const WALL_MM: f64 = 13.0;
/// Less blood than this is no heart.
const POOL_ML_MIN: f64 = 40.0;
/// Left and right side can be told apart by brightness from this difference on.
const SIDES_HU: f64 = 60.0;

const LEFT: u8 = 1;
const RIGHT: u8 = 2;
const WALL: u8 = 3;

/// Segment the heart.
pub(super) fn run(ct: &Volume<i16>, seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let coarse = Coarse::of(ct, &progress.part(0.0..0.05, "coarse copy"))?;
    let Found { codes, sides_hu, blood_hu, low_hu } = found(ct, &coarse, seed, &progress.part(0.05..0.9, "heart"))?;
    let labels = coarse.refine(
        &codes,
        ct,
        |value, label| if label == WALL { (-30..low_hu.max(150)).contains(&value) } else { low_hu <= value },
        &progress.part(0.9..1.0, "border"),
    )?;
    drop((codes, coarse));
    Ok(organ(&labels, sides_hu, blood_hu, low_hu))
}

/// A heart on the coarse grid.
struct Found {
    /// For [`Coarse::refine`].
    codes: Volume<u8>,
    /// Mean values of the left and the right side, where they differ.
    sides_hu: Option<[f64; 2]>,
    /// Mean of the aorta beside it.
    blood_hu: f64,
    /// From here on it is blood.
    low_hu: i16,
}

fn found(ct: &Volume<i16>, coarse: &Coarse, seed: Option<Point>, progress: &Progress) -> Result<Found, SegmentError> {
    let body = body(coarse, &progress.part(0.0..0.05, "body"))?;
    let air = lung_air(coarse, &body, &progress.part(0.05..0.1, "lungs"))?;
    if air.parts().is_empty() {
        return Err(refused("there is no lung in the scan; the heart is looked for between the lungs".into()));
    }
    let trachea = trachea(coarse, &body, &air, &progress.part(0.1..0.2, "trachea"))?;
    let carina_mm = trachea.discs[0].centre.z;
    let aorta = vessel::run(ct, None, &progress.part(0.2..0.6, "aorta"))?.labels;
    let aorta = coarse.coarse_mask(&aorta.mask(SegmentId(1)));
    let aorta = dilate(&aorta, coarse.cell_mm(), progress)?;
    let smooth = coarse.smooth(&progress.part(0.6..0.65, "smooth"))?;
    let bone = skeleton(coarse, &body, None, &progress.part(0.65..0.8, "bone"))?.solid;
    let part = progress.part(0.8..1.0, "chambers");
    let between = {
        let none = combine(&body, &body, |_, _| 0);
        let between = mediastinum(coarse, &air, &none, coarse.middle(&body).x, &part)?;
        below(&combine(&between, &bone, |between, bone| between & (1 - bone)), carina_mm - UNDER_CARINA_MM)
    };
    drop((air, bone, body));
    let blood_hu = mean_hu(&smooth, &combine(&aorta, &between, |aorta, between| aorta & between));
    let Some(blood_hu) = blood_hu.filter(|mean| 150.0 < *mean) else {
        return Err(refused("the aorta beside the heart has no 150 HU; a scan with contrast is needed".into()));
    };
    let low_hu = (TISSUE_HU + 0.45 * (blood_hu - TISSUE_HU)).round() as i16;
    let free = combine(&between, &aorta, |between, aorta| between & (1 - aorta));
    let blood = coarse.mask(&smooth, &free, |value, free| free != 0 && low_hu <= value);
    let pool = pool(&blood, seed, low_hu, &part)?;
    let (sides, sides_hu) = sides(coarse, &smooth, &pool, &part)?;
    let whole = whole(coarse, &smooth, [&pool, &blood, &free, &between], low_hu, &part)?;
    let codes = combine(&whole, &sides, |whole, side| match (whole, side) {
        (_, LEFT | RIGHT) => side | IF_FITTING,
        (0, _) => 0,
        _ => WALL | IF_FITTING,
    });
    Ok(Found { codes, sides_hu, blood_hu, low_hu })
}

fn refused(reason: String) -> SegmentError {
    SegmentError::NotFound { organ: "heart with contrast", reason }
}

/// The blood of the chambers: what is as wide as one, back to its edges.
fn pool(blood: &Volume<u8>, seed: Option<Point>, low_hu: i16, part: &Progress) -> Result<Volume<u8>, SegmentError> {
    let wide = open(blood, CHAMBER_MM, part)?;
    let parts = components(&wide, part)?;
    let largest = match seed {
        Some(point) => {
            let voxel = wide.grid().voxel_at(point).ok_or(SegmentError::SeedOutside([point.x, point.y, point.z]))?;
            parts.at(voxel)
        }
        None => (!parts.parts().is_empty()).then_some(0),
    };
    let Some(largest) = largest.filter(|id| POOL_ML_MIN <= parts.volume_ml(*id)) else {
        let reason = format!(
            "no region of {POOL_ML_MIN} ml over {low_hu} HU lies between the lungs under the carina, as wide as a chamber"
        );
        return Err(refused(reason));
    };
    let pool = parts.keep(|id| id == largest || 8.0 <= parts.volume_ml(id));
    // Back to the edges and between the muscles that the opening rounded off.
    let edge = dilate(&pool, 0.8 * CHAMBER_MM, part)?;
    Ok(combine(&edge, blood, |edge, blood| edge & blood))
}

/// Pool and wall: soft tissue near the pool that the pool, closed, nearly encloses. Nothing of the wall lies
/// beyond what is `free` of the aorta, and nothing at all beyond `between`.
fn whole(
    coarse: &Coarse,
    smooth: &Volume<i16>,
    [pool, blood, free, between]: [&Volume<u8>; 4],
    low_hu: i16,
    part: &Progress,
) -> Result<Volume<u8>, SegmentError> {
    let near = dilate(pool, WALL_MM, part)?;
    let whole = {
        let flesh = coarse.mask(smooth, &near, |value, near| near != 0 && (-10..low_hu).contains(&value));
        let flesh = combine(&flesh, free, |flesh, free| flesh & free);
        let whole = combine(pool, &flesh, |pool, flesh| pool | flesh);
        let rest = combine(blood, &near, |blood, near| blood & near);
        open(&combine(&whole, &rest, |whole, rest| whole | rest), 8.0, part)?
    };
    let envelope = close(pool, 2.0 * WALL_MM, part)?;
    let whole = combine(&whole, &envelope, |whole, envelope| whole | envelope);
    let whole = combine(&whole, &near, |whole, near| whole & near);
    drop((near, envelope));
    Ok(fill_holes(&combine(&whole, between, |whole, between| whole & between), part)?)
}

/// The part of a mask under a height.
fn below(mask: &Volume<u8>, z_mm: f64) -> Volume<u8> {
    let grid = mask.grid();
    let [ni, nj, _] = grid.dims();
    let mut voxels = mask.voxels().to_vec();
    voxels.par_chunks_mut(ni * nj).enumerate().for_each(|(k, slice)| {
        if z_mm < grid.centre([ni / 2, nj / 2, k]).z {
            slice.fill(0);
        }
    });
    Volume::new(Arc::clone(grid), voxels).expect("one value per voxel")
}

fn mean_hu(values: &Volume<i16>, mask: &Volume<u8>) -> Option<f64> {
    let inside = values.voxels().par_iter().zip(mask.voxels()).filter(|(value, mask)| **mask != 0 && 100 < **value);
    let (sum, n) = inside.map(|(value, _)| (i64::from(*value), 1_i64)).reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    (0 < n).then(|| sum as f64 / n as f64)
}

/// Left and right side where their blood differs in brightness, else all as one; and the mean of both.
fn sides(
    coarse: &Coarse,
    smooth: &Volume<i16>,
    pool: &Volume<u8>,
    progress: &Progress,
) -> Result<(Volume<u8>, Option<[f64; 2]>), SegmentError> {
    let inside: Vec<usize> = (0..pool.voxels().len()).filter(|at| pool.voxels()[*at] != 0).collect();
    let mut sorted: Vec<i16> = inside.iter().map(|at| smooth.voxels()[*at]).collect();
    sorted.sort_unstable();
    let at = |share: f64| f64::from(sorted[((sorted.len() - 1) as f64 * share) as usize]);
    let mut means = [at(0.2), at(0.8)];
    for _ in 0..30 {
        let cut = sorted.partition_point(|value| f64::from(*value) < 0.5 * (means[0] + means[1]));
        let mean = |part: &[i16]| part.iter().map(|v| f64::from(*v)).sum::<f64>() / part.len().max(1) as f64;
        means = [mean(&sorted[..cut]), mean(&sorted[cut..])];
    }
    let middle = 0.5 * (means[0] + means[1]);
    let of =
        |bright: bool| coarse.mask(smooth, pool, |value, pool| pool != 0 && (middle <= f64::from(value)) == bright);
    let both = [open(&of(false), 5.0, progress)?, open(&of(true), 5.0, progress)?];
    let [dim_ml, bright_ml] = both.each_ref().map(volume_ml);
    if means[1] - means[0] < SIDES_HU || dim_ml.min(bright_ml) < 0.2 * volume_ml(pool) {
        return Ok((pool.clone(), None));
    }
    // Patient left is +x: the left side of the heart lies to the left of and behind the right one.
    let place = both.each_ref().map(|mask| coarse.middle(mask));
    let left_is_bright = 0.0 < (place[1].x - place[0].x) + (place[1].y - place[0].y);
    let (dim, bright) = if left_is_bright { (RIGHT, LEFT) } else { (LEFT, RIGHT) };
    let seeds = combine(&both[0], &both[1], |low, high| if high != 0 { bright } else { low * dim });
    let labels = compete(pool, &seeds, 200, progress)?;
    let [left, right] = if left_is_bright { [means[1], means[0]] } else { means };
    Ok((labels, Some([left, right])))
}

fn organ(labels: &Volume<u8>, sides_hu: Option<[f64; 2]>, blood_hu: f64, low_hu: i16) -> Organ {
    let segment = |id, name: &str, colour, snomed| Segment::new(SegmentId(id), name, colour, Some(snomed));
    let wall = segment(WALL, "heart wall", [206, 110, 84], 80_891_009);
    let table = match sides_hu {
        Some(_) => vec![
            segment(LEFT, "left heart blood", [152, 55, 13], 80_891_009),
            segment(RIGHT, "right heart blood", [181, 85, 57], 80_891_009),
            wall,
        ],
        None => vec![segment(LEFT, "heart blood", [152, 55, 13], 80_891_009), wall],
    };
    let labels = LabelMap::from_volume(labels, table).expect("all labels are in the table");
    let ml = |id| labels.volume_ml(SegmentId(id));
    let pool = ml(LEFT) + if sides_hu.is_some() { ml(RIGHT) } else { 0.0 };
    let whole = pool + ml(WALL);
    let mut summary = Summary::default().fact("blood", pool, "ml").fact("heart", whole, "ml");
    if let Some([left, right]) = sides_hu {
        summary = summary
            .fact("left side", ml(LEFT), "ml")
            .fact("right side", ml(RIGHT), "ml")
            .fact("left side mean", left, "HU")
            .fact("right side mean", right, "HU");
    }
    let summary = summary
        .fact("aorta nearby", blood_hu, "HU")
        .fact("threshold", f64::from(low_hu), "HU")
        .method(format!("Blood between the lungs, {UNDER_CARINA_MM} mm under the carina and lower, over a threshold between tissue ({TISSUE_HU} HU) and the aorta; what the vessel preset takes as aorta is left out, and so is what is narrower than {} mm", 2.0 * CHAMBER_MM))
        .method(format!("Left and right side are told apart where their blood differs by {SIDES_HU} HU; the wall is soft tissue within {WALL_MM} mm of the blood"))
        .limit("The wall is an envelope, not a muscle's outline: where diaphragm, liver or oesophagus touch the heart it ends at a distance and not at an edge; fat on the heart is left out")
        .limit("Inflow brighter than bone (undiluted contrast in the right atrium and the great veins) may be left out")
        .limit("Ends of the great veins and of the pulmonary trunk under the carina count as blood of the heart");
    let evidence = Evidence::new(summary)
        .expect((80.0..=700.0).contains(&pool), 0.6, || format!("{pool:.0} ml of blood lie outside 80 to 700 ml"))
        .expect((250.0..=1300.0).contains(&whole), 0.7, || {
            format!("the heart has {whole:.0} ml, outside 250 to 1300 ml")
        })
        .expect(sides_hu.is_some(), 0.85, || "left and right side are equally bright and stay in one segment".into())
        .expect(false, 0.85, || {
            "the wall was never checked against outlines by an expert; look at its lower border on the diaphragm first"
                .into()
        });
    Organ { labels, summary: evidence.summary() }
}
