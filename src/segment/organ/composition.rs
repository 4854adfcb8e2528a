//! Body composition: skin, fat under the skin, fat of the cavities, fat between muscles, and muscle.

use super::body::body;
use super::bone::skeleton;
use super::coarse::{Coarse, combine, volume_ml};
use super::evidence::Evidence;
use super::lungs::lung_air;
use super::preset::Organ;
use super::spine::beside_spine;
use super::wall::{CAVITY, Compartments, FAT_HU, Known, UNDER_SKIN, WALL, compartments};
use crate::base::{Progress, SegmentId, Summary};
use crate::geom::Point;
use crate::image::filter::{close, dilate, erode, fill_holes_in_slices};
use crate::image::{LabelMap, Segment, Volume};
use crate::segment::SegmentError;
use rayon::prelude::*;
use std::sync::Arc;

/// Muscle in HU (Mitsiopoulos 1998).
const MUSCLE_HU: std::ops::RangeInclusive<i16> = -29..=150;
/// Air, fat and skin share voxels at the surface; brighter than this is body.
const SURFACE_HU: i16 = -300;
/// Everything this near to the surface is skin …
const SKIN_MM: f64 = 2.0;
/// … and what is no fat up to here.
const SKIN_MM_MAX: f64 = 4.0;
/// Within this of air, values between air and flesh look like fat.
const SHARED_MM: f64 = 2.5;
/// Fat of the wall this near to its outer face is fat under the skin.
const RIM_MM: f64 = 6.0;

const SKIN: u8 = 1;
const SUBCUTANEOUS: u8 = 2;
const VISCERAL: u8 = 3;
const BETWEEN: u8 = 4;
const MUSCLE: u8 = 5;

/// Segment skin, fat and muscle.
pub(super) fn run(ct: &Volume<i16>, _seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let coarse = Coarse::of(ct, &progress.part(0.0..0.1, "coarse copy"))?;
    let body = body(&coarse, &progress.part(0.1..0.2, "body"))?;
    let bone = skeleton(&coarse, &body, None, &progress.part(0.2..0.4, "bone"))?.solid;
    let lungs = lung_air(&coarse, &body, &progress.part(0.4..0.45, "lungs"))?.keep(|_| true);
    let smooth = coarse.smooth(&progress.part(0.45..0.5, "smooth"))?;
    let part = progress.part(0.5..0.75, "muscle wall");
    let lung_ml = volume_ml(&lungs);
    let shell = {
        let inner = erode(&body, SKIN_MM_MAX.max(coarse.cell_mm()), &part)?;
        combine(&body, &inner, |body, inner| body & (1 - inner))
    };
    let known = Known { body: &body, bone: &bone, lungs: &lungs, smooth: &smooth, skin: &shell };
    let Compartments { codes, seen, worst } = compartments(&coarse, &known, &part)?;
    let psoas = beside_spine(&known, &codes, coarse.middle(&body).x, &part)?;
    let zones = zones(&coarse, &known, &codes, &psoas, &progress.part(0.75..0.8, "zones"))?;
    // Masks of the whole scan follow, so what is done with goes.
    drop((codes, psoas, shell, smooth, lungs, bone));
    let values = coarse.despeckled(25.0, progress)?;
    let labels = classes(&coarse, &body, &zones, &values, &progress.part(0.8..1.0, "tissues"))?;
    Ok(organ(&coarse, &labels, seen, worst, lung_ml))
}

/// In a zone: flesh here is muscle.
const FLESH: u8 = 0x10;
/// In a zone: values between air and flesh are no fat.
const NO_FAT: u8 = 0x20;

