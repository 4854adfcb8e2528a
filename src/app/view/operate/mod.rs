//! The operating theatre: an organ that lives in the scene until the operation ends, with everything hands do to it.
//!
//! The panel ([`Operate`]) says what is wanted; a thread ([`super::live`]) moves the organ; what was done is a list that
//! `simulate.operate` does again when the result is kept.

mod gesture;
mod instrument;
mod past;
mod prepare;

use self::gesture::{Gesture, View};
use self::past::Past;
use self::prepare::{Pose, PoseKey, Ready, prepare, seen_as};
use super::live::{Frame, News, Topology};
use super::panels::{Desk, InTheatre};
use super::scene::Scene;
use crate::app::mirror::Surfaces;
use crate::app::run::AppSystems;
use crate::app::session::{After, Done, TheSession, wake};
use crate::app::ui::{Colour, Mark, Operate, OperationInfo, Order, Seam, Tone, active_scan};
use crate::base::i18n::{tr, tr_with};
use crate::base::{JobId, NodeId, Progress, courtesy, parallel};
use crate::biomech::interactive::{Tied, Tool};
use crate::biomech::operation::Act;
use crate::geom::{Point, Vector};
use crate::session::{Case, Command, Data};
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use rayon::prelude::*;
use serde_json::json;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Frames a second are counted over so many frames.
const RATE_OVER: u64 = 30;

/// A planned surface to cut along may have so many triangles: they are kept with the operation.
const SHEET_TRIANGLES_MAX: usize = 20_000;

/// The operation in the scene.
#[derive(Resource)]
pub(crate) struct Theatre {
    state: State,
    answers: Mutex<Receiver<(u64, Result<Ready, String>)>>,
    sender: Sender<(u64, Result<Ready, String>)>,
    number: u64,
    wake: Arc<dyn Fn() + Send + Sync>,
}

enum State {
    Closed,
    Preparing {
        mesh: NodeId,
        progress: Progress,
    },
    /// It could not be prepared; the panel says why.
    Refused {
        mesh: NodeId,
        text: String,
    },
    Open(Box<Open>),
}

/// An organ on the table.
struct Open {
    mesh: NodeId,
    ready: Ready,
    frame: Option<Arc<Frame>>,
    past: Past,
    gesture: Gesture,
    /// Graspers that were given up before they closed.
    unwanted: usize,
    /// Gas, and breath with its rate, as the solver was told.
    told: (f64, f64, f64),
    /// How deep the needle was told to be, mm.
    pushed: f64,
    /// The painted places with their vertices, and the mesh in which those were looked for: each is a search.
    pinned: Option<(Arc<Topology>, Vec<(Point, Option<usize>)>)>,
    /// What is in the scene, or ordered for it.
    drawn: Option<PoseKey>,
    rate: (Instant, u64, f64),
    done: usize,
    note: Option<String>,
    keeping: Option<JobId>,
    /// The instrument in the picture, and its force.
    seen: Option<(Tool, Vector)>,
    /// When the next picture of the past is due, while it runs again.
    due: Instant,
}

impl Theatre {
    /// The instrument as it is seen now.
    fn tool(&self) -> Option<Tool> {
        let State::Open(open) = &self.state else { return None };
        Some(open.seen?.0)
    }

    /// Whether the mouse belongs to the organ and not to the camera.
    pub(crate) fn holds_mouse(&self) -> bool {
        matches!(&self.state, State::Open(open) if open.gesture.holds_mouse())
    }

    /// Whether the organ lies on the table, so that nobody else pulls it.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.state, State::Closed)
    }
}

pub(super) fn plugin(app: &mut App) {
    let (sender, answers) = channel();
    let answers = Mutex::new(answers);
    app.insert_resource(Theatre { state: State::Closed, answers, sender, number: 0, wake: Arc::new(|| {}) });
    app.add_systems(PostStartup, |mut theatre: ResMut<Theatre>, proxy: Option<Res<EventLoopProxyWrapper>>| {
        if let Some(proxy) = proxy {
            theatre.wake = wake(&proxy);
        }
    });
    app.add_systems(Update, (finish, open, operate, show, instrument::show).chain().in_set(AppSystems::View));
}

