//! The thread that finishes pictures: ground, texts, encoding, file.

use crate::app::ui::{
    Board, Ground, Measures, Motif, OrbitCamera, PRINT_DPI, PictureOrder, PictureSize, SceneInfo, Sheet, scene_texts_ui,
};
use crate::io::file::write_whole;
use crate::io::film::{Film, FilmFormat};
use crate::io::png::{encode_rgba, encode_rgba_at};
use crate::io::webp::encode_webp;
use base64::Engine;
use bevy::math::UVec2;
use egui::{Pos2, Rect, Vec2};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex};

/// What is said of a picture or film that was stopped in time.
pub(super) const STOPPED: &str = "filming was stopped; nothing was written";
/// Pictures that wait or are being encoded, at most: each may have a hundred megabytes.
const SHOTS_MAX: usize = 2;

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
    /// What was measured, drawn with the texts.
    pub(super) measures: Measures,
}

enum Message {
    Shot(Box<Shot>),
    AllThere,
}

/// What both threads know of the work.
#[derive(Default)]
struct Shared {
    /// The user wants no more of it.
    stopped: AtomicBool,
    /// Pictures that were sent and are not finished.
    waiting: AtomicUsize,
}

pub(super) struct Studio {
    shots: Sender<Message>,
    shared: Arc<Shared>,
    pub(super) outcome: Outcome,
    /// What came of it was told.
    pub(super) is_done: bool,
}

/// What a thread will say at its end.
pub(super) struct Outcome(
    /// Locked by nobody for long: only the window's thread reads it.
    Mutex<Receiver<Result<String, String>>>,
);

impl Outcome {
    /// What came of it, once it is known.
    pub(super) fn get(&self) -> Option<Result<String, String>> {
        let told = self.0.lock().map_or(Err(TryRecvError::Disconnected), |told| told.try_recv());
        match told {
            Ok(done) => Some(done),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err("the picture could not be finished: its thread ended".into())),
        }
    }
}

/// Do `work` on a thread of its own; `wake` is called at its end.
pub(super) fn start(
    wake: Arc<dyn Fn() + Send + Sync>,
    work: impl FnOnce() -> Result<String, String> + Send + 'static,
) -> Result<Outcome, String> {
    let (told, outcome) = channel();
    let work = move || {
        // Nobody listens any more if the program ends.
        let _ = told.send(work());
        wake();
    };
    let thread = std::thread::Builder::new().name("pictures".into()).spawn(work);
    thread.map_err(|error| format!("the system refused a thread for the picture: {error}"))?;
    Ok(Outcome(Mutex::new(outcome)))
}

/// Encode and write a picture of the window.
pub(super) fn write_window(
    order: PictureOrder,
    size: UVec2,
    pixels: Vec<u8>,
    path: PathBuf,
    wake: Arc<dyn Fn() + Send + Sync>,
) -> Result<Outcome, String> {
    start(wake, move || write_still(&order, [size.x as usize, size.y as usize], &pixels, &path))
}

