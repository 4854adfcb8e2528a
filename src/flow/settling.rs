//! Stepping until flow is steady.

use super::bytes::{Read, Written};
use super::checkpoint::{Attempt, Keeping};
use super::domain::Domain;
use super::error::FlowError;
use super::glimpse::{Looks, Stage};
use super::plan::Plan;
use super::settle::{Mean, Record, change, check_fastest, check_speed, record, still_to_come};
use super::setup::Setup;
use super::simulation::Simulation;
use crate::base::Progress;
use std::time::Instant;

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
/// Looks back that decide what is still to come.
const LOOKS: usize = 3;

/// How the flow settled.
pub(super) struct Settled {
    /// See [`Run::to_come`](super::run::Run::to_come).
    pub to_come: f64,
    /// Relative change of the velocity in the last window.
    pub residual: f64,
    pub steady: bool,
    /// Whether somebody ended the run before.
    pub ended: bool,
    /// The mean over the end of the run, if it is long enough and did not become steady.
    pub mean: Option<Mean>,
}

/// Where a run is on its way to steady flow, besides the flow itself.
pub(super) struct Settling {
    /// Velocities at the start of the window.
    before: Vec<[f32; 3]>,
    residual: f64,
    history: Vec<Record>,
    calm: usize,
    to_come: f64,
    mean: Mean,
    /// The step at which the window ends, if one has begun.
    end: Option<usize>,
    /// Steps of attempts before this one; the checkpoint has them with the attempt.
    pub steps_before: usize,
}

impl Settling {
    /// At the start.
    pub fn new(simulation: &Simulation) -> Self {
        let (before, residual, to_come) = (simulation.velocities(), f64::INFINITY, f64::INFINITY);
        Self {
            before,
            residual,
            history: Vec::new(),
            calm: 0,
            to_come,
            mean: Mean::default(),
            end: None,
            steps_before: 0,
        }
    }

    /// Whether it belongs to as many cells.
    pub fn fits(&self, domain: &Domain) -> bool {
        self.before.len() == domain.cells.len() && self.mean.fits(domain)
    }

    /// As bytes.
    pub fn write(&self, written: &mut Written) {
        written.all(&self.before);
        written.one(self.residual);
        let last = &self.history[self.history.len().saturating_sub(LOOKS)..];
        written.one(last.len() as u64);
        last.iter().for_each(|record| record.write(written));
        written.one(self.calm as u64);
        written.one(self.to_come);
        self.mean.write(written);
        written.one(self.end.map_or(u64::MAX, |end| end as u64));
    }

    /// From bytes.
    pub fn read(read: &mut Read<'_>) -> Option<Self> {
        let (before, residual) = (read.all()?, read.one()?);
        let mut history = Vec::new();
        for _ in 0..read.count()?.min(LOOKS) {
            history.push(Record::read(read)?);
        }
        let (calm, to_come, mean) = (read.count()?, read.one()?, Mean::read(read)?);
        let end = Some(read.one::<u64>()?).filter(|end| *end != u64::MAX).map(|end| end as usize);
        Some(Self { before, residual, history, calm, to_come, mean, end, steps_before: 0 })
    }
}

/// Where a run keeps its checkpoints, what they say of the attempt, and since when it runs.
pub(super) type Kept<'a> = (&'a Keeping, &'a Attempt, Instant);

/// Step until the flow is steady, or to the limit of the plan.
pub(super) fn settle(
    setup: &Setup,
    domain: &Domain,
    plan: &Plan,
    simulation: &mut Simulation,
    mut settling: Settling,
    kept: Option<Kept<'_>>,
    progress: &Progress,
) -> Result<Settled, FlowError> {
    let limit = plan.limit;
    let mean_steps = limit / MEAN_PART;
    // What the inflow has not yet washed out tells nothing of the mean.
    let may_average = plan.ramp as f64 + plan.exchange <= (limit - mean_steps) as f64;
    let sample_every = (mean_steps / MEAN_SAMPLES / 2 * 2).max(2);
    let end_after = setup.end_after.unwrap_or(usize::MAX);
    let steps_before = settling.steps_before;
    let mut steady = false;
    // A checkpoint may be of the very step at which the run ends.
    let mut ended = 0 < simulation.steps && end_after <= steps_before + simulation.steps;
    let mut is_by_hand = false;
    let mut looks = Looks::new(domain);
    let (coarse, tolerance) = (setup.only_to_start, setup.tolerance);
    // The next step at which somebody looks; samples are taken where what is left is a multiple of so many.
    let next = |now: usize, end: usize| {
        let left = mean_steps.min((limit - now).saturating_sub(2)) / sample_every * sample_every;
        let checked = (now / CHECK_STEPS + 1) * CHECK_STEPS;
        end.min(checked).min(if may_average { limit - left } else { limit })
    };
    while settling.end.is_some() || (simulation.steps < limit && !steady && !ended) {
        let end = *settling.end.get_or_insert((simulation.steps + plan.window).min(limit));
        while simulation.steps < end && !ended {
            let now = simulation.steps;
            let set = |done: usize| progress.set((now + done) as f64 / limit as f64);
            simulation.advance(next(now, end) - now, &mut |done| set(done).is_ok());
            progress.check()?;
            simulation.check_ranks()?;
            if simulation.steps.is_multiple_of(CHECK_STEPS) {
                check_fastest(simulation)?;
            }
            let left = limit - simulation.steps;
            if may_average && left <= mean_steps && left.is_multiple_of(sample_every) {
                settling.mean.add(simulation);
            }
            // Where it was ended by hand is one of the steps at which somebody looks, so that it can be ended there again.
            ended = end_after <= steps_before + simulation.steps;
            is_by_hand = setup.ends_by_hand && !ended && progress.is_to_end();
            ended |= is_by_hand;
            let (exchanges, to_come) = (simulation.steps as f64 / plan.exchange, settling.to_come);
            let stage = Stage::Settling { coarse, exchanges, to_come, tolerance };
            looks.show(progress, &plan.units, || simulation.states(), stage);
            if let Some((keeping, attempt, since)) = kept {
                let attempt = Attempt { seconds: attempt.seconds + since.elapsed().as_secs_f64(), ..attempt.clone() };
                keeping.when_due(simulation, &settling, &attempt)?;
            }
        }
        settling.end = None;
        let now = simulation.velocities();
        simulation.check_ranks()?;
        check_speed(&now, simulation.steps)?;
        if is_by_hand {
            progress.ended_at((steps_before + simulation.steps) as u64);
        }
        settling.residual = change(&settling.before, &now);
        settling.before = now;
        if plan.ramp < simulation.steps {
            settling.history.push(record(domain, simulation));
            settling.to_come = still_to_come(&settling.history, plan.inflow);
            let balanced = (simulation.outflow() / plan.inflow - 1.0).abs() < BALANCE;
            settling.calm = if settling.to_come < setup.tolerance && balanced { settling.calm + 1 } else { 0 };
            steady = CALM <= settling.calm && plan.least <= simulation.steps as f64;
        }
    }
    let Settling { to_come, residual, mean, .. } = settling;
    let mean = (!steady && !ended && may_average).then_some(mean);
    Ok(Settled { to_come, residual, steady, ended, mean })
}
