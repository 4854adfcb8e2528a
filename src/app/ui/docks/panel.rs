//! What each side panel holds.

use super::SidePanel;
use crate::app::ui::contract::AppView;
use crate::app::ui::objects::ObjectsState;
use crate::app::ui::wish::Wish;
use crate::app::ui::workspace::Workspace;
use crate::app::ui::{find, form, history, inspector, jobs, measures, messages, objects, steps};
use egui::{ScrollArea, Ui};

impl Workspace {
    /// Show a side panel in all of `ui`.
    pub(super) fn panel_ui(&mut self, ui: &mut Ui, panel: SidePanel, view: &AppView<'_>, wishes: &mut Vec<Wish>) {
        let case = view.session.case();
        let scroll = ScrollArea::vertical().id_salt("panel").auto_shrink(false);
        match panel {
            SidePanel::Guide => _ = scroll.show(ui, |ui| self.guide_ui(ui, view, wishes)),
            SidePanel::Plan => {
                let crosshair = self.crosshair;
                scroll.show(ui, |ui| {
                    if let Some(planning) = &mut self.planning {
                        planning.show(ui, case, crosshair, wishes);
                    }
                });
            }
            SidePanel::Jobs => {
                let shown = scroll.show(ui, |ui| {
                    if let Some(file) = view.busy {
                        jobs::file_ui(ui, file, wishes);
                    }
                    jobs::jobs_ui(ui, view.session.tools(), &view.session.jobs(), wishes);
                });
                self.docking.jobs_height = shown.content_size.y;
            }
            SidePanel::Objects => {
                scroll.show(ui, |ui| {
                    let mut state =
                        ObjectsState { selected: self.selected, isolated: self.isolated, renaming: &mut self.renaming };
                    objects::objects_ui(ui, case, &mut state, wishes);
                });
            }
            SidePanel::Details => {
                scroll.show(ui, |ui| match self.selected {
                    Some(id) => {
                        let preview = self.preview.as_ref().filter(|(of, _)| *of == id).map(|(_, display)| display);
                        inspector::inspector_ui(ui, case, view.session.tools(), id, preview, wishes);
                    }
                    None => inspector::nothing_selected_ui(ui),
                });
            }
            SidePanel::History => {
                scroll.stick_to_bottom(true).show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 1.0;
                    history::history_ui(ui, view.session.history(), wishes);
                });
            }
            SidePanel::Log => {
                scroll.show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 1.0;
                    messages::log_ui(ui, view.messages);
                });
            }
            SidePanel::Measures => {
                scroll.show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 1.0;
                    measures::measures_ui(ui, case, self.selected, self.slices.measures.hidden, wishes);
                });
            }
        }
    }

    /// The guided job, or what takes its place.
    fn guide_ui(&mut self, ui: &mut Ui, view: &AppView<'_>, wishes: &mut Vec<Wish>) {
        let case = view.session.case();
        if let Some(form) = &mut self.form {
            form::form_ui(ui, form, case, self.crosshair, wishes);
        } else if let Some(setup) = &mut self.flow_setup {
            setup.show(ui, case, self.crosshair, wishes);
        } else if self.volume.as_ref().is_some_and(|volume| volume.open) {
            self.volume_ui(ui, case, &view.scene.camera, wishes);
        } else if let Some(operate) = &mut self.operate {
            operate.show(ui, case, view.scene.operation.as_ref(), wishes);
        } else if let Some(circulation) = &mut self.circulation {
            circulation.show(ui, case, self.crosshair, wishes);
        } else if let Some(editor) = &mut self.editor {
            let scan = find::active_scan(case, Some(editor.group)).map(|(id, _, scan)| (id, scan));
            editor.show(ui, case, scan, wishes);
        } else {
            let (selected, crosshair) = (self.selected, self.crosshair);
            let steps = steps::StepsView { app: view, selected, crosshair, open: self.step };
            steps::steps_ui(ui, &steps, wishes);
        }
    }

    /// What stands in the guide's place and asks something, if anything does: a word of its own for each.
    pub(in crate::app::ui) fn asked_in_guide(&self) -> Option<&'static str> {
        match self {
            Self { form: Some(form), .. } => Some(form.tool.id),
            Self { flow_setup: Some(_), .. } => Some("flow"),
            Self { volume: Some(volume), .. } if volume.open => Some("volume"),
            Self { operate: Some(_), .. } => Some("operate"),
            Self { circulation: Some(_), .. } => Some("circulation"),
            Self { editor: Some(_), .. } => Some("editor"),
            _ => None,
        }
    }
}
