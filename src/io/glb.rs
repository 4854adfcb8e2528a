//! GLB (binary glTF 2.0): several coloured surfaces in one file, for viewers, browsers and headsets.

use super::error::ReadError;
use super::words;
use crate::mesh::Surface;
use serde_json::{Value, json};
use std::path::Path;

/// One surface of a file.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Shown by viewers.
    pub name: &'a str,
    /// LPS millimetres.
    pub surface: &'a Surface,
    /// sRGB colour and opacity.
    pub rgba: [u8; 4],
    /// sRGB colours of the vertices instead, e.g. of a field.
    pub colours: Option<&'a [[u8; 3]]>,
}

/// Component types of glTF.
const U8: u32 = 5121;
const U32: u32 = 5125;
const F32: u32 = 5126;
/// Buffer targets of glTF.
const VERTICES: u32 = 34962;
const INDICES: u32 = 34963;

/// A GLB file of `parts`.
///
/// Vertices stay in LPS millimetres; the root node turns them into glTF's metres with the head up (+Y), the patient facing the
/// viewer (+Z) and the patient's left at +X.
///
/// # Panics
/// If a part's colours are not one per vertex.
pub fn encode(parts: &[Part<'_>]) -> Vec<u8> {
    let mut file = Writer::default();
    let (mut nodes, mut meshes, mut materials) = (vec![Value::Null], Vec::new(), Vec::new());
    for (n, part) in parts.iter().enumerate() {
        meshes.push(json!({ "name": part.name, "primitives": [file.primitive(part, n)] }));
        nodes.push(json!({ "name": part.name, "mesh": n }));
        materials.push(material(part));
    }
    nodes[0] = json!({
        "name": "patient (LPS, mm)",
        "matrix": [0.001, 0.0, 0.0, 0.0, 0.0, 0.0, -0.001, 0.0, 0.0, 0.001, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        "children": (1..nodes.len()).collect::<Vec<_>>(),
    });
    let Writer { bytes, views, accessors } = file;
    let mut root = json!({
        "asset": { "version": "2.0", "generator": concat!("prosector ", env!("CARGO_PKG_VERSION")) },
        "scene": 0,
        "scenes": [{ "nodes": [0] }],
    });
    // glTF forbids empty lists and a node without the children it lists.
    if parts.is_empty() {
        root["nodes"] = json!([{ "name": "empty" }]);
    } else {
        root["nodes"] = nodes.into();
        root["meshes"] = meshes.into();
        root["materials"] = materials.into();
        root["accessors"] = accessors.into();
        root["bufferViews"] = views.into();
        root["buffers"] = json!([{ "byteLength": bytes.len() }]);
    }
    container(root.to_string().into_bytes(), &bytes)
}

/// The 12-byte header and the two chunks, each padded to 4 bytes.
fn container(mut text: Vec<u8>, bytes: &[u8]) -> Vec<u8> {
    text.resize(text.len().next_multiple_of(4), b' ');
    let binary = if bytes.is_empty() { 0 } else { 8 + bytes.len() };
    let total = 12 + 8 + text.len() + binary;
    let mut out = Vec::with_capacity(total);
    out.extend_from_slice(b"glTF");
    let word = |out: &mut Vec<u8>, number: usize| out.extend_from_slice(&(number as u32).to_le_bytes());
    word(&mut out, 2);
    word(&mut out, total);
    word(&mut out, text.len());
    out.extend_from_slice(b"JSON");
    out.extend_from_slice(&text);
    if !bytes.is_empty() {
        word(&mut out, bytes.len());
        out.extend_from_slice(b"BIN\0");
        out.extend_from_slice(bytes);
    }
    out
}

/// What a GLB file says of one of its meshes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Content {
    /// Shown by viewers; may be empty.
    pub name: String,
    /// Vertices of all its parts.
    pub vertices: u64,
    /// Triangles of all its parts.
    pub triangles: u64,
}

/// The meshes in the bytes of a GLB file by any program, as its table says; the numbers of the vertices are not read.
/// `path` is for messages.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn contents(bytes: &[u8], path: &Path) -> Result<Vec<Content>, ReadError> {
    let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize);
    if !bytes.starts_with(b"glTF") {
        return Err(ReadError::not_this_format(path, "the file is not GLB: it does not begin with 'glTF'"));
    }
    let damaged = |what: String| ReadError::damaged(path, what);
    let (version, length) = (word(4).unwrap_or(0), word(8).unwrap_or(0));
    if version != 2 {
        return Err(ReadError::unsupported(path, format!("this is glTF version {version}; version 2 is read")));
    }
    if bytes.len() < length {
        return Err(damaged(format!("the file announces {length} bytes and has {}", bytes.len())));
    }
    let table = word(12).filter(|_| bytes.get(16..20) == Some(b"JSON")).and_then(|size| bytes.get(20..20 + size));
    let table = table.ok_or_else(|| damaged("the file does not begin with its table of contents".into()))?;
    let root: Value =
        serde_json::from_slice(table).map_err(|error| damaged(format!("its table, {}", words::of_json(&error))))?;
    let count = |accessor: &Value| accessor.as_u64().and_then(|n| root["accessors"][n as usize]["count"].as_u64());
    let mesh = |mesh: &Value| {
        let (mut vertices, mut triangles) = (0_u64, 0_u64);
        for part in mesh["primitives"].as_array().into_iter().flatten() {
            let corners = count(&part["attributes"]["POSITION"]).unwrap_or(0);
            let used = count(&part["indices"]).unwrap_or(corners);
            vertices = vertices.saturating_add(corners);
            triangles = triangles.saturating_add(match part["mode"].as_u64().unwrap_or(4) {
                4 => used / 3,
                5 | 6 => used.saturating_sub(2), // strips and fans
                _ => 0,                          // points and lines
            });
        }
        Content { name: mesh["name"].as_str().unwrap_or_default().to_owned(), vertices, triangles }
    };
    Ok(root["meshes"].as_array().into_iter().flatten().map(mesh).collect())
}

