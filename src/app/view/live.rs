//! An organ that follows the hand frame by frame, on a thread of its own that rests when the organ does.

use crate::base::{courtesy, parallel};
use crate::biomech::interactive::{Body, Cut, Health, Tied, Tool};
use crate::biomech::operation::{Act, Aimed, Did, Held, Moment, Operation};
use crate::geom::{Point, Vector};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Simulated and real time between two frames.
const FRAME: Duration = Duration::from_micros(16_667);

/// The mesh of a body, which only cuts change.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Topology {
    /// Corners of the outside.
    pub(super) surface: Vec<[u32; 3]>,
    /// Tetrahedra.
    pub(super) tets: Vec<[u32; 4]>,
    /// The tetrahedron of the first mesh that each was.
    pub(super) origin: Vec<u32>,
    /// Places at rest, mm.
    pub(super) rest: Vec<Point>,
}

/// What the organ looks like now.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Displacement of each vertex, mm; copies that cuts made come last.
    pub(super) displacement_mm: Vec<Vector>,
    /// Von Mises stress in Pa and strain of each vertex, if asked for.
    pub(super) stress: Vec<[f64; 2]>,
    pub(super) topology: Arc<Topology>,
    /// Closed graspers.
    pub(super) held: Vec<Held>,
    /// The needle.
    pub(super) aimed: Option<Aimed>,
    /// Threads, staples and clips.
    pub(super) tied: Vec<Tied>,
    /// The instrument, and its force on the tissue, N.
    pub(super) instrument: Option<(Tool, Vector)>,
    /// Why the graphics card does not compute any more.
    pub(super) device_note: Option<String>,
    /// Largest force so far, N.
    pub(super) peak_n: f64,
    /// How the solver fares.
    pub(super) health: Health,
    /// Time the computation of this frame took.
    pub(super) took: Duration,
    /// Frames so far.
    pub(super) frames: u64,
    /// What was done last was done before this frame.
    pub(super) is_current: bool,
    /// Whether the organ has come to rest.
    pub(super) is_still: bool,
}

impl Topology {
    /// The vertex that is nearest to a place at rest. Looks at all of them.
    pub(super) fn nearest(&self, at_rest: &Point) -> Option<usize> {
        let away = |v: &usize| (self.rest[*v] - at_rest).norm_squared();
        (0..self.rest.len()).min_by(|a, b| away(a).total_cmp(&away(b)))
    }
}

impl Frame {
    /// The organ of `operation` as it is now, with the mesh as it is now.
    pub(super) fn of(
        operation: &Operation,
        topology: &Arc<Topology>,
        health: Health,
        stress: Vec<[f64; 2]>,
        took: Duration,
    ) -> Self {
        let body = operation.body();
        Self {
            displacement_mm: (0..).zip(body.positions()).map(|(v, now)| now - body.rest(v)).collect(),
            stress,
            topology: Arc::clone(topology),
            held: operation.held().collect(),
            aimed: operation.aimed(),
            device_note: body.gpu_note().map(str::to_owned),
            tied: body.tied().collect(),
            instrument: operation.tool().zip(operation.instrument().map(|(_, force)| force)),
            peak_n: operation.peak_n(),
            health,
            took,
            frames: operation.frames(),
            is_current: true,
            is_still: operation.is_still(),
        }
    }

    /// Where a vertex is now; `None` if there is no such vertex.
    pub(super) fn place(&self, vertex: usize) -> Option<Point> {
        Some(self.topology.rest.get(vertex)? + self.displacement_mm.get(vertex)?)
    }
}

