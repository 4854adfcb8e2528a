//! What single files hold that are no DICOM: meshes, images, segmentations, logs.

use super::{Failure, grid_json, print};
use crate::base::Summary;
use crate::geom::Grid;
use crate::image::{LabelMap, Scan};
use crate::io::error::ReadError;
use crate::io::{glb, gmsh, mesh_file, nifti, nrrd};
use crate::mesh::quality::{surface_quality, tet_quality};
use crate::mesh::{Surface, TetMesh};
use crate::session::store::journal;
use crate::session::{LogEntry, log};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

/// What there is to say of a file: the same as text and as JSON.
pub(super) struct About {
    /// The word for scripts.
    kind: &'static str,
    /// Fields of the JSON form beside path and kind.
    json: Value,
    /// Names and values, one a line.
    facts: Vec<[String; 2]>,
    /// A table below them: header and rows.
    table: Option<(&'static [&'static str], Vec<Vec<String>>)>,
    /// What is odd, one sentence each.
    warnings: Vec<String>,
}

impl About {
    /// Print it.
    pub(super) fn tell(self, path: &Path, as_json: bool) -> Result<ExitCode, Failure> {
        let Self { kind, mut json, facts, table, warnings } = self;
        if as_json {
            json["path"] = Value::from(path.to_string_lossy());
            json["kind"] = Value::from(kind);
            json["warnings"] = Value::from(warnings);
            print::json(&json);
            return Ok(ExitCode::SUCCESS);
        }
        let width = facts.iter().map(|[name, _]| name.chars().count()).max().unwrap_or(0);
        facts.iter().for_each(|[name, value]| print::line(&format!("{name:<width$}  {value}")));
        if let Some((header, rows)) = table {
            print::line("");
            print::table(header, &rows);
        }
        warnings.iter().for_each(|warning| print::line(&format!("warning: {warning}")));
        Ok(ExitCode::SUCCESS)
    }
}

/// What `path` holds, by its content and its name; none for folders and for what only the DICOM reader may know.
pub(super) fn about(path: &Path) -> Result<Option<About>, Failure> {
    let system = |error| ReadError::system(path, error);
    if std::fs::metadata(path).map_err(system)?.is_dir() {
        return Ok(None);
    }
    let mut start = Vec::new();
    std::fs::File::open(path).map_err(system)?.take(1024).read_to_end(&mut start).map_err(system)?;
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&[".jsonl"]) {
        return steps(path).map(Some);
    }
    if nrrd::is_nrrd(&start) || ends(&[".nrrd"]) {
        let about = print::with_bar("reading the image", |progress| match ends(&[".seg.nrrd"]) {
            true => nrrd::read_labels(path, progress).map(|labels| Some(segments("NRRD", &labels))),
            false => {
                nrrd::read_times(path, None, progress).map(|scans| scans.last().map(|(_, scan)| image("NRRD", scan)))
            }
        });
        return Ok(about?);
    }
    if nifti::is_nifti(&start) || ends(&[".nii", ".nii.gz"]) {
        let scans = print::with_bar("reading the image", |progress| nifti::read_times(path, None, progress))?;
        return Ok(scans.last().map(|(_, scan)| image("NIfTI", scan)));
    }
    if start.starts_with(b"glTF") || ends(&[".glb"]) {
        return Ok(Some(scene(&glb::contents(&mesh_file::bytes_of(path)?, path)?)));
    }
    if gmsh::is_gmsh(&start) || ends(&[".msh"]) {
        return Ok(Some(match gmsh::decode(&mesh_file::bytes_of(path)?, path)? {
            gmsh::Content::Tets(mesh, names) => tets(&mesh, &names),
            gmsh::Content::Surface(surface) => mesh(&mesh_file::Read { format: "Gmsh", surface, fields: Vec::new() }),
        }));
    }
    let is_dicom = start.get(128..132) == Some(b"DICM");
    if ends(&[".stl", ".ply", ".obj", ".vtk"]) || start.starts_with(b"ply") || start.starts_with(b"# vtk") {
        return Ok(Some(mesh(&mesh_file::read_all(path)?)));
    }
    if !is_dicom && start.starts_with(b"solid") {
        return Ok(Some(mesh(&mesh_file::read_all(path)?)));
    }
    Ok(None)
}

