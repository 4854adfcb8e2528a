//! Scans and label maps from NRRD files.

use super::super::error::ReadError;
use super::super::voxels::{RawVoxels, bytes_wanted, read_bytes};
use super::header::{HEADER_BYTES_MAX, Header, parse, split};
use super::segments::read_segments;
use crate::base::Progress;
use crate::image::{LabelMap, Modality, Scan};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Whether a file that begins like this is NRRD.
pub fn is_nrrd(start: &[u8]) -> bool {
    start.starts_with(b"NRRD000")
}

/// Read a volume as a scan. NRRD does not name a modality: without one given, values that reach air mean CT.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn read_scan(path: &Path, modality: Option<Modality>, progress: &Progress) -> Result<Scan, ReadError> {
    let (header, raw) = open(path, progress)?;
    let grid = header.grid(path)?;
    let mut scan = raw.into_scan(grid, modality, progress)?;
    scan.facts.extend(header.remarks);
    Ok(scan)
}

/// Read a label map: a `.seg.nrrd` with its segments, or a plain one, whose labels get names like `label 3`.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn read_labels(path: &Path, progress: &Progress) -> Result<LabelMap, ReadError> {
    let (header, raw) = open(path, progress)?;
    let segments = read_segments(&header.pairs, path)?;
    raw.into_labels(path, header.grid(path)?, segments, progress)
}

fn open(path: &Path, progress: &Progress) -> Result<(Header, RawVoxels), ReadError> {
    let system = |error| ReadError::system(path, error);
    let mut file = File::open(path).map_err(system)?;
    let length = file.metadata().map_err(system)?.len();
    let mut start = Vec::new();
    file.by_ref().take(HEADER_BYTES_MAX as u64).read_to_end(&mut start).map_err(system)?;
    let (text, data) = split(&start, path)?;
    let header = parse(text, path)?;
    let wanted = bytes_wanted(path, header.dims, header.element)?;
    header.grid(path)?;
    file.seek(SeekFrom::Start(data as u64)).map_err(system)?;
    let stored = length - data as u64;
    let bytes = if header.gzip {
        read_bytes(path, MultiGzDecoder::new(std::io::BufReader::new(file)), wanted, stored, true, progress)?
    } else {
        read_bytes(path, file, wanted, stored, false, progress)?
    };
    let Header { element, big_endian, .. } = header;
    Ok((header, RawVoxels { bytes, element, big_endian, slope: 1.0, intercept: 0.0 }))
}
