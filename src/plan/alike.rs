//! What stands beside each other when plans are compared: actions of one kind with one target, what all actions of a plan do
//! together, and results of simulations that belong to it.

use super::score::cut::key;
use super::{Action, Bounded, Plan, Structure, Term, Verdict};
use crate::base::{Fact, NodeId};
use std::collections::BTreeSet;

const LEAST: &str = "The least of all actions of the plan; it is as valid as the least valid of them.";
const COUNTED: &str = "Branches that any cut of the plan parts or opens within the organ, each counted once.";
const LARGEST: &str = "The largest diameter of those branches where they are cut.";
const OF_RESULT: &str = "As the result of the simulation says of itself; within which bounds is not known.";
const OF_BOUNDED: &str = "As the result says of itself, its bounds with it.";

/// What an action is and what it is for: actions with the same role stand in one row, whatever they are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Role {
    kind: &'static str,
    /// The target that its tip is nearest to, as ids of terms write it.
    target: Option<String>,
    /// Counted from 1 among those of one kind and target.
    n: usize,
}

impl Role {
    /// The roles of all actions of `plan`.
    pub(super) fn all(plan: &Plan) -> Vec<Self> {
        let mut roles: Vec<Self> = Vec::with_capacity(plan.actions.len());
        for (n, named) in plan.actions.iter().enumerate() {
            let (kind, before) = (kind(&named.action), format!("{}/tip/", n + 1));
            let terms = plan.score.iter().flat_map(|score| &score.terms);
            let target = terms.filter_map(|term| term.id.strip_prefix(&before)).next().map(str::to_owned);
            let same = roles.iter().filter(|role| role.kind == kind && role.target == target).count();
            roles.push(Self { kind, target, n: same + 1 });
        }
        roles
    }

    /// As people read it where names differ: `needle 2`.
    pub(super) fn words(&self) -> String {
        let n = self.n;
        match self.kind {
            "cut" => format!("cut {n}"),
            "needle" => format!("needle {n}"),
            "ablation" => format!("ablation {n}"),
            "screw" => format!("screw {n}"),
            "osteotomy" => format!("osteotomy {n}"),
            "port" => format!("port {n}"),
            "implant" => format!("implant {n}"),
            _ => format!("clip {n}"),
        }
    }
}

fn kind(action: &Action) -> &'static str {
    match action {
        Action::Cut(_) => "cut",
        Action::Needle(_) => "needle",
        Action::Ablation(_) => "ablation",
        Action::Screw(_) => "screw",
        Action::Osteotomy(_) => "osteotomy",
        Action::Port(_) => "port",
        Action::Implant(_) => "implant",
        Action::Clip { .. } => "clip",
    }
}

/// The number of the action a term is about, from 0, and the rest of its id; none for a term of the whole plan.
pub(super) fn of_action(id: &str) -> Option<(usize, &str)> {
    let (n, rest) = id.split_once('/')?;
    Some((n.parse::<usize>().ok()?.checked_sub(1)?, rest))
}

