//! `plan.search`: the best straight paths to the targets of a plan, with the risk of every entry.

use crate::base::{NodeId, Progress, SegmentId, Summary, Table};
use crate::geom::{Point, Vector};
use crate::image::{LabelMap, Modality, Scan};
use crate::mesh::decimate::decimate;
use crate::mesh::{Field, Surface};
use crate::plan::path::{Matter, Obstacle, approach};
use crate::plan::score::Body;
use crate::plan::search::{Cone, Found, Guarded, Outcome, Rules, Search, SearchError, Together, search, together};
use crate::plan::{Action, KeepOut, NamedAction, Needle, NeedleKind, Plan, Scene, Structure, refuse};
use crate::session::data::SurfaceData;
use crate::session::{Case, Change, CommandError, Counts, Data, Kind, Node, ParamSpec, Step, Task, Tool};
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
    a structure than its distance, from beneath another part of the surface, through air or more bone than permitted. The cost of \
    the others is the weighted mean of nearness (1 at the least distance, 0 from 7 mm beyond it; Sparks and others 2017, doi \
    10.1007/s11548-016-1452-x), length (weight 0.5) and angle (weight 0.25), each as a part of its limit; 0 is best.";
/// Said where it is so.
const DRILLED: &str = "The entry surface is bone, which is drilled: the bone that a path begins in, with up to 6 mm of marrow, does not \
    count as bone passed. What lies further along does.";
