//! A guide for one patient's bone: a shell that lies on it in one place only, with a slot for the saw.

use super::BoneError;
use super::cast::{Body, Cast, Mould};
use super::slot::{Slot, slot};
use crate::base::Progress;
use crate::geom::{Plane, Point, Vector};
use crate::mesh::{Bvh, Surface};
use serde::{Deserialize, Serialize};

/// The thickest slice of a scan that guides are made of (conventions 7.8, Bone planner: 0.65 mm, at most 1 mm).
pub const SLICE_MM_MAX: f64 = 1.0;

/// How a guide is made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GuideRules {
    /// Room between bone and guide.
    pub clearance_mm: f64,
    /// Thickness of the shell.
    pub thickness_mm: f64,
    /// Radius of the part of the bone that is covered.
    pub radius_mm: f64,
    /// Width of the slot: the blade and some play.
    pub slot_mm: f64,
    /// Thickness of the walls along the slot.
    pub wall_mm: f64,
    /// How far the walls stand up from the shell, to lead the blade.
    pub wall_height_mm: f64,
    /// Edge of the cubes it is resolved in.
    pub voxel_mm: f64,
}

/// Clearance for a filament printer (0.25 mm for resin) and a shell of 3 to 6 mm: conventions 7.8, Bone planner. A blade of
/// 1 mm with 0.2 mm of play, and the walls, are this program's choice.
impl Default for GuideRules {
    fn default() -> Self {
        Self {
            clearance_mm: 0.4,
            thickness_mm: 4.0,
            radius_mm: 18.0,
            slot_mm: 1.2,
            wall_mm: 2.5,
            wall_height_mm: 6.0,
            voxel_mm: 0.4,
        }
    }
}

impl GuideRules {
    /// Half the length of the slot.
    fn slot_half_mm(&self) -> f64 {
        (self.radius_mm - 2.0 * self.wall_mm).max(1.0)
    }
}

/// A guide.
#[derive(Debug, Clone, PartialEq)]
pub struct Guide {
    /// Closed, to be printed.
    pub surface: Surface,
    /// Material.
    pub volume_ml: f64,
    /// The least distance of the guide to the bone.
    pub clearance_mm: f64,
    /// Loose pieces that were left out.
    pub loose_pieces: usize,
    /// The direction it is taken off.
    pub off: Vector,
    /// Its slot as the finished surface has it.
    pub slot: Slot,
    /// Why it should not be used, if there is a reason.
    pub not_valid: Option<String>,
}

/// A guide on `bone` around `seat`, a place on or near its surface, with a slot along `cut`.
///
/// It is taken off along `off`; what the bone would hold back is left out, so that it slides. The slot ends before the guide
/// does, which stays in one piece. `slice_mm` is the slice thickness of the scan that the bone comes from, if it is known.
///
/// # Errors
/// [`BoneError`] for numbers that are not usable, a seat far from the bone, or if nothing is left.
pub fn guide(
    bone: &Surface,
    cut: &Plane,
    seat: &Point,
    off: &Vector,
    rules: &GuideRules,
    slice_mm: Option<f64>,
    progress: &Progress,
) -> Result<Guide, BoneError> {
    let off = check(cut, off, rules)?;
    let search = Bvh::new(bone);
    let nearest = search.closest(seat).ok_or(BoneError::NoBone)?;
    if rules.radius_mm < nearest.distance_mm {
        let (what, limit) = ("the distance of the seat from the bone in mm", "within the radius of the guide");
        return Err(BoneError::BadNumber { what, value: nearest.distance_mm, limit });
    }
    let frame = Frame::of(cut, seat, off);
    let band_mm = rules.clearance_mm + rules.thickness_mm + rules.wall_height_mm + 2.0 * rules.voxel_mm;
    let cast = Cast::of(bone, &frame.mould(rules), rules.clearance_mm, band_mm, progress)?;
    let outside = |place: &Point, mm: f64, way_mm: f64| frame.outside(place, mm, way_mm, rules);
    // Number 0 is the largest.
    let Body { surface, clearance_mm, loose_pieces } = cast.body(&search, outside, |_, _| Ok(0), progress)?;
    let volume_ml = surface.volume_ml();
    let [along, _, up] = frame.axes;
    // Short of the ends, whose walls are others.
    let half_mm = rules.slot_half_mm() - rules.voxel_mm;
    let slot = slot(&surface, cut, seat, [along, up], rules.slot_mm, half_mm, 0.5 * rules.voxel_mm);
    Ok(Guide { surface, volume_ml, clearance_mm, loose_pieces, off, slot, not_valid: too_coarse(slice_mm) })
}

