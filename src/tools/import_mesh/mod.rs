//! `import.mesh`: bring a surface in from STL, PLY, OBJ or VTK, or tetrahedra from Gmsh.

use crate::base::Summary;
use crate::io::error::ReadError;
use crate::io::{gmsh, mesh_file};
use crate::mesh::quality::{surface_quality, tet_quality};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Bring a surface in.
#[derive(Debug)]
pub struct ImportMesh;

/// Parameters of [`ImportMesh`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    path: PathBuf,
}

impl Tool for ImportMesh {
    const ID: &'static str = "import.mesh";
    const LABEL: &'static str = "Import mesh…";
    const HELP: &'static str = "Bring in a surface from an STL, PLY, OBJ or VTK file, or tetrahedra from a Gmsh file (.msh as text, version 1, 2 or 4.1); coordinates are taken as LPS millimetres.";
    const STEP: Step = Step::Import;
    const PARAMS: &'static [ParamSpec] = &[ParamSpec::needed("path", Kind::Path, "", "the file")];
    type Params = Params;

    fn prepare(_: &Case, Params { path }: Params) -> Result<Task, CommandError> {
        Ok(Box::new(move |progress| {
            let (data, summary) = read(&path).map_err(|error| CommandError::failed(&error))?;
            progress.set(0.9)?;
            let summary =
                summary.limit("The file does not say its unit and axes; they are taken as millimetres in LPS.");
            let name = path.file_stem().map_or_else(|| "mesh".into(), |stem| stem.to_string_lossy().into_owned());
            let mut edit = Edit::new(format!("import {name}"));
            edit.message = summary.warnings.first().cloned();
            Ok(edit.add(Node::new(name, data).with_summary(summary).shown([221, 130, 101], 1.0)))
        }))
    }
}

/// The data and what is to be said about it.
fn read(path: &Path) -> Result<(Data, Summary), ReadError> {
    let bytes = mesh_file::bytes_of(path)?;
    let surface = if gmsh::is_gmsh(&bytes) {
        match gmsh::decode(&bytes, path)? {
            gmsh::Content::Tets(mesh, names) => {
                let mut summary = tet_quality(&mesh).summary(&mesh);
                for (region, name) in names {
                    summary = summary.method(format!("region {region} is called '{name}' in the file"));
                }
                return Ok((Data::Tets(mesh), summary));
            }
            gmsh::Content::Surface(surface) => surface,
        }
    } else {
        mesh_file::read(path)?
    };
    let summary = surface_quality(&surface).summary(&surface);
    Ok((Data::surface(surface), summary))
}
