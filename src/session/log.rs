//! The log: everything that changed a case, in order, enough to bring the session back.

use super::Command;
use crate::base::{NodeId, StateId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// One line of the log.
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
        /// The state it was computed from, where that is not the state it was applied to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<StateId>,
        /// The objects it made; none in old logs.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        added: Vec<NodeId>,
        /// The folder its relative paths start from. Case files do without: it may hold the name of a person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        folder: Option<PathBuf>,
    },
    /// One step back.
    Undo {
        /// The content hash of the case after it; none in old logs.
        #[serde(default)]
        hash: Option<String>,
    },
    /// One step forward.
    Redo {
        /// The content hash of the case after it; none in old logs.
        #[serde(default)]
        hash: Option<String>,
    },
    /// A jump to a state.
    Goto {
        /// Which state.
        state: StateId,
        /// The content hash of the case after it; none in old logs.
        #[serde(default)]
        hash: Option<String>,
    },
}

impl LogEntry {
    /// This entry as case files hold it, with paths as they were typed.
    #[must_use]
    pub fn without_folder(&self) -> Self {
        let mut entry = self.clone();
        if let Self::Command { folder, .. } = &mut entry {
            *folder = None;
        }
        entry
    }
}

/// The commands of `log` in order, each with whether the case of now has it behind it: `false` for a step that was
/// taken back or lies on another branch.
pub fn commands(log: &[LogEntry]) -> Vec<(&LogEntry, bool)> {
    let mut tree = Tree::new(0);
    log.iter().for_each(|entry| tree.take(entry));
    let mut stands = vec![false; tree.parents.len()];
    while tree.now != 0 {
        stands[tree.now] = true;
        tree.now = tree.parents[tree.now];
    }
    log.iter().filter(|entry| matches!(entry, LogEntry::Command { .. })).zip(stands.into_iter().skip(1)).collect()
}

/// The states that `log` returns to or computes from after they were left, if it begins in the state `first`.
pub(super) fn revisited(log: &[LogEntry], first: StateId) -> BTreeSet<StateId> {
    let mut tree = Tree::new(first.0);
    let mut found = BTreeSet::new();
    for entry in log {
        tree.take(entry);
        match entry {
            LogEntry::Command { at, .. } => found.extend(*at),
            _ => found.extend([StateId(first.0.saturating_add(tree.now as u32))]),
        }
    }
    found
}

/// The states a log leads through, as in the history: the one after the nth command has the number n.
struct Tree {
    /// The number of the state the log begins in; below, states are counted from it.
    first: u32,
    parents: Vec<usize>,
    redo: Vec<Option<usize>>,
    now: usize,
}

impl Tree {
    fn new(first: u32) -> Self {
        Self { first, parents: vec![0], redo: vec![None], now: 0 }
    }

    fn take(&mut self, entry: &LogEntry) {
        match entry {
            LogEntry::Command { .. } => {
                let state = self.parents.len();
                self.redo[self.now] = Some(state);
                self.parents.push(self.now);
                self.redo.push(None);
                self.now = state;
            }
            LogEntry::Undo { .. } => self.now = self.parents[self.now],
            LogEntry::Redo { .. } => self.now = self.redo[self.now].unwrap_or(self.now),
            LogEntry::Goto { state, .. } => {
                self.now = (state.0.saturating_sub(self.first) as usize).min(self.parents.len() - 1);
                let mut child = self.now;
                while child != 0 {
                    self.redo[self.parents[child]] = Some(child);
                    child = self.parents[child];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn steps_that_were_taken_back_are_told_from_those_that_stand() {
        let command = |tool: &str| LogEntry::Command {
            command: Command::new(tool, Value::Null),
            inputs: BTreeMap::new(),
            hash: String::new(),
            at: None,
            added: Vec::new(),
            folder: None,
        };
        let (undo, redo) = (LogEntry::Undo { hash: None }, LogEntry::Redo { hash: None });
        let to = |state| LogEntry::Goto { state: StateId(state), hash: Some(String::new()) };
        let stands = |log: &[LogEntry]| commands(log).into_iter().map(|(_, stands)| stands).collect::<Vec<_>>();
        let [a, b, c] = ["a", "b", "c"].map(command);
        assert_eq!(stands(&[a.clone(), b.clone(), undo.clone()]), [true, false]);
        assert_eq!(stands(&[a.clone(), b.clone(), undo.clone(), redo.clone()]), [true, true]);
        let branch = [a, b, undo.clone(), c];
        assert_eq!(stands(&branch), [true, false, true]);
        assert_eq!(stands(&[&branch[..], &[to(2)]].concat()), [true, true, false]);
        assert_eq!(stands(&[&branch[..], &[to(2), undo, redo]].concat()), [true, true, false]);
        assert!(stands(&[]).is_empty());
        let numbers =
            |log: &[LogEntry], first| revisited(log, StateId(first)).into_iter().map(|state| state.0).collect();
        let seen: Vec<u32> = numbers(&branch, 0);
        assert_eq!(seen, [1]);
        let seen: Vec<u32> = numbers(&branch, 7);
        assert_eq!(seen, [8]);
        let seen: Vec<u32> = numbers(&[&branch[..], &[to(2)]].concat(), 0);
        assert_eq!(seen, [1, 2]);
    }
}
