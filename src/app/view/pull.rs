//! Pulling on an organ with the mouse: Ctrl and drag, or drag while the form of `simulate.tissue` is open.
//!
//! The press grips a patch; from then on a thread moves the organ sixty times a second after the hand, with its real
//! stiffness, weight and inertia, and tells the force. Release asks for the accurate solution in the background, Escape
//! lets go.

use super::grip::{Grip, Ready, words};
use super::live::Frame;
use super::operate::Theatre;
use super::panels::Desk;
use super::scene::Scene;
use crate::app::mirror::Surfaces;
use crate::app::run::AppSystems;
use crate::app::session::{After, Done, TheSession, wake};
use crate::app::ui::Tone;
use crate::base::i18n::{tr, tr_with};
use crate::base::{JobId, NodeId, Progress, courtesy};
use crate::geom::{Point, Vector};
use crate::session::{Case, Command, Data};
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// The tool that has the last word.
const TOOL: &str = "simulate.tissue";
/// A movement of less than this is a click, in mm of the organ.
const CLICK_MM: f64 = 1.0;

/// What the mouse does over the scene, beyond what the panels pass on.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hand {
    /// Where the mouse is.
    pub(crate) at: Option<egui::Pos2>,
    /// The left button went down this frame, over the scene.
    pub(crate) pressed: bool,
    /// The left button is down.
    pub(crate) down: bool,
    /// Ctrl is held.
    pub(crate) ctrl: bool,
    /// Escape was pressed.
    pub(crate) escape: bool,
}

/// What the hand has got hold of.
#[derive(Resource)]
pub(crate) struct Pull {
    state: State,
    answers: Mutex<Receiver<(u64, Result<Ready, String>)>>,
    sender: Sender<(u64, Result<Ready, String>)>,
    number: u64,
    wake: Arc<dyn Fn() + Send + Sync>,
}

enum State {
    Idle,
    /// The answer is being prepared.
    Preparing {
        grip: Box<Grip>,
        progress: Progress,
    },
    /// The organ follows the hand.
    Holding {
        grip: Box<Grip>,
        ready: Box<Ready>,
        /// What came last.
        shown: Option<Arc<Frame>>,
    },
    /// The hand let go; the full solution is being computed.
    Released {
        node: NodeId,
        mesh: NodeId,
        job: JobId,
        /// Where the vertices were when the hand let go, for comparison; empty if the organ still moved then.
        live_mm: Vec<Vector>,
    },
}

impl Pull {
    /// Whether the mouse belongs to the organ and not to the camera.
    pub(crate) fn holds_mouse(&self) -> bool {
        matches!(self.state, State::Preparing { .. } | State::Holding { .. })
    }
}

pub(super) fn plugin(app: &mut App) {
    let (sender, answers) = channel();
    let answers = Mutex::new(answers);
    app.insert_resource(Pull { state: State::Idle, answers, sender, number: 0, wake: Arc::new(|| {}) });
    app.add_systems(PostStartup, |mut pull: ResMut<Pull>, proxy: Option<Res<EventLoopProxyWrapper>>| {
        if let Some(proxy) = proxy {
            pull.wake = wake(&proxy);
        }
    });
    app.add_systems(Update, (finish, follow_hand).chain().in_set(AppSystems::View));
}

/// When the full solution is there, or will never come, the hand is free again. The tool itself hides the organ at rest.
fn finish(
    mut pull: ResMut<Pull>,
    mut done: MessageReader<Done>,
    mut surfaces: ResMut<Surfaces>,
    mut session: NonSendMut<TheSession>,
) {
    let State::Released { node, mesh, job, ref live_mm } = pull.state else { return };
    let of_pull = done.read().filter(|done| done.after == Some(After::Pulled(mesh)));
    let added: Vec<Vec<NodeId>> = of_pull.map(|done| done.added.clone()).collect();
    let came = !added.is_empty();
    // Another case was opened meanwhile: its jobs are others.
    let is_running = session.get().jobs().iter().any(|status| status.id == job && status.command.tool == TOOL);
    if let Some(text) = added.iter().flatten().find_map(|id| compared(live_mm, *id, session.get().case())) {
        session.say(Tone::Info, text);
    }
    if came || !is_running {
        surfaces.restore(node);
        pull.state = State::Idle;
    }
}

