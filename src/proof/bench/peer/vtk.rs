//! VTK makes the isosurface of bone of the same series.

use super::{Answer, python};
use std::path::Path;

/// Seconds for the isosurface of the voxels of at least `low_hu`, best of three, and its triangles.
pub(crate) fn isosurface(folder: &Path, low_hu: f64) -> Result<Answer, String> {
    python("VTK", include_str!("vtk.py"), &[&folder.to_string_lossy(), &low_hu.to_string()])
}
