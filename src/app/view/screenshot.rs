//! For tests a picture of the whole window and an end; the time of the start.

use crate::app::run::{AppSystems, Options};
use crate::io::file::write_whole;
use crate::io::png::encode_rgba;
use bevy::image::Image;
use bevy::prelude::*;
use bevy::render::render_resource::TextureFormat;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use std::path::Path;
use std::time::{Duration, Instant};

/// Frames until the panels have their final layout.
const SETTLED: u32 = 3;

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

/// The picture of the window that the program was asked to take by itself.
#[derive(Resource, Debug, Default)]
struct Picture {
    frames: u32,
    window_taken: Option<Instant>,
    window_done: bool,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Picture>();
    app.add_systems(Update, (tell_start, take_window_and_end).in_set(AppSystems::View));
}

fn tell_start(mut picture: ResMut<Picture>, started: Res<Started>) {
    if picture.frames < SETTLED {
        picture.frames += 1;
        if picture.frames == SETTLED {
            info!(seconds = started.at.elapsed().as_secs_f64(), "the window is usable");
        }
    }
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

pub(super) fn rgba(image: &Image, size: UVec2) -> Result<Vec<u8>, String> {
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
