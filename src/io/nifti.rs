//! NIfTI-1: volumes and label maps (`.nii`, `.nii.gz`), patient space turned from RAS to LPS.
//!
//! Format: `nifti1.h` (Cox and others 2004, <https://nifti.nimh.nih.gov/nifti-1>). The place comes from the sform, else
//! the qform, else the voxel sizes alone, which is said in the scan's facts.

use super::error::ReadError;
use super::voxels::{Element, RawVoxels, bytes_wanted, read_bytes};
use crate::base::Progress;
use crate::geom::{Grid, Point, Vector};
use crate::image::{LabelMap, Modality, Scan};
use flate2::read::MultiGzDecoder;
use nalgebra::Matrix3;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;
use std::sync::Arc;

const HEADER_BYTES: usize = 348;
/// Header extensions beyond this are refused.
const EXTENSION_BYTES_MAX: u64 = 64 << 20;

/// Points in time that a file may hold.
const TIMES_MAX: usize = 512;

/// Read a volume as a scan. NIfTI does not name a modality: without one given, values that reach air mean CT.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong; a file of several points in time is refused.
pub fn read_scan(path: &Path, modality: Option<Modality>, progress: &Progress) -> Result<Scan, ReadError> {
    let mut scans = read_times(path, modality, progress)?;
    match (scans.pop(), scans.len()) {
        (Some((_, scan)), 0) => Ok(scan),
        (_, others) => {
            let what = format!("the file holds {} points in time; one volume is wanted here", others + 1);
            Err(ReadError::unsupported(path, what))
        }
    }
}

/// Read all points in time of a file, each as a scan with its time in seconds; the time is `None` where the file has one
/// volume only or does not say how far they are apart.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn read_times(
    path: &Path,
    modality: Option<Modality>,
    progress: &Progress,
) -> Result<Vec<(Option<f64>, Scan)>, ReadError> {
    let Opened { header, mut source, stored, packed } = Opened::of(path)?;
    let Header { dims, element, big_endian, slope, intercept, times, step_s, .. } = header;
    // All of them are kept, so that all of them count.
    bytes_wanted(path, [dims[0], dims[1], dims[2].saturating_mul(times as u64)], element)?;
    let wanted = bytes_wanted(path, dims, element)?;
    let grid = Arc::new(header.grid);
    let mut scans = Vec::with_capacity(times);
    for n in 0..times {
        let part = progress.part(n as f64 / times as f64..(n + 1) as f64 / times as f64, "points in time");
        let left = if packed { stored } else { stored.saturating_sub(n as u64 * wanted) };
        let bytes = read_bytes(path, source.by_ref(), wanted, left, packed, &part)?;
        let raw = RawVoxels { bytes, element, big_endian, slope, intercept };
        // The first says what it is; a later one may happen to hold no air.
        let modality = modality.or_else(|| scans.first().map(|(_, first): &(_, Scan)| first.modality));
        let mut scan = raw.into_scan(Arc::clone(&grid), modality, &part)?;
        scan.facts.push(("place".to_owned(), header.place_from.to_owned()));
        let time_s = step_s.filter(|_| 1 < times).map(|step_s| n as f64 * step_s);
        if let Some(time_s) = time_s {
            scan.facts.push(("time".to_owned(), format!("{time_s:.3} s, point {} of {times}", n + 1)));
        }
        scans.push((time_s, scan));
    }
    Ok(scans)
}

/// Read a label map; labels get names like `label 3`.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn read_labels(path: &Path, progress: &Progress) -> Result<LabelMap, ReadError> {
    let Opened { header, source, stored, packed } = Opened::of(path)?;
    let Header { dims, element, big_endian, slope, intercept, times, .. } = header;
    if times != 1 {
        let what = format!("the file holds {times} points in time; a label map has one");
        return Err(ReadError::unsupported(path, what));
    }
    let bytes = read_bytes(path, source, bytes_wanted(path, dims, element)?, stored, packed, progress)?;
    let raw = RawVoxels { bytes, element, big_endian, slope, intercept };
    raw.into_labels(path, header.grid, Vec::new(), progress)
}

/// Whether a file with this (unpacked) beginning is NIfTI.
pub fn is_nifti(start: &[u8]) -> bool {
    start.get(344..348).is_some_and(|magic| magic == b"n+1\0" || magic == b"ni1\0")
}

