//! The body: everything within the skin.

use super::coarse::{Coarse, IF_FITTING, combine, components, volume_ml};
use super::evidence::Evidence;
use super::preset::Organ;
use crate::base::{Progress, Summary};
use crate::geom::{Grid, Point};
use crate::image::filter::{dilate, erode, open};
use crate::image::{Components, LabelMap, Neighbours, Volume};
use crate::segment::SegmentError;
use rayon::prelude::*;
use std::sync::Arc;

/// Between air (−1000) and fat (−100); skin is a little darker than fat where voxels are shared with air.
const SKIN_HU: i16 = -300;
/// Balls this large fit into the body everywhere but not into a table top, a blanket or a cable.
const TABLE_RADIUS_MM: f64 = 5.0;

/// Segment the body.
pub(super) fn run(ct: &Volume<i16>, _seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let coarse = Coarse::of(ct, &progress.part(0.0..0.2, "coarse copy"))?;
    let body = body(&coarse, &progress.part(0.2..0.7, "body"))?;
    let part = progress.part(0.7..1.0, "skin");
    let inner = erode(&body, coarse.cell_mm(), &part)?;
    let outer = dilate(&body, coarse.cell_mm(), &part)?;
    let codes = combine(&inner, &outer, |inner, outer| if inner != 0 { 1 } else { outer * (1 | IF_FITTING) });
    let mask = coarse.refine(&codes, ct, |value, _| SKIN_HU < value, &part)?;
    let volume = volume_ml(&mask);
    let dims = body.grid().dims();
    let on_side = body.voxels().par_chunks(dims[0]).enumerate().map(|(row, values)| {
        let edge = row % dims[1] == 0 || row % dims[1] + 1 == dims[1];
        if edge {
            values.iter().filter(|v| **v != 0).count()
        } else {
            usize::from(values[0] != 0) + usize::from(values[dims[0] - 1] != 0)
        }
    });
    let on_side = on_side.sum::<usize>();
    let summary = Summary::default()
        .fact("volume", volume, "ml")
        .method(format!("Voxels over {SKIN_HU} HU, opened by a ball of {TABLE_RADIUS_MM} mm to drop table and clothes; lungs filled before; the largest parts, filled slice by slice"))
        .limit("The body ends where the scan ends; parts outside the scanner's field of view are missing");
    let evidence = Evidence::new(summary)
        .expect(200.0 <= volume, 0.5, || {
            format!("the body has {volume:.0} ml, less than the 200 ml of any body part worth scanning")
        })
        .expect(on_side == 0, 0.8, || "the body reaches the edge of the image; it is cut off there".into());
    Ok(Organ {
        labels: LabelMap::from_mask(&mask, "body", [177, 122, 101], Some(39_937_001)),
        summary: evidence.summary(),
    })
}

/// The body on the coarse grid, filled.
pub(super) fn body(coarse: &Coarse, progress: &Progress) -> Result<Volume<u8>, SegmentError> {
    let mean = &coarse.mean;
    let voxels = mean.voxels().par_iter().map(|value| u8::from(SKIN_HU < *value)).collect();
    let dense = Volume::new(Arc::clone(mean.grid()), voxels).expect("one value per voxel");
    // With the lungs filled first, a thin chest wall survives the opening.
    let whole = filled(&dense, mean, Air::OnlyLung, progress)?;
    let opened = open(&whole, TABLE_RADIUS_MM, &progress.part(0.0..0.5, "removing the table"))?;
    let parts = components(&opened, progress)?;
    let Some(largest) = parts.parts().first() else {
        let reason = format!("no region over {SKIN_HU} HU is thicker than {} mm", 2.0 * TABLE_RADIUS_MM);
        return Err(SegmentError::NotFound { organ: "body", reason });
    };
    // Arms are kept, table remains are not: flesh and fat have values that carbon and foam have not.
    let flesh = parts.sums(mean, |value| f64::from(u8::from((-150..=120).contains(&value))));
    let largest = largest.voxels as f64;
    let kept: Vec<bool> = parts
        .parts()
        .iter()
        .zip(flesh)
        .enumerate()
        .map(|(id, (part, flesh))| {
            id == 0 || (0.01 * largest < part.voxels as f64 && 0.6 * (part.voxels as f64) < flesh)
        })
        .collect();
    let near = dilate(&parts.keep(|id| kept[id]), 2.0, &progress.part(0.6..0.8, "skin"))?;
    let skin = combine(&near, &whole, |near, whole| near & whole);
    Ok(filled(&skin, mean, Air::Enclosed, progress)?)
}

/// Which regions of air in a slice belong to the body.
#[derive(Clone, Copy, PartialEq)]
enum Air {
    /// Those whose values are mostly those of lung.
    OnlyLung,
    /// These, and all that do not reach the edge of the image.
    Enclosed,
}

/// `body` with air filled slice by slice.
fn filled(
    body: &Volume<u8>,
    mean: &Volume<i16>,
    air: Air,
    progress: &Progress,
) -> Result<Volume<u8>, crate::base::Cancelled> {
    let [ni, nj, _] = body.grid().dims();
    let flat = Arc::new(Grid::aligned([ni, nj, 1], Point::origin(), [1.0; 3]).expect("a slice of a grid is a grid"));
    let mut voxels = body.voxels().to_vec();
    voxels.par_chunks_mut(ni * nj).zip(mean.voxels().par_chunks(ni * nj)).try_for_each(|(slice, values)| {
        if slice.iter().any(|value| *value != 0) {
            let image = Volume::new(Arc::clone(&flat), slice.to_vec()).expect("one value per voxel of the slice");
            let holes = Components::of(&image, |value| value == 0, Neighbours::Six, &Progress::default())?;
            let mut lung = vec![0; holes.parts().len()];
            for (id, range) in holes.runs() {
                lung[id] += values[range].iter().filter(|value| (-930..=-500).contains(*value)).count();
            }
            let inside: Vec<bool> = (0..lung.len())
                .map(|id| {
                    (air == Air::Enclosed && !holes.touches_border(id, &[0, 1]))
                        || holes.parts()[id].voxels < 2 * lung[id]
                })
                .collect();
            for (_, range) in holes.runs().filter(|(id, _)| inside[*id]) {
                slice[range].fill(1);
            }
        }
        progress.check()
    })?;
    Ok(Volume::new(Arc::clone(body.grid()), voxels).expect("one value per voxel"))
}
