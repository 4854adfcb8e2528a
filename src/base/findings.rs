//! Work that partly succeeds collects here what was odd, and goes on.

use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};

/// How much a finding changes what the user may believe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Something differs from what was asked or expected.
    Warning,
    /// Something was left out.
    Error,
}

/// One odd thing, as a sentence a person can act on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Short stable name for scripts, e.g. `missing-slice`.
    pub kind: String,
    /// What was found, with the value and the limit.
    pub message: String,
}

/// A collector that many threads may write to.
#[derive(Debug, Default)]
pub struct Findings(Mutex<Vec<Finding>>);

impl Findings {
    /// Add one finding.
    pub fn add(&self, severity: Severity, kind: &str, message: impl Into<String>) {
        let finding = Finding { severity, kind: kind.to_owned(), message: message.into() };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(finding);
    }

    /// All findings, the gravest first, otherwise in alphabetical order: the same on any number of threads.
    pub fn into_sorted(self) -> Vec<Finding> {
        let mut all = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        all.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.cmp(b)));
        all
    }
}
