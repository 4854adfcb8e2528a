//! What a run will do: units, operator, how many steps.

use super::collide::Trt;
use super::domain::Domain;
use super::error::FlowError;
use super::fluid::Thinning;
use super::lattice::{CS2, Q};
use super::opening::{Opening, OpeningKind};
use super::regularised::Regularised;
use super::setup::{Scheme, Setup, Split};
use super::simulation::Operator;
use super::thinning::Thinned;
use super::units::Units;
use std::sync::Arc;

/// Below this distance of the relaxation time from ½ the regularised operator is chosen: there two relaxation times
/// with Λ = 3/16 become unstable at openings, and the interpolated walls lose accuracy (4 % of the flow at 0.01).
const TRT_MARGIN: f64 = 0.05;
/// Cell Reynolds number (fastest speed times cell over viscosity) up to which no eddy viscosity is needed.
const CELL_REYNOLDS_MAX: f64 = 100.0;
/// Smagorinsky constants of the first attempt beyond it, and of later ones.
const SMAGORINSKY: [f64; 3] = [0.05, 0.1, 0.14];
/// Magic number of walls exactly half-way.
pub(super) const MAGIC: f64 = 3.0 / 16.0;
/// How often the fluid is exchanged before flow can be called steady, unless viscosity settles it sooner.
pub(super) const EXCHANGES_MIN: f64 = 1.5;
/// The same for flow that started from that of a coarser lattice.
pub(super) const EXCHANGES_MIN_STARTED: f64 = 0.5;

/// Share of a cycle in which sound must pass through the lumen: where nothing flows fast, the lattice would else be so soft
/// that the pulse swings in it.
const SOUND_SHARE: f64 = 0.025;

/// What a run will do, in lattice units.
pub(super) struct Plan {
    pub units: Units,
    pub tau: f64,
    pub operator: Operator,
    /// The Smagorinsky constant, if the regularised operator runs.
    pub regularised: Option<f64>,
    /// Flow in, cells per step.
    pub inflow: f64,
    /// Steps in which the inflow exchanges the fluid.
    pub exchange: f64,
    /// Steps of a sound wave through the lumen.
    pub sound: f64,
    /// Steps between two looks whether the flow is steady.
    pub window: usize,
    /// Steps over which the inflow grows from nothing.
    pub ramp: usize,
    /// Steps before the flow can be called steady.
    pub least: f64,
    /// Steps after which the run ends, steady or not.
    pub limit: usize,
}

impl Plan {
    /// The plan of attempt `attempt` at Mach number `mach`; `started` if there is flow to start from.
    pub fn new(setup: &Setup, domain: &Domain, mach: f64, attempt: usize, started: bool) -> Result<Self, FlowError> {
        let cell_m = domain.cells.cell_mm() * 1e-3;
        let units = Units::choose(&setup.fluid, cell_m, peak_m_s(setup, domain), mach);
        Self::in_units(setup, domain, units, mach, attempt, started)
    }

    /// The plan of an attempt at a pulse whose largest flow is `largest` times the mean, which is that of `setup`; a cycle
    /// of `period_s` has a multiple of `divisor` steps.
    pub fn for_pulse(
        setup: &Setup,
        domain: &Domain,
        mach: f64,
        attempt: usize,
        largest: f64,
        (period_s, divisor): (f64, usize),
    ) -> Result<Self, FlowError> {
        let cell_m = domain.cells.cell_mm() * 1e-3;
        let mut units = Units::choose(&setup.fluid, cell_m, largest * peak_m_s(setup, domain), mach);
        units.step_s = period_s / cycle_steps(setup, period_s, units.step_s, divisor)? as f64;
        Self::in_units(setup, domain, units, mach, attempt, true)
    }

