//! The steps of the tour as data: what is said, what is ringed, and what must happen to go on.

use crate::base::i18n;

/// A part of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The bar of menus, undo and the search for commands.
    MenuBar,
    /// Steps, forms, jobs.
    Left,
    /// Objects, details, history.
    Right,
    /// The bar above the views.
    ViewBar,
    /// The axial slice.
    Axial,
    /// The 3D view.
    Scene,
}

/// What must happen to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// The text is read.
    Read,
    /// Another slice is shown.
    Scrolled,
    /// The window changed.
    Windowed,
    /// The lungs are segmented.
    Lungs,
    /// The scene was turned.
    Turned,
    /// A step was taken back.
    Undone,
    /// Views are arranged in another way, or one is shown alone.
    Arranged,
    /// The palette was opened.
    Searched,
}

/// One step.
#[derive(Debug)]
pub struct TourStep {
    /// In a few words.
    pub title: &'static str,
    /// What to do and why, in a few sentences; the name of an action in brackets stands for its key.
    pub text: &'static str,
    /// What is ringed.
    pub part: Option<Part>,
    /// What must happen to go on.
    pub until: Until,
}

impl TourStep {
    fn id(&self) -> String {
        format!("tour-{}", i18n::slug(self.title))
    }

    /// The title in the language of the window.
    pub fn shown_title(&self) -> &'static str {
        i18n::by_id(self.title, || self.id())
    }

    /// The text in the language of the window.
    pub fn shown_text(&self) -> &'static str {
        i18n::by_id(self.text, || format!("{}-text", self.id()))
    }
}

const fn step(title: &'static str, text: &'static str, part: Option<Part>, until: Until) -> TourStep {
    TourStep { title, text, part, until }
}

/// The tour, in order.
pub const STEPS: &[TourStep] = &[
    step(
        "A patient on the table",
        "This is a scan of a chest: three slices and a 3D view that point at one place, the crosshair. In five minutes \
         you will look through it, segment the lungs and turn them in your hand. Nothing you do can break anything: \
         every step can be taken back.",
        None,
        Until::Read,
    ),
    step(
        "Go through the slices",
        "Put the mouse over the axial slice and turn the wheel. Patient right is on the left of the screen, as in \
         radiology. A click moves the crosshair of all views there.",
        Some(Part::Axial),
        Until::Scrolled,
    ),
    step(
        "Change the window",
        "Drag with the left button: to the right widens the grey scale, upwards brightens. Or press [Window: lung] \
         for the lung window, [Window: soft tissue] for soft tissue, [Window: bone] for bone.",
        Some(Part::Axial),
        Until::Windowed,
    ),
    step(
        "Segment the lungs",
        "In the panel at the left open Segment and press Lungs. It runs in the background: the slices stay usable, and \
         the job can be cancelled.",
        Some(Part::Left),
        Until::Lungs,
    ),
    step(
        "Turn them",
        "The lungs stand in the 3D view now. Drag with the left button to turn, with the right to zoom, with the middle \
         to pan. The cube and the letters tell which side you see.",
        Some(Part::Scene),
        Until::Turned,
    ),
    step(
        "Find it in the list",
        "Objects are listed at the right, with what was made from what. The eye hides one, a right click offers more, \
         Details tells volumes and how they were computed.",
        Some(Part::Right),
        Until::Read,
    ),
    step(
        "Take it back",
        "Press [Undo]: the lungs are gone. [Redo] brings them back. History at the lower right goes to any step at once.",
        Some(Part::MenuBar),
        Until::Undone,
    ),
    step(
        "Arrange the views",
        "Double click on a view to see it alone, and again to see all. The menu at the right end of this bar has more \
         arrangements, [Four views] to [Lecture] are their keys.",
        Some(Part::ViewBar),
        Until::Arranged,
    ),
    step(
        "Find every command",
        "Press [Find a command…] and type a few letters: every tool and command is there. Escape closes it.",
        Some(Part::MenuBar),
        Until::Searched,
    ),
    step(
        "On your own",
        "Next could be a surface model (Model), a tetrahedral mesh to cut and pull, or airflow (Simulate). Press [Keys] for \
         all keys. This tour is in the Help menu.",
        None,
        Until::Read,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ui::actions::ACTIONS;

    #[test]
    fn what_stands_in_brackets_is_an_action_with_a_key() {
        for step in STEPS {
            for name in step.text.split('[').skip(1).map(|rest| rest.split(']').next().unwrap()) {
                let action = ACTIONS.iter().find(|action| action.name == name);
                assert!(action.is_some_and(|action| !action.keys.is_empty()), "{name}");
            }
        }
    }

    #[test]
    fn steps_are_short_enough_to_be_read_in_five_minutes() {
        // 200 words a minute to read, 20 seconds to do what is asked for.
        let words: usize = STEPS.iter().map(|step| step.text.split_whitespace().count()).sum();
        let done = STEPS.iter().filter(|step| step.until != Until::Read).count();
        let minutes = words as f64 / 200.0 + done as f64 / 3.0;
        assert!(minutes < 5.0, "{minutes:.1} minutes");
        assert!(STEPS.iter().all(|step| step.text.len() < 330), "a card has room for 330 letters");
    }
}
