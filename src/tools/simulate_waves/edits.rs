//! The vessels after edits, with places so that waves can be computed there.

use crate::flow::network::{NetworkError, VesselEdit, VesselTree};
use crate::geom::Point;
use crate::mesh::CentreLines;
use crate::session::CommandError;
use crate::tools::simulate_network::VesselChange;
use crate::tools::simulate_network::picture::Added;

/// No clip and no added vessel leaves a shorter stump, mm: it would set the time step of the whole tree.
const STUMP_MM: f64 = 2.0;

/// The vessels of `whole` after edits, and what was added to them.
///
/// # Errors
/// [`CommandError::BadParams`] for a place on no vessel, a number out of its range, or a wound;
/// [`CommandError::Failed`] for an edit that cannot be made.
pub(super) fn edited(
    edits: &[VesselChange],
    lines: &CentreLines,
    whole: &VesselTree,
) -> Result<(VesselTree, Vec<Added>), CommandError> {
    let (mut tree, mut added) = (whole.clone(), Vec::new());
    for edit in edits {
        match edit {
            VesselChange::Open { .. } => {
                let text = "a wound cannot be followed by pulse waves; leave out edits \"open\" here, simulate.network tells what they lose";
                return Err(CommandError::BadParams(text.into()));
            }
            VesselChange::Connect { from, to, diameter_mm, .. } => {
                added.push(([Point::from(*from), Point::from(*to)], 0.5 * diameter_mm));
            }
            _ => {}
        }
        let along = without_stumps(edit.along(lines, &tree)?, lines, &tree);
        tree = tree.edited(&along).map_err(|error: NetworkError| CommandError::failed(&error))?;
    }
    Ok((tree, added))
}

/// The same edit with its place moved to the begin or end of a branch that it is next to, or away from there if the tree
/// begins or ends at it: what feeds the tree and the beds need a vessel each.
fn without_stumps(edit: VesselEdit, lines: &CentreLines, tree: &VesselTree) -> VesselEdit {
    let moved = |branch: usize, at_mm: f64| {
        let length_mm = tree.length_mm(branch);
        let stump_mm = STUMP_MM.min(0.5 * length_mm);
        let is_root = lines.branches()[branch].parent.is_none();
        let is_leaf = lines.children(branch).next().is_none();
        if at_mm < stump_mm {
            if is_root { stump_mm } else { 0.0 }
        } else if length_mm - stump_mm < at_mm {
            if is_leaf { length_mm - stump_mm } else { length_mm }
        } else {
            at_mm
        }
    };
    match edit {
        VesselEdit::Close { branch, at_mm } => VesselEdit::Close { branch, at_mm: moved(branch, at_mm) },
        VesselEdit::Connect { from_branch, from_mm, to_branch, to_mm, diameter_mm, length_mm } => {
            let (from_mm, to_mm) = (moved(from_branch, from_mm), moved(to_branch, to_mm));
            VesselEdit::Connect { from_branch, from_mm, to_branch, to_mm, diameter_mm, length_mm }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::CentreBranch;

    #[test]
    fn clips_next_to_the_ends_of_vessels_leave_no_stumps() {
        let line = |from: f64, to: f64, parent| {
            let points: Vec<Point> =
                (0..=10).map(|n| Point::new(0.0, 0.0, from + (to - from) * f64::from(n) / 10.0)).collect();
            CentreBranch { parent, radii_mm: vec![3.0; 11], points }
        };
        let lines = CentreLines::new(vec![line(0.0, 40.0, None), line(40.0, 70.0, Some(0)), line(40.0, 43.0, Some(0))])
            .unwrap();
        let tree = VesselTree::from_centre_lines(&lines).unwrap();
        for (branch, at_mm, expected_mm) in [
            (0, 0.5, 2.0),
            (0, 20.0, 20.0),
            (0, 39.5, 40.0),
            (1, 0.5, 0.0),
            (1, 30.0, 28.0),
            (2, 1.4, 0.0),
            (2, 2.9, 1.5),
        ] {
            let moved = without_stumps(VesselEdit::Close { branch, at_mm }, &lines, &tree);
            let VesselEdit::Close { at_mm: moved_mm, .. } = moved else { panic!("{moved:?}") };
            assert!((moved_mm - expected_mm).abs() < 1e-9, "{branch}: {at_mm} to {moved_mm}, expected {expected_mm}");
        }
    }
}