    fn in_units(
        setup: &Setup,
        domain: &Domain,
        units: Units,
        mach: f64,
        attempt: usize,
        started: bool,
    ) -> Result<Self, FlowError> {
        let cell_m = domain.cells.cell_mm() * 1e-3;
        let tau = units.tau(&setup.fluid);
        let fine = mach * CS2.sqrt() / (CS2 * (tau - 0.5)) <= CELL_REYNOLDS_MAX;
        let last = SMAGORINSKY.len() - 1;
        let thins = setup.fluid.thinning != Thinning::None;
        let smagorinsky = match setup.scheme {
            // Its operator knows no eddies.
            _ if thins => 0.0,
            Scheme::Regularised { smagorinsky } => smagorinsky,
            Scheme::Auto if attempt == 0 && fine => 0.0,
            Scheme::Auto => SMAGORINSKY[attempt.min(last)],
            Scheme::Trt => 0.0,
        };
        let use_trt =
            setup.scheme == Scheme::Trt || setup.scheme == Scheme::Auto && attempt == 0 && TRT_MARGIN <= tau - 0.5;
        let use_trt = use_trt && !thins;
        let operator = if thins {
            Operator::Thins(Arc::new(Thinned::new(&setup.fluid, &units)))
        } else if use_trt {
            Operator::Trt(Trt::new(tau, MAGIC, [0.0; 3]))
        } else {
            Operator::Regularised(Regularised::new(tau, smagorinsky))
        };
        let inlet = setup.inlet()?;
        let diameter = 2.0 * inlet.radius_mm * 1e-3 / cell_m;
        let speed = inlet.inflow_ml_s() / inlet.area_mm2 / units.speed_m_s();
        let sound = setup.lumen.diagonal_mm() * 1e-3 / cell_m / CS2.sqrt();
        let viscous = diameter * diameter / (CS2 * (tau - 0.5));
        let inflow = inflow_ml_s(domain) / units.flow_ml_s();
        let exchange = domain.cells.len() as f64 / inflow;
        let window = (diameter / speed).min(viscous).min(0.1 * exchange).clamp(50.0, 4000.0) as usize / 2 * 2;
        let ramp = if started { 0 } else { (2.0 * sound) as usize + window };
        let settling = if started { EXCHANGES_MIN_STARTED } else { EXCHANGES_MIN };
        let least = ramp as f64 + (settling * exchange).min(viscous);
        let most = ramp as f64 + setup.exchanges_max * exchange;
        let limit = ((most as usize).min(setup.steps_max) / 2 * 2).max(2);
        let regularised = (!use_trt).then_some(smagorinsky);
        Ok(Self { units, tau, operator, regularised, inflow, exchange, sound, window, ramp, least, limit })
    }
}

/// Steps of at most `step_s` in a cycle: a multiple of `divisor`, and so many that sound is soon through the lumen.
pub(super) fn cycle_steps(setup: &Setup, period_s: f64, step_s: f64, divisor: usize) -> Result<usize, FlowError> {
    let sound = setup.lumen.diagonal_mm() / setup.cell_mm()? / CS2.sqrt();
    let steps = (period_s / step_s).max(sound / SOUND_SHARE);
    Ok((steps / divisor as f64).ceil().max(1.0) as usize * divisor)
}

fn inflow_ml_s(domain: &Domain) -> f64 {
    domain.openings.iter().map(Opening::inflow_ml_s).sum()
}

/// The fastest speed to be expected: twice the mean speed where all of the inflow passes the narrowest place, or in the
/// fastest outlet.
pub(super) fn peak_m_s(setup: &Setup, domain: &Domain) -> f64 {
    let shares = shares(setup, &domain.openings);
    let fastest_outlet = domain.openings.iter().zip(&shares).map(|(o, share)| share / o.area_mm2);
    let outlets_mm2 = 1.0 / fastest_outlet.fold(0.0, f64::max);
    let throat_mm2 = throat_cells2(domain) * domain.cells.cell_mm().powi(2);
    // ml/s over mm² is m/s.
    2.0 * inflow_ml_s(domain) / throat_mm2.min(outlets_mm2)
}

/// Share of the inflow that each opening lets out, by the third power of the radius or by the area; 0 for inlets.
pub(super) fn shares(setup: &Setup, openings: &[Opening]) -> Vec<f64> {
    let weight = |opening: &Opening| match (opening.kind, setup.split) {
        (OpeningKind::Inlet { .. }, _) => 0.0,
        (_, Split::Murray) => opening.radius_mm.powi(3),
        // By pressure, nothing better is known beforehand: equal speeds.
        (_, Split::Area | Split::Pressure) => opening.area_mm2,
    };
    let sum = openings.iter().map(weight).sum::<f64>();
    openings.iter().map(|opening| weight(opening) / sum).collect()
}

/// Cells across the narrowest place that all of the inflow passes, if its cross-section is round.
pub(super) fn across_throat(domain: &Domain) -> f64 {
    2.0 * (throat_cells2(domain) / std::f64::consts::PI).sqrt()
}

/// Smallest cross-section in cells² that all of the inflow passes: the fronts of a walk from the inlets, up to the
/// first outlet.
fn throat_cells2(domain: &Domain) -> f64 {
    let cells = &domain.cells;
    let is_inlet = |n: u8| domain.openings[usize::from(n)].kind.is_inlet();
    let mut seen = vec![false; cells.len()];
    let mut outlet = vec![false; cells.len()];
    let mut front: Vec<u32> = Vec::new();
    for link in &domain.opening_links {
        let cell = link.cell as usize;
        if !is_inlet(link.opening) {
            outlet[cell] = true;
        } else if !seen[cell] {
            seen[cell] = true;
            front.push(link.cell);
        }
    }
    let mut smallest = front.len().max(1) as f64;
    while !front.is_empty() && !front.iter().any(|cell| outlet[*cell as usize]) {
        smallest = smallest.min(front.len() as f64);
        let mut next = Vec::new();
        for cell in front {
            for i in 1..Q {
                if let Some(to) = cells.neighbour(cell as usize, i).filter(|to| !seen[*to]) {
                    seen[to] = true;
                    next.push(to as u32);
                }
            }
        }
        front = next;
    }
    smallest.max(1.0)
}
