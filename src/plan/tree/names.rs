//! Names of branches: made from their place in the tree, or given by a person and kept.

use super::orders;
use crate::geom::Point;
use crate::mesh::{CentreBranch, CentreLines};
use serde::{Deserialize, Serialize};

/// A name somebody gave a branch. It holds on to the branch by where its middle is, for the numbers of branches change when
/// centre lines are found again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BranchName {
    /// Half-way along the branch when it was named (LPS mm).
    pub middle: [f64; 3],
    /// Its radius there: how far a branch found later may lie from that place.
    pub radius_mm: f64,
    /// What it is called, e.g. `right anterior`.
    pub name: String,
}

impl BranchName {
    /// `name` for branch `n`.
    pub fn of(lines: &CentreLines, n: usize, name: impl Into<String>) -> Self {
        let (middle, radius_mm) = middle(&lines.branches()[n]);
        Self { middle: middle.into(), radius_mm, name: name.into() }
    }
}

/// Half the length of a branch from its start: the place and the radius there.
fn middle(branch: &CentreBranch) -> (Point, f64) {
    let lengths_mm = branch.arc_lengths_mm();
    let half_mm = 0.5 * lengths_mm[lengths_mm.len() - 1];
    let n = lengths_mm.partition_point(|mm| *mm <= half_mm).clamp(1, lengths_mm.len() - 1);
    let part = ((half_mm - lengths_mm[n - 1]) / (lengths_mm[n] - lengths_mm[n - 1]).max(1e-12)).clamp(0.0, 1.0);
    let at = branch.points[n - 1] + (branch.points[n] - branch.points[n - 1]) * part;
    (at, branch.radii_mm[n - 1] + (branch.radii_mm[n] - branch.radii_mm[n - 1]) * part)
}

/// Which branch each name belongs to now: the one nearest to where its middle was, if that is no farther than its radius and
/// 2 mm; none otherwise. Of two names on one branch the nearer one stays.
pub fn carried(given: &[BranchName], lines: &CentreLines) -> Vec<Option<usize>> {
    const AWAY_MM: f64 = 2.0;
    let found: Vec<Option<(usize, f64)>> = given
        .iter()
        .map(|name| {
            let place = lines.nearest(&Point::from(name.middle))?;
            (place.distance_mm <= name.radius_mm + AWAY_MM).then_some((place.branch, place.distance_mm))
        })
        .collect();
    let is_nearest = |n: usize, (branch, mm): (usize, f64)| {
        let others = found.iter().enumerate().filter_map(|(m, other)| other.map(|other| (m, other)));
        others.filter(|(m, other)| *m != n && other.0 == branch).all(|(m, other)| (mm, n) < (other.1, m))
    };
    (0..given.len()).map(|n| found[n].filter(|place| is_nearest(n, *place)).map(|place| place.0)).collect()
}

/// The name of every branch: as given, else the nearest given one towards the root with the way on from there, else its
/// path from the root.
pub fn names(lines: &CentreLines, given: &[BranchName]) -> Vec<String> {
    let orders = orders(lines);
    let mut own: Vec<Option<&str>> = vec![None; orders.len()];
    for (name, branch) in given.iter().zip(carried(given, lines)) {
        if let Some(branch) = branch {
            own[branch] = Some(&name.name);
        }
    }
    let name = |n: usize| {
        let Some(at) = lines.way_to_root(n).find(|at| own[*at].is_some()) else { return orders[n].path.clone() };
        let on = &orders[n].path[orders[at].path.len()..];
        format!("{}{}", own[at].unwrap_or_default(), on.replacen('.', " ", 1))
    };
    (0..orders.len()).map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::order::tests::tree;
    use super::*;

    #[test]
    fn names_stay_when_the_tree_is_found_again() {
        let before = tree(0.0);
        let given = [BranchName::of(&before, 1, "left"), BranchName::of(&before, 4, "segment III")];
        assert_eq!(names(&before, &given), ["1", "left", "1.1", "left 2", "segment III"]);
        // Found again: a little aside, and without one branch.
        let again = tree(0.7);
        let fewer = CentreLines::new(
            again
                .branches()
                .iter()
                .enumerate()
                .filter(|(n, _)| *n != 2)
                .map(|(_, b)| b.clone())
                .map(|mut b| {
                    b.parent = b.parent.map(|p| p.min(1));
                    b
                })
                .collect(),
        )
        .unwrap();
        assert_eq!(carried(&given, &fewer), [Some(1), Some(3)]);
        assert_eq!(names(&fewer, &given)[3], "segment III");
    }

    #[test]
    fn names_far_from_every_branch_are_left_out_and_none_is_given_twice() {
        let lines = tree(0.0);
        let mut far = BranchName::of(&lines, 1, "far");
        far.middle = [0.0, 90.0, 0.0];
        let mut beside = BranchName::of(&lines, 1, "beside");
        beside.middle[1] += 1.0;
        let right = BranchName::of(&lines, 1, "right");
        assert_eq!(carried(&[far, beside, right], &lines), [None, None, Some(1)]);
    }
}
