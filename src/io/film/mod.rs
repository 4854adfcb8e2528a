//! Films: a sequence of pictures as one file, without another program.
//!
//! Four formats, because no one of them does everything: GIF plays in every mail and slide program but has 256 colours;
//! APNG and WebP have all colours and transparency and play in browsers, WebP with the smaller files; AVI with Motion JPEG
//! plays in video players and slide programs.

mod avi;
mod webp;

use super::webp::WEBP_SIDE_MAX;
use avi::Avi;
use std::sync::{Arc, Mutex};
use webp::Webp;

/// Pictures a second of a GIF, at most.
pub const GIF_FPS_MAX: f64 = 50.0;

/// Bytes of a film at most: it is made in memory.
const BYTES_MAX: usize = 2_000_000_000;

/// How a film is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilmFormat {
    /// GIF89a, 256 colours a picture, for ever from the start.
    Gif,
    /// Animated PNG, all colours with transparency, for ever from the start.
    Apng,
    /// Animated WebP without loss, with transparency, for ever from the start.
    WebP,
    /// AVI with Motion JPEG.
    Avi,
}

impl FilmFormat {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gif, Self::Apng, Self::WebP, Self::Avi];

    /// What a person reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gif => "GIF",
            Self::Apng => "animated PNG",
            Self::WebP => "WebP",
            Self::Avi => "AVI (Motion JPEG)",
        }
    }

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Gif => "gif",
            Self::Apng => "png",
            Self::WebP => "webp",
            Self::Avi => "avi",
        }
    }
}

/// Why there is no film.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilmError {
    /// Nothing can be filmed in this size.
    #[error("a film of {width}×{height} pixels cannot be stored as {format}; sides go from 1 to {most} pixels")]
    Size {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
        /// Which format.
        format: &'static str,
        /// The longest side it has.
        most: usize,
    },
    /// No player shows a GIF so quickly: delays below two hundredths of a second count as ten.
    #[error(
        "a GIF has at most {GIF_FPS_MAX} pictures a second, and {fps} were asked for; choose fewer or another format"
    )]
    Fast {
        /// Pictures a second, rounded.
        fps: u32,
    },
    /// The file would be too large for its format.
    #[error(
        "the film is longer than an AVI file can be ({mb} MB of 1900); make it shorter or smaller, or choose another format"
    )]
    Long {
        /// Its size so far.
        mb: usize,
    },
    /// It takes more memory than a film may.
    #[error(
        "the film has more than {mb} MB after {pushed} of {frames} pictures; make it shorter or smaller, or choose another format"
    )]
    Large {
        /// What it may have.
        mb: usize,
        /// Pictures so far.
        pushed: usize,
        /// Pictures in all.
        frames: usize,
    },
    /// Fewer or more pictures came than were announced.
    #[error("the film has {pushed} pictures and was to have {frames}; take it again")]
    Count {
        /// Those that came.
        pushed: usize,
        /// Those that were announced.
        frames: usize,
    },
    /// The encoder refused.
    #[error("the film could not be encoded: {0}")]
    Encoder(String),
}

/// A film that is being written into memory, picture by picture.
pub struct Film {
    size: [usize; 2],
    fps: f64,
    /// Pictures announced: an animated PNG says their number at its start.
    frames: usize,
    pushed: usize,
    /// Bytes it may have.
    most: usize,
    kind: Kind,
}

enum Kind {
    Gif(Box<gif::Encoder<Vec<u8>>>),
    Apng(Box<png::Writer<Shared>>, Shared),
    WebP(Webp),
    Avi(Avi),
}

impl std::fmt::Debug for Film {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Film").field("size", &self.size).field("pushed", &self.pushed).finish_non_exhaustive()
    }
}

