//! The aorta with everything inside its outline: true and false lumen, flap, thrombus, plaque.
//!
//! Its cross-sections are followed from the descending aorta to both sides: over the arch to the heart, and down to
//! where it divides.

mod ring;
mod track;

use self::ring::{Edges, Frame, Ring, circle, ring};
use self::track::{End, STEP_HU_MIN, beyond, filled, follow, settled};
use super::body::body;
use super::bone::skeleton;
use super::coarse::{Coarse, combine, volume_ml};
use super::discs::{Chain, Disc, chains};
use super::evidence::Evidence;
use super::preset::Organ;
use super::quiet::quiet;
use super::spine::spine_back;
use crate::base::{Progress, Summary};
use crate::geom::{Point, Vector};
use crate::image::{LabelMap, Volume};
use crate::segment::SegmentError;
use rayon::prelude::*;
use std::sync::Arc;

/// Soft tissue around a vessel.
const TISSUE_HU: f64 = 50.0;
/// Blood without contrast has 30 to 60 HU; an outline of blood needs at least this.
const CONTRAST_HU: f64 = 120.0;
/// At these thresholds round cross-sections are looked for: an aorta that touches bright neighbours parts at a high one.
const THRESHOLDS_HU: [i16; 5] = [CONTRAST_HU as i16, 140, 160, 200, 250];
/// The outline of an aorta, aneurysms included.
const RADIUS_MM: [f64; 2] = [5.0, 35.0];
/// An outline that grows to this radius on its way has left the aorta.
const GROWN_MM: f64 = 40.0;
/// The middle of a vertebra lies this far before the tip of its spinous process.
const VERTEBRA_MM: f64 = 58.0;
/// The descending aorta touches the vertebra: half a vertebra and some fat lie between their middles.
const BESIDE_VERTEBRA_MM: f64 = 42.0;
/// A chain of cross-sections shorter than this can be anything.
const CHAIN_MM_MIN: f64 = 20.0;
/// The false lumen of a dissection fills late; over this share of the way from tissue to blood it counts as blood.
const FALSE_SHARE: f64 = 0.35;

/// Segment the aorta, from a click in its descending part or without.
pub(super) fn run(ct: &Volume<i16>, seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let coarse = Coarse::of(ct, &progress.part(0.0..0.1, "coarse copy"))?;
    let body = body(&coarse, &progress.part(0.1..0.2, "body"))?;
    let values = quiet(&coarse, &progress.part(0.2..0.4, "smoothing"))?;
    let (place, blood_hu) = match seed {
        Some(seed) => {
            ct.grid().voxel_at(seed).ok_or(SegmentError::SeedOutside([seed.x, seed.y, seed.z]))?;
            (seed, level_hu(&values, seed, RADIUS_MM[0]))
        }
        None => start(&coarse, &values, &body, &progress.part(0.4..0.7, "descending aorta"))?,
    };
    let refused = |needed: String| match seed {
        Some(_) => SegmentError::BadSeed { value_hu: blood_hu, needed },
        None => SegmentError::NotFound { organ: "aorta with contrast", reason: needed },
    };
    if blood_hu < CONTRAST_HU {
        return Err(refused(format!("blood with contrast, over {CONTRAST_HU} HU, is needed")));
    }
    let edges =
        Edges { values: &values, blood_hu: TISSUE_HU + FALSE_SHARE * (blood_hu - TISSUE_HU), tissue_hu: TISSUE_HU };
    let frame = Frame::axial(place);
    let (centre, radius_mm) = circle(&edges, &frame, 8, RADIUS_MM);
    let first = ring(&edges, Frame { from: centre, ..frame }, radius_mm);
    if first.step_hu < STEP_HU_MIN || RADIUS_MM[1] < first.radius_mm {
        return Err(refused(format!(
            "a round outline of at most {} mm in radius around it that steps down by {STEP_HU_MIN} HU is needed, the best has {:.0} mm and {:.0} HU; click into the middle of the descending aorta",
            RADIUS_MM[1], first.radius_mm, first.step_hu
        )));
    }
    let (up, end_up) = follow(&edges, &first, &progress.part(0.7..0.8, "towards the heart"))?;
    let (down, end_down) = follow(&edges, &first.turned(), &progress.part(0.8..0.9, "towards the feet"))?;
    let part = progress.part(0.9..1.0, "outline");
    let rings: Vec<Ring> = down.iter().rev().map(Ring::turned).chain([first]).chain(up).collect();
    let rings = settled(&edges, &rings, &part)?;
    if let Some(wide) = rings.iter().find(|ring| GROWN_MM < ring.radius_mm) {
        return Err(refused(format!(
            "the outline followed from it grows to {:.0} mm in diameter, so it has left the aorta; click into the middle of the descending aorta",
            2.0 * wide.radius_mm
        )));
    }
    let length_mm: f64 = rings.windows(2).map(|two| (two[1].centre - two[0].centre).norm()).sum();
    if length_mm < CHAIN_MM_MIN {
        return Err(refused(format!(
            "an aorta that can be followed over {CHAIN_MM_MIN} mm is needed, {length_mm:.0} mm were; click into the middle of the descending aorta"
        )));
    }
    let mut all = rings.clone();
    if let (End::Scan, Some(last)) = (end_up, rings.last()) {
        all.extend(beyond(last));
    }
    if let (End::Scan, Some(first)) = (end_down, rings.first()) {
        all = beyond(&first.turned()).iter().rev().map(Ring::turned).chain(all).collect();
    }
    let mask = filled(ct.grid(), &all, &part)?;
    Ok(organ(&coarse, &mask, &rings, length_mm, [end_down, end_up], blood_hu))
}

