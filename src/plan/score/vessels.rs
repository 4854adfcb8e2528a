//! Terms of the vessels that the cuts of a plan take, one tree after another: how many branches, and the largest.

use super::Term;
use super::cut::{key, place};
use super::scene::Scene;
use super::solid::Solid;
use crate::base::{Cancelled, Progress};
use crate::mesh::CentreLines;
use crate::plan::resection::{Blade, Crossing, crossings_near};
use crate::plan::tree::Role;
use crate::plan::{Bounded, Plan};
use std::collections::BTreeSet;

const COUNT: &str = "Branches that any cut of the plan parts or opens within the organ, each counted once; bounds leave out those whose \
     wall is opened by less than half a voxel, and count those whose wall is that near to a cut.";
const LARGEST: &str = "The largest diameter of those branches where they are cut; bounds are half a voxel.";

/// Half a voxel of the organ that vessels lie in: what their diameters are known within.
pub(super) fn half_voxel_mm(within: &Solid) -> f64 {
    0.5 * within.grid().spacing_mm().into_iter().fold(0.0, f64::max)
}

/// The terms of every tree of `plan` that all `cuts` together are among.
pub(super) fn terms(plan: &Plan, scene: &Scene, cuts: &[Blade], progress: &Progress) -> Result<Vec<Term>, Cancelled> {
    let Some(within) = plan.organ.and_then(|organ| scene.body(organ)).and_then(|organ| organ.solid.as_ref()) else {
        return Ok(Vec::new());
    };
    let half_mm = half_voxel_mm(within);
    let mut terms = Vec::new();
    for structure in &plan.vessels {
        progress.check()?;
        let Some(vessels) = scene.body(*structure) else { continue };
        let Some(lines) = &vessels.lines else { continue };
        let found = Cut::of(lines, cuts, within, half_mm);
        let (key, [count, largest]) = (key(structure), titles(Role::of(&vessels.name), &vessels.name));
        terms.push(Term::value(&format!("vessels/{key}/count"), count, found.count, "1", COUNT));
        terms.extend(found.largest.map(|one| {
            let mm = Bounded::within(one.diameter_mm(), half_mm).at_least(0.0);
            let why = format!("branch {} at {}", one.place.branch + 1, place(&one.at));
            Term::value(&format!("vessels/{key}/largest"), largest, mm, "mm", LARGEST).because(why)
        }));
    }
    Ok(terms)
}

/// How many vessels are cut and the largest of them. Whole phrases, for each has its own translation.
fn titles(role: Role, tree: &str) -> [String; 2] {
    match role {
        Role::Supplies => [format!("inflow vessels cut, {tree}"), format!("largest inflow vessel cut, {tree}")],
        Role::Drains => [format!("outflow vessels cut, {tree}"), format!("largest outflow vessel cut, {tree}")],
        Role::Unknown => [format!("vessels cut, {tree}"), format!("largest vessel cut, {tree}")],
    }
}

/// What of a tree is cut.
struct Cut {
    count: Bounded,
    /// The first of the thickest.
    largest: Option<Crossing>,
}

impl Cut {
    fn of(lines: &CentreLines, cuts: &[Blade], within: &Solid, half_mm: f64) -> Self {
        let (mut all, mut sure, mut near) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut largest: Option<Crossing> = None;
        for blade in cuts {
            for one in crossings_near(blade, lines, half_mm, |one| within.surrounds(&one.at)) {
                let branch = one.place.branch;
                near.insert(branch);
                // How far its wall reaches over the cut; a line that goes through does so whatever its wall.
                let over_mm = if one.is_through { f64::INFINITY } else { one.radius_mm - blade.side_mm(&one.at).abs() };
                if over_mm <= 0.0 {
                    continue;
                }
                all.insert(branch);
                if half_mm <= over_mm {
                    sure.insert(branch);
                }
                if largest.is_none_or(|most| most.radius_mm < one.radius_mm) {
                    largest = Some(one);
                }
            }
        }
        let [value, low, high] = [all, sure, near].map(|branches| branches.len() as f64);
        Self { count: Bounded { value, low, high }, largest }
    }
}