fn fact(name: &str, value: impl Into<String>) -> [String; 2] {
    [name.to_owned(), value.into()]
}

fn mesh(read: &mesh_file::Read) -> About {
    let mesh_file::Read { format, surface, fields } = read;
    let row = |field: &crate::mesh::Field| {
        let [least, most] = field.range().map_or(["".into(), "".into()], |range| range.map(print::number));
        vec![field.name.clone(), least, most]
    };
    let table = (!fields.is_empty()).then(|| (&["field", "least>", "most>"][..], fields.iter().map(row).collect()));
    let fields: Vec<Value> = fields.iter().map(|f| json!({ "name": f.name, "range": f.range() })).collect();
    let mut about = geometry(format, surface_quality(surface).summary(surface), surface);
    about.json["fields"] = Value::from(fields);
    About { table, ..about }
}

/// Tetrahedra, how many of each region, and its name where the file has one.
fn tets(mesh: &TetMesh, names: &BTreeMap<u8, String>) -> About {
    let mut counts: BTreeMap<u8, usize> = BTreeMap::new();
    mesh.regions().iter().for_each(|region| *counts.entry(*region).or_default() += 1);
    let name_of = |region: &u8| names.get(region).cloned().unwrap_or_default();
    let regions: Vec<Value> = counts
        .iter()
        .map(|(region, count)| json!({ "region": region, "name": names.get(region), "tetrahedra": count }))
        .collect();
    let rows = counts.iter().map(|(region, count)| vec![region.to_string(), name_of(region), count.to_string()]);
    let table =
        (1 < counts.len() || !names.is_empty()).then(|| (&["region>", "name", "tetrahedra>"][..], rows.collect()));
    let mut about = geometry("Gmsh", tet_quality(mesh).summary(mesh), &mesh.boundary().0);
    about.json["regions"] = Value::from(regions);
    About { table, ..about }
}

/// Numbers of a mesh and the box around its surface.
fn geometry(format: &str, summary: Summary, surface: &Surface) -> About {
    let Summary { facts: numbers, warnings, .. } = summary;
    let bounds = surface.bounds();
    let [low, high]: [[f64; 3]; 2] = [bounds.min.into(), bounds.max.into()];
    let mut facts = vec![fact("format", format)];
    facts.extend(numbers.iter().map(|number| {
        let unit = if number.unit == "1" { "" } else { &number.unit };
        let value = match number.value {
            whole if whole.fract() == 0.0 && whole.abs() < 1e15 => format!("{whole:.0}"),
            value => print::number(value),
        };
        fact(&number.name, format!("{value} {unit}").trim_end())
    }));
    let span = [0, 1, 2].map(|n| format!("{} to {}", print::number(low[n]), print::number(high[n])));
    facts.push(fact("bounds", format!("{} in the unit of the file, taken as LPS mm", span.join(", "))));
    let json = json!({ "format": format, "facts": numbers, "bounds": [low, high] });
    About { kind: "mesh", json, facts, table: None, warnings }
}

fn scene(contents: &[glb::Content]) -> About {
    let row = |part: &glb::Content| vec![part.name.clone(), part.vertices.to_string(), part.triangles.to_string()];
    let sum = |of: fn(&glb::Content) -> u64| contents.iter().map(of).fold(0, u64::saturating_add);
    let [vertices, triangles] = [sum(|part| part.vertices), sum(|part| part.triangles)];
    let facts = vec![
        fact("format", "GLB"),
        fact("meshes", contents.len().to_string()),
        fact("vertices", vertices.to_string()),
        fact("triangles", triangles.to_string()),
    ];
    let json = json!({ "format": "GLB", "meshes": contents, "vertices": vertices, "triangles": triangles });
    let table = Some((&["mesh", "vertices>", "triangles>"][..], contents.iter().map(row).collect()));
    About { kind: "scene", json, facts, table, warnings: Vec::new() }
}

