//! Opening and saving in the background: cases, logs of sessions that ended badly, scans and meshes.

use super::dialogs::Wanted;
use super::lost::lost_sessions;
use super::requests::Asked;
use super::run::AppSystems;
use super::session::{After, TheSession, wake};
use super::ui::{FileJob, LostSession, Request, Tone, Workspace};
use super::view::{Desk, Started};
use crate::base::i18n::{tr, tr_with};
use crate::base::{ContentHash, Progress, courtesy};
use crate::io::dicom::is_segmentation;
use crate::io::samples;
use crate::session::store::{Journal, Recovered, StoreError, load, recover as recover_log, save};
use crate::session::{Command, Session};
use crate::tools::TOOLS;
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use serde_json::json;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// File operations under way. One at a time.
pub(super) struct Files {
    sender: Sender<Ended>,
    receiver: Receiver<Ended>,
    wake: Arc<dyn Fn() + Send + Sync>,
    /// What is going on.
    busy: Option<Busy>,
    /// What to do once the case is saved.
    then: Option<Request>,
    /// The log this case was brought back from; not needed any more once the case is saved.
    recovered: Option<PathBuf>,
}

/// A file operation that goes on.
struct Busy {
    /// In words.
    what: String,
    progress: Progress,
    since: Instant,
}

impl Busy {
    /// As panels show it.
    fn job(&self) -> FileJob {
        let (what, fraction, ending) = (self.what.clone(), self.progress.fraction(), self.progress.is_cancelled());
        // Twice a second is enough for whoever looks at a clock.
        let elapsed = Duration::from_millis(self.since.elapsed().as_millis() as u64 / 500 * 500);
        FileJob { what, fraction, elapsed, ending }
    }
}

/// A file operation that ended.
enum Ended {
    Opened {
        session: Box<Session>,
        path: PathBuf,
    },
    Recovered {
        recovered: Box<Recovered>,
        log: PathBuf,
    },
    Saved {
        path: PathBuf,
        hash: ContentHash,
        entries: usize,
    },
    Failed(String),
    /// The user wanted no more of it; nothing was changed.
    Cancelled,
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Cancelled(_) => Self::Cancelled,
            error => Self::Failed(error.to_string()),
        }
    }
}

/// How to bring in what lies at a path.
#[derive(Debug, PartialEq)]
enum Way {
    Case,
    Log,
    Tool(&'static str),
}

impl Way {
    fn of(path: &Path) -> Self {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let name = name(path).to_lowercase();
        match ending.as_deref() {
            _ if path.is_dir() => Self::Tool("import.dicom"),
            _ if name.ends_with(".seg.nrrd") => Self::Tool("import.segmentation"),
            _ if [".nrrd", ".nii", ".nii.gz"].iter().any(|ending| name.ends_with(ending)) => Self::Tool("import.image"),
            Some("prosector") => Self::Case,
            Some("jsonl") => Self::Log,
            Some("stl" | "ply" | "obj" | "vtk") => Self::Tool("import.mesh"),
            _ if is_segmentation(path) => Self::Tool("import.segmentation"),
            _ => Self::Tool("import.dicom"),
        }
    }
}

impl Files {
    /// Open whatever lies at `path`: a case takes the place of this one, everything else is added to it.
    pub(super) fn open(&mut self, path: PathBuf, session: &mut TheSession) {
        match Way::of(&path) {
            Way::Case => {
                self.start(session, tr_with("file-opening", &[("name", (&name(&path)).into())]), move |progress| {
                    open_case(path, progress)
                });
            }
            Way::Log => {
                self.start(session, tr_with("file-replaying", &[("name", (&name(&path)).into())]), move |progress| {
                    recover(&path, progress)
                });
            }
            Way::Tool(tool) => {
                session.submit(Command::new(tool, json!({ "path": path })), Some(After::Fit));
            }
        }
    }

    /// Open what lies at `path`; if it takes the place of unsaved work, a dialog asks first.
    pub(super) fn open_asking(&mut self, path: PathBuf, session: &mut TheSession, workspace: &mut Workspace) {
        let replaces = matches!(Way::of(&path), Way::Case | Way::Log);
        if !replaces || workspace.may_open(&path, session.unsaved()) {
            self.open(path, session);
        }
    }

    /// Whether no file operation goes on.
    pub(super) fn is_idle(&self) -> bool {
        self.busy.is_none()
    }

    /// Save the case at `path`; whether that began.
    pub(super) fn save(&mut self, path: PathBuf, session: &mut TheSession) -> bool {
        let (case, log) = (session.get().case().clone(), session.get().log().to_vec());
        let entries = log.len();
        self.start(session, tr_with("file-saving", &[("name", (&name(&path)).into())]), move |progress| {
            let hash = case.content_hash();
            match save(&path, &case, &log, progress) {
                Ok(()) => Ended::Saved { path, hash, entries },
                Err(error) => error.into(),
            }
        })
    }

