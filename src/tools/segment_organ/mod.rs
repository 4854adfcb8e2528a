//! `segment.organ`: a whole organ at one click, with its surface and a stated confidence.

use super::shared::into::{INTO, Into};
use super::shared::{SurfaceWish, surface_node};
use crate::base::NodeId;
use crate::geom::Point;
use crate::segment::organ::{Organ, preset};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// A whole organ at one click.
#[derive(Debug)]
pub struct SegmentOrgan;

/// Parameters of [`SegmentOrgan`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    scan: NodeId,
    preset: String,
    seed: Option<[f64; 3]>,
    into: Option<NodeId>,
    surface: bool,
    smoothing: f64,
    triangles_max: usize,
}

/// How strongly each organ's fill colours the slices at first: what is inside others must stay readable.
fn first_fill(preset: &str) -> f32 {
    match preset {
        "body" => 0.0,
        "lungs" | "lobes" | "composition" => 0.5,
        _ => 1.0,
    }
}

/// Opacity each organ's surface starts with, so that what lies inside is seen.
fn first_opacity(preset: &str) -> f32 {
    match preset {
        "body" => 0.12,
        "lungs" => 0.35,
        "lobes" => 0.6,
        "composition" => 0.3,
        _ => 1.0,
    }
}

impl Tool for SegmentOrgan {
    const ID: &'static str = "segment.organ";
    const LABEL: &'static str = "Organ";
    const HELP: &'static str =
        "Segment an organ of a CT at one click and show its surface; the confidence is stated with reasons.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("scan", Kind::Node(NodeKind::Scan), "", "the CT"),
        ParamSpec::needed(
            "preset",
            Kind::Choice(&[
                "body",
                "composition",
                "bone",
                "bones",
                "lungs",
                "lobes",
                "nodule",
                "heart",
                "airway",
                "aorta",
                "vessel",
                "liver",
                "liver_vessels",
                "spleen",
                "kidneys",
            ]),
            "",
            "which organ",
        ),
        ParamSpec::with(
            "seed",
            Kind::Point,
            "mm",
            "null",
            "a point inside, for airway, aorta, vessel, liver, liver_vessels, spleen, kidneys and nodule; found by \
             itself if not given, but a nodule needs it",
        ),
        INTO,
        ParamSpec::with("surface", Kind::Bool, "", "true", "make the surface too"),
        ParamSpec::with("smoothing", Kind::Number(0.0, 1.0), "", "0.3", "0 none to 1 very smooth"),
        ParamSpec::with(
            "triangles_max",
            Kind::Integer(100, 20_000_000),
            "",
            "200000",
            "at most this many triangles a surface",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { scan, preset: id, seed, into, surface, smoothing, triangles_max } = params;
        let ct = super::shared::ct(case, scan)?;
        let chosen = preset(&id).ok_or_else(|| CommandError::BadParams(format!("there is no preset '{id}'")))?;
        if seed.is_some() && !chosen.takes_seed {
            return Err(CommandError::BadParams(format!("the preset {id} takes no seed; leave it out")));
        }
        let place = Into { into, name: None }.prepare(case, scan, ct.grid())?;
        Ok(Box::new(move |progress| {
            let ct = super::shared::hounsfield(&ct);
            let share = if surface { 0.6 } else { 1.0 };
            let organ = (chosen.run)(&ct, seed.map(Point::from), &progress.part(0.0..share, "segmenting"));
            let Organ { labels, summary } = organ.map_err(|error| CommandError::failed(&error))?;
            let said = summary.warnings.first().cloned();
            let label = format!("segment {}", chosen.label.to_lowercase());
            let mut edit = match place.add_all(&label, &labels, &summary, progress)? {
                Some(edit) => edit,
                None => {
                    let node = Node::new(chosen.label, Data::Labels(labels.clone())).with_summary(summary);
                    let mut node = node.from_source(scan);
                    node.display.opacity = first_fill(&id);
                    Edit::new(label).chained().add(node)
                }
            };
            edit.message = said;
            if surface {
                let wish = SurfaceWish { smoothing, triangles_max, error_mm: 0.8 };
                let filled: Vec<_> =
                    labels.segments().iter().map(|s| s.id).filter(|id| 0 < labels.count(*id)).collect();
                for (n, part) in filled.iter().enumerate() {
                    let width = 0.4 / filled.len() as f64;
                    let progress = progress.part(0.6 + n as f64 * width..0.6 + (n + 1) as f64 * width, "surface");
                    let mut node = surface_node(&labels, *part, wish, &progress)?;
                    node.display.opacity = first_opacity(&id);
                    node.source = place.group();
                    edit = edit.add(node);
                }
            }
            Ok(edit)
        }))
    }
}
