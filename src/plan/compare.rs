//! Plans side by side: one column each, one row for each term that any of them has.

use super::alike::{Role, of_action};
use super::{Judgement, Plan, Score, SignedOn, Term, Verdict};
use crate::base::NodeId;
use serde::Serialize;

/// A plan as it comes to the board.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Its object.
    pub node: NodeId,
    /// Its name.
    pub name: &'a str,
    /// The plan, scored or not.
    pub plan: &'a Plan,
    /// Why its score is not of now, if so.
    pub stale: Option<&'a str>,
    /// What its actions do together, and results of simulations that belong to it: see [`super::alike`].
    pub together: &'a [Term],
    /// The contents it is planned on as they are now, see [`Plan::contents`]; none where signatures are not looked at.
    pub contents: Option<String>,
}

/// Plans in columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Board {
    /// The plans.
    pub plans: Vec<Column>,
    /// What all actions of each plan do together, and results of simulations.
    pub together: Vec<Row>,
    /// The terms, in the order of the first plan that has them. Terms of actions of one kind with one target stand beside
    /// each other, whatever the actions are called.
    pub rows: Vec<Row>,
}

/// What stands at the head and the foot of a column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// The plan's object.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// What a person wrote about it.
    pub note: String,
    /// What is done, by name.
    pub actions: Vec<String>,
    /// Whether nothing forbidden happens, which must be known of every rule that forbids; none while it is not scored.
    pub allowed: Option<bool>,
    /// Breaches that do not forbid the plan but are there to be weighed; none while it is not scored.
    pub breaches_to_weigh: Option<usize>,
    /// The verdict in words: `allowed`, `allowed, with 2 breaches to weigh`, `not allowed` or `not scored`.
    pub verdict: String,
    /// Whether it may be done, or that nobody can say; none while it is not scored.
    pub judgement: Option<Judgement>,
    /// The weighted sum, 0 is best.
    pub total: Option<f64>,
    /// Why the score is not of now, if so.
    pub stale: Option<String>,
    /// The check-list: text, who and when, and whether the plan was changed since.
    pub checks: Vec<Line>,
}

/// A line of the check-list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// What is to be checked.
    pub text: String,
    /// Who signed it off; none while it is open.
    pub by: Option<String>,
    /// When.
    pub at: Option<String>,
    /// Whether the plan, or what it is planned on, was changed after that.
    pub changed_since: bool,
    /// What the plan had come to then; none where an earlier version signed.
    pub signed_on: Option<SignedOn>,
}

/// A term across all plans.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The id of the term.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// One cell per plan; none where a plan has no such term.
    pub cells: Vec<Option<Term>>,
}

