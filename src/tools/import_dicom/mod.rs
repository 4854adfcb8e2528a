//! `import.dicom`: bring a DICOM image series in.

use crate::base::{Finding, Findings, Progress, Severity, Summary};
use crate::geom::Grid;
use crate::image::{Scan, Volume, Voxels};
use crate::io::dicom::{PointInTime, SeriesFiles, VOXELS_MAX, load_series, scan_folder};
use crate::io::times;
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
    #[serde(default = "all_times")]
    all_times: bool,
}

fn all_times() -> bool {
    true
}

impl Tool for ImportDicom {
    const ID: &'static str = "import.dicom";
    const LABEL: &'static str = "Import DICOM…";
    const HELP: &'static str = "Bring in an image series from a DICOM folder or file, each point in time as a scan; nothing \
                                that names the patient is kept.";
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
        ParamSpec::with(
            "all_times",
            Kind::Bool,
            "",
            "true",
            "of a series with several points in time, bring in all of them, not this one alone",
        ),
    ];
    type Params = Params;

    fn prepare(_: &Case, Params { path, series, all_times }: Params) -> Result<Task, CommandError> {
        Ok(Box::new(move |progress| {
            let findings = Findings::default();
            let found = scan_folder(&path, &progress.part(0.0..0.2, "reading headers"), &findings);
            let found = found.map_err(|error| CommandError::failed(&error))?;
            let chosen = choose(&found, series.as_deref())
                .map_err(|text| CommandError::Failed(format!("{text}: {}", path.display())))?;
            let points = if all_times { points_in_time(&found, chosen) } else { vec![chosen] };
            load(&points, others(&found, chosen), findings, &progress.part(0.2..1.0, "decoding slices"))
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

/// The key of the first point in time of the film that a series is one point of.
fn film(series: &SeriesFiles) -> Option<&str> {
    series.time.as_ref().map(|time| time.first.as_str())
}

/// What else there is in the folder, in words.
fn others(found: &[SeriesFiles], chosen: &SeriesFiles) -> Option<String> {
    let name = |series: &SeriesFiles| match (series.is_segmentation, series.description.as_str()) {
        (true, "") => "a segmentation".to_owned(),
        (true, name) => format!("the segmentation '{name}'"),
        (false, "") => format!("a series of {} images", series.frames),
        (false, name) => format!("the series '{name}' of {} images", series.frames),
    };
    let is_another =
        |other: &&SeriesFiles| other.key != chosen.key && (film(other).is_none() || film(other) != film(chosen));
    // Of another film its first point stands for all.
    let stands = |other: &&SeriesFiles| other.time.as_ref().is_none_or(|time| time.n == 0);
    let others = found.iter().filter(|other| is_another(other) && stands(other) && other.problem.is_none());
    let names: Vec<String> = others.map(name).collect();
    (!names.is_empty()).then(|| format!("the folder also holds {}", names.join(", ")))
}

/// The points in time of the film that `chosen` is one of, in order; itself alone, if it is of none.
fn points_in_time<'a>(found: &'a [SeriesFiles], chosen: &'a SeriesFiles) -> Vec<&'a SeriesFiles> {
    if chosen.time.is_none() {
        return vec![chosen];
    }
    let is_of = |series: &&SeriesFiles| film(series) == film(chosen) && series.problem.is_none();
    let mut points: Vec<&SeriesFiles> = found.iter().filter(is_of).collect();
    points.sort_by_key(|series| series.time.as_ref().map(|time| time.n));
    // One that cannot be read says why.
    if points.is_empty() { vec![chosen] } else { points }
}

fn load(
    points: &[&SeriesFiles],
    others: Option<String>,
    findings: Findings,
    progress: &Progress,
) -> Result<Edit, CommandError> {
    let count = points.len();
    let voxels: usize = points.iter().map(|series| series.rows * series.columns * series.frames).sum();
    if 1 < count && VOXELS_MAX < voxels {
        return Err(CommandError::Failed(format!(
            "the {count} points in time have {voxels} voxels together, more than the {VOXELS_MAX} allowed; bring in one of \
             them, with its key and without all_times"
        )));
    }
    let mut scans: Vec<(Scan, bool)> = Vec::with_capacity(count);
    for (n, series) in points.iter().enumerate() {
        let part = progress.part(n as f64 / count as f64..(n + 1) as f64 / count as f64, "points in time");
        let mut scan = load_series(series, &part, &findings).map_err(|error| CommandError::failed(&error))?;
        if let Some(PointInTime { n, of, time, .. }) = &series.time {
            scan.facts.push(times::fact(*time, *n, *of));
        }
        let (scan, fits) = match scans.first() {
            Some((first, _)) => on_grid(scan, first.grid()),
            None => (scan, true),
        };
        scans.push((scan, fits));
    }
    let findings = findings.into_sorted();
    let name = |series: &SeriesFiles| match series.description.as_str() {
        "" => series.modality.name().to_owned(),
        name => name.to_owned(),
    };
    let mut edit = Edit::new(format!("import {}", points.first().map_or_else(String::new, |series| name(series))));
    let warning = findings.iter().find(|finding| finding.severity != Severity::Note).map(|found| found.message.clone());
    if let Some(said) = warning.or(others) {
        edit = edit.say(said);
    }
    for ((scan, fits), series) in scans.into_iter().zip(points) {
        let mut summary = summary(&scan, &findings);
        if !fits {
            summary = summary.limit("this point in time lies on another grid than the first; it is not played with it");
        }
        edit = edit.add(Node::new(name(series), Data::Scan(Arc::new(scan))).with_summary(summary));
    }
    Ok(edit)
}

/// What a scan is, and what was odd about its files.
fn summary(scan: &Scan, findings: &[Finding]) -> Summary {
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
    for Finding { severity, message, .. } in findings {
        summary = match severity {
            Severity::Note => summary.limit(message.clone()),
            _ => summary.warning(message.clone()),
        };
    }
    summary
}

/// A scan on exactly this grid, if it lies there but for rounding; whether it does.
fn on_grid(scan: Scan, grid: &Arc<Grid>) -> (Scan, bool) {
    let least = grid.spacing_mm().into_iter().fold(f64::INFINITY, f64::min);
    let corners = |grid: &Grid| {
        let [ni, nj, nk] = grid.dims().map(|n| n - 1);
        [[0, 0, 0], [ni, 0, 0], [0, nj, 0], [0, 0, nk]].map(|corner| grid.centre(corner))
    };
    let is_same = scan.grid().dims() == grid.dims()
        && corners(scan.grid()).iter().zip(corners(grid)).all(|(a, b)| (a - b).norm() < 0.05 * least);
    if !is_same {
        return (scan, false);
    }
    let Scan { voxels, modality, window, facts } = scan;
    let voxels = match voxels {
        Voxels::I16(volume) => Volume::new(Arc::clone(grid), volume.into_voxels()).map(Voxels::I16),
        Voxels::F32(volume) => Volume::new(Arc::clone(grid), volume.into_voxels()).map(Voxels::F32),
    };
    let voxels = voxels.expect("both grids have one size");
    (Scan { voxels, modality, window, facts }, true)
}
