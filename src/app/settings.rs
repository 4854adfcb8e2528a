//! The file of the user's settings: read at the start, written whole when something changed; cases opened are noted.

use super::session::TheSession;
use super::ui::{Settings, Tone};
use super::view::{Desk, Started};
use crate::base::courtesy;
use crate::io::file::{read_text, write_whole};
use crate::io::samples;
use crate::session::LogEntry;
use bevy::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// The file of this user's settings.
fn file() -> PathBuf {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || absolute("HOME").or_else(|| absolute("USERPROFILE"));
    let usual = if cfg!(windows) {
        absolute("APPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Application Support"))
    } else {
        home().map(|home| home.join(".config"))
    };
    let folder = absolute("XDG_CONFIG_HOME").or(usual).unwrap_or_else(std::env::temp_dir);
    folder.join("prosector").join("settings.json")
}

/// The settings at `path`, and what the user should know of them. A file that makes no sense is kept beside it.
fn read(path: &Path) -> (Settings, Option<String>) {
    let problem = match read_text(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return (Settings::default(), None),
        Err(error) => format!("cannot be read: {error}"),
        Ok(text) => match Settings::read(&text) {
            Ok(settings) => return (settings, None),
            Err(problem) => problem,
        },
    };
    let bad = free_name(path);
    let kept = match std::fs::rename(path, &bad) {
        Ok(()) => format!("it is kept as {}", bad.display()),
        Err(error) => format!("it could not be put aside either: {error}"),
    };
    let text = format!("the file of settings {} {problem}; the usual settings are used, and {kept}", path.display());
    (Settings::default(), Some(text))
}

/// `settings.json.bad`, or with a number where that is taken.
fn free_name(path: &Path) -> PathBuf {
    let name = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let taken = |n: &u32| !name(&format!(".bad{n}")).exists();
    let first = name(".bad");
    if first.exists() { (2..100).find(taken).map_or(first, |n| name(&format!(".bad{n}"))) } else { first }
}

/// Settings on their way to the file.
#[derive(Debug, Default)]
struct Queue {
    waiting: Option<Settings>,
    /// Whether a thread writes now.
    writes: bool,
    problem: Option<String>,
}

/// Writes settings, one after the other, on a thread of its own: a slow disk must not hold up a frame.
#[derive(Resource, Default)]
struct Keeper {
    /// `None` where nothing is to be written: a script takes a picture.
    path: Option<PathBuf>,
    queue: Arc<Mutex<Queue>>,
}

/// Write what waits until nothing does.
fn write_waiting(path: &Path, queue: &Mutex<Queue>) {
    loop {
        let next = {
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            let next = queue.waiting.take();
            queue.writes = next.is_some();
            next
        };
        let Some(settings) = next else { return };
        if let Err(error) = write_whole(path, settings.write().as_bytes()) {
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.problem = Some(format!("the settings are not kept: {error}"));
        }
    }
}

impl Keeper {
    fn keep(&self, settings: Settings) {
        let Some(path) = self.path.clone() else { return };
        {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.waiting = Some(settings);
            if std::mem::replace(&mut queue.writes, true) {
                return;
            }
        }
        let queue = Arc::clone(&self.queue);
        let thread = courtesy::spawn("settings", {
            let path = path.clone();
            move || write_waiting(&path, &queue)
        });
        if let Err(error) = thread {
            warn!(%error, "the settings are written on the main thread");
            write_waiting(&path, &self.queue);
        }
    }

