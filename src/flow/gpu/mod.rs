//! The same flow on a graphics card: steps of a [`Simulation`], its velocities and states.
//!
//! The processor stays in charge. It makes the lattice and its openings, decides how far to step and when flow is
//! steady, and keeps a simulation of its own that it can go on with. [`Lattice`] is what it asks for steps instead of
//! `populations`, `inlet` and `outlet`; it gives the same up to the rounding of single precision. A step is three
//! programs: cells with all neighbours, the other cells, the openings. Nothing is read back between steps: outlets are
//! steered on the card, too. Sums are made in fixed order without atomic operations: the same card gives the same bits
//! each time.
//!
//! A cell takes 112 bytes, 19 populations and 9 neighbours of 4 bytes each; one at a wall 12 more and 8 for each of its
//! links out of the fluid. A step moves 188 bytes a cell, all of these and what is put where neighbours find it. The
//! largest buffer takes 24 bytes a cell: the 128 MiB that every card allows hold 5.5 million cells, 2 GiB 89 million.
//!
//! That a card is missing, small or lost is normal: the processor goes on, and [`Simulation::gpu_note`] says why.

mod advance;
mod device;
mod memory;
mod openings;
mod order;
mod programs;
mod read;
mod slot;
mod twins;

pub use device::GpuError;
pub(super) use slot::Slot;

use super::lattice::{PAIRS, Q};
use super::outlet::Outlet;
use super::populations::Populations;
use super::simulation::{Operator, Simulation};
use super::windkessel::Bank;
use advance::Pace;
use device::Device;
use memory::{Memory, buffer_of};
use openings::{Openings, fill, in_order, take_over, to_links};
use order::Order;
use programs::Programs;
use rayon::prelude::*;
use std::sync::Arc;
use twins::{Opening, Params, Vessel, joined};

#[cfg(test)]
mod pulse_tests;
#[cfg(test)]
mod tests;

/// A graphics card with the programs that step; copies share it.
#[derive(Clone)]
pub struct Gpu {
    device: Device,
    programs: Arc<Programs>,
}

impl std::fmt::Debug for Gpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Gpu").field(&self.name()).finish()
    }
}

impl Gpu {
    /// The best graphics card of this machine: one with memory of its own before one that shares the processor's. What
    /// only pretends to be one is refused, for it would be slower than the processor.
    ///
    /// # Errors
    /// [`GpuError`]: there is none, or it cannot do what steps need.
    pub fn find() -> Result<Self, GpuError> {
        Self::with(Device::best(|kind| kind != wgpu::DeviceType::Cpu)?)
    }

    /// An adapter that computes on the processor: to check the programs where there is no card.
    ///
    /// # Errors
    /// [`GpuError`]: there is none.
    pub fn software() -> Result<Self, GpuError> {
        Self::with(Device::best(|kind| kind == wgpu::DeviceType::Cpu)?)
    }

    fn with(device: Device) -> Result<Self, GpuError> {
        let programs = Programs::new(&device)?;
        Ok(Self { device, programs })
    }

    /// What the card calls itself.
    pub fn name(&self) -> &str {
        self.device.name()
    }
}

/// Openings on the card.
#[derive(Debug, Clone, Copy)]
struct Counts {
    outlets: u32,
    /// Outlets and inlets.
    all: u32,
    /// Windkessels: none, or one an outlet.
    vessels: u32,
}

/// One flow problem on a graphics card.
pub(super) struct Lattice {
    gpu: Gpu,
    order: Order,
    memory: Memory,
    /// What does not change from step to step.
    params: Params,
    is_regularised: bool,
    counts: Counts,
    /// Groups of threads in a row at most.
    groups_max: u32,
    steps: usize,
    pace: Pace,
}

impl Lattice {
    /// `simulation` as it is, between pairs of steps.
    ///
    /// # Errors
    /// [`GpuError`]: the card takes less than the lattice needs, has no memory left, or fails; or the simulation is
    /// within a pair of steps.
    pub fn new(gpu: &Gpu, simulation: &Simulation) -> Result<Self, GpuError> {
        let Simulation { cells, populations, inlets, outlets, operator, tau, force, steps, beat, .. } = simulation;
        if !steps.is_multiple_of(2) {
            return Err(GpuError::Unable("the second of a pair of steps"));
        }
        if matches!(operator, Operator::Thins(_)) {
            return Err(GpuError::Unable("fluids that thin with shear"));
        }
        if beat.as_ref().is_some_and(|beat| beat.beds.is_some()) {
            return Err(GpuError::Unable("coronary beds beyond the outlets"));
        }
        let order = Order::new(cells, populations);
        debug_assert!(in_order(populations, &order.outer));
        let openings = Openings::new(outlets, inlets, beat.as_ref().and_then(|beat| beat.bank.as_ref()));
        let memory = Memory::new(&gpu.device, &gpu.programs, cells, &order, populations, &openings)?;
        let mut params = Params {
            cells: cells.len() as u32,
            inner: order.inner as u32,
            stride: order.stride as u32,
            outlets: openings.outlets as u32,
            tau: *tau as f32,
            force: force.map(|f| f as f32),
            ..Params::default()
        };
        let is_regularised = match operator {
            Operator::Trt(trt) => {
                (params.omega_plus, params.omega_minus, params.force) = (trt.omega_plus, trt.omega_minus, trt.force);
                false
            }
            Operator::Regularised(regularised) => {
                params.eddy = regularised.eddy() as f32;
                true
            }
            Operator::Thins(_) => unreachable!("refused above"),
        };
        let counts = Counts {
            outlets: openings.outlets as u32,
            all: openings.list.len() as u32,
            vessels: openings.vessels.len() as u32,
        };
        let (gpu, pace, steps) = (gpu.clone(), Pace::default(), *steps);
        let groups_max = gpu.device.device().limits().max_compute_workgroups_per_dimension;
        let lattice = Self { gpu, order, memory, params, is_regularised, counts, groups_max, steps, pace };
        lattice.put(simulation)?;
        Ok(lattice)
    }

