//! From a scan to the tissues of the brain, and what can be said about them.

use super::coarse::coarse;
use super::expectation::{Tissues, tissues};
use super::head::head;
use super::labels::{FLUID, GREY, WHITE, labels};
use super::raster::inside;
use super::surface::{Skin, skin};
use crate::base::{Progress, SegmentId, Summary, units::MM3_PER_ML};
use crate::geom::Point;
use crate::image::filter::{close, dilate, erode, squared_distance};
use crate::image::{Components, LabelMap, Modality, Neighbours, Scan, Segment, Volume};
use crate::segment::SegmentError;
use crate::segment::organ::{Evidence, Organ};
use rayon::prelude::*;
use std::sync::Arc;

/// The surface is found on voxels of this width.
const COARSE_MM: f64 = 1.5;
/// How much darker than the brain its outside must be, 0 to 1: Smith's usual one, and stricter ones where the surface
/// leaks into the scalp.
const FRACTIONS: [f64; 3] = [0.5, 0.62, 0.74];
/// More than this is more than a brain with its fluid.
const LARGE_ML: f64 = 1950.0;
/// Dura, veins and marrow hang on the brain by bridges thinner than twice this.
const BRIDGE_MM: f64 = 1.8;
/// Fluid further than this from brain tissue on all sides is not counted.
const SULCUS_MM: f64 = 6.0;

/// Segment grey matter, white matter and cerebrospinal fluid of a T1-weighted MR.
///
/// # Errors
/// [`SegmentError`] if the scan is no MR, shows no head, is not T1-weighted as far as the values tell, or `progress`
/// was cancelled.
pub fn brain(scan: &Scan, progress: &Progress) -> Result<Organ, SegmentError> {
    let refused = |reason: String| SegmentError::NotFound { organ: "brain", reason };
    if scan.modality == Modality::Ct {
        return Err(refused("the scan is a CT; a T1-weighted MR of the head is needed".into()));
    }
    let dims = scan.grid().dims();
    if dims.iter().any(|n| *n < 8) {
        return Err(refused(format!(
            "the scan has {} × {} × {} voxels; 8 along each axis are needed",
            dims[0], dims[1], dims[2]
        )));
    }
    let coarse = coarse(scan, COARSE_MM, &progress.part(0.0..0.05, "coarse copy"))?;
    let head = head(&coarse)?;
    let part = progress.part(0.45..0.5, "mask");
    let mut tried = None;
    for (n, fraction) in FRACTIONS.into_iter().enumerate() {
        let share = 0.05 + n as f64 * 0.13..0.18 + n as f64 * 0.13;
        let surface = skin(&coarse, &head, fraction, &progress.part(share, "skull"))?;
        let mask = inside(coarse.grid(), &surface.corners, &surface.triangles, &part)?;
        let fits =
            mask.voxels().iter().filter(|v| **v != 0).count() as f64 * mask.grid().voxel_mm3() / MM3_PER_ML < LARGE_ML;
        tried = Some((surface, mask, fraction));
        if fits {
            break;
        }
    }
    let (surface, mask, fraction) = tried.expect("there is at least one fraction");
    let ml = |volume: &Volume<u8>, label: u8| {
        volume.voxels().par_iter().filter(|v| **v == label).count() as f64 * volume.grid().voxel_mm3() / MM3_PER_ML
    };
    let mask_ml = ml(&mask, 1);
    if !(300.0..=1.1 * LARGE_ML).contains(&mask_ml) {
        return Err(refused(format!(
            "the surface encloses {mask_ml:.0} ml; a brain with its fluid has 300 to {:.0} ml; it leaks where the skull is not dark",
            1.1 * LARGE_ML
        )));
    }
    let found = tissues(&coarse, &mask, &progress.part(0.5..0.65, "tissues"))?;
    let order = is_t1(&coarse, &mask, &found, &part)?;
    if let Some(reason) = order {
        return Err(refused(reason));
    }
    let fine_mask = inside(scan.grid(), &surface.corners, &surface.triangles, &part)?;
    let fine = labels(scan, &fine_mask, &found, &progress.part(0.65..0.85, "voxels"))?;
    drop(fine_mask);
    let fine = cleaned(&fine, &progress.part(0.85..1.0, "clean up"))?;
    let [fluid, grey, white] = [FLUID, GREY, WHITE].map(|label| ml(&fine, label));
    Ok(organ(&fine, &surface, &head.centre, &found, [fluid, grey, white], fraction, scan))
}

