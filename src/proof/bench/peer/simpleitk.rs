//! SimpleITK reads the same DICOM series.

use super::{Answer, python};
use std::path::Path;

/// Seconds from a folder to all voxels, best of three, and the sum of the voxels.
pub(crate) fn series(folder: &Path) -> Result<Answer, String> {
    python("SimpleITK", include_str!("simpleitk.py"), &[&folder.to_string_lossy()])
}
