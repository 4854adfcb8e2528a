//! What stands where the graphics card would, in a program built without the feature `gpu`: the processor does it all.

use super::simulation::{Simulation, State};

/// No graphics card.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slot;

impl Slot {
    fn note(self) -> Option<&'static str> {
        None
    }
}

impl Simulation {
    /// Step where it is faster; the sentence that says where, and why.
    pub fn choose_device(&mut self) -> String {
        "the processor computes: this program was built without the feature 'gpu'".to_owned()
    }

    /// Why a card that was asked for does not step any more: a sentence.
    pub fn gpu_note(&self) -> Option<&str> {
        self.gpu.note()
    }

    /// Why what was read is not to be trusted.
    pub fn gpu_fault(&self) -> Option<String> {
        None
    }

    /// `steps` more steps; `keep_going` is asked from time to time with the steps done, and may stop early. Gives the flow
    /// out of every outlet summed over them, cells.
    pub fn advance(&mut self, steps: usize, keep_going: &mut dyn FnMut(usize) -> bool) -> Vec<f64> {
        let mut sums = vec![0.0; self.outlets.len()];
        self.on_processor(self.steps + steps, keep_going, &mut sums);
        sums
    }

    pub(super) fn steps_on_gpu(&mut self, _steps: usize) -> bool {
        false
    }

    pub(super) fn velocities_on_gpu(&self) -> Option<Vec<[f32; 3]>> {
        None
    }

    pub(super) fn fastest_on_gpu(&self) -> Option<f64> {
        None
    }

    pub(super) fn states_on_gpu(&self) -> Option<Vec<State>> {
        None
    }

    pub(super) fn mass_on_gpu(&self) -> Option<f64> {
        None
    }

    pub(super) fn set_on_gpu(&mut self) {}
}
