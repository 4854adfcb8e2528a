//! Where a simulation asks the graphics card, and what it does where the card does not answer.

use super::advance::Input;
use super::{Gpu, GpuError, Lattice};
use crate::flow::outlet::Outlet;
use crate::flow::simulation::{Simulation, State};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How old at most is what the processor goes on from if a card fails.
const KEPT: Duration = Duration::from_secs(120);
/// Steps whose inputs are made at once.
const AT_ONCE: usize = 1024;
/// With fewer cells a card waits more than it computes.
const CELLS_MIN: usize = 20_000;
/// Steps that are measured on the processor, and on the card after as many to begin with.
const MEASURED: [usize; 2] = [4, 32];

/// Where a simulation keeps the graphics card that steps, if one does.
#[derive(Default)]
pub(in super::super) struct Slot {
    lattice: Option<Box<Lattice>>,
    kept: Option<Kept>,
    /// Flow out of every outlet summed over all steps on the card, cells.
    totals: Vec<f64>,
    /// Why a card that was asked for does not step.
    note: Option<String>,
}

/// Where the processor would go on, beside the populations that it has.
struct Kept {
    since: Instant,
    steps: usize,
    outlets: Vec<[f64; 4]>,
    /// Now, missing and looks of outlets that pulsate.
    pulses: Vec<(f64, f64, usize)>,
    /// Pressures in windkessels, mmHg, and their mean, Pa.
    vessels: (Vec<f64>, f64),
}

impl Kept {
    fn of(simulation: &Simulation) -> Self {
        let Simulation { steps, outlets, beat, .. } = simulation;
        let steering = |outlet: &Outlet| [outlet.rho, outlet.steer, outlet.mean, outlet.outflow];
        let pulses = outlets.iter().filter_map(|outlet| outlet.pulse.as_ref());
        let bank = beat.as_ref().and_then(|beat| beat.bank.as_ref());
        Self {
            since: Instant::now(),
            steps: *steps,
            outlets: outlets.iter().map(steering).collect(),
            pulses: pulses.map(|pulse| (pulse.now, pulse.missing, pulse.reads)).collect(),
            vessels: bank.map(|bank| (bank.behind_mmhg.clone(), bank.reference_pa)).unwrap_or_default(),
        }
    }

    fn to(self, simulation: &mut Simulation) {
        let Simulation { steps, outlets, beat, .. } = simulation;
        *steps = self.steps;
        for (outlet, [rho, steer, mean, outflow]) in outlets.iter_mut().zip(self.outlets) {
            (outlet.rho, outlet.steer, outlet.mean, outlet.outflow) = (rho, steer, mean, outflow);
        }
        let pulses = outlets.iter_mut().filter_map(|outlet| outlet.pulse.as_mut());
        for (pulse, (now, missing, reads)) in pulses.zip(self.pulses) {
            (pulse.now, pulse.missing, pulse.reads) = (now, missing, reads);
        }
        if let Some(bank) = beat.as_mut().and_then(|beat| beat.bank.as_mut()) {
            (bank.behind_mmhg, bank.reference_pa) = self.vessels;
        }
    }
}

/// The card of this machine, looked for once.
fn card() -> &'static Result<Gpu, GpuError> {
    static CARD: OnceLock<Result<Gpu, GpuError>> = OnceLock::new();
    CARD.get_or_init(Gpu::find)
}

impl Simulation {
    /// Step on `gpu` from now on.
    ///
    /// # Errors
    /// [`GpuError`]: the lattice is too large for it, or it failed; the processor goes on.
    pub fn use_gpu(&mut self, gpu: &Gpu) -> Result<(), GpuError> {
        self.use_processor()?;
        let lattice = Lattice::new(gpu, self)?;
        let totals = vec![0.0; self.outlets.len()];
        self.gpu = Slot { lattice: Some(Box::new(lattice)), kept: Some(Kept::of(self)), totals, note: None };
        Ok(())
    }