/// Why a scan with slices of this thickness is no ground for a guide, if it is not.
pub(super) fn too_coarse(slice_mm: Option<f64>) -> Option<String> {
    let thick = slice_mm.filter(|mm| SLICE_MM_MAX < *mm);
    thick.map(|mm| format!("the scan has slices of {mm:.2} mm; guides need at most {SLICE_MM_MAX} mm, better 0.65 mm"))
}

fn check(cut: &Plane, off: &Vector, rules: &GuideRules) -> Result<Vector, BoneError> {
    let ranges = [
        ("the clearance in mm", rules.clearance_mm, 0.0, 2.0, "from 0 to 2"),
        ("the thickness of the guide in mm", rules.thickness_mm, 1.0, 15.0, "from 1 to 15"),
        ("the radius of the guide in mm", rules.radius_mm, 5.0, 100.0, "from 5 to 100"),
        ("the width of the slot in mm", rules.slot_mm, 0.3, 10.0, "from 0.3 to 10"),
        ("the wall of the slot in mm", rules.wall_mm, 0.5, 20.0, "from 0.5 to 20"),
        ("the height of the walls in mm", rules.wall_height_mm, 0.0, 50.0, "from 0 to 50"),
        ("the voxels of the guide in mm", rules.voxel_mm, 0.05, 1.0, "from 0.05 to 1"),
    ];
    let bad = ranges.into_iter().find(|(_, value, low, high, _)| !(*low..=*high).contains(value));
    if let Some((what, value, _, _, limit)) = bad {
        return Err(BoneError::BadNumber { what, value, limit });
    }
    let off = off.try_normalize(1e-9);
    // A blade goes in along the way the guide comes off, more or less.
    let slant = off.map_or(1.0, |off| off.dot(&cut.normal()).abs());
    if let Some(off) = off.filter(|_| slant < 0.8) {
        return Ok(off);
    }
    let degrees = slant.min(1.0).asin().to_degrees();
    let (what, limit) = ("the angle of the slot to the way the guide comes off, in degrees", "less than 53");
    Err(BoneError::BadNumber { what, value: degrees, limit })
}

/// Directions of a guide: the third is the way off, the first runs along the slot.
struct Frame {
    seat: Point,
    axes: [Vector; 3],
    cut: Plane,
}

impl Frame {
    fn of(cut: &Plane, seat: &Point, off: Vector) -> Self {
        let along = off.cross(&cut.normal()).normalize();
        let across = off.cross(&along);
        Self { seat: *seat, axes: [along, across, off], cut: *cut }
    }

    /// The box around the guide.
    fn mould(&self, rules: &GuideRules) -> Mould {
        let reach = rules.radius_mm;
        let above = rules.radius_mm + rules.clearance_mm + rules.thickness_mm + rules.wall_height_mm;
        let (low_mm, high_mm) = ([-reach; 3], [reach, reach, above]);
        Mould { axes: self.axes, from: self.seat, low_mm, high_mm, voxel_mm: rules.voxel_mm }
    }

