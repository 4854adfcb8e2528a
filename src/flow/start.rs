//! Flow to start from: that on a lattice of twice the cells, which costs a sixteenth (grid sequencing).

use super::assemble::assemble;
use super::cells::Cells;
use super::domain::Domain;
use super::error::FlowError;
use super::opening::Opening;
use super::outlet::Outlet;
use super::plan::Plan;
use super::result::FlowResult;
use super::run;
use super::settling::{Settling, settle};
use super::setup::{CELLS_ACROSS_MIN, Setup};
use super::simulation::{Simulation, State};
use super::units::Units;
use crate::base::Progress;
use crate::geom::{Point, Vector};
use nalgebra::Matrix3;
use rayon::prelude::*;
use std::time::Instant;

/// Fewest cells across the inlet of the coarse lattice.
pub(super) const ACROSS_MIN: f64 = 0.8 * CELLS_ACROSS_MIN;
/// Variation of the density that is aimed at, if the Mach number asked for gives more; below what is warned of.
const COMPRESSION: f64 = 0.04;
/// The Mach number is lowered to this share at most: the run takes longer by it.
const MACH_SHARE_MIN: f64 = 0.5;
/// The coarse flow may change by this share more; and it is not followed for longer than so many exchanges.
const TOLERANCE: f64 = 3e-3;
const EXCHANGES: f64 = 3.0;

/// Flow on a coarse lattice, in its units.
pub(super) struct Start {
    cells: Cells,
    states: Vec<State>,
    outlets: Vec<Outlet>,
    units: Units,
    pub steps: usize,
    pub seconds: f64,
}

/// The flow of `setup` on a lattice of twice the cells of `fine`; none if that would be too coarse, does not have the
/// same openings, or becomes unstable.
pub(super) fn coarse(setup: &Setup, fine: &Domain, progress: &Progress) -> Result<Option<Start>, FlowError> {
    let cell_mm = 2.0 * fine.cells.cell_mm();
    if 2.0 * setup.inlet()?.radius_mm / cell_mm < ACROSS_MIN {
        return Ok(None);
    }
    let clock = Instant::now();
    match flow(setup, fine, cell_mm, progress) {
        Err(ended @ (FlowError::Cancelled(_) | FlowError::RanksLost(_))) => Err(ended),
        // The fine lattice says itself what is wrong with the set-up.
        Err(_) => Ok(None),
        Ok(start) => Ok(start.map(|start| Start { seconds: clock.elapsed().as_secs_f64(), ..start })),
    }
}

fn flow(setup: &Setup, fine: &Domain, cell_mm: f64, progress: &Progress) -> Result<Option<Start>, FlowError> {
    let domain = Domain::new(&setup.lumen, &setup.openings, cell_mm, &progress.part(0.0..0.1, "coarse lattice"))?;
    if domain.openings != fine.openings {
        return Ok(None);
    }
    settled(setup, &domain, &progress.part(0.1..1.0, "coarse flow"))
}

/// Nearly steady flow of `setup` on `domain`; none if it was stopped too early.
pub(super) fn settled(setup: &Setup, domain: &Domain, progress: &Progress) -> Result<Option<Start>, FlowError> {
    let mut setup = setup.clone();
    setup.tolerance = setup.tolerance.max(TOLERANCE);
    setup.keeper = None;
    // However short the fine run is to be: here an exchange costs a sixteenth of one there.
    setup.exchanges_max = EXCHANGES;
    setup.steps_max /= 2;
    (setup.only_to_start, setup.ends_by_hand, setup.end_after) = (true, false, None);
    let mut attempt = 0;
    let (plan, simulation) = loop {
        let plan = Plan::new(&setup, domain, setup.mach, attempt, false)?;
        let mut simulation = assemble(&setup, domain, &plan);
        setup.choose_device(&mut simulation);
        let settling = Settling::new(&simulation);
        match settle(&setup, domain, &plan, &mut simulation, settling, None, progress) {
            Ok(_) => break (plan, simulation),
            Err(FlowError::Unstable { .. }) if attempt < run::eddies_first(&setup) => attempt += 1,
            Err(error) => return Err(error),
        }
    };
    if simulation.steps < plan.ramp {
        // Stopped before all of the inflow came in: no better than rest.
        return Ok(None);
    }
    let states = simulation.states();
    let Simulation { cells, outlets, steps, .. } = simulation;
    Ok(Some(Start { cells, states, outlets, units: plan.units, steps, seconds: 0.0 }))
}