    fn problem(&self) -> Option<String> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).problem.take()
    }

    /// Wait until everything is written, at most two seconds: the program ends.
    fn settle(&self) {
        for _ in 0..200 {
            if !self.queue.lock().unwrap_or_else(PoisonError::into_inner).writes {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Keeper>();
    app.add_systems(PostStartup, begin);
    app.add_systems(Last, (note_cases, keep).chain());
    app.add_systems(Last, settle.after(keep).run_if(on_message::<AppExit>));
}

fn begin(
    started: Res<Started>,
    mut keeper: ResMut<Keeper>,
    mut desk: ResMut<Desk>,
    mut session: NonSendMut<TheSession>,
) {
    // A picture taken by a script shows the usual window.
    if started.options.screenshot.is_some() {
        return;
    }
    let path = file();
    let (settings, problem) = read(&path);
    if let Some(problem) = problem {
        session.say(Tone::Warning, problem);
    }
    desk.workspace.missing =
        settings.recent.iter().map(|recent| recent.path.clone()).filter(|at| !at.exists()).collect();
    desk.workspace.use_settings(settings);
    desk.workspace.offers_tour = true;
    keeper.path = Some(path);
}

/// What was opened or saved since the last look goes to the head of the list.
fn note_cases(
    session: NonSend<TheSession>,
    mut desk: ResMut<Desk>,
    mut last: Local<Option<PathBuf>>,
    mut seen: Local<u64>,
) {
    let mut opened = None;
    if *last != session.case_path {
        last.clone_from(&session.case_path);
        opened.clone_from(&session.case_path);
    }
    if *seen != session.revision {
        *seen = session.revision;
        opened = opened.or_else(|| session.get().log().last().and_then(scan_path));
    }
    let Some(path) = opened else { return };
    let path = std::path::absolute(&path).unwrap_or(path);
    let bundled = samples::chest_ct().and_then(|bundled| std::path::absolute(bundled).ok());
    if bundled.is_some_and(|bundled| path.starts_with(bundled)) {
        return;
    }
    let at_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
    let workspace = &mut desk.workspace;
    workspace.missing.remove(&path);
    workspace.settings.remember(path, at_s);
}

/// Where the scan lies that a command brought in.
fn scan_path(entry: &LogEntry) -> Option<PathBuf> {
    match entry {
        LogEntry::Command { command, .. } if ["import.dicom", "import.image"].contains(&command.tool.as_str()) => {
            command.params.get("path").and_then(serde_json::Value::as_str).map(PathBuf::from)
        }
        _ => None,
    }
}

fn keep(mut desk: ResMut<Desk>, keeper: Res<Keeper>, mut session: NonSendMut<TheSession>) {
    if let Some(settings) = desk.bypass_change_detection().workspace.changed_settings() {
        keeper.keep(settings);
    }
    if let Some(problem) = keeper.problem() {
        session.say(Tone::Warning, problem);
    }
}

fn settle(keeper: Res<Keeper>) {
    keeper.settle();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("prosector/settings.json");
        assert_eq!(read(&path), (Settings::default(), None), "a first start has no file and nothing to say");
        let mut settings = Settings { scale: 1.25, ..Settings::default() };
        settings.remember(folder.path().join("liver.prosector"), 1_800_000_000);
        let keeper = Keeper { path: Some(path.clone()), ..Keeper::default() };
        for step in 0..20 {
            settings.note_used(&format!("tool {step}"));
            keeper.keep(settings.clone());
        }
        keeper.settle();
        assert_eq!(keeper.problem(), None);
        assert_eq!(read(&path), (settings, None), "the last of many quick changes is what is kept");
    }

    #[test]
    fn a_broken_file_is_kept_and_told_in_one_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        for (text, bad) in [("{ half", "settings.json.bad"), (r#"{"version": 99}"#, "settings.json.bad2")] {
            std::fs::write(&path, text).unwrap();
            let (settings, problem) = read(&path);
            assert_eq!(settings, Settings::default());
            let problem = problem.expect("something is said");
            assert!(problem.contains("settings.json") && problem.contains(bad) && !problem.ends_with('.'), "{problem}");
            assert_eq!(std::fs::read_to_string(folder.path().join(bad)).unwrap(), text, "nothing is lost");
            assert!(!path.exists());
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "no folder").unwrap();
        let keeper = Keeper { path: Some(file.join("settings.json")), ..Keeper::default() };
        keeper.keep(Settings::default());
        keeper.settle();
        assert!(keeper.problem().is_some_and(|problem| problem.contains("not kept")));
    }
}