/// When what was kept is in the case, the operation is over.
fn finish(
    mut theatre: ResMut<Theatre>,
    mut done: MessageReader<Done>,
    mut desk: ResMut<Desk>,
    session: NonSend<TheSession>,
) {
    let State::Open(open) = &mut theatre.state else { return };
    let Some(job) = open.keeping else { return };
    let kept = done.read().any(|done| done.after == Some(After::Operated(open.mesh)) && !done.added.is_empty());
    if kept {
        desk.workspace.operate = None;
    } else if session.get().jobs().iter().all(|status| status.id != job) {
        open.keeping = None;
        open.note = None;
    }
}

/// Open and close with the panel.
fn open(
    mut theatre: ResMut<Theatre>,
    mut desk: ResMut<Desk>,
    mut surfaces: ResMut<Surfaces>,
    mut scene: ResMut<Scene>,
    session: NonSend<TheSession>,
) {
    let Theatre { state, answers, sender, number, wake } = &mut *theatre;
    let case = session.get().case();
    let mesh = desk.workspace.operate.as_ref().map(|panel| panel.mesh);
    let current = match state {
        State::Closed => None,
        State::Preparing { mesh, .. } | State::Refused { mesh, .. } => Some(*mesh),
        State::Open(open) => Some(open.mesh),
    };
    let restart = desk.workspace.operate.as_mut().is_some_and(|panel| {
        let before = panel.orders.len();
        panel.orders.retain(|order| *order != Order::Restart);
        panel.orders.len() < before
    });
    if mesh != current || restart {
        if let State::Preparing { progress, .. } = state {
            progress.cancel();
        }
        *number += 1;
        *state = State::Closed;
        desk.info.operation = None;
        if let Some(InTheatre { organ, inner, .. }) = desk.theatre.take() {
            inner.into_iter().chain([organ]).for_each(|node| surfaces.restore(node));
        }
        scene.changed();
        if let (Some(mesh), Some(panel)) = (mesh, desk.workspace.operate.as_ref()) {
            let progress = Progress::default();
            *state = match seen_as(mesh, &panel.begun, case) {
                Err(text) => State::Refused { mesh, text },
                Ok(order) => {
                    desk.theatre = Some(order.in_theatre());
                    surfaces.look_again();
                    let (sender, watched, awake, which) = (sender.clone(), progress.clone(), Arc::clone(wake), *number);
                    let work = courtesy::spawn("operation", move || {
                        // The window may be closed before the organ is ready.
                        let _ = sender.send((which, prepare(order, Arc::clone(&awake), &watched)));
                        awake();
                    });
                    match work {
                        Ok(_) => State::Preparing { mesh, progress },
                        Err(error) => {
                            let text = tr_with("note-no-thread", &[("error", (&error.to_string()).into())]);
                            State::Refused { mesh, text }
                        }
                    }
                }
            };
        }
    }
    while let Some((which, answer)) = answers.get_mut().ok().and_then(|answers| answers.try_recv().ok()) {
        let (State::Preparing { mesh, .. }, true) = (&*state, which == *number) else { continue };
        *state = match answer {
            Ok(ready) => {
                info!("the organ is on the table");
                State::Open(Box::new(Open {
                    mesh: *mesh,
                    ready,
                    frame: None,
                    past: Past::default(),
                    gesture: Gesture::Idle,
                    unwanted: 0,
                    told: (0.0, 0.0, 0.0),
                    pushed: 0.0,
                    pinned: None,
                    drawn: None,
                    rate: (Instant::now(), 0, 0.0),
                    done: 0,
                    note: None,
                    keeping: None,
                    seen: None,
                    due: Instant::now(),
                }))
            }
            Err(text) => State::Refused { mesh: *mesh, text },
        };
    }
    let note = match state {
        State::Closed | State::Open(_) => return,
        State::Preparing { .. } => tr("note-preparing").to_owned(),
        State::Refused { text, .. } => text.clone(),
    };
    desk.info.operation = Some(OperationInfo { note: Some(note), ..OperationInfo::default() });
}

