//! What the user asked for, as data, and the tools that answer.

use super::{Case, Edit, LogEntry, NodeKind, ParamSpec};
use crate::base::{Cancelled, NodeId, Progress};
use crate::io::words;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the user asked for: it can be written to a log, a script or a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Id of the tool, e.g. `segment.threshold`.
    pub tool: String,
    /// Its parameters by name.
    #[serde(default)]
    pub params: Value,
}

impl Command {
    /// A command for `tool` with `params` (a JSON object).
    pub fn new(tool: &str, params: Value) -> Self {
        Self { tool: tool.to_owned(), params }
    }
}

/// Why a command did nothing. The case stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// No tool has this id.
    #[error("there is no tool '{0}'; `prosector tools` lists them")]
    UnknownTool(String),
    /// A parameter is wrong: which, its value, the limit.
    #[error("{0}")]
    BadParams(String),
    /// The work could not be done: what, why, what to do.
    #[error("{0}")]
    Failed(String),
    /// Somebody asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// A node changed or vanished while the command ran.
    #[error("the object {0} changed or was removed meanwhile; nothing was overwritten, run the command again")]
    Stale(NodeId),
    /// A mistake of ours.
    #[error("internal error in {tool}: {message}; the case is unchanged")]
    Internal {
        /// The tool that failed.
        tool: String,
        /// What it said.
        message: String,
    },
}

impl From<Cancelled> for CommandError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl CommandError {
    /// A failure in the words of `error` and its causes; a cancellation anywhere among them stays one.
    pub fn failed(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut message = error.downcast_ref().map_or_else(|| error.to_string(), words::of_system);
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<Cancelled>() {
                return Self::Cancelled;
            }
            let text = error.downcast_ref().map_or_else(|| error.to_string(), words::of_system);
            if !message.contains(&text) {
                message = format!("{message}: {text}");
            }
            cause = error.source();
        }
        if message == "cancelled" { Self::Cancelled } else { Self::Failed(message) }
    }
}

/// Checked and ready to run: holds cheap clones of its inputs, knows no window and no session.
pub type Task = Box<dyn FnOnce(&Progress) -> Result<Edit, CommandError> + Send>;

/// Where in the guided job a tool stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Bring data in.
    Import,
    /// From voxels to segments.
    Segment,
    /// From segments to meshes.
    Model,
    /// What is to be reached, spared and done.
    Plan,
    /// Tissue and flow.
    Simulate,
    /// Take results out.
    Report,
    /// Rename, show, remove.
    Object,
}

/// A thing the user can do. Implemented once per tool, in the tool's folder.
pub trait Tool {
    /// Stable id, `family.verb`.
    const ID: &'static str;
    /// What the menu says.
    const LABEL: &'static str;
    /// One sentence of help.
    const HELP: &'static str;
    /// Where in the guided job it stands.
    const STEP: Step;
    /// The parameters: the same names as the fields of `Params`.
    const PARAMS: &'static [ParamSpec];
    /// Whether it takes no time: it is then done where it is asked for, ahead of jobs.
    const INSTANT: bool = false;
    /// Whether a command of a tool that takes no time takes long all the same; it is a job then.
    fn is_long(case: &Case, params: &Self::Params) -> bool {
        let _ = (case, params);
        false
    }
    /// The parameters as a type; serde gives the script form. Add fields with defaults only: scripts outlive versions.
    type Params: Serialize + DeserializeOwned;

    /// Check the parameters against the case and capture the inputs. Fast; no computing here.
    ///
    /// # Errors
    /// [`CommandError::BadParams`] naming the parameter, its value and the limit.
    fn prepare(case: &Case, params: Self::Params) -> Result<Task, CommandError>;

    /// The same for the few tools that tell what was done: `log` is all that changed the case so far.
    ///
    /// # Errors
    /// As [`Tool::prepare`].
    fn prepare_with_log(case: &Case, log: &[LogEntry], params: Self::Params) -> Result<Task, CommandError> {
        let _ = log;
        Self::prepare(case, params)
    }
}

/// A tool with its type erased, for the list of tools.
#[derive(Clone, Copy)]
pub struct ToolEntry {
    /// Stable id.
    pub id: &'static str,
    /// What the menu says.
    pub label: &'static str,
    /// One sentence of help.
    pub help: &'static str,
    /// Where in the guided job it stands.
    pub step: Step,
    /// The parameters.
    pub params: &'static [ParamSpec],
    /// Whether it is done where it is asked for, ahead of jobs.
    pub instant: bool,
    /// Whether a command takes long although the tool is `instant`.
    pub is_long: fn(&Case, &Value) -> bool,
    /// Check the parameters and capture the inputs; the log is what changed the case so far.
    pub prepare: fn(&Case, &[LogEntry], &Value) -> Result<Task, CommandError>,
    /// The parameters as the tool's type writes them back, to compare their names with `params`.
    pub normalise: fn(&Value) -> Result<Value, CommandError>,
}

impl std::fmt::Debug for ToolEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

/// The list entry of tool `T`.
pub const fn entry<T: Tool>() -> ToolEntry {
    ToolEntry {
        id: T::ID,
        label: T::LABEL,
        help: T::HELP,
        step: T::STEP,
        params: T::PARAMS,
        instant: T::INSTANT,
        is_long: |case, params| read::<T>(params).is_ok_and(|params| T::is_long(case, &params)),
        prepare: |case, log, params| T::prepare_with_log(case, log, read::<T>(params)?),
        normalise: |params| Ok(serde_json::to_value(read::<T>(params)?).expect("parameters are plain data")),
    }
}

fn read<T: Tool>(params: &Value) -> Result<T::Params, CommandError> {
    let full = super::param::with_defaults(T::ID, T::PARAMS, params)?;
    serde_json::from_value(full)
        .map_err(|error| CommandError::BadParams(format!("{}: {}", T::ID, words::of_json(&error))))
}

impl Case {
    /// The node `id`, which must hold data of `kind`.
    ///
    /// # Errors
    /// [`CommandError::BadParams`] saying what is there instead.
    pub fn expect_kind(&self, id: NodeId, kind: NodeKind) -> Result<&std::sync::Arc<super::Node>, CommandError> {
        let wanted = kind.words();
        let node = self
            .node(id)
            .ok_or_else(|| CommandError::BadParams(format!("there is no object {id}; {wanted} is needed here")))?;
        if node.data.kind() == kind {
            Ok(node)
        } else {
            let is = node.data.kind().words();
            Err(CommandError::BadParams(format!("object {id} ({}) is {is}; {wanted} is needed here", node.name)))
        }
    }
}
