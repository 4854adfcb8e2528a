//! `plan.act`: add, change or take out what a plan does.

use crate::base::NodeId;
use crate::plan::{NamedAction, Plan, refuse};
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::plans::{self, Ingredients, PLAN, bad};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Add, change or take out an action.
#[derive(Debug)]
pub struct PlanAct;

/// Parameters of [`PlanAct`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    plan: NodeId,
    actions: Option<Vec<NamedAction>>,
    at: Option<usize>,
    remove: bool,
}

impl Tool for PlanAct {
    const ID: &'static str = "plan.act";
    const LABEL: &'static str = "Plan an action…";
    const HELP: &'static str = "Add a cut, needle, ablation, screw, osteotomy, port, implant or clip to a plan, put another in its place, or take it out.";
    const STEP: Step = Step::Plan;
    const PARAMS: &'static [ParamSpec] = &[
        PLAN,
        ParamSpec::with(
            "actions",
            Kind::Records,
            "",
            "null",
            "actions: records with name and action, whose field do is cut, needle, ablation, screw, osteotomy, port, implant or clip",
        ),
        ParamSpec::with(
            "at",
            Kind::Integer(1, 200),
            "",
            "null",
            "the number of the action whose place they take or that is taken out, from 1; at the end if not given",
        ),
        ParamSpec::with("remove", Kind::Bool, "", "false", "take the action out instead"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { plan: id, actions, at, remove } = params;
        let (old, was) = plans::plan_of(case, id)?;
        let mut plan = Plan::clone(&was);
        let new = actions.unwrap_or_default();
        let count = plan.actions.len();
        let at = match at {
            Some(at) if at <= count => Some(at - 1),
            Some(at) => return Err(bad(format!("there is no action {at}; the plan has {count}"))),
            None => None,
        };
        let label = match (at, remove, &new[..]) {
            (Some(at), true, []) => {
                let gone = plan.actions.remove(at);
                format!("take out {}", gone.name)
            }
            (None, true, _) => return Err(bad("say which action is taken out with at, e.g. at=1")),
            (Some(_), true, _) => return Err(bad("give either actions or remove, not both")),
            (_, false, []) => return Err(bad("there is nothing to do; give actions, or remove with at")),
            (Some(at), false, new) => {
                plan.actions.splice(at..=at, new.iter().cloned());
                format!("change {}", new[0].name)
            }
            (None, false, new) => {
                plan.actions.extend(new.iter().cloned());
                format!("add {}", new[0].name)
            }
        };
        refuse::plan(&plan, |structure| plans::name_of(case, structure)).map_err(bad)?;
        let ingredients = Ingredients::of(case, &plan)?;
        let label = format!("{label}, {}", old.name);
        Ok(Box::new(move |progress| {
            if !new.is_empty() {
                let scene = ingredients.scene(&mut BTreeMap::new(), progress)?;
                for named in &new {
                    let problem = |why| plans::refused(&named.name, why);
                    refuse::deed(&plan, &named.action, &scene, progress).map_err(problem)?;
                }
            }
            Ok(plans::replaced(label, id, &old, plan))
        }))
    }
}
