//! The token of a long computation: it reports how far it is and learns whether to wait or to stop.

use std::any::Any;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Between two looks of a paused computation whether it may go on.
const NAP: Duration = Duration::from_millis(20);
/// Threads that wait for a paused computation.
static WAITING: AtomicUsize = AtomicUsize::new(0);
/// No computation was ended early.
const NOT_ENDED: u64 = u64::MAX;

/// The computation was asked to stop; whatever it had is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// Shared by a computation and whoever watches it; clones watch the same computation.
///
/// `Progress::default()` is a valid token for tests and scripts. Call [`Progress::step`] once a slice or
/// iteration: it costs two atomic operations.
#[derive(Debug, Clone)]
pub struct Progress {
    shared: Arc<Shared>,
    /// The part of the whole that this token speaks for.
    part: Range<f64>,
}

/// What an unfinished computation looks like; its kernel and whoever watches agree on the type.
pub type Glimpse = Arc<dyn Any + Send + Sync>;

#[derive(Debug)]
struct Shared {
    cancelled: AtomicBool,
    paused: AtomicBool,
    /// Bits of the fraction done, 0 to 1.
    fraction: AtomicU64,
    stage: Mutex<&'static str>,
    /// Whether the computation can end early, and whether it is asked to.
    may_end: AtomicBool,
    end_asked: AtomicBool,
    /// Where it ended then, in its own steps.
    ended_at: AtomicU64,
    watched: AtomicBool,
    glimpse: Mutex<Option<Glimpse>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            cancelled: AtomicBool::default(),
            paused: AtomicBool::default(),
            fraction: AtomicU64::default(),
            stage: Mutex::default(),
            may_end: AtomicBool::default(),
            end_asked: AtomicBool::default(),
            ended_at: AtomicU64::new(NOT_ENDED),
            watched: AtomicBool::default(),
            glimpse: Mutex::default(),
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self { shared: Arc::default(), part: 0.0..1.0 }
    }
}

impl Progress {
    /// Say that step `done` of `total` begins.
    ///
    /// # Errors
    /// [`Cancelled`] if somebody asked to stop.
    pub fn step(&self, done: usize, total: usize) -> Result<(), Cancelled> {
        self.set(done as f64 / total.max(1) as f64)
    }

    /// Say that `fraction` (0 to 1) of this part is done.
    ///
    /// # Errors
    /// [`Cancelled`] if somebody asked to stop.
    pub fn set(&self, fraction: f64) -> Result<(), Cancelled> {
        let whole = self.part.start + fraction.clamp(0.0, 1.0) * (self.part.end - self.part.start);
        // Bits of positive numbers order as the numbers do: a token given to two kernels never runs backwards.
        self.shared.fraction.fetch_max(whole.to_bits(), Ordering::Relaxed);
        self.check()
    }

