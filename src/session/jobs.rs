//! Background runs: at most two at once, the rest wait; progress, remaining time, cancel; panics are caught.
//!
//! A job that is cancelled is over for its user at once. Its thread ends at its next step; what it still gives is dropped; only a file
//! that it was about to write may still appear.

use super::{Command, CommandError, Edit, Task};
use crate::base::{Glimpse, JobId, Progress, StateId, courtesy, parallel};
use crate::io::words;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Jobs that run at the same time.
const RUNNING_MAX: usize = 2;
/// With threads of cancelled jobs that have not ended yet, at most so many.
const THREADS_MAX: usize = 4;
/// Jobs that may wait.
const WAITING_MAX: usize = 64;

/// Called from a job's thread when there is something to poll; wakes the window.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// A job as the user sees it.
#[derive(Debug, Clone)]
pub struct JobStatus {
    /// Which job.
    pub id: JobId,
    /// What it computes.
    pub command: Command,
    /// Whether it waits for another to end.
    pub waiting: bool,
    /// Whether it was told to wait.
    pub paused: bool,
    /// Whether it can end early with what it has.
    pub offers_end: bool,
    /// Whether it was asked to.
    pub ending: bool,
    /// 0 to 1.
    pub fraction: f64,
    /// The stage it is in, may be empty.
    pub stage: &'static str,
    /// How long it runs.
    pub elapsed: Duration,
    /// How long it will still run, once that can be guessed.
    pub remaining: Option<Duration>,
}

/// A job that ended.
#[derive(Debug)]
pub struct JobReport {
    /// Which job.
    pub id: JobId,
    /// What it computed.
    pub command: Command,
    /// What came of it, already applied to the case if it is an outcome.
    pub result: Result<super::Outcome, CommandError>,
    /// How long it ran.
    pub elapsed: Duration,
}

/// An edit a job computed, not yet applied.
pub(super) struct Finished {
    pub(super) id: JobId,
    pub(super) command: Command,
    pub(super) origin: Origin,
    pub(super) result: Result<Edit, CommandError>,
    pub(super) elapsed: Duration,
}

/// What a command was computed from: noted when its inputs are captured.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// The state of the case.
    pub(super) at: StateId,
    /// The content hashes of the objects it was given, by parameter.
    pub(super) inputs: BTreeMap<String, String>,
    /// The folder its relative paths start from; none if it has none.
    pub(super) folder: Option<PathBuf>,
}

struct Running {
    command: Command,
    origin: Origin,
    progress: Progress,
    started: Instant,
    /// Since when it is paused, if it is, and how long it was before.
    paused: Option<Instant>,
    rested: Duration,
}

impl Running {
    /// How long it has worked.
    fn elapsed(&self) -> Duration {
        let now = self.paused.unwrap_or_else(Instant::now);
        now.saturating_duration_since(self.started).saturating_sub(self.rested)
    }
}

struct Waiting {
    id: JobId,
    command: Command,
    origin: Origin,
    task: Task,
}

/// The jobs of a session.
pub(super) struct Jobs {
    running: BTreeMap<JobId, Running>,
    /// Cancelled jobs whose threads have not ended yet.
    leaving: BTreeSet<JobId>,
    /// Behind a lock only so that a session may be shared between threads for reading.
    waiting: Mutex<VecDeque<Waiting>>,
    /// Jobs that ended without a result: cancelled, or refused a thread.
    ended: Vec<Finished>,
    next: u32,
    sender: Sender<(JobId, Result<Edit, CommandError>)>,
    receiver: Mutex<Receiver<(JobId, Result<Edit, CommandError>)>>,
    wake: Option<Wake>,
}

impl Default for Jobs {
    fn default() -> Self {
        let (sender, receiver) = channel();
        let (running, waiting, receiver) = (BTreeMap::new(), Mutex::default(), Mutex::new(receiver));
        Self { running, leaving: BTreeSet::new(), waiting, ended: Vec::new(), next: 0, sender, receiver, wake: None }
    }
}

/// Run `task` on the kernel pool; a panic becomes an error that names the tool.
pub(super) fn run_caught(tool: &str, task: Task, progress: &Progress) -> Result<Edit, CommandError> {
    caught(tool, || parallel::install(|| task(progress)))
}

/// Run a task that takes no time right here: the kernel pool may be full of jobs, and the window must not wait for it.
pub(super) fn run_here(tool: &str, task: Task) -> Result<Edit, CommandError> {
    caught(tool, || parallel::at_once(|| task(&Progress::default())))
}

fn caught(tool: &str, work: impl FnOnce() -> Result<Edit, CommandError>) -> Result<Edit, CommandError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let message = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "unknown".into());
        tracing::error!(tool, message, "a tool panicked");
        Err(CommandError::Internal { tool: tool.to_owned(), message })
    })
}

impl Jobs {
    pub(super) fn set_wake(&mut self, wake: Wake) {
        self.wake = Some(wake);
    }

    /// An id for a command that is done without a job.
    pub(super) fn next_id(&mut self) -> JobId {
        self.next += 1;
        JobId(self.next)
    }

    /// There is something to poll that no job's thread tells of.
    pub(super) fn wake(&self) {
        if let Some(wake) = &self.wake {
            wake();
        }
    }

