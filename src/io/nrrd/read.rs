//! Scans and label maps from NRRD files.

use super::super::error::ReadError;
use super::super::times::{self, Time};
use super::super::voxels::{RawVoxels, bytes_wanted, read_bytes};
use super::header::{HEADER_BYTES_MAX, Header, parse, split};
use super::segments::read_segments;
use super::times::Times;
use crate::base::Progress;
use crate::image::{LabelMap, Modality, Scan};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// Whether a file that begins like this is NRRD.
pub fn is_nrrd(start: &[u8]) -> bool {
    start.starts_with(b"NRRD000")
}

/// Read a volume as a scan. NRRD does not name a modality: without one given, values that reach air mean CT.
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

/// Read all points in time of a file, each as a scan, with its time where the file says it.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn read_times(
    path: &Path,
    modality: Option<Modality>,
    progress: &Progress,
) -> Result<Vec<(Option<Time>, Scan)>, ReadError> {
    let Opened { header, mut source, stored } = Opened::of(path)?;
    let Header { dims, element, big_endian, gzip, times: Times { count, interleaved, values }, .. } = &header;
    let (dims, element, big_endian, packed, times) = (*dims, *element, *big_endian, *gzip, *count);
    // All of them are kept, so that all of them count.
    let whole = bytes_wanted(path, [dims[0], dims[1], dims[2].saturating_mul(times as u64)], element)?;
    let wanted = bytes_wanted(path, dims, element)?;
    let grid = Arc::new(header.grid(path)?);
    let woven = if *interleaved {
        let part = progress.part(0.0..0.4, "points in time");
        Some(read_bytes(path, source.by_ref(), whole, stored, packed, &part)?)
    } else {
        None
    };
    let start = if woven.is_some() { 0.4 } else { 0.0 };
    let mut scans = Vec::with_capacity(times);
    for n in 0..times {
        let at = |n: usize| start + (1.0 - start) * n as f64 / times as f64;
        let part = progress.part(at(n)..at(n + 1), "points in time");
        let bytes = match &woven {
            Some(woven) => unwoven(woven, n, times, element.bytes()),
            None => {
                let left = if packed { stored } else { stored.saturating_sub(n as u64 * wanted) };
                read_bytes(path, source.by_ref(), wanted, left, packed, &part)?
            }
        };
        let raw = RawVoxels { bytes, element, big_endian, slope: 1.0, intercept: 0.0 };
        // The first says what it is; a later one may happen to hold no air.
        let modality = modality.or_else(|| scans.first().map(|(_, first): &(_, Scan)| first.modality));
        let mut scan = raw.into_scan(Arc::clone(&grid), modality, &part)?;
        scan.facts.extend(header.remarks.clone());
        let time = values.as_ref().and_then(|values| values.get(n)).copied().filter(|_| 1 < times);
        if 1 < times {
            scan.facts.push(times::fact(time, n, times));
        }
        scans.push((time, scan));
    }
    Ok(scans)
}

/// Volume `n` of those whose values lie beside each other voxel by voxel.
fn unwoven(woven: &[u8], n: usize, times: usize, bytes: usize) -> Vec<u8> {
    let mut own = Vec::with_capacity(woven.len() / times);
    woven.chunks_exact(bytes * times).for_each(|voxel| own.extend_from_slice(&voxel[n * bytes..(n + 1) * bytes]));
    own
}

/// Read a label map: a `.seg.nrrd` with its segments, or a plain one, whose labels get names like `label 3`.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn read_labels(path: &Path, progress: &Progress) -> Result<LabelMap, ReadError> {
    let Opened { header, source, stored } = Opened::of(path)?;
    if header.times.count != 1 {
        let what = format!(
            "the file holds {} points in time or layers; a segmentation with one layer is read",
            header.times.count
        );
        return Err(ReadError::unsupported(path, what));
    }
    let segments = read_segments(&header.pairs, path)?;
    let wanted = bytes_wanted(path, header.dims, header.element)?;
    let bytes = read_bytes(path, source, wanted, stored, header.gzip, progress)?;
    let Header { element, big_endian, .. } = header;
    let raw = RawVoxels { bytes, element, big_endian, slope: 1.0, intercept: 0.0 };
    raw.into_labels(path, header.grid(path)?, segments, progress)
}

/// A file whose voxels come next.
struct Opened {
    header: Header,
    source: Box<dyn Read>,
    /// Bytes of voxels, as they are stored.
    stored: u64,
}

impl Opened {
    fn of(path: &Path) -> Result<Self, ReadError> {
        let system = |error| ReadError::system(path, error);
        let mut file = File::open(path).map_err(system)?;
        let length = file.metadata().map_err(system)?.len();
        let mut start = Vec::new();
        file.by_ref().take(HEADER_BYTES_MAX as u64).read_to_end(&mut start).map_err(system)?;
        let (text, data) = split(&start, path)?;
        let header = parse(text, path)?;
        bytes_wanted(path, header.dims, header.element)?;
        header.grid(path)?;
        file.seek(SeekFrom::Start(data as u64)).map_err(system)?;
        let file = BufReader::new(file);
        let source: Box<dyn Read> = if header.gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
        Ok(Self { header, source, stored: length - data as u64 })
    }
}