impl Board {
    /// The board of these plans.
    pub fn of(candidates: &[Candidate<'_>]) -> Self {
        let count = candidates.len();
        let (mut rows, mut together) = (Lines::default(), Lines::default());
        for (n, candidate) in candidates.iter().enumerate() {
            let roles = Role::all(candidate.plan);
            let terms = candidate.plan.score.iter().flat_map(|score| &score.terms);
            rows.enter(n, count, terms, |term| {
                let of = of_action(&term.id).and_then(|(action, rest)| Some((roles.get(action)?, action, rest)));
                let Some((role, action, rest)) = of else {
                    return (About { role: None, rest: term.id.clone(), name: term.name.clone() }, term.name.clone());
                };
                let own = term.name.strip_prefix(&format!("{}: ", candidate.plan.actions[action].name));
                let name = own.unwrap_or(&term.name).to_owned();
                let common = format!("{}: {name}", role.words());
                (About { role: Some(role.clone()), rest: rest.to_owned(), name }, common)
            });
            let about =
                |term: &Term| (About { role: None, rest: term.id.clone(), name: term.unit.clone() }, term.name.clone());
            together.enter(n, count, candidate.together, about);
        }
        let plans = candidates.iter().map(Column::of).collect();
        Self { plans, together: together.rows, rows: rows.rows }
    }

    /// All rows, those of whole plans first.
    pub fn all_rows(&self) -> impl Iterator<Item = &Row> {
        self.together.iter().chain(&self.rows)
    }

    /// Every method, limit and source its numbers rest on, each once, in order.
    pub fn methods(&self) -> Vec<String> {
        let mut methods: Vec<String> = Vec::new();
        for term in self.all_rows().flat_map(|row| row.cells.iter().flatten()) {
            for text in [&term.method, &term.source] {
                if !text.is_empty() && !methods.contains(text) {
                    methods.push(text.clone());
                }
            }
        }
        methods
    }

    /// The board as lines of cells for spreadsheets: value, bounds and verdict of each plan.
    pub fn lines(&self) -> Vec<Vec<String>> {
        let mut head = vec!["id".to_owned(), "term".into(), "unit".into()];
        for plan in &self.plans {
            for what in ["value", "low", "high", "verdict", "limit"] {
                head.push(format!("{} (object {}): {what}", plan.name, plan.id));
            }
        }
        let mut lines = vec![head];
        for row in self.all_rows() {
            let mut line = vec![row.id.clone(), row.name.clone(), row.unit.clone()];
            for cell in &row.cells {
                let Some(term) = cell else {
                    line.extend(std::iter::repeat_n(String::new(), 5));
                    continue;
                };
                let number = |read: fn(&super::Bounded) -> f64| {
                    term.value.as_ref().map_or(String::new(), |v| read(v).to_string())
                };
                line.extend([number(|v| v.value), number(|v| v.low), number(|v| v.high)]);
                line.extend([term.verdict.word().to_owned(), term.limit.clone()]);
            }
            lines.push(line);
        }
        let mut foot = |id: &str, name: &str, cell: &dyn Fn(&Column) -> [String; 2]| {
            let mut line = vec![id.to_owned(), name.to_owned(), String::new()];
            for plan in &self.plans {
                let [value, verdict] = cell(plan);
                line.extend([value, String::new(), String::new(), verdict, String::new()]);
            }
            lines.push(line);
        };
        foot("total", "weighted sum of costs", &|plan| {
            [plan.total.map_or(String::new(), |total| total.to_string()), String::new()]
        });
        foot("allowed", "allowed", &|plan| [String::new(), plan.verdict.clone()]);
        foot("state", "state of the score", &|plan| [plan.stale.clone().unwrap_or_default(), String::new()]);
        lines
    }
}

/// What a row is about: terms about the same stand beside each other.
#[derive(Debug, PartialEq)]
struct About {
    /// The role of the action; none for a term of the whole plan.
    role: Option<Role>,
    rest: String,
    name: String,
}

/// Rows that are being gathered.
#[derive(Debug, Default)]
struct Lines {
    about: Vec<About>,
    rows: Vec<Row>,
}

impl Lines {
    /// Enter the terms of plan `n` of `count`; `about` says what each is about, and its name where plans have other names for it.
    fn enter<'a>(
        &mut self,
        n: usize,
        count: usize,
        terms: impl IntoIterator<Item = &'a Term>,
        about: impl Fn(&Term) -> (About, String),
    ) {
        let mut after = 0;
        for term in terms {
            let (about, common) = about(term);
            let place = self.about.iter().position(|known| *known == about);
            let place = place.unwrap_or_else(|| {
                // A new row goes below the one before it in its own plan, so that actions stay together.
                let row = Row {
                    id: term.id.clone(),
                    name: term.name.clone(),
                    unit: term.unit.clone(),
                    cells: vec![None; count],
                };
                self.rows.insert(after, row);
                self.about.insert(after, about);
                after
            });
            let row = &mut self.rows[place];
            if row.name != term.name {
                row.name = common;
            }
            row.cells[n] = Some(term.clone());
            after = place + 1;
        }
    }
}

