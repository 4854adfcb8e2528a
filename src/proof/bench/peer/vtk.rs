//! VTK makes the isosurface of bone of the same series, surfaces of the same balls, and slices through the same volume.

use super::{Answer, python};
use std::path::Path;

/// Seconds for the isosurface of the voxels of at least `low_hu`, best of three, and its triangles.
pub(crate) fn isosurface(folder: &Path, low_hu: f64) -> Result<Answer, String> {
    python("VTK", include_str!("vtk.py"), &[&folder.to_string_lossy(), &low_hu.to_string()])
}

/// Seconds for the surface of balls on a lattice, best of three, and its triangles: `job` is `nets` or `contour`; `balls` are
/// the edge of a cell of the lattice, the radius, and how many labels they share.
pub(crate) fn surface(job: &str, dims: [usize; 3], spacing_mm: [f64; 3], balls: [usize; 3]) -> Result<Answer, String> {
    let words: Vec<String> = [job.to_owned()]
        .into_iter()
        .chain(dims.iter().map(usize::to_string))
        .chain(spacing_mm.iter().map(f64::to_string))
        .chain(balls.iter().map(usize::to_string))
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    python("VTK", include_str!("surfaces.py"), &words)
}

/// Milliseconds for a slice or a maximum slab through the volume that the script makes, best of the runs that fit half a
/// second, at least nine, and the mean of its pixels. `numbers` are the voxels, their spacing, the first pixel's centre, the directions to the right and down, pixels
/// on a side, their size, and how many layers lie how far apart.
pub(crate) fn reslice(numbers: &[f64]) -> Result<Answer, String> {
    let words: Vec<String> = numbers.iter().map(f64::to_string).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    python("VTK", include_str!("reslice.py"), &words)
}
