//! `import.segmentation`: bring in segments from DICOM SEG, NRRD or NIfTI.

use crate::base::{Findings, Progress, Summary};
use crate::image::LabelMap;
use crate::io::dicom::read_segmentation;
use crate::io::{nifti, nrrd};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Bring in segments.
#[derive(Debug)]
pub struct ImportSegmentation;

/// Parameters of [`ImportSegmentation`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    path: PathBuf,
}

impl Tool for ImportSegmentation {
    const ID: &'static str = "import.segmentation";
    const LABEL: &'static str = "Import segmentation…";
    const HELP: &'static str = "Bring in segments from a DICOM segmentation, a .seg.nrrd or a NIfTI label file.";
    const STEP: Step = Step::Import;
    const PARAMS: &'static [ParamSpec] = &[ParamSpec::needed("path", Kind::Path, "", "the file")];
    type Params = Params;

    fn prepare(_: &Case, Params { path }: Params) -> Result<Task, CommandError> {
        Ok(Box::new(move |progress| {
            let findings = Findings::default();
            let maps = read(&path, &findings, &progress.part(0.0..0.8, "reading"))?;
            let stem = path.file_stem().map_or_else(|| "segments".into(), |stem| stem.to_string_lossy().into_owned());
            let mut edit = Edit::new(format!("import {stem}"));
            let warnings: Vec<String> = findings.into_sorted().into_iter().map(|finding| finding.message).collect();
            edit.message = warnings.first().cloned();
            for map in maps {
                let mut summary = Summary { warnings: warnings.clone(), ..Summary::default() };
                for segment in map.segments() {
                    summary = summary.fact(&segment.name, map.volume_ml(segment.id), "ml");
                }
                let name = match map.segments() {
                    [only] => only.name.clone(),
                    _ => stem.clone(),
                };
                edit = edit.add(Node::new(name, Data::Labels(map)).with_summary(summary));
            }
            Ok(edit)
        }))
    }
}

fn read(path: &Path, findings: &Findings, progress: &Progress) -> Result<Vec<LabelMap>, CommandError> {
    let name = path.to_string_lossy().to_lowercase();
    let maps = if name.ends_with(".nrrd") {
        nrrd::read_labels(path, progress).map(|map| vec![map])
    } else if name.ends_with(".nii") || name.ends_with(".nii.gz") {
        nifti::read_labels(path, progress).map(|map| vec![map])
    } else {
        read_segmentation(path, progress, findings)
    };
    maps.map_err(|error| CommandError::failed(&error))
}
