//! What the last growth knew, so that a further stroke costs little.
//!
//! Never part of a result: growing with it and without it gives the same labels, so a replay needs none of it.

use crate::base::ContentHash;
use crate::segment::GrowWorkspace;
use std::sync::{Mutex, PoisonError};

/// What a workspace was grown on; with another it is of no use.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ground {
    pub scan: ContentHash,
    pub hu_per_mm: f64,
    pub low: f64,
    pub high: f64,
}

/// One growth at a time: 2 bytes a voxel of its region, and labels that it shares with the result.
static LAST: Mutex<Option<(Ground, GrowWorkspace)>> = Mutex::new(None);

/// The workspace grown on `ground`, or an empty one; what was kept for another is dropped.
pub(super) fn take(ground: &Ground) -> GrowWorkspace {
    let last = LAST.lock().unwrap_or_else(PoisonError::into_inner).take();
    last.filter(|(of, _)| of == ground).map_or_else(GrowWorkspace::default, |(_, workspace)| workspace)
}

/// Keep a workspace for the next growth.
pub(super) fn keep(ground: Ground, workspace: GrowWorkspace) {
    *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some((ground, workspace));
}
