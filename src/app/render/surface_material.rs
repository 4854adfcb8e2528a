//! The material of surfaces: own colour or a field through a colour map, lit from the camera, opaque or translucent.

use super::shaders;
use super::volume::PLANES_MAX;
use bevy::mesh::MeshVertexBufferLayoutRef;
use bevy::pbr::{Material, MaterialPipeline, MaterialPipelineKey, MaterialPlugin, MeshPipelineKey};
use bevy::prelude::*;
use bevy::render::render_resource::{AsBindGroup, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError};
use bevy::shader::ShaderRef;

/// No plane that cuts.
pub(crate) const NO_CUTS: [Vec4; PLANES_MAX] = [Vec4::ZERO; PLANES_MAX];

/// Twin of `SurfaceUniform` in `shaders/view/surface.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, ShaderType)]
pub(crate) struct SurfaceUniform {
    /// Linear RGB and opacity.
    pub(crate) colour: Vec4,
    /// x: 0 own colour, 1 `uv.x` is looked up in the colour map, 2 `uv` is a place in a picture; y: 1 where the object
    /// is selected, 0.5 where the mouse is over it; z: 1 where no light falls; w: shine.
    pub(crate) mode: Vec4,
    /// The place in the map is x · `uv.x` + y; isolines lie z apart on it (0: none), one of them at w.
    pub(crate) scale: Vec4,
    /// Linear RGB of what lies below the map; w: 1 where that has a colour of its own.
    pub(crate) below: Vec4,
    /// The same above it.
    pub(crate) above: Vec4,
    /// Planes that cut: what lies further than w along xyz is cut away; all zero cuts nothing.
    pub(crate) cuts: [Vec4; PLANES_MAX],
}

impl SurfaceUniform {
    /// The map as the mesh says, nothing cut.
    pub(crate) fn new(colour: Vec4, mode: Vec4) -> Self {
        let scale = Vec4::new(1.0, 0.0, 0.0, 0.0);
        Self { colour, mode, scale, below: Vec4::ZERO, above: Vec4::ZERO, cuts: NO_CUTS }
    }
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
        // Both walls of an object are seen. Where translucent fragments cannot be sorted, only the outer one is drawn: an
        // inner wall that is blended last would lie over what it holds.
        let is_sorted = key.mesh_key.contains(MeshPipelineKey::OIT_ENABLED);
        let outer_only = key.bind_group_data.translucent && !is_sorted;
        descriptor.primitive.cull_mode = outer_only.then_some(bevy::render::render_resource::Face::Back);
        Ok(())
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_plugins(MaterialPlugin::<SurfaceMaterial>::default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::render::render_resource::encase;

    #[test]
    fn the_uniform_lies_in_memory_as_its_twin_in_the_shader_says() {
        let mut uniform = SurfaceUniform::new(Vec4::new(0.1, 0.2, 0.3, 0.4), Vec4::new(1.0, 0.5, 0.0, 0.4));
        uniform.scale = Vec4::new(2.0, -0.25, 0.2, 0.05);
        (uniform.below, uniform.above) = (Vec4::splat(0.6), Vec4::splat(0.7));
        uniform.cuts[0] = Vec4::new(0.0, 1.0, 0.0, 12.5);
        uniform.cuts[PLANES_MAX - 1].w = 7.0;
        let mut bytes = encase::UniformBuffer::new(Vec::<u8>::new());
        bytes.write(&uniform).unwrap();
        let numbers: &[f32] = bytemuck::cast_slice(bytes.as_ref());
        // Five vec4 and the planes in the order of the struct in surface.wgsl, no gaps.
        let source = include_str!("../../../shaders/view/surface.wgsl");
        let names =
            ["colour: vec4", "mode: vec4", "scale: vec4", "below: vec4", "above: vec4", "cuts: array<vec4<f32>, 7>"];
        let places = names.map(|name| source.find(name).unwrap());
        assert!(places.is_sorted(), "{places:?}");
        assert_eq!(numbers.len(), 48);
        for (place, expected) in [(0, 0.1), (4, 1.0), (8, 2.0), (12, 0.6), (16, 0.7), (21, 1.0), (23, 12.5), (47, 7.0)]
        {
            assert_eq!(numbers[place], expected, "{place}");
        }
    }
}
