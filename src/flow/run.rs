//! From a set-up to steady flow.

use super::boundary::{Inlet, Outlet};
use super::collide::{Regularised, Trt};
use super::domain::{Domain, OpeningLink};
use super::error::FlowError;
use super::lattice::{C, CS2};
use super::opening::{Opening, OpeningKind};
use super::populations::{CELLS_MAX, Populations};
use super::profile::Shape;
use super::report;
use super::result::{FlowResult, OpeningFlow};
use super::sample::sample_wall;
use super::setup::{self, Scheme, Setup, Split};
use super::simulation::{Operator, Simulation};
use super::streamlines;
use super::units::Units;
use crate::base::{Progress, Summary, parallel};
use crate::geom::{Point, Vector};
use nalgebra::Matrix3;
use std::sync::Arc;
use std::time::Instant;

/// Below this distance of the relaxation time from ½ the regularised operator is chosen: there two relaxation times
/// with Λ = 3/16 become unstable at openings, and the interpolated walls lose accuracy (4 % of the flow at 0.01).
const TRT_MARGIN: f64 = 0.05;
/// Cell Reynolds number (fastest speed times cell over viscosity) up to which no eddy viscosity is needed.
const CELL_REYNOLDS_MAX: f64 = 100.0;
/// Smagorinsky constants of the first attempt beyond it, and of later ones.
const SMAGORINSKY: [f64; 3] = [0.05, 0.1, 0.14];
/// Magic number of walls exactly half-way.
pub(super) const MAGIC: f64 = 3.0 / 16.0;
/// Speed in cells per step beyond which nothing is meant any more (Mach 0.5).
const SPEED_MAX: f64 = 0.29;
/// How often a run that became unstable is tried again with half the step.
const RETRIES: usize = 2;
/// How often the fluid is exchanged before flow can be called steady, unless viscosity settles it sooner.
const EXCHANGES_MIN: f64 = 1.5;
/// Windows in a row in which nothing more may be expected to change.
const CALM: usize = 3;
/// Steps between looks for instability.
const CHECK_STEPS: usize = 200;
/// Share of the inflow that may be missing at the outlets of steady flow.
const BALANCE: f64 = 0.03;

/// How a run went.
pub(super) struct Run {
    pub units: Units,
    pub tau: f64,
    /// The Smagorinsky constant, if the regularised operator ran.
    pub regularised: Option<f64>,
    pub steps: usize,
    /// How often the inflow exchanged the fluid.
    pub exchanges: f64,
    /// Largest share by which a pressure, a flow, the energy or the friction is still expected to change.
    pub to_come: f64,
    /// Relative change of the velocity in the last window.
    pub residual: f64,
    pub steady: bool,
    pub seconds: f64,
    pub mlups: f64,
}

/// Compute steady flow.
///
/// The result has the same bits on any number of threads.
///
/// # Errors
/// [`FlowError`]: a set-up that cannot flow, a run that becomes unstable even with a quarter of the time step, or a
/// cancelled one.
pub fn simulate(setup: &Setup, progress: &Progress) -> Result<(FlowResult, Summary), FlowError> {
    setup.check()?;
    let cell_mm = setup.cell_mm()?;
    let domain = Domain::new(&setup.lumen, &setup.openings, cell_mm, &progress.part(0.0..0.08, "lattice"))?;
    if CELLS_MAX < domain.cells.len() {
        let millions = domain.cells.len() as f64 * 1e-6;
        return Err(FlowError::TooFine { cell_mm, millions, limit: CELLS_MAX / 1_000_000 });
    }
    let mut warnings = domain.warnings.clone();
    let mut mach = setup.mach;
    let running = progress.part(0.08..0.92, "flow");
    for attempt in 0.. {
        match run(setup, &domain, mach, attempt, &running) {
            Ok((simulation, run)) => {
                let finishing = progress.part(0.92..1.0, "wall and streamlines");
                let result = collect(setup, domain, &simulation, &run.units, &finishing)?;
                let summary = report::summary(setup, &result, &run, warnings);
                return Ok((result, summary));
            }
            Err(FlowError::Unstable { step, .. }) if attempt < RETRIES => {
                mach *= 0.5;
                let and = if setup.scheme == Scheme::Auto { " and more eddy viscosity" } else { "" };
                warnings.push(format!(
                    "the flow became unstable at step {step}; computed again with half the time step{and}"
                ));
            }
            Err(error) => return Err(error),
        }
    }
    unreachable!("the last attempt returns")
}

