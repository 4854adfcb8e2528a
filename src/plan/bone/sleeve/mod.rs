//! A guide for drills: a shell that lies on the bone around the entries of planned screws or needles, with a sleeve along each.

mod error;
mod frame;
mod stand;

pub use error::SleeveError;

use super::BoneError;
use super::bore::Bore;
use super::cast::{Body, Cast};
use super::guide::too_coarse;
use crate::base::Progress;
use crate::geom::{Point, Vector};
use crate::mesh::{Bvh, Surface};
use crate::plan::path::{Obstacle, Path};
use frame::Frame;
use serde::{Deserialize, Serialize};
use stand::{Stand, apart, whole};

/// An entry is on the bone if the path enters it this near to it.
pub const ENTRY_MM: f64 = 5.0;
/// So much of a sleeve must stand all round, or it does not lead.
const LEADING_MM: f64 = 5.0;
/// The bore may be off by this: what the plan of a screw is worth.
const OFF_MM_MAX: f64 = 0.1;
const OFF_DEGREES_MAX: f64 = 0.2;

/// How a guide for drills is made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SleeveRules {
    /// Room between bone and guide.
    pub clearance_mm: f64,
    /// Thickness of the shell.
    pub thickness_mm: f64,
    /// Radius of the part of the bone that is covered about each entry.
    pub radius_mm: f64,
    /// How much wider than its drill a bore is.
    pub play_mm: f64,
    /// Thickness of the walls of sleeves.
    pub wall_mm: f64,
    /// How far a sleeve stands above its entry, unless the length of the drill says it.
    pub height_mm: f64,
    /// Length of the drill from its stop to its tip: with it on the sleeve the tip is where it is planned.
    pub drill_length_mm: Option<f64>,
    /// Width of the bridge from each sleeve to the next; 0 for none.
    pub bridge_mm: f64,
    /// Edge of the cubes it is resolved in.
    pub voxel_mm: f64,
}

/// Clearance and shell as of saw guides (conventions 7.8, Bone planner); play, wall, height and bridge are this program's
/// choice.
impl Default for SleeveRules {
    fn default() -> Self {
        Self {
            clearance_mm: 0.4,
            thickness_mm: 4.0,
            radius_mm: 12.0,
            play_mm: 0.2,
            wall_mm: 2.5,
            height_mm: 15.0,
            drill_length_mm: None,
            bridge_mm: 8.0,
            voxel_mm: 0.4,
        }
    }
}

/// A path that is drilled.
#[derive(Debug, Clone, PartialEq)]
pub struct Drilled {
    /// What people call it.
    pub name: String,
    /// From its entry to where the tip of the drill ends.
    pub path: Path,
    /// Diameter of the drill.
    pub drill_mm: f64,
}

/// A sleeve.
#[derive(Debug, Clone, PartialEq)]
pub struct Sleeve {
    /// What the path is called.
    pub name: String,
    /// Where the path enters the bone.
    pub foot: Point,
    /// Along the path, away from the bone.
    pub out: Vector,
    /// Diameter of the drill and of the bore.
    pub drill_mm: f64,
    /// Diameter of the bore.
    pub bore_mm: f64,
    /// Outer diameter.
    pub outer_mm: f64,
    /// From the foot to the face the drill's stop comes to lie on.
    pub height_mm: f64,
    /// From the foot to where the tip ends.
    pub depth_mm: f64,
    /// Height above the foot up to which bone stands within the sleeve.
    pub buried_mm: f64,
    /// Between the path and the normal of the bone.
    pub slant_degrees: f64,
    /// Axis and width of the bore as the finished surface has them.
    pub made: Bore,
}

/// A guide for drills.
#[derive(Debug, Clone, PartialEq)]
pub struct DrillGuide {
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
    /// One for each path.
    pub sleeves: Vec<Sleeve>,
    /// Why it should not be used, if there is a reason.
    pub not_valid: Option<String>,
}

