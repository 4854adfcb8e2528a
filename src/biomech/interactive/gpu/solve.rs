//! Stiffness and conjugate gradients on the card. All iterations are sent at once; one after the last does nothing, so
//! that nobody has to ask whether it was.

use super::Engine;
use super::device::{Gpu, GpuError};
use super::lists::Coupled;
use super::tables::{Tables, group};
use super::twins::State;
use crate::biomech::interactive::matrix::Four;
use wgpu::{BufferUsages, ComputePass};

/// Iterations that are sent before their state is asked for: more than a frame takes.
const AT_ONCE: usize = 64;

/// A linear system besides the stiffness of the tissue.
pub(super) struct System<'a> {
    /// 1 for components that may move, else 0.
    pub free: &'a [Four],
    /// Right-hand side, N.
    pub r: &'a [Four],
    /// What a mass is multiplied with, 1/s².
    pub inertia: f32,
    /// Residual at which to stop.
    pub tolerance: f32,
    /// Entries that springs and contacts add to, each once.
    pub extra_entries: &'a [u32],
    /// Columns of their blocks, N/m.
    pub extra_blocks: &'a [[f32; 9]],
    /// What couples vertices that are no neighbours.
    pub coupled: &'a Coupled,
}

/// `buffer`, or a larger one if it is too small, with `numbers` in it.
fn grown<T: bytemuck::NoUninit>(gpu: &Gpu, buffer: &mut wgpu::Buffer, numbers: &[T]) -> Result<(), GpuError> {
    let bytes = size_of_val(numbers) as u64;
    if buffer.size() < bytes {
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_DST;
        *buffer = gpu.ask(|| gpu.buffer(bytes.next_power_of_two(), usage))?;
    }
    gpu.write(buffer, numbers);
    Ok(())
}

fn run(pass: &mut ComputePass, program: &wgpu::ComputePipeline, group: &wgpu::BindGroup, groups: u32) {
    pass.set_pipeline(program);
    pass.set_bind_group(0, group, &[]);
    pass.dispatch_workgroups(groups, 1, 1);
}

impl Engine {
    fn tables(&self) -> Result<&Tables, GpuError> {
        let lost = || GpuError::Failed { name: self.gpu.name().to_owned(), reason: "it has no body".to_owned() };
        self.tables.as_ref().ok_or_else(lost)
    }

