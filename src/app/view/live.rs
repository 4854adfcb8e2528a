//! An organ that follows the hand frame by frame, on a thread of its own that rests when the organ does.

use crate::base::{courtesy, parallel};
use crate::biomech::interactive::{Body, Health, Inputs};
use crate::geom::{Point, Vector};
use std::panic::{AssertUnwindSafe, catch_unwind};
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
    /// Where the hand was, mm.
    pub(super) hand_mm: Vector,
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
    /// The computation broke off.
    failed: bool,
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
            // Jobs may take the common pool for minutes; the hand does not wait for them.
            let pool = parallel::own_pool();
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
                let stepped = catch_unwind(AssertUnwindSafe(|| pool.install(|| body.step(&inputs))));
                let Ok(health) = stepped else {
                    there.desk().failed = true;
                    wake();
                    return;
                };
                let moved = body.positions().iter().zip(&before).map(|(now, before)| (now - before).norm_squared());
                let is_still = wanted_mm == last && moved.fold(0.0, f64::max) < STILL_MM * STILL_MM;
                still = if is_still { still + 1 } else { 0 };
                last = wanted_mm;
                let displacement_mm = body.positions().iter().zip(&rest).map(|(now, rest)| now - rest).collect();
                let force_n = body.grasp_force_n(grip);
                there.desk().frame = Some(Frame { displacement_mm, force_n, health, hand_mm: wanted_mm, is_still });
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

    /// Whether the computation broke off: no further frame will come.
    pub(super) fn failed(&self) -> bool {
        self.shared.desk().failed
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biomech::Material;
    use crate::biomech::verification::shapes::{straight_box, vertices_where};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Look until `found`, at most 20 s.
    fn look(live: &Live, mut found: impl FnMut(&Frame) -> bool) -> Frame {
        for _ in 0..2000 {
            if let Some(frame) = live.frame()
                && found(&frame)
            {
                return frame;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("no such frame in 20 s");
    }

    #[test]
    fn an_organ_follows_the_hand_comes_to_rest_and_its_thread_rests_with_it() {
        let mesh = straight_box([4, 4, 3], [40.0, 40.0, 30.0]);
        let liver = Material::hyperelastic(crate::biomech::Hyperelastic::NeoHookean, 0.45, 1060.0, 0.3);
        let liver = Material { young_pa: 5e3, ..liver };
        let mut body = Body::new(&mesh, &[(1, liver)], &vertices_where(&mesh, |p| p.z == 0.0)).unwrap();
        let patch = vertices_where(&mesh, |p| p.z == 30.0 && p.x <= 10.0);
        let grip = body.grasp(&patch).unwrap();
        let woken = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&woken);
        let wake = Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let live = Live::start(body, grip, Around::default(), wake).unwrap();
        let by_mm = Vector::new(-3.0, 0.0, 5.0);
        live.pull(by_mm);
        let arrived = |frame: &Frame| {
            let moved = frame.displacement_mm[patch[0] as usize];
            frame.is_still && (moved - by_mm).norm() < 1.0
        };
        let frame = look(&live, arrived);
        assert!(0.0 < frame.force_n.dot(&by_mm), "{} N", frame.force_n);
        assert!(frame.health.is_good(), "{:?}", frame.health);
        std::thread::sleep(Duration::from_millis(400));
        let before = woken.load(Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(400));
        assert_eq!(woken.load(Ordering::Relaxed), before, "nothing moves, so nobody is woken");
        live.pull(Vector::zeros());
        look(&live, |frame| frame.is_still && frame.displacement_mm[patch[0] as usize].norm() < 0.5);
    }
}
