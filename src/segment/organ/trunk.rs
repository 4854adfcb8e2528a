//! The trunk of the body on the coarse grid: where its wall ends and its organs begin.

use super::body::body;
use super::bone::{Skeleton, skeleton};
use super::chest::{fill_hull, mediastinum};
use super::coarse::{Coarse, combine, components};
use super::lungs::lung_air;
use super::quiet::quiet;
use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use crate::image::Volume;
use crate::image::filter::{dilate, erode, open};
use crate::segment::SegmentError;
use rayon::prelude::*;
use std::sync::Arc;

/// Coarse voxels for organs of centimetres.
pub(super) const WIDTH_MM: f64 = 2.6;
/// Bones this far above and below say where the wall of a slice is: ribs run obliquely.
const RIB_REACH_MM: f64 = 15.0;
/// In front of the frontmost bone the wall is taken to be this thick.
const WALL_MM: f64 = 15.0;
/// Half of a rib.
const RIB_MM: f64 = 4.0;
/// Bones that take less than this share of the body's width are a spine without ribs.
const SPINE_SHARE: f64 = 0.55;
/// The kidneys reach this far behind the middle of the spine.
const KIDNEY_BACK_MM: f64 = 10.0;
/// Heart chambers hold a ball of this radius; vessels below them do not.
const CHAMBER_MM: f64 = 12.0;
/// Where the left lung has more than this area more than [`LUNG_FRONT_MM`] in front of the spine, the heart is beside it …
const LUNG_MM2_MIN: f64 = 1500.0;
const LUNG_FRONT_MM: f64 = 50.0;
/// … and reaches this far to the right of the spine.
const HEART_RIGHT_MM: f64 = 25.0;
/// Thickness of the heart's muscle.
const MYOCARD_MM: f64 = 12.0;

/// What organ presets need to know of a scan.
pub(super) struct Trunk {
    /// Coarse values without noise.
    pub quiet: Volume<i16>,
    /// Everything within the skin.
    pub body: Volume<u8>,
    /// Bone with marrow.
    pub bone: Volume<u8>,
    /// Air of the lungs.
    pub lungs: Volume<u8>,
    /// Within ribs and wall, without bone, lungs and heart.
    pub cavity: Volume<u8>,
    /// The middle of the spine.
    pub spine: Point,
    /// Half the width of the cavity where it is widest.
    pub half_width_mm: f64,
}

impl Trunk {
    /// Look at a scan.
    pub(super) fn of(coarse: &Coarse, progress: &Progress) -> Result<Self, SegmentError> {
        let quiet = quiet(coarse, &progress.part(0.0..0.25, "smoothing"))?;
        let body = body(coarse, &progress.part(0.25..0.4, "body"))?;
        let Skeleton { solid: bone, blood, .. } = skeleton(coarse, &body, None, &progress.part(0.4..0.8, "bone"))?;
        let progress = &progress.part(0.8..1.0, "cavity");
        let air = lung_air(coarse, &body, progress)?;
        let lungs = air.keep(|_| true);
        let middle = coarse.middle(&body);
        let spine = spine(&bone, middle).unwrap_or(middle);
        let heart = heart(coarse, &air, &blood, spine, progress)?;
        let wall = within_wall(&body, &bone, spine, progress)?;
        let barred = combine(&combine(&bone, &lungs, |a, b| a | b), &heart, |a, b| a | b);
        let cavity = combine(&combine(&wall, &body, |a, b| a & b), &barred, |a, b| a & (1 - b));
        let half_width_mm = half_width_mm(&wall);
        Ok(Self { quiet, body, bone, lungs, cavity, spine, half_width_mm })
    }

    /// 1 where `f(mm to the patient's left of the spine, mm behind it)` holds in `mask`.
    pub(super) fn place(&self, mask: &Volume<u8>, f: impl Fn(f64, f64) -> bool + Sync) -> Volume<u8> {
        let grid = mask.grid();
        let [ni, nj, _] = grid.dims();
        let mut voxels = mask.voxels().to_vec();
        voxels.par_chunks_mut(ni).enumerate().for_each(|(row, out)| {
            let first = grid.centre([0, row % nj, row / nj]) - self.spine;
            for (i, value) in out.iter_mut().enumerate().filter(|(_, value)| **value != 0) {
                let at = first + grid.step().column(0) * i as f64;
                *value = u8::from(f(at.x, at.y));
            }
        });
        Volume::new(Arc::clone(grid), voxels).expect("one value per voxel")
    }
}

/// The median place of bone behind the middle of the body.
fn spine(bone: &Volume<u8>, middle: Point) -> Option<Point> {
    let grid = bone.grid();
    let places = (0..grid.len()).filter(|offset| bone.voxels()[*offset] != 0).map(|o| grid.centre(grid.voxel(o)));
    let (mut xs, mut ys): (Vec<f64>, Vec<f64>) =
        places.filter(|p| (p.x - middle.x).abs() < 40.0 && middle.y - 10.0 < p.y).map(|p| (p.x, p.y)).unzip();
    let half = xs.len() / 2;
    (100 < xs.len()).then(|| {
        let x = *xs.select_nth_unstable_by(half, f64::total_cmp).1;
        let y = *ys.select_nth_unstable_by(half, f64::total_cmp).1;
        Point::new(x, y, middle.z)
    })
}

