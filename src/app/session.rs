//! The one meeting point of Bevy and the session: polls jobs, tells the user, wakes the window.

use super::scribe::Scribe;
use super::ui::{Messages, Tone};
use crate::base::i18n::tr_with;
use crate::base::{ContentHash, JobId, NodeId, courtesy};
use crate::session::store::{Journal, Opened};
use crate::session::{Command, CommandError, JobReport, Session};
use bevy::prelude::*;
use bevy::winit::{EventLoopProxyWrapper, WinitUserEvent};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// The session of the window, with what only a window needs: messages, where the case lies, whether it was saved.
///
/// Not a resource of many threads: the case is changed on the main thread only.
pub(super) struct TheSession {
    session: Session,
    /// Everything the user was told.
    pub(super) messages: Messages,
    /// Where the case was saved or opened.
    pub(super) case_path: Option<PathBuf>,
    /// The case as it was saved last, or as it started.
    ///
    /// None for a case brought back from a log: it was never saved.
    saved: Option<ContentHash>,
    /// The scan the program starts with is on its way: nobody has to save what the program brings itself.
    pub(super) starting: bool,
    /// The hash of the case now; computed when it changes.
    now: ContentHash,
    started: Instant,
    after: BTreeMap<JobId, After>,
    wake: Option<Arc<dyn Fn() + Send + Sync>>,
    journal: Arc<Mutex<Option<Journal>>>,
    /// Counts changes of the case, so that mirrors look only when there is something to see.
    pub(super) revision: u64,
}

/// What happens when a job ends, beyond applying its edit.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum After {
    /// The camera shows what was added.
    Fit,
    /// The organ of this mesh was pulled; its picture waits for the full solution.
    Pulled(NodeId),
    /// The operation on the organ of this mesh is kept.
    Operated(NodeId),
}

/// A job that ended and something to do about it.
#[derive(Message, Debug, Clone)]
pub(super) struct Done {
    /// What it added; nothing if it failed.
    pub(super) added: Vec<NodeId>,
    pub(super) after: Option<After>,
}

impl TheSession {
    pub(super) fn new(session: Session, started: Instant) -> Self {
        let now = session.content_hash();
        let (messages, after) = (Messages::default(), BTreeMap::new());
        let journal = Arc::default();
        Self {
            session,
            messages,
            case_path: None,
            saved: Some(now),
            starting: false,
            now,
            started,
            after,
            wake: None,
            journal,
            revision: 1,
        }
    }

    /// The case, its history and jobs, to read.
    pub(super) fn get(&self) -> &Session {
        &self.session
    }

