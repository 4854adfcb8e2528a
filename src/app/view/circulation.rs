//! A tree of vessels that follows its panel: computed beside the window, shown in place of its centre lines.

use super::panels::Desk;
use super::scene::Scene;
use crate::app::mirror::{Shade, Surfaces, surface_mesh};
use crate::app::run::AppSystems;
use crate::app::session::{TheSession, wake};
use crate::base::{NodeId, Progress, Summary, courtesy};
use crate::mesh::CentreLines;
use crate::session::Data;
use crate::session::data::SurfaceData;
use crate::tools::simulate_network::Params;
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// What came of one set of parameters, and how long it took in ms.
type Answer = (Params, Result<(SurfaceData, Summary), String>, f64);

/// The tree that is shown.
#[derive(Resource)]
struct Stream {
    /// The centre lines it stands in for, while it does.
    node: Option<NodeId>,
    /// What was computed last, and with what colour it is shown.
    known: Option<(Params, Option<SurfaceData>)>,
    shown: Option<&'static str>,
    /// What is being computed.
    asked: Option<Params>,
    answers: Mutex<Receiver<Answer>>,
    sender: Sender<Answer>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

pub(super) fn plugin(app: &mut App) {
    let (sender, answers) = channel();
    let answers = Mutex::new(answers);
    let stream = Stream { node: None, known: None, shown: None, asked: None, answers, sender, wake: Arc::new(|| {}) };
    app.insert_resource(stream);
    app.add_systems(PostStartup, |mut stream: ResMut<Stream>, proxy: Option<Res<EventLoopProxyWrapper>>| {
        if let Some(proxy) = proxy {
            stream.wake = wake(&proxy);
        }
    });
    app.add_systems(Update, follow_panel.in_set(AppSystems::View));
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
    let Some(panel) = &mut desk.workspace.circulation else {
        if let Some(node) = stream.node.take() {
            surfaces.restore(node);
            scene.changed();
        }
        (stream.known, stream.shown) = (None, None);
        return;
    };
    while let Some((params, answer, took_ms)) =
        stream.answers.get_mut().ok().and_then(|answers| answers.try_recv().ok())
    {
        stream.asked = None;
        panel.took_ms = took_ms;
        let (picture, answer) = match answer {
            Ok((picture, summary)) => (Some(picture), Ok(summary)),
            Err(text) => (None, Err(text)),
        };
        panel.answer = Some(answer);
        if picture.is_some() {
            stream.shown = None;
        }
        // What cannot be computed leaves the last picture, but is not asked for again.
        let last = stream.known.take().and_then(|(_, last)| last);
        stream.known = Some((params, picture.or(last)));
    }
    let is_known = stream.known.as_ref().is_some_and(|(params, _)| *params == panel.params);
    if !is_known && stream.asked.is_none() {
        let Some(Data::Lines(lines)) = session.get().case().node(panel.params.lines).map(|node| &node.data) else {
            return;
        };
        ask(stream, panel.params.clone(), Arc::clone(lines));
    }
    let Some((params, Some(picture))) = &stream.known else { return };
    let node = params.lines;
    if stream.shown == Some(panel.field) && stream.node == Some(node) {
        return;
    }
    let shade = picture.fields.iter().find(|field| field.name == panel.field).cloned().and_then(Shade::of);
    if !picture.surface.triangles().is_empty() {
        surfaces.stand_in(node, surface_mesh(&picture.surface, shade.as_ref(), None), shade, &mut meshes);
        scene.changed();
    }
    (stream.node, stream.shown) = (Some(node), Some(panel.field));
}

/// Compute on a thread of its own; one at a time, the newest wish next.
fn ask(stream: &mut Stream, params: Params, lines: Arc<CentreLines>) {
    let (sender, wake, asked) = (stream.sender.clone(), Arc::clone(&stream.wake), params.clone());
    let work = courtesy::spawn("circulation", move || {
        let begun = Instant::now();
        let answer = params.solve(&lines, &Progress::default()).map_err(|error| error.to_string());
        // The window may be closed before it is there.
        let _ = sender.send((params, answer, 1e3 * begun.elapsed().as_secs_f64()));
        wake();
    });
    match work {
        Ok(_) => stream.asked = Some(asked),
        Err(error) => error!(%error, "the system refused a thread for the flow of vessels"),
    }
}
