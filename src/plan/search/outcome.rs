//! What a search found: ranked paths, a risk for every vertex, and why entries were forbidden.

use super::judge::{Judge, cost};
use super::{Rule, Search, Term};
use crate::geom::{Point, Vector};
use crate::plan::path::{Approach, Path, PathError, approach};
use std::collections::BTreeMap;

/// What is to be said of an entry, or of one path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// It was not permitted.
    Outside,
    /// This rule forbids it.
    Forbidden(Rule),
    /// It is possible, at this cost: 0 is best.
    Possible(f64),
}

/// A path that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The vertex it enters at.
    pub vertex: usize,
    /// Which target it ends at.
    pub target: usize,
    /// The path.
    pub path: Path,
    /// The weighted mean of the terms.
    pub cost: f64,
    /// What it is made of.
    pub terms: Vec<Term>,
    /// Angle to the normal of the surface.
    pub angle_degrees: f64,
    /// The nearest approach to every guarded structure, in their order.
    pub approaches: Vec<Approach>,
}

/// The outcome of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The best paths, best first, each apart from those before it.
    pub best: Vec<Found>,
    /// For every vertex of the surface the verdict on its best target.
    pub verdicts: Vec<Verdict>,
    /// Paths that were tried.
    pub tried: usize,
    /// Paths that no rule forbids.
    pub possible: usize,
    /// How many paths each rule forbade; every path is counted once, by the first rule it broke.
    pub forbidden: BTreeMap<Rule, usize>,
}

impl Outcome {
    /// A risk for every vertex, for colouring: the cost of its best path, at most 1; 1 also where no path is possible.
    pub fn risks(&self) -> Vec<f64> {
        let risk = |verdict: &Verdict| if let Verdict::Possible(cost) = verdict { cost.min(1.0) } else { 1.0 };
        self.verdicts.iter().map(risk).collect()
    }

    /// Why no path was found, as a sentence; `name` gives the names of guarded structures. None if there is a path.
    pub fn why_none(&self, name: impl Fn(usize) -> String) -> Option<String> {
        if 0 < self.possible {
            return None;
        }
        let reason = |rule: &Rule| match rule {
            Rule::Cone => "outside the cone".to_owned(),
            Rule::Length => "too long".to_owned(),
            Rule::Angle => "too slanted".to_owned(),
            Rule::Covered => "beneath another part of the surface".to_owned(),
            Rule::Distance(n) => format!("too near to {}", name(*n)),
            Rule::Air => "through air".to_owned(),
            Rule::Bone => "through bone".to_owned(),
        };
        let mut counts: Vec<(&Rule, &usize)> = self.forbidden.iter().collect();
        counts.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let parts: Vec<String> = counts.iter().map(|(rule, count)| format!("{count} are {}", reason(rule))).collect();
        let tried = self.tried;
        Some(format!("no path is possible: of {tried}, {}; lift a rule or permit other entries", parts.join(", ")))
    }
}

/// The paths in the order of their costs, and what else is known of `judged`, the verdicts of `entries`.
pub(super) fn ranked(
    search: &Search,
    judge: &Judge,
    normals: &[Vector],
    entries: &[u32],
    judged: &[Vec<Verdict>],
) -> Result<Outcome, PathError> {
    let mut verdicts = vec![Verdict::Outside; search.surface.positions().len()];
    let (mut forbidden, mut ranking) = (BTreeMap::new(), Vec::new());
    for (vertex, of_targets) in entries.iter().zip(judged) {
        let mut best: Option<Verdict> = None;
        for (target, verdict) in of_targets.iter().enumerate() {
            match verdict {
                Verdict::Possible(cost) => ranking.push((*cost, *vertex as usize, target)),
                Verdict::Forbidden(rule) => *forbidden.entry(*rule).or_insert(0) += 1,
                Verdict::Outside => {}
            }
            best = Some(best.map_or(*verdict, |best| better(best, *verdict)));
        }
        verdicts[*vertex as usize] = best.unwrap_or(Verdict::Outside);
    }
    ranking.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let place = |vertex: usize| search.surface.positions()[vertex];
    let mut best: Vec<Found> = Vec::new();
    for (_, vertex, target) in &ranking {
        if search.rules.count <= best.len() {
            break;
        }
        let end = |n: usize| search.targets[n];
        let apart = |a: Point, b: Point| search.rules.apart_mm <= (a - b).norm();
        let far = |f: &Found| apart(f.path.entry(), place(*vertex)) || apart(end(f.target), end(*target));
        if best.iter().all(far) {
            best.push(found(search, judge, normals, *vertex, *target)?);
        }
    }
    let tried = entries.len() * search.targets.len();
    Ok(Outcome { best, verdicts, tried, possible: ranking.len(), forbidden })
}

fn better(a: Verdict, b: Verdict) -> Verdict {
    match (a, b) {
        (Verdict::Possible(x), Verdict::Possible(y)) => Verdict::Possible(x.min(y)),
        (Verdict::Possible(_), _) => a,
        (_, Verdict::Possible(_)) => b,
        _ => a,
    }
}

fn found(search: &Search, judge: &Judge, normals: &[Vector], vertex: usize, target: usize) -> Result<Found, PathError> {
    let entry = search.surface.positions()[vertex];
    let path = Path::new(entry, search.targets[target], search.rules.diameter_mm)?;
    let terms = judge.terms(&entry, &normals[vertex], target).expect("only possible paths are ranked");
    let angle_degrees = (-path.along().dot(&normals[vertex])).clamp(-1.0, 1.0).acos().to_degrees();
    let approaches = search.guarded.iter().map(|guard| approach(&path, guard.structure)).collect();
    Ok(Found { vertex, target, path, cost: cost(&terms), terms, angle_degrees, approaches })
}