fn follow_hand(
    mut pull: ResMut<Pull>,
    theatre: Res<Theatre>,
    mut desk: ResMut<Desk>,
    mut scene: ResMut<Scene>,
    mut surfaces: ResMut<Surfaces>,
    mut session: NonSendMut<TheSession>,
    mut meshes: ResMut<Assets<Mesh>>,
) {
    let Pull { state, answers, sender, number, wake } = &mut *pull;
    let hand = scene.hand;
    while let Some((which, answer)) = answers.get_mut().ok().and_then(|answers| answers.try_recv().ok()) {
        if which != *number {
            continue;
        }
        *state = match (std::mem::replace(state, State::Idle), answer) {
            (State::Preparing { grip, .. }, Ok(ready)) => {
                desk.info.note = Some(tr("pull-begin").into());
                State::Holding { grip, ready: Box::new(ready), shown: None }
            }
            (State::Preparing { .. }, Err(text)) => {
                desk.info.note = None;
                session.say(Tone::Warning, text);
                State::Idle
            }
            (other, _) => other,
        };
    }
    match std::mem::replace(state, State::Idle) {
        State::Idle => {
            let form = desk.tissue_form();
            if !hand.pressed || !(hand.ctrl || form.is_some()) || theatre.is_open() {
                return;
            }
            let (Some(at), Some(pane)) = (hand.at, &scene.pane) else { return };
            let params = form.unwrap_or_else(|| json!({}));
            match Grip::at(at, pane.rect, &scene.camera, &surfaces, session.get().case(), &params) {
                None => {}
                // With the form open every press comes here, also those that only mean to turn the camera.
                Some(Err(text)) if hand.ctrl => session.say(Tone::Info, text),
                Some(Err(_)) => {}
                Some(Ok(grip)) => {
                    *number += 1;
                    let progress = Progress::default();
                    let (order, sender, wake, number) = (grip.order(), sender.clone(), Arc::clone(wake), *number);
                    let watched = progress.clone();
                    let work = courtesy::spawn("grip", move || {
                        // The window may be closed before the grip is ready.
                        let _ = sender.send((number, order.prepare(Arc::clone(&wake), &watched)));
                        wake();
                    });
                    match work {
                        Ok(_) => {
                            desk.info.note = Some(tr("pull-taking").into());
                            *state = State::Preparing { grip: Box::new(grip), progress };
                        }
                        Err(error) => error!(%error, "the system refused a thread for pulling"),
                    }
                }
            }
        }
        State::Preparing { grip, progress } => {
            if hand.escape || !hand.down {
                progress.cancel();
                *number += 1;
                desk.info.note = None;
                if !hand.escape {
                    // Who pulled faster than the answer was prepared still gets the full solution.
                    let by_mm = hand.at.map_or_else(Default::default, |at| grip.way_mm(at));
                    fill_in(&mut desk, &grip.point, &by_mm);
                    *state = release(&grip, &by_mm, None, &mut session, &mut surfaces);
                }
            } else {
                *state = State::Preparing { grip, progress };
            }
        }
        State::Holding { grip, mut ready, mut shown } => {
            let by_mm = hand.at.map_or_else(Default::default, |at| grip.way_mm(at));
            if hand.escape {
                surfaces.restore(grip.node);
                desk.info.note = None;
                return;
            }
            if !hand.down {
                desk.info.note = None;
                fill_in(&mut desk, &grip.point, &by_mm);
                *state = release(&grip, &by_mm, shown, &mut session, &mut surfaces);
                return;
            }
            if ready.failed() {
                surfaces.restore(grip.node);
                desk.info.note = None;
                session.say(Tone::Warning, tr("pull-broke"));
                return;
            }
            ready.pull(by_mm);
            if let Some(frame) = ready.frame().map(Arc::new) {
                ready.dress(&frame, grip.scale_mm(&by_mm));
                desk.info.note = Some(words(&by_mm, &frame));
                shown = Some(frame);
            }
            if let Some((mesh, shade)) = ready.seen() {
                surfaces.stand_in(grip.node, mesh, Some(shade), &mut meshes);
                scene.changed();
            }
            *state = State::Holding { grip, ready, shown };
        }
        released @ State::Released { .. } => *state = released,
    }
}

