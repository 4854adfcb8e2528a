//! The skeleton by name: spine, ribs with the breast bone, skull, hip bones, and limbs with the shoulder girdle.

mod canal;
mod heads;
mod pieces;
mod scene;
mod seeds;

use super::body::body;
use super::bone;
use super::coarse::{Coarse, combine, volume_ml};
use super::evidence::Evidence;
use super::preset::Organ;
use crate::base::{Cancelled, Progress, SegmentId, Summary};
use crate::geom::Point;
use crate::image::{Components, LabelMap, Neighbours, Segment, Volume};
use crate::segment::{SegmentError, compete};
use rayon::prelude::*;
use scene::Scene;
use seeds::{PROMONTORY_MM, SACRUM_MM, Seeds, seeds};
use std::sync::Arc;

/// Coarse voxels: joints of 3 mm must not vanish, and ribs must hang together.
const WIDTH_MM: f64 = 2.0;

const SPINE: u8 = 1;
const RIBS: u8 = 2;
const SKULL: u8 = 3;
const HIPS: u8 = 4;
const LIMBS: u8 = 5;
const OTHER: u8 = 6;

/// Segment the skeleton and name its parts.
pub(super) fn run(ct: &Volume<i16>, _seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let found = bone::run(ct, None, &progress.part(0.0..0.4, "bone"))?;
    let coarse = Coarse::at_most(WIDTH_MM, ct, &progress.part(0.4..0.45, "coarse copy"))?;
    let body = body(&coarse, &progress.part(0.45..0.55, "body"))?;
    let mask = found.labels.to_volume();
    let scene = Scene::of(&coarse, &body, coarse.coarse_mask(&mask), &progress.part(0.55..0.75, "landmarks"))?;
    if !scene.canal.is_found() && scene.brain.is_none() {
        let reason = "neither a spinal canal that bone surrounds over at least 20 mm nor a skull around at least 100 ml of brain, by which bones are known; use the preset bone".into();
        return Err(SegmentError::NotFound { organ: "spine or skull", reason });
    }
    let sure = seeds(&coarse, &scene, &progress.part(0.75..0.85, "sure bones"))?;
    let grown = grow(&scene, &sure, &progress.part(0.85..0.95, "growing"))?;
    let [ni, nj, _] = mask.grid().dims();
    let mut voxels = mask.voxels().to_vec();
    voxels.par_chunks_mut(ni).enumerate().for_each(|(row, out)| {
        for (i, value) in out.iter_mut().enumerate().filter(|(_, value)| **value != 0) {
            *value = grown.voxels()[coarse.offset_of([i, row % nj, row / nj])];
        }
    });
    progress.check()?;
    let labels = Volume::new(Arc::clone(mask.grid()), voxels).expect("one label per voxel");
    Ok(organ(&labels, &scene, &sure, &grown, &found.summary))
}

/// Every voxel of bone takes the name of the sure bone that is the fewest steps through bone away.
fn grow(scene: &Scene, sure: &Seeds, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let grown = compete(&scene.bone, &sure.labels, usize::MAX, progress)?;
    // Crumbs around the canal whose marrow was not found are spine still.
    let left = combine(&scene.bone, &grown, |bone, label| bone & u8::from(label == 0));
    let parts = Components::of(&left, |value| value != 0, Neighbours::TwentySix, progress)?;
    let in_spine = |id: usize| {
        let k = parts.parts()[id].centre.z.round() as usize;
        let from = scene.canal.near(k).map(|canal| parts.centre(id) - canal);
        from.is_some_and(|from| from.x.abs() < SACRUM_MM && -PROMONTORY_MM < from.y)
    };
    let named: Vec<u8> =
        (0..parts.parts().len()).map(|id| if scene.brain.is_none() && in_spine(id) { SPINE } else { OTHER }).collect();
    let crumbs = parts.paint(|id| named[id]);
    Ok(combine(&grown, &crumbs, |label, crumb| label | crumb))
}