/// What all actions of a scored plan do together: the least distance to each structure that is spared, and per tree how many
/// vessels are cut and how large they are. `name` gives the names of structures.
pub fn together(plan: &Plan, name: impl Fn(&Structure) -> String) -> Vec<Term> {
    let Some(score) = &plan.score else { return Vec::new() };
    let of_actions: Vec<(usize, &str, &Term)> = score
        .terms
        .iter()
        .filter_map(|term| of_action(&term.id).map(|(n, rest)| (n, rest, term)))
        .filter(|(n, ..)| *n < plan.actions.len())
        .collect();
    let mut terms = Vec::new();
    for keep_out in &plan.keep_out {
        let key = key(&keep_out.structure);
        let own = of_actions.iter().filter(|(_, rest, _)| {
            ["keep/", "shaft/", "moved/"].iter().any(|before| rest.strip_prefix(before) == Some(key.as_str()))
        });
        let own: Vec<_> = own.collect();
        terms.extend(least(plan, &own, &format!("all/keep/{key}"), &name(&keep_out.structure)));
    }
    let cuts = |named: &super::NamedAction| matches!(named.action, Action::Cut(_) | Action::Osteotomy(_));
    if !plan.actions.iter().any(cuts) {
        return terms;
    }
    for vessels in &plan.vessels {
        let (key, name) = (key(vessels), name(vessels));
        // Scores of before do not count them.
        if score.term(&format!("vessels/{key}/count")).is_some() {
            continue;
        }
        let before = format!("vessel/{key}/");
        let branch = |rest: &str| rest.strip_prefix(&before).and_then(|branch| branch.parse::<usize>().ok());
        let own = of_actions.iter().filter_map(|(_, rest, term)| Some((branch(rest)?, *term)));
        let own: Vec<(usize, &Term)> = own.collect();
        let title = format!("vessels cut in all, {name}");
        let count = own.iter().map(|(branch, _)| branch).collect::<BTreeSet<_>>().len();
        let id = format!("all/vessels/{key}");
        let counted = Term::value(&id, title, Bounded::exact(count as f64), "1", COUNTED);
        // Cuts that cannot be made cut nothing that is known.
        let blunt = score.term("volumes").filter(|term| term.verdict == Verdict::NotValid);
        terms.push(match blunt {
            Some(why) => not_valid(counted, why.reason.clone()),
            None => counted,
        });
        let of_term = |term: &&Term| term.value.map_or(f64::NEG_INFINITY, |value| value.value);
        let largest = own.iter().map(|(_, term)| *term).max_by(|a, b| of_term(a).total_cmp(&of_term(b)));
        terms.extend(largest.and_then(|term| Some((term, term.value?))).map(|(term, value)| {
            let title = format!("largest vessel cut, {name}");
            Term::value(&format!("all/largest/{key}"), title, value, "mm", LARGEST).because(term.reason.clone())
        }));
    }
    terms
}

/// The least of the distances to one structure; none if no action has one.
fn least(plan: &Plan, own: &[&(usize, &str, &Term)], id: &str, name: &str) -> Option<Term> {
    let said = |n: usize, term: &Term| match term.reason.as_str() {
        "" => plan.actions[n].name.clone(),
        reason => format!("{}: {reason}", plan.actions[n].name),
    };
    let of = |term: &Term| term.value.map_or(f64::INFINITY, |value| value.value);
    let (n, _, term) = own.iter().min_by(|a, b| of(a.2).total_cmp(&of(b.2)))?;
    let title = format!("least distance to {name}, all actions");
    let value = term.value.unwrap_or(Bounded::exact(0.0));
    let found = Term::value(id, title, value, &term.unit, LEAST);
    if let Some((n, _, term)) = own.iter().find(|(.., term)| term.verdict == Verdict::NotValid) {
        return Some(not_valid(found, said(*n, term)));
    }
    let verdict = own.iter().map(|(.., term)| term.verdict).max().unwrap_or(Verdict::Ok);
    Some(Term { limit: term.limit.clone(), verdict, forbids: term.forbids, reason: said(*n, term), ..found })
}

fn not_valid(term: Term, reason: String) -> Term {
    Term { value: None, verdict: Verdict::NotValid, reason, ..term }
}

/// A result of a simulation that belongs to a plan.
#[derive(Debug, Clone, Copy)]
pub struct Simulated<'a> {
    /// Its object.
    pub node: NodeId,
    /// What that is called.
    pub name: &'a str,
    /// Its content as it is now, in short.
    pub content: &'a str,
    /// Its numbers.
    pub facts: &'a [Fact],
    /// Why it is not of the plan as it is now, if so.
    pub stale: Option<&'a str>,
}

