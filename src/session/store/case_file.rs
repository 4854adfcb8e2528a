//! The `.prosector` case file: a zip of a manifest, the data of every node, and the command log.
//!
//! ```text
//! manifest.json            format, schema version, program version, one entry per node
//! log.jsonl                one line per change of the case
//! data/<id>/<array>.bin    little-endian arrays, deflated
//! ```

use super::pictures::{self, Pictures};
use super::schema::{self, Arrays, Manifest, NodeEntry};
use crate::base::{Cancelled, NodeId, Progress};
use crate::io::file::{beside, sweep, sync_folder};
use crate::io::words;
use crate::session::{Case, Data, LogEntry, Node};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The schema this program writes.
pub const SCHEMA_VERSION: u32 = 1;
/// Largest manifest and log accepted, in bytes.
const TEXT_MAX: u64 = 256 << 20;

/// Why a case could not be saved or opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is something else.
    #[error("this is not a prosector case: {0} — {path}", path = .1.display())]
    NotACase(String, PathBuf),
    /// It is no log.
    #[error("this is not a log of prosector: line {0} is none of its entries — {path}", path = .1.display())]
    NotALog(usize, PathBuf),
    /// A newer program wrote it.
    #[error("the case has schema version {found}, this program reads up to {SCHEMA_VERSION}; use a newer prosector — {path}", path = .path.display())]
    TooNew {
        /// Version found.
        found: u32,
        /// The file.
        path: PathBuf,
    },
    /// It was a case once.
    #[error("the file is damaged: {what} — {path}", path = .path.display())]
    Damaged {
        /// What is wrong.
        what: String,
        /// The file.
        path: PathBuf,
    },
    /// Disk full, no permission, and so on.
    #[error("{doing}: {} — {path}", words::of_system(source), path = .path.display())]
    System {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Stopped on request.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// What a case file holds.
#[derive(Debug)]
pub struct Stored {
    /// The case.
    pub case: Case,
    /// The log that led to it.
    pub log: Vec<LogEntry>,
}

/// Write `case` and its `log` to `path`, whole or not at all: a new file is written beside it, synced, and renamed.
///
/// # Errors
/// [`StoreError`]; a file that was at `path` is still whole then.
pub fn save(path: &Path, case: &Case, log: &[LogEntry], progress: &Progress) -> Result<(), StoreError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = beside(path, &name, "saving");
    let result = write_all(&beside, path, case, log, progress).and_then(|locked| {
        let doing = "replacing the case file";
        std::fs::rename(&beside, path).map_err(|source| StoreError::System { doing, path: path.to_owned(), source })?;
        drop(locked);
        sync_folder(path);
        sweep(path, &name, "saving");
        Ok(())
    });
    if result.is_err() {
        // The half-written file is of no use to anybody; the error that matters is `result`.
        let _ = std::fs::remove_file(&beside);
    }
    result
}

/// Write a whole new file; it is locked as long as what is returned lives, so that nobody sweeps it away.
///
/// Errors name `path`, which the user knows; the new file is `beside` it.
fn write_all(
    beside: &Path,
    path: &Path,
    case: &Case,
    log: &[LogEntry],
    progress: &Progress,
) -> Result<File, StoreError> {
    let system = |doing| move |source| StoreError::System { doing, path: path.to_owned(), source };
    let file = File::create_new(beside).map_err(system("creating the case file"))?;
    if let Err(error) = file.try_lock() {
        tracing::debug!(%error, "the file being saved could not be locked");
    }
    let mut zip = ZipWriter::new(BufWriter::with_capacity(1 << 20, file));
    let writing = "writing the case file";
    let zip_error = |error: zip::result::ZipError| system(writing)(std::io::Error::other(error));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .large_file(true);
    let count = case.nodes().count();
    let mut entries = Vec::with_capacity(count);
    let pictures = Pictures::of(case);
    for (done, (id, node)) in case.nodes().enumerate() {
        progress.step(done, count)?;
        let (meta, arrays) = schema::encode(&node.data);
        for (array, bytes) in &arrays {
            zip.start_file(format!("data/{}/{array}.bin", id.0), options).map_err(zip_error)?;
            for part in bytes.chunks(4 << 20) {
                progress.check()?;
                zip.write_all(part).map_err(system(writing))?;
            }
        }
        let sizes = arrays.iter().map(|(name, b)| (name.clone(), b.len() as u64));
        let mut entry = NodeEntry::of(id, node, meta, sizes);
        if let Some(without) = node.made_by().and_then(|command| pictures.without(command)) {
            entry.made_by = Some(without);
        }
        entries.push(entry);
    }
    let manifest = Manifest::new(entries, case.next_id().0);
    zip.start_file("manifest.json", options).map_err(zip_error)?;
    serde_json::to_writer_pretty(&mut zip, &manifest).map_err(|e| system(writing)(e.into()))?;
    zip.start_file("log.jsonl", options).map_err(zip_error)?;
    for entry in log {
        let entry = pictures.without_in(entry).unwrap_or_else(|| entry.clone());
        serde_json::to_writer(&mut zip, &entry.without_folder()).map_err(|e| system(writing)(e.into()))?;
        zip.write_all(b"\n").map_err(system(writing))?;
    }
    let buffer = zip.finish().map_err(zip_error)?;
    let file = buffer.into_inner().map_err(|error| system(writing)(error.into_error()))?;
    file.sync_all().map_err(system("syncing the case file"))?;
    Ok(file)
}