/// What the solver wants to say besides frames.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum News {
    /// A grasper closed.
    Grasped(usize),
    /// The mesh changed.
    Cut(Cut),
    /// A grasper closed on nothing.
    Slipped,
    /// Something cannot be done, in a sentence.
    Refused(String),
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
    /// What is to be done before the next frame.
    acts: Vec<Act>,
    paused: bool,
    /// Frames to compute although it is paused.
    steps: usize,
    wants_stress: bool,
    /// The last frame, until somebody takes it.
    frame: Option<Frame>,
    news: Vec<News>,
    /// Everything done so far, as of the last frame.
    done: Vec<Moment>,
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
    /// Let the body of `operation` follow what is done to it; `wake` is called for every frame.
    ///
    /// # Errors
    /// The system grants no thread.
    pub(super) fn start(operation: Operation, wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let there = Arc::clone(&shared);
        courtesy::spawn("organ in the hand", move || {
            let stepped = catch_unwind(AssertUnwindSafe(|| run(operation, &there, &wake)));
            if stepped.is_err() {
                there.desk().failed = true;
                wake();
            }
        })?;
        Ok(Self { shared })
    }

    /// Do something before the next frame. Of movements that come faster than frames the last counts.
    pub(super) fn act(&self, act: Act) {
        let mut desk = self.shared.desk();
        match (desk.acts.last_mut(), &act) {
            (Some(Act::Drag { grasper, by_mm }), Act::Drag { grasper: own, by_mm: to }) if grasper == own => {
                *by_mm = *to
            }
            (Some(last @ Act::Place { .. }), Act::Place { .. }) | (Some(last @ Act::Push { .. }), Act::Push { .. }) => {
                *last = act;
            }
            _ => desk.acts.push(act),
        }
        self.shared.moved.notify_one();
    }

    /// Stop the clock or let it run.
    pub(super) fn pause(&self, paused: bool) {
        self.shared.desk().paused = paused;
        self.shared.moved.notify_one();
    }

    /// Compute one frame although the clock stands still.
    pub(super) fn step(&self) {
        self.shared.desk().steps += 1;
        self.shared.moved.notify_one();
    }

    /// Whether frames come with stress and strain.
    pub(super) fn want_stress(&self, wants: bool) {
        let mut desk = self.shared.desk();
        if desk.wants_stress != wants {
            desk.wants_stress = wants;
            // Even a body at rest shows them at once.
            desk.steps += 1;
            self.shared.moved.notify_one();
        }
    }

    /// Whether something that was asked for waits for the clock.
    pub(super) fn waits(&self) -> bool {
        !self.shared.desk().acts.is_empty()
    }

    /// Whether the computation broke off: no further frame will come.
    pub(super) fn failed(&self) -> bool {
        self.shared.desk().failed
    }

    /// The last frame, if it is a new one.
    pub(super) fn frame(&self) -> Option<Frame> {
        self.shared.desk().frame.take()
    }

    /// What happened since the last look.
    pub(super) fn news(&self) -> Vec<News> {
        std::mem::take(&mut self.shared.desk().news)
    }

    /// Everything done so far.
    pub(super) fn done(&self) -> Vec<Moment> {
        self.shared.desk().done.clone()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.shared.desk().over = true;
        self.shared.moved.notify_one();
    }
}

