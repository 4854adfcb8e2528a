//! `import.mesh`: bring a surface in from STL, PLY, OBJ or VTK.

use crate::io::mesh_file;
use crate::mesh::quality::surface_quality;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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
    const HELP: &'static str =
        "Bring in a surface from an STL, PLY, OBJ or VTK file; coordinates are taken as LPS millimetres.";
    const STEP: Step = Step::Import;
    const PARAMS: &'static [ParamSpec] = &[ParamSpec::needed("path", Kind::Path, "", "the file")];
    type Params = Params;

    fn prepare(_: &Case, Params { path }: Params) -> Result<Task, CommandError> {
        Ok(Box::new(move |progress| {
            let surface = mesh_file::read(&path).map_err(|error| CommandError::failed(&error))?;
            progress.set(0.6)?;
            let summary = surface_quality(&surface)
                .summary(&surface)
                .limit("The file does not say its unit and axes; they are taken as millimetres in LPS.");
            let name = path.file_stem().map_or_else(|| "mesh".into(), |stem| stem.to_string_lossy().into_owned());
            let mut edit = Edit::new(format!("import {name}"));
            edit.message = summary.warnings.first().cloned();
            Ok(edit.add(Node::new(name, Data::surface(surface)).with_summary(summary).shown([221, 130, 101], 1.0)))
        }))
    }
}
