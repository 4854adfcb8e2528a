//! Do again what a log says, and compare the content hashes.

use crate::base::Progress;
use crate::session::{CommandError, LogEntry, Session};

/// One step that was done again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ReplayStep {
    /// The name of the step.
    pub label: String,
    /// The tool, or `undo`, `redo`, `goto`.
    pub tool: String,
    /// The content hash of the case the log says, if it says one.
    pub expected: Option<String>,
    /// The content hash of the case now.
    pub hash: String,
}

impl ReplayStep {
    /// Whether the case is what the log says.
    pub fn agrees(&self) -> bool {
        self.expected.as_ref().is_none_or(|expected| *expected == self.hash)
    }
}

/// Do the steps of `log` in `session`, telling `watch` of each.
///
/// # Errors
/// The first [`CommandError`]; the session then holds the case as it was before that step.
pub fn replay(
    session: &mut Session,
    log: &[LogEntry],
    progress: &Progress,
    mut watch: impl FnMut(&ReplayStep),
) -> Result<Vec<ReplayStep>, CommandError> {
    let mut steps = Vec::with_capacity(log.len());
    for (done, entry) in log.iter().enumerate() {
        progress.step(done, log.len())?;
        let part = done as f64 / log.len() as f64..(done + 1) as f64 / log.len() as f64;
        let moved = |happened: bool, what: &str| {
            if happened { Ok(what.to_owned()) } else { Err(CommandError::Failed(format!("nothing to {what} here"))) }
        };
        let (label, tool, expected) = match entry {
            LogEntry::Command { command, hash, .. } => {
                let outcome = session.run(command.clone(), &progress.part(part, "replay"))?;
                (outcome.label, command.tool.clone(), Some(hash.clone()))
            }
            LogEntry::Undo => (moved(session.undo(), "undo")?, "undo".into(), None),
            LogEntry::Redo => (moved(session.redo(), "redo")?, "redo".into(), None),
            LogEntry::Goto { state } => (moved(session.go_to(*state), "go to")?, "goto".into(), None),
        };
        let step = ReplayStep { label, tool, expected, hash: session.content_hash().to_hex() };
        watch(&step);
        steps.push(step);
    }
    Ok(steps)
}