/// Do what panel and mouse say.
fn operate(
    mut theatre: ResMut<Theatre>,
    mut desk: ResMut<Desk>,
    scene: Res<Scene>,
    mut session: NonSendMut<TheSession>,
) {
    let State::Open(open) = &mut theatre.state else { return };
    let crosshair = desk.workspace.crosshair;
    let Some(panel) = desk.workspace.operate.as_mut() else { return };
    let mut acts = Vec::new();
    for news in open.ready.live.news() {
        match news {
            News::Grasped(grasper) if 0 < open.unwanted => {
                open.unwanted -= 1;
                acts.push(Act::LetGo { grasper });
            }
            News::Grasped(number) => open.gesture.grasped(number, &mut acts),
            News::Slipped if 0 < open.unwanted => open.unwanted -= 1,
            News::Slipped if open.gesture.waits() => open.gesture = Gesture::Idle,
            News::Slipped => {}
            News::Refused(text) => session.say(Tone::Warning, text),
            News::Cut(cut) => {
                if cut.faces == 0 && cut.removed == 0 {
                    session.say(Tone::Info, tr("note-cut-nothing"));
                } else if 0 < cut.stayed {
                    session.say(Tone::Info, tr("note-cut-off"));
                }
            }
        }
    }
    if let Some(frame) = open.ready.live.frame() {
        open.count(&frame);
        open.past.keep(&frame);
        open.frame = Some(Arc::new(frame));
    }
    open.tell(panel, &mut acts);
    let orders = std::mem::take(&mut panel.orders);
    for order in orders {
        match order {
            Order::Step => open.ready.live.step(),
            Order::LetGo(grasper) => acts.push(Act::LetGo { grasper }),
            Order::Withdraw => acts.push(Act::Withdraw),
            Order::Unfasten(fastening) => acts.push(Act::Unfasten { fastening }),
            Order::CutAlong(surface) => match along(session.get().case(), surface) {
                Ok(act) => acts.push(act),
                Err(text) => session.say(Tone::Warning, text),
            },
            Order::Keep => open.keep(&mut session),
            // Taken before.
            Order::Restart => {}
        }
    }
    open.replay(panel);
    open.ready.live.pause(panel.paused || open.keeping.is_some());
    open.ready.live.want_stress(matches!(panel.colour, Colour::Stress | Colour::Strain));
    // Hands move the present, not the past.
    let may_act = panel.shown.is_none() && !panel.paused && open.keeping.is_none();
    if let (Some(pane), Some(frame)) = (&scene.pane, &open.frame)
        && may_act
    {
        let (hand, view) = (scene.hand, View { camera: &scene.camera, rect: pane.rect, crosshair });
        if hand.escape {
            open.give_up(&mut acts);
        } else if let Some(at) = hand.at {
            if hand.pressed && !open.gesture.holds_mouse() {
                open.gesture = Gesture::press(panel, at, &view, frame, &mut acts);
            } else if hand.down {
                open.gesture.follow(panel, at, pane.scroll, &view, frame, &mut acts);
            } else if open.gesture.is_complete() {
                std::mem::take(&mut open.gesture).release(panel, &view, frame, &mut acts);
            }
        }
    } else {
        open.give_up(&mut acts);
    }
    open.done += acts.len();
    acts.into_iter().for_each(|act| open.ready.live.act(act));
    if open.ready.live.failed() || open.ready.dresser.failed() {
        session.say(Tone::Warning, tr("note-organ-broke"));
        desk.workspace.operate = None;
    }
}

