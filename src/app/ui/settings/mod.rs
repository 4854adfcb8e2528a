//! What a user set and the window remembers between two starts. A value: reading and writing its file is done outside.

mod change;
mod dialog;
mod mouse;
mod recent;
mod show;

pub use change::Setting;
pub(super) use dialog::settings_ui;
pub use mouse::{MouseAct, MousePreset};
pub use recent::Recent;
pub(in crate::app::ui) use show::{names_hidden, of, publish};

use super::audience::Watched;
use super::docks::{Dock, Docks};
use super::layouts::StoredLayout;
use super::tour::Progressed;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The form of the file; a larger number is of a later program.
pub const VERSION: u32 = 1;
/// Cases that are remembered.
pub const RECENT_MAX: usize = 10;
/// Actions and tools the palette lists first.
const USED_MAX: usize = 8;
/// Smallest and largest size of everything, 1 is normal.
pub const SCALE: [f32; 2] = [1.0, 2.0];
/// Narrowest and widest side panel, in points.
const WIDTH: [f32; 2] = [220.0, 900.0];
/// Lowest and highest panel below the views, in points.
const HEIGHT: [f32; 2] = [110.0, 900.0];

/// The colours of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
    /// As the system says; dark where it says nothing.
    System,
}

/// What dragging up does to a picture while the window is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DragUp {
    /// Up lowers the level: brighter, as in OHIF.
    #[default]
    Brighter,
    /// Up raises the level: darker, as in 3D Slicer.
    Darker,
}

/// Which way the wheel goes through slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WheelTurn {
    /// Away from the user is on: up, forward, to the left.
    #[default]
    AwayIsOn,
    /// Away from the user is back.
    AwayIsBack,
}

/// The panels at the sides of the views.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SidePanels {
    /// Whether the left one is shown.
    pub left: bool,
    /// Whether the right one is shown.
    pub right: bool,
    /// Whether the one below the views is shown.
    pub bottom: bool,
    /// Whether those over the views are shown.
    pub floating: bool,
    /// Its width in points.
    pub left_width: f32,
    /// Its width in points.
    pub right_width: f32,
    /// Its height in points.
    pub bottom_height: f32,
}

impl SidePanels {
    /// Whether a dock is shown.
    pub fn shows(&self, dock: Dock) -> bool {
        match dock {
            Dock::Left => self.left,
            Dock::Right => self.right,
            Dock::Bottom => self.bottom,
            Dock::Floating => self.floating,
        }
    }

    /// Show a dock, or take it away.
    pub fn show(&mut self, dock: Dock, shown: bool) {
        match dock {
            Dock::Left => self.left = shown,
            Dock::Right => self.right = shown,
            Dock::Bottom => self.bottom = shown,
            Dock::Floating => self.floating = shown,
        }
    }

    fn within_limits(mut self) -> Self {
        let usual = Self::default();
        for (size, usual, [low, high]) in [
            (&mut self.left_width, usual.left_width, WIDTH),
            (&mut self.right_width, usual.right_width, WIDTH),
            (&mut self.bottom_height, usual.bottom_height, HEIGHT),
        ] {
            *size = if size.is_finite() { size.clamp(low, high) } else { usual };
        }
        self
    }
}

impl Default for SidePanels {
    fn default() -> Self {
        Self {
            left: true,
            right: true,
            bottom: true,
            floating: true,
            left_width: 292.0,
            right_width: 286.0,
            bottom_height: 230.0,
        }
    }
}

/// An arrangement of views with the name its user gave it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedLayout {
    /// What it is called.
    pub name: String,
    /// The arrangement.
    pub layout: StoredLayout,
    /// Where the side panels stand; as they are where an older program saved it.
    #[serde(default)]
    pub panels: Option<SavedPanels>,
}

/// Where the side panels stand and how large they are, as it is saved with an arrangement of views.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedPanels {
    /// Which stands where.
    pub docks: Docks,
    /// What is shown, and its size.
    pub sizes: SidePanels,
}

/// Everything the window remembers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The form of this.
    pub version: u32,
    /// Cases and scans opened, the newest first.
    pub recent: Vec<Recent>,
    /// Size of everything, 1 is normal.
    pub scale: f32,
    /// The colours of the window.
    pub theme: ThemeChoice,
    /// What the mouse does.
    pub mouse: MousePreset,
    /// What dragging up does while the window is changed.
    pub up: DragUp,
    /// Which way the wheel goes.
    pub wheel: WheelTurn,
    /// Actions whose keys were changed, by name, with their keys as text.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Arrangements of views the user saved.
    pub layouts: Vec<SavedLayout>,
    /// The arrangement used last.
    pub layout: Option<StoredLayout>,
    /// The code of the language somebody chose; that of the system if nobody did.
    pub language: Option<String>,
    /// The text below the 3D view in the lecture layout.
    pub caption: String,
    /// The panels at the sides: what is shown, and its size.
    pub panels: SidePanels,
    /// Which panel stands where.
    pub docks: Docks,
    /// What the second window shows.
    pub watched: Watched,
    /// Whether 3D views have parallel lines of sight.
    pub parallel: bool,
    /// Names of what the palette was last used for, the newest first.
    pub used: Vec<String>,
    /// How far the guided tour went.
    pub tour: Progressed,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: VERSION,
            recent: Vec::new(),
            scale: 1.0,
            theme: ThemeChoice::default(),
            mouse: MousePreset::default(),
            up: DragUp::default(),
            wheel: WheelTurn::default(),
            keys: BTreeMap::new(),
            layouts: Vec::new(),
            layout: None,
            language: None,
            caption: String::new(),
            panels: SidePanels::default(),
            docks: Docks::default(),
            watched: Watched::default(),
            parallel: false,
            used: Vec::new(),
            tour: Progressed::default(),
        }
    }
}

