//! From a set-up to steady flow.

use super::assemble::assemble;
use super::collect::{Flow, collect};
use super::domain::Domain;
use super::error::FlowError;
use super::fluid::Thinning;
use super::glimpse::{Looks, Stage};
use super::outlet::Outlet;
use super::plan::{Plan, across_throat};
use super::populations::CELLS_MAX;
use super::report;
use super::result::FlowResult;
use super::settle::{Mean, change, check_fastest, check_speed, record, still_to_come};
use super::setup::{Device, Scheme, Setup};
use super::simulation::Simulation;
use super::start::{self, Start};
use super::units::Units;
use crate::base::{Progress, Summary};
use std::time::Instant;

/// How often a run that became unstable is tried again with half the step; where there is an eddy viscosity to raise, that
/// is raised before as often as this. It costs nothing, half the step twice the time.
const RETRIES: usize = 2;
const EDDIES_FIRST: usize = 2;
/// Windows in a row in which nothing more may be expected to change.
const CALM: usize = 3;
/// Steps between looks for instability.
const CHECK_STEPS: usize = 200;
/// Share of the inflow that may be missing at the outlets of steady flow.
const BALANCE: f64 = 0.03;
/// Flow that has not become steady is averaged over the last of this many parts of the run.
const MEAN_PART: usize = 4;
/// Samples of such a mean.
const MEAN_SAMPLES: usize = 50;

/// How a run went.
pub(super) struct Run {
    pub units: Units,
    pub tau: f64,
    /// The Mach number the time step was chosen for.
    pub mach: f64,
    /// The Smagorinsky constant, if the regularised operator ran.
    pub regularised: Option<f64>,
    pub steps: usize,
    /// Steps before on a coarser lattice.
    pub coarse_steps: usize,
    /// How often the inflow exchanged the fluid.
    pub exchanges: f64,
    /// Largest share by which a pressure, a flow, the energy or the friction is still expected to change.
    pub to_come: f64,
    /// Relative change of the velocity in the last window.
    pub residual: f64,
    pub steady: bool,
    /// Cells across the narrowest place on the way of all of the inflow.
    pub across_throat: f64,
    /// Whether somebody ended it by hand.
    pub ended: bool,
    /// Over how many of the last steps the flow was averaged, because it did not become steady.
    pub averaged: Option<usize>,
    /// What computed, and why, if there was a choice.
    pub device: Option<String>,
    pub seconds: f64,
    pub mlups: f64,
}

/// Compute steady flow.
///
/// A lattice fine enough starts from the flow on one of twice the cells, and with a smaller Mach number if that shows
/// the one asked for to compress the fluid too much. The result has the same bits on any number of threads.
///
/// # Errors
/// [`FlowError`]: a set-up that cannot flow, a run that becomes unstable even with a quarter of the time step, or a
/// cancelled one.
pub fn simulate(setup: &Setup, progress: &Progress) -> Result<(FlowResult, Summary), FlowError> {
    setup.check()?;
    let cell_mm = setup.cell_mm()?;
    let domain = Domain::new(&setup.lumen, &setup.openings, cell_mm, &progress.part(0.0..0.06, "lattice"))?;
    if CELLS_MAX < domain.cells.len() {
        let millions = domain.cells.len() as f64 * 1e-6;
        return Err(FlowError::TooFine { cell_mm, millions, limit: CELLS_MAX / 1_000_000 });
    }
    let mut warnings = domain.warnings.clone();
    let start = match &setup.start {
        Some(earlier) => Some(Start::from_result(earlier, setup, &domain)),
        None => start::coarse(setup, &domain, &progress.part(0.06..0.15, "coarse flow"))?,
    };
    let mut mach = start.as_ref().map_or(setup.mach, |start| start.mach(setup.mach));
    let running = progress.part(0.15..0.92, "flow");
    let eddies_first = eddies_first(setup);
    for attempt in 0.. {
        // What became unstable with half the step as well may have begun badly: from rest then.
        let from = start.as_ref().filter(|_| attempt <= eddies_first);
        match run(setup, &domain, mach, attempt, from, &running) {
            Ok((flow, run)) => {
                let finishing = progress.part(0.92..1.0, "wall and streamlines");
                let result = collect(setup, domain, flow, &run.units, &finishing)?;
                let summary = report::summary(setup, &result, &run, warnings);
                return Ok((result, summary));
            }
            Err(FlowError::Unstable { step, .. }) if attempt < RETRIES + eddies_first => {
                let how = if attempt < eddies_first { "more eddy viscosity" } else { "half the time step" };
                if eddies_first <= attempt {
                    mach *= 0.5;
                }
                warnings.push(format!("the flow became unstable at step {step}; computed again with {how}"));
            }
            Err(FlowError::CardLost(note)) => {
                let on_processor = Setup { device: Device::Processor, ..setup.clone() };
                let (result, summary) = simulate(&on_processor, progress)?;
                return Ok((result, summary.warning(format!("{note}; all of it was computed on the processor"))));
            }
            Err(error) => return Err(error),
        }
    }
    unreachable!("the last attempt returns")
}

/// How often an unstable run is tried again with more eddy viscosity before its step is halved: not where the fluid or the
/// user decides of the operator.
pub(super) fn eddies_first(setup: &Setup) -> usize {
    let may = setup.scheme == Scheme::Auto && setup.fluid.thinning == Thinning::None;
    if may { EDDIES_FIRST } else { 0 }
}