    /// The log this case was brought back from is not needed: its steps are saved, or the user went on without them.
    pub(super) fn forget_recovered(&mut self) {
        if let Some(log) = self.recovered.take()
            && let Err(error) = std::fs::remove_file(&log)
        {
            warn!(%error, path = %log.display(), "a log that is not needed any more could not be removed");
        }
    }

    /// Throw the log of a session away that ended badly.
    pub(super) fn discard(&mut self, log: &Path, session: &mut TheSession) {
        match std::fs::remove_file(log) {
            Ok(()) => session.say(Tone::Info, tr("file-discarded")),
            Err(error) => {
                let text = tr_with(
                    "file-not-removed",
                    &[("path", (&log.display().to_string()).into()), ("error", (&error.to_string()).into())],
                );
                session.say(Tone::Error, text);
            }
        }
    }

    /// Once the case is saved, go on with `then`.
    pub(super) fn after_saving(&mut self, then: Request) {
        self.then = Some(then);
    }

    /// Nobody chose a file: what waited for it is off.
    pub(super) fn dialog_was_left(&mut self, wanted: &Wanted) {
        if *wanted == Wanted::SaveCase {
            self.then = None;
        }
    }

    /// Load a bundled scan: the chest CT if it is here, otherwise the phantom, which the program makes itself.
    pub(super) fn sample(&mut self, sample: &str, session: &mut TheSession) {
        match samples::chest_ct().filter(|_| sample == "chest") {
            Some(path) => self.open(path, session),
            None => {
                if sample == "chest" {
                    session.say(Tone::Info, tr("file-no-chest"));
                }
                session.submit(Command::new("scan.phantom", json!({})), Some(After::Fit));
            }
        }
    }

    /// Stop what goes on; what it had is dropped.
    pub(super) fn cancel(&self) {
        if let Some(busy) = &self.busy {
            busy.progress.cancel();
        }
    }

