//! What stands where the graphics card would, in a program built without the feature `gpu`: the processor does it all.

use super::body::Body;
use super::conjugate::End;
use super::evaluate::Known;
use super::matrix::Four;
use super::step::Inputs;

/// No graphics card.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slot;

impl Slot {
    pub fn gradient(&self) -> Option<&[Four]> {
        None
    }

    pub fn forget(&mut self) {}
}

/// Why there is none.
const WITHOUT: &str = "this program was built without the feature 'gpu'";

impl Body {
    /// Compute frames where they are faster; the sentence that says where, and why.
    pub fn choose_device(&mut self, _inputs: &Inputs) -> String {
        format!("the processor computes: {WITHOUT}")
    }

    /// How long a frame takes on the processor and with the graphics card, ms.
    ///
    /// # Errors
    /// A sentence: there is no card.
    pub fn device_times_ms(&self, _inputs: &Inputs) -> Result<[f64; 2], String> {
        Err(WITHOUT.to_owned())
    }

    /// Why a card that was asked for does not compute any more: a sentence.
    pub fn gpu_note(&self) -> Option<&str> {
        None
    }

    pub(super) fn deform_on_gpu(&mut self, _gas: f32) -> Option<Known> {
        None
    }

    pub(super) fn assemble_on_gpu(&mut self) -> bool {
        false
    }

    pub(super) fn solve_on_gpu(&mut self, _gas: f32) -> Option<End> {
        None
    }
}