/// The entry surface is bone if there is bone this often just beneath it.
const BONE_SHARE: f64 = 0.5;

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
    target: Option<String>,
    kind: NeedleKind,
    count: usize,
    patch: Option<String>,
    at: Option<[f64; 3]>,
    radius_mm: f64,
    cone_axis: Option<[f64; 3]>,
    cone_degrees: f64,
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
            "one path to each target, apart from one another, instead of paths to one target",
        ),
        ParamSpec::with("adds", Kind::Integer(1, 10), "", "1", "how many of the best paths become needles of the plan"),
        ParamSpec::with("diameter_mm", Kind::Number(0.3, 12.0), "mm", "1.3", "diameter of the instrument"),
        ParamSpec::with(
            "bone_mm",
            Kind::Number(0.0, 100.0),
            "mm",
            "0.0",
            "bone that a path may pass at most; where the entry surface is bone, as a skull, beyond the bone that is drilled there",
        ),
        ParamSpec::with("gap_mm", Kind::Number(0.0, 50.0), "mm", "2.0", "least gap between paths to several targets"),
        ParamSpec::with(
            "target",
            Kind::Text,
            "",
            "null",
            "the target to reach: one of the plan, named as object/segment or by its name; the first if not given",
        ),
        ParamSpec::with(
            "kind",
            Kind::Choice(&["needle", "drain", "electrode", "probe"]),
            "",
            "\"needle\"",
            "what goes along the paths that are added",
        ),
        ParamSpec::with("count", Kind::Integer(1, 50), "", "10", "how many of the best paths are ranked in the table"),
        ParamSpec::with(
            "patch",
            Kind::Text,
            "",
            "null",
            "entries are permitted on this structure only: a segment or a surface, named like the target",
        ),
        ParamSpec::with("at", Kind::Point, "mm", "null", "entries are permitted about this place only"),
        ParamSpec::with("radius_mm", Kind::Number(1.0, 500.0), "mm", "30.0", "how far about that place"),
        ParamSpec::with(
            "cone_axis",
            Kind::Point,
            "",
            "null",
            "entries are permitted in a cone only: its direction from the target outwards",
        ),
        ParamSpec::with("cone_degrees", Kind::Number(1.0, 90.0), "°", "30.0", "largest angle to that direction"),
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
        let chosen = chosen(case, &plan, &params)?;
        let patch = permitted_patch(case, &params)?;
        let ingredients = Ingredients::with(case, &plan, patch.as_slice())?;
        let mut made_of = case.made_of_structures(&plan);
        made_of.extend(case.made(params.plan, Counts::Asked));
        made_of.extend(patch.and_then(|patch| case.made(patch.node, Counts::Content)));
        let scan = plan.scan.and_then(|id| case.node(id)).and_then(|node| match &node.data {
            Data::Scan(scan) if scan.modality == Modality::Ct => Some(Arc::clone(scan)),
            _ => None,
        });
        Ok(Box::new(move |progress| {
            let scene = ingredients.scene(&mut BTreeMap::new(), &progress.part(0.0..0.2, "bodies"))?;
            let work = Work {
                plan: &plan,
                scene: &scene,
                scan: scan.as_deref(),
                params: &params,
                chosen: &chosen,
                permits: patch,
            };
            let patch = work.patch(&from, &progress.part(0.2..0.5, "entry surface"))?;
            let is_drilled = work.is_bone(&patch);
            let (outcome, chosen, together) = work.search(&patch, is_drilled, &progress.part(0.5..1.0, "paths"))?;
            let mut new = Plan::clone(&plan);
            let first = new.actions.len();
            for (n, found) in chosen.iter().enumerate() {
                let action = Action::Needle(needle(found, params.kind));
                let problem = |why| plans::refused("the path found is refused", why);
                refuse::deed(&new, &action, &scene, progress).map_err(problem)?;
                new.actions.push(NamedAction { name: format!("path {}", first + n + 1), action });
            }
            refuse::plan(&new, |structure| scene.name(structure)).map_err(bad)?;
            let shown = together.as_ref().map_or(&outcome.best, |set| &set.paths);
            let table = work.table(shown).made_of(made_of.clone());
            let said = format!(
                "{} of {} paths are possible; the best is {:.0} mm long at a cost of {:.2}",
                outcome.possible,
                outcome.tried,
                chosen[0].path.length_mm(),
                chosen[0].cost
            );
            let mut summary = Summary::default().method(METHOD).table(table.clone()).made_of(made_of);
            summary = summary.fact("paths tried", outcome.tried as f64, "1");
            summary = summary.fact("paths possible", outcome.possible as f64, "1");
            if is_drilled {
                summary = summary.method(DRILLED);
            }
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
    /// The numbers of the plan's targets that are reached.
    chosen: &'a [usize],
    /// Where entries are permitted, if not everywhere.
    permits: Option<Structure>,
}

/// The numbers of the targets of `plan` that paths are searched to.
fn chosen(case: &Case, plan: &Plan, params: &Params) -> Result<Vec<usize>, CommandError> {
    match &params.target {
        None if params.all => Ok((0..plan.targets.len()).collect()),
        None => Ok(vec![0]),
        Some(_) if params.all => {
            Err(bad("paths to all targets or to one of them are searched; give either all or target"))
        }
        Some(text) => {
            let structure = plans::find(case, text)?;
            let place = plan.targets.iter().position(|target| target.structure == structure);
            let name = plans::name_of(case, structure);
            let why = || bad(format!("{name} is no target of the plan; name one that is, or add it with plan.change"));
            place.map(|place| vec![place]).ok_or_else(why)
        }
    }
}

/// The structure that entries must lie on, if one is named.
fn permitted_patch(case: &Case, params: &Params) -> Result<Option<Structure>, CommandError> {
    let Some(text) = &params.patch else { return Ok(None) };
    let structure = plans::find(case, text)?;
    match case.node(structure.node).map(|node| &node.data) {
        Some(Data::Labels(_) | Data::Surface(_)) => Ok(Some(structure)),
        _ => {
            let name = plans::name_of(case, structure);
            Err(bad(format!(
                "{name} is no segment and no surface; mark the permitted entries as a segment on the skin"
            )))
        }
    }
}

impl Work<'_> {
    fn rules(&self) -> Rules {
        let (limits, usual) = (&self.plan.limits, Rules::default());
        let half_degrees = self.params.cone_degrees;
        Rules {
            cone: self.params.cone_axis.map(|axis| Cone { axis, half_degrees }),
            // What is added is ranked too.
            count: self.params.count.max(self.params.adds),
            diameter_mm: self.params.diameter_mm,
            length_mm_max: limits.length_mm_max.unwrap_or(usual.length_mm_max),
            angle_degrees_max: limits.angle_degrees_max.unwrap_or(usual.angle_degrees_max),
            matters: limits.matters(),
            is_air_forbidden: self.scan.is_some(),
            bone_mm_max: self.scan.is_some().then_some(self.params.bone_mm),
            ..usual
        }
    }

    /// Whether an entry may lie at a place of the entry surface: on the patch and in the ball, where those are given.
    fn permits(&self) -> Result<impl Fn(&Point) -> bool + '_, CommandError> {
        let on_patch = match self.permits {
            None => None,
            Some(structure) => {
                let name = self.scene.name(structure);
                let body = self.scene.body(structure).and_then(Body::obstacle);
                Some(body.ok_or_else(|| bad(format!("{name} is empty; mark the permitted entries again")))?)
            }
        };
        let ball = self.params.at.map(|at| (Point::from(at), self.params.radius_mm));
        Ok(move |place: &Point| {
            // A surface runs between voxels, and thinning moves it.
            let is_on = on_patch.is_none_or(|patch| patch.signed_mm(place) <= patch.edge_mm() + THINNED_MM);
            is_on && ball.is_none_or(|(at, radius_mm)| (place - at).norm() <= radius_mm)
        })
    }

    /// Middles of the targets that are reached.
    fn targets(&self) -> Result<Vec<Point>, CommandError> {
        let place = |structure| {
            let gone = || bad(format!("{} is empty; choose another target", self.scene.name(structure)));
            self.scene.body(structure).map(Body::middle).ok_or_else(gone)
        };
        self.chosen.iter().map(|n| place(self.plan.targets[*n].structure)).collect()
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
        // The inner side of a skin that is a shell is none to go in through, nor is the border of a hole.
        let entry = self.plan.entry.and_then(|entry| self.scene.body(entry));
        let solid = entry.and_then(|body| body.solid.as_ref());
        let is_near = |vertex: &u32| {
            let at = &whole.positions()[*vertex as usize];
            let is_within = targets.iter().any(|target| (at - target).norm() <= reach_mm);
            is_within && solid.is_none_or(|solid| solid.is_outer(at))
        };
        let permits = self.permits()?;
        let is_permitted = |vertex: &u32| permits(&whole.positions()[*vertex as usize]);
        let near: Vec<[u32; 3]> =
            whole.triangles().iter().filter(|corners| corners.iter().any(is_near)).copied().collect();
        let reached = !near.is_empty();
        // Whole fans, so that the normals of permitted entries are those of the whole surface.
        let near: Vec<[u32; 3]> = near.into_iter().filter(|corners| corners.iter().any(is_permitted)).collect();
        if reached && near.is_empty() {
            return Err(bad(format!(
                "no place of the entry surface within {reach_mm} mm of the target is a permitted entry; permit more: another patch, \
                 another place or a larger radius"
            )));
        }
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

    /// Whether the entry surface is bone: there is bone within two voxels of most of its places, inwards.
    fn is_bone(&self, patch: &Surface) -> bool {
        let Some(scan) = self.scan else { return false };
        let (grid, matters) = (scan.grid(), self.plan.limits.matters());
        let step_mm = 0.5 * grid.spacing_mm().into_iter().fold(f64::INFINITY, f64::min);
        let is_bone_at = |place: Point| {
            grid.voxel_at(place).is_some_and(|voxel| matters.of(scan.value(grid.offset(voxel))) == Matter::Bone)
        };
        let normals = patch.vertex_normals();
        let beneath = |(place, normal): &(&Point, &Vector)| {
            (0..=4).any(|n| is_bone_at(*place - *normal * (f64::from(n) * step_mm)))
        };
        let bony = patch.positions().iter().zip(&normals).filter(beneath).count();
        BONE_SHARE * patch.positions().len() as f64 <= bony as f64
    }

    /// What was found, the paths that become needles, and the set if there is one path to each target.
    fn search(
        &self,
        patch: &Surface,
        is_entry_drilled: bool,
        progress: &Progress,
    ) -> Result<(Outcome, Vec<Found>, Option<Together>), CommandError> {
        let (targets, rules) = (self.targets()?, Rules { is_entry_drilled, ..self.rules() });
        let guard = |keep_out: &KeepOut| {
            // A path through the place of what is empty would look free.
            let body = self.scene.body(keep_out.structure);
            let is_far = MAPPED_MM < keep_out.distance_mm;
            let structure = body.and_then(|body| if is_far { body.obstacle() } else { body.near() });
            let (Some(body), Some(structure)) = (body, structure) else {
                let name = self.scene.name(keep_out.structure);
                return Err(bad(format!(
                    "{name} is empty, so nothing can be kept away from it; segment it or take it out of the plan"
                )));
            };
            Ok((&body.name, Guarded { structure, distance_mm: keep_out.distance_mm, weight: keep_out.weight }))
        };
        let guards: Vec<_> = self.plan.keep_out.iter().map(guard).collect::<Result<_, CommandError>>()?;
        let (names, guarded): (Vec<&String>, Vec<Guarded>) = guards.into_iter().unzip();
        let permits = self.permits()?;
        let permitted: Vec<bool> = patch.positions().iter().map(permits).collect();
        let what = Search {
            surface: patch,
            permitted: Some(&permitted),
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
        // Vessels have no edge that was drawn.
        let beyond_mm = |body: &Body| if body.is_lines() { 0.0 } else { self.plan.limits.edge_mm() };
        let spared: Vec<(&str, &Obstacle, f64)> =
            spared.filter_map(|body| Some((body.name.as_str(), body.obstacle()?, beyond_mm(body)))).collect();
        let heads = |(name, ..): &(&str, &Obstacle, f64)| {
            [format!("to {name}"), format!("to {name}, at least"), format!("to {name}, at most")]
        };
        let names: Vec<String> = spared.iter().flat_map(heads).collect();
        let mut columns = vec![("cost", "1"), ("length", "mm"), ("angle", "°")];
        columns.extend(names.iter().map(|name| (name.as_str(), "mm")));
        let mut table = Table::new("Paths", "path", &columns);
        for (n, found) in shown.iter().enumerate() {
            let target = self.scene.name(self.plan.targets[self.chosen[found.target]].structure);
            let near = spared.iter().flat_map(|(_, own, beyond_mm)| {
                approach(&found.path, own).distance_mm.widened(*beyond_mm).at_least(0.0).all().map(Some)
            });
            let own = [found.cost, found.path.length_mm(), found.angle_degrees].map(Some);
            table = table.row(format!("{}, {target}", n + 1), own.into_iter().chain(near));
        }
        table
    }
}

fn needle(found: &Found, kind: NeedleKind) -> Needle {
    let (entry, target) = (found.path.entry().into(), found.path.target().into());
    Needle { entry, target, diameter_mm: 2.0 * found.path.radius_mm(), kind, contacts: None }
}
