//! VTK XML poly data (VTP) with lines: centre lines as VMTK, ParaView and 3D Slicer share them.

use super::error::ReadError;
use super::mesh_file::bytes_of;
use crate::geom::Point;
use crate::mesh::CentreLines;
use base64::Engine;
use std::fmt::Write;
use std::io::Read;
use std::path::Path;

/// The name VMTK gives to the radius.
pub const RADIUS: &str = "MaximumInscribedSphereRadius";
/// Most bytes of one array.
const BYTES_MAX: usize = 1 << 30;

/// Centre lines as a VTP file in text form: one line per branch, the radius at every point, and per branch its number and
/// its parent's (from 0; −1 for none). LPS millimetres.
pub fn encode(lines: &CentreLines) -> String {
    let branches = lines.branches();
    let count: usize = branches.iter().map(|branch| branch.points.len()).sum();
    let mut text = format!(
        "<?xml version=\"1.0\"?>\n<VTKFile type=\"PolyData\" version=\"1.0\" byte_order=\"LittleEndian\">\n<PolyData>\n\
         <Piece NumberOfPoints=\"{count}\" NumberOfVerts=\"0\" NumberOfLines=\"{}\" NumberOfStrips=\"0\" NumberOfPolys=\"0\">\n",
        branches.len()
    );
    let array = |text: &mut String, kind: &str, name: &str, components: usize, values: Vec<String>| {
        let _ = writeln!(
            text,
            "<DataArray type=\"{kind}\" Name=\"{name}\" NumberOfComponents=\"{components}\" format=\"ascii\">\n{}\n</DataArray>",
            values.join(" ")
        );
    };
    let radii = branches.iter().flat_map(|branch| &branch.radii_mm).map(f64::to_string).collect();
    text.push_str("<PointData>\n");
    array(&mut text, "Float64", RADIUS, 1, radii);
    text.push_str("</PointData>\n<CellData>\n");
    array(&mut text, "Int32", "Branch", 1, (0..branches.len()).map(|n| n.to_string()).collect());
    let parents = branches.iter().map(|branch| branch.parent.map_or("-1".into(), |parent| parent.to_string()));
    array(&mut text, "Int32", "Parent", 1, parents.collect());
    text.push_str("</CellData>\n<Points>\n");
    let points = branches.iter().flat_map(|branch| &branch.points).flat_map(|p| [p.x, p.y, p.z]);
    array(&mut text, "Float64", "Points", 3, points.map(|x| x.to_string()).collect());
    text.push_str("</Points>\n<Lines>\n");
    array(&mut text, "Int64", "connectivity", 1, (0..count).map(|n| n.to_string()).collect());
    let mut end = 0;
    let ends = branches.iter().map(|branch| {
        end += branch.points.len();
        end.to_string()
    });
    array(&mut text, "Int64", "offsets", 1, ends.collect());
    text.push_str("</Lines>\n</Piece>\n</PolyData>\n</VTKFile>\n");
    text
}

/// The lines in a VTP file: points in mm and, where the file has [`RADIUS`], radii in mm.
///
/// Arrays may be text, or base64 with 32-bit headers, plain or compressed by zlib, little-endian.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn read(path: &Path) -> Result<Vec<(Vec<Point>, Vec<f64>)>, ReadError> {
    let bytes = bytes_of(path)?;
    decode(&String::from_utf8_lossy(&bytes), path)
}

