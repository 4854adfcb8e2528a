//! The shaders of the window, embedded into the program so that its file runs alone in an empty folder.

use bevy::asset::{Handle, uuid_handle};
use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use bevy::shader::Shader;

/// `shaders/view/surface.wgsl`.
pub(super) const SURFACE: Handle<Shader> = uuid_handle!("6a1f3c52-8f0e-4d6b-9a53-0d8a7c3e1b01");

/// `shaders/view/line.wgsl`.
pub(super) const LINE: Handle<Shader> = uuid_handle!("6a1f3c52-8f0e-4d6b-9a53-0d8a7c3e1b02");

/// `shaders/view/volume.wgsl`.
pub(super) const VOLUME: Handle<Shader> = uuid_handle!("6a1f3c52-8f0e-4d6b-9a53-0d8a7c3e1b03");

/// `shaders/view/outline.wgsl`.
pub(super) const OUTLINE: Handle<Shader> = uuid_handle!("6a1f3c52-8f0e-4d6b-9a53-0d8a7c3e1b04");

/// `shaders/view/panels.wgsl`.
pub(super) const PANELS: &str = include_str!("../../../shaders/view/panels.wgsl");

pub(super) fn plugin(app: &mut App) {
    let all = [
        (&SURFACE, include_str!("../../../shaders/view/surface.wgsl"), "shaders/view/surface.wgsl"),
        (&LINE, include_str!("../../../shaders/view/line.wgsl"), "shaders/view/line.wgsl"),
        (&VOLUME, include_str!("../../../shaders/view/volume.wgsl"), "shaders/view/volume.wgsl"),
        (&OUTLINE, include_str!("../../../shaders/view/outline.wgsl"), "shaders/view/outline.wgsl"),
    ];
    let mut shaders = app.world_mut().resource_mut::<Assets<Shader>>();
    for (handle, source, path) in all {
        if let Err(error) = shaders.insert(handle, Shader::from_wgsl(source, path)) {
            error!(%error, path, "a shader could not be registered");
        }
    }
}

/// Whether a processor plays the graphics card.
pub(crate) fn is_software(adapter: &RenderAdapterInfo) -> bool {
    // The type of `device_type` is wgpu's, which Bevy does not pass on.
    format!("{:?}", adapter.device_type) == "Cpu"
}