/// Why the image is not T1-weighted, if it is not: the brightest tissue must lie deeper than the next.
fn is_t1(
    volume: &Volume<f32>,
    mask: &Volume<u8>,
    found: &Tissues,
    progress: &Progress,
) -> Result<Option<String>, SegmentError> {
    let outside: Vec<u8> = mask.voxels().iter().map(|value| 1 - *value).collect();
    let outside = Volume::new(Arc::clone(mask.grid()), outside).expect("one value per voxel");
    let depth = squared_distance(&outside, f64::INFINITY, progress)?;
    let mut sums = [[0.0; 2]; 3];
    for at in (0..mask.voxels().len()).filter(|at| mask.voxels()[*at] != 0) {
        let plain = found.plain(f64::from(volume.voxels()[at]), volume.grid().centre(volume.grid().voxel(at)));
        let costs = found.costs(plain);
        let best = (0..3).min_by(|a, b| costs[*a].total_cmp(&costs[*b])).unwrap_or(0);
        sums[best] = [sums[best][0] + f64::from(depth.voxels()[at]).sqrt(), sums[best][1] + 1.0];
    }
    let [dark, middle, bright] = sums.map(|[sum, n]| sum / f64::max(n, 1.0));
    let contrast = found.classes[2][0] / found.classes[1][0].max(1e-9);
    Ok(if bright < middle {
        Some(format!(
            "the brightest tissue lies {bright:.0} mm deep on average and the next {middle:.0} mm (the darkest {dark:.0} mm); in a T1-weighted image white matter is brightest and deepest"
        ))
    } else if contrast < 1.05 {
        Some(format!(
            "the two brightest tissues differ by {:.0} %; grey and white matter of a T1-weighted image differ by 10 % or more",
            100.0 * (contrast - 1.0)
        ))
    } else {
        None
    })
}

/// Without dura, marrow and eyes: the largest piece of grey and white matter after wear, and the fluid around it.
fn cleaned(labels: &Volume<u8>, progress: &Progress) -> Result<Volume<u8>, SegmentError> {
    let map = |f: &(dyn Fn(u8, usize) -> u8 + Sync)| {
        let voxels = labels.voxels().par_iter().enumerate().map(|(at, label)| f(*label, at)).collect();
        Volume::new(Arc::clone(labels.grid()), voxels).expect("one value per voxel")
    };
    let matter = map(&|label, _| u8::from(label == GREY || label == WHITE));
    let worn = erode(&matter, BRIDGE_MM, &progress.part(0.0..0.3, "wear"))?;
    let parts = Components::of(&worn, |value| value != 0, Neighbours::Six, progress)?;
    let core = parts.keep(|id| id == 0);
    let near = dilate(&core, BRIDGE_MM + 1.0, &progress.part(0.3..0.5, "back"))?;
    let brain = map(&|label, at| u8::from((label == GREY || label == WHITE) && near.voxels()[at] != 0));
    let around = close(&brain, SULCUS_MM, &progress.part(0.5..0.9, "fluid"))?;
    Ok(map(&|label, at| match label {
        FLUID if around.voxels()[at] != 0 => FLUID,
        GREY | WHITE if brain.voxels()[at] != 0 => label,
        _ => 0,
    }))
}