/// The numbers of results as terms, the first result of each plan beside the first of others.
pub fn simulated(results: &[Simulated<'_>]) -> Vec<Term> {
    let of_result = |(n, one): (usize, &Simulated<'_>)| {
        let Simulated { node, name, content, facts, stale } = *one;
        let source = format!("object {node} ({name}), content {content}");
        let n = n + 1;
        let term = move |fact: &Fact| {
            let id = format!("result/{n}/{}", fact.name);
            let title = format!("result {n}: {}", fact.name);
            let [low, high] = fact.bounds.unwrap_or([fact.value; 2]);
            let (value, method) =
                (Bounded { value: fact.value, low, high }, if fact.bounds.is_some() { OF_BOUNDED } else { OF_RESULT });
            let term = Term::value(&id, title, value, &fact.unit, method).cited(&source);
            match stale {
                Some(why) => not_valid(term, why.to_owned()),
                None => term,
            }
        };
        match (facts, stale) {
            // It is gone, and its numbers with it.
            ([], Some(why)) => {
                let gone = Term::value(&format!("result/{n}"), format!("result {n}"), Bounded::exact(0.0), "1", "");
                vec![not_valid(gone, why.to_owned())]
            }
            _ => facts.iter().map(term).collect::<Vec<_>>(),
        }
    };
    results.iter().enumerate().flat_map(of_result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Cut, CutShape, KeepOut, NamedAction, Score};

    fn structure(node: u32) -> Structure {
        Structure { node: NodeId(node), segment: None }
    }

    fn plan(terms: Vec<Term>) -> Plan {
        let shape = CutShape::Plane { point: [0.0; 3], normal: [1.0, 0.0, 0.0] };
        let cut = |name: &str| NamedAction {
            name: name.into(),
            action: Action::Cut(Cut { shape: shape.clone(), width_mm: 0.0 }),
        };
        let mut plan = Plan {
            keep_out: vec![KeepOut { structure: structure(4), distance_mm: 5.0, weight: None }],
            vessels: vec![structure(3)],
            actions: vec![cut("first"), cut("second")],
            ..Plan::default()
        };
        let planned = plan.planned();
        plan.score = Some(Score { terms, total: None, allowed: true, planned, inputs: Vec::new(), roles: Vec::new() });
        plan
    }

    fn value(id: &str, value: f64) -> Term {
        Term::value(id, id, Bounded::within(value, 1.0), "mm", "")
    }

    #[test]
    fn the_least_of_all_actions_counts_and_what_is_not_valid_hides_it() {
        let near = Term { verdict: Verdict::Breach, reason: "near".into(), ..value("2/keep/4", 3.0) };
        let cut = [value("1/vessel/3/2", 4.0), value("2/vessel/3/2", 6.0), value("2/vessel/3/5", 2.0)];
        let terms = [value("1/keep/4", 9.0), near.clone()].into_iter().chain(cut).collect();
        let found = together(&plan(terms), |_| "vein".into());
        let term = |id: &str| found.iter().find(|term| term.id == id).unwrap_or_else(|| panic!("{id} in {found:?}"));
        let least = term("all/keep/4");
        assert_eq!((least.value.unwrap().value, least.verdict), (3.0, Verdict::Breach));
        assert_eq!(least.reason, "second: near");
        assert_eq!(term("all/vessels/3").value, Some(Bounded::exact(2.0)));
        assert_eq!(term("all/largest/3").value.unwrap().value, 6.0);
        let lost = not_valid(value("1/keep/4", 0.0), "gone".into());
        let found = together(&plan(vec![lost, near]), |_| "vein".into());
        assert_eq!((found[0].verdict, found[0].reason.as_str()), (Verdict::NotValid, "first: gone"));
        assert_eq!(found[1].value, Some(Bounded::exact(0.0)), "no vessel was met");
        let blunt = not_valid(value("volumes", 0.0), "no organ".into());
        let found = together(&plan(vec![blunt]), |_| "vein".into());
        assert_eq!((found[0].verdict, found[0].reason.as_str()), (Verdict::NotValid, "no organ"));
        assert!(together(&Plan::default(), |_| String::new()).is_empty());
    }

    #[test]
    fn results_say_which_object_they_are_of_and_when_they_are_old() {
        let facts = crate::base::Summary::default().fact("peak pressure", 3.5, "kPa").facts;
        let one = |stale| Simulated { node: NodeId(7), name: "flow", content: "abc", facts: &facts, stale };
        let [now, old] = [simulated(&[one(None)]), simulated(&[one(Some("changed"))])];
        assert_eq!((now[0].text().as_str(), now[0].verdict), ("3.5 kPa", Verdict::Ok));
        assert!(now[0].source.contains("#7") && now[0].source.contains("abc"), "{}", now[0].source);
        assert_eq!((old[0].value, old[0].reason.as_str()), (None, "changed"));
        assert_eq!(now[0].id, old[0].id);
    }
}
