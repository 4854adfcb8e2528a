//! `flow`: a long computation of flow, alone or as one of several processes, with checkpoints.

use super::{Failure, print, run};
use crate::base::{NodeId, Progress, parallel};
use crate::flow::{Keeper, keep_with};
use crate::io::file;
use crate::session::{Command, NodeKind, Session, store};
use crate::tools::{TOOLS, find};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The tool that computes.
const TOOL: &str = "simulate.flow";
/// Larger checkpoints are not read.
const BYTES_MAX: u64 = 1 << 40;
/// How long a rank waits with its own sentence of failure, for rank 0 mostly has the same.
#[cfg(feature = "mpi")]
const AFTER_FIRST: Duration = Duration::from_secs(2);

/// What to compute, and with what.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) input: PathBuf,
    pub(super) param: Vec<String>,
    pub(super) out: PathBuf,
    pub(super) checkpoint: Option<PathBuf>,
    pub(super) every_min: f64,
    pub(super) threads: Option<usize>,
    pub(super) json: bool,
}

/// Compute flow, together with the other processes if there are any; the first prints and writes.
#[cfg(feature = "mpi")]
pub(super) fn flow(wish: &Wish) -> Result<ExitCode, Failure> {
    use crate::flow::ranks::{join, processes::Processes};
    let processes = Processes::start().map_err(Failure::Failed)?;
    let (rank, size) = (processes.rank(), processes.size());
    if 1 < size {
        join(processes.ranks());
    }
    let share = (parallel::cores() / processes.beside()).max(1);
    let threads = wish.threads.or((1 < size).then_some(share));
    let result = with_threads(threads, || compute(wish, rank));
    if let (Err(Failure::Failed(message) | Failure::Usage(message)), true) = (&result, 1 < size) {
        // The others must not wait for this one for ever.
        if rank != 0 {
            std::thread::sleep(AFTER_FIRST);
            print::error(&format!("rank {rank}: {message}"));
        } else {
            print::error(message);
        }
        processes.abort();
    }
    result
}

/// Compute flow, alone.
#[cfg(not(feature = "mpi"))]
pub(super) fn flow(wish: &Wish) -> Result<ExitCode, Failure> {
    let said = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"].iter().find_map(|name| std::env::var(name).ok());
    if said.and_then(|text| text.parse::<usize>().ok()).is_some_and(|size| 1 < size) {
        let text = "this is one of several processes of mpirun, but the program was built without the feature 'mpi', \
                    and each would do all of the work; build it with --features mpi, or leave out mpirun";
        return Err(Failure::Usage(text.into()));
    }
    with_threads(wish.threads, || compute(wish, 0))
}

fn with_threads<R>(threads: Option<usize>, work: impl FnOnce() -> R) -> R {
    match threads {
        Some(threads) => parallel::with_pool_of(threads, work),
        None => work(),
    }
}

/// Compute and, on rank 0, print and write.
fn compute(wish: &Wish, rank: usize) -> Result<ExitCode, Failure> {
    if !(wish.every_min.is_finite() && 0.0 <= wish.every_min) {
        return Err(Failure::Usage(format!(
            "--every is {}; it must be a number of minutes, 0 or more",
            wish.every_min
        )));
    }
    let mut params = run::params(find(TOOL).expect("it is in the list"), &wish.param)?;
    let mut session = opened(&wish.input)?;
    if !params.contains_key("labels") {
        params.insert("labels".into(), json!(only_labels(&session, &wish.input)?));
    }
    if let Some(path) = &wish.checkpoint {
        keep_with(Arc::new(CheckpointFile::new(path, wish.every_min)));
    }
    let start = Instant::now();
    let command = Command::new(TOOL, Value::Object(params));
    let work = |progress: &Progress| session.run(command, progress);
    let outcome = if rank == 0 { print::with_bar(TOOL, work) } else { work(&Progress::default()) }?;
    if rank != 0 {
        return Ok(ExitCode::SUCCESS);
    }
    let seconds = start.elapsed().as_secs_f64();
    print::with_bar("saving the case", |progress| store::save(&wish.out, session.case(), session.log(), progress))?;
    if let Some(path) = &wish.checkpoint {
        // What it was for is done and saved.
        file::remove(path)?;
    }
    if wish.json {
        let hash = session.content_hash().to_hex();
        print::json(&json!({ "steps": [run::step_json(&session, &outcome, seconds)], "hash": hash }));
    } else {
        run::show(&session, &outcome, seconds);
    }
    Ok(ExitCode::SUCCESS)
}

