//! `plan.search`: the best straight paths to the targets of a plan, with the risk of every entry.

use crate::base::{NodeId, Progress, SegmentId, Summary, Table};
use crate::geom::Point;
use crate::image::{LabelMap, Modality, Scan};
use crate::mesh::decimate::decimate;
use crate::mesh::{Field, Surface};
use crate::plan::path::{Obstacle, approach};
use crate::plan::score::Body;
use crate::plan::search::{Found, Guarded, Outcome, Rules, Search, SearchError, Together, search, together};
use crate::plan::{Action, NamedAction, Needle, NeedleKind, Plan, Scene, refuse};
use crate::session::data::SurfaceData;
use crate::session::{Case, Change, CommandError, Data, Kind, Node, ParamSpec, Step, Task, Tool};
use crate::tools::shared::plans::{self, Ingredients, PLAN, bad};
use crate::tools::shared::{SurfaceWish, surface_node};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How the entry surface is made of a segment.
const WISH: SurfaceWish = SurfaceWish { smoothing: 0.5, triangles_max: 200_000, error_mm: 0.1 };
/// Triangles that are left of it within reach: about 10 000 entries, some millimetres apart on a body.
const TRIANGLES_MAX: usize = 20_000;
/// How far thinning may move the entry surface.
const THINNED_MM: f64 = 1.0;
/// A map of distances is exact this far around voxels; beyond the exact faces are asked.
const MAPPED_MM: f64 = 10.0;
/// Every rule of a search, said once.
const METHOD: &str = "Every place of the entry surface within the longest path was tried. Forbidden: longer, more slanted, nearer to \
    a structure than its distance, through air or more bone than permitted. The cost of the others is the weighted mean of nearness \
    (1 at the least distance, 0 from 7 mm beyond it; Sparks and others 2017, doi 10.1007/s11548-016-1452-x), length (weight 0.5) \
    and angle (weight 0.25), each as a part of its limit; 0 is best.";

/// Search for paths.
#[derive(Debug)]
pub struct PlanSearch;

/// Parameters of [`PlanSearch`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    plan: NodeId,
    all: bool,
    adds: usize,
    diameter_mm: f64,
    bone_mm: f64,
    gap_mm: f64,
}

