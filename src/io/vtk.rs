//! Legacy VTK files with polygons, as many research groups share organ surfaces.

use super::error::ReadError;
use super::mesh_file::{bytes_of, fan, surface};
use crate::geom::Point;
use crate::mesh::Surface;
use std::path::Path;

/// Read a legacy VTK file.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn read(path: &Path) -> Result<Surface, ReadError> {
    decode(&bytes_of(path)?, path)
}

/// The polygons in the bytes of a legacy VTK file (versions 1 to 5, text or binary); they become fans of triangles. `path` is
/// for messages.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn decode(bytes: &[u8], path: &Path) -> Result<Surface, ReadError> {
    if !bytes.starts_with(b"# vtk DataFile") {
        return Err(ReadError::not_this_format(
            path,
            "the file is not legacy VTK: it does not begin with '# vtk DataFile'",
        ));
    }
    let mut file = Cursor { rest: bytes, binary: false, path };
    file.line()?;
    file.line()?;
    file.binary = match file.line()?.to_ascii_uppercase().as_str() {
        "ASCII" => false,
        "BINARY" => true,
        other => return Err(ReadError::damaged(path, format!("'{other}' is neither ASCII nor BINARY"))),
    };
    let mut positions = Vec::new();
    loop {
        let line = file.line()?;
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["DATASET", "POLYDATA"] | [] => {}
            ["DATASET", other] => {
                return Err(ReadError::unsupported(path, format!("the data set is {other}; only POLYDATA is read")));
            }
            ["POINTS", count, kind] => {
                let numbers = file.numbers(file.count(count)?.saturating_mul(3), kind)?;
                positions = numbers.chunks_exact(3).map(|p| Point::new(p[0], p[1], p[2])).collect();
            }
            // Information about arrays, up to an empty line.
            ["METADATA"] => while !file.line()?.is_empty() {},
            ["POLYGONS", first, second] => {
                let triangles = file.polygons(file.count(first)?, file.count(second)?)?;
                return surface(positions, triangles, path);
            }
            ["VERTICES" | "LINES", first, second] => {
                file.polygons(file.count(first)?, file.count(second)?)?;
            }
            _ => return Err(ReadError::unsupported(path, format!("'{line}' comes before any polygons"))),
        }
    }
}

struct Cursor<'a> {
    rest: &'a [u8],
    binary: bool,
    path: &'a Path,
}

impl Cursor<'_> {
    fn damaged(&self, what: impl Into<String>) -> ReadError {
        ReadError::damaged(self.path, what)
    }

    /// The next line without its end.
    fn line(&mut self) -> Result<String, ReadError> {
        if self.rest.is_empty() {
            return Err(self.damaged("the file ends before its polygons"));
        }
        let length = self.rest.iter().position(|byte| *byte == b'\n').unwrap_or(self.rest.len());
        let line = String::from_utf8_lossy(&self.rest[..length]).trim().to_owned();
        self.rest = self.rest.get(length + 1..).unwrap_or_default();
        Ok(line)
    }

    fn count(&self, word: &str) -> Result<usize, ReadError> {
        word.parse().map_err(|_| self.damaged(format!("'{word}' is not a count")))
    }

    /// `count` numbers of a type, text or big-endian.
    fn numbers(&mut self, count: usize, kind: &str) -> Result<Vec<f64>, ReadError> {
        let size = match kind.to_ascii_lowercase().as_str() {
            "float" | "int" | "unsigned_int" => 4,
            "double" | "long" | "vtktypeint64" | "vtkidtype" => 8,
            other => return Err(ReadError::unsupported(self.path, format!("numbers of type '{other}' are not read"))),
        };
        let needed = count.saturating_mul(if self.binary { size } else { 2 }).saturating_sub(usize::from(!self.binary));
        if self.rest.len() < needed {
            let rest = self.rest.len();
            return Err(self.damaged(format!("the file announces {count} numbers, but only {rest} bytes follow")));
        }
        if !self.binary {
            return (0..count).map(|_| self.word()).collect();
        }
        let (bytes, rest) = self.rest.split_at(needed);
        self.rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        let is_real = matches!(kind.to_ascii_lowercase().as_str(), "float" | "double");
        let number = |bytes: &[u8]| match (bytes, is_real) {
            ([a, b, c, d], true) => f64::from(f32::from_be_bytes([*a, *b, *c, *d])),
            ([a, b, c, d], false) => f64::from(i32::from_be_bytes([*a, *b, *c, *d])),
            ([a, b, c, d, e, f, g, h], real) => {
                let eight = [*a, *b, *c, *d, *e, *f, *g, *h];
                if real { f64::from_be_bytes(eight) } else { i64::from_be_bytes(eight) as f64 }
            }
            _ => f64::NAN,
        };
        Ok(bytes.chunks_exact(size).map(number).collect())
    }

    fn word(&mut self) -> Result<f64, ReadError> {
        let body = self.rest.trim_ascii_start();
        let length = body.iter().position(u8::is_ascii_whitespace).unwrap_or(body.len());
        let (word, rest) = body.split_at(length);
        self.rest = rest;
        let text = String::from_utf8_lossy(word);
        text.parse().map_err(|_| self.damaged(format!("'{text}' is not a number")))
    }

    /// Cells as triangles: counts and indices mixed (before version 5), or offsets and connectivity.
    fn polygons(&mut self, first: usize, second: usize) -> Result<Vec<[u32; 3]>, ReadError> {
        let mut triangles = Vec::new();
        let indices = |numbers: &[f64]| numbers.iter().map(|n| *n as u32).collect::<Vec<u32>>();
        let new = self.rest.trim_ascii_start().starts_with(b"OFFSETS");
        if !new {
            let numbers = self.numbers(second, "int")?;
            let mut rest = numbers.as_slice();
            for cell in 0..first {
                let polygon = rest.split_first().and_then(|(n, after)| after.split_at_checked(*n as usize));
                let Some((polygon, after)) = polygon else {
                    return Err(self.damaged(format!("polygon {cell} is longer than the list of polygons")));
                };
                triangles.extend(fan(&indices(polygon)));
                rest = after;
            }
            return Ok(triangles);
        }
        let offsets = self.array(first)?;
        let connectivity = indices(&self.array(second)?);
        for ends in offsets.windows(2) {
            let Some(polygon) = connectivity.get(ends[0] as usize..ends[1] as usize) else {
                return Err(self.damaged("a polygon lies outside the list of polygons"));
            };
            triangles.extend(fan(polygon));
        }
        Ok(triangles)
    }

    /// An array under a line such as `OFFSETS vtktypeint64`.
    fn array(&mut self, count: usize) -> Result<Vec<f64>, ReadError> {
        let mut line = self.line()?;
        while line.is_empty() {
            line = self.line()?;
        }
        let kind = line.split_whitespace().nth(1).unwrap_or_default().to_owned();
        self.numbers(count, &kind)
    }
}
