//! The markers around a JPEG-LS scan: frame header, scan header, preset parameters.

/// Why a code stream cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JpegLsError {
    /// It does not begin as JPEG-LS must.
    #[error("the code stream is not JPEG-LS")]
    NotJpegLs,
    /// It ends too early.
    #[error("the JPEG-LS code stream ends in line {line} of {lines}")]
    Truncated {
        /// The line that could not be completed, counted from 1.
        line: usize,
        /// Lines of the image.
        lines: usize,
    },
    /// A header field or code has an impossible value.
    #[error("the JPEG-LS code stream is damaged: {0}")]
    Damaged(&'static str),
    /// A part of the standard that this decoder leaves out.
    #[error("JPEG-LS with {0} is not supported")]
    Unsupported(&'static str),
}

/// What the frame header says of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// Bits of a sample, 2 to 16.
    pub bits: u32,
    /// Samples in a line.
    pub columns: usize,
    /// Lines.
    pub rows: usize,
}

/// Everything before the scan's bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Headers {
    pub(super) frame: FrameHeader,
    /// Largest difference between a sample and its reconstruction; 0 is lossless.
    pub(super) near: i32,
    /// MAXVAL, T1, T2, T3, RESET as written; 0 stands for the default.
    pub(super) preset: [i32; 5],
    /// Where the scan's bits begin.
    pub(super) scan_start: usize,
}

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const DRI: u8 = 0xDD;
const SOF55: u8 = 0xF7;
const LSE: u8 = 0xF8;

/// Read only as far as the frame header.
///
/// # Errors
/// [`JpegLsError`] where there is none or it is impossible.
pub fn frame_header(data: &[u8]) -> Result<FrameHeader, JpegLsError> {
    read(data).map(|headers| headers.frame)
}

pub(super) fn read(data: &[u8]) -> Result<Headers, JpegLsError> {
    if data.get(..2) != Some(&[0xFF, SOI]) {
        return Err(JpegLsError::NotJpegLs);
    }
    const SHORT: JpegLsError = JpegLsError::Damaged("its header is cut off");
    let mut at = 2;
    let mut frame = None;
    let mut preset = [0; 5];
    loop {
        let marker = match (data.get(at), data.get(at + 1)) {
            (Some(0xFF), Some(0xFF)) => {
                at += 1; // fill bytes may precede a marker
                continue;
            }
            (Some(0xFF), Some(marker)) => *marker,
            (None, _) | (_, None) => return Err(SHORT),
            _ => return Err(JpegLsError::Damaged("a marker is missing between its segments")),
        };
        let length = usize::from(u16_at(data, at + 2).ok_or(SHORT)?);
        let body = data.get(at + 4..(at + 2 + length).max(at + 4)).ok_or(SHORT)?;
        at += 2 + length;
        match marker {
            SOF55 => frame = Some(frame_from(body)?),
            LSE => match (body.first(), body.len()) {
                (Some(1), 11) => preset = [0, 1, 2, 3, 4].map(|n| i32::from(u16_at(body, 1 + 2 * n).unwrap_or(0))),
                (Some(1), _) => return Err(JpegLsError::Damaged("its preset parameters have the wrong length")),
                (Some(2 | 3), _) => return Err(JpegLsError::Unsupported("mapping tables")),
                _ => return Err(JpegLsError::Unsupported("extended parameters")),
            },
            DRI if body.iter().any(|byte| *byte != 0) => return Err(JpegLsError::Unsupported("restart intervals")),
            SOS => {
                let frame = frame.ok_or(JpegLsError::Damaged("the scan comes before the frame header"))?;
                let [1, _, table, near, interleave, transform] = *body else {
                    return Err(JpegLsError::Unsupported("more than one component in a scan"));
                };
                match (table, interleave, transform) {
                    (0, 0, 0) => {}
                    (0, _, 0) => return Err(JpegLsError::Damaged("one component cannot be interleaved")),
                    (0, _, _) => return Err(JpegLsError::Unsupported("a point transform")),
                    _ => return Err(JpegLsError::Unsupported("mapping tables")),
                }
                return Ok(Headers { frame, near: i32::from(near), preset, scan_start: at });
            }
            0xC0..=0xCF => return Err(JpegLsError::NotJpegLs),
            EOI => return Err(JpegLsError::Damaged("it ends before its scan")),
            _ => {} // comments and application data
        }
    }
}

fn frame_from(body: &[u8]) -> Result<FrameHeader, JpegLsError> {
    let (Some(&bits), Some(rows), Some(columns), Some(&components)) =
        (body.first(), u16_at(body, 1), u16_at(body, 3), body.get(5))
    else {
        return Err(JpegLsError::Damaged("its frame header is too short"));
    };
    if components != 1 {
        return Err(JpegLsError::Unsupported("more than one component"));
    }
    if !(2..=16).contains(&bits) {
        return Err(JpegLsError::Damaged("its samples have less than 2 or more than 16 bits"));
    }
    if rows == 0 || columns == 0 {
        return Err(JpegLsError::Unsupported("a size that follows the scan"));
    }
    Ok(FrameHeader { bits: u32::from(bits), columns: usize::from(columns), rows: usize::from(rows) })
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..at + 2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
}

/// The header bytes of a one-component image with default parameters.
pub(super) fn write(FrameHeader { bits, columns, rows }: FrameHeader, near: u8) -> Vec<u8> {
    let [rows, columns] = [rows, columns].map(|n| (n as u16).to_be_bytes());
    let mut out = vec![0xFF, SOI, 0xFF, SOF55, 0, 11, bits as u8, rows[0], rows[1], columns[0], columns[1]];
    out.extend([1, 1, 0x11, 0]);
    out.extend([0xFF, SOS, 0, 8, 1, 1, 0, near, 0, 0]);
    out
}

/// The marker that ends the image.
pub(super) const END: [u8; 2] = [0xFF, EOI];
