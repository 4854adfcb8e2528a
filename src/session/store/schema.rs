//! The stored form of a case, apart from the types kernels use, so that both can change.

use crate::base::{NodeId, Summary};
use crate::geom::{Grid, Point, Vector};
use crate::image::{LabelMap, Modality, Scan, Segment, Volume, Voxels, Window};
use crate::mesh::{Field, Surface, TetMesh};
use crate::session::data::SurfaceData;
use crate::session::{Command, Data, Display, Node};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

mod lines;
mod measure;
mod plan;
mod results;
mod view;

/// The first field of every manifest.
pub(super) const FORMAT: &str = "prosector case";

/// The highest number of an object that is accepted, so that there are always more to give.
const ID_MAX: u32 = u32::MAX / 2;

/// Arrays of a node by name, as little-endian bytes.
pub(super) type Arrays = BTreeMap<String, Vec<u8>>;

/// What must be readable in the manifest of any version.
#[derive(Debug, Deserialize)]
pub(super) struct Head {
    pub(super) format: String,
    pub(super) schema_version: u32,
}

/// The manifest of schema version 1.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    format: String,
    schema_version: u32,
    program: String,
    pub(super) nodes: Vec<NodeEntry>,
    /// The id the next node gets; none in files of the first programs.
    #[serde(default)]
    pub(super) next_id: Option<u32>,
}

impl Manifest {
    pub(super) fn new(nodes: Vec<NodeEntry>, next_id: u32) -> Self {
        let next_id = Some(next_id);
        let program = format!("prosector {}", env!("CARGO_PKG_VERSION"));
        Self { format: FORMAT.into(), schema_version: super::case_file::SCHEMA_VERSION, program, nodes, next_id }
    }

    /// Ids that are used once, leave room for more, and come after what they were made from.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut seen = std::collections::BTreeSet::new();
        for NodeEntry { id, source, name, .. } in &self.nodes {
            if *id == 0 || ID_MAX < *id {
                return Err(format!("object #{id} ({name}): its number is outside 1 to {ID_MAX}"));
            }
            if !seen.insert(*id) {
                return Err(format!("two objects have the number #{id}"));
            }
            if source.is_some_and(|source| *id <= source) {
                return Err(format!("object #{id} ({name}) says that it was made from a later object or from itself"));
            }
        }
        match self.next_id {
            Some(next) if ID_MAX < next => Err(format!("the number of its next object, {next}, is above {ID_MAX}")),
            _ => Ok(()),
        }
    }
}

/// One node in the manifest.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct NodeEntry {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) source: Option<u32>,
    pub(super) display: Display,
    pub(super) summary: Summary,
    pub(super) made_by: Option<Command>,
    pub(super) hash: String,
    pub(super) data: Meta,
    /// Bytes of each array.
    pub(super) arrays: BTreeMap<String, u64>,
}

impl NodeEntry {
    pub(super) fn of(id: NodeId, node: &Node, data: Meta, arrays: impl Iterator<Item = (String, u64)>) -> Self {
        Self {
            id: id.0,
            name: node.name.clone(),
            source: node.source.map(|source| source.0),
            display: node.display.clone(),
            summary: node.summary.clone(),
            made_by: node.made_by().cloned(),
            hash: node.hash().to_hex(),
            data,
            arrays: arrays.collect(),
        }
    }
}

/// The small part of a node's data; the large part lies in arrays.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(in crate::session::store) enum Meta {
    Scan { grid: GridV1, real: bool, modality: Modality, window: Option<Window>, facts: Vec<(String, String)> },
    Labels { grid: GridV1, segments: Vec<Segment> },
    Surface { fields: Vec<(String, String)> },
    Tets {},
    Lines(lines::LinesV1),
    Tissue(results::TissueV1),
    Flow(results::FlowV1),
    Measure(measure::MeasureV1),
    View(view::ViewV1),
    Plan(plan::PlanV1),
}

impl Meta {
    /// Bytes of the array `name` where the grid says so; none for arrays of other sizes.
    pub(in crate::session::store) fn bytes_of(&self, name: &str) -> Option<u64> {
        let (grid, width) = match self {
            Self::Scan { grid, real, .. } if name == "voxels" => (grid, if *real { 4 } else { 2 }),
            Self::Labels { grid, .. } if name == "labels" => (grid, 1),
            _ => return None,
        };
        Some(grid.dims.iter().fold(width, |bytes, dim| bytes.saturating_mul(*dim as u64)))
    }
}

