//! `report.write`: the report as HTML and PDF with pictures, numbers, methods and limits, and the same as JSON.

use crate::base::Progress;
use crate::base::i18n::{Language, tr_in};
use crate::io::file::write_whole;
use crate::plan::Plan;
use crate::plan::depths::{DepthsError, depths, path_of};
use crate::report::{Distances, Document, Known, Picture, Report, Scene, pictures, to_html, to_pdf};
use crate::session::{Case, CommandError, Edit, Kind, LogEntry, ParamSpec, Step, Task, Tool};
use crate::tools::shared::plan_pictures::of_plans;
use crate::tools::shared::plans::Ingredients;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The report as HTML and PDF.
#[derive(Debug)]
pub struct ReportWrite;

/// Parameters of [`ReportWrite`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    path: PathBuf,
    format: Option<Format>,
    language: String,
    title: Option<String>,
    pictures: bool,
    scene: bool,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    Html,
    Pdf,
    Both,
}

const FORMATS: &[&str] = &["html", "pdf", "both"];
/// Codes of languages a report is written in.
pub(in crate::tools) const LANGUAGES: &[&str] = &["en", "zh-CN"];

impl Tool for ReportWrite {
    const ID: &'static str = "report.write";
    const LABEL: &'static str = "Report…";
    const HELP: &'static str = "Write a report with pictures, volumes, plans, results, methods and limits as an HTML page with a scene to turn, as \
         PDF, or as both, and the same as JSON beside it.";
    const STEP: Step = Step::Report;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("path", Kind::Path, "", "the file; the others get the same name with their own ending"),
        ParamSpec::with(
            "format",
            Kind::Choice(FORMATS),
            "",
            "null",
            "the format; by the ending of the file if not given",
        ),
        ParamSpec::with("language", Kind::Choice(LANGUAGES), "", "\"en\"", "the language of headings and fixed words"),
        ParamSpec::with("title", Kind::Text, "", "null", "the heading; no names of patients"),
        ParamSpec::with("pictures", Kind::Bool, "", "true", "also write each picture as a PNG beside it"),
        ParamSpec::with(
            "scene",
            Kind::Bool,
            "",
            "true",
            "put the scene into the HTML page, so that it can be turned there",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        Self::prepare_with_log(case, &[], params)
    }

    fn prepare_with_log(case: &Case, log: &[LogEntry], params: Params) -> Result<Task, CommandError> {
        let Params { path, format, language, title, pictures: files, scene: has_scene } = params;
        if case.is_empty() {
            return Err(CommandError::BadParams("the case is empty; import a scan first".into()));
        }
        let format = format_of(&path, format)?;
        let language = language_of(&language)?;
        let (case, log) = (case.clone(), log.to_vec());
        Ok(Box::new(move |progress| {
            let Parts { report, shown, mut known } =
                Parts::of(&case, &log, title, language, &progress.part(0.0..0.7, "pictures"))?;
            let document = Document::new(&report, &shown, language);
            let mut written = Vec::new();
            let mut write = |ending: &str, bytes: &[u8]| {
                let file = beside(&path, &format!(".{ending}"));
                written.push(file.display().to_string());
                write_whole(&file, bytes).map_err(|error| CommandError::failed(&error))
            };
            if format != Format::Pdf {
                let part = progress.part(0.7..0.9, "the scene");
                let scene = if has_scene { Scene::of(&case, &mut known, &part)? } else { None };
                write("html", to_html(&document, scene.as_ref()).as_bytes())?;
            }
            if format != Format::Html {
                write("pdf", &to_pdf(&document).map_err(|error| CommandError::failed(&error))?)?;
            }
            let json = serde_json::to_vec_pretty(&report).expect("a report is plain data");
            write("json", &json)?;
            if files {
                save_pictures(&path, &report, &shown)?;
            }
            Ok(Edit::new("write report").say(format!("wrote {} with {} pictures", written.join(" and "), shown.len())))
        }))
    }
}

/// A report and its pictures.
pub(in crate::tools) struct Parts {
    pub(in crate::tools) report: Report,
    pub(in crate::tools) shown: Vec<Picture>,
    /// What the pictures were made from, for the scene.
    known: Known,
}

