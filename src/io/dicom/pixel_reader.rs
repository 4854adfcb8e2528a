//! The bytes of single frames, found without reading the others.

use super::codec;
use super::image_file::ImageFile;
use super::layout::{self, EXPLICIT_BE, PixelPlace, Source};
use super::pixel_format::Samples;
use crate::io::error::ReadError;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;

/// Reads frames of one file; may be shared by threads.
#[derive(Debug)]
pub(super) struct PixelReader<'a> {
    file: &'a ImageFile,
    /// The byte ranges of each frame's fragments; empty for plain pixels.
    fragments: Vec<Vec<Range<u64>>>,
    /// The data set, where it was deflated.
    inflated: Option<Vec<u8>>,
}

impl<'a> PixelReader<'a> {
    /// Find the frames of `file`.
    pub(super) fn open(file: &'a ImageFile) -> Result<Self, ReadError> {
        let inflated = match file.source {
            Source::File => None,
            Source::Deflated { start } => Some(layout::inflate(&file.path, start)?),
        };
        match file.place {
            PixelPlace::Encapsulated { start } => {
                let fragments = match &inflated {
                    Some(bytes) => sort_fragments(file, &mut std::io::Cursor::new(bytes), start)?,
                    None => {
                        let opened = File::open(&file.path).map_err(|e| ReadError::system(&file.path, e))?;
                        sort_fragments(file, &mut BufReader::with_capacity(4096, opened), start)?
                    }
                };
                Ok(Self { file, fragments, inflated })
            }
            PixelPlace::Native { start, declared, is_words } => {
                let format = &file.format;
                let needed = (format.frame_pixels() as u64 * format.frames as u64 * u64::from(format.bits_allocated))
                    .div_ceil(8);
                let present = declared.min(file.source_len.saturating_sub(start));
                if present < needed {
                    let what = format!("the file has {present} of the {needed} bytes of its pixels");
                    return Err(ReadError::damaged(&file.path, what));
                }
                if !codec::is_plain(&file.syntax) {
                    let what = format!(
                        "the pixels should be compressed ({}), but are not marked so",
                        codec::name(&file.syntax)
                    );
                    return Err(ReadError::damaged(&file.path, what));
                }
                if is_words && format.bits_allocated == 8 && file.syntax == EXPLICIT_BE {
                    return Err(ReadError::unsupported(
                        &file.path,
                        "8-bit pixels in big-endian words are not supported",
                    ));
                }
                Ok(Self { file, fragments: Vec::new(), inflated })
            }
            PixelPlace::Float => Err(ReadError::unsupported(&file.path, "floating point pixels are not supported")),
        }
    }

    /// The stored patterns of one frame.
    pub(super) fn frame(&self, frame: usize) -> Result<Samples, ReadError> {
        let ImageFile { format, path, syntax, .. } = self.file;
        if let PixelPlace::Native { start, .. } = self.file.place {
            let len = format.frame_pixels() as u64 * u64::from(format.bits_allocated / 8);
            let from = start + len * frame as u64;
            let bytes = self.read(std::slice::from_ref(&(from..from + len)))?;
            return Ok(Samples::from_bytes(bytes, format.bits_allocated, syntax == EXPLICIT_BE));
        }
        let bytes = self.fragments.get(frame).map(|ranges| self.read(ranges)).transpose()?.unwrap_or_default();
        codec::decode(syntax, format, &bytes, path)
    }

    /// All bytes of plain pixels, for images of one bit.
    pub(super) fn plain_bytes(&self) -> Result<Vec<u8>, ReadError> {
        let PixelPlace::Native { start, .. } = self.file.place else {
            return Err(ReadError::unsupported(&self.file.path, "compressed images of one bit are not supported"));
        };
        let format = &self.file.format;
        let bits = format.frame_pixels() as u64 * format.frames as u64 * u64::from(format.bits_allocated);
        self.read(std::slice::from_ref(&(start..start + bits.div_ceil(8))))
    }

