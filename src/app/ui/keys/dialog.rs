//! The list of all keys: filter it, click on a key and press another.

use super::super::actions::{ACTIONS, Action, Menu};
use super::super::settings::{self, Setting, Settings};
use super::super::wish::Wish;
use super::super::{icons, theme, widgets, words};
use super::key_text;
use crate::base::i18n::{in_tables, tr, tr_with};
use egui::{Align, Event, Id, Key, KeyboardShortcut, Layout, Modifiers, RichText, Ui, Vec2};

/// What the dialog is about to do.
#[derive(Debug, Clone, Default)]
struct State {
    filter: String,
    /// The action that gets the next key pressed.
    waiting: Option<&'static str>,
    /// A key that another action has: `for whom, which, whose`.
    conflict: Option<(&'static str, KeyboardShortcut, &'static str)>,
    /// Why the key pressed last was not taken.
    refused: Option<&'static str>,
}

/// Show the list; whether the dialog is done.
pub fn keys_ui(ui: &mut Ui, wishes: &mut Vec<Wish>) -> bool {
    let id = state_id();
    let mut state = ui.data(|data| data.get_temp::<State>(id)).unwrap_or_default();
    let settings = settings::of(ui.ctx());
    listen(ui, &mut state, &settings, wishes);
    let room = ui.ctx().content_rect().size() - Vec2::new(80.0, 60.0);
    ui.set_width(780.0_f32.min(room.x));
    ui.horizontal(|ui| {
        ui.label(theme::strong(tr("keys-title")).size(18.0));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let hint = format!("{}  {}", icons::SEARCH, tr("keys-hint"));
            ui.add(egui::TextEdit::singleline(&mut state.filter).hint_text(hint).desired_width(220.0));
        });
    });
    banner(ui, &mut state, &settings, wishes);
    ui.add_space(4.0);
    egui::ScrollArea::vertical().max_height((room.y - 150.0).max(120.0)).auto_shrink([false, true]).show(ui, |ui| {
        if 560.0 < room.x {
            ui.columns(2, |columns| {
                for (menu, name) in Menu::ALL {
                    let column = &mut columns[usize::from(matches!(menu, Menu::Slices | Menu::Segments))];
                    group(column, menu, name, &mut state, &settings, wishes);
                }
                mouse(&mut columns[0], &state.filter, &settings);
            });
        } else {
            Menu::ALL.iter().for_each(|(menu, name)| group(ui, *menu, name, &mut state, &settings, wishes));
            mouse(ui, &state.filter, &settings);
        }
    });
    ui.add_space(8.0);
    let mut done = false;
    ui.horizontal(|ui| {
        done = widgets::primary_button(ui, tr("word-close")).clicked();
        let changed = !settings.keys.is_empty();
        if ui.add_enabled(changed, egui::Button::new(tr("keys-usual"))).clicked() {
            wishes.push(Wish::Set(Setting::UsualKeys));
        }
        ui.add(egui::Label::new(theme::small(tr("keys-help"))).truncate());
    });
    ui.data_mut(|data| data.insert_temp(id, state));
    done
}

/// The dialog closes: what it was about to do is not done when it opens again.
pub fn forget(ctx: &egui::Context) {
    ctx.data_mut(|data| data.remove_temp::<State>(state_id()));
}

fn state_id() -> Id {
    Id::new("dialog of keys")
}

/// Take the key that is pressed while one is waited for.
fn listen(ui: &Ui, state: &mut State, settings: &Settings, wishes: &mut Vec<Wish>) {
    let Some(action) = state.waiting else { return };
    let pressed = ui.input_mut(|input| {
        let place = input.events.iter().position(|event| matches!(event, Event::Key { pressed: true, .. }))?;
        let event = input.events.remove(place);
        let Event::Key { key, modifiers, .. } = event else { return None };
        input.consume_key(modifiers, key);
        Some((key, modifiers))
    });
    let Some((key, held)) = pressed else { return };
    if key == Key::Escape {
        // What closes dialogs looks at the key itself, which is taken away here.
        ui.input_mut(|input| input.keys_down.remove(&Key::Escape));
        state.waiting = None;
        return;
    }
    let ctrl = if held.command || held.ctrl { Modifiers::COMMAND } else { Modifiers::NONE };
    let alt = if held.alt { Modifiers::ALT } else { Modifiers::NONE };
    let shift = if held.shift { Modifiers::SHIFT } else { Modifiers::NONE };
    let key = KeyboardShortcut::new(ctrl.plus(alt).plus(shift), key);
    state.refused = super::refusal(&key);
    if state.refused.is_some() {
        return;
    }
    state.waiting = None;
    match super::owner(settings, &key).filter(|owner| owner.name != action) {
        Some(owner) => state.conflict = Some((action, key, owner.name)),
        None => wishes.push(Wish::Set(Setting::Keys(action, Some(vec![super::write(&key)])))),
    }
}