impl Parts {
    /// The report on `case`, to which `log` led.
    pub(in crate::tools) fn of(
        case: &Case,
        log: &[LogEntry],
        title: Option<String>,
        language: Language,
        progress: &Progress,
    ) -> Result<Self, CommandError> {
        let mut known = Known::default();
        let mut shown = pictures(case, language, &mut known, &progress.part(0.0..0.6, "pictures"))?;
        let distances = distances(case, &progress.part(0.6..0.7, "distances along paths"))?;
        let part = progress.part(0.7..1.0, "pictures of plans");
        shown.extend(of_plans(case, language, &mut known, &distances, &part)?);
        let title = title.unwrap_or_else(|| tr_in(language, "report-title").to_owned());
        let mut report = Report::new(&title, case, log);
        report.distances = distances;
        report.pictures = shown.iter().map(|picture| picture.caption.clone()).collect();
        Ok(Self { report, shown, known })
    }
}

/// What the paths of all plans come near to.
fn distances(case: &Case, progress: &Progress) -> Result<Vec<Distances>, CommandError> {
    let (mut bodies, mut all) = (BTreeMap::new(), Vec::new());
    for (id, node, plan) in case.plans() {
        let paths: Vec<usize> =
            (0..plan.actions.len()).filter(|n| path_of(&plan.actions[*n].action).is_some()).collect();
        if paths.is_empty() || plan.keep_out.is_empty() {
            continue;
        }
        // Nothing else of the plan need be made ready.
        let spared = Plan { keep_out: plan.keep_out.clone(), actions: plan.actions.clone(), ..Plan::default() };
        // Of what is gone the score tells.
        let Ok(ingredients) = Ingredients::of(case, &spared) else { continue };
        let scene = ingredients.scene(&mut bodies, progress)?;
        for n in paths {
            match depths(&spared, n, |structure| scene.body(*structure), progress) {
                Ok(Some(found)) if !found.lines.is_empty() => {
                    all.push(Distances::of((id, &node.name), &spared.actions[n].name, &found));
                }
                Err(DepthsError::Cancelled(stop)) => return Err(stop.into()),
                // A path without a length has no distances; its score says so.
                Ok(_) | Err(DepthsError::Path(_)) => {}
            }
        }
    }
    Ok(all)
}

/// The language with this code.
pub(in crate::tools) fn language_of(code: &str) -> Result<Language, CommandError> {
    Language::from_code(code).ok_or_else(|| {
        CommandError::BadParams(format!("language = '{code}' is not known; use {}", LANGUAGES.join(" or ")))
    })
}

/// What is written to `path`, from its ending if nothing is asked for.
fn format_of(path: &Path, asked: Option<Format>) -> Result<Format, CommandError> {
    let bad = |text: String| Err(CommandError::BadParams(text));
    if path.file_name().is_none() {
        return bad(format!("'{}' is not the name of a file", path.display()));
    }
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match (ending.as_deref(), asked) {
        (Some("json" | "prosector" | "jsonl"), _) => {
            let path = path.display();
            bad(format!("path = {path} is where the JSON form or a case would be; use the ending .html or .pdf"))
        }
        (Some("pdf"), Some(Format::Html)) => bad(format!(
            "path = {} ends in .pdf and format is html; use format = both, or the ending .html",
            path.display()
        )),
        (Some("html" | "htm"), Some(Format::Pdf)) => bad(format!(
            "path = {} ends in .html and format is pdf; use format = both, or the ending .pdf",
            path.display()
        )),
        (_, Some(asked)) => Ok(asked),
        (Some("pdf"), None) => Ok(Format::Pdf),
        (_, None) => Ok(Format::Html),
    }
}

/// `path` with `ending` in place of the ending of a report, or behind a name that has none: `case.v2` is a name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let known = ["html", "htm", "pdf"];
    let is_known = path.extension().is_some_and(|own| known.iter().any(|known| own.eq_ignore_ascii_case(known)));
    let mut name = if is_known { path.with_extension("") } else { path.to_owned() }.into_os_string();
    name.push(ending);
    name.into()
}

/// Each picture as a file in a folder beside the report.
fn save_pictures(path: &Path, report: &Report, shown: &[Picture]) -> Result<(), CommandError> {
    let folder = beside(path, "-pictures");
    let write = |file: PathBuf, png: &[u8]| write_whole(&file, png).map_err(|error| CommandError::failed(&error));
    for picture in shown {
        write(folder.join(format!("{}.png", picture.file_name)), &picture.png)?;
    }
    for section in &report.sections {
        if let Some(view) = section.view.as_ref().filter(|view| view.picture_px.is_some()) {
            write(folder.join(format!("view-{}.png", section.id)), &view.png)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
