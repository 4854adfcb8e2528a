//! The pass that draws a rendered volume and, at the right depth in and around it, translucent surfaces.
//!
//! It runs between Bevy's transparent pass, which gathers translucent fragments in lists, and Bevy's step that sorts and
//! draws these lists. Where a volume is shown, this pass does both and empties the lists.

use super::gamma::ShownIn;
use super::shaders;
use bevy::core_pipeline::core_3d::main_transparent_pass_3d;
use bevy::core_pipeline::oit::resolve::node::oit_resolve;
use bevy::core_pipeline::oit::resolve::{OitResolvePipelineId, is_oit_supported};
use bevy::core_pipeline::oit::{OitBuffers, OrderIndependentTransparencySettings, prepare_oit_buffers};
use bevy::core_pipeline::{Core3d, Core3dSystems, FullscreenShader};
use bevy::prelude::*;
use bevy::render::camera::ExtractedCamera;
use bevy::render::extract_component::{ExtractComponent, ExtractComponentPlugin};
use bevy::render::extract_resource::{ExtractResource, ExtractResourcePlugin};
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::binding_types::{
    sampler, storage_buffer_read_only_sized, storage_buffer_sized, texture_2d, texture_3d, texture_depth_2d,
    uniform_buffer,
};
use bevy::render::render_resource::{
    AddressMode, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, BlendState,
    CachedRenderPipelineId, ColorTargetState, ColorWrites, DynamicBindGroupEntries, DynamicBindGroupLayoutEntries,
    FilterMode, FragmentState, PipelineCache, RenderPassDescriptor, RenderPipelineDescriptor, Sampler,
    SamplerBindingType, SamplerDescriptor, ShaderStages, ShaderType, TextureFormat, TextureSampleType, UniformBuffer,
};
use bevy::render::renderer::{RenderAdapter, RenderContext, RenderDevice, RenderQueue, ViewQuery};
use bevy::render::texture::GpuImage;
use bevy::render::view::{ViewDepthTexture, ViewTarget, ViewUniform, ViewUniformOffset, ViewUniforms};
use bevy::render::{Render, RenderApp, RenderStartup, RenderSystems};
use bevy::shader::ShaderDefVal;

/// Clip planes of a volume, at most: those of its own, and the cut of the scene.
pub(crate) const PLANES_MAX: usize = 7;
/// Memory for lists of translucent fragments, at most; adapters may allow less for one buffer (128 MiB is usual).
const FRAGMENT_BYTES_MAX: u64 = 512 << 20;
/// Bytes of a fragment in a list.
const FRAGMENT_BYTES: u64 = 12;
/// Fragments for each pixel, on average over all pixels, at most: on the screen, and in a picture.
pub(crate) const FRAGMENTS_ON_SCREEN: f32 = 6.0;
pub(crate) const FRAGMENTS_IN_PICTURES: f32 = 24.0;

/// Twin of `VolumeUniform` in `shaders/view/volume.wgsl`, which explains the fields.
#[derive(Debug, Clone, Copy, PartialEq, Default, ShaderType)]
pub(crate) struct VolumeUniform {
    pub(crate) index_from_world: Mat4,
    pub(crate) label_from_world: Mat4,
    pub(crate) texture: Vec4,
    pub(crate) extinction: Vec4,
    pub(crate) low: Vec4,
    pub(crate) high: Vec4,
    pub(crate) planes: [Vec4; PLANES_MAX],
    pub(crate) place: Vec4,
    pub(crate) shading: Vec4,
    pub(crate) march: Vec4,
    pub(crate) mode: UVec4,
    pub(crate) mask: [UVec4; 2],
}

/// A volume ready to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VolumeParts {
    pub(crate) uniform: VolumeUniform,
    /// Stored values.
    pub(crate) texels: Handle<Image>,
    /// The transfer function.
    pub(crate) table: Handle<Image>,
    /// How far rays may leap.
    pub(crate) skips: Handle<Image>,
    /// The segmentation that masks.
    pub(crate) labels: Handle<Image>,
    /// Extinctions, coarsely, for shadows.
    pub(crate) extinctions: Handle<Image>,
}

/// The volume the scene shows.
#[derive(Resource, Debug, Clone, PartialEq, Default, ExtractResource)]
pub(crate) struct RenderedVolume(pub(crate) Option<VolumeParts>);

/// Whether a camera of the scene shows the volume.
#[derive(Component, ExtractComponent, Debug, Clone, Copy, PartialEq)]
pub(crate) struct ShowsVolume(pub(crate) bool);

/// Whether fragments can be gathered in lists on this adapter; elsewhere translucent surfaces are blended by distance.
pub(crate) fn sorts_fragments(adapter: &RenderAdapter, device: &RenderDevice) -> bool {
    is_oit_supported(adapter, device, false)
}

/// Fragments that all lists together hold at most, where a buffer has at most `buffer_max` bytes.
pub(crate) fn fragments_max(buffer_max: u64) -> f64 {
    0.99 * (FRAGMENT_BYTES_MAX.min(buffer_max) / FRAGMENT_BYTES) as f64
}

