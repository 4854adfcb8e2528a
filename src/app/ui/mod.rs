//! Everything a person sees and touches, as egui functions: data in, wishes out. Knows no Bevy and does no work.
//!
//! [`Workspace`] keeps what belongs to the window only (layout, crosshair, open forms). It is shown once a frame with
//! an [`AppView`] of the case and answers with a [`UiOutput`]: requests, and the place where the 3D scene belongs.

mod actions;
mod areas;
mod audience;
pub mod camera;
mod circulation;
mod contract;
mod curve;
mod curved;
mod cube;
mod dialogs;
mod docks;
mod editor;
mod field;
mod fields;
mod find;
mod flow_setup;
mod form;
mod gizmo;
mod history;
mod icons;
mod inspector;
mod jobs;
mod keys;
mod labels;
mod layout;
mod layouts;
mod legend_menu;
mod lost_dialog;
mod measures;
mod menu_bar;
mod messages;
mod numbers;
mod objects;
mod operate;
mod offers;
mod overlays;
mod palette;
mod paper;
mod phases;
mod pictures;
mod plan;
mod refusals;
mod remember;
mod respond;
mod saved_views;
mod scene_cut;
mod scene_menu;
mod scene_view;
mod scan_met;
mod scenes;
pub mod script;
pub mod settings;
mod sides;
mod slice;
mod status_bar;
mod steps;
#[cfg(test)]
mod tests;
mod theme;
mod tour;
mod two_scans;
mod view_bar;
mod view_undo;
mod volume;
mod walk;
mod welcome;
mod widgets;
mod wish;
mod words;
mod workspace;

pub use camera::{NamedView, OrbitCamera};
pub use contract::{
    AppView, FileJob, Legend, LostSession, Message, Messages, PathKind, Picked, PickedOther, Request, SceneInfo,
    ScenePane, Tone, UiOutput,
};
pub use fields::{FieldLook, VectorLook, isolines};
pub use find::active_scan;
pub use flow_setup::Live;
pub use keys::KEYPAD;
pub use labels::Label;
pub use measures::{Covered, Measures};
pub use operate::{Colour, Fastener, HandTool, Mark, Operate, OperationInfo, Order, Seam};
pub use paper::Sheet;
pub use pictures::{Board, Ground, Motif, PRINT_DPI, PictureOrder, PictureSize, Stage, scene_texts_ui};
pub use plan::{Live as PlanLive, Planning};
pub use scene_cut::SceneCut;
pub use scenes::{Compare, CompareWith, Loaded, ViewInfo};
pub use settings::{RECENT_MAX, Settings, ThemeChoice};
pub use slice::{PictureKey, PictureRead, SliceStill};
pub use theme::ACCENT;
#[cfg(test)]
pub use volume::PLANES_MAX as VOLUME_PLANES_MAX;
pub use volume::{VolumeMask, VolumeMode, VolumeView};
pub use walk::WalkTrack;
pub use workspace::Workspace;
