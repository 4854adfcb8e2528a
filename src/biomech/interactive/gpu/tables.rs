//! The memory of one body on a graphics card: what never changes is sent once, the rest has its place.

use super::device::{Gpu, GpuError};
use super::lists::Lists;
use super::twins::{Counts, ElementSums, Params, State};
use crate::biomech::interactive::body::Body;
use crate::biomech::interactive::matrix::COUPLING;
use wgpu::{Buffer, BufferUsages};

/// Which buffers each program works on.
pub(super) struct Groups {
    pub deform: wgpu::BindGroup,
    pub share: wgpu::BindGroup,
    pub pressures: wgpu::BindGroup,
    pub gradient: wgpu::BindGroup,
    pub assemble: wgpu::BindGroup,
    pub invert: wgpu::BindGroup,
    pub start: wgpu::BindGroup,
    pub total_size: wgpu::BindGroup,
    pub total_start: wgpu::BindGroup,
    pub raise: wgpu::BindGroup,
    pub product: wgpu::BindGroup,
    pub total_curvature: wgpu::BindGroup,
    pub advance: wgpu::BindGroup,
    pub total_residual: wgpu::BindGroup,
    pub turn: wgpu::BindGroup,
}

/// Buffers of a body and what works on them.
pub(super) struct Tables {
    pub counts: Counts,
    pub params: Buffer,
    pub places: Buffer,
    pub element_sums: Buffer,
    pub vertex_sums: Buffer,
    /// Derivative of the energy by every place.
    pub slope: Buffer,
    /// Where answers wait for the processor.
    pub landing: Buffer,
    pub free: Buffer,
    pub couplings: Buffer,
    pub x: Buffer,
    pub r: Buffer,
    pub p: Buffer,
    pub q: Buffer,
    pub sums: Buffer,
    pub state: Buffer,
    /// Entries that springs and contacts add to, and their blocks.
    pub extras: [Buffer; 2],
    /// Rows, columns and blocks of what couples vertices that are no neighbours.
    pub links: [Buffer; 3],
    pub groups: Groups,
    #[cfg(test)]
    pub bytes: u64,
}

/// A group of `buffers`, each with its number in the shader, for `program`.
pub(super) fn group(gpu: &Gpu, program: &wgpu::ComputePipeline, buffers: &[(u32, &Buffer)]) -> wgpu::BindGroup {
    let entries: Vec<wgpu::BindGroupEntry> = buffers
        .iter()
        .map(|(binding, buffer)| wgpu::BindGroupEntry { binding: *binding, resource: buffer.as_entire_binding() })
        .collect();
    let layout = &program.get_bind_group_layout(0);
    gpu.device().create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout, entries: &entries })
}

impl Tables {
    /// Those of `body`.
    ///
    /// # Errors
    /// [`GpuError`]: the card takes less than the body needs, or has no memory left.
    pub fn new(gpu: &Gpu, body: &Body) -> Result<Self, GpuError> {
        let counts = Counts {
            tets: body.tets.len() as u32,
            vertices: body.topology.vertices() as u32,
            entries: body.topology.columns.len() as u32,
        };
        counts.check(gpu)?;
        let lists = Lists::new(body);
        gpu.ask(|| Self::build(gpu, body, counts, &lists))
    }

