//! The memory of one lattice on a graphics card: what never changes is sent once, the rest has its place.

use super::device::{Device, GpuError};
use super::openings::Openings;
use super::order::{BESIDE_WALL, NOWHERE, Order, RECORD, ROWS_A, share};
use super::programs::Programs;
use super::twins::{Opening, PARAMS_BYTES, Params, Vessel};
use crate::flow::cells::Cells;
use crate::flow::lattice::{PAIRS, Q};
use crate::flow::populations::Populations;
use wgpu::{Buffer, BufferUsages};

/// Steps that are sent at once at most.
pub(super) const STEPS_MAX: usize = 256;
/// Cells that are read back at once at most.
pub(super) const READ_MAX: usize = 1 << 19;
/// Numbers of a state.
pub(super) const STATE: usize = 10;
/// The first row of every buffer of populations, and the number of rows at the end: 24 bytes a cell at most.
const ROWS: [usize; 5] = [0, 5, 9, 13, Q];

/// Buffers of a lattice and what works on them.
pub(super) struct Memory {
    /// One for every step that is sent at once, and one for reading.
    pub params: Buffer,
    /// Populations, [`ROWS`] each.
    pub rows: [Buffer; 4],
    pub links: Buffer,
    pub openings: Buffer,
    pub vessels: Buffer,
    /// Where states go that are read back, and where answers wait for the processor.
    pub out: Buffer,
    pub landing: Buffer,
    pub lattice_group: wgpu::BindGroup,
    pub reading_group: wgpu::BindGroup,
    pub openings_group: wgpu::BindGroup,
    /// Bytes of all.
    pub bytes: u64,
}

/// The buffer of a row of populations, and its place there.
pub(super) fn buffer_of(row: usize) -> (usize, usize) {
    let n = (0..4).rfind(|n| ROWS[*n] <= row).expect("the first begins with row 0");
    (n, row - ROWS[n])
}

impl Memory {
    /// That of the lattice of `cells` with its links, at rest.
    ///
    /// # Errors
    /// [`GpuError`]: the card takes less than the lattice needs, or has no memory left.
    pub fn new(
        device: &Device,
        programs: &Programs,
        cells: &Cells,
        order: &Order,
        populations: &Populations,
        openings: &Openings,
    ) -> Result<Self, GpuError> {
        check(device, order)?;
        let memory = device.ask(|| Self::build(device, programs, order, openings))?;
        let (neighbours, memory) = memory;
        // A row at a time: what is on its way to the card takes memory of the processor.
        for pair in 0..PAIRS {
            let (buffer, row) = if pair < ROWS_A { (0, pair) } else { (1, pair - ROWS_A) };
            device.write(&neighbours[buffer], (4 * row * order.stride) as u64, &order.neighbours(cells, pair));
            device.flush();
        }
        let seen = |place: usize| openings.seen.get(&order.cells[place]).copied().unwrap_or(NOWHERE);
        let wall = |place: usize| u32::from(populations.is_beside_wall(order.cells[place] as usize)) << BESIDE_WALL;
        let record = |(n, (out, first)): (usize, &(u32, u32))| {
            let place = order.inner + n;
            [*out | wall(place), *first, seen(place)]
        };
        let records: Vec<[u32; RECORD]> = order.outer.iter().enumerate().map(record).collect();
        device.write(&neighbours[1], (16 * order.stride) as u64, &records);
        let links: Vec<[f32; 2]> =
            populations.links_out().take(order.links).map(|(_, shares)| [0.0, share(shares)]).collect();
        device.write(&memory.links, 0, &links);
        device.flush();
        device.check().map(|()| memory)
    }

    fn build(device: &Device, programs: &Programs, order: &Order, openings: &Openings) -> ([Buffer; 2], Self) {
        let bytes = std::cell::Cell::new(0);
        let buffer = |numbers: usize, usage| {
            bytes.set(bytes.get() + 4 * numbers as u64);
            device.buffer(4 * numbers as u64, usage | BufferUsages::COPY_DST)
        };
        let work = |numbers: usize| buffer(numbers, BufferUsages::STORAGE | BufferUsages::COPY_SRC);
        let stride = order.stride;
        let params = buffer((STEPS_MAX + 1) * PARAMS_BYTES as usize / 4, BufferUsages::UNIFORM);
        let rows: [Buffer; 4] = std::array::from_fn(|n| work((ROWS[n + 1] - ROWS[n]) * stride));
        let neighbours = [work(ROWS_A * stride), work((PAIRS - ROWS_A) * stride + RECORD * order.outer.len())];
        let links = work(2 * order.links);
        let seen = work(STATE * openings.seen.len());
        let of_openings = work(openings.list.len() * size_of::<Opening>() / 4);
        let (marks, masses) = (work(openings.marks.len()), work(openings.masses.len()));
        let vessels = work(openings.vessels.len() * size_of::<Vessel>() / 4);
        device.write(&of_openings, 0, &openings.list);
        device.write(&vessels, 0, &openings.vessels);
        device.write(&marks, 0, &openings.marks);
        device.write(&masses, 0, &openings.masses);
        let out = work(STATE * order.cells.len().min(READ_MAX));
        let landing =
            device.buffer(out.size().max(of_openings.size()), BufferUsages::MAP_READ | BufferUsages::COPY_DST);
        let group = |layout, buffers: &[&Buffer]| {
            let first = wgpu::BufferBinding {
                buffer: &params,
                offset: 0,
                size: wgpu::BufferSize::new(size_of::<Params>() as u64),
            };
            let first = wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(first) };
            let mut entries = vec![first];
            for (binding, buffer) in (1..).zip(buffers) {
                entries.push(wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() });
            }
            device.device().create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout, entries: &entries })
        };
        let [a, b, c, d] = &rows;
        let [near, far] = &neighbours;
        let lattice_group = group(&programs.lattice_layout, &[a, b, c, d, near, far, &links, &seen]);
        let reading_group = group(&programs.lattice_layout, &[a, b, c, d, near, far, &links, &out]);
        let openings_group =
            group(&programs.openings_layout, &[&links, &seen, &of_openings, &marks, &masses, &vessels]);
        let (openings, bytes) = (of_openings, bytes.get());
        let memory = Self {
            params,
            rows,
            links,
            openings,
            vessels,
            out,
            landing,
            lattice_group,
            reading_group,
            openings_group,
            bytes,
        };
        (neighbours, memory)
    }
}

/// Whether the card takes the largest buffers and the most groups of threads.
pub(super) fn check(device: &Device, order: &Order) -> Result<(), GpuError> {
    let limits = device.device().limits();
    let most = limits.max_buffer_size.min(limits.max_storage_buffer_binding_size);
    let populations = 4 * (ROWS[4] - ROWS[3]) * order.stride;
    let neighbours = 4 * ((PAIRS - ROWS_A) * order.stride + RECORD * order.outer.len());
    let largest = populations.max(neighbours).max(4 * ROWS_A * order.stride).max(8 * order.links);
    let groups = u64::from(limits.max_compute_workgroups_per_dimension).pow(2);
    for (what, most, need) in [
        ("bytes in one buffer", most, largest as u64),
        ("groups of threads", groups, (order.stride / super::order::GROUP) as u64),
        // The longest buffer has six numbers a cell, counted in 32 bits.
        ("places in a row", u64::from(u32::MAX) / 6, order.stride as u64),
    ] {
        if most < need {
            let name = device.name().to_owned();
            return Err(GpuError::Large { name, what, most, need, cells: order.cells.len() });
        }
    }
    Ok(())
}
