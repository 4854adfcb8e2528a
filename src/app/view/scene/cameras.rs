//! The camera entities of the 3D views: made once, put where the views are, active only in frames that draw them.

use super::one::CAPACITY_UNSEEN;
use super::{FIRST, LEARNT_MAX, Scene, SceneView, VIEWS};
use crate::app::render::{
    FRAGMENTS_ON_SCREEN, ShownIn, ShowsVolume, WINDOW_SPACE, fragment_lists, fragments_max, is_software, picture,
    sorts_fragments, target,
};
use crate::app::space::{bevy_from_direction, bevy_from_patient};
use crate::app::ui::OrbitCamera;
use bevy::camera::primitives::Frustum;
use bevy::camera::visibility::{RenderLayers, VisibilitySystems};
use bevy::camera::{
    CameraOutputMode, ClearColorConfig, ImageRenderTarget, MsaaWriteback, RenderTarget, ScalingMode, Viewport,
};
use bevy::core_pipeline::oit::OrderIndependentTransparencySettings;
use bevy::core_pipeline::tonemapping::{DebandDither, Tonemapping};
use bevy::light::cluster::{ClusterConfig, GlobalClusterSettings};
use bevy::math::primitives::ViewFrustum;
use bevy::prelude::*;
use bevy::render::camera::MipBias;
use bevy::render::render_resource::{PipelineCache, TextureUsages};
use bevy::render::renderer::{RenderAdapter, RenderAdapterInfo, RenderDevice};
use bevy::render::view::NoIndirectDrawing;
use bevy::render::{Render, RenderApp, RenderSystems};
use bevy_egui::{EguiPostUpdateSet, EguiTextureHandle, EguiUserTextures};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// The camera entity of a view, by its number.
#[derive(Component, Debug, Clone, Copy)]
pub(crate) struct SceneCamera(pub(crate) usize);

/// Whether the graphics driver still compiles something the scene needs; written by the render world.
#[derive(Resource, Clone, Default)]
struct Compiling(Arc<AtomicBool>);

pub(super) fn plugin(app: &mut App) {
    let compiling = Compiling::default();
    app.insert_resource(compiling.clone());
    app.add_systems(Startup, set_up);
    let place = place.after(EguiPostUpdateSet::EndPass).before(TransformSystems::Propagate);
    app.add_systems(PostUpdate, place.before(bevy::camera::CameraUpdateSystems));
    let frame = frame_parts.after(VisibilitySystems::UpdateFrusta).before(VisibilitySystems::CheckVisibility);
    app.add_systems(PostUpdate, frame);
    if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
        render_app.insert_resource(compiling);
        render_app.add_systems(Render, watch_compiler.in_set(RenderSystems::Cleanup));
    }
}

fn watch_compiler(cache: Res<PipelineCache>, compiling: Res<Compiling>) {
    let waits = cache.waiting_pipelines().count();
    if compiling.0.swap(waits != 0, Ordering::Relaxed) != (waits != 0) {
        debug!(waits, "pipelines to compile");
    }
}

fn set_up(
    mut commands: Commands,
    mut images: ResMut<Assets<Image>>,
    mut textures: ResMut<EguiUserTextures>,
    adapter: Option<Res<RenderAdapterInfo>>,
    card: (Option<Res<RenderAdapter>>, Option<Res<RenderDevice>>),
    clusters: Option<ResMut<GlobalClusterSettings>>,
) {
    // Our materials know their lights themselves.
    if let Some(mut clusters) = clusters {
        clusters.gpu_clustering = None;
    }
    let software = adapter.is_some_and(|info| is_software(&info));
    let lists = match card {
        (Some(adapter), Some(device))
            if sorts_fragments(&adapter, &device) && std::env::var("PROSECTOR_TEST_NO_OIT").is_err() =>
        {
            let most = device.limits().max_storage_buffer_binding_size;
            Some(fragment_lists([CAPACITY_UNSEEN], most, FRAGMENTS_ON_SCREEN))
        }
        _ => None,
    };
    let views = (0..VIEWS).map(|which| {
        let [image, target] = [picture(CAPACITY_UNSEEN), target(CAPACITY_UNSEEN)].map(|image| images.add(image));
        let texture = textures.add_image(EguiTextureHandle::Strong(image.clone()));
        let mut camera = commands.spawn((
            Name::new(format!("scene camera {which}")),
            SceneCamera(which),
            // The rendered volume and what is translucent end at the depth of what is opaque.
            Camera3d {
                depth_texture_usages: (TextureUsages::RENDER_ATTACHMENT | TextureUsages::TEXTURE_BINDING).into(),
                ..default()
            },
            Camera {
                order: -1 - which as isize,
                clear_color: ClearColorConfig::None,
                is_active: false,
                output_mode: CameraOutputMode::Skip,
                // Would bring back the last picture where nothing is cleared.
                msaa_writeback: MsaaWriteback::Off,
                ..default()
            },
            RenderTarget::Image(ImageRenderTarget::from(target.clone())),
            (ShownIn(image.clone()), ShowsVolume(true), RenderLayers::default()),
            // See `Part::higher`.
            MipBias(0.0),
            Projection::Perspective(PerspectiveProjection::default()),
            (Tonemapping::None, DebandDither::Disabled, ClusterConfig::Single, Msaa::Off, NoIndirectDrawing),
        ));
        if let Some(lists) = &lists {
            camera.insert(*lists);
        }
        SceneView::new(image, target, texture)
    });
    let views = views.collect();
    commands.spawn((
        Name::new("panel camera"),
        bevy_egui::PrimaryEguiContext,
        Camera2d,
        Camera { order: 0, clear_color: ClearColorConfig::Custom(Color::srgb_u8(20, 22, 25)), ..default() },
        (Msaa::Off, WINDOW_SPACE),
    ));
    commands.insert_resource(Scene::new(views, software));
}

