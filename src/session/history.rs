//! Named states of the case as a tree: undo, redo, branches, and a memory budget.

use super::{Case, Command, Node};
use crate::base::{ContentHash, NodeId, StateId, courtesy};
use crate::io::process::memory_bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// States that are always kept however large they are.
pub const STATES_MIN: usize = 10;
/// Memory of data that only older states hold, in bytes, before the oldest are dropped: on a machine that does not say
/// how much it has.
const BYTES_MAX: usize = 4 << 30;
/// The least of it that a small machine must grant.
const BYTES_MAX_LEAST: usize = 1 << 30;

/// Memory of data that only older states may hold, in bytes: a quarter of the machine's, at least 1 GiB.
pub fn bytes_max() -> usize {
    static BYTES: OnceLock<usize> = OnceLock::new();
    *BYTES.get_or_init(|| budget_of(memory_bytes()))
}

fn budget_of(machine: Option<u64>) -> usize {
    let quarter = machine.map(|bytes| usize::try_from(bytes / 4).unwrap_or(usize::MAX));
    quarter.map_or(BYTES_MAX, |quarter| quarter.max(BYTES_MAX_LEAST))
}

/// One state of the case and the step that led to it.
#[derive(Debug, Clone)]
pub struct State {
    /// The state it came from; none for the first.
    pub parent: Option<StateId>,
    /// The name of the step.
    pub label: String,
    /// The command that led here; none for the first state.
    pub command: Option<Command>,
    /// The case; none once it was dropped to save memory (its command stays for replay).
    case: Option<Case>,
    /// Where redo leads: the child visited last.
    redo: Option<StateId>,
}

/// All states of a session.
#[derive(Debug, Clone)]
pub struct History {
    states: BTreeMap<StateId, State>,
    current: StateId,
    next: u32,
    states_min: usize,
    bytes_max: usize,
    /// States that are kept whatever they take.
    pinned: BTreeSet<StateId>,
    /// At least the bytes of data all kept states hold: counted as states are made, for counting them all takes longer
    /// the longer a session is.
    bytes_at_most: usize,
}

impl History {
    /// A history that starts with `case`, to which `commands` commands led: states count on from there, so that
    /// a state has the same number in every session the log is done in.
    pub fn new(case: Case, commands: u32) -> Self {
        let bytes_at_most = case.nodes().map(|(_, node)| node.data.bytes()).sum();
        let first = State { parent: None, label: "start".into(), command: None, case: Some(case), redo: None };
        Self {
            states: BTreeMap::from([(StateId(commands), first)]),
            current: StateId(commands),
            next: commands + 1,
            states_min: STATES_MIN,
            bytes_max: bytes_max(),
            pinned: BTreeSet::new(),
            bytes_at_most,
        }
    }

    /// This history with another budget: at least `states_min` states, at most `bytes_max` bytes beyond the current one.
    #[must_use]
    pub fn with_budget(mut self, states_min: usize, bytes_max: usize) -> Self {
        (self.states_min, self.bytes_max) = (states_min.max(1), bytes_max);
        self
    }

    /// Keep these states whatever they take, until the next call: replay comes back to them, on a machine that may have
    /// less memory than the one the log was written on.
    pub(super) fn pin(&mut self, states: BTreeSet<StateId>) {
        self.pinned = states;
    }

    /// The case as it is now.
    pub fn case(&self) -> &Case {
        self.states[&self.current].case.as_ref().expect("the current state is never dropped")
    }

    /// The case in the state `id`, unless it was dropped or never was.
    pub fn case_at(&self, id: StateId) -> Option<&Case> {
        self.states.get(&id)?.case.as_ref()
    }

    /// Where we are.
    pub fn current(&self) -> StateId {
        self.current
    }

    /// All states in the order they were made.
    pub fn states(&self) -> impl DoubleEndedIterator<Item = (StateId, &State)> {
        self.states.iter().map(|(id, state)| (*id, state))
    }

    /// The states from the first to `id`.
    pub fn path(&self, id: StateId) -> Vec<StateId> {
        let mut path: Vec<StateId> =
            std::iter::successors(Some(id), |id| self.states.get(id).and_then(|state| state.parent)).collect();
        path.reverse();
        path
    }

    /// The steps from the start to now and those that redo would bring back, in order: the list a user sees.
    pub fn line(&self) -> Vec<StateId> {
        let mut line = self.path(self.current);
        let mut last = self.current;
        while let Some(next) = self.states[&last].redo {
            line.push(next);
            last = next;
        }
        line
    }

    /// Whether the state can be returned to.
    pub fn is_kept(&self, id: StateId) -> bool {
        self.states.get(&id).is_some_and(|state| state.case.is_some())
    }

    /// Go on from the current state to `case`.
    pub(super) fn push(&mut self, label: String, command: Command, case: Case) -> StateId {
        let id = StateId(self.next);
        self.next += 1;
        self.states.get_mut(&self.current).expect("the current state exists").redo = Some(id);
        let parent = Some(self.current);
        let own = |(id, node): (NodeId, &Arc<Node>)| match self.case().node(id) {
            Some(old) if Arc::ptr_eq(old, node) => 0,
            Some(old) => node.data.bytes_beside(&old.data),
            None => node.data.bytes(),
        };
        let bytes = case.nodes().map(own).sum();
        self.bytes_at_most = self.bytes_at_most.saturating_add(bytes);
        self.states.insert(id, State { parent, label, command: Some(command), case: Some(case), redo: None });
        self.current = id;
        self.drop_oldest();
        id
    }

