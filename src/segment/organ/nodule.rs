//! A lung nodule from one click: a bright region in the lung, cut off from vessels and chest wall where it is narrow.

use super::body::body;
use super::coarse::{Coarse, combine, components, volume_ml};
use super::evidence::Evidence;
use super::lungs::lung_air;
use super::preset::Organ;
use crate::base::{Cancelled, Progress, Summary};
use crate::geom::{Point, Vector};
use crate::image::filter::{close, dilate, fill_holes, gaussian, squared_distance};
use crate::image::{LabelMap, Volume};
use crate::segment::{SegmentError, compete};
use rayon::prelude::*;
use std::sync::Arc;

/// A nodule is brighter than this, lung darker: half way between lung (−850) and soft tissue (40).
const NODULE_HU: i16 = -400;
/// A click on anything darker is no click on a nodule.
const CLICK_HU: f64 = -600.0;
/// The densest place within this of the click is where the nodule is looked for.
const SNAP_MM: f64 = 4.0;
/// Parts of the chest wall that bulge into the lung are taken as lung up to twice this width.
const CLOSING_MM: f64 = 18.0;
/// First and last half width of the box that is looked at.
const BOX_MM: [f64; 2] = [35.0, 70.0];
/// What is narrower than this share of the nodule is a vessel or a bridge to the wall.
const NARROW_SHARES: [f64; 5] = [0.35, 0.45, 0.55, 0.65, 0.75];
/// Less than this is noise.
const NODULE_ML_MIN: f64 = 0.01;

/// A nodule in its box.
struct Found {
    mask: Volume<u8>,
    /// Radius of the largest ball in it.
    radius_mm: f64,
    /// What was narrower than this was cut.
    cut_mm: f64,
    /// Area of the cuts, and their middle.
    cut_mm2: f64,
    cut_at: Option<Point>,
    /// Whether it still reaches the side of the box or flesh outside the lung.
    free: bool,
    /// Whole area of its surface.
    area_mm2: f64,
}

/// Segment the nodule at `seed`.
pub(super) fn run(ct: &Volume<i16>, seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let coarse = Coarse::of(ct, &progress.part(0.0..0.2, "coarse copy"))?;
    let Some(seed) = seed else {
        let reason = "a nodule needs a seed point; click into its middle".into();
        return Err(SegmentError::NotFound { organ: "lung nodule", reason });
    };
    let place = ct.grid().voxel_at(seed).ok_or(SegmentError::SeedOutside([seed.x, seed.y, seed.z]))?;
    let body = body(&coarse, &progress.part(0.2..0.4, "body"))?;
    let air = lung_air(&coarse, &body, &progress.part(0.4..0.5, "lungs"))?;
    if air.parts().is_empty() {
        return Err(SegmentError::NotFound { organ: "lung nodule", reason: "there is no lung in the scan".into() });
    }
    let lung = close(&air.keep(|_| true), CLOSING_MM, &progress.part(0.5..0.75, "lung with its bulges"))?;
    let part = progress.part(0.75..1.0, "nodule");
    let mut found = None;
    for half_mm in BOX_MM {
        let here = in_box(&coarse, &lung, place, half_mm, &part)?;
        let enough = here.free;
        found = Some(here);
        if enough {
            break;
        }
    }
    let found = found.expect("there is at least one box");
    let volume = volume_ml(&found.mask);
    if volume < NODULE_ML_MIN {
        let reason = format!(
            "what is brighter than {NODULE_HU} HU at the seed has {volume:.3} ml, less than {NODULE_ML_MIN} ml"
        );
        return Err(SegmentError::NotFound { organ: "lung nodule", reason });
    }
    Ok(organ(ct, &found))
}

