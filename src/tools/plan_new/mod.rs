//! `plan.new`: a plan of an operation, empty or filled in for a procedure.

use crate::base::NodeId;
use crate::plan::liver::Condition;
use crate::plan::template::Template;
use crate::plan::{Check, KeepOut, Limits, Plan, Target, refuse};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::plans::{self, Ingredients, Named, bad};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A plan of an operation.
#[derive(Debug)]
pub struct PlanNew;

/// A target as scripts write it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::tools) struct TargetWish {
    structure: Named,
    #[serde(default)]
    margin_mm: f64,
}

/// A structure to spare as scripts write it; without a weight a breach forbids the plan.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::tools) struct SpareWish {
    structure: Named,
    #[serde(default)]
    distance_mm: f64,
    #[serde(default)]
    weight: Option<f64>,
}

pub(in crate::tools) fn targets(case: &Case, wishes: &[TargetWish]) -> Result<Vec<Target>, CommandError> {
    let target = |wish: &TargetWish| Ok(Target { structure: wish.structure.find(case)?, margin_mm: wish.margin_mm });
    wishes.iter().map(target).collect()
}

pub(in crate::tools) fn spares(case: &Case, wishes: &[SpareWish]) -> Result<Vec<KeepOut>, CommandError> {
    let spare = |wish: &SpareWish| {
        let SpareWish { structure, distance_mm, weight } = wish;
        Ok(KeepOut { structure: structure.find(case)?, distance_mm: *distance_mm, weight: *weight })
    };
    wishes.iter().map(spare).collect()
}

/// Centre lines by their numbers, as `5,6`.
pub(in crate::tools) fn vessels(case: &Case, text: &str) -> Result<Vec<crate::plan::Structure>, CommandError> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let vessel = |part: &str| {
        let structure = plans::find(case, part)?;
        case.expect_kind(structure.node, NodeKind::Lines)?;
        Ok(structure)
    };
    parts.map(vessel).collect()
}

/// What people check of any plan; they change it with `plan.check`.
const CHECKS: [&str; 5] = [
    "Patient, procedure and side are right",
    "Segmentation was looked at in the scan, slice by slice",
    "Targets, margins and structures to spare are complete",
    "Uncertainty and limits of the numbers are understood",
    "The plan was discussed with the team",
];

/// Parameters of [`PlanNew`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    name: Option<String>,
    template: Template,
    organ: Option<String>,
    entry: Option<String>,
    scan: Option<NodeId>,
    vessels: Option<String>,
    territories: String,
    targets: Option<Vec<TargetWish>>,
    keep_out: Option<Vec<SpareWish>>,
    height_cm: Option<f64>,
    weight_kg: Option<f64>,
    liver: Option<Condition>,
    note: String,
}

