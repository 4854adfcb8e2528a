//! What a command changes: applied whole or not at all.

use super::{Command, Display, Node};
use crate::base::{ContentHash, NodeId};

/// One change to a case.
#[derive(Debug, Clone)]
pub enum Change {
    /// A new node; its id is given when the edit is applied.
    Add(Node),
    /// New data for a node that must still be what the edit was computed from.
    Replace {
        /// Which node.
        id: NodeId,
        /// The hash of the data it was computed from.
        was: ContentHash,
        /// What takes its place.
        node: Node,
    },
    /// Take a node out of the case.
    Remove(NodeId),
    /// Give a node another name.
    Rename {
        /// Which node.
        id: NodeId,
        /// Its new name.
        name: String,
    },
    /// Show a node in another way.
    Show {
        /// Which node.
        id: NodeId,
        /// How.
        display: Display,
    },
    /// Show a node no longer, because something else takes its place; all else of its display stays as it is by then.
    ///
    /// A wish, not a claim: the long work before it is not lost when the node is gone or another has its number meanwhile.
    Hide {
        /// Which node.
        id: NodeId,
        /// The hash of its data, by which it is known again.
        was: ContentHash,
    },
}

/// The result of a command.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// The name of the step in the history, e.g. `segment lungs`.
    pub label: String,
    /// What changes; nothing for commands that only write files.
    pub changes: Vec<Change>,
    /// A sentence for the user, if there is something to say.
    pub message: Option<String>,
    /// Whether nodes after the first were made from the first.
    chained: bool,
    /// Parameters that the command must be written down with, so that it does the same when it is done again.
    told: Vec<(&'static str, serde_json::Value)>,
}

impl Edit {
    /// An edit without changes yet.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// This edit with one more node.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "nothing is summed up here")]
    pub fn add(mut self, node: Node) -> Self {
        self.changes.push(Change::Add(node));
        self
    }

    /// This edit with one more change.
    #[must_use]
    pub fn change(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    /// This edit with a sentence for the user.
    #[must_use]
    pub fn say(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// This edit, whose later nodes without a source were made from its first node.
    #[must_use]
    pub fn chained(mut self) -> Self {
        self.chained = true;
        self
    }

    /// This edit, of a command that ended otherwise than its parameters said: with parameter `name` at `value` it will do
    /// the same again, and so it is written down.
    #[must_use]
    pub fn told(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.told.push((name, value.into()));
        self
    }

    /// The command that does this edit when it is done again.
    pub(super) fn command(&self, mut command: Command) -> Command {
        for (name, value) in &self.told {
            command.params[*name] = value.clone();
        }
        command
    }

    /// The source of a node that names none, given the nodes added before it.
    pub(super) fn source_of(&self, added: &[NodeId]) -> Option<NodeId> {
        added.first().copied().filter(|_| self.chained)
    }
}
