//! Pictures of the scene for the user; for tests a picture of the whole window and an end; the time of the start.

use super::scene::Scene;
use crate::app::run::{AppSystems, Options};
use crate::io::file::write_whole;
use crate::io::png::encode_rgba;
use bevy::image::Image;
use bevy::prelude::*;
use bevy::render::gpu_readback::{Readback, ReadbackComplete};
use bevy::render::render_resource::TextureFormat;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Frames until the panels have their final layout.
const SETTLED: u32 = 3;
/// A graphics card that did not answer for so long never will.
const READING_MAX: Duration = Duration::from_secs(5);

/// When the program started and what it was asked to do by itself.
#[derive(Resource, Debug)]
pub(crate) struct Started {
    pub(crate) at: Instant,
    pub(crate) options: Options,
}

impl Started {
    /// When a frame is needed for what the program was asked to do by itself.
    pub(super) fn wants_frame_in(&self) -> Option<Duration> {
        self.options.screenshot.as_ref()?;
        let left = Duration::from_secs_f64(self.options.after_s.max(0.0)).saturating_sub(self.at.elapsed());
        Some(left.max(Duration::from_millis(30)))
    }
}

/// A picture of the scene that somebody wants, and what came of the last one.
#[derive(Resource, Debug, Default)]
pub(crate) struct Picture {
    /// Where to.
    pub(crate) wanted: Option<PathBuf>,
    /// What to tell the user of the last one.
    pub(crate) outcome: Option<Result<String, String>>,
    /// Since when the graphics card has been asked for the pixels.
    reading: Option<Instant>,
    frames: u32,
    window_taken: Option<Instant>,
    window_done: bool,
}

impl Picture {
    /// When a frame is needed for a picture on its way: the graphics card hands it over two or three frames later.
    pub(super) fn wants_frame_in(&self) -> Option<Duration> {
        let is_reading = self.reading.is_some_and(|since| since.elapsed() < READING_MAX);
        (self.wanted.is_some() || is_reading).then_some(Duration::from_millis(16))
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Picture>();
    app.add_systems(Update, (tell_start, take_scene, take_window_and_end).in_set(AppSystems::View));
}

fn tell_start(mut picture: ResMut<Picture>, started: Res<Started>) {
    if picture.frames < SETTLED {
        picture.frames += 1;
        if picture.frames == SETTLED {
            info!(seconds = started.at.elapsed().as_secs_f64(), "the window is usable");
        }
    }
}

/// Save what the scene shows, without the panels' letters and bars.
fn take_scene(mut picture: ResMut<Picture>, scene: Res<Scene>, mut commands: Commands) {
    if !scene.is_settled() {
        return;
    }
    let Some(path) = picture.wanted.take() else { return };
    picture.reading = Some(Instant::now());
    let (size, stored) = (scene.picture_size(), scene.texture_size());
    commands.spawn(Readback::texture(scene.image())).observe(
        move |read: On<ReadbackComplete>, mut picture: ResMut<Picture>, mut commands: Commands| {
            // Readbacks repeat until their entity is gone.
            commands.entity(read.entity).despawn();
            picture.reading = None;
            let pixels = over_ground(&read.data, stored.x as usize * 4, size, [0, 1, 2]);
            let saved = write(&path, size, &pixels);
            picture.outcome = Some(saved.map(|()| format!("the picture was saved as {}", path.display())));
        },
    );
}

fn take_window_and_end(
    mut picture: ResMut<Picture>,
    started: Res<Started>,
    mut commands: Commands,
    mut exit: MessageWriter<AppExit>,
) {
    let Some(path) = started.options.screenshot.clone() else { return };
    if started.at.elapsed().as_secs_f64() < started.options.after_s {
        return;
    }
    let patience = Duration::from_secs(5);
    match picture.window_taken {
        None => {
            picture.window_taken = Some(Instant::now());
            commands.spawn(Screenshot::primary_window()).observe(
                move |captured: On<ScreenshotCaptured>, mut picture: ResMut<Picture>| {
                    let size = captured.image.size();
                    let saved = rgba(&captured.image, size).and_then(|pixels| write(&path, size, &pixels));
                    match saved {
                        Ok(()) => info!(path = %path.display(), "the window was saved as a picture"),
                        Err(text) => error!("{text}"),
                    }
                    picture.window_done = true;
                },
            );
        }
        Some(at) if picture.window_done || patience < at.elapsed() => {
            exit.write(if picture.window_done { AppExit::Success } else { AppExit::error() });
        }
        Some(_) => {}
    }
}

fn rgba(image: &Image, size: UVec2) -> Result<Vec<u8>, String> {
    let format = image.texture_descriptor.format;
    let order = match format {
        TextureFormat::Rgba8Unorm | TextureFormat::Rgba8UnormSrgb => [0, 1, 2],
        TextureFormat::Bgra8Unorm | TextureFormat::Bgra8UnormSrgb => [2, 1, 0],
        _ => return Err(format!("the picture came as {format:?}, which cannot be saved")),
    };
    let data = image.data.as_ref().ok_or("the picture came without pixels")?;
    Ok(over_ground(data, image.width() as usize * 4, size, order))
}

/// The upper left `size` pixels of premultiplied colours, `row` bytes a line, made opaque over the ground of the scene.
fn over_ground(data: &[u8], row: usize, size: UVec2, order: [usize; 3]) -> Vec<u8> {
    let mut pixels = Vec::with_capacity((size.x * size.y * 4) as usize);
    for line in data.chunks_exact(row).take(size.y as usize) {
        for pixel in line.chunks_exact(4).take(size.x as usize) {
            let ground = [30.0, 32.0, 36.0].map(|grey| grey * (1.0 - f32::from(pixel[3]) / 255.0));
            pixels.extend([0, 1, 2].map(|n| (f32::from(pixel[order[n]]) + ground[n]).min(255.0) as u8));
            pixels.push(255);
        }
    }
    pixels
}

fn write(path: &Path, size: UVec2, pixels: &[u8]) -> Result<(), String> {
    let file = encode_rgba(size.x as usize, size.y as usize, pixels);
    write_whole(path, &file).map_err(|error| error.to_string())
}
