//! `plan.check`: the check-list of a plan and who signed it off.

use crate::base::NodeId;
use crate::plan::{Check, Plan, Signature, SignedOn, refuse};
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::clock;
use crate::tools::shared::plans::{self, PLAN, bad};
use serde::{Deserialize, Serialize};

/// Longest name of somebody who signs, characters.
const NAME_MAX: usize = 80;

/// The check-list of a plan.
#[derive(Debug)]
pub struct PlanCheck;

/// Parameters of [`PlanCheck`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    plan: NodeId,
    text: Option<String>,
    line: Option<usize>,
    by: Option<String>,
    at: Option<String>,
    remove: bool,
}

impl Tool for PlanCheck {
    const ID: &'static str = "plan.check";
    const LABEL: &'static str = "Check-list…";
    const HELP: &'static str =
        "Add a line to the check-list of a plan, sign a line off by name and time, open it again, or take it out.";
    const STEP: Step = Step::Plan;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[
        PLAN,
        ParamSpec::with("text", Kind::Text, "", "null", "a new line, or another text for the line, which is open then"),
        ParamSpec::with("line", Kind::Integer(1, 200), "", "null", "the number of the line, from 1"),
        ParamSpec::with("by", Kind::Text, "", "null", "who signs the line off; without a name it is opened again"),
        ParamSpec::with("at", Kind::Text, "", "null", "when, as 2026-11-30T21:05:09Z; now if not given"),
        ParamSpec::with("remove", Kind::Bool, "", "false", "take the line out"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { plan: id, text, line, by, at, remove } = params;
        let (old, was) = plans::plan_of(case, id)?;
        let mut plan = Plan::clone(&was);
        let count = plan.checks.len();
        if let Some(line) = line.filter(|line| count < *line) {
            return Err(bad(format!("there is no line {line}; the check-list has {count}")));
        }
        if let Some(at) = at.as_ref().filter(|at| !clock::is_time(at)) {
            return Err(bad(format!("at = '{at}' is no time; write it as 2026-11-30T21:05:09Z")));
        }
        let signs = by.is_some();
        let at = at.unwrap_or_else(clock::now);
        let signature = match by.as_deref().map(str::trim) {
            Some(by) if by.is_empty() || NAME_MAX < by.chars().count() => {
                return Err(bad(format!("who signs needs a name of 1 to {NAME_MAX} characters")));
            }
            Some(by) => Some(Signature {
                by: by.to_owned(),
                at: at.clone(),
                planned: plan.planned(),
                contents: Some(case.plan_contents(&plan)),
                on: Some(SignedOn::of(plan.score.as_ref(), case.stale_score(&plan).is_some())),
            }),
            None => None,
        };
        let remark = signature.as_ref().and_then(|signature| signature.on?.remark());
        let label = match (line, text, remove) {
            (None, Some(text), false) => {
                plan.checks.push(Check { text: text.trim().to_owned(), signed: signature });
                "add a line to the check-list of"
            }
            (Some(line), None, true) => {
                plan.checks.remove(line - 1);
                "take a line out of the check-list of"
            }
            (Some(line), Some(text), false) => {
                plan.checks[line - 1] = Check { text: text.trim().to_owned(), signed: signature };
                "change a line of the check-list of"
            }
            (Some(line), None, false) => {
                let label = if signs { "sign off a line of" } else { "open a line again of" };
                plan.checks[line - 1].signed = signature;
                label
            }
            (None, None, _) => return Err(bad("give a text for a new line, or the number of a line")),
            (_, Some(_), true) => return Err(bad("give either a text or remove, not both")),
        };
        refuse::plan(&plan, |structure| plans::name_of(case, structure)).map_err(bad)?;
        let label = format!("{label} {}", old.name);
        Ok(Box::new(move |_| {
            let edit = plans::replaced(label, id, &old, plan);
            // The time it was done is a part of what was done: done again, it is signed at the same time.
            let edit = if signs { edit.told("at", at) } else { edit };
            Ok(match remark {
                Some(remark) => edit.say(remark),
                None => edit,
            })
        }))
    }
}
