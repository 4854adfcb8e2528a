//! Marrow: what bone encloses, but neither the spinal canal nor the discs between vertebrae.

use super::coarse::{Coarse, combine};
use crate::base::Progress;
use crate::geom::{Point, Vector};
use crate::image::Volume;
use crate::image::filter::{Hole, close, dilate, fill_holes_in_slices};
use crate::segment::SegmentError;

/// Spongy bone is brighter than this, muscle and the spinal canal are darker, discs are about as bright.
pub(super) const SPONGY_HU: i16 = 100;
/// Gaps of the compact shell are closed by spongy bone this near to it.
const SHELL_MM: f64 = 6.0;
/// The spinal canal and old people's marrow are darker than this, red marrow is brighter.
const DARK_HU: f64 = 60.0;
/// Nerves and fluid, even with contrast about, are not brighter than this.
const CANAL_HU_MAX: f64 = 85.0;
/// A dark hole of the spine that is smaller may be a canal behind a vertebra whose own hole is open.
const CANAL_MM2_MAX: f64 = 450.0;
/// The canal is round; gaps between the struts of spongy bone are ragged and fill less of the rectangle around them.
const ROUND_SHARE: f64 = 0.55;
/// Discs fill more of a slice than this, gaps between the bright struts of spongy bone less.
const DISC_MM2_MIN: f64 = 400.0;
/// The spine lies within this of the middle of the body, behind it.
const SPINE_HALF_MM: f64 = 45.0;
/// Between these distances in front of the middle of a canal is nothing but vertebra …
const BODY_MM: [f64; 2] = [12.0, 28.0];
/// … and discs are thinner than this, vertebrae thicker.
const DISC_MM_MAX: f64 = 12.0;
/// Fatty marrow with its struts of bone is brighter than fat and darker than muscle and brain.
const FATTY_HU: std::ops::Range<f64> = -60.0..25.0;
/// The first sacral vertebra with its wings is the largest bone of the spine, in a slice up to this, and on both sides of
/// the middle alike.
const SACRUM_MM2_MAX: f64 = 3500.0;
const SACRUM_ASIDE_MM: f64 = 20.0;
/// Heads of humerus and femur and the hips lie at least this far beside the middle; the cavities of a skull do not.
const LIMB_MM_MIN: f64 = 65.0;
/// The head of a limb is no larger than this in a slice.
const LIMB_MM2_MAX: f64 = 2000.0;

/// What a hole of bone in a slice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filling {
    Marrow,
    /// Spinal canal or disc, sure not to be bone.
    Spine,
    /// Air, fat or muscle between bones.
    Other,
}

/// How to tell marrow from other holes of bone.
pub(super) struct Holes<'a> {
    /// The middle of the body.
    pub body_middle: Point,
    /// Bright bone, on the coarse grid.
    pub bone: &'a Volume<u8>,
}

/// `bone` with its marrow, but nothing of `barred`.
///
/// Where the compact shell is thinner than a voxel it has gaps: spongy bone beside compact bone closes them. Then the
/// holes of each slice are filled, and evened out from slice to slice where the values allow.
pub(super) fn with_marrow(
    coarse: &Coarse,
    smooth: &Volume<i16>,
    body_middle: Point,
    [bone, barred]: [&Volume<u8>; 2],
    progress: &Progress,
) -> Result<Volume<u8>, SegmentError> {
    let grid = coarse.mean.grid();
    let judge = Holes { body_middle, bone };
    let spongy = |within: &Volume<u8>| {
        let within = combine(within, barred, |within, barred| within & (1 - barred));
        let spongy = coarse.mask(smooth, &within, |value, within| within != 0 && SPONGY_HU <= value);
        combine(&spongy, bone, |spongy, bone| spongy | bone)
    };
    let shell = close(&spongy(&dilate(bone, SHELL_MM, progress)?), coarse.cell_mm().max(2.5), progress)?;
    let holes_that = |wanted: Filling| {
        let fill =
            |hole: &Hole, enclosed: &dyn Fn(Vector) -> bool| judge.filling(&coarse.mean, hole, enclosed) == wanted;
        let filled = fill_holes_in_slices(&shell, &coarse.mean, fill, progress)?;
        Ok::<_, SegmentError>(combine(&filled, &shell, |filled, shell| filled & (1 - shell)))
    };
    let holes = combine(&holes_that(Filling::Marrow)?, barred, |hole, barred| hole & (1 - barred));
    let sure = combine(bone, &holes, |bone, hole| bone | hole);
    let across = close(&sure, f64::max(3.5, 1.6 * grid.spacing_mm()[2]), progress)?;
    let across = combine(&across, &holes_that(Filling::Spine)?, |across, spine| across & (1 - spine));
    Ok(combine(&spongy(&across), &holes, |spongy, hole| spongy | hole))
}