impl Start {
    /// The flow of `earlier`, scaled to the inflow of `setup`.
    pub fn from_result(earlier: &FlowResult, setup: &Setup, domain: &Domain) -> Self {
        let speed = |u: &[f32; 3]| Vector::from(u.map(f64::from)).norm();
        let fastest = earlier.velocity_m_s.iter().map(speed).fold(1e-6, f64::max);
        let inflow = |openings: &mut dyn Iterator<Item = f64>| openings.sum::<f64>();
        let before = inflow(&mut earlier.openings.iter().filter(|o| o.opening.kind.is_inlet()).map(|o| o.inflow_ml_s));
        let now = inflow(&mut domain.openings.iter().map(Opening::inflow_ml_s));
        let share = if 0.0 < before { now / before } else { 1.0 };
        let units = Units::choose(&setup.fluid, 1e-3 * earlier.cells.cell_mm(), share * fastest, setup.mach);
        let from_patient = (earlier.cells.grid().step() / earlier.cells.cell_mm()).transpose();
        // Pressures are kept from what the outlets hold; there is no other pressure to refer to.
        let held = earlier.openings.iter().filter(|o| !o.opening.kind.is_inlet());
        let (sum, count) = held.fold((0.0, 0.0), |(sum, count), o| (sum + o.pressure_pa, count + 1.0));
        let reference_pa = if 0.0 < count { sum / count } else { 0.0 };
        let state = |cell: usize| {
            let velocity = from_patient * Vector::from(earlier.velocity_m_s[cell].map(f64::from));
            let [xx, yy, zz, xy, xz, yz] = earlier.stress_pa[cell].map(f64::from);
            let stress = Matrix3::new(xx, xy, xz, xy, yy, yz, xz, yz, zz);
            let s = from_patient * stress * from_patient.transpose() * (share / units.stress_pa());
            State {
                rho: (share * (f64::from(earlier.pressure_pa[cell]) - reference_pa) / units.pressure_pa()) as f32,
                velocity: (velocity * (share / units.speed_m_s())).map(|u| u as f32).into(),
                stress: [s[(0, 0)], s[(1, 1)], s[(2, 2)], s[(0, 1)], s[(0, 2)], s[(1, 2)]].map(|s| s as f32),
            }
        };
        let states = (0..earlier.cells.len()).map(state).collect();
        let cells = earlier.cells.as_ref().clone();
        Self { cells, states, outlets: Vec::new(), units, steps: 0, seconds: 0.0 }
    }

    /// The Mach number to go on with, at most the one of this flow, `mach`: the density varies with its square.
    pub fn mach(&self, mach: f64) -> f64 {
        let densities = self.states.iter().map(|state| f64::from(state.rho));
        let (low, high) = densities.fold((0.0_f64, 0.0_f64), |(low, high), rho| (low.min(rho), high.max(rho)));
        mach * (COMPRESSION / (high - low).max(COMPRESSION)).sqrt().max(MACH_SHARE_MIN)
    }

    /// Put this flow into a simulation of the same set-up with units `units`.
    pub fn apply(&self, units: &Units, simulation: &mut Simulation, openings: &[Opening]) {
        let speed = self.units.speed_m_s() / units.speed_m_s();
        let density = self.units.pressure_pa() / units.pressure_pa();
        let stress = self.units.stress_pa() / units.stress_pa();
        let scaled = |state: State| State {
            rho: state.rho * density as f32,
            velocity: state.velocity.map(|u| u * speed as f32),
            stress: state.stress.map(|s| s * stress as f32),
        };
        let at = |cell: usize| scaled(self.at(simulation.cells.centre(cell), openings));
        let states: Vec<State> = (0..simulation.cells.len()).into_par_iter().with_min_len(1024).map(at).collect();
        simulation.set(&states);
        for (outlet, coarse) in simulation.outlets.iter_mut().zip(&self.outlets) {
            outlet.go_on_from(coarse, speed, density);
        }
    }

    /// The state at a point: trilinear, at rest in the wall.
    fn at(&self, point: Point, openings: &[Opening]) -> State {
        let index = self.cells.grid().index_from_patient(point);
        let lower = index.map(f64::floor);
        let part = index - lower;
        let (mut sum, mut known) = (State::default(), 0.0);
        for n in 0..8_usize {
            let step = [n & 1, n >> 1 & 1, n >> 2 & 1];
            let weight: f64 = (0..3).map(|a| if step[a] == 1 { part[a] } else { 1.0 - part[a] }).product();
            let place: [i32; 3] = std::array::from_fn(|a| lower[a] as i32 + step[a] as i32);
            if let Some(cell) = self.cells.at(place) {
                sum = sum.plus(&self.states[cell].times(weight as f32));
                known += weight;
            }
        }
        if known <= 0.0 {
            return self.around(index);
        }
        let mean = sum.times(1.0 / known as f32);
        let reach_mm = 2.0 * self.cells.cell_mm();
        let is_open = |o: &Opening| o.beyond_mm(&point).abs() < reach_mm && (point - o.centre).norm() < o.reach_mm;
        if known < 1.0 && !openings.iter().any(is_open) { State { velocity: sum.velocity, ..mean } } else { mean }
    }

    /// The mean density around a place without a coarse cell, at rest.
    fn around(&self, index: Vector) -> State {
        let near = index.map(|x| x.round() as i32);
        let places = (0..27).map(|n| [near.x + n % 3 - 1, near.y + n / 3 % 3 - 1, near.z + n / 9 - 1]);
        let densities: Vec<f32> =
            places.filter_map(|place| self.cells.at(place)).map(|cell| self.states[cell].rho).collect();
        State { rho: densities.iter().sum::<f32>() / densities.len().max(1) as f32, ..State::default() }
    }
}