    /// Step on the processor from now on, from where the card is.
    ///
    /// # Errors
    /// [`GpuError`]: the card failed; the processor goes on from where the card took over.
    pub fn use_processor(&mut self) -> Result<(), GpuError> {
        let Some(lattice) = self.gpu.lattice.take() else { return Ok(()) };
        let result = lattice.populations_to(&mut self.populations, &self.cells);
        if let Err(error) = &result {
            self.fail(error);
        }
        result
    }

    /// Step where a few steps, measured now, are faster; the sentence that says where, and why. The steps count.
    pub fn choose_device(&mut self) -> String {
        let cells = self.cells.len();
        if cells < CELLS_MIN {
            return format!("the processor computes: {cells} cells are too few for a graphics card");
        }
        let chosen = card().as_ref().map_err(GpuError::to_string);
        let chosen = chosen.and_then(|gpu| self.use_faster(gpu).map_err(|error| error.to_string()));
        chosen.unwrap_or_else(|why| format!("the processor computes: {why}"))
    }

    /// Step on `gpu` from now on if a few steps, measured now, are faster there; a sentence that says both times.
    ///
    /// # Errors
    /// [`GpuError`]: the lattice is too large for it, or it failed; the processor goes on.
    pub fn use_faster(&mut self, gpu: &Gpu) -> Result<String, GpuError> {
        self.use_processor()?;
        let [few, many] = MEASURED;
        let timed = |simulation: &mut Self, steps: usize| {
            let start = Instant::now();
            simulation.advance(steps, &mut |_| true);
            1e3 * start.elapsed().as_secs_f64() / steps as f64
        };
        let processor_ms = timed(self, few);
        self.use_gpu(gpu)?;
        timed(self, many);
        let gpu_ms = timed(self, many);
        if let Some(note) = &self.gpu.note {
            return Ok(note.clone());
        }
        // A tenth faster at least, for it is shared with the window.
        let is_faster = gpu_ms < 0.9 * processor_ms;
        let megabytes = self.gpu.lattice.as_ref().map_or(0, |lattice| lattice.memory.bytes / 1_000_000);
        let which = if is_faster {
            format!("the card computes, in {megabytes} MB")
        } else {
            self.use_processor()?;
            "the processor computes".to_owned()
        };
        let name = gpu.name();
        Ok(format!("a step takes {processor_ms:.2} ms on the processor, {gpu_ms:.2} ms with {name}: {which}"))
    }

    /// The graphics card that steps; none where the processor does.
    #[cfg(test)]
    pub fn gpu_name(&self) -> Option<&str> {
        self.gpu.lattice.as_ref().map(|lattice| lattice.gpu.name())
    }

    /// Why a card that was asked for does not step any more: a sentence.
    pub fn gpu_note(&self) -> Option<&str> {
        self.gpu.note.as_deref()
    }

    /// Why what was read is not to be trusted: the card was lost, whether steps met that or not; a sentence.
    pub fn gpu_fault(&self) -> Option<String> {
        let now = || self.gpu.lattice.as_ref().and_then(|lattice| lattice.gpu.device.check().err());
        self.gpu.note.clone().or_else(|| now().map(|error| error.to_string()))
    }

    /// `steps` more steps; `keep_going` is asked from time to time with the steps done, and may stop early. Gives the
    /// flow out of every outlet summed over them, cells.
    ///
    /// If the card fails, `self.steps` is where the processor goes on from, some minutes of the card's work before, and
    /// the sums are nothing; [`Self::gpu_note`] says why.
    pub fn advance(&mut self, steps: usize, keep_going: &mut dyn FnMut(usize) -> bool) -> Vec<f64> {
        let (begin, end) = (self.steps, self.steps + steps);
        let before = self.gpu.totals.clone();
        while self.steps < end && self.gpu.lattice.is_some() {
            let inputs = self.inputs(AT_ONCE.min(end - self.steps));
            let (done_before, mut go_on) = (self.steps - begin, true);
            let made = self.on_gpu(&inputs, &mut |done| {
                go_on = keep_going(done_before + done);
                go_on
            });
            if let Err(error) = made {
                // What is left of the steps is the caller's to decide about.
                self.fail(&error);
                return vec![0.0; self.outlets.len()];
            }
            if !go_on {
                break;
            }
        }
        if self.gpu.lattice.is_some() {
            return self.gpu.totals.iter().zip(before).map(|(now, before)| now - before).collect();
        }
        let mut sums = vec![0.0; self.outlets.len()];
        let done = self.steps - begin;
        self.on_processor(end, &mut |more| keep_going(done + more), &mut sums);
        sums
    }

