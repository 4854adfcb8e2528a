//! The session: the one place where a case changes.

use super::jobs::{Finished, Jobs, Origin, Wake, run_caught, run_here};
use super::{Case, Command, CommandError, Edit, History, JobReport, JobStatus, Kind, LogEntry, Task, ToolEntry};
use crate::base::{ContentHash, Glimpse, JobId, NodeId, Progress, StateId};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The name of the step.
    pub label: String,
    /// A sentence for the user, if there is one.
    pub message: Option<String>,
    /// The nodes it added.
    pub added: Vec<NodeId>,
    /// The state it led to; none if it changed nothing (exports).
    pub state: Option<StateId>,
}

/// Called with every change of the case, before the user is told of it.
pub type Recorder = Box<dyn FnMut(&LogEntry) + Send + Sync>;

/// A case with its history and jobs.
pub struct Session {
    tools: &'static [ToolEntry],
    history: History,
    jobs: Jobs,
    log: Vec<LogEntry>,
    recorder: Option<Recorder>,
    /// Commands that were done where they were asked for, to be told of at the next poll.
    done: Vec<JobReport>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("history", &self.history).finish_non_exhaustive()
    }
}

impl Session {
    /// An empty case and the tools that may change it.
    pub fn new(tools: &'static [ToolEntry]) -> Self {
        Self::with_case(tools, Case::default(), Vec::new())
    }

    /// A session that starts with a stored case and the log that led to it.
    pub fn with_case(tools: &'static [ToolEntry], case: Case, log: Vec<LogEntry>) -> Self {
        let commands = log.iter().filter(|entry| matches!(entry, LogEntry::Command { .. })).count();
        let history = History::new(case, u32::try_from(commands).unwrap_or(u32::MAX / 2));
        Self { tools, history, jobs: Jobs::default(), log, recorder: None, done: Vec::new() }
    }

    /// This session with another memory budget; see [`History::with_budget`].
    #[must_use]
    pub fn with_budget(mut self, states_min: usize, bytes_max: usize) -> Self {
        self.history = self.history.with_budget(states_min, bytes_max);
        self
    }

    /// Call `recorder` with every change from now on.
    pub fn record(&mut self, recorder: Recorder) {
        self.recorder = Some(recorder);
    }

    /// Call `wake` when a job ends.
    pub fn set_wake(&mut self, wake: Wake) {
        self.jobs.set_wake(wake);
    }

    /// The case as it is now.
    pub fn case(&self) -> &Case {
        self.history.case()
    }

    /// The states behind it.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Everything that changed the case since it was empty.
    pub fn log(&self) -> &[LogEntry] {
        &self.log
    }