impl Holes<'_> {
    /// Whether a hole in a slice of `values` is marrow. `enclosed` says what lies in bone or in a hole of the slice.
    pub(super) fn is_marrow(&self, values: &Volume<i16>, hole: &Hole, enclosed: &dyn Fn(Vector) -> bool) -> bool {
        self.filling(values, hole, enclosed) == Filling::Marrow
    }

    /// Marrow is red (bright), or yellow (dark) and small.
    ///
    /// In the spine the values say little: the marrow of old people is as dark as the canal, and discs are as bright as
    /// marrow. There the canal is what has a vertebra in front of it, and a disc is what has one closely above and below.
    fn filling(&self, values: &Volume<i16>, hole: &Hole, enclosed: &dyn Fn(Vector) -> bool) -> Filling {
        let grid = values.grid();
        let [hi, hj, _] = grid.spacing_mm();
        let area_mm2 = hole.voxels as f64 * hi * hj;
        let at = grid.patient_from_index(hole.centre);
        let is_dark = hole.mean < DARK_HU;
        // Patient back is +y.
        let aside_mm = (at.x - self.body_middle.x).abs();
        let in_spine = self.body_middle.y < at.y && aside_mm < SPINE_HALF_MM;
        let is_fatty = FATTY_HU.contains(&hole.mean);
        let is_sacrum = in_spine && aside_mm < SACRUM_ASIDE_MM && is_fatty && area_mm2 < SACRUM_MM2_MAX;
        let is_limb = LIMB_MM_MIN < aside_mm && is_fatty && area_mm2 < LIMB_MM2_MAX;
        let in_front = |mm: f64| enclosed(grid.index_from_patient(at - Vector::y() * mm));
        let [from, to] = BODY_MM;
        let is_round = ROUND_SHARE <= hole.box_share;
        let has_body_in_front = || (0..9).all(|n| in_front(from + (to - from) * f64::from(n) / 8.0));
        match is_dark {
            _ if area_mm2 < 60.0 => Filling::Marrow,
            _ if hole.mean < -150.0 => Filling::Other,
            _ if in_spine && is_round && hole.mean < CANAL_HU_MAX && area_mm2 < 900.0 && has_body_in_front() => {
                Filling::Spine
            }
            _ if in_spine && DISC_MM2_MIN <= area_mm2 && self.height_mm(at) < DISC_MM_MAX => Filling::Spine,
            true if in_spine && is_round && area_mm2 < CANAL_MM2_MAX => Filling::Spine,
            true if in_spine && area_mm2 < 2000.0 => Filling::Marrow,
            true if is_sacrum || is_limb => Filling::Marrow,
            true if area_mm2 < 600.0 => Filling::Marrow,
            false if area_mm2 < 2500.0 => Filling::Marrow,
            _ => Filling::Other,
        }
    }

    /// Distance between the bright bone above and below a place: the third largest of nine columns around it, endless
    /// where there is none within 20 mm.
    fn height_mm(&self, at: Point) -> f64 {
        let grid = self.bone.grid();
        let step_mm = grid.spacing_mm()[2];
        let steps = (20.0 / step_mm) as usize;
        let to_bone = |from: Point, sign: f64| {
            let bone = |n: &usize| {
                let voxel = grid.voxel_at(from + Vector::z() * (sign * step_mm * *n as f64));
                voxel.is_some_and(|voxel| self.bone.at(voxel) != 0)
            };
            (0..=steps).find(bone).map_or(f64::INFINITY, |n| n as f64 * step_mm)
        };
        let columns = (0..9).map(|n| at + Vector::new(f64::from(n % 3 - 1), f64::from(n / 3 - 1), 0.0) * 6.0);
        let mut heights: Vec<f64> = columns.map(|from| to_bone(from, 1.0) + to_bone(from, -1.0)).collect();
        heights.sort_by(f64::total_cmp);
        heights[6]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Grid;

    /// Endplates 30 mm apart around z = 0, and a disc 8 mm high above them.
    fn endplates() -> Volume<u8> {
        let grid = Grid::aligned([50, 50, 60], Point::new(-49.0, -49.0, -59.0), [2.0; 3]).unwrap();
        let plate = |z: f64| [-15.0, 15.0, 25.0].iter().any(|plate| (z - plate).abs() < 1.1);
        let voxels = (0..grid.len()).map(|o| u8::from(plate(grid.centre(grid.voxel(o)).z))).collect();
        Volume::new(grid, voxels).unwrap()
    }

    #[test]
    fn marrow_is_filled_and_neither_the_spinal_canal_nor_a_disc_is() {
        let values = |z: f64| {
            let grid = Grid::aligned([100, 100, 1], Point::new(-50.0, -50.0, z), [1.0; 3]).unwrap();
            Volume::new(grid, vec![0_i16; 10_000]).unwrap()
        };
        let bone = endplates();
        let judge = Holes { body_middle: Point::origin(), bone: &bone };
        let is_marrow = |voxels, mean, [x, y, z]: [f64; 3], front_mm: f64| {
            let centre = Vector::new(50.0 + x, 50.0 + y, 0.0);
            let enclosed = |place: Vector| 50.0 + y - front_mm < place.y;
            judge.is_marrow(&values(z), &Hole { voxels, mean, centre, box_share: 0.78 }, &enclosed)
        };
        for mean in [25.0, 70.0] {
            assert!(!is_marrow(250, mean, [5.0, 30.0, 0.0], 40.0), "spinal canal, {mean} HU");
        }
        assert!(!is_marrow(250, 25.0, [5.0, 30.0, 0.0], 10.0), "spinal canal behind an open vertebra");
        for mean in [40.0, 120.0] {
            assert!(is_marrow(900, mean, [5.0, 20.0, 0.0], 17.0), "vertebral body, {mean} HU");
            assert!(!is_marrow(900, mean, [5.0, 20.0, 20.0], 17.0), "disc, {mean} HU");
        }
        assert!(is_marrow(400, -20.0, [0.0, -40.0, 0.0], 10.0), "sternum");
        assert!(is_marrow(200, -60.0, [48.0, 10.0, 0.0], 10.0), "humerus");
        assert!(is_marrow(1400, 5.0, [-120.0, 15.0, 0.0], 10.0), "head of a femur with fatty marrow");
        assert!(!is_marrow(1400, 45.0, [-120.0, 15.0, 0.0], 10.0), "muscle between bones");
        assert!(!is_marrow(1400, -90.0, [-120.0, 15.0, 0.0], 10.0), "fat between bones");
        assert!(!is_marrow(1400, -20.0, [38.0, -30.0, 0.0], 10.0), "orbit or cranial fossa");
        assert!(is_marrow(2800, 20.0, [0.0, 30.0, 0.0], 17.0), "sacrum");
        assert!(!is_marrow(2800, 35.0, [0.0, 30.0, 0.0], 17.0), "cerebellum");
        assert!(!is_marrow(2800, 20.0, [35.0, 10.0, 0.0], 17.0), "fossa beside the middle");
        assert!(!is_marrow(400, -700.0, [20.0, -10.0, 0.0], 50.0), "lung");
        assert!(!is_marrow(5000, 70.0, [0.0, 0.0, 0.0], 50.0), "pelvic cavity");
    }
}
