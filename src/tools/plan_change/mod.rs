//! `plan.change`: another organ, other targets, distances, limits or another note for a plan.

use crate::base::NodeId;
use crate::plan::{Limits, Plan, refuse};
use crate::session::{Case, CommandError, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use crate::tools::plan_new::{SpareWish, TargetWish, spares, targets, vessels};
use crate::tools::shared::plans::{self, Ingredients, PLAN, bad};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Change a plan.
#[derive(Debug)]
pub struct PlanChange;

/// Parameters of [`PlanChange`]; what is not given stays as it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    plan: NodeId,
    organ: Option<String>,
    entry: Option<String>,
    scan: Option<NodeId>,
    vessels: Option<String>,
    targets: Option<Vec<TargetWish>>,
    keep_out: Option<Vec<SpareWish>>,
    limits: Option<Vec<Map<String, Value>>>,
    note: Option<String>,
}

impl Tool for PlanChange {
    const ID: &'static str = "plan.change";
    const LABEL: &'static str = "Change plan…";
    const HELP: &'static str =
        "Give a plan another organ, other targets, distances, limits or another note; its score is old then.";
    const STEP: Step = Step::Plan;
    const PARAMS: &'static [ParamSpec] = &[
        PLAN,
        ParamSpec::with(
            "organ",
            Kind::Text,
            "",
            "null",
            "the organ: the name of a segment, or object/segment; 'none' for none",
        ),
        ParamSpec::with("entry", Kind::Text, "", "null", "the surface that paths go in through; 'none' for none"),
        ParamSpec::with("scan", Kind::Node(NodeKind::Scan), "", "null", "the scan whose values count"),
        ParamSpec::with(
            "vessels",
            Kind::Text,
            "",
            "null",
            "centre lines of the vessels, numbers of objects with commas",
        ),
        ParamSpec::with("targets", Kind::Records, "", "null", "all targets: records with structure and margin_mm"),
        ParamSpec::with(
            "keep_out",
            Kind::Records,
            "",
            "null",
            "all structures to spare: records with structure, distance_mm and weight",
        ),
        ParamSpec::with(
            "limits",
            Kind::Records,
            "",
            "null",
            "limits: records with any of height_cm, weight_kg, remnant_percent_min, length_mm_max, angle_degrees_max, air_hu_below, liver; null takes one away",
        ),
        ParamSpec::with("note", Kind::Text, "", "null", "what is to be said about it, up to 2000 characters"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let (old, was) = plans::plan_of(case, params.plan)?;
        let mut plan = Plan::clone(&was);
        let structure = |text: &str| match text.trim() {
            "none" => Ok(None),
            text => plans::find(case, text).map(Some),
        };
        if let Some(text) = &params.organ {
            plan.organ = structure(text)?;
        }
        if let Some(text) = &params.entry {
            plan.entry = structure(text)?;
        }
        plan.scan = params.scan.or(plan.scan);
        if let Some(text) = &params.vessels {
            plan.vessels = vessels(case, text)?;
        }
        if let Some(wishes) = &params.targets {
            plan.targets = targets(case, wishes)?;
        }
        if let Some(wishes) = &params.keep_out {
            plan.keep_out = spares(case, wishes)?;
        }
        if let Some(records) = params.limits {
            plan.limits = limits(&plan.limits, records)?;
        }
        if let Some(note) = &params.note {
            plan.note = crate::tools::shared::views::note(note)?;
        }
        if plan == *was {
            return Err(bad("there is nothing to change; the plan says this already"));
        }
        refuse::plan(&plan, |structure| plans::name_of(case, structure)).map_err(bad)?;
        let ingredients = Ingredients::of(case, &plan)?;
        let (id, moves) = (params.plan, plan.planned() != was.planned());
        Ok(Box::new(move |progress| {
            if moves {
                let scene = ingredients.scene(&mut BTreeMap::new(), progress)?;
                plans::sound(&plan, &scene)?;
                for named in &plan.actions {
                    let problem = |why| plans::refused(&named.name, why);
                    refuse::deed(&plan, &named.action, &scene, progress).map_err(problem)?;
                }
            }
            Ok(plans::replaced(format!("change {}", old.name), id, &old, plan))
        }))
    }
}

/// `old` with the fields of `records` in place of its own.
fn limits(old: &Limits, records: Vec<Map<String, Value>>) -> Result<Limits, CommandError> {
    let Ok(Value::Object(mut all)) = serde_json::to_value(old) else { unreachable!("limits are an object") };
    records.into_iter().for_each(|record| all.extend(record));
    serde_json::from_value(Value::Object(all)).map_err(|problem| bad(format!("limits: {problem}")))
}
