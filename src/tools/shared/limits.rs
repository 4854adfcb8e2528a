//! Where a tool that makes a new segment may find it: inside a segment of the group it goes into, in a range of values.

use super::into::Into;
use crate::base::SegmentId;
use crate::image::{LabelMap, Scan, Volume, VoxelBox};
use crate::session::{Case, CommandError};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The parameters: those of effects with the same names (`effect::ONLY_INSIDE`, `ONLY_FROM`, `ONLY_TO`); flattened into a
/// tool's own.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::tools) struct Limits {
    #[serde(default)]
    pub only_inside: Option<u8>,
    #[serde(default)]
    pub only_from: Option<f64>,
    #[serde(default)]
    pub only_to: Option<f64>,
}

/// Checked [`Limits`] with their inputs: shares them with the case.
#[derive(Debug, Clone)]
pub(in crate::tools) struct Allowed {
    inside: Option<(LabelMap, SegmentId, VoxelBox)>,
    range: Option<[f64; 2]>,
    scan: Arc<Scan>,
}

impl Limits {
    /// Check against the case. The segment is one of the group the result goes into, which lies on the scan's voxels.
    ///
    /// # Errors
    /// [`CommandError::BadParams`]: no such segment, it is empty, a range that is empty.
    pub(in crate::tools) fn prepare(
        &self,
        case: &Case,
        into: &Into,
        scan: &Arc<Scan>,
    ) -> Result<Allowed, CommandError> {
        let bad = |text: String| Err(CommandError::BadParams(text));
        let inside = match (self.only_inside, into.into) {
            (None, _) => None,
            (Some(number), None) => {
                return bad(format!(
                    "only_inside = {number}: say with into which segmentation this segment belongs to"
                ));
            }
            (Some(number), Some(group)) => {
                let labels = super::labels(case, group)?;
                let id = super::one_segment(&labels, Some(number))?;
                let Some(region) = labels.extent(id) else {
                    let name = &labels.segment(id).expect("picked above").name;
                    return bad(format!("only_inside: segment {number} ({name}) is empty; nothing lies inside it"));
                };
                Some((labels, id, region))
            }
        };
        let (from, to) = (self.only_from.unwrap_or(f64::MIN), self.only_to.unwrap_or(f64::MAX));
        if to < from {
            return bad(format!(
                "the range of values {from} to {to} is empty; the upper end must be at least the lower"
            ));
        }
        let range = (self.only_from.is_some() || self.only_to.is_some()).then_some([from, to]);
        Ok(Allowed { inside, range, scan: Arc::clone(scan) })
    }
}

impl Allowed {
    /// The box of what lies inside, `margin_mm` wider; all voxels without a segment.
    pub(in crate::tools) fn region(&self, margin_mm: f64) -> VoxelBox {
        let (dims, spacing_mm) = (self.scan.grid().dims(), self.scan.grid().spacing_mm());
        match &self.inside {
            None => dims.map(|n| 0..n),
            Some((_, _, region)) => std::array::from_fn(|a| {
                let margin = (margin_mm / spacing_mm[a]).ceil() as usize;
                region[a].start.saturating_sub(margin)..(region[a].end + margin).min(dims[a])
            }),
        }
    }

    /// Whether there is a segment that the result lies in.
    pub(in crate::tools) fn is_inside(&self) -> bool {
        self.inside.is_some()
    }

    /// Whether the voxel at this offset of the scan is inside the segment.
    pub(in crate::tools) fn inside(&self, offset: usize) -> bool {
        let label = |labels: &LabelMap| labels.at(labels.grid().voxel(offset));
        self.inside.as_ref().is_none_or(|(labels, id, _)| label(labels) == id.0)
    }

    /// Whether the result may hold the voxel at this offset of the scan.
    pub(in crate::tools) fn holds(&self, offset: usize) -> bool {
        self.inside(offset) && self.range.is_none_or(|[from, to]| (from..=to).contains(&self.scan.value(offset)))
    }

    /// The marks that are allowed; the mask lies on the scan's voxels.
    pub(in crate::tools) fn cut(&self, mask: Volume<u8>) -> Volume<u8> {
        if self.inside.is_none() && self.range.is_none() {
            return mask;
        }
        let marks = mask.voxels().par_iter().enumerate().with_min_len(1 << 12);
        let voxels = marks.map(|(offset, mark)| u8::from(*mark != 0 && self.holds(offset))).collect();
        Volume::new(Arc::clone(mask.grid()), voxels).expect("one mark per voxel")
    }
}
