//! What a surgeon does to vessels: each edit makes a new tree.

use super::error::{NetworkError, positive};
use super::tree::{Graft, Leak, TreeBranch, TreePlace, VesselTree};
use serde::{Deserialize, Serialize};

/// A change of the vessels. Branches are numbered as in the centre lines, places along them in mm from their begin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "snake_case")]
pub enum VesselEdit {
    /// Narrow or widen a stretch to one diameter.
    Reshape {
        /// Which branch.
        branch: usize,
        /// Begin of the stretch.
        from_mm: f64,
        /// End of the stretch.
        to_mm: f64,
        /// New diameter.
        diameter_mm: f64,
    },
    /// Open a stretch to one diameter; its wall no longer gives way.
    Stent {
        /// Which branch.
        branch: usize,
        /// Begin of the stent.
        from_mm: f64,
        /// End of the stent.
        to_mm: f64,
        /// Its diameter.
        diameter_mm: f64,
    },
    /// Close a branch at a place: clip, ligature, embolus.
    Close {
        /// Which branch.
        branch: usize,
        /// Where.
        at_mm: f64,
    },
    /// Add a vessel with a rigid wall between two places: bypass, shunt or graft.
    Connect {
        /// Branch it starts from.
        from_branch: usize,
        /// Place on it.
        from_mm: f64,
        /// Branch it leads to.
        to_branch: usize,
        /// Place on it.
        to_mm: f64,
        /// Its diameter.
        diameter_mm: f64,
        /// Its length.
        length_mm: f64,
    },
    /// Open the wall to the outside: a wound that bleeds.
    Open {
        /// Which branch.
        branch: usize,
        /// Where.
        at_mm: f64,
        /// Diameter of the hole.
        diameter_mm: f64,
    },
}

impl VesselTree {
    /// The tree after an edit.
    ///
    /// # Errors
    /// [`NetworkError::Edit`] for a branch that is not there, a place outside it, a stretch without length, or a branch
    /// that would be closed twice at one place; [`NetworkError::BadNumber`] for a diameter or length not above 0.
    pub fn edited(&self, edit: &VesselEdit) -> Result<Self, NetworkError> {
        let mut tree = self.clone();
        match *edit {
            VesselEdit::Reshape { branch, from_mm, to_mm, diameter_mm } => {
                tree.reshape(branch, [from_mm, to_mm], diameter_mm)?;
            }
            VesselEdit::Stent { branch, from_mm, to_mm, diameter_mm } => {
                tree.reshape(branch, [from_mm, to_mm], diameter_mm)?;
                tree.branches[branch].stiff.push([1e-3 * from_mm, 1e-3 * to_mm]);
            }
            VesselEdit::Close { branch, at_mm } => {
                self.check_place(branch, at_mm)?;
                let clips = &mut tree.branches[branch].clips;
                if clips.iter().any(|clip| (clip - 1e-3 * at_mm).abs() < PLACE_M) {
                    return Err(NetworkError::Edit(format!("branch {branch} is closed at {at_mm} mm already")));
                }
                clips.push(1e-3 * at_mm);
                clips.sort_by(f64::total_cmp);
            }
            VesselEdit::Connect { from_branch, from_mm, to_branch, to_mm, diameter_mm, length_mm } => {
                self.check_place(from_branch, from_mm)?;
                self.check_place(to_branch, to_mm)?;
                let radius = 0.5e-3 * positive("the new vessel", "the diameter in mm", diameter_mm)?;
                let length = 1e-3 * positive("the new vessel", "the length in mm", length_mm)?;
                if from_branch == to_branch && (from_mm - to_mm).abs() < 1e3 * PLACE_M {
                    return Err(NetworkError::Edit("the new vessel would lead to where it starts".into()));
                }
                let from = TreePlace { branch: from_branch, at_mm: from_mm };
                let to = TreePlace { branch: to_branch, at_mm: to_mm };
                tree.grafts.push(Graft { from, to, radius, length });
            }
            VesselEdit::Open { branch, at_mm, diameter_mm } => {
                self.check_place(branch, at_mm)?;
                let radius = 0.5e-3 * positive("the wound", "the diameter in mm", diameter_mm)?;
                tree.leaks.push(Leak { place: TreePlace { branch, at_mm }, radius });
            }
        }
        Ok(tree)
    }

    fn reshape(&mut self, branch: usize, [from_mm, to_mm]: [f64; 2], diameter_mm: f64) -> Result<(), NetworkError> {
        self.check_place(branch, from_mm)?;
        self.check_place(branch, to_mm)?;
        positive("the stretch", "the diameter in mm", diameter_mm)?;
        if !(1e3 * PLACE_M <= to_mm - from_mm) {
            return Err(NetworkError::Edit(format!("the stretch from {from_mm} to {to_mm} mm has no length")));
        }
        let TreeBranch { profile, reshaped, .. } = &mut self.branches[branch];
        *profile = profile.with_radius(1e-3 * from_mm, 1e-3 * to_mm, 0.5e-3 * diameter_mm);
        reshaped.insert(0, [1e-3 * from_mm, 1e-3 * to_mm]);
        Ok(())
    }

    fn check_place(&self, branch: usize, at_mm: f64) -> Result<(), NetworkError> {
        let Some(found) = self.branches.get(branch) else {
            let there = self.branches.len();
            return Err(NetworkError::Edit(format!("there is no branch {branch}; there are {there}, counted from 0")));
        };
        let length_mm = 1e3 * found.profile.length();
        if 0.0 <= at_mm && at_mm <= length_mm {
            Ok(())
        } else {
            Err(NetworkError::Edit(format!("{at_mm} mm is not on branch {branch}, which is {length_mm:.1} mm long")))
        }
    }
}

/// Places nearer to each other than this are one, in m.
pub(super) const PLACE_M: f64 = 1e-6;
