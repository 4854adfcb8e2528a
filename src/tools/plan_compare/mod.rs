//! `plan.compare`: plans in columns, as a table of the first of them.

use crate::base::{Made, Table};
use crate::plan::compare::{Board, Candidate};
use crate::session::{Case, Change, CommandError, Counts, Edit, Kind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::{in_place_of, plans};
use serde::{Deserialize, Serialize};

/// Plans in columns.
#[derive(Debug)]
pub struct PlanCompare;

/// Parameters of [`PlanCompare`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    plans: Option<String>,
}

impl Tool for PlanCompare {
    const ID: &'static str = "plan.compare";
    const LABEL: &'static str = "Compare plans…";
    const HELP: &'static str =
        "Put scored plans side by side: a row for each term and a column for each plan, kept with the first.";
    const STEP: Step = Step::Plan;
    const PARAMS: &'static [ParamSpec] =
        &[ParamSpec::with("plans", Kind::Text, "", "null", "numbers of plans with commas; all plans if not given")];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let all = plans::plans_of(case, params.plans.as_deref())?;
        if all.len() < 2 {
            return Err(plans::bad("there is one plan only; make a variant with plan.copy to compare with it"));
        }
        if let Some((_, node, _)) = all.iter().find(|(.., plan)| plan.score.is_none()) {
            return Err(plans::bad(format!("{} is not scored; score it with plan.score first", node.name)));
        }
        let stale: Vec<Option<String>> = all.iter().map(|(.., plan)| case.stale_score(plan)).collect();
        let together: Vec<_> = all.iter().map(|(id, _, plan)| case.together(*id, plan)).collect();
        if let Some(((_, node, _), why)) = all.iter().zip(&stale).find_map(|(plan, why)| Some((plan, why.as_ref()?))) {
            return Err(plans::bad(format!("{}: {why}", node.name)));
        }
        // What is kept is of these scores: when another plan or the organ changes, nothing else would tell.
        let made: Vec<Made> = all.iter().filter_map(|(id, ..)| case.made(*id, Counts::Score)).collect();
        Ok(Box::new(move |_| {
            let candidates = all.iter().zip(&stale).zip(&together);
            let candidates = candidates.map(|(((node, own, plan), stale), together)| Candidate {
                node: *node,
                name: &own.name,
                plan,
                stale: stale.as_deref(),
                together,
                contents: None,
            });
            let board = Board::of(&candidates.collect::<Vec<_>>());
            let (id, node, _) = &all[0];
            let mut own = in_place_of(node, &node.name, node.data.clone());
            own.summary = own.summary.table(table(&board).made_of(made));
            let rows = board.all_rows().count();
            let said = board.plans.iter().map(|plan| format!("{} {}", plan.name, plan.verdict)).collect::<Vec<_>>();
            let edit = Edit::new("compare plans").change(Change::Replace { id: *id, was: node.hash(), node: own });
            Ok(edit.say(format!("{rows} terms of {} plans: {}", all.len(), said.join(", "))))
        }))
    }
}

/// The board as numbers.
fn table(board: &Board) -> Table {
    let columns: Vec<(&str, &str)> = board.plans.iter().map(|plan| (plan.name.as_str(), "1")).collect();
    let mut table = Table::new("Plans", "term", &columns);
    for row in board.all_rows() {
        let unit = if row.unit == "1" { String::new() } else { format!(" [{}]", row.unit) };
        let values = row.cells.iter().map(|cell| Some(cell.as_ref()?.value?.value));
        table = table.row(format!("{}{unit}", row.name), values);
    }
    table.row("weighted sum of costs", board.plans.iter().map(|plan| plan.total))
}
