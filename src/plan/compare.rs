//! Plans side by side: one column each, one row for each term that any of them has.

use super::{Plan, Term, Verdict};
use crate::base::NodeId;
use serde::Serialize;

/// A plan as it comes to the board.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Its object.
    pub node: NodeId,
    /// Its name.
    pub name: &'a str,
    /// The plan, scored or not.
    pub plan: &'a Plan,
    /// Why its score is not of now, if so.
    pub stale: Option<&'a str>,
}

/// Plans in columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Board {
    /// The plans.
    pub plans: Vec<Column>,
    /// The terms, in the order of the first plan that has them.
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
    /// Whether nothing forbidden happens; none while it is not scored.
    pub allowed: Option<bool>,
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
    /// Whether the plan was changed after that.
    pub changed_since: bool,
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
        let mut rows: Vec<Row> = Vec::new();
        for (n, candidate) in candidates.iter().enumerate() {
            let terms = candidate.plan.score.iter().flat_map(|score| &score.terms);
            let mut after = 0;
            for term in terms {
                let place = rows.iter().position(|row| row.id == term.id && row.name == term.name);
                let place = place.unwrap_or_else(|| {
                    // A new row goes below the one before it in its own plan, so that actions stay together.
                    let cells = vec![None; candidates.len()];
                    let row = Row { id: term.id.clone(), name: term.name.clone(), unit: term.unit.clone(), cells };
                    rows.insert(after, row);
                    after
                });
                rows[place].cells[n] = Some(term.clone());
                after = place + 1;
            }
        }
        Self { plans: candidates.iter().map(Column::of).collect(), rows }
    }

    /// Every method, limit and source its numbers rest on, each once, in order.
    pub fn methods(&self) -> Vec<String> {
        let mut methods: Vec<String> = Vec::new();
        for term in self.rows.iter().flat_map(|row| row.cells.iter().flatten()) {
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
        for row in &self.rows {
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
        foot("allowed", "allowed", &|plan| [String::new(), plan.verdict().to_owned()]);
        foot("state", "state of the score", &|plan| [plan.stale.clone().unwrap_or_default(), String::new()]);
        lines
    }
}

impl Column {
    fn of(candidate: &Candidate<'_>) -> Self {
        let Candidate { node, name, plan, stale } = *candidate;
        let planned = plan.planned();
        let line = |check: &super::Check| Line {
            text: check.text.clone(),
            by: check.signed.as_ref().map(|signed| signed.by.clone()),
            at: check.signed.as_ref().map(|signed| signed.at.clone()),
            changed_since: check.signed.as_ref().is_some_and(|signed| signed.planned != planned),
        };
        Self {
            id: node.0,
            name: name.to_owned(),
            note: plan.note.clone(),
            actions: plan.actions.iter().map(|action| action.name.clone()).collect(),
            allowed: plan.score.as_ref().map(|score| score.allowed),
            total: plan.score.as_ref().and_then(|score| score.total),
            stale: stale.map(str::to_owned),
            checks: plan.checks.iter().map(line).collect(),
        }
    }

    /// `allowed`, `not allowed`, or `not scored`.
    pub fn verdict(&self) -> &'static str {
        match self.allowed {
            Some(true) => "allowed",
            Some(false) => "not allowed",
            None => "not scored",
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
    use crate::plan::{Bounded, Score};

    fn plan(terms: &[(&str, f64)]) -> Plan {
        let term = |(id, value): &(&str, f64)| Term::value(id, *id, Bounded::within(*value, 1.0), "mm", "a method.");
        let terms = terms.iter().map(term).collect();
        let mut plan = Plan::default();
        let planned = plan.planned();
        plan.score = Some(Score { terms, total: Some(0.5), allowed: true, planned, inputs: Vec::new() });
        plan
    }

    #[test]
    fn the_same_term_stands_in_one_row_and_order_is_kept() {
        let [a, b] =
            [plan(&[("volume", 3.0), ("1/keep", 5.0)]), plan(&[("volume", 4.0), ("margin", 2.0), ("1/keep", 6.0)])];
        let both = [(1, "A", &a), (2, "B", &b)];
        let both = both.map(|(id, name, plan)| Candidate { node: NodeId(id), name, plan, stale: None });
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
    fn a_signature_on_another_plan_is_told_apart() {
        let mut plan = plan(&[]);
        let signed =
            crate::plan::Signature { by: "AB".into(), at: "2026-01-01T00:00:00Z".into(), planned: plan.planned() };
        plan.checks.push(crate::plan::Check { text: "side".into(), signed: Some(signed) });
        let of =
            |plan: &Plan| Board::of(&[Candidate { node: NodeId(1), name: "A", plan, stale: None }]).plans.remove(0);
        assert!(!of(&plan).checks[0].changed_since);
        plan.limits.height_cm = Some(170.0);
        assert!(of(&plan).checks[0].changed_since);
        assert_eq!(of(&Plan::default()).verdict(), "not scored");
    }
}
