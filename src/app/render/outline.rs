//! The pass that draws a line of constant width around what is selected and what the mouse is over.
//!
//! Nothing is made or drawn while there is neither. The last of the scene's passes, so that a line is seen over whatever
//! is translucent; behind what is opaque it is weaker.

use super::gamma::ShownIn;
use super::shaders;
use super::volume::PLANES_MAX;
use bevy::core_pipeline::oit::resolve::node::oit_resolve;
use bevy::core_pipeline::{Core3d, Core3dSystems};
use bevy::mesh::{MeshVertexBufferLayoutRef, VertexBufferLayout};
use bevy::prelude::*;
use bevy::render::camera::ExtractedCamera;
use bevy::render::extract_resource::{ExtractResource, ExtractResourcePlugin};
use bevy::render::mesh::allocator::MeshAllocator;
use bevy::render::mesh::{RenderMesh, RenderMeshBufferInfo};
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::binding_types::{texture_2d, texture_depth_2d, uniform_buffer};
use bevy::render::render_resource::{
    BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, BlendComponent, BlendFactor, BlendOperation,
    BlendState, CachedRenderPipelineId, ColorTargetState, ColorWrites, Extent3d, FragmentState, LoadOp, Operations,
    PipelineCache, RenderPassColorAttachment, RenderPassDescriptor, RenderPipelineDescriptor, ShaderStages, ShaderType,
    StoreOp, TextureDescriptor, TextureDimension, TextureFormat, TextureSampleType, TextureUsages, UniformBuffer,
    VertexState,
};
use bevy::render::renderer::{RenderContext, RenderDevice, RenderQueue, ViewQuery};
use bevy::render::texture::{CachedTexture, TextureCache};
use bevy::render::view::{ViewDepthTexture, ViewTarget, ViewUniform, ViewUniformOffset, ViewUniforms};
use bevy::render::{Render, RenderApp, RenderStartup, RenderSystems};

/// Channels of the mask: the object and its line, for what is selected and for what the mouse is over.
const MASK: TextureFormat = TextureFormat::Rgba8Unorm;

/// Twin of `OutlineUniform` in `shaders/view/outline.wgsl`, which explains the fields.
#[derive(Debug, Clone, Copy, PartialEq, Default, ShaderType)]
pub(crate) struct OutlineUniform {
    pub(crate) cuts: [Vec4; PLANES_MAX],
    pub(crate) shape: Vec4,
    pub(crate) colour: Vec4,
}

/// An object with a line around it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outline {
    pub(crate) mesh: AssetId<Mesh>,
    pub(crate) uniform: OutlineUniform,
}

/// All of them: at most one that is selected and one that the mouse is over.
#[derive(Resource, Debug, Clone, PartialEq, Default, ExtractResource)]
pub(crate) struct Outlines(pub(crate) Vec<Outline>);

#[derive(Resource)]
struct OutlinePipeline {
    object: BindGroupLayoutDescriptor,
    mask: BindGroupLayoutDescriptor,
    queued: Option<Queued>,
    uniforms: Vec<UniformBuffer<OutlineUniform>>,
    texture: Option<(CachedTexture, UVec2)>,
}

struct Queued {
    format: TextureFormat,
    layout: MeshVertexBufferLayoutRef,
    /// Inside, wider, and the line.
    pipelines: [CachedRenderPipelineId; 3],
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Outlines>();
    app.add_plugins(ExtractResourcePlugin::<Outlines>::default());
    let Some(render_app) = app.get_sub_app_mut(RenderApp) else { return };
    render_app.add_systems(RenderStartup, set_up);
    render_app.add_systems(Render, prepare.in_set(RenderSystems::PrepareResources));
    render_app.add_systems(Core3d, draw.after(oit_resolve).in_set(Core3dSystems::MainPass));
}

fn set_up(mut commands: Commands) {
    let object = BindGroupLayoutEntries::sequential(
        ShaderStages::VERTEX_FRAGMENT,
        (uniform_buffer::<ViewUniform>(true), uniform_buffer::<OutlineUniform>(false), texture_depth_2d()),
    );
    let mask = BindGroupLayoutEntries::sequential(
        ShaderStages::FRAGMENT,
        (texture_2d(TextureSampleType::Float { filterable: false }),),
    );
    commands.insert_resource(OutlinePipeline {
        object: BindGroupLayoutDescriptor::new("outlined object", &object),
        mask: BindGroupLayoutDescriptor::new("outline mask", &mask),
        queued: None,
        uniforms: Vec::new(),
        texture: None,
    });
}