    /// Do `work` in the background; whether it began. A refusal touches nothing of the work that is under way.
    fn start(
        &mut self,
        session: &mut TheSession,
        what: String,
        work: impl FnOnce(&Progress) -> Ended + Send + 'static,
    ) -> bool {
        if let Some(now) = &self.busy {
            session.say(Tone::Warning, tr_with("file-busy", &[("what", now.what.as_str().into())]));
            return false;
        }
        let (sender, wake) = (self.sender.clone(), Arc::clone(&self.wake));
        let progress = Progress::default();
        let watched = progress.clone();
        let thread = courtesy::spawn("files", move || {
            let ended = catch_unwind(AssertUnwindSafe(|| work(&watched)));
            let ended = ended.unwrap_or_else(|_| Ended::Failed(tr("file-internal").into()));
            // The window may be closed before the file is done.
            let _ = sender.send(ended);
            wake();
        });
        match thread {
            Ok(_) => {
                self.busy = Some(Busy { what, progress, since: Instant::now() });
                true
            }
            Err(error) => {
                session.say(
                    Tone::Error,
                    tr_with("file-no-thread", &[("what", (&what).into()), ("error", (&error.to_string()).into())]),
                );
                false
            }
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn open_case(path: PathBuf, progress: &Progress) -> Ended {
    match load(&path, progress) {
        Ok(stored) => {
            let session = Box::new(Session::with_case(TOOLS, stored.case, stored.log));
            Ended::Opened { session, path }
        }
        Err(error) => error.into(),
    }
}

/// Do again what the log of a session that ended badly says.
fn recover(path: &Path, progress: &Progress) -> Ended {
    match recover_log(path, TOOLS, progress) {
        Ok(recovered) => Ended::Recovered { recovered: Box::new(recovered), log: path.to_owned() },
        Err(StoreError::Cancelled(_)) => Ended::Cancelled,
        Err(error) => Ended::Failed(tr_with(
            "file-not-replayed",
            &[("name", (&name(path)).into()), ("error", (&error.to_string()).into())],
        )),
    }
}

pub(super) fn plugin(app: &mut App) {
    let (sender, receiver) = channel();
    app.insert_non_send(Files { sender, receiver, wake: Arc::new(|| {}), busy: None, then: None, recovered: None });
    app.add_systems(PostStartup, (let_files_wake_the_window, open_first).chain());
    app.add_systems(Update, finish.in_set(AppSystems::Session));
    app.add_systems(Last, forget_at_the_end.run_if(on_message::<AppExit>));
}

fn let_files_wake_the_window(mut files: NonSendMut<Files>, proxy: Option<Res<EventLoopProxyWrapper>>) {
    if let Some(proxy) = proxy {
        files.wake = wake(&proxy);
    }
}

/// Only when the user closed the program, see [`TheSession::close_journal`].
fn forget_at_the_end(mut files: NonSendMut<Files>, mut exits: MessageReader<AppExit>) {
    if exits.read().all(|exit| *exit == AppExit::Success) {
        files.forget_recovered();
    }
}

/// Open what the program was started with, or the bundled scan; tell of sessions that ended badly.
fn open_first(
    started: Res<Started>,
    mut files: NonSendMut<Files>,
    mut session: NonSendMut<TheSession>,
    mut desk: ResMut<Desk>,
) {
    let again = super::successor::left().and_then(|left| left.path()).filter(|_| started.options.screenshot.is_none());
    let first = again.or(started.options.path.as_deref());
    let lost = lost_sessions(&Journal::folder(), first);
    for LostSession { log, steps, .. } in &lost {
        warn!(log = %log.display(), steps, "a session ended without saving");
    }
    // A picture taken by a script shows the case, and nobody is there to answer.
    if started.options.screenshot.is_none() {
        desk.workspace.ask_about(lost);
    }
    session.keep_journal(None, 0);
    if let Some(words) = super::adapter::said_first() {
        session.say(Tone::Error, words);
    }
    match first {
        Some(path) => files.open(path.to_owned(), &mut session),
        None => {
            session.starting = true;
            files.sample("chest", &mut session);
        }
    }
}

fn finish(
    mut files: NonSendMut<Files>,
    mut session: NonSendMut<TheSession>,
    mut desk: ResMut<Desk>,
    mut asked: ResMut<Asked>,
) {
    let _part = crate::app::frames::part("files");
    while let Ok(ended) = files.receiver.try_recv() {
        let was = files.busy.take();
        super::frames::note("a file operation ended");
        match ended {
            Ended::Opened { session: opened, path } => {
                files.forget_recovered();
                let text = tr_with("file-opened", &[("name", (&name(&path)).into())]);
                session.replace(*opened, Some(path));
                desk.workspace.forget_case();
                session.say(Tone::Good, text);
            }
            Ended::Recovered { recovered, log } => {
                let Recovered { session: opened, opened: start, known, wanted, problem } = *recovered;
                let (done, name) = (opened.log().len().saturating_sub(known).min(wanted), name(&log));
                session.recovered(opened, start.as_ref(), known);
                desk.workspace.forget_case();
                files.recovered = Some(log);
                match problem {
                    None => session.say(
                        Tone::Good,
                        tr_with("file-recovered", &[("count", done.into()), ("name", (&name).into())]),
                    ),
                    Some(problem) => {
                        let text = tr_with(
                            "file-recovered-part",
                            &[
                                ("count", done.into()),
                                ("all", wanted.into()),
                                ("name", (&name).into()),
                                ("problem", (&problem.to_string()).into()),
                            ],
                        );
                        session.say(Tone::Warning, text);
                    }
                }
            }
            Ended::Saved { path, hash, entries } => {
                session.say(Tone::Good, tr_with("file-saved", &[("name", (&name(&path)).into())]));
                session.saved_as(path, hash, entries);
                files.forget_recovered();
                asked.0.extend(files.then.take());
            }
            Ended::Failed(text) => {
                session.say(Tone::Error, text);
                files.then = None;
            }
            Ended::Cancelled => {
                let what = was.map_or_else(String::new, |busy| busy.what);
                session.say(Tone::Info, tr_with("file-cancelled", &[("what", (&what).into())]));
                files.then = None;
            }
        }
    }
    let busy = files.busy.as_ref().map(Busy::job);
    if desk.busy != busy {
        desk.busy = busy;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_brought_in_by_what_they_are() {
        assert_eq!(Way::of(Path::new("/a/Case.PROSECTOR")), Way::Case);
        assert_eq!(Way::of(Path::new("session-1-0.jsonl")), Way::Log);
        assert_eq!(Way::of(Path::new("liver.stl")), Way::Tool("import.mesh"));
        assert_eq!(Way::of(Path::new("/a/Brain.NII.GZ")), Way::Tool("import.image"));
        assert_eq!(Way::of(Path::new("brain.nrrd")), Way::Tool("import.image"));
        assert_eq!(Way::of(Path::new("brain.seg.nrrd")), Way::Tool("import.segmentation"));
        assert_eq!(Way::of(&std::env::temp_dir()), Way::Tool("import.dicom"));
        assert_eq!(Way::of(Path::new("IM000001")), Way::Tool("import.dicom"));
        let bundled = |name| Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_scans/rider-lung-ct").join(name);
        assert_eq!(Way::of(&bundled("gtv_seg.dcm")), Way::Tool("import.segmentation"));
        assert_eq!(Way::of(&bundled("0001.dcm")), Way::Tool("import.dicom"));
    }
}
