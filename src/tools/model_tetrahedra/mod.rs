//! `model.tetrahedra`: fill segments with tetrahedra for simulation.

mod bodies;

use self::bodies::bodies;
use super::shared::one_segment;
use crate::base::{NodeId, SegmentId};
use crate::mesh::tetrahedralise::{CellSize, Sizing, tetrahedralise_segments};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Fill segments with tetrahedra.
#[derive(Debug)]
pub struct ModelTetrahedra;

/// Parameters of [`ModelTetrahedra`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    segment: Option<u8>,
    tets: usize,
    cell_mm: Option<f64>,
    doublings: u8,
    by_curvature: bool,
}

impl Tool for ModelTetrahedra {
    const ID: &'static str = "model.tetrahedra";
    const LABEL: &'static str = "Tetrahedra…";
    const HELP: &'static str = "Fill a segment, or all of them, with tetrahedra: a mesh for each body; segments that touch are its regions and share the vertices between them.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation"),
        ParamSpec::with(
            "segment",
            Kind::Integer(1, 255),
            "",
            "null",
            "one segment; all if not given, those that touch as one body",
        ),
        ParamSpec::with("tets", Kind::Integer(100, 2_000_000), "", "20000", "about how many tetrahedra"),
        ParamSpec::with(
            "cell_mm",
            Kind::Number(0.2, 100.0),
            "mm",
            "null",
            "size of the cells at surfaces, in place of their number",
        ),
        ParamSpec::with(
            "doublings",
            Kind::Integer(0, 3),
            "",
            "2",
            "how often cells may double in size away from surfaces; 0 for cells of one size",
        ),
        ParamSpec::with(
            "by_curvature",
            Kind::Bool,
            "",
            "false",
            "cells of double size where surfaces are flat, so that more are left for where they bend; needs doublings",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels: node, segment, tets, cell_mm, doublings, by_curvature } = params;
        let labels = super::shared::labels(case, node)?;
        let ids: Vec<SegmentId> = match segment {
            Some(_) => vec![one_segment(&labels, segment)?],
            None => labels.segments().iter().map(|segment| segment.id).collect(),
        };
        if ids.is_empty() {
            return Err(CommandError::BadParams("the segmentation has no segment".into()));
        }
        let at_surfaces = cell_mm.map_or(CellSize::Count(tets), CellSize::EdgeMm);
        let sizing = Sizing { at_surfaces, doublings, by_curvature };
        Ok(Box::new(move |progress| {
            let bodies = bodies(&labels, &ids, &progress.part(0.0..0.1, "bodies"))?;
            if bodies.is_empty() {
                return Err(CommandError::BadParams("the segmentation holds no voxel of any segment".into()));
            }
            let mut edit = Edit::new("tetrahedra");
            let (mut all, mut count) = (Vec::new(), 0);
            for (n, ids) in bodies.iter().enumerate() {
                let part = |n: usize| 0.1 + 0.9 * n as f64 / bodies.len() as f64;
                let progress = progress.part(part(n)..part(n + 1), "tetrahedra");
                let (mesh, summary) = tetrahedralise_segments(&labels, ids, sizing, &progress)
                    .map_err(|error| CommandError::failed(&error))?;
                let first = labels.segment(ids[0]).expect("picked above");
                let names: Vec<&str> = ids.iter().filter_map(|id| labels.segment(*id)).map(|s| &*s.name).collect();
                let name = format!("{} tetrahedra", names.join(", "));
                all.extend(names);
                count += mesh.tets().len();
                edit.message = edit.message.or_else(|| summary.warnings.first().cloned());
                let mesh = Node::new(name, Data::Tets(mesh)).with_summary(summary).from_source(node);
                edit = edit.add(mesh.shown(first.colour, 1.0).hidden());
            }
            edit.label = format!("tetrahedra of {} ({count})", all.join(", "));
            Ok(edit)
        }))
    }
}
