//! Pictures of the past of an operation, to go back to.

use crate::app::view::live::Frame;
use crate::geom::Vector;
use std::time::Duration;

/// Frames between two pictures at the beginning.
const EVERY: u64 = 6;
/// Pictures that are kept; when there are more every other one goes, and the next come half as often.
const PICTURES_MAX: usize = 400;

/// One picture: places in single precision, and the rest of its frame.
#[derive(Debug, Clone)]
struct Picture {
    frames: u64,
    displacement_mm: Vec<[f32; 3]>,
    stress: Vec<[f32; 2]>,
    rest: Frame,
}

/// All of them, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Past {
    pictures: Vec<Picture>,
    every: u64,
}

impl Past {
    /// Keep `frame`, if it is time.
    pub(super) fn keep(&mut self, frame: &Frame) {
        let every = self.every.max(EVERY);
        if self.pictures.last().is_some_and(|last| frame.frames < last.frames + every) {
            return;
        }
        if self.pictures.len() == PICTURES_MAX {
            let mut n = 0;
            self.pictures.retain(|_| {
                n += 1;
                n % 2 == 1
            });
            self.every = 2 * every;
        }
        let displacement_mm = frame.displacement_mm.iter().map(|u| [u.x, u.y, u.z].map(|x| x as f32)).collect();
        let stress = frame.stress.iter().map(|both| both.map(|x| x as f32)).collect();
        let rest = Frame { displacement_mm: Vec::new(), stress: Vec::new(), ..frame.clone() };
        self.pictures.push(Picture { frames: frame.frames, displacement_mm, stress, rest });
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.pictures.len()
    }

    /// Simulated time between picture `n` and the one before.
    pub(super) fn pause(&self, n: usize) -> Duration {
        let frames = |n: usize| self.pictures.get(n).map_or(0, |picture| picture.frames);
        Duration::from_secs_f64(frames(n).saturating_sub(frames(n.saturating_sub(1))).max(1) as f64 / 60.0)
    }

    /// One of them as a frame, with stresses if they were asked for then.
    pub(super) fn frame(&self, n: usize) -> Option<Frame> {
        let picture = self.pictures.get(n)?;
        let vector = |u: &[f32; 3]| Vector::from(u.map(f64::from));
        let displacement_mm = picture.displacement_mm.iter().map(vector).collect();
        let stress = picture.stress.iter().map(|both| both.map(f64::from)).collect();
        Some(Frame { displacement_mm, stress, ..picture.rest.clone() })
    }
}
