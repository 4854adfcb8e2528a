//! `export.report_dicom`: the report and its pictures as DICOM objects of the study the scan came from.

use crate::base::{Findings, Progress};
use crate::io::dicom::{
    Capture, DerivedText, Origin, SeriesFiles, load_series, scan_folder, write_captures, write_pdf,
};
use crate::io::png::decode_rgba;
use crate::report::{Document, Picture, to_pdf};
use crate::session::{Case, CommandError, Data, Edit, Kind, LogEntry, ParamSpec, Step, Task, Tool};
use crate::tools::report_write::{LANGUAGES, Parts, language_of};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Longest side of a picture, pixels.
const SIDE_MAX: usize = 16_384;

/// The report for the archive.
#[derive(Debug)]
pub struct ExportReportDicom;

/// Parameters of [`ExportReportDicom`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    path: PathBuf,
    series: PathBuf,
    language: String,
    title: Option<String>,
    pictures: bool,
}

impl Tool for ExportReportDicom {
    const ID: &'static str = "export.report_dicom";
    const LABEL: &'static str = "Report to DICOM…";
    const HELP: &'static str = "Write the report as encapsulated PDF and its pictures as secondary captures for an archive. Patient and study are \
         read from the files of the scan, for the case does not know them.";
    const STEP: Step = Step::Report;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("path", Kind::Path, "", "the folder for the new files"),
        ParamSpec::needed("series", Kind::Path, "", "the folder or file the scan of this case was imported from"),
        ParamSpec::with("language", Kind::Choice(LANGUAGES), "", "\"en\"", "the language of headings and fixed words"),
        ParamSpec::with("title", Kind::Text, "", "null", "the title of the document; no names of patients"),
        ParamSpec::with("pictures", Kind::Bool, "", "true", "also write each picture as a secondary capture"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        Self::prepare_with_log(case, &[], params)
    }

    fn prepare_with_log(case: &Case, log: &[LogEntry], params: Params) -> Result<Task, CommandError> {
        let Params { path, series, language, title, pictures: captures } = params;
        if case.nodes().all(|(_, node)| !matches!(node.data, Data::Scan(_))) {
            return Err(CommandError::BadParams(
                "the case has no scan, so there is no study the report could join; import one first".into(),
            ));
        }
        let language = language_of(&language)?;
        let (case, log) = (case.clone(), log.to_vec());
        Ok(Box::new(move |progress| {
            let origin = origin(&case, &series, &progress.part(0.0..0.3, "reading the series"))?;
            let part = progress.part(0.3..0.9, "pictures");
            let Parts { report, shown, .. } = Parts::of(&case, &log, title, language, &part)?;
            let pdf =
                to_pdf(&Document::new(&report, &shown, language)).map_err(|error| CommandError::failed(&error))?;
            let version = env!("CARGO_PKG_VERSION").to_owned();
            let text = DerivedText { title: report.title.clone(), maker: "prosector".into(), version };
            let file = path.join("report.dcm");
            write_pdf(&origin, &pdf, &text, &file).map_err(|error| CommandError::failed(&error))?;
            let count = if captures { save(&origin, &shown, &text, &path)? } else { 0 };
            let mut said = format!("wrote {} and {count} secondary captures", file.display());
            if let Some(warning) = origin.warning() {
                said = format!("{said}; {warning}");
            }
            Ok(Edit::new("export report as DICOM").say(said))
        }))
    }
}

/// The patient and study of the series at `path` that is a scan of `case`, voxel by voxel: no report may join the study of
/// somebody else.
fn origin(case: &Case, path: &Path, progress: &Progress) -> Result<Origin, CommandError> {
    let findings = Findings::default();
    let found = scan_folder(path, progress, &findings).map_err(|error| CommandError::failed(&error))?;
    let is_loadable = |series: &&SeriesFiles| series.problem.is_none() && !series.is_segmentation;
    for series in found.iter().filter(is_loadable) {
        let dims = [series.columns, series.rows];
        let alike = |node: &crate::session::Node| match &node.data {
            Data::Scan(scan) => [scan.grid().dims()[0], scan.grid().dims()[1]] == dims,
            _ => false,
        };
        if !case.nodes().any(|(_, node)| alike(node)) {
            continue;
        }
        // One that cannot be read is not the scan of this case, which was read.
        let Ok(scan) = load_series(series, progress, &findings) else {
            progress.check()?;
            continue;
        };
        let hash = scan.content_hash();
        if case.nodes().any(|(_, node)| alike(node) && node.hash() == hash) {
            return Origin::of(series).map_err(|error| CommandError::failed(&error));
        }
    }
    Err(CommandError::Failed(format!(
        "none of the {} series there is a scan of this case; give the folder it was imported from: {}",
        found.len(),
        path.display()
    )))
}

/// The pictures as secondary captures in `folder`; how many.
fn save(origin: &Origin, shown: &[Picture], text: &DerivedText, folder: &Path) -> Result<usize, CommandError> {
    let read = |picture: &Picture| {
        let read = decode_rgba(&picture.png, SIDE_MAX).map_err(CommandError::Failed)?;
        let rgb: Vec<u8> = read.pixels.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        Ok((read.size, rgb))
    };
    let pixels: Vec<([usize; 2], Vec<u8>)> = shown.iter().map(read).collect::<Result<_, CommandError>>()?;
    let captions: Vec<String> = shown.iter().map(caption).collect();
    let all = shown.iter().zip(&pixels).zip(&captions);
    let captures: Vec<Capture<'_>> = all
        .map(|((picture, (size, rgb)), caption)| Capture {
            size: *size,
            rgb,
            caption,
            directions: picture.letters.as_ref().map(|[_, right, bottom, _]| [right.as_str(), bottom.as_str()]),
            pixel_mm: picture.scale_bar.map(|(length_mm, share)| length_mm / share / size[0] as f64),
        })
        .collect();
    let place = |n: usize| folder.join(format!("{:02}-{}.dcm", n + 1, shown[n].file_name));
    write_captures(origin, &captures, text, place).map_err(|error| CommandError::failed(&error))
}

/// What a picture shows, and what its colours stand for: nothing is written over its pixels.
fn caption(picture: &Picture) -> String {
    match &picture.legend {
        Some(legend) => {
            let [low, high] = legend.range;
            format!("{}; colours from {low:.4} to {high:.4} {}", picture.caption, legend.unit)
        }
        None => picture.caption.clone(),
    }
}

#[cfg(test)]
mod tests;