impl Studio {
    /// Start the thread. Without a `path` the outcome is the picture itself, a PNG file in base64. `pane` is the size of the 3D
    /// view in points, on which texts are laid out; with a `board` it is one of its views, and `size` that of the board.
    pub(super) fn start(
        order: PictureOrder,
        path: Option<PathBuf>,
        size: [usize; 2],
        pane: Vec2,
        board: Option<Board>,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Result<Self, String> {
        let ((shots, inbox), shared) = (channel(), Arc::new(Shared::default()));
        let outcome = start(wake, {
            let shared = Arc::clone(&shared);
            move || {
                let mut output = Output::new(&order, path.as_deref(), size)?;
                let done = finish(&mut output, size, pane, board, &inbox, &shared);
                done.unwrap_or_else(|| taken_back(&output.written))
            }
        })?;
        Ok(Self { shots, shared, outcome, is_done: false })
    }

    /// Whether the thread has as much to do as may wait.
    pub(super) fn is_full(&self) -> bool {
        SHOTS_MAX <= self.shared.waiting.load(Ordering::Acquire)
    }

    /// End it and keep nothing; what the thread will say of that, unless everything was said.
    pub(super) fn stop(self) -> Option<Outcome> {
        self.shared.stopped.store(true, Ordering::Release);
        // Wakes it up.
        self.all_there();
        (!self.is_done).then_some(self.outcome)
    }

    pub(super) fn take(&self, shot: Shot) {
        self.shared.waiting.fetch_add(1, Ordering::AcqRel);
        // If the thread ended early, its outcome says why.
        let _ = self.shots.send(Message::Shot(Box::new(shot)));
    }

    pub(super) fn all_there(&self) {
        let _ = self.shots.send(Message::AllThere);
    }
}

/// Remove the pictures of a series that was stopped; what to tell of it.
pub(super) fn taken_back(written: &[PathBuf]) -> Result<String, String> {
    let left: Vec<String> = written
        .iter()
        .filter(|path| std::fs::remove_file(path).is_err())
        .map(|path| path.display().to_string())
        .collect();
    match left.first() {
        None => Ok(STOPPED.into()),
        Some(first) => {
            Err(format!("filming was stopped; {} pictures could not be removed, {first} and on", left.len()))
        }
    }
}

/// Where finished pictures go: a film, a series of files, one file, or back as base64 where there is no path.
pub(super) struct Output<'a> {
    order: &'a PictureOrder,
    path: Option<&'a Path>,
    film: Option<Film>,
    still: Option<([usize; 2], Vec<u8>)>,
    count: usize,
    /// What was written so far.
    pub(super) written: Vec<PathBuf>,
}

impl<'a> Output<'a> {
    /// For pictures of `size` pixels.
    pub(super) fn new(order: &'a PictureOrder, path: Option<&'a Path>, size: [usize; 2]) -> Result<Self, String> {
        let film = order.film.filter(|_| order.motif.is_film());
        let film = film.map(|format| Film::new(format, size, f64::from(order.fps), order.frames()));
        let film = film.transpose().map_err(|error| error.to_string())?;
        Ok(Self { order, path, film, still: None, count: 0, written: Vec::new() })
    }

    /// Take the next picture: RGBA, not premultiplied.
    pub(super) fn take(&mut self, size: [usize; 2], pixels: Vec<u8>) -> Result<(), String> {
        match (&mut self.film, self.path) {
            (Some(film), _) => film.push(&pixels).map_err(|error| error.to_string())?,
            (None, Some(path)) if self.order.motif.is_film() => {
                let path = numbered(path, self.count);
                self.written.push(path.clone());
                write_whole(&path, &encode_rgba(size[0], size[1], &pixels)).map_err(|error| error.to_string())?;
            }
            (None, _) => self.still = Some((size, pixels)),
        }
        self.count += 1;
        Ok(())
    }

    /// Write the file; what to tell, or the picture itself. `None` if it `is_stopped` before anything was written.
    pub(super) fn end(&mut self, is_stopped: impl Fn() -> bool) -> Option<Result<String, String>> {
        let missing = "the picture did not come from the graphics adapter; take it again";
        let Some(path) = self.path else {
            return Some(self.still.take().ok_or_else(|| missing.into()).map(|(size, pixels)| {
                base64::engine::general_purpose::STANDARD.encode(encode_rgba(size[0], size[1], &pixels))
            }));
        };
        let (shown, count) = (path.display(), self.count);
        if is_stopped() {
            return None;
        }
        Some(match self.film.take() {
            Some(film) => match film.finish().map_err(|error| error.to_string()) {
                Ok(_) if is_stopped() => return None,
                Ok(bytes) => write_whole(path, &bytes)
                    .map(|()| format!("the film of {count} pictures was saved as {shown}"))
                    .map_err(|error| error.to_string()),
                Err(text) => Err(text),
            },
            None if self.order.motif.is_film() => {
                Ok(format!("{count} pictures were saved as {} and on", numbered(path, 0).display()))
            }
            None => match self.still.take() {
                Some((size, pixels)) => write_still(self.order, size, &pixels, path),
                None => Err(missing.into()),
            },
        })
    }
}

