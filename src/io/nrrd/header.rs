//! The header: a magic line, fields `name: value`, pairs `key:=value`, and an empty line.

use super::super::error::ReadError;
use super::super::voxels::Element;
use super::times::{self, Times};
use crate::geom::{Grid, Point, Vector};
use nalgebra::Matrix3;
use std::collections::BTreeMap;
use std::path::Path;

/// The longest header this program reads.
pub(super) const HEADER_BYTES_MAX: usize = 1 << 20;

/// What the header says.
#[derive(Debug)]
pub(super) struct Header {
    pub element: Element,
    pub big_endian: bool,
    pub gzip: bool,
    pub dims: [u64; 3],
    /// The volumes it holds, if there are several.
    pub times: Times,
    /// Facts worth showing, e.g. that the space is not stated.
    pub remarks: Vec<(String, String)>,
    /// The pairs `key:=value`.
    pub pairs: BTreeMap<String, String>,
    origin: Point,
    step: Matrix3<f64>,
}

impl Header {
    /// Where the voxels are, in LPS.
    pub fn grid(&self, path: &Path) -> Result<Grid, ReadError> {
        Grid::new(self.dims.map(|n| n as usize), self.origin, self.step)
            .map_err(|error| ReadError::damaged(path, error.to_string()))
    }
}

/// The text of the header at the start of `bytes`, and where the voxels begin.
pub(super) fn split<'a>(bytes: &'a [u8], path: &Path) -> Result<(&'a str, usize), ReadError> {
    if !bytes.starts_with(b"NRRD000") {
        return Err(ReadError::not_this_format(path, "the file is not NRRD: it does not begin with NRRD000"));
    }
    let start = &bytes[..bytes.len().min(HEADER_BYTES_MAX)];
    let ends = [&b"\n\n"[..], b"\r\n\r\n"]
        .map(|end| start.windows(end.len()).position(|w| w == end).map(|at| (at, at + end.len())));
    let end = ends.into_iter().flatten().min_by_key(|(at, _)| *at);
    let Some((end, data)) = end else {
        return Err(ReadError::damaged(path, "the header has no end, or the voxels are in another file"));
    };
    let text = std::str::from_utf8(&start[..end]).map_err(|_| ReadError::damaged(path, "the header is not text"))?;
    Ok((text, data))
}

/// Read the header's text.
pub(super) fn parse(text: &str, path: &Path) -> Result<Header, ReadError> {
    let (mut fields, mut pairs) = (BTreeMap::new(), BTreeMap::new());
    for line in text.lines().skip(1).filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        // `key:=value` may hold ": ", so the sign that comes first decides.
        match (line.find(":="), line.find(": ")) {
            (Some(at), field) if field.is_none_or(|field| at < field) => {
                pairs.insert(line[..at].to_owned(), line[at + 2..].to_owned());
            }
            (_, Some(at)) => {
                fields.insert(line[..at].trim().to_lowercase(), line[at + 2..].trim());
            }
            _ if line.ends_with(':') => {}
            _ => {
                return Err(ReadError::damaged(
                    path,
                    format!("the header line '{}' is neither a field nor a pair", shown(line)),
                ));
            }
        }
    }
    let damaged = |what: String| ReadError::damaged(path, what);
    let unsupported = |what: String| ReadError::unsupported(path, what);
    let field =
        |name: &str| fields.get(name).copied().ok_or_else(|| damaged(format!("the header has no field '{name}'")));
    if fields.contains_key("data file") || fields.contains_key("datafile") {
        return Err(unsupported(
            "detached NRRD headers (with 'data file') are not read; save header and voxels in one file".into(),
        ));
    }
    for skip in ["line skip", "lineskip", "byte skip", "byteskip"] {
        if fields.get(skip).is_some_and(|value| *value != "0") {
            return Err(unsupported(format!("NRRD files with '{skip}' are not read")));
        }
    }
    let time_axis = match field("dimension")? {
        "3" => None,
        "4" => Some(times::axis(&fields).map_err(unsupported)?),
        other => {
            let what =
                format!("the file has {} axes; volumes with 3 axes are read, and one more for time", shown(other));
            return Err(unsupported(what));
        }
    };
    let element = element_of(field("type")?)
        .ok_or_else(|| unsupported(format!("the voxel type '{}' is not read", shown(fields["type"]))))?;
    let gzip = match field("encoding")? {
        "raw" => false,
        "gzip" | "gz" => true,
        other => return Err(unsupported(format!("the encoding '{}' is not read; raw and gzip are", shown(other)))),
    };
    let big_endian = match fields.get("endian").copied() {
        Some("little") => false,
        Some("big") => true,
        None if element.bytes() == 1 => false,
        other => {
            return Err(damaged(format!(
                "the byte order is '{}', expected little or big",
                shown(other.unwrap_or("missing"))
            )));
        }
    };
    let sizes = numbers(field("sizes")?).unwrap_or_default();
    let whole = |n: &f64| n.fract() == 0.0 && (0.0..=1e15).contains(n);
    let axes = 3 + usize::from(time_axis.is_some());
    if sizes.len() != axes {
        return Err(damaged(format!("'sizes' holds {} numbers, not {axes}", sizes.len())));
    }
    if !sizes.iter().all(whole) {
        let shown = sizes.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
        return Err(damaged(format!("the sizes {shown} are not whole numbers")));
    }
    let times = match time_axis {
        Some(axis) => Times::of(axis, sizes[axis], &fields, &pairs).map_err(damaged)?,
        None => Times::default(),
    };
    let mut dims = sizes.iter().enumerate().filter(|(axis, _)| Some(*axis) != time_axis).map(|(_, n)| *n as u64);
    let dims = std::array::from_fn(|_| dims.next().unwrap_or(0));
    let mut remarks = Vec::new();
    let (origin, step) = place(&fields, time_axis, &mut remarks).map_err(damaged)?;
    Ok(Header { element, big_endian, gzip, dims, times, remarks, pairs, origin, step })
}

