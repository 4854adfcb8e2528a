//! An implant as an action of a plan, and the library it came with.

use super::Tried;
use crate::base::{NodeId, Progress, Summary};
use crate::plan::bone::Seat;
use crate::plan::{Action, Implant, NamedAction, Plan, Structure, refuse};
use crate::session::{Case, CommandError, Data, Edit, Node};
use crate::tools::shared::plans::{self, Ingredients, bad};
use crate::tools::shared::solid::{Source, surface_of};
use std::collections::BTreeMap;
use std::sync::Arc;

/// `implants` and all other surfaces that were brought in by the same command as `implant`.
pub(super) fn library(
    case: &Case,
    implant: NodeId,
    mut implants: Vec<(NodeId, Source)>,
) -> Result<Vec<(NodeId, Source)>, CommandError> {
    let command = case.node(implant).and_then(|node| node.made_by().cloned());
    for (id, node) in case.nodes() {
        let is_own = command.is_some() && node.made_by() == command.as_ref();
        if id != implant && is_own && matches!(node.data, Data::Surface(_)) {
            implants.push((id, surface_of(case, id)?));
        }
    }
    match implants.len() {
        1 => Err(bad("nothing else was brought in with this implant; name others by their numbers, e.g. 4,5")),
        _ => Ok(implants),
    }
}

/// The plan that an implant becomes an action of.
#[derive(Debug)]
pub(super) struct Planned {
    id: NodeId,
    node: Arc<Node>,
    plan: Plan,
    /// The action whose place it takes.
    at: Option<usize>,
    /// The implant that lies there.
    pub(super) lies: Option<Implant>,
    bone: Structure,
    case: Case,
}

impl Planned {
    /// The plan `id`, and what its action `action` says, counted from 1.
    ///
    /// # Errors
    /// A sentence if it is no plan, or the action is no implant.
    pub(super) fn of(case: &Case, id: NodeId, action: Option<usize>, bone: Structure) -> Result<Self, CommandError> {
        let (node, plan) = plans::plan_of(case, id)?;
        let count = plan.actions.len();
        let named = |n: usize| {
            let named = n.checked_sub(1).and_then(|n| plan.actions.get(n));
            named.ok_or_else(|| bad(format!("there is no action {n}; the plan has {count}")))
        };
        let lies = match action.map(named).transpose()? {
            None => None,
            Some(NamedAction { action: Action::Implant(implant), .. }) => Some(implant.clone()),
            Some(NamedAction { name, .. }) => {
                return Err(bad(format!("{name} is no implant; name the number of one, or leave action out")));
            }
        };
        let at = action.and_then(|n| n.checked_sub(1));
        Ok(Self { id, node, plan: Plan::clone(&plan), at, lies, bone, case: case.clone() })
    }

    /// The plan with the implant where it was put.
    ///
    /// # Errors
    /// The refusal of the action as `plan.act` says it, or if `progress` was cancelled.
    pub(super) fn edit(
        self,
        (object, implant): &(NodeId, Source),
        tried: &Tried,
        summary: Summary,
        progress: &Progress,
    ) -> Result<Edit, CommandError> {
        let Self { id, node, mut plan, at, bone, case, .. } = self;
        let Seat { turn, about, shift, .. } = &tried.seat;
        let is_usual = plan.organ.or(plan.entry) == Some(bone);
        let action = Action::Implant(Implant {
            object: Structure { node: *object, segment: None },
            bone: (!is_usual).then_some(bone),
            turn_degrees: turn.scaled_axis().map(f64::to_degrees).into(),
            about: (*about).into(),
            shift_mm: (*shift).into(),
        });
        let named = NamedAction { name: implant.name().to_owned(), action };
        match at {
            Some(at) => plan.actions[at] = named.clone(),
            None => plan.actions.push(named.clone()),
        }
        refuse::plan(&plan, |structure| plans::name_of(&case, structure)).map_err(bad)?;
        let scene = Ingredients::of(&case, &plan)?.scene(&mut BTreeMap::new(), progress)?;
        let problem = |why| plans::refused(&named.name, why);
        refuse::deed(&plan, &named.action, &scene, progress).map_err(problem)?;
        let gap = summary.value("mean gap").map_or_else(String::new, |mm| format!("mean gap {mm:.2} mm"));
        let edit = plans::replaced(format!("put {} into {}", named.name, node.name), id, &node, plan);
        let said = summary.warnings.first().cloned().unwrap_or(gap);
        Ok(edit.change(implant.hidden()).say(said))
    }
}
