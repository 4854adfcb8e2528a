//! `model.surface`: smooth closed surfaces from segments.

use super::shared::{SurfaceWish, one_segment, surface_node};
use crate::base::NodeId;
use crate::session::{Case, CommandError, Edit, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Smooth closed surfaces from segments.
#[derive(Debug)]
pub struct ModelSurface;

/// Parameters of [`ModelSurface`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    segment: Option<u8>,
    smoothing: f64,
    triangles_max: usize,
    error_mm: f64,
}

impl Tool for ModelSurface {
    const ID: &'static str = "model.surface";
    const LABEL: &'static str = "Surface…";
    const HELP: &'static str = "Make smooth closed surfaces from a segmentation; volume before and after is reported.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation"),
        ParamSpec::with("segment", Kind::Integer(1, 255), "", "null", "one segment; all if not given"),
        ParamSpec::with("smoothing", Kind::Number(0.0, 1.0), "", "0.3", "0 none to 1 very smooth"),
        ParamSpec::with("triangles_max", Kind::Integer(100, 20_000_000), "", "200000", "at most this many triangles"),
        ParamSpec::with("error_mm", Kind::Number(0.0, 20.0), "mm", "0.6", "largest error decimation may cause"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels: node, segment, smoothing, triangles_max, error_mm } = params;
        let labels = super::shared::labels(case, node)?;
        let ids = match segment {
            Some(_) => vec![one_segment(&labels, segment)?],
            None => labels.segments().iter().map(|segment| segment.id).filter(|id| 0 < labels.count(*id)).collect(),
        };
        if ids.is_empty() {
            return Err(CommandError::BadParams("the segmentation holds no voxel of any segment".into()));
        }
        let wish = SurfaceWish { smoothing, triangles_max, error_mm };
        Ok(Box::new(move |progress| {
            let mut edit = Edit::new("surface");
            let mut names = Vec::new();
            for (n, id) in ids.iter().enumerate() {
                let part = n as f64 / ids.len() as f64..(n + 1) as f64 / ids.len() as f64;
                let surface = surface_node(&labels, *id, wish, &progress.part(part, "surface"))?;
                names.push(labels.segment(*id).map_or("", |segment| &segment.name).to_owned());
                edit = edit.add(surface.from_source(node));
            }
            edit.label = format!("surface of {}", names.join(", "));
            Ok(edit)
        }))
    }
}
