//! A contrast-filled vessel: the aorta and its branches, or the vessel at a seed.

use super::body::body;
use super::bone::{Known, skeleton};
use super::coarse::{Coarse, IF_FITTING, combine, components, volume_ml};
use super::discs::{Chain, Disc, chains};
use super::evidence::Evidence;
use super::lungs::lung_air;
use super::preset::Organ;
use crate::base::{Progress, Summary};
use crate::geom::Point;
use crate::image::filter::{dilate, erode, open, squared_distance};
use crate::image::{Components, LabelMap, Volume};
use crate::segment::{SegmentError, compete};
use rayon::prelude::*;
use std::sync::Arc;

/// Soft tissue around a vessel.
const TISSUE_HU: f64 = 50.0;
/// A vessel needs at least this much.
const CONTRAST_HU: f64 = 120.0;
/// What is wider than the vessel by this factor is a heart chamber or an organ, and ends it.
const WIDER: f64 = 1.3;

/// Blood brighter than at the start by this is in another vessel.
const BRIGHTER_HU: f64 = 200.0;

/// Cores of blood over this that do not hang together with the start are other vessels.
const OTHER_ML_MIN: f64 = 1.5;

/// Where to start, and what the blood looks like there.
struct Start {
    voxels: Vec<[usize; 3]>,
    mean_hu: f64,
    radius_mm: f64,
    length_mm: f64,
    /// Where the ascending aorta leaves the heart.
    root: Option<Disc>,
}

/// Segment the aorta, or the vessel at `seed`.
pub(super) fn run(ct: &Volume<i16>, seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let coarse = Coarse::of(ct, &progress.part(0.0..0.1, "coarse copy"))?;
    let body = body(&coarse, &progress.part(0.1..0.3, "body"))?;
    let smooth = coarse.smooth(progress)?;
    let start = match seed {
        Some(point) => at_seed(&smooth, point, progress)?,
        None => aorta(&coarse, &smooth, &body, &progress.part(0.3..0.4, "aorta"))?,
    };
    let low_hu = (TISSUE_HU + 0.5 * (start.mean_hu - TISSUE_HU)).round() as i16;
    let known = around_start(&smooth, &body, &start, progress)?;
    let known = Known { mask: &known, mean_hu: start.mean_hu };
    let bone = skeleton(&coarse, &body, Some(known), &progress.part(0.4..0.6, "bone"))?.solid;
    let part = progress.part(0.6..0.8, "heart");
    let blood = coarse.mask(&smooth, &body, |value, body| body != 0 && low_hu <= value);
    let blood = combine(&blood, &bone, |blood, bone| blood & (1 - bone));
    let wide = open(&blood, WIDER * start.radius_mm, &part)?;
    let wide = dilate(&wide, 2.0, &part)?;
    let wide = plugged(wide, start.root.as_ref());
    let narrow = combine(&blood, &wide, |blood, wide| blood & (1 - wide));
    let vessel = apart(&smooth, &narrow, &start, &part)?;
    let part = progress.part(0.8..1.0, "border");
    let near = dilate(&vessel, coarse.cell_mm(), &part)?;
    let barred = combine(&wide, &bone, |wide, bone| wide | bone);
    let codes = combine(&near, &barred, |near, barred| if barred != 0 { 0 } else { near * (1 | IF_FITTING) });
    let values = coarse.despeckled(30.0, &part)?;
    let fine = coarse.refine(&codes, &values, |value, _| low_hu <= value, &part)?;
    let parts = components(&fine, &part)?;
    let mask = parts.keep(|id| id == 0 || 0.5 <= parts.volume_ml(id));
    let volume = volume_ml(&mask);
    if volume < 0.2 {
        let reason = format!("{volume:.2} ml of blood over {low_hu} HU hang together at the seed, 0.2 ml are needed");
        return Err(SegmentError::NotFound { organ: "vessel", reason });
    }
    let auto = seed.is_none();
    let summary = Summary::default()
        .fact("volume", volume, "ml")
        .fact("mean at start", start.mean_hu, "HU")
        .fact("threshold", f64::from(low_hu), "HU")
        .fact("radius at start", start.radius_mm, "mm")
        .method("Threshold half way between soft tissue (50 HU) and the blood at the start; bone taken out")
        .method(format!("Growth ends where a ball {WIDER} times as wide as the start fits in: heart chambers, organs"))
        .limit("Only what contrast fills is taken: thrombus and the dark lumen of a dissection are left out, and so are parts wider than that (aneurysms); a touching vessel of the same brightness may be taken along");
    let summary = if auto {
        summary.method("The aorta is the chain of round, even cross-sections that holds the most contrast; above the heart a plug closes its root")
    } else {
        summary
    };
    let evidence = Evidence::new(summary)
        .expect(250.0 <= start.mean_hu, 0.8, || {
            format!("the blood has {:.0} HU; under 250 HU vessels and organs are hard to part", start.mean_hu)
        })
        .expect(!auto || 80.0 <= start.length_mm, 0.7, || {
            format!("only {:.0} mm of the aorta look like one, 80 mm are expected", start.length_mm)
        })
        .expect(!auto || volume < 600.0, 0.5, || {
            format!("{volume:.0} ml are more than an aorta with its branches holds")
        })
        .expect(coarse.noise_hu < 60.0, 0.9, || {
            format!("the noise of {:.0} HU is high; thin vessels are missing", coarse.noise_hu)
        });
    let (name, colour, snomed) =
        if auto { ("aorta", [224, 97, 76], 15_825_003) } else { ("contrast vessel", [216, 101, 79], 51_114_001) };
    Ok(Organ { labels: LabelMap::from_mask(&mask, name, colour, Some(snomed)), summary: evidence.summary() })
}

