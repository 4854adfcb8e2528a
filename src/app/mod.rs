//! The Bevy window: a picture of the case, and the place where a person's wishes become commands.
//!
//! Bevy and egui live here only. The case is outside the ECS ([`session::TheSession`]); entities, meshes and textures are
//! caches of it (`mirror`) and may be thrown away at any time. The 3D scene is drawn into a texture of its own, and only
//! when something in it changed, so that moving the mouse over a panel costs no 3D frame and an idle window costs nothing.

mod adapter;
mod dialogs;
mod drive;
mod files;
mod frames;
mod lost;
mod mirror;
mod render;
mod requests;
mod run;
mod scribe;
mod session;
mod settings;
mod space;
mod successor;
pub mod ui;
mod view;

pub use run::{Drive, Options, run};
