//! The graphics card itself: found, asked what it can do, and talked to. What goes wrong is a sentence, never a panic.

use super::programs::Programs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Longest wait for an answer, after which the card counts as lost.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same for the processor that pretends to be a card, beside others that work.
const MORE_PATIENCE: Duration = Duration::from_secs(120);

/// Why no graphics card computes.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GpuError {
    /// There is none.
    #[error("no graphics card that can compute was found")]
    Missing,
    /// All that is there pretends.
    #[error("{name} is no graphics card: it computes on the processor itself")]
    Software {
        /// What it calls itself.
        name: String,
    },
    /// It cannot do enough.
    #[error("{name} offers {have} {what}; {need} are needed")]
    Weak {
        /// What it calls itself.
        name: String,
        /// What it has too few of.
        what: &'static str,
        /// How many it has.
        have: u64,
        /// How many it takes.
        need: u64,
    },
    /// The body is too large for it.
    #[error("{name} takes at most {most} {what}; a body of {tets} tetrahedra needs {need}")]
    Large {
        /// What it calls itself.
        name: String,
        /// What there is too much of.
        what: &'static str,
        /// How much it takes.
        most: u64,
        /// How much the body needs.
        need: u64,
        /// Size of the body.
        tets: usize,
    },
    /// It refused or failed.
    #[error("{name} failed: {reason}")]
    Failed {
        /// What it calls itself.
        name: String,
        /// What its driver says.
        reason: String,
    },
    /// It does not answer.
    #[error("{name} did not answer for {seconds} seconds")]
    Silent {
        /// What it calls itself.
        name: String,
        /// How long one waited.
        seconds: u64,
    },
}

/// A graphics card with the programs that compute frames; copies share it.
#[derive(Clone)]
pub struct Gpu(Arc<Card>);

struct Card {
    name: String,
    device: wgpu::Device,
    queue: wgpu::Queue,
    programs: Programs,
    patience: Duration,
    /// What went wrong at any time.
    fault: Fault,
}

impl std::fmt::Debug for Gpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Gpu").field(&self.0.name).finish()
    }
}

#[derive(Clone, Default)]
struct Fault(Arc<Mutex<Option<String>>>);

impl Fault {
    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keep the first reason; its first line says what happened.
    fn keep(&self, reason: &str) {
        let first = reason.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no reason given");
        self.lock().get_or_insert_with(|| first.trim_end_matches('.').to_owned());
    }
}

/// The answer of `future`, which on a desktop is there at once.
fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1000 {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut context) {
            return Some(answer);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    None
}

impl Gpu {
    /// The best graphics card of this machine: one with memory of its own before one that shares the processor's. What
    /// only pretends to be one is refused, for it would be slower than the processor.
    ///
    /// # Errors
    /// [`GpuError`]: there is none, or it cannot do what frames need.
    pub fn find() -> Result<Self, GpuError> {
        Self::best(|kind| kind != wgpu::DeviceType::Cpu)
    }

    /// An adapter that computes on the processor: to check the programs where there is no card.
    ///
    /// # Errors
    /// [`GpuError`]: there is none.
    pub fn software() -> Result<Self, GpuError> {
        Self::best(|kind| kind == wgpu::DeviceType::Cpu)
    }

    fn best(wanted: impl Fn(wgpu::DeviceType) -> bool) -> Result<Self, GpuError> {
        let backends = wgpu::Backends::PRIMARY;
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends,
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let mut adapters = now(instance.enumerate_adapters(backends)).unwrap_or_default();
        adapters.sort_by_key(|adapter| match adapter.get_info().device_type {
            wgpu::DeviceType::DiscreteGpu => 0,
            wgpu::DeviceType::IntegratedGpu => 1,
            wgpu::DeviceType::VirtualGpu => 2,
            wgpu::DeviceType::Other => 3,
            wgpu::DeviceType::Cpu => 4,
        });
        // The first that works; what is said is why the best does not.
        let mut why = None;
        for adapter in adapters {
            let info = adapter.get_info();
            let card = if wanted(info.device_type) {
                let pretends = info.device_type == wgpu::DeviceType::Cpu;
                Self::open(&adapter, &info.name, if pretends { MORE_PATIENCE } else { PATIENCE })
            } else {
                Err(GpuError::Software { name: info.name })
            };
            match card {
                Ok(card) => return Ok(card),
                Err(error) => why = why.or(Some(error)),
            }
        }
        Err(why.unwrap_or(GpuError::Missing))
    }