impl Column {
    fn of(candidate: &Candidate<'_>) -> Self {
        let Candidate { node, name, plan, stale, contents, .. } = candidate;
        let planned = plan.planned();
        let line = |check: &super::Check| Line {
            text: check.text.clone(),
            by: check.signed.as_ref().map(|signed| signed.by.clone()),
            at: check.signed.as_ref().map(|signed| signed.at.clone()),
            changed_since: check.signed.as_ref().is_some_and(|signed| signed.is_old(&planned, contents.as_deref())),
            signed_on: check.signed.as_ref().and_then(|signed| signed.on),
        };
        Self {
            id: node.0,
            name: (*name).to_owned(),
            note: plan.note.clone(),
            actions: plan.actions.iter().map(|action| action.name.clone()).collect(),
            allowed: plan.score.as_ref().map(|score| score.allowed),
            breaches_to_weigh: plan.score.as_ref().map(Score::to_weigh),
            verdict: plan.score.as_ref().map_or_else(|| "not scored".to_owned(), Score::words),
            judgement: plan.score.as_ref().map(|score| score.judgement()),
            total: plan.score.as_ref().and_then(|score| score.total),
            stale: stale.map(str::to_owned),
            checks: plan.checks.iter().map(line).collect(),
        }
    }
}

impl Row {
    /// The worst verdict of its cells that have a value.
    pub fn worst(&self) -> Verdict {
        let verdicts = self.cells.iter().flatten().map(|term| term.verdict);
        verdicts.filter(|verdict| *verdict != Verdict::NotValid).max().unwrap_or(Verdict::Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Bounded;

    fn plan(terms: &[(&str, f64)]) -> Plan {
        let term = |(id, value): &(&str, f64)| Term::value(id, *id, Bounded::within(*value, 1.0), "mm", "a method.");
        let terms = terms.iter().map(term).collect();
        let mut plan = Plan::default();
        let planned = plan.planned();
        plan.score =
            Some(Score { terms, total: Some(0.5), allowed: true, planned, inputs: Vec::new(), roles: Vec::new() });
        plan
    }

    #[test]
    fn the_same_term_stands_in_one_row_and_order_is_kept() {
        let [a, b] =
            [plan(&[("volume", 3.0), ("1/keep", 5.0)]), plan(&[("volume", 4.0), ("margin", 2.0), ("1/keep", 6.0)])];
        let both = [(1, "A", &a), (2, "B", &b)];
        let both = both.map(|(id, name, plan)| Candidate {
            node: NodeId(id),
            name,
            plan,
            stale: None,
            together: &[],
            contents: None,
        });
        let board = Board::of(&both);
        let ids: Vec<_> = board.rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["volume", "margin", "1/keep"]);
        assert!(board.rows[1].cells[0].is_none() && board.rows[1].cells[1].is_some());
        assert_eq!(board.methods(), ["a method."]);
        let lines = board.lines();
        assert!(lines.iter().all(|line| line.len() == 3 + 2 * 5), "one cell per column");
        assert_eq!(lines[1][3..7], ["3", "2", "4", "ok"]);
        assert_eq!(lines[4][..4], ["total", "weighted sum of costs", "", "0.5"]);
    }

    #[test]
    fn actions_of_one_kind_and_target_stand_beside_each_other() {
        let needle = |name: &str| {
            let path = super::super::Needle {
                entry: [0.0; 3],
                target: [0.0, 0.0, 9.0],
                diameter_mm: 1.0,
                kind: super::super::NeedleKind::Needle,
                contacts: None,
            };
            super::super::NamedAction { name: name.into(), action: super::super::Action::Needle(path) }
        };
        let clip = |name: &str| super::super::NamedAction {
            name: name.into(),
            action: super::super::Action::Clip { at: [0.0; 3] },
        };
        let with = |actions: Vec<super::super::NamedAction>, terms: &[(&str, &str)]| {
            let mut own = plan(&[]);
            own.actions = actions;
            let term = |(id, name): &(&str, &str)| Term::value(id, *name, Bounded::exact(1.0), "mm", "");
            own.score.as_mut().unwrap().terms = terms.iter().map(term).collect();
            own
        };
        // In the second plan the needle to target 2 comes second, and both have other names.
        let a = with(
            vec![needle("a"), needle("b")],
            &[("1/tip/2", "a: tip"), ("1/length", "a: length"), ("2/tip/5", "b: tip"), ("2/length", "b: length")],
        );
        let b = with(
            vec![clip("x"), needle("c"), needle("b")],
            &[
                ("1/behind_ml", "x: behind"),
                ("2/tip/5", "c: tip"),
                ("2/length", "c: length"),
                ("3/tip/2", "b: tip"),
                ("3/length", "b: length"),
            ],
        );
        let least = [Term::value("all/keep/4", "least", Bounded::exact(2.0), "mm", "m.")];
        let board = Board::of(&[(1, "A", &a), (2, "B", &b)].map(|(id, name, plan)| Candidate {
            node: NodeId(id),
            name,
            plan,
            stale: None,
            together: &least,
            contents: None,
        }));
        let ids = |n: usize| -> Vec<Option<&str>> {
            board.rows.iter().map(|row| row.cells[n].as_ref().map(|term| term.id.as_str())).collect()
        };
        let row = |id: &str| board.rows.iter().position(|row| row.id == id).unwrap();
        assert_eq!(board.rows.len(), 5, "{:?}", board.rows);
        assert_eq!([ids(0)[row("1/length")], ids(1)[row("1/length")]], [Some("1/length"), Some("3/length")]);
        assert_eq!([ids(0)[row("2/tip/5")], ids(1)[row("2/tip/5")]], [Some("2/tip/5"), Some("2/tip/5")]);
        assert_eq!(board.rows[row("1/length")].name, "needle 1: length");
        assert_eq!((board.together.len(), board.together[0].cells.iter().flatten().count()), (1, 2));
        assert!(board.lines().iter().any(|line| line[0] == "all/keep/4") && board.methods() == ["m."]);
    }

    #[test]
    fn breaches_that_forbid_nothing_are_counted_beside_the_verdict() {
        let mut plan = plan(&[("1/keep", 5.0), ("2/keep", 6.0), ("margin", 2.0)]);
        let verdict = |plan: &Plan| {
            let board = Board::of(&[Candidate {
                node: NodeId(1),
                name: "A",
                plan,
                stale: None,
                together: &[],
                contents: None,
            }]);
            (board.plans[0].verdict.clone(), board.plans[0].breaches_to_weigh, board.plans[0].allowed)
        };
        assert_eq!(verdict(&plan), ("allowed".to_owned(), Some(0), Some(true)));
        let score = plan.score.as_mut().unwrap();
        score.terms[0].verdict = Verdict::Breach;
        assert_eq!(verdict(&plan), ("allowed, with 1 breach to weigh".to_owned(), Some(1), Some(true)));
        plan.score.as_mut().unwrap().terms[1].verdict = Verdict::Breach;
        assert_eq!(verdict(&plan).0, "allowed, with 2 breaches to weigh");
        let score = plan.score.as_mut().unwrap();
        (score.terms[2].verdict, score.terms[2].forbids, score.allowed) = (Verdict::Breach, true, false);
        assert_eq!(verdict(&plan), ("not allowed".to_owned(), Some(2), Some(false)));
        let lines = Board::of(&[Candidate {
            node: NodeId(1),
            name: "A",
            plan: &plan,
            stale: None,
            together: &[],
            contents: None,
        }])
        .lines();
        let of_verdict = lines.iter().find(|line| line[0] == "allowed").unwrap();
        assert_eq!(of_verdict[6], "not allowed");
    }

    #[test]
    fn a_signature_on_another_plan_is_told_apart() {
        let mut plan = plan(&[]);
        let signed = crate::plan::Signature {
            by: "AB".into(),
            at: "2026-01-01T00:00:00Z".into(),
            planned: plan.planned(),
            contents: Some("then".into()),
            on: Some(SignedOn::NotAllowed),
        };
        plan.checks.push(crate::plan::Check { text: "side".into(), signed: Some(signed) });
        let on = |plan: &Plan, contents: &str| {
            let contents = Some(contents.to_owned());
            Board::of(&[Candidate { node: NodeId(1), name: "A", plan, stale: None, together: &[], contents }])
                .plans
                .remove(0)
        };
        let of = |plan: &Plan| on(plan, "then");
        assert!(!of(&plan).checks[0].changed_since);
        assert_eq!(of(&plan).checks[0].signed_on, Some(SignedOn::NotAllowed));
        assert!(on(&plan, "now").checks[0].changed_since, "another segmentation is another plan");
        plan.limits.height_cm = Some(170.0);
        assert!(of(&plan).checks[0].changed_since);
        assert_eq!(of(&Plan::default()).verdict, "not scored");
    }
}
