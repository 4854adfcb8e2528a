//! What the paths of plans come near to, every few millimetres of their depth.

use super::Report;
use super::document::{Block, Cell, Document, Mark, Span, Table, TableKind, Tone};
use crate::base::NodeId;
use crate::base::i18n;
use crate::plan::depths::Depths;
use crate::plan::{Bounded, Verdict};
use serde::Serialize;

/// Rows of a table at most, beside the two ends.
const ROWS_MAX: f64 = 15.0;

/// The distances along one path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Distances {
    /// The number of the plan's object.
    pub plan: u32,
    /// What the plan is called.
    pub plan_name: String,
    /// What the action is called.
    pub action: String,
    /// From the entry to the tip; of a port from the skin to the place it points to.
    pub length_mm: f64,
    /// Depths from the entry: the first, the last, and round numbers between them.
    pub depths_mm: Vec<f64>,
    /// One for each structure that is to be spared.
    pub structures: Vec<Beside>,
}

/// The distances to one structure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Beside {
    /// What it is called.
    pub name: String,
    /// The least distance that is asked for.
    pub limit_mm: f64,
    /// The least there is, with its bounds.
    pub least_mm: Bounded,
    /// How deep that is.
    pub at_depth_mm: f64,
    /// How it stands to the limit.
    pub verdict: Verdict,
    /// From the instrument's side at each depth, negative within.
    pub distances_mm: Vec<f64>,
}

impl Distances {
    /// What is told of `found`, which belongs to the action called `action` of a plan.
    pub fn of((plan, plan_name): (NodeId, &str), action: &str, found: &Depths) -> Self {
        let length_mm = found.path.length_mm();
        let steps = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];
        let step_mm = steps.into_iter().find(|step| length_mm <= ROWS_MAX * step).unwrap_or(200.0);
        let mut depths_mm: Vec<f64> = (0..).map(|n| step_mm * f64::from(n)).take_while(|mm| *mm < length_mm).collect();
        depths_mm.push(length_mm);
        let structures = found.lines.iter().map(|line| Beside {
            name: line.name.clone(),
            limit_mm: line.limit_mm,
            least_mm: line.least_mm(),
            at_depth_mm: line.nearest.depth_mm,
            verdict: line.verdict(),
            distances_mm: depths_mm
                .iter()
                .map(|mm| between(&line.profile.depths_mm, &line.profile.distances_mm, *mm))
                .collect(),
        });
        let structures = structures.collect();
        Self {
            plan: plan.0,
            plan_name: plan_name.to_owned(),
            action: action.to_owned(),
            length_mm,
            depths_mm,
            structures,
        }
    }
}

/// The value at a place between those of a list that ascends.
fn between(places: &[f64], values: &[f64], at: f64) -> f64 {
    let after = places.partition_point(|place| *place < at).clamp(1, places.len() - 1);
    let (a, b) = (places[after - 1], places[after]);
    let part = ((at - a) / (b - a).max(1e-12)).clamp(0.0, 1.0);
    values[after - 1] + (values[after] - values[after - 1]) * part
}

/// A table for each path.
pub(super) fn blocks(document: &mut Document<'_>, report: &Report) {
    for own in &report.distances {
        let length = format!("{:.1}", own.length_mm);
        let of = [
            ("action", own.action.as_str().into()),
            ("plan", own.plan_name.as_str().into()),
            ("length", length.as_str().into()),
        ];
        document.blocks.push(Block::Caption(i18n::tr_with_in(document.language, "report-distances", &of)));
        let table = table(document, own);
        document.blocks.push(Block::Table(table));
    }
    if !report.distances.is_empty() {
        document.note("report-distances-note");
    }
}

fn table(document: &Document<'_>, own: &Distances) -> Table {
    let mut head = document.columns(&[("report-depth", true)]);
    head.extend(own.structures.iter().map(|beside| Cell::number(format!("{} [mm]", document.said(&beside.name)))));
    let right = |cell: Cell| Cell { right: true, ..cell };
    let line = |id: &'static str, cell: &dyn Fn(&Beside) -> Cell| {
        let cells = own.structures.iter().map(|beside| right(cell(beside)));
        std::iter::once(Cell::of(document.word(id))).chain(cells).collect::<Vec<_>>()
    };
    let least = |beside: &Beside| {
        let (mark, word) = match beside.verdict {
            Verdict::Ok => (Mark::Ok, "report-verdict-ok"),
            Verdict::Warning => (Mark::Warning, "report-verdict-warning"),
            Verdict::Breach => (Mark::Breach, "report-verdict-breach"),
            Verdict::NotValid => (Mark::NotValid, "report-verdict-not-valid"),
        };
        let value = Span::new(format!("{} ", beside.least_mm.text(1, "")), Tone::Plain);
        Cell::text(vec![value, Span::new(document.word(word), Tone::Verdict(mark))])
    };
    let mut rows = vec![
        line("report-limit-least", &|beside| Cell::of(format!("{:.1}", beside.limit_mm))),
        line("report-least", &least),
        line("report-at-depth", &|beside| Cell::of(format!("{:.1}", beside.at_depth_mm))),
    ];
    rows.extend(own.depths_mm.iter().enumerate().map(|(n, depth)| {
        let cells = own.structures.iter().map(|beside| Cell::number(format!("{:.1}", beside.distances_mm[n])));
        std::iter::once(Cell::number(format!("{depth:.1}"))).chain(cells).collect()
    }));
    Table { kind: TableKind::Wide, head, rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_between_samples_lie_on_the_line_through_them() {
        let (places, values) = ([0.0, 0.5, 1.0, 1.4], [4.0, 3.0, 5.0, 1.0]);
        assert_eq!([0.0, 0.25, 0.75, 1.2, 1.4].map(|at| between(&places, &values, at)), [4.0, 3.5, 4.0, 3.0, 1.0]);
    }
}