/// What hangs together with the start and is nearly as bright, but not much brighter.
fn around_start(
    smooth: &Volume<i16>,
    body: &Volume<u8>,
    start: &Start,
    progress: &Progress,
) -> Result<Volume<u8>, SegmentError> {
    let high_hu = TISSUE_HU + 0.75 * (start.mean_hu - TISSUE_HU);
    let alike = high_hu..=start.mean_hu + BRIGHTER_HU;
    let pairs = smooth.voxels().par_iter().zip(body.voxels());
    let voxels = pairs.map(|(value, body)| u8::from(*body != 0 && alike.contains(&f64::from(*value)))).collect();
    let alike = Volume::new(Arc::clone(smooth.grid()), voxels).expect("one value per voxel");
    let parts = components(&alike, progress)?;
    let wanted: Vec<usize> = start.voxels.iter().filter_map(|voxel| parts.at(*voxel)).collect();
    Ok(parts.keep(|id| wanted.contains(&id)))
}

/// `wide` with a plug across the root of the aorta, below its lowest round cross-section.
fn plugged(wide: Volume<u8>, root: Option<&Disc>) -> Volume<u8> {
    let Some(root) = root else { return wide };
    let grid = wide.grid();
    let radius_mm = 1.8 * (root.area_mm2 / std::f64::consts::PI).sqrt();
    let slab_mm = grid.spacing_mm()[2].max(4.0);
    let [ni, nj, _] = grid.dims();
    let mut voxels = wide.voxels().to_vec();
    voxels.par_chunks_mut(ni).enumerate().for_each(|(row, out)| {
        for (i, out) in out.iter_mut().enumerate() {
            let from = grid.centre([i, row % nj, row / nj]) - root.centre;
            let below = -slab_mm < from.z && from.z < 0.1;
            *out |= u8::from(below && from.xy().norm() < radius_mm);
        }
    });
    Volume::new(Arc::clone(grid), voxels).expect("one value per voxel")
}