impl Tool for PlanSearch {
    const ID: &'static str = "plan.search";
    const LABEL: &'static str = "Search for paths…";
    const HELP: &'static str = "Try every place of the entry surface, rank the paths to the targets, add the best as needles, and colour the surface by its risk.";
    const STEP: Step = Step::Plan;
    const PARAMS: &'static [ParamSpec] = &[
        PLAN,
        ParamSpec::with(
            "all",
            Kind::Bool,
            "",
            "false",
            "one path to each target, apart from one another, instead of paths to the first target",
        ),
        ParamSpec::with("adds", Kind::Integer(1, 10), "", "1", "how many of the best paths become needles of the plan"),
        ParamSpec::with("diameter_mm", Kind::Number(0.3, 12.0), "mm", "1.3", "diameter of the instrument"),
        ParamSpec::with(
            "bone_mm",
            Kind::Number(0.0, 100.0),
            "mm",
            "0.0",
            "bone that a path may pass at most, e.g. for a skull that is drilled",
        ),
        ParamSpec::with("gap_mm", Kind::Number(0.0, 50.0), "mm", "2.0", "least gap between paths to several targets"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let (old, plan) = plans::plan_of(case, params.plan)?;
        let Some(entry) = plan.entry else {
            return Err(bad(
                "the plan has no surface that paths go in through; segment the skin or skull and give it as the \
                            entry with plan.change",
            ));
        };
        if plan.targets.is_empty() {
            return Err(bad("the plan has no target; name one with plan.change"));
        }
        let from = match (&case.node(entry.node).map(|node| node.data.clone()), entry.segment) {
            (Some(Data::Labels(labels)), Some(segment)) => EntryFrom::Segment(labels.clone(), segment),
            (Some(Data::Surface(own)), None) => EntryFrom::Surface(own.surface.clone()),
            _ => {
                let name = plans::name_of(case, entry);
                return Err(bad(format!("{name} is no segment and no surface; choose the skin or skull as the entry")));
            }
        };
        let ingredients = Ingredients::of(case, &plan)?;
        let scan = plan.scan.and_then(|id| case.node(id)).and_then(|node| match &node.data {
            Data::Scan(scan) if scan.modality == Modality::Ct => Some(Arc::clone(scan)),
            _ => None,
        });
        Ok(Box::new(move |progress| {
            let scene = ingredients.scene(&mut BTreeMap::new(), &progress.part(0.0..0.2, "bodies"))?;
            let work = Work { plan: &plan, scene: &scene, scan: scan.as_deref(), params: &params };
            let patch = work.patch(&from, &progress.part(0.2..0.5, "entry surface"))?;
            let (outcome, chosen, together) = work.search(&patch, &progress.part(0.5..1.0, "paths"))?;
            let mut new = Plan::clone(&plan);
            let first = new.actions.len();
            for (n, found) in chosen.iter().enumerate() {
                let action = Action::Needle(needle(found));
                let problem = |why| plans::refused("the path found is refused", why);
                refuse::deed(&new, &action, &scene, progress).map_err(problem)?;
                new.actions.push(NamedAction { name: format!("path {}", first + n + 1), action });
            }
            refuse::plan(&new, |structure| scene.name(structure)).map_err(bad)?;
            let shown = together.as_ref().map_or(&outcome.best, |set| &set.paths);
            let table = work.table(shown);
            let said = format!(
                "{} of {} paths are possible; the best is {:.0} mm long at a cost of {:.2}",
                outcome.possible,
                outcome.tried,
                chosen[0].path.length_mm(),
                chosen[0].cost
            );
            let mut summary = Summary::default().method(METHOD).table(table.clone());
            summary = summary.fact("paths tried", outcome.tried as f64, "1");
            summary = summary.fact("paths possible", outcome.possible as f64, "1");
            if scan.is_none() {
                summary = summary.limit("The plan has no CT, so air and bone on the way were not looked for.");
            }
            if together.as_ref().is_some_and(|set| !set.is_best) {
                summary = summary.limit("There were too many sets of paths to try all; a cheaper one may exist.");
            }
            let mut edit = plans::replaced(format!("search paths, {}", old.name), params.plan, &old, new);
            for change in &mut edit.changes {
                if let Change::Replace { node, .. } = change {
                    node.summary = std::mem::take(&mut node.summary).method(METHOD).table(table.clone());
                }
            }
            let field = Field::new("risk", "1", outcome.risks());
            let data = SurfaceData { surface: patch, fields: vec![field] };
            let name = format!("{}, risk of {}", scene.name(entry), old.name);
            let node = Node::new(name, Data::Surface(Arc::new(data))).with_summary(summary).from_source(entry.node);
            Ok(edit.add(node.coloured_by("risk")).say(said))
        }))
    }
}

/// What the entry surface is made from.
enum EntryFrom {
    Segment(LabelMap, SegmentId),
    Surface(Surface),
}

/// A search and what it is made with.
struct Work<'a> {
    plan: &'a Plan,
    scene: &'a Scene,
    scan: Option<&'a Scan>,
    params: &'a Params,
}