/// How the lists are made for cameras whose pictures have these sizes in pixels, where a buffer has at most `buffer_max` bytes
/// and a pixel so many fragments at most.
///
/// All cameras share one buffer, as wide as the widest, as high as the highest, and with as many fragments for a pixel as the
/// camera that asks for most: so all of them must ask for the same.
pub(crate) fn fragment_lists(
    sizes: impl IntoIterator<Item = UVec2>,
    buffer_max: u64,
    per_pixel: f32,
) -> OrderIndependentTransparencySettings {
    let pixels = sizes.into_iter().fold(UVec2::ONE, UVec2::max);
    let pixels = u64::from(pixels.x).saturating_mul(u64::from(pixels.y)).max(1);
    // A little less, for the number of fragments is rounded.
    let affordable = 0.99 * (FRAGMENT_BYTES_MAX.min(buffer_max) / FRAGMENT_BYTES) as f32 / pixels as f32;
    OrderIndependentTransparencySettings {
        sorted_fragment_max_count: 16,
        fragments_per_pixel_average: affordable.min(per_pixel),
        // Nothing is seen of less.
        alpha_threshold: 0.5 / 255.0,
    }
}

#[derive(Resource)]
struct VolumePipeline {
    layout: BindGroupLayoutDescriptor,
    sampler: Sampler,
    has_lists: bool,
    queued: Option<(TextureFormat, CachedRenderPipelineId)>,
    uniform: UniformBuffer<VolumeUniform>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<RenderedVolume>();
    app.add_plugins(ExtractResourcePlugin::<RenderedVolume>::default());
    app.add_plugins(ExtractComponentPlugin::<ShowsVolume>::default());
    let Some(render_app) = app.get_sub_app_mut(RenderApp) else { return };
    render_app.add_systems(RenderStartup, set_up);
    render_app.add_systems(
        Render,
        (
            keep_lists.in_set(RenderSystems::PrepareResources).after(prepare_oit_buffers),
            prepare.in_set(RenderSystems::PrepareResources),
        ),
    );
    let pass = draw.after(main_transparent_pass_3d).before(oit_resolve).in_set(Core3dSystems::MainPass);
    render_app.add_systems(Core3d, pass);
}

fn set_up(mut commands: Commands, adapter: Res<RenderAdapter>, device: Res<RenderDevice>) {
    let has_lists = sorts_fragments(&adapter, &device);
    let float = TextureSampleType::Float { filterable: true };
    let common = BindGroupLayoutEntries::sequential(
        ShaderStages::FRAGMENT,
        (
            uniform_buffer::<ViewUniform>(true),
            uniform_buffer::<VolumeUniform>(false),
            texture_3d(float),
            sampler(SamplerBindingType::Filtering),
            texture_2d(TextureSampleType::Float { filterable: false }),
            texture_3d(TextureSampleType::Uint),
            texture_3d(TextureSampleType::Uint),
            texture_3d(float),
            texture_depth_2d(),
        ),
    );
    let mut entries = common.to_vec();
    if has_lists {
        let lists = DynamicBindGroupLayoutEntries::new_with_indices(
            ShaderStages::FRAGMENT,
            ((9, storage_buffer_read_only_sized(false, None)), (10, storage_buffer_sized(false, None))),
        );
        entries.extend_from_slice(&lists);
    }
    let sampler = device.create_sampler(&SamplerDescriptor {
        label: Some("volume"),
        address_mode_u: AddressMode::ClampToEdge,
        address_mode_v: AddressMode::ClampToEdge,
        address_mode_w: AddressMode::ClampToEdge,
        mag_filter: FilterMode::Linear,
        min_filter: FilterMode::Linear,
        ..default()
    });
    let mut uniform = UniformBuffer::from(VolumeUniform::default());
    uniform.set_label(Some("volume"));
    let layout = BindGroupLayoutDescriptor::new("volume", &entries);
    commands.insert_resource(VolumePipeline { layout, sampler, has_lists, queued: None, uniform });
}

/// Bevy frees the lists whenever no camera draws, and the scene's camera rests most of the time; getting and clearing
/// them anew takes longer than a frame. The size that Bevy compares is set to that of no lists, the card keeps the true one.
fn keep_lists(buffers: Option<ResMut<OitBuffers>>) {
    if let Some(mut buffers) = buffers {
        buffers.nodes_capacity.set(1);
    }
}

