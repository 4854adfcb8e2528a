//! What a label means: name, colour, code, and how far the work on it is.

use crate::base::{ContentHasher, SegmentId};
use serde::{Deserialize, Serialize};

/// A named class of voxels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// The value its voxels hold; never 0.
    pub id: SegmentId,
    /// What it is, e.g. `liver`.
    pub name: String,
    /// Colour, sRGB.
    pub colour: [u8; 3],
    /// SNOMED CT code, if it has one.
    pub snomed: Option<u64>,
    /// Whether its voxels are safe from edits of other segments.
    #[serde(default)]
    pub locked: bool,
    /// Whether it is left out of slices and scene.
    #[serde(default)]
    pub hidden: bool,
    /// How far the work on it is.
    #[serde(default)]
    pub status: SegmentStatus,
}

/// How far the work on a segment is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentStatus {
    /// Nothing was done yet, or nobody said.
    #[default]
    NotStarted,
    /// Somebody works on it.
    InProgress,
    /// Somebody looked at it and was content.
    Completed,
    /// Somebody should look at it again.
    Flagged,
}

impl SegmentStatus {
    /// All, in the order of the work.
    pub const ALL: [Self; 4] = [Self::NotStarted, Self::InProgress, Self::Completed, Self::Flagged];

    /// As scripts and files write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Flagged => "flagged",
        }
    }
}

impl Segment {
    /// A segment that is shown, open to edits and not yet worked on.
    pub fn new(id: SegmentId, name: impl Into<String>, colour: [u8; 3], snomed: Option<u64>) -> Self {
        let (locked, hidden, status) = (false, false, SegmentStatus::default());
        Self { id, name: name.into(), colour, snomed, locked, hidden, status }
    }

    /// Feed the hash of a label map; what is as at the start is left out, so that older files keep their hashes.
    pub(super) fn hash_into(&self, hasher: &mut ContentHasher) {
        let Self { id, name, colour, snomed, locked, hidden, status } = self;
        hasher.number(u64::from(id.0)).text(name).array(colour).number(snomed.unwrap_or(0));
        let state = u64::from(*locked) | u64::from(*hidden) << 1 | (*status as u64) << 2;
        if state != 0 {
            hasher.text("state").number(state);
        }
    }
}