impl Work<'_> {
    fn rules(&self) -> Rules {
        let (limits, usual) = (&self.plan.limits, Rules::default());
        Rules {
            diameter_mm: self.params.diameter_mm,
            length_mm_max: limits.length_mm_max.unwrap_or(usual.length_mm_max),
            angle_degrees_max: limits.angle_degrees_max.unwrap_or(usual.angle_degrees_max),
            matters: limits.matters(),
            is_air_forbidden: self.scan.is_some(),
            bone_mm_max: self.scan.is_some().then_some(self.params.bone_mm),
            ..usual
        }
    }

    /// Middles of the first target, or of all.
    fn targets(&self) -> Result<Vec<Point>, CommandError> {
        let count = if self.params.all { self.plan.targets.len() } else { 1 };
        let place = |structure| {
            let gone = || bad(format!("{} is empty; choose another target", self.scene.name(structure)));
            self.scene.body(structure).map(Body::middle).ok_or_else(gone)
        };
        self.plan.targets[..count].iter().map(|target| place(target.structure)).collect()
    }

    /// The part of the entry surface within reach of a target, thinned.
    fn patch(&self, from: &EntryFrom, progress: &Progress) -> Result<Surface, CommandError> {
        let (targets, reach_mm) = (self.targets()?, self.rules().length_mm_max);
        let whole = match from {
            EntryFrom::Surface(surface) => surface.clone(),
            EntryFrom::Segment(labels, segment) => match surface_node(labels, *segment, WISH, progress)?.data {
                Data::Surface(own) => own.surface.clone(),
                _ => unreachable!("a surface was made"),
            },
        };
        let is_near = |vertex: &u32| {
            targets.iter().any(|target| (whole.positions()[*vertex as usize] - target).norm() <= reach_mm)
        };
        let near: Vec<[u32; 3]> =
            whole.triangles().iter().filter(|corners| corners.iter().any(is_near)).copied().collect();
        if near.is_empty() {
            return Err(bad(format!(
                "no place of the entry surface is within {reach_mm} mm of the target; raise the plan's limit length_mm_max"
            )));
        }
        let patch = whole.with_triangles(&near);
        if patch.triangles().len() <= TRIANGLES_MAX {
            return Ok(patch);
        }
        let part = TRIANGLES_MAX as f64 / patch.triangles().len() as f64;
        Ok(decimate(&patch, part, THINNED_MM, progress).map_err(|error| CommandError::failed(&error))?.0)
    }

    /// What was found, the paths that become needles, and the set if there is one path to each target.
    fn search(
        &self,
        patch: &Surface,
        progress: &Progress,
    ) -> Result<(Outcome, Vec<Found>, Option<Together>), CommandError> {
        let (targets, rules) = (self.targets()?, self.rules());
        let guards = self.plan.keep_out.iter().filter_map(|keep_out| {
            let body = self.scene.body(keep_out.structure)?;
            let is_far = MAPPED_MM < keep_out.distance_mm;
            let structure: &Obstacle = if is_far { body.obstacle()? } else { body.near()? };
            Some((&body.name, Guarded { structure, distance_mm: keep_out.distance_mm, weight: keep_out.weight }))
        });
        let (names, guarded): (Vec<&String>, Vec<Guarded>) = guards.unzip();
        let what = Search {
            surface: patch,
            permitted: None,
            targets: &targets,
            guarded: &guarded,
            scan: self.scan,
            rules: &rules,
        };
        let refused = |error: SearchError| match error {
            SearchError::Cancelled(stop) => CommandError::from(stop),
            other => bad(other.to_string()),
        };
        let outcome = search(&what, &progress.part(0.0..0.5, "entries")).map_err(refused)?;
        if let Some(why) = outcome.why_none(|n| names[n].clone()) {
            return Err(bad(why));
        }
        if targets.len() < 2 {
            let chosen = outcome.best.iter().take(self.params.adds).cloned().collect();
            return Ok((outcome, chosen, None));
        }
        let set = together(&what, self.params.gap_mm, &progress.part(0.5..1.0, "paths together")).map_err(refused)?;
        Ok((outcome, set.paths.clone(), Some(set)))
    }

    /// The ranked paths as a table: what each costs, and how near it comes to what is spared.
    fn table(&self, shown: &[Found]) -> Table {
        let spared = self.plan.keep_out.iter().filter_map(|own| self.scene.body(own.structure));
        let spared: Vec<(&str, &Obstacle)> =
            spared.filter_map(|body| Some((body.name.as_str(), body.obstacle()?))).collect();
        let names: Vec<String> = spared.iter().map(|(name, _)| format!("to {name}")).collect();
        let mut columns = vec![("cost", "1"), ("length", "mm"), ("angle", "°")];
        columns.extend(names.iter().map(|name| (name.as_str(), "mm")));
        let mut table = Table::new("Paths", "path", &columns);
        for (n, found) in shown.iter().enumerate() {
            let target = self.scene.name(self.plan.targets[found.target].structure);
            let near = spared.iter().map(|(_, own)| Some(approach(&found.path, own).distance_mm.value));
            let own = [found.cost, found.path.length_mm(), found.angle_degrees].map(Some);
            table = table.row(format!("{}, {target}", n + 1), own.into_iter().chain(near));
        }
        table
    }
}

fn needle(found: &Found) -> Needle {
    let (entry, target) = (found.path.entry().into(), found.path.target().into());
    Needle { entry, target, diameter_mm: 2.0 * found.path.radius_mm(), kind: NeedleKind::Needle }
}
