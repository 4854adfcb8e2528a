//! SimpleITK reads the same DICOM series, and filters the same voxels.

use super::{Answer, python};
use std::path::Path;

/// Seconds from a folder to all voxels, best of three, and the sum of the voxels.
pub(crate) fn series(folder: &Path) -> Result<Answer, String> {
    python("SimpleITK", include_str!("simpleitk.py"), &[&folder.to_string_lossy()])
}

/// Seconds for one of the filters of the script on the scan of balls that it makes, and a number that shows the result.
pub(crate) fn filter(job: &str, dims: [usize; 3], spacing_mm: [f64; 3], parameter: f64) -> Result<Answer, String> {
    let numbers = dims.iter().map(usize::to_string).chain(spacing_mm.iter().map(f64::to_string));
    let words: Vec<String> = [job.to_owned()].into_iter().chain(numbers).chain([parameter.to_string()]).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    python("SimpleITK", include_str!("filters.py"), &words)
}