/// A grid: dims, origin, and the step matrix column by column.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::session::store) struct GridV1 {
    dims: [usize; 3],
    origin: [f64; 3],
    step: [[f64; 3]; 3],
}

impl GridV1 {
    fn of(grid: &Grid) -> Self {
        let step = [0, 1, 2].map(|axis| grid.step().column(axis).into_owned().into());
        Self { dims: grid.dims(), origin: grid.origin().into(), step }
    }

    fn grid(&self) -> Result<Grid, String> {
        let step = nalgebra::Matrix3::from_columns(&self.step.map(Vector::from));
        Grid::new(self.dims, Point::from(self.origin), step).map_err(|error| error.to_string())
    }
}

/// The stored form of `data`: the small part, and the arrays in the order they are written.
pub(super) fn encode(data: &Data) -> (Meta, Vec<(String, Cow<'_, [u8]>)>) {
    match data {
        Data::Scan(scan) => {
            let Scan { voxels, modality, window, facts } = scan.as_ref();
            let (real, bytes) = match voxels {
                Voxels::I16(volume) => (false, bytemuck::cast_slice(volume.voxels())),
                Voxels::F32(volume) => (true, bytemuck::cast_slice(volume.voxels())),
            };
            let grid = GridV1::of(scan.grid());
            let meta = Meta::Scan { grid, real, modality: *modality, window: *window, facts: facts.clone() };
            (meta, vec![("voxels".into(), Cow::Borrowed(bytes))])
        }
        Data::Labels(labels) => {
            let meta = Meta::Labels { grid: GridV1::of(labels.grid()), segments: labels.segments().to_vec() };
            (meta, vec![("labels".into(), Cow::Owned(labels.to_volume().voxels().to_vec()))])
        }
        Data::Surface(data) => {
            let fields = data.fields.iter().map(|f| (f.name.clone(), f.unit.clone())).collect();
            let mut arrays = surface_arrays(&data.surface);
            arrays.extend(field_arrays(&data.fields));
            (Meta::Surface { fields }, arrays)
        }
        Data::Tets(mesh) => (Meta::Tets {}, tet_arrays(mesh)),
        Data::Lines(lines) => lines::encode(lines),
        Data::Tissue(result) => results::encode_tissue(result),
        Data::Flow(result) => results::encode_flow(result),
        Data::Measure(measure) => measure::encode(measure),
        Data::View(view) => view::encode(view),
        Data::Plan(plan) => plan::encode(plan),
    }
}

/// The data whose stored form is `meta` and `arrays`.
pub(super) fn decode(meta: &Meta, mut arrays: Arrays) -> Result<Data, String> {
    let arrays = &mut arrays;
    match meta {
        Meta::Scan { grid, real, modality, window, facts } => {
            let grid = grid.grid()?;
            let voxels = if *real {
                Voxels::F32(Volume::new(grid, numbers(arrays, "voxels")?).map_err(|e| e.to_string())?)
            } else {
                Voxels::I16(Volume::new(grid, numbers(arrays, "voxels")?).map_err(|e| e.to_string())?)
            };
            let scan = Scan { voxels, modality: *modality, window: *window, facts: facts.clone() };
            Ok(Data::Scan(Arc::new(scan)))
        }
        Meta::Labels { grid, segments } => {
            let labels = Volume::new(grid.grid()?, take(arrays, "labels")?).map_err(|e| e.to_string())?;
            Ok(Data::Labels(LabelMap::from_volume(&labels, segments.clone()).map_err(|e| e.to_string())?))
        }
        Meta::Surface { fields } => {
            let surface = surface(arrays)?;
            let fields = decode_fields(arrays, fields, surface.positions().len())?;
            Ok(Data::Surface(Arc::new(SurfaceData { surface, fields })))
        }
        Meta::Tets {} => Ok(Data::Tets(tets(arrays)?)),
        Meta::Lines(meta) => lines::decode(meta, arrays),
        Meta::Tissue(meta) => results::decode_tissue(meta, arrays),
        Meta::Flow(meta) => results::decode_flow(meta, arrays),
        Meta::Measure(meta) => measure::decode(meta, arrays),
        Meta::View(meta) => view::decode(meta, arrays),
        Meta::Plan(meta) => plan::decode(meta),
    }
}

type Encoded<'a> = Vec<(String, Cow<'a, [u8]>)>;

