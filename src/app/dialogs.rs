//! Files and folders: system dialogs, opening and saving, drag and drop. Nothing here holds up a frame.

use super::run::AppSystems;
use super::session::{TheSession, wake};
use super::ui::Tone;
use super::view::{Desk, Started};
use crate::base::NodeId;
use crate::session::Command;
use bevy::prelude::*;
use bevy::window::FileDragAndDrop;
use bevy::winit::EventLoopProxyWrapper;
use serde_json::json;
use std::path::PathBuf;
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

/// Dialogs on the screen and file operations under way.
pub(super) struct Dialogs {
    sender: Sender<(Wanted, Option<PathBuf>)>,
    receiver: Receiver<(Wanted, Option<PathBuf>)>,
    wake: Arc<dyn Fn() + Send + Sync>,
    open: bool,
    /// Where the picture of the scene goes.
    pub(super) picture: Option<PathBuf>,
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

    /// Open whatever lies at `path`.
    pub(super) fn open(&mut self, path: PathBuf, session: &mut TheSession) {
        let tool = "scan.import";
        session.submit(Command::new(tool, json!({ "path": path })), None);
    }

    /// Save the case, asking where if that is not known or `ask`.
    pub(super) fn save(&mut self, ask: bool, session: &mut TheSession) {
        if ask || session.case_path.is_none() {
            return self.ask(Wanted::SaveCase);
        }
    }

    /// Load a bundled scan.
    pub(super) fn sample(&mut self, name: &str, session: &mut TheSession) {
        session.say(Tone::Info, format!("loading {name}"));
    }
}

fn show(wanted: &Wanted) -> Option<PathBuf> {
    let dialog = rfd::FileDialog::new();
    let cases = |dialog: rfd::FileDialog| dialog.add_filter("prosector case", &["prosector"]);
    match wanted {
        Wanted::ImportFolder => dialog.set_title("Import a folder of DICOM files").pick_folder(),
        Wanted::OpenFile => cases(dialog.set_title("Open a case, a scan or a mesh")).add_filter("all files", &["*"]).pick_file(),
        Wanted::SaveCase => cases(dialog.set_title("Save the case")).set_file_name("case.prosector").save_file(),
        Wanted::Export { format, .. } => {
            dialog.set_title("Export").add_filter(*format, &[*format]).set_file_name(format!("object.{format}")).save_file()
        }
        Wanted::Report => dialog.set_title("Write the report").add_filter("HTML", &["html"]).set_file_name("report.html").save_file(),
        Wanted::Picture => dialog.set_title("Save a picture of the scene").add_filter("PNG", &["png"]).set_file_name("scene.png").save_file(),
        Wanted::Path { folder: true } => dialog.pick_folder(),
        Wanted::Path { folder: false } => dialog.pick_file(),
    }
}

pub(super) fn plugin(app: &mut App) {
    let (sender, receiver) = channel();
    app.insert_non_send(Dialogs { sender, receiver, wake: Arc::new(|| {}), open: false, picture: None });
    app.add_systems(PostStartup, (let_dialogs_wake_the_window, open_first).chain());
    app.add_systems(Update, (answers, dropped).in_set(AppSystems::Session));
}

fn let_dialogs_wake_the_window(mut dialogs: NonSendMut<Dialogs>, proxy: Option<Res<EventLoopProxyWrapper>>) {
    if let Some(proxy) = proxy {
        dialogs.wake = wake(&proxy);
    }
}

/// Open what the program was started with.
fn open_first(started: Res<Started>, mut dialogs: NonSendMut<Dialogs>, mut session: NonSendMut<TheSession>) {
    if let Some(path) = &started.options.open {
        dialogs.open(path.clone(), &mut session);
    }
}

fn answers(mut dialogs: NonSendMut<Dialogs>, mut session: NonSendMut<TheSession>, mut desk: ResMut<Desk>) {
    while let Ok((wanted, path)) = dialogs.receiver.try_recv() {
        dialogs.open = false;
        let Some(path) = path else { continue };
        match wanted {
            Wanted::ImportFolder | Wanted::OpenFile => dialogs.open(path, &mut session),
            Wanted::SaveCase => session.case_path = Some(path),
            Wanted::Export { node, format } => {
                let params = json!({ "node": node, "format": format, "path": path });
                session.submit(Command::new("export.mesh", params), None);
            }
            Wanted::Report => drop(session.submit(Command::new("report.write", json!({ "path": path })), None)),
            Wanted::Picture => dialogs.picture = Some(path),
            Wanted::Path { .. } => desk.workspace.path_chosen(path),
        }
    }
}

fn dropped(
    mut events: MessageReader<FileDragAndDrop>,
    mut dialogs: NonSendMut<Dialogs>,
    mut session: NonSendMut<TheSession>,
) {
    for event in events.read() {
        if let FileDragAndDrop::DroppedFile { path_buf, .. } = event {
            dialogs.open(path_buf.clone(), &mut session);
        }
    }
}
