//! Dialogs over the window: about, keys, unsaved changes, lost sessions.

use super::contract::{Request, SceneInfo};
use super::lost_dialog::lost_ui;
use super::pictures::pictures_ui;
use super::wish::{Dialog, Wish};
use super::{keys, scenes, settings, theme, widgets};
use crate::base::i18n::{tr, tr_with};
use egui::{Grid, RichText, Ui, Vec2};

/// What this program stands on, with licences: `what, by whom, licence`.
const SOURCES: &[[&str; 3]] = &[
    [
        "Chest CT: RIDER Lung CT, The Cancer Imaging Archive",
        "Zhao, Schwartz, Kris, Riely (2015), doi 10.7937/K9/TCIA.2015.U1X8A5NR; recompressed without loss",
        "CC BY 4.0",
    ],
    [
        "Tumour outlines of the chest CT",
        "Wee, Aerts, Kalendralis, Dekker (2020), doi 10.7937/TCIA.2020.JIT9GRK8",
        "CC BY 3.0",
    ],
    ["Colour maps viridis, inferno, magma, cividis", "Smith, van der Walt; Nuñez, Anderton, Renslow", "CC0"],
    ["Font Inter", "The Inter Project Authors", "OFL 1.1"],
    ["Font Noto Sans CJK SC, a subset", "Adobe, Google", "OFL 1.1"],
    ["Font DejaVu Sans, a subset", "Bitstream, DejaVu team", "Bitstream Vera"],
    ["Icons from Tabler", "Paweł Kuna", "MIT"],
    ["Bevy, egui, wgpu, dicom-rs, nalgebra, faer, rayon", "their authors", "MIT / Apache 2.0"],
];

/// Show `dialog`; whether it is done.
pub fn dialog_ui(ctx: &egui::Context, dialog: &mut Dialog, scene: &SceneInfo, wishes: &mut Vec<Wish>) -> bool {
    let mut done = false;
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(22).corner_radius(12);
    let response = egui::Modal::new(egui::Id::new("dialog")).frame(frame).show(ctx, |ui| {
        done = match dialog {
            Dialog::About => about(ui, scene),
            Dialog::Keys => keys::keys_ui(ui, wishes),
            Dialog::Settings => settings::settings_ui(ui, wishes),
            Dialog::Unsaved(request) => unsaved(ui, request, wishes),
            Dialog::Picture(order) => {
                pictures_ui(ui, order, scene.pane_size, scene.particles_playing.is_some(), wishes)
            }
            Dialog::Compare(states) => scenes::compare_ui(ui, states, wishes),
            Dialog::Lost(lost) => lost_ui(ui, lost, wishes),
        };
    });
    let closes = done || response.should_close();
    if closes && matches!(dialog, Dialog::Keys) {
        keys::forget(ctx);
    }
    closes
}

fn about(ui: &mut Ui, scene: &SceneInfo) -> bool {
    widgets::dialog_body(ui, 640.0, |ui| {
        ui.label(theme::strong("prosector").size(24.0));
        ui.label(theme::small(tr_with("about-version", &[("version", env!("CARGO_PKG_VERSION").into())])));
        ui.add_space(6.0);
        ui.label(tr("about-what"));
        ui.add_space(4.0);
        ui.label(RichText::new(tr("purpose-sentence")).color(theme::of(ui).warning));
        ui.add_space(10.0);
        ui.label(theme::heading(tr("about-made-of")));
        let column = (ui.available_width() - 110.0).max(200.0);
        Grid::new("sources").num_columns(2).spacing(Vec2::new(18.0, 6.0)).show(ui, |ui| {
            for [what, who, licence] in SOURCES {
                ui.vertical(|ui| {
                    ui.set_width(column);
                    ui.spacing_mut().item_spacing.y = 0.0;
                    ui.label(*what);
                    ui.label(theme::small(*who));
                });
                ui.label(theme::small(*licence));
                ui.end_row();
            }
        });
        ui.add_space(8.0);
        if !scene.adapter.is_empty() {
            ui.label(theme::small(tr_with("about-graphics", &[("adapter", scene.adapter.as_str().into())])));
        }
        ui.label(theme::small(tr("about-licence")));
    });
    ui.horizontal(|ui| widgets::primary_button(ui, tr("word-close")).clicked()).inner
}

fn unsaved(ui: &mut Ui, request: &Request, wishes: &mut Vec<Wish>) -> bool {
    widgets::dialog_body(ui, 380.0, |ui| {
        ui.label(theme::strong(tr("unsaved-title")).size(17.0));
        ui.add_space(2.0);
        ui.label(tr("unsaved-text"));
    });
    let mut done = false;
    ui.horizontal(|ui| {
        if widgets::primary_button(ui, tr("word-save")).clicked() {
            wishes.push(Wish::Ask(Request::SaveThen(Box::new(request.clone()))));
            done = true;
        }
        if ui.button(tr("unsaved-go-on")).clicked() {
            wishes.push(Wish::Ask(request.clone()));
            done = true;
        }
        done |= ui.button(tr("word-cancel")).clicked();
    });
    done
}