    /// All tools.
    pub fn tools(&self) -> &'static [ToolEntry] {
        self.tools
    }

    /// Run a command to its end: for the command line, tests and replay.
    ///
    /// # Errors
    /// [`CommandError`]; the case is unchanged then.
    pub fn run(&mut self, command: Command, progress: &Progress) -> Result<Outcome, CommandError> {
        self.run_at(command, self.history.current(), None, progress)
    }

    /// Run a command to its end; relative paths in its parameters start from `folder`.
    ///
    /// # Errors
    /// [`CommandError`]; the case is unchanged then.
    pub fn run_in(&mut self, command: Command, folder: &Path, progress: &Progress) -> Result<Outcome, CommandError> {
        self.run_at(command, self.history.current(), Some(folder), progress)
    }

    /// Run a command on the case of the state `at` and apply what it computes to the case of now: for replay.
    /// Relative paths start from `folder`, without one from the working folder.
    pub(in crate::session) fn run_at(
        &mut self,
        command: Command,
        at: StateId,
        folder: Option<&Path>,
        progress: &Progress,
    ) -> Result<Outcome, CommandError> {
        let (command, origin, task) = self.prepare(command, at, folder)?;
        let edit = run_caught(&command.tool, task, progress)?;
        self.commit(edit, command, &origin)
    }

    /// Keep the states that `log`, done from here, comes back to.
    pub(in crate::session) fn keep_for(&mut self, log: &[LogEntry]) {
        self.history.pin(super::log::revisited(log, self.history.current()));
    }

    /// Start a command in the background; [`Session::poll`] applies its result.
    ///
    /// # Errors
    /// [`CommandError`] if it cannot start: bad parameters are found before any work.
    pub fn submit(&mut self, command: Command) -> Result<JobId, CommandError> {
        let instant = self
            .tools
            .iter()
            .any(|entry| entry.id == command.tool && entry.instant && !(entry.is_long)(self.case(), &command.params));
        let (command, origin, task) = self.prepare(command, self.history.current(), None)?;
        if !instant {
            return self.jobs.submit(command, origin, task);
        }
        let id = self.jobs.next_id();
        let edit = run_here(&command.tool, task)?;
        let result = self.commit(edit, command.clone(), &origin);
        self.done.push(JobReport { id, command, result, elapsed: std::time::Duration::ZERO });
        self.jobs.wake();
        Ok(id)
    }

    /// Apply the results of jobs that ended, in the order they ended. Cheap if none did.
    pub fn poll(&mut self) -> Vec<JobReport> {
        let ended = self.jobs.poll();
        let mut reports = std::mem::take(&mut self.done);
        reports.extend(ended.into_iter().map(|Finished { id, command, origin, result, elapsed }| {
            let result = result.and_then(|edit| self.commit(edit, Command::clone(&command), &origin));
            JobReport { id, command, result, elapsed }
        }));
        reports
    }

    /// Running and waiting jobs.
    pub fn jobs(&self) -> Vec<JobStatus> {
        self.jobs.list()
    }

    /// Ask a job to stop.
    pub fn cancel(&mut self, id: JobId) {
        self.jobs.cancel(id);
    }

    /// Let a job wait at its next step, or go on.
    pub fn pause(&mut self, id: JobId, paused: bool) {
        self.jobs.pause(id, paused);
    }

    /// Ask a job that offers it to end early with what it has.
    pub fn end(&mut self, id: JobId) {
        self.jobs.end_early(id);
    }

    /// How a running job looks now, if its kernel shows that and it has changed since it was last asked for. The first
    /// call says that somebody watches.
    pub fn glimpse(&self, id: JobId) -> Option<Glimpse> {
        self.jobs.glimpse(id)
    }

    /// Go back one step; `false` if there is none.
    pub fn undo(&mut self) -> bool {
        let moved = self.history.undo();
        moved && self.note(|hash| LogEntry::Undo { hash })
    }

    /// Go forward one step; `false` if there is none.
    pub fn redo(&mut self) -> bool {
        let moved = self.history.redo();
        moved && self.note(|hash| LogEntry::Redo { hash })
    }

    /// Go to a state; `false` if it was dropped or never was.
    pub fn go_to(&mut self, state: StateId) -> bool {
        let moved = self.history.go_to(state);
        moved && self.note(|hash| LogEntry::Goto { state, hash })
    }

    /// The hash of the case.
    pub fn content_hash(&self) -> ContentHash {
        self.case().content_hash()
    }

    /// Check `command` against the case of the state `at` and capture its inputs. The command comes back with its
    /// defaults written out, so that another default in a later version changes no replay.
    fn prepare(
        &self,
        command: Command,
        at: StateId,
        folder: Option<&Path>,
    ) -> Result<(Command, Origin, Task), CommandError> {
        let entry = self.tools.iter().find(|entry| entry.id == command.tool);
        let entry = entry.ok_or_else(|| CommandError::UnknownTool(command.tool.clone()))?;
        let case = self.history.case_at(at).ok_or_else(|| {
            CommandError::Failed(format!("{}: the state {} it was computed from is not here", command.tool, at.0))
        })?;
        let params = super::param::with_defaults(entry.id, entry.params, &command.params)?;
        let placed = folder.map(|folder| super::param::placed(entry.params, &params, folder));
        let task = (entry.prepare)(case, &self.log, placed.as_ref().unwrap_or(&params))?;
        let is_relative = super::param::relative_paths(entry.params, &params).next().is_some();
        let folder = is_relative.then(|| folder.map(Path::to_owned).or_else(working_folder)).flatten();
        let command = Command { params, ..command };
        let inputs = self.inputs(case, &command);
        Ok((command, Origin { at, inputs, folder }, task))
    }

    fn commit(&mut self, edit: Edit, command: Command, origin: &Origin) -> Result<Outcome, CommandError> {
        let command = edit.command(command);
        let Edit { label, message, changes, .. } = &edit;
        let (label, message) = (label.clone(), message.clone());
        if changes.is_empty() {
            return Ok(Outcome { label, message, added: Vec::new(), state: None });
        }
        // After undo another object may have the number of the one that was computed from.
        if origin.at != self.history.current() && self.inputs(self.case(), &command) != origin.inputs {
            let changed = self.changed_input(&command, &origin.inputs, self.case());
            return Err(CommandError::Stale(changed.map_or(NodeId(0), |(_, id)| id)));
        }
        let (case, added) = self.case().with(&edit, &command)?;
        let hash = case.content_hash().to_hex();
        let at = Some(origin.at).filter(|at| *at != self.history.current());
        let state = self.history.push(label.clone(), command.clone(), case);
        let Origin { inputs, folder, .. } = origin.clone();
        self.write_down(LogEntry::Command { command, inputs, hash, at, added: added.clone(), folder });
        Ok(Outcome { label, message, added, state: Some(state) })
    }

    /// The first object named by `command` whose content in `case` is not what `inputs` says, and its parameter.
    pub(in crate::session) fn changed_input(
        &self,
        command: &Command,
        inputs: &BTreeMap<String, String>,
        case: &Case,
    ) -> Option<(String, NodeId)> {
        let now = self.inputs(case, command);
        let (name, _) = inputs.iter().find(|(name, hash)| now.get(*name) != Some(*hash))?;
        let id = command.params.get(name).and_then(serde_json::Value::as_u64).and_then(|id| u32::try_from(id).ok());
        Some((name.clone(), NodeId(id.unwrap_or(0))))
    }

    /// Content hashes of the objects of `case` named by the command's parameters.
    fn inputs(&self, case: &Case, command: &Command) -> BTreeMap<String, String> {
        let specs = self.tools.iter().find(|entry| entry.id == command.tool).map_or(&[][..], |entry| entry.params);
        let nodes = specs.iter().filter(|spec| matches!(spec.kind, Kind::Node(_) | Kind::AnyNode));
        let hash_of = |name: &str| {
            let id = u32::try_from(command.params.get(name)?.as_u64()?).ok()?;
            Some((name.to_owned(), case.node(NodeId(id))?.hash().to_hex()))
        };
        nodes.filter_map(|spec| hash_of(spec.name)).collect()
    }

    /// Write down a move through the history; always `true`.
    fn note(&mut self, entry: impl FnOnce(Option<String>) -> LogEntry) -> bool {
        let hash = self.content_hash().to_hex();
        self.write_down(entry(Some(hash)));
        true
    }

    fn write_down(&mut self, entry: LogEntry) {
        if let Some(recorder) = &mut self.recorder {
            recorder(&entry);
        }
        self.log.push(entry);
    }
}

/// The folder relative paths start from, where its name can be written down.
fn working_folder() -> Option<PathBuf> {
    std::env::current_dir().ok().filter(|folder| folder.to_str().is_some())
}
