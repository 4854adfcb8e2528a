//! The bar at the top: menus, the case's name, undo and redo, the search for commands.

use super::actions::{self, ACTIONS, Menu};
use super::contract::{AppView, Request};
use super::settings::{self, Setting, names_hidden};
use super::wish::Wish;
use super::{history, icons, keys, theme, widgets, words};
use crate::base::i18n;
use crate::session::Step;
use egui::{RichText, Ui, Vec2};
use serde_json::Value;

/// Below this width the search is an icon, points.
const SEARCH_BESIDE: f32 = 900.0;
/// The name of the case is not shown where it has less room, points.
const TITLE_LEAST: f32 = 60.0;

/// Why a wish cannot be fulfilled now.
type WhyNot<'a> = &'a dyn Fn(&Wish) -> Option<&'static str>;

/// Show the bar; `why_not` says why an action cannot be used now, if it cannot.
pub fn menu_bar_ui(ui: &mut Ui, view: &AppView<'_>, why_not: WhyNot<'_>, own_steps: [bool; 2], wishes: &mut Vec<Wish>) {
    egui::MenuBar::new().ui(ui, |ui| {
        ui.set_min_height(30.0);
        ui.add_space(4.0);
        for (menu, name) in Menu::ALL {
            if menu == Menu::Help {
                tools_menu(ui, view, wishes);
            }
            ui.menu_button(i18n::in_tables("menu", name), |ui| {
                ui.set_min_width(210.0);
                // A long menu in a low window; without a height of its own it would scroll after 400 points already.
                let height = (ui.ctx().content_rect().height() - 60.0).max(120.0);
                ui.set_max_height(height);
                egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
                    for action in ACTIONS.iter().filter(|action| action.menu == menu) {
                        item(ui, view, action, why_not, own_steps, wishes);
                    }
                });
            });
        }
        ui.separator();
        let history = view.session.history();
        let [undone, redone] = own_steps.map(|own| own.then(|| i18n::tr("step-of-view").into()));
        let step = undone.or_else(|| history::undo_label(history));
        undo_button(ui, icons::ARROW_BACK_UP, "undo", step.as_deref(), Request::Undo, wishes);
        let step = redone.or_else(|| history::redo_label(history));
        undo_button(ui, icons::ARROW_FORWARD_UP, "redo", step.as_deref(), Request::Redo, wishes);
        let save = i18n::tr(if view.unsaved { "bar-save-unsaved" } else { "bar-save" });
        if widgets::icon_button(ui, icons::DEVICE_FLOPPY, save).clicked() {
            wishes.push(Wish::Ask(Request::SaveCase));
        }
        let left = ui.cursor().left();
        let right = ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add_space(4.0);
            search_ui(ui, wishes);
            if let Some(busy) = view.busy {
                ui.add(egui::Label::new(theme::small(&busy.what)).truncate());
            }
            ui.available_rect_before_wrap().right()
        });
        title(ui, view, left + 8.0..=right.inner - 8.0);
    });
}

/// The way to every command.
fn search_ui(ui: &mut Ui, wishes: &mut Vec<Wish>) {
    let key = keys::first(ui.ctx(), &Wish::Palette).unwrap_or_default();
    let clicked = if ui.ctx().content_rect().width() < SEARCH_BESIDE {
        let name = keys::named(ui.ctx(), i18n::tr("bar-find"), &Wish::Palette);
        widgets::icon_button(ui, icons::SEARCH, &name).clicked()
    } else {
        let text = RichText::new(format!("{}  {}", icons::SEARCH, i18n::tr("bar-find"))).color(theme::of(ui).weak);
        let search = egui::Button::new(text).shortcut_text(RichText::new(key).color(theme::of(ui).weak));
        ui.add(search.min_size(Vec2::new(190.0, 24.0))).clicked()
    };
    if clicked {
        wishes.push(Wish::Palette);
    }
}

