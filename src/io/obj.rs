//! Wavefront OBJ: vertices and faces as text.

use super::error::ReadError;
use super::mesh_file::{bytes_of, fan, surface};
use crate::geom::Point;
use crate::mesh::Surface;
use std::fmt::Write;
use std::path::Path;

/// The surface as an OBJ file in LPS millimetres, as one object called `name`; coordinates are written exactly.
pub fn encode(surface: &Surface, name: &str) -> String {
    let mut text = String::with_capacity(64 * surface.positions().len());
    let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.push_str("# by prosector; LPS, mm\no ");
    text.push_str(&name);
    text.push('\n');
    for p in surface.positions() {
        writeln!(text, "v {} {} {}", p.x, p.y, p.z).expect("writing to a string cannot fail");
    }
    for [a, b, c] in surface.triangles() {
        writeln!(text, "f {} {} {}", a + 1, b + 1, c + 1).expect("writing to a string cannot fail");
    }
    text
}

/// Read an OBJ file.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn read(path: &Path) -> Result<Surface, ReadError> {
    decode(&bytes_of(path)?, path)
}

/// The surface in the bytes of an OBJ file: its `v` and `f` lines; polygons become fans. `path` is for messages.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn decode(bytes: &[u8], path: &Path) -> Result<Surface, ReadError> {
    let text = String::from_utf8_lossy(bytes);
    let mut positions = Vec::new();
    let mut triangles = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("v") => {
                let mut number = || words.next().and_then(|word| word.parse::<f64>().ok());
                let (Some(x), Some(y), Some(z)) = (number(), number(), number()) else {
                    return Err(ReadError::damaged(path, format!("line {} is not a vertex with three numbers", n + 1)));
                };
                positions.push(Point::new(x, y, z));
            }
            Some("f") => {
                let polygon: Option<Vec<u32>> = words.map(|word| vertex_number(word, positions.len())).collect();
                match polygon {
                    Some(polygon) if 3 <= polygon.len() => triangles.extend(fan(&polygon)),
                    _ => {
                        let sentence = format!("line {} is not a face of vertices 1 to {}", n + 1, positions.len());
                        return Err(ReadError::damaged(path, sentence));
                    }
                }
            }
            _ => {}
        }
    }
    surface(positions, triangles, path)
}

/// The vertex of `7`, `7/1`, `7/1/2`, `7//2`, or `-1` for the latest, counted from 0.
fn vertex_number(word: &str, count: usize) -> Option<u32> {
    let number: i64 = word.split('/').next()?.parse().ok()?;
    let index = if number < 0 { count as i64 + number } else { number - 1 };
    u32::try_from(index).ok().filter(|index| (*index as usize) < count)
}
