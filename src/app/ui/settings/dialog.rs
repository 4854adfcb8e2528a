//! The dialog of the settings.

use super::super::wish::{Dialog, Wish};
use super::super::{theme, widgets};
use super::{DragUp, MousePreset, SCALE, Setting, WheelTurn, of};
use egui::{Ui, Vec2};

/// Show the settings; whether the dialog is done.
pub fn settings_ui(ui: &mut Ui, wishes: &mut Vec<Wish>) -> bool {
    let settings = of(ui.ctx());
    let room = ui.ctx().content_rect().size() - Vec2::new(80.0, 140.0);
    ui.set_width(460.0_f32.min(room.x));
    ui.label(theme::strong("Settings").size(18.0));
    egui::ScrollArea::vertical().max_height(room.y.max(120.0)).show(ui, |ui| {
        group(ui, "Interface");
        ui.horizontal_wrapped(|ui| {
            ui.label("Size of everything");
            for step in [1.0_f32, 1.25, 1.5, 1.75, 2.0] {
                let on = (settings.scale - step).abs() < 0.01;
                if ui.selectable_label(on, format!("{:.0} %", step * 100.0)).clicked() {
                    wishes.push(Wish::Scale(step.clamp(SCALE[0], SCALE[1])));
                }
            }
        });
        for (name, on, setting) in [
            ("Left panel: steps, forms and jobs", settings.panels.left, Setting::LeftPanel),
            ("Right panel: objects, details and history", settings.panels.right, Setting::RightPanel),
        ] {
            let mut shown = on;
            if ui.checkbox(&mut shown, name).changed() {
                wishes.push(Wish::Set(setting));
            }
        }
        group(ui, "Mouse");
        let help = "Radiology: left is the chosen tool, the window at first. \
                    Slicer: left is the crosshair at first, Ctrl+left sets the window from a region, Shift+left pans.";
        choice(ui, "Habits", help, MousePreset::ALL, settings.mouse, Setting::Mouse, wishes);
        let ups = [(DragUp::Brighter, "brightens"), (DragUp::Darker, "darkens")];
        let help = "What dragging up does while the window is changed. OHIF brightens, 3D Slicer darkens.";
        choice(ui, "Dragging up", help, ups, settings.up, Setting::Up, wishes);
        let turns = [(WheelTurn::AwayIsOn, "goes on"), (WheelTurn::AwayIsBack, "goes back")];
        let help = "Which way the wheel goes through slices, and whether it comes nearer or goes away in the 3D view.";
        choice(ui, "Wheel away from you", help, turns, settings.wheel, Setting::Wheel, wishes);
        group(ui, "Keys");
        ui.horizontal(|ui| {
            let changed = match settings.keys.len() {
                0 => "All keys are the usual ones.".to_owned(),
                1 => "One action has other keys.".to_owned(),
                n => format!("{n} actions have other keys."),
            };
            ui.label(theme::small(changed));
            if ui.button("Change keys…").clicked() {
                wishes.push(Wish::Dialog(Dialog::Keys));
            }
        });
        group(ui, "Recent cases");
        ui.horizontal(|ui| {
            ui.label(theme::small(format!(
                "{} in the list; names of files only, kept on this computer.",
                settings.recent.len()
            )));
            if ui.add_enabled(!settings.recent.is_empty(), egui::Button::new("Forget all")).clicked() {
                wishes.push(Wish::Set(Setting::ForgetAllRecent));
            }
        });
    });
    ui.add_space(8.0);
    ui.horizontal(|ui| widgets::primary_button(ui, "Close").clicked()).inner
}

fn group(ui: &mut Ui, name: &str) {
    ui.add_space(8.0);
    ui.label(theme::heading(name));
}

fn choice<T: Copy + PartialEq, const N: usize>(
    ui: &mut Ui,
    name: &str,
    help: &str,
    all: [(T, &str); N],
    now: T,
    setting: impl Fn(T) -> Setting,
    wishes: &mut Vec<Wish>,
) {
    ui.horizontal_wrapped(|ui| {
        ui.label(name).on_hover_text(help);
        for (value, word) in all {
            if ui.selectable_label(value == now, word).on_hover_text(help).clicked() && value != now {
                wishes.push(Wish::Set(setting(value)));
            }
        }
    });
}