/// Frames until nobody wants any more.
fn run(mut operation: Operation, there: &Shared, wake: &Arc<dyn Fn() + Send + Sync>) {
    // Jobs may take the common pool for minutes; the hand does not wait for them.
    let pool = parallel::own_pool();
    let mut topology = Arc::new(topology_of(operation.body()));
    let mut due = Instant::now();
    // The first picture is that of the body as it is.
    let mut wants_picture = true;
    loop {
        let (acts, wants_stress) = {
            let mut desk = there.desk();
            let rests = |desk: &Desk, still: bool| desk.acts.is_empty() && desk.steps == 0 && (desk.paused || still);
            while !desk.over && !wants_picture && rests(&desk, operation.is_still()) {
                desk = there.moved.wait(desk).unwrap_or_else(PoisonError::into_inner);
                due = Instant::now();
            }
            if desk.over {
                return;
            }
            // While the clock stands, what is asked for waits, so that it is done in the order it was asked for.
            if desk.paused && desk.steps == 0 && !wants_picture {
                desk = there.moved.wait(desk).unwrap_or_else(PoisonError::into_inner);
                drop(desk);
                continue;
            }
            desk.steps = desk.steps.saturating_sub(1);
            (std::mem::take(&mut desk.acts), desk.wants_stress)
        };
        wants_picture = false;
        let mut news = Vec::new();
        let began = Instant::now();
        let (health, stress) = pool.install(|| {
            for act in acts {
                let grasps = matches!(act, Act::Grasp { .. });
                match operation.act(act) {
                    Ok(Did::Done | Did::Fastened(_)) => {}
                    Ok(Did::Grasped(number)) => news.push(News::Grasped(number)),
                    Ok(Did::Cut(cut)) => news.push(News::Cut(cut)),
                    Err(error) => {
                        news.extend(grasps.then_some(News::Slipped));
                        news.push(News::Refused(error.to_string()));
                    }
                }
            }
            let health = operation.step();
            (health, if wants_stress { operation.body().stress_and_strain() } else { Vec::new() })
        });
        if news.iter().any(|news| matches!(news, News::Cut(cut) if 0 < cut.faces + cut.removed)) {
            topology = Arc::new(topology_of(operation.body()));
        }
        let frame = Frame::of(&operation, &topology, health, stress, began.elapsed());
        let mut desk = there.desk();
        desk.news.extend(news);
        let known = desk.done.len();
        desk.done.extend_from_slice(&operation.done()[known..]);
        desk.frame = Some(Frame { is_current: desk.acts.is_empty(), ..frame });
        drop(desk);
        wake();
        // A slower machine shows slower motion, not fewer steps of it.
        due = (due + FRAME).max(Instant::now());
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

/// The mesh of `body` as it is now.
pub(super) fn topology_of(body: &Body) -> Topology {
    Topology {
        surface: body.surface().collect(),
        tets: body.tets().to_vec(),
        origin: body.origin().to_vec(),
        rest: (0..body.positions().len()).map(|v| body.rest(v)).collect(),
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

    fn soft() -> (Live, Vec<u32>, Arc<AtomicUsize>) {
        let mesh = straight_box([4, 4, 3], [40.0, 40.0, 30.0]);
        let liver = Material::hyperelastic(crate::biomech::Hyperelastic::NeoHookean, 0.45, 1060.0, 0.3);
        let liver = Material { young_pa: 5e3, ..liver };
        let body = Body::new(&mesh, &[(1, liver)], &vertices_where(&mesh, |p| p.z == 0.0)).unwrap();
        let patch = vertices_where(&mesh, |p| p.z == 30.0 && p.x <= 10.0);
        let woken = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&woken);
        let wake = Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        (Live::start(Operation::new(body), wake).unwrap(), patch, woken)
    }

    #[test]
    fn an_organ_follows_the_hand_comes_to_rest_and_its_thread_rests_with_it() {
        let (live, patch, woken) = soft();
        live.act(Act::Grasp { at_mm: [5.0, 20.0, 30.0], radius_mm: 21.0 });
        let by_mm = Vector::new(-3.0, 0.0, 5.0);
        live.act(Act::Drag { grasper: 0, by_mm: by_mm.into() });
        let arrived = |frame: &Frame| {
            let moved = frame.displacement_mm[patch[0] as usize];
            frame.is_still && frame.is_current && (moved - by_mm).norm() < 1.0
        };
        let frame = look(&live, arrived);
        assert!(0.0 < frame.held[0].force_n.dot(&by_mm), "{:?}", frame.held);
        assert!(frame.health.is_good(), "{:?}", frame.health);
        assert_eq!(live.news(), [News::Grasped(0)]);
        std::thread::sleep(Duration::from_millis(400));
        let before = woken.load(Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(400));
        assert_eq!(woken.load(Ordering::Relaxed), before, "nothing moves, so nobody is woken");
        live.act(Act::Drag { grasper: 0, by_mm: [0.0; 3] });
        look(&live, |frame| frame.is_still && frame.displacement_mm[patch[0] as usize].norm() < 0.5);
        assert_eq!(live.done().len(), 3);
    }

    #[test]
    fn a_stopped_clock_moves_one_frame_at_a_time_and_then_does_what_waited() {
        let (live, _, _) = soft();
        look(&live, |frame| frame.is_still);
        live.pause(true);
        live.act(Act::Weight { m_s2: [0.0, 9.81, 0.0] });
        std::thread::sleep(Duration::from_millis(100));
        assert!(live.frame().is_none(), "time stands still");
        live.step();
        let first = look(&live, |_| true).frames;
        live.step();
        assert_eq!(look(&live, |_| true).frames, first + 1);
        live.pause(false);
        let fallen = look(&live, |frame| frame.is_still);
        assert!(fallen.displacement_mm.iter().any(|u| 0.1 < u.y), "it sags by its weight");
        live.act(Act::Grasp { at_mm: [900.0, 0.0, 0.0], radius_mm: 5.0 });
        look(&live, |_| true);
        assert!(matches!(&live.news()[..], [News::Slipped, News::Refused(text)] if text.contains("mm from")));
    }
}
