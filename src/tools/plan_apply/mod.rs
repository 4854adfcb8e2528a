//! `plan.apply`: the cuts of a plan done to voxels, surfaces and tetrahedra.

use crate::base::{NodeId, Progress, SegmentId, Summary};
use crate::geom::Point;
use crate::image::{LabelMap, Segment};
use crate::mesh::TetMesh;
use crate::plan::refuse;
use crate::plan::score::{CutField, Part, part_of};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::plans::{self, PLAN, bad};
use crate::tools::shared::{SurfaceWish, surface_node};
use serde::{Deserialize, Serialize};

/// The parts in the order of their labels and regions: number, name, colour (Okabe and Ito 2008).
const PARTS: [(Part, u8, &str, [u8; 3]); 3] = [
    (Part::Remnant, 1, "remnant", [0, 158, 115]),
    (Part::Resected, 2, "resected", [213, 94, 0]),
    (Part::Cut, 3, "cut", [240, 228, 66]),
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
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        PLAN,
        ParamSpec::with("surfaces", Kind::Bool, "", "false", "also make a surface of each part"),
        ParamSpec::with(
            "mesh",
            Kind::Node(NodeKind::Tets),
            "",
            "null",
            "also divide this mesh: every tetrahedron goes to the part its middle lies in",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let (node, plan) = plans::plan_of(case, params.plan)?;
        let knives = refuse::cuts(&plan).map_err(bad)?;
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
        Ok(Box::new(move |progress| {
            let parts = parted(&labels, segment, &knives, &progress.part(0.0..0.4, "voxels"))?;
            let mut summary = Summary::default()
                .method("Every voxel of the organ belongs to the part its centre lies in.")
                .fact(&own.name, labels.volume_ml(segment), "ml");
            for (_, label, name, _) in PARTS {
                summary = summary.fact(name, parts.volume_ml(SegmentId(label)), "ml");
            }
            if [1, 2].iter().any(|label| parts.count(SegmentId(*label)) == 0) {
                let text = format!("the cuts part nothing from {}; move them into it", own.name);
                return Err(bad(text));
            }
            let mut edit = Edit::new(format!("apply {}", node.name));
            let name = format!("{}, {} applied", own.name, node.name);
            let all = Node::new(name, Data::Labels(parts.clone())).with_summary(summary).from_source(organ.node);
            edit = edit.add(all);
            for (n, (_, label, part, colour)) in PARTS.into_iter().enumerate() {
                if !params.surfaces || parts.count(SegmentId(label)) == 0 {
                    continue;
                }
                let share = progress.part(0.4 + 0.15 * n as f64..0.55 + 0.15 * n as f64, "surfaces");
                let name = format!("{part} {}", own.name);
                match surface_of(&parts, SegmentId(label), &name, colour, &share) {
                    Ok(surface) => edit = edit.add(surface.from_source(organ.node)),
                    // A layer one voxel thin may vanish when it is smoothed; the voxels have it all the same.
                    Err(CommandError::Failed(why)) => edit = edit.say(format!("no surface of {name}: {why}")),
                    Err(error) => return Err(error),
                }
            }
            if let Some((id, mesh)) = mesh {
                edit = edit.add(divided(&mesh, &own.name, &knives)?.from_source(id));
            }
            Ok(edit)
        }))
    }
}

/// The organ's voxels by part.
fn parted(
    labels: &LabelMap,
    organ: SegmentId,
    knives: &[(CutField, f64)],
    progress: &Progress,
) -> Result<LabelMap, CommandError> {
    let extent = labels.extent(organ).ok_or_else(|| bad("the organ is empty; choose another"))?;
    let table = PARTS.map(|(_, label, name, colour)| Segment::new(SegmentId(label), name, colour, None)).to_vec();
    let empty =
        LabelMap::empty(std::sync::Arc::clone(labels.grid()), table).map_err(|error| CommandError::failed(&error))?;
    let grid = labels.grid();
    let label = |offset: usize, _| {
        let voxel = grid.voxel(offset);
        if labels.at(voxel) == organ.0 { number(&grid.centre(voxel), knives) } else { 0 }
    };
    Ok(empty.edited(&extent, label, progress)?)
}

/// The label of the part that `point` lies in.
fn number(point: &Point, knives: &[(CutField, f64)]) -> u8 {
    let part = part_of(point, knives);
    PARTS.iter().find(|(own, ..)| *own == part).map_or(0, |(_, label, ..)| *label)
}

/// The mesh with the part of each tetrahedron as its region.
fn divided(mesh: &TetMesh, organ: &str, knives: &[(CutField, f64)]) -> Result<Node, CommandError> {
    let middle = |tet: usize| {
        let corners = mesh.corners(tet);
        Point::from(corners.iter().map(|corner| corner.coords).sum::<crate::geom::Vector>() / 4.0)
    };
    let regions: Vec<u8> = (0..mesh.tets().len()).map(|tet| number(&middle(tet), knives)).collect();
    let mut summary = Summary::default().method("Every tetrahedron belongs to the part its middle lies in.");
    for (_, label, name, _) in PARTS {
        let own = (0..regions.len()).filter(|tet| regions[*tet] == label);
        summary = summary.fact(name, own.map(|tet| mesh.tet_mm3(tet)).sum::<f64>() / 1000.0, "ml");
    }
    let parted = TetMesh::new(mesh.positions().to_vec(), mesh.tets().to_vec(), regions);
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
