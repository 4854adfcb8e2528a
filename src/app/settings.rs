//! The file of the user's settings: read at the start; what changed is written into it; cases opened are noted.

use super::session::TheSession;
use super::ui::{RECENT_MAX, Settings, Tone};
use super::view::{Desk, Started};
use crate::base::courtesy;
use crate::io::file::{read_text, write_whole};
use crate::io::samples;
use crate::session::LogEntry;
use bevy::prelude::*;
use serde_json::Value;
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

/// What came of reading the file.
#[derive(Debug, PartialEq)]
struct Found {
    settings: Settings,
    /// What the user should know of it.
    problem: Option<String>,
    /// Whether the file may be written: not where it is there and nobody could read it.
    writable: bool,
}

/// The settings at `path`. A file that is no JSON is kept beside it; of any other all is used that makes sense.
fn read(path: &Path) -> Found {
    let usual = |problem, writable| Found { settings: Settings::default(), problem, writable };
    let problem = match read_text(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return usual(None, true),
        Err(error) => {
            let text = "cannot be read, so the usual settings are used and changes are not kept";
            return usual(Some(format!("the file of settings {} {text}: {error}", path.display())), false);
        }
        Ok(text) => match Settings::read(&text) {
            Ok((settings, odd)) => {
                let problem = odd.map(|odd| {
                    format!("the file of settings {} {odd}; the usual settings are used there", path.display())
                });
                return Found { settings, problem, writable: true };
            }
            Err(problem) => problem,
        },
    };
    let bad = free_name(path);
    let kept = match std::fs::rename(path, &bad) {
        Ok(()) => format!("it is kept as {}", bad.display()),
        Err(error) => format!("it could not be put aside either: {error}"),
    };
    let text = format!("the file of settings {} {problem}; the usual settings are used, and {kept}", path.display());
    usual(Some(text), true)
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
    /// What this window read or wrote last; only what differs from it is written. `None`: everything is.
    last: Option<Value>,
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
        let (next, last) = {
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            let next = queue.waiting.take();
            queue.writes = next.is_some();
            (next, queue.last.clone())
        };
        let Some(settings) = next else { return };
        let new = value(&settings);
        let done = merged(path, last.as_ref(), &new).map_err(|error| error.to_string());
        let done = done.and_then(|text| write_whole(path, text.as_bytes()).map_err(|error| error.to_string()));
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        match done {
            Ok(()) => queue.last = Some(new),
            Err(error) => queue.problem = Some(format!("the settings are not kept: {error}")),
        }
    }
}

fn value(settings: &Settings) -> Value {
    serde_json::from_str(&settings.write()).expect("it was written as JSON")
}