/// The name of the case in the middle of the window, or of what is left of the bar; cut short, or not at all where there
/// is no room.
fn title(ui: &Ui, view: &AppView<'_>, room: std::ops::RangeInclusive<f32>) {
    let width = room.end() - room.start();
    if width < TITLE_LEAST {
        return;
    }
    let name = view.case_path.and_then(|path| path.file_stem()).map(|stem| stem.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| i18n::tr("bar-untitled").into());
    let name = if names_hidden(ui.ctx()) { i18n::in_tables("arrangement", "Lecture").to_owned() } else { name };
    let name = if view.unsaved { format!("{name}  •") } else { name };
    let (font, colour) = (theme::semibold(13.0), theme::of(ui).text);
    let mut job = egui::text::LayoutJob::simple_singleline(name, font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    let galley = ui.painter().layout_job(job);
    let half = 0.5 * galley.size().x;
    let middle = ui.ctx().content_rect().center().x.min(room.end() - half).max(room.start() + half);
    let at = egui::pos2(middle - half, ui.max_rect().center().y - 0.5 * galley.size().y);
    ui.painter().galley(at, galley, colour);
}

fn item(
    ui: &mut Ui,
    view: &AppView<'_>,
    action: &actions::Action,
    why_not: WhyNot<'_>,
    own_steps: [bool; 2],
    wishes: &mut Vec<Wish>,
) {
    if action.separated {
        ui.separator();
    }
    let history = view.session.history();
    let step = match &action.wish {
        Wish::Ask(Request::Undo) if own_steps[0] => Some(i18n::tr("step-of-view").into()),
        Wish::Ask(Request::Redo) if own_steps[1] => Some(i18n::tr("step-of-view").into()),
        Wish::Ask(Request::Undo) => history::undo_label(history),
        Wish::Ask(Request::Redo) => history::redo_label(history),
        _ => None,
    };
    let name = words::action(action);
    let name = step.map_or_else(|| name.to_owned(), |step| format!("{name} {step}"));
    let icon = match &action.wish {
        Wish::Language(of) if *of == i18n::language() => icons::CHECK,
        Wish::Set(Setting::Theme(of)) if *of == settings::of(ui.ctx()).theme => icons::CHECK,
        _ if action.icon.is_empty() => "\u{2003}",
        _ => action.icon,
    };
    let mut button = egui::Button::new(format!("{icon}  {name}"));
    if let Some(key) = keys::first(ui.ctx(), &action.wish) {
        button = button.shortcut_text(RichText::new(key).color(theme::of(ui).weak));
    }
    let why = why_not(&action.wish);
    let shown = ui.add_enabled(why.is_none(), button);
    if shown.on_disabled_hover_text(why.unwrap_or_default()).clicked() {
        wishes.push(action.wish.clone());
    }
}

fn undo_button(ui: &mut Ui, icon: &str, verb: &str, step: Option<&str>, request: Request, wishes: &mut Vec<Wish>) {
    let nothing = || i18n::tr(&format!("bar-nothing-to-{verb}")).to_owned();
    let name = step.map_or_else(nothing, |step| i18n::tr_with(&format!("bar-{verb}"), &[("step", step.into())]));
    ui.add_enabled_ui(step.is_some(), |ui| {
        if widgets::icon_button(ui, icon, &name).clicked() {
            wishes.push(Wish::Ask(request));
        }
    });
}

/// All tools by step of the guided job.
fn tools_menu(ui: &mut Ui, view: &AppView<'_>, wishes: &mut Vec<Wish>) {
    const STEPS: [Step; 7] =
        [Step::Import, Step::Segment, Step::Model, Step::Plan, Step::Simulate, Step::Report, Step::Object];
    ui.menu_button(i18n::in_tables("menu", "Tools"), |ui| {
        ui.set_min_width(160.0);
        for step in STEPS {
            let mut tools = view.session.tools().iter().filter(|tool| tool.step == step).peekable();
            if tools.peek().is_none() {
                continue;
            }
            ui.menu_button(words::step(step), |ui| {
                for tool in tools {
                    if ui.button(words::tool_item(tool)).on_hover_text(words::tool_help(tool)).clicked() {
                        wishes.push(Wish::Form { tool: tool.id.into(), params: Value::Null });
                    }
                }
            });
        }
    });
}
