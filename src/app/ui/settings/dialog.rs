//! The dialog of the settings.

use super::super::docks::{Dock, Docks};
use super::super::sides::is_beside;
use super::super::wish::{Dialog, Wish};
use super::super::{theme, widgets};
use super::{DragUp, MousePreset, SCALE, Setting, ThemeChoice, WheelTurn, of};
use crate::base::i18n::{in_tables, tr, tr_with};
use egui::{Ui, Vec2};

/// Show the settings; whether the dialog is done.
pub fn settings_ui(ui: &mut Ui, wishes: &mut Vec<Wish>) -> bool {
    let settings = of(ui.ctx());
    let room = ui.ctx().content_rect().size() - Vec2::new(80.0, 140.0);
    ui.set_width(460.0_f32.min(room.x));
    ui.label(theme::strong(tr("settings-title")).size(18.0));
    egui::ScrollArea::vertical().max_height(room.y.max(120.0)).show(ui, |ui| {
        group(ui, tr("settings-interface"));
        ui.horizontal_wrapped(|ui| {
            ui.label(tr("settings-size"));
            for step in [1.0_f32, 1.25, 1.5, 1.75, 2.0] {
                let on = (settings.scale - step).abs() < 0.01;
                if ui.selectable_label(on, format!("{:.0} %", step * 100.0)).clicked() {
                    wishes.push(Wish::Scale(step.clamp(SCALE[0], SCALE[1])));
                }
            }
        });
        let all = [
            (ThemeChoice::Dark, tr("settings-dark")),
            (ThemeChoice::Light, tr("settings-light")),
            (ThemeChoice::System, tr("settings-system")),
        ];
        let help = tr("settings-colours-help");
        choice(ui, tr("settings-colours"), help, all, settings.theme, Setting::Theme, wishes);
        let sides = [
            (Dock::Left, tr("settings-left"), Setting::LeftPanel),
            (Dock::Right, tr("settings-right"), Setting::RightPanel),
            (Dock::Bottom, tr("settings-bottom"), Setting::BottomPanel),
        ];
        let window = ui.ctx().content_rect().size();
        for (dock, name, setting) in sides {
            let extent = if dock == Dock::Bottom { window.y } else { window.x };
            // In a narrow window they are drawers.
            if settings.docks.groups(dock).is_empty() || !is_beside(dock as usize, extent) {
                continue;
            }
            let mut shown = settings.panels.shows(dock);
            if ui.checkbox(&mut shown, name).changed() {
                wishes.push(Wish::Set(setting));
            }
        }
        if settings.docks != Docks::default() && ui.button(tr("dock-reset")).clicked() {
            wishes.push(Wish::Set(Setting::ResetPanels));
        }
        group(ui, tr("settings-mouse"));
        let help = tr("settings-habits-help");
        let presets = MousePreset::ALL.map(|(preset, name)| (preset, in_tables("habit", name)));
        choice(ui, tr("settings-habits"), help, presets, settings.mouse, Setting::Mouse, wishes);
        let ups = [(DragUp::Brighter, tr("settings-brightens")), (DragUp::Darker, tr("settings-darkens"))];
        let help = tr("settings-up-help");
        choice(ui, tr("settings-up"), help, ups, settings.up, Setting::Up, wishes);
        let turns = [(WheelTurn::AwayIsOn, tr("settings-goes-on")), (WheelTurn::AwayIsBack, tr("settings-goes-back"))];
        let help = tr("settings-wheel-help");
        choice(ui, tr("settings-wheel"), help, turns, settings.wheel, Setting::Wheel, wishes);
        group(ui, tr("settings-keys"));
        ui.horizontal(|ui| {
            let changed = match settings.keys.len() {
                0 => tr("settings-keys-usual").to_owned(),
                n => tr_with("settings-keys-other", &[("count", n.into())]),
            };
            ui.label(theme::small(changed));
            if ui.button(tr("settings-keys-change")).clicked() {
                wishes.push(Wish::Dialog(Dialog::Keys));
            }
        });
        group(ui, tr("settings-recent"));
        ui.horizontal(|ui| {
            ui.label(theme::small(tr_with("settings-recent-count", &[("count", settings.recent.len().into())])));
            if ui.add_enabled(!settings.recent.is_empty(), egui::Button::new(tr("settings-forget-all"))).clicked() {
                wishes.push(Wish::Set(Setting::ForgetAllRecent));
            }
        });
    });
    ui.add_space(8.0);
    ui.horizontal(|ui| widgets::primary_button(ui, tr("word-close")).clicked()).inner
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
