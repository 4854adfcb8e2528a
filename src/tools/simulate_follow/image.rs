//! Images that follow an organ, voxel by voxel.

use super::Behind;
use crate::base::{Cancelled, Progress, Summary};
use crate::geom::Vector;
use crate::image::{LabelMap, Modality, Scan, Volume, Voxels};
use crate::mesh::warp::{Origin, Warp};
use rayon::prelude::*;
use std::sync::Arc;

/// Gas in a CT, HU.
const GAS_HU: f64 = -1000.0;

/// What became of the voxels.
pub(super) struct Counts {
    moved: usize,
    left: usize,
    voxel_mm3: f64,
}

impl Counts {
    fn of(warp: &Warp, voxel_mm3: f64) -> Self {
        let [_, js, ks] = warp.region.clone();
        let rows = ks.flat_map(|k| js.clone().map(move |j| (j, k)));
        let (mut moved, mut left) = (0, 0);
        for origin in rows.flat_map(|(j, k)| warp.row(j, k)) {
            moved += usize::from(matches!(origin, Origin::From(_)));
            left += usize::from(*origin == Origin::Left);
        }
        Self { moved, left, voxel_mm3 }
    }

    pub(super) fn told(&self, summary: Summary) -> Summary {
        let ml = |voxels: usize| voxels as f64 * self.voxel_mm3 / 1000.0;
        summary.fact("volume of the deformed organ", ml(self.moved), "ml").fact("volume it left", ml(self.left), "ml")
    }
}

/// The scan as a scanner would see it now.
pub(super) fn scan(scan: &Scan, warp: &Warp, behind: Behind, progress: &Progress) -> Result<(Scan, Counts), Cancelled> {
    let gas = match (behind, scan.modality) {
        (Behind::AsBefore, _) => None,
        (Behind::Gas, Modality::Ct) => Some(GAS_HU),
        (Behind::Gas, _) => {
            Some((0..scan.grid().len()).into_par_iter().map(|o| scan.value(o)).reduce(|| f64::INFINITY, f64::min))
        }
    };
    let value = |origin: &Origin| match origin {
        Origin::Unmoved => None,
        Origin::From(index) => scan.sample_index(Vector::from(index.map(f64::from))),
        Origin::Left => gas,
    };
    let voxels = match &scan.voxels {
        Voxels::I16(volume) => {
            Voxels::I16(moved(volume, warp, |origin| Some(value(origin)?.round() as i16), progress)?)
        }
        Voxels::F32(volume) => Voxels::F32(moved(volume, warp, |origin| Some(value(origin)? as f32), progress)?),
    };
    let counts = Counts::of(warp, scan.grid().voxel_mm3());
    Ok((Scan { voxels, ..scan.clone() }, counts))
}

/// The segmentation now: the nearest label of where the tissue was at rest.
pub(super) fn labels(
    labels: &LabelMap,
    warp: &Warp,
    behind: Behind,
    progress: &Progress,
) -> Result<(LabelMap, Counts), Cancelled> {
    let dims = labels.grid().dims();
    let label = |origin: &Origin| match origin {
        Origin::Unmoved => None,
        Origin::From(index) => {
            let voxel = [0, 1, 2].map(|axis| ((f64::from(index[axis]) + 0.5).max(0.0) as usize).min(dims[axis] - 1));
            Some(labels.at(voxel))
        }
        Origin::Left => (behind == Behind::Gas).then_some(0),
    };
    let volume = moved(&labels.to_volume(), warp, label, progress)?;
    let map =
        LabelMap::from_volume(&volume, labels.segments().to_vec()).expect("the labels are those of the same table");
    Ok((map, Counts::of(warp, labels.grid().voxel_mm3())))
}

fn moved<T: Copy + Send + Sync>(
    volume: &Volume<T>,
    warp: &Warp,
    value: impl Fn(&Origin) -> Option<T> + Sync,
    progress: &Progress,
) -> Result<Volume<T>, Cancelled> {
    let [ni, nj, _] = volume.grid().dims();
    let mut voxels = volume.voxels().to_vec();
    let [is, js, ks] = warp.region.clone();
    let slices = voxels.par_chunks_mut(ni * nj).enumerate().filter(|(k, _)| ks.contains(k));
    slices.try_for_each(|(k, slice)| {
        progress.check()?;
        for j in js.clone() {
            let row = &mut slice[j * ni..][is.clone()];
            for (voxel, origin) in row.iter_mut().zip(warp.row(j, k)) {
                *voxel = value(origin).unwrap_or(*voxel);
            }
        }
        Ok(())
    })?;
    Ok(Volume::new(Arc::clone(volume.grid()), voxels).expect("one value per voxel"))
}
