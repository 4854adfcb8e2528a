//! `plan.score`: what plans are worth, in terms with bounds and limits, kept in the plans.

use crate::plan::{Plan, Score, score};
use crate::session::{Case, CommandError, Edit, Kind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::plans::{self, Ingredients};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What plans are worth.
#[derive(Debug)]
pub struct PlanScore;

/// Parameters of [`PlanScore`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    plans: Option<String>,
}

impl Tool for PlanScore {
    const ID: &'static str = "plan.score";
    const LABEL: &'static str = "Score plans…";
    const HELP: &'static str = "Find volumes, margins, distances, angles and cut vessels of plans, each with bounds and limit, and keep them in the plans.";
    const STEP: Step = Step::Plan;
    const PARAMS: &'static [ParamSpec] =
        &[ParamSpec::with("plans", Kind::Text, "", "null", "numbers of plans with commas; all plans if not given")];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let all = plans::plans_of(case, params.plans.as_deref())?;
        let mut ready = Vec::with_capacity(all.len());
        for (id, node, plan) in all {
            let ingredients = Ingredients::of(case, &plan)?;
            ready.push((id, node, plan, ingredients));
        }
        let all = ready;
        Ok(Box::new(move |progress| {
            let mut bodies = BTreeMap::new();
            let mut edit =
                Edit::new(if all.len() == 1 { format!("score {}", all[0].1.name) } else { "score plans".into() });
            let mut said = Vec::new();
            for (n, (id, node, plan, ingredients)) in all.iter().enumerate() {
                let part = |a: f64, b: f64| (n as f64 + a) / all.len() as f64..(n as f64 + b) / all.len() as f64;
                let scene = ingredients.scene(&mut bodies, &progress.part(part(0.0, 0.5), "bodies"))?;
                let found = score(plan, &scene, &progress.part(part(0.5, 1.0), "score"))?;
                said.push(format!("{}: {}", node.name, in_short(&found)));
                let plan = Plan { score: Some(found), ..Plan::clone(plan) };
                let own = plans::replaced(String::new(), *id, node, plan);
                edit.changes.extend(own.changes);
            }
            Ok(edit.say(said.join("; ")))
        }))
    }
}

/// `not allowed, 2 breaches, 1 warning, weighted sum 0.50`, or `allowed, with 2 breaches to weigh, …`.
fn in_short(score: &Score) -> String {
    use crate::plan::Verdict;
    let mut parts = vec![score.words()];
    let words = [
        (Verdict::Breach, "breach", "breaches"),
        (Verdict::Warning, "warning", "warnings"),
        (Verdict::NotValid, "not valid", "not valid"),
    ];
    // Breaches of what is allowed are told by its words.
    let words = words.into_iter().skip(usize::from(score.allowed));
    for (verdict, one, many) in words {
        match score.terms.iter().filter(|term| term.verdict == verdict).count() {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            n => parts.push(format!("{n} {many}")),
        }
    }
    parts.extend(score.total.map(|total| format!("weighted sum {total:.2}")));
    parts.join(", ")
}
