//! Which is faster, measured on the body itself and not guessed from names.

use super::device::{Gpu, GpuError};
use crate::biomech::interactive::body::Body;
use crate::biomech::interactive::step::Inputs;
use crate::geom::Vector;
use std::fmt;
use std::sync::OnceLock;
use std::time::Instant;

/// Weight under which frames are measured where nothing acts: at rest there is nothing to compute.
const WEIGHT_M_S2: Vector = Vector::new(0.0, 9.81, 0.0);

/// How long a frame takes: the median of some.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// On the processor, ms.
    pub processor_ms: f64,
    /// With the graphics card, ms.
    pub gpu_ms: f64,
    /// What the card calls itself.
    pub name: String,
}

impl Timing {
    /// Whether the card is worth it: a tenth faster at least, for it is shared with the window.
    pub fn gpu_is_faster(&self) -> bool {
        self.gpu_ms < 0.9 * self.processor_ms
    }
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor_ms, gpu_ms, name } = self;
        let which = if self.gpu_is_faster() { "the card" } else { "the processor" };
        write!(f, "a frame takes {processor_ms:.1} ms on the processor, {gpu_ms:.1} ms with {name}: {which} computes")
    }
}

/// The card of this machine, looked for once.
fn card() -> &'static Result<Gpu, GpuError> {
    static CARD: OnceLock<Result<Gpu, GpuError>> = OnceLock::new();
    CARD.get_or_init(Gpu::find)
}

impl Body {
    /// Compute frames where a few of them, measured now, are faster; the sentence that says where, and why.
    pub fn choose_device(&mut self, inputs: &Inputs) -> String {
        let chosen = card().as_ref().map_err(GpuError::to_string);
        let chosen = chosen.and_then(|gpu| self.use_faster(gpu, inputs).map_err(|error| error.to_string()));
        chosen.map_or_else(|why| format!("the processor computes: {why}"), |timing| timing.to_string())
    }

    /// How long a frame under `inputs` takes on the processor and with the graphics card, ms.
    ///
    /// # Errors
    /// A sentence: there is no card, the body is too large for it, or it failed.
    pub fn device_times_ms(&self, inputs: &Inputs) -> Result<[f64; 2], String> {
        let gpu = card().as_ref().map_err(GpuError::to_string)?;
        let Timing { processor_ms, gpu_ms, .. } =
            self.time_frames(gpu, inputs, 20).map_err(|error| error.to_string())?;
        Ok([processor_ms, gpu_ms])
    }

    /// Time `frames` frames under `inputs` on copies of this body, on the processor and with `gpu`; under its weight
    /// where `inputs` are empty. The body itself stays as it is.
    ///
    /// # Errors
    /// [`GpuError`]: the body is too large for the card, or the card failed.
    pub fn time_frames(&self, gpu: &Gpu, inputs: &Inputs, frames: usize) -> Result<Timing, GpuError> {
        let mut inputs = *inputs;
        if inputs.gravity_m_s2 == Vector::zeros() && inputs.forces_n.is_empty() && inputs.tools.is_empty() {
            inputs.gravity_m_s2 = WEIGHT_M_S2;
        }
        let median_ms = |body: &mut Body| {
            // The first frame fills caches and sends programs.
            body.step(&inputs);
            let frame = |_| {
                let start = Instant::now();
                body.step(&inputs);
                1e3 * start.elapsed().as_secs_f64()
            };
            let mut times: Vec<f64> = (0..frames.max(1)).map(frame).collect();
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        };
        let mut with_gpu = self.clone();
        with_gpu.use_gpu(gpu)?;
        let gpu_ms = median_ms(&mut with_gpu);
        if let Some(note) = with_gpu.gpu_note() {
            gpu.check()?;
            return Err(GpuError::Failed { name: gpu.name().to_owned(), reason: note.to_owned() });
        }
        drop(with_gpu);
        let processor_ms = median_ms(&mut self.clone());
        Ok(Timing { processor_ms, gpu_ms, name: gpu.name().to_owned() })
    }

    /// Measure a few frames under `inputs`, and compute on `gpu` from now on if that is faster.
    ///
    /// # Errors
    /// [`GpuError`]: the body is too large for the card, or the card failed; the processor goes on.
    pub fn use_faster(&mut self, gpu: &Gpu, inputs: &Inputs) -> Result<Timing, GpuError> {
        let timing = self.time_frames(gpu, inputs, 7)?;
        if timing.gpu_is_faster() {
            self.use_gpu(gpu)?;
        } else {
            self.use_processor();
        }
        Ok(timing)
    }
}
