//! The thread that finishes pictures: ground, texts, encoding, file.

use crate::app::ui::{
    Ground, Motif, OrbitCamera, PRINT_DPI, PictureOrder, PictureSize, SceneInfo, Sheet, scene_texts_ui,
};
use crate::io::file::write_whole;
use crate::io::film::{Film, FilmFormat};
use crate::io::png::{encode_rgba, encode_rgba_at};
use bevy::math::UVec2;
use egui::{Pos2, Rect, Vec2};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex};

/// What came back from the graphics card, and what the scene said of itself then.
pub(super) struct Shot {
    /// Premultiplied colours as they are stored.
    pub(super) data: Vec<u8>,
    /// Bytes of a line of `data`.
    pub(super) row: usize,
    /// The part of it that is the picture: the upper left.
    pub(super) size: UVec2,
    pub(super) info: Box<SceneInfo>,
    pub(super) camera: OrbitCamera,
}

enum Message {
    Shot(Shot),
    AllThere,
}

pub(super) struct Studio {
    shots: Sender<Message>,
    /// Locked by nobody for long: only the window's thread reads it.
    outcome: Mutex<Receiver<Result<String, String>>>,
}

impl Studio {
    /// Start the thread. `pane` is the size of the view in points, on which texts are laid out.
    pub(super) fn start(
        order: PictureOrder,
        path: PathBuf,
        size: [usize; 2],
        pane: Vec2,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Result<Self, String> {
        let ((shots, inbox), (told, outcome)) = (channel(), channel());
        let work = move || {
            let done = finish(&order, &path, size, pane, &inbox);
            if let Some(done) = done {
                // Nobody listens any more if filming was stopped.
                let _ = told.send(done);
            }
            wake();
        };
        let thread = std::thread::Builder::new().name("pictures".into()).spawn(work);
        thread.map_err(|error| format!("the system refused a thread for the picture: {error}"))?;
        Ok(Self { shots, outcome: Mutex::new(outcome) })
    }

    pub(super) fn take(&self, shot: Shot) {
        // If the thread ended early, its outcome says why.
        let _ = self.shots.send(Message::Shot(shot));
    }

    pub(super) fn all_there(&self) {
        let _ = self.shots.send(Message::AllThere);
    }

    /// What came of it, once it is known.
    pub(super) fn outcome(&self) -> Option<Result<String, String>> {
        let told = self.outcome.lock().map_or(Err(TryRecvError::Disconnected), |outcome| outcome.try_recv());
        match told {
            Ok(done) => Some(done),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err("the picture could not be finished: its thread ended".into())),
        }
    }
}

/// Finish every picture and write the file; `None` if filming was stopped.
fn finish(
    order: &PictureOrder,
    path: &Path,
    size: [usize; 2],
    pane: Vec2,
    inbox: &Receiver<Message>,
) -> Option<Result<String, String>> {
    let film = order.film.filter(|_| order.motif.is_film());
    let film = film.map(|format| Film::new(format, size, f64::from(order.fps), order.frames()));
    let mut film = match film.transpose() {
        Ok(film) => film,
        Err(error) => return Some(Err(error.to_string())),
    };
    let mut count = 0;
    loop {
        match inbox.recv().ok()? {
            Message::AllThere => break,
            Message::Shot(shot) => {
                let pixels = finished(order, &shot, pane);
                let done = match &mut film {
                    Some(film) => film.push(&pixels).map_err(|error| error.to_string()),
                    None if order.motif.is_film() => {
                        let bytes = encode_rgba(size[0], size[1], &pixels);
                        write_whole(&numbered(path, count), &bytes).map_err(|error| error.to_string())
                    }
                    None => write_still(order, shot.size, &pixels, path).map(|_| ()),
                };
                if let Err(text) = done {
                    return Some(Err(text));
                }
                count += 1;
            }
        }
    }
    let shown = path.display();
    Some(match film {
        Some(film) => film
            .finish()
            .map_err(|error| error.to_string())
            .and_then(|bytes| write_whole(path, &bytes).map_err(|error| error.to_string()))
            .map(|()| format!("the film of {count} pictures was saved as {shown}")),
        None if order.motif.is_film() => {
            Ok(format!("{count} pictures were saved as {} and on", numbered(path, 0).display()))
        }
        None => Ok(format!("the picture was saved as {shown}")),
    })
}

/// `turn.png` becomes `turn-0001.png`.
fn numbered(path: &Path, place: usize) -> PathBuf {
    let stem = path.file_stem().map_or_else(|| "picture".into(), |stem| stem.to_string_lossy().into_owned());
    path.with_file_name(format!("{stem}-{:04}.png", place + 1))
}

/// Write one picture; what to tell the user.
pub(super) fn write_still(order: &PictureOrder, size: UVec2, pixels: &[u8], path: &Path) -> Result<String, String> {
    let [width, height] = [size.x as usize, size.y as usize];
    let is_print = matches!(order.size, PictureSize::Print { .. }) && order.motif != Motif::Window;
    let dpi = match order.size {
        // The picture may have been cut to what the adapter draws.
        PictureSize::Print { width_mm } => width as f64 / f64::from(width_mm) * 25.4,
        PictureSize::Screen(_) => PRINT_DPI,
    };
    let bytes = if is_print { encode_rgba_at(width, height, pixels, dpi) } else { encode_rgba(width, height, pixels) };
    write_whole(path, &bytes).map_err(|error| error.to_string())?;
    Ok(format!("the picture was saved as {}", path.display()))
}