/// What the header says.
#[derive(Debug)]
struct Header {
    grid: Grid,
    dims: [u64; 3],
    element: Element,
    big_endian: bool,
    /// Where the voxels begin.
    data_offset: u64,
    slope: f64,
    intercept: f64,
    /// Volumes one after the other, and seconds from one to the next where the header says.
    times: usize,
    step_s: Option<f64>,
    /// Which fields gave the place.
    place_from: &'static str,
}

/// A file whose voxels come next.
struct Opened {
    header: Header,
    source: Box<dyn Read>,
    /// Bytes of voxels, as they are stored.
    stored: u64,
    packed: bool,
}

impl Opened {
    fn of(path: &Path) -> Result<Self, ReadError> {
        let system = |error| ReadError::system(path, error);
        let mut file = File::open(path).map_err(system)?;
        let stored = file.metadata().map_err(system)?.len();
        let mut magic = Vec::new();
        file.by_ref().take(2).read_to_end(&mut magic).map_err(system)?;
        file.rewind().map_err(system)?;
        let packed = magic == [0x1f, 0x8b];
        let mut source: Box<dyn Read> =
            if packed { Box::new(MultiGzDecoder::new(BufReader::new(file))) } else { Box::new(BufReader::new(file)) };
        let mut start = Vec::new();
        let read = source.by_ref().take(HEADER_BYTES as u64).read_to_end(&mut start);
        read.map_err(|error| {
            ReadError::damaged(path, format!("the file cannot be unpacked ({})", super::words::of_system(&error)))
        })?;
        let header = parse(&start, path)?;
        let skipped = header.data_offset - HEADER_BYTES as u64;
        std::io::copy(&mut source.by_ref().take(skipped), &mut std::io::sink()).map_err(system)?;
        let stored = if packed { stored } else { stored.saturating_sub(header.data_offset) };
        Ok(Self { header, source, stored, packed })
    }
}

/// Numbers of a header in its own byte order.
struct Fields<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl Fields<'_> {
    fn at<const N: usize>(&self, offset: usize) -> [u8; N] {
        let mut bytes: [u8; N] = std::array::from_fn(|n| self.bytes[offset + n]);
        if self.big_endian {
            bytes.reverse();
        }
        bytes
    }

    fn short(&self, offset: usize) -> i16 {
        i16::from_le_bytes(self.at(offset))
    }

    fn float(&self, offset: usize) -> f64 {
        f64::from(f32::from_le_bytes(self.at(offset)))
    }

    fn floats<const N: usize>(&self, offset: usize) -> [f64; N] {
        std::array::from_fn(|n| self.float(offset + 4 * n))
    }
}

