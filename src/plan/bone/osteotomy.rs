//! Bone parted along planes and a fragment moved: surfaces, voxels, and the numbers of the correction.

use super::{BoneError, clipped};
use crate::base::{Cancelled, Progress};
use crate::geom::{Plane, Point, Vector};
use crate::image::Volume;
use crate::mesh::Surface;
use crate::mesh::clip::clip;
use crate::plan::Osteotomy;
use nalgebra::{Rotation3, UnitQuaternion};
use rayon::prelude::*;
use std::sync::Arc;

/// A rigid motion: a turn about a point, then a shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    rotation: Rotation3<f64>,
    about: Point,
    shift: Vector,
}

impl Turn {
    /// The motion of a fragment.
    pub fn of(osteotomy: &Osteotomy) -> Self {
        Self::by(osteotomy.turn_degrees, osteotomy.about, osteotomy.shift_mm)
    }

    /// A turn in degrees about a place, then a shift.
    pub fn by(turn_degrees: [f64; 3], about: [f64; 3], shift_mm: [f64; 3]) -> Self {
        let radians = Vector::from(turn_degrees.map(f64::to_radians));
        Self { rotation: Rotation3::new(radians), about: Point::from(about), shift: Vector::from(shift_mm) }
    }

    /// Its turn alone.
    pub fn rotation(&self) -> Rotation3<f64> {
        self.rotation
    }

    /// Where a place goes.
    #[inline]
    pub fn apply(&self, point: &Point) -> Point {
        self.about + self.rotation * (point - self.about) + self.shift
    }

    /// Where a place came from.
    #[inline]
    pub fn back(&self, point: &Point) -> Point {
        self.about + self.rotation.inverse() * (point - self.shift - self.about)
    }

    /// The angle of the correction in degrees, the shortest way round.
    pub fn degrees(&self) -> f64 {
        UnitQuaternion::from_rotation_matrix(&self.rotation).angle().to_degrees()
    }
}

/// A bone with its fragment moved. Volumes are by the divergence theorem and mean something if the bone was closed.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The fragment where it is moved to, closed.
    pub fragment: Surface,
    /// What stays. With several planes it may be in several closed pieces that touch.
    pub rest: Surface,
    /// The fragment's volume.
    pub fragment_ml: f64,
    /// The volume that stays.
    pub rest_ml: f64,
    /// What the saw takes.
    pub kerf_ml: f64,
    /// The angle of the correction.
    pub degrees: f64,
    /// For each plane the volume between the face of the rest and the moved face of the fragment, the kerf with it.
    pub gaps_ml: Vec<f64>,
    /// For each plane the volume of the fragment that its moved face has beyond that of the rest.
    pub overlaps_ml: Vec<f64>,
    /// Whether the bone was closed.
    pub is_closed: bool,
}

/// Part `bone` along the planes of `osteotomy` and move the fragment, which lies on the side of all normals.
///
/// The saw takes half of its width on either side of each plane. Faces are flat lids; gap and overlap are measured at a right
/// angle to the plane over the moved face, exactly.
///
/// # Errors
/// [`BoneError`] without bone or plane, if a side is empty, or if `progress` was cancelled.
pub fn move_fragment(bone: &Surface, osteotomy: &Osteotomy, progress: &Progress) -> Result<Moved, BoneError> {
    let planes = planes(osteotomy)?;
    if bone.triangles().is_empty() {
        return Err(BoneError::NoBone);
    }
    let half_mm = 0.5 * osteotomy.kerf_mm;
    let mut fragment = bone.clone();
    for plane in &planes {
        fragment =
            clip(&fragment, &shifted(plane, half_mm), true, progress).map_err(|e| clipped(e, "fragment's side"))?;
    }
    // What stays: beyond the first plane, then of what is left beyond the second, and so on.
    let (mut positions, mut triangles) = (Vec::new(), Vec::new());
    let mut left = Some(bone.clone());
    for plane in &planes {
        let Some(whole) = left.take() else { break };
        let face = shifted(plane, -half_mm);
        let beyond = turned(&face);
        match clip(&whole, &beyond, true, progress) {
            Ok(piece) => {
                let first = positions.len() as u32;
                positions.extend_from_slice(piece.positions());
                triangles.extend(piece.triangles().iter().map(|corners| corners.map(|v| v + first)));
            }
            Err(crate::mesh::clip::ClipError::Nothing) => {}
            Err(stop) => return Err(clipped(stop, "other side")),
        }
        left = clip(&whole, &face, true, progress).ok();
    }
    if triangles.is_empty() {
        return Err(BoneError::OneSided("other side"));
    }
    let rest = Surface::new(positions, triangles).expect("points of surfaces are finite");
    let turn = Turn::of(osteotomy);
    let (gaps_ml, overlaps_ml) =
        planes.iter().map(|plane| between_faces(&fragment, &shifted(plane, half_mm), 2.0 * half_mm, &turn)).unzip();
    let (fragment_ml, rest_ml) = (fragment.volume_ml(), rest.volume_ml());
    let moved: Vec<Point> = fragment.positions().iter().map(|p| turn.apply(p)).collect();
    Ok(Moved {
        fragment: fragment.with_positions(moved).expect("finite numbers stay finite"),
        rest,
        fragment_ml,
        rest_ml,
        kerf_ml: bone.volume_ml() - fragment_ml - rest_ml,
        degrees: turn.degrees(),
        gaps_ml,
        overlaps_ml,
        is_closed: bone.open_edges() == 0,
    })
}

