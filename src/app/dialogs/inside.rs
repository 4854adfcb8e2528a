//! A file dialog inside the window, for desktops that have none of their own.

use super::Wanted;
use egui_file_dialog::{DialogState, FileDialog};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The dialog inside the window, if one is open.
#[derive(Default)]
pub(super) struct Inside {
    open: Option<(Wanted, FileDialog)>,
}

impl Inside {
    /// Open a dialog in `folder`; it is shown from the next frame on.
    pub(super) fn ask(&mut self, wanted: Wanted, folder: Option<&Path>) {
        let mut dialog = FileDialog::new()
            .labels(super::labels::labels())
            .title(wanted.title())
            .id("file dialog")
            .anchor(egui::Align2::CENTER_CENTER, [0.0, 0.0])
            .default_size([760.0, 460.0])
            .resizable(false)
            .movable(false);
        if let Some(folder) = folder.map(Path::to_owned).or_else(std::env::home_dir) {
            dialog = dialog.initial_directory(folder);
        }
        if let Some((kind, ending, name)) = wanted.file() {
            let stem =
                Path::new(&name).file_stem().map_or_else(|| name.clone(), |stem| stem.to_string_lossy().into_owned());
            dialog = dialog.default_file_name(&stem);
            if !ending.is_empty() {
                dialog = dialog.add_save_extension(kind, ending).default_save_extension(kind);
            }
            dialog.save_file();
        } else if wanted.is_folder() {
            dialog.pick_directory();
        } else {
            dialog.pick_file();
        }
        self.open = Some((wanted, dialog));
    }

    /// Whether a dialog is open.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Show the dialog; what it was for and the path chosen, or none if it was left, once it is answered.
    pub(super) fn show(&mut self, ctx: &egui::Context) -> Option<(Wanted, Option<PathBuf>)> {
        let (_, dialog) = self.open.as_mut()?;
        dialog.update(ctx);
        let answer = match dialog.state() {
            DialogState::Open => {
                // Folders are read by a thread of the dialog, which wakes nobody.
                ctx.request_repaint_after(Duration::from_millis(100));
                return None;
            }
            DialogState::Picked(path) => Some(path.clone()),
            DialogState::Closed | DialogState::Cancelled | DialogState::PickedMultiple(_) => None,
        };
        self.open.take().map(|(wanted, _)| (wanted, answer))
    }
}
