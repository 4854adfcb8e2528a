//! `model.surfaces`: surfaces of all segments at once, without gaps or overlaps between them.

use crate::base::{NodeId, Summary};
use crate::mesh::joint_surface;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Surfaces of all segments at once.
#[derive(Debug)]
pub struct ModelSurfaces;

/// Parameters of [`ModelSurfaces`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    iterations: usize,
}

impl Tool for ModelSurfaces {
    const ID: &'static str = "model.surfaces";
    const LABEL: &'static str = "Joint surfaces…";
    const HELP: &'static str =
        "Make surfaces of all segments at once; segments that touch share one sheet, without gaps or overlaps.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation"),
        ParamSpec::with(
            "iterations",
            Kind::Integer(0, 100),
            "",
            "16",
            "smoothing steps; 0 leaves the faces of the voxels",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { labels: node, iterations }: Params) -> Result<Task, CommandError> {
        let labels = super::shared::labels(case, node)?;
        if labels.segments().iter().all(|segment| labels.count(segment.id) == 0) {
            return Err(CommandError::BadParams("the segmentation holds no voxel of any segment".into()));
        }
        Ok(Box::new(move |progress| {
            let sheet = joint_surface(&labels.to_volume(), iterations, &progress.part(0.0..0.7, "sheet"))
                .map_err(|error| CommandError::failed(&error))?;
            let mut edit = Edit::new("joint surfaces");
            let found = sheet.labels();
            for (n, label) in found.iter().enumerate() {
                progress.set(0.7 + 0.3 * n as f64 / found.len() as f64)?;
                let Some(segment) = labels.segments().iter().find(|segment| segment.id.0 == *label) else { continue };
                let surface = sheet.surface_of(*label);
                let mut summary = Summary::default()
                    .fact("volume", surface.volume_ml(), "ml")
                    .fact("volume of the voxels", labels.volume_ml(segment.id), "ml")
                    .fact("area", surface.area_cm2(), "cm²")
                    .fact("triangles", surface.triangles().len() as f64, "1")
                    .fact("open edges", surface.open_edges() as f64, "1")
                    .method(format!(
                        "Surface nets of all labels (Frisken 2022), {iterations} smoothing steps within the cells."
                    ))
                    .limit("where voxels of a segment touch along an edge only, four triangles meet there");
                for other in found.iter().filter(|other| *other != label) {
                    let shared_cm2 = sheet.shared_cm2(*label, *other);
                    let name = labels.segments().iter().find(|s| s.id.0 == *other).map(|s| s.name.as_str());
                    if let Some(name) = name.filter(|_| 0.0 < shared_cm2) {
                        summary = summary.fact(&format!("area shared with {name}"), shared_cm2, "cm²");
                    }
                }
                let node_of = Node::new(format!("{} surface", segment.name), Data::surface(surface));
                edit = edit.add(node_of.with_summary(summary).shown(segment.colour, 1.0).from_source(node));
            }
            Ok(edit)
        }))
    }
}
