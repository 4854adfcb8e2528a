//! `segment.fill_between_slices`: segments drawn in some slices become solids.

use super::shared::effect::LABELS;
use super::shared::group::Group;
use crate::base::{NodeId, Summary};
use crate::image::{LabelMap, Volume};
use crate::segment::{fill_between, sparsest_axis};
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Segments drawn in some slices become solids.
#[derive(Debug)]
pub struct SegmentFillBetweenSlices;

/// Across which axis of the voxels the slices lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Across {
    Auto,
    Columns,
    Rows,
    Slices,
}

/// Parameters of [`SegmentFillBetweenSlices`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    segment: Option<u8>,
    across: Across,
}

impl Tool for SegmentFillBetweenSlices {
    const ID: &'static str = "segment.fill_between_slices";
    const LABEL: &'static str = "Fill between slices…";
    const HELP: &'static str = "Draw segments in every few slices; this fills in the slices between, for all segments at once and without overlap.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        LABELS,
        ParamSpec::with(
            "segment",
            Kind::Integer(1, 255),
            "",
            "null",
            "which segment; all that are not locked if not given",
        ),
        ParamSpec::with(
            "across",
            Kind::Choice(&["auto", "slices", "rows", "columns"]),
            "",
            "\"auto\"",
            "which slices were drawn in: those of the scan, or those across its rows or columns; auto: the ones with the \
             largest gaps",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels, segment, across } = params;
        let group = Group::of(case, labels)?;
        let locked = group.locked();
        if let Some(id) = segment {
            let id = super::shared::one_segment(&group.labels, Some(id))?;
            if locked[usize::from(id.0)] {
                return Err(CommandError::BadParams(format!("segment {} is locked; unlock it first", id.0)));
            }
        }
        Ok(Box::new(move |progress| {
            let wanted = |label: u8| label != 0 && !locked[usize::from(label)] && segment.is_none_or(|id| id == label);
            let dense = group.labels.to_volume();
            let drawn = dense.voxels().par_iter().map(|label| if wanted(*label) { *label } else { 0 }).collect();
            let drawn = Volume::new(Arc::clone(dense.grid()), drawn).expect("one label per voxel");
            let axis = match across {
                Across::Columns => Some(0),
                Across::Rows => Some(1),
                Across::Slices => Some(2),
                Across::Auto => sparsest_axis(&drawn, &progress.part(0.0..0.1, "looking"))?,
            };
            let nothing = || {
                let name = &group.node.name;
                CommandError::Failed(format!(
                    "{name} has no gap to fill: a segment must be drawn in at least two slices with others between"
                ))
            };
            let axis = axis.ok_or_else(nothing)?;
            let filled = fill_between(&drawn, axis, &progress.part(0.1..0.9, "filling"))?;
            let pairs = dense.voxels().par_iter().zip(filled.voxels());
            let all: Vec<u8> = pairs.map(|(old, new)| if *old == 0 { *new } else { *old }).collect();
            let added = all.par_iter().zip(dense.voxels()).filter(|(new, old)| new != old).count();
            if added == 0 {
                return Err(nothing());
            }
            let all = Volume::new(Arc::clone(dense.grid()), all).expect("one label per voxel");
            let table = group.labels.segments().to_vec();
            let labels = LabelMap::from_volume(&all, table).map_err(|error| CommandError::failed(&error))?;
            let mut summary = Summary::default()
                .fact("volume filled", added as f64 * dense.grid().voxel_mm3() / 1000.0, "ml")
                .method("Signed distances to the outlines, weighted by nearness (shape-based interpolation, Raya and Udupa 1990).")
                .limit("between the slices there is nothing but the outlines: the scan was not looked at");
            for segment in labels.segments() {
                summary = summary.fact(&format!("volume of {}", segment.name), labels.volume_ml(segment.id), "ml");
            }
            Ok(group.replaced(format!("fill {} between slices", group.node.name), labels, summary))
        }))
    }
}