/// For each coarse voxel the kind of fat in it, and what else may be there.
fn zones(
    coarse: &Coarse,
    known: &Known,
    codes: &Volume<u8>,
    psoas: &Volume<u8>,
    progress: &Progress,
) -> Result<Volume<u8>, SegmentError> {
    let air = coarse.mask(&coarse.mean, known.body, |value, body| body != 0 && value < -300);
    let by_air = dilate(&air, SHARED_MM.max(coarse.cell_mm()), progress)?;
    let inner = combine(codes, codes, |code, _| u8::from(code == WALL || code == CAVITY));
    let near_wall = dilate(&inner, coarse.cell_mm(), progress)?;
    let within = erode(&inner, RIM_MM, progress)?;
    let psoas = dilate(psoas, coarse.cell_mm(), progress)?;
    // Marrow that the bone preset left open and the spinal canal are no muscle.
    let bone = close(known.bone, 6.0, progress)?;
    let bone = fill_holes_in_slices(&bone, known.smooth, |hole, _| hole.mean < 250.0, progress)?;
    let voxels = (0..codes.voxels().len()).into_par_iter().map(|at| {
        let fat = match codes.voxels()[at] {
            UNDER_SKIN => SUBCUTANEOUS,
            WALL if within.voxels()[at] == 0 => SUBCUTANEOUS,
            WALL => BETWEEN,
            CAVITY => VISCERAL,
            _ => return 0,
        };
        let code = codes.voxels()[at];
        let flesh = code == WALL || psoas.voxels()[at] != 0 || (code == UNDER_SKIN && near_wall.voxels()[at] != 0);
        let flesh = flesh && bone.voxels()[at] == 0 && known.lungs.voxels()[at] == 0;
        fat | if flesh { FLESH } else { 0 } | if by_air.voxels()[at] != 0 { NO_FAT } else { 0 }
    });
    Ok(Volume::new(Arc::clone(codes.grid()), voxels.collect()).expect("one zone per voxel"))
}

/// The tissue of every voxel of the scan.
fn classes(
    coarse: &Coarse,
    body: &Volume<u8>,
    zones: &Volume<u8>,
    values: &Volume<i16>,
    progress: &Progress,
) -> Result<Volume<u8>, SegmentError> {
    let grid = values.grid();
    let [ni, nj, _] = grid.dims();
    let around = dilate(body, coarse.cell_mm(), progress)?;
    let inner = erode(body, 2.0 * coarse.cell_mm(), progress)?;
    let mut outside = vec![0_u8; grid.len()];
    outside.par_chunks_mut(ni).enumerate().for_each(|(row, out)| {
        let (j, k) = (row % nj, row / nj);
        for (i, out) in out.iter_mut().enumerate() {
            let at = coarse.offset_of([i, j, k]);
            let is_dark = values.voxels()[row * ni + i] < SURFACE_HU;
            *out = u8::from(inner.voxels()[at] == 0 && (around.voxels()[at] == 0 || is_dark));
        }
    });
    let outside = Volume::new(Arc::clone(grid), outside).expect("one value per voxel");
    // Half a voxel: the distance goes from centre to centre.
    let half_mm = 0.5 * grid.spacing_mm()[0];
    drop((around, inner));
    // A bit a voxel, since masks of the whole scan are many here.
    let pack = |values: &[u8]| values.iter().enumerate().fold(0_u64, |bits, (n, value)| bits | u64::from(*value) << n);
    let sure: Vec<u64> = {
        let near = dilate(&outside, SKIN_MM + half_mm, &progress.part(0.2..0.5, "skin"))?;
        near.voxels().par_chunks(64).map(pack).collect()
    };
    let most = dilate(&outside, SKIN_MM_MAX, &progress.part(0.5..0.8, "skin"))?;
    let mut labels = outside.into_voxels();
    labels.par_chunks_mut(ni).enumerate().try_for_each(|(row, out)| {
        let (j, k) = (row % nj, row / nj);
        for (i, out) in out.iter_mut().enumerate() {
            if *out != 0 {
                *out = 0;
                continue;
            }
            let at = row * ni + i;
            let value = values.voxels()[at];
            let zone = zones.voxels()[coarse.offset_of([i, j, k])];
            let (sure, most) = (sure[at / 64] >> (at % 64) & 1 != 0, most.voxels()[at] != 0);
            let skin = sure || (most && *FAT_HU.end() < value && zone & 0xf == SUBCUTANEOUS);
            *out = if skin {
                SKIN
            } else if FAT_HU.contains(&value) && zone & NO_FAT == 0 {
                zone & 0xf
            } else if MUSCLE_HU.contains(&value) && zone & FLESH != 0 {
                MUSCLE
            } else {
                0
            };
        }
        progress.check()
    })?;
    Ok(Volume::new(Arc::clone(grid), labels).expect("one label per voxel"))
}

