//! How pixels are stored, and stored numbers as physical values.

use super::attribute::{self as attr, DataSet};
use crate::io::error::ReadError;
use dicom::dictionary_std::tags;
use std::path::Path;

/// Largest frame accepted, in pixels; radiographs have up to 25 million.
const FRAME_PIXELS_MAX: usize = 1 << 27;
/// Most frames accepted in one file.
const FRAMES_MAX: usize = 1 << 17;

/// Size and bits of a monochrome image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PixelFormat {
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) frames: usize,
    /// 8, 16 or 32; 1 in binary segmentations.
    pub(super) bits_allocated: u32,
    pub(super) bits_stored: u32,
    pub(super) high_bit: u32,
    pub(super) is_signed: bool,
}

impl PixelFormat {
    /// Read and check the image pixel module.
    pub(super) fn read(set: &DataSet, is_segmentation: bool, path: &Path) -> Result<Self, ReadError> {
        let damaged = |what: String| ReadError::damaged(path, what);
        let required = |tag, name: &str| {
            attr::whole::<usize>(set, tag).ok_or_else(|| damaged(format!("the header lacks the number of {name}")))
        };
        let (rows, columns) = (required(tags::ROWS, "rows")?, required(tags::COLUMNS, "columns")?);
        if rows == 0 || columns == 0 {
            return Err(damaged(format!("the image has {columns} × {rows} pixels")));
        }
        if FRAME_PIXELS_MAX / columns < rows {
            let what = format!("the image has {columns} × {rows} pixels, more than the {FRAME_PIXELS_MAX} allowed");
            return Err(ReadError::too_large(path, what));
        }
        let frames = attr::whole::<usize>(set, tags::NUMBER_OF_FRAMES).unwrap_or(1).max(1);
        if FRAMES_MAX < frames {
            return Err(ReadError::too_large(path, format!("the image has {frames} frames, more than {FRAMES_MAX}")));
        }
        let bits_allocated = required(tags::BITS_ALLOCATED, "bits allocated")? as u32;
        let bits_stored = attr::whole(set, tags::BITS_STORED).unwrap_or(bits_allocated);
        let high_bit = attr::whole(set, tags::HIGH_BIT).unwrap_or(bits_stored.saturating_sub(1));
        if !(matches!(bits_allocated, 8 | 16 | 32) || bits_allocated == 1 && is_segmentation) {
            return Err(ReadError::unsupported(path, format!("pixels of {bits_allocated} bits are not supported")));
        }
        if !(1 <= bits_stored && bits_stored <= high_bit.saturating_add(1) && high_bit < bits_allocated) {
            let what = format!("{bits_stored} bits up to bit {high_bit} cannot be stored in {bits_allocated}");
            return Err(damaged(what));
        }
        let is_signed = attr::whole(set, tags::PIXEL_REPRESENTATION).unwrap_or(0) == 1;
        Ok(Self { columns, rows, frames, bits_allocated, bits_stored, high_bit, is_signed })
    }

    /// Pixels of one frame.
    pub(super) fn frame_pixels(&self) -> usize {
        self.columns * self.rows
    }

    /// The number behind a stored pattern: only the stored bits count, whatever the others hold.
    #[inline]
    fn number(&self, pattern: u32) -> i32 {
        let aligned = pattern << (31 - self.high_bit);
        let unused = 32 - self.bits_stored;
        if self.is_signed { (aligned as i32) >> unused } else { (aligned >> unused) as i32 }
    }
}

/// The patterns of one frame as they are stored, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Samples {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
}

impl Samples {
    /// Patterns of `bits` (8, 16 or 32) from bytes.
    pub(super) fn from_bytes(bytes: Vec<u8>, bits: u32, big_endian: bool) -> Self {
        match (bits, big_endian) {
            (8, _) => Self::U8(bytes),
            (16, false) => Self::U16(bytes.as_chunks().0.iter().map(|b| u16::from_le_bytes(*b)).collect()),
            (16, true) => Self::U16(bytes.as_chunks().0.iter().map(|b| u16::from_be_bytes(*b)).collect()),
            (_, false) => Self::U32(bytes.as_chunks().0.iter().map(|b| u32::from_le_bytes(*b)).collect()),
            (_, true) => Self::U32(bytes.as_chunks().0.iter().map(|b| u32::from_be_bytes(*b)).collect()),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::U8(samples) => samples.len(),
            Self::U16(samples) => samples.len(),
            Self::U32(samples) => samples.len(),
        }
    }

