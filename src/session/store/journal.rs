//! The running log: every change of the case is on the disk before the user is told of it.
//!
//! A killed program loses at most the command that was running. A log that belongs to no running program is offered
//! for recovery at the next start.

use super::StoreError;
use crate::base::ContentHash;
use crate::io::file::{sync_folder, write_whole};
use crate::session::LogEntry;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::Write;
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
    /// The content hash of that case, so that the log is never done on another one; none in old logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_hash: Option<String>,
}

/// The case file a session began with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Where it lies.
    pub path: PathBuf,
    /// The content hash of its case; unknown in old logs.
    pub hash: Option<String>,
}

impl Opened {
    /// The case with content hash `hash` in the file `path`, wherever the program runs when this is read again.
    pub fn new(path: &Path, hash: ContentHash) -> Self {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self { path, hash: Some(hash.to_hex()) }
    }
}

impl Header {
    /// The case file the session began with.
    pub fn opened(self) -> Option<Opened> {
        Some(Opened { path: self.opened?, hash: self.opened_hash })
    }
}

/// What a log file holds.
#[derive(Debug)]
pub struct Log {
    /// Its first line, if it has one.
    pub header: Option<Header>,
    /// Its entries, up to the first that makes no sense.
    pub entries: Vec<LogEntry>,
    /// What was left out and why, one sentence. A last line that a crash cut short is no matter.
    pub warning: Option<String>,
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
    pub fn create(folder: &Path, opened: Option<&Opened>) -> Result<Self, StoreError> {
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
    pub fn create_at(path: PathBuf, opened: Option<&Opened>) -> Result<Self, StoreError> {
        let system = |doing| {
            let path = path.clone();
            move |source| StoreError::System { doing, path, source }
        };
        let file = OpenOptions::new().create_new(true).append(true).open(&path);
        let mut file = file.map_err(system("creating the running log"))?;
        if let Err(error) = file.try_lock() {
            tracing::warn!(%error, "the running log could not be locked; it may be offered for recovery too early");
        }
        // A path that is no Unicode cannot be written down.
        let first = serde_json::to_string(&header(opened)).map_err(std::io::Error::from);
        let written = first.and_then(|first| write_text(&mut file, &(first + "\n")));
        written.map_err(system("writing the running log"))?;
        sync_folder(&path);
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
        self.append_all(std::slice::from_ref(entry))
    }

    /// Append many entries at once and wait until they are on the disk.
    ///
    /// # Errors
    /// [`StoreError::System`], e.g. for a full disk; none of them is written then.
    pub fn append_all(&mut self, entries: &[LogEntry]) -> Result<(), StoreError> {
        let doing = "writing the running log";
        let text: String = entries.iter().map(to_line).collect();
        write_text(&mut self.file, &text).map_err(|source| StoreError::System {
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
            .filter(|path| read(path).is_ok_and(|log| !log.entries.is_empty()))
            .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
            .collect();
        found.sort();
        found.into_iter().map(|(_, path)| path).collect()
    }
}

fn header(opened: Option<&Opened>) -> Header {
    let (format, version) = ("prosector log".into(), env!("CARGO_PKG_VERSION").into());
    let (opened, opened_hash) = (opened.map(|opened| opened.path.clone()), opened.and_then(|o| o.hash.clone()));
    Header { format, version, opened, opened_hash }
}

/// Write a finished log to `path`, in place of what was there.
///
/// # Errors
/// [`StoreError::System`] if the file cannot be written.
pub fn write_all(path: &Path, log: &[LogEntry]) -> Result<(), StoreError> {
    let mut text = to_line(&header(None));
    log.iter().for_each(|entry| text += &to_line(entry));
    write_whole(path, text.as_bytes()).map_err(|error| StoreError::System {
        doing: "writing the log",
        path: path.to_owned(),
        source: std::io::Error::other(error),
    })
}

fn write_text(file: &mut File, text: &str) -> std::io::Result<()> {
    let before = file.metadata()?.len();
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
    if written.is_err() {
        // Half a line, e.g. on a full disk, must not stand before the next one; the error that matters is `written`.
        let _ = file.set_len(before);
    }
    written
}

fn to_line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("log entries are plain data") + "\n"
}

/// Read a log. What stands before a damaged line is never lost.
///
/// # Errors
/// [`StoreError`] if the file cannot be read or begins with something else than a log.
pub fn read(path: &Path) -> Result<Log, StoreError> {
    let opening = |source| StoreError::System { doing: "opening the log", path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(opening)?;
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let (mut header, mut entries, mut warning) = (None, Vec::new(), None);
    for (n, line) in lines.iter().enumerate().filter(|(_, line)| !line.trim_ascii().is_empty()) {
        if n == 0
            && let Ok(found) = serde_json::from_slice::<Header>(line)
        {
            header = Some(found);
            continue;
        }
        match serde_json::from_slice(line) {
            Ok(entry) => entries.push(entry),
            Err(_) if entries.is_empty() && header.is_none() => {
                return Err(StoreError::NotALog(n + 1, path.to_owned()));
            }
            Err(_) => {
                // The last line has no line break if a crash cut it short.
                if n + 1 < lines.len() {
                    let lost = lines.len() - n - 1;
                    warning = Some(format!("line {} of the log is damaged; {lost} lines are left out", n + 1));
                }
                break;
            }
        }
    }
    Ok(Log { header, entries, warning })
}
