//! Writing a file whole or not at all.

use super::error::WriteError;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// The whole of a small text file.
///
/// # Errors
/// The system's.
pub fn read_text(path: &Path) -> std::io::Result<String> {
    fs::read_to_string(path)
}

/// Write `bytes` to `path`: a new file is written beside it, synced, and renamed. Folders on the way are made.
///
/// # Errors
/// [`WriteError::System`]; a file that was at `path` is still whole then.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let system = |source| WriteError::system(path, source);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        fs::create_dir_all(folder).map_err(system)?;
    }
    let name =
        path.file_name().ok_or_else(|| WriteError::unsupported(path, "this is a folder, not the name of a file"))?;
    let beside = path.with_file_name(format!(".{}.{}.writing", name.to_string_lossy(), std::process::id()));
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // Of no use to anybody; the error that matters is the one returned.
        let _ = fs::remove_file(&beside);
    }
    written.map_err(system)
}
