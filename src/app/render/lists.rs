//! Lists of translucent fragments where several cameras use them: all views share one set of lists, one after another.
//!
//! Bevy compiles the step that sorts and empties the lists for each camera anew, whenever the camera draws again after a
//! rest, and keeps what it compiled for ever: some 2 MB on a software driver whenever a view wakes. All views of the scene
//! have the same format, so one step serves them all; Bevy is asked for it until it is known. Lists that nobody empties,
//! for the step is not compiled yet, are emptied here: otherwise they may run in circles in the next view.

use super::gamma::ShownIn;
use bevy::core_pipeline::Core3d;
use bevy::core_pipeline::Core3dSystems;
use bevy::core_pipeline::core_3d::main_transparent_pass_3d;
use bevy::core_pipeline::oit::resolve::node::oit_resolve;
use bevy::core_pipeline::oit::resolve::{OitResolvePipelineId, queue_oit_resolve_pipeline};
use bevy::core_pipeline::oit::{OitBuffers, OrderIndependentTransparencySettings};
use bevy::ecs::schedule::ScheduleCleanupPolicy;
use bevy::prelude::*;
use bevy::render::camera::ExtractedCamera;
use bevy::render::render_resource::{CachedRenderPipelineId, PipelineCache};
use bevy::render::renderer::{RenderContext, ViewQuery};
use bevy::render::{Render, RenderApp, RenderStartup, RenderSystems};

/// The step of all views, once Bevy was asked for it.
#[derive(Resource, Default)]
struct SharedStep(Option<CachedRenderPipelineId>);

pub(super) fn plugin(app: &mut App) {
    let Some(render_app) = app.get_sub_app_mut(RenderApp) else { return };
    render_app.init_resource::<SharedStep>().add_systems(RenderStartup, ask_once);
    let empty = empty_lists.after(main_transparent_pass_3d).before(oit_resolve).in_set(Core3dSystems::MainPass);
    render_app.add_systems(Core3d, empty);
}

/// From now on Bevy is asked for the step only while none is known.
fn ask_once(world: &mut World) {
    world.schedule_scope(Render, |world, schedule| {
        let only = ScheduleCleanupPolicy::RemoveSystemsOnly;
        // An adapter that cannot hold lists has no step: there is nothing to be removed.
        if schedule.remove_systems_in_set(queue_oit_resolve_pipeline, world, only).is_ok_and(|removed| 0 < removed) {
            let ask = queue_oit_resolve_pipeline.run_if(|step: Res<SharedStep>| step.0.is_none());
            schedule.add_systems((ask, share_step).chain().in_set(RenderSystems::Queue));
        }
    });
}

fn share_step(
    views: Query<
        (Entity, Option<&OitResolvePipelineId>),
        (With<ShownIn>, With<OrderIndependentTransparencySettings>, With<ExtractedCamera>),
    >,
    mut shared: ResMut<SharedStep>,
    mut commands: Commands,
) {
    let first = views.iter().find_map(|(_, id)| id.map(|id| id.0));
    let Some(step) = shared.0.or(first) else { return };
    if shared.0.is_none() {
        shared.0 = Some(step);
    }
    for (view, id) in &views {
        if id.is_none_or(|id| id.0 != step) {
            commands.entity(view).insert(OitResolvePipelineId(step));
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
