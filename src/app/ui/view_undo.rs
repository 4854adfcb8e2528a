//! Crop box, clip planes and the cut of the scene taken back with the keys of the history.
//!
//! They belong to the window and no state of the case holds them. So that the key takes back what was done last all the
//! same, a step remembers at which state of the history it was done: it is taken back while that state is shown, after
//! whatever was done to the case since.

use super::slice::Turn;
use super::volume::Clip;
use super::workspace::Workspace;
use crate::base::StateId;
use crate::geom::Point;

/// Steps that are kept.
const STEPS_MAX: usize = 64;

/// How something was before a step.
#[derive(Debug, Clone, PartialEq)]
enum Was {
    Clip(Clip),
    /// The cut of the scene lies in a slice: where the slices were.
    Slices(Option<Point>, Turn),
}

/// What can be taken back, and done again.
#[derive(Debug, Default)]
pub struct ViewUndo {
    past: Vec<(StateId, Was)>,
    future: Vec<(StateId, Was)>,
    /// What clips the volume while nothing is dragged.
    settled: Option<Clip>,
}

impl ViewUndo {
    fn note(&mut self, at: StateId, was: Was) {
        self.past.push((at, was));
        self.past.drain(..self.past.len().saturating_sub(STEPS_MAX));
        self.future.clear();
    }

    /// Whether the next step back from a state of the history is one of the window.
    pub fn can_undo(&self, at: StateId) -> bool {
        self.past.last().is_some_and(|(of, _)| *of == at)
    }

    /// The same for the next step forward.
    pub fn can_redo(&self, at: StateId) -> bool {
        self.future.last().is_some_and(|(of, _)| *of == at)
    }

    /// What clips the volume is no longer what it was, and that is no step.
    pub fn unsettle(&mut self) {
        self.settled = None;
    }
}

impl Workspace {
    /// Remember what clipped the volume before, once it was changed and nothing is dragged.
    pub(super) fn note_clips(&mut self, at: StateId) {
        if self.dragged {
            return;
        }
        let now = self.clip();
        let undo = &mut self.view_undo;
        match (undo.settled.take(), &now) {
            (Some(was), Some(now)) if was.is_of(now) => {
                if !was.is_as(now) {
                    undo.note(at, Was::Clip(was));
                }
            }
            (Some(_), _) => undo.past.retain(|(_, was)| !matches!(was, Was::Clip(_))),
            (None, _) => {}
        }
        undo.settled = now;
    }

    /// The cut of the scene was moved by hand from where slices were so.
    pub(super) fn note_cut(&mut self, at: StateId, crosshair: Option<Point>, turn: Turn) {
        if (self.crosshair, self.slices.turn) != (crosshair, turn) {
            self.view_undo.note(at, Was::Slices(crosshair, turn));
        }
    }

    /// One step of the window back; whether there was one at this state.
    pub(super) fn undo_view(&mut self, at: StateId) -> bool {
        let step = self.view_undo.past.pop_if(|(of, _)| *of == at);
        let undone = step.and_then(|(_, was)| self.swap(was));
        let there = undone.is_some();
        self.view_undo.future.extend(undone.map(|was| (at, was)));
        there
    }

    /// One step of the window forward; whether there was one at this state.
    pub(super) fn redo_view(&mut self, at: StateId) -> bool {
        let step = self.view_undo.future.pop_if(|(of, _)| *of == at);
        let redone = step.and_then(|(_, was)| self.swap(was));
        let there = redone.is_some();
        self.view_undo.past.extend(redone.map(|was| (at, was)));
        there
    }

    /// Make it as it was; returns how it is now. Nothing if what it is about is gone.
    fn swap(&mut self, was: Was) -> Option<Was> {
        let now = match was {
            Was::Clip(was) => {
                let now = self.clip().filter(|now| was.is_of(now))?;
                self.clip_as(was);
                Was::Clip(now)
            }
            Was::Slices(crosshair, turn) => {
                let now = Was::Slices(self.crosshair, self.slices.turn);
                (self.crosshair, self.slices.turn) = (crosshair, turn);
                now
            }
        };
        self.view_undo.settled = self.clip();
        Some(now)
    }
}
