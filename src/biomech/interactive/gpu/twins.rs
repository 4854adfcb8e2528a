//! What the shaders and this program both know, number by number in the same order.

use super::device::{Gpu, GpuError};
use crate::biomech::interactive::matrix::COUPLING;
use bytemuck::{Pod, Zeroable};

/// Twin of `Params` in shaders/tissue.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Params {
    pub tets: u32,
    pub vertices: u32,
    pub entries: u32,
    /// Entries that springs and contacts add to.
    pub extras: u32,
    /// Rows that are coupled to vertices that are no neighbours.
    pub link_rows: u32,
    /// Groups of threads that multiply.
    pub products: u32,
    /// Groups of threads that work on vertices.
    pub residuals: u32,
    /// Pressure of the gas around, Pa.
    pub gas: f32,
    /// What a mass is multiplied with, 1/s².
    pub inertia: f32,
    /// Residual at which the iteration stops.
    pub tolerance: f32,
}

/// Twin of `ElementSums` in shaders/tissue/elements.wgsl: J, J, m³, tetrahedra inside out, smallest J and whose.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct ElementSums {
    pub energy: f32,
    pub terms: f32,
    pub growth: f32,
    pub inverted: f32,
    pub least: f32,
    pub worst: u32,
}

/// Twin of `State` in shaders/tissue/conjugate.wgsl.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct State {
    pub rz: f32,
    pub size: f32,
    pub alpha: f32,
    pub alpha_r: f32,
    pub beta: f32,
    pub residual: f32,
    pub iterations: u32,
    pub running: u32,
    pub stepping: u32,
    pub indefinite: u32,
}

/// How many of each there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub tets: u32,
    pub vertices: u32,
    pub entries: u32,
}

impl Counts {
    /// Groups of threads that multiply: 64 rows each.
    pub fn products(&self) -> u32 {
        self.vertices.div_ceil(64)
    }

    /// Groups of threads that work on a vertex each.
    pub fn residuals(&self) -> u32 {
        self.vertices.div_ceil(256)
    }

    /// Whether a card takes the largest buffer and the most groups of threads.
    pub fn check(&self, gpu: &Gpu) -> Result<(), GpuError> {
        let limits = gpu.device().limits();
        let largest = (80 * u64::from(self.tets)).max(4 * COUPLING as u64 * u64::from(self.entries));
        let groups = self.entries.max(4 * self.vertices).max(self.tets).div_ceil(256);
        for (what, most, need) in [
            ("bytes in one buffer", limits.max_buffer_size.min(limits.max_storage_buffer_binding_size), largest),
            ("groups of threads", limits.max_compute_workgroups_per_dimension.into(), groups.into()),
            ("tetrahedra", 1 << 28, self.tets.into()),
        ] {
            if most < need {
                let name = gpu.name().to_owned();
                return Err(GpuError::Large { name, what, most, need, tets: self.tets as usize });
            }
        }
        Ok(())
    }
}
