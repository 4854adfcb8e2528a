//! From a set-up and a pulse to flow that repeats itself.

use super::assemble::{assemble, oscillate, reference_pa};
use super::beat::Beat;
use super::coronary_bank::CoronaryBank;
use super::cycle_record::{CycleChange, CycleRecord};
use super::cycle_result::{Pulsating, finish};
use super::domain::Domain;
use super::error::FlowError;
use super::fluid::Thinning;
use super::glimpse::{Looks, Stage};
use super::network::CoronaryBed;
use super::opening::OpeningKind;
use super::outlet::Outlet;
use super::plan::{Plan, shares};
use super::populations::CELLS_MAX;
use super::pulse::{CYCLES_MIN, Pulse, PulseProfile, SAMPLES, STEP_DIVISOR};
use super::settle::{check_states, opening_densities};
use super::setup::{Device, Scheme, Setup, Split};
use super::simulation::Simulation;
use super::start::{self, Start};
use super::wall_map::WallMap;
use super::windkessel::{Bank, Windkessel};
use super::womersley::Harmonics;
use crate::base::Progress;
use std::f64::consts::TAU as TURN;
use std::time::Instant;

/// How often a run that became unstable is tried again with half the step.
const RETRIES: usize = 2;
/// Share of a sound's way through the lumen that the running mean of an outlet's speed covers: short enough to follow the
/// pulse, long enough to let sound go.
const OUTLET_MEMORY: f64 = 0.5;

/// Steps in which it can be measured what computes faster: they are part of the run.
const CHOICE_STEPS: usize = 200;

/// How a run of cycles went.
pub(super) struct Beaten {
    pub plan: Plan,
    pub mach: f64,
    pub record: CycleRecord,
    pub changes: Vec<CycleChange>,
    pub periodic: bool,
    /// Whether somebody ended the run by hand.
    pub ended: bool,
    /// Steps of a cycle, and of the run.
    pub period: usize,
    pub steps: usize,
    pub windkessels: Vec<Windkessel>,
    pub beds: Vec<CoronaryBed>,
    /// Inlets with Womersley's profile.
    pub round: Vec<String>,
    pub seconds: f64,
    pub mlups: f64,
    /// What computed, and why, if there was a choice.
    pub device: Option<String>,
}

/// Compute flow that repeats itself every cycle of `pulse`.
///
/// The run starts from the steady flow of the mean inflow, and windkessels from the pressures that they have in the
/// periodic state if the flow divides as planned. The result has the same bits on any number of threads.
///
/// # Errors
/// [`FlowError`]: a set-up or pulse that cannot be computed, a run that becomes unstable even with a quarter of the time
/// step, or a cancelled one.
pub fn simulate_pulse(setup: &Setup, pulse: &Pulse, progress: &Progress) -> Result<Pulsating, FlowError> {
    if setup.keeper.is_some() {
        let text = "checkpoints are kept of steady flow only; do without them, or take a steady waveform";
        return Err(FlowError::Checkpoint(text.into()));
    }
    let setup = &pulse.mean_setup(setup)?;
    let cell_mm = setup.cell_mm()?;
    let domain = Domain::new(&setup.lumen, &setup.openings, cell_mm, &progress.part(0.0..0.03, "lattice"))?;
    if CELLS_MAX < domain.cells.len() {
        let millions = domain.cells.len() as f64 * 1e-6;
        return Err(FlowError::TooFine { cell_mm, millions, limit: CELLS_MAX / 1_000_000 });
    }
    let mut warnings = domain.warnings.clone();
    let starting = progress.part(0.03..0.1, "mean flow");
    let start = match start::coarse(setup, &domain, &starting)? {
        Some(start) => Some(start),
        None => start::settled(setup, &domain, &starting)?,
    };
    let map = WallMap::new(&domain);
    let mut mach = setup.mach;
    let running = progress.part(0.1..0.95, "cycles");
    let mut reached = 0;
    for attempt in 0.. {
        match run(setup, pulse, &domain, (mach, attempt, &mut reached), start.as_ref(), &map, &running) {
            Ok(beaten) => return finish(setup, pulse, domain, beaten, warnings, &progress.part(0.95..1.0, "wall")),
            Err(FlowError::Unstable { step, .. } | FlowError::Compressed { step, .. }) if attempt < RETRIES => {
                mach *= 0.5;
                let and = if setup.scheme == Scheme::Auto && setup.fluid.thinning == Thinning::None {
                    " and more eddy viscosity"
                } else {
                    ""
                };
                warnings.push(format!("the flow ran away at step {step}; computed again with half the time step{and}"));
            }
            Err(FlowError::CardLost(note)) => {
                let on_processor = Setup { device: Device::Processor, ..setup.clone() };
                let mut pulsating = simulate_pulse(&on_processor, pulse, progress)?;
                pulsating.summary = pulsating.summary.warning(note);
                return Ok(pulsating);
            }
            Err(error) => return Err(error),
        }
    }
    unreachable!("the last attempt returns")
}