fn organ(
    labels: &Volume<u8>,
    surface: &Skin,
    centre: &Point,
    found: &Tissues,
    ml: [f64; 3],
    fraction: f64,
    scan: &Scan,
) -> Organ {
    let [fluid, grey, white] = ml;
    let segment = |id, name: &str, colour, snomed| Segment::new(SegmentId(id), name, colour, Some(snomed));
    let table = vec![
        segment(FLUID, "cerebrospinal fluid", [85, 188, 255], 65_216_001),
        segment(GREY, "grey matter", [200, 200, 235], 389_081_007),
        segment(WHITE, "white matter", [250, 250, 225], 389_080_008),
    ];
    let labels = LabelMap::from_volume(labels, table).expect("all labels are in the table");
    let brain = grey + white;
    let (worst, loose) = loosest(surface, centre);
    let firm = surface.firm.iter().filter(|firm| **firm).count() as f64 / surface.firm.len() as f64;
    let separation = (found.classes[2][0] - found.classes[1][0])
        / (found.classes[2][1].powi(2) + found.classes[1][1].powi(2)).sqrt();
    let shading =
        found.shading.voxels().iter().fold([f32::INFINITY, f32::NEG_INFINITY], |r, v| [r[0].min(*v), r[1].max(*v)]);
    let thick_mm = scan.grid().spacing_mm().into_iter().fold(0.0, f64::max);
    let summary = Summary::default()
        .fact("brain", brain, "ml")
        .fact("grey matter", grey, "ml")
        .fact("white matter", white, "ml")
        .fact("cerebrospinal fluid", fluid, "ml")
        .fact("skull threshold", fraction, "1")
        .fact("surface at an edge", 100.0 * firm, "%")
        .fact("grey from white", separation, "standard deviations")
        .fact("shading", 100.0 * (f64::from(shading[1] - shading[0]).exp() - 1.0), "%")
        .method("The skull is taken away by a surface of 2562 corners that grows from the middle of the head until it meets something dark (Smith 2002, BET), without any learned model")
        .method("Grey matter, white matter and fluid are three normal distributions of the value, estimated in turn with a smooth shading (Wells 1996); each voxel then also looks at its six neighbours (Besag 1986)")
        .method(format!("Dura, veins and marrow are worn off by {BRIDGE_MM} mm; fluid counts within {SULCUS_MM} mm gaps of the brain"))
        .limit("Deep grey nuclei are partly as bright as white matter and count as such; tumour, oedema and scars get the tissue whose value they have; the brain stem ends where the surface ends")
        .limit("Not checked against an expert's outlines: none are at hand");
    let evidence = Evidence::new(summary)
        .expect((900.0..=1700.0).contains(&brain), 0.5, || {
            format!("grey and white matter have {brain:.0} ml; adults have 900 to 1700 ml")
        })
        .expect((0.8..=2.6).contains(&(grey / white.max(1.0))), 0.7, || {
            format!("there is {:.1} times as much grey as white matter, outside 0.8 to 2.6", grey / white.max(1.0))
        })
        .expect(0.7 <= firm, 0.7, || {
            format!("only {:.0} % of the surface lie at an edge, 70 % are expected", 100.0 * firm)
        })
        .expect(loose <= 0.4, 0.85, || {
            format!(
                "the surface is least sure at the {worst}: {:.0} % of it meet no dark edge there; look there first",
                100.0 * loose
            )
        })
        .expect(1.2 <= separation, 0.8, || {
            format!(
                "grey and white matter lie {separation:.1} standard deviations apart, 1.2 are needed to tell them well"
            )
        })
        .expect(thick_mm <= 2.5, 0.7, || {
            format!("voxels are {thick_mm:.1} mm thick; grey matter is 2 to 4 mm thick and its volume is rough")
        });
    Organ { labels, summary: evidence.summary() }
}

/// The side of the head on which the surface is least often at an edge, and how often it is not.
fn loosest(surface: &Skin, centre: &Point) -> (&'static str, f64) {
    const SIDES: [(&str, usize, f64); 6] = [
        ("right", 0, -1.0),
        ("left", 0, 1.0),
        ("front", 1, -1.0),
        ("back", 1, 1.0),
        ("bottom", 2, -1.0),
        ("top", 2, 1.0),
    ];
    let share = |axis: usize, sign: f64| {
        let on = surface.corners.iter().zip(&surface.firm).filter(|(corner, _)| {
            let from = *corner - centre;
            0.7 * from.norm() < sign * from[axis]
        });
        let (loose, n) = on.fold((0.0, 0.0), |(loose, n), (_, firm)| (loose + f64::from(u8::from(!*firm)), n + 1.0));
        loose / f64::max(n, 1.0)
    };
    let sides = SIDES.map(|(name, axis, sign)| (name, share(axis, sign)));
    sides.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).expect("there are six sides")
}