/// Read a case file. Every node must have the content hash it was saved with.
///
/// # Errors
/// [`StoreError`] naming what is wrong with which file.
pub fn load(path: &Path, progress: &Progress) -> Result<Stored, StoreError> {
    let damaged = |what: String| StoreError::Damaged { what, path: path.to_owned() };
    let not_a_case = |what: &str| StoreError::NotACase(what.to_owned(), path.to_owned());
    let opening = |source| StoreError::System { doing: "opening the case file", path: path.to_owned(), source };
    let file = File::open(path).map_err(opening)?;
    let mut zip = ZipArchive::new(BufReader::new(file))
        .map_err(|_| not_a_case("it is no whole zip file; it may be cut short, so copy it again"))?;
    let text = read_text(&mut zip, "manifest.json").map_err(|what| not_a_case(&what))?;
    let head: schema::Head = serde_json::from_str(&text).map_err(|_| not_a_case("its manifest has no format"))?;
    if head.format != schema::FORMAT {
        return Err(not_a_case("its manifest names another format"));
    }
    if SCHEMA_VERSION < head.schema_version {
        return Err(StoreError::TooNew { found: head.schema_version, path: path.to_owned() });
    }
    let manifest: Manifest =
        serde_json::from_str(&text).map_err(|error| damaged(format!("its manifest, {}", words::of_json(&error))))?;
    manifest.check().map_err(damaged)?;
    let next_id = manifest.next_id;
    let mut nodes = Vec::with_capacity(manifest.nodes.len());
    let count = manifest.nodes.len();
    for (done, entry) in manifest.nodes.into_iter().enumerate() {
        progress.step(done, count)?;
        let (id, name) = (NodeId(entry.id), entry.name.clone());
        let node = read_node(&mut zip, entry).map_err(|what| damaged(format!("object {id} ({name}): {what}")))?;
        nodes.push((id, node));
    }
    let picture = |nodes: &[(NodeId, Node)], id: NodeId| {
        let (_, node) = nodes.iter().find(|(of, _)| *of == id)?;
        pictures::of_data(&node.data).map(<[u8]>::to_vec)
    };
    for place in 0..nodes.len() {
        let (id, node) = &nodes[place];
        let Some(mut command) = node.made_by().cloned() else { continue };
        let put = pictures::put_back(&mut command, |of| picture(&nodes, of));
        put.map_err(|what| damaged(format!("object {id}: {what}")))?;
        let node = node.clone().made_by_command(Some(command));
        nodes[place].1 = node;
    }
    let text = read_text(&mut zip, "log.jsonl").map_err(damaged)?;
    let lines = text.as_bytes().lines().map_while(Result::ok).enumerate();
    let entries = lines.map(|(n, line)| {
        serde_json::from_str(&line).map_err(|error| format!("entry {} of its log, {}", n + 1, words::of_json(&error)))
    });
    let mut log: Vec<LogEntry> = entries.collect::<Result<_, _>>().map_err(damaged)?;
    for (n, entry) in log.iter_mut().enumerate() {
        if let LogEntry::Command { command, .. } = entry {
            let put = pictures::put_back(command, |of| picture(&nodes, of));
            put.map_err(|what| damaged(format!("entry {} of its log, {what}", n + 1)))?;
        }
    }
    Ok(Stored { case: Case::from_nodes(nodes).with_next_id(next_id.map(NodeId)), log })
}

fn read_text<R: Read + std::io::Seek>(zip: &mut ZipArchive<R>, name: &str) -> Result<String, String> {
    let file = zip.by_name(name).map_err(|_| format!("it holds no {name}"))?;
    if TEXT_MAX < file.size() {
        return Err(format!("its {name} claims {} bytes", file.size()));
    }
    let mut text = String::new();
    file.take(TEXT_MAX).read_to_string(&mut text).map_err(|error| format!("its {name}: {}", unpacking(&error)))?;
    Ok(text)
}

/// Why packed bytes could not be read.
fn unpacking(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData | std::io::ErrorKind::Other => {
            "its packed bytes are damaged".into()
        }
        _ => words::of_system(error),
    }
}

fn read_node<R: Read + std::io::Seek>(zip: &mut ZipArchive<R>, entry: NodeEntry) -> Result<Node, String> {
    let mut arrays = Arrays::new();
    for (name, bytes) in &entry.arrays {
        let path = format!("data/{}/{name}.bin", entry.id);
        let file = zip.by_name(&path).map_err(|_| format!("the array {name} is missing"))?;
        // Deflate gains at most about 1032 to 1: a claim beyond that is a lie, found before memory is asked for.
        if file.size() != *bytes || file.compressed_size().saturating_mul(1100).saturating_add(1024) < *bytes {
            return Err(format!("the array {name} claims {bytes} bytes, but the file cannot hold them"));
        }
        if let Some(expected) = entry.data.bytes_of(name).filter(|expected| expected != bytes) {
            return Err(format!("the array {name} claims {bytes} bytes, its grid needs {expected}"));
        }
        let mut content = Vec::new();
        let size = usize::try_from(*bytes).map_err(|_| "an array is too large")?;
        content
            .try_reserve_exact(size)
            .map_err(|_| format!("there is no memory for the array {name}, {bytes} bytes"))?;
        file.take(bytes + 1)
            .read_to_end(&mut content)
            .map_err(|error| format!("the array {name}: {}", unpacking(&error)))?;
        arrays.insert(name.clone(), content);
    }
    let data = schema::decode(&entry.data, arrays)?;
    let NodeEntry { name, display, summary, source, made_by, hash, .. } = entry;
    let mut node = Node::new(name, data).with_summary(summary).made_by_command(made_by);
    (node.display, node.source) = (display, source.map(NodeId));
    // Files of before have another hash of label maps over the same labels.
    let is_old = |node: &Node| match &node.data {
        Data::Labels(labels) => labels.content_hash_of_old_files().to_hex() == hash,
        _ => false,
    };
    if node.hash().to_hex() == hash || is_old(&node) {
        Ok(node)
    } else {
        Err("its content does not match its hash".into())
    }
}