impl Settings {
    /// Settings from the text of their file; values out of range are brought into it. With them what could not be used of
    /// the text, if there is something, as the second half of a sentence.
    ///
    /// # Errors
    /// What is wrong with a text that holds no settings at all, in the same way.
    pub fn read(text: &str) -> Result<(Self, Option<String>), String> {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
        let Value::Object(all) = value else { return Err("is no JSON object".into()) };
        let version = all.get("version").and_then(Value::as_u64).unwrap_or(u64::from(VERSION));
        let later = (u64::from(VERSION) < version)
            .then(|| format!("is of a later program (form {version}, this one knows {VERSION})"));
        let as_settings = |map: Map<String, Value>| serde_json::from_value::<Self>(Value::Object(map));
        // Every key stands for itself: one that makes no sense must not cost the others.
        let (known, unknown): (Map<_, _>, Map<_, _>) = all
            .into_iter()
            .partition(|(key, value)| as_settings(Map::from_iter([(key.clone(), value.clone())])).is_ok());
        let unknown: Vec<String> = unknown.into_iter().map(|(key, _)| key).collect();
        let odd = (!unknown.is_empty()).then(|| format!("holds something unknown as {}", unknown.join(", ")));
        let read = as_settings(known).map_err(|error| format!("holds something unknown: {error}"))?;
        Ok((read.within_limits(), later.or(odd)))
    }

    /// The text of the file.
    pub fn write(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.expect("maps have text as keys and numbers are finite") + "\n"
    }

    fn within_limits(mut self) -> Self {
        let within = |value: f32, [low, high]: [f32; 2], usual: f32| {
            if value.is_finite() { value.clamp(low, high) } else { usual }
        };
        self.version = VERSION;
        self.scale = within(self.scale, SCALE, 1.0);
        self.panels = self.panels.within_limits();
        self.recent.truncate(RECENT_MAX);
        self.used.truncate(USED_MAX);
        self
    }

    /// The palette was used for `name`.
    pub fn note_used(&mut self, name: &str) {
        self.used.retain(|used| used != name);
        self.used.insert(0, name.to_owned());
        self.used.truncate(USED_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut settings =
            Settings { scale: 1.5, up: DragUp::Darker, mouse: MousePreset::Slicer, ..Settings::default() };
        settings.keys.insert("Undo".into(), vec!["Ctrl+U".into()]);
        settings.note_used("Save case");
        settings.remember("/cases/liver.prosector".into(), 1_800_000_000);
        assert_eq!(Settings::read(&settings.write()), Ok((settings, None)));
    }

    #[test]
    fn what_is_missing_is_as_usual_and_what_is_too_large_is_limited() {
        let (read, _) = Settings::read(r#"{"version": 1, "scale": 40.0, "panels": {"left": false}}"#).unwrap();
        assert_eq!(read.scale, 2.0);
        assert!(!read.panels.left && read.panels.right);
        assert_eq!(read.panels.left_width, 292.0);
    }

    #[test]
    fn of_a_later_or_odd_file_all_is_kept_that_makes_sense() {
        assert!(Settings::read("{").unwrap_err().contains("no JSON"));
        assert!(Settings::read("[1, 2]").unwrap_err().contains("no JSON object"));
        let (read, said) = Settings::read(r#"{"version": 99, "scale": 1.5, "colour_of_hats": "red"}"#).unwrap();
        assert!(read.scale == 1.5 && said.unwrap().contains("later program"));
        let (read, said) = Settings::read(r#"{"mouse": "hammer", "scale": 1.5, "up": "darker"}"#).unwrap();
        assert_eq!((read.scale, read.up, read.mouse), (1.5, DragUp::Darker, MousePreset::default()));
        let said = said.unwrap();
        assert!(said.contains("mouse") && !said.contains("scale"), "{said}");
    }

    #[test]
    fn the_palette_remembers_the_last_few_once_each() {
        let mut settings = Settings::default();
        (0..20).for_each(|n| settings.note_used(&format!("tool {}", n % 10)));
        assert_eq!(settings.used.len(), USED_MAX);
        assert_eq!(settings.used[0], "tool 9");
        assert_eq!(settings.used.iter().filter(|used| *used == "tool 9").count(), 1);
    }
}
