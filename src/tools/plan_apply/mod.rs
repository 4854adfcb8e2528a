//! `plan.apply`: the cuts of a plan done to voxels, surfaces and tetrahedra.

use crate::base::{Made, NodeId, Progress, SegmentId, Summary};
use crate::image::{LabelMap, Segment};
use crate::mesh::TetMesh;
use crate::plan::refuse;
use crate::plan::resection::{Blade, Fate, Organ, ResectionError, fates, split};
use crate::plan::score::knives;
use crate::session::{Case, CommandError, Counts, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::plans::{self, Ingredients, PLAN, bad};
use crate::tools::shared::{SurfaceWish, surface_node};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The parts in the order of their labels and regions, which are the numbers of fates: name, colour (Okabe and Ito 2008).
const PARTS: [(Fate, &str, [u8; 3]); 3] = [
    (Fate::Remnant, "remnant", [0, 158, 115]),
    (Fate::Resected, "resected", [213, 94, 0]),
    (Fate::Cut, "cut", [240, 228, 66]),
];
const WISH: SurfaceWish = SurfaceWish { smoothing: 0.5, triangles_max: 200_000, error_mm: 0.1 };

/// The cuts of a plan, done.
#[derive(Debug)]
pub struct PlanApply;

/// Parameters of [`PlanApply`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    plan: NodeId,
    surfaces: bool,
    mesh: Option<NodeId>,
}

impl Tool for PlanApply {
    const ID: &'static str = "plan.apply";
    const LABEL: &'static str = "Apply cuts…";
    const HELP: &'static str = "Do the cuts of a plan: a new segmentation of what is taken away, what stays and what the cut destroys, with surfaces and a divided mesh if wanted.";
    const STEP: Step = Step::Plan;
    const PARAMS: &'static [ParamSpec] = &[
        PLAN,
        ParamSpec::with("surfaces", Kind::Bool, "", "false", "also make a surface of each part"),
        ParamSpec::with(
            "mesh",
            Kind::Node(NodeKind::Tets),
            "",
            "null",
            "also divide this mesh: tetrahedra that a cut goes through are cut in two",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let (node, plan) = plans::plan_of(case, params.plan)?;
        refuse::cuts(&plan).map_err(bad)?;
        let organ = plan.organ.ok_or_else(|| bad("the plan has no organ; choose one with plan.change"))?;
        let segment = organ.segment.ok_or_else(|| bad("the organ is no segment; choose a segment with plan.change"))?;
        let labels = crate::tools::shared::labels(case, organ.node)?;
        let own = labels.segment(segment).cloned();
        let own = own.ok_or_else(|| bad("the organ is not in the case any more; choose it again with plan.change"))?;
        let mesh = match params.mesh {
            None => None,
            Some(id) => match &case.expect_kind(id, NodeKind::Tets)?.data {
                Data::Tets(mesh) => Some((id, mesh.clone())),
                _ => unreachable!("the kind was checked"),
            },
        };
        let ingredients = Ingredients::of(case, &plan)?;
        // What is computed on the parts later belongs to this plan as long as it is planned so.
        let made = [(params.plan, Counts::Planned), (organ.node, Counts::Content)];
        let made: Vec<Made> = made.into_iter().filter_map(|(id, counts)| case.made(id, counts)).collect();
        Ok(Box::new(move |progress| {
            let scene = ingredients.scene(&mut BTreeMap::new(), &progress.part(0.0..0.1, "bodies"))?;
            let found = knives::of_plan(&plan, &scene, &progress.part(0.1..0.3, "cuts"))?;
            let Some((all, each)) = knives::all(&plan, &found).map_err(bad)? else {
                return Err(bad("the plan has no cut; add one first"));
            };
            let parts = parted(&labels, segment, &all, &progress.part(0.3..0.4, "voxels"))?;
            let mut summary = Summary::default()
                .method("Every voxel of the organ belongs to the part its centre lies in.")
                .fact(&own.name, labels.volume_ml(segment), "ml");
            for (fate, name, _) in PARTS {
                summary = summary.fact(name, parts.volume_ml(SegmentId(fate as u8)), "ml");
            }
            if [1, 2].iter().any(|label| parts.count(SegmentId(*label)) == 0) {
                let text = format!("the cuts part nothing from {}; move them into it", own.name);
                return Err(bad(text));
            }
            let of_plan = |summary: Summary| summary.made_of(made.iter().cloned());
            let mut edit = Edit::new(format!("apply {}", node.name));
            let name = format!("{}, {} applied", own.name, node.name);
            let all =
                Node::new(name, Data::Labels(parts.clone())).with_summary(of_plan(summary)).from_source(organ.node);
            edit = edit.add(all);
            for (n, (fate, part, colour)) in PARTS.into_iter().enumerate() {
                let label = fate as u8;
                if !params.surfaces || parts.count(SegmentId(label)) == 0 {
                    continue;
                }
                let share = progress.part(0.4 + 0.15 * n as f64..0.55 + 0.15 * n as f64, "surfaces");
                let name = format!("{part} {}", own.name);
                match surface_of(&parts, SegmentId(label), &name, colour, &share) {
                    Ok(mut surface) => {
                        surface.summary = of_plan(surface.summary);
                        edit = edit.add(surface.from_source(organ.node));
                    }
                    // A layer one voxel thin may vanish when it is smoothed; the voxels have it all the same.
                    Err(CommandError::Failed(why)) => edit = edit.say(format!("no surface of {name}: {why}")),
                    Err(error) => return Err(error),
                }
            }
            if let Some((id, mesh)) = mesh {
                let mut parted = divided(mesh, &own.name, &each)?;
                parted.summary = of_plan(parted.summary);
                edit = edit.add(parted.from_source(id));
            }
            Ok(edit)
        }))
    }
}

