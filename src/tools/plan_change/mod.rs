//! `plan.change`: another organ, other targets, distances, limits or another note for a plan.

use crate::base::NodeId;
use crate::plan::{Limits, Linked, Plan, refuse};
use crate::session::{Case, CommandError, Data, Kind, NodeKind, ParamSpec, Step, Task, Tool};
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
    territories: Option<String>,
    targets: Option<Vec<TargetWish>>,
    keep_out: Option<Vec<SpareWish>>,
    limits: Option<Vec<Map<String, Value>>>,
    note: Option<String>,
    results: Option<String>,
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
        ParamSpec::with(
            "territories",
            Kind::Text,
            "",
            "null",
            "what parts the territories of vessels: distance, radii (flows estimated from radii by Murray's law), or numbers of flow results with commas",
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
            "limits: records with any of height_cm, weight_kg, remnant_percent_min, length_mm_max, angle_degrees_max, air_hu_below, edge_mm, bone_mm_max, liver, position (with lie: supine, prone, left_side or right_side, and head_up_degrees); null takes one away",
        ),
        ParamSpec::with("note", Kind::Text, "", "null", "what is to be said about it, up to 2000 characters"),
        ParamSpec::with(
            "results",
            Kind::Text,
            "",
            "null",
            "results of simulations of this plan, numbers of objects with commas; 'none' for none; one that is taken out and named again is of now",
        ),
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
        if let Some(text) = &params.territories {
            plan.territories = plans::territories_by(case, text)?;
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
        if let Some(text) = &params.results {
            plan.results = results(case, text, &plan)?;
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

/// Results of simulations by their numbers, with what they and `plan` are now.
fn results(case: &Case, text: &str, plan: &Plan) -> Result<Vec<Linked>, CommandError> {
    if text.trim() == "none" {
        return Ok(Vec::new());
    }
    let planned = plan.planned();
    let linked = |part: &str| {
        let number = part.trim().trim_start_matches('#').parse().map(NodeId);
        let node = number.map_err(|_| {
            bad(format!("results = '{text}' must be numbers of objects with commas, e.g. 7,8, or none"))
        })?;
        let own = case.node(node).ok_or_else(|| bad(format!("there is no object {node}")))?;
        let is_made = own.made_by().is_some_and(|made| made.tool.starts_with("simulate."));
        let is_result = matches!(own.data, Data::Tissue(_) | Data::Flow(_)) || is_made;
        if !is_result || own.summary.facts.is_empty() {
            let kind = own.data.kind().words();
            return Err(bad(format!(
                "object {node} ({}) is {kind} and no result of a simulation; name what a command of the step Simulate made",
                own.name
            )));
        }
        // One that is known stays what it was of: naming another result beside it makes it no newer.
        let known = plan.results.iter().find(|known| known.node == node).cloned();
        Ok(known.unwrap_or_else(|| Linked { node, content: own.hash().to_hex(), planned: planned.clone() }))
    };
    text.split(',').map(linked).collect()
}

/// `old` with the fields of `records` in place of its own.
fn limits(old: &Limits, records: Vec<Map<String, Value>>) -> Result<Limits, CommandError> {
    let Ok(Value::Object(mut all)) = serde_json::to_value(old) else { unreachable!("limits are an object") };
    records.into_iter().for_each(|record| all.extend(record));
    serde_json::from_value(Value::Object(all)).map_err(|problem| bad(format!("limits: {problem}")))
}
