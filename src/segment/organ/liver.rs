//! The liver: the largest even organ on the right side.

use super::coarse::{Coarse, volume_ml};
use super::evidence::Evidence;
use super::preset::Organ;
use super::solid::{Place, Solid, Wanted, fine, solid};
use super::trunk::{Trunk, WIDTH_MM};
use crate::base::{Progress, Summary};
use crate::geom::{Point, Vector};
use crate::image::{LabelMap, Volume};
use crate::segment::SegmentError;

/// Segment the liver, with its vessels.
pub(super) fn run(ct: &Volume<i16>, seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let coarse = Coarse::at_most(WIDTH_MM, ct, &progress.part(0.0..0.1, "coarse copy"))?;
    let trunk = Trunk::of(&coarse, &progress.part(0.1..0.5, "trunk"))?;
    let found = liver(&trunk, seed, &progress.part(0.5..0.85, "liver"))?;
    let mask = fine(&coarse, &trunk, &found, None, &progress.part(0.85..1.0, "border"))?;
    let volume = volume_ml(&mask);
    let summary = account(Summary::default().fact("volume", volume, "ml"), &found)
        .method("The trunk without its wall (hull of the ribs), bone, lungs and heart chambers; the most frequent value right of the spine at least 11 mm from any border is the liver's, or the value at the seed")
        .limit("Vessels and lesions that the liver encloses belong to it; lesions at its surface that differ in brightness are left out, and where a muscle, a bowel or the vena cava as bright as the liver touches it broadly, it may be taken along");
    let evidence = Evidence::new(summary)
        .expect((700.0..=3500.0).contains(&volume), 0.7, || {
            format!("the liver has {volume:.0} ml, outside 700 to 3500 ml; it may be cut off by the scan")
        })
        .expect(80.0 <= found.level_hu, 0.85, || {
            format!(
                "the liver has {:.0} HU; under 80 HU, without contrast or early, muscle and bowel are as bright",
                found.level_hu
            )
        })
        .expect(coarse.noise_hu < 25.0, 0.9, || format!("the noise of {:.0} HU is high", coarse.noise_hu));
    let evidence = unsure(evidence, &found);
    Ok(Organ {
        labels: LabelMap::from_mask(&mask, "liver", [221, 130, 101], Some(10_200_004)),
        summary: evidence.summary(),
    })
}

/// What all solid organs say of themselves.
pub(super) fn account(summary: Summary, found: &Solid) -> Summary {
    let summary = summary
        .fact("level", found.level_hu, "HU")
        .fact("unsure surface", 100.0 * found.unsure_share, "%")
        .method(format!("Values from {:.0} to {:.0} HU after edge-preserving diffusion, cut where only a neck narrower than 60 % of the thinner side joins two organs; sheets under 6.4 mm are taken off, gaps up to 8 mm filled", found.range_hu[0], found.range_hu[1]))
        .method("Where it meets fat or lung the border lies halfway to fat on the scan's own voxels");
    match found.unsure_at {
        Some(at) => summary.method(format!(
            "The largest area where only shape parts it from its neighbour lies around ({:.0}, {:.0}, {:.0}) mm",
            at.x, at.y, at.z
        )),
        None => summary,
    }
}

/// The check of a solid organ's surface.
pub(super) fn unsure(evidence: Evidence, found: &Solid) -> Evidence {
    let share = found.unsure_share;
    evidence.expect(share < 0.25, 0.8, || {
        let at = found
            .unsure_at
            .map_or_else(String::new, |at| format!(", most around ({:.0}, {:.0}, {:.0}) mm", at.x, at.y, at.z));
        format!("{:.0} % of the surface lies against tissue that looks the same{at}; look there", 100.0 * share)
    })
}

/// The liver on the coarse grid.
pub(super) fn liver(trunk: &Trunk, seed: Option<Point>, progress: &Progress) -> Result<Solid, SegmentError> {
    let right = |x: f64, y: f64| x < -30.0 && y < 20.0;
    let fits = |ml: f64, from: Vector| 100.0 < ml && from.x < 0.0;
    let wanted = Wanted {
        organ: "liver",
        allowed: trunk.cavity.clone(),
        place: seed.map_or(Place::Around(&right), Place::Seed),
        level_hu: [20.0, 180.0],
        deep_mm: 11.0,
        spread_share: [0.33, 0.33],
        spread_hu_min: 15.0,
        core_mm: 8.0,
        beside_vessels: true,
        biased: true,
        fits: &fits,
    };
    solid(trunk, &wanted, progress)
}