/// The organ in the scene, and what the panel says of it.
fn show(
    mut theatre: ResMut<Theatre>,
    mut desk: ResMut<Desk>,
    mut surfaces: ResMut<Surfaces>,
    mut scene: ResMut<Scene>,
    session: NonSend<TheSession>,
    mut meshes: ResMut<Assets<Mesh>>,
) {
    let State::Open(open) = &mut theatre.state else { return };
    let Some(panel) = desk.workspace.operate.as_ref() else { return };
    let (colour, shown) = (panel.colour, panel.shown);
    let pins: Vec<Point> = panel.held_at().collect();
    let past = shown.and_then(|n| open.past.frame(n)).map(Arc::new);
    let Some(frame) = past.as_ref().or(open.frame.as_ref()) else { return };
    let key = (frame.frames, colour, shown);
    if surfaces.node(open.ready.node).is_some() && open.drawn != Some(key) {
        let scan = active_scan(session.get().case(), Some(open.mesh)).map(|(_, _, scan)| scan.clone());
        open.ready.dresser.order(Pose { key, frame: Arc::clone(frame), scan });
        open.drawn = Some(key);
    }
    if let Some(drawn) = open.ready.dresser.made() {
        for (node, mesh, shade) in drawn.surfaces {
            let is_there = surfaces.stand_in(node, mesh, shade, &mut meshes);
            // It went meanwhile: when it is there again, it is ordered again.
            if !is_there && node == open.ready.node && open.drawn == Some(drawn.key) {
                open.drawn = None;
            }
        }
        scene.changed();
    }
    let is_known = open.pinned.as_ref().is_some_and(|(topology, known)| {
        Arc::ptr_eq(topology, &frame.topology) && known.iter().map(|(pin, _)| pin).eq(&pins)
    });
    if !is_known {
        let found = || pins.par_iter().map(|pin| (*pin, frame.topology.nearest(pin))).collect();
        open.pinned = Some((Arc::clone(&frame.topology), parallel::at_once(found)));
    }
    let pinned = open.pinned.iter().flat_map(|(_, pins)| pins);
    let pins = pinned.map(|(pin, vertex)| vertex.and_then(|vertex| frame.place(vertex)).unwrap_or(*pin)).collect();
    open.seen = frame.instrument;
    let info = OperationInfo {
        pins,
        blade: open.gesture.blade().to_vec(),
        took_ms: 1e3 * frame.took.as_secs_f64(),
        rate_hz: open.rate.2,
        past: open.past.len(),
        done: open.done,
        device: frame.device_note.clone().unwrap_or_else(|| open.ready.device.clone()),
        note: open.note.clone(),
        ..seen_of(frame)
    };
    if desk.info.operation.as_ref() != Some(&info) {
        desk.info.operation = Some(info);
        scene.changed();
    }
}

/// What `frame` shows of hands and what they fastened.
pub(super) fn seen_of(frame: &Frame) -> OperationInfo {
    let graspers =
        frame.held.iter().map(|held| Mark { at: held.at_mm, force_n: held.force_n, grasper: Some(held.grasper) });
    let tool = frame.instrument.map(|(tool, force_n)| Mark { at: instrument::middle(&tool), force_n, grasper: None });
    OperationInfo {
        marks: graspers.chain(tool).collect(),
        needle: frame.aimed,
        seams: frame.tied.iter().map(seam).collect(),
        peak_n: frame.peak_n,
        health: Some(frame.health),
        time_s: frame.health.time_s,
        tets: frame.topology.tets.len(),
        ..OperationInfo::default()
    }
}

/// A thread as the panel knows it.
fn seam(tied: &Tied) -> Seam {
    Seam { number: tied.number, ends: tied.places_mm, tension_n: tied.tension_n, is_staple: tied.pushes }
}