/// Finish every picture and write the file; `None` if filming was stopped.
fn finish(
    output: &mut Output<'_>,
    size: [usize; 2],
    pane: Vec2,
    mut board: Option<Board>,
    inbox: &Receiver<Message>,
    shared: &Shared,
) -> Option<Result<String, String>> {
    let is_stopped = || shared.stopped.load(Ordering::Acquire);
    loop {
        let message = inbox.recv().ok().filter(|_| !is_stopped())?;
        match message {
            Message::AllThere => break,
            Message::Shot(shot) => {
                let scene = finished(output.order, &shot, pane);
                let (size, pixels) = match &mut board {
                    Some(board) => (size, board.drawn(size, Some(&scene))),
                    None => ([shot.size.x as usize, shot.size.y as usize], scene),
                };
                if let Err(text) = output.take(size, pixels) {
                    return Some(Err(text));
                }
                if output.path.is_none() {
                    break;
                }
                shared.waiting.fetch_sub(1, Ordering::AcqRel);
            }
        }
    }
    output.end(is_stopped)
}

/// `turn.png` becomes `turn-0001.png`.
fn numbered(path: &Path, place: usize) -> PathBuf {
    let stem = path.file_stem().map_or_else(|| "picture".into(), |stem| stem.to_string_lossy().into_owned());
    path.with_file_name(format!("{stem}-{:04}.png", place + 1))
}

/// Write one picture; what to tell the user.
fn write_still(
    order: &PictureOrder,
    [width, height]: [usize; 2],
    pixels: &[u8],
    path: &Path,
) -> Result<String, String> {
    let is_print = matches!(order.size, PictureSize::Print { .. }) && order.motif != Motif::Window;
    let dpi = match order.size {
        // The picture may have been cut to what the adapter draws.
        PictureSize::Print { width_mm } => width as f64 / f64::from(width_mm) * 25.4,
        PictureSize::Screen(_) => PRINT_DPI,
    };
    let bytes = match (order.webp, is_print) {
        (true, _) => encode_webp(width, height, pixels)?,
        (false, true) => encode_rgba_at(width, height, pixels, dpi),
        (false, false) => encode_rgba(width, height, pixels),
    };
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
        let sheet = Sheet::lay_out([width, height], scale, |ui| {
            scene_texts_ui(ui, rect, &info);
            // What is hidden is known of the view on the screen only.
            let covered = Some(&info.views[info.in_use].covered).filter(|covered| covered.camera == info.camera);
            shot.measures.paint_scene(ui, rect, &info.camera, covered);
        });
        sheet.paint_over(&mut pixels);
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
        Shot {
            data: line.repeat(3),
            row: 16,
            size: UVec2::new(2, 3),
            info,
            camera: OrbitCamera::default(),
            measures: Measures::default(),
        }
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
        let film = PictureOrder { motif: Motif::Turntable, seconds: 1.0, fps: 3.0, ..plain(Ground::Black) };
        let series = PictureOrder { film: None, ..film.clone() };
        let files = || std::fs::read_dir(folder.path()).unwrap().count();
        let said = |outcome: &Outcome| outcome.0.lock().unwrap().recv().unwrap().unwrap();
        for (order, count) in [(plain(Ground::Black), 1), (film, 1), (series, 3)] {
            let start = || {
                let path = folder.path().join("turn.gif");
                Studio::start(order.clone(), Some(path), [2, 3], Vec2::new(2.0, 3.0), None, Arc::new(|| {})).unwrap()
            };
            let studio = start();
            (0..order.frames()).for_each(|_| studio.take(shot(255)));
            // All of them are finished, and those of a series written.
            while studio.shared.waiting.load(Ordering::Acquire) != 0 {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            assert_eq!(said(&studio.stop().unwrap()), STOPPED);
            assert_eq!(files(), 0, "nothing is left of {order:?}");
            let studio = start();
            (0..order.frames()).for_each(|_| studio.take(shot(255)));
            studio.all_there();
            let text = said(&studio.outcome);
            assert!(text.contains("saved") && files() == count, "{text}");
            std::fs::read_dir(folder.path())
                .unwrap()
                .for_each(|file| std::fs::remove_file(file.unwrap().path()).unwrap());
        }
    }

    #[test]
    fn a_series_counts_from_one() {
        assert_eq!(numbered(Path::new("/a/turn.png"), 0), Path::new("/a/turn-0001.png"));
    }
}
