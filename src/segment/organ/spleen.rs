//! The spleen: the even organ against the left ribs.

use super::coarse::{Coarse, combine, volume_ml};
use super::evidence::Evidence;
use super::liver::{account, liver, unsure};
use super::preset::Organ;
use super::solid::{Place, Solid, Wanted, fine, solid};
use super::trunk::{Trunk, WIDTH_MM};
use crate::base::{Progress, Summary};
use crate::geom::{Point, Vector};
use crate::image::{LabelMap, Volume};
use crate::segment::SegmentError;

/// Segment the spleen.
pub(super) fn run(ct: &Volume<i16>, seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let coarse = Coarse::at_most(WIDTH_MM, ct, &progress.part(0.0..0.1, "coarse copy"))?;
    let trunk = Trunk::of(&coarse, &progress.part(0.1..0.5, "trunk"))?;
    let liver = liver_mask(&trunk, &progress.part(0.5..0.7, "liver"))?;
    let found = spleen(&trunk, liver.as_ref(), seed, &progress.part(0.7..0.85, "spleen"))?;
    let mask = fine(&coarse, &trunk, &found, liver.as_ref(), &progress.part(0.85..1.0, "border"))?;
    let volume = volume_ml(&mask);
    let summary = account(Summary::default().fact("volume", volume, "ml"), &found)
        .method("The liver is found first and left out; the most frequent value beside the left ribs at least 7 mm from any border is the spleen's, or the value at the seed")
        .limit("A stomach, diaphragm or tail of the pancreas as bright as the spleen that touches it broadly may be taken along; accessory spleens are left out");
    let evidence = Evidence::new(summary)
        .expect((50.0..=800.0).contains(&volume), 0.7, || {
            format!("the spleen has {volume:.0} ml, outside 50 to 800 ml; it may be cut off by the scan")
        })
        .expect(70.0 <= found.level_hu, 0.85, || {
            format!("the spleen has {:.0} HU; without contrast the stomach and muscle are as bright", found.level_hu)
        })
        .expect(coarse.noise_hu < 25.0, 0.9, || format!("the noise of {:.0} HU is high", coarse.noise_hu));
    let evidence = unsure(evidence, &found);
    Ok(Organ {
        labels: LabelMap::from_mask(&mask, "spleen", [157, 108, 162], Some(78_961_009)),
        summary: evidence.summary(),
    })
}

/// The liver, if there is one.
pub(super) fn liver_mask(trunk: &Trunk, progress: &Progress) -> Result<Option<Volume<u8>>, SegmentError> {
    match liver(trunk, None, progress) {
        Ok(found) => Ok(Some(found.mask)),
        Err(SegmentError::Cancelled(cancelled)) => Err(cancelled.into()),
        Err(_) => Ok(None),
    }
}

/// The spleen on the coarse grid.
pub(super) fn spleen(
    trunk: &Trunk,
    liver: Option<&Volume<u8>>,
    seed: Option<Point>,
    progress: &Progress,
) -> Result<Solid, SegmentError> {
    let half_mm = trunk.half_width_mm;
    let beside_ribs = |x: f64, y: f64| 0.55 * half_mm < x && (-80.0..50.0).contains(&y);
    let fits = |ml: f64, from: Vector| (15.0..2000.0).contains(&ml) && 0.4 * half_mm < from.x;
    let allowed = match liver {
        Some(liver) => combine(&trunk.cavity, liver, |cavity, liver| cavity & (1 - liver)),
        None => trunk.cavity.clone(),
    };
    let wanted = Wanted {
        organ: "spleen",
        allowed,
        place: seed.map_or(Place::Around(&beside_ribs), Place::Seed),
        level_hu: [15.0, 250.0],
        deep_mm: 7.0,
        spread_share: [0.33, 0.33],
        spread_hu_min: 15.0,
        core_mm: 5.0,
        beside_vessels: false,
        biased: true,
        fits: &fits,
    };
    solid(trunk, &wanted, progress)
}
