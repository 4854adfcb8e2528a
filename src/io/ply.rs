//! PLY (Stanford polygon format): vertices with any properties, and faces.

use super::error::ReadError;
use super::mesh_file::{bytes_of, fan, surface};
use crate::geom::Point;
use crate::mesh::{Field, Surface};
use std::path::Path;

/// The surface as a binary little-endian PLY file in LPS millimetres, with a property per field and, if given, a colour per
/// vertex. Numbers are single precision. A field's property is called after its name and unit.
///
/// # Panics
/// If a field or the colours have not one value per vertex.
pub fn encode(surface: &Surface, fields: &[Field], colours: Option<&[[u8; 3]]>) -> Vec<u8> {
    let n = surface.positions().len();
    assert!(fields.iter().all(|field| field.values.len() == n), "one value per vertex");
    assert!(colours.is_none_or(|colours| colours.len() == n), "one colour per vertex");
    let mut header =
        format!("ply\nformat binary_little_endian 1.0\ncomment by prosector; LPS, mm\nelement vertex {n}\n");
    ["x", "y", "z"].iter().for_each(|axis| header += &format!("property float {axis}\n"));
    fields.iter().for_each(|field| header += &format!("property float {}\n", property_name(field)));
    if colours.is_some() {
        ["red", "green", "blue"].iter().for_each(|channel| header += &format!("property uchar {channel}\n"));
    }
    header +=
        &format!("element face {}\nproperty list uchar uint vertex_indices\nend_header\n", surface.triangles().len());
    let mut bytes = header.into_bytes();
    for (vertex, position) in surface.positions().iter().enumerate() {
        position.iter().for_each(|x| bytes.extend_from_slice(&(*x as f32).to_le_bytes()));
        fields.iter().for_each(|field| bytes.extend_from_slice(&(field.values[vertex] as f32).to_le_bytes()));
        if let Some(colours) = colours {
            bytes.extend_from_slice(&colours[vertex]);
        }
    }
    for triangle in surface.triangles() {
        bytes.push(3);
        triangle.iter().for_each(|v| bytes.extend_from_slice(&v.to_le_bytes()));
    }
    bytes
}

fn property_name(field: &Field) -> String {
    let word = |text: &str| text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect::<String>();
    if field.unit.is_empty() { word(&field.name) } else { format!("{}_{}", word(&field.name), word(&field.unit)) }
}

/// Read a PLY file.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn read(path: &Path) -> Result<(Surface, Vec<Field>), ReadError> {
    decode(&bytes_of(path)?, path)
}

/// The surface in the bytes of a PLY file and its other vertex properties as fields without a unit; polygons become fans.
/// Colours and normals are left out. `path` is for messages.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn decode(bytes: &[u8], path: &Path) -> Result<(Surface, Vec<Field>), ReadError> {
    let (header, body) = Header::parse(bytes, path)?;
    let mut values = Values { encoding: header.encoding, body, path };
    let mut positions = Vec::new();
    let mut fields: Vec<(String, Vec<f64>)> = Vec::new();
    let mut triangles = Vec::new();
    for element in &header.elements {
        // Every entry takes at least one byte, so a count beyond the rest of the file is a lie.
        if values.body.len() < element.count {
            let Element { name, count, .. } = element;
            let rest = values.body.len();
            let sentence = format!("the PLY header announces {count} entries of '{name}', but {rest} bytes follow");
            return Err(ReadError::damaged(path, sentence));
        }
        let is_vertex = element.name == "vertex";
        let places: Vec<Place> = element.properties.iter().map(|p| place_of(p, is_vertex, &mut fields)).collect();
        let mut polygon = Vec::new();
        for _ in 0..element.count {
            let mut point = Point::origin();
            for (property, place) in element.properties.iter().zip(&places) {
                let count = property.count.map_or(Ok(1.0), |kind| values.next(kind))?;
                polygon.clear();
                for _ in 0..count as usize {
                    let value = values.next(property.kind)?;
                    match place {
                        Place::Axis(axis) => point[*axis] = value,
                        Place::Field(n) => fields[*n].1.push(value),
                        Place::Polygon => polygon.push(value as u32),
                        Place::Nowhere => {}
                    }
                }
                if *place == Place::Polygon {
                    triangles.extend(fan(&polygon));
                }
            }
            if is_vertex {
                positions.push(point);
            }
        }
    }
    let fields = fields.into_iter().map(|(name, values)| Field::new(&name, "", values)).collect();
    Ok((surface(positions, triangles, path)?, fields))
}

/// Where the values of a property go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Axis(usize),
    Field(usize),
    Polygon,
    Nowhere,
}