    fn read(&self, ranges: &[Range<u64>]) -> Result<Vec<u8>, ReadError> {
        let len: u64 = ranges.iter().map(|range| range.end - range.start).sum();
        let mut bytes = vec![0; len as usize];
        let mut at = 0;
        let failed = |error| ReadError::system(&self.file.path, error);
        let mut file = match self.inflated {
            None => Some(File::open(&self.file.path).map_err(failed)?),
            Some(_) => None,
        };
        for Range { start, end } in ranges {
            let part = &mut bytes[at..at + (end - start) as usize];
            at += part.len();
            match (&mut file, &self.inflated) {
                (Some(file), _) => {
                    file.seek(SeekFrom::Start(*start)).and_then(|_| file.read_exact(part)).map_err(failed)?;
                }
                (None, data) => {
                    let found = data.as_ref().and_then(|data| data.get(*start as usize..*end as usize));
                    part.copy_from_slice(found.ok_or_else(|| failed(std::io::ErrorKind::UnexpectedEof.into()))?);
                }
            }
        }
        Ok(bytes)
    }
}

/// The fragments of each frame (PS3.5, A.4).
fn sort_fragments(
    file: &ImageFile,
    reader: &mut (impl Read + Seek),
    start: u64,
) -> Result<Vec<Vec<Range<u64>>>, ReadError> {
    let failed = |error| ReadError::system(&file.path, error);
    let damaged = |what: String| ReadError::damaged(&file.path, what);
    let mut at = start;
    reader.seek(SeekFrom::Start(at)).map_err(failed)?;
    let mut table = Vec::new();
    let mut fragments: Vec<Range<u64>> = Vec::new();
    let mut is_first = true;
    // A missing delimiter at the end of the file is forgiven, a fragment that is cut off is not.
    while at + 8 <= file.source_len {
        let mut head = [0; 8];
        reader.read_exact(&mut head).map_err(failed)?;
        let [a, b, c, d, len @ ..] = head;
        let len = u64::from(u32::from_le_bytes(len));
        at += 8;
        match [a, b, c, d] {
            [0xFE, 0xFF, 0xDD, 0xE0] => break,
            [0xFE, 0xFF, 0x00, 0xE0] => {}
            _ => {
                return Err(damaged(format!(
                    "fragment {} of the pixels does not begin as it must",
                    fragments.len() + 1
                )));
            }
        }
        if file.source_len - at < len {
            let left = file.source_len - at;
            return Err(damaged(format!(
                "fragment {} of the pixels has {left} of its {len} bytes",
                fragments.len() + 1
            )));
        }
        if is_first {
            let mut bytes = vec![0; len as usize];
            reader.read_exact(&mut bytes).map_err(failed)?;
            table = bytes.as_chunks().0.iter().map(|four| u64::from(u32::from_le_bytes(*four))).collect();
            is_first = false;
        } else {
            fragments.push(at..at + len);
            reader.seek_relative(len as i64).map_err(failed)?;
        }
        at += len;
    }
    let frames = file.format.frames;
    match fragments.len() {
        0 => Err(damaged("the image has no pixels".into())),
        _ if frames == 1 => Ok(vec![fragments]),
        n if n == frames => Ok(fragments.into_iter().map(|fragment| vec![fragment]).collect()),
        n if table.len() != frames => Err(damaged(format!("{n} fragments cannot be assigned to {frames} frames"))),
        _ => {
            let base = fragments[0].start - 8;
            let frame_of = |fragment: &Range<u64>| table.partition_point(|offset| base + offset <= fragment.start - 8);
            let mut sorted = vec![Vec::new(); frames];
            for fragment in fragments {
                let frame = frame_of(&fragment).saturating_sub(1);
                sorted[frame].push(fragment);
            }
            Ok(sorted)
        }
    }
}
