//! Threads that compute make way for the window, so that a frame takes as long while a job runs as while none does,
//! even where a processor plays the graphics card. Alone on the machine they are as fast as before.
//!
//! Only on Linux, where a thread has a priority of its own; elsewhere nothing happens.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};

/// There is a window to make way for.
static WINDOW: AtomicBool = AtomicBool::new(false);

/// From now on threads that compute make way; called by the window before it starts any.
pub fn expect_window() {
    WINDOW.store(true, Ordering::Relaxed);
}

/// The calling thread computes from now on.
pub fn make_way() {
    if WINDOW.load(Ordering::Relaxed) {
        system::lower_priority();
    }
}

/// A thread that computes.
///
/// # Errors
/// The system grants no thread.
pub fn spawn<R: Send + 'static>(
    name: impl Into<String>,
    work: impl FnOnce() -> R + Send + 'static,
) -> std::io::Result<JoinHandle<R>> {
    Builder::new().name(name.into()).spawn(|| {
        make_way();
        work()
    })
}

#[cfg(target_os = "linux")]
mod system {
    /// One step of niceness is about 20 % of a processor; this leaves a thread a thirtieth beside a busy window.
    const NICENESS: i32 = 15;

    /// On Linux "no process" means the calling thread.
    pub(super) fn lower_priority() {
        if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
            tracing::debug!(%error, "a thread keeps its priority");
        }
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn only_the_thread_that_computes_makes_way() {
            let here = || rustix::process::getpriority_process(None).unwrap();
            let before = here();
            let there = std::thread::scope(|scope| {
                let lowered = || {
                    super::lower_priority();
                    here()
                };
                scope.spawn(lowered).join().unwrap()
            });
            assert_eq!((here(), there), (before, super::NICENESS.max(before)));
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    pub(super) fn lower_priority() {}
}