/// As [`read`]; `path` is for messages.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn decode(text: &str, path: &Path) -> Result<Vec<(Vec<Point>, Vec<f64>)>, ReadError> {
    if !text.contains("<VTKFile") || !text.contains("PolyData") {
        return Err(ReadError::not_this_format(path, "the file is not VTK XML poly data"));
    }
    if text.contains("header_type=\"UInt64\"") || text.contains("BigEndian") {
        return Err(ReadError::unsupported(path, "arrays with 64-bit headers or big-endian numbers are not read"));
    }
    let damaged = |what: &str| ReadError::damaged(path, what);
    let compressed = text.contains("vtkZLibDataCompressor");
    let within = |name: &str| {
        let start = text.find(&format!("<{name}"))?;
        let end = text[start..].find(&format!("</{name}>"))?;
        Some(&text[start..start + end])
    };
    let array = |part: &str, name: &str| -> Result<Option<Vec<f64>>, ReadError> {
        let Some(at) = part.find(&format!("Name=\"{name}\"")) else { return Ok(None) };
        let start = part[..at].rfind('<').unwrap_or(at);
        let head = start + part[start..].find('>').ok_or_else(|| damaged("an array has no end"))?;
        let tag = &part[start..head];
        let body = part[head + 1..].split('<').next().unwrap_or_default();
        let kind = tag.split("type=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        if tag.contains("format=\"ascii\"") {
            let numbers =
                body.split_whitespace().map(|word| word.parse().map_err(|_| damaged("a number is unreadable")));
            return numbers.collect::<Result<_, _>>().map(Some);
        }
        let bytes = if compressed { inflated(body) } else { plain(body) };
        numbers(&bytes.ok_or_else(|| damaged("an array is not base64 of the length it states"))?, kind)
            .map(Some)
            .ok_or_else(|| ReadError::unsupported(path, format!("numbers of type '{kind}' are not read")))
    };
    let part = |name: &str| within(name).ok_or_else(|| damaged(&format!("the file has no {name}")));
    let flat = array(part("Points")?, "Points")?.ok_or_else(|| damaged("the file has no points"))?;
    let points: Vec<Point> = flat.chunks_exact(3).map(|p| Point::new(p[0], p[1], p[2])).collect();
    let radii = within("PointData").map(|part| array(part, RADIUS)).transpose()?.flatten();
    let lines = part("Lines")?;
    let missing = || damaged("the file has no lines");
    let order = array(lines, "connectivity")?.ok_or_else(missing)?;
    let ends = array(lines, "offsets")?.ok_or_else(missing)?;
    let mut found = Vec::new();
    let mut start = 0;
    for end in ends {
        let places =
            order.get(start..end as usize).ok_or_else(|| damaged("a line is longer than the list of points"))?;
        let pick = |n: &f64| points.get(*n as usize).copied();
        let line: Option<Vec<Point>> = places.iter().map(pick).collect();
        let line = line.ok_or_else(|| damaged("a line names a point that is not there"))?;
        let radii = radii.as_ref().map(|radii| places.iter().filter_map(|n| radii.get(*n as usize).copied()).collect());
        found.push((line, radii.unwrap_or_default()));
        start = end as usize;
    }
    Ok(found)
}

fn base64(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// One block: four bytes with its length, then the bytes, encoded together.
fn plain(body: &str) -> Option<Vec<u8>> {
    let bytes = base64(body.trim())?;
    let length = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    bytes.get(4..4 + length).map(<[u8]>::to_vec)
}

/// Compressed blocks behind a header encoded on its own: their number, their size, the last one's, compressed sizes.
fn inflated(body: &str) -> Option<Vec<u8>> {
    let body = body.trim();
    let word =
        |bytes: &[u8], n: usize| Some(u32::from_le_bytes(bytes.get(4 * n..4 * n + 4)?.try_into().ok()?) as usize);
    let blocks = word(&base64(body.get(..8)?)?, 0)?;
    let header_length = (4 * (blocks.checked_add(3)?)).div_ceil(3) * 4;
    let header = base64(body.get(..header_length)?)?;
    let bytes = base64(body.get(header_length..)?)?;
    let (mut all, mut start) = (Vec::new(), 0_usize);
    for block in 0..blocks {
        let end = start.checked_add(word(&header, 3 + block)?)?;
        let room = BYTES_MAX.checked_sub(all.len())? as u64;
        flate2::read::ZlibDecoder::new(bytes.get(start..end)?).take(room).read_to_end(&mut all).ok()?;
        start = end;
    }
    Some(all)
}

fn numbers(bytes: &[u8], kind: &str) -> Option<Vec<f64>> {
    fn all<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        bytes.as_chunks::<N>().0.iter().map(|bytes| number(*bytes)).collect()
    }
    Some(match kind {
        "Float32" => all(bytes, |b| f64::from(f32::from_le_bytes(b))),
        "Float64" => all(bytes, f64::from_le_bytes),
        "Int32" => all(bytes, |b| f64::from(i32::from_le_bytes(b))),
        "Int64" => all(bytes, |b| i64::from_le_bytes(b) as f64),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::CentreBranch;

    #[test]
    fn lines_survive_a_file() {
        let line = |parent, x: f64| CentreBranch {
            parent,
            points: vec![Point::new(x, 0.5, -1.0), Point::new(x, 2.0, 3.25)],
            radii_mm: vec![1.5, 0.75],
        };
        let lines = CentreLines::new(vec![line(None, 0.1), line(Some(0), -7.0)]).unwrap();
        let found = decode(&encode(&lines), Path::new("a.vtp")).unwrap();
        let expected: Vec<_> = lines.branches().iter().map(|b| (b.points.clone(), b.radii_mm.clone())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn broken_files_are_refused_in_words() {
        let refused = |text: &str| decode(text, Path::new("a.vtp")).unwrap_err().to_string();
        assert!(refused("<html>").contains("not VTK XML"));
        assert!(refused("<VTKFile type=\"PolyData\">").contains("no Points"));
        let line = CentreBranch { parent: None, points: vec![Point::origin(); 2], radii_mm: vec![1.0; 2] };
        let text = encode(&CentreLines::new(vec![line]).unwrap());
        assert!(refused(&text.replace(">\n0 1\n<", ">\n0 7\n<")).contains("not there"));
        assert!(refused(&text.replace(">\n2\n<", ">\n9\n<")).contains("longer than"));
    }
}
