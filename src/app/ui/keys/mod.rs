//! Keys a user changed, laid over the table of actions: text to keys and back, who has a key, which keys an action has.

mod dialog;
mod pressed;

pub(super) use dialog::{forget, keys_ui};
pub(super) use pressed::{Pressed, is_typed, pressed};

use super::actions::{ACTIONS, Action};
use super::settings::{self, Settings};
use super::wish::Wish;
use crate::base::i18n::{tr, tr_with};
use egui::{Context, Key, KeyboardShortcut, Modifiers};
use std::borrow::Cow;

/// Keys of the keypad that mean something else than the digit. egui has no names for them; these stand for keys that hardly
/// a keyboard has, and `app/view/chords` sends them.
pub const KEYPAD: [(Key, u8); 3] = [(KEYPAD_1, 1), (KEYPAD_3, 3), (KEYPAD_7, 7)];
pub(super) const KEYPAD_1: Key = Key::F31;
pub(super) const KEYPAD_3: Key = Key::F33;
pub(super) const KEYPAD_7: Key = Key::F35;

/// What the file of settings writes before a digit of the keypad.
const ON_KEYPAD: &str = "Keypad ";

/// `Ctrl+Shift+S` for the file of settings; Ctrl stands for the command key on a Mac.
pub fn write(key: &KeyboardShortcut) -> String {
    let Modifiers { alt, shift, .. } = key.modifiers;
    let ctrl = key.modifiers.command || key.modifiers.ctrl;
    let held = [(ctrl, "Ctrl+"), (alt, "Alt+"), (shift, "Shift+")];
    let held = held.iter().filter(|(is, _)| *is).map(|(_, name)| *name);
    match KEYPAD.iter().find(|(own, _)| *own == key.logical_key) {
        Some((_, digit)) => held.map(str::to_owned).chain([format!("{ON_KEYPAD}{digit}")]).collect(),
        None => held.chain([key.logical_key.name()]).collect(),
    }
}

/// The key that [`write`] wrote; `None` for a text that names no key.
pub fn read(text: &str) -> Option<KeyboardShortcut> {
    let mut modifiers = Modifiers::NONE;
    let mut rest = text;
    for (name, held) in [("Ctrl+", Modifiers::COMMAND), ("Alt+", Modifiers::ALT), ("Shift+", Modifiers::SHIFT)] {
        if let Some(after) = rest.strip_prefix(name) {
            (modifiers, rest) = (modifiers.plus(held), after);
        }
    }
    let key = match rest.strip_prefix(ON_KEYPAD) {
        Some(digit) => KEYPAD.iter().find(|(_, own)| own.to_string() == digit)?.0,
        None => Key::from_name(rest)?,
    };
    Some(KeyboardShortcut::new(modifiers, key))
}

/// The keys of `action` as `settings` have them. A key this program does not know is left out.
pub fn of(settings: &Settings, action: &Action) -> Cow<'static, [KeyboardShortcut]> {
    match settings.keys.get(action.name) {
        Some(keys) => keys.iter().filter_map(|key| read(key)).collect::<Vec<_>>().into(),
        None => action.keys.into(),
    }
}

/// The action that has `key`, if one has.
pub fn owner(settings: &Settings, key: &KeyboardShortcut) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| of(settings, action).contains(key))
}

/// Why `key` cannot be given to an action; `None` if it can.
pub fn refusal(key: &KeyboardShortcut) -> Option<&'static str> {
    match key.logical_key {
        Key::Escape => Some(tr("keys-escape")),
        Key::Enter => Some(tr("keys-enter")),
        Key::Tab => Some(tr("keys-tab")),
        _ => None,
    }
}

/// The first key of what does `wish`, as text; `None` if it has none.
pub fn first(ctx: &Context, wish: &Wish) -> Option<String> {
    let settings = settings::of(ctx);
    let action = ACTIONS.iter().find(|action| action.wish == *wish)?;
    of(&settings, action).first().map(|key| key_text(ctx, key))
}

/// The keys of an action as text, e.g. `Ctrl+Shift+S`.
pub fn key_text(ctx: &Context, key: &KeyboardShortcut) -> String {
    if key.logical_key == Key::Questionmark {
        return "?".into();
    }
    let text = ctx.format_shortcut(key);
    match KEYPAD.iter().find(|(own, _)| *own == key.logical_key) {
        Some((own, digit)) => {
            let held = text.strip_suffix(own.symbol_or_name()).unwrap_or_default();
            format!("{held}{}", tr_with("keys-keypad", &[("digit", usize::from(*digit).into())]))
        }
        None => text,
    }
}

/// A name with the first key of what does `wish`, for tooltips: `Reset views (R)`.
pub fn named(ctx: &Context, name: &str, wish: &Wish) -> String {
    match first(ctx, wish) {
        Some(key) => format!("{name} ({key})"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_survives_being_written() {
        for key in ACTIONS.iter().flat_map(|action| action.keys) {
            assert_eq!(read(&write(key)).as_ref(), Some(key), "{}", write(key));
        }
        assert_eq!(write(&KeyboardShortcut::new(Modifiers::COMMAND, KEYPAD[2].0)), "Ctrl+Keypad 7");
        assert_eq!(read("Keypad 2"), None, "the other digits are digits");
        assert_eq!(read("Ctrl+Nothing"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn changed_keys_take_the_place_of_the_usual_ones() {
        let undo = ACTIONS.iter().find(|action| action.name == "Undo").unwrap();
        let mut settings = Settings::default();
        let usual = read("Ctrl+Z").unwrap();
        assert_eq!(owner(&settings, &usual).map(|action| action.name), Some("Undo"));
        settings.keys.insert("Undo".into(), vec!["Ctrl+U".into(), "of a later program".into()]);
        assert_eq!(of(&settings, undo).to_vec(), [read("Ctrl+U").unwrap()]);
        assert!(owner(&settings, &usual).is_none());
        settings.keys.insert("Undo".into(), Vec::new());
        assert!(of(&settings, undo).is_empty(), "an action may have no key");
    }
}