/// The picture with its ground and texts: RGBA, not premultiplied.
fn finished(order: &PictureOrder, shot: &Shot, pane: Vec2) -> Vec<u8> {
    let [width, height] = [shot.size.x as usize, shot.size.y as usize];
    let mut pixels = Vec::with_capacity(width * height * 4);
    let no_alpha = order.motif.is_film() && order.film == Some(FilmFormat::Avi);
    for (y, line) in shot.data.chunks_exact(shot.row).take(height).enumerate() {
        let ground = ground(order.ground, (y as f32 + 0.5) / height as f32, no_alpha);
        for pixel in line.chunks_exact(4).take(width) {
            let rest = 1.0 - f32::from(pixel[3]) / 255.0;
            pixels.extend((0..4).map(|n| (f32::from(pixel[n]) + rest * ground[n] + 0.5).min(255.0) as u8));
        }
    }
    if order.texts {
        let mut info = (*shot.info).clone();
        info.camera = shot.camera;
        let scale = width as f32 / pane.x.max(1.0);
        let rect = Rect::from_min_size(Pos2::ZERO, Vec2::new(width as f32, height as f32) / scale);
        Sheet::lay_out([width, height], scale, |ui| scene_texts_ui(ui, rect, &info)).paint_over(&mut pixels);
    }
    // Files hold colours that are not multiplied.
    for pixel in pixels.chunks_exact_mut(4).filter(|pixel| !matches!(pixel[3], 0 | 255)) {
        let alpha = f32::from(pixel[3]) / 255.0;
        pixel[..3].iter_mut().for_each(|c| *c = (f32::from(*c) / alpha + 0.5).min(255.0) as u8);
    }
    pixels
}

/// The ground at `down` (0 the top, 1 the bottom), premultiplied, 0 to 255.
fn ground(ground: Ground, down: f32, no_alpha: bool) -> [f32; 4] {
    match ground {
        Ground::AsShown => {
            let mix = |top: f32, bottom: f32| top + (bottom - top) * down;
            [mix(46.0, 17.0), mix(50.0, 18.0), mix(56.0, 21.0), 255.0]
        }
        Ground::Black => [0.0, 0.0, 0.0, 255.0],
        Ground::White => [255.0; 4],
        Ground::Transparent => [0.0, 0.0, 0.0, if no_alpha { 255.0 } else { 0.0 }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shot(alpha: u8) -> Shot {
        // Two pixels used of lines of four.
        let line: Vec<u8> = [alpha / 2, 0, 0, alpha].repeat(4);
        let info = Box::new(SceneInfo::default());
        Shot { data: line.repeat(3), row: 16, size: UVec2::new(2, 3), info, camera: OrbitCamera::default() }
    }

    fn plain(ground: Ground) -> PictureOrder {
        PictureOrder { ground, texts: false, ..PictureOrder::default() }
    }

    #[test]
    fn the_ground_shows_through_as_much_as_the_scene_is_clear() {
        let pane = Vec2::new(2.0, 3.0);
        assert_eq!(finished(&plain(Ground::White), &shot(0), pane), [255; 24]);
        assert_eq!(finished(&plain(Ground::Black), &shot(128), pane)[..4], [64, 0, 0, 255]);
        // Half covered by half-bright red: the file says half-bright red, half covered.
        let clear = finished(&plain(Ground::Transparent), &shot(128), pane);
        assert!(clear[0].abs_diff(128) <= 1 && clear[1..4] == [0, 0, 128], "{:?}", &clear[..4]);
        let avi = PictureOrder { motif: Motif::Turntable, film: Some(FilmFormat::Avi), ..plain(Ground::Transparent) };
        assert_eq!(finished(&avi, &shot(0), pane)[..4], [0, 0, 0, 255], "AVI has no transparency");
    }

    #[test]
    fn a_stopped_film_writes_nothing_and_a_whole_one_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let order = PictureOrder { motif: Motif::Turntable, seconds: 1.0, fps: 3.0, ..plain(Ground::Black) };
        for stopped in [true, false] {
            let path = folder.path().join("turn.gif");
            let studio =
                Studio::start(order.clone(), path.clone(), [2, 3], Vec2::new(2.0, 3.0), Arc::new(|| {})).unwrap();
            (0..3).for_each(|_| studio.take(shot(255)));
            if stopped {
                let Studio { shots, outcome } = studio;
                drop(shots);
                assert!(outcome.into_inner().unwrap().recv().is_err(), "nothing to tell");
                assert!(!path.exists());
            } else {
                studio.all_there();
                let said = studio.outcome.lock().unwrap().recv().unwrap().unwrap();
                assert!(said.contains("3 pictures") && path.exists(), "{said}");
            }
        }
    }

    #[test]
    fn a_series_counts_from_one() {
        assert_eq!(numbered(Path::new("/a/turn.png"), 0), Path::new("/a/turn-0001.png"));
    }
}
