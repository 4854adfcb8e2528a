//! The menu on the right button over a slice.

use super::view::SliceSubject;
use super::{PRESET_KEYS, PRESETS, SliceGeometry};
use crate::app::ui::wish::Wish;
use crate::app::ui::{numbers, theme};
use crate::image::Modality;

/// Show the menu for the place it was opened at.
pub(super) fn context_menu(
    ui: &mut egui::Ui,
    geometry: &SliceGeometry,
    subject: &SliceSubject<'_>,
    wishes: &mut Vec<Wish>,
) {
    // The menu stays open while the mouse moves: the place is where it was opened.
    let opened_at = ui.min_rect().left_top();
    let id = ui.id().with("opened at");
    let point = ui.data_mut(|data| *data.get_temp_mut_or(id, geometry.patient_from_screen(opened_at)));
    ui.label(theme::small(numbers::place(&point)));
    if ui.button("Crosshair here").clicked() {
        wishes.push(Wish::Crosshair(point));
    }
    if ui.button("Vessel from here…").clicked() {
        wishes.push(Wish::Crosshair(point));
        let seed = [point.x, point.y, point.z];
        let params = serde_json::json!({ "scan": subject.node.0, "preset": "vessel", "seed": seed });
        wishes.push(Wish::Form { tool: "segment.organ".into(), params });
    }
    ui.separator();
    ui.menu_button("Window", |ui| {
        let is_ct = subject.scan.modality == Modality::Ct;
        if !is_ct && ui.add(egui::Button::new("Automatic").shortcut_text("1")).clicked() {
            wishes.push(Wish::WindowPreset(0));
        }
        for (place, preset) in PRESETS.iter().enumerate().filter(|_| is_ct) {
            let key = if place < PRESET_KEYS { (place + 1).to_string() } else { String::new() };
            let button = egui::Button::new(preset.name).shortcut_text(key);
            if ui.add(button).clicked() {
                wishes.push(Wish::WindowPreset(place));
            }
        }
        if ui.add(egui::Button::new("Full range").shortcut_text("0")).clicked() {
            wishes.push(Wish::WindowFull);
        }
    });
    if ui.add(egui::Button::new("Reset views").shortcut_text("R")).clicked() {
        wishes.push(Wish::ResetViews);
    }
}
