//! A session as a person might have it, played by the window itself: every action, panel and kind of job.
//!
//! Wishes go the way of those of the panels; pointer and keys come as events of egui, so that no other program is needed
//! and it is the same on every system. `app/drive` plays it.

mod chapters;
mod plans;

pub use chapters::{CASE_STEPS, round};

use super::tour::Part;
use super::wish::Wish;
use super::workspace::Workspace;
use crate::session::Session;
use egui::{Event, Key, Modifiers, MouseWheelUnit, PointerButton, Pos2, TouchPhase};

/// The axial slice, where the wheel turns while a job runs.
pub const AXIAL: Part = Part::Axial;

/// A place in a part of the window, as parts of its width and height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place(pub Part, pub f32, pub f32);

/// One thing that is done.
#[derive(Debug, Clone)]
pub enum Step {
    /// What follows belongs together.
    Chapter(&'static str),
    /// Something is wished for.
    Wish(Wish),
    /// What is wished for depends on what is there.
    With(&'static str, fn(&mut Workspace, &Session) -> Vec<Wish>),
    /// The mouse goes to a place.
    Move(Place),
    /// A button goes down or up there.
    Button(Place, PointerButton, bool),
    /// The wheel turns there, by so many notches.
    Wheel(Place, f32),
    /// A key goes down and up.
    Key(Modifiers, Key),
    /// A text is typed.
    Type(&'static str),
    /// So many frames are drawn.
    Frames(u32),
    /// Nothing is done for so many seconds.
    Rest(f64),
    /// Wait until no job runs, so many seconds at most; the wheel turns meanwhile.
    Jobs(f64),
    /// The case is saved, and the saved file opened.
    SaveAndReopen,
    /// Frames are counted from now on, for a rate of this name that should not be less than so many a second.
    Rate(&'static str, Option<f64>),
    /// The counting ends.
    Rated,
    /// Wait until the rendered volume is on the screen; how long that took goes to the table, beside its limit in seconds.
    VolumeSeen(&'static str, f64),
}

impl Step {
    /// In a few words, for the list of slow frames.
    pub fn words(&self) -> String {
        let words = match self {
            Self::With(name, _) => (*name).to_owned(),
            Self::Jobs(_) => "jobs run".to_owned(),
            step => format!("{step:?}"),
        };
        words.chars().take(96).collect()
    }
}

impl Workspace {
    /// Do a step: wishes are fulfilled in the next frame, what comes back is to be given to egui.
    pub fn play(&mut self, step: &Step, session: &Session) -> Vec<Event> {
        match step {
            Step::Wish(wish) => self.waiting.push(wish.clone()),
            Step::With(_, wishes) => {
                let wishes = wishes(self, session);
                self.waiting.extend(wishes);
            }
            Step::Move(place) => return self.at(*place).map(Event::PointerMoved).into_iter().collect(),
            Step::Button(place, button, pressed) => {
                let Some(pos) = self.at(*place) else { return Vec::new() };
                let (button, pressed, modifiers) = (*button, *pressed, Modifiers::NONE);
                return vec![Event::PointerMoved(pos), Event::PointerButton { pos, button, pressed, modifiers }];
            }
            Step::Wheel(place, notches) => {
                let Some(pos) = self.at(*place) else { return Vec::new() };
                let (unit, delta, phase) = (MouseWheelUnit::Line, egui::vec2(0.0, *notches), TouchPhase::Move);
                let wheel = Event::MouseWheel { unit, delta, modifiers: Modifiers::NONE, phase };
                return vec![Event::PointerMoved(pos), wheel];
            }
            Step::Key(modifiers, key) => {
                let (key, modifiers) = (*key, *modifiers);
                let event = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
                return vec![event(true), event(false)];
            }
            Step::Type(text) => return vec![Event::Text((*text).to_owned())],
            Step::Chapter(_) | Step::Frames(_) | Step::Rest(_) | Step::Jobs(_) | Step::SaveAndReopen => {}
            Step::Rate(..) | Step::Rated | Step::VolumeSeen(..) => {}
        }
        Vec::new()
    }

    /// Do one of [`CASE_STEPS`].
    pub fn show_of_case(&mut self, step: fn(&mut Self, &Session) -> Vec<Wish>, session: &Session) {
        let wishes = step(self, session);
        self.waiting.extend(wishes);
    }

    /// Where a place is now; nowhere while its part is not shown.
    fn at(&self, Place(part, x, y): Place) -> Option<Pos2> {
        self.parts.get(&part).map(|rect| rect.min + rect.size() * egui::vec2(x, y))
    }
}

#[cfg(test)]
mod tests {
    use super::super::actions::ACTIONS;
    use super::*;

    /// A new action is played without anybody thinking of it; only what leaves the window or throws the case away is not.
    #[test]
    fn every_action_is_played_but_those_that_leave_the_window() {
        let steps = round();
        let played = |wish: &Wish| steps.iter().any(|step| matches!(step, Step::Wish(own) if own == wish));
        let left: Vec<&str> = ACTIONS.iter().filter(|action| !played(&action.wish)).map(|action| action.name).collect();
        let known = [
            "Open DICOM folder…",
            "Open file…",
            "Sample chest CT",
            "New case",
            "Save case",
            "Save case as…",
            "Write report…",
            "Quit",
            "Full screen",
        ];
        assert!(left.iter().all(|name| known.contains(name)), "{left:?} are not played");
    }

    #[test]
    fn every_form_is_opened_and_every_chapter_named_once() {
        let steps = round();
        for tool in crate::tools::TOOLS {
            let opened = |step: &Step| matches!(step, Step::Wish(Wish::Form { tool: id, .. }) if id == tool.id);
            assert!(steps.iter().any(opened), "the form of {} is not opened", tool.id);
        }
        let chapters: Vec<_> =
            steps.iter().filter_map(|step| if let Step::Chapter(name) = step { Some(name) } else { None }).collect();
        assert!(12 <= chapters.len() && (1..chapters.len()).all(|n| !chapters[..n].contains(&chapters[n])));
    }
}