/// The planes, if they are usable.
pub(super) fn planes(osteotomy: &Osteotomy) -> Result<Vec<Plane>, BoneError> {
    if !(0.0..=20.0).contains(&osteotomy.kerf_mm) {
        let (what, limit) = ("the width of the saw in mm", "from 0 to 20");
        return Err(BoneError::BadNumber { what, value: osteotomy.kerf_mm, limit });
    }
    let numbers = [osteotomy.turn_degrees, osteotomy.about, osteotomy.shift_mm];
    if let Some(value) = numbers.iter().flatten().find(|x| !x.is_finite()) {
        return Err(BoneError::BadNumber { what: "a number of the motion", value: *value, limit: "finite" });
    }
    let plane = |[point, normal]: &[[f64; 3]; 2]| Plane::new(Point::from(*point), Vector::from(*normal));
    let planes: Option<Vec<Plane>> = osteotomy.planes.iter().map(plane).collect();
    planes.filter(|planes| !planes.is_empty()).ok_or(BoneError::NoPlane)
}

pub(super) fn shifted(plane: &Plane, mm: f64) -> Plane {
    let mut plane = *plane;
    plane.point += plane.normal() * mm;
    plane
}

pub(super) fn turned(plane: &Plane) -> Plane {
    Plane::new(plane.point, -plane.normal()).expect("a unit normal has a direction")
}

/// Volumes in ml between the fragment's face on `face`, moved, and the parallel face of the rest `kerf_mm` behind it: before it,
/// and beyond it.
fn between_faces(fragment: &Surface, face: &Plane, kerf_mm: f64, turn: &Turn) -> (f64, f64) {
    let (mut gap, mut overlap) = (0.0, 0.0);
    for triangle in fragment.triangles() {
        let corners = fragment.corners(*triangle);
        if corners.iter().any(|corner| 1e-6 < face.distance_mm(corner).abs()) {
            continue;
        }
        let [a, b, c] = corners.map(|corner| turn.apply(corner));
        let heights = [a, b, c].map(|corner| face.distance_mm(&corner) + kerf_mm);
        let area = 0.5 * (b - a).cross(&(c - a)).dot(&face.normal()).abs();
        let mean = heights.iter().sum::<f64>() / 3.0;
        let above = positive_part(heights);
        gap += area * above;
        overlap += area * (above - mean);
    }
    (gap / 1000.0, overlap / 1000.0)
}

/// The mean over a triangle of what is positive of a number that is linear on it.
fn positive_part(heights: [f64; 3]) -> f64 {
    let mut h = heights;
    h.sort_by(f64::total_cmp);
    let [low, middle, high] = h;
    if 0.0 <= low {
        return (low + middle + high) / 3.0;
    }
    if high <= 0.0 {
        return 0.0;
    }
    // The part cut off at one corner is similar to a triangle: its share of the area times a third of its height.
    if middle <= 0.0 {
        let share = high * high / ((high - low) * (high - middle));
        share * high / 3.0
    } else {
        let share = low * low / ((middle - low) * (high - low));
        (low + middle + high) / 3.0 - share * low / 3.0
    }
}

/// A bone of voxels with its fragment moved.
#[derive(Debug, Clone, PartialEq)]
pub struct MovedVoxels {
    /// 1 where the rest is, 2 where the fragment is now, 3 where both would be.
    pub labels: Volume<u8>,
    /// Voxels of the bone before: that stay, that the saw takes, of the fragment. Together all of them.
    pub before: [usize; 3],
    /// Voxels that rest and moved fragment share.
    pub shared: usize,
    /// Voxels of the fragment whose middle has left the grid.
    pub lost: usize,
}