    /// How far a place is outside of the guide, negative within; `mm` is its distance to the bone, `way_mm` the least on its
    /// way off.
    fn outside(&self, place: &Point, mm: f64, way_mm: f64, rules: &GuideRules) -> f64 {
        let from = place - self.seat;
        let [u, v] = [0, 1].map(|n| from.dot(&self.axes[n]));
        let round = u.hypot(v) - rules.radius_mm;
        let from_cut = self.cut.distance_mm(place).abs();
        let top = rules.clearance_mm + rules.thickness_mm;
        let shell = mm - top;
        let walls = (mm - top - rules.wall_height_mm).max(from_cut - 0.5 * rules.slot_mm - rules.wall_mm);
        let body = shell.min(walls).max(rules.clearance_mm - way_mm).max(round);
        // The slot, a wall's thickness short of both ends.
        let slot = (from_cut - 0.5 * rules.slot_mm).max(u.abs() - rules.slot_half_mm());
        body.max(-slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::shapes::{ball, cuboid};

    const COARSE: GuideRules = GuideRules {
        clearance_mm: 0.4,
        thickness_mm: 4.0,
        radius_mm: 12.0,
        slot_mm: 2.0,
        wall_mm: 2.5,
        wall_height_mm: 5.0,
        voxel_mm: 0.6,
    };

    fn make(bone: &Surface, seat: [f64; 3], slice_mm: Option<f64>) -> Result<Guide, BoneError> {
        let cut = Plane::new(Point::from(seat), Vector::x()).unwrap();
        guide(bone, &cut, &Point::from(seat), &Vector::z(), &COARSE, slice_mm, &Progress::default())
    }

    #[test]
    fn a_guide_is_closed_keeps_its_clearance_and_has_its_slot() {
        let bone = ball(20.0, 1.0);
        let found = make(&bone, [0.0, 0.0, 20.0], Some(0.65)).unwrap();
        assert_eq!((found.surface.open_edges(), found.loose_pieces), (0, 0));
        assert!(0.0 < found.volume_ml && found.not_valid.is_none());
        assert!((0.25..0.75).contains(&found.clearance_mm), "{}", found.clearance_mm);
        for p in found.surface.positions() {
            let height = p.coords.norm() - 20.0;
            assert!(0.2 < height && height < 0.4 + 4.0 + 5.0 + 0.6, "{height}");
            assert!(p.x.hypot(p.y) < 12.6);
            // Nothing stands in the slot.
            assert!(0.7 < p.x.abs() || 6.0 < p.y.abs(), "{p}");
            // It comes off: nothing lies under the widest part of the ball.
            assert!(0.0 < p.z);
        }
        let Slot { width_mm, off_mm, off_degrees, scatter_mm, height_mm } = found.slot;
        assert!((width_mm - 2.0).abs() < 0.1 && off_mm < 0.1 && off_degrees < 0.3, "{:?}", found.slot);
        assert!(scatter_mm < 0.1 && 5.0 < height_mm, "{:?}", found.slot);
        // Straight through the slot one sees bone.
        let through = Bvh::new(&found.surface);
        let ray = crate::geom::Ray { origin: Point::new(0.0, 0.0, 60.0), direction: -Vector::z() };
        assert!(through.first_hit(&ray).is_none_or(|hit| 45.0 < hit.distance_mm));
        let beside = crate::geom::Ray { origin: Point::new(3.0, 0.0, 60.0), ..ray };
        assert!(through.first_hit(&beside).is_some());
    }

    #[test]
    fn what_the_bone_would_hold_back_is_left_out() {
        // A flat bone with a ledge over it: nothing may lie under the ledge.
        let (plate, ledge) = (cuboid([60.0, 60.0, 10.0]), cuboid([60.0, 20.0, 4.0]));
        let up = Vector::new(0.0, 38.0, 16.0);
        let mut positions = plate.positions().to_vec();
        positions.extend(ledge.positions().iter().map(|p| p + up));
        let mut triangles = plate.triangles().to_vec();
        triangles.extend(ledge.triangles().iter().map(|corners| corners.map(|v| v + 8)));
        let bone = Surface::new(positions, triangles).unwrap();
        let found = make(&bone, [30.0, 30.0, 10.0], Some(2.0)).unwrap();
        assert!(found.surface.positions().iter().all(|p| p.y < 38.2 || 19.9 < p.z));
        assert!(found.not_valid.unwrap().contains("slices of 2.00 mm"));
    }

    #[test]
    fn guides_that_cannot_be_say_why() {
        let bone = ball(20.0, 2.0);
        assert!(make(&bone, [0.0, 0.0, 60.0], None).unwrap_err().to_string().contains("distance of the seat"));
        let cut = Plane::new(Point::new(0.0, 0.0, 20.0), Vector::z()).unwrap();
        let seat = Point::new(0.0, 0.0, 20.0);
        let said = |rules: &GuideRules, off: Vector| {
            guide(&bone, &cut, &seat, &off, rules, None, &Progress::default()).unwrap_err().to_string()
        };
        assert!(said(&COARSE, Vector::z()).contains("angle of the slot"));
        assert!(said(&GuideRules { slot_mm: 0.0, ..COARSE }, Vector::x()).contains("width of the slot"));
        let nothing = Surface::new(Vec::new(), Vec::new()).unwrap();
        assert_eq!(make(&nothing, [0.0; 3], None), Err(BoneError::NoBone));
    }
}
