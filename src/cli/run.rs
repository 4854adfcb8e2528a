//! `run`, `batch`, `replay`, `tools`: commands without a window.

use super::{Failure, print};
use crate::base::parallel;
use crate::io::words;
use crate::session::store::{self, Journal, Opened, journal};
use crate::session::{Command, CommandError, LogEntry, Outcome, Session, ToolEntry};
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
    let params = self::params(entry, params)?;
    run_all(vec![Command::new(tool, Value::Object(params))], files, as_json)
}

/// The parameters of a tool from NAME=VALUE.
pub(super) fn params(entry: &ToolEntry, params: &[String]) -> Result<serde_json::Map<String, Value>, Failure> {
    let tool = entry.id;
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
    Ok(map)
}

/// Run a script.
pub(super) fn batch(script: &Path, files: &Files, as_json: bool) -> Result<ExitCode, Failure> {
    run_all(read_script(script)?, files, as_json)
}

/// The commands of the script in a file.
pub(super) fn read_script(script: &Path) -> Result<Vec<Command>, Failure> {
    let text = if script == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(script)
    };
    let text = text.map_err(|error| {
        Failure::Failed(format!("reading the script: {} — {}", words::of_system(&error), script.display()))
    })?;
    super::script::parse(&text).map_err(|problem| Failure::Failed(format!("{problem} — {}", script.display())))
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
        let opened = case.as_ref().map(|case| Opened::new(case, session.content_hash()));
        let mut journal = Journal::create_at(path.clone(), opened.as_ref())?;
        session.record(Box::new(move |entry| {
            if let Err(error) = journal.append(entry) {
                print::error(&format!("the running log is incomplete: {error}"));
            }
        }));
    }
    let mut steps = Vec::new();
    let mut problem = None;
    for command in commands {
        let start = std::time::Instant::now();
        let tool = command.tool.clone();
        let outcome = match print::with_bar(&tool, |progress| session.run(command, progress)) {
            Ok(outcome) => outcome,
            Err(error) => {
                problem = Some((steps.len() + 1, tool, error));
                break;
            }
        };
        let seconds = start.elapsed().as_secs_f64();
        if !as_json {
            show(&session, &outcome, seconds);
        }
        steps.push(step_json(&session, &outcome, seconds));
    }
    if let Some(path) = save.as_ref().filter(|_| problem.is_none() || !steps.is_empty()) {
        print::with_bar("saving the case", |progress| store::save(path, session.case(), session.log(), progress))?;
    }
    let hash = session.content_hash().to_hex();
    let Some((step, tool, error)) = problem else {
        if as_json {
            print::json(&json!({ "steps": steps, "hash": hash }));
        }
        return Ok(ExitCode::SUCCESS);
    };
    if as_json {
        let what = json!({ "step": step, "tool": tool, "message": error.to_string() });
        print::json(&json!({ "steps": steps, "hash": hash, "error": what }));
    }
    let kept = match save {
        Some(path) if 1 < step => format!("; the steps before it are saved in {}", path.display()),
        Some(_) => "; nothing was saved".into(),
        None => String::new(),
    };
    let said = error.to_string();
    let said = said.strip_prefix(&format!("{tool}: ")).unwrap_or(&said);
    let message = format!("step {step}, {tool}: {said}{kept}");
    Err(match error {
        CommandError::BadParams(_) | CommandError::UnknownTool(_) => Failure::Usage(message),
        _ => Failure::Failed(message),
    })
}

