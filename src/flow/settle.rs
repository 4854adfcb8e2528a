//! When flow counts as steady, and its mean if it never does.

use super::bytes::{Read, Written};
use super::domain::Domain;
use super::error::FlowError;
use super::outlet::Outlet;
use super::simulation::{Simulation, State};
use crate::base::parallel;
use rayon::prelude::*;

/// Speed in cells per step beyond which nothing is meant any more (Mach 0.5).
const SPEED_MAX: f64 = 0.29;

/// Deviation of the density beyond which the fluid is no longer nearly incompressible.
const DENSITY_MAX: f64 = 0.3;

/// [`FlowError::Unstable`] or [`FlowError::Compressed`] if speed or density run away, or are not numbers.
pub(super) fn check_states(states: &[State], step: usize) -> Result<(), FlowError> {
    let velocities: Vec<[f32; 3]> = states.iter().map(|state| state.velocity).collect();
    check_speed(&velocities, step)?;
    let deviation =
        states.iter().map(|state| f64::from(state.rho.abs())).fold(0.0, |a: f64, b| if b <= a { a } else { b });
    if deviation <= DENSITY_MAX { Ok(()) } else { Err(FlowError::Compressed { step, deviation, limit: DENSITY_MAX }) }
}

/// [`FlowError::Unstable`] if something is faster than means anything, or is not a number.
pub(super) fn check_speed(velocities: &[[f32; 3]], step: usize) -> Result<(), FlowError> {
    let speed = largest(velocities);
    let is_number = velocities.iter().flatten().all(|u| u.is_finite());
    if is_number && speed <= SPEED_MAX {
        Ok(())
    } else {
        Err(FlowError::Unstable { step, speed: if is_number { speed } else { f64::NAN }, limit: SPEED_MAX })
    }
}

/// The same of a simulation between pairs of steps.
pub(super) fn check_fastest(simulation: &Simulation) -> Result<(), FlowError> {
    let step = simulation.steps;
    match simulation.fastest_on_gpu().or_else(|| simulation.fastest_over_ranks()) {
        Some(speed) if speed <= SPEED_MAX => Ok(()),
        Some(speed) => Err(FlowError::Unstable { step, speed, limit: SPEED_MAX }),
        None => check_speed(&simulation.velocities(), step),
    }
}

/// What has to settle: mean density at each opening, flow out of each outlet, kinetic energy, friction.
pub(super) struct Record {
    rho: Vec<f64>,
    outflow: Vec<f64>,
    energy: f64,
    friction: f64,
}

impl Record {
    /// As bytes.
    pub fn write(&self, written: &mut Written) {
        written.all(&self.rho);
        written.all(&self.outflow);
        written.one([self.energy, self.friction]);
    }

    /// From bytes.
    pub fn read(read: &mut Read<'_>) -> Option<Self> {
        let (rho, outflow, [energy, friction]) = (read.all()?, read.all()?, read.one()?);
        Some(Self { rho, outflow, energy, friction })
    }
}

pub(super) fn record(domain: &Domain, simulation: &Simulation) -> Record {
    let states = simulation.states();
    let sum = |f: &(dyn Fn(usize) -> f64 + Sync)| parallel::sum_blocks(states.len(), 4096, |range| range.map(f).sum());
    let energy = sum(&|n| states[n].velocity.iter().map(|u| f64::from(*u).powi(2)).sum());
    let friction = sum(&|n| {
        let [xx, yy, zz, xy, xz, yz] = states[n].stress.map(|s| f64::from(s).powi(2));
        (xx + yy + zz + 2.0 * (xy + xz + yz)).sqrt()
    });
    let rho = opening_densities(domain, &states);
    let outflow = simulation.outlets.iter().map(Outlet::outflow).collect();
    Record { rho, outflow, energy, friction }
}

/// Mean density deviation at every opening, weighted by the links through it.
pub(super) fn opening_densities(domain: &Domain, states: &[State]) -> Vec<f64> {
    let (mut rho, mut counts) = (vec![0.0; domain.openings.len()], vec![0.0; domain.openings.len()]);
    for link in &domain.opening_links {
        rho[usize::from(link.opening)] += f64::from(states[link.cell as usize].rho);
        counts[usize::from(link.opening)] += 1.0;
    }
    rho.iter().zip(counts).map(|(sum, count)| sum / count).collect()
}