fn grid_facts(format: &str, grid: &Grid) -> Vec<[String; 2]> {
    let join = |parts: [String; 3], between: &str| parts.join(between);
    let origin: [f64; 3] = grid.origin().into();
    vec![
        fact("format", format),
        fact("voxels", join(grid.dims().map(|n| n.to_string()), " × ")),
        fact("spacing [mm]", join(grid.spacing_mm().map(print::number), " × ")),
        fact("first voxel [LPS mm]", join(origin.map(print::number), ", ")),
    ]
}

fn image(format: &'static str, scan: &Scan) -> About {
    let values = (0..scan.grid().len()).map(|n| scan.value(n));
    let [least, most] =
        values.fold([f64::INFINITY, f64::NEG_INFINITY], |[least, most], value| [least.min(value), most.max(value)]);
    let mut facts = grid_facts(format, scan.grid());
    facts.push(fact(
        "values",
        format!("{} to {} {}", print::number(least), print::number(most), scan.unit()).trim_end(),
    ));
    facts.push(fact("kind", scan.modality.name()));
    facts.extend(scan.facts.iter().map(|(name, value)| fact(name, value.as_str())));
    let grid = grid_json(scan.grid());
    let json = json!({
        "format": format, "grid": grid, "range": [least, most], "modality": scan.modality, "facts": scan.facts,
    });
    About { kind: "image", json, facts, table: None, warnings: Vec::new() }
}

fn segments(format: &'static str, labels: &LabelMap) -> About {
    let row = |segment: &crate::image::Segment| {
        let code = segment.snomed.map_or(String::new(), |code| code.to_string());
        vec![segment.id.0.to_string(), segment.name.clone(), print::number(labels.volume_ml(segment.id)), code]
    };
    let rows = labels.segments().iter().map(row).collect();
    let list: Vec<Value> = labels
        .segments()
        .iter()
        .map(|s| json!({ "id": s.id, "name": s.name, "snomed": s.snomed, "volume_ml": labels.volume_ml(s.id) }))
        .collect();
    let facts = grid_facts(format, labels.grid());
    let json = json!({ "format": format, "grid": grid_json(labels.grid()), "segments": list });
    let table = Some((&["segment>", "name", "volume [ml]>", "SNOMED CT"][..], rows));
    About { kind: "segmentation", json, facts, table, warnings: Vec::new() }
}

/// The entries of a log.
fn steps(path: &Path) -> Result<About, Failure> {
    let journal::Log { header, entries, warning } = journal::read(path)?;
    let mut stands = log::commands(&entries).into_iter().map(|(_, stands)| stands);
    let (mut rows, mut list) = (Vec::new(), Vec::new());
    for (n, entry) in entries.iter().enumerate() {
        let mut told = json!(entry);
        let (what, params, state) = match entry {
            LogEntry::Command { command, .. } => {
                let stands = stands.next().unwrap_or(true);
                told["stands"] = Value::from(stands);
                (command.tool.clone(), command.params.to_string(), if stands { "" } else { "taken back" })
            }
            LogEntry::Undo { .. } => ("undo".into(), String::new(), ""),
            LogEntry::Redo { .. } => ("redo".into(), String::new(), ""),
            LogEntry::Goto { state, .. } => ("go to".into(), state.to_string(), ""),
        };
        rows.push(vec![(n + 1).to_string(), what, state.to_owned(), params]);
        list.push(told);
    }
    let mut facts = vec![fact("format", "log of prosector"), fact("entries", entries.len().to_string())];
    if let Some(header) = &header {
        facts.push(fact("written by", format!("prosector {}", header.version)));
        let opened = header.opened.as_ref().map_or_else(|| "an empty case".into(), |path| path.display().to_string());
        facts.push(fact("begins with", opened));
    }
    let json = json!({ "header": header, "entries": list });
    let table = Some((&["step>", "command", "", "parameters"][..], rows));
    Ok(About { kind: "log", json, facts, table, warnings: warning.into_iter().collect() })
}