/// Bytes that the PNG writer and the film both hold.
#[derive(Debug, Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .map_err(|_| std::io::Error::other("another thread died while it wrote"))?
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Film {
    /// A film of `frames` pictures (at least one) of `size` pixels, `fps` of them a second.
    ///
    /// # Errors
    /// [`FilmError`] for sizes and speeds that the format has not.
    pub fn new(format: FilmFormat, size: [usize; 2], fps: f64, frames: usize) -> Result<Self, FilmError> {
        let most = if format == FilmFormat::WebP { WEBP_SIDE_MAX } else { 65_535 };
        if size.iter().any(|n| !(1..=most).contains(n)) {
            let [width, height] = size;
            return Err(FilmError::Size { width, height, format: format.name(), most });
        }
        if format == FilmFormat::Gif && GIF_FPS_MAX < fps {
            return Err(FilmError::Fast { fps: fps.round() as u32 });
        }
        let kind = match format {
            FilmFormat::Gif => {
                let mut encoder = gif::Encoder::new(Vec::new(), size[0] as u16, size[1] as u16, &[]).map_err(said)?;
                encoder.set_repeat(gif::Repeat::Infinite).map_err(said)?;
                Kind::Gif(Box::new(encoder))
            }
            FilmFormat::Apng => {
                let shared = Shared::default();
                let mut encoder = png::Encoder::new(shared.clone(), size[0] as u32, size[1] as u32);
                encoder.set_color(png::ColorType::Rgba);
                encoder.set_depth(png::BitDepth::Eight);
                encoder.set_animated(frames as u32, 0).map_err(said)?;
                encoder.set_frame_delay((1000.0 / fps).round().clamp(1.0, 65_535.0) as u16, 1000).map_err(said)?;
                Kind::Apng(Box::new(encoder.write_header().map_err(said)?), shared)
            }
            FilmFormat::WebP => Kind::WebP(Webp::new(size, fps)),
            FilmFormat::Avi => Kind::Avi(Avi::new(size, fps)),
        };
        Ok(Self { size, fps, frames, pushed: 0, most: BYTES_MAX, kind })
    }

    /// Add the next picture: RGBA, not premultiplied, 4 bytes per pixel, row by row from the top.
    ///
    /// # Errors
    /// [`FilmError`], after which the film is of no use.
    ///
    /// # Panics
    /// If `pixels` has not 4 bytes per pixel.
    pub fn push(&mut self, pixels: &[u8]) -> Result<(), FilmError> {
        let [width, height] = self.size;
        assert_eq!(pixels.len(), width * height * 4, "4 bytes per pixel");
        match &mut self.kind {
            Kind::Gif(encoder) => {
                let mut own = pixels.to_vec();
                // A pixel of a GIF is there or not.
                for pixel in own.chunks_exact_mut(4) {
                    if pixel[3] < 128 {
                        pixel.fill(0);
                    } else {
                        pixel[3] = 255;
                    }
                }
                // 1 is the finest and slowest choice of colours, 30 the quickest.
                let mut frame = gif::Frame::from_rgba_speed(width as u16, height as u16, &mut own, 10);
                // What is clear must not show the picture before.
                frame.dispose = gif::DisposalMethod::Background;
                // Hundredths of a second, so that errors of rounding do not add up.
                let at = |n: usize| (n as f64 * 100.0 / self.fps).round();
                frame.delay = (at(self.pushed + 1) - at(self.pushed)).clamp(1.0, 65_535.0) as u16;
                encoder.write_frame(&frame).map_err(said)?;
            }
            Kind::Apng(writer, _) => writer.write_image_data(pixels).map_err(said)?,
            Kind::WebP(webp) => webp.push(pixels)?,
            Kind::Avi(avi) => avi.push(pixels)?,
        }
        self.pushed += 1;
        if self.most < self.bytes()? {
            let Self { pushed, frames, most, .. } = *self;
            return Err(FilmError::Large { mb: most / 1_000_000, pushed, frames });
        }
        Ok(())
    }

    /// Bytes so far.
    fn bytes(&self) -> Result<usize, FilmError> {
        Ok(match &self.kind {
            Kind::Gif(encoder) => encoder.get_ref().len(),
            Kind::Apng(_, shared) => shared.0.lock().map_err(said)?.len(),
            Kind::WebP(webp) => webp.bytes(),
            Kind::Avi(avi) => avi.bytes(),
        })
    }

    /// The file.
    ///
    /// # Errors
    /// [`FilmError::Count`] where pictures are missing.
    pub fn finish(self) -> Result<Vec<u8>, FilmError> {
        if self.pushed != self.frames {
            return Err(FilmError::Count { pushed: self.pushed, frames: self.frames });
        }
        match self.kind {
            Kind::Gif(encoder) => encoder.into_inner().map_err(said),
            Kind::Apng(writer, shared) => {
                writer.finish().map_err(said)?;
                let mut bytes = shared.0.lock().map_err(said)?;
                Ok(std::mem::take(&mut bytes))
            }
            Kind::WebP(webp) => Ok(webp.finish()),
            Kind::Avi(avi) => Ok(avi.finish()),
        }
    }
}

