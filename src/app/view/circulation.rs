//! A tree of vessels that follows its panel: computed beside the window, shown in place of its centre lines.

use super::asking::{Answer, Asking};
use super::panels::Desk;
use super::scene::Scene;
use crate::app::mirror::{Shade, Surfaces, surface_mesh};
use crate::app::run::AppSystems;
use crate::app::session::TheSession;
use crate::base::{ContentHash, NodeId, Summary, parallel};
use crate::mesh::CentreLines;
use crate::session::data::SurfaceData;
use crate::session::{Data, Node};
use crate::tools::simulate_network::{InSpace, Params};
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use std::sync::Arc;

/// Parameters, and the hash of the lines they are about: another state of the case may have others under the same id.
type Wanted = (Params, ContentHash);
/// What changed stretches lose in space.
type Refined = (Wanted, Result<InSpace, String>);

/// The tree that is shown.
#[derive(Resource)]
struct Stream {
    /// The centre lines it stands in for, while it does, and with what colour.
    shown: Option<(NodeId, &'static str)>,
    /// What was computed last.
    known: Option<(Wanted, Option<SurfaceData>)>,
    /// What is being computed.
    asking: Asking<Wanted, (SurfaceData, Summary)>,
    /// What is being computed in space, and what was last.
    refining: Asking<Wanted, InSpace>,
    refined: Option<Refined>,
}

pub(super) fn plugin(app: &mut App) {
    app.insert_resource(Stream {
        shown: None,
        known: None,
        asking: Asking::new("circulation"),
        refining: Asking::new("vessel-in-space"),
        refined: None,
    });
    app.add_systems(PostStartup, |mut stream: ResMut<Stream>, proxy: Option<Res<EventLoopProxyWrapper>>| {
        if let Some(proxy) = proxy {
            stream.asking.wakes(&proxy);
            stream.refining.wakes(&proxy);
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
    while let Some(answer) = stream.asking.answer() {
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
    let is_ours = |answer: &Answer<Wanted, _>| answer.of.0.lines == panel.params.lines && answer.of.1 == hash;
    if let Some(Answer { of: wanted, what, took_ms, .. }) = came.filter(is_ours) {
        panel.took_ms = took_ms;
        let (picture, answer) = match what {
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
    if stream.asking.asked().is_none() && stream.known.as_ref().is_none_or(|(known, _)| *known != wanted) {
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
    while let Some(Answer { of, what, .. }) = stream.refining.answer() {
        stream.refined = Some((of, what));
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
        stream.refining.cancel();
        return;
    };
    let wanted = (panel.params.clone(), hash);
    panel.refining = stream.refining.asked() == Some(&wanted);
    panel.in_space = stream.refined.as_ref().filter(|(of, _)| *of == wanted).map(|(_, found)| found.clone());
    match stream.refining.asked() {
        // What nobody wants any more is not waited for.
        Some(of) if *of != wanted => stream.refining.cancel(),
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
    let params = wanted.0.clone();
    stream.refining.ask(wanted, move |progress, _| {
        parallel::install(|| params.in_space(&lines, progress)).map_err(|error| error.to_string())
    });
    stream.refining.asked().is_some()
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
    let params = wanted.0.clone();
    stream.asking.ask(wanted, move |progress, _| {
        let solved = params.solve(&lines, progress);
        solved.map_err(|error| error.to_string())
    });
}
