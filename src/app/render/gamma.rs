//! Panels in gamma space: textures are read and pixels are blended as they are stored, without conversions.
//!
//! This is what egui is designed for, so thin text looks right. It is also half the work: bevy_egui decodes, encodes,
//! decodes and encodes every pixel, with six powers each, which without a graphics card is most of a frame.
//!
//! Four things belong together: the shader `shaders/view/panels.wgsl`; egui textures of a format that does not decode;
//! pipelines for a target that does not encode; and a window camera with [`CompositingSpace::Srgb`], whose last step
//! converts once.
//!
//! The scene is drawn as usual, into a texture that encodes; what it drew is copied byte by byte into the texture the
//! panels show ([`ShownIn`]). The camera's own last step would do the same by drawing, so it is left out, and with it
//! goes Bevy's clearing, which is done here.

use bevy::asset::AssetEventSystems;
use bevy::camera::CompositingSpace;
use bevy::core_pipeline::{Core3d, Core3dSystems};
use bevy::image::ImageSampler;
use bevy::prelude::*;
use bevy::render::camera::ExtractedCamera;
use bevy::render::extract_component::{ExtractComponent, ExtractComponentPlugin};
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::{
    Extent3d, LoadOp, Operations, PipelineCache, RenderPassColorAttachment, RenderPassDescriptor,
    SpecializedRenderPipelines, StoreOp, TextureFormat, TextureUsages,
};
use bevy::render::renderer::{RenderContext, ViewQuery};
use bevy::render::texture::GpuImage;
use bevy::render::view::ViewTarget;
use bevy::render::{Render, RenderApp, RenderSystems};
use bevy::shader::Shader;
use bevy_egui::render::systems::{EguiPipelines, queue_pipelines_system};
use bevy_egui::render::{EGUI_SHADER_HANDLE, EguiPipeline, EguiPipelineKey};
use bevy_egui::{EguiManagedTextures, EguiPostUpdateSet};

/// How colours are stored, and how they are read and written without conversion.
const STORED: TextureFormat = TextureFormat::Rgba8UnormSrgb;
const AS_STORED: TextureFormat = TextureFormat::Rgba8Unorm;

/// What the window's camera needs.
pub(crate) const WINDOW_SPACE: CompositingSpace = CompositingSpace::Srgb;

/// The texture of the panels that shows what a camera with [`Skip`](bevy::camera::CameraOutputMode::Skip) and no clear colour draws.
#[derive(Component, ExtractComponent, Clone)]
pub(crate) struct ShownIn(pub(crate) Handle<Image>);

/// The target of such a camera: it gives the size, the camera draws into textures of its own.
pub(crate) fn target(size: UVec2) -> Image {
    Image::new_target_texture(size.x, size.y, STORED, None)
}

/// The texture panels show it in.
pub(crate) fn picture(size: UVec2) -> Image {
    let mut image = target(size);
    image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
    image.sampler = ImageSampler::linear();
    read_as_stored(&mut image);
    image
}

/// The bytes stay as they are.
fn read_as_stored(image: &mut Image) {
    image.texture_descriptor.format = AS_STORED;
}

pub(super) fn plugin(app: &mut App) {
    app.add_plugins(ExtractComponentPlugin::<ShownIn>::default());
    app.add_systems(Startup, replace_shader);
    // A texture that egui sets is a new image to bevy_egui. Its news must go to the graphics card with the frame that
    // shows it: one frame late, a slice that changes would be black for that frame.
    let in_time = read_textures_as_stored.after(EguiPostUpdateSet::PostProcessOutput).before(AssetEventSystems);
    app.add_systems(PostUpdate, in_time);
    if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
        let replace = replace_pipelines.in_set(RenderSystems::Queue).after(queue_pipelines_system);
        render_app.add_systems(Render, replace);
        render_app.add_systems(Core3d, clear_picture.before(Core3dSystems::Prepass));
        render_app.add_systems(Core3d, copy_picture.after(Core3dSystems::PostProcess));
    }
}

fn replace_shader(mut shaders: ResMut<Assets<Shader>>) {
    let shader = Shader::from_wgsl(super::shaders::PANELS, "shaders/view/panels.wgsl");
    if let Err(error) = shaders.insert(&EGUI_SHADER_HANDLE, shader) {
        error!(%error, "the shader of the panels could not be replaced");
    }
}

/// New textures of egui (letters, slices) come with the decoding format.
fn read_textures_as_stored(textures: Res<EguiManagedTextures>, mut images: ResMut<Assets<Image>>) {
    for texture in textures.values() {
        let is_new = |image: &Image| image.texture_descriptor.format == STORED;
        if images.get(&texture.handle).is_some_and(is_new)
            && let Some(mut image) = images.get_mut(&texture.handle)
        {
            read_as_stored(&mut image);
        }
    }
}

fn replace_pipelines(
    cache: Res<PipelineCache>,
    egui_pipeline: Res<EguiPipeline>,
    mut specialized: ResMut<SpecializedRenderPipelines<EguiPipeline>>,
    mut pipelines: ResMut<EguiPipelines>,
) {
    for pipeline in pipelines.0.values_mut() {
        *pipeline = specialized.specialize(&cache, &egui_pipeline, EguiPipelineKey { target_format: AS_STORED });
    }
}

fn clear_picture(view: ViewQuery<(&ViewTarget, &ShownIn)>, mut context: RenderContext) {
    let (drawn, _) = view.into_inner();
    let view = drawn.sampled_main_texture_view().unwrap_or_else(|| drawn.main_texture_view());
    let clear = RenderPassColorAttachment {
        view,
        depth_slice: None,
        resolve_target: None,
        ops: Operations { load: LoadOp::Clear(LinearRgba::NONE.into()), store: StoreOp::Store },
    };
    let pass = RenderPassDescriptor { label: Some("clear"), color_attachments: &[Some(clear)], ..default() };
    drop(context.command_encoder().begin_render_pass(&pass));
}

/// Bring what the scene's camera drew into the texture the panels show.
fn copy_picture(
    view: ViewQuery<(&ViewTarget, &ExtractedCamera, &ShownIn)>,
    images: Res<RenderAssets<GpuImage>>,
    mut context: RenderContext,
) {
    let (drawn, camera, ShownIn(image)) = view.into_inner();
    let (Some(image), Some(size)) = (images.get(image), camera.physical_viewport_size) else { return };
    let [from, to] = [drawn.main_texture(), &image.texture];
    // In the frame after a change of size the two may differ.
    let size = size.min(UVec2::new(from.width(), from.height())).min(UVec2::new(to.width(), to.height()));
    let extent = Extent3d { width: size.x, height: size.y, depth_or_array_layers: 1 };
    context.command_encoder().copy_texture_to_texture(from.as_image_copy(), to.as_image_copy(), extent);
}