/// What the window calls the action of this name.
fn shown(name: &'static str) -> &'static str {
    ACTIONS.iter().find(|action| action.name == name).map_or(name, words::action)
}

/// What is asked of the user now, if anything is.
fn banner(ui: &mut Ui, state: &mut State, settings: &Settings, wishes: &mut Vec<Wish>) {
    if let Some((action, key, owner)) = state.conflict {
        theme::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            let text =
                tr_with("keys-belongs", &[("key", (&key_text(ui.ctx(), &key)).into()), ("owner", shown(owner).into())]);
            ui.label(RichText::new(text).color(theme::of(ui).warning));
            ui.horizontal(|ui| {
                if ui.button(tr_with("keys-give", &[("action", shown(action).into())])).clicked() {
                    let left = ACTIONS.iter().find(|each| each.name == owner);
                    let left = left.map(|each| super::of(settings, each)).unwrap_or_default();
                    let left = left.iter().filter(|each| **each != key).map(super::write).collect();
                    wishes.push(Wish::Set(Setting::Keys(owner, Some(left))));
                    wishes.push(Wish::Set(Setting::Keys(action, Some(vec![super::write(&key)]))));
                    state.conflict = None;
                }
                if ui.button(tr("keys-leave")).clicked() {
                    state.conflict = None;
                }
            });
        });
    } else if let Some(action) = state.waiting {
        theme::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            let text = tr_with("keys-press", &[("action", shown(action).into())]);
            ui.label(RichText::new(text).color(theme::of(ui).accent));
            if let Some(reason) = state.refused {
                ui.label(
                    RichText::new(tr_with("keys-another", &[("reason", reason.into())])).color(theme::of(ui).warning),
                );
            }
        });
    }
}

fn fits(filter: &str, name: &str, keys: &str) -> bool {
    let typed = filter.trim().to_lowercase();
    typed.is_empty() || name.to_lowercase().contains(&typed) || keys.to_lowercase().contains(&typed)
}

fn group(ui: &mut Ui, menu: Menu, name: &str, state: &mut State, settings: &Settings, wishes: &mut Vec<Wish>) {
    let ctx = ui.ctx().clone();
    let keys_of = |action: &Action| {
        let keys: Vec<String> = super::of(settings, action).iter().map(|key| key_text(&ctx, key)).collect();
        keys.join(&format!("  {}  ", tr("word-or")))
    };
    let lines: Vec<(&'static Action, String)> =
        ACTIONS.iter().filter(|action| action.menu == menu).map(|action| (action, keys_of(action))).collect();
    let lines: Vec<_> = lines
        .into_iter()
        .filter(|(action, keys)| {
            fits(&state.filter, action.name, keys) || fits(&state.filter, words::action(action), keys)
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    ui.spacing_mut().item_spacing.y = 1.0;
    ui.add_space(8.0);
    ui.label(theme::heading(in_tables("menu", name)));
    for (action, keys) in lines {
        let changed = settings.keys.contains_key(action.name);
        let waits = state.waiting == Some(action.name);
        let text = if waits { tr("keys-waiting") } else { &keys };
        let label = tr_with(
            "keys-of",
            &[
                ("action", words::action(action).into()),
                ("keys", if keys.is_empty() { tr("keys-none") } else { &*keys }.into()),
            ],
        );
        let (rect, response) = widgets::list_row(ui, 22.0, waits, &label);
        let colour = if changed { theme::of(ui).warning } else { theme::of(ui).accent };
        let at = rect.right_center() - Vec2::new(8.0, 0.0);
        let font = egui::FontId::proportional(12.0);
        let shown = ui.painter().text(at, egui::Align2::RIGHT_CENTER, text, font, colour);
        let at = rect.left_center() + Vec2::new(8.0, 0.0);
        let width = shown.left() - at.x - 10.0;
        widgets::text_in(ui, at, width, words::action(action), egui::FontId::proportional(12.5), theme::of(ui).text);
        if response.clicked() {
            (state.waiting, state.conflict, state.refused) = (Some(action.name), None, None);
            // A focused line would keep Space and the arrows for itself.
            response.surrender_focus();
        }
        response.context_menu(|ui| {
            if ui.add_enabled(changed, egui::Button::new(tr("keys-the-usual"))).clicked() {
                wishes.push(Wish::Set(Setting::Keys(action.name, None)));
            }
            if ui.add_enabled(!keys.is_empty(), egui::Button::new(tr("keys-no"))).clicked() {
                wishes.push(Wish::Set(Setting::Keys(action.name, Some(Vec::new()))));
            }
        });
    }
}

fn mouse(ui: &mut Ui, filter: &str, settings: &Settings) {
    let lines =
        settings.mouse.lines().map(|[gesture, meaning]| [in_tables("gesture", gesture), in_tables("mouse", meaning)]);
    let lines = lines.filter(|[gesture, meaning]| fits(filter, meaning, gesture));
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        return;
    }
    ui.add_space(8.0);
    ui.label(theme::heading(tr("keys-mouse")));
    for [gesture, meaning] in lines {
        ui.horizontal(|ui| {
            ui.add_space(8.0);
            ui.label(RichText::new(meaning).size(12.5));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(8.0);
                ui.label(RichText::new(gesture).size(12.0).color(theme::of(ui).weak));
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_filter_finds_names_and_keys() {
        assert!(fits("und", "Undo", "Ctrl+Z") && fits("ctrl+z", "Undo", "Ctrl+Z") && fits(" ", "Undo", ""));
        assert!(!fits("save", "Undo", "Ctrl+Z"));
    }
}
