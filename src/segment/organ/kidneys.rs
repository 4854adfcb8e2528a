//! Both kidneys: beside the spine, in fat, with contrast or without.

use super::coarse::{Coarse, combine, volume_ml};
use super::evidence::Evidence;
use super::kidney::{CONTRAST_HU, Kidney, kidney};
use super::liver::account;
use super::preset::Organ;
use super::solid::fine;
use super::spleen::{liver_mask, spleen};
use super::trunk::{Trunk, WIDTH_MM};
use crate::base::{Progress, SegmentId, Summary};
use crate::geom::Point;
use crate::image::{LabelMap, Segment, Volume};
use crate::segment::SegmentError;
use std::sync::Arc;

const RIGHT: u8 = 1;
const LEFT: u8 = 2;
const NAMES: [&str; 2] = ["right kidney", "left kidney"];

/// Segment both kidneys, or the one at the seed.
pub(super) fn run(ct: &Volume<i16>, seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let coarse = Coarse::at_most(WIDTH_MM, ct, &progress.part(0.0..0.1, "coarse copy"))?;
    if let Some(point) = seed {
        let grid = coarse.mean.grid();
        grid.voxel_at(point).ok_or(SegmentError::SeedOutside([point.x, point.y, point.z]))?;
    }
    let trunk = Trunk::of(&coarse, &progress.part(0.1..0.45, "trunk"))?;
    let liver = liver_mask(&trunk, &progress.part(0.45..0.55, "liver"))?;
    let spleen = match spleen(&trunk, liver.as_ref(), None, &progress.part(0.55..0.65, "spleen")) {
        Ok(found) => Some(found.mask),
        Err(SegmentError::Cancelled(cancelled)) => return Err(cancelled.into()),
        Err(_) => None,
    };
    let barred = [liver, spleen].into_iter().flatten().reduce(|a, b| combine(&a, &b, |a, b| a | b));
    let wanted = match seed {
        Some(point) if point.x < trunk.spine.x => vec![RIGHT],
        Some(_) => vec![LEFT],
        None => vec![RIGHT, LEFT],
    };
    let mut labels = Volume::new(Arc::clone(ct.grid()), vec![0_u8; ct.grid().len()]).expect("one value per voxel");
    let mut found: Vec<(u8, Kidney)> = Vec::new();
    let mut missing = None;
    for side in &wanted {
        let from = 0.65 + 0.15 * f64::from(side - 1);
        let part = progress.part(from..from + 0.12, "kidney");
        match kidney(&trunk, barred.as_ref(), if *side == RIGHT { -1.0 } else { 1.0 }, seed, &part) {
            Ok(kidney) => {
                let part = progress.part(from + 0.12..from + 0.15, "border");
                let mask = fine(&coarse, &trunk, &kidney.solid, barred.as_ref(), &part)?;
                labels = combine(&labels, &mask, |label, mask| if label != 0 { label } else { mask * side });
                found.push((*side, kidney));
            }
            Err(SegmentError::NotFound { organ, reason }) => missing = Some(SegmentError::NotFound { organ, reason }),
            Err(error) => return Err(error),
        }
    }
    match missing {
        Some(error) if found.is_empty() => Err(error),
        missing => Ok(organ(&coarse, &labels, &found, missing)),
    }
}

fn organ(coarse: &Coarse, labels: &Volume<u8>, found: &[(u8, Kidney)], missing: Option<SegmentError>) -> Organ {
    let segment = |id: u8| Segment::new(SegmentId(id), NAMES[usize::from(id) - 1], [185, 102, 83], Some(64_033_007));
    let table = found.iter().map(|(side, _)| segment(*side)).collect();
    let map = LabelMap::from_volume(labels, table).expect("the labels of the sides that were found");
    let mut summary = Summary::default().fact("volume", volume_ml(labels), "ml");
    for (side, kidney) in found {
        let name = NAMES[usize::from(*side) - 1];
        summary = summary.fact(name, map.volume_ml(SegmentId(*side)), "ml").fact(
            &format!("{name} in fat"),
            100.0 * kidney.fat_share,
            "%",
        );
    }
    let (_, first) = &found[0];
    let how = if first.contrast {
        format!("With contrast: what is over {CONTRAST_HU:.0} HU beside the spine, with the pyramids it encloses")
    } else {
        "Without contrast: of the bodies at six levels between 5 and 55 HU the one most of whose surface lies in fat"
            .into()
    };
    let summary = account(summary, &first.solid)
        .method("Liver and spleen are found first and left out; a kidney is a body of 30 to 450 ml between necks whose middle lies 32 to 100 mm beside the spine, level with the vertebrae, and at least 35 % of whose surface lies in fat")
        .method(how)
        .limit("Fat and vessels of the sinus are left out, and so are cysts at the surface; a wide renal pelvis may count, and so may a bowel or muscle that touches the kidney broadly and is as bright");
    let one = found.len() == 1 && missing.is_some();
    let mut evidence = Evidence::new(summary)
        .expect(!one, 0.7, || missing.map_or_else(String::new, |error| format!("one kidney only: {error}")))
        .expect(found.iter().all(|(_, kidney)| kidney.contrast), 0.85, || {
            format!(
                "a kidney has {:.0} HU, no contrast; muscle and bowel that touch it are nearly as bright",
                first.solid.level_hu
            )
        })
        .expect(coarse.noise_hu < 25.0, 0.9, || format!("the noise of {:.0} HU is high", coarse.noise_hu));
    let last = coarse.ct.grid().dims()[2] - 1;
    for (side, kidney) in found {
        let (name, id) = (NAMES[usize::from(*side) - 1], SegmentId(*side));
        let volume = map.volume_ml(id);
        let [ni, nj, _] = labels.grid().dims();
        let ends = [0, last].map(|k| labels.voxels()[k * ni * nj..(k + 1) * ni * nj].contains(side));
        evidence = evidence
            .expect(!ends.contains(&true), 0.8, || format!("the {name} is cut off where the scan ends"))
            .expect((90.0..=300.0).contains(&volume), 0.75, || {
                format!("the {name} has {volume:.0} ml, outside 90 to 300 ml of adults; something may be missing or too much")
            })
            .expect(kidney.solid.unsure_share < 0.25, 0.8, || {
                let at = kidney.solid.unsure_at.map_or_else(String::new, |at| {
                    format!(", most around ({:.0}, {:.0}, {:.0}) mm", at.x, at.y, at.z)
                });
                format!("{:.0} % of the surface of the {name} lies against tissue that looks the same{at}; look there", 100.0 * kidney.solid.unsure_share)
            });
    }
    Organ { labels: map, summary: evidence.summary() }
}
