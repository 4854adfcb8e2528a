//! All images below a folder, found without reading their pixels.

use super::image_file::ImageFile;
use super::series::{self, SeriesFiles};
use crate::base::{Findings, Progress, Severity};
use crate::io::error::ReadError;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Folders deeper than this are not entered.
const DEPTH_MAX: usize = 32;
/// Files beyond this number are not read.
const FILES_MAX: usize = 500_000;
/// Files that are named one by one before the rest is only counted.
const NAMED_MAX: usize = 20;

/// Find the series in `root`, a folder with all folders below it or a single file; the largest come first.
///
/// Only headers are read, in parallel. Files that are no DICOM images, damaged or of an unsupported kind are named in
/// `findings`.
///
/// # Errors
/// [`ReadError`] if `root` cannot be read or holds no image at all; for a single file, what is wrong with it.
pub fn scan_folder(root: &Path, progress: &Progress, findings: &Findings) -> Result<Vec<SeriesFiles>, ReadError> {
    let about = std::fs::metadata(root).map_err(|error| ReadError::system(root, error))?;
    if !about.is_dir() {
        return Ok(series::sort(vec![ImageFile::read(root)?], findings));
    }
    let paths = walk(root, progress, findings)?;
    let done = AtomicUsize::new(0);
    let read = |path: &PathBuf| {
        progress.step(done.fetch_add(1, Ordering::Relaxed), paths.len())?;
        ImageFile::read(path)
    };
    let results: Vec<Result<ImageFile, ReadError>> = paths.par_iter().map(read).collect();
    let mut files = Vec::new();
    let mut counts = [0; 3];
    for result in results {
        let (severity, kind, slot) = match &result {
            Ok(_) => (Severity::Note, "", 0),
            Err(ReadError::Cancelled(cancelled)) => return Err((*cancelled).into()),
            Err(ReadError::NotThisFormat { .. }) => (Severity::Note, "not-an-image", 0),
            Err(ReadError::Unsupported { .. }) => (Severity::Note, "unsupported", 1),
            Err(_) => (Severity::Error, "unreadable-file", 2),
        };
        match result {
            Ok(file) => files.push(file),
            Err(error) => {
                counts[slot] += 1;
                if counts[slot] <= NAMED_MAX {
                    findings.add(severity, kind, error.to_string());
                } else if counts[slot] == NAMED_MAX + 1 {
                    findings.add(severity, kind, "further files of this kind are not named");
                }
            }
        }
    }
    if files.is_empty() {
        let [foreign, unsupported, damaged] = counts;
        let what = format!(
            "no DICOM image that can be shown among {} files ({foreign} of other kinds, {unsupported} not supported, \
             {damaged} damaged)",
            paths.len()
        );
        return Err(ReadError::not_this_format(root, what));
    }
    Ok(series::sort(files, findings))
}

/// All files below `root` in alphabetical order; links are followed once.
fn walk(root: &Path, progress: &Progress, findings: &Findings) -> Result<Vec<PathBuf>, ReadError> {
    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        progress.check()?;
        // The same folder reached by two ways, or a link to a folder above.
        if !std::fs::canonicalize(&folder).is_ok_and(|real| seen.insert(real)) {
            continue;
        }
        if DEPTH_MAX < depth {
            let message = format!("folders below this one were not searched: {}", folder.display());
            findings.add(Severity::Warning, "too-deep", message);
            continue;
        }
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if depth == 0 => return Err(ReadError::system(root, error)),
            Err(error) => {
                findings.add(Severity::Error, "unreadable-folder", ReadError::system(&folder, error).to_string());
                continue;
            }
        };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            match std::fs::metadata(&path) {
                Ok(about) if about.is_dir() => folders.push((path, depth + 1)),
                Ok(about) if about.is_file() => files.push(path),
                Ok(_) => {} // sockets and the like
                Err(error) => {
                    findings.add(Severity::Error, "unreadable-file", ReadError::system(&path, error).to_string());
                }
            }
        }
        if FILES_MAX < files.len() {
            let what = format!("the folder holds more than {FILES_MAX} files; choose one of those below it");
            return Err(ReadError::too_large(root, what));
        }
    }
    files.sort();
    Ok(files)
}