/// Attempt `attempt` at Mach number `mach`, from rest or from `start`.
fn run(
    setup: &Setup,
    domain: &Domain,
    mach: f64,
    attempt: usize,
    start: Option<&Start>,
    progress: &Progress,
) -> Result<(Flow, Run), FlowError> {
    let plan = Plan::new(setup, domain, mach, attempt, start.is_some())?;
    let mut simulation = assemble(setup, domain, &plan);
    let clock = Instant::now();
    let (mut coarse_steps, mut coarse_seconds) = (0, 0.0);
    if let Some(start) = start {
        start.apply(&plan.units, &mut simulation, &domain.openings);
        (coarse_steps, coarse_seconds) = (start.steps, start.seconds);
    }
    let device = setup.choose_device(&mut simulation);
    progress.offer_end();
    let settled = settle(setup, domain, &plan, &mut simulation, false, progress)?;
    let seconds = clock.elapsed().as_secs_f64();
    let steps = simulation.steps;
    let averaged = settled.mean.as_ref().map(|mean| mean.steps);
    let (states, outflows) = settled
        .mean
        .map_or_else(|| (simulation.states(), simulation.outlets.iter().map(Outlet::outflow).collect()), Mean::finish);
    if let Some(fault) = simulation.gpu_fault() {
        // What was looked at on the way may have been old.
        return Err(FlowError::CardLost(fault));
    }
    let run = Run {
        units: plan.units,
        tau: plan.tau,
        mach,
        regularised: plan.regularised,
        steps,
        coarse_steps,
        exchanges: steps as f64 / plan.exchange,
        to_come: settled.to_come,
        residual: settled.residual,
        steady: settled.steady,
        across_throat: across_throat(domain),
        ended: settled.ended,
        averaged,
        device,
        seconds: seconds + coarse_seconds,
        mlups: domain.cells.len() as f64 * steps as f64 / seconds * 1e-6,
    };
    Ok((Flow { states, outflows, share: f64::from(simulation.share()) }, run))
}

/// How the flow settled.
pub(super) struct Settled {
    /// See [`Run::to_come`].
    pub to_come: f64,
    /// Relative change of the velocity in the last window.
    pub residual: f64,
    pub steady: bool,
    /// Whether somebody ended the run before.
    pub ended: bool,
    /// The mean over the end of the run, if it is long enough and did not become steady.
    pub mean: Option<Mean>,
}

/// Step until the flow is steady, somebody ends it, or to the limit of the plan. Flow that is `coarse` is only to start
/// from, and not ended by hand.
pub(super) fn settle(
    setup: &Setup,
    domain: &Domain,
    plan: &Plan,
    simulation: &mut Simulation,
    coarse: bool,
    progress: &Progress,
) -> Result<Settled, FlowError> {
    let limit = plan.limit;
    let (mut looks, mut ended) = (Looks::new(domain), false);
    let end_after = setup.end_after.filter(|_| !coarse).unwrap_or(usize::MAX);
    let mean_steps = limit / MEAN_PART;
    // What the inflow has not yet washed out tells nothing of the mean.
    let may_average = plan.ramp as f64 + plan.exchange <= (limit - mean_steps) as f64;
    let sample_every = (mean_steps / MEAN_SAMPLES / 2 * 2).max(2);
    let mut mean = Mean::default();
    let (mut before, mut residual, mut steady) = (simulation.velocities(), f64::INFINITY, false);
    let (mut history, mut calm, mut to_come) = (Vec::new(), 0, f64::INFINITY);
    // The next step at which somebody looks; samples are taken where what is left is a multiple of so many.
    let next = |now: usize, end: usize| {
        let left = mean_steps.min((limit - now).saturating_sub(2)) / sample_every * sample_every;
        let checked = (now / CHECK_STEPS + 1) * CHECK_STEPS;
        end.min(checked).min(if may_average { limit - left } else { limit })
    };
    while simulation.steps < limit && !steady && !ended {
        let end = (simulation.steps + plan.window).min(limit);
        while simulation.steps < end && !ended {
            let now = simulation.steps;
            let set = |done: usize| progress.set((now + done) as f64 / limit as f64);
            simulation.advance(next(now, end) - now, &mut |done| set(done).is_ok());
            progress.check()?;
            if simulation.steps.is_multiple_of(CHECK_STEPS) {
                check_fastest(simulation)?;
            }
            let left = limit - simulation.steps;
            if may_average && left <= mean_steps && left.is_multiple_of(sample_every) {
                mean.add(simulation);
            }
            // Where it was ended by hand is one of the steps at which somebody looks, so that it can be ended there again.
            ended = end_after <= simulation.steps;
            if !coarse && !ended && progress.is_to_end() {
                progress.ended_at(simulation.steps as u64);
                ended = true;
            }
            let exchanges = simulation.steps as f64 / plan.exchange;
            let stage = Stage::Settling { coarse, exchanges, to_come, tolerance: setup.tolerance };
            looks.show(progress, &plan.units, || simulation.states(), stage);
        }
        let now = simulation.velocities();
        check_speed(&now, simulation.steps)?;
        residual = change(&before, &now);
        before = now;
        if plan.ramp < simulation.steps {
            history.push(record(domain, simulation));
            to_come = still_to_come(&history, plan.inflow);
            let balanced = (simulation.outflow() / plan.inflow - 1.0).abs() < BALANCE;
            calm = if to_come < setup.tolerance && balanced { calm + 1 } else { 0 };
            steady = CALM <= calm && plan.least <= simulation.steps as f64;
        }
    }
    let mean = (!steady && !ended && may_average).then_some(mean);
    Ok(Settled { to_come, residual, steady, ended, mean })
}
