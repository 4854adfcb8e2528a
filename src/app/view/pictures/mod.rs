//! Pictures and films of the scene: posed one after another, read back from the graphics card, finished in a thread.
//!
//! While a picture is taken the scene is held: it is drawn at the picture's size, finely, and the mouse does not turn it.

mod studio;

use super::panels::Desk;
use super::scene::Scene;
use crate::app::mirror::Particles;
use crate::app::run::AppSystems;
use crate::app::session::{TheSession, wake};
use crate::app::ui::{Motif, OrbitCamera, PictureOrder, Tone};
use bevy::prelude::*;
use bevy::render::gpu_readback::{Readback, ReadbackComplete};
use bevy::render::renderer::RenderDevice;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::winit::EventLoopProxyWrapper;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use studio::{Shot, Studio};

/// A graphics card that did not answer for so long never will.
const READING_MAX: Duration = Duration::from_secs(20);

/// The camera work in progress, if there is some.
#[derive(Resource, Default)]
pub(crate) struct Filming {
    wanted: Option<(PictureOrder, PathBuf)>,
    take: Option<Take>,
    /// The user wants no more of it.
    stop: bool,
    /// Pixels that came back from the graphics card.
    read: Option<Vec<u8>>,
    /// Bevy was asked for the window.
    window_asked: bool,
    /// The window as a picture, or why there is none.
    window: Option<Result<(UVec2, Vec<u8>), String>>,
}

/// A picture or film that is being taken.
struct Take {
    order: PictureOrder,
    size: UVec2,
    /// Where the camera was, and whether particles ran.
    before: (OrbitCamera, bool),
    next: usize,
    phase: Phase,
    studio: Studio,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    /// The next picture is to be posed.
    Pose,
    /// It is being drawn.
    Drawing,
    /// The graphics card was asked for its pixels.
    Reading(Instant),
    /// The studio finishes the file.
    Finishing,
}

impl Filming {
    /// Take a picture or film and write it to `path`; one at a time.
    pub(crate) fn want(&mut self, order: PictureOrder, path: PathBuf) {
        self.wanted = Some((order, path));
    }

    /// End it and keep nothing.
    pub(crate) fn stop(&mut self) {
        self.stop = true;
    }

