//! The lungs: air in the body that is neither airway nor bowel gas, parted into right and left.

use super::airway::{seeds, trachea, tree};
use super::body::body;
use super::coarse::{Coarse, IF_FITTING, combine, components, volume_ml};
use super::evidence::Evidence;
use super::preset::Organ;
use crate::base::{Progress, SegmentId, Summary};
use crate::geom::Point;
use crate::image::filter::{close, dilate, erode, fill_holes, open, squared_distance};
use crate::image::{Components, LabelMap, Segment, Volume};
use crate::segment::{SegmentError, compete};
use rayon::prelude::*;
use std::sync::Arc;

/// Lung is darker than this, everything else in the body but gas is brighter.
const LUNG_HU: i16 = -400;
/// Vessels and bronchi up to twice this wide are filled.
const CLOSING_MM: f64 = 7.0;
/// Less air than this is no lung.
const LUNG_ML_MIN: f64 = 50.0;
/// But this much is, where the scan cuts it off.
const BASE_ML_MIN: f64 = 5.0;
const RIGHT: u8 = 1;
const LEFT: u8 = 2;

/// Segment both lungs.
pub(super) fn run(ct: &Volume<i16>, _seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let coarse = Coarse::of(ct, &progress.part(0.0..0.1, "coarse copy"))?;
    let body = body(&coarse, &progress.part(0.1..0.25, "body"))?;
    let air = lung_air(&coarse, &body, &progress.part(0.25..0.3, "air"))?;
    if air.parts().is_empty() {
        let reason = format!(
            "no connected region of at least {LUNG_ML_MIN} ml inside the body is darker than {LUNG_HU} HU without being gas"
        );
        return Err(SegmentError::NotFound { organ: "lungs", reason });
    }
    let part = progress.part(0.3..0.5, "airway");
    let trunk = match trachea(&coarse, &body, &air, &part) {
        Ok(chain) => {
            Some(trunk(&coarse, &tree(&coarse, &body, Some(&chain), &seeds(&coarse, &chain), &part)?.mask, &part)?)
        }
        Err(SegmentError::Cancelled(cancelled)) => return Err(cancelled.into()),
        Err(_) => None,
    };
    let air = air.keep(|_| true);
    let air = trunk.as_ref().map_or_else(|| air.clone(), |trunk| combine(&air, trunk, |air, trunk| air & (1 - trunk)));
    let sides = sides(&coarse, &body, &air, &progress.part(0.5..0.65, "right and left"))?;
    let mut codes = vec![0_u8; body.grid().len()];
    for (label, share) in [(RIGHT, 0.65..0.8), (LEFT, 0.8..0.95)] {
        let side = codes_of(&coarse, &sides, label, trunk.as_ref(), &progress.part(share, "closing"))?;
        codes.par_iter_mut().zip(side.voxels()).for_each(|(code, side)| *code = if *code == 0 { *side } else { *code });
    }
    let codes = Volume::new(Arc::clone(body.grid()), codes).expect("one code per voxel");
    let labels = coarse.refine(&codes, ct, |value, _| value < LUNG_HU, &progress.part(0.95..1.0, "border"))?;
    organ(&coarse, &labels, trunk.is_some())
}

fn organ(coarse: &Coarse, labels: &Volume<u8>, has_trachea: bool) -> Result<Organ, SegmentError> {
    let segment = |id, name: &str, colour| Segment::new(SegmentId(id), name, colour, Some(39_607_008));
    let table = vec![segment(RIGHT, "right lung", [197, 165, 145]), segment(LEFT, "left lung", [224, 186, 162])];
    let labels_map = LabelMap::from_volume(labels, table).expect("both labels are in the table");
    let [right, left] = [RIGHT, LEFT].map(|id| labels_map.volume_ml(SegmentId(id)));
    let (sum, count) = labels
        .voxels()
        .par_iter()
        .zip(coarse.ct.voxels())
        .filter(|(label, _)| **label != 0)
        .map(|(_, value)| (i64::from(*value), 1_i64))
        .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    let mean_hu = sum as f64 / count.max(1) as f64;
    let [ni, nj, _] = labels.grid().dims();
    let slice = ni * nj;
    let at_end = |slice: &[u8]| slice.iter().filter(|label| **label != 0).count() as f64 * labels.grid().voxel_mm3();
    let ends = [&labels.voxels()[..slice], &labels.voxels()[labels.grid().len() - slice..]].map(at_end);
    let cut = ends.iter().any(|mm3| 500.0 < mm3 / labels.grid().spacing_mm()[2]);
    let ratio = right.min(left) / right.max(left).max(1e-9);
    let summary = Summary::default()
        .fact("volume", right + left, "ml")
        .fact("right lung", right, "ml")
        .fact("left lung", left, "ml")
        .fact("mean value", mean_hu, "HU")
        .method(format!("Air under {LUNG_HU} HU inside the body without gas and airway, parted into right and left where it is narrowest, closed by a ball of {CLOSING_MM} mm"))
        .method("Trachea and main bronchi are followed from the trachea and taken out with their wall")
        .limit(format!("Tumours, effusions and consolidations at the edge of a lung wider than {} mm are left out", 2.0 * CLOSING_MM));
    let evidence = Evidence::new(summary)
        .expect(0.4 <= ratio, 0.6, || {
            format!("one lung has {:.0} % of the other's volume, at least 40 % is usual", 100.0 * ratio)
        })
        .expect((-930.0..=-550.0).contains(&mean_hu), 0.7, || {
            format!("the lungs' mean is {mean_hu:.0} HU, outside -930 to -550 HU")
        })
        .expect((1000.0..=9000.0).contains(&(right + left)), 0.7, || {
            format!("the lungs have {:.0} ml, outside 1000 to 9000 ml", right + left)
        })
        .expect(!cut, 0.8, || "a lung reaches the first or last slice; it is cut off there".into())
        .expect(has_trachea, 0.9, || "no trachea was recognised; main bronchi may be counted as lung".into());
    Ok(Organ { labels: labels_map, summary: evidence.summary() })
}