fn parse(bytes: &[u8], path: &Path) -> Result<Header, ReadError> {
    let damaged = |what: String| ReadError::damaged(path, what);
    let unsupported = |what: String| ReadError::unsupported(path, what);
    let size = bytes.get(..4).and_then(|size| size.try_into().ok()).map(i32::from_le_bytes);
    let big_endian = match size {
        Some(348) => false,
        Some(size) if size.swap_bytes() == 348 => true,
        Some(size) if size == 540 || size.swap_bytes() == 540 => {
            return Err(unsupported("NIfTI-2 files are not read; NIfTI-1 files are".into()));
        }
        _ => return Err(ReadError::not_this_format(path, "the file is not NIfTI: its first number is not 348")),
    };
    if bytes.len() < HEADER_BYTES {
        return Err(damaged(format!("the header ends after {} of {HEADER_BYTES} bytes", bytes.len())));
    }
    match &bytes[344..348] {
        b"n+1\0" => {}
        b"ni1\0" => return Err(unsupported("pairs of .hdr and .img files are not read; save as one .nii file".into())),
        _ => {
            return Err(ReadError::not_this_format(
                path,
                "the file is not NIfTI-1: the mark 'n+1' is missing (ANALYZE files are not read)",
            ));
        }
    }
    let fields = Fields { bytes, big_endian };
    let axes = fields.short(40);
    let sizes: [i16; 7] = std::array::from_fn(|n| fields.short(42 + 2 * n));
    if !(1..=7).contains(&axes) {
        return Err(damaged(format!("the header announces {axes} axes, expected 3 or 4")));
    }
    let used = &sizes[..axes as usize];
    if axes < 3 || used.iter().skip(4).any(|n| *n != 1) {
        let shown = used.iter().map(i16::to_string).collect::<Vec<_>>().join(" × ");
        return Err(unsupported(format!("the size is {shown}; volumes with 3 axes are read, and the 4th may be time")));
    }
    let times = used.get(3).map_or(1, |n| usize::try_from(*n).unwrap_or(0));
    if !(1..=TIMES_MAX).contains(&times) {
        return Err(damaged(format!("the 4th axis has {} points in time, expected 1 to {TIMES_MAX}", used[3])));
    }
    if let Some(bad) = sizes[..3].iter().find(|n| **n < 1) {
        return Err(damaged(format!("an axis has {bad} voxels")));
    }
    let element = match fields.short(70) {
        2 => Element::U8,
        4 => Element::I16,
        8 => Element::I32,
        16 => Element::F32,
        64 => Element::F64,
        256 => Element::I8,
        512 => Element::U16,
        768 => Element::U32,
        1024 => Element::I64,
        1280 => Element::U64,
        other => return Err(unsupported(format!("the data type {other} is not read (whole and real numbers are)"))),
    };
    let offset = fields.float(108);
    if !(352.0..=EXTENSION_BYTES_MAX as f64).contains(&offset) || offset.fract() != 0.0 {
        return Err(damaged(format!("the voxels are said to begin at byte {offset}, expected 352 or a little more")));
    }
    let [slope, intercept] = fields.floats(112);
    // Slope 0 means that there is no rescale.
    let (slope, intercept) = if slope == 0.0 { (1.0, 0.0) } else { (slope, intercept) };
    if !slope.is_finite() || !intercept.is_finite() {
        return Err(damaged(format!("the rescale is {slope} × value + {intercept}")));
    }
    let (origin, step, place_from) = place(&fields);
    let mm = match bytes[123] & 7 {
        1 => 1000.0,
        3 => 1e-3,
        _ => 1.0, // millimetres, or not stated
    };
    let second = match bytes[123] & 0x38 {
        16 => 1e-3,
        24 => 1e-6,
        _ => 1.0, // seconds, or not stated
    };
    let step_s = Some(fields.float(92) * second).filter(|step_s| step_s.is_finite() && 0.0 < *step_s);
    let dims: [u64; 3] = std::array::from_fn(|n| sizes[n] as u64);
    let grid = Grid::new(dims.map(|n| n as usize), Point::from(origin * mm), step * mm);
    let grid = grid.map_err(|error| damaged(format!("{error} (from the {place_from})")))?;
    let data_offset = offset as u64;
    Ok(Header { grid, dims, element, big_endian, data_offset, slope, intercept, times, step_s, place_from })
}

/// Origin and step in LPS, and which fields gave them.
fn place(fields: &Fields) -> (Vector, Matrix3<f64>, &'static str) {
    let lps_from_ras = Matrix3::from_diagonal(&Vector::new(-1.0, -1.0, 1.0));
    let [qfac, dx, dy, dz] = fields.floats(76);
    let size = Matrix3::from_diagonal(&Vector::new(dx, dy, dz));
    if 0 < fields.short(254) {
        let rows: [[f64; 4]; 3] = std::array::from_fn(|row| fields.floats(280 + 16 * row));
        let step = Matrix3::from_fn(|row, column| rows[row][column]);
        let origin = Vector::from_fn(|row, _| rows[row][3]);
        return (lps_from_ras * origin, lps_from_ras * step, "sform");
    }
    if 0 < fields.short(252) {
        let [b, c, d, x, y, z] = fields.floats(256);
        // The real part follows from length 1; rounding may make it slightly imaginary.
        let a = (1.0 - (b * b + c * c + d * d)).max(0.0).sqrt();
        let turn = Matrix3::new(
            a * a + b * b - c * c - d * d,
            2.0 * (b * c - a * d),
            2.0 * (b * d + a * c),
            2.0 * (b * c + a * d),
            a * a + c * c - b * b - d * d,
            2.0 * (c * d - a * b),
            2.0 * (b * d - a * c),
            2.0 * (c * d + a * b),
            a * a + d * d - c * c - b * b,
        );
        let hand = Matrix3::from_diagonal(&Vector::new(1.0, 1.0, if qfac < 0.0 { -1.0 } else { 1.0 }));
        return (lps_from_ras * Vector::new(x, y, z), lps_from_ras * turn * size * hand, "qform");
    }
    (Vector::zeros(), lps_from_ras * size, "voxel sizes alone: the file does not say where the patient is")
}

#[cfg(test)]
#[path = "nifti_tests.rs"]
mod tests;
