//! From the bytes of a compressed frame to its samples, one way for each transfer syntax.

use super::jpegls;
use super::layout::{DEFLATED_LE, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE};
use super::pixel_format::{PixelFormat, Samples};
use super::rle;
use crate::io::error::ReadError;
use dicom::encoding::adapters::{PixelDataObject, RawPixelData};
use dicom::encoding::{Codec, TransferSyntaxIndex};
use dicom::transfer_syntax::TransferSyntaxRegistry;
use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::path::Path;

const RLE: &str = "1.2.840.10008.1.2.5";
const JPEG_LS: [&str; 2] = ["1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"];
const JPEG_2000: [&str; 2] = ["1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"];
/// Baseline, extended, lossless, lossless with first-order prediction.
const JPEG: [&str; 4] =
    ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"];
/// Syntaxes whose pixels may differ from what the scanner measured.
const LOSSY: [&str; 4] =
    ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.91"];

/// Whether pixels of this syntax are plain numbers.
pub(super) fn is_plain(syntax: &str) -> bool {
    [IMPLICIT_LE, EXPLICIT_LE, EXPLICIT_BE, DEFLATED_LE].contains(&syntax)
}

/// Whether this syntax may have changed the values.
pub(super) fn is_lossy(syntax: &str) -> bool {
    LOSSY.contains(&syntax)
}

/// Whether [`decode`] or plain reading knows this syntax.
pub(super) fn is_supported(syntax: &str) -> bool {
    is_plain(syntax) || syntax == RLE || [&JPEG[..], &JPEG_LS, &JPEG_2000].iter().any(|known| known.contains(&syntax))
}

/// The name of a syntax for people.
pub(super) fn name(syntax: &str) -> String {
    let known = TransferSyntaxRegistry.get(syntax);
    known.map_or_else(|| format!("transfer syntax {syntax}"), |syntax| syntax.name().to_owned())
}

/// Decode one frame of a compressed image.
pub(super) fn decode(syntax: &str, format: &PixelFormat, bytes: &[u8], path: &Path) -> Result<Samples, ReadError> {
    let PixelFormat { columns, rows, bits_allocated, .. } = *format;
    let damaged = |what: String| ReadError::damaged(path, what);
    let check_size = |kind: &str, size: [usize; 2]| {
        let [c, r] = size;
        let what = || format!("the header says {columns} × {rows} pixels, the {kind} stream holds {c} × {r}");
        if size == [columns, rows] { Ok(()) } else { Err(damaged(what())) }
    };
    let samples = if syntax == RLE {
        let decoded = rle::decode(bytes, columns * rows, bits_allocated as usize / 8).map_err(damaged)?;
        Samples::from_bytes(decoded, bits_allocated, false)
    } else if JPEG_LS.contains(&syntax) {
        let failed = |error: jpegls::JpegLsError| match error {
            jpegls::JpegLsError::Unsupported(_) => ReadError::unsupported(path, error.to_string()),
            error => damaged(error.to_string()),
        };
        let header = jpegls::marker::frame_header(bytes).map_err(failed)?;
        check_size("JPEG-LS", [header.columns, header.rows])?;
        Samples::U16(jpegls::decode(bytes).map_err(failed)?.1)
    } else if JPEG_2000.contains(&syntax) {
        let size = jpeg_2000_size(bytes).ok_or_else(|| damaged("the pixels are not a JPEG 2000 code stream".into()))?;
        check_size("JPEG 2000", [size.columns, size.rows])?;
        if size.components != 1 || 16 < size.bits {
            let what = format!("JPEG 2000 with {} components of {} bits is not supported", size.components, size.bits);
            return Err(ReadError::unsupported(path, what));
        }
        library(syntax, format, if size.bits <= 8 { 8 } else { 16 }, bytes, path)?
    } else if JPEG.contains(&syntax) {
        let size = jpeg_size(bytes).ok_or_else(|| damaged("the pixels are not a JPEG stream".into()))?;
        check_size("JPEG", [size.columns, size.rows])?;
        if size.components != 1 {
            let what = format!("JPEG with {} components is not supported", size.components);
            return Err(ReadError::unsupported(path, what));
        }
        if 8 < size.bits && !size.is_lossless {
            let what = format!("lossy JPEG of {} bits is not supported", size.bits);
            return Err(ReadError::unsupported(path, what));
        }
        library(syntax, format, if size.bits <= 8 { 8 } else { 16 }, bytes, path)?
    } else {
        return Err(ReadError::unsupported(path, format!("the compression {} is not supported", name(syntax))));
    };
    if samples.len() == columns * rows {
        Ok(samples)
    } else {
        Err(damaged(format!("the pixels decode to {} values where {columns} × {rows} are needed", samples.len())))
    }
}

