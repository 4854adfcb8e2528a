//! One path to each of several targets, so that no two come too near to one another.

use super::{Found, Search, SearchError, search};
use crate::base::Progress;
use crate::plan::path::{Meeting, Path, conflicts};

/// Steps after which the search for the best set ends with the best so far.
const STEPS_MAX: usize = 2_000_000;

/// A set of paths, one for each target.
#[derive(Debug, Clone, PartialEq)]
pub struct Together {
    /// The paths, in the order of the targets.
    pub paths: Vec<Found>,
    /// How near every two of them come.
    pub meetings: Vec<Meeting>,
    /// Whether no other set of the paths found for single targets costs less; not proven where there are too many sets.
    pub is_best: bool,
}

/// The paths of least cost in sum that reach every target and stay `gap_mm_min` apart.
///
/// Each target gets the best paths of a search of its own ([`super::Rules::count`] of them, apart from one another); of these
/// the set is chosen by a depth-first search that leaves out what cannot cost less (as Sparks and others 2017, Int J CARS
/// 12:123, plan electrodes).
///
/// # Errors
/// As [`search`], or if a target has no path, or no set is free of conflicts.
pub fn together(what: &Search, gap_mm_min: f64, progress: &Progress) -> Result<Together, SearchError> {
    if what.targets.is_empty() {
        return Err(SearchError::NoTarget);
    }
    let count = what.targets.len();
    let mut choices: Vec<Vec<Found>> = Vec::with_capacity(count);
    for n in 0..count {
        let share = n as f64 / count as f64..(n + 1) as f64 / count as f64;
        let alone = Search { targets: &what.targets[n..=n], ..*what };
        let outcome = search(&alone, &progress.part(share, "paths to single targets"))?;
        if outcome.best.is_empty() {
            return Err(SearchError::NoPathTo { target: n + 1 });
        }
        choices.push(outcome.best.into_iter().map(|found| Found { target: n, ..found }).collect());
    }
    // What the targets that are left cost at least.
    let mut rest = vec![0.0; count + 1];
    for n in (0..count).rev() {
        rest[n] = rest[n + 1] + choices[n].iter().map(|found| found.cost).fold(f64::INFINITY, f64::min);
    }
    let mut sets = Sets { choices: &choices, rest, gap_mm_min, best: None, steps: 0 };
    sets.go_on(&mut Vec::with_capacity(count), 0.0);
    let is_best = sets.steps <= STEPS_MAX;
    let (_, chosen) = sets.best.ok_or(SearchError::NoneTogether { gap_mm: gap_mm_min })?;
    let paths: Vec<Found> = chosen.iter().zip(&choices).map(|(n, found)| found[*n].clone()).collect();
    let lines: Vec<Path> = paths.iter().map(|found| found.path).collect();
    Ok(Together { meetings: conflicts(&lines, gap_mm_min), paths, is_best })
}

struct Sets<'a> {
    choices: &'a [Vec<Found>],
    rest: Vec<f64>,
    gap_mm_min: f64,
    best: Option<(f64, Vec<usize>)>,
    steps: usize,
}

impl Sets<'_> {
    /// Try every path of the next target after those in `chosen`, which cost `cost`.
    fn go_on(&mut self, chosen: &mut Vec<usize>, cost: f64) {
        let next = chosen.len();
        if self.best.as_ref().is_some_and(|(best, _)| *best <= cost + self.rest[next]) {
            return;
        }
        if next == self.choices.len() {
            self.best = Some((cost, chosen.clone()));
            return;
        }
        for (n, found) in self.choices[next].iter().enumerate() {
            self.steps += 1;
            if STEPS_MAX < self.steps {
                return;
            }
            let meets = chosen.iter().zip(self.choices).any(|(chosen, of_target)| {
                conflicts(&[of_target[*chosen].path, found.path], self.gap_mm_min).iter().any(|m| m.is_conflict)
            });
            if !meets {
                chosen.push(n);
                self.go_on(chosen, cost + found.cost);
                chosen.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;
    use crate::mesh::shapes::ball;
    use crate::plan::search::{Cone, Rules};

    #[test]
    fn paths_that_would_cross_are_set_apart() {
        let skin = ball(60.0, 3.0);
        // Each target lies under the other's best entry: straight paths along z would both be free, but these targets lie on
        // one line along z, so that the best path to the deep one passes the upper one's tip.
        let targets = [Point::new(0.0, 0.0, 20.0), Point::new(0.0, 0.0, 0.0)];
        let cone = Some(Cone { axis: [0.0, 0.0, 1.0], half_degrees: 40.0 });
        let rules = Rules { is_air_forbidden: false, bone_mm_max: None, cone, count: 20, ..Rules::default() };
        let what =
            Search { surface: &skin, permitted: None, targets: &targets, guarded: &[], scan: None, rules: &rules };
        let alone = search(&Search { targets: &targets[1..], ..what }, &Progress::default()).unwrap();
        let found = together(&what, 4.0, &Progress::default()).unwrap();
        assert_eq!(found.paths.iter().map(|f| f.target).collect::<Vec<_>>(), [0, 1]);
        assert!(found.is_best && found.meetings.iter().all(|m| !m.is_conflict && 4.0 <= m.gap_mm));
        // Nothing is won by it for a single target.
        assert!(alone.best[0].cost <= found.paths[1].cost);
        // Every set by hand.
        let each = |n: usize| search(&Search { targets: &targets[n..=n], ..what }, &Progress::default()).unwrap().best;
        let (first, second) = (each(0), each(1));
        let pairs = first.iter().flat_map(|a| second.iter().map(move |b| (a, b)));
        let free = pairs.filter(|(a, b)| !conflicts(&[a.path, b.path], 4.0)[0].is_conflict);
        let least = free.map(|(a, b)| a.cost + b.cost).fold(f64::INFINITY, f64::min);
        assert!((found.paths.iter().map(|f| f.cost).sum::<f64>() - least).abs() < 1e-12);
    }

    #[test]
    fn targets_without_a_path_or_a_set_are_named() {
        let skin = ball(30.0, 3.0);
        let rules = Rules { is_air_forbidden: false, bone_mm_max: None, ..Rules::default() };
        let said = |targets: &[Point], gap_mm: f64| {
            let what = Search { surface: &skin, permitted: None, targets, guarded: &[], scan: None, rules: &rules };
            together(&what, gap_mm, &Progress::default()).unwrap_err().to_string()
        };
        assert!(said(&[Point::origin(), Point::new(500.0, 0.0, 0.0)], 1.0).contains("target 2"));
        assert!(said(&[Point::origin(), Point::new(0.1, 0.0, 0.0)], 5.0).contains("5.0 mm"));
        assert!(said(&[], 1.0).contains("no target"));
    }
}
