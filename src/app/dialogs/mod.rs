//! System dialogs for files and folders, and files dropped on the window. A dialog holds up no frame.

use super::files::Files;
use super::run::AppSystems;
use super::session::{TheSession, wake};
use super::view::{Desk, Picture};
use crate::base::NodeId;
use crate::session::Command;
use bevy::prelude::*;
use bevy::window::FileDragAndDrop;
use bevy::winit::EventLoopProxyWrapper;
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
    /// Where to save the case.
    SaveCase,
    /// Where to write an object.
    Export { node: NodeId, format: &'static str },
    /// Where to write the report.
    Report,
    /// Where to write a picture of the scene.
    Picture,
    /// A path for the form that is open.
    Path { folder: bool },
}

/// The dialog on the screen, if there is one.
pub(super) struct Dialogs {
    sender: Sender<(Wanted, Option<PathBuf>)>,
    receiver: Receiver<(Wanted, Option<PathBuf>)>,
    wake: Arc<dyn Fn() + Send + Sync>,
    open: bool,
}

impl Dialogs {
    /// Show a dialog; its answer comes in a later frame. One at a time.
    pub(super) fn ask(&mut self, wanted: Wanted) {
        if self.open {
            return;
        }
        let (sender, wake, shown) = (self.sender.clone(), Arc::clone(&self.wake), wanted.clone());
        let thread = std::thread::Builder::new().name("file-dialog".into()).spawn(move || {
            let path = show(&shown);
            // The window may be gone when the dialog is answered.
            let _ = sender.send((shown, path));
            wake();
        });
        match thread {
            Ok(_) => self.open = true,
            Err(error) => error!(%error, ?wanted, "the system refused a thread for a dialog"),
        }
    }
}

fn show(wanted: &Wanted) -> Option<PathBuf> {
    let titled = |title: &str| rfd::FileDialog::new().set_title(title);
    let of_kind = |title: &str, kind: &str, ending: &str, name: &str| {
        titled(title).add_filter(kind, &[ending]).set_file_name(name).save_file()
    };
    match wanted {
        Wanted::ImportFolder => titled("Import a folder of DICOM files").pick_folder(),
        Wanted::OpenFile => titled("Open a case, a scan or a mesh")
            .add_filter("everything", &["*"])
            .add_filter("prosector case", &["prosector"])
            .pick_file(),
        Wanted::SaveCase => of_kind("Save the case", "prosector case", "prosector", "case.prosector"),
        Wanted::Export { format, .. } => of_kind("Export", format, format, &format!("object.{format}")),
        Wanted::Report => of_kind("Write the report", "HTML", "html", "report.html"),
        Wanted::Picture => of_kind("Save a picture of the scene", "PNG", "png", "scene.png"),
        Wanted::Path { folder: true } => titled("Choose a folder").pick_folder(),
        Wanted::Path { folder: false } => titled("Choose a file").pick_file(),
    }
}

pub(super) fn plugin(app: &mut App) {
    let (sender, receiver) = channel();
    app.insert_non_send(Dialogs { sender, receiver, wake: Arc::new(|| {}), open: false });
    app.add_systems(PostStartup, let_dialogs_wake_the_window);
    app.add_systems(Update, (answers, dropped).in_set(AppSystems::Session));
}

fn let_dialogs_wake_the_window(mut dialogs: NonSendMut<Dialogs>, proxy: Option<Res<EventLoopProxyWrapper>>) {
    if let Some(proxy) = proxy {
        dialogs.wake = wake(&proxy);
    }
}

fn answers(
    mut dialogs: NonSendMut<Dialogs>,
    mut files: NonSendMut<Files>,
    mut session: NonSendMut<TheSession>,
    mut desk: ResMut<Desk>,
    mut picture: ResMut<Picture>,
) {
    while let Ok((wanted, path)) = dialogs.receiver.try_recv() {
        dialogs.open = false;
        let Some(path) = path else {
            files.dialog_was_left(&wanted);
            continue;
        };
        match wanted {
            Wanted::ImportFolder | Wanted::OpenFile => files.open_asking(path, &mut session, &mut desk.workspace),
            Wanted::SaveCase => files.save(as_case(path), &mut session),
            Wanted::Export { node, format } => {
                let params = json!({ "node": node, "format": format, "path": path });
                session.submit(Command::new("export.mesh", params), None);
            }
            Wanted::Report => {
                session.submit(Command::new("report.write", json!({ "path": path })), None);
            }
            Wanted::Picture => picture.wanted = Some(path),
            Wanted::Path { .. } => desk.workspace.path_chosen(&path),
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
