//! What the processor asks about the flow on the card.

use super::advance::groups;
use super::memory::{READ_MAX, STATE, STEPS_MAX};
use super::order::GROUP;
use super::twins::{PARAMS_BYTES, Params};
use super::{GpuError, Lattice};
use crate::flow::simulation::State;
use bytemuck::Pod;

impl Lattice {
    /// Velocities of all cells.
    ///
    /// # Errors
    /// [`GpuError`]: the card failed.
    pub fn velocities(&self) -> Result<Vec<[f32; 3]>, GpuError> {
        let mut all = vec![[0.0; 3]; self.order.cells.len()];
        self.show(&self.gpu.programs.velocities, 4, |cell, row| all[cell] = [row[1], row[2], row[3]])?;
        Ok(all)
    }

    /// States of all cells.
    ///
    /// # Errors
    /// [`GpuError`]: the card failed.
    pub fn states(&self) -> Result<Vec<State>, GpuError> {
        let mut all = vec![State::default(); self.order.cells.len()];
        self.show(&self.gpu.programs.states, STATE, |cell, row| {
            let (velocity, stress) = ([row[1], row[2], row[3]], std::array::from_fn(|n| row[4 + n]));
            all[cell] = State { rho: row[0], velocity, stress };
        })?;
        Ok(all)
    }

    /// Sum over all cells of the density deviation.
    ///
    /// # Errors
    /// [`GpuError`]: the card failed.
    pub fn mass(&self) -> Result<f64, GpuError> {
        let mut sum = 0.0;
        self.show(&self.gpu.programs.velocities, 4, |_, row| sum += f64::from(row[0]))?;
        Ok(sum)
    }

    /// The highest speed, cells per step; not a number where one is not.
    ///
    /// # Errors
    /// [`GpuError`]: the card failed.
    pub fn fastest(&self) -> Result<f64, GpuError> {
        let mut largest = 0.0_f32;
        self.look(
            &self.gpu.programs.fastest,
            |count| count.div_ceil(GROUP),
            |_, squares| {
                largest = squares.iter().copied().fold(largest, f32::max);
            },
        )?;
        Ok(if largest < 1e30 { f64::from(largest).sqrt() } else { f64::NAN })
    }

    /// Show what `program` says about every cell, so many numbers each.
    fn show(
        &self,
        program: &wgpu::ComputePipeline,
        numbers: usize,
        mut show: impl FnMut(usize, &[f32]),
    ) -> Result<(), GpuError> {
        self.look(
            program,
            |count| numbers * count,
            |first, rows| {
                let rows = rows.chunks_exact(numbers);
                self.order.cells[first..].iter().zip(rows).for_each(|(cell, row)| show(*cell as usize, row));
            },
        )
    }

    /// Show what `program` says about cells from a place on, piece by piece; for a count of cells it says so many
    /// `numbers`.
    fn look(
        &self,
        program: &wgpu::ComputePipeline,
        numbers: impl Fn(usize) -> usize,
        mut show: impl FnMut(usize, &[f32]),
    ) -> Result<(), GpuError> {
        let Self { gpu, memory, order, .. } = self;
        let offset = STEPS_MAX as u64 * PARAMS_BYTES;
        for first in (0..order.cells.len()).step_by(READ_MAX) {
            let count = (order.cells.len() - first).min(READ_MAX);
            let odd = (self.steps % 2) as u32;
            let params = Params { odd, first: first as u32, count: count as u32, ..self.params };
            gpu.device.write(&memory.params, offset, &[params]);
            let mut encoder = gpu.device.encoder();
            {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                let [x, y] = groups(count as u32, self.groups_max);
                pass.set_pipeline(program);
                pass.set_bind_group(0, &memory.reading_group, &[offset as u32]);
                pass.dispatch_workgroups(x, y, 1);
            }
            let bytes = (4 * numbers(count)) as u64;
            encoder.copy_buffer_to_buffer(&memory.out, 0, &memory.landing, 0, bytes);
            gpu.device.read(encoder, &memory.landing, bytes, |bytes| show(first, bytemuck::cast_slice(bytes)))?;
        }
        Ok(())
    }

    /// `count` things of `buffer` from the `first` on.
    pub(super) fn fetch<T: Pod>(&self, buffer: &wgpu::Buffer, first: usize, count: usize) -> Result<Vec<T>, GpuError> {
        let (device, landing) = (&self.gpu.device, &self.memory.landing);
        let size = size_of::<T>();
        let most = landing.size() as usize / size;
        let mut all = Vec::with_capacity(count);
        while all.len() < count {
            let now = most.min(count - all.len());
            let bytes = (size * now) as u64;
            let mut encoder = device.encoder();
            let from = (size * (first + all.len())) as u64;
            encoder.copy_buffer_to_buffer(buffer, from, landing, 0, bytes);
            device.read(encoder, landing, bytes, |bytes| all.extend_from_slice(bytemuck::cast_slice(bytes)))?;
        }
        Ok(all)
    }
}