/// The blood of `narrow` that belongs to the start. Walls between touching vessels are thinner than a voxel and show
/// only as a dip: vessels are told apart where blood is brightest, and dimmer voxels go to the nearer vessel.
fn apart(
    smooth: &Volume<i16>,
    narrow: &Volume<u8>,
    start: &Start,
    progress: &Progress,
) -> Result<Volume<u8>, SegmentError> {
    let high_hu = TISSUE_HU + 0.75 * (start.mean_hu - TISSUE_HU);
    let limit_hu = start.mean_hu + BRIGHTER_HU;
    let bright = smooth.voxels().par_iter().zip(narrow.voxels());
    let bright = bright
        .map(|(value, blood)| u8::from(*blood != 0 && (high_hu..=limit_hu).contains(&f64::from(*value))))
        .collect();
    let bright = Volume::new(Arc::clone(narrow.grid()), bright).expect("one value per voxel");
    // Only next to the heart do large vessels touch one another; elsewhere wear would cut branches off.
    let cores = match start.root {
        Some(_) => erode(&bright, 2.0, progress)?,
        None => bright,
    };
    let parts = components(&cores, progress)?;
    let mut wanted: Vec<usize> = start.voxels.iter().filter_map(|voxel| parts.at(*voxel)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    // Much brighter blood is another vessel, wires of a stent are not.
    let brighter = smooth.voxels().par_iter().zip(narrow.voxels());
    let brighter = brighter.map(|(value, blood)| u8::from(*blood != 0 && limit_hu < f64::from(*value))).collect();
    let brighter = Volume::new(Arc::clone(narrow.grid()), brighter).expect("one value per voxel");
    let brighter = open(&brighter, 2.5, progress)?;
    // Other pieces count only if they are as large as a chamber or a trunk: smaller ones are the vessel's own branches.
    let seeds = parts.paint(|id| match wanted.binary_search(&id) {
        Ok(_) => 1,
        Err(_) => 2 * u8::from(OTHER_ML_MIN <= parts.volume_ml(id)),
    });
    let seeds = combine(&seeds, &brighter, |seed, brighter| if brighter != 0 { 2 } else { seed });
    let labels = compete(narrow, &seeds, 250, progress)?;
    Ok(combine(&labels, &labels, |label, _| u8::from(label == 1)))
}

/// How much contrast a chain holds, in HU mm³.
fn contrast(chain: &Chain) -> f64 {
    chain.length_mm * chain.mean(|disc| disc.area_mm2) * (chain.mean(|disc| disc.mean_hu) - TISSUE_HU)
}

/// The chain of round, even cross-sections that holds the most contrast.
fn aorta(coarse: &Coarse, smooth: &Volume<i16>, body: &Volume<u8>, progress: &Progress) -> Result<Start, SegmentError> {
    let inside = smooth.voxels().iter().zip(body.voxels()).map(|(v, body)| if *body != 0 { *v } else { i16::MIN });
    let inside = Volume::new(Arc::clone(body.grid()), inside.collect()).expect("one value per voxel");
    let mut best: Option<Chain> = None;
    for low_hu in [250, 200, 160, CONTRAST_HU as i16] {
        let found = chains(coarse, &inside, low_hu..=1000, 120.0..=1800.0, progress)?;
        let even = |chain: &Chain| chain.mean(|d| d.deviation_hu) < 0.2 * chain.mean(|d| d.mean_hu);
        let largest = found.into_iter().filter(even).max_by(|a, b| contrast(a).total_cmp(&contrast(b)));
        let better = |chain: &Chain| best.as_ref().is_none_or(|best| 1.5 * contrast(best) < contrast(chain));
        best = largest.filter(better).or(best);
        if best.as_ref().is_some_and(|chain| 60.0 <= chain.length_mm) {
            break;
        }
    }
    let Some(chain) = best.filter(|chain| 25.0 <= chain.length_mm) else {
        let reason = format!(
            "no chain of round, even cross-sections over {CONTRAST_HU} HU is 25 mm long; the scan may be without contrast, or place a seed point"
        );
        return Err(SegmentError::NotFound { organ: "aorta with contrast", reason });
    };
    let mean_hu = chain.mean(|disc| disc.mean_hu);
    let lungs = lung_air(coarse, body, progress)?;
    let ascending = ascending(coarse, &inside, &lungs, mean_hu, progress)?;
    let discs = chain.discs.iter().chain(ascending.iter().flat_map(|chain| &chain.discs));
    let mut areas: Vec<f64> = discs.clone().map(|disc| disc.area_mm2).collect();
    areas.sort_by(f64::total_cmp);
    Ok(Start {
        voxels: discs.map(|disc| disc.voxel).collect(),
        mean_hu,
        radius_mm: (areas[(areas.len() - 1) * 9 / 10] / std::f64::consts::PI).sqrt(),
        length_mm: chain.length_mm,
        root: ascending.map(|chain| chain.discs[0].clone()),
    })
}

/// The ascending aorta: the longest chain as bright as the rest, in front of the lungs' middle and not far below it.
fn ascending(
    coarse: &Coarse,
    inside: &Volume<i16>,
    lungs: &Components,
    mean_hu: f64,
    progress: &Progress,
) -> Result<Option<Chain>, SegmentError> {
    // Only a scan of the whole chest shows an ascending aorta.
    let slice_mm = inside.grid().spacing_mm()[2];
    let Some(largest) = lungs.parts().first().filter(|l| 150.0 <= (l.max[2] - l.min[2]) as f64 * slice_mm) else {
        return Ok(None);
    };
    let lung = inside.grid().patient_from_index(largest.centre);
    let fits = |chain: &Chain| {
        let place = chain.mean(|disc| disc.centre.y);
        let alike = (chain.mean(|disc| disc.mean_hu) / mean_hu - 1.0).abs() < 0.25;
        20.0 <= chain.length_mm && place < lung.y - 10.0 && lung.z - 40.0 < chain.discs[0].centre.z && alike
    };
    let mut found: Vec<Chain> = Vec::new();
    for share in [0.5, 0.6, 0.7, 0.8] {
        let low_hu = (TISSUE_HU + share * (mean_hu - TISSUE_HU)) as i16;
        found.extend(chains(coarse, inside, low_hu..=1500, 250.0..=2500.0, progress)?.into_iter().filter(fits));
    }
    // Of ascending aorta and pulmonary trunk the aorta lies to the right: patient right is -x.
    let x_mm = |chain: &Chain| chain.mean(|disc| disc.centre.x);
    let right = found.iter().map(x_mm).fold(f64::INFINITY, f64::min);
    found.retain(|chain| x_mm(chain) < right + 20.0);
    Ok(found.into_iter().max_by(|a, b| a.length_mm.total_cmp(&b.length_mm)))
}

/// The blood around a seed: mean of the coarse voxel and its neighbours, radius of the largest ball nearby.
fn at_seed(smooth: &Volume<i16>, point: Point, progress: &Progress) -> Result<Start, SegmentError> {
    let grid = smooth.grid();
    let voxel = grid.voxel_at(point).ok_or(SegmentError::SeedOutside([point.x, point.y, point.z]))?;
    let near = |reach: usize| {
        let range = |a: usize| voxel[a].saturating_sub(reach)..(voxel[a] + reach + 1).min(grid.dims()[a]);
        (range(0), range(1), range(2))
    };
    let (is, js, ks) = near(1);
    let values: Vec<f64> = ks
        .flat_map(|k| {
            js.clone().flat_map({
                let is = is.clone();
                move |j| is.clone().map(move |i| [i, j, k])
            })
        })
        .map(|voxel| f64::from(smooth.at(voxel)))
        .collect();
    let mean_hu = values.iter().sum::<f64>() / values.len() as f64;
    if mean_hu < CONTRAST_HU {
        let needed = format!("a vessel seed must lie in blood with contrast, over {CONTRAST_HU} HU");
        return Err(SegmentError::BadSeed { value_hu: mean_hu, needed });
    }
    let low_hu = TISSUE_HU + 0.5 * (mean_hu - TISSUE_HU);
    let outside = smooth.voxels().iter().map(|value| u8::from(f64::from(*value) < low_hu)).collect();
    let outside = Volume::new(Arc::clone(grid), outside).expect("one value per voxel");
    let depth = squared_distance(&outside, 25.0, progress)?;
    let (is, js, ks) = near(3);
    let mut widest = 0.0_f32;
    for k in ks {
        for j in js.clone() {
            for i in is.clone() {
                let squared = depth.at([i, j, k]);
                widest = widest.max(if squared.is_finite() { squared } else { 625.0 });
            }
        }
    }
    Ok(Start { voxels: vec![voxel], mean_hu, radius_mm: f64::from(widest).sqrt().max(3.0), length_mm: 0.0, root: None })
}
