//! What of a score is known first: volumes and margins, while a hand still moves a cut.

use super::{Scene, Term, cut, knives};
use crate::base::{Cancelled, Progress};
use crate::plan::Plan;

/// The terms of all cuts of `plan` together, as [`super::score`] has them: volumes, remnant, margins of targets. Empty without
/// a cut.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn first(plan: &Plan, scene: &Scene, progress: &Progress) -> Result<Vec<Term>, Cancelled> {
    let scene = &scene.clone().known_within(plan.limits.edge_mm());
    if !scene.at_rest().is_empty() {
        // The score says why there is none.
        return Ok(Vec::new());
    }
    let knives = knives::of_plan(plan, scene, progress)?;
    Ok(cut::plan_terms(plan, scene, &knives, progress)?.0)
}
