//! `import.image`: bring a scan in from NRRD or NIfTI.

use crate::image::Modality;
use crate::io::{nifti, nrrd};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// Bring a scan in from NRRD or NIfTI.
#[derive(Debug)]
pub struct ImportImage;

/// Parameters of [`ImportImage`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    path: PathBuf,
    modality: Option<Modality>,
}

impl Tool for ImportImage {
    const ID: &'static str = "import.image";
    const LABEL: &'static str = "Import NRRD or NIfTI…";
    const HELP: &'static str = "Bring in a scan from an NRRD or NIfTI file.";
    const STEP: Step = Step::Import;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("path", Kind::Path, "", "the file"),
        ParamSpec::with(
            "modality",
            Kind::Choice(&["CT", "MR", "other"]),
            "",
            "null",
            "what made it; guessed from the values if not given",
        ),
    ];
    type Params = Params;

    fn prepare(_: &Case, Params { path, modality }: Params) -> Result<Task, CommandError> {
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let is_nrrd = name.ends_with(".nrrd");
        if !is_nrrd && !name.ends_with(".nii") && !name.ends_with(".nii.gz") {
            return Err(CommandError::BadParams(format!("'{name}' does not end in .nrrd, .nii or .nii.gz")));
        }
        Ok(Box::new(move |progress| {
            let scan = if is_nrrd {
                nrrd::read_scan(&path, modality, progress)
            } else {
                nifti::read_scan(&path, modality, progress)
            };
            let scan = scan.map_err(|error| CommandError::failed(&error))?;
            let stem = name.trim_end_matches(".gz").trim_end_matches(".nii").trim_end_matches(".nrrd");
            Ok(Edit::new(format!("import {stem}")).add(Node::new(stem, Data::Scan(Arc::new(scan)))))
        }))
    }
}