/// The regions of air on the coarse grid that are lung (with airways), the largest first.
pub(super) fn lung_air(coarse: &Coarse, body: &Volume<u8>, progress: &Progress) -> Result<Components, SegmentError> {
    let dark = coarse.mask(&coarse.mean, body, |value, body| body != 0 && value < LUNG_HU);
    let parts = components(&dark, progress)?;
    // Gas is as dark as the air outside, lung is not, even with emphysema.
    let gas = parts.sums(&coarse.mean, |value| f64::from(u8::from(value < -965)));
    let lung: Vec<bool> = parts
        .parts()
        .iter()
        .zip(gas)
        .enumerate()
        .map(|(id, (part, gas))| {
            // The base of a lung that the scan cuts off is small, but never as dark as gas in the bowel.
            let cut_off = BASE_ML_MIN <= parts.volume_ml(id) && parts.touches_border(id, &[2]);
            (LUNG_ML_MIN <= parts.volume_ml(id) && gas < 0.5 * part.voxels as f64)
                || (cut_off && gas < 0.05 * part.voxels as f64)
        })
        .collect();
    // Below the lungs it is bowel, however its gas is mixed; lungs that the scan cuts off above tell where they end.
    let head = if coarse.upwards { body.grid().dims()[2] - 1 } else { 0 };
    let slices = |id: usize| [parts.parts()[id].min[2], parts.parts()[id].max[2]];
    let all = || (0..lung.len()).filter(|id| lung[*id]);
    let known = all().find(|id| slices(*id).contains(&head)).or_else(|| all().next());
    let is_below = |id: usize, known: usize| {
        let ([low, high], [first, last]) = (slices(id), slices(known));
        if coarse.upwards { high < first } else { last < low }
    };
    let is_lung = |id: usize| lung[id] && known.is_none_or(|known| !is_below(id, known));
    Ok(components(&parts.keep(is_lung), progress)?)
}

/// Trachea and main bronchi with their wall, on the coarse grid: the part of the tree that a ball of 3 mm fits into.
fn trunk(coarse: &Coarse, tree: &Volume<u8>, progress: &Progress) -> Result<Volume<u8>, SegmentError> {
    let wide = open(tree, 3.0, progress)?;
    Ok(dilate(&coarse.coarse_mask(&wide), 2.0, progress)?)
}

/// Every voxel of `air` with the side it belongs to.
///
/// The air is worn away until two large parts remain on either side; from these the labels grow back.
fn sides(
    coarse: &Coarse,
    body: &Volume<u8>,
    air: &Volume<u8>,
    progress: &Progress,
) -> Result<Volume<u8>, SegmentError> {
    let all: f64 = volume_ml(air);
    let outside = combine(air, air, |air, _| 1 - air);
    let depth = squared_distance(&outside, 12.0, progress)?;
    for radius_mm in [0.0, 2.0, 3.0, 4.5, 6.0, 8.0, 10.0_f64] {
        let limit = (radius_mm * radius_mm) as f32;
        let core =
            depth.voxels().par_iter().zip(air.voxels()).map(|(d, air)| u8::from(*air != 0 && limit < *d)).collect();
        let parts = components(&Volume::new(Arc::clone(air.grid()), core).expect("one value per voxel"), progress)?;
        if parts.parts().len() < 2
            || parts.volume_ml(1) < 0.1 * all
            || (parts.centre(0).x - parts.centre(1).x).abs() < 60.0
        {
            continue;
        }
        let (a, b) = (parts.centre(0), parts.centre(1));
        // Patient left is +x. Smaller pieces go with the nearer of the two.
        let labels: Vec<u8> = (0..parts.parts().len())
            .map(|id| {
                let x = parts.centre(id).x;
                let is_left = if (x - a.x).abs() < (x - b.x).abs() { b.x < a.x } else { a.x < b.x };
                if is_left { LEFT } else { RIGHT }
            })
            .collect();
        let grown = compete(air, &parts.paint(|id| labels[id]), 60, progress)?;
        let middle_x_mm = 0.5 * (a.x + b.x);
        return Ok(by_side(air, Some(&grown), middle_x_mm));
    }
    Ok(by_side(air, None, coarse.middle(body).x))
}

