//! What the names of bones are read from: the spinal canal, the brain, the rib cage, and limbs beside the trunk.

use super::super::chest::fill_hull;
use super::super::coarse::{Coarse, combine, components};
use super::super::lungs::lung_air;
use super::canal::Canal;
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use crate::image::filter::{fill_holes_in_slices, open, squared_distance};
use crate::image::{Components, Neighbours, Volume};
use crate::segment::SegmentError;
use rayon::prelude::*;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// In a slice the cavity of a skull is at least this large, larger than any canal or marrow …
const BRAIN_MM2_MIN: f64 = 2500.0;
/// … and its mean is that of brain and fluid, which fat and muscle of a pelvis miss.
const BRAIN_HU: RangeInclusive<f64> = 5.0..=70.0;
/// Less brain than this is none.
const BRAIN_ML_MIN: f64 = 100.0;
/// The spine is no farther from the middle of the body than this.
const ASIDE_MM: f64 = 40.0;
/// The canal lies behind the middle of the body, or in the skull a little in front of it.
const FRONT_MM: f64 = 20.0;
/// The hole of the skull through which the canal goes on lies this far above the lowest slice of brain, at most.
const FORAMEN_MM: f64 = 10.0;
/// A slice with less lung than this says nothing about the cage.
const LUNG_MM2_MIN: f64 = 500.0;
/// Arms whose skin touches the trunk are parted from it by opening with this ball.
const SKIN_MM: f64 = 8.0;
/// What is smaller than this share of the trunk beside it is an arm; legs are alike.
const ARM_SHARE: f64 = 0.4;
/// Distances are measured up to this.
const FAR_MM: f64 = 60.0;

/// A scan with its landmarks, on the coarse grid.
pub(super) struct Scene {
    /// Bone with its marrow.
    pub bone: Volume<u8>,
    /// The spinal canal.
    pub canal: Canal,
    /// The brain, if there is one.
    pub brain: Option<Brain>,
    /// The rib cage, if there are lungs.
    pub cage: Option<Cage>,
    /// The body without arms that lie beside it.
    pub trunk: Volume<u8>,
}

/// The inside of the skull, where bone encloses it.
pub(super) struct Brain {
    /// Squared distance from it, mm².
    pub squared: Volume<f32>,
    /// Height of its lowest slice.
    pub lowest_mm: f64,
}

/// The inside of the rib cage, as far as the lungs show it.
pub(super) struct Cage {
    /// Squared distance from the inside, mm².
    pub squared: Volume<f32>,
    /// Heights of the lowest and the highest slice with lung.
    pub heights: [f64; 2],
}

impl Scene {
    /// Look at a scan whose `bone` is known.
    pub(super) fn of(
        coarse: &Coarse,
        body: &Volume<u8>,
        bone: Volume<u8>,
        progress: &Progress,
    ) -> Result<Self, SegmentError> {
        let brain = brain(coarse, &bone, &progress.part(0.0..0.2, "brain"))?;
        let x_mm = usual_x_mm(&bone, coarse.middle(body));
        let usual = |k: usize| {
            let below = brain.as_ref().is_none_or(|brain| height_mm(bone.grid(), k) < brain.lowest_mm + FORAMEN_MM);
            below.then(|| Some([x_mm, middle_y_mm(body, k)? - FRONT_MM])).flatten()
        };
        let canal = Canal::of(&bone, usual, &progress.part(0.2..0.6, "spinal canal"))?;
        let cage = cage(coarse, body, &progress.part(0.6..0.85, "rib cage"))?;
        let trunk = trunk(body, &progress.part(0.85..1.0, "arms"))?;
        Ok(Self { bone, canal, brain, cage, trunk })
    }

    /// From the spinal canal to a voxel: to the patient's left, to the back, upwards.
    pub(super) fn beside_canal(&self, voxel: [usize; 3]) -> Option<Vector> {
        Some(self.bone.grid().centre(voxel) - self.canal.near(voxel[2])?)
    }

    /// Height of the middle of a slice.
    pub(super) fn height_mm(&self, k: usize) -> f64 {
        height_mm(self.bone.grid(), k)
    }
}

/// The median of bone behind the middle of the body and not far aside.
fn usual_x_mm(bone: &Volume<u8>, middle: Point) -> f64 {
    let grid = bone.grid();
    let places = (0..grid.len()).filter(|at| bone.voxels()[*at] != 0).map(|at| grid.centre(grid.voxel(at)));
    let mut xs: Vec<f64> =
        places.filter(|p| (p.x - middle.x).abs() < ASIDE_MM && middle.y < p.y).map(|p| p.x).collect();
    let half = xs.len() / 2;
    if xs.is_empty() { middle.x } else { *xs.select_nth_unstable_by(half, f64::total_cmp).1 }
}

