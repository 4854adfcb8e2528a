//! Lists of translucent fragments where several cameras use them: all views share one set of lists, one after another.
//!
//! Bevy compiles the step that sorts and empties the lists for each camera anew, whenever the camera draws again after a
//! rest. A view whose step is not there yet would leave its fragments to the next view, and then lists may run in
//! circles: so views share the first step that was compiled, and lists that nobody empties are emptied here.

use super::gamma::ShownIn;
use bevy::core_pipeline::Core3d;
use bevy::core_pipeline::Core3dSystems;
use bevy::core_pipeline::core_3d::main_transparent_pass_3d;
use bevy::core_pipeline::oit::OitBuffers;
use bevy::core_pipeline::oit::resolve::node::oit_resolve;
use bevy::core_pipeline::oit::resolve::{OitResolvePipelineId, queue_oit_resolve_pipeline};
use bevy::prelude::*;
use bevy::render::render_resource::{CachedRenderPipelineId, PipelineCache};
use bevy::render::renderer::{RenderContext, ViewQuery};
use bevy::render::{Render, RenderApp, RenderSystems};

pub(super) fn plugin(app: &mut App) {
    let Some(render_app) = app.get_sub_app_mut(RenderApp) else { return };
    let share = share_step.in_set(RenderSystems::Prepare).after(queue_oit_resolve_pipeline);
    render_app.add_systems(Render, share);
    let empty = empty_lists.after(main_transparent_pass_3d).before(oit_resolve).in_set(Core3dSystems::MainPass);
    render_app.add_systems(Core3d, empty);
}

/// All views of the scene have the same format, so the step of one is that of all.
fn share_step(
    mut views: Query<&mut OitResolvePipelineId, With<ShownIn>>,
    cache: Res<PipelineCache>,
    mut shared: Local<Option<CachedRenderPipelineId>>,
) {
    for mut id in &mut views {
        let first = *shared.get_or_insert(id.0);
        if id.0 != first && cache.get_render_pipeline(first).is_some() {
            id.0 = first;
        }
    }
}

fn empty_lists(
    view: ViewQuery<Option<&OitResolvePipelineId>, With<ShownIn>>,
    buffers: Option<Res<OitBuffers>>,
    cache: Res<PipelineCache>,
    mut context: RenderContext,
) {
    let Some(id) = view.into_inner() else { return };
    if cache.get_render_pipeline(id.0).is_some() {
        return;
    }
    let Some(buffers) = buffers else { return };
    for buffer in [buffers.heads.buffer(), buffers.atomic_counter.buffer()].into_iter().flatten() {
        context.command_encoder().clear_buffer(buffer, 0, None);
    }
}