fn prepare(
    pipeline: Option<ResMut<VolumePipeline>>,
    shown: Res<RenderedVolume>,
    views: Query<&ViewTarget, With<ShownIn>>,
    cache: Res<PipelineCache>,
    fullscreen: Res<FullscreenShader>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
) {
    let (Some(mut pipeline), Some(parts), Some(view)) = (pipeline, &shown.0, views.iter().next()) else { return };
    let format = view.main_texture_format();
    if pipeline.queued.is_none_or(|(queued, _)| queued != format) {
        let defs = if pipeline.has_lists { vec![ShaderDefVal::from("OIT_ENABLED")] } else { Vec::new() };
        let target = ColorTargetState {
            format,
            blend: Some(BlendState::PREMULTIPLIED_ALPHA_BLENDING),
            write_mask: ColorWrites::ALL,
        };
        let id = cache.queue_render_pipeline(RenderPipelineDescriptor {
            label: Some("volume".into()),
            layout: vec![pipeline.layout.clone()],
            vertex: fullscreen.to_vertex_state(),
            fragment: Some(FragmentState {
                shader: shaders::VOLUME,
                shader_defs: defs,
                entry_point: Some("fragment".into()),
                targets: vec![Some(target)],
            }),
            ..default()
        });
        pipeline.queued = Some((format, id));
    }
    pipeline.uniform.set(parts.uniform);
    pipeline.uniform.write_buffer(&device, &queue);
}

fn draw(
    view: ViewQuery<
        (
            &ExtractedCamera,
            &ViewTarget,
            &ViewDepthTexture,
            &ViewUniformOffset,
            Option<&OitResolvePipelineId>,
            &ShowsVolume,
        ),
        With<ShownIn>,
    >,
    pipeline: Option<Res<VolumePipeline>>,
    shown: Res<RenderedVolume>,
    images: Res<RenderAssets<GpuImage>>,
    buffers: Option<Res<OitBuffers>>,
    views: Res<ViewUniforms>,
    cache: Res<PipelineCache>,
    mut context: RenderContext,
) {
    let (camera, target, depth, offset, resolve, shows) = view.into_inner();
    let (Some(pipeline), Some(parts), true) = (pipeline, &shown.0, shows.0) else { return };
    let Some(ready) = pipeline.queued.and_then(|(_, id)| cache.get_render_pipeline(id)) else { return };
    let all = [&parts.texels, &parts.table, &parts.skips, &parts.labels, &parts.extinctions];
    let [Some(texels), Some(table), Some(skips), Some(labels), Some(extinctions)] = all.map(|each| images.get(each))
    else {
        return;
    };
    let (Some(view), Some(uniform)) = (views.uniforms.binding(), pipeline.uniform.binding()) else { return };
    let common = BindGroupEntries::sequential((
        view,
        uniform,
        &texels.texture_view,
        &pipeline.sampler,
        &table.texture_view,
        &skips.texture_view,
        &labels.texture_view,
        &extinctions.texture_view,
        depth.view(),
    ));
    let mut entries = common.to_vec();
    let lists = buffers.as_ref().and_then(|buffers| Some((buffers.nodes.binding()?, buffers.heads.binding()?)));
    if pipeline.has_lists {
        // Bevy's step resets the count of fragments; without it lists must not be touched.
        let is_reset = resolve.is_some_and(|id| cache.get_render_pipeline(id.0).is_some());
        let (Some((nodes, heads)), true) = (lists, is_reset) else { return };
        entries.extend_from_slice(&DynamicBindGroupEntries::new_with_indices(((9, nodes), (10, heads))));
    }
    let layout = cache.get_bind_group_layout(&pipeline.layout);
    let group = context.render_device().create_bind_group("volume", &layout, &entries);
    let mut pass = context.begin_tracked_render_pass(RenderPassDescriptor {
        label: Some("volume"),
        color_attachments: &[Some(target.get_color_attachment())],
        ..default()
    });
    if let Some(viewport) = &camera.viewport {
        pass.set_camera_viewport(viewport);
    }
    pass.set_render_pipeline(ready);
    pass.set_bind_group(0, &group, &[offset.offset]);
    pass.draw(0..3, 0..1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_fragments_stay_within_their_memory() {
        let sizes = [UVec2::ONE, UVec2::new(1280, 720), UVec2::new(3840, 2160), UVec2::new(4352, 3712)];
        for (one, other) in sizes.iter().flat_map(|one| sizes.map(|other| (*one, other))) {
            for buffer_max in [128 << 20, 1 << 31] {
                let lists = fragment_lists([one, other], buffer_max, FRAGMENTS_ON_SCREEN);
                // What Bevy makes of it.
                let shared = one.max(other);
                let count = (lists.fragments_per_pixel_average * (shared.x * shared.y) as f32) as u64;
                assert!(count * FRAGMENT_BYTES <= buffer_max.min(FRAGMENT_BYTES_MAX), "{one} {other}");
                assert!(0.5 < lists.fragments_per_pixel_average);
            }
        }
    }
    /// Sixteen walls are told apart in a pixel; a tile of a picture has room for more of them everywhere.
    #[test]
    fn a_tile_of_a_picture_has_room_for_every_wall_that_is_told_apart() {
        for buffer_max in [128 << 20, 1 << 31] {
            let lists = fragment_lists([UVec2::splat(768)], buffer_max, FRAGMENTS_IN_PICTURES);
            assert!(lists.sorted_fragment_max_count as f32 <= lists.fragments_per_pixel_average, "{buffer_max}");
        }
    }
}