/// The text of the file with what changed from `last` to `new`: another window may have written the rest meanwhile, and a
/// later program may have settings that this one does not know.
fn merged(path: &Path, last: Option<&Value>, new: &Value) -> std::io::Result<String> {
    let there = match read_text(path) {
        Ok(text) => serde_json::from_str(&text).ok().filter(Value::is_object),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let mut file = match (there, last) {
        (Some(there), Some(_)) => there,
        _ => new.clone(),
    };
    let none = Value::Null;
    for (key, value) in new.as_object().into_iter().flatten() {
        let before = last.and_then(|last| last.get(key)).unwrap_or(&none);
        if before != value {
            file[key] = if key == "recent" { recent(before, &file[key], value) } else { value.clone() };
        }
    }
    let text = serde_json::to_string_pretty(&file).expect("maps have text as keys");
    Ok(text + "\n")
}

/// The cases of this window and those another one noted in the file, each once, the newest first; without those taken out
/// here.
fn recent(before: &Value, file: &Value, new: &Value) -> Value {
    let all = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let has = |list: &[Value], case: &Value| list.iter().any(|other| other["path"] == case["path"]);
    let (before, mut cases) = (all(before), all(new));
    let others: Vec<Value> = all(file).into_iter().filter(|case| !has(&before, case) && !has(&cases, case)).collect();
    cases.extend(others);
    // Stable, so that cases of the same second stay as they are.
    cases.sort_by_key(|case| std::cmp::Reverse(case["at_s"].as_u64()));
    cases.truncate(RECENT_MAX);
    Value::Array(cases)
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
    let Found { settings, problem, writable } = read(&path);
    if let Some(problem) = problem {
        session.say(Tone::Warning, problem);
    }
    keeper.queue.lock().unwrap_or_else(PoisonError::into_inner).last = Some(value(&settings));
    desk.workspace.missing =
        settings.recent.iter().map(|recent| recent.path.clone()).filter(|at| !at.exists()).collect();
    desk.workspace.use_settings(settings);
    desk.workspace.offers_tour = true;
    keeper.path = Some(path).filter(|_| writable);
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
        let fine = |settings| Found { settings, problem: None, writable: true };
        assert_eq!(read(&path), fine(Settings::default()), "a first start has no file and nothing to say");
        let mut settings = Settings { scale: 1.25, ..Settings::default() };
        settings.remember(folder.path().join("liver.prosector"), 1_800_000_000);
        let keeper = Keeper { path: Some(path.clone()), ..Keeper::default() };
        for step in 0..20 {
            settings.note_used(&format!("tool {step}"));
            keeper.keep(settings.clone());
        }
        keeper.settle();
        assert_eq!(keeper.problem(), None);
        assert_eq!(read(&path), fine(settings), "the last of many quick changes is what is kept");
    }

    #[test]
    fn a_broken_file_is_kept_and_told_in_one_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        for (text, bad) in [("{ half", "settings.json.bad"), ("no settings", "settings.json.bad2")] {
            std::fs::write(&path, text).unwrap();
            let Found { settings, problem, .. } = read(&path);
            assert_eq!(settings, Settings::default());
            let problem = problem.expect("something is said");
            assert!(problem.contains("settings.json") && problem.contains(bad) && !problem.ends_with('.'), "{problem}");
            assert_eq!(std::fs::read_to_string(folder.path().join(bad)).unwrap(), text, "nothing is lost");
            assert!(!path.exists());
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_or_is_odd_is_left_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        // A folder cannot be read as a file.
        let found = read(folder.path());
        assert!(!found.writable && found.problem.is_some() && folder.path().exists());
        let path = folder.path().join("settings.json");
        std::fs::write(&path, r#"{"version": 99, "scale": 1.5, "hats": "red"}"#).unwrap();
        let found = read(&path);
        assert!(found.writable && found.settings.scale == 1.5 && found.problem.is_some() && path.exists());
    }

    #[test]
    fn two_windows_write_what_each_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        std::fs::write(&path, r#"{"version": 99, "caption": "a", "hats": "red"}"#).unwrap();
        let start = read(&path).settings;
        let window = || {
            let queue = Queue { last: Some(value(&start)), ..Queue::default() };
            Keeper { path: Some(path.clone()), queue: Arc::new(Mutex::new(queue)) }
        };
        let (a, b) = (window(), window());
        let (mut in_a, mut in_b) = (start.clone(), start.clone());
        in_a.caption = "of a".into();
        in_a.remember("/cases/a.prosector".into(), 10);
        in_b.scale = 1.5;
        in_b.remember("/cases/b.prosector".into(), 20);
        for (keeper, settings) in [(&a, &in_a), (&b, &in_b)] {
            keeper.keep(settings.clone());
            keeper.settle();
        }
        let both = read(&path).settings;
        assert_eq!((both.caption.as_str(), both.scale), ("of a", 1.5));
        let names = |settings: &Settings| settings.recent.iter().map(|recent| recent.name()).collect::<Vec<_>>();
        assert_eq!(names(&both), ["b", "a"]);
        in_a.forget(Path::new("/cases/a.prosector"));
        a.keep(in_a);
        a.settle();
        assert_eq!(names(&read(&path).settings), ["b"]);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("hats") && text.contains("99"), "what this program does not know is kept: {text}");
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