/// The nodule within `half_mm` of the click.
fn in_box(
    coarse: &Coarse,
    lung: &Volume<u8>,
    place: [usize; 3],
    half_mm: f64,
    progress: &Progress,
) -> Result<Found, SegmentError> {
    let ct = coarse.ct;
    let (spacing_mm, dims) = (ct.grid().spacing_mm(), ct.grid().dims());
    let reach = spacing_mm.map(|h| (half_mm / h).ceil() as usize);
    let start = [0, 1, 2].map(|a| place[a].saturating_sub(reach[a]));
    let size = [0, 1, 2].map(|a| (place[a] + reach[a] + 1).min(dims[a]) - start[a]);
    let grid = Arc::new(ct.grid().cropped(start, size).expect("the box holds the seed"));
    let offset_of = |at: usize| {
        let [i, j, k] = grid.voxel(at);
        [i + start[0], j + start[1], k + start[2]]
    };
    let volume = |f: &(dyn Fn(usize) -> u8 + Sync)| {
        let voxels = (0..grid.len()).into_par_iter().map(f).collect();
        Volume::new(Arc::clone(&grid), voxels).expect("one value per voxel")
    };
    let values: Vec<i16> = (0..grid.len()).map(|at| ct.at(offset_of(at))).collect();
    let values = Volume::new(Arc::clone(&grid), values).expect("one value per voxel");
    let quiet = gaussian(&values, if 40.0 < coarse.noise_hu { 1.0 } else { 0.5 }, progress)?;
    let seed = grid.centre([0, 1, 2].map(|a| place[a] - start[a]));
    let near = (0..grid.len()).filter(|at| (grid.centre(grid.voxel(*at)) - seed).norm() <= SNAP_MM);
    let value = |at: &usize| quiet.voxels()[*at];
    let Some(peak) = near.max_by(|a, b| value(a).total_cmp(&value(b))) else {
        return Err(SegmentError::SeedOutside([seed.x, seed.y, seed.z]));
    };
    let value_hu = f64::from(value(&peak));
    if value_hu < CLICK_HU {
        let needed = format!("within {SNAP_MM} mm of a nodule seed there must be tissue over {CLICK_HU} HU");
        return Err(SegmentError::BadSeed { value_hu, needed });
    }
    // A faint nodule is cut at half its own height.
    let threshold = (-850.0 + 0.5 * (value_hu + 850.0)).min(f64::from(NODULE_HU)) as f32;
    let in_lung = volume(&|at| lung.voxels()[coarse.offset_of(offset_of(at))]);
    let tissue = volume(&|at| u8::from(threshold <= quiet.voxels()[at] && in_lung.voxels()[at] != 0));
    if tissue.voxels()[peak] == 0 {
        let needed = "a nodule seed must lie in a lung or at its edge".into();
        return Err(SegmentError::BadSeed { value_hu, needed });
    }
    let outside = combine(&tissue, &tissue, |tissue, _| 1 - tissue);
    let depth = squared_distance(&outside, f64::INFINITY, progress)?;
    Ok(cut(&tissue, &depth, &in_lung, peak, progress)?)
}

/// Cut `tissue` where it is narrow beside the ball around the click, more and more until it comes free.
fn cut(
    tissue: &Volume<u8>,
    depth: &Volume<f32>,
    in_lung: &Volume<u8>,
    peak: usize,
    progress: &Progress,
) -> Result<Found, Cancelled> {
    let grid = tissue.grid();
    let peak = climbed(depth, peak);
    let radius_mm = f64::from(depth.voxels()[peak]).sqrt();
    let side_mm = grid.spacing_mm().into_iter().fold(0.0, f64::max);
    let mut last = None;
    for share in NARROW_SHARES {
        // A nodule of two or three voxels has nothing to cut.
        let cut_mm = if radius_mm < 1.6 * side_mm { 0.0 } else { share * radius_mm };
        let core = depth.voxels().par_iter().zip(tissue.voxels());
        let core = core.map(|(d, t)| u8::from(*t != 0 && (cut_mm * cut_mm) as f32 <= *d)).collect();
        let core = Volume::new(Arc::clone(grid), core).expect("one value per voxel");
        let parts = components(&core, progress)?;
        let id = parts.at(grid.voxel(peak));
        let own = parts.keep(|part| Some(part) == id);
        // Back to the surface: by what was worn off, through tissue only, and what other cores do not claim.
        let seeds = parts.paint(|part| if Some(part) == id { 1 } else { 2 });
        let reach = dilate(&own, 1.15 * cut_mm + 0.6 * side_mm.min(1.5), progress)?;
        let steps = 2 + (2.0 * cut_mm / grid.spacing_mm().into_iter().fold(f64::INFINITY, f64::min)) as usize;
        let claimed = compete(tissue, &seeds, steps, progress)?;
        let mask = combine(&claimed, &reach, |label, reach| u8::from(label == 1 && reach != 0));
        let mask = fill_holes(&mask, progress)?;
        let found = measured(mask, tissue, in_lung, radius_mm, cut_mm);
        let free = found.free;
        last = Some(found);
        if free || cut_mm == 0.0 {
            break;
        }
    }
    Ok(last.expect("there is at least one share"))
}

/// Uphill in `depth` to the middle of the ball.
fn climbed(depth: &Volume<f32>, mut at: usize) -> usize {
    let dims = depth.grid().dims();
    loop {
        let voxel = depth.grid().voxel(at);
        let mut best = at;
        for shift in 0..27 {
            let step = [shift % 3, shift / 3 % 3, shift / 9];
            let there = [0, 1, 2].map(|a| (voxel[a] + step[a]).wrapping_sub(1));
            if (0..3).all(|a| there[a] < dims[a]) {
                let there = depth.grid().offset(there);
                if depth.voxels()[best] < depth.voxels()[there] {
                    best = there;
                }
            }
        }
        if best == at {
            return at;
        }
        at = best;
    }
}

