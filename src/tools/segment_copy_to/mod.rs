//! `segment.copy_to`: a segmentation on the voxels of another scan, e.g. of another time point.

use super::shared::seed_points::scan as scan_of;
use crate::base::{NodeId, Summary};
use crate::geom::Grid;
use crate::image::resample::resample_labels;
use crate::image::{LabelMap, carry};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A segmentation on the voxels of another scan.
#[derive(Debug)]
pub struct SegmentCopyTo;

/// Parameters of [`SegmentCopyTo`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    scan: NodeId,
    smooth: bool,
}

impl Tool for SegmentCopyTo {
    const ID: &'static str = "segment.copy_to";
    const LABEL: &'static str = "Copy to scan…";
    const HELP: &'static str = "Copy a segmentation onto the voxels of another scan, e.g. another time point or a finer reconstruction; places stay where they are in the patient.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation"),
        ParamSpec::needed("scan", Kind::Node(NodeKind::Scan), "", "the scan whose voxels it gets"),
        ParamSpec::with(
            "smooth",
            Kind::Bool,
            "",
            "false",
            "interpolate surfaces between slices, for a scan with thinner ones; without it every voxel takes the nearest label",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { labels: id, scan, smooth }: Params) -> Result<Task, CommandError> {
        let labels = super::shared::labels(case, id)?;
        let grid = Arc::clone(scan_of(case, scan)?.grid());
        let [node, target] = [case.expect_kind(id, NodeKind::Labels)?, case.expect_kind(scan, NodeKind::Scan)?];
        if let Some((axis, gap_mm)) = gap(labels.grid(), &grid) {
            return Err(CommandError::BadParams(format!(
                "{} and {} do not overlap: there are {gap_mm:.0} mm between them along {axis}; choose a scan of the same place",
                node.name, target.name
            )));
        }
        let (name, display) = (format!("{} on {}", node.name, target.name), node.display.clone());
        Ok(Box::new(move |progress| {
            let copy = match smooth {
                true => carry(&labels, &grid, progress)?,
                false => resample_labels(&labels, &grid, progress)?,
            };
            let ml = |labels: &LabelMap| -> f64 { labels.segments().iter().map(|s| labels.volume_ml(s.id)).sum() };
            let (before, after) = (ml(&labels), ml(&copy));
            if after == 0.0 {
                let text = "no voxel of the other scan lies in a segment; choose a scan of the same place";
                return Err(CommandError::Failed(text.into()));
            }
            let mut summary = Summary::default().fact("volume", after, "ml").fact("volume before", before, "ml");
            summary = summary.method(match smooth {
                true => "Interpolated signed distances (Raya and Udupa 1990), so that surfaces stay smooth and touching segments touch.",
                false => "Every voxel takes the label of the nearest voxel of the segmentation, at the same place in patient space.",
            });
            summary = summary.limit(
                "nothing is moved: where the patient lay or breathed differently, segments lie beside their organs",
            );
            if after < 0.95 * before {
                let percent = 100.0 * (1.0 - after / before);
                summary = summary.warning(format!(
                    "{percent:.0} % of the volume lies outside the other scan or was lost between its voxels"
                ));
            }
            let mut edit = Edit::new("copy to scan");
            edit.message = summary.warnings.first().cloned();
            let mut new = Node::new(name, Data::Labels(copy)).with_summary(summary).from_source(scan);
            new.display = display.clone();
            Ok(edit.add(new))
        }))
    }
}

/// The patient axis along which two grids lie apart, and by how many millimetres; none if their boxes overlap.
fn gap(a: &Grid, b: &Grid) -> Option<(&'static str, f64)> {
    let (a, b) = (a.bounds(), b.bounds());
    let apart = |n: usize| (a.min[n] - b.max[n]).max(b.min[n] - a.max[n]);
    let names = ["left and right", "front and back", "head and feet"];
    (0..3).map(|n| (names[n], apart(n))).filter(|(_, mm)| 0.0 <= *mm).max_by(|a, b| a.1.total_cmp(&b.1))
}