    /// Begin to build the stiffness of the tissue where the last [`Engine::deform`] was.
    pub(super) fn assemble(&self) -> Result<(), GpuError> {
        let tables = self.tables()?;
        let mut encoder = self.gpu.encoder();
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            let groups = tables.counts.entries.div_ceil(256);
            run(&mut pass, &self.gpu.programs().assemble, &tables.groups.assemble, groups);
        }
        self.gpu.submit(encoder);
        Ok(())
    }

    /// Complete the stiffness and take in the right-hand side.
    pub(super) fn begin(&mut self, system: &System) -> Result<(), GpuError> {
        let free = |free: &Four| (0..3).map(|i| u32::from(free[i] != 0.0) << i).sum::<u32>();
        let free: Vec<u32> = system.free.iter().map(free).collect();
        let gpu = self.gpu.clone();
        let mut params = self.params;
        (params.inertia, params.tolerance) = (system.inertia, system.tolerance);
        (params.extras, params.link_rows) = (system.extra_entries.len() as u32, system.coupled.count());
        self.params = params;
        let Some(tables) = &mut self.tables else { return self.tables().map(drop) };
        gpu.write(&tables.params, &[params]);
        gpu.write(&tables.free, &free);
        gpu.write(&tables.r, system.r);
        grown(&gpu, &mut tables.extras[0], system.extra_entries)?;
        grown(&gpu, &mut tables.extras[1], system.extra_blocks)?;
        grown(&gpu, &mut tables.links[0], &system.coupled.rows)?;
        grown(&gpu, &mut tables.links[1], &system.coupled.columns)?;
        grown(&gpu, &mut tables.links[2], &system.coupled.blocks)?;
        let (programs, groups, vertices) = (gpu.programs(), &tables.groups, tables.counts.residuals());
        let mut encoder = gpu.encoder();
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            if 0 < params.extras {
                let [entries, blocks] = &tables.extras;
                let buffers = [(0, &tables.params), (5, &tables.couplings), (7, entries), (8, blocks)];
                run(&mut pass, &programs.hold, &group(&gpu, &programs.hold, &buffers), params.extras.div_ceil(256));
            }
            run(&mut pass, &programs.invert, &groups.invert, vertices);
            run(&mut pass, &programs.start, &groups.start, vertices);
            run(&mut pass, &programs.total_size, &groups.total_size, 1);
        }
        gpu.submit(encoder);
        Ok(())
    }

    /// Take another right-hand side, N: loose parts were moved as a whole.
    pub(super) fn restart(&mut self, r: &[Four]) -> Result<(), GpuError> {
        let tables = self.tables()?;
        self.gpu.write(&tables.r, r);
        let mut encoder = self.gpu.encoder();
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            run(&mut pass, &self.gpu.programs().start, &tables.groups.start, tables.counts.residuals());
        }
        self.gpu.submit(encoder);
        Ok(())
    }

    /// Iterate at most `iterations_max` times; afterwards `self.x` is the solution in m, and `self.r` what it left in N
    /// where that is asked for.
    pub(super) fn iterate(&mut self, iterations_max: usize, with_r: bool) -> Result<State, GpuError> {
        let mut state = State { running: 1, ..State::default() };
        let mut done = 0;
        while done < iterations_max.max(1) && state.running != 0 {
            let now = (iterations_max - done).min(AT_ONCE);
            state = self.send(done == 0, now, with_r)?;
            done += now.max(1);
        }
        Ok(state)
    }

    fn send(&mut self, first: bool, iterations: usize, with_r: bool) -> Result<State, GpuError> {
        let Self { gpu, tables: Some(tables), params, x, r, .. } = self else {
            return self.tables().map(|_| State::default());
        };
        let (programs, groups, counts) = (gpu.programs(), &tables.groups, &tables.counts);
        let links = (0 < params.link_rows).then(|| {
            let [rows, columns, blocks] = &tables.links;
            let Tables { params, free, p, q, sums, state, .. } = &*tables;
            let own = [(0, params), (6, free), (11, p), (12, q), (14, sums), (15, state)];
            let buffers: Vec<_> = own.into_iter().chain([(17, rows), (18, columns), (19, blocks)]).collect();
            group(gpu, &programs.links, &buffers)
        });
        let (products, vertices) = (counts.products(), counts.residuals());
        let mut encoder = gpu.encoder();
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            if first {
                run(&mut pass, &programs.total_start, &groups.total_start, 1);
            }
            for _ in 0..iterations {
                run(&mut pass, &programs.raise, &groups.raise, products);
                run(&mut pass, &programs.product, &groups.product, products);
                if let Some(links) = &links {
                    run(&mut pass, &programs.links, links, params.link_rows.div_ceil(256));
                }
                run(&mut pass, &programs.total_curvature, &groups.total_curvature, 1);
                run(&mut pass, &programs.advance, &groups.advance, vertices);
                run(&mut pass, &programs.total_residual, &groups.total_residual, 1);
                run(&mut pass, &programs.turn, &groups.turn, vertices);
            }
        }
        let mut state = State::default();
        let (x_end, state_end) = (tables.x.size() as usize, (tables.x.size() + tables.state.size()) as usize);
        let all = [&tables.x, &tables.state, &tables.r];
        gpu.read(encoder, if with_r { &all } else { &all[..2] }, &tables.landing, |bytes| {
            x.clear();
            x.extend_from_slice(bytemuck::cast_slice(&bytes[..x_end]));
            state = bytemuck::pod_read_unaligned(&bytes[x_end..x_end + size_of::<State>()]);
            r.clear();
            r.extend_from_slice(bytemuck::cast_slice(&bytes[state_end..]));
        })?;
        Ok(state)
    }
}