    /// Go back one step; `false` at the start or where the memory budget dropped the state.
    pub(super) fn undo(&mut self) -> bool {
        self.states[&self.current].parent.is_some_and(|parent| self.go_to(parent))
    }

    /// Go forward to the state visited last; `false` at the end.
    pub(super) fn redo(&mut self) -> bool {
        self.states[&self.current].redo.is_some_and(|next| self.go_to(next))
    }

    /// Go to any kept state.
    pub(super) fn go_to(&mut self, id: StateId) -> bool {
        if !self.is_kept(id) {
            return false;
        }
        for pair in self.path(id).windows(2) {
            self.states.get_mut(&pair[0]).expect("paths hold states").redo = Some(pair[1]);
        }
        self.current = id;
        true
    }

    /// Bytes of data that kept states hold and the current one does not, at most: of a segmentation the bricks that neither
    /// the state before nor the current one shares.
    pub fn bytes_of_the_past(&self) -> usize {
        let mut seen: BTreeSet<ContentHash> = self.case().nodes().map(|(_, node)| node.hash()).collect();
        let mut bytes = 0_usize;
        for state in self.states.values() {
            let Some(case) = &state.case else { continue };
            let before = state.parent.and_then(|parent| self.case_at(parent));
            for (id, node) in case.nodes().filter(|(_, node)| seen.insert(node.hash())) {
                let others = [before, Some(self.case())].into_iter().flatten().filter_map(|other| other.node(id));
                let own = others.map(|other| node.data.bytes_beside(&other.data)).min();
                bytes = bytes.saturating_add(own.unwrap_or_else(|| node.data.bytes()));
            }
        }
        bytes
    }

    fn drop_oldest(&mut self) {
        if self.bytes_at_most <= self.bytes_max {
            return;
        }
        loop {
            let kept: Vec<StateId> = self.states.iter().filter(|(_, s)| s.case.is_some()).map(|(id, _)| *id).collect();
            let past = self.bytes_of_the_past();
            if kept.len() <= self.states_min || past <= self.bytes_max {
                let now: usize = self.case().nodes().map(|(_, node)| node.data.bytes()).sum();
                self.bytes_at_most = past.saturating_add(now);
                return;
            }
            let oldest = kept.into_iter().find(|id| *id != self.current && !self.pinned.contains(id));
            let Some(oldest) = oldest else { return };
            free(self.states.get_mut(&oldest).expect("listed above").case.take());
        }
    }
}

/// Give a case up on a thread of its own: freeing a gigabyte takes longer than a frame of the window.
fn free(case: Option<Case>) {
    if let Err(error) = courtesy::spawn("free-state", move || drop(case)) {
        tracing::debug!(%error, "an old state was freed by whom it was dropped by");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_may_hold_a_quarter_of_the_memory_but_a_gigabyte_always() {
        assert_eq!(budget_of(Some(64 << 30)), 16 << 30);
        assert_eq!(budget_of(Some(2 << 30)), 1 << 30);
        assert_eq!(budget_of(None), 4 << 30);
        assert!(BYTES_MAX_LEAST <= bytes_max());
    }

    /// A stroke costs the bricks it touched, so that hundreds of them can be undone where a few whole maps would fit.
    #[test]
    fn strokes_share_what_they_do_not_touch() {
        use crate::base::Progress;
        use crate::geom::{Grid, Point};
        use crate::image::{LabelMap, Volume};
        use crate::session::Data;
        let grid = Grid::aligned([96; 3], Point::origin(), [1.0; 3]).unwrap();
        let speckled = (0..grid.len()).map(|o| u8::from(o % 3 == 0)).collect();
        let whole = LabelMap::from_mask(&Volume::new(grid, speckled).unwrap(), "a", [9; 3], None);
        let of = |labels: &LabelMap| Case::from_nodes([(NodeId(1), Node::new("a", Data::Labels(labels.clone())))]);
        let mut history = History::new(of(&whole), 0).with_budget(2, 3 * whole.bytes());
        let (mut labels, first) = (whole.clone(), history.current());
        for n in 0..40 {
            let region = [n..n + 1, 40..41, 40..41];
            labels = labels.edited(&region, |_, old| 1 - old, &Progress::default()).unwrap();
            history.push("paint".into(), Command::new("segment.paint", serde_json::json!({})), of(&labels));
        }
        assert!(history.is_kept(first), "all of it can be undone");
        assert!(history.bytes_of_the_past() < 3 * whole.bytes(), "{}", history.bytes_of_the_past());
        // Whole maps that share nothing are dropped as before.
        for n in 0..8 {
            let other = |o: usize, _| u8::from((o + n).is_multiple_of(5));
            labels = labels.edited(&labels.everything(), other, &Progress::default()).unwrap();
            history.push("other".into(), Command::new("segment.paint", serde_json::json!({})), of(&labels));
        }
        assert!(!history.is_kept(first) && history.bytes_of_the_past() <= 3 * whole.bytes());
    }
}
