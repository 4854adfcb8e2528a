//! `import.dicom`: bring a DICOM image series in.

use crate::base::{Finding, Findings, Progress, Severity, Summary};
use crate::io::dicom::{SeriesFiles, load_series, scan_folder};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// Bring a DICOM image series in.
#[derive(Debug)]
pub struct ImportDicom;

/// Parameters of [`ImportDicom`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    path: PathBuf,
    series: Option<String>,
}

impl Tool for ImportDicom {
    const ID: &'static str = "import.dicom";
    const LABEL: &'static str = "Import DICOM…";
    const HELP: &'static str =
        "Bring in an image series from a DICOM folder or file; nothing that names the patient is kept.";
    const STEP: Step = Step::Import;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("path", Kind::Path, "", "the folder or file"),
        ParamSpec::with(
            "series",
            Kind::Text,
            "",
            "null",
            "the key of one series, as `prosector info` prints it; the largest if not given",
        ),
    ];
    type Params = Params;

    fn prepare(_: &Case, Params { path, series }: Params) -> Result<Task, CommandError> {
        Ok(Box::new(move |progress| {
            let findings = Findings::default();
            let found = scan_folder(&path, &progress.part(0.0..0.2, "reading headers"), &findings);
            let found = found.map_err(|error| CommandError::failed(&error))?;
            let chosen = choose(&found, series.as_deref())
                .map_err(|text| CommandError::Failed(format!("{text}: {}", path.display())))?;
            load(chosen, others(&found, chosen), findings, &progress.part(0.2..1.0, "decoding slices"))
        }))
    }
}

/// The series asked for, or the one with the most voxels that is an image.
fn choose<'a>(found: &'a [SeriesFiles], key: Option<&str>) -> Result<&'a SeriesFiles, String> {
    if let Some(key) = key {
        return found.iter().find(|series| series.key == key).ok_or_else(|| format!("there is no series '{key}'"));
    }
    let images = found.iter().filter(|series| !series.is_segmentation);
    let size = |series: &&SeriesFiles| (series.problem.is_none(), series.rows * series.columns * series.frames);
    let best = images.max_by_key(size).ok_or("there is no DICOM image here")?;
    match &best.problem {
        Some(problem) => Err(problem.clone()),
        None => Ok(best),
    }
}

/// What else there is in the folder, in words.
fn others(found: &[SeriesFiles], chosen: &SeriesFiles) -> Option<String> {
    let name = |series: &SeriesFiles| match (series.is_segmentation, series.description.as_str()) {
        (true, "") => "a segmentation".to_owned(),
        (true, name) => format!("the segmentation '{name}'"),
        (false, "") => format!("a series of {} images", series.frames),
        (false, name) => format!("the series '{name}' of {} images", series.frames),
    };
    let others = found.iter().filter(|other| other.key != chosen.key && other.problem.is_none());
    let names: Vec<String> = others.map(name).collect();
    (!names.is_empty()).then(|| format!("the folder also holds {}", names.join(", ")))
}

fn load(
    series: &SeriesFiles,
    others: Option<String>,
    findings: Findings,
    progress: &Progress,
) -> Result<Edit, CommandError> {
    let scan = load_series(series, progress, &findings).map_err(|error| CommandError::failed(&error))?;
    let [di, dj, dk] = scan.grid().spacing_mm();
    let [ni, nj, nk] = scan.grid().dims();
    let mut summary = Summary::default()
        .fact("columns", ni as f64, "1")
        .fact("rows", nj as f64, "1")
        .fact("slices", nk as f64, "1")
        .fact("column spacing", di, "mm")
        .fact("row spacing", dj, "mm")
        .fact("slice spacing", dk, "mm")
        .method("Slices are sorted by position along the normal; values are rescaled to the unit of the series.");
    for Finding { severity, message, .. } in findings.into_sorted() {
        if severity == Severity::Note {
            summary = summary.limit(message);
        } else {
            summary = summary.warning(message);
        }
    }
    let name =
        if series.description.is_empty() { series.modality.name().to_owned() } else { series.description.clone() };
    let mut edit = Edit::new(format!("import {name}"));
    if let Some(first) = summary.warnings.first() {
        edit = edit.say(first.clone());
    } else if let Some(others) = others {
        edit = edit.say(others);
    }
    Ok(edit.add(Node::new(name, Data::Scan(Arc::new(scan))).with_summary(summary)))
}
