//! The words of the file dialog inside the window.

use crate::base::i18n::tr;
use egui_file_dialog::FileDialogLabels;

/// Everything it says, in the language of the window.
pub(super) fn labels() -> FileDialogLabels {
    FileDialogLabels {
        title_select_directory: tr("files-title-select-directory").into(),
        title_select_file: tr("files-title-select-file").into(),
        title_select_multiple: tr("files-title-select-multiple").into(),
        title_save_file: tr("files-title-save-file").into(),
        cancel: tr("files-cancel").into(),
        overwrite: tr("files-overwrite").into(),
        reload: tr("files-reload").into(),
        working_directory: tr("files-working-directory").into(),
        select_all: tr("files-select-all").into(),
        show_hidden: tr("files-show-hidden").into(),
        show_system_files: tr("files-show-system-files").into(),
        heading_pinned: tr("files-heading-pinned").into(),
        heading_places: tr("files-heading-places").into(),
        heading_devices: tr("files-heading-devices").into(),
        heading_removable_devices: tr("files-heading-removable-devices").into(),
        home_dir: tr("files-home-dir").into(),
        desktop_dir: tr("files-desktop-dir").into(),
        documents_dir: tr("files-documents-dir").into(),
        downloads_dir: tr("files-downloads-dir").into(),
        audio_dir: tr("files-audio-dir").into(),
        pictures_dir: tr("files-pictures-dir").into(),
        videos_dir: tr("files-videos-dir").into(),
        pin_folder: tr("files-pin-folder").into(),
        unpin_folder: tr("files-unpin-folder").into(),
        rename_pinned_folder: tr("files-rename-pinned-folder").into(),
        selected_directory: tr("files-selected-directory").into(),
        selected_file: tr("files-selected-file").into(),
        selected_items: tr("files-selected-items").into(),
        file_name: tr("files-file-name").into(),
        file_filter_all_files: tr("files-file-filter-all-files").into(),
        save_extension_any: tr("files-save-extension-any").into(),
        open_button: tr("files-open-button").into(),
        save_button: tr("files-save-button").into(),
        cancel_button: tr("files-cancel-button").into(),
        overwrite_file_modal_text: tr("files-overwrite-file-modal-text").into(),
        err_empty_folder_name: tr("files-err-empty-folder-name").into(),
        err_empty_file_name: tr("files-err-empty-file-name").into(),
        err_directory_exists: tr("files-err-directory-exists").into(),
        err_file_exists: tr("files-err-file-exists").into(),
    }
}
