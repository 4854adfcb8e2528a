//! The kidneys: two bodies in fat, beside the spine.

use super::coarse::{Coarse, combine, volume_ml};
use super::evidence::Evidence;
use super::liver::account;
use super::preset::Organ;
use super::solid::{Place, Solid, Wanted, fine, solid};
use super::spleen::{liver_mask, spleen};
use super::trunk::{Trunk, WIDTH_MM};
use crate::base::{Progress, SegmentId, Summary};
use crate::geom::{Point, Vector};
use crate::image::filter::fill_holes_in_slices;
use crate::image::{LabelMap, Segment, Volume};
use crate::segment::SegmentError;

const RIGHT: u8 = 1;
const LEFT: u8 = 2;
/// Cortex and medulla without contrast have 20 to 45 HU; from here on there is contrast in them.
const CONTRAST_HU: f64 = 75.0;

/// Segment both kidneys, or the one at `seed`.
pub(super) fn run(ct: &Volume<i16>, seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let coarse = Coarse::at_most(WIDTH_MM, ct, &progress.part(0.0..0.1, "coarse copy"))?;
    let trunk = Trunk::of(&coarse, &progress.part(0.1..0.4, "trunk"))?;
    let liver = liver_mask(&trunk, &progress.part(0.4..0.55, "liver"))?;
    let spleen = match spleen(&trunk, liver.as_ref(), None, &progress.part(0.55..0.65, "spleen")) {
        Ok(found) => Some(found.mask),
        Err(SegmentError::Cancelled(cancelled)) => return Err(cancelled.into()),
        Err(_) => None,
    };
    let barred = [liver, spleen].into_iter().flatten().reduce(|a, b| combine(&a, &b, |a, b| a | b));
    let wanted: Vec<u8> = match seed {
        Some(point) if point.x < trunk.spine.x => vec![RIGHT],
        Some(_) => vec![LEFT],
        None => vec![RIGHT, LEFT],
    };
    let mut labels: Option<Volume<u8>> = None;
    let mut found: Vec<(u8, Solid)> = Vec::new();
    let mut missing = None;
    for side in &wanted {
        let part = progress.part(0.65 + 0.15 * f64::from(side - 1)..0.8 + 0.15 * f64::from(side - 1), "kidney");
        match kidney(&trunk, barred.as_ref(), *side, seed, &part) {
            Ok(kidney) => {
                let mask = fine(&coarse, &trunk, &kidney, barred.as_ref(), &part)?;
                let both = |labels: Volume<u8>| combine(&labels, &mask, |l, m| if l != 0 { l } else { m * side });
                labels = Some(labels.map_or_else(|| combine(&mask, &mask, |m, _| m * side), both));
                found.push((*side, kidney));
            }
            Err(SegmentError::NotFound { organ, reason }) => missing = Some(SegmentError::NotFound { organ, reason }),
            Err(error) => return Err(error),
        }
    }
    let Some(labels) = labels else {
        return Err(missing.expect("a side was looked for, and none found"));
    };
    organ(&coarse, &labels, &found, missing, wanted.len())
}

fn organ(
    coarse: &Coarse,
    labels: &Volume<u8>,
    found: &[(u8, Solid)],
    missing: Option<SegmentError>,
    wanted: usize,
) -> Result<Organ, SegmentError> {
    let segment = |id, name: &str| Segment::new(SegmentId(id), name, [185, 102, 83], Some(64_033_007));
    let table = vec![segment(RIGHT, "right kidney"), segment(LEFT, "left kidney")];
    let map = LabelMap::from_volume(labels, table).expect("both labels are in the table");
    let ml = |side: u8| map.volume_ml(SegmentId(side));
    let mut summary = Summary::default().fact("volume", volume_ml(labels), "ml");
    for (side, name) in [(RIGHT, "right kidney"), (LEFT, "left kidney")] {
        if 0.0 < ml(side) {
            summary = summary.fact(name, ml(side), "ml");
        }
    }
    let (_, first) = &found[0];
    let summary = account(summary, first)
        .method("Liver and spleen are found first and left out; a kidney is the largest even body whose middle lies 48 to 110 mm beside the spine and not far in front of it")
        .limit("Fat and vessels of the sinus are left out, cysts as dark as water too where they lie at the surface; a renal pelvis full of contrast belongs to the kidney");
    let mut evidence = Evidence::new(summary)
        .expect(found.len() == wanted, 0.6, || {
            missing.map_or_else(String::new, |error| format!("only one kidney was found: {error}"))
        })
        .expect(CONTRAST_HU <= first.level_hu, 0.8, || {
            format!(
                "the kidney has {:.0} HU, no contrast; muscle and bowel that touch it are as bright",
                first.level_hu
            )
        })
        .expect(coarse.noise_hu < 25.0, 0.9, || format!("the noise of {:.0} HU is high", coarse.noise_hu));
    for (side, kidney) in found {
        let volume = ml(*side);
        let name = if *side == RIGHT { "right" } else { "left" };
        evidence = evidence.expect((70.0..=350.0).contains(&volume), 0.75, || {
            format!(
                "the {name} kidney has {volume:.0} ml, outside 70 to 350 ml; it may be cut off by the scan, or too much"
            )
        });
        evidence = super::liver::unsure(evidence, kidney);
    }
    Ok(Organ { labels: map, summary: evidence.summary() })
}

/// One kidney on the coarse grid.
fn kidney(
    trunk: &Trunk,
    barred: Option<&Volume<u8>>,
    side: u8,
    seed: Option<Point>,
    progress: &Progress,
) -> Result<Solid, SegmentError> {
    let sign = if side == RIGHT { -1.0 } else { 1.0 };
    let place = |x: f64, y: f64| (45.0..100.0).contains(&(sign * x)) && (-60.0..25.0).contains(&y);
    let fits = |ml: f64, from: Vector| {
        (15.0..500.0).contains(&ml) && (48.0..110.0).contains(&(sign * from.x)) && (-60.0..30.0).contains(&from.y)
    };
    let cavity = trunk.place(&trunk.cavity, |x, y| (15.0..130.0).contains(&(sign * x)) && (-100.0..60.0).contains(&y));
    let allowed = barred.map_or_else(|| cavity.clone(), |barred| combine(&cavity, barred, |a, b| a & (1 - b)));
    let mut wanted = Wanted {
        organ: if side == RIGHT { "right kidney" } else { "left kidney" },
        allowed,
        place: seed.map_or(Place::Around(&place), Place::Seed),
        level_hu: [CONTRAST_HU, 400.0],
        deep_mm: 5.0,
        spread_share: [0.5, 1.5],
        spread_hu_min: 25.0,
        core_mm: 4.0,
        biased: false,
        fits: &fits,
    };
    let found = solid(trunk, &wanted, &progress.part(0.0..0.5, "with contrast"));
    let mut found = match (found, seed) {
        (Err(SegmentError::NotFound { .. }), None) => {
            wanted.level_hu = [5.0, CONTRAST_HU];
            wanted.spread_share = [0.0, 0.0];
            solid(trunk, &wanted, &progress.part(0.5..0.9, "without contrast"))?
        }
        (found, _) => found?,
    };
    // The medulla fills late; the sinus is fat and stays.
    let medulla = |hole: &crate::image::filter::Hole, _: &dyn Fn(Vector) -> bool| 0.0 < hole.mean;
    found.mask = fill_holes_in_slices(&found.mask, &trunk.quiet, medulla, &progress.part(0.9..1.0, "medulla"))?;
    Ok(found)
}