fn place_of(property: &Property, is_vertex: bool, fields: &mut Vec<(String, Vec<f64>)>) -> Place {
    const LEFT_OUT: [&str; 8] = ["nx", "ny", "nz", "red", "green", "blue", "alpha", "confidence"];
    if !is_vertex || property.count.is_some() {
        let is_polygon = property.count.is_some() && property.name.starts_with("vertex_ind");
        return if is_polygon { Place::Polygon } else { Place::Nowhere };
    }
    if let Some(axis) = ["x", "y", "z"].iter().position(|axis| property.name == *axis) {
        return Place::Axis(axis);
    }
    if LEFT_OUT.contains(&property.name.as_str()) {
        return Place::Nowhere;
    }
    fields.push((property.name.clone(), Vec::new()));
    Place::Field(fields.len() - 1)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Text,
    Little,
    Big,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    F32,
    F64,
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "char" | "int8" => Self::I8,
            "uchar" | "uint8" => Self::U8,
            "short" | "int16" => Self::I16,
            "ushort" | "uint16" => Self::U16,
            "int" | "int32" => Self::I32,
            "uint" | "uint32" => Self::U32,
            "float" | "float32" => Self::F32,
            "double" | "float64" => Self::F64,
            _ => return None,
        })
    }

    fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

struct Property {
    name: String,
    kind: Kind,
    /// The type of the count, for lists.
    count: Option<Kind>,
}

struct Element {
    name: String,
    count: usize,
    properties: Vec<Property>,
}

struct Header {
    encoding: Encoding,
    elements: Vec<Element>,
}

impl Header {
    /// The header, and what follows it.
    fn parse<'a>(bytes: &'a [u8], path: &Path) -> Result<(Self, &'a [u8]), ReadError> {
        let damaged = |what: String| ReadError::damaged(path, what);
        if !bytes.starts_with(b"ply") {
            return Err(ReadError::not_this_format(path, "the file is not PLY: it does not begin with 'ply'"));
        }
        let mut header = Self { encoding: Encoding::Text, elements: Vec::new() };
        let mut rest = bytes;
        loop {
            let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
                return Err(damaged("the PLY header has no end".into()));
            };
            let line = String::from_utf8_lossy(&rest[..length]).trim().to_owned();
            rest = &rest[length + 1..];
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["end_header"] => return Ok((header, rest)),
                ["format", "ascii", ..] => header.encoding = Encoding::Text,
                ["format", "binary_little_endian", ..] => header.encoding = Encoding::Little,
                ["format", "binary_big_endian", ..] => header.encoding = Encoding::Big,
                ["element", name, count] => {
                    let count = count.parse().map_err(|_| damaged(format!("'{count}' is not a number of '{name}'")))?;
                    header.elements.push(Element { name: (*name).to_owned(), count, properties: Vec::new() });
                }
                ["property", kinds @ .., name] => {
                    let kind =
                        |word: &str| Kind::named(word).ok_or_else(|| damaged(format!("'{word}' is not a PLY type")));
                    let (kind, count) = match kinds {
                        ["list", count, item] => (kind(item)?, Some(kind(count)?)),
                        [single] => (kind(single)?, None),
                        _ => return Err(damaged(format!("'{line}' is not a PLY property"))),
                    };
                    let Some(element) = header.elements.last_mut() else {
                        return Err(damaged(format!("'{line}' comes before any element")));
                    };
                    element.properties.push(Property { name: (*name).to_owned(), kind, count });
                }
                _ => {}
            }
        }
    }
}

/// The numbers after the header, one after the other.
struct Values<'a> {
    encoding: Encoding,
    body: &'a [u8],
    path: &'a Path,
}

impl Values<'_> {
    fn next(&mut self, kind: Kind) -> Result<f64, ReadError> {
        if self.encoding == Encoding::Text {
            return self.next_word();
        }
        let too_early = || ReadError::damaged(self.path, "the file ends too early");
        let (value, rest) = self.body.split_at_checked(kind.bytes()).ok_or_else(too_early)?;
        self.body = rest;
        let mut bytes = [0_u8; 8];
        bytes[..value.len()].copy_from_slice(value);
        if self.encoding == Encoding::Big {
            bytes[..value.len()].reverse();
        }
        let [a, b, c, d, ..] = bytes;
        Ok(match kind {
            Kind::I8 => f64::from(a as i8),
            Kind::U8 => f64::from(a),
            Kind::I16 => f64::from(i16::from_le_bytes([a, b])),
            Kind::U16 => f64::from(u16::from_le_bytes([a, b])),
            Kind::I32 => f64::from(i32::from_le_bytes([a, b, c, d])),
            Kind::U32 => f64::from(u32::from_le_bytes([a, b, c, d])),
            Kind::F32 => f64::from(f32::from_le_bytes([a, b, c, d])),
            Kind::F64 => f64::from_le_bytes(bytes),
        })
    }

    fn next_word(&mut self) -> Result<f64, ReadError> {
        let body = self.body.trim_ascii_start();
        let length = body.iter().position(u8::is_ascii_whitespace).unwrap_or(body.len());
        let (word, rest) = body.split_at(length);
        self.body = rest;
        if word.is_empty() {
            return Err(ReadError::damaged(self.path, "the file ends too early"));
        }
        let text = String::from_utf8_lossy(word);
        text.parse().map_err(|_| ReadError::damaged(self.path, format!("'{text}' is not a number")))
    }
}