/// Decode with the codec registered for `syntax`; samples of 8 or 16 `bits` come out.
fn library(syntax: &str, format: &PixelFormat, bits: u32, bytes: &[u8], path: &Path) -> Result<Samples, ReadError> {
    let codec = TransferSyntaxRegistry.get(syntax).map(|ts| ts.codec());
    let Some(Codec::EncapsulatedPixelData(Some(reader), _)) = codec else {
        return Err(ReadError::unsupported(path, format!("this build has no decoder for {}", name(syntax))));
    };
    let frame = OneFrame { syntax, format, bits: bits as u16, bytes };
    let mut out = Vec::new();
    // Codecs are other people's code on other people's data: a panic there is a damaged file here.
    let result = std::panic::catch_unwind(AssertUnwindSafe(|| reader.decode_frame(&frame, 0, &mut out)));
    match result {
        Ok(Ok(())) => Ok(Samples::from_bytes(out, bits, false)),
        Ok(Err(error)) => {
            let mut cause: &dyn std::error::Error = &error;
            while let Some(inner) = cause.source() {
                cause = inner;
            }
            let cause = super::attribute::one_line(&cause.to_string());
            Err(ReadError::damaged(path, format!("the pixels cannot be decoded ({cause})")))
        }
        Err(_) => Err(ReadError::damaged(path, "the pixels cannot be decoded (the decoder gave up)")),
    }
}

/// A frame as the library's codecs want to see it: an image of its own.
struct OneFrame<'a> {
    syntax: &'a str,
    format: &'a PixelFormat,
    bits: u16,
    bytes: &'a [u8],
}

impl PixelDataObject for OneFrame<'_> {
    fn transfer_syntax_uid(&self) -> &str {
        self.syntax
    }
    fn rows(&self) -> Option<u16> {
        u16::try_from(self.format.rows).ok()
    }
    fn cols(&self) -> Option<u16> {
        u16::try_from(self.format.columns).ok()
    }
    fn samples_per_pixel(&self) -> Option<u16> {
        Some(1)
    }
    fn bits_allocated(&self) -> Option<u16> {
        Some(self.bits)
    }
    fn bits_stored(&self) -> Option<u16> {
        Some(self.bits)
    }
    fn photometric_interpretation(&self) -> Option<&str> {
        Some("MONOCHROME2")
    }
    fn number_of_frames(&self) -> Option<u32> {
        Some(1)
    }
    fn number_of_fragments(&self) -> Option<u32> {
        Some(1)
    }
    fn fragment(&self, fragment: usize) -> Option<Cow<'_, [u8]>> {
        (fragment == 0).then_some(Cow::Borrowed(self.bytes))
    }
    fn offset_table(&self) -> Option<Cow<'_, [u32]>> {
        Some(Cow::Borrowed(&[]))
    }
    fn raw_pixel_data(&self) -> Option<RawPixelData> {
        let fragments = std::iter::once(self.bytes.to_vec()).collect();
        Some(RawPixelData { fragments, offset_table: std::iter::empty().collect() })
    }
}

/// What a code stream says of itself.
#[derive(Debug, PartialEq, Eq)]
struct StreamSize {
    columns: usize,
    rows: usize,
    components: usize,
    bits: u32,
    is_lossless: bool,
}

/// The frame header of a JPEG stream (ITU-T T.81, B.2.2).
fn jpeg_size(data: &[u8]) -> Option<StreamSize> {
    let word = |at: usize| data.get(at..at + 2).map(|b| usize::from(u16::from_be_bytes([b[0], b[1]])));
    let mut at = 2;
    if word(0)? != 0xFFD8 {
        return None;
    }
    loop {
        match word(at)? {
            0xFFFF => at += 1,
            marker @ (0xFFC0..=0xFFC3 | 0xFFC5..=0xFFC7 | 0xFFC9..=0xFFCB | 0xFFCD..=0xFFCF) => {
                return Some(StreamSize {
                    bits: u32::from(*data.get(at + 4)?),
                    rows: word(at + 5)?,
                    columns: word(at + 7)?,
                    components: usize::from(*data.get(at + 9)?),
                    is_lossless: marker == 0xFFC3,
                });
            }
            0xFF01..=0xFFFE => at += 2 + word(at + 2)?,
            _ => return None,
        }
    }
}

/// The size marker of a JPEG 2000 code stream, raw or in a JP2 file (ITU-T T.800, A.5.1).
fn jpeg_2000_size(data: &[u8]) -> Option<StreamSize> {
    const START: [u8; 4] = [0xFF, 0x4F, 0xFF, 0x51];
    let at = data.windows(4).take(4096).position(|four| four == START)?;
    let long = |n: usize| data.get(at + n..at + n + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes);
    let components = usize::from(u16::from_be_bytes(data.get(at + 40..at + 42)?.try_into().ok()?));
    let [x1, y1, x0, y0] = [long(8)?, long(12)?, long(16)?, long(20)?];
    let [tile_x, tile_y] = [long(24)?, long(28)?];
    let (columns, rows) = (x1.checked_sub(x0)? as usize, y1.checked_sub(y0)? as usize);
    // A stream of many tiny tiles would take memory out of proportion.
    let tiles = columns.div_ceil(tile_x.max(1) as usize).checked_mul(rows.div_ceil(tile_y.max(1) as usize))?;
    let bits = u32::from(*data.get(at + 42)? & 0x7F) + 1;
    (tiles <= 65_535).then_some(StreamSize { columns, rows, components, bits, is_lossless: false })
}
