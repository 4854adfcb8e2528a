//! A series' pixels as a scan.

use super::codec;
use super::image_file::ImageFile;
use super::pixel_reader::PixelReader;
use super::series::{SeriesFiles, Slice};
use super::stack::Stack;
use crate::base::{Findings, Progress, Severity};
use crate::geom::Grid;
use crate::image::{Modality, Scan, Volume, Voxels};
use crate::io::error::ReadError;
use rayon::prelude::*;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Largest volume loaded, in voxels.
pub const VOXELS_MAX: usize = 1 << 31;
/// Up to this part of the slices may be unreadable and are then interpolated.
const UNREADABLE_MAX: f64 = 0.1;

/// Load the whole series, slices in parallel.
///
/// Values are slope · stored + intercept, HU for CT; 16-bit whole numbers if every value is one. Missing slices are
/// interpolated and unreadable ones too, up to a tenth; both are named in `findings`.
///
/// # Errors
/// [`ReadError`] for pixels that are damaged or compressed in an unsupported way, and for slices that form no grid.
pub fn load_series(series: &SeriesFiles, progress: &Progress, findings: &Findings) -> Result<Scan, ReadError> {
    refuse_segmentation(series)?;
    let mut slices = series.slices.clone();
    // Files that cannot be decoded are left out, and the rest loaded once more.
    for _ in 0..2 {
        let stack = SeriesFiles::stack(&slices, &Findings::default())?;
        let voxels = stack.grid.len().max(slices.len() * series.rows * series.columns);
        if VOXELS_MAX < voxels {
            let what = format!("the series has {voxels} voxels, more than the {VOXELS_MAX} allowed");
            return Err(ReadError::too_large(&slices[0].file.path, what));
        }
        match voxels_of(&slices, &stack, progress)? {
            Ok(voxels) => {
                SeriesFiles::stack(&slices, findings)?;
                report(series, findings);
                return Ok(scan(series, voxels));
            }
            Err(unreadable) => {
                let worst = (UNREADABLE_MAX * series.frames as f64) as usize;
                let count = unreadable.len();
                let mut errors = unreadable.into_iter();
                if worst < count || slices.len() < series.frames {
                    return Err(errors.next().map(|(_, error)| error).unwrap_or_else(|| no_slices(series)));
                }
                let mut left_out = Vec::with_capacity(count);
                for (n, error) in errors {
                    findings.add(Severity::Error, "unreadable-slice", format!("slice {} was left out: {error}", n + 1));
                    left_out.push(n);
                }
                slices =
                    slices.into_iter().enumerate().filter(|(n, _)| !left_out.contains(n)).map(|(_, s)| s).collect();
            }
        }
    }
    Err(no_slices(series))
}

/// The middle slice alone, as a scan of one slice at its place in the patient: something to show at once.
///
/// # Errors
/// As [`load_series`].
pub fn first_slice(series: &SeriesFiles) -> Result<Scan, ReadError> {
    refuse_segmentation(series)?;
    let slices =
        series.slices.get(series.slices.len() / 2..).and_then(<[Slice]>::first).ok_or_else(|| no_slices(series))?;
    let slices = std::slice::from_ref(slices);
    let stack = SeriesFiles::stack(slices, &Findings::default())?;
    match voxels_of(slices, &stack, &Progress::default())? {
        Ok(voxels) => Ok(scan(series, voxels)),
        Err(unreadable) => {
            Err(unreadable.into_iter().next().map(|(_, error)| error).unwrap_or_else(|| no_slices(series)))
        }
    }
}

fn no_slices(series: &SeriesFiles) -> ReadError {
    let path = series.slices.first().map_or(Path::new(""), |slice| &slice.file.path);
    ReadError::damaged(path, "no slice of the series can be read")
}

fn refuse_segmentation(series: &SeriesFiles) -> Result<(), ReadError> {
    match series.slices.first() {
        Some(slice) if series.is_segmentation => {
            Err(ReadError::unsupported(&slice.file.path, "a segmentation is no scan; import it as segments"))
        }
        _ => Ok(()),
    }
}

/// Slices that could not be decoded, by number.
type Unreadable = Vec<(usize, ReadError)>;

fn voxels_of(slices: &[Slice], stack: &Stack, progress: &Progress) -> Result<Result<Voxels, Unreadable>, ReadError> {
    let whole = decode_all(slices, progress, 0_i16, |slice, samples, out| {
        let frame = slice.frame();
        samples.rescale_i16(&slice.file.format, frame.slope, frame.intercept, out)
    })?;
    let volume = |error: crate::image::VolumeError| ReadError::damaged(&slices[0].file.path, error.to_string());
    match whole {
        Decoded::Unreadable(errors) => return Ok(Err(errors)),
        Decoded::Values(values) => {
            let values = resample(values, stack, |a, b, part| {
                (f32::from(a) + part * (f32::from(b) - f32::from(a))).round() as i16
            });
            return Ok(Ok(Voxels::I16(Volume::new(stack.grid.clone(), values).map_err(volume)?)));
        }
        Decoded::DoNotFit => {}
    }
    let real = decode_all(slices, progress, 0_f32, |slice, samples, out| {
        let frame = slice.frame();
        samples.rescale_f32(&slice.file.format, frame.slope, frame.intercept, out);
        true
    })?;
    match real {
        Decoded::Values(values) => {
            let values = resample(values, stack, |a, b, part| a + part * (b - a));
            Ok(Ok(Voxels::F32(Volume::new(stack.grid.clone(), values).map_err(volume)?)))
        }
        Decoded::Unreadable(errors) => Ok(Err(errors)),
        Decoded::DoNotFit => Ok(Err(Vec::new())),
    }
}