    pub(super) fn submit(&mut self, command: Command, origin: Origin, task: Task) -> Result<JobId, CommandError> {
        if WAITING_MAX <= self.queue().len() {
            let text = format!("{WAITING_MAX} jobs are waiting already; cancel some or wait until they are done");
            return Err(CommandError::Failed(text));
        }
        let id = self.next_id();
        self.queue().push_back(Waiting { id, command, origin, task });
        self.start_waiting();
        Ok(id)
    }

    fn queue(&mut self) -> &mut VecDeque<Waiting> {
        self.waiting.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_waiting(&mut self) {
        let working = |running: &BTreeMap<JobId, Running>| running.values().filter(|job| job.paused.is_none()).count();
        while working(&self.running) < RUNNING_MAX && self.running.len() + self.leaving.len() < THREADS_MAX {
            let Some(Waiting { id, command, origin, task }) = self.queue().pop_front() else { return };
            let progress = Progress::default();
            let (sender, wake) = (self.sender.clone(), self.wake.clone());
            let (tool, watched) = (command.tool.clone(), progress.clone());
            let thread = courtesy::spawn(format!("job-{tool}"), move || {
                let result = run_caught(&tool, task, &watched);
                // The session may be gone when the program closes; then nobody wants the result.
                let _ = sender.send((id, result));
                if let Some(wake) = wake {
                    wake();
                }
            });
            match thread {
                Ok(_) => {
                    let (started, paused, rested) = (Instant::now(), None, Duration::ZERO);
                    self.running.insert(id, Running { command, origin, progress, started, paused, rested });
                }
                Err(error) => {
                    let text = format!(
                        "the system refused a thread for the job; run the command again later ({})",
                        words::of_system(&error)
                    );
                    self.end(
                        Waiting { id, command, origin, task: Box::new(|_| Err(CommandError::Cancelled)) },
                        CommandError::Failed(text),
                    );
                }
            }
        }
    }

    /// Report a job that never ran.
    fn end(&mut self, Waiting { id, command, origin, .. }: Waiting, error: CommandError) {
        self.ended.push(Finished { id, command, origin, result: Err(error), elapsed: Duration::ZERO });
        self.wake();
    }

    /// The jobs that ended since the last call.
    pub(super) fn poll(&mut self) -> Vec<Finished> {
        let mut ended = std::mem::take(&mut self.ended);
        while let Ok((id, result)) = self.receiver.get_mut().unwrap_or_else(PoisonError::into_inner).try_recv() {
            self.leaving.remove(&id);
            let Some(running) = self.running.remove(&id) else { continue };
            let elapsed = running.elapsed();
            ended.push(Finished { id, command: running.command, origin: running.origin, result, elapsed });
        }
        self.start_waiting();
        ended
    }

    /// Ask a job to stop; it is reported as cancelled by the next poll, however long its thread needs to its next step.
    pub(super) fn cancel(&mut self, id: JobId) {
        if let Some(running) = self.running.remove(&id) {
            running.progress.cancel();
            self.leaving.insert(id);
            let (result, elapsed) = (Err(CommandError::Cancelled), running.elapsed());
            self.ended.push(Finished { id, command: running.command, origin: running.origin, result, elapsed });
            self.wake();
        } else if let Some(place) = self.queue().iter().position(|waiting| waiting.id == id)
            && let Some(waiting) = self.queue().remove(place)
        {
            self.end(waiting, CommandError::Cancelled);
        }
    }

    /// Let a running job wait at its next step, or go on.
    pub(super) fn pause(&mut self, id: JobId, paused: bool) {
        let Some(running) = self.running.get_mut(&id) else { return };
        running.progress.pause(paused);
        match (paused, running.paused) {
            (true, None) => running.paused = Some(Instant::now()),
            (false, Some(since)) => {
                running.rested += since.elapsed();
                running.paused = None;
            }
            _ => {}
        }
        // Another may work meanwhile.
        self.start_waiting();
    }

    /// Ask a running job to end with what it has, if it offers that.
    pub(super) fn end_early(&mut self, id: JobId) {
        if self.running.get(&id).is_some_and(|running| running.progress.offers_end()) {
            self.pause(id, false);
            self.running[&id].progress.end();
        }
    }

    /// What a running job shows of itself, if there is anything new.
    pub(super) fn glimpse(&self, id: JobId) -> Option<Glimpse> {
        let running = self.running.get(&id)?;
        running.progress.watch();
        running.progress.glimpse()
    }

    pub(super) fn list(&self) -> Vec<JobStatus> {
        let running = self.running.iter().map(|(id, running)| {
            let Running { command, progress, .. } = running;
            let (fraction, elapsed) = (progress.fraction(), running.elapsed());
            let known = 0.02 < fraction && Duration::from_millis(500) < elapsed;
            let remaining = known.then(|| elapsed.mul_f64((1.0 - fraction) / fraction));
            let (command, stage, paused) = (command.clone(), progress.stage(), running.paused.is_some());
            let ending = progress.is_to_end();
            let offers_end = progress.offers_end() && !ending;
            let (id, waiting) = (*id, false);
            JobStatus { id, command, waiting, paused, offers_end, ending, fraction, stage, elapsed, remaining }
        });
        let queue = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = queue.iter().map(|Waiting { id, command, .. }| JobStatus {
            id: *id,
            command: command.clone(),
            waiting: true,
            paused: false,
            offers_end: false,
            ending: false,
            fraction: 0.0,
            stage: "waiting",
            elapsed: Duration::ZERO,
            remaining: None,
        });
        running.chain(waiting).collect()
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.running.values().for_each(|running| running.progress.cancel());
    }
}
