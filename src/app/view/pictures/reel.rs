//! Pictures and films of slices: made in a thread, without a graphics card; the window goes on meanwhile.

use super::studio::{Outcome, Output, start, taken_back};
use crate::app::ui::{Board, PictureOrder};
use crate::session::saved_view::PICTURE_BYTES_MAX;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What both threads know of the work.
#[derive(Default)]
struct Shared {
    stopped: AtomicBool,
    done: AtomicUsize,
}

/// A picture or film of slices that is being made.
pub(super) struct Reel {
    shared: Arc<Shared>,
    frames: usize,
    pub(super) outcome: Outcome,
}

impl Reel {
    /// Start the thread: it draws `board` at `size` pixels for every picture of the order, and writes them to `path`.
    /// Without one the outcome is the picture itself, a PNG file in base64.
    pub(super) fn start(
        order: PictureOrder,
        path: Option<PathBuf>,
        size: [usize; 2],
        mut board: Board,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Result<Self, String> {
        let (shared, frames) = (Arc::new(Shared::default()), order.frames());
        let outcome = start(wake, {
            let shared = Arc::clone(&shared);
            move || {
                if path.is_none() {
                    return to_keep(&mut board, size);
                }
                roll(&order, path.as_deref(), size, &mut board, &shared)
            }
        })?;
        Ok(Self { shared, frames, outcome })
    }

    /// How many pictures are done, and of how many.
    pub(super) fn progress(&self) -> [usize; 2] {
        [self.shared.done.load(Ordering::Acquire), self.frames]
    }

    /// End it and keep nothing; what the thread will say of that.
    pub(super) fn stop(self) -> Outcome {
        self.shared.stopped.store(true, Ordering::Release);
        self.outcome
    }
}

fn roll(
    order: &PictureOrder,
    path: Option<&Path>,
    size: [usize; 2],
    board: &mut Board,
    shared: &Shared,
) -> Result<String, String> {
    let is_stopped = || shared.stopped.load(Ordering::Acquire);
    let mut output = Output::new(order, path, size)?;
    let frames = order.frames();
    for n in 0..frames {
        if is_stopped() {
            return taken_back(&output.written);
        }
        board.turn_to(n, frames);
        output.take(size, board.drawn(size, None))?;
        shared.done.store(n + 1, Ordering::Release);
    }
    let done = output.end(is_stopped);
    done.unwrap_or_else(|| taken_back(&output.written))
}

/// A PNG file in base64, made smaller until the case takes it: a noisy scan packs badly.
fn to_keep(board: &mut Board, size: [usize; 2]) -> Result<String, String> {
    use base64::Engine;
    for percent in [100, 80, 64, 50] {
        let size = size.map(|n| (n * percent / 100).max(1));
        let file = crate::io::png::encode_rgba(size[0], size[1], &board.drawn(size, None));
        if file.len() <= PICTURE_BYTES_MAX {
            return Ok(base64::engine::general_purpose::STANDARD.encode(file));
        }
    }
    Err(format!("the picture has more than the {PICTURE_BYTES_MAX} bytes that a view keeps; zoom out and try again"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ui::{AppView, Messages, Motif, SceneInfo, Workspace};
    use crate::base::NodeId;
    use crate::geom::{Grid, Point};
    use crate::image::{Modality, Scan, Volume, Voxels, Window};
    use crate::io::film::FilmFormat;
    use crate::session::{Case, Data, Node, Session};

    /// What a window with one small scan has of `order`.
    fn board(order: &PictureOrder) -> Board {
        let grid = Grid::aligned([32, 32, 6], Point::origin(), [1.0, 1.0, 3.0]).unwrap();
        let values = (0..grid.len()).map(|o| (o * 7919 % 400) as i16).collect();
        let voxels = Voxels::I16(Volume::new(grid, values).unwrap());
        let window = Some(Window { width: 400.0, level: 200.0 });
        let scan = Scan { voxels, modality: Modality::Ct, window, facts: Vec::new() };
        let case = Case::from_nodes([(NodeId(1), Node::new("scan", Data::Scan(Arc::new(scan))))]);
        let session = Session::with_case(crate::tools::TOOLS, case, Vec::new());
        let (ctx, mut workspace) = (egui::Context::default(), Workspace::default());
        let (scene, messages) = (SceneInfo::default(), Messages::default());
        let view = AppView {
            session: &session,
            scene: &scene,
            messages: &messages,
            case_path: None,
            unsaved: false,
            covered: false,
            busy: None,
            now_s: 0.0,
        };
        for _ in 0..4 {
            let size = egui::Vec2::new(1280.0, 720.0);
            let screen_rect = Some(egui::Rect::from_min_size(egui::Pos2::ZERO, size));
            let _ = ctx.run_ui(egui::RawInput { screen_rect, ..Default::default() }, |ui| {
                workspace.show_in(ui, &view);
            });
        }
        workspace.board(session.case(), order).expect("slices are shown")
    }

    fn told(reel: &Reel) -> Result<String, String> {
        loop {
            if let Some(told) = reel.outcome.get() {
                return told;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }

    #[test]
    fn a_film_through_the_slices_is_written_without_a_graphics_card() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scroll.webp");
        let film = Some(FilmFormat::WebP);
        let order = PictureOrder { motif: Motif::Scroll, seconds: 1.0, fps: 6.0, film, ..PictureOrder::default() };
        let reel = Reel::start(order.clone(), Some(path.clone()), [240, 160], board(&order), Arc::new(|| {})).unwrap();
        assert!(told(&reel).unwrap().contains("6 pictures"));
        assert_eq!(reel.progress(), [6, 6]);
        let mut film = image_webp::WebPDecoder::new(std::io::Cursor::new(std::fs::read(&path).unwrap())).unwrap();
        assert_eq!((film.num_frames(), film.dimensions()), (6, (240, 160)));
        let mut frames = vec![vec![0; film.output_buffer_size().unwrap()]; 6];
        frames.iter_mut().for_each(|frame| _ = film.read_frame(frame).unwrap());
        assert!((1..6).all(|n| frames[n] != frames[n - 1]));
    }

    #[test]
    fn a_picture_to_keep_is_a_png_that_views_take() {
        let order = PictureOrder { motif: Motif::Slice, ..PictureOrder::default() };
        let reel = Reel::start(order.clone(), None, [300, 200], board(&order), Arc::new(|| {})).unwrap();
        use base64::Engine;
        let file = base64::engine::general_purpose::STANDARD.decode(told(&reel).unwrap()).unwrap();
        assert_eq!(crate::session::saved_view::picture_size(&file), Ok([300, 200]));
    }

    #[test]
    fn what_is_stopped_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let order = PictureOrder { motif: Motif::Scroll, film: None, seconds: 60.0, fps: 60.0, ..Default::default() };
        let path = folder.path().join("scroll.png");
        let reel = Reel::start(order.clone(), Some(path), [200, 150], board(&order), Arc::new(|| {})).unwrap();
        while reel.progress()[0] < 2 {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let outcome = reel.stop();
        let told = loop {
            if let Some(told) = outcome.get() {
                break told;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        };
        assert_eq!(told.unwrap(), super::super::studio::STOPPED);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