/// As [`move_fragment`] for voxels: a voxel is where its middle is; the moved fragment is asked for at every voxel's middle.
///
/// # Errors
/// As [`move_fragment`].
pub fn move_voxels(bone: &Volume<u8>, osteotomy: &Osteotomy, progress: &Progress) -> Result<MovedVoxels, BoneError> {
    let planes = planes(osteotomy)?;
    let (half_mm, turn, grid) = (0.5 * osteotomy.kerf_mm, Turn::of(osteotomy), bone.grid());
    // 0 stays, 1 kerf, 2 fragment.
    let part = |p: &Point| {
        let lowest = planes.iter().map(|plane| plane.distance_mm(p)).fold(f64::INFINITY, f64::min);
        if lowest < -half_mm { 0 } else { 1 + usize::from(half_mm <= lowest) }
    };
    let [ni, nj, _] = grid.dims();
    let mut labels = vec![0_u8; grid.len()];
    let slices = labels.par_chunks_mut(ni * nj).enumerate().map(|(k, out)| {
        progress.check()?;
        let (mut before, mut shared, mut lost) = ([0_usize; 3], 0, 0);
        for (n, out) in out.iter_mut().enumerate() {
            let here = grid.centre(grid.voxel(k * ni * nj + n));
            if bone.voxels()[k * ni * nj + n] != 0 {
                let part = part(&here);
                before[part] += 1;
                *out |= u8::from(part == 0);
                lost += usize::from(part == 2 && grid.voxel_at(turn.apply(&here)).is_none());
            }
            let from = turn.back(&here);
            if part(&from) == 2 && grid.voxel_at(from).is_some_and(|voxel| bone.at(voxel) != 0) {
                *out |= 2;
            }
            shared += usize::from(*out == 3);
        }
        Ok((before, shared, lost))
    });
    let counts: Vec<([usize; 3], usize, usize)> = slices.collect::<Result<_, Cancelled>>()?;
    let mut before = [0; 3];
    let (mut shared, mut lost) = (0, 0);
    for (parts, both, gone) in counts {
        (0..3).for_each(|n| before[n] += parts[n]);
        shared += both;
        lost += gone;
    }
    match before {
        [0, 0, 0] => Err(BoneError::NoBone),
        [_, _, 0] => Err(BoneError::OneSided("fragment's side")),
        [0, _, _] => Err(BoneError::OneSided("other side")),
        _ => {
            let labels = Volume::new(Arc::clone(grid), labels).expect("one label per voxel");
            Ok(MovedVoxels { labels, before, shared, lost })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::parallel::with_threads;
    use crate::geom::Grid;
    use crate::mesh::shapes::{ball, cuboid};

    fn osteotomy(planes: Vec<[[f64; 3]; 2]>, kerf_mm: f64, turn_degrees: [f64; 3]) -> Osteotomy {
        Osteotomy { planes, kerf_mm, turn_degrees, about: [0.0, 0.0, 20.0], shift_mm: [0.0; 3] }
    }

    #[test]
    fn an_opening_wedge_has_the_gap_of_its_wedge() {
        let bone = cuboid([20.0, 20.0, 40.0]);
        // About the edge along y at x = 0, z = 20: turning z towards −x opens the other side.
        let open = osteotomy(vec![[[0.0, 0.0, 20.0], [0.0, 0.0, 1.0]]], 0.0, [0.0, -10.0, 0.0]);
        let found = move_fragment(&bone, &open, &Progress::default()).unwrap();
        let (sin, cos) = 10.0_f64.to_radians().sin_cos();
        assert!((found.gaps_ml[0] - 0.5 * 20.0 * cos * 20.0 * sin * 20.0 / 1000.0).abs() < 1e-9, "{:?}", found.gaps_ml);
        assert!(found.overlaps_ml[0].abs() < 1e-12 && (found.degrees - 10.0).abs() < 1e-9);
        assert!((found.fragment_ml - 8.0).abs() < 1e-9 && (found.rest_ml - 8.0).abs() < 1e-9 && found.is_closed);
        assert_eq!((found.fragment.open_edges(), found.rest.open_edges()), (0, 0));
        let close = Osteotomy { turn_degrees: [0.0, 10.0, 0.0], ..open };
        let closed = move_fragment(&bone, &close, &Progress::default()).unwrap();
        assert!((closed.overlaps_ml[0] - found.gaps_ml[0]).abs() < 1e-9 && closed.gaps_ml[0].abs() < 1e-12);
    }

    #[test]
    fn kerf_fragment_and_rest_are_the_bone() {
        let bone = ball(15.0, 1.0);
        let planes = vec![[[1.0, 0.0, 0.0], [1.0, 0.2, 0.0]], [[0.0, 2.0, 0.0], [0.0, 1.0, 0.3]]];
        let cut = osteotomy(planes.clone(), 1.2, [0.0; 3]);
        let found = move_fragment(&bone, &cut, &Progress::default()).unwrap();
        assert!((found.fragment_ml + found.rest_ml + found.kerf_ml - bone.volume_ml()).abs() < 1e-9);
        // The kerf is about its width times the area of both faces.
        assert!((0.2..1.2).contains(&found.kerf_ml), "{}", found.kerf_ml);
        assert_eq!((found.fragment.open_edges(), found.rest.open_edges()), (0, 0));
        // Unmoved, the gap is the kerf behind the fragment's faces.
        assert!(found.gaps_ml.iter().all(|ml| 0.1 < *ml) && found.overlaps_ml.iter().all(|ml| *ml < 1e-12));
        let grid = Grid::aligned([44; 3], Point::new(-16.1, -16.1, -16.1), [0.75; 3]).unwrap();
        let voxels = (0..grid.len()).map(|o| u8::from(grid.centre(grid.voxel(o)).coords.norm() < 15.0)).collect();
        let mask = Volume::<u8>::new(grid, voxels).unwrap();
        let run = || move_voxels(&mask, &cut, &Progress::default()).unwrap();
        let counted = run();
        assert_eq!(counted, with_threads(1, run));
        assert_eq!(counted.before.iter().sum::<usize>(), mask.voxels().iter().filter(|v| **v != 0).count());
        let ml = counted.before.map(|n| n as f64 * 0.75_f64.powi(3) / 1000.0);
        for (voxels, surface) in ml.into_iter().zip([found.rest_ml, found.kerf_ml, found.fragment_ml]) {
            assert!((voxels - surface).abs() < 0.12, "{voxels} against {surface}");
        }
        // Unmoved, nothing is shared and every voxel is where it was.
        assert_eq!((counted.shared, counted.lost), (0, 0));
        assert_eq!(counted.labels.voxels().iter().filter(|v| **v == 2).count(), counted.before[2]);
        let pushed = Osteotomy { shift_mm: [-4.0, 0.0, 0.0], planes, ..cut };
        let pushed = move_voxels(&mask, &pushed, &Progress::default()).unwrap();
        assert!(0 < pushed.shared);
    }

    #[test]
    fn a_turn_goes_there_and_back() {
        let motion = Osteotomy { shift_mm: [3.0, -2.0, 1.0], ..osteotomy(Vec::new(), 0.0, [20.0, -35.0, 60.0]) };
        let turn = Turn::of(&motion);
        let p = Point::new(4.0, 5.0, -6.0);
        assert!((turn.back(&turn.apply(&p)) - p).norm() < 1e-12);
        assert!((turn.degrees() - Vector::new(20.0, -35.0, 60.0).norm()).abs() < 1e-9);
    }

    #[test]
    fn cuts_that_miss_say_which_side_is_empty() {
        let bone = cuboid([10.0; 3]);
        let said = |cut: Osteotomy| move_fragment(&bone, &cut, &Progress::default()).unwrap_err().to_string();
        let plane = |z: f64| vec![[[0.0, 0.0, z], [0.0, 0.0, 1.0]]];
        assert!(said(osteotomy(plane(30.0), 1.0, [0.0; 3])).contains("fragment's side"));
        assert!(said(osteotomy(plane(-30.0), 1.0, [0.0; 3])).contains("other side"));
        assert!(said(osteotomy(Vec::new(), 1.0, [0.0; 3])).contains("at least one plane"));
        assert!(said(osteotomy(vec![[[0.0; 3]; 2]], 1.0, [0.0; 3])).contains("at least one plane"));
        assert!(said(osteotomy(plane(5.0), -1.0, [0.0; 3])).contains("width of the saw"));
        assert!(said(osteotomy(plane(5.0), 1.0, [f64::NAN, 0.0, 0.0])).contains("finite"));
        let nothing = Surface::new(Vec::new(), Vec::new()).unwrap();
        let cut = osteotomy(plane(5.0), 1.0, [0.0; 3]);
        assert_eq!(move_fragment(&nothing, &cut, &Progress::default()), Err(BoneError::NoBone));
    }
}
