//! Surfaces from any file this program reads, and what their readers share.

use super::error::ReadError;
use super::{obj, ply, stl, vtk};
use crate::geom::Point;
use crate::mesh::{Field, Surface, SurfaceError};
use std::path::{Path, PathBuf};

/// The largest mesh file this program reads, in bytes.
pub const BYTES_MAX: u64 = 4 << 30;

/// A surface and what else its file holds.
#[derive(Debug)]
pub struct Read {
    /// The format by name.
    pub format: &'static str,
    /// The triangles, coordinates taken as LPS millimetres.
    pub surface: Surface,
    /// Numbers on its vertices; only PLY files have them.
    pub fields: Vec<Field>,
}

/// Read a surface from an STL, PLY, OBJ or legacy VTK file, told apart by content, then by name.
///
/// Coordinates are taken as LPS millimetres.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn read(path: &Path) -> Result<Surface, ReadError> {
    read_all(path).map(|read| read.surface)
}

/// The same with the name of the format and the fields.
///
/// # Errors
/// As [`read`].
pub fn read_all(path: &Path) -> Result<Read, ReadError> {
    let bytes = bytes_of(path)?;
    let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).unwrap_or_default();
    let plain = |format, surface: Surface| Read { format, surface, fields: Vec::new() };
    match extension.as_str() {
        _ if bytes.starts_with(b"ply") => {
            ply::decode(&bytes, path).map(|(surface, fields)| Read { format: "PLY", surface, fields })
        }
        _ if bytes.starts_with(b"# vtk") => vtk::decode(&bytes, path).map(|surface| plain("VTK", surface)),
        "obj" => obj::decode(&bytes, path).map(|surface| plain("OBJ", surface)),
        _ if extension == "stl" || stl::is_stl(&bytes) => {
            stl::decode(&bytes, path).map(|surface| plain("STL", surface))
        }
        _ => Err(ReadError::not_this_format(path, "the file is not an STL, PLY, OBJ or legacy VTK surface")),
    }
}

/// The whole file, if it is not too large.
///
/// # Errors
/// [`ReadError`] if it cannot be read or has more than [`BYTES_MAX`] bytes.
pub fn bytes_of(path: &Path) -> Result<Vec<u8>, ReadError> {
    let system = |source| ReadError::system(path, source);
    let size = std::fs::metadata(path).map_err(system)?.len();
    if BYTES_MAX < size {
        return Err(ReadError::too_large(path, format!("the file has {size} bytes, more than {BYTES_MAX}")));
    }
    std::fs::read(path).map_err(system)
}

/// The files of surfaces in a folder (STL, PLY, OBJ) by their endings, in the order of their names.
///
/// # Errors
/// [`ReadError`] if the folder cannot be read.
pub fn files_of(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let system = |source| ReadError::system(folder, source);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(system)? {
        let path = entry.map_err(system)?.path();
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        if path.is_file() && matches!(ending.as_deref(), Some("stl" | "ply" | "obj")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A surface with at least one triangle, or a sentence about the file.
pub(super) fn surface(positions: Vec<Point>, triangles: Vec<[u32; 3]>, path: &Path) -> Result<Surface, ReadError> {
    whole(Surface::new(positions, triangles), path)
}

pub(super) fn whole(surface: Result<Surface, SurfaceError>, path: &Path) -> Result<Surface, ReadError> {
    match surface {
        Ok(surface) if surface.triangles().is_empty() => Err(ReadError::damaged(path, "the file holds no triangle")),
        Ok(surface) => Ok(surface),
        Err(error) => Err(ReadError::damaged(path, error.to_string())),
    }
}

/// Triangles of a polygon: a fan from its first corner.
pub(super) fn fan(polygon: &[u32]) -> impl Iterator<Item = [u32; 3]> + '_ {
    (2..polygon.len()).map(|n| [polygon[0], polygon[n - 1], polygon[n]])
}

#[cfg(test)]
#[path = "mesh_file_tests.rs"]
mod tests;
