//! STL: triangles one by one, binary or text.

use super::error::ReadError;
use super::mesh_file::{bytes_of, whole};
use crate::geom::Point;
use crate::mesh::{Surface, weld};
use std::path::Path;

const HEADER: usize = 84;
const FACET: usize = 50;

/// The surface as a binary STL file in LPS millimetres, which its header says.
pub fn encode(surface: &Surface) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + FACET * surface.triangles().len());
    bytes.extend_from_slice(b"binary STL by prosector; SPACE=LPS; UNIT=mm");
    bytes.resize(80, b' ');
    bytes.extend_from_slice(&(surface.triangles().len() as u32).to_le_bytes());
    for triangle in surface.triangles() {
        let corners = surface.corners(*triangle);
        let [a, b, c] = corners;
        let normal = (b - a).cross(&(c - a)).try_normalize(1e-30).unwrap_or_default();
        for vector in [normal, a.coords, b.coords, c.coords] {
            vector.iter().for_each(|x| bytes.extend_from_slice(&(*x as f32).to_le_bytes()));
        }
        bytes.extend_from_slice(&[0, 0]);
    }
    bytes
}

/// Read an STL file.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn read(path: &Path) -> Result<Surface, ReadError> {
    decode(&bytes_of(path)?, path)
}

/// Whether this looks like an STL file: a size that fits the number of triangles, or a text that begins like one.
pub fn is_stl(bytes: &[u8]) -> bool {
    announced(bytes).is_some_and(|n| HEADER + FACET * n == bytes.len()) || bytes.starts_with(b"solid")
}

/// Triangles a binary header announces.
fn announced(bytes: &[u8]) -> Option<usize> {
    let count = bytes.get(80..HEADER)?.try_into().ok()?;
    Some(u32::from_le_bytes(count) as usize)
}

/// The surface in the bytes of an STL file; equal corners become one vertex. `path` is for messages.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn decode(bytes: &[u8], path: &Path) -> Result<Surface, ReadError> {
    let fits = announced(bytes).is_some_and(|n| HEADER + FACET * n == bytes.len());
    // Binary files that begin with "solid" exist; the size decides.
    let corners =
        if !fits && bytes.starts_with(b"solid") { text_corners(bytes, path)? } else { binary_corners(bytes, path)? };
    whole(weld(&corners), path)
}

fn binary_corners(bytes: &[u8], path: &Path) -> Result<Vec<Point>, ReadError> {
    let Some(count) = announced(bytes) else {
        let size = bytes.len();
        return Err(ReadError::not_this_format(
            path,
            format!("the file is not STL: it has {size} bytes, a header has {HEADER}"),
        ));
    };
    let needed = HEADER + FACET * count;
    if bytes.len() < needed {
        let size = bytes.len();
        return Err(ReadError::damaged(
            path,
            format!("the STL header announces {count} triangles ({needed} bytes), but the file has {size} bytes"),
        ));
    }
    let number = |bytes: &[u8]| f64::from(f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
    let corner = |bytes: &[u8]| Point::new(number(bytes), number(&bytes[4..]), number(&bytes[8..]));
    Ok(bytes[HEADER..needed].chunks_exact(FACET).flat_map(|facet| facet[12..48].chunks_exact(12).map(corner)).collect())
}

fn text_corners(bytes: &[u8], path: &Path) -> Result<Vec<Point>, ReadError> {
    let text = String::from_utf8_lossy(bytes);
    let mut corners = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let Some(rest) = line.trim().strip_prefix("vertex") else { continue };
        let mut numbers = rest.split_whitespace().map(|word| word.parse::<f64>().ok());
        match (numbers.next().flatten(), numbers.next().flatten(), numbers.next().flatten()) {
            (Some(x), Some(y), Some(z)) => corners.push(Point::new(x, y, z)),
            _ => return Err(ReadError::damaged(path, format!("line {} is not a vertex with three numbers", n + 1))),
        }
    }
    if corners.len() % 3 != 0 {
        let count = corners.len();
        return Err(ReadError::damaged(
            path,
            format!("the file has {count} corners, which is not three for every triangle"),
        ));
    }
    Ok(corners)
}