    /// When a frame is needed.
    pub(super) fn wants_frame_in(&self) -> Option<Duration> {
        let works = self.wanted.is_some() || self.window.is_some() || self.stop;
        let waits = self.take.as_ref().map(|take| match take.phase {
            Phase::Pose | Phase::Drawing => Duration::ZERO,
            Phase::Reading(_) => Duration::from_millis(8),
            Phase::Finishing => Duration::from_millis(200),
        });
        if works { Some(Duration::ZERO) } else { waits }
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
    device: Option<Res<RenderDevice>>,
    proxy: Option<Res<EventLoopProxyWrapper>>,
    mut commands: Commands,
) {
    if let Some(taken) = filming.window.take() {
        let Some((order, path)) = filming.wanted.take() else { return };
        let done = taken.and_then(|(size, pixels)| studio::write_still(&order, size, &pixels, &path));
        tell(&mut session, done);
        return;
    }
    if filming.take.is_some() || filming.wanted.is_none() {
        return;
    }
    if filming.wanted.as_ref().is_some_and(|(order, _)| order.motif == Motif::Window) {
        // The window is read by Bevy; until it is, the wish stays.
        if !std::mem::replace(&mut filming.window_asked, true) {
            commands.spawn(Screenshot::primary_window()).observe(
                |captured: On<ScreenshotCaptured>, mut filming: ResMut<Filming>| {
                    filming.window_asked = false;
                    let size = captured.image.size();
                    filming.window = Some(super::screenshot::rgba(&captured.image, size).map(|pixels| (size, pixels)));
                },
            );
        }
        return;
    }
    let Some((order, path)) = filming.wanted.take() else { return };
    let Some(pane) = scene.pane.as_ref().map(|pane| pane.rect.size()) else {
        session.say(
            Tone::Warning,
            "the 3D view is not on the screen, so there is no picture of it; choose a layout with it",
        );
        return;
    };
    let wake = proxy.map_or_else(|| std::sync::Arc::new(|| {}) as _, |proxy| wake(&proxy));
    let most = device.map_or(2048, |device| device.limits().max_texture_dimension_2d) as usize;
    let mut size = order.size.pixels(pane, scene.pixels_per_point);
    let longer = size[0].max(size[1]);
    if most < longer {
        size = size.map(|n| (n * most / longer).max(1));
        session.say(
            Tone::Info,
            format!(
                "this graphics adapter draws at most {most} pixels a side; the picture has {}×{}",
                size[0], size[1]
            ),
        );
    }
    match Studio::start(order.clone(), path, size, pane, wake) {
        Ok(studio) => {
            let before = (scene.camera, particles.playing);
            let size = UVec2::from_array(size.map(|n| n as u32));
            if order.motif == Motif::Flow {
                particles.playing = true;
                particles.step_s = Some(0.0);
            }
            scene.hold(size);
            filming.take = Some(Take { order, size, before, next: 0, phase: Phase::Pose, studio });
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
    mut commands: Commands,
) {
    let filming = &mut *filming;
    let Some(take) = &mut filming.take else { return };
    if filming.stop {
        filming.stop = false;
        session.say(Tone::Info, "filming was stopped; nothing was written");
        return end(filming, &mut scene, &mut particles, &mut desk);
    }
    if let Some(done) = take.studio.outcome() {
        tell(&mut session, done);
        return end(filming, &mut scene, &mut particles, &mut desk);
    }
    let frames = take.order.frames();
    desk.info.filming = (1 < frames).then_some([take.next, frames]);
    match take.phase {
        Phase::Pose if take.next == frames => {
            take.studio.all_there();
            take.phase = Phase::Finishing;
        }
        Phase::Pose => {
            let mut camera = take.before.0;
            if take.order.motif == Motif::Turntable {
                // The last picture is followed by the first.
                let turned = f64::from(take.order.degrees) * take.next as f64 / frames as f64;
                camera.yaw_rad = (camera.yaw_rad + turned.to_radians()).rem_euclid(std::f64::consts::TAU);
            }
            if take.order.motif == Motif::Flow {
                particles.step_s = Some(1.0 / take.order.fps);
            }
            scene.pose(camera);
            take.phase = Phase::Drawing;
        }
        Phase::Drawing if scene.is_drawn() => {
            commands.spawn(Readback::texture(scene.image())).observe(
                |read: On<ReadbackComplete>, mut filming: ResMut<Filming>, mut commands: Commands| {
                    // Readbacks repeat until their entity is gone.
                    commands.entity(read.entity).despawn();
                    filming.read = Some(read.data.clone());
                },
            );
            take.phase = Phase::Reading(Instant::now());
        }
        Phase::Reading(since) => match filming.read.take() {
            Some(data) => {
                let (info, size, row) = (desk.info.clone(), take.size, scene.texture_size().x as usize * 4);
                take.studio.take(Shot { data, row, size, info: Box::new(info), camera: scene.camera });
                take.next += 1;
                take.phase = Phase::Pose;
            }
            None if READING_MAX < since.elapsed() => {
                session.say(
                    Tone::Error,
                    "the graphics adapter did not hand over the picture within 20 s; try a smaller one",
                );
                end(filming, &mut scene, &mut particles, &mut desk);
            }
            None => {}
        },
        Phase::Drawing | Phase::Finishing => {}
    }
}

/// Everything as it was before.
fn end(filming: &mut Filming, scene: &mut Scene, particles: &mut Particles, desk: &mut Desk) {
    if let Some(take) = filming.take.take() {
        particles.playing = take.before.1;
        particles.step_s = None;
        scene.pose(take.before.0);
        scene.release();
    }
    filming.read = None;
    desk.info.filming = None;
}

fn tell(session: &mut TheSession, done: Result<String, String>) {
    match done {
        Ok(text) => session.say(Tone::Good, text),
        Err(text) => session.say(Tone::Error, text),
    }
}
