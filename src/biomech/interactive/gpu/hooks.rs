//! Where a body asks the graphics card, and what it does where the card does not answer.

use super::lists::Coupled;
use super::solve::System;
use super::{Engine, Gpu, GpuError, Slot};
use crate::biomech::interactive::body::{Body, Settings};
use crate::biomech::interactive::conjugate::End;
use crate::biomech::interactive::evaluate::{Known, Sums};
use crate::biomech::interactive::matrix::COUPLING;

impl Body {
    /// Compute frames on `gpu` from now on. Copies of the body do not.
    ///
    /// # Errors
    /// [`GpuError`]: the body is too large for it, or it failed; the processor goes on.
    pub fn use_gpu(&mut self, gpu: &Gpu) -> Result<(), GpuError> {
        let engine = Engine::new(gpu, self)?;
        // From now on what springs and contacts add, and nothing else.
        self.stiffness.couplings.fill(0.0);
        self.gpu = Slot { engine: Some(Box::new(engine)), note: None };
        Ok(())
    }

    /// Compute frames on the processor from now on.
    pub fn use_processor(&mut self) {
        self.gpu = Slot::default();
    }

    /// The graphics card that computes the frames; none where the processor does.
    pub fn gpu_name(&self) -> Option<&str> {
        self.gpu.engine.as_ref().map(|engine| engine.gpu.name())
    }

    /// Why a card that was asked for does not compute any more: a sentence.
    pub fn gpu_note(&self) -> Option<&str> {
        self.gpu.note.as_deref()
    }

    /// What [`Self::deform`] does; none where the processor has to.
    pub(in crate::biomech::interactive) fn deform_on_gpu(&mut self, gas: f32) -> Option<Known> {
        let mut engine = self.gpu.engine.take()?;
        match engine.deform(self, gas) {
            Ok(found) => {
                self.gpu.engine = Some(engine);
                let mut sums = Sums::default();
                (sums.worst, sums.inverted) = (found.worst, found.inverted);
                self.sums.clear();
                self.sums.push(sums);
                Some(found.known)
            }
            Err(error) => {
                self.gpu.fail(&error);
                None
            }
        }
    }

    /// Begin to build the stiffness of the tissue; whether the card does.
    pub(in crate::biomech::interactive) fn assemble_on_gpu(&mut self) -> bool {
        let Some(engine) = &self.gpu.engine else { return false };
        // Here only what springs and contacts add is kept, and what they added last time is in the way.
        for entry in self.stiffness.touched.drain(..) {
            self.stiffness.couplings[COUPLING * entry as usize..][..9].fill(0.0);
        }
        // A card that is lost by now is met in the solution.
        engine.assemble().is_ok()
    }

    /// Solve the linear system; none where the processor has to, which finds all it needs.
    pub(in crate::biomech::interactive) fn solve_on_gpu(&mut self, gas: f32) -> Option<End> {
        let mut engine = self.gpu.engine.take()?;
        match self.solve_with(&mut engine) {
            Ok(end) => {
                self.gpu.engine = Some(engine);
                Some(end)
            }
            Err(error) => {
                self.gpu.fail(&error);
                self.deform(gas);
                self.assemble(gas);
                None
            }
        }
    }

    fn solve_with(&mut self, engine: &mut Engine) -> Result<End, GpuError> {
        let Settings { step_s: h, damping_per_s: c, tolerance, iterations_max, .. } = self.settings;
        let (mut entries, mut blocks) = (std::mem::take(&mut self.stiffness.touched), Vec::new());
        entries.sort_unstable();
        entries.dedup();
        for entry in &entries {
            let block = &self.stiffness.couplings[COUPLING * *entry as usize..][..9];
            blocks.push(std::array::from_fn::<f32, 9, _>(|n| block[n]));
        }
        let Self { solver, free, pieces, mass, .. } = self;
        let coupled = Coupled::new(&solver.links);
        let system = System {
            free,
            r: &solver.r,
            inertia: (1.0 / (h * h) + c / h) as f32,
            tolerance: tolerance as f32,
            extra_entries: &entries,
            extra_blocks: &blocks,
            coupled: &coupled,
        };
        let finite = |numbers: &[f32]| numbers.iter().all(|x| x.is_finite());
        let given = [system.r.as_flattened(), blocks.as_flattened(), coupled.blocks.as_flattened()];
        let numbers = given.into_iter().all(finite);
        if numbers {
            engine.begin(&system)?;
        }
        solver.x.fill([0.0; 4]);
        pieces.move_whole(mass, free, &mut solver.r, &mut solver.x);
        let mut end = End::default();
        if numbers && finite(solver.r.as_flattened()) {
            let loose = 0 < pieces.count();
            if loose {
                engine.restart(&solver.r)?;
            }
            let state = engine.iterate(iterations_max, loose)?;
            end.iterations = state.iterations as usize;
            end.residual = f64::from(state.residual);
            end.indefinite = state.indefinite != 0;
            if finite(engine.x.as_flattened()) && finite(engine.r.as_flattened()) && end.residual.is_finite() {
                solver.x.iter_mut().zip(&engine.x).for_each(|(x, way)| (0..3).for_each(|i| x[i] += way[i]));
                if loose {
                    solver.r.copy_from_slice(&engine.r);
                }
            } else {
                (end.indefinite, end.residual) = (true, 1.0);
            }
        }
        pieces.move_whole(mass, free, &mut solver.r, &mut solver.x);
        self.stiffness.touched = entries;
        Ok(end)
    }
}