/// The largest share by which anything recorded is still expected to change: the last difference, continued as the
/// geometric series that the last two differences begin.
pub(super) fn still_to_come(history: &[Record], inflow: f64) -> f64 {
    let [.., a, b, c] = history else { return f64::INFINITY };
    let series = |a: f64, b: f64, c: f64, scale: f64| {
        let (first, last) = ((b - a).abs(), (c - b).abs());
        let ratio = (last / first.max(1e-300)).clamp(0.0, 0.95);
        last.max(last * ratio / (1.0 - ratio)) / scale.max(1e-300)
    };
    let spread = |record: &Record| {
        let fold = |pick: fn(f64, f64) -> f64| record.rho.iter().copied().fold(record.rho[0], pick);
        fold(f64::max) - fold(f64::min)
    };
    let range = spread(c);
    let pressures = (0..c.rho.len()).map(|n| series(a.rho[n], b.rho[n], c.rho[n], range));
    let flows = (0..c.outflow.len()).map(|n| series(a.outflow[n], b.outflow[n], c.outflow[n], inflow));
    let energy = series(a.energy, b.energy, c.energy, c.energy);
    let friction = series(a.friction, b.friction, c.friction, c.friction);
    pressures.chain(flows).fold(energy.max(friction), f64::max)
}

fn largest(velocities: &[[f32; 3]]) -> f64 {
    let square = |u: &[f32; 3]| u.iter().map(|u| f64::from(*u).powi(2)).sum::<f64>();
    // Not `max`, which would pass over what is not a number.
    velocities.iter().map(square).fold(0.0, |a: f64, b| if b <= a { a } else { b }).sqrt()
}

/// ‖b − a‖ / ‖b‖, the same bits on any number of threads.
pub(super) fn change(a: &[[f32; 3]], b: &[[f32; 3]]) -> f64 {
    let square = |x: f32| f64::from(x) * f64::from(x);
    let sum = |f: &(dyn Fn(usize) -> f64 + Sync)| parallel::sum_blocks(b.len(), 4096, |range| range.map(f).sum());
    let difference = sum(&|n| (0..3).map(|c| square(b[n][c] - a[n][c])).sum());
    let size = sum(&|n| b[n].iter().map(|x| square(*x)).sum());
    (difference / size.max(1e-300)).sqrt()
}

/// The mean over many steps of flow that does not become steady.
#[derive(Default)]
pub(super) struct Mean {
    sum: Vec<State>,
    outflow: Vec<f64>,
    samples: usize,
    /// Steps from the first sample to the last.
    pub steps: usize,
    first: usize,
}

impl Mean {
    /// Whether it is of as many cells, or of none yet.
    pub fn fits(&self, domain: &Domain) -> bool {
        self.samples == 0 || self.sum.len() == domain.cells.len()
    }

    /// As bytes.
    pub fn write(&self, written: &mut Written) {
        written.all(&self.sum);
        written.all(&self.outflow);
        written.one([self.samples, self.steps, self.first].map(|n| n as u64));
    }

    /// From bytes.
    pub fn read(read: &mut Read<'_>) -> Option<Self> {
        let (sum, outflow) = (read.all()?, read.all()?);
        let [samples, steps, first] = read.one::<[u64; 3]>()?.map(|n| n as usize);
        Some(Self { sum, outflow, samples, steps, first })
    }

    /// Take a sample.
    pub fn add(&mut self, simulation: &Simulation) {
        let states = simulation.states();
        let outflow = simulation.outlets.iter().map(Outlet::outflow);
        if self.samples == 0 {
            (self.sum, self.outflow, self.first) = (states, outflow.collect(), simulation.steps);
        } else {
            self.sum.par_iter_mut().zip(states).with_min_len(4096).for_each(|(sum, state)| *sum = sum.plus(&state));
            self.outflow.iter_mut().zip(outflow).for_each(|(sum, outflow)| *sum += outflow);
        }
        self.samples += 1;
        self.steps = simulation.steps - self.first;
    }

    /// The mean of the samples: state of every cell, flow out of every outlet.
    pub fn finish(self) -> (Vec<State>, Vec<f64>) {
        let share = 1.0 / self.samples.max(1) as f64;
        let states = self.sum.into_par_iter().map(|sum| sum.times(share as f32)).collect();
        (states, self.outflow.into_iter().map(|sum| sum * share).collect())
    }
}