/// The organ's voxels by part.
fn parted(labels: &LabelMap, organ: SegmentId, cuts: &Blade, progress: &Progress) -> Result<LabelMap, CommandError> {
    let failed = |error: ResectionError| match error {
        ResectionError::Cancelled(stop) => CommandError::from(stop),
        ResectionError::NoOrgan => bad("the organ is empty; choose another"),
        other => CommandError::failed(&other),
    };
    let table = PARTS.map(|(fate, name, colour)| Segment::new(SegmentId(fate as u8), name, colour, None)).to_vec();
    let voxels = Organ::of(&labels.mask(organ)).map_err(failed)?;
    let parts = fates(&voxels, cuts, progress).map_err(failed)?;
    LabelMap::from_volume(&parts, table).map_err(|error| CommandError::failed(&error))
}

/// The mesh cut by one cut after another, with the part of each piece as its region: what any cut takes away is gone, what
/// none of them touches stays.
fn divided(mesh: TetMesh, organ: &str, cuts: &[Blade]) -> Result<Node, CommandError> {
    let mut parted = mesh;
    let mut regions = vec![Fate::Remnant as u8; parted.tets().len()];
    for cut in cuts {
        let pieces = split(&parted, cut).map_err(|error| CommandError::failed(&error))?;
        let later = pieces.from.iter().zip(&pieces.fates).map(|(from, fate)| match (regions[*from as usize], *fate) {
            (before, _) if before == Fate::Resected as u8 => before,
            (before, Fate::Remnant) => before,
            (_, fate) => fate as u8,
        });
        regions = later.collect();
        parted = pieces.mesh;
    }
    let mut summary = Summary::default().method(
        "Tetrahedra that a cut goes through are halved along it, one cut after another; a cut nearer to a corner than 2 % of \
         an edge goes through the corner. Every piece lies on one side.",
    );
    for (fate, name, _) in PARTS {
        let own = (0..regions.len()).filter(|tet| regions[*tet] == fate as u8);
        summary = summary.fact(name, own.map(|tet| parted.tet_mm3(tet)).sum::<f64>() / 1000.0, "ml");
    }
    let parted = TetMesh::new(parted.positions().to_vec(), parted.tets().to_vec(), regions);
    let parted = parted.map_err(|error| CommandError::failed(&error))?;
    Ok(Node::new(format!("{organ}, mesh in parts"), Data::Tets(parted)).with_summary(summary))
}

fn surface_of(
    parts: &LabelMap,
    segment: SegmentId,
    name: &str,
    colour: [u8; 3],
    progress: &Progress,
) -> Result<Node, CommandError> {
    let mut node = surface_node(parts, segment, WISH, progress)?.shown(colour, 1.0);
    name.clone_into(&mut node.name);
    Ok(node)
}
