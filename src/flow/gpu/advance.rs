//! Time steps, sent in batches so short that a window which shares the card keeps drawing.

use super::memory::STEPS_MAX;
use super::order::GROUP;
use super::twins::{PARAMS_BYTES, Params};
use super::{GpuError, Lattice};
use nalgebra::Complex;
use std::time::{Duration, Instant};

/// What a batch may take at most, about: two of them are on their way at a time.
const BATCH: Duration = Duration::from_millis(20);

/// What changes from step to step.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Input {
    /// Share of the full inflow.
    pub share: f32,
    /// How far the harmonics of a pulse have turned; empty without.
    pub turns: Vec<Complex<f32>>,
}

/// How many steps a batch has: few at first, then as many as were quick.
#[derive(Debug)]
pub(super) struct Pace {
    steps: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { steps: 2 }
    }
}

impl Pace {
    /// Steps of the next batch after `before`, if `left` are left: as pairs, unless one alone takes long.
    fn next(&self, before: usize, left: usize) -> usize {
        let most = self.steps.min(left);
        if 1 < most && most < left { most - (before + most) % 2 } else { most }
    }

    /// Learn that so many steps took so long.
    fn learn(&mut self, steps: usize, took: Duration) {
        let fit = BATCH.as_secs_f64() / took.as_secs_f64().max(1e-9) * steps as f64;
        // A short batch says little of a long one.
        self.steps = (fit as usize).clamp(1, (4 * steps).min(STEPS_MAX));
    }
}

/// Groups in two dimensions, for so many threads.
pub(super) fn groups(threads: u32, most: u32) -> [u32; 2] {
    let all = threads.div_ceil(GROUP as u32);
    let rows = all.div_ceil(most).max(1);
    [all.div_ceil(rows), rows]
}

impl Lattice {
    /// As many steps as there are `inputs`, one each; `keep_going` is asked between pairs of steps with those done.
    /// Gives the number of steps, fewer than asked for if it said no.
    ///
    /// # Errors
    /// [`GpuError`]: the card failed; what it knew is lost.
    pub fn advance(&mut self, inputs: &[Input], keep_going: &mut dyn FnMut(usize) -> bool) -> Result<usize, GpuError> {
        let (mut done, mut on_its_way) = (0, None);
        let mut clock = Instant::now();
        while done < inputs.len() {
            let now = self.pace.next(self.steps, inputs.len() - done);
            let submission = self.send(&inputs[done..done + now]);
            if let Some((before, steps)) = on_its_way.replace((submission, now)) {
                self.gpu.device.wait(before)?;
                let took = clock.elapsed();
                clock = Instant::now();
                self.pace.learn(steps, took);
            }
            done += now;
            self.steps += now;
            if self.steps.is_multiple_of(2) && !keep_going(done) {
                break;
            }
        }
        if let Some((last, steps)) = on_its_way {
            self.gpu.device.wait(last)?;
            self.pace.learn(steps, clock.elapsed());
        }
        self.gpu.device.check().map(|()| done)
    }

    /// Send a batch of steps.
    fn send(&self, inputs: &[Input]) -> wgpu::SubmissionIndex {
        let Self { gpu, memory, params, counts, groups_max, .. } = self;
        let of_step = |(n, input): (usize, &Input)| {
            let odd = ((self.steps + n) % 2) as u32;
            let mut params = Params { odd, reads: 1 - odd, share: input.share, ..*params };
            params.turns.iter_mut().zip(&input.turns).for_each(|(twin, turn)| *twin = [turn.re, turn.im]);
            params
        };
        let of_steps: Vec<Params> = inputs.iter().enumerate().map(of_step).collect();
        gpu.device.write(&memory.params, 0, &of_steps);
        let programs = &gpu.programs;
        let steps = if self.is_regularised { &programs.regularised } else { &programs.two_times };
        let mut encoder = gpu.device.encoder();
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for n in 0..inputs.len() {
                let offset = [n as u32 * PARAMS_BYTES as u32];
                pass.set_bind_group(0, &memory.lattice_group, &offset);
                for (program, threads) in [(&steps.inner, params.inner), (&steps.outer, params.cells - params.inner)] {
                    if 0 < threads {
                        let [x, y] = groups(threads, *groups_max);
                        pass.set_pipeline(program);
                        pass.dispatch_workgroups(x, y, 1);
                    }
                }
                if 0 < counts.all {
                    pass.set_bind_group(0, &memory.openings_group, &offset);
                    if 0 < counts.vessels {
                        pass.set_pipeline(&programs.windkessels);
                        pass.dispatch_workgroups(1, 1, 1);
                    }
                    pass.set_pipeline(&programs.exchange);
                    pass.dispatch_workgroups(counts.all, 1, 1);
                }
            }
        }
        gpu.device.submit(encoder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_of_groups_is_longer_than_allowed_and_none_is_missing() {
        for (threads, most) in
            [(1, 65535), (64 * 65535, 65535), (64 * 65535 + 1, 65535), (4_000_000_000, 65535), (500, 3)]
        {
            let [x, y] = groups(threads, most);
            assert!(x <= most && u64::from(threads) <= 64 * u64::from(x) * u64::from(y), "{x} × {y} for {threads}");
            assert!(u64::from(x) * u64::from(y) <= u64::from(threads.div_ceil(64)) + u64::from(y), "{x} × {y}");
        }
    }

    #[test]
    fn batches_grow_while_they_are_quick_and_shrink_at_once() {
        let mut pace = Pace::default();
        for _ in 0..9 {
            let steps = pace.steps;
            pace.learn(steps, Duration::from_micros(30 * steps as u64));
        }
        assert_eq!(pace.steps, STEPS_MAX);
        pace.learn(STEPS_MAX, Duration::from_secs(1));
        assert!(pace.steps <= 5, "{pace:?}");
    }

    #[test]
    fn batches_end_between_pairs_of_steps_unless_one_alone_takes_long() {
        let pace = Pace { steps: 5 };
        assert_eq!([pace.next(0, 100), pace.next(3, 100), pace.next(0, 5), pace.next(2, 3)], [4, 5, 5, 3]);
        assert_eq!(Pace { steps: 2 }.next(1, 9), 1);
        assert_eq!(Pace { steps: 1 }.next(0, 9), 1);
    }
}