    fn open(adapter: &wgpu::Adapter, name: &str, patience: Duration) -> Result<Self, GpuError> {
        let limits = adapter.limits();
        for (what, have, need) in [
            ("storage buffers a program", limits.max_storage_buffers_per_shader_stage, 8),
            (
                "threads a group",
                limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x),
                256,
            ),
            ("bytes of memory a group", limits.max_compute_workgroup_storage_size, 8192),
        ] {
            if have < need {
                return Err(GpuError::Weak { name: name.to_owned(), what, have: have.into(), need: need.into() });
            }
        }
        let failed = |reason: String| GpuError::Failed { name: name.to_owned(), reason };
        let wish = wgpu::DeviceDescriptor { label: Some("tissue"), required_limits: limits, ..Default::default() };
        let answer = now(adapter.request_device(&wish)).ok_or_else(|| failed("it gives no device".to_owned()))?;
        let (device, queue) = answer.map_err(|error| failed(error.to_string()))?;
        let fault = Fault::default();
        let on_error = fault.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| on_error.keep(&error.to_string())));
        let on_loss = fault.clone();
        device.set_device_lost_callback(move |_, reason| on_loss.keep(&format!("the device was lost ({reason})")));
        let programs = Programs::new(&device);
        if let Some(reason) = fault.lock().take() {
            return Err(failed(reason));
        }
        Ok(Self(Arc::new(Card { name: name.to_owned(), device, queue, programs, patience, fault })))
    }

    /// What the card calls itself.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    pub(super) fn programs(&self) -> &Programs {
        &self.0.programs
    }

    pub(super) fn device(&self) -> &wgpu::Device {
        &self.0.device
    }

    /// What went wrong so far.
    pub(super) fn check(&self) -> Result<(), GpuError> {
        match &*self.0.fault.lock() {
            Some(reason) => Err(GpuError::Failed { name: self.0.name.clone(), reason: reason.clone() }),
            None => Ok(()),
        }
    }

    /// Do `work` that asks for memory; a card that has too little of it stays of use for smaller bodies.
    pub(super) fn ask<T>(&self, work: impl FnOnce() -> T) -> Result<T, GpuError> {
        self.check()?;
        // Work on a buffer that there is no memory for is invalid, too, and no reason to give up the card.
        let follows = self.0.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let scope = self.0.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let answer = work();
        let (memory, invalid) = (now(scope.pop()), now(follows.pop()));
        match (memory, invalid) {
            (Some(None), Some(None)) => self.check().map(|()| answer),
            (Some(None), Some(Some(error))) => {
                self.0.fault.keep(&error.to_string());
                Err(GpuError::Failed { name: self.0.name.clone(), reason: error.to_string() })
            }
            _ => Err(GpuError::Failed { name: self.0.name.clone(), reason: "it has too little memory".to_owned() }),
        }
    }

    /// A buffer for `bytes`, at least one row of numbers.
    pub(super) fn buffer(&self, bytes: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        let size = bytes.max(16).next_multiple_of(4);
        self.0.device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
    }

    /// Have `numbers` at the start of `buffer` before the next work begins.
    pub(super) fn write<T: bytemuck::NoUninit>(&self, buffer: &wgpu::Buffer, numbers: &[T]) {
        self.0.queue.write_buffer(buffer, 0, bytemuck::cast_slice(numbers));
    }

    pub(super) fn encoder(&self) -> wgpu::CommandEncoder {
        self.0.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: None })
    }

    pub(super) fn submit(&self, encoder: wgpu::CommandEncoder) -> wgpu::SubmissionIndex {
        self.0.queue.submit([encoder.finish()])
    }

    /// Do what `encoder` says, bring `sources` whole through `landing`, one after the other, and show their bytes.
    pub(super) fn read(
        &self,
        mut encoder: wgpu::CommandEncoder,
        sources: &[&wgpu::Buffer],
        landing: &wgpu::Buffer,
        show: impl FnOnce(&[u8]),
    ) -> Result<(), GpuError> {
        let mut end = 0;
        for source in sources {
            encoder.copy_buffer_to_buffer(source, 0, landing, end, source.size());
            end += source.size();
        }
        let submission_index = Some(self.submit(encoder));
        self.check()?;
        let (tell, told) = mpsc::channel();
        // Where nobody listens any more, nobody needs to know.
        landing.map_async(wgpu::MapMode::Read, 0..end, move |answer| _ = tell.send(answer.is_ok()));
        let waited = self.0.device.poll(wgpu::PollType::Wait { submission_index, timeout: Some(self.0.patience) });
        self.check()?;
        if matches!(waited, Err(wgpu::PollError::Timeout)) {
            self.0.fault.keep("it did not answer");
            return Err(GpuError::Silent { name: self.0.name.clone(), seconds: self.0.patience.as_secs() });
        }
        // Another thread that waits for the same card may be about to say it.
        if waited.is_err() || told.recv_timeout(self.0.patience) != Ok(true) {
            self.0.fault.keep("the device was lost");
            return self.check();
        }
        {
            let view = landing.get_mapped_range(0..end);
            show(&view);
        }
        landing.unmap();
        self.check()
    }

    /// Lose the card, as a driver that crashes does.
    #[cfg(test)]
    pub(super) fn lose(&self) {
        self.0.device.destroy();
    }
}
