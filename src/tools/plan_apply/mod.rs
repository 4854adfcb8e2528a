//! `plan.apply`: the cuts or osteotomies of a plan done to voxels, surfaces and tetrahedra.

mod saw;

use crate::base::{Made, NodeId, Progress, SegmentId, Summary};
use crate::image::{LabelMap, Segment, Volume};
use crate::mesh::TetMesh;
use crate::plan::resection::{Blade, Books, Fate, Organ, ResectionError, SplitTets, fates, split};
use crate::plan::score::knives;
use crate::plan::{Action, refuse, uncertainty};
use crate::session::{Case, CommandError, Counts, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::plans::{self, Ingredients, PLAN, bad};
use crate::tools::shared::{SurfaceWish, surface_node};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

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

/// Which parts are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Both,
    Specimen,
    Remnant,
}

impl Wanted {
    fn holds(self, fate: Fate) -> bool {
        match self {
            Self::Both => true,
            Self::Specimen => fate == Fate::Resected,
            Self::Remnant => fate == Fate::Remnant,
        }
    }
}

/// Parameters of [`PlanApply`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    plan: NodeId,
    parts: Wanted,
    surfaces: bool,
    mesh: Option<NodeId>,
}

impl Tool for PlanApply {
    const ID: &'static str = "plan.apply";
    const LABEL: &'static str = "Apply cuts…";
    const HELP: &'static str = "Do the cuts of a plan: a new segmentation of what is taken away, what stays and what the cut destroys; or its osteotomies: the bone in parts, and its fragments where they are moved to; with surfaces and meshes of the parts if wanted.";
    const STEP: Step = Step::Plan;
    const PARAMS: &'static [ParamSpec] = &[
        PLAN,
        ParamSpec::with(
            "parts",
            Kind::Choice(&["both", "specimen", "remnant"]),
            "",
            "\"both\"",
            "which parts are made: the specimen that is taken away, the remnant that stays, or both with what the cut destroys",
        ),
        ParamSpec::with("surfaces", Kind::Bool, "", "false", "also make a surface of each part"),
        ParamSpec::with(
            "mesh",
            Kind::Node(NodeKind::Tets),
            "",
            "null",
            "also divide this mesh into one for each part: tetrahedra that a cut goes through are cut in two, and all keep their region",
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
        let saws = saw::osteotomies(&plan);
        if !saws.is_empty() && plan.actions.iter().any(|named| matches!(named.action, Action::Cut(_))) {
            return Err(bad(
                "the plan has cuts and osteotomies; make a copy with plan.copy and leave only one kind in each, then apply both",
            ));
        }
        let ingredients = Ingredients::of(case, &plan)?;
        // What is computed on the parts later belongs to this plan as long as it is planned so.
        let made = [(params.plan, Counts::Planned), (organ.node, Counts::Content)];
        let made: Vec<Made> = made.into_iter().filter_map(|(id, counts)| case.made(id, counts)).collect();
        if !saws.is_empty() {
            let bone = saw::Bone {
                node: organ.node,
                labels,
                segment,
                name: own.name,
                plan: node.name.clone(),
                mesh,
                surfaces: params.surfaces,
                made,
            };
            return Ok(Box::new(move |progress| bone.sawn(&saws, progress)));
        }
        Ok(Box::new(move |progress| {
            let scene = ingredients.scene(&mut BTreeMap::new(), &progress.part(0.0..0.1, "bodies"))?;
            let found = knives::of_plan(&plan, &scene, &progress.part(0.1..0.3, "cuts"))?;
            let Some((all, each)) = knives::all(&plan, &found).map_err(bad)? else {
                return Err(bad("the plan has no cut; add one first"));
            };
            let edge_mm = plan.limits.edge_mm();
            let (parts, books) = parted(&labels, segment, &all, edge_mm, &progress.part(0.3..0.4, "voxels"))?;
            let mut summary = Summary::default()
                .method("Every voxel of the organ belongs to the part its centre lies in.")
                .method(uncertainty::METHOD)
                .bounded(&own.name, books.organ_ml.about(labels.volume_ml(segment)).all(), "ml");
            for ((fate, name, _), ml) in PARTS.into_iter().zip([books.remnant_ml, books.resected_ml, books.cut_ml]) {
                summary = summary.bounded(name, ml.about(parts.volume_ml(SegmentId(fate as u8))).all(), "ml");
            }
            if [1, 2].iter().any(|label| parts.count(SegmentId(*label)) == 0) {
                let text = format!("the cuts part nothing from {}; move them into it", own.name);
                return Err(bad(text));
            }
            let parts = only(parts, params.parts)?;
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
                let known_mm = edge_mm + 0.5 * labels.grid().voxel_mm3().cbrt();
                for mut part in divided(mesh, &own.name, &each, params.parts, known_mm)? {
                    part.summary = of_plan(part.summary);
                    edit = edit.add(part.from_source(id));
                }
            }
            Ok(edit)
        }))
    }
}