    /// Stored numbers as 16-bit values; false if a value is not whole or does not fit, and then `out` is partly written.
    pub(super) fn rescale_i16(&self, format: &PixelFormat, slope: f64, intercept: f64, out: &mut [i16]) -> bool {
        let (whole_slope, whole_intercept) = (slope as i32, intercept as i32);
        // Within these bounds 16-bit patterns cannot overflow the sum.
        let small = 1 <= whole_slope.abs() && whole_slope.abs() <= 1 << 14 && whole_intercept.abs() <= 1 << 24;
        if !small || f64::from(whole_slope) != slope || f64::from(whole_intercept) != intercept {
            return false;
        }
        let rescale = |out: &mut i16, pattern: u32| -> bool {
            let value = format.number(pattern).wrapping_mul(whole_slope).wrapping_add(whole_intercept);
            *out = value as i16;
            i32::from(*out) == value
        };
        match self {
            Self::U8(samples) => {
                out.iter_mut().zip(samples).fold(true, |fits, (o, p)| fits & rescale(o, u32::from(*p)))
            }
            Self::U16(samples) => {
                out.iter_mut().zip(samples).fold(true, |fits, (o, p)| fits & rescale(o, u32::from(*p)))
            }
            // 32-bit patterns can overflow; such images are rare and go the other way.
            Self::U32(_) => false,
        }
    }

    /// Stored numbers as single-precision values.
    pub(super) fn rescale_f32(&self, format: &PixelFormat, slope: f64, intercept: f64, out: &mut [f32]) {
        let value = |pattern: u32| {
            let number = format.number(pattern);
            let number = if format.is_signed { f64::from(number) } else { f64::from(number as u32) };
            (slope * number + intercept) as f32
        };
        match self {
            Self::U8(samples) => out.iter_mut().zip(samples).for_each(|(o, p)| *o = value(u32::from(*p))),
            Self::U16(samples) => out.iter_mut().zip(samples).for_each(|(o, p)| *o = value(u32::from(*p))),
            Self::U32(samples) => out.iter_mut().zip(samples).for_each(|(o, p)| *o = value(*p)),
        }
    }

    /// The stored number at `index`.
    #[cfg(test)]
    pub(super) fn number(&self, format: &PixelFormat, index: usize) -> i32 {
        format.number(match self {
            Self::U8(samples) => u32::from(samples[index]),
            Self::U16(samples) => u32::from(samples[index]),
            Self::U32(samples) => samples[index],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(bits_stored: u32, high_bit: u32, is_signed: bool) -> PixelFormat {
        PixelFormat { columns: 4, rows: 1, frames: 1, bits_allocated: 16, bits_stored, high_bit, is_signed }
    }

    #[test]
    fn only_stored_bits_count() {
        let samples = Samples::U16(vec![0xF001, 0x0FFF, 0x0800, 0xFFFF]);
        let mut out = [0; 4];
        assert!(samples.rescale_i16(&format(12, 11, false), 1.0, -1024.0, &mut out));
        assert_eq!(out, [1 - 1024, 4095 - 1024, 2048 - 1024, 4095 - 1024]);
        assert!(samples.rescale_i16(&format(12, 11, true), 2.0, 0.0, &mut out));
        assert_eq!(out, [2, -2, -4096, -2]);
        assert!(samples.rescale_i16(&format(12, 15, false), 1.0, 0.0, &mut out));
        assert_eq!(out, [0xF00, 0x0FF, 0x080, 0xFFF]);
    }

    #[test]
    fn values_that_do_not_fit_16_bits_become_real_numbers() {
        let samples = Samples::U16(vec![0, 65535, 1, 2]);
        let plain = format(16, 15, false);
        assert!(!samples.rescale_i16(&plain, 1.0, 0.0, &mut [0; 4]));
        assert!(!samples.rescale_i16(&plain, 0.5, 0.0, &mut [0; 4]));
        let mut out = [0.0; 4];
        samples.rescale_f32(&plain, 0.5, 1.0, &mut out);
        assert_eq!(out, [1.0, 32768.5, 1.5, 2.0]);
    }
}
