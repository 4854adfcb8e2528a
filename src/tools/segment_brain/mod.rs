//! `segment.brain`: grey matter, white matter and fluid of a T1-weighted MR, without a model.

use super::shared::into::{INTO, Into};
use super::shared::{SurfaceWish, surface_node};
use crate::base::NodeId;
use crate::image::Modality;
use crate::segment::brain;
use crate::segment::organ::Organ;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// The brain of a T1-weighted MR.
#[derive(Debug)]
pub struct SegmentBrain;

/// Parameters of [`SegmentBrain`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    scan: NodeId,
    into: Option<NodeId>,
    surface: bool,
    smoothing: f64,
    triangles_max: usize,
}

impl Tool for SegmentBrain {
    const ID: &'static str = "segment.brain";
    const LABEL: &'static str = "Brain";
    const HELP: &'static str = "Take the skull off a T1-weighted MR and tell grey matter, white matter and fluid apart; the confidence is stated with reasons.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("scan", Kind::Node(NodeKind::Scan), "", "the T1-weighted MR of a head"),
        INTO,
        ParamSpec::with("surface", Kind::Bool, "", "true", "make the surfaces of grey and white matter too"),
        ParamSpec::with("smoothing", Kind::Number(0.0, 1.0), "", "0.2", "0 none to 1 very smooth"),
        ParamSpec::with(
            "triangles_max",
            Kind::Integer(100, 20_000_000),
            "",
            "300000",
            "at most this many triangles a surface",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { scan: id, into, surface, smoothing, triangles_max } = params;
        let node = case.expect_kind(id, NodeKind::Scan)?;
        let Data::Scan(scan) = &node.data else { unreachable!("the kind was checked") };
        if scan.modality == Modality::Ct {
            let text = format!("a T1-weighted MR of a head is needed; {id} ({}) is CT", node.name);
            return Err(CommandError::BadParams(text));
        }
        let place = Into { into, name: None }.prepare(case, id, scan.grid())?;
        let scan = scan.clone();
        Ok(Box::new(move |progress| {
            let share = if surface { 0.7 } else { 1.0 };
            let organ = brain(&scan, &progress.part(0.0..share, "segmenting"));
            let Organ { labels, summary } = organ.map_err(|error| CommandError::failed(&error))?;
            let said = summary.warnings.first().cloned();
            let mut edit = match place.add_all("segment brain", &labels, &summary, progress)? {
                Some(edit) => edit,
                None => {
                    let node = Node::new("Brain", Data::Labels(labels.clone())).with_summary(summary);
                    Edit::new("segment brain").chained().add(node.from_source(id))
                }
            };
            edit.message = said;
            if surface {
                let wish = SurfaceWish { smoothing, triangles_max, error_mm: 0.5 };
                for (name, part, opacity) in [("grey matter", 0.7..0.85, 0.4), ("white matter", 0.85..1.0, 1.0)] {
                    let filled = labels.segment_named(name).filter(|segment| 0 < labels.count(segment.id));
                    let Some(segment) = filled else { continue };
                    let mut node = surface_node(&labels, segment.id, wish, &progress.part(part, "surface"))?;
                    node.display.opacity = opacity;
                    node.source = place.group();
                    edit = edit.add(node);
                }
            }
            Ok(edit)
        }))
    }
}
