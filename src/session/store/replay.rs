//! Do again what a log says, and compare the content hashes.

use super::journal::{self, Opened};
use super::{StoreError, load};
use crate::base::{Progress, StateId};
use crate::session::param::relative_paths;
use crate::session::{Command, CommandError, LogEntry, Session, ToolEntry};
use std::collections::BTreeMap;
use std::path::Path;

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
    /// Which object it was given is not the one the log says, one sentence.
    pub input: Option<String>,
}

impl ReplayStep {
    /// Whether its inputs and the case after it are what the log says.
    pub fn agrees(&self) -> bool {
        self.input.is_none() && self.expected.as_ref().is_none_or(|expected| *expected == self.hash)
    }

    /// What is not as the log says, one sentence; none if all is.
    pub fn difference(&self) -> Option<String> {
        let expected = self.expected.as_ref().filter(|expected| **expected != self.hash);
        self.input.clone().or_else(|| {
            let [now, then] = [&self.hash, expected?].map(|hash| short(hash));
            Some(format!("its result is another (case {now} instead of {then})"))
        })
    }
}

/// As much of a hash as tells it from others.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// Relative paths in `log` that lead to nothing from the working folder, but to something from `folder`, start there.
///
/// For logs that do not say where they were written, such as those of case files: a scan often lies beside its case.
pub fn place(log: &mut [LogEntry], tools: &[ToolEntry], folder: &Path) {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    for entry in log {
        let LogEntry::Command { command, folder: from @ None, .. } = entry else { continue };
        let specs = tools.iter().find(|tool| tool.id == command.tool).map_or(&[][..], |tool| tool.params);
        let mut paths = relative_paths(specs, &command.params).peekable();
        if paths.peek().is_some() && paths.all(|(_, path)| !path.exists() && folder.join(path).exists()) {
            *from = Some(folder.clone());
        }
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
    watch: impl FnMut(&ReplayStep),
) -> Result<Vec<ReplayStep>, CommandError> {
    session.keep_for(log);
    let steps = all_steps(session, log, progress, watch);
    session.keep_for(&[]);
    steps
}

fn all_steps(
    session: &mut Session,
    log: &[LogEntry],
    progress: &Progress,
    mut watch: impl FnMut(&ReplayStep),
) -> Result<Vec<ReplayStep>, CommandError> {
    let mut steps = Vec::with_capacity(log.len());
    // Old logs counted states from the case they started with; they say no hash for a jump.
    let first = session.history().current().0;
    for (done, entry) in log.iter().enumerate() {
        progress.step(done, log.len())?;
        let part = done as f64 / log.len() as f64..(done + 1) as f64 / log.len() as f64;
        let moved = |happened: bool, what: &str| {
            if happened {
                Ok(what.to_owned())
            } else {
                Err(CommandError::Failed(format!("step {}: there is nothing to {what} here", done + 1)))
            }
        };
        let mut input = None;
        let (label, tool, expected) = match entry {
            LogEntry::Command { command, inputs, hash, at, folder, .. } => {
                let at = at.unwrap_or(session.history().current());
                input = other_input(session, command, inputs, at);
                let part = progress.part(part, "replay");
                let outcome = session.run_at(command.clone(), at, folder.as_deref(), &part)?;
                (outcome.label, command.tool.clone(), Some(hash.clone()))
            }
            LogEntry::Undo { hash } => (moved(session.undo(), "undo")?, "undo".into(), hash.clone()),
            LogEntry::Redo { hash } => (moved(session.redo(), "redo")?, "redo".into(), hash.clone()),
            LogEntry::Goto { state, hash } => (
                moved(session.go_to(if hash.is_some() { *state } else { StateId(state.0 + first) }), "go to")?,
                "goto".into(),
                hash.clone(),
            ),
        };
        let step = ReplayStep { label, tool, expected, hash: session.content_hash().to_hex(), input };
        watch(&step);
        steps.push(step);
    }
    Ok(steps)
}

/// Which object that `command` is given in the state `at` is not the one the log says, one sentence.
fn other_input(session: &Session, command: &Command, inputs: &BTreeMap<String, String>, at: StateId) -> Option<String> {
    let case = session.history().case_at(at)?;
    let (name, id) = session.changed_input(command, inputs, case)?;
    let then = short(&inputs[&name]);
    let is = match case.node(id) {
        Some(node) => format!("has the content {} and not {then}", short(&node.hash().to_hex())),
        None => "is not there".into(),
    };
    Some(format!("its input {name}, object {id}, {is} as when the log was written"))
}

/// What a log left behind brought back.
#[derive(Debug)]
pub struct Recovered {
    /// The session with what could be done again.
    pub session: Session,
    /// The case file its log starts from; none for the empty case.
    pub opened: Option<Opened>,
    /// How many entries of its log belong to that case file; the others must go into a new running log.
    pub known: usize,
    /// How many steps the log has.
    pub wanted: usize,
    /// What did not go well, one sentence.
    pub problem: Option<String>,
}

/// The part of bringing a session back that reading its case file counts for.
const READING: f64 = 0.2;

/// Do again what the running log at `path` says, from the case file it names.
///
/// A step back behind that case file is not in it, so the whole log since the case was empty is done then.
///
/// # Errors
/// [`StoreError`] if the log or its case file cannot be read, or the case file is not what it was.
pub fn recover(path: &Path, tools: &'static [ToolEntry], progress: &Progress) -> Result<Recovered, StoreError> {
    let read = journal::read(path)?;
    let (opened, mut log) = (read.header.and_then(|header| header.opened()), read.entries);
    let folder_of = |path: &Path| path.parent().map(Path::to_owned).unwrap_or_default();
    place(&mut log, tools, &folder_of(path));
    let mut recovered = match opened {
        None => again(Session::new(tools), None, &log, progress)?,
        Some(opened) => {
            let stored = load(&opened.path, &progress.part(0.0..READING, "replay"))?;
            let progress = &progress.part(READING..1.0, "replay");
            if let Some(hash) = &opened.hash
                && *hash != stored.case.content_hash().to_hex()
            {
                let what = "it was changed since the running log began, so the log does not continue it".into();
                return Err(StoreError::Damaged { what, path: opened.path });
            }
            let mut whole: Vec<LogEntry> = stored.log.iter().chain(&log).cloned().collect();
            place(&mut whole, tools, &folder_of(&opened.path));
            let from_file = again(Session::with_case(tools, stored.case, stored.log), Some(opened), &log, progress)?;
            if from_file.problem.is_none() {
                from_file
            } else {
                let from_start = again(Session::new(tools), None, &whole, progress)?;
                if from_start.problem.is_none() { from_start } else { from_file }
            }
        }
    };
    if let Some(warning) = read.warning {
        recovered.problem = Some(recovered.problem.map_or(warning.clone(), |problem| format!("{problem}; {warning}")));
    }
    Ok(recovered)
}

fn again(
    mut session: Session,
    opened: Option<Opened>,
    log: &[LogEntry],
    progress: &Progress,
) -> Result<Recovered, StoreError> {
    let known = session.log().len();
    let problem = match replay(&mut session, log, progress, |_| {}) {
        Ok(steps) => steps
            .iter()
            .enumerate()
            .find_map(|(n, step)| Some(format!("step {} ({}): {}", n + 1, step.label, step.difference()?))),
        Err(CommandError::Cancelled) => return Err(StoreError::Cancelled(crate::base::Cancelled)),
        Err(error) => Some(format!("step {} of {}: {error}", session.log().len() - known + 1, log.len())),
    };
    Ok(Recovered { session, opened, known, wanted: log.len(), problem })
}
