//! An organ that follows the hand frame by frame, on a thread of its own that rests when the organ does.

use crate::base::{courtesy, parallel};
use crate::biomech::interactive::{Body, Health, Inputs};
use crate::geom::{Point, Vector};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Simulated and real time between two frames.
const FRAME: Duration = Duration::from_micros(16_667);
/// An organ whose vertices all move less than this in a frame is at rest, in mm …
const STILL_MM: f64 = 2e-3;
/// … after so many such frames.
const STILL_FRAMES: usize = 6;

/// What the organ looks like now.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Displacement of each vertex, mm.
    pub(super) displacement_mm: Vec<Vector>,
    /// Force of the hand on the tissue, N.
    pub(super) force_n: Vector,
    /// How the solver fares.
    pub(super) health: Health,
    /// Whether the organ has come to rest.
    pub(super) is_still: bool,
}

/// What acts on the organ besides the hand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around {
    /// Weight, m/s².
    pub(super) gravity_m_s2: Vector,
    /// Gas, Pa.
    pub(super) gas_pa: f64,
}

/// A body in the hand; the thread ends with it.
#[derive(Debug)]
pub(super) struct Live {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    desk: Mutex<Desk>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct Desk {
    /// Where the hand is, from where it took hold, mm.
    wanted_mm: Vector,
    /// The last frame, until somebody takes it.
    frame: Option<Frame>,
    over: bool,
}

impl Shared {
    /// A panic of the other side leaves plain values behind.
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    /// Let `body` follow its grasper `grip`; `wake` is called for every frame.
    ///
    /// # Errors
    /// The system grants no thread.
    pub(super) fn start(
        mut body: Body,
        grip: usize,
        around: Around,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let there = Arc::clone(&shared);
        courtesy::spawn("organ in the hand", move || {
            let rest: Vec<Point> = body.positions().to_vec();
            let inputs = Inputs { gravity_m_s2: around.gravity_m_s2, gas_pa: around.gas_pa, ..Inputs::default() };
            let (mut due, mut still, mut last) = (Instant::now(), 0, Vector::zeros());
            loop {
                let wanted_mm = {
                    let mut desk = there.desk();
                    while STILL_FRAMES <= still && !desk.over && desk.wanted_mm == last {
                        desk = there.moved.wait(desk).unwrap_or_else(PoisonError::into_inner);
                        due = Instant::now();
                    }
                    if desk.over {
                        return;
                    }
                    desk.wanted_mm
                };
                body.drag(grip, &wanted_mm);
                let before: Vec<Point> = body.positions().to_vec();
                let health = parallel::install(|| body.step(&inputs));
                let moved = body.positions().iter().zip(&before).map(|(now, before)| (now - before).norm_squared());
                let is_still = wanted_mm == last && moved.fold(0.0, f64::max) < STILL_MM * STILL_MM;
                still = if is_still { still + 1 } else { 0 };
                last = wanted_mm;
                let displacement_mm = body.positions().iter().zip(&rest).map(|(now, rest)| now - rest).collect();
                let force_n = body.grasp_force_n(grip);
                there.desk().frame = Some(Frame { displacement_mm, force_n, health, is_still });
                wake();
                // A slower machine shows slower motion, not fewer steps of it.
                due = (due + FRAME).max(Instant::now());
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        })?;
        Ok(Self { shared })
    }

    /// The hand is `by_mm` from where it took hold.
    pub(super) fn pull(&self, by_mm: Vector) {
        let mut desk = self.shared.desk();
        if desk.wanted_mm != by_mm {
            desk.wanted_mm = by_mm;
            self.shared.moved.notify_one();
        }
    }

    /// The last frame, if it is a new one.
    pub(super) fn frame(&self) -> Option<Frame> {
        self.shared.desk().frame.take()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.shared.desk().over = true;
        self.shared.moved.notify_one();
    }
}
