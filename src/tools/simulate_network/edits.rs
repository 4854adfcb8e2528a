//! What is done to the vessels, in places of the patient, and what that is along centre lines.

use crate::flow::network::{TreePlace, VesselEdit, VesselTree};
use crate::geom::Point;
use crate::mesh::CentreLines;
use crate::mesh::centre_lines::LinePlace;
use crate::session::CommandError;
use serde::{Deserialize, Serialize};

/// Farther from every centre line than this many radii, a place is not on a vessel.
const BESIDE_RADII: f64 = 3.0;

/// One change of the vessels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "snake_case", deny_unknown_fields)]
pub enum Edit {
    /// Narrow a stretch by a part of its diameter; below 0 it widens.
    Narrow {
        /// The middle of the stretch, LPS mm.
        at: [f64; 3],
        /// Its length.
        length_mm: f64,
        /// How much of the diameter goes.
        percent: f64,
    },
    /// Open a stretch to a diameter; its wall no longer gives way.
    Stent {
        /// The middle of the stretch, LPS mm.
        at: [f64; 3],
        /// Its length.
        length_mm: f64,
        /// Its diameter; that of the vessel around it if not given.
        diameter_mm: Option<f64>,
    },
    /// Close a vessel: clip, ligature, embolus.
    Close {
        /// Where, LPS mm.
        at: [f64; 3],
    },
    /// Add a vessel: bypass, shunt, graft.
    Connect {
        /// Where it starts, LPS mm.
        from: [f64; 3],
        /// Where it leads to, LPS mm.
        to: [f64; 3],
        /// Its diameter.
        diameter_mm: f64,
        /// Its length; the straight way and a fifth if not given.
        length_mm: Option<f64>,
    },
    /// Open the wall: a wound that bleeds.
    Open {
        /// Where, LPS mm.
        at: [f64; 3],
        /// Diameter of the hole.
        diameter_mm: f64,
    },
}

/// Longer than the straight way: a vessel that is sewn in bends.
const SLACK: f64 = 1.2;

impl Edit {
    /// The same along the centre lines of `tree`.
    ///
    /// # Errors
    /// [`CommandError::BadParams`] for a place that is on no vessel, or a number out of its range.
    pub(in crate::tools) fn along(&self, lines: &CentreLines, tree: &VesselTree) -> Result<VesselEdit, CommandError> {
        match *self {
            Self::Narrow { at, length_mm, percent } => {
                if !(-300.0..=99.0).contains(&percent) {
                    let text =
                        format!("narrowing by {percent} % is not possible; give -300 to 99, or close the vessel");
                    return Err(CommandError::BadParams(text));
                }
                let (place, [from_mm, to_mm]) = stretch(lines, tree, at, length_mm)?;
                let diameter_mm = tree.diameter_mm(place) * (1.0 - percent / 100.0);
                Ok(VesselEdit::Reshape { branch: place.branch, from_mm, to_mm, diameter_mm })
            }
            Self::Stent { at, length_mm, diameter_mm } => {
                let (place, [from_mm, to_mm]) = stretch(lines, tree, at, length_mm)?;
                // Beyond the ends of the stent the vessel is as wide as it should be.
                let (half, whole) = (0.5 * length_mm, tree.length_mm(place.branch));
                let before = (0.0 < from_mm).then(|| (from_mm - half).max(0.0));
                let behind = (to_mm < whole).then(|| (to_mm + half).min(whole));
                let beside = [before, behind].into_iter().flatten();
                let beside: Vec<f64> = beside.map(|at_mm| tree.diameter_mm(TreePlace { at_mm, ..place })).collect();
                let usual = beside.iter().sum::<f64>() / beside.len().max(1) as f64;
                let usual = if beside.is_empty() { tree.diameter_mm(place) } else { usual };
                let diameter_mm = diameter_mm.unwrap_or(usual);
                Ok(VesselEdit::Stent { branch: place.branch, from_mm, to_mm, diameter_mm })
            }
            Self::Close { at } => {
                let TreePlace { branch, at_mm } = place(lines, tree, at)?;
                Ok(VesselEdit::Close { branch, at_mm })
            }
            Self::Open { at, diameter_mm } => {
                let TreePlace { branch, at_mm } = place(lines, tree, at)?;
                Ok(VesselEdit::Open { branch, at_mm, diameter_mm })
            }
            Self::Connect { from, to, diameter_mm, length_mm } => {
                let straight_mm = (Point::from(to) - Point::from(from)).norm();
                let (from, to) = (place(lines, tree, from)?, place(lines, tree, to)?);
                Ok(VesselEdit::Connect {
                    from_branch: from.branch,
                    from_mm: from.at_mm,
                    to_branch: to.branch,
                    to_mm: to.at_mm,
                    diameter_mm,
                    length_mm: length_mm.unwrap_or(SLACK * straight_mm),
                })
            }
        }
    }
}

/// The place on a vessel nearest to a point.
fn place(lines: &CentreLines, tree: &VesselTree, at: [f64; 3]) -> Result<TreePlace, CommandError> {
    let nearest = lines.nearest(&Point::from(at));
    let nearest = nearest.ok_or_else(|| CommandError::BadParams("there is no centre line".into()))?;
    let LinePlace { branch, point, part, distance_mm } = nearest;
    let own = &lines.branches()[branch];
    if BESIDE_RADII * own.radii_mm[point] < distance_mm {
        let [x, y, z] = at;
        let text = format!(
            "{x:.0} {y:.0} {z:.0} mm is {distance_mm:.0} mm from the nearest vessel, which is {:.1} mm wide; choose a place on it",
            2.0 * own.radii_mm[point]
        );
        return Err(CommandError::BadParams(text));
    }
    let along_mm = own.arc_lengths_mm();
    let at_mm = along_mm[point] + part * (along_mm[point + 1] - along_mm[point]);
    // Rounding must not lead beyond the end.
    Ok(TreePlace { branch, at_mm: at_mm.min(tree.length_mm(branch)) })
}

/// The place and the ends of a stretch of `length_mm` around it, which stays on its branch.
fn stretch(
    lines: &CentreLines,
    tree: &VesselTree,
    at: [f64; 3],
    length_mm: f64,
) -> Result<(TreePlace, [f64; 2]), CommandError> {
    if !(0.1..=1000.0).contains(&length_mm) {
        let text = format!("a stretch of {length_mm} mm is not possible; give 0.1 to 1000 mm");
        return Err(CommandError::BadParams(text));
    }
    let place = place(lines, tree, at)?;
    let whole = tree.length_mm(place.branch);
    let half = 0.5 * length_mm;
    Ok((place, [(place.at_mm - half).max(0.0), (place.at_mm + half).min(whole)]))
}