/// Put the cameras where the panels left them, and decide which of them draw.
fn place(
    mut scene: ResMut<Scene>,
    mut images: ResMut<Assets<Image>>,
    compiling: Res<Compiling>,
    device: Option<Res<RenderDevice>>,
    mut cameras: Query<(
        &SceneCamera,
        &mut Camera,
        &mut Transform,
        &mut Projection,
        &mut MipBias,
        Option<&mut OrderIndependentTransparencySettings>,
    )>,
) {
    let scene = &mut *scene;
    let compiles = compiling.0.load(Ordering::Relaxed);
    let (mut drawn_px, mut moving) = (0.0, false);
    let buffer_max = device.map(|device| device.limits().max_storage_buffer_binding_size);
    let wanted = buffer_max.map(|most| match scene.is_held() {
        // A picture has the lists for itself.
        true => fragment_lists([scene.capacity], most, scene.fragments_per_pixel()),
        false => fragment_lists(scene.views.iter().map(|view| view.capacity), most, scene.fragments_per_pixel()),
    });
    let has_lists = cameras.iter().any(|(.., lists)| lists.is_some());
    scene.fragments_max = buffer_max.filter(|_| has_lists).map_or(f64::INFINITY, fragments_max);
    for (SceneCamera(which), mut camera, mut transform, mut projection, mut higher, lists) in &mut cameras {
        if let (Some(mut lists), Some(wanted)) = (lists, &wanted)
            && lists.fragments_per_pixel_average != wanted.fragments_per_pixel_average
        {
            *lists = *wanted;
        }
        let may_draw = scene.may_draw(*which);
        let view = &mut scene.views[*which];
        if !may_draw && view.is_hidden() && *which != FIRST && view.capacity != CAPACITY_UNSEEN {
            // Views beyond the first cost nothing while they are not shown.
            (view.capacity, view.used) = (CAPACITY_UNSEEN, UVec2::ONE);
            resize(view, &mut images);
        }
        if compiles {
            view.draw = view.draw.max(1);
        }
        let draws = may_draw && 0 < view.draw;
        if camera.is_active != draws {
            camera.is_active = draws;
        }
        if !draws {
            continue;
        }
        if std::mem::take(&mut view.outgrown) {
            resize(view, &mut images);
        }
        let physical_size = view.used;
        camera.viewport = Some(Viewport { physical_position: UVec2::ZERO, physical_size, depth: 0.0..1.0 });
        camera.sub_camera_view = view.part.map(|part| part.sub_view());
        higher.0 = view.part.map_or(0.0, |part| part.higher());
        let [_, up, _] = view.camera.right_up_back();
        *transform = Transform::from_translation(bevy_from_patient(&view.camera.eye()))
            .looking_at(bevy_from_patient(&view.camera.target), bevy_from_direction(&up));
        *projection = projected(&view.camera);
        drawn_px += f64::from(view.used.x) * f64::from(view.used.y);
        moving |= !view.rested;
        view.draw -= 1;
    }
    if drawn_px == 0.0 {
        scene.last_drawn = None;
        return;
    }
    if compiles {
        // Compiling is not drawing.
        scene.last_drawn = None;
    }
    learn(scene, drawn_px, moving);
}

/// How a camera projects; its aspect is that of the picture.
pub(crate) fn projected(camera: &OrbitCamera) -> Projection {
    if camera.parallel {
        return Projection::Orthographic(OrthographicProjection {
            near: 0.0,
            // As much behind the target as before it.
            far: 2.0 * camera.eye_mm() as f32,
            scaling_mode: ScalingMode::FixedVertical { viewport_height: camera.height_mm() as f32 },
            ..OrthographicProjection::default_3d()
        });
    }
    Projection::Perspective(PerspectiveProjection {
        fov: camera.fov_rad as f32,
        near: (camera.distance_mm as f32 * 0.02).clamp(0.1, 20.0),
        far: 50_000.0,
        ..default()
    })
}

/// What a tile of a picture shows; Bevy takes the whole for it, in the shape of the tile.
fn frame_parts(mut cameras: Query<(&Camera, &GlobalTransform, &Projection, &mut Frustum), With<SceneCamera>>) {
    for (camera, place, projection, mut frustum) in &mut cameras {
        if camera.is_active && camera.sub_camera_view.is_some() {
            let clip = camera.clip_from_view() * place.affine().inverse();
            let (eye, back) = (place.translation(), place.back());
            *frustum = Frustum(ViewFrustum::from_clip_from_world_custom_far(&clip, &eye, &back, projection.far()));
        }
    }
}

fn resize(view: &SceneView, images: &mut Assets<Image>) {
    for (handle, image) in [(&view.image, picture(view.capacity)), (&view.target, target(view.capacity))] {
        if let Err(error) = images.insert(handle, image) {
            error!(%error, "the scene's texture could not be resized");
        }
    }
}

/// Measure the time from one drawn frame to the next.
fn learn(scene: &mut Scene, drawn_px: f64, moving: bool) {
    let now = Instant::now();
    if let Some((before, pixels, moving)) = scene.last_drawn.replace((now, drawn_px, moving)) {
        scene.frame_time = now - before;
        debug!(ms = scene.frame_time.as_secs_f64() * 1e3, pixels, moving, "the scene was drawn");
        let time = scene.frame_time.min(LEARNT_MAX);
        scene.quality.learn(pixels, time, moving);
    }
}
