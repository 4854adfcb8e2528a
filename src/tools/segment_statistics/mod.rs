//! `segment.statistics`: what every segment measures, as tables and as a CSV file.

use super::shared::effect::scan_of;
use crate::base::{NodeId, SegmentId, Summary, Table};
use crate::image::{LabelMap, Scan};
use crate::io::{file::write_whole, table_csv};
use crate::segment::statistics::{Statistics, statistics};
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// What every segment measures.
#[derive(Debug)]
pub struct SegmentStatistics;

/// Parameters of [`SegmentStatistics`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    scan: Option<NodeId>,
    path: Option<PathBuf>,
}

impl Tool for SegmentStatistics {
    const ID: &'static str = "segment.statistics";
    const LABEL: &'static str = "Statistics…";
    const HELP: &'static str =
        "Measure every segment: volume with bounds, surface, values of the scan, box, long and short axes.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation"),
        ParamSpec::with(
            "scan",
            Kind::Node(NodeKind::Scan),
            "",
            "null",
            "the scan whose values are measured, on the same voxels; the one it was made from if not given",
        ),
        ParamSpec::with("path", Kind::Path, "", "null", "a CSV file to write the tables to; none if not given"),
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { labels: id, scan, path }: Params) -> Result<Task, CommandError> {
        let labels = super::shared::labels(case, id)?;
        let node = Arc::clone(case.expect_kind(id, NodeKind::Labels)?);
        let scan = match scan {
            Some(scan) => Some(given_scan(case, scan, &labels)?),
            None => scan_of(case, &node, &labels),
        };
        Ok(Box::new(move |progress| {
            let found = statistics(&labels, scan.as_deref(), &progress.part(0.0..0.95, "measuring"));
            let found = found.map_err(|error| CommandError::failed(&error))?;
            if found.is_empty() {
                return Err(CommandError::Failed(format!("{} has no voxel to measure", node.name)));
            }
            let tables = tables(&labels, &found, scan.as_deref());
            let mut said = format!("measured {} of {} segments", found.len(), labels.segments().len());
            if let Some(path) = &path {
                let text = table_csv::encode(&tables.iter().collect::<Vec<_>>());
                write_whole(path, text.as_bytes()).map_err(|error| CommandError::failed(&error))?;
                said = format!("{said}; wrote {}", path.display());
            }
            let summary = tables.into_iter().fold(node.summary.clone(), Summary::table);
            let mut measured = super::shared::in_place_of(&node, &node.name, node.data.clone());
            measured.summary = explained(summary, &found);
            let edit = Edit::new(format!("statistics of {}", node.name)).say(said);
            Ok(edit.change(Change::Replace { id, was: node.hash(), node: measured }))
        }))
    }
}

fn given_scan(case: &Case, id: NodeId, labels: &LabelMap) -> Result<Arc<Scan>, CommandError> {
    let node = case.expect_kind(id, NodeKind::Scan)?;
    match &node.data {
        Data::Scan(scan) if scan.grid() == labels.grid() => Ok(Arc::clone(scan)),
        _ => {
            let text = format!(
                "{} ({id}) has other voxels than the segmentation; choose the scan it was made from",
                node.name
            );
            Err(CommandError::BadParams(text))
        }
    }
}

fn tables(labels: &LabelMap, found: &[(SegmentId, Statistics)], scan: Option<&Scan>) -> Vec<Table> {
    let name = |id: &SegmentId| labels.segment(*id).map_or(String::new(), |segment| segment.name.clone());
    let mut size = Table::new(
        "Size",
        "segment",
        &[("volume", "ml"), ("at least", "ml"), ("at most", "ml"), ("surface", "cm²"), ("voxels", "1")],
    );
    let mut shape = Table::new(
        "Shape",
        "segment",
        &[
            ("longest axis", "mm"),
            ("across it", "mm"),
            ("long axis in a slice", "mm"),
            ("short axis in a slice", "mm"),
            ("box length", "mm"),
            ("box width", "mm"),
            ("box height", "mm"),
            ("centre L", "mm"),
            ("centre P", "mm"),
            ("centre S", "mm"),
        ],
    );
    let unit = match scan.map_or("", Scan::unit) {
        "" => "1",
        unit => unit,
    };
    let of_values =
        ["mean", "SD", "minimum", "5 %", "25 %", "median", "75 %", "95 %", "maximum"].map(|name| (name, unit));
    let mut values = Table::new("Values inside", "segment", &of_values);
    for (id, found) in found {
        let Statistics { volume_ml, bounds_ml: [low, high], area_cm2, voxels, extents, centroid, .. } = found;
        size = size.row(name(id), [*volume_ml, *low, *high, *area_cm2, *voxels as f64].map(Some));
        let [length, width, height] = extents.fit.size_mm;
        let lengths = [
            extents.longest.length_mm,
            extents.across_mm,
            extents.in_slice.length_mm,
            extents.in_slice_short_mm,
            length,
            width,
            height,
        ];
        shape = shape.row(name(id), lengths.into_iter().chain(centroid.iter().copied()).map(Some));
        if let Some(inside) = &found.values {
            let [p5, p25, p50, p75, p95] = inside.percentiles;
            let row = [inside.mean, inside.sd, inside.min, p5, p25, p50, p75, p95, inside.max];
            values = values.row(name(id), row.map(Some));
        }
    }
    if values.rows.is_empty() { vec![size, shape] } else { vec![size, shape, values] }
}

/// The summary with what the columns mean, once.
fn explained(mut summary: Summary, found: &[(SegmentId, Statistics)]) -> Summary {
    const METHODS: [&str; 4] = [
        "Volume is voxel count times voxel volume; its bounds leave out half of the border voxels inside, and add half of \
         those outside. Surface is that of the contour over the blurred mask.",
        "The longest axis joins the two places of the border farthest from each other (maximum Feret diameter); across it \
         is the largest extent at right angles.",
        "Long and short axis in a slice are the longest line within one slice of the scan and the longest at right angles \
         to it in the same slice, as in RECIST 1.1 (Eisenhauer et al. 2009).",
        "The box is turned until no small turn makes it smaller; percentiles are linear between neighbours, SD is that of \
         the sample. Centres are LPS.",
    ];
    for method in METHODS {
        if !summary.methods.iter().any(|old| old == method) {
            summary = summary.method(method);
        }
    }
    const CUT: &str = "A segment reaches the end of the scan: what lies beyond it is missing in its size.";
    summary.warnings.retain(|warning| warning != CUT && !warning.ends_with(LEFT_OUT));
    if found.iter().any(|(_, found)| found.cut) {
        summary = summary.warning(CUT);
    }
    let left_out: usize = found.iter().filter_map(|(_, found)| found.values).map(|values| values.left_out).sum();
    if 0 < left_out { summary.warning(format!("{left_out}{LEFT_OUT}")) } else { summary }
}

const LEFT_OUT: &str = " voxels have no finite value and are left out of the values inside.";