    /// Links of the cell at a place out of the fluid, and the first of them.
    fn out(&self, place: usize) -> (u32, u32) {
        place.checked_sub(self.order.inner).map_or((0, 0), |n| self.order.outer[n])
    }

    /// Send the populations of `simulation`; nothing where the fluid is at rest, as new memory is.
    fn put(&self, simulation: &Simulation) -> Result<(), GpuError> {
        let Simulation { cells, populations, .. } = simulation;
        let Self { gpu: Gpu { device, .. }, order, memory, .. } = self;
        let sent = |cell: &u32| populations.sent(*cell as usize);
        let all: Vec<[f32; Q]> = order.cells.par_iter().with_min_len(1024).map(sent).collect();
        if all.as_flattened().iter().all(|g| *g == 0.0) {
            return Ok(());
        }
        let write = |row: usize, numbers: &[f32]| {
            let (buffer, place) = buffer_of(row);
            device.write(&memory.rows[buffer], (4 * place * order.stride) as u64, numbers);
            device.flush();
        };
        write(0, &all.iter().map(|g| g[0]).collect::<Vec<_>>());
        for pair in 0..PAIRS {
            // In even steps i arrives in row i + 1 of x, and i + 1 in row i of x + c.
            let i = 2 * pair + 1;
            write(i + 1, &all.iter().map(|g| g[i]).collect::<Vec<_>>());
            let mut row = vec![0.0; order.stride];
            for (place, to) in order.neighbours(cells, pair).into_iter().enumerate() {
                if self.out(place).0 >> (i - 1) & 1 == 0 {
                    row[to as usize] = all[place][i + 1];
                }
            }
            write(i, &row);
        }
        let mut links: Vec<[f32; 2]> =
            populations.links_out().take(order.links).map(|(_, shares)| [0.0, order::share(shares)]).collect();
        let mut values = vec![0.0; order.links];
        for (n, (out, first)) in order.outer.iter().enumerate() {
            to_links(*out, *first, &all[order.inner + n], &mut values);
        }
        links.iter_mut().zip(values).for_each(|(link, value)| link[0] = value);
        device.write(&memory.links, 0, &links);
        device.flush();
        device.check()
    }

    /// Note in `outlets` and `bank` how the card steered them; gives the flow out of every outlet summed over all steps
    /// on the card, cells.
    ///
    /// # Errors
    /// [`GpuError`]: the card failed.
    pub fn outlets_to(&self, outlets: &mut [Outlet], bank: Option<&mut Bank>) -> Result<Vec<f64>, GpuError> {
        let twins: Vec<Opening> = self.fetch(&self.memory.openings, 0, self.counts.outlets as usize)?;
        take_over(outlets, &twins);
        if let Some(bank) = bank {
            fill(bank, &self.fetch::<Vessel>(&self.memory.vessels, 0, self.counts.vessels as usize)?);
        }
        Ok(twins.iter().map(|twin| joined(twin.total)).collect())
    }

    /// Give the populations back, between pairs of steps.
    ///
    /// # Errors
    /// [`GpuError`]: the card failed, or is within a pair of steps; the populations are as they were.
    pub fn populations_to(&self, populations: &mut Populations, cells: &super::Cells) -> Result<(), GpuError> {
        if !self.steps.is_multiple_of(2) {
            return Err(GpuError::Unable("the second of a pair of steps"));
        }
        let Self { order, memory, .. } = self;
        let mut all = vec![[0.0_f32; Q]; order.cells.len()];
        let fetch = |row: usize| -> Result<Vec<f32>, GpuError> {
            let (buffer, place) = buffer_of(row);
            self.fetch(&memory.rows[buffer], place * order.stride, order.stride)
        };
        all.iter_mut().zip(fetch(0)?).for_each(|(g, value)| g[0] = value);
        for pair in 0..PAIRS {
            let i = 2 * pair + 1;
            all.iter_mut().zip(fetch(i + 1)?).for_each(|(g, value)| g[i] = value);
            let row = fetch(i)?;
            let neighbours = order.neighbours(cells, pair);
            all.iter_mut().zip(neighbours).for_each(|(g, to)| g[i + 1] = row[to as usize]);
        }
        let links: Vec<[f32; 2]> = self.fetch(&memory.links, 0, order.links)?;
        for (n, (out, first)) in order.outer.iter().enumerate() {
            let g = &mut all[order.inner + n];
            let is_out = |i: &usize| out >> (i - 1) & 1 != 0;
            let of_cell = (1..Q).filter(is_out).zip(&links[*first as usize..]);
            of_cell.for_each(|(i, link)| g[super::lattice::opposite(i)] = link[0]);
        }
        order.cells.iter().zip(all).for_each(|(cell, g)| populations.set(*cell as usize, g));
        Ok(())
    }
}