fn organ(coarse: &Coarse, labels: &Volume<u8>, seen: f64, worst: (usize, f64), lung_ml: f64) -> Organ {
    const FAT: Option<u64> = Some(248_300_009);
    let segment = |id, name: &str, colour, snomed| Segment::new(SegmentId(id), name, colour, snomed);
    let table = vec![
        segment(SKIN, "skin", [177, 122, 101], Some(39_937_001)),
        segment(SUBCUTANEOUS, "subcutaneous fat", [230, 220, 70], FAT),
        segment(VISCERAL, "visceral fat", [232, 172, 62], FAT),
        segment(BETWEEN, "intermuscular fat", [206, 206, 130], FAT),
        segment(MUSCLE, "muscle", [192, 104, 88], Some(71_616_004)),
    ];
    let labels = LabelMap::from_volume(labels, table).expect("all labels are in the table");
    let ml = |id| labels.volume_ml(SegmentId(id));
    let slice_mm = labels.grid().spacing_mm()[2];
    let slice = coarse.fine_voxel([0, 0, worst.0])[2];
    let place_mm = labels.grid().centre([labels.grid().dims()[0] / 2, labels.grid().dims()[1] / 2, slice]);
    let lean = ml(MUSCLE);
    let fat = ml(SUBCUTANEOUS) + ml(VISCERAL) + ml(BETWEEN);
    let summary = Summary::default()
        .fact("muscle", lean, "ml")
        .fact("subcutaneous fat", ml(SUBCUTANEOUS), "ml")
        .fact("visceral fat", ml(VISCERAL), "ml")
        .fact("intermuscular fat", ml(BETWEEN), "ml")
        .fact("skin", ml(SKIN), "ml")
        .fact("wall seen", 100.0 * seen, "%")
        .method(format!("Fat is {} to {} HU, muscle {} to {} HU (Yoshizumi 1999; Mitsiopoulos 1998); skin is the outermost {SKIN_MM} mm and what is no fat up to {SKIN_MM_MAX} mm", FAT_HU.start(), FAT_HU.end(), MUSCLE_HU.start(), MUSCLE_HU.end()))
        .method("Flesh and bone, bridged by a ball of 12 mm and filled, bound the fat under the skin")
        .method("The wall's thickness is read in 72 directions where lung, gas or wide fat lies behind it, and carried on along the wall where an organ touches it; the psoas is the flesh beside the spine")
        .limit("Where liver, spleen, kidney or bowel touch muscle, the border follows the wall's thickness nearby and not an edge in the image; the diaphragm, and muscle between pelvic organs, are left out")
        .limit("Glands under the skin, the breasts among them, count as neither fat nor muscle, or as muscle where they lie on it; only what the scan shows is counted");
    let evidence = Evidence::new(summary)
        .expect(0.5 <= seen, 0.7, || {
            format!("the inner face of the wall was seen in {:.0} % of directions, 50 % are expected", 100.0 * seen)
        })
        .expect(0.25 <= worst.1, 0.85, || {
            format!("the wall was seen worst at z = {:.0} mm ({:.0} % of directions): organs touch it there; check muscle and visceral fat within {:.0} mm", place_mm.z, 100.0 * worst.1, f64::max(10.0, slice_mm))
        })
        .expect((0.15..=6.0).contains(&(lean / fat.max(1.0))), 0.7, || {
            format!("muscle is {:.2} times the fat, outside 0.15 to 6", lean / fat.max(1.0))
        })
        .expect(coarse.noise_hu < 60.0, 0.9, || {
            format!("the noise of {:.0} HU blurs the border of fat and muscle", coarse.noise_hu)
        })
        .expect(lung_ml < 500.0 || 0.0 < ml(VISCERAL), 0.9, || "no fat was found in the cavities".into());
    Organ { labels, summary: evidence.summary() }
}