/// A session with the case in `path`, or with the segmentation.
fn opened(path: &Path) -> Result<Session, Failure> {
    if path.extension().is_some_and(|ending| ending == "prosector") {
        let stored = store::load(path, &Progress::default())?;
        return Ok(Session::with_case(TOOLS, stored.case, stored.log));
    }
    let mut session = Session::new(TOOLS);
    session.run(Command::new("import.segmentation", json!({ "path": path })), &Progress::default())?;
    Ok(session)
}

/// The only segmentation of the case.
fn only_labels(session: &Session, path: &Path) -> Result<NodeId, Failure> {
    let all: Vec<NodeId> =
        session.case().nodes().filter(|(_, node)| node.data.kind() == NodeKind::Labels).map(|(id, _)| id).collect();
    match all[..] {
        [only] => Ok(only),
        [] => Err(Failure::Usage(format!("{} holds no segmentation; flow needs one of its lumen", path.display()))),
        _ => {
            let ids: Vec<String> = all.iter().map(ToString::to_string).collect();
            let (count, ids) = (all.len(), ids.join(", "));
            Err(Failure::Usage(format!(
                "{} holds {count} segmentations; say which with -p labels=…: {ids}",
                path.display()
            )))
        }
    }
}

/// The file of the last checkpoint.
#[derive(Debug)]
struct CheckpointFile {
    path: PathBuf,
    /// Who wants one at once makes this file.
    now: PathBuf,
    every: Duration,
    last: Mutex<Instant>,
}

impl CheckpointFile {
    fn new(path: &Path, every_min: f64) -> Self {
        let mut now = path.as_os_str().to_owned();
        now.push(".now");
        let every = Duration::try_from_secs_f64(60.0 * every_min).unwrap_or(Duration::MAX);
        Self { path: path.into(), now: now.into(), every, last: Mutex::new(Instant::now()) }
    }
}

impl Keeper for CheckpointFile {
    fn kept(&self) -> Result<Option<Vec<u8>>, String> {
        if !self.path.exists() {
            return Ok(None);
        }
        let bytes = file::read_bytes(&self.path, BYTES_MAX);
        bytes.map(Some).map_err(|error| format!("reading the checkpoint {}: {error}", self.path.display()))
    }

    fn is_due(&self) -> bool {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.every <= last.elapsed() || self.now.exists()
    }

    fn keep(&self, checkpoint: &[u8]) -> Result<(), String> {
        file::write_whole(&self.path, checkpoint).map_err(|error| print::with_causes(&error))?;
        if self.now.exists() {
            file::remove(&self.now).map_err(|error| print::with_causes(&error))?;
        }
        // What writing takes does not count.
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_due_after_its_time_or_when_asked_for_and_replaces_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flow.checkpoint");
        let keeper = CheckpointFile::new(&path, 1e6);
        assert_eq!((keeper.kept(), keeper.is_due()), (Ok(None), false));
        std::fs::write(folder.path().join("flow.checkpoint.now"), "").unwrap();
        assert!(keeper.is_due());
        keeper.keep(b"first").unwrap();
        assert!(!keeper.is_due(), "it was asked for once");
        keeper.keep(b"second").unwrap();
        assert_eq!(keeper.kept(), Ok(Some(b"second".to_vec())));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(CheckpointFile::new(&path, 0.0).is_due());
    }
}