    fn build(gpu: &Gpu, body: &Body, counts: Counts, lists: &Lists) -> Self {
        let (tets, vertices, entries) = (u64::from(counts.tets), u64::from(counts.vertices), u64::from(counts.entries));
        let bytes = std::cell::Cell::new(0);
        let buffer = |size: u64, usage| {
            bytes.set(bytes.get() + size);
            gpu.buffer(size, usage)
        };
        let work = |size: u64| buffer(size, BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC);
        let fixed = |numbers: &[u8]| {
            let buffer = buffer(numbers.len() as u64, BufferUsages::STORAGE | BufferUsages::COPY_DST);
            gpu.write(&buffer, numbers);
            buffer
        };
        let topology = &body.topology;
        let params = buffer(size_of::<Params>() as u64, BufferUsages::UNIFORM | BufferUsages::COPY_DST);
        let corners = fixed(bytemuck::cast_slice(&lists.corners));
        let rest = fixed(bytemuck::cast_slice(&lists.rest));
        let corner_starts = fixed(bytemuck::cast_slice(&topology.corner_starts));
        let around = fixed(bytemuck::cast_slice(&topology.corners));
        let row_starts = fixed(bytemuck::cast_slice(&topology.row_starts));
        let columns = fixed(bytemuck::cast_slice(&topology.columns));
        let pair_starts = fixed(bytemuck::cast_slice(&lists.pair_starts));
        let pairs = fixed(bytemuck::cast_slice(&lists.pairs));
        let laplace = fixed(bytemuck::cast_slice(&body.stiffness.laplace));
        let bulk = fixed(bytemuck::cast_slice(&body.stiffness.bulk));
        let vertex_data = fixed(bytemuck::cast_slice(&lists.vertex_data));
        let (places, swelling, pressure) = (work(32 * vertices), work(4 * tets), work(4 * vertices));
        let (forces, shapes, slope) = (work(64 * tets), work(48 * tets), work(16 * vertices));
        let element_sums = work(size_of::<ElementSums>() as u64 * tets.div_ceil(256));
        let vertex_sums = work(4 * vertices.div_ceil(256));
        let landing = buffer(
            element_sums.size() + vertex_sums.size() + 2 * slope.size() + size_of::<State>() as u64,
            BufferUsages::MAP_READ | BufferUsages::COPY_DST,
        );
        let (couplings, volumes) = (work(4 * COUPLING as u64 * entries), work(12 * entries));
        let (free, inverse) = (work(4 * vertices), work(32 * vertices));
        let [x, r, z, p, q] = std::array::from_fn(|_| work(16 * vertices));
        // Products and, behind them, what couples vertices that are no neighbours.
        let sums = work(4 * u64::from(counts.products() + counts.residuals() + 1));
        let state = work(size_of::<State>() as u64);
        let programs = gpu.programs();
        // The bindings of each shader, and which of them each of its programs uses.
        let elements = [
            (0, &params),
            (1, &corners),
            (2, &rest),
            (3, &places),
            (4, &swelling),
            (5, &element_sums),
            (6, &pressure),
            (7, &forces),
            (8, &shapes),
        ];
        let vertices = [
            (0, &params),
            (1, &corner_starts),
            (2, &around),
            (3, &swelling),
            (4, &bulk),
            (5, &pressure),
            (6, &vertex_sums),
            (7, &forces),
            (8, &slope),
        ];
        let stiffness = [
            (0, &params),
            (1, &pair_starts),
            (2, &pairs),
            (3, &shapes),
            (4, &laplace),
            (5, &couplings),
            (6, &volumes),
            (9, &row_starts),
            (10, &columns),
            (11, &vertex_data),
            (12, &free),
            (13, &inverse),
        ];
        let conjugate = [
            (0, &params),
            (1, &row_starts),
            (2, &columns),
            (3, &couplings),
            (4, &volumes),
            (5, &bulk),
            (6, &free),
            (7, &inverse),
            (8, &x),
            (9, &r),
            (10, &z),
            (11, &p),
            (12, &q),
            (13, &p),
            (14, &sums),
            (15, &state),
            (16, &state),
        ];
        let of = |program, all: &[(u32, &Buffer)], used: &[u32]| {
            let buffers: Vec<_> = all.iter().copied().filter(|(binding, _)| used.contains(binding)).collect();
            group(gpu, program, &buffers)
        };
        let groups = Groups {
            deform: of(&programs.deform, &elements, &[0, 1, 2, 3, 4, 5]),
            share: of(&programs.share, &elements, &[0, 1, 2, 3, 6, 7, 8]),
            pressures: of(&programs.pressures, &vertices, &[0, 1, 2, 3, 4, 5, 6]),
            gradient: of(&programs.gradient, &vertices, &[0, 1, 2, 7, 8]),
            assemble: of(&programs.assemble, &stiffness, &[0, 1, 2, 3, 4, 5, 6]),
            invert: of(&programs.invert, &stiffness, &[0, 5, 9, 10, 11, 12, 13]),
            start: of(&programs.start, &conjugate, &[0, 7, 8, 9, 10, 11, 14]),
            total_size: of(&programs.total_size, &conjugate, &[0, 14, 16]),
            total_start: of(&programs.total_start, &conjugate, &[0, 14, 16]),
            raise: of(&programs.raise, &conjugate, &[0, 1, 2, 4, 5, 13, 15]),
            product: of(&programs.product, &conjugate, &[0, 1, 2, 3, 6, 12, 13, 14, 15]),
            total_curvature: of(&programs.total_curvature, &conjugate, &[0, 14, 16]),
            advance: of(&programs.advance, &conjugate, &[0, 7, 8, 9, 10, 11, 12, 14, 15]),
            total_residual: of(&programs.total_residual, &conjugate, &[0, 14, 16]),
            turn: of(&programs.turn, &conjugate, &[0, 10, 11, 15]),
        };
        let (extras, links) = ([work(16), work(16)], [work(16), work(16), work(16)]);
        Self {
            counts,
            params,
            places,
            element_sums,
            vertex_sums,
            slope,
            landing,
            free,
            couplings,
            x,
            r,
            p,
            q,
            sums,
            state,
            extras,
            links,
            groups,
            #[cfg(test)]
            bytes: bytes.get(),
        }
    }

    /// Counts for the shaders; the rest is 0.
    pub fn params(&self) -> Params {
        let Counts { tets, vertices, entries } = self.counts;
        let (products, residuals) = (self.counts.products(), self.counts.residuals());
        Params { tets, vertices, entries, products, residuals, ..Params::default() }
    }
}
