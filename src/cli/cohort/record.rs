//! What is written down of one case: how it went and the facts of its last result.

use crate::base::Fact;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Its file in the folder of the case. While there is none, the case has no result.
pub(super) const FILE: &str = "result.json";

/// How a case went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub case: PathBuf,
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
