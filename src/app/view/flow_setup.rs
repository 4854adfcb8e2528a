//! A flow that is being set up: its openings are looked for beside the window, and what its job computes is shown.

use super::asking::Asking;
use super::panels::Desk;
use super::scene::Scene;
use crate::app::mirror::{Guest, Shade, Surfaces, in_mmhg};
use crate::app::render::{ColourMaps, SurfaceMaterial};
use crate::app::run::AppSystems;
use crate::app::session::TheSession;
use crate::app::ui::Live;
use crate::base::{ContentHash, JobId, NodeId, parallel};
use crate::flow::FlowGlimpse;
use crate::session::{Data, JobStatus};
use crate::tools::simulate_flow::{Known, Params, Prospect};
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use serde_json::Value;
use std::sync::Arc;

/// Pressure drops that are kept for the curve.
const DROPS_MAX: usize = 400;

/// Parameters, and the hash of the segmentation they are about.
type Wanted = (Value, ContentHash);

/// What came of them.
enum News {
    /// The openings found, for the next time.
    Known(Known),
    /// What the panel is told.
    Prospect(Prospect),
}

/// What is looked for, and what is shown.
#[derive(Resource)]
struct Stream {
    /// What the panel was told last.
    told: Option<Wanted>,
    asking: Asking<Wanted, News>,
    known: Known,
    /// The newest glimpse of the job, and with which field it is shown.
    glimpse: Option<(JobId, Arc<FlowGlimpse>)>,
    shown: Option<&'static str>,
}

pub(super) fn plugin(app: &mut App) {
    app.insert_resource(Stream {
        told: None,
        asking: Asking::new("flow-setup"),
        known: Known::default(),
        glimpse: None,
        shown: None,
    });
    app.add_systems(PostStartup, |mut stream: ResMut<Stream>, proxy: Option<Res<EventLoopProxyWrapper>>| {
        if let Some(proxy) = proxy {
            stream.asking.wakes(&proxy);
        }
    });
    app.add_systems(Update, (follow_form, show_job).chain().in_set(AppSystems::View));
}

/// Look for openings with what is filled in, the newest wish next.
fn follow_form(mut stream: ResMut<Stream>, mut desk: ResMut<Desk>, session: NonSend<TheSession>) {
    let stream = &mut *stream;
    let mut answer = None;
    while let Some(came) = stream.asking.answer() {
        match came.what {
            Ok(News::Known(known)) => stream.known = known,
            Ok(News::Prospect(prospect)) => answer = Some((came.of, Ok(prospect))),
            Err(why) => answer = Some((came.of, Err(why))),
        }
    }
    let Some(setup) = desk.workspace.flow_setup.as_mut() else {
        stream.told = None;
        stream.asking.cancel();
        return;
    };
    let labels = setup.labels().and_then(|id| session.get().case().node(id));
    let Some((node, Data::Labels(labels))) = labels.map(|node| (node, &node.data)) else {
        (stream.told, setup.answer) = (None, None);
        return;
    };
    let wanted = (setup.params(), node.hash());
    if let Some((of, answer)) = answer
        && of == wanted
    {
        setup.answer = Some(answer);
        stream.told = Some(of);
        // Letters that were not on the screen before are there one frame later.
        stream.asking.wake();
    }
    if stream.told.as_ref() == Some(&wanted) {
        return;
    }
    match stream.asking.asked() {
        // What nobody wants any more is not waited for.
        Some(asked) if *asked != wanted => stream.asking.cancel(),
        Some(_) => {}
        None => ask(stream, wanted, labels.clone()),
    }
}

fn ask(stream: &mut Stream, wanted: Wanted, labels: crate::image::LabelMap) {
    let mut known = std::mem::take(&mut stream.known);
    let (params, hash) = wanted.clone();
    stream.asking.ask(wanted, move |progress, tell| {
        let look = || {
            let params: Params = serde_json::from_value(params).map_err(|error| error.to_string())?;
            params.prospect(&labels, hash, &mut known, progress).map_err(|error| error.to_string())
        };
        let found = parallel::install(look);
        tell(News::Known(known));
        found.map(News::Prospect)
    });
}

/// Show how the flow of the panel's segmentation looks while its job runs.
fn show_job(
    mut stream: ResMut<Stream>,
    mut desk: ResMut<Desk>,
    mut scene: ResMut<Scene>,
    mut guest: ResMut<Guest>,
    mut surfaces: ResMut<Surfaces>,
    maps: Res<ColourMaps>,
    session: NonSend<TheSession>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut commands: Commands,
) {
    let setup = desk.workspace.flow_setup.as_mut();
    let job = setup.as_ref().and_then(|setup| in_same(&session.get().jobs(), setup.labels()?));
    let (Some(setup), Some(job)) = (setup, job) else {
        if let Some(setup) = desk.workspace.flow_setup.as_mut() {
            setup.live = None;
        }
        (stream.glimpse, stream.shown) = (None, None);
        if guest.clear_flow(&mut surfaces, &mut commands) {
            scene.changed();
        }
        return;
    };
    if setup.live.as_ref().is_none_or(|live| live.job != job.id) {
        setup.live = Some(Live::of(&job));
        (stream.glimpse, stream.shown) = (None, None);
    }
    let (job, waiting) = (job.id, job.waiting);
    if let Some(live) = &mut setup.live {
        live.waiting = waiting;
    }
    let glimpse = session.get().glimpse(job).and_then(|glimpse| glimpse.downcast::<FlowGlimpse>().ok());
    if let (Some(glimpse), Some(live)) = (glimpse, &mut setup.live) {
        live.stage = Some(glimpse.stage);
        live.drops_pa.push(glimpse.drop_pa);
        if DROPS_MAX < live.drops_pa.len() {
            live.drops_pa.remove(0);
        }
        stream.glimpse = Some((job, glimpse));
        stream.shown = None;
    }
    let (field, is_air) = (setup.field, setup.live.as_ref().is_some_and(|live| live.is_air));
    if stream.shown == Some(field) {
        return;
    }
    let Some((of, glimpse)) = &stream.glimpse else { return };
    if *of != job {
        return;
    }
    let values = glimpse.fields.iter().find(|each| each.name == field).cloned();
    let shade = values.map(|values| if is_air { values } else { in_mmhg(values) }).and_then(Shade::without_extremes);
    guest.show_flow(&glimpse.wall, shade, &mut surfaces, &maps, &mut meshes, &mut materials, &mut commands);
    stream.shown = Some(field);
    scene.changed();
}

/// The job that computes flow in a segment of `labels`, or is the next to do so.
fn in_same(jobs: &[JobStatus], labels: NodeId) -> Option<JobStatus> {
    let is_it = |job: &&JobStatus| {
        let of = job.command.params.get("labels").and_then(Value::as_u64);
        job.command.tool == "simulate.flow" && of == Some(u64::from(labels.0))
    };
    jobs.iter().filter(is_it).min_by_key(|job| job.waiting).cloned()
}
