//! What is written down of one case: how it went and the facts of its last result.

use crate::base::Fact;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Its file in the folder of the case. While there is none, the case has no result.
pub(super) const FILE: &str = "result.json";

/// What tells a file from what it was before somebody changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    pub bytes: u64,
    /// When it was last modified, s since 1970; none where the file system does not tell.
    pub modified_s: Option<u64>,
}

impl Stamp {
    /// Of the file at `path`; none of a folder, or if there is nothing.
    pub fn of(path: &Path) -> Option<Self> {
        let known = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
        let modified = known.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Some(Self { bytes: known.len(), modified_s: modified.map(|since| since.as_secs()) })
    }
}

/// How a case went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub case: PathBuf,
    /// The file of the case as it was; none of a folder.
    #[serde(default)]
    pub file: Option<Stamp>,
    /// Hash of the script.
    pub script: String,
    /// Content hash of the case afterwards.
    pub hash: String,
    pub seconds: f64,
    /// Commands that were done.
    pub steps: usize,
    /// Why it ended early, a sentence.
    pub error: Option<String>,
    /// The last result with facts, and these.
    pub of: Option<String>,
    pub facts: Vec<Fact>,
    /// Whether it was there already.
    #[serde(skip)]
    pub kept: bool,
}
