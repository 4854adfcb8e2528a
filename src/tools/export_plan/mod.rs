//! `export.plan`: plans and their comparison as JSON and as a table for spreadsheets.

use crate::io::file::write_whole;
use crate::io::table_csv::line;
use crate::plan::compare::{Board, Candidate};
use crate::session::{Case, CommandError, Edit, Kind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::plans;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::PathBuf;

/// Plans as JSON and CSV.
#[derive(Debug)]
pub struct ExportPlan;

/// Parameters of [`ExportPlan`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    path: PathBuf,
    plans: Option<String>,
}

impl Tool for ExportPlan {
    const ID: &'static str = "export.plan";
    const LABEL: &'static str = "Export plans…";
    const HELP: &'static str = "Write plans as JSON, with every point in LPS millimetres, and their terms as a CSV table with a column for each plan.";
    const STEP: Step = Step::Report;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed(
            "path",
            Kind::Path,
            "",
            "the file, ending in .csv or .json; both are written without an ending",
        ),
        ParamSpec::with("plans", Kind::Text, "", "null", "numbers of plans with commas; all plans if not given"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let all = plans::plans_of(case, params.plans.as_deref())?;
        let stale: Vec<Option<String>> = all.iter().map(|(.., plan)| case.stale_score(plan)).collect();
        let together: Vec<_> = all.iter().map(|(id, _, plan)| case.together(*id, plan)).collect();
        let contents: Vec<String> = all.iter().map(|(.., plan)| case.plan_contents(plan)).collect();
        let ending = params.path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let [csv, json] = match ending.as_deref() {
            None => [true, true],
            Some("csv") => [true, false],
            Some("json") => [false, true],
            Some(other) => {
                return Err(plans::bad(format!("path ends in .{other}; use .csv, .json, or no ending for both")));
            }
        };
        let path = params.path;
        if path.file_name().is_none() {
            return Err(plans::bad(format!("'{}' is not the name of a file", path.display())));
        }
        Ok(Box::new(move |_| {
            let candidates = all.iter().zip(&stale).zip(&together).zip(&contents);
            let candidates = candidates.map(|((((node, own, plan), stale), together), contents)| Candidate {
                node: *node,
                name: &own.name,
                plan,
                stale: stale.as_deref(),
                together,
                contents: Some(contents.clone()),
            });
            let board = Board::of(&candidates.collect::<Vec<_>>());
            let mut written = Vec::new();
            if csv {
                let text: String = board.lines().into_iter().map(line).collect();
                written.push(path.with_extension("csv"));
                write_whole(&path.with_extension("csv"), text.as_bytes())
                    .map_err(|error| CommandError::failed(&error))?;
            }
            if json {
                let plan = |(id, node, plan): &(_, std::sync::Arc<crate::session::Node>, _)| json!({ "id": id, "name": node.name, "hash": node.hash().to_hex(), "plan": plan });
                let all: Vec<_> = all.iter().map(plan).collect();
                let whole = json!({ "space": "LPS, mm", "plans": all, "board": board });
                let text = serde_json::to_vec_pretty(&whole).expect("plans are plain data");
                written.push(path.with_extension("json"));
                write_whole(&path.with_extension("json"), &text).map_err(|error| CommandError::failed(&error))?;
            }
            let files: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
            Ok(Edit::new("export plans").say(format!("wrote {} plans to {}", all.len(), files.join(" and "))))
        }))
    }
}