/// Attempt `attempt` at Mach number `mach`. `reached` is the last cycle that any attempt began: it ends by hand at none
/// before, so that with so many cycles allowed all attempts go the same way again.
fn run(
    setup: &Setup,
    pulse: &Pulse,
    domain: &Domain,
    (mach, attempt, reached): (f64, usize, &mut usize),
    start: Option<&Start>,
    map: &WallMap,
    progress: &Progress,
) -> Result<Beaten, FlowError> {
    let period_s = pulse.waveform.period_s();
    let plan = Plan::for_pulse(setup, domain, mach, attempt, pulse.largest(), (period_s, STEP_DIVISOR))?;
    let period = (period_s / plan.units.step_s).round() as usize;
    let clock = Instant::now();
    let (mut simulation, windkessels, beds, round) = begin(setup, pulse, domain, &plan, period, start)?;
    let beat = simulation.beat.as_ref().expect("it was given one");
    let run_in = period - beat.phase(0);
    let all = (run_in + pulse.cycles_max * period) as f64;
    let mut looks = Looks::new(domain);
    let device = if CHOICE_STEPS < run_in { setup.choose_device(&mut simulation) } else { None };
    while simulation.steps < run_in {
        let sample = (simulation.steps / (period / SAMPLES) + 1) * (period / SAMPLES);
        simulation.advance(sample.min(run_in) - simulation.steps, &mut |_| progress.check().is_ok());
        progress.set(simulation.steps as f64 / all)?;
        simulation.check_ranks()?;
        check_states(&simulation.states(), simulation.steps)?;
        let time_s = beat_time_s(period + simulation.steps - run_in, &plan);
        looks.show(progress, &plan.units, || simulation.states(), Stage::Beating { cycle: 0, time_s });
    }
    simulation.check_ranks()?;
    if setup.ends_by_hand {
        progress.offer_end();
    }
    let mut last: Option<CycleRecord> = None;
    let (mut changes, mut periodic, mut ended): (Vec<CycleChange>, bool, bool) = (Vec::new(), false, false);
    for cycle in 1..=pulse.cycles_max {
        *reached = cycle.max(*reached);
        let all = (period, pulse.phases, all, cycle);
        let record = one_cycle(domain, &mut simulation, &plan, map, all, &mut looks, progress)?;
        changes.extend(last.as_ref().map(|last| record.change(last)));
        periodic = changes.last().is_some_and(|change| change.largest() < pulse.tolerance);
        last = Some(record);
        if periodic && CYCLES_MIN <= cycle {
            break;
        }
        ended = setup.ends_by_hand && progress.is_to_end() && CYCLES_MIN.max(*reached) <= cycle;
        if ended {
            progress.ended_at(cycle as u64);
            break;
        }
    }
    let (seconds, steps) = (clock.elapsed().as_secs_f64(), simulation.steps);
    let mlups = domain.cells.len() as f64 * steps as f64 / seconds * 1e-6;
    let record = last.expect("there are at least two cycles");
    Ok(Beaten {
        plan,
        mach,
        record,
        changes,
        periodic,
        ended,
        period,
        steps,
        windkessels,
        beds,
        round,
        seconds,
        mlups,
        device,
    })
}