    /// Seconds since the program started.
    pub(super) fn now_s(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// Tell the user something; also goes to the log.
    pub(super) fn say(&mut self, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        match tone {
            Tone::Info | Tone::Good => info!("{text}"),
            Tone::Warning => warn!("{text}"),
            Tone::Error => error!("{text}"),
        }
        let now_s = self.now_s();
        self.messages.push(now_s, tone, text);
    }

    /// Start a command; a refusal is told to the user.
    pub(super) fn submit(&mut self, command: Command, after: Option<After>) -> Option<JobId> {
        // A picture among the parameters would fill the log.
        let mut params = command.params.clone();
        if let Some(picture) = params.get_mut("picture") {
            *picture = "…".into();
        }
        info!(tool = command.tool, %params, "asked");
        super::frames::note(format!("{} asked", command.tool));
        match self.session.submit(command) {
            Ok(id) => {
                self.after.extend(after.map(|after| (id, after)));
                Some(id)
            }
            Err(error) => {
                self.say(Tone::Error, error.to_string());
                None
            }
        }
    }

    /// Change the session in another way than by a command (undo, redo, jump, cancel).
    pub(super) fn steer(&mut self, change: impl FnOnce(&mut Session) -> bool) {
        if change(&mut self.session) {
            self.changed();
        }
    }

    /// Put another session in this one's place, as saved at `path`.
    pub(super) fn replace(&mut self, session: Session, path: Option<PathBuf>) {
        let opened = path.as_ref().map(|path| Opened::new(path, session.content_hash()));
        let known = session.log().len();
        self.take(session, opened.as_ref(), known);
        self.case_path = path;
        self.saved = Some(self.now);
    }

    /// Put a session that was brought back from a log in this one's place: it is not saved, and its steps after the
    /// first `known` go into the new running log, so that a second crash loses nothing.
    pub(super) fn recovered(&mut self, session: Session, opened: Option<&Opened>, known: usize) {
        self.take(session, opened, known);
        self.case_path = None;
        self.saved = None;
    }

    fn take(&mut self, session: Session, opened: Option<&Opened>, known: usize) {
        let old = std::mem::replace(&mut self.session, session);
        if let Some(wake) = &self.wake {
            self.session.set_wake(Arc::clone(wake));
        }
        self.keep_journal(opened, known);
        self.after.clear();
        self.changed();
        // Freeing a gigabyte of voxels takes longer than a frame.
        let freed = courtesy::spawn("free-session", move || drop(old));
        if let Err(error) = freed {
            warn!(%error, "the old case was freed on the main thread");
        }
    }

    /// Write a running log from now on, for a session that began with the case file `opened`; ends the one before.
    ///
    /// The first `known` entries of the session's log are in that file; the others are written again.
    pub(super) fn keep_journal(&mut self, opened: Option<&Opened>, known: usize) {
        let new = Journal::create(&Journal::folder(), opened).and_then(|mut journal| {
            journal.append_all(self.session.log().get(known..).unwrap_or_default())?;
            Ok(journal)
        });
        // Only when the new log is whole on the disk.
        self.close_journal();
        match new {
            Ok(journal) => {
                self.journal = Arc::new(Mutex::new(Some(journal)));
                let scribe = Scribe::new(Arc::clone(&self.journal));
                self.session.record(Box::new(move |entry| scribe.write(entry)));
            }
            Err(error) => {
                let text = tr_with("note-no-journal", &[("error", (&error.to_string()).into())]);
                self.say(Tone::Warning, text);
            }
        }
    }

    /// The session ends well, so its running log is not needed.
    pub(super) fn close_journal(&mut self) {
        if let Some(journal) = self.journal.lock().ok().and_then(|mut journal| journal.take()) {
            journal.close();
        }
    }

    /// The case was saved at `path` when its hash was `saved` and its log had `entries` entries. A new running log goes
    /// on from that file: the old one may name the same file as it was before.
    pub(super) fn saved_as(&mut self, path: PathBuf, saved: ContentHash, entries: usize) {
        self.keep_journal(Some(&Opened::new(&path, saved)), entries);
        self.case_path = Some(path);
        self.saved = Some(saved);
    }

    /// The hash of the case now.
    pub(super) fn hash(&self) -> ContentHash {
        self.now
    }

    /// Where the running log is.
    pub(super) fn journal_path(&self) -> Option<PathBuf> {
        let journal = self.journal.lock().ok()?;
        Some(journal.as_ref()?.path().to_owned())
    }

    /// Whether the case differs from what was saved.
    pub(super) fn unsaved(&self) -> bool {
        self.saved != Some(self.now)
    }

    fn changed(&mut self) {
        self.now = self.session.content_hash();
        self.revision += 1;
    }

    /// Apply what jobs computed and tell the user.
    fn poll(&mut self) -> Vec<Done> {
        let mut done = Vec::new();
        for JobReport { id, command, result, elapsed } in self.session.poll() {
            let after = self.after.remove(&id);
            let seconds = elapsed.as_secs_f64();
            super::frames::note(format!("{} ended", command.tool));
            match result {
                Ok(outcome) => {
                    let text = outcome.message.clone().unwrap_or_else(|| outcome.label.clone());
                    let case = self.session.case();
                    let warnings =
                        outcome.added.iter().filter_map(|id| case.node(*id)).flat_map(|node| &node.summary.warnings);
                    let tone = match warnings.into_iter().any(|warning| *warning == text) {
                        true => Tone::Warning,
                        false if seconds < 1.0 => Tone::Info,
                        false => Tone::Good,
                    };
                    info!(tool = command.tool, seconds, "done");
                    if outcome.message.is_some() || 1.0 <= seconds {
                        self.say(tone, text);
                    }
                    if outcome.state.is_some() {
                        self.changed();
                        if std::mem::take(&mut self.starting) {
                            self.saved = Some(self.now);
                        }
                    }
                    done.push(Done { added: outcome.added, after });
                }
                Err(error) => {
                    let (tone, text) = match error {
                        CommandError::Cancelled => {
                            (Tone::Info, tr_with("note-cancelled", &[("tool", command.tool.as_str().into())]))
                        }
                        error => (Tone::Error, error.to_string()),
                    };
                    self.say(tone, text);
                    done.push(Done { added: Vec::new(), after });
                }
            }
        }
        done
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Done>();
    app.add_systems(PostStartup, let_jobs_wake_the_window);
    app.add_systems(Last, close_journal.run_if(on_message::<AppExit>));
    app.add_systems(Update, poll.in_set(super::run::AppSystems::Session));
}

/// Only when the user closed the program: a session that an error or Ctrl+C ended keeps its log for recovery.
fn close_journal(mut session: NonSendMut<TheSession>, mut exits: MessageReader<AppExit>) {
    if exits.read().all(|exit| *exit == AppExit::Success) {
        session.close_journal();
    }
}

fn let_jobs_wake_the_window(mut session: NonSendMut<TheSession>, proxy: Option<Res<EventLoopProxyWrapper>>) {
    if let Some(proxy) = proxy {
        let wake = wake(&proxy);
        session.session.set_wake(Arc::clone(&wake));
        session.wake = Some(wake);
    }
}

/// A function that any thread may call to get one more frame.
pub(super) fn wake(proxy: &EventLoopProxyWrapper) -> Arc<dyn Fn() + Send + Sync> {
    let proxy = (**proxy).clone();
    // The window may be closed already; then nobody needs waking.
    Arc::new(move || {
        let _ = proxy.send_event(WinitUserEvent::WakeUp);
    })
}

pub(super) fn poll(mut session: NonSendMut<TheSession>, mut done: MessageWriter<Done>) {
    let _part = crate::app::frames::part("results of jobs");
    let ended = session.poll();
    done.write_batch(ended);
}