/// Heart chambers with contrast and the muscle around them, and what lies beside the left lung.
fn heart(
    coarse: &Coarse,
    air: &crate::image::Components,
    blood: &Volume<u8>,
    spine: Point,
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let between = mediastinum(coarse, air, blood, spine.x, progress)?;
    let chambers = open(&combine(blood, &between, |blood, between| blood & between), CHAMBER_MM, progress)?;
    let parts = components(&chambers, progress)?;
    // The heart lies in front of the spine or left of it; a bright liver lies to the right.
    let is_heart = |id: usize| {
        let from = parts.centre(id) - spine;
        -35.0 < from.x && from.y < -20.0 && 20.0 < parts.volume_ml(id)
    };
    let kept: Vec<bool> = (0..parts.parts().len()).map(is_heart).collect();
    let seen = dilate(&parts.keep(|id| kept[id]), MYOCARD_MM, progress)?;
    let lungs = air.keep(|_| true);
    Ok(combine(&seen, &beside_left_lung(&between, &lungs, spine), |a, b| a | b))
}

/// What lies between the lungs and not far to the right, in the slices in which the left lung reaches far to the front:
/// there the heart is, with contrast or without.
fn beside_left_lung(between: &Volume<u8>, lungs: &Volume<u8>, spine: Point) -> Volume<u8> {
    let grid = between.grid();
    let [ni, nj, _] = grid.dims();
    let [hi, hj, _] = grid.spacing_mm();
    let mut voxels = between.voxels().to_vec();
    let slices = voxels.par_chunks_mut(ni * nj).zip(lungs.voxels().par_chunks(ni * nj)).enumerate();
    slices.for_each(|(k, (out, lung))| {
        let from = |at: usize| grid.centre([at % ni, at / ni, k]) - spine;
        let in_front = |at: &usize| {
            let from = from(*at);
            lung[*at] != 0 && 0.0 < from.x && from.y < -LUNG_FRONT_MM
        };
        let area_mm2 = (0..lung.len()).filter(in_front).count() as f64 * hi * hj;
        for (at, value) in out.iter_mut().enumerate().filter(|(_, value)| **value != 0) {
            let from = from(at);
            *value = u8::from(LUNG_MM2_MIN < area_mm2 && -HEART_RIGHT_MM < from.x && from.y < -20.0);
        }
    });
    Volume::new(Arc::clone(grid), voxels).expect("one value per voxel")
}

/// The convex hull of the bones of each slice and its neighbours, less half a rib. In front of them, where cartilage
/// closes the chest and muscle the belly, the body's surface less the wall takes part; below the ribs, where there is
/// nothing but a spine, it does so down to the back of the kidneys.
fn within_wall(
    body: &Volume<u8>,
    bone: &Volume<u8>,
    spine: Point,
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let grid = body.grid();
    let [ni, nj, nk] = grid.dims();
    let slice = ni * nj;
    let inner = erode(body, WALL_MM, progress)?;
    let reach = (RIB_REACH_MM / grid.spacing_mm()[2]).round().max(1.0) as usize;
    // Patient back is +y.
    let backwards = 0.0 < grid.step()[(1, 1)];
    let mut hulls = vec![0_u8; grid.len()];
    hulls.par_chunks_mut(slice).enumerate().try_for_each(|(k, out)| {
        progress.check()?;
        let mut points = vec![0_u8; slice];
        for near in k.saturating_sub(reach)..(k + reach + 1).min(nk) {
            let bone = &bone.voxels()[near * slice..(near + 1) * slice];
            points.iter_mut().zip(bone).for_each(|(point, bone)| *point |= bone);
        }
        let per_row: Vec<usize> =
            points.chunks(ni).map(|row| row.iter().filter(|point| **point != 0).count()).collect();
        let all: usize = per_row.iter().sum();
        if all == 0 {
            return Ok(());
        }
        let width = |mask: &[u8]| {
            let used = (0..ni).filter(|i| (0..nj).any(|j| mask[j * ni + i] != 0));
            let (first, last) = used.fold((ni, 0), |(first, _), i| (first.min(i), i));
            last.saturating_sub(first)
        };
        let body = &body.voxels()[k * slice..(k + 1) * slice];
        let only_spine = (width(&points) as f64) < SPINE_SHARE * width(body) as f64;
        // The row that has 1 % of the bone in front of it, or without ribs the one behind the kidneys.
        let rows: Vec<usize> = if backwards { (0..nj).collect() } else { (0..nj).rev().collect() };
        let mut sum = 0;
        for j in rows {
            sum += per_row[j];
            let behind =
                if only_spine { spine.y + KIDNEY_BACK_MM < grid.centre([ni / 2, j, k]).y } else { all < 100 * sum };
            if behind {
                break;
            }
            let at = k * slice + j * ni;
            points[j * ni..(j + 1) * ni].copy_from_slice(&inner.voxels()[at..at + ni]);
        }
        fill_hull(&points, out, ni);
        Ok(())
    })?;
    erode(&Volume::new(Arc::clone(grid), hulls).expect("one value per voxel"), RIB_MM, progress)
}

fn half_width_mm(mask: &Volume<u8>) -> f64 {
    let [ni, _, _] = mask.grid().dims();
    let widest = mask.voxels().par_chunks(ni).map(|row| row.iter().filter(|value| **value != 0).count()).max();
    0.5 * widest.unwrap_or(0) as f64 * mask.grid().spacing_mm()[0]
}