/// Origin and step in LPS; the axis of time has no place.
fn place(
    fields: &BTreeMap<String, &str>,
    time_axis: Option<usize>,
    remarks: &mut Vec<(String, String)>,
) -> Result<(Point, Matrix3<f64>), String> {
    let lps_from_space = match fields.get("space").map(|space| space.to_lowercase()).as_deref() {
        Some("left-posterior-superior" | "lps") => Vector::new(1.0, 1.0, 1.0),
        Some("right-anterior-superior" | "ras") => Vector::new(-1.0, -1.0, 1.0),
        Some("left-anterior-superior" | "las") => Vector::new(1.0, -1.0, 1.0),
        Some(other) => return Err(format!("the space '{}' is not known; LPS, RAS and LAS are", shown(other))),
        None => {
            remarks.push(("space".into(), "not stated in the file, taken for LPS".into()));
            Vector::new(1.0, 1.0, 1.0)
        }
    };
    let step = match (fields.get("space directions"), fields.get("spacings")) {
        (Some(directions), _) => {
            // The axis of time has the word `none` instead of a vector.
            let spatial = if time_axis.is_some() { directions.replacen("none", "", 1) } else { directions.to_string() };
            let columns = vectors(&spatial).filter(|columns| columns.len() == 3);
            let columns = columns
                .ok_or_else(|| format!("'space directions' is '{}', not 3 vectors of 3 numbers", shown(directions)))?;
            Matrix3::from_columns(&columns)
        }
        (None, spacings) => {
            let mut spacing = spacings.map_or(Some(vec![1.0; 3]), |text| numbers(text));
            if let (Some(spacing), Some(axis), true) = (&mut spacing, time_axis, spacings.is_some())
                && axis < spacing.len()
            {
                spacing.remove(axis);
            }
            let spacing = spacing.filter(|spacing| spacing.len() == 3);
            let spacing = spacing.ok_or("'spacings' does not hold 3 numbers")?;
            Matrix3::from_diagonal(&Vector::new(spacing[0], spacing[1], spacing[2]))
        }
    };
    let origin = match fields.get("space origin") {
        Some(text) => *vectors(text)
            .as_deref()
            .and_then(|v| v.first())
            .ok_or_else(|| format!("'space origin' is '{}', not 3 numbers", shown(text)))?,
        None => Vector::zeros(),
    };
    let flip = Matrix3::from_diagonal(&lps_from_space);
    Ok((Point::from(flip * origin), flip * step))
}

/// Vectors written as `(1,0,0) (0,1,0) …`.
fn vectors(text: &str) -> Option<Vec<Vector>> {
    let inner = text.split(['(', ')']).map(str::trim).filter(|part| !part.is_empty());
    let vector = |part: &str| {
        let numbers: Option<Vec<f64>> = part.split(',').map(|n| n.trim().parse().ok()).collect();
        numbers.filter(|n| n.len() == 3).map(|n| Vector::new(n[0], n[1], n[2]))
    };
    inner.map(vector).collect()
}

pub(super) fn numbers(text: &str) -> Option<Vec<f64>> {
    text.split_whitespace().map(|n| n.parse().ok()).collect()
}

/// The element of an NRRD type name (the format allows several names for each).
fn element_of(name: &str) -> Option<Element> {
    Some(match name {
        "signed char" | "int8" | "int8_t" => Element::I8,
        "uchar" | "unsigned char" | "uint8" | "uint8_t" => Element::U8,
        "short" | "short int" | "signed short" | "signed short int" | "int16" | "int16_t" => Element::I16,
        "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => Element::U16,
        "int" | "signed int" | "int32" | "int32_t" => Element::I32,
        "uint" | "unsigned int" | "uint32" | "uint32_t" => Element::U32,
        "longlong"
        | "long long"
        | "long long int"
        | "signed long long"
        | "signed long long int"
        | "int64"
        | "int64_t" => Element::I64,
        "ulonglong" | "unsigned long long" | "unsigned long long int" | "uint64" | "uint64_t" => Element::U64,
        "float" => Element::F32,
        "double" => Element::F64,
        _ => return None,
    })
}

/// At most 60 characters of a foreign text, for a message.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}