    /// Do so many steps on the card, if one steps; whether it does.
    pub(in super::super) fn steps_on_gpu(&mut self, steps: usize) -> bool {
        let is_on_gpu = self.gpu.lattice.is_some();
        if is_on_gpu {
            self.advance(steps, &mut |_| true);
        }
        is_on_gpu
    }

    /// Steps on the card; from time to time the processor keeps where they are.
    fn on_gpu(&mut self, inputs: &[Input], keep_going: &mut dyn FnMut(usize) -> bool) -> Result<(), GpuError> {
        let Some(lattice) = &mut self.gpu.lattice else { return Ok(()) };
        let made = lattice.advance(inputs, keep_going)?;
        let bank = self.beat.as_mut().and_then(|beat| beat.bank.as_mut());
        self.gpu.totals = lattice.outlets_to(&mut self.outlets, bank)?;
        self.steps += made;
        let is_old = self.gpu.kept.as_ref().is_none_or(|kept| KEPT < kept.since.elapsed());
        if is_old && self.steps.is_multiple_of(2) {
            lattice.populations_to(&mut self.populations, &self.cells)?;
            self.gpu.kept = Some(Kept::of(self));
        }
        Ok(())
    }

    /// What changes in the next steps.
    fn inputs(&mut self, count: usize) -> Vec<Input> {
        let now = self.steps;
        let inputs = (now..now + count).map(|steps| {
            self.steps = steps;
            let turns = self.beat.as_ref().map(|beat| beat.turns(steps)).unwrap_or_default();
            Input { share: self.share(), turns }
        });
        let inputs = inputs.collect();
        self.steps = now;
        inputs
    }

    /// The card does not step any more.
    fn fail(&mut self, why: &GpuError) {
        let Slot { kept, .. } = std::mem::take(&mut self.gpu);
        if let Some(kept) = kept {
            kept.to(self);
        }
        self.gpu.note = Some(format!("{why}; the flow is computed on the processor from step {}", self.steps));
    }

    /// What [`Simulation::velocities`] gives; none where the processor knows.
    pub(in super::super) fn velocities_on_gpu(&self) -> Option<Vec<[f32; 3]>> {
        // A card that is lost by now is met in the next step.
        self.gpu.lattice.as_ref().and_then(|lattice| lattice.velocities().ok())
    }

    /// The highest speed, cells per step, not a number where one is not; none where the processor knows.
    pub(in super::super) fn fastest_on_gpu(&self) -> Option<f64> {
        self.gpu.lattice.as_ref().and_then(|lattice| lattice.fastest().ok())
    }

    /// What [`Simulation::states`] gives; none where the processor knows.
    pub(in super::super) fn states_on_gpu(&self) -> Option<Vec<State>> {
        self.gpu.lattice.as_ref().and_then(|lattice| lattice.states().ok())
    }

    /// What [`Simulation::mass`] gives; none where the processor knows.
    pub(in super::super) fn mass_on_gpu(&self) -> Option<f64> {
        self.gpu.lattice.as_ref().and_then(|lattice| lattice.mass().ok())
    }

    /// Send the populations again after [`Simulation::set`].
    pub(in super::super) fn set_on_gpu(&mut self) {
        let Some(gpu) = self.gpu.lattice.take().map(|lattice| lattice.gpu.clone()) else { return };
        // The processor has it all.
        self.gpu.kept = None;
        if let Err(error) = self.use_gpu(&gpu) {
            self.fail(&error);
        }
    }
}
