//! Terms of what a path passes: air and bone, as a CT shows them.

use super::path::ENTRY_MM;
use super::scene::Scene;
use super::{Term, Verdict};
use crate::geom::Grid;
use crate::image::{Modality, Scan};
use crate::plan::path::passes::runs_along;
use crate::plan::path::{Matter, Path};
use crate::plan::{Bounded, Plan};

/// So much beyond the scan is rounding.
const BEYOND_MM: f64 = 0.05;
const AIR: &str = "Length of the path through voxels of air (below -500 HU, or the plan's own limit), exact to their borders; the \
     air before the entry surface, up to 5 mm, does not count.";
const BONE: &str = "Length of the path through voxels of bone or what is as dense (from 226 HU), exact to their borders; bounds are half a \
     voxel.";

/// Length of air on a path, where there is a CT; the bounds of the CT cut it off.
pub(crate) fn air_mm(plan: &Plan, scene: &Scene, path: &Path) -> Option<f64> {
    let scan = scene.scan().filter(|scan| scan.modality == Modality::Ct)?;
    let (grid, matters) = (scan.grid(), plan.limits.matters());
    let runs = runs_along(path, grid, |voxel| {
        voxel.is_some_and(|voxel| matters.of(scan.value(grid.offset(voxel))) == Matter::Air)
    });
    // A handle put on the skin is a little off it.
    let is_before = |n: usize, mm: f64| n == 0 && mm <= ENTRY_MM;
    let of_air = runs.iter().enumerate().filter(|(_, run)| run.of).map(|(n, run)| (n, run.to_mm - run.from_mm));
    Some(of_air.filter(|(n, mm)| !is_before(*n, *mm)).map(|(_, mm)| mm).sum())
}

/// Length of a path beyond the scan, but for what lies before the skin; of what is there nothing is known.
fn beyond_mm(grid: &Grid, path: &Path) -> f64 {
    let runs = runs_along(path, grid, |voxel| voxel.is_none());
    let beyond = runs.iter().enumerate().filter(|(_, run)| run.of).map(|(n, run)| (n, run.to_mm - run.from_mm));
    beyond.filter(|(n, mm)| !(*n == 0 && *mm <= ENTRY_MM)).map(|(_, mm)| mm).sum()
}

/// Air and bone along a path, where there is a CT.
pub(super) fn terms(plan: &Plan, scene: &Scene, path: &Path) -> Vec<Term> {
    let (air, bone) = ("air along the path", "bone along the path");
    let most = plan.limits.bone_mm_max;
    let limited = |term: Term| match most {
        Some(most) => term.at_most(most).cited("limit of this plan"),
        None => term,
    };
    let Some(scan) = scene.scan().filter(|scan| scan.modality == Modality::Ct) else {
        let why = "the plan names no CT; choose it with plan.change";
        return most.map(|_| limited(Term::not_valid("bone", bone, "mm", why))).into_iter().collect();
    };
    let beyond_mm = beyond_mm(scan.grid(), path);
    if BEYOND_MM < beyond_mm {
        let why = format!(
            "{beyond_mm:.1} mm of the path lie outside the scan, so nothing is known of air and bone there; choose a path \
             within it"
        );
        let [air, bone] =
            [("air", air), ("bone", bone)].map(|(id, name)| Term::not_valid(id, name, "mm", why.as_str()));
        return vec![air, limited(bone)];
    }
    let half_mm = 0.5 * scan.grid().spacing_mm().into_iter().fold(0.0, f64::max);
    let bounded = |mm: f64| if mm == 0.0 { Bounded::exact(0.0) } else { Bounded::within(mm, half_mm).at_least(0.0) };
    let air_mm = air_mm(plan, scene, path).unwrap_or(0.0);
    let mut air = Term::value("air", air, bounded(air_mm), "mm", AIR);
    if half_mm < air_mm {
        air.verdict = Verdict::Warning;
        air = air.because("the path goes through air or gas");
    }
    let bone_mm = length_of(plan, scan, path, Matter::Bone);
    let mut bone = limited(Term::value("bone", bone, bounded(bone_mm), "mm", BONE));
    if most.is_none() && half_mm < bone_mm {
        bone.verdict = Verdict::Warning;
        bone = bone.because(
            "the path goes through bone, or what is as dense; if that is meant, say how much with bone_mm_max",
        );
    }
    vec![air, bone]
}

/// Length of a path through a matter, exact to the borders of voxels.
fn length_of(plan: &Plan, scan: &Scan, path: &Path, matter: Matter) -> f64 {
    let (grid, matters) = (scan.grid(), plan.limits.matters());
    let runs =
        runs_along(path, grid, |voxel| voxel.is_some_and(|voxel| matters.of(scan.value(grid.offset(voxel))) == matter));
    runs.iter().filter(|run| run.of).map(|run| run.to_mm - run.from_mm).sum()
}
