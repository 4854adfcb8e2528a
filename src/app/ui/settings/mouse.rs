//! What the buttons and the wheel do in slices: one table for each preset.
//!
//! A view asks [`MousePreset::drag`] and [`MousePreset::wheel`] with what is held, and does what the answer says. In the
//! scene both presets agree (left turns, Shift+left and middle pan, right and wheel zoom), as in 3D Slicer.

use super::super::slice::MouseTool;
use crate::base::i18n::tr;
use egui::{Modifiers, PointerButton};
use serde::{Deserialize, Serialize};

/// Whose habits the mouse follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MousePreset {
    /// Left is the chosen tool, the window at first; middle pans, right zooms.
    #[default]
    Radiology,
    /// Left is the crosshair at first, Ctrl+left sets the window from a region, Shift+left pans.
    Slicer,
}

/// What a movement means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseAct {
    /// What the chosen tool does; Shift makes it fine where it is the window.
    Tool,
    /// The window that shows a region best.
    RegionWindow,
    /// Move the picture.
    Pan,
    /// Zoom.
    Zoom,
    /// Go through the slices.
    Slices,
}

/// A line of a table: the button, whether Ctrl and Shift are held, and what is done. The first that fits counts; `None`
/// fits both.
type Line = (PointerButton, Option<bool>, Option<bool>, MouseAct);

const LEFT: PointerButton = PointerButton::Primary;
const MIDDLE: PointerButton = PointerButton::Middle;
const RIGHT: PointerButton = PointerButton::Secondary;

/// OHIF, VolView and Horos agree on these.
const RADIOLOGY: &[Line] =
    &[(LEFT, None, None, MouseAct::Tool), (MIDDLE, None, None, MouseAct::Pan), (RIGHT, None, None, MouseAct::Zoom)];

/// 3D Slicer's.
const SLICER: &[Line] = &[
    (LEFT, Some(true), None, MouseAct::RegionWindow),
    (LEFT, None, Some(true), MouseAct::Pan),
    (LEFT, None, None, MouseAct::Tool),
    (MIDDLE, None, None, MouseAct::Pan),
    (RIGHT, None, None, MouseAct::Zoom),
];

/// What is the same with all habits: `gesture, meaning`.
const BOTH: [[&str; 2]; 13] = [
    ["Click", "crosshair in all views"],
    ["Middle drag", "pan"],
    ["Right drag", "zoom"],
    ["Right click", "menu"],
    ["Wheel", "slices; zoom in 3D"],
    ["Ctrl+wheel", "zoom"],
    ["Alt+wheel", "thickness of a thick slab"],
    // Window managers keep Alt and the left button for themselves; nothing may be reached by these alone.
    ["Shift+right drag", "curve or window of the volume in 3D"],
    ["Alt+left drag", "curve or window of the volume in 3D"],
    ["Shift+move", "crosshair follows"],
    ["Double click", "one view, all views"],
    ["Two fingers", "zoom and pan"],
    ["Three fingers", "slices"],
];

impl MousePreset {
    /// All of them with their names.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Radiology, "Radiology"), (Self::Slicer, "Slicer")];

    /// What a drag with `button` does while `held` is held; `None` for buttons without a meaning.
    pub fn drag(self, button: PointerButton, held: Modifiers) -> Option<MouseAct> {
        let table = match self {
            Self::Radiology => RADIOLOGY,
            Self::Slicer => SLICER,
        };
        let fits = |wanted: Option<bool>, is: bool| wanted.is_none_or(|wanted| wanted == is);
        let line = table.iter().find(|(each, ctrl, shift, _)| {
            *each == button && fits(*ctrl, held.command || held.ctrl) && fits(*shift, held.shift)
        });
        line.map(|(.., act)| *act)
    }

    /// What the wheel does while `held` is held.
    pub fn wheel(self, held: Modifiers) -> MouseAct {
        if held.command || held.ctrl { MouseAct::Zoom } else { MouseAct::Slices }
    }

    /// The tool the left button has at the start and after Escape.
    pub fn first_tool(self) -> MouseTool {
        match self {
            Self::Radiology => MouseTool::Window,
            Self::Slicer => MouseTool::Crosshair,
        }
    }

    /// What the mouse does, in one line for the status bar.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Radiology => tr("hint-radiology"),
            Self::Slicer => tr("hint-slicer"),
        }
    }

    /// What the mouse does, for the list of keys: `gesture, meaning`.
    pub fn lines(self) -> impl Iterator<Item = [&'static str; 2]> {
        let own: &[[&str; 2]] = match self {
            Self::Radiology => &[
                ["Left drag", "the chosen tool, the window at first; turn in 3D"],
                ["Shift+left drag", "window four times finer; pan in 3D"],
                ["Ctrl+left drag", "window from a region"],
            ],
            Self::Slicer => &[
                ["Left drag", "the chosen tool, the crosshair at first; turn in 3D"],
                ["Ctrl+left drag", "window from a region"],
                ["Shift+left drag", "pan"],
            ],
        };
        own.iter().chain(&BOTH).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_alt_and_a_button_do_is_reached_without_alt() {
        for (preset, _) in MousePreset::ALL {
            let lines: Vec<[&str; 2]> = preset.lines().collect();
            let taken = lines.iter().filter(|[gesture, _]| gesture.starts_with("Alt+") && gesture.ends_with("drag"));
            for [gesture, meaning] in taken {
                let other = lines.iter().find(|[other, same]| same == meaning && !other.contains("Alt"));
                assert!(other.is_some(), "{gesture} has no second way");
            }
        }
    }

    #[test]
    fn the_presets_differ_where_their_programs_do() {
        let (none, ctrl, shift) = (Modifiers::NONE, Modifiers::CTRL, Modifiers::SHIFT);
        use MousePreset::{Radiology, Slicer};
        for held in [none, ctrl, shift] {
            assert_eq!(Radiology.drag(LEFT, held), Some(MouseAct::Tool));
            assert_eq!(Radiology.drag(MIDDLE, held), Some(MouseAct::Pan));
            assert_eq!(Slicer.drag(RIGHT, held), Some(MouseAct::Zoom));
        }
        assert_eq!(Slicer.drag(LEFT, none), Some(MouseAct::Tool));
        assert_eq!(Slicer.drag(LEFT, ctrl), Some(MouseAct::RegionWindow));
        assert_eq!(Slicer.drag(LEFT, shift), Some(MouseAct::Pan));
        assert_eq!(Slicer.drag(PointerButton::Extra1, none), None);
        assert_eq!([Radiology.wheel(none), Radiology.wheel(ctrl)], [MouseAct::Slices, MouseAct::Zoom]);
        assert_eq!([Radiology.first_tool(), Slicer.first_tool()], [MouseTool::Window, MouseTool::Crosshair]);
    }
}
