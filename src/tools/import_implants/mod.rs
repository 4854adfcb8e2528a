//! `import.implants`: a library of implants, all sizes of a folder.

use crate::base::Summary;
use crate::io::mesh_file;
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Most implants of a folder: as many as plan.implant tries at once.
const IMPLANTS_MAX: usize = 50;

/// Implants of a folder.
#[derive(Debug)]
pub struct ImportImplants;

/// Parameters of [`ImportImplants`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    folder: PathBuf,
}

impl Tool for ImportImplants {
    const ID: &'static str = "import.implants";
    const LABEL: &'static str = "Import implants…";
    const HELP: &'static str = "Bring in all implants of a folder, e.g. the sizes of a plate as STL files, hidden until one is put on bone; plan.implant tells which fits best. Coordinates are taken as LPS millimetres.";
    const STEP: Step = Step::Import;
    const PARAMS: &'static [ParamSpec] =
        &[ParamSpec::needed("folder", Kind::Path, "", "the folder with STL, PLY or OBJ files, one implant each")];
    type Params = Params;

    fn prepare(_: &Case, Params { folder }: Params) -> Result<Task, CommandError> {
        Ok(Box::new(move |progress| {
            let files = mesh_file::files_of(&folder).map_err(|error| CommandError::failed(&error))?;
            let count = files.len();
            if !(1..=IMPLANTS_MAX).contains(&count) {
                let text = format!(
                    "there are {count} files of surfaces (.stl, .ply, .obj) in the folder; put 1 to {IMPLANTS_MAX} there"
                );
                return Err(CommandError::BadParams(text));
            }
            let mut edit = Edit::new(format!("import {count} implants"));
            for (n, file) in files.iter().enumerate() {
                progress.step(n, count)?;
                let surface = mesh_file::read(file).map_err(|error| CommandError::failed(&error))?;
                let name =
                    file.file_stem().map_or_else(|| "implant".into(), |stem| stem.to_string_lossy().into_owned());
                let size = surface.bounds().size();
                let mut summary = Summary::default()
                    .fact("longest side", size.max(), "mm")
                    .limit("The file does not say its unit and axes; they are taken as millimetres in LPS.");
                if 0 < surface.open_edges() {
                    summary =
                        summary.warning("Its surface is open, so what is inside of it is a guess; repair it first.");
                }
                let node = Node::new(name, Data::surface(surface)).with_summary(summary);
                edit = edit.add(node.shown([190, 196, 204], 1.0).hidden());
            }
            Ok(edit)
        }))
    }
}