fn material(part: &Part<'_>) -> Value {
    let [r, g, b, a] = part.rgba;
    let [r, g, b] = if part.colours.is_some() { [1.0; 3] } else { [r, g, b].map(linear) };
    json!({
        "name": part.name,
        "pbrMetallicRoughness": {
            "baseColorFactor": [r, g, b, f64::from(a) / 255.0],
            "metallicFactor": 0.0,
            "roughnessFactor": 0.6,
        },
        "alphaMode": if a == 255 { "OPAQUE" } else { "BLEND" },
        "doubleSided": true,
    })
}

/// sRGB to linear light (IEC 61966-2-1), which glTF wants.
fn linear(value: u8) -> f64 {
    let c = f64::from(value) / 255.0;
    if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    views: Vec<Value>,
    accessors: Vec<Value>,
}

impl Writer {
    fn primitive(&mut self, part: &Part<'_>, material: usize) -> Value {
        let surface = part.surface;
        let positions: Vec<[f32; 3]> = surface.positions().iter().map(|p| p.map(|x| x as f32).into()).collect();
        let normals: Vec<[f32; 3]> =
            surface.vertex_normals().iter().map(|n| unit_or_up(n.map(|x| x as f32).into())).collect();
        let bound = |pick: fn(f32, f32) -> f32, start: f32| {
            positions.iter().fold([start; 3], |all, p| [0, 1, 2].map(|n| pick(all[n], p[n])))
        };
        let position = self.add(bytemuck::cast_slice(&positions), positions.len(), F32, "VEC3", VERTICES);
        if !positions.is_empty() {
            self.accessors[position]["min"] = json!(bound(f32::min, f32::INFINITY));
            self.accessors[position]["max"] = json!(bound(f32::max, f32::NEG_INFINITY));
        }
        let normal = self.add(bytemuck::cast_slice(&normals), normals.len(), F32, "VEC3", VERTICES);
        let mut attributes = json!({ "POSITION": position, "NORMAL": normal });
        if let Some(colours) = part.colours {
            assert_eq!(colours.len(), positions.len(), "one colour per vertex");
            let byte = |c: u8| (linear(c) * 255.0).round() as u8;
            let rgba: Vec<[u8; 4]> = colours.iter().map(|[r, g, b]| [byte(*r), byte(*g), byte(*b), 255]).collect();
            let colour = self.add(rgba.as_flattened(), rgba.len(), U8, "VEC4", VERTICES);
            self.accessors[colour]["normalized"] = json!(true);
            attributes["COLOR_0"] = json!(colour);
        }
        let indices = surface.triangles().as_flattened();
        let indices = self.add(bytemuck::cast_slice(indices), indices.len(), U32, "SCALAR", INDICES);
        json!({ "attributes": attributes, "indices": indices, "material": material, "mode": 4 })
    }

    /// Append an array; the number of its accessor. All our arrays have whole words, so every one starts at a word.
    fn add(&mut self, bytes: &[u8], count: usize, component: u32, kind: &str, target: u32) -> usize {
        let view = json!({ "buffer": 0, "byteOffset": self.bytes.len(), "byteLength": bytes.len(), "target": target });
        self.views.push(view);
        self.bytes.extend_from_slice(bytes);
        self.accessors.push(json!({
            "bufferView": self.views.len() - 1, "componentType": component, "count": count, "type": kind,
        }));
        self.accessors.len() - 1
    }
}

/// glTF wants normals of length one also where a vertex has no triangle.
fn unit_or_up(normal: [f32; 3]) -> [f32; 3] {
    if normal == [0.0; 3] { [0.0, 0.0, 1.0] } else { normal }
}
