//! The panel in the left column.

use super::{VolumeMode, VolumePanel, VolumeView};
use crate::app::ui::wish::Wish;
use crate::app::ui::workspace::Workspace;
use crate::app::ui::{find, icons, numbers, theme, widgets};
use crate::image::transfer::Histogram;
use crate::image::{Scan, Window};
use crate::session::{Case, Data};
use egui::{CollapsingHeader, Ui};

impl Workspace {
    /// Show the panel of the rendered volume.
    pub(in crate::app::ui) fn volume_ui(&mut self, ui: &mut Ui, case: &Case, wishes: &mut Vec<Wish>) {
        let active = find::active_scan(case, self.selected).map(|(id, node, _)| (id, node.name.clone()));
        let Self { volume: Some(view), volume_panel: panel, slices, crosshair, isolated, .. } = self else { return };
        let Some(node) = case.node(view.scan) else { return };
        let Data::Scan(scan) = &node.data else { return };
        let histogram = panel.histogram(scan, node.hash());
        head(ui, wishes);
        ui.add(egui::Label::new(theme::small(node.name.as_str())).truncate());
        if let Some((id, name)) = active.filter(|(id, _)| *id != view.scan) {
            ui.horizontal_wrapped(|ui| {
                ui.label(theme::small(format!("The slices show {name}.")).color(theme::WARNING));
                if ui.small_button("Render that one").clicked() {
                    wishes.push(Wish::Volume(Some(id)));
                }
            });
        }
        ui.add_space(4.0);
        ui.horizontal_wrapped(|ui| {
            ui.checkbox(&mut view.visible, "Shown");
            ui.checkbox(&mut view.cinematic, "Cinematic light")
                .on_hover_text("Soft shadows and light from everywhere, as soon as nothing moves");
            let mut alone = *isolated == Some(view.scan);
            let help = "Hide surfaces, tubes and segments, which may cover the volume; nothing in the case changes";
            if ui.checkbox(&mut alone, "Volume alone").on_hover_text(help).changed() {
                wishes.push(Wish::Isolate(alone.then_some(view.scan)));
            }
        });
        if isolated.is_some_and(|only| only != view.scan) {
            ui.label(theme::small("Another object is shown alone, so the volume is not drawn.").color(theme::WARNING));
        }
        modes(ui, view);
        ui.add_space(6.0);
        ui.label(theme::heading("Preset"));
        panel.presets_ui(ui, view, scan, &histogram);
        ui.add_space(6.0);
        if view.mode == VolumeMode::Composite {
            panel.curve_ui(ui, view, &histogram, scan);
        } else {
            let Window { width, level } = slices.window(view.scan, scan, node.hash()).window;
            let numbers = format!("W {}  L {}", numbers::grouped(width, 0), numbers::grouped(level, 0));
            let text = "Bright and dark are those of the slices' window";
            ui.add(
                egui::Label::new(theme::small(format!(
                    "{text}: {numbers}. Drag in a slice, or Alt and drag in the 3D view."
                )))
                .wrap(),
            );
        }
        ui.add_space(4.0);
        section(ui, "Crop box", view.crop.is_some(), |ui| panel.crop_ui(ui, view, scan.grid(), case));
        section(ui, "Cutting planes", !view.planes.is_empty(), |ui| panel.cuts_ui(ui, view, *crosshair));
        section(ui, "Mask by segment", view.mask.is_some(), |ui| super::mask::mask_ui(ui, view, case));
    }
}

impl VolumePanel {
    /// The curve, what takes changes back, and the editor.
    fn curve_ui(&mut self, ui: &mut Ui, view: &mut VolumeView, histogram: &Histogram, scan: &Scan) {
        let unit = scan.unit();
        widgets::panel_heading(ui, "Opacity and colour", |ui| {
            let reset = self.preset.filter(|preset| preset.for_scan(histogram) != view.transfer);
            ui.add_enabled_ui(reset.is_some(), |ui| {
                let help = self.preset.map_or("Reset".into(), |preset| format!("Reset to {}", preset.name));
                if let (true, Some(preset)) = (ui.small_button("Reset").on_hover_text(help).clicked(), reset) {
                    self.choose(view, preset, histogram);
                }
            });
            ui.add_enabled_ui(!self.past.is_empty(), |ui| {
                if widgets::icon_button(ui, icons::ARROW_BACK_UP, "Take the last change of the curve back").clicked() {
                    self.undo(view);
                }
            });
        });
        self.editor_ui(ui, view, histogram, unit);
    }
}

/// Back, title and help.
fn head(ui: &mut Ui, wishes: &mut Vec<Wish>) {
    let id = ui.id().with("volume help");
    let mut helps = ui.data(|data| data.get_temp::<bool>(id)).unwrap_or(false);
    ui.horizontal(|ui| {
        if widgets::icon_button(ui, icons::ARROW_LEFT, "Close the panel; the volume stays").clicked() {
            wishes.push(Wish::Volume(None));
        }
        ui.label(theme::strong("Volume rendering").size(15.0));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if widgets::icon_toggle(ui, icons::INFO_CIRCLE, "What this picture shows, and what it does not", helps)
                .clicked()
            {
                helps = !helps;
                ui.data_mut(|data| data.insert_temp(id, helps));
            }
        });
    });
    if helps {
        super::help::help_ui(ui);
        ui.add_space(4.0);
    }
}

fn modes(ui: &mut Ui, view: &mut VolumeView) {
    ui.horizontal(|ui| {
        for (mode, name) in VolumeMode::ALL {
            let help = match mode {
                VolumeMode::Composite => "Front to back through the curve, lit",
                VolumeMode::Maximum => "The highest value along each ray",
                VolumeMode::XRay => "All that lies along each ray, through the window, as a radiograph",
            };
            if ui.selectable_label(view.mode == mode, name).on_hover_text(help).clicked() {
                view.mode = mode;
            }
        }
    });
}

/// A part of the panel that is closed at first; a dot says that it changes the picture.
fn section(ui: &mut Ui, name: &str, on: bool, show: impl FnOnce(&mut Ui)) {
    let text = theme::heading(name).color(if on { theme::ACCENT } else { theme::WEAK });
    CollapsingHeader::new(text).id_salt(("volume section", name)).show(ui, show);
}
