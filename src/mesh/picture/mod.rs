//! Shaded pictures of surfaces without a graphics adapter: for reports, tests and machines that have none.
//!
//! A rasteriser with a depth buffer in horizontal bands, so that all cores draw at once and nothing large is allocated.

mod band;
mod camera;
mod draw;
mod shade;

pub use camera::{Camera, View};
pub use draw::{Colouring, Picture, Subject, draw};
