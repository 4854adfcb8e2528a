//! Pictures and films of the scene: posed one after another, read back from the graphics card, finished in a thread.
//!
//! While a picture is taken the scene is held: it is drawn at the picture's size, finely, and the mouse does not turn it.

mod motion;
mod reel;
mod sizes;
mod studio;
mod tiles;

use super::panels::Desk;
use super::scene::Scene;
use crate::app::mirror::{Particles, Surfaces};
use crate::app::run::AppSystems;
use crate::app::session::{TheSession, wake};
use crate::app::ui::{Motif, OrbitCamera, PictureOrder, Tone};
use crate::base::NodeId;
use crate::base::i18n::tr;
use crate::biomech::interactive::Tool;
use crate::geom::{Orientation, Point};
use crate::session::Command;
use bevy::prelude::*;
use bevy::render::gpu_readback::{Readback, ReadbackComplete};
use bevy::render::renderer::RenderDevice;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::winit::EventLoopProxyWrapper;
use motion::{Motion, Posed};
use reel::Reel;
use serde_json::{Value, json};
use sizes::drawable;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use studio::{Outcome, Shot, Studio};
use tiles::Tiles;

/// A graphics card that did not answer for so long never will.
const READING_MAX: Duration = Duration::from_secs(20);

/// The camera work in progress, if there is some.
#[derive(Resource, Default)]
pub(crate) struct Filming {
    wanted: Option<(PictureOrder, Goal)>,
    /// A view to keep: the order is made when the size of the 3D view is known.
    keep: Option<Value>,
    /// The slice view to keep; none for the 3D view.
    keep_slice: Option<Orientation>,
    take: Option<Take>,
    /// Slices that are being drawn, with the parameters of `view.keep` if they go into the case.
    reel: Option<(Reel, Option<Value>)>,
    /// The user wants no more of it.
    stop: bool,
    /// What a thread still writes or takes back, after the scene is free again.
    ending: Option<Outcome>,
    /// Pixels that came back from the graphics card.
    read: Option<Vec<u8>>,
    /// A picture of the window that Bevy was asked for, by which entity and since when.
    window_asked: Option<(PictureOrder, PathBuf, Entity, Instant)>,
    /// The window as a picture, or why there is none.
    window: Option<Result<(UVec2, Vec<u8>), String>>,
}

/// Where a picture goes.
enum Goal {
    /// Into a file.
    File(PathBuf),
    /// Into the case, with these parameters of `view.keep`.
    Case(Value),
}

/// A picture or film that is being taken.
struct Take {
    order: PictureOrder,
    size: UVec2,
    /// Where the camera was, and whether particles ran.
    before: (OrbitCamera, bool),
    /// The parameters of `view.keep`, if the picture goes into the case.
    keep: Option<Value>,
    next: usize,
    /// The picture that is being taken, if it is taken in tiles.
    tiles: Option<Tiles>,
    phase: Phase,
    studio: Studio,
    /// What moves in a film of a simulation.
    motion: Option<Motion>,
    /// What was posed last of it.
    posed: Option<Posed>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    /// The next picture is to be posed.
    Pose,
    /// It is being drawn.
    Drawing,
    /// The graphics card was asked for its pixels, by this entity.
    Reading(Instant, Entity),
    /// The studio finishes the file.
    Finishing,
}

impl Filming {
    /// Take a picture or film and write it to `path`; one at a time.
    pub(crate) fn want(&mut self, order: PictureOrder, path: PathBuf) {
        self.wanted = Some((order, Goal::File(path)));
    }

    /// Take a picture of the 3D view and keep the view in the case with it.
    ///
    /// `look` is how the window looks.
    pub(crate) fn keep(&mut self, crosshair: Option<Point>, isolated: Option<NodeId>, look: &Value) {
        let crosshair = crosshair.map(<[f64; 3]>::from);
        self.keep = Some(json!({ "crosshair": crosshair, "isolated": isolated.map(|id| id.0), "look": [look] }));
        self.keep_slice = None;
    }

