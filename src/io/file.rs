//! Writing a file whole or not at all.

use super::error::WriteError;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// The whole of a small text file.
///
/// # Errors
/// The system's.
pub fn read_text(path: &Path) -> std::io::Result<String> {
    fs::read_to_string(path)
}

/// The whole of a file of at most `max` bytes.
///
/// # Errors
/// The system's; something that is no file, or a larger one, is refused in words.
pub fn read_bytes(path: &Path, max: u64) -> std::io::Result<Vec<u8>> {
    let there = fs::metadata(path)?;
    if !there.is_file() {
        return Err(std::io::Error::other("this is no file"));
    }
    let too_large =
        || std::io::Error::other(format!("the file is larger than {} MB, the most that is read", max >> 20));
    if max < there.len() {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(there.len() as usize);
    File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
    if max < bytes.len() as u64 { Err(too_large()) } else { Ok(bytes) }
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
    let beside = beside(path, &name.to_string_lossy(), "writing");
    let written = File::create_new(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // Of no use to anybody; the error that matters is the one returned.
        let _ = fs::remove_file(&beside);
    }
    written.map_err(system)?;
    sync_folder(path);
    Ok(())
}

/// Remove the file at `path`; that there is none is as good.
///
/// # Errors
/// [`WriteError::System`].
pub fn remove(path: &Path) -> Result<(), WriteError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(WriteError::system(path, source)),
        _ => Ok(()),
    }
}

/// A name beside `path` that no other writer of this or another running program uses: `.name.process-n.ending`.
pub fn beside(path: &Path, name: &str, ending: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{name}.{}-{count}.{ending}", std::process::id()))
}

/// Remove what killed programs left beside `path` under names that [`beside`] gave them.
///
/// Whoever writes such a file holds its lock until the file has its final name; a file that is locked stays.
pub fn sweep(path: &Path, name: &str, ending: &str) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (before, after) = (format!(".{name}."), format!(".{ending}"));
    let is_ours = |file: &str| {
        let numbers = file.strip_prefix(&before).and_then(|rest| rest.strip_suffix(&after)?.split_once('-'));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        numbers.is_some_and(|(process, count)| is_number(process) && is_number(count))
    };
    let Ok(files) = fs::read_dir(folder) else { return };
    for file in files.filter_map(Result::ok).filter(|file| file.file_name().to_str().is_some_and(is_ours)) {
        let left = file.path();
        if File::open(&left).is_ok_and(|file| file.try_lock().is_ok())
            && let Err(error) = fs::remove_file(&left)
        {
            tracing::debug!(%error, path = %left.display(), "a half-written file could not be removed");
        }
    }
}

/// Make a rename to or the creation of `path` durable, where the system lets folders be synced.
pub fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Err(error) = File::open(folder).and_then(|folder| folder.sync_all()) {
        tracing::debug!(%error, "the folder could not be synced");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_killed_program_left_of_this_file_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("case.prosector");
        let write = |name: &str| File::create(folder.path().join(name)).unwrap();
        let stay = [
            ".case.prosector.12-x.saving",
            ".case.prosector.12-3.writing",
            ".other.prosector.12-3.saving",
            ".case.prosector.saving",
            "case.prosector.12-3.saving",
            ".case.prosector.77-0.saving",
        ];
        stay.iter().for_each(|name| drop(write(name)));
        let busy = write(stay[5]);
        busy.lock().unwrap();
        write(".case.prosector.12-3.saving");
        sweep(&path, "case.prosector", "saving");
        let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        left.sort();
        let mut expected = stay.to_vec();
        expected.sort_unstable();
        assert_eq!(left, expected);
    }
}
