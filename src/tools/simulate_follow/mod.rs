//! `simulate.follow`: let the scan, a segmentation, a surface or centre lines follow a deformed organ.

mod image;

use crate::base::{NodeId, Summary};
use crate::biomech::TissueResult;
use crate::mesh::centre_lines::{CentreBranch, CentreLines};
use crate::mesh::warp::{FADE_MM, Warp, carried};
use crate::plan::{Plan, Structure};
use crate::session::data::SurfaceData;
use crate::session::{Case, CommandError, Counts, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::plans;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Let an object follow a deformed organ.
#[derive(Debug)]
pub struct SimulateFollow;

/// Parameters of [`SimulateFollow`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    result: NodeId,
    node: NodeId,
    behind: Behind,
}

/// What is where the organ was and is not any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::tools) enum Behind {
    /// Gas: the least value of the scan, −1000 HU in a CT; no segment.
    Gas,
    /// What the scan showed there.
    AsBefore,
}

impl Tool for SimulateFollow {
    const ID: &'static str = "simulate.follow";
    const LABEL: &'static str = "Let it follow the organ…";
    const HELP: &'static str = "Move a scan, a segmentation, a surface, a mesh, centre lines or a plan as a deformed organ moved: the plan stays on its twin.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("result", Kind::Node(NodeKind::Tissue), "", "the deformed organ"),
        ParamSpec::needed("node", Kind::AnyNode, "", "what follows it"),
        ParamSpec::with(
            "behind",
            Kind::Choice(&["gas", "as_before"]),
            "",
            "\"gas\"",
            "what an image shows where the organ was and is not any more",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let organ = Arc::clone(case.expect_kind(params.result, NodeKind::Tissue)?);
        let Data::Tissue(result) = organ.data.clone() else { unreachable!("the kind was checked") };
        let node = case.node(params.node);
        let node = node.ok_or_else(|| CommandError::BadParams(format!("there is no object {}", params.node)))?;
        let node = Arc::clone(node);
        if matches!(node.data, Data::Tissue(_) | Data::Flow(_)) {
            return Err(CommandError::BadParams(format!(
                "'{}' is a result of its own and cannot follow another; choose a scan, a segmentation, a surface, a mesh or centre lines",
                node.name
            )));
        }
        if matches!(node.data, Data::View(_)) {
            return Err(CommandError::BadParams(format!(
                "'{}' is a saved view: there is nothing in it to move",
                node.name
            )));
        }
        if matches!(node.data, Data::Measure(_)) {
            return Err(CommandError::BadParams(format!(
                "'{}' is a measure: it says what was measured at rest; measure again in the scan that followed",
                node.name
            )));
        }
        let Params { node: source, behind, result: by } = params;
        // What moved with it is told by this, also when it is edited later.
        let made = case.made(by, Counts::Content);
        let node_data = match &node.data {
            Data::Plan(plan) => Data::Plan(Arc::new(among_followers(case, plan, by))),
            other => other.clone(),
        };
        Ok(Box::new(move |progress| {
            let (data, summary) = followed(&node_data, &result, behind, progress)?;
            let summary = summary.made_of(made);
            let furthest = result.displacement_mm.iter().map(|u| u.norm()).fold(0.0, f64::max);
            let summary = summary
                .fact("largest movement of the organ", furthest, "mm")
                .method("inside the organ everything moves with the tetrahedron it lies in (barycentric coordinates)")
                .limit("neighbours of the organ do not move; what it presses on is covered by it, not pushed aside");
            let edit = Edit::new(format!("let {} follow {}", node.name, organ.name));
            let moved = Node::new(format!("{}, deformed", node.name), data).with_summary(summary).from_source(source);
            let mut edit = edit.add(moved.shown(node.display.colour, node.display.opacity));
            edit.message = Some(format!("{} follows {}", node.name, organ.name));
            Ok(edit)
        }))
    }
}