    /// Draw a slice view and keep it in the case; `params` are those of `view.keep` that say what it shows.
    pub(crate) fn keep_slice(&mut self, view: Orientation, params: Value) {
        (self.keep, self.keep_slice) = (Some(params), Some(view));
    }

    /// The instrument of the operation that is filmed.
    pub(super) fn instrument(&self) -> Option<Tool> {
        self.take.as_ref()?.posed.as_ref()?.instrument
    }

    /// End it and keep nothing.
    pub(crate) fn stop(&mut self) {
        self.stop = self.take.is_some() || self.reel.is_some();
    }

    /// When a frame is needed.
    pub(super) fn wants_frame_in(&self) -> Option<Duration> {
        let wanted = self.wanted.is_some() || self.keep.is_some();
        let begins = wanted && self.ending.is_none() && self.take.is_none() && self.reel.is_none();
        let works = (begins && self.window_asked.is_none()) || self.window.is_some() || self.stop;
        let threads = (self.window_asked.is_some() || self.ending.is_some()).then_some(Duration::from_millis(8));
        let threads = threads.or(self.reel.is_some().then_some(Duration::from_millis(100)));
        let waits = self.take.as_ref().map(|take| match take.phase {
            Phase::Pose if take.studio.is_full() => Duration::from_millis(8),
            // Its thread wakes the window.
            Phase::Pose if take.motion.as_ref().is_some_and(|motion| motion.is_at_work(take.next)) => {
                Duration::from_millis(200)
            }
            Phase::Pose | Phase::Drawing => Duration::ZERO,
            Phase::Reading(..) => Duration::from_millis(8),
            Phase::Finishing => Duration::from_millis(200),
        });
        if works { Some(Duration::ZERO) } else { waits.or(threads) }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Filming>();
    app.add_systems(Update, (begin, go_on).chain().in_set(AppSystems::View));
}

fn begin(
    mut filming: ResMut<Filming>,
    mut scene: ResMut<Scene>,
    mut particles: ResMut<Particles>,
    mut session: NonSendMut<TheSession>,
    mut desk: ResMut<Desk>,
    surfaces: Res<Surfaces>,
    device: Option<Res<RenderDevice>>,
    proxy: Option<Res<EventLoopProxyWrapper>>,
    mut commands: Commands,
) {
    let filming = &mut *filming;
    let wake = || proxy.as_ref().map_or_else(|| std::sync::Arc::new(|| {}) as _, |proxy| wake(proxy));
    if let Some(taken) = filming.window.take() {
        let Some((order, path, ..)) = filming.window_asked.take() else { return };
        let writes = taken.and_then(|(size, pixels)| studio::write_window(order, size, pixels, path, wake()));
        match writes {
            Ok(outcome) => filming.ending = Some(outcome),
            Err(text) => session.say(Tone::Error, text),
        }
        return;
    }
    if let Some((.., asked, since)) = &filming.window_asked {
        if READING_MAX < since.elapsed() {
            commands.entity(*asked).try_despawn();
            filming.window_asked = None;
            session.say(Tone::Error, tr("picture-late"));
        }
        return;
    }
    if filming.take.is_some() || filming.ending.is_some() || filming.reel.is_some() {
        return;
    }
    if filming.wanted.is_none() {
        let stage = desk.workspace.stage_of(filming.keep_slice);
        let scene_pane = scene.pane.as_ref().map_or(egui::Vec2::ZERO, |pane| pane.rect.size());
        let pane = stage.slice.map_or(scene_pane, |(_, size)| size);
        let mut order = PictureOrder::key_image(pane, scene.pixels_per_point);
        if filming.keep_slice.is_some() {
            (order.motif, order.stage) = (Motif::Slice, stage);
        }
        filming.wanted = filming.keep.take().map(|params| (order, Goal::Case(params)));
        filming.keep_slice = None;
    }
    let Some((order, goal)) = filming.wanted.take() else { return };
    let (path, keep) = match goal {
        Goal::File(path) => (Some(path), None),
        Goal::Case(params) => (None, Some(with_camera(params, &scene.camera))),
    };
    if let (Motif::Window, Some(path)) = (order.motif, &path) {
        // The window is read by Bevy.
        let mut asked = commands.spawn(Screenshot::primary_window());
        asked.observe(|captured: On<ScreenshotCaptured>, mut filming: ResMut<Filming>| {
            // One that comes after it was given up is of nobody.
            if filming.window_asked.as_ref().is_some_and(|(_, _, asked, _)| *asked == captured.entity) {
                let size = captured.image.size();
                filming.window = Some(super::screenshot::rgba(&captured.image, size).map(|pixels| (size, pixels)));
            }
        });
        filming.window_asked = Some((order, path.clone(), asked.id(), Instant::now()));
        return;
    }
    let board = desk.workspace.board(session.get().case(), &order);
    if board.is_none() && (order.motif.is_of_slices() || order.motif == Motif::Views) {
        session.say(Tone::Warning, tr("picture-left"));
        return;
    }
    // A still is drawn in tiles, so it may be as large as its order; pictures of a film are drawn at once.
    let is_still = order.frames() == 1;
    let side = device.as_ref().map_or(2048, |device| device.limits().max_texture_dimension_2d as usize);
    let whole = board.as_ref().map(|board| order.size.pixels(board.size(), scene.pixels_per_point));
    let (board, whole) = match (board, whole) {
        (Some(board), Some(size)) if board.scene_size().is_none() => {
            match Reel::start(order, path, size, board, wake()) {
                Ok(reel) => filming.reel = Some((reel, keep)),
                Err(text) => session.say(Tone::Error, text),
            }
            return;
        }
        // The 3D view is one part of it.
        (board, whole) => (board, whole.map(|size| drawable(size, side.min(8192), usize::MAX))),
    };
    let Some(pane) = scene.pane.as_ref().map(|pane| pane.rect.size()) else {
        session.say(Tone::Warning, tr("picture-unshown"));
        return;
    };
    let limits = device.map(|device| device.limits());
    // Lists of fragments and the way back both need four bytes a pixel in one buffer.
    let area = limits
        .map_or(usize::MAX, |limits| (limits.max_storage_buffer_binding_size.min(limits.max_buffer_size) / 4) as usize);
    let part = board.as_ref().zip(whole).and_then(|(board, whole)| board.scene_pixels(whole[0]));
    let wanted = part.unwrap_or_else(|| order.size.pixels(pane, scene.pixels_per_point));
    let size = if is_still { wanted } else { drawable(wanted, side, area) };
    if part.is_some() && size != wanted {
        session.say(Tone::Error, tr("picture-too-large"));
        return;
    }
    if size != wanted {
        let by = if side < wanted[0].max(wanted[1]) {
            format!("{side} pixels a side")
        } else {
            format!("{} million pixels", area / 1_000_000)
        };
        session.say(
            Tone::Info,
            format!("this graphics adapter draws at most {by}; the picture has {}×{}", size[0], size[1]),
        );
    }
    let motion = match Motion::of(&order, session.get().case(), &surfaces, wake()) {
        Ok(motion) => motion,
        Err(text) => {
            session.say(Tone::Error, text);
            return;
        }
    };
    match Studio::start(order.clone(), path, whole.unwrap_or(size), pane, board, wake()) {
        Ok(studio) => {
            let before = (scene.camera, particles.playing);
            let size = UVec2::from_array(size.map(|n| n as u32));
            if matches!(order.motif, Motif::Flow | Motif::Beat) {
                particles.playing = true;
                particles.step_s = Some(0.0);
            }
            let tiles = Tiles::new(size).filter(|_| is_still);
            match &tiles {
                Some(tiles) => {
                    // What flows stands still while its tiles are drawn.
                    particles.step_s = Some(0.0);
                    scene.hold_part(tiles.part());
                }
                None => scene.hold(size),
            }
            let phase = Phase::Pose;
            filming.take = Some(Take { order, size, before, keep, next: 0, tiles, phase, studio, motion, posed: None });
        }
        Err(text) => session.say(Tone::Error, text),
    }
}

fn go_on(
    mut filming: ResMut<Filming>,
    mut scene: ResMut<Scene>,
    mut particles: ResMut<Particles>,
    mut desk: ResMut<Desk>,
    mut session: NonSendMut<TheSession>,
    mut surfaces: ResMut<Surfaces>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut commands: Commands,
) {
    let filming = &mut *filming;
    if let Some(done) = filming.ending.as_ref().and_then(Outcome::get) {
        filming.ending = None;
        tell(&mut session, done);
    }
    if let Some((reel, keep)) = filming.reel.take() {
        desk.info.filming = Some(reel.progress());
        if std::mem::take(&mut filming.stop) {
            filming.ending = Some(reel.stop());
            desk.info.filming = None;
        } else if let Some(done) = reel.outcome.get() {
            desk.info.filming = None;
            hand_over(&mut session, keep, done);
        } else {
            filming.reel = Some((reel, keep));
        }
        return;
    }
    let Some(take) = &mut filming.take else { return };
    if std::mem::take(&mut filming.stop) {
        // What came of it is said once the thread has let go.
        return end(filming, &mut scene, &mut surfaces, &mut particles, &mut desk, &mut commands);
    }
    if let Some(done) = take.studio.outcome.get() {
        hand_over(&mut session, take.keep.take(), done);
        take.studio.is_done = true;
        return end(filming, &mut scene, &mut surfaces, &mut particles, &mut desk, &mut commands);
    }
    if scene.is_hidden() && take.phase != Phase::Finishing {
        session.say(Tone::Warning, tr("picture-scene-left"));
        return end(filming, &mut scene, &mut surfaces, &mut particles, &mut desk, &mut commands);
    }
    let frames = take.order.frames();
    desk.info.filming = Some([take.next, frames]);
    desk.info.tiles = take.tiles.as_ref().map(Tiles::progress);
    match take.phase {
        // Pictures wait in memory until they are encoded.
        Phase::Pose if take.studio.is_full() => {}
        Phase::Pose if take.next == frames => {
            take.studio.all_there();
            take.phase = Phase::Finishing;
        }
        Phase::Pose => {
            let mut camera = take.before.0;
            if let Some(motion) = &mut take.motion {
                match motion.picture(take.next, frames) {
                    Ok(None) => return,
                    Ok(Some(mut posed)) => {
                        if !motion.show(&mut posed, &mut surfaces, &mut particles, &mut meshes) {
                            session.say(Tone::Warning, tr("picture-simulation-gone"));
                            return end(filming, &mut scene, &mut surfaces, &mut particles, &mut desk, &mut commands);
                        }
                        desk.info.moment = Some(posed.moment.clone());
                        take.posed = Some(posed);
                    }
                    Err(text) => {
                        session.say(Tone::Error, text);
                        return end(filming, &mut scene, &mut surfaces, &mut particles, &mut desk, &mut commands);
                    }
                }
            }
            let turn = f64::from(take.order.turn());
            if turn != 0.0 {
                // The last picture is followed by the first.
                let turned = turn * take.next as f64 / frames as f64;
                camera.yaw_rad = (camera.yaw_rad + turned.to_radians()).rem_euclid(std::f64::consts::TAU);
            }
            if let (Motif::Walk, Some(track)) = (take.order.motif, &take.order.walk) {
                camera = track.film_camera(take.next as f64 / (frames - 1).max(1) as f64);
            }
            if take.order.motif == Motif::Flow {
                particles.step_s = Some(1.0 / take.order.fps);
            }
            if let Some(tiles) = &take.tiles {
                scene.hold_part(tiles.part());
            }
            scene.pose(camera);
            take.phase = Phase::Drawing;
        }
        Phase::Drawing if scene.is_drawn() => {
            filming.read = None;
            let mut asked = commands.spawn(Readback::texture(scene.image()));
            asked.observe(|read: On<ReadbackComplete>, mut filming: ResMut<Filming>, mut commands: Commands| {
                // Readbacks repeat until their entity is gone.
                commands.entity(read.entity).try_despawn();
                let waits = filming
                    .take
                    .as_ref()
                    .is_some_and(|take| matches!(take.phase, Phase::Reading(_, asked) if asked == read.entity));
                if waits {
                    filming.read = Some(read.data.clone());
                }
            });
            take.phase = Phase::Reading(Instant::now(), asked.id());
        }
        Phase::Reading(since, _) => match filming.read.take() {
            Some(data) => {
                let row = scene.texture_size().x as usize * 4;
                if take.tiles.as_mut().is_some_and(|tiles| tiles.take(&data, row)) {
                    take.phase = Phase::Pose;
                    return;
                }
                let (data, row) = take.tiles.take().map_or((data, row), Tiles::into_whole);
                let (mut info, size) = (desk.info.clone(), take.size);
                info.operation = take.posed.as_mut().and_then(|posed| posed.operation.take()).or(info.operation);
                // The line under the mouse is where it is on the screen.
                info.operation.iter_mut().for_each(|operation| operation.blade.clear());
                let measures = desk.workspace.measures();
                take.studio.take(Shot { data, row, size, info: Box::new(info), camera: scene.camera, measures });
                take.next += 1;
                take.phase = Phase::Pose;
            }
            None if READING_MAX < since.elapsed() => {
                session.say(Tone::Error, tr("picture-too-slow"));
                end(filming, &mut scene, &mut surfaces, &mut particles, &mut desk, &mut commands);
            }
            None => {}
        },
        Phase::Drawing | Phase::Finishing => {}
    }
}

/// Everything as it was before.
fn end(
    filming: &mut Filming,
    scene: &mut Scene,
    surfaces: &mut Surfaces,
    particles: &mut Particles,
    desk: &mut Desk,
    commands: &mut Commands,
) {
    if let Some(take) = filming.take.take() {
        if let Phase::Reading(_, asked) = take.phase {
            commands.entity(asked).try_despawn();
        }
        filming.ending = take.studio.stop();
        if let Some(motion) = take.motion {
            motion.end(surfaces, particles);
            desk.info.moment = None;
        }
        particles.playing = take.before.1;
        particles.step_s = None;
        scene.pose(take.before.0);
        scene.release();
    }
    filming.read = None;
    (desk.info.filming, desk.info.tiles) = (None, None);
}

/// The parameters of `view.keep` with where the camera stands.
fn with_camera(mut params: Value, camera: &OrbitCamera) -> Value {
    let OrbitCamera { target, distance_mm, yaw_rad, pitch_rad, roll_rad, fov_rad, parallel } = *camera;
    params["target"] = json!(<[f64; 3]>::from(target));
    params["distance_mm"] = json!(distance_mm);
    let full_turn = std::f64::consts::TAU;
    params["yaw_deg"] = json!(yaw_rad.rem_euclid(full_turn).to_degrees());
    params["pitch_deg"] = json!(pitch_rad.to_degrees().clamp(-90.0, 90.0));
    params["roll_deg"] = json!(roll_rad.rem_euclid(full_turn).to_degrees());
    params["fov_deg"] = json!(fov_rad.to_degrees());
    params["parallel"] = json!(parallel);
    params
}

/// Keep the picture in the case with these parameters, or say what came of it.
fn hand_over(session: &mut TheSession, keep: Option<Value>, done: Result<String, String>) {
    match (keep, done) {
        (Some(mut params), Ok(picture)) => {
            params["picture"] = Value::from(picture);
            session.submit(Command::new("view.keep", params), None);
        }
        (_, done) => tell(session, done),
    }
}

fn tell(session: &mut TheSession, done: Result<String, String>) {
    match done {
        Ok(text) if text == studio::STOPPED => session.say(Tone::Info, text),
        Ok(text) => session.say(Tone::Good, text),
        Err(text) => session.say(Tone::Error, text),
    }
}