/// Labels as given; what has none gets the side of the component's centre.
fn by_side(air: &Volume<u8>, labels: Option<&Volume<u8>>, middle_x_mm: f64) -> Volume<u8> {
    let grid = air.grid();
    let x_step = grid.step()[(0, 0)];
    let [ni, nj, _] = grid.dims();
    let mut voxels = vec![0_u8; grid.len()];
    voxels.par_chunks_mut(ni).enumerate().for_each(|(row, out)| {
        let x = grid.centre([0, row % nj, row / nj]).x;
        for (i, out) in out.iter_mut().enumerate().filter(|(i, _)| air.voxels()[row * ni + i] != 0) {
            let label = labels.map_or(0, |labels| labels.voxels()[row * ni + i]);
            let side = if middle_x_mm < x + x_step * i as f64 { LEFT } else { RIGHT };
            *out = if label != 0 { label } else { side };
        }
    });
    Volume::new(Arc::clone(grid), voxels).expect("one label per voxel")
}

/// The codes of one lung: closed and filled, and fine voxels asked only along the border with air.
fn codes_of(
    coarse: &Coarse,
    sides: &Volume<u8>,
    label: u8,
    trunk: Option<&Volume<u8>>,
    progress: &Progress,
) -> Result<Volume<u8>, SegmentError> {
    let air = combine(sides, sides, |side, _| u8::from(side == label));
    let parts = components(&air, progress)?;
    let air = parts.keep(|id| id == 0 || 5.0 <= parts.volume_ml(id));
    let closed = close(&air, CLOSING_MM, progress)?;
    let closed =
        trunk.map_or_else(|| closed.clone(), |trunk| combine(&closed, trunk, |lung, trunk| lung & (1 - trunk)));
    let closed = fill_holes(&closed, progress)?;
    let inner = erode(&closed, coarse.cell_mm(), progress)?;
    let near_air = dilate(&air, coarse.cell_mm(), progress)?;
    let band = combine(&inner, &near_air, |inner, near| if inner != 0 { 1 } else { near * 2 });
    // Deep inside, or filled and far from air: lung. Near air: as the voxel's own value says.
    Ok(combine(&closed, &band, |closed, band| match (closed, band) {
        (_, 1) | (1, 0) => label,
        (_, 2) => label | IF_FITTING,
        _ => 0,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Grid;

    /// Lungs that hang on nothing, of which only the first reaches the head, and gas below both.
    #[test]
    fn gas_below_the_lungs_is_none_and_a_lung_that_ends_lower_stays() {
        for upwards in [true, false] {
            let (origin, step) = if upwards { (0.0, 5.0) } else { (195.0, -5.0) };
            let step = nalgebra::Matrix3::from_diagonal(&nalgebra::Vector3::new(5.0, 5.0, step));
            let grid = Arc::new(Grid::new([60, 40, 40], Point::new(0.0, 0.0, origin), step).unwrap());
            let value = |offset: usize| {
                let p = grid.centre(grid.voxel(offset));
                let within = |x: std::ops::Range<f64>, z: std::ops::RangeInclusive<f64>| {
                    x.contains(&p.x) && (50.0..150.0).contains(&p.y) && z.contains(&p.z)
                };
                match () {
                    () if within(30.0..120.0, 100.0..=195.0) => -820,
                    () if within(180.0..260.0, 110.0..=180.0) => -800,
                    () if within(100.0..200.0, 20.0..=70.0) => -860,
                    () => 40,
                }
            };
            let ct = Volume::new(Arc::clone(&grid), (0..grid.len()).map(value).collect()).unwrap();
            let coarse = Coarse::of(&ct, &Progress::default()).unwrap();
            let body = Volume::new(Arc::clone(coarse.mean.grid()), vec![1; coarse.mean.grid().len()]).unwrap();
            let found = lung_air(&coarse, &body, &Progress::default()).unwrap();
            assert_eq!(found.parts().len(), 2, "upwards {upwards}");
            assert!((0..2).all(|id| 100.0 < found.centre(id).z), "upwards {upwards}");
        }
    }
}