/// The simulation at the mean flow, ready to pulsate; its windkessels and coronary beds; the inlets with Womersley's
/// profile.
fn begin(
    setup: &Setup,
    pulse: &Pulse,
    domain: &Domain,
    plan: &Plan,
    period: usize,
    start: Option<&Start>,
) -> Result<(Simulation, Vec<Windkessel>, Vec<CoronaryBed>, Vec<String>), FlowError> {
    let held = matches!(pulse.beyond, super::pulse::Beyond::Held);
    // Windkessels, not flows, decide how the flow divides.
    let open = Setup { split: if held { setup.split } else { Split::Pressure }, ..setup.clone() };
    let mut simulation = assemble(&open, domain, plan);
    if let Some(start) = start {
        start.apply(&plan.units, &mut simulation, &domain.openings);
    }
    let memory = OUTLET_MEMORY * plan.sound;
    let shares = shares(setup, &domain.openings).into_iter().zip(&domain.openings);
    let expected = shares.filter(|(_, opening)| !opening.kind.is_inlet()).map(|(share, _)| share * plan.inflow);
    let outlets = std::mem::take(&mut simulation.outlets).into_iter().zip(expected);
    simulation.outlets = outlets.map(|(outlet, expected)| outlet.pulsating(memory, period, expected)).collect();
    let harmonics = Harmonics::of(&pulse.waveform);
    let mut round = Vec::new();
    if pulse.profile == PulseProfile::Womersley {
        let omega = TURN / period as f64;
        round = oscillate(setup, domain, plan, &mut simulation, (&harmonics.0, omega));
    }
    let mean_ml_s = pulse.waveform.mean_ml_s();
    let share = |n: usize| {
        let part = n as f64 / period as f64;
        // What comes in is what outlets reckon with: inlets that follow harmonics leave out what is finer.
        let exact = pulse.waveform.at(part * pulse.waveform.period_s()) / mean_ml_s;
        if round.is_empty() { exact } else { harmonics.at(part) }
    };
    let mut beat = Beat::new((0..period).map(|n| share(n) as f32).collect(), !round.is_empty());
    let densities = opening_densities(domain, &simulation.states());
    let outlets = domain.openings.iter().zip(densities).filter(|(opening, _)| !opening.kind.is_inlet());
    let pressures_pa: Vec<f64> = outlets.map(|(_, rho)| rho * plan.units.pressure_pa()).collect();
    let mut vessels = Vec::new();
    if let Some((windkessels, shares)) = pulse.windkessels(setup, &domain.openings, &pressures_pa)? {
        let flows: Vec<f64> = beat.shares_from_start().map(|share| share * mean_ml_s).collect();
        let units = [plan.units.step_s, plan.units.flow_ml_s(), plan.units.pressure_pa()];
        beat.bank = Some(Bank::new(windkessels.clone(), &shares, &flows, units));
        simulation.outlets.iter_mut().for_each(Outlet::hold_unsteered);
        vessels = windkessels;
    }
    let mut beds = Vec::new();
    if let Some(tree) = pulse.coronary() {
        let (found, shares) = tree.beds(mean_ml_s, setup, &domain.openings, &pressures_pa)?;
        let flows: Vec<f64> = beat.shares_from_start().map(|share| share * mean_ml_s).collect();
        let units = [plan.units.step_s, plan.units.flow_ml_s(), plan.units.pressure_pa()];
        let bank = CoronaryBank::new(found.clone(), &tree.squeeze, beat.phase(0), &shares, &flows, units);
        (beat.beds, beds) = (Some(bank), found);
        simulation.outlets.iter_mut().for_each(Outlet::hold_unsteered);
    }
    simulation.beat = Some(beat);
    Ok((simulation, vessels, beds, round))
}

/// The time of a step of a cycle in s.
fn beat_time_s(step: usize, plan: &Plan) -> f64 {
    step as f64 * plan.units.step_s
}

/// One cycle from its first sample on.
fn one_cycle(
    domain: &Domain,
    simulation: &mut Simulation,
    plan: &Plan,
    map: &WallMap,
    (period, phases, all, cycle): (usize, usize, f64, usize),
    looks: &mut Looks<'_>,
    progress: &Progress,
) -> Result<CycleRecord, FlowError> {
    let mut record = CycleRecord::new(domain.openings.len(), domain.wall.positions().len());
    let half = period / STEP_DIVISOR;
    let held_pa = reference_pa(&domain.openings);
    // Outflow of every outlet, summed over half a sample's time each: flow at a sample is the mean around it.
    let mut halves: Vec<Vec<f64>> = Vec::with_capacity(STEP_DIVISOR);
    let mut inflows = Vec::with_capacity(SAMPLES);
    for sample in 0..SAMPLES {
        let states = simulation.states();
        let time_s = beat_time_s(sample * (period / SAMPLES), plan);
        looks.show(progress, &plan.units, || states.clone(), Stage::Beating { cycle, time_s });
        check_states(&states, simulation.steps)?;
        let reference_pa = simulation.beat.as_ref().and_then(Beat::reference_pa).unwrap_or(held_pa);
        let densities = opening_densities(domain, &states);
        let pressures: Vec<f64> = densities.iter().map(|rho| rho * plan.units.pressure_pa() + reference_pa).collect();
        let shear = map.shear(&states);
        record.add(states, shear, &pressures, reference_pa, phases);
        inflows.push(f64::from(simulation.share()));
        for _ in 0..2 {
            halves.push(simulation.advance(half, &mut |_| progress.check().is_ok()));
            progress.check()?;
            simulation.check_ranks()?;
        }
        if let Some(note) = simulation.gpu_note() {
            // The record of the cycle has a gap.
            return Err(FlowError::CardLost(note.to_owned()));
        }
        progress.set(simulation.steps as f64 / all)?;
    }
    for (k, share) in inflows.into_iter().enumerate() {
        let (before, after) = (&halves[(2 * k + STEP_DIVISOR - 1) % STEP_DIVISOR], &halves[2 * k]);
        let mut outflows = before.iter().zip(after).map(|(a, b)| (a + b) / (2 * half) as f64);
        let flow = |opening: &super::opening::Opening| match opening.kind {
            OpeningKind::Inlet { .. } => opening.inflow_ml_s() / plan.units.flow_ml_s() * share,
            OpeningKind::Outlet { .. } => -outflows.next().unwrap_or(0.0),
        };
        let flows: Vec<f64> = domain.openings.iter().map(flow).collect();
        record.add_flows(&flows);
    }
    Ok(record)
}
