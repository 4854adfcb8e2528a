//! The programs of the graphics card, embedded into this one.

const ELEMENTS: &str = include_str!("../../../../shaders/tissue/elements.wgsl");
const VERTICES: &str = include_str!("../../../../shaders/tissue/vertices.wgsl");
const STIFFNESS: &str = include_str!("../../../../shaders/tissue/stiffness.wgsl");
const CONJUGATE: &str = include_str!("../../../../shaders/tissue/conjugate.wgsl");

/// One program for each entry point, by its name there.
pub(super) struct Programs {
    pub deform: wgpu::ComputePipeline,
    pub share: wgpu::ComputePipeline,
    pub pressures: wgpu::ComputePipeline,
    pub gradient: wgpu::ComputePipeline,
    pub assemble: wgpu::ComputePipeline,
    pub hold: wgpu::ComputePipeline,
    pub invert: wgpu::ComputePipeline,
    pub start: wgpu::ComputePipeline,
    pub total_size: wgpu::ComputePipeline,
    pub total_start: wgpu::ComputePipeline,
    pub raise: wgpu::ComputePipeline,
    pub product: wgpu::ComputePipeline,
    pub links: wgpu::ComputePipeline,
    pub total_curvature: wgpu::ComputePipeline,
    pub advance: wgpu::ComputePipeline,
    pub total_residual: wgpu::ComputePipeline,
    pub turn: wgpu::ComputePipeline,
}

impl Programs {
    /// Build them; errors go where those of `device` go.
    pub fn new(device: &wgpu::Device) -> Self {
        let module = |label, source: &'static str| {
            let source = wgpu::ShaderSource::Wgsl(source.into());
            device.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some(label), source })
        };
        let program = |module: &wgpu::ShaderModule, entry_point| {
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(entry_point),
                layout: None,
                module,
                entry_point: Some(entry_point),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            })
        };
        let (elements, vertices) = (module("elements", ELEMENTS), module("vertices", VERTICES));
        let (stiffness, conjugate) = (module("stiffness", STIFFNESS), module("conjugate", CONJUGATE));
        Self {
            deform: program(&elements, "deform"),
            share: program(&elements, "share"),
            pressures: program(&vertices, "pressures"),
            gradient: program(&vertices, "gradient"),
            assemble: program(&stiffness, "assemble"),
            hold: program(&stiffness, "hold"),
            invert: program(&stiffness, "invert"),
            start: program(&conjugate, "start"),
            total_size: program(&conjugate, "total_size"),
            total_start: program(&conjugate, "total_start"),
            raise: program(&conjugate, "raise"),
            product: program(&conjugate, "product"),
            links: program(&conjugate, "links"),
            total_curvature: program(&conjugate, "total_curvature"),
            advance: program(&conjugate, "advance"),
            total_residual: program(&conjugate, "total_residual"),
            turn: program(&conjugate, "turn"),
        }
    }
}
