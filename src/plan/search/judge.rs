//! One path against all rules: forbidden by which, or its cost.

use super::{Cone, Rule, Rules, Search, SearchError, Term, TermOf, Verdict};
use crate::geom::{Point, Ray, Vector};
use crate::image::Volume;
use crate::mesh::Bvh;
use crate::plan::path::Matter;

/// Within so much of the entry there may still be air: a surface runs between voxels, and some distance off the skin.
const SKIN_MM: f64 = 5.0;

/// An instrument needs this much room before the entry, on the line of its path.
const OUTSIDE_MM: f64 = 100.0;
/// Nearer to the entry the surface itself may rise: it is thinned and made of voxels.
const LEAVING_MM: f64 = 1.0;
/// What is not bone within bone for so long is its marrow: more than the tables of a skull are apart, as this program's choice.
const MARROW_MM: f64 = 6.0;

/// The rules of a search, prepared.
pub(super) struct Judge<'a> {
    search: &'a Search<'a>,
    cone: Option<(Vector, f64)>,
    angle_cos_min: f64,
    /// What may cover an entry.
    cover: Bvh,
    ct: Option<std::borrow::Cow<'a, Volume<i16>>>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(search: &'a Search<'a>) -> Result<Self, SearchError> {
        let Rules { cone, angle_degrees_max, is_air_forbidden, bone_mm_max, .. } = search.rules;
        let looks = *is_air_forbidden || bone_mm_max.is_some();
        let ct = if looks { Some(search.scan.and_then(|scan| scan.ct_hu()).ok_or(SearchError::NoCt)?) } else { None };
        let outside = |target: &&Point| ct.as_ref().is_some_and(|ct| ct.grid().voxel_at(**target).is_none());
        if search.targets.iter().any(|target| outside(&target)) {
            return Err(super::PathError::OutsideScan { what: "target" }.into());
        }
        let cone = cone.as_ref().map(|Cone { axis, half_degrees }| {
            let bad = SearchError::BadNumber { what: "the axis of the cone", value: 0.0, limit: "a direction" };
            let axis = Vector::from(*axis).try_normalize(1e-9).ok_or(bad)?;
            Ok::<_, SearchError>((axis, half_degrees.to_radians().cos()))
        });
        let angle_cos_min = angle_degrees_max.min(90.0).to_radians().cos();
        Ok(Self { search, cone: cone.transpose()?, angle_cos_min, cover: Bvh::new(search.surface), ct })
    }

    /// What is to be said of the path from `entry`, where the surface has this normal, to a target.
    pub(super) fn verdict(&self, entry: &Point, normal: &Vector, target: usize) -> Verdict {
        match self.terms(entry, normal, target) {
            Err(rule) => Verdict::Forbidden(rule),
            Ok(terms) => Verdict::Possible(cost(&terms)),
        }
    }

    /// The terms of a path, or the rule that forbids it.
    pub(super) fn terms(&self, entry: &Point, normal: &Vector, target: usize) -> Result<Vec<Term>, Rule> {
        let Search { rules, guarded, targets, .. } = self.search;
        let way = targets[target] - entry;
        let length_mm = way.norm();
        if length_mm < 1.0 || rules.length_mm_max < length_mm {
            return Err(Rule::Length);
        }
        let along = way / length_mm;
        if self.cone.is_some_and(|(axis, cos)| -along.dot(&axis) < cos) {
            return Err(Rule::Cone);
        }
        let straight = -along.dot(normal);
        if straight <= 0.0 || straight < self.angle_cos_min {
            return Err(Rule::Angle);
        }
        let outwards = Ray { origin: entry - along * LEAVING_MM, direction: -along };
        if self.cover.first_hit(&outwards).is_some_and(|hit| hit.distance_mm < OUTSIDE_MM) {
            return Err(Rule::Covered);
        }
        let radius = 0.5 * rules.diameter_mm;
        let mut terms = Vec::with_capacity(guarded.len() + 2);
        for (n, guard) in guarded.iter().enumerate() {
            let required = guard.distance_mm + radius;
            let limit = if guard.weight.is_none() { required } else { f64::NEG_INFINITY };
            let least = guard.structure.least_along(entry, &along, length_mm, limit, required + rules.fades_over_mm);
            if guard.weight.is_none() && least < required {
                return Err(Rule::Distance(n));
            }
            let value = (1.0 - (least - required) / rules.fades_over_mm).max(0.0);
            terms.push(Term { of: TermOf::Distance(n), value, weight: guard.weight.unwrap_or(1.0) });
        }
        self.matter(entry, &along, length_mm)?;
        terms.push(Term { of: TermOf::Length, value: length_mm / rules.length_mm_max, weight: rules.length_weight });
        let angle = straight.min(1.0).acos().to_degrees() / rules.angle_degrees_max;
        terms.push(Term { of: TermOf::Angle, value: angle, weight: rules.angle_weight });
        Ok(terms)
    }

    /// Air and bone along the path, at half a voxel's steps.
    fn matter(&self, entry: &Point, along: &Vector, length_mm: f64) -> Result<(), Rule> {
        let Some(ct) = &self.ct else { return Ok(()) };
        let grid = ct.grid();
        let spacing = grid.spacing_mm();
        let step_mm = 0.5 * spacing.into_iter().fold(f64::INFINITY, f64::min);
        // One voxel of noise or partial volume is neither air nor bone.
        let noise_mm = spacing.into_iter().fold(0.0, f64::max);
        let steps = (length_mm / step_mm).ceil() as usize;
        let start = grid.index_from_patient(*entry);
        let per_step = (grid.index_from_patient(entry + along * length_mm) - start) / steps as f64;
        let (mut is_within, mut air_mm, mut bone_mm) = (false, 0.0, 0.0);
        // The bone of the entry goes on until there is none for longer than its marrow is thick.
        let (mut is_drilled, mut between_mm) = (self.search.rules.is_entry_drilled, 0.0);
        let dims = grid.dims();
        for n in 0..=steps {
            let index = (start + per_step * n as f64).map(f64::round);
            let on_grid = (0..3).all(|axis| 0.0 <= index[axis] && index[axis] < dims[axis] as f64);
            let of = if on_grid {
                self.search.rules.matters.of(f64::from(ct.at([index.x as usize, index.y as usize, index.z as usize])))
            } else {
                Matter::Air
            };
            is_within |= of != Matter::Air || SKIN_MM < n as f64 * step_mm;
            if of == Matter::Air && is_within && self.search.rules.is_air_forbidden {
                air_mm += step_mm;
                if noise_mm < air_mm {
                    return Err(Rule::Air);
                }
            }
            between_mm = if of == Matter::Bone { 0.0 } else { between_mm + step_mm };
            is_drilled &= between_mm <= MARROW_MM;
            if of == Matter::Bone
                && !is_drilled
                && let Some(most_mm) = self.search.rules.bone_mm_max
            {
                bone_mm += step_mm;
                if most_mm + noise_mm < bone_mm {
                    return Err(Rule::Bone);
                }
            }
        }
        Ok(())
    }
}

/// The weighted mean of the terms.
pub(super) fn cost(terms: &[Term]) -> f64 {
    let weight: f64 = terms.iter().map(|term| term.weight).sum();
    let sum: f64 = terms.iter().map(|term| term.weight * term.value).sum();
    if 0.0 < weight { sum / weight } else { 0.0 }
}
