//! The three slice views: where pixels lie in the patient, pictures made once and kept, mouse, and what is written on them.

mod annotate;
mod budget;
mod cine;
mod corners;
mod display;
mod frame;
mod geometry;
mod kept;
mod lines;
mod look;
mod menu;
mod mouse;
mod outline;
mod picture;
mod plane;
mod probe;
mod region;
mod still;
mod sums;
mod touch;
mod view;
mod window;

pub(super) use annotate::{edge_letters, scale_bar, shadowed};
pub(super) use display::{cine_ui, display_ui, times_ui};
pub(super) use frame::{Frame, Turn};
#[cfg(test)]
pub(super) use geometry::Framing;
pub(super) use geometry::{SliceGeometry, Stack};
pub(super) use look::{SlabLook, fused};
pub(super) use mouse::wheel_steps;
pub(super) use picture::Overlay;
pub use picture::{Key as PictureKey, Read as PictureRead};
pub(super) use plane::plane_of;
pub use still::SliceStill;
pub(super) use still::StillLabels;
pub(super) use view::{MouseTool, Probe, SliceSubject, Slices};
pub(super) use window::{PRESETS, ScanWindow};
