//! The three slice views: where pixels lie in the patient, pictures made once and kept, mouse, and what is written on them.

mod annotate;
mod geometry;
mod measure;
mod menu;
mod mouse;
mod picture;
mod view;
mod window;

pub(super) use annotate::{edge_letters, scale_bar, shadowed};
pub(super) use geometry::{SliceGeometry, Stack};
pub(super) use measure::Measure;
pub(super) use mouse::wheel_steps;
pub(super) use picture::Overlay;
pub(super) use view::{MouseTool, Probe, SliceSubject, Slices};
pub(super) use window::{PRESETS, ScanWindow};