fn bytes_of<T: bytemuck::NoUninit>(values: &[T]) -> Cow<'_, [u8]> {
    Cow::Borrowed(bytemuck::cast_slice(values))
}

fn point_bytes<'a>(points: &[Point]) -> Cow<'a, [u8]> {
    Cow::Owned(points.iter().flat_map(|p| p.coords.as_slice().iter().flat_map(|x| x.to_le_bytes())).collect())
}

fn vector_bytes<'a>(vectors: &[Vector]) -> Cow<'a, [u8]> {
    Cow::Owned(vectors.iter().flat_map(|v| v.as_slice().iter().flat_map(|x| x.to_le_bytes())).collect())
}

fn surface_arrays(surface: &Surface) -> Encoded<'_> {
    let triangles = bytes_of(surface.triangles().as_flattened());
    vec![("positions".into(), point_bytes(surface.positions())), ("triangles".into(), triangles)]
}

fn tet_arrays(mesh: &TetMesh) -> Encoded<'_> {
    vec![
        ("tet_positions".into(), point_bytes(mesh.positions())),
        ("tets".into(), bytes_of(mesh.tets().as_flattened())),
        ("regions".into(), bytes_of(mesh.regions())),
    ]
}

fn field_arrays(fields: &[Field]) -> Encoded<'_> {
    fields.iter().enumerate().map(|(n, field)| (format!("field{n}"), bytes_of(field.values.as_slice()))).collect()
}

fn take(arrays: &mut Arrays, name: &str) -> Result<Vec<u8>, String> {
    arrays.remove(name).ok_or_else(|| format!("the array {name} is missing"))
}

fn numbers<T: bytemuck::AnyBitPattern>(arrays: &mut Arrays, name: &str) -> Result<Vec<T>, String> {
    let bytes = take(arrays, name)?;
    if bytes.len() % size_of::<T>() != 0 {
        return Err(format!("the array {name} has {} bytes, not a multiple of {}", bytes.len(), size_of::<T>()));
    }
    Ok(bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned).collect())
}

fn points(arrays: &mut Arrays, name: &str) -> Result<Vec<Point>, String> {
    Ok(vectors(arrays, name)?.into_iter().map(Point::from).collect())
}

fn vectors(arrays: &mut Arrays, name: &str) -> Result<Vec<Vector>, String> {
    let flat: Vec<f64> = numbers(arrays, name)?;
    if flat.len().is_multiple_of(3) {
        Ok(flat.chunks_exact(3).map(Vector::from_column_slice).collect())
    } else {
        Err(format!("the array {name} is not made of points"))
    }
}

fn groups<const N: usize>(arrays: &mut Arrays, name: &str) -> Result<Vec<[u32; N]>, String> {
    let flat: Vec<u32> = numbers(arrays, name)?;
    let (groups, rest) = flat.as_chunks::<N>();
    if rest.is_empty() { Ok(groups.to_vec()) } else { Err(format!("the array {name} is not made of groups of {N}")) }
}

fn surface(arrays: &mut Arrays) -> Result<Surface, String> {
    Surface::new(points(arrays, "positions")?, groups(arrays, "triangles")?).map_err(|error| error.to_string())
}

fn tets(arrays: &mut Arrays) -> Result<TetMesh, String> {
    let (positions, tets) = (points(arrays, "tet_positions")?, groups(arrays, "tets")?);
    TetMesh::new(positions, tets, take(arrays, "regions")?).map_err(|error| error.to_string())
}

fn decode_fields(arrays: &mut Arrays, fields: &[(String, String)], count: usize) -> Result<Vec<Field>, String> {
    let field = |(n, (name, unit)): (usize, &(String, String))| {
        let values: Vec<f64> = numbers(arrays, &format!("field{n}"))?;
        if values.len() != count || values.iter().any(|value| !value.is_finite()) {
            return Err(format!(
                "the field {name} has {} values for {count} vertices, or one is not finite",
                values.len()
            ));
        }
        Ok(Field::new(name, unit, values))
    };
    fields.iter().enumerate().map(field).collect()
}
