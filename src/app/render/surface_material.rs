//! The material of surfaces: own colour or a field through a colour map, lit from the camera, opaque or translucent.

use super::shaders;
use bevy::mesh::MeshVertexBufferLayoutRef;
use bevy::pbr::{Material, MaterialPipeline, MaterialPipelineKey, MaterialPlugin};
use bevy::prelude::*;
use bevy::render::render_resource::{AsBindGroup, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError};
use bevy::shader::ShaderRef;

/// Twin of `SurfaceUniform` in `shaders/view/surface.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, ShaderType)]
pub(crate) struct SurfaceUniform {
    /// Linear RGB and opacity.
    pub(crate) colour: Vec4,
    /// x: 0 own colour, 1 `uv.x` is looked up in the colour map, 2 `uv` is a place in a picture; y: 1 where the object
    /// is selected; z: 1 where no light falls; w: shine.
    pub(crate) mode: Vec4,
}

/// How a surface is drawn.
#[derive(Asset, TypePath, AsBindGroup, Debug, Clone)]
#[bind_group_data(SurfaceKey)]
pub(crate) struct SurfaceMaterial {
    #[uniform(0)]
    pub(crate) uniform: SurfaceUniform,
    #[texture(1)]
    #[sampler(2)]
    pub(crate) map: Handle<Image>,
    /// Half the diagonal of the object in mm: of two translucent objects the larger is drawn later, for it holds the other.
    pub(crate) radius_mm: f32,
}

/// What needs another pipeline.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SurfaceKey {
    translucent: bool,
}

impl From<&SurfaceMaterial> for SurfaceKey {
    fn from(material: &SurfaceMaterial) -> Self {
        Self { translucent: material.uniform.colour.w < 1.0 }
    }
}

impl Material for SurfaceMaterial {
    fn fragment_shader() -> ShaderRef {
        ShaderRef::Handle(shaders::SURFACE)
    }

    fn alpha_mode(&self) -> AlphaMode {
        if self.uniform.colour.w < 1.0 { AlphaMode::Blend } else { AlphaMode::Opaque }
    }

    fn depth_bias(&self) -> f32 {
        self.radius_mm
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
        _: &MeshVertexBufferLayoutRef,
        key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        // An opaque surface may be open and shows its inner side; of a translucent one only the outer wall is drawn: two
        // walls of the same skin in every pixel would hide what they hold.
        let translucent = key.bind_group_data.translucent;
        descriptor.primitive.cull_mode = translucent.then_some(bevy::render::render_resource::Face::Back);
        Ok(())
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_plugins(MaterialPlugin::<SurfaceMaterial>::default());
}