fn said(error: impl std::fmt::Display) -> FilmError {
    FilmError::Encoder(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A white square that moves to the right over grey, another picture each time.
    fn picture(n: usize) -> Vec<u8> {
        let lit = |x: usize, y: usize| (4 * n..4 * n + 8).contains(&x) && (8..16).contains(&y);
        let pixel = |p: usize| if lit(p % 48, p / 48) { [250, 240, 230, 255] } else { [90, 90, 90, 255] };
        (0..48 * 32).flat_map(pixel).collect()
    }

    fn film(format: FilmFormat) -> Vec<u8> {
        let mut film = Film::new(format, [48, 32], 30.0, 7).unwrap();
        (0..7).for_each(|n| film.push(&picture(n)).unwrap());
        film.finish().unwrap()
    }

    #[test]
    fn a_gif_holds_its_pictures_and_lasts_as_long_as_asked() {
        let bytes = film(FilmFormat::Gif);
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut decoder = options.read_info(&bytes[..]).unwrap();
        let (mut count, mut hundredths) = (0, 0);
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            hundredths += u32::from(frame.delay);
            let near = |p: usize, want: u8| frame.buffer[4 * p].abs_diff(want) < 6;
            assert!(near(10 * 48 + 4 * count + 2, 250) && near(20 * 48 + 40, 90), "picture {count}");
            count += 1;
        }
        assert_eq!((count, hundredths), (7, 23), "7 pictures at 30 a second last 0.233 s");
    }

    #[test]
    fn clear_pixels_of_a_gif_are_clear_and_show_nothing_of_the_picture_before() {
        let mut film = Film::new(FilmFormat::Gif, [4, 2], 50.0, 2).unwrap();
        for n in 0..2 {
            let pixel = |p: usize| if p / 4 == n { [200, 90, 30, 200] } else { [250, 250, 250, 100] };
            film.push(&(0..8).flat_map(pixel).collect::<Vec<u8>>()).unwrap();
        }
        let bytes = film.finish().unwrap();
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut decoder = options.read_info(&bytes[..]).unwrap();
        for n in 0..2 {
            let frame = decoder.read_next_frame().unwrap().unwrap();
            assert_eq!((frame.dispose, frame.delay), (gif::DisposalMethod::Background, 2));
            let alphas: Vec<u8> = frame.buffer.chunks(4).map(|pixel| pixel[3]).collect();
            assert_eq!(alphas, [[255; 4], [0; 4]][n].into_iter().chain([[0; 4], [255; 4]][n]).collect::<Vec<u8>>());
            assert!(frame.buffer[16 * n].abs_diff(200) < 6);
        }
        let said = Film::new(FilmFormat::Gif, [4, 2], 60.0, 2).unwrap_err().to_string();
        assert!(said.contains("50") && said.contains("60"), "{said}");
    }

    #[test]
    fn an_animated_png_holds_its_pictures_exactly() {
        let bytes = film(FilmFormat::Apng);
        let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
        assert_eq!(reader.info().animation_control.unwrap().num_frames, 7);
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        for n in 0..7 {
            reader.next_frame(&mut pixels).unwrap();
            assert_eq!(pixels, picture(n), "picture {n}");
        }
    }

    #[test]
    fn an_animated_webp_holds_its_pictures_exactly_and_lasts_as_long_as_asked() {
        let bytes = film(FilmFormat::WebP);
        assert_eq!(u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize, bytes.len() - 8);
        let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(&bytes)).unwrap();
        assert!(decoder.is_animated() && !decoder.has_alpha() && decoder.dimensions() == (48, 32));
        assert_eq!((decoder.num_frames(), decoder.loop_duration()), (7, 233));
        let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
        for n in 0..7 {
            let lasts_ms = decoder.read_frame(&mut pixels).unwrap();
            let opaque: Vec<u8> = picture(n).chunks(4).flat_map(|pixel| pixel[..3].to_vec()).collect();
            assert_eq!(pixels, opaque, "picture {n}");
            assert!((33..=34).contains(&lasts_ms));
        }
        // Clear pixels stay clear over a picture that was not.
        let mut film = Film::new(FilmFormat::WebP, [2, 1], 50.0, 2).unwrap();
        film.push(&[9, 8, 7, 255, 1, 2, 3, 90]).unwrap();
        film.push(&[0, 0, 0, 0, 5, 5, 5, 255]).unwrap();
        let bytes = film.finish().unwrap();
        let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(&bytes)).unwrap();
        let mut pixels = vec![0; 8];
        decoder.read_frame(&mut pixels).unwrap();
        assert_eq!(pixels, [9, 8, 7, 255, 1, 2, 3, 90]);
        decoder.read_frame(&mut pixels).unwrap();
        assert_eq!(pixels, [0, 0, 0, 0, 5, 5, 5, 255]);
    }

    #[test]
    fn a_film_that_grows_too_large_is_given_up_before_the_memory_is_full() {
        for format in FilmFormat::ALL {
            let mut film = Film::new(format, [48, 32], 30.0, 7).unwrap();
            film.push(&picture(0)).unwrap();
            let first = film.bytes().unwrap();
            assert!(0 < first, "{format:?}");
            film.most = first;
            let said = (1..7).find_map(|n| film.push(&picture(n)).err()).expect("two pictures are more than one");
            assert_eq!(said, FilmError::Large { mb: 0, pushed: film.pushed, frames: 7 }, "{format:?}");
        }
    }

    #[test]
    fn a_film_without_all_its_pictures_is_told() {
        let mut film = Film::new(FilmFormat::Apng, [4, 4], 10.0, 3).unwrap();
        film.push(&[200; 64]).unwrap();
        assert_eq!(film.finish(), Err(FilmError::Count { pushed: 1, frames: 3 }));
    }

    #[test]
    fn sizes_that_a_format_has_not_are_refused() {
        for size in [[0, 10], [10, 0], [70_000, 10]] {
            let said = Film::new(FilmFormat::Avi, size, 25.0, 1).unwrap_err().to_string();
            assert!(said.contains("65535"), "{said}");
        }
    }
}
