//! Dialogs for files and folders, and files dropped on the window. A dialog holds up no frame.

mod inside;
mod labels;
mod native;

use self::inside::Inside;
use self::native::Answer;
use super::files::Files;
use super::run::AppSystems;
use super::session::{TheSession, wake};
use super::ui::{PathKind, PictureOrder};
use super::view::{Desk, Filming};
use crate::base::NodeId;
use crate::base::i18n::tr;
use crate::session::Command;
use bevy::prelude::*;
use bevy::window::FileDragAndDrop;
use bevy::winit::EventLoopProxyWrapper;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// What a dialog is for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wanted {
    /// A folder of DICOM files to import.
    ImportFolder,
    /// A case, scan or mesh to open.
    OpenFile,
    /// A case file to compare the case with.
    Compare,
    /// Where to save the case.
    SaveCase,
    /// Where to write an object.
    Export { node: NodeId, format: &'static str },
    /// Where to write the report.
    Report,
    /// Where to write a picture or film.
    Picture(PictureOrder),
    /// A path for the form that is open.
    Path(PathKind),
}

impl Wanted {
    fn title(&self) -> &'static str {
        match self {
            Self::ImportFolder => tr("dialog-folder"),
            Self::OpenFile => tr("dialog-open"),
            Self::Compare => tr("dialog-compare"),
            Self::SaveCase => tr("dialog-save"),
            Self::Export { .. } => tr("word-export"),
            Self::Report => tr("dialog-report"),
            Self::Picture(order) if order.motif.is_film() => tr("dialog-film"),
            Self::Picture(_) => tr("dialog-picture"),
            Self::Path(PathKind::Folder) => tr("dialog-choose-folder"),
            Self::Path(PathKind::Read | PathKind::Write) => tr("dialog-choose-file"),
        }
    }

    fn is_folder(&self) -> bool {
        matches!(self, Self::ImportFolder | Self::Path(PathKind::Folder))
    }

    /// Of a file to be written: its kind in words, its ending, a name to begin with.
    fn file(&self) -> Option<(&'static str, &'static str, String)> {
        match self {
            Self::SaveCase => Some((tr("dialog-case"), "prosector", "case.prosector".into())),
            Self::Export { format, .. } => Some((format, format, format!("object.{format}"))),
            Self::Report => Some(("HTML", "html", "report.html".into())),
            Self::Picture(order) => Some((order.kind(), order.ending(), format!("scene.{}", order.ending()))),
            Self::Path(PathKind::Write) => Some((tr("dialog-any"), "", "result".into())),
            Self::ImportFolder | Self::OpenFile | Self::Compare | Self::Path(_) => None,
        }
    }
}

/// The dialog on the screen, if there is one.
pub(super) struct Dialogs {
    sender: Sender<(Wanted, Answer)>,
    receiver: Receiver<(Wanted, Answer)>,
    wake: Arc<dyn Fn() + Send + Sync>,
    /// A dialog of the desktop is open, or may be.
    waiting: bool,
    inside: Inside,
    /// Answers of dialogs inside the window.
    answered: Vec<(Wanted, Option<PathBuf>)>,
    /// The folder of the last file.
    folder: Option<PathBuf>,
}

impl Dialogs {
    /// Show a dialog; its answer comes in a later frame. One at a time: `false` if another is open.
    pub(super) fn ask(&mut self, wanted: Wanted) -> bool {
        if self.waiting || self.inside.is_open() {
            return false;
        }
        let (sender, wake) = (self.sender.clone(), Arc::clone(&self.wake));
        let (shown, folder) = (wanted.clone(), self.folder.clone());
        let thread = std::thread::Builder::new().name("file-dialog".into()).spawn(move || {
            let answer = native::show(&shown, folder.as_deref());
            // The window may be gone when the dialog is answered.
            let _ = sender.send((shown, answer));
            wake();
        });
        if let Err(error) = thread {
            warn!(%error, ?wanted, "the system refused a thread for a dialog of the desktop");
            self.inside.ask(wanted, self.folder.as_deref());
        } else {
            self.waiting = true;
        }
        true
    }