impl Tool for PlanNew {
    const ID: &'static str = "plan.new";
    const LABEL: &'static str = "New plan…";
    const HELP: &'static str = "Begin a plan: the organ, targets with margins, structures to spare with distances; a procedure fills in what is usual.";
    const STEP: Step = Step::Plan;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::with("name", Kind::Text, "", "null", "its name; a number if not given"),
        ParamSpec::with(
            "template",
            Kind::Choice(&Template::WORDS),
            "",
            "\"none\"",
            "the procedure whose usual targets, distances and check-list are filled in where they are not given",
        ),
        ParamSpec::with(
            "organ",
            Kind::Text,
            "",
            "null",
            "the organ: the name of a segment, or object/segment, e.g. 2/liver",
        ),
        ParamSpec::with("entry", Kind::Text, "", "null", "the surface that paths go in through, named like the organ"),
        ParamSpec::with(
            "scan",
            Kind::Node(NodeKind::Scan),
            "",
            "null",
            "the scan whose values count; the one of the organ's segmentation if not given",
        ),
        ParamSpec::with(
            "vessels",
            Kind::Text,
            "",
            "null",
            "centre lines of the vessels, numbers of objects with commas; all centre lines if not given",
        ),
        ParamSpec::with(
            "territories",
            Kind::Text,
            "",
            "\"distance\"",
            "what parts the territories of vessels: distance, radii (flows estimated from radii by Murray's law), or numbers of flow results with commas",
        ),
        ParamSpec::with("targets", Kind::Records, "", "null", "targets: records with structure and margin_mm"),
        ParamSpec::with(
            "keep_out",
            Kind::Records,
            "",
            "null",
            "structures to spare: records with structure, distance_mm and weight; without a weight a breach is forbidden",
        ),
        ParamSpec::with("height_cm", Kind::Number(30.0, 250.0), "cm", "null", "height of the patient, for formulas"),
        ParamSpec::with("weight_kg", Kind::Number(2.0, 350.0), "kg", "null", "weight of the patient, for formulas"),
        ParamSpec::with(
            "liver",
            Kind::Choice(&Condition::WORDS),
            "",
            "null",
            "how healthy the liver is; if not given it is judged as a normal one, with a warning",
        ),
        ParamSpec::with("note", Kind::Text, "", "\"\"", "what is to be said about it, up to 2000 characters"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let structure = |text: &Option<String>| text.as_deref().map(|text| plans::find(case, text)).transpose();
        let name = match &params.name {
            Some(name) => crate::tools::shared::name(name)?,
            None => next_name(case),
        };
        let limits = Limits {
            height_cm: params.height_cm,
            weight_kg: params.weight_kg,
            liver: params.liver,
            ..Limits::default()
        };
        let bare = Plan {
            organ: structure(&params.organ)?,
            entry: structure(&params.entry)?,
            scan: params.scan,
            territories: plans::territories_by(case, &params.territories)?,
            targets: targets(case, params.targets.as_deref().unwrap_or_default())?,
            keep_out: spares(case, params.keep_out.as_deref().unwrap_or_default())?,
            limits,
            note: crate::tools::shared::views::note(&params.note)?,
            ..Plan::default()
        };
        let found = plans::found(case);
        // A case often has the same organ twice, by hand and by preset: the segmentation of what was named comes first.
        let home = [bare.organ, bare.targets.first().map(|target| target.structure)].into_iter().flatten().next();
        let mut sorted = found;
        sorted.sort_by_key(|one| home.is_some_and(|home| home.node != one.structure.node));
        let (mut plan, sources) = params.template.fill(bare, &sorted).map_err(bad)?;
        if params.template != Template::None {
            plan.checks = CHECKS.map(|text| Check { text: text.to_owned(), signed: None }).to_vec();
        }
        plan.vessels = match &params.vessels {
            Some(text) => vessels(case, text)?,
            None => {
                let lines = case.nodes().filter(|(_, node)| node.data.kind() == NodeKind::Lines);
                lines.map(|(node, _)| crate::plan::Structure { node, segment: None }).collect()
            }
        };
        if plan.scan.is_none() {
            plan.scan = plan.structures().into_iter().find_map(|structure| scan_behind(case, structure.node));
        }
        refuse::plan(&plan, |structure| plans::name_of(case, structure)).map_err(bad)?;
        let ingredients = Ingredients::of(case, &plan)?;
        Ok(Box::new(move |progress| {
            plans::sound(&plan, &ingredients.scene(&mut BTreeMap::new(), progress)?)?;
            let source = plan.organ.map(|organ| organ.node);
            let summary = plan.summary(&sources);
            let mut node = Node::new(&name, Data::Plan(Arc::new(plan))).with_summary(summary);
            node.source = source;
            Ok(Edit::new(format!("plan {name}")).add(node))
        }))
    }
}

/// `Plan 3`: the first number that no object has.
pub(in crate::tools) fn next_name(case: &Case) -> String {
    let is_used = |name: &String| case.nodes().any(|(_, node)| node.name == *name);
    let names = (case.plans().count() + 1..).map(|n| format!("Plan {n}"));
    names.into_iter().find(|name| !is_used(name)).expect("numbers do not end")
}

/// The scan an object was made from.
fn scan_behind(case: &Case, mut id: NodeId) -> Option<NodeId> {
    loop {
        let node = case.node(id)?;
        if node.data.kind() == NodeKind::Scan {
            return Some(id);
        }
        id = node.source?;
    }
}