/// `plan` about what followed the deformed organ `by` before it, as far as that is in the case.
fn among_followers(case: &Case, plan: &Plan, by: NodeId) -> Plan {
    let of = |rest: NodeId| {
        let mut own = case.nodes().filter(|(_, node)| node.source == Some(rest) && plans::follows(node, by));
        // Of several the last one.
        own.next_back().map_or(rest, |(id, _)| id)
    };
    let structure = |rest: &mut Structure| rest.node = of(rest.node);
    let mut plan = Plan { moved_by: Some(by), ..plan.clone() };
    plan.organ.iter_mut().chain(&mut plan.entry).chain(&mut plan.vessels).for_each(structure);
    plan.targets.iter_mut().for_each(|target| structure(&mut target.structure));
    plan.keep_out.iter_mut().for_each(|keep_out| structure(&mut keep_out.structure));
    plan.scan = plan.scan.map(of);
    plan
}

/// `data` as it is when the organ is deformed.
///
/// # Errors
/// [`CommandError::Failed`] for an image that the organ does not reach, or [`CommandError::Cancelled`].
pub(in crate::tools) fn followed(
    data: &Data,
    result: &TissueResult,
    behind: Behind,
    progress: &crate::base::Progress,
) -> Result<(Data, Summary), CommandError> {
    let TissueResult { mesh, displacement_mm, .. } = result;
    let beside = || CommandError::Failed("the organ lies beside this image, so nothing in it moves".into());
    let fades = |summary: Summary| {
        summary.limit(format!("outside the organ movement fades to nothing within {FADE_MM:.0} mm of it"))
    };
    let summary = Summary::default();
    Ok(match data {
        Data::Scan(scan) => {
            let warp = Warp::new(scan.grid(), mesh, displacement_mm, &progress.part(0.0..0.6, "warp"))?;
            let (scan, counts) =
                image::scan(scan, &warp.ok_or_else(beside)?, behind, &progress.part(0.6..1.0, "image"))?;
            (Data::Scan(Arc::new(scan)), counts.told(summary))
        }
        Data::Labels(labels) => {
            let warp = Warp::new(labels.grid(), mesh, displacement_mm, &progress.part(0.0..0.6, "warp"))?;
            let part = progress.part(0.6..1.0, "labels");
            let (labels, counts) = image::labels(labels, &warp.ok_or_else(beside)?, behind, &part)?;
            (Data::Labels(labels), counts.told(summary))
        }
        Data::Surface(own) => {
            let places = carried(own.surface.positions(), mesh, displacement_mm, progress)?;
            let surface = own.surface.with_positions(places).map_err(|error| CommandError::failed(&error))?;
            let data = SurfaceData { surface, fields: own.fields.clone() };
            (Data::Surface(Arc::new(data)), fades(summary))
        }
        Data::Tets(own) => {
            let places = carried(own.positions(), mesh, displacement_mm, progress)?;
            let moved = crate::mesh::TetMesh::new(places, own.tets().to_vec(), own.regions().to_vec())
                .map_err(|error| CommandError::failed(&error))?;
            (Data::Tets(moved), fades(summary))
        }
        Data::Lines(own) => {
            let moved = own.branches().iter().map(|branch| {
                let points = carried(&branch.points, mesh, displacement_mm, progress)?;
                Ok(CentreBranch { points, ..branch.clone() })
            });
            let branches = moved.collect::<Result<Vec<_>, crate::base::Cancelled>>()?;
            let lines = CentreLines::new(branches).map_err(|error| CommandError::failed(&error))?;
            (Data::Lines(Arc::new(lines)), fades(summary).limit("radii stay as they were at rest"))
        }
        Data::Plan(own) => {
            let moved = crate::plan::follow::follow(own, mesh, displacement_mm, progress)?;
            // Whether what it names has followed is known of the case only: its score says so.
            let about = moved.summary(&[]).limit(
                "its score carries what the plan names with the same organ, unless that followed it before; let segmentations, surfaces \
                 and the scan follow too to see them where they are then",
            );
            (Data::Plan(Arc::new(moved)), fades(about))
        }
        Data::Tissue(_) | Data::Flow(_) | Data::Measure(_) | Data::View(_) => unreachable!("refused before"),
    })
}
