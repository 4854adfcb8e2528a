//! The menu on the right button over a slice.

use super::view::SliceSubject;
use super::{PRESETS, SliceGeometry};
use crate::app::ui::wish::{Switch, Wish};
use crate::app::ui::{keys, numbers, theme};
use crate::base::i18n;
use crate::base::i18n::tr;
use crate::image::Modality;

/// Show the menu for the place it was opened at; a `second` scan is only looked at.
pub(super) fn context_menu(
    ui: &mut egui::Ui,
    geometry: &SliceGeometry,
    subject: &SliceSubject<'_>,
    second: bool,
    wishes: &mut Vec<Wish>,
) {
    // The menu stays open while the mouse moves: the place is where it was opened.
    let opened_at = ui.min_rect().left_top();
    let id = ui.id().with("opened at");
    let point = ui.data_mut(|data| *data.get_temp_mut_or(id, geometry.patient_from_screen(opened_at)));
    ui.label(theme::small(numbers::place(&point)));
    if ui.button(tr("view-crosshair-here")).clicked() {
        wishes.push(Wish::Crosshair(point));
    }
    if !second && ui.button(tr("slice-vessel")).clicked() {
        wishes.push(Wish::Crosshair(point));
        let seed = [point.x, point.y, point.z];
        let params = serde_json::json!({ "scan": subject.node.0, "preset": "vessel", "seed": seed });
        wishes.push(Wish::Form { tool: "segment.organ".into(), params });
    }
    let keep = egui::Button::new(i18n::tr("keep-slice"));
    if !second && ui.add(keep.shortcut_text(key(ui, &Wish::KeepSlice(None)))).clicked() {
        wishes.push(Wish::KeepSlice(Some(geometry.orientation)));
    }
    ui.separator();
    ui.menu_button(tr("slice-window"), |ui| {
        let is_ct = subject.scan.modality == Modality::Ct;
        let automatic = egui::Button::new(i18n::tr("window-automatic"));
        if !is_ct && ui.add(automatic.shortcut_text(key(ui, &Wish::WindowPreset(0)))).clicked() {
            wishes.push(Wish::WindowPreset(0));
        }
        for (place, preset) in PRESETS.iter().enumerate().filter(|_| is_ct) {
            let name = i18n::in_tables("window", preset.name);
            let button = egui::Button::new(name).shortcut_text(key(ui, &Wish::WindowPreset(place)));
            if ui.add(button).clicked() {
                wishes.push(Wish::WindowPreset(place));
            }
        }
        let full = egui::Button::new(i18n::tr("window-full-range"));
        if ui.add(full.shortcut_text(key(ui, &Wish::WindowFull))).clicked() {
            wishes.push(Wish::WindowFull);
        }
    });
    for (axis, name) in [(Switch::FlippedSides, tr("slice-flip-sides")), (Switch::FlippedEnds, tr("slice-flip-ends"))] {
        // The mouse is in this view, so that it is the one that keys act on.
        let wish = Wish::Flip(axis);
        if ui.add(egui::Button::new(name).shortcut_text(key(ui, &wish))).clicked() {
            wishes.push(wish);
        }
    }
    if ui.add(egui::Button::new(tr("slice-reset")).shortcut_text(key(ui, &Wish::ResetViews))).clicked() {
        wishes.push(Wish::ResetViews);
    }
}

/// The key of a wish as the user has it; empty without one.
fn key(ui: &egui::Ui, wish: &Wish) -> String {
    keys::first(ui.ctx(), wish).unwrap_or_default()
}
