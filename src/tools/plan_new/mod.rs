//! `plan.new`: a plan of an operation, empty or filled in for a procedure.

use crate::base::{NodeId, Progress};
use crate::mesh::CentreLines;
use crate::plan::liver::Condition;
use crate::plan::template::{Anatomy, Found, Template, landmarks, segments_in};
use crate::plan::tree::Role;
use crate::plan::{Check, KeepOut, Limits, NamedAction, Plan, Scene, Structure, Target, refuse};
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

/// What stands in the names of the portal vein, and of the vena cava.
const PORTAL: [&str; 3] = ["portal", "porta", "门静脉"];
const CAVA: [&str; 2] = ["cava", "腔静脉"];

/// Parameters of [`PlanNew`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    name: Option<String>,
    template: Template,
    segments: String,
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
    const HELP: &'static str = "Begin a plan: the organ, targets with margins, structures to spare with distances; a procedure fills in what is usual, and the first cut of a liver.";
    const STEP: Step = Step::Plan;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::with("name", Kind::Text, "", "null", "its name; a number if not given"),
        ParamSpec::with(
            "template",
            Kind::Choice(&Template::WORDS),
            "",
            "\"none\"",
            "the procedure whose usual targets, distances, check-list and first cut are filled in where they are not given",
        ),
        ParamSpec::with(
            "segments",
            Kind::Text,
            "",
            "\"\"",
            "of liver_segment: the segments of Couinaud that are taken, I to VIII with commas; the one the first target lies in if not given",
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
        let segments = segments_in(&params.segments).map_err(bad)?;
        if !segments.is_empty() && params.template != Template::LiverSegment {
            return Err(bad("segments are chosen for the template liver_segment only; choose that, or leave them out"));
        }
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
        let (mut plan, mut sources) = params.template.fill(bare, &sorted).map_err(bad)?;
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
        let first_cut = params.template.proposes().then(|| FirstCut::of(case, &mut plan, &sorted, segments));
        refuse::plan(&plan, |structure| plans::name_of(case, structure)).map_err(bad)?;
        let more = first_cut.as_ref().map_or_else(Vec::new, |first| first.landmarks.into_iter().flatten().collect());
        let ingredients = Ingredients::with(case, &plan, &more)?;
        Ok(Box::new(move |progress| {
            let scene = ingredients.scene(&mut BTreeMap::new(), progress)?;
            plans::sound(&plan, &scene)?;
            if let Some(first) = &first_cut {
                let (actions, said) = first.propose(params.template, &plan, &ingredients, &scene, progress)?;
                plan.actions = actions;
                refuse::plan(&plan, |structure| scene.name(structure)).map_err(bad)?;
                sources.extend(said);
            }
            let source = plan.organ.map(|organ| organ.node);
            let summary = plan.summary(&sources);
            let mut node = Node::new(&name, Data::Plan(Arc::new(plan))).with_summary(summary);
            node.source = source;
            Ok(Edit::new(format!("plan {name}")).add(node))
        }))
    }
}

/// What the first cut of a procedure is found from.
struct FirstCut {
    /// The vena cava and the gallbladder.
    landmarks: [Option<Structure>; 2],
    /// The portal vein and the hepatic veins.
    trees: [Option<Structure>; 2],
    segments: Vec<u8>,
}

impl FirstCut {
    /// What of it `case` has. The portal vein comes first among the vessels of `plan`, for its territories are cut.
    fn of(case: &Case, plan: &mut Plan, found: &[Found], segments: Vec<u8>) -> Self {
        let named: Vec<(Structure, String)> =
            plan.vessels.iter().map(|tree| (*tree, plans::name_of(case, *tree).to_lowercase())).collect();
        let first = |is: &dyn Fn(&str) -> bool| named.iter().find(|(_, name)| is(name)).map(|(tree, _)| *tree);
        let portal = first(&|name| PORTAL.iter().any(|word| name.contains(word)));
        let hepatic = first(&|name| Role::of(name) == Role::Drains && !CAVA.iter().any(|word| name.contains(word)));
        plan.vessels.sort_by_key(|tree| Some(*tree) != portal);
        let landmarks = landmarks(found).map(|one| one.map(|one| one.structure));
        Self { landmarks, trees: [portal, hepatic], segments }
    }

    /// The cuts, and a sentence for each that says where it comes from.
    fn propose(
        &self,
        template: Template,
        plan: &Plan,
        ingredients: &Ingredients,
        scene: &Scene,
        progress: &Progress,
    ) -> Result<(Vec<NamedAction>, Vec<String>), CommandError> {
        let organ = plan.organ.and_then(|organ| scene.body(organ));
        let organ = organ.ok_or_else(|| bad("the organ of the plan is empty; segment it again, or name another"))?;
        let targets: Vec<_> =
            plan.targets.iter().filter_map(|target| Some((scene.body(target.structure)?, target.margin_mm))).collect();
        let [cava, gallbladder] = self.landmarks.map(|own| own.and_then(|own| scene.body(own)));
        let trees: [Option<Arc<CentreLines>>; 2] =
            self.trees.map(|tree| tree.and_then(|tree| Some(ingredients.lines(&tree)?.1)));
        let [portal, hepatic] = trees.each_ref().map(Option::as_deref);
        let edge_mm = plan.limits.edge_mm();
        let anatomy = Anatomy { organ, targets: &targets, cava, gallbladder, portal, hepatic, edge_mm };
        let (actions, said) = template.propose(&anatomy, &self.segments).map_err(bad)?;
        progress.check()?;
        let planned = Plan { actions: actions.clone(), ..plan.clone() };
        for named in &actions {
            let problem = |why| plans::refused(&named.name, why);
            refuse::deed(&planned, &named.action, scene, progress).map_err(problem)?;
        }
        Ok((actions, said))
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