/// The cut along a surface of the case.
///
/// # Errors
/// A sentence: it is gone, or has more triangles than a blade may.
fn along(case: &Case, surface: NodeId) -> Result<Act, String> {
    let node = case.node(surface).ok_or("the surface is not in the case any more")?;
    let Data::Surface(own) = &node.data else { return Err(format!("'{}' is not a surface", node.name)) };
    let count = own.surface.triangles().len();
    if SHEET_TRIANGLES_MAX < count {
        return Err(format!(
            "'{}' has {count} triangles; a cut may follow {SHEET_TRIANGLES_MAX} at most: make it coarser with 'Remesh'",
            node.name
        ));
    }
    let place = |v: u32| <[f64; 3]>::from(own.surface.positions()[v as usize].coords);
    let sheet_mm = own.surface.triangles().iter().map(|triangle| triangle.map(place)).collect();
    Ok(Act::Cut { sheet_mm })
}

impl Open {
    /// Let go of what the mouse began; a grasper that has not closed yet is opened when it has.
    fn give_up(&mut self, acts: &mut Vec<Act>) {
        let gesture = std::mem::take(&mut self.gesture);
        self.unwanted += usize::from(gesture.waits());
        gesture.give_up(acts);
    }

    /// Frames a second.
    fn count(&mut self, frame: &Frame) {
        let (since, at, _) = self.rate;
        if at + RATE_OVER <= frame.frames {
            let seconds = since.elapsed().as_secs_f64();
            self.rate = (Instant::now(), frame.frames, (frame.frames - at) as f64 / seconds.max(1e-3));
        }
        if frame.is_still {
            self.rate.0 = Instant::now();
            self.rate.1 = frame.frames;
        }
    }

    /// Let the past run on by itself, as fast as it was.
    fn replay(&mut self, panel: &mut Operate) {
        let Some(n) = panel.shown.filter(|_| panel.replays) else {
            self.due = Instant::now();
            return;
        };
        while self.due <= Instant::now() {
            let next = panel.shown.unwrap_or(n) + 1;
            if self.past.len() <= next {
                (panel.shown, panel.replays) = (None, false);
                return;
            }
            self.due += self.past.pause(next);
            panel.shown = Some(next);
        }
    }

    /// What acts on the organ changed in the panel.
    fn tell(&mut self, panel: &Operate, acts: &mut Vec<Act>) {
        let (gas, breath, rate) = self.told;
        if panel.gas_mmhg != gas {
            acts.push(Act::Gas { mmhg: panel.gas_mmhg });
        }
        if (panel.breath_mm, panel.breaths_per_minute) != (breath, rate) && (panel.breath_mm != 0.0 || breath != 0.0) {
            let by_mm = [0.0, 0.0, -panel.breath_mm];
            acts.push(Act::Breathe { by_mm, per_minute: panel.breaths_per_minute });
        }
        // A needle that was just set is pushed from the next frame on, when it is in the picture.
        let has_needle = self.frame.as_ref().is_some_and(|frame| frame.aimed.is_some());
        if has_needle && panel.needle_mm != self.pushed {
            self.pushed = panel.needle_mm;
            acts.push(Act::Push { depth_mm: panel.needle_mm });
        }
        self.told = (panel.gas_mmhg, panel.breath_mm, panel.breaths_per_minute);
    }

    /// Do everything again as a command.
    fn keep(&mut self, session: &mut TheSession) {
        let Some(frame) = self.frame.as_ref().filter(|_| self.keeping.is_none()) else { return };
        if self.ready.live.waits() {
            let text = tr("note-keep-later");
            session.say(Tone::Info, text);
            return;
        }
        let mut params = self.ready.params.clone();
        let acts = self.ready.live.done().split_off(self.ready.first_acts);
        if acts.is_empty() {
            session.say(Tone::Info, tr("note-keep-nothing"));
            return;
        }
        params["mesh"] = json!(self.mesh);
        params["acts"] = json!(acts);
        params["frames"] = json!(frame.frames);
        self.keeping = session.submit(Command::new("simulate.operate", params), Some(After::Operated(self.mesh)));
        self.note = self.keeping.map(|_| tr("note-keeping").to_owned());
    }
}
