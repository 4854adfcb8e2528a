//! `import.image`: bring a scan in from NRRD or NIfTI.

use crate::image::{Modality, Scan};
use crate::io::times::{self, Time, TimeUnit};
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
    const HELP: &'static str = "Bring in a scan from an NRRD or NIfTI file; each point in time becomes a scan.";
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
            let scans = if is_nrrd {
                nrrd::read_times(&path, modality, progress)
            } else {
                let seconds = |value: f64| Time { value, unit: TimeUnit::Second };
                let read = nifti::read_times(&path, modality, progress);
                read.map(|scans| scans.into_iter().map(|(time_s, scan)| (time_s.map(seconds), scan)).collect())
            };
            let scans = scans.map_err(|error| CommandError::failed(&error))?;
            let stem = name.trim_end_matches(".gz").trim_end_matches(".nii").trim_end_matches(".nrrd");
            let stem = if is_nrrd { stem.trim_end_matches(".seq") } else { stem };
            let count = scans.len();
            let add = |edit: Edit, (n, (time, scan)): (usize, (Option<Time>, Scan))| {
                let name = if 1 < count { times::name(stem, time, n) } else { stem.to_owned() };
                edit.add(Node::new(name, Data::Scan(Arc::new(scan))))
            };
            Ok(scans.into_iter().enumerate().fold(Edit::new(format!("import {stem}")), add))
        }))
    }
}