fn run(
    setup: &Setup,
    domain: &Domain,
    mach: f64,
    attempt: usize,
    progress: &Progress,
) -> Result<(Simulation, Run), FlowError> {
    let cell_m = domain.cells.cell_mm() * 1e-3;
    let inflow_m3_s: f64 = domain.openings.iter().map(Opening::inflow_ml_s).sum::<f64>() * 1e-6;
    let shares = shares(setup, &domain.openings);
    let fastest_outlet = domain.openings.iter().zip(&shares).map(|(o, share)| share / (o.area_mm2 * 1e-6));
    let outlets_m2 = 1.0 / fastest_outlet.fold(0.0, f64::max);
    let throat_m2 = (throat_cells2(domain) * cell_m * cell_m).min(outlets_m2);
    let units = Units::choose(&setup.fluid, cell_m, 2.0 * inflow_m3_s / throat_m2, mach);
    let tau = units.tau(&setup.fluid);
    let fine = mach * CS2.sqrt() / (CS2 * (tau - 0.5)) <= CELL_REYNOLDS_MAX;
    let smagorinsky = match setup.scheme {
        Scheme::Regularised { smagorinsky } => smagorinsky,
        Scheme::Auto if attempt == 0 && fine => 0.0,
        Scheme::Auto => SMAGORINSKY[attempt.min(RETRIES)],
        Scheme::Trt => 0.0,
    };
    let use_trt =
        setup.scheme == Scheme::Trt || setup.scheme == Scheme::Auto && attempt == 0 && TRT_MARGIN <= tau - 0.5;
    let operator = if use_trt {
        Operator::Trt(Trt::new(tau, MAGIC, [0.0; 3]))
    } else {
        Operator::Regularised(Regularised::new(tau, smagorinsky))
    };
    let inlet = setup.inlet()?;
    let diameter = 2.0 * inlet.radius_mm * 1e-3 / cell_m;
    let speed = inlet.inflow_ml_s() / inlet.area_mm2 / units.speed_m_s();
    let sound = setup.lumen.diagonal_mm() * 1e-3 / cell_m / CS2.sqrt();
    let viscous = diameter * diameter / (CS2 * (tau - 0.5));
    let inflow = inflow_m3_s * 1e6 / units.flow_ml_s();
    let exchange = domain.cells.len() as f64 / inflow;
    let window = (diameter / speed).min(viscous).min(0.1 * exchange).clamp(50.0, 4000.0) as usize / 2 * 2;
    let ramp = (2.0 * sound) as usize + window;
    let least = ramp as f64 + (EXCHANGES_MIN * exchange).min(viscous);
    let most = ramp as f64 + setup.exchanges_max * exchange;
    let limit = ((most as usize).min(setup.steps_max) / 2 * 2).max(2);
    let mut simulation = assemble(setup, domain, &units, operator, tau, ramp, sound);
    let start = Instant::now();
    let (mut before, mut residual, mut steady) = (simulation.velocities(), f64::INFINITY, false);
    let (mut history, mut calm, mut to_come) = (Vec::new(), 0, f64::INFINITY);
    while simulation.steps < limit && !steady {
        let end = (simulation.steps + window).min(limit);
        while simulation.steps < end {
            simulation.two_steps();
            progress.set(simulation.steps as f64 / limit as f64)?;
            if simulation.steps.is_multiple_of(CHECK_STEPS) {
                check_speed(&simulation.velocities(), simulation.steps)?;
            }
        }
        let now = simulation.velocities();
        check_speed(&now, simulation.steps)?;
        residual = change(&before, &now);
        before = now;
        if ramp < simulation.steps {
            history.push(record(domain, &simulation));
            to_come = still_to_come(&history, inflow);
            let balanced = (simulation.outflow() / inflow - 1.0).abs() < BALANCE;
            calm = if to_come < setup.tolerance && balanced { calm + 1 } else { 0 };
            steady = CALM <= calm && least <= simulation.steps as f64;
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let mlups = simulation.cells.len() as f64 * simulation.steps as f64 / seconds * 1e-6;
    let regularised = (!use_trt).then_some(smagorinsky);
    let steps = simulation.steps;
    let exchanges = steps as f64 / exchange;
    Ok((simulation, Run { units, tau, regularised, steps, exchanges, residual, to_come, steady, seconds, mlups }))
}

/// Share of the inflow that each opening lets out, by the third power of the radius; 0 for inlets.
fn shares(setup: &Setup, openings: &[Opening]) -> Vec<f64> {
    let weight = |opening: &Opening| match (opening.kind, setup.split) {
        (OpeningKind::Inlet { .. }, _) => 0.0,
        (_, Split::Murray) => opening.radius_mm.powi(3),
        // Nothing better is known beforehand: equal speeds.
        (_, Split::Pressure) => opening.area_mm2,
    };
    let sum = openings.iter().map(weight).sum::<f64>();
    openings.iter().map(|opening| weight(opening) / sum).collect()
}

/// [`FlowError::Unstable`] if something is faster than means anything, or is not a number.
fn check_speed(velocities: &[[f32; 3]], step: usize) -> Result<(), FlowError> {
    let speed = largest(velocities);
    let is_number = velocities.iter().flatten().all(|u| u.is_finite());
    if is_number && speed <= SPEED_MAX {
        Ok(())
    } else {
        Err(FlowError::Unstable { step, speed: if is_number { speed } else { f64::NAN }, limit: SPEED_MAX })
    }
}

/// What has to settle: mean density at each opening, flow out of each outlet, kinetic energy, friction.
struct Record {
    rho: Vec<f64>,
    outflow: Vec<f64>,
    energy: f64,
    friction: f64,
}

fn record(domain: &Domain, simulation: &Simulation) -> Record {
    let states = simulation.states();
    let sum = |f: &(dyn Fn(usize) -> f64 + Sync)| parallel::sum_blocks(states.len(), 4096, |range| range.map(f).sum());
    let energy = sum(&|n| states[n].velocity.iter().map(|u| f64::from(*u).powi(2)).sum());
    let friction = sum(&|n| {
        let [xx, yy, zz, xy, xz, yz] = states[n].stress.map(|s| f64::from(s).powi(2));
        (xx + yy + zz + 2.0 * (xy + xz + yz)).sqrt()
    });
    let (mut rho, mut counts) = (vec![0.0; domain.openings.len()], vec![0.0; domain.openings.len()]);
    for link in &domain.opening_links {
        rho[usize::from(link.opening)] += f64::from(states[link.cell as usize].rho);
        counts[usize::from(link.opening)] += 1.0;
    }
    let rho = rho.iter().zip(counts).map(|(sum, count)| sum / count).collect();
    let outflow = simulation.outlets.iter().map(super::boundary::Outlet::outflow).collect();
    Record { rho, outflow, energy, friction }
}

/// The largest share by which anything recorded is still expected to change: the last difference, continued as the
/// geometric series that the last two differences begin.
fn still_to_come(history: &[Record], inflow: f64) -> f64 {
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

fn assemble(
    setup: &Setup,
    domain: &Domain,
    units: &Units,
    operator: Operator,
    tau: f64,
    ramp: usize,
    memory: f64,
) -> Simulation {
    let cells = domain.cells.clone();
    let walls = match setup.walls {
        setup::Walls::Interpolated => domain.wall_links.as_slice(),
        setup::Walls::HalfWay => &[],
    };
    let populations = Populations::new(&cells, walls);
    let lattice_from_patient = axes(domain).transpose();
    let reference_pa = reference_pa(&domain.openings);
    let (mut inlets, mut outlets) = (Vec::new(), Vec::new());
    let shares = shares(setup, &domain.openings);
    let widest = (0..shares.len()).rev().max_by(|a, b| shares[*a].total_cmp(&shares[*b]));
    let inflow = domain.openings.iter().map(Opening::inflow_ml_s).sum::<f64>() / units.flow_ml_s();
    for (n, opening) in domain.openings.iter().enumerate() {
        let links: Vec<OpeningLink> =
            domain.opening_links.iter().filter(|link| usize::from(link.opening) == n).copied().collect();
        let normal = lattice_from_patient * opening.normal;
        match opening.kind {
            OpeningKind::Inlet { .. } => {
                let shape = Shape::new(&setup.lumen, opening, cells.cell_mm());
                let velocity = |link: &OpeningLink| {
                    let size = shape.as_ref().map_or(1.0, |shape| shape.value(middle(domain, link)).max(1e-9));
                    (normal * -size).into()
                };
                let flow = opening.inflow_ml_s() / units.flow_ml_s();
                inlets.push(Inlet::new(&links, velocity, Some(flow), &populations));
            }
            OpeningKind::Outlet { pressure_pa } => {
                let rho = (pressure_pa - reference_pa) / units.pressure_pa();
                let outlet = Outlet::new(&links, normal.into(), rho, memory, &populations);
                let is_steered = setup.split == Split::Murray && Some(n) != widest;
                outlets.push(if is_steered { outlet.carrying(shares[n] * inflow) } else { outlet });
            }
        }
    }
    Simulation { cells, populations, inlets, outlets, operator, tau, force: [0.0; 3], ramp, steps: 0 }
}

/// Lattice axes in the patient, orthonormal columns.
fn axes(domain: &Domain) -> Matrix3<f64> {
    domain.cells.grid().step() / domain.cells.cell_mm()
}

/// The pressure that rest density stands for: the mean of the outlets, so that densities stay near 1.
fn reference_pa(openings: &[Opening]) -> f64 {
    let pressure = |opening: &Opening| match opening.kind {
        OpeningKind::Outlet { pressure_pa } => Some(pressure_pa),
        OpeningKind::Inlet { .. } => None,
    };
    let all: Vec<f64> = openings.iter().filter_map(pressure).collect();
    all.iter().sum::<f64>() / all.len().max(1) as f64
}

/// The middle of a link in the patient.
fn middle(domain: &Domain, link: &OpeningLink) -> Point {
    let place = Vector::from(domain.cells.place(link.cell as usize).map(f64::from));
    let half = Vector::from(C[usize::from(link.direction)].map(|c| 0.5 * f64::from(c)));
    domain.cells.grid().patient_from_index(place + half)
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
            for i in 1..super::lattice::Q {
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

fn collect(
    setup: &Setup,
    domain: Domain,
    simulation: &Simulation,
    units: &Units,
    progress: &Progress,
) -> Result<FlowResult, FlowError> {
    let patient_from_lattice = axes(&domain);
    let reference_pa = reference_pa(&domain.openings);
    let states = simulation.states();
    let velocity = |u: [f32; 3]| -> [f32; 3] {
        (patient_from_lattice * Vector::from(u.map(f64::from)) * units.speed_m_s()).map(|x| x as f32).into()
    };
    let stress = |s: [f32; 6]| -> [f32; 6] {
        let [xx, yy, zz, xy, xz, yz] = s.map(f64::from);
        let lattice = Matrix3::new(xx, xy, xz, xy, yy, yz, xz, yz, zz);
        let s = patient_from_lattice * lattice * patient_from_lattice.transpose() * units.stress_pa();
        [s[(0, 0)], s[(1, 1)], s[(2, 2)], s[(0, 1)], s[(0, 2)], s[(1, 2)]].map(|x| x as f32)
    };
    let pressure = |rho: f32| (f64::from(rho) * units.pressure_pa() + reference_pa) as f32;
    let mut openings = Vec::new();
    let mut outflows = simulation.outlets.iter().map(super::boundary::Outlet::outflow);
    let mut seeds = Vec::new();
    for (n, opening) in domain.openings.iter().enumerate() {
        let mut at: Vec<u32> =
            domain.opening_links.iter().filter(|link| usize::from(link.opening) == n).map(|link| link.cell).collect();
        at.dedup();
        let mean = at.iter().map(|cell| f64::from(states[*cell as usize].rho)).sum::<f64>() / at.len() as f64;
        let inflow_ml_s = if opening.kind.is_inlet() {
            seeds.extend(at);
            opening.inflow_ml_s() * f64::from(simulation.share())
        } else {
            -outflows.next().unwrap_or(0.0) * units.flow_ml_s()
        };
        let pressure_pa = mean * units.pressure_pa() + reference_pa;
        openings.push(OpeningFlow { opening: opening.clone(), inflow_ml_s, pressure_pa });
    }
    let mut result = FlowResult {
        velocity_m_s: Arc::new(states.iter().map(|state| velocity(state.velocity)).collect()),
        pressure_pa: Arc::new(states.iter().map(|state| pressure(state.rho)).collect()),
        stress_pa: Arc::new(states.iter().map(|state| stress(state.stress)).collect()),
        cells: Arc::new(domain.cells),
        wall: domain.wall,
        wall_fields: Vec::new(),
        openings,
        streamlines: Arc::default(),
    };
    progress.set(0.3)?;
    result.wall_fields = sample_wall(&result, &result.wall);
    progress.set(0.7)?;
    result.streamlines = Arc::new(streamlines::trace(&result, &seeds, setup.streamlines, progress)?);
    Ok(result)
}
