//! `batch` over many cases: the same script on each, a folder of results for each, a table of all.
//!
//! What fails is told and the rest goes on; what has a result of the same script is not done again, so that a run that was
//! interrupted goes on where it was.

mod cases;
mod one;
mod record;
mod slurm;
mod summary;

use super::args::Cohort;
use super::{Failure, print};
use crate::base::parallel::{self, THREADS_VARIABLE};
use crate::base::{ContentHasher, Progress};
use crate::io::{file, words};
use crate::session::Command;
use crate::tools::find;
use cases::Case;
use record::Record;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A script, what it is run on, and where results go.
pub(super) struct Job {
    script: PathBuf,
    /// What tells this script from another.
    script_hash: String,
    commands: Vec<Command>,
    cases: Vec<Case>,
    out: PathBuf,
}

/// Run `script` on the cases of `cohort`, or write the job for a cluster.
pub(super) fn run(script: &Path, cohort: &Cohort, as_json: bool) -> Result<ExitCode, Failure> {
    let out = cohort
        .out
        .as_deref()
        .ok_or_else(|| Failure::Usage("where the results of the cases go is missing: add -o FOLDER".into()))?;
    let commands = super::run::read_script(script)?;
    if commands.is_empty() {
        return Err(Failure::Usage(format!("the script has no command — {}", script.display())));
    }
    if let Some(unknown) = commands.iter().find(|command| find(&command.tool).is_none()) {
        let tool = &unknown.tool;
        return Err(Failure::Usage(format!(
            "there is no tool '{tool}'; `prosector tools` lists them — {}",
            script.display()
        )));
    }
    let words = serde_json::to_vec(&commands)?;
    let script_hash = ContentHasher::default().array(&words).finish().to_hex();
    let cases = cases::all(&cohort.cases, cohort.list.as_deref())?;
    let job = Job { script: absolute(script), script_hash, commands, cases, out: absolute(out) };
    if let Some(path) = &cohort.slurm {
        return slurm::write(&job, cohort, path);
    }
    let chosen = match cohort.only {
        None => (0..job.cases.len()).collect(),
        Some(n) if (1..=job.cases.len()).contains(&n) => vec![n - 1],
        Some(n) => {
            let count = job.cases.len();
            return Err(Failure::Usage(format!(
                "case {n} was asked for with --only; there are {count}, counted from 1"
            )));
        }
    };
    for n in &chosen {
        check(&job, &job.cases[*n])?;
    }
    let records = all(&job, &chosen, cohort.jobs)?;
    summary::write(&job)?;
    let failed = records.iter().filter(|(_, record)| record.error.is_some()).count();
    if as_json {
        print::json(&summary::json(&job, &records));
    } else {
        summary::show(&job, &records);
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Refuse a case whose folder has a result of something else.
fn check(job: &Job, case: &Case) -> Result<(), Failure> {
    let Some(record) = case.record(&job.out) else { return Ok(()) };
    let (name, out) = (&case.name, job.out.display());
    if record.script != job.script_hash {
        let text = format!("'{name}' has a result of another script; choose another folder with -o — {out}");
        return Err(Failure::Failed(text));
    }
    if !case.is_of(&record) {
        return Err(Failure::Failed(format!(
            "'{name}' has a result of another case, {}, not of {}; choose another folder with -o — {out}",
            record.case.display(),
            case.path.display()
        )));
    }
    // What failed is tried again, all the more if its file was mended.
    if record.error.is_none() && !case.is_unchanged(&record) {
        return Err(Failure::Failed(format!(
            "'{name}' has a result of its file as it was before that changed; choose another folder with -o, or remove the result — {}",
            case.folder(&job.out).display()
        )));
    }
    Ok(())
}

/// Do the cases `chosen`, `jobs` at a time, each with its part of the threads; the records in the order of the cases.
fn all(job: &Job, chosen: &[usize], jobs: usize) -> Result<Vec<(usize, Record)>, Failure> {
    let asked = std::env::var(THREADS_VARIABLE).ok().and_then(|text| text.parse().ok()).filter(|n| 0 < *n);
    let threads = asked.unwrap_or_else(parallel::cores);
    let jobs = jobs.clamp(1, chosen.len().max(1));
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(chosen.len())));
    let work = |threads: usize| {
        parallel::with_pool_of(threads, || {
            while let Some(n) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                let record = one(job, *n, jobs == 1);
                done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((*n, record));
            }
        });
    };
    std::thread::scope(|scope| {
        // The first few take what does not divide evenly.
        let of = |worker: usize| (threads / jobs + usize::from(worker < threads % jobs)).max(1);
        (1..jobs).for_each(|worker| {
            let (work, threads) = (&work, of(worker));
            scope.spawn(move || work(threads));
        });
        work(of(0));
    });
    let done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut records = done.into_iter().map(|(n, record)| Ok((n, record?))).collect::<Result<Vec<_>, Failure>>()?;
    records.sort_by_key(|(n, _)| *n);
    Ok(records)
}

/// The record of one case: the one that is there, or a new one.
fn one(job: &Job, n: usize, alone: bool) -> Result<Record, Failure> {
    let case = &job.cases[n];
    if let Some(record) = case.record(&job.out).filter(|record| record.error.is_none()) {
        print::note(&format!("{}: has its result", case.name));
        return Ok(Record { kept: true, ..record });
    }
    let record = if alone {
        print::with_bar(&case.name, |progress| one::run(job, case, progress))
    } else {
        one::run(job, case, &Progress::default())
    };
    let text = serde_json::to_string_pretty(&record)?;
    file::write_whole(&case.folder(&job.out).join(record::FILE), text.as_bytes())?;
    print::note(&format!("{}: {}", case.name, record.error.as_deref().unwrap_or("done")));
    Ok(record)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A sentence about a file that could not be read.
fn unreadable(doing: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::Failed(format!("{doing}: {} — {}", words::of_system(error), path.display()))
}
