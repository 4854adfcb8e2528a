//! `model.centre_lines`: the tree of centre lines of a vessel or airway, with radii, lengths and narrow places.

use crate::base::{NodeId, Summary};
use crate::geom::Point;
use crate::mesh::CentreLines;
use crate::mesh::centre_lines::{Found, Wish, centre_lines};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The tree of centre lines of a vessel or airway.
#[derive(Debug)]
pub struct ModelCentreLines;

/// Parameters of [`ModelCentreLines`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    segment: Option<u8>,
    root: Option<[f64; 3]>,
    ends: Option<Vec<[f64; 3]>>,
    length_mm_min: f64,
    radius_mm_min: f64,
}

impl Tool for ModelCentreLines {
    const ID: &'static str = "model.centre_lines";
    const LABEL: &'static str = "Centre lines…";
    const HELP: &'static str = "Find the tree of centre lines of a vessel or airway: branches with length, radius at every point, narrowest place and tortuosity.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation of the lumen"),
        ParamSpec::with("segment", Kind::Integer(1, 255), "", "null", "which segment; the only one if not given"),
        ParamSpec::with(
            "root",
            Kind::Point,
            "mm",
            "null",
            "where the tree begins; its widest end if not given, of the largest piece",
        ),
        ParamSpec::with("ends", Kind::Points, "mm", "null", "where its branches end; found by themselves if not given"),
        ParamSpec::with(
            "length_mm_min",
            Kind::Number(0.0, 500.0),
            "mm",
            "5",
            "shorter branches are left out, counted from the wall they leave",
        ),
        ParamSpec::with(
            "radius_mm_min",
            Kind::Number(0.0, 50.0),
            "mm",
            "0",
            "branches are followed while they have this radius",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels: node, segment, root, ends, length_mm_min, radius_mm_min } = params;
        let labels = super::shared::labels(case, node)?;
        let id = super::shared::one_segment(&labels, segment)?;
        let ends: Vec<Point> = ends.unwrap_or_default().into_iter().map(Point::from).collect();
        let wish = Wish { root: root.map(Point::from), ends, length_mm_min, radius_mm_min };
        Ok(Box::new(move |progress| {
            let segment = labels.segment(id).expect("picked above");
            let failed = |error| CommandError::failed(&error);
            let Found { lines, others } = centre_lines(&labels.mask(id), &wish, progress).map_err(failed)?;
            let share = others as f64 / labels.count(id).max(1) as f64;
            let mut summary = summary(&lines);
            if 0.01 < share {
                summary = summary.warning(format!(
                    "{:.1} % of {} is not joined to the tree and has no lines; give a root inside it for its own tree",
                    100.0 * share,
                    segment.name
                ));
            }
            let mut edit = Edit::new(format!("centre lines of {}", segment.name));
            edit.message = summary.warnings.first().cloned();
            let name = format!("{} centre lines", segment.name);
            let node = Node::new(name, Data::Lines(Arc::new(lines))).with_summary(summary).from_source(node);
            Ok(edit.add(node.shown(segment.colour, 1.0).coloured_by(CentreLines::FIELD)))
        }))
    }
}

fn summary(lines: &CentreLines) -> Summary {
    let branches = lines.branches();
    let narrowest = branches.iter().map(|branch| branch.radii_mm[branch.narrowest()]).fold(f64::INFINITY, f64::min);
    let widest = branches.iter().flat_map(|branch| &branch.radii_mm).copied().fold(0.0, f64::max);
    let tortuosity = branches.iter().map(|branch| branch.tortuosity()).filter(|x| x.is_finite()).fold(0.0, f64::max);
    let generation = (0..branches.len()).map(|n| lines.generation(n)).max().unwrap_or(0);
    Summary::default()
        .fact("length", lines.length_mm(), "mm")
        .fact("branches", branches.len() as f64, "1")
        .fact("ends", lines.ends().len() as f64, "1")
        .fact("smallest radius", narrowest, "mm")
        .fact("largest radius", widest, "mm")
        .fact("largest tortuosity of a branch", tortuosity, "1")
        .fact("most junctions on a way", generation as f64, "1")
        .method("Shortest paths that keep to the middle (TEASAR, Sato et al. 2000), moved to the ridge of the exact distance map and evened out.")
        .method("The radius is that of the largest ball that holds no voxel centre outside; in a narrowing it is a little less than that of the section.")
        .limit("A ring of vessels is cut open where the ways around it meet.")
        .limit("Inside the scan a line ends in the middle of the last ball that fits, about one radius before the tip.")
}
