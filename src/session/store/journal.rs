//! The running log: every change of the case is on the disk before the user is told of it.
//!
//! A killed program loses at most the command that was running. A log that belongs to no running program is offered
//! for recovery at the next start.

use super::StoreError;
use crate::session::LogEntry;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// The first line of a log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Always `prosector log`.
    pub format: String,
    /// The program that wrote it.
    pub version: String,
    /// The case file the session started from, if any.
    pub opened: Option<PathBuf>,
}

/// A log being written. The file is locked while the program lives, and removed by [`Journal::close`].
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// The folder logs of this user live in.
    pub fn folder() -> PathBuf {
        let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
        let state = state.or_else(|| home().map(|home| home.join(".local/state")));
        state.unwrap_or_else(std::env::temp_dir).join("prosector")
    }

    /// Start a log in `folder` for a session that began with the case file `opened`.
    ///
    /// # Errors
    /// [`StoreError::System`] if the folder cannot be written.
    pub fn create(folder: &Path, opened: Option<&Path>) -> Result<Self, StoreError> {
        let system = |doing| {
            let path = folder.to_owned();
            move |source| StoreError::System { doing, path, source }
        };
        std::fs::create_dir_all(folder).map_err(system("creating the folder of the running log"))?;
        let process = std::process::id();
        let free = (0..10_000).map(|n| folder.join(format!("session-{process}-{n}.jsonl"))).find(|path| !path.exists());
        Self::create_at(free.unwrap_or_else(|| folder.join(format!("session-{process}.jsonl"))), opened)
    }

    /// Start a log in the new file `path`.
    ///
    /// # Errors
    /// [`StoreError::System`] if there is such a file already or it cannot be written.
    pub fn create_at(path: PathBuf, opened: Option<&Path>) -> Result<Self, StoreError> {
        let system = |doing| {
            let path = path.clone();
            move |source| StoreError::System { doing, path, source }
        };
        let file = OpenOptions::new().create_new(true).append(true).open(&path);
        let mut file = file.map_err(system("creating the running log"))?;
        if let Err(error) = file.try_lock() {
            tracing::warn!(%error, "the running log could not be locked; it may be offered for recovery too early");
        }
        write_line(&mut file, &header(opened)).map_err(system("writing the running log"))?;
        Ok(Self { file, path })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Append one entry and wait until it is on the disk.
    ///
    /// # Errors
    /// [`StoreError::System`], e.g. for a full disk.
    pub fn append(&mut self, entry: &LogEntry) -> Result<(), StoreError> {
        let doing = "writing the running log";
        write_line(&mut self.file, entry).map_err(|source| StoreError::System {
            doing,
            path: self.path.clone(),
            source,
        })
    }

    /// The session ended well: the log is not needed any more.
    pub fn close(self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "the running log could not be removed");
        }
    }

    /// Logs in `folder` that hold at least one change and belong to no running program, the newest last.
    pub fn left_behind(folder: &Path) -> Vec<PathBuf> {
        let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut found: Vec<_> = files
            .filter_map(Result::ok)
            .map(|file| file.path())
            .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
            .filter(|path| File::open(path).is_ok_and(|file| file.try_lock().is_ok()))
            .filter(|path| read(path).is_ok_and(|(_, entries)| !entries.is_empty()))
            .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
            .collect();
        found.sort();
        found.into_iter().map(|(_, path)| path).collect()
    }
}

fn header(opened: Option<&Path>) -> Header {
    let (format, version) = ("prosector log".into(), env!("CARGO_PKG_VERSION").into());
    Header { format, version, opened: opened.map(Path::to_owned) }
}

/// Write a finished log to `path`, in place of what was there.
///
/// # Errors
/// [`StoreError::System`] if the file cannot be written.
pub fn write_all(path: &Path, log: &[LogEntry]) -> Result<(), StoreError> {
    let write = || {
        let mut file = File::create(path)?;
        let mut text = serde_json::to_string(&header(None))? + "\n";
        for entry in log {
            text += &(serde_json::to_string(entry)? + "\n");
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|source| StoreError::System { doing: "writing the log", path: path.to_owned(), source })
}

fn write_line(file: &mut File, line: &impl Serialize) -> std::io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)?;
    file.sync_data()
}

/// Read a log: its header, if it has one, and its entries. A last line that was cut off by a crash is left out.
///
/// # Errors
/// [`StoreError`] if the file cannot be read or a line before the last makes no sense.
pub fn read(path: &Path) -> Result<(Option<Header>, Vec<LogEntry>), StoreError> {
    let opening = |source| StoreError::System { doing: "opening the log", path: path.to_owned(), source };
    let file = File::open(path).map_err(opening)?;
    let lines: Vec<String> = BufReader::new(file).lines().collect::<Result<_, _>>().map_err(opening)?;
    let mut header = None;
    let mut entries = Vec::with_capacity(lines.len());
    for (n, line) in lines.iter().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        if n == 0
            && let Ok(found) = serde_json::from_str::<Header>(line)
        {
            header = Some(found);
            continue;
        }
        match serde_json::from_str(line) {
            Ok(entry) => entries.push(entry),
            Err(_) if n + 1 == lines.len() && 0 < n => {}
            Err(error) => {
                return Err(StoreError::Damaged { what: format!("line {}: {error}", n + 1), path: path.to_owned() });
            }
        }
    }
    Ok((header, entries))
}
