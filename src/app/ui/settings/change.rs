//! Changes of settings as wishes, and what the window does about them.

use super::super::docks::{Dock, Docks, SidePanel, Target};
use super::super::layouts::StoredLayout;
use super::super::workspace::Workspace;
use super::{DragUp, MousePreset, SCALE, SavedLayout, SavedPanels, Settings, SidePanels, ThemeChoice, WheelTurn};
use crate::base::i18n::{self, Language};
use std::path::PathBuf;

/// A setting and its new value.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// The keys of an action by its name; `None` for the usual ones.
    Keys(&'static str, Option<Vec<String>>),
    /// The usual keys for every action.
    UsualKeys,
    /// What the mouse does.
    Mouse(MousePreset),
    /// What dragging up does while the window is changed.
    Up(DragUp),
    /// The colours of the window.
    Theme(ThemeChoice),
    /// Which way the wheel goes.
    Wheel(WheelTurn),
    /// Show or hide both side panels.
    SidePanels,
    /// Show or hide the left one.
    LeftPanel,
    /// Show or hide the right one.
    RightPanel,
    /// Show or hide the one below the views.
    BottomPanel,
    /// Show or hide those over the views.
    FloatingPanels,
    /// Put side panels somewhere, together.
    PutPanels(Vec<SidePanel>, Target),
    /// Side panels where they stand usually, in their usual sizes.
    ResetPanels,
    /// Everything one step larger or smaller.
    ScaleStep(bool),
    /// Save the arrangement of the views under a name.
    SaveLayout(String),
    /// Use a saved arrangement.
    UseLayout(String),
    /// Remove a saved arrangement.
    ForgetLayout(String),
    /// Take a case from the list of recent ones.
    ForgetRecent(PathBuf),
    /// Take every case from it.
    ForgetAllRecent,
}

/// Sizes of the interface that steps go through.
const STEPS: [f32; 7] = [1.0, 1.1, 1.25, 1.4, 1.5, 1.75, 2.0];

impl Workspace {
    /// Begin with what was read from the file of settings.
    pub fn use_settings(&mut self, settings: Settings) {
        if let Some(stored) = &settings.layout {
            self.layout = stored.layout();
        }
        self.slices.tool = settings.mouse.first_tool();
        if let Some(language) = settings.language.as_deref().and_then(Language::from_code) {
            i18n::set_language(language);
        }
        self.kept = Some(settings.clone());
        self.settings = settings;
    }

    /// The settings, if they changed since the last call and nothing is being dragged; to be written to their file.
    pub fn changed_settings(&mut self) -> Option<Settings> {
        if self.dragged {
            return None;
        }
        let known = self.kept.get_or_insert_with(|| self.settings.clone());
        (*known != self.settings).then(|| {
            *known = self.settings.clone();
            self.settings.clone()
        })
    }

    /// Change a setting.
    pub(in super::super) fn set(&mut self, setting: Setting) {
        let settings = &mut self.settings;
        match setting {
            // In a narrow window they are drawers, and no settings.
            Setting::SidePanels => self.toggle_sides(),
            Setting::LeftPanel => self.toggle_side(Dock::Left),
            Setting::RightPanel => self.toggle_side(Dock::Right),
            Setting::BottomPanel => self.toggle_side(Dock::Bottom),
            Setting::FloatingPanels => self.toggle_side(Dock::Floating),
            Setting::PutPanels(panels, target) => {
                settings.docks.put(&panels, target);
                // What was moved is not lost from sight.
                if let Some(first) = panels.first() {
                    let dock = settings.docks.dock_of(*first);
                    self.show_side(dock, true);
                }
            }
            Setting::ResetPanels => {
                (settings.docks, settings.panels) = (Docks::default(), SidePanels::default());
                self.docking.sized += 1;
            }
            Setting::Keys(action, Some(keys)) => _ = settings.keys.insert(action.to_owned(), keys),
            Setting::Keys(action, None) => _ = settings.keys.remove(action),
            Setting::UsualKeys => settings.keys.clear(),
            Setting::Mouse(preset) => {
                settings.mouse = preset;
                self.slices.tool = preset.first_tool();
            }
            Setting::Up(up) => settings.up = up,
            Setting::Theme(theme) => settings.theme = theme,
            Setting::Wheel(wheel) => settings.wheel = wheel,
            Setting::ScaleStep(larger) => settings.scale = stepped(settings.scale, larger),
            Setting::SaveLayout(name) => {
                let layout = StoredLayout::of(&self.layout);
                let panels = Some(SavedPanels { docks: settings.docks.clone(), sizes: settings.panels });
                let new = SavedLayout { name, layout, panels };
                match settings.layouts.iter_mut().find(|saved| saved.name == new.name) {
                    Some(saved) => *saved = new,
                    None => settings.layouts.push(new),
                }
            }
            Setting::UseLayout(name) => {
                if let Some(saved) = settings.layouts.iter().find(|saved| saved.name == name) {
                    self.layout = saved.layout.layout();
                    if let Some(SavedPanels { docks, sizes }) = saved.panels.clone() {
                        (settings.docks, settings.panels) = (docks, sizes.within_limits());
                        self.docking.sized += 1;
                    }
                }
            }
            Setting::ForgetLayout(name) => settings.layouts.retain(|saved| saved.name != name),
            Setting::ForgetRecent(path) => settings.forget(&path),
            Setting::ForgetAllRecent => settings.recent.clear(),
        }
    }

    /// Everything `factor` times its normal size, within the limits.
    pub(in super::super) fn set_scale(&mut self, factor: f32) {
        self.settings.scale = factor.clamp(SCALE[0], SCALE[1]);
    }
}

/// The next step up or down from `scale`.
fn stepped(scale: f32, larger: bool) -> f32 {
    let next = if larger {
        STEPS.iter().find(|step| scale + 0.01 < **step)
    } else {
        STEPS.iter().rev().find(|step| **step < scale - 0.01)
    };
    next.copied().unwrap_or(scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_the_scale_end_at_its_limits() {
        assert_eq!((stepped(1.0, true), stepped(1.1, false)), (1.1, 1.0));
        assert_eq!((stepped(2.0, true), stepped(1.0, false)), (2.0, 1.0));
        assert_eq!(stepped(1.3, false), 1.25);
    }

    #[test]
    fn settings_are_handed_out_once_and_not_in_the_middle_of_a_drag() {
        let mut workspace = Workspace::default();
        assert_eq!(workspace.changed_settings(), None);
        workspace.set(Setting::Up(DragUp::Darker));
        workspace.dragged = true;
        assert_eq!(workspace.changed_settings(), None);
        workspace.dragged = false;
        assert_eq!(workspace.changed_settings().map(|settings| settings.up), Some(DragUp::Darker));
        assert_eq!(workspace.changed_settings(), None);
    }

    #[test]
    fn both_panels_go_and_come_together() {
        let mut workspace = Workspace::default();
        workspace.set(Setting::LeftPanel);
        workspace.set(Setting::SidePanels);
        assert!(!workspace.settings.panels.left && !workspace.settings.panels.right);
        workspace.set(Setting::SidePanels);
        assert!(workspace.settings.panels.left && workspace.settings.panels.right);
    }
}