    /// Learn whether to stop without reporting anything; waits while the computation is paused.
    ///
    /// # Errors
    /// [`Cancelled`] if somebody asked to stop.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_paused() && !self.is_cancelled() {
            self.rest();
        }
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }

    /// Wait until the computation may go on. The last thread of a pool that does not wait works for others, so that nobody
    /// else is paused; the rest only nap, for what a thread takes up here is done before it goes on itself.
    fn rest(&self) {
        let waiting = 1 + WAITING.fetch_add(1, Ordering::Relaxed);
        let is_last = rayon::current_thread_index().is_some() && rayon::current_num_threads() <= waiting;
        while self.is_paused() && !self.is_cancelled() {
            if !is_last || rayon::yield_now() != Some(rayon::Yield::Executed) {
                std::thread::sleep(NAP);
            }
        }
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }

    /// Let the computation wait at its next step, or go on.
    pub fn pause(&self, paused: bool) {
        self.shared.paused.store(paused, Ordering::Relaxed);
    }

    /// Whether it is to wait.
    pub fn is_paused(&self) -> bool {
        self.shared.paused.load(Ordering::Relaxed)
    }

    /// Say that from now on the computation can end early with what it has, if asked to: [`Self::is_to_end`].
    pub fn offer_end(&self) {
        self.shared.may_end.store(true, Ordering::Relaxed);
    }

    /// Whether the computation can end early with what it has.
    pub fn offers_end(&self) -> bool {
        self.shared.may_end.load(Ordering::Relaxed)
    }

    /// Ask the computation to end early with what it has.
    pub fn end(&self) {
        self.shared.end_asked.store(true, Ordering::Relaxed);
        self.pause(false);
    }

    /// Whether the computation is asked to end early.
    pub fn is_to_end(&self) -> bool {
        self.shared.end_asked.load(Ordering::Relaxed)
    }

    /// Say that the computation ended early, at `step` of its own steps: with it the same can be computed again.
    pub fn ended_at(&self, step: u64) {
        self.shared.ended_at.store(step, Ordering::Relaxed);
    }

    /// The step at which the computation ended early, if it did.
    pub fn early_end(&self) -> Option<u64> {
        Some(self.shared.ended_at.load(Ordering::Relaxed)).filter(|step| *step != NOT_ENDED)
    }

    /// Somebody wants to see the computation while it runs.
    pub fn watch(&self) {
        self.shared.watched.store(true, Ordering::Relaxed);
    }

    /// Whether anybody has wanted to see the computation since this was last asked: only then is a glimpse worth its time.
    pub fn is_watched(&self) -> bool {
        self.shared.watched.swap(false, Ordering::Relaxed)
    }

    /// Let whoever watches see how it looks now.
    pub fn show(&self, glimpse: Glimpse) {
        *self.shared.glimpse.lock().unwrap_or_else(PoisonError::into_inner) = Some(glimpse);
    }

    /// The newest glimpse that was not taken yet.
    pub fn glimpse(&self) -> Option<Glimpse> {
        self.shared.glimpse.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// A token whose 0 to 1 is `range` of this token's 0 to 1, named `stage` for the watcher.
    pub fn part(&self, range: Range<f64>, stage: &'static str) -> Self {
        *self.shared.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
        let width = self.part.end - self.part.start;
        let part = self.part.start + range.start * width..self.part.start + range.end * width;
        self.shared.fraction.fetch_max(part.start.to_bits(), Ordering::Relaxed);
        Self { shared: Arc::clone(&self.shared), part }
    }

    /// Ask the computation to stop at its next step.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::Relaxed)
    }

    /// How much of the whole is done, 0 to 1.
    pub fn fraction(&self) -> f64 {
        f64::from_bits(self.shared.fraction.load(Ordering::Relaxed))
    }

    /// The name of the stage that runs, empty at the start.
    pub fn stage(&self) -> &'static str {
        *self.shared.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_reports_its_share_of_the_whole() {
        let whole = Progress::default();
        let part = whole.part(0.5..1.0, "second half");
        part.step(1, 2).unwrap();
        assert_eq!(whole.fraction(), 0.75);
        assert_eq!(whole.stage(), "second half");
        let inner = part.part(0.0..0.5, "third quarter");
        inner.set(1.0).unwrap();
        assert_eq!(whole.fraction(), 0.75);
    }

    #[test]
    fn progress_never_runs_backwards() {
        let whole = Progress::default();
        whole.set(0.6).unwrap();
        whole.step(1, 4).unwrap();
        assert_eq!(whole.fraction(), 0.6);
        whole.part(0.2..0.9, "again").set(1.0).unwrap();
        assert!((whole.fraction() - 0.9).abs() < 1e-12);
    }

    #[test]
    fn cancelling_reaches_every_clone_and_part() {
        let whole = Progress::default();
        let part = whole.clone().part(0.2..0.4, "part");
        whole.cancel();
        assert_eq!(part.step(0, 10), Err(Cancelled));
    }

    #[test]
    fn a_paused_computation_waits_and_a_cancelled_one_does_not() {
        use std::sync::mpsc::channel;
        let whole = Progress::default();
        whole.pause(true);
        let (sender, done) = channel();
        let watched = whole.clone();
        let work = std::thread::Builder::new().spawn(move || sender.send(watched.step(1, 2)).unwrap()).unwrap();
        assert!(done.recv_timeout(Duration::from_millis(60)).is_err(), "it went on");
        whole.pause(false);
        assert_eq!(done.recv_timeout(Duration::from_secs(10)).unwrap(), Ok(()));
        work.join().unwrap();
        whole.pause(true);
        whole.cancel();
        assert_eq!(whole.check(), Err(Cancelled));
    }

    #[test]
    fn a_pool_whose_computation_is_paused_works_for_others() {
        use std::sync::mpsc::channel;
        let pool = std::sync::Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap());
        let paused = Progress::default();
        paused.pause(true);
        let (sender, done) = channel();
        for (n, progress) in [(0, paused.clone()), (1, Progress::default()), (2, Progress::default())] {
            let (pool, sender) = (Arc::clone(&pool), sender.clone());
            std::thread::Builder::new()
                .spawn(move || sender.send((n, pool.install(|| progress.step(1, 2)))).unwrap())
                .unwrap();
        }
        let others: Vec<usize> = (0..2).map(|_| done.recv_timeout(Duration::from_secs(20)).unwrap().0).collect();
        assert!(!others.contains(&0), "{others:?}");
        paused.pause(false);
        assert_eq!(done.recv_timeout(Duration::from_secs(20)).unwrap(), (0, Ok(())));
    }

    #[test]
    fn an_early_end_is_asked_for_and_told() {
        let whole = Progress::default();
        let part = whole.part(0.0..0.5, "first half");
        assert!(!whole.offers_end() && !part.is_to_end() && whole.early_end().is_none());
        part.offer_end();
        whole.pause(true);
        whole.end();
        assert!(whole.offers_end() && part.is_to_end() && !part.is_paused());
        part.ended_at(42);
        assert_eq!(whole.early_end(), Some(42));
    }

    #[test]
    fn a_glimpse_is_taken_once() {
        let (whole, part) = (Progress::default(), Progress::default().part(0.0..1.0, "all"));
        part.show(Arc::new(7_u32));
        assert!(whole.glimpse().is_none(), "another computation");
        assert_eq!(part.glimpse().and_then(|glimpse| glimpse.downcast::<u32>().ok()).as_deref(), Some(&7));
        assert!(part.glimpse().is_none());
    }
}
