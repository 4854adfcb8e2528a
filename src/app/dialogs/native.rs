//! The dialogs of the desktop the program runs on.

use super::Wanted;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Nobody reads a dialog and leaves it within this time: there was none.
const READ_IN: Duration = Duration::from_millis(300);

/// What came of a dialog.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Chosen(PathBuf),
    /// The user left it.
    Left,
    /// This desktop has none to show.
    NotShown,
}

/// Show a dialog that opens in `folder`, and wait for its answer.
pub(super) fn show(wanted: &Wanted, folder: Option<&Path>) -> Answer {
    if !is_there() {
        return Answer::NotShown;
    }
    let since = Instant::now();
    match ask(wanted, folder) {
        Some(path) => Answer::Chosen(path),
        None if since.elapsed() < READ_IN => Answer::NotShown,
        None => Answer::Left,
    }
}

/// Whether there may be a dialog at all: on free desktops a portal, which needs a session bus, or zenity shows it.
fn is_there() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let in_folder = |folder: PathBuf, name: &str| folder.join(name).exists();
    let bus = || {
        set("DBUS_SESSION_BUS_ADDRESS").is_some()
            || set("XDG_RUNTIME_DIR").is_some_and(|folder| in_folder(folder.into(), "bus"))
    };
    let zenity = || set("PATH").is_some_and(|all| std::env::split_paths(&all).any(|each| in_folder(each, "zenity")));
    bus() || zenity()
}

fn ask(wanted: &Wanted, folder: Option<&Path>) -> Option<PathBuf> {
    let mut dialog = rfd::FileDialog::new().set_title(wanted.title());
    if let Some(folder) = folder {
        dialog = dialog.set_directory(folder);
    }
    if let Some((kind, ending, name)) = wanted.file() {
        let of_kind = if ending.is_empty() { dialog } else { dialog.add_filter(kind, &[ending]) };
        return of_kind.set_file_name(name).save_file();
    }
    match wanted {
        wanted if wanted.is_folder() => dialog.pick_folder(),
        Wanted::OpenFile => {
            dialog.add_filter("everything", &["*"]).add_filter("prosector case", &["prosector"]).pick_file()
        }
        _ => dialog.pick_file(),
    }
}
