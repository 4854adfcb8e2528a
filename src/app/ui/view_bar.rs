//! The thin bar above the views: what the mouse does, what is drawn, how views are arranged.

use super::layout::Layout;
use super::phases::phases;
use super::slice::{MouseTool, PRESETS, ScanWindow, Slices, cine_ui, display_ui, times_ui};
use super::wish::{Switch, Wish};
use super::{icons, numbers, theme, widgets};
use crate::base::{NodeId, i18n};
use crate::geom::Orientation;
use crate::image::{Modality, Scan};
use crate::session::{Case, Node};
use egui::{RichText, Ui};
use std::sync::Arc;

/// Show the bar.
pub fn view_bar_ui(
    ui: &mut Ui,
    slices: &mut Slices,
    in_scene: bool,
    case: &Case,
    scan: Option<(NodeId, &Arc<Node>, &Scan)>,
    (layout, why_not): (&Layout, &dyn Fn(&Wish) -> Option<&'static str>),
    wishes: &mut Vec<Wish>,
) {
    ui.horizontal(|ui| {
        ui.set_min_height(30.0);
        let width = ui.available_width();
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.add_space(4.0);
        for (tool, icon, name) in [
            (MouseTool::Window, icons::CONTRAST_2, "Drag changes the window"),
            (MouseTool::Crosshair, icons::TARGET, "Drag moves the crosshair"),
        ] {
            let name = super::keys::named(ui.ctx(), i18n::in_tables("action", name), &Wish::Tool(tool));
            if widgets::icon_toggle(ui, icon, &name, slices.tool == tool).clicked() {
                wishes.push(Wish::Tool(tool));
            }
        }
        super::measures::menu_button(ui, slices.tool, wishes);
        ui.separator();
        for (switch, icon, name, on) in [
            (Switch::Crosshair, icons::CROSSHAIR, "Crosshair", slices.crosshair),
            (Switch::Segments, icons::PALETTE, "Segments on slices", slices.segments),
            (Switch::InScene, icons::STACK_3, "Slices in the 3D view", in_scene),
            (Switch::Annotations, icons::INFO_CIRCLE, "Texts and scale bars", slices.annotations),
        ] {
            let name = super::keys::named(ui.ctx(), i18n::in_tables("action", name), &Wish::Flip(switch));
            if widgets::icon_switch(ui, icon, &name, on).clicked() {
                wishes.push(Wish::Flip(switch));
            }
        }
        ui.separator();
        if let Some((id, node, scan)) = scan.filter(|_| 330.0 < width) {
            cine_ui(ui, slices, wishes);
            if 1 < phases(case, id).len() {
                times_ui(ui, slices, wishes);
            }
            display_ui(ui, slices, case, (id, scan, node.hash()), wishes);
            let window = *slices.window(id, scan, node.hash());
            window_menu(ui, &window, scan.modality, wishes);
        }
        straighten_ui(ui, slices, scan.map(|(.., scan)| scan), width, wishes);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            ui.add_space(4.0);
            // Where there is no room, the View menu has them.
            if width < 500.0 {
                return;
            }
            super::layouts::layouts_menu(ui, layout, why_not, wishes);
            ui.separator();
            let name = super::keys::named(ui.ctx(), i18n::in_tables("action", "Reset views"), &Wish::ResetViews);
            if widgets::icon_button(ui, icons::FOCUS_2, &name).clicked() {
                wishes.push(Wish::ResetViews);
            }
        });
    });
}

/// While views are turned: by how much or to what, and the way back.
fn straighten_ui(ui: &mut Ui, slices: &Slices, scan: Option<&Scan>, width: f32, wishes: &mut Vec<Wish>) {
    if slices.turn.is_straight() {
        return;
    }
    let tilts = Orientation::ALL.map(|orientation| slices.turn.tilt_deg(orientation));
    let as_scan = scan.is_some_and(|scan| slices.turn.is_along(scan.grid()));
    let text = if as_scan {
        i18n::tr("view-as-scan").to_owned()
    } else if 680.0 < width {
        format!("{} {:.0}°  {:.0}°  {:.0}°", i18n::tr("view-oblique"), tilts[0], tilts[1], tilts[2])
    } else {
        i18n::tr("view-oblique").to_owned()
    };
    ui.add_space(4.0);
    let button =
        egui::Button::new(RichText::new(text).color(theme::of(ui).on_accent).size(12.0)).fill(theme::of(ui).accent);
    let help = i18n::tr(if as_scan { "view-as-scan-help" } else { "view-straighten" });
    let help = super::keys::named(ui.ctx(), help, &Wish::ResetViews);
    if ui.add(button).on_hover_text(help).clicked() {
        wishes.push(Wish::Straighten);
    }
}

fn window_menu(ui: &mut Ui, window: &ScanWindow, modality: Modality, wishes: &mut Vec<Wish>) {
    let is_ct = modality == Modality::Ct;
    let preset = PRESETS.iter().find(|preset| is_ct && preset.window == window.window);
    let preset = preset.map(|preset| i18n::in_tables("window", preset.name));
    let [width, level] = window.texts();
    let text = preset.map_or_else(|| format!("W {width}  L {level}"), str::to_owned);
    ui.add_space(4.0);
    ui.menu_button(RichText::new(format!("{text}  {}", icons::CHEVRON_DOWN)).color(theme::of(ui).text), |ui| {
        ui.set_min_width(190.0);
        if !is_ct {
            let button = egui::Button::new(i18n::tr("window-automatic-help"));
            if ui.add(button.shortcut_text(key(ui, &Wish::WindowPreset(0)))).clicked() {
                wishes.push(Wish::WindowPreset(0));
            }
        }
        for (place, preset) in PRESETS.iter().enumerate().filter(|_| is_ct) {
            let crate::image::Window { width, level } = preset.window;
            let name = format!("{}   {}", i18n::in_tables("window", preset.name), theme_numbers(width, level));
            let button = egui::Button::new(name).shortcut_text(key(ui, &Wish::WindowPreset(place)));
            if ui.add(button).clicked() {
                wishes.push(Wish::WindowPreset(place));
            }
        }
        let full = egui::Button::new(i18n::tr("window-full-range"));
        if ui.add(full.shortcut_text(key(ui, &Wish::WindowFull))).clicked() {
            wishes.push(Wish::WindowFull);
        }
        let invert = egui::Button::new(i18n::in_tables("action", "Invert"));
        if ui.add(invert.shortcut_text(key(ui, &Wish::Flip(Switch::Inverted)))).clicked() {
            wishes.push(Wish::Flip(Switch::Inverted));
        }
    });
}

/// The key of a wish as the user has it, for a menu.
fn key(ui: &Ui, wish: &Wish) -> RichText {
    RichText::new(super::keys::first(ui.ctx(), wish).unwrap_or_default()).color(theme::of(ui).weak)
}

fn theme_numbers(width: f64, level: f64) -> String {
    format!("{} / {}", numbers::grouped(width, 0), numbers::grouped(level, 0))
}