fn organ(coarse: &Coarse, mask: &Volume<u8>, rings: &[Ring], length_mm: f64, ends: [End; 2], blood_hu: f64) -> Organ {
    let volume = volume_ml(mask);
    let widest = rings.iter().max_by(|a, b| a.radius_mm.total_cmp(&b.radius_mm)).expect("at least the first");
    let weakest = rings.iter().min_by(|a, b| a.step_hu.total_cmp(&b.step_hu)).expect("at least the first");
    let at = |p: Point| format!("({:.0}, {:.0}, {:.0}) mm", p.x, p.y, p.z);
    let [below, above] = ends.map(|end| match end {
        End::Scan => "at the end of the scan",
        End::Weak => "where no outline is seen any more",
        End::Thin => "where it becomes much thinner",
        End::Wide => "where it becomes much wider",
        End::Long => "where it is longer than any aorta; it has gone on into another vessel",
    });
    let summary = Summary::default()
        .fact("volume", volume, "ml")
        .fact("length followed", length_mm, "mm")
        .fact("widest diameter", 2.0 * widest.radius_mm, "mm")
        .fact("blood", blood_hu, "HU")
        .method("Every 2 mm across its course the smooth closed outline along which the image steps down most (dynamic programming in polar coordinates; Amini, Weymouth & Jain 1990), near that of the one before; then once more across the smoothed course, median of 7 neighbours")
        .method(format!("The widest cross-section lies at {}, the weakest edge ({:.0} HU) at {}", at(widest.centre), weakest.step_hu, at(weakest.centre)))
        .method(format!("It ends {below} towards the feet, and {above} towards the heart"))
        .method("The border of bright blood is halfway down to soft tissue, without the wall; that of a dim false lumen, thrombus or plaque halfway down to what is around")
        .limit("Outlines are round or oval: where a false lumen bulges far, part of it is left out; branches are left out, but their first millimetres can be inside; the root ends about where the valve is");
    let evidence = Evidence::new(summary)
        .expect(200.0 <= blood_hu, 0.85, || {
            format!("the blood has {blood_hu:.0} HU; under 200 HU vessels and organs are hard to part")
        })
        .expect(60.0 <= length_mm, 0.7, || {
            format!("only {length_mm:.0} mm of the aorta were followed, 60 mm are expected")
        })
        .expect(2.0 * widest.radius_mm <= 45.0, 0.8, || {
            let at = at(widest.centre);
            format!(
                "the aorta is {:.0} mm wide at {at}; check whether a neighbour was taken along",
                2.0 * widest.radius_mm
            )
        })
        .expect(0.75 * STEP_HU_MIN <= weakest.step_hu, 0.9, || {
            format!("the edge steps down by only {:.0} HU at {}", weakest.step_hu, at(weakest.centre))
        })
        .expect(volume < 600.0, 0.5, || format!("{volume:.0} ml are more than an aorta holds"))
        .expect(coarse.noise_hu < 60.0, 0.9, || format!("the noise of {:.0} HU is high", coarse.noise_hu));
    Organ { labels: LabelMap::from_mask(mask, "aorta", [224, 97, 76], Some(15_825_003)), summary: evidence.summary() }
}

fn radius_mm(disc: &Disc) -> f64 {
    (disc.area_mm2 / std::f64::consts::PI).sqrt()
}

