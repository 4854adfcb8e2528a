//! The panel in the left column.

use super::{VolumeMode, VolumePanel, VolumeView};
use crate::app::ui::camera::OrbitCamera;
use crate::app::ui::wish::Wish;
use crate::app::ui::workspace::Workspace;
use crate::app::ui::{find, icons, numbers, theme, widgets};
use crate::base::i18n::{in_tables, tr, tr_with};
use crate::image::transfer::Histogram;
use crate::image::{Scan, Window};
use crate::session::{Case, Data};
use egui::{CollapsingHeader, Ui};

impl Workspace {
    /// Show the panel of the rendered volume.
    pub(in crate::app::ui) fn volume_ui(
        &mut self,
        ui: &mut Ui,
        case: &Case,
        camera: &OrbitCamera,
        wishes: &mut Vec<Wish>,
    ) {
        let active = find::active_scan(case, self.selected).map(|(id, node, _)| (id, node.name.clone()));
        let Self { volume: Some(view), volume_panel: panel, slices, crosshair, isolated, .. } = self else { return };
        let Some(node) = case.node(view.scan) else { return };
        let Data::Scan(scan) = &node.data else { return };
        let histogram = panel.histogram(scan, node.hash());
        head(ui, wishes);
        ui.add(egui::Label::new(theme::small(node.name.as_str())).truncate());
        if let Some((id, name)) = active.filter(|(id, _)| *id != view.scan) {
            ui.horizontal_wrapped(|ui| {
                ui.label(
                    theme::small(tr_with("volume-other", &[("name", (&name).into())])).color(theme::of(ui).warning),
                );
                if ui.small_button(tr("volume-render-that")).clicked() {
                    wishes.push(Wish::Volume(Some(id)));
                }
            });
        }
        ui.add_space(4.0);
        ui.horizontal_wrapped(|ui| {
            ui.checkbox(&mut view.visible, tr("volume-shown"));
            ui.checkbox(&mut view.cinematic, tr("volume-cinematic")).on_hover_text(tr("volume-cinematic-help"));
            let mut alone = *isolated == Some(view.scan);
            let help = tr("volume-alone-help");
            if ui.checkbox(&mut alone, tr("volume-alone")).on_hover_text(help).changed() {
                wishes.push(Wish::Isolate(alone.then_some(view.scan)));
            }
        });
        if isolated.is_some_and(|only| only != view.scan) {
            ui.label(theme::small(tr("volume-hidden")).color(theme::of(ui).warning));
        }
        modes(ui, view);
        ui.add_space(6.0);
        ui.label(theme::heading(tr("volume-preset")));
        panel.presets_ui(ui, view, scan, &histogram);
        ui.add_space(6.0);
        if view.mode == VolumeMode::Composite {
            panel.curve_ui(ui, view, &histogram, scan);
        } else {
            let Window { width, level } = slices.window(view.scan, scan, node.hash()).window;
            let numbers = format!("W {}  L {}", numbers::grouped(width, 0), numbers::grouped(level, 0));
            ui.add(egui::Label::new(theme::small(tr_with("volume-window", &[("window", (&numbers).into())]))).wrap());
        }
        ui.add_space(4.0);
        section(ui, tr("volume-crop"), view.crop.is_some(), |ui| panel.crop_ui(ui, view, scan.grid(), case));
        section(ui, tr("volume-cuts"), !view.planes.is_empty(), |ui| {
            panel.cuts_ui(ui, view, *crosshair, &slices.turn, camera);
        });
        section(ui, tr("volume-mask"), view.mask.is_some(), |ui| super::mask::mask_ui(ui, view, case));
    }
}

impl VolumePanel {
    /// The curve, what takes changes back, and the editor.
    fn curve_ui(&mut self, ui: &mut Ui, view: &mut VolumeView, histogram: &Histogram, scan: &Scan) {
        let unit = scan.unit();
        widgets::panel_heading(ui, tr("volume-curve"), |ui| {
            let reset = self.preset.filter(|preset| preset.for_scan(histogram) != view.transfer);
            ui.add_enabled_ui(reset.is_some(), |ui| {
                let help = self.preset.map_or(tr("word-reset").into(), |preset| {
                    tr_with("volume-reset", &[("preset", in_tables("volume-preset", preset.name).into())])
                });
                if let (true, Some(preset)) = (ui.small_button(tr("word-reset")).on_hover_text(help).clicked(), reset) {
                    self.choose(view, preset, histogram);
                }
            });
            ui.add_enabled_ui(!self.past.is_empty(), |ui| {
                if widgets::icon_button(ui, icons::ARROW_BACK_UP, tr("volume-undo")).clicked() {
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
        if widgets::icon_button(ui, icons::ARROW_LEFT, tr("volume-close")).clicked() {
            wishes.push(Wish::Volume(None));
        }
        ui.label(theme::strong(tr("volume-title")).size(15.0));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if widgets::icon_toggle(ui, icons::INFO_CIRCLE, tr("volume-what"), helps).clicked() {
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
                VolumeMode::Composite => tr("volume-composite-help"),
                VolumeMode::Maximum => tr("volume-maximum-help"),
                VolumeMode::XRay => tr("volume-xray-help"),
            };
            if ui.selectable_label(view.mode == mode, in_tables("volume-mode", name)).on_hover_text(help).clicked() {
                view.mode = mode;
            }
        }
    });
}

/// A part of the panel that is closed at first; a dot says that it changes the picture.
fn section(ui: &mut Ui, name: &str, on: bool, show: impl FnOnce(&mut Ui)) {
    let text = theme::heading(name).color(if on { theme::of(ui).accent } else { theme::of(ui).weak });
    CollapsingHeader::new(text).id_salt(("volume section", name)).show(ui, show);
}
