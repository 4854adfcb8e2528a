//! The token of a long computation: it reports how far it is and learns whether to stop.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

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

#[derive(Debug, Default)]
struct Shared {
    cancelled: AtomicBool,
    /// Bits of the fraction done, 0 to 1.
    fraction: AtomicU64,
    stage: Mutex<&'static str>,
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

    /// Learn whether to stop without reporting anything.
    ///
    /// # Errors
    /// [`Cancelled`] if somebody asked to stop.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
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
}
