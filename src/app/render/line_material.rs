//! Lines of constant thickness on the screen: edges of boxes, borders of slices, arrows.

use super::shaders;
use bevy::asset::RenderAssetUsages;
use bevy::mesh::{Indices, MeshVertexBufferLayoutRef, PrimitiveTopology};
use bevy::pbr::{Material, MaterialPipeline, MaterialPipelineKey, MaterialPlugin};
use bevy::prelude::*;
use bevy::render::render_resource::{AsBindGroup, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError};
use bevy::shader::ShaderRef;

/// Twin of `LineUniform` in `shaders/view/line.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, ShaderType)]
pub(crate) struct LineUniform {
    /// Linear RGB and opacity.
    pub(crate) colour: Vec4,
    /// x: thickness in thousandths of the height of the picture.
    pub(crate) shape: Vec4,
}

/// How lines are drawn.
#[derive(Asset, TypePath, AsBindGroup, Debug, Clone)]
pub(crate) struct LineMaterial {
    #[uniform(0)]
    pub(crate) uniform: LineUniform,
}

impl LineMaterial {
    /// Lines of an sRGB colour, opacity (0 to 1) and thickness in thousandths of the height of the picture.
    pub(crate) fn new([r, g, b]: [u8; 3], opacity: f32, thickness: f32) -> Self {
        let colour = Color::srgb_u8(r, g, b).to_linear().to_vec3().extend(opacity);
        Self { uniform: LineUniform { colour, shape: Vec4::new(thickness, 0.0, 0.0, 0.0) } }
    }
}

impl Material for LineMaterial {
    fn vertex_shader() -> ShaderRef {
        ShaderRef::Handle(shaders::LINE)
    }

    fn fragment_shader() -> ShaderRef {
        ShaderRef::Handle(shaders::LINE)
    }

    fn alpha_mode(&self) -> AlphaMode {
        AlphaMode::Blend
    }

    fn enable_prepass() -> bool {
        false
    }

    fn enable_shadows() -> bool {
        false
    }

    fn specialize(
        _: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        layout: &MeshVertexBufferLayoutRef,
        _: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        descriptor.primitive.cull_mode = None;
        descriptor.vertex.buffers = vec![layout.0.get_layout(&[
            Mesh::ATTRIBUTE_POSITION.at_shader_location(0),
            Mesh::ATTRIBUTE_NORMAL.at_shader_location(1),
            Mesh::ATTRIBUTE_UV_0.at_shader_location(2),
        ])?];
        Ok(())
    }
}

/// A mesh of line segments, each from one place to another in Bevy's space.
pub(crate) fn lines(segments: &[[Vec3; 2]]) -> Mesh {
    let corners = segments.iter().flat_map(|[a, b]| [[a, b], [a, b], [b, a], [b, a]]);
    let [here, there] = [0, 1].map(|end| corners.clone().map(|ends| ends[end].to_array()).collect::<Vec<_>>());
    let places: Vec<[f32; 2]> =
        segments.iter().flat_map(|_| [[-1.0, 1.0], [1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]).collect();
    let indices = (0..segments.len() as u32).flat_map(|n| [0, 1, 2, 2, 1, 3].map(|corner| 4 * n + corner)).collect();
    Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, here)
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, there)
        .with_inserted_attribute(Mesh::ATTRIBUTE_UV_0, places)
        .with_inserted_indices(Indices::U32(indices))
}

pub(super) fn plugin(app: &mut App) {
    app.add_plugins(MaterialPlugin::<LineMaterial>::default());
}
