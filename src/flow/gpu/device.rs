//! The graphics card itself: found, asked what it can do, and talked to. What goes wrong is a sentence, never a panic.
//! Knows no flow.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Longest wait for an answer, after which the card counts as lost.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same for the processor that pretends to be a card, beside others that work.
const MORE_PATIENCE: Duration = Duration::from_secs(120);
/// Buffers that a program works on, threads in a group, and bytes they share: the least that every WebGPU card has.
const NEEDS: [u32; 3] = [8, 256, 8192];

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
    /// The lattice is too large for it.
    #[error("{name} takes at most {most} {what}; a lattice of {cells} cells needs {need}")]
    Large {
        /// What it calls itself.
        name: String,
        /// What there is too much of.
        what: &'static str,
        /// How much it takes.
        most: u64,
        /// How much the lattice needs.
        need: u64,
        /// Cells of the lattice.
        cells: usize,
    },
    /// What is asked for is not done on cards.
    #[error("{0}: on the processor only")]
    Unable(&'static str),
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

/// A graphics card; copies share it.
#[derive(Clone)]
pub(super) struct Device(Arc<Shared>);

struct Shared {
    name: String,
    device: wgpu::Device,
    queue: wgpu::Queue,
    patience: Duration,
    /// What went wrong at any time.
    fault: Fault,
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

impl Device {
    /// The first of the `wanted` kinds that works: a card with memory of its own before one that shares the
    /// processor's.
    ///
    /// # Errors
    /// [`GpuError`]: there is none, or why the best does not do.
    pub fn best(wanted: impl Fn(wgpu::DeviceType) -> bool) -> Result<Self, GpuError> {
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
        let mut why = None;
        for adapter in adapters {
            let info = adapter.get_info();
            let device = if wanted(info.device_type) {
                let pretends = info.device_type == wgpu::DeviceType::Cpu;
                Self::open(&adapter, &info.name, if pretends { MORE_PATIENCE } else { PATIENCE })
            } else {
                Err(GpuError::Software { name: info.name })
            };
            match device {
                Ok(device) => return Ok(device),
                Err(error) => why = why.or(Some(error)),
            }
        }
        Err(why.unwrap_or(GpuError::Missing))
    }

    fn open(adapter: &wgpu::Adapter, name: &str, patience: Duration) -> Result<Self, GpuError> {
        let limits = adapter.limits();
        let threads = limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x);
        for (what, have, need) in [
            ("storage buffers a program", limits.max_storage_buffers_per_shader_stage, NEEDS[0]),
            ("threads a group", threads, NEEDS[1]),
            ("bytes of memory a group", limits.max_compute_workgroup_storage_size, NEEDS[2]),
        ] {
            if have < need {
                return Err(GpuError::Weak { name: name.to_owned(), what, have: have.into(), need: need.into() });
            }
        }
        let failed = |reason: String| GpuError::Failed { name: name.to_owned(), reason };
        let wish = wgpu::DeviceDescriptor { label: Some("flow"), required_limits: limits, ..Default::default() };
        let answer = now(adapter.request_device(&wish)).ok_or_else(|| failed("it gives no device".to_owned()))?;
        let (device, queue) = answer.map_err(|error| failed(error.to_string()))?;
        let fault = Fault::default();
        let on_error = fault.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| on_error.keep(&error.to_string())));
        let on_loss = fault.clone();
        device.set_device_lost_callback(move |_, reason| on_loss.keep(&format!("the device was lost ({reason})")));
        Ok(Self(Arc::new(Shared { name: name.to_owned(), device, queue, patience, fault })))
    }

    /// What the card calls itself.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    pub fn device(&self) -> &wgpu::Device {
        &self.0.device
    }

    fn failed(&self, reason: &str) -> GpuError {
        GpuError::Failed { name: self.0.name.clone(), reason: reason.to_owned() }
    }

    /// What went wrong so far.
    pub fn check(&self) -> Result<(), GpuError> {
        match &*self.0.fault.lock() {
            Some(reason) => Err(self.failed(reason)),
            None => Ok(()),
        }
    }

    /// Do `work` that asks for memory; a card that has too little of it stays of use for smaller lattices.
    pub fn ask<T>(&self, work: impl FnOnce() -> T) -> Result<T, GpuError> {
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
                self.check().map(|()| answer)
            }
            _ => Err(self.failed("it has too little memory")),
        }
    }

    /// A buffer for `bytes`, at least one row of numbers.
    pub fn buffer(&self, bytes: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        let size = bytes.max(16).next_multiple_of(4);
        self.0.device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
    }

    /// Have `numbers` in `buffer` from byte `offset` on before the next work begins.
    pub fn write<T: bytemuck::NoUninit>(&self, buffer: &wgpu::Buffer, offset: u64, numbers: &[T]) {
        if !numbers.is_empty() {
            self.0.queue.write_buffer(buffer, offset, bytemuck::cast_slice(numbers));
        }
    }

    /// Send what was written, so that its copies on the way are given back.
    pub fn flush(&self) -> wgpu::SubmissionIndex {
        self.0.queue.submit([])
    }

    pub fn encoder(&self) -> wgpu::CommandEncoder {
        self.0.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: None })
    }

    pub fn submit(&self, encoder: wgpu::CommandEncoder) -> wgpu::SubmissionIndex {
        self.0.queue.submit([encoder.finish()])
    }

    /// Wait until what was submitted is done.
    ///
    /// # Errors
    /// [`GpuError`]: the card failed, or does not answer.
    pub fn wait(&self, submission: wgpu::SubmissionIndex) -> Result<(), GpuError> {
        let Shared { name, device, patience, fault, .. } = &*self.0;
        let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout: Some(*patience) };
        let waited = device.poll(wait);
        self.check()?;
        match waited {
            Ok(_) => Ok(()),
            Err(wgpu::PollError::Timeout) => {
                fault.keep("it did not answer");
                Err(GpuError::Silent { name: name.clone(), seconds: patience.as_secs() })
            }
            Err(error) => {
                fault.keep(&error.to_string());
                self.check()
            }
        }
    }

    /// Do what `encoder` says, which ends with copies to the first `bytes` of `landing`, and show these.
    ///
    /// # Errors
    /// [`GpuError`]: the card failed, or does not answer.
    pub fn read(
        &self,
        encoder: wgpu::CommandEncoder,
        landing: &wgpu::Buffer,
        bytes: u64,
        show: impl FnOnce(&[u8]),
    ) -> Result<(), GpuError> {
        let submission = self.submit(encoder);
        self.check()?;
        let (tell, told) = mpsc::channel();
        // Where nobody listens any more, nobody needs to know.
        landing.map_async(wgpu::MapMode::Read, 0..bytes, move |answer| _ = tell.send(answer.is_ok()));
        self.wait(submission)?;
        // Another thread that waits for the same card may be about to say it.
        if told.recv_timeout(self.0.patience) != Ok(true) {
            self.0.fault.keep("the device was lost");
            return self.check();
        }
        {
            let view = landing.get_mapped_range(0..bytes);
            show(&view);
        }
        landing.unmap();
        self.check()
    }

    /// Lose the card, as a driver that crashes does.
    #[cfg(test)]
    pub fn lose(&self) {
        self.0.device.destroy();
    }
}
