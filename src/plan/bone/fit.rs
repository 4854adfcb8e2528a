//! How an implant lies on bone.

use super::BoneError;
use crate::base::Progress;
use crate::geom::Point;
use crate::mesh::{Bvh, Field, Surface, deviation};
use crate::plan::Bounded;

/// A triangle faces the bone if its normal is at most 60° off the way to the nearest place of the bone.
const FACING_COSINE: f64 = 0.5;

/// The fit of an implant.
#[derive(Debug, Clone, PartialEq)]
pub struct ImplantFit {
    /// From every vertex of the implant to the bone in mm, negative within it.
    pub field: Field,
    /// Part of the implant's surface within `near_mm` of the bone, outside or inside, in per cent of its area.
    pub contact_percent: f64,
    /// How deep it goes into bone at most.
    pub deepest_mm: f64,
    /// How far the part that faces the bone stands off on average: over the triangles that look at it from near enough.
    pub gap_mean_mm: Option<f64>,
}

impl ImplantFit {
    /// The part of `implant`, which it is of, within `near_mm` of the bone, in per cent of its area.
    fn contact(&self, implant: &Surface, near_mm: f64) -> f64 {
        let (mut all, mut near) = (0.0, 0.0);
        for triangle in implant.triangles() {
            let [a, b, c] = implant.corners(*triangle);
            let third = (b - a).cross(&(c - a)).norm() / 6.0;
            all += 3.0 * third;
            near += third * triangle.iter().filter(|v| self.field.values[**v as usize].abs() <= near_mm).count() as f64;
        }
        if 0.0 < all { 100.0 * near / all } else { 0.0 }
    }

    /// Part in contact, depth and mean gap where the edge of the bone is known within `known_mm`; `near_mm` is what counts as
    /// contact of `implant`, which it is of.
    pub fn known_within(&self, implant: &Surface, near_mm: f64, known_mm: f64) -> (Bounded, Bounded, Option<Bounded>) {
        let contact = Bounded {
            value: self.contact_percent,
            low: self.contact(implant, near_mm - known_mm),
            high: self.contact(implant, near_mm + known_mm),
        };
        let within = |mm: f64| Bounded::within(mm, known_mm).at_least(0.0);
        // What lies outside may lie inside by as much as it is nearer than the bone is known.
        let least_mm = self.field.values.iter().copied().fold(f64::INFINITY, f64::min);
        let deepest = Bounded { high: (known_mm - least_mm).max(0.0), ..within(self.deepest_mm) };
        (contact, deepest, self.gap_mean_mm.map(within))
    }
}

/// The fit of an implant to bone; `near_mm` is what counts as contact, and places up to `facing_mm` away face the bone.
///
/// # Errors
/// [`BoneError`] for an implant or bone without triangles, numbers that are not usable, or if `progress` was cancelled.
pub fn implant_fit(
    implant: &Surface,
    bone: &Surface,
    near_mm: f64,
    facing_mm: f64,
    progress: &Progress,
) -> Result<ImplantFit, BoneError> {
    if !(0.0 < near_mm && near_mm <= facing_mm) {
        let (what, limit) =
            ("the distance that counts as contact", "more than 0 and at most that of what faces the bone");
        return Err(BoneError::BadNumber { what, value: near_mm, limit });
    }
    if implant.triangles().is_empty() {
        return Err(BoneError::BadNumber {
            what: "the number of triangles of the implant",
            value: 0.0,
            limit: "1 or more",
        });
    }
    let field = deviation("distance to bone", implant, bone, progress)?.ok_or(BoneError::NoBone)?;
    let search = Bvh::new(bone);
    let (mut facing, mut gap) = (0.0, 0.0);
    for triangle in implant.triangles() {
        let [a, b, c] = implant.corners(*triangle);
        let normal = (b - a).cross(&(c - a));
        let third = normal.norm() / 6.0;
        let mm = triangle.map(|vertex| field.values[vertex as usize]);
        if mm.iter().any(|mm| mm.abs() <= facing_mm) {
            let middle = Point::from((a.coords + b.coords + c.coords) / 3.0);
            let nearest = search.closest(&middle).ok_or(BoneError::NoBone)?;
            let to_bone = nearest.point - middle;
            // What touches the bone or lies within it has no way to it; its field tells.
            let is_in = mm.iter().all(|mm| *mm <= near_mm);
            if is_in || FACING_COSINE * to_bone.norm() * normal.norm() <= to_bone.dot(&normal) {
                for mm in mm.into_iter().filter(|mm| mm.abs() <= facing_mm) {
                    facing += third;
                    gap += third * mm.max(0.0);
                }
            }
        }
    }
    let deepest_mm = field.values.iter().copied().fold(0.0_f64, f64::min).abs();
    let gap_mean_mm = (0.0 < facing).then(|| gap / facing);
    let fit = ImplantFit { field, contact_percent: 0.0, deepest_mm, gap_mean_mm };
    Ok(ImplantFit { contact_percent: fit.contact(implant, near_mm), ..fit })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Vector;
    use crate::mesh::shapes::{ball, cuboid};

    #[test]
    fn a_plate_half_a_mm_above_a_flat_bone_has_that_gap() {
        let bone = cuboid([60.0, 30.0, 20.0]);
        let plate = cuboid([40.0, 10.0, 2.0]);
        let at = |z: f64| {
            let up = Vector::new(10.0, 10.0, z);
            plate.with_positions(plate.positions().iter().map(|p| p + up).collect()).unwrap()
        };
        let run = |z: f64| implant_fit(&at(z), &bone, 0.6, 1.0, &Progress::default()).unwrap();
        let above = run(20.5);
        assert!((above.gap_mean_mm.unwrap() - 0.5).abs() < 1e-9 && above.deepest_mm == 0.0);
        // The lower face of 400 mm² and, by thirds at its corners, half of the sides of 200 mm², of 1 000 mm² in all.
        assert!((above.contact_percent - 50.0).abs() < 0.1, "{}", above.contact_percent);
        // A bone known to 0.2 mm: its lower corners, half a millimetre off, touch up to 0.7 mm, and surely none within 0.4 mm.
        let (contact, deepest, gap) = above.known_within(&at(20.5), 0.6, 0.2);
        assert!(contact.low == 0.0 && 49.0 < contact.high && deepest.all() == [0.0; 3], "{contact:?} {deepest:?}");
        assert_eq!(gap.map(|gap| (gap.holds(0.31), gap.holds(0.69), gap.holds(0.2))), Some((true, true, false)));
        let sunk = run(19.0);
        assert!((sunk.deepest_mm - 1.0).abs() < 1e-9);
        assert!(sunk.known_within(&at(19.0), 0.6, 0.2).1.holds(1.19));
        assert_eq!(run(40.0).gap_mean_mm, None);
        let nothing = Surface::new(Vec::new(), Vec::new()).unwrap();
        assert_eq!(implant_fit(&ball(3.0, 1.0), &nothing, 0.5, 1.0, &Progress::default()), Err(BoneError::NoBone));
        assert!(implant_fit(&nothing, &bone, 0.5, 1.0, &Progress::default()).is_err());
    }
}
