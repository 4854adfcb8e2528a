//! `report.write`: one page with pictures, numbers, methods and limits, and the same as JSON.

use crate::io::file::write_whole;
use crate::report::{Report, pictures, to_html};
use crate::session::{Case, CommandError, Edit, Kind, LogEntry, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One page with pictures, numbers, methods and limits.
#[derive(Debug)]
pub struct ReportWrite;

/// Parameters of [`ReportWrite`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    path: PathBuf,
    title: String,
    pictures: bool,
}

impl Tool for ReportWrite {
    const ID: &'static str = "report.write";
    const LABEL: &'static str = "Report…";
    const HELP: &'static str =
        "Write an HTML page with pictures, volumes, results, methods and limits, and the same as JSON beside it.";
    const STEP: Step = Step::Report;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("path", Kind::Path, "", "the HTML file; the JSON file gets the same name"),
        ParamSpec::with("title", Kind::Text, "", "\"Case report\"", "the heading; no names of patients"),
        ParamSpec::with("pictures", Kind::Bool, "", "true", "also write each picture as a PNG beside it"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        Self::prepare_with_log(case, &[], params)
    }

    fn prepare_with_log(case: &Case, log: &[LogEntry], params: Params) -> Result<Task, CommandError> {
        let Params { path, title, pictures: files } = params;
        if case.is_empty() {
            return Err(CommandError::BadParams("the case is empty; import a scan first".into()));
        }
        if path.file_name().is_none() {
            return Err(CommandError::BadParams(format!("'{}' is not the name of a file", path.display())));
        }
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        if let Some(ending) = ending.filter(|ending| ["json", "prosector", "jsonl"].contains(&ending.as_str())) {
            let text = format!(
                "path = {} ends in .{ending}; the page needs .html, its JSON form is written beside it",
                path.display()
            );
            return Err(CommandError::BadParams(text));
        }
        let path = if path.extension().is_none() { path.with_extension("html") } else { path };
        let (case, log) = (case.clone(), log.to_vec());
        Ok(Box::new(move |progress| {
            let failed = |error: &(dyn std::error::Error + 'static)| CommandError::failed(error);
            let shown = pictures(&case, &progress.part(0.0..0.9, "pictures"))?;
            let mut report = Report::new(&title, &case, &log);
            report.pictures = shown.iter().map(|picture| picture.caption.clone()).collect();
            write_whole(&path, to_html(&report, &shown).as_bytes()).map_err(|e| failed(&e))?;
            let json = serde_json::to_vec_pretty(&report).expect("a report is plain data");
            write_whole(&path.with_extension("json"), &json).map_err(|e| failed(&e))?;
            if files {
                let folder = path.with_extension("").with_file_name(format!(
                    "{}-pictures",
                    path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default()
                ));
                for picture in &shown {
                    let file = folder.join(format!("{}.png", picture.file_name));
                    write_whole(&file, &picture.png).map_err(|e| failed(&e))?;
                }
                for section in &report.sections {
                    if let Some(view) = section.view.as_ref().filter(|view| view.picture_px.is_some()) {
                        let file = folder.join(format!("view-{}.png", section.id));
                        write_whole(&file, &view.png).map_err(|e| failed(&e))?;
                    }
                }
            }
            Ok(Edit::new("write report").say(format!("wrote {} with {} pictures", path.display(), shown.len())))
        }))
    }
}