/// A place in the descending aorta and the level of its blood: on the longest chain of round, even, bright
/// cross-sections beside the vertebrae.
fn start(
    coarse: &Coarse,
    values: &Volume<i16>,
    body: &Volume<u8>,
    progress: &Progress,
) -> Result<(Point, f64), SegmentError> {
    let bone = skeleton(coarse, body, None, &progress.part(0.0..0.6, "bone"))?.solid;
    let inside = combine(body, &bone, |body, bone| body & (1 - bone));
    let pairs = values.voxels().par_iter().zip(inside.voxels());
    let soft = pairs.map(|(value, inside)| if *inside != 0 { *value } else { i16::MIN }).collect();
    let soft = Volume::new(Arc::clone(values.grid()), soft).expect("one value per voxel");
    let mut found = Vec::new();
    for low_hu in THRESHOLDS_HU {
        let chains = chains(coarse, &soft, low_hu..=1500, 80.0..=3500.0, progress)?;
        found.extend(chains.into_iter().filter(|chain| {
            CHAIN_MM_MIN <= chain.length_mm && chain.mean(|d| d.deviation_hu) < 0.25 * chain.mean(|d| d.mean_hu)
        }));
    }
    let backs = spine_back(&bone, coarse.middle(body).x);
    found.retain(|chain| is_beside_vertebra(chain, &bone, &backs));
    let longest_mm = found.iter().map(|chain| chain.length_mm).fold(0.0, f64::max);
    let level = |chain: &Chain| chain.mean(|disc| disc.mean_hu);
    let longest_hu = found.iter().find(|chain| chain.length_mm == longest_mm).map_or(0.0, level);
    // Of the two great vessels before the spine the aorta is the left one (patient left is +x).
    let rivals = found.iter().filter(|c| 0.5 * longest_mm <= c.length_mm && 0.75 * longest_hu <= level(c));
    let left = |chain: &&Chain| chain.mean(|disc| disc.centre.x);
    let Some(chain) = rivals.max_by(|a, b| left(a).total_cmp(&left(b))) else {
        let reason = format!(
            "no chain of round, even cross-sections over {CONTRAST_HU} HU beside the vertebrae is {CHAIN_MM_MIN} mm long; the scan may be without contrast, or click into the descending aorta"
        );
        return Err(SegmentError::NotFound { organ: "aorta with contrast", reason });
    };
    let middle = &chain.discs[chain.discs.len() / 2];
    Ok((middle.centre, level_hu(values, middle.centre, 0.7 * radius_mm(middle))))
}

/// Whether a chain lies before the vertebrae or to their left, and not in them: they are round, even and bright, too.
fn is_beside_vertebra(chain: &Chain, bone: &Volume<u8>, backs: &[Option<[f64; 2]>]) -> bool {
    let far = chain.discs.iter().filter_map(|disc| {
        let [x, back] = backs[disc.voxel[2]]?;
        let vertebra = Vector::new(x, back - VERTEBRA_MM, 0.0);
        Some((disc.centre.coords - vertebra).xy().norm() - radius_mm(disc))
    });
    let (sum, n) = far.fold((0.0, 0.0), |(sum, n), mm| (sum + mm, n + 1.0));
    let to_the_left = backs[chain.discs[0].voxel[2]].is_none_or(|[x, _]| x - 20.0 < chain.mean(|d| d.centre.x));
    0.0 < n && sum / n < BESIDE_VERTEBRA_MM && to_the_left && chain.mean(|disc| f64::from(bone.at(disc.voxel))) < 0.2
}

/// The level of blood around a place of a slice: only the brighter part of a dissected aorta is the true lumen.
fn level_hu(values: &Volume<i16>, place: Point, reach_mm: f64) -> f64 {
    let grid = values.grid();
    let middle = grid.index_from_patient(place);
    let k = middle.z.round().clamp(0.0, (grid.dims()[2] - 1) as f64) as usize;
    let range = |axis: usize| {
        let reach = reach_mm / grid.spacing_mm()[axis] + 1.0;
        let [low, high] = [-reach, reach + 1.0].map(|reach| (middle[axis] + reach).max(0.0) as usize);
        low..high.min(grid.dims()[axis])
    };
    let near = range(1).flat_map(|j| range(0).map(move |i| [i, j, k]));
    let near = near.filter(|voxel| (grid.centre(*voxel) - place).xy().norm() <= reach_mm);
    let mut inside: Vec<i16> = near.map(|voxel| values.at(voxel)).collect();
    if inside.is_empty() {
        return f64::NEG_INFINITY;
    }
    let upper = inside.len() * 3 / 4;
    f64::from(*inside.select_nth_unstable(upper).1)
}
