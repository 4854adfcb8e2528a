//! The shaders of the window, embedded into the program so that its file runs alone in an empty folder.

use bevy::asset::{Handle, uuid_handle};
use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use bevy::shader::Shader;
use bevy_egui::render::EGUI_SHADER_HANDLE;

/// `shaders/view/surface.wgsl`.
pub(super) const SURFACE: Handle<Shader> = uuid_handle!("6a1f3c52-8f0e-4d6b-9a53-0d8a7c3e1b01");

/// `shaders/view/line.wgsl`.
pub(super) const LINE: Handle<Shader> = uuid_handle!("6a1f3c52-8f0e-4d6b-9a53-0d8a7c3e1b02");

/// `shaders/view/panels.wgsl`.
const PANELS: &str = include_str!("../../../shaders/view/panels.wgsl");

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, lighten_panels);
    let all = [
        (&SURFACE, include_str!("../../../shaders/view/surface.wgsl"), "shaders/view/surface.wgsl"),
        (&LINE, include_str!("../../../shaders/view/line.wgsl"), "shaders/view/line.wgsl"),
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

/// Without a graphics card, the panels are most of a frame: give them a cheaper shader.
fn lighten_panels(adapter: Option<Res<RenderAdapterInfo>>, mut shaders: ResMut<Assets<Shader>>) {
    if adapter.is_some_and(|adapter| is_software(&adapter)) {
        let shader = Shader::from_wgsl(PANELS, "shaders/view/panels.wgsl");
        if let Err(error) = shaders.insert(&EGUI_SHADER_HANDLE, shader) {
            error!(%error, "the shader of the panels could not be replaced");
        }
    }
}
