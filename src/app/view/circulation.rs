//! A tree of vessels that follows its panel: computed beside the window, shown in place of its centre lines.

use super::panels::Desk;
use super::scene::Scene;
use crate::app::mirror::{Shade, Surfaces, surface_mesh};
use crate::app::run::AppSystems;
use crate::app::session::{TheSession, wake};
use crate::base::{ContentHash, NodeId, Progress, Summary, courtesy, parallel};
use crate::mesh::CentreLines;
use crate::session::data::SurfaceData;
use crate::session::{Data, Node};
use crate::tools::simulate_network::{InSpace, Params};
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Parameters, and the hash of the lines they are about: another state of the case may have others under the same id.
type Wanted = (Params, ContentHash);
/// What changed stretches lose in space.
type Refined = (Wanted, Result<InSpace, String>);
/// What came of them, and how long it took in ms.
type Answer = (Wanted, Result<(SurfaceData, Summary), String>, f64);

/// The tree that is shown.
#[derive(Resource)]
struct Stream {
    /// The centre lines it stands in for, while it does, and with what colour.
    shown: Option<(NodeId, &'static str)>,
    /// What was computed last.
    known: Option<(Wanted, Option<SurfaceData>)>,
    /// What is being computed.
    asked: Option<Wanted>,
    answers: Mutex<Receiver<Answer>>,
    sender: Sender<Answer>,
    /// What is being computed in space, and what was last.
    refining: Option<(Wanted, Progress)>,
    refined: Option<Refined>,
    spaces: Mutex<Receiver<Refined>>,
    space_sender: Sender<Refined>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

pub(super) fn plugin(app: &mut App) {
    let (sender, answers) = channel();
    let answers = Mutex::new(answers);
    let (space_sender, spaces) = channel();
    app.insert_resource(Stream {
        shown: None,
        known: None,
        asked: None,
        answers,
        sender,
        refining: None,
        refined: None,
        spaces: Mutex::new(spaces),
        space_sender,
        wake: Arc::new(|| {}),
    });
    app.add_systems(PostStartup, |mut stream: ResMut<Stream>, proxy: Option<Res<EventLoopProxyWrapper>>| {
        if let Some(proxy) = proxy {
            stream.wake = wake(&proxy);
        }
    });
    app.add_systems(Update, (follow_panel, refine).chain().in_set(AppSystems::View));
}

fn follow_panel(
    mut stream: ResMut<Stream>,
    mut desk: ResMut<Desk>,
    mut scene: ResMut<Scene>,
    mut surfaces: ResMut<Surfaces>,
    session: NonSend<TheSession>,
    mut meshes: ResMut<Assets<Mesh>>,
) {
    let stream = &mut *stream;
    let mut came = None;
    while let Some(answer) = stream.answers.get_mut().ok().and_then(|answers| answers.try_recv().ok()) {
        stream.asked = None;
        came = Some(answer);
    }
    let panel = desk.workspace.circulation.as_mut();
    let node = panel.as_ref().and_then(|panel| session.get().case().node(panel.params.lines));
    let (Some(panel), Some((lines, hash))) = (panel, node.and_then(vessels)) else {
        if let Some((node, _)) = stream.shown.take() {
            surfaces.restore(node);
            surfaces.look_again();
            scene.changed();
        }
        stream.known = None;
        return;
    };
    // Another node, or other lines under the same id: nothing known is about them.
    if stream.known.as_ref().is_some_and(|((params, of), _)| params.lines != panel.params.lines || *of != hash) {
        if let Some((node, _)) = stream.shown.take() {
            surfaces.restore(node);
        }
        (stream.known, panel.answer) = (None, None);
    }
    if let Some((wanted, answer, took_ms)) =
        came.filter(|((params, of), ..)| params.lines == panel.params.lines && *of == hash)
    {
        panel.took_ms = took_ms;
        let (picture, answer) = match answer {
            Ok((picture, summary)) => (Some(picture), Ok(summary)),
            Err(text) => (None, Err(text)),
        };
        panel.answer = Some(answer);
        if picture.is_some()
            && let Some((_, colour)) = &mut stream.shown
        {
            *colour = "";
        }
        // What cannot be computed leaves the last picture, but is not asked for again.
        let last = stream.known.take().and_then(|(_, last)| last);
        stream.known = Some((wanted, picture.or(last)));
    }
    let wanted = (panel.params.clone(), hash);
    if stream.asked.is_none() && stream.known.as_ref().is_none_or(|(known, _)| *known != wanted) {
        ask(stream, wanted, lines);
    }
    let node = panel.params.lines;
    let Some((_, Some(picture))) = &stream.known else { return };
    if stream.shown == Some((node, panel.field)) || picture.surface.triangles().is_empty() {
        return;
    }
    let shade = picture.fields.iter().find(|field| field.name == panel.field).cloned().and_then(Shade::of);
    // As long as the lines themselves are not built yet there is nothing to stand in for.
    if surfaces.stand_in(node, surface_mesh(&picture.surface, shade.as_ref(), None), shade, &mut meshes) {
        stream.shown = Some((node, panel.field));
        scene.changed();
    } else {
        surfaces.look_again();
    }
}

/// Compute changed stretches in space as soon as the mouse holds nothing and the network has answered.
fn refine(mut stream: ResMut<Stream>, mut desk: ResMut<Desk>, scene: Res<Scene>, session: NonSend<TheSession>) {
    let stream = &mut *stream;
    while let Some(refined) = stream.spaces.get_mut().ok().and_then(|spaces| spaces.try_recv().ok()) {
        // What was no longer wanted may be wanted again by now: that it was cancelled is no answer.
        let dropped = stream.refining.take().is_some_and(|(_, progress)| progress.is_cancelled());
        if !dropped || refined.1.is_ok() {
            stream.refined = Some(refined);
        }
    }
    let panel = desk.workspace.circulation.as_mut();
    let node = panel.as_ref().and_then(|panel| session.get().case().node(panel.params.lines));
    let wanted = match (panel, node.and_then(vessels)) {
        (Some(panel), Some((lines, hash))) if panel.params.in_space && panel.params.stretches().next().is_some() => {
            Some((panel, lines, hash))
        }
        (panel, _) => {
            if let Some(panel) = panel {
                (panel.in_space, panel.refining) = (None, false);
            }
            None
        }
    };
    let Some((panel, lines, hash)) = wanted else {
        if let Some((_, progress)) = &stream.refining {
            progress.cancel();
        }
        return;
    };
    let wanted = (panel.params.clone(), hash);
    panel.refining = stream.refining.as_ref().is_some_and(|(of, _)| *of == wanted);
    panel.in_space = stream.refined.as_ref().filter(|(of, _)| *of == wanted).map(|(_, found)| found.clone());
    match &stream.refining {
        // What nobody wants any more is not waited for.
        Some((of, progress)) if *of != wanted => progress.cancel(),
        Some(_) => {}
        None => {
            let is_answered = stream.known.as_ref().is_some_and(|(known, _)| *known == wanted);
            if is_answered && panel.in_space.is_none() && !scene.hand.down {
                panel.refining = start_refining(stream, wanted, lines);
            }
        }
    }
}

/// Compute in space on a thread of its own; whether it began.
fn start_refining(stream: &mut Stream, wanted: Wanted, lines: Arc<CentreLines>) -> bool {
    let (sender, wake, asked) = (stream.space_sender.clone(), Arc::clone(&stream.wake), wanted.clone());
    let progress = Progress::default();
    let watched = progress.clone();
    let work = courtesy::spawn("vessel-in-space", move || {
        let solve = || wanted.0.in_space(&lines, &watched).map_err(|error| error.to_string());
        let found = catch_unwind(AssertUnwindSafe(|| parallel::install(solve)))
            .unwrap_or_else(|_| Err("an internal error; the vessels are as they were, and the log says more".into()));
        // The window may be closed before it is there.
        let _ = sender.send((wanted, found));
        wake();
    });
    match work {
        Ok(_) => stream.refining = Some((asked, progress)),
        Err(error) => error!(%error, "the system refused a thread for vessels in space"),
    }
    stream.refining.is_some()
}

/// The centre lines of a node, and what says that they are the same.
fn vessels(node: &Arc<Node>) -> Option<(Arc<CentreLines>, ContentHash)> {
    match &node.data {
        Data::Lines(lines) => Some((Arc::clone(lines), node.hash())),
        _ => None,
    }
}

/// Compute on a thread of its own; one at a time, the newest wish next.
fn ask(stream: &mut Stream, wanted: Wanted, lines: Arc<CentreLines>) {
    let (sender, wake, asked) = (stream.sender.clone(), Arc::clone(&stream.wake), wanted.clone());
    let work = courtesy::spawn("circulation", move || {
        let begun = Instant::now();
        let solve = || wanted.0.solve(&lines, &Progress::default()).map_err(|error| error.to_string());
        let answer = catch_unwind(AssertUnwindSafe(solve))
            .unwrap_or_else(|_| Err("an internal error; the vessels are as they were, and the log says more".into()));
        // The window may be closed before it is there.
        let _ = sender.send((wanted, answer, 1e3 * begun.elapsed().as_secs_f64()));
        wake();
    });
    match work {
        Ok(_) => stream.asked = Some(asked),
        Err(error) => error!(%error, "the system refused a thread for the flow of vessels"),
    }
}
