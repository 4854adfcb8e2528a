//! Tetrahedra as files for solvers.

use crate::io::file::write_whole;
use crate::io::solid::Solid;
use crate::io::{abaqus, febio, gmsh, vtu};
use crate::mesh::{Field, TetMesh};
use crate::session::{Case, CommandError, Data, Edit, Node, Task};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Formats that hold tetrahedra.
pub(super) const SOLID_FORMATS: [&str; 4] = ["vtu", "msh", "inp", "feb"];

/// Write the tetrahedra of a node; regions are called after the segments they were made from, if these are still there.
pub(super) fn solid_bytes(case: &Case, node: Arc<Node>, format: String, path: PathBuf) -> Result<Task, CommandError> {
    if tets(&node.data).is_none() {
        let (name, kind) = (&node.name, node.data.kind().words());
        let text = format!("{format} files hold tetrahedra; {name} is {kind}, so choose a mesh of tetrahedra");
        return Err(CommandError::BadParams(text));
    }
    let names = names(case, &node);
    Ok(Box::new(move |progress| {
        let (mesh, fields) = tets(&node.data).expect("checked before");
        let solid = Solid { mesh: &mesh, names: &names };
        progress.set(0.2)?;
        let bytes = match format.as_str() {
            "vtu" => vtu::encode_tets(&mesh, &fields),
            "msh" => gmsh::encode(&solid).into_bytes(),
            "inp" => abaqus::encode(&solid).into_bytes(),
            _ => febio::encode(&solid).into_bytes(),
        };
        progress.set(0.8)?;
        write_whole(&path, &bytes).map_err(|error| CommandError::failed(&error))?;
        let size_mb = bytes.len() as f64 / 1e6;
        Ok(Edit::new("export mesh").say(format!("wrote {} ({size_mb:.1} MB)", path.display())))
    }))
}

/// The mesh of a node at rest, and its fields.
fn tets(data: &Data) -> Option<(TetMesh, Vec<Field>)> {
    match data {
        Data::Tets(mesh) => Some((mesh.clone(), Vec::new())),
        Data::Tissue(result) => {
            Some((result.mesh.clone(), vec![result.displacement_field(), result.von_mises_field()]))
        }
        _ => None,
    }
}

/// Names of the segments that a node was made from, directly or over another node.
fn names(case: &Case, node: &Node) -> BTreeMap<u8, String> {
    let mut from = node.source;
    while let Some(source) = from.and_then(|id| case.node(id)) {
        if let Data::Labels(labels) = &source.data {
            return labels.segments().iter().map(|segment| (segment.id.0, segment.name.clone())).collect();
        }
        from = source.source;
    }
    BTreeMap::new()
}
