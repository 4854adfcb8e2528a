//! `segment.refine`: a segmentation on voxels finer than the scan's, to edit thin parts.

use crate::base::{NodeId, Summary};
use crate::image::{carry, finer_grid};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A segmentation on finer voxels.
#[derive(Debug)]
pub struct SegmentRefine;

/// Parameters of [`SegmentRefine`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    factor: usize,
    even: bool,
    margin_mm: f64,
}

/// As many voxels as 512 slices of 512 × 512: interpolation needs up to 13 bytes for each, and tools afterwards as much.
const VOXELS_MAX: usize = 1 << 27;

impl Tool for SegmentRefine {
    const ID: &'static str = "segment.refine";
    const LABEL: &'static str = "Finer voxels…";
    const HELP: &'static str = "Put a segmentation onto voxels finer than the scan's, around its segments, with smooth surfaces in between; tools that need no scan go on working on it.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation"),
        ParamSpec::with(
            "factor",
            Kind::Integer(1, 8),
            "",
            "2",
            "into how many parts a voxel is cut along its shortest edge",
        ),
        ParamSpec::with(
            "even",
            Kind::Bool,
            "",
            "true",
            "cut longer edges into more parts, so that voxels become cubes",
        ),
        ParamSpec::with(
            "margin_mm",
            Kind::Number(0.0, 500.0),
            "mm",
            "10",
            "how far beyond the segments there are voxels",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels: id, factor, even, margin_mm } = params;
        let labels = super::shared::labels(case, id)?;
        let node = Arc::clone(case.expect_kind(id, NodeKind::Labels)?);
        let (grid, h) = (labels.grid(), labels.grid().spacing_mm());
        let finest_mm = h.into_iter().fold(f64::INFINITY, f64::min);
        let parts = |h: f64| if even { (factor as f64 * h / finest_mm).round() as usize } else { factor };
        let factors = h.map(parts);
        if factors == [1; 3] {
            return Err(CommandError::BadParams("factor = 1 leaves these voxels as they are; take 2 or more".into()));
        }
        let extents = labels.segments().iter().filter_map(|segment| labels.extent(segment.id));
        let around = extents
            .reduce(|a, b| std::array::from_fn(|axis| a[axis].start.min(b[axis].start)..a[axis].end.max(b[axis].end)));
        let around = around
            .ok_or_else(|| CommandError::BadParams("the segmentation holds no voxel; draw something first".into()))?;
        let margin = h.map(|h| (margin_mm / h).ceil() as usize);
        let start: [usize; 3] = std::array::from_fn(|a| around[a].start.saturating_sub(margin[a]));
        let dims: [usize; 3] = std::array::from_fn(|a| (around[a].end + margin[a]).min(grid.dims()[a]) - start[a]);
        let voxels: f64 = (0..3).map(|a| (dims[a] * factors[a]) as f64).product();
        if (VOXELS_MAX as f64) < voxels {
            let [fi, fj, fk] = factors;
            return Err(CommandError::BadParams(format!(
                "factor = {factor}, margin_mm = {margin_mm}: cutting voxels into {fi} × {fj} × {fk} makes {:.0} million of \
                 them, at most {:.0} million are made; take a smaller factor or margin",
                voxels / 1e6,
                VOXELS_MAX as f64 / 1e6
            )));
        }
        let fine = finer_grid(grid, start, dims, factors).map_err(|error| CommandError::failed(&error))?;
        Ok(Box::new(move |progress| {
            let fine = carry(&labels, &Arc::new(fine), progress)?;
            let spacing = fine.grid().spacing_mm();
            let mut summary = Summary::default()
                .method("Interpolated signed distances (Raya and Udupa 1990): surfaces become smoother, not truer.")
                .limit("ranges of values of the scan need the scan's own voxels and cannot be used here");
            for (name, mm) in ["spacing i", "spacing j", "spacing k"].into_iter().zip(spacing) {
                summary = summary.fact(name, mm, "mm");
            }
            let name = format!("{} fine", node.name);
            let mut new = Node::new(name, Data::Labels(fine)).with_summary(summary).from_source(id);
            new.display = node.display.clone();
            Ok(Edit::new("finer voxels").add(new))
        }))
    }
}