fn prepare(
    pipeline: Option<ResMut<OutlinePipeline>>,
    outlines: Res<Outlines>,
    meshes: Res<RenderAssets<RenderMesh>>,
    views: Query<(&ViewTarget, &ExtractedCamera), With<ShownIn>>,
    cache: Res<PipelineCache>,
    mut textures: ResMut<TextureCache>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
) {
    let Some(mut pipeline) = pipeline else { return };
    pipeline.texture = None;
    let Some(mesh) = outlines.0.iter().find_map(|outline| meshes.get(outline.mesh)) else { return };
    let Some((target, camera)) = views.iter().next() else { return };
    let (Some(size), format) = (camera.physical_viewport_size, target.main_texture_format()) else { return };
    if pipeline.queued.as_ref().is_none_or(|queued| queued.format != format || queued.layout != mesh.layout) {
        pipeline.queued = pipelines(&pipeline, format, &mesh.layout, &cache);
    }
    pipeline.uniforms = outlines.0.iter().map(|outline| UniformBuffer::from(outline.uniform)).collect();
    pipeline.uniforms.iter_mut().for_each(|uniform| uniform.write_buffer(&device, &queue));
    let descriptor = TextureDescriptor {
        label: Some("outline mask"),
        size: Extent3d { width: size.x.max(1), height: size.y.max(1), depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: TextureDimension::D2,
        format: MASK,
        usage: TextureUsages::RENDER_ATTACHMENT | TextureUsages::TEXTURE_BINDING,
        view_formats: &[],
    };
    pipeline.texture = Some((textures.get(&device, descriptor), size));
}

/// The three pipelines for meshes of a layout; nothing if these have no normals.
fn pipelines(
    pipeline: &OutlinePipeline,
    format: TextureFormat,
    layout: &MeshVertexBufferLayoutRef,
    cache: &PipelineCache,
) -> Option<Queued> {
    let attributes = [Mesh::ATTRIBUTE_POSITION.at_shader_location(0), Mesh::ATTRIBUTE_NORMAL.at_shader_location(1)];
    let vertices = layout.0.get_layout(&attributes).ok()?;
    let queue = |entries: [&'static str; 2], buffers: Vec<VertexBufferLayout>, target: ColorTargetState, with_mask| {
        let mut layout = vec![pipeline.object.clone()];
        if with_mask {
            layout.push(pipeline.mask.clone());
        }
        cache.queue_render_pipeline(RenderPipelineDescriptor {
            label: Some("outline".into()),
            layout,
            vertex: VertexState {
                shader: shaders::OUTLINE,
                entry_point: Some(entries[0].into()),
                buffers,
                ..default()
            },
            fragment: Some(FragmentState {
                shader: shaders::OUTLINE,
                entry_point: Some(entries[1].into()),
                targets: vec![Some(target)],
                ..default()
            }),
            ..default()
        })
    };
    // Whatever of an object covers a pixel counts, in any order.
    let most =
        BlendComponent { src_factor: BlendFactor::One, dst_factor: BlendFactor::One, operation: BlendOperation::Max };
    let write_mask = ColorWrites::ALL;
    let into_mask = ColorTargetState { format: MASK, blend: Some(BlendState { color: most, alpha: most }), write_mask };
    let over = ColorTargetState { format, blend: Some(BlendState::PREMULTIPLIED_ALPHA_BLENDING), write_mask };
    let pipelines = [
        queue(["inner_vertex", "inner"], vec![vertices.clone()], into_mask.clone(), false),
        queue(["outer_vertex", "outer"], vec![vertices], into_mask, false),
        queue(["whole_vertex", "line"], Vec::new(), over, true),
    ];
    Some(Queued { format, layout: layout.clone(), pipelines })
}

fn draw(
    view: ViewQuery<(&ExtractedCamera, &ViewTarget, &ViewDepthTexture, &ViewUniformOffset), With<ShownIn>>,
    pipeline: Option<Res<OutlinePipeline>>,
    outlines: Res<Outlines>,
    meshes: Res<RenderAssets<RenderMesh>>,
    allocator: Res<MeshAllocator>,
    views: Res<ViewUniforms>,
    cache: Res<PipelineCache>,
    mut context: RenderContext,
) {
    let (camera, target, depth, offset) = view.into_inner();
    let Some(pipeline) = pipeline else { return };
    let (Some((texture, size)), Some(queued)) = (&pipeline.texture, &pipeline.queued) else { return };
    if camera.physical_viewport_size != Some(*size) || pipeline.uniforms.len() != outlines.0.len() {
        return;
    }
    let [Some(inner), Some(outer), Some(line)] = queued.pipelines.map(|id| cache.get_render_pipeline(id)) else {
        return;
    };
    let Some(view) = views.uniforms.binding() else { return };
    let layout = cache.get_bind_group_layout(&pipeline.object);
    let groups: Vec<_> = pipeline
        .uniforms
        .iter()
        .filter_map(|uniform| {
            let entries = BindGroupEntries::sequential((view.clone(), uniform.binding()?, depth.view()));
            Some(context.render_device().create_bind_group("outlined object", &layout, &entries))
        })
        .collect();
    if groups.len() != outlines.0.len() {
        return;
    }
    let cleared = RenderPassColorAttachment {
        view: &texture.default_view,
        depth_slice: None,
        resolve_target: None,
        ops: Operations { load: LoadOp::Clear(LinearRgba::NONE.into()), store: StoreOp::Store },
    };
    let mut pass = context.begin_tracked_render_pass(RenderPassDescriptor {
        label: Some("outline mask"),
        color_attachments: &[Some(cleared)],
        ..default()
    });
    for (outline, group) in outlines.0.iter().zip(&groups) {
        let Some(mesh) = meshes.get(outline.mesh).filter(|mesh| mesh.layout == queued.layout) else { continue };
        let RenderMeshBufferInfo::Indexed { count, index_format } = mesh.buffer_info else { continue };
        let slices = [allocator.mesh_vertex_slice(&outline.mesh), allocator.mesh_index_slice(&outline.mesh)];
        let [Some(vertices), Some(indices)] = slices else { continue };
        pass.set_bind_group(0, group, &[offset.offset]);
        pass.set_vertex_buffer(0, vertices.buffer.slice(..));
        pass.set_index_buffer(indices.buffer.slice(..), index_format);
        for each in [inner, outer] {
            pass.set_render_pipeline(each);
            let range = indices.range.start..indices.range.start + count;
            pass.draw_indexed(range, vertices.range.start as i32, 0..1);
        }
    }
    drop(pass);
    let layout = cache.get_bind_group_layout(&pipeline.mask);
    let entries = BindGroupEntries::sequential((&texture.default_view,));
    let mask = context.render_device().create_bind_group("outline mask", &layout, &entries);
    let mut pass = context.begin_tracked_render_pass(RenderPassDescriptor {
        label: Some("outlines"),
        color_attachments: &[Some(target.get_color_attachment())],
        ..default()
    });
    if let Some(viewport) = &camera.viewport {
        pass.set_camera_viewport(viewport);
    }
    pass.set_render_pipeline(line);
    pass.set_bind_group(1, &mask, &[]);
    for group in &groups {
        pass.set_bind_group(0, group, &[offset.offset]);
        pass.draw(0..3, 0..1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::render::render_resource::encase;

    #[test]
    fn the_uniform_lies_in_memory_as_its_twin_in_the_shader_says() {
        let uniform = OutlineUniform {
            cuts: [Vec4::splat(1.0); PLANES_MAX],
            shape: Vec4::splat(2.0),
            colour: Vec4::new(3.0, 4.0, 5.0, 6.0),
        };
        let mut bytes = encase::UniformBuffer::new(Vec::<u8>::new());
        bytes.write(&uniform).unwrap();
        let numbers: &[f32] = bytemuck::cast_slice(bytes.as_ref());
        let source = include_str!("../../../shaders/view/outline.wgsl");
        let places =
            ["cuts: array<vec4<f32>, 7>", "shape: vec4", "colour: vec4"].map(|name| source.find(name).unwrap());
        assert!(places.is_sorted(), "{places:?}");
        assert_eq!((numbers.len(), numbers[27], numbers[28], numbers[35]), (36, 1.0, 2.0, 6.0));
    }
}
