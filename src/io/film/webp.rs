//! Animated WebP without loss: a RIFF file of a header (`VP8X`), what holds for all pictures (`ANIM`), and one chunk for
//! each picture (`ANMF`) around its bit stream.
//!
//! Layout after RFC 9649, section 2.7.1: numbers are little-endian, sizes of 24 bits, chunks padded to even lengths.

use super::{FilmError, said};
use crate::io::webp::chunk_of;

/// Of `VP8X`: there is an animation.
const ANIMATED: u8 = 1 << 1;
/// Of `VP8X`: some pixels may be clear.
const WITH_ALPHA: u8 = 1 << 4;
/// Of a picture: it takes the place of the one before, instead of being laid over it.
const REPLACES: u8 = 1 << 1;
/// A file of this format is no longer than its size counts.
const MOST: usize = u32::MAX as usize - 1;

pub(super) struct Webp {
    size: [usize; 2],
    fps: f64,
    pushed: usize,
    has_alpha: bool,
    /// The `ANMF` chunks.
    pictures: Vec<u8>,
}

impl Webp {
    pub(super) fn new(size: [usize; 2], fps: f64) -> Self {
        Self { size, fps, pushed: 0, has_alpha: false, pictures: Vec::new() }
    }

    pub(super) fn push(&mut self, rgba: &[u8]) -> Result<(), FilmError> {
        let [width, height] = self.size;
        let stream = chunk_of(width, height, rgba).map_err(said)?;
        // Thousandths of a second, so that errors of rounding do not add up.
        let at = |n: usize| (n as f64 * 1000.0 / self.fps).round();
        let lasts_ms = (at(self.pushed + 1) - at(self.pushed)).clamp(1.0, 16_777_215.0) as u32;
        let mut body = Vec::with_capacity(16 + stream.len());
        // Its place on the canvas, in steps of two pixels.
        body.extend([0; 6]);
        [width as u32 - 1, height as u32 - 1, lasts_ms].iter().for_each(|n| body.extend(three(*n)));
        body.push(REPLACES);
        body.extend(&stream);
        if MOST < self.pictures.len() + body.len() + 64 {
            return Err(FilmError::Encoder("a WebP file has at most 4 GB; make the film shorter or smaller".into()));
        }
        chunk(&mut self.pictures, b"ANMF", &body);
        self.has_alpha |= rgba.chunks_exact(4).any(|pixel| pixel[3] != 255);
        self.pushed += 1;
        Ok(())
    }

    pub(super) fn bytes(&self) -> usize {
        self.pictures.len()
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let mut body = b"WEBP".to_vec();
        let mut head = vec![ANIMATED | if self.has_alpha { WITH_ALPHA } else { 0 }, 0, 0, 0];
        self.size.iter().for_each(|n| head.extend(three(*n as u32 - 1)));
        chunk(&mut body, b"VP8X", &head);
        // A clear ground, and for ever from the start.
        chunk(&mut body, b"ANIM", &[0; 6]);
        body.extend(&self.pictures);
        drop(self.pictures);
        let mut file = Vec::with_capacity(body.len() + 8);
        chunk(&mut file, b"RIFF", &body);
        file
    }
}

/// The lower 24 bits.
fn three(n: u32) -> [u8; 3] {
    let [a, b, c, _] = n.to_le_bytes();
    [a, b, c]
}

fn chunk(into: &mut Vec<u8>, name: &[u8; 4], bytes: &[u8]) {
    into.extend(name);
    into.extend((bytes.len() as u32).to_le_bytes());
    into.extend(bytes);
    if bytes.len() % 2 == 1 {
        into.push(0);
    }
}