/// A click with the form open says where, not how far.
fn fill_in(desk: &mut Desk, point: &Point, by_mm: &Vector) {
    desk.workspace.fill_in(TOOL, "at", json!(point.coords.as_slice()));
    if CLICK_MM <= by_mm.norm() {
        desk.workspace.fill_in(TOOL, "by_mm", json!(by_mm.as_slice()));
    }
}

/// Ask for the full solution; a pull of nothing is no pull.
fn release(
    grip: &Grip,
    by_mm: &Vector,
    shown: Option<Arc<Frame>>,
    session: &mut TheSession,
    surfaces: &mut Surfaces,
) -> State {
    if by_mm.norm() < CLICK_MM {
        surfaces.restore(grip.node);
        return State::Idle;
    }
    let mut params = grip.params.clone();
    if let Value::Object(params) = &mut params {
        params.insert("mesh".into(), json!(grip.mesh));
        params.insert("action".into(), json!("pull"));
        params.insert("at".into(), json!([grip.point.x, grip.point.y, grip.point.z]));
        params.insert("by_mm".into(), json!([by_mm.x, by_mm.y, by_mm.z]));
    }
    let command = Command::new(TOOL, params);
    match session.submit(command, Some(After::Pulled(grip.mesh))) {
        Some(job) => {
            // Only an organ at rest, in the same place and of the same law can be compared.
            let same_law = grip.params.get("model").and_then(Value::as_str).is_none_or(|law| law == "neo_hookean");
            let touches = grip.params.get("contact").and_then(Value::as_bool).unwrap_or_default();
            let same_law = same_law && !touches;
            let there = |frame: &Frame| frame.held.first().is_some_and(|held| held.by_mm == *by_mm);
            let at_rest = |frame: &Frame| frame.is_still && frame.is_current && frame.health.is_good() && there(frame);
            let shown = shown.filter(|frame| same_law && at_rest(frame));
            let live_mm = shown.map(|frame| frame.displacement_mm.clone()).unwrap_or_default();
            State::Released { node: grip.node, mesh: grip.mesh, job, live_mm }
        }
        None => {
            surfaces.restore(grip.node);
            State::Idle
        }
    }
}

/// How far the organ in the hand was from the accurate answer, which came last.
fn compared(live_mm: &[Vector], result: NodeId, case: &Case) -> Option<String> {
    let Data::Tissue(result) = &case.node(result)?.data else { return None };
    if result.displacement_mm.len() != live_mm.len() {
        return None;
    }
    let square = |values: &mut dyn Iterator<Item = Vector>| values.map(|v| v.norm_squared()).sum::<f64>();
    let off = square(&mut result.displacement_mm.iter().zip(live_mm).map(|(exact, live)| exact - live));
    let all = square(&mut result.displacement_mm.iter().copied());
    (0.0 < all).then(|| {
        let force_n = result.grip_n.norm();
        tr_with(
            "pull-computed",
            &[
                ("force", (&format!("{force_n:.2}")).into()),
                ("off", (&format!("{:.1}", 100.0 * (off / all).sqrt())).into()),
            ],
        )
    })
}
