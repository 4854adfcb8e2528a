//! A guided first tour: five minutes over the bundled chest CT, one thing to do at a time.

mod card;
mod seen;
mod steps;

pub(super) use card::{offer_ui, tour_ui};
pub use seen::Seen;
pub use steps::{Part, STEPS, Until};

use egui::Rect;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far the tour went, to be remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Progressed {
    /// Whether it was offered; that is done once.
    pub offered: bool,
    /// Whether it was seen to its end.
    pub done: bool,
    /// The step it stands at.
    pub step: usize,
}

/// The tour as it goes on.
#[derive(Debug, Clone)]
pub struct Tour {
    /// The step, counted from 0.
    pub step: usize,
    /// What was there when the step began.
    before: Option<Seen>,
    /// Whether what the step asks for was done.
    pub met: bool,
}

/// What is wished of the tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TourWish {
    /// Begin, or go on where it was left.
    Start,
    /// The next step.
    Next,
    /// The step before.
    Back,
    /// Leave it; it can be taken up again.
    Leave,
    /// It was offered and is not wanted.
    Decline,
}

/// Where the parts of the window are, as they were last shown.
pub type Parts = BTreeMap<Part, Rect>;

impl Tour {
    /// Take the tour up at `step`.
    pub fn at(step: usize) -> Self {
        Self { step: step.min(STEPS.len() - 1), before: None, met: false }
    }

    /// Look at the window; notes when the step is fulfilled.
    pub fn look(&mut self, now: Seen) {
        match &self.before {
            Some(before) => self.met |= STEPS[self.step].until.is_met(before, &now),
            None => {
                self.met = STEPS[self.step].until.is_met_already(&now);
                self.before = Some(now);
            }
        }
    }
}

impl Progressed {
    /// What becomes of `tour` and of what is remembered by `wish`.
    pub fn after(mut self, tour: Option<Tour>, wish: TourWish) -> (Self, Option<Tour>) {
        self.offered = true;
        let at = tour.as_ref().map_or(self.step, |tour| tour.step);
        let tour = match wish {
            TourWish::Start => Some(Tour::at(if self.done { 0 } else { self.step })),
            TourWish::Next if at + 1 < STEPS.len() => Some(Tour::at(at + 1)),
            TourWish::Next => {
                (self.done, self.step) = (true, 0);
                return (self, None);
            }
            TourWish::Back => Some(Tour::at(at.saturating_sub(1))),
            TourWish::Leave | TourWish::Decline => None,
        };
        if let Some(tour) = &tour {
            self.step = tour.step;
        }
        (self, tour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tour_that_was_left_goes_on_where_it_was_and_begins_anew_when_it_was_done() {
        let (known, tour) = Progressed::default().after(None, TourWish::Start);
        assert_eq!(tour.as_ref().map(|tour| tour.step), Some(0));
        let (known, tour) = known.after(tour, TourWish::Next);
        let (known, tour) = known.after(tour, TourWish::Next);
        let (known, tour) = known.after(tour, TourWish::Leave);
        assert!(tour.is_none() && known.offered && !known.done);
        let (mut known, mut tour) = known.after(None, TourWish::Start);
        assert_eq!(tour.as_ref().map(|tour| tour.step), Some(2));
        for _ in 2..STEPS.len() {
            (known, tour) = known.after(tour, TourWish::Next);
        }
        assert!(tour.is_none() && known.done);
        let (_, tour) = known.after(None, TourWish::Start);
        assert_eq!(tour.map(|tour| tour.step), Some(0));
    }

    #[test]
    fn a_step_of_a_longer_tour_is_within_this_one() {
        assert_eq!(Tour::at(1000).step, STEPS.len() - 1);
    }
}
