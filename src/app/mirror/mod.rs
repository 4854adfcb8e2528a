//! Pictures of the case: each file watches one kind of node and keeps entities, meshes and textures in step with it.
//!
//! A mirror compares hashes and display settings with what it built last; nothing is ever read back out of entities.

mod build;
mod drawable;
mod legend;
mod surfaces;

pub(super) use surfaces::Surfaces;

/// All mirrors.
pub(super) fn plugin(app: &mut bevy::app::App) {
    surfaces::plugin(app);
    legend::plugin(app);
}