pub(super) fn show(session: &Session, outcome: &Outcome, seconds: f64) {
    print::line(&format!("{} ({seconds:.2} s)", outcome.label));
    if let Some(message) = &outcome.message {
        print::line(&format!("  {message}"));
    }
    for id in &outcome.added {
        let Some(node) = session.case().node(*id) else { continue };
        print::line(&format!("  {id} {} ({})", node.name, node.data.kind().words()));
        for fact in &node.summary.facts {
            let unit = if fact.unit == "1" { "" } else { &fact.unit };
            let bounds = fact.bounds_text(print::number);
            print::line(&format!("      {}: {} {unit}{bounds}", fact.name, print::number(fact.value)));
        }
        node.summary.tables.iter().for_each(print::numbers);
        node.summary.warnings.iter().for_each(|warning| print::line(&format!("      warning: {warning}")));
    }
}

pub(super) fn step_json(session: &Session, outcome: &Outcome, seconds: f64) -> Value {
    let nodes = outcome.added.iter().filter_map(|id| Some((id, session.case().node(*id)?)));
    let nodes: Vec<Value> = nodes.map(|(id, node)| super::info::node_json(*id, node)).collect();
    json!({ "label": outcome.label, "message": outcome.message, "seconds": seconds, "added": nodes })
}

/// Do again what a log says.
pub(super) fn replay(path: &Path, threads: Option<usize>, as_json: bool) -> Result<ExitCode, Failure> {
    let (mut session, log) = read_log(path)?;
    let mut steps = Vec::with_capacity(log.len());
    let mut work = || {
        let watch = |step: &store::ReplayStep| steps.push(step.clone());
        print::with_bar("replay", |progress| store::replay(&mut session, &log, progress, watch).map(|_| ()))
    };
    let ended = match threads {
        Some(0) => return Err(Failure::Usage("--threads must be at least 1".into())),
        Some(threads) => parallel::with_pool_of(threads, work),
        None => work(),
    };
    let error = ended.err().map(|error| json!({ "step": steps.len() + 1, "message": error.to_string() }));
    let agree = error.is_none() && steps.iter().all(store::ReplayStep::agrees);
    if as_json {
        let hash = steps.last().map(|step| step.hash.clone());
        print::json(&json!({ "agree": agree, "threads": threads, "hash": hash, "steps": steps, "error": error }));
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
        if let Some((n, step, what)) = first_difference(&steps) {
            print::line(&format!(
                "step {n}, {} ({}), is the first that is not as logged: {what}",
                step.tool, step.label
            ));
        }
    }
    if let Some(error) = error {
        let (step, message) = (&error["step"], error["message"].as_str().unwrap_or_default());
        return Err(Failure::Failed(format!("step {step} of {}: {message}", log.len())));
    }
    Ok(if agree { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The first step that is not as the log says, its number, and what differs.
fn first_difference(steps: &[store::ReplayStep]) -> Option<(usize, &store::ReplayStep, String)> {
    steps.iter().enumerate().find_map(|(n, step)| Some((n + 1, step, step.difference()?)))
}

/// The session a log starts in, and its entries.
fn read_log(path: &Path) -> Result<(Session, Vec<LogEntry>), Failure> {
    let load = |path: &Path| print::with_bar("opening the case", |progress| store::load(path, progress));
    let folder = path.parent().unwrap_or(Path::new(""));
    if path.extension().is_some_and(|ending| ending == "prosector") {
        let mut log = load(path)?.log;
        store::place(&mut log, TOOLS, folder);
        return Ok((Session::new(TOOLS), log));
    }
    let journal::Log { header, mut entries, warning } = journal::read(path)?;
    store::place(&mut entries, TOOLS, folder);
    if let Some(warning) = warning {
        print::error(&warning);
    }
    let Some(opened) = header.and_then(journal::Header::opened) else { return Ok((Session::new(TOOLS), entries)) };
    let stored = load(&opened.path)?;
    if opened.hash.is_some_and(|hash| hash != stored.case.content_hash().to_hex()) {
        let path = opened.path.display();
        return Err(Failure::Failed(format!(
            "the case was changed since the log began, so the log does not continue it; replay the case file itself — {path}"
        )));
    }
    Ok((Session::with_case(TOOLS, stored.case, stored.log), entries))
}