/// The organ's voxels by part, and the volumes of these.
fn parted(
    labels: &LabelMap,
    organ: SegmentId,
    cuts: &Blade,
    edge_mm: f64,
    progress: &Progress,
) -> Result<(LabelMap, Books), CommandError> {
    let failed = |error: ResectionError| match error {
        ResectionError::Cancelled(stop) => CommandError::from(stop),
        ResectionError::NoOrgan => bad("the organ is empty; choose another"),
        other => CommandError::failed(&other),
    };
    let table = PARTS.map(|(fate, name, colour)| Segment::new(SegmentId(fate as u8), name, colour, None)).to_vec();
    let voxels = Organ::of(&labels.mask(organ)).map_err(failed)?;
    let parts = fates(&voxels, cuts, progress).map_err(failed)?;
    let books = Books::of(&voxels, cuts, edge_mm, progress).map_err(failed)?;
    Ok((LabelMap::from_volume(&parts, table).map_err(|error| CommandError::failed(&error))?, books))
}

/// The parts that are wanted, under their numbers.
fn only(parts: LabelMap, wanted: Wanted) -> Result<LabelMap, CommandError> {
    let Some((fate, name, colour)) = PARTS.into_iter().find(|(fate, ..)| wanted != Wanted::Both && wanted.holds(*fate))
    else {
        return Ok(parts);
    };
    let id = SegmentId(fate as u8);
    let mask = parts.mask(id);
    let voxels = mask.voxels().iter().map(|mark| if *mark == 0 { 0 } else { id.0 }).collect();
    let voxels = Volume::new(Arc::clone(mask.grid()), voxels).expect("one mark per voxel");
    let table = vec![Segment::new(id, name, colour, None)];
    LabelMap::from_volume(&voxels, table).map_err(|error| CommandError::failed(&error))
}

/// The mesh cut by one cut after another, each part a mesh of its own: what any cut takes away is gone, what none of them
/// touches stays. The outer surface is known within `known_mm`.
fn divided(
    mesh: TetMesh,
    organ: &str,
    cuts: &[Blade],
    wanted: Wanted,
    known_mm: f64,
) -> Result<Vec<Node>, CommandError> {
    let mut fates = vec![Fate::Remnant; mesh.tets().len()];
    let mut parted = SplitTets { from: (0..fates.len() as u32).collect(), fates: fates.clone(), mesh };
    for cut in cuts {
        let pieces = split(&parted.mesh, cut).map_err(|error| CommandError::failed(&error))?;
        let later = pieces.from.iter().zip(&pieces.fates).map(|(from, fate)| match (fates[*from as usize], *fate) {
            (Fate::Resected, _) => Fate::Resected,
            (before, Fate::Remnant) => before,
            (_, fate) => fate,
        });
        fates = later.collect();
        parted = pieces;
    }
    parted.fates = fates;
    // Faces within the mesh that was cut have a tetrahedron on either side and are no part of its outside.
    let (outside, owners) = parted.mesh.boundary();
    let outer_mm2 = |fate: Fate| {
        let own = outside.triangles().iter().zip(&owners).filter(|(_, tet)| parted.fates[**tet as usize] == fate);
        own.map(|(triangle, _)| outside.corners(*triangle))
            .map(|[a, b, c]| 0.5 * (b - a).cross(&(c - a)).norm())
            .sum::<f64>()
    };
    let node = |(fate, name, colour): (Fate, &str, [u8; 3])| {
        let part = parted.part(fate)?;
        let ml = uncertainty::swept(part.volume_ml(), outer_mm2(fate), known_mm);
        let summary = Summary::default()
            .bounded("volume", ml.all(), "ml")
            .method(
                "Tetrahedra that a cut goes through are halved along it, one cut after another; a cut nearer to a corner than 2 % of \
                 an edge goes through the corner. Every piece lies on one side and has the region of the tetrahedron it is of.",
            )
            .method(uncertainty::SWEPT);
        let node = Node::new(format!("{name} {organ}, mesh"), Data::Tets(part)).with_summary(summary);
        Some(node.shown(colour, 1.0))
    };
    Ok(PARTS.into_iter().filter(|(fate, ..)| wanted.holds(*fate)).filter_map(node).collect())
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