enum Decoded<T> {
    Values(Vec<T>),
    /// A value cannot be expressed in this type.
    DoNotFit,
    Unreadable(Unreadable),
}

/// Decode every slice straight into its place.
fn decode_all<T: Copy + Send>(
    slices: &[Slice],
    progress: &Progress,
    zero: T,
    rescale: impl Fn(&Slice, &super::pixel_format::Samples, &mut [T]) -> bool + Sync,
) -> Result<Decoded<T>, ReadError> {
    let pixels = slices[0].file.format.frame_pixels();
    let mut values = vec![zero; pixels * slices.len()];
    let readers = readers(slices);
    let done = AtomicUsize::new(0);
    let misfits = AtomicUsize::new(0);
    let decode = |(n, out): (usize, &mut [T])| -> Result<(), ReadError> {
        progress.step(done.fetch_add(1, Ordering::Relaxed), slices.len())?;
        if 0 < misfits.load(Ordering::Relaxed) {
            return Ok(());
        }
        let slice = &slices[n];
        let samples = match &readers {
            // One file of many frames: its fragments were found once.
            Some(Ok(reader)) => reader.frame(slice.index),
            Some(Err(error)) => Err(ReadError::damaged(&slice.file.path, error.clone())),
            None => PixelReader::open(&slice.file).and_then(|reader| reader.frame(slice.index)),
        }?;
        if !rescale(slice, &samples, out) {
            misfits.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    let results: Vec<_> = values.par_chunks_mut(pixels).enumerate().map(decode).collect();
    progress.check()?;
    if 0 < misfits.into_inner() {
        return Ok(Decoded::DoNotFit);
    }
    let errors: Unreadable =
        results.into_iter().enumerate().filter_map(|(n, result)| Some((n, result.err()?))).collect();
    Ok(if errors.is_empty() { Decoded::Values(values) } else { Decoded::Unreadable(errors) })
}

/// The common reader of slices that are frames of one file.
fn readers(slices: &[Slice]) -> Option<Result<PixelReader<'_>, String>> {
    let first: &ImageFile = &slices[0].file;
    let is_one = 1 < slices.len() && slices.iter().all(|slice| slice.file.path == first.path);
    is_one.then(|| PixelReader::open(first).map_err(|error| error.to_string()))
}

/// The grid's slices from the stored ones.
fn resample<T: Copy + Send + Sync>(stored: Vec<T>, stack: &Stack, mix: impl Fn(T, T, f32) -> T + Sync) -> Vec<T> {
    let Some(between) = &stack.between else { return stored };
    let [ni, nj, _] = stack.grid.dims();
    let slice = |n: usize| &stored[n * ni * nj..(n + 1) * ni * nj];
    let mut out = vec![stored[0]; stack.grid.len()];
    out.par_chunks_mut(ni * nj).zip(between).for_each(|(out, &(lower, part))| {
        if part == 0.0 || part == 1.0 {
            out.copy_from_slice(slice(lower + usize::from(part == 1.0)));
        } else {
            let pairs = slice(lower).iter().zip(slice(lower + 1));
            out.iter_mut().zip(pairs).for_each(|(out, (a, b))| *out = mix(*a, *b, part as f32));
        }
    });
    out
}

fn scan(series: &SeriesFiles, voxels: Voxels) -> Scan {
    let first = &series.slices[0].file;
    let mut facts = series.facts.clone();
    let mut fact = |name: &str, value: String| facts.push((name.into(), value));
    fact("compression", series.syntax.clone());
    if first.is_inverted {
        fact("photometric", "MONOCHROME1: low values are meant to be bright".into());
    }
    if let Some(padding) = first.padding {
        let frame = &first.frames[0];
        fact("padding", format!("{} outside the image", frame.slope * padding as f64 + frame.intercept));
    }
    Scan { voxels, modality: series.modality, window: first.window, facts }
}

/// What the user should know of the values.
fn report(series: &SeriesFiles, findings: &Findings) {
    let first = &series.slices[0].file;
    let any = |holds: fn(&ImageFile) -> bool| series.slices.iter().any(|slice| holds(&slice.file));
    if any(|file| file.is_lossy || codec::is_lossy(&file.syntax)) {
        let message = "the images were compressed with loss; measured values differ from the scanner's";
        findings.add(Severity::Warning, "lossy", message);
    }
    if any(|file| file.has_modality_table) {
        let message =
            "the images come with a table of physical values, which is not applied; values are the stored ones";
        findings.add(Severity::Warning, "modality-table", message);
    } else if series.modality == Modality::Ct && any(|file| !file.has_rescale) {
        findings.add(
            Severity::Warning,
            "no-rescale",
            "slices of the CT have no rescale; their stored values are taken as HU",
        );
    }
    if any(|file| file.is_inverted) {
        findings.add(Severity::Note, "inverted", "the images are meant to be shown with low values bright");
    }
    if first.frames[0].thickness_mm.is_none() && series.frames == 1 {
        findings.add(Severity::Warning, "no-thickness", "the slice does not say how thick it is; 1 mm is assumed");
    }
    if let Some(between) = series.grid.as_ref().map(Grid::spacing_mm).filter(|_| 1 < series.frames)
        && let Some(thickness) = first.frames[0].thickness_mm
        && thickness * 1.1 < between[2]
    {
        let message = format!(
            "slices are {thickness:.2} mm thick and {:.2} mm apart: the tissue between was not scanned",
            between[2]
        );
        findings.add(Severity::Note, "gap-between-slices", message);
    }
}