    /// What was chosen since the last frame. What this desktop has no dialog for is asked inside the window.
    fn answers(&mut self) -> Vec<(Wanted, Option<PathBuf>)> {
        while let Ok((wanted, answer)) = self.receiver.try_recv() {
            self.waiting = false;
            match answer {
                Answer::Chosen(path) => self.answered.push((wanted, Some(path))),
                Answer::Left => self.answered.push((wanted, None)),
                Answer::NotShown => self.inside.ask(wanted, self.folder.as_deref()),
            }
        }
        let answers = std::mem::take(&mut self.answered);
        for (wanted, path) in &answers {
            let Some(path) = path else { continue };
            let folder = if wanted.is_folder() { Some(path.as_path()) } else { path.parent() };
            self.folder = folder.map(Path::to_owned);
        }
        answers
    }
}

pub(super) fn plugin(app: &mut App) {
    let (sender, receiver) = channel();
    app.insert_non_send(Dialogs {
        sender,
        receiver,
        wake: Arc::new(|| {}),
        waiting: false,
        inside: Inside::default(),
        answered: Vec::new(),
        folder: None,
    });
    app.add_systems(PostStartup, let_dialogs_wake_the_window);
    app.add_systems(EguiPrimaryContextPass, show_inside.after(super::view::show_panels));
    app.add_systems(Update, (answers, dropped).in_set(AppSystems::Session));
}

fn let_dialogs_wake_the_window(mut dialogs: NonSendMut<Dialogs>, proxy: Option<Res<EventLoopProxyWrapper>>) {
    if let Some(proxy) = proxy {
        dialogs.wake = wake(&proxy);
    }
}

/// The dialog inside the window, over the panels.
fn show_inside(mut contexts: EguiContexts, mut dialogs: NonSendMut<Dialogs>, mut desk: ResMut<Desk>) -> Result {
    let ctx = contexts.ctx_mut()?;
    let covered = dialogs.inside.is_open();
    if desk.covered != covered {
        desk.covered = covered;
    }
    if let Some(answer) = dialogs.inside.show(ctx) {
        dialogs.answered.push(answer);
        ctx.request_repaint();
    }
    Ok(())
}

fn answers(
    mut dialogs: NonSendMut<Dialogs>,
    mut files: NonSendMut<Files>,
    mut session: NonSendMut<TheSession>,
    mut desk: ResMut<Desk>,
    mut filming: ResMut<Filming>,
) {
    for (wanted, path) in dialogs.answers() {
        let Some(path) = path else {
            files.dialog_was_left(&wanted);
            continue;
        };
        match wanted {
            Wanted::ImportFolder | Wanted::OpenFile => files.open_asking(path, &mut session, &mut desk.workspace),
            Wanted::Compare => desk.workspace.compare_with_file(path),
            Wanted::SaveCase => {
                files.save(as_case(path), &mut session);
            }
            Wanted::Export { node, format } => {
                let params = json!({ "node": node, "format": format, "path": path });
                session.submit(Command::new("export.mesh", params), None);
            }
            Wanted::Report => {
                let language = crate::base::i18n::language().code();
                let params = json!({ "path": path, "format": "both", "language": language });
                session.submit(Command::new("report.write", params), None);
            }
            Wanted::Picture(order) => filming.want(order, path),
            Wanted::Path(_) => desk.workspace.path_chosen(&path),
        }
    }
}

/// `path` with the ending of case files, which is added to whatever name was chosen: "knee 1.5mm" keeps its number.
fn as_case(path: PathBuf) -> PathBuf {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("prosector")) {
        return path;
    }
    let mut name = path.into_os_string();
    name.push(".prosector");
    name.into()
}

fn dropped(
    mut events: MessageReader<FileDragAndDrop>,
    mut files: NonSendMut<Files>,
    mut session: NonSendMut<TheSession>,
    mut desk: ResMut<Desk>,
) {
    let mut folders = BTreeSet::new();
    for event in events.read() {
        let FileDragAndDrop::DroppedFile { path_buf: path, .. } = event else { continue };
        // Slices come by the hundred; they are one series of their folder.
        if is_slice(path)
            && let Some(folder) = path.parent()
        {
            folders.insert(folder.to_owned());
        } else {
            files.open_asking(path.clone(), &mut session, &mut desk.workspace);
        }
    }
    for folder in folders {
        files.open_asking(folder, &mut session, &mut desk.workspace);
    }
}

/// Whether a dropped file is one slice of many.
fn is_slice(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("dcm"))
}
