//! `plan.copy`: a variant of a plan to compare with it.

use crate::base::NodeId;
use crate::plan::Plan;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, ParamSpec, Step, Task, Tool};
use crate::tools::shared::plans::{self, PLAN};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A variant of a plan.
#[derive(Debug)]
pub struct PlanCopy;

/// Parameters of [`PlanCopy`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    plan: NodeId,
    name: Option<String>,
}

impl Tool for PlanCopy {
    const ID: &'static str = "plan.copy";
    const LABEL: &'static str = "Copy plan…";
    const HELP: &'static str = "Make a variant of a plan to compare with it; nobody has signed its check-list.";
    const STEP: Step = Step::Plan;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] =
        &[PLAN, ParamSpec::with("name", Kind::Text, "", "null", "its name; a number if not given")];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let (old, was) = plans::plan_of(case, params.plan)?;
        let name = match &params.name {
            Some(name) => crate::tools::shared::name(name)?,
            None => crate::tools::plan_new::next_name(case),
        };
        Ok(Box::new(move |_| {
            let mut plan = Plan::clone(&was);
            plan.checks.iter_mut().for_each(|check| check.signed = None);
            let summary = plan.summary(&old.summary.methods);
            let mut node = Node::new(&name, Data::Plan(Arc::new(plan))).with_summary(summary);
            (node.display, node.source) = (old.display.clone(), old.source);
            Ok(Edit::new(format!("copy {} to {name}", old.name)).add(node))
        }))
    }
}
