//! The machine under a benchmark: cores, load, and how fast its memory is today.

use crate::base::parallel;
use crate::io::process;
pub use crate::io::process::{peak_memory_mb, reset_peak_memory};
use rayon::prelude::*;
use serde::Serialize;
use std::time::Instant;

/// The header of every benchmark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Machine {
    /// The processor's name, if the system tells.
    pub processor: Option<String>,
    /// Cores this process may use.
    pub cores: usize,
    /// Threads of the kernel pool.
    pub threads: usize,
    /// Processes that ran or waited in the last minute, if the system tells; above `cores` the machine is busy.
    pub load: Option<f64>,
    /// STREAM triad in GB/s on all threads: what limits most kernels.
    pub stream_gb_s: f64,
}

impl Machine {
    /// Look at the machine; takes about a second.
    pub fn measure() -> Self {
        Self {
            processor: process::processor(),
            cores: parallel::cores(),
            threads: parallel::install(rayon::current_num_threads),
            load: process::load_average(),
            stream_gb_s: parallel::install(stream_triad_gb_s),
        }
    }
}

/// Best of five runs of `a = b + s c` over arrays of 160 MB each (McCalpin 1995, STREAM).
fn stream_triad_gb_s() -> f64 {
    const LEN: usize = 20_000_000;
    const BLOCK: usize = 1 << 16;
    let (b, c) = (vec![1.0_f64; LEN], vec![2.0_f64; LEN]);
    let mut a = vec![0.0_f64; LEN];
    let run = |a: &mut Vec<f64>| {
        let start = Instant::now();
        a.par_chunks_mut(BLOCK).zip(b.par_chunks(BLOCK)).zip(c.par_chunks(BLOCK)).for_each(|((a, b), c)| {
            a.iter_mut().zip(b).zip(c).for_each(|((a, b), c)| *a = b + 3.0 * c);
        });
        start.elapsed().as_secs_f64()
    };
    let seconds = (0..5).map(|_| run(&mut a)).fold(f64::INFINITY, f64::min);
    debug_assert_eq!(a[LEN / 2], 7.0);
    (3 * LEN * size_of::<f64>()) as f64 / seconds / 1e9
}
