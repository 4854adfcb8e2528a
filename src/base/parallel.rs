//! The one rayon pool, and reductions whose result does not depend on the number of threads.

use rayon::prelude::*;
use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

thread_local! {
    /// The pool [`with_pool_of`] puts in place of the common one, for the thread that called it.
    static OVERRIDE: RefCell<Option<Arc<rayon::ThreadPool>>> = const { RefCell::new(None) };
}

/// Environment variable that sets the number of threads of the pool.
pub const THREADS_VARIABLE: &str = "PROSECTOR_THREADS";

/// The pool all kernels run on: one thread a core, or as many as `PROSECTOR_THREADS` says.
///
/// The window has its own main thread, for which these make way.
fn pool() -> &'static rayon::ThreadPool {
    static POOL: OnceLock<rayon::ThreadPool> = OnceLock::new();
    POOL.get_or_init(|| {
        let asked = std::env::var(THREADS_VARIABLE).ok().and_then(|text| text.parse().ok()).filter(|n| 0 < *n);
        build_pool(asked.unwrap_or_else(cores))
    })
}

fn build_pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("kernel-{index}"))
        .start_handler(|_| super::courtesy::make_way())
        .build()
        .expect("the system grants a few threads")
}

/// A pool beside the common one, of as many threads as there are cores: for what must not wait behind jobs.
pub fn own_pool() -> rayon::ThreadPool {
    build_pool(cores())
}

/// Run `work` on as many threads as [`install`] would, at once: never behind a job, and without making way for the
/// window, for it draws what the window waits for. On a thread of a pool it runs there.
pub fn at_once<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    static POOL: OnceLock<rayon::ThreadPool> = OnceLock::new();
    if rayon::current_thread_index().is_some() {
        return work();
    }
    if let Some(chosen) = OVERRIDE.with_borrow(Option::clone) {
        return chosen.install(work);
    }
    let build = || {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(pool().current_num_threads());
        builder.thread_name(|index| format!("picture-{index}")).build().expect("the system grants a few threads")
    };
    POOL.get_or_init(build).install(work)
}

/// The number of cores this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Run `work` on the pool; every `par_iter` inside uses its threads.
pub fn install<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    let chosen = OVERRIDE.with_borrow(Option::clone);
    match chosen {
        Some(pool) => pool.install(work),
        None => pool().install(work),
    }
}

/// Run `work` on a pool of its own with `threads` threads: for tests that compare one thread with many.
pub fn with_threads<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    build_pool(threads.max(1)).install(work)
}

/// Run `work` so that every [`install`] inside it, on this thread, uses a pool of `threads` threads.
pub fn with_pool_of<R>(threads: usize, work: impl FnOnce() -> R) -> R {
    let before = OVERRIDE.replace(Some(Arc::new(build_pool(threads.max(1)))));
    let result = work();
    OVERRIDE.set(before);
    result
}

/// Σ f(range) over fixed blocks of `0..len`, added in block order: the same bits on any number of threads.
pub fn sum_blocks(len: usize, block: usize, f: impl Fn(std::ops::Range<usize>) -> f64 + Sync) -> f64 {
    let block = block.max(1);
    let parts: Vec<f64> = (0..len.div_ceil(block))
        .into_par_iter()
        .map(|index| f(index * block..((index + 1) * block).min(len)))
        .collect();
    parts.iter().sum()
}

/// Σ aᵢ bᵢ in double precision, the same bits on any number of threads.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    debug_assert_eq!(a.len(), b.len());
    sum_blocks(a.len(), 4096, |range| a[range.clone()].iter().zip(&b[range]).map(|(x, y)| x * y).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_have_the_same_bits_on_one_thread_and_on_three() {
        let values: Vec<f64> = (0..100_000).map(|i| (f64::from(i)).sin() * 1e3).collect();
        let sum = || dot(&values, &values);
        assert_eq!(with_threads(1, sum).to_bits(), with_threads(3, sum).to_bits());
    }

    #[test]
    fn pictures_are_made_on_the_pool_they_are_asked_for_on_and_else_on_their_own() {
        let name = || std::thread::current().name().unwrap_or_default().to_owned();
        assert!(at_once(name).starts_with("picture-"));
        assert!(install(|| at_once(name)).starts_with("kernel-"));
        assert_eq!(with_pool_of(3, || at_once(rayon::current_num_threads)), 3);
    }
}
