//! The session: the one place where a case changes.

use super::jobs::{Finished, Jobs, Wake, run_caught};
use super::{Case, Command, CommandError, Edit, History, JobReport, JobStatus, Kind, Task, ToolEntry};
use crate::base::{ContentHash, JobId, NodeId, Progress, StateId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// One line of the running log: enough to bring the session back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum LogEntry {
    /// A command changed the case.
    Command {
        /// What was asked.
        command: Command,
        /// The content hashes of the objects it was given, by parameter.
        #[serde(default)]
        inputs: BTreeMap<String, String>,
        /// The content hash of the case after it, hexadecimal.
        hash: String,
    },
    /// One step back.
    Undo,
    /// One step forward.
    Redo,
    /// A jump to a state.
    Goto {
        /// Which state.
        state: StateId,
    },
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
        Self { tools, history: History::new(case), jobs: Jobs::default(), log, recorder: None }
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
        let task = self.prepare(&command)?;
        let edit = run_caught(&command.tool, task, progress)?;
        self.commit(edit, command)
    }

    /// Start a command in the background; [`Session::poll`] applies its result.
    ///
    /// # Errors
    /// [`CommandError`] if it cannot start: bad parameters are found before any work.
    pub fn submit(&mut self, command: Command) -> Result<JobId, CommandError> {
        let task = self.prepare(&command)?;
        self.jobs.submit(command, task)
    }

    /// Apply the results of jobs that ended, in the order they ended. Cheap if none did.
    pub fn poll(&mut self) -> Vec<JobReport> {
        let ended = self.jobs.poll();
        let report = |Finished { id, command, result, elapsed }| {
            let result = result.and_then(|edit| self.commit(edit, Command::clone(&command)));
            JobReport { id, command, result, elapsed }
        };
        ended.into_iter().map(report).collect()
    }

    /// Running and waiting jobs.
    pub fn jobs(&self) -> Vec<JobStatus> {
        self.jobs.list()
    }

    /// Ask a job to stop.
    pub fn cancel(&mut self, id: JobId) {
        self.jobs.cancel(id);
    }

    /// Go back one step; `false` if there is none.
    pub fn undo(&mut self) -> bool {
        let moved = self.history.undo();
        self.note(moved, LogEntry::Undo)
    }

    /// Go forward one step; `false` if there is none.
    pub fn redo(&mut self) -> bool {
        let moved = self.history.redo();
        self.note(moved, LogEntry::Redo)
    }

    /// Go to a state; `false` if it was dropped or never was.
    pub fn go_to(&mut self, state: StateId) -> bool {
        let moved = self.history.go_to(state);
        self.note(moved, LogEntry::Goto { state })
    }

    /// The hash of the case.
    pub fn content_hash(&self) -> ContentHash {
        self.case().content_hash()
    }

    fn prepare(&self, command: &Command) -> Result<Task, CommandError> {
        let entry = self.tools.iter().find(|entry| entry.id == command.tool);
        let entry = entry.ok_or_else(|| CommandError::UnknownTool(command.tool.clone()))?;
        (entry.prepare)(self.case(), &command.params)
    }

    fn commit(&mut self, edit: Edit, command: Command) -> Result<Outcome, CommandError> {
        let Edit { label, message, changes, .. } = &edit;
        let (label, message) = (label.clone(), message.clone());
        if changes.is_empty() {
            return Ok(Outcome { label, message, added: Vec::new(), state: None });
        }
        let inputs = self.inputs(&command);
        let (case, added) = self.case().with(&edit, &command)?;
        let hash = case.content_hash().to_hex();
        let state = self.history.push(label.clone(), command.clone(), case);
        self.note(true, LogEntry::Command { command, inputs, hash });
        Ok(Outcome { label, message, added, state: Some(state) })
    }

    /// Content hashes of the objects named by the command's parameters.
    fn inputs(&self, command: &Command) -> BTreeMap<String, String> {
        let specs = self.tools.iter().find(|entry| entry.id == command.tool).map_or(&[][..], |entry| entry.params);
        let nodes = specs.iter().filter(|spec| matches!(spec.kind, Kind::Node(_) | Kind::AnyNode));
        let hash_of = |name: &str| {
            let id = u32::try_from(command.params.get(name)?.as_u64()?).ok()?;
            Some((name.to_owned(), self.case().node(NodeId(id))?.hash().to_hex()))
        };
        nodes.filter_map(|spec| hash_of(spec.name)).collect()
    }

    fn note(&mut self, happened: bool, entry: LogEntry) -> bool {
        if happened {
            if let Some(recorder) = &mut self.recorder {
                recorder(&entry);
            }
            self.log.push(entry);
        }
        happened
    }
}
