//! `run`, `batch`, `replay`, `tools`: commands without a window.

use super::{Failure, print};
use crate::base::parallel;
use crate::session::store::{self, Journal, journal};
use crate::session::{Case, Command, LogEntry, Outcome, Session, ToolEntry};
use crate::tools::{TOOLS, find};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// List the tools.
pub(super) fn tools(as_json: bool) -> Result<ExitCode, Failure> {
    if as_json {
        let describe = |tool: &ToolEntry| {
            let params: Vec<Value> = tool
                .params
                .iter()
                .map(|p| json!({ "name": p.name, "kind": p.kind, "unit": p.unit, "default": p.default_value(), "needed": p.default.is_none(), "help": p.help }))
                .collect();
            json!({ "id": tool.id, "label": tool.label, "step": tool.step, "help": tool.help, "params": params })
        };
        print::json(&json!({ "tools": TOOLS.iter().map(describe).collect::<Vec<_>>() }));
        return Ok(ExitCode::SUCCESS);
    }
    for tool in TOOLS {
        print::line(&format!("{}  —  {}", tool.id, tool.help));
        for p in tool.params {
            let unit = if p.unit.is_empty() { String::new() } else { format!(" [{}]", p.unit) };
            let default = p.default.map_or(" (needed)".into(), |text| format!(" = {text}"));
            print::line(&format!("    {}{unit}{default}  {}", p.name, p.help));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Files around a run.
#[derive(Debug)]
pub(super) struct Files {
    /// The case to start from.
    pub(super) case: Option<PathBuf>,
    /// Where to save the case afterwards.
    pub(super) save: Option<PathBuf>,
    /// Where to write the running log.
    pub(super) log: Option<PathBuf>,
}

/// Run one tool.
pub(super) fn run(tool: &str, params: &[String], files: &Files, as_json: bool) -> Result<ExitCode, Failure> {
    let entry =
        find(tool).ok_or_else(|| Failure::Usage(format!("there is no tool '{tool}'; `prosector tools` lists them")))?;
    let mut map = serde_json::Map::new();
    for text in params {
        let (name, value) =
            text.split_once('=').ok_or_else(|| Failure::Usage(format!("'{text}' is not of the form NAME=VALUE")))?;
        let name = name.trim().replace('-', "_");
        let spec = entry.params.iter().find(|spec| spec.name == name).ok_or_else(|| {
            let known: Vec<&str> = entry.params.iter().map(|spec| spec.name).collect();
            Failure::Usage(format!("{tool} has no parameter '{name}'; it has: {}", known.join(", ")))
        })?;
        map.insert(name, spec.parse(value).map_err(Failure::Usage)?);
    }
    run_all(vec![Command::new(tool, Value::Object(map))], files, as_json)
}

/// Run a script.
pub(super) fn batch(script: &Path, files: &Files, as_json: bool) -> Result<ExitCode, Failure> {
    let text = if script == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(script)
    };
    let text = text.map_err(|error| Failure::Failed(format!("reading the script: {error} — {}", script.display())))?;
    let commands: Vec<Command> = serde_json::from_str(&text).map_err(|error| {
        Failure::Failed(format!("the script is not a JSON array of commands: {error} — {}", script.display()))
    })?;
    run_all(commands, files, as_json)
}

fn run_all(commands: Vec<Command>, files: &Files, as_json: bool) -> Result<ExitCode, Failure> {
    let Files { case, save, log } = files;
    let mut session = match case {
        Some(path) => {
            let stored = print::with_bar("opening the case", |progress| store::load(path, progress))?;
            Session::with_case(TOOLS, stored.case, stored.log)
        }
        None => Session::new(TOOLS),
    };
    if let Some(path) = log {
        let mut journal = Journal::create_at(path.clone(), case.as_deref())?;
        session.record(Box::new(move |entry| {
            if let Err(error) = journal.append(entry) {
                print::error(&format!("the running log is incomplete: {error}"));
            }
        }));
    }
    let mut steps = Vec::new();
    for command in commands {
        let start = std::time::Instant::now();
        let outcome = print::with_bar(&command.tool.clone(), |progress| session.run(command, progress))?;
        let seconds = start.elapsed().as_secs_f64();
        if !as_json {
            show(&session, &outcome, seconds);
        }
        steps.push(step_json(&session, &outcome, seconds));
    }
    if let Some(path) = save {
        print::with_bar("saving the case", |progress| store::save(path, session.case(), session.log(), progress))?;
    }
    if as_json {
        print::json(&json!({ "steps": steps, "hash": session.content_hash().to_hex() }));
    }
    Ok(ExitCode::SUCCESS)
}

fn show(session: &Session, outcome: &Outcome, seconds: f64) {
    print::line(&format!("{} ({seconds:.2} s)", outcome.label));
    if let Some(message) = &outcome.message {
        print::line(&format!("  {message}"));
    }
    for id in &outcome.added {
        let Some(node) = session.case().node(*id) else { continue };
        print::line(&format!("  {id} {} ({})", node.name, node.data.kind().words()));
        for fact in &node.summary.facts {
            let unit = if fact.unit == "1" { "" } else { &fact.unit };
            print::line(&format!("      {}: {} {unit}", fact.name, print::number(fact.value)));
        }
        node.summary.warnings.iter().for_each(|warning| print::line(&format!("      warning: {warning}")));
    }
}

fn step_json(session: &Session, outcome: &Outcome, seconds: f64) -> Value {
    let nodes = outcome.added.iter().filter_map(|id| Some((id, session.case().node(*id)?)));
    let nodes: Vec<Value> = nodes.map(|(id, node)| super::info::node_json(*id, node)).collect();
    json!({ "label": outcome.label, "message": outcome.message, "seconds": seconds, "added": nodes })
}

/// Do again what a log says.
pub(super) fn replay(path: &Path, threads: Option<usize>, as_json: bool) -> Result<ExitCode, Failure> {
    let (start, log) = read_log(path)?;
    let work = || {
        let mut session = Session::with_case(TOOLS, start, Vec::new());
        print::with_bar("replay", |progress| store::replay(&mut session, &log, progress, |_| {}))
    };
    let steps = match threads {
        Some(0) => return Err(Failure::Usage("--threads must be at least 1".into())),
        Some(threads) => parallel::with_pool_of(threads, work),
        None => work(),
    }?;
    let agree = steps.iter().all(store::ReplayStep::agrees);
    if as_json {
        let hash = steps.last().map(|step| step.hash.clone());
        print::json(&json!({ "agree": agree, "threads": threads, "hash": hash, "steps": steps }));
    } else {
        let row = |step: &store::ReplayStep| {
            let verdict = match (&step.expected, step.agrees()) {
                (None, _) => "–",
                (_, true) => "same",
                (_, false) => "DIFFERS",
            };
            vec![step.tool.clone(), step.label.clone(), step.hash[..12].to_owned(), verdict.to_owned()]
        };
        print::table(&["tool", "step", "hash", "as logged"], &steps.iter().map(row).collect::<Vec<_>>());
    }
    Ok(if agree { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The case a log starts from, and its entries.
fn read_log(path: &Path) -> Result<(Case, Vec<LogEntry>), Failure> {
    if path.extension().is_some_and(|ending| ending == "prosector") {
        let stored = print::with_bar("opening the case", |progress| store::load(path, progress))?;
        return Ok((Case::default(), stored.log));
    }
    let (header, log) = journal::read(path)?;
    let start = match header.and_then(|header| header.opened) {
        Some(case) => print::with_bar("opening the case", |progress| store::load(&case, progress))?.case,
        None => Case::default(),
    };
    Ok((start, log))
}
