//! From a set-up to steady flow.

use super::assemble::assemble;
use super::checkpoint::{Attempt, Checkpoint, Keeping};
use super::collect::{Flow, collect};
use super::domain::Domain;
use super::error::FlowError;
use super::fluid::Thinning;
use super::outlet::Outlet;
use super::plan::{Plan, across_throat};
use super::populations::CELLS_MAX;
use super::report;
use super::result::FlowResult;
use super::settle::Mean;
use super::settling::{Settling, settle};
use super::setup::{Device, Scheme, Setup};
use super::start::{self, Start};
use super::units::Units;
use crate::base::{Progress, Summary};
use std::time::Instant;

/// How often a run that became unstable is tried again with half the step; where there is an eddy viscosity to raise, that
/// is raised before as often as this. It costs nothing, half the step twice the time.
const RETRIES: usize = 2;
const EDDIES_FIRST: usize = 2;

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
    let keeping = Keeping::of(setup, &domain);
    let mut left = match &keeping {
        Some(keeping) => keeping.left(&domain)?,
        None => None,
    };
    let find_start = || match &setup.start {
        Some(earlier) => Ok(Some(Start::from_result(earlier, setup, &domain))),
        None => start::coarse(setup, &domain, &progress.part(0.06..0.15, "coarse flow")),
    };
    let mut start = if left.is_some() { None } else { find_start()? };
    let mut attempt = match &left {
        Some(left) => left.attempt.clone(),
        None => Attempt {
            number: 0,
            mach: start.as_ref().map_or(setup.mach, |start| start.mach(setup.mach)),
            started: start.is_some(),
            coarse_steps: start.as_ref().map_or(0, |start| start.steps),
            steps_before: 0,
            seconds: start.as_ref().map_or(0.0, |start| start.seconds),
            warnings: domain.warnings.clone(),
        },
    };
    let running = progress.part(0.15..0.92, "flow");
    let eddies_first = eddies_first(setup);
    loop {
        // What became unstable with half the step as well may have begun badly: from rest then.
        let from = start.as_ref().filter(|_| attempt.started);
        match run(setup, &domain, &attempt, (from, left.take()), keeping.as_ref(), &running) {
            Ok((flow, run)) => {
                let finishing = progress.part(0.92..1.0, "wall and streamlines");
                let result = collect(setup, domain, flow, &run.units, &finishing)?;
                let summary = report::summary(setup, &result, &run, attempt.warnings);
                return Ok((result, summary));
            }
            Err(FlowError::Unstable { step, .. })
                if attempt.number < RETRIES + eddies_first && !is_over(setup, &attempt, step, progress) =>
            {
                let is_by_eddies = attempt.number < eddies_first;
                let how = if is_by_eddies { "more eddy viscosity" } else { "half the time step" };
                if start.is_none() && attempt.started && is_by_eddies {
                    // The run went on from a checkpoint; an uninterrupted one would have its coarse flow still.
                    start = find_start()?;
                }
                let Attempt { number, mach, steps_before, mut warnings, .. } = attempt;
                warnings.push(format!("the flow became unstable at step {step}; computed again with {how}"));
                let from = start.as_ref().filter(|_| is_by_eddies);
                attempt = Attempt {
                    number: number + 1,
                    mach: if is_by_eddies { mach } else { 0.5 * mach },
                    started: from.is_some(),
                    coarse_steps: from.map_or(0, |start| start.steps),
                    steps_before: steps_before + step,
                    seconds: from.map_or(0.0, |start| start.seconds),
                    warnings,
                };
            }
            Err(FlowError::CardLost(note)) => {
                // An end that was asked for before is where it was, if it had come to it, and not at once.
                let end_after = progress.early_end().map(|step| step as usize).or(setup.end_after);
                let ends_by_hand = setup.ends_by_hand && !progress.is_to_end();
                let on_processor = Setup { device: Device::Processor, end_after, ends_by_hand, ..setup.clone() };
                let (result, summary) = simulate(&on_processor, progress)?;
                return Ok((result, summary.warning(format!("{note}; all of it was computed on the processor"))));
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether the run was to end by this step of an attempt, which became unstable there: the little that the next one would
/// have made by then is no result.
fn is_over(setup: &Setup, attempt: &Attempt, step: usize, progress: &Progress) -> bool {
    let is_asked = setup.ends_by_hand && progress.is_to_end();
    is_asked || setup.end_after.is_some_and(|end| end <= attempt.steps_before + step)
}

/// How often an unstable run is tried again with more eddy viscosity before its step is halved: not where the fluid or the
/// user decides of the operator.
pub(super) fn eddies_first(setup: &Setup) -> usize {
    let may = setup.scheme == Scheme::Auto && setup.fluid.thinning == Thinning::None;
    if may { EDDIES_FIRST } else { 0 }
}

/// One attempt, from rest, from `start`, or from where an earlier run was `left`.
fn run(
    setup: &Setup,
    domain: &Domain,
    attempt: &Attempt,
    (start, left): (Option<&Start>, Option<Checkpoint>),
    keeping: Option<&Keeping>,
    progress: &Progress,
) -> Result<(Flow, Run), FlowError> {
    let plan = Plan::new(setup, domain, attempt.mach, attempt.number, attempt.started)?;
    let mut simulation = assemble(setup, domain, &plan);
    let clock = Instant::now();
    if let Some(start) = start {
        start.apply(&plan.units, &mut simulation, &domain.openings);
    }
    let device = setup.choose_device(&mut simulation);
    if setup.ends_by_hand {
        progress.offer_end();
    }
    let goes_on = left.is_some();
    let mut settling = match left {
        Some(left) => left.put(&mut simulation),
        None => Settling::new(&simulation),
    };
    settling.steps_before = attempt.steps_before;
    let begin = if goes_on { simulation.steps } else { 0 };
    let kept = keeping.map(|keeping| (keeping, attempt, clock));
    let settled = settle(setup, domain, &plan, &mut simulation, settling, kept, progress)?;
    let seconds = clock.elapsed().as_secs_f64();
    let steps = simulation.steps;
    let averaged = settled.mean.as_ref().map(|mean| mean.steps);
    let (states, outflows) = settled
        .mean
        .map_or_else(|| (simulation.states(), simulation.outlets.iter().map(Outlet::outflow).collect()), Mean::finish);
    simulation.check_ranks()?;
    if let Some(fault) = simulation.gpu_fault() {
        // What was looked at on the way may have been old.
        return Err(FlowError::CardLost(fault));
    }
    let run = Run {
        units: plan.units,
        tau: plan.tau,
        mach: attempt.mach,
        regularised: plan.regularised,
        steps,
        coarse_steps: attempt.coarse_steps,
        exchanges: steps as f64 / plan.exchange,
        to_come: settled.to_come,
        residual: settled.residual,
        steady: settled.steady,
        across_throat: across_throat(domain),
        ended: settled.ended,
        averaged,
        device,
        seconds: seconds + attempt.seconds,
        mlups: domain.cells.len() as f64 * (steps - begin) as f64 / seconds * 1e-6,
    };
    Ok((Flow { states, outflows, share: f64::from(simulation.share()) }, run))
}
