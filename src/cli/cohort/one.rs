//! The script on one case.

use super::cases::Case;
use super::record::{Record, Stamp};
use super::{Failure, Job};
use crate::base::{Column, Fact, NodeId, Progress, Summary, Table};
use crate::session::store::{self, Journal, Opened};
use crate::session::{Command, Session};
use crate::tools::TOOLS;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

/// The case afterwards, in the folder of the case.
const CASE: &str = "case.prosector";
/// The running log.
const LOG: &str = "log.jsonl";

/// Run the script of `job` on `case`; what goes wrong is in the record.
pub(super) fn run(job: &Job, case: &Case, progress: &Progress) -> Record {
    let clock = Instant::now();
    let folder = case.folder(&job.out);
    let mut record = Record {
        case: case.path.clone(),
        file: Stamp::of(&case.path),
        script: job.script_hash.clone(),
        hash: String::new(),
        seconds: 0.0,
        steps: 0,
        error: None,
        of: None,
        facts: Vec::new(),
        kept: false,
    };
    match begin(case, &folder, &progress.part(0.0..0.05, "opening the case")) {
        Err(failure) => record.error = Some(sentence(failure)),
        Ok(mut session) => {
            let import = (!case.is_stored()).then(|| case.import());
            let commands: Vec<Command> = import.into_iter().chain(job.commands.iter().cloned()).collect();
            let script = progress.part(0.05..0.95, "script");
            record.error = steps(&mut session, commands, &folder, &script, &mut record).err();
            record.hash = session.content_hash().to_hex();
            if 0 < record.steps {
                let saved = store::save(
                    &folder.join(CASE),
                    session.case(),
                    session.log(),
                    &progress.part(0.95..1.0, "saving the case"),
                );
                if let Err(error) = saved {
                    record.error.get_or_insert(sentence(error.into()));
                }
            }
        }
    }
    record.seconds = clock.elapsed().as_secs_f64();
    record
}

/// A session on the case, with its running log.
fn begin(case: &Case, folder: &Path, progress: &Progress) -> Result<Session, Failure> {
    std::fs::create_dir_all(folder)
        .map_err(|error| super::unreadable("making the folder of the case", folder, &error))?;
    let log = folder.join(LOG);
    let taken = std::fs::File::open(&log).is_ok_and(|file| file.try_lock().is_err());
    if taken {
        let path = folder.display();
        return Err(Failure::Failed(format!("another program is working on this case; wait for it — {path}")));
    }
    // What a run that was killed left; the case is done from its start.
    if log.exists() {
        std::fs::remove_file(&log).map_err(|error| super::unreadable("removing the old log", &log, &error))?;
    }
    let (mut session, opened) = if case.is_stored() {
        let stored = store::load(&case.path, progress)?;
        let session = Session::with_case(TOOLS, stored.case, stored.log);
        let opened = Opened::new(&case.path, session.content_hash());
        (session, Some(opened))
    } else {
        (Session::new(TOOLS), None)
    };
    let mut journal = Journal::create_at(log, opened.as_ref())?;
    session.record(Box::new(move |entry| {
        if let Err(error) = journal.append(entry) {
            tracing::warn!(%error, "the running log is incomplete");
        }
    }));
    Ok(session)
}

/// The commands one after another; relative paths start from `folder`. A sentence if one fails.
fn steps(
    session: &mut Session,
    commands: Vec<Command>,
    folder: &Path,
    progress: &Progress,
    record: &mut Record,
) -> Result<(), String> {
    let count = commands.len() as f64;
    for (n, command) in commands.into_iter().enumerate() {
        let tool = command.tool.clone();
        let part = progress.part(n as f64 / count..(n + 1) as f64 / count, "script");
        let before = summaries(session);
        session.run_in(command, folder, &part).map_err(|error| {
            let said = error.to_string();
            format!("step {}, {tool}: {}", n + 1, said.strip_prefix(&format!("{tool}: ")).unwrap_or(&said))
        })?;
        record.steps += 1;
        note_facts(session, &before, record);
    }
    Ok(())
}

/// What every object says of itself.
fn summaries(session: &Session) -> BTreeMap<NodeId, Summary> {
    session.case().nodes().map(|(id, node)| (id, node.summary.clone())).collect()
}

/// Take the facts of the last object that says something it did not say `before`.
fn note_facts(session: &Session, before: &BTreeMap<NodeId, Summary>, record: &mut Record) {
    let new = session.case().nodes().rev().filter(|(id, node)| before.get(id) != Some(&node.summary));
    let mut told = new.map(|(id, node)| (node, facts(&node.summary, before.get(&id))));
    if let Some((node, facts)) = told.find(|(_, facts)| !facts.is_empty()) {
        (record.of, record.facts) = (Some(node.name.clone()), facts);
    }
}

/// The facts of a summary; if they were the same `before`, the cells of its new tables.
fn facts(summary: &Summary, before: Option<&Summary>) -> Vec<Fact> {
    let had = |table: &&Table| before.is_some_and(|before| before.tables.contains(table));
    if before.map_or(!summary.facts.is_empty(), |before| before.facts != summary.facts) {
        return summary.facts.clone();
    }
    let tables = summary.tables.iter().filter(|table| !had(table));
    let rows = tables.flat_map(|table| table.rows.iter().map(move |row| (table, row)));
    let cells = rows.flat_map(|(table, row)| table.columns.iter().zip(&row.values).map(move |cell| (&row.name, cell)));
    let told = |(of, (column, value)): (&String, (&Column, &Option<f64>))| {
        Some(Fact::new(format!("{of}: {}", column.name), (*value)?, column.unit.as_str()))
    };
    cells.filter_map(told).collect()
}

fn sentence(failure: Failure) -> String {
    match failure {
        Failure::Failed(text) | Failure::Usage(text) => text,
    }
}