/// A guide on `bone` with a sleeve along each of `paths`.
///
/// Each sleeve stands on the bone where its path enters, with a bore that is wider than the drill by the play, and a flat face at
/// a right angle to it on top for the drill's stop. The guide is taken off along `off`, the mean way out of the bone if none is
/// given; what the bone would hold back is left out. `slice_mm` is the slice thickness of the scan that the bone comes from, if
/// it is known.
///
/// # Errors
/// [`SleeveError`] with what is in the way and what to do.
pub fn drill_guide(
    bone: &Surface,
    paths: &[Drilled],
    off: Option<Vector>,
    rules: &SleeveRules,
    slice_mm: Option<f64>,
    progress: &Progress,
) -> Result<DrillGuide, SleeveError> {
    check(rules)?;
    if paths.is_empty() {
        return Err(SleeveError::NoPath);
    }
    let solid = Obstacle::of_surface(bone, 0.0).map_err(|_| BoneError::NoBone)?;
    let mut stands = Vec::with_capacity(paths.len());
    for own in paths {
        progress.check()?;
        stands.push(Stand::of(own, &solid, rules)?);
    }
    apart(&stands, rules)?;
    let off = way_off(&stands, off)?;
    let frame = Frame::of(&stands, off, rules);
    let top_mm = rules.clearance_mm + rules.thickness_mm;
    let cast = Cast::of(bone, &frame.mould(), rules.clearance_mm, top_mm + 2.0 * rules.voxel_mm, progress)?;
    // Which sleeve is at fault is told beside the kernel's own errors.
    let mut fault = None;
    let body = cast.body(
        &Bvh::new(bone),
        |place, mm, way_mm| frame.outside(place, mm, way_mm),
        |pieces, grid| {
            whole(&stands, pieces, grid).map_err(|error| {
                fault = Some(error);
                BoneError::NoBone
            })
        },
        progress,
    );
    let Body { surface, clearance_mm, loose_pieces } = match (body, fault) {
        (Err(_), Some(fault)) => return Err(fault),
        (body, _) => body?,
    };
    let measured = stands.into_iter().map(|stand| stand.measured(&surface, rules.voxel_mm));
    let sleeves: Vec<Sleeve> = measured.collect();
    let is_off = |sleeve: &&Sleeve| OFF_MM_MAX < sleeve.made.off_mm || OFF_DEGREES_MAX < sleeve.made.off_degrees;
    let off_axis = sleeves.iter().find(is_off).map(|Sleeve { name, made, .. }| {
        format!("the bore of {name} is {:.2} mm and {:.2}° off its path", made.off_mm, made.off_degrees)
    });
    let not_valid = too_coarse(slice_mm).or(off_axis);
    let volume_ml = surface.volume_ml();
    Ok(DrillGuide { surface, volume_ml, clearance_mm, loose_pieces, off, sleeves, not_valid })
}

fn check(rules: &SleeveRules) -> Result<(), BoneError> {
    let ranges = [
        ("the clearance in mm", rules.clearance_mm, 0.0, 2.0, "from 0 to 2"),
        ("the thickness of the guide in mm", rules.thickness_mm, 1.0, 15.0, "from 1 to 15"),
        ("the radius of the guide in mm", rules.radius_mm, 5.0, 60.0, "from 5 to 60"),
        ("the play of the drill in mm", rules.play_mm, 0.0, 1.0, "from 0 to 1"),
        ("the wall of the sleeve in mm", rules.wall_mm, 1.0, 10.0, "from 1, or it breaks, to 10"),
        ("the height of the sleeve in mm", rules.height_mm, LEADING_MM, 60.0, "from 5 to 60"),
        ("the width of the bridge in mm", rules.bridge_mm, 0.0, 30.0, "from 0 to 30"),
        // Two cubes across a wall, or it has holes.
        ("the voxels of the guide in mm", rules.voxel_mm, 0.05, 0.5 * rules.wall_mm, "at most half the wall"),
    ];
    let bad = ranges.into_iter().find(|(_, value, low, high, _)| !(*low..=*high).contains(value));
    bad.map_or(Ok(()), |(what, value, _, _, limit)| Err(BoneError::BadNumber { what, value, limit }))
}

fn way_off(stands: &[Stand<'_>], off: Option<Vector>) -> Result<Vector, BoneError> {
    let mean: Vector = stands.iter().map(|stand| stand.out).sum();
    let (what, limit) = ("the angle of a sleeve to the way the guide comes off, in degrees", "less than 60");
    let bad = |value: f64| BoneError::BadNumber { what, value, limit };
    let off = off.unwrap_or(mean).try_normalize(1e-6).ok_or(bad(90.0))?;
    let steepest = stands.iter().map(|stand| stand.out.dot(&off)).fold(1.0, f64::min);
    let degrees = steepest.clamp(-1.0, 1.0).acos().to_degrees();
    if degrees < 60.0 { Ok(off) } else { Err(bad(degrees)) }
}

#[cfg(test)]
mod tests;