fn organ(labels: &Volume<u8>, scene: &Scene, sure: &Seeds, grown: &Volume<u8>, bone: &Summary) -> Organ {
    let segment = |id, name: &str, colour, code| Segment::new(SegmentId(id), name, colour, code);
    let table = [
        segment(SPINE, "spine", [226, 202, 134], None),
        segment(RIBS, "ribs and sternum", [253, 232, 158], None),
        segment(SKULL, "skull", [241, 213, 144], Some(89_546_000)),
        segment(HIPS, "hip bones", [232, 206, 138], Some(29_836_001)),
        segment(LIMBS, "limbs and shoulder girdle", [205, 179, 108], None),
        segment(OTHER, "bone without a name", [170, 160, 150], Some(272_673_000)),
    ];
    let counts = |volume: &Volume<u8>| {
        let mut counts = [0_usize; OTHER as usize + 1];
        volume.voxels().iter().for_each(|label| counts[usize::from(*label)] += 1);
        counts
    };
    let (voxels, coarse, seeds) = (counts(labels), counts(grown), counts(&sure.labels));
    let table = table.into_iter().filter(|segment| 0 < voxels[usize::from(segment.id.0)]).collect();
    let labels = LabelMap::from_volume(labels, table).expect("every label that is there is in the table");
    let all = volume_ml(&scene.bone).max(1e-9);
    let mut summary =
        Summary::default().fact("volume", labels.segments().iter().map(|s| labels.volume_ml(s.id)).sum(), "ml");
    for segment in labels.segments() {
        summary = summary.fact(&segment.name, labels.volume_ml(segment.id), "ml");
    }
    let summary = summary
        .fact("bone around the spinal canal", 100.0 * scene.canal.enclosed, "%")
        .method("Bone as the preset bone finds it; the spinal canal is the smooth path through all slices that bone surrounds best on both sides alike (dynamic programming)")
        .method("Sure are the column around the canal, what lies along the lungs (ribs) or well outside them (shoulder girdle), large bone below the lungs (hips), bone around the brain (skull), and arms beside the trunk; femoral heads are the balls on which the edges of bone agree (Hough transform)")
        .method("All other bone takes the name of the sure bone that is nearest through bone")
        .limit("Where bones touch, at the sacroiliac joint, the heads of the ribs, the hip joint and the base of the skull, the border is a place halfway between sure bones, not the joint space")
        .limit("Vertebrae, ribs and sides are not told apart; the jaw counts as skull, and so do arms raised beside the head; cartilage, metal and contrast that the preset bone took for bone get the name of what they lie at");
    let ml = |id: u8| labels.volume_ml(SegmentId(id));
    let other = ml(OTHER);
    let mut evidence = Evidence::new(summary)
        .expect(scene.brain.is_some() || 0.55 <= scene.canal.enclosed, 0.8, || {
            format!("bone surrounds the spinal canal on {:.0} % of its sides, at least 55 % is usual; check that the spine is the spine", 100.0 * scene.canal.enclosed)
        })
        .expect(other < 0.03 * all, 0.85, || format!("{other:.0} ml of bone lie where no bone of the list is expected and have no name"))
        .expect(!sure.has_hips || sure.heads == 2, 0.85, || {
            format!("{} of 2 femoral heads were recognised; without one the femur counts as hip bone", sure.heads)
        })
        .expect(scene.cage.is_some() || ml(RIBS) == 0.0, 0.9, || {
            "no lung is in the scan, so what is neither spine, hip nor arm counts as rib".into()
        });
    for segment in labels.segments().iter().filter(|segment| segment.id.0 != OTHER) {
        let id = usize::from(segment.id.0);
        let share = 1.0 - seeds[id].min(coarse[id]) as f64 / coarse[id].max(1) as f64;
        evidence = evidence.expect(share < 0.5, 0.85, || {
            format!(
                "{:.0} % of {} is only known to hang together with it; check where it ends",
                100.0 * share,
                segment.name
            )
        });
    }
    for warning in &bone.warnings {
        evidence = evidence.expect(false, 0.9, || warning.clone());
    }
    Organ { labels, summary: evidence.summary() }
}

#[cfg(test)]
mod tests;