/// The middle of the body in a slice, from front to back.
fn middle_y_mm(body: &Volume<u8>, k: usize) -> Option<f64> {
    let grid = body.grid();
    let [ni, nj, _] = grid.dims();
    let rows = body.voxels()[k * ni * nj..(k + 1) * ni * nj].chunks(ni).enumerate();
    let (sum, n) = rows.fold((0.0, 0.0), |(sum, n), (j, row)| {
        let count = row.iter().filter(|value| **value != 0).count() as f64;
        (sum + count * grid.centre([ni / 2, j, k]).y, n + count)
    });
    (0.0 < n).then(|| sum / n)
}

fn height_mm(grid: &Grid, k: usize) -> f64 {
    let [ni, nj, _] = grid.dims();
    grid.centre([ni / 2, nj / 2, k]).z
}

/// The soft inside of the skull: large holes of bone.
fn brain(coarse: &Coarse, bone: &Volume<u8>, progress: &Progress) -> Result<Option<Brain>, Cancelled> {
    let grid = bone.grid();
    let [hi, hj, _] = grid.spacing_mm();
    let filled = fill_holes_in_slices(
        bone,
        &coarse.mean,
        |hole, _| BRAIN_MM2_MIN <= hole.voxels as f64 * hi * hj && BRAIN_HU.contains(&hole.mean),
        progress,
    )?;
    let parts = components(&combine(&filled, bone, |filled, bone| filled & (1 - bone)), progress)?;
    if parts.parts().is_empty() || parts.volume_ml(0) < BRAIN_ML_MIN {
        return Ok(None);
    }
    let part = &parts.parts()[0];
    let lowest_mm = height_mm(grid, part.min[2]).min(height_mm(grid, part.max[2]));
    let squared = squared_distance(&parts.keep(|id| id == 0), FAR_MM, progress)?;
    Ok(Some(Brain { squared, lowest_mm }))
}

/// The convex hull of the lungs in each slice and in all above it: the cage widens downwards, and where the lungs end
/// the ribs go on.
fn cage(coarse: &Coarse, body: &Volume<u8>, progress: &Progress) -> Result<Option<Cage>, SegmentError> {
    let lungs = lung_air(coarse, body, progress)?.keep(|_| true);
    let grid = lungs.grid();
    let [ni, nj, nk] = grid.dims();
    let [hi, hj, _] = grid.spacing_mm();
    let mut inside = vec![0_u8; grid.len()];
    let mut above = vec![0_u8; ni * nj];
    let mut heights: Option<[f64; 2]> = None;
    for n in 0..nk {
        progress.check()?;
        let k = if coarse.upwards { nk - 1 - n } else { n };
        let slice = &lungs.voxels()[k * ni * nj..(k + 1) * ni * nj];
        if LUNG_MM2_MIN <= slice.iter().filter(|value| **value != 0).count() as f64 * hi * hj {
            fill_hull(slice, &mut above, ni);
            let height = height_mm(grid, k);
            heights = Some(heights.map_or([height; 2], |[low, high]| [low.min(height), high.max(height)]));
        }
        inside[k * ni * nj..(k + 1) * ni * nj].copy_from_slice(&above);
    }
    let Some(heights) = heights else { return Ok(None) };
    let inside = Volume::new(Arc::clone(grid), inside).expect("one value per voxel");
    Ok(Some(Cage { squared: squared_distance(&inside, FAR_MM, progress)?, heights }))
}

/// The body without what lies beside the trunk in a slice.
fn trunk(body: &Volume<u8>, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let grid = body.grid();
    let [ni, nj, _] = grid.dims();
    let flat = Arc::new(Grid::aligned([ni, nj, 1], Point::origin(), [1.0; 3]).expect("a slice of a grid is a grid"));
    let mut voxels = open(body, SKIN_MM, progress)?.voxels().to_vec();
    voxels.par_chunks_mut(ni * nj).try_for_each(|slice| {
        let image = Volume::new(Arc::clone(&flat), slice.to_vec()).expect("one value per voxel of the slice");
        let parts = Components::of(&image, |value| value != 0, Neighbours::Six, &Progress::default())?;
        let largest = parts.parts().first().map_or(0, |part| part.voxels) as f64;
        let is_arm = |id: usize| (parts.parts()[id].voxels as f64) < ARM_SHARE * largest;
        parts.runs().filter(|(id, _)| is_arm(*id)).for_each(|(_, range)| slice[range].fill(0));
        progress.check()
    })?;
    Ok(Volume::new(Arc::clone(grid), voxels).expect("one value per voxel"))
}