fn measured(mask: Volume<u8>, tissue: &Volume<u8>, in_lung: &Volume<u8>, radius_mm: f64, cut_mm: f64) -> Found {
    let grid = Arc::clone(mask.grid());
    let (dims, spacing_mm) = (grid.dims(), grid.spacing_mm());
    let (mut cut_mm2, mut area_mm2, mut wall_mm2, mut sum) = (0.0, 0.0, 0.0, Vector::zeros());
    let mut at_side = false;
    for at in (0..grid.len()).filter(|at| mask.voxels()[*at] != 0) {
        let voxel = grid.voxel(at);
        for axis in 0..3 {
            let face_mm2 = spacing_mm[(axis + 1) % 3] * spacing_mm[(axis + 2) % 3];
            for up in [false, true] {
                if (up && voxel[axis] + 1 == dims[axis]) || (!up && voxel[axis] == 0) {
                    at_side = true;
                    continue;
                }
                let mut there = voxel;
                there[axis] = if up { voxel[axis] + 1 } else { voxel[axis] - 1 };
                let to = grid.offset(there);
                if mask.voxels()[to] == 0 {
                    area_mm2 += face_mm2;
                    if in_lung.voxels()[to] == 0 {
                        wall_mm2 += face_mm2;
                    }
                    if tissue.voxels()[to] != 0 || in_lung.voxels()[to] == 0 {
                        cut_mm2 += face_mm2;
                        sum += grid.centre(voxel).coords * face_mm2;
                    }
                }
            }
        }
    }
    let free = !at_side && wall_mm2 < 0.5 * area_mm2 && cut_mm2 < 0.4 * area_mm2;
    let cut_at = (0.0 < cut_mm2).then(|| Point::from(sum / cut_mm2));
    Found { mask, radius_mm, cut_mm, cut_mm2, cut_at, free, area_mm2 }
}

fn organ(ct: &Volume<i16>, found: &Found) -> Organ {
    let grid = ct.grid();
    let mut voxels = vec![0_u8; grid.len()];
    let (mut sum, mut n) = (0.0, 0.0);
    let corner = grid.voxel_at(found.mask.grid().origin()).expect("the box lies in the scan");
    for at in (0..found.mask.voxels().len()).filter(|at| found.mask.voxels()[*at] != 0) {
        let voxel = found.mask.grid().voxel(at);
        let to = grid.offset([0, 1, 2].map(|a| voxel[a] + corner[a]));
        voxels[to] = 1;
        sum += f64::from(ct.voxels()[to]);
        n += 1.0;
    }
    let mask = Volume::new(Arc::clone(grid), voxels).expect("one value per voxel");
    let volume = volume_ml(&mask);
    let across_mm = 2.0 * (3.0 * volume * 1000.0 / (4.0 * std::f64::consts::PI)).cbrt();
    let share = found.cut_mm2 / found.area_mm2.max(1e-9);
    let place = found.cut_at.map_or_else(String::new, |p| format!("around ({:.0}, {:.0}, {:.0}) mm", p.x, p.y, p.z));
    let summary = Summary::default()
        .fact("volume", volume, "ml")
        .fact("diameter of a ball as large", across_mm, "mm")
        .fact("mean value", sum / f64::max(n, 1.0), "HU")
        .fact("radius of the largest ball inside", found.radius_mm, "mm")
        .fact("cut where narrower than", 2.0 * found.cut_mm, "mm")
        .fact("surface from cuts", 100.0 * share, "%")
        .method(format!("Tissue over {NODULE_HU} HU, or half the nodule's own height, in the lung closed by a ball of {CLOSING_MM} mm"))
        .method("Worn down until vessels and wall come off, grown back by as much through tissue (after Kuhnigk 2006); of several strengths of wear the weakest that sets it free")
        .limit("A nodule wider than 36 mm at the wall, or one with vessels as wide as itself, may be cut at the wrong place; ground glass under -600 HU is not taken");
    let evidence = Evidence::new(summary)
        .expect(found.free, 0.5, || format!("the nodule did not come free of what it touches; the cut is {place}"))
        .expect(share < 0.15, 0.8, || {
            format!("{:.0} % of its surface are cuts through tissue, {place}; check there", 100.0 * share)
        })
        .expect(1.6 * grid.spacing_mm().into_iter().fold(0.0, f64::max) <= found.radius_mm, 0.7, || {
            format!("the nodule is only {:.1} mm in radius, too few voxels for its volume", found.radius_mm)
        })
        .expect((0.01..=120.0).contains(&volume), 0.6, || format!("{volume:.1} ml are more than a nodule has"));
    Organ {
        labels: LabelMap::from_mask(&mask, "lung nodule", [144, 238, 144], Some(4_147_007)),
        summary: evidence.summary(),
    }
}
