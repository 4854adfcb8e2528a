//! The programs of the graphics card, embedded into this one.

use super::device::{Device, GpuError};
use std::sync::Arc;

const LATTICE: &str = include_str!("../../../shaders/flow/lattice.wgsl");
const LINKS: &str = include_str!("../../../shaders/flow/links.wgsl");
const MOMENTS: &str = include_str!("../../../shaders/flow/moments.wgsl");
const TWO_TIMES: &str = include_str!("../../../shaders/flow/two_times.wgsl");
const REGULARISED: &str = include_str!("../../../shaders/flow/regularised.wgsl");
const STEP: &str = include_str!("../../../shaders/flow/step.wgsl");
const STATES: &str = include_str!("../../../shaders/flow/states.wgsl");
const OPENINGS: &str = include_str!("../../../shaders/flow/openings.wgsl");

/// The two halves of a time step of one collision operator.
pub(super) struct Steps {
    pub inner: wgpu::ComputePipeline,
    pub outer: wgpu::ComputePipeline,
}

/// One program for each entry point, by its name there, and what they are bound to.
pub(super) struct Programs {
    /// Parameters at an offset, seven buffers of the lattice, and what is seen.
    pub lattice_layout: wgpu::BindGroupLayout,
    /// Parameters at an offset, links, what is seen, openings, their marks and masses, vessels.
    pub openings_layout: wgpu::BindGroupLayout,
    pub two_times: Steps,
    pub regularised: Steps,
    pub velocities: wgpu::ComputePipeline,
    pub states: wgpu::ComputePipeline,
    pub fastest: wgpu::ComputePipeline,
    pub exchange: wgpu::ComputePipeline,
    pub windkessels: wgpu::ComputePipeline,
}

fn bound(device: &wgpu::Device, read_only: &[bool]) -> wgpu::BindGroupLayout {
    let entry = |binding, ty, has_dynamic_offset| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset, min_binding_size: None },
        count: None,
    };
    let storage = |(binding, read_only): (u32, &bool)| {
        entry(binding, wgpu::BufferBindingType::Storage { read_only: *read_only }, false)
    };
    let params = entry(0, wgpu::BufferBindingType::Uniform, true);
    let entries: Vec<_> = std::iter::once(params).chain((1..).zip(read_only).map(storage)).collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries })
}

impl Programs {
    /// Build them.
    ///
    /// # Errors
    /// [`GpuError`]: what the driver does not like.
    pub fn new(device: &Device) -> Result<Arc<Self>, GpuError> {
        let programs = Self::build(device.device());
        device.check().map(|()| Arc::new(programs))
    }

    fn build(device: &wgpu::Device) -> Self {
        let (rw, ro) = (false, true);
        let lattice_layout = bound(device, &[rw, rw, rw, rw, ro, ro, rw, rw]);
        let openings_layout = bound(device, &[rw, ro, rw, ro, ro, rw]);
        let module = |label, sources: &[&str]| {
            let source = wgpu::ShaderSource::Wgsl(sources.concat().into());
            device.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some(label), source })
        };
        let program = |module: &wgpu::ShaderModule, layout: &wgpu::BindGroupLayout, entry_point| {
            let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: None,
                bind_group_layouts: &[Some(layout)],
                immediate_size: 0,
            });
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(entry_point),
                layout: Some(&layout),
                module,
                entry_point: Some(entry_point),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            })
        };
        let steps = |label, collision| {
            let module = module(label, &[LATTICE, LINKS, MOMENTS, collision, STEP]);
            let half = |entry_point| program(&module, &lattice_layout, entry_point);
            Steps { inner: half("inner"), outer: half("outer") }
        };
        let openings = module("openings", &[OPENINGS]);
        let reading = module("states", &[LATTICE, LINKS, MOMENTS, STATES]);
        Self {
            two_times: steps("two relaxation times", TWO_TIMES),
            regularised: steps("regularised", REGULARISED),
            velocities: program(&reading, &lattice_layout, "velocities"),
            states: program(&reading, &lattice_layout, "states"),
            fastest: program(&reading, &lattice_layout, "fastest"),
            exchange: program(&openings, &openings_layout, "exchange"),
            windkessels: program(&openings, &openings_layout, "windkessels"),
            lattice_layout,
            openings_layout,
        }
    }
}
